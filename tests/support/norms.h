/* The judge of the normalisers: each one written a second time, straight from its definition, in
 * long double. Thresholds by bisection, selections by sorting the whole row; nothing is shared with
 * the program but the parameters.
 */
#ifndef ATTNSCOPE_TESTS_NORMS_H
#define ATTNSCOPE_TESTS_NORMS_H

#include "core/params.h"

/* Weights of n finite logits l at temperature t. `competing`: how many keys compete, those with a
 * logit of −Inf too. At most 4096. */
void norms_row(double *w, const double *l, int n, int competing, const NormParams *norm, double t);
/* What the weights of such a row should sum to, without the weights: 1, or the sum of the formula.
 */
bool norms_sum_is_1(NormKind kind);

#endif
