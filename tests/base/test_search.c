#include "base/search.h"

#include "support/check.h"

#include <string.h>

static void found_at(const char *text, const char *word, int at)
{
    const char *found = search_caseless(text, word, strlen(word));
    if (at < 0)
        assert_null(found);
    else
        assert_ptr_equal(found, text + at);
}

static void case_does_not_count(void **state)
{
    (void)state;
    found_at("Show The Heatmap", "the", 5);
    found_at("Show The Heatmap", "HEATMAP", 9);
    found_at("Show The Heatmap", "show", 0);
    found_at("@[`{", "`{", 2); /* beside the letters: no case */
    found_at("@[`{", "@{", -1);
}

static void the_first_place_counts_and_parts_that_fail_are_left(void **state)
{
    (void)state;
    found_at("aaab", "aab", 1);
    found_at("abababc", "ababc", 2);
    found_at("an end", "ends", -1);
    found_at("", "a", -1);
}

static void only_so_many_bytes_are_looked_for(void **state)
{
    (void)state;
    const char *text = "next head";
    assert_ptr_equal(search_caseless(text, "head up", 4), text + 5);
    assert_ptr_equal(search_caseless(text, "zebra", 0), text);
    assert_ptr_equal(search_caseless(text + 9, "", 0), text + 9);
}

static void letters_beyond_ascii_are_themselves(void **state)
{
    (void)state;
    found_at("Économie", "économie", -1);
    found_at("Économie", "CONOMIE", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_does_not_count),
        cmocka_unit_test(the_first_place_counts_and_parts_that_fail_are_left),
        cmocka_unit_test(only_so_many_bytes_are_looked_for),
        cmocka_unit_test(letters_beyond_ascii_are_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
