/* Attention recorded stage by stage, head by head: raw scores, scaled, masked (null where a key is
 * hidden), softmax. The raw scores are opened, so that scale, mask and temperature are live; what
 * was recorded stands beside what is computed. */
#include "load/foreign_read.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Digits without leading zeros; -1 when there are none or too many. */
static int key_number(const char **at)
{
    const char *p = *at;
    int value = 0;
    if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
        return -1;
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (*p - '0');
        if (value >= READER_HEADS_MOST)
            return -1;
    }
    *at = p;
    return value;
}

static bool key_matches(const char *key, const char *first, const char *second, const char *suffix,
                        int *layer, int *head)
{
    if (strncmp(key, first, strlen(first)) != 0)
        return false;
    key += strlen(first);
    *layer = key_number(&key);
    if (*layer < 0 || strncmp(key, second, strlen(second)) != 0)
        return false;
    key += strlen(second);
    *head = key_number(&key);
    return *head >= 0 && strcmp(key, suffix) == 0;
}

bool foreign_grid(Foreign *f, const cJSON *object, const char *first, const char *second,
                  const char *suffix, Grid *out)
{
    const cJSON *child;
    int count = 0, layer, head;
    *out = (Grid){.layers = 0};
    cJSON_ArrayForEach(child, object)
    {
        if (!key_matches(child->string, first, second, suffix, &layer, &head))
            continue;
        count++;
        out->layers = layer >= out->layers ? layer + 1 : out->layers;
        out->heads = head >= out->heads ? head + 1 : out->heads;
    }
    if (count == 0)
        return true;
    if (out->layers * out->heads != count) /* below 2^24 */
        return reader_fail(&f->r, object,
                           "heads: expected %s0%s0%s … %s%d%s%d%s, %d in all, found %d", first,
                           second, suffix, first, out->layers - 1, second, out->heads - 1, suffix,
                           out->layers * out->heads, count);
    out->items = reader_alloc(&f->r, (size_t)count, sizeof *out->items);
    if (!out->items)
        return false;
    cJSON_ArrayForEach(child, object)
    {
        if (key_matches(child->string, first, second, suffix, &layer, &head))
            out->items[layer * out->heads + head] = child;
    }
    return true;
}

typedef enum { RAW, SCALED, MASKED, SOFTMAX, STAGES } RecordedStage;
static const char *const SUFFIXES[STAGES] = {"_attn", "_attn_scaled", "_attn_masked",
                                             "_attn_softmax"};

/* The numbers of all heads of a stage, not yet the document's. */
static bool stage_numbers(Foreign *f, const Grid *grid, double null, Numbers *out)
{
    int64_t nulls = 0;
    *out = (Numbers){.ndim = 0};
    return grid->layers == 0 ||
           foreign_numbers(&f->r, grid->items, grid->layers * grid->heads, 2, 2, null, out, &nulls);
}

static bool same_shape(const Numbers *a, const Numbers *b)
{
    return a->ndim == b->ndim && a->shape[0] == b->shape[0] && a->shape[1] == b->shape[1] &&
           a->tensor.count == b->tensor.count;
}

/* The d_k with which scaled = raw / √d_k everywhere; 0 when there is none. */
static double scale_of(const Numbers *raw, const Numbers *scaled)
{
    double most = 0, ratio = 0;
    if (raw->ndim == 0 || scaled->ndim == 0)
        return 0;
    for (int64_t i = 0; i < raw->tensor.count; i++) {
        double a = tensor_value(&raw->tensor, i), b = tensor_value(&scaled->tensor, i);
        if (isfinite(a) && isfinite(b) && b != 0 && fabs(a) > most) {
            most = fabs(a);
            ratio = a / b;
        }
    }
    if (!(ratio >= 1))
        return 0;
    double d_k = ratio * ratio;
    d_k = fabs(d_k - round(d_k)) <= 1e-4 * d_k ? round(d_k) : d_k;
    for (int64_t i = 0; i < raw->tensor.count; i++) {
        double a = tensor_value(&raw->tensor, i), b = tensor_value(&scaled->tensor, i);
        if (isfinite(a) && isfinite(b) && !(fabs(a - b * sqrt(d_k)) <= 1e-5 * most))
            return 0;
    }
    return d_k;
}

typedef enum { MASK_NONE, MASK_CAUSAL, MASK_OTHER } MaskSeen;

/* Which cells of the masked stage are hidden, in all heads. */
static MaskSeen mask_of(const Numbers *masked)
{
    bool none = true, causal = true;
    int64_t rows = masked->shape[0], cols = masked->shape[1];
    for (int64_t i = 0; i < masked->tensor.count; i++) {
        int64_t row = i / cols % rows, col = i % cols;
        bool hidden = tensor_value(&masked->tensor, i) == -(double)INFINITY;
        none = none && !hidden;
        causal = causal && hidden == (col > row);
    }
    return none ? MASK_NONE : causal && rows == cols ? MASK_CAUSAL : MASK_OTHER;
}

/* Takes over the numbers as a block of the record. */
static bool place_stage(Foreign *f, const Grid *grid, Numbers *n, RecordBlock *block)
{
    if (n->ndim == 0)
        return true;
    return foreign_stage(&f->r, grid->items[0], n, 0, grid->layers, grid->heads, block);
}

/* Zeros where a key is hidden and ones else, in place of the masked scores. */
static void make_flags(Numbers *masked)
{
    Tensor *t = &masked->tensor;
    for (int64_t i = 0; i < t->count; i++) {
        double flag = tensor_value(t, i) == -(double)INFINITY ? 0 : 1;
        if (t->dtype == DTYPE_F64)
            ((double *)t->data)[i] = flag;
        else
            ((float *)t->data)[i] = (float)flag;
    }
    tensor_measure(t);
}

/* The causal mask is a setting, any other a matrix of each head. */
static bool place_mask(Foreign *f, const Grid *grid, Numbers *masked, RecordBlock *mask)
{
    *mask = (RecordBlock){.tensor = -1};
    MaskSeen seen = grid->layers ? mask_of(masked) : MASK_NONE;
    if (seen == MASK_CAUSAL)
        return foreign_setting(f, "mask.causal", "true");
    if (seen == MASK_NONE)
        return true;
    make_flags(masked);
    return place_stage(f, grid, masked, mask);
}

static bool give_masks(Foreign *f, const RecordBlock *mask)
{
    Document *doc = f->r.doc;
    if (mask->tensor < 0)
        return true;
    DocSentence *s = &doc->sentences[doc->sentence_count - 1];
    if (s->reading->rows_are_keys || s->queries.count != mask->rows || s->keys.count != mask->cols)
        return reader_warn(&f->r,
                           "the recorded mask does not fit what is shown: it is not applied");
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            int64_t at = ((int64_t)l * mask->heads + h) * mask->rows * mask->cols;
            s->layers[l].heads[h].mask =
                (DocMatrix){mask->tensor, at, (int)mask->rows, (int)mask->cols, mask->cols};
        }
    }
    return true;
}

static bool place_all(Foreign *f, const Grid *grids, Numbers *numbers, Record *record,
                      RecordBlock *mask)
{
    Reader *r = &f->r;
    RecordedStage scores = RAW;
    record->d_k = scale_of(&numbers[RAW], &numbers[SCALED]);
    if (grids[SCALED].layers && record->d_k == 0) {
        /* Whatever was done to the raw ones, these are what the softmax was given. */
        scores = SCALED;
        record->d_k = 1;
        if (grids[RAW].layers &&
            !reader_warn(r, "the scaled scores are not the raw ones by one factor: they are "
                            "opened in their place"))
            return false;
    }
    if (grids[scores].layers == 0) /* weights alone */
        return place_stage(f, &grids[SOFTMAX], &numbers[SOFTMAX], &record->weights);
    return place_mask(f, &grids[MASKED], &numbers[MASKED], mask) &&
           place_stage(f, &grids[scores], &numbers[scores], &record->scores) &&
           place_stage(f, &grids[SOFTMAX], &numbers[SOFTMAX], &record->recorded);
}

static bool read_stages(Foreign *f, const cJSON *outputs, Grid *grids)
{
    int any = 0;
    for (int i = 0; i < STAGES; i++) {
        if (!foreign_grid(f, outputs, "block_", "_attn_head_", SUFFIXES[i], &grids[i]))
            return false;
        any += grids[i].layers > 0 && i != MASKED;
    }
    if (any == 0)
        return reader_fail(&f->r, outputs,
                           "expected block_0_attn_head_0_attn (raw), …_scaled or …_softmax, "
                           "found none of them");
    return true;
}

/* Stages that are there have the same layers and heads. */
static bool check_stages(Foreign *f, const cJSON *outputs, const Grid *grids)
{
    const Grid *first = NULL;
    for (int i = 0; i < STAGES; i++) {
        if (grids[i].layers == 0)
            continue;
        if (first && (first->layers != grids[i].layers || first->heads != grids[i].heads))
            return reader_fail(
                &f->r, outputs, "heads: expected %d layers of %d heads in …%s, found %d of %d",
                first->layers, first->heads, SUFFIXES[i], grids[i].layers, grids[i].heads);
        first = &grids[i];
    }
    return true;
}

/* Matrices of all stages are of one size. */
static bool check_shapes(Foreign *f, const Grid *grids, const Numbers *numbers)
{
    const Numbers *first = NULL;
    for (int i = 0; i < STAGES; i++) {
        const Numbers *n = &numbers[i];
        if (n->ndim == 0)
            continue;
        if (first && !same_shape(first, n))
            return reader_fail(&f->r, grids[i].items[0],
                               "…%s: expected %lld × %lld numbers, found %lld × %lld", SUFFIXES[i],
                               (long long)first->shape[0], (long long)first->shape[1],
                               (long long)n->shape[0], (long long)n->shape[1]);
        first = n;
    }
    return true;
}

bool foreign_recording(Foreign *f, const cJSON *object)
{
    Reader *r = &f->r;
    Grid grids[STAGES];
    Numbers numbers[STAGES] = {{.ndim = 0}};
    Record record;
    RecordBlock mask = {.tensor = -1};
    const cJSON *outputs = reader_member(object, "outputs");
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    record.certain = true;
    if (!reader_text(r, object, "prompt", &record.title) ||
        !foreign_tokens(f, object, "tokens", &record.queries, &record.query_count))
        return false;
    record.self = record.queries != NULL;
    size_t mark = reader_key(r, "outputs");
    bool ok = read_stages(f, outputs, grids) && check_stages(f, outputs, grids);
    for (int i = 0; ok && i < STAGES; i++)
        ok =
            stage_numbers(f, &grids[i], i == MASKED ? -(double)INFINITY : (double)NAN, &numbers[i]);
    ok = ok && check_shapes(f, grids, numbers) && place_all(f, grids, numbers, &record, &mask);
    for (int i = 0; i < STAGES; i++)
        tensor_free(&numbers[i].tensor);
    if (!ok)
        return false;
    reader_up(r, mark);
    return foreign_add(f, object, &record) && give_masks(f, &mask);
}
