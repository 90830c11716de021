#include "image/image.h"

#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double contrast(Color a, Color b)
{
    double la = (double)color_luminance(a) + 0.05, lb = (double)color_luminance(b) + 0.05;
    return la > lb ? la / lb : lb / la;
}

static void luminance_gives_the_contrasts_that_wcag_tools_publish(void **state)
{
    (void)state;
    check_close(contrast(0xFF000000u, 0xFFFFFFFFu), 21.0, 1e-4);
    check_close(contrast(0xFF777777u, 0xFFFFFFFFu), 4.478, 1e-3);
    check_close(contrast(0xFF767676u, 0xFFFFFFFFu), 4.542, 1e-3);
    check_close(contrast(0xFFFF0000u, 0xFFFFFFFFu), 3.998, 1e-3);
    check_close(contrast(0xFF0000FFu, 0xFFFFFFFFu), 8.592, 1e-3);
}

static void the_colour_on_a_ground_is_always_the_one_that_contrasts_more(void **state)
{
    (void)state;
    for (uint32_t grey = 0; grey < 256; grey++) {
        Color ground = 0xFF000000u | grey * 0x010101u, on = color_on(ground);
        double black = contrast(ground, 0xFF000000u), white = contrast(ground, 0xFFFFFFFFu);
        assert_true(on == (black > white ? 0xFF000000u : 0xFFFFFFFFu));
    }
}

static void mixing_goes_channel_by_channel_and_stays_between_the_ends(void **state)
{
    (void)state;
    assert_true(color_mix(0x10203040u, 0x90A0B0C0u, 0) == 0x10203040u);
    assert_true(color_mix(0x10203040u, 0x90A0B0C0u, 1) == 0x90A0B0C0u);
    assert_true(color_mix(0x10203040u, 0x90A0B0C0u, 0.5f) == 0x50607080u);
    assert_true(color_mix(0x10203040u, 0x90A0B0C0u, 7) == 0x90A0B0C0u);
    assert_true(color_alpha(0xFF123456u, 0.5f) == 0x80123456u);
    assert_true(color_alpha(0xFF123456u, NAN) >> 24 <= 255);
}

static void sizes_outside_the_limits_are_refused(void **state)
{
    (void)state;
    Image image;
    Error err = {0};
    assert_false(image_init(&image, 0, 3, &err));
    check_error(&err, ERROR_MALFORMED, "picture size: expected at least 1 × 1, found 0 × 3");
    error_clear(&err);
    assert_false(image_init(&image, 16385, 1, &err));
    check_error(&err, ERROR_LIMIT,
                "picture size: expected at most 16384 a side, found 16385 × 1 (limit 16384)");
    error_clear(&err);
    assert_false(image_init(&image, 16384, 4097, &err));
    check_error(
        &err, ERROR_LIMIT,
        "picture size: expected at most 67108864 pixels, found 16384 × 4097 (limit 67108864)");
    error_clear(&err);
    assert_true(image_init(&image, 16384, 1, &err));
    image_free(&image);
    mem_fail_at(1, false);
    assert_false(image_init(&image, 2, 2, &err));
    mem_fail_at(0, false);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_null(image.px);
}

static void every_stamp_is_new(void **state)
{
    (void)state;
    Image a, b;
    Error err = {0};
    assert_true(image_init(&a, 1, 1, &err) && image_copy(&b, &a, &err));
    assert_true(a.stamp != b.stamp);
    uint32_t before = a.stamp;
    image_touch(&a);
    assert_true(a.stamp != before && a.stamp != b.stamp);
    image_free(&a);
    image_free(&b);
}

static void grey_is_rec_709_luma_and_keeps_alpha(void **state)
{
    (void)state;
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 256, 3, &err));
    for (int x = 0; x < 256; x++)
        for (int c = 0; c < 3; c++)
            image.px[c * 256 + x] = (Color)(255 - x) << 24 | (Color)x << (16 - 8 * c);
    image_grey(&image);
    const double weight[3] = {0.2126, 0.7152, 0.0722};
    for (int x = 0; x < 256; x++)
        for (int c = 0; c < 3; c++) {
            Color p = image.px[c * 256 + x];
            int want = (int)floor(weight[c] * x + 0.5);
            assert_true(abs((int)(p & 255) - want) <= 1);
            assert_true((p & 255) == ((p >> 8) & 255) && (p & 255) == ((p >> 16) & 255));
            assert_true(p >> 24 == (Color)(255 - x));
        }
    image_free(&image);
}

/* Mean of one channel over an integer block, alpha-weighted, in double. */
static void a_reduced_picture_is_the_mean_of_its_boxes(void **state)
{
    (void)state;
    Image from, to;
    Error err = {0};
    assert_true(image_init(&from, 12, 20, &err));
    for (int i = 0; i < 240; i++)
        from.px[i] = (Color)i * 2654435761u;
    assert_true(image_resize(&to, &from, 3, 4, &err));
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 3; x++) {
            double a = 0, c[3] = {0, 0, 0};
            for (int k = 0; k < 20; k++) {
                Color p = from.px[(y * 5 + k / 4) * 12 + x * 4 + k % 4];
                a += p >> 24;
                for (int j = 0; j < 3; j++)
                    c[j] += (double)(p >> 24) * ((p >> (8 * j)) & 255);
            }
            Color got = to.px[y * 3 + x];
            assert_true(fabs((got >> 24) - a / 20) <= 0.51);
            for (int j = 0; j < 3; j++)
                assert_true(fabs(((got >> (8 * j)) & 255) - c[j] / a) <= 0.51);
        }
    image_free(&from);
    image_free(&to);
}

static void one_colour_stays_one_colour_at_every_size(void **state)
{
    (void)state;
    Image from, to;
    Error err = {0};
    assert_true(image_init(&from, 7, 5, &err));
    for (int i = 0; i < 35; i++)
        from.px[i] = 0x80C0FF03u;
    for (int w = 1; w < 20; w++) {
        assert_true(image_resize(&to, &from, w, 20 - w, &err));
        for (int i = 0; i < w * (20 - w); i++)
            assert_true(to.px[i] == 0x80C0FF03u);
        image_free(&to);
    }
    image_free(&from);
}

static void transparent_pixels_lend_no_colour(void **state)
{
    (void)state;
    Image from, to;
    Error err = {0};
    assert_true(image_init(&from, 2, 1, &err));
    from.px[0] = 0xFF204060u;
    from.px[1] = 0x00FFFFFFu;
    assert_true(image_resize(&to, &from, 1, 1, &err));
    assert_true(to.px[0] == 0x80204060u);
    image_free(&from);
    image_free(&to);
}

static void what_shows_nothing_stays_nothing(void **state)
{
    (void)state;
    Image image, small;
    Error err = {0};
    assert_true(image_init(&image, 4, 4, &err)); /* transparent */
    assert_true(image_resize(&small, &image, 2, 2, &err));
    for (int i = 0; i < 4; i++)
        assert_int_equal(small.px[i], 0);
    image_free(&small);
    image_free(&image);
    image_free(NULL);
}

static void memory_that_runs_out_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    Image image, out;
    Error err = {0};
    assert_true(image_init(&image, 8, 8, &err));
    int64_t live = mem_live();
    for (int copy = 0; copy < 2; copy++) {
        bool ok = false;
        for (uint64_t n = 1; !ok; n++) {
            error_clear(&err);
            mem_fail_at(n, true);
            ok = copy ? image_copy(&out, &image, &err) : image_resize(&out, &image, 3, 3, &err);
            mem_fail_at(0, false);
            assert_int_equal(err.kind, ok ? ERROR_NONE : ERROR_LIMIT);
            if (ok)
                image_free(&out);
            assert_int_equal(mem_live(), live);
            assert_true(n < 10);
        }
    }
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luminance_gives_the_contrasts_that_wcag_tools_publish),
        cmocka_unit_test(the_colour_on_a_ground_is_always_the_one_that_contrasts_more),
        cmocka_unit_test(mixing_goes_channel_by_channel_and_stays_between_the_ends),
        cmocka_unit_test(sizes_outside_the_limits_are_refused),
        cmocka_unit_test(every_stamp_is_new),
        cmocka_unit_test(grey_is_rec_709_luma_and_keeps_alpha),
        cmocka_unit_test(a_reduced_picture_is_the_mean_of_its_boxes),
        cmocka_unit_test(one_colour_stays_one_colour_at_every_size),
        cmocka_unit_test(transparent_pixels_lend_no_colour),
        cmocka_unit_test(what_shows_nothing_stays_nothing),
        cmocka_unit_test(memory_that_runs_out_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
