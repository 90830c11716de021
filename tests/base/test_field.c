#include "base/field.h"
#include "base/index_set.h"
#include "base/mem.h"
#include "base/text_set.h"
#include "support/check.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum { MODE_AUTO, MODE_NONE, MODE_SQRT } Mode;

typedef struct {
    double temperature, divisor, d_k, free;
    int window, links, layer, query, hidden, text;
    Mode mode;
    bool causal;
} Sample;

static const char *const MODES[] = {"auto", "none", "sqrt_dk", NULL};

#define AT(member) offsetof(Sample, member)

static const Field TABLE[] = {
    {"temperature", "", FIELD_REAL, AT(temperature), 0, 1000, 1, NULL, 0},
    {"scale.divisor", "", FIELD_REAL, AT(divisor), 0, DBL_MAX, 1, NULL, FIELD_ABOVE_ZERO},
    {"scale.d_k", "", FIELD_AUTO, AT(d_k), 1, 65536, 0, NULL, 0},
    {"free", "", FIELD_REAL, AT(free), -INFINITY, INFINITY, 0, NULL, 0},
    {"mask.window", "", FIELD_INT, AT(window), 0, 100, 0, NULL, 0},
    {"links", "", FIELD_INT, AT(links), 1, INT_MAX, 10, NULL, 0},
    {"layer", "", FIELD_INDEX, AT(layer), 0, 0, 0, NULL, FIELD_REDUCES},
    {"query", "", FIELD_INDEX, AT(query), 0, 99, FIELD_NOTHING, NULL, FIELD_OPTIONAL},
    {"mask.hidden", "", FIELD_SET, AT(hidden), 0, 0, 0, NULL, 0},
    {"text", "", FIELD_TEXT, AT(text), 0, 0, 0, NULL, 0},
    {"scale.mode", "", FIELD_CHOICE, AT(mode), 0, 0, MODE_SQRT, MODES, 0},
    {"mask.causal", "", FIELD_BOOL, AT(causal), 0, 0, 1, NULL, 0},
};
enum { COUNT = sizeof TABLE / sizeof *TABLE };

static const Field *row(const char *name)
{
    const Field *field = field_find(TABLE, COUNT, name);
    if (!field)
        fail_msg("no row %s", name);
    return field;
}

static Sample defaults(void)
{
    Sample sample;
    memset(&sample, 0x55, sizeof sample);
    for (size_t i = 0; i < COUNT; i++)
        field_reset(&TABLE[i], &sample);
    return sample;
}

static void check_printed(const Field *field, const Sample *sample, const char *want)
{
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(field_print(field, sample, &buf));
    if (strcmp(buf_string(&buf), want) != 0)
        fail_msg("%s is printed as %s: expected %s", field->name, buf_string(&buf), want);
    buf_free(&buf);
}

static void rows_are_found_by_their_exact_name(void **state)
{
    (void)state;
    assert_ptr_equal(field_find(TABLE, COUNT, "temperature"), &TABLE[0]);
    assert_ptr_equal(field_find(TABLE, COUNT, "mask.causal"), &TABLE[COUNT - 1]);
    assert_null(field_find(TABLE, COUNT, "Temperature"));
    assert_null(field_find(TABLE, COUNT, "temp"));
    assert_null(field_find(TABLE, COUNT, ""));
    assert_null(field_find(TABLE, 0, "temperature"));
}

static void defaults_fill_every_kind(void **state)
{
    (void)state;
    Sample sample = defaults();
    static const char *const want[COUNT] = {"1", "1",    "auto", "0", "0",       "10",
                                            "0", "none", "",     "",  "sqrt_dk", "true"};
    for (size_t i = 0; i < COUNT; i++)
        check_printed(&TABLE[i], &sample, want[i]);
    assert_true(sample.temperature == 1 && sample.mode == MODE_SQRT && sample.causal);
    assert_int_equal(sample.query, FIELD_NOTHING);
}

static void right_text_is_taken_and_printed_back(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"temperature", "0.5", "0.5"},
        {"temperature", "0", "0"},
        {"temperature", "-0", "0"},
        {"temperature", "1000", "1000"},
        {"temperature", "1e2", "100"},
        {"temperature", "0.1", "0.1"},
        {"temperature", "0.30000000000000004", "0.30000000000000004"},
        {"scale.divisor", "1e-300", "1e-300"},
        {"scale.divisor", "1e308", "1e+308"},
        {"scale.d_k", "64", "64"},
        {"scale.d_k", "1.5", "1.5"},
        {"scale.d_k", "auto", "auto"},
        {"free", "-inf", "-inf"},
        {"free", "-1e300", "-1e+300"},
        {"mask.window", "+7", "7"},
        {"links", "2147483647", "2147483647"},
        {"layer", "143", "143"},
        {"layer", "mean", "mean"},
        {"layer", "max", "max"},
        {"query", "99", "99"},
        {"query", "none", "none"},
        {"mask.hidden", "7,6,5,3", "3,5-7"},
        {"mask.hidden", "", ""},
        {"text", "Grüße, 世界!", "Grüße, 世界!"},
        {"text", "", ""},
        {"scale.mode", "none", "none"},
        {"scale.mode", "auto", "auto"},
        {"mask.causal", "false", "false"},
        {"mask.causal", "1", "true"},
        {"mask.causal", "0", "false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Sample sample = defaults(), again = defaults(), other = defaults();
        const Field *field = row(cases[i][0]);
        Error err = {0};
        if (!field_parse(field, &sample, cases[i][1], &err))
            fail_msg("%s", err.what);
        check_printed(field, &sample, cases[i][2]);
        assert_true(field_parse(field, &again, cases[i][2], NULL));
        assert_true(field_equal(field, &sample, &again));
        assert_false(field_clamp(field, &sample));
        field_copy(field, &other, &sample);
        assert_true(field_equal(field, &sample, &other));
        /* No neighbour was touched. */
        for (size_t k = 0; k < COUNT; k++) {
            other = defaults();
            assert_true(&TABLE[k] == field || field_equal(&TABLE[k], &sample, &other));
        }
    }
}

static void wrong_text_is_refused_in_words(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"temperature", "2000", "temperature: expected 0 … 1000, found 2000"},
        {"temperature", "-0.1", "temperature: expected 0 … 1000, found -0.1"},
        {"temperature", "nan", "temperature: expected 0 … 1000, found nan"},
        {"temperature", "inf", "temperature: expected 0 … 1000, found inf"},
        {"temperature", "1,5", "temperature: expected 0 … 1000, found 1,5"},
        {"temperature", "auto", "temperature: expected 0 … 1000, found auto"},
        {"temperature", "", "temperature: expected 0 … 1000, found nothing"},
        {"temperature", "a\nb", "temperature: expected 0 … 1000, found a\\nb"},
        {"scale.divisor", "0", "scale.divisor: expected > 0, found 0"},
        {"scale.divisor", "inf", "scale.divisor: expected > 0, found inf"},
        {"scale.divisor", "1e999", "scale.divisor: expected > 0, found 1e999"},
        {"scale.d_k", "0.5", "scale.d_k: expected auto or 1 … 65536, found 0.5"},
        {"scale.d_k", "0", "scale.d_k: expected auto or 1 … 65536, found 0"},
        {"free", "x", "free: expected a number, found x"},
        {"mask.window", "101", "mask.window: expected a whole number 0 … 100, found 101"},
        {"mask.window", "1.5", "mask.window: expected a whole number 0 … 100, found 1.5"},
        {"mask.window", "-1", "mask.window: expected a whole number 0 … 100, found -1"},
        {"links", "0", "links: expected a whole number ≥ 1, found 0"},
        {"links", "2147483648", "links: expected a whole number ≥ 1, found 2147483648"},
        {"layer", "none", "layer: expected an index from 0, mean or max, found none"},
        {"layer", "-1", "layer: expected an index from 0, mean or max, found -1"},
        {"query", "mean", "query: expected an index 0 … 99 or none, found mean"},
        {"query", "100", "query: expected an index 0 … 99 or none, found 100"},
        {"mask.hidden", "3,", "mask.hidden: expected indices such as 3,5-7, found 3,"},
        {"text", "a\tb",
         "text: expected a line of at most 65536 bytes of UTF-8, found a control character"},
        {"text", "a\xff",
         "text: expected a line of at most 65536 bytes of UTF-8, found bytes that are not UTF-8"},
        {"scale.mode", "dk", "scale.mode: expected auto, none or sqrt_dk, found dk"},
        {"scale.mode", "1", "scale.mode: expected auto, none or sqrt_dk, found 1"},
        {"mask.causal", "yes", "mask.causal: expected true or false, found yes"},
        {"mask.causal", "True", "mask.causal: expected true or false, found True"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Sample sample = defaults(), before = defaults();
        Error err = {0};
        assert_false(field_parse(row(cases[i][0]), &sample, cases[i][1], &err));
        check_error(&err, ERROR_USAGE, cases[i][2]);
        for (size_t k = 0; k < COUNT; k++)
            assert_true(field_equal(&TABLE[k], &sample, &before));
    }
}

static void long_wrong_text_is_shown_in_part(void **state)
{
    (void)state;
    static const char digits[] = "999999999999999999999999999999999999999999999999999999999999";
    char text[130], want[200];
    Sample sample = defaults();
    Error err = {0};
    assert_int_equal(strlen(digits), 60);
    snprintf(text, sizeof text, "%s%s", digits, digits);
    snprintf(want, sizeof want, "temperature: expected 0 … 1000, found %s…", digits);
    assert_false(field_parse(row("temperature"), &sample, text, &err));
    check_error(&err, ERROR_USAGE, want);
}

/* 0 would be held as auto. */
static void a_number_that_may_not_be_zero_refuses_zero(void **state)
{
    (void)state;
    static const Field field = {"score.factor", "", FIELD_AUTO, 0, -9, 9, 0, NULL, FIELD_NOT_ZERO};
    static const char *const zeros[] = {"0", "-0", "0.0", "1e-999"};
    double value = 3;
    for (int i = 0; i < 4; i++) {
        Error err = {0};
        char want[100];
        assert_false(field_parse(&field, &value, zeros[i], &err));
        snprintf(want, sizeof want,
                 "score.factor: expected auto or a number that is not 0, found %s", zeros[i]);
        check_error(&err, ERROR_USAGE, want);
        assert_true(value == 3);
    }
    assert_true(field_parse(&field, &value, "-2", NULL) && value == -2);
    assert_true(field_parse(&field, &value, "auto", NULL) && value == 0);
    assert_false(field_clamp(&field, &value)); /* auto is within */
}

static void every_kind_of_bound_has_its_words(void **state)
{
    (void)state;
    static const struct {
        Field field;
        const char *want;
    } cases[] = {
        {{"", "", FIELD_REAL, 0, -INFINITY, 5, 0, NULL, 0}, "≤ 5"},
        {{"", "", FIELD_REAL, 0, -1.5, INFINITY, 0, NULL, 0}, "≥ -1.5"},
        {{"", "", FIELD_REAL, 0, 0, 2, 1, NULL, FIELD_ABOVE_ZERO}, "above 0 … 2"},
        {{"", "", FIELD_REAL, 0, -DBL_MAX, DBL_MAX, 1, NULL, 0}, "a number"},
        {{"", "", FIELD_AUTO, 0, 0, DBL_MAX, 0, NULL, FIELD_ABOVE_ZERO}, "auto or > 0"},
        {{"", "", FIELD_AUTO, 0, -9, 9, 0, NULL, FIELD_NOT_ZERO}, "auto or a number that is not 0"},
        {{"", "", FIELD_INT, 0, INT_MIN, INT_MAX, 0, NULL, 0}, "a whole number"},
        {{"", "", FIELD_INT, 0, INT_MIN, 3, 0, NULL, 0}, "a whole number ≤ 3"},
        {{"", "", FIELD_INDEX, 0, 0, 0, 0, NULL, 0}, "an index from 0"},
        {{"", "", FIELD_INDEX, 0, 0, 7, 0, NULL, FIELD_REDUCES | FIELD_OPTIONAL},
         "an index 0 … 7, mean, max or none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[100];
        field_range(&cases[i].field, out, sizeof out);
        assert_string_equal(out, cases[i].want);
    }
}

static void what_may_be_given_is_cut_to_its_room(void **state)
{
    (void)state;
    char out[8] = "#######";
    field_range(row("temperature"), out, 4); /* "0 …" needs five bytes and the end */
    assert_string_equal(out, "0 ");
    assert_int_equal(out[4], '#');
    field_range(row("temperature"), out, 0);
    assert_string_equal(out, "0 ");
    field_range(row("mask.causal"), out, sizeof out);
    assert_string_equal(out, "true or");
}

static void values_outside_go_back_into_the_range(void **state)
{
    (void)state;
    Sample sample = defaults();
    for (size_t i = 0; i < COUNT; i++)
        assert_false(field_clamp(&TABLE[i], &sample));
    sample = (Sample){.temperature = 1e9,
                      .divisor = 0,
                      .d_k = 0.5,
                      .free = (double)NAN,
                      .window = -3,
                      .links = 0,
                      .layer = FIELD_NOTHING,
                      .query = 1000,
                      .hidden = 123456789,
                      .text = 123456789,
                      .mode = (Mode)77,
                      .causal = false};
    static const char *const want[COUNT] = {"1000", "1",  "1", "0", "0",       "1",
                                            "0",    "99", "",  "",  "sqrt_dk", "false"};
    for (size_t i = 0; i < COUNT; i++) {
        bool changed = field_clamp(&TABLE[i], &sample);
        assert_int_equal(changed, TABLE[i].kind != FIELD_BOOL);
        check_printed(&TABLE[i], &sample, want[i]);
        assert_false(field_clamp(&TABLE[i], &sample));
    }
    sample.temperature = (double)NAN;
    sample.d_k = -(double)INFINITY;
    sample.window = INT_MAX;
    sample.layer = INT_MIN;
    assert_true(field_clamp(row("temperature"), &sample));
    assert_true(field_clamp(row("scale.d_k"), &sample));
    assert_true(field_clamp(row("mask.window"), &sample));
    assert_true(field_clamp(row("layer"), &sample));
    assert_true(sample.temperature == 1 && sample.d_k == 1);
    assert_int_equal(sample.window, 100);
    assert_int_equal(sample.layer, 0);
    memset(&sample.causal, 7, sizeof sample.causal);
    assert_true(field_clamp(row("mask.causal"), &sample));
    assert_true(sample.causal);
}

static void broken_values_can_still_be_printed(void **state)
{
    (void)state;
    Sample sample = defaults();
    sample.mode = (Mode)77;
    check_printed(row("scale.mode"), &sample, "sqrt_dk");
    sample.hidden = -5;
    check_printed(row("mask.hidden"), &sample, "");
    sample.free = (double)NAN;
    check_printed(row("free"), &sample, "nan");
}

static void want_of_memory_is_told(void **state)
{
    (void)state;
    Sample sample = defaults();
    Error err = {0};
    mem_fail_at(1, true);
    bool ok = field_parse(row("mask.hidden"), &sample, "1,2", &err);
    mem_fail_at(0, false);
    assert_false(ok);
    check_error(&err, ERROR_LIMIT, "mask.hidden: out of memory");
}

static int give_sets_back(void **state)
{
    (void)state;
    index_set_forget();
    text_set_forget();
    return mem_live() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_their_exact_name),
        cmocka_unit_test(defaults_fill_every_kind),
        cmocka_unit_test(right_text_is_taken_and_printed_back),
        cmocka_unit_test(wrong_text_is_refused_in_words),
        cmocka_unit_test(long_wrong_text_is_shown_in_part),
        cmocka_unit_test(a_number_that_may_not_be_zero_refuses_zero),
        cmocka_unit_test(every_kind_of_bound_has_its_words),
        cmocka_unit_test(what_may_be_given_is_cut_to_its_room),
        cmocka_unit_test(values_outside_go_back_into_the_range),
        cmocka_unit_test(broken_values_can_still_be_printed),
        cmocka_unit_test(want_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, give_sets_back);
}
