#include "load/load_json.h"
#include "load/json_string.h"
#include "base/mem.h"

#include <string.h>

static const struct {
    const char *name;
    RawType type;
} INLINE_TYPES[] = {
    {"f32", {RAW_FLOAT, 4, false}},
    {"f16", {RAW_FLOAT, 2, false}},
    {"f64", {RAW_FLOAT, 8, false}},
    {"bf16", {RAW_BFLOAT, 2, false}},
};

/* The first character that base64 does not know, or length: a slip of the finger must not be told
 * as a wrong length. */
static size_t base64_stranger(const char *digits, size_t length)
{
    size_t at = 0;
    while (at < length) {
        char c = digits[at], low = (char)(c | 0x20);
        if (!((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
              c == '='))
            break;
        at++;
    }
    return at;
}

static bool error_stranger(Reader *r, size_t from, const char *digits, size_t length, size_t bad)
{
    char found[JSON_FOUND_SIZE];
    if (digits[bad] == '=')
        return reader_fail_as(r, ERROR_MALFORMED, from + bad,
                              "base64: expected '=' at the end alone, found more behind it");
    json_found(digits, length, bad, found);
    return reader_fail_as(r, ERROR_MALFORMED, from + bad,
                          "base64: expected A-Z a-z 0-9 + / or =, found %s", found);
}

/* The characters of a base64 string: lent from the text, or decoded when it has escapes ("\/"). */
static bool base64_bytes(Reader *r, const cJSON *item, uint64_t want, void **out)
{
    const char *text = r->tree->text;
    size_t from = json_from(r->tree, item) + 1, to = json_string_end(text, from - 1) - 1, bad = 0;
    const char *digits = text + from;
    char *plain = NULL;
    size_t length = to - from;
    if (memchr(digits, '\\', length)) {
        plain = mem_alloc(length + 1);
        if (!plain)
            return error_memory(r->err);
        length = json_string_decode(text, from - 1, plain, NULL);
        digits = plain;
    }
    bool ok = true;
    uint64_t have = (uint64_t)length / 4 * 3;
    have -= length >= 4 && digits[length - 1] == '=';
    have -= length >= 4 && digits[length - 2] == '=';
    bad = base64_stranger(digits, length);
    if (bad < length)
        ok = error_stranger(r, from, digits, length, bad);
    else if (length % 4 != 0)
        ok = reader_fail(r, item, "base64: expected a multiple of 4 characters, found %zu", length);
    else if (have != want && want != 0)
        ok = reader_fail(r, item, "base64: expected %llu bytes for the shape, found %llu",
                         (unsigned long long)want, (unsigned long long)have);
    *out = ok ? mem_alloc((size_t)have) : NULL;
    if (ok && !*out)
        ok = error_memory(r->err);
    if (ok && base64_decode(digits, length, *out, (size_t)have, &bad) < 0) {
        ok = error_stranger(r, from, digits, length, bad);
        mem_free(*out);
    }
    mem_free(plain);
    return ok;
}

static bool check_shape(Reader *r, const cJSON *item, const int64_t *shape, int ndim)
{
    char text[120];
    int64_t count;
    numbers_shape(shape, ndim, text, sizeof text);
    for (int i = 0; i < ndim; i++) {
        if (shape[i] < 1)
            return reader_fail(r, item, "shape: expected no empty dimension, found %s", text);
    }
    if (!numbers_count(shape, ndim, &count))
        return reader_fail(r, item, "shape: expected fewer than 2^63 numbers, found %s", text);
    return true;
}

bool reader_base64(Reader *r, const cJSON *object, NumbersRef *out)
{
    const cJSON *data = reader_member(object, "base64");
    const char *dtype = "";
    Numbers numbers = {.ndim = 0};
    const RawType *type = NULL;
    void *bytes = NULL;
    int64_t count = 0;
    int index;
    if (!reader_text(r, object, "dtype", &dtype))
        return false;
    for (size_t i = 0; i < sizeof INLINE_TYPES / sizeof *INLINE_TYPES; i++) {
        if (strcmp(dtype, INLINE_TYPES[i].name) == 0)
            type = &INLINE_TYPES[i].type;
    }
    if (!type)
        return reader_fail(r, object, "dtype: expected f32, f16, bf16 or f64, found %s%.20s%s",
                           dtype[0] ? "\"" : "", dtype[0] ? dtype : "none", dtype[0] ? "\"" : "");
    if (!reader_member(object, "shape"))
        return reader_fail(r, object, "expected the key \"shape\", found none");
    if (!reader_lengths(r, object, "shape", 0, numbers.shape, &numbers.ndim) ||
        !check_shape(r, object, numbers.shape, numbers.ndim))
        return false;
    numbers_count(numbers.shape, numbers.ndim, &count);
    uint64_t want;
    if (__builtin_mul_overflow((uint64_t)count, (uint64_t)type->size, &want))
        return reader_fail(r, object, "shape: expected fewer than 2^64 bytes, found more");
    size_t mark = reader_key(r, "base64");
    if (!cJSON_IsString(data))
        return reader_expected(r, data, "text");
    if (!base64_bytes(r, data, want, &bytes))
        return false;
    reader_up(r, mark);
    if (want > r->memory) {
        mem_free(bytes);
        return reader_over(r, data, LIMIT_MEMORY, "memory: expected at most %llu bytes, found %llu",
                           (unsigned long long)r->memory, (unsigned long long)want);
    }
    if (!numbers_take(&numbers, bytes, *type, count, r->err) || !reader_tensor(r, &numbers, &index))
        return false;
    reader_whole_tensor(r, index, out);
    return true;
}
