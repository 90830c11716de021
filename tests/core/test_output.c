#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "problem.h"

static Pipeline *run(const AttnInput *in, const AttnParams *params, int set)
{
    Error err = {0};
    Pipeline *p = pipeline_new();
    pipeline_use(p, kernels_by_name(PROBLEM_SETS[set]));
    if (!pipeline_update(p, in, params, STAGE_BIT(STAGE_OUTPUT), NULL, &err))
        fail_msg("%s", err.what);
    return p;
}

/* Against Σ w·v in double over the program's own weights: 300 additions in float lose at most a few
 * bits. */
static void outputs_are_weights_times_v(void **state)
{
    (void)state;
    RefRandom r = {61};
    for (int round = 0; round < 600; round++) {
        Entry entry = (Entry)(round % 3);
        int n_k = ref_range(&r, 1, round % 9 ? 40 : 700), set = round / 3 % 3;
        Problem p = problem_new(&r, entry, ref_range(&r, 1, 40), n_k, 4, ref_range(&r, 1, 70), 1);
        AttnParams params = problem_params(&r, n_k);
        if (kernels_by_name(PROBLEM_SETS[set])) {
            Pipeline *pipeline = run(&p.in, &params, set);
            const AttnResult *res = pipeline_result(pipeline);
            for (int i = 0; i < p.in.n_q; i++)
                for (int c = 0; c < p.in.v.cols; c++) {
                    double sum = 0, size = 0;
                    for (int j = 0; j < n_k; j++) {
                        double x = (double)matrix_row(res->stage[STAGE_WEIGHTS], i)[j] *
                                   (double)matrix_row(p.in.v, j)[c];
                        sum += x;
                        size += fabs(x);
                    }
                    double found = (double)matrix_row(res->stage[STAGE_OUTPUT], i)[c];
                    assert_true(fabs(found - sum) <= 1e-5 * size + n_k * 0x1p-149);
                }
            pipeline_free(pipeline);
        }
        problem_free(&p);
    }
}

/* q = k = 0: uniform weights. */
static AttnInput uniform(const float *zeros, const float *v, int n, int d_v)
{
    return (AttnInput){.entry = ENTRY_QK,
                       .n_q = n,
                       .n_k = n,
                       .q = {zeros, n, 1, 1},
                       .k = {zeros, n, 1, 1},
                       .v = {v, n, d_v, d_v},
                       .d_k = 1,
                       .key = 1};
}

static void nan_in_v_shows_in_its_column_of_rows_that_see_it(void **state)
{
    (void)state;
    const float zeros[4] = {0}, v[] = {1, 2, 3, 4, NAN, 6, 7, 8};
    AttnInput in = uniform(zeros, v, 4, 2);
    AttnParams params = params_default();
    params.mask.causal = true;
    for (int set = 0; set < 3; set++) {
        if (!kernels_by_name(PROBLEM_SETS[set]))
            continue;
        Pipeline *p = run(&in, &params, set);
        Matrix out = pipeline_result(p)->stage[STAGE_OUTPUT];
        for (int i = 0; i < 4; i++)
            assert_int_equal(isnan(matrix_row(out, i)[0]) != 0, i >= 2);
        assert_true(matrix_row(out, 1)[0] == 2 && matrix_row(out, 1)[1] == 3);
        assert_true(matrix_row(out, 3)[1] == 5);
        pipeline_free(p);
    }
}

static void a_hidden_nan_cannot_poison(void **state)
{
    (void)state;
    const float zeros[4] = {0}, v[] = {1, NAN, INFINITY, 3};
    AttnInput in = uniform(zeros, v, 4, 1);
    AttnParams params = params_default();
    params.mask.hidden = index_set_intern((int[]){1, 2}, 2);
    for (int renormalise = 0; renormalise < 2; renormalise++) {
        params.mask.renormalise = renormalise;
        Pipeline *p = run(&in, &params, 0);
        assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0] ==
                    (renormalise ? 2 : 1));
        pipeline_free(p);
    }
}

static void a_fully_masked_row_has_output_zero(void **state)
{
    (void)state;
    const float scores[] = {-INFINITY, -INFINITY, 0, 0}, v[] = {NAN, 1};
    AttnInput in = {.entry = ENTRY_SCORES,
                    .n_q = 2,
                    .n_k = 2,
                    .given = {scores, 2, 2, 2},
                    .v = {v, 2, 1, 1},
                    .key = 1};
    AttnParams params = params_default();
    Pipeline *p = run(&in, &params, 0);
    assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0] == 0);
    assert_true(isnan(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 1)[0]));
    pipeline_free(p);
    params.mask.hidden = index_set_intern((int[]){0, 1}, 2);
    p = run(&in, &params, 0);
    assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 1)[0] == 0);
    pipeline_free(p);
}

static void a_wide_row_without_logits_has_output_zero(void **state)
{
    (void)state;
    const float scores[] = {-INFINITY, -INFINITY}, floats[] = {INFINITY, NAN};
    const double v[] = {1e39, (double)NAN};
    AttnInput in = {.entry = ENTRY_SCORES,
                    .n_q = 1,
                    .n_k = 2,
                    .given = {scores, 1, 2, 2},
                    .v = {floats, 2, 1, 1},
                    .stored_v = {v, DTYPE_F64, 2, 1, 1},
                    .wide = true,
                    .key = 1};
    AttnParams params = params_default();
    Pipeline *p = run(&in, &params, 0);
    assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0] == 0);
    pipeline_free(p);
}

static void minus_infinity_masks_v_but_an_underflowed_weight_does_not(void **state)
{
    (void)state;
    const float scores[] = {0, -INFINITY, 0, -1000}, v[] = {3, NAN};
    AttnInput in = {.entry = ENTRY_SCORES,
                    .n_q = 2,
                    .n_k = 2,
                    .given = {scores, 2, 2, 2},
                    .v = {v, 2, 1, 1},
                    .key = 1};
    AttnParams params = params_default();
    Pipeline *p = run(&in, &params, 0);
    assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0] == 3);
    assert_true(isnan(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 1)[0]));
    pipeline_free(p);
}

static void a_nan_row_has_output_nan(void **state)
{
    (void)state;
    const float q[] = {NAN, 1}, k[] = {1, 2}, v[] = {1, 2};
    AttnInput in = uniform(q, v, 2, 1);
    AttnParams params = params_default();
    in.k.at = k;
    Pipeline *p = run(&in, &params, 0);
    assert_true(isnan(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0]));
    assert_true(isfinite(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 1)[0]));
    pipeline_free(p);
}

static void wide_values_are_summed_in_double(void **state)
{
    (void)state;
    const float zeros[2] = {0}, floats[] = {INFINITY, -INFINITY};
    const double v[] = {1e39, -1e39};
    AttnInput in = uniform(zeros, floats, 2, 1);
    AttnParams params = params_default();
    in.stored_v = (Stored){v, DTYPE_F64, 2, 1, 1};
    in.wide = true;
    Pipeline *p = run(&in, &params, 0);
    assert_true(matrix_row(pipeline_result(p)->stage[STAGE_OUTPUT], 0)[0] == 0);
    pipeline_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_weights_times_v),
        cmocka_unit_test(nan_in_v_shows_in_its_column_of_rows_that_see_it),
        cmocka_unit_test(a_hidden_nan_cannot_poison),
        cmocka_unit_test(a_fully_masked_row_has_output_zero),
        cmocka_unit_test(a_wide_row_without_logits_has_output_zero),
        cmocka_unit_test(minus_infinity_masks_v_but_an_underflowed_weight_does_not),
        cmocka_unit_test(a_nan_row_has_output_nan),
        cmocka_unit_test(wide_values_are_summed_in_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
