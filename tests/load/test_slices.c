#include "load_test.h"

#include "load/lines.h"

#include <math.h>
#include <stdlib.h>

static Slice slice(const char *text)
{
    return (Slice){text, strlen(text)};
}

static void words_are_parted_by_spaces_and_tabs(void **state)
{
    (void)state;
    Slice rest = slice("  one\ttwo   \xC2\xA0three \t"), word;
    assert_true(slice_word(&rest, &word) && slice_is(word, "one"));
    assert_true(slice_word(&rest, &word) && slice_is(word, "two"));
    assert_true(slice_word(&rest, &word) && slice_is(word, "\xC2\xA0three"));
    assert_false(slice_word(&rest, &word));
    rest = slice("");
    assert_false(slice_word(&rest, &word));
}

static void parts_stand_between_marks(void **state)
{
    (void)state;
    Slice rest = slice("0 ||| a b ||| ||| c|||"), part;
    static const char *const want[] = {"0", "a b", "", "c", ""};
    for (size_t i = 0; i < 5; i++) {
        assert_true(slice_part(&rest, "|||", &part));
        assert_true(slice_is(part, want[i]));
    }
    assert_false(slice_part(&rest, "|||", &part));
    rest = slice("");
    assert_true(slice_part(&rest, "|||", &part) && part.length == 0);
    assert_false(slice_part(&rest, "|||", &part));
}

/* strtod is the judge, over the numbers that it takes and those that it does not. */
static void numbers_are_what_strtod_reads(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0",
        "1",
        "-1",
        "+1",
        "0.5",
        ".5",
        "5.",
        "-.5",
        "+.25",
        "007",
        "00.125",
        "1e5",
        "1E-5",
        "1.e3",
        ".5e-2",
        "3.14159",
        "1e-320",
        "nan",
        "NaN",
        "NAN",
        "-nan",
        "inf",
        "-inf",
        "+inf",
        "Inf",
        "Infinity",
        "-INFINITY",
        "-0",
        "1e+02",
        "0.0471278",
        "0.28890141844749",
        "1234567890123456789012345",
        "-00.5e01",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double got = 7;
        if (!slice_number(slice(good[i]), &got))
            fail_msg("%s: not read", good[i]);
        double want = strtod(good[i], NULL);
        if (isnan(want) ? !isnan(got) : memcmp(&got, &want, sizeof got) != 0)
            fail_msg("%s: read as %.17g", good[i], got);
    }
    static const char *const bad[] = {"",      ".",      "-",   "+",   "1,5", "0x1",  "1e",
                                      "e5",    "1.2.3",  "--1", "+-1", "1 ",  "nano", "infi",
                                      "1e999", "-1e999", "1f",  "- 1", ".e1", "1..",  "in"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double got;
        if (slice_number(slice(bad[i]), &got))
            fail_msg("%s: read as %.17g", bad[i], got);
    }
}

static void a_number_ends_where_its_slice_ends(void **state)
{
    (void)state;
    double got;
    assert_true(slice_number((Slice){"0.5,0.25", 3}, &got));
    assert_true(got == 0.5);
    assert_true(slice_number((Slice){"125", 2}, &got)); /* cut within a number */
    assert_true(got == 12);
    char many[1200];
    memset(many, '1', sizeof many);
    assert_false(slice_number((Slice){many, 1199}, &got));
    many[0] = '+'; /* not as JSON has it: read by another way, which keeps less */
    assert_true(slice_number((Slice){many, 200}, &got));
    assert_false(slice_number((Slice){many, 1000}, &got));
    memset(many + 1, '.', sizeof many - 1); /* each would get a 0 behind it */
    many[0] = '1';
    assert_false(slice_number((Slice){many, 1000}, &got));
}

static void whole_numbers_are_exact(void **state)
{
    (void)state;
    int64_t got;
    assert_true(slice_int(slice("0"), &got) && got == 0);
    assert_true(slice_int(slice("-12"), &got) && got == -12);
    assert_true(slice_int(slice("9223372036854775807"), &got) && got == INT64_MAX);
    static const char *const bad[] = {"", "-", "+1", "1.0", "9223372036854775808", "1-2", " 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(slice_int(slice(bad[i]), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_parted_by_spaces_and_tabs),
        cmocka_unit_test(parts_stand_between_marks),
        cmocka_unit_test(numbers_are_what_strtod_reads),
        cmocka_unit_test(a_number_ends_where_its_slice_ends),
        cmocka_unit_test(whole_numbers_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
