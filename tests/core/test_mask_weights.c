/* Masks of every kind through the whole pipeline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mask_case.h"
#include "same.h"

enum { N_Q = 70, N_K = 300 };

static MaskCase masks;

/* The document's own masks stay with the input. */
static void draw_masks(RefRandom *r, Problem *p)
{
    case_free(&masks);
    case_random(&masks, r, p->in.n_q, p->in.n_k);
    p->in.segment_q = masks.in.segment_q;
    p->in.segment_k = masks.in.segment_k;
    p->in.mask = masks.in.mask;
}

static void check_row(const Problem *p, const AttnParams *params, const AttnResult *r, int i)
{
    static double scores[N_K], expected[N_K];
    double missing, out[8] = {0}, size[8] = {0};
    const float *w = matrix_row(r->stage[STAGE_WEIGHTS], i);
    int keys = 0;
    for (int j = 0; j < p->in.n_k; j++)
        scores[j] = (double)matrix_row(r->stage[STAGE_SCORES], i)[j];
    ref_weights(expected, scores, &p->in, params, r->divisor, i, &missing);
    for (int j = 0; j < p->in.n_k; j++) {
        bool shown = ref_shown(&p->in, &params->mask, i, j);
        float scaled = matrix_row(r->stage[STAGE_MASKED], i)[j];
        keys += shown;
        assert_true(fabs((double)w[j] - expected[j]) <= 1e-6);
        assert_true(shown || w[j] == 0);
        assert_int_equal(isinf(scaled) != 0, !shown);
        for (int c = 0; c < p->in.v.cols && shown; c++) {
            double part = (double)w[j] * (double)matrix_row(p->in.v, j)[c];
            out[c] += part;
            size[c] += fabs(part);
        }
    }
    assert_int_equal(r->rows[i].keys, keys);
    assert_int_equal((r->rows[i].flags & ROW_FULLY_MASKED) != 0, keys == 0);
    assert_true(fabs(r->rows[i].missing - missing) <= 1e-6);
    for (int c = 0; c < p->in.v.cols; c++)
        assert_true(fabs((double)matrix_row(r->stage[STAGE_OUTPUT], i)[c] - out[c]) <=
                    1e-6 * (1 + size[c]));
}

static void weights_under_any_mask_agree_with_double(void **state)
{
    (void)state;
    static const NormKind kinds[] = {NORM_SOFTMAX, NORM_SPARSEMAX, NORM_SOFTMAX1, NORM_SIGMOID,
                                     NORM_HARDMAX};
    RefRandom r = {31};
    Problem p = problem_new(&r, ENTRY_QK, N_Q, N_K, 5, 3, 0);
    for (int round = 0; round < 60; round++) {
        Wish wish = {0, params_default(), ALL};
        p.in.key = (uint64_t)round + 1;
        draw_masks(&r, &p);
        wish.params.mask = masks.params;
        wish.params.norm.kind = kinds[round % 5];
        Pipeline *line = fresh(&p.in, &wish, NULL, NULL);
        for (int i = 0; i < p.in.n_q; i++)
            check_row(&p, &wish.params, pipeline_result(line), i);
        pipeline_free(line);
    }
    problem_free(&p);
    case_free(&masks);
    masks.matrix = NULL;
}

/* Scores are only computed where a mask needs them; what an earlier mask left out follows. */
static void any_sequence_of_masks_gives_the_bits_of_the_last(void **state)
{
    (void)state;
    RefRandom r = {37};
    Problem p = problem_new(&r, ENTRY_QK, N_Q, N_K, 5, 3, 1);
    Pipeline *line = pipeline_new();
    static int segments[2 * CASE_MOST];
    float *kept = NULL;
    AttnInput document = p.in;
    for (int round = 0; round < 150; round++) {
        Error err = {0};
        Wish wish = {0, params_default(), ref_range(&r, 0, 2) ? 0 : ALL};
        draw_masks(&r, &p);
        wish.params.mask = masks.params;
        if (round % 10 == 0) { /* another document: other segments, another matrix */
            p.in.key++;
            document = p.in;
            memcpy(segments, masks.segment_q, sizeof masks.segment_q);
            memcpy(segments + CASE_MOST, masks.segment_k, sizeof masks.segment_k);
            document.segment_q = p.in.segment_q ? segments : NULL;
            document.segment_k = p.in.segment_q ? segments + CASE_MOST : NULL;
            mem_free(kept);
            kept = masks.matrix;
            masks.matrix = NULL;
        }
        if (!pipeline_update(line, &document, &wish.params, wish.stages, NULL, &err))
            fail_msg("%s", err.what);
        Pipeline *last = fresh(&document, &wish, NULL, NULL);
        const char *what = difference(pipeline_result(line), pipeline_result(last));
        if (what)
            fail_msg("round %d: %s differs", round, what);
        pipeline_free(last);
    }
    pipeline_free(line);
    problem_free(&p);
    case_free(&masks);
    masks.matrix = NULL;
    mem_free(kept);
}

/* One query block sees 64 keys of 6400: 2 of 200 panels, wherever they lie. */
static void tiles_that_no_row_sees_are_never_computed(void **state)
{
    (void)state;
    enum { FAR = 6400 };
    RefRandom r = {41};
    Problem p = problem_new(&r, ENTRY_QK, 32, FAR, 2, 0, 1);
    Wish wish = {0, params_default(), 0};
    float *zeros = mem_zero(FAR, sizeof *zeros);
    for (int j = 3200; j < 3232; j++)
        zeros[j] = zeros[j + 3000] = 1;
    p.in.mask = (Stored){zeros, DTYPE_F32, 32, FAR, 0}; /* every row alike */
    p.in.padding = NULL;
    Pipeline *line = fresh(&p.in, &wish, NULL, NULL);
    const AttnResult *result = pipeline_result(line);
    assert_int_equal(result->rows[31].keys, 64);
    uint64_t panels[4];
    int count = 0;
    mask_panels(result->mask, 0, 32, panels);
    for (int i = 0; i < mask_panel_words(FAR); i++)
        count += __builtin_popcountll(panels[i]);
    assert_int_equal(count, 3); /* 3200 … 3231 is one panel, 6200 … 6231 lies in two */
    pipeline_free(line);
    mem_free(zeros);
    problem_free(&p);
}

static void nan_in_a_masked_value_never_shows(void **state)
{
    (void)state;
    RefRandom r = {43};
    Problem p = problem_new(&r, ENTRY_QK, 40, 130, 4, 3, 1);
    Wish wish = {0, params_default(), ALL};
    p.in.padding = NULL;
    wish.params.mask.window = 3;
    wish.params.mask.dilation = 2;
    p.v[50 * p.in.v.step] = NAN;
    Pipeline *line = fresh(&p.in, &wish, NULL, NULL);
    for (int i = 0; i < 40; i++) {
        bool sees = i >= 46 && i <= 54 && i % 2 == 0;
        assert_int_equal(isnan(matrix_row(pipeline_result(line)->stage[STAGE_OUTPUT], i)[0]), sees);
    }
    pipeline_free(line);
    wish.params.mask.align = MASK_BOTTOM; /* p(i) = i + 90 */
    wish.params.mask.dilation = 20;
    line = fresh(&p.in, &wish, NULL, NULL);
    for (int i = 0; i < 40; i++)
        assert_int_equal(isnan(matrix_row(pipeline_result(line)->stage[STAGE_OUTPUT], i)[0]),
                         i == 0);
    pipeline_free(line);
    problem_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_under_any_mask_agree_with_double),
        cmocka_unit_test(any_sequence_of_masks_gives_the_bits_of_the_last),
        cmocka_unit_test(tiles_that_no_row_sees_are_never_computed),
        cmocka_unit_test(nan_in_a_masked_value_never_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
