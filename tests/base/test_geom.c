#include "base/geom.h"
#include "support/check.h"

static void check_rect(Rect got, float x, float y, float w, float h)
{
    check_close((double)got.x, (double)x, 0);
    check_close((double)got.y, (double)y, 0);
    check_close((double)got.w, (double)w, 0);
    check_close((double)got.h, (double)h, 0);
}

static void a_rectangle_has_its_left_and_top_edge_only(void **state)
{
    (void)state;
    Rect r = rect(10, 20, 30, 40);
    assert_true(rect_has(r, vec2(10, 20)));
    assert_true(rect_has(r, vec2(39.5f, 59.5f)));
    assert_false(rect_has(r, vec2(40, 30)));
    assert_false(rect_has(r, vec2(20, 60)));
    assert_false(rect_has(r, vec2(9.5f, 30)));
    assert_false(rect_has(rect(10, 20, 0, 40), vec2(10, 20)));
    check_close((double)rect_right(r), 40, 0);
    check_close((double)rect_bottom(r), 60, 0);
}

static void cuts_take_one_side_and_leave_the_rest(void **state)
{
    (void)state;
    Rect r = rect(0, 0, 100, 50);
    check_rect(rect_cut_left(&r, 10), 0, 0, 10, 50);
    check_rect(r, 10, 0, 90, 50);
    check_rect(rect_cut_right(&r, 20), 80, 0, 20, 50);
    check_rect(r, 10, 0, 70, 50);
    check_rect(rect_cut_top(&r, 5), 10, 0, 70, 5);
    check_rect(r, 10, 5, 70, 45);
    check_rect(rect_cut_bottom(&r, 15), 10, 35, 70, 15);
    check_rect(r, 10, 5, 70, 30);
    check_rect(rect_inset(r, 5), 15, 10, 60, 20);
}

static void rectangles_meet_in_what_both_have(void **state)
{
    (void)state;
    check_rect(rect_meet(rect(0, 0, 10, 10), rect(5, 6, 10, 10)), 5, 6, 5, 4);
    check_rect(rect_meet(rect(0, 0, 10, 10), rect(2, 3, 4, 5)), 2, 3, 4, 5);
    Rect apart = rect_meet(rect(0, 0, 10, 10), rect(20, 0, 10, 10));
    check_close((double)apart.w, 0, 0);
    Rect touching = rect_meet(rect(0, 0, 10, 10), rect(0, 10, 10, 10));
    check_close((double)touching.h, 0, 0);
}

static void values_are_clamped_into_their_range(void **state)
{
    (void)state;
    assert_int_equal(clampi(-5, -2, 3), -2);
    assert_int_equal(clampi(5, -2, 3), 3);
    assert_int_equal(clampi(1, -2, 3), 1);
    check_close((double)clampf(-5, -2, 3), -2, 0);
    check_close((double)clampf(5, -2, 3), 3, 0);
    check_close((double)clampf(0.5f, -2, 3), 0.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rectangle_has_its_left_and_top_edge_only),
        cmocka_unit_test(cuts_take_one_side_and_leave_the_rest),
        cmocka_unit_test(rectangles_meet_in_what_both_have),
        cmocka_unit_test(values_are_clamped_into_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
