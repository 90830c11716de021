#include "base/error.h"
#include "base/utf8.h"
#include "support/check.h"

#include <string.h>

static void an_error_tells_place_and_reason(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(error_at(&err, ERROR_MALFORMED, "line 3", "width: expected %d, found %d", 4, 5));
    assert_int_equal(err.kind, ERROR_MALFORMED);
    assert_string_equal(err.where, "line 3");
    assert_string_equal(err.what, "width: expected 4, found 5");
    error_clear(&err);
    assert_int_equal(err.kind, ERROR_NONE);
    assert_string_equal(err.where, "");
    assert_string_equal(err.what, "");
}

static void the_first_error_wins(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(error_set(&err, ERROR_USAGE, "first"));
    assert_false(error_set(&err, ERROR_IO, "second"));
    assert_false(error_at(&err, ERROR_IO, "there", "third"));
    assert_false(error_memory(&err));
    check_error(&err, ERROR_USAGE, "first");
}

static void nobody_needs_to_listen(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_USAGE, "x"));
    assert_false(error_at(NULL, ERROR_USAGE, "w", "x"));
    assert_false(error_within(NULL, "x"));
    assert_false(error_memory(NULL));
    error_clear(NULL);
}

static void context_goes_before_the_place(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(error_within(&err, "nothing happened"));
    assert_int_equal(err.kind, ERROR_NONE);
    assert_string_equal(err.where, "");

    error_set(&err, ERROR_MALFORMED, "shape");
    error_within(&err, "head %d", 2);
    assert_string_equal(err.where, "head 2");
    error_within(&err, "layer %d", 1);
    assert_string_equal(err.where, "layer 1: head 2");
    check_error(&err, ERROR_MALFORMED, "layer 1: head 2: shape");
}

static void a_long_context_leaves_the_innermost_place(void **state)
{
    (void)state;
    char context[400];
    memset(context, 'c', sizeof context - 1);
    context[sizeof context - 1] = '\0';
    Error err = {0};
    error_at(&err, ERROR_MALFORMED, "layers[0].heads[1].q", "shape");
    error_within(&err, "%s", context);
    size_t length = strlen(err.where);
    assert_int_equal(length, sizeof err.where - 1);
    assert_string_equal(err.where + length - 26, "c…: layers[0].heads[1].q");
}

static void text_becomes_one_line_of_valid_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a\nb", "a\\nb"},
        {"a\rb\tc", "a\\x0Db\\x09c"},
        {"\x1b[31mred", "\\x1B[31mred"},
        {"del\x7f", "del\\x7F"},
        {"größe → 東京 😀", "größe → 東京 😀"},
        {"latin-1 \xE4!", "latin-1 \\xE4!"},
        {"\xC0\x80", "\\xC0\\x80"},
        {"cut \xE2\x82", "cut \\xE2\\x82"},
        {"c1 \xC2\x85 x", "c1 \\xC2\\x85 x"},
        {"line\xE2\x80\xA8separator", "line\\xE2\\x80\\xA8separator"},
        {"\xE2\x80\xAEturned", "\\xE2\\x80\\xAEturned"},
        {"\xEF\xBB\xBF bom", "\\xEF\\xBB\\xBF bom"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        error_at(&err, ERROR_MALFORMED, cases[i].given, "%s", cases[i].given);
        assert_string_equal(err.what, cases[i].want);
        assert_string_equal(err.where, cases[i].want);
    }
}

static void long_text_is_cut_between_code_points(void **state)
{
    (void)state;
    /* Every length around the limit, with code points of every size at the cut. */
    static const char *const units[] = {"x", "ä", "東", "😀", "\n", "\xFF"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        for (size_t shift = 0; shift < 8; shift++) {
            char text[2000];
            size_t used = shift, size = strlen(units[u]);
            memset(text, '.', shift);
            while (used + size < sizeof text)
                memcpy(text + used, units[u], size), used += size;
            text[used] = '\0';
            Error err = {0};
            error_set(&err, ERROR_MALFORMED, "%s", text);
            size_t length = strlen(err.what);
            assert_true(length < sizeof err.what);
            assert_true(length + 8 > sizeof err.what);
            assert_int_equal(utf8_valid(err.what, length), length);
            assert_string_equal(err.what + length - 3, "…");
        }
    }
}

static void text_of_just_the_right_length_is_kept(void **state)
{
    (void)state;
    Error err = {0};
    char text[sizeof err.what + 1];
    memset(text, 'x', sizeof text);
    text[sizeof err.what - 1] = '\0';
    error_set(&err, ERROR_MALFORMED, "%s", text);
    assert_string_equal(err.what, text);

    text[sizeof err.what - 1] = 'x';
    text[sizeof err.what] = '\0';
    error_clear(&err);
    error_set(&err, ERROR_MALFORMED, "%s", text);
    assert_int_equal(strlen(err.what), sizeof err.what - 1);
    assert_string_equal(err.what + sizeof err.what - 5, "x…");
}

static void a_line_leaves_out_what_is_absent(void **state)
{
    (void)state;
    char line[200];
    Error err = {0};
    error_set(&err, ERROR_MALFORMED, "WHAT");
    error_line(&err, NULL, line, sizeof line);
    assert_string_equal(line, "WHAT");
    error_line(&err, "", line, sizeof line);
    assert_string_equal(line, "WHAT");
    error_line(&err, "a\nb.npy", line, sizeof line);
    assert_string_equal(line, "a\\nb.npy: WHAT");
    error_within(&err, "WHERE");
    error_line(&err, "FILE", line, sizeof line);
    assert_string_equal(line, "FILE: WHERE: WHAT");
    error_line(&err, NULL, line, sizeof line);
    assert_string_equal(line, "WHERE: WHAT");
}

static void a_line_fits_its_room(void **state)
{
    (void)state;
    Error err = {0};
    error_set(&err, ERROR_MALFORMED, "größe 東京 😀 und mehr");
    for (size_t cap = 1; cap < 40; cap++) {
        char line[48];
        memset(line, '#', sizeof line);
        error_line(&err, "ä.npy", line, cap);
        size_t length = strlen(line);
        assert_true(length < cap);
        assert_int_equal(utf8_valid(line, length), length);
        assert_int_equal(line[cap], '#');
    }
    char untouched = '#';
    error_line(&err, "f", &untouched, 0);
    assert_int_equal(untouched, '#');
}

static void exit_codes_follow_the_contract(void **state)
{
    (void)state;
    assert_int_equal(error_exit_code(ERROR_NONE), 0);
    assert_int_equal(error_exit_code(ERROR_USAGE), 1);
    assert_int_equal(error_exit_code(ERROR_MALFORMED), 2);
    assert_int_equal(error_exit_code(ERROR_LIMIT), 3);
    assert_int_equal(error_exit_code(ERROR_IO), 4);
    assert_int_equal(error_exit_code(ERROR_DISPLAY), 5);
    assert_int_equal(error_exit_code(ERROR_CANCELLED), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_tells_place_and_reason),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(nobody_needs_to_listen),
        cmocka_unit_test(context_goes_before_the_place),
        cmocka_unit_test(a_long_context_leaves_the_innermost_place),
        cmocka_unit_test(text_becomes_one_line_of_valid_utf8),
        cmocka_unit_test(long_text_is_cut_between_code_points),
        cmocka_unit_test(text_of_just_the_right_length_is_kept),
        cmocka_unit_test(a_line_leaves_out_what_is_absent),
        cmocka_unit_test(a_line_fits_its_room),
        cmocka_unit_test(exit_codes_follow_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
