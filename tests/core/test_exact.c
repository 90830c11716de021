#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/index_set.h"
#include "base/mem.h"
#include "core/exact.h"
#include "support/reference.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { KEYS = 12, DIMS = 20 };

typedef struct {
    double q[DIMS], k[KEYS * DIMS];
    AttnInput in;
    AttnParams params;
} Case;

/* One query in double, so nothing is lost before the row is computed. */
static void random_case(RefRandom *r, Case *c)
{
    static const NormKind kinds[] = {NORM_SOFTMAX, NORM_SOFTMAX1, NORM_SIGMOID};
    int n = ref_range(r, 1, KEYS), d = ref_range(r, 1, DIMS);
    double size = exp2(ref_range(r, -3, 3));
    for (int i = 0; i < DIMS; i++)
        c->q[i] = ref_normal(r) * size;
    for (int i = 0; i < KEYS * DIMS; i++)
        c->k[i] = ref_normal(r) * size;
    c->in = (AttnInput){.entry = ENTRY_QK, .n_q = 1, .n_k = n, .d_k = d, .key = 1};
    c->in.q.cols = c->in.k.cols = d;
    c->in.stored_q = (Stored){c->q, DTYPE_F64, 1, d, DIMS};
    c->in.stored_k = (Stored){c->k, DTYPE_F64, n, d, DIMS};
    c->params = params_default();
    c->params.scale.temperature = exp2(ref_range(r, -2, 6));
    c->params.norm.kind = kinds[ref_range(r, 0, 2)];
    int hidden[] = {ref_range(r, 0, n)};
    c->params.mask.hidden = index_set_intern(hidden, 1);
    c->params.mask.renormalise = ref_range(r, 0, 1);
}

static double ulps(double found, double expected)
{
    if (found == expected)
        return 0;
    int exponent;
    frexp(expected, &exponent);
    double ulp = ldexp(1, exponent - 53);
    return fabs(found - expected) / (ulp > 0x1p-1074 ? ulp : 0x1p-1074);
}

/* A dot product cannot be right to 2 ulp when its terms cancel to nothing: there the bar is 2⁻⁶⁰ of
 * Σ|q k|. */
static bool score_is_right(const Case *c, int j, double found, double expected)
{
    double size = 0;
    for (int t = 0; t < c->in.q.cols; t++)
        size += fabs(c->q[t] * c->k[j * DIMS + t]);
    return ulps(found, expected) <= 2 || fabs(found - expected) <= size * 0x1p-60;
}

static void rows_are_within_2_ulp_of_128_bits(void **state)
{
    (void)state;
    RefRandom r = {20240607};
    double worst = 0;
    for (int weights = 0; weights < 100000;) {
        Case c;
        Mask mask;
        ExactRow row;
        double scores[KEYS], scaled[KEYS], expected[KEYS];
        random_case(&r, &c);
        int n = c.in.n_k;
        double divisor = sqrt(c.in.d_k);
        assert_true(mask_init(&mask, &c.in, &c.params.mask) && exact_row_init(&row, n));
        exact_row(&row, &c.in, &c.params, &mask, 0);
        ref_quad_row(scores, scaled, expected, &c.in, &c.params, divisor, 0);
        for (int j = 0; j < n; j++, weights++) {
            assert_true(score_is_right(&c, j, row.scores[j], scores[j]));
            assert_true(score_is_right(&c, j, row.scaled[j], scaled[j]));
            double off = mask_count(&mask, 0) ? ulps(row.weights[j], expected[j]) : 0;
            worst = off > worst ? off : worst;
            if (off > 2)
                fail_msg("weight %.17g, expected %.17g: %g ulp", row.weights[j], expected[j], off);
        }
        exact_row_free(&row);
        mask_free(&mask);
    }
    print_message("worst weight: %.3f ulp\n", worst);
}

/* One row of given scores through all normalisers. */
static void given_row(double *weights, const double *scores, int n, NormKind kind, double t)
{
    AttnInput in = {.entry = ENTRY_SCORES,
                    .n_q = 1,
                    .n_k = n,
                    .key = 1,
                    .stored_given = {scores, DTYPE_F64, 1, n, n}};
    AttnParams params = params_default();
    Mask mask;
    ExactRow row;
    params.norm.kind = kind;
    params.scale.temperature = t;
    assert_true(mask_init(&mask, &in, &params.mask) && exact_row_init(&row, n));
    exact_row(&row, &in, &params, &mask, 0);
    memcpy(weights, row.weights, (size_t)n * sizeof *weights);
    exact_row_free(&row);
    mask_free(&mask);
}

static void sparse_rows_agree_with_bisection(void **state)
{
    (void)state;
    RefRandom r = {31};
    for (int round = 0; round < 3000; round++) {
        double scores[KEYS], found[KEYS], expected[KEYS];
        int n = ref_range(&r, 1, KEYS);
        for (int j = 0; j < n; j++)
            scores[j] = ref_normal(&r);
        AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = n};
        AttnParams params = params_default();
        params.norm.kind = round % 2 ? NORM_SPARSEMAX : NORM_ENTMAX15;
        params.scale.temperature = exp2(ref_range(&r, -4, 4));
        given_row(found, scores, n, params.norm.kind, params.scale.temperature);
        ref_weights(expected, scores, &in, &params, 1, 0, NULL);
        for (int j = 0; j < n; j++)
            assert_true(fabs(found[j] - expected[j]) < 1e-14);
    }
}

static void sparsemax_of_a_textbook_row(void **state)
{
    (void)state;
    /* By hand: support {1, 0.8}, τ = (1.8 − 1)/2 = 0.4. */
    const double scores[] = {1, 0.8, 0.1};
    double w[3];
    given_row(w, scores, 3, NORM_SPARSEMAX, 1);
    assert_true(fabs(w[0] - 0.6) < 1e-15 && fabs(w[1] - 0.4) < 1e-15 && w[2] == 0);
    /* Two logits, entmax15: p = (τ' ± g/4)² … for equal logits ½ each, far apart one-hot. */
    const double apart[] = {9, 0};
    given_row(w, apart, 2, NORM_ENTMAX15, 1);
    assert_true(w[0] == 1 && w[1] == 0);
}

static void the_sharpest_temperatures_are_computed(void **state)
{
    (void)state;
    const double scores[] = {1, 3, 2}, temperatures[] = {1e-300, 5e-324, 0};
    for (int kind = NORM_SOFTMAX; kind <= NORM_TOPP; kind++)
        for (int i = 0; i < 3; i++) {
            double w[3];
            if (kind == NORM_SIGMOID || kind == NORM_RELU)
                continue;
            given_row(w, scores, 3, (NormKind)kind, temperatures[i]);
            assert_true(w[0] == 0 && w[1] == 1 && w[2] == 0);
        }
}

static void ties_share_at_temperature_zero(void **state)
{
    (void)state;
    const double scores[] = {2, -1, 2, 2}, below[] = {-1, -2}, zero[] = {0, -2};
    double w[4];
    given_row(w, scores, 4, NORM_SOFTMAX, 0);
    assert_true(w[0] == 1.0 / 3 && w[1] == 0 && w[2] == 1.0 / 3);
    given_row(w, below, 2, NORM_SOFTMAX1, 0); /* the implicit 0 wins */
    assert_true(w[0] == 0 && w[1] == 0);
    given_row(w, zero, 2, NORM_SOFTMAX1, 0);
    assert_true(w[0] == 0.5 && w[1] == 0);
    given_row(w, zero, 2, NORM_SIGMOID, 0);
    assert_true(w[0] == 0.5 && w[1] == 0);
}

static void infinite_temperature_is_uniform(void **state)
{
    (void)state;
    const double scores[] = {5, -7, 1e300, -(double)INFINITY};
    double w[4];
    for (int kind = NORM_SOFTMAX; kind <= NORM_ENTMAX; kind++) {
        given_row(w, scores, 4, (NormKind)kind, (double)INFINITY);
        for (int j = 0; j < 3; j++)
            assert_true(fabs(w[j] - 1.0 / 3) < 1e-16);
        assert_true(w[3] == 0);
    }
    given_row(w, scores, 4, NORM_SOFTMAX1, (double)INFINITY);
    assert_true(w[0] == 0.25 && w[3] == 0);
}

static void huge_logits_stay_exact(void **state)
{
    (void)state;
    const double scores[] = {1e300, 1e300, -1e300};
    double w[3];
    given_row(w, scores, 3, NORM_SOFTMAX, 1);
    assert_true(w[0] == 0.5 && w[1] == 0.5 && w[2] == 0);
}

static void equal_logits_give_exactly_one_nth(void **state)
{
    (void)state;
    enum { N = 65536 };
    static double scores[N], w[N];
    for (int j = 0; j < N; j++)
        scores[j] = 0.3;
    for (int n = 1; n <= N; n *= 4) {
        double sum = 0;
        given_row(w, scores, n, NORM_SOFTMAX, 0.7);
        for (int j = 0; j < n; j++) {
            assert_true(w[j] == 1.0 / n);
            sum += w[j];
        }
        assert_true(fabs(sum - 1) <= n * 0x1p-53);
    }
    given_row(w, scores, 7, NORM_SPARSEMAX, 0.7);
    assert_true(w[3] == 1.0 / 7);
}

static void overflow_beyond_double_is_said(void **state)
{
    (void)state;
    const double q[] = {1e200}, k[] = {1e200, 1};
    AttnInput in = {.entry = ENTRY_QK, .n_q = 1, .n_k = 2, .d_k = 1, .wide = true};
    in.q.cols = 1;
    in.stored_q = (Stored){q, DTYPE_F64, 1, 1, 1};
    in.stored_k = (Stored){k, DTYPE_F64, 2, 1, 1};
    AttnParams params = params_default();
    Mask mask;
    ExactRow row;
    assert_true(mask_init(&mask, &in, &params.mask) && exact_row_init(&row, 2));
    exact_row(&row, &in, &params, &mask, 0);
    assert_true(row.overflow && isnan(row.weights[0]) && isnan(row.weights[1]));
    mask_free(&mask);
    params.mask.hidden = index_set_intern((int[]){0}, 1); /* masked: it cannot harm */
    assert_true(mask_init(&mask, &in, &params.mask));
    exact_row(&row, &in, &params, &mask, 0);
    assert_true(!row.overflow && row.weights[0] == 0 && row.weights[1] == 1);
    mask_free(&mask);
    /* Only the far negative side is left: the key is unknown, not masked. */
    const double below[] = {-1e200, 1};
    in.stored_k.at = below;
    params.mask.hidden = index_set_intern((int[]){1}, 1);
    assert_true(mask_init(&mask, &in, &params.mask));
    exact_row(&row, &in, &params, &mask, 0);
    assert_true(row.overflow && !row.none && isnan(row.weights[0]) && row.weights[1] == 0);
    mask_free(&mask);
    exact_row_free(&row);
}

/* Every combination of a hidden key and renormalising, by the definition in double. */
static void given_weights_lose_hidden_keys_and_may_resum(void **state)
{
    (void)state;
    static const float w[] = {9, 9, 9, 0.5f, 0.25f, 0.125f}; /* query 1 */
    AttnInput in = {.entry = ENTRY_WEIGHTS, .n_q = 2, .n_k = 3, .key = 1};
    in.stored_given = (Stored){w, DTYPE_F32, 2, 3, 3};
    for (int set = 0; set < 16; set++) {
        AttnParams params = params_default();
        int hidden[3], count = 0;
        double sum = 0, lost = 0;
        for (int j = 0; j < 3; j++) {
            if (set >> j & 1)
                hidden[count++] = j;
            *(set >> j & 1 ? &lost : &sum) += (double)w[3 + j];
        }
        params.mask.hidden = index_set_intern(hidden, count);
        params.mask.renormalise = set >> 3;
        Mask mask;
        ExactRow row;
        assert_true(mask_init(&mask, &in, &params.mask) && exact_row_init(&row, 3));
        exact_row(&row, &in, &params, &mask, 1);
        for (int j = 0; j < 3; j++) {
            double by = params.mask.renormalise && count && sum > 0 ? sum : 1;
            assert_true(row.weights[j] == (set >> j & 1 ? 0 : (double)w[3 + j] / by));
            assert_true(isnan(row.scores[j]) && isnan(row.scaled[j]));
        }
        assert_true(row.missing == (params.mask.renormalise ? 0 : lost));
        assert_true(row.none == (count == 3) && !row.overflow);
        assert_true(isnan(row.logit_max) && isnan(row.sum_exp));
        exact_row_free(&row);
        mask_free(&mask);
    }
}

static void an_infinity_of_the_file_is_no_overflow(void **state)
{
    (void)state;
    const double scores[] = {1, (double)INFINITY, 2};
    AttnInput in = {.entry = ENTRY_SCORES, .n_q = 1, .n_k = 3, .key = 1};
    in.stored_given = (Stored){scores, DTYPE_F64, 1, 3, 3};
    AttnParams params = params_default();
    Mask mask;
    ExactRow row;
    assert_true(mask_init(&mask, &in, &params.mask) && exact_row_init(&row, 3));
    exact_row(&row, &in, &params, &mask, 0);
    assert_true(!row.overflow && isinf(row.scores[1]));
    exact_row_free(&row);
    mask_free(&mask);
}

static void out_of_memory_is_told(void **state)
{
    (void)state;
    ExactRow row;
    mem_fail_at(1, false);
    assert_false(exact_row_init(&row, 5));
    mem_fail_at(0, false);
}

static void parts_give_what_the_whole_gives(void **state)
{
    (void)state;
    RefRandom r = {77};
    for (int round = 0; round < 200; round++) {
        Case c;
        ExactRow whole, parts;
        Mask mask;
        random_case(&r, &c);
        size_t size = (size_t)c.in.n_k * sizeof(double);
        assert_true(exact_row_init(&whole, c.in.n_k) && exact_row_init(&parts, c.in.n_k));
        assert_true(mask_init(&mask, &c.in, &c.params.mask));
        exact_row(&whole, &c.in, &c.params, &mask, 0);
        parts.overflow = parts.above = parts.below = true; /* of a row before */
        int from = 0;
        while (from < c.in.n_k) {
            int to = ref_range(&r, from + 1, c.in.n_k);
            exact_row_part(&parts, &c.in, &mask, 0, from, to);
            from = to;
        }
        exact_row_end(&parts, &c.in, &c.params, &mask, 0);
        assert_memory_equal(parts.scores, whole.scores, size);
        assert_memory_equal(parts.scaled, whole.scaled, size);
        assert_memory_equal(parts.weights, whole.weights, size);
        assert_int_equal(parts.overflow, whole.overflow);
        mask_free(&mask);
        exact_row_free(&whole);
        exact_row_free(&parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_within_2_ulp_of_128_bits),
        cmocka_unit_test(sparse_rows_agree_with_bisection),
        cmocka_unit_test(sparsemax_of_a_textbook_row),
        cmocka_unit_test(the_sharpest_temperatures_are_computed),
        cmocka_unit_test(ties_share_at_temperature_zero),
        cmocka_unit_test(infinite_temperature_is_uniform),
        cmocka_unit_test(huge_logits_stay_exact),
        cmocka_unit_test(equal_logits_give_exactly_one_nth),
        cmocka_unit_test(overflow_beyond_double_is_said),
        cmocka_unit_test(given_weights_lose_hidden_keys_and_may_resum),
        cmocka_unit_test(an_infinity_of_the_file_is_no_overflow),
        cmocka_unit_test(parts_give_what_the_whole_gives),
        cmocka_unit_test(out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
