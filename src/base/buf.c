#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUF_SMALLEST 64

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void buf_init(Buf *buf, size_t limit)
{
    *buf = (Buf){.limit = limit};
}

void buf_free(Buf *buf)
{
    mem_free(buf->data);
    buf_init(buf, buf->limit);
}

void buf_clear(Buf *buf)
{
    buf->size = 0;
    buf->failed = buf->over_limit = false;
    if (buf->data)
        buf->data[0] = '\0';
}

bool buf_reserve(Buf *buf, size_t more)
{
    size_t need;
    if (buf->failed)
        return false;
    if (!mem_add(buf->size, more, &need) || need > buf->limit || !mem_add(need, 1, &need)) {
        buf->failed = buf->over_limit = true;
        return false;
    }
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap < BUF_SMALLEST ? BUF_SMALLEST : buf->cap;
    while (cap < need && mem_mul(cap, 2, &cap))
        ;
    if (cap < need)
        cap = need;
    if (cap > buf->limit)
        cap = buf->limit + 1; /* never more than may be used: vsnprintf stops there by itself */
    char *data = mem_resize(buf->data, cap, 1);
    if (!data && cap > need) {
        cap = need; /* doubling is only for speed */
        data = mem_resize(buf->data, cap, 1);
    }
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    buf->data[buf->size] = '\0';
    return true;
}

bool buf_append(Buf *buf, const void *data, size_t size)
{
    if (!buf_reserve(buf, size))
        return false;
    if (size)
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
    return true;
}

bool buf_text(Buf *buf, const char *text)
{
    return buf_append(buf, text, strlen(text));
}

bool buf_byte(Buf *buf, char byte)
{
    return buf_append(buf, &byte, 1);
}

bool buf_printf(Buf *buf, const char *fmt, ...)
{
    if (!buf_reserve(buf, 0))
        return false;
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    size_t room = buf->cap - buf->size;
    int length = vsnprintf(buf->data + buf->size, room, fmt, args);
    bool ok = length >= 0;
    if (ok && (size_t)length >= room) {
        buf->data[buf->size] = '\0';
        ok = buf_reserve(buf, (size_t)length) &&
             vsnprintf(buf->data + buf->size, (size_t)length + 1, fmt, again) == length;
    }
    va_end(again);
    va_end(args);
    if (ok)
        buf->size += (size_t)length;
    else
        buf->failed = true;
    buf->data[buf->size] = '\0';
    return ok;
}

bool buf_base64(Buf *buf, const void *data, size_t size)
{
    const unsigned char *p = data;
    size_t length;
    if (!mem_mul(size / 3 + (size % 3 != 0), 4, &length))
        length = SIZE_MAX;
    if (!buf_reserve(buf, length))
        return false;
    char *out = buf->data + buf->size;
    for (; size >= 3; size -= 3, p += 3) {
        *out++ = BASE64[p[0] >> 2];
        *out++ = BASE64[(p[0] & 3) << 4 | p[1] >> 4];
        *out++ = BASE64[(p[1] & 15) << 2 | p[2] >> 6];
        *out++ = BASE64[p[2] & 63];
    }
    if (size) {
        unsigned second = size == 2 ? p[1] : 0;
        *out++ = BASE64[p[0] >> 2];
        *out++ = BASE64[(p[0] & 3u) << 4 | second >> 4];
        *out++ = size == 2 ? BASE64[(second & 15) << 2] : '=';
        *out++ = '=';
    }
    buf->size += length;
    buf->data[buf->size] = '\0';
    return true;
}

bool buf_ok(const Buf *buf, Error *err)
{
    if (!buf->failed)
        return true;
    if (buf->over_limit)
        return error_set(err, ERROR_LIMIT,
                         "text is too long: expected at most %zu bytes, found more", buf->limit);
    return error_memory(err);
}

const char *buf_string(const Buf *buf)
{
    return buf->data ? buf->data : "";
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Up to four digits at text into bits, from the top. Returns how many are digits. */
static size_t base64_quad(const char *text, size_t length, uint32_t *bits)
{
    size_t n = 0;
    *bits = 0;
    for (; n < 4 && n < length; n++) {
        int digit = base64_digit(text[n]);
        if (digit < 0)
            break;
        *bits |= (uint32_t)digit << (18 - 6 * n);
    }
    return n;
}

int64_t base64_decode(const char *text, size_t length, void *out, size_t cap, size_t *bad)
{
    unsigned char *to = out;
    size_t used = 0, at = 0, wrong = 0;
    while (at < length) {
        uint32_t bits;
        size_t n = base64_quad(text + at, length - at, &bits);
        wrong = at + n;
        if (n < 4) {
            /* Only the very end may be padded, by one or two. */
            size_t pad = 0;
            while (n + pad < 4 && at + n + pad < length && text[at + n + pad] == '=')
                pad++;
            wrong = n < 2 ? at + n : at + n + pad;
            if (n < 2 || n + pad < 4 || at + 4 < length)
                break;
            /* Bits behind the last byte must be 0, or two texts would mean the same bytes. */
            wrong = at + n - 1;
            if (bits & (n == 2 ? 0xFFFFu : 0xFFu))
                break;
        }
        size_t bytes = n - 1;
        if (cap - used < bytes) {
            wrong = at;
            break;
        }
        for (size_t i = 0; i < bytes; i++)
            to[used++] = (unsigned char)(bits >> (16 - 8 * i));
        at += 4;
    }
    if (at >= length)
        return (int64_t)used;
    if (bad)
        *bad = wrong;
    return -1;
}
