#include "core/reduce.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

enum {
    REDUCE_ROWS = 32,       /* rows that one thread takes at a time */
    REDUCE_BUDGET_MIB = 256 /* scores and weights of all heads stay while they fit */
};

/* Sums over heads of one kind of matrix, in double: the order of the heads is fixed, so are the
 * bits. */
typedef struct {
    double *layer, *total; /* owned, rows × cols */
    float *result;         /* owned, rows × cols */
    int rows, cols;
} ReduceSum;

/* Top bit of every stamp here: a model that is handed a pipeline's result now and a reduction's
 * next must never take one for the other. */
#define REDUCE_STAMP 0x80000000u

struct Reduce {
    Pipeline **pool; /* owned; one per head, or one for all when that would take too much */
    int pool_count;
    ReduceSum weights, output;
    double *missing; /* n_q, summed */
    uint8_t *masked; /* n_q: fully masked in every head so far */
    RowStats *rows;
    Mask mask;
    bool any;
    uint64_t keys;
    AttnParams params;
    ReduceKind over_heads, over_layers;
    uint32_t stamps;
    AttnResult result;
};

Reduce *reduce_new(void)
{
    return mem_zero(1, sizeof(Reduce));
}

static void sum_free(ReduceSum *sum)
{
    mem_free(sum->layer);
    mem_free(sum->total);
    mem_free(sum->result);
    *sum = (ReduceSum){0};
}

static void reduce_free_sums(Reduce *r)
{
    sum_free(&r->weights);
    sum_free(&r->output);
    mem_free(r->missing);
    mem_free(r->masked);
    mem_free(r->rows);
    mask_free(&r->mask);
    r->missing = NULL;
    r->masked = NULL;
    r->rows = NULL;
}

static void pool_free(Pipeline **pool, int count)
{
    for (int i = 0; i < count; i++)
        pipeline_free(pool[i]);
    mem_free(pool);
}

void reduce_free(Reduce *r)
{
    if (!r)
        return;
    reduce_free_sums(r);
    pool_free(r->pool, r->pool_count);
    mem_free(r);
}

const AttnResult *reduce_result(const Reduce *r)
{
    return &r->result;
}

static bool reduce_check(const AttnInput *inputs, const int *heads, int layers, Error *err)
{
    const AttnInput *in = inputs;
    for (int layer = 0; layer < layers; layer++) {
        if (heads[layer] < 1)
            return error_set(err, ERROR_USAGE, "layer %d: expected a head, found none", layer);
        for (int head = 0; head < heads[layer]; head++, in++)
            if (in->n_q != inputs->n_q || in->n_k != inputs->n_k)
                return error_set(err, ERROR_USAGE,
                                 "layer %d: expected %d × %d as in layer 0, found %d × %d", layer,
                                 inputs->n_q, inputs->n_k, in->n_q, in->n_k);
    }
    return layers > 0 || error_set(err, ERROR_USAGE, "layers: expected at least one, found none");
}

static bool pool_grow(Reduce *r, int heads, size_t cells, Error *err)
{
    size_t bytes;
    bool fits = mem_mul(cells, 2 * sizeof(float) * (size_t)heads, &bytes) &&
                bytes <= (size_t)REDUCE_BUDGET_MIB << 20;
    int count = fits ? heads : 1;
    if (count == r->pool_count)
        return true;
    Pipeline **pool = mem_zero((size_t)count, sizeof *pool);
    if (!pool)
        return error_memory(err);
    for (int i = 0; i < count; i++)
        if (!(pool[i] = pipeline_new())) {
            pool_free(pool, i);
            return error_memory(err);
        }
    pool_free(r->pool, r->pool_count);
    r->pool = pool;
    r->pool_count = count;
    return true;
}

static bool sum_init(ReduceSum *sum, int rows, int cols, bool layers)
{
    size_t cells;
    *sum = (ReduceSum){.rows = rows, .cols = cols};
    if (cols == 0)
        return true;
    if (!mem_mul((size_t)rows, (size_t)cols, &cells))
        return false;
    sum->layer = mem_array(cells, sizeof *sum->layer);
    sum->total = layers ? mem_array(cells, sizeof *sum->total) : NULL;
    sum->result = mem_array(cells, sizeof *sum->result);
    return sum->layer && sum->result && (sum->total || !layers);
}

/* One step of a sum: into = from (first), into + from, or the larger one. */
typedef struct {
    double *into;
    Matrix floats;       /* from a head … */
    const double *reals; /* … or from a layer */
    int rows, cols;
    ReduceKind kind;
    bool first;
    double divide; /* reals are divided by this before */
} ReduceStep;

static double step_join(const ReduceStep *s, double have, double next)
{
    if (s->first)
        return next;
    if (s->kind == REDUCE_MEAN)
        return have + next;
    return isnan(have) || next < have ? have : next; /* NaN in either stays */
}

static void step_block(void *context, int block)
{
    const ReduceStep *s = context;
    int end = (block + 1) * REDUCE_ROWS < s->rows ? (block + 1) * REDUCE_ROWS : s->rows;
    for (int i = block * REDUCE_ROWS; i < end; i++) {
        double *into = s->into + (ptrdiff_t)i * s->cols;
        const double *reals = s->reals ? s->reals + (ptrdiff_t)i * s->cols : NULL;
        const float *floats = reals ? NULL : matrix_row(s->floats, i);
        for (int j = 0; j < s->cols; j++)
            into[j] = step_join(s, into[j], reals ? reals[j] / s->divide : (double)floats[j]);
    }
}

static void step_run(ReduceStep step, Threads *threads)
{
    threads_run(threads, (step.rows - 1) / REDUCE_ROWS + 1, step_block, &step);
}

static void sum_head(ReduceSum *sum, Matrix head, ReduceKind kind, bool first, Threads *threads)
{
    if (sum->cols)
        step_run((ReduceStep){.into = sum->layer,
                              .floats = head,
                              .rows = head.rows,
                              .cols = sum->cols,
                              .kind = kind,
                              .first = first,
                              .divide = 1},
                 threads);
}

static void sum_layer(ReduceSum *sum, double divide, ReduceKind kind, bool first, Threads *threads)
{
    if (sum->cols && sum->total)
        step_run((ReduceStep){.into = sum->total,
                              .reals = sum->layer,
                              .rows = sum->rows,
                              .cols = sum->cols,
                              .kind = kind,
                              .first = first,
                              .divide = divide},
                 threads);
}

static void sum_finish(ReduceSum *sum, double divide)
{
    const double *from = sum->total ? sum->total : sum->layer;
    size_t cells = (size_t)sum->rows * (size_t)sum->cols;
    for (size_t i = 0; i < cells; i++)
        sum->result[i] = (float)(from[i] / divide);
}

/* What the reduction is, apart from the numbers. */
typedef struct {
    bool heads_joined, layers_joined, max_heads, max_layers, open, wide;
    bool given;            /* some heads are given weights */
    int n_q, n_k, queries; /* as prepared */
    InputForm form;
    bool has_v; /* the first head has an output */
    int d_v;    /* 0: no output */
    int count;
} ReducePlan;

static ReducePlan plan_of(const AttnInput *inputs, const int *heads, int layers,
                          ReduceKind over_heads, ReduceKind over_layers)
{
    ReducePlan plan = {.layers_joined = layers > 1};
    for (int layer = 0; layer < layers; layer++) {
        plan.count += heads[layer];
        plan.heads_joined |= heads[layer] > 1;
    }
    plan.max_heads = plan.heads_joined && over_heads == REDUCE_MAX;
    plan.max_layers = plan.layers_joined && over_layers == REDUCE_MAX;
    for (int i = 0; i < plan.count; i++)
        plan.given |= inputs[i].entry == ENTRY_WEIGHTS;
    return plan;
}

/* What the first head turns out to be, all have to be. */
static void plan_form(ReducePlan *plan, const AttnResult *first)
{
    plan->n_q = first->n_q;
    plan->n_k = first->n_k;
    plan->queries = first->queries;
    plan->form = first->form;
    plan->has_v = first->d_v > 0;
    plan->d_v = plan->max_heads || plan->max_layers ? 0 : first->d_v;
}

static const char *form_name(InputForm form)
{
    static const char *const names[] = {"queries × keys", "features × keys", "a strip of keys",
                                        "positions × channels"};
    return names[form];
}

static bool plan_takes(ReducePlan *plan, const AttnResult *head, Error *err)
{
    if (head->form != plan->form)
        return error_set(err, ERROR_USAGE, "weights: expected %s as in the first head, found %s",
                         form_name(plan->form), form_name(head->form));
    if (head->n_q != plan->n_q || head->n_k != plan->n_k)
        return error_set(err, ERROR_USAGE,
                         "weights: expected %d × %d as in the first head, found %d × %d", plan->n_q,
                         plan->n_k, head->n_q, head->n_k);
    plan->wide |= head->computed_double;
    plan->open |= head->sums_open;
    plan->d_v = head->d_v == plan->d_v ? plan->d_v : 0;
    return true;
}

static void result_reasons(AttnResult *out, const ReducePlan *plan)
{
    static const char *const scores[] = {
        "mean over heads has no scores", "mean over layers has no scores",
        "max over heads has no scores", "max over layers has no scores"};
    static const char *const scaled[] = {
        "mean over heads has no scaled scores", "mean over layers has no scaled scores",
        "max over heads has no scaled scores", "max over layers has no scaled scores"};
    static const char *const masked[] = {
        "mean over heads has no masked scores", "mean over layers has no masked scores",
        "max over heads has no masked scores", "max over layers has no masked scores"};
    bool layers = plan->layers_joined && !plan->heads_joined;
    int which = (layers ? 1 : 0) + ((layers ? plan->max_layers : plan->max_heads) ? 2 : 0);
    out->absent[STAGE_SCORES] = scores[which];
    out->absent[STAGE_SCALED] = scaled[which];
    out->absent[STAGE_MASKED] = masked[which];
    out->absent[STAGE_WEIGHTS] = NULL;
    out->absent[STAGE_OUTPUT] = plan->d_v          ? NULL
                                : plan->max_heads  ? "max over heads has no output"
                                : plan->max_layers ? "max over layers has no output"
                                : plan->has_v
                                    ? "the values (v) of the heads differ in width, so no output"
                                    : "the file has no values (v), so no output";
    for (int s = STAGE_CHAIN; s < STAGE_COUNT; s++)
        out->absent[s] = layers ? "each layer has its own" : "each head has its own";
}

/* A cell is masked in the join only where every head masks it. */
static bool reduce_mask(Mask *mask, const AttnInput *inputs, const AttnInput *first,
                        const ReducePlan *plan, const AttnParams *want)
{
    MaskParams params = mask_acting(plan->given ? ENTRY_WEIGHTS : first->entry, &want->mask);
    if (plan->form == FORM_PAIRS)
        return mask_init_heads(mask, inputs, plan->count, &params);
    if (plan->form != FORM_FEATURES)
        return mask_init(mask, first, &params);
    AttnInput *heads = mem_array((size_t)plan->count, sizeof *heads);
    for (int i = 0; heads && i < plan->count; i++) {
        heads[i] = *first; /* all are of one query; their masks are their own */
        heads[i].padding = inputs[i].padding;
        heads[i].segment_q = inputs[i].segment_q;
        heads[i].segment_k = inputs[i].segment_k;
        heads[i].mask = inputs[i].mask;
    }
    bool ok = heads && mask_init_heads(mask, heads, plan->count, &params);
    mem_free(heads);
    return ok;
}

/* Everything that the sums need, in a Reduce of its own that replaces the old one when all is done.
 */
static bool reduce_room(Reduce *fresh, const ReducePlan *plan)
{
    size_t n_q = (size_t)plan->n_q;
    bool layers = plan->layers_joined;
    fresh->missing = mem_zero(n_q, sizeof *fresh->missing);
    fresh->masked = mem_array(n_q, 1);
    fresh->rows = mem_array(n_q, sizeof *fresh->rows);
    if (!fresh->missing || !fresh->masked || !fresh->rows)
        return false;
    memset(fresh->masked, 1, n_q);
    return sum_init(&fresh->weights, plan->n_q, plan->n_k, layers) &&
           sum_init(&fresh->output, plan->queries, plan->d_v, layers);
}

static const AttnResult *reduce_run(Reduce *r, const AttnInput *in, int index, bool output,
                                    const AttnParams *want, Threads *threads, Error *err)
{
    Pipeline *p = r->pool[r->pool_count > 1 ? index : 0];
    unsigned stages = STAGE_BIT(STAGE_WEIGHTS) | (output ? STAGE_BIT(STAGE_OUTPUT) : 0u);
    if (pipeline_update(p, in, want, stages, threads, err))
        return pipeline_result(p);
    error_within(err, "layer %d, head %d", in->layer, in->head);
    return NULL;
}

/* The first head says what the others must be. */
static bool reduce_first(Reduce *r, Reduce *fresh, const AttnInput *inputs, ReducePlan *plan,
                         const AttnParams *want, Threads *threads, Error *err)
{
    bool output = !plan->max_heads && !plan->max_layers;
    const AttnResult *first = reduce_run(r, inputs, 0, output, want, threads, err);
    if (!first)
        return false;
    plan_form(plan, first);
    fresh->result.divisor = first->divisor;
    fresh->result.temperature = first->temperature;
    fresh->result.entry = first->entry;
    fresh->result.form = first->form;
    fresh->result.kind = first->kind;
    fresh->result.queries = first->queries;
    fresh->result.keys = first->keys;
    return (reduce_room(fresh, plan) &&
            reduce_mask(&fresh->mask, inputs, first->input, plan, want)) ||
           error_memory(err);
}

static bool reduce_head(Reduce *r, Reduce *fresh, const AttnInput *in, int index, bool first,
                        ReducePlan *plan, const AttnParams *want, Threads *threads, Error *err)
{
    ReduceKind kind = fresh->over_heads;
    const AttnResult *head = reduce_run(r, in, index, plan->d_v > 0, want, threads, err);
    if (!head)
        return false;
    if (!plan_takes(plan, head, err))
        return error_within(err, "layer %d, head %d", in->layer, in->head);
    sum_head(&fresh->weights, head->stage[STAGE_WEIGHTS], kind, first, threads);
    if (plan->d_v)
        sum_head(&fresh->output, head->stage[STAGE_OUTPUT], kind, first, threads);
    else
        sum_free(&fresh->output);
    for (int i = 0; i < plan->n_q; i++) {
        fresh->missing[i] += head->rows[i].missing;
        fresh->masked[i] &= (head->rows[i].flags & ROW_FULLY_MASKED) != 0;
    }
    return true;
}

static bool reduce_sums(Reduce *r, Reduce *fresh, const AttnInput *inputs, const int *heads,
                        int layers, ReducePlan *plan, const AttnParams *want, Threads *threads,
                        Error *err)
{
    int index = 0;
    for (int layer = 0; layer < layers; layer++) {
        for (int head = 0; head < heads[layer]; head++, index++)
            if (!reduce_head(r, fresh, inputs + index, index, head == 0, plan, want, threads, err))
                return false;
        double divide = fresh->over_heads == REDUCE_MEAN ? heads[layer] : 1;
        sum_layer(&fresh->weights, divide, fresh->over_layers, layer == 0, threads);
        sum_layer(&fresh->output, divide, fresh->over_layers, layer == 0, threads);
    }
    double divide = layers > 1 ? fresh->over_layers == REDUCE_MEAN ? layers : 1
                    : fresh->over_heads == REDUCE_MEAN ? heads[0]
                                                       : 1;
    sum_finish(&fresh->weights, divide);
    sum_finish(&fresh->output, divide);
    return true;
}

static void reduce_fill(Reduce *r, const ReducePlan *plan)
{
    AttnResult *out = &r->result;
    bool max = plan->max_heads || plan->max_layers;
    out->n_q = plan->n_q;
    out->n_k = plan->n_k;
    out->d_v = plan->d_v;
    out->computed_double = plan->wide;
    out->sums_open = max || plan->open;
    out->recorded_error = -1;
    out->recorded_row = out->recorded_col = -1;
    out->rows = r->rows;
    out->mask = &r->mask;
    out->stage[STAGE_WEIGHTS] = (Matrix){r->weights.result, plan->n_q, plan->n_k, plan->n_k};
    out->range[STAGE_WEIGHTS] = stats_range(out->stage[STAGE_WEIGHTS], &r->mask);
    out->stamp[STAGE_WEIGHTS] = REDUCE_STAMP | ++r->stamps;
    if (plan->d_v) {
        out->stage[STAGE_OUTPUT] = (Matrix){r->output.result, plan->queries, plan->d_v, plan->d_v};
        out->range[STAGE_OUTPUT] = stats_range(out->stage[STAGE_OUTPUT], NULL);
        out->stamp[STAGE_OUTPUT] = REDUCE_STAMP | r->stamps;
    }
    for (int i = 0; i < plan->n_q; i++) {
        stats_row(r->rows + i, matrix_row(out->stage[STAGE_WEIGHTS], i), &r->mask, i);
        r->rows[i].missing = max ? 0 : r->missing[i] / plan->count;
        r->rows[i].flags |= r->masked[i] ? ROW_FULLY_MASKED : 0u;
    }
    result_reasons(out, plan);
}

bool reduce_update(Reduce *r, const AttnInput *inputs, const int *heads, int layers,
                   ReduceKind over_heads, ReduceKind over_layers, const AttnParams *want,
                   Threads *threads, Error *err)
{
    if (!reduce_check(inputs, heads, layers, err))
        return false;
    ReducePlan plan = plan_of(inputs, heads, layers, over_heads, over_layers);
    uint64_t keys = hash_bytes(HASH_SEED, heads, sizeof *heads * (size_t)layers);
    for (int i = 0; i < plan.count; i++)
        keys = hash_bytes(keys, &inputs[i].key, sizeof inputs[i].key);
    if (r->any && r->keys == keys && r->over_heads == over_heads && r->over_layers == over_layers &&
        params_first_change(&r->params, want) == STAGE_COUNT)
        return true;
    size_t cells;
    if (!mem_mul((size_t)inputs->n_q, (size_t)inputs->n_k, &cells))
        return error_memory(err);
    if (!pool_grow(r, plan.count, cells, err))
        return false;
    Reduce fresh = {.over_heads = over_heads, .over_layers = over_layers};
    if (!reduce_first(r, &fresh, inputs, &plan, want, threads, err) ||
        !reduce_sums(r, &fresh, inputs, heads, layers, &plan, want, threads, err)) {
        reduce_free_sums(&fresh);
        return false;
    }
    reduce_free_sums(r);
    fresh.pool = r->pool;
    fresh.pool_count = r->pool_count;
    fresh.any = true;
    fresh.keys = keys;
    fresh.params = *want;
    fresh.stamps = r->stamps;
    *r = fresh;
    reduce_fill(r, &plan);
    return true;
}
