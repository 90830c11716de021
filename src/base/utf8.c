#include "base/utf8.h"

#include <stdio.h>

/* The three facts that a lead byte tells: how many bytes follow, its own bits, and the smallest
 * code point that needs so many (below it the form is overlong). */
const char *utf8_advice(const char *text, size_t length, size_t at)
{
    bool before = at == 0 || (unsigned char)text[at - 1] < 0x80;
    bool behind = at + 1 >= length || (unsigned char)text[at + 1] < 0x80;
    return (unsigned char)text[at] >= 0xA0 && (unsigned char)text[at] < 0xFE && before && behind
               ? " (Latin-1? iconv -f latin1 -t utf-8 makes it so)"
               : "";
}

uint32_t utf8_next(const char *text, size_t length, size_t *at)
{
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text + *at;
    size_t left = length - *at, follow;
    uint32_t c = p[0];
    *at += 1;
    if (c < 0x80)
        return c;
    if (c >= 0xC2 && c <= 0xDF)
        follow = 1, c &= 0x1F;
    else if (c >= 0xE0 && c <= 0xEF)
        follow = 2, c &= 0x0F;
    else if (c >= 0xF0 && c <= 0xF4)
        follow = 3, c &= 0x07;
    else
        return UTF8_BAD;
    if (left <= follow)
        return UTF8_BAD;
    for (size_t i = 1; i <= follow; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return UTF8_BAD;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < smallest[follow] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        return UTF8_BAD;
    *at += follow;
    return c;
}

size_t utf8_valid(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t start = at;
        if (utf8_next(text, length, &at) == UTF8_BAD)
            return start;
    }
    return length;
}

size_t utf8_put(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xD800 && c <= 0xDFFF)
            return 0;
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    if (c > 0x10FFFF)
        return 0;
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t utf8_back(const char *text, size_t at)
{
    if (at == 0)
        return 0;
    /* At most three bytes can follow a lead; where they do not belong to one, each stands alone,
     * just as utf8_next steps over them. */
    for (size_t step = 1; step <= 4 && step <= at; step++) {
        size_t start = at - step, next = start;
        if (((unsigned char)text[start] & 0xC0) == 0x80)
            continue;
        utf8_next(text, at, &next);
        return next == at ? start : at - 1;
    }
    return at - 1;
}

size_t utf8_count(const char *text, size_t length)
{
    size_t count = 0, at = 0;
    while (at < length) {
        utf8_next(text, length, &at);
        count++;
    }
    return count;
}

size_t utf8_cut(const char *text, size_t length, size_t max)
{
    if (length <= max)
        return length;
    /* Only the last few bytes can belong to a code point that does not fit. */
    size_t at = max;
    while (at > 0 && max - at < 3 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    size_t next = at;
    utf8_next(text, length, &next);
    return next > max && at < max ? at : max;
}

void utf8_vformat(char *out, size_t cap, const char *fmt, va_list args)
{
    int n = vsnprintf(out, cap, fmt, args);
    if (cap > 0 && n >= 0 && (size_t)n >= cap) {
        size_t whole = utf8_valid(out, cap - 1); /* a code point that was cut is not valid */
        if (whole + 4 > cap - 1)
            out[whole] = 0;
    }
}

void utf8_format(char *out, size_t cap, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    utf8_vformat(out, cap, fmt, args);
    va_end(args);
}
