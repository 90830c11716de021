#include "fixture.h"

#include "base/index_set.h"
#include "view/row_chart.h"

static void draw(Fixture *f, DrawList *list, Rect area, bool sorted, bool compact)
{
    draw_list_reset(list);
    row_chart_draw(&f->scene, area, sorted, compact, !compact, list);
    assert_false(list->failed);
}

static void a_row_draws_as_the_golden(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 5, 5, 1);
    draw_list_init(&list);
    f.scene.focus = (Focus){2, -1, 2, 1, 0, false};
    draw(&f, &list, rect(1012, 468, 256, 292), false, false);
    fixture_golden("view/row.txt", &list);
    f.mask_params.causal = true;
    fixture_renormalise(&f);
    draw(&f, &list, rect(419, 84, 209, 300), true, true);
    fixture_golden("view/row_compact.txt", &list);
    draw_list_free(&list);
    fixture_free(&f);
}

/* One data bar's width per shown key, in order. */
static int bars(const Fixture *f, const DrawList *list, float out[64])
{
    int count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DRAW_RECT && list->items[i].color == f->kit.theme->data)
            out[count++] = list->items[i].r.w;
    return count;
}

static void bars_are_as_long_as_the_weights(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    float w[64];
    fixture_init(&f, 2, 6, 1);
    const float row[6] = {0.1f, 0.4f, 0, 0.2f, 1e-6f, 0.3f};
    memcpy(f.weights + 6, row, sizeof row);
    fixture_refresh(&f);
    draw_list_init(&list);
    f.scene.focus = (Focus){1, -1, -1, -1, 0, false};
    draw(&f, &list, rect(0, 0, 256, 300), false, false);
    assert_int_equal(bars(&f, &list, w), 5); /* none for 0 */
    check_close((double)w[0], 132 * 0.25, 1e-4);
    check_close((double)w[1], 132, 1e-4);
    check_close((double)w[3], 1, 1e-4); /* at least 1 for a weight above 0 */
    draw(&f, &list, rect(0, 0, 256, 300), true, false);
    bars(&f, &list, w);
    for (int i = 1; i < 5; i++)
        assert_true(w[i] <= w[i - 1]);
    assert_true(fixture_has_text(&list, "<.001"));
    assert_true(fixture_has_text(&list, "of 6 keys"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void keys_that_do_not_fit_are_summed(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    float w[64];
    fixture_init(&f, 1, 40, 1);
    for (int j = 0; j < 40; j++)
        f.weights[j] = j == 7 ? 0.5f : j == 30 ? 0.11f : 0.39f / 38;
    fixture_refresh(&f);
    draw_list_init(&list);
    f.scene.focus = (Focus){0, -1, -1, -1, 0, false};
    draw(&f, &list, rect(0, 0, 256, 84 + 3 * 16), false, false);
    assert_int_equal(bars(&f, &list, w), 2); /* the two largest, and a line for the rest */
    assert_true(fixture_has_text(&list, "38 more, together .390"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void nothing_selected_shows_the_mean_of_all_rows(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 2, 2, 1);
    const float w[4] = {1, 0, 0.5f, 0.5f};
    memcpy(f.weights, w, sizeof w);
    fixture_refresh(&f);
    draw_list_init(&list);
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "all rows, mean"));
    assert_true(fixture_has_text(&list, ".750"));
    assert_true(fixture_has_text(&list, ".250"));
    assert_true(fixture_has_text(&list, "0.81")); /* −¾ log2 ¾ − ¼ log2 ¼ */
    const double sums[2] = {1.5, 0.5};
    f.scene.received = sums; /* the same, from sums that someone has already */
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, ".750"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void words_out_of_the_vocabulary_have_the_colour_of_errors(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    static const uint8_t UNKNOWN[] = {0, 1, 1, 0};
    fixture_init(&f, 4, 4, 1);
    f.scene.focus.query = 3;
    draw_list_init(&list);
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_int_equal(fixture_texts_in(&list, f.kit.theme->err), 0);
    f.keys.unknown = UNKNOWN;
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_int_equal(fixture_texts_in(&list, f.kit.theme->err), 2);
    draw_list_free(&list);
    fixture_free(&f);
}

static void several_rows_are_summed_or_averaged_as_the_title_says(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 3, 2, 1);
    const float w[6] = {1, 0, 0.5f, 0.5f, 0.25f, 0.75f};
    memcpy(f.weights, w, sizeof w);
    fixture_refresh(&f);
    draw_list_init(&list);
    int rows[2] = {0, 2};
    f.scene.focus = (Focus){0, -1, -1, -1, index_set_intern(rows, 2), true};
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "2 rows, sum"));
    assert_true(fixture_has_text(&list, "1.250"));
    assert_true(fixture_has_text(&list, "max · sum 2.000"));
    f.scene.focus.sum = false;
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "2 rows, mean"));
    assert_true(fixture_has_text(&list, ".625"));
    assert_true(fixture_has_text(&list, "max · sum 1.000"));
    draw(&f, &list, rect(0, 0, 209, 300), false, true);
    assert_true(fixture_has_text(&list, "max .625 · sum 1.000"));
    index_set_forget();
    draw_list_free(&list);
    fixture_free(&f);
}

/* Thousands of keys at the same weight: every figure is as long as it gets. */
static void the_figures_of_thousands_of_keys_fit_their_panel(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 1, 2048, 1);
    for (int j = 0; j < 2048; j++)
        f.weights[j] = 1.0f / 2048;
    fixture_refresh(&f);
    draw_list_init(&list);
    f.scene.focus = (Focus){0, -1, -1, -1, 0, false};
    draw(&f, &list, rect(0, 0, 256, 300), false, false);
    assert_true(fixture_has_text(&list, "of 2\u2009048 keys"));
    assert_true(fixture_has_text(&list, "2\u2009048.0"));
    assert_true(fixture_has_text(&list, "11.00"));
    assert_true(fixture_has_text(&list, "max · Σ 1.000") ||
                fixture_has_text(&list, "max · sum 1.000"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void a_set_of_one_row_is_that_row(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 3, 2, 1);
    draw_list_init(&list);
    int row = 2;
    f.scene.focus = (Focus){-1, -1, 1, -1, index_set_intern(&row, 1), false};
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "didn"));
    Probe p = row_chart_probe(&f.scene, rect(0, 0, 320, 300), false, false, false, vec2(90, 90));
    assert_int_equal(p.query, 2);
    index_set_forget();
    draw_list_free(&list);
    fixture_free(&f);
}

static void mass_that_hidden_keys_lost_has_its_line(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 2, 3, 1);
    f.rows[1].missing = 0.123;
    f.scene.focus = (Focus){1, -1, -1, -1, 0, false};
    draw_list_init(&list);
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "hidden keys"));
    assert_true(fixture_has_text(&list, ".123"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void empty_and_broken_rows_say_so(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    fixture_init(&f, 4, 2, 1);
    f.mask_params.causal = true;
    f.mask_params.align = MASK_BOTTOM;
    fixture_renormalise(&f);
    f.weights[3 * 2] = (float)NAN;
    fixture_refresh(&f);
    draw_list_init(&list);
    f.scene.focus = (Focus){0, -1, -1, -1, 0, false};
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "fully masked"));
    f.scene.focus.query = 3;
    draw(&f, &list, rect(0, 0, 320, 300), false, false);
    assert_true(fixture_has_text(&list, "not a number"));
    draw_list_free(&list);
    fixture_free(&f);
}

static void every_bar_probes_to_its_key(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 9, 1);
    f.scene.focus = (Focus){1, -1, -1, -1, 0, false};
    Rect area = {10, 20, 256, row_chart_height(&f.scene, 9, false)};
    for (int i = 0; i < 9; i++) {
        Vec2 at = {100, 20 + 84 + 16 * ((float)i + 0.5f)};
        Probe p = row_chart_probe(&f.scene, area, false, false, true, at);
        assert_int_equal(p.key, i);
        assert_int_equal(p.query, 1);
    }
    Probe p = row_chart_probe(&f.scene, area, true, false, true, vec2(100, 20 + 84 + 8));
    assert_int_equal(p.key, f.rows[1].argmax);
    p = row_chart_probe(&f.scene, area, true, false, true, vec2(100, 25));
    assert_int_equal(p.key, -1);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_draws_as_the_golden),
        cmocka_unit_test(bars_are_as_long_as_the_weights),
        cmocka_unit_test(keys_that_do_not_fit_are_summed),
        cmocka_unit_test(nothing_selected_shows_the_mean_of_all_rows),
        cmocka_unit_test(words_out_of_the_vocabulary_have_the_colour_of_errors),
        cmocka_unit_test(several_rows_are_summed_or_averaged_as_the_title_says),
        cmocka_unit_test(the_figures_of_thousands_of_keys_fit_their_panel),
        cmocka_unit_test(a_set_of_one_row_is_that_row),
        cmocka_unit_test(mass_that_hidden_keys_lost_has_its_line),
        cmocka_unit_test(empty_and_broken_rows_say_so),
        cmocka_unit_test(every_bar_probes_to_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
