/* Any document, written in a format that others read. Numbers are bit-equal when read back.
 */
#ifndef ATTNSCOPE_LOAD_CONVERT_H
#define ATTNSCOPE_LOAD_CONVERT_H

#include "doc/document.h"

typedef enum { CONVERT_ATTN, CONVERT_NPZ, CONVERT_SAFETENSORS, CONVERT_CSV, CONVERT_COUNT } Convert;

/* By the ending of the name; ERROR_USAGE lists the endings. */
bool convert_kind(const char *path, Convert *out, Error *err);
typedef struct {
    int sentence, layer, head; /* −1: all */
    /* May be NULL. Returns false to stop: ERROR_CANCELLED. */
    bool (*progress)(void *context, int done, int total);
    /* What the format leaves out, sentences that cannot be read: one line each. NULL: such
     * sentences are refused. */
    void (*note)(void *context, const char *line);
    void *context;
    const DocSetting *settings; /* NULL: the document's own */
    int setting_count;
    bool *unwritten; /* may be NULL; set when it is `path` that failed, not the document */
} ConvertPlan;
/* Everything, told to nobody. */
ConvertPlan convert_plan(void);
/* Atomic, streamed: one sentence at a time. .attn.json holds all of a document; .npz and
 * .safetensors the numbers and tokens of one sentence of plain heads, .csv the given weights or
 * scores of one head: ERROR_USAGE when there is more and none is chosen, or when it is of another
 * kind. Afterwards another sentence of a corpus is open than before. */
bool convert_document(Document *doc, Convert kind, const ConvertPlan *plan, const char *path,
                      Error *err);
/* .attn.json as bytes of *out. */
bool convert_to_text(Document *doc, const ConvertPlan *plan, Buf *out, Error *err);

#endif
