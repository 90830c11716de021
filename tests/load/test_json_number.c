#include "load_test.h"

#include "load/json_number.h"

#include <math.h>
#include <stdlib.h>

static uint64_t seed = 88172645463325252u;
static uint64_t random_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

/* The C library is the second opinion; the locale is "C" in tests. */
static void check_number(const char *text)
{
    JsonNumber number;
    double want = strtod(text, NULL);
    if (json_number(text, 0, &number) != strlen(text))
        fail_msg("%s: not all of it was read", text);
    if (memcmp(&number.value, &want, sizeof want) != 0)
        fail_msg("%s: %.17g, expected %.17g", text, number.value, want);
}

static void random_doubles_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = random_bits();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*g", 15 + i % 3, value);
        check_number(text);
    }
}

static void random_floats_and_digits_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < 300000; i++) {
        double value =
            (double)(int64_t)random_bits() / 9.3e18 * pow(10, (double)(random_bits() % 9) - 6);
        snprintf(text, sizeof text, "%.*g", 6 + i % 13, value);
        check_number(text);
        snprintf(text, sizeof text, "%.*f", 1 + i % 18, value);
        check_number(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)random_bits() >> (i % 60),
                 (int)(random_bits() % 120) - 70);
        check_number(text);
    }
}

/* Decimals half way between two doubles, and a little above and below. */
static void halves_round_to_even(void **state)
{
    (void)state;
    char text[80];
    for (int i = 0; i < 100000; i++) {
        uint64_t mantissa =
            ((uint64_t)1 << 53 | random_bits() >> 11) * 2 + 1; /* 55 bits, odd: a tie of 54 */
        for (int off = -1; off <= 1; off++) {
            snprintf(text, sizeof text, "%llu", (unsigned long long)(mantissa + (uint64_t)off));
            check_number(text);
        }
    }
    static const char *const known[] = {"9007199254740993",
                                        "9007199254740992.5",
                                        "2.2250738585072014e-308",
                                        "2.2250738585072011e-308",
                                        "4.9e-324",
                                        "2.4703282292062327e-324",
                                        "1.7976931348623157e308",
                                        "0.1",
                                        "-0",
                                        "-0.0",
                                        "0e999",
                                        "1E+2",
                                        "8.41e21",
                                        "9999999999999999999",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "0.000000000000000000000000000001234567890123456789"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        check_number(known[i]);
}

static void what_is_lost_is_told(void **state)
{
    (void)state;
    JsonNumber n;
    json_number("1e999", 0, &n);
    assert_true(n.overflow && !n.underflow && !n.rounded);
    json_number("-1e-400", 0, &n);
    assert_true(n.underflow && !n.overflow && signbit(n.value));
    json_number("0e-400", 0, &n);
    assert_false(n.underflow);
    json_number("9007199254740993", 0, &n);
    assert_true(n.rounded);
    json_number("9007199254740992", 0, &n);
    assert_false(n.rounded);
    json_number("9007199254740993.0", 0, &n);
    assert_false(n.rounded);
}

static void what_json_forbids_is_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
        size_t bad;
    } WRONG[] = {{"01", "no digit behind a leading 0", 1},
                 {"-00.5", "no digit behind a leading 0", 2},
                 {"-", "a digit", 1},
                 {".5", "a digit", 0},
                 {"+1", "a digit", 0},
                 {"1.", "a digit behind the point", 2},
                 {"1.e3", "a digit behind the point", 2},
                 {"2e", "a digit of the exponent", 2},
                 {"2e+", "a digit of the exponent", 3}};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        JsonNumber n;
        assert_int_equal(json_number(WRONG[i].text, 0, &n), 0);
        assert_string_equal(n.expected, WRONG[i].expected);
        assert_int_equal(n.bad, WRONG[i].bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_doubles_read_as_the_c_library_reads_them),
        cmocka_unit_test(random_floats_and_digits_read_as_the_c_library_reads_them),
        cmocka_unit_test(halves_round_to_even),
        cmocka_unit_test(what_is_lost_is_told),
        cmocka_unit_test(what_json_forbids_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
