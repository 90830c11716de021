#include "load/load_npy.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NPY_MAGIC = 6, NPY_START = 12 };

/* Reads a Python dict literal of the three known keys. */
typedef struct {
    const char *text;
    size_t length, at;
    NpyHeader *out;
    bool have_descr, have_order, have_shape;
    Error *err;
} NpyParser;

static bool npy_fail(NpyParser *p, size_t at, const char *expected)
{
    char where[64];
    snprintf(where, sizeof where, "header, column %zu", at + 1);
    if (at >= p->length)
        return error_at(p->err, ERROR_MALFORMED, where, "expected %s, found the end of the header",
                        expected);
    unsigned char c = (unsigned char)p->text[at];
    if (c < 0x20 || c > 0x7E)
        return error_at(p->err, ERROR_MALFORMED, where, "expected %s, found byte 0x%02X", expected,
                        c);
    return error_at(p->err, ERROR_MALFORMED, where, "expected %s, found '%c'", expected, c);
}

static char npy_peek(NpyParser *p)
{
    while (p->at < p->length && p->text[p->at] && strchr(" \t\r\n\f", p->text[p->at]))
        p->at++;
    return p->at < p->length ? p->text[p->at] : '\0';
}

static bool npy_take(NpyParser *p, char c, const char *expected)
{
    if (npy_peek(p) != c || p->at >= p->length)
        return npy_fail(p, p->at, expected);
    p->at++;
    return true;
}

/* 'text', "text", u'text' without escapes. */
static bool npy_string(NpyParser *p, const char **text, size_t *length, const char *expected)
{
    char c = npy_peek(p);
    if (c == 'u' && p->at + 1 < p->length && strchr("'\"", p->text[p->at + 1]))
        c = p->text[++p->at];
    if (c != '\'' && c != '"')
        return npy_fail(p, p->at, expected);
    size_t from = ++p->at;
    while (p->at < p->length && p->text[p->at] != c) {
        if (p->text[p->at] == '\\' || (unsigned char)p->text[p->at] < 0x20)
            return npy_fail(p, p->at, "a plain character");
        p->at++;
    }
    if (p->at >= p->length)
        return npy_fail(p, p->at, "a closing quote");
    *text = p->text + from;
    *length = p->at++ - from;
    return true;
}

static bool npy_refuse(NpyParser *p, const char *descr, size_t length, const char *why)
{
    return error_at(p->err, ERROR_MALFORMED, "header (descr)",
                    "type: expected floats, whole numbers or bools, found '%.*s'%s",
                    (int)(length < 40 ? length : 40), descr, why);
}

static bool npy_descr(NpyParser *p)
{
    const char *d;
    size_t length;
    if (npy_peek(p) == '[')
        return error_at(p->err, ERROR_MALFORMED, "header (descr)",
                        "type: expected floats, whole numbers or bools, found a structured array");
    if (!npy_string(p, &d, &length, "the type in quotes"))
        return false;
    bool ordered = length > 0 && d[0] && strchr("<>=|", d[0]);
    size_t at = ordered ? 1 : 0;
    char kind = length > at ? d[at] : '\0';
    int size = 0;
    for (size_t i = at + 1; i < length; i++) {
        if (d[i] < '0' || d[i] > '9' || i > at + 6)
            return npy_refuse(p, d, length, "");
        size = size * 10 + (d[i] - '0');
    }
    if (kind == 'O')
        return error_at(p->err, ERROR_MALFORMED, "header (descr)",
                        "Python object array (pickle): not opened, for your safety");
    if (kind == 'V' && size == 2)
        return npy_refuse(p, d, length, " (perhaps bfloat16: save it as float32)");
    bool known =
        (kind == 'f' && (size == 2 || size == 4 || size == 8)) ||
        ((kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8)) ||
        (kind == 'b' && size == 1) || (kind == '?' && length == at + 1);
    if (!known)
        return npy_refuse(p, d, length, "");
    p->out->type = (RawType){kind == 'f'   ? RAW_FLOAT
                             : kind == 'i' ? RAW_SIGNED
                             : kind == 'u' ? RAW_UNSIGNED
                                           : RAW_BOOL,
                             kind == '?' ? 1 : size, d[0] == '>'};
    return true;
}

static bool npy_index(NpyParser *p, int64_t *out)
{
    int64_t value = 0;
    size_t from = p->at;
    if (p->text[p->at] == '-')
        return npy_fail(p, p->at, "a length of at least 0");
    for (; p->at < p->length && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, p->text[p->at] - '0', &value))
            return npy_fail(p, from, "a length below 2^63");
    }
    if (p->at == from)
        return npy_fail(p, p->at, "a length");
    if (p->at < p->length && (p->text[p->at] == 'L' || p->text[p->at] == 'l'))
        p->at++; /* as Python 2 wrote long numbers */
    *out = value;
    return true;
}

static bool npy_shape(NpyParser *p)
{
    NpyHeader *h = p->out;
    bool comma = true;
    size_t from = p->at;
    h->ndim = 0;
    if (!npy_take(p, '(', "'(' of the shape"))
        return false;
    while (npy_peek(p) != ')') {
        if (!comma)
            return npy_fail(p, p->at, "',' or ')'");
        if (h->ndim == NUMBERS_DIMS)
            return npy_fail(p, p->at, "at most 8 dimensions");
        if (p->at >= p->length || !npy_index(p, &h->shape[h->ndim++]))
            return npy_fail(p, p->at, "a length");
        comma = npy_peek(p) == ',';
        p->at += comma;
    }
    p->at++;
    if (h->ndim == 1 && !comma)
        return npy_fail(p, p->at - 1, "',' behind a single length");
    if (!numbers_count(h->shape, h->ndim, &h->count))
        return npy_fail(p, from, "a shape of fewer than 2^63 numbers");
    return true;
}

static bool npy_bool(NpyParser *p)
{
    static const char *const words[] = {"False", "True"};
    npy_peek(p);
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        if (p->length - p->at >= length && memcmp(p->text + p->at, words[i], length) == 0) {
            p->out->fortran = i == 1;
            p->at += length;
            return true;
        }
    }
    return npy_fail(p, p->at, "True or False");
}

static bool npy_member(NpyParser *p)
{
    const char *key;
    size_t length, from = p->at;
    if (!npy_string(p, &key, &length, "a key in quotes"))
        return false;
    bool *have = length == 5 && memcmp(key, "descr", 5) == 0             ? &p->have_descr
                 : length == 13 && memcmp(key, "fortran_order", 13) == 0 ? &p->have_order
                 : length == 5 && memcmp(key, "shape", 5) == 0           ? &p->have_shape
                                                                         : NULL;
    if (!have)
        return npy_fail(p, from, "the key descr, fortran_order or shape");
    if (*have)
        return npy_fail(p, from, "each key once");
    *have = true;
    if (!npy_take(p, ':', "':'"))
        return false;
    npy_peek(p);
    return have == &p->have_descr   ? npy_descr(p)
           : have == &p->have_order ? npy_bool(p)
                                    : npy_shape(p);
}

static bool npy_dict(NpyParser *p)
{
    bool comma = true;
    if (!npy_take(p, '{', "'{'"))
        return false;
    while (npy_peek(p) != '}') {
        if (!comma)
            return npy_fail(p, p->at, "',' or '}'");
        if (!npy_member(p))
            return false;
        comma = npy_peek(p) == ',';
        p->at += comma;
    }
    p->at++;
    npy_peek(p);
    if (p->at < p->length)
        return npy_fail(p, p->at, "nothing behind '}'");
    if (!p->have_descr || !p->have_order || !p->have_shape)
        return error_at(p->err, ERROR_MALFORMED, "header", "expected the key %s, found none",
                        !p->have_descr   ? "descr"
                        : !p->have_order ? "fortran_order"
                                         : "shape");
    return true;
}

bool npy_header(NpyHeader *out, const void *bytes, size_t size, uint64_t file_size, size_t *need,
                Error *err)
{
    const unsigned char *b = bytes;
    *out = (NpyHeader){0};
    if (file_size < 10)
        return error_at(err, ERROR_MALFORMED, "byte 0x0", "expected at least 10 bytes, found %llu",
                        (unsigned long long)file_size);
    if (size < NPY_START && size < file_size) {
        *need = NPY_START;
        return true;
    }
    if (memcmp(b, "\x93NUMPY", NPY_MAGIC) != 0)
        return error_at(err, ERROR_MALFORMED, "byte 0x0 (magic)",
                        "expected an .npy file, found other content");
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return error_at(err, ERROR_MALFORMED, "byte 0x6 (version)",
                        "version: expected 1.0, 2.0 or 3.0, found %u.%u", b[6], b[7]);
    size_t start = b[6] == 1 ? 10 : 12;
    if (file_size < start)
        return error_at(err, ERROR_MALFORMED, "byte 0x8 (header length)",
                        "expected at least 12 bytes, found %llu", (unsigned long long)file_size);
    uint64_t length = b[8] | (uint64_t)b[9] << 8;
    if (b[6] > 1)
        length |= (uint64_t)b[10] << 16 | (uint64_t)b[11] << 24;
    if (length > file_size - start)
        return error_at(err, ERROR_MALFORMED, "byte 0x8 (header length)",
                        "expected at most %llu, the rest of the file, found %llu",
                        (unsigned long long)(file_size - start), (unsigned long long)length);
    if (length > LIMIT_MOST_NPY_HEADER)
        return limits_over(NULL, LIMIT_NPY_HEADER, err, "byte 0x8 (header length)",
                           "expected at most %d, found %llu", LIMIT_MOST_NPY_HEADER,
                           (unsigned long long)length);
    *need = start + (size_t)length;
    if (size < *need)
        return true;
    NpyParser p = {
        .text = (const char *)bytes + start, .length = (size_t)length, .out = out, .err = err};
    if (!npy_dict(&p))
        return false;
    out->data = start + length;
    return true;
}

/* Fortran order: the first index runs fastest. Written out in C order. */
static void npy_transpose(char *out, const char *from, const NpyHeader *h)
{
    size_t size = (size_t)h->type.size;
    int64_t stride[NUMBERS_DIMS], index[NUMBERS_DIMS] = {0}, at = 0, step = 1;
    for (int i = 0; i < h->ndim; i++) {
        stride[i] = step;
        step *= h->shape[i];
    }
    for (int64_t n = 0; n < h->count; n++, out += size) {
        memcpy(out, from + (size_t)at * size, size);
        for (int i = h->ndim - 1; i >= 0; i--) {
            at += stride[i];
            if (++index[i] < h->shape[i])
                break;
            at -= stride[i] * h->shape[i];
            index[i] = 0;
        }
    }
}

static bool npy_size(const NpyHeader *h, const File *file, bool allow_trailing, uint64_t *bytes,
                     Error *err)
{
    uint64_t left = file->stamp.size - h->data;
    if (h->ndim == 0)
        return error_at(err, ERROR_MALFORMED, "header (shape)",
                        "shape: expected a matrix, found ()");
    for (int i = 0; i < h->ndim; i++) {
        char shape[120];
        numbers_shape(h->shape, h->ndim, shape, sizeof shape);
        if (h->shape[i] == 0)
            return error_at(err, ERROR_MALFORMED, "header (shape)",
                            "shape: expected no empty dimension, found %s", shape);
    }
    if (__builtin_mul_overflow((uint64_t)h->count, (uint64_t)h->type.size, bytes) || *bytes > left)
        return error_at(err, ERROR_MALFORMED, "data",
                        "expected %llu numbers of %d bytes, found %llu bytes",
                        (unsigned long long)h->count, h->type.size, (unsigned long long)left);
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

static bool npy_read_data(Numbers *out, const NpyHeader *h, const File *file, uint64_t bytes,
                          const LoadRequest *request, Error *err)
{
    char *data = mem_aligned((size_t)bytes, 1);
    if (!data)
        return error_memory(err);
    bool ok =
        numbers_read(file, data, (size_t)bytes, h->data, request, err) && file_unchanged(file, err);
    if (ok && h->fortran && h->ndim > 1) {
        char *turned = mem_alloc((size_t)bytes);
        ok = turned != NULL || error_memory(err);
        if (turned) {
            npy_transpose(turned, data, h);
            mem_free(data);
            data = turned;
        }
    }
    if (!ok) {
        mem_free(data);
        return false;
    }
    out->ndim = h->ndim;
    memcpy(out->shape, h->shape, sizeof out->shape);
    return numbers_take(out, data, h->type, h->count, err);
}

bool npy_read(Numbers *out, const char *path, const LoadRequest *request, uint64_t memory,
              Error *err)
{
    File file;
    NpyHeader h;
    uint64_t bytes = 0, kept = 0;
    *out = (Numbers){0};
    if (!file_open(&file, path, err))
        return false;
    bool ok = npy_read_header(&h, &file, err) &&
              npy_size(&h, &file, request->allow_trailing, &bytes, err);
    if (ok) {
        kept = (uint64_t)h.count * dtype_size(numbers_dtype(h.type));
        kept = kept > bytes ? kept : bytes;
        if (kept > memory)
            ok = limits_over(&request->limits, LIMIT_MEMORY, err, "data",
                             "memory: expected at most %llu bytes, found %llu",
                             (unsigned long long)memory, (unsigned long long)kept);
    }
    ok = ok && npy_read_data(out, &h, &file, bytes, request, err);
    file_close(&file);
    return ok;
}
