/* Sparsemax and entmax15 of one row of float scores, in double.
 */
#ifndef ATTNSCOPE_CORE_NORMALISE_SPARSE_H
#define ATTNSCOPE_CORE_NORMALISE_SPARSE_H

#include "core/normalise.h"

/* Writes the competing cells of the row; z is room for n_k doubles. T > 0, max finite. */
void normalise_sparse(const NormJob *job, const float *scores, float max, int row, float *weights,
                      double *z);

#endif
