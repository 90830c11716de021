/* What the writers of convert share: bytes on their way into a file, JSON, matrices as the document
 * stores them. Failure is sticky, as with Buf:
 * what is put after it goes nowhere, so only loops over much need to look. Private to convert*.c
 * and save.c.
 */
#ifndef ATTNSCOPE_LOAD_CONVERT_OUT_H
#define ATTNSCOPE_LOAD_CONVERT_OUT_H

#include "load/convert.h"

enum { CONVERT_DEPTH = 16 };

typedef struct {
    bool lines, any; /* an item a line; is there one */
    char close;
} ConvertLevel;

typedef struct {
    FileWrite *file; /* NULL: all of it stays in buf, unless it is only measured */
    void (*measure)(void *measured, const void *data, size_t size);
    void *measured;
    Buf buf;
    uint64_t passed; /* bytes that went into the file */
    bool packed;     /* no digits: more than anybody reads */
    Error *err;
    bool failed;    /* err says why, or out of memory */
    bool unwritten; /* it is the place that failed */
    const ConvertPlan *plan;
    int done, total;
    ConvertLevel levels[CONVERT_DEPTH];
    int depth;
} ConvertOut;

/* One head of the document as it is stored. at == NULL: absent. */
Stored convert_stored(const Document *doc, DocMatrix m);

/* Passes on what has gathered; call it now and then. False once anything has failed. */
bool convert_flush(ConvertOut *out, bool all);
bool convert_bytes(ConvertOut *out, const void *data, size_t size);
/* The numbers row after row, as stored; bf16 as f32 when `floats`. */
bool convert_numbers(ConvertOut *out, Stored m, bool floats);
/* Are the layer and the head of the plan in this sentence? */
bool convert_place(ConvertOut *out, const DocSentence *s);
/* Tells progress; false: stopped. */
bool convert_step(ConvertOut *out);
/* Always false. */
bool convert_fail(ConvertOut *out, const char *fmt, ...) ATTN_PRINTF(2, 3);
void convert_note(const ConvertOut *out, const char *fmt, ...) ATTN_PRINTF(2, 3);

/* JSON: open, then items or keys with values, then close. */
void convert_open(ConvertOut *out, char bracket, bool lines);
void convert_close(ConvertOut *out);
void convert_item(ConvertOut *out);
void convert_key(ConvertOut *out, const char *key);
void convert_text(ConvertOut *out, const char *text);
void convert_member(ConvertOut *out, const char *key, const char *text); /* "" and NULL: nothing */
void convert_double(ConvertOut *out, double value);
void convert_texts(ConvertOut *out, const char *const *texts, int count);
/* Rows of digits where these read back bit-equal and are few, else a base64 block. */
void convert_matrix(ConvertOut *out, Stored m);

/* convert_json.c */
bool convert_json(ConvertOut *out, Document *doc);
/* convert_heads.c: members of a head into an open object. */
void convert_head(ConvertOut *out, const Document *doc, const DocHead *head, bool own_mask);
/* convert_npz.c, convert_safetensors.c, convert_csv.c */
bool convert_npz(ConvertOut *out, Document *doc);
bool convert_csv(ConvertOut *out, Document *doc);
bool convert_safetensors(ConvertOut *out, Document *doc);

#endif
