/* AVX-512F only. Compiled into every x86-64 build through target attributes, called only where
 * present. */
#include "core/kernels_impl.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx512f")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* The mask of the first n of sixteen lanes (n may be ≤ 0 or ≥ 16). */
INLINE __mmask16 lanes_mask(int n)
{
    return (__mmask16)(n >= 16 ? 0xFFFFu : n <= 0 ? 0u : (1u << n) - 1u);
}

INLINE void lanes_put(float *out, __m512 value, __mmask16 mask, bool add)
{
    if (add)
        value = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, out), value);
    _mm512_mask_storeu_ps(out, mask, value);
}

typedef __m512 Lanes;
enum { LANES = 16 };

INLINE Lanes lanes_load(const float *at)
{
    return _mm512_loadu_ps(at);
}

INLINE Lanes lanes_set(float x)
{
    return _mm512_set1_ps(x);
}

INLINE Lanes lanes_add(Lanes a, Lanes b)
{
    return _mm512_add_ps(a, b);
}

INLINE Lanes lanes_sub(Lanes a, Lanes b)
{
    return _mm512_sub_ps(a, b);
}

INLINE Lanes lanes_mul(Lanes a, Lanes b)
{
    return _mm512_mul_ps(a, b);
}

INLINE Lanes lanes_div(Lanes a, Lanes b)
{
    return _mm512_div_ps(a, b);
}

INLINE Lanes lanes_madd(Lanes a, Lanes b, Lanes c)
{
    return _mm512_fmadd_ps(a, b, c);
}

INLINE Lanes lanes_down(Lanes x)
{
    __m512i sign = _mm512_set1_epi32(INT32_MIN);
    return _mm512_castsi512_ps(_mm512_or_epi32(_mm512_castps_si512(x), sign));
}

/* Of three bits y, x, sign: x where sign is set, else y. The instruction takes this as a part of
 * itself: a variable will not do where nothing is inlined. */
#define FROM_X 0xD8

INLINE Lanes lanes_sign(Lanes y, Lanes x)
{
    __m512i sign = _mm512_set1_epi32(INT32_MIN);
    return _mm512_castsi512_ps(
        _mm512_ternarylogic_epi32(_mm512_castps_si512(y), _mm512_castps_si512(x), sign, FROM_X));
}

INLINE Lanes lanes_over(Lanes least, Lanes x)
{
    return _mm512_max_ps(least, x);
}

INLINE Lanes lanes_power(Lanes t)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(t), 23));
}

INLINE void lanes_store(float *out, Lanes value, int n)
{
    _mm512_mask_storeu_ps(out, lanes_mask(n), value);
}

#include "core/kernels_lanes.h"

/* `rows` (a constant, ≤ 12) × 32 columns: 24 accumulators, two vectors of the panel, one broadcast.
 */
INLINE void tile_rows(const int rows, float *out, ptrdiff_t out_step, int cols, const float *a,
                      ptrdiff_t a_step, const float *b, int depth, bool add)
{
    KERNELS_RAW __m512 acc[12][2];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        acc[r][0] = acc[r][1] = _mm512_setzero_ps();
    for (int t = 0; t < depth; t++) {
        __m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + 16);
        b += KERNELS_PANEL;
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            __m512 x = _mm512_set1_ps(a[r * a_step + t]);
            acc[r][0] = _mm512_fmadd_ps(x, b0, acc[r][0]);
            acc[r][1] = _mm512_fmadd_ps(x, b1, acc[r][1]);
        }
    }
    __mmask16 m0 = lanes_mask(cols), m1 = lanes_mask(cols - 16);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        lanes_put(out + r * out_step, acc[r][0], m0, add);
        if (m1)
            lanes_put(out + r * out_step + 16, acc[r][1], m1, add);
    }
}

TARGET static void avx512_tile(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                               ptrdiff_t a_step, const float *panel, int depth, bool add)
{
    for (; rows >= 8; rows -= 8, out += 8 * out_step, a += 8 * a_step)
        tile_rows(8, out, out_step, cols, a, a_step, panel, depth, add);
    for (; rows >= 4; rows -= 4, out += 4 * out_step, a += 4 * a_step)
        tile_rows(4, out, out_step, cols, a, a_step, panel, depth, add);
    for (; rows >= 1; rows -= 1, out += out_step, a += a_step)
        tile_rows(1, out, out_step, cols, a, a_step, panel, depth, add);
}

/* 2^y; scalef rounds once into the denormals. max_ps(a, b) gives b when either is NaN: the order of
 * operands keeps NaN alive (or drops it) on purpose. */
INLINE __m512 lanes_exp(__m512 y)
{
    /* Adding and taking off again rounds as fast as the instruction for it. */
    const __m512 round = _mm512_set1_ps(EXP_ROUND);
    __m512 n = _mm512_sub_ps(_mm512_add_ps(y, round), round), r = _mm512_sub_ps(y, n);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(EXP_C5), r, _mm512_set1_ps(EXP_C4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, n);
}

INLINE __m512d lanes_widen(__m512d acc, __m512 x)
{
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
    acc = _mm512_add_pd(acc, _mm512_cvtps_pd(_mm512_castps512_ps256(x)));
    return _mm512_add_pd(acc, _mm512_cvtps_pd(high));
}

INLINE double lanes_total(__m512d x)
{
    double v[8];
    _mm512_storeu_pd(v, x);
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

typedef struct {
    __m512 max, factor;
    __m512 lo[2], sum[4], moment[4];
} ExpState;

INLINE __m512 exp_power(__m512 in, const ExpState *s)
{
    __m512 y = _mm512_mul_ps(_mm512_sub_ps(in, s->max), s->factor);
    return _mm512_max_ps(_mm512_set1_ps(EXP_LEAST), y);
}

/* Up to EXP_FLOATS values, the last vector may be a part of one. */
INLINE void exp_block(float *out, const float *in, int n, ExpState *s)
{
    int j = 0;
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++)
        s->sum[u] = s->moment[u] = _mm512_setzero_ps();
    for (; j + 64 <= n; j += 64) {
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) {
            _mm_prefetch((const char *)((uintptr_t)(in + j + 16 * u) + EXP_AHEAD), _MM_HINT_T0);
            __m512 y = exp_power(_mm512_loadu_ps(in + j + 16 * u), s), e = lanes_exp(y);
            _mm512_storeu_ps(out + j + 16 * u, e);
            s->lo[u & 1] = _mm512_min_ps(e, s->lo[u & 1]);
            s->sum[u] = _mm512_add_ps(s->sum[u], e);
            s->moment[u] = _mm512_fmadd_ps(e, y, s->moment[u]);
        }
    }
    for (; j < n; j += 16) {
        __mmask16 mask = lanes_mask(n - j);
        __m512 y = exp_power(_mm512_maskz_loadu_ps(mask, in + j), s), e = lanes_exp(y);
        _mm512_mask_storeu_ps(out + j, mask, e);
        s->lo[0] = _mm512_mask_min_ps(s->lo[0], mask, e, s->lo[0]);
        s->sum[0] = _mm512_mask_add_ps(s->sum[0], mask, s->sum[0], e);
        s->moment[0] = _mm512_mask3_fmadd_ps(e, y, s->moment[0], mask);
    }
}

INLINE __m512 lanes_four(const __m512 x[4])
{
    return _mm512_add_ps(_mm512_add_ps(x[0], x[1]), _mm512_add_ps(x[2], x[3]));
}

TARGET static ExpSums avx512_exp_row(float *out, const float *in, int n, float max, double factor)
{
    __m512d sum = _mm512_setzero_pd(), moment = _mm512_setzero_pd();
    KERNELS_RAW ExpState s;
    s.max = _mm512_set1_ps(max);
    s.factor = _mm512_set1_ps((float)(factor * EXP_LOG2E));
    s.lo[0] = s.lo[1] = _mm512_set1_ps(INFINITY);
    for (int j = 0; j < n; j += EXP_FLOATS) {
        exp_block(out + j, in + j, n - j < EXP_FLOATS ? n - j : EXP_FLOATS, &s);
        sum = lanes_widen(sum, lanes_four(s.sum));
        moment = lanes_widen(moment, lanes_four(s.moment));
    }
    return (ExpSums){lanes_total(sum), lanes_total(moment) * EXP_LN2,
                     _mm512_reduce_min_ps(_mm512_min_ps(s.lo[0], s.lo[1]))};
}

/* `stream` and `seek` are constants. */
INLINE double scale_cells(float *out, const float *in, int n, float factor, const bool stream,
                          const bool seek, float wanted, int *at)
{
    const __m512 f = _mm512_set1_ps(factor), x = _mm512_set1_ps(wanted);
    __m512d sum = _mm512_setzero_pd();
    int j = 0, first = -1;
    /* Streaming stores need aligned addresses: the head of an unaligned stretch goes one by one. */
    double head = 0;
    for (; stream && j < n && ((uintptr_t)(out + j) & 63); j++) {
        out[j] = in[j] * factor;
        head += (double)out[j];
        first = seek && first < 0 && out[j] == wanted ? j : first;
    }
    for (; j + 64 <= n; j += 64) {
        KERNELS_RAW __m512 w[4];
        KERNELS_RAW __mmask16 hits[4];
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) {
            w[u] = _mm512_mul_ps(_mm512_loadu_ps(in + j + 16 * u), f);
            hits[u] = seek ? _mm512_cmp_ps_mask(w[u], x, _CMP_EQ_OQ) : 0;
            if (stream)
                _mm512_stream_ps(out + j + 16 * u, w[u]);
            else
                _mm512_storeu_ps(out + j + 16 * u, w[u]);
        }
        sum = lanes_widen(sum, lanes_four(w));
        if (seek && first < 0 && (hits[0] | hits[1] | hits[2] | hits[3]))
            first = j + __builtin_ctzll(hits[0] | (uint64_t)hits[1] << 16 |
                                        (uint64_t)hits[2] << 32 | (uint64_t)hits[3] << 48);
    }
    for (; j < n; j += 16) {
        __mmask16 mask = lanes_mask(n - j);
        __m512 w = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, in + j), f);
        unsigned hits = seek ? _mm512_mask_cmp_ps_mask(mask, w, x, _CMP_EQ_OQ) : 0;
        _mm512_mask_storeu_ps(out + j, mask, w);
        sum = lanes_widen(sum, _mm512_maskz_mov_ps(mask, w));
        first = hits && first < 0 ? j + __builtin_ctz(hits) : first;
    }
    if (seek)
        *at = first;
    return head + lanes_total(sum);
}

TARGET static double avx512_scale_row(float *out, const float *in, int n, float factor, bool stream,
                                      float wanted, int *at)
{
    if (!at)
        return stream ? scale_cells(out, in, n, factor, true, false, 0, NULL)
                      : scale_cells(out, in, n, factor, false, false, 0, NULL);
    return stream ? scale_cells(out, in, n, factor, true, true, wanted, at)
                  : scale_cells(out, in, n, factor, false, true, wanted, at);
}

TARGET static bool avx512_range_row(const float *in, int n, float *lo, float *hi)
{
    KERNELS_RAW __m512 least[4], most[4];
    __mmask16 odd = 0; /* one test finds a NaN in two vectors */
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++) {
        least[u] = _mm512_set1_ps(INFINITY);
        most[u] = _mm512_set1_ps(-INFINITY);
    }
    int j = 0;
    for (; j + 64 <= n; j += 64) {
        KERNELS_RAW __m512 x[4];
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) {
            x[u] = _mm512_loadu_ps(in + j + 16 * u);
            least[u] = _mm512_min_ps(x[u], least[u]); /* the second one where x is NaN */
            most[u] = _mm512_max_ps(x[u], most[u]);
        }
        odd |= _mm512_cmp_ps_mask(x[0], x[1], _CMP_UNORD_Q) |
               _mm512_cmp_ps_mask(x[2], x[3], _CMP_UNORD_Q);
    }
    for (; j < n; j += 16) {
        __mmask16 mask = lanes_mask(n - j);
        __m512 x = _mm512_maskz_loadu_ps(mask, in + j);
        least[0] = _mm512_mask_min_ps(least[0], mask, x, least[0]);
        most[0] = _mm512_mask_max_ps(most[0], mask, x, most[0]);
        odd |= _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    }
#pragma GCC unroll 4
    for (int u = 1; u < 4; u++) {
        least[0] = _mm512_min_ps(least[u], least[0]);
        most[0] = _mm512_max_ps(most[u], most[0]);
    }
    *lo = _mm512_reduce_min_ps(least[0]) + 0.0f; /* −0 and 0 compare equal: which won is chance */
    *hi = _mm512_reduce_max_ps(most[0]) + 0.0f;
    return !odd && *lo > -INFINITY && *hi < INFINITY;
}

TARGET static double avx512_spread_row(const float *in, int n, double at, double *sums)
{
    const __m512d eight = _mm512_set1_pd(8);
    __m512d place = _mm512_sub_pd(_mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_pd(at));
    __m512d sum = _mm512_setzero_pd();
    int j = 0;
    for (; j + 8 <= n; j += 8, place = _mm512_add_pd(place, eight)) {
        __m512d w = _mm512_cvtps_pd(_mm256_loadu_ps(in + j));
        sum = _mm512_add_pd(sum, _mm512_mul_pd(w, _mm512_abs_pd(place)));
        if (sums)
            _mm512_storeu_pd(sums + j, _mm512_add_pd(_mm512_loadu_pd(sums + j), w));
    }
    double lanes[8], all = 0;
    _mm512_storeu_pd(lanes, sum);
    for (int l = 0; l < 8; l++)
        all += lanes[l];
    for (; j < n; j++) {
        all += (double)in[j] * fabs((double)j - at);
        if (sums)
            sums[j] += (double)in[j];
    }
    return all;
}

const Kernels KERNELS_AVX512 = {
    "avx512",       avx512_tile,      lanes_tile_tanh,  lanes_tile_distance,
    avx512_exp_row, avx512_scale_row, avx512_range_row, avx512_spread_row};

#endif
