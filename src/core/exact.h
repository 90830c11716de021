/* One row in double, straight from the stored numbers: what hover, the status line and the
 * inspector show. Also used for rows whose float32 scores are not finite although the inputs are,
 * and for heads with values beyond float32. Sums are kept in long double (64 bits of mantissa on
 * x86; the bars of numbers.md are stated and tested there), results are rounded once to double.
 */
#ifndef ATTNSCOPE_CORE_EXACT_H
#define ATTNSCOPE_CORE_EXACT_H

#include "core/mask.h"

typedef struct {
    double *scores, *scaled,
        *weights; /* n_k each; scores and scaled are NaN when the file has none */
    int n_k;
    double logit_max;  /* max of l over competing keys */
    double sum_exp;    /* Σ exp((l − max)/T) over them; topk, topp: over those that are kept */
    double missing;    /* weight that hidden keys lost (renormalise off) */
    bool overflow;     /* a score of finite vectors is beyond double */
    bool none;         /* no key competes, or all competing logits are −Inf: weights are 0 */
    bool above, below; /* a score is beyond double on this side */
} ExactRow;

/* `row` must hold three n_k arrays (exact_row_init). False: out of memory. */
bool exact_row_init(ExactRow *row, int n_k);
void exact_row_free(ExactRow *row);
void exact_row(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
               int query);
/* The same in parts, for rows that take longer than a frame: scores of all keys, in pieces that
 * ascend from 0, then the end. Input and mask stay what they are meanwhile. */
void exact_row_part(ExactRow *out, const AttnInput *in, const Mask *mask, int query, int from,
                    int to);
void exact_row_end(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
                   int query);

/* One score in long double; of given scores the stored value. */
long double exact_score(const AttnInput *in, int query, int key);
/* Is everything that this score is made from finite? */
bool exact_score_finite_inputs(const AttnInput *in, int query, int key);
/* Bias, temperature, mask and normaliser of a row whose scores are there already: out->scores holds
 * them undivided, out->weights what double could not hold of them (or 0). Fills the rest. */
void exact_normalise(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
                     int query);

#endif
