/* Heads whose weights are not queries × keys: which masks act, how the output comes about. And what
 * is said of stages that are not there.
 */
#include "core/pipeline_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

MaskParams pipeline_acting_mask(const AttnInput *in, const MaskParams *want)
{
    MaskParams none = params_default().mask;
    none.padding = none.segments = none.given = false;
    if (in->form == FORM_GATE)
        return none;
    if (in->form != FORM_STRIP)
        return mask_acting(in->entry, want);
    none.padding = want->padding;
    none.hidden = want->hidden;
    none.renormalise = want->renormalise;
    return none;
}

bool pipeline_output_by_query(const AttnInput *in)
{
    return in->form == FORM_FEATURES;
}

void pipeline_gate_rows(const Pipeline *p, float *out, ptrdiff_t step, int row, int count)
{
    const AttnInput *in = &p->state.in;
    Matrix weights = pipeline_weights(p);
    Stored x = input_v(in);
    for (int i = row; i < row + count; i++)
        for (int c = 0; c < in->n_k; c++)
            out[(i - row) * step + c] =
                (float)((double)matrix_row(weights, i)[c] * stored_value(x, i, c));
}

void pipeline_repeat_output(Pipeline *p)
{
    int cols = p->state.in.v.cols;
    ptrdiff_t step = pipeline_step(cols);
    float *out = p->slab[SLAB_OUTPUT].at;
    for (int i = 1; i < p->state.in.queries; i++)
        memcpy(out + i * step, out, sizeof *out * (size_t)cols);
}

/* featurewise: every query has a map of its own, of which only one is kept. */
typedef struct {
    const PipelineState *s;
    float *out;
    double divisor;
    int blocks;
    atomic_bool failed;
} QueryOutputs;

/* Lent to one block of queries. */
typedef struct {
    void *at; /* owned */
    float *scores, *weights;
    NormScratch norm;
} QueryRoom;

static bool room_init(QueryRoom *room, int n_k)
{
    size_t floats = (size_t)pipeline_step(n_k) * sizeof(float), size;
    *room = (QueryRoom){0};
    if (!mem_add(pipeline_scratch_size(n_k), 2 * floats, &size))
        return false;
    char *at = room->at = mem_aligned(size, 1);
    if (!at)
        return false;
    room->scores = (void *)at;
    room->weights = (void *)(at + floats);
    room->norm = pipeline_scratch(at + 2 * floats, n_k);
    return true;
}

static void feature_scores(const AttnInput *in, int query, int feature, float *out)
{
    double q = stored_value(in->stored_q, query, feature);
    for (int key = 0; key < in->n_k; key++)
        out[key] = (float)tanh(q + stored_value(in->stored_k, key, feature));
}

static float feature_context(const AttnInput *in, const Mask *mask, const float *weights,
                             const RowStats *stats, int feature)
{
    Stored v = input_v(in);
    double sum = 0;
    if (stats->flags & ROW_FULLY_MASKED)
        return 0;
    for (int key = 0; key < in->n_k; key++)
        if (mask_allows(mask, feature, key))
            sum += (double)weights[key] * stored_value(v, key, feature);
    return (float)sum;
}

static bool query_output(const QueryOutputs *c, QueryRoom *room, int query)
{
    AttnInput in = c->s->in; /* of this query, one row at a time in one place */
    in.row_query = query;
    in.wide = false;
    in.given = (Matrix){room->scores, in.n_q, in.n_k, 0};
    in.stored_given = (Stored){room->scores, DTYPE_F32, in.n_q, in.n_k, 0};
    Mask mask;
    if (!mask_init(&mask, &in, &c->s->params.mask))
        return false;
    NormJob job = {.in = &in,
                   .params = &c->s->params,
                   .mask = &mask,
                   .kernels = c->s->kernels,
                   .divisor = c->divisor};
    float *out = c->out + query * pipeline_step(in.v.cols);
    for (int f = 0; f < in.n_q; f++) {
        RowStats stats;
        Range range = range_none();
        feature_scores(&in, query, f, room->scores);
        ScoresRow look = scores_look(room->scores, &in, c->s->kernels, &mask, f);
        normalise_row(&job, room->scores, look, f, room->weights, &stats, &range, &room->norm);
        out[f] = feature_context(&in, &mask, room->weights, &stats, f);
    }
    mask_free(&mask);
    return true;
}

static void query_block(void *context, int block)
{
    QueryOutputs *c = context;
    QueryRoom room;
    int first = block * PIPELINE_BLOCK, queries = c->s->in.queries;
    int end = queries - first < PIPELINE_BLOCK ? queries : first + PIPELINE_BLOCK;
    bool ok = room_init(&room, c->s->in.n_k);
    for (int i = first; ok && i < end; i++)
        ok = query_output(c, &room, i);
    if (!ok)
        atomic_store_explicit(&c->failed, true, memory_order_relaxed);
    mem_free(room.at);
}

bool pipeline_query_outputs(const PipelineState *s, float *out, Threads *threads)
{
    QueryOutputs c = {.s = s, .out = out, .divisor = input_divisor(&s->in, &s->params)};
    atomic_init(&c.failed, false);
    threads_run(threads, (s->in.queries - 1) / PIPELINE_BLOCK + 1, query_block, &c);
    return !atomic_load_explicit(&c.failed, memory_order_relaxed);
}

static void absent_feeds(AttnResult *out, const AttnInput *in, Entry entry)
{
    const char *q = entry == ENTRY_SCORES    ? "the file has only scores, no q"
                    : entry == ENTRY_WEIGHTS ? "the file has only weights, no q"
                                             : "this head gives no q";
    const char *k = entry == ENTRY_SCORES    ? "the file has only scores, no k"
                    : entry == ENTRY_WEIGHTS ? "the file has only weights, no k"
                                             : "this head gives no k";
    const char *reasons[STAGE_COUNT] = {
        [STAGE_EMBEDDING] = "this head gives no token embedding",
        [STAGE_POSITION] = "this head adds nothing for the place of a token",
        [STAGE_X] = "this head gives no x",
        [STAGE_X_K] = in->feed[STAGE_X].at ? "the keys have the same x" : "this head gives no x",
        [STAGE_Q] = q,
        [STAGE_K] = k,
        [STAGE_V] = "the file has no values (v)",
    };
    for (int s = STAGE_CHAIN; s < STAGE_COUNT; s++)
        out->absent[s] = in->feed[s].at ? NULL : reasons[s];
}

void pipeline_absent(AttnResult *out, const AttnInput *in, Entry entry)
{
    bool weights = in->entry == ENTRY_WEIGHTS;
    out->absent[STAGE_SCORES] = weights ? "the file has only weights, no scores" : NULL;
    out->absent[STAGE_SCALED] = weights ? "the file has only weights, no scaled scores" : NULL;
    out->absent[STAGE_MASKED] = weights ? "the file has only weights, no masked scores" : NULL;
    out->absent[STAGE_WEIGHTS] = NULL;
    out->absent[STAGE_OUTPUT] = in->v.at ? NULL : "the file has no values (v), so no output";
    absent_feeds(out, in, entry);
}
