#include "tensors_test.h"

#include <sys/stat.h>
#include <unistd.h>

/* The document that a mapping of this sample becomes, beside it. */
static bool written(const char *name, const char *map_text, const char *beside, Buf *out,
                    Error *err)
{
    char path[600];
    TensorList list;
    TensorMap map;
    *err = (Error){0};
    snprintf(path, sizeof path, "%s%s", TENSORS, name);
    list_sample(&list, path);
    if (map_text)
        assert_true(tensors_map(&list, map_text, &map, err));
    else
        tensors_guess(&list, &map);
    buf_init(out, 1 << 20);
    bool ok = tensors_write_map(&list, &map, beside, out, err);
    tensors_free(&list);
    return ok;
}

static void open_text(Document *doc, const Buf *text)
{
    LoadRequest request = request_of("");
    Error err = {0};
    const char *path = TENSORS "case.attn.json";
    document_init(doc);
    doc->path = mem_string(path, strlen(path));
    assert_true(buf_append(&doc->source, text->data, text->size));
    if (!load_json(doc, &request, &err))
        fail_msg("%s\n%s", error_text(&err), buf_string(text));
}

static void a_mapping_is_kept_by_reference(void **state)
{
    (void)state;
    Buf text;
    Error err;
    assert_true(written("qkv.npz", NULL, TENSORS "x.attn.json", &text, &err));
    assert_string_equal(buf_string(&text),
                        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\", \"c\"], \"layers\": [\n"
                        "  {\"q\": {\"file\": \"qkv.npz\", \"tensor\": \"q\"}, "
                        "\"k\": {\"file\": \"qkv.npz\", \"tensor\": \"k\"}, "
                        "\"v\": {\"file\": \"qkv.npz\", \"tensor\": \"v\"}}]}\n");
    buf_free(&text);
    assert_true(written("qkv.npz", NULL, LOAD_DATA "x.attn.json", &text, &err));
    assert_non_null(strstr(buf_string(&text), "\"tensors/qkv.npz\""));
    buf_free(&text);
}

/* Every sample that can be written opens with the numbers that it opens with by itself. */
static void what_was_written_opens_with_the_same_numbers(void **state)
{
    (void)state;
    static const char *const names[] = {"qkv.npz",           "recorded.npz",
                                        "savez.npz",         "five.npz",
                                        "four.npz",          "series.npz",
                                        "masked.npz",        "cross.npz",
                                        "model.safetensors", "model.safetensors.index.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[600];
        Buf text;
        Error err;
        Document own, other;
        LoadRequest request = request_of(path);
        snprintf(path, sizeof path, "%s%s", TENSORS, names[i]);
        if (!written(names[i], NULL, TENSORS "x.attn.json", &text, &err))
            fail_msg("%s: %s", names[i], error_text(&err));
        document_init(&other);
        assert_true(tensors_load(&other, &request, &err));
        open_text(&own, &text);
        assert_int_equal(own.sentences[0].layer_count, other.sentences[0].layer_count);
        for (int l = 0; l < own.sentences[0].layer_count; l++) {
            const DocLayer *a = &own.sentences[0].layers[l], *b = &other.sentences[0].layers[l];
            assert_int_equal(a->head_count, b->head_count);
            for (int h = 0; h < a->head_count; h++) {
                const DocHead *x = &a->heads[h], *y = &b->heads[h];
                assert_int_equal(x->entry, y->entry);
                const DocMatrix *m = x->entry == ENTRY_QK       ? &x->q
                                     : x->entry == ENTRY_SCORES ? &x->scores
                                                                : &x->weights;
                const DocMatrix *n = y->entry == ENTRY_QK       ? &y->q
                                     : y->entry == ENTRY_SCORES ? &y->scores
                                                                : &y->weights;
                for (int c = 0; c < m->rows * m->cols; c++)
                    assert_true(head_value(&own, m, c / m->cols, c % m->cols) ==
                                head_value(&other, n, c / n->cols, c % n->cols));
                assert_int_equal(x->recorded.tensor >= 0, y->recorded.tensor >= 0);
            }
        }
        document_free(&own);
        document_free(&other);
        buf_free(&text);
    }
}

static void sentences_become_sentences(void **state)
{
    (void)state;
    Buf text;
    Error err;
    Document doc;
    assert_true(
        written("four.npz", "attention=attention@shqk", TENSORS "x.attn.json", &text, &err));
    open_text(&doc, &text);
    assert_int_equal(doc.sentence_count, 3);
    check_close(head_value(&doc, &doc.sentences[2].layers[0].heads[1].weights, 2, 1),
                sample_weight(2, 1, 2, 1), 1e-7);
    document_free(&doc);
    buf_free(&text);
}

static void what_no_reference_can_say_is_refused(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        {"nhd.npz", TENSORS "x.attn.json",
         "1 map: expected q and k of [heads, tokens, numbers], found [tokens, heads, numbers]: "
         "convert it to a document instead"},
        {"batch.npz", TENSORS "x.attn.json",
         "1 map: expected arrays without padding, found padding: convert it to a document "
         "instead"},
        {"alignments.npy", TENSORS "x.attn.json",
         "1 map: expected rows that are queries, found rows that are keys: convert it to a "
         "document instead"},
    };
    Buf text;
    Error err;
    for (size_t i = 0; i < 3; i++) {
        assert_false(written(table[i][0], NULL, table[i][1], &text, &err));
        assert_string_equal(error_text(&err), table[i][2]);
        buf_free(&text);
    }
    assert_false(written("qkv.npz", NULL, "/elsewhere/x.attn.json", &text, &err));
    assert_non_null(strstr(error_text(&err), "1 map: expected arrays below the folder of the "
                                             "document, found \""));
    buf_free(&text);
}

static void only_what_lies_below_the_document_is_referred_to(void **state)
{
    (void)state;
    Buf text;
    Error err;
    char was[4096];
    /* tens is no folder above tensors */
    assert_false(written("qkv.npz", NULL, LOAD_DATA "tens/x.attn.json", &text, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(
        strstr(err.what, "map: expected arrays below the folder of the document, found"));
    buf_free(&text);
    /* nobody can say where a folder is that is gone */
    assert_non_null(getcwd(was, sizeof was));
    const char *gone = check_path(check_temp_dir(), "gone");
    assert_int_equal(mkdir(gone, 0700), 0);
    assert_int_equal(chdir(gone), 0);
    assert_int_equal(rmdir(gone), 0);
    bool ok = written("qkv.npz", NULL, "x.attn.json", &text, &err);
    assert_int_equal(chdir(was), 0);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(
        strstr(err.what, "map: expected arrays below the folder of the document, found"));
    buf_free(&text);
}

static void an_array_of_a_file_of_its_own_has_no_name(void **state)
{
    (void)state;
    Buf text;
    Error err;
    if (!written("../npy/f4.npy", "scores=f4.npy@qk", TENSORS "../npy/x.attn.json", &text, &err))
        fail_msg("%s", error_text(&err));
    assert_non_null(strstr(buf_string(&text), "{\"file\": \"f4.npy\"}"));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_lies_below_the_document_is_referred_to),
        cmocka_unit_test(an_array_of_a_file_of_its_own_has_no_name),
        cmocka_unit_test(a_mapping_is_kept_by_reference),
        cmocka_unit_test(what_was_written_opens_with_the_same_numbers),
        cmocka_unit_test(sentences_become_sentences),
        cmocka_unit_test(what_no_reference_can_say_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
