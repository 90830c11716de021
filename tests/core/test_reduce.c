#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/reduce.h"
#include "problem.h"

enum { LAYERS = 3, N_Q = 5, N_K = 6, D_V = 3, MOST = 6 };

static const int HEADS[LAYERS] = {2, 3, 1};

typedef struct {
    Problem problem[MOST];
    AttnInput in[MOST];
} Heads;

static void heads_init(Heads *h, Entry entry)
{
    RefRandom r = {91};
    for (int i = 0; i < MOST; i++) {
        h->problem[i] = problem_new(&r, entry, N_Q, N_K, 4, D_V, (uint64_t)i + 1);
        h->in[i] = h->problem[i].in;
        h->in[i].padding = NULL;
    }
}

static void heads_free(Heads *h)
{
    for (int i = 0; i < MOST; i++)
        problem_free(&h->problem[i]);
}

static bool update(Reduce *r, const AttnInput *in, ReduceKind heads, ReduceKind layers,
                   const AttnParams *params, Error *err)
{
    return reduce_update(r, in, HEADS, LAYERS, heads, layers, params, NULL, err);
}

static double join(ReduceKind kind, double a, double b, bool first)
{
    return first ? b : kind == REDUCE_MEAN ? a + b : a > b ? a : b;
}

/* One cell of a stage, reduced by the definition: heads inside their layer, then layers. */
static double due(Pipeline *const *p, Stage stage, int i, int j, ReduceKind heads,
                  ReduceKind layers)
{
    double total = 0;
    for (int layer = 0, index = 0; layer < LAYERS; layer++) {
        double sum = 0;
        for (int head = 0; head < HEADS[layer]; head++, index++)
            sum =
                join(heads, sum, (double)matrix_row(pipeline_result(p[index])->stage[stage], i)[j],
                     head == 0);
        total = join(layers, total, heads == REDUCE_MEAN ? sum / HEADS[layer] : sum, layer == 0);
    }
    return layers == REDUCE_MEAN ? total / LAYERS : total;
}

static void weights_are_joined_over_heads_then_layers(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Pipeline *p[MOST];
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    params.mask.causal = true;
    params.scale.temperature = 0.7;
    for (int i = 0; i < MOST; i++) {
        p[i] = pipeline_new();
        assert_true(pipeline_update(p[i], &h.in[i], &params, STAGE_BIT(STAGE_OUTPUT), NULL, &err));
    }
    for (int kinds = 0; kinds < 4; kinds++) {
        ReduceKind heads = (ReduceKind)(kinds & 1), layers = (ReduceKind)(kinds >> 1);
        Reduce *r = reduce_new();
        assert_true(update(r, h.in, heads, layers, &params, &err));
        const AttnResult *res = reduce_result(r);
        for (int i = 0; i < N_Q; i++)
            for (int j = 0; j < N_K; j++) {
                double expected = due(p, STAGE_WEIGHTS, i, j, heads, layers);
                assert_true(matrix_row(res->stage[STAGE_WEIGHTS], i)[j] == (float)expected);
            }
        assert_int_equal(res->sums_open, kinds != 0);
        assert_int_equal(res->stage[STAGE_OUTPUT].at != NULL, kinds == 0);
        for (int i = 0; i < N_Q && kinds == 0; i++)
            for (int c = 0; c < D_V; c++)
                assert_true(matrix_row(res->stage[STAGE_OUTPUT], i)[c] ==
                            (float)due(p, STAGE_OUTPUT, i, c, heads, layers));
        reduce_free(r);
    }
    for (int i = 0; i < MOST; i++)
        pipeline_free(p[i]);
    heads_free(&h);
}

static void what_cannot_be_had_says_why(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    Reduce *r = reduce_new();
    assert_true(update(r, h.in, REDUCE_MAX, REDUCE_MEAN, &params, &err));
    const AttnResult *res = reduce_result(r);
    assert_string_equal(res->absent[STAGE_OUTPUT], "max over heads has no output");
    assert_string_equal(res->absent[STAGE_SCORES], "max over heads has no scores");
    assert_null(res->stage[STAGE_SCORES].at);
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MAX, &params, &err));
    assert_string_equal(reduce_result(r)->absent[STAGE_OUTPUT], "max over layers has no output");
    assert_string_equal(reduce_result(r)->absent[STAGE_MASKED],
                        "mean over heads has no masked scores");
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    assert_null(reduce_result(r)->absent[STAGE_OUTPUT]);
    h.in[4].v = (Matrix){0};
    h.in[4].key = 99;
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    assert_non_null(reduce_result(r)->absent[STAGE_OUTPUT]);
    assert_null(reduce_result(r)->stage[STAGE_OUTPUT].at);
    reduce_free(r);
    heads_free(&h);
}

static void one_head_is_its_own_mean_and_maximum(void **state)
{
    (void)state;
    static const int one[] = {1};
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    Pipeline *p = pipeline_new();
    assert_true(pipeline_update(p, h.in, &params, STAGE_BIT(STAGE_OUTPUT), NULL, &err));
    for (int kind = 0; kind < 2; kind++) {
        Reduce *r = reduce_new();
        assert_true(reduce_update(r, h.in, one, 1, (ReduceKind)kind, (ReduceKind)kind, &params,
                                  NULL, &err));
        const AttnResult *res = reduce_result(r);
        assert_false(res->sums_open);
        for (int s = STAGE_WEIGHTS; s <= STAGE_OUTPUT; s++)
            for (int i = 0; i < N_Q; i++)
                assert_memory_equal(matrix_row(res->stage[s], i),
                                    matrix_row(pipeline_result(p)->stage[s], i),
                                    sizeof(float) * (size_t)res->stage[s].cols);
        reduce_free(r);
    }
    pipeline_free(p);
    heads_free(&h);
}

static void unlike_shapes_are_refused_by_layer(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    h.in[3].n_k = 4; /* layer 1 has heads 2, 3, 4 */
    Reduce *r = reduce_new();
    assert_false(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.what, "layer 1: expected 5 × 6 as in layer 0, found 5 × 4");
    reduce_free(r);
    heads_free(&h);
}

static void a_layer_without_heads_and_no_layers_are_refused(void **state)
{
    (void)state;
    static const int gap[] = {2, 0, 1};
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    Reduce *r = reduce_new();
    assert_false(reduce_update(r, h.in, gap, 3, REDUCE_MEAN, REDUCE_MEAN, &params, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.what, "layer 1: expected a head, found none");
    err = (Error){0};
    assert_false(reduce_update(r, h.in, gap, 0, REDUCE_MEAN, REDUCE_MEAN, &params, NULL, &err));
    assert_string_equal(err.what, "layers: expected at least one, found none");
    reduce_free(r);
    reduce_free(NULL);
    heads_free(&h);
}

static void statistics_are_those_of_the_joined_weights(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    params.mask.hidden = index_set_intern((int[]){0}, 1);
    params.mask.renormalise = false;
    params.mask.causal = true; /* row 0 sees only the hidden key */
    Reduce *r = reduce_new();
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    const AttnResult *res = reduce_result(r);
    assert_int_equal(res->rows[0].flags, ROW_FULLY_MASKED);
    for (int i = 1; i < N_Q; i++) {
        double w[N_K], sum = 0;
        for (int j = 0; j < N_K; j++)
            sum += w[j] = (double)matrix_row(res->stage[STAGE_WEIGHTS], i)[j];
        assert_true(fabs(res->rows[i].sum - sum) < 1e-12);
        assert_true(fabs(res->rows[i].entropy - ref_entropy(w, N_K)) < 1e-9);
        assert_int_equal(res->rows[i].keys, i);
        assert_true(res->rows[i].missing > 0 && res->rows[i].missing < 1);
    }
    assert_true(res->range[STAGE_WEIGHTS].hi <= 1 && res->range[STAGE_WEIGHTS].lo >= 0);
    reduce_free(r);
    heads_free(&h);
}

static void nothing_changed_means_nothing_done(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_QK);
    Reduce *r = reduce_new();
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    uint32_t stamp = reduce_result(r)->stamp[STAGE_WEIGHTS];
    assert_int_not_equal(stamp, 0);
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    assert_int_equal(reduce_result(r)->stamp[STAGE_WEIGHTS], stamp);
    params.scale.temperature = 3;
    assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
    assert_int_not_equal(reduce_result(r)->stamp[STAGE_WEIGHTS], stamp);
    reduce_free(r);
    heads_free(&h);
}

static void nan_in_one_head_is_nan_in_the_join(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default();
    Error err = {0};
    heads_init(&h, ENTRY_WEIGHTS);
    for (int head = 0; head < 2; head++) { /* first or second: the order must not matter */
        float *cell = h.problem[head].given + 2, was = *cell;
        *cell = NAN;
        h.in[head].key += 50;
        for (int kind = 0; kind < 2; kind++) {
            Reduce *r = reduce_new();
            assert_true(update(r, h.in, (ReduceKind)kind, REDUCE_MEAN, &params, &err));
            assert_true(isnan(matrix_row(reduce_result(r)->stage[STAGE_WEIGHTS], 0)[2]));
            assert_true(reduce_result(r)->rows[0].flags & ROW_NAN);
            reduce_free(r);
        }
        *cell = was;
    }
    heads_free(&h);
}

static void running_out_of_memory_keeps_the_last_result(void **state)
{
    (void)state;
    Heads h;
    AttnParams params = params_default(), other = params;
    int64_t before = mem_live();
    bool done = false;
    heads_init(&h, ENTRY_QK);
    other.scale.temperature = 2;
    for (uint64_t n = 1; !done; n++) {
        Error err = {0};
        Reduce *r = reduce_new();
        assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
        float was = matrix_row(reduce_result(r)->stage[STAGE_WEIGHTS], 2)[1];
        mem_fail_at(n, false);
        done = update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &other, &err);
        mem_fail_at(0, false);
        float now = matrix_row(reduce_result(r)->stage[STAGE_WEIGHTS], 2)[1];
        assert_int_equal(now == was, !done);
        assert_true(mask_allows(reduce_result(r)->mask, 2, 1));
        error_clear(&err);
        assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &other, &err));
        reduce_free(r);
    }
    heads_free(&h);
    assert_int_equal(mem_live(), before);
}

/* A key that one head looks at is not masked in the mean, whichever head comes first. */
static void heads_of_unlike_entries_take_the_weakest_mask(void **state)
{
    (void)state;
    for (int odd = 0; odd < MOST; odd++) {
        Heads h;
        RefRandom random = {17};
        AttnParams params = params_default();
        Pipeline *p[MOST];
        Error err = {0};
        heads_init(&h, ENTRY_QK);
        problem_free(&h.problem[odd]);
        h.problem[odd] = problem_new(&random, ENTRY_WEIGHTS, N_Q, N_K, 4, D_V, 77);
        h.in[odd] = h.problem[odd].in;
        for (int i = 0; i < MOST; i++)
            h.in[i].padding = h.problem[0].padding;
        params.mask.causal = true;
        params.mask.window = 2;
        Reduce *r = reduce_new();
        assert_true(update(r, h.in, REDUCE_MEAN, REDUCE_MEAN, &params, &err));
        const AttnResult *res = reduce_result(r);
        for (int i = 0; i < MOST; i++) {
            p[i] = pipeline_new();
            assert_true(pipeline_update(p[i], &h.in[i], &params, 0, NULL, &err));
        }
        double top = 0;
        for (int i = 0; i < N_Q; i++) {
            assert_int_equal(res->rows[i].keys, N_K);
            for (int j = 0; j < N_K; j++) {
                double mean = due(p, STAGE_WEIGHTS, i, j, REDUCE_MEAN, REDUCE_MEAN);
                assert_true(mask_allows(res->mask, i, j));
                assert_true(matrix_row(res->stage[STAGE_WEIGHTS], i)[j] == (float)mean);
                top = mean > top ? mean : top;
            }
        }
        assert_true(res->range[STAGE_WEIGHTS].hi == (float)top);
        for (int i = 0; i < MOST; i++)
            pipeline_free(p[i]);
        reduce_free(r);
        heads_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_joined_over_heads_then_layers),
        cmocka_unit_test(what_cannot_be_had_says_why),
        cmocka_unit_test(one_head_is_its_own_mean_and_maximum),
        cmocka_unit_test(unlike_shapes_are_refused_by_layer),
        cmocka_unit_test(a_layer_without_heads_and_no_layers_are_refused),
        cmocka_unit_test(statistics_are_those_of_the_joined_weights),
        cmocka_unit_test(nothing_changed_means_nothing_done),
        cmocka_unit_test(nan_in_one_head_is_nan_in_the_join),
        cmocka_unit_test(running_out_of_memory_keeps_the_last_result),
        cmocka_unit_test(heads_of_unlike_entries_take_the_weakest_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
