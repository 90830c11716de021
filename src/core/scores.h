/* The score function: rows of q against keys, in float, and what float cannot hold in double.
 */
#ifndef ATTNSCOPE_CORE_SCORES_H
#define ATTNSCOPE_CORE_SCORES_H

#include "core/input.h"
#include "core/kernels.h"
#include "core/stats.h"

typedef enum {
    SCORES_FINE,  /* all competing scores are finite, or −Inf in the file's own numbers */
    SCORES_NAN,   /* a NaN or +Inf competes: the row has no weights */
    SCORES_DOUBLE /* a finite score is beyond float: the row is computed in double */
} ScoresKind;

typedef struct {
    float max;     /* largest competing raw score; −Inf when there is none */
    uint8_t kind;  /* ScoresKind */
    bool infinite; /* kind NAN because of a +Inf */
} ScoresRow;

/* Scores of rows × panels [from, to) of packed k, by the op of the input (core/prepare.h says how
 * score functions become one). Cells that are not finite are computed again in double: partial sums
 * may overflow where the sum does not. out: row `row` begins at out.
 */
void scores_block(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                  const Kernels *k, int row, int rows, int from, int to);
/* The same, where these panels hold all competing keys: each row is looked at in the same walk.
 * looks: of these rows. */
void scores_block_look(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                       const Kernels *k, int row, int rows, int from, int to, const Mask *mask,
                       ScoresRow *looks);
/* What the normaliser must know of a row of scores before it starts. */
ScoresRow scores_look(const float *scores, const AttnInput *in, const Kernels *k, const Mask *mask,
                      int row);
/* scaled[j] = l[j] / T, at T = 0: l[j]; l = scores / divisor + bias. offset: of the mask. */
void scores_scale(float *out, const float *scores, const AttnInput *in, double divisor,
                  double temperature, int row, int offset);
/* out = scaled, −Inf where the mask forbids. */
void scores_mask(float *out, const Mask *mask, int row);

#endif
