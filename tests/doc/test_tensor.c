#include "support/check.h"

#include "doc/document.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

static Tensor tensor_of(DType dtype, const void *data, int64_t count)
{
    size_t size = (size_t)count * dtype_size(dtype);
    Tensor t = {.data = mem_alloc(size), .dtype = dtype, .count = count};
    memcpy(t.data, data, size);
    tensor_measure(&t);
    return t;
}

static void what_is_not_finite_is_counted_in_every_type(void **state)
{
    (void)state;
    static const float f32[] = {1, NAN, INFINITY, -1};
    static const double f64[] = {1e300, 1, -INFINITY, NAN};
    static const uint16_t f16[] = {0x7BFF, 0x3C00, 0x7C00, 0xFE00}; /* 65504, 1, Inf, NaN */
    static const uint16_t bf16[] = {0x7F7F, 0x3F80, 0x7F80, 0xFFC0};
    Tensor t[] = {tensor_of(DTYPE_F32, f32, 4), tensor_of(DTYPE_F64, f64, 4),
                  tensor_of(DTYPE_F16, f16, 4), tensor_of(DTYPE_BF16, bf16, 4)};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(t[i].nonfinite, 2);
        assert_int_equal(t[i].first_nonfinite, i == 0 ? 1 : 2);
        assert_int_equal(t[i].wide, i == 1);
        tensor_free(&t[i]);
    }
}

static void floats_are_made_once_and_lent_for_f32(void **state)
{
    (void)state;
    static const float f32[] = {1, 2};
    static const uint16_t f16[] = {0x3C00, 0xC000};
    Tensor a = tensor_of(DTYPE_F32, f32, 2), b = tensor_of(DTYPE_F16, f16, 2);
    uint64_t memory = 8;
    int64_t live = mem_live();
    assert_true(tensor_floats(&a, &memory, NULL, NULL));
    assert_ptr_equal(a.floats, a.data);
    assert_true(tensor_floats(&b, &memory, NULL, NULL));
    assert_true(tensor_floats(&b, &memory, NULL, NULL));
    assert_int_equal(mem_live(), live + 1);
    assert_int_equal(memory, 0);
    assert_float_equal(b.floats[1], -2, 0);
    tensor_free(&a);
    tensor_free(&b);
    assert_int_equal(mem_live(), live - 2);
}

static void a_copy_that_is_cancelled_leaves_no_trace(void **state)
{
    (void)state;
    static const double numbers[] = {1, 2};
    uint64_t memory = 100;
    atomic_bool cancel = true;
    Error err = {0};
    Tensor t = {.data = mem_array(2, sizeof(double)), .dtype = DTYPE_F64, .count = 2};
    memcpy(t.data, numbers, sizeof numbers);
    assert_false(tensor_floats(&t, &memory, &cancel, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_null(t.floats);
    assert_int_equal(memory, 100);
    atomic_store(&cancel, false);
    assert_true(tensor_floats(&t, &memory, &cancel, NULL));
    assert_float_equal(t.floats[1], 2, 0);
    tensor_free(&t);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_finite_is_counted_in_every_type),
        cmocka_unit_test(floats_are_made_once_and_lent_for_f32),
        cmocka_unit_test(a_copy_that_is_cancelled_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
