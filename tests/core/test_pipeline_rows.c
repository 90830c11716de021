#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "same.h"

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 3, 8};
    RefRandom r = {71};
    Problem in = problem_new(&r, ENTRY_QK, 333, 300, 20, 9, 1);
    in.q[40] = FLT_MAX; /* one row has to be computed in double */
    in.k[3] = FLT_MAX;
    for (int round = 0; round < 24; round++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[round % 3]);
        Wish wish = {0, problem_params(&r, 300), ALL};
        k = k ? k : kernels();
        Pipeline *one = fresh(&in.in, &wish, k, NULL);
        for (int i = 0; i < 4; i++) {
            Threads *threads = threads_start(counts[i]);
            Pipeline *many = fresh(&in.in, &wish, k, threads);
            const char *what = difference(pipeline_result(one), pipeline_result(many));
            if (what)
                fail_msg("%d threads, %s: %s differs", counts[i], k->name, what);
            pipeline_free(many);
            threads_stop(threads);
        }
        pipeline_free(one);
    }
    problem_free(&in);
}

static void streamed_weights_have_the_same_bits(void **state)
{
    (void)state;
    RefRandom r = {73};
    enum { N = 1500 }; /* 9 MB of weights */
    Problem in = problem_new(&r, ENTRY_QK, N, N, 3, 1, 1);
    for (int set = 0; set < 3; set++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[set]);
        Wish with = {0, params_default(), ALL}, without = {0, params_default(), 0};
        with.params.mask.causal = without.params.mask.causal = true;
        if (!k)
            continue;
        Pipeline *a = fresh(&in.in, &with, k, NULL), *b = fresh(&in.in, &without, k, NULL);
        assert_true(same_matrix(pipeline_result(a)->stage[STAGE_WEIGHTS],
                                pipeline_result(b)->stage[STAGE_WEIGHTS]));
        pipeline_free(a);
        pipeline_free(b);
    }
    problem_free(&in);
}

/* Weights alone need only the keys inside the mask; a mask that opens computes the rest, on either
 * side. */
static void scores_outside_the_mask_follow_when_it_opens(void **state)
{
    (void)state;
    RefRandom r = {77};
    Problem in = problem_new(&r, ENTRY_QK, 40, 300, 3, 0, 1);
    Wish shut = {0, params_default(), 0}, open = {0, params_default(), ALL};
    for (int way = 0; way < 4; way++) {
        shut.params.mask.window = 2;
        shut.params.mask.align = (MaskAlign)(way % 2);
        Pipeline *p = fresh(&in.in, &shut, NULL, NULL), *q = fresh(&in.in, &open, NULL, NULL);
        Error err = {0};
        if (way < 2)
            shut.params.mask.align = (MaskAlign)!way; /* a stretch apart from the first */
        assert_true(pipeline_update(p, &in.in, &shut.params, 0, NULL, &err));
        assert_int_equal(pipeline_runs(p)[STAGE_SCORES], way < 2 ? 2 : 1);
        assert_true(pipeline_update(p, &in.in, &open.params, ALL, NULL, &err));
        assert_int_equal(pipeline_runs(p)[STAGE_SCORES], way < 2 ? 3 : 2);
        assert_null(difference(pipeline_result(p), pipeline_result(q)));
        pipeline_free(p);
        pipeline_free(q);
    }
    problem_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(streamed_weights_have_the_same_bits),
        cmocka_unit_test(scores_outside_the_mask_follow_when_it_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
