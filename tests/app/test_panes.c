/* The linked views: what pointing, clicking and typing in them does, in all of them at once. */
#include "app/desk.h"

#include "base/index_set.h"

#include <stdlib.h>

static void start(Desk *d)
{
    desk_start(d, 1440, 900, desk_example("one-sentence"));
    app_settings(d->app)->view2 = 2 + VIEW_LINES;
    desk_settle(d);
}

/* The number drawn in the row of a card or line whose name stands before it. */
static bool card_says(const Desk *d, const char *name, const char *value)
{
    for (size_t i = 0; i + 1 < d->list->count; i++) {
        const DrawCommand *c = &d->list->items[i], *next = c + 1;
        if (c->kind == DRAW_TEXT && next->kind == DRAW_TEXT && strcmp(c->text, name) == 0 &&
            strcmp(next->text, value) == 0)
            return true;
    }
    return false;
}

static void hovering_a_cell_shows_its_numbers(void **state)
{
    Desk d;
    char weight[TEXT_NUMBER], rank[64], nine[64];
    (void)state;
    start(&d);
    desk_hover_cell(&d, 3, 5);
    const AttnResult *r = desk_result(&d);
    double w = desk_weight(&d, 3, 5);
    int better = 0;
    for (int k = 0; k < r->n_k; k++)
        better += desk_weight(&d, 3, k) > w;
    text_exact(weight, w);
    snprintf(rank, sizeof rank, "%d of %d", better + 1, r->n_k);
    assert_true(desk_drawn(&d, app_scope(d.app)->queries.labels[3]));
    assert_true(card_says(&d, "rank", rank));
    assert_true(desk_drawn(&d, "score"));
    /* nine significant digits of what the engine holds, which is float32 of that number */
    snprintf(nine, sizeof nine, "%.6g", w);
    bool found = false;
    for (size_t i = 0; i + 1 < d.list->count; i++)
        if (d.list->items[i].kind == DRAW_TEXT && d.list->items[i + 1].kind == DRAW_TEXT &&
            strcmp(d.list->items[i].text, "weight") == 0)
            found |= fabs(strtod(d.list->items[i + 1].text, NULL) - w) < 1e-6 &&
                     strlen(d.list->items[i + 1].text) >= 9;
    assert_true(found);
    desk_stop(&d);
}

static void the_same_pair_is_pointed_at_in_every_view(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_hover_cell(&d, 4, 2);
    desk_frame(&d);
    for (int p = 0; p < 2; p++) {
        assert_true(d.app->panes[p].drawn);
        assert_int_equal(d.app->panes[p].scene.focus.hover_query, 4);
        assert_int_equal(d.app->panes[p].scene.focus.hover_key, 2);
    }
    assert_int_equal(d.app->panes[0].view, VIEW_HEATMAP);
    assert_int_equal(d.app->panes[1].view, VIEW_LINES);
    desk_stop(&d);
}

static void pointing_changes_lines_and_row_chart_in_the_same_frame(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_click_cell(&d, 4, 2, 0);
    desk_hover_cell(&d, 4, 6);
    uint64_t before = desk_hash(&d);
    desk_hover_cell(&d, 4, 7);
    assert_true(before != desk_hash(&d));
    assert_int_equal(d.app->panes[1].scene.focus.hover_key, 7);
    desk_stop(&d);
}

static void pointing_into_the_row_chart_points_into_the_views(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_click_cell(&d, 4, 2, 0);
    Vec2 at = desk_middle(&d, "row/bars");
    bool found = false;
    const UiItem *bars = desk_item(&d, "row/bars");
    for (float y = bars->rect.y; y < rect_bottom(bars->rect) && !found; y += 4) {
        desk_move(&d, at.x, y);
        found = d.app->panes[0].scene.focus.hover_key >= 0;
    }
    assert_true(found);
    assert_int_equal(d.app->panes[0].scene.focus.hover_query, 4);
    assert_int_equal(d.app->panes[0].scene.focus.hover_key, d.app->panes[1].scene.focus.hover_key);
    desk_stop(&d);
}

static void a_click_locks_and_escape_frees(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_click_cell(&d, 3, 5, 0);
    assert_int_equal(app_settings(d.app)->query, 3);
    assert_int_equal(app_settings(d.app)->key, 5);
    desk_move(&d, 700, 860);
    assert_true(desk_drawn(&d, "locked, Esc frees"));
    assert_int_equal(d.app->panes[1].scene.focus.query, 3);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    assert_int_equal(app_settings(d.app)->key, FIELD_NOTHING);
    assert_false(desk_drawn(&d, "locked, Esc frees"));
    desk_stop(&d);
}

static void shift_click_adds_rows(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_click_cell(&d, 3, 5, 0);
    desk_click_cell(&d, 6, 5, MOD_SHIFT);
    IndexSet rows = index_set(app_settings(d.app)->queries);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[0], 3);
    assert_int_equal(rows.items[1], 6);
    desk_click_cell(&d, 1, 1, 0);
    assert_int_equal(app_settings(d.app)->queries, 0);
    desk_stop(&d);
}

static void a_control_click_hides_a_key_and_rows_sum_to_one_again(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    double was = desk_weight(&d, 4, 5), other = desk_weight(&d, 4, 3);
    assert_true(was > 0);
    desk_click_cell(&d, 4, 5, MOD_CTRL);
    assert_true(index_set_has(app_settings(d.app)->attn.mask.hidden, 5));
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING); /* it locks nothing */
    for (int q = 0; q < desk_result(&d)->n_q; q++) {
        check_close(desk_row_sum(&d, q), 1, 1e-5);
        assert_true(desk_weight(&d, q, 5) == 0);
    }
    check_close(desk_weight(&d, 4, 3), other / (1 - was), 1e-5);
    desk_click_cell(&d, 4, 5, MOD_CTRL);
    assert_int_equal(app_settings(d.app)->attn.mask.hidden, 0);
    check_close(desk_weight(&d, 4, 5), was, 1e-6);
    desk_stop(&d);
}

static void without_renormalising_the_row_shows_its_missing_mass(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_click_cell(&d, 4, 5, 0);
    double was = desk_weight(&d, 4, 5), other = desk_weight(&d, 4, 3);
    desk_click_cell(&d, 4, 5, MOD_CTRL);
    desk_click(&d, "mask/renormalise");
    assert_false(app_settings(d.app)->attn.mask.renormalise);
    check_close(desk_row_sum(&d, 4), 1 - was, 1e-5);
    check_close(desk_weight(&d, 4, 3), other, 1e-6);
    check_close(desk_result(&d)->rows[4].missing, was, 1e-5);
    assert_true(desk_drawn(&d, "hidden keys"));
    desk_stop(&d);
}

static void fully_masked_rows_say_so(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("three-tokens"));
    app_settings(d.app)->view = 1 + VIEW_HEATMAP;
    app_settings(d.app)->attn.mask.hidden = index_set_intern((const int[]){0, 1, 2}, 3);
    desk_settle(&d);
    assert_true(desk_drawn(&d, "fully masked"));
    bool hatched = false;
    for (size_t i = 0; i < d.list->count; i++)
        hatched |= d.list->items[i].kind == DRAW_HATCH;
    assert_true(hatched);
    for (int q = 0; q < 3; q++)
        check_close(desk_row_sum(&d, q), 0, 0);
    desk_stop(&d);
}

static void the_wheel_zooms_and_zero_fits(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_hover_cell(&d, 5, 5);
    d.in.wheel = vec2(0, 3);
    desk_frame(&d);
    assert_true(app_settings(d.app)->zoom > 1.5);
    assert_int_equal(d.app->hover.hover_query, 5); /* what is pointed at stays under the pointer */
    assert_int_equal(d.app->hover.hover_key, 5);
    desk_key(&d, '0', 0);
    assert_true(app_settings(d.app)->zoom == 1);
    desk_stop(&d);
}

static void arrows_walk_over_the_cells(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_key(&d, KEY_DOWN, 0);
    assert_int_equal(app_settings(d.app)->query, 0);
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_RIGHT, 0);
    desk_key(&d, KEY_RIGHT, 0);
    assert_int_equal(app_settings(d.app)->query, 1);
    assert_int_equal(app_settings(d.app)->key, 1);
    for (int i = 0; i < 40; i++)
        desk_key(&d, KEY_LEFT, 0);
    assert_int_equal(app_settings(d.app)->key, 0);
    desk_stop(&d);
}

static void clicking_a_patch_shows_where_it_looks(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("shapes"));
    assert_int_equal(d.app->panes[0].view, VIEW_PATCHES);
    Vec2 middle = desk_middle(&d, "pane1/body");
    uint64_t before = desk_hash(&d);
    int was = app_settings(d.app)->query;
    for (int i = 0; i < 8 && app_settings(d.app)->query == was; i++)
        desk_click_at(&d, middle.x + 40 * (float)(i - 3), middle.y - 60, 0);
    assert_int_not_equal(app_settings(d.app)->query, was);
    assert_true(before != desk_hash(&d));
    assert_true(app_settings(d.app)->query >= 1); /* a patch, not [CLS] */
    bool picture = false;
    for (size_t i = 0; i < d.list->count; i++)
        picture |= d.list->items[i].kind == DRAW_IMAGE;
    assert_true(picture);
    desk_stop(&d);
}

static void horizontal_lines_follow_the_same_selection(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("translation"));
    app_settings(d.app)->view = 1 + VIEW_LINES;
    desk_run(&d, "lines.horizontal");
    assert_int_equal(app_settings(d.app)->lines.layout, LINES_HORIZONTAL);
    uint64_t before = desk_hash(&d);
    desk_key(&d, KEY_RIGHT, 0); /* queries run across */
    assert_int_equal(app_settings(d.app)->query, 0);
    assert_true(before != desk_hash(&d));
    desk_stop(&d);
}

static int ribbons(const Desk *d)
{
    int count = 0;
    for (size_t i = 0; i < d->list->count; i++)
        if (d->list->items[i].kind == DRAW_RIBBONS)
            count += d->list->items[i].ribbons.count;
    return count;
}

static void kept_mass_and_threshold_thin_the_links(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("translation"));
    app_settings(d.app)->view = 1 + VIEW_LINES;
    app_settings(d.app)->attn.scale.temperature = 6; /* the head is sharp */
    app_settings(d.app)->lines.mass = 1;
    desk_settle(&d);
    int all = ribbons(&d);
    app_settings(d.app)->lines.mass = 0.5;
    desk_settle(&d);
    int half = ribbons(&d);
    app_settings(d.app)->lines.threshold = 0.25;
    desk_settle(&d);
    int few = ribbons(&d);
    assert_true(all > half && half > few && few > 0);
    desk_stop(&d);
}

static void shift_and_a_digit_choose_the_second_view(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_key(&d, '1', MOD_SHIFT);
    assert_int_equal(d.app->panes[1].view, VIEW_HEATMAP);
    desk_key(&d, '6', MOD_SHIFT);
    assert_int_equal(d.app->panes[1].view, VIEW_HEADS);
    desk_run(&d, "view2.none");
    assert_int_equal(d.app->panes[1].view, -1);
    desk_stop(&d);
}

static void a_head_of_the_grid_opens_by_click(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    const UiItem *grid = desk_item(&d, "navigator/grid");
    int layer = app_settings(d.app)->layer, head = app_settings(d.app)->head;
    desk_click_at(&d, grid->rect.x + grid->rect.w * 0.45f, grid->rect.y + grid->rect.h * 0.4f, 0);
    assert_true(app_settings(d.app)->layer != layer || app_settings(d.app)->head != head);
    desk_stop(&d);
}

static int halos(const Desk *d)
{
    int found = 0;
    for (size_t i = 0; i < d->list->count; i++)
        found += d->list->items[i].kind == DRAW_RECT && d->list->items[i].r.w == 54 &&
                 d->list->items[i].r.h == 54;
    return found;
}

static void the_projector_rings_the_pointer(void **state)
{
    Desk d;
    (void)state;
    start(&d);
    desk_hover_cell(&d, 3, 5);
    assert_int_equal(halos(&d), 0);
    app_settings(d.app)->theme = THEME_PROJECTOR;
    desk_settle(&d);
    assert_true(halos(&d) > 0);
    desk_hover_cell(&d, 4, 5); /* what is below it still has the pointer */
    assert_int_equal(d.app->panes[0].scene.focus.hover_query, 4);
    desk_move(&d, -10, 40);
    assert_int_equal(halos(&d), 0);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hovering_a_cell_shows_its_numbers),
        cmocka_unit_test(the_same_pair_is_pointed_at_in_every_view),
        cmocka_unit_test(pointing_changes_lines_and_row_chart_in_the_same_frame),
        cmocka_unit_test(pointing_into_the_row_chart_points_into_the_views),
        cmocka_unit_test(a_click_locks_and_escape_frees),
        cmocka_unit_test(shift_click_adds_rows),
        cmocka_unit_test(a_control_click_hides_a_key_and_rows_sum_to_one_again),
        cmocka_unit_test(without_renormalising_the_row_shows_its_missing_mass),
        cmocka_unit_test(fully_masked_rows_say_so),
        cmocka_unit_test(the_wheel_zooms_and_zero_fits),
        cmocka_unit_test(arrows_walk_over_the_cells),
        cmocka_unit_test(clicking_a_patch_shows_where_it_looks),
        cmocka_unit_test(horizontal_lines_follow_the_same_selection),
        cmocka_unit_test(kept_mass_and_threshold_thin_the_links),
        cmocka_unit_test(shift_and_a_digit_choose_the_second_view),
        cmocka_unit_test(a_head_of_the_grid_opens_by_click),
        cmocka_unit_test(the_projector_rings_the_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
