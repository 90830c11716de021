#include "load/load_safetensors.h"
#include "load/json_number.h"
#include "load/json_string.h"
#include "load/json_tree.h"
#include "base/mem.h"
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_START = 8 };

static const struct {
    const char *name;
    int bits;
} DTYPES[] = {{"F32", 32},    {"F16", 16}, {"BF16", 16}, {"F64", 64},    {"I64", 64},
              {"I32", 32},    {"I16", 16}, {"I8", 8},    {"U64", 64},    {"U32", 32},
              {"U16", 16},    {"U8", 8},   {"BOOL", 8},  {"F8_E4M3", 8}, {"F8_E5M2", 8},
              {"F8_E8M0", 8}, {"C64", 64}, {"F4", 4},    {"F6_E2M3", 6}, {"F6_E3M2", 6}};

void safetensors_init(Safetensors *st)
{
    *st = (Safetensors){.file = {.fd = -1}};
    arena_init(&st->arena);
}

void safetensors_free(Safetensors *st)
{
    file_close(&st->file);
    mem_free(st->items);
    mem_free(st->text);
    arena_free(&st->arena);
    safetensors_init(st);
}

static bool text_is(const char *text, size_t from, size_t to, const char *word)
{
    return to - from == strlen(word) && memcmp(text + from, word, to - from) == 0;
}

static bool fail(const char *name, const char *what, Error *err)
{
    char where[120];
    snprintf(where, sizeof where, "header (%.100s)", name);
    return error_at(err, ERROR_MALFORMED, where, "%s", what);
}

/* A whole number of at least 0 at text[at]. */
static bool read_length(const char *text, size_t from, size_t to, int64_t *out)
{
    long long value;
    if (!number_parse_int(text + from, to - from, &value) || value < 0)
        return false;
    *out = value;
    return true;
}

static bool read_shape(SafeTensor *t, const char *text, size_t value, Error *err)
{
    size_t at = value + 1, from, to;
    int64_t length, count = 1;
    if (text[value] != '[')
        return fail(t->name, "shape: expected an array of lengths, found no array", err);
    while (json_item(text, &at, &from, &to)) {
        if (!read_length(text, from, to, &length))
            return fail(t->name,
                        "shape: expected whole numbers of at least 0, found something else", err);
        if (__builtin_mul_overflow(count, length, &count))
            return fail(t->name, "shape: expected fewer than 2^63 numbers, found more", err);
        if (t->ndim == NUMBERS_DIMS)
            t->deep = true;
        else
            t->shape[t->ndim++] = length;
    }
    t->count = count;
    return true;
}

static bool read_offsets(SafeTensor *t, const char *text, size_t value, Error *err)
{
    size_t at = value + 1, from, to;
    int64_t offset[2] = {0, 0};
    int count = 0;
    bool whole = true;
    if (text[value] != '[')
        return fail(t->name, "data_offsets: expected [begin, end], found no array", err);
    for (; json_item(text, &at, &from, &to); count++)
        whole = whole && count < 2 && read_length(text, from, to, &offset[count]);
    if (count != 2 || !whole)
        return fail(t->name,
                    "data_offsets: expected two whole numbers of at least 0, found something else",
                    err);
    t->begin = (uint64_t)offset[0];
    t->end = (uint64_t)offset[1];
    return true;
}

/* {"dtype": …, "shape": …, "data_offsets": …} */
static bool read_entry(SafeTensor *t, const char *text, size_t value, Error *err)
{
    static const char *const names[] = {"dtype", "shape", "data_offsets"};
    bool have[3] = {false, false, false};
    JsonMember m;
    size_t at = value + 1;
    if (text[value] != '{')
        return fail(t->name, "expected an object with dtype, shape and data_offsets, found none",
                    err);
    while (json_member(text, &at, &m)) {
        int known = -1;
        for (int i = 0; i < 3; i++) {
            if (text_is(text, m.key + 1, m.key_end - 1, names[i]))
                known = i;
        }
        if (known < 0)
            return fail(t->name, "expected dtype, shape and data_offsets, found another key", err);
        if (have[known])
            return fail(t->name, "expected each key once, found one again", err);
        have[known] = true;
        if (known == 0) {
            size_t length = m.value_end - m.value;
            if (text[m.value] != '"' || length < 3 || length - 2 >= sizeof t->dtype ||
                memchr(text + m.value, '\\', length))
                return fail(t->name, "dtype: expected a type such as \"F32\", found something else",
                            err);
            memcpy(t->dtype, text + m.value + 1, length - 2);
        } else if (!(known == 1 ? read_shape(t, text, m.value, err)
                                : read_offsets(t, text, m.value, err))) {
            return false;
        }
    }
    for (int i = 0; i < 3; i++) {
        char what[64];
        snprintf(what, sizeof what, "expected the key %s, found none", names[i]);
        if (!have[i])
            return fail(t->name, what, err);
    }
    return true;
}

/* A string of the header, decoded where it stands: that never takes more room. What follows it has
 * been passed already. */
static const char *decode_here(char *text, size_t at)
{
    text[at + json_string_decode(text, at, text + at, NULL)] = '\0';
    return text + at;
}

/* Texts by name. */
static bool read_metadata(Safetensors *st, char *text, size_t value, Error *err)
{
    JsonMember m;
    size_t at = value + 1, count = 0;
    if (text[value] != '{')
        return fail("__metadata__", "expected an object of texts, found none", err);
    uint64_t most = limits_value(&st->request.limits, LIMIT_TENSORS);
    for (; json_member(text, &at, &m); count++) {
        if (count == most)
            return limits_over(&st->request.limits, LIMIT_TENSORS, err, "header (__metadata__)",
                               "texts: expected at most %llu, found more",
                               (unsigned long long)most);
        if (text[m.value] != '"')
            return fail("__metadata__", "expected only texts, found something else", err);
    }
    st->metadata = arena_alloc(&st->arena, count + 1, sizeof *st->metadata);
    if (!st->metadata)
        return error_memory(err);
    for (at = value + 1; json_member(text, &at, &m);)
        st->metadata[st->metadata_count++] =
            (SafeText){decode_here(text, m.key), decode_here(text, m.value)};
    return true;
}

static bool add_entry(Safetensors *st, int *cap, char *text, const JsonMember *m, Error *err)
{
    uint64_t most = limits_value(&st->request.limits, LIMIT_TENSORS);
    if ((uint64_t)st->count >= most)
        return limits_over(&st->request.limits, LIMIT_TENSORS, err, "header",
                           "tensors: expected at most %llu, found more", (unsigned long long)most);
    if (st->count == *cap) {
        int more = *cap ? *cap * 2 : 64;
        SafeTensor *items = mem_resize(st->items, (size_t)more, sizeof *items);
        if (!items)
            return error_memory(err);
        st->items = items;
        *cap = more;
    }
    SafeTensor *t = &st->items[st->count++];
    *t = (SafeTensor){.name = decode_here(text, m->key)};
    return read_entry(t, text, m->value, err);
}

static int order_offsets(const void *a, const void *b)
{
    const SafeTensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int order_names(const void *a, const void *b)
{
    return strcmp(((const SafeTensor *)a)->name, ((const SafeTensor *)b)->name);
}

static bool check_bytes(const SafeTensor *t, Error *err)
{
    char what[160];
    int64_t bits = 0;
    int width = 0;
    for (size_t i = 0; i < sizeof DTYPES / sizeof *DTYPES; i++)
        width = strcmp(t->dtype, DTYPES[i].name) == 0 ? DTYPES[i].bits : width;
    if (width == 0) {
        snprintf(what, sizeof what, "dtype: expected a known type such as F32, found %.15s",
                 t->dtype);
        return fail(t->name, what, err);
    }
    if (__builtin_mul_overflow(t->count, (int64_t)width, &bits) || bits % 8 != 0 ||
        (uint64_t)bits / 8 != t->end - t->begin) {
        snprintf(what, sizeof what, "data: expected %llu bytes for the shape, found %llu",
                 (unsigned long long)((uint64_t)t->count * (uint64_t)width / 8),
                 (unsigned long long)(t->end - t->begin));
        return fail(t->name, what, err);
    }
    return true;
}

/* Before all else: the second of two has a place that is wrong too. */
static bool check_names(Safetensors *st, Error *err)
{
    if (st->count > 1)
        qsort(st->items, (size_t)st->count, sizeof *st->items, order_names);
    for (int i = 1; i < st->count; i++) {
        if (strcmp(st->items[i - 1].name, st->items[i].name) == 0)
            return fail(st->items[i].name, "expected each name once, found it again", err);
    }
    return true;
}

/* Tensors follow each other without gap or overlap and fill the file, as the format demands; so no
 * two of them ever share bytes. */
static bool check_order(Safetensors *st, uint64_t data_bytes, Error *err)
{
    char what[160];
    uint64_t at = 0;
    if (!check_names(st, err))
        return false;
    if (st->count > 1)
        qsort(st->items, (size_t)st->count, sizeof *st->items, order_offsets);
    for (int i = 0; i < st->count; i++) {
        const SafeTensor *t = &st->items[i];
        if (t->begin != at || t->end < t->begin) {
            snprintf(
                what, sizeof what, "data_offsets: expected to begin at %llu, found [%llu, %llu]",
                (unsigned long long)at, (unsigned long long)t->begin, (unsigned long long)t->end);
            return fail(t->name, what, err);
        }
        if (t->end > data_bytes) {
            snprintf(what, sizeof what, "data_offsets: expected to end by %llu, found %llu",
                     (unsigned long long)data_bytes, (unsigned long long)t->end);
            return fail(t->name, what, err);
        }
        if (!check_bytes(t, err))
            return false;
        at = t->end;
    }
    if (at != data_bytes)
        return error_at(err, ERROR_MALFORMED, "data", "expected %llu bytes of tensors, found %llu",
                        (unsigned long long)at, (unsigned long long)data_bytes);
    if (st->count > 1)
        qsort(st->items, (size_t)st->count, sizeof *st->items, order_names);
    return true;
}

static bool read_header(Safetensors *st, char *text, size_t length, const LoadRequest *request,
                        Error *err)
{
    JsonMember m;
    size_t at = 1;
    int cap = 0, metadata = 0;
    if (text[0] != '{')
        return error_at(err, ERROR_MALFORMED, "byte 0x8 (header)",
                        "expected '{', found byte 0x%02X", (unsigned)(unsigned char)text[0]);
    if (!json_scan(text, length, request, NULL, err))
        return error_within(err, "header");
    while (json_member(text, &at, &m)) {
        bool is_metadata = text_is(text, m.key + 1, m.key_end - 1, "__metadata__");
        metadata += is_metadata;
        if (metadata > 1)
            return fail("__metadata__", "expected once, found it again", err);
        if (!(is_metadata ? read_metadata(st, text, m.value, err)
                          : add_entry(st, &cap, text, &m, err)))
            return false;
    }
    return true;
}

bool safetensors_open(Safetensors *st, const char *path, const LoadRequest *request, Error *err)
{
    unsigned char start[HEADER_START];
    uint64_t length = 0;
    st->request = *request;
    if (!file_open(&st->file, path, err))
        return false;
    uint64_t size = st->file.stamp.size;
    if (size < HEADER_START)
        return error_at(err, ERROR_MALFORMED, "byte 0x0 (header length)",
                        "expected at least 8 bytes, found %llu", (unsigned long long)size);
    if (!file_read_at(&st->file, start, HEADER_START, 0, err))
        return false;
    for (int i = 0; i < HEADER_START; i++)
        length |= (uint64_t)start[i] << (8 * i);
    if (length < 2 || length > size - HEADER_START)
        return error_at(err, ERROR_MALFORMED, "byte 0x0 (header length)",
                        "expected 2 … %llu, the rest of the file, found %llu",
                        (unsigned long long)(size - HEADER_START), (unsigned long long)length);
    uint64_t most = limits_value(&request->limits, LIMIT_HEADER_BYTES);
    if (length > most)
        return limits_over(&request->limits, LIMIT_HEADER_BYTES, err, "byte 0x0 (header length)",
                           "expected at most %llu, found %llu", (unsigned long long)most,
                           (unsigned long long)length);
    st->text = mem_alloc((size_t)length + 1);
    if (!st->text)
        return error_memory(err);
    st->text[length] = '\0';
    st->data = HEADER_START + length;
    return file_read_at(&st->file, st->text, (size_t)length, HEADER_START, err) &&
           read_header(st, st->text, (size_t)length, request, err) &&
           check_order(st, size - st->data, err);
}

const SafeTensor *safetensors_find(const Safetensors *st, const char *name)
{
    SafeTensor key = {.name = name};
    if (st->count == 0)
        return NULL;
    return bsearch(&key, st->items, (size_t)st->count, sizeof *st->items, order_names);
}

RawType safetensors_type(const SafeTensor *tensor)
{
    static const struct {
        const char *name;
        RawType type;
    } types[] = {{"F32", {RAW_FLOAT, 4, false}},
                 {"F64", {RAW_FLOAT, 8, false}},
                 {"F16", {RAW_FLOAT, 2, false}},
                 {"BF16", {RAW_BFLOAT, 2, false}}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(tensor->dtype, types[i].name) == 0)
            return types[i].type;
    }
    return (RawType){RAW_FLOAT, 0, false};
}

const char *safetensors_unreadable(const SafeTensor *tensor)
{
    if (safetensors_type(tensor).size == 0)
        return tensor->dtype;
    if (tensor->count == 0)
        return "an empty array";
    if (tensor->deep)
        return "more than 8 dimensions";
    return tensor->ndim == 0 ? "a single number" : NULL;
}

bool safetensors_read(const Safetensors *st, const SafeTensor *tensor, Numbers *out,
                      uint64_t memory, Error *err)
{
    char what[200];
    RawType type = safetensors_type(tensor);
    *out = (Numbers){0};
    if (type.size == 0) {
        snprintf(what, sizeof what, "cannot be shown: %s: expected F32, F16, BF16 or F64",
                 tensor->dtype);
        return fail(tensor->name, what, err);
    }
    size_t bytes = (size_t)(tensor->end - tensor->begin);
    if (tensor->ndim == 0 || tensor->deep || bytes == 0) {
        char shape[100];
        numbers_shape(tensor->shape, tensor->ndim, shape, sizeof shape);
        snprintf(what, sizeof what, "shape: expected 1 … 8 dimensions, none empty, found %s",
                 shape);
        return fail(tensor->name, what, err);
    }
    NumbersFile from = {&st->file, st->data + tensor->begin};
    NumbersSource source = numbers_of_file(&from);
    out->ndim = tensor->ndim;
    memcpy(out->shape, tensor->shape, sizeof out->shape);
    if (numbers_stream(out, type, false, &source, &st->request, memory, err) &&
        file_unchanged(&st->file, err))
        return true;
    tensor_free(&out->tensor);
    return false;
}
