/* The score kernels that read the same under every instruction set. Included once by each
 * kernels_<set>.c, behind its words for a vector:
 *     Lanes, LANES               so many floats
 *     lanes_load, lanes_set      from memory, one float in all
 *     lanes_add _sub _mul _div   as they say; lanes_madd(a, b, c) = a · b + c
 *     lanes_down(x)              −|x|
 *     lanes_sign(y, x)           |y| with the sign of x
 *     lanes_over(least, x)       the larger one; NaN where x is
 *     lanes_power(t)             the float whose exponent is in the lowest bits of t
 *     lanes_store(out, y, n)     the first n lanes (n may be ≥ LANES, not ≤ 0)
 * and TARGET, INLINE. A cell is one chain over the depth from 0 upwards, wherever it stands.
 */
#include "core/kernels_impl.h"

INLINE Lanes lanes_tanh(Lanes x)
{
    const Lanes round = lanes_set(TANH_ROUND), one = lanes_set(1);
    Lanes y = lanes_over(lanes_set(TANH_LEAST), lanes_down(lanes_add(x, x)));
    Lanes t = lanes_madd(y, lanes_set(TANH_LOG2E), round);
    Lanes power = lanes_power(t);
    Lanes r = lanes_madd(lanes_sub(t, round), lanes_set(-TANH_LN2), y);
    Lanes p = lanes_madd(r, lanes_set(TANH_C6), lanes_set(TANH_C5));
    p = lanes_madd(r, p, lanes_set(TANH_C4));
    p = lanes_madd(r, p, lanes_set(TANH_C3));
    p = lanes_madd(r, p, lanes_set(TANH_C2));
    p = lanes_madd(lanes_mul(r, r), p, r);
    Lanes m = lanes_madd(power, p, lanes_sub(power, one));
    return lanes_sign(lanes_div(m, lanes_add(m, lanes_set(2))), x);
}

typedef struct {
    const float *a, *panel, *combine;
    ptrdiff_t a_step;
    int depth;
} ScoreTile;

/* `rows` is a constant, 4 or 1. */
INLINE void tanh_rows(const int rows, float *out, ptrdiff_t out_step, int cols, const ScoreTile *s)
{
    KERNELS_RAW Lanes sum[4];
    for (int r = 0; r < rows; r++)
        sum[r] = lanes_set(0);
    for (int t = 0; t < s->depth; t++) {
        Lanes b = lanes_load(s->panel + t * KERNELS_PANEL), weight = lanes_set(s->combine[t]);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            Lanes x = lanes_add(lanes_set(s->a[r * s->a_step + t]), b);
            sum[r] = lanes_madd(weight, lanes_tanh(x), sum[r]);
        }
    }
    for (int r = 0; r < rows; r++)
        lanes_store(out + r * out_step, sum[r], cols);
}

INLINE void distance_rows(const int rows, float *out, ptrdiff_t out_step, int cols,
                          const ScoreTile *s, float gain)
{
    KERNELS_RAW Lanes sum[4];
    for (int r = 0; r < rows; r++)
        sum[r] = lanes_set(0);
    for (int t = 0; t < s->depth; t++) {
        Lanes b = lanes_load(s->panel + t * KERNELS_PANEL);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            Lanes x = lanes_sub(lanes_set(s->a[r * s->a_step + t]), b);
            sum[r] = lanes_madd(x, x, sum[r]);
        }
    }
    for (int r = 0; r < rows; r++)
        lanes_store(out + r * out_step, lanes_mul(lanes_set(-gain), sum[r]), cols);
}

TARGET static void lanes_tile_tanh(float *out, ptrdiff_t out_step, int rows, int cols,
                                   const float *a, ptrdiff_t a_step, const float *panel, int depth,
                                   const float *combine)
{
    for (int c = 0; c < cols; c += LANES) {
        ScoreTile s = {a, panel + c, combine, a_step, depth};
        int r = 0;
        for (; r + 4 <= rows; r += 4, s.a += 4 * a_step)
            tanh_rows(4, out + r * out_step + c, out_step, cols - c, &s);
        for (; r < rows; r++, s.a += a_step)
            tanh_rows(1, out + r * out_step + c, out_step, cols - c, &s);
    }
}

TARGET static void lanes_tile_distance(float *out, ptrdiff_t out_step, int rows, int cols,
                                       const float *a, ptrdiff_t a_step, const float *panel,
                                       int depth, float gain)
{
    for (int c = 0; c < cols; c += LANES) {
        ScoreTile s = {a, panel + c, NULL, a_step, depth};
        int r = 0;
        for (; r + 4 <= rows; r += 4, s.a += 4 * a_step)
            distance_rows(4, out + r * out_step + c, out_step, cols - c, &s, gain);
        for (; r < rows; r++, s.a += a_step)
            distance_rows(1, out + r * out_step + c, out_step, cols - c, &s, gain);
    }
}
