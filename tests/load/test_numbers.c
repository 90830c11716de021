#include "load_test.h"

#include "load/numbers.h"

static void shapes_are_multiplied_with_care(void **state)
{
    (void)state;
    static const int64_t fine[] = {2, 3, 4}, empty[] = {2, 0}, minus[] = {2, -1},
                         huge[] = {(int64_t)1 << 32, (int64_t)1 << 31};
    int64_t count;
    char text[40];
    assert_true(numbers_count(fine, 3, &count) && count == 24);
    assert_true(numbers_count(fine, 0, &count) && count == 1);
    assert_true(numbers_count(empty, 2, &count) && count == 0);
    assert_false(numbers_count(minus, 2, &count));
    assert_false(numbers_count(huge, 2, &count));
    numbers_shape(fine, 3, text, sizeof text);
    assert_string_equal(text, "[2, 3, 4]");
    numbers_shape(fine, 3, text, 6); /* cut, never past the end */
    assert_int_equal(strlen(text), 5);
}

static Numbers take(RawType type, const void *bytes, int64_t count)
{
    Numbers out = {0};
    Error err = {0};
    size_t size = (size_t)count * (size_t)type.size;
    void *copy = mem_alloc(size);
    memcpy(copy, bytes, size);
    assert_true(numbers_take(&out, copy, type, count, &err));
    return out;
}

static void bytes_become_numbers_of_the_right_type(void **state)
{
    (void)state;
    static const struct {
        RawType type;
        const char *bytes;
        DType dtype;
        double first, second;
    } table[] = {
        {{RAW_FLOAT, 4, false}, "\0\0\x80\x3F\0\0\0\xC0", DTYPE_F32, 1, -2},
        {{RAW_FLOAT, 4, true}, "\x3F\x80\0\0\xC0\0\0\0", DTYPE_F32, 1, -2},
        {{RAW_FLOAT, 2, true}, "\x3C\0\xC0\0", DTYPE_F16, 1, -2},
        {{RAW_BFLOAT, 2, false}, "\x80\x3F\0\xC0", DTYPE_BF16, 1, -2},
        {{RAW_SIGNED, 1, false}, "\x7F\x80", DTYPE_F32, 127, -128},
        {{RAW_UNSIGNED, 1, false}, "\x7F\xFF", DTYPE_F32, 127, 255},
        {{RAW_SIGNED, 2, true}, "\x80\0\0\1", DTYPE_F32, -32768, 1},
        {{RAW_SIGNED, 4, false}, "\xFF\xFF\xFF\xFF\0\0\0\x80", DTYPE_F64, -1, -2147483648.0},
        {{RAW_UNSIGNED, 4, false}, "\xFF\xFF\xFF\xFF\1\0\0\0", DTYPE_F64, 4294967295.0, 1},
        {{RAW_UNSIGNED, 8, false},
         "\0\0\0\0\0\0\0\x80\1\0\0\0\0\0\0\0",
         DTYPE_F64,
         9223372036854775808.0,
         1},
        {{RAW_BOOL, 1, false}, "\0\2", DTYPE_F32, 0, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Numbers n = take(table[i].type, table[i].bytes, 2);
        assert_int_equal(n.tensor.dtype, table[i].dtype);
        assert_true(tensor_value(&n.tensor, 0) == table[i].first);
        assert_true(tensor_value(&n.tensor, 1) == table[i].second);
        tensor_free(&n.tensor);
    }
}

static void a_cancelled_read_stops(void **state)
{
    (void)state;
    File file;
    Error err = {0};
    atomic_bool cancel = false;
    LoadRequest request = request_of("");
    char bytes[8];
    request.cancel = &cancel;
    assert_true(file_open(&file, LOAD_DATA "npy/f4.npy", &err));
    assert_true(numbers_read(&file, bytes, 8, 0, &request, &err));
    assert_memory_equal(bytes, "\x93NUMPY\1\0", 8);
    cancel = true;
    assert_false(numbers_read(&file, bytes, 8, 0, &request, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    file_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_multiplied_with_care),
        cmocka_unit_test(bytes_become_numbers_of_the_right_type),
        cmocka_unit_test(a_cancelled_read_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
