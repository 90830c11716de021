#include "load_test.h"

#include "load/load_npy.h"

#define DICT(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape "}"

/* The header of a file that is as long as it has to be and no longer. */
static bool parse(NpyHeader *out, const char *header, Error *err)
{
    char bytes[400];
    size_t length = strlen(header), need = 0;
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (char)length;
    bytes[9] = 0;
    memcpy(bytes + 10, header, length);
    *err = (Error){0};
    return npy_header(out, bytes, length + 10, length + 10 + 64, &need, err);
}

static void every_kind_of_array_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *descr;
        NpyKind kind;
        int size;
        bool big;
        const char *shown, *unreadable;
    } table[] = {
        {"'<f4'", NPY_NUMBERS, 4, false, "'<f4'", NULL},
        {"'>i8'", NPY_NUMBERS, 8, true, "'>i8'", NULL},
        {"'|b1'", NPY_NUMBERS, 1, false, "'|b1'", NULL},
        {"'?'", NPY_NUMBERS, 1, false, "'?'", NULL},
        {"'<U7'", NPY_TEXTS_UTF32, 28, false, "'<U7'", NULL},
        {"'>U1'", NPY_TEXTS_UTF32, 4, true, "'>U1'", NULL},
        {"'|S4'", NPY_TEXTS_BYTES, 4, false, "'|S4'", NULL},
        {"'<c8'", NPY_OTHER, 0, false, "'<c8'", "complex numbers"},
        {"'<M8[ns]'", NPY_OTHER, 0, false, "'<M8[ns]'", "dates"},
        {"'<m8[s]'", NPY_OTHER, 0, false, "'<m8[s]'", "times"},
        {"'<f16'", NPY_OTHER, 0, false, "'<f16'", "floats of another size"},
        {"'<V2'", NPY_OTHER, 0, false, "'<V2'", "perhaps bfloat16: save it as float32"},
        {"'|V20'", NPY_OTHER, 0, false, "'|V20'", "a structure"},
        {"'|O'", NPY_OTHER, 0, false, "'|O'",
         "Python object array (pickle): not opened, for your safety"},
        {"'<f3'", NPY_OTHER, 0, false, "'<f3'", "floats of another size"},
        {"'<i16'", NPY_OTHER, 0, false, "'<i16'", "an unknown type"},
        {"''", NPY_OTHER, 0, false, "''", "an unknown type"},
        {"'<'", NPY_OTHER, 0, false, "'<'", "an unknown type"},
        {"[('a', '<f4'), ('b', [('c', '<i4', (2, 3))])]", NPY_OTHER, 0, false, "a structured array",
         "a structure"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[300];
        NpyHeader h;
        Error err;
        snprintf(text, sizeof text, DICT("%s", "(2, 3)"), table[i].descr);
        if (!parse(&h, text, &err))
            fail_msg("%s: %s", text, error_text(&err));
        assert_int_equal(h.kind, table[i].kind);
        assert_int_equal(h.type.size, table[i].size);
        assert_int_equal(h.type.big_endian, table[i].big);
        assert_string_equal(h.descr, table[i].shown);
        assert_int_equal(h.count, 6);
        const char *why = npy_unreadable(&h);
        if (!table[i].unreadable)
            assert_null(why);
        else
            assert_string_equal(why, table[i].unreadable);
        assert_int_equal(npy_is_numbers(&h, NULL), table[i].kind == NPY_NUMBERS);
        assert_int_equal(npy_is_texts(&h, NULL),
                         table[i].kind == NPY_TEXTS_UTF32 || table[i].kind == NPY_TEXTS_BYTES);
    }
}

static void a_structure_without_end_is_refused_at_its_end(void **state)
{
    (void)state;
    NpyHeader h;
    Error err;
    assert_false(parse(&h, "{'descr': [('a', '<f4')", &err));
    assert_string_equal(error_text(&err),
                        "2 header, column 24: expected ']', found the end of the header");
    assert_false(parse(&h, "{'descr': [('a\\", &err));
    assert_string_equal(error_text(&err),
                        "2 header, column 15: expected a plain character, found '\\'");
}

static void texts_and_numbers_are_not_taken_for_each_other(void **state)
{
    (void)state;
    NpyHeader h;
    Error err;
    assert_true(parse(&h, DICT("'<f4'", "(2,)"), &err));
    assert_false(npy_is_texts(&h, &err));
    assert_string_equal(error_text(&err),
                        "2 header (descr): type: expected texts (U or S), found '<f4'");
    assert_true(parse(&h, DICT("'<U4'", "(2, 0)"), &err));
    assert_false(npy_is_numbers(&h, &err));
    assert_string_equal(
        error_text(&err),
        "2 header (descr): type: expected floats, whole numbers or bools, found '<U4'");
    err = (Error){0};
    assert_false(npy_is_texts(&h, &err));
    assert_string_equal(error_text(&err),
                        "2 header (shape): shape: expected no empty dimension, found [2, 0]");
    assert_true(parse(&h, DICT("'<U4'", "()"), &err));
    assert_true(npy_is_texts(&h, &err)); /* one text */
}

static void a_header_asks_for_as_many_bytes_as_it_has(void **state)
{
    (void)state;
    size_t size, need = 0;
    char *bytes = check_read(LOAD_DATA "npy/f4.npy", &size);
    NpyHeader h;
    Error err = {0};
    assert_true(npy_header(&h, bytes, 10, size, &need, &err));
    assert_int_equal(h.data, 0);
    assert_int_equal(need, 12);
    assert_true(npy_header(&h, bytes, 12, size, &need, &err));
    assert_int_equal(h.data, 0);
    assert_int_equal(need, 128);
    assert_true(npy_header(&h, bytes, 128, size, &need, &err));
    assert_int_equal(h.data, 128);
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_array_is_told),
        cmocka_unit_test(a_structure_without_end_is_refused_at_its_end),
        cmocka_unit_test(texts_and_numbers_are_not_taken_for_each_other),
        cmocka_unit_test(a_header_asks_for_as_many_bytes_as_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
