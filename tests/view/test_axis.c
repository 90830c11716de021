#include "fixture.h"

static void labels_are_tokens_as_a_reader_knows_them(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 3, 1);
    f.tokens[0] = "Ġthe";
    f.tokens[1] = "##ing";
    f.tokens[2] = "";
    fixture_axes(&f);
    assert_string_equal(axis_label(&f.queries, 0), "the");
    assert_string_equal(axis_label(&f.queries, 1), "ing");
    assert_string_equal(axis_label(&f.queries, 2), "∅");
    assert_string_equal(f.queries.tokens[0], "Ġthe");
    assert_string_equal(axis_label(&f.queries, 3), "");
    assert_string_equal(axis_label(&f.queries, -1), "");
    assert_string_equal(axis_label(NULL, 0), "");
    fixture_free(&f);
}

static void axes_are_named_by_language_or_role(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    assert_string_equal(f.queries.name, "query");
    assert_string_equal(f.keys.name, "key");
    f.sentence.queries.lang = "fr";
    f.sentence.keys.lang = "tlh"; /* not in the table: as it is written */
    fixture_axes(&f);
    assert_string_equal(f.queries.name, "French");
    assert_string_equal(f.keys.name, "tlh");
    fixture_free(&f);
}

static void missing_tokens_are_numbered(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 4, 4, 1);
    f.sentence.keys.count = 2;
    fixture_axes(&f);
    assert_string_equal(axis_label(&f.keys, 1), "animal");
    assert_string_equal(axis_label(&f.keys, 3), "3");
    fixture_free(&f);
}

static void words_out_of_the_vocabulary_have_the_colour_of_errors(void **state)
{
    (void)state;
    Fixture f;
    static const uint8_t UNKNOWN[] = {0, 1, 0};
    fixture_init(&f, 3, 3, 1);
    const Theme *light = theme(THEME_LIGHT), *dark = theme(THEME_DARK);
    assert_int_equal(axis_color(&f.keys, 1, light), light->text1);
    f.keys.unknown = UNKNOWN;
    assert_int_equal(axis_color(&f.keys, 0, light), light->text1);
    assert_int_equal(axis_color(&f.keys, 1, light), light->err);
    assert_int_equal(axis_color(&f.keys, 1, dark), dark->err);
    assert_int_equal(axis_color(&f.keys, -1, light), light->text1);
    assert_int_equal(axis_color(&f.keys, 3, light), light->text1);
    assert_int_equal(axis_color(NULL, 0, light), light->text1);
    assert_true(light->err != light->text1);
    fixture_free(&f);
}

static void the_widest_label_of_thousands_is_found(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 3000, 1);
    f.tokens[2345] = "antidisestablishmentarianism";
    fixture_axes(&f);
    assert_int_equal(f.keys.widest[0], 2345);
    assert_int_equal(f.keys.widest_count, AXIS_WIDEST);
    assert_true(axis_width(&f.keys, &f.kit, FACE_SANS, 12) == 28 * 6);
    fixture_free(&f);
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 40, 40, 1);
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 4; n++) {
        Axis axis;
        Error err = {0};
        mem_fail_at(n, false);
        bool ok = axis_init(&axis, &f.sentence, false, 40, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        axis_free(&axis);
        assert_int_equal(mem_live(), live);
    }
    fixture_free(&f);
}

static void large_numbers_have_thin_spaces(void **state)
{
    (void)state;
    Error err = {0};
    Axis axis;
    assert_true(axis_init_numbers(&axis, "channel", 12346, &err));
    assert_string_equal(axis_label(&axis, 7), "7");
    assert_string_equal(axis_label(&axis, 12345), "12\u2009345");
    axis_free(&axis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_tokens_as_a_reader_knows_them),
        cmocka_unit_test(axes_are_named_by_language_or_role),
        cmocka_unit_test(missing_tokens_are_numbered),
        cmocka_unit_test(words_out_of_the_vocabulary_have_the_colour_of_errors),
        cmocka_unit_test(the_widest_label_of_thousands_is_found),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
        cmocka_unit_test(large_numbers_have_thin_spaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
