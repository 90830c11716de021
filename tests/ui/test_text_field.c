/* The fixed font is 6 points a character at size 12; the field at (20, 20) begins its text at x
 * = 30. */
#include "support/ui_driver.h"

#include "base/utf8.h"

#define ACUTE "e\u0301"

typedef struct {
    char text[64], other[64];
    const char *refused;
    bool entered, modal;
    int changes, enters;
} Model;

static void draw(Driver *d)
{
    Model *m = d->self;
    if (m->modal)
        ui_modal_begin(d->ui, "palette", rect(100, 100, 300, 200));
    m->changes +=
        ui_text_field(d->ui, "filter", "filter", "type here", ICON_NONE, rect(20, 20, 200, 28),
                      m->text, sizeof m->text, m->refused, &m->entered);
    m->enters += m->entered;
    if (m->modal)
        ui_modal_end(d->ui);
    ui_text_field(d->ui, "other", "other", NULL, ICON_SEARCH, rect(20, 60, 200, 28), m->other,
                  sizeof m->other, NULL, NULL);
    ui_button(d->ui, "button", "Go", rect(20, 100, 80, 28), false);
}

typedef struct {
    Driver d;
    Model m;
} Case;

static Case *begin(const char *text)
{
    static Case c;
    memset(&c.m, 0, sizeof c.m);
    strcpy(c.m.text, text);
    drive_start(&c.d, draw, &c.m);
    return &c;
}

static void a_press_puts_the_caret_where_it_was(void **state)
{
    (void)state;
    Case *c = begin("hello");
    drive_click_at(&c->d, 30 + 2 * 6 + 1, 34);
    assert_true(ui_typing(c->d.ui) && ui_has_focus(c->d.ui));
    drive_text(&c->d, "X");
    assert_string_equal(c->m.text, "heXllo");
    assert_int_equal(c->m.changes, 1);
    assert_true(c->d.out.want_text);
    assert_int_equal((int)c->d.out.text_rect.x, 30 + 3 * 6);
    drive_stop(&c->d);
}

static void tab_selects_all_and_typing_replaces(void **state)
{
    (void)state;
    Case *c = begin("old");
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->focus));
    drive_text(&c->d, "new");
    assert_string_equal(c->m.text, "new");
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(ui_find(c->d.ui, "other")->focused);
    drive_key(&c->d, KEY_TAB, MOD_SHIFT);
    assert_true(ui_find(c->d.ui, "filter")->focused);
    drive_stop(&c->d);
}

static void a_pointer_press_shows_no_ring(void **state)
{
    (void)state;
    Case *c = begin("x");
    drive_click(&c->d, "filter");
    drive_key(&c->d, KEY_LEFT, 0);
    assert_false(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->focus));
    drive_key(&c->d, KEY_TAB, 0);
    assert_true(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->focus));
    drive_click(&c->d, "other"); /* hides the ring, keeps the field */
    assert_false(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->focus));
    assert_true(ui_typing(c->d.ui));
    drive_stop(&c->d);
}

static void letters_and_arrows_are_kept_from_the_view(void **state)
{
    (void)state;
    Case *c = begin("");
    drive_click(&c->d, "filter");
    static const int kept[] = {'a', '1', '[', ' ', KEY_LEFT, KEY_HOME, KEY_BACKSPACE};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        drive_key(&c->d, kept[i], 0);
        assert_true(c->d.key_taken);
    }
    drive_key(&c->d, 'z', MOD_CTRL);
    assert_true(c->d.key_taken); /* not the document's undo */
    static const int left[] = {KEY_UP, KEY_DOWN, KEY_PAGE_UP, KEY_F5};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        drive_key(&c->d, left[i], 0);
        assert_false(c->d.key_taken);
    }
    drive_key(&c->d, 'p', MOD_CTRL);
    assert_false(c->d.key_taken);
    assert_string_equal(c->m.text, ""); /* keys alone write nothing */
    drive_stop(&c->d);
}

static void clipboard_goes_out_and_comes_in(void **state)
{
    (void)state;
    Case *c = begin("copy me");
    drive_click(&c->d, "filter");
    drive_key(&c->d, 'a', MOD_CTRL);
    c->d.in.key = 'c';
    c->d.in.mods = MOD_CTRL;
    drive_frame(&c->d);
    assert_string_equal(c->d.out.clipboard, "copy me");
    c->d.in.key = 'x';
    c->d.in.mods = MOD_CTRL;
    drive_frame(&c->d);
    assert_string_equal(c->d.out.clipboard, "copy me");
    assert_string_equal(c->m.text, "");
    c->d.in.key = 'v';
    c->d.in.mods = MOD_CTRL;
    c->d.in.clipboard = "two\nlines\t\x01" ACUTE "\xFF";
    drive_frame(&c->d);
    assert_true(c->d.key_taken);
    assert_string_equal(c->m.text, "twolines" ACUTE);
    assert_null(c->d.out.clipboard);
    drive_key(&c->d, KEY_BACKSPACE, 0);
    assert_string_equal(c->m.text, "twolines");
    drive_key(&c->d, 'z', MOD_CTRL);
    assert_string_equal(c->m.text, "copy me");
    drive_stop(&c->d);
}

static void a_drag_and_a_double_click_select(void **state)
{
    (void)state;
    Case *c = begin("alpha beta");
    drive_move(&c->d, 30, 34);
    drive_press(&c->d, 1);
    drive_move(&c->d, 30 + 5 * 6, 34);
    drive_release(&c->d);
    drive_key(&c->d, KEY_DELETE, 0);
    assert_string_equal(c->m.text, " beta");
    drive_move(&c->d, 30 + 3 * 6, 34);
    drive_press(&c->d, 1);
    drive_release(&c->d);
    drive_press(&c->d, 2);
    drive_release(&c->d);
    drive_text(&c->d, "gamma");
    assert_string_equal(c->m.text, " gamma");
    drive_press(&c->d, 3);
    drive_release(&c->d);
    drive_text(&c->d, "all");
    assert_string_equal(c->m.text, "all");
    drive_stop(&c->d);
}

static void the_composition_is_shown_at_the_caret_and_not_in_the_text(void **state)
{
    (void)state;
    Case *c = begin("ab");
    drive_click_at(&c->d, 36, 34);
    c->d.in.preedit = "にほ";
    c->d.in.preedit_caret = 3;
    drive_settle(&c->d);
    assert_string_equal(c->m.text, "ab");
    const DrawCommand *line = drive_drawn(&c->d, "aにほb");
    assert_non_null(line);
    /* East Asian characters are 12 wide in the fixed font; the caret stands behind the first. */
    assert_int_equal((int)c->d.out.text_rect.x, 30 + 6 + 12);
    bool underlined = false;
    for (size_t i = 0; i < c->d.list.count; i++) {
        const DrawCommand *k = &c->d.list.items[i];
        underlined |= k->kind == DRAW_RECT && k->r.x == 36 && k->r.w == 24 && k->r.h == 1;
    }
    assert_true(underlined);
    drive_key(&c->d, KEY_BACKSPACE, 0); /* the input method's, not ours */
    assert_string_equal(c->m.text, "ab");
    c->d.in.preedit = "";
    drive_settle(&c->d);
    assert_non_null(drive_drawn(&c->d, "ab"));
    drive_text(&c->d, "日本");
    assert_string_equal(c->m.text, "a日本b");
    drive_stop(&c->d);
}

static void right_to_left_text_has_its_caret_on_the_left(void **state)
{
    (void)state;
    Case *c = begin("\u05E9\u05DC\u05D5\u05DD"); /* 4 letters, 24 points */
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_END, 0);
    assert_int_equal((int)c->d.out.text_rect.x, 30); /* the end is at the left */
    drive_key(&c->d, KEY_HOME, 0);
    assert_int_equal((int)c->d.out.text_rect.x, 30 + 24);
    drive_click_at(&c->d, 30 + 18, 34); /* behind the first letter, which stands at the right */
    drive_key(&c->d, KEY_BACKSPACE, 0);
    assert_string_equal(c->m.text, "\u05DC\u05D5\u05DD");
    drive_stop(&c->d);
}

static void long_text_scrolls_so_that_the_caret_is_seen(void **state)
{
    (void)state;
    Case *c = begin("0123456789012345678901234567890123456789end"); /* 43 × 6 = 258 > 182 */
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_END, 0);
    float right = 20 + 200 - 8;
    assert_true(c->d.out.text_rect.x <= right && c->d.out.text_rect.x > right - 12);
    drive_key(&c->d, KEY_HOME, 0);
    assert_int_equal((int)c->d.out.text_rect.x, 30);
    drive_stop(&c->d);
}

static void the_caret_blinks_by_the_input_s_clock(void **state)
{
    (void)state;
    Case *c = begin("x");
    drive_click(&c->d, "filter");
    double begun = c->d.in.time;
    assert_true(c->d.out.wake > begun - 0.1 && c->d.out.wake <= begun + 0.53);
    Rect caret = c->d.out.text_rect;
    int seen = 0;
    for (int i = 0; i < 4; i++) {
        c->d.in.time = c->d.out.wake + 0.001;
        drive_frame(&c->d);
        for (size_t k = 0; k < c->d.list.count; k++) {
            const DrawCommand *cmd = &c->d.list.items[k];
            seen += cmd->kind == DRAW_RECT && cmd->r.x == caret.x && cmd->r.w == 1 && cmd->r.h > 10;
        }
    }
    assert_int_equal(seen, 2); /* off, on, off, on */
    drive_stop(&c->d);
}

static void enter_is_told_and_escape_leaves(void **state)
{
    (void)state;
    Case *c = begin("go");
    drive_click(&c->d, "filter");
    drive_key(&c->d, KEY_ENTER, 0);
    assert_int_equal(c->m.enters, 1);
    assert_true(c->d.key_taken);
    assert_true(ui_typing(c->d.ui));
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_true(c->d.key_taken);
    assert_false(ui_typing(c->d.ui));
    assert_false(c->d.out.want_text);
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_false(c->d.key_taken); /* the second one is the view's */
    drive_stop(&c->d);
}

static void inside_a_modal_escape_is_the_modal_s(void **state)
{
    (void)state;
    Case *c = begin("");
    c->m.modal = true;
    drive_settle(&c->d);
    ui_focus(c->d.ui, "palette/filter");
    drive_settle(&c->d);
    assert_true(ui_typing(c->d.ui));
    drive_text(&c->d, "te");
    assert_string_equal(c->m.text, "te");
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_false(c->d.key_taken);
    drive_stop(&c->d);
}

static void the_owner_may_change_the_text_at_any_time(void **state)
{
    (void)state;
    Case *c = begin("a long beginning");
    drive_click(&c->d, "filter");
    drive_key(&c->d, 'a', MOD_CTRL);
    strcpy(c->m.text, ACUTE);
    drive_settle(&c->d);
    drive_key(&c->d, KEY_END, 0);
    drive_text(&c->d, "!");
    assert_string_equal(c->m.text, ACUTE "!");
    drive_stop(&c->d);
}

static void the_placeholder_shows_only_in_an_empty_field(void **state)
{
    (void)state;
    Case *c = begin("");
    assert_non_null(drive_drawn(&c->d, "type here"));
    drive_click(&c->d, "filter");
    c->d.in.preedit = "n";
    drive_settle(&c->d);
    assert_null(drive_drawn(&c->d, "type here"));
    drive_text(&c->d, "n");
    assert_null(drive_drawn(&c->d, "type here"));
    drive_stop(&c->d);
}

static void a_refused_text_has_a_red_border_and_a_reason(void **state)
{
    (void)state;
    Case *c = begin("12,x");
    c->m.refused = "a whole number";
    drive_settle(&c->d);
    assert_true(drive_has_rect(&c->d, DRAW_FRAME, c->d.kit.theme->err));
    drive_move(&c->d, 100, 34);
    c->d.in.time += 0.5;
    drive_settle(&c->d);
    assert_non_null(drive_drawn(&c->d, "a whole number"));
    drive_stop(&c->d);
}

static void pressing_a_button_takes_the_focus_away(void **state)
{
    (void)state;
    Case *c = begin("x");
    drive_click(&c->d, "filter");
    drive_click(&c->d, "button");
    assert_false(ui_typing(c->d.ui));
    assert_false(ui_has_focus(c->d.ui));
    drive_text(&c->d, "lost");
    assert_string_equal(c->m.text, "x");
    drive_click(&c->d, "other");
    drive_text(&c->d, "here");
    assert_string_equal(c->m.other, "here");
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_press_puts_the_caret_where_it_was),
        cmocka_unit_test(tab_selects_all_and_typing_replaces),
        cmocka_unit_test(a_pointer_press_shows_no_ring),
        cmocka_unit_test(letters_and_arrows_are_kept_from_the_view),
        cmocka_unit_test(clipboard_goes_out_and_comes_in),
        cmocka_unit_test(a_drag_and_a_double_click_select),
        cmocka_unit_test(the_composition_is_shown_at_the_caret_and_not_in_the_text),
        cmocka_unit_test(right_to_left_text_has_its_caret_on_the_left),
        cmocka_unit_test(long_text_scrolls_so_that_the_caret_is_seen),
        cmocka_unit_test(the_caret_blinks_by_the_input_s_clock),
        cmocka_unit_test(enter_is_told_and_escape_leaves),
        cmocka_unit_test(inside_a_modal_escape_is_the_modal_s),
        cmocka_unit_test(the_owner_may_change_the_text_at_any_time),
        cmocka_unit_test(the_placeholder_shows_only_in_an_empty_field),
        cmocka_unit_test(a_refused_text_has_a_red_border_and_a_reason),
        cmocka_unit_test(pressing_a_button_takes_the_focus_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
