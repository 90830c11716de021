#include "view/heaviest.h"
#include "view/links_parts.h"

#include <math.h>
#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { FEW = 48 };

static bool heavier(const Link *x, const Link *y)
{
    return x->weight > y->weight || (x->weight == y->weight && x->key < y->key);
}

static int by_weight(const void *a, const void *b)
{
    return heavier(a, b) ? -1 : heavier(b, a) ? 1 : 0;
}

double links_row_mass(const float *w, int n)
{
    double sum = 0;
    int j = 0;
#if defined(__SSE2__)
    __m128 zero = _mm_setzero_ps(), top = _mm_set1_ps(INFINITY);
    __m128d low = _mm_setzero_pd(), high = _mm_setzero_pd();
    for (; j + 4 <= n; j += 4) {
        __m128 x = _mm_loadu_ps(w + j);
        x = _mm_and_ps(x, _mm_and_ps(_mm_cmpgt_ps(x, zero), _mm_cmplt_ps(x, top)));
        low = _mm_add_pd(low, _mm_cvtps_pd(x));
        high = _mm_add_pd(high, _mm_cvtps_pd(_mm_movehl_ps(x, x)));
    }
    low = _mm_add_pd(low, high);
    sum = _mm_cvtsd_f64(low) + _mm_cvtsd_f64(_mm_unpackhi_pd(low, low));
#endif
    for (; j < n; j++)
        sum += w[j] > 0 && isfinite(w[j]) ? (double)w[j] : 0;
    return sum;
}

/* The next index from j on whose weight is above cut, n when there is none. Almost all of a long
 * row lies below: four at a time are passed over. */
static int next_above(const float *w, int j, int n, float cut)
{
#if defined(__SSE2__)
    __m128 least = _mm_set1_ps(cut);
    while (j + 4 <= n && _mm_movemask_ps(_mm_cmpgt_ps(_mm_loadu_ps(w + j), least)) == 0)
        j += 4;
#endif
    while (j < n && !(w[j] > cut))
        j++;
    return j;
}

static bool eligible(float w, const LinesLook *look)
{
    return isfinite(w) && (double)w >= look->threshold;
}

/* The `most` heaviest, heaviest first, for a small `most`: few of a long row ever enter the list.
 * *more: there were others. */
static int keep_few(const float *w, int n, int query, const LinesLook *look, int most, Link *out,
                    bool *more)
{
    int count = 0, j = next_above(w, 0, n, 0);
    for (; j < n && count < most; j = next_above(w, j + 1, n, 0)) {
        if (!eligible(w[j], look))
            continue;
        int at = count++;
        for (; at > 0 && out[at - 1].weight < w[j]; at--) /* of equal ones the first wins */
            out[at] = out[at - 1];
        out[at] = (Link){query, j, w[j]};
    }
    for (int i = j; !*more && i < n; i = next_above(w, i + 1, n, 0))
        *more = eligible(w[i], look);
    for (; j < n; j = next_above(w, j + 1, n, out[most - 1].weight)) {
        if (!eligible(w[j], look) || !(w[j] > out[most - 1].weight))
            continue;
        int at = most - 1;
        for (; at > 0 && out[at - 1].weight < w[j]; at--)
            out[at] = out[at - 1];
        out[at] = (Link){query, j, w[j]};
    }
    return count;
}

/* The same for any `most`: twice as many are gathered, then half of them dropped. */
static int keep_many(const float *weights, int n_k, int query, const LinesLook *look, int most,
                     Link *out, bool *dropped)
{
    int count = 0, room = most > n_k / 2 - 32 ? n_k : 2 * most + 64;
    float least = 0; /* weights up to here cannot be among the `most` heaviest */
    for (int j = next_above(weights, 0, n_k, least); j < n_k;
         j = next_above(weights, j + 1, n_k, least)) {
        if (!eligible(weights[j], look))
            continue; /* below the threshold: it would be dropped in the end */
        out[count++] = (Link){query, j, weights[j]};
        if (count < room || room == n_k)
            continue;
        heaviest_select(out, (size_t)count, sizeof *out, (size_t)most, by_weight);
        count = most;
        *dropped = true;
        least = out[0].weight; /* of equal ones, those that came first win */
        for (int i = 1; i < most; i++)
            least = out[i].weight < least ? out[i].weight : least;
    }
    if (count > most) {
        heaviest_select(out, (size_t)count, sizeof *out, (size_t)most, by_weight);
        count = most;
        *dropped = true;
    }
    qsort(out, (size_t)count, sizeof *out, by_weight);
    return count;
}

int links_keep_most(const float *weights, int n_k, int query, const LinesLook *look, double sum,
                    int most, Link *out, bool *cut)
{
    bool more = false;
    double mass = 0;
    int kept = 0;
    int count = most >= 1 && most <= FEW ? keep_few(weights, n_k, query, look, most, out, &more)
                                         : keep_many(weights, n_k, query, look, most, out, &more);
    /* At mass 1 every link stays, whatever the rounding of the two sums. */
    double want = look->mass >= 1 ? INFINITY : look->mass * sum;
    while (kept < count && mass < want)
        mass += (double)out[kept++].weight;
    *cut = kept == most && more && mass < want;
    return kept;
}

int links_keep_row(const float *weights, int n_k, int query, const LinesLook *look, Link *out)
{
    bool cut;
    return links_keep_most(weights, n_k, query, look, links_row_mass(weights, n_k), n_k, out, &cut);
}
