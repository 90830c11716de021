/* A scroll area at (20, 20), 200 × 200, with 30 rows of 28 (840 points): 640 to scroll. */
#include "support/ui_driver.h"

#include <stdio.h>

typedef struct {
    int rows, chosen;
    bool slider;
    double value;
    float offset;
    UiArea area;
} Model;

static void draw(Driver *d)
{
    Model *m = d->self;
    ui_button(d->ui, "before", "Before", rect(300, 20, 80, 28), false);
    UiScroll s = ui_scroll_begin(d->ui, "list", rect(20, 20, 200, 200), 28.0f * (float)m->rows);
    m->offset = s.offset;
    for (int i = 0; i < m->rows; i++) {
        char name[16];
        snprintf(name, sizeof name, "row%d", i);
        Rect r = rect(s.view.x, s.view.y + 28 * (float)i - s.offset, 180, 28);
        if (i == 1 && m->slider) {
            const SliderSpec spec = {.lo = 0, .hi = 1, .typed_hi = 1, .decimals = 2};
            ui_slider(d->ui, "slider", "slider", r, &m->value, &spec);
        } else if (i == 2) {
            m->area = ui_area(d->ui, "chart", "chart", r);
        } else if (ui_list_row(d->ui, name, NULL, name, r, i == m->chosen)) {
            m->chosen = i;
        }
    }
    ui_scroll_end(d->ui);
    ui_button(d->ui, "after", "After", rect(300, 60, 80, 28), false);
}

typedef struct {
    Driver d;
    Model m;
} Case;

static Case *begin(void)
{
    static Case c;
    c.m = (Model){.rows = 30, .chosen = -1};
    drive_start(&c.d, draw, &c.m);
    return &c;
}

static void the_wheel_scrolls_within_the_ends(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 100, 200);
    drive_wheel(&c->d, -1, 0);
    assert_int_equal((int)c->m.offset, 48);
    drive_wheel(&c->d, 5, 0);
    assert_int_equal((int)c->m.offset, 0);
    for (int i = 0; i < 40; i++)
        drive_wheel(&c->d, -1, 0);
    assert_int_equal((int)c->m.offset, 640);
    drive_move(&c->d, 500, 400);
    drive_wheel(&c->d, 3, 0);
    assert_int_equal((int)c->m.offset, 640);
    drive_stop(&c->d);
}

static void shorter_content_pulls_the_offset_back(void **state)
{
    (void)state;
    Case *c = begin();
    ui_scroll_to(c->d.ui, "list", 800, 840);
    drive_settle(&c->d);
    assert_int_equal((int)c->m.offset, 640);
    c->m.rows = 10;
    drive_settle(&c->d);
    assert_int_equal((int)c->m.offset, 80);
    c->m.rows = 3;
    drive_settle(&c->d);
    assert_int_equal((int)c->m.offset, 0);
    drive_stop(&c->d);
}

static void rows_outside_the_view_are_not_hit(void **state)
{
    (void)state;
    Case *c = begin();
    const UiItem *row = ui_find(c->d.ui, "row10"); /* at 300, below the view */
    assert_false(row->visible);
    drive_click(&c->d, "row10");
    assert_int_equal(c->m.chosen, -1);
    drive_click(&c->d, "row4");
    assert_int_equal(c->m.chosen, 4);
    drive_stop(&c->d);
}

static void the_thumb_follows_the_hand(void **state)
{
    (void)state;
    Case *c = begin();
    /* Track 196 high, thumb 196 · 200 / 840 = 46.7, free 149.3 for 640 points. */
    drive_move(&c->d, 214, 40);
    drive_press(&c->d, 1);
    drive_move(&c->d, 300, 40 + 74.7f);
    assert_true(c->m.offset > 315 && c->m.offset < 325);
    drive_move(&c->d, 214, 1000);
    assert_int_equal((int)c->m.offset, 640);
    drive_move(&c->d, 214, 40);
    assert_int_equal((int)c->m.offset, 0);
    drive_release(&c->d);
    assert_int_equal(c->m.chosen, -1); /* the rows below the bar got nothing */
    drive_stop(&c->d);
}

static void a_press_beside_the_thumb_goes_a_page(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click_at(&c->d, 214, 210);
    assert_int_equal((int)c->m.offset, 180);
    drive_click_at(&c->d, 214, 22);
    assert_int_equal((int)c->m.offset, 0);
    drive_stop(&c->d);
}

static void the_bar_is_six_wide_and_ten_under_the_pointer(void **state)
{
    (void)state;
    Case *c = begin();
    for (int pass = 0; pass < 2; pass++) {
        bool found = false;
        Color thumb = pass == 0 ? c->d.kit.theme->line3 : c->d.kit.theme->text2;
        for (size_t i = 0; i < c->d.list.count; i++) {
            const DrawCommand *k = &c->d.list.items[i];
            if (k->kind == DRAW_RECT && k->color == thumb) {
                found = true;
                assert_int_equal((int)k->r.w, pass == 0 ? 6 : 10);
            }
        }
        assert_true(found);
        drive_move(&c->d, 214, 100);
    }
    c->m.rows = 2000;
    drive_move(&c->d, 400, 400);
    for (size_t i = 0; i < c->d.list.count; i++) {
        const DrawCommand *k = &c->d.list.items[i];
        if (k->kind == DRAW_RECT && k->color == c->d.kit.theme->line3)
            assert_int_equal((int)k->r.h, 32);
    }
    drive_stop(&c->d);
}

static void tab_scrolls_to_what_it_focuses(void **state)
{
    (void)state;
    Case *c = begin();
    for (int i = 0; i < 16; i++)
        drive_key(&c->d, KEY_TAB, 0);
    const UiItem *row = ui_find(c->d.ui, "row14");
    assert_true(row->focused);
    assert_true(row->rect.y >= 20 && row->rect.y + row->rect.h <= 220);
    drive_key(&c->d, KEY_TAB, MOD_SHIFT);
    assert_true(ui_find(c->d.ui, "row13")->focused);
    ui_focus(c->d.ui, "row0");
    drive_settle(&c->d);
    assert_int_equal((int)c->m.offset, 0);
    drive_stop(&c->d);
}

static void a_scrolling_gesture_does_not_turn_a_slider(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.slider = true;
    drive_settle(&c->d);
    ui_scroll_to(c->d.ui, "list", 48, 248);
    drive_settle(&c->d);
    drive_move(&c->d, 100,
               60); /* a row is here; the slider, 28 … 56 of the content, is further up */
    drive_wheel(&c->d, 1, 0); /* scrolls, and the slider arrives under the pointer */
    assert_int_equal((int)c->m.offset, 0);
    drive_wheel(&c->d, 1, 0);
    assert_true(c->m.value == 0);
    c->d.in.time += 1;
    drive_wheel(&c->d, 1, 0); /* a new gesture over the slider */
    assert_true(c->m.value > 0);
    assert_int_equal((int)c->m.offset, 0);
    double before = c->m.value;
    drive_wheel(&c->d, -3, 0); /* the same gesture stays with the slider */
    assert_true(c->m.value < before);
    assert_int_equal((int)c->m.offset, 0);
    drive_stop(&c->d);
}

static void a_canvas_inside_leaves_the_wheel_to_the_list(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 100, 90); /* row 2 is a canvas: 76…104 */
    drive_wheel(&c->d, -1, 0);
    assert_int_equal((int)c->m.offset, 48);
    c->m.rows = 5; /* nothing to scroll: it gets the wheel */
    drive_settle(&c->d);
    c->d.in.time += 1;
    drive_move(&c->d, 100, 90);
    c->d.in.wheel = vec2(0, -1);
    drive_frame(&c->d);
    assert_int_equal((int)c->m.area.wheel.y, -1);
    drive_stop(&c->d);
}

static void many_areas_keep_their_own_offsets(void **state)
{
    (void)state;
    Case *c = begin();
    Ui *ui = c->d.ui;
    for (int pass = 0; pass < 2; pass++) {
        draw_list_reset(&c->d.list);
        ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
        for (int i = 0; i < 500; i++) {
            char name[16];
            snprintf(name, sizeof name, "area%d", i);
            if (pass == 0)
                ui_scroll_to(ui, name, (float)i, 100.0f + (float)i);
            UiScroll s = ui_scroll_begin(ui, name, rect(0, 0, 100, 100), 1000);
            assert_int_equal((int)s.offset, i);
            ui_scroll_end(ui);
        }
        ui_end(ui);
    }
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wheel_scrolls_within_the_ends),
        cmocka_unit_test(shorter_content_pulls_the_offset_back),
        cmocka_unit_test(rows_outside_the_view_are_not_hit),
        cmocka_unit_test(the_thumb_follows_the_hand),
        cmocka_unit_test(a_press_beside_the_thumb_goes_a_page),
        cmocka_unit_test(the_bar_is_six_wide_and_ten_under_the_pointer),
        cmocka_unit_test(tab_scrolls_to_what_it_focuses),
        cmocka_unit_test(a_scrolling_gesture_does_not_turn_a_slider),
        cmocka_unit_test(a_canvas_inside_leaves_the_wheel_to_the_list),
        cmocka_unit_test(many_areas_keep_their_own_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
