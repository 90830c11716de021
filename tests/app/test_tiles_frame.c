#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/facts.h"
#include "app/state.h"
#include "desk.h"
#include "support/reference.h"

#include <stdlib.h>
#include <unistd.h>

/* Large enough to be beyond a budget of 1 MiB: rows come on demand, 64 a frame. */
enum { N = 500, D = 4 };

static char folder[] = P_tmpdir "/attnscope-tiles-XXXXXX";
static char path[128];

static void put_matrix(FILE *file, const char *name, RefRandom *r)
{
    fprintf(file, "\"%s\": [", name);
    for (int i = 0; i < N; i++) {
        fprintf(file, "%s[", i ? "," : "");
        for (int c = 0; c < D; c++)
            fprintf(file, "%s%.3f", c ? "," : "", 2 * ref_normal(r));
        fprintf(file, "]");
    }
    fprintf(file, "]");
}

static int make_document(void **state)
{
    (void)state;
    RefRandom r = {4};
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/many.attn.json", folder);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fprintf(file, "{\"attnscope\": 1, \"tokens\": [");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s\"t%d\"", i ? "," : "", i);
    fprintf(file, "], \"layers\": [{\"heads\": [{");
    put_matrix(file, "q", &r);
    fprintf(file, ", ");
    put_matrix(file, "k", &r);
    fprintf(file, "}, {");
    put_matrix(file, "q", &r);
    fprintf(file, ", ");
    put_matrix(file, "k", &r);
    fprintf(file, "}]}]}\n");
    return fclose(file);
}

static int drop_document(void **state)
{
    (void)state;
    return unlink(path) || rmdir(folder);
}

static void start(Desk *d, double memory)
{
    Error err = {0};
    desk_init(d);
    d->options.frame_cells = 64 * N;
    desk_open_app(d);
    app_settings(d->app)->compute_memory = memory;
    if (!app_open(d->app, path, &err))
        fail_msg("%s", err.what);
    app_settings(d->app)->compute_memory = memory;
}

static Tiles *tiles_of(Desk *d)
{
    Tiles *t = app_scope(d->app)->tiles;
    assert_non_null(t);
    return t;
}

static void rows_become_fresh_frame_by_frame_and_are_counted(void **state)
{
    (void)state;
    Desk d;
    char text[64];
    start(&d, 1);
    desk_frame(&d);
    int lines = d.app->panes[0].tiles_lines, fresh = d.app->panes[0].tiles_fresh, frames = 1;
    assert_true(lines > 100 && fresh > 0 && fresh < lines);
    while (app_rows_stale(d.app) > 0) {
        snprintf(text, sizeof text, "%d of %d rows fresh", d.app->panes[0].tiles_fresh, lines);
        assert_true(desk_drawn(&d, text));
        assert_true(d.out.wake > 0 && d.out.wake <= d.in.time);
        fresh = d.app->panes[0].tiles_fresh;
        desk_frame(&d);
        assert_true(d.app->panes[0].tiles_fresh > fresh);
        frames++;
    }
    assert_true(frames > 2);
    desk_settle(&d);
    assert_false(desk_drawn(&d, "rows fresh"));
    assert_int_equal(tiles_pass_state(tiles_of(&d), STAGE_WEIGHTS), PASS_DONE);
    assert_int_equal(app_rows_known(d.app), N);
    assert_true(d.out.wake == 0 || d.out.wake > d.in.time);
    desk_stop(&d);
}

static void the_locked_row_is_fresh_in_the_next_frame(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    app_settings(d.app)->query = 437;
    for (int step = 0; step < 10; step++) {
        app_settings(d.app)->attn.scale.temperature = 0.5 + 0.1 * step;
        desk_frame(&d);
        assert_true(app_rows_stale(d.app) > 0);
        assert_true(tiles_row_fresh(tiles_of(&d), 437));
        const float *row = tiles_row(tiles_of(&d), 437);
        double sum = 0;
        assert_non_null(row);
        for (int j = 0; j < N; j++)
            sum += (double)row[j];
        assert_true(fabs(sum - 1) < 1e-5);
    }
    desk_stop(&d);
}

static void a_row_of_other_settings_is_dimmed(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    app_settings(d.app)->color.range = RANGE_ROW; /* lines, not blocks */
    desk_settle(&d);
    Settings before = *app_settings(d.app);
    app_settings(d.app)->attn.scale.temperature = 3;
    desk_frame(&d);
    const DrawCommand *image = NULL;
    for (size_t i = 0; i < d.list->count && !image; i++)
        if (d.list->items[i].kind == DRAW_IMAGE && d.list->items[i].image->h > 100)
            image = &d.list->items[i];
    assert_non_null(image);
    int plain = 0, pale = 0; /* viridis at its low end is dark; dimmed on white it is light */
    for (int y = 0; y < image->image->h; y++) {
        int dark = 0;
        for (int x = 0; x < image->image->w; x++) {
            Color c = image->image->px[y * image->image->w + x];
            dark += (c & 255u) + (c >> 8 & 255u) + (c >> 16 & 255u) < 300;
        }
        *(dark > image->image->w / 4 ? &plain : &pale) += 1;
    }
    assert_true(plain > 20 && pale > 20);
    *app_settings(d.app) = before;
    desk_stop(&d);
}

static void escape_ends_the_pass_over_all_rows(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    do
        desk_frame(&d);
    while (tiles_pass_state(tiles_of(&d), STAGE_WEIGHTS) == PASS_NONE);
    assert_true(desk_drawn(&d, "all rows: "));
    d.in.key = KEY_ESCAPE;
    desk_settle(&d);
    assert_int_equal(tiles_pass_state(tiles_of(&d), STAGE_WEIGHTS), PASS_CANCELLED);
    assert_true(desk_drawn(&d, "all rows: "));
    desk_click(&d, "canvas/pane1/go on");
    assert_int_equal(tiles_pass_state(tiles_of(&d), STAGE_WEIGHTS), PASS_DONE);
    desk_stop(&d);
}

static void what_hover_and_chart_show_is_that_of_the_whole_matrix(void **state)
{
    (void)state;
    Desk tiled, whole;
    start(&tiled, 1);
    start(&whole, 1000);
    desk_settle(&tiled);
    desk_settle(&whole);
    assert_null(app_scope(whole.app)->tiles);
    assert_true(desk_result(&whole)->stage[STAGE_WEIGHTS].at != NULL);
    for (int q = 3; q < N; q += 61) {
        CellFacts a, b;
        const float *row = scope_row(app_scope(tiled.app), q);
        assert_memory_equal(row, matrix_row(desk_result(&whole)->stage[STAGE_WEIGHTS], q),
                            N * sizeof(float));
        assert_true(facts_cell(app_scope(tiled.app), q, 99, &a));
        assert_true(facts_cell(app_scope(whole.app), q, 99, &b));
        assert_true(a.weight == b.weight && a.score == b.score && a.scaled == b.scaled);
        assert_int_equal(a.rank, b.rank);
    }
    desk_stop(&tiled);
    desk_stop(&whole);
}

/* Every seventh key is the same: their scores are ties. */
static void ties_rank_as_in_a_matrix_that_is_kept(void **state)
{
    (void)state;
    Desk d[2];
    char tied[160];
    Error err = {0};
    snprintf(tied, sizeof tied, "%s/tied.attn.json", folder);
    FILE *file = fopen(tied, "w");
    assert_non_null(file);
    fprintf(file, "{\"attnscope\": 1, \"tokens\": [");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s\"t\"", i ? "," : "");
    fprintf(file, "], \"layers\": [{\"heads\": [{\"q\": [");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s[%d]", i ? "," : "", i % 5 - 2);
    fprintf(file, "], \"k\": [");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s[%d]", i ? "," : "", i % 7 * 40);
    fprintf(file, "]}]}]}");
    assert_int_equal(fclose(file), 0);
    for (int i = 0; i < 2; i++) {
        start(&d[i], i ? 1000 : 1);
        assert_true(app_open(d[i].app, tied, &err));
        app_settings(d[i].app)->compute_memory = i ? 1000 : 1;
        desk_settle(&d[i]);
    }
    assert_non_null(desk_result(&d[0])->tiles);
    assert_null(desk_result(&d[1])->tiles);
    for (int q = 0; q < 5; q++)
        for (int k = 0; k < N; k++) {
            CellFacts lazy, whole;
            assert_true(facts_cell(app_scope(d[0].app), q, k, &lazy));
            assert_true(facts_cell(app_scope(d[1].app), q, k, &whole));
            assert_int_equal(lazy.rank, whole.rank);
            assert_int_equal(lazy.of, whole.of);
            if (q == 4 && k % 7 == 6) /* the heaviest: by the lower index */
                assert_int_equal(lazy.rank, k / 7 + 1);
        }
    for (int i = 0; i < 2; i++)
        desk_stop(&d[i]);
    assert_int_equal(unlink(tied), 0);
}

static void views_of_the_whole_matrix_say_why_they_cannot(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    app_settings(d.app)->lines.layout = LINES_HORIZONTAL;
    assert_non_null(scope_view_missing(app_scope(d.app), app_settings(d.app), VIEW_LINES));
    app_settings(d.app)->lines.layout = LINES_VERTICAL;
    assert_null(scope_view_missing(app_scope(d.app), app_settings(d.app), VIEW_LINES));
    assert_non_null(scope_view_missing(app_scope(d.app), app_settings(d.app), VIEW_HEADS));
    assert_null(scope_view_missing(app_scope(d.app), app_settings(d.app), VIEW_HEATMAP));
    assert_int_equal(scope_view(app_scope(d.app), app_settings(d.app), 1), -1);
    app_settings(d.app)->head = FIELD_MEAN;
    desk_settle(&d);
    assert_non_null(strstr(d.app->problem, "compute.memory"));
    desk_stop(&d);
}

static void lines_are_those_of_the_selected_rows(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    app_settings(d.app)->view = 1 + VIEW_LINES;
    desk_settle(&d);
    assert_true(desk_drawn(&d, "point at a query, or select it"));
    app_settings(d.app)->query = 437;
    desk_settle(&d);
    /* Fewest keys that hold nine tenths, counted here. */
    double row[N], sum = 0, want;
    int links = 0;
    for (int j = 0; j < N; j++)
        row[j] = (double)tiles_row(tiles_of(&d), 437)[j];
    for (int j = 0; j < N; j++)
        sum += row[j];
    for (want = app_settings(d.app)->lines.mass * sum; want > 0; links++) {
        int at = 0;
        for (int j = 1; j < N; j++)
            at = row[j] > row[at] ? j : at;
        want -= row[at];
        row[at] = 0;
    }
    char text[64];
    snprintf(text, sizeof text, "%d links of the selected rows", links);
    assert_true(desk_drawn(&d, text));
    desk_stop(&d);
}

static Color color_of(const Desk *d, const char *text)
{
    for (size_t i = 0; i < d->list->count; i++)
        if (d->list->items[i].kind == DRAW_TEXT && strcmp(d->list->items[i].text, text) == 0)
            return d->list->items[i].style.color;
    fail_msg("%s was not drawn", text);
    return 0;
}

static void why_there_are_no_lines_is_said_whole(void **state)
{
    (void)state;
    static const char *const words[] = {"So many tokens", "vertical", "look at", "heatmap."};
    Desk d;
    start(&d, 1);
    d.in.pixel_w = 640;
    d.in.pixel_h = 480;
    app_settings(d.app)->theme = THEME_PROJECTOR;
    app_settings(d.app)->lines.layout = LINES_HORIZONTAL;
    app_settings(d.app)->view = 1 + VIEW_LINES;
    desk_settle(&d);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(desk_drawn(&d, words[i]));
    desk_stop(&d);
}

static void numbers_of_all_rows_are_pale_until_all_are_fresh(void **state)
{
    (void)state;
    Desk d;
    char text[64], before[TEXT_NUMBER], after[TEXT_NUMBER];
    HeadStats head;
    bool old;
    start(&d, 1);
    desk_settle(&d);
    assert_true(scope_head(app_scope(d.app), &head, &old));
    assert_false(old);
    snprintf(before, sizeof before, "%.2f bits", head.mean_entropy);
    assert_true(color_of(&d, before) == d.app->kit.theme->text1);
    app_settings(d.app)->attn.scale.temperature = 2;
    desk_frame(&d);
    int known = app_rows_known(d.app);
    assert_true(known > 0 && known < N);
    desk_frame(&d);
    snprintf(text, sizeof text, "%d of %d rows fresh", known, N);
    assert_true(desk_drawn(&d, text));
    assert_true(color_of(&d, before) == d.app->kit.theme->dis); /* the old number, as one */
    assert_true(d.app->figures.stale);
    desk_settle(&d);
    assert_true(scope_head(app_scope(d.app), &head, &old));
    snprintf(after, sizeof after, "%.2f bits", head.mean_entropy);
    assert_string_not_equal(before, after);
    assert_true(color_of(&d, after) == d.app->kit.theme->text1); /* nobody moved anything */
    assert_false(desk_drawn(&d, before));
    assert_false(d.app->figures.stale);
    check_close(d.app->figures.more.distance, head.mean_distance, 0);
    desk_stop(&d);
}

static void another_head_never_has_the_numbers_of_the_last(void **state)
{
    (void)state;
    Desk d;
    HeadStats head;
    bool old;
    start(&d, 1);
    desk_settle(&d);
    app_settings(d.app)->head = 1;
    desk_frame(&d);
    assert_true(scope_head(app_scope(d.app), &head, &old));
    assert_true(old && isnan(head.mean_entropy) && isnan(head.mean_distance));
    desk_stop(&d);
}

static void panels_follow_the_pointer_in_the_same_frame(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    for (int q = 5; q < N; q += 97) {
        desk_hover_cell(&d, q, 7);
        assert_int_equal(d.app->figures.of, FIGURES_ROW);
        assert_int_equal(d.app->figures.row, q);
        assert_int_equal(app_scope(d.app)->hover, q);
        assert_int_equal(d.app->panes[0].scene.focus.hover_query, q);
        double distance = 0;
        const float *row = scope_row(app_scope(d.app), q);
        for (int j = 0; j < N; j++)
            distance += (double)row[j] * abs(j - q);
        check_close(d.app->figures.more.distance, distance, 1e-5);
    }
    desk_stop(&d);
}

static void the_summary_of_colours_follows_a_key_at_once(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    assert_int_equal(d.app->map_shown, COLORMAP_VIRIDIS);
    app_settings(d.app)->stage = STAGE_SCALED;
    desk_frame(&d);
    assert_int_equal(d.app->map_shown, COLORMAP_BLUE_ORANGE);
    desk_stop(&d);
}

static void a_picture_is_never_that_of_a_document_before(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    start(&d, 1);
    desk_settle(&d);
    assert_int_equal(app_rows_stale(d.app), 0);
    if (!app_open(d.app, path, &err))
        fail_msg("%s", err.what);
    app_settings(d.app)->compute_memory = 1;
    desk_frame(&d);
    assert_true(app_rows_stale(d.app) > 0);
    desk_stop(&d);
}

static void a_row_in_double_is_made_in_parts(void **state)
{
    (void)state;
    Desk d;
    start(&d, 1);
    desk_settle(&d);
    Scope *scope = app_scope(d.app);
    double want[N];
    const ExactRow *exact = scope_exact(scope, 17);
    assert_non_null(exact);
    memcpy(want, exact->weights, sizeof want);
    assert_non_null(scope_exact(scope, 18));
    assert_null(scope_exact_made(scope, 17));
    int calls = 1;
    while (scope_exact_work(scope, 17, 64)) {
        assert_null(scope_exact_made(scope, 17));
        calls++;
    }
    assert_int_equal(calls, (N - 1) / 64 + 2);
    exact = scope_exact_made(scope, 17);
    assert_non_null(exact);
    assert_memory_equal(exact->weights, want, sizeof want);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_fresh_frame_by_frame_and_are_counted),
        cmocka_unit_test(the_locked_row_is_fresh_in_the_next_frame),
        cmocka_unit_test(a_row_of_other_settings_is_dimmed),
        cmocka_unit_test(escape_ends_the_pass_over_all_rows),
        cmocka_unit_test(what_hover_and_chart_show_is_that_of_the_whole_matrix),
        cmocka_unit_test(ties_rank_as_in_a_matrix_that_is_kept),
        cmocka_unit_test(lines_are_those_of_the_selected_rows),
        cmocka_unit_test(a_picture_is_never_that_of_a_document_before),
        cmocka_unit_test(why_there_are_no_lines_is_said_whole),
        cmocka_unit_test(numbers_of_all_rows_are_pale_until_all_are_fresh),
        cmocka_unit_test(another_head_never_has_the_numbers_of_the_last),
        cmocka_unit_test(panels_follow_the_pointer_in_the_same_frame),
        cmocka_unit_test(the_summary_of_colours_follows_a_key_at_once),
        cmocka_unit_test(a_row_in_double_is_made_in_parts),
        cmocka_unit_test(views_of_the_whole_matrix_say_why_they_cannot),
    };
    return cmocka_run_group_tests(tests, make_document, drop_document);
}
