#include "draw/raster.h"

#include "stage.h"

#include <math.h>
#include <stdlib.h>

static void a_box_on_whole_pixels_has_crisp_edges(void **state)
{
    (void)state;
    Stage s = stage_new(8, 5);
    draw_rect(&s.list, rect(1, 1, 3, 2), 0, BLACK);
    draw_frame(&s.list, rect(5, 0, 3, 5), 0, 1, BLACK);
    stage_draw(&s, 1);
    expect_picture(&s,
                   (const char *[]){".....###", ".###.#.#", ".###.#.#", ".....#.#", ".....###"});
    stage_free(&s);
}

static void an_edge_between_pixels_covers_its_share(void **state)
{
    (void)state;
    Stage s = stage_new(6, 4);
    draw_rect(&s.list, rect(1.25f, 1, 2.25f, 1.5f), 0, BLACK);
    stage_draw(&s, 1);
    check_close(dark(&s, 1, 1), 0.75, 0.003);
    check_close(dark(&s, 2, 1), 1, 0);
    check_close(dark(&s, 3, 1), 0.5, 0.003);
    check_close(dark(&s, 1, 2), 0.375, 0.003);
    check_close(dark_sum(&s), 2.25 * 1.5, 0.01);
    stage_free(&s);
}

static void blending_is_the_rounded_mean_in_srgb(void **state)
{
    (void)state;
    Stage s = stage_new(256, 1);
    for (int a = 0; a < 256; a++)
        draw_rect(&s.list, rect((float)a, 0, 1, 1), 0, (Color)a << 24 | 0x00FF8001u);
    stage_draw_on(&s, 1, 0xFF0A14C8u);
    for (int a = 0; a < 256; a++) {
        const int src[3] = {0xFF, 0x80, 0x01}, dst[3] = {0x0A, 0x14, 0xC8};
        for (int k = 0; k < 3; k++) {
            int want = (int)floor((src[k] * a + dst[k] * (255 - a)) / 255.0 + 0.5);
            assert_int_equal((at(&s, a, 0) >> (16 - 8 * k)) & 255, want);
        }
        assert_int_equal(at(&s, a, 0) >> 24, 255);
    }
    stage_free(&s);
}

static void on_a_transparent_ground_alpha_is_kept(void **state)
{
    (void)state;
    Stage s = stage_new(2, 1);
    draw_rect(&s.list, rect(0, 0, 1, 1), 0, 0x80FF0000u);
    draw_rect(&s.list, rect(0, 0, 1, 1), 0, 0x800000FFu);
    stage_draw_on(&s, 1, 0);
    /* 128 over 128: alpha 128 + 128·127/255 = 192, colour weighted 128 : 64 */
    assert_true(at(&s, 0, 0) == 0xC05500AAu);
    assert_true(at(&s, 1, 0) == 0);
    stage_free(&s);
}

static void round_corners_and_circles_have_the_area_of_geometry(void **state)
{
    (void)state;
    static const struct {
        float x, y, w, h, r;
    } boxes[] = {{4, 4, 20, 16, 4},
                 {3, 3, 14, 14, 7},
                 {3.5f, 4.25f, 9, 9, 4.5f},
                 {2, 2, 30, 18, 9},
                 {5, 5, 6, 6, 3}};
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        Stage s = stage_new(36, 26);
        Rect r = {boxes[i].x, boxes[i].y, boxes[i].w, boxes[i].h};
        draw_rect(&s.list, r, boxes[i].r, BLACK);
        stage_draw(&s, 1);
        double area = (double)r.w * r.h - (4 - M_PI) * (double)boxes[i].r * boxes[i].r;
        check_close(dark_sum(&s), area, 0.012);
        draw_list_reset(&s.list);
        draw_frame(&s.list, r, boxes[i].r, 2, BLACK);
        stage_draw(&s, 1);
        double ir = boxes[i].r - 2 > 0 ? boxes[i].r - 2 : 0;
        double hole = ((double)r.w - 4) * (r.h - 4) - (4 - M_PI) * ir * ir;
        check_close(dark_sum(&s), area - hole, 0.02);
        stage_free(&s);
    }
}

static void slanted_lines_have_the_area_of_geometry_and_cross_once(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        Stage s = stage_new(64, 64);
        double turn = 0.1 + i * 0.26, length = 40, width = 1 + i % 4;
        Vec2 a = {(float)(32 - cos(turn) * 20), (float)(32 - sin(turn) * 20)};
        Vec2 b = {(float)(32 + cos(turn) * 20), (float)(32 + sin(turn) * 20)};
        draw_line(&s.list, a, b, (float)width, BLACK);
        stage_draw(&s, 1);
        check_close(dark_sum(&s), length * width, 0.02);
        draw_list_reset(&s.list);
        draw_stroke(&s.list, (Vec2[]){a, b, a}, 3, (float)width, 0x80000000u);
        stage_draw(&s, 1);
        /* there and back is painted once: never darker than the colour's own alpha */
        for (int p = 0; p < 64 * 64; p++)
            assert_true((s.image.px[p] & 255) >= 255 - 128);
        check_close(dark_sum(&s), (length * width + M_PI * width * width / 4) * 128 / 255, 0.03);
        stage_free(&s);
    }
}

static void a_line_thinner_than_a_pixel_is_fainter(void **state)
{
    (void)state;
    Stage s = stage_new(40, 40);
    draw_line(&s.list, vec2(5, 5), vec2(35, 30), 0.4f, BLACK);
    stage_draw(&s, 1);
    check_close(dark_sum(&s), hypot(30, 25) * 0.4, 0.03);
    stage_free(&s);
}

static void polygons_have_the_area_of_geometry_in_either_order(void **state)
{
    (void)state;
    Vec2 p[4] = {{5.3f, 4}, {30, 7.7f}, {26, 33}, {3, 20}};
    double area = 0;
    for (int i = 0; i < 4; i++)
        area += (double)p[i].x * p[(i + 1) % 4].y - (double)p[i].y * p[(i + 1) % 4].x;
    Stage s = stage_new(40, 40);
    draw_poly(&s.list, p, 4, BLACK);
    stage_draw(&s, 1);
    check_close(dark_sum(&s), area / 2, 0.005);
    Vec2 q[4] = {p[3], p[2], p[1], p[0]};
    double before = dark_sum(&s);
    draw_list_reset(&s.list);
    draw_poly(&s.list, q, 4, BLACK);
    stage_draw(&s, 1);
    check_close(dark_sum(&s), before, 1e-9);
    draw_list_reset(&s.list);
    draw_poly(&s.list, (Vec2[]){{2, 2}, {6, 2}, {6, 5}, {2, 5}}, 4, BLACK);
    stage_draw(&s, 1);
    check_close(dark_sum(&s), 12, 0);
    stage_free(&s);
}

static void the_hatch_keeps_its_phase_across_boxes(void **state)
{
    (void)state;
    for (int scale = 1; scale <= 3; scale++) {
        Stage s = stage_new(60, 60), t = stage_new(60, 60);
        draw_hatch(&s.list, rect(0, 0, 20, 20), WHITE, BLACK);
        draw_hatch(&t.list, rect(0, 0, 7, 20), WHITE, BLACK);
        draw_hatch(&t.list, rect(7, 0, 13, 11), WHITE, BLACK);
        draw_hatch(&t.list, rect(7, 11, 13, 9), WHITE, BLACK);
        stage_draw(&s, (float)scale);
        stage_draw(&t, (float)scale);
        assert_memory_equal(s.image.px, t.image.px, 3600 * sizeof(Color));
        for (int y = 0; y < 20 * scale; y++)
            for (int x = 0; x < 20 * scale; x++)
                assert_true((at(&s, x, y) == BLACK) == ((x + y) % (6 * scale) < scale));
        stage_free(&s);
        stage_free(&t);
    }
}

static void nearest_picks_the_cell_under_each_pixel_centre(void **state)
{
    (void)state;
    Image cells;
    Error err = {0};
    assert_true(image_init(&cells, 7, 5, &err));
    for (int i = 0; i < 35; i++)
        cells.px[i] = BLACK | (Color)(i + 1);
    const double boxes[][4] = {
        {0, 0, 7, 5}, {3, 2, 35, 20}, {2.3, 1.7, 40.1, 17.9}, {-9, -4, 80, 60}, {10, 10, 3, 2}};
    for (size_t b = 0; b < 5; b++)
        for (int scale = 1; scale <= 2; scale++) {
            Stage s = stage_new(60, 40);
            const double *r = boxes[b];
            draw_image(&s.list, &cells, rect((float)r[0], (float)r[1], (float)r[2], (float)r[3]),
                       SAMPLE_NEAREST, 1);
            stage_draw(&s, (float)scale);
            for (int y = 0; y < 40; y++)
                for (int x = 0; x < 60; x++) {
                    double u = (x + 0.5 - r[0] * scale) * 7 / (r[2] * scale);
                    double v = (y + 0.5 - r[1] * scale) * 5 / (r[3] * scale);
                    bool inside = u >= 0 && v >= 0 && u < 7 && v < 5;
                    Color want = inside ? BLACK | (Color)((int)v * 7 + (int)u + 1) : WHITE;
                    assert_true(at(&s, x, y) == want);
                }
            stage_free(&s);
        }
    image_free(&cells);
}

static void pictures_blend_by_their_own_alpha_and_by_opacity(void **state)
{
    (void)state;
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 2, 1, &err));
    image.px[0] = BLACK;
    image.px[1] = 0x80000000u;
    const Sampling kinds[3] = {SAMPLE_NEAREST, SAMPLE_AREA, SAMPLE_SMOOTH};
    for (int k = 0; k < 3; k++) {
        Stage s = stage_new(4, 1);
        draw_image(&s.list, &image, rect(0, 0, 2, 1), kinds[k], 1);
        draw_image(&s.list, &image, rect(2, 0, 2, 1), kinds[k], 0.5f);
        stage_draw(&s, 1);
        const int want[4] = {0, 255 - 128, 255 - 128, 255 - 64};
        for (int x = 0; x < 4; x++)
            assert_true(abs((int)(at(&s, x, 0) & 255) - want[x]) <= 1);
        stage_free(&s);
    }
    image_free(&image);
}

static void smooth_is_linear_between_cell_centres_and_area_is_the_mean(void **state)
{
    (void)state;
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 2, 2, &err));
    image.px[0] = image.px[2] = BLACK;
    image.px[1] = image.px[3] = WHITE;
    Stage s = stage_new(8, 8);
    draw_image(&s.list, &image, rect(0, 0, 8, 8), SAMPLE_SMOOTH, 1);
    stage_draw(&s, 1);
    for (int x = 0; x < 8; x++) {
        double t = fmin(1, fmax(0, (x + 0.5) / 4 - 0.5));
        check_close(at(&s, x, 3) & 255, 255 * t, 0.01);
    }
    draw_list_reset(&s.list);
    draw_image(&s.list, &image, rect(0, 0, 1, 1), SAMPLE_AREA, 1);
    draw_image(&s.list, &image, rect(2, 0, 3, 2), SAMPLE_AREA, 1);
    stage_draw(&s, 1);
    assert_true(at(&s, 0, 0) == 0xFF808080u);
    assert_true(at(&s, 2, 0) == BLACK && at(&s, 3, 1) == 0xFF808080u && at(&s, 4, 0) == WHITE);
    stage_free(&s);
    image_free(&image);
}

static uint32_t random_word(uint32_t *seed)
{
    uint32_t high = *seed = *seed * 1664525u + 1013904223u;
    *seed = *seed * 1664525u + 1013904223u;
    return (high & 0xFFFF0000u) | *seed >> 16;
}

/* Whole groups of pixels go another way than single ones: both must blend as geometry says. */
static void a_mask_blends_every_pixel_as_its_coverage_says(void **state)
{
    (void)state;
    enum { W = 45, H = 9 };
    uint32_t seed = 5;
    for (int round = 0; round < 200; round++) {
        Color px[W * H], was[W * H], color = random_word(&seed);
        uint8_t cover[W * H];
        IRect clip = {(int)(random_word(&seed) % 9), (int)(random_word(&seed) % 3), 0, 0};
        clip.w = W - clip.x - (int)(random_word(&seed) % 9);
        clip.h = H - clip.y;
        color |= round % 3 == 0 ? 0xFF000000u : 0;
        for (int i = 0; i < W * H; i++) {
            uint32_t kind = random_word(&seed) % 4;
            px[i] = random_word(&seed) | (round % 4 ? 0xFF000000u : 0);
            was[i] = px[i];
            cover[i] = (uint8_t)(kind == 0 ? 0 : kind == 1 ? 255 : random_word(&seed) % 256);
            if (i % 27 < 11 && round % 2)
                cover[i] = 0;
        }
        raster_mask(&(Surface){px, W, clip}, -2, -1, W, H, cover, color);
        for (int i = 0; i < W * H; i++) {
            int x = i % W, y = i / W, from = (y + 1) * W + x + 2;
            bool in = x >= clip.x && y >= clip.y && x < clip.x + clip.w && y < H - 1 && x < W - 2;
            assert_int_equal(px[i], in ? raster_cover(was[i], color, cover[from]) : was[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_on_whole_pixels_has_crisp_edges),
        cmocka_unit_test(an_edge_between_pixels_covers_its_share),
        cmocka_unit_test(blending_is_the_rounded_mean_in_srgb),
        cmocka_unit_test(on_a_transparent_ground_alpha_is_kept),
        cmocka_unit_test(round_corners_and_circles_have_the_area_of_geometry),
        cmocka_unit_test(slanted_lines_have_the_area_of_geometry_and_cross_once),
        cmocka_unit_test(a_line_thinner_than_a_pixel_is_fainter),
        cmocka_unit_test(polygons_have_the_area_of_geometry_in_either_order),
        cmocka_unit_test(the_hatch_keeps_its_phase_across_boxes),
        cmocka_unit_test(nearest_picks_the_cell_under_each_pixel_centre),
        cmocka_unit_test(pictures_blend_by_their_own_alpha_and_by_opacity),
        cmocka_unit_test(smooth_is_linear_between_cell_centres_and_area_is_the_mean),
        cmocka_unit_test(a_mask_blends_every_pixel_as_its_coverage_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
