#include "support/check.h"

#include "draw/marks.h"
#include "draw/trace.h"

#include <string.h>

typedef struct {
    Font font;
    TextKit kit;
    DrawList list;
} Sheet;

static void sheet_init(Sheet *s, ThemeId id)
{
    s->font = font_fixed();
    s->kit = (TextKit){&s->font, 1, theme(id)};
    draw_list_init(&s->list);
}

static void expect(Sheet *s, const char *want)
{
    Buf text;
    Error err = {0};
    buf_init(&text, BUF_NO_LIMIT);
    assert_true(trace_write(&text, &s->list, &err));
    assert_string_equal(buf_string(&text), want);
    buf_free(&text);
    draw_list_reset(&s->list);
}

static void states_differ_by_shape_and_ground(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_LIGHT);
    Color color = s.kit.theme->text2;
    Rect box = {100, 50, 60, 20};
    mark_token(&s.list, &s.kit, box, ALIGN_RIGHT, MARK_PLAIN, color, "it");
    expect(&s, "text 148 64 \"it\" sans 12 #FF454C54\n");
    Rect pill = mark_token(&s.list, &s.kit, box, ALIGN_RIGHT, MARK_LOCKED, color, "it");
    expect(&s, "rect 142 50 24 20 radius 3 #FF20262D\n"
               "text 148 64 \"it\" sans 12 #FFFFFFFF\n");
    assert_true(pill.x == 142 && pill.w == 24 && pill.h == 20); /* 6 beyond the text */
    mark_token(&s.list, &s.kit, box, ALIGN_LEFT, MARK_HOVER, color, "it");
    expect(&s, "rect 94 50 24 20 radius 3 #FFFFFFFF\n"
               "frame 94 50 24 20 radius 3 width 1.5 #FF20262D\n"
               "text 100 64 \"it\" sans 12 #FF15181C\n");
    draw_list_free(&s.list);
}

static void pills_are_lower_in_low_rows_and_hug_cut_text(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_LIGHT);
    TextStyle style = {FACE_SANS, 12, 0xFF000000u, ALIGN_LEFT, 0};
    bool cut = false;
    Rect pill =
        mark_token_in(&s.list, &s.kit, rect(0, 0, 30, 16), &style, MARK_LOCKED, "animals", &cut);
    assert_true(cut);
    assert_true(pill.h == 18 && pill.y == -1);
    assert_true(pill.w == 30 + 12); /* four letters and the ellipsis */
    draw_list_free(&s.list);
}

static void turned_labels_keep_their_pen(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_DARK);
    mark_token_turned(&s.list, &s.kit, vec2(10, 90), 45, 84, MARK_PLAIN, 0xFFAABBCCu, "the");
    expect(&s, "text 10 90 \"the\" sans 12 #FFAABBCC rotate 45\n");
    mark_token_turned(&s.list, &s.kit, vec2(10, 90), 90, 84, MARK_LOCKED, 0, "the");
    assert_int_equal(s.list.count, 2);
    const DrawCommand *pill = &s.list.items[0];
    assert_int_equal(pill->kind, DRAW_POLY);
    for (int i = 0; i < pill->corners; i++) { /* 6 before and behind 18 of text, upward */
        assert_true(pill->points[i].y >= 90 - 24.01f && pill->points[i].y <= 96.01f);
        assert_true(pill->points[i].x >= 10 - 4.33f - 10 && pill->points[i].x <= 10 - 4.31f + 10);
    }
    assert_int_equal(s.list.items[1].color, 0);
    assert_int_equal(s.list.items[1].style.color, s.kit.theme->onink);
    draw_list_free(&s.list);
}

static void frames_stand_around_rows_and_inside_cells(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_LIGHT);
    mark_row(&s.list, &s.kit, rect(10, 20, 100, 30));
    expect(&s, "frame 7 17 106 36 width 1 #FFFFFFFF\n"
               "frame 8 18 104 34 radius 2 width 2 #FF20262D\n");
    mark_cell(&s.list, &s.kit, rect(10, 20, 26, 32));
    expect(&s, "frame 11 21 24 30 width 1 #FF000000\n"
               "frame 12 22 22 28 width 2 #FFFFFFFF\n");
    draw_list_free(&s.list);
}

static void broken_numbers_have_a_cross_or_a_triangle(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_LIGHT);
    mark_nan(&s.list, rect(0, 0, 20, 20), 0xFF990000u);
    assert_int_equal(s.list.count, 3);
    draw_list_reset(&s.list);
    mark_infinite(&s.list, rect(0, 0, 20, 20), 0xFF990000u, true);
    expect(&s, "rect 0 0 20 20 #FF990000\n"
               "poly 10 5 5 15 15 15 #FFFFFFFF\n");
    mark_infinite(&s.list, rect(0, 0, 20, 20), 0xFF990000u, false);
    expect(&s, "rect 0 0 20 20 #FF990000\n"
               "poly 10 15 5 5 15 5 #FFFFFFFF\n");
    draw_list_free(&s.list);
}

static void everything_grows_with_the_projector(void **state)
{
    (void)state;
    Sheet s;
    sheet_init(&s, THEME_PROJECTOR);
    float u = s.kit.theme->unit;
    Rect pill = mark_token(&s.list, &s.kit, rect(0, 0, 80, 30), ALIGN_LEFT, MARK_LOCKED, 0, "it");
    check_close((double)pill.h, 20 * (double)u, 1e-5);
    assert_true(pill.w >= 2 * 0.5f * s.kit.theme->body + 12 * u - 1);
    draw_list_free(&s.list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_differ_by_shape_and_ground),
        cmocka_unit_test(pills_are_lower_in_low_rows_and_hug_cut_text),
        cmocka_unit_test(turned_labels_keep_their_pen),
        cmocka_unit_test(frames_stand_around_rows_and_inside_cells),
        cmocka_unit_test(broken_numbers_have_a_cross_or_a_triangle),
        cmocka_unit_test(everything_grows_with_the_projector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
