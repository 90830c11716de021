#include "load_test.h"

#include "load/load_safetensors.h"

static const char *temp(void)
{
    static char path[500];
    if (!path[0])
        snprintf(path, sizeof path, "%s/case.safetensors", check_temp_dir());
    return path;
}

static bool open_at(Safetensors *st, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    safetensors_init(st);
    return safetensors_open(st, path, &request, err);
}

/* A file of this header and so many bytes of data. */
static void make(const char *header, size_t data)
{
    unsigned char bytes[2000] = {0};
    size_t length = strlen(header);
    bytes[0] = (unsigned char)length;
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    write_file(temp(), bytes, 8 + length + data);
}

static void every_float_type_is_read_in_its_own_type(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        DType dtype;
    } table[] = {{"f32", DTYPE_F32}, {"f16", DTYPE_F16}, {"bf16", DTYPE_BF16}, {"f64", DTYPE_F64}};
    Safetensors st;
    Error err;
    assert_true(open_at(&st, LOAD_DATA "st/all.safetensors", &err));
    assert_int_equal(st.count, 8);
    for (size_t i = 0; i < 4; i++) {
        Numbers n;
        const SafeTensor *t = safetensors_find(&st, table[i].name);
        assert_non_null(t);
        assert_true(safetensors_read(&st, t, &n, 1000, &err));
        assert_int_equal(n.tensor.dtype, table[i].dtype);
        assert_int_equal(n.ndim, 2);
        for (int k = 0; k < 6; k++)
            assert_float_equal(tensor_value(&n.tensor, k), k - 2, 0);
        tensor_free(&n.tensor);
    }
    assert_null(safetensors_find(&st, "F32"));
    safetensors_free(&st);
}

static void what_cannot_be_shown_is_listed_and_refused(void **state)
{
    (void)state;
    Safetensors st;
    Error err;
    Numbers n;
    assert_true(open_at(&st, LOAD_DATA "st/all.safetensors", &err));
    const SafeTensor *t = safetensors_find(&st, "ids");
    assert_string_equal(t->dtype, "I64");
    assert_false(safetensors_read(&st, t, &n, 1000, &err));
    assert_string_equal(error_text(&err),
                        "2 header (ids): cannot be shown: I64: expected F32, F16, BF16 or F64");
    err = (Error){0};
    assert_false(safetensors_read(&st, safetensors_find(&st, "f32"), &n, 23, &err));
    assert_string_equal(error_text(&err),
                        "3 data: memory: expected at most 23 bytes, found 24 "
                        "(limit 1073741824, raise with --limit-memory)");
    safetensors_free(&st);
}

#define ONE(dtype, shape, offsets)                                                                 \
    "{\"a\": {\"dtype\": " dtype ", \"shape\": " shape ", \"data_offsets\": " offsets "}}"
#define TWO(first, second)                                                                         \
    "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": " first "}, "                  \
    "\"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": " second "}}"

static const struct {
    const char *header;
    size_t data;
    const char *want;
} WRONG_HEADERS[] = {
    {"[]", 0, "2 byte 0x8 (header): expected '{', found byte 0x5B"},
    {"  {}", 0, "2 byte 0x8 (header): expected '{', found byte 0x20"},
    {"{}", 4, "2 data: expected 0 bytes of tensors, found 4"},
    {"{} x", 0, "2 header: line 1, column 4: expected the end of the file, found 'x'"},
    {"{\"a\": 1}", 0,
     "2 header (a): expected an object with dtype, shape and data_offsets, found none"},
    {"{\"a\": {}}", 0, "2 header (a): expected the key dtype, found none"},
    {"{\"a\": {\"dtype\": \"F32\", \"x\": 1}}", 0,
     "2 header (a): expected dtype, shape and data_offsets, found another key"},
    {"{\"a\": {\"dtype\": \"F32\", \"dtype\": \"F32\"}}", 0,
     "2 header (a): expected each key once, found one again"},
    {"{\"a\": {\"dtype\": 1", 0,
     "2 header: line 1, column 18: file ends inside a.dtype: expected ',' or '}', found the "
     "end of the file"},
    {ONE("1", "[1]", "[0, 4]"), 4,
     "2 header (a): dtype: expected a type such as \"F32\", found something else"},
    {ONE("\"F31\"", "[1]", "[0, 4]"), 4,
     "2 header (a): dtype: expected a known type such as F32, found F31"},
    {ONE("\"F32\"", "1", "[0, 4]"), 4,
     "2 header (a): shape: expected an array of lengths, found no array"},
    {ONE("\"F32\"", "[-1]", "[0, 4]"), 4,
     "2 header (a): shape: expected whole numbers of at least 0, found something else"},
    {ONE("\"F32\"", "[1.0]", "[0, 4]"), 4,
     "2 header (a): shape: expected whole numbers of at least 0, found something else"},
    {ONE("\"F32\"", "[4294967296, 4294967296]", "[0, 4]"), 4,
     "2 header (a): shape: expected fewer than 2^63 numbers, found more"},
    {ONE("\"F32\"", "[2]", "[0, 4]"), 4,
     "2 header (a): data: expected 8 bytes for the shape, found 4"},
    {ONE("\"F32\"", "[1]", "[0]"), 4,
     "2 header (a): data_offsets: expected two whole numbers of at least 0, found something "
     "else"},
    {ONE("\"F32\"", "[1]", "[0, 4, 8]"), 4,
     "2 header (a): data_offsets: expected two whole numbers of at least 0, found something "
     "else"},
    {ONE("\"F32\"", "[1]", "{}"), 4,
     "2 header (a): data_offsets: expected [begin, end], found no array"},
    {ONE("\"F32\"", "[1]", "[0, -4]"), 4,
     "2 header (a): data_offsets: expected two whole numbers of at least 0, found something "
     "else"},
    {ONE("\"F32\"", "[1]", "[4, 0]"), 4,
     "2 header (a): data_offsets: expected to begin at 0, found [4, 0]"},
    {ONE("\"F32\"", "[1]", "[4, 8]"), 8,
     "2 header (a): data_offsets: expected to begin at 0, found [4, 8]"},
    {ONE("\"F32\"", "[1]", "[0, 4]"), 3,
     "2 header (a): data_offsets: expected to end by 3, found 4"},
    {ONE("\"F32\"", "[1]", "[0, 4]"), 5, "2 data: expected 4 bytes of tensors, found 5"},
    {ONE("\"F4\"", "[3]", "[0, 1]"), 1,
     "2 header (a): data: expected 1 bytes for the shape, found 1"},
    {TWO("[0, 4]", "[2, 6]"), 6,
     "2 header (b): data_offsets: expected to begin at 4, found [2, 6]"},
    {TWO("[0, 4]", "[8, 12]"), 12,
     "2 header (b): data_offsets: expected to begin at 4, found [8, 12]"},
    {TWO("[0, 4]", "[0, 4]"), 4,
     "2 header (b): data_offsets: expected to begin at 4, found [0, 4]"},
    {"{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}, "
     "\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}",
     8, "2 header (a): expected each name once, found it again"},
    {"{\"__metadata__\": {\"a\": 1}}", 0,
     "2 header (__metadata__): expected only texts, found something else"},
    {"{\"__metadata__\": []}", 0,
     "2 header (__metadata__): expected an object of texts, found none"},
    {"{\"__metadata__\": {}, \"__metadata__\": {}}", 0,
     "2 header (__metadata__): expected once, found it again"},
};

static void wrong_headers_are_refused_with_their_exact_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG_HEADERS / sizeof *WRONG_HEADERS; i++) {
        Safetensors st;
        Error err;
        make(WRONG_HEADERS[i].header, WRONG_HEADERS[i].data);
        bool ok = open_at(&st, temp(), &err);
        safetensors_free(&st);
        assert_string_equal(ok ? WRONG_HEADERS[i].header : error_text(&err), WRONG_HEADERS[i].want);
    }
}

static void lengths_that_lie_are_refused_before_anything_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } table[] = {
        {"1234567", 7, "2 byte 0x0 (header length): expected at least 8 bytes, found 7"},
        {"\1\0\0\0\0\0\0\0{}", 10,
         "2 byte 0x0 (header length): expected 2 … 2, the rest of the file, found 1"},
        {"\3\0\0\0\0\0\0\0{}", 10,
         "2 byte 0x0 (header length): expected 2 … 2, the rest of the file, found 3"},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", 10,
         "2 byte 0x0 (header length): expected 2 … 2, the rest of the file, found "
         "18446744073709551615"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Safetensors st;
        Error err;
        write_file(temp(), table[i].bytes, table[i].size);
        assert_false(open_at(&st, temp(), &err));
        assert_string_equal(error_text(&err), table[i].want);
        safetensors_free(&st);
    }
}

static void padding_by_spaces_and_line_ends_is_fine(void **state)
{
    (void)state;
    Safetensors st;
    Error err;
    make("{\"\\u0061\": {\"shape\": [], \"dtype\": \"F32\", \"data_offsets\": [0, 4]}}\t\n   ", 4);
    assert_true(open_at(&st, temp(), &err));
    assert_non_null(safetensors_find(&st, "a"));
    safetensors_free(&st);
    make("{}", 0);
    assert_true(open_at(&st, temp(), &err));
    assert_null(safetensors_find(&st, "a"));
    safetensors_free(&st);
}

static void a_file_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(LOAD_DATA "st/all.safetensors", &size);
    int64_t live = mem_live();
    for (size_t cut = 0; cut < size; cut++) {
        Safetensors st;
        Error err;
        write_file(temp(), bytes, cut);
        assert_false(open_at(&st, temp(), &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
        safetensors_free(&st);
    }
    assert_int_equal(mem_live(), live);
    mem_free(bytes);
}

static void a_file_that_changes_while_it_is_open_is_noticed(void **state)
{
    (void)state;
    Safetensors st;
    Error err;
    Numbers n;
    make(ONE("\"F32\"", "[1]", "[0, 4]"), 4);
    assert_true(open_at(&st, temp(), &err));
    make(ONE("\"F32\"", "[1]", "[0, 4]"), 0);
    assert_false(safetensors_read(&st, safetensors_find(&st, "a"), &n, 100, &err));
    assert_true(err.kind == ERROR_IO || err.kind == ERROR_MALFORMED);
    safetensors_free(&st);
}

static void files_of_other_programs_open(void **state)
{
    (void)state;
    static const char *const names[] = {"safetensors/burn/multi_layer.safetensors",
                                        "safetensors/candle/voices.safetensors"};
    for (size_t i = 0; i < 2; i++) {
        char path[600];
        Safetensors st;
        Error err;
        int floats = 0, others = 0;
        if (!shared_data(path, sizeof path, names[i]))
            skip();
        if (!open_at(&st, path, &err))
            fail_msg("%s: %s", names[i], error_text(&err));
        assert_true(st.count > 0);
        for (int k = 0; k < st.count; k++) {
            Numbers n;
            Error e = {0};
            bool ok = safetensors_read(&st, &st.items[k], &n, 1 << 20, &e);
            assert_true(ok == (st.items[k].dtype[0] == 'F' && st.items[k].ndim > 0 &&
                               st.items[k].count > 0));
            floats += ok;
            others += !ok;
            if (ok)
                tensor_free(&n.tensor);
        }
        assert_true(i == 0 ? floats > 0 && others > 0 : others > 0);
        safetensors_free(&st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_float_type_is_read_in_its_own_type),
        cmocka_unit_test(what_cannot_be_shown_is_listed_and_refused),
        cmocka_unit_test(wrong_headers_are_refused_with_their_exact_line),
        cmocka_unit_test(lengths_that_lie_are_refused_before_anything_is_read),
        cmocka_unit_test(padding_by_spaces_and_line_ends_is_fine),
        cmocka_unit_test(a_file_cut_anywhere_is_an_error),
        cmocka_unit_test(a_file_that_changes_while_it_is_open_is_noticed),
        cmocka_unit_test(files_of_other_programs_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
