#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/core/reference.h"
#include "problem.h"

static Pipeline *run(const AttnInput *in, const AttnParams *params, const Kernels *k)
{
    Error err = {0};
    Pipeline *p = pipeline_new();
    unsigned all = (1u << STAGE_COUNT) - 1;
    pipeline_use(p, k);
    if (!pipeline_update(p, in, params, all, NULL, &err))
        fail_msg("%s", err.what);
    return p;
}

/* log Σ exp(l/T) over competing keys, where the row has one. */
static void check_log_sum(const Problem *p, const AttnParams *params, const AttnResult *r, int i)
{
    double t = params->scale.temperature, max = -(double)INFINITY, sum = 0;
    if (params->norm.kind != NORM_SOFTMAX || t < 0.01 || r->rows[i].flags)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (int j = 0; j < p->in.n_k; j++) {
            double l = (double)matrix_row(r->stage[STAGE_SCORES], i)[j] / r->divisor;
            if (!ref_competes(&p->in, &params->mask, i, j))
                continue;
            if (pass)
                sum += exp((l - max) / t);
            else
                max = l > max ? l : max;
        }
    assert_true(fabs(r->rows[i].logit_max - max) <= 1e-12 * fabs(max));
    double due = (isinf(t) ? 0 : max / t) + log(sum);
    assert_true(fabs(r->rows[i].log_sum_exp - due) <= 1e-6 * (1 + fabs(due)));
}

/* Least and largest shown weight. */
static void check_range(const Problem *p, const AttnParams *params, const AttnResult *r)
{
    float lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < p->in.n_q; i++)
        for (int j = 0; j < p->in.n_k; j++) {
            float w = matrix_row(r->stage[STAGE_WEIGHTS], i)[j];
            if (!ref_shown(&p->in, &params->mask, i, j))
                continue;
            lo = w < lo ? w : lo;
            hi = w > hi ? w : hi;
        }
    assert_true(r->range[STAGE_WEIGHTS].lo == (lo > hi ? 0 : lo));
    assert_true(r->range[STAGE_WEIGHTS].hi == (lo > hi ? 0 : hi));
}

/* Bar (b): each weight and each row sum within 1e-6 of double, from the program's own scores. */
static void check_rows(const Problem *p, const AttnParams *params, const AttnResult *r)
{
    double scores[512], expected[512], missing;
    check_range(p, params, r);
    for (int i = 0; i < p->in.n_q; i++) {
        check_log_sum(p, params, r, i);
        double sum = 0, due = 0;
        for (int j = 0; j < p->in.n_k; j++)
            scores[j] = (double)matrix_row(r->stage[STAGE_SCORES], i)[j];
        ref_weights(expected, scores, &p->in, params, r->divisor, i, &missing);
        for (int j = 0; j < p->in.n_k; j++) {
            double found = (double)matrix_row(r->stage[STAGE_WEIGHTS], i)[j];
            sum += found;
            due += expected[j];
            /* Weights of relu may be far above 1. */
            if (!(fabs(found - expected[j]) <= 1e-6 * fmax(1, expected[j])))
                fail_msg("row %d key %d: %.9g, expected %.9g (normaliser %d, T %g)", i, j, found,
                         expected[j], (int)params->norm.kind, params->scale.temperature);
            assert_true(expected[j] != 0 || ref_shown(&p->in, &params->mask, i, j) || found == 0);
        }
        double size = fmax(1, fmax(due, missing));
        assert_true(fabs(sum - due) <= 1e-6 * size);
        assert_true(fabs(r->rows[i].sum - due) <= 1e-6 * size);
        assert_true(fabs(r->rows[i].missing - missing) <= 1e-6 * size);
        assert_true(due == 0 || isnan(r->rows[i].entropy) ||
                    fabs(r->rows[i].entropy - ref_entropy(expected, p->in.n_k)) <= 2e-5);
    }
}

static void weights_keep_the_bar_under_all_settings(void **state)
{
    (void)state;
    RefRandom r = {20240611};
    for (int round = 0; round < 3000; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        int n_q = ref_range(&r, 1, 6), n_k = ref_range(&r, 1, round % 7 ? 20 : 300);
        Entry entry = ref_range(&r, 0, 2) ? ENTRY_QK : ENTRY_SCORES;
        Problem p = problem_new(&r, entry, n_q, n_k, ref_range(&r, 1, 90), 0, 1);
        AttnParams params = problem_params(&r, n_k);
        if (k) {
            Pipeline *pipeline = run(&p.in, &params, k);
            check_rows(&p, &params, pipeline_result(pipeline));
            pipeline_free(pipeline);
        }
        problem_free(&p);
    }
}

/* The generator of make_reference.py. */
static void lcg_fill(uint32_t *x, float *out, int n)
{
    for (int i = 0; i < n; i++) {
        *x = *x * 1664525u + 1013904223u;
        out[i] = (float)((int)((*x >> 16) % 2049) - 1024) / 512;
    }
}

static double off(const float *found, const double *expected, int n)
{
    double worst = 0;
    for (int i = 0; i < n; i++) {
        double d = fabs((double)found[i] - expected[i]);
        worst = d > worst || isnan(d) ? d : worst;
    }
    return worst;
}

static void weights_and_outputs_agree_with_pytorch(void **state)
{
    (void)state;
    static const NormKind kinds[] = {NORM_SOFTMAX, NORM_SPARSEMAX, NORM_ENTMAX15, NORM_SOFTMAX1,
                                     NORM_SIGMOID};
    static float q[1024], k[2048], v[64];
    uint8_t padding[16];
    for (int set = 0; set < 3; set++)
        for (int c = 0; c < REFERENCE_CASES && kernels_by_name(PROBLEM_SETS[set]); c++) {
            int n_q = REFERENCE[c].n_q, n_k = REFERENCE[c].n_k, d = REFERENCE[c].d;
            uint32_t seed = (uint32_t)(1000 + c);
            lcg_fill(&seed, q, n_q * d);
            lcg_fill(&seed, k, n_k * d);
            lcg_fill(&seed, v, n_k * REFERENCE_D_V);
            memset(padding, 0, sizeof padding);
            padding[n_k - 1] = 1;
            AttnInput in = {.entry = ENTRY_QK,
                            .n_q = n_q,
                            .n_k = n_k,
                            .q = {q, n_q, d, d},
                            .k = {k, n_k, d, d},
                            .v = {v, n_k, REFERENCE_D_V, REFERENCE_D_V},
                            .padding = padding,
                            .key = 1};
            AttnParams params = params_default();
            params.scale.temperature = REFERENCE[c].temperature;
            params.mask.causal = REFERENCE[c].causal;
            params.mask.align = REFERENCE[c].bottom ? MASK_BOTTOM : MASK_TOP;
            params.mask.window = REFERENCE[c].window;
            params.mask.padding = REFERENCE[c].padding;
            params.norm.kind = kinds[REFERENCE[c].norm];
            Pipeline *p = run(&in, &params, kernels_by_name(PROBLEM_SETS[set]));
            const AttnResult *r = pipeline_result(p);
            const double *expected = REFERENCE_VALUES + REFERENCE[c].values;
            /* Bar (c): the inputs are exact here, |score| ≤ 4 d. */
            double bar = 1e-6 + 0.5 * d * 0x1p-24 * 4 * d / sqrt(d) / params.scale.temperature;
            for (int i = 0; i < n_q; i++) {
                const double *out = expected + n_q * n_k + i * REFERENCE_D_V;
                double w = off(matrix_row(r->stage[STAGE_WEIGHTS], i), expected + i * n_k, n_k);
                assert_true(w <= bar);
                assert_true(off(matrix_row(r->stage[STAGE_OUTPUT], i), out, REFERENCE_D_V) <=
                            4 * n_k * bar);
                assert_true(params.scale.temperature < 1 || w <= 1e-6);
            }
            pipeline_free(p);
        }
}

static void softmax_end_to_end_is_within_1e_6_of_double(void **state)
{
    (void)state;
    RefRandom r = {41};
    for (int round = 0; round < 60; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        Problem p = problem_new(&r, ENTRY_QK, 8, ref_range(&r, 1, 500), 64, 0, 1);
        AttnParams params = params_default();
        double scores[512], expected[512];
        params.scale.temperature = 1 + (round % 2) * 3;
        if (k) {
            Pipeline *pipeline = run(&p.in, &params, k);
            for (int i = 0; i < 8; i++) {
                for (int j = 0; j < p.in.n_k; j++)
                    scores[j] = ref_score(&p.in, i, j);
                ref_weights(expected, scores, &p.in, &params, 8, i, NULL);
                assert_true(off(matrix_row(pipeline_result(pipeline)->stage[STAGE_WEIGHTS], i),
                                expected, p.in.n_k) <= 1e-6);
            }
            pipeline_free(pipeline);
        }
        problem_free(&p);
    }
}

/* Given scores through a normaliser; the caller frees. */
static Pipeline *run_scores(const float *scores, int n, const AttnParams *params, int set)
{
    AttnInput in = {
        .entry = ENTRY_SCORES, .n_q = 1, .n_k = n, .given = {scores, 1, n, n}, .key = 1};
    return run(&in, params, kernels_by_name(PROBLEM_SETS[set]));
}

typedef struct {
    const char *name;
    float scores[4];
    NormKind kind;
    double t;
    float expected[4];
    unsigned flags;
} Edge;

static const Edge EDGES[] = {
    {"one -Inf", {1, -INFINITY, 1, -INFINITY}, NORM_SOFTMAX, 1, {0.5f, 0, 0.5f, 0}, 0},
    {"only -Inf",
     {-INFINITY, -INFINITY, -INFINITY, -INFINITY},
     NORM_SOFTMAX,
     1,
     {0},
     ROW_FULLY_MASKED},
    {"only -Inf",
     {-INFINITY, -INFINITY, -INFINITY, -INFINITY},
     NORM_SIGMOID,
     1,
     {0},
     ROW_FULLY_MASKED},
    {"+Inf", {1, INFINITY, 1, 0}, NORM_SOFTMAX, 1, {NAN, NAN, NAN, NAN}, ROW_NAN | ROW_HAS_INF},
    {"+Inf", {1, INFINITY, 1, 0}, NORM_SPARSEMAX, 1, {NAN, NAN, NAN, NAN}, ROW_NAN | ROW_HAS_INF},
    {"NaN", {1, NAN, 1, 0}, NORM_SOFTMAX, 1, {NAN, NAN, NAN, NAN}, ROW_NAN},
    {"NaN", {1, NAN, 1, 0}, NORM_HARDMAX, 1, {NAN, NAN, NAN, NAN}, ROW_NAN},
    {"T = 0, ties", {3, 1, 3, -INFINITY}, NORM_SOFTMAX, 0, {0.5f, 0, 0.5f, 0}, 0},
    {"T = 0, sparse", {3, 1, 2, 2}, NORM_SPARSEMAX, 0, {1, 0, 0, 0}, 0},
    {"T = 0, entmax", {3, 1, 2, 2}, NORM_ENTMAX15, 0, {1, 0, 0, 0}, 0},
    {"T = 0, sigmoid", {3, 0, -2, -0.0f}, NORM_SIGMOID, 0, {1, 0.5f, 0, 0.5f}, 0},
    {"T = 0, softmax1 below 0", {-3, -1, -2, -2}, NORM_SOFTMAX1, 0, {0, 0, 0, 0}, 0},
    {"T = 0, softmax1 at 0", {0, -1, 0, -2}, NORM_SOFTMAX1, 0, {1.0f / 3, 0, 1.0f / 3, 0}, 0},
    {"T = 0, softmax1 above", {2, -1, 2, -2}, NORM_SOFTMAX1, 0, {0.5f, 0, 0.5f, 0}, 0},
    {"T = 5e-324", {1, 1 + FLT_EPSILON, 0, 1}, NORM_SOFTMAX, 5e-324, {0, 1, 0, 0}, 0},
    {"T = 1e-300", {1, 1 + FLT_EPSILON, 0, 1}, NORM_ENTMAX15, 1e-300, {0, 1, 0, 0}, 0},
    {"T = Inf",
     {1, 99, -5, 3e38f},
     NORM_SOFTMAX,
     (double)INFINITY,
     {0.25f, 0.25f, 0.25f, 0.25f},
     0},
    {"T = Inf",
     {1, 99, -INFINITY, -4},
     NORM_SPARSEMAX,
     (double)INFINITY,
     {1.0f / 3, 1.0f / 3, 0, 1.0f / 3},
     0},
    {"T = Inf", {1, 99, -5, 3e38f}, NORM_SOFTMAX1, (double)INFINITY, {0.2f, 0.2f, 0.2f, 0.2f}, 0},
    {"huge", {3e38f, -3e38f, 3e38f, 0}, NORM_SOFTMAX, 1, {0.5f, 0, 0.5f, 0}, 0},
    {"huge sigmoid", {3e38f, -3e38f, 0, 0}, NORM_SIGMOID, 1, {1, 0, 0.5f, 0.5f}, 0},
    {"equal", {0.1f, 0.1f, 0.1f, 0.1f}, NORM_SOFTMAX, 0.3, {0.25f, 0.25f, 0.25f, 0.25f}, 0},
    {"equal", {0.1f, 0.1f, 0.1f, 0.1f}, NORM_SPARSEMAX, 0.3, {0.25f, 0.25f, 0.25f, 0.25f}, 0},
    {"equal", {0.1f, 0.1f, 0.1f, 0.1f}, NORM_ENTMAX15, 0.3, {0.25f, 0.25f, 0.25f, 0.25f}, 0},
    {"equal denormals",
     {1e-45f, 1e-45f, 1e-45f, 1e-45f},
     NORM_SOFTMAX,
     1,
     {0.25f, 0.25f, 0.25f, 0.25f},
     0},
    {"hardmax", {2, 2, 2, 1}, NORM_HARDMAX, 7, {1.0f / 3, 1.0f / 3, 1.0f / 3, 0}, 0},
};

static void odd_rows_give_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; i++)
        for (int set = 0; set < 3; set++) {
            const Edge *e = EDGES + i;
            AttnParams params = params_default();
            params.norm.kind = e->kind;
            params.scale.temperature = e->t;
            if (!kernels_by_name(PROBLEM_SETS[set]))
                continue;
            Pipeline *p = run_scores(e->scores, 4, &params, set);
            const AttnResult *r = pipeline_result(p);
            const float *w = matrix_row(r->stage[STAGE_WEIGHTS], 0);
            for (int j = 0; j < 4; j++)
                if (!(w[j] == e->expected[j] || (isnan(w[j]) && isnan(e->expected[j]))))
                    fail_msg("%s, key %d: %g", e->name, j, (double)w[j]);
            if (r->rows[0].flags != e->flags)
                fail_msg("%s: flags %u", e->name, r->rows[0].flags);
            pipeline_free(p);
        }
}

static void denormal_weights_are_kept(void **state)
{
    (void)state;
    const float scores[] = {0, -100, -90};
    AttnParams params = params_default();
    for (int set = 0; set < 3; set++) {
        if (!kernels_by_name(PROBLEM_SETS[set]))
            continue;
        Pipeline *p = run_scores(scores, 3, &params, set);
        const float *w = matrix_row(pipeline_result(p)->stage[STAGE_WEIGHTS], 0);
        assert_true(w[1] > 0 && w[1] < FLT_MIN && w[2] > 0 && w[2] < FLT_MIN);
        assert_true(fabs((double)w[1] - exp(-100)) <= 0x1p-149);
        pipeline_free(p);
    }
}

static void one_key_gives_exactly_1_and_n_equal_ones_exactly_1_over_n(void **state)
{
    (void)state;
    enum { N = 65536 };
    static float scores[N];
    for (int j = 0; j < N; j++)
        scores[j] = 0.37f;
    for (int set = 0; set < 3; set++)
        for (int n = 1; n <= N && kernels_by_name(PROBLEM_SETS[set]); n = n < 40 ? n + 1 : n * 4) {
            AttnParams params = params_default();
            params.scale.temperature = 0.77;
            Pipeline *p = run_scores(scores, n, &params, set);
            const float *w = matrix_row(pipeline_result(p)->stage[STAGE_WEIGHTS], 0);
            for (int j = 0; j < n; j++)
                assert_true(w[j] == (float)(1.0 / n));
            assert_true(pipeline_result(p)->rows[0].argmax == 0);
            assert_true(fabs(pipeline_result(p)->rows[0].entropy - log2(n)) < 1e-12);
            pipeline_free(p);
        }
}

static float random_finite(RefRandom *r, DType type)
{
    for (;;) {
        uint32_t bits = (uint32_t)(ref_random(r) >> 32);
        float x;
        memcpy(&x, &bits, sizeof x);
        x = type == DTYPE_F16    ? dtype_f16((uint16_t)bits)
            : type == DTYPE_BF16 ? dtype_bf16((uint16_t)bits)
                                 : x;
        if (isfinite(x))
            return x;
    }
}

/* Any bit pattern that is a finite number, a million of them. */
static void finite_inputs_never_give_nan_or_infinity(void **state)
{
    (void)state;
    enum { N_Q = 40, N_K = 40, D = 25, ROUNDS = 500 };
    static float q[N_Q * D], k[N_K * D];
    RefRandom r = {20240613};
    for (int round = 0; round < ROUNDS; round++) {
        DType type = (DType)(round % 3);
        const Kernels *set = kernels_by_name(PROBLEM_SETS[round / 3 % 3]);
        for (int i = 0; i < N_Q * D; i++)
            q[i] = random_finite(&r, type);
        for (int i = 0; i < N_K * D; i++)
            k[i] = random_finite(&r, type);
        AttnInput in = {.entry = ENTRY_QK,
                        .n_q = N_Q,
                        .n_k = N_K,
                        .d_k = D,
                        .key = 1,
                        .q = {q, N_Q, D, D},
                        .k = {k, N_K, D, D}};
        AttnParams params = params_default();
        params.norm.kind = (NormKind)(round % (NORM_TOPP + 1));
        params.mask.causal = round % 2;
        Pipeline *p = run(&in, &params, set ? set : kernels());
        const AttnResult *res = pipeline_result(p);
        for (int i = 0; i < N_Q; i++) {
            double sum = 0;
            for (int j = 0; j < N_K; j++) {
                assert_true(isfinite(matrix_row(res->stage[STAGE_WEIGHTS], i)[j]));
                sum += (double)matrix_row(res->stage[STAGE_WEIGHTS], i)[j];
            }
            assert_true(norm_is_open(params.norm.kind) || fabs(sum - 1) <= 1e-6);
        }
        pipeline_free(p);
    }
}

static void threads_never_change_a_bit_of_any_normaliser(void **state)
{
    (void)state;
    enum { N = 300 };
    RefRandom r = {20240731};
    Problem p = problem_new(&r, ENTRY_QK, N, N, 16, 0, 1);
    for (int kind = NORM_SOFTMAX; kind <= NORM_TOPP; kind++) {
        static const int counts[] = {1, 2, 3, 8};
        AttnParams params = params_default();
        Pipeline *alone = NULL;
        params.norm.kind = (NormKind)kind;
        params.norm.alpha = 1.7;
        params.mask.causal = kind % 2;
        for (int c = 0; c < 4; c++) {
            Error err = {0};
            Threads *threads = threads_start(counts[c]);
            Pipeline *pipeline = pipeline_new();
            assert_true(pipeline_update(pipeline, &p.in, &params, 0, threads, &err));
            alone = alone ? alone : pipeline;
            const AttnResult *a = pipeline_result(alone), *b = pipeline_result(pipeline);
            for (int i = 0; i < N; i++) {
                assert_memory_equal(matrix_row(a->stage[STAGE_WEIGHTS], i),
                                    matrix_row(b->stage[STAGE_WEIGHTS], i), N * sizeof(float));
                assert_true(a->rows[i].sum == b->rows[i].sum);
                assert_true(a->rows[i].entropy == b->rows[i].entropy);
            }
            if (pipeline != alone)
                pipeline_free(pipeline);
            threads_stop(threads);
        }
        pipeline_free(alone);
    }
    problem_free(&p);
}

static void relu_refuses_temperature_0(void **state)
{
    (void)state;
    const float scores[] = {1, 2};
    AttnInput in = {
        .entry = ENTRY_SCORES, .n_q = 1, .n_k = 2, .given = {scores, 1, 2, 2}, .key = 1};
    AttnParams params = params_default();
    Error err = {0};
    Pipeline *p = pipeline_new();
    params.norm.kind = NORM_RELU;
    params.scale.temperature = 0;
    assert_false(pipeline_update(p, &in, &params, 0, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.what, "temperature: expected above 0 under relu, found 0");
    pipeline_free(p);
}

static void wide_heads_are_right_in_double(void **state)
{
    (void)state;
    RefRandom r = {43};
    for (int round = 0; round < 40; round++) {
        Problem p = problem_new(&r, ENTRY_QK, 5, 9, 7, 2, 1);
        AttnParams params = params_default();
        double scores[16], scaled[16], expected[16];
        problem_widen(&r, &p);
        Pipeline *pipeline = run(&p.in, &params, NULL);
        const AttnResult *res = pipeline_result(pipeline);
        assert_true(res->computed_double);
        for (int i = 0; i < 5; i++) {
            ref_quad_row(scores, scaled, expected, &p.in, &params, sqrt(7), i);
            for (int j = 0; j < 9; j++) {
                float w = matrix_row(res->stage[STAGE_WEIGHTS], i)[j];
                assert_true(p.padding[j] || fabs((double)w - expected[j]) <= 1e-7);
                assert_true(matrix_row(res->stage[STAGE_SCALED], i)[j] == (float)scaled[j]);
            }
            assert_true(res->rows[i].flags & ROW_DOUBLE);
        }
        pipeline_free(pipeline);
        problem_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_keep_the_bar_under_all_settings),
        cmocka_unit_test(weights_and_outputs_agree_with_pytorch),
        cmocka_unit_test(softmax_end_to_end_is_within_1e_6_of_double),
        cmocka_unit_test(odd_rows_give_what_the_table_says),
        cmocka_unit_test(denormal_weights_are_kept),
        cmocka_unit_test(one_key_gives_exactly_1_and_n_equal_ones_exactly_1_over_n),
        cmocka_unit_test(finite_inputs_never_give_nan_or_infinity),
        cmocka_unit_test(threads_never_change_a_bit_of_any_normaliser),
        cmocka_unit_test(relu_refuses_temperature_0),
        cmocka_unit_test(wide_heads_are_right_in_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
