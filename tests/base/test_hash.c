#include "base/hash.h"
#include "support/check.h"

#include <string.h>

static void hashes_match_the_published_vectors(void **state)
{
    (void)state;
    /* Test vectors of FNV-1a, 64 bit, by its authors. */
    static const struct {
        const char *text;
        uint64_t want;
    } cases[] = {{"", 0xcbf29ce484222325u},
                 {"a", 0xaf63dc4c8601ec8cu},
                 {"b", 0xaf63df4c8601f1a5u},
                 {"foobar", 0x85944171f73967e8u}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(hash_bytes(HASH_SEED, cases[i].text, strlen(cases[i].text)) == cases[i].want);
}

static void a_hash_can_be_continued(void **state)
{
    (void)state;
    uint64_t half = hash_bytes(HASH_SEED, "foo", 3);
    assert_true(hash_bytes(half, "bar", 3) == hash_bytes(HASH_SEED, "foobar", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_match_the_published_vectors),
        cmocka_unit_test(a_hash_can_be_continued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
