#include "load/load_json.h"

#include <stdio.h>
#include <string.h>

enum { PART_Q, PART_K, PART_V, PART_SCORES, PART_WEIGHTS, PART_RECORDED, PART_COUNT };
static const char *const PARTS[PART_COUNT] = {"q", "k", "v", "scores", "weights", "recorded"};

typedef struct {
    const cJSON *item[PART_COUNT];
    NumbersRef ref[PART_COUNT]; /* without the heads' dimension */
    bool inside[PART_COUNT];
    int heads; /* of a stacked layer; 1 else */
    Entry entry;
    double d_k;
} Parts;

/* The list of what a head has, for messages: "q, weights". */
static void name_parts(const Parts *p, char *out, size_t cap)
{
    size_t used = 0;
    snprintf(out, cap, "none of them");
    for (int i = 0; i < PART_COUNT && used + 1 < cap; i++) {
        if (p->item[i])
            used += (size_t)snprintf(out + used, cap - used, "%s%s", used ? ", " : "", PARTS[i]);
    }
}

static bool find_entry(Reader *r, const cJSON *object, Parts *p)
{
    char found[80];
    bool q = p->item[PART_Q] != NULL, k = p->item[PART_K] != NULL;
    int ways = (q || k) + (p->item[PART_SCORES] != NULL) + (p->item[PART_WEIGHTS] != NULL);
    name_parts(p, found, sizeof found);
    if (ways != 1)
        return reader_fail(r, object, "expected one of q and k, scores, or weights, found %s",
                           found);
    if (q != k)
        return reader_fail(r, object, "expected q and k together, found %s", found);
    p->entry = q ? ENTRY_QK : p->item[PART_SCORES] ? ENTRY_SCORES : ENTRY_WEIGHTS;
    return true;
}

/* All parts of a stacked layer must have as many heads as the first. */
static bool unstack(Reader *r, Parts *p, int part, int first)
{
    NumbersRef *ref = &p->ref[part];
    char shape[80];
    numbers_shape(ref->shape, ref->ndim, shape, sizeof shape);
    if (part == first) {
        if (ref->shape[0] > READER_HEADS_MOST)
            return reader_fail(r, p->item[part], "heads: expected at most %d, found %s",
                               READER_HEADS_MOST, shape);
        p->heads = (int)ref->shape[0];
    } else if (ref->shape[0] != p->heads) {
        bool grouped = part == PART_K || part == PART_V;
        return reader_fail(r, p->item[part],
                           "heads: expected %d as in %s, found %lld in shape %s%s", p->heads,
                           PARTS[first], (long long)ref->shape[0], shape,
                           grouped ? " (heads that share keys are not yet supported)" : "");
    }
    ref->ndim = 2;
    ref->shape[0] = ref->shape[1];
    ref->shape[1] = ref->shape[2];
    return true;
}

static bool check_part(Reader *r, const Parts *p, int part, const DocSentence *s)
{
    const NumbersRef *ref = &p->ref[part];
    bool by_query = part != PART_K && part != PART_V;
    bool square = part >= PART_SCORES;
    int rows = by_query ? s->queries.count : s->keys.count;
    char shape[80];
    numbers_shape(ref->shape, 2, shape, sizeof shape);
    if (ref->shape[0] != rows)
        return reader_fail(r, p->item[part],
                           "expected %d rows, one for each %s, found %lld in shape %s", rows,
                           by_query ? "query" : "key", (long long)ref->shape[0], shape);
    if (square && ref->shape[1] != s->keys.count)
        return reader_fail(r, p->item[part],
                           "expected %d columns, one for each key, found %lld in shape %s",
                           s->keys.count, (long long)ref->shape[1], shape);
    if (part == PART_K && ref->shape[1] != p->ref[PART_Q].shape[1])
        return reader_fail(r, p->item[part],
                           "expected %lld columns as in q, found %lld in shape %s",
                           (long long)p->ref[PART_Q].shape[1], (long long)ref->shape[1], shape);
    return true;
}

static bool read_d_k(Reader *r, const cJSON *object, Parts *p)
{
    const cJSON *item = reader_member(object, "d_k");
    if (!reader_positive(r, object, "d_k", &p->d_k))
        return false;
    if (item && p->entry == ENTRY_QK && p->d_k != (double)p->ref[PART_Q].shape[1]) {
        reader_key(r, "d_k");
        return reader_fail(r, item, "expected %lld, the columns of q, found %.15g",
                           (long long)p->ref[PART_Q].shape[1], p->d_k);
    }
    return true;
}

/* The parts of a head, or of a stacked layer. */
static bool read_parts(Reader *r, const cJSON *object, bool stacked, const DocSentence *s, Parts *p)
{
    int first = -1;
    *p = (Parts){.heads = 1};
    for (int i = 0; i < PART_COUNT; i++) {
        p->item[i] = reader_member(object, PARTS[i]);
        p->ref[i].tensor = -1;
    }
    if (!find_entry(r, object, p))
        return false;
    for (int i = 0; i < PART_COUNT; i++) {
        if (!p->item[i])
            continue;
        size_t mark = reader_key(r, PARTS[i]);
        first = first < 0 ? i : first;
        if (!reader_numbers(r, p->item[i], stacked ? 3 : 2, &p->ref[i]) ||
            (stacked && !unstack(r, p, i, first)) || !check_part(r, p, i, s))
            return false;
        reader_up(r, mark);
    }
    return read_d_k(r, object, p);
}

static DocMatrix part_matrix(const Parts *p, int part, int head)
{
    const NumbersRef *ref = &p->ref[part];
    if (ref->tensor < 0)
        return (DocMatrix){.tensor = -1};
    int64_t size = ref->shape[0] * ref->shape[1];
    return (DocMatrix){ref->tensor, ref->offset + head * size, (int)ref->shape[0],
                       (int)ref->shape[1], ref->shape[1]};
}

static void check_rows(Reader *r, const DocMatrix *weights)
{
    int first = 0;
    double sum = 0, worst = 0;
    int64_t odd = document_odd_rows(r->doc, *weights, &first, &sum, &worst);
    if (odd && r->odd_rows == 0)
        snprintf(r->first_odd, sizeof r->first_odd, "%s[%d]: %.6g", r->path, first, sum);
    r->odd_rows += odd;
    r->rows += weights->rows;
    if (worst > r->worst_row)
        r->worst_row = worst;
}

static void fill_head(Reader *r, const Parts *p, int index, DocHead *head)
{
    DocMatrix *const to[PART_COUNT] = {&head->q,      &head->k,       &head->v,
                                       &head->scores, &head->weights, &head->recorded};
    for (int i = 0; i < PART_COUNT; i++)
        *to[i] = part_matrix(p, i, index);
    head->mask.tensor = -1;
    head->entry = p->entry;
    head->d_k = p->d_k;
    if (p->entry == ENTRY_WEIGHTS) {
        size_t mark = reader_key(r, PARTS[PART_WEIGHTS]);
        check_rows(r, &head->weights);
        reader_up(r, mark);
    }
}

static bool read_heads(Reader *r, const cJSON *list, const DocSentence *s, DocLayer *layer)
{
    const cJSON *item;
    Parts parts;
    size_t mark = reader_key(r, "heads");
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (!cJSON_IsArray(list) || count == 0)
        return reader_expected(r, list, "an array of heads");
    if (count > READER_HEADS_MOST)
        return reader_fail(r, list, "heads: expected at most %d, found %d", READER_HEADS_MOST,
                           count);
    layer->heads = reader_alloc(r, (size_t)count, sizeof *layer->heads);
    if (!layer->heads)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, layer->head_count);
        if (!cJSON_IsObject(item))
            return reader_expected(r, item, "an object");
        if (!read_parts(r, item, false, s, &parts))
            return false;
        fill_head(r, &parts, 0, &layer->heads[layer->head_count++]);
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}

static bool read_stack(Reader *r, const cJSON *object, const DocSentence *s, DocLayer *layer)
{
    Parts parts;
    if (!read_parts(r, object, true, s, &parts))
        return false;
    layer->heads = reader_alloc(r, (size_t)parts.heads, sizeof *layer->heads);
    if (!layer->heads)
        return false;
    for (; layer->head_count < parts.heads; layer->head_count++) {
        fill_head(r, &parts, layer->head_count, &layer->heads[layer->head_count]);
        layer->heads[layer->head_count].entry = parts.entry;
    }
    return true;
}

static bool read_layer(Reader *r, const cJSON *item, const DocSentence *s, DocLayer *layer)
{
    layer->name = "";
    if (!cJSON_IsObject(item))
        return reader_expected(r, item, "an object");
    if (!reader_text(r, item, "name", &layer->name))
        return false;
    const cJSON *heads = reader_member(item, "heads");
    for (int i = 0; heads && i < PART_COUNT; i++) {
        if (reader_member(item, PARTS[i]))
            return reader_fail(r, item, "expected either heads or a stacked %s, found both",
                               PARTS[i]);
    }
    return heads ? read_heads(r, heads, s, layer) : read_stack(r, item, s, layer);
}

bool reader_layers(Reader *r, const cJSON *doc, DocSentence *s)
{
    const cJSON *list = reader_member(doc, "layers"), *item;
    if (!list)
        return reader_fail(r, doc, "expected the key \"layers\", found none");
    size_t mark = reader_key(r, "layers");
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (!cJSON_IsArray(list) || count == 0)
        return reader_expected(r, list, "an array of layers");
    s->layers = reader_alloc(r, (size_t)count, sizeof *s->layers);
    if (!s->layers)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, s->layer_count);
        if (!read_layer(r, item, s, &s->layers[s->layer_count++]))
            return false;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}
