/* Shared by the instruction sets: the constants of exp and the tables. Included by kernels*.c only.
 */
#ifndef ATTNSCOPE_CORE_KERNELS_IMPL_H
#define ATTNSCOPE_CORE_KERNELS_IMPL_H

#include "core/kernels.h"

/* Builds that clear every local variable would go through memory for arrays of vectors: a sixth of
 * the time of a tile. These are written before they are read. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define KERNELS_RAW __attribute__((uninitialized))
#endif
#endif
#ifndef KERNELS_RAW
#define KERNELS_RAW
#endif

/* e^x = 2^y, y = (in − max)·(factor · log₂ e); 2^y = 2^n · 2^r with n = round(y), and y − n is
 * exact. 2^r ≈ 1 + r·(C1 + C2 r + … + C5 r⁴) for |r| ≤ ½, least-maximum fit of the relative
 * error: 9.3e-8; 2^0 is exactly 1. Below 2^−160 even the smallest denormal is out of reach. */
#define EXP_LEAST  (-160.0f)
#define EXP_NORMAL (-125.0f) /* from here on 2^y is no denormal */
#define EXP_AHEAD  2048      /* bytes: processors stop their own reading ahead at every page */
#define EXP_LOG2E  1.4426950408889634
#define EXP_LN2    0.69314718055994531
#define EXP_ROUND  12582912.0f /* 1.5 · 2^23: adding it rounds to an integer in the low bits */
#define EXP_C1     0.693147004f
#define EXP_C2     0.240222469f
#define EXP_C3     0.0555071086f
#define EXP_C4     0.00967129227f
#define EXP_C5     0.00132695341f
#define EXP_FLOATS                                                                                 \
    512 /* so many cells are added up in float before they join the sum in double                  \
         */

/* tanh |x| = −m / (2 + m), m = e^y − 1, y = −2 |x|: with y = n ln 2 + r, m = 2^n (e^r − 1) + (2^n −
 * 1) keeps what a small x is made of. Adding TANH_ROUND leaves n + 127 in the low bits. From
 * TANH_LEAST on m is −1. e^r − 1 ≈ r + r²·(C2 + C3 r + … + C6 r⁴), as above: 3.1e-9. */
#define TANH_LEAST (-20.0f)
#define TANH_ROUND 12583039.0f /* 1.5 · 2^23 + 127 */
#define TANH_LOG2E 1.44269504f
#define TANH_LN2   0.693147182f
#define TANH_C2    0.49999994f
#define TANH_C3    0.166665211f
#define TANH_C4    0.041668389f
#define TANH_C5    0.00836874545f
#define TANH_C6    0.00138145394f

extern const Kernels KERNELS_SCALAR;
#if defined(__x86_64__)
extern const Kernels KERNELS_AVX2;
extern const Kernels KERNELS_AVX512;
#endif

#endif
