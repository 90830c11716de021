#include "fixture.h"

#include "view/heatmap.h"

static void the_middle_of_every_cell_probes_to_itself(void **state)
{
    (void)state;
    uint64_t seed = 77;
    for (int trial = 0; trial < 120; trial++) {
        Fixture f;
        int rows = 1 + (int)(fixture_random(&seed) * 60),
            cols = 1 + (int)(fixture_random(&seed) * 60);
        fixture_init(&f, rows, cols, (uint64_t)trial);
        f.kit.theme = theme((ThemeId)(trial % THEME_COUNT));
        f.kit.scale = trial % 4 ? 1.0f : 1.5f;
        Viewport v = {1 + fixture_random(&seed) * 3, fixture_random(&seed) * 20,
                      fixture_random(&seed) * 20};
        Rect area = {11, 13, 320 + (float)(fixture_random(&seed) * 1200),
                     240 + (float)(fixture_random(&seed) * 900)};
        HeatmapLayout l = heatmap_layout(&f.scene, v, area);
        for (int r = l.first_row; r < l.first_row + l.rows_seen; r++) {
            for (int c = l.first_col; c < l.first_col + l.cols_seen; c++) {
                Rect cell = heatmap_cell(&l, r, c);
                Vec2 middle = {cell.x + 0.5f * cell.w, cell.y + 0.5f * cell.h};
                if (!rect_has(l.matrix, middle))
                    continue; /* cut at the edge */
                Probe probe = heatmap_probe(&f.scene, &l, middle);
                assert_int_equal(probe.query, r);
                assert_int_equal(probe.key, c);
                assert_true(rect_has(probe.rect, middle));
            }
        }
        fixture_free(&f);
    }
}

static void labels_and_bars_probe_to_their_row_or_column(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 13, 13, 3);
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    for (int i = 0; i < 13; i++) {
        Rect cell = heatmap_cell(&l, i, i);
        float x = cell.x + 0.5f * cell.w, y = cell.y + 0.5f * cell.h;
        Probe probe = heatmap_probe(&f.scene, &l, vec2(l.matrix.x - 20, y));
        assert_int_equal(probe.query, i);
        assert_int_equal(probe.key, -1);
        probe = heatmap_probe(&f.scene, &l, vec2(l.entropy.x + 5, y));
        assert_int_equal(probe.query, i);
        probe = heatmap_probe(&f.scene, &l, vec2(x, rect_bottom(l.received) - 3));
        assert_int_equal(probe.key, i);
        assert_int_equal(probe.query, -1);
        probe = heatmap_probe(&f.scene, &l, vec2(x, l.matrix.y - 3));
        assert_int_equal(probe.key, i);
        /* a label at 45° has run as far to the right as up */
        probe = heatmap_probe(&f.scene, &l, vec2(x + 20, l.matrix.y - 24));
        assert_int_equal(probe.key, i);
    }
    fixture_free(&f);
}

static void cut_labels_have_a_tip(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 3, 3);
    f.tokens[1] = "a-token-that-is-far-too-long-for-any-label";
    fixture_axes(&f);
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    Rect cell = heatmap_cell(&l, 1, 1);
    Probe probe = heatmap_probe(&f.scene, &l, vec2(l.matrix.x - 20, cell.y + 5));
    assert_string_equal(probe.tip, f.tokens[1]);
    cell = heatmap_cell(&l, 0, 0);
    probe = heatmap_probe(&f.scene, &l, vec2(l.matrix.x - 20, cell.y + 5));
    assert_null(probe.tip);
    fixture_free(&f);
}

static void words_out_of_the_vocabulary_say_so(void **state)
{
    (void)state;
    Fixture f;
    static const uint8_t UNKNOWN[] = {0, 1, 0};
    fixture_init(&f, 3, 3, 3);
    f.queries.unknown = UNKNOWN;
    f.keys.unknown = UNKNOWN;
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    for (int i = 0; i < 3; i++) {
        Rect cell = heatmap_cell(&l, i, i);
        float x = cell.x + 0.5f * cell.w, y = cell.y + 0.5f * cell.h;
        Probe row = heatmap_probe(&f.scene, &l, vec2(l.matrix.x - 20, y));
        Probe column = heatmap_probe(&f.scene, &l, vec2(x, l.matrix.y - 3));
        assert_int_equal(row.query, i);
        assert_int_equal(column.key, i);
        if (i == 1) {
            assert_string_equal(row.tip, "not in the vocabulary");
            assert_string_equal(column.tip, "not in the vocabulary");
        } else {
            assert_null(row.tip);
            assert_null(column.tip);
        }
        assert_null(heatmap_probe(&f.scene, &l, vec2(x, y)).tip); /* cells have numbers to tell */
    }
    fixture_free(&f);
}

static void nothing_lies_outside(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 3, 3);
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 511, 696));
    Probe probe = heatmap_probe(&f.scene, &l, vec2(-5, -5));
    assert_int_equal(probe.query, -1);
    assert_int_equal(probe.key, -1);
    probe = heatmap_probe(&f.scene, &l, vec2(500, 690));
    assert_int_equal(probe.query, -1);
    assert_int_equal(probe.key, -1);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_middle_of_every_cell_probes_to_itself),
        cmocka_unit_test(labels_and_bars_probe_to_their_row_or_column),
        cmocka_unit_test(cut_labels_have_a_tip),
        cmocka_unit_test(words_out_of_the_vocabulary_say_so),
        cmocka_unit_test(nothing_lies_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
