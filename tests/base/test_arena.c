#include "base/arena.h"
#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static void blocks_are_zero_aligned_and_apart(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    static unsigned char *blocks[MANY];
    static size_t sizes[MANY];
    Arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < MANY; i++) {
        sizes[i] = i % 17 == 0 ? 20000 + i : i % 97;
        blocks[i] = arena_alloc(&arena, sizes[i], 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i % 251) + 1, sizes[i]);
    }
    /* What was written first is still there: nothing overlaps and nothing moved. */
    for (size_t i = 0; i < MANY; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(blocks[i][k], i % 251 + 1);
    arena_free(&arena);
}

static void nothing_has_an_address_of_its_own(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena);
    void *a = arena_alloc(&arena, 0, 8), *b = arena_alloc(&arena, 8, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    arena_free(&arena);
}

static void text_is_copied_with_its_end(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena);
    char *a = arena_text(&arena, "hello world", 5), *b = arena_text(&arena, NULL, 0);
    assert_string_equal(a, "hello");
    assert_string_equal(b, "");
    arena_free(&arena);
}

static void a_reset_arena_uses_its_blocks_again(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena);
    for (int i = 0; i < 100; i++)
        memset(arena_alloc(&arena, 5000, 1), 0xAA, 5000);
    assert_true(arena.used >= 500000);
    int64_t live = mem_live();
    for (int round = 0; round < 3; round++) {
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
        for (int i = 0; i < 100; i++) {
            const unsigned char *block = arena_alloc(&arena, 5000, 1);
            for (int k = 0; k < 5000; k++)
                assert_int_equal(block[k], 0);
        }
        assert_int_equal(mem_live(), live);
    }
    arena_free(&arena);
}

static void a_freed_arena_can_be_used_again(void **state)
{
    (void)state;
    int64_t live = mem_live();
    Arena arena;
    arena_init(&arena);
    arena_free(&arena);
    assert_non_null(arena_alloc(&arena, 100000, 1));
    assert_non_null(arena_alloc(&arena, 1, 1));
    arena_free(&arena);
    assert_int_equal(arena.used, 0);
    assert_int_equal(mem_live(), live);
}

static void large_things_do_not_waste_the_block_before(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena);
    assert_non_null(arena_alloc(&arena, 16, 1));
    int64_t live = mem_live();
    for (int i = 0; i < 10; i++) {
        assert_non_null(arena_alloc(&arena, 1 << 20, 1));
        assert_non_null(arena_alloc(&arena, 16, 1));
    }
    assert_int_equal(mem_live(), live + 10);
    arena_free(&arena);
}

static void impossible_sizes_give_null(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena);
    assert_null(arena_alloc(&arena, SIZE_MAX, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX - 20, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_text(&arena, "", SIZE_MAX));
    assert_null(arena_text(&arena, "", SIZE_MAX - 1));
    mem_fail_at(1, false);
    assert_null(arena_alloc(&arena, 1, 1));
    assert_non_null(arena_alloc(&arena, 1, 1));
    mem_fail_at(1, false);
    assert_null(arena_alloc(&arena, 1 << 20, 1));
    assert_non_null(arena_alloc(&arena, 1, 1));
    mem_fail_at(0, false);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zero_aligned_and_apart),
        cmocka_unit_test(nothing_has_an_address_of_its_own),
        cmocka_unit_test(text_is_copied_with_its_end),
        cmocka_unit_test(a_reset_arena_uses_its_blocks_again),
        cmocka_unit_test(a_freed_arena_can_be_used_again),
        cmocka_unit_test(large_things_do_not_waste_the_block_before),
        cmocka_unit_test(impossible_sizes_give_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
