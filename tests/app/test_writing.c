#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/export.h"
#include "app/state.h"
#include "base/mem.h"
#include "desk.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Beyond a budget of 1 MiB: rows come on demand, 64 a frame. */
enum { N = 500 };

static char folder[] = P_tmpdir "/attnscope-writing-XXXXXX";
static char path[128];

static int make_document(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/many.attn.json", folder);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fprintf(file, "{\"attnscope\": 1, \"tokens\": [");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s\"t%d\"", i ? "," : "", i);
    for (int m = 0; m < 2; m++) {
        fprintf(file, m ? "], \"k\": [" : "], \"layers\": [{\"heads\": [{\"q\": [");
        for (int i = 0; i < N; i++)
            fprintf(file, "%s[%d, %d.5]", i ? "," : "", i * (m + 3) % 11 - 5, i % 7 - 3);
    }
    fprintf(file, "]}]}]}\n");
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

static void a_large_table_is_written_in_frames(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    char out[160];
    Buf want, found;
    start(&d, 1);
    desk_settle(&d);
    snprintf(out, sizeof out, "%s/weights.csv", folder);
    buf_init(&want, BUF_NO_LIMIT);
    buf_init(&found, BUF_NO_LIMIT);
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    desk_frame(&d);
    assert_true(desk_drawn(&d, "Writing weights.csv: "));
    assert_true(access(out, F_OK) != 0); /* it appears when it is whole */
    desk_settle(&d);
    assert_null(d.app->writing);
    assert_true(desk_drawn(&d, "exported weights.csv"));
    assert_true(export_stage(app_scope(d.app), app_settings(d.app), STAGE_WEIGHTS, DUMP_CSV, NULL,
                             &want, &err));
    FILE *file = fopen(out, "rb");
    assert_non_null(file);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        buf_byte(&found, (char)c);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(found.size, want.size);
    assert_memory_equal(found.data, want.data, want.size);
    assert_int_equal(unlink(out), 0);
    buf_free(&want);
    buf_free(&found);
    desk_stop(&d);
}

static void escape_ends_the_writing_and_leaves_nothing(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    char out[160];
    start(&d, 1);
    desk_settle(&d);
    snprintf(out, sizeof out, "%s/weights.csv", folder);
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    desk_frame(&d);
    assert_non_null(d.app->writing);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_null(d.app->writing);
    assert_true(access(out, F_OK) != 0);
    assert_false(desk_drawn(&d, "Writing"));
    /* Other numbers end it too, and it is told. */
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    desk_frame(&d);
    app_settings(d.app)->attn.scale.temperature = 3;
    desk_settle(&d);
    assert_null(d.app->writing);
    assert_non_null(strstr(app_notice_text(d.app, 0), "was not written"));
    assert_true(access(out, F_OK) != 0);
    desk_stop(&d);
}

/* No folder, no memory, a second table while the first is written, a disk that takes no more. */
static void what_cannot_be_written_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    char out[160];
    start(&d, 1);
    desk_settle(&d);
    snprintf(out, sizeof out, "%s/none/weights.csv", folder);
    assert_false(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_null(d.app->writing);
    snprintf(out, sizeof out, "%s/weights.csv", folder);
    error_clear(&err);
    mem_fail_at(1, true);
    assert_false(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    mem_fail_at(0, false);
    assert_int_equal(err.kind, ERROR_LIMIT);
    error_clear(&err);
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err)); /* in place of the first */
    struct rlimit was, little = {4096, 4096};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    little.rlim_max = was.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    desk_settle(&d);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_null(d.app->writing);
    assert_non_null(strstr(app_notice_text(d.app, 0), "weights.csv"));
    assert_true(access(out, F_OK) != 0);
    desk_stop(&d);
}

/* Whatever runs out while rows are made: said, and nothing is left; or it is whole. */
static void memory_that_runs_out_while_rows_are_written_is_told(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    char out[160];
    int told = 0;
    start(&d, 1);
    desk_settle(&d);
    snprintf(out, sizeof out, "%s/weights.csv", folder);
    for (uint64_t n = 1; n < 14; n++) {
        app_settings(d.app)->attn.scale.temperature = 1 + 0.01 * (double)n; /* nothing is kept */
        desk_settle(&d);
        assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
        mem_fail_at(n, true);
        desk_turn(&d);
        mem_fail_at(0, false);
        told += !d.app->writing && app_notice_count(d.app) > 0 &&
                strstr(app_notice_text(d.app, 0), "weights.csv: out of memory");
        writing_stop(d.app);
        assert_true(access(out, F_OK) != 0);
    }
    assert_true(told > 0);
    desk_stop(&d);
}

static double seconds;

/* Each look at it takes ten milliseconds of the twelve that a frame has. */
static double slow_clock(void)
{
    return seconds += 0.01;
}

static void a_frame_writes_for_as_long_as_it_may(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    char out[160];
    desk_init(&d);
    d.options.frame_cells = 64 * N;
    d.options.clock = slow_clock;
    desk_open_app(&d);
    app_settings(d.app)->compute_memory = 1;
    assert_true(app_open(d.app, path, &err));
    app_settings(d.app)->compute_memory = 1;
    desk_settle(&d);
    assert_true(writing_wanted(d.app, STAGE_WEIGHTS));
    assert_false(writing_wanted(d.app, STAGE_OUTPUT)); /* the document has no values */
    assert_false(writing_wanted(d.app, STAGE_Q));
    snprintf(out, sizeof out, "%s/weights.csv", folder);
    assert_true(writing_start(d.app, out, STAGE_WEIGHTS, &err));
    desk_frame(&d);
    assert_non_null(d.app->writing);
    desk_frame(&d);
    assert_true(desk_drawn(&d, ": 2 of 500 rows") || desk_drawn(&d, ": 4 of 500 rows"));
    /* All of it fits: what is shown is not made row by row any more. */
    app_settings(d.app)->compute_memory = 0;
    desk_settle(&d);
    assert_false(writing_wanted(d.app, STAGE_WEIGHTS));
    assert_null(d.app->writing);
    assert_non_null(strstr(app_notice_text(d.app, 0), "was not written"));
    assert_true(access(out, F_OK) != 0);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_table_is_written_in_frames),
        cmocka_unit_test(escape_ends_the_writing_and_leaves_nothing),
        cmocka_unit_test(what_cannot_be_written_is_told_and_leaves_nothing),
        cmocka_unit_test(memory_that_runs_out_while_rows_are_written_is_told),
        cmocka_unit_test(a_frame_writes_for_as_long_as_it_may),
    };
    return cmocka_run_group_tests(tests, make_document, drop_document);
}
