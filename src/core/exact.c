#include "core/exact.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>

typedef long double Real;

bool exact_row_init(ExactRow *row, int n_k)
{
    double *block = mem_zero((size_t)n_k, 3 * sizeof *block);
    *row = (ExactRow){block, NULL, NULL, n_k, 0, 0, 0, false, false};
    if (!block)
        return false;
    row->scaled = block + n_k;
    row->weights = block + 2 * (ptrdiff_t)n_k;
    return true;
}

void exact_row_free(ExactRow *row)
{
    mem_free(row->scores);
    *row = (ExactRow){0};
}

/* l of a key. A −Inf logit counts as masked: callers look at it before they use any of the
 * formulas. */
static Real exact_logit(const ExactRow *row, double divisor, int key)
{
    return ((Real)row->scores[key] + (Real)row->weights[key]) / (Real)divisor;
}

/* The largest competing logit; NaN when a NaN or +Inf competes, −Inf when nothing does. */
static Real exact_max(const ExactRow *row, double divisor, const Mask *mask, int query)
{
    Real max = -(Real)INFINITY;
    for (int key = 0; key < row->n_k; key++) {
        if (!mask_competes(mask, query, key))
            continue;
        Real l = exact_logit(row, divisor, key);
        if (isnan(l) || (isinf(l) && l > 0))
            return (Real)NAN;
        max = l > max ? l : max;
    }
    return max;
}

/* What each normaliser needs to know of the whole row. Afterwards a weight follows from its logit
 * alone. */
typedef struct {
    NormKind kind;
    double divisor;
    Real temperature, max; /* max: what is subtracted first (softmax1: at least 0) */
    Real sum;              /* softmax(1): denominator; hardmax: number of ties */
    Real tau;              /* sparsemax, entmax15: threshold */
} ExactNorm;

/* (l − max)/T, ≤ 0. At T = Inf all finite logits are equal. */
static Real exact_z(const ExactNorm *norm, Real l)
{
    return isinf(norm->temperature) ? 0 : (l - norm->max) / norm->temperature;
}

static Real exact_sigmoid(Real x)
{
    Real e = expl(-fabsl(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* Unnormalised weight: softmax e^z, hardmax 1 or 0; the others are final. */
static Real exact_weight(const ExactNorm *norm, Real l)
{
    Real z, t = norm->temperature;
    switch (norm->kind) {
    case NORM_SOFTMAX:
    case NORM_SOFTMAX1:
        return expl(exact_z(norm, l)) / norm->sum;
    case NORM_SPARSEMAX:
        z = exact_z(norm, l) - norm->tau;
        return z > 0 ? z : 0;
    case NORM_ENTMAX15:
        z = exact_z(norm, l) / 2 - norm->tau;
        return z > 0 ? z * z : 0;
    case NORM_SIGMOID:
        if (t == 0)
            return l > 0 ? 1 : l == 0 ? 0.5L : 0;
        return exact_sigmoid(isinf(t) ? 0 : l / t);
    case NORM_HARDMAX:
        return l == norm->max ? 1 / norm->sum : 0;
    case NORM_ENTMAX:
    case NORM_RELU:
    case NORM_TOPK:
    case NORM_TOPP:
        break;
    }
    return 0;
}

typedef struct {
    int count;
    Real first, second; /* Σ (z − origin) and Σ (z − origin)² over the support z > τ */
} ExactSupport;

static ExactSupport exact_support(const ExactRow *row, const ExactNorm *norm, Real origin,
                                  const Mask *mask, int query)
{
    ExactSupport s = {0, 0, 0};
    Real part = norm->kind == NORM_ENTMAX15 ? 0.5L : 1;
    for (int key = 0; key < row->n_k; key++) {
        Real l = exact_logit(row, norm->divisor, key);
        if (!mask_competes(mask, query, key) || isinf(l))
            continue;
        Real z = exact_z(norm, l) * part;
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
static Real exact_threshold(const ExactRow *row, ExactNorm norm, const Mask *mask, int query)
{
    bool square = norm.kind == NORM_ENTMAX15;
    norm.tau = -1;
    for (int round = 0; round < 500; round++) {
        ExactSupport s = exact_support(row, &norm, norm.tau, mask, query);
        Real step = square ? (s.second - 1) / (2 * s.first) : (s.first - 1) / (Real)s.count;
        Real next = norm.tau + step;
        if (!(next > norm.tau))
            break;
        norm.tau = next;
    }
    ExactSupport s = exact_support(row, &norm, 0, mask, query);
    if (!square)
        return (s.first - 1) / (Real)s.count;
    Real mean = s.first / (Real)s.count;
    Real spread = exact_support(row, &norm, mean, mask, query).second;
    return spread < 1 ? mean - sqrtl((1 - spread) / (Real)s.count) : norm.tau;
}

static void exact_prepare(ExactNorm *norm, const ExactRow *row, const Mask *mask, int query)
{
    bool shifts = norm->kind != NORM_SIGMOID && norm->kind != NORM_SOFTMAX1;
    if (norm->temperature == 0 && shifts)
        norm->kind = NORM_HARDMAX;
    if (norm->kind == NORM_SOFTMAX1)
        norm->max = norm->max > 0 ? norm->max : 0;
    if (norm->kind == NORM_SPARSEMAX || norm->kind == NORM_ENTMAX15)
        norm->tau = exact_threshold(row, *norm, mask, query);
    if (norm->kind == NORM_SIGMOID)
        return;
    bool ties = norm->kind == NORM_HARDMAX || norm->temperature == 0;
    Real sum = 0;
    for (int key = 0; key < row->n_k; key++) {
        Real l = exact_logit(row, norm->divisor, key);
        if (mask_competes(mask, query, key) && !isinf(l))
            sum += ties ? (l == norm->max) : expl(exact_z(norm, l));
    }
    if (norm->kind == NORM_SOFTMAX1) {
        if (ties) { /* the implicit 0 is one more competitor of the argmax */
            sum += norm->max == 0;
            norm->kind = NORM_HARDMAX;
        } else {
            sum += expl(exact_z(norm, 0));
        }
    }
    norm->sum = sum;
}

static void exact_fill(ExactRow *out, double value, const Mask *mask, int query)
{
    for (int key = 0; key < out->n_k; key++)
        out->weights[key] = mask_allows(mask, query, key) ? value : 0;
}

static void exact_scaled(ExactRow *out, double divisor, double temperature)
{
    Real t = temperature == 0 ? 1 : (Real)temperature;
    for (int key = 0; key < out->n_k; key++) {
        Real l = exact_logit(out, divisor, key);
        out->scaled[key] = (double)(isinf(t) && isinf(l) ? l : l / t);
    }
}

void exact_normalise(ExactRow *out, NormKind kind, double divisor, double temperature,
                     const Mask *mask, int query)
{
    exact_scaled(out, divisor, temperature);
    ExactNorm norm = {.kind = kind, .divisor = divisor, .temperature = temperature};
    norm.max = exact_max(out, divisor, mask, query);
    out->logit_max = (double)norm.max;
    out->sum_exp = out->missing = 0;
    out->none = isinf(norm.max) != 0;
    if (out->none || isnan(norm.max)) {
        exact_fill(out, out->none ? 0 : NAN, mask, query);
        return;
    }
    exact_prepare(&norm, out, mask, query);
    out->sum_exp = (double)norm.sum;
    Real missing = 0;
    for (int key = 0; key < out->n_k; key++) {
        Real l = exact_logit(out, divisor, key);
        bool counts = mask_competes(mask, query, key) && !isinf(l);
        Real w = counts ? exact_weight(&norm, l) : 0;
        bool shown = mask_allows(mask, query, key);
        missing += shown ? 0 : w;
        out->weights[key] = shown ? (double)w : 0;
    }
    out->missing = (double)missing;
}

/* Weights of the file: hidden keys become 0, the rest is divided by its sum where the user asks for
 * it. */
static void exact_given(ExactRow *out, const AttnInput *in, const Mask *mask, int query)
{
    Stored given = input_given(in);
    Real sum = 0, missing = 0;
    for (int key = 0; key < out->n_k; key++) {
        double w = stored_value(given, query, key);
        bool shown = mask_allows(mask, query, key);
        out->scores[key] = out->scaled[key] = NAN;
        out->weights[key] = shown ? w : 0;
        if (shown)
            sum += (Real)w;
        else
            missing += (Real)w;
    }
    out->missing = mask->renormalise ? 0 : (double)missing;
    out->none = mask_count(mask, query) == 0;
    out->logit_max = out->sum_exp = NAN;
    if (mask->renormalise && mask->hidden_count && sum != 0)
        for (int key = 0; key < out->n_k; key++)
            out->weights[key] =
                mask_allows(mask, query, key) ? (double)((Real)out->weights[key] / sum) : 0;
}

void exact_row(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
               int query)
{
    out->overflow = false;
    if (in->entry == ENTRY_WEIGHTS) {
        exact_given(out, in, mask, query);
        return;
    }
    bool positive = false, negative = false;
    for (int key = 0; key < out->n_k; key++) {
        Real score = exact_score(in, query, key);
        out->scores[key] = (double)score;
        /* The part that double cannot hold waits where the weight will be. */
        out->weights[key] = isfinite(out->scores[key]) ? (double)(score - out->scores[key]) : 0;
        if (isinf(out->scores[key]) && mask_competes(mask, query, key) &&
            exact_score_finite_inputs(in, query, key)) {
            out->overflow = true;
            positive |= out->scores[key] > 0;
            negative |= out->scores[key] < 0;
        }
    }
    exact_normalise(out, params->norm.kind, input_divisor(in, params), params->scale.temperature,
                    mask, query);
    /* A row whose every finite logit fell below −DBL_MAX is not masked: its weights are unknown. */
    if (negative && !positive && out->none) {
        out->none = false;
        exact_fill(out, NAN, mask, query);
    }
}
