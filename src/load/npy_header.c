#include "load/load_npy.h"
#include "base/utf8.h"

#include <stdio.h>
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

static bool npy_fail_key(NpyParser *p, size_t at, const char *expected, const char *key,
                         size_t length)
{
    char where[64];
    if (utf8_valid(key, length) != length)
        return npy_fail(p, at, expected);
    snprintf(where, sizeof where, "header, column %zu", at + 1);
    return error_at(p->err, ERROR_MALFORMED, where, "expected %s, found '%.*s'", expected,
                    (int)utf8_cut(key, length, 60), key);
}

static char npy_peek(NpyParser *p)
{
    size_t at = p->at;
    for (; at < p->length; at++) {
        char c = p->text[at];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f')
            break;
    }
    p->at = at;
    return at < p->length ? p->text[at] : '\0';
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

static bool npy_refuse(Error *err, const char *expected, const char *descr, const char *why)
{
    return error_at(err, ERROR_MALFORMED, "header (descr)", "type: expected %s, found %s%s",
                    expected, descr, why);
}

static const char NUMBERS_EXPECTED[] = "floats, whole numbers or bools";

/* A structure, [('a', '<f4'), …]: passed over to the bracket that ends it. */
static bool npy_structure(NpyParser *p)
{
    int open = 0;
    size_t from = p->at;
    do {
        char c = npy_peek(p);
        const char *text;
        size_t length;
        if (p->at >= p->length)
            return npy_fail(p, p->length, "']'");
        if (c == '\'' || c == '"') {
            if (!npy_string(p, &text, &length, "text"))
                return false;
            continue;
        }
        open += c == '[' || c == '(';
        open -= c == ']' || c == ')';
        p->at++;
    } while (open > 0);
    p->out->kind = NPY_OTHER;
    p->out->type = (RawType){.size = 0};
    snprintf(p->out->descr, sizeof p->out->descr, "a structured array");
    return p->at > from;
}

/* Fills kind and type; what is none of ours stays NPY_OTHER. */
static bool npy_type(NpyParser *p, const char *d, size_t length)
{
    static const struct {
        char code;
        NpyKind kind;
        RawKind raw;
    } kinds[] = {{'f', NPY_NUMBERS, RAW_FLOAT},        {'i', NPY_NUMBERS, RAW_SIGNED},
                 {'u', NPY_NUMBERS, RAW_UNSIGNED},     {'b', NPY_NUMBERS, RAW_BOOL},
                 {'?', NPY_NUMBERS, RAW_BOOL},         {'U', NPY_TEXTS_UTF32, RAW_UNSIGNED},
                 {'S', NPY_TEXTS_BYTES, RAW_UNSIGNED}, {'a', NPY_TEXTS_BYTES, RAW_UNSIGNED}};
    NpyHeader *h = p->out;
    size_t at = length > 0 && d[0] && strchr("<>=|", d[0]) ? 1 : 0;
    char code = length > at ? d[at] : '\0';
    int size = 0;
    h->kind = NPY_OTHER;
    for (size_t i = at + 1; i < length; i++) {
        if (d[i] < '0' || d[i] > '9' || i > at + 7)
            return true; /* M8[ns] */
        size = size * 10 + (d[i] - '0');
    }
    size = code == '?' && length == at + 1 ? 1 : size;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].code != code)
            continue;
        bool texts = kinds[i].kind != NPY_NUMBERS, whole = code == 'i' || code == 'u';
        bool power = size == 2 || size == 4 || size == 8 || (size == 1 && code != 'f');
        if (texts ? size < 0 : code == 'f' || whole ? !power : size != 1)
            return true;
        h->kind = kinds[i].kind;
        h->type = (RawType){kinds[i].raw, code == 'U' ? size * 4 : size, d[0] == '>'};
    }
    return true;
}

static bool npy_descr(NpyParser *p)
{
    NpyHeader *h = p->out;
    const char *d;
    size_t length;
    if (npy_peek(p) == '[')
        return npy_structure(p);
    if (!npy_string(p, &d, &length, "the type in quotes") || !npy_type(p, d, length))
        return false;
    size_t kept = utf8_valid(d, length) == length ? utf8_cut(d, length, sizeof h->descr - 3) : 0;
    snprintf(h->descr, sizeof h->descr, "'%.*s'", (int)kept, d);
    return true;
}

/* The letter that says what is stored, behind the quote and the byte order. */
static char npy_code(const NpyHeader *h)
{
    return h->descr[0] != '\'' ? 'V' : h->descr[strchr("<>=|", h->descr[1]) && h->descr[1] ? 2 : 1];
}

const char *npy_unreadable(const NpyHeader *h)
{
    if (h->kind != NPY_OTHER)
        return NULL;
    switch (npy_code(h)) {
    case 'O':
        return "Python object array (pickle): not opened, for your safety";
    case 'c':
        return "complex numbers";
    case 'M':
        return "dates";
    case 'm':
        return "times";
    case 'f':
        return "floats of another size";
    case 'V':
        return strcmp(h->descr + 1 + (h->descr[1] != 'V'), "V2'") == 0
                   ? "perhaps bfloat16: save it as float32"
                   : "a structure";
    default:
        return "an unknown type";
    }
}

/* Neither 0-dim nor empty. */
static bool npy_filled(const NpyHeader *h, Error *err)
{
    char shape[120];
    if (h->ndim == 0)
        return error_at(err, ERROR_MALFORMED, "header (shape)",
                        "shape: expected a matrix, found ()");
    numbers_shape(h->shape, h->ndim, shape, sizeof shape);
    if (h->count == 0)
        return error_at(err, ERROR_MALFORMED, "header (shape)",
                        "shape: expected no empty dimension, found %s", shape);
    return true;
}

bool npy_is_numbers(const NpyHeader *h, Error *err)
{
    if (h->kind == NPY_OTHER && npy_code(h) == 'O')
        return error_at(err, ERROR_MALFORMED, "header (descr)",
                        "Python object array (pickle): not opened, for your safety");
    bool half = h->kind == NPY_OTHER && h->descr[0] == '\'' && strstr(h->descr, "V2'");
    if (h->kind != NPY_NUMBERS)
        return npy_refuse(err, NUMBERS_EXPECTED, h->descr,
                          half ? " (perhaps bfloat16: save it as float32)" : "");
    return npy_filled(h, err);
}

bool npy_is_texts(const NpyHeader *h, Error *err)
{
    if (h->kind != NPY_TEXTS_UTF32 && h->kind != NPY_TEXTS_BYTES)
        return npy_refuse(err, "texts (U or S)", h->descr, "");
    return h->ndim == 0 || npy_filled(h, err);
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
    if (p->text[from] == '0' && p->at > from + 1)
        return npy_fail(p, from + 1, "no digit behind a leading 0");
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
        return npy_fail_key(p, from, "the key descr, fortran_order or shape", key, length);
    if (*have)
        return npy_fail_key(p, from, "each key once", key, length);
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
