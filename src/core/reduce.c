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
    double *layer, *total; /* owned, n_q × cols */
    float *result;         /* owned, n_q × cols */
    int cols;
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
    *sum = (ReduceSum){.cols = cols};
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

static void sum_layer(ReduceSum *sum, int rows, double divide, ReduceKind kind, bool first,
                      Threads *threads)
{
    if (sum->cols && sum->total)
        step_run((ReduceStep){.into = sum->total,
                              .reals = sum->layer,
                              .rows = rows,
                              .cols = sum->cols,
                              .kind = kind,
                              .first = first,
                              .divide = divide},
                 threads);
}

static void sum_finish(ReduceSum *sum, int rows, double divide)
{
    const double *from = sum->total ? sum->total : sum->layer;
    size_t cells = (size_t)rows * (size_t)sum->cols;
    for (size_t i = 0; i < cells; i++)
        sum->result[i] = (float)(from[i] / divide);
}

/* What the reduction is, apart from the numbers. */
typedef struct {
    bool heads_joined, layers_joined, max_heads, max_layers, open, wide;
    bool given; /* some heads are given weights */
    int d_v;    /* 0: no output */
    int count;
} ReducePlan;

static ReducePlan plan_of(const AttnInput *inputs, const int *heads, int layers,
                          ReduceKind over_heads, ReduceKind over_layers, const AttnParams *want)
{
    ReducePlan plan = {.layers_joined = layers > 1};
    for (int layer = 0; layer < layers; layer++) {
        plan.count += heads[layer];
        plan.heads_joined |= heads[layer] > 1;
    }
    plan.max_heads = plan.heads_joined && over_heads == REDUCE_MAX;
    plan.max_layers = plan.layers_joined && over_layers == REDUCE_MAX;
    plan.d_v = plan.max_heads || plan.max_layers || !inputs->v.at ? 0 : inputs->v.cols;
    for (int i = 0; i < plan.count; i++) {
        plan.wide |= inputs[i].wide;
        plan.given |= inputs[i].entry == ENTRY_WEIGHTS;
        plan.open |= inputs[i].entry != ENTRY_WEIGHTS && norm_is_open(want->norm.kind);
        if (!inputs[i].v.at || inputs[i].v.cols != plan.d_v)
            plan.d_v = 0;
    }
    return plan;
}

static void result_reasons(AttnResult *out, const AttnInput *in, const ReducePlan *plan)
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
                                : in->v.at
                                    ? "the values (v) of the heads differ in width, so no output"
                                    : "the file has no values (v), so no output";
}

/* Everything that the sums need, in a Reduce of its own that replaces the old one when all is done.
 */
static bool reduce_room(Reduce *fresh, const AttnInput *in, const ReducePlan *plan,
                        const AttnParams *want)
{
    size_t n_q = (size_t)in->n_q;
    bool layers = plan->layers_joined;
    fresh->missing = mem_zero(n_q, sizeof *fresh->missing);
    fresh->masked = mem_array(n_q, 1);
    fresh->rows = mem_array(n_q, sizeof *fresh->rows);
    if (!fresh->missing || !fresh->masked || !fresh->rows)
        return false;
    memset(fresh->masked, 1, n_q);
    /* A cell is masked in the join only where every head masks it. */
    MaskParams mask = mask_acting(plan->given ? ENTRY_WEIGHTS : in->entry, &want->mask);
    return mask_init_heads(&fresh->mask, in, plan->count, &mask) &&
           sum_init(&fresh->weights, in->n_q, in->n_k, layers) &&
           sum_init(&fresh->output, in->n_q, plan->d_v, layers);
}

static bool reduce_head(Reduce *r, Reduce *fresh, const AttnInput *in, int index, bool first,
                        ReduceKind kind, const AttnParams *want, Threads *threads, Error *err)
{
    Pipeline *p = r->pool[r->pool_count > 1 ? index : 0];
    unsigned stages =
        STAGE_BIT(STAGE_WEIGHTS) | (fresh->output.cols ? STAGE_BIT(STAGE_OUTPUT) : 0u);
    if (!pipeline_update(p, in, want, stages, threads, err))
        return error_within(err, "layer %d, head %d", in->layer, in->head);
    const AttnResult *head = pipeline_result(p);
    sum_head(&fresh->weights, head->stage[STAGE_WEIGHTS], kind, first, threads);
    sum_head(&fresh->output, head->stage[STAGE_OUTPUT], kind, first, threads);
    for (int i = 0; i < in->n_q; i++) {
        fresh->missing[i] += head->rows[i].missing;
        fresh->masked[i] &= (head->rows[i].flags & ROW_FULLY_MASKED) != 0;
    }
    if (index == 0) {
        fresh->result.divisor = head->divisor;
        fresh->result.temperature = head->temperature;
        fresh->result.entry = head->entry;
    }
    return true;
}

static bool reduce_sums(Reduce *r, Reduce *fresh, const AttnInput *inputs, const int *heads,
                        int layers, const AttnParams *want, Threads *threads, Error *err)
{
    int index = 0;
    for (int layer = 0; layer < layers; layer++) {
        for (int head = 0; head < heads[layer]; head++, index++)
            if (!reduce_head(r, fresh, inputs + index, index, head == 0, fresh->over_heads, want,
                             threads, err))
                return false;
        double divide = fresh->over_heads == REDUCE_MEAN ? heads[layer] : 1;
        sum_layer(&fresh->weights, inputs->n_q, divide, fresh->over_layers, layer == 0, threads);
        sum_layer(&fresh->output, inputs->n_q, divide, fresh->over_layers, layer == 0, threads);
    }
    double divide = layers > 1 ? fresh->over_layers == REDUCE_MEAN ? layers : 1
                    : fresh->over_heads == REDUCE_MEAN ? heads[0]
                                                       : 1;
    sum_finish(&fresh->weights, inputs->n_q, divide);
    sum_finish(&fresh->output, inputs->n_q, divide);
    return true;
}

static void reduce_fill(Reduce *r, const AttnInput *in, const ReducePlan *plan)
{
    AttnResult *out = &r->result;
    bool max = plan->max_heads || plan->max_layers;
    out->n_q = in->n_q;
    out->n_k = in->n_k;
    out->d_v = plan->d_v;
    out->computed_double = plan->wide;
    out->sums_open = max || plan->open;
    out->recorded_error = -1;
    out->recorded_row = out->recorded_col = -1;
    out->rows = r->rows;
    out->mask = &r->mask;
    out->stage[STAGE_WEIGHTS] = (Matrix){r->weights.result, in->n_q, in->n_k, in->n_k};
    out->range[STAGE_WEIGHTS] = stats_range(out->stage[STAGE_WEIGHTS], &r->mask);
    out->stamp[STAGE_WEIGHTS] = REDUCE_STAMP | ++r->stamps;
    if (plan->d_v) {
        out->stage[STAGE_OUTPUT] = (Matrix){r->output.result, in->n_q, plan->d_v, plan->d_v};
        out->range[STAGE_OUTPUT] = stats_range(out->stage[STAGE_OUTPUT], NULL);
        out->stamp[STAGE_OUTPUT] = REDUCE_STAMP | r->stamps;
    }
    for (int i = 0; i < in->n_q; i++) {
        stats_row(r->rows + i, matrix_row(out->stage[STAGE_WEIGHTS], i), &r->mask, i);
        r->rows[i].missing = max ? 0 : r->missing[i] / plan->count;
        r->rows[i].flags |= r->masked[i] ? ROW_FULLY_MASKED : 0u;
    }
    result_reasons(out, in, plan);
}

bool reduce_update(Reduce *r, const AttnInput *inputs, const int *heads, int layers,
                   ReduceKind over_heads, ReduceKind over_layers, const AttnParams *want,
                   Threads *threads, Error *err)
{
    if (!reduce_check(inputs, heads, layers, err))
        return false;
    ReducePlan plan = plan_of(inputs, heads, layers, over_heads, over_layers, want);
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
    bool ok = reduce_room(&fresh, inputs, &plan, want) || error_memory(err);
    if (!ok || !reduce_sums(r, &fresh, inputs, heads, layers, want, threads, err)) {
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
    reduce_fill(r, inputs, &plan);
    return true;
}
