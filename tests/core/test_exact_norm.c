#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/core/normalisers.h"
#include "judge.h"
#include "support/norms.h"

static void exact(double *weights, ExactRow *out, const AttnInput *in, const AttnParams *params,
                  int row)
{
    Mask mask;
    ExactRow own;
    assert_true(mask_init(&mask, in, &params->mask) && exact_row_init(&own, in->n_k));
    exact_row(&own, in, params, &mask, row);
    memcpy(weights, own.weights, sizeof *weights * (size_t)in->n_k);
    if (out)
        *out = own;
    exact_row_free(&own);
    mask_free(&mask);
}

static AttnParams params_of(size_t c)
{
    AttnParams params = params_default();
    params.norm = (NormParams){.kind = (NormKind)NORMALISERS[c].kind,
                               .alpha = NORMALISERS[c].alpha,
                               .k = NORMALISERS[c].k,
                               .p = NORMALISERS[c].p,
                               .sigmoid_bias = NORMALISERS[c].shift};
    params.scale.temperature = NORMALISERS[c].t;
    return params;
}

enum { CASES = sizeof NORMALISERS / sizeof *NORMALISERS };

static void every_normaliser_agrees_with_pytorch(void **state)
{
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        const double *l = NORMALISER_VALUES + NORMALISERS[c].values;
        int n = NORMALISERS[c].n;
        AttnParams params = params_of(c);
        double w[8];
        AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = n, .key = 1, .row_query = -1};
        in.stored_given = (Stored){l, DTYPE_F64, 1, n, n};
        exact(w, NULL, &in, &params, 0);
        for (int j = 0; j < n; j++)
            if (!(fabs(w[j] - l[n + j]) <= 1e-12 * fmax(1, l[n + j])))
                fail_msg("case %zu, key %d: %.17g, expected %.17g", c, j, w[j], l[n + j]);
    }
}

static void float_rows_agree_with_pytorch(void **state)
{
    (void)state;
    for (size_t c = 0; c < CASES * 3; c++) {
        const double *l = NORMALISER_VALUES + NORMALISERS[c / 3].values;
        const Kernels *k = kernels_by_name(PROBLEM_SETS[c % 3]);
        int n = NORMALISERS[c / 3].n;
        AttnParams params = params_of(c / 3);
        float scores[8], w[8];
        RowStats stats;
        for (int j = 0; j < n; j++)
            scores[j] = (float)l[j]; /* multiples of 1/256: exact */
        AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = n, .key = 1, .row_query = -1};
        in.given = (Matrix){scores, 1, n, n};
        in.stored_given = (Stored){scores, DTYPE_F32, 1, n, n};
        judge_run(w, &stats, &in, &params, k ? k : kernels());
        for (int j = 0; j < n; j++)
            if (!(fabs((double)w[j] - l[n + j]) <= 1e-6 * fmax(1, l[n + j])))
                fail_msg("case %zu, key %d: %.9g, expected %.9g", c / 3, j, (double)w[j], l[n + j]);
    }
}

/* Against the definitions, in long double on both sides; with every mask and bias. */
static void double_rows_agree_with_the_definitions(void **state)
{
    (void)state;
    RefRandom r = {20240711};
    for (int round = 0; round < 3000; round++) {
        int n_q = ref_range(&r, 1, 3), n_k = ref_range(&r, 1, 20);
        Biased b = biased_new(&r, n_q, n_k, (unsigned)round % 4);
        AttnParams params = problem_params(&r, n_k);
        double w[20], expected[20], missing;
        ExactRow row;
        int i = ref_range(&r, 0, n_q - 1);
        exact(w, &row, &b.in, &params, i);
        judge_expected(expected, &missing, &b.in, &params, i);
        for (int j = 0; j < n_k; j++)
            if (!(fabs(w[j] - expected[j]) <= 1e-11 * fmax(1, expected[j])))
                fail_msg("key %d: %.17g, expected %.17g (normaliser %d, T %g, α %g)", j, w[j],
                         expected[j], (int)params.norm.kind, params.scale.temperature,
                         params.norm.alpha);
        assert_true(fabs(row.missing - missing) <= 1e-11 * fmax(1, missing));
        biased_free(&b);
    }
}

static void entmax_goes_over_into_its_neighbours(void **state)
{
    (void)state;
    static const struct {
        double alpha;
        NormKind kind;
    } same[] = {{1, NORM_SOFTMAX},    {1 + 1e-13, NORM_SOFTMAX},
                {1.5, NORM_ENTMAX15}, {1.5 + 1e-13, NORM_ENTMAX15},
                {2, NORM_SPARSEMAX},  {2 - 1e-13, NORM_SPARSEMAX}};
    RefRandom r = {8};
    for (int round = 0; round < 200; round++) {
        Biased b = biased_new(&r, 1, 9, 0);
        AttnParams entmax = params_default(), other = params_default();
        double w[9], v[9];
        float x[9], y[9];
        RowStats stats;
        entmax.norm.kind = NORM_ENTMAX;
        entmax.norm.alpha = same[round % 6].alpha;
        other.norm.kind = same[round % 6].kind;
        exact(w, NULL, &b.in, &entmax, 0);
        exact(v, NULL, &b.in, &other, 0);
        judge_run(x, &stats, &b.in, &entmax, kernels());
        judge_run(y, &stats, &b.in, &other, kernels());
        for (int j = 0; j < 9; j++)
            assert_true(fabs(w[j] - v[j]) <= 1e-11 && fabsf(x[j] - y[j]) <= 2e-7f);
        biased_free(&b);
    }
}

static void relu_stays_finite_at_the_end_of_double(void **state)
{
    (void)state;
    const double scores[] = {1.7e308, -1.7e308};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 2, .key = 1, .row_query = -1};
    AttnParams params = params_default();
    double w[2];
    in.stored_given = (Stored){scores, DTYPE_F64, 1, 2, 2};
    params.norm.kind = NORM_RELU;
    params.scale.temperature = 1e-3;
    exact(w, NULL, &in, &params, 0);
    assert_true(w[0] == DBL_MAX && w[1] == 0);
}

static void sums_for_the_log_sum_are_over_the_kept_keys(void **state)
{
    (void)state;
    const double scores[] = {log(2), 0, log(4), log(3)};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 4, .key = 1, .row_query = -1};
    AttnParams params = params_default();
    double w[4];
    ExactRow row;
    in.stored_given = (Stored){scores, DTYPE_F64, 1, 4, 4};
    params.norm.k = 2;
    params.norm.p = 0.85; /* 4 + 3 of 10 are too little, and 2 */
    for (int kind = NORM_SOFTMAX; kind <= NORM_TOPP; kind++) {
        double due = kind == NORM_SOFTMAX    ? 10
                     : kind == NORM_TOPK     ? 7
                     : kind == NORM_TOPP     ? 9
                     : kind == NORM_SOFTMAX1 ? 11
                                             : 0;
        params.norm.kind = (NormKind)kind;
        exact(w, &row, &in, &params, 0);
        assert_true(row.logit_max == scores[2]);
        assert_true(due == 0 || fabs(row.sum_exp * 4 - due) < 1e-14);
        assert_true(kind < NORM_TOPK || w[1] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_normaliser_agrees_with_pytorch),
        cmocka_unit_test(float_rows_agree_with_pytorch),
        cmocka_unit_test(double_rows_agree_with_the_definitions),
        cmocka_unit_test(entmax_goes_over_into_its_neighbours),
        cmocka_unit_test(relu_stays_finite_at_the_end_of_double),
        cmocka_unit_test(sums_for_the_log_sum_are_over_the_kept_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
