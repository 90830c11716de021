#include "load/json_string.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

void json_found(const char *text, size_t length, size_t at, char out[JSON_FOUND_SIZE])
{
    size_t next = at;
    if (at >= length) {
        snprintf(out, JSON_FOUND_SIZE, "the end of the file");
        return;
    }
    unsigned byte = (unsigned char)text[at];
    uint32_t c = utf8_next(text, length, &next);
    if (c == UTF8_BAD)
        snprintf(out, JSON_FOUND_SIZE, "byte 0x%02X", byte);
    else if (c == '\n' || c == '\r')
        snprintf(out, JSON_FOUND_SIZE, "the end of the line");
    else if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0xFEFF)
        snprintf(out, JSON_FOUND_SIZE, "U+%04X", (unsigned)c);
    else if (c < 0x80)
        snprintf(out, JSON_FOUND_SIZE, "'%c'", (char)c);
    else
        snprintf(out, JSON_FOUND_SIZE, "'%.*s' (U+%04X)", (int)(next - at), text + at, (unsigned)c);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits at text[at], or -1 and *bad. A NUL at the end of the text is no digit. */
static int32_t hex4(const char *text, size_t at, size_t *bad)
{
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(text[at + i]);
        if (digit < 0) {
            *bad = at + i;
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static bool fault_at(JsonStringFault *fault, size_t at, const char *expected)
{
    fault->at = at;
    fault->expected = expected;
    fault->sentence[0] = '\0';
    return false;
}

static bool fault_says(JsonStringFault *fault, size_t at, const char *sentence)
{
    fault->at = at;
    snprintf(fault->sentence, sizeof fault->sentence, "%s", sentence);
    return false;
}

/* \uXXXX at text[*at] (the backslash), pairs of surrogates too. */
static bool check_unicode(const char *text, size_t length, size_t *at, JsonStringFault *fault)
{
    size_t start = *at, bad = 0;
    int32_t code = hex4(text, start + 2, &bad);
    char sentence[100];
    if (code < 0)
        return fault_at(fault, bad < length ? bad : length, "4 hexadecimal digits behind \\u");
    if (code == 0)
        return fault_says(fault, start,
                          "expected a character that can be part of a token, found U+0000");
    *at += 6;
    if (code < 0xD800 || code > 0xDFFF)
        return true;
    snprintf(sentence, sizeof sentence,
             "escape: expected a pair of surrogates, found \\u%04x alone", (unsigned)code);
    if (code > 0xDBFF || text[*at] != '\\' || text[*at + 1] != 'u')
        return *at >= length ? fault_at(fault, length, "the second half of a pair of surrogates")
                             : fault_says(fault, start, sentence);
    int32_t low = hex4(text, *at + 2, &bad);
    if (low < 0)
        return fault_at(fault, bad < length ? bad : length, "4 hexadecimal digits behind \\u");
    if (low < 0xDC00 || low > 0xDFFF)
        return fault_says(fault, start, sentence);
    *at += 6;
    return true;
}

static bool check_escape(const char *text, size_t length, size_t *at, JsonStringFault *fault)
{
    char c = text[*at + 1];
    if (c == 'u')
        return check_unicode(text, length, at, fault);
    if (*at + 1 >= length || c == '\0' || !strchr("\"\\/bfnrt", c))
        return fault_at(fault, *at + 1, "one of \" \\ / b f n r t u behind \\");
    *at += 2;
    return true;
}

static bool check_other(const char *text, size_t length, size_t *at, JsonStringFault *fault)
{
    size_t start = *at;
    unsigned char c = (unsigned char)text[start];
    if (start >= length)
        return fault_at(fault, length, "the closing quote of a string");
    if (c == 0)
        return fault_says(fault, start,
                          "expected a character that can be part of a token, found U+0000");
    if (c < 0x20) {
        fault->at = start;
        snprintf(fault->sentence, sizeof fault->sentence,
                 "string: expected control characters as escapes, found a raw U+%04X", c);
        return false;
    }
    if (utf8_next(text, length, at) == UTF8_BAD) {
        fault->at = start;
        snprintf(fault->sentence, sizeof fault->sentence,
                 "string: expected UTF-8, found byte 0x%02X (byte %zu of the file)%s", c, start,
                 utf8_advice(text, length, start));
        return false;
    }
    return true;
}

bool json_string_check(const char *text, size_t length, size_t *at, JsonStringFault *fault)
{
    size_t i = *at + 1;
    for (;;) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' && i < length)
            break;
        bool ok = true;
        if (c >= 0x20 && c < 0x80 && c != '\\')
            i++;
        else
            ok = c == '\\' && i < length ? check_escape(text, length, &i, fault)
                                         : check_other(text, length, &i, fault);
        if (!ok)
            return false;
    }
    *at = i + 1;
    return true;
}

size_t json_string_end(const char *text, size_t at)
{
    for (at++; text[at] != '"'; at++)
        at += text[at] == '\\';
    return at + 1;
}

size_t json_string_decode(const char *text, size_t at, char *out, size_t *end)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    size_t used = 0, bad = 0;
    for (at++; text[at] != '"';) {
        if (text[at] != '\\') {
            out[used++] = text[at++];
            continue;
        }
        char c = text[at + 1];
        const char *known = strchr(from, c);
        if (c != 'u') {
            out[used++] = known ? to[known - from] : c;
            at += 2;
            continue;
        }
        uint32_t code = (uint32_t)hex4(text, at + 2, &bad);
        at += 6;
        if (code >= 0xD800 && code <= 0xDBFF) {
            code =
                0x10000 + ((code - 0xD800) << 10) + ((uint32_t)hex4(text, at + 2, &bad) - 0xDC00);
            at += 6;
        }
        char bytes[4];
        size_t size = utf8_put(bytes, code);
        memcpy(out + used, bytes, size);
        used += size;
    }
    if (end)
        *end = at + 1;
    return used;
}

bool json_string_write(Buf *out, const char *text, size_t length)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    buf_byte(out, '"');
    size_t done = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *known = c ? strchr(from, (char)c) : NULL;
        if (c >= 0x20 && !known)
            continue;
        buf_append(out, text + done, i - done);
        if (known)
            buf_printf(out, "\\%c", to[known - from]);
        else
            buf_printf(out, "\\u%04x", c);
        done = i + 1;
    }
    buf_append(out, text + done, length - done);
    return buf_byte(out, '"');
}
