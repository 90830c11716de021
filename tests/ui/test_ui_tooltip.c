#include "support/ui_driver.h"

typedef struct {
    bool card;
    Rect avoid;
} Model;

static void draw(Driver *d)
{
    Model *m = d->self;
    ui_icon_button(d->ui, "undo", "Undo", ICON_UNDO, rect(20, 20, 28, 28));
    ui_icon_button(d->ui, "redo", "Redo", ICON_REDO, rect(60, 20, 28, 28));
    ui_button(d->ui, "long", "a label that is much too long", rect(20, 60, 80, 28), false);
    ui_tooltip(d->ui, rect(20, 100, 80, 28), "weight\t0.5\nscore\t3.25");
    if (m->card) {
        static const char *const names[] = {"weight", "rank"}, *const values[] = {"0.538324020",
                                                                                  "1 of 13"};
        ui_hover_card(d->ui, "it → animal", names, values, 2, m->avoid);
    }
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

static void at(Case *c, double later)
{
    c->d.in.time += later;
    drive_settle(&c->d);
}

static void it_comes_after_400_ms(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 34, 34);
    assert_null(drive_drawn(&c->d, "Undo"));
    double wake = c->d.out.wake; /* the frame is asked for in time */
    assert_true(wake > c->d.in.time && wake <= c->d.in.time + 0.4);
    at(c, 0.3);
    assert_null(drive_drawn(&c->d, "Undo"));
    c->d.in.time = wake;
    drive_settle(&c->d);
    assert_non_null(drive_drawn(&c->d, "Undo"));
    drive_move(&c->d, 300, 300);
    assert_null(drive_drawn(&c->d, "Undo"));
    drive_stop(&c->d);
}

static void the_next_one_within_600_ms_comes_at_once(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 34, 34);
    at(c, 0.5);
    assert_non_null(drive_drawn(&c->d, "Undo"));
    drive_move(&c->d, 54, 34); /* between the two */
    at(c, 0.3);
    drive_move(&c->d, 70, 34);
    assert_non_null(drive_drawn(&c->d, "Redo"));
    drive_move(&c->d, 300, 300);
    at(c, 0.7);
    drive_move(&c->d, 34, 34);
    assert_null(drive_drawn(&c->d, "Undo"));
    drive_stop(&c->d);
}

static void a_press_hides_it_until_the_pointer_has_left(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 34, 34);
    at(c, 0.5);
    drive_press(&c->d, 1);
    drive_release(&c->d);
    at(c, 2);
    assert_null(drive_drawn(&c->d, "Undo"));
    drive_move(&c->d, 300, 300);
    at(c, 2);
    drive_move(&c->d, 34, 34);
    at(c, 0.5);
    assert_non_null(drive_drawn(&c->d, "Undo"));
    drive_stop(&c->d);
}

static void it_never_shows_during_a_drag(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 300, 300);
    drive_move(&c->d, 34, 34);
    drive_press(&c->d, 1);
    drive_move(&c->d, 70, 34);
    at(c, 1);
    assert_null(drive_drawn(&c->d, "Redo"));
    drive_release(&c->d);
    drive_stop(&c->d);
}

static void what_was_cut_is_told_in_full(void **state)
{
    (void)state;
    Case *c = begin();
    assert_null(drive_drawn(&c->d, "a label that is much too long"));
    drive_move(&c->d, 60, 74);
    at(c, 0.5);
    assert_non_null(drive_drawn(&c->d, "a label that is much too long"));
    drive_stop(&c->d);
}

static void names_stand_left_and_numbers_right(void **state)
{
    (void)state;
    Case *c = begin();
    drive_move(&c->d, 60, 114);
    at(c, 0.5);
    const DrawCommand *name = drive_drawn(&c->d, "weight"), *value = drive_drawn(&c->d, "0.5");
    const DrawCommand *other = drive_drawn(&c->d, "3.25");
    assert_true(name != NULL && value != NULL && other != NULL);
    assert_int_equal(name->style.color, c->d.kit.theme->tooltip_label);
    assert_int_equal(value->style.face, FACE_MONO);
    assert_true(value->p0.x == other->p0.x && value->style.align == ALIGN_RIGHT);
    assert_true(value->p0.y == name->p0.y && other->p0.y == name->p0.y + 18);
    drive_stop(&c->d);
}

static Rect card(Case *c)
{
    for (size_t i = 0; i < c->d.list.count; i++)
        if (c->d.list.items[i].kind == DRAW_RECT && c->d.list.items[i].color == c->d.kit.theme->ink)
            return c->d.list.items[i].r;
    fail_msg("no card was drawn");
    return rect(0, 0, 0, 0);
}

static void a_card_never_covers_the_pointed_row_nor_leaves_the_window(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.card = true;
    for (float y = 130; y < 470; y += 24)
        for (float x = 10; x < 640; x += 90) {
            c->m.avoid = rect(5, y - 12, 600, 24);
            drive_move(&c->d, x, y);
            Rect r = card(c);
            assert_true(r.x >= 0 && r.y >= 0 && r.x + r.w <= 640 && r.y + r.h <= 480);
            Rect over = rect_meet(r, c->m.avoid);
            assert_true(over.h <= 0 || over.w <= 0);
            assert_true(r.h == 3 * 18 + 12);
        }
    drive_stop(&c->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_after_400_ms),
        cmocka_unit_test(the_next_one_within_600_ms_comes_at_once),
        cmocka_unit_test(a_press_hides_it_until_the_pointer_has_left),
        cmocka_unit_test(it_never_shows_during_a_drag),
        cmocka_unit_test(what_was_cut_is_told_in_full),
        cmocka_unit_test(names_stand_left_and_numbers_right),
        cmocka_unit_test(a_card_never_covers_the_pointed_row_nor_leaves_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
