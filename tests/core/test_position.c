#include "head_problem.h"

#include "core/position.h"

#include <math.h>
#include <stdlib.h>

static void rotations_are_those_of_the_torch_formulas(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof PREPARE_ROPES / sizeof *PREPARE_ROPES; c++) {
        int n = PREPARE_ROPES[c].n, d = PREPARE_ROPES[c].d;
        Head h = {.x = PREPARE_ROPES[c].seed};
        Stored x = head_matrix(&h, n, d, 1);
        RopeSpec rope = {true, PREPARE_ROPES[c].theta, PREPARE_ROPES[c].interleaved,
                         PREPARE_ROPES[c].dims};
        long double rates[8];
        double row[16];
        position_rope_rates(rates, &rope);
        for (int i = 0; i < n; i++) {
            stored_row(x, i, row);
            position_rope(row, &rope, rates, i);
            for (int t = 0; t < d; t++) {
                double due = PREPARE_VALUES[PREPARE_ROPES[c].values + i * d + t];
                if (!(fabs(row[t] - due) < 2e-15))
                    fail_msg("case %d: %d, %d is %g", (int)c, i, t, row[t]);
            }
        }
        head_free(&h);
    }
}

static void sines_and_cosines_stand_where_the_paper_has_them(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof PREPARE_PLACES / sizeof *PREPARE_PLACES; c++) {
        double out[64];
        int count = PREPARE_PLACES[c].n * PREPARE_PLACES[c].d;
        position_sinusoidal(out, PREPARE_PLACES[c].n, PREPARE_PLACES[c].d);
        for (int i = 0; i < count; i++)
            assert_true(fabs(out[i] - PREPARE_VALUES[PREPARE_PLACES[c].values + i]) < 1e-15);
    }
}

static void buckets_are_those_of_the_published_code(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof PREPARE_BUCKETS / sizeof *PREPARE_BUCKETS; c++)
        for (int d = -PREPARE_REACH; d <= PREPARE_REACH; d++) {
            int found =
                position_t5_bucket(d, PREPARE_BUCKETS[c].buckets, PREPARE_BUCKETS[c].bidirectional,
                                   PREPARE_BUCKETS[c].most);
            if (found != PREPARE_BUCKETS[c].at[PREPARE_REACH + d])
                fail_msg("%d buckets: distance %d is in %d, expected %d",
                         PREPARE_BUCKETS[c].buckets, d, found,
                         PREPARE_BUCKETS[c].at[PREPARE_REACH + d]);
        }
}

static void a_bucket_is_always_in_the_table(void **state)
{
    (void)state;
    for (int buckets = 1; buckets < 12; buckets++)
        for (int d = -300; d <= 300; d++)
            for (int both = 0; both < 2; both++)
                for (int most = 0; most < 20; most++) {
                    int found = position_t5_bucket(d, buckets, both, most);
                    assert_true(found >= 0 && found < buckets);
                }
}

static void biases_are_summed_by_distance(void **state)
{
    (void)state;
    const double table[] = {10, 20, 30, 40}, m[] = {1, 2, 3, 4, 5, 6};
    BiasSpec alibi = {.kind = BIAS_ALIBI, .slope = 0.5};
    BiasSpec t5 = {.kind = BIAS_T5, .table = {table, DTYPE_F64, 1, 4, 4}, .max_distance = 128};
    double at[5], cells[6];
    position_bias(at + 2, 2, &alibi, true);
    for (int d = -2; d <= 2; d++)
        assert_true(at[d + 2] == -0.5 * abs(d));
    position_bias(at + 2, 2, &t5, false); /* keys ahead of the query are in bucket 0 */
    const double due[] = {29, 19.5, 10, 9.5, 9};
    for (int i = 0; i < 5; i++)
        assert_true(at[i] == due[i]);
    Stored matrix = {m, DTYPE_F64, 2, 3, 3};
    position_bias_matrix(cells, matrix, true);
    position_bias_matrix(cells, matrix, false);
    for (int i = 0; i < 6; i++)
        assert_true(cells[i] == 2 * m[i]);
}

/* l = scores / divisor + bias, seen through a whole head, under both places of the queries. */
static void biases_join_the_scaled_scores_at_the_place_of_the_query(void **state)
{
    (void)state;
    enum { N = 3, M = 5, D = 4 };
    Head h;
    head_make(&h, SCORE_DOT, N, M, D, D, 1, 2, 6);
    BiasSpec biases[] = {{.kind = BIAS_ALIBI, .slope = 0.25},
                         {.kind = BIAS_MATRIX, .m = head_matrix(&h, N, M, 1)}};
    h.spec.biases = biases;
    h.spec.bias_count = 2;
    Pipeline *p = pipeline_new();
    for (int step = 0; step < 4; step++) {
        AttnParams params = params_default();
        Error err = {0};
        int offset = step & 1 ? M - N : 0;
        params.mask.align = step & 1 ? MASK_BOTTOM : MASK_TOP;
        params.scale.temperature = step < 2 ? 1 : 2;
        unsigned stages = STAGE_BIT(STAGE_SCALED) | STAGE_BIT(STAGE_MASKED);
        assert_true(pipeline_update(p, &h.in, &params, stages, NULL, &err));
        const AttnResult *r = pipeline_result(p);
        for (int i = 0; i < N; i++) {
            double l[M], sum = 0, t = params.scale.temperature;
            for (int j = 0; j < M; j++) {
                l[j] = stored_value(biases[1].m, i, j) - 0.25 * abs(j - i - offset);
                for (int c = 0; c < D; c++)
                    l[j] +=
                        stored_value(h.in.stored_q, i, c) * stored_value(h.in.stored_k, j, c) / 2;
                sum += exp(l[j] / t);
            }
            for (int j = 0; j < M; j++) {
                double scaled = (double)matrix_row(r->stage[STAGE_SCALED], i)[j];
                double weight = (double)matrix_row(r->stage[STAGE_WEIGHTS], i)[j];
                assert_true(fabs(scaled - l[j] / t) < 2e-6);
                assert_true(fabs(weight - exp(l[j] / t) / sum) < 1e-6);
            }
        }
    }
    pipeline_free(p);
    head_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotations_are_those_of_the_torch_formulas),
        cmocka_unit_test(sines_and_cosines_stand_where_the_paper_has_them),
        cmocka_unit_test(buckets_are_those_of_the_published_code),
        cmocka_unit_test(a_bucket_is_always_in_the_table),
        cmocka_unit_test(biases_are_summed_by_distance),
        cmocka_unit_test(biases_join_the_scaled_scores_at_the_place_of_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
