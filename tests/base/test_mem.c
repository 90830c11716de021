#include "base/mem.h"
#include "support/check.h"

#include <pthread.h>
#include <string.h>

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t count, size;
    } cases[] = {{SIZE_MAX, 1},
                 {SIZE_MAX, 2},
                 {SIZE_MAX / 2 + 1, 2},
                 {2, SIZE_MAX},
                 {1ull << 33, 1ull << 31},
                 {(size_t)1 << 40, 1}};
    int64_t live = mem_live();
    char *block = mem_alloc(4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(mem_zero(cases[i].count, cases[i].size));
        assert_null(mem_array(cases[i].count, cases[i].size));
        assert_null(mem_aligned(cases[i].count, cases[i].size));
        assert_null(mem_resize(NULL, cases[i].count, cases[i].size));
        assert_null(mem_resize(block, cases[i].count, cases[i].size));
    }
    assert_null(mem_alloc(SIZE_MAX));
    assert_null(mem_string("", SIZE_MAX));
    mem_free(block);
    assert_int_equal(mem_live(), live);
}

static void sums_and_products_are_checked(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(mem_mul(3, 5, &out));
    assert_int_equal(out, 15);
    assert_true(mem_mul(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
    assert_true(mem_mul(1, SIZE_MAX, &out));
    assert_false(mem_mul(2, SIZE_MAX / 2 + 1, &out));
    assert_true(mem_add(SIZE_MAX - 1, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_false(mem_add(SIZE_MAX, 1, &out));
}

static void nothing_is_a_valid_block(void **state)
{
    (void)state;
    void *blocks[] = {mem_alloc(0),      mem_zero(0, 8),         mem_zero(8, 0),    mem_array(0, 1),
                      mem_aligned(0, 4), mem_resize(NULL, 0, 4), mem_string("x", 0)};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        assert_non_null(blocks[i]);
        mem_free(blocks[i]);
    }
    mem_free(NULL);
}

static void zeroed_memory_is_zero(void **state)
{
    (void)state;
    unsigned char *dirty = mem_alloc(4096);
    memset(dirty, 0xFF, 4096);
    mem_free(dirty);
    unsigned char *clean = mem_zero(64, 64);
    for (int i = 0; i < 4096; i++)
        assert_int_equal(clean[i], 0);
    mem_free(clean);
}

static void aligned_memory_is_aligned(void **state)
{
    (void)state;
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *block = mem_aligned(size, 1);
        assert_int_equal((uintptr_t)block % 64, 0);
        memset(block, 1, size);
        mem_free(block);
    }
}

static void text_is_copied_with_its_end(void **state)
{
    (void)state;
    char *copy = mem_string("a\0b tail", 3);
    assert_memory_equal(copy, "a\0b", 4);
    mem_free(copy);
    copy = mem_string(NULL, 0);
    assert_string_equal(copy, "");
    mem_free(copy);
}

static void live_blocks_are_counted(void **state)
{
    (void)state;
    int64_t live = mem_live();
    uint64_t count = mem_count();
    void *a = mem_alloc(1), *b = mem_aligned(2, 3), *c = mem_resize(NULL, 1, 1);
    assert_int_equal(mem_live(), live + 3);
    assert_int_equal(mem_count(), count + 3);
    c = mem_resize(c, 1000, 10);
    assert_int_equal(mem_live(), live + 3);
    assert_int_equal(mem_count(), count + 4);
    mem_free(a);
    mem_free(b);
    mem_free(c);
    assert_int_equal(mem_live(), live);
}

static void the_nth_allocation_fails_once(void **state)
{
    (void)state;
    mem_fail_at(3, false);
    void *a = mem_alloc(1), *b = mem_zero(1, 1), *c = mem_aligned(1, 1), *d = mem_array(1, 1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(c);
    assert_non_null(d);
    mem_free(a);
    mem_free(b);
    mem_free(d);
}

static void all_allocations_fail_ever_after(void **state)
{
    (void)state;
    char *block = mem_string("kept", 4);
    mem_fail_at(1, true);
    for (int i = 0; i < 3; i++) {
        assert_null(mem_alloc(1));
        assert_null(mem_zero(1, 1));
        assert_null(mem_array(1, 1));
        assert_null(mem_aligned(1, 1));
        assert_null(mem_string("x", 1));
        assert_null(mem_resize(block, 100, 1));
    }
    mem_fail_at(0, false);
    assert_string_equal(block, "kept");
    block = mem_resize(block, 100, 1);
    assert_string_equal(block, "kept");
    mem_free(block);
}

enum { THREADS = 4, ROUNDS = 5000 };

static void *allocate_and_free(void *failures)
{
    uint64_t *failed = failures;
    for (int i = 0; i < ROUNDS; i++) {
        void *block = mem_alloc(8);
        *failed += block == NULL;
        mem_free(block);
    }
    return NULL;
}

static void threads_share_the_counters(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    uint64_t failed[THREADS] = {0}, sum = 0, count = mem_count();
    int64_t live = mem_live();
    mem_fail_at(THREADS * ROUNDS / 2, false);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_and_free, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += failed[i];
    }
    assert_int_equal(sum, 1);
    assert_int_equal(mem_live(), live);
    assert_int_equal(mem_count(), count + THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(sums_and_products_are_checked),
        cmocka_unit_test(nothing_is_a_valid_block),
        cmocka_unit_test(zeroed_memory_is_zero),
        cmocka_unit_test(aligned_memory_is_aligned),
        cmocka_unit_test(text_is_copied_with_its_end),
        cmocka_unit_test(live_blocks_are_counted),
        cmocka_unit_test(the_nth_allocation_fails_once),
        cmocka_unit_test(all_allocations_fail_ever_after),
        cmocka_unit_test(threads_share_the_counters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
