/* Topk and topp of one row: softmax over the keys that are kept.
 */
#ifndef ATTNSCOPE_CORE_NORMALISE_SELECT_H
#define ATTNSCOPE_CORE_NORMALISE_SELECT_H

#include "core/normalise_row.h"

/* Fills r->w; *sum = Σ exp((l − max)/T) over the kept keys. T > 0. False: which keys topp keeps
 * hangs on less than double can tell, and nothing is done. */
bool normalise_select(const NormRow *r, const NormParams *norm, NormKind kind, const Kernels *k,
                      double *sum);
/* How many of so many equal largest logits are kept, from the left. */
int normalise_kept(const NormParams *norm, NormKind kind, int ties);

#endif
