/* What must be done: compare, plan, make room, run, say what is there. Nothing of the last result
 * is touched before the last thing that can fail has succeeded.
 */
#include "core/pipeline_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

Pipeline *pipeline_new(void)
{
    Pipeline *p = mem_zero(1, sizeof *p);
    if (!p)
        return NULL;
    for (int i = 0; i < PIPELINE_SCRATCHES; i++)
        atomic_init(&p->busy[i], false);
    p->prepare = prepare_new();
    if (p->prepare)
        return p;
    mem_free(p);
    return NULL;
}

void pipeline_free(Pipeline *p)
{
    if (!p)
        return;
    for (int i = 0; i < SLAB_COUNT; i++)
        mem_free(p->slab[i].at);
    mask_free(&p->mask);
    prepare_free(p->prepare);
    mem_free(p);
}

const AttnResult *pipeline_result(const Pipeline *p)
{
    return &p->result;
}

const AttnInput *pipeline_input(const Pipeline *p)
{
    return &p->state.in;
}

const unsigned *pipeline_runs(const Pipeline *p)
{
    return p->runs;
}

void pipeline_use(Pipeline *p, const Kernels *kernels)
{
    p->forced = kernels;
}

static void state_forget(PipelineState *s, Stage first)
{
    if (first == STAGE_SCORES)
        s->has_scores = s->has_packed_k = s->valid[STAGE_SCORES] = false;
    if (first <= STAGE_SCALED)
        s->valid[STAGE_SCALED] = false;
    if (first <= STAGE_MASKED)
        s->valid[STAGE_MASKED] = false;
    /* The row maxima are of raw scores: they outlive every scale and temperature. */
    if (first == STAGE_SCORES || first == STAGE_MASKED)
        s->has_looks = s->has_packed_v = s->has_zeros = false;
    if (first < STAGE_COUNT)
        s->valid[STAGE_WEIGHTS] = s->valid[STAGE_OUTPUT] = false;
}

/* A bias by distance moves with the place of the queries. */
static bool bias_moved(const PipelineState *was, const AttnParams *now)
{
    return was->in.bias.by_distance && was->params.mask.align != now->mask.align;
}

static bool lends_masks(const AttnInput *in)
{
    return in->padding || in->segment_q || in->segment_k || in->mask.at;
}

/* Other numbers under the same mask: what is masked in the rows of weights holds 0 already. */
static bool zeros_stay(const PipelineState *was, const AttnInput *in, const AttnParams *now)
{
    const AttnInput *old = &was->in;
    AttnParams a = {.mask = was->params.mask}, b = {.mask = now->mask};
    return was->any && was->has_zeros && in->entry == old->entry && in->entry != ENTRY_WEIGHTS &&
           in->form == old->form && in->row_query == old->row_query && in->n_q == old->n_q &&
           in->n_k == old->n_k && in->queries == old->queries && in->prepared == old->prepared &&
           !lends_masks(in) && !lends_masks(old) && params_first_change(&a, &b) == STAGE_COUNT;
}

static PipelineState state_next(const Pipeline *p, const AttnInput *in, const AttnParams *want)
{
    PipelineState next = p->state;
    const Kernels *k = p->forced ? p->forced : kernels();
    AttnParams params = pipeline_acting(in, want);
    bool anew = !next.any || next.in.key != in->key || next.kernels != k ||
                next.in.entry != in->entry || next.in.n_q != in->n_q || next.in.n_k != in->n_k;
    state_forget(&next, anew ? STAGE_SCORES : params_first_change(&next.params, &params));
    if (anew)
        for (int s = STAGE_CHAIN; s < STAGE_COUNT; s++)
            next.valid[s] = false;
    next.has_zeros = next.has_zeros || zeros_stay(&p->state, in, &params);
    if (bias_moved(&next, &params))
        state_forget(&next, STAGE_SCALED);
    /* The row maxima do not hang on the scale: whether the mask moved has to be asked apart from
     * it. */
    next.params.scale = params.scale;
    state_forget(&next, params_first_change(&next.params, &params));
    next.any = true;
    next.in = *in;
    next.params = params;
    next.kernels = k;
    return next;
}

static bool pipeline_packs_v(const AttnInput *in, unsigned stages)
{
    return (stages & STAGE_BIT(STAGE_OUTPUT)) && !in->wide && in->form != FORM_GATE &&
           !pipeline_output_by_query(in);
}

/* Bytes of a slab under this state; 0 = not needed now. False: more than can be addressed. */
static bool slab_size(const PipelineState *s, unsigned want, const Mask *mask, int threads,
                      SlabKind kind, size_t *size)
{
    const AttnInput *in = &s->in;
    size_t blocks = (size_t)pipeline_blocks(in), n_q = (size_t)in->n_q;
    size_t row = (size_t)pipeline_step(in->n_k) * sizeof(float), item = 0, floats = 0;
    bool scores = in->entry != ENTRY_WEIGHTS;
    switch (kind) {
    case SLAB_SCORES:
        return mem_mul(n_q, in->entry == ENTRY_QK ? row : 0, size);
    case SLAB_SCALED:
    case SLAB_MASKED:
        return mem_mul(n_q, scores && (want & STAGE_BIT(kind)) ? row : 0, size);
    case SLAB_WEIGHTS:
        return mem_mul(n_q, scores || mask->hidden_count ? row : 0, size);
    case SLAB_OUTPUT:
        item = (size_t)pipeline_step(in->v.cols) * sizeof(float);
        return mem_mul((size_t)in->queries, want & STAGE_BIT(STAGE_OUTPUT) ? item : 0, size);
    case SLAB_PACKED_K:
        *size = 0;
        return in->entry != ENTRY_QK || in->wide ||
               (kernels_packed_size(in->k.cols, in->n_k, &floats) && mem_mul(floats, 4, size));
    case SLAB_PACKED_V:
        *size = 0;
        return !pipeline_packs_v(in, want) ||
               (kernels_packed_size(in->n_k, in->v.cols, &floats) && mem_mul(floats, 4, size));
    case SLAB_ROWS:
        return mem_mul(n_q, sizeof(RowStats), size);
    case SLAB_LOOKS:
        return mem_mul(n_q, sizeof(ScoresRow), size);
    case SLAB_HAVE:
        item = 2 * sizeof(uint64_t) * (size_t)mask_panel_words(in->n_k);
        return mem_mul(blocks, item, size);
    case SLAB_RANGES:
        return mem_mul(blocks, sizeof(Range) * STAGE_COUNT, size);
    case SLAB_ERRORS:
        return mem_mul(blocks, sizeof(PipelineError), size);
    case SLAB_SCRATCH:
        return mem_mul((size_t)threads, pipeline_scratch_size(in->n_k), size);
    case SLAB_COUNT:
        break;
    }
    return false;
}

/* A new slab holds nothing: what was known of the old one is forgotten. */
static void slab_forget(PipelineState *s, SlabKind kind)
{
    if (kind <= SLAB_OUTPUT && (kind != SLAB_SCORES || s->in.entry == ENTRY_QK))
        s->valid[kind] = false;
    if (kind == SLAB_SCORES || kind == SLAB_HAVE)
        s->has_scores = false;
    if (kind == SLAB_PACKED_K)
        s->has_packed_k = false;
    if (kind == SLAB_PACKED_V)
        s->has_packed_v = false;
    if (kind == SLAB_LOOKS)
        s->has_looks = false;
    if (kind == SLAB_WEIGHTS)
        s->has_zeros = false;
}

static bool make_room(Pipeline *p, PipelineState *next, unsigned want, const Mask *mask,
                      int threads, Slab fresh[SLAB_COUNT])
{
    for (int kind = 0; kind < SLAB_COUNT; kind++) {
        size_t size;
        if (!slab_size(next, want, mask, threads, (SlabKind)kind, &size))
            return false;
        /* An output by query is made before the last one may go. */
        bool aside = kind == SLAB_OUTPUT && pipeline_output_by_query(&next->in) &&
                     !next->valid[STAGE_OUTPUT];
        if (size == 0 || (size == p->slab[kind].size && !aside))
            continue;
        fresh[kind] = (Slab){mem_aligned(size, 1), size};
        if (!fresh[kind].at)
            return false;
        if (kind == SLAB_LOOKS || kind == SLAB_HAVE)
            memset(fresh[kind].at, 0, size);
        slab_forget(next, (SlabKind)kind);
    }
    return true;
}

static void take_room(Pipeline *p, const PipelineState *next, Mask *mask, Slab fresh[SLAB_COUNT])
{
    for (int kind = 0; kind < SLAB_COUNT; kind++) {
        if (!fresh[kind].at)
            continue;
        mem_free(p->slab[kind].at);
        p->slab[kind] = fresh[kind];
    }
    mask_free(&p->mask);
    p->mask = *mask;
    p->state = *next;
    if (!next->has_scores) {
        memset(p->slab[SLAB_HAVE].at, 0, p->slab[SLAB_HAVE].size);
        p->state.has_scores = true;
    }
}

/* Notes what each block needs, too. */
static bool covered(const Pipeline *p, bool full)
{
    int words = mask_panel_words(p->state.in.n_k);
    bool all = true;
    for (int block = 0; block < pipeline_blocks(&p->state.in); block++) {
        uint64_t *have = pipeline_have(p, block), *need = have + words;
        pipeline_needs(&p->mask, full, block, need);
        for (int i = 0; i < words; i++)
            all = all && !(need[i] & ~have[i]);
    }
    return all;
}

static PipelinePlan plan_make(const Pipeline *p, unsigned want)
{
    const PipelineState *s = &p->state;
    PipelinePlan plan = {.want = want};
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        if ((want & STAGE_BIT(stage)) && !s->valid[stage])
            plan.todo |= STAGE_BIT(stage);
    plan.looks = s->in.entry != ENTRY_WEIGHTS && !s->in.wide && !s->has_looks;
    plan.full = plan.todo & (STAGE_BIT(STAGE_SCORES) | STAGE_BIT(STAGE_SCALED));
    bool read = plan.full || plan.looks || (plan.todo & STAGE_BIT(STAGE_MASKED));
    if (s->in.wide) /* the double path reads the file, not our scores */
        read = plan.full = plan.todo & STAGE_BIT(STAGE_SCORES);
    plan.scores = s->in.entry == ENTRY_QK && read && !covered(p, plan.full);
    size_t cells = (size_t)s->in.n_q * (size_t)s->in.n_k * sizeof(float);
    plan.job = (NormJob){.in = &s->in,
                         .params = &s->params,
                         .mask = &p->mask,
                         .kernels = s->kernels,
                         .divisor = input_divisor(&s->in, &s->params),
                         .clean = s->has_zeros,
                         .stream = cells >= (size_t)8 << 20 &&
                                   !(plan.todo & STAGE_BIT(STAGE_OUTPUT)) && !s->in.recorded.at};
    return plan;
}

static void run(Pipeline *p, Threads *threads)
{
    PipelineState *s = &p->state;
    if (p->plan.scores && !s->in.wide && !s->has_packed_k) {
        kernels_pack_rows(p->slab[SLAB_PACKED_K].at, s->in.k);
        s->has_packed_k = true;
    }
    if (pipeline_packs_v(&s->in, p->plan.todo) && !s->has_packed_v) {
        s->v_finite = kernels_pack_cols(p->slab[SLAB_PACKED_V].at, s->in.v, p->mask.blocked);
        s->has_packed_v = true;
    }
    /* Below 256 × 256 waking a thread costs more than it brings. */
    bool small = (size_t)s->in.n_q * (size_t)s->in.n_k < 256 * 256;
    unsigned chain = p->plan.todo & (STAGE_BIT(STAGE_CHAIN) - 1);
    if (chain || p->plan.scores || p->plan.looks)
        threads_run(small ? NULL : threads, pipeline_blocks(&s->in), pipeline_run_block, p);
    s->has_looks |= p->plan.looks;
    s->has_zeros |= (p->plan.todo & STAGE_BIT(STAGE_WEIGHTS)) != 0;
    if (s->in.form == FORM_STRIP && (p->plan.todo & STAGE_BIT(STAGE_OUTPUT)))
        pipeline_repeat_output(p);
}

/* The numbers of a stage that has run, over all blocks of rows. */
static Range result_range(const Pipeline *p, int s)
{
    const AttnInput *in = &p->state.in;
    const Range *ranges = p->slab[SLAB_RANGES].at;
    int blocks = pipeline_blocks(in);
    Range range = range_none();
    if (s >= STAGE_CHAIN)
        return stats_range(in->feed_floats[s], NULL);
    if (s == STAGE_OUTPUT && in->queries != in->n_q) {
        int cols = in->v.cols;
        return stats_range((Matrix){p->slab[s].at, in->queries, cols, pipeline_step(cols)}, NULL);
    }
    for (int block = 0; block < blocks; block++)
        range_merge(&range, ranges + s * blocks + block);
    range_finish(&range);
    return range;
}

static Matrix result_matrix(const Pipeline *p, int s)
{
    const AttnInput *in = &p->state.in;
    if (s >= STAGE_CHAIN)
        return in->feed_floats[s];
    int rows = s == STAGE_OUTPUT ? in->queries : in->n_q;
    int cols = s == STAGE_OUTPUT ? in->v.cols : in->n_k;
    return (Matrix){p->slab[s].at, rows, cols, pipeline_step(cols)};
}

static void result_stages(Pipeline *p)
{
    AttnResult *out = &p->result;
    for (int s = 0; s < STAGE_COUNT; s++) {
        out->stage[s] = (Matrix){0};
        if (out->absent[s]) /* the numbers there are another head's */
            out->range[s] = (Range){.first_row = -1, .first_col = -1};
        if (p->plan.todo & STAGE_BIT(s)) {
            out->range[s] = result_range(p, s);
            out->stamp[s] = ++p->stamps;
            p->state.valid[s] = true;
        }
        if (p->plan.want & STAGE_BIT(s))
            out->stage[s] = result_matrix(p, s);
    }
    if (p->plan.want & STAGE_BIT(STAGE_SCORES))
        out->stage[STAGE_SCORES] = pipeline_scores(p);
    out->stage[STAGE_WEIGHTS] = pipeline_weights(p);
}

static void result_recorded(Pipeline *p)
{
    const PipelineError *errors = p->slab[SLAB_ERRORS].at;
    PipelineError worst = {-1, -1, -1};
    for (int block = 0; block < pipeline_blocks(&p->state.in) && p->state.in.recorded.at; block++)
        if (errors[block].error > worst.error && errors[block].row >= 0)
            worst = errors[block];
    if (p->state.in.recorded.at && worst.error < 0)
        worst.error = 0; /* nothing that could differ */
    p->result.recorded_error = worst.error;
    p->result.recorded_row = worst.row;
    p->result.recorded_col = worst.col;
}

static void result_fill(Pipeline *p)
{
    AttnResult *out = &p->result;
    const AttnInput *in = &p->state.in;
    out->n_q = in->n_q;
    out->n_k = in->n_k;
    out->d_v = in->v.at ? in->v.cols : 0;
    out->queries = in->queries;
    out->keys = in->keys;
    out->form = in->form;
    out->kind = in->kind;
    out->input = in;
    out->entry = p->entry;
    out->rows = p->slab[SLAB_ROWS].at;
    out->mask = &p->mask;
    out->divisor = p->plan.job.divisor;
    out->temperature = p->state.params.scale.temperature;
    out->computed_double = in->wide;
    out->sums_open =
        in->entry != ENTRY_WEIGHTS && norm_is_open(input_norm_kind(in, &p->state.params.norm));
    pipeline_absent(out, in, p->entry);
    result_stages(p);
    if (p->plan.todo & STAGE_BIT(STAGE_WEIGHTS))
        result_recorded(p);
}

static unsigned stages_of(const AttnInput *in, unsigned stages)
{
    unsigned available = STAGE_BIT(STAGE_WEIGHTS);
    if (in->entry != ENTRY_WEIGHTS)
        available |= STAGE_BIT(STAGE_SCORES) | STAGE_BIT(STAGE_SCALED) | STAGE_BIT(STAGE_MASKED);
    if (in->v.at)
        available |= STAGE_BIT(STAGE_OUTPUT);
    for (int s = STAGE_CHAIN; s < STAGE_COUNT; s++)
        if (in->feed[s].at)
            available |= STAGE_BIT(s);
    return (stages & available) | STAGE_BIT(STAGE_WEIGHTS);
}

/* The last that can fail: afterwards the buffers are those of the new state. */
static bool settle(Pipeline *p, PipelineState *next, unsigned wanted, Threads *threads)
{
    Slab fresh[SLAB_COUNT] = {{0}};
    Mask mask;
    int count = threads_count(threads);
    count = count > p->scratches ? count : p->scratches;
    bool masked = mask_share(&mask, &p->mask, &next->in, &next->params.mask);
    bool ok = masked && make_room(p, next, wanted, &mask, count, fresh);
    if (ok && fresh[SLAB_OUTPUT].at && pipeline_output_by_query(&next->in))
        ok = pipeline_query_outputs(next, fresh[SLAB_OUTPUT].at, threads);
    if (!ok) {
        for (int kind = 0; kind < SLAB_COUNT; kind++)
            mem_free(fresh[kind].at);
        if (masked)
            mask_free(&mask);
        return false;
    }
    take_room(p, next, &mask, fresh);
    prepare_settle(p->prepare);
    p->scratches = count;
    return true;
}

bool pipeline_update(Pipeline *p, const AttnInput *raw, const AttnParams *want, unsigned stages,
                     Threads *threads, Error *err)
{
    AttnInput in;
    if (!pipeline_check_params(raw, want, err) ||
        !prepare_update(p->prepare, raw, &want->score, threads, &in, err) ||
        !pipeline_check_input(&in, err))
        return false;
    PipelineState next = state_next(p, &in, want);
    unsigned wanted = stages_of(&in, stages);
    if (!settle(p, &next, wanted, threads))
        return error_memory(err);
    p->entry = raw->entry;
    p->plan = plan_make(p, wanted);
    run(p, threads);
    for (int s = 0; s < STAGE_COUNT; s++)
        p->runs[s] += s == STAGE_SCORES && in.entry == ENTRY_QK
                          ? p->plan.scores
                          : (p->plan.todo & STAGE_BIT(s)) != 0;
    result_fill(p);
    return true;
}
