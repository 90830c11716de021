#include "load/lines.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { LINES_PIECE = 1 << 20 };

/* What the first bytes say; a byte order mark of UTF-8 is stepped over. */
static bool lines_mark(Lines *lines, Error *err)
{
    unsigned char b[4] = {0};
    uint64_t size = lines->file.stamp.size;
    size_t have = size < sizeof b ? (size_t)size : sizeof b;
    if (!file_read_at(&lines->file, b, have, 0, err))
        return false;
    bool wide = (b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF);
    if (have >= 2 && wide)
        return error_at(err, ERROR_MALFORMED, "byte 0x0", "expected UTF-8 text, found UTF-16");
    if (have >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF)
        lines->piece_from = 3;
    return true;
}

bool lines_open(Lines *lines, const char *path, const LoadRequest *request, Error *err)
{
    uint64_t most = limits_value(&request->limits, LIMIT_DUMP_BYTES);
    *lines = (Lines){.request = request,
                     .text = "",
                     .file.fd = -1,
                     .most = limits_value(&request->limits, LIMIT_LINE_BYTES)};
    if (!file_open(&lines->file, path, err))
        return false;
    bool ok = lines->file.stamp.size <= most ||
              limits_over(&request->limits, LIMIT_DUMP_BYTES, err, "",
                          "file is too large: expected at most %llu bytes, found %llu",
                          (unsigned long long)most, (unsigned long long)lines->file.stamp.size);
    ok = ok && lines_mark(lines, err);
    if (!ok)
        lines_close(lines);
    return ok;
}

void lines_close(Lines *lines)
{
    file_close(&lines->file);
    mem_free(lines->piece);
    lines->piece = NULL;
    lines->size = lines->cap = lines->at = lines->cut = 0;
    lines->text = "";
    lines->length = 0;
}

/* The byte that the NUL behind the present line took the place of. */
static void lines_mend(Lines *lines)
{
    if (lines->cut > 0)
        lines->piece[lines->cut - 1] = lines->was;
    lines->cut = 0;
}

static bool lines_cancelled(const Lines *lines, Error *err)
{
    const LoadRequest *r = lines->request;
    if (r->progress)
        r->progress(r->context, lines->piece_from + lines->size, lines->file.stamp.size);
    if (!r->cancel || !atomic_load(r->cancel))
        return false;
    error_set(err, ERROR_CANCELLED, "cancelled");
    return true;
}

/* One more piece behind what is left from `at` on. *end: the file has no more. */
static bool lines_read(Lines *lines, bool *end, Error *err)
{
    size_t left = lines->size - lines->at, want = left + LINES_PIECE;
    uint64_t from = lines->piece_from + lines->size, size = lines->file.stamp.size;
    uint64_t more = from < size ? size - from : 0;
    *end = more == 0;
    if (*end)
        return true;
    if (lines_cancelled(lines, err))
        return false;
    if (want + 1 > lines->cap) {
        size_t cap = want + 1 > 2 * lines->cap ? want + 1 : 2 * lines->cap;
        char *piece = mem_resize(lines->piece, cap, 1);
        if (!piece)
            return error_memory(err);
        lines->piece = piece;
        lines->cap = cap;
    }
    if (left > 0)
        memmove(lines->piece, lines->piece + lines->at, left);
    lines->piece_from += lines->at;
    lines->at = 0;
    size_t step = more < LINES_PIECE ? (size_t)more : LINES_PIECE;
    lines->size = left;
    Error why = {0};
    if (!file_read_at(&lines->file, lines->piece + left, step, from, &why)) {
        if (file_unchanged(&lines->file, err))
            error_at(err, why.kind, why.where, "%s", why.what);
        return false;
    }
    lines->size = left + step;
    lines->piece[lines->size] = '\0';
    return file_unchanged(&lines->file, err);
}

/* Of the present line, eight bytes at a time: lines are nearly always plain ASCII without NUL. */
static bool line_plain(const char *text, size_t length)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t bad = 0;
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        bad |= word | (word - ones); /* a top bit, or a byte that was 0: both ask for a look */
    }
    for (; at < length; at++)
        bad |= (text[at] & 0x80) || text[at] == '\0' ? tops : 0;
    return (bad & tops) == 0;
}

static bool line_check(const Lines *lines, Error *err)
{
    if (lines->length == 0 || line_plain(lines->text, lines->length))
        return true;
    const char *nul = memchr(lines->text, '\0', lines->length);
    if (nul)
        return lines_fail_at(lines, (size_t)(nul - lines->text), err,
                             "expected text, found a byte 0");
    size_t bad = utf8_valid(lines->text, lines->length);
    return bad == lines->length ||
           lines_fail_at(lines, bad, err, "expected UTF-8 text, found byte 0x%02X%s",
                         (unsigned)(unsigned char)lines->text[bad],
                         utf8_advice(lines->text, lines->length, bad));
}

/* The line break at or behind `seen` bytes of the line; NULL: not read yet. A CR whose next byte is
 * not read yet is none either. */
static const char *line_break(const Lines *lines, size_t seen, bool end)
{
    const char *from = lines->piece + lines->at + seen, *stop = lines->piece + lines->size;
    if (*from == '\n') /* files of nothing but empty lines are as fast as others */
        return from;
    const char *feed = memchr(from, '\n', (size_t)(stop - from));
    const char *back = memchr(from, '\r', (size_t)((feed ? feed : stop) - from));
    if (back && (back + 1 < stop || end))
        return back;
    return back ? NULL : feed;
}

/* Over the limit: said before more of it is read. */
static bool line_too_long(const Lines *lines, size_t length, Error *err)
{
    char where[40];
    uint64_t most = lines->most;
    if (length <= most)
        return false;
    snprintf(where, sizeof where, "line %lld", (long long)lines->number);
    limits_over(&lines->request->limits, LIMIT_LINE_BYTES, err, where,
                "line: expected at most %llu bytes, found more", (unsigned long long)most);
    return true;
}

static bool lines_take(Lines *lines, const char *stop)
{
    char *text = lines->piece + lines->at;
    lines->text = text;
    lines->length = (size_t)(stop - text);
    size_t end = lines->at + lines->length;
    lines->cut = end + 1;
    lines->was = lines->piece[end];
    lines->piece[end] = '\0';
    lines->at = end + (end < lines->size);
    if (lines->was == '\r' && lines->at < lines->size && lines->piece[lines->at] == '\n')
        lines->at++;
    return true;
}

bool lines_next(Lines *lines, Error *err)
{
    size_t seen = 0;
    bool end = false;
    if (lines->back) {
        lines->back = false;
        return true;
    }
    lines_mend(lines);
    lines->number++;
    lines->from = lines->piece_from + lines->at;
    for (;;) {
        const char *stop = lines->at + seen < lines->size ? line_break(lines, seen, end) : NULL;
        size_t length = stop ? (size_t)(stop - lines->piece) - lines->at : lines->size - lines->at;
        if (line_too_long(lines, length - (!stop && length > 0), err))
            return false;
        if (stop)
            return lines_take(lines, stop) && line_check(lines, err);
        if (end)
            break;
        seen = length - (length > 0 && lines->piece[lines->at + length - 1] == '\r');
        if (!lines_read(lines, &end, err))
            return false;
    }
    if (lines->at == lines->size) {
        lines->number--;
        lines->text = "";
        lines->length = 0;
        return file_unchanged(&lines->file, err) && false;
    }
    if (line_too_long(lines, lines->size - lines->at, err))
        return false;
    return lines_take(lines, lines->piece + lines->size) && line_check(lines, err);
}

void lines_skip_empty(Lines *lines)
{
    if (lines->back)
        return;
    lines_mend(lines);
    while (lines->at < lines->size && lines->piece[lines->at] == '\n') {
        lines->at++;
        lines->number++;
    }
}

void lines_back(Lines *lines)
{
    lines->back = true;
}

LinesPlace lines_place(const Lines *lines)
{
    return (LinesPlace){lines->from, lines->number};
}

bool lines_seek(Lines *lines, LinesPlace place, Error *err)
{
    lines_mend(lines);
    lines->back = false;
    lines->number = place.number - 1;
    if (lines->steady && lines->size > 0 && place.from == lines->piece_from + lines->at)
        return true; /* line after line: each piece is looked after when it is read */
    if (place.from >= lines->piece_from && place.from <= lines->piece_from + lines->size) {
        lines->at = (size_t)(place.from - lines->piece_from);
    } else {
        lines->piece_from = place.from;
        lines->size = lines->at = 0;
    }
    return file_unchanged(&lines->file, err);
}

static bool fail_where(const char *where, Error *err, const char *fmt, va_list args)
    ATTN_PRINTF(3, 0);

static bool fail_where(const char *where, Error *err, const char *fmt, va_list args)
{
    char text[sizeof err->what];
    utf8_vformat(text, sizeof text, fmt, args);
    return error_at(err, ERROR_MALFORMED, where, "%s", text);
}

bool lines_fail(const Lines *lines, Error *err, const char *fmt, ...)
{
    char where[40];
    va_list args;
    snprintf(where, sizeof where, "line %lld", (long long)lines->number);
    va_start(args, fmt);
    fail_where(where, err, fmt, args);
    va_end(args);
    return false;
}

bool lines_fail_at(const Lines *lines, size_t at, Error *err, const char *fmt, ...)
{
    char where[80];
    va_list args;
    snprintf(where, sizeof where, "line %lld, column %zu", (long long)lines->number,
             utf8_count(lines->text, at < lines->length ? at : lines->length) + 1);
    va_start(args, fmt);
    fail_where(where, err, fmt, args);
    va_end(args);
    return false;
}
