#include "core/normalise_sparse.h"

#include <math.h>

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

/* −Inf logits are out even at T = Inf, where all finite ones are equal. */
static double sparse_z(float score, float max, double divisor, double t, double part)
{
    if (isinf(score))
        return -(double)INFINITY;
    return isinf(t) ? 0 : ((double)score - (double)max) / divisor / t * part;
}

void normalise_sparse(const NormJob *job, const float *scores, float max, int row, float *weights,
                      double *z)
{
    const Mask *mask = job->mask;
    bool square = job->params->norm.kind == NORM_ENTMAX15;
    double t = job->params->scale.temperature, part = square ? 0.5 : 1;
    int lo, hi, n = 0;
    mask_row(mask, row, &lo, &hi);
    for (int r = mask->keys[lo].run; r < mask->run_count; r++)
        for (int key = mask->runs[r].begin > lo ? mask->runs[r].begin : lo;
             key < mask->runs[r].end && key < hi; key++) {
            double value = sparse_z(scores[key], max, job->divisor, t, part);
            if (value > -1)
                z[n++] = value;
        }
    double tau = threshold(z, n, square);
    for (int r = mask->keys[lo].run; r < mask->run_count; r++)
        for (int key = mask->runs[r].begin > lo ? mask->runs[r].begin : lo;
             key < mask->runs[r].end && key < hi; key++) {
            double y = sparse_z(scores[key], max, job->divisor, t, part) - tau;
            weights[key] = (float)(y > 0 ? square ? y * y : y : 0);
        }
}
