/* Positions come from the geometry of look.md: a slider at (20, 40) that is 256 wide runs its knob
 * from x = 27 to x = 269 at y = 71; five decades on 242 points. */
#include "support/ui_driver.h"

#include <math.h>
#include <stdio.h>

typedef struct {
    double value, dk, mass;
    const char *reason;
    int changes;
} Model;

static const SliderSpec TEMPERATURE = {.lo = 0.01,
                                       .hi = 100,
                                       .reset = 1,
                                       .typed_lo = 0,
                                       .typed_hi = 1000,
                                       .log = true,
                                       .decimals = 2,
                                       .ticks = 5,
                                       .zero_is_end = true,
                                       .zero_text = "argmax"};
static const SliderSpec DK = {
    .lo = 1, .hi = 65536, .reset = 64, .typed_lo = 1, .typed_hi = 65536, .log2_steps = true};
static const SliderSpec MASS = {
    .lo = 0, .hi = 1, .reset = 0.9, .typed_lo = 0, .typed_hi = 1, .factor = 100, .suffix = " %"};

static void draw(Driver *d)
{
    Model *m = d->self;
    ui_push(d->ui, "controls");
    ui_disable(d->ui, m->reason);
    m->changes += ui_slider(d->ui, "temperature", "temperature", rect(20, 40, 256, 44), &m->value,
                            &TEMPERATURE);
    ui_enable(d->ui);
    ui_slider(d->ui, "d_k", "d_k", rect(20, 100, 256, 44), &m->dk, &DK);
    ui_slider(d->ui, "mass", "kept mass", rect(20, 160, 256, 44), &m->mass, &MASS);
    ui_pop(d->ui);
}

typedef struct {
    Driver d;
    Model m;
} Case;

static Case *begin(void)
{
    static Case c;
    c.m = (Model){1, 64, 0.9, NULL, 0};
    drive_start(&c.d, draw, &c.m);
    return &c;
}

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("expected %.9g, found %.9g", want, got);
}

static void a_click_on_the_track_jumps_there(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click_at(&c->d, 148, 71); /* middle of 27…269 */
    near(c->m.value, 1, 1e-12);
    drive_click_at(&c->d, 208.5f, 71); /* three quarters: 10 */
    near(c->m.value, 10, 1e-12);
    drive_click_at(&c->d, 87.5f, 71); /* one quarter: 0.1 */
    near(c->m.value, 0.1, 1e-12);
    drive_stop(&c->d);
}

static void a_drag_keeps_the_grabbed_point_under_the_pointer(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 152, 71); /* 4 right of the knob's centre */
    drive_press(&c->d, 1);
    near(c->m.value, 1, 0); /* a press on the knob changes nothing */
    assert_true(ui_busy(c->d.ui));
    drive_move(&c->d, 152 + 60.5f, 71);
    near(c->m.value, 10, 1e-12);
    drive_move(&c->d, 5000, 300); /* far outside: the end of the track */
    near(c->m.value, 100, 0);
    drive_move(&c->d, -5000, 71);
    near(c->m.value, 0.01, 0);
    drive_release(&c->d);
    assert_false(ui_busy(c->d.ui));
    drive_move(&c->d, 200, 71);
    near(c->m.value, 0.01, 0); /* released */
    drive_stop(&c->d);
}

static void a_drag_gives_the_value_that_is_shown(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 148, 71);
    drive_press(&c->d, 1);
    for (float x = 30; x < 268; x += 3.7f) {
        drive_move(&c->d, x, 71);
        const UiItem *item = ui_find(c->d.ui, "temperature");
        double shown = 0;
        assert_int_equal(sscanf(item->value, "%lf", &shown), 1);
        near(c->m.value, shown, 1e-12);
        near(c->m.value, 0.01 * pow(1e4, (x - 27.0) / 242), c->m.value * 0.05 + 0.005);
    }
    drive_release(&c->d);
    drive_stop(&c->d);
}

static void the_label_is_no_part_of_the_track(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click_at(&c->d, 40, 50);
    near(c->m.value, 1, 0);
    assert_int_equal(c->m.changes, 0);
    drive_stop(&c->d);
}

static void a_double_click_resets(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.value = 42;
    drive_move(&c->d, 100, 71);
    drive_press(&c->d, 1);
    drive_release(&c->d);
    assert_true(c->m.value < 1);
    drive_press(&c->d, 2);
    near(c->m.value, 1, 0);
    drive_move(&c->d, 130, 71); /* the hand trembles: still reset */
    near(c->m.value, 1, 0);
    drive_release(&c->d);
    near(c->m.value, 1, 0);
    drive_stop(&c->d);
}

static void the_wheel_moves_a_hundredth_of_the_track(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 60, 71);
    drive_wheel(&c->d, 1, 0);
    near(c->m.value, 1.10, 1e-12); /* 10^(4/100) = 1.0965 → 1.10 */
    c->d.in.time += 2;
    drive_wheel(&c->d, -1, 0);
    near(c->m.value, 1.00, 1e-12);
    drive_wheel(&c->d, 1, MOD_SHIFT);
    near(c->m.value, 1.009, 1e-12); /* 10^(4/1000) = 1.00925, one digit finer */
    drive_move(&c->d, 400, 400);
    drive_wheel(&c->d, 5, 0);
    near(c->m.value, 1.009, 1e-12); /* not hovered */
    drive_stop(&c->d);
}

static void a_parked_value_comes_back_by_wheel(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.value = 500;
    drive_move(&c->d, 60, 71);
    drive_wheel(&c->d, 1, 0);
    near(c->m.value, 500, 0); /* already beyond the end */
    drive_wheel(&c->d, -1, 0);
    near(c->m.value, 91.2, 0.01); /* 100 · 10^(−0.04) */
    c->m.value = 0;
    drive_wheel(&c->d, -1, 0);
    near(c->m.value, 0, 0);
    drive_wheel(&c->d, 1, 0);
    near(c->m.value, 0.011, 1e-9);
    drive_stop(&c->d);
}

static void arrow_keys_act_only_with_focus(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_RIGHT, 0);
    near(c->m.value, 1, 0);
    assert_false(c->d.key_taken);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "temperature")->focused);
    drive_key(&c->d, KEY_RIGHT, 0);
    assert_true(c->d.key_taken);
    near(c->m.value, 1.10, 1e-12);
    drive_key(&c->d, KEY_DOWN, 0);
    near(c->m.value, 1.00, 1e-12);
    drive_key(&c->d, KEY_LEFT, MOD_SHIFT);
    near(c->m.value, 0.991, 1e-12); /* 10^(−4/1000) = 0.99083 at three digits */
    drive_key(&c->d, KEY_HOME, 0);
    near(c->m.value, 0.01, 0);
    drive_key(&c->d, KEY_END, 0);
    near(c->m.value, 100, 0);
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_true(c->d.key_taken);
    drive_key(&c->d, KEY_LEFT, 0);
    near(c->m.value, 100, 0); /* Esc gave the arrows back to the view */
    assert_false(c->d.key_taken);
    drive_stop(&c->d);
}

static void a_pointer_press_gives_no_focus(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click_at(&c->d, 208.5f, 71);
    assert_false(ui_has_focus(c->d.ui));
    drive_key(&c->d, KEY_LEFT, 0);
    assert_false(c->d.key_taken);
    near(c->m.value, 10, 1e-12);
    drive_key(&c->d, KEY_TAB, 0); /* goes on from where the pointer was */
    assert_true(ui_find(c->d.ui, "d_k")->focused);
    drive_stop(&c->d);
}

static void the_d_k_slider_snaps_to_powers_of_two(void **state)
{
    (void)state;
    Case *c = begin();
    Vec2 at;
    assert_true(ui_find_track(c->d.ui, "d_k", 64, &at));
    near(at.x, 27 + 242 * 6.0 / 16, 1e-3);
    drive_move(&c->d, at.x, at.y);
    drive_press(&c->d, 1);
    for (float x = 20; x < 280; x += 1.3f) {
        drive_move(&c->d, x, at.y);
        double exponent = log2(c->m.dk);
        near(exponent, round(exponent), 0);
    }
    drive_release(&c->d);
    assert_true(ui_find_track(c->d.ui, "d_k", 100, &at));
    drive_move(&c->d, at.x - 40, at.y);
    drive_press(&c->d, 1);
    c->d.in.mods = MOD_SHIFT;
    drive_move(&c->d, at.x, at.y);
    near(c->m.dk, 100, 1); /* Shift: whole numbers between */
    near(c->m.dk, round(c->m.dk), 0);
    drive_release(&c->d);
    c->m.dk = 64;
    ui_focus(c->d.ui, "controls/d_k");
    drive_settle(&c->d);
    drive_key(&c->d, KEY_RIGHT, 0);
    near(c->m.dk, 128, 0);
    drive_key(&c->d, KEY_LEFT, MOD_SHIFT);
    near(c->m.dk, 127, 0);
    drive_key(&c->d, KEY_RIGHT, 0);
    near(c->m.dk, 128, 0);
    drive_stop(&c->d);
}

static void a_value_is_typed_into_its_box(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "temperature/value");
    assert_true(ui_typing(c->d.ui));
    assert_true(c->d.out.want_text);
    assert_true(c->d.out.text_rect.x > 200 && c->d.out.text_rect.x < 276);
    drive_text(&c->d, "0.25"); /* all was selected: it replaces */
    near(c->m.value, 1, 0);    /* not yet */
    drive_key(&c->d, KEY_ENTER, 0);
    assert_true(c->d.key_taken);
    near(c->m.value, 0.25, 0);
    assert_false(ui_typing(c->d.ui));
    assert_false(ui_has_focus(c->d.ui)); /* began by pointer: the keys go back to the view */
    drive_stop(&c->d);
}

static void typed_values_may_leave_the_track(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        double want;
        const char *shown;
    } cases[] = {
        {"0", 0, "0"},          {"1000", 1000, "1\u2009000.00"}, {"250", 250, "250.00"},
        {".5", 0.5, "0.50"},    {"0,125", 0.125, "0.125"},       {" 7. ", 7, "7.00"},
        {"1e2", 100, "100.00"}, {"0.001", 0.001, "0.001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Case *c = begin();
        drive_click(&c->d, "temperature/value");
        drive_text(&c->d, cases[i].typed);
        drive_key(&c->d, KEY_ENTER, 0);
        near(c->m.value, cases[i].want, 1e-15);
        drive_move(&c->d, 600, 400);
        assert_string_equal(ui_find(c->d.ui, "temperature")->value, cases[i].shown);
        assert_non_null(drive_drawn(&c->d, cases[i].shown));
        drive_stop(&c->d);
    }
}

static void the_largest_figures_are_not_cut(void **state)
{
    (void)state;
    static const double values[] = {1000, 999.99, 123.456789};
    static const char *const shown[] = {"1\u2009000.00", "999.99", "123.456789"};
    for (int i = 0; i < 3; i++) {
        Case *c = begin();
        c->m.value = values[i];
        c->m.dk = 65536;
        drive_move(&c->d, 600, 400);
        assert_non_null(drive_drawn(&c->d, shown[i]));
        assert_non_null(drive_drawn(&c->d, "65\u2009536"));
        drive_stop(&c->d);
    }
}

static void zero_says_argmax_and_parks_the_knob(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.value = 0;
    drive_settle(&c->d);
    assert_non_null(drive_drawn(&c->d, "argmax"));
    Vec2 at;
    assert_true(ui_find_track(c->d.ui, "temperature", 0, &at));
    near(at.x, 27, 0);
    c->m.value = 1;
    drive_settle(&c->d);
    assert_null(drive_drawn(&c->d, "argmax"));
    drive_stop(&c->d);
}

static void a_refused_value_shows_the_range_and_keeps_the_old_one(void **state)
{
    (void)state;
    static const char *const bad[] = {"−1",  "-1",  "1001",  "abc",  "1.2.3", "",
                                      "nan", "inf", "1 2 x", "0x10", "--1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Case *c = begin();
        c->m.value = 3;
        drive_settle(&c->d);
        drive_click(&c->d, "temperature/value");
        drive_key(&c->d, KEY_BACKSPACE, 0);
        if (bad[i][0] != '\0')
            drive_text(&c->d, bad[i]);
        drive_key(&c->d, KEY_ENTER, 0);
        near(c->m.value, 3, 0);
        assert_true(ui_typing(c->d.ui));
        assert_non_null(drive_drawn(&c->d, "0 … 1000"));
        assert_true(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->err));
        drive_key(&c->d, 'a', MOD_CTRL);
        drive_text(&c->d, "5");
        assert_null(drive_drawn(&c->d, "0 … 1000")); /* typing on takes the complaint back */
        drive_key(&c->d, KEY_ESCAPE, 0);
        near(c->m.value, 3, 0);
        assert_false(ui_typing(c->d.ui));
        assert_int_equal(c->m.changes, 0);
        drive_stop(&c->d);
    }
}

static void leaving_the_box_commits_what_can_be_read(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "temperature/value");
    drive_text(&c->d, "2.5");
    drive_click_at(&c->d, 600, 400);
    near(c->m.value, 2.5, 0);
    drive_click(&c->d, "temperature/value");
    drive_text(&c->d, "rubbish");
    drive_click_at(&c->d, 600, 400);
    near(c->m.value, 2.5, 0);
    assert_false(ui_typing(c->d.ui));
    drive_click(&c->d, "mass/value"); /* from one box straight into another, drawn before it */
    drive_text(&c->d, "50");
    drive_click(&c->d, "temperature/value");
    near(c->m.mass, 0.5, 0);
    assert_true(ui_typing(c->d.ui));
    drive_stop(&c->d);
}

static void an_untouched_text_keeps_the_value_exactly(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.value = 1.0 / 3;
    drive_settle(&c->d);
    drive_click(&c->d, "temperature/value");
    drive_key(&c->d, KEY_ENTER, 0);
    near(c->m.value, 1.0 / 3, 0);
    assert_int_equal(c->m.changes, 0);
    drive_stop(&c->d);
}

static void digits_on_a_focused_slider_begin_a_value(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, '4', 0);
    assert_true(c->d.key_taken);
    assert_true(ui_typing(c->d.ui));
    drive_text(&c->d, "2");
    drive_key(&c->d, KEY_ENTER, 0);
    near(c->m.value, 42, 0);
    assert_true(ui_find(c->d.ui, "temperature")->focused); /* began by key: focus stays */
    drive_text(&c->d, "7"); /* a keyboard whose digits need Shift sends text only */
    drive_key(&c->d, KEY_ENTER, 0);
    near(c->m.value, 7, 0);
    ui_type_into(c->d.ui, "mass");
    drive_settle(&c->d);
    drive_text(&c->d, "25");
    drive_key(&c->d, KEY_ENTER, 0);
    near(c->m.mass, 0.25, 0);
    drive_stop(&c->d);
}

static void percents_are_shown_and_typed_as_percents(void **state)
{
    (void)state;
    Case *c = begin();
    assert_non_null(drive_drawn(&c->d, "90 %"));
    drive_click(&c->d, "mass/value");
    drive_text(&c->d, "12.5 %");
    drive_key(&c->d, KEY_ENTER, 0);
    near(c->m.mass, 0.125, 0);
    drive_move(&c->d, 60, 191);
    c->m.mass = 0.5;
    drive_wheel(&c->d, 1, 0);
    near(c->m.mass, 0.51, 1e-12);
    drive_stop(&c->d);
}

static void a_disabled_slider_takes_nothing_and_says_why(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.reason = "file has no q, k";
    drive_settle(&c->d);
    drive_click_at(&c->d, 208.5f, 71);
    drive_click(&c->d, "temperature/value");
    drive_wheel(&c->d, 3, 0);
    drive_text(&c->d, "5");
    near(c->m.value, 1, 0);
    assert_false(ui_typing(c->d.ui));
    assert_false(ui_find(c->d.ui, "temperature")->enabled);
    drive_move(&c->d, 300, 300);
    assert_null(drive_drawn(&c->d, "file has no q, k"));
    drive_move(&c->d, 100, 71);
    assert_non_null(drive_drawn(&c->d, "file has no q, k")); /* at once, no 400 ms */
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "d_k")->focused);
    drive_stop(&c->d);
}

static void being_disabled_in_mid_drag_ends_the_drag(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 148, 71);
    drive_press(&c->d, 1);
    c->m.reason = "no tokens";
    drive_move(&c->d, 200, 71);
    near(c->m.value, 1, 0);
    assert_false(ui_busy(c->d.ui));
    drive_release(&c->d);
    drive_stop(&c->d);
}

static void losing_the_window_ends_the_drag(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 148, 71);
    drive_press(&c->d, 1);
    c->d.in.focus_lost = true;
    c->d.in.held[MOUSE_LEFT] = false;
    drive_settle(&c->d);
    drive_move(&c->d, 250, 71);
    near(c->m.value, 1, 0);
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_click_on_the_track_jumps_there),
        cmocka_unit_test(a_drag_keeps_the_grabbed_point_under_the_pointer),
        cmocka_unit_test(a_drag_gives_the_value_that_is_shown),
        cmocka_unit_test(the_label_is_no_part_of_the_track),
        cmocka_unit_test(a_double_click_resets),
        cmocka_unit_test(the_wheel_moves_a_hundredth_of_the_track),
        cmocka_unit_test(a_parked_value_comes_back_by_wheel),
        cmocka_unit_test(arrow_keys_act_only_with_focus),
        cmocka_unit_test(a_pointer_press_gives_no_focus),
        cmocka_unit_test(the_d_k_slider_snaps_to_powers_of_two),
        cmocka_unit_test(a_value_is_typed_into_its_box),
        cmocka_unit_test(typed_values_may_leave_the_track),
        cmocka_unit_test(the_largest_figures_are_not_cut),
        cmocka_unit_test(zero_says_argmax_and_parks_the_knob),
        cmocka_unit_test(a_refused_value_shows_the_range_and_keeps_the_old_one),
        cmocka_unit_test(leaving_the_box_commits_what_can_be_read),
        cmocka_unit_test(an_untouched_text_keeps_the_value_exactly),
        cmocka_unit_test(digits_on_a_focused_slider_begin_a_value),
        cmocka_unit_test(percents_are_shown_and_typed_as_percents),
        cmocka_unit_test(a_disabled_slider_takes_nothing_and_says_why),
        cmocka_unit_test(being_disabled_in_mid_drag_ends_the_drag),
        cmocka_unit_test(losing_the_window_ends_the_drag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
