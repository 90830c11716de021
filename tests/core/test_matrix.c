#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/matrix.h"

#include <math.h>
#include <string.h>

/* A small float read from its fields by the definition, in double. */
static double by_definition(unsigned bits, int exponent_bits, int mantissa_bits)
{
    unsigned mantissa = bits & ((1u << mantissa_bits) - 1);
    unsigned exponent = bits >> mantissa_bits & ((1u << exponent_bits) - 1);
    int bias = (1 << (exponent_bits - 1)) - 1;
    double sign = bits >> (exponent_bits + mantissa_bits) ? -1 : 1;
    if (exponent == (1u << exponent_bits) - 1)
        return mantissa ? (double)NAN : sign * (double)INFINITY;
    if (exponent == 0)
        return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
    return sign * ldexp((1u << mantissa_bits) + mantissa, (int)exponent - bias - mantissa_bits);
}

static void same_value(float found, double expected)
{
    if (isnan(expected)) {
        assert_true(isnan(found));
        return;
    }
    assert_true((double)found == expected);
    assert_int_equal(signbit(found) != 0, signbit(expected) != 0);
}

static void every_half_pattern_converts_exactly(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits++)
        same_value(dtype_f16((uint16_t)bits), by_definition(bits, 5, 10));
    assert_true(dtype_f16(0x3C00) == 1.0f);
    assert_true(dtype_f16(0x7BFF) == 65504.0f);
    assert_true(dtype_f16(0x0001) == 0x1p-24f);
}

static void every_bfloat_pattern_converts_exactly(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits++)
        same_value(dtype_bf16((uint16_t)bits), by_definition(bits, 8, 7));
    assert_true(dtype_bf16(0x3F80) == 1.0f);
}

static void stored_values_are_found_at_row_and_column(void **state)
{
    (void)state;
    const float f32[] = {1, 2, 99, 3, 4, 99};
    const uint16_t f16[] = {0x3C00, 0x4000, 0, 0x4200, 0x4400, 0};
    const uint16_t bf16[] = {0x3F80, 0x4000, 0, 0x4040, 0x4080, 0};
    const double f64[] = {1, 2, 99, 3, 4, 99};
    const void *data[] = {f32, f16, bf16, f64};
    const DType types[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_F64};
    for (int k = 0; k < 4; k++) {
        Stored m = {data[k], types[k], 2, 2, 3};
        double row[2];
        float floats[2];
        stored_row(m, 1, row);
        stored_floats(m, 0, floats);
        assert_true(stored_value(m, 0, 0) == 1 && stored_value(m, 0, 1) == 2);
        assert_true(row[0] == 3 && row[1] == 4);
        assert_true(floats[0] == 1 && floats[1] == 2);
    }
}

static void bytes_of_a_file_need_no_alignment(void **state)
{
    (void)state;
    double values[] = {0.1, -7.5};
    char bytes[1 + sizeof values];
    memcpy(bytes + 1, values, sizeof values);
    Stored m = {bytes + 1, DTYPE_F64, 1, 2, 2};
    assert_true(stored_value(m, 0, 0) == 0.1 && stored_value(m, 0, 1) == -7.5);
}

static void doubles_become_the_nearest_float_and_overflow_to_infinity(void **state)
{
    (void)state;
    const double f64[] = {0.1, 1e39, -1e300, 1e-60};
    float out[4];
    stored_floats((Stored){f64, DTYPE_F64, 1, 4, 4}, 0, out);
    assert_true(out[0] == 0.1f && isinf(out[1]) && out[2] < -3e38f && out[3] == 0);
}

static void each_type_has_its_size_and_name(void **state)
{
    (void)state;
    assert_int_equal(dtype_size(DTYPE_F32), 4);
    assert_int_equal(dtype_size(DTYPE_F16), 2);
    assert_int_equal(dtype_size(DTYPE_BF16), 2);
    assert_int_equal(dtype_size(DTYPE_F64), 8);
    assert_string_equal(dtype_name(DTYPE_F32), "f32");
    assert_string_equal(dtype_name(DTYPE_F16), "f16");
    assert_string_equal(dtype_name(DTYPE_BF16), "bf16");
    assert_string_equal(dtype_name(DTYPE_F64), "f64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_pattern_converts_exactly),
        cmocka_unit_test(every_bfloat_pattern_converts_exactly),
        cmocka_unit_test(stored_values_are_found_at_row_and_column),
        cmocka_unit_test(bytes_of_a_file_need_no_alignment),
        cmocka_unit_test(doubles_become_the_nearest_float_and_overflow_to_infinity),
        cmocka_unit_test(each_type_has_its_size_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
