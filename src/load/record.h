/* One sentence as another program's file has it, and how it becomes one of ours: which axis is
 * which, end of sentence, padding, subwords. Every reader of a foreign format fills a Record; only
 * record_settle decides.
 *
 * Which axis is which: `transpose` of the person turns what follows; else a format that is certain
 * (AXES_FORMAT); else counts (only one way fits rows and columns to the token lists, each ± the end
 * of sentence); else sums (an axis is the distribution when ≥ 95 % of its slices sum to 1 ± 0.02,
 * and only one of them is); else the format's documented way (AXES_DEFAULT).
 */
#ifndef ATTNSCOPE_LOAD_RECORD_H
#define ATTNSCOPE_LOAD_RECORD_H

#include "load/load.h"

/* [layers][heads][rows][cols] numbers one behind the other in a tensor of the document. */
typedef struct {
    int tensor; /* index into Document.tensors; −1 = absent */
    int64_t offset;
    int layers, heads;
    int64_t rows, cols;
} RecordBlock;

typedef enum { ROWS_UNSURE, ROWS_ARE_QUERIES, ROWS_ARE_KEYS } RowsAre;

typedef struct {
    const char *title, *about;                /* "" */
    const char *const *queries, *const *keys; /* tokens (target, source); NULL: not in the file */
    int query_count, key_count;
    bool self;                            /* one list, in `queries`, for both axes */
    RecordBlock weights, scores, q, k, v; /* q [.., n_q, d], k and v [.., n_k, d] */
    RecordBlock recorded;                 /* weights beside scores or q and k */
    double d_k;                           /* beside scores; 0 = not given */
    const char *const *layer_names;       /* of weights.layers (or q.layers) of them; NULL */
    DocLink *sure, *possible;             /* lent; 0-based, {key, query} */
    int sure_count, possible_count;
    bool linked;         /* weights were made of word links */
    RowsAre rows;        /* what the format documents of weights and scores */
    bool certain;        /* the format leaves no other way: AXES_FORMAT */
    bool eos_documented; /* the format's matrices have the end of sentence on both axes */
    bool padded; /* what lies beyond the token lists is padding, whatever is in it: batches. Else it
                    is only where it is zero */
    const char *eos; /* how it is called when a list does not name it; NULL: "</s>" */
    int64_t line;    /* for messages; 0: none */
} Record;

void record_init(Record *record); /* all absent */

/* *out (title and about too) from the arena; its matrices lie in the tensors of the record, or,
 * where they have to be turned, merged or put together, in a new tensor that is added by `add`:
 * takes over *tensor, returns its index or −1 with err set. Sizes that do not fit:
 * `line 812: expected 14 weights in a row (13 source tokens and the end of sentence), found 13`. */
typedef struct {
    const Document *doc;
    const DocOrigin *origin;
    Arena *arena;
    int (*add)(void *context, Tensor *tensor, Error *err);
    void *context;
} RecordPlace;
bool record_settle(const RecordPlace *place, const Record *record, DocSentence *out, Error *err);
/* Whether record_settle would find fault with its sizes and links, and how it would read it;
 * nothing is made. */
bool record_check(const RecordPlace *place, const Record *record, DocReading *out, Error *err);

/* Would record_settle take the rows of such weights for keys, if it had nothing but their sums? The
 * heads of one block, all of one shape. */
bool record_seems_turned(const Stored *heads, int count, bool *turned, Error *err);

/* `add` for documents that are read whole: appends to doc->tensors (allocated by mem_*). */
int record_add_tensor(void *doc, Tensor *tensor, Error *err);

/* One line for info and the window: "rows are target tokens (by counts), the last row and column
 * are the end of the sentence". out NUL-ended. */
void record_reading(const DocSentence *s, char *out, size_t cap);
/* The same with the notes of the document; documents of ours and sentences that cannot be read say
 * so. */
void record_document_reading(const Document *doc, const DocSentence *s, char *out, size_t cap);

/* tokens.c: subword marks. */
typedef enum {
    SUBWORD_NONE,
    SUBWORD_BPE /* @@ */,
    SUBWORD_PIECE /* ▁ */,
    SUBWORD_BYTE /* Ġ */,
    SUBWORD_HASH /* ## */,
    SUBWORD_END /* _ behind each word (Tensor2Tensor) */
} Subword;
/* Of a list; SUBWORD_NONE when no token carries one. */
Subword tokens_subword(const char *const *tokens, int count);
/* word[i]: the word that token i is part of, counted from 0 on; returns how many words. */
int tokens_words(const char *const *tokens, int count, Subword kind, int *word);
/* The words' texts, without marks, from the arena. NULL: out of memory. */
const char **tokens_merge(Arena *arena, const char *const *tokens, int count, Subword kind,
                          const int *word, int words);
/* "</s>", "<eos>", "<EOS>", "<end>", "[SEP]"…, as other programs write them; same for padding. */
bool token_is_eos(const char *token);
bool token_is_padding(const char *token);

#endif
