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

static void scores_tile(float *out, ptrdiff_t out_step, const AttnInput *in, const Kernels *k,
                        int row, int rows, int cols, const float *panel)
{
    const float *q = matrix_row(in->q, row);
    int depth = in->q.cols;
    switch (in->op) {
    case OP_DOT:
        k->tile(out, out_step, rows, cols, q, in->q.step, panel, depth, false);
        break;
    case OP_TANH:
        k->tile_tanh(out, out_step, rows, cols, q, in->q.step, panel, depth, in->combine_floats);
        break;
    case OP_DISTANCE:
        k->tile_distance(out, out_step, rows, cols, q, in->q.step, panel, depth, (float)in->gain);
        break;
    }
}

/* A gain that float cannot hold (or only as a denormal), or that makes much of squares that float
 * cannot hold, is left to the double path. */
static bool scores_in_float(const AttnInput *in)
{
    const long double most = 1e30L;
    if (in->wide || (in->op == OP_TANH && !in->combine_floats))
        return false;
    return in->op != OP_DISTANCE || (in->gain >= (long double)FLT_MIN && in->gain <= most);
}

static void scores_tiles(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                         const Kernels *k, int row, int rows, int from, int to)
{
    for (int p = from; p < to; p++) {
        int col = p * KERNELS_PANEL;
        int cols = in->n_k - col < KERNELS_PANEL ? in->n_k - col : KERNELS_PANEL;
        scores_tile(out + col, out_step, in, k, row, rows, cols,
                    kernels_panel(packed_k, in->q.cols, p, 0));
    }
}

static int scores_end(const AttnInput *in, int to)
{
    return to < in->n_k / KERNELS_PANEL ? to * KERNELS_PANEL : in->n_k;
}

void scores_block(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                  const Kernels *k, int row, int rows, int from, int to)
{
    int first = from * KERNELS_PANEL, end = scores_end(in, to);
    bool tiles = scores_in_float(in);
    if (tiles)
        scores_tiles(out, out_step, in, packed_k, k, row, rows, from, to);
    for (int i = 0; i < rows; i++) {
        float *cells = out + i * out_step + first, lo, hi;
        for (int j = 0; !tiles && j < end - first; j++)
            cells[j] = (float)exact_score(in, row + i, first + j);
        if (tiles && !k->range_row(cells, end - first, &lo, &hi))
            scores_repair(cells, end - first, in, row + i, first);
    }
}

/* What of begin … end − 1 is not the row's own is tested, too: it may be looked at later. */
static bool scores_fine(const float *scores, const Kernels *k, int first, int end, MaskRun run,
                        float *most)
{
    float lo, hi;
    bool fine = k->range_row(scores + run.begin, run.end - run.begin, &lo, most);
    fine =
        fine && (run.begin == first || k->range_row(scores + first, run.begin - first, &lo, &hi));
    return fine && (run.end == end || k->range_row(scores + run.end, end - run.end, &lo, &hi));
}

void scores_block_look(float *out, ptrdiff_t out_step, const AttnInput *in, const float *packed_k,
                       const Kernels *k, int row, int rows, int from, int to, const Mask *mask,
                       ScoresRow *looks)
{
    int first = from * KERNELS_PANEL, end = scores_end(in, to);
    bool tiles = scores_in_float(in);
    if (tiles)
        scores_tiles(out, out_step, in, packed_k, k, row, rows, from, to);
    else
        scores_block(out, out_step, in, packed_k, k, row, rows, from, to);
    for (int i = 0; i < rows; i++) {
        float *cells = out + i * out_step, most;
        MaskRun run;
        bool one = tiles && mask_stretch(mask, row + i, &run) && run.begin < run.end;
        if (one && scores_fine(cells, k, first, end, run, &most)) {
            looks[i] = (ScoresRow){most, SCORES_FINE, false};
            continue;
        }
        if (tiles && !one) {
            float lo, hi;
            if (!k->range_row(cells + first, end - first, &lo, &hi))
                scores_repair(cells + first, end - first, in, row + i, first);
        } else if (tiles) {
            scores_repair(cells + first, end - first, in, row + i, first);
        }
        looks[i] = scores_look(cells, in, k, mask, row + i);
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
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);) {
        float least, most;
        if (!k->range_row(scores + run.begin, run.end - run.begin, &least, &most))
            scores_judge(&look, scores, in, row, run.begin, run.end);
        look.max = most > look.max ? most : look.max;
    }
    return look;
}

static float scores_scale_one(const float *scores, const AttnInput *in, double divisor, double t,
                              int row, int key, int offset)
{
    long double l = (long double)scores[key];
    if (in->wide || !isfinite(scores[key]))
        l = exact_score(in, row, key);
    l = l / (long double)divisor + (long double)input_bias(in, row, key, offset);
    return (float)(isinf(t) && isinf(l) ? l : l / (long double)t);
}

void scores_scale(float *out, const float *scores, const AttnInput *in, double divisor,
                  double temperature, int row, int offset)
{
    double t = temperature == 0 ? 1 : temperature;
    double factor = 1 / divisor / t;
    bool plain = !in->wide && factor > 1e-280 && factor < 1e280, bias = input_has_bias(in);
    for (int key = 0; plain && !bias && key < in->n_k; key++)
        out[key] = (float)((double)scores[key] * factor);
    for (int key = 0; key < in->n_k; key++)
        if (!plain || bias || !isfinite(scores[key]))
            out[key] = scores_scale_one(scores, in, divisor, t, row, key, offset);
}

void scores_mask(float *out, const Mask *mask, int row)
{
    MaskRun run;
    int key = 0;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run); key = run.end)
        for (; key < (run.hidden ? run.end : run.begin); key++)
            out[key] = -INFINITY;
    for (; key < mask->n_k; key++)
        out[key] = -INFINITY;
}
