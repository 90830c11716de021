#include "core/normalise_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Runs of irregular masks are often one key long: a call of memcpy would cost more than it moves.
 */
static void copy(float *to, const float *from, int n)
{
    if (n > 16) {
        memcpy(to, from, sizeof *to * (size_t)n);
        return;
    }
    for (int j = 0; j < n; j++)
        to[j] = from[j];
}

/* Logits of one run; `down` is 1/divisor where that is exact, else 0. */
static void logits(double *l, const float *scores, int n, double divisor, double down,
                   const double *by_distance, const double *matrix)
{
    for (int j = 0; j < n && down != 0; j++)
        l[j] = (double)scores[j] * down;
    for (int j = 0; j < n && down == 0; j++)
        l[j] = (double)scores[j] / divisor;
    if (by_distance && matrix) {
        for (int j = 0; j < n; j++)
            l[j] += by_distance[j] + matrix[j];
        return;
    }
    const double *bias = by_distance ? by_distance : matrix;
    for (int j = 0; j < n; j++)
        l[j] += bias[j];
}

/* Dividing by a power of two is multiplying: the same bits, much faster. */
static double exact_inverse(double divisor)
{
    int exponent;
    return fabs(frexp(divisor, &exponent)) == 0.5 && abs(exponent) < 1000 ? 1 / divisor : 0;
}

static void gather_logits(const NormJob *job, const float *scores, int row, double *l)
{
    const AttnInput *in = job->in;
    double down = exact_inverse(job->divisor);
    int query = in->form == FORM_FEATURES && in->row_query >= 0 ? in->row_query : row;
    ptrdiff_t place = (ptrdiff_t)query + job->mask->offset;
    MaskRun run;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);) {
        int n = run.end - run.begin;
        const double *by_distance = in->bias.by_distance, *matrix = in->bias.matrix;
        if (by_distance)
            by_distance += run.begin - place;
        if (matrix)
            matrix += (ptrdiff_t)query * in->n_k + run.begin;
        logits(l, scores + run.begin, n, job->divisor, down, by_distance, matrix);
        l += n;
    }
}

/* Which of the logits spoils the row: the first look saw that one does. */
static Gather judge(const NormJob *job, const float *scores, int row, const double *l)
{
    Gather found = GATHER_FINE;
    MaskRun run;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; key < run.end; key++, l++) {
            double bias = input_bias(job->in, row, key, job->mask->offset);
            if (isinf(*l) && isfinite(bias) && isfinite(scores[key]))
                found = found == GATHER_FINE ? GATHER_EXACT : found;
            else if (isnan(*l) || (isinf(*l) && *l > 0))
                found = isinf(*l) || found == GATHER_INFINITE ? GATHER_INFINITE : GATHER_NAN;
        }
    return found;
}

static Gather gather_bias(NormRow *out, const NormJob *job, NormKind kind, const float *scores,
                          int row, NormScratch *scratch)
{
    double *l = scratch->exact.scores, max = -INFINITY, odd = 0;
    float *x = (void *)scratch->exact.scaled;
    gather_logits(job, scores, row, l);
    int n = out->n;
    for (int j = 0; j < n; j++) {
        max = l[j] > max ? l[j] : max;
        odd += l[j] - l[j];
    }
    bool infinite = odd != 0; /* an Inf minus itself is NaN, and NaN is not 0 */
    Gather found = infinite ? judge(job, scores, row, l) : GATHER_FINE;
    out->max = max;
    if (found != GATHER_FINE)
        return found;
    if (isinf(max))
        return GATHER_NONE;
    bool still = kind == NORM_SIGMOID || kind == NORM_RELU;
    double shift = still ? 0 : kind == NORM_SOFTMAX1 && max < 0 ? 0 : max;
    for (int j = 0; j < n; j++)
        x[j] = (float)(l[j] - shift);
    out->x = x;
    out->l = l;
    out->base = 0;
    out->divisor = 1;
    return GATHER_FINE;
}

/* False: there is no run. one: it is the only one. */
static bool gather_first(const Mask *mask, int row, MaskRun *run, bool *one)
{
    MaskRun next;
    MaskWalk walk = mask_walk(mask, row);
    if (!mask_walk_next(&walk, run))
        return false;
    *one = !mask_walk_next(&walk, &next);
    return true;
}

/* scores may be NULL: only counted. */
static void gather_runs(NormRow *out, const Mask *mask, int row, const float *scores, float *x)
{
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);) {
        if (scores)
            copy(x + out->n, scores + run.begin, run.end - run.begin);
        out->n += run.end - run.begin;
        out->hides |= run.hidden;
    }
}

Gather norm_gather(NormRow *out, const NormJob *job, NormKind kind, const float *scores,
                   ScoresRow look, int row, float *weights, NormScratch *scratch)
{
    float *x = (void *)scratch->exact.scaled;
    *out = (NormRow){.divisor = job->divisor,
                     .t = job->params->scale.temperature,
                     .base = kind == NORM_SOFTMAX1 && look.max < 0 ? 0 : look.max,
                     .top = look.max,
                     .max = (double)look.max / job->divisor,
                     .x = x,
                     .w = scratch->e,
                     .e = scratch->e,
                     .z = scratch->exact.weights,
                     .room = scratch->exact.scores,
                     .at = (int *)(void *)scratch->exact.scaled + job->mask->n_k};
    MaskRun run;
    bool one = mask_stretch(job->mask, row, &run), biased = input_has_bias(job->in);
    if (one && run.begin == run.end)
        return GATHER_NONE;
    if (!one && !gather_first(job->mask, row, &run, &one))
        return GATHER_NONE;
    out->first = run.begin;
    out->direct = one && !run.hidden;
    if (out->direct) {
        out->n = run.end - run.begin;
        out->x = scores + run.begin;
        out->w = weights + run.begin;
    }
    if (!out->direct)
        gather_runs(out, job->mask, row, biased ? NULL : scores, x);
    return biased ? gather_bias(out, job, kind, scores, row, scratch) : GATHER_FINE;
}

double norm_scatter(const NormRow *r, const NormJob *job, int row, float *weights)
{
    double missing = 0;
    const float *w = r->w;
    MaskRun run;
    if (r->direct)
        return 0;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);) {
        int n = run.end - run.begin;
        if (!run.hidden)
            copy(weights + run.begin, w, n);
        for (int j = 0; run.hidden && j < n; j++) {
            missing += (double)w[j];
            weights[run.begin + j] = 0;
        }
        w += n;
    }
    return missing;
}

int norm_key(const NormRow *r, const NormJob *job, int row, int j)
{
    MaskRun run;
    if (r->direct)
        return r->first + j;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);) {
        if (j < run.end - run.begin)
            return run.begin + j;
        j -= run.end - run.begin;
    }
    return -1;
}
