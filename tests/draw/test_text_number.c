/* References: the numbers in the design's pictures, and values whose rounding is plain. */
#include "draw/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    double value;
    const char *text;
} Printed;

static void check_printed(const Printed *cases, size_t count, void (*print)(char *, double))
{
    char out[TEXT_NUMBER];
    for (size_t i = 0; i < count; i++) {
        print(out, cases[i].value);
        if (strcmp(out, cases[i].text) != 0)
            fail_msg("%.17g: expected `%s`, found `%s`", cases[i].value, cases[i].text, out);
    }
}

static void weights_have_three_decimals_and_no_leading_zero(void **state)
{
    (void)state;
    static const Printed CASES[] = {
        {0.538324020, ".538"}, {0, "0"},          {1, "1.000"},       {0.0004, "<.001"},
        {1e-30, "<.001"},      {0.0007, ".001"},  {0.9996, "1.000"},  {1.25, "1.250"},
        {-0.25, "−.250"},      {NAN, "NaN"},      {INFINITY, "∞"},    {-INFINITY, "−∞"},
        {-0.0, "0"},           {-1e-9, ">−.001"}, {1e20, "1.000e20"},
    };
    static const Printed CELLS[] = {
        {0.538, ".54"}, {0, "0"}, {1, "1.00"}, {0.004, ".00"}, {0.03, ".03"}, {NAN, "NaN"},
    };
    check_printed(CASES, sizeof CASES / sizeof CASES[0], text_weight);
    check_printed(CELLS, sizeof CELLS / sizeof CELLS[0], text_weight_cell);
}

static void exact_values_have_nine_digits(void **state)
{
    (void)state;
    static const Printed CASES[] = {
        {0.53832402, "0.538324020"},
        {0.295762182, "0.295762182"},
        {1, "1.00000000"},
        {32.287112345, "32.2871123"},
        {123456789, "123456789"},
        {0, "0"},
        {-0.0001234567891, "−0.000123456789"},
        {1.5e-7, "1.50000000e−7"},
        {-2.5e+38, "−2.50000000e38"},
        {NAN, "NaN"},
        {-INFINITY, "−∞"},
    };
    check_printed(CASES, sizeof CASES / sizeof CASES[0], text_exact);
}

static void fixed_numbers_have_a_true_minus_and_thin_spaces(void **state)
{
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *text;
    } CASES[] = {
        {-0.453, 4, "−0.4530"},
        {0.4548, 6, "0.454800"},
        {32.28711, 4, "32.2871"},
        {0, 2, "0.00"},
        {-0.001, 2, "0.00"},
        {13003, 0, "13\u2009003"},
        {-1234567.891, 2, "−1\u2009234\u2009567.89"},
        {999.5, 0, "1\u2009000"},
        {1e300, 2, "1.00e300"},
        {-INFINITY, 4, "−∞"},
        {NAN, 4, "NaN"},
        {1.0 / 3, 99, "0.333333333333"},
    };
    char out[TEXT_NUMBER];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        text_fixed(out, CASES[i].value, CASES[i].decimals);
        assert_string_equal(out, CASES[i].text);
    }
}

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    char out[TEXT_NUMBER];
    text_count(out, 13003);
    assert_string_equal(out, "13\u2009003");
    text_count(out, 999);
    assert_string_equal(out, "999");
    text_count(out, 0);
    assert_string_equal(out, "0");
    text_count(out, INT64_MIN);
    assert_string_equal(out, "−9\u2009223\u2009372\u2009036\u2009854\u2009775\u2009808");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_have_three_decimals_and_no_leading_zero),
        cmocka_unit_test(exact_values_have_nine_digits),
        cmocka_unit_test(fixed_numbers_have_a_true_minus_and_thin_spaces),
        cmocka_unit_test(counts_are_grouped_by_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
