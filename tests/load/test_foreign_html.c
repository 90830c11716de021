#include "foreign_test.h"

#include "core/pipeline.h"
#include "load/foreign.h"

#include <math.h>

static void each_page_has_its_numbers_and_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *file, *format, *queries, *keys;
        int sentences;
    } table[] = {
        {"bertviz_head.html", "BertViz head view", "[CLS]|un|##seen|[SEP]|</script>|[SEP]",
         "[CLS]|un|##seen|[SEP]|</script>|[SEP]", 5},
        {"bertviz_model.html", "BertViz model view", " Das| ist|…", " Das| ist|…", 3},
        {"bertviz_neuron.html", "BertViz neuron view", "[CLS]|cat|[SEP]|mat|[SEP]",
         "[CLS]|cat|[SEP]|mat|[SEP]", 5},
        {"bertviz_neuron_causal.html", "BertViz neuron view", "The| quick| brown| fox",
         "The| quick| brown| fox", 1},
        {"circuitsvis.html", "CircuitsVis", "<|endoftext|>|Hello|,| world",
         "<|endoftext|>|Hello|,| world", 2},
        {"inspectus.html", "Inspectus", "▁la|▁casa", "the|house|</s>", 1},
        {"inspectus_first.html", "Inspectus", "a|b|c", "a|b|c", 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        must_open(&doc, check_path(FOREIGN_DATA, table[i].file));
        assert_string_equal(doc.format, table[i].format);
        assert_int_equal(doc.sentence_count, table[i].sentences);
        assert_true(doc.source.size == 0 && doc.key != 0);
        check_tokens(&doc.sentences[0].queries, table[i].queries);
        check_tokens(&doc.sentences[0].keys, table[i].keys);
        assert_int_equal(doc.sentences[0].reading->axes_by, AXES_FORMAT);
        assert_false(doc.sentences[0].reading->rows_are_keys);
        check_numbers(&doc, table[i].file);
        document_free(&doc);
    }
}

static void several_attentions_are_titled_sentences(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, FOREIGN_DATA "bertviz_head.html");
    assert_string_equal(doc.sentences[0].title, "All");
    assert_string_equal(doc.sentences[3].title, "Sentence A -> Sentence B");
    assert_true(doc.sentences[1].self && !doc.sentences[3].self);
    check_tokens(&doc.sentences[3].keys, "</script>|[SEP]");
    assert_string_equal(doc.sentences[0].layers[1].name, "layer 7");
    /* What is cut from the whole does not sum to 1, and that is told. */
    assert_int_equal(doc.warning_count, 1);
    assert_non_null(strstr(doc.warnings[0], "rows of weights do not sum to 1, the first is row 0"));
    document_free(&doc);
    must_open(&doc, FOREIGN_DATA "bertviz_model.html");
    assert_string_equal(doc.sentences[2].title, "Cross");
    assert_string_equal(doc.sentences[2].about, "heads of the model: 1, 5");
    assert_string_equal(doc.sentences[2].layers[0].name, "");
    check_tokens(&doc.sentences[2].queries, " This| is| so|.");
    document_free(&doc);
    must_open(&doc, FOREIGN_DATA "bertviz_neuron.html");
    assert_string_equal(doc.sentences[2].title, "Sentence B -> Sentence B");
    assert_non_null(strstr(doc.sentences[2].about, "a part of All"));
    assert_string_equal(doc.sentences[0].about, "");
    document_free(&doc);
    must_open(&doc, FOREIGN_DATA "circuitsvis.html");
    assert_string_equal(doc.sentences[0].about, "heads: L0H0, L0H1, L0H2");
    assert_int_equal(doc.sentences[1].layers[0].head_count, 1);
    document_free(&doc);
}

/* The largest difference between what is computed from q and k and what was recorded. */
static double recorded_error(Document *doc, int sentence, bool causal)
{
    Pipeline *p = pipeline_new();
    AttnParams params = params_default();
    double worst = 0;
    params.mask.causal = causal;
    const DocSentence *s = &doc->sentences[sentence];
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            AttnInput in;
            Error err = {0};
            if (!document_select(doc, sentence, l, h, &in, &err) ||
                !pipeline_update(p, &in, &params, STAGE_BIT(STAGE_WEIGHTS), NULL, &err))
                fail_msg("%d, %d: %s", l, h, err.what);
            const AttnResult *result = pipeline_result(p);
            for (int i = 0; i < result->n_q; i++) {
                for (int j = 0; j < result->n_k; j++) {
                    double got = (double)matrix_row(result->stage[STAGE_WEIGHTS], i)[j];
                    worst =
                        fmax(worst, fabs(got - cell(doc, s->layers[l].heads[h].recorded, i, j)));
                }
            }
        }
    }
    pipeline_free(p);
    return worst;
}

static void queries_and_keys_of_the_neuron_view_give_its_weights(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, FOREIGN_DATA "bertviz_neuron.html");
    assert_int_equal(doc.sentences[0].layers[0].heads[0].entry, ENTRY_QK);
    assert_int_equal(doc.setting_count, 0);
    assert_true(recorded_error(&doc, 0, false) <= 2e-7);
    assert_true(recorded_error(&doc, 1, false) > 1e-3); /* of a part, as its text says */
    document_free(&doc);
    must_open(&doc, FOREIGN_DATA "bertviz_neuron_causal.html");
    assert_string_equal(doc.settings[0].name, "mask.causal");
    assert_true(recorded_error(&doc, 0, true) <= 2e-7);
    document_free(&doc);
}

/* ---- pages that are wrong ---- */

#define PAGE(literal)   "<html><script>const params = " literal ";</script></html>"
#define CHARTS(literal) "<div id='a'></div><script>window.chartsEmbed('a'," literal ")</script>"
#define WIDGET(literal) "<div/><script>render(\n \"id\",\n AttentionHeads,\n " literal ")</script>"
#define NONE                                                                                       \
    "2 page: expected the attention that BertViz (params = {…}), CircuitsVis (render(…, "      \
    "AttentionHeads, {…})) or Inspectus (chartsEmbed(…, {…})) put into theirs, found none of them"

static void pages_without_attention_name_what_was_looked_for(void **state)
{
    (void)state;
    static const Refused table[] = {
        {"<html></html>", NONE},
        {"<html>params", NONE},
        {"<html>params =", NONE},
        {"<html>params = { a: 1 }", NONE},
        {PAGE("{\"a\": 1}"), NONE},
        {PAGE("{\"attention\": [[[1]]]}"), NONE},
        {"<html>render(", NONE},
        {"<html>render(\"a", NONE},
        {"<html>render(\"a\", Attention", NONE},
        {"<html>render(\"a\", Tokens, {\"tokens\": []})", NONE},
        {"<html>chartsEmbed('a'", NONE},
        {"<html>chartsEmbed('a',", NONE},
        {"<html>chartsEmbed(a, {})", NONE},
    };
    refuse_texts("page.html", table, sizeof table / sizeof *table);
}

static const Refused WRONG[] = {
    {PAGE("{\"attention\": [{\"attn\": [[1"),
     "2 line 1, column 57 (attention[0].attn[0][0]): expected ',' or ']', found ';'"},
    {"<html>\nparams = {\"attention\": [{\"attn\": [[1",
     "2 line 2, column 37: file ends inside attention[0].attn[0][0]: expected ',' or ']', "
     "found the end of the file"},
    {PAGE("{\"attention\": [{\"attn\": 1}]}"),
     "2 line 1, column 54 (attention[0].attn): expected numbers, found a number"},
    {PAGE("{\"attention\": [{\"attn\": [[[[1, 2], [3]]]]}]}"),
     "2 line 1, column 65 (attention[0].attn[0][0][1]): expected 2 numbers, found 1"},
    {PAGE("{\"attention\": [{\"attn\": [[[[1, 1, 1]]]], \"left_text\": [\"a\", \"b\"], "
          "\"right_text\": [\"a\", \"b\"]}]}"),
     "2 line 1, column 45 (attention[0]): expected 2 rows of weights (2 tokens), found 1"},
    {PAGE("{\"attention\": {\"all\": {\"attn\": [[1]], \"queries\": [[1]]}}}"),
     "2 line 1, column 52 (attention.all): expected both \"queries\" and \"keys\", found only "
     "\"queries\""},
    {PAGE("{\"attention\": {\"all\": {\"attn\": [[1]], \"queries\": [[1]], \"keys\": [[1, "
          "2]]}}}"),
     "2 line 1, column 52 (attention.all): k: expected vectors of 1 numbers, found 2"},
    {PAGE("{\"attention\": [{\"attn\": [[1]]}], \"include_layers\": \"x\"}"),
     "2 line 1, column 81 (include_layers): expected an array of whole numbers, "
     "found text"},
    {WIDGET("{\"tokens\": [\"a\"]}"),
     "2 line 4, column 2: expected the keys \"tokens\" and \"attention\", found no "
     "\"attention\""},
    {WIDGET("{\"tokens\": [\"a\", \"b\"], \"attention\": [[1]]}"),
     "2 line 4, column 2: expected 2 rows of weights (2 tokens), found 1"},
    {WIDGET("{\"tokens\": [\"a\"], \"attention\": [[[1], [1, 2]]]}"),
     "2 line 4, column 40 (attention[0][1]): expected 1 numbers, found 2"},
    {CHARTS("{attention: []}"), "2 line 1, column 51: expected a key in quotes, found 'a'"},
    {CHARTS("{\"attention\": []}"),
     "2 line 1, column 64 (attention): expected a list of maps, found an empty array"},
    {CHARTS("{}"), "2 line 1, column 50 (attention): expected a list of maps, found nothing"},
    {CHARTS("{\"attention\": [{}]}"),
     "2 line 1, column 65 (attention[0]): expected an object with \"values\", found an "
     "object"},
    {CHARTS("{\"attention\": [{\"values\": \"AAAAAA==\", \"info\": {\"layer\": 0}}]}"),
     "2 line 1, column 65 (attention[0]): expected the key \"shape\", found none"},
    {CHARTS("{\"attention\": [{\"values\": \"AAAAAA==\", \"info\": {\"layer\": 0}, "
            "\"shape\": [1, 2]}]}"),
     "2 line 1, column 76 (attention[0]): values: expected 8 bytes for the shape, found 4"},
    {CHARTS("{\"attention\": [{\"values\": \"AAAAAA==\", \"info\": {\"layer\": 0}, "
            "\"shape\": [16777216, 16777216]}]}"),
     "2 line 1, column 76 (attention[0]): values: expected 1125899906842624 bytes for the "
     "shape, found 4"},
    {CHARTS("{\"attention\": [{\"values\": \"AA-AAA==\", \"info\": {\"layer\": 0}, "
            "\"shape\": [1, 1]}]}"),
     "2 line 1, column 79 (attention): values: expected base64 (A-Z a-z 0-9 + / =), found "
     "'-'"},
    {CHARTS("{\"attention\": [{\"values\": \"AAAAAA==\", \"info\": {\"layer\": 0}, "
            "\"shape\": [1, 1]}, {\"values\": \"AAAAAAAAAAA=\", \"info\": {\"layer\": 1}, "
            "\"shape\": [1, 2]}]}"),
     "2 line 1, column 186 (attention[1]): shape: expected [1, 1] as in the first map, found "
     "[1, 2]"},
    {CHARTS("{\"attention\": [{\"values\": \"AAAAAA==\", \"info\": {\"layer\": 0}, "
            "\"shape\": [1, 1]}], \"src_tokens\": [\"a\", \"b\"], \"tgt_tokens\": [\"c\"]}"),
     "2 line 1, column 50: expected 2 rows of weights (2 target tokens), found 1"},
};

static void broken_literals_are_refused_with_their_place(void **state)
{
    (void)state;
    refuse_texts("page.html", WRONG, sizeof WRONG / sizeof *WRONG);
}

static void maps_without_numbers_are_heads_in_order(void **state)
{
    (void)state;
    static const char text[] =
        CHARTS("{\"attention\": [{\"values\": \"AACAPw==\", \"shape\": [1, 1]}, {\"values\": "
               "\"AAAAPw==\", \"shape\": [1, 1]}], \"src_tokens\": [\"a\"], \"tgt_tokens\": "
               "[\"b\"]}");
    Document doc;
    Error err;
    if (!foreign_text(&doc, "page.html", text, sizeof text - 1, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentences[0].layers[0].head_count, 2);
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[1].weights, 0, 0), 0.5, 0);
    assert_string_equal(doc.warnings[0],
                        "the maps have no whole set of layer and head numbers: they are heads of "
                        "one layer, in the order of the file");
    document_free(&doc);
}

/* What is no literal before it does not hide the one that is. */
static void other_scripts_of_the_page_do_not_disturb(void **state)
{
    (void)state;
    static const char text[] =
        "<script>var params={\"broken\": ]}; params = {\"other\": 1}; e.render('x',"
        "Attention.b,{}&&c)</script>" WIDGET("{\"tokens\": [\"a\"], \"attention\": [[1]]}");
    static const char good[] =
        "<script>var params={\"broken\": ]}; params = {\"other\": 1};</script>" WIDGET(
            "{\"tokens\": [\"a\"], \"attention\": [[1]]}");
    Document doc;
    Error err;
    if (!foreign_text(&doc, "page.html", good, sizeof good - 1, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "CircuitsVis");
    assert_int_equal(doc.sentence_count, 1);
    document_free(&doc);
    if (!foreign_text(&doc, "page.html", text, sizeof text - 1, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 1);
    assert_int_equal(doc.bad_count, 0);
    document_free(&doc);
}

/* Of several attentions, in one page or one behind the other, those that are right open. */
static void a_wrong_attention_does_not_take_the_page_with_it(void **state)
{
    (void)state;
    static const char text[] = PAGE(
        "{\"attention\": [{\"name\": \"Encoder\", \"attn\": [[[[1]]]], \"left_text\": [\"a\"], "
        "\"right_text\": [\"b\"]}, 1, {\"name\": \"Cross\", \"attn\": [[[[1, 1, 1]]]], "
        "\"left_text\": [\"a\"], \"right_text\": [\"b\"]}]}")
        WIDGET("{\"tokens\": [\"a\", \"b\"], \"attention\": [[1]]}")
            WIDGET("{\"tokens\": [\"a\"], \"attention\": [[0.25]]}");
    static const char *const problems[] = {
        NULL, "(attention[1]): expected an object with \"attn\", found a number",
        "(attention[2]): expected 1 weight in a row (1 source token), found 3",
        "expected 2 rows of weights (2 tokens), found 1", NULL};
    Document doc;
    Error err;
    if (!foreign_text(&doc, "page.html", text, sizeof text - 1, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 5);
    assert_int_equal(doc.bad_count, 3);
    for (int i = 0; i < 5; i++) {
        const char *found = doc.sentences[i].problem;
        assert_true(problems[i] ? found && strstr(found, problems[i]) : !found);
    }
    assert_string_equal(doc.sentences[2].title, "Cross");
    check_close(cell(&doc, doc.sentences[4].layers[0].heads[0].weights, 0, 0), 0.25, 0);
    document_free(&doc);
}

/* A page of nothing but beginnings is looked at once, not once for each of them. */
static void a_page_of_beginnings_is_given_up(void **state)
{
    (void)state;
    static const char *const parts[] = {"params={\"",    "params={\"a\":[",   "render('",
                                        "render(\"a\",", "chartsEmbed('a',{", "\"params={\":"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        Buf text;
        Document doc;
        Error err;
        buf_init(&text, BUF_NO_LIMIT);
        buf_text(&text, "<html>");
        for (int n = 0; n < 100000; n++)
            buf_text(&text, parts[i]);
        int64_t live = mem_live();
        assert_false(foreign_text(&doc, "page.html", text.data, text.size, &err));
        assert_true(err.kind == ERROR_MALFORMED || err.kind == ERROR_LIMIT);
        assert_int_equal(mem_live(), live);
        buf_free(&text);
    }
}

static void every_beginning_of_a_page_is_refused_cleanly(void **state)
{
    (void)state;
    static const char *const names[] = {"inspectus.html", "circuitsvis.html",
                                        "bertviz_neuron_causal.html"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size;
        char *text = check_read(check_path(FOREIGN_DATA, names[i]), &size);
        for (size_t cut = 0; cut < size; cut += 1 + size / 200) {
            Document doc;
            Error err = {0};
            LoadRequest request = request_of("page.html");
            int64_t live = mem_live();
            document_init(&doc);
            buf_append(&doc.source, text, cut);
            if (!foreign_html(&doc, &request, &err)) /* cut behind the literal it is whole */
                assert_int_equal(err.kind, ERROR_MALFORMED);
            document_free(&doc);
            assert_int_equal(mem_live(), live);
        }
        mem_free(text);
    }
}

static void no_failed_allocation_leaves_anything(void **state)
{
    (void)state;
    fail_every_allocation(FOREIGN_DATA "inspectus.html");
    fail_every_allocation(FOREIGN_DATA "circuitsvis.html");
    fail_every_allocation(FOREIGN_DATA "bertviz_model.html");
    fail_every_allocation(FOREIGN_DATA "bertviz_neuron_causal.html");
}

static void a_cancelled_page_says_so(void **state)
{
    (void)state;
    atomic_bool cancel = true;
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(FOREIGN_DATA "bertviz_head.html");
    request.cancel = &cancel;
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_has_its_numbers_and_tokens),
        cmocka_unit_test(several_attentions_are_titled_sentences),
        cmocka_unit_test(queries_and_keys_of_the_neuron_view_give_its_weights),
        cmocka_unit_test(pages_without_attention_name_what_was_looked_for),
        cmocka_unit_test(broken_literals_are_refused_with_their_place),
        cmocka_unit_test(maps_without_numbers_are_heads_in_order),
        cmocka_unit_test(other_scripts_of_the_page_do_not_disturb),
        cmocka_unit_test(a_wrong_attention_does_not_take_the_page_with_it),
        cmocka_unit_test(a_page_of_beginnings_is_given_up),
        cmocka_unit_test(every_beginning_of_a_page_is_refused_cleanly),
        cmocka_unit_test(no_failed_allocation_leaves_anything),
        cmocka_unit_test(a_cancelled_page_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
