#include "support/norms.h"

#include <math.h>

typedef long double Real;

enum { NORMS_KEYS = 4096 };

/* z to the weights of entmax with threshold τ; their sum. α = 1.5 and 2 are entmax15 and sparsemax.
 */
static Real entmax(Real *w, const Real *z, int n, Real alpha, Real tau)
{
    Real sum = 0;
    for (int j = 0; j < n; j++) {
        Real base = (alpha - 1) * z[j] - tau;
        w[j] = base > 0 ? powl(base, 1 / (alpha - 1)) : 0;
        sum += w[j];
    }
    return sum;
}

static void entmax_row(Real *w, const Real *z, int n, Real alpha)
{
    static Real edge[NORMS_KEYS];
    Real lo = -1, hi = 0;
    for (int round = 0; round < 90; round++) {
        Real mid = (lo + hi) / 2;
        *(entmax(w, z, n, alpha, mid) > 1 ? &lo : &hi) = mid;
    }
    /* A key at the edge of the support takes what is missing between the last two thresholds. */
    Real less = entmax(edge, z, n, alpha, hi), more = entmax(w, z, n, alpha, lo);
    Real part = more > less ? (1 - less) / (more - less) : 1;
    for (int j = 0; j < n; j++)
        w[j] = edge[j] + part * (w[j] - edge[j]);
}

/* Places of l by falling size, the earlier of two equal ones first. */
static void sorted(int *order, const double *l, int n)
{
    for (int j = 0; j < n; j++) {
        int at = j;
        for (; at > 0 && l[order[at - 1]] < l[j]; at--)
            order[at] = order[at - 1];
        order[at] = j;
    }
}

/* e of all keys becomes that of the kept ones. */
static void select_keys(Real *e, const double *l, int n, const NormParams *norm)
{
    int order[NORMS_KEYS], kept = 0;
    Real all = 0, mass = 0;
    sorted(order, l, n);
    for (int i = 0; i < n; i++)
        all += e[order[i]];
    for (; kept < n; kept++) {
        if (norm->kind == NORM_TOPK && kept == norm->k)
            break;
        if (norm->kind == NORM_TOPP && norm->p < 1 && (double)(mass / all) >= norm->p)
            break;
        mass += e[order[kept]];
    }
    for (; kept < n; kept++)
        e[order[kept]] = 0;
}

static Real open_weight(const NormParams *norm, Real l, Real t, int competing)
{
    Real x = isinf(t) ? 0 : t == 0 ? (l > 0 ? (Real)INFINITY : l < 0 ? -(Real)INFINITY : 0) : l / t;
    if (norm->kind == NORM_RELU)
        return x > 0 ? x / competing : 0;
    return 1 / (1 + expl(-x) * (norm->sigmoid_bias ? competing : 1));
}

bool norms_sum_is_1(NormKind kind)
{
    return kind != NORM_SOFTMAX1 && kind != NORM_SIGMOID && kind != NORM_RELU;
}

void norms_row(double *w, const double *l, int n, int competing, const NormParams *norm, double t)
{
    static Real z[NORMS_KEYS], e[NORMS_KEYS];
    NormKind kind = norm->kind;
    Real max = kind == NORM_SOFTMAX1 ? 0 : -(Real)INFINITY, sum = 0;
    for (int j = 0; j < n; j++)
        max = (Real)l[j] > max ? (Real)l[j] : max;
    for (int j = 0; j < n; j++) {
        bool hard = t == 0 || kind == NORM_HARDMAX;
        z[j] = hard       ? ((Real)l[j] == max ? 0 : -(Real)INFINITY)
               : isinf(t) ? 0
                          : ((Real)l[j] - max) / (Real)t;
        e[j] = expl(z[j]);
    }
    if (kind == NORM_SIGMOID || kind == NORM_RELU) {
        for (int j = 0; j < n; j++)
            w[j] = (double)open_weight(norm, (Real)l[j], (Real)t, competing);
        return;
    }
    if (kind == NORM_TOPK || kind == NORM_TOPP)
        select_keys(e, l, n, norm);
    if (kind == NORM_SOFTMAX1)
        sum = t == 0 ? max == 0 : isinf(t) ? 1 : expl(-max / (Real)t);
    bool sparse =
        kind == NORM_SPARSEMAX || kind == NORM_ENTMAX15 || (kind == NORM_ENTMAX && norm->alpha > 1);
    if (sparse && t > 0)
        entmax_row(e, z, n,
                   kind == NORM_SPARSEMAX  ? 2
                   : kind == NORM_ENTMAX15 ? 1.5L
                                           : (Real)norm->alpha);
    for (int j = 0; j < n; j++)
        sum += e[j];
    for (int j = 0; j < n; j++)
        w[j] = (double)(e[j] / sum);
}
