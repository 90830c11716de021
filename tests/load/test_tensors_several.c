/* Several files of arrays together, and arrays of kinds that cannot be shown. */
#include "tensors_test.h"

static void list_two(TensorList *list, const char *first, const char *second)
{
    const char *paths[] = {first, second};
    LoadRequest request = request_of(first);
    Error err = {0};
    tensors_init(list);
    if (!tensors_list(list, paths, 2, &request, &err))
        fail_msg("%s", error_text(&err));
}

/* Names of arrays are looked for in all files, those of files alone where they hold one array. */
static void names_may_stand_for_several(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"attention=a", "1 map: expected one array \"a\", found several"},
        {"attention=*", ""},
        {"attention=a*", "1 map: expected one of a, ab, 4, a, found \"a*\""},
        {"attention=ab", ""},
    };
    TensorList list;
    TensorMap map;
    char first[500];
    snprintf(first, sizeof first, "%s", arrays("one.safetensors", "a 2,2;ab 2,2", NULL));
    list_two(&list, first, arrays("two.safetensors", "a 2,2;4 3,3", NULL));
    for (size_t i = 0; i < 4; i++) {
        Error err = {0};
        bool ok = tensors_map(&list, table[i][0], &map, &err);
        assert_string_equal(ok ? "" : error_text(&err), table[i][1]);
    }
    tensors_free(&list);
}

/* An .npy of version 1: its header's text, and so many bytes 'a', each in four where wide. */
static const char *numpy(const char *name, const char *type, const char *shape, int count)
{
    char bytes[128 + 4 * 64] = "\x93NUMPY\1", header[118];
    static char dir[400];
    if (!dir[0])
        snprintf(dir, sizeof dir, "%s", check_temp_dir());
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
             type, shape);
    memset(bytes + 10, ' ', 117);
    bytes[8] = 118;
    memcpy(bytes + 10, header, strlen(header));
    bytes[127] = '\n';
    for (int i = 0; i < count; i++)
        bytes[128 + 4 * i] = 'a';
    const char *path = check_path(dir, name);
    write_file(path, bytes, 128 + 4 * (size_t)count);
    return path;
}

static void arrays_that_cannot_be_shown_are_listed_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *type, *shape;
        int count;
        const char *why;
    } table[] = {
        {"<f4", "0, 3", 0, "an empty array"},
        {"<f4", "", 1, "a single number"},
        {"<c8", "2, 2", 8, "complex numbers"},
    };
    TensorList list;
    for (size_t i = 0; i < 3; i++) {
        list_sample(&list, numpy("x.npy", table[i].type, table[i].shape, table[i].count));
        assert_string_equal(list.items[0].why, table[i].why);
        assert_false(list.items[0].numbers);
        tensors_free(&list);
    }
    list_sample(&list, arrays("x.safetensors", "a 1,1,1,1,1,1,1,1,1;b 2,2", NULL));
    assert_string_equal(list.items[0].why, "more than 8 dimensions");
    tensors_free(&list);
}

static void lists_of_texts_must_be_of_the_sentences(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        {"2, 3", "a, a, a", ""},
        {"3, 3", "", "2 tokens: expected lists of 2 sentences, found 3"},
        {"1, 1, 3", "", "1 tokens: expected at most 2 dimensions, found 3"},
    };
    for (size_t i = 0; i < 3; i++) {
        const char *more[1];
        Document doc;
        Error err = {0};
        char path[500];
        snprintf(path, sizeof path, "%s", arrays("x.safetensors", "attention 2,1,3,3", NULL));
        LoadRequest request = request_of(path);
        more[0] = numpy("tokens.npy", "<U1", table[i][0], i == 0 ? 6 : i == 1 ? 9 : 3);
        request.origin.more = more;
        request.origin.more_count = 1;
        request.origin.map = "attention=attention@shqk,tokens=tokens.npy";
        document_init(&doc);
        bool ok = tensors_load(&doc, &request, &err);
        assert_string_equal(ok ? "" : error_text(&err), table[i][2]);
        document_free(&doc);
    }
}

static void a_file_given_twice_is_one_file(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    const char *path = arrays("x.safetensors", "attention 1,2,2", NULL);
    const char *more[] = {path, path};
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    request.origin.more = more;
    request.origin.more_count = 2;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.tensor_count, 1);
    document_free(&doc);
}

static const char *list_error(const char *path, int most)
{
    static char said[700];
    TensorList list;
    Error err = {0};
    LoadRequest request = request_of(path);
    request.limits.tensors = most;
    tensors_init(&list);
    bool ok = tensors_list(&list, &path, 1, &request, &err);
    snprintf(said, sizeof said, "%s", ok ? "" : error_text(&err));
    tensors_free(&list);
    return said;
}

static void names_are_counted_before_they_are_kept(void **state)
{
    (void)state;
    static const char index[] = "{\"weight_map\": {\"a\": \"x\", \"b\": \"x\", \"c\": \"x\"}}";
    static const char header[] = "{\"__metadata__\": {\"a\": \"x\", \"b\": \"y\"}}";
    char bytes[8 + sizeof header] = {(char)(sizeof header - 1)};
    const char *dir = check_temp_dir(), *path = check_path(dir, "x.safetensors.index.json");
    check_put(path, index);
    assert_string_equal(
        list_error(path, 2),
        "3 weight_map: tensors: expected at most 2, found 3 (limit 2, raise with --limit-tensors)");
    memcpy(bytes + 8, header, sizeof header);
    path = check_path(dir, "x.safetensors");
    write_file(path, bytes, 8 + sizeof header - 1);
    assert_string_equal(list_error(path, 1), "3 header (__metadata__): texts: expected at most 1, "
                                             "found more (limit 1, raise with --limit-tensors)");
    assert_string_equal(list_error(path, 2), "");
    path = check_path(dir, "x.npy");
    write_file(path, "\x93NUMPY\2\0\1\1", 10);
    assert_string_equal(list_error(path, 2),
                        "2 byte 0x8 (header length): expected at least 12 bytes, found 10");
}

static void layers_may_stand_before_sentences(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(arrays("x.safetensors", "a 2,3,2,2", NULL));
    request.origin.map = "attention=a@lsqk";
    document_init(&doc);
    if (!tensors_load(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 3);
    for (int s = 0; s < 3; s++) {
        for (int l = 0; l < 2; l++)
            check_close(head_value(&doc, &doc.sentences[s].layers[l].heads[0].weights, 1, 0),
                        (l * 3 + s) * 4 + 2, 0);
    }
    document_free(&doc);
}

static void more_texts_than_tokens_are_refused(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(
        arrays("x.safetensors", "attention 3,3", "[\\\"a\\\", \\\"b\\\", \\\"c\\\", \\\"d\\\"]"));
    document_init(&doc);
    assert_false(tensors_load(&doc, &request, &err));
    assert_string_equal(error_text(&err), "2 tokens: expected at most 3 texts, found 4");
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_stand_for_several),
        cmocka_unit_test(arrays_that_cannot_be_shown_are_listed_with_the_reason),
        cmocka_unit_test(lists_of_texts_must_be_of_the_sentences),
        cmocka_unit_test(a_file_given_twice_is_one_file),
        cmocka_unit_test(names_are_counted_before_they_are_kept),
        cmocka_unit_test(layers_may_stand_before_sentences),
        cmocka_unit_test(more_texts_than_tokens_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
