#include "support/check.h"

#include "doc/origin.h"

#include <string.h>

static void a_copy_shares_nothing_with_what_it_was_made_from(void **state)
{
    (void)state;
    char source[] = "dev.src", more[] = "b.npy";
    const char *list[] = {more};
    DocOrigin from = {.source = source, .more = list, .more_count = 1, .eos = EOS_KEYS}, copy;
    Arena arena;
    arena_init(&arena);
    assert_true(origin_copy(&arena, &from, &copy));
    source[0] = more[0] = 'X';
    assert_string_equal(copy.source, "dev.src");
    assert_string_equal(copy.more[0], "b.npy");
    assert_null(copy.gold);
    assert_int_equal(copy.eos, EOS_KEYS);
    arena_free(&arena);
}

static void only_an_origin_without_wishes_is_plain(void **state)
{
    (void)state;
    assert_true(origin_is_plain(&(DocOrigin){0}));
    assert_false(origin_is_plain(&(DocOrigin){.transpose = true}));
    assert_false(origin_is_plain(&(DocOrigin){.words = true}));
    assert_false(origin_is_plain(&(DocOrigin){.gold = "a"}));
    assert_false(origin_is_plain(&(DocOrigin){.eos = EOS_NONE}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_shares_nothing_with_what_it_was_made_from),
        cmocka_unit_test(only_an_origin_without_wishes_is_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
