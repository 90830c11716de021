/* One row in double, straight from the stored numbers: what hover, the status line and the inspector show.
 * Also used for rows whose float32 scores are not finite although the inputs are.
 */
#ifndef ATTNSCOPE_CORE_EXACT_H
#define ATTNSCOPE_CORE_EXACT_H

#include "core/mask.h"

typedef struct {
    double *scores, *scaled, *weights; /* n_k each; scores and scaled are NaN when the file has none */
    int n_k;
    double logit_max, sum_exp;         /* max of l over competing keys; Σ exp((l − max)/T) (softmax) */
} ExactRow;

/* `row` must hold three n_k arrays (exact_row_init). False: out of memory. */
bool exact_row_init(ExactRow *row, int n_k);
void exact_row_free(ExactRow *row);
void exact_row(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask, int query);

#endif
