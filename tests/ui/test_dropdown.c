/* A dropdown at (20, 40), 160 × 28; its list begins 4 below with 4 of padding, rows of 28. */
#include "support/ui_driver.h"

typedef struct {
    int value, map, changes, clicked;
    const char *reason;
    float y;
} Model;

static const char *const NAMES[] = {"softmax", "sparsemax", "entmax 1.5", "softmax, +1",
                                    "sigmoid", "hardmax",   NULL};
static const char *const MAPS[] = {"viridis", "cividis", NULL};

static void draw(Driver *d)
{
    Model *m = d->self;
    const Colormap *swatches[] = {colormap(COLORMAP_VIRIDIS), colormap(COLORMAP_CIVIDIS)};
    ui_disable(d->ui, m->reason);
    m->changes += ui_dropdown(d->ui, "normaliser", "normaliser", NAMES, rect(20, m->y, 160, 28),
                              &m->value, NULL);
    ui_enable(d->ui);
    ui_dropdown(d->ui, "map", "map", MAPS, rect(300, m->y, 160, 28), &m->map, swatches);
    m->clicked += ui_button(d->ui, "below", "Below", rect(20, 100, 160, 28), false);
}

typedef struct {
    Driver d;
    Model m;
} Case;

static Case *begin(void)
{
    static Case c;
    c.m = (Model){.y = 40};
    drive_start(&c.d, draw, &c.m);
    return &c;
}

static void a_click_opens_and_a_row_chooses(void **state)
{
    (void)state;
    Case *c = begin();
    assert_null(ui_find(c->d.ui, "normaliser/2"));
    drive_click(&c->d, "normaliser");
    const UiItem *row = ui_find(c->d.ui, "normaliser/2");
    assert_non_null(row);
    assert_string_equal(row->label, "entmax 1.5");
    assert_int_equal(row->role, ROLE_OPTION);
    assert_int_equal((int)row->rect.y, 40 + 28 + 4 + 4 + 2 * 28);
    drive_click(&c->d, "normaliser/2");
    assert_int_equal(c->m.value, 2);
    assert_int_equal(c->m.changes, 1);
    assert_null(ui_find(c->d.ui, "normaliser/2"));
    assert_string_equal(ui_find(c->d.ui, "normaliser")->value, "entmax 1.5");
    assert_int_equal(c->m.clicked, 0); /* the button under the list got nothing */
    drive_stop(&c->d);
}

static void the_list_takes_the_pointer_from_what_it_covers(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "normaliser");
    drive_move(&c->d, 100, 114); /* over the button that the list covers */
    assert_int_equal(ui_find(c->d.ui, "below")->visible, true);
    drive_click_at(&c->d, 100, 114); /* row 1 is 104…132 */
    assert_int_equal(c->m.value, 1);
    assert_int_equal(c->m.clicked, 0);
    drive_click_at(&c->d, 100, 114);
    assert_int_equal(c->m.clicked, 1);
    drive_stop(&c->d);
}

static void a_press_outside_closes_and_does_nothing_else(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "map");
    drive_click(&c->d, "below");
    assert_int_equal(c->m.clicked, 0);
    assert_null(ui_find(c->d.ui, "map/0"));
    drive_click(&c->d, "below");
    assert_int_equal(c->m.clicked, 1);
    drive_click(&c->d, "normaliser");
    drive_click(&c->d, "normaliser"); /* its own button closes it too */
    assert_null(ui_find(c->d.ui, "normaliser/0"));
    assert_int_equal(c->m.changes, 0);
    drive_stop(&c->d);
}

static void keys_walk_the_open_list(void **state)
{
    (void)state;
    Case *c = begin();
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_ENTER, 0);
    assert_non_null(ui_find(c->d.ui, "normaliser/0"));
    drive_key(&c->d, KEY_DOWN, 0);
    drive_key(&c->d, KEY_DOWN, 0);
    assert_int_equal(c->m.value, 0); /* not before Enter */
    assert_true(c->d.key_taken);
    drive_key(&c->d, KEY_ENTER, 0);
    assert_int_equal(c->m.value, 2);
    assert_true(ui_find(c->d.ui, "normaliser")->focused);
    drive_key(&c->d, ' ', 0);
    drive_key(&c->d, KEY_END, 0);
    drive_key(&c->d, KEY_ESCAPE, 0);
    assert_true(c->d.key_taken);
    assert_int_equal(c->m.value, 2);
    assert_null(ui_find(c->d.ui, "normaliser/0"));
    assert_true(ui_find(c->d.ui, "normaliser")->focused); /* Esc closed the list, no more */
    drive_stop(&c->d);
}

static void letters_jump(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "normaliser"); /* opened by pointer: keys still go to the list */
    drive_key(&c->d, 's', 0);         /* sparsemax, after softmax */
    drive_key(&c->d, 's', 0);         /* softmax, +1 */
    drive_key(&c->d, KEY_ENTER, 0);
    assert_int_equal(c->m.value, 3);
    drive_key(&c->d, 'h', 0);
    assert_false(c->d.key_taken); /* closed and never focused: the view's */
    assert_int_equal(c->m.value, 3);
    drive_key(&c->d, KEY_TAB, 0);
    drive_key(&c->d, KEY_TAB, MOD_SHIFT);
    ui_focus(c->d.ui, "normaliser");
    drive_key(&c->d, 'h', 0); /* focused and closed: chooses */
    assert_int_equal(c->m.value, 5);
    drive_key(&c->d, KEY_UP, 0);
    assert_int_equal(c->m.value, 4);
    drive_stop(&c->d);
}

static void near_the_bottom_the_list_opens_above(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.y = 440;
    drive_settle(&c->d);
    drive_click(&c->d, "normaliser");
    assert_int_equal((int)ui_find(c->d.ui, "normaliser/5")->rect.y, 440 - 4 - 4 - 28);
    drive_stop(&c->d);
}

static void a_long_list_scrolls_in_a_low_window(void **state)
{
    (void)state;
    Case *c = begin();
    c->d.in.pixel_h = 160;
    drive_settle(&c->d);
    drive_click(&c->d, "normaliser"); /* 84 points below: less than three rows */
    assert_false(ui_find(c->d.ui, "normaliser/5")->visible);
    drive_key(&c->d, KEY_END, 0);
    assert_true(ui_find(c->d.ui, "normaliser/5")->visible);
    drive_click(&c->d, "normaliser/5");
    assert_int_equal(c->m.value, 5);
    drive_click(&c->d, "normaliser");
    assert_true(ui_find(c->d.ui, "normaliser/5")->visible); /* opens with the chosen row in view */
    drive_stop(&c->d);
}

static void swatches_show_the_map_s_own_colours(void **state)
{
    (void)state;
    Case *c = begin();
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    int found = 0;
    for (size_t i = 0; i < c->d.list.count; i++) {
        const DrawCommand *k = &c->d.list.items[i];
        for (int n = 0; n < 256 && k->kind == DRAW_RECT; n++)
            if (k->color == map->lut[n] && k->r.x >= 310 && k->r.x < 342 && k->r.h == 10) {
                found++;
                break;
            }
    }
    assert_int_equal(found, 32);
    drive_stop(&c->d);
}

static void a_disabled_dropdown_closes_and_stays_closed(void **state)
{
    (void)state;
    Case *c = begin();
    drive_click(&c->d, "normaliser");
    c->m.reason = "no tokens";
    drive_settle(&c->d);
    assert_null(ui_find(c->d.ui, "normaliser/0"));
    drive_click(&c->d, "normaliser");
    assert_null(ui_find(c->d.ui, "normaliser/0"));
    assert_non_null(drive_drawn(&c->d, "no tokens"));
    drive_stop(&c->d);
}

static void a_value_out_of_range_is_drawn_without_harm(void **state)
{
    (void)state;
    Case *c = begin();
    c->m.value = 77;
    drive_settle(&c->d);
    drive_click(&c->d, "normaliser");
    drive_key(&c->d, KEY_UP, 0);
    c->m.value = -3;
    drive_settle(&c->d);
    drive_key(&c->d, KEY_DOWN, 0);
    drive_key(&c->d, KEY_ENTER, 0);
    assert_in_range(c->m.value + 3, 0, 80);
    drive_stop(&c->d);
}

static void draw_parted(Driver *d)
{
    Model *m = d->self;
    m->changes += ui_dropdown_parted(d->ui, "normaliser", "normaliser", NAMES, m->map,
                                     rect(20, m->y, 160, 28), &m->value);
}

/* Lines across the open list, one point high. */
static int lines_across(const Driver *d, float *y)
{
    const DrawList *list = ui_list(d->ui);
    int count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DRAW_RECT && list->items[i].r.h == 1 &&
            list->items[i].r.w > 100) {
            *y = list->items[i].r.y;
            count++;
        }
    return count;
}

static void a_line_parts_two_groups_and_moves_no_row(void **state)
{
    (void)state;
    Case c = {.m = {.y = 40}};
    float y = 0;
    drive_start(&c.d, draw_parted, &c.m);
    drive_click(&c.d, "normaliser");
    assert_int_equal(lines_across(&c.d, &y), 0);
    c.m.map = 4;
    drive_settle(&c.d);
    assert_int_equal(lines_across(&c.d, &y), 1);
    assert_int_equal((int)y, 40 + 28 + 4 + 4 + 4 * 28);
    assert_int_equal((int)ui_find(c.d.ui, "normaliser/4")->rect.y, (int)y);
    drive_click(&c.d, "normaliser/4");
    assert_int_equal(c.m.value, 4);
    drive_stop(&c.d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_click_opens_and_a_row_chooses),
        cmocka_unit_test(the_list_takes_the_pointer_from_what_it_covers),
        cmocka_unit_test(a_press_outside_closes_and_does_nothing_else),
        cmocka_unit_test(keys_walk_the_open_list),
        cmocka_unit_test(letters_jump),
        cmocka_unit_test(near_the_bottom_the_list_opens_above),
        cmocka_unit_test(a_long_list_scrolls_in_a_low_window),
        cmocka_unit_test(swatches_show_the_map_s_own_colours),
        cmocka_unit_test(a_disabled_dropdown_closes_and_stays_closed),
        cmocka_unit_test(a_value_out_of_range_is_drawn_without_harm),
        cmocka_unit_test(a_line_parts_two_groups_and_moves_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
