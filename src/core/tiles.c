/* What is kept, and what a change of settings leaves of it. */
#include "core/pipeline_impl.h"
#include "core/tiles_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

Tiles *tiles_new(void)
{
    return mem_zero(1, sizeof(Tiles));
}

/* All that hangs on the input. */
static void tiles_forget(Tiles *t)
{
    mem_free(t->rows);
    mem_free(t->looks);
    mem_free(t->row_look);
    mem_free(t->row_stamp);
    mem_free(t->share);
    mem_free(t->packed_k);
    mem_free(t->packed_v);
    mem_free(t->cache);
    mem_free(t->have);
    mem_free(t->kept);
    mem_free(t->pass.begin);
    mem_free(t->pass.end);
    mem_free(t->pass.hi);
    mem_free(t->pass.received);
    mem_free(t->pass.sums);
    for (int s = 0; s < STAGE_CHAIN; s++)
        mem_free(t->extent[s]);
    for (int i = 0; i < TILES_ROOMS; i++)
        tiles_room_free(&t->rooms[i]);
    mask_free(&t->mask);
    Tiles none = {
        .prepare = t->prepare, .forced = t->forced, .stamps = t->stamps, .source = t->source};
    *t = none;
}

void tiles_free(Tiles *t)
{
    if (!t)
        return;
    tiles_forget(t);
    prepare_free(t->prepare);
    mem_free(t);
}

void tiles_clear(Tiles *t)
{
    tiles_forget(t);
    prepare_free(t->prepare);
    t->prepare = NULL;
}

const AttnResult *tiles_result(const Tiles *t)
{
    return &t->result;
}

void tiles_use(Tiles *t, const Kernels *kernels)
{
    t->forced = kernels;
}

int tiles_band(const Tiles *t)
{
    return t->band * tiles_bands(t);
}

int tiles_bands(const Tiles *t)
{
    int count = threads_count(t->threads);
    return count < TILES_ROOMS ? count : TILES_ROOMS;
}

int tiles_fresh(const Tiles *t)
{
    return t->fresh;
}

void tiles_extent(const Tiles *t, Stage stage, int row, float *lo, float *hi)
{
    *lo = t->extent[stage][row].lo;
    *hi = t->extent[stage][row].hi;
}

bool tiles_row_fresh(const Tiles *t, int row)
{
    return t->row_stamp[row] == t->stage_stamp[STAGE_WEIGHTS];
}

int tiles_stage_cols(const Tiles *t, Stage stage)
{
    return stage == STAGE_OUTPUT ? t->in.v.cols : t->in.n_k;
}

/* The first stage that is not as it was. A bias by distance moves with the place of the queries. */
static Stage first_change(const Tiles *t, const AttnParams *now)
{
    Stage first = params_first_change(&t->params, now);
    bool bias = t->in.bias.by_distance && t->params.mask.align != now->mask.align;
    return bias && first > STAGE_SCALED ? STAGE_SCALED : first;
}

static void *zeros(size_t count, size_t size, bool *ok)
{
    void *at = mem_zero(count, size);
    *ok = *ok && at;
    return at;
}

/* Room for what is kept of every row. */
static bool make_tables(Tiles *t, uint64_t memory)
{
    size_t n = (size_t)t->in.n_q, floats, bytes, cached;
    bool ok = true;
    t->step = ((ptrdiff_t)t->in.n_k + 15) / 16 * 16;
    /* Scores of a band stay in the caches; more rows share one walk over the keys. */
    t->band = (1 << 20) / t->in.n_k;
    t->band = t->band < 8 ? 8 : t->band > TILES_BAND ? TILES_BAND : t->band;
    t->rows = zeros(n, sizeof *t->rows, &ok);
    t->looks = zeros(n, sizeof *t->looks, &ok);
    t->row_look = zeros(n, sizeof *t->row_look, &ok);
    t->row_stamp = zeros(n, sizeof *t->row_stamp, &ok);
    t->share = zeros(n, sizeof *t->share, &ok);
    t->have = zeros(n, 1, &ok);
    for (int s = 0; s < STAGE_CHAIN; s++)
        t->extent[s] = zeros(n, sizeof *t->extent[s], &ok);
    if (!ok)
        return false;
    for (size_t i = 0; i < n; i++)
        t->rows[i] = (RowStats){
            .entropy = NAN, .effective = NAN, .logit_max = NAN, .log_sum_exp = NAN, .argmax = -1};
    for (int s = 0; s < STAGE_CHAIN; s++)
        for (size_t i = 0; i < n; i++)
            t->extent[s][i] = (TilesExtent){INFINITY, -INFINITY, 0, 0, -1, 0};
    if (t->in.entry != ENTRY_QK)
        return true;
    if (!kernels_packed_size(t->in.k.cols, t->in.n_k, &floats) || !mem_mul(floats, 4, &bytes))
        return false;
    t->packed_k = t->in.wide ? NULL : mem_aligned(bytes, 1);
    if (!t->packed_k && !t->in.wide)
        return false;
    /* A cache that cannot be had is none: everything works without. */
    if (mem_mul(n, (size_t)t->step * sizeof(float), &cached) && cached <= memory)
        t->cache = mem_aligned(cached, 1);
    return true;
}

typedef struct {
    Tiles *t;
    int per;
} PackJob;

static void pack_part(void *context, int part)
{
    const PackJob *job = context;
    Matrix k = job->t->in.k;
    int first = part * job->per, count = k.rows - first < job->per ? k.rows - first : job->per;
    Matrix some = {matrix_row(k, first), count, k.cols, k.step};
    kernels_pack_rows(job->t->packed_k + (size_t)first * (size_t)k.cols, some);
}

static void pack_keys(Tiles *t)
{
    PackJob job = {t, 64 * KERNELS_PANEL};
    if (!t->packed_k || t->has_packed_k)
        return;
    threads_run(t->threads, (t->in.k.rows - 1) / job.per + 1, pack_part, &job);
    t->has_packed_k = true;
}

static void fill_result(Tiles *t)
{
    const AttnInput *in = &t->in;
    AttnResult *out = &t->result;
    AttnResult was = *out;
    *out = (AttnResult){.n_q = in->n_q,
                        .n_k = in->n_k,
                        .d_v = in->v.at ? in->v.cols : 0,
                        .queries = in->queries,
                        .keys = in->keys,
                        .form = in->form,
                        .kind = in->kind,
                        .input = in,
                        .entry = in->entry,
                        .rows = t->rows,
                        .mask = &t->mask,
                        .divisor = t->job.divisor,
                        .temperature = t->params.scale.temperature,
                        .computed_double = in->wide,
                        .recorded_error = -1,
                        .recorded_row = -1,
                        .recorded_col = -1,
                        .tiles = t};
    out->sums_open = in->entry != ENTRY_WEIGHTS && norm_is_open(t->params.norm.kind);
    pipeline_absent(out, in, in->entry);
    for (int s = 0; s < STAGE_COUNT; s++) {
        out->range[s] = was.range[s];
        out->stamp[s] = s < STAGE_CHAIN ? t->stage_stamp[s] : t->source;
        out->stage[s] = s < STAGE_CHAIN ? (Matrix){0} : in->feed_floats[s];
    }
}

/* What went in is there as it is; its ranges are taken when someone wants to see it. */
static void feed_ranges(Tiles *t, unsigned stages)
{
    for (int s = STAGE_CHAIN; s < STAGE_COUNT; s++)
        if ((stages & STAGE_BIT(s)) && t->in.feed_floats[s].at && t->feed_source[s] != t->source) {
            t->result.range[s] = stats_range(t->in.feed_floats[s], NULL);
            t->feed_source[s] = t->source;
        }
}

static void move_stamps(Tiles *t, Stage first, bool mask_moved)
{
    for (int s = (int)first; s < STAGE_CHAIN; s++)
        t->stage_stamp[s] = t->stamps + 1;
    if (first == STAGE_SCORES || mask_moved)
        t->look_stamp = t->stamps + 1;
    t->stamps++;
    t->fresh = 0;
}

static bool begin_anew(Tiles *t, const AttnInput *in, uint64_t memory)
{
    tiles_forget(t);
    t->in = *in;
    t->source++;
    for (int s = 0; s < STAGE_CHAIN; s++)
        t->result.range[s] = (Range){.first_row = -1, .first_col = -1};
    return make_tables(t, memory);
}

bool tiles_update(Tiles *t, const AttnInput *raw, const AttnParams *want, uint64_t memory,
                  unsigned stages, Threads *threads, Error *err)
{
    AttnInput in;
    if (!t->prepare && !(t->prepare = prepare_new()))
        return error_memory(err);
    if (!pipeline_check_params(raw, want, err) ||
        !prepare_update(t->prepare, raw, &want->score, threads, &in, err) ||
        !pipeline_check_input(&in, err))
        return false;
    AttnParams params = pipeline_acting(&in, want);
    const Kernels *k = t->forced ? t->forced : kernels();
    bool anew = !t->any || t->in.key != in.key || t->in.entry != in.entry || t->kernels != k ||
                t->in.n_q != in.n_q || t->in.n_k != in.n_k;
    Stage first = anew ? STAGE_SCORES : first_change(t, &params);
    AttnParams scaled = t->params;
    scaled.scale = params.scale;
    bool mask_moved = anew || params_first_change(&scaled, &params) <= STAGE_MASKED;
    Mask mask;
    if (mask_moved && !mask_init(&mask, &in, &params.mask))
        return error_memory(err);
    if (anew && !begin_anew(t, &in, memory)) {
        mask_free(&mask);
        tiles_forget(t);
        return error_memory(err);
    }
    prepare_settle(t->prepare);
    if (mask_moved) {
        mask_free(&t->mask);
        t->mask = mask;
        t->has_packed_v = false;
    }
    t->any = true;
    t->in = in;
    t->params = params;
    t->kernels = k;
    t->threads = threads;
    t->job = (NormJob){.in = &t->in,
                       .params = &t->params,
                       .mask = &t->mask,
                       .kernels = k,
                       .divisor = input_divisor(&t->in, &t->params)};
    if (first < STAGE_CHAIN)
        move_stamps(t, first, mask_moved);
    pack_keys(t);
    fill_result(t);
    feed_ranges(t, stages);
    return true;
}

static void range_of(const Tiles *t, Stage stage, bool settled, Range *out)
{
    Range range = range_none();
    for (int row = 0; row < t->in.n_q; row++) {
        const TilesExtent *e = &t->extent[stage][row];
        if (settled && e->stamp != t->stage_stamp[stage])
            continue;
        range.lo = e->lo < range.lo ? e->lo : range.lo;
        range.hi = e->hi > range.hi ? e->hi : range.hi;
        range.nan_count += e->nan;
        range.inf_count += e->inf;
        if (range.first_row < 0 && e->first >= 0) {
            range.first_row = row;
            range.first_col = e->first;
        }
    }
    range_finish(&range);
    *out = range;
}

void tiles_settle(Tiles *t, Stage stage, bool settled)
{
    t->fresh = 0;
    for (int row = 0; row < t->in.n_q; row++)
        t->fresh += t->row_stamp[row] == t->stage_stamp[STAGE_WEIGHTS];
    range_of(t, STAGE_WEIGHTS, settled, &t->result.range[STAGE_WEIGHTS]);
    if (stage < STAGE_CHAIN && stage != STAGE_WEIGHTS)
        range_of(t, stage, settled, &t->result.range[stage]);
}
