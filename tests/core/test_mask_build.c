#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mask_case.h"

static Mask random_mask(int n_q, int n_k, int count, int seed)
{
    AttnInput in = {.n_q = n_q, .n_k = n_k};
    MaskParams params = {.random = count, .seed = seed, .renormalise = true};
    Mask mask;
    assert_true(mask_init(&mask, &in, &params));
    return mask;
}

/* The table was written by another program: SplitMix64 and Floyd's algorithm in Python. */
static void random_keys_are_the_same_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        int seed, query, n_k, count, keys[4];
    } KNOWN[] = {{0, 0, 10, 3, {1, 2, 5}},
                 {0, 1, 10, 3, {2, 8, 9}},
                 {7, 0, 1000, 4, {99, 258, 292, 607}},
                 {7, 999, 1000, 4, {118, 458, 478, 824}},
                 {2147483647, 5, 131072, 3, {49185, 57269, 83095}}};
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        Mask mask = random_mask(KNOWN[i].query + 1, KNOWN[i].n_k, KNOWN[i].count, KNOWN[i].seed);
        assert_int_equal(mask_count(&mask, KNOWN[i].query), KNOWN[i].count);
        for (int t = 0; t < KNOWN[i].count; t++)
            assert_true(mask_allows(&mask, KNOWN[i].query, KNOWN[i].keys[t]));
        mask_free(&mask);
    }
}

static void every_row_draws_as_many_keys_as_asked(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 63, 64, 65, 199, 200, 201, 4096};
    for (int i = 0; i < 9; i++) {
        Mask mask = random_mask(50, 200, counts[i], 3);
        for (int row = 0; row < 50; row++)
            assert_int_equal(mask_count(&mask, row), counts[i] < 200 ? counts[i] : 200);
        mask_free(&mask);
    }
}

/* Query i is at place i of 80 keys, or 20 before it: every row that sees a key draws one. */
static void random_keys_are_drawn_among_those_that_causal_allows(void **state)
{
    (void)state;
    for (int c = 0; c < 8; c++) {
        int n_q = c & 1 ? 100 : 80, prefix = c & 2 ? 30 : 0, count = c & 4 ? 1 : 7;
        AttnInput in = {.n_q = n_q, .n_k = 80};
        MaskParams params = {.random = count,
                             .causal = true,
                             .prefix = prefix,
                             .align = MASK_BOTTOM,
                             .seed = 5,
                             .renormalise = true};
        Mask mask;
        assert_true(mask_init(&mask, &in, &params));
        for (int row = 0; row < n_q; row++) {
            int seen = row + 1 - (n_q - 80);
            seen = seen < prefix ? prefix : seen;
            assert_int_equal(mask_count(&mask, row), seen < 0 ? 0 : seen < count ? seen : count);
        }
        mask_free(&mask);
    }
}

/* 2000 rows × 5 of 50 keys: each key is drawn 200 times in the mean, with a deviation of
 * sqrt(2000 · 0.1 · 0.9) = 13.4; neighbouring rows and seeds agree as often as chance has it. */
static void random_keys_spread_evenly(void **state)
{
    (void)state;
    Mask mask = random_mask(2000, 50, 5, 1), other = random_mask(2000, 50, 5, 2);
    int drawn[50] = {0}, next = 0, seeds = 0;
    for (int row = 0; row < 2000; row++)
        for (int key = 0; key < 50; key++) {
            bool seen = mask_allows(&mask, row, key);
            drawn[key] += seen;
            next += row > 0 && seen && mask_allows(&mask, row - 1, key);
            seeds += seen && mask_allows(&other, row, key);
        }
    for (int key = 0; key < 50; key++)
        assert_in_range(drawn[key], 200 - 5 * 13, 200 + 5 * 13);
    assert_in_range(next, 1000 - 160, 1000 + 160); /* 2000 · 5 · 0.1, five deviations */
    assert_in_range(seeds, 1000 - 160, 1000 + 160);
    mask_free(&mask);
    mask_free(&other);
}

static void a_mask_that_did_not_change_is_shared(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 5, .n_k = 7, .key = 3};
    MaskParams params = {.random = 2, .dilation = 1, .renormalise = true};
    Mask none = {0}, a, b, c;
    int64_t before = mem_live();
    assert_true(mask_share(&a, &none, &in, &params));
    assert_true(mask_share(&b, &a, &in, &params));
    assert_ptr_equal(a.random, b.random);
    params.seed = 1;
    assert_true(mask_share(&c, &a, &in, &params));
    assert_ptr_not_equal(a.random, c.random);
    mask_free(&a);
    assert_int_equal(mask_count(&b, 4), 2); /* outlives the one it came from */
    mask_free(&b);
    in.key = 4; /* another head */
    assert_true(mask_share(&b, &c, &in, &params));
    assert_ptr_not_equal(b.random, c.random);
    mask_free(&b);
    in.key = 0; /* no key, nothing is known */
    c.key = 0;
    assert_true(mask_share(&b, &c, &in, &params));
    assert_ptr_not_equal(b.random, c.random);
    mask_free(&b);
    mask_free(&c);
    assert_int_equal(mem_live(), before);
}

static void heads_together_see_what_one_of_them_sees(void **state)
{
    (void)state;
    static const double first[6] = {1, 0, 0, 0, 1, 0}, second[6] = {0, 0, 1, 0, 1, 0};
    AttnInput heads[3] = {{.n_q = 2, .n_k = 3}, {.n_q = 2, .n_k = 3}, {.n_q = 2, .n_k = 3}};
    MaskParams params = {.given = true, .renormalise = true};
    heads[0].mask = (Stored){first, DTYPE_F64, 2, 3, 3};
    heads[1].mask = (Stored){second, DTYPE_F64, 2, 3, 3};
    for (int count = 1; count <= 3; count++) {
        Mask mask;
        assert_true(mask_init_heads(&mask, heads, count, &params));
        for (int i = 0; i < 6; i++) {
            bool seen = count == 3 || first[i] != 0 || (count == 2 && second[i] != 0);
            assert_int_equal(mask_allows(&mask, i / 3, i % 3), seen);
        }
        mask_free(&mask);
    }
}

static void a_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    static MaskCase c;
    RefRandom r = {5};
    case_random(&c, &r, 9, 9);
    c.in.segment_q = c.segment_q;
    c.in.segment_k = c.segment_k;
    c.in.mask = (Stored){c.matrix, DTYPE_F32, 9, 9, 9};
    c.params.segments = c.params.given = true;
    c.params.random = 2;
    c.params.global = index_set_intern((int[]){1}, 1);
    int64_t before = mem_live();
    uint64_t tried = mem_count();
    Mask mask;
    assert_true(mask_init(&mask, &c.in, &c.params));
    tried = mem_count() - tried;
    mask_free(&mask);
    assert_int_equal(mem_live(), before);
    assert_true(tried >= 10);
    for (uint64_t n = 1; n <= tried; n++) {
        mem_fail_at(n, false);
        assert_false(mask_init(&mask, &c.in, &c.params));
        assert_int_equal(mem_live(), before);
    }
    mem_fail_at(0, false);
    case_free(&c);
}

static void a_table_that_cannot_be_addressed_is_refused(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 2147483647, .n_k = 4096};
    MaskParams params = {.random = 4096, .renormalise = true};
    Mask mask;
    mem_fail_at(6, true); /* 2^45 bytes: not even asked for here */
    assert_false(mask_init(&mask, &in, &params));
    mem_fail_at(0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_keys_are_the_same_on_every_machine),
        cmocka_unit_test(every_row_draws_as_many_keys_as_asked),
        cmocka_unit_test(random_keys_are_drawn_among_those_that_causal_allows),
        cmocka_unit_test(random_keys_spread_evenly),
        cmocka_unit_test(a_mask_that_did_not_change_is_shared),
        cmocka_unit_test(heads_together_see_what_one_of_them_sees),
        cmocka_unit_test(a_failed_allocation_leaves_nothing_behind),
        cmocka_unit_test(a_table_that_cannot_be_addressed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
