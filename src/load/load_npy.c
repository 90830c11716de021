#include "load/load_npy.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

bool npy_size(const NpyHeader *h, uint64_t left, bool allow_trailing, uint64_t *bytes, Error *err)
{
    if (__builtin_mul_overflow((uint64_t)h->count, (uint64_t)h->type.size, bytes) || *bytes > left)
        return error_at(err, ERROR_MALFORMED, "data",
                        "expected %llu %s of %d bytes, found %llu bytes",
                        (unsigned long long)h->count, h->kind == NPY_NUMBERS ? "numbers" : "texts",
                        h->type.size, (unsigned long long)left);
    if (*bytes < left && !allow_trailing)
        return error_at(err, ERROR_MALFORMED, "data",
                        "expected %llu bytes, found %llu (--allow-trailing opens such files)",
                        (unsigned long long)*bytes, (unsigned long long)left);
    return true;
}

/* The header, read in the two or three steps that its own length asks for. */
static bool npy_read_header(NpyHeader *h, const File *file, Error *err)
{
    size_t size = 0, need = file->stamp.size < 128 ? (size_t)file->stamp.size : 128;
    char *bytes = NULL;
    bool ok = true;
    h->data = 0;
    while (ok && h->data == 0) {
        size = need;
        char *more = mem_resize(bytes, size ? size : 1, 1);
        ok = more != NULL || error_memory(err);
        bytes = more ? more : bytes;
        ok = ok && file_read_at(file, bytes, size, 0, err) &&
             npy_header(h, bytes, size, file->stamp.size, &need, err);
    }
    mem_free(bytes);
    return ok;
}

bool npy_open(NpyHeader *out, File *file, const char *path, Error *err)
{
    *out = (NpyHeader){0};
    return file_open(file, path, err) && npy_read_header(out, file, err);
}

bool npy_read(Numbers *out, const char *path, const LoadRequest *request, uint64_t memory,
              Error *err)
{
    File file;
    NpyHeader h;
    uint64_t bytes = 0;
    *out = (Numbers){0};
    bool ok = npy_open(&h, &file, path, err) && npy_is_numbers(&h, err) &&
              npy_size(&h, file.stamp.size - h.data, request->allow_trailing, &bytes, err);
    if (ok) {
        NumbersFile from = {&file, h.data};
        NumbersSource source = numbers_of_file(&from);
        out->ndim = h.ndim;
        memcpy(out->shape, h.shape, sizeof out->shape);
        ok = numbers_stream(out, h.type, h.fortran, &source, request, memory, err) &&
             file_unchanged(&file, err);
    }
    if (!ok)
        tensor_free(&out->tensor);
    file_close(&file);
    return ok;
}

/* Text i of the file, where Fortran order turns the indices round. */
static int64_t npy_text_place(const NpyHeader *h, int64_t i)
{
    int64_t index[NUMBERS_DIMS], at = 0;
    if (!h->fortran || h->ndim < 2)
        return i;
    for (int k = 0; k < h->ndim; k++) {
        index[k] = i % h->shape[k];
        i /= h->shape[k];
    }
    for (int k = 0; k < h->ndim; k++)
        at = at * h->shape[k] + index[k];
    return at;
}

static bool npy_text_fail(int64_t index, const char *expected, unsigned found, Error *err)
{
    char where[40];
    snprintf(where, sizeof where, "data, text %lld", (long long)index);
    return error_at(err, ERROR_MALFORMED, where, "expected %s, found 0x%02X", expected, found);
}

/* Code points of four bytes; room for as many bytes in out. */
static bool npy_utf32(const NpyHeader *h, const unsigned char *p, int64_t index, char *out,
                      Error *err)
{
    size_t count = (size_t)h->type.size / 4, length = 0;
    for (; count > 0; count--) {
        const unsigned char *last = p + (count - 1) * 4;
        if (last[0] | last[1] | last[2] | last[3])
            break;
    }
    for (size_t i = 0; i < count; i++, p += 4) {
        uint32_t c = h->type.big_endian
                         ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                         : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
        char bytes[4];
        size_t size = c == 0 ? 0 : utf8_put(bytes, c);
        if (size == 0)
            return npy_text_fail(index, "a character", c, err);
        memcpy(out + length, bytes, size);
        length += size;
    }
    out[length] = '\0';
    return true;
}

static bool npy_bytes(const NpyHeader *h, const unsigned char *p, int64_t index, char *out,
                      Error *err)
{
    size_t length = (size_t)h->type.size;
    while (length > 0 && p[length - 1] == 0)
        length--;
    size_t bad = utf8_valid((const char *)p, length);
    const unsigned char *nul = length ? memchr(p, 0, length) : NULL;
    if (bad < length)
        return npy_text_fail(index, "UTF-8", p[bad], err);
    if (nul)
        return npy_text_fail(index, "a character", 0, err);
    if (length)
        memcpy(out, p, length);
    out[length] = '\0';
    return true;
}

bool npy_texts_stream(const NpyHeader *h, const NumbersSource *source, uint64_t bytes, Arena *arena,
                      const char ***out, Error *err)
{
    if (h->count > LIMIT_MOST_AXIS)
        return limits_over(NULL, LIMIT_AXIS, err, "header (shape)",
                           "texts: expected at most %d, found %lld", LIMIT_MOST_AXIS,
                           (long long)h->count);
    if (bytes > LIMIT_MOST_NPY_TEXTS)
        return limits_over(NULL, LIMIT_NPY_TEXTS, err, "data",
                           "texts: expected at most %d bytes, found %llu", LIMIT_MOST_NPY_TEXTS,
                           (unsigned long long)bytes);
    size_t size = (size_t)h->type.size;
    unsigned char *raw = mem_alloc((size_t)bytes);
    char *text = mem_alloc(size + 1);
    const char **texts = arena_alloc(arena, (size_t)h->count + 1, sizeof *texts);
    bool ok = (raw && text && texts) || error_memory(err);
    ok = ok && source->read(source->self, raw, (size_t)bytes, err);
    for (int64_t i = 0; ok && i < h->count; i++) {
        const unsigned char *p = raw + (size_t)i * size;
        int64_t place = npy_text_place(h, i);
        ok = h->kind == NPY_TEXTS_UTF32 ? npy_utf32(h, p, place, text, err)
                                        : npy_bytes(h, p, place, text, err);
        if (ok)
            texts[place] = arena_text(arena, text, strlen(text));
        ok = ok && (texts[place] || error_memory(err));
    }
    mem_free(raw);
    mem_free(text);
    *out = texts;
    return ok;
}

bool npy_texts(const char *path, const LoadRequest *request, Arena *arena, NpyHeader *header,
               const char ***out, Error *err)
{
    File file;
    uint64_t bytes = 0;
    bool ok =
        npy_open(header, &file, path, err) && npy_is_texts(header, err) &&
        npy_size(header, file.stamp.size - header->data, request->allow_trailing, &bytes, err);
    if (ok) {
        NumbersFile from = {&file, header->data};
        NumbersSource source = numbers_of_file(&from);
        ok =
            npy_texts_stream(header, &source, bytes, arena, out, err) && file_unchanged(&file, err);
    }
    file_close(&file);
    return ok;
}
