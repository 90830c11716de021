#include "load_test.h"

#include "load/save.h"

#include <float.h>
#include <math.h>
#include <unistd.h>

static bool load(Document *doc, const char *text, Error *err)
{
    LoadRequest request = request_of("");
    *err = (Error){0};
    return load_text(doc, text, strlen(text), &request, err);
}

static void must_load(Document *doc, const char *text)
{
    Error err;
    if (!load(doc, text, &err))
        fail_msg("%s\n%s", text, error_text(&err));
}

static void must_open(Document *doc, const char *path)
{
    LoadRequest request = request_of(path);
    Error err = {0};
    document_init(doc);
    if (!load_document(doc, &request, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static void every_bad_document_is_refused_with_its_exact_line(void **state)
{
    (void)state;
    assert_true(refuse_all(LOAD_DATA "bad_documents.txt") >= 120);
}

static void the_three_tokens_load_as_they_are_written(void **state)
{
    (void)state;
    Document doc;
    AttnInput in;
    Error err = {0};
    static const float q[] = {2, 2, 0, 0, -1, 1, 1, -1, 0, 0, 2, 2};
    must_open(&doc, TEST_SOURCE_DIR "/examples/three-tokens/three-tokens.attn.json");
    assert_string_equal(doc.title, "Three tokens by hand");
    assert_string_equal(doc.sentences[0].queries.tokens[2], "here");
    assert_true(doc.sentences[0].self);
    assert_true(document_select(&doc, 0, 0, 0, &in, &err));
    assert_memory_equal(in.q.at, q, sizeof q);
    assert_int_equal(in.v.cols, 2);
    assert_float_equal(in.recorded.at[3], 0.21194155761708547f, 0);
    assert_string_equal(doc.settings[0].name, "view");
    assert_string_equal(doc.settings[0].value, "heatmap");
    document_free(&doc);
}

static void settings_are_kept_as_text(void **state)
{
    (void)state;
    static const char *const want[][2] = {
        {"mask.causal", "true"}, {"temperature", "0.5"}, {"view", "lines"}, {"mask.hidden", "0,1"}};
    Document doc;
    must_open(&doc, LOAD_DATA "rows.attn.json");
    assert_int_equal(doc.setting_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(doc.settings[i].name, want[i][0]);
        assert_string_equal(doc.settings[i].value, want[i][1]);
    }
    document_free(&doc);
}

static void what_is_not_finite_is_counted_with_its_first_place(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, LOAD_DATA "rows.attn.json");
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0],
                        "2 numbers are not finite, the first is layers[0].heads[0].recorded[1][0]");
    document_free(&doc);
    must_open(&doc, LOAD_DATA "padding.attn.json");
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0], "1 of 2 rows of weights does not sum to 1, the first is "
                                         "layers[0].heads[1].weights[1]: 0.75");
    document_free(&doc);
}

/* make_data.py: the same six numbers -2 … 3 in every type and order. */
static void files_of_every_type_hold_the_same_numbers(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, LOAD_DATA "files.attn.json");
    for (int layer = 0; layer < 2; layer++) {
        for (int head = 0; head < doc.sentences[0].layers[layer].head_count; head++) {
            AttnInput in;
            Error err = {0};
            assert_true(document_select(&doc, 0, layer, head, &in, &err));
            assert_int_equal(in.n_q, 2);
            assert_int_equal(in.n_k, 3);
            for (int i = 0; i < 6; i++) {
                assert_float_equal(matrix_row(in.given, i / 3)[i % 3], (float)(i - 2), 0);
                assert_float_equal(stored_value(in.stored_given, i / 3, i % 3), i - 2, 0);
            }
        }
    }
    assert_int_equal(doc.tensor_count, 6); /* f4.npy is named twice and read once */
    document_free(&doc);
}

static void members_of_npz_archives_are_numbers(void **state)
{
    (void)state;
    static const char text[] =
        "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\"]}, "
        "\"keys\": {\"tokens\": [\"c\", \"d\", \"e\"]}, \"layers\": [{\"heads\": ["
        "{\"scores\": {\"file\": \"npz/two.npz\", \"tensor\": \"q\"}}, "
        "{\"scores\": {\"file\": \"npz/two.npz\", \"tensor\": \"k\"}}, "
        "{\"scores\": {\"file\": \"npz/types.npz\", \"tensor\": \"f2-big-fortran\"}}, "
        "{\"scores\": {\"file\": \"npz/two.npz\", \"tensor\": \"q\"}}]}]}";
    static const int scale[] = {1, 2, 1, 1};
    Document doc;
    Error err = {0};
    LoadRequest request = request_of("");
    int64_t live = mem_live();
    if (!load_text(&doc, text, strlen(text), &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.tensor_count, 3); /* the last is the first again */
    assert_int_equal(doc.file_count, 2);
    for (int h = 0; h < 4; h++) {
        const DocMatrix *m = &doc.sentences[0].layers[0].heads[h].scores;
        for (int i = 0; i < 6; i++)
            assert_float_equal(tensor_value(&doc.tensors[m->tensor], m->offset + i),
                               (float)(scale[h] * (i - 2)), 0);
    }
    document_free(&doc);
    assert_int_equal(mem_live(), live);
}

static void an_index_cuts_a_tensor_down(void **state)
{
    (void)state;
    static const struct {
        int layer, head;
        float first;
    } want[] = {{0, 0, 12}, {0, 2, 20}, {1, 0, 0}, {1, 1, 4}, {2, 0, 20}};
    Document doc;
    must_open(&doc, LOAD_DATA "index.attn.json");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        AttnInput in;
        Error err = {0};
        assert_true(document_select(&doc, 0, want[i].layer, want[i].head, &in, &err));
        for (int n = 0; n < 4; n++)
            assert_float_equal(matrix_row(in.given, n / 2)[n % 2], want[i].first + (float)n, 0);
    }
    document_free(&doc);
}

static void a_stack_gives_each_head_its_part(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    must_open(&doc, LOAD_DATA "base64.attn.json");
    assert_int_equal(doc.sentences[0].layers[0].head_count, 3);
    for (int head = 0; head < 3; head++) {
        AttnInput in;
        assert_true(document_select(&doc, 0, 0, head, &in, &err));
        assert_int_equal(in.stored_k.dtype, DTYPE_F16);
        assert_int_equal(in.stored_v.dtype, DTYPE_F64);
        for (int i = 0; i < 8; i++) {
            float want = (float)(head * 8 + i);
            assert_float_equal(matrix_row(in.q, i / 4)[i % 4], want, 0);
            assert_float_equal(matrix_row(in.k, i / 4)[i % 4], want, 0);
            assert_float_equal(matrix_row(in.v, i / 4)[i % 4], want, 0);
        }
    }
    document_free(&doc);
}

static void pictures_name_their_patches(void **state)
{
    (void)state;
    Document doc;
    char name[40];
    int first = -1;
    must_open(&doc, LOAD_DATA "picture.attn.json");
    const DocSentence *s = &doc.sentences[0];
    assert_int_equal(s->image.image.w, 2);
    assert_int_equal(s->image.image.px[1], 0xFF00FF00u);
    assert_int_equal(s->queries.count, 3);
    assert_true(document_patches(s, true, &first));
    assert_int_equal(first, 1);
    document_token(s, true, 0, name, sizeof name);
    assert_string_equal(name, "[CLS]");
    document_token(s, false, 2, name, sizeof name);
    assert_string_equal(name, "patch 0, 1");
    document_free(&doc);
    must_open(&doc, LOAD_DATA "grid.attn.json");
    assert_false(document_patches(&doc.sentences[0], true, &first));
    document_token(&doc.sentences[0], true, 0, name, sizeof name);
    assert_string_equal(name, "a");
    document_free(&doc);
}

/* What is missing of a photograph is told; --strict refuses it. */
static void a_damaged_picture_is_shown_with_a_warning(void **state)
{
    (void)state;
    static const char text[] = "{\"attnscope\": 1, \"image\": {\"file\": \"cut.jpg\", \"rows\": 1, "
                               "\"cols\": 1}, \"layers\": [{\"heads\": [{\"weights\": [[1]]}]}]}";
    char path[600];
    size_t size;
    Document doc;
    Error err = {0};
    if (!shared_data(path, sizeof path, "photos/rocket.jpg"))
        skip();
    char *photo = check_read(path, &size);
    const char *folder = check_temp_dir();
    snprintf(path, sizeof path, "%s/cut.jpg", folder);
    write_file(path, photo, size / 2);
    mem_free(photo);
    snprintf(path, sizeof path, "%s/cut.attn.json", folder);
    write_file(path, text, strlen(text));
    must_open(&doc, path);
    assert_true(doc.sentences[0].image.damaged);
    assert_int_equal(doc.sentences[0].image.image.w, 640);
    assert_string_equal(doc.warnings[0], "image: the picture is damaged, part missing");
    document_free(&doc);
    LoadRequest request = request_of(path);
    request.strict = true;
    assert_false(load_document(&doc, &request, &err));
    assert_string_equal(error_text(&err),
                        "2 line 1, column 36 (image): picture: expected a whole one, "
                        "found it damaged, part missing");
}

static void sentences_come_from_a_list_or_from_lines(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, LOAD_DATA "sentences.attn.json");
    assert_int_equal(doc.sentence_count, 2);
    assert_false(doc.jsonl);
    assert_string_equal(doc.sentences[1].title, "second");
    assert_float_equal(doc.sentences[0].d_model, 4, 0);
    assert_float_equal(doc.sentences[1].d_model, 6, 0);
    document_free(&doc);
    must_open(&doc, LOAD_DATA "lines.jsonl");
    assert_int_equal(doc.sentence_count, 2);
    assert_true(doc.jsonl);
    assert_string_equal(doc.sentences[1].keys.tokens[0], "c");
    document_free(&doc);
}

static void links_and_padding_are_read(void **state)
{
    (void)state;
    Document doc;
    AttnInput in;
    Error err = {0};
    must_open(&doc, LOAD_DATA "padding.attn.json");
    const DocSentence *s = &doc.sentences[0];
    assert_int_equal(s->sure_count, 2);
    assert_int_equal(s->sure[1].key, 2);
    assert_int_equal(s->sure[1].query, 1);
    assert_int_equal(s->possible_count, 1);
    assert_false(s->self);
    assert_string_equal(s->keys.lang, "en");
    assert_true(document_select(&doc, 0, 0, 0, &in, &err));
    assert_int_equal(in.padding[0], 0);
    assert_int_equal(in.padding[2], 1);
    assert_float_equal(in.d_k, 64, 0);
    document_free(&doc);
}

#define ONE_HEAD(a, b)                                                                             \
    "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"scores\": [[" a "]]" b   \
    "}]}]}"

static void numbers_beyond_float_are_kept_as_double(void **state)
{
    (void)state;
    Document doc;
    AttnInput in;
    Error err = {0};
    must_load(&doc, ONE_HEAD("1e300", ""));
    assert_true(document_select(&doc, 0, 0, 0, &in, &err));
    assert_true(in.wide);
    assert_true(stored_value(in.stored_given, 0, 0) == 1e300);
    assert_true(isinf(in.given.at[0]));
    document_free(&doc);
    must_load(&doc, ONE_HEAD("3.4028234663852886e38", ""));
    assert_true(document_select(&doc, 0, 0, 0, &in, &err));
    assert_false(in.wide);
    assert_true(in.given.at[0] == FLT_MAX);
    document_free(&doc);
}

static void numbers_that_lose_something_are_counted(void **state)
{
    (void)state;
    Document doc;
    must_load(&doc, ONE_HEAD("1e-400", ", \"y\": [9007199254740993, 1, -1e-999]"));
    assert_int_equal(doc.warning_count, 2);
    assert_string_equal(doc.warnings[0],
                        "2 numbers are too small for a double and became 0, the first at "
                        "line 1, column 70");
    assert_string_equal(doc.warnings[1],
                        "one whole number is beyond 2^53 and was rounded, at "
                        "line 1, column 86");
    document_free(&doc);
}

static void literals_of_python_need_a_word(void **state)
{
    (void)state;
    const char *text = ONE_HEAD("NaN", ", \"recorded\": [[-Infinity]]");
    LoadRequest request = request_of("");
    Document doc;
    AttnInput in;
    Error err = {0};
    request.allow_nan = true;
    assert_true(load_text(&doc, text, strlen(text), &request, &err));
    assert_true(document_select(&doc, 0, 0, 0, &in, &err));
    assert_true(isnan(in.given.at[0]));
    assert_true(isinf(in.recorded.at[0]) && in.recorded.at[0] < 0);
    document_free(&doc);
}

static void a_newer_version_opens_read_only(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    must_load(&doc, "{\"attnscope\": 2, \"tokens\": [\"a\"], \"layers\": [{\"heads\": "
                    "[{\"scores\": [[1]]}]}]}");
    assert_true(doc.read_only);
    assert_int_equal(doc.warning_count, 1);
    assert_false(save_document(&doc, NULL, 0, "/nowhere/x.json", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    document_free(&doc);
}

static void a_document_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    size_t size;
    char *text = check_read(LOAD_DATA "rows.attn.json", &size);
    LoadRequest request = request_of("");
    int64_t live = mem_live();
    while (size > 0 && strchr(" \n", text[size - 1]))
        size--;
    for (size_t cut = 0; cut < size; cut++) {
        Document doc;
        Error err = {0};
        char *part = mem_string(text, cut);
        assert_false(load_text(&doc, part, cut, &request, &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
        assert_non_null(strstr(err.what, "expected"));
        mem_free(part);
    }
    assert_int_equal(mem_live(), live);
    mem_free(text);
}

/* A byte changed anywhere: opened or refused, never anything worse. */
static void a_document_with_any_byte_changed_does_no_harm(void **state)
{
    (void)state;
    static const char bytes[] = {0, '"', '[', '}', '\\', '9', '-', (char)0xFF};
    size_t size;
    char *text = check_read(LOAD_DATA "padding.attn.json", &size);
    LoadRequest request = request_of("");
    int64_t live = mem_live();
    for (size_t i = 0; i < size; i++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            char kept = text[i];
            Document doc;
            Error err = {0};
            text[i] = bytes[b];
            bool ok = load_text(&doc, text, size, &request, &err);
            assert_true(ok == (err.kind == ERROR_NONE));
            if (ok)
                document_free(&doc);
            text[i] = kept;
        }
    }
    assert_int_equal(mem_live(), live);
    mem_free(text);
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    static const char *const names[] = {"rows.attn.json",      "files.attn.json",
                                        "base64.attn.json",    "index.attn.json",
                                        "sentences.attn.json", "padding.attn.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s%s", LOAD_DATA, names[i]);
        LoadRequest request = request_of(path);
        int64_t live = mem_live();
        bool ok = false;
        for (uint64_t n = 1; !ok; n++) {
            Document doc;
            Error err = {0};
            document_init(&doc);
            mem_fail_at(n, true);
            ok = load_document(&doc, &request, &err);
            mem_fail_at(0, false);
            if (!ok && err.kind != ERROR_LIMIT)
                fail_msg("%s: allocation %d: %s", names[i], (int)n, error_text(&err));
            document_free(&doc);
            assert_int_equal(mem_live(), live);
            assert_true(n < 2000);
        }
    }
}

/* A name without ".." may still be a link; the document's own folder may be reached by one. */
static void a_link_does_not_lead_out_of_the_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"out.npy", "away/q.npy"};
    char text[400];
    const char *dir = check_temp_dir();
    Document doc;
    Error err = {0};
    assert_true(file_make_dirs(check_path(dir, "doc/deep"), &err));
    assert_true(file_make_dirs(check_path(dir, "doc-too"), &err)); /* begins alike */
    size_t size;
    char *npy = check_read(LOAD_DATA "npy/f4.npy", &size);
    write_file(check_path(dir, "doc-too/q.npy"), npy, size);
    write_file(check_path(dir, "doc/deep/q.npy"), npy, size);
    mem_free(npy);
    assert_int_equal(symlink("../doc-too/q.npy", check_path(dir, "doc/out.npy")), 0);
    assert_int_equal(symlink("../doc-too", check_path(dir, "doc/away")), 0);
    assert_int_equal(symlink("deep/q.npy", check_path(dir, "doc/in.npy")), 0);
    assert_int_equal(symlink("doc", check_path(dir, "way")), 0);
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text,
                 "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{\"q\": "
                 "{\"file\": \"%s\"}, \"k\": {\"file\": \"%s\"}}]}]}",
                 i < 2 ? names[i] : "in.npy", i < 2 ? names[i] : "in.npy");
        check_put(check_path(dir, "doc/a.attn.json"), text);
        LoadRequest request =
            request_of(check_path(dir, i < 2 ? "doc/a.attn.json" : "way/a.attn.json"));
        char want[200];
        err = (Error){0};
        document_init(&doc);
        bool ok = load_document(&doc, &request, &err);
        document_free(&doc);
        if (i == 2) {
            if (!ok)
                fail_msg("%s", error_text(&err));
            continue;
        }
        assert_false(ok);
        snprintf(want, sizeof want,
                 "expected a file in the document's folder, found \"%s\", a link out of it",
                 names[i]);
        if (!strstr(error_text(&err), want))
            fail_msg("%s", error_text(&err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_npz_archives_are_numbers),
        cmocka_unit_test(every_bad_document_is_refused_with_its_exact_line),
        cmocka_unit_test(the_three_tokens_load_as_they_are_written),
        cmocka_unit_test(settings_are_kept_as_text),
        cmocka_unit_test(what_is_not_finite_is_counted_with_its_first_place),
        cmocka_unit_test(files_of_every_type_hold_the_same_numbers),
        cmocka_unit_test(an_index_cuts_a_tensor_down),
        cmocka_unit_test(a_link_does_not_lead_out_of_the_folder),
        cmocka_unit_test(a_stack_gives_each_head_its_part),
        cmocka_unit_test(pictures_name_their_patches),
        cmocka_unit_test(a_damaged_picture_is_shown_with_a_warning),
        cmocka_unit_test(sentences_come_from_a_list_or_from_lines),
        cmocka_unit_test(links_and_padding_are_read),
        cmocka_unit_test(numbers_beyond_float_are_kept_as_double),
        cmocka_unit_test(numbers_that_lose_something_are_counted),
        cmocka_unit_test(literals_of_python_need_a_word),
        cmocka_unit_test(a_newer_version_opens_read_only),
        cmocka_unit_test(a_document_cut_anywhere_is_an_error),
        cmocka_unit_test(a_document_with_any_byte_changed_does_no_harm),
        cmocka_unit_test(every_failed_allocation_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
