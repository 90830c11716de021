#include "tensors_test.h"

static void every_source_gives_its_numbers(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {TENSORS "qkv.npz", "q"},
        {TENSORS "model.safetensors", "encoder.layer.0.attention.self.query"},
        {TENSORS "model.safetensors.index.json", "encoder.layer.0.attention.self.query"}};
    for (size_t i = 0; i < 3; i++) {
        TensorList list;
        TensorReader reader;
        Numbers n;
        Error err = {0};
        LoadRequest request = request_of("");
        list_sample(&list, table[i][0]);
        tensors_reader_init(&reader, &list, &request);
        assert_true(tensors_read(&reader, named(&list, table[i][1]), &n, 1000, &err));
        for (int k = 0; k < 24; k++)
            assert_true(tensor_value(&n.tensor, k) == k / 8.0);
        tensor_free(&n.tensor);
        tensors_reader_free(&reader);
        tensors_free(&list);
    }
}

static void texts_come_from_archives_files_and_metadata(void **state)
{
    (void)state;
    static const char *const table[][4] = {
        {TENSORS "qkv.npz", "tokens", "a", "b"},
        {TENSORS "model.safetensors", "tokens", "α", "b\n"},
        {LOAD_DATA "npy/texts.npy", "texts.npy", "the", "cät"},
        {LOAD_DATA "npy/texts-bytes.npy", "texts-bytes.npy", "the", "cät"}};
    for (size_t i = 0; i < 4; i++) {
        TensorList list;
        TensorReader reader;
        Arena arena;
        Error err = {0};
        LoadRequest request = request_of("");
        const char **texts;
        int64_t count = 0;
        arena_init(&arena);
        list_sample(&list, table[i][0]);
        tensors_reader_init(&reader, &list, &request);
        assert_true(
            tensors_texts(&reader, named(&list, table[i][1]), &arena, &texts, &count, &err));
        assert_int_equal(count, i < 2 ? 3 : 5);
        assert_string_equal(texts[0], table[i][2]);
        assert_string_equal(texts[1], table[i][3]);
        tensors_reader_free(&reader);
        tensors_free(&list);
        arena_free(&arena);
    }
}

static void what_is_not_what_is_asked_for_is_refused(void **state)
{
    (void)state;
    TensorList list;
    TensorReader reader;
    Numbers n;
    Arena arena;
    Error err = {0};
    LoadRequest request = request_of("");
    const char **texts;
    int64_t count = 0;
    arena_init(&arena);
    list_sample(&list, LOAD_DATA "npz/mixed.npz");
    tensors_reader_init(&reader, &list, &request);
    assert_false(tensors_read(&reader, named(&list, "c8"), &n, 1000, &err));
    assert_string_equal(error_text(&err), "1 c8: expected numbers, found complex numbers ('<c8')");
    err = (Error){0};
    assert_false(tensors_texts(&reader, named(&list, "q"), &arena, &texts, &count, &err));
    assert_string_equal(error_text(&err), "1 q: expected texts, found numbers");
    tensors_reader_free(&reader);
    tensors_free(&list);
    arena_free(&arena);
}

static void a_preview_is_the_first_matrix(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {TENSORS "qkv.npz", "q"},
        {LOAD_DATA "npy/stack-fortran.npy", "stack-fortran.npy"},
        {LOAD_DATA "npy/stack.npy", "stack.npy"},
        {TENSORS "model.safetensors", "encoder.layer.0.attention.self.query"}};
    for (size_t i = 0; i < 4; i++) {
        TensorList list;
        Error err = {0};
        LoadRequest request = request_of("");
        float out[100];
        int rows = 10, cols = 10, want_cols = i == 1 || i == 2 ? 2 : 4;
        list_sample(&list, table[i][0]);
        assert_true(
            tensors_preview(&list, named(&list, table[i][1]), out, &rows, &cols, &request, &err));
        assert_int_equal(rows, want_cols == 2 ? 2 : 3);
        assert_int_equal(cols, want_cols);
        for (int k = 0; k < rows * cols; k++)
            assert_float_equal(out[k], (float)k / (want_cols == 2 ? 1 : 8), 0);
        rows = 2;
        cols = 1;
        assert_true(
            tensors_preview(&list, named(&list, table[i][1]), out, &rows, &cols, &request, &err));
        assert_float_equal(out[1], (float)want_cols / (want_cols == 2 ? 1 : 8), 0);
        tensors_free(&list);
    }
}

/* The first rows of what lies column by column stand all over the array. */
static void a_preview_of_columns_is_that_of_rows(void **state)
{
    (void)state;
    static const char *const names[] = {"f4", "f4-fortran", "f8-big-fortran", "i2-fortran"};
    TensorList list;
    LoadRequest request = request_of("");
    list_sample(&list, LOAD_DATA "npz/types.npz");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Error err = {0};
        float out[6];
        int rows = 2, cols = 2;
        int index = named(&list, names[i]);
        if (!tensors_preview(&list, index, out, &rows, &cols, &request, &err))
            fail_msg("%s: %s", names[i], error_text(&err));
        assert_true(rows == 2 && cols == 2);
        assert_memory_equal(out, ((float[]){-2, -1, 1, 2}), 4 * sizeof *out);
    }
    tensors_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_gives_its_numbers),
        cmocka_unit_test(texts_come_from_archives_files_and_metadata),
        cmocka_unit_test(what_is_not_what_is_asked_for_is_refused),
        cmocka_unit_test(a_preview_is_the_first_matrix),
        cmocka_unit_test(a_preview_of_columns_is_that_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
