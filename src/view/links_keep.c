#include "view/links_parts.h"

#include <math.h>
#include <stdlib.h>

static bool heavier(const Link *x, const Link *y)
{
    return x->weight > y->weight || (x->weight == y->weight && x->key < y->key);
}

static int by_weight(const void *a, const void *b)
{
    return heavier(a, b) ? -1 : heavier(b, a) ? 1 : 0;
}

/* Moves the `most` heaviest links to the front, in any order (Hoare's selection). */
static void select_heaviest(Link *links, int count, int most)
{
    int lo = 0, hi = count - 1;
    while (lo < hi) {
        Link pivot = links[lo + (hi - lo) / 2];
        int i = lo, j = hi;
        while (i <= j) {
            while (heavier(&links[i], &pivot))
                i++;
            while (heavier(&pivot, &links[j]))
                j--;
            if (i <= j) {
                Link swap = links[i];
                links[i++] = links[j];
                links[j--] = swap;
            }
        }
        if (most - 1 <= j)
            hi = j;
        else if (most - 1 >= i)
            lo = i;
        else
            return;
    }
}

int links_keep_most(const float *weights, int n_k, int query, const LinesLook *look, int most,
                    Link *out, bool *cut)
{
    int count = 0, kept = 0;
    double sum = 0, mass = 0;
    for (int j = 0; j < n_k; j++) { /* NaN, ±Inf, 0 and less carry no mass that a line could show */
        if (!(weights[j] > 0) || !isfinite(weights[j]))
            continue;
        sum += (double)weights[j];
        if ((double)weights[j] >= look->threshold) /* the others would be dropped in the end */
            out[count++] = (Link){query, j, weights[j]};
    }
    int all = count;
    if (count > most) {
        select_heaviest(out, count, most);
        count = most;
    }
    qsort(out, (size_t)count, sizeof *out, by_weight);
    /* At mass 1 every link stays, whatever the rounding of the two sums. */
    double want = look->mass >= 1 ? INFINITY : look->mass * sum;
    while (kept < count && mass < want)
        mass += (double)out[kept++].weight;
    *cut = kept == most && all > most && mass < want;
    return kept;
}

int links_keep_row(const float *weights, int n_k, int query, const LinesLook *look, Link *out)
{
    bool cut;
    return links_keep_most(weights, n_k, query, look, n_k, out, &cut);
}
