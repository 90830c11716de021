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

uint64_t *pipeline_have(const Pipeline *p, int block)
{
    return (uint64_t *)p->slab[SLAB_HAVE].at +
           2 * (ptrdiff_t)block * mask_panel_words(p->state.in.n_k);
}

void pipeline_needs(const Mask *mask, bool full, int block, uint64_t *need)
{
    int first = block * PIPELINE_BLOCK, rows = mask->n_q - first, panels;
    if (!full) {
        mask_panels(mask, first, rows < PIPELINE_BLOCK ? rows : PIPELINE_BLOCK, need);
        return;
    }
    panels = (mask->n_k - 1) / KERNELS_PANEL + 1;
    for (int i = 0; i < mask_panel_words(mask->n_k); i++, panels -= 64)
        need[i] = panels >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << panels) - 1;
}

/* Nothing is there yet, and all that is needed lies side by side: panels from … to − 1. */
static bool need_all(const uint64_t *need, const uint64_t *have, int words, int *from, int *to)
{
    int first = -1, end = 0, count = 0;
    for (int i = 0; i < words; i++) {
        if (have[i])
            return false;
        if (!need[i])
            continue;
        first = first < 0 ? 64 * i + __builtin_ctzll(need[i]) : first;
        end = 64 * i + 64 - __builtin_clzll(need[i]);
        count += __builtin_popcountll(need[i]);
    }
    *from = first;
    *to = end;
    return count > 0 && count == end - first;
}

/* Only what is missing: a cell never depends on which call computed it. True: the rows have been
 * looked at, too. */
static bool run_scores(Pipeline *p, int block, int row, int count)
{
    const AttnInput *in = &p->state.in;
    int words = mask_panel_words(in->n_k);
    uint64_t *have = pipeline_have(p, block);
    const uint64_t *need = have + words;
    ptrdiff_t step = pipeline_step(in->n_k);
    float *out = (float *)p->slab[SLAB_SCORES].at + row * step;
    int from, to;
    if (p->plan.looks && need_all(need, have, words, &from, &to)) {
        scores_block_look(out, step, in, p->slab[SLAB_PACKED_K].at, p->state.kernels, row, count,
                          from, to, &p->mask, (ScoresRow *)p->slab[SLAB_LOOKS].at + row);
        memcpy(have, need, sizeof *have * (size_t)words);
        return true;
    }
    for (int i = 0; i < words; i++) {
        for (uint64_t missing = need[i] & ~have[i]; missing;) {
            from = __builtin_ctzll(missing);
            uint64_t rest = ~(missing >> from);
            to = rest ? from + __builtin_ctzll(rest) : 64;
            scores_block(out, step, in, p->slab[SLAB_PACKED_K].at, p->state.kernels, row, count,
                         64 * i + from, 64 * i + to);
            missing = to < 64 ? missing & (~(uint64_t)0 << to) : 0;
        }
        have[i] |= need[i];
    }
    return false;
}

static void run_scaled(Pipeline *p, Stage stage, int row, Range *range)
{
    const AttnInput *in = &p->state.in;
    float *out = (float *)p->slab[stage].at + row * pipeline_step(in->n_k);
    scores_scale(out, matrix_row(pipeline_scores(p), row), in, p->plan.job.divisor,
                 p->state.params.scale.temperature, row, p->mask.offset);
    if (stage == STAGE_MASKED)
        scores_mask(out, &p->mask, row);
    range_add_row(range, out, in->n_k, stage == STAGE_MASKED ? &p->mask : NULL, row);
}

NormScratch pipeline_scratch(void *room, int n_k)
{
    char *at = room;
    size_t part = scratch_part(n_k, sizeof(double));
    NormScratch scratch = {.exact.n_k = n_k};
    scratch.exact.scores = (void *)at;
    scratch.exact.scaled = (void *)(at + part);
    scratch.exact.weights = (void *)(at + 2 * part);
    scratch.e = (void *)(at + 3 * part);
    return scratch;
}

static NormScratch scratch_take(Pipeline *p, int *index)
{
    int n_k = p->state.in.n_k, i = 0;
    while (atomic_exchange_explicit(&p->busy[i], true, memory_order_acquire))
        i = (i + 1) % p->scratches; /* as many as threads: one is free */
    *index = i;
    return pipeline_scratch(
        (char *)p->slab[SLAB_SCRATCH].at + (size_t)i * pipeline_scratch_size(n_k), n_k);
}

static void run_weights(Pipeline *p, int row, int count, Range *range)
{
    RowStats *stats = p->slab[SLAB_ROWS].at;
    const ScoresRow *looks = p->slab[SLAB_LOOKS].at;
    Matrix scores = pipeline_scores(p);
    float *own = pipeline_lends_given(p) ? NULL : p->slab[SLAB_WEIGHTS].at;
    int index;
    NormScratch scratch = scratch_take(p, &index);
    ptrdiff_t step = pipeline_step(p->state.in.n_k);
    if (p->state.in.entry != ENTRY_WEIGHTS)
        normalise_rows(&p->plan.job, scores, looks, row, count, own + row * step, step, stats,
                       range, &scratch);
    for (int i = row; p->state.in.entry == ENTRY_WEIGHTS && i < row + count; i++)
        normalise_given(&p->plan.job, i, own ? own + i * step : NULL, stats + i, range);
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
    if (pipeline_output_by_query(in))
        return;
    if (in->form == FORM_GATE)
        pipeline_gate_rows(p, out, step, row, count);
    else
        output_block(&p->plan.job, out, step, pipeline_weights(p), pipeline_scores(p),
                     p->slab[SLAB_PACKED_V].at, p->state.v_finite, p->slab[SLAB_ROWS].at, row,
                     count);
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
    for (int s = 0; s < STAGE_CHAIN; s++)
        if (plan->todo & STAGE_BIT(s))
            ranges[s * blocks + block] = range_none();
    bool looked = plan->scores && run_scores(p, block, row, count);
    ScoresRow *looks = p->slab[SLAB_LOOKS].at;
    for (int i = row; plan->looks && !looked && i < row + count; i++)
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
