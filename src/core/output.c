#include "core/output.h"

#include <math.h>
#include <string.h>

enum {
    OUTPUT_CHUNK = 256
}; /* keys added up in float before they join the sum: keeps the error small */

/* Where all of V is finite, masked cells add 0 · v: the rows of a block can share what any of them
 * sees. Leaving out such keys at the ends of a chunk changes no bit. */
static void output_tiles(const NormJob *job, float *out, ptrdiff_t out_step, Matrix weights,
                         const float *packed_v, int row, int count)
{
    const Mask *mask = job->mask;
    int d_v = job->in->v.cols;
    bool add = false;
    for (int chunk = 0; chunk < mask->n_k; chunk += OUTPUT_CHUNK) {
        int from = chunk, to = mask->n_k - chunk < OUTPUT_CHUNK ? mask->n_k : chunk + OUTPUT_CHUNK;
        if (!mask_narrow(mask, row, count, &from, &to))
            continue;
        for (int col = 0; col < d_v; col += KERNELS_PANEL) {
            int cols = d_v - col < KERNELS_PANEL ? d_v - col : KERNELS_PANEL;
            job->kernels->tile(
                out + col, out_step, count, cols, matrix_row(weights, row) + from, weights.step,
                kernels_panel(packed_v, mask->n_k, col / KERNELS_PANEL, from), to - from, add);
        }
        add = true;
    }
    for (int i = 0; i < count && !add; i++)
        memset(out + i * out_step, 0, sizeof *out * (size_t)d_v);
}

/* A masked key takes no part, whatever its V holds; so does a key whose logit is −Inf. An unmasked
 * one with weight 0 does: NaN there must be seen. */
static bool output_takes(const float *weights, const float *scores, int key)
{
    return !(scores && weights[key] == 0 && isinf(scores[key]));
}

static void output_row_careful(const NormJob *job, float *out, const float *weights,
                               const float *scores, int row)
{
    Matrix v = job->in->v;
    memset(out, 0, sizeof *out * (size_t)v.cols);
    MaskRun run;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; !run.hidden && key < run.end; key++)
            for (int c = 0; c < v.cols && output_takes(weights, scores, key); c++)
                out[c] += weights[key] * matrix_row(v, key)[c];
}

static void output_row_wide(const NormJob *job, float *out, const float *weights, int row)
{
    Stored v = input_v(job->in);
    for (int c = 0; c < v.cols; c++) {
        double sum = 0;
        MaskRun run;
        for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);)
            for (int key = run.begin; !run.hidden && key < run.end; key++)
                sum += (double)weights[key] * stored_value(v, key, c);
        out[c] = (float)sum;
    }
}

void output_block(const NormJob *job, float *out, ptrdiff_t out_step, Matrix weights, Matrix scores,
                  const float *packed_v, bool finite, const RowStats *rows, int row, int count)
{
    if (!job->in->wide && finite)
        output_tiles(job, out, out_step, weights, packed_v, row, count);
    for (int i = 0; i < count; i++) {
        float *to = out + i * out_step;
        if (rows[row + i].flags & ROW_FULLY_MASKED)
            memset(to, 0, sizeof *to * (size_t)job->in->v.cols);
        else if (job->in->wide)
            output_row_wide(job, to, matrix_row(weights, row + i), row + i);
        else if (!finite)
            output_row_careful(job, to, matrix_row(weights, row + i),
                               scores.at ? matrix_row(scores, row + i) : NULL, row + i);
    }
}
