#include "fixture.h"

#include "view/heatmap.h"

typedef struct {
    Fixture f;
    HeatmapModel *model;
    HeatmapLayout layout;
    DrawList list;
} View;

static void view_init(View *v, int rows, int cols, uint64_t seed)
{
    fixture_init(&v->f, rows, cols, seed);
    v->model = heatmap_new();
    assert_non_null(v->model);
    draw_list_init(&v->list);
}

static void view_draw(View *v, Viewport viewport, Rect area)
{
    Error err = {0};
    draw_list_reset(&v->list);
    v->layout = heatmap_layout(&v->f.scene, viewport, area);
    assert_true(heatmap_update(v->model, &v->f.scene, &v->layout, &err));
    heatmap_draw(v->model, &v->f.scene, &v->layout, &v->list);
    assert_false(v->list.failed);
}

static void view_free(View *v)
{
    heatmap_free(v->model);
    draw_list_free(&v->list);
    fixture_free(&v->f);
}

static void a_small_matrix_draws_as_the_golden(void **state)
{
    (void)state;
    View v;
    view_init(&v, 4, 4, 1);
    v.f.scene.focus = (Focus){.query = 2, .key = -1, .hover_query = 2, .hover_key = 1};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    fixture_golden("view/heatmap.txt", &v.list);
    view_free(&v);
}

static void a_causal_matrix_in_a_low_dark_pane_draws_as_the_golden(void **state)
{
    (void)state;
    View v;
    view_init(&v, 5, 5, 2);
    v.f.kit.theme = theme(THEME_DARK);
    v.f.mask_params.causal = true;
    v.f.color.range = RANGE_FIXED;
    fixture_renormalise(&v.f);
    view_draw(&v, viewport_fit(), rect(0, 80, 406, 372));
    fixture_golden("view/heatmap_causal.txt", &v.list);
    view_free(&v);
}

static void a_zoomed_matrix_keeps_its_labels(void **state)
{
    (void)state;
    View v;
    view_init(&v, 40, 40, 3);
    v.f.scene.focus = (Focus){.query = 13, .key = -1, .hover_query = -1, .hover_key = 13};
    view_draw(&v, (Viewport){4, 10.5, 10.25}, rect(0, 0, 511, 696));
    assert_int_equal(v.layout.first_row, 10);
    fixture_golden("view/heatmap_zoomed.txt", &v.list);
    view_free(&v);
}

static void broken_cells_carry_their_marks(void **state)
{
    (void)state;
    View v;
    view_init(&v, 4, 4, 4);
    v.f.weights[1] = (float)NAN;
    v.f.weights[6] = (float)INFINITY;
    v.f.weights[11] = (float)-INFINITY;
    fixture_refresh(&v.f);
    v.f.scene.focus = (Focus){-1, -1, -1, -1, 0, false};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    Color ground = COLOR_RGB(0x990000), white = COLOR_RGB(0xFFFFFF);
    assert_int_equal(fixture_count(&v.list, DRAW_RECT, ground), 3);
    assert_int_equal(fixture_count(&v.list, DRAW_LINE, white), 2); /* the x */
    assert_int_equal(fixture_count(&v.list, DRAW_POLY, white), 2); /* the two triangles */
    view_free(&v);
}

static void values_outside_a_fixed_range_get_corners_and_the_bar_arrows(void **state)
{
    (void)state;
    View v;
    view_init(&v, 3, 3, 4);
    const float w[9] = {0.1f, 0.2f, 0.7f, 0.3f, 0.3f, 0.4f, 0.05f, 0.05f, 0.9f};
    memcpy(v.f.weights, w, sizeof w);
    fixture_refresh(&v.f);
    v.f.color.range = RANGE_FIXED;
    v.f.color.lo = 0.1;
    v.f.color.hi = 0.5;
    v.f.scene.focus = (Focus){-1, -1, -1, -1, 0, false};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    /* 0.7 and 0.9 above, twice 0.05 below, two arrows; 0.1 is inside */
    assert_int_equal(fixture_count(&v.list, DRAW_POLY, 0), 6);
    assert_true(fixture_has_text(&v.list, "linear, fixed"));
    view_free(&v);
}

static void selection_is_drawn_around_cells_and_never_changes_a_colour(void **state)
{
    (void)state;
    View v;
    view_init(&v, 13, 13, 5);
    v.f.scene.focus = (Focus){-1, -1, -1, -1, 0, false};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    uint32_t stamp = 0;
    for (size_t i = 0; i < v.list.count; i++)
        if (v.list.items[i].kind == DRAW_IMAGE && stamp == 0)
            stamp = v.list.items[i].image_stamp;
    Color ink = v.f.kit.theme->ink;
    assert_int_equal(fixture_count(&v.list, DRAW_FRAME, ink), 0);
    v.f.scene.focus = (Focus){8, -1, 8, 1, 0, false};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    assert_int_equal(fixture_count(&v.list, DRAW_FRAME, ink), 1);                 /* the row */
    assert_int_equal(fixture_count(&v.list, DRAW_FRAME, COLOR_RGB(0xFFFFFF)), 2); /* casing, cell */
    bool same = false;
    for (size_t i = 0; i < v.list.count; i++)
        same = same || v.list.items[i].image_stamp == stamp;
    assert_true(same);
    view_free(&v);
}

static void fully_masked_rows_say_so(void **state)
{
    (void)state;
    View v;
    view_init(&v, 6, 3, 6);
    v.f.mask_params.causal = true;
    v.f.mask_params.align = MASK_BOTTOM; /* the first three queries see no key */
    fixture_renormalise(&v.f);
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    int said = 0;
    for (size_t i = 0; i < v.list.count; i++)
        said +=
            v.list.items[i].kind == DRAW_TEXT && strcmp(v.list.items[i].text, "fully masked") == 0;
    assert_int_equal(said, 3);
    assert_int_equal(fixture_count(&v.list, DRAW_HATCH, 0), 1); /* one for the whole matrix */
    view_free(&v);
}

static void large_matrices_cost_pixels_not_cells(void **state)
{
    (void)state;
    View v;
    view_init(&v, 1500, 1500, 6);
    v.f.scene.focus = (Focus){700, -1, 700, 1, 0, false};
    view_draw(&v, viewport_fit(), rect(0, 0, 511, 696));
    assert_true(v.layout.pooled);
    assert_true(v.list.count < 800);
    view_free(&v);
}

static void gold_links_are_frames_with_a_legend(void **state)
{
    (void)state;
    View v;
    view_init(&v, 5, 5, 7);
    DocLink sure[2] = {{0, 0}, {1, 2}}, possible[2] = {{3, 3}, {9, 9}};
    v.f.sentence.sure = sure;
    v.f.sentence.sure_count = 2;
    v.f.sentence.possible = possible;
    v.f.sentence.possible_count = 2; /* one of them lies outside: it is left out */
    v.f.scene.has_gold = true;
    view_draw(&v, viewport_fit(), rect(0, 0, 700, 696));
    assert_true(v.layout.legend.w > 0);
    /* two solid and a hollow one (two edges), and the legend's solid and hollow */
    assert_int_equal(fixture_count(&v.list, DRAW_FRAME, v.f.kit.theme->gold), 2 + 2 + 1 + 2);
    assert_true(fixture_has_text(&v.list, "possible"));
    view_free(&v);
}

static void absent_stages_say_why(void **state)
{
    (void)state;
    View v;
    view_init(&v, 3, 3, 7);
    v.f.scene.stage = STAGE_SCORES;
    v.f.result.absent[STAGE_SCORES] = "Needs q and k.";
    view_draw(&v, viewport_fit(), rect(0, 0, 700, 696));
    assert_true(fixture_has_text(&v.list, "Needs q and k."));
    v.f.scene.result = NULL;
    view_draw(&v, viewport_fit(), rect(0, 0, 700, 696));
    assert_true(fixture_has_text(&v.list, "no tokens"));
    view_free(&v);
}

static void every_size_and_theme_draws(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 2}, {13, 7}, {3, 200}, {200, 200}};
    static const Rect areas[] = {
        {0, 0, 320, 200}, {0, 0, 640, 372}, {0, 0, 3840, 2000}, {0, 0, 90, 60}};
    for (int s = 0; s < 5; s++) {
        View v;
        view_init(&v, sizes[s][0], sizes[s][1], 8);
        v.f.tokens[0] = "";
        fixture_axes(&v.f);
        v.f.scene.focus = (Focus){0, 0, 0, 0, 0, false};
        for (int id = 0; id < THEME_COUNT; id++) {
            v.f.kit.theme = theme((ThemeId)id);
            for (int a = 0; a < 4; a++)
                view_draw(&v, viewport_fit(), areas[a]);
        }
        view_free(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_matrix_draws_as_the_golden),
        cmocka_unit_test(a_causal_matrix_in_a_low_dark_pane_draws_as_the_golden),
        cmocka_unit_test(a_zoomed_matrix_keeps_its_labels),
        cmocka_unit_test(broken_cells_carry_their_marks),
        cmocka_unit_test(values_outside_a_fixed_range_get_corners_and_the_bar_arrows),
        cmocka_unit_test(selection_is_drawn_around_cells_and_never_changes_a_colour),
        cmocka_unit_test(fully_masked_rows_say_so),
        cmocka_unit_test(large_matrices_cost_pixels_not_cells),
        cmocka_unit_test(gold_links_are_frames_with_a_legend),
        cmocka_unit_test(absent_stages_say_why),
        cmocka_unit_test(every_size_and_theme_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
