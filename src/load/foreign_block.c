/* Numbers in nested arrays of any depth up to five: checked against each other first, so that
 * nothing is allocated that the text does not hold. */
#include "load/foreign_read.h"
#include "load/json_number.h"
#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_DIMS = 5 };

typedef struct {
    Reader *r;
    int ndim;
    int64_t shape[BLOCK_DIMS];
    double null;
    bool wide;     /* a value is beyond float32 */
    int64_t nulls; /* that stand for −Inf: no fault of the file */
    float *floats; /* filled when one of these is there; else only checked */
    double *doubles;
    int64_t at;
} Fill;

/* The walk through one item: what is open, and where in it we are. */
typedef struct {
    const cJSON *open[BLOCK_DIMS];
    int64_t index[BLOCK_DIMS];
    int depth;
} Walk;

static void walk_path(const Fill *f, const Walk *w)
{
    for (int i = 0; i < w->depth; i++)
        reader_index(f->r, w->index[i]);
}

/* "expected 6 numbers, found 5" of the array that is `level` deep. */
static bool fail_length(Fill *f, size_t at, int level, int64_t found)
{
    return reader_fail_as(f->r, ERROR_MALFORMED, at, "expected %lld %s, found %lld",
                          (long long)f->shape[level],
                          level == f->ndim - 1   ? "numbers"
                          : level == f->ndim - 2 ? "rows"
                                                 : "items",
                          (long long)found);
}

static bool visit_block(Fill *f, const Walk *w, const cJSON *item, JsonBlock *b)
{
    Reader *r = f->r;
    if (w->depth + b->ndim != f->ndim) {
        walk_path(f, w);
        return reader_fail(r, item, "expected %d levels of numbers as in the first, found %d",
                           f->ndim - w->depth, b->ndim);
    }
    if (b->ragged) {
        walk_path(f, w);
        for (int i = 0; i < b->ragged_level; i++)
            reader_index(r, b->ragged_at[i]);
        bool leaf = b->ragged_level == b->ndim - 1;
        return reader_fail_as(r, ERROR_MALFORMED, b->ragged_from, "expected %lld %s, found %lld",
                              (long long)b->ragged_expected, leaf ? "numbers" : "rows",
                              (long long)b->ragged_found);
    }
    for (int i = 0; i < b->ndim; i++) {
        if (b->shape[i] == f->shape[w->depth + i])
            continue;
        walk_path(f, w);
        for (int j = 0; j < i; j++)
            reader_index(r, 0);
        return fail_length(f, b->from, w->depth + i, b->shape[i]);
    }
    f->wide = f->wide || b->wide;
    if (f->floats)
        memcpy(f->floats + f->at, b->floats, (size_t)b->count * sizeof *b->floats);
    for (int64_t i = 0; f->doubles && i < b->count; i++)
        f->doubles[f->at + i] = b->wide ? b->doubles[i] : (double)b->floats[i];
    if (f->floats || f->doubles) { /* no value is read twice; the copy is what counts */
        mem_free(b->floats);
        mem_free(b->doubles);
        b->floats = NULL;
        b->doubles = NULL;
    }
    f->at += b->count;
    return true;
}

static bool visit_value(Fill *f, const Walk *w, const cJSON *item)
{
    const JsonTree *tree = f->r->tree;
    double value = f->null;
    JsonNumber number;
    size_t from = json_from(tree, item);
    if (json_is_number(tree, item)) {
        if (json_number(tree->text, from, &number) != from)
            value = number.value;
        else
            json_nonfinite(tree->text, from, &value);
    } else if (!cJSON_IsNull(item)) {
        walk_path(f, w);
        return reader_expected(f->r, item, "a number");
    } else if (f->floats || f->doubles) {
        f->nulls += isinf(f->null) != 0;
    }
    f->wide = f->wide || (isfinite(value) && fabs(value) > (double)FLT_MAX);
    if (f->floats)
        f->floats[f->at] = (float)value;
    if (f->doubles)
        f->doubles[f->at] = value;
    f->at++;
    return true;
}

/* One array, block or value. *opened: its items come next. */
static bool visit(Fill *f, Walk *w, const cJSON *item, bool *opened)
{
    JsonBlock *b = json_block(f->r->tree, item);
    *opened = false;
    if (b)
        return visit_block(f, w, item, b);
    if (w->depth == f->ndim)
        return visit_value(f, w, item);
    if (!cJSON_IsArray(item) || !item->child) {
        walk_path(f, w);
        return reader_expected(f->r, item,
                               w->depth == f->ndim - 1 ? "a row of numbers" : "rows of numbers");
    }
    int64_t size = cJSON_GetArraySize(item);
    if (size != f->shape[w->depth]) {
        walk_path(f, w);
        return fail_length(f, json_from(f->r->tree, item), w->depth, size);
    }
    *opened = true;
    w->index[w->depth] = 0;
    w->open[w->depth++] = item;
    return true;
}

static bool walk_item(Fill *f, const cJSON *item)
{
    Walk w = {.depth = 0};
    bool opened;
    for (;;) {
        if (!visit(f, &w, item, &opened))
            return false;
        if (opened) {
            item = item->child;
            continue;
        }
        while (w.depth > 0 && !item->next)
            item = w.open[--w.depth];
        if (w.depth == 0)
            return true;
        w.index[w.depth - 1]++;
        item = item->next;
    }
}

/* The shape that the first path through the item has. */
static bool first_shape(Fill *f, const cJSON *item, int least, int most)
{
    const cJSON *at = item;
    Reader *r = f->r;
    f->ndim = 0;
    for (;;) {
        const JsonBlock *b = json_block(r->tree, at);
        int more = b ? b->ndim : cJSON_IsArray(at);
        if (more == 0)
            break;
        if (f->ndim + more > BLOCK_DIMS || f->ndim + more > most)
            return reader_fail(r, item, "expected at most %d levels of numbers, found more", most);
        if (!b && !at->child)
            return reader_expected(r, at, "numbers");
        for (int i = 0; i < more; i++)
            f->shape[f->ndim++] = b ? b->shape[i] : cJSON_GetArraySize(at);
        if (b)
            break;
        at = at->child;
    }
    if (f->ndim == 0 ||
        (!json_block(r->tree, at) && !json_is_number(r->tree, at) && !cJSON_IsNull(at)))
        return reader_expected(r, at, "numbers");
    if (f->ndim < least)
        return reader_expected(r, item, least == 2 ? "rows of numbers" : "numbers in more levels");
    return true;
}

/* Some programs put the array into {"data": …}. */
static const cJSON *unwrap(Reader *r, const cJSON *item, size_t *mark)
{
    const cJSON *data = cJSON_IsObject(item) ? reader_member(item, "data") : NULL;
    *mark = item->string ? reader_key(r, item->string) : r->path_length;
    if (data)
        reader_key(r, "data");
    return data ? data : item;
}

static bool walk_items(Fill *f, const cJSON *const *items, int count)
{
    f->at = 0;
    for (int i = 0; i < count; i++) {
        size_t mark;
        const LoadRequest *request = f->r->request;
        if (request->cancel && atomic_load(request->cancel))
            return error_set(f->r->err, ERROR_CANCELLED, "cancelled");
        if (!walk_item(f, unwrap(f->r, items[i], &mark)))
            return false;
        reader_up(f->r, mark);
    }
    return true;
}

/* A block that is all there is needs no copy. */
static void *take_block(JsonBlock *b)
{
    void *data = !b ? NULL : b->wide ? (void *)b->doubles : (void *)b->floats;
    if (data) {
        b->floats = NULL;
        b->doubles = NULL;
    }
    return data;
}

/* All numbers, one behind the other; NULL: the error is set. */
static void *fill_items(Fill *f, const cJSON *const *items, int count, size_t bytes)
{
    void *data = mem_alloc(bytes);
    if (!data) {
        error_memory(f->r->err);
        return NULL;
    }
    f->floats = f->wide ? NULL : data;
    f->doubles = f->wide ? data : NULL;
    if (walk_items(f, items, count))
        return data;
    mem_free(data); /* cancelled: all was checked before */
    return NULL;
}

bool foreign_numbers(Reader *r, const cJSON *const *items, int count, int least, int most,
                     double null, Numbers *out, int64_t *nulls)
{
    Fill f = {.r = r, .null = null};
    size_t mark;
    *out = (Numbers){.ndim = 0};
    if (!first_shape(&f, unwrap(r, items[0], &mark), least, most))
        return false;
    reader_up(r, mark);
    if (!walk_items(&f, items, count))
        return false;
    /* f.at numbers stand in the text, so this cannot overflow. */
    uint64_t bytes = (uint64_t)f.at * (f.wide ? sizeof(double) : sizeof(float));
    const cJSON *first = unwrap(r, items[0], &mark);
    if (bytes > r->memory)
        return reader_over(r, first, LIMIT_MEMORY,
                           "memory: expected at most %llu bytes, found %llu",
                           (unsigned long long)r->memory, (unsigned long long)bytes);
    void *data = count == 1 ? take_block(json_block(r->tree, first)) : NULL;
    reader_up(r, mark);
    if (!data && !(data = fill_items(&f, items, count, (size_t)bytes)))
        return false;
    out->tensor = (Tensor){.data = data, .dtype = f.wide ? DTYPE_F64 : DTYPE_F32, .count = f.at};
    tensor_measure(&out->tensor);
    *nulls = f.nulls;
    out->ndim = f.ndim;
    memcpy(out->shape, f.shape, sizeof f.shape);
    return true;
}

static void note_nonfinite(Reader *r, const Numbers *n, int64_t nulls)
{
    int64_t bad = n->tensor.nonfinite - nulls, at = n->tensor.first_nonfinite;
    if (bad > 0 && r->nonfinite == 0) {
        int64_t index[NUMBERS_DIMS];
        size_t cap = sizeof r->first_nonfinite, used;
        for (int i = n->ndim - 1; i >= 0; i--) {
            index[i] = at % n->shape[i];
            at /= n->shape[i];
        }
        used = (size_t)snprintf(r->first_nonfinite, cap, "%s", r->path);
        for (int i = 0; i < n->ndim && used + 1 < cap; i++)
            used += (size_t)snprintf(r->first_nonfinite + used, cap - used, "[%lld]",
                                     (long long)index[i]);
    }
    r->nonfinite += bad;
}

bool foreign_tensor(Reader *r, Numbers *numbers, int64_t nulls, int *index)
{
    uint64_t bytes = (uint64_t)numbers->tensor.count * dtype_size(numbers->tensor.dtype);
    note_nonfinite(r, numbers, nulls);
    *index = record_add_tensor(r->doc, &numbers->tensor, r->err);
    r->memory -= bytes < r->memory ? bytes : r->memory;
    return *index >= 0;
}

bool foreign_place(Reader *r, const cJSON *item, const Numbers *numbers, RecordBlock *block)
{
    const int64_t *s = numbers->shape;
    int64_t dims[4] = {1, 1, 1, 1};
    char shape[120];
    int n = numbers->ndim, one = 0;
    numbers_shape(s, n, shape, sizeof shape);
    if (n == 5 && s[0] != 1 && s[1] != 1)
        return reader_fail(r, item, "shape: expected a batch of one in five dimensions, found %s",
                           shape);
    one = n == 5 && s[0] != 1 ? 1 : 0;
    for (int i = n - 1, j = 3; i >= 0; i--) {
        if (n != 5 || i != one)
            dims[j--] = s[i];
    }
    if (dims[0] > READER_HEADS_MOST || dims[1] > READER_HEADS_MOST)
        return reader_over(r, item, LIMIT_HEADS,
                           "shape: expected at most %d layers and heads, found %s",
                           READER_HEADS_MOST, shape);
    if (dims[2] > READER_LENGTH_MOST || dims[3] > READER_LENGTH_MOST)
        return reader_over(r, item, LIMIT_AXIS,
                           "shape: expected at most %d rows and columns, found %s",
                           READER_LENGTH_MOST, shape);
    *block = (RecordBlock){.tensor = -1,
                           .layers = (int)dims[0],
                           .heads = (int)dims[1],
                           .rows = dims[2],
                           .cols = dims[3]};
    return true;
}

bool foreign_block(Reader *r, const cJSON *item, double null, RecordBlock *block)
{
    Numbers n;
    int64_t nulls = 0;
    if (!foreign_numbers(r, &item, 1, 2, 5, null, &n, &nulls))
        return false;
    size_t mark = item->string ? reader_key(r, item->string) : r->path_length;
    if (!foreign_place(r, item, &n, block)) {
        tensor_free(&n.tensor);
        return false;
    }
    bool ok = foreign_tensor(r, &n, nulls, &block->tensor);
    reader_up(r, mark);
    return ok;
}

bool foreign_stage(Reader *r, const cJSON *item, Numbers *n, int64_t nulls, int layers, int heads,
                   RecordBlock *block)
{
    Numbers taken = *n;
    if (!foreign_place(r, item, n, block))
        return false;
    n->tensor = (Tensor){0};
    block->layers = layers;
    block->heads = heads;
    memmove(taken.shape + 2, taken.shape, 2 * sizeof *taken.shape);
    taken.shape[0] = layers;
    taken.shape[1] = heads;
    taken.ndim = 4;
    return foreign_tensor(r, &taken, nulls, &block->tensor);
}

bool foreign_heads(Reader *r, const cJSON *const *items, int layers, int heads, RecordBlock *block)
{
    Numbers n;
    int64_t nulls = 0;
    bool ok = foreign_numbers(r, items, layers * heads, 2, 2, NAN, &n, &nulls) &&
              foreign_stage(r, items[0], &n, nulls, layers, heads, block);
    tensor_free(&n.tensor);
    return ok;
}
