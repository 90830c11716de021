/* The inner loops, once per instruction set, chosen at run time (ATTNSCOPE_SIMD=scalar|avx2|avx512
 * forces).
 *
 * Matrix products read their right side packed in panels of KERNELS_PANEL columns, and every cell
 * is one chain of multiply-adds over the depth, from 0 upwards. So a cell has the same bits in a
 * tile, a row and a whole matrix under one instruction set, whatever its neighbours. "scalar" gives
 * the same bits on every machine.
 */
#ifndef ATTNSCOPE_CORE_KERNELS_H
#define ATTNSCOPE_CORE_KERNELS_H

#include "core/matrix.h"

enum { KERNELS_PANEL = 32 };

typedef struct {
    double sum, moment; /* Σ e and Σ e·x */
    float lo;           /* of e; +Inf when n is 0 */
} ExpSums;

typedef struct {
    const char *name; /* "scalar", "avx2", "avx512" */
    /* out[r][c] = Σ_t a[r][t] · panel[t][c] for rows × cols (cols ≤ KERNELS_PANEL), t < depth;
     * steps in floats. add: out[r][c] += that sum. */
    void (*tile)(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                 ptrdiff_t a_step, const float *panel, int depth, bool add);
    /* As tile, with another sum: Σ_t combine[t] · tanh(a[r][t] + panel[t][c]), tanh within 2e-7 …
     */
    void (*tile_tanh)(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                      ptrdiff_t a_step, const float *panel, int depth, const float *combine);
    /* … and −gain · Σ_t (a[r][t] − panel[t][c])². */
    void (*tile_distance)(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                          ptrdiff_t a_step, const float *panel, int depth, float gain);
    /* out[j] = e = exp(x), x = (in[j] − max)·factor, for values with in[j] ≤ max and factor > 0.
     * Within 2e-7 + 2e-7·|x| of exp relatively, denormals within one unit; exactly 1 at x = 0; NaN
     * gives NaN, −Inf exactly 0. out may be in. */
    ExpSums (*exp_row)(float *out, const float *in, int n, float max, double factor);
    /* out[j] = in[j] · factor, returns the sum in double. stream: out is not read again soon;
     * threads_run settles such stores for other threads. at (unless NULL): the first j with
     * out[j] == wanted, or -1. */
    double (*scale_row)(float *out, const float *in, int n, float factor, bool stream, float wanted,
                        int *at);
    /* Least and largest value, NaN ignored (+Inf and −Inf when there is none). True: all are
     * finite. */
    bool (*range_row)(const float *in, int n, float *lo, float *hi);
    /* Σ in[j]·|j − at| in double, in eight sums side by side that are added from the first to the
     * last; `at` is whole. Adds in[j] to sums[j] too, unless sums is NULL. The same bits under
     * every instruction set. */
    double (*spread_row)(const float *in, int n, double at, double *sums);
} Kernels;

const Kernels *kernels(void);                     /* the chosen one, decided on the first call */
const Kernels *kernels_by_name(const char *name); /* NULL: unknown, or not on this processor */

/* Floats that a packed matrix takes; false when that overflows. */
bool kernels_packed_size(int depth, int cols, size_t *floats);
/* Panels of kᵀ: column = key, depth = dimension. Missing columns of the last panel are 0. */
void kernels_pack_rows(float *packed, Matrix k);
/* Panels of v itself: column = dimension, depth = key. Keys with skip[key] != 0 become 0 (skip may
 * be NULL). True: all packed values are finite. */
bool kernels_pack_cols(float *packed, Matrix v, const uint8_t *skip);
/* Panel p of a packed matrix of this depth, from row `from` of the depth on. */
const float *kernels_panel(const float *packed, int depth, int p, int from);

#endif
