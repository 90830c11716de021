/* What the files foreign*.c share. Private to them.
 */
#ifndef ATTNSCOPE_LOAD_FOREIGN_READ_H
#define ATTNSCOPE_LOAD_FOREIGN_READ_H

#include "load/foreign.h"
#include "load/lines.h"
#include "load/load_json.h"

/* A file of one sentence a line, beside the file that is opened. */
typedef struct {
    Lines lines;
    bool open;
    int64_t entry; /* that `tokens` are of; −1: none yet */
    const char *const *tokens;
    int count;
} Companion;

typedef struct {
    Reader r;
    LoadRequest request; /* as it came, but NaN is let through */
    int sentence_cap;
    int64_t entry; /* of the file, from 0 on: the line of the companions */
    Companion source, target;
    Error first_bad; /* of the first sentence that cannot be read */
    int bad_sentence;
    DocLayer *empty; /* of all sentences that cannot be read */
} Foreign;

void foreign_begin(Foreign *f, Document *doc, const LoadRequest *request, Error *err);
/* What was counted becomes warnings; the text is given back. Frees in any case. */
bool foreign_end(Foreign *f, bool ok);

/* foreign_kinds.c: all objects, those inside lists too. `item` is an object. */
bool foreign_object(Foreign *f, const cJSON *item);
/* {"attention": [{"attn", "left_text", "right_text"}, …]} or {"all": {"attn", …}} */
bool foreign_is_bertviz(const cJSON *object);
/* A bare array of numbers. */
bool foreign_matrix(Foreign *f, const cJSON *item);

/* One more sentence. The record's texts live in the document's arena. */
bool foreign_add(Foreign *f, const cJSON *item, Record *record);
/* One that is wrong stays in the list and says why; the title lives in the document's arena. */
bool foreign_problem(Foreign *f, const char *title, const Error *why);
/* A setting of the document, told once. */
bool foreign_setting(Foreign *f, const char *name, const char *value);

/* foreign_texts.c. A list of texts, of objects with the text "token", or one text parted at white
 * space. */
bool foreign_list(Foreign *f, const cJSON *item, const char *const **out, int *count);
/* The same of a member; absent: *out stays. */
bool foreign_tokens(Foreign *f, const cJSON *object, const char *key, const char *const **out,
                    int *count);
/* The same of the first of these keys (NULL-ended) that is there. */
bool foreign_tokens_any(Foreign *f, const cJSON *object, const char *const *keys,
                        const char *const **out, int *count);
/* Tokens from the companions of the request, where there are any. */
bool foreign_companions(Foreign *f, Record *record);
/* After all sentences: their files have no more lines. */
bool foreign_companions_end(Foreign *f);
void foreign_companions_close(Foreign *f);

/* foreign_block.c. Numbers nested `least` to `most` (≤ 5) deep, the same for each of `count` items;
 * each may be an object with the member "data". null stands for `null`; *nulls: how many of them
 * are infinite, which is what the file means. */
bool foreign_numbers(Reader *r, const cJSON *const *items, int count, int least, int most,
                     double null, Numbers *out, int64_t *nulls);
/* As [layers][heads][rows][cols] in a tensor of the document. Of five dimensions one of the first
 * two is a batch of one. */
bool foreign_block(Reader *r, const cJSON *item, double null, RecordBlock *block);
/* Takes over the tensor of layers × heads matrices (n's shape is that of one) as a block. */
bool foreign_stage(Reader *r, const cJSON *item, Numbers *n, int64_t nulls, int layers, int heads,
                   RecordBlock *block);
/* layers × heads matrices of one size, one behind the other. */
bool foreign_heads(Reader *r, const cJSON *const *items, int layers, int heads, RecordBlock *block);
/* Takes over numbers->tensor. */
bool foreign_tensor(Reader *r, Numbers *numbers, int64_t nulls, int *index);
/* The shape as a block without a tensor; false: too large. */
bool foreign_place(Reader *r, const cJSON *item, const Numbers *numbers, RecordBlock *block);

/* Members that are called FIRST<layer>SECOND<head>SUFFIX, as a table. */
typedef struct {
    const cJSON **items; /* layers × heads, in the arena */
    int layers, heads;   /* 0: there are none */
} Grid;
bool foreign_grid(Foreign *f, const cJSON *object, const char *first, const char *second,
                  const char *suffix, Grid *out);

/* The readers of kinds that have a file of their own. */
bool foreign_recording(Foreign *f, const cJSON *object); /* foreign_recording.c */
bool foreign_bertviz(Foreign *f, const cJSON *object);   /* foreign_views.c */
bool foreign_inspectus(Foreign *f, const cJSON *object);
bool foreign_circuitsvis(Foreign *f, const cJSON *object);

#endif
