/* What arrays there are, by headers alone. */
#include "load/tensors.h"
#include "load/json_scan.h"
#include "load/json_string.h"
#include "load/json_tree.h"
#include "load/lines.h"
#include "load/sniff.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARD_SLOTS = 2 * LIMIT_MOST_SHARDS };

const char *const ROLE_NAMES[] = {"",       "q",      "k",       "v",   "attention",
                                  "scores", "tokens", "queries", "keys"};

void tensors_init(TensorList *list)
{
    *list = (TensorList){0};
    arena_init(&list->arena);
}

void tensors_free(TensorList *list)
{
    mem_free(list->items);
    arena_free(&list->arena);
    tensors_init(list);
}

static const char *copy(TensorList *list, const char *text, Error *err)
{
    const char *out = arena_text(&list->arena, text, strlen(text));
    if (!out)
        error_memory(err);
    return out;
}

/* One more; its texts are copied. */
static bool add(TensorList *list, const TensorItem *item, Error *err)
{
    if ((list->count & (list->count - 1)) == 0) { /* full at every power of two */
        TensorItem *items =
            mem_resize(list->items, list->count ? (size_t)list->count * 2 : 1, sizeof *items);
        if (!items)
            return error_memory(err);
        list->items = items;
    }
    TensorItem *out = &list->items[list->count];
    *out = *item;
    out->name = copy(list, item->name, err);
    out->dtype = copy(list, item->dtype, err);
    out->why = copy(list, item->why ? item->why : "", err);
    if (!out->name || !out->dtype || !out->why)
        return false;
    list->count++;
    return true;
}

static bool add_npy_header(TensorList *list, const char *file, TensorSource source,
                           const char *name, const NpyHeader *h, const char *why, Error *err)
{
    bool texts = h->kind == NPY_TEXTS_UTF32 || h->kind == NPY_TEXTS_BYTES;
    TensorItem item = {.file = file,
                       .name = name,
                       .dtype = h->descr,
                       .source = source,
                       .ndim = h->ndim,
                       .texts = texts && !why,
                       .numbers = !texts && !why,
                       .why = why};
    memcpy(item.shape, h->shape, sizeof item.shape);
    return add(list, &item, err);
}

static bool list_npy(TensorList *list, const char *file, const LoadRequest *request, Error *err)
{
    NpyHeader h;
    File open;
    bool ok = npy_open(&h, &open, file, err);
    const char *why = ok ? npy_unreadable(&h) : NULL;
    uint64_t bytes;
    /* A file that was cut is told as that, whatever its array may be for. */
    ok =
        ok && (why || npy_size(&h, open.stamp.size - h.data, request->allow_trailing, &bytes, err));
    file_close(&open);
    if (!ok)
        return false;
    bool texts = h.kind == NPY_TEXTS_UTF32 || h.kind == NPY_TEXTS_BYTES;
    if (!why && h.count == 0)
        why = "an empty array";
    if (!why && h.ndim == 0 && !texts)
        why = "a single number";
    return add_npy_header(list, file, TENSOR_NPY, "", &h, why, err);
}

static bool list_npz(TensorList *list, const char *file, const LoadRequest *request, Error *err)
{
    Npz npz;
    npz_init(&npz);
    bool ok = npz_open(&npz, file, request, err);
    for (int i = 0; ok && i < npz.count; i++) {
        const NpzItem *item = &npz.items[i];
        ok = add_npy_header(list, file, TENSOR_NPZ, item->name, &item->header,
                            item->readable ? NULL : item->why, err);
    }
    npz_free(&npz);
    return ok;
}

/* How many texts a JSON list of nothing but texts has; 0: it is none. */
static bool count_texts(const char *text, int64_t *count, Error *err)
{
    size_t length = strlen(text), at = 1, from, to;
    Error why = {0};
    *count = 0;
    if (text[0] != '[')
        return true;
    if (!json_scan(text, length, &(LoadRequest){0}, NULL, &why))
        return why.kind != ERROR_LIMIT || error_set(err, why.kind, "%s", why.what);
    int64_t found = 0;
    while (json_item(text, &at, &from, &to)) {
        if (text[from] != '"')
            return true;
        found++;
    }
    *count = found;
    return true;
}

static bool list_metadata(TensorList *list, const char *file, const Safetensors *st, Error *err)
{
    for (int i = 0; i < st->metadata_count; i++) {
        int64_t count = 0;
        if (!count_texts(st->metadata[i].value, &count, err))
            return false;
        TensorItem item = {.file = file,
                           .name = st->metadata[i].name,
                           .dtype = "texts",
                           .source = TENSOR_METADATA,
                           .ndim = 1,
                           .shape = {count},
                           .texts = true};
        if (count > 0 && !add(list, &item, err))
            return false;
    }
    return true;
}

static bool list_safetensors(TensorList *list, const char *file, const LoadRequest *request,
                             Error *err)
{
    Safetensors st;
    safetensors_init(&st);
    bool ok = safetensors_open(&st, file, request, err);
    for (int i = 0; ok && i < st.count; i++) {
        const SafeTensor *t = &st.items[i];
        const char *why = safetensors_unreadable(t);
        TensorItem item = {.file = file,
                           .name = t->name,
                           .dtype = t->dtype,
                           .source = TENSOR_SAFETENSORS,
                           .ndim = t->ndim,
                           .numbers = !why,
                           .why = why};
        memcpy(item.shape, t->shape, sizeof item.shape);
        ok = add(list, &item, err);
    }
    ok = ok && list_metadata(list, file, &st, err);
    safetensors_free(&st);
    return ok;
}

static bool list_lines(TensorList *list, const char *file, const LoadRequest *request, Error *err)
{
    Lines lines;
    Error why = {0};
    int64_t count = 0;
    if (!lines_open(&lines, file, request, err))
        return false;
    while (lines_next(&lines, &why))
        count++;
    lines_close(&lines);
    if (why.kind != ERROR_NONE) {
        if (err && err->kind == ERROR_NONE)
            *err = why;
        return false;
    }
    TensorItem item = {.file = file,
                       .name = "",
                       .dtype = "lines",
                       .source = TENSOR_LINES,
                       .ndim = 1,
                       .shape = {count},
                       .texts = count > 0,
                       .why = count > 0 ? NULL : "an empty file"};
    return add(list, &item, err);
}

/* The object behind "weight_map" of a checked text; 0: there is none. */
static size_t weight_map(const char *text)
{
    JsonMember m;
    size_t at = 0;
    while (text[at] && strchr(" \t\r\n", text[at]))
        at++;
    if (text[at++] != '{')
        return 0;
    while (json_member(text, &at, &m)) {
        if (m.key_end - m.key == 12 && memcmp(text + m.key, "\"weight_map\"", 12) == 0)
            return text[m.value] == '{' ? m.value : 0;
    }
    return 0;
}

bool tensors_is_index(const char *text, size_t size)
{
    return memmem(text, size, "\"weight_map\"", 12) &&
           json_scan(text, size, &(LoadRequest){0}, NULL, NULL) && weight_map(text) > 0;
}

static int order_slices(const void *a, const void *b)
{
    const Slice *x = a, *y = b;
    size_t least = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->at, y->at, least);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Two places for one array: nobody can say which is meant. */
static bool index_names(const char *text, const LoadLimits *limits, Error *err)
{
    JsonMember m;
    size_t start = weight_map(text) + 1, at = start, count = 0;
    while (start > 1 && json_member(text, &at, &m))
        count++;
    uint64_t most = limits_value(limits, LIMIT_TENSORS);
    if (count > most)
        return limits_over(limits, LIMIT_TENSORS, err, "weight_map",
                           "tensors: expected at most %llu, found %zu", (unsigned long long)most,
                           count);
    Slice *keys = mem_array(count + 1, sizeof *keys);
    if (!keys)
        return error_memory(err);
    at = start;
    for (size_t i = 0; i < count && json_member(text, &at, &m); i++)
        keys[i] = (Slice){text + m.key, m.key_end - m.key};
    qsort(keys, count, sizeof *keys, order_slices);
    bool ok = true;
    for (size_t i = 1; ok && i < count; i++) {
        if (order_slices(&keys[i - 1], &keys[i]) == 0)
            ok = error_at(err, ERROR_MALFORMED, "weight_map",
                          "key %.*s: expected once in an object, found again",
                          (int)utf8_cut(keys[i].at, keys[i].length, 100), keys[i].at);
    }
    mem_free(keys);
    return ok;
}

/* The place of a shard in a table that is at most half full: where it is, or where it belongs. */
static size_t shard_slot(const uint16_t *table, const char *const *shards, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    size_t slot = hash % SHARD_SLOTS;
    while (table[slot] && strcmp(shards[table[slot] - 1], name) != 0)
        slot = (slot + 1) % SHARD_SLOTS;
    return slot;
}

/* Each shard once, in the order of the index. */
static bool index_shards(TensorList *list, const char *text, const char ***out, int *count,
                         Error *err)
{
    JsonMember m;
    size_t at = weight_map(text) + 1;
    int cap = 0;
    char name[1024];
    const char **shards = NULL;
    uint16_t *table = mem_zero(SHARD_SLOTS, sizeof *table);
    bool ok = (table || error_memory(err)) &&
              (at > 1 || error_at(err, ERROR_MALFORMED, "weight_map",
                                  "expected an object of names and files, found none"));
    while (ok && json_member(text, &at, &m)) {
        size_t length = 0;
        if (text[m.value] == '"' && m.value_end - m.value < sizeof name)
            length = json_string_decode(text, m.value, name, NULL);
        name[length] = '\0';
        if (text[m.value] != '"') {
            ok = error_at(err, ERROR_MALFORMED, "weight_map",
                          "shard: expected the name of a file beside the index, found no text");
            break;
        }
        if (length == 0 || strchr(name, '/') || strchr(name, '\\') || !path_stays_inside(name)) {
            ok = error_at(err, ERROR_MALFORMED, "weight_map",
                          "shard: expected the name of a file beside the index, found \"%.120s\"",
                          name);
            break;
        }
        size_t slot = shard_slot(table, shards, name);
        if (table[slot])
            continue;
        if (*count == cap) {
            const char **more = mem_resize(shards, cap ? (size_t)cap * 2 : 16, sizeof *more);
            ok = more || error_memory(err);
            shards = more ? more : shards;
            cap = cap ? cap * 2 : 16;
        }
        ok = ok && (*count < LIMIT_MOST_SHARDS ||
                    limits_over(NULL, LIMIT_SHARDS, err, "weight_map",
                                "shards: expected at most %d, found more", LIMIT_MOST_SHARDS));
        const char *kept = ok ? copy(list, name, err) : NULL;
        ok = kept != NULL;
        if (!ok)
            break;
        shards[(*count)++] = kept;
        table[slot] = (uint16_t)*count;
    }
    mem_free(table);
    *out = shards;
    return ok;
}

/* All that are not there are named, so that they can be fetched at once. */
static bool check_shards(const char *folder, const char *const *shards, int count, Error *err)
{
    char path[4096], missing[200] = "";
    int gone = 0;
    for (int i = 0; i < count; i++) {
        FileStamp stamp;
        size_t used = strlen(missing);
        if (path_join(path, sizeof path, folder, shards[i]) && file_stamp(path, &stamp))
            continue;
        utf8_format(missing + used, sizeof missing - used, "%s%s", gone++ ? ", " : "", shards[i]);
    }
    return gone == 0 || error_set(err, ERROR_IO,
                                  "shards: expected %d files beside the index, found %d missing: "
                                  "%s",
                                  count, gone, missing);
}

static bool list_index(TensorList *list, const char *file, const LoadRequest *request, Error *err)
{
    Buf text;
    char folder[4096], path[4096];
    const char **shards = NULL;
    int count = 0;
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = limits_read_file(&request->limits, LIMIT_FILE_BYTES, file, request->cancel, &text,
                               NULL, err) &&
              json_scan(buf_string(&text), text.size, request, NULL, err) &&
              index_names(buf_string(&text), &request->limits, err) &&
              index_shards(list, buf_string(&text), &shards, &count, err);
    ok = ok && (path_dir(folder, sizeof folder, file) ||
                error_set(err, ERROR_IO, "expected a shorter path"));
    ok = ok && check_shards(folder, shards, count, err);
    buf_free(&text);
    for (int i = 0; ok && i < count; i++) {
        ok = path_join(path, sizeof path, folder, shards[i]);
        const char *shard = ok ? copy(list, path, err) : NULL;
        ok = shard &&
             (list_safetensors(list, shard, request, err) || error_within(err, "%.80s", shards[i]));
    }
    mem_free(shards);
    return ok;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length > size && strcmp(text + length - size, end) == 0;
}

static bool list_file(TensorList *list, const char *given, const LoadRequest *request, Error *err)
{
    Sniff kind = SNIFF_UNKNOWN;
    const char *file = copy(list, given, err);
    if (!file || !sniff_file(file, &kind, err))
        return false;
    if (kind == SNIFF_NPY || (kind == SNIFF_UNKNOWN && ends_with(file, ".npy")))
        return list_npy(list, file, request, err);
    if (kind == SNIFF_ZIP || (kind == SNIFF_UNKNOWN && ends_with(file, ".npz")))
        return list_npz(list, file, request, err);
    if (kind == SNIFF_SAFETENSORS || (kind == SNIFF_UNKNOWN && ends_with(file, ".safetensors")))
        return list_safetensors(list, file, request, err);
    if (kind == SNIFF_JSON)
        return list_index(list, file, request, err);
    if (kind == SNIFF_UNKNOWN || kind == SNIFF_EMPTY || kind == SNIFF_BRACKET)
        return list_lines(list, file, request, err);
    return error_set(err, ERROR_MALFORMED,
                     "expected arrays (.npy, .npz, .safetensors) or sentences, found %s",
                     sniff_name(kind));
}

bool tensors_list(TensorList *list, const char *const *paths, int count, const LoadRequest *request,
                  Error *err)
{
    for (int i = 0; i < count; i++) {
        if (request->cancel && atomic_load(request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        if (list_file(list, paths[i], request, err))
            continue;
        if (i > 0)
            error_within(err, "%.80s", path_base(paths[i]));
        return false;
    }
    return true;
}

/* Is this the only array of its file? */
static bool is_alone(const TensorList *list, int item)
{
    const char *file = list->items[item].file;
    return (item == 0 || list->items[item - 1].file != file) &&
           (item + 1 == list->count || list->items[item + 1].file != file);
}

const char *tensors_name(const TensorList *list, int item)
{
    const TensorItem *t = &list->items[item];
    return t->name[0] || !is_alone(list, item) ? t->name : path_base(t->file);
}
