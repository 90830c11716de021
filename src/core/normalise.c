#include "core/normalise.h"

#include "core/normalise_sparse.h"

#include <math.h>
#include <string.h>

/* Outside of this, the float factor would lose what makes two logits differ (or meet 0 · Inf). */
static const double FACTOR_LEAST = 1e-30, FACTOR_MOST = 1e30;

typedef struct {
    int lo, hi, run;
} RunWalk;

static RunWalk walk_begin(const Mask *mask, int row)
{
    RunWalk walk;
    mask_row(mask, row, &walk.lo, &walk.hi);
    walk.run = mask->keys[walk.lo].run;
    return walk;
}

/* The next stretch of competing keys inside the row's range. */
static bool walk_next(RunWalk *walk, const Mask *mask, MaskRun *out)
{
    if (walk->run >= mask->run_count || mask->runs[walk->run].begin >= walk->hi)
        return false;
    *out = mask->runs[walk->run++];
    out->begin = out->begin > walk->lo ? out->begin : walk->lo;
    out->end = out->end < walk->hi ? out->end : walk->hi;
    return out->begin < out->end;
}

static void fill(float *at, int n, float value)
{
    for (int j = 0; j < n; j++)
        at[j] = value;
}

static void row_clear(const Mask *mask, int row, float *weights)
{
    RunWalk walk = walk_begin(mask, row);
    MaskRun run;
    int done = 0;
    while (walk_next(&walk, mask, &run)) {
        memset(weights + done, 0, sizeof *weights * (size_t)(run.begin - done));
        done = run.end;
    }
    memset(weights + done, 0, sizeof *weights * (size_t)(mask->n_k - done));
}

/* Hidden keys competed: take their weights away and say how much that was. */
static double row_hide(const Mask *mask, int row, float *weights)
{
    if (mask->renormalise || mask->hidden_count == 0)
        return 0;
    double missing = 0;
    RunWalk walk = walk_begin(mask, row);
    MaskRun run;
    while (walk_next(&walk, mask, &run))
        for (int key = run.begin; run.hidden && key < run.end; key++) {
            missing += (double)weights[key];
            weights[key] = 0;
        }
    return missing;
}

static void row_fill(const Mask *mask, int row, float *weights, float value)
{
    RunWalk walk = walk_begin(mask, row);
    MaskRun run;
    while (walk_next(&walk, mask, &run))
        fill(weights + run.begin, run.end - run.begin, run.hidden ? 0 : value);
}

static double row_log_sum(NormKind kind, double max, double sum, double temperature)
{
    if (temperature == 0 || (kind != NORM_SOFTMAX && kind != NORM_SOFTMAX1))
        return (double)NAN;
    double m = kind == NORM_SOFTMAX1 && max < 0 ? 0 : max;
    return (isinf(temperature) ? 0 : m / temperature) + log(sum);
}

static void row_softmax(const NormJob *job, const float *scores, float max, int row, float *weights,
                        RowStats *stats, Range *range, float *e)
{
    const Mask *mask = job->mask;
    const Kernels *k = job->kernels;
    double t = job->params->scale.temperature;
    bool open = job->params->norm.kind == NORM_SOFTMAX1;
    float base = open && max < 0 ? 0 : max;
    float factor = (float)(1 / job->divisor / t);
    ExpSums seen = {0, 0, INFINITY, 0};
    double hidden = 0;
    MaskRun run;
    for (RunWalk walk = walk_begin(mask, row); walk_next(&walk, mask, &run);) {
        int n = run.end - run.begin;
        ExpSums part = k->exp_row(e + run.begin, scores + run.begin, n, base, factor);
        if (run.hidden) {
            hidden += part.sum;
            continue;
        }
        seen.sum += part.sum;
        seen.moment += part.moment;
        seen.lo = part.lo < seen.lo ? part.lo : seen.lo;
        seen.hi = part.hi > seen.hi ? part.hi : seen.hi;
    }
    double total = seen.sum + hidden + (open ? exp(-(double)base / job->divisor / t) : 0);
    float share = (float)(1 / total), most = seen.hi * share;
    *stats = (RowStats){.entropy = NAN, .effective = NAN, .argmax = -1};
    for (RunWalk walk = walk_begin(mask, row); walk_next(&walk, mask, &run);) {
        int n = run.end - run.begin;
        if (run.hidden) {
            fill(weights + run.begin, n, 0);
            continue;
        }
        stats->sum += k->scale_row(weights + run.begin, e + run.begin, n, share, job->stream);
        int at = stats->argmax < 0 ? k->find_row(e + run.begin, n, share, most) : -1;
        stats->argmax = at >= 0 ? run.begin + at : stats->argmax;
        range->lo = seen.lo * share < range->lo ? seen.lo * share : range->lo;
        range->hi = most > range->hi ? most : range->hi;
    }
    stats->max = stats->argmax < 0 ? 0 : (double)most;
    stats->keys = mask_count(mask, row);
    stats->flags = stats->keys ? 0 : ROW_FULLY_MASKED;
    if (seen.sum > 0) { /* H of p = e/S: ln S − Σ e·x / S, no logarithm per cell */
        stats->entropy = fmax(0, (log(seen.sum) - seen.moment / seen.sum) / log(2));
        stats->effective = exp2(stats->entropy);
    }
    stats->missing = hidden / total;
    stats->logit_max = (double)max / job->divisor;
    stats->log_sum_exp = row_log_sum(job->params->norm.kind, stats->logit_max, total, t);
}

/* Argmax, ties share; under softmax1 the implicit logit 0 is one more competitor. */
static void row_hardmax(const NormJob *job, const float *scores, float max, int row, float *weights)
{
    const Mask *mask = job->mask;
    bool open = job->params->norm.kind == NORM_SOFTMAX1;
    int ties = open && max == 0;
    MaskRun run;
    for (RunWalk walk = walk_begin(mask, row); walk_next(&walk, mask, &run);)
        for (int key = run.begin; key < run.end; key++)
            ties += scores[key] == max;
    float share = open && max < 0 ? 0 : (float)(1 / (double)ties);
    for (RunWalk walk = walk_begin(mask, row); walk_next(&walk, mask, &run);)
        for (int key = run.begin; key < run.end; key++)
            weights[key] = scores[key] == max ? share : 0;
}

static void row_sigmoid(const NormJob *job, const float *scores, int row, float *weights, float *e)
{
    double t = job->params->scale.temperature;
    float factor = t == 0 ? 1 : (float)(1 / job->divisor / t);
    MaskRun run;
    for (RunWalk walk = walk_begin(job->mask, row); walk_next(&walk, job->mask, &run);) {
        for (int key = run.begin; key < run.end; key++)
            e[key] = -fabsf(scores[key]);
        job->kernels->exp_row(e + run.begin, e + run.begin, run.end - run.begin, 0, factor);
        for (int key = run.begin; key < run.end; key++) {
            float s = scores[key];
            if (t == 0)
                weights[key] = s > 0 ? 1.0f : s == 0 ? 0.5f : 0.0f;
            else
                weights[key] = (s >= 0 ? 1 : e[key]) / (1 + e[key]);
        }
    }
}

static void row_exact(const NormJob *job, int row, float *weights, RowStats *stats, bool from_file,
                      const float *scores, NormScratch *scratch)
{
    ExactRow *exact = &scratch->exact;
    NormKind kind = job->params->norm.kind;
    double t = job->params->scale.temperature;
    exact->overflow = false;
    if (from_file) {
        exact_row(exact, job->in, job->params, job->mask, row);
    } else {
        for (int key = 0; key < exact->n_k; key++) {
            exact->scores[key] = (double)scores[key];
            exact->weights[key] = 0;
        }
        exact_normalise(exact, job->in, job->params, job->mask, row);
    }
    for (int key = 0; key < exact->n_k; key++)
        weights[key] = (float)exact->weights[key];
    stats_row(stats, weights, job->mask, row);
    stats->missing = exact->missing;
    stats->logit_max = exact->logit_max;
    stats->log_sum_exp = row_log_sum(kind, exact->logit_max, exact->sum_exp, t);
    stats->flags |= (from_file ? ROW_DOUBLE : 0u) | (exact->overflow ? ROW_OVERFLOW : 0u) |
                    (exact->none ? ROW_FULLY_MASKED : 0u);
}

typedef enum {
    WAY_NAN,
    WAY_NONE,
    WAY_FILE,
    WAY_EXACT,
    WAY_HARD,
    WAY_SOFT,
    WAY_SPARSE,
    WAY_SIGMOID
} Way;

static Way row_way(const NormJob *job, ScoresRow look)
{
    NormKind kind = job->params->norm.kind;
    double t = job->params->scale.temperature, factor = 1 / job->divisor / t;
    if (job->in->wide)
        return WAY_FILE;
    if (look.kind == SCORES_NAN)
        return WAY_NAN;
    if (look.kind == SCORES_DOUBLE)
        return WAY_FILE;
    if (isinf(look.max))
        return WAY_NONE;
    if (kind == NORM_HARDMAX || (t == 0 && kind != NORM_SIGMOID))
        return WAY_HARD;
    if (kind == NORM_SPARSEMAX || kind == NORM_ENTMAX15)
        return WAY_SPARSE;
    if (t != 0 && !(factor >= FACTOR_LEAST && factor <= FACTOR_MOST))
        return WAY_EXACT;
    return kind == NORM_SIGMOID ? WAY_SIGMOID : WAY_SOFT;
}

void normalise_row(const NormJob *job, const float *scores, ScoresRow look, int row, float *weights,
                   RowStats *stats, Range *range, NormScratch *scratch)
{
    if (!job->clean)
        row_clear(job->mask, row, weights);
    Way way = row_way(job, look);
    switch (way) {
    case WAY_SOFT:
        row_softmax(job, scores, look.max, row, weights, stats, range, scratch->e);
        return;
    case WAY_FILE:
    case WAY_EXACT:
        row_exact(job, row, weights, stats, way == WAY_FILE, scores, scratch);
        range_add_row(range, weights, job->mask->n_k, job->mask, row);
        return;
    case WAY_NAN:
        row_fill(job->mask, row, weights, NAN);
        break;
    case WAY_NONE:
        row_fill(job->mask, row, weights, 0);
        break;
    case WAY_HARD:
        row_hardmax(job, scores, look.max, row, weights);
        break;
    case WAY_SPARSE:
        normalise_sparse(job, scores, look.max, row, weights, scratch->exact.scores);
        break;
    case WAY_SIGMOID:
        row_sigmoid(job, scores, row, weights, scratch->e);
        break;
    }
    double missing = row_hide(job->mask, row, weights);
    stats_row(stats, weights, job->mask, row);
    stats->missing = way == WAY_NAN ? 0 : missing;
    stats->logit_max = way == WAY_NAN ? (double)NAN : (double)look.max / job->divisor;
    stats->flags |= (way == WAY_NONE ? ROW_FULLY_MASKED : 0u) | (look.infinite ? ROW_HAS_INF : 0u);
    range_add_row(range, weights, job->mask->n_k, job->mask, row);
}

void normalise_given(const NormJob *job, int row, float *own, RowStats *stats, Range *range)
{
    const Mask *mask = job->mask;
    const float *given = matrix_row(job->in->given, row), *result = own ? own : given;
    double missing = 0, sum = 0;
    for (int key = 0; own && key < mask->n_k; key++)
        *(mask->blocked[key] ? &missing : &sum) += (double)given[key];
    /* Weights that cancel to 0 cannot be made to sum to 1: they stay as given. */
    bool divide = mask->renormalise && sum != 0;
    for (int key = 0; own && key < mask->n_k; key++)
        own[key] = mask->blocked[key] ? 0 : divide ? (float)((double)given[key] / sum) : given[key];
    stats_row(stats, result, mask, row);
    stats->missing = mask->renormalise ? 0 : missing;
    range_add_row(range, result, mask->n_k, mask, row);
}
