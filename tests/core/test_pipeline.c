#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "same.h"

#include <stdio.h>

enum { INPUTS = 10, SEQUENCES = 10000, STEPS = 6 };

/* Small heads of every kind: all entries, with and without v, odd numbers, beyond float32,
 * recorded. */
static void make_inputs(RefRandom *r, Problem p[INPUTS])
{
    static const Entry entries[INPUTS] = {ENTRY_QK, ENTRY_QK,     ENTRY_QK,     ENTRY_QK,
                                          ENTRY_QK, ENTRY_SCORES, ENTRY_SCORES, ENTRY_WEIGHTS,
                                          ENTRY_QK, ENTRY_WEIGHTS};
    static const int shapes[INPUTS][4] = {{4, 4, 3, 2},  {4, 4, 5, 2},  {1, 7, 2, 0}, {6, 1, 1, 3},
                                          {5, 40, 4, 2}, {4, 4, 2, 1},  {3, 6, 1, 0}, {4, 4, 1, 2},
                                          {4, 4, 3, 2},  {40, 3, 1, 35}};
    for (int i = 0; i < INPUTS; i++)
        p[i] = problem_new(r, entries[i], shapes[i][0], shapes[i][1], shapes[i][2], shapes[i][3],
                           (uint64_t)i + 1);
    p[1].q[0] = NAN;
    p[1].k[1] = FLT_MAX;
    p[1].q[p[1].in.q.step + 1] = FLT_MAX;
    p[1].v[2] = INFINITY;
    p[5].given[3] = -INFINITY;
    p[5].given[8] = INFINITY;
    p[7].given[2] = NAN;
    problem_widen(r, &p[8]);
    for (int i = 0; i < INPUTS; i += 4) {
        int n_q = p[i].in.n_q, n_k = p[i].in.n_k;
        p[i].recorded = problem_floats(r, n_q * n_k);
        p[i].in.recorded = (Matrix){p[i].recorded, n_q, n_k, n_k};
    }
}

/* One control moves, as a hand would move it; now and then the head or the stage shown. */
static void change(RefRandom *r, Wish *wish)
{
    AttnParams other = problem_params(r, 8);
    switch (ref_range(r, 0, 9)) {
    case 0:
        wish->input = ref_range(r, 0, INPUTS - 1);
        break;
    case 1:
        wish->stages = (unsigned)ref_range(r, 0, ALL);
        break;
    case 2:
    case 3:
        wish->params.scale.temperature = other.scale.temperature;
        break;
    case 4:
        wish->params.scale = other.scale;
        break;
    case 5:
        wish->params.mask = other.mask;
        break;
    case 6:
        wish->params.mask.causal = !wish->params.mask.causal;
        break;
    case 7:
        wish->params.mask.hidden = other.mask.hidden;
        break;
    case 8:
        wish->params.norm = other.norm;
        break;
    default:
        wish->params = other;
        break;
    }
    if (wish->params.norm.kind == NORM_RELU && wish->params.scale.temperature == 0)
        wish->params.scale.temperature = 0.1; /* there are no weights at 0 */
}

static void any_history_gives_the_bits_of_a_fresh_pipeline(void **state)
{
    (void)state;
    const char *text = getenv("ATTNSCOPE_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : 20240617;
    RefRandom r = {seed};
    Problem inputs[INPUTS];
    print_message("seed %llu (ATTNSCOPE_SEED=… for another)\n", (unsigned long long)seed);
    make_inputs(&r, inputs);
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[sequence % 3]);
        Wish wish = {ref_range(&r, 0, INPUTS - 1), params_default(), ALL};
        k = k ? k : kernels();
        Pipeline *p = pipeline_new();
        pipeline_use(p, k);
        for (int step = 0; step < STEPS; step++) {
            Error err = {0};
            const AttnInput *in = &inputs[wish.input].in;
            if (!pipeline_update(p, in, &wish.params, wish.stages, NULL, &err))
                fail_msg("%s", err.what);
            Pipeline *q = fresh(in, &wish, k, NULL);
            const char *what = difference(pipeline_result(p), pipeline_result(q));
            if (what)
                fail_msg("sequence %d, step %d, input %d, %s: %s differs", sequence, step,
                         wish.input, k->name, what);
            pipeline_free(q);
            change(&r, &wish);
        }
        pipeline_free(p);
    }
    for (int i = 0; i < INPUTS; i++)
        problem_free(&inputs[i]);
}

typedef struct {
    Pipeline *p;
    Problem problem;
    AttnParams params;
} Bench;

static Bench bench_new(Entry entry)
{
    RefRandom r = {79};
    Bench b = {pipeline_new(), problem_new(&r, entry, 5, 6, 4, 2, 1), params_default()};
    return b;
}

static void bench_free(Bench *b)
{
    pipeline_free(b->p);
    problem_free(&b->problem);
}

/* Updates and says which stages ran. */
static unsigned bench_ran(Bench *b, unsigned stages)
{
    unsigned before[STAGE_COUNT], ran = 0;
    Error err = {0};
    memcpy(before, pipeline_runs(b->p), sizeof before);
    if (!pipeline_update(b->p, &b->problem.in, &b->params, stages, NULL, &err))
        fail_msg("%s", err.what);
    for (int s = 0; s < STAGE_COUNT; s++)
        ran |= pipeline_runs(b->p)[s] != before[s] ? STAGE_BIT(s) : 0;
    return ran;
}

enum {
    S = STAGE_BIT(STAGE_SCORES),
    L = STAGE_BIT(STAGE_SCALED),
    M = STAGE_BIT(STAGE_MASKED),
    W = STAGE_BIT(STAGE_WEIGHTS),
    O = STAGE_BIT(STAGE_OUTPUT),
    V = STAGE_BIT(STAGE_V),
    QKV = STAGE_BIT(STAGE_Q) | STAGE_BIT(STAGE_K) | V /* what went in */
};

static void each_change_redoes_its_stage_and_later_ones_only(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_QK);
    assert_int_equal(bench_ran(&b, ALL), S | L | M | W | O | QKV);
    assert_int_equal(bench_ran(&b, ALL), 0);
    b.params.scale.temperature = 2;
    assert_int_equal(bench_ran(&b, ALL), L | M | W | O);
    b.params.mask.causal = true;
    assert_int_equal(bench_ran(&b, ALL), M | W | O);
    b.params.norm.kind = NORM_SPARSEMAX;
    assert_int_equal(bench_ran(&b, ALL), W | O);
    b.params.scale.mode = SCALE_SQRT_DK; /* what auto means here: no number changes */
    assert_int_equal(bench_ran(&b, ALL), 0);
    b.problem.in.key++;
    assert_int_equal(bench_ran(&b, ALL), S | L | M | W | O | QKV);
    bench_free(&b);
}

static void only_stages_asked_for_are_computed(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_QK);
    assert_int_equal(bench_ran(&b, 0), S | W); /* weights need the scores */
    const AttnResult *r = pipeline_result(b.p);
    assert_null(r->stage[STAGE_SCORES].at);
    assert_null(r->stage[STAGE_OUTPUT].at);
    assert_non_null(r->stage[STAGE_WEIGHTS].at);
    assert_int_equal(bench_ran(&b, O), O);
    b.params.scale.temperature = 3;
    assert_int_equal(bench_ran(&b, L), L | W);
    assert_int_equal(bench_ran(&b, L | O), O); /* stale since the temperature moved */
    assert_int_equal(bench_ran(&b, 0), 0);
    assert_int_equal(bench_ran(&b, L | O), 0); /* still there */
    bench_free(&b);
}

static void stamps_move_with_the_numbers(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_QK);
    bench_ran(&b, ALL);
    const AttnResult *r = pipeline_result(b.p);
    uint32_t was[STAGE_COUNT];
    memcpy(was, r->stamp, sizeof was);
    for (int s = 0; s < STAGE_COUNT; s++)
        assert_int_equal(was[s] == 0, r->absent[s] != NULL);
    bench_ran(&b, ALL);
    assert_memory_equal(was, r->stamp, sizeof was);
    b.params.scale.temperature = 9;
    bench_ran(&b, ALL);
    assert_int_equal(was[STAGE_SCORES], r->stamp[STAGE_SCORES]);
    for (int s = STAGE_SCALED; s < STAGE_CHAIN; s++)
        assert_int_not_equal(was[s], r->stamp[s]);
    assert_memory_equal(was + STAGE_CHAIN, r->stamp + STAGE_CHAIN,
                        sizeof was - STAGE_CHAIN * sizeof *was);
    bench_free(&b);
}

static void a_stage_that_the_file_lacks_says_why(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_WEIGHTS);
    b.problem.in.v = (Matrix){0};
    assert_int_equal(bench_ran(&b, ALL), W);
    const AttnResult *r = pipeline_result(b.p);
    for (int s = 0; s < STAGE_COUNT; s++) {
        assert_int_equal(r->absent[s] == NULL, s == STAGE_WEIGHTS);
        assert_int_equal(r->stage[s].at != NULL, s == STAGE_WEIGHTS);
    }
    bench_free(&b);
}

static void relu_has_no_weights_at_temperature_0(void **state)
{
    (void)state;
    Error err = {0};
    Bench b = bench_new(ENTRY_QK), given = bench_new(ENTRY_WEIGHTS);
    b.params.norm.kind = NORM_RELU;
    b.params.scale.temperature = 0;
    assert_false(pipeline_update(b.p, &b.problem.in, &b.params, ALL, NULL, &err));
    assert_string_equal(err.what, "temperature: expected above 0 under relu, found 0");
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_true(pipeline_update(given.p, &given.problem.in, &b.params, ALL, NULL, &err));
    bench_free(&given);
    bench_free(&b);
}

static void given_weights_are_shown_as_given(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_WEIGHTS);
    b.params.scale.temperature = 0.1;
    b.params.mask.causal = b.params.mask.padding = true;
    b.params.norm.kind = NORM_SIGMOID;
    bench_ran(&b, ALL);
    const AttnResult *r = pipeline_result(b.p);
    assert_true(same_matrix(r->stage[STAGE_WEIGHTS], b.problem.in.given));
    assert_false(r->sums_open);
    assert_true(r->temperature == 1 && r->divisor == 1);
    b.params.scale.temperature = 7;
    assert_int_equal(bench_ran(&b, ALL), 0); /* nothing that acts has changed */
    bench_free(&b);
}

static void hidden_keys_act_on_given_weights(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_WEIGHTS);
    b.params.mask.hidden = index_set_intern((int[]){1, 4}, 2);
    for (int renormalise = 0; renormalise < 2; renormalise++) {
        b.params.mask.renormalise = renormalise;
        bench_ran(&b, ALL);
        const AttnResult *r = pipeline_result(b.p);
        for (int i = 0; i < 5; i++) {
            const float *given = matrix_row(b.problem.in.given, i);
            const float *found = matrix_row(r->stage[STAGE_WEIGHTS], i);
            double sum = 0, hidden = (double)given[1] + (double)given[4];
            for (int j = 0; j < 6; j++)
                sum += j == 1 || j == 4 ? 0 : (double)given[j];
            for (int j = 0; j < 6; j++) {
                double due = j == 1 || j == 4 ? 0 : (double)given[j] / (renormalise ? sum : 1);
                assert_true(fabs((double)found[j] - due) <= 1e-7);
            }
            assert_true(fabs(r->rows[i].missing - (renormalise ? 0 : hidden)) <= 1e-12);
        }
    }
    bench_free(&b);
}

static void missing_mass_is_what_hidden_keys_had(void **state)
{
    (void)state;
    const float zeros[4] = {0};
    AttnInput in = {.entry = ENTRY_QK,
                    .n_q = 1,
                    .n_k = 4,
                    .d_k = 1,
                    .key = 1,
                    .q = {zeros, 1, 1, 1},
                    .k = {zeros, 4, 1, 1}};
    Wish wish = {0, params_default(), 0};
    wish.params.mask.hidden = index_set_intern((int[]){2}, 1);
    wish.params.mask.renormalise = false;
    Pipeline *p = fresh(&in, &wish, NULL, NULL);
    const RowStats *row = pipeline_result(p)->rows;
    const float *w = matrix_row(pipeline_result(p)->stage[STAGE_WEIGHTS], 0);
    assert_true(w[0] == 0.25f && w[1] == 0.25f && w[2] == 0 && w[3] == 0.25f);
    assert_true(row->missing == 0.25 && row->sum == 0.75 && row->keys == 3);
    assert_true(fabs(row->entropy - log2(3)) < 1e-12);
    pipeline_free(p);
}

static void recorded_weights_are_compared(void **state)
{
    (void)state;
    const float zeros[2] = {0}, recorded[] = {0.5f, 0.5f, 0.5f, 0.75f};
    AttnInput in = {.entry = ENTRY_QK,
                    .n_q = 2,
                    .n_k = 2,
                    .d_k = 1,
                    .key = 1,
                    .q = {zeros, 2, 1, 1},
                    .k = {zeros, 2, 1, 1}};
    Wish wish = {0, params_default(), 0};
    Pipeline *p = fresh(&in, &wish, NULL, NULL);
    assert_true(pipeline_result(p)->recorded_error == -1);
    pipeline_free(p);
    in.recorded = (Matrix){recorded, 2, 2, 2};
    p = fresh(&in, &wish, NULL, NULL);
    const AttnResult *r = pipeline_result(p);
    assert_true(r->recorded_error == 0.25 && r->recorded_row == 1 && r->recorded_col == 1);
    pipeline_free(p);
    /* A row without a key to see has no weights that a recording could agree with. */
    static const uint8_t padding[] = {1, 0};
    const float apart[] = {0.5f, 0.5f, 0, 1};
    in.padding = padding;
    in.recorded.at = apart;
    wish.params.mask.causal = true;
    p = fresh(&in, &wish, NULL, NULL);
    r = pipeline_result(p);
    assert_true(r->recorded_error == 0 && r->recorded_row == 1);
    pipeline_free(p);
}

static void wrong_shapes_and_temperatures_are_refused(void **state)
{
    (void)state;
    Bench b = bench_new(ENTRY_QK);
    Error err = {0};
    AttnInput in = b.problem.in;
    in.k.rows = 3;
    assert_false(pipeline_update(b.p, &in, &b.params, ALL, NULL, &err));
    assert_string_equal(err.what, "shape of k: expected 6 × 4, found 3 × 4");
    error_clear(&err);
    in = b.problem.in;
    in.n_q = 0;
    assert_false(pipeline_update(b.p, &in, &b.params, ALL, NULL, &err));
    error_clear(&err);
    b.params.scale.temperature = (double)NAN;
    assert_false(pipeline_update(b.p, &b.problem.in, &b.params, ALL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    bench_free(&b);
}

static void wrong_shapes_of_what_the_file_gives_are_refused(void **state)
{
    (void)state;
    static const Entry entries[] = {ENTRY_SCORES, ENTRY_WEIGHTS};
    for (int i = 0; i < 2; i++) {
        Bench b = bench_new(entries[i]);
        AttnInput in = b.problem.in;
        Error err = {0};
        char expected[80];
        in.given.cols--;
        snprintf(expected, sizeof expected, "shape of %s: expected %d × %d, found %d × %d",
                 i ? "weights" : "scores", in.n_q, in.n_k, in.n_q, in.n_k - 1);
        assert_false(pipeline_update(b.p, &in, &b.params, ALL, NULL, &err));
        assert_string_equal(err.what, expected);
        error_clear(&err);
        in = b.problem.in;
        in.recorded = (Matrix){in.given.at, in.n_q + 1, in.n_k, in.given.step};
        snprintf(expected, sizeof expected, "shape of recorded: expected %d × %d, found %d × %d",
                 in.n_q, in.n_k, in.n_q + 1, in.n_k);
        assert_false(pipeline_update(b.p, &in, &b.params, ALL, NULL, &err));
        assert_string_equal(err.what, expected);
        bench_free(&b);
    }
    pipeline_free(NULL);
}

/* Every allocation of an update fails once: the old result is still there, whole, and the next
 * update works. */
static void running_out_of_memory_keeps_the_last_result(void **state)
{
    (void)state;
    RefRandom r = {83};
    int hidden = index_set_intern((int[]){1}, 1); /* kept for ever: not to be counted */
    int64_t before = mem_live();
    Problem a = problem_new(&r, ENTRY_QK, 4, 5, 3, 2, 1),
            b = problem_new(&r, ENTRY_QK, 6, 9, 3, 2, 2);
    Wish wish = {0, params_default(), 0}, all = {0, params_default(), ALL};
    bool done = false;
    wish.params.mask.hidden = hidden;
    for (uint64_t n = 1; !done; n++) {
        Pipeline *p = fresh(&a.in, &wish, NULL, NULL), *old = fresh(&a.in, &wish, NULL, NULL);
        Pipeline *new = fresh(&b.in, &all, NULL, NULL);
        Error err = {0};
        mem_fail_at(n, false);
        done = pipeline_update(p, &b.in, &all.params, ALL, NULL, &err);
        mem_fail_at(0, false);
        assert_null(difference(pipeline_result(p), pipeline_result(done ? new : old)));
        assert_true(done || err.kind == ERROR_LIMIT);
        assert_true(pipeline_update(p, &b.in, &all.params, ALL, NULL, &err));
        assert_null(difference(pipeline_result(p), pipeline_result(new)));
        pipeline_free(p);
        pipeline_free(old);
        pipeline_free(new);
    }
    problem_free(&a);
    problem_free(&b);
    assert_int_equal(mem_live(), before);
}

static void sizes_that_cannot_be_are_out_of_memory(void **state)
{
    (void)state;
    const float cell = 0;
    Error err = {0};
    AttnInput in = {.entry = ENTRY_QK,
                    .n_q = 2147483647,
                    .n_k = 2147483647,
                    .d_k = 1,
                    .key = 1,
                    .q = {&cell, 2147483647, 1, 0},
                    .k = {&cell, 2147483647, 1, 0}};
    AttnParams params = params_default();
    Pipeline *p = pipeline_new();
    mem_fail_at(1, true); /* not even the mask: the test should not ask for gigabytes */
    assert_false(pipeline_update(p, &in, &params, ALL, NULL, &err));
    mem_fail_at(0, false);
    assert_int_equal(err.kind, ERROR_LIMIT);
    pipeline_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_history_gives_the_bits_of_a_fresh_pipeline),
        cmocka_unit_test(each_change_redoes_its_stage_and_later_ones_only),
        cmocka_unit_test(only_stages_asked_for_are_computed),
        cmocka_unit_test(stamps_move_with_the_numbers),
        cmocka_unit_test(a_stage_that_the_file_lacks_says_why),
        cmocka_unit_test(relu_has_no_weights_at_temperature_0),
        cmocka_unit_test(given_weights_are_shown_as_given),
        cmocka_unit_test(hidden_keys_act_on_given_weights),
        cmocka_unit_test(missing_mass_is_what_hidden_keys_had),
        cmocka_unit_test(recorded_weights_are_compared),
        cmocka_unit_test(wrong_shapes_of_what_the_file_gives_are_refused),
        cmocka_unit_test(wrong_shapes_and_temperatures_are_refused),
        cmocka_unit_test(running_out_of_memory_keeps_the_last_result),
        cmocka_unit_test(sizes_that_cannot_be_are_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
