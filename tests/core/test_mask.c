#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mask_case.h"

static void check_case(const MaskCase *c)
{
    Mask mask;
    assert_true(mask_init(&mask, &c->in, &c->params));
    for (int i = 0; i < c->in.n_q; i++) {
        const char *wrong = case_row_wrong(c, &mask, i);
        if (wrong)
            fail_msg("%s, row %d of %d x %d, causal %d prefix %d window %d dilation %d stride %d "
                     "random %d block %d align %d",
                     wrong, i, c->in.n_q, c->in.n_k, c->params.causal, c->params.prefix,
                     c->params.window, c->params.dilation, c->params.stride, c->params.random,
                     c->params.block, (int)c->params.align);
    }
    mask_free(&mask);
}

/* Place in a mixed-radix number. */
static int digit(int *number, int radix)
{
    int d = *number % radix;
    *number /= radix;
    return d;
}

static MaskParams grid_params(int number)
{
    static const int window[7] = {0, 1, 3, 2, 3, 2, 9}, dilation[7] = {1, 1, 1, 2, 2, 3, 1};
    static const int prefix[3] = {0, 0, 2}, strides[3] = {0, 2, 3}, blocks[3] = {0, 1, 3};
    MaskParams m = {.renormalise = true};
    int causal = digit(&number, 3), w = digit(&number, 7), global = digit(&number, 3);
    m.causal = causal > 0;
    m.prefix = prefix[causal];
    m.window = window[w];
    m.dilation = dilation[w];
    m.stride = strides[digit(&number, 3)];
    m.random = 2 * digit(&number, 2);
    m.block = blocks[digit(&number, 3)];
    m.align = (MaskAlign)digit(&number, 2);
    m.global = index_set_intern((int[]){global == 1 ? 0 : 1, 4}, global);
    return m;
}

static void every_small_shape_agrees_with_the_definition(void **state)
{
    (void)state;
    RefRandom r = {20240601};
    int at = 0;
    for (int n_q = 1; n_q <= 9; n_q++)
        for (int n_k = 1; n_k <= 9; n_k++) /* every third of 2268, all of them over three shapes */
            for (int number = at++ % 3; number < 3 * 7 * 3 * 3 * 2 * 3 * 2; number += 3) {
                static MaskCase c;
                c = (MaskCase){.in = {.n_q = n_q, .n_k = n_k}};
                c.params = grid_params(number);
                case_document(&c, &r);
                if (number % 2)
                    case_keys(&c, &r);
                check_case(&c);
                case_free(&c);
            }
}

static void any_mix_of_masks_agrees_with_the_definition(void **state)
{
    (void)state;
    RefRandom r = {7};
    for (int i = 0; i < 20000; i++) {
        static MaskCase c;
        case_random(&c, &r, ref_range(&r, 1, 12), ref_range(&r, 1, 12));
        check_case(&c);
        case_free(&c);
    }
}

static void long_rows_agree_at_the_ends_of_words(void **state)
{
    (void)state;
    static const int lengths[] = {63, 64, 65, 127, 128, 129, 192, 1000};
    RefRandom r = {11};
    for (int i = 0; i < 240; i++) {
        static MaskCase c;
        int n_k = lengths[i % 8];
        case_random(&c, &r, ref_range(&r, 1, i % 8 == 7 ? 12 : 70), n_k);
        check_case(&c);
        case_free(&c);
    }
    static MaskCase square;
    case_random(&square, &r, 1000, 1000);
    square.params.stride = 37;
    square.params.window = 0;
    check_case(&square);
    case_free(&square);
}

/* Longformer (Beltagy et al. 2020): a window on either side and global tokens. */
static void a_longformer_sees_its_window_and_the_global_tokens(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 200, .n_k = 200};
    MaskParams params = {.window = 5,
                         .dilation = 3,
                         .global = index_set_intern((int[]){0, 150}, 2),
                         .renormalise = true};
    Mask mask;
    assert_true(mask_init(&mask, &in, &params));
    for (int i = 0; i < 200; i++) {
        bool seen[200] = {false};
        for (int step = -4; step <= 4; step++)
            if (i + 3 * step >= 0 && i + 3 * step < 200)
                seen[i + 3 * step] = true;
        seen[0] = seen[150] = true;
        for (int j = 0; j < 200; j++)
            assert_int_equal(mask_allows(&mask, i, j), seen[j] || i == 0 || i == 150);
    }
    mask_free(&mask);
}

/* Sparse Transformer, strided (Child et al. 2019): the last l tokens and every l-th before. */
static void a_sparse_transformer_sees_the_last_and_every_so_many(void **state)
{
    (void)state;
    enum { N = 130, L = 8 };
    AttnInput in = {.n_q = N, .n_k = N};
    MaskParams params = {.causal = true, .window = L, .stride = L, .renormalise = true};
    Mask mask;
    assert_true(mask_init(&mask, &in, &params));
    for (int i = 0; i < N; i++) {
        bool seen[N] = {false};
        int count = 0;
        for (int j = i; j >= 0 && j > i - L; j--)
            seen[j] = true;
        for (int j = i; j >= 0; j -= L)
            seen[j] = true;
        for (int j = 0; j < N; j++) {
            assert_int_equal(mask_allows(&mask, i, j), seen[j]);
            count += seen[j];
        }
        assert_int_equal(mask_count(&mask, i), count);
    }
    mask_free(&mask);
}

static void panels_and_cuts_hold_what_competes(void **state)
{
    (void)state;
    RefRandom r = {13};
    for (int round = 0; round < 200; round++) {
        static MaskCase c;
        Mask mask;
        int n_k = ref_range(&r, 1, 300);
        uint64_t panels[2], any[8] = {0};
        case_random(&c, &r, ref_range(&r, 1, 40), n_k);
        assert_true(mask_init(&mask, &c.in, &c.params));
        int from = ref_range(&r, 0, n_k - 1), to = ref_range(&r, from + 1, n_k);
        int row = ref_range(&r, 0, c.in.n_q - 1), rows = ref_range(&r, 1, c.in.n_q - row);
        int first = n_k, last = -1, cut_from = from, cut_to = to;
        assert_int_equal(mask_panel_words(n_k), 1);
        mask_panels(&mask, row, rows, panels);
        bool narrow = mask_narrow(&mask, row, rows, &cut_from, &cut_to);
        for (int i = row; i < row + rows; i++)
            for (int j = 0; j < n_k; j++)
                if (ref_competes(&c.in, &c.params, i, j)) {
                    assert_true((panels[0] >> (j / 32)) & 1);
                    any[j / 64] |= (uint64_t)1 << (j % 64);
                    first = j >= from && j < to && j < first ? j : first;
                    last = j >= from && j < to && j > last ? j : last;
                }
        assert_true(narrow || last < 0);
        assert_true(last < 0 || (cut_from <= first && cut_to > last));
        for (int p = 0; mask.irregular && p < (n_k + 31) / 32; p++)
            assert_int_equal((panels[0] >> p) & 1, (uint32_t)(any[p / 2] >> (p % 2 * 32)) != 0);
        assert_true(!mask.irregular || last < 0 || (cut_from == first && cut_to == last + 1));
        mask_free(&mask);
        case_free(&c);
    }
}

static void keys_that_some_row_sees_are_found_together(void **state)
{
    (void)state;
    RefRandom r = {17};
    for (int round = 0; round < 200; round++) {
        static MaskCase c;
        Mask mask;
        case_random(&c, &r, ref_range(&r, 1, 70), ref_range(&r, 1, 200));
        assert_true(mask_init(&mask, &c.in, &c.params));
        for (int word = 0; word <= (c.in.n_k - 1) / 64; word++) {
            uint64_t seen = 0;
            for (int i = 0; i < c.in.n_q; i++)
                seen |= mask_word(&mask, i, word);
            assert_true(mask_word_any(&mask, word) == seen);
        }
        mask_free(&mask);
        case_free(&c);
    }
}

static void given_weights_and_strange_shapes_keep_their_own_masks(void **state)
{
    (void)state;
    RefRandom r = {19};
    for (int round = 0; round < 300; round++) {
        static MaskCase c;
        int n_q = ref_range(&r, 1, 9), n_k = ref_range(&r, 1, 9);
        case_random(&c, &r, n_q, n_k);
        if (round % 3 == 0) { /* every row is a feature of one query */
            c.in.form = FORM_FEATURES;
            c.in.prepared = true;
            c.in.queries = n_q;
            c.in.keys = n_k;
            c.in.row_query = ref_range(&r, 0, n_q - 1);
            c.in.n_q = ref_range(&r, 1, 12);
        } else if (round % 3 == 1) {
            c.in.form = FORM_STRIP;
            c.in.n_q = 1;
        } else {
            c.in.form = FORM_GATE;
        }
        check_case(&c);
        case_free(&c);
    }
    MaskParams all = {.causal = true, .window = 3, .block = 2, .hidden = 1, .padding = true};
    MaskParams acts = mask_acting(ENTRY_WEIGHTS, &all);
    assert_false(acts.causal || acts.window || acts.block || acts.padding);
    assert_int_equal(acts.hidden, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_shape_agrees_with_the_definition),
        cmocka_unit_test(any_mix_of_masks_agrees_with_the_definition),
        cmocka_unit_test(long_rows_agree_at_the_ends_of_words),
        cmocka_unit_test(a_longformer_sees_its_window_and_the_global_tokens),
        cmocka_unit_test(a_sparse_transformer_sees_the_last_and_every_so_many),
        cmocka_unit_test(panels_and_cuts_hold_what_competes),
        cmocka_unit_test(keys_that_some_row_sees_are_found_together),
        cmocka_unit_test(given_weights_and_strange_shapes_keep_their_own_masks),
        cmocka_unit_test(causal_sits_at_the_top_or_at_the_bottom),
        cmocka_unit_test(a_causal_window_keeps_w_keys_with_itself),
        cmocka_unit_test(huge_windows_and_lengths_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
