#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "problem.h"

static Mask mask_of(const AttnInput *in, const MaskParams *params)
{
    Mask mask;
    assert_true(mask_init(&mask, in, params));
    return mask;
}

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-12 * (1 + fabs(expected))))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static void entropy_of_known_rows_in_bits(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 1, .n_k = 4};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    const struct {
        float w[4];
        double entropy, sum;
        int argmax;
    } cases[] = {
        {{0.25f, 0.25f, 0.25f, 0.25f}, 2, 1, 0},
        {{0, 1, 0, 0}, 0, 1, 1},
        {{0.5f, 0, 0.5f, 0}, 1, 1, 0},
        {{0.5f, 0.25f, 0.125f, 0.125f}, 1.75, 1, 0},
        {{0.125f, 0.125f, 0.125f, 0.125f}, 2, 0.5, 0}, /* of the weights divided by their sum */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RowStats row;
        stats_row(&row, cases[i].w, &mask, 0);
        near(row.entropy, cases[i].entropy);
        near(row.effective, exp2(cases[i].entropy));
        near(row.sum, cases[i].sum);
        assert_int_equal(row.argmax, cases[i].argmax);
        assert_int_equal(row.keys, 4);
        assert_int_equal(row.flags, 0);
    }
    mask_free(&mask);
}

static void rows_without_a_distribution_have_no_entropy(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 2, .n_k = 2};
    MaskParams params = {.causal = true, .renormalise = true};
    const float nan[] = {0.5f, NAN}, inf[] = {0.5f, INFINITY}, zero[] = {0, 0}, masked[] = {1, NAN};
    RowStats row;
    Mask mask = mask_of(&in, &params);
    stats_row(&row, nan, &mask, 1);
    assert_true(row.flags == ROW_NAN && isnan(row.entropy) && isnan(row.sum) && row.argmax == -1);
    stats_row(&row, inf, &mask, 1);
    assert_true(row.flags == ROW_HAS_INF && isnan(row.entropy) && row.argmax == 1);
    stats_row(&row, zero, &mask, 1);
    assert_true(row.flags == 0 && isnan(row.entropy) && row.sum == 0);
    stats_row(&row, masked, &mask, 0); /* the NaN is masked */
    assert_true(row.flags == 0 && row.entropy == 0 && row.keys == 1);
    mask_free(&mask);
    params = (MaskParams){.hidden = index_set_intern((int[]){0, 1}, 2), .renormalise = true};
    mask = mask_of(&in, &params);
    stats_row(&row, nan, &mask, 0);
    assert_true(row.flags == ROW_FULLY_MASKED && isnan(row.entropy) && row.sum == 0);
    assert_true(row.max == 0 && row.argmax == -1 && row.keys == 0);
    mask_free(&mask);
}

static void ranges_count_what_is_not_finite(void **state)
{
    (void)state;
    const float cells[] = {1, -3, 99, 2, NAN, 99, -INFINITY, 0.5f, 99};
    Range r = stats_range((Matrix){cells, 3, 2, 3}, NULL);
    assert_true(r.lo == -3 && r.hi == 2 && r.abs_max == 3);
    assert_true(r.nan_count == 1 && r.inf_count == 1);
    assert_true(r.first_row == 1 && r.first_col == 1);
    const float none[] = {NAN};
    r = stats_range((Matrix){none, 1, 1, 1}, NULL);
    assert_true(r.lo == 0 && r.hi == 0 && r.abs_max == 0 && r.first_row == 0 && r.first_col == 0);
    r = stats_range((Matrix){cells, 1, 2, 3}, NULL);
    assert_true(r.first_row == -1 && r.first_col == -1);
}

static void ranges_agree_with_a_plain_loop(void **state)
{
    (void)state;
    RefRandom r = {51};
    for (int round = 0; round < 2000; round++) {
        Problem p =
            problem_new(&r, ENTRY_SCORES, ref_range(&r, 1, 5), ref_range(&r, 1, 40), 1, 0, 1);
        AttnParams params = problem_params(&r, p.in.n_k);
        Mask mask = mask_of(&p.in, &params.mask);
        if (round % 2)
            p.given[0] = round % 4 == 1 ? NAN : INFINITY;
        double lo = (double)INFINITY, hi = -(double)INFINITY;
        int64_t odd = 0;
        for (int i = 0; i < p.in.n_q; i++)
            for (int j = 0; j < p.in.n_k; j++) {
                double x = (double)matrix_row(p.in.given, i)[j];
                if (!ref_shown(&p.in, &params.mask, i, j))
                    continue;
                odd += !isfinite(x);
                lo = isfinite(x) && x < lo ? x : lo;
                hi = isfinite(x) && x > hi ? x : hi;
            }
        Range range = stats_range(p.in.given, &mask);
        assert_int_equal(range.nan_count + range.inf_count, odd);
        assert_true((double)range.lo == (lo > hi ? 0 : lo));
        assert_true((double)range.hi == (lo > hi ? 0 : hi));
        mask_free(&mask);
        problem_free(&p);
    }
}

static void ranks_follow_a_stable_sort(void **state)
{
    (void)state;
    RefRandom r = {53};
    for (int round = 0; round < 3000; round++) {
        AttnInput in = {.n_q = 3, .n_k = ref_range(&r, 1, 9)};
        AttnParams params = problem_params(&r, in.n_k);
        Mask mask = mask_of(&in, &params.mask);
        float w[9];
        int rank[9] = {0}, next = 1;
        for (int j = 0; j < in.n_k; j++)
            w[j] = ref_range(&r, 0, 9) ? (float)ref_range(&r, 0, 3) / 4 : NAN;
        for (int taken = 0; taken < in.n_k; taken++) { /* the largest that has no rank yet */
            int best = -1;
            for (int j = in.n_k - 1; j >= 0; j--)
                if (ref_shown(&in, &params.mask, 1, j) && !isnan(w[j]) && !rank[j] &&
                    (best < 0 || w[j] >= w[best]))
                    best = j;
            if (best >= 0)
                rank[best] = next++;
        }
        for (int j = 0; j < in.n_k; j++)
            assert_int_equal(stats_rank(w, &mask, 1, j), rank[j]);
        mask_free(&mask);
    }
}

static void received_is_the_column_sum_without_nan_rows(void **state)
{
    (void)state;
    const float w[] = {0.25f, 0.75f, NAN, NAN, 0.5f, 0.125f};
    const RowStats rows[] = {{.flags = 0}, {.flags = ROW_NAN}, {.flags = 0}};
    double out[2];
    stats_received((Matrix){w, 3, 2, 2}, rows, out);
    assert_true(out[0] == 0.75 && out[1] == 0.875);
}

static void head_statistics_of_a_hand_made_head(void **state)
{
    (void)state;
    /* Rows: itself, the one before, the first; the last is NaN and does not count. */
    const float w[] = {1, 0, 0, 0, 0.75f, 0.25f, 0, 0, 1, 0, 0, 0, NAN, NAN, NAN, NAN};
    AttnInput in = {.n_q = 4, .n_k = 4};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    Matrix m = {w, 4, 4, 4};
    RowStats rows[4];
    for (int i = 0; i < 4; i++)
        stats_row(rows + i, matrix_row(m, i), &mask, i);
    HeadStats head = stats_head(m, rows, &mask);
    assert_int_equal(head.rows, 3);
    near(head.mean_entropy, 0.8112781244591328 / 3); /* H(¾, ¼) */
    near(head.first_token, 2.75 / 3);
    near(head.previous_token, 0.75 / 3);
    near(head.itself, 1.25 / 3);
    near(head.mean_distance, 2.75 / 3);
    mask_free(&mask);
    in.n_q = 2; /* bottom alignment: p(i) = i + 2 */
    mask = mask_of(&in, &(MaskParams){.align = MASK_BOTTOM, .renormalise = true});
    head = stats_head((Matrix){w, 2, 4, 4}, rows, &mask);
    near(head.itself, 0);
    near(head.mean_distance, (2 + 0.75 * 3 + 0.25 * 2) / 2);
    mask_free(&mask);
}

static void distances_of_long_rows_agree_with_a_plain_loop(void **state)
{
    (void)state;
    enum { ROWS = 5, MOST = 40 };
    RefRandom r = {77};
    for (int n = 1; n <= MOST; n++) {
        AttnInput in = {.n_q = ROWS, .n_k = n};
        Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
        float w[ROWS * MOST];
        RowStats rows[ROWS];
        double distance = 0;
        for (int i = 0; i < ROWS * n; i++)
            w[i] = fabsf((float)ref_normal(&r));
        for (int i = 0; i < ROWS; i++) {
            stats_row(rows + i, w + i * n, &mask, i);
            double sum = 0; /* no weights that sum to 1: of what they are of their sum */
            for (int j = 0; j < n; j++)
                sum += (double)w[i * n + j];
            for (int j = 0; j < n; j++)
                distance += (double)w[i * n + j] / sum * abs(j - i);
        }
        near(stats_head((Matrix){w, ROWS, n, n}, rows, &mask).mean_distance, distance / ROWS);
        mask_free(&mask);
    }
}

static bool same_head(const HeadStats *a, const HeadStats *b)
{
    return a->mean_entropy == b->mean_entropy && a->first_token == b->first_token &&
           a->previous_token == b->previous_token && a->itself == b->itself &&
           a->mean_distance == b->mean_distance && a->rows == b->rows;
}

static void one_walk_gives_what_two_give(void **state)
{
    (void)state;
    enum { ROWS = 7, MOST = 70 };
    RefRandom r = {78};
    for (int n = 1; n <= MOST; n += 3) {
        AttnInput in = {.n_q = ROWS, .n_k = n};
        Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
        float w[ROWS * MOST];
        double alone[MOST], together[MOST], plain[MOST] = {0};
        RowStats rows[ROWS];
        HeadStats head;
        for (int i = 0; i < ROWS * n; i++)
            w[i] = i / n == 4 ? NAN : fabsf((float)ref_normal(&r));
        for (int i = 0; i < ROWS; i++) {
            stats_row(rows + i, w + i * n, &mask, i);
            for (int j = 0; j < n && i != 4; j++)
                plain[j] += (double)w[i * n + j];
        }
        Matrix m = {w, ROWS, n, n};
        HeadStats other = stats_head(m, rows, &mask);
        stats_received(m, rows, alone);
        assert_true(stats_sums(m, rows, &mask, NULL, &head, together));
        assert_memory_equal(alone, plain, sizeof *plain * (size_t)n);
        assert_memory_equal(together, plain, sizeof *plain * (size_t)n);
        assert_true(same_head(&head, &other));
        mask_free(&mask);
    }
}

static void threads_do_not_change_the_sums_of_a_large_head(void **state)
{
    (void)state;
    enum { N = 600 };
    static float w[N * N];
    static RowStats rows[N];
    static double alone[N], shared[N];
    RefRandom r = {79};
    AttnInput in = {.n_q = N, .n_k = N};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    Matrix m = {w, N, N, N};
    Threads *threads = threads_start(3);
    HeadStats one, three;
    for (int i = 0; i < N * N; i++)
        w[i] = i / N == 301 ? NAN : fabsf((float)ref_normal(&r));
    for (int i = 0; i < N; i++)
        stats_row(rows + i, w + i * N, &mask, i);
    assert_non_null(threads);
    assert_true(stats_sums(m, rows, &mask, NULL, &one, alone));
    assert_true(stats_sums(m, rows, &mask, threads, &three, shared));
    assert_memory_equal(alone, shared, sizeof alone);
    assert_true(same_head(&one, &three));
    HeadStats other = stats_head(m, rows, &mask);
    assert_true(same_head(&one, &other));
    for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int i = 0; i < N; i++)
            sum += i == 301 ? 0 : (double)w[i * N + j];
        near(alone[j], sum);
    }
    threads_stop(threads);
    mask_free(&mask);
}

static void a_head_without_rows_has_no_averages(void **state)
{
    (void)state;
    const float w[] = {NAN};
    AttnInput in = {.n_q = 1, .n_k = 1};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    RowStats row;
    stats_row(&row, w, &mask, 0);
    HeadStats head = stats_head((Matrix){w, 1, 1, 1}, &row, &mask);
    assert_true(head.rows == 0 && isnan(head.mean_entropy) && isnan(head.mean_distance));
    mask_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entropy_of_known_rows_in_bits),
        cmocka_unit_test(rows_without_a_distribution_have_no_entropy),
        cmocka_unit_test(ranges_count_what_is_not_finite),
        cmocka_unit_test(ranges_agree_with_a_plain_loop),
        cmocka_unit_test(ranks_follow_a_stable_sort),
        cmocka_unit_test(received_is_the_column_sum_without_nan_rows),
        cmocka_unit_test(head_statistics_of_a_hand_made_head),
        cmocka_unit_test(distances_of_long_rows_agree_with_a_plain_loop),
        cmocka_unit_test(one_walk_gives_what_two_give),
        cmocka_unit_test(threads_do_not_change_the_sums_of_a_large_head),
        cmocka_unit_test(a_head_without_rows_has_no_averages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
