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

/* e^x = 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2. e^r ≈ 1 + r + r²·(C2 + C3 r + … + C6
 * r⁴), weighted least-maximum fit of the relative error: 3.1e-9, far below float rounding; e^0 is
 * exactly 1. ln 2 is split so that n · LN2_HI is exact. Below −104 even the smallest denormal is
 * out of reach. */
#define EXP_LEAST  (-104.0f)
#define EXP_NORMAL (-87.0f) /* from here on e^x is no denormal */
#define EXP_AHEAD  1024     /* floats: processors stop their own reading ahead at every page */
#define EXP_LOG2E  1.44269504f
#define EXP_ROUND  12582912.0f /* 1.5 · 2^23: adding it rounds to an integer in the low bits */
#define EXP_LN2_HI 0.693359375f
#define EXP_LN2_LO (-2.12194440e-4f)
#define EXP_C2     0.49999994f
#define EXP_C3     0.166665211f
#define EXP_C4     0.041668389f
#define EXP_C5     0.00836874545f
#define EXP_C6     0.00138145394f

/* tanh |x| = −m / (2 + m), m = e^y − 1, y = −2 |x|: with y = n ln 2 + r, m = 2^n (e^r − 1) + (2^n −
 * 1) keeps what a small x is made of. Adding TANH_ROUND leaves n + 127 in the low bits. From
 * TANH_LEAST on m is −1. */
#define TANH_LEAST (-20.0f)
#define TANH_ROUND 12583039.0f /* 1.5 · 2^23 + 127 */
#define TANH_LN2   0.693147182f

extern const Kernels KERNELS_SCALAR;
#if defined(__x86_64__)
extern const Kernels KERNELS_AVX2;
extern const Kernels KERNELS_AVX512;
#endif

#endif
