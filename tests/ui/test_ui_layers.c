/* Popups, modals and floats: who gets the pointer and the keys, what is drawn last. */
#include "support/ui_driver.h"

typedef struct {
    bool modal, panel, notice, drop_inner;
    int under, inside, dismissed, ok, choice, presses;
    double value;
} Model;

static const char *const NAMES[] = {"one", "two", "three", NULL};

static void draw_window(Driver *d, Model *m)
{
    m->under += ui_button(d->ui, "under", "Under", rect(100, 100, 200, 28), false);
    if (ui_button(d->ui, "menu", "Menu", rect(10, 10, 80, 28), false))
        ui_popup_open(d->ui, "menu-popup");
    const SliderSpec spec = {.lo = 0, .hi = 1, .typed_hi = 1, .decimals = 2};
    ui_slider(d->ui, "slider", "slider", rect(100, 300, 200, 44), &m->value, &spec);
    if (ui_popup_begin(d->ui, "menu-popup", rect(90, 90, 220, 120))) {
        if (ui_button(d->ui, "inside", "Inside", rect(100, 100, 200, 28), false)) {
            m->inside++;
            ui_popup_close(d->ui);
        }
        ui_dropdown(d->ui, "choice", "choice", NAMES, rect(100, 140, 200, 28), &m->choice, NULL);
        ui_popup_end(d->ui);
    }
}

static void draw(Driver *d)
{
    Model *m = d->self;
    m->presses += ui_input(d->ui)->pressed[MOUSE_LEFT];
    draw_window(d, m);
    if (m->panel) {
        ui_float_begin(d->ui, "panel", rect(90, 90, 220, 60));
        draw_rect(ui_list(d->ui), rect(90, 90, 220, 60), 0, ui_kit(d->ui)->theme->panel);
        m->inside += ui_button(d->ui, "on-panel", "On panel", rect(100, 100, 100, 28), false);
        ui_float_end(d->ui);
    }
    if (m->modal) {
        ui_modal_begin(d->ui, "dialog", rect(200, 150, 300, 200));
        m->ok += ui_button(d->ui, "ok", "OK", rect(220, 160, 80, 28), true);
        if (m->drop_inner)
            ui_dropdown(d->ui, "inner", "inner", NAMES, rect(220, 200, 200, 28), &m->choice, NULL);
        ui_button(d->ui, "cancel", "Cancel", rect(310, 160, 80, 28), false);
        ui_modal_end(d->ui);
    }
    if (m->notice)
        m->dismissed += ui_notice(d->ui, "notice", "Row 3 sums to 0.99.", NULL, false,
                                  rect(90, 90, 300, 40)) == NOTICE_DISMISSED;
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

static bool open_popup(Case *c)
{
    return ui_find(c->d.ui, "menu-popup/inside") != NULL;
}

static void a_popup_takes_the_pointer_first(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    assert_true(open_popup(c));
    assert_true(ui_popup_is_open(c->d.ui, "menu-popup"));
    assert_true(ui_find(c->d.ui, "inside")->layer > 0);
    drive_click(&c->d, "inside"); /* exactly over "under" */
    assert_int_equal(c->m.inside, 1);
    assert_int_equal(c->m.under, 0);
    assert_false(open_popup(c));
    drive_click(&c->d, "under");
    assert_int_equal(c->m.under, 1);
    drive_stop(&c->d);
}

static void below_a_popup_nothing_is_hovered_or_wheeled(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    drive_move(&c->d, 150, 331);
    drive_wheel(&c->d, 3, 0);
    assert_true(c->m.value == 0);
    drive_stop(&c->d);
}

static void escape_and_outside_presses_close_it(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_true(c->d.key_taken);
    assert_false(open_popup(c));
    drive_click(&c->d, "menu");
    int presses = c->m.presses;
    drive_click_at(&c->d, 600, 400);
    assert_false(open_popup(c));
    assert_int_equal(c->m.presses, presses); /* nobody else sees that press */
    drive_click(&c->d, "menu");
    c->d.in.pressed[MOUSE_RIGHT] = true;
    drive_settle(&c->d);
    assert_false(open_popup(c));
    drive_stop(&c->d);
}

static void a_list_inside_a_popup_closes_alone(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    drive_click(&c->d, "choice");
    assert_non_null(ui_find(c->d.ui, "choice/2"));
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_null(ui_find(c->d.ui, "choice/2"));
    assert_true(open_popup(c));
    drive_click(&c->d, "choice");
    drive_click(&c->d, "choice/2");
    assert_int_equal(c->m.choice, 2);
    assert_true(open_popup(c));
    drive_stop(&c->d);
}

static void a_popup_opened_by_key_is_walked_by_key(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "menu")->focused);
    drive_key(&c->d, KEY_ENTER, 0);
    drive_settle(&c->d);
    assert_true(ui_find(c->d.ui, "inside")->focused);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "choice")->focused);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "inside")->focused); /* stays inside */
    drive_key(&c->d, KEY_ESCAPE, 0);
    drive_settle(&c->d);
    assert_true(ui_find(c->d.ui, "menu")->focused); /* back where it came from */
    drive_stop(&c->d);
}

static void a_modal_blocks_pointer_and_keys_of_the_rest(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "under")->focused);
    c->m.modal = true;
    drive_settle(&c->d);
    drive_key(&c->d, ' ', 0);
    assert_int_equal(c->m.under, 0);
    assert_false(c->d.key_taken);
    drive_click_at(&c->d, 150, 114);
    assert_int_equal(c->m.under, 0);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "ok")->focused);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "cancel")->focused);
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "ok")->focused);
    drive_key(&c->d, KEY_ENTER, 0);
    assert_int_equal(c->m.ok, 1);
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_false(c->d.key_taken); /* the caller closes it */
    drive_click(&c->d, "ok");
    assert_int_equal(c->m.ok, 2);
    c->m.modal = false;
    drive_settle(&c->d);
    drive_click(&c->d, "under");
    assert_int_equal(c->m.under, 1);
    drive_stop(&c->d);
}

static void the_focus_returns_when_a_modal_goes(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    c->m.modal = true;
    drive_settle(&c->d);
    drive_key(&c->d, KEY_TAB, 0);
    c->m.modal = false;
    drive_settle(&c->d);
    drive_settle(&c->d);
    assert_true(ui_find(c->d.ui, "under")->focused);
    drive_stop(&c->d);
}

static void a_list_opens_over_a_modal(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.modal = c->m.drop_inner = true;
    drive_settle(&c->d);
    drive_click(&c->d, "inner");
    drive_click(&c->d, "inner/1");
    assert_int_equal(c->m.choice, 1);
    drive_click(&c->d, "ok");
    assert_int_equal(c->m.ok, 1);
    drive_stop(&c->d);
}

static void a_float_takes_the_pointer_inside_its_rectangle_only(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.panel = true;
    drive_settle(&c->d);
    drive_click_at(&c->d, 250, 114); /* on the panel, beside its button, over "under" */
    assert_int_equal(c->m.under, 0);
    drive_click(&c->d, "on-panel");
    assert_int_equal(c->m.inside, 1);
    drive_click_at(&c->d, 200, 331); /* the slider below still works */
    assert_true(c->m.value > 0.4);
    drive_key(&c->d, KEY_TAB, 0); /* and the keys are not caught */
    assert_true(ui_has_focus(c->d.ui));
    drive_stop(&c->d);
}

static void a_notice_is_dismissed_by_its_cross_and_lies_below_a_modal(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.notice = true;
    drive_settle(&c->d);
    drive_click_at(&c->d, 150, 114);
    assert_int_equal(c->m.under, 0);
    drive_click(&c->d, "notice/close");
    assert_int_equal(c->m.dismissed, 1);
    c->m.modal = true;
    drive_settle(&c->d);
    drive_click(&c->d, "notice/close");
    assert_int_equal(c->m.dismissed, 1);
    /* Its text is drawn before the dialog's, although the notice was called after it. */
    size_t notice = 0, dialog = 0;
    for (size_t i = 0; i < c->d.list.count; i++) {
        if (c->d.list.items[i].kind != DRAW_TEXT)
            continue;
        notice = strcmp(c->d.list.items[i].text, "Row 3 sums to 0.99.") == 0 ? i : notice;
        dialog = strcmp(c->d.list.items[i].text, "OK") == 0 ? i : dialog;
    }
    assert_true(notice > 0 && notice < dialog);
    drive_stop(&c->d);
}

static void layers_are_drawn_after_the_window(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    size_t slider = 0, inside = 0;
    for (size_t i = 0; i < c->d.list.count; i++) {
        if (c->d.list.items[i].kind != DRAW_TEXT)
            continue;
        slider = strcmp(c->d.list.items[i].text, "slider") == 0 ? i : slider;
        inside = strcmp(c->d.list.items[i].text, "Inside") == 0 ? i : inside;
    }
    assert_true(slider < inside);
    drive_stop(&c->d);
}

static void a_popup_fades_in_unless_motion_is_reduced(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    const DrawCommand *text = drive_drawn(&c->d, "Inside");
    assert_int_equal(text->style.color >> 24, 255);
    drive_key(&c->d, KEY_ESCAPE, 0);
    double opened = c->d.in.time;
    Ui *ui = c->d.ui;
    ui_popup_open(ui, "menu-popup");
    for (int i = 0; i < 3; i++) {
        c->d.in.time = opened + 0.05 * i;
        draw_list_reset(&c->d.list);
        ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, false);
        draw(&c->d);
        const UiOutput *out = ui_end(ui);
        unsigned alpha = drive_drawn(&c->d, "Inside")->style.color >> 24;
        if (i == 0)
            assert_in_range(alpha, 20, 150);
        else if (i == 1)
            assert_in_range(alpha, 200, 254);
        else
            assert_int_equal(alpha, 255);
        assert_true(i == 2 || out->wake > 0);
    }
    drive_stop(&c->d);
}

static void a_popup_whose_owner_is_gone_is_closed(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "menu");
    Ui *ui = c->d.ui;
    draw_list_reset(&c->d.list);
    ui_begin(ui, &c->d.in, &c->d.kit, 1, &c->d.list, true);
    ui_end(ui);
    assert_false(ui_popup_is_open(ui, "menu-popup"));
    drive_settle(&c->d);
    assert_false(open_popup(c));
    drive_click(&c->d, "under");
    assert_int_equal(c->m.under, 1);
    drive_stop(&c->d);
}

static void a_popup_is_placed_inside_the_window(void **state)
{
    (void)state;
    Case *c = begin();
    Rect low = ui_popup_place(c->d.ui, rect(600, 440, 40, 28), 200, 100);
    assert_int_equal((int)low.x, 640 - 200 - 4);
    assert_int_equal((int)low.y, 440 - 4 - 100);
    Rect high = ui_popup_place(c->d.ui, rect(10, 10, 40, 28), 200, 100);
    assert_int_equal((int)high.y, 42);
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_popup_takes_the_pointer_first),
        cmocka_unit_test(below_a_popup_nothing_is_hovered_or_wheeled),
        cmocka_unit_test(escape_and_outside_presses_close_it),
        cmocka_unit_test(a_list_inside_a_popup_closes_alone),
        cmocka_unit_test(a_popup_opened_by_key_is_walked_by_key),
        cmocka_unit_test(a_modal_blocks_pointer_and_keys_of_the_rest),
        cmocka_unit_test(the_focus_returns_when_a_modal_goes),
        cmocka_unit_test(a_list_opens_over_a_modal),
        cmocka_unit_test(a_float_takes_the_pointer_inside_its_rectangle_only),
        cmocka_unit_test(a_notice_is_dismissed_by_its_cross_and_lies_below_a_modal),
        cmocka_unit_test(layers_are_drawn_after_the_window),
        cmocka_unit_test(a_popup_fades_in_unless_motion_is_reduced),
        cmocka_unit_test(a_popup_whose_owner_is_gone_is_closed),
        cmocka_unit_test(a_popup_is_placed_inside_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
