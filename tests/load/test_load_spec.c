#include "load_test.h"

#include "core/prepare.h"

#include <math.h>

enum { KINDS, SOURCES, SHARED, PROJECTED }; /* layers of all_fields.attn.json */

static void must_load(Document *doc, const char *text)
{
    LoadRequest request = request_of("");
    Error err = {0};
    if (!load_text(doc, text, strlen(text), &request, &err))
        fail_msg("%s\n%s", text, error_text(&err));
}

static void must_open(Document *doc)
{
    LoadRequest request = request_of(LOAD_DATA "all_fields.attn.json");
    Error err = {0};
    document_init(doc);
    if (!load_document(doc, &request, &err))
        fail_msg("%s", error_text(&err));
}

static AttnInput select_head(Document *doc, int layer, int head)
{
    AttnInput in;
    Error err = {0};
    if (!document_select(doc, 0, layer, head, &in, &err))
        fail_msg("%s", error_text(&err));
    return in;
}

/* The document keeps float32 of what is written. */
static void row_is(Stored m, int row, int cols, const double *want)
{
    assert_non_null(m.at);
    assert_int_equal(m.cols, cols);
    assert_in_range(row, 0, m.rows - 1);
    for (int i = 0; i < cols; i++)
        assert_true(stored_value(m, row, i) == (double)(float)want[i]);
}
#define ROW_IS(m, row, ...)                                                                        \
    row_is(m, row, (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), (double[]){__VA_ARGS__})

static void shape_is(Stored m, int rows, int cols)
{
    assert_non_null(m.at);
    assert_int_equal(m.rows, rows);
    assert_int_equal(m.cols, cols);
}

#define TWO(fields)   "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{" fields "}]}"
#define HEADS(fields) TWO("\"heads\": [" fields "]")
#define QK            "\"q\": [[1, 2], [3, 4]], \"k\": [[1, 0], [0, 1]]"

/* ---- what is refused ---------------------------------------------------------------------------
 */

static void every_bad_head_is_refused_with_its_exact_line(void **state)
{
    (void)state;
    assert_true(refuse_all(LOAD_DATA "bad_specs.txt") >= 100);
}

/* ---- all_fields.attn.json ----------------------------------------------------------------------
 */

static void each_kind_has_its_parameters(void **state)
{
    (void)state;
    static const ScoreKind kinds[] = {SCORE_DOT,      SCORE_COSINE,      SCORE_ADDITIVE,
                                      SCORE_GENERAL,  SCORE_BILINEAR,    SCORE_CONCAT,
                                      SCORE_LOCATION, SCORE_FEATUREWISE, SCORE_ELEMENTWISE,
                                      SCORE_GATE,     SCORE_GAUSSIAN,    SCORE_AUTO};
    Document doc;
    must_open(&doc);
    assert_int_equal(doc.warning_count, 0);
    assert_int_equal(doc.sentences[0].layers[KINDS].head_count, 12);
    for (int h = 0; h < 12; h++)
        assert_int_equal(select_head(&doc, KINDS, h).spec->score.kind, kinds[h]);
    assert_true(select_head(&doc, KINDS, 1).spec->score.factor == 2.5);
    assert_true(select_head(&doc, KINDS, 10).spec->score.sigma == 1.5);
    AttnInput in = select_head(&doc, KINDS, 2);
    const Stored *param = in.spec->score.param;
    ROW_IS(param[PARAM_W_K], 0, 0.14, -0.88, 0.42, 0.48, -0.84);
    ROW_IS(param[PARAM_V], 0, 0.5, -1, 0.25); /* base64 */
    ROW_IS(param[PARAM_B], 0, 0.96, 0.35, 0.34);
    shape_is(param[PARAM_W_Q], 3, 2);
    assert_null(param[PARAM_W].at);
    assert_int_equal(in.q.cols, 2);
    assert_int_equal(in.k.cols, 5);
    shape_is(select_head(&doc, KINDS, 5).spec->score.param[PARAM_V], 1, 3); /* [[…]] */
    shape_is(select_head(&doc, KINDS, 9).spec->score.param[PARAM_CONV2], 3, 3);
    document_free(&doc);
}

static void vectors_come_from_x_through_weights(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc);
    AttnInput in = select_head(&doc, SOURCES, 0);
    assert_null(in.q.at);
    assert_null(in.stored_k.at);
    assert_true(in.spec->same_x && in.spec->x_q.at == in.spec->x_k.at);
    ROW_IS(in.spec->w_q, 1, -0.9, -0.73, 0.08, 0.07); /* npy/w_q.npy */
    ROW_IS(in.spec->b_q, 0, 0.81, -0.55);
    ROW_IS(in.spec->b_v, 0, -0.09, -0.95, -0.49);
    assert_true(in.d_k == 2 && in.d_model == 4);
    assert_true(in.spec->rope.on && in.spec->rope.theta == 10000 && !in.spec->rope.interleaved);
    assert_int_equal(in.spec->rope.dims, 2);
    in = select_head(&doc, SOURCES, 1);
    assert_false(in.spec->same_x);
    shape_is(in.spec->x_q, 4, 3);
    shape_is(in.spec->x_k, 4, 4);
    assert_int_equal(in.v.cols, 2);
    in = select_head(&doc, SOURCES, 5); /* from the tokens */
    assert_null(in.spec->x_q.at);
    assert_true(in.d_k == 2 && in.d_model == 4);
    document_free(&doc);
}

static void recurrent_layers_have_the_weights_of_torch(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc);
    AttnInput in = select_head(&doc, SOURCES, 2);
    assert_int_equal(in.spec->rnn_q.cell, CELL_TANH);
    assert_ptr_equal(in.spec->rnn_q.weight_hh.at, in.spec->rnn_k.weight_hh.at);
    assert_true(in.d_k == 3);
    in = select_head(&doc, SOURCES, 3);
    assert_int_equal(in.spec->rnn_q.cell, CELL_GRU);
    assert_int_equal(in.spec->rnn_k.cell, CELL_LSTM);
    ROW_IS(in.spec->rnn_q.weight_ih, 5, -0.13, 0.09, 0.72, 0.38);
    shape_is(in.spec->rnn_k.bias_hh, 1, 8); /* without _l0 */
    assert_true(stored_value(in.spec->rnn_k.bias_hh, 0, 7) == (double)-0.96F);
    assert_true(in.d_k == 2);
    document_free(&doc);
}

static void biases_rope_and_masks_are_read(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc);
    AttnInput in = select_head(&doc, SOURCES, 7);
    const BiasSpec *b = in.spec->biases;
    assert_int_equal(in.spec->bias_count, 3);
    assert_true(b[0].kind == BIAS_ALIBI && b[0].slope == 0.25);
    assert_true(b[1].kind == BIAS_T5 && b[1].bidirectional && b[1].max_distance == 16);
    ROW_IS(b[1].table, 0, -0.63, -0.24, -0.33, 0.49, 0.58, 0.57, -0.27, 0.35);
    ROW_IS(b[2].m, 3, -0.16, 0.64, -0.68, -0.19);
    assert_true(in.spec->rope.theta == 100 && in.spec->rope.interleaved);
    assert_int_equal(in.spec->rope.dims, 2);
    ROW_IS(in.mask, 0, 1, 1, 0, 0);                              /* its own */
    ROW_IS(select_head(&doc, SOURCES, 0).mask, 0, 1, 1, 1, 1);   /* the document's */
    ROW_IS(select_head(&doc, PROJECTED, 1).mask, 1, 1, 1, 0, 0); /* the layer's */
    in = select_head(&doc, SOURCES, 8);
    assert_int_equal(in.entry, ENTRY_SCORES);
    assert_false(in.spec->biases[0].bidirectional);
    assert_true(in.spec->biases[0].max_distance == 128);
    assert_int_equal(in.segment_q[1], 0);
    assert_int_equal(in.segment_k[2], 1);
    document_free(&doc);
}

static void consecutive_queries_heads_share_keys_and_values(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc);
    static const double slopes[] = {0.5, 0.25, 0.125, 0.0625};
    AttnInput heads[4];
    assert_int_equal(doc.sentences[0].layers[SHARED].head_count, 4);
    for (int h = 0; h < 4; h++) {
        heads[h] = select_head(&doc, SHARED, h);
        assert_true(heads[h].spec->biases[0].slope == slopes[h]);
        assert_int_equal(heads[h].spec->score.kind, SCORE_COSINE);
        shape_is(heads[h].spec->biases[1].table, 1, 4);
        ROW_IS(heads[h].stored_v, 0, 0.2, 0.7, -0.67);
    }
    assert_ptr_equal(heads[0].k.at, heads[1].k.at);
    assert_ptr_equal(heads[2].k.at, heads[3].k.at);
    assert_true(heads[0].q.at != heads[1].q.at);
    ROW_IS(heads[2].stored_k, 3, 0.04, 0.71);
    ROW_IS(heads[2].spec->biases[1].table, 0, 0.32, 0.47, -0.38, 0.91);
    AttnInput in = select_head(&doc, PROJECTED, 1);
    ROW_IS(in.spec->w_q, 1, 0.71, -0.11, -0.55, 0.95);
    ROW_IS(in.spec->b_k, 0, 0.53, 0.69);
    ROW_IS(in.spec->x_q, 0, 0.08, -0.81, 0.9, 0.12);
    assert_ptr_equal(in.spec->w_k.at, select_head(&doc, PROJECTED, 0).spec->w_k.at);
    document_free(&doc);
}

static void the_vocabulary_and_the_settings_are_read(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc);
    const DocVocab *v = doc.vocab;
    assert_non_null(v);
    assert_int_equal(v->count, 6);
    assert_string_equal(v->tokens[5], ".");
    ROW_IS(v->embedding, 5, 0.37, -0.84, -0.77, 0.12);
    assert_int_equal(v->position, POSITION_GIVEN);
    ROW_IS(v->positions, 7, -0.22, -0.55, -0.7, 0.21);
    assert_string_equal(doc.settings[2].name, "mask.global");
    assert_string_equal(doc.settings[2].value, "0,3");
    document_free(&doc);
}

/* ---- heads that cannot be computed -------------------------------------------------------------
 */

static void only_warning(const char *text, const char *want)
{
    Document doc;
    must_load(&doc, text);
    if (doc.warning_count != 1 || strcmp(doc.warnings[0], want) != 0)
        fail_msg("%s\n  want %s\n  got  %s", text, want,
                 doc.warning_count ? doc.warnings[0] : "nothing");
    document_free(&doc);
}

static void a_head_of_an_unknown_kind_leaves_the_others_usable(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    ScoreParams want = {.kind = SCORE_AUTO};
    const char *text = HEADS("{" QK "}, {" QK ", \"score\": {\"kind\": \"foo\", \"w\": \"?\"}}");
    only_warning(text, "layers[0].heads[1].score.kind: expected auto, dot, cosine, additive, "
                       "general, bilinear, concat, location, featurewise, elementwise, gate or "
                       "gaussian, found \"foo\": this head has no scores");
    must_load(&doc, text);
    AttnInput in = select_head(&doc, 0, 1);
    assert_string_equal(in.spec->score.unknown, "foo");
    assert_false(prepare_check(&in, &want, &err));
    assert_null(select_head(&doc, 0, 0).spec);
    document_free(&doc);
}

/* The head says what it lacks; the one beside it can be used. */
static void a_score_without_its_vectors_leaves_the_others_usable(void **state)
{
    (void)state;
#define UNKNOWN                                                                                    \
    "layers[0].heads[0].score.kind: expected auto, dot, cosine, additive, general, bilinear, "     \
    "concat, location, featurewise, elementwise, gate or gaussian, found \"warp\": "
    static const struct {
        const char *head, *warning, *what;
    } cases[] = {
        {"{\"score\": {\"kind\": \"warp\", \"a\": 1}}", UNKNOWN "this head has no scores",
         "score warp: expected a kind that is known, found \"warp\""},
        {"{\"v\": [[1], [2]], \"score\": {\"kind\": \"warp\"}}", UNKNOWN "this head has no scores",
         "score warp: expected a kind that is known, found \"warp\""},
        {"{\"scores\": [[1, 2], [3, 4]], \"score\": {\"kind\": \"warp\"}}",
         UNKNOWN "those of the file are used", NULL},
        {"{\"scores\": [[1, 2], [3, 4]], \"score\": {\"kind\": \"cosine\"}}",
         "layers[0].heads[0].score: expected q and k beside it, found scores: it does not act",
         NULL},
        {"{\"weights\": [[1, 0], [0, 1]], \"score\": {\"kind\": \"cosine\"}}",
         "layers[0].heads[0].score: expected q and k beside it, found weights: it does not act",
         NULL},
        {"{" QK ", \"score\": {\"kind\": \"gate\"}}",
         "layers[0].heads[0]: score gate: x: expected [2, c], found none: this head has no scores",
         "score gate: x: expected [2, c], found none"},
        {"{\"q\": [[1], [2]], \"score\": {\"kind\": \"additive\"}}",
         "layers[0].heads[0]: score additive: k: expected [2, d], found none: this head has no "
         "scores",
         "score additive: k: expected [2, d], found none"},
        {"{\"w_q\": [[1]], \"score\": {\"kind\": \"cosine\"}}",
         "layers[0].heads[0]: x: expected [n, 1] for w_q, found none: this head has no scores",
         "x: expected [n, 1] for w_q, found none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Document doc;
        Error err = {0};
        char text[600];
        ScoreParams want = {.kind = SCORE_AUTO};
        snprintf(text, sizeof text, HEADS("%s, {" QK "}"), cases[i].head);
        only_warning(text, cases[i].warning);
        must_load(&doc, text);
        AttnInput in = select_head(&doc, 0, 0), beside = select_head(&doc, 0, 1);
        assert_true(prepare_check(&beside, &want, NULL));
        assert_true(prepare_check(&in, &want, &err) == !cases[i].what);
        if (cases[i].what)
            assert_string_equal(err.what, cases[i].what);
        else
            assert_null(in.spec);
        document_free(&doc);
    }
#undef UNKNOWN
}

static void a_location_without_keys_can_be_used(void **state)
{
    (void)state;
    Document doc;
    ScoreParams want = {.kind = SCORE_AUTO};
    must_load(&doc, HEADS("{\"q\": [[1, 2], [3, 4]], \"score\": {\"kind\": \"location\", \"w\": "
                          "[[1, 0], [0, 1]]}}"));
    assert_int_equal(doc.warning_count, 0);
    AttnInput in = select_head(&doc, 0, 0);
    assert_true(prepare_check(&in, &want, NULL));
    document_free(&doc);
}

static void bias_that_cannot_act_is_warned_of(void **state)
{
    (void)state;
    only_warning(HEADS("{" QK ", \"score\": {\"kind\": \"elementwise\"}, \"bias\": [{\"kind\": "
                       "\"alibi\", \"slope\": 1}]}"),
                 "layers[0].heads[0].bias: bias does not act on elementwise scores");
    only_warning(HEADS("{\"x\": [[1], [2]], \"score\": {\"kind\": \"gate\", \"conv1\": [[1]], "
                       "\"conv2\": [[1]]}, \"bias\": [{\"kind\": \"alibi\", \"slope\": 1}]}"),
                 "layers[0].heads[0].bias: bias does not act on gate scores");
}

static void parameters_that_do_not_fit_are_warned_of(void **state)
{
    (void)state;
    only_warning(HEADS("{" QK ", \"score\": {\"kind\": \"additive\"}}"),
                 "layers[0].heads[0]: score additive: parameters: expected w_q [h, 2], w_k "
                 "[h, 2] and v [h], found none: this head "
                 "has no scores");
    only_warning(
        HEADS("{" QK "}, {" QK ", \"score\": {\"kind\": \"general\", \"w\": [[1, 2, 3]]}}"),
        "layers[0].heads[1]: score general: w: expected [2, 2], found [1, 3]: this head "
        "has no scores");
    only_warning(TWO("\"q\": [[[1], [2]], [[3], [4]]], \"k\": [[[1], [2]]], \"score\": {\"kind\": "
                     "\"gaussian\"}"),
                 "layers[0]: score gaussian: sigma: expected a number above 0, found none: this "
                 "head has no scores");
    only_warning(HEADS("{\"x\": [[1], [2]], \"rnn\": {\"cell\": \"tanh\", \"weight_ih\": [[1]], "
                       "\"weight_hh\": [[1]], \"weight_ih_l1\": [[1]]}}"),
                 "layers[0].heads[0].rnn: expected one layer, forwards, found \"weight_ih_l1\": "
                 "not used");
}

static void a_vocabulary_serves_heads_without_x(void **state)
{
    (void)state;
    Document doc;
    must_load(&doc, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\", \"a\"], \"vocab\": {\"tokens\": "
                    "[\"a\", \"b\"], \"embedding\": [[1, 2], [3, 4]]}, \"layers\": [{\"heads\": "
                    "[{\"w_q\": [[1, 0]], \"w_k\": [[0, 1]]}, {\"score\": {\"kind\": "
                    "\"additive\", \"w_q\": [[1, 0, 2]], \"w_k\": [[0, 1]], \"v\": [1]}}]}]}");
    assert_int_equal(doc.vocab->position, POSITION_NONE);
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0], "layers[0].heads[1]: score additive: w_q: expected [h, "
                                         "2], found [1, 3]: this head has no scores");
    assert_true(select_head(&doc, 0, 0).d_k == 1);
    assert_true(select_head(&doc, 0, 0).d_model == 2);
    document_free(&doc);
}

static void numbers_beyond_float_make_a_head_wide(void **state)
{
    (void)state;
    Document doc;
    must_load(&doc, HEADS("{\"x\": [[1], [2]], \"w_q\": [[1e300]], \"w_k\": [[1]]}, {" QK "}, {" QK
                          ", \"bias\": [{\"kind\": \"matrix\", \"m\": [[1e300, 0], [0, 0]]}]}"));
    assert_true(select_head(&doc, 0, 0).wide);
    assert_false(select_head(&doc, 0, 1).wide);
    assert_true(select_head(&doc, 0, 2).wide);
    document_free(&doc);
}

static void a_list_of_slopes_keeps_its_digits(void **state)
{
    (void)state;
    Document doc;
    must_load(&doc, TWO("\"q\": [[[1], [2]], [[3], [4]]], \"k\": [[[1], [2]]], \"bias\": "
                        "[{\"kind\": \"alibi\", \"slope\": [0.1, -3e-5]}]"));
    assert_true(select_head(&doc, 0, 0).spec->biases[0].slope == 0.1);
    assert_true(select_head(&doc, 0, 1).spec->biases[0].slope == -3e-5);
    document_free(&doc);
}

/* ---- memory ------------------------------------------------------------------------------------
 */

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    LoadRequest request = request_of(LOAD_DATA "all_fields.attn.json");
    int64_t live = mem_live();
    bool ok = false;
    for (uint64_t n = 1; !ok; n++) {
        Document doc;
        Error err = {0};
        document_init(&doc);
        mem_fail_at(n, true);
        ok = load_document(&doc, &request, &err);
        mem_fail_at(0, false);
        if (!ok)
            assert_int_equal(err.kind, ERROR_LIMIT);
        else
            assert_int_equal(doc.warning_count, 0);
        document_free(&doc);
        assert_int_equal(mem_live(), live);
        assert_true(n < 5000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_head_is_refused_with_its_exact_line),
        cmocka_unit_test(each_kind_has_its_parameters),
        cmocka_unit_test(vectors_come_from_x_through_weights),
        cmocka_unit_test(recurrent_layers_have_the_weights_of_torch),
        cmocka_unit_test(biases_rope_and_masks_are_read),
        cmocka_unit_test(consecutive_queries_heads_share_keys_and_values),
        cmocka_unit_test(the_vocabulary_and_the_settings_are_read),
        cmocka_unit_test(a_head_of_an_unknown_kind_leaves_the_others_usable),
        cmocka_unit_test(a_score_without_its_vectors_leaves_the_others_usable),
        cmocka_unit_test(a_location_without_keys_can_be_used),
        cmocka_unit_test(bias_that_cannot_act_is_warned_of),
        cmocka_unit_test(parameters_that_do_not_fit_are_warned_of),
        cmocka_unit_test(a_vocabulary_serves_heads_without_x),
        cmocka_unit_test(numbers_beyond_float_make_a_head_wide),
        cmocka_unit_test(a_list_of_slopes_keeps_its_digits),
        cmocka_unit_test(every_failed_allocation_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
