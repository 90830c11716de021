/* Comparing the results of two pipelines bit for bit. */
#ifndef ATTNSCOPE_TESTS_CORE_SAME_H
#define ATTNSCOPE_TESTS_CORE_SAME_H

#include "problem.h"

enum { ALL = (1u << STAGE_COUNT) - 1 };

static inline bool same_float(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static inline bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static inline bool same_matrix(Matrix a, Matrix b)
{
    if (!a.at || !b.at)
        return a.at == b.at;
    if (a.rows != b.rows || a.cols != b.cols)
        return false;
    for (int i = 0; i < a.rows; i++)
        for (int j = 0; j < a.cols; j++)
            if (!same_float(matrix_row(a, i)[j], matrix_row(b, i)[j]))
                return false;
    return true;
}

static inline bool same_row(const RowStats *a, const RowStats *b)
{
    return same_double(a->sum, b->sum) && same_double(a->max, b->max) &&
           same_double(a->entropy, b->entropy) && same_double(a->effective, b->effective) &&
           same_double(a->missing, b->missing) && same_double(a->logit_max, b->logit_max) &&
           same_double(a->log_sum_exp, b->log_sum_exp) && a->keys == b->keys &&
           a->argmax == b->argmax && a->flags == b->flags;
}

static inline bool same_range(const Range *a, const Range *b)
{
    return same_float(a->lo, b->lo) && same_float(a->hi, b->hi) &&
           same_float(a->abs_max, b->abs_max) && a->nan_count == b->nan_count &&
           a->inf_count == b->inf_count && a->first_row == b->first_row &&
           a->first_col == b->first_col;
}

/* The name of the first thing that differs, or NULL. */
static inline const char *difference(const AttnResult *a, const AttnResult *b)
{
    for (int s = 0; s < STAGE_COUNT; s++) {
        if (!same_matrix(a->stage[s], b->stage[s]))
            return STAGE_NAMES[s];
        if (a->stage[s].at && !same_range(&a->range[s], &b->range[s]))
            return "range";
        if (a->absent[s] != b->absent[s])
            return "absent";
    }
    for (int i = 0; i < a->n_q && a->n_q == b->n_q; i++)
        if (!same_row(a->rows + i, b->rows + i))
            return "row statistics";
    if (!same_double(a->recorded_error, b->recorded_error) || a->recorded_row != b->recorded_row ||
        a->recorded_col != b->recorded_col)
        return "recorded";
    bool plain = a->n_q == b->n_q && a->n_k == b->n_k && a->d_v == b->d_v && a->entry == b->entry &&
                 a->sums_open == b->sums_open && a->computed_double == b->computed_double &&
                 same_double(a->divisor, b->divisor) && same_double(a->temperature, b->temperature);
    return plain ? NULL : "facts";
}

typedef struct {
    int input;
    AttnParams params;
    unsigned stages;
} Wish;

static inline Pipeline *fresh(const AttnInput *in, const Wish *wish, const Kernels *k,
                              Threads *threads)
{
    Error err = {0};
    Pipeline *p = pipeline_new();
    pipeline_use(p, k);
    if (!pipeline_update(p, in, &wish->params, wish->stages, threads, &err))
        fail_msg("%s", err.what);
    return p;
}

#endif
