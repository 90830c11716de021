/* One row of logits to one row of weights, with its statistics.
 *
 * Softmax, softmax1 and sigmoid run in float on the raw scores: weight = exp((s − max)·f)·(1/Σ),
 * where f = 1/(divisor·T) and max and Σ are kept per row. A positive scale or temperature moves the
 * maximum with it, so a slider needs no new maximum. Sparsemax and entmax15 look for their
 * threshold in double.
 */
#ifndef ATTNSCOPE_CORE_NORMALISE_H
#define ATTNSCOPE_CORE_NORMALISE_H

#include "core/exact.h"
#include "core/scores.h"

typedef struct {
    const AttnInput *in;
    const AttnParams *params;
    const Mask *mask;
    const Kernels *kernels;
    double divisor;
    bool stream; /* the weights are too many for the caches and nobody reads them next */
    bool clean;  /* masked cells hold 0 already */
} NormJob;

/* Lent to one row at a time; each thread has its own. */
typedef struct {
    ExactRow exact; /* three n_k arrays */
    float *e;       /* n_k */
} NormScratch;

void normalise_row(const NormJob *job, const float *scores, ScoresRow look, int row, float *weights,
                   RowStats *stats, Range *range, NormScratch *scratch);
/* Rows row … row + count − 1 in one go, the same bits: scores, looks and stats are of all rows.
 * Short rows under softmax take each step together, so that no row waits for its own sums. */
void normalise_rows(const NormJob *job, Matrix scores, const ScoresRow *looks, int row, int count,
                    float *weights, ptrdiff_t step, RowStats *stats, Range *range,
                    NormScratch *scratch);
/* Given weights, with hidden keys taken out. own == NULL: no key is hidden, the given row is the
 * result. */
void normalise_given(const NormJob *job, int row, float *own, RowStats *stats, Range *range);

#endif
