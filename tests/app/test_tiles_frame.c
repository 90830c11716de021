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
        cmocka_unit_test(lines_are_those_of_the_selected_rows),
        cmocka_unit_test(a_picture_is_never_that_of_a_document_before),
        cmocka_unit_test(a_row_in_double_is_made_in_parts),
        cmocka_unit_test(views_of_the_whole_matrix_say_why_they_cannot),
    };
    return cmocka_run_group_tests(tests, make_document, drop_document);
}
