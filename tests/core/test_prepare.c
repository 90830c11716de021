/* What a head says becomes vectors: every score function against PyTorch in double. */
#include "head_problem.h"

#include "core/exact.h"

#include <float.h>
#include <math.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static AttnInput prepared(Prepare *p, const Head *h, const ScoreParams *score)
{
    AttnInput out;
    Error err = {0};
    if (!prepare_update(p, &h->in, score, NULL, &out, &err))
        fail_msg("%s", err.what);
    return out;
}

/* Σ of the magnitudes that a score is summed from, and what float vectors may add to its error. */
static double score_size(const AttnInput *in, int i, int j)
{
    double size = 0;
    for (int t = 0; in->entry == ENTRY_QK && t < in->q.cols; t++) {
        double q = stored_value(input_q(in), i, t), k = stored_value(input_k(in), j, t);
        if (in->op == OP_DOT)
            size += fabs(q * k);
        else if (in->op == OP_TANH)
            size += fabs(in->combine[t]) * (1 + 4 * (fabs(q) + fabs(k)));
        else
            size += (double)in->gain * (q - k) * (q - k);
    }
    return in->entry == ENTRY_QK ? size : fabs(stored_value(input_given(in), i, j));
}

static Head *kind_case(Head *h, int c, ScoreParams *score)
{
    ScoreKind kind = head_kind(PREPARE_KINDS[c].kind);
    head_make(h, kind, PREPARE_KINDS[c].n_q, PREPARE_KINDS[c].n_k, PREPARE_KINDS[c].d_q,
              PREPARE_KINDS[c].d_k, PREPARE_KINDS[c].h, PREPARE_KINDS[c].d_v,
              PREPARE_KINDS[c].seed);
    *score = (ScoreParams){.query = PREPARE_KINDS[c].n_q - 1};
    return h;
}

static void exact_scores_are_those_of_pytorch(void **state)
{
    (void)state;
    double worst = 0;
    for (int c = 0; c < COUNT(PREPARE_KINDS); c++) {
        Head h;
        ScoreParams score;
        kind_case(&h, c, &score);
        Prepare *p = prepare_new();
        AttnInput in = prepared(p, &h, &score);
        int rows = PREPARE_KINDS[c].rows, cols = PREPARE_KINDS[c].cols;
        assert_true(in.n_q == rows && in.n_k == cols && in.prepared && in.key != 0);
        assert_true(in.queries == h.in.n_q && in.keys == h.in.n_k);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++) {
                double due = PREPARE_VALUES[PREPARE_KINDS[c].scores + i * cols + j];
                double error = fabs((double)exact_score(&in, i, j) - due);
                double bar = 4e-15 * (1 + score_size(&in, i, j)) * (8 + h.in.q.cols);
                if (!(error <= bar))
                    fail_msg("case %d (%s): %d, %d off by %g", c, PREPARE_KINDS[c].kind, i, j,
                             error);
                worst = fmax(worst, error / (1 + score_size(&in, i, j)));
            }
        prepare_free(p);
        head_free(&h);
    }
    print_message("worst error of a score in double, to its size: %.3g\n", worst);
}

static const char *const SETS[] = {"scalar", "avx2", "avx512"};

static const AttnResult *run(Pipeline *p, const Head *h, const AttnParams *params)
{
    Error err = {0};
    if (!pipeline_update(p, &h->in, params, (1u << STAGE_COUNT) - 1, NULL, &err))
        fail_msg("%s", err.what);
    return pipeline_result(p);
}

static void float_scores_and_outputs_keep_the_bars(void **state)
{
    (void)state;
    for (int c = 0; c < COUNT(PREPARE_KINDS) * COUNT(SETS); c++) {
        const Kernels *k = kernels_by_name(SETS[c % 3]);
        int n = c / 3, cols = PREPARE_KINDS[n].cols, out_cols = PREPARE_KINDS[n].out_cols;
        Head h;
        AttnParams params = params_default();
        kind_case(&h, n, &params.score);
        params.scale.mode = SCALE_NONE;
        Pipeline *p = pipeline_new();
        pipeline_use(p, k ? k : kernels());
        const AttnResult *r = run(p, &h, &params);
        const AttnInput *in = r->input;
        double most = 0;
        for (int i = 0; i < r->n_q; i++)
            for (int j = 0; j < cols; j++) {
                double due = PREPARE_VALUES[PREPARE_KINDS[n].scores + i * cols + j];
                double bar = (in->q.cols + 3) * 0x1p-24 * score_size(in, i, j);
                bar += in->op == OP_TANH ? 2e-7 * score_size(in, i, j) : 0;
                double error = fabs((double)matrix_row(r->stage[STAGE_SCORES], i)[j] - due);
                if (!(error <= bar + 1e-12))
                    fail_msg("%s, %s: %g beyond %g", PREPARE_KINDS[n].kind, SETS[c % 3], error,
                             bar);
                most = fmax(most, bar);
            }
        assert_true(r->queries == h.in.n_q && r->d_v == out_cols);
        assert_int_equal(r->stage[STAGE_OUTPUT].rows, h.in.n_q);
        for (int i = 0; i < h.in.n_q; i++)
            for (int j = 0; j < out_cols; j++) {
                double due = PREPARE_VALUES[PREPARE_KINDS[n].output + i * out_cols + j];
                double error = fabs((double)matrix_row(r->stage[STAGE_OUTPUT], i)[j] - due);
                if (!(error <= (1e-6 + most) * (2 + fabs(due)) * (1 + h.in.q.cols / 8.0)))
                    fail_msg("%s, %s: output off by %g", PREPARE_KINDS[n].kind, SETS[c % 3], error);
            }
        pipeline_free(p);
        head_free(&h);
    }
}

/* inputs [[1,2],[3,4],[5,6]] as keys, states [[7,8],[9,10],[11,12]] as queries; worked by hand:
 * w_a·input = (1.9, 2.2), (4.3, 5.0), (6.7, 7.8); w_e·state = (3.1, 4.6), (3.9, 5.8), (4.7, 7.0).
 */
static void the_example_worked_by_hand_is_right(void **state)
{
    (void)state;
    const double inputs[] = {1, 2, 3, 4, 5, 6}, states[] = {7, 8, 9, 10, 11, 12};
    const double w_e[] = {.1, .3, .2, .4}, w_a[] = {.5, .7, .6, .8};
    const float q[] = {7, 8, 9, 10, 11, 12}, k[] = {1, 2, 3, 4, 5, 6};
    const double scores[] = {16.01, 36.33, 56.65, 20.17, 45.77, 71.37, 24.33, 55.21, 86.09};
    const double values[] = {1.9, 2.2, 4.3, 5.0, 6.7, 7.8};
    HeadSpec spec = {.score = {.kind = SCORE_BILINEAR}};
    spec.score.param[PARAM_W_E] = (Stored){w_e, DTYPE_F64, 2, 2, 2};
    spec.score.param[PARAM_W_A] = (Stored){w_a, DTYPE_F64, 2, 2, 2};
    Head h = {.in = {.entry = ENTRY_QK, .n_q = 3, .n_k = 3, .key = 1, .spec = &spec}};
    h.in.q = (Matrix){q, 3, 2, 2};
    h.in.k = (Matrix){k, 3, 2, 2};
    h.in.stored_q = (Stored){states, DTYPE_F64, 3, 2, 2};
    h.in.stored_k = (Stored){inputs, DTYPE_F64, 3, 2, 2};
    AttnParams params = params_default();
    Pipeline *p = pipeline_new();
    const AttnResult *r = run(p, &h, &params);
    assert_true(r->divisor == 1 && r->kind == SCORE_BILINEAR && r->form == FORM_PAIRS);
    for (int i = 0; i < 9; i++) {
        assert_true(fabs((double)exact_score(r->input, i / 3, i % 3) - scores[i]) < 1e-13);
        assert_true(fabs((double)matrix_row(r->stage[STAGE_SCORES], i / 3)[i % 3] - scores[i]) <
                    1e-5);
    }
    for (int i = 0; i < 6; i++)
        assert_true(fabs(stored_value(r->input->feed[STAGE_V], i / 2, i % 2) - values[i]) < 1e-14);
    for (int i = 0; i < 6; i++) /* all but the last key is beyond reach: e^−20 */
        assert_true(fabs((double)matrix_row(r->stage[STAGE_OUTPUT], i / 2)[i % 2] -
                         values[4 + i % 2]) < 1e-5);
    pipeline_free(p);
}

/* x through w and b, then scored; k and v of other widths. Σ again in double. */
static void x_is_projected(void **state)
{
    (void)state;
    enum { N = 6, M = 4, D = 5, D_K = 3, D_V = 2 };
    Head h;
    head_make(&h, SCORE_AUTO, N, M, 1, 1, 1, 1, 9);
    h.in.q = h.in.k = h.in.v = (Matrix){0};
    h.in.stored_q = h.in.stored_k = h.in.stored_v = (Stored){0};
    h.spec.x_q = head_matrix(&h, N, D, 1);
    h.spec.x_k = head_matrix(&h, M, D, 1);
    h.spec.w_q = head_matrix(&h, D_K, D, 1);
    h.spec.w_k = head_matrix(&h, D_K, D, 1);
    h.spec.w_v = head_matrix(&h, D_V, D, 1);
    h.spec.b_q = head_matrix(&h, 1, D_K, 1);
    h.spec.b_v = head_matrix(&h, 1, D_V, 1);
    Prepare *p = prepare_new();
    AttnInput in = prepared(p, &h, &(ScoreParams){0});
    assert_true(in.kind == SCORE_DOT && in.q.rows == N && in.k.rows == M && in.v.cols == D_V);
    assert_true(in.d_k == D_K && in.d_model == D && !in.wide);
    for (int i = 0; i < N; i++)
        for (int o = 0; o < D_K; o++) {
            double sum = stored_value(h.spec.b_q, 0, o);
            for (int t = 0; t < D; t++)
                sum += stored_value(h.spec.w_q, o, t) * stored_value(h.spec.x_q, i, t);
            assert_true(fabs(stored_value(in.stored_q, i, o) - sum) < 1e-14);
            assert_true(matrix_row(in.q, i)[o] == (float)stored_value(in.stored_q, i, o));
        }
    for (int i = 0; i < M; i++)
        for (int o = 0; o < D_V; o++) {
            double sum = stored_value(h.spec.b_v, 0, o);
            for (int t = 0; t < D; t++)
                sum += stored_value(h.spec.w_v, o, t) * stored_value(h.spec.x_k, i, t);
            assert_true(fabs(stored_value(in.stored_v, i, o) - sum) < 1e-14);
        }
    assert_ptr_equal(in.feed[STAGE_X].at, h.spec.x_q.at);
    assert_ptr_equal(in.feed[STAGE_X_K].at, h.spec.x_k.at);
    prepare_free(p);
    head_free(&h);
}

static void hidden_states_become_queries_keys_and_values(void **state)
{
    (void)state;
    enum { N = 5, D = 3, H = 2 };
    Head h;
    head_make(&h, SCORE_AUTO, N, N, 1, 1, 1, 1, 4);
    h.in.q = h.in.k = h.in.v = (Matrix){0};
    h.in.stored_q = h.in.stored_k = h.in.stored_v = (Stored){0};
    h.spec.x_q = head_matrix(&h, N, D, 1);
    h.spec.same_x = true;
    h.spec.rnn_q = h.spec.rnn_k = (RnnSpec){.cell = CELL_GRU};
    h.spec.rnn_k.weight_ih = h.spec.rnn_q.weight_ih = head_matrix(&h, 3 * H, D, 1);
    h.spec.rnn_k.weight_hh = h.spec.rnn_q.weight_hh = head_matrix(&h, 3 * H, H, 1);
    Prepare *p = prepare_new();
    AttnInput in = prepared(p, &h, &(ScoreParams){0});
    double x[N * D], due[N * H], scratch[10 * H];
    for (int i = 0; i < N; i++)
        stored_row(h.spec.x_q, i, x + i * D);
    rnn_run(due, x, N, D, &h.spec.rnn_q, scratch);
    for (int i = 0; i < N * H; i++) {
        assert_true(stored_value(in.stored_q, i / H, i % H) == due[i]);
        assert_true(stored_value(in.stored_k, i / H, i % H) == due[i]);
        assert_true(stored_value(in.stored_v, i / H, i % H) == due[i]);
    }
    assert_null(in.feed[STAGE_X_K].at); /* the same x */
    prepare_free(p);
    head_free(&h);
}

static void a_plain_head_passes_without_a_copy(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_DOT, 4, 3, 5, 5, 1, 2, 3);
    h.in.spec = NULL;
    h.in.key = 77;
    Prepare *p = prepare_new();
    uint64_t before = mem_count();
    AttnInput in = prepared(p, &h, &(ScoreParams){0});
    assert_true(mem_count() == before);
    assert_true(in.key == 77 && in.q.at == h.in.q.at && in.k.at == h.in.k.at);
    assert_true(in.stored_v.at == h.in.stored_v.at && in.op == OP_DOT && in.form == FORM_PAIRS);
    assert_true(in.feed[STAGE_Q].at == h.in.stored_q.at && !in.feed[STAGE_X].at);
    prepare_free(p);
    head_free(&h);
}

static void keys_move_with_what_acts_and_only_with_it(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_AUTO, 4, 3, 5, 5, 1, 2, 3);
    Prepare *p = prepare_new();
    uint64_t dot = prepared(p, &h, &(ScoreParams){.sigma = 3, .query = 2}).key;
    assert_true(dot == prepared(p, &h, &(ScoreParams){.kind = SCORE_DOT, .factor = 2}).key);
    uint64_t cosine = prepared(p, &h, &(ScoreParams){.kind = SCORE_COSINE}).key;
    assert_true(cosine != dot);
    assert_true(
        cosine ==
        prepared(p, &h, &(ScoreParams){.kind = SCORE_COSINE, .factor = 2.5, .sigma = 1}).key);
    assert_true(cosine != prepared(p, &h, &(ScoreParams){.kind = SCORE_COSINE, .factor = 2}).key);
    uint64_t before = mem_count();
    prepared(p, &h, &(ScoreParams){.kind = SCORE_COSINE, .factor = 2});
    assert_true(mem_count() == before); /* nothing is made twice */
    prepare_free(p);
    head_free(&h);
}

/* What is shown lends from the last settled update, however often the next one is tried. */
static void what_is_shown_stays_until_the_next_is_settled(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_AUTO, 4, 3, 5, 5, 1, 2, 3);
    int64_t live = mem_live();
    Prepare *p = prepare_new();
    const ScoreParams one = {.kind = SCORE_COSINE, .factor = 1}, two = {.kind = SCORE_COSINE};
    AttnInput shown = prepared(p, &h, &one);
    prepare_settle(p);
    float was = shown.q.at[0];
    prepared(p, &h, &two);
    prepared(p, &h, &(ScoreParams){.kind = SCORE_DOT});
    assert_true(shown.q.at[0] == was);
    uint64_t before = mem_count();
    assert_ptr_equal(prepared(p, &h, &one).q.at, shown.q.at);
    assert_true(mem_count() == before);
    prepared(p, &h, &two);
    assert_true(shown.q.at[0] == was);
    prepare_settle(p);
    prepare_free(p);
    assert_true(mem_live() == live);
    head_free(&h);
}

static void a_vector_of_zeros_is_like_nothing(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_COSINE, 2, 2, 3, 3, 1, 2, 3);
    memset(h.blocks[0], 0, 3 * sizeof(float));
    Prepare *p = prepare_new();
    AttnInput in = prepared(p, &h, &(ScoreParams){0});
    assert_true(exact_score(&in, 0, 0) == 0 && exact_score(&in, 0, 1) == 0);
    assert_true(exact_score(&in, 1, 0) != 0);
    prepare_free(p);
    head_free(&h);
}

static void numbers_beyond_float_are_told(void **state)
{
    (void)state;
    const double x[] = {1e30, 2}, w[] = {1e20, 0, 0, 1};
    HeadSpec spec = {.x_q = {x, DTYPE_F64, 1, 2, 2}, .same_x = true};
    spec.w_q = (Stored){w, DTYPE_F64, 2, 2, 2};
    Head h = {.in = {.entry = ENTRY_QK, .n_q = 1, .n_k = 1, .key = 1, .spec = &spec}};
    Prepare *p = prepare_new();
    assert_true(prepared(p, &h, &(ScoreParams){0}).wide);
    assert_false(prepared(p, &h, &(ScoreParams){.kind = SCORE_COSINE}).q.at[0] > 1);
    spec.w_q.at = NULL;
    h.in.key = 2;
    assert_false(prepared(p, &h, &(ScoreParams){0}).wide);
    prepare_free(p);
}

/* An error of prepare_update is that of prepare_check, and the last result stays. */
static void expect_error(const AttnInput *in, const ScoreParams *score, ErrorKind kind,
                         const char *text)
{
    Prepare *p = prepare_new();
    AttnInput out = {.layer = 42};
    Error err = {0}, same = {0};
    assert_false(prepare_check(in, score, &same));
    assert_false(prepare_update(p, in, score, NULL, &out, &err));
    assert_string_equal(err.what, text);
    assert_string_equal(same.what, text);
    assert_int_equal(err.kind, kind);
    assert_int_equal(out.layer, 42);
    prepare_free(p);
}

static void missing_and_misshaped_parameters_are_named(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_ADDITIVE, 4, 3, 64, 5, 8, 2, 3);
    Stored *param = h.spec.score.param, w_q = param[PARAM_W_Q];
    const ScoreParams own = {0};
    param[PARAM_W_Q].at = NULL;
    expect_error(&h.in, &own, ERROR_USAGE, "score additive: w_q: expected [h, 64], found none");
    Stored v = param[PARAM_V], b = param[PARAM_B];
    param[PARAM_V].at = param[PARAM_B].at = NULL; /* b may lack */
    expect_error(&h.in, &own, ERROR_USAGE,
                 "score additive: parameters: expected w_q [h, 64] and v [h], found none");
    param[PARAM_W_Q] = w_q;
    Stored w_k = param[PARAM_W_K];
    param[PARAM_W_K].at = NULL;
    expect_error(&h.in, &own, ERROR_USAGE,
                 "score additive: parameters: expected w_k [8, 5] and v [8], found none");
    param[PARAM_W_K] = w_k;
    param[PARAM_V] = v;
    param[PARAM_B] = b;
    param[PARAM_W_Q] = w_q;
    param[PARAM_W_Q].cols = 32;
    expect_error(&h.in, &own, ERROR_MALFORMED,
                 "score additive: w_q: expected [h, 64], found [8, 32]");
    param[PARAM_W_Q] = w_q;
    param[PARAM_W_K].rows = 7;
    expect_error(&h.in, &own, ERROR_MALFORMED,
                 "score additive: w_k: expected [8, 5], found [7, 5]");
    param[PARAM_W_K].rows = 8;
    param[PARAM_V].cols = 4;
    expect_error(&h.in, &own, ERROR_MALFORMED, "score additive: v: expected [8], found [4]");
    param[PARAM_V].cols = 8;
    assert_true(prepare_check(&h.in, &own, NULL));
    param[PARAM_B].cols = 3;
    expect_error(&h.in, &own, ERROR_MALFORMED, "score additive: b: expected [8], found [3]");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_GENERAL}, ERROR_USAGE,
                 "score general: w: expected [64, 5], found none");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_CONCAT}, ERROR_USAGE,
                 "score concat: w: expected [h, 69], found none");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_LOCATION}, ERROR_USAGE,
                 "score location: w: expected [3, 64], found none");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_BILINEAR}, ERROR_USAGE,
                 "score bilinear: parameters: expected w_e [h, 64] and w_a [h, 5], found none");
    head_free(&h);
}

static void what_a_kind_cannot_take_is_said(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_AUTO, 4, 3, 6, 5, 8, 2, 3);
    h.spec.score.sigma = 0;
    expect_error(&h.in, &(ScoreParams){0}, ERROR_MALFORMED,
                 "score dot: k: expected 6 columns as in q, found 5");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_GAUSSIAN}, ERROR_USAGE,
                 "score gaussian: sigma: expected a number above 0, found none");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_GAUSSIAN, .sigma = -2}, ERROR_USAGE,
                 "score gaussian: sigma: expected a number above 0, found -2");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_ELEMENTWISE}, ERROR_MALFORMED,
                 "score elementwise: k: expected 4 rows as in q, found 3");
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_GATE}, ERROR_USAGE,
                 "score gate: x: expected [4, c], found none");
    h.spec.score.unknown = "foo";
    expect_error(&h.in, &(ScoreParams){0}, ERROR_USAGE,
                 "score foo: expected a kind that is known, found \"foo\"");
    h.spec.score.unknown = NULL;
    h.in.stored_k = h.in.stored_q = (Stored){0};
    h.in.q = h.in.k = (Matrix){0};
    expect_error(&h.in, &(ScoreParams){.kind = SCORE_COSINE}, ERROR_USAGE,
                 "score cosine: q: expected [4, d], found none");
    head_free(&h);
}

static void what_makes_the_vectors_is_checked_too(void **state)
{
    (void)state;
    Head h;
    head_make(&h, SCORE_AUTO, 4, 3, 6, 6, 8, 2, 3);
    const ScoreParams own = {0};
    h.spec.w_q = head_matrix(&h, 6, 9, 1);
    expect_error(&h.in, &own, ERROR_USAGE, "x: expected [n, 9] for w_q, found none");
    h.spec.x_q = head_matrix(&h, 4, 8, 1);
    expect_error(&h.in, &own, ERROR_MALFORMED, "w_q: expected [d, 8], found [6, 9]");
    h.spec.w_q.at = NULL;
    h.spec.rope = (RopeSpec){true, 10000, false, 7};
    expect_error(&h.in, &own, ERROR_MALFORMED,
                 "rope: dims: expected an even number up to the 6 columns of q, found 7");
    h.spec.rope.on = false;
    h.spec.rnn_q = (RnnSpec){.cell = CELL_LSTM, .weight_hh = head_matrix(&h, 8, 2, 1)};
    expect_error(&h.in, &own, ERROR_USAGE, "rnn_q lstm: weight_ih: expected [8, 8], found none");
    h.spec.rnn_q.weight_hh.rows = 7;
    expect_error(&h.in, &own, ERROR_MALFORMED,
                 "rnn_q lstm: weight_hh: expected [8, 2], found [7, 2]");
    h.spec.rnn_q.cell = CELL_NONE;
    h.spec.x_q.rows = 3;
    expect_error(&h.in, &own, ERROR_MALFORMED, "x: expected [4, d], found [3, 8]");
    h.spec.x_q.at = NULL;
    BiasSpec bias = {.kind = BIAS_MATRIX, .m = head_matrix(&h, 2, 3, 1)};
    h.spec.biases = &bias;
    h.spec.bias_count = 1;
    expect_error(&h.in, &own, ERROR_MALFORMED, "bias: m: expected [4, 3], found [2, 3]");
    head_free(&h);
}

static void no_allocation_may_fail_unnoticed(void **state)
{
    (void)state;
    Head h;
    AttnInput out;
    head_make(&h, SCORE_ADDITIVE, 4, 3, 6, 5, 8, 2, 3);
    int64_t live = mem_live();
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        Error err = {0};
        Prepare *p = prepare_new();
        mem_fail_at(n, false);
        done = prepare_update(p, &h.in, &(ScoreParams){0}, NULL, &out, &err);
        mem_fail_at(0, false);
        assert_true(done || err.kind == ERROR_LIMIT);
        assert_true(prepare_update(p, &h.in, &(ScoreParams){0}, NULL, &out, &err) || !done);
        prepare_free(p);
        assert_true(n < 100 && mem_live() == live);
    }
    head_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_scores_are_those_of_pytorch),
        cmocka_unit_test(float_scores_and_outputs_keep_the_bars),
        cmocka_unit_test(the_example_worked_by_hand_is_right),
        cmocka_unit_test(x_is_projected),
        cmocka_unit_test(hidden_states_become_queries_keys_and_values),
        cmocka_unit_test(a_plain_head_passes_without_a_copy),
        cmocka_unit_test(keys_move_with_what_acts_and_only_with_it),
        cmocka_unit_test(what_is_shown_stays_until_the_next_is_settled),
        cmocka_unit_test(a_vector_of_zeros_is_like_nothing),
        cmocka_unit_test(numbers_beyond_float_are_told),
        cmocka_unit_test(missing_and_misshaped_parameters_are_named),
        cmocka_unit_test(what_a_kind_cannot_take_is_said),
        cmocka_unit_test(what_makes_the_vectors_is_checked_too),
        cmocka_unit_test(no_allocation_may_fail_unnoticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
