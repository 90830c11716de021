/* Reading the arrays of a list; a few numbers of one for a preview. */
#include "load/tensors.h"
#include "load/json_string.h"
#include "load/json_tree.h"
#include "base/mem.h"

#include <string.h>

enum { PREVIEW_BYTES_MOST = 64 << 20 };

void tensors_reader_init(TensorReader *reader, const TensorList *list, const LoadRequest *request)
{
    *reader = (TensorReader){.list = list, .request = request};
    safetensors_init(&reader->st);
    npz_init(&reader->npz);
}

void tensors_reader_free(TensorReader *reader)
{
    safetensors_free(&reader->st);
    npz_free(&reader->npz);
    reader->file = NULL;
}

static bool open_file(TensorReader *r, const TensorItem *item, Error *err)
{
    bool zip = item->source == TENSOR_NPZ;
    if (r->file && strcmp(r->file, item->file) == 0)
        return true;
    tensors_reader_free(r);
    r->source = item->source;
    if (!(zip ? npz_open(&r->npz, item->file, r->request, err)
              : safetensors_open(&r->st, item->file, r->request, err))) {
        tensors_reader_free(r);
        return false;
    }
    r->file = item->file;
    return true;
}

static bool changed(Error *err)
{
    return error_set(err, ERROR_IO, "the file changed while it was read");
}

/* All sizes were decided by what was listed. */
static bool is_as_listed(const TensorItem *item, int ndim, const int64_t *shape, Error *err)
{
    return (ndim == item->ndim && memcmp(shape, item->shape, (size_t)ndim * sizeof *shape) == 0) ||
           changed(err);
}

static bool read_numbers(TensorReader *r, const TensorItem *item, Numbers *out, uint64_t memory,
                         Error *err)
{
    if (item->source == TENSOR_NPY)
        return npy_read(out, item->file, r->request, memory, err);
    if (!open_file(r, item, err))
        return false;
    if (item->source == TENSOR_NPZ) {
        const NpzItem *member = npz_find(&r->npz, item->name);
        return member ? npz_read(&r->npz, member, out, memory, err) : changed(err);
    }
    const SafeTensor *tensor = safetensors_find(&r->st, item->name);
    return tensor ? safetensors_read(&r->st, tensor, out, memory, err) : changed(err);
}

bool tensors_read(TensorReader *r, int index, Numbers *out, uint64_t memory, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    *out = (Numbers){0};
    if (!item->numbers)
        return error_set(err, ERROR_USAGE, "%.80s: expected numbers, found %.100s",
                         tensors_name(r->list, index), item->why[0] ? item->why : "texts");
    if (!read_numbers(r, item, out, memory, err))
        return false;
    if (is_as_listed(item, out->ndim, out->shape, err))
        return true;
    tensor_free(&out->tensor);
    return false;
}

/* A JSON list of texts that was looked at when it was listed. */
static bool metadata_texts(TensorReader *r, const TensorItem *item, Arena *arena, const char ***out,
                           int64_t *count, Error *err)
{
    const char *text = NULL;
    for (int i = 0; i < r->st.metadata_count; i++) {
        if (strcmp(r->st.metadata[i].name, item->name) == 0)
            text = r->st.metadata[i].value;
    }
    const char **texts = arena_alloc(arena, (size_t)item->shape[0] + 1, sizeof *texts);
    if (!texts)
        return error_memory(err);
    *out = texts;
    *count = 0;
    for (size_t at = 1, from, to; text && json_item(text, &at, &from, &to);) {
        char *one = arena_alloc(arena, to - from, 1);
        if (!one)
            return error_memory(err);
        if (*count == item->shape[0] || text[from] != '"')
            return changed(err);
        one[json_string_decode(text, from, one, NULL)] = '\0';
        texts[(*count)++] = one;
    }
    return *count == item->shape[0] || changed(err);
}

bool tensors_texts(TensorReader *r, int index, Arena *arena, const char ***out, int64_t *count,
                   Error *err)
{
    const TensorItem *item = &r->list->items[index];
    NpyHeader header;
    int small = 0;
    if (!item->texts || item->source == TENSOR_LINES)
        return error_set(err, ERROR_USAGE, "%.80s: expected texts, found %.100s",
                         tensors_name(r->list, index), item->why[0] ? item->why : "numbers");
    if (item->source == TENSOR_NPY) {
        bool ok = npy_texts(item->file, r->request, arena, &header, out, err) &&
                  is_as_listed(item, header.ndim, header.shape, err);
        *count = ok ? header.count : 0;
        return ok;
    }
    if (!open_file(r, item, err))
        return false;
    if (item->source == TENSOR_METADATA)
        return metadata_texts(r, item, arena, out, count, err);
    const NpzItem *member = npz_find(&r->npz, item->name);
    bool ok = member ? is_as_listed(item, member->header.ndim, member->header.shape, err) &&
                           npz_texts(&r->npz, member, arena, out, &small, err)
                     : changed(err);
    *count = small;
    return ok;
}

static bool first_of_npy(TensorReader *r, int index, Numbers *out, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    NpyHeader h;
    File file;
    bool ok = npy_open(&h, &file, item->file, err) && npy_is_numbers(&h, err) &&
              is_as_listed(item, h.ndim, h.shape, err);
    NumbersFile from = {&file, h.data};
    NumbersSource source = numbers_of_file(&from);
    if (ok && h.fortran)
        ok = tensors_read(r, index, out, PREVIEW_BYTES_MOST, err);
    else
        ok = ok && numbers_stream(out, h.type, false, &source, r->request, PREVIEW_BYTES_MOST, err);
    file_close(&file);
    return ok;
}

static bool first_of_npz(TensorReader *r, int index, Numbers *out, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    if (!open_file(r, item, err))
        return false;
    const NpzItem *member = npz_find(&r->npz, item->name);
    if (!member)
        return changed(err);
    if (!is_as_listed(item, member->header.ndim, member->header.shape, err))
        return false;
    return member->header.fortran ? tensors_read(r, index, out, PREVIEW_BYTES_MOST, err)
                                  : npz_read_first(&r->npz, member, out, PREVIEW_BYTES_MOST, err);
}

static bool first_of_safetensors(TensorReader *r, int index, Numbers *out, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    if (!open_file(r, item, err))
        return false;
    const SafeTensor *t = safetensors_find(&r->st, item->name);
    RawType type = t ? safetensors_type(t) : (RawType){.size = 0};
    if (type.size == 0)
        return changed(err);
    NumbersFile from = {&r->st.file, r->st.data + t->begin};
    NumbersSource source = numbers_of_file(&from);
    return is_as_listed(item, t->ndim, t->shape, err) &&
           numbers_stream(out, type, false, &source, r->request, PREVIEW_BYTES_MOST, err);
}

/* The first numbers of an array, as many as out->shape says, without the rest where its order
 * allows that. */
static bool read_first(TensorReader *r, int index, Numbers *out, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    if (item->numbers && item->source == TENSOR_NPY)
        return first_of_npy(r, index, out, err);
    if (item->numbers && item->source == TENSOR_NPZ)
        return first_of_npz(r, index, out, err);
    if (item->numbers && item->source == TENSOR_SAFETENSORS)
        return first_of_safetensors(r, index, out, err);
    return tensors_read(r, index, out, PREVIEW_BYTES_MOST, err); /* which says why not */
}

bool tensors_preview(const TensorList *list, int index, float *out, int *rows, int *cols,
                     const LoadRequest *request, Error *err)
{
    const TensorItem *item = &list->items[index];
    TensorReader reader;
    int64_t have_cols = item->ndim > 0 ? item->shape[item->ndim - 1] : 0;
    int64_t have_rows = item->ndim > 1 ? item->shape[item->ndim - 2] : 1;
    *cols = have_cols < *cols ? (int)have_cols : *cols;
    *rows = have_rows < *rows ? (int)have_rows : *rows;
    Numbers n = {.ndim = 1, .shape = {*rows * have_cols}};
    tensors_reader_init(&reader, list, request);
    bool ok = read_first(&reader, index, &n, err);
    for (int i = 0; ok && i < *rows; i++) {
        for (int j = 0; j < *cols; j++)
            out[(size_t)i * (size_t)*cols + (size_t)j] =
                (float)tensor_value(&n.tensor, i * have_cols + j);
    }
    if (ok)
        tensor_free(&n.tensor);
    tensors_reader_free(&reader);
    return ok;
}
