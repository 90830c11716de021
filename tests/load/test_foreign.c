#include "foreign_test.h"

#include "core/pipeline.h"
#include "load/foreign.h"

#include <math.h>

static void ours_is_told_by_a_key_at_the_root(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ours;
    } table[] = {
        {"{\"attnscope\": 1}", true},
        {"\xEF\xBB\xBF {\"a\": [{\"b\": \"}\"}], \"attnscope\" : 1", true},
        {"{\"a\": tru, \"attnscope\":", true},
        {"{\"a\": {\"attnscope\": 1}}", false},
        {"{\"a\": \"attnscope\"}", false},
        {"{\"a\": \"\\\"attnscope\\\":\", \"b\": {\"attnscope\": 2}, \"attnscope\": 3}", true},
        {"[{\"attnscope\": 1}]", false},
        {"{\"attnscope\"", false},
        {"{\"attnscope", false},
        {"{\"a\\", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t size = strlen(table[i].text);
        char *text = mem_alloc(size); /* so that a read behind the end is seen */
        memcpy(text, table[i].text, size);
        if (foreign_is_ours(text, size) != table[i].ours)
            fail_msg("%s", table[i].text);
        mem_free(text);
    }
}

/* ---- real samples ---- */

static void sentences_of_nmt_visualizer_have_their_matrices(void **state)
{
    (void)state;
    char path[500];
    Document doc;
    if (!shared_data(path, sizeof path, "nmt/nmt-visualizer/target2source_attention.json"))
        skip();
    must_open(&doc, path);
    assert_string_equal(doc.format, "NMT-Visualizer");
    assert_int_equal(doc.sentence_count, 8);
    const DocSentence *s = &doc.sentences[0];
    check_tokens(&s->queries, "The|New|York|Times|comments|</s>");
    check_tokens(&s->keys, "纽约时报|发表|评论");
    assert_false(s->self);
    assert_false(s->reading->rows_are_keys);
    assert_int_equal(s->reading->axes_by, AXES_COUNTS);
    assert_false(s->reading->eos_queries || s->reading->eos_keys);
    check_close(cell(&doc, s->layers[0].heads[0].weights, 0, 2), 0.7717987, 1e-7);
    check_close(cell(&doc, doc.sentences[1].layers[0].heads[0].weights, 3, 0), 0.4247814, 1e-7);
    document_free(&doc);
}

static void columns_of_its_transformer_are_the_distributions(void **state)
{
    (void)state;
    char path[500];
    Document doc;
    if (!shared_data(path, sizeof path,
                     "nmt/nmt-visualizer/Transformer_encoder_self_attention.json"))
        skip();
    must_open(&doc, path);
    assert_int_equal(doc.sentence_count, 5);
    for (int i = 0; i < 5; i++) {
        const DocSentence *s = &doc.sentences[i];
        assert_true(s->self && s->reading->rows_are_keys);
        assert_int_equal(s->reading->axes_by, AXES_SUMS);
        assert_int_equal(s->layer_count, 6);
        for (int l = 0; l < 6; l++) {
            assert_int_equal(s->layers[l].head_count, 8);
            for (int h = 0; h < 8; h++) {
                DocMatrix m = s->layers[l].heads[h].weights;
                for (int row = 0; row < m.rows; row++) {
                    double sum = 0;
                    for (int col = 0; col < m.cols; col++)
                        sum += cell(&doc, m, row, col);
                    check_close(sum, 1, 1e-5);
                }
            }
        }
    }
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].weights, 1, 0), 0.2342488020658493,
                1e-7);
    check_tokens(&doc.sentences[1].queries, "小|熊|维尼|吃|蜂蜜|.|<EOS>");
    document_free(&doc);
}

static void a_recording_of_gpt2_is_computed_again(void **state)
{
    (void)state;
    char path[500];
    Document doc;
    double worst = 0;
    if (!shared_data(path, sizeof path, "attention/gpt2-small-recorded/ex0.json"))
        skip();
    must_open(&doc, path);
    const DocSentence *s = &doc.sentences[0];
    assert_string_equal(doc.format, "Transformer Explainer");
    assert_string_equal(s->title, "Data visualization empowers users to");
    assert_int_equal(doc.setting_count, 1);
    assert_string_equal(doc.settings[0].name, "mask.causal");
    assert_string_equal(doc.settings[0].value, "true");
    assert_int_equal(s->layer_count, 12);
    check_tokens(&s->queries, "Data| visualization| em|powers| users| to");
    check_close(cell(&doc, s->layers[0].heads[0].scores, 0, 0), -4.16448450088501, 1e-7);
    Pipeline *p = pipeline_new();
    AttnParams params = params_default();
    params.mask.causal = true;
    for (int l = 0; l < 12; l++) {
        assert_int_equal(s->layers[l].head_count, 12);
        for (int h = 0; h < 12; h++) {
            AttnInput in;
            Error err = {0};
            check_close(s->layers[l].heads[h].d_k, 64, 0);
            if (!document_select(&doc, 0, l, h, &in, &err) ||
                !pipeline_update(p, &in, &params, STAGE_BIT(STAGE_WEIGHTS), NULL, &err))
                fail_msg("%d, %d: %s", l, h, err.what);
            const AttnResult *result = pipeline_result(p);
            for (int i = 0; i < 6; i++) {
                for (int j = 0; j < 6; j++) {
                    double got = (double)matrix_row(result->stage[STAGE_WEIGHTS], i)[j];
                    worst =
                        fmax(worst, fabs(got - cell(&doc, s->layers[l].heads[h].recorded, i, j)));
                }
            }
        }
    }
    assert_true(worst > 0 && worst <= 2e-7);
    pipeline_free(p);
    document_free(&doc);
}

/* ---- small ones, made by make_foreign.py ---- */

static void each_program_has_its_numbers_and_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *file, *format, *queries, *keys;
        int sentences;
    } table[] = {
        {"nematus_lines.json", "Nematus JSON", "the|new|house|now|</s>", "das|neue|Haus|</s>", 2},
        {"ctranslate2.json", "CTranslate2", "the|new|house|now", "das|neue|Haus", 2},
        {"seq2seq_vis.json", "Seq2Seq-Vis", "the|new|house|now", "das|neue|Haus", 2},
        {"five_levels.json", "JSON matrix", "the|new|house|now", "the|new|house|now", 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        must_open(&doc, check_path(FOREIGN_DATA, table[i].file));
        assert_string_equal(doc.format, table[i].format);
        assert_int_equal(doc.sentence_count, table[i].sentences);
        assert_int_equal(doc.warning_count, 0);
        assert_true(doc.source.size == 0 && doc.key != 0);
        check_tokens(&doc.sentences[0].queries, table[i].queries);
        check_tokens(&doc.sentences[0].keys, table[i].keys);
        check_numbers(&doc, table[i].file);
        document_free(&doc);
    }
}

static void open_text(Document *doc, const char *text)
{
    Error err;
    if (!foreign_text(doc, "case.json", text, strlen(text), &err))
        fail_msg("%s: %s", text, error_text(&err));
}

static void titles_number_what_is_several(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, FOREIGN_DATA "ctranslate2.json");
    assert_string_equal(doc.sentences[0].title, "hypothesis 1");
    assert_string_equal(doc.sentences[1].title, "hypothesis 2");
    check_tokens(&doc.sentences[1].queries, "the|new");
    document_free(&doc);
    must_open(&doc, FOREIGN_DATA "nematus_lines.json");
    assert_string_equal(doc.sentences[1].title, "1");
    assert_true(doc.sentences[0].reading->eos_queries && doc.sentences[0].reading->eos_keys);
    document_free(&doc);
}

#define M22 "[[0.25, 0.75], [0.5, 0.5]]"

static void plain_objects_are_read_by_many_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *queries, *keys;
    } table[] = {
        {"{\"matrix\": " M22 ", \"tokens\": [\"a\", \"b\"]}", "a|b", "a|b"},
        {"{\"attention\": [" M22 "], \"tokens\": \"a  b\"}", "a|b", "a|b"},
        {"{\"weights\": [[" M22 "]], \"source\": \"s t\", \"target\": [\"x\", \"y\"]}", "x|y",
         "s|t"},
        {"{\"attentions\": [[[" M22 "]]], \"src\": \"s t\", \"tgt\": \"x y\"}", "x|y", "s|t"},
        {"{\"attention\": " M22 ", \"queries\": \"x y\", \"keys\": [[\"s\", \"t\"]]}", "x|y",
         "s|t"},
        {"{\"matrix\": {\"data\": " M22 "}, \"source_tokens\": \"s t\", \"target_tokens\": \"x "
         "y\"}",
         "x|y", "s|t"},
        {M22, "0|1", "0|1"},
        {"[" M22 "]", "0|1", "0|1"},
        {"[[[" M22 "]]]", "0|1", "0|1"},
        {"\n {\"matrix\": " M22 "}\n", "0|1", "0|1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        open_text(&doc, table[i].text);
        assert_string_equal(doc.format, "JSON matrix");
        check_tokens(&doc.sentences[0].queries, table[i].queries);
        check_tokens(&doc.sentences[0].keys, table[i].keys);
        check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].weights, 0, 1), 0.75, 0);
        document_free(&doc);
    }
}

static void scores_and_vectors_stay_live_beside_recorded_weights(void **state)
{
    (void)state;
    Document doc;
    open_text(&doc, "{\"scores\": [[1, null], [2, 3]], \"d_k\": 16, \"weights\": [[1, 0], [0.4, "
                    "0.6]], \"tokens\": \"a b\"}");
    const DocHead *head = &doc.sentences[0].layers[0].heads[0];
    assert_int_equal(head->entry, ENTRY_SCORES);
    check_close(head->d_k, 16, 0);
    assert_true(cell(&doc, head->scores, 0, 1) == -(double)INFINITY);
    check_close(cell(&doc, head->recorded, 1, 1), 0.6, 1e-7);
    assert_int_equal(doc.warning_count, 0);
    document_free(&doc);
    open_text(&doc, "{\"q\": [[1, 2, 3]], \"k\": [[4, 5, 6], [7, 8, 9]], \"v\": [[1], [2]]}");
    head = &doc.sentences[0].layers[0].heads[0];
    assert_int_equal(head->entry, ENTRY_QK);
    check_close(cell(&doc, head->k, 1, 2), 9, 0);
    check_close(cell(&doc, head->v, 1, 0), 2, 0);
    document_free(&doc);
}

static void what_is_not_finite_or_not_normalised_is_told(void **state)
{
    (void)state;
    Document doc;
    open_text(&doc, "{\"matrix\": [[NaN, 0.5], [0.5, 0.5]], \"tokens\": \"a b\"}");
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0], "one number is not finite: matrix[0][0]");
    document_free(&doc);
    open_text(&doc, "{\"matrix\": [[null, Infinity], [0.5, 0.5]], \"tokens\": \"a b\"}");
    assert_string_equal(doc.warnings[0], "2 numbers are not finite, the first is matrix[0][0]");
    document_free(&doc);
    open_text(&doc, "{\"matrix\": [[0.5, 0.75], [0.5, 0.5]], \"tokens\": \"a b\"}");
    assert_string_equal(
        doc.warnings[0],
        "1 of 2 rows of weights does not sum to 1, the first is row 0 of layer 0, head 0, "
        "sentence 0: 1.25");
    document_free(&doc);
    open_text(&doc, "{\"scores\": [[1e300, -1e300]]}");
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].scores, 0, 1), -1e300, 0);
    document_free(&doc);
}

/* ---- files of one sentence a line ---- */

/* ---- recordings ---- */

#define HEAD(l, h, stage, data)                                                                    \
    "\"block_" l "_attn_head_" h "_attn" stage "\": {\"data\": " data "}"

static void a_recording_without_raw_scores_or_causal_mask_opens(void **state)
{
    (void)state;
    Document doc;
    open_text(&doc, "{\"tokens\": [\"a\", \"b\"], \"outputs\": {" HEAD("0", "0", "_scaled",
                                                                       "[[1, 2], [3, 4]]") "}}");
    check_close(doc.sentences[0].layers[0].heads[0].d_k, 1, 0);
    assert_int_equal(doc.sentences[0].layers[0].heads[0].entry, ENTRY_SCORES);
    document_free(&doc);
    open_text(&doc,
              "{\"tokens\": [\"a\", \"b\"], \"outputs\": {" HEAD(
                  "0", "0", "_scaled",
                  "[[1, 2], [3, 4]]") ", " HEAD("0", "0", "",
                                                "[[2, 4], [6, 9]]") ", " HEAD("0", "0", "_masked",
                                                                              "[[null, 2], [3, "
                                                                              "4]]") "}}");
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0], "the scaled scores are not the raw ones by one factor: "
                                         "they are opened in their place");
    assert_int_equal(doc.setting_count, 0);
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].mask, 0, 0), 0, 0);
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].mask, 0, 1), 1, 0);
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].scores, 1, 1), 4, 0);
    document_free(&doc);
    open_text(&doc, "{\"tokens\": [\"a\", \"b\"], \"outputs\": {" HEAD(
                        "0", "0", "_softmax", "[[1, 0], [0.5, 0.5]]") "}}");
    assert_int_equal(doc.sentences[0].layers[0].heads[0].entry, ENTRY_WEIGHTS);
    document_free(&doc);
}

static const Refused WRONG[] = {
    {"{}", "2 line 1, column 1: expected \"attnscope\" (a document of ours) or \"matrix\", "
           "\"attention\", \"attentions\", \"weights\" or \"scores\", with \"tokens\" or "
           "\"source\" and \"target\" beside it; found an object without keys"},
    {"{\"id\": \"x\", \"object\": 1, \"created\": 2, \"model\": 3, \"choices\": []}",
     "2 line 1, column 1: expected \"attnscope\" (a document of ours) or \"matrix\", "
     "\"attention\", \"attentions\", \"weights\" or \"scores\", with \"tokens\" or \"source\" "
     "and \"target\" beside it; found an object with \"id\", \"object\", \"created\", "
     "\"model\", …"},
    {"[]", "2 line 1, column 1: expected an object with attention, or a list of them, found "
           "an empty array"},
    {"[\"a\"]", "2 line 1, column 2 ([0]): expected an object with attention, found text"},
    {"[1, 2]", "2 line 1, column 1: expected rows of numbers, found an array of numbers"},
    {"{\"matrix\": 3}", "2 line 1, column 12 (matrix): expected numbers, found a number"},
    {"{\"matrix\": [[1, 2], [3]]}", "2 line 1, column 21 (matrix[1]): expected 2 numbers, found 1"},
    {"{\"matrix\": [[1, 2], [3, \"x\"]]}",
     "2 line 1, column 25 (matrix[1][1]): expected a number, found text"},
    {"{\"matrix\": [[1, 2], []]}",
     "2 line 1, column 21 (matrix[1]): expected a row of numbers, found an empty array"},
    {"{\"matrix\": [[[1, null]], [[1, 2], [3, 4]]]}",
     "2 line 1, column 26 (matrix[1]): expected 1 rows, found 2"},
    {"{\"matrix\": [[[[1, null]]], [[1, 2]]]}",
     "2 line 1, column 28 (matrix[1]): expected 3 levels of numbers as in the first, found 2"},
    {"{\"matrix\": [[[[[[1]]]]]]}",
     "2 line 1, column 12 (matrix): expected at most 5 levels of numbers, found more"},
    {"{\"matrix\": [[[[[1]]], [[[1]]]], [[[[1]]], [[[1]]]]]}",
     "2 line 1, column 12 (matrix): shape: expected a batch of one in five dimensions, found "
     "[2, 2, 1, 1, 1]"},
    {"{\"matrix\": [[1, 2]], \"tokens\": [\"a\", 1]}",
     "2 line 1, column 38 (tokens[1]): expected text, found a number"},
    {"{\"matrix\": [[1, 2]], \"tokens\": 7}",
     "2 line 1, column 32 (tokens): expected a text or a list of texts, found a number"},
    {"{\"matrix\": [[1, 2]], \"tokens\": [[\"a\"], [\"b\"]]}",
     "2 line 1, column 33 (tokens[0]): expected text, found an array"},
    {"{\"matrix\": [[1, 2]], \"tokens\": \"a b c\"}",
     "2 line 1, column 1: expected 3 rows of weights (3 tokens), found 1"},
    {"[{\"matrix\": [[1, 0]], \"source\": \"a b c\", \"target\": \"d\"}]",
     "2 line 1, column 2 ([0]): expected 3 weights in a row (3 source tokens), found 2"},
    {"{\"q\": [[1]], \"weights\": [[1]]}",
     "2 line 1, column 1: expected both \"q\" and \"k\", found only \"q\""},
    {"{\"q\": [[1, 2]], \"k\": [[1]]}",
     "2 line 1, column 1: k: expected vectors of 2 numbers, found 1"},
    {"{\"scores\": [[1]], \"d_k\": 0}",
     "2 line 1, column 26 (d_k): expected a number above 0, found 0"},
    {"{\"scores\": [[1, 2]], \"weights\": [[1]]}",
     "2 line 1, column 1: recorded: expected 1 × 2 numbers, found 1 × 1"},
    {"{\"matrix\": [[1]], \"matrix\": [[1]]}",
     "2 line 1, column 19: key \"matrix\": expected once in an object, found again "
     "(first at line 1, column 2)"},
    {"{\"matrix\": []}\n{\"matrix\": [[1, 2], [3}\n",
     "2 line 2, column 23 (matrix[1][0]): expected ',' or ']', found '}'"},
    {"{\"matrix\": [[1]]} {\"matrix\": [[1]]}",
     "2 line 1, column 19: expected the end of the file, found more"},
    {"{\"matrix\": [[1, 2], [3",
     "2 line 1, column 23: file ends inside matrix[1][0]: expected ',' or ']', found the end "
     "of the file"},
    {"{\"hypotheses\": [[\"a\"]], \"attention\": []}",
     "2 line 1, column 38 (attention): expected one matrix for each list of tokens, found an "
     "empty array"},
    {"{\"hypotheses\": [[\"a\"]], \"attention\": [[[1]], [[1]]]}",
     "2 line 1, column 16 (hypotheses): expected 2 lists of tokens, one for each matrix, found 1"},
    {"{\"hypotheses\": [[\"a\"], [\"b\"]], \"attention\": [[[1], [2, 3]], [[1]]]}",
     "2 line 1, column 52 (attention[0][1]): expected 1 numbers, found 2"},
    {"{\"layer_0-head_0\": [[1]], \"layer_1-head_1\": [[1]]}",
     "2 line 1, column 1: heads: expected layer_0-head_0 … layer_1-head_1, 4 in all, found 2"},
    {"{\"layer_0-head_0\": [[1]], \"layer_0-head_1\": [[1, 0]]}",
     "2 line 1, column 45 (layer_0-head_1[0]): expected 1 numbers, found 2"},
    {"{\"layer_x-head_0\": [[1]]}",
     "2 line 1, column 1: expected layer_0-head_0 …, found none of them"},
    {"{\"outputs\": {\"x\": 1}}",
     "2 line 1, column 13 (outputs): expected block_0_attn_head_0_attn (raw), …_scaled or "
     "…_softmax, found none of them"},
    {"{\"outputs\": {" HEAD("0", "0", "", "[[1]]") ", " HEAD(
         "0", "0", "_softmax", "[[1]]") ", " HEAD("0", "1", "_softmax", "[[1]]") "}}",
     "2 line 1, column 13 (outputs): heads: expected 1 layers of 1 heads in …_attn_softmax, "
     "found 1 of 2"},
    {"{\"outputs\": {" HEAD("0", "0", "", "3") "}}",
     "2 line 1, column 51 (outputs.block_0_attn_head_0_attn.data): expected numbers, found a "
     "number"},
};

static void wrong_texts_are_refused_with_their_place(void **state)
{
    (void)state;
    refuse_texts("case.json", WRONG, sizeof WRONG / sizeof *WRONG);
}

static void a_wrong_sentence_does_not_take_the_others_with_it(void **state)
{
    (void)state;
    static const char text[] = "{\"matrix\": [[1]], \"tokens\": \"a\"}\n"
                               "{\"matrix\": [[0.5, 0.25, 0.25]], \"tokens\": \"a\"}\n"
                               "{\"other\": 1}\n"
                               "{\"matrix\": [[1]], \"tokens\": \"b\"}\n";
    Document doc;
    Error err = {0};
    open_text(&doc, text);
    assert_int_equal(doc.sentence_count, 4);
    assert_int_equal(doc.bad_count, 2);
    assert_string_equal(doc.sentences[1].problem,
                        "line 2, column 1: expected 1 weight in a row (1 token), found 3");
    assert_null(doc.sentences[3].problem);
    assert_false(document_open_sentence(&doc, 1, &err));
    assert_true(document_open_sentence(&doc, 3, NULL));
    check_tokens(&doc.sentences[3].keys, "b");
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0],
                        "2 of 4 sentences cannot be read, the first is sentence 1: line 2, "
                        "column 1: "
                        "expected 1 weight in a row (1 token), found 3");
    document_free(&doc);
    assert_false(foreign_text(&doc, "case.json", "{\"a\": 1}\n{\"b\": 1}\n", 18, &err));
    assert_non_null(strstr(err.what, "found an object with \"a\""));
}

static void a_hundred_thousand_levels_are_one_message(void **state)
{
    (void)state;
    enum { LEVELS = 100000 };
    Document doc;
    Error err;
    char *text = mem_alloc(LEVELS);
    memset(text, '[', LEVELS);
    assert_false(foreign_text(&doc, "deep.json", text, LEVELS, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.what, "nesting: expected at most 64 levels"));
    mem_free(text);
}

static void no_failed_allocation_leaves_anything(void **state)
{
    (void)state;
    fail_every_allocation(FOREIGN_DATA "ctranslate2.json");
    fail_every_allocation(FOREIGN_DATA "nematus_lines.json");
    fail_every_allocation(FOREIGN_DATA "five_levels.json");
    const char *path = check_path(check_temp_dir(), "recording.json");
    check_put(path, "{\"tokens\": [\"a\", \"b\"], \"prompt\": \"p\", \"outputs\": {" HEAD(
                        "0", "0", "", "[[1, 2], [3, 4]]") ", " HEAD("0", "0", "_masked",
                                                                    "[[null, 2], [3, 4]]") "}}");
    fail_every_allocation(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_is_told_by_a_key_at_the_root),
        cmocka_unit_test(sentences_of_nmt_visualizer_have_their_matrices),
        cmocka_unit_test(columns_of_its_transformer_are_the_distributions),
        cmocka_unit_test(a_recording_of_gpt2_is_computed_again),
        cmocka_unit_test(each_program_has_its_numbers_and_tokens),
        cmocka_unit_test(titles_number_what_is_several),
        cmocka_unit_test(plain_objects_are_read_by_many_names),
        cmocka_unit_test(scores_and_vectors_stay_live_beside_recorded_weights),
        cmocka_unit_test(what_is_not_finite_or_not_normalised_is_told),
        cmocka_unit_test(a_recording_without_raw_scores_or_causal_mask_opens),
        cmocka_unit_test(wrong_texts_are_refused_with_their_place),
        cmocka_unit_test(a_wrong_sentence_does_not_take_the_others_with_it),
        cmocka_unit_test(a_hundred_thousand_levels_are_one_message),
        cmocka_unit_test(no_failed_allocation_leaves_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
