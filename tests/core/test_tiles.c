#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tiles.h"
#include "same.h"

static const Stage CHAIN[] = {STAGE_SCORES, STAGE_SCALED, STAGE_MASKED, STAGE_WEIGHTS,
                              STAGE_OUTPUT};

static void update(Tiles *t, const AttnInput *in, const AttnParams *params, uint64_t memory,
                   Threads *threads)
{
    Error err = {0};
    if (!tiles_update(t, in, params, memory, 0, threads, &err))
        fail_msg("%s", err.what);
}

/* Every row of every stage, its statistics, and the ranges when all rows are known. */
static void compare(Tiles *t, const AttnResult *whole)
{
    const AttnResult *r = tiles_result(t);
    for (int s = 0; s < STAGE_CHAIN; s++) {
        if (whole->absent[CHAIN[s]])
            continue;
        Matrix m = whole->stage[CHAIN[s]];
        float *cells = mem_array((size_t)m.rows * (size_t)m.cols, sizeof *cells);
        assert_true(tiles_rows(t, CHAIN[s], 0, m.rows, cells, m.cols));
        if (!same_matrix(m, (Matrix){cells, m.rows, m.cols, m.cols}))
            fail_msg("%s differ", STAGE_NAMES[CHAIN[s]]);
        tiles_settle(t, CHAIN[s], true);
        assert_true(same_range(&whole->range[CHAIN[s]], &r->range[CHAIN[s]]));
        mem_free(cells);
    }
    for (int i = 0; i < r->n_q; i++)
        if (!same_row(whole->rows + i, r->rows + i))
            fail_msg("the statistics of row %d differ", i);
    assert_int_equal(tiles_fresh(t), r->n_q);
}

static void rows_have_the_bits_of_the_whole_matrix(void **state)
{
    (void)state;
    RefRandom r = {11};
    Threads *threads = threads_start(3);
    for (int round = 0; round < 12; round++) {
        Entry entry = (Entry)(round % 3);
        int n_q = ref_range(&r, 1, 90), n_k = ref_range(&r, 1, 120);
        Problem in = problem_new(&r, entry, n_q, n_k, 9, round % 4 ? 5 : 0, (uint64_t)round + 1);
        if (entry == ENTRY_QK && round % 2) { /* a row beyond float, a NaN */
            in.q[0] = in.k[0] = FLT_MAX;
            in.k[(n_k - 1) * 12] = NAN;
        }
        if (entry == ENTRY_QK && round == 6)
            problem_widen(&r, &in);
        Tiles *t = tiles_new();
        for (int step = 0; step < 6; step++) {
            Wish wish = {0, problem_params(&r, n_k), ALL};
            Pipeline *p = fresh(&in.in, &wish, NULL, NULL);
            update(t, &in.in, &wish.params, round % 2 ? 1 << 20 : 0, threads);
            compare(t, pipeline_result(p));
            pipeline_free(p);
        }
        tiles_free(t);
        problem_free(&in);
    }
    threads_stop(threads);
}

/* A window of single cells, worked off a few rows at a time. */
typedef struct {
    int rows[64], begin[64], end[64];
    TilesWindow window;
} Frame;

static void frame_of(Frame *f, RefRandom *r, int n_q, int n_k, Stage stage, int wide)
{
    int lines = ref_range(r, 1, n_q < 64 ? n_q : 64), first = ref_range(r, 0, n_q - lines);
    int cols = ref_range(r, 1, n_k / wide < 64 ? n_k / wide : 64);
    int col = ref_range(r, 0, n_k - cols * wide);
    for (int i = 0; i < lines; i++)
        f->rows[i] = first + i;
    for (int c = 0; c < cols; c++) {
        f->begin[c] = col + c * wide;
        f->end[c] = f->begin[c] + wide;
    }
    f->window = (TilesWindow){stage, lines, cols, f->rows, f->begin, f->end, false};
}

static bool masked(const AttnResult *r, Stage stage, int row, int col)
{
    return (stage == STAGE_MASKED || stage == STAGE_WEIGHTS) && !mask_allows(r->mask, row, col);
}

static void one_line(const Frame *f, const AttnResult *r, int line, const float *cells)
{
    const float *row = matrix_row(r->stage[f->window.stage], f->rows[line]);
    for (int c = 0; c < f->window.cols; c++) {
        float want = row[f->begin[c]];
        if (masked(r, f->window.stage, f->rows[line], f->begin[c]))
            want = -INFINITY;
        else if (want == -INFINITY)
            want = NAN;
        if (!same_float(want, cells[c]))
            fail_msg("line %d column %d: expected %g, found %g", line, c, (double)want,
                     (double)cells[c]);
    }
}

static void lines_are_fresh_or_say_that_they_are_not(void **state)
{
    (void)state;
    RefRandom r = {5};
    Threads *threads = threads_start(2);
    Problem in = problem_new(&r, ENTRY_QK, 150, 140, 8, 0, 7);
    Tiles *t = tiles_new();
    TilesView *v = tiles_view_new();
    Frame f;
    Stage stage = STAGE_WEIGHTS;
    frame_of(&f, &r, 150, 140, stage, 1);
    Wish wish = {0, params_default(), ALL};
    for (int step = 0; step < 150; step++) {
        if (step % 3 == 0) {
            wish.params = problem_params(&r, 140);
            if (ref_range(&r, 0, 3))
                wish.params.scale.temperature = 0.7 + 0.01 * step;
        }
        if (step % 4 == 1)
            frame_of(&f, &r, 150, 140, (stage = (Stage)ref_range(&r, STAGE_SCORES, STAGE_WEIGHTS)),
                     1);
        update(t, &in.in, &wish.params, step % 40 < 20 ? 0 : 1 << 20, threads);
        assert_true(tiles_view_set(v, t, &f.window));
        int locked = f.rows[f.window.lines / 2];
        bool is_locked;
        assert_true(tiles_view_row(v, t, locked));
        assert_non_null(tiles_view_line(v, t, f.window.lines / 2, &is_locked));
        assert_true(is_locked);
        int before = tiles_view_fresh(v, t), want = ref_range(&r, 0, 30);
        int left = want ? tiles_view_work(v, t, want) : f.window.lines - before;
        Pipeline *p = fresh(&in.in, &wish, NULL, NULL);
        int count = 0;
        for (int line = 0; line < f.window.lines; line++) {
            bool is_fresh;
            const float *cells = tiles_view_line(v, t, line, &is_fresh);
            if (!is_fresh)
                continue;
            one_line(&f, pipeline_result(p), line, cells);
            count++;
        }
        assert_int_equal(count, tiles_view_fresh(v, t));
        assert_int_equal(left, f.window.lines - count);
        assert_true(want == 0 || left == 0 || count > before);
        pipeline_free(p);
    }
    tiles_view_free(v);
    tiles_free(t);
    problem_free(&in);
    threads_stop(threads);
}

/* The largest unmasked cell (by magnitude where `both`), or the mean, walked one by one. */
static float naive(const AttnResult *r, Stage stage, const int at[4], bool both, bool mean)
{
    double top = -(double)INFINITY, low = (double)INFINITY, sum = 0;
    int count = 0;
    for (int i = at[0]; i < at[1]; i++)
        for (int j = at[2]; j < at[3]; j++) {
            if (masked(r, stage, i, j))
                continue;
            double x = (double)matrix_row(r->stage[stage], i)[j];
            top = fmax(top, x);
            low = fmin(low, x);
            sum += x;
            count++;
        }
    if (count == 0)
        return -INFINITY;
    return mean ? (float)(sum / count) : (float)(both && -low > top ? low : top);
}

static void near(float want, float found, float tolerance)
{
    if (!(want == found) && !(fabsf(want - found) <= tolerance))
        fail_msg("expected %g, found %g", (double)want, (double)found);
}

static void a_line_shows_the_largest_or_the_mean_of_its_keys(void **state)
{
    (void)state;
    RefRandom r = {9};
    Problem in = problem_new(&r, ENTRY_QK, 40, 900, 8, 0, 7);
    Tiles *t = tiles_new();
    TilesView *v = tiles_view_new();
    for (int round = 0; round < 24; round++) {
        Frame f;
        Wish wish = {0, params_default(), ALL};
        wish.params.mask.causal = round % 3 == 0;
        wish.params.mask.align = MASK_BOTTOM;
        Stage stage = round % 2 ? STAGE_WEIGHTS : STAGE_MASKED;
        frame_of(&f, &r, 40, 900, stage, round % 4 ? 23 : 5);
        f.window.mean = round % 5 == 0;
        update(t, &in.in, &wish.params, 0, NULL);
        assert_true(tiles_view_set(v, t, &f.window));
        while (tiles_view_work(v, t, 8) > 0)
            ;
        Pipeline *p = fresh(&in.in, &wish, NULL, NULL);
        for (int line = 0; line < f.window.lines; line++) {
            bool is_fresh;
            const float *cells = tiles_view_line(v, t, line, &is_fresh);
            assert_true(is_fresh);
            for (int c = 0; c < f.window.cols; c++) {
                int at[4] = {f.rows[line], f.rows[line] + 1, f.begin[c], f.end[c]};
                near(naive(pipeline_result(p), stage, at, stage != STAGE_WEIGHTS, f.window.mean),
                     cells[c], f.window.mean ? 1e-6f : 0);
            }
        }
        pipeline_free(p);
    }
    tiles_view_free(v);
    tiles_free(t);
    problem_free(&in);
}

static void check_overview(Tiles *t, const AttnResult *whole, Stage stage)
{
    for (int mean = 0; mean < 2; mean++) {
        int rows = 0, cols = 0;
        const float *blocks = tiles_overview(t, mean, &rows, &cols);
        assert_non_null(blocks);
        assert_int_equal(rows, TILES_BLOCKS);
        for (int y = 0; y < rows; y += 3)
            for (int x = 0; x < cols; x++) {
                int at[4] = {y * whole->n_q / rows, (y + 1) * whole->n_q / rows,
                             x * whole->n_k / cols, (x + 1) * whole->n_k / cols};
                near(naive(whole, stage, at, stage != STAGE_WEIGHTS, mean), blocks[y * cols + x],
                     mean ? 1e-5f : 0);
            }
    }
}

static void the_pass_leaves_exact_blocks_sums_and_statistics(void **state)
{
    (void)state;
    RefRandom r = {21};
    Threads *threads = threads_start(2);
    Problem in = problem_new(&r, ENTRY_QK, 1500, 1100, 4, 0, 3);
    Tiles *t = tiles_new();
    Wish wish = {0, params_default(), ALL};
    wish.params.mask.causal = true;
    for (int round = 0; round < 2; round++) {
        Stage stage = round ? STAGE_SCALED : STAGE_WEIGHTS;
        wish.params.scale.temperature = 0.5 + round;
        wish.params.norm.kind = round ? NORM_SOFTMAX1 : NORM_SOFTMAX;
        update(t, &in.in, &wish.params, 0, threads);
        assert_int_equal(tiles_pass_state(t, stage), PASS_NONE);
        assert_null(tiles_sums(t, NULL));
        assert_true(tiles_pass_work(t, stage, 100));
        assert_int_equal(tiles_pass_state(t, stage), PASS_RUNS);
        assert_in_range(tiles_pass_rows(t), 100, 200);
        assert_null(tiles_overview(t, false, &(int){0}, &(int){0}));
        while (tiles_pass_state(t, stage) == PASS_RUNS)
            assert_true(tiles_pass_work(t, stage, 64));
        Pipeline *p = fresh(&in.in, &wish, NULL, NULL);
        const AttnResult *whole = pipeline_result(p);
        check_overview(t, whole, stage);
        HeadStats head, want;
        double *sums = mem_array(1100, sizeof *sums);
        assert_true(
            stats_sums(whole->stage[STAGE_WEIGHTS], whole->rows, whole->mask, NULL, &want, sums));
        const double *found = tiles_sums(t, &head);
        for (int j = 0; j < 1100; j++)
            assert_true(fabs(found[j] - sums[j]) < 1e-9 * (1 + sums[j]));
        assert_true(fabs(head.mean_entropy - want.mean_entropy) < 1e-9);
        assert_true(fabs(head.mean_distance - want.mean_distance) < 1e-6);
        assert_true(fabs(head.previous_token - want.previous_token) < 1e-9);
        assert_true(fabs(head.itself - want.itself) < 1e-9);
        assert_true(fabs(head.mean_relative - want.mean_relative) < 1e-9);
        assert_true(fabs(head.mean_effective - want.mean_effective) < 1e-6);
        assert_true(fabs(head.mean_max - want.mean_max) < 1e-9);
        assert_true(fabs(head.mean_sum - want.mean_sum) < 1e-9);
        assert_int_equal(head.rows, want.rows);
        mem_free(sums);
        pipeline_free(p);
    }
    tiles_free(t);
    problem_free(&in);
    threads_stop(threads);
}

static void the_pass_is_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    RefRandom r = {2};
    Problem in = problem_new(&r, ENTRY_QK, 700, 500, 4, 0, 3);
    double *first = mem_array(500, sizeof *first);
    AttnParams params = params_default();
    for (int count = 1; count <= 4; count++) {
        Threads *threads = threads_start(count);
        Tiles *t = tiles_new();
        update(t, &in.in, &params, 0, threads);
        assert_true(tiles_pass_work(t, STAGE_WEIGHTS, 10000));
        const double *sums = tiles_sums(t, NULL);
        assert_non_null(sums);
        if (count == 1)
            memcpy(first, sums, 500 * sizeof *first);
        assert_memory_equal(first, sums, 500 * sizeof *first);
        tiles_free(t);
        threads_stop(threads);
    }
    mem_free(first);
    problem_free(&in);
}

static void a_cancelled_pass_waits_for_other_settings(void **state)
{
    (void)state;
    RefRandom r = {2};
    Problem in = problem_new(&r, ENTRY_QK, 300, 50, 4, 0, 3);
    AttnParams params = params_default();
    Tiles *t = tiles_new();
    update(t, &in.in, &params, 0, NULL);
    assert_true(tiles_pass_work(t, STAGE_WEIGHTS, 64));
    int rows = tiles_pass_rows(t);
    tiles_pass_cancel(t, STAGE_WEIGHTS);
    assert_true(tiles_pass_work(t, STAGE_WEIGHTS, 1000));
    assert_int_equal(tiles_pass_state(t, STAGE_WEIGHTS), PASS_CANCELLED);
    assert_int_equal(tiles_pass_rows(t), rows);
    tiles_pass_resume(t);
    assert_true(tiles_pass_work(t, STAGE_WEIGHTS, 1000));
    assert_int_equal(tiles_pass_state(t, STAGE_WEIGHTS), PASS_DONE);
    params.scale.temperature = 2;
    update(t, &in.in, &params, 0, NULL);
    assert_int_equal(tiles_pass_state(t, STAGE_WEIGHTS), PASS_NONE);
    tiles_free(t);
    problem_free(&in);
}

static void kept_rows_are_whole_and_of_the_present_settings(void **state)
{
    (void)state;
    RefRandom r = {8};
    Problem in = problem_new(&r, ENTRY_QK, 100, 80, 4, 0, 3);
    Tiles *t = tiles_new();
    Wish wish = {0, params_default(), ALL};
    for (int step = 0; step < 5; step++) {
        int rows[2] = {step, 99};
        wish.params.scale.temperature = 1 + step;
        update(t, &in.in, &wish.params, 0, NULL);
        assert_null(tiles_row(t, 99));
        assert_true(tiles_keep(t, rows, 2));
        Pipeline *p = fresh(&in.in, &wish, NULL, NULL);
        for (int i = 0; i < 2; i++)
            assert_memory_equal(tiles_row(t, rows[i]),
                                matrix_row(pipeline_result(p)->stage[STAGE_WEIGHTS], rows[i]),
                                80 * sizeof(float));
        assert_null(tiles_row(t, 50));
        pipeline_free(p);
    }
    tiles_free(t);
    problem_free(&in);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    RefRandom r = {8};
    Problem in = problem_new(&r, ENTRY_QK, 100, 80, 4, 3, 3);
    AttnParams params = params_default();
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 60; n++) {
        Error err = {0};
        Frame f;
        Tiles *t = tiles_new();
        TilesView *v = tiles_view_new();
        frame_of(&f, &r, 100, 80, STAGE_OUTPUT, 1);
        f.window.cols = 1;
        f.begin[0] = 0;
        f.end[0] = 3;
        mem_fail_at(n, false);
        bool ok = tiles_update(t, &in.in, &params, 1 << 20, 0, NULL, &err) &&
                  tiles_view_set(v, t, &f.window);
        if (ok)
            ok = tiles_view_work(v, t, 8) >= 0 && tiles_pass_work(t, STAGE_WEIGHTS, 8) &&
                 tiles_keep(t, f.rows, 1);
        mem_fail_at(0, false);
        (void)ok;
        tiles_view_free(v);
        tiles_free(t);
        assert_int_equal(mem_live(), live);
    }
    problem_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_the_bits_of_the_whole_matrix),
        cmocka_unit_test(lines_are_fresh_or_say_that_they_are_not),
        cmocka_unit_test(a_line_shows_the_largest_or_the_mean_of_its_keys),
        cmocka_unit_test(the_pass_leaves_exact_blocks_sums_and_statistics),
        cmocka_unit_test(the_pass_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(a_cancelled_pass_waits_for_other_settings),
        cmocka_unit_test(kept_rows_are_whole_and_of_the_present_settings),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
