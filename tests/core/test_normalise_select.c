#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge.h"

static void run(const float *scores, float *w, RowStats *stats, int n, const AttnParams *params,
                int set)
{
    const Kernels *k = kernels_by_name(PROBLEM_SETS[set % 3]);
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = n, .key = 1, .row_query = -1};
    in.given = (Matrix){scores, 1, n, n};
    in.stored_given = (Stored){scores, DTYPE_F32, 1, n, n};
    judge_run(w, stats, &in, params, k ? k : kernels());
}

static double value(RefRandom *r, int shape, int j)
{
    switch (shape) {
    case 0:
        return ref_normal(r);
    case 1: /* many ties */
        return ref_range(r, 0, 6);
    case 2: /* all the same */
        return 1;
    case 3: /* in order */
        return j * 0.01;
    case 4:
        return -j * 0.01;
    default: /* a few far above */
        return ref_range(r, 0, 99) ? ref_normal(r) * 1e-3 : 8;
    }
}

/* Which keys and how heavy, of rows of every shape: the whole row sorted, by the judge. */
static void selections_agree_with_a_sort(void **state)
{
    (void)state;
    enum { MOST = 700 };
    static float scores[MOST], w[MOST];
    static double expected[MOST];
    static const double temperatures[] = {1, 0.01, 30, 1000, 0, (double)INFINITY};
    RefRandom r = {20240721};
    for (int round = 0; round < 1500; round++) {
        int n = ref_range(&r, 1, round % 4 ? 60 : MOST), kept = 0, due = 0;
        AttnParams params = params_default();
        AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = n, .key = 1, .row_query = -1};
        RowStats stats;
        for (int j = 0; j < n; j++)
            scores[j] = (float)value(&r, round % 6, j);
        params.norm.kind = round / 6 % 2 ? NORM_TOPK : NORM_TOPP;
        params.norm.k = ref_range(&r, 1, round % 5 ? 12 : n + 5);
        params.norm.p = round % 7 ? ref_unit(&r) : ref_range(&r, 1, 10) / 10.0;
        params.scale.temperature = temperatures[round % 11 % 6];
        run(scores, w, &stats, n, &params, round);
        in.given = (Matrix){scores, 1, n, n};
        judge_expected(expected, NULL, &in, &params, 0);
        for (int j = 0; j < n; j++) {
            kept += w[j] > 0;
            due += expected[j] > 0x1p-150;
            if (!(fabs((double)w[j] - expected[j]) <= 1e-6))
                fail_msg("round %d, key %d of %d: %.9g, expected %.9g", round, j, n, (double)w[j],
                         expected[j]);
        }
        assert_int_equal(kept, due);
        assert_true(fabs(stats.sum - 1) <= 1e-6);
    }
}

static void of_equal_logits_the_first_are_kept(void **state)
{
    (void)state;
    const float scores[] = {1, 2, 2, 2, 0};
    static const struct {
        NormKind kind;
        int k;
        double p, t;
        float expected[5];
    } cases[] = {
        {NORM_TOPK, 1, 0.5, 1, {0, 1, 0, 0, 0}},
        {NORM_TOPK, 2, 0.5, 7, {0, 0.5f, 0.5f, 0, 0}},
        {NORM_TOPK, 2, 0.5, 0, {0, 0.5f, 0.5f, 0, 0}},
        {NORM_TOPK, 4, 0.5, 0, {0, 1.0f / 3, 1.0f / 3, 1.0f / 3, 0}},
        {NORM_TOPP, 1, 0.5, 0, {0, 0.5f, 0.5f, 0, 0}}, /* ⅓ is not enough */
        {NORM_TOPP, 1, 1e-9, 1, {0, 1, 0, 0, 0}},
        {NORM_TOPP, 1, 0.5, 1e-3, {0, 0.5f, 0.5f, 0, 0}},
        {NORM_TOPP, 1, 0.4, (double)INFINITY, {0, 0.5f, 0.5f, 0, 0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int set = 0; set < 3; set++) {
            AttnParams params = params_default();
            float w[5];
            RowStats stats;
            params.norm.kind = cases[c].kind;
            params.norm.k = cases[c].k;
            params.norm.p = cases[c].p;
            params.scale.temperature = cases[c].t;
            run(scores, w, &stats, 5, &params, set);
            for (int j = 0; j < 5; j++)
                if (w[j] != cases[c].expected[j])
                    fail_msg("case %zu, key %d: %g", c, j, (double)w[j]);
        }
}

/* A mass that is p to the last bit is enough, whatever the exponentials of an instruction set say.
 */
static void a_share_that_is_just_reached_is_enough(void **state)
{
    (void)state;
    float scores[40], w[40];
    for (int n = 2; n <= 40; n++)
        for (int kept = 1; kept < n; kept++) {
            AttnParams params = params_default();
            RowStats stats;
            int count = 0;
            for (int j = 0; j < n; j++)
                scores[j] = 0.7f;
            params.norm.kind = NORM_TOPP;
            params.norm.p = (double)kept / n;
            run(scores, w, &stats, n, &params, kept);
            for (int j = 0; j < n; j++)
                count += w[j] == (float)(1.0 / kept);
            assert_int_equal(count, kept);
            assert_true(w[kept - 1] > 0 && w[kept] == 0);
        }
}

static void the_log_sum_is_of_the_kept_keys(void **state)
{
    (void)state;
    const float scores[] = {4, 1, 3, 2};
    AttnParams params = params_default();
    float w[4];
    RowStats stats;
    params.norm.kind = NORM_TOPK;
    params.norm.k = 2;
    run(scores, w, &stats, 4, &params, 0);
    assert_true(fabs(stats.log_sum_exp - log(exp(4) + exp(3))) < 1e-6);
    assert_true(stats.keys == 4 && stats.argmax == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selections_agree_with_a_sort),
        cmocka_unit_test(of_equal_logits_the_first_are_kept),
        cmocka_unit_test(a_share_that_is_just_reached_is_enough),
        cmocka_unit_test(the_log_sum_is_of_the_kept_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
