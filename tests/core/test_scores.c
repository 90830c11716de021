#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/scores.h"
#include "problem.h"

static float *packed_keys(const AttnInput *in)
{
    size_t size;
    assert_true(kernels_packed_size(in->k.cols, in->n_k, &size));
    float *packed = mem_array(size, sizeof *packed);
    kernels_pack_rows(packed, in->k);
    return packed;
}

static void all_scores(float *out, const AttnInput *in, const Kernels *k)
{
    float *packed = packed_keys(in);
    scores_block(out, in->n_k, in, packed, k, 0, in->n_q, 0, (in->n_k - 1) / KERNELS_PANEL + 1);
    mem_free(packed);
}

static void each_score_is_within_the_bar_of_double(void **state)
{
    (void)state;
    static const int shapes[][3] = {{1, 1, 1},     {1, 65, 3},   {33, 1, 64}, {7, 40, 80},
                                    {31, 33, 127}, {40, 64, 64}, {5, 100, 1}};
    RefRandom r = {3};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int set = 0; set < 3; set++) {
            const Kernels *k = kernels_by_name(PROBLEM_SETS[set]);
            int d = shapes[s][2];
            Problem p = problem_new(&r, ENTRY_QK, shapes[s][0], shapes[s][1], d, 0, 1);
            float *out = mem_array((size_t)p.in.n_q * (size_t)p.in.n_k, sizeof *out);
            if (k)
                all_scores(out, &p.in, k);
            for (int i = 0; k && i < p.in.n_q; i++)
                for (int j = 0; j < p.in.n_k; j++) {
                    double off = (double)out[i * p.in.n_k + j] - ref_score(&p.in, i, j);
                    assert_true(fabs(off) <= d * 0x1p-24 * ref_score_sum(&p.in, i, j));
                }
            mem_free(out);
            problem_free(&p);
        }
}

static void a_sum_that_fits_survives_parts_that_overflow(void **state)
{
    (void)state;
    const float q[] = {FLT_MAX, FLT_MAX, 1}, k[] = {2, -2, 5, 2, 2, 0, -2, -2, 0};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 1, .n_k = 3, .q = {q, 1, 3, 3}, .k = {k, 3, 3, 3}};
    for (int set = 0; set < 3; set++) {
        const Kernels *kernels = kernels_by_name(PROBLEM_SETS[set]);
        float out[3];
        if (!kernels)
            continue;
        all_scores(out, &in, kernels);
        assert_true(out[0] == 5);
        assert_true(out[1] == INFINITY && out[2] == -INFINITY);
    }
}

static ScoresRow look(const AttnInput *in, const float *scores, const MaskParams *params)
{
    Mask mask;
    assert_true(mask_init(&mask, in, params));
    ScoresRow row = scores_look(scores, in, kernels(), &mask, 0);
    mask_free(&mask);
    return row;
}

static void looking_at_a_row_sees_only_competing_keys(void **state)
{
    (void)state;
    const float scores[] = {1, NAN, 7, INFINITY, -INFINITY};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 5, .given = {scores, 1, 5, 5}};
    MaskParams params = {.renormalise = true};
    assert_int_equal(look(&in, scores, &params).kind, SCORES_NAN);
    assert_true(look(&in, scores, &params).infinite);
    params.hidden = index_set_intern((int[]){3}, 1);
    assert_int_equal(look(&in, scores, &params).kind, SCORES_NAN);
    assert_false(look(&in, scores, &params).infinite);
    params.hidden = index_set_intern((int[]){1, 3}, 2);
    ScoresRow row = look(&in, scores, &params);
    assert_int_equal(row.kind, SCORES_FINE);
    assert_true(row.max == 7);
    params.renormalise = false; /* hidden keys compete again */
    assert_int_equal(look(&in, scores, &params).kind, SCORES_NAN);
    params.renormalise = true;
    params.hidden = index_set_intern((int[]){0, 1, 2, 3}, 4);
    row = look(&in, scores, &params);
    assert_true(row.kind == SCORES_FINE && row.max == -INFINITY);
}

static void finite_products_beyond_float_ask_for_double(void **state)
{
    (void)state;
    const float q[] = {1e30f}, k[] = {1e30f, 1, INFINITY};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 1, .n_k = 3, .q = {q, 1, 1, 1}, .k = {k, 3, 1, 1}};
    float scores[3];
    MaskParams params = {.renormalise = true};
    all_scores(scores, &in, kernels());
    assert_int_equal(look(&in, scores, &params).kind, SCORES_NAN); /* the file's own Inf wins */
    params.hidden = index_set_intern((int[]){2}, 1);
    assert_int_equal(look(&in, scores, &params).kind, SCORES_DOUBLE);
    params.hidden = index_set_intern((int[]){0, 2}, 2);
    assert_int_equal(look(&in, scores, &params).kind, SCORES_FINE);
}

static void scaled_is_l_over_t_and_l_at_zero(void **state)
{
    (void)state;
    const float scores[] = {4, -8, 0.3f, -INFINITY};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 4, .given = {scores, 1, 4, 4}};
    const struct {
        double divisor, t, expected[4];
    } cases[] = {
        {2, 1, {2, -4, (double)0.3f / 2, -(double)INFINITY}},
        {2, 0.5, {4, -8, (double)0.3f, -(double)INFINITY}},
        {2, 0, {2, -4, (double)0.3f / 2, -(double)INFINITY}},
        {1, 5e-324, {(double)INFINITY, -(double)INFINITY, (double)INFINITY, -(double)INFINITY}},
        {1, (double)INFINITY, {0, 0, 0, -(double)INFINITY}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float out[4];
        scores_scale(out, scores, &in, cases[i].divisor, cases[i].t, 0, 0);
        for (int j = 0; j < 4; j++)
            assert_true(out[j] == (float)cases[i].expected[j]);
    }
}

static void scaling_brings_an_overflowed_score_back(void **state)
{
    (void)state;
    const float q[] = {1e30f}, k[] = {1e10f};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 1, .n_k = 1, .q = {q, 1, 1, 1}, .k = {k, 1, 1, 1}};
    float score, out;
    all_scores(&score, &in, kernels());
    assert_true(score == INFINITY);
    scores_scale(&out, &score, &in, 100, 10, 0, 0);
    assert_true(fabs((double)out / ((double)1e30f * (double)1e10f / 1000) - 1) < 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_score_is_within_the_bar_of_double),
        cmocka_unit_test(a_sum_that_fits_survives_parts_that_overflow),
        cmocka_unit_test(looking_at_a_row_sees_only_competing_keys),
        cmocka_unit_test(finite_products_beyond_float_ask_for_double),
        cmocka_unit_test(scaled_is_l_over_t_and_l_at_zero),
        cmocka_unit_test(scaling_brings_an_overflowed_score_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
