#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/core/normalisers.h"
#include "problem.h"
#include "support/norms.h"

static const RowNorm SOFTMAX = {NORM_SOFTMAX, 1.5, 1};

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

static void a_row_by_hand(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 3, .n_k = 4};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    const double w[] = {0.125, 0.5, 0.25, 0.125};
    RowMore more;
    assert_true(stats_more(&more, w, &mask, 2, SOFTMAX));
    /* Ascending ⅛ ⅛ ¼ ½: (−3 − 1)/8 + 1/4 + 3/2 over 4. */
    near(more.gini, (-3.0 / 8 - 1.0 / 8 + 1.0 / 4 + 3.0 / 2) / 4);
    near(more.relative, 1.75 / 2);
    near(more.distance, 2 * 0.125 + 0.5 + 0.125);
    near(more.first, 0.125);
    near(more.itself, 0.25);
    near(more.previous, 0.5);
    assert_true(stats_more(&more, w, &mask, 0, SOFTMAX));
    assert_true(more.itself == 0.125 && more.previous == 0);
    const float floats[] = {0.125f, 0.5f, 0.25f, 0.125f};
    RowMore other;
    assert_true(stats_more_floats(&other, floats, &mask, 0, SOFTMAX));
    assert_memory_equal(&other, &more, sizeof more);
    mask_free(&mask);
}

static void only_what_may_be_seen_counts(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 2, .n_k = 4};
    int hidden[] = {1};
    MaskParams params = {.causal = true,
                         .align = MASK_BOTTOM,
                         .hidden = index_set_intern(hidden, 1),
                         .renormalise = false};
    Mask mask = mask_of(&in, &params);
    const double w[] = {0.75, 0, 0.25, 99}; /* key 3 is out of sight of query 0, at place 2 */
    RowMore more;
    assert_true(stats_more(&more, w, &mask, 0, SOFTMAX));
    near(more.gini, (0.75 - 0.25) / 2);
    near(more.relative, 2 - 0.75 * log2(3));
    near(more.distance, 1.5);
    near(more.itself, 0.25);
    assert_true(more.previous == 0);
    mask_free(&mask);
}

/* A sigmoid's row: scaled by anything it stands as far from its keys, and is as unequal. */
static void rows_that_do_not_sum_to_1_have_the_distance_of_their_shares(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 4, .n_k = 4};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    const double w[] = {0.125, 0.25, 0, 0.125}, twice[] = {0.25, 0.5, 0, 0.25};
    const double none[] = {0, 0, 0, 0};
    RowMore more, other;
    assert_true(stats_more(&more, w, &mask, 0, (RowNorm){NORM_SIGMOID, 1.5, 1}));
    assert_true(stats_more(&other, twice, &mask, 0, SOFTMAX));
    near(more.distance, 0.5 * 1 + 0.25 * 3);
    near(other.distance, more.distance);
    near(other.gini, more.gini);
    near(more.itself, 0.125); /* the weight itself */
    near(more.first, 0.125);
    assert_true(stats_more(&more, none, &mask, 0, SOFTMAX));
    assert_true(isnan(more.distance) && more.first == 0); /* of nothing no share can be had */
    RowStats rows[2];
    const float both[] = {0.125f, 0.25f, 0, 0.125f, 0, 0, 0, 0};
    for (int i = 0; i < 2; i++)
        stats_row(rows + i, both + 4 * i, &mask, i);
    HeadStats head = stats_head((Matrix){both, 2, 4, 4}, rows, &mask);
    near(head.mean_distance, 1.25);
    assert_int_equal(head.rows, 1);
    mask_free(&mask);
}

static void rows_without_a_distribution_have_nothing_more(void **state)
{
    (void)state;
    AttnInput in = {.n_q = 2, .n_k = 2};
    Mask mask = mask_of(&in, &(MaskParams){.causal = true, .renormalise = true});
    const double nan[] = {0.5, NAN}, zero[] = {0, 0}, one[] = {1, NAN}, negative[] = {-1, 2};
    RowMore more;
    assert_true(stats_more(&more, nan, &mask, 1, SOFTMAX));
    assert_true(isnan(more.gini) && isnan(more.jacobian) && isnan(more.first));
    assert_true(stats_more(&more, zero, &mask, 1, SOFTMAX));
    assert_true(isnan(more.gini) && isnan(more.relative) && more.jacobian == 0);
    assert_true(stats_more(&more, one, &mask, 0, SOFTMAX)); /* one key: no relative entropy */
    assert_true(more.gini == 0 && isnan(more.relative) && more.jacobian == 0);
    assert_true(stats_more(&more, negative, &mask, 1, SOFTMAX));
    assert_true(isnan(more.gini));
    mask_free(&mask);
}

static double norm_of(const double *matrix, int n)
{
    double sum = 0;
    for (int i = 0; i < n * n; i++)
        sum += matrix[i] * matrix[i];
    return sqrt(sum);
}

static void derivatives_agree_with_autograd(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof NORMALISERS / sizeof *NORMALISERS; c++) {
        int n = NORMALISERS[c].n;
        const double *w = NORMALISER_VALUES + NORMALISERS[c].values + n, *slopes = w + n;
        RowNorm norm = {(NormKind)NORMALISERS[c].kind, NORMALISERS[c].alpha, NORMALISERS[c].t};
        for (int i = 0; i < n; i++) {
            double row[8];
            stats_jacobian_row(row, w, n, norm, n, i);
            for (int j = 0; j < n; j++)
                if (!(fabs(row[j] - slopes[i * n + j]) <= 1e-7))
                    fail_msg("case %zu: %d by %d: %.9g, expected %.9g", c, i, j, row[j],
                             slopes[i * n + j]);
        }
        double found = stats_jacobian_norm(w, n, norm, n);
        if (!(fabs(found - norm_of(slopes, n)) <= 1e-7 * (1 + found)))
            fail_msg("case %zu: norm %.12g, expected %.12g", c, found, norm_of(slopes, n));
    }
}

static void derivatives_agree_with_differences_of_the_definitions(void **state)
{
    (void)state;
    enum { N = 9 };
    const double h = 1e-5;
    RefRandom r = {91};
    for (int round = 0; round < 600; round++) {
        double l[N], w[N], up[N], down[N], row[N], slopes[N * N];
        NormParams params = {.kind = (NormKind)(round % (NORM_TOPP + 1)),
                             .alpha = 1 + ref_unit(&r),
                             .k = 4,
                             .p = 0.7};
        for (int j = 0; j < N; j++)
            l[j] = ref_normal(&r) * 0.7;
        norms_row(w, l, N, N, &params, 1);
        bool edge = false; /* within h of where a key enters or leaves: no derivative there */
        for (int j = 0; j < N; j++) {
            double own = l[j];
            l[j] = own + h;
            norms_row(up, l, N, N, &params, 1);
            l[j] = own - h;
            norms_row(down, l, N, N, &params, 1);
            l[j] = own;
            for (int i = 0; i < N; i++) {
                slopes[i * N + j] = (up[i] - down[i]) / (2 * h);
                edge |= (up[i] > 0) != (down[i] > 0) || (w[i] > 0 && w[i] < 1e-3);
            }
        }
        RowNorm norm = {params.kind, params.alpha, 1};
        for (int i = 0; i < N && !edge; i++) {
            stats_jacobian_row(row, w, N, norm, N, i);
            for (int j = 0; j < N; j++)
                if (!(fabs(row[j] - slopes[i * N + j]) <= 1e-6))
                    fail_msg("normaliser %d: %.9g, expected %.9g", (int)params.kind, row[j],
                             slopes[i * N + j]);
        }
        assert_true(edge || fabs(stats_jacobian_norm(w, N, norm, N) - norm_of(slopes, N)) <= 1e-5);
    }
}

static void the_norm_keeps_its_digits_where_softmax_saturates(void **state)
{
    (void)state;
    for (int power = 1; power < 150; power++) {
        double rest = pow(10, -power), w[] = {1 - rest, rest, 0};
        /* Two keys: every entry is ± p (1 − p). */
        double due = 2 * rest * (1 - rest), found = stats_jacobian_norm(w, 3, SOFTMAX, 3);
        assert_true(fabs(found - due) <= 1e-7 * due);
    }
}

static void at_temperature_zero_nothing_moves(void **state)
{
    (void)state;
    const double w[] = {0.5, 0.5};
    double row[2];
    for (int kind = NORM_SOFTMAX; kind <= NORM_TOPP; kind++) {
        RowNorm norm = {(NormKind)kind, 1.5, 0};
        stats_jacobian_row(row, w, 2, norm, 2, 0);
        assert_true(stats_jacobian_norm(w, 2, norm, 2) == 0 && row[0] == 0 && row[1] == 0);
    }
}

/* Both halves of a head's numbers are the means of its rows'. */
static void a_head_is_the_mean_of_its_rows(void **state)
{
    (void)state;
    enum { ROWS = 130, N = 90 };
    static float w[ROWS * N];
    static RowStats rows[ROWS];
    RefRandom r = {92};
    AttnInput in = {.n_q = ROWS, .n_k = N};
    Mask mask = mask_of(&in, &(MaskParams){.causal = true, .renormalise = true});
    double gini = 0, jacobian = 0, relative = 0, effective = 0, max = 0, sum = 0, distance = 0;
    int several = 0, count = 0;
    for (int i = 0; i < ROWS; i++) {
        int lo, hi;
        mask_row(&mask, i, &lo, &hi);
        for (int j = 0; j < N; j++)
            w[i * N + j] = j < hi ? (float)ref_unit(&r) / (float)hi : 0;
        w[i * N] = i == 7 ? NAN : w[i * N];
        stats_row(rows + i, w + i * N, &mask, i);
        RowMore more;
        assert_true(stats_more_floats(&more, w + i * N, &mask, i, SOFTMAX));
        if (i == 7)
            continue;
        count++;
        gini += more.gini;
        jacobian += more.jacobian;
        distance += more.distance;
        effective += rows[i].effective;
        max += rows[i].max;
        sum += rows[i].sum;
        several += hi > 1;
        relative += hi > 1 ? more.relative : 0;
    }
    Matrix m = {w, ROWS, N, N};
    Threads *threads = threads_start(3);
    HeadStats head = stats_head(m, rows, &mask), shared = head;
    assert_true(isnan(head.mean_gini) && isnan(head.mean_jacobian));
    assert_true(stats_head_more(&head, m, rows, &mask, SOFTMAX, NULL));
    assert_true(stats_head_more(&shared, m, rows, &mask, SOFTMAX, threads));
    assert_memory_equal(&head, &shared, sizeof head);
    near(head.mean_gini, gini / count);
    near(head.mean_jacobian, jacobian / count);
    assert_true(fabs(head.mean_relative - relative / several) < 1e-6);
    near(head.mean_distance, distance / count);
    near(head.mean_effective, effective / count);
    near(head.mean_max, max / count);
    near(head.mean_sum, sum / count);
    threads_stop(threads);
    mask_free(&mask);
}

static void the_entropy_of_long_rows_is_that_of_double(void **state)
{
    (void)state;
    enum { N = 1003 };
    static float w[N];
    RefRandom r = {93};
    for (int round = 0; round < 60; round++) {
        AttnInput in = {.n_q = 1, .n_k = N - round % 5};
        Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
        double sum = 0, h = 0, size = exp2(ref_range(&r, -60, 10));
        RowStats row;
        for (int j = 0; j < in.n_k; j++) {
            w[j] = round % 3 && ref_range(&r, 0, 9) ? 0 : (float)(exp(ref_normal(&r) * 4) * size);
            sum += (double)w[j];
        }
        for (int j = 0; j < in.n_k; j++)
            h -= w[j] > 0 ? (double)w[j] / sum * log2((double)w[j] / sum) : 0;
        stats_row(&row, w, &mask, 0);
        assert_true(fabs(row.entropy - h) <= 1e-5 && fabs(row.sum - sum) <= 1e-12 * sum);
        assert_true((double)w[row.argmax] == row.max);
        for (int j = 0; j < in.n_k; j++)
            assert_true(w[j] < w[row.argmax] || (w[j] == w[row.argmax] && j >= row.argmax));
        mask_free(&mask);
    }
}

static void out_of_memory_is_told(void **state)
{
    (void)state;
    const float w[] = {1, 0};
    AttnInput in = {.n_q = 1, .n_k = 2};
    Mask mask = mask_of(&in, &(MaskParams){.renormalise = true});
    RowMore more;
    RowStats row;
    stats_row(&row, w, &mask, 0);
    HeadStats head = stats_head((Matrix){w, 1, 2, 2}, &row, &mask);
    for (uint64_t at = 1; at <= 2; at++) {
        mem_fail_at(at, false);
        assert_false(stats_more_floats(&more, w, &mask, 0, SOFTMAX));
        mem_fail_at(at, false);
        assert_false(stats_head_more(&head, (Matrix){w, 1, 2, 2}, &row, &mask, SOFTMAX, NULL));
        assert_true(isnan(head.mean_gini));
    }
    mem_fail_at(0, false);
    mask_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_by_hand),
        cmocka_unit_test(only_what_may_be_seen_counts),
        cmocka_unit_test(rows_that_do_not_sum_to_1_have_the_distance_of_their_shares),
        cmocka_unit_test(rows_without_a_distribution_have_nothing_more),
        cmocka_unit_test(derivatives_agree_with_autograd),
        cmocka_unit_test(derivatives_agree_with_differences_of_the_definitions),
        cmocka_unit_test(the_norm_keeps_its_digits_where_softmax_saturates),
        cmocka_unit_test(at_temperature_zero_nothing_moves),
        cmocka_unit_test(a_head_is_the_mean_of_its_rows),
        cmocka_unit_test(the_entropy_of_long_rows_is_that_of_double),
        cmocka_unit_test(out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
