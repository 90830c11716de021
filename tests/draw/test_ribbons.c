#include "draw/ribbons.h"

#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHITE 0xFFFFFFFFu
#define BLACK 0xFF000000u

static float next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 16777216.0f;
}

static Color *ground_new(int w, int h, Color color)
{
    Color *px = mem_array((size_t)w * (size_t)h, sizeof *px);
    assert_non_null(px);
    for (int i = 0; i < w * h; i++)
        px[i] = color;
    return px;
}

static double dark(Color c)
{
    return (255 - (double)(c & 255)) / 255;
}

static void a_level_ribbon_is_a_bar_with_butt_ends(void **state)
{
    (void)state;
    Color *px = ground_new(20, 16, WHITE);
    Ribbon r = {.a0 = 8, .a1 = 8, .width = 4, .alpha = 1};
    RibbonBatch batch = {.from = 3, .to = 17, .color = BLACK, .count = 1, .items = &r};
    ribbons_render(px, 20, (IRect){0, 0, 20, 16}, &batch, 1);
    for (int y = 0; y < 16; y++)
        for (int x = 0; x < 20; x++)
            assert_true(px[y * 20 + x] == (x >= 3 && x < 17 && y >= 6 && y < 10 ? BLACK : WHITE));
    mem_free(px);
}

static void ends_between_pixels_and_thin_ribbons_are_covered_in_part(void **state)
{
    (void)state;
    Color *px = ground_new(20, 16, WHITE);
    Ribbon r = {.a0 = 8.5f, .a1 = 8.5f, .width = 1, .alpha = 1};
    RibbonBatch batch = {.from = 3.25f, .to = 16.5f, .color = BLACK, .count = 1, .items = &r};
    IRect all = {0, 0, 20, 16};
    ribbons_render(px, 20, all, &batch, 1);
    check_close(dark(px[8 * 20 + 3]), 0.75, 0.003);
    check_close(dark(px[8 * 20 + 10]), 1, 0.003);
    check_close(dark(px[8 * 20 + 16]), 0.5, 0.003);
    check_close(dark(px[7 * 20 + 10]), 0, 0.003);
    mem_free(px);
    px = ground_new(20, 16, WHITE);
    r.width = 0.25f;
    ribbons_render(px, 20, all, &batch, 1);
    check_close(dark(px[8 * 20 + 10]), 0.25, 0.003);
    mem_free(px);
}

static void crossing_ribbons_let_light_through_as_a_product(void **state)
{
    (void)state;
    Color *px = ground_new(8, 8, WHITE);
    Ribbon r[3] = {{4, 4, 4, 0.5f, 0, 0, 0}, {4, 4, 4, 0.25f, 0, 0, 0}, {4, 4, 4, 0.1f, 0, 0, 0}};
    RibbonBatch batch = {.to = 8, .color = BLACK, .count = 3, .items = r};
    ribbons_render(px, 8, (IRect){0, 0, 8, 8}, &batch, 1);
    check_close(dark(px[4 * 8 + 4]), 1 - 0.5 * 0.75 * 0.9, 0.003);
    mem_free(px);
}

/* ---- a second judge: 16 × 16 samples a pixel, true distance to the curve, in double ---- */

static double curve_at(const Ribbon *r, double t, double *slope, double span)
{
    double da = (double)r->a1 - (double)r->a0;
    *slope = da * 6 * t * (1 - t) / span;
    return (double)r->a0 + da * t * t * (3 - 2 * t);
}

/* Distance of (x, y) to the curve: the nearest point by bisection of the distance's derivative
 * around x, in steps that shrink. */
static double curve_distance(const Ribbon *r, double from, double to, double x, double y)
{
    double best = 1e9, at = x, step = (double)r->width / 4, slope;
    for (double u = x - (double)r->width; u <= x + (double)r->width; u += step) {
        double c = u < from ? from : u > to ? to : u;
        double d = hypot(x - c, y - curve_at(r, (c - from) / (to - from), &slope, to - from));
        if (d < best) {
            best = d;
            at = c;
        }
    }
    for (int i = 0; i < 5; i++) {
        double v = curve_at(r, (at - from) / (to - from), &slope, to - from);
        double move = ((x - at) + (y - v) * slope) / (1 + slope * slope);
        at = fmin(to, fmax(from, at + move));
    }
    double d = hypot(x - at, y - curve_at(r, (at - from) / (to - from), &slope, to - from));
    return d < best ? d : best;
}

static double coverage(const Ribbon *r, double from, double to, int px, int py)
{
    double slope,
        middle = curve_at(r, fmin(1, fmax(0, (px + 0.5 - from) / (to - from))), &slope, to - from);
    if (fabs(py + 0.5 - middle) >
        ((double)r->width / 2 + 1) * sqrt(1 + slope * slope) + 2 * fabs(slope) + 2)
        return 0;
    int inside = 0;
    for (int i = 0; i < 256; i++) {
        double x = px + (i % 16 + 0.5) / 16, y = py + (i / 16 + 0.5) / 16;
        inside += x >= from && x <= to && curve_distance(r, from, to, x, y) <= (double)r->width / 2;
    }
    return inside / 256.0;
}

static void coverage_is_close_to_a_supersampled_stroke(void **state)
{
    (void)state;
    enum { W = 70, H = 60 };
    static const Ribbon shapes[] = {{10, 12, 1, 1, 0, 0, 0},    {8, 50, 1, 1, 0, 0, 0},
                                    {50, 6, 3, 1, 0, 0, 0},     {5, 55, 9, 0.7f, 0, 0, 0},
                                    {30, 30, 2.5f, 1, 0, 0, 0}, {55, 20, 5.3f, 0.4f, 0, 0, 0}};
    for (size_t n = 0; n < sizeof shapes / sizeof shapes[0]; n++) {
        Color *px = ground_new(W, H, WHITE);
        RibbonBatch batch = {.from = 4, .to = 66, .color = BLACK, .count = 1, .items = &shapes[n]};
        ribbons_render(px, W, (IRect){0, 0, W, H}, &batch, 1);
        double squares = 0, want_sum = 0, got_sum = 0;
        int touched = 0;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                double want = coverage(&shapes[n], 4, 66, x, y) * (double)shapes[n].alpha;
                double got = dark(px[y * W + x]);
                squares += (got - want) * (got - want);
                touched += want > 0 || got > 0;
                want_sum += want;
                got_sum += got;
            }
        double all = sqrt(squares / (W * H)), near = sqrt(squares / touched);
        if (all > 0.013 || near > 0.05 || fabs(got_sum / want_sum - 1) > 0.04)
            fail_msg("ribbon %zu: error %.4f, where it is %.4f, ink %.4f", n, all, near,
                     got_sum / want_sum);
        mem_free(px);
    }
}

/* ---- the same bits ---- */

static void random_batch(RibbonBatch *batch, Ribbon *items, int count, uint32_t *seed, float size)
{
    for (int i = 0; i < count; i++)
        items[i] = (Ribbon){.a0 = (next(seed) * 1.4f - 0.2f) * size,
                            .a1 = (next(seed) * 1.4f - 0.2f) * size,
                            .width = next(seed) * (i % 7 == 0 ? 60.0f : 9.0f),
                            .alpha = next(seed)};
    *batch = (RibbonBatch){.vertical = next(seed) > 0.5f,
                           .from = next(seed) * 20 - 5,
                           .to = 40 + next(seed) * 60,
                           .color = BLACK | (Color)(next(seed) * 16777215),
                           .count = count,
                           .items = items};
    if (next(seed) > 0.6f) {
        batch->dash_on = 1 + 6 * next(seed);
        batch->dash_off = 1 + 4 * next(seed);
        batch->dash_color = WHITE;
    }
}

static void the_fast_code_gives_the_bits_of_the_plain_code(void **state)
{
    (void)state;
    enum { W = 93, H = 87 };
    uint32_t seed = 7;
    Ribbon items[40];
    for (int round = 0; round < 300; round++) {
        RibbonBatch batch;
        random_batch(&batch, items, 1 + round % 40, &seed, 80);
        float scale = 0.5f + 1.5f * next(&seed);
        Color ground = round % 5 == 0 ? 0x00000000u : round % 5 == 1 ? 0x7F336699u : WHITE;
        IRect clip = {(int)(next(&seed) * 30), (int)(next(&seed) * 30), 0, 0};
        clip.w = W - clip.x - (int)(next(&seed) * 20);
        clip.h = H - clip.y - (int)(next(&seed) * 20);
        Color *a = ground_new(W, H, ground), *b = ground_new(W, H, ground);
        ribbons_render(a, W, clip, &batch, scale);
        ribbons_render_scalar(b, W, clip, &batch, scale);
        if (memcmp(a, b, W * H * sizeof *a) != 0)
            fail_msg("round %d: other bits", round);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                if (x < clip.x || y < clip.y || x >= clip.x + clip.w || y >= clip.y + clip.h)
                    assert_true(a[y * W + x] == ground);
        mem_free(a);
        mem_free(b);
    }
}

static void a_picture_drawn_in_parts_is_the_whole_picture(void **state)
{
    (void)state;
    enum { W = 90, H = 1300 }; /* taller than one band */
    uint32_t seed = 99;
    Ribbon items[60];
    for (int round = 0; round < 8; round++) {
        RibbonBatch batch;
        random_batch(&batch, items, 60, &seed, 1300);
        batch.vertical = false;
        batch.dash_on = 0;
        Color *whole = ground_new(W, H, WHITE), *parts = ground_new(W, H, WHITE);
        ribbons_render(whole, W, (IRect){0, 0, W, H}, &batch, 1);
        for (int y = 0; y < H; y += 100)
            for (int x = 0; x < W; x += 30)
                ribbons_render(parts, W, (IRect){x, y, 30, 100}, &batch, 1);
        assert_memory_equal(whole, parts, W * H * sizeof *whole);
        mem_free(whole);
        mem_free(parts);
    }
}

static void running_down_is_running_across_with_the_axes_swapped(void **state)
{
    (void)state;
    enum { SIDE = 88 };
    uint32_t seed = 5;
    Ribbon items[20];
    for (int round = 0; round < 20; round++) {
        RibbonBatch batch;
        random_batch(&batch, items, 20, &seed, 80);
        Color *a = ground_new(SIDE, SIDE, WHITE), *b = ground_new(SIDE, SIDE, WHITE);
        IRect all = {0, 0, SIDE, SIDE};
        ribbons_render(a, SIDE, all, &batch, 1);
        batch.vertical = !batch.vertical;
        ribbons_render(b, SIDE, all, &batch, 1);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                assert_true(a[y * SIDE + x] == b[x * SIDE + y]);
        mem_free(a);
        mem_free(b);
    }
}

static void order_inside_a_batch_does_not_show(void **state)
{
    (void)state;
    enum { SIDE = 88 };
    uint32_t seed = 31;
    Ribbon items[200], turned[200];
    RibbonBatch batch;
    random_batch(&batch, items, 200, &seed, 80);
    batch.dash_on = 0;
    for (int i = 0; i < 200; i++)
        turned[i] = items[199 - i];
    Color *a = ground_new(SIDE, SIDE, WHITE), *b = ground_new(SIDE, SIDE, WHITE);
    IRect all = {0, 0, SIDE, SIDE};
    ribbons_render(a, SIDE, all, &batch, 1);
    batch.items = turned;
    ribbons_render(b, SIDE, all, &batch, 1);
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int shift = 0; shift < 24; shift += 8)
            assert_true(abs((int)((a[i] >> shift) & 255) - (int)((b[i] >> shift) & 255)) <= 1);
    mem_free(a);
    mem_free(b);
}

static void a_dashed_core_stands_in_the_dashes_only(void **state)
{
    (void)state;
    Color *px = ground_new(40, 20, WHITE);
    Ribbon r = {.a0 = 10, .a1 = 10, .width = 10, .alpha = 1};
    RibbonBatch batch = {.to = 40,
                         .color = BLACK,
                         .dash_on = 6,
                         .dash_off = 4,
                         .dash_color = WHITE,
                         .count = 1,
                         .items = &r};
    ribbons_render(px, 40, (IRect){0, 0, 40, 20}, &batch, 1);
    for (int x = 0; x < 40; x++) {
        assert_true(px[10 * 40 + x] == (x % 10 < 6 ? WHITE : BLACK));
        assert_true(px[6 * 40 + x] == BLACK && px[13 * 40 + x] == BLACK);
    }
    mem_free(px);
}

static void distance_is_measured_across_the_run(void **state)
{
    (void)state;
    Ribbon r = {.a0 = 10, .a1 = 30, .width = 1};
    RibbonBatch batch = {.from = 0, .to = 100, .count = 1, .items = &r};
    check_close(ribbon_distance(&batch, &r, vec2(0, 10)), 0, 1e-6);
    check_close(ribbon_distance(&batch, &r, vec2(50, 25)), 5, 1e-5);
    /* smoothstep(1/4) = 5/32 */
    check_close(ribbon_distance(&batch, &r, vec2(25, 0)), 10 + 20 * 5 / 32.0, 1e-5);
    assert_true(ribbon_distance(&batch, &r, vec2(-0.1f, 10)) >= RIBBONS_OUTSIDE);
    assert_true(ribbon_distance(&batch, &r, vec2(NAN, 10)) >= RIBBONS_OUTSIDE);
    batch.vertical = true;
    check_close(ribbon_distance(&batch, &r, vec2(25, 50)), 5, 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_ribbon_is_a_bar_with_butt_ends),
        cmocka_unit_test(ends_between_pixels_and_thin_ribbons_are_covered_in_part),
        cmocka_unit_test(crossing_ribbons_let_light_through_as_a_product),
        cmocka_unit_test(coverage_is_close_to_a_supersampled_stroke),
        cmocka_unit_test(the_fast_code_gives_the_bits_of_the_plain_code),
        cmocka_unit_test(a_picture_drawn_in_parts_is_the_whole_picture),
        cmocka_unit_test(running_down_is_running_across_with_the_axes_swapped),
        cmocka_unit_test(order_inside_a_batch_does_not_show),
        cmocka_unit_test(a_dashed_core_stands_in_the_dashes_only),
        cmocka_unit_test(distance_is_measured_across_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
