#include "support/reference.h"

#include "base/index_set.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { REF_KEYS = 4096 };

uint64_t ref_random(RefRandom *r)
{
    uint64_t x = r->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    r->state = x;
    return x * 0x2545F4914F6CDD1Dull;
}

int ref_range(RefRandom *r, int lo, int hi)
{
    uint64_t width = (uint64_t)((int64_t)hi - lo) + 1;
    return (int)(lo + (int64_t)((ref_random(r) >> 11) % width));
}

double ref_unit(RefRandom *r)
{
    return (double)(ref_random(r) >> 11) * 0x1p-53;
}

double ref_normal(RefRandom *r)
{
    double u = 1 - ref_unit(r), v = ref_unit(r);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static bool ref_seen(const AttnInput *in, const MaskParams *mask, int i, int j)
{
    int p = mask->align == MASK_BOTTOM ? i + in->n_k - in->n_q : i;
    if (mask->causal && j > p)
        return false;
    if (mask->window > 0 && abs(j - p) >= mask->window)
        return false;
    return !(mask->padding && in->padding && in->padding[j]);
}

bool ref_shown(const AttnInput *in, const MaskParams *mask, int i, int j)
{
    return ref_seen(in, mask, i, j) && !index_set_has(mask->hidden, j);
}

bool ref_competes(const AttnInput *in, const MaskParams *mask, int i, int j)
{
    return mask->renormalise ? ref_shown(in, mask, i, j) : ref_seen(in, mask, i, j);
}

double ref_score(const AttnInput *in, int i, int j)
{
    if (in->entry != ENTRY_QK)
        return (double)in->given.at[(ptrdiff_t)i * in->given.step + j];
    double sum = 0;
    for (int t = 0; t < in->q.cols; t++)
        sum += (double)in->q.at[(ptrdiff_t)i * in->q.step + t] *
               (double)in->k.at[(ptrdiff_t)j * in->k.step + t];
    return sum;
}

double ref_score_sum(const AttnInput *in, int i, int j)
{
    double sum = 0;
    for (int t = 0; t < in->q.cols; t++)
        sum += fabs((double)in->q.at[(ptrdiff_t)i * in->q.step + t] *
                    (double)in->k.at[(ptrdiff_t)j * in->k.step + t]);
    return sum;
}

/* Σ of the weights at this threshold; both kinds fall as τ grows. */
static double ref_mass(const double *z, int n, double tau, bool square)
{
    double sum = 0;
    for (int j = 0; j < n; j++) {
        double y = (square ? z[j] / 2 : z[j]) - tau;
        sum += y > 0 ? square ? y * y : y : 0;
    }
    return sum;
}

static double ref_threshold(const double *z, int n, bool square)
{
    double lo = -1, hi = 0;
    for (int i = 0; i < 200; i++) {
        double mid = (lo + hi) / 2;
        *(ref_mass(z, n, mid, square) > 1 ? &lo : &hi) = mid;
    }
    return (lo + hi) / 2;
}

/* Weights over n competing logits l, none of them NaN, +Inf or −Inf. */
static void ref_normalise(double *w, const double *l, int n, NormKind kind, double t)
{
    double z[REF_KEYS], max = -INFINITY, sum = 0, ties = 0;
    for (int j = 0; j < n; j++)
        max = l[j] > max ? l[j] : max;
    if (kind == NORM_SOFTMAX1 && max < 0)
        max = 0;
    for (int j = 0; j < n; j++) {
        z[j] = isinf(t) ? 0 : t == 0 ? (l[j] == max ? 0 : -INFINITY) : (l[j] - max) / t;
        sum += exp(z[j]);
        ties += l[j] == max;
    }
    if (kind == NORM_SOFTMAX1)
        sum += isinf(t) ? 1 : t == 0 ? max == 0 : exp(-max / t);
    bool sparse = kind == NORM_SPARSEMAX || kind == NORM_ENTMAX15;
    double tau = sparse && t > 0 ? ref_threshold(z, n, kind == NORM_ENTMAX15) : 0;
    for (int j = 0; j < n; j++) {
        double y = (kind == NORM_ENTMAX15 ? z[j] / 2 : z[j]) - tau;
        y = y > 0 ? y : 0;
        if (kind == NORM_HARDMAX || (t == 0 && sparse))
            w[j] = l[j] == max ? 1 / ties : 0;
        else if (kind == NORM_SIGMOID)
            w[j] = t == 0     ? (l[j] > 0   ? 1
                                 : l[j] < 0 ? 0
                                            : 0.5)
                   : isinf(t) ? 0.5
                              : 1 / (1 + exp(-l[j] / t));
        else
            w[j] = kind == NORM_SPARSEMAX ? y : kind == NORM_ENTMAX15 ? y * y : exp(z[j]) / sum;
    }
}

void ref_weights(double *out, const double *scores, const AttnInput *in, const AttnParams *params,
                 double divisor, int i, double *missing)
{
    double l[REF_KEYS], w[REF_KEYS], lost = 0;
    int at[REF_KEYS], n = 0;
    bool broken = false;
    for (int j = 0; j < in->n_k; j++) {
        out[j] = 0;
        if (!ref_competes(in, &params->mask, i, j))
            continue;
        broken |= isnan(scores[j]) || (isinf(scores[j]) && scores[j] > 0);
        if (isinf(scores[j]) && scores[j] < 0)
            continue;
        at[n] = j;
        l[n++] = scores[j] / divisor;
    }
    if (!broken)
        ref_normalise(w, l, n, params->norm.kind, params->scale.temperature);
    for (int k = 0; k < n && !broken; k++) {
        if (ref_shown(in, &params->mask, i, at[k]))
            out[at[k]] = w[k];
        else
            lost += w[k];
    }
    for (int j = 0; j < in->n_k && broken; j++)
        out[j] = ref_shown(in, &params->mask, i, j) ? NAN : 0;
    if (missing)
        *missing = lost;
}

typedef __float128 Quad;

/* e^x = (e^(x/2^k))^(2^k) with x/2^k below 1/256: the series needs 14 terms for 113 bits; squaring
 * k times loses k bits, which 128-bit numbers can spare against double. */
static Quad ref_quad_exp(Quad x)
{
    if (x < -800)
        return 0;
    if (x > 800)
        return (Quad)INFINITY;
    int k = 0;
    for (; x > 0.00390625 || x < -0.00390625; k++)
        x /= 2;
    Quad sum = 1, term = 1;
    for (int n = 1; n < 20; n++) {
        term *= x / n;
        sum += term;
    }
    for (; k > 0; k--)
        sum *= sum;
    return sum;
}

static Quad ref_quad_score(const AttnInput *in, int i, int j)
{
    if (in->entry != ENTRY_QK)
        return (Quad)stored_value(in->stored_given, i, j);
    Quad sum = 0;
    for (int t = 0; t < in->stored_q.cols; t++)
        sum += (Quad)stored_value(in->stored_q, i, t) * (Quad)stored_value(in->stored_k, j, t);
    return sum;
}

void ref_quad_row(double *scores, double *scaled, double *weights, const AttnInput *in,
                  const AttnParams *params, double divisor, int i)
{
    Quad l[REF_KEYS], max = -(Quad)INFINITY, sum = 0, t = (Quad)params->scale.temperature;
    NormKind kind = params->norm.kind;
    for (int j = 0; j < in->n_k; j++) {
        Quad score = ref_quad_score(in, i, j);
        l[j] = score / (Quad)divisor;
        scores[j] = (double)score;
        scaled[j] = (double)(l[j] / t);
        if (ref_competes(in, &params->mask, i, j) && l[j] > max)
            max = l[j];
    }
    if (kind == NORM_SOFTMAX1 && max < 0)
        max = 0;
    for (int j = 0; j < in->n_k; j++)
        if (ref_competes(in, &params->mask, i, j))
            sum += ref_quad_exp((l[j] - max) / t);
    if (kind == NORM_SOFTMAX1)
        sum += ref_quad_exp(-max / t);
    for (int j = 0; j < in->n_k; j++) {
        bool shown = ref_shown(in, &params->mask, i, j);
        Quad w = kind == NORM_SIGMOID ? 1 / (1 + ref_quad_exp(-l[j] / t))
                                      : ref_quad_exp((l[j] - max) / t) / sum;
        weights[j] = shown ? (double)w : 0;
    }
}

double ref_entropy(const double *weights, int n)
{
    double sum = 0, h = 0;
    for (int j = 0; j < n; j++)
        sum += weights[j];
    for (int j = 0; j < n; j++)
        if (weights[j] > 0)
            h -= weights[j] / sum * (log(weights[j] / sum) / log(2));
    return h;
}
