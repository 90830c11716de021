#include "app/export.h"
#include "app/facts.h"
#include "app/view_parts.h"
#include "base/mem.h"
#include "draw/svg.h"
#include "view/head_grid.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Two heads of two queries and three keys; the second key's name would break a table. */
static const char DOCUMENT[] =
    "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\"]},"
    " \"keys\": {\"tokens\": [\"x\", \"y\\tz\", \"\"]},"
    " \"layers\": [{\"heads\": [{\"scores\": [[1, 2, 3], [0, 0, 1]], \"d_k\": 4},"
    "                           {\"scores\": [[5, 5, 5], [1, 0, 0]]}]}]}";

static bool open_text(Scope *scope, const char *text)
{
    const char *path = check_path(check_temp_dir(), "d.attn.json");
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    check_put(path, text);
    return scope_init(scope, NULL) && scope_open(scope, &request, NULL);
}

static void csv_has_no_header_and_ends_lines_with_lf(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Buf out;
    assert_true(open_text(&scope, DOCUMENT));
    buf_init(&out, BUF_NO_LIMIT);
    s.attn.mask.causal = true;
    assert_true(export_stage(&scope, &s, STAGE_MASKED, DUMP_CSV, NULL, &out, NULL));
    assert_string_equal(buf_string(&out), "0.5,-inf,-inf\n0,0,-inf\n");
    buf_free(&out);
    scope_free(&scope);
}

static void npy_is_version_1_with_numbers_at_a_multiple_of_64(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Buf out;
    assert_true(open_text(&scope, DOCUMENT));
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(export_stage(&scope, &s, STAGE_SCORES, DUMP_NPY, NULL, &out, NULL));
    assert_int_equal(out.size, 128 + 2 * 3 * 4);
    assert_memory_equal(out.data,
                        "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, "
                        "'shape': (2, 3), } ",
                        10 + 60);
    assert_int_equal(out.data[127], '\n');
    assert_memory_equal(out.data + 128, "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40", 12);
    buf_free(&out);
    scope_free(&scope);
}

static void an_absent_stage_gives_its_reason_and_no_output(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    Buf out;
    assert_true(open_text(&scope, DOCUMENT));
    buf_init(&out, BUF_NO_LIMIT);
    assert_false(export_stage(&scope, &s, STAGE_OUTPUT, DUMP_JSON, NULL, &out, &err));
    check_error(&err, ERROR_USAGE,
                "stage: expected one that the file can give, found output: the file "
                "has no values (v), so no output");
    assert_int_equal(out.size, 0);
    buf_free(&out);
    scope_free(&scope);
}

static void a_copied_row_is_a_table_whose_cells_hold_together(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Buf out;
    assert_true(open_text(&scope, DOCUMENT));
    buf_init(&out, BUF_NO_LIMIT);
    assert_false(export_tsv(&scope, &s, 0, -1, &out, NULL)); /* nothing was computed yet */
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    s.head = 1;
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    assert_true(export_tsv(&scope, &s, 0, -1, &out, NULL));
    int tabs = 0, lines = 0;
    for (size_t i = 0; i < out.size; i++) {
        tabs += out.data[i] == '\t';
        lines += out.data[i] == '\n';
    }
    assert_int_equal(lines, 4);
    assert_int_equal(tabs, 4 * 6);
    assert_non_null(strstr(buf_string(&out), "\n0\ta\t0\tx\t5\t5\t0.333333333\n"));
    buf_clear(&out);
    assert_true(export_tsv(&scope, &s, 1, 0, &out, NULL));
    /* e / (e + 2), by hand */
    assert_string_equal(buf_string(&out),
                        "query\tquery token\tkey\tkey token\tscore\tscaled\tweight\n"
                        "1\tb\t0\tx\t1\t1\t0.576116885\n");
    assert_false(export_tsv(&scope, &s, 2, 0, &out, NULL));
    assert_false(export_tsv(&scope, &s, -1, -1, &out, NULL));
    assert_false(export_tsv(&scope, &s, 0, 3, &out, NULL));
    buf_free(&out);
    scope_free(&scope);
}

/* A rank costs a walk along the row: tables do without. */
static void only_a_card_asks_for_the_rank(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    CellFacts card, table;
    assert_true(open_text(&scope, DOCUMENT));
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    assert_true(facts_cell(&scope, 0, 1, &card));
    assert_true(facts_numbers(&scope, 0, 1, &table));
    assert_int_equal(card.rank, 2);
    assert_int_equal(table.rank, 0);
    assert_int_equal(table.of, 3);
    assert_true(table.weight == card.weight && table.score == 2 && table.scaled == 1);
    assert_false(facts_numbers(&scope, 0, 3, &table));
    scope_free(&scope);
}

/* Made one a pass: a head that cannot be computed is passed by, the ones behind it follow. */
static void a_head_that_fails_does_not_hold_up_the_thumbnails(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    HeadGrid *grid = head_grid_new();
    assert_non_null(grid);
    assert_true(open_text(&scope, DOCUMENT));
    DocHead *broken = (DocHead *)&scope.doc.sentences[0].layers[0].heads[0];
    int tensor = broken->scores.tensor;
    broken->scores.tensor = -1;
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    assert_int_equal(view_thumbnails(&scope, &s, grid, 1, 8, map), 1);
    assert_true(head_grid_stale(grid, 0, 1, scope_other_key(&scope, &s, 0, 1)));
    assert_int_equal(view_thumbnails(&scope, &s, grid, 1, 8, map), 1);
    assert_false(head_grid_stale(grid, 0, 1, scope_other_key(&scope, &s, 0, 1)));
    assert_int_equal(view_thumbnails(&scope, &s, grid, 1, 8, map), 0);
    s.attn.scale.temperature = 2; /* another key: it is tried again */
    assert_int_equal(view_thumbnails(&scope, &s, grid, 0, 8, map), 2);
    broken->scores.tensor = tensor;
    head_grid_free(grid);
    scope_free(&scope);
}

/* The pictures in the list must live on when the models that made them are gone. */
static void a_view_outlives_its_model_and_can_be_written_twice(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Font font = font_fixed();
    TextKit kit = {&font, 1, theme(THEME_LIGHT)};
    assert_true(open_text(&scope, DOCUMENT));
    for (int view = 0; view < VIEW_COUNT; view++) {
        if (view == VIEW_PATCHES)
            continue;
        DrawList list;
        Buf a, b, png;
        buf_init(&a, BUF_NO_LIMIT);
        buf_init(&b, BUF_NO_LIMIT);
        buf_init(&png, BUF_NO_LIMIT);
        draw_list_init(&list);
        assert_true(export_view(&scope, &s, &kit, view, 500, 400, &list, NULL));
        assert_true(svg_write(&a, &list, &font, 500, 400, 1, kit.theme->bg, NULL));
        assert_true(svg_write(&b, &list, &font, 500, 400, 1, kit.theme->bg, NULL));
        assert_true(export_png(&list, &font, 500, 400, 1.5f, kit.theme->bg, &png, NULL));
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        assert_memory_equal(png.data + 16, "\x00\x00\x02\xee\x00\x00\x02\x58", 8); /* 750 × 600 */
        buf_free(&a);
        buf_free(&b);
        buf_free(&png);
        draw_list_free(&list);
    }
    scope_free(&scope);
}

static void a_view_without_its_data_is_refused(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Font font = font_fixed();
    TextKit kit = {&font, 1, theme(THEME_LIGHT)};
    DrawList list;
    Error err = {0};
    assert_true(open_text(&scope, DOCUMENT));
    draw_list_init(&list);
    assert_false(export_view(&scope, &s, &kit, VIEW_PATCHES, 500, 400, &list, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(list.count, 0);
    draw_list_free(&list);
    scope_free(&scope);
}

static void a_picture_has_limits(void **state)
{
    (void)state;
    static const float odd[][3] = {{0, 10, 1},        {10, 10, 0.01f}, {20000, 1, 1},
                                   {16384, 16384, 1}, {10, 0.01f, 1},  {10, 10, NAN},
                                   {10, INFINITY, 1}, {10, 10, -1}};
    Font font = font_fixed();
    DrawList list;
    draw_list_init(&list);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Error err = {0};
        Buf out;
        buf_init(&out, BUF_NO_LIMIT);
        assert_false(export_png(&list, &font, odd[i][0], odd[i][1], odd[i][2], 0, &out, &err));
        assert_int_equal(err.kind, ERROR_LIMIT);
        buf_free(&out);
    }
    draw_list_free(&list);
}

static void memory_that_runs_out_leaves_nothing_behind(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Font font = font_fixed();
    TextKit kit = {&font, 1, theme(THEME_LIGHT)};
    assert_true(open_text(&scope, DOCUMENT));
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    for (int view = 0; view < VIEW_COUNT; view++) {
        bool done = view == VIEW_PATCHES;
        for (uint64_t n = 1; !done && n < 2000; n++) {
            Error err = {0};
            DrawList list;
            draw_list_init(&list);
            mem_fail_at(n, true);
            done = export_view(&scope, &s, &kit, view, 300, 200, &list, &err);
            mem_fail_at(0, false);
            assert_true(done || err.kind == ERROR_LIMIT);
            draw_list_free(&list);
        }
        assert_true(done);
    }
    scope_free(&scope);
    assert_int_equal(mem_live(), 0);
}

static void a_view_is_computed_without_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"shapes", "shopping", "image-gate"};
    Font font = font_fixed();
    TextKit kit = {&font, 1, theme(THEME_LIGHT)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Scope scope;
        Settings s = settings_default();
        char path[512];
        snprintf(path, sizeof path, TEST_SOURCE_DIR "/examples/%s/%s.attn.json", names[i],
                 names[i]);
        LoadRequest request = {.path = path, .limits = load_limits_default()};
        assert_true(scope_init(&scope, NULL) && scope_open(&scope, &request, NULL));
        for (int view = 0; view < VIEW_COUNT; view++) {
            bool done = scope_view_missing(&scope, &s, view) != NULL;
            for (uint64_t n = 1; !done && n < 4000; n += 1 + n / 16) {
                Error err = {0};
                DrawList list;
                s.attn.scale.temperature = 1 + 0.001 * (double)n; /* never what was there */
                draw_list_init(&list);
                uint64_t before = mem_count();
                mem_fail_at(n, n % 2);
                bool ok = export_view(&scope, &s, &kit, view, 900, 700, &list, &err);
                mem_fail_at(0, false);
                assert_true(ok || err.kind == ERROR_LIMIT);
                done = ok && mem_count() - before < n;
                draw_list_free(&list);
            }
            assert_true(done);
        }
        scope_free(&scope);
    }
    assert_int_equal(mem_live(), 0);
}

/* Two queries, two keys, features of two. */
static const char FEATURES[] =
    "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{"
    "\"q\": [[1,0],[0,1]], \"k\": [[1,0],[0,1]], \"v\": [[1,2],[3,4]], "
    "\"score\": {\"kind\": \"featurewise\", \"w_q\": [[1,0],[0,1]], \"w_k\": [[1,0],[0,1]]}}]}]}";

static void a_feature_is_copied_where_one_is_pointed_at(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Font font = font_fixed();
    TextKit kit = {&font, 1, theme(THEME_LIGHT)};
    DrawList list;
    Error err = {0};
    Buf out;
    assert_true(open_text(&scope, FEATURES));
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    buf_init(&out, BUF_NO_LIMIT);
    assert_false(export_tsv(&scope, &s, -1, -1, &out, &err));
    check_error(&err, ERROR_USAGE, "copy: expected a feature that is pointed at, found none");
    assert_true(export_tsv(&scope, &s, 1, 0, &out, NULL));
    assert_non_null(strstr(buf_string(&out), "query\tquery token\tfeature\tkey\tkey token\t"));
    buf_clear(&out);
    assert_true(export_stage(&scope, &s, STAGE_WEIGHTS, DUMP_JSON, NULL, &out, NULL));
    assert_non_null(strstr(buf_string(&out), "\"query\":0,\"rows\":2,"));
    buf_free(&out);
    draw_list_init(&list);
    for (int tall = 0; tall < 2; tall++) { /* where there is no room the title is left out */
        bool found = false;
        assert_true(
            export_view(&scope, &s, &kit, VIEW_HEATMAP, 400, tall ? 300 : 100, &list, NULL));
        for (size_t i = 0; i < list.count; i++)
            found = found || (list.items[i].kind == DRAW_TEXT &&
                              strncmp(list.items[i].text, "map of query 0", 14) == 0);
        assert_int_equal(found, tall);
    }
    draw_list_free(&list);
    scope_free(&scope);
}

static void what_is_copied_may_be_no_number_or_have_no_name(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Buf out;
    assert_true(open_text(&scope,
                          "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 2}, "
                          "\"layers\": [{\"weights\": {\"dtype\": \"f32\", \"shape\": [1, 2, 2], "
                          "\"base64\": \"AADAfwAAgD8AAAAAAACAPw==\"}}]}")); /* NaN 1 0 1 */
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    assert_true(export_tsv(&scope, &s, 0, -1, &out, NULL));
    assert_string_equal(buf_string(&out),
                        "query\tquery token\tkey\tkey token\tscore\tscaled\tweight\n"
                        "0\tpatch 0, 0\t0\tpatch 0, 0\t\t\tnan\n"
                        "0\tpatch 0, 0\t1\tpatch 0, 1\t\t\t1\n");
    buf_free(&out);
    scope_free(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_has_no_header_and_ends_lines_with_lf),
        cmocka_unit_test(npy_is_version_1_with_numbers_at_a_multiple_of_64),
        cmocka_unit_test(an_absent_stage_gives_its_reason_and_no_output),
        cmocka_unit_test(a_copied_row_is_a_table_whose_cells_hold_together),
        cmocka_unit_test(only_a_card_asks_for_the_rank),
        cmocka_unit_test(a_head_that_fails_does_not_hold_up_the_thumbnails),
        cmocka_unit_test(a_view_outlives_its_model_and_can_be_written_twice),
        cmocka_unit_test(a_view_without_its_data_is_refused),
        cmocka_unit_test(a_picture_has_limits),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing_behind),
        cmocka_unit_test(a_view_is_computed_without_memory),
        cmocka_unit_test(a_feature_is_copied_where_one_is_pointed_at),
        cmocka_unit_test(what_is_copied_may_be_no_number_or_have_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
