#include "base/number.h"
#include "support/check.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* splitmix64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void numbers_are_read_to_the_nearest_double(void **state)
{
    (void)state;
    /* Values written in hexadecimal: no decimal reader had a hand in them. */
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"-0.0e5", -0.0},
        {"+1", 1.0},
        {"1e0", 1.0},
        {"0.1", 0x1.999999999999ap-4},
        {"-0.5", -0.5},
        {".5", 0.5},
        {"-.5", -0.5},
        {"+.25e1", 2.5},
        {"1E+2", 100.0},
        {"100e-2", 1.0},
        {"0.3", 0x1.3333333333333p-2},
        {"3.141592653589793", 0x1.921fb54442d18p+1},
        {"9007199254740992", 0x1p53},
        {"9007199254740993", 0x1p53}, /* ties to even */
        {"9007199254740993.00000000000000001", 0x1.0000000000001p53},
        {"1e22", 0x1.0f0cf064dd592p+73},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"2.2250738585072014e-308", 0x1p-1022},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022}, /* once hung readers */
        {"4.9e-324", 0x0.0000000000001p-1022},
        {"2.4e-324", 0.0},
        {"1.7976931348623157e308", 0x1.fffffffffffffp+1023},
        {"1e309", (double)INFINITY},
        {"-1e999", -(double)INFINITY},
        {"1e-99999999999999999999", 0.0},
        {"0e99999999999999999999", 0.0},
        {"1e99999999999999999999", (double)INFINITY},
        {"inf", (double)INFINITY},
        {"+inf", (double)INFINITY},
        {"-inf", -(double)INFINITY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = 42;
        if (!number_parse(cases[i].text, strlen(cases[i].text), &got) ||
            bits_of(got) != bits_of(cases[i].want))
            fail_msg("%s reads as %a: expected %a", cases[i].text, got, cases[i].want);
    }
    double nan = 0;
    assert_true(number_parse("nan", 3, &nan));
    assert_true(isnan(nan));
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",     " ",      "1 ",    " 1",       ".",   "5.",  "-",    "+",    "--1",
        "+-1",  "01",     "-01",   "00",       "1e",  "1e+", "1.e5", "e5",   "0x10",
        "1,5",  "1_0",    "1f",    "Infinity", "INF", "NaN", "-nan", "+nan", "in",
        "infi", "nan(1)", "1e5.0", "1..2",     "²",   "１",  "1\n",  "- 1",  "1e 5",
        "null", "true",   "-.",    "1e--5",    ".e5", "+.",  "..5",  ".1.",  "5.e1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = 42;
        if (number_parse(cases[i], strlen(cases[i]), &got))
            fail_msg("\"%s\" was read as %g", cases[i], got);
        assert_true(got == 42);
    }
    double got;
    assert_false(number_parse("1\0", 2, &got));
    assert_true(number_parse("123456", 3, &got)); /* the length counts, not a NUL */
    assert_true(got == 123);
}

static void long_numbers_are_read_up_to_1024_bytes(void **state)
{
    (void)state;
    char text[1026];
    double got = 0;
    memset(text, '0', sizeof text);
    memcpy(text, "0.", 2);
    text[1023] = '1';
    assert_true(number_parse(text, 1024, &got));
    assert_true(got == 0);
    memset(text, '1', sizeof text);
    assert_true(number_parse(text, 300, &got));
    assert_true(fabs(got / 1.1111111111111111e299 - 1) < 1e-15);
    assert_true(number_parse(text, 1024, &got));
    assert_true(isinf(got));
    assert_false(number_parse(text, 1025, &got));
}

static void random_decimals_are_read_as_the_c_library_does(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t digits = next_random(&seed) >> next_random(&seed) % 64;
        int power = (int)(next_random(&seed) % 60) - 30, point = (int)(next_random(&seed) % 18);
        switch (i % 3) {
        case 0:
            snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, power);
            break;
        case 1:
            snprintf(text, sizeof text, "-%llu.%0*llue%+d", (unsigned long long)digits % 1000000,
                     point + 1, (unsigned long long)digits / 1000000, power * 10);
            break;
        default:
            snprintf(text, sizeof text, "%.*g", point + 1, double_of(next_random(&seed)));
            break;
        }
        double got = 42, want = strtod(text, NULL);
        if (strstr(text, "nan"))
            continue;
        if (!number_parse(text, strlen(text), &got) || bits_of(got) != bits_of(want))
            fail_msg("%s reads as %a: expected %a", text, got, want);
    }
}

static void whole_numbers_are_read_to_the_last_bit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long long want;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+7", 7},
                {"-12", -12},
                {"9223372036854775807", LLONG_MAX},
                {"-9223372036854775808", LLONG_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "01",
                                      "1.0",
                                      "1e3",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "--1",
                                      "１",
                                      "inf",
                                      "a",
                                      "1a",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    long long got;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        got = 42;
        assert_true(number_parse_int(good[i].text, strlen(good[i].text), &got));
        assert_true(got == good[i].want);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        got = 42;
        if (number_parse_int(bad[i], strlen(bad[i]), &got))
            fail_msg("\"%s\" was read as %lld", bad[i], got);
        assert_true(got == 42);
    }
}

static void doubles_are_printed_as_short_as_they_read_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } cases[] = {{0.0, "0"},
                 {-0.0, "-0"},
                 {1, "1"},
                 {0.1, "0.1"},
                 {-2.5, "-2.5"},
                 {1e15, "1e+15"},
                 {123456789012345.0, "123456789012345"},
                 {0x1p53, "9007199254740992"},
                 {0x1.5555555555555p-2, "0.3333333333333333"},
                 {0x1.fffffffffffffp+1023, "1.7976931348623157e+308"},
                 {0x1.3333333333334p-2, "0.30000000000000004"},
                 {(double)INFINITY, "inf"},
                 {-(double)INFINITY, "-inf"},
                 {(double)NAN, "nan"},
                 {-(double)NAN, "nan"}};
    char out[NUMBER_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_double(out, cases[i].value);
        assert_string_equal(out, cases[i].want);
    }
}

static void every_printed_number_reads_back_bit_equal(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 100000; i++) {
        char out[NUMBER_TEXT];
        double back = 42, value = double_of(next_random(&seed));
        if (isnan(value))
            continue;
        number_double(out, value);
        assert_true(number_parse(out, strlen(out), &back));
        if (bits_of(back) != bits_of(value) || bits_of(strtod(out, NULL)) != bits_of(value))
            fail_msg("%a is printed as %s", value, out);

        float single, again;
        uint32_t bits = (uint32_t)next_random(&seed);
        memcpy(&single, &bits, sizeof single);
        if (isnan(single))
            continue;
        number_float(out, single);
        assert_true(number_parse(out, strlen(out), &back));
        again = (float)back;
        if (memcmp(&again, &single, sizeof single) != 0)
            fail_msg("%a is printed as %s", (double)single, out);
    }
}

static void floats_are_printed_with_nine_digits(void **state)
{
    (void)state;
    char out[NUMBER_TEXT];
    number_float(out, 0.1f);
    assert_string_equal(out, "0.100000001");
    number_float(out, 0.5f);
    assert_string_equal(out, "0.5");
    number_float(out, -INFINITY);
    assert_string_equal(out, "-inf");
    number_float(out, NAN);
    assert_string_equal(out, "nan");
}

static void a_locale_with_a_comma_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",  "de_DE",
                                        "fr_FR.UTF-8", "nl_NL.UTF-8", "ru_RU.UTF-8"};
    locale_t comma = (locale_t)0;
    for (size_t i = 0; i < sizeof names / sizeof *names && comma == (locale_t)0; i++)
        comma = newlocale(LC_ALL_MASK, names[i], (locale_t)0);
    if (comma == (locale_t)0) {
        print_message("SKIPPED: needs a locale with a decimal comma, as de_DE.UTF-8\n");
        skip();
    }
    char out[NUMBER_TEXT], control[16];
    double value = 0;
    locale_t before = uselocale(comma);
    snprintf(control, sizeof control, "%.1f", 1.5);
    number_double(out, -1234.5);
    bool whole = number_parse("1.5", 3, &value) && value == 1.5 &&
                 number_parse("1.2345678901234567890", 21, &value) && value > 1.2 &&
                 !number_parse("1,5", 3, &value);
    locale_t after = uselocale(before);
    assert_ptr_equal(after, comma); /* and the thread's locale is as it was */
    freelocale(comma);
    assert_string_equal(control, "1,5");
    assert_string_equal(out, "-1234.5");
    assert_true(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_to_the_nearest_double),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(long_numbers_are_read_up_to_1024_bytes),
        cmocka_unit_test(random_decimals_are_read_as_the_c_library_does),
        cmocka_unit_test(whole_numbers_are_read_to_the_last_bit),
        cmocka_unit_test(doubles_are_printed_as_short_as_they_read_back),
        cmocka_unit_test(every_printed_number_reads_back_bit_equal),
        cmocka_unit_test(floats_are_printed_with_nine_digits),
        cmocka_unit_test(a_locale_with_a_comma_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
