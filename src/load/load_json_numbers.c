#include "load/load_json.h"
#include "load/json_number.h"
#include "load/load_npy.h"
#include "load/sniff.h"
#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* [1][3]: the indices of element `at` in a block of this shape, behind the path. */
static void describe_place(const Reader *r, const int64_t *shape, int ndim, int64_t at, char *out,
                           size_t cap)
{
    int64_t index[NUMBERS_DIMS];
    for (int i = ndim - 1; i >= 0; i--) {
        index[i] = at % shape[i];
        at /= shape[i];
    }
    size_t used = (size_t)snprintf(out, cap, "%s", r->path);
    for (int i = 0; i < ndim && used + 1 < cap; i++)
        used += (size_t)snprintf(out + used, cap - used, "[%lld]", (long long)index[i]);
}

static bool reserve_tensor(Reader *r)
{
    Document *doc = r->doc;
    if (doc->tensor_count < r->tensor_cap)
        return true;
    size_t cap = r->tensor_cap ? (size_t)r->tensor_cap * 2 : 32;
    Tensor *tensors = mem_resize(doc->tensors, cap, sizeof *tensors);
    if (!tensors)
        return error_memory(r->err);
    doc->tensors = tensors;
    void *shapes = mem_resize(r->shapes, cap, sizeof *r->shapes);
    if (!shapes)
        return error_memory(r->err);
    r->shapes = shapes;
    int *ndims = mem_resize(r->ndims, cap, sizeof *ndims);
    if (!ndims)
        return error_memory(r->err);
    r->ndims = ndims;
    r->tensor_cap = (int)cap;
    return true;
}

/* Takes over numbers->tensor. */
bool reader_tensor(Reader *r, Numbers *numbers, int *index)
{
    Document *doc = r->doc;
    Tensor *t = &numbers->tensor;
    if (!reserve_tensor(r)) {
        tensor_free(t);
        return false;
    }
    if (t->nonfinite && r->nonfinite == 0)
        describe_place(r, numbers->shape, numbers->ndim, t->first_nonfinite, r->first_nonfinite,
                       sizeof r->first_nonfinite);
    r->nonfinite += t->nonfinite;
    if (r->rounded == 0)
        memcpy(r->exact, numbers->exact, sizeof r->exact);
    r->rounded += numbers->rounded;
    uint64_t bytes = (uint64_t)t->count * dtype_size(t->dtype);
    r->memory -= bytes < r->memory ? bytes : r->memory;
    *index = doc->tensor_count++;
    doc->tensors[*index] = *t;
    r->ndims[*index] = numbers->ndim;
    memcpy(r->shapes[*index], numbers->shape, sizeof *r->shapes);
    return true;
}

void reader_whole_tensor(const Reader *r, int index, NumbersRef *out)
{
    *out = (NumbersRef){.tensor = index, .ndim = r->ndims[index]};
    memcpy(out->shape, r->shapes[index], sizeof out->shape);
}

/* Rows that stand in the document itself. */
static bool from_block(Reader *r, const cJSON *item, JsonBlock *b, NumbersRef *out)
{
    Numbers numbers = {.ndim = b->ndim};
    int index;
    if (b->ragged) {
        for (int i = 0; i < b->ragged_level; i++)
            reader_index(r, b->ragged_at[i]);
        bool leaf = b->ragged_level == b->ndim - 1;
        return reader_fail_as(r, ERROR_MALFORMED, b->ragged_from, "expected %lld %s, found %lld",
                              (long long)b->ragged_expected, leaf ? "numbers" : "rows",
                              (long long)b->ragged_found);
    }
    if (b->count == 0 ||
        (!b->floats && !b->doubles)) /* a value of the document is never used twice */
        return reader_expected(r, item, "numbers");
    memcpy(numbers.shape, b->shape, sizeof b->shape);
    numbers.tensor = (Tensor){.data = b->wide ? (void *)b->doubles : (void *)b->floats,
                              .dtype = b->wide ? DTYPE_F64 : DTYPE_F32,
                              .count = b->count};
    b->floats = NULL;
    b->doubles = NULL;
    tensor_measure(&numbers.tensor);
    if (!reader_tensor(r, &numbers, &index))
        return false;
    reader_whole_tensor(r, index, out);
    return true;
}

/* An array that is no block: goes down to the first thing that keeps it from being one. */
static bool explain_array(Reader *r, const cJSON *item)
{
    for (int level = 0; level < 8; level++) {
        const cJSON *child, *odd = NULL;
        const JsonBlock *first = NULL;
        int64_t index = 0, odd_index = 0;
        if (cJSON_GetArraySize(item) == 0)
            return reader_expected(r, item, "numbers");
        cJSON_ArrayForEach(child, item)
        {
            const JsonBlock *b = json_block(r->tree, child);
            if (index == 0)
                first = b;
            bool alike = b ? first && b->ndim == first->ndim
                           : json_is_number(r->tree, child) && !first &&
                                 json_is_number(r->tree, item->child);
            if (!alike || (b && b->ragged)) {
                odd = child;
                odd_index = index;
                break;
            }
            index++;
        }
        if (!odd)
            return reader_fail(r, item, "expected at most 3 levels of numbers, found more");
        reader_index(r, odd_index);
        NumbersRef none;
        JsonBlock *b = json_block(r->tree, odd);
        if (b && b->ragged)
            return from_block(r, odd, b, &none);
        if (b || json_is_number(r->tree, odd))
            return reader_expected(r, odd,
                                   first ? "a row as long as the first" : "a number as before");
        if (!cJSON_IsArray(odd))
            return reader_expected(r, odd, first ? "a row of numbers" : "a number");
        item = odd;
    }
    return reader_fail(r, item, "expected at most 3 levels of numbers, found more");
}

/* "shape": [2, 3], and later "index": whole numbers from `least` on. */
bool reader_lengths(Reader *r, const cJSON *object, const char *key, int least, int64_t *out,
                    int *count)
{
    double *values = NULL;
    int64_t n = 0;
    const cJSON *item = reader_member(object, key);
    size_t mark = reader_key(r, key);
    if (!reader_list(r, item, 0, &values, &n))
        return false;
    if (n < 1 || n > NUMBERS_DIMS)
        return reader_fail(r, item, "expected 1 … %d numbers, found %lld", NUMBERS_DIMS,
                           (long long)n);
    for (int64_t i = 0; i < n; i++) {
        size_t at = reader_index(r, i);
        if (values[i] < least)
            return reader_fail(r, item, "expected a whole number of at least %d, found %.15g",
                               least, values[i]);
        if (values[i] > 9007199254740992.0)
            return reader_fail(r, item, "expected a whole number of at most 2^53, found %.15g",
                               values[i]);
        out[i] = (int64_t)values[i];
        reader_up(r, at);
    }
    *count = (int)n;
    reader_up(r, mark);
    return true;
}

/* The place of a tensor in the table: its own, or the free one where it belongs. */
static KnownTensor *known_place(KnownTensor *table, size_t cap, const char *file,
                                const char *tensor)
{
    uint64_t hash =
        hash_bytes(hash_bytes(HASH_SEED, file, strlen(file) + 1), tensor, strlen(tensor));
    size_t at = (size_t)(hash & (cap - 1));
    while (table[at].file &&
           (strcmp(table[at].tensor, tensor) != 0 || strcmp(table[at].file, file) != 0))
        at = (at + 1) & (cap - 1);
    return &table[at];
}

/* A tensor that another matrix named before; -1 = none did. */
static int known_tensor(const Reader *r, const char *file, const char *tensor)
{
    if (r->known_count == 0)
        return -1;
    const KnownTensor *place = known_place(r->known, r->known_cap, file, tensor);
    return place->file ? place->index : -1;
}

static bool note_tensor(Reader *r, const char *file, const char *tensor, int index)
{
    if (r->known_count * 2 >= r->known_cap) {
        size_t cap = r->known_cap ? r->known_cap * 2 : 64;
        KnownTensor *table = mem_zero(cap, sizeof *table);
        if (!table)
            return error_memory(r->err);
        for (size_t i = 0; i < r->known_cap; i++) {
            if (r->known[i].file)
                *known_place(table, cap, r->known[i].file, r->known[i].tensor) = r->known[i];
        }
        mem_free(r->known);
        r->known = table;
        r->known_cap = cap;
    }
    *known_place(r->known, r->known_cap, file, tensor) = (KnownTensor){file, tensor, index};
    r->known_count++;
    return true;
}

static OpenFile *find_file(Reader *r, const char *name)
{
    for (int i = 0; i < r->open_count; i++) {
        if (strcmp(r->files[i].name, name) == 0)
            return &r->files[i];
    }
    return NULL;
}

/* The file of several arrays, opened when it is named for the first time. */
static OpenFile *open_file(Reader *r, const char *name, const char *path, int file, bool zip)
{
    OpenFile *open = find_file(r, name);
    if (open)
        return open;
    OpenFile *files = mem_resize(r->files, (size_t)r->open_count + 1, sizeof *files);
    if (!files) {
        error_memory(r->err);
        return NULL;
    }
    r->files = files;
    OpenFile *f = &files[r->open_count++];
    *f = (OpenFile){.name = name, .file = file, .zip = zip};
    safetensors_init(&f->st);
    npz_init(&f->npz);
    bool ok = zip ? npz_open(&f->npz, path, r->request, r->err)
                  : safetensors_open(&f->st, path, r->request, r->err);
    return ok ? f : NULL;
}

static bool read_tensor(Reader *r, const OpenFile *f, const char *tensor, Numbers *out)
{
    const SafeTensor *t = f->zip ? NULL : safetensors_find(&f->st, tensor);
    const NpzItem *item = f->zip ? npz_find(&f->npz, tensor) : NULL;
    if (!t && !item)
        return error_set(r->err, ERROR_MALFORMED,
                         "expected the tensor \"%.80s\", found none of that name "
                         "among %d",
                         tensor, f->zip ? f->npz.count : f->st.count);
    return item ? npz_read(&f->npz, item, out, r->memory, r->err)
                : safetensors_read(&f->st, t, out, r->memory, r->err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length > size && strcmp(text + length - size, end) == 0;
}

static bool read_file(Reader *r, const cJSON *object, const char *name, const char *path,
                      const char *tensor, int file, int *index)
{
    Numbers numbers = {.ndim = 0};
    Sniff kind = SNIFF_UNKNOWN;
    const OpenFile *open = find_file(r, name);
    bool ok = open || sniff_file(path, &kind, r->err);
    if (open)
        kind = open->zip ? SNIFF_ZIP : SNIFF_SAFETENSORS;
    if (ok && kind == SNIFF_UNKNOWN) /* then the name decides who may say what is wrong with it */
        kind = ends_with(name, ".npy")           ? SNIFF_NPY
               : ends_with(name, ".npz")         ? SNIFF_ZIP
               : ends_with(name, ".safetensors") ? SNIFF_SAFETENSORS
                                                 : kind;
    bool several = kind == SNIFF_SAFETENSORS || kind == SNIFF_ZIP;
    if (ok && kind == SNIFF_NPY && tensor)
        return reader_fail(r, object, "tensor: expected no name for an .npy file, found \"%.60s\"",
                           tensor);
    if (ok && several && !tensor)
        return reader_fail(r, object, "expected the key \"tensor\" for %s file, found none",
                           kind == SNIFF_ZIP ? "an .npz" : "a .safetensors");
    if (ok && kind != SNIFF_NPY && !several)
        ok = error_set(r->err, ERROR_MALFORMED, "expected .npy, .npz or .safetensors, found %s",
                       sniff_name(kind));
    if (ok && several)
        open = open_file(r, name, path, file, kind == SNIFF_ZIP);
    ok = ok && (several ? open && read_tensor(r, open, tensor, &numbers)
                        : npy_read(&numbers, path, r->request, r->memory, r->err));
    ok = ok && reader_tensor(r, &numbers, index);
    if (!ok && r->err && r->err->kind != ERROR_NONE)
        error_within(r->err, "%s: %.60s", r->path, name);
    return ok && note_tensor(r, name, tensor ? tensor : "", *index);
}

static bool from_file(Reader *r, const cJSON *object, NumbersRef *out)
{
    char path[4096];
    const char *name = NULL, *tensor = NULL;
    int file = 0;
    if (!reader_path(r, reader_member(object, "file"), &name, path, sizeof path) ||
        !reader_text(r, object, "tensor", &tensor) || !reader_note_file(r, path, &file))
        return false;
    int index = known_tensor(r, name, tensor ? tensor : "");
    if (index < 0 && !read_file(r, object, name, path, tensor, file, &index))
        return false;
    reader_whole_tensor(r, index, out);
    const cJSON *at = reader_member(object, "index");
    int64_t indices[NUMBERS_DIMS];
    int count = 0;
    if (at && !reader_lengths(r, object, "index", 0, indices, &count))
        return false;
    char shape[120];
    numbers_shape(out->shape, out->ndim, shape, sizeof shape);
    if (count >= out->ndim)
        return reader_fail(r, at,
                           "index: expected fewer numbers than dimensions, found %d for shape %s",
                           count, shape);
    for (int i = 0; i < count; i++) {
        if (indices[i] >= out->shape[i])
            return reader_fail(r, at, "index: expected numbers below the shape %s, found %lld",
                               shape, (long long)indices[i]);
    }
    int64_t offset = 0;
    for (int i = 0; i < out->ndim; i++)
        offset = offset * out->shape[i] + (i < count ? indices[i] : 0);
    out->offset = offset;
    out->ndim -= count;
    memmove(out->shape, out->shape + count, (size_t)out->ndim * sizeof *out->shape);
    return reader_note_reference(r, object, out, file);
}

static bool any_numbers(Reader *r, const cJSON *item, NumbersRef *out)
{
    JsonBlock *block = json_block(r->tree, item);
    if (block)
        return from_block(r, item, block, out);
    if (cJSON_IsArray(item))
        return explain_array(r, item);
    if (!cJSON_IsObject(item))
        return reader_expected(r, item, "rows of numbers, a file or a base64 block");
    if (reader_member(item, "base64"))
        return reader_base64(r, item, out);
    if (reader_member(item, "file"))
        return from_file(r, item, out);
    return reader_fail(r, item, "expected the key \"file\" or \"base64\", found neither");
}

static bool check_lengths(Reader *r, const cJSON *item, const NumbersRef *ref)
{
    char shape[120];
    numbers_shape(ref->shape, ref->ndim, shape, sizeof shape);
    for (int i = 0; i < ref->ndim; i++) {
        if (ref->shape[i] > LIMIT_MOST_AXIS)
            return reader_over(r, item, LIMIT_AXIS,
                               "shape: expected at most %d in each dimension, found %s",
                               LIMIT_MOST_AXIS, shape);
    }
    return true;
}

bool reader_numbers(Reader *r, const cJSON *item, int ndim, NumbersRef *out)
{
    char shape[120];
    if (!any_numbers(r, item, out))
        return false;
    numbers_shape(out->shape, out->ndim, shape, sizeof shape);
    if (out->ndim != ndim)
        return reader_fail(r, item, "shape: expected %s, found %s",
                           ndim == 2 ? "[rows, columns]" : "[heads, rows, columns]", shape);
    return check_lengths(r, item, out);
}

bool reader_vector(Reader *r, const cJSON *item, bool rows, NumbersRef *out)
{
    char shape[120];
    if (!any_numbers(r, item, out))
        return false;
    numbers_shape(out->shape, out->ndim, shape, sizeof shape);
    if (out->ndim == 1) {
        out->shape[1] = out->shape[0];
        out->shape[0] = 1;
        out->ndim = 2;
    } else if (out->ndim != 2 || (!rows && out->shape[0] != 1)) {
        return reader_fail(r, item, "shape: expected %s, found %s",
                           rows ? "[rows, columns] or [columns]" : "one row of numbers", shape);
    }
    return check_lengths(r, item, out);
}

Stored reader_stored(const Reader *r, const NumbersRef *ref)
{
    const Tensor *t = &r->doc->tensors[ref->tensor];
    return (Stored){(const char *)t->data + (size_t)ref->offset * dtype_size(t->dtype), t->dtype,
                    (int)ref->shape[0], (int)ref->shape[1], (ptrdiff_t)ref->shape[1]};
}

bool reader_list(Reader *r, const cJSON *item, int columns, double **out, int64_t *count)
{
    const char *text = r->tree->text;
    const JsonBlock *b = json_block(r->tree, item);
    int64_t n = 0;
    *count = 0;
    if (cJSON_IsArray(item) && cJSON_GetArraySize(item) == 0)
        return true;
    if (cJSON_IsArray(item) && !b)
        return explain_array(r, item);
    if (!b)
        return reader_expected(r, item,
                               columns ? "an array of pairs" : "an array of whole numbers");
    if (b->ragged || b->ndim != (columns ? 2 : 1) || (columns && b->shape[1] != columns))
        return reader_fail(r, item, "expected %s, found other rows",
                           columns ? "pairs [key, query]" : "a list of whole numbers");
    double *values = reader_alloc(r, (size_t)b->count, sizeof *values);
    if (!values)
        return false;
    /* From the text again: float32 would round large indices. */
    for (size_t at = b->from; at < b->to && n < b->count;) {
        JsonNumber number;
        size_t end = text[at] == '-' || (text[at] >= '0' && text[at] <= '9')
                         ? json_number(text, at, &number)
                         : at;
        if (end == at) {
            at++;
            continue;
        }
        if (number.value != floor(number.value)) {
            if (columns)
                reader_index(r, n / columns);
            reader_index(r, columns ? n % columns : n);
            return reader_fail_as(r, ERROR_MALFORMED, at, "expected a whole number, found %.15g",
                                  number.value);
        }
        values[n++] = number.value;
        at = end;
    }
    if (n != b->count)
        return reader_fail(r, item, "expected whole numbers, found others");
    *out = values;
    *count = n;
    return true;
}
