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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_layer_and_one_head_of_a_sentence),
        cmocka_unit_test(masks_and_unknown_kinds_stay),
        cmocka_unit_test(what_a_format_cannot_hold_is_refused_by_name),
        cmocka_unit_test(a_sentence_that_cannot_be_read_is_refused_alone),
        cmocka_unit_test(a_foreign_document_saves_as_it_converts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
