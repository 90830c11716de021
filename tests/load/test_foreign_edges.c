/* The seldom ways through the readers of other programs' JSON and pages. */
#include "foreign_test.h"

#include "load/foreign.h"

#include <math.h>
#include <stdlib.h>

static void open_text(Document *doc, const char *name, const char *text)
{
    Error err;
    if (!foreign_text(doc, name, text, strlen(text), &err))
        fail_msg("%.200s: %s", text, error_text(&err));
}

static void a_text_that_never_ends_is_not_ours(void **state)
{
    (void)state;
    assert_false(foreign_is_ours("{\"x\"attnscope\"", 14));
    assert_false(foreign_is_ours("{\"b\": [\"attnscope\"], \"", 22));
}

static void many_sentences_stay_in_order(void **state)
{
    (void)state;
    char text[4000] = "";
    size_t used = 0;
    Document doc;
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "{\"title\": \"s%d\", \"matrix\": [[1]], \"tokens\": \"t%d\"}\n",
                                 i, i);
    open_text(&doc, "case.jsonl", text);
    assert_int_equal(doc.sentence_count, 40);
    for (int i = 0; i < 40; i++) {
        char want[20];
        snprintf(want, sizeof want, "s%d", i);
        assert_string_equal(doc.sentences[i].title, want);
        want[0] = 't';
        check_tokens(&doc.sentences[i].keys, want);
    }
    document_free(&doc);
}

static bool open_limited(const char *text, LoadLimits limits, Error *err)
{
    const char *path = check_path(check_temp_dir(), "limits.json");
    LoadRequest request = request_of(path);
    Document doc;
    check_put(path, text);
    limits_merge(&request.limits, &limits);
    *err = (Error){0};
    document_init(&doc);
    bool ok = load_document(&doc, &request, err);
    document_free(&doc);
    return ok;
}

static void limits_hold_at_the_next_one(void **state)
{
    (void)state;
    static const char lines[] = "{\"matrix\": [[1]]}\n{\"matrix\": [[1]]}\n";
    static const char nulls[] = "{\"matrix\": [[1, null], [0.5, 0.5]]}"; /* no lifted block */
    Error err;
    assert_true(open_limited(lines, (LoadLimits){.sentences = 2}, &err));
    assert_false(open_limited(lines, (LoadLimits){.sentences = 1}, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.what, "sentences: expected at most 1, found more"));
    assert_true(open_limited(nulls, (LoadLimits){.memory = 4096}, &err));
    assert_false(open_limited(nulls, (LoadLimits){.memory = 100}, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    /* What the first line takes is missing for the second: 200 of 350 bytes. */
    Buf two;
    buf_init(&two, BUF_NO_LIMIT);
    for (int line = 0; line < 2; line++) {
        buf_text(&two, "{\"matrix\": [[0");
        for (int i = 1; i < 50; i++)
            buf_text(&two, ",0");
        buf_text(&two, "]]}\n");
    }
    assert_true(open_limited(buf_string(&two), (LoadLimits){.memory = 400}, &err));
    assert_false(open_limited(buf_string(&two), (LoadLimits){.memory = 350}, &err));
    assert_string_equal(error_text(&err),
                        "3 line 2, column 12 (matrix): memory: expected at most 150 bytes, found "
                        "200 (limit 350, raise with --limit-memory)");
    buf_free(&two);
    Buf heads;
    buf_init(&heads, BUF_NO_LIMIT);
    buf_text(&heads, "{\"matrix\": [");
    for (int i = 0; i < LIMIT_MOST_HEADS; i++)
        buf_text(&heads, "[[1]],");
    buf_text(&heads, "[[1]]]}");
    assert_false(open_limited(buf_string(&heads), (LoadLimits){.sentences = 1}, &err));
    assert_non_null(strstr(err.what, "shape: expected at most 4096 layers and heads, found [4097"));
    buf_free(&heads);
}

static void packed_maps_are_held_to_the_memory(void **state)
{
    (void)state;
    Buf page;
    Error err;
    buf_init(&page, BUF_NO_LIMIT);
    buf_text(&page, "<div/>chartsEmbed('a',{\"attention\": [{\"shape\": [1, 3000], \"values\": \"");
    for (int i = 0; i < 4000; i++)
        buf_text(&page, "AAAA");
    buf_text(&page, "\"}]})");
    assert_true(open_limited(buf_string(&page), (LoadLimits){.memory = 12000}, &err));
    assert_false(open_limited(buf_string(&page), (LoadLimits){.memory = 11999}, &err));
    buf_free(&page);
    assert_string_equal(error_text(&err),
                        "3 line 1, column 38 (attention): memory: expected at most 11999 bytes, "
                        "found 12000 (limit 11999, raise with --limit-memory)");
}

static void an_axis_has_its_limit(void **state)
{
    (void)state;
    Buf row;
    Error err;
    buf_init(&row, BUF_NO_LIMIT);
    buf_text(&row, "[[");
    for (int i = 0; i < LIMIT_MOST_AXIS; i++)
        buf_append(&row, "0,", 2);
    buf_text(&row, "0]]");
    assert_true(buf_ok(&row, NULL));
    assert_false(open_limited(buf_string(&row), (LoadLimits){.sentences = 1}, &err));
    buf_free(&row);
    assert_non_null(
        strstr(err.what, "shape: expected at most 16777216 rows and columns, found [1, 16777217]"));
}

static void numbers_with_nulls_between_are_read_one_by_one(void **state)
{
    (void)state;
    Document doc;
    open_text(&doc, "case.json",
              "{\"scores\": [[1e300, null], [2, Infinity]], \"tokens\": \"a b\"}");
    DocMatrix m = doc.sentences[0].layers[0].heads[0].scores;
    check_close(cell(&doc, m, 0, 0), 1e300, 0);
    assert_true(cell(&doc, m, 0, 1) == -(double)INFINITY);
    assert_true(cell(&doc, m, 1, 1) == (double)INFINITY);
    document_free(&doc);
    open_text(&doc, "case.json",
              "{\"hypotheses\": [[\"a\"], [\"b\"]], \"attention\": [[[null, 1]], [[0.5, null]]], "
              "\"source\": [\"s\", \"t\"]}");
    check_close(cell(&doc, doc.sentences[0].layers[0].heads[0].weights, 0, 1), 1, 0);
    check_close(cell(&doc, doc.sentences[1].layers[0].heads[0].weights, 0, 0), 0.5, 0);
    document_free(&doc);
}

static void both_axes_may_come_from_files_beside(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    const char *path = check_path(check_temp_dir(), "case.json");
    LoadRequest request = request_of(path);
    check_put(path, "[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]");
    request.origin.source = check_path(check_temp_dir(), "source.txt");
    request.origin.target = check_path(check_temp_dir(), "target.txt");
    check_put(request.origin.source, "a b c\n");
    check_put(request.origin.target, "x y\n");
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    check_tokens(&doc.sentences[0].queries, "x|y");
    check_tokens(&doc.sentences[0].keys, "a|b|c");
    document_free(&doc);
    request.origin.target = "/nowhere";
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_IO);
    document_free(&doc);
}

#define OUT(members) "{\"tokens\": [\"a\", \"b\"], \"outputs\": {" members "}}"
#define RAW(data)    "\"block_0_attn_head_0_attn\": " data
#define SCALED(data) "\"block_0_attn_head_0_attn_scaled\": " data
#define MASKED(data) "\"block_0_attn_head_0_attn_masked\": " data

static void the_scale_of_a_recording_is_found_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double d_k, first;
    } table[] = {
        {OUT(RAW("[[4, 8], [6, 2]]") ", " SCALED("[[1, 2], [1.5, 0.5]]")), 16, 4},
        {OUT(RAW("[[4, 8], [6, 2]]") ", " SCALED("[[0, 0], [0, 0]]")), 1, 0},
        {OUT(RAW("[[4, 8], [6, 2]]") ", " SCALED("[[8, 16], [12, 4]]")), 1, 8},
        {OUT(RAW("[[1, 2], [3, 4]]") ", " MASKED("[[1, 2], [3, 4]]")), 0, 1},
        {OUT(RAW("[[1, 2], [3, 4]]") ", " MASKED("[[1, -Infinity], [3, 4]]")), 0, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        open_text(&doc, "case.json", table[i].text);
        const DocHead *head = &doc.sentences[0].layers[0].heads[0];
        check_close(head->d_k, table[i].d_k, 1e-12);
        check_close(cell(&doc, head->scores, 0, 0), table[i].first, 0);
        assert_int_equal(doc.setting_count, i == 4);
        document_free(&doc);
    }
}

static void any_mask_of_a_recording_is_that_of_its_heads(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    const char *path = check_path(check_temp_dir(), "mask.json");
    LoadRequest request = request_of(path);
    check_put(
        path,
        OUT(RAW("[[1, 2], [3, 4]]") ", " MASKED(
            "[[1, 2], [null, 4]]") ", \"block_0_attn_head_1_attn\": [[1, 2], [3, 4]], "
                                   "\"block_0_attn_head_1_attn_masked\": [[1e300, null], [3, 4]]"));
    must_open(&doc, path);
    const DocHead *heads = doc.sentences[0].layers[0].heads;
    check_close(cell(&doc, heads[0].mask, 1, 0), 0, 0);
    check_close(cell(&doc, heads[0].mask, 0, 1), 1, 0);
    check_close(cell(&doc, heads[1].mask, 0, 1), 0, 0);
    check_close(cell(&doc, heads[1].mask, 0, 0), 1, 0);
    assert_int_equal(doc.warning_count, 0);
    document_free(&doc);
    request.origin.transpose = true;
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    assert_string_equal(doc.warnings[0],
                        "the recorded mask does not fit what is shown: it is not applied");
    document_free(&doc);
}

#define PAGE(literal) "<div></div><script>params = " literal "</script>"
#define ONE           "{\"attn\": [[[[1]]]], \"left_text\": [\"a\"], \"right_text\": [\"a\"]}"

static void odd_pages_are_read_as_far_as_they_say(void **state)
{
    (void)state;
    Document doc;
    open_text(&doc, "page.html",
              PAGE("{\"attention\": {\"all\": " ONE ", \"mine\": " ONE "}, \"bidirectional\": "
                   "false}") "<script>x.params={\"attention\": [" ONE
                             "], \"bidirectional\": false, "
                             "\"include_layers\": [1, 2], \"include_heads\": [0]}</script>");
    assert_int_equal(doc.sentence_count, 3);
    assert_int_equal(doc.setting_count, 1);
    assert_string_equal(doc.sentences[0].title, "All");
    assert_string_equal(doc.sentences[1].title, "");
    assert_string_equal(doc.sentences[2].layers[0].name, "");
    document_free(&doc);
    open_text(&doc, "page.html",
              "<script>render('x', AttentionHeads, {\"tokens\": [\"a\"], \"attention\": [[1]], "
              "\"attentionHeadNames\": null})</script>");
    assert_string_equal(doc.sentences[0].about, "");
    document_free(&doc);
}

#define MAP(values, shape)                                                                         \
    "{\"values\": " values ", \"shape\": " shape ", \"info\": {\"layer\": 0}}"
#define CHARTS(maps)                                                                               \
    "<div/><script>chartsEmbed('a',{\"attention\": [" maps                                         \
    "], \"src_tokens\": [\"a\"], \"tgt_tokens\": [\"b\"]})</script>"

static void more_faults_of_pages_have_their_sentence(void **state)
{
    (void)state;
    static const Refused table[] = {
        {PAGE("{\"attention\": [{\"attn\": 1}, {\"name\": \"b\"}]}"),
         "2 line 1, column 53 (attention[0].attn): expected numbers, found a number"},
        {PAGE("{\"attention\": [{\"attn\": [[1]], \"left_text\": 3}]}"),
         "2 line 1, column 73 (attention[0].left_text): expected a text or a list of texts, found "
         "a number"},
        {PAGE("{\"attention\": [{\"attn\": [[1]], \"queries\": 1, \"keys\": 1}]}"),
         "2 line 1, column 71 (attention[0].queries): expected numbers, found a number"},
        {"<div>render('x', AttentionHeads, {\"tokens\": 1, \"attention\": [[1]]})",
         "2 line 1, column 45 (tokens): expected a text or a list of texts, found a number"},
        {"<div>render('x', AttentionHeads, {\"tokens\": \"a\", \"attention\": [[1]], "
         "\"attentionHeadNames\": 2})",
         "2 line 1, column 92 (attentionHeadNames): expected a text or a list of texts, found a "
         "number"},
        {"<div>chartsEmbed('x', {\"attention\": [{\"values\": [[1]]}], \"src_tokens\": 7})",
         "2 line 1, column 72 (src_tokens): expected a text or a list of texts, found a number"},
        {CHARTS(MAP("\"AACAPw==\"", "[1, 1]") ", " MAP("[[1]]", "[1, 1]")),
         "2 line 1, column 120 (attention[1]): expected base64 text as in the first map, found an "
         "array of numbers"},
        {CHARTS(MAP("\"AACAPw==\"", "[1]")),
         "2 line 1, column 78 (attention[0]): shape: expected [rows, columns] of at most 16777216 "
         "each, found other"},
        {CHARTS(MAP("\"AACAPw==\"", "[0, 1]")),
         "2 line 1, column 78 (attention[0].shape[0]): expected a whole number of at least 1, "
         "found 0"},
        {CHARTS(MAP("[[1]]", "[1, 1]") ", " MAP("\"AACAPw==\"", "[1, 1]")),
         "2 line 1, column 115 (attention.values): expected rows of numbers, found text"},
    };
    refuse_texts("page.html", table, sizeof table / sizeof *table);
}

static void more_faults_of_texts_have_their_sentence(void **state)
{
    (void)state;
    static const Refused table[] = {
        {"{\"matrix\": [[1, null], [null]]}",
         "2 line 1, column 24 (matrix[1]): expected 2 numbers, found 1"},
        {"{\"matrix\": [[1, null], 2]}",
         "2 line 1, column 24 (matrix[1]): expected a row of numbers, found a number"},
        {"{\"matrix\": [null, null]}",
         "2 line 1, column 12 (matrix): expected rows of numbers, found an array"},
        {"{\"matrix\": [[[null]], [[[1]]]]}",
         "2 line 1, column 23 (matrix[1]): expected 2 levels of numbers as in the first, found 3"},
        {"{\"matrix\": \"x\"}", "2 line 1, column 12 (matrix): expected numbers, found text"},
        {"{\"attn\": [[1]], \"encoder\": 1, \"decoder\": []}",
         "2 line 1, column 28 (encoder): expected a text or a list of texts, found a number"},
        {"{\"attn\": \"x\", \"encoder\": [\"a\"], \"decoder\": [[]]}",
         "2 line 1, column 10 (attn): expected one matrix for each list of tokens, found text"},
        {"{\"attn\": [[1]], \"encoder\": [{\"token\": \"a\"}], \"decoder\": [{}]}",
         "2 line 1, column 58 (decoder[0]): expected a text or a list of texts, found an object"},
        {"{\"attn\": [[1]], \"encoder\": [\"a\"], \"decoder\": [3]}",
         "2 line 1, column 46 (decoder): expected a list of lists of tokens, found an array of "
         "numbers"},
        {"{\"attn\": [[1]], \"encoder\": [{\"token\": 1}], \"decoder\": [[\"a\"]]}",
         "2 line 1, column 29 (encoder[0]): expected text, found an object"},
        {"{\"layer_4096-head_0\": [[1]]}",
         "2 line 1, column 1: expected layer_0-head_0 …, found none of them"},
        {"{\"attention_matrix\": [[1]], \"source\": 5}",
         "2 line 1, column 39 (source): expected a text or a list of texts, found a number"},
        {"{\"outputs\": {}, \"prompt\": 1}",
         "2 line 1, column 27 (prompt): expected text, found a number"},
        {OUT(RAW("[[1, 2], [3, 4]]") ", " SCALED("[[1, 2]]")),
         "2 line 1, column 117 (outputs): …_attn_scaled: expected 2 × 2 numbers, found 1 × 2"},
    };
    refuse_texts("case.json", table, sizeof table / sizeof *table);
}

/* The arena has so many bytes left before it asks for more; every allocation from then on fails. */
static bool open_full(const char *text, size_t size, bool page, size_t left, uint64_t n)
{
    Document doc;
    Error err = {0};
    LoadRequest request = request_of("case");
    document_init(&doc);
    assert_non_null(arena_alloc(&doc.arena, 65536 - left, 1));
    buf_append(&doc.source, text, size);
    mem_fail_at(n, true);
    bool ok = page ? foreign_html(&doc, &request, &err) : foreign_json(&doc, &request, &err);
    mem_fail_at(0, false);
    assert_true(ok || err.kind == ERROR_LIMIT);
    document_free(&doc);
    return ok;
}

static void a_full_arena_fails_cleanly(void **state)
{
    (void)state;
    static const char recording[] = OUT(
        RAW("[[4, 8], [6, 2]]") ", " SCALED("[[0, 0], [0, 1]]") ", " MASKED("[[1, null], [3, 4]]"));
    static const char unknown[] = "[{\"matrix\": [[1]], \"source\": \"a\"}, {\"x\": 1}]";
    static const char head[] =
        "<div>params = {\"attention\": [{\"attn\": [[[[1]]]], \"left_text\": [\"a\"]}], "
        "\"bidirectional\": false, \"include_layers\": [4], \"include_heads\": [2]}";
    const char *const names[] = {"inspectus.html", "circuitsvis.html", "nematus_lines.json"};
    const char *const texts[] = {NULL, NULL, NULL, recording, unknown, head};
    for (size_t i = 0; i < 6; i++) {
        char *file = i < 3 ? check_read(check_path(FOREIGN_DATA, names[i]), NULL) : NULL;
        const char *text = file ? file : texts[i];
        int64_t live = mem_live();
        for (size_t left = 0; left < 3000; left += 16) {
            uint64_t n = 1;
            while (!open_full(text, strlen(text), i < 2 || i == 5, left, n))
                n++;
            assert_true(n > 1);
        }
        assert_int_equal(mem_live(), live);
        mem_free(file);
    }
}

/* Bytes changed, cut out or doubled, always the same ones: whatever comes of it, nothing stays. */
static void damaged_texts_are_opened_or_refused_cleanly(void **state)
{
    (void)state;
    static const char *const names[] = {"inspectus.html",     "inspectus_first.html",
                                        "circuitsvis.html",   "bertviz_neuron_causal.html",
                                        "nematus_lines.json", "ctranslate2.json",
                                        "seq2seq_vis.json",   "five_levels.json"};
    static const char bytes[] = "[]{}\",:0-1e9.nN\\ ";
    const char *rounds = getenv("ATTNSCOPE_ROUNDS");
    uint32_t seed = 1;
    for (int round = 0; round < (rounds ? atoi(rounds) : 100); round++) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            size_t size;
            char *text = check_read(check_path(FOREIGN_DATA, names[i]), &size);
            int64_t live = mem_live();
            Document doc;
            Error err = {0};
            LoadRequest request = request_of("case");
            for (int n = 0; n <= round % 4; n++) {
                seed = seed * 1664525u + 1013904223u;
                size_t at = (seed >> 8) % (size - 40), from = (seed >> 4) % (size - 40);
                if (seed >> 30 == 0)
                    memmove(text + at, text + from, (seed >> 12) % 40);
                else
                    text[at] = bytes[(seed >> 20) % (sizeof bytes - 1)];
            }
            document_init(&doc);
            buf_append(&doc.source, text, size);
            bool ok = strstr(names[i], ".html") ? foreign_html(&doc, &request, &err)
                                                : foreign_json(&doc, &request, &err);
            assert_true(ok == (err.kind == ERROR_NONE));
            assert_true(!ok || doc.sentence_count > 0);
            document_free(&doc);
            assert_int_equal(mem_live(), live);
            mem_free(text);
        }
    }
}

static void progress(void *context, uint64_t done, uint64_t total)
{
    int *calls = context;
    *calls += done <= total;
}

static void a_page_tells_its_progress(void **state)
{
    (void)state;
    int calls = 0;
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(FOREIGN_DATA "circuitsvis.html");
    request.progress = progress;
    request.context = &calls;
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    assert_true(calls >= 2);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_never_ends_is_not_ours),
        cmocka_unit_test(many_sentences_stay_in_order),
        cmocka_unit_test(limits_hold_at_the_next_one),
        cmocka_unit_test(packed_maps_are_held_to_the_memory),
        cmocka_unit_test(an_axis_has_its_limit),
        cmocka_unit_test(numbers_with_nulls_between_are_read_one_by_one),
        cmocka_unit_test(both_axes_may_come_from_files_beside),
        cmocka_unit_test(the_scale_of_a_recording_is_found_or_not),
        cmocka_unit_test(any_mask_of_a_recording_is_that_of_its_heads),
        cmocka_unit_test(odd_pages_are_read_as_far_as_they_say),
        cmocka_unit_test(more_faults_of_pages_have_their_sentence),
        cmocka_unit_test(more_faults_of_texts_have_their_sentence),
        cmocka_unit_test(a_full_arena_fails_cleanly),
        cmocka_unit_test(damaged_texts_are_opened_or_refused_cleanly),
        cmocka_unit_test(a_page_tells_its_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
