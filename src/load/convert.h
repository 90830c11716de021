/* Any document, written in a format that others read. Numbers are bit-equal when read back.
 */
#ifndef ATTNSCOPE_LOAD_CONVERT_H
#define ATTNSCOPE_LOAD_CONVERT_H

#include "doc/document.h"

typedef enum { CONVERT_ATTN, CONVERT_NPZ, CONVERT_SAFETENSORS, CONVERT_CSV, CONVERT_COUNT } Convert;

/* By the ending of the name; ERROR_USAGE lists the endings. */
bool convert_kind(const char *path, Convert *out, Error *err);
/* Atomic, streamed: one sentence at a time. progress (may be NULL) returns false to stop:
 * ERROR_CANCELLED. .csv holds one head of one sentence (`only` ≥ 0 chooses; ERROR_USAGE when the
 * document has more and none is chosen); the others hold all. */
typedef struct {
    int sentence, layer, head; /* −1: all */
    bool (*progress)(void *context, int done, int total);
    void *context;
} ConvertPlan;
bool convert_document(Document *doc, Convert kind, const ConvertPlan *plan, const char *path,
                      Error *err);

#endif
