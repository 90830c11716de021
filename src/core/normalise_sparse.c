#include "core/normalise_sparse.h"

#include <math.h>
#include <string.h>

enum { ENTMAX_NEWTON = 12 };

/* Sparsemax: w = (z − τ)⁺ with Σ w = 1. Entmax15: w = ((z/2 − τ)⁺)². z = (l − max)/T, so the
 * largest z is 0 and τ lies in [−1, 0): keys with z (z/2) ≤ −1 are out from the start. Both sums
 * are convex and falling in τ: Newton from −1 climbs to the root and never passes it; where it
 * stops, the support is known and the threshold follows in closed form (Martins & Astudillo 2016;
 * Peters, Niculae & Martins 2019).
 */
typedef struct {
    int count;
    double first, second; /* Σ (z − origin), Σ (z − origin)² over z > τ */
} Support;

static Support support_of(const double *z, int n, double tau, double origin)
{
    Support s = {0, 0, 0};
    for (int i = 0; i < n; i++) {
        double y = z[i] - origin;
        bool in = z[i] > tau;
        s.count += in;
        s.first += in ? y : 0;
        s.second += in ? y * y : 0;
    }
    return s;
}

static double threshold(const double *z, int n, bool square)
{
    double tau = -1;
    for (int round = 0; round < 200; round++) {
        Support s = support_of(z, n, tau, tau);
        double next = tau + (square ? (s.second - 1) / (2 * s.first) : (s.first - 1) / s.count);
        if (!(next > tau))
            break;
        tau = next;
    }
    Support s = support_of(z, n, tau, 0);
    if (!square)
        return (s.first - 1) / s.count;
    double mean = s.first / s.count, spread = support_of(z, n, tau, mean).second;
    return spread < 1 ? mean - sqrt((1 - spread) / s.count) : tau;
}

/* Entmax: w = (1 + a(z − τ))^(1/a), a = α − 1. Written so it goes over into softmax as a → 0, where
 * τ is log Σ e^z; and there Newton on log Σ w takes one step. */
static double entmax_weight(double z, double tau, double a, double *base)
{
    double x = a * (z - tau);
    *base = 1 + x;
    return x > -1 ? exp(log1p(x) / a) : 0;
}

typedef struct {
    double lo, hi; /* Σ w ≥ 1 and ≤ 1 there */
} Bracket;

/* Σ w is at least 1 at τ = 0 and at most 1 where every w is 1/n or less. Newton between these two
 * while it helps, then halving: above α = 2 a key at the edge of the support takes most of the sum
 * with it, and no double may be between too much and too little. */
static Bracket entmax_threshold(const double *z, int n, double a)
{
    Bracket at = {0, -expm1(-a * log(n)) / a};
    double tau = 0;
    for (int round = 0; round < 200; round++) {
        double sum = 0, slope = 0, base;
        for (int i = 0; i < n; i++) {
            double w = entmax_weight(z[i], tau, a, &base);
            sum += w;
            slope += w > 0 ? w / base : 0;
        }
        if (fabs(sum - 1) <= 1e-9) /* the rest is divided out */
            return (Bracket){tau, tau};
        *(sum > 1 ? &at.lo : &at.hi) = tau;
        double next = tau + log(sum) * sum / slope;
        if (round >= ENTMAX_NEWTON || !(next > at.lo && next < at.hi))
            next = at.lo + (at.hi - at.lo) / 2;
        if (!(next > at.lo && next < at.hi))
            break;
        tau = next;
    }
    return at;
}

/* Between the two ends in the share that makes the sum 1: keys at the edge get what is missing. */
static void entmax_fill(const NormRow *r, int n, double a)
{
    Bracket at = entmax_threshold(r->z, n, a);
    double more = 0, less = 0, base;
    for (int i = 0; i < n && at.lo == at.hi; i++)
        more += r->z[i] = entmax_weight(r->z[i], at.lo, a, &base);
    for (int i = 0; i < n && at.lo == at.hi; i++)
        r->w[r->at[i]] = (float)(r->z[i] / more);
    if (at.lo == at.hi)
        return;
    for (int i = 0; i < n; i++) {
        more += entmax_weight(r->z[i], at.lo, a, &base);
        less += entmax_weight(r->z[i], at.hi, a, &base);
    }
    double part = more > less ? (1 - less) / (more - less) : 1;
    double sum = less + part * (more - less);
    for (int i = 0; i < n; i++) {
        double lo = entmax_weight(r->z[i], at.lo, a, &base);
        double hi = entmax_weight(r->z[i], at.hi, a, &base);
        r->w[r->at[i]] = (float)((hi + part * (lo - hi)) / sum);
    }
}

/* Those that may get a weight, found by their raw scores where that is enough; z · part of them. */
static int candidates(const NormRow *r, double part)
{
    double reach = r->divisor * r->t / part * (1 + 1e-6);
    double cut = (r->l ? r->max : (double)r->base) - reach;
    float below = nextafterf((float)cut, -INFINITY);
    below = isfinite(below) ? below : -INFINITY;
    int n = 0;
    for (int j = 0; j < r->n; j++) {
        if (r->l ? !(r->l[j] >= cut) : !(r->x[j] > below))
            continue;
        double z = norm_z(r, j) * part;
        if (z > -1) {
            r->z[n] = z;
            r->at[n++] = j;
        }
    }
    return n;
}

void normalise_sparse(const NormRow *r, NormKind kind, double alpha)
{
    bool square = kind == NORM_ENTMAX15;
    double part = kind == NORM_ENTMAX ? alpha - 1 : square ? 0.5 : 1;
    int n = candidates(r, part);
    memset(r->w, 0, sizeof *r->w * (size_t)r->n);
    if (kind == NORM_ENTMAX) {
        for (int i = 0; i < n; i++)
            r->z[i] = norm_z(r, r->at[i]);
        entmax_fill(r, n, part);
        return;
    }
    double tau = threshold(r->z, n, square);
    for (int i = 0; i < n; i++) {
        double y = r->z[i] - tau;
        r->w[r->at[i]] = (float)(y > 0 ? square ? y * y : y : 0);
    }
}
