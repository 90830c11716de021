/* Strict RFC 8259 scanner. cJSON never sees unchecked bytes: the scanner checks all of the text (UTF-8,
 * escapes, number grammar, depth, node count, duplicate keys on request), reports line and column of the exact
 * character and what was expected, and takes arrays of numbers straight to float32 (double where a value
 * exceeds FLT_MAX), leaving a short mark for cJSON in their place.
 */
#ifndef ATTNSCOPE_LOAD_JSON_SCAN_H
#define ATTNSCOPE_LOAD_JSON_SCAN_H

#include "load/load.h"

/* An array of numbers, of arrays of numbers, or of arrays of those (all rows alike), lifted out of the text. */
typedef struct {
    int ndim;               /* 1 … 3 */
    int64_t shape[3];
    int64_t count;
    float *floats;          /* owned by the scan; NULL when wide */
    double *doubles;        /* owned by the scan; only when wide */
    bool wide;
    int64_t nonfinite;
    size_t from, to;        /* bytes of the source text */
} JsonBlock;

typedef struct {
    Buf skeleton;           /* JSON text in which each lifted block is a mark */
    JsonBlock *blocks;
    int block_count;
    const char *first_ragged; /* reserved for messages; may be NULL */
    int64_t warnings_underflow, warnings_precision;
} JsonScan;

void json_scan_init(JsonScan *scan);
void json_scan_free(JsonScan *scan);
/* With out == NULL: only the check. */
bool json_scan(const char *text, size_t length, const LoadRequest *request, JsonScan *out, Error *err);

#endif
