/* What single score functions do at their ends; every one is held against PyTorch in
 * test_prepare.c.
 */
#include "head_problem.h"

#include "core/exact.h"

#include <float.h>
#include <math.h>

/* (w q)_j reads no key: three keys are the three rows of w. */
static void location_goes_without_keys(void **state)
{
    (void)state;
    static const float q[2][2] = {{1, 2}, {-3, 4}}, w[3][2] = {{1, 0}, {0, 1}, {2, -1}};
    static const double want[2][3] = {{1, 2, 0}, {-3, 4, -10}};
    HeadSpec spec = {.score = {.kind = SCORE_LOCATION}};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 2, .n_k = 3, .key = 1, .spec = &spec}, out;
    Error err = {0};
    ScoreParams automatic = {0};
    spec.score.param[PARAM_W] = (Stored){w, DTYPE_F32, 3, 2, 2};
    in.q = (Matrix){q[0], 2, 2, 2};
    in.stored_q = (Stored){q, DTYPE_F32, 2, 2, 2};
    assert_true(prepare_check(&in, &automatic, &err));
    Prepare *p = prepare_new();
    assert_true(prepare_update(p, &in, &automatic, NULL, &out, &err));
    for (int i = 0; i < 6; i++)
        assert_true((double)exact_score(&out, i / 3, i % 3) == want[i / 3][i % 3]);
    prepare_free(p);
    in.n_k = 2;
    assert_false(prepare_check(&in, &automatic, &err));
    assert_string_equal(err.what, "score location: w: expected [2, 2], found [3, 2]");
}

/* 2σ² of these is below double, or 1/(2σ²) is beyond it. */
static void widths_at_the_ends_of_double_give_weights(void **state)
{
    (void)state;
    enum { WIDTHS = 9 };
    static const double widths[WIDTHS] = {5e-324, 1e-200, 1e-160, 1e-154, 1e-20,
                                          1e-18,  1e20,   1e160,  1e300};
    static const float q[2][2] = {{1, 2}, {1e-18F, 0}}, k[3][2] = {{1, 2}, {3, -1}, {1.5F, 2}};
    HeadSpec spec = {.score = {.kind = SCORE_GAUSSIAN}};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 2, .n_k = 3, .key = 1, .spec = &spec};
    in.q = (Matrix){q[0], 2, 2, 2};
    in.k = (Matrix){k[0], 3, 2, 2};
    in.stored_q = (Stored){q, DTYPE_F32, 2, 2, 2};
    in.stored_k = (Stored){k, DTYPE_F32, 3, 2, 2};
    Pipeline *p = pipeline_new();
    unsigned stages = STAGE_BIT(STAGE_SCORES) | STAGE_BIT(STAGE_WEIGHTS);
    for (int c = 0; c < WIDTHS * (NORM_TOPP + 1); c++) {
        Error err = {0};
        AttnParams params = params_default();
        spec.score.sigma = widths[c % WIDTHS];
        in.key++;
        params.norm.kind = (NormKind)(c / WIDTHS);
        assert_true(pipeline_update(p, &in, &params, stages, NULL, &err));
        const AttnResult *r = pipeline_result(p);
        for (int i = 0; i < 6; i++) {
            double x = ((double)q[i / 3][0] - (double)k[i % 3][0]) / widths[c % WIDTHS];
            double y = ((double)q[i / 3][1] - (double)k[i % 3][1]) / widths[c % WIDTHS];
            double want = -(x * x + y * y) / 2;
            float score = matrix_row(r->stage[STAGE_SCORES], i / 3)[i % 3];
            assert_true(!isnan(matrix_row(r->stage[STAGE_WEIGHTS], i / 3)[i % 3]));
            if (fabs(want) > (double)FLT_MAX)
                assert_true(isinf(score) && score < 0);
            else
                assert_true(fabs((double)score - want) <= 1e-6 * fabs(want) + 1e-44);
        }
        if (params.norm.kind == NORM_SOFTMAX && widths[c % WIDTHS] < 1e-10)
            assert_true(matrix_row(r->stage[STAGE_WEIGHTS], 0)[0] == 1 &&
                        matrix_row(r->stage[STAGE_WEIGHTS], 1)[0] == 1); /* the nearest */
    }
    pipeline_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(location_goes_without_keys),
        cmocka_unit_test(widths_at_the_ends_of_double_give_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
