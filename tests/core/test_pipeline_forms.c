/* Heads of every score function through the pipeline: any history, any number of threads, and the
 * forms that are not queries × keys.
 */
#include "head_problem.h"
#include "same.h"

#include "core/reduce.h"

#include <math.h>

enum { HEADS = 13, SEQUENCES = 400, STEPS = 8 };

/* One head of each kind, small but with more than one panel of keys; then one with everything. */
static void make_heads(Head h[HEADS])
{
    for (int i = 0; i < HEADS; i++) {
        ScoreKind kind = i < SCORE_KIND_COUNT ? (ScoreKind)i : SCORE_ADDITIVE;
        bool square = kind == SCORE_ELEMENTWISE;
        int hidden = 3, d_v = kind == SCORE_FEATUREWISE ? hidden : 2;
        head_make(&h[i], kind, 5, square ? 5 : 37, 4, 4, hidden, d_v, (uint32_t)(40 + i));
    }
    Head *all = &h[HEADS - 1];
    all->spec.x_q = head_matrix(all, 5, 6, 1);
    all->spec.x_k = head_matrix(all, 37, 6, 1);
    all->spec.w_q = head_matrix(all, 4, 6, 1);
    all->spec.w_k = head_matrix(all, 4, 6, 1);
    all->spec.rope = (RopeSpec){true, 100, true, 4};
    static BiasSpec bias = {.kind = BIAS_ALIBI, .slope = 0.5};
    all->spec.biases = &bias;
    all->spec.bias_count = 1;
}

/* Any kind that the head can give under these parameters. */
static void change(RefRandom *r, Wish *wish, const Head *heads)
{
    AttnParams other = problem_params(r, 5);
    ScoreParams score = {(ScoreKind)ref_range(r, 0, SCORE_KIND_COUNT - 1), ref_range(r, 0, 2) / 2.0,
                         ref_range(r, 0, 2), ref_range(r, 0, 4)};
    int input = ref_range(r, 0, 2) ? wish->input : ref_range(r, 0, HEADS - 1);
    if (ref_range(r, 0, 1))
        wish->params.mask = other.mask;
    if (ref_range(r, 0, 1))
        wish->params.scale = other.scale;
    wish->params.norm = other.norm;
    wish->stages = (unsigned)ref_range(r, 0, ALL);
    if (wish->params.norm.kind == NORM_RELU && wish->params.scale.temperature == 0)
        wish->params.scale.temperature = 1;
    if (!prepare_check(&heads[input].in, &score, NULL))
        score = (ScoreParams){.query = score.query};
    wish->input = input;
    wish->params.score = score;
}

static void any_history_of_kinds_gives_the_bits_of_a_fresh_pipeline(void **state)
{
    (void)state;
    Head heads[HEADS];
    RefRandom r = {20250201};
    make_heads(heads);
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
        const Kernels *k = kernels_by_name(PROBLEM_SETS[sequence % 3]);
        Wish wish = {sequence % HEADS, params_default(), ALL};
        Pipeline *p = pipeline_new();
        k = k ? k : kernels();
        pipeline_use(p, k);
        for (int step = 0; step < STEPS; step++) {
            Error err = {0};
            const AttnInput *in = &heads[wish.input].in;
            if (!pipeline_update(p, in, &wish.params, wish.stages, NULL, &err))
                fail_msg("%s", err.what);
            Pipeline *q = fresh(in, &wish, k, NULL);
            const char *what = difference(pipeline_result(p), pipeline_result(q));
            if (what)
                fail_msg("sequence %d, step %d, head %d: %s differs", sequence, step, wish.input,
                         what);
            pipeline_free(q);
            change(&r, &wish, heads);
        }
        pipeline_free(p);
    }
    for (int i = 0; i < HEADS; i++)
        head_free(&heads[i]);
}

static void threads_change_no_bit_of_any_kind(void **state)
{
    (void)state;
    static const int counts[] = {2, 3, 8};
    for (int kind = SCORE_DOT; kind < SCORE_KIND_COUNT; kind++) {
        Head h;
        bool features = kind == SCORE_FEATUREWISE;
        head_make(&h, (ScoreKind)kind, 300, 300, 16, 16, 9, features ? 9 : 5, 8);
        Wish wish = {0, params_default(), ALL};
        wish.params.mask.causal = true;
        wish.params.score.query = 123;
        Pipeline *one = fresh(&h.in, &wish, NULL, NULL);
        for (int i = 0; i < 3; i++) {
            Threads *threads = threads_start(counts[i]);
            Pipeline *many = fresh(&h.in, &wish, NULL, threads);
            const char *what = difference(pipeline_result(one), pipeline_result(many));
            if (what)
                fail_msg("%s, %d threads: %s differs", SCORE_KIND_NAMES[kind], counts[i], what);
            pipeline_free(many);
            threads_stop(threads);
        }
        pipeline_free(one);
        head_free(&h);
    }
}

/* Row i of the output is what the map of query i gives. */
static void every_query_of_a_feature_map_has_its_output(void **state)
{
    (void)state;
    enum { N = 5, M = 7, F = 3 };
    Head h;
    head_make(&h, SCORE_FEATUREWISE, N, M, 4, 4, F, F, 11);
    Wish wish = {0, params_default(), ALL};
    wish.params.mask.causal = true;
    Pipeline *first = fresh(&h.in, &wish, NULL, NULL);
    const AttnResult *all = pipeline_result(first);
    assert_true(all->n_q == F && all->queries == N && all->form == FORM_FEATURES);
    for (int i = 0; i < N; i++) {
        wish.params.score.query = i;
        Pipeline *p = fresh(&h.in, &wish, NULL, NULL);
        const AttnResult *r = pipeline_result(p);
        for (int f = 0; f < F; f++) {
            double sum = 0;
            const float *weights = matrix_row(r->stage[STAGE_WEIGHTS], f);
            for (int j = 0; j < M; j++) {
                assert_true(j <= i || weights[j] == 0); /* the mask is the query's */
                sum += (double)weights[j] * stored_value(h.in.stored_v, j, f);
            }
            assert_true(fabs((double)matrix_row(all->stage[STAGE_OUTPUT], i)[f] - sum) < 1e-6);
            assert_true(matrix_row(r->stage[STAGE_OUTPUT], i)[f] ==
                        matrix_row(all->stage[STAGE_OUTPUT], i)[f]);
        }
        pipeline_free(p);
    }
    pipeline_free(first);
    head_free(&h);
}

static void strips_take_masks_of_keys_and_gates_take_none(void **state)
{
    (void)state;
    enum { N = 6 };
    uint8_t padding[N] = {0, 1, 0, 0, 0, 0};
    Head strip, gate;
    head_make(&strip, SCORE_ELEMENTWISE, N, N, 4, 4, 1, 2, 5);
    head_make(&gate, SCORE_GATE, N, N, 4, 4, 1, 2, 5);
    strip.in.padding = gate.in.padding = padding;
    Wish wish = {0, params_default(), ALL};
    wish.params.mask.causal = true;
    wish.params.mask.window = 1;
    wish.params.mask.hidden = index_set_intern((int[]){3}, 1);
    wish.params.norm.kind = NORM_SPARSEMAX;
    Pipeline *p = fresh(&strip.in, &wish, NULL, NULL), *q = fresh(&gate.in, &wish, NULL, NULL);
    const AttnResult *a = pipeline_result(p), *b = pipeline_result(q);
    assert_true(a->n_q == 1 && a->n_k == N && a->form == FORM_STRIP && !a->sums_open);
    assert_int_equal(a->rows[0].keys, N - 2);
    assert_true(fabs(a->rows[0].sum - 1) < 1e-6);
    assert_int_equal(a->stage[STAGE_OUTPUT].rows, N);
    for (int i = 1; i < N; i++)
        assert_memory_equal(matrix_row(a->stage[STAGE_OUTPUT], i),
                            matrix_row(a->stage[STAGE_OUTPUT], 0), 2 * sizeof(float));
    assert_true(b->n_q == N && b->n_k == 4 && b->form == FORM_GATE && b->sums_open);
    for (int i = 0; i < N; i++)
        for (int c = 0; c < 4; c++) {
            double score = (double)matrix_row(b->stage[STAGE_SCORES], i)[c];
            double weight = 1 / (1 + exp(-score)), x = stored_value(gate.spec.x_q, i, c);
            assert_true(fabs((double)matrix_row(b->stage[STAGE_WEIGHTS], i)[c] - weight) < 1e-6);
            assert_true(fabs((double)matrix_row(b->stage[STAGE_OUTPUT], i)[c] - weight * x) < 1e-6);
        }
    pipeline_free(p);
    pipeline_free(q);
    head_free(&strip);
    head_free(&gate);
}

static void a_stage_before_the_chain_is_lent_or_says_why(void **state)
{
    (void)state;
    Head h[HEADS];
    make_heads(h);
    Wish wish = {0, params_default(), ALL};
    Pipeline *p = fresh(&h[HEADS - 1].in, &wish, NULL, NULL);
    const AttnResult *r = pipeline_result(p);
    assert_true(r->stage[STAGE_X].at == h[HEADS - 1].spec.x_q.at);
    assert_true(r->stage[STAGE_X_K].at == h[HEADS - 1].spec.x_k.at);
    assert_true(r->stage[STAGE_Q].rows == 5 && r->stage[STAGE_Q].cols == 4);
    assert_true(r->range[STAGE_X].hi > 0 && r->stamp[STAGE_X] != 0);
    assert_string_equal(r->absent[STAGE_EMBEDDING], "this head gives no token embedding");
    pipeline_free(p);
    p = fresh(&h[SCORE_DOT].in, &wish, NULL, NULL);
    assert_string_equal(pipeline_result(p)->absent[STAGE_X], "this head gives no x");
    pipeline_free(p);
    h[HEADS - 1].spec.same_x = true;
    h[HEADS - 1].in.n_k = 5;
    h[HEADS - 1].in.v.rows = h[HEADS - 1].in.stored_v.rows = 5;
    p = fresh(&h[HEADS - 1].in, &wish, NULL, NULL);
    assert_string_equal(pipeline_result(p)->absent[STAGE_X_K], "the keys have the same x");
    pipeline_free(p);
    for (int i = 0; i < HEADS; i++)
        head_free(&h[i]);
}

/* The last result stays whole, with what it lends, whichever allocation fails. */
static void a_failed_change_of_kind_leaves_the_last_result(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_FEATUREWISE, 5, 7, 4, 4, 3, 3, 11);
    Wish was = {0, params_default(), ALL}, next = was;
    next.params.score.query = 3;
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        Error err = {0};
        Pipeline *p = fresh(&h.in, &was, NULL, NULL), *q = fresh(&h.in, &was, NULL, NULL);
        mem_fail_at(n, false);
        done = pipeline_update(p, &h.in, &next.params, ALL, NULL, &err);
        mem_fail_at(0, false);
        assert_true(done || err.kind == ERROR_LIMIT);
        assert_true(done || !difference(pipeline_result(p), pipeline_result(q)));
        assert_true(pipeline_update(p, &h.in, &next.params, ALL, NULL, &err) || !done);
        pipeline_free(p);
        pipeline_free(q);
        assert_true(n < 200);
    }
    head_free(&h);
}

/* Of every magnitude that float has, and values that cancel. */
static void spread_out(RefRandom *r, Head *h)
{
    for (int b = 0; b < h->count && b < 3; b++) {
        float *at = h->blocks[b];
        int n = b == 0 ? h->in.n_q : h->in.n_k;
        int cols = b < 2 ? 4 : h->spec.score.kind == SCORE_FEATUREWISE ? 3 : 2;
        for (int i = 0; i < n * cols; i++)
            at[i] = (float)(ref_normal(r) * exp2(ref_range(r, -149, 124)));
        at[ref_range(r, 0, n * cols - 1)] = ref_range(r, 0, 1) ? FLT_MAX : -FLT_MAX;
    }
}

static void finite_heads_of_every_kind_have_finite_weights(void **state)
{
    (void)state;
    RefRandom r = {31};
    Pipeline *p = pipeline_new();
    for (int round = 0; round < 4400; round++) {
        ScoreKind kind = (ScoreKind)(SCORE_DOT + round % (SCORE_KIND_COUNT - 1));
        int n_k = kind == SCORE_ELEMENTWISE ? 3 : 6;
        Head h;
        Wish wish = {0, params_default(), ALL};
        Error err = {0};
        head_make(&h, kind, 3, n_k, 4, 4, 3, kind == SCORE_FEATUREWISE ? 3 : 2, 5);
        h.in.key = (uint64_t)round + 1;
        spread_out(&r, &h);
        assert_true(pipeline_update(p, &h.in, &wish.params, ALL, NULL, &err));
        const AttnResult *a = pipeline_result(p);
        for (int i = 0; i < a->n_q; i++) {
            double sum = 0;
            for (int j = 0; j < a->n_k; j++) {
                float w = matrix_row(a->stage[STAGE_WEIGHTS], i)[j];
                if (!(w >= 0 && w <= 1))
                    fail_msg("round %d, %s: weight %g", round, SCORE_KIND_NAMES[kind], (double)w);
                sum += (double)w;
            }
            assert_true(kind == SCORE_GATE || fabs(sum - 1) <= 1e-6);
        }
        head_free(&h);
    }
    pipeline_free(p);
}

static void heads_of_like_form_are_joined_and_others_refused(void **state)
{
    (void)state;
    Head h[2];
    AttnInput in[2];
    Error err = {0};
    AttnParams params = params_default();
    int heads[] = {2};
    Reduce *r = reduce_new();
    for (int i = 0; i < 2; i++) {
        head_make(&h[i], SCORE_GATE, 6, 6, 4, 4, 1, 2, (uint32_t)(5 + i));
        in[i] = h[i].in;
        in[i].head = i;
    }
    assert_true(reduce_update(r, in, heads, 1, REDUCE_MEAN, REDUCE_MEAN, &params, NULL, &err));
    const AttnResult *joined = reduce_result(r);
    assert_true(joined->n_q == 6 && joined->n_k == 4 && joined->d_v == 4);
    for (int i = 0; i < 2; i++) {
        Wish wish = {0, params, ALL};
        Pipeline *p[] = {fresh(&in[0], &wish, NULL, NULL), fresh(&in[1], &wish, NULL, NULL)};
        Stage stage = i ? STAGE_OUTPUT : STAGE_WEIGHTS;
        Matrix a = pipeline_result(p[0])->stage[stage], b = pipeline_result(p[1])->stage[stage];
        for (int c = 0; c < 24; c++)
            assert_true(
                fabs((double)matrix_row(joined->stage[stage], c / 4)[c % 4] -
                     ((double)matrix_row(a, c / 4)[c % 4] + (double)matrix_row(b, c / 4)[c % 4]) /
                         2) < 1e-6);
        pipeline_free(p[0]);
        pipeline_free(p[1]);
    }
    head_free(&h[1]);
    head_make(&h[1], SCORE_ELEMENTWISE, 6, 6, 4, 4, 1, 2, 9);
    in[1] = h[1].in;
    in[1].head = 1;
    assert_false(reduce_update(r, in, heads, 1, REDUCE_MEAN, REDUCE_MEAN, &params, NULL, &err));
    assert_string_equal(err.what, "weights: expected positions × channels as in the first head, "
                                  "found a strip of keys");
    assert_string_equal(err.where, "layer 0, head 1");
    reduce_free(r);
    head_free(&h[0]);
    head_free(&h[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_history_of_kinds_gives_the_bits_of_a_fresh_pipeline),
        cmocka_unit_test(threads_change_no_bit_of_any_kind),
        cmocka_unit_test(every_query_of_a_feature_map_has_its_output),
        cmocka_unit_test(strips_take_masks_of_keys_and_gates_take_none),
        cmocka_unit_test(a_stage_before_the_chain_is_lent_or_says_why),
        cmocka_unit_test(a_failed_change_of_kind_leaves_the_last_result),
        cmocka_unit_test(finite_heads_of_every_kind_have_finite_weights),
        cmocka_unit_test(heads_of_like_form_are_joined_and_others_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
