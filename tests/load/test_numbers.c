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
    Numbers n = {.ndim = 2, .shape = {2, 3}};
    int64_t live = mem_live();
    request.cancel = &cancel;
    assert_true(file_open(&file, LOAD_DATA "npy/f4.npy", &err));
    NumbersFile from = {&file, 128};
    NumbersSource source = numbers_of_file(&from);
    assert_true(
        numbers_stream(&n, (RawType){RAW_FLOAT, 4, false}, false, &source, &request, 24, &err));
    assert_true(tensor_value(&n.tensor, 5) == 3);
    tensor_free(&n.tensor);
    from.at = 128;
    cancel = true;
    assert_false(
        numbers_stream(&n, (RawType){RAW_FLOAT, 4, false}, false, &source, &request, 24, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_int_equal(mem_live(), live);
    file_close(&file);
}

/* Numbers that say where they belong: number i of the source is i. */
typedef struct {
    int64_t next;
    int size;
    int steps;
} Counter;

static bool count_on(void *self, void *out, size_t size, Error *err)
{
    Counter *c = self;
    (void)err;
    c->steps++;
    for (size_t i = 0; i < size / (size_t)c->size; i++, c->next++) {
        float f = (float)c->next;
        double d = (double)c->next;
        uint16_t u = (uint16_t)c->next;
        memcpy((char *)out + i * (size_t)c->size,
               c->size == 4   ? (const void *)&f
               : c->size == 8 ? (const void *)&d
                              : (const void *)&u,
               (size_t)c->size);
    }
    return true;
}

/* In more than one step, whatever its shape, each type of place once. */
static void fortran_order_is_turned_in_steps(void **state)
{
    (void)state;
    static const struct {
        RawType type;
        int ndim;
        int64_t shape[3];
    } table[] = {
        {{RAW_FLOAT, 4, false}, 2, {1000, 700, 1}},   {{RAW_FLOAT, 4, false}, 2, {400000, 2, 1}},
        {{RAW_FLOAT, 4, false}, 2, {3, 200001, 1}},   {{RAW_FLOAT, 8, false}, 3, {7, 129, 301}},
        {{RAW_UNSIGNED, 2, false}, 3, {5, 11, 1001}}, {{RAW_FLOAT, 4, false}, 1, {300000, 1, 1}}};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        const int64_t *s = table[t].shape;
        Numbers n = {.ndim = table[t].ndim, .shape = {s[0], s[1], s[2]}};
        Counter counter = {.size = table[t].type.size};
        NumbersSource source = {count_on, &counter};
        LoadRequest request = request_of("");
        Error err = {0};
        assert_true(
            numbers_stream(&n, table[t].type, true, &source, &request, (uint64_t)1 << 30, &err));
        for (int64_t i = 0; i < s[0]; i++) {
            for (int64_t j = 0; j < s[1]; j++) {
                for (int64_t k = 0; k < s[2]; k++) {
                    double want = (double)(i + s[0] * (j + s[1] * k));
                    if (tensor_value(&n.tensor, (i * s[1] + j) * s[2] + k) != want)
                        fail_msg("case %zu: [%d, %d, %d]", t, (int)i, (int)j, (int)k);
                }
            }
        }
        tensor_free(&n.tensor);
    }
}

static void the_first_odd_number_is_found_in_any_step(void **state)
{
    (void)state;
    for (int fortran = 0; fortran < 2; fortran++) {
        Numbers n = {.ndim = 2, .shape = {600, 1000}};
        float *data = mem_zero(600000, sizeof *data);
        File file;
        Error err = {0};
        char path[500];
        LoadRequest request = request_of("");
        data[400003] = 1.0f / 0.0f;
        data[500000] = -1.0f / 0.0f;
        snprintf(path, sizeof path, "%s/odd.bin", check_temp_dir());
        write_file(path, data, 600000 * sizeof *data);
        mem_free(data);
        assert_true(file_open(&file, path, &err));
        NumbersFile from = {&file, 0};
        NumbersSource source = numbers_of_file(&from);
        assert_true(numbers_stream(&n, (RawType){RAW_FLOAT, 4, false}, fortran, &source, &request,
                                   1 << 30, &err));
        assert_int_equal(n.tensor.nonfinite, 2);
        /* 500000 = column 833, row 200; 400003 = column 666, row 403 */
        assert_int_equal(n.tensor.first_nonfinite, fortran ? 200 * 1000 + 833 : 400003);
        tensor_free(&n.tensor);
        file_close(&file);
    }
}

static void whole_numbers_that_cannot_be_converted_are_given_back(void **state)
{
    (void)state;
    const RawType type = {RAW_SIGNED, 4, false};
    Numbers out = {0};
    Error err = {0};
    int64_t live = mem_live();
    void *bytes = mem_zero(3, 4);
    mem_fail_at(1, true);
    assert_false(numbers_take(&out, bytes, type, 3, &err));
    mem_fail_at(0, false);
    check_error(&err, ERROR_LIMIT, "out of memory");
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_multiplied_with_care),
        cmocka_unit_test(bytes_become_numbers_of_the_right_type),
        cmocka_unit_test(a_cancelled_read_stops),
        cmocka_unit_test(fortran_order_is_turned_in_steps),
        cmocka_unit_test(the_first_odd_number_is_found_in_any_step),
        cmocka_unit_test(whole_numbers_that_cannot_be_converted_are_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
