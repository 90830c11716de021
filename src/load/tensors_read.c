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

bool tensors_read(TensorReader *r, int index, Numbers *out, uint64_t memory, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    *out = (Numbers){0};
    if (!item->numbers)
        return error_set(err, ERROR_USAGE, "%.80s: expected numbers, found %.100s",
                         tensors_name(r->list, index), item->why[0] ? item->why : "texts");
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
        bool ok = npy_texts(item->file, r->request, arena, &header, out, err);
        *count = ok ? header.count : 0;
        return ok;
    }
    if (!open_file(r, item, err))
        return false;
    if (item->source == TENSOR_METADATA)
        return metadata_texts(r, item, arena, out, count, err);
    const NpzItem *member = npz_find(&r->npz, item->name);
    bool ok = member ? npz_texts(&r->npz, member, arena, out, &small, err) : changed(err);
    *count = small;
    return ok;
}

/* The first numbers of an array, without the rest where the file allows it. */
static bool read_first(TensorReader *r, int index, int64_t count, Numbers *out, Error *err)
{
    const TensorItem *item = &r->list->items[index];
    NpyHeader h = {0};
    File file = {.fd = -1};
    NumbersFile from = {.at = 0};
    RawType type = {RAW_FLOAT, 0, false};
    bool ok = true;
    if (item->numbers && item->source == TENSOR_NPY) {
        ok = npy_open(&h, &file, item->file, err);
        type = h.type;
        from = (NumbersFile){&file, h.data};
    } else if (item->numbers && item->source == TENSOR_SAFETENSORS) {
        ok = open_file(r, item, err);
        const SafeTensor *t = ok ? safetensors_find(&r->st, item->name) : NULL;
        if (t) {
            type = safetensors_type(t);
            from = (NumbersFile){&r->st.file, r->st.data + t->begin};
        }
    }
    NumbersSource source = numbers_of_file(&from);
    *out = (Numbers){.ndim = 1, .shape = {count}};
    if (ok && from.file && type.size > 0 && !h.fortran)
        ok = numbers_stream(out, type, false, &source, r->request, PREVIEW_BYTES_MOST, err);
    else
        ok = ok && tensors_read(r, index, out, PREVIEW_BYTES_MOST, err);
    file_close(&file);
    return ok;
}

bool tensors_preview(const TensorList *list, int index, float *out, int *rows, int *cols,
                     const LoadRequest *request, Error *err)
{
    const TensorItem *item = &list->items[index];
    TensorReader reader;
    Numbers n;
    int64_t have_cols = item->ndim > 0 ? item->shape[item->ndim - 1] : 0;
    int64_t have_rows = item->ndim > 1 ? item->shape[item->ndim - 2] : 1;
    *cols = have_cols < *cols ? (int)have_cols : *cols;
    *rows = have_rows < *rows ? (int)have_rows : *rows;
    tensors_reader_init(&reader, list, request);
    bool ok = read_first(&reader, index, *rows * have_cols, &n, err);
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
