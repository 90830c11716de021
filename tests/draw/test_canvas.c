#include "draw/canvas.h"

#include "base/mem.h"
#include "draw/icons.h"
#include "stage.h"

#include <math.h>
#include <string.h>

static void a_frame_and_its_filling_leave_nothing_bare(void **state)
{
    (void)state;
    const float scales[] = {0.75f, 1, 1.25f, 1.34f, 1.5f, 2, 2.5f, 3};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        Stage s = stage_new(120, 90), t = stage_new(120, 90);
        draw_rect(&s.list, rect(3, 5, 31, 22), 4, BLACK);
        draw_frame(&s.list, rect(3, 5, 31, 22), 4, 1, BLACK);
        draw_rect(&t.list, rect(3, 5, 31, 22), 4, BLACK);
        stage_draw(&s, scales[i]);
        stage_draw(&t, scales[i]);
        for (int p = 0; p < 120 * 90; p++) {
            /* Only the corner pixels are painted twice in part; no pixel elsewhere may differ. */
            if ((s.image.px[p] == WHITE) != (t.image.px[p] == WHITE))
                fail_msg("scale %g: frame and filling do not end at the same pixels",
                         (double)scales[i]);
        }
        stage_free(&s);
        stage_free(&t);
    }
}

/* The ground is left out where the first command paints over all of it, and only there. */
static void what_nothing_covers_is_ground(void **state)
{
    (void)state;
    const struct {
        Rect r;
        float radius;
        Color color;
        bool bare;
    } cases[] = {{{0, 0, 8, 5}, 0, BLACK, false},  {{-1, -1, 10, 7}, 0, BLACK, false},
                 {{0, 0, 7, 5}, 0, BLACK, true},   {{0, 0.5f, 8, 5}, 0, BLACK, true},
                 {{0, 0, 8, 5}, 2, BLACK, true},   {{0, 0, 8, 5}, 0, 0xFE000000u, true},
                 {{0, 0, 8, 4.9f}, 0, BLACK, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Stage s = stage_new(8, 5);
        stage_draw_on(&s, 1, 0xFF123456u); /* left over from the frame before */
        draw_rect(&s.list, cases[i].r, cases[i].radius, cases[i].color);
        stage_draw_on(&s, 1, WHITE);
        bool bare = false;
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 8; x++) {
                bare = bare || at(&s, x, y) != BLACK;
                assert_true((at(&s, x, y) & 255) == ((at(&s, x, y) >> 8) & 255));
            }
        assert_int_equal(bare, cases[i].bare);
        stage_free(&s);
    }
}

static void layout_is_crisp_at_every_scale(void **state)
{
    (void)state;
    const float scales[] = {0.75f, 1.1f, 1.25f, 1.34f, 1.5f, 1.75f};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        Stage s = stage_new(100, 100);
        for (int k = 0; k < 10; k++) {
            draw_line(&s.list, vec2(0, (float)(3 + 5 * k)), vec2(40, (float)(3 + 5 * k)), 1, BLACK);
            draw_rect(&s.list, rect(41, (float)(3 + 5 * k), 1, 1), 0, BLACK);
            draw_frame(&s.list, rect(44, (float)(3 + 5 * k), 9, 4), 0, 1, BLACK);
        }
        stage_draw(&s, scales[i]);
        for (int p = 0; p < 100 * 100; p++)
            assert_true(s.image.px[p] == WHITE || s.image.px[p] == BLACK);
        int rows = 0;
        for (int y = 0; y < 100; y++)
            rows += at(&s, 5, y) == BLACK;
        assert_int_equal(rows, 10 * (int)(scales[i] + 0.5f > 1 ? scales[i] + 0.5f : 1));
        stage_free(&s);
    }
}

static void straight_lines_are_whole_rows_of_pixels(void **state)
{
    (void)state;
    Stage s = stage_new(7, 7);
    draw_line(&s.list, vec2(1, 1), vec2(6, 1), 1, BLACK);
    draw_line(&s.list, vec2(1, 4), vec2(4, 4), 2, BLACK);
    draw_line(&s.list, vec2(6.5f, 3), vec2(6.5f, 7), 1, BLACK);
    stage_draw(&s, 1);
    expect_picture(&s, (const char *[]){".......", ".#####.", ".......", ".###..#", ".###..#",
                                        "......#", "......#"});
    stage_free(&s);
}

static void dashes_come_in_their_lengths(void **state)
{
    (void)state;
    Stage s = stage_new(16, 1);
    draw_dashed(&s.list, vec2(1, 0.5f), vec2(15, 0.5f), 1, 3, 2, BLACK);
    stage_draw(&s, 1);
    expect_picture(&s, (const char *[]){".###..###..###.."});
    draw_list_reset(&s.list);
    Vec2 bent[3] = {{1, 0.5f}, {6, 0.5f}, {15, 0.5f}}; /* the pattern goes on round the corner */
    draw_dashed_stroke(&s.list, bent, 3, 1, 3, 2, BLACK);
    stage_draw(&s, 1);
    for (int x = 0; x < 16; x++)
        assert_int_equal(dark(&s, x, 0) > 0.5, strchr("\1\2\3\6\7\10\13\14\15", x) && x > 0);
    stage_free(&s);
}

static void clips_nest_and_end(void **state)
{
    (void)state;
    Stage s = stage_new(6, 4);
    draw_clip(&s.list, rect(1, 1, 4, 3));
    draw_clip(&s.list, rect(0, 0, 3, 2));
    draw_rect(&s.list, rect(0, 0, 6, 4), 0, BLACK);
    draw_unclip(&s.list);
    draw_rect(&s.list, rect(4, 0, 2, 4), 0, BLACK);
    draw_unclip(&s.list);
    draw_rect(&s.list, rect(0, 3, 1, 1), 0, BLACK);
    draw_unclip(&s.list); /* one too many is forgiven */
    stage_draw(&s, 1);
    expect_picture(&s, (const char *[]){"......", ".##.#.", "....#.", "#...#."});
    stage_free(&s);
}

static void text_stands_where_its_pen_and_alignment_say(void **state)
{
    (void)state;
    Stage s = stage_new(20, 8);
    TextStyle style = {FACE_SANS, 8, BLACK, ALIGN_LEFT, 0};
    draw_text(&s.list, vec2(1, 7), &style, "a", 1);
    style.align = ALIGN_RIGHT;
    draw_text(&s.list, vec2(19, 7), &style, "a", 1);
    style.align = ALIGN_CENTER;
    draw_text(&s.list, vec2(10, 7), &style, "a", 1);
    stage_draw(&s, 1);
    for (int x = 0; x < 20; x++) {
        bool ink = (x >= 1 && x < 4) || (x >= 8 && x < 11) || (x >= 15 && x < 18);
        for (int y = 0; y < 8; y++)
            assert_true(at(&s, x, y) == (ink && y >= 1 && y < 7 ? BLACK : WHITE));
    }
    stage_free(&s);
}

static void text_at_90_degrees_is_the_transpose(void **state)
{
    (void)state;
    Stage s = stage_new(24, 24);
    TextStyle style = {FACE_SANS, 8, BLACK, ALIGN_LEFT, 90};
    draw_text(&s.list, vec2(10, 20), &style, "a bc", 4);
    stage_draw(&s, 1);
    /* the upright pixel (u, v) beside the pen stands at (v, −u − 1) */
    static const bool ink[16] = {1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0};
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 24; x++) {
            int u = 20 - y - 1, v = x - 10;
            bool want = u >= 0 && u < 16 && v >= -6 && v < 0 && ink[u];
            assert_true((at(&s, x, y) == BLACK) == want);
        }
    stage_free(&s);
}

static void text_at_45_degrees_keeps_its_area_and_climbs(void **state)
{
    (void)state;
    Stage s = stage_new(60, 60);
    TextStyle style = {FACE_SANS, 16, BLACK, ALIGN_LEFT, 45};
    draw_text(&s.list, vec2(8, 50), &style, "abcd", 4);
    stage_draw(&s, 1);
    /* a letter's box at 3×: 23 of 24 wide, 36 high, brought back to 1× */
    check_close(dark_sum(&s), 4 * 23 * 36 / 9.0, 0.02);
    double mx = 0, my = 0;
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < 60; x++) {
            mx += dark(&s, x, y) * (x + 0.5 - 8);
            my += dark(&s, x, y) * (y + 0.5 - 50);
        }
    mx /= dark_sum(&s);
    my /= dark_sum(&s);
    /* the middle of the line, (95/6, −6) before it is turned */
    check_close((mx - my) * sqrt(0.5), 95 / 6.0, 0.02);
    check_close((mx + my) * sqrt(0.5), -6, 0.02);
    stage_free(&s);
}

static void senseless_numbers_draw_nothing_and_break_nothing(void **state)
{
    (void)state;
    const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1e9f, -1e-30f, 0, -5, 3};
    Stage s = stage_new(16, 16);
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 3, 3, &err));
    const size_t n = sizeof odd / sizeof odd[0];
    for (size_t i = 0; i < n * n; i++) {
        float a = odd[i / n], b = odd[i % n];
        Rect boxes[3] = {{a, 2, b, 4}, {2, a, 4, b}, {a, a, b, b}};
        Ribbon ribbon = {a, b, 2, 1, 0, 0, 1}, wide = {2, 9, a, b, 0, 0, 1};
        for (int k = 0; k < 3; k++) {
            draw_clip(&s.list, boxes[k]);
            draw_unclip(&s.list);
            draw_rect(&s.list, boxes[k], b, BLACK);
            draw_frame(&s.list, boxes[k], a, b, BLACK);
            draw_hatch(&s.list, boxes[k], WHITE, BLACK);
            draw_image(&s.list, &image, boxes[k], (Sampling)k, a);
        }
        draw_line(&s.list, vec2(a, b), vec2(3, 3), 1, BLACK);
        draw_dashed(&s.list, vec2(1, 1), vec2(a, 2), b, a, b, BLACK);
        draw_poly(&s.list, (Vec2[]){{a, b}, {3, 3}, {b, 9}}, 3, BLACK);
        draw_text(&s.list, vec2(a, b), &(TextStyle){FACE_SANS, 12, BLACK, ALIGN_LEFT, 0}, "x", 1);
        draw_text(&s.list, vec2(3, 3), &(TextStyle){FACE_SANS, a, BLACK, ALIGN_LEFT, 0}, "x", 1);
        draw_ribbons(&s.list, &(RibbonBatch){.from = 1, .to = 9, .count = 1, .items = &ribbon});
        draw_ribbons(&s.list, &(RibbonBatch){.from = 1, .to = 9, .count = 1, .items = &wide});
        draw_ribbons(&s.list, &(RibbonBatch){.from = a,
                                             .to = b,
                                             .dash_on = b,
                                             .dash_off = a,
                                             .count = 1,
                                             .items = &(Ribbon){1, 9, 2, 1, 0, 0, 1}});
    }
    stage_draw(&s, 1);
    stage_draw(&s, 0.75f);
    assert_false(canvas_render(s.canvas, &s.image, &s.list, &s.font, 0, WHITE, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    image_free(&image);
    stage_free(&s);
}

static void drawing_the_same_list_twice_gives_the_same_pixels(void **state)
{
    (void)state;
    Stage s = stage_new(200, 60), t = stage_new(200, 60);
    for (int i = 0; i <= ICON_COPY; i++)
        icon_draw(&s.list, (Icon)i, rect((float)i * 9, 4, 16, 16), 16, BLACK);
    TextStyle style = {FACE_SANS, 11, BLACK, ALIGN_LEFT, 45};
    draw_text(&s.list, vec2(20, 50), &style, "again", 5);
    stage_draw(&s, 1);
    Error err = {0};
    assert_true(canvas_render(t.canvas, &t.image, &s.list, &t.font, 1, WHITE, &err));
    stage_draw(&s, 1);
    assert_memory_equal(s.image.px, t.image.px, 200 * 60 * sizeof(Color));
    stage_free(&s);
    stage_free(&t);
}

static void out_of_memory_is_an_error_and_the_canvas_lives_on(void **state)
{
    (void)state;
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 4, 4, &err));
    bool ok = false;
    for (uint64_t n = 1; n < 60 && !ok; n++) {
        Stage s = stage_new(30, 30);
        TextStyle style = {FACE_SANS, 10, BLACK, ALIGN_LEFT, 45};
        draw_clip(&s.list, rect(0, 0, 30, 30));
        draw_line(&s.list, vec2(0, 0), vec2(9, 7), 1, BLACK);
        draw_text(&s.list, vec2(5, 20), &style, "ab", 2);
        draw_image(&s.list, &image, rect(0, 0, 9, 9), SAMPLE_NEAREST, 1);
        draw_image(&s.list, &image, rect(0, 0, 3, 3), SAMPLE_AREA, 1);
        draw_image(&s.list, &image, rect(0, 0, 9, 9), SAMPLE_SMOOTH, 1);
        Error found = {0};
        mem_fail_at(n, true);
        ok = canvas_render(s.canvas, &s.image, &s.list, &s.font, 1, WHITE, &found);
        mem_fail_at(0, false);
        assert_true(ok || found.kind == ERROR_LIMIT);
        stage_draw(&s, 1);
        stage_free(&s);
    }
    assert_true(ok);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_and_its_filling_leave_nothing_bare),
        cmocka_unit_test(what_nothing_covers_is_ground),
        cmocka_unit_test(layout_is_crisp_at_every_scale),
        cmocka_unit_test(straight_lines_are_whole_rows_of_pixels),
        cmocka_unit_test(dashes_come_in_their_lengths),
        cmocka_unit_test(clips_nest_and_end),
        cmocka_unit_test(text_stands_where_its_pen_and_alignment_say),
        cmocka_unit_test(text_at_90_degrees_is_the_transpose),
        cmocka_unit_test(text_at_45_degrees_keeps_its_area_and_climbs),
        cmocka_unit_test(senseless_numbers_draw_nothing_and_break_nothing),
        cmocka_unit_test(drawing_the_same_list_twice_gives_the_same_pixels),
        cmocka_unit_test(out_of_memory_is_an_error_and_the_canvas_lives_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
