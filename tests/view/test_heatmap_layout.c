#include "fixture.h"

#include "view/heatmap.h"

#define SLACK 0.51f

static bool inside(Rect r, Rect area)
{
    return r.w <= 0 || r.h <= 0 ||
           (r.x >= area.x - SLACK && r.y >= area.y - SLACK &&
            rect_right(r) <= rect_right(area) + SLACK &&
            rect_bottom(r) <= rect_bottom(area) + SLACK);
}

static bool apart(Rect a, Rect b)
{
    Rect both = rect_meet(a, b);
    return both.w <= SLACK || both.h <= SLACK;
}

/* Everything that the layout places, with the room its texts need. */
static int boxes(const HeatmapLayout *l, float u, Rect out[8])
{
    int count = 0;
    out[count++] = l->matrix;
    out[count++] = rect(l->matrix.x - l->label_w, l->matrix.y, l->label_w, l->matrix.h);
    out[count++] = rect(l->matrix.x, l->area.y, l->matrix.w, l->matrix.y - l->area.y);
    out[count++] = l->received;
    out[count++] = l->entropy;
    out[count++] = l->legend;
    Rect bar = rect_inset(l->bar, -1);
    if (l->bar_kind == BAR_HORIZONTAL)
        bar.h += 22 * u; /* ticks and their numbers */
    if (l->bar_kind == BAR_VERTICAL)
        bar.w += 13 * u;
    out[count++] = bar;
    return count;
}

static void check_layout(const Scene *scene, Rect area, float u)
{
    HeatmapLayout l = heatmap_layout(scene, viewport_fit(), area);
    Rect box[8];
    int count = boxes(&l, u, box);
    assert_true(l.matrix.w > 0 && l.matrix.h > 0);
    assert_true(l.bar.w > 0 && l.bar.h > 0);
    for (int i = 0; i < count; i++) {
        if (!inside(box[i], area))
            fail_msg("box %d (%g %g %g %g) leaves %g × %g", i, (double)box[i].x, (double)box[i].y,
                     (double)box[i].w, (double)box[i].h, (double)area.w, (double)area.h);
        for (int j = 0; j < i; j++)
            if (!apart(box[i], box[j]))
                fail_msg("boxes %d and %d meet in %g × %g", j, i, (double)area.w, (double)area.h);
    }
    assert_int_equal(l.rows_seen, l.rows);
    assert_int_equal(l.cols_seen, l.cols);
    assert_true(l.cell_w <= 52 * u + SLACK);
    assert_true(l.label_turn == 0 || l.label_turn == 45 || l.label_turn == 90);
    if (l.label_turn == 45)
        assert_true(l.cell_w >= 20 * u - SLACK);
    if (l.label_step == 1 && l.label_turn == 90)
        assert_true(l.cell_w >= 14 * u - SLACK);
    if (l.label_step > 1)
        assert_true(l.cell_w * (float)l.label_step >= 14 * u - 0.01f);
    assert_true(l.pooled == (fminf(l.cell_w, l.cell_h) * scene->kit->scale < 2.999f));
    if (l.pooled)
        assert_true(l.gap == 0);
}

static void nothing_overlaps_or_leaves_the_pane_at_any_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1},  {2, 2},     {13, 13}, {3, 40},
                                   {64, 9}, {200, 200}, {7, 300}};
    static const float scales[] = {0.75f, 1, 1.5f, 3};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        Fixture f;
        fixture_init(&f, sizes[s][0], sizes[s][1], s);
        for (int id = 0; id < THEME_COUNT; id++) {
            f.kit.theme = theme((ThemeId)id);
            for (int w = 320; w <= 4000; w += w / 9 + 11) {
                for (int h = 240; h <= 2400; h += h / 7 + 13) {
                    f.kit.scale = scales[(w + h) % 4];
                    f.scene.has_gold = (w + h) % 3 == 0;
                    f.scene.stage = (w + h) % 5 == 0 ? STAGE_SCORES : STAGE_WEIGHTS;
                    f.result.stage[STAGE_SCORES] = f.result.stage[STAGE_WEIGHTS];
                    f.result.range[STAGE_SCORES] = f.result.range[STAGE_WEIGHTS];
                    check_layout(&f.scene, rect(7, 5, (float)w, (float)h), f.kit.theme->unit);
                }
            }
        }
        fixture_free(&f);
    }
}

static void tiny_panes_give_what_they_can(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 13, 13, 1);
    for (int w = 0; w < 320; w += 17) {
        for (int h = 0; h < 240; h += 17) {
            Rect area = {3, 4, (float)w, (float)h};
            HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), area);
            assert_true(inside(l.matrix, area));
            assert_true(l.rows_seen >= 0 && l.cols_seen >= 0);
        }
    }
    fixture_free(&f);
}

/* Pane 224 … 735 of the 1280 × 800 picture of the design: its numbers, read from the picture. The
 * longest label is 48 wide in the fixed font and 50.2 in the picture: the matrix stands one point
 * higher than 144. */
static void the_main_picture_is_met_to_the_pixel(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 13, 13, 1);
    f.tokens[7] = "becauses";
    fixture_axes(&f);
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(224, 76, 511, 696));
    assert_true(l.matrix.x == 312 && l.matrix.y == 143);
    assert_true(l.cell_w == 27 && l.cell_h == 33);
    assert_int_equal(l.label_turn, 45);
    assert_true(rect_bottom(l.received) == 681);
    assert_true(l.bar.x == 312 && l.bar.y == 727 && l.bar.w == 240 && l.bar.h == 12);
    assert_true(l.entropy.x == 674);
    assert_true(l.gap == 1);
    assert_false(l.numbers);
    fixture_free(&f);
}

static void labels_turn_and_thin_out_as_columns_narrow(void **state)
{
    (void)state;
    static const int counts[] = {3, 13, 20, 60};
    static const int turns[] = {0, 45, 90, 90};
    static const int steps[] = {1, 1, 1, 3};
    for (int i = 0; i < 4; i++) {
        Fixture f;
        fixture_init(&f, counts[i], counts[i], 3);
        HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
        assert_int_equal(l.label_turn, turns[i]);
        assert_int_equal(l.label_step, steps[i]);
        fixture_free(&f);
    }
}

static void zooming_in_shows_fewer_cells_and_stays_inside(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 50, 80, 5);
    Rect area = {0, 0, 600, 700};
    uint64_t seed = 3;
    for (int trial = 0; trial < 300; trial++) {
        Viewport v = {1 + fixture_random(&seed) * 30, fixture_random(&seed) * 60,
                      fixture_random(&seed) * 90};
        HeatmapLayout l = heatmap_layout(&f.scene, v, area);
        assert_true(inside(l.matrix, area));
        assert_true(l.first_row >= 0 && l.first_row + l.rows_seen <= 50);
        assert_true(l.first_col >= 0 && l.first_col + l.cols_seen <= 80);
        assert_true(l.row0 >= 0 && l.col0 >= 0);
        /* what is seen fills the matrix */
        Rect first = heatmap_cell(&l, l.first_row, l.first_col);
        Rect last = heatmap_cell(&l, l.first_row + l.rows_seen - 1, l.first_col + l.cols_seen - 1);
        assert_true(first.x <= l.matrix.x + SLACK && first.y <= l.matrix.y + SLACK);
        assert_true(last.x + l.cell_w >= rect_right(l.matrix) - SLACK);
        assert_true(last.y + l.cell_h >= rect_bottom(l.matrix) - SLACK);
    }
    fixture_free(&f);
}

static void square_cells_are_square(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 13, 13, 5);
    f.color.square = true;
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    assert_true(l.cell_w == l.cell_h);
    fixture_free(&f);
}

static void an_absent_stage_has_no_cells(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 3, 5);
    f.scene.stage = STAGE_OUTPUT;
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    assert_int_equal(l.rows, 0);
    assert_int_equal(l.rows_seen, 0);
    f.scene.result = NULL;
    l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    assert_int_equal(l.rows, 0);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps_or_leaves_the_pane_at_any_size),
        cmocka_unit_test(tiny_panes_give_what_they_can),
        cmocka_unit_test(the_main_picture_is_met_to_the_pixel),
        cmocka_unit_test(labels_turn_and_thin_out_as_columns_narrow),
        cmocka_unit_test(zooming_in_shows_fewer_cells_and_stays_inside),
        cmocka_unit_test(square_cells_are_square),
        cmocka_unit_test(an_absent_stage_has_no_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
