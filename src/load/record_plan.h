/* How a record is read, before anything is made of it; for record*.c alone. */
#ifndef ATTNSCOPE_LOAD_RECORD_PLAN_H
#define ATTNSCOPE_LOAD_RECORD_PLAN_H

#include "load/record.h"

typedef struct {
    const char *const *tokens; /* as in the record; NULL: not in the file */
    int named;                 /* of them; −1: not in the file */
    int64_t size;              /* entries in the file's matrices */
    int count;                 /* entries that stay, the end of sentence too */
    bool eos;                  /* the last of them is the end of sentence that is not in tokens */
    int *word;                 /* owned; count numbers of the word that each is part of; NULL */
    int words;                 /* count when they are not merged */
    const char **names;        /* in the arena: words of them */
} RecordAxis;

typedef struct {
    const RecordPlace *place;
    const Record *record;
    RecordBlock main; /* weights, scores or recorded; else tensor −1 */
    bool masked;      /* main are scores: −Inf is nothing too */
    bool rows_are_keys;
    AxesBy by;
    RecordAxis queries, keys;
} RecordPlan;

/* Fills all but word, words and names. */
bool record_plan(RecordPlan *plan, const RecordPlace *place, const Record *record, Error *err);
/* ERROR_MALFORMED at the record's line; always false. */
bool record_fail(const Record *record, Error *err, const char *fmt, ...) ATTN_PRINTF(3, 4);

/* Shares of the slices that sum to 1 ± 0.02, of those that are not all nothing; and where the
 * matrix ends when what is nothing behind is left out. */
typedef struct {
    double rows, cols;
    int64_t row_extent, col_extent;
} RecordSums;
bool record_sums(RecordSums *out, const Tensor *tensor, const RecordBlock *block, bool masked,
                 Error *err);

/* One matrix for each layer and head into out[layers · heads]: lent from the file's tensor, or
 * turned and merged into a new one. vectors: of q, k or v, which are never turned. */
bool record_matrices(const RecordPlan *plan, const RecordBlock *block, bool vectors, DocMatrix *out,
                     Error *err);

#endif
