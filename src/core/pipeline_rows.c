/* One block of rows through all stages of the plan, while it is in the caches. */
#include "core/pipeline_impl.h"

#include <math.h>
#include <string.h>

ptrdiff_t pipeline_step(int cols)
{
    return ((ptrdiff_t)cols + 15) / 16 * 16;
}

int pipeline_blocks(const AttnInput *in)
{
    return (in->n_q - 1) / PIPELINE_BLOCK + 1;
}

static size_t scratch_part(int n_k, size_t item)
{
    return ((size_t)n_k * item + 63) / 64 * 64;
}

size_t pipeline_scratch_size(int n_k)
{
    return 3 * scratch_part(n_k, sizeof(double)) + scratch_part(n_k, sizeof(float));
}

static Matrix own_matrix(const Pipeline *p, SlabKind kind, int cols)
{
    return (Matrix){p->slab[kind].at, p->state.in.n_q, cols, pipeline_step(cols)};
}

Matrix pipeline_scores(const Pipeline *p)
{
    const AttnInput *in = &p->state.in;
    if (in->entry == ENTRY_SCORES)
        return in->given;
    return in->entry == ENTRY_QK ? own_matrix(p, SLAB_SCORES, in->n_k) : (Matrix){0};
}

bool pipeline_lends_given(const Pipeline *p)
{
    return p->state.in.entry == ENTRY_WEIGHTS && p->mask.hidden_count == 0;
}

Matrix pipeline_weights(const Pipeline *p)
{
    const AttnInput *in = &p->state.in;
    return pipeline_lends_given(p) ? in->given : own_matrix(p, SLAB_WEIGHTS, in->n_k);
}

PipelineHave pipeline_needs(const Mask *mask, bool full, int block)
{
    int first = block * PIPELINE_BLOCK, lo = mask->n_k, hi = 0;
    int end = mask->n_q - first < PIPELINE_BLOCK ? mask->n_q : first + PIPELINE_BLOCK;
    for (int row = first; row < end && !full; row++) {
        int from, to;
        mask_row(mask, row, &from, &to);
        lo = from < to && from < lo ? from : lo;
        hi = from < to && to > hi ? to : hi;
    }
    if (full)
        lo = 0, hi = mask->n_k;
    if (lo >= hi)
        return (PipelineHave){0, 0};
    return (PipelineHave){lo / KERNELS_PANEL, (hi - 1) / KERNELS_PANEL + 1};
}

/* Only what is missing: a cell never depends on which call computed it. */
static void run_scores(Pipeline *p, int block, int row, int count)
{
    const AttnInput *in = &p->state.in;
    PipelineHave *have = (PipelineHave *)p->slab[SLAB_HAVE].at + block;
    PipelineHave need = pipeline_needs(&p->mask, p->plan.full, block);
    ptrdiff_t step = pipeline_step(in->n_k);
    float *out = (float *)p->slab[SLAB_SCORES].at + row * step;
    const float *packed = p->slab[SLAB_PACKED_K].at;
    const Kernels *k = p->state.kernels;
    if (need.from >= need.to)
        return;
    if (have->from >= have->to)
        *have = (PipelineHave){need.from, need.from};
    if (need.from < have->from) {
        scores_block(out, step, in, packed, k, row, count, need.from, have->from);
        have->from = need.from;
    }
    if (need.to > have->to) {
        scores_block(out, step, in, packed, k, row, count, have->to, need.to);
        have->to = need.to;
    }
}

static void run_scaled(Pipeline *p, Stage stage, int row, Range *range)
{
    const AttnInput *in = &p->state.in;
    float *out = (float *)p->slab[stage].at + row * pipeline_step(in->n_k);
    scores_scale(out, matrix_row(pipeline_scores(p), row), in, p->plan.job.divisor,
                 p->state.params.scale.temperature, row);
    if (stage == STAGE_MASKED)
        scores_mask(out, &p->mask, row);
    range_add_row(range, out, in->n_k, stage == STAGE_MASKED ? &p->mask : NULL, row);
}

static NormScratch scratch_take(Pipeline *p, int *index)
{
    int n_k = p->state.in.n_k, i = 0;
    while (atomic_exchange_explicit(&p->busy[i], true, memory_order_acquire))
        i = (i + 1) % p->scratches; /* as many as threads: one is free */
    *index = i;
    char *at = (char *)p->slab[SLAB_SCRATCH].at + (size_t)i * pipeline_scratch_size(n_k);
    size_t part = scratch_part(n_k, sizeof(double));
    NormScratch scratch = {.exact.n_k = n_k};
    scratch.exact.scores = (void *)at;
    scratch.exact.scaled = (void *)(at + part);
    scratch.exact.weights = (void *)(at + 2 * part);
    scratch.e = (void *)(at + 3 * part);
    return scratch;
}

static void run_weights(Pipeline *p, int row, int count, Range *range)
{
    RowStats *stats = p->slab[SLAB_ROWS].at;
    const ScoresRow *looks = p->slab[SLAB_LOOKS].at;
    Matrix scores = pipeline_scores(p);
    float *own = pipeline_lends_given(p) ? NULL : p->slab[SLAB_WEIGHTS].at;
    int index;
    NormScratch scratch = scratch_take(p, &index);
    for (int i = row; i < row + count; i++) {
        float *out = own ? own + i * pipeline_step(p->state.in.n_k) : NULL;
        if (p->state.in.entry == ENTRY_WEIGHTS)
            normalise_given(&p->plan.job, i, out, stats + i, range);
        else
            normalise_row(&p->plan.job, matrix_row(scores, i), looks[i], i, out, stats + i, range,
                          &scratch);
    }
    atomic_store_explicit(&p->busy[index], false, memory_order_release);
}

/* Rows that are fully masked are left out: there frameworks differ by nature. One NaN of two is
 * infinitely far off. */
static void run_recorded(Pipeline *p, int row, int count, PipelineError *worst)
{
    const RowStats *stats = p->slab[SLAB_ROWS].at;
    Matrix weights = pipeline_weights(p), recorded = p->state.in.recorded;
    *worst = (PipelineError){0, -1, -1};
    for (int i = row; i < row + count; i++) {
        const float *a = matrix_row(weights, i), *b = matrix_row(recorded, i);
        if (stats[i].flags & ROW_FULLY_MASKED)
            continue;
        for (int j = 0; j < weights.cols; j++) {
            double error = fabs((double)a[j] - (double)b[j]);
            if (isnan(error))
                error = isnan(a[j]) && isnan(b[j]) ? 0 : (double)INFINITY;
            if (error > worst->error || worst->row < 0)
                *worst = (PipelineError){error, i, j};
        }
    }
}

static void run_output(Pipeline *p, int row, int count, Range *range)
{
    const AttnInput *in = &p->state.in;
    ptrdiff_t step = pipeline_step(in->v.cols);
    float *out = (float *)p->slab[SLAB_OUTPUT].at + row * step;
    output_block(&p->plan.job, out, step, pipeline_weights(p), pipeline_scores(p),
                 p->slab[SLAB_PACKED_V].at, p->state.v_finite, p->slab[SLAB_ROWS].at, row, count);
    for (int i = 0; i < count; i++)
        range_add_row(range, out + i * step, in->v.cols, NULL, row + i);
}

void pipeline_run_block(void *pipeline, int block)
{
    Pipeline *p = pipeline;
    const PipelinePlan *plan = &p->plan;
    const AttnInput *in = &p->state.in;
    int row = block * PIPELINE_BLOCK, blocks = pipeline_blocks(in);
    int count = in->n_q - row < PIPELINE_BLOCK ? in->n_q - row : PIPELINE_BLOCK;
    Range *ranges = p->slab[SLAB_RANGES].at;
    for (int s = 0; s < STAGE_COUNT; s++)
        if (plan->todo & STAGE_BIT(s))
            ranges[s * blocks + block] = range_none();
    if (plan->scores)
        run_scores(p, block, row, count);
    ScoresRow *looks = p->slab[SLAB_LOOKS].at;
    for (int i = row; plan->looks && i < row + count; i++)
        looks[i] =
            scores_look(matrix_row(pipeline_scores(p), i), in, p->state.kernels, &p->mask, i);
    for (int i = row; i < row + count; i++) {
        if (plan->todo & STAGE_BIT(STAGE_SCORES))
            range_add_row(ranges + STAGE_SCORES * blocks + block, matrix_row(pipeline_scores(p), i),
                          in->n_k, NULL, i);
        if (plan->todo & STAGE_BIT(STAGE_SCALED))
            run_scaled(p, STAGE_SCALED, i, ranges + STAGE_SCALED * blocks + block);
        if (plan->todo & STAGE_BIT(STAGE_MASKED))
            run_scaled(p, STAGE_MASKED, i, ranges + STAGE_MASKED * blocks + block);
    }
    if (plan->todo & STAGE_BIT(STAGE_WEIGHTS)) {
        run_weights(p, row, count, ranges + STAGE_WEIGHTS * blocks + block);
        if (in->recorded.at)
            run_recorded(p, row, count, (PipelineError *)p->slab[SLAB_ERRORS].at + block);
    }
    if (plan->todo & STAGE_BIT(STAGE_OUTPUT))
        run_output(p, row, count, ranges + STAGE_OUTPUT * blocks + block);
}
