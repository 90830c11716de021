/* The inner loops, once per instruction set, chosen at run time (ATTNSCOPE_SIMD=scalar|avx2|avx512 forces).
 * A dot product is accumulated in an order that depends on d only, so a tile, a row and a whole matrix give
 * the same bits under one instruction set.
 */
#ifndef ATTNSCOPE_CORE_KERNELS_H
#define ATTNSCOPE_CORE_KERNELS_H

#include "core/matrix.h"

typedef struct {
    const char *name; /* "scalar", "avx2", "avx512" */
    /* out[r*out_step + j] = q_r · k_j for rows × cols; row steps in floats; row_max (may be NULL): per row. */
    void (*dots)(float *out, ptrdiff_t out_step, Matrix q, Matrix k);
    /* out[j] = exp((l[j]·scale − max)·inv_t) for n values, returns the sum in double; exp is accurate to 1e-7. */
    double (*exp_row)(float *out, const float *l, int n, double scale, double max, double inv_t);
    void (*scale_row)(float *out, const float *in, int n, float factor);     /* out = in × factor */
    float (*max_row)(const float *in, int n);                                /* ignores NaN; -Inf when none */
    void (*add_scaled)(float *out, const float *in, int n, float factor);    /* out += in × factor */
} Kernels;

const Kernels *kernels(void);                     /* the chosen one, decided on the first call */
const Kernels *kernels_by_name(const char *name); /* NULL: unknown, or not on this processor */

#endif
