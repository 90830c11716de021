/* weights · V for a block of rows.
 */
#ifndef ATTNSCOPE_CORE_OUTPUT_H
#define ATTNSCOPE_CORE_OUTPUT_H

#include "core/normalise.h"

/* packed_v: panels of v with blocked keys as 0; finite: all of them are. scores may be NULL (not
 * there); rows: statistics of all rows. Writes rows row … row + count − 1 of out. */
void output_block(const NormJob *job, float *out, ptrdiff_t out_step, Matrix weights, Matrix scores,
                  const float *packed_v, bool finite, const RowStats *rows, int row, int count);

#endif
