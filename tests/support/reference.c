#include "support/reference.h"

#include "base/index_set.h"
#include "support/norms.h"

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

static uint64_t ref_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

int ref_random_keys(int *out, int seed, int query, int n_k, int count)
{
    uint64_t row = ref_mix(ref_mix((uint64_t)seed) ^ (uint64_t)query);
    count = count < n_k ? count : n_k;
    for (int draw = 0; draw < count; draw++) {
        int last = n_k - count + draw;
        int key = (int)((ref_mix(row + (uint64_t)draw) >> 32) * (uint64_t)(last + 1) >> 32);
        for (int t = 0; t < draw; t++)
            if (out[t] == key) {
                key = last;
                break;
            }
        out[draw] = key;
    }
    return count;
}

/* Drawn among the keys that causal and prefix allow. */
static bool ref_drawn(const AttnInput *in, const MaskParams *mask, int i, int64_t p, int j)
{
    int64_t most = p + 1 > mask->prefix ? p + 1 : mask->prefix;
    int among = !mask->causal || most > in->n_k ? in->n_k : most > 0 ? (int)most : 0;
    int keys[REF_KEYS], count = ref_random_keys(keys, mask->seed, i, among, mask->random);
    for (int t = 0; t < count; t++)
        if (keys[t] == j)
            return true;
    return false;
}

/* Does the sparse pattern let a query at place p see key j? */
static bool ref_pattern(const AttnInput *in, const MaskParams *mask, int i, int64_t p, int j)
{
    int64_t far = llabs(j - p), dilation = mask->dilation > 1 ? mask->dilation : 1;
    if (mask->window <= 0 && mask->stride <= 0 && mask->random <= 0)
        return true;
    if (mask->window > 0 && far < mask->window * dilation && far % dilation == 0)
        return true;
    if (mask->stride > 0 && far % mask->stride == 0)
        return true;
    if (index_set_has(mask->global, j) || (p >= 0 && index_set_has(mask->global, (int)p)))
        return true;
    return mask->random > 0 && ref_drawn(in, mask, i, p, j);
}

/* The blocks are counted from key 0; queries before it are in no block of a key. */
static bool ref_same_block(int block, int64_t p, int j)
{
    return p >= 0 && j / block == p / block;
}

static bool ref_seen(const AttnInput *in, const MaskParams *mask, int row, int j)
{
    bool features = in->form == FORM_FEATURES;
    int i = features ? in->row_query : row, n_q = features ? in->queries : in->n_q;
    int64_t p = mask->align == MASK_BOTTOM ? (int64_t)i + in->n_k - n_q : i;
    if (in->form == FORM_GATE)
        return true;
    if (in->form != FORM_STRIP) {
        if (mask->causal && j > p && j >= mask->prefix)
            return false;
        if (!ref_pattern(in, mask, i, p, j))
            return false;
        if (mask->block > 0 && !ref_same_block(mask->block, p, j))
            return false;
        if (mask->segments && in->segment_q && in->segment_k &&
            in->segment_q[i] != in->segment_k[j])
            return false;
        if (mask->given && in->mask.at && stored_value(in->mask, i, j) == 0)
            return false;
    }
    return !(mask->padding && in->padding && in->padding[j]);
}

bool ref_shown(const AttnInput *in, const MaskParams *mask, int i, int j)
{
    if (in->form == FORM_GATE)
        return true;
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

static double ref_bias(const AttnInput *in, const MaskParams *mask, int row, int j)
{
    bool features = in->form == FORM_FEATURES;
    int i = features ? in->row_query : row, n_q = features ? in->queries : in->n_q;
    int offset = mask->align == MASK_BOTTOM ? in->n_k - n_q : 0;
    double bias = in->bias.by_distance ? in->bias.by_distance[j - i - offset] : 0;
    return bias + (in->bias.matrix ? in->bias.matrix[i * in->n_k + j] : 0);
}

void ref_weights(double *out, const double *scores, const AttnInput *in, const AttnParams *params,
                 double divisor, int i, double *missing)
{
    double l[REF_KEYS], w[REF_KEYS], lost = 0;
    int at[REF_KEYS], n = 0, competing = 0;
    bool broken = false;
    for (int j = 0; j < in->n_k; j++) {
        out[j] = 0;
        if (!ref_competes(in, &params->mask, i, j))
            continue;
        double logit = scores[j] / divisor + ref_bias(in, &params->mask, i, j);
        competing++;
        broken |= isnan(logit) || (isinf(logit) && logit > 0);
        if (isinf(logit) && logit < 0)
            continue;
        at[n] = j;
        l[n++] = logit;
    }
    NormParams norm = params->norm;
    if (in->form == FORM_GATE)
        norm = (NormParams){.kind = NORM_SIGMOID};
    if (!broken)
        norms_row(w, l, n, competing, &norm, params->scale.temperature);
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
