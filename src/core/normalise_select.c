/* No row is sorted: what is looked for is the least logit that is kept, and how many of the keys
 * that have it. For topk it lies among the largest of small blocks of keys; for topp the keys are
 * thrown into bins by their logit, and only the bin in which the mass is reached is put in order.
 */
#include "core/normalise_select.h"

#include <math.h>

enum { BLOCK = 16, BINS = 256 };

static double value(const NormRow *r, int j)
{
    return r->l ? r->l[j] : (double)r->x[j];
}

/* The k-th largest of z[0 … n), which is put into another order. Pivots come from fixed random
 * numbers: no file can be made that is slow. */
static double kth_largest(double *z, int n, int k)
{
    uint32_t random = 12345;
    int lo = 0, hi = n; /* it is in z[lo … hi), the k-th from lo */
    for (;;) {
        random = random * 1664525u + 1013904223u;
        double pivot = z[lo + (int)(((uint64_t)random * (uint64_t)(hi - lo)) >> 32)];
        int more = lo, less = hi;
        for (int at = lo; at < less;) {
            double x = z[at];
            if (x > pivot) {
                z[at++] = z[more];
                z[more++] = x;
            } else if (x < pivot) {
                z[at] = z[--less];
                z[less] = x;
            } else {
                at++;
            }
        }
        if (k <= more - lo) {
            hi = more;
        } else if (k <= less - lo) {
            return pivot;
        } else {
            k -= less - lo;
            lo = less;
        }
    }
}

/* k blocks have their largest at or above the k-th largest of all blocks: so do k keys. */
static double lower_bound(const NormRow *r, int k)
{
    int blocks = 0;
    for (int from = 0; from + BLOCK <= r->n; from += BLOCK) {
        double most = value(r, from);
        for (int j = from + 1; j < from + BLOCK; j++) {
            double x = value(r, j);
            most = x > most ? x : most;
        }
        r->z[blocks++] = most;
    }
    return blocks >= k ? kth_largest(r->z, blocks, k) : -INFINITY;
}

/* The least value that is kept and how many keys with it. */
typedef struct {
    double least;
    int ties;
} Cut;

static Cut cut_topk(const NormRow *r, int k)
{
    double bound = k <= r->n / BLOCK ? lower_bound(r, k) : -INFINITY;
    int n = 0, more = 0;
    for (int j = 0; j < r->n; j++) {
        double x = value(r, j);
        if (x >= bound)
            r->z[n++] = x;
    }
    double least = kth_largest(r->z, n, k);
    for (int i = 0; i < n; i++)
        more += r->z[i] > least;
    return (Cut){least, k - more};
}

static void sift(const NormRow *r, int at, int n)
{
    for (int child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && value(r, r->at[child]) > value(r, r->at[child + 1]))
            child++;
        if (!(value(r, r->at[at]) > value(r, r->at[child])))
            return;
        int swap = r->at[at];
        r->at[at] = r->at[child];
        r->at[child] = swap;
    }
}

/* r->at[0 … n) by falling value. */
static void order(const NormRow *r, int n)
{
    for (int at = n / 2; at-- > 0;)
        sift(r, at, n);
    for (int end = n - 1; end > 0; end--) {
        int swap = r->at[0];
        r->at[0] = r->at[end];
        r->at[end] = swap;
        sift(r, 0, end);
    }
}

typedef struct {
    double top, scale; /* bin = (top − value) · scale, at most the last */
} Bins;

static int bin_of(const Bins *bins, double x)
{
    double place = (bins->top - x) * bins->scale;
    return place < BINS - 1 ? (int)place : BINS - 1;
}

/* Up to 40 below the largest z: what lies further down has no mass that counts. */
static Bins bins_of(const NormRow *r, double factor)
{
    double top = r->l ? r->max : (double)r->base, least = top;
    for (int j = 0; j < r->n; j++) {
        double x = value(r, j);
        least = x < least ? x : least;
    }
    double width = fmin(top - least, 40 / factor), scale = (BINS - 1) / width;
    return (Bins){top, width > 0 && isfinite(scale) ? scale : 0};
}

static bool reached(double mass, double all, double p)
{
    return mass / all >= p;
}

/* e: exponentials of the row, all: their sum. unsure: how far off a share of it may be. */
static bool cut_topp(const NormRow *r, const float *e, double all, double p, double unsure,
                     Bins bins, Cut *cut)
{
    double mass[BINS] = {0}, sum = 0;
    int bin = 0, n = 0;
    for (int j = 0; j < r->n; j++)
        mass[bin_of(&bins, value(r, j))] += (double)e[j];
    while (bin < BINS - 1 && !reached(sum + mass[bin], all, p))
        sum += mass[bin++];
    for (int j = 0; j < r->n; j++)
        if (bin_of(&bins, value(r, j)) == bin)
            r->at[n++] = j;
    order(r, n);
    for (int i = 0; i < n; i++) {
        double before = sum / all, x = value(r, r->at[i]);
        cut->ties = i > 0 && x == cut->least ? cut->ties + 1 : 1;
        cut->least = x;
        sum += (double)e[r->at[i]];
        if (reached(sum, all, p))
            return p - before > unsure && sum / all - p > unsure;
    }
    return false;
}

/* Takes away what is not kept and says what is left; then all is divided by that. */
static double keep(const NormRow *r, Cut cut, float *e)
{
    double sum = 0;
    for (int j = 0; j < r->n; j++) {
        double x = value(r, j);
        bool in = x > cut.least || (x == cut.least && cut.ties-- > 0);
        e[j] = in ? e[j] : 0;
        sum += (double)e[j];
    }
    return sum;
}

bool normalise_select(const NormRow *r, const NormParams *norm, NormKind kind, const Kernels *k,
                      double *sum)
{
    double factor = 1 / r->divisor / r->t;
    ExpSums all = k->exp_row(r->w, r->x, r->n, r->base, (float)factor);
    Cut cut = {-INFINITY, r->n};
    if (kind == NORM_TOPK && norm->k < r->n)
        cut = cut_topk(r, norm->k > 1 ? norm->k : 1);
    /* Exponents are right to 2⁻²² of themselves, so the mass is to that part of Σ e·|z|. */
    double unsure = 4e-7 * (1 + fabs(all.moment) / all.sum);
    if (kind == NORM_TOPP && norm->p < 1 &&
        !cut_topp(r, r->w, all.sum, norm->p, unsure, bins_of(r, factor), &cut))
        return false;
    *sum = keep(r, cut, r->w);
    k->scale_row(r->w, r->w, r->n, (float)(1 / *sum), false);
    return true;
}

int normalise_kept(const NormParams *norm, NormKind kind, int ties)
{
    int kept = ties;
    if (kind == NORM_TOPK && norm->k < ties)
        return norm->k > 1 ? norm->k : 1;
    if (kind != NORM_TOPP || norm->p >= 1)
        return ties;
    while (kept > 1 && (double)((long double)(kept - 1) / ties) >= norm->p)
        kept--;
    return kept;
}
