/* Strict RFC 8259 scanner. cJSON never sees unchecked bytes: the scanner checks all of the text
 * (UTF-8, escapes, number grammar, depth, node count), reports line and column of the exact
 * character and what was expected, and takes arrays of numbers straight to float32 (double where a
 * value exceeds FLT_MAX).
 *
 * What cJSON is given is the skeleton: the structure and the keys, every string "" and every number
 * or lifted block 0. What stands where is told by `nodes`, one per value in the order of the text,
 * so nothing that a file contains can pass for a lifted block.
 */
#ifndef ATTNSCOPE_LOAD_JSON_SCAN_H
#define ATTNSCOPE_LOAD_JSON_SCAN_H

#include "load/load.h"

#define JSON_DEPTH_MOST 64 /* of LoadLimits.depth: frames of the scanner and of the tree */
#define JSON_NO_KEY     UINT32_MAX

/* A rectangular array of numbers, of arrays of numbers, or of arrays of those, lifted out of the
 * text; or one that is not rectangular, and where it first is not (then it holds no numbers). */
typedef struct {
    int ndim; /* 1 … 3 */
    int64_t shape[3];
    int64_t count;
    float *floats;   /* owned by the scan; NULL when wide */
    double *doubles; /* owned by the scan; only when wide */
    bool wide;       /* a finite value exceeds FLT_MAX */
    size_t from, to; /* bytes of the source text */
    bool ragged;
    int ragged_level;     /* 1: a row of a matrix, or of the first index; 2: of the second */
    int64_t ragged_at[2]; /* indices of the odd row */
    size_t ragged_from;   /* where it begins in the text */
    int64_t ragged_expected, ragged_found;
} JsonBlock;

/* One value outside of blocks. */
typedef struct {
    uint32_t from; /* where it begins in the source text */
    uint32_t key;  /* where its key begins, or JSON_NO_KEY */
    int32_t block; /* index of the block that stands here, or -1 */
} JsonNode;

typedef struct {
    Buf skeleton;    /* what cJSON parses */
    JsonNode *nodes; /* owned; pre-order */
    int64_t node_count, node_cap;
    JsonBlock *blocks; /* owned */
    int block_count, block_cap;
    uint64_t memory; /* bytes of numbers that may still be kept */
    int64_t warnings_underflow,
        warnings_precision;                  /* numbers that became 0; whole ones beyond 2^53 */
    size_t first_underflow, first_precision; /* where */
    size_t start;                            /* of the value that is scanned */
    bool right;                              /* json_scan_right has found it so */
} JsonScan;

void json_scan_init(JsonScan *scan);
void json_scan_free(JsonScan *scan);

/* The whole text must be one JSON value; text[length] must be a NUL. With out == NULL: only the
 * check. */
bool json_scan(const char *text, size_t length, const LoadRequest *request, JsonScan *out,
               Error *err);

/* One value and the white space around it, from *at on; *at is moved behind (JSON lines: the next
 * value begins there, unless *at == length). */
bool json_scan_next(const char *text, size_t length, size_t *at, const LoadRequest *request,
                    JsonScan *out, Error *err);

/* Before much is kept of what a text claims: is it right to its end? Looks once. */
bool json_scan_right(JsonScan *scan, const char *text, size_t length, const LoadRequest *request,
                     Error *err);

/* "line 3, column 7 (layers[0].q)"; the path may be "". */
void json_place(const char *text, size_t length, size_t at, const char *path, char *out,
                size_t cap);

#endif
