/* AVX2 + FMA. Compiled into every x86-64 build through target attributes, called only where
 * present. */
#include "core/kernels_impl.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* The mask of the first n of eight lanes (n may be ≤ 0 or ≥ 8). */
INLINE __m256i lanes_mask(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE void lanes_put(float *out, __m256 value, int n, bool add)
{
    if (n >= 8) {
        _mm256_storeu_ps(out, add ? _mm256_add_ps(_mm256_loadu_ps(out), value) : value);
    } else if (n > 0) {
        __m256i mask = lanes_mask(n);
        _mm256_maskstore_ps(out, mask,
                            add ? _mm256_add_ps(_mm256_maskload_ps(out, mask), value) : value);
    }
}

typedef __m256 Lanes;
enum { LANES = 8 };

INLINE Lanes lanes_load(const float *at)
{
    return _mm256_loadu_ps(at);
}

INLINE Lanes lanes_set(float x)
{
    return _mm256_set1_ps(x);
}

INLINE Lanes lanes_add(Lanes a, Lanes b)
{
    return _mm256_add_ps(a, b);
}

INLINE Lanes lanes_sub(Lanes a, Lanes b)
{
    return _mm256_sub_ps(a, b);
}

INLINE Lanes lanes_mul(Lanes a, Lanes b)
{
    return _mm256_mul_ps(a, b);
}

INLINE Lanes lanes_div(Lanes a, Lanes b)
{
    return _mm256_div_ps(a, b);
}

INLINE Lanes lanes_madd(Lanes a, Lanes b, Lanes c)
{
    return _mm256_fmadd_ps(a, b, c);
}

INLINE Lanes lanes_down(Lanes x)
{
    return _mm256_or_ps(x, _mm256_set1_ps(-0.0f));
}

INLINE Lanes lanes_sign(Lanes y, Lanes x)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(sign, y), _mm256_and_ps(sign, x));
}

INLINE Lanes lanes_over(Lanes least, Lanes x)
{
    return _mm256_max_ps(least, x);
}

INLINE Lanes lanes_power(Lanes t)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t), 23));
}

INLINE void lanes_store(float *out, Lanes value, int n)
{
    if (n >= LANES)
        _mm256_storeu_ps(out, value);
    else
        _mm256_maskstore_ps(out, lanes_mask(n), value);
}

#include "core/kernels_lanes.h"

/* `rows` (a constant, ≤ 6) × 16 columns: twelve accumulators hide the latency of the multiply-add.
 */
INLINE void tile_rows(const int rows, float *out, ptrdiff_t out_step, int cols, const float *a,
                      ptrdiff_t a_step, const float *b, int depth, bool add)
{
    KERNELS_RAW __m256 acc[6][2];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        acc[r][0] = acc[r][1] = _mm256_setzero_ps();
    for (int t = 0; t < depth; t++) {
        __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
        b += KERNELS_PANEL;
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            __m256 x = _mm256_broadcast_ss(a + r * a_step + t);
            acc[r][0] = _mm256_fmadd_ps(x, b0, acc[r][0]);
            acc[r][1] = _mm256_fmadd_ps(x, b1, acc[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        lanes_put(out + r * out_step, acc[r][0], cols, add);
        lanes_put(out + r * out_step + 8, acc[r][1], cols - 8, add);
    }
}

TARGET static void avx2_tile(float *out, ptrdiff_t out_step, int rows, int cols, const float *a,
                             ptrdiff_t a_step, const float *panel, int depth, bool add)
{
    for (int c = 0; c < cols; c += 16) {
        float *to = out + c;
        const float *from = a, *b = panel + c;
        int left = rows, width = cols - c;
        for (; left >= 6; left -= 6, to += 6 * out_step, from += 6 * a_step)
            tile_rows(6, to, out_step, width, from, a_step, b, depth, add);
        for (; left >= 2; left -= 2, to += 2 * out_step, from += 2 * a_step)
            tile_rows(2, to, out_step, width, from, a_step, b, depth, add);
        if (left)
            tile_rows(1, to, out_step, width, from, a_step, b, depth, add);
    }
}

/* Instructions take this as a part of themselves: a variable will not do where nothing is inlined.
 */
#define TO_NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

/* 2^y. max_ps(a, b) gives b when either is NaN: the order of operands keeps NaN alive (or drops it)
 * on purpose. Without denormals (a constant) the exponent is simply added, which is faster and
 * gives the same bits. */
INLINE __m256 lanes_exp(__m256 y, const bool denormals)
{
    __m256 n = _mm256_round_ps(y, TO_NEAREST), r = _mm256_sub_ps(y, n);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(EXP_C5), r, _mm256_set1_ps(EXP_C4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C2));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C1));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
    __m256i whole = _mm256_cvtps_epi32(n);
    if (!denormals)
        return _mm256_castsi256_ps(
            _mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(whole, 23)));
    const __m256i bias = _mm256_set1_epi32(127);
    __m256i half = _mm256_srai_epi32(whole, 1), rest = _mm256_sub_epi32(whole, half);
    half = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    rest = _mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23);
    return _mm256_mul_ps(_mm256_mul_ps(p, _mm256_castsi256_ps(half)), _mm256_castsi256_ps(rest));
}

INLINE __m256d lanes_widen(__m256d acc, __m256 x)
{
    acc = _mm256_add_pd(acc, _mm256_cvtps_pd(_mm256_castps256_ps128(x)));
    return _mm256_add_pd(acc, _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)));
}

INLINE double lanes_total(__m256d x)
{
    double v[4];
    _mm256_storeu_pd(v, x);
    return (v[0] + v[1]) + (v[2] + v[3]);
}

INLINE float lanes_least(__m256 x)
{
    float v[8], least;
    _mm256_storeu_ps(v, x);
    least = v[0];
    for (int i = 1; i < 8; i++)
        least = v[i] < least ? v[i] : least;
    return least;
}

INLINE float lanes_most(__m256 x)
{
    return -lanes_least(_mm256_sub_ps(_mm256_setzero_ps(), x));
}

typedef struct {
    __m256 max, factor;
    __m256 lo[2], sum[4], moment[4];
} ExpState;

INLINE __m256 exp_power(__m256 in, const ExpState *s)
{
    return _mm256_mul_ps(_mm256_sub_ps(in, s->max), s->factor);
}

/* 32 values. */
INLINE void exp_vectors(float *out, const float *in, ExpState *s)
{
    KERNELS_RAW __m256 y[4], e[4];
    _mm_prefetch((const char *)((uintptr_t)in + EXP_AHEAD), _MM_HINT_T0);
    _mm_prefetch((const char *)((uintptr_t)(in + 16) + EXP_AHEAD), _MM_HINT_T0);
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++)
        y[u] = exp_power(_mm256_loadu_ps(in + 8 * u), s);
    /* min_ps(a, b) gives b when either is NaN. */
    __m256 least = _mm256_min_ps(_mm256_min_ps(y[0], y[1]), _mm256_min_ps(y[2], y[3]));
    __m256 odd = _mm256_or_ps(_mm256_cmp_ps(y[0], y[1], _CMP_UNORD_Q),
                              _mm256_cmp_ps(y[2], y[3], _CMP_UNORD_Q));
    odd = _mm256_or_ps(odd, _mm256_cmp_ps(least, _mm256_set1_ps(EXP_NORMAL), _CMP_LT_OQ));
    if (!_mm256_movemask_ps(odd)) {
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++)
            e[u] = lanes_exp(y[u], false);
    } else {
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++)
            e[u] = lanes_exp(y[u] = _mm256_max_ps(_mm256_set1_ps(EXP_LEAST), y[u]), true);
    }
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++) {
        _mm256_storeu_ps(out + 8 * u, e[u]);
        s->lo[u & 1] = _mm256_min_ps(e[u], s->lo[u & 1]);
        s->sum[u] = _mm256_add_ps(s->sum[u], e[u]);
        s->moment[u] = _mm256_fmadd_ps(e[u], y[u], s->moment[u]);
    }
}

/* Up to EXP_FLOATS values, the last vector may be a part of one. */
INLINE void exp_block(float *out, const float *in, int n, ExpState *s)
{
    const __m256 none = _mm256_set1_ps(INFINITY);
    int j = 0;
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++)
        s->sum[u] = s->moment[u] = _mm256_setzero_ps();
    for (; j + 32 <= n; j += 32)
        exp_vectors(out + j, in + j, s);
    for (; j < n; j += 8) {
        __m256i mask = lanes_mask(n - j);
        __m256 keep = _mm256_castsi256_ps(mask);
        __m256 y = exp_power(_mm256_maskload_ps(in + j, mask), s);
        y = _mm256_max_ps(_mm256_set1_ps(EXP_LEAST), y);
        __m256 e = lanes_exp(y, true);
        _mm256_maskstore_ps(out + j, mask, e);
        s->lo[0] = _mm256_min_ps(_mm256_blendv_ps(none, e, keep), s->lo[0]);
        e = _mm256_and_ps(e, keep);
        s->sum[0] = _mm256_add_ps(s->sum[0], e);
        s->moment[0] = _mm256_add_ps(s->moment[0], _mm256_and_ps(_mm256_mul_ps(e, y), keep));
    }
}

INLINE __m256 lanes_four(const __m256 x[4])
{
    return _mm256_add_ps(_mm256_add_ps(x[0], x[1]), _mm256_add_ps(x[2], x[3]));
}

TARGET static ExpSums avx2_exp_row(float *out, const float *in, int n, float max, double factor)
{
    __m256d sum = _mm256_setzero_pd(), moment = _mm256_setzero_pd();
    KERNELS_RAW ExpState s;
    s.max = _mm256_set1_ps(max);
    s.factor = _mm256_set1_ps((float)(factor * EXP_LOG2E));
    s.lo[0] = s.lo[1] = _mm256_set1_ps(INFINITY);
    for (int j = 0; j < n; j += EXP_FLOATS) {
        exp_block(out + j, in + j, n - j < EXP_FLOATS ? n - j : EXP_FLOATS, &s);
        sum = lanes_widen(sum, lanes_four(s.sum));
        moment = lanes_widen(moment, lanes_four(s.moment));
    }
    return (ExpSums){lanes_total(sum), lanes_total(moment) * EXP_LN2,
                     lanes_least(_mm256_min_ps(s.lo[0], s.lo[1]))};
}

/* `stream` and `seek` are constants. */
INLINE double scale_cells(float *out, const float *in, int n, float factor, const bool stream,
                          const bool seek, float wanted, int *at)
{
    const __m256 f = _mm256_set1_ps(factor), x = _mm256_set1_ps(wanted);
    __m256d sum = _mm256_setzero_pd();
    int j = 0, first = -1;
    /* Streaming stores need aligned addresses: the head of an unaligned stretch goes one by one. */
    double head = 0;
    for (; stream && j < n && ((uintptr_t)(out + j) & 31); j++) {
        out[j] = in[j] * factor;
        head += (double)out[j];
        first = seek && first < 0 && out[j] == wanted ? j : first;
    }
    for (; j + 32 <= n; j += 32) {
        KERNELS_RAW __m256 w[4];
        unsigned hits = 0;
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) {
            w[u] = _mm256_mul_ps(_mm256_loadu_ps(in + j + 8 * u), f);
            if (stream)
                _mm256_stream_ps(out + j + 8 * u, w[u]);
            else
                _mm256_storeu_ps(out + j + 8 * u, w[u]);
        }
        sum = lanes_widen(sum, lanes_four(w));
        if (seek && first < 0) {
#pragma GCC unroll 4
            for (int u = 0; u < 4; u++)
                hits |= (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(w[u], x, _CMP_EQ_OQ)) << 8 * u;
        }
        first = hits ? j + __builtin_ctz(hits) : first;
    }
    for (; j < n; j += 8) {
        __m256i mask = lanes_mask(n - j);
        __m256 keep = _mm256_castsi256_ps(mask);
        __m256 w = _mm256_mul_ps(_mm256_maskload_ps(in + j, mask), f);
        __m256 equal = _mm256_and_ps(_mm256_cmp_ps(w, x, _CMP_EQ_OQ), keep);
        unsigned hits = seek && first < 0 ? (unsigned)_mm256_movemask_ps(equal) : 0;
        _mm256_maskstore_ps(out + j, mask, w);
        sum = lanes_widen(sum, _mm256_and_ps(w, keep));
        first = hits ? j + __builtin_ctz(hits) : first;
    }
    if (seek)
        *at = first;
    return head + lanes_total(sum);
}

TARGET static double avx2_scale_row(float *out, const float *in, int n, float factor, bool stream,
                                    float wanted, int *at)
{
    if (!at)
        return stream ? scale_cells(out, in, n, factor, true, false, 0, NULL)
                      : scale_cells(out, in, n, factor, false, false, 0, NULL);
    return stream ? scale_cells(out, in, n, factor, true, true, wanted, at)
                  : scale_cells(out, in, n, factor, false, true, wanted, at);
}

TARGET static bool avx2_range_row(const float *in, int n, float *lo, float *hi)
{
    KERNELS_RAW __m256 least[4], most[4];
    __m256 odd = _mm256_setzero_ps(); /* one test finds a NaN in two vectors */
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++) {
        least[u] = _mm256_set1_ps(INFINITY);
        most[u] = _mm256_set1_ps(-INFINITY);
    }
    int j = 0;
    for (; j + 32 <= n; j += 32) {
        KERNELS_RAW __m256 x[4];
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) {
            x[u] = _mm256_loadu_ps(in + j + 8 * u);
            least[u] = _mm256_min_ps(x[u], least[u]); /* the second one where x is NaN */
            most[u] = _mm256_max_ps(x[u], most[u]);
        }
        odd = _mm256_or_ps(odd, _mm256_cmp_ps(x[0], x[1], _CMP_UNORD_Q));
        odd = _mm256_or_ps(odd, _mm256_cmp_ps(x[2], x[3], _CMP_UNORD_Q));
    }
    for (; j < n; j += 8) {
        __m256i mask = lanes_mask(n - j);
        __m256 keep = _mm256_castsi256_ps(mask), x = _mm256_maskload_ps(in + j, mask);
        least[0] = _mm256_min_ps(_mm256_blendv_ps(least[0], x, keep), least[0]);
        most[0] = _mm256_max_ps(_mm256_blendv_ps(most[0], x, keep), most[0]);
        odd = _mm256_or_ps(odd, _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    }
#pragma GCC unroll 4
    for (int u = 1; u < 4; u++) {
        least[0] = _mm256_min_ps(least[u], least[0]);
        most[0] = _mm256_max_ps(most[u], most[0]);
    }
    *lo = lanes_least(least[0]) + 0.0f; /* −0 and 0 compare equal: which one won is chance */
    *hi = lanes_most(most[0]) + 0.0f;
    return !_mm256_movemask_ps(odd) && *lo > -INFINITY && *hi < INFINITY;
}

TARGET static double avx2_spread_row(const float *in, int n, double at, double *sums)
{
    const __m256d eight = _mm256_set1_pd(8), sign = _mm256_set1_pd(-0.0);
    __m256d place[2], sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
    place[0] = _mm256_sub_pd(_mm256_setr_pd(0, 1, 2, 3), _mm256_set1_pd(at));
    place[1] = _mm256_sub_pd(_mm256_setr_pd(4, 5, 6, 7), _mm256_set1_pd(at));
    int j = 0;
    for (; j + 8 <= n; j += 8) {
#pragma GCC unroll 2
        for (int u = 0; u < 2; u++) {
            __m256d w = _mm256_cvtps_pd(_mm_loadu_ps(in + j + 4 * u));
            sum[u] = _mm256_add_pd(sum[u], _mm256_mul_pd(w, _mm256_andnot_pd(sign, place[u])));
            place[u] = _mm256_add_pd(place[u], eight);
            if (sums) {
                double *to = sums + j + 4 * u;
                _mm256_storeu_pd(to, _mm256_add_pd(_mm256_loadu_pd(to), w));
            }
        }
    }
    double lanes[8], all = 0;
    _mm256_storeu_pd(lanes, sum[0]);
    _mm256_storeu_pd(lanes + 4, sum[1]);
    for (int l = 0; l < 8; l++)
        all += lanes[l];
    for (; j < n; j++) {
        all += (double)in[j] * fabs((double)j - at);
        if (sums)
            sums[j] += (double)in[j];
    }
    return all;
}

const Kernels KERNELS_AVX2 = {"avx2",       avx2_tile,      lanes_tile_tanh, lanes_tile_distance,
                              avx2_exp_row, avx2_scale_row, avx2_range_row,  avx2_spread_row};

#endif
