/* The normalisers in long double. What a formula needs to know of the whole row is found first;
 * afterwards a weight follows from its logit alone.
 */
#include "core/exact.h"

#include <float.h>
#include <math.h>

typedef long double Real;

typedef struct {
    const ExactRow *row;
    const AttnInput *in;
    const NormParams *params;
    const Mask *mask;
    int query;
    NormKind kind; /* how the weights are made; not always the one that was asked for */
    Real divisor, temperature;
    Real max;        /* what is subtracted first (softmax1: at least 0) */
    Real sum;        /* softmax and its kin: the denominator; entmax: Σ of what τ gives */
    Real tau, alpha; /* threshold of the sparse ones; α of entmax */
    Real tau_most;   /* entmax: the first that is too large … */
    Real part;       /* … and how far to τ from there */
    Real least;      /* softmax: logits below this are out … */
    int ties;        /* … and of those equal to it the first so many are in; hardmax: sharers */
    int count;       /* competing keys */
    Real shift;      /* sigmoid: ln n, or 0 */
} ExactNorm;

typedef struct {
    MaskWalk walk;
    MaskRun run;
    int key;
} ExactWalk;

static ExactWalk exact_walk(const ExactNorm *norm)
{
    return (ExactWalk){.walk = mask_walk(norm->mask, norm->query), .key = -1};
}

/* The next competing key, from left to right. */
static bool exact_next(ExactWalk *walk)
{
    if (walk->key >= 0 && ++walk->key < walk->run.end)
        return true;
    if (!mask_walk_next(&walk->walk, &walk->run))
        return false;
    walk->key = walk->run.begin;
    return true;
}

/* l of a key. A −Inf logit counts as masked: callers look at it before they use any formula. */
static Real exact_logit(const ExactNorm *norm, int key)
{
    const ExactRow *row = norm->row;
    Real l = (Real)row->scores[key] + (Real)row->weights[key];
    /* A narrow gaussian sends distances beyond double: the nearest key still has its due. */
    if (isinf(l) && norm->in->op == OP_DISTANCE && norm->in->entry == ENTRY_QK)
        l = exact_score(norm->in, norm->query, key);
    l /= norm->divisor;
    if (!input_has_bias(norm->in))
        return l;
    return l + (Real)input_bias(norm->in, norm->query, key, norm->mask->offset);
}

/* The largest competing logit; NaN when a NaN or +Inf competes, −Inf when nothing does. */
static Real exact_max(ExactNorm *norm)
{
    Real max = -(Real)INFINITY;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk); norm->count++) {
        Real l = exact_logit(norm, walk.key);
        if (isnan(l) || (isinf(l) && l > 0))
            return (Real)NAN;
        max = l > max ? l : max;
    }
    return max;
}

/* (l − max)/T, ≤ 0. At T = Inf all finite logits are equal, at T = 0 only the largest count. */
static Real exact_z(const ExactNorm *norm, Real l)
{
    if (isinf(l))
        return l;
    if (norm->temperature == 0)
        return l == norm->max ? 0 : -(Real)INFINITY;
    return isinf(norm->temperature) ? 0 : (l - norm->max) / norm->temperature;
}

static Real exact_sigmoid(Real x)
{
    Real e = expl(-fabsl(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

typedef struct {
    int count;
    Real first, second; /* Σ (z − origin) and Σ (z − origin)² over the support z > τ */
} ExactSupport;

static ExactSupport exact_support(const ExactNorm *norm, Real origin)
{
    ExactSupport s = {0, 0, 0};
    Real part = norm->kind == NORM_ENTMAX15 ? 0.5L : 1;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk);) {
        Real z = exact_z(norm, exact_logit(norm, walk.key)) * part;
        if (z > norm->tau) {
            s.count++;
            s.first += z - origin;
            s.second += (z - origin) * (z - origin);
        }
    }
    return s;
}

/* Σ (z − τ)⁺ = 1 (sparsemax) or Σ ((z/2 − τ)⁺)² = 1 (entmax15): both sides are convex and falling
 * in τ, so Newton from the left, τ = −1, climbs to the root without passing it. The support is
 * known then, and the threshold follows from it in closed form, without the rounding of the climb.
 */
static void exact_threshold(ExactNorm *norm)
{
    bool square = norm->kind == NORM_ENTMAX15;
    norm->tau = -1;
    for (int round = 0; round < 500; round++) {
        ExactSupport s = exact_support(norm, norm->tau);
        Real step = square ? (s.second - 1) / (2 * s.first) : (s.first - 1) / (Real)s.count;
        Real next = norm->tau + step;
        if (!(next > norm->tau))
            break;
        norm->tau = next;
    }
    ExactSupport s = exact_support(norm, 0);
    if (!square) {
        norm->tau = (s.first - 1) / (Real)s.count;
        return;
    }
    Real mean = s.first / (Real)s.count, spread = exact_support(norm, mean).second;
    if (spread < 1)
        norm->tau = mean - sqrtl((1 - spread) / (Real)s.count);
}

/* w = (1 + a(z − τ))^(1/a), a = α − 1: written so, it stays exact down to a = 0, where it is
 * softmax and τ is log Σ e^z. */
static Real exact_entmax(const ExactNorm *norm, Real z, Real tau)
{
    Real a = norm->alpha - 1, x = a * (z - tau);
    return x > -1 ? expl(log1pl(x) / a) : 0;
}

static Real exact_entmax_sum(const ExactNorm *norm, Real tau)
{
    Real sum = 0;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk);)
        sum += exact_entmax(norm, exact_z(norm, exact_logit(norm, walk.key)), tau);
    return sum;
}

/* Σ w is at least 1 at τ = 0 and at most 1 where every w is 1/n or less: halving in between, until
 * there is nothing in between. Above α = 2 a key at the edge of the support takes much of the sum
 * with it, so weights lie between the two ends in the share that makes the sum 1. */
static void exact_bisect(ExactNorm *norm)
{
    Real a = norm->alpha - 1, lo = 0, hi = -expm1l(-a * logl((Real)norm->count)) / a;
    for (int round = 0; round < 200; round++) {
        Real mid = lo + (hi - lo) / 2;
        if (!(mid > lo && mid < hi))
            break;
        *(exact_entmax_sum(norm, mid) > 1 ? &lo : &hi) = mid;
    }
    Real more = exact_entmax_sum(norm, lo), less = exact_entmax_sum(norm, hi);
    norm->tau = lo;
    norm->tau_most = hi;
    norm->part = more - less > 1e-18L ? (1 - less) / (more - less) : 1;
    norm->sum = less + norm->part * (more - less);
}

static bool exact_before(const ExactNorm *norm, int a, int b)
{
    Real x = exact_logit(norm, a), y = exact_logit(norm, b);
    return x > y || (x == y && a < b);
}

static void exact_sift(const ExactNorm *norm, int *order, int at, int n)
{
    for (int child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && exact_before(norm, order[child], order[child + 1]))
            child++;
        if (!exact_before(norm, order[at], order[child]))
            return;
        int swap = order[at];
        order[at] = order[child];
        order[child] = swap;
    }
}

/* Competing keys, largest logit first, equal ones by index. */
static int exact_order(const ExactNorm *norm, int *order)
{
    int n = 0;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk);)
        order[n++] = walk.key;
    for (int at = n / 2; at-- > 0;)
        exact_sift(norm, order, at, n);
    for (int end = n - 1; end > 0; end--) {
        int swap = order[0];
        order[0] = order[end];
        order[end] = swap;
        exact_sift(norm, order, 0, end);
    }
    return n;
}

/* Which keys topk and topp keep: a least logit, and how many of those equal to it. */
static void exact_select(ExactNorm *norm, int *order)
{
    int n = exact_order(norm, order), kept = 0;
    Real all = 0, mass = 0;
    for (int i = 0; i < n; i++)
        all += expl(exact_z(norm, exact_logit(norm, order[i])));
    while (kept < n) {
        if (norm->kind == NORM_TOPK
                ? kept >= norm->params->k
                : kept > 0 && norm->params->p < 1 && (double)(mass / all) >= norm->params->p)
            break;
        mass += expl(exact_z(norm, exact_logit(norm, order[kept++])));
    }
    norm->least = exact_logit(norm, order[kept - 1]);
    norm->ties = 0;
    while (norm->ties < kept && exact_logit(norm, order[kept - 1 - norm->ties]) == norm->least)
        norm->ties++;
    norm->sum = mass;
}

/* The implicit logit 0 of softmax1 is one more competitor, of the argmax too. */
static void exact_denominator(ExactNorm *norm)
{
    norm->least = -(Real)INFINITY;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk);) {
        Real z = exact_z(norm, exact_logit(norm, walk.key));
        norm->sum += expl(z);
        norm->ties += z == 0;
    }
    if (norm->kind == NORM_SOFTMAX1)
        norm->sum += expl(exact_z(norm, 0));
}

/* `order` is room for n_k numbers. */
static void exact_prepare(ExactNorm *norm, int *order)
{
    bool entmax = norm->kind == NORM_ENTMAX;
    if (entmax && norm->alpha <= 1)
        norm->kind = NORM_SOFTMAX;
    else if (entmax && (norm->alpha == 2 || norm->alpha == 1.5L))
        norm->kind = norm->alpha == 2 ? NORM_SPARSEMAX : NORM_ENTMAX15;
    if (norm->temperature == 0 && (norm->kind == NORM_SPARSEMAX || norm->kind == NORM_ENTMAX15 ||
                                   norm->kind == NORM_ENTMAX || norm->kind == NORM_SOFTMAX))
        norm->kind = NORM_HARDMAX;
    if (norm->kind == NORM_HARDMAX)
        norm->temperature = 0;
    if (norm->kind == NORM_SOFTMAX1)
        norm->max = norm->max > 0 ? norm->max : 0;
    if (norm->kind == NORM_SIGMOID)
        norm->shift = norm->params->sigmoid_bias ? logl((Real)norm->count) : 0;
    else if (norm->kind == NORM_TOPK || norm->kind == NORM_TOPP)
        exact_select(norm, order);
    else if (norm->kind != NORM_RELU)
        exact_denominator(norm);
    if (norm->kind == NORM_SPARSEMAX || norm->kind == NORM_ENTMAX15)
        exact_threshold(norm);
}

/* l/T: the sign of l at T = 0, 0 at T = Inf. */
static Real exact_over(const ExactNorm *norm, Real l)
{
    if (norm->temperature == 0)
        return l > 0 ? (Real)INFINITY : l < 0 ? -(Real)INFINITY : 0;
    return isinf(norm->temperature) ? 0 : l / norm->temperature;
}

static Real exact_weight(ExactNorm *norm, Real l)
{
    Real z;
    switch (norm->kind) {
    case NORM_TOPK:
    case NORM_TOPP:
        if (l < norm->least || (l == norm->least && norm->ties-- <= 0))
            return 0;
        return expl(exact_z(norm, l)) / norm->sum;
    case NORM_SOFTMAX:
    case NORM_SOFTMAX1:
    case NORM_HARDMAX:
        return expl(exact_z(norm, l)) / norm->sum;
    case NORM_SPARSEMAX:
        z = exact_z(norm, l) - norm->tau;
        return z > 0 ? z : 0;
    case NORM_ENTMAX15:
        z = exact_z(norm, l) / 2 - norm->tau;
        return z > 0 ? z * z : 0;
    case NORM_ENTMAX:
        z = exact_entmax(norm, exact_z(norm, l), norm->tau_most);
        return (z + norm->part * (exact_entmax(norm, exact_z(norm, l), norm->tau) - z)) / norm->sum;
    case NORM_SIGMOID:
        return exact_sigmoid(exact_over(norm, l) - norm->shift);
    case NORM_RELU: /* beyond double only for logits near its end: kept finite there */
        z = l > 0 ? exact_over(norm, l) / (Real)norm->count : 0;
        return z < (Real)DBL_MAX ? z : (Real)DBL_MAX;
    }
    return 0;
}

static void exact_scaled(ExactRow *out, const ExactNorm *norm, Real temperature)
{
    Real t = temperature == 0 ? 1 : temperature;
    for (int key = 0; key < out->n_k; key++) {
        Real l = exact_logit(norm, key);
        out->scaled[key] = (double)(isinf(t) && isinf(l) ? l : l / t);
    }
}

/* No weight can be told (NaN), or every one is 0. */
static void exact_fill(ExactRow *out, double value, const ExactNorm *norm)
{
    for (int key = 0; key < out->n_k; key++)
        out->weights[key] = 0;
    for (ExactWalk walk = exact_walk(norm); exact_next(&walk);)
        out->weights[walk.key] = walk.run.hidden ? 0 : value;
}

void exact_normalise(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
                     int query)
{
    ExactNorm norm = {.row = out,
                      .in = in,
                      .params = &params->norm,
                      .mask = mask,
                      .query = query,
                      .kind = input_norm_kind(in, &params->norm),
                      .divisor = (Real)input_divisor(in, params),
                      .temperature = (Real)params->scale.temperature,
                      .alpha = (Real)params->norm.alpha};
    NormParams gate = {.kind = NORM_SIGMOID};
    if (in->form == FORM_GATE)
        norm.params = &gate;
    norm.max = exact_max(&norm);
    out->logit_max = (double)norm.max;
    out->sum_exp = out->missing = 0;
    out->none = isinf(norm.max) != 0;
    /* The order of the keys takes the room of the scaled scores, which are made afterwards. */
    bool fine = !out->none && !isnan(norm.max);
    if (fine)
        exact_prepare(&norm, (int *)(void *)out->scaled);
    if (fine && norm.kind == NORM_ENTMAX)
        exact_bisect(&norm);
    exact_scaled(out, &norm, (Real)params->scale.temperature);
    if (!fine) {
        exact_fill(out, out->none ? 0 : NAN, &norm);
        return;
    }
    out->sum_exp = (double)norm.sum;
    Real missing = 0;
    int done = 0;
    for (ExactWalk walk = exact_walk(&norm); exact_next(&walk); done = walk.key + 1) {
        Real l = exact_logit(&norm, walk.key);
        Real w = isinf(l) ? 0 : exact_weight(&norm, l);
        while (done < walk.key)
            out->weights[done++] = 0;
        missing += walk.run.hidden ? w : 0;
        out->weights[walk.key] = walk.run.hidden ? 0 : (double)w;
    }
    while (done < out->n_k)
        out->weights[done++] = 0;
    out->missing = (double)missing;
}
