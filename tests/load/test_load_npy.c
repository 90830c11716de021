#include "load_test.h"

#include "load/load_npy.h"

#include <math.h>

static const char *temp(void)
{
    static char path[500];
    if (!path[0])
        snprintf(path, sizeof path, "%s/case.npy", check_temp_dir());
    return path;
}

static bool read_at(Numbers *out, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    return npy_read(out, path, &request, 1 << 30, err);
}

/* A file with this header text and so many bytes of data. */
static size_t make(unsigned char *out, unsigned version, const char *header, size_t data)
{
    size_t length = strlen(header), start = version == 1 ? 10 : 12;
    memset(out, 0, start + length + data);
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (unsigned char)version;
    out[8] = (unsigned char)length;
    out[9] = (unsigned char)(length >> 8);
    memcpy(out + start, header, length);
    return start + length + data;
}

/* make_data.py: 2 × 3 numbers, -2 … 3 where there is a sign. */
static void every_type_and_order_reads_as_numpy_wrote_it(void **state)
{
    (void)state;
    static const char *const kinds[] = {"f2", "f4", "f8", "i1", "i2", "i4",
                                        "i8", "u1", "u2", "u4", "u8", "b1"};
    for (size_t k = 0; k < 24; k++) {
        char path[600];
        Numbers n;
        Error err;
        const char *kind = kinds[k / 2];
        snprintf(path, sizeof path, "%snpy/%s%s.npy", LOAD_DATA, kind, k % 2 ? "-big-fortran" : "");
        if (!read_at(&n, path, &err))
            fail_msg("%s: %s", path, error_text(&err));
        assert_int_equal(n.ndim, 2);
        assert_int_equal(n.shape[0], 2);
        assert_int_equal(n.shape[1], 3);
        for (int i = 0; i < 6; i++) {
            double want = kind[0] == 'b' ? i % 2 : kind[0] == 'u' ? i : i - 2;
            assert_float_equal(tensor_value(&n.tensor, i), want, 0);
        }
        assert_int_equal(n.tensor.dtype, !strcmp(kind, "f2") ? DTYPE_F16
                                         : kind[1] == '8' || (kind[1] == '4' && kind[0] != 'f')
                                             ? DTYPE_F64
                                             : DTYPE_F32);
        tensor_free(&n.tensor);
    }
}

static void fortran_order_of_four_dimensions_is_turned(void **state)
{
    (void)state;
    Numbers n;
    Error err;
    assert_true(read_at(&n, LOAD_DATA "npy/stack-fortran.npy", &err));
    for (int i = 0; i < 24; i++)
        assert_float_equal(tensor_value(&n.tensor, i), i, 0);
    tensor_free(&n.tensor);
}

static void versions_one_to_three_open(void **state)
{
    (void)state;
    for (int version = 1; version <= 3; version++) {
        char path[600];
        Numbers n;
        Error err;
        snprintf(path, sizeof path, "%snpy/version%d.npy", LOAD_DATA, version);
        assert_true(read_at(&n, path, &err));
        assert_float_equal(tensor_value(&n.tensor, 3), 3, 0);
        tensor_free(&n.tensor);
    }
}

static void what_a_float_cannot_hold_is_told(void **state)
{
    (void)state;
    Numbers n;
    Error err;
    assert_true(read_at(&n, LOAD_DATA "npy/odd.npy", &err));
    assert_int_equal(n.tensor.nonfinite, 3);
    assert_int_equal(n.tensor.first_nonfinite, 1);
    assert_false(n.tensor.wide);
    tensor_free(&n.tensor);
    assert_true(read_at(&n, LOAD_DATA "npy/wide.npy", &err));
    assert_true(n.tensor.wide);
    tensor_free(&n.tensor);
    assert_true(read_at(&n, LOAD_DATA "npy/rounded.npy", &err));
    assert_int_equal(n.rounded, 2);
    tensor_free(&n.tensor);
}

#define DICT(descr, order, shape)                                                                  \
    "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape "}"

static void headers_that_numpy_accepts_open(void **state)
{
    (void)state;
    static const char *const headers[] = {
        DICT("'<f4'", "False", "(2, 3)"),
        "{\"shape\": (2, 3), \"fortran_order\": True, \"descr\": \"=f4\", }",
        "{u'descr': u'<f4', u'fortran_order': False, u'shape': (2L, 3L)}\n",
        "  { 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , }  \n",
        DICT("'f4'", "False", "(6,)"),
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        unsigned char bytes[300];
        Numbers n;
        Error err;
        write_file(temp(), bytes, make(bytes, 1 + (unsigned)i % 3, headers[i], 24));
        if (!read_at(&n, temp(), &err))
            fail_msg("%s: %s", headers[i], error_text(&err));
        tensor_free(&n.tensor);
    }
}

#define PICKLE "2 header (descr): Python object array (pickle): not opened, for your safety"
#define TYPE   "2 header (descr): type: expected floats, whole numbers or bools, found "

static const struct {
    unsigned version;
    const char *header;
    size_t data;
    const char *want;
} WRONG_HEADERS[] = {
    {0, DICT("'<f4'", "False", "(2,)"), 8,
     "2 byte 0x6 (version): version: expected 1.0, 2.0 or 3.0, found 0.0"},
    {4, DICT("'<f4'", "False", "(2,)"), 8,
     "2 byte 0x6 (version): version: expected 1.0, 2.0 or 3.0, found 4.0"},
    {1, DICT("'<f4'", "False", "(2, 3)"), 23,
     "2 data: expected 6 numbers of 4 bytes, found 23 bytes"},
    {1, DICT("'<f4'", "False", "(2, 3)"), 25,
     "2 data: expected 24 bytes, found 25 (--allow-trailing opens such files)"},
    {1, DICT("'<f4'", "False", "()"), 4, "2 header (shape): shape: expected a matrix, found ()"},
    {1, DICT("'<f4'", "False", "(2, 0)"), 0,
     "2 header (shape): shape: expected no empty dimension, found [2, 0]"},
    {1, DICT("'|O'", "False", "(2,)"), 8, PICKLE},
    {1, DICT("'|O8'", "False", "(2,)"), 8, PICKLE},
    {1, DICT("'<c8'", "False", "(2,)"), 8, TYPE "'<c8'"},
    {1, DICT("'|S4'", "False", "(2,)"), 8, TYPE "'|S4'"},
    {1, DICT("'<U4'", "False", "(2,)"), 8, TYPE "'<U4'"},
    {1, DICT("'<M8[ns]'", "False", "(2,)"), 8, TYPE "'<M8[ns]'"},
    {1, DICT("'<f16'", "False", "(2,)"), 8, TYPE "'<f16'"},
    {1, DICT("'<f3'", "False", "(2,)"), 8, TYPE "'<f3'"},
    {1, DICT("''", "False", "(2,)"), 8, TYPE "''"},
    {1, DICT("'<V2'", "False", "(2,)"), 8, TYPE "'<V2' (perhaps bfloat16: save it as float32)"},
    {1, DICT("[('a', '<f4')]", "False", "(2,)"), 8, TYPE "a structured array"},
    {1, DICT("'<f4'", "false", "(2,)"), 8,
     "2 header, column 35: expected True or False, found 'f'"},
    {1, DICT("'<f4'", "False", "(-2,)"), 8,
     "2 header, column 52: expected a length of at least 0, found '-'"},
    {1, DICT("'<f4'", "False", "(2.0,)"), 8, "2 header, column 53: expected ',' or ')', found '.'"},
    {1, DICT("'<f4'", "False", "(True,)"), 8, "2 header, column 52: expected a length, found 'T'"},
    {1, DICT("'<f4'", "False", "(2)"), 8,
     "2 header, column 53: expected ',' behind a single length, found ')'"},
    {1, DICT("'<f4'", "False", "[2]"), 8,
     "2 header, column 51: expected '(' of the shape, found '['"},
    {1, DICT("'<f4'", "False", "(9223372036854775808, 2)"), 8,
     "2 header, column 52: expected a length below 2^63, found '9'"},
    {1, DICT("'<f4'", "False", "(4611686018427387904, 4)"), 8,
     "2 header, column 51: expected a shape of fewer than 2^63 numbers, found '('"},
    {1, DICT("'<f4'", "False", "(4611686018427387904, 1)"), 8,
     "2 data: expected 4611686018427387904 numbers of 4 bytes, found 8 bytes"},
    {1, DICT("'<f4'", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 4,
     "2 header, column 76: expected at most 8 dimensions, found '1'"},
    {1, "{'descr': '<f4', 'shape': (2,)}", 8,
     "2 header: expected the key fortran_order, found none"},
    {1, "{}", 8, "2 header: expected the key descr, found none"},
    {1, "{'descr': '<f4', 'descr': '<f4'}", 8,
     "2 header, column 18: expected each key once, found 'descr'"},
    {1, "{'descr': '<f4', 'x': 1}", 8,
     "2 header, column 18: expected the key descr, fortran_order or shape, found 'x'"},
    {1, "['descr']", 8, "2 header, column 1: expected '{', found '['"},
    {1, "{'descr': '<f4'", 8,
     "2 header, column 16: expected ',' or '}', found the end of the header"},
    {1, "{'descr", 8, "2 header, column 8: expected a closing quote, found the end of the header"},
    {1, DICT("'<f4'", "False", "(2,)") "x", 8,
     "2 header, column 56: expected nothing behind '}', found 'x'"},
    {1, "{'descr': __import__('os')}", 8,
     "2 header, column 11: expected the type in quotes, found '_'"},
    {1, "", 8, "2 header, column 1: expected '{', found the end of the header"},
};

static void wrong_headers_are_refused_with_their_exact_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG_HEADERS / sizeof *WRONG_HEADERS; i++) {
        unsigned char bytes[300];
        Numbers n;
        Error err;
        write_file(
            temp(), bytes,
            make(bytes, WRONG_HEADERS[i].version, WRONG_HEADERS[i].header, WRONG_HEADERS[i].data));
        assert_false(read_at(&n, temp(), &err));
        assert_string_equal(error_text(&err), WRONG_HEADERS[i].want);
    }
}

static void lengths_that_lie_are_refused_before_anything_is_read(void **state)
{
    (void)state;
    unsigned char bytes[80000];
    Numbers n;
    Error err;
    size_t size = make(bytes, 1, DICT("'<f4'", "False", "(2,)"), 8);
    bytes[8] = 0xFF;
    bytes[9] = 0xFF;
    write_file(temp(), bytes, size);
    assert_false(read_at(&n, temp(), &err));
    assert_string_equal(error_text(&err),
                        "2 byte 0x8 (header length): expected at most 63, the rest of the file, "
                        "found 65535");
    memset(bytes + 10, ' ', sizeof bytes - 10);
    memcpy(bytes, "\x93NUMPY\2\0\0\0\1\0", 12); /* 65 536 */
    write_file(temp(), bytes, sizeof bytes);
    assert_false(read_at(&n, temp(), &err));
    assert_string_equal(
        error_text(&err),
        "3 byte 0x8 (header length): expected at most 65535, found 65536 (limit 65535)");
    write_file(temp(), "\x93NUMPY\1", 7);
    assert_false(read_at(&n, temp(), &err));
    assert_string_equal(error_text(&err), "2 byte 0x0: expected at least 10 bytes, found 7");
}

static void trailing_bytes_open_when_allowed(void **state)
{
    (void)state;
    unsigned char bytes[300];
    Numbers n;
    Error err = {0};
    LoadRequest request = request_of(temp());
    request.allow_trailing = true;
    write_file(temp(), bytes, make(bytes, 1, DICT("'<f4'", "False", "(2, 3)"), 30));
    assert_true(npy_read(&n, temp(), &request, 1 << 20, &err));
    tensor_free(&n.tensor);
    assert_false(npy_read(&n, temp(), &request, 23, &err));
    assert_string_equal(error_text(&err), "3 data: memory: expected at most 23 bytes, found 24 "
                                          "(limit 1073741824, raise with --limit-memory)");
}

static void a_file_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(LOAD_DATA "npy/f4.npy", &size);
    int64_t live = mem_live();
    for (size_t cut = 0; cut < size; cut++) {
        Numbers n;
        Error err;
        write_file(temp(), bytes, cut);
        assert_false(read_at(&n, temp(), &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
    }
    assert_int_equal(mem_live(), live);
    mem_free(bytes);
}

static void files_of_other_programs_open(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int ndim;
    } table[] = {{"npy/npyz/c-order.npy", 3},
                 {"npy/npyz/f-order.npy", 3},
                 {"npy/npyz/plain.npy", 0},
                 {"npy/candle/test.npy", 0},
                 {"npy/xtensor/double.le.npy", 0},
                 {"npy/xtensor/int.le.npy", 0},
                 {"npy/xtensor/unsignedlong.le.npy", 0},
                 {"npy/xtensor/bool.le.npy", 0}};
    Numbers n[2] = {0};
    char path[600];
    if (!shared_data(path, sizeof path, "npy"))
        skip();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Numbers one;
        Error err;
        assert_true(shared_data(path, sizeof path, table[i].name));
        if (!read_at(&one, path, &err))
            fail_msg("%s: %s", table[i].name, error_text(&err));
        if (table[i].ndim)
            assert_int_equal(one.ndim, table[i].ndim);
        if (i < 2)
            n[i] = one;
        else
            tensor_free(&one.tensor);
    }
    /* c-order and f-order hold the same array. */
    assert_memory_equal(n[0].shape, n[1].shape, sizeof n[0].shape);
    for (int64_t i = 0; i < n[0].tensor.count; i++)
        assert_true(tensor_value(&n[0].tensor, i) == tensor_value(&n[1].tensor, i));
    tensor_free(&n[0].tensor);
    tensor_free(&n[1].tensor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_order_reads_as_numpy_wrote_it),
        cmocka_unit_test(fortran_order_of_four_dimensions_is_turned),
        cmocka_unit_test(versions_one_to_three_open),
        cmocka_unit_test(what_a_float_cannot_hold_is_told),
        cmocka_unit_test(headers_that_numpy_accepts_open),
        cmocka_unit_test(wrong_headers_are_refused_with_their_exact_line),
        cmocka_unit_test(lengths_that_lie_are_refused_before_anything_is_read),
        cmocka_unit_test(trailing_bytes_open_when_allowed),
        cmocka_unit_test(a_file_cut_anywhere_is_an_error),
        cmocka_unit_test(files_of_other_programs_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
