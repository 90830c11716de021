/* Ids, registry, focus order, scopes: what scripts, keyboard users and the application lean on. */
#include "support/ui_driver.h"

#include <stdio.h>

typedef struct {
    bool extra, hide_first;
    const char *reason;
    int first, second, third;
    bool check, toggle, open;
    int segment, step;
    UiArea area, plain;
} Model;

static void draw(Driver *d)
{
    Model *m = d->self;
    static const char *const parts[] = {"row", "matrix", "fixed", NULL};
    ui_push(d->ui, "panel");
    if (m->extra)
        ui_button(d->ui, "extra", "Extra", rect(10, 400, 80, 28), false);
    if (!m->hide_first)
        m->first += ui_button(d->ui, "first", "First", rect(10, 10, 80, 28), false);
    ui_disable(d->ui, m->reason);
    m->second += ui_button(d->ui, "second", "Second", rect(10, 50, 80, 28), true);
    ui_enable(d->ui);
    ui_push(d->ui, "deep");
    m->third += ui_button(d->ui, "third", "Third", rect(10, 90, 80, 28), false);
    ui_pop(d->ui);
    ui_checkbox(d->ui, "check", "check", rect(10, 130, 100, 24), &m->check, false);
    ui_toggle(d->ui, "toggle", "toggle", rect(10, 160, 120, 24), &m->toggle);
    ui_segmented(d->ui, "range", "range", parts, rect(10, 190, 200, 28), &m->segment);
    ui_stepper(d->ui, "layer", "layer", rect(10, 230, 84, 28), &m->step, 3);
    ui_section(d->ui, "section", "Mask", "causal", rect(10, 262, 200, 28), &m->open);
    ui_pop(d->ui);
    m->area = ui_area(d->ui, "canvas", "canvas", rect(300, 10, 200, 200));
    m->plain = ui_area(d->ui, "splitter", NULL, rect(520, 10, 8, 200));
}

typedef struct {
    Driver d;
    Model m;
} Case;

static Case *begin(void)
{
    static Case c;
    c.m = (Model){0};
    drive_start(&c.d, draw, &c.m);
    return &c;
}

static const char *focused(Driver *d)
{
    int n;
    const UiItem *items = ui_items(d->ui, &n);
    for (int i = 0; i < n; i++)
        if (items[i].focused)
            return items[i].id;
    return "";
}

static void items_are_found_by_path_and_by_unique_tail(void **state)
{
    (void)state;
    Case *c = begin();
    const UiItem *item = ui_find(c->d.ui, "panel/deep/third");
    assert_non_null(item);
    assert_ptr_equal(ui_find(c->d.ui, "third"), item);
    assert_ptr_equal(ui_find(c->d.ui, "deep/third"), item);
    assert_null(ui_find(c->d.ui, "hird"));
    assert_null(ui_find(c->d.ui, "eep/third"));
    assert_null(ui_find(c->d.ui, "nothing"));
    assert_null(ui_find(c->d.ui, ""));
    assert_string_equal(item->label, "Third");
    assert_int_equal(item->role, ROLE_BUTTON);
    assert_string_equal(UI_ROLE_NAMES[item->role], "button");
    assert_string_equal(UI_ROLE_NAMES[ROLE_LABEL], "label");
    drive_stop(&c->d);
}

static void an_ambiguous_tail_finds_nothing(void **state)
{
    (void)state;
    Case *c = begin();
    assert_non_null(ui_find(c->d.ui, "layer/next"));
    Ui *ui = c->d.ui;
    ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
    static const char *const paths[] = {"a", "b", "x"};
    for (int i = 0; i < 3; i++) {
        ui_push(ui, paths[i]);
        ui_button(ui, i < 2 ? "x" : "only", "x", rect(0, 30 * (float)i, 10, 10), false);
        ui_pop(ui);
    }
    ui_end(ui);
    assert_null(ui_find(ui, "x"));
    assert_string_equal(ui_find(ui, "b/x")->id, "b/x");
    assert_string_equal(ui_find(ui, "only")->id, "x/only");
    drive_stop(&c->d);
}

static void tab_walks_in_drawing_order_and_wraps(void **state)
{
    (void)state;
    static const char *const order[] = {"panel/first", "panel/second",  "panel/deep/third",
                                        "panel/check", "panel/toggle",  "panel/range",
                                        "panel/layer", "panel/section", "canvas"};
    Case *c = begin();
    for (int i = 0; i < 20; i++) {
        drive_key(&c->d, KEY_TAB, 0);
        assert_true(c->d.key_taken);
        assert_string_equal(focused(&c->d), order[i % 9]);
    }
    for (int i = 18; i >= 0; i--) {
        drive_key(&c->d, KEY_TAB, MOD_SHIFT);
        assert_string_equal(focused(&c->d), order[i % 9]);
    }
    drive_stop(&c->d);
}

static void tab_skips_what_is_disabled(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.reason = "no file";
    drive_settle(&c->d);
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_TAB, 0);
    assert_string_equal(focused(&c->d), "panel/deep/third");
    assert_false(ui_find(c->d.ui, "second")->enabled);
    drive_stop(&c->d);
}

static void focus_stays_when_another_control_appears(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_TAB, 0);
    c->m.extra = true;
    drive_settle(&c->d);
    assert_string_equal(focused(&c->d), "panel/second");
    c->m.hide_first = true;
    drive_settle(&c->d);
    assert_string_equal(focused(&c->d), "panel/second");
    drive_stop(&c->d);
}

static void focus_goes_with_its_control(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_has_focus(c->d.ui));
    c->m.hide_first = true;
    drive_frame(&c->d);
    drive_frame(&c->d);
    drive_frame(&c->d);
    c->m.hide_first = false;
    drive_settle(&c->d);
    assert_false(ui_has_focus(c->d.ui));
    drive_stop(&c->d);
}

static void the_ring_shows_only_after_a_key(void **state)
{
    (void)state;
    Case *c = begin();
    Color ring = c->d.kit.theme->focus;
    drive_click(&c->d, "first");
    assert_false(drive_has_rect(&c->d, DRAW_FRAME, ring));
    drive_key(&c->d, KEY_TAB, 0);
    assert_string_equal(focused(&c->d), "panel/second"); /* on from the pressed one */
    assert_true(drive_has_rect(&c->d, DRAW_FRAME, ring));
    drive_click(&c->d, "second"); /* on the focused control itself */
    assert_false(drive_has_rect(&c->d, DRAW_FRAME, ring));
    assert_false(ui_has_focus(c->d.ui));
    drive_key(&c->d, KEY_TAB, 0);
    assert_string_equal(focused(&c->d), "panel/deep/third");
    drive_click_at(&c->d, 600, 400);
    assert_false(drive_has_rect(&c->d, DRAW_FRAME, ring));
    assert_false(ui_has_focus(c->d.ui));
    drive_stop(&c->d);
}

static void the_ring_lies_two_outside_the_shape(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    for (size_t i = 0; i < c->d.list.count; i++) {
        const DrawCommand *k = &c->d.list.items[i];
        if (k->kind == DRAW_FRAME && k->color == c->d.kit.theme->focus) {
            /* The middle of its line is 2 from the button at (10, 10). */
            assert_int_equal((int)(k->r.x + k->width / 2), 8);
            assert_int_equal((int)(k->r.y + k->width / 2), 8);
            assert_int_equal((int)k->width, 2);
        }
    }
    drive_stop(&c->d);
}

static void space_and_enter_activate_the_focused_button_only(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, ' ', 0);
    assert_false(c->d.key_taken);
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, ' ', 0);
    drive_key(&c->d, KEY_ENTER, 0);
    assert_true(c->d.key_taken);
    assert_int_equal(c->m.first, 2);
    c->d.in.key_repeat = true;
    drive_key(&c->d, ' ', 0);
    assert_int_equal(c->m.first, 2); /* a held key does not fire again */
    drive_key(&c->d, ' ', MOD_CTRL);
    assert_int_equal(c->m.first, 2);
    drive_key(&c->d, KEY_UP, 0);
    assert_false(c->d.key_taken);
    drive_click(&c->d, "second");
    drive_key(&c->d, ' ', 0);
    assert_false(c->d.key_taken); /* a press leaves the keys with the view */
    assert_int_equal(c->m.second, 1);
    drive_stop(&c->d);
}

static void a_click_is_press_and_release_on_the_same_control(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 50, 24);
    drive_press(&c->d, 1);
    drive_move(&c->d, 50, 64);
    drive_release(&c->d);
    assert_int_equal(c->m.first, 0);
    assert_int_equal(c->m.second, 0);
    drive_move(&c->d, 50, 24);
    drive_press(&c->d, 1);
    drive_move(&c->d, 50, 64);
    drive_move(&c->d, 52, 26);
    drive_release(&c->d);
    assert_int_equal(c->m.first, 1);
    /* Press and release may come within one frame. */
    c->d.in.pressed[0] = c->d.in.released[0] = true;
    drive_settle(&c->d);
    assert_int_equal(c->m.first, 2);
    drive_stop(&c->d);
}

static void a_disabled_button_gives_its_reason_at_once(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.reason = "needs q and k";
    drive_settle(&c->d);
    drive_click(&c->d, "second");
    assert_int_equal(c->m.second, 0);
    assert_non_null(drive_drawn(&c->d, "needs q and k"));
    drive_move(&c->d, 600, 400);
    assert_null(drive_drawn(&c->d, "needs q and k"));
    drive_stop(&c->d);
}

static void disabled_scopes_nest(void **state)
{
    (void)state;
    Case *c = begin();
    Ui *ui = c->d.ui;
    ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
    ui_disable(ui, "outer");
    ui_disable(ui, NULL);
    ui_button(ui, "a", "a", rect(0, 0, 10, 10), false);
    ui_enable(ui);
    ui_enable(ui);
    ui_disable(ui, NULL);
    ui_button(ui, "b", "b", rect(0, 20, 10, 10), false);
    ui_enable(ui);
    ui_end(ui);
    assert_false(ui_find(ui, "a")->enabled);
    assert_true(ui_find(ui, "b")->enabled);
    assert_true(ui_balanced(ui));
    drive_stop(&c->d);
}

static void an_unbalanced_frame_is_noticed_and_survived(void **state)
{
    (void)state;
    Case *c = begin();
    Ui *ui = c->d.ui;
    ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
    for (int i = 0; i < 100; i++) {
        ui_push(ui, "very-long-path-element-that-goes-on");
        ui_clip(ui, rect(0, 0, 100, 100));
        ui_disable(ui, "x");
        ui_float_begin(ui, "f", rect(0, 0, 10, 10));
        ui_scroll_begin(ui, "s", rect(0, 0, 50, 50), 500);
    }
    ui_button(ui, "deepest", "x", rect(0, 0, 10, 10), false);
    ui_end(ui);
    assert_false(ui_balanced(ui));
    ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
    ui_pop(ui);
    ui_unclip(ui);
    ui_enable(ui);
    ui_scroll_end(ui);
    ui_float_end(ui);
    ui_end(ui);
    assert_false(ui_balanced(ui));
    drive_settle(&c->d);
    drive_stop(&c->d);
}

static void segments_are_chosen_by_pointer_and_arrows(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "range/2");
    assert_int_equal(c->m.segment, 2);
    assert_true(ui_find(c->d.ui, "range/2")->checked);
    assert_string_equal(ui_find(c->d.ui, "range")->value, "fixed");
    ui_focus(c->d.ui, "panel/range");
    drive_settle(&c->d);
    drive_key(&c->d, KEY_LEFT, 0);
    assert_int_equal(c->m.segment, 1);
    drive_key(&c->d, KEY_RIGHT, 0);
    drive_key(&c->d, KEY_RIGHT, 0);
    assert_int_equal(c->m.segment, 2); /* no wrap */
    drive_key(&c->d, KEY_HOME, 0);
    assert_int_equal(c->m.segment, 0);
    drive_stop(&c->d);
}

static void segments_share_the_rest_equally(void **state)
{
    (void)state;
    Case *c = begin();
    /* 3, 6 and 5 characters of 6 points + 12 each: 30 + 48 + 42 = 120; 80 left, 26.7 each. */
    static const float width[] = {56.7f, 74.7f, 68.7f};
    float x = 10;
    for (int i = 0; i < 3; i++) {
        char id[16];
        snprintf(id, sizeof id, "range/%d", i);
        Rect r = ui_find(c->d.ui, id)->rect;
        assert_true(r.x > x - 1 && r.x < x + 1);
        assert_true(r.w > width[i] - 1.1f && r.w < width[i] + 1.1f);
        x += width[i];
    }
    drive_stop(&c->d);
}

static void check_boxes_and_toggles_flip(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "check");
    assert_true(c->m.check);
    assert_true(ui_find(c->d.ui, "check")->checked);
    assert_string_equal(ui_find(c->d.ui, "check")->value, "true");
    drive_click(&c->d, "toggle");
    assert_true(c->m.toggle);
    drive_click(&c->d, "toggle");
    assert_false(c->m.toggle);
    drive_click(&c->d, "section");
    assert_true(c->m.open);
    drive_stop(&c->d);
}

static void the_stepper_stops_at_its_ends(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "layer/back");
    assert_int_equal(c->m.step, 0);
    for (int i = 0; i < 5; i++)
        drive_click(&c->d, "layer/next");
    assert_int_equal(c->m.step, 2);
    ui_focus(c->d.ui, "panel/layer");
    drive_settle(&c->d);
    drive_key(&c->d, KEY_LEFT, 0);
    assert_int_equal(c->m.step, 1);
    drive_stop(&c->d);
}

static void an_area_reports_drags_wheel_and_buttons(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 400, 100);
    assert_true(c->m.area.hovered);
    c->d.in.wheel = vec2(0, 2);
    drive_frame(&c->d);
    assert_int_equal((int)c->m.area.wheel.y, 2);
    c->d.in.pressed[0] = c->d.in.held[0] = true;
    c->d.in.clicks = 2;
    c->d.in.mods = MOD_CTRL;
    drive_frame(&c->d);
    assert_true(c->m.area.pressed && c->m.area.double_clicked && c->m.area.dragging);
    assert_int_equal(c->m.area.mods, MOD_CTRL);
    c->d.in.mouse = vec2(700, 90);
    drive_frame(&c->d);
    assert_true(c->m.area.dragging);
    assert_int_equal((int)c->m.area.drag.x, 300);
    assert_int_equal((int)c->m.area.drag.y, -10);
    c->d.in.held[0] = false;
    c->d.in.released[0] = true;
    drive_frame(&c->d);
    assert_false(c->m.area.clicked); /* released outside */
    assert_false(c->m.area.dragging);
    drive_move(&c->d, 524, 50);
    c->d.in.pressed[MOUSE_RIGHT] = true;
    drive_frame(&c->d);
    assert_true(c->m.plain.right_clicked);
    assert_false(c->m.area.right_clicked);
    drive_stop(&c->d);
}

static void a_canvas_is_a_tab_stop_but_no_control(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, MOD_SHIFT);
    assert_string_equal(focused(&c->d), "canvas");
    assert_false(ui_has_focus(c->d.ui)); /* Space still means "next step" */
    c->d.in.key = KEY_ENTER;
    drive_frame(&c->d);
    assert_true(c->m.area.activated);
    assert_false(c->d.key_taken);
    drive_stop(&c->d);
}

static void a_script_s_scale_changes_nothing_but_pixels(void **state)
{
    (void)state;
    Case *c = begin();
    c->d.scale = 2;
    c->d.kit.scale = 2;
    c->d.in.pixel_w = 1280;
    c->d.in.pixel_h = 960;
    drive_settle(&c->d);
    drive_click(&c->d, "first"); /* the driver turns points into pixels */
    assert_int_equal(c->m.first, 1);
    assert_int_equal((int)ui_size(c->d.ui).x, 640);
    drive_stop(&c->d);
}

static void what_came_under_the_pointer_is_drawn_in_one_more_frame(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.hide_first = true;
    drive_settle(&c->d);
    drive_move(&c->d, 50, 24);
    c->m.hide_first = false;
    double now = c->d.in.time;
    drive_frame(&c->d);
    assert_true(c->d.out.wake == now); /* asks at once … */
    drive_frame(&c->d);
    assert_true(drive_has_rect(&c->d, DRAW_RECT, c->d.kit.theme->hover));
    drive_frame(&c->d);
    assert_true(c->d.out.wake == 0); /* … and rests when nothing moves */
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_found_by_path_and_by_unique_tail),
        cmocka_unit_test(an_ambiguous_tail_finds_nothing),
        cmocka_unit_test(tab_walks_in_drawing_order_and_wraps),
        cmocka_unit_test(tab_skips_what_is_disabled),
        cmocka_unit_test(focus_stays_when_another_control_appears),
        cmocka_unit_test(focus_goes_with_its_control),
        cmocka_unit_test(the_ring_shows_only_after_a_key),
        cmocka_unit_test(the_ring_lies_two_outside_the_shape),
        cmocka_unit_test(space_and_enter_activate_the_focused_button_only),
        cmocka_unit_test(a_click_is_press_and_release_on_the_same_control),
        cmocka_unit_test(a_disabled_button_gives_its_reason_at_once),
        cmocka_unit_test(disabled_scopes_nest),
        cmocka_unit_test(an_unbalanced_frame_is_noticed_and_survived),
        cmocka_unit_test(segments_are_chosen_by_pointer_and_arrows),
        cmocka_unit_test(segments_share_the_rest_equally),
        cmocka_unit_test(check_boxes_and_toggles_flip),
        cmocka_unit_test(the_stepper_stops_at_its_ends),
        cmocka_unit_test(an_area_reports_drags_wheel_and_buttons),
        cmocka_unit_test(a_canvas_is_a_tab_stop_but_no_control),
        cmocka_unit_test(a_script_s_scale_changes_nothing_but_pixels),
        cmocka_unit_test(what_came_under_the_pointer_is_drawn_in_one_more_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
