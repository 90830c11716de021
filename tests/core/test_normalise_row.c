#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge.h"

static const double TEMPERATURES[] = {1e-3, 0.1, 0.5, 1, 2, 10, 1000, 0, (double)INFINITY};

static AttnParams params_of(RefRandom *r, int round)
{
    AttnParams p = problem_params(r, 40);
    p.norm.kind = (NormKind)(round % (NORM_TOPP + 1));
    p.scale.mode = SCALE_CUSTOM;
    p.scale.temperature = TEMPERATURES[round / 10 % 9];
    if (p.norm.kind == NORM_RELU && p.scale.temperature == 0)
        p.scale.temperature = 0.3;
    return p;
}

static void check_row(const float *w, const RowStats *stats, const double *expected, int n,
                      const AttnParams *params)
{
    double sum = 0, due = 0;
    for (int j = 0; j < n; j++) {
        if (!(fabs((double)w[j] - expected[j]) <= 1e-6 * fmax(1, expected[j])))
            fail_msg("key %d: %.9g, expected %.9g (normaliser %d, T %g, α %g)", j, (double)w[j],
                     expected[j], (int)params->norm.kind, params->scale.temperature,
                     params->norm.alpha);
        sum += (double)w[j];
        due += expected[j];
    }
    assert_true(fabs(sum - due) <= 1e-6 * fmax(1, due));
    assert_true(fabs(stats->sum - due) <= 1e-6 * fmax(1, due));
}

/* Bar (b), with each kind of bias, mask, normaliser and temperature. */
static void biased_rows_keep_the_bar(void **state)
{
    (void)state;
    RefRandom r = {20240701};
    for (int round = 0; round < 2400; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        int n_q = ref_range(&r, 1, 4), n_k = ref_range(&r, 1, round % 5 ? 24 : 120);
        Biased b = biased_new(&r, n_q, n_k, (unsigned)round % 4);
        AttnParams params = params_of(&r, round);
        float w[4 * 120];
        double expected[120], missing;
        RowStats stats[4];
        judge_run(w, stats, &b.in, &params, k ? k : kernels());
        for (int i = 0; i < n_q; i++) {
            judge_expected(expected, &missing, &b.in, &params, i);
            check_row(w + i * n_k, stats + i, expected, n_k, &params);
            assert_true(fabs(stats[i].missing - missing) <= 1e-6 * fmax(1, missing));
        }
        biased_free(&b);
    }
}

/* Where many keys lie side by side, other loops run. */
static void long_biased_rows_keep_the_bar(void **state)
{
    (void)state;
    enum { N = 1500 };
    static float w[N];
    static double expected[N];
    RefRandom r = {20240702};
    for (int round = 0; round < 120; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        Biased b = biased_new(&r, 1, N, (unsigned)round / 3 % 4);
        AttnParams params = params_of(&r, round);
        params.mask = params_default().mask;
        RowStats stats;
        params.norm.k = ref_range(&r, 1, round % 2 ? N : 40);
        if (params.norm.kind == NORM_ENTMAX && params.norm.alpha < 1.3)
            params.norm.alpha = 1.7; /* the judge is slow */
        judge_run(w, &stats, &b.in, &params, k ? k : kernels());
        judge_expected(expected, NULL, &b.in, &params, 0);
        check_row(w, &stats, expected, N, &params);
        biased_free(&b);
    }
}

typedef struct {
    const char *name;
    NormKind kind;
    double t, bias[3];
    float scores[3], expected[3];
    unsigned flags;
} Odd;

#define INF (double)INFINITY
#define NOT (double)NAN
static const Odd ODD[] = {
    {"-Inf", NORM_SOFTMAX, 1, {0, -INF, 0}, {1, 9, 1}, {0.5f, 0, 0.5f}, 0},
    {"-Inf", NORM_SIGMOID, 1, {0, -INF, 0}, {0, 9, 0}, {0.5f, 0, 0.5f}, 0},
    {"-Inf", NORM_TOPK, 1, {0, -INF, 0}, {1, 9, 1}, {0.5f, 0, 0.5f}, 0},
    {"-Inf", NORM_SPARSEMAX, INF, {0, -INF, 0}, {1, 9, 3}, {0.5f, 0, 0.5f}, 0},
    {"-Inf", NORM_RELU, 1, {0, -INF, 0}, {3, 9, 6}, {1, 0, 2}, 0},
    {"all -Inf", NORM_SOFTMAX, 1, {-INF, -INF, -INF}, {1, 9, 1}, {0, 0, 0}, ROW_FULLY_MASKED},
    {"+Inf", NORM_SOFTMAX, 1, {0, INF, 0}, {1, 9, 1}, {NAN, NAN, NAN}, ROW_NAN | ROW_HAS_INF},
    {"NaN", NORM_ENTMAX, 1, {0, NOT, 0}, {1, 9, 1}, {NAN, NAN, NAN}, ROW_NAN},
    {"NaN beside -Inf", NORM_TOPP, 1, {-INF, NOT, 0}, {1, 9, 1}, {NAN, NAN, NAN}, ROW_NAN},
    {"ties", NORM_SOFTMAX, 0, {1, 0, -4}, {1, 2, 6}, {1.0f / 3, 1.0f / 3, 1.0f / 3}, 0},
    {"ties", NORM_HARDMAX, 1, {1, 0, 0}, {1, 2, 0}, {0.5f, 0.5f, 0}, 0},
    {"ties of topk", NORM_TOPK, 0, {1, 0, -4}, {1, 2, 6}, {0.5f, 0.5f, 0}, 0},
    {"beyond double", NORM_SOFTMAX, 1, {1.7e308, 1.7e308, 0}, {1, 1, 1}, {0.5f, 0.5f, 0}, 0},
    {"T = 5e-324", NORM_SOFTMAX, 5e-324, {1, 0, 0}, {1, 1, 1}, {1, 0, 0}, 0},
    {"T = Inf", NORM_SOFTMAX, INF, {1e300, 0, 5}, {1, 1, 1}, {1.0f / 3, 1.0f / 3, 1.0f / 3}, 0},
};

static void odd_biases_behave_as_logits_of_their_value(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof ODD / sizeof *ODD; c++)
        for (int set = 0; set < 3; set++) {
            const Odd *o = ODD + c;
            const Kernels *k = kernels_by_name(PROBLEM_SETS[set]);
            AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 3, .key = 1, .row_query = -1};
            AttnParams params = params_default();
            float w[3];
            RowStats stats;
            in.given = (Matrix){o->scores, 1, 3, 3};
            in.stored_given = (Stored){o->scores, DTYPE_F32, 1, 3, 3};
            in.bias.matrix = o->bias;
            params.norm.kind = o->kind;
            params.norm.k = 2;
            params.scale.temperature = o->t;
            judge_run(w, &stats, &in, &params, k ? k : kernels());
            for (int j = 0; j < 3; j++)
                if (!(w[j] == o->expected[j] || (isnan(w[j]) && isnan(o->expected[j]))))
                    fail_msg("%s, normaliser %d, key %d: %g", o->name, (int)o->kind, j,
                             (double)w[j]);
            if (stats.flags != o->flags)
                fail_msg("%s, normaliser %d: flags %u", o->name, (int)o->kind, stats.flags);
        }
}

static void rows_of_a_feature_map_have_the_bias_of_their_query(void **state)
{
    (void)state;
    RefRandom r = {5};
    Biased b = biased_new(&r, 6, 6, 3);
    AttnParams params = params_default();
    float w[36];
    double expected[6];
    RowStats stats[6];
    b.in.form = FORM_FEATURES;
    b.in.row_query = 2;
    b.in.queries = b.in.keys = 6;
    judge_run(w, stats, &b.in, &params, kernels());
    for (int i = 0; i < 6; i++) {
        double sum = 0;
        for (int j = 0; j < 6; j++) {
            expected[j] = exp((double)b.scores[i * 6 + j] + b.in.bias.by_distance[j - 2] +
                              b.matrix[2 * 6 + j]);
            sum += expected[j];
        }
        for (int j = 0; j < 6; j++)
            assert_true(fabs((double)w[i * 6 + j] - expected[j] / sum) <= 1e-6);
    }
    biased_free(&b);
}

static void gates_are_sigmoids_without_a_bias(void **state)
{
    (void)state;
    const float scores[] = {-2, 0.5f, 3};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 3, .key = 1, .form = FORM_GATE};
    AttnParams params = params_default();
    float w[3];
    RowStats stats;
    in.given = (Matrix){scores, 1, 3, 3};
    in.stored_given = (Stored){scores, DTYPE_F32, 1, 3, 3};
    params.norm = (NormParams){.kind = NORM_TOPK, .k = 1, .sigmoid_bias = true};
    params.scale.temperature = 0.5;
    judge_run(w, &stats, &in, &params, kernels());
    for (int j = 0; j < 3; j++)
        assert_true(fabs((double)w[j] - 1 / (1 + exp(-2 * (double)scores[j]))) <= 1e-7);
}

/* Ten normalisers, a million finite bit patterns each way: scores and biases. */
static void finite_scores_and_biases_never_give_nan_or_infinity(void **state)
{
    (void)state;
    enum { N_Q = 50, N_K = 40, ROUNDS = 500 };
    static float scores[N_Q * N_K], w[N_Q * N_K];
    static double bias[N_Q * N_K];
    static RowStats stats[N_Q];
    RefRandom r = {20240703};
    for (int round = 0; round < ROUNDS; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        AttnInput in = {.entry = ENTRY_SCORES, .n_q = N_Q, .n_k = N_K, .key = 1, .row_query = -1};
        AttnParams params = params_of(&r, round / 3);
        params.mask = params_default().mask;
        for (int i = 0; i < N_Q * N_K; i++)
            do {
                uint64_t bits = ref_random(&r);
                uint32_t half = (uint32_t)(ref_random(&r) >> 32);
                memcpy(scores + i, &half, sizeof half);
                memcpy(bias + i, &bits, sizeof bits);
            } while (!isfinite(scores[i]) || !isfinite(bias[i]));
        in.given = (Matrix){scores, N_Q, N_K, N_K};
        in.stored_given = (Stored){scores, DTYPE_F32, N_Q, N_K, N_K};
        in.bias.matrix = round % 2 ? bias : NULL;
        judge_run(w, stats, &in, &params, k ? k : kernels());
        for (int i = 0; i < N_Q; i++) {
            double sum = 0;
            for (int j = 0; j < N_K; j++) {
                assert_true(isfinite(w[i * N_K + j]));
                sum += (double)w[i * N_K + j];
            }
            if (!norm_is_open(params.norm.kind) && !(fabs(sum - 1) <= 1e-6))
                fail_msg("normaliser %d, T %g: sum %.9g", (int)params.norm.kind,
                         params.scale.temperature, sum);
        }
    }
}

static void instruction_sets_agree(void **state)
{
    (void)state;
    enum { N = 333 };
    static float w[3][N];
    RefRandom r = {20240704};
    for (int round = 0; round < 200; round++) {
        Biased b = biased_new(&r, 1, N, (unsigned)round % 4);
        AttnParams params = params_of(&r, round);
        RowStats stats;
        if (!(params.scale.temperature >= 0.1)) /* relu there is as large as float can be */
            params.scale.temperature = 0.1;
        for (int set = 0; set < 3; set++) {
            const Kernels *k = kernels_by_name(PROBLEM_SETS[set]);
            judge_run(w[set], &stats, &b.in, &params, k ? k : kernels());
        }
        for (int j = 0; j < N; j++)
            for (int set = 1; set < 3; set++)
                assert_true(fabsf(w[set][j] - w[0][j]) <= 5e-7f * fmaxf(1, w[0][j]));
        biased_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(biased_rows_keep_the_bar),
        cmocka_unit_test(long_biased_rows_keep_the_bar),
        cmocka_unit_test(odd_biases_behave_as_logits_of_their_value),
        cmocka_unit_test(rows_of_a_feature_map_have_the_bias_of_their_query),
        cmocka_unit_test(gates_are_sigmoids_without_a_bias),
        cmocka_unit_test(finite_scores_and_biases_never_give_nan_or_infinity),
        cmocka_unit_test(instruction_sets_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
