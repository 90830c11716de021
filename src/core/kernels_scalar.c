/* The portable kernels: plain float arithmetic in a fixed order, so the same bits on every machine.
 * The four-lane type lets any compiler use the vector registers that every processor of its kind
 * has.
 */
#include "core/kernels_impl.h"

#include <math.h>
#include <string.h>

typedef float Lanes __attribute__((vector_size(16)));

enum { LANES = 4 };

#define TARGET
#define INLINE static inline __attribute__((always_inline))

INLINE Lanes lanes_load(const float *at)
{
    Lanes lanes;
    memcpy(&lanes, at, sizeof lanes);
    return lanes;
}

INLINE Lanes lanes_set(float x)
{
    return (Lanes){x, x, x, x};
}

INLINE Lanes lanes_add(Lanes a, Lanes b)
{
    return a + b;
}

INLINE Lanes lanes_sub(Lanes a, Lanes b)
{
    return a - b;
}

INLINE Lanes lanes_mul(Lanes a, Lanes b)
{
    return a * b;
}

INLINE Lanes lanes_div(Lanes a, Lanes b)
{
    return a / b;
}

INLINE Lanes lanes_madd(Lanes a, Lanes b, Lanes c)
{
    return a * b + c;
}

/* Signs and exponents by their bits. */
typedef uint32_t Bits __attribute__((vector_size(16)));

INLINE Lanes lanes_down(Lanes x)
{
    return (Lanes)((Bits)x | 0x80000000u);
}

INLINE Lanes lanes_sign(Lanes y, Lanes x)
{
    return (Lanes)(((Bits)y & 0x7FFFFFFFu) | ((Bits)x & 0x80000000u));
}

INLINE Lanes lanes_over(Lanes least, Lanes x)
{
    Bits less = (Bits)(x < least);
    return (Lanes)(((Bits)least & less) | ((Bits)x & ~less));
}

INLINE Lanes lanes_power(Lanes t)
{
    return (Lanes)((Bits)t << 23);
}

INLINE void lanes_store(float *out, Lanes value, int n)
{
    memcpy(out, &value, sizeof(float) * (size_t)(n < LANES ? n : LANES));
}

#include "core/kernels_lanes.h"

/* `rows` (a constant, ≤ 4) × 8 columns into a block that is 8 wide. */
INLINE void block_sum(float *out, const int rows, const float *a, ptrdiff_t a_step, const float *b,
                      int depth)
{
    KERNELS_RAW Lanes acc[4][2];
    memset(acc, 0, sizeof acc);
    for (int t = 0; t < depth; t++) {
        Lanes b0 = lanes_load(b), b1 = lanes_load(b + 4);
        b += KERNELS_PANEL;
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            float x = a[r * a_step + t];
            Lanes q = {x, x, x, x};
            acc[r][0] += q * b0;
            acc[r][1] += q * b1;
        }
    }
    memcpy(out, acc, sizeof *acc * (size_t)rows);
}

static void scalar_tile(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                        ptrdiff_t a_step, const float *panel, int depth, bool add)
{
    for (int r = 0; r < rows; r += 4) {
        int height = rows - r < 4 ? rows - r : 4;
        for (int c = 0; c < cols; c += 8) {
            int width = cols - c < 8 ? cols - c : 8;
            float block[32];
            if (height == 4)
                block_sum(block, 4, a + r * a_step, a_step, panel + c, depth);
            for (int i = 0; height < 4 && i < height; i++)
                block_sum(block + i * 8, 1, a + (r + i) * a_step, a_step, panel + c, depth);
            for (int i = 0; i < height; i++) {
                float *to = out + (r + i) * out_step + c;
                for (int j = 0; j < width; j++)
                    to[j] = add ? to[j] + block[i * 8 + j] : block[i * 8 + j];
            }
        }
    }
}

INLINE uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE float float_power(uint32_t n) /* 2^n for n in −126 … 127, as two's complement */
{
    uint32_t bits = (n + 127u) << 23;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^y for y in −160 … 0, or NaN. 2^n in two halves: the first product is exact, so denormals round
 * once. */
INLINE float scalar_exp(float y)
{
    float t = y + EXP_ROUND;
    float n = t - EXP_ROUND;
    uint32_t whole =
        float_bits(t) - float_bits(EXP_ROUND); /* n as two's complement; no cast of NaN */
    uint32_t half = whole >> 1 | (whole & 0x80000000u);
    float r = y - n;
    float p = EXP_C4 + r * EXP_C5;
    p = EXP_C3 + r * p;
    p = EXP_C2 + r * p;
    p = EXP_C1 + r * p;
    p = 1.0f + r * p;
    return p * float_power(half) * float_power(whole - half);
}

static ExpSums scalar_exp_row(float *out, const float *in, int n, float max, double factor)
{
    ExpSums sums = {0, 0, INFINITY};
    double sum[4] = {0}, moment[4] = {0};
    float power = (float)(factor * EXP_LOG2E);
    for (int j = 0; j < n; j++) {
        float y = (in[j] - max) * power;
        y = y < EXP_LEAST ? EXP_LEAST : y; /* keeps NaN */
        float e = scalar_exp(y);
        out[j] = e;
        sum[j & 3] += (double)e;
        moment[j & 3] += (double)e * (double)y;
        sums.lo = e < sums.lo ? e : sums.lo;
    }
    sums.sum = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    sums.moment = ((moment[0] + moment[1]) + (moment[2] + moment[3])) * EXP_LN2;
    return sums;
}

static double scalar_scale_row(float *out, const float *in, int n, float factor, bool stream,
                               float wanted, int *at)
{
    (void)stream;
    double sum[4] = {0};
    for (int j = 0; j < n; j++) {
        out[j] = in[j] * factor;
        sum[j & 3] += (double)out[j];
    }
    if (at) {
        int first = 0;
        while (first < n && out[first] != wanted)
            first++;
        *at = first < n ? first : -1;
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static bool scalar_range_row(const float *in, int n, float *lo, float *hi)
{
    float least = INFINITY, most = -INFINITY, odd = 0;
    for (int j = 0; j < n; j++) {
        least = in[j] < least ? in[j] : least;
        most = in[j] > most ? in[j] : most;
        odd += in[j] - in[j];
    }
    *lo = least + 0.0f; /* −0 and 0 compare equal: which one won is chance */
    *hi = most + 0.0f;
    return odd == 0;
}

static double scalar_spread_row(const float *in, int n, double at, double *sums)
{
    enum { SUMS = 8 };
    double sum[SUMS] = {0}, all = 0;
    int j = 0;
    for (; j + SUMS <= n; j += SUMS)
        for (int l = 0; l < SUMS; l++)
            sum[l] += (double)in[j + l] * fabs((double)(j + l) - at);
    for (int l = 0; l < SUMS; l++)
        all += sum[l];
    for (; j < n; j++)
        all += (double)in[j] * fabs((double)j - at);
    for (j = 0; sums && j < n; j++)
        sums[j] += (double)in[j];
    return all;
}

const Kernels KERNELS_SCALAR = {
    "scalar",       scalar_tile,      lanes_tile_tanh,  lanes_tile_distance,
    scalar_exp_row, scalar_scale_row, scalar_range_row, scalar_spread_row};
