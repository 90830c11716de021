/* What the viewers keep in their pages: BertViz, CircuitsVis, Inspectus. Rows are queries in all of
 * them. */
#include "load/foreign_read.h"
#include "load/json_string.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool same_texts(const Record *a)
{
    if (!a->queries || !a->keys || a->query_count != a->key_count)
        return false;
    for (int i = 0; i < a->query_count; i++) {
        if (strcmp(a->queries[i], a->keys[i]) != 0)
            return false;
    }
    return true;
}

/* Equal lists are one sentence looking at itself. */
static void join_axes(Record *record)
{
    if (!same_texts(record))
        return;
    record->self = true;
    record->keys = NULL;
    record->key_count = 0;
}

/* ---- BertViz ---- */

/* "include_layers": [3, 5]: which of the model's layers (heads) these are; count 0: not told, or
 * simply the first ones. */
typedef struct {
    double *at;
    int64_t count;
} Included;

static bool read_included(Foreign *f, const cJSON *params, const char *key, Included *out)
{
    Reader *r = &f->r;
    const cJSON *item = reader_member(params, key);
    bool plain = true;
    *out = (Included){.count = 0};
    if (!item || cJSON_IsNull(item))
        return true;
    size_t mark = reader_key(r, key);
    if (!reader_list(r, item, 0, &out->at, &out->count))
        return false;
    for (int64_t i = 0; i < out->count; i++)
        plain = plain && out->at[i] == (double)i;
    out->count = plain ? 0 : out->count;
    reader_up(r, mark);
    return true;
}

static bool name_layers(Foreign *f, const Included *layers, Record *record)
{
    Reader *r = &f->r;
    int have = record->weights.tensor >= 0 ? record->weights.layers : record->q.layers;
    if (layers->count == 0 || layers->count != have)
        return true;
    const char **names = reader_alloc(r, (size_t)layers->count, sizeof *names);
    if (!names)
        return false;
    for (int64_t i = 0; i < layers->count; i++) {
        char text[40];
        snprintf(text, sizeof text, "layer %.15g", layers->at[i]);
        names[i] = arena_text(&r->doc->arena, text, strlen(text));
        if (!names[i])
            return error_memory(r->err);
    }
    record->layer_names = names;
    return true;
}

/* Heads have no names; which of the model's they are is told in words. */
static bool tell_heads(Foreign *f, const Included *heads, Record *record)
{
    char text[200];
    if (heads->count == 0)
        return true;
    size_t used = (size_t)snprintf(text, sizeof text, "heads of the model:");
    for (int64_t i = 0; i < heads->count && used + 28 < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %.15g", i ? "," : "",
                                 heads->at[i]);
    record->about = arena_text(&f->r.doc->arena, text, strlen(text));
    return record->about || error_memory(f->r.err);
}

/* One of the attentions, {"attn", "left_text", "right_text"} and perhaps "queries" and "keys". */
static bool bertviz_one(Foreign *f, const Included *layers, const Included *heads,
                        const cJSON *object, const char *title)
{
    Reader *r = &f->r;
    Record record;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    record.certain = true;
    record.title = title;
    const cJSON *attn = reader_member(object, "attn"), *q = reader_member(object, "queries"),
                *k = reader_member(object, "keys");
    if (!attn)
        return reader_fail(r, object, "expected the key \"attn\", found none");
    if (!foreign_tokens(f, object, "left_text", &record.queries, &record.query_count) ||
        !foreign_tokens(f, object, "right_text", &record.keys, &record.key_count))
        return false;
    if ((q != NULL) != (k != NULL))
        return reader_fail(r, object, "expected both \"queries\" and \"keys\", found only \"%s\"",
                           q ? "queries" : "keys");
    if (q && (!foreign_block(r, q, NAN, &record.q) || !foreign_block(r, k, NAN, &record.k)))
        return false;
    if (!foreign_block(r, attn, NAN, q ? &record.recorded : &record.weights))
        return false;
    if (q && object->string && strcmp(object->string, "all") != 0)
        record.about = "a part of All: the recorded weights were normalised over all of its keys";
    join_axes(&record);
    return name_layers(f, layers, &record) && tell_heads(f, heads, &record) &&
           foreign_add(f, object, &record);
}

/* "aa" is how the neuron view calls what others call "Sentence A -> Sentence A". */
static const char *long_name(const char *key)
{
    static const char *const names[][2] = {{"all", "All"},
                                           {"aa", "Sentence A -> Sentence A"},
                                           {"ab", "Sentence A -> Sentence B"},
                                           {"ba", "Sentence B -> Sentence A"},
                                           {"bb", "Sentence B -> Sentence B"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i][0], key) == 0)
            return names[i][1];
    }
    return "";
}

static bool bertviz_title(Foreign *f, const cJSON *item, bool single, const char **title)
{
    const cJSON *name = reader_member(item, "name");
    *title = single || !item->string ? "" : long_name(item->string);
    if (!name || !cJSON_IsString(name))
        return true;
    *title = json_text(f->r.tree, name, &f->r.doc->arena);
    return *title || error_memory(f->r.err);
}

/* One of several that is wrong does not take the others with it. */
static bool bertviz_item(Foreign *f, const Included *layers, const Included *heads,
                         const cJSON *item, bool single)
{
    Reader *r = &f->r;
    Error why = {0}, *err = r->err;
    const char *title = "";
    if (!single)
        r->err = &why;
    bool ok = cJSON_IsObject(item) ? bertviz_title(f, item, single, &title) &&
                                         bertviz_one(f, layers, heads, item, title)
                                   : reader_expected(r, item, "an object with \"attn\"");
    r->err = err;
    if (ok || single)
        return ok;
    return why.kind == ERROR_MALFORMED ? foreign_problem(f, title ? title : "", &why)
                                       : error_at(err, why.kind, why.where, "%s", why.what);
}

static const char *bertviz_view(const cJSON *params, const cJSON *attention)
{
    const cJSON *first = attention->child;
    if (first && cJSON_IsObject(first) && reader_member(first, "queries"))
        return "BertViz neuron view";
    if (reader_member(params, "include_heads") || reader_member(params, "total_heads") ||
        (reader_member(params, "display_mode") && !reader_member(params, "head")))
        return "BertViz model view";
    return "BertViz head view";
}

bool foreign_bertviz(Foreign *f, const cJSON *params)
{
    Reader *r = &f->r;
    const cJSON *attention = reader_member(params, "attention"), *item;
    const cJSON *both_ways = reader_member(params, "bidirectional");
    Included layers, heads;
    int n = 0;
    r->doc->format = bertviz_view(params, attention);
    if (!read_included(f, params, "include_layers", &layers) ||
        !read_included(f, params, "include_heads", &heads))
        return false;
    if (both_ways && cJSON_IsFalse(both_ways) && !foreign_setting(f, "mask.causal", "true"))
        return false;
    size_t mark = reader_key(r, "attention");
    bool single = attention->child && !attention->child->next;
    cJSON_ArrayForEach(item, attention)
    {
        size_t at = item->string ? reader_key(r, item->string) : reader_index(r, n);
        n++;
        if (!bertviz_item(f, &layers, &heads, item, single))
            return false;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}

/* ---- CircuitsVis: {"tokens", "attention": [heads][n][n] or [n][n]} ---- */

/* "heads: L0H1, L0H2" */
static bool tell_names(Foreign *f, const cJSON *props, Record *record)
{
    Reader *r = &f->r;
    const char *const *names = NULL;
    char text[300];
    int count = 0;
    if (cJSON_IsNull(reader_member(props, "attentionHeadNames")))
        return true;
    if (!foreign_tokens(f, props, "attentionHeadNames", &names, &count))
        return false;
    size_t used = (size_t)snprintf(text, sizeof text, "heads:");
    for (int i = 0; i < count && used + 40 < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %.*s", i ? "," : "",
                                 (int)utf8_cut(names[i], strlen(names[i]), 30), names[i]);
    if (count)
        record->about = arena_text(&r->doc->arena, text, strlen(text));
    return record->about || error_memory(r->err);
}

bool foreign_circuitsvis(Foreign *f, const cJSON *props)
{
    Reader *r = &f->r;
    Record record;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    record.certain = true;
    const cJSON *attention = reader_member(props, "attention");
    r->doc->format = "CircuitsVis";
    if (!attention || !reader_member(props, "tokens"))
        return reader_fail(r, props, "expected the keys \"tokens\" and \"attention\", found %s",
                           attention ? "no \"tokens\"" : "no \"attention\"");
    if (!foreign_tokens(f, props, "tokens", &record.queries, &record.query_count))
        return false;
    record.self = true;
    return tell_names(f, props, &record) && foreign_block(r, attention, NAN, &record.weights) &&
           foreign_add(f, props, &record);
}

/* ---- Inspectus: {"attention": [{"values", "info": {"layer", "head"}, "shape"}], tokens} ---- */

typedef struct {
    const cJSON **items; /* in the order of layers and heads */
    int count, layers, heads;
    int64_t rows, cols;
} Maps;

/* A member of "info": −1 when it is not there or no small whole number. */
static int info_number(const Reader *r, const cJSON *map, const char *key)
{
    const cJSON *info = reader_member(map, "info"), *item;
    double value;
    item = info && cJSON_IsObject(info) ? reader_member(info, key) : NULL;
    if (!item || !json_real(r->tree, item, &value) || value < 0 || value >= READER_HEADS_MOST ||
        value != floor(value))
        return -1;
    return (int)value;
}

/* Maps that have a layer and a head each, none missing and none twice, in that order; false: they
 * are not so, and stay as they are. */
static bool order_maps(const Reader *r, const cJSON *list, Maps *maps)
{
    const cJSON *item;
    int layers = 0, heads = 0;
    cJSON_ArrayForEach(item, list)
    {
        int layer = info_number(r, item, "layer"), head = info_number(r, item, "head");
        if (layer < 0)
            return false;
        layers = layer >= layers ? layer + 1 : layers;
        heads = head >= heads ? head + 1 : heads;
    }
    heads = heads ? heads : 1;
    if (layers * heads != maps->count)
        return false;
    memset(maps->items, 0, (size_t)maps->count * sizeof *maps->items);
    cJSON_ArrayForEach(item, list)
    {
        int head = info_number(r, item, "head");
        int at = info_number(r, item, "layer") * heads + (head < 0 ? 0 : head);
        if (maps->items[at])
            return false;
        maps->items[at] = item;
    }
    maps->layers = layers;
    maps->heads = heads;
    return true;
}

static bool list_maps(Foreign *f, const cJSON *list, Maps *maps)
{
    Reader *r = &f->r;
    const cJSON *item;
    int n = 0;
    *maps = (Maps){.count = cJSON_GetArraySize(list), .layers = 1};
    maps->heads = maps->count;
    maps->items = reader_alloc(r, (size_t)maps->count, sizeof *maps->items);
    if (!maps->items)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsObject(item) || !reader_member(item, "values")) {
            reader_index(r, n);
            return reader_expected(r, item, "an object with \"values\"");
        }
        n++;
    }
    if (order_maps(r, list, maps))
        return true;
    maps->layers = 1;
    maps->heads = maps->count;
    n = 0;
    cJSON_ArrayForEach(item, list) maps->items[n++] = item;
    return reader_warn(r, "the maps have no whole set of layer and head numbers: they are heads "
                          "of one layer, in the order of the file");
}

/* How long the string at this item is in the text, without quotes; base64 has no escapes but "\/",
 * which no writer of these pages makes. */
static const char *values_text(const Reader *r, const cJSON *item, size_t *length)
{
    size_t from = json_from(r->tree, item) + 1;
    *length = json_string_end(r->tree->text, from - 1) - 1 - from;
    return r->tree->text + from;
}

/* shape and length of one map agree with the others and with each other. */
static bool check_map(Foreign *f, const cJSON *map, Maps *maps)
{
    Reader *r = &f->r;
    int64_t shape[NUMBERS_DIMS];
    int ndim = 0;
    size_t length;
    const cJSON *values = reader_member(map, "values");
    if (!cJSON_IsString(values))
        return reader_expected(r, values, "base64 text as in the first map");
    if (!reader_member(map, "shape"))
        return reader_fail(r, map, "expected the key \"shape\", found none");
    if (!reader_lengths(r, map, "shape", 1, shape, &ndim))
        return false;
    if (ndim != 2 || shape[0] > READER_LENGTH_MOST || shape[1] > READER_LENGTH_MOST)
        return reader_fail(r, reader_member(map, "shape"),
                           "shape: expected [rows, columns] of at most %d each, found other",
                           READER_LENGTH_MOST);
    if (maps->rows == 0) {
        maps->rows = shape[0];
        maps->cols = shape[1];
    }
    if (maps->rows != shape[0] || maps->cols != shape[1])
        return reader_fail(r, reader_member(map, "shape"),
                           "shape: expected [%lld, %lld] as in the first map, found [%lld, %lld]",
                           (long long)maps->rows, (long long)maps->cols, (long long)shape[0],
                           (long long)shape[1]);
    const char *text = values_text(r, values, &length);
    uint64_t want = (uint64_t)shape[0] * (uint64_t)shape[1] * sizeof(float);
    uint64_t have = (uint64_t)length / 4 * 3;
    have -= length >= 4 && text[length - 1] == '=';
    have -= length >= 4 && text[length - 2] == '=';
    return have == want ||
           reader_fail(r, values, "values: expected %llu bytes for the shape, found %llu",
                       (unsigned long long)want, (unsigned long long)have);
}

static bool decode_maps(Foreign *f, const Maps *maps, Numbers *n)
{
    Reader *r = &f->r;
    size_t one = (size_t)(maps->rows * maps->cols) * sizeof(float), length, bad;
    uint64_t all = (uint64_t)one * (uint64_t)maps->count; /* below the size of the text */
    if (all > r->memory)
        return reader_over(r, maps->items[0], LIMIT_MEMORY,
                           "memory: expected at most %llu bytes, found %llu",
                           (unsigned long long)r->memory, (unsigned long long)all);
    unsigned char *bytes = mem_alloc((size_t)all);
    if (!bytes)
        return error_memory(r->err);
    for (int i = 0; i < maps->count; i++) {
        const cJSON *values = reader_member(maps->items[i], "values");
        const char *text = values_text(r, values, &length);
        if (base64_decode(text, length, bytes + one * (size_t)i, one, &bad) == (int64_t)one)
            continue;
        char found[JSON_FOUND_SIZE];
        json_found(text, length, bad, found);
        mem_free(bytes);
        return reader_fail_as(r, ERROR_MALFORMED, json_from(r->tree, values) + 1 + bad,
                              "values: expected base64 (A-Z a-z 0-9 + / =), found %s", found);
    }
    *n = (Numbers){.ndim = 2, .shape = {maps->rows, maps->cols}};
    RawType type = {RAW_FLOAT, 4, false};
    return numbers_take(n, bytes, type, (int64_t)(all / sizeof(float)), r->err);
}

static bool read_maps(Foreign *f, const cJSON *list, Maps *maps, RecordBlock *block)
{
    Reader *r = &f->r;
    Numbers numbers = {.ndim = 0};
    if (!cJSON_IsString(reader_member(maps->items[0], "values"))) { /* before they were packed */
        for (int i = 0; i < maps->count; i++)
            maps->items[i] = reader_member(maps->items[i], "values");
        return foreign_heads(r, maps->items, maps->layers, maps->heads, block);
    }
    int n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        size_t mark = reader_index(r, n++);
        if (!check_map(f, item, maps))
            return false;
        reader_up(r, mark);
    }
    bool ok = decode_maps(f, maps, &numbers) &&
              foreign_stage(r, maps->items[0], &numbers, 0, maps->layers, maps->heads, block);
    tensor_free(&numbers.tensor);
    return ok;
}

bool foreign_inspectus(Foreign *f, const cJSON *object)
{
    Reader *r = &f->r;
    Record record;
    Maps maps;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    record.certain = true;
    const cJSON *list = reader_member(object, "attention");
    r->doc->format = "Inspectus";
    size_t mark = reader_key(r, "attention");
    if (!list || !cJSON_IsArray(list) || !list->child)
        return reader_fail(r, list ? list : object, "expected a list of maps, found %s",
                           json_type(r->tree, list));
    if (!list_maps(f, list, &maps) || !read_maps(f, list, &maps, &record.weights))
        return false;
    reader_up(r, mark);
    /* "src_tokens" are those of the rows. */
    if (!foreign_tokens(f, object, "src_tokens", &record.queries, &record.query_count) ||
        !foreign_tokens(f, object, "tgt_tokens", &record.keys, &record.key_count))
        return false;
    join_axes(&record);
    return foreign_add(f, object, &record);
}
