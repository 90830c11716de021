/* Sparsemax, entmax15 and entmax of one row, in double.
 */
#ifndef ATTNSCOPE_CORE_NORMALISE_SPARSE_H
#define ATTNSCOPE_CORE_NORMALISE_SPARSE_H

#include "core/normalise_row.h"

/* Fills r->w. T > 0; entmax: alpha > 1. */
void normalise_sparse(const NormRow *r, NormKind kind, double alpha);

#endif
