/* No row is sorted: what is looked for is the least logit that is kept, and how many of the keys
 * that have it. For topk it lies among the largest of small blocks of keys; for topp the keys are
 * thrown into bins by their logit, and only the bin in which the mass is reached is put in order.
 */
#include "core/normalise_select.h"

#include <math.h>

enum { BLOCK = 16, BINS = 256 };

/* What the keys are ordered by, in double: l, or the raw scores. */
static const double *values(const NormRow *r)
{
    for (int j = 0; !r->l && j < r->n; j++)
        r->room[j] = (double)r->x[j];
    return r->l ? r->l : r->room;
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

/* k blocks have their largest at or above the k-th largest of all blocks: so do k keys. A block is
 * every so many-th key, that neighbours are compared with neighbours. */
static double lower_bound(const double *v, double *most, int n, int k)
{
    int blocks = n / BLOCK;
    if (blocks < k)
        return -INFINITY;
    for (int b = 0; b < blocks; b++)
        most[b] = v[b];
    for (int at = blocks; at + blocks <= n; at += blocks)
        for (int b = 0; b < blocks; b++)
            most[b] = v[at + b] > most[b] ? v[at + b] : most[b];
    return kth_largest(most, blocks, k);
}

/* The least value that is kept and how many keys with it. */
typedef struct {
    double least;
    int ties;
} Cut;

static Cut cut_topk(const NormRow *r, const double *v, int k)
{
    double bound = lower_bound(v, r->z, r->n, k);
    int n = 0, more = 0;
    for (int j = 0; j < r->n; j++)
        if (v[j] >= bound)
            r->z[n++] = v[j];
    double least = kth_largest(r->z, n, k);
    for (int i = 0; i < n; i++)
        more += r->z[i] > least;
    return (Cut){least, k - more};
}

static void sift(const double *v, int *order, int at, int n)
{
    for (int child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && v[order[child]] > v[order[child + 1]])
            child++;
        if (!(v[order[at]] > v[order[child]]))
            return;
        int swap = order[at];
        order[at] = order[child];
        order[child] = swap;
    }
}

/* order[0 … n) by falling value. */
static void sort(const double *v, int *order, int n)
{
    for (int at = n / 2; at-- > 0;)
        sift(v, order, at, n);
    for (int end = n - 1; end > 0; end--) {
        int swap = order[0];
        order[0] = order[end];
        order[end] = swap;
        sift(v, order, 0, end);
    }
}

typedef struct {
    double top, scale; /* bin = (top − value) · scale, at most the last */
} Bins;

/* Up to 40 below the largest z: what lies further down has no mass that counts. */
static Bins bins_of(const NormRow *r, const double *v)
{
    double factor = 1 / r->divisor / r->t;
    double top = r->l ? r->max : (double)r->base, least = top;
    for (int j = 0; j < r->n; j++)
        least = v[j] < least ? v[j] : least;
    double width = fmin(top - least, 40 / factor), scale = (BINS - 1) / width;
    return (Bins){top, width > 0 && isfinite(scale) ? scale : 0};
}

/* The bin of every key, and the mass of every bin. */
static void fill_bins(const NormRow *r, const double *v, Bins bins, double *mass)
{
    for (int j = 0; j < r->n; j++) {
        double place = (bins.top - v[j]) * bins.scale; /* NaN for −Inf in bins without a width */
        r->at[j] = (int)(place < BINS - 1 ? place : BINS - 1);
    }
    for (int j = 0; j < r->n; j++)
        mass[r->at[j]] += r->z[j];
}

static bool reached(double mass, double all, double p)
{
    return mass / all >= p;
}

/* The exponentials of the row lie in r->z; all: their sum. False: what is kept hangs on less than
 * `unsure` of it. */
static bool cut_topp(const NormRow *r, const double *v, double all, double p, double unsure,
                     Cut *cut)
{
    double mass[BINS] = {0}, sum = 0;
    int bin = 0, n = 0;
    fill_bins(r, v, bins_of(r, v), mass);
    while (bin < BINS - 1 && !reached(sum + mass[bin], all, p))
        sum += mass[bin++];
    for (int j = 0; j < r->n; j++)
        if (r->at[j] == bin)
            r->at[n++] = j;
    sort(v, r->at, n);
    for (int i = 0; i < n; i++) {
        double before = sum / all, x = v[r->at[i]];
        cut->ties = i > 0 && x == cut->least ? cut->ties + 1 : 1;
        cut->least = x;
        sum += r->z[r->at[i]];
        if (reached(sum, all, p))
            return p - before > unsure && sum / all - p > unsure;
    }
    return false;
}

/* Takes away what is not kept and says what is left; then all is divided by that. */
static double keep(const NormRow *r, const double *v, Cut cut)
{
    double sum[4] = {0};
    for (int j = 0; j < r->n; j++) {
        bool in = v[j] > cut.least;
        if (v[j] == cut.least)
            in = cut.ties-- > 0;
        r->w[j] = in ? r->w[j] : 0;
        sum[j & 3] += (double)r->w[j];
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* With the float exponentials where they can tell, else with exponentials in double. They are right
 * to 2⁻²² of their exponent, so the sum is to that part of Σ e·|z|. */
static bool cut_share(const NormRow *r, const double *v, ExpSums all, double p, Cut *cut)
{
    double sum = 0;
    for (int j = 0; j < r->n; j++)
        r->z[j] = (double)r->w[j];
    if (cut_topp(r, v, all.sum, p, 4e-7 * (1 + fabs(all.moment) / all.sum), cut))
        return true;
    for (int j = 0; j < r->n; j++)
        sum += r->z[j] = exp(norm_z(r, j));
    return cut_topp(r, v, sum, p, 1e-12, cut);
}

bool normalise_select(const NormRow *r, const NormParams *norm, NormKind kind, const Kernels *k,
                      double *sum)
{
    double factor = 1 / r->divisor / r->t;
    const double *v = values(r);
    ExpSums all = k->exp_row(r->w, r->x, r->n, r->base, factor);
    Cut cut = {-INFINITY, r->n};
    if (kind == NORM_TOPK && norm->k < r->n)
        cut = cut_topk(r, v, norm->k > 1 ? norm->k : 1);
    if (kind == NORM_TOPP && norm->p < 1 && !cut_share(r, v, all, norm->p, &cut))
        return false;
    *sum = keep(r, v, cut);
    k->scale_row(r->w, r->w, r->n, (float)(1 / *sum), false, 0, NULL);
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
