#include "core/scores.h"

#include "core/exact.h"

#include <float.h>
#include <math.h>

static void scores_repair(float *cells, int n, const AttnInput *in, int row, int key)
{
    for (int j = 0; j < n; j++)
        if (!isfinite(cells[j]))
            cells[j] = (float)exact_score(in, row, key + j);
}

void scores_block(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                  const Kernels *k, int row, int rows, int from, int to)
{
    int depth = in->q.cols, first = from * KERNELS_PANEL, end = to * KERNELS_PANEL;
    end = end < in->n_k ? end : in->n_k;
    for (int p = from; !in->wide && p < to; p++) {
        int col = p * KERNELS_PANEL, cols = end - col < KERNELS_PANEL ? end - col : KERNELS_PANEL;
        k->tile(out + col, out_step, rows, cols, matrix_row(in->q, row), in->q.step,
                kernels_panel(packed_k, depth, p, 0), depth, false);
    }
    for (int i = 0; i < rows; i++) {
        float *cells = out + i * out_step + first, lo, hi;
        for (int j = 0; in->wide && j < end - first; j++)
            cells[j] = (float)exact_score(in, row + i, first + j);
        if (!in->wide && !k->range_row(cells, end - first, &lo, &hi))
            scores_repair(cells, end - first, in, row + i, first);
    }
}

/* An Inf in the float scores is the file's own, or a finite product that float cannot hold. */
static bool scores_beyond_float(const AttnInput *in, int row, int key)
{
    return in->entry == ENTRY_QK && isfinite(exact_score(in, row, key));
}

static void scores_judge(ScoresRow *look, const float *scores, const AttnInput *in, int row,
                         int begin, int end)
{
    for (int key = begin; key < end; key++) {
        if (isfinite(scores[key]))
            continue;
        if (isinf(scores[key]) && scores_beyond_float(in, row, key)) {
            if (look->kind != SCORES_NAN)
                look->kind = SCORES_DOUBLE;
        } else if (isnan(scores[key]) || scores[key] > 0) {
            look->infinite |= !isnan(scores[key]);
            look->kind = SCORES_NAN;
        }
    }
}

ScoresRow scores_look(const float *scores, const AttnInput *in, const Kernels *k, const Mask *mask,
                      int row)
{
    ScoresRow look = {-INFINITY, SCORES_FINE, false};
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    for (int r = mask->keys[lo].run; r < mask->run_count && mask->runs[r].begin < hi; r++) {
        int begin = mask->runs[r].begin > lo ? mask->runs[r].begin : lo;
        int end = mask->runs[r].end < hi ? mask->runs[r].end : hi;
        float least, most;
        if (!k->range_row(scores + begin, end - begin, &least, &most))
            scores_judge(&look, scores, in, row, begin, end);
        look.max = most > look.max ? most : look.max;
    }
    return look;
}

static float scores_scale_one(const float *scores, const AttnInput *in, double divisor, double t,
                              int row, int key)
{
    long double l = (long double)scores[key];
    if (in->wide || !isfinite(scores[key]))
        l = exact_score(in, row, key);
    l /= (long double)divisor;
    return (float)(isinf(t) && isinf(l) ? l : l / (long double)t);
}

void scores_scale(float *out, const float *scores, const AttnInput *in, double divisor,
                  double temperature, int row)
{
    double t = temperature == 0 ? 1 : temperature;
    double factor = 1 / divisor / t;
    bool plain = !in->wide && factor > 1e-280 && factor < 1e280;
    for (int key = 0; plain && key < in->n_k; key++)
        out[key] = (float)((double)scores[key] * factor);
    for (int key = 0; key < in->n_k; key++)
        if (!plain || !isfinite(scores[key]))
            out[key] = scores_scale_one(scores, in, divisor, t, row, key);
}

void scores_mask(float *out, const Mask *mask, int row)
{
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    for (int key = 0; key < lo; key++)
        out[key] = -INFINITY;
    for (int key = lo; key < hi; key++)
        if (mask->blocked[key])
            out[key] = -INFINITY;
    for (int key = hi; key < mask->n_k; key++)
        out[key] = -INFINITY;
}
