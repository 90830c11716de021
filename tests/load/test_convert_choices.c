/* Parts of documents, and documents that a format cannot hold. */
#include "same_test.h"

#include "load/convert.h"
#include "load/save.h"

static void open_text(Document *doc, const char *text)
{
    LoadRequest request = request_of("");
    Error err = {0};
    if (!load_text(doc, text, strlen(text), &request, &err))
        fail_msg("%s", error_text(&err));
}

static void must_convert(Document *doc, Convert kind, const ConvertPlan *plan, const char *path)
{
    Error err = {0};
    if (!convert_document(doc, kind, plan, path, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static void must_refuse(Document *doc, Convert kind, const ConvertPlan *plan, const char *want)
{
    Error err = {0};
    assert_false(convert_document(doc, kind, plan, check_path(check_temp_dir(), "x"), &err));
    if (!strstr(err.what, want) && !strstr(err.where, want))
        fail_msg("expected %s, found %s", want, error_text(&err));
}

static void one_layer_and_one_head_of_a_sentence(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    ConvertPlan plan = convert_plan();
    Document a, b;
    must_open(&a, TEST_SOURCE_DIR "/examples/arabic-english/arabic-english.attn.json");
    plan.sentence = 2;
    plan.layer = 1;
    plan.head = 3;
    must_convert(&a, CONVERT_ATTN, &plan, path);
    must_open(&b, path);
    assert_int_equal(b.sentence_count, 1);
    assert_int_equal(b.sentences[0].layer_count, 1);
    assert_int_equal(b.sentences[0].layers[0].head_count, 1);
    assert_string_equal(b.title, a.title);
    same_head(&a, &a.sentences[2].layers[1].heads[3], &b, &b.sentences[0].layers[0].heads[0]);
    document_free(&b);
    plan.sentence = -1; /* of all sentences */
    must_convert(&a, CONVERT_ATTN, &plan, path);
    must_open(&b, path);
    assert_int_equal(b.sentence_count, a.sentence_count);
    same_head(&a, &a.sentences[5].layers[1].heads[3], &b, &b.sentences[5].layers[0].heads[0]);
    document_free(&b);
    document_free(&a);
}

static void masks_and_unknown_kinds_stay(void **state)
{
    (void)state;
    static const char text[] =
        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"mask\": [[1, 0], [1, 1]], \"layers\": "
        "[{\"heads\": [{\"q\": [[1], [2]], \"k\": [[3], [4]], \"score\": {\"kind\": \"later\"}}, "
        "{\"q\": [[1], [2]], \"k\": [[3], [4]]}]}]}";
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    ConvertPlan plan = convert_plan();
    Document a, b;
    open_text(&a, text);
    buf_free(&a.source);
    must_convert(&a, CONVERT_ATTN, &plan, path);
    must_open(&b, path);
    same_sentence(&a, &a.sentences[0], &b, &b.sentences[0]);
    assert_string_equal(b.sentences[0].layers[0].heads[0].spec->score.unknown, "later");
    char *written = check_read(path, NULL);
    char *first = strstr(written, "\"mask\"");
    assert_true(first && !strstr(first + 1, "\"mask\"")); /* once, beside the layers */
    mem_free(written);
    document_free(&b);
    document_free(&a);
}

static void what_a_format_cannot_hold_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        Convert kind;
        const char *text, *want;
    } cases[] = {
        {CONVERT_ATTN,
         "{\"attnscope\": 2, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}",
         "expected a version that this program knows, found a newer one"},
        {CONVERT_CSV,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"q\": [[[1]]], \"k\": [[[1]]]}]}",
         "expected weights or scores for .csv, found vectors"},
        {CONVERT_NPZ,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"x\": [[1]]}]}]}",
         "layers[0].heads[0]: expected q and k, scores or weights, found vectors"},
        {CONVERT_NPZ,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}, "
         "{\"scores\": [[[1]]]}]}",
         "layers[1]: expected matrices as in the layers before it, found others"},
        {CONVERT_NPZ,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}, "
         "{\"weights\": "
         "{\"dtype\": \"f16\", \"shape\": [1, 1, 1], \"base64\": \"ADw=\"}}]}",
         "layers[1]: expected matrices as in the layers before it, found others"},
        {CONVERT_CSV,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}, "
         "{\"weights\": [[[1]]]}]}",
         "expected one layer for .csv, found 2: choose one with --layer"},
        {CONVERT_SAFETENSORS,
         "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"weights\": [[1]]}, "
         "{\"weights\": [[1]], \"v\": [[1]]}]}]}",
         "layers[0].heads[1].v: expected the shape and type of the heads before it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ConvertPlan plan = convert_plan();
        Document doc;
        open_text(&doc, cases[i].text);
        must_refuse(&doc, cases[i].kind, &plan, cases[i].want);
        document_free(&doc);
    }
}

static void a_sentence_that_cannot_be_read_is_refused_alone(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "dump.txt");
    Document doc;
    ConvertPlan plan = convert_plan();
    check_put(path, "0 ||| x ||| 0 ||| y ||| 2 2\n0.25 0.75\n0.5 0.5\n\n"
                    "1 ||| x ||| 0 ||| y z ||| 3 2\n0.1 0.2 0.3 0.2 0.2\n\n");
    must_open(&doc, path);
    plan.sentence = 1;
    for (int kind = 0; kind < CONVERT_COUNT; kind++)
        must_refuse(&doc, (Convert)kind, &plan, "sentence 1");
    document_free(&doc);
}

static void a_foreign_document_saves_as_it_converts(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "dump.txt");
    const char *to = check_path(dir, "x.attn.json");
    DocSetting settings[] = {{"mask.hidden", "0"}};
    Document doc;
    Buf text;
    Error err = {0};
    check_put(path, "0 ||| x ||| 0 ||| y ||| 2 2\n0.25 0.75\n0.5 0.5\n\n");
    must_open(&doc, path);
    assert_int_equal(doc.source.size, 0);
    buf_init(&text, BUF_NO_LIMIT);
    assert_true(save_text(&doc, settings, 1, to, &text, &err));
    assert_true(save_document(&doc, settings, 1, to, &err));
    check_content(to, buf_string(&text));
    assert_non_null(strstr(buf_string(&text), "\"settings\": {\"mask.hidden\": 0}"));
    buf_clear(&text);
    assert_true(save_text(&doc, NULL, 0, to, &text, &err));
    assert_null(strstr(buf_string(&text), "settings"));
    buf_free(&text);
    document_free(&doc);
}

static void there_and_back(const char *text)
{
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    ConvertPlan plan = convert_plan();
    Document a, b;
    open_text(&a, text);
    buf_free(&a.source);
    must_convert(&a, CONVERT_ATTN, &plan, path);
    must_open(&b, path);
    same_sentence(&a, &a.sentences[0], &b, &b.sentences[0]);
    document_free(&b);
    document_free(&a);
}

#define PAIR   "\"q\": [[1, 2], [3, 4]], \"k\": [[1, 0], [0, 1]]"
#define X(key) "\"" key "\": [[5, 6], [7, 8]]"
#define CELL(key, more)                                                                            \
    "\"" key "\": {\"cell\": \"tanh\", \"weight_ih_l0\": [[1, 0], [0, 1]], "                       \
    "\"weight_hh_l0\": [[2, 0], [0, 2]]" more "}"
#define BIASES ", \"bias_ih_l0\": [1, 2], \"bias_hh_l0\": [3, 4]"

static void every_way_to_make_a_head_stays(void **state)
{
    (void)state;
    static const char *const heads[] = {
        PAIR ", " X("x") ", " X("w_v"),
        PAIR ", " X("x_k") ", " X("w_v") ", \"b_v\": [1, 2]",
        PAIR ", " X("x_q") ", \"score\": {\"kind\": \"dot\"}",
        PAIR ", \"score\": {}",
        PAIR ", \"score\": {\"factor\": 2}",
        PAIR ", \"score\": {\"sigma\": 2}",
        PAIR ", \"score\": {" X("w") "}",
        PAIR ", \"score\": {\"kind\": \"scaled_dot\"}",
        PAIR ", \"rope\": {\"theta\": 100, \"layout\": \"interleaved\"}",
        PAIR ", \"bias\": [{\"kind\": \"matrix\", \"m\": [[1, 2], [3, 4]]}]",
        X("x") ", " X("w_q") ", " X("w_k") ", \"score\": {" X("w") "}",
        X("q") ", " X("x_k") ", " CELL("rnn_k", BIASES),
        X("k") ", " X("x_q") ", " CELL("rnn_q", ""),
        X("x") ", " CELL("rnn_q", "") ", " CELL("rnn_k", BIASES),
        X("x") ", " CELL("rnn", BIASES),
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char text[700];
        snprintf(text, sizeof text,
                 "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": "
                 "[{\"heads\": [{%s}]}]}",
                 heads[i]);
        there_and_back(text);
    }
    /* What is typed is x. */
    there_and_back("{\"attnscope\": 1, \"vocab\": {\"tokens\": [\"a\", \"b\"], \"embedding\": "
                   "[[1, 2], [3, 4]]}, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{" PAIR
                   ", " X("w_v") "}]}]}");
}

static void an_axis_without_tokens_keeps_the_rest(void **state)
{
    (void)state;
    static const char *const axes[] = {"\"padding\": [0, 1]", "\"lang\": \"xx\"", "\"lang\": \"\"",
                                       "\"padding\": [0, 1], \"lang\": \"xx\""};
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 2, \"axis\": \"keys\"}, "
                 "\"queries\": {\"tokens\": [\"a\"]}, \"keys\": {%s}, "
                 "\"layers\": [{\"weights\": [[[0.5, 0.5]]]}]}",
                 axes[i]);
        there_and_back(text);
    }
}

static void one_of_the_sentences_of_a_title_keeps_both_titles(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    ConvertPlan plan = convert_plan();
    Document a, b;
    open_text(&a,
              "{\"attnscope\": 1, \"title\": \"all\", \"sentences\": ["
              "{\"title\": \"one\", \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}, "
              "{\"title\": \"two\", \"tokens\": [\"b\"], \"layers\": [{\"weights\": [[[1]]]}]}]}");
    plan.sentence = 1;
    must_convert(&a, CONVERT_ATTN, &plan, path);
    must_open(&b, path);
    assert_string_equal(b.title, "all");
    assert_int_equal(b.sentence_count, 1);
    assert_string_equal(b.sentences[0].title, "two");
    assert_string_equal(b.sentences[0].keys.tokens[0], "b");
    document_free(&b);
    plan.layer = 3;
    must_refuse(&a, CONVERT_ATTN, &plan, "layer: expected 0 … 0, found 3");
    must_refuse(&a, CONVERT_CSV, &plan, "layer: expected 0 … 0, found 3");
    document_free(&a);
    open_text(&a, "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}");
    plan.sentence = 0;
    must_refuse(&a, CONVERT_ATTN, &plan, "layer: expected 0 … 0, found 3");
    plan.layer = 0;
    plan.head = 2;
    must_refuse(&a, CONVERT_ATTN, &plan, "head: expected 0 … 0, found 2");
    document_free(&a);
}

/* A matrix whose rows are all the same one takes no memory, however many it says there are. */
static void stretch(Document *doc, int rows, int cols)
{
    DocMatrix *m = &doc->sentences[0].layers[0].heads[0].weights;
    m->rows = rows;
    m->cols = cols;
    m->step = 0;
}

static void more_than_a_format_holds_is_refused_before_it_is_written(void **state)
{
    (void)state;
    ConvertPlan plan = convert_plan();
    Document doc;
    open_text(&doc,
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": {\"dtype\": "
              "\"f64\", \"shape\": [1, 1, 1], \"base64\": \"AAAAAAAA8D8=\"}}]}");
    stretch(&doc, 30000, 30000);
    must_refuse(&doc, CONVERT_NPZ, &plan,
                ".npz: expected at most 4294901758 bytes, found more: .safetensors holds them");
    stretch(&doc, INT32_MAX, INT32_MAX);
    must_refuse(&doc, CONVERT_SAFETENSORS, &plan,
                "attention: expected fewer than 2^63 numbers, found more");
    document_free(&doc);
}

static void a_token_of_many_letters_is_written_in_pieces(void **state)
{
    (void)state;
    enum { LETTERS = 300000 }; /* more than a MiB as UTF-32 */
    const char *path = check_path(check_temp_dir(), "x.npz");
    ConvertPlan plan = convert_plan();
    Document a, b;
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, "{\"attnscope\": 1, \"tokens\": [\"");
    for (int i = 0; i < LETTERS; i++)
        buf_byte(&text, (char)('a' + i % 26));
    buf_text(&text, "\"], \"layers\": [{\"weights\": [[[1]]]}]}");
    open_text(&a, buf_string(&text));
    must_convert(&a, CONVERT_NPZ, &plan, path);
    must_open(&b, path);
    assert_string_equal(b.sentences[0].keys.tokens[0], a.sentences[0].keys.tokens[0]);
    document_free(&b);
    document_free(&a);
    buf_free(&text);
}

static void settings_of_the_plan_take_the_place_of_those_of_the_document(void **state)
{
    (void)state;
    static const char text[] =
        "{\"attnscope\": 1, \"tokens\": [\"a\"], \"settings\": {\"layer\": 0}, "
        "\"layers\": [{\"weights\": [[[1]]]}]}";
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    DocSetting settings[] = {{"temperature", "0.5"}};
    ConvertPlan plan = convert_plan();
    Document a, b;
    open_text(&a, text);
    plan.settings = settings;
    plan.setting_count = 1;
    for (int whole = 1; whole >= 0; whole--) { /* the words of the source, then ours */
        plan.head = whole ? -1 : 0;
        must_convert(&a, CONVERT_ATTN, &plan, path);
        must_open(&b, path);
        assert_int_equal(b.setting_count, 1);
        assert_string_equal(b.settings[0].name, "temperature");
        assert_string_equal(b.settings[0].value, "0.5");
        document_free(&b);
    }
    document_free(&a);
}

static void who_does_not_ask_why_is_told_that_it_failed(void **state)
{
    (void)state;
    ConvertPlan plan = convert_plan();
    Document doc;
    Buf text;
    open_text(&doc,
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}");
    plan.sentence = 4;
    assert_false(
        convert_document(&doc, CONVERT_ATTN, &plan, check_path(check_temp_dir(), "y"), NULL));
    buf_init(&text, BUF_NO_LIMIT);
    assert_false(convert_to_text(&doc, &plan, &text, NULL));
    buf_free(&text);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_layer_and_one_head_of_a_sentence),
        cmocka_unit_test(masks_and_unknown_kinds_stay),
        cmocka_unit_test(what_a_format_cannot_hold_is_refused_by_name),
        cmocka_unit_test(a_sentence_that_cannot_be_read_is_refused_alone),
        cmocka_unit_test(a_foreign_document_saves_as_it_converts),
        cmocka_unit_test(every_way_to_make_a_head_stays),
        cmocka_unit_test(an_axis_without_tokens_keeps_the_rest),
        cmocka_unit_test(one_of_the_sentences_of_a_title_keeps_both_titles),
        cmocka_unit_test(more_than_a_format_holds_is_refused_before_it_is_written),
        cmocka_unit_test(settings_of_the_plan_take_the_place_of_those_of_the_document),
        cmocka_unit_test(who_does_not_ask_why_is_told_that_it_failed),
        cmocka_unit_test(a_token_of_many_letters_is_written_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
