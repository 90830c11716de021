#include "draw/image_cache.h"

#include "base/mem.h"
#include "draw/draw_list.h"
#include "support/check.h"

#include <string.h>

enum { SIDE = 60 };

static Image noise(int w, int h, bool alpha)
{
    Image image;
    Error err = {0};
    assert_true(image_init(&image, w, h, &err));
    for (int i = 0; i < w * h; i++)
        image.px[i] = (Color)i * 2654435761u | (alpha ? 0 : 0xFF000000u);
    return image;
}

static void what_is_kept_is_what_would_be_drawn(void **state)
{
    (void)state;
    static const Rect boxes[] = {{2, 3, 40, 30},       {2.3f, 3.7f, 40.5f, 30.2f},
                                 {-20.5f, -9, 70, 90}, {-20, -9.25f, 9, 7},
                                 {50, 50, 20, 20},     {70, 70, 9, 9},
                                 {1, 1, 0.3f, 8}};
    static ImageCache cache;
    for (int alpha = 0; alpha < 2; alpha++) {
        Image image = noise(23, 17, alpha);
        for (int n = 0; n < 2 * 7 * 3; n++) {
            Image a, b;
            Error err = {0};
            Rect box = boxes[n / 2 % 7]; /* each box twice: once made, once kept */
            int sampling = n / 14;
            float opacity = n % 2 ? 1 : 0.4f;
            assert_true(image_init(&a, SIDE, SIDE, &err) && image_init(&b, SIDE, SIDE, &err));
            for (int i = 0; i < SIDE * SIDE; i++)
                a.px[i] = b.px[i] = 0xFFC0D0E0u;
            Surface sa = {a.px, SIDE, {1, 1, SIDE - 3, SIDE - 2}}, sb = sa;
            sb.px = b.px;
            assert_true(raster_image(&sa, &image, box, sampling, opacity, &err));
            assert_true(image_cache_draw(&cache, &sb, &image, box, sampling, opacity, &err));
            for (int i = 0; i < SIDE * SIDE; i++)
                for (int shift = 0; shift < 32; shift += 8) {
                    int d = (int)((a.px[i] >> shift) & 255) - (int)((b.px[i] >> shift) & 255);
                    assert_in_range(d + 1, 0, 2); /* the box's corner is rounded differently */
                }
            image_free(&a);
            image_free(&b);
        }
        image_free(&image);
    }
    image_cache_free(&cache);
}

static void a_picture_that_changed_is_made_anew(void **state)
{
    (void)state;
    static ImageCache cache;
    Image image = noise(4, 4, false), out;
    Error err = {0};
    assert_true(image_init(&out, 8, 8, &err));
    Surface s = {out.px, 8, {0, 0, 8, 8}};
    assert_true(image_cache_draw(&cache, &s, &image, rect(0, 0, 2, 2), SAMPLE_AREA, 1, &err));
    uint64_t count = mem_count();
    assert_true(image_cache_draw(&cache, &s, &image, rect(4, 5, 2, 2), SAMPLE_AREA, 1, &err));
    assert_true(mem_count() == count);
    for (int i = 0; i < 16; i++)
        image.px[i] = 0xFF102030u;
    image_touch(&image);
    assert_true(image_cache_draw(&cache, &s, &image, rect(0, 0, 2, 2), SAMPLE_AREA, 1, &err));
    assert_true(out.px[0] == 0xFF102030u && out.px[9] == 0xFF102030u);
    image_free(&image);
    image_free(&out);
    image_cache_free(&cache);
}

static void out_of_memory_leaves_the_cache_whole(void **state)
{
    (void)state;
    static ImageCache cache;
    Image image = noise(4, 4, false), out;
    Error err = {0};
    int64_t before = mem_live();
    assert_true(image_init(&out, 8, 8, &err));
    Surface s = {out.px, 8, {0, 0, 8, 8}};
    for (uint64_t n = 1; n <= 3; n++) {
        Error found = {0};
        mem_fail_at(n, true);
        assert_false(
            image_cache_draw(&cache, &s, &image, rect(0, 0, 3, 3), SAMPLE_AREA, 1, &found));
        mem_fail_at(0, false);
        assert_int_equal(found.kind, ERROR_LIMIT);
    }
    assert_true(image_cache_draw(&cache, &s, &image, rect(0, 0, 3, 3), SAMPLE_AREA, 1, &err));
    image_free(&out);
    image_cache_free(&cache);
    assert_true(mem_live() == before);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_would_be_drawn),
        cmocka_unit_test(a_picture_that_changed_is_made_anew),
        cmocka_unit_test(out_of_memory_leaves_the_cache_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
