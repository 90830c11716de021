#include "core/normalise.h"

#include "core/normalise_row.h"
#include "core/normalise_select.h"
#include "core/normalise_sparse.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Outside of this, the float factor would lose what makes two logits differ (or meet 0 · Inf). */
static const double FACTOR_LEAST = 1e-30, FACTOR_MOST = 1e30;

static void row_clear(const Mask *mask, int row, float *weights)
{
    MaskRun run;
    int done = 0;
    if (!mask->any)
        return;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run); done = run.end)
        memset(weights + done, 0, sizeof *weights * (size_t)(run.begin - done));
    memset(weights + done, 0, sizeof *weights * (size_t)(mask->n_k - done));
}

static void row_fill(const Mask *mask, int row, float *weights, float value)
{
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; key < run.end; key++)
            weights[key] = run.hidden ? 0 : value;
}

/* Entmax at the α of a kind that has a formula of its own is that kind. */
static NormKind norm_kind(const NormJob *job)
{
    NormKind kind = input_norm_kind(job->in, &job->params->norm);
    double alpha = job->params->norm.alpha;
    if (kind != NORM_ENTMAX || !(alpha <= 1 || alpha == 1.5 || alpha == 2))
        return kind;
    return alpha <= 1 ? NORM_SOFTMAX : alpha == 2 ? NORM_SPARSEMAX : NORM_ENTMAX15;
}

/* log Σ e^(l/T) from Σ e^((l − m)/T), where the normaliser divides by such a sum. */
static double row_log_sum(NormKind kind, double max, double sum, double temperature)
{
    bool open = kind == NORM_SOFTMAX1;
    if (temperature == 0 ||
        (kind != NORM_SOFTMAX && !open && kind != NORM_TOPK && kind != NORM_TOPP))
        return (double)NAN;
    double m = open && max < 0 ? 0 : max;
    return (isinf(temperature) ? 0 : m / temperature) + log(sum);
}

static void range_take(Range *range, float lo, float hi)
{
    range->lo = lo < range->lo ? lo : range->lo;
    range->hi = hi > range->hi ? hi : range->hi;
}

/* Of n exponentials, before their sum is divided out; log_sum: of `seen`. */
static RowStats softmax_stats(ExpSums seen, double log_sum, int n, float most)
{
    RowStats stats = {.entropy = NAN, .effective = NAN, .keys = n, .max = (double)most};
    if (seen.sum > 0) { /* H of p = e/S: ln S − Σ e·x / S, no logarithm per cell */
        double bits = (log_sum - seen.moment / seen.sum) / log(2);
        stats.entropy = bits > 0 ? bits : 0;
        stats.effective = exp2(stats.entropy);
    }
    return stats;
}

/* Exponentials first, in a scratch that stays in the nearest cache; one more look divides them. The
 * statistics fall off on the way. */
static void row_softmax(const NormJob *job, const NormRow *r, NormKind kind, int row,
                        float *weights, RowStats *stats, Range *range)
{
    const Kernels *k = job->kernels;
    bool open = kind == NORM_SOFTMAX1, stream = job->stream && r->direct;
    double factor = 1 / r->divisor / r->t;
    float base = r->base, hi = 1, *e = stream ? r->e : r->w;
    ExpSums seen = k->exp_row(e, r->x, r->n, base, factor);
    float most_x = r->l ? (float)r->max : r->top;
    if (open && most_x < base) /* the largest one competes with a logit 0 that is larger */
        k->exp_row(&hi, &most_x, 1, base, factor);
    double zero = r->l ? -fmax(r->max, 0) : -(double)base;
    double total = seen.sum + (open ? exp(zero / r->divisor / r->t) : 0);
    float share = (float)(1 / total), most = hi * share;
    if (r->hides) {
        k->scale_row(r->w, e, r->n, share, false, 0, NULL);
        double missing = norm_scatter(r, job, row, weights);
        stats_row(stats, weights, job->mask, row);
        stats->missing = missing;
        range_add_row(range, weights, job->mask->n_k, job->mask, row);
    } else {
        *stats = softmax_stats(seen, log(seen.sum), r->n, most);
        int at;
        stats->sum = k->scale_row(r->w, e, r->n, share, stream, most, &at);
        stats->argmax = norm_key(r, job, row, at < 0 ? 0 : at);
        norm_scatter(r, job, row, weights);
        range_take(range, seen.lo * share, most);
    }
    stats->logit_max = r->max;
    stats->log_sum_exp = row_log_sum(kind, r->max, total, r->t);
}

static bool row_largest(const NormRow *r, int j)
{
    return r->l ? r->l[j] == r->max : r->x[j] == r->base;
}

/* Argmax, ties share; under softmax1 the implicit logit 0 is one more competitor. Topk and topp
 * keep the first of the ties alone. */
static void row_hardmax(const NormJob *job, const NormRow *r, NormKind kind)
{
    bool open = kind == NORM_SOFTMAX1, below = open && r->max < 0;
    int ties = 0;
    for (int j = 0; j < r->n; j++)
        ties += row_largest(r, j);
    int kept = normalise_kept(&job->params->norm, kind, ties);
    float share = below ? 0 : (float)(1 / (double)(kept + (open && r->max == 0)));
    for (int j = 0; j < r->n; j++)
        r->w[j] = row_largest(r, j) && kept-- > 0 ? share : 0;
}

static void row_sigmoid(const NormJob *job, const NormRow *r)
{
    bool gate = job->in->form == FORM_GATE;
    double n = job->params->norm.sigmoid_bias && !gate ? (double)r->n : 1;
    float factor = (float)(1 / r->divisor / r->t), less = (float)log(n), *e = r->e, *w = r->w;
    const float *x = r->x;
    if (r->t == 0) {
        for (int j = 0; j < r->n; j++) {
            double l = r->l ? r->l[j] : (double)x[j];
            w[j] = l > 0 ? 1 : l == 0 ? (float)(1 / (1 + n)) : 0;
        }
        return;
    }
    for (int j = 0; j < r->n; j++)
        e[j] = -fabsf(x[j] * factor - less);
    job->kernels->exp_row(e, e, r->n, 0, 1);
    for (int j = 0; j < r->n; j++) {
        float up = x[j] * factor >= less ? 1 : e[j];
        w[j] = up / (1 + e[j]);
    }
}

/* Kept finite where the logits are: they may be larger than float can hold. */
static void row_relu(const NormRow *r)
{
    const float *x = r->x;
    float *w = r->w;
    double share = 1 / r->divisor / r->t / r->n;
    float part = (float)share;
    bool floats = !r->l && share > 1e-20 && (double)r->base * share < 1e20;
    for (int j = 0; floats && j < r->n; j++) {
        float y = x[j] * part;
        w[j] = y > 0 ? y : 0;
    }
    for (int j = 0; !floats && j < r->n; j++) {
        double l = r->l ? r->l[j] : (double)x[j], y = l > 0 ? l * share : 0;
        w[j] = y < (double)FLT_MAX ? (float)y : FLT_MAX;
    }
}

static void row_exact(const NormJob *job, int row, float *weights, RowStats *stats, Range *range,
                      bool from_file, const float *scores, NormScratch *scratch)
{
    ExactRow *exact = &scratch->exact;
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
    for (int key = 0; key < exact->n_k; key++) {
        double w = exact->weights[key];
        weights[key] = w > (double)FLT_MAX && isfinite(w) ? FLT_MAX : (float)w;
    }
    stats_row(stats, weights, job->mask, row);
    stats->missing = exact->missing;
    stats->logit_max = exact->logit_max;
    stats->log_sum_exp = row_log_sum(norm_kind(job), exact->logit_max, exact->sum_exp,
                                     job->params->scale.temperature);
    stats->flags |= (from_file ? ROW_DOUBLE : 0u) | (exact->overflow ? ROW_OVERFLOW : 0u) |
                    (exact->none ? ROW_FULLY_MASKED : 0u);
    range_add_row(range, weights, job->mask->n_k, job->mask, row);
}

/* Rows without a weight: all NaN, or all 0. */
static void row_none(const NormJob *job, int row, float *weights, RowStats *stats, Range *range,
                     bool nan, bool infinite)
{
    row_fill(job->mask, row, weights, nan ? NAN : 0);
    stats_row(stats, weights, job->mask, row);
    stats->logit_max = nan ? (double)NAN : -(double)INFINITY;
    stats->flags |= (nan ? 0u : ROW_FULLY_MASKED) | (infinite ? ROW_HAS_INF : 0u);
    range_add_row(range, weights, job->mask->n_k, job->mask, row);
}

/* False: the row has to be computed in double. */
static bool row_weights(const NormJob *job, const NormRow *r, NormKind kind, int row,
                        float *weights, RowStats *stats, Range *range)
{
    double sum = 0;
    if (kind == NORM_HARDMAX || (r->t == 0 && kind != NORM_SIGMOID)) {
        row_hardmax(job, r, kind);
    } else if (kind == NORM_SOFTMAX || kind == NORM_SOFTMAX1) {
        row_softmax(job, r, kind, row, weights, stats, range);
        return true;
    } else if (kind == NORM_SIGMOID) {
        row_sigmoid(job, r);
    } else if (kind == NORM_RELU) {
        row_relu(r);
    } else if (kind == NORM_TOPK || kind == NORM_TOPP) {
        if (!normalise_select(r, &job->params->norm, kind, job->kernels, &sum))
            return false;
    } else {
        normalise_sparse(r, kind, job->params->norm.alpha);
    }
    double missing = norm_scatter(r, job, row, weights);
    stats_row(stats, weights, job->mask, row);
    stats->missing = missing;
    stats->logit_max = r->max;
    stats->log_sum_exp = row_log_sum(kind, r->max, sum, r->t);
    range_add_row(range, weights, job->mask->n_k, job->mask, row);
    return true;
}

/* Is the factor of the float exponentials beyond what they can take? */
static bool row_extreme(const NormJob *job, NormKind kind)
{
    double t = job->params->scale.temperature;
    double factor = 1 / (input_has_bias(job->in) ? 1 : job->divisor) / t;
    bool doubles = kind == NORM_SPARSEMAX || kind == NORM_ENTMAX15 || kind == NORM_ENTMAX ||
                   kind == NORM_HARDMAX;
    return t != 0 && !doubles && !(factor >= FACTOR_LEAST && factor <= FACTOR_MOST);
}

void normalise_row(const NormJob *job, const float *scores, ScoresRow look, int row, float *weights,
                   RowStats *stats, Range *range, NormScratch *scratch)
{
    NormKind kind = norm_kind(job);
    bool file = job->in->wide || look.kind == SCORES_DOUBLE;
    if (!job->clean)
        row_clear(job->mask, row, weights);
    if (!file && look.kind == SCORES_NAN) {
        row_none(job, row, weights, stats, range, true, look.infinite);
        return;
    }
    if (file || row_extreme(job, kind)) {
        row_exact(job, row, weights, stats, range, file, scores, scratch);
        return;
    }
    NormRow r;
    Gather found = isinf(look.max)
                       ? GATHER_NONE
                       : norm_gather(&r, job, kind, scores, look, row, weights, scratch);
    if (found == GATHER_FINE && row_weights(job, &r, kind, row, weights, stats, range))
        return;
    if (found == GATHER_FINE || found == GATHER_EXACT)
        row_exact(job, row, weights, stats, range, false, scores, scratch);
    else
        row_none(job, row, weights, stats, range, found != GATHER_NONE, found == GATHER_INFINITE);
}

/* A row under softmax whose competing keys lie side by side: nothing is gathered or scattered. */
typedef struct {
    int row, first, n;
    float *w, *e;
    ExpSums seen;
    double max;
} SoftRow;

enum { SOFT_ROWS = 16, SOFT_CELLS = 4096 /* so many stay in the nearest cache */ };

/* False: this row takes the long way. */
static bool soft_begin(SoftRow *soft, const NormJob *job, double factor, const float *scores,
                       ScoresRow look, int row, float *weights, NormScratch *scratch)
{
    MaskRun run;
    if (look.kind != SCORES_FINE || !(look.max > -INFINITY) ||
        !mask_stretch(job->mask, row, &run) || run.hidden || run.begin == run.end)
        return false;
    if (!job->clean)
        row_clear(job->mask, row, weights);
    soft->row = row;
    soft->first = run.begin;
    soft->n = run.end - run.begin;
    soft->w = weights + run.begin;
    soft->e = job->stream ? scratch->e : soft->w;
    soft->max = (double)look.max / job->divisor;
    soft->seen = job->kernels->exp_row(soft->e, scores + run.begin, soft->n, look.max, factor);
    return true;
}

static void soft_finish(const NormJob *job, const SoftRow *soft, int count, RowStats *stats,
                        Range *range)
{
    double t = job->params->scale.temperature;
    float share[SOFT_ROWS];
    for (int i = 0; i < count; i++) {
        const SoftRow *s = soft + i;
        RowStats *to = stats + s->row;
        double log_sum = log(s->seen.sum);
        share[i] = (float)(1 / s->seen.sum);
        *to = softmax_stats(s->seen, log_sum, s->n, share[i]);
        to->logit_max = s->max;
        to->log_sum_exp = s->max / t + log_sum;
        range_take(range, s->seen.lo * share[i], share[i]);
    }
    for (int i = 0; i < count; i++) {
        const SoftRow *s = soft + i;
        RowStats *to = stats + s->row;
        int at;
        to->sum = job->kernels->scale_row(s->w, s->e, s->n, share[i], job->stream, share[i], &at);
        to->argmax = s->first + (at < 0 ? 0 : at);
    }
}

void normalise_rows(const NormJob *job, Matrix scores, const ScoresRow *looks, int row, int count,
                    float *weights, ptrdiff_t step, RowStats *stats, Range *range,
                    NormScratch *scratch)
{
    NormKind kind = norm_kind(job);
    double t = job->params->scale.temperature, factor = 1 / job->divisor / t;
    bool plain = kind == NORM_SOFTMAX && t > 0 && !job->in->wide && !input_has_bias(job->in) &&
                 !row_extreme(job, kind);
    int n_k = job->mask->n_k, most = job->stream || n_k >= SOFT_CELLS ? 1 : SOFT_CELLS / n_k;
    SoftRow soft[SOFT_ROWS];
    int waiting = 0;
    most = most < SOFT_ROWS ? most : SOFT_ROWS;
    for (int i = row; i < row + count; i++) {
        const float *x = matrix_row(scores, i);
        float *w = weights + (i - row) * step;
        if (plain && soft_begin(soft + waiting, job, factor, x, looks[i], i, w, scratch))
            waiting++;
        else
            normalise_row(job, x, looks[i], i, w, stats + i, range, scratch);
        if (waiting == most) {
            soft_finish(job, soft, waiting, stats, range);
            waiting = 0;
        }
    }
    soft_finish(job, soft, waiting, stats, range);
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
