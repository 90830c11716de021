/* Rows of given scores through the normalisers alone, without a pipeline: as core/prepare leaves
 * them, so with any bias. */
#ifndef ATTNSCOPE_TESTS_CORE_JUDGE_H
#define ATTNSCOPE_TESTS_CORE_JUDGE_H

#include "core/normalise.h"
#include "problem.h"

typedef struct {
    AttnInput in;
    float *scores;
    double *by_distance, *matrix; /* NULL: none */
} Biased;

/* Standard normal scores; bias: bit 1 by distance, bit 2 a matrix. */
static inline Biased biased_new(RefRandom *r, int n_q, int n_k, unsigned bias)
{
    Biased b = {.in = {.entry = ENTRY_SCORES, .n_q = n_q, .n_k = n_k, .key = 1, .row_query = -1}};
    int reach = n_q + 2 * n_k;
    b.scores = problem_floats(r, n_q * n_k);
    b.in.given = (Matrix){b.scores, n_q, n_k, n_k};
    b.in.stored_given = (Stored){b.scores, DTYPE_F32, n_q, n_k, n_k};
    if (bias & 1) {
        b.by_distance = mem_array((size_t)(2 * reach + 1), sizeof *b.by_distance);
        for (int d = 0; d <= 2 * reach; d++)
            b.by_distance[d] = ref_normal(r);
        b.in.bias.by_distance = b.by_distance + reach;
        b.in.bias.reach = reach;
    }
    if (bias & 2) {
        b.matrix = mem_array((size_t)n_q * (size_t)n_k, sizeof *b.matrix);
        for (int i = 0; i < n_q * n_k; i++)
            b.matrix[i] = ref_normal(r) * 3;
        b.in.bias.matrix = b.matrix;
    }
    return b;
}

static inline void biased_free(Biased *b)
{
    mem_free(b->scores);
    mem_free(b->by_distance);
    mem_free(b->matrix);
}

/* weights: n_q × n_k, full of rubbish before. */
static inline void judge_run(float *weights, RowStats *stats, const AttnInput *in,
                             const AttnParams *params, const Kernels *k)
{
    Mask mask;
    NormScratch scratch = {.e = mem_array((size_t)in->n_k, sizeof(float))};
    Range range = range_none();
    if (!mask_init(&mask, in, &params->mask) || !exact_row_init(&scratch.exact, in->n_k))
        abort();
    NormJob job = {.in = in,
                   .params = params,
                   .mask = &mask,
                   .kernels = k,
                   .divisor = input_divisor(in, params)};
    for (int i = 0; i < in->n_q; i++) {
        const float *scores = matrix_row(in->given, i);
        float *w = weights + (ptrdiff_t)i * in->n_k;
        for (int j = 0; j < in->n_k; j++)
            w[j] = 77;
        normalise_row(&job, scores, scores_look(scores, in, k, &mask, i), i, w, stats + i, &range,
                      &scratch);
    }
    exact_row_free(&scratch.exact);
    mem_free(scratch.e);
    mask_free(&mask);
}

/* The same rows by the definition. */
static inline void judge_expected(double *out, double *missing, const AttnInput *in,
                                  const AttnParams *params, int row)
{
    double scores[4096];
    for (int j = 0; j < in->n_k; j++)
        scores[j] = (double)matrix_row(in->given, row)[j];
    ref_weights(out, scores, in, params, input_divisor(in, params), row, missing);
}

#endif
