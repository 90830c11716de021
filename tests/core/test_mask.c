#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/index_set.h"
#include "base/mem.h"
#include "core/mask.h"
#include "support/reference.h"

enum { MOST = 12 };

typedef struct {
    AttnInput in;
    MaskParams params;
    uint8_t padding[MOST];
} Case;

static void random_case(RefRandom *r, Case *c)
{
    *c = (Case){.in = {.n_q = ref_range(r, 1, MOST), .n_k = ref_range(r, 1, MOST)}};
    int hidden[MOST], count = ref_range(r, 0, 3);
    for (int i = 0; i < count; i++)
        hidden[i] = ref_range(r, 0, MOST); /* may lie behind the last key */
    for (int j = 0; j < MOST; j++)
        c->padding[j] = ref_range(r, 0, 3) == 0;
    c->in.padding = ref_range(r, 0, 1) ? c->padding : NULL;
    c->params = (MaskParams){.causal = ref_range(r, 0, 1),
                             .align = (MaskAlign)ref_range(r, 0, 1),
                             .window = ref_range(r, 0, 3),
                             .padding = ref_range(r, 0, 1),
                             .hidden = index_set_intern(hidden, count),
                             .renormalise = ref_range(r, 0, 1)};
}

static void check_cells(const Case *c, const Mask *mask)
{
    bool any = false;
    for (int i = 0; i < c->in.n_q; i++) {
        int lo, hi, shown = 0;
        mask_row(mask, i, &lo, &hi);
        assert_true(0 <= lo && lo <= hi && hi <= c->in.n_k);
        for (int j = 0; j < c->in.n_k; j++) {
            bool competes = ref_competes(&c->in, &c->params, i, j);
            bool seen = ref_shown(&c->in, &c->params, i, j);
            assert_int_equal(mask_competes(mask, i, j), competes);
            assert_int_equal(mask_allows(mask, i, j), seen);
            assert_true(!competes || (j >= lo && j < hi));
            shown += seen;
            any |= !seen;
        }
        assert_int_equal(mask_count(mask, i), shown);
    }
    assert_true(mask->any || !any);
}

/* The runs, cut to the row's range, are exactly the competing keys. */
static void check_runs(const Case *c, const Mask *mask)
{
    for (int i = 0; i < c->in.n_q; i++) {
        int lo, hi;
        mask_row(mask, i, &lo, &hi);
        bool in_run[MOST] = {false}, hidden[MOST] = {false};
        for (int r = mask->keys[lo].run; r < mask->run_count; r++)
            for (int j = mask->runs[r].begin; j < mask->runs[r].end; j++) {
                in_run[j] = j >= lo && j < hi;
                hidden[j] = mask->runs[r].hidden;
            }
        for (int j = 0; j < c->in.n_k; j++) {
            bool competes = ref_competes(&c->in, &c->params, i, j);
            assert_int_equal(in_run[j], competes);
            assert_true(!competes || hidden[j] == !ref_shown(&c->in, &c->params, i, j));
        }
    }
}

static void every_cell_agrees_with_the_definition(void **state)
{
    (void)state;
    RefRandom r = {20240601};
    for (int i = 0; i < 20000; i++) {
        Case c;
        Mask mask;
        random_case(&r, &c);
        assert_true(mask_init(&mask, &c.in, &c.params));
        check_cells(&c, &mask);
        check_runs(&c, &mask);
        mask_free(&mask);
    }
}

static void causal_sits_at_the_top_or_at_the_bottom(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 2, .n_k = 4};
    MaskParams params = {.causal = true, .renormalise = true};
    const int expected[2][2] = {{1, 2}, {3, 4}}; /* hi of rows 0 and 1 */
    for (int align = 0; align < 2; align++) {
        Mask mask;
        int lo, hi;
        params.align = (MaskAlign)align;
        assert_true(mask_init(&mask, &in, &params));
        for (int row = 0; row < 2; row++) {
            mask_row(&mask, row, &lo, &hi);
            assert_int_equal(lo, 0);
            assert_int_equal(hi, expected[align][row]);
        }
        mask_free(&mask);
    }
}

static void a_causal_window_keeps_w_keys_with_itself(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 9, .n_k = 9};
    MaskParams params = {.causal = true, .window = 3, .renormalise = true};
    Mask mask;
    int lo, hi;
    assert_true(mask_init(&mask, &in, &params));
    mask_row(&mask, 6, &lo, &hi);
    assert_int_equal(lo, 4);
    assert_int_equal(hi, 7);
    mask_free(&mask);
}

static void huge_windows_and_lengths_do_not_overflow(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 3, .n_k = 3};
    MaskParams params = {.causal = true, .window = 2147483647, .renormalise = true};
    Mask mask;
    int lo, hi;
    assert_true(mask_init(&mask, &in, &params));
    mask_row(&mask, 2, &lo, &hi);
    assert_int_equal(lo, 0);
    assert_int_equal(hi, 3);
    mask_free(&mask);
}

static void a_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 3, .n_k = 3};
    MaskParams params = {.renormalise = true};
    int64_t before = mem_live();
    for (uint64_t n = 1; n <= 3; n++) {
        Mask mask;
        mem_fail_at(n, false);
        assert_false(mask_init(&mask, &in, &params));
        assert_int_equal(mem_live(), before);
    }
    mem_fail_at(0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_agrees_with_the_definition),
        cmocka_unit_test(causal_sits_at_the_top_or_at_the_bottom),
        cmocka_unit_test(a_causal_window_keeps_w_keys_with_itself),
        cmocka_unit_test(huge_windows_and_lengths_do_not_overflow),
        cmocka_unit_test(a_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
