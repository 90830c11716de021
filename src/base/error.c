#include "base/error.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS      "\xE2\x80\xA6"
#define ELLIPSIS_SIZE 3

/* Longest text that is formatted before it is escaped and cut; escaping never makes it shorter. */
#define ERROR_SCRATCH 1024

/* Code points that would break the line, hide text or turn its direction around in a terminal. */
static bool error_must_escape(uint32_t c)
{
    return c == UTF8_BAD || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Cuts text (length bytes of valid UTF-8) to at most `most` bytes, the last ones an ellipsis. */
static size_t error_cut(char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    size_t keep = utf8_cut(text, length, most > ELLIPSIS_SIZE ? most - ELLIPSIS_SIZE : 0);
    if (keep + ELLIPSIS_SIZE <= most) {
        memcpy(text + keep, ELLIPSIS, ELLIPSIS_SIZE);
        keep += ELLIPSIS_SIZE;
    }
    text[keep] = '\0';
    return keep;
}

/* Any bytes as one line of valid UTF-8 that fits into cap with its NUL. Returns its length. */
static size_t error_escape(char *out, size_t cap, const char *text, size_t length)
{
    char line[4 * ERROR_SCRATCH + 1];
    size_t used = 0, at = 0;
    length = length < ERROR_SCRATCH ? length : ERROR_SCRATCH;
    while (at < length) {
        size_t start = at;
        uint32_t c = utf8_next(text, length, &at);
        if (!error_must_escape(c)) {
            memcpy(line + used, text + start, at - start);
            used += at - start;
        } else if (c == '\n') {
            line[used++] = '\\';
            line[used++] = 'n';
        } else {
            for (size_t i = start; i < at; i++, used += 4)
                snprintf(line + used, 5, "\\x%02X", (unsigned)(unsigned char)text[i]);
        }
    }
    line[used] = '\0';
    used = error_cut(line, used, cap - 1);
    memcpy(out, line, used + 1);
    return used;
}

static size_t error_format(char *out, size_t cap, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static size_t error_format(char *out, size_t cap, const char *fmt, va_list args)
{
    char raw[ERROR_SCRATCH];
    if (vsnprintf(raw, sizeof raw, fmt, args) < 0)
        raw[0] = '\0';
    return error_escape(out, cap, raw, strlen(raw));
}

bool error_set(Error *err, ErrorKind kind, const char *fmt, ...)
{
    if (!err || err->kind != ERROR_NONE)
        return false;
    va_list args;
    va_start(args, fmt);
    err->kind = kind;
    err->where[0] = '\0';
    error_format(err->what, sizeof err->what, fmt, args);
    va_end(args);
    return false;
}

bool error_at(Error *err, ErrorKind kind, const char *where, const char *fmt, ...)
{
    if (!err || err->kind != ERROR_NONE)
        return false;
    va_list args;
    va_start(args, fmt);
    err->kind = kind;
    error_escape(err->where, sizeof err->where, where, strlen(where));
    error_format(err->what, sizeof err->what, fmt, args);
    va_end(args);
    return false;
}

bool error_within(Error *err, const char *fmt, ...)
{
    if (!err || err->kind == ERROR_NONE)
        return false;
    char context[sizeof err->where];
    va_list args;
    va_start(args, fmt);
    size_t length = error_format(context, sizeof context, fmt, args);
    va_end(args);

    size_t inner = strlen(err->where), most = sizeof err->where - 1;
    if (inner > 0) {
        /* The innermost place says most, so a long context gives way first, down to a third. */
        size_t room = inner + 2 < most ? most - inner - 2 : 0;
        error_cut(context, length, room > most / 3 ? room : most / 3);
    }
    char joined[2 * sizeof err->where + 2];
    snprintf(joined, sizeof joined, "%s%s%s", context, inner ? ": " : "", err->where);
    error_cut(joined, strlen(joined), most);
    memcpy(err->where, joined, strlen(joined) + 1);
    return false;
}

bool error_memory(Error *err)
{
    return error_set(err, ERROR_LIMIT, "out of memory");
}

void error_clear(Error *err)
{
    if (err)
        *err = (Error){0};
}

void error_line(const Error *err, const char *file, char *out, size_t cap)
{
    if (cap == 0)
        return;
    char name[ERROR_SCRATCH] = "", line[ERROR_SCRATCH + sizeof(Error) + 8];
    if (file)
        error_escape(name, sizeof name, file, strlen(file));
    snprintf(line, sizeof line, "%s%s%s%s%s", name, name[0] ? ": " : "", err->where,
             err->where[0] ? ": " : "", err->what);
    size_t length = error_cut(line, strlen(line), cap - 1);
    memcpy(out, line, length + 1);
}

int error_exit_code(ErrorKind kind)
{
    return kind == ERROR_CANCELLED ? ERROR_IO : (int)kind;
}
