#include "load/json_scan.h"
#include "load/json_lift.h"
#include "load/json_number.h"
#include "load/json_string.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SCAN_NODES_MANY = 1 << 17 };

typedef struct {
    bool object;
    size_t key_from, key_to; /* the key of the member that is being read, without quotes */
    int64_t index;           /* of the item that is being read */
} Frame;

typedef enum { WANT_VALUE, WANT_FIRST_ITEM, WANT_FIRST_KEY, WANT_KEY, WANT_NEXT } Want;

typedef struct {
    const char *text;
    size_t length, at;
    const LoadRequest *request;
    JsonScan *out; /* NULL: only the check, or what follows cannot be right any more */
    Frame frames[JSON_DEPTH_MOST];
    int depth, depth_most;
    int64_t nodes, nodes_most, keys_most;
    uint32_t key; /* of the value that comes next */
    Error *err;
} Scanner;

void json_scan_init(JsonScan *scan)
{
    *scan = (JsonScan){.memory = UINT64_MAX / 2};
    buf_init(&scan->skeleton, BUF_NO_LIMIT);
}

void json_scan_free(JsonScan *scan)
{
    for (int i = 0; i < scan->block_count; i++) {
        mem_free(scan->blocks[i].floats);
        mem_free(scan->blocks[i].doubles);
    }
    mem_free(scan->blocks);
    mem_free(scan->nodes);
    buf_free(&scan->skeleton);
    json_scan_init(scan);
}

void json_place(const char *text, size_t length, size_t at, const char *path, char *out, size_t cap)
{
    size_t line = 1, start = 0;
    at = at < length ? at : length;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        start = 3;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + at - p))) != NULL; p++) {
        line++;
        start = (size_t)(p - text) + 1;
    }
    size_t column = start < at ? utf8_count(text + start, at - start) + 1 : 1;
    snprintf(out, cap, "line %zu, column %zu%s%s%s", line, column, path[0] ? " (" : "", path,
             path[0] ? ")" : "");
}

/* The path of the value that is being read, such as layers[0].q[1][3]. */
static void scan_path(const Scanner *s, char *out, size_t cap)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < s->depth && used + 1 < cap; i++) {
        const Frame *f = &s->frames[i];
        int n = 0;
        if (!f->object) {
            n = snprintf(out + used, cap - used, "[%lld]", (long long)f->index);
        } else if (f->key_to > f->key_from) {
            size_t size = utf8_cut(s->text + f->key_from, f->key_to - f->key_from, 40);
            n = snprintf(out + used, cap - used, "%s%.*s", used ? "." : "", (int)size,
                         s->text + f->key_from);
        }
        if (n > 0)
            used += (size_t)n;
    }
}

static void scan_place(Scanner *s, size_t at, char where[160])
{
    char path[110];
    scan_path(s, path, sizeof path);
    json_place(s->text, s->length, at, path, where, 160);
}

static bool scan_fail_as(Scanner *s, size_t at, const char *fmt, ...) ATTN_PRINTF(3, 4);
static bool scan_fail_as(Scanner *s, size_t at, const char *fmt, ...)
{
    char where[160], what[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    scan_place(s, at, where);
    return error_at(s->err, ERROR_MALFORMED, where, "%s", what);
}

/* `what: expected at most N units, found more` */
static bool scan_over(Scanner *s, size_t at, Limit limit, const char *what, const char *units)
{
    char where[160];
    const LoadLimits *limits = &s->request->limits;
    scan_place(s, at, where);
    return limits_over(limits, limit, s->err, where, "%s: expected at most %llu%s, found more",
                       what, (unsigned long long)limits_value(limits, limit), units);
}

/* `expected X, found Y`; where the text stops, what it stops inside of. */
static bool scan_fail(Scanner *s, size_t at, const char *expected)
{
    char found[JSON_FOUND_SIZE], path[110], where[160];
    if (at < s->length) {
        json_found(s->text, s->length, at, found);
        return scan_fail_as(s, at, "expected %s, found %s", expected, found);
    }
    scan_path(s, path, sizeof path);
    json_place(s->text, s->length, at, "", where, sizeof where);
    return error_at(s->err, ERROR_MALFORMED, where,
                    "file ends%s%s: expected %s, found the end of the file",
                    path[0] ? " inside " : "", path, expected);
}

static void scan_space(Scanner *s)
{
    const char *text = s->text;
    size_t at = s->at;
    while (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')
        at++;
    s->at = at;
}

static bool scan_cancelled(Scanner *s)
{
    if ((s->nodes & 0xFFF) != 0)
        return false;
    if (s->request->progress)
        s->request->progress(s->request->context, s->at, s->length);
    return s->request->cancel && atomic_load(s->request->cancel);
}

/* Notes one value and writes its stand-in for cJSON. */
static bool scan_node(Scanner *s, size_t from, int block, const char *skeleton)
{
    JsonScan *out = s->out;
    if (s->nodes++ >= s->nodes_most)
        return scan_over(s, from, LIMIT_NODES, "values", "");
    if (scan_cancelled(s))
        return error_set(s->err, ERROR_CANCELLED, "cancelled");
    if (!out)
        return true;
    if (out->node_count == SCAN_NODES_MANY &&
        !json_scan_right(out, s->text, s->length, s->request, s->err))
        return false;
    if (out->node_count == out->node_cap) {
        int64_t cap = out->node_cap ? out->node_cap * 2 : 64;
        JsonNode *nodes = mem_resize(out->nodes, (size_t)cap, sizeof *nodes);
        if (!nodes)
            return error_memory(s->err);
        out->nodes = nodes;
        out->node_cap = cap;
    }
    out->nodes[out->node_count++] = (JsonNode){(uint32_t)from, s->key, block};
    s->key = JSON_NO_KEY;
    return buf_text(&out->skeleton, skeleton) || buf_ok(&out->skeleton, s->err);
}

static bool scan_mark(Scanner *s, const char *skeleton)
{
    return !s->out || buf_text(&s->out->skeleton, skeleton) || buf_ok(&s->out->skeleton, s->err);
}

static bool scan_open(Scanner *s, bool object, Want *want)
{
    if (s->depth == s->depth_most)
        return scan_over(s, s->at, LIMIT_DEPTH, "nesting", " levels");
    if (!scan_node(s, s->at, -1, object ? "{" : "["))
        return false;
    s->frames[s->depth++] = (Frame){.object = object};
    s->at++;
    *want = object ? WANT_FIRST_KEY : WANT_FIRST_ITEM;
    return true;
}

static bool scan_close(Scanner *s, Want *want)
{
    bool object = s->frames[--s->depth].object;
    s->at++;
    *want = WANT_NEXT;
    return scan_mark(s, object ? "}" : "]");
}

static bool scan_array(Scanner *s, Want *want)
{
    size_t from = s->at;
    LiftResult lifted = LIFT_NOT;
    if (s->depth + 3 <= s->depth_most)
        lifted = json_lift(s->text, s->length, &s->at, s->request, s->out, s->err);
    if (lifted == LIFT_FAILED)
        return false;
    if (lifted == LIFT_DONE) {
        *want = WANT_NEXT;
        return scan_node(s, from, s->out ? s->out->block_count - 1 : -1, "0");
    }
    if (lifted == LIFT_WRONG) { /* an error is certain: go and find it, keep nothing on the way */
        s->out = NULL;
        s->nodes_most = INT64_MAX;
    }
    return scan_open(s, false, want);
}

static bool scan_string(Scanner *s, size_t *from, size_t *to)
{
    JsonStringFault fault;
    *from = s->at + 1;
    if (json_string_check(s->text, s->length, &s->at, &fault)) {
        *to = s->at - 1;
        return true;
    }
    if (fault.sentence[0])
        return scan_fail_as(s, fault.at, "%s", fault.sentence);
    return scan_fail(s, fault.at, fault.expected);
}

static bool scan_word(Scanner *s, const char *word)
{
    char expected[32];
    size_t from = s->at, i = 0;
    while (word[i] && s->text[from + i] == word[i])
        i++;
    snprintf(expected, sizeof expected, "the word %s", word);
    if (word[i])
        return scan_fail(s, from + i, expected);
    s->at += i;
    return scan_node(s, from, -1, word);
}

static bool scan_nonfinite(Scanner *s, size_t length)
{
    size_t from = s->at;
    if (!s->request->allow_nan)
        return scan_fail_as(s, from,
                            "expected a finite number, found %.*s (--allow-nan opens such files)",
                            (int)length, s->text + from);
    s->at += length;
    return scan_node(s, from, -1, "0");
}

static bool scan_number(Scanner *s)
{
    JsonNumber number;
    double value;
    size_t from = s->at, end = json_number(s->text, from, &number);
    if (end == from) {
        size_t word = json_nonfinite(s->text, from, &value);
        return word ? scan_nonfinite(s, word) : scan_fail(s, number.bad, number.expected);
    }
    size_t size = end - from;
    if (size > JSON_NUMBER_LONGEST)
        return scan_over(s, from, LIMIT_NUMBER, "number", " characters");
    if (number.overflow)
        return scan_fail_as(s, from,
                            "number: expected at most 1.7976931348623157e308 in size, found %.*s%s",
                            (int)(size < 40 ? size : 40), s->text + from, size < 40 ? "" : "…");
    if (s->out && number.underflow && s->out->warnings_underflow++ == 0)
        s->out->first_underflow = from;
    if (s->out && number.rounded && s->out->warnings_precision++ == 0)
        s->out->first_precision = from;
    s->at = end;
    return scan_node(s, from, -1, "0");
}

static bool scan_value(Scanner *s, Want *want)
{
    size_t from, to;
    double value;
    char c = s->text[s->at];
    *want = WANT_NEXT;
    switch (c) {
    case '{':
        return scan_open(s, true, want);
    case '[':
        return scan_array(s, want);
    case '"':
        from = s->at;
        return scan_string(s, &to, &to) && scan_node(s, from, -1, "\"\"");
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        if (json_nonfinite(s->text, s->at, &value) == 0)
            return scan_word(s, "null");
        break;
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return scan_number(s);
    }
    size_t word = json_nonfinite(s->text, s->at, &value);
    return word ? scan_nonfinite(s, word) : scan_fail(s, s->at, "a value");
}

static bool scan_key(Scanner *s, Want *want)
{
    Frame *f = &s->frames[s->depth - 1];
    f->key_from = f->key_to = 0;
    if (s->out && f->index >= s->keys_most)
        return scan_over(s, s->at, LIMIT_KEYS, "keys", " in an object");
    if (s->text[s->at] != '"')
        return scan_fail(s, s->at, "a key in quotes");
    size_t quote = s->at, from, to;
    if (!scan_string(s, &from, &to))
        return false;
    f->key_from = from;
    f->key_to = to;
    s->key = (uint32_t)quote;
    if (s->out && !(buf_append(&s->out->skeleton, s->text + quote, s->at - quote) &&
                    buf_byte(&s->out->skeleton, ':')))
        return buf_ok(&s->out->skeleton, s->err);
    scan_space(s);
    if (s->text[s->at] != ':')
        return scan_fail(s, s->at, "':'");
    s->at++;
    *want = WANT_VALUE;
    return true;
}

/* Behind a value: a comma, or the end of what it stands in. */
static bool scan_next(Scanner *s, Want *want)
{
    Frame *f = &s->frames[s->depth - 1];
    char c = s->text[s->at];
    if (c == (f->object ? '}' : ']'))
        return scan_close(s, want);
    if (c != ',')
        return scan_fail(s, s->at, f->object ? "',' or '}'" : "',' or ']'");
    s->at++;
    f->index++;
    *want = f->object ? WANT_KEY : WANT_VALUE;
    return scan_mark(s, ",");
}

static bool scan_run(Scanner *s)
{
    Want want = WANT_VALUE;
    for (;;) {
        bool ok = true;
        scan_space(s);
        char c = s->text[s->at];
        if (want == WANT_NEXT && s->depth == 0)
            return true;
        if ((want == WANT_FIRST_ITEM && c == ']') || (want == WANT_FIRST_KEY && c == '}'))
            ok = scan_close(s, &want);
        else if (want == WANT_NEXT)
            ok = scan_next(s, &want);
        else if (want == WANT_FIRST_KEY || want == WANT_KEY)
            ok = scan_key(s, &want);
        else
            ok = scan_value(s, &want);
        if (!ok)
            return false;
    }
}

/* A text of another encoding has zero bytes where ASCII has none, or begins with its own mark. */
static const char *foreign_encoding(const char *text, size_t length)
{
    static const struct {
        const char *mark;
        size_t size;
        const char *name;
    } marks[] = {
        {"\xFF\xFE\0\0", 4, "UTF-32 (little-endian)"},
        {"\0\0\xFE\xFF", 4, "UTF-32 (big-endian)"},
        {"\xFF\xFE", 2, "UTF-16 (little-endian)"},
        {"\xFE\xFF", 2, "UTF-16 (big-endian)"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (length >= marks[i].size && memcmp(text, marks[i].mark, marks[i].size) == 0)
            return marks[i].name;
    }
    if (length < 4)
        return NULL;
    int zeros = 0;
    for (int i = 0; i < 4; i++)
        zeros = zeros * 2 + (text[i] == 0);
    return zeros == 14   ? "UTF-32 (big-endian)"
           : zeros == 7  ? "UTF-32 (little-endian)"
           : zeros == 10 ? "UTF-16 (big-endian)"
           : zeros == 5  ? "UTF-16 (little-endian)"
                         : NULL;
}

bool json_scan_next(const char *text, size_t length, size_t *at, const LoadRequest *request,
                    JsonScan *out, Error *err)
{
    Scanner s = {.text = text,
                 .length = length,
                 .at = *at,
                 .request = request,
                 .out = out,
                 .depth_most = (int)limits_value(&request->limits, LIMIT_DEPTH),
                 .nodes_most = (int64_t)limits_value(&request->limits, LIMIT_NODES),
                 .keys_most = (int64_t)limits_value(&request->limits, LIMIT_KEYS),
                 .key = JSON_NO_KEY,
                 .err = err};
    if (s.depth_most > JSON_DEPTH_MOST)
        s.depth_most = JSON_DEPTH_MOST;
    if (length >= UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "text: expected at most 4294967294 bytes, found %zu",
                         length);
    if (*at == 0) {
        const char *encoding = foreign_encoding(text, length);
        if (encoding)
            return error_at(err, ERROR_MALFORMED, "byte 0", "encoding: expected UTF-8, found %s",
                            encoding);
        if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
            s.at = 3;
    }
    if (out)
        out->start = *at;
    bool ok = scan_run(&s);
    *at = s.at;
    return ok;
}

bool json_scan_right(JsonScan *scan, const char *text, size_t length, const LoadRequest *request,
                     Error *err)
{
    size_t at = scan->start;
    LoadRequest quiet = *request;
    quiet.progress = NULL; /* it goes ahead: what is told after it would go back */
    scan->right = scan->right || json_scan_next(text, length, &at, &quiet, NULL, err);
    return scan->right;
}

bool json_scan(const char *text, size_t length, const LoadRequest *request, JsonScan *out,
               Error *err)
{
    size_t at = 0;
    if (!json_scan_next(text, length, &at, request, out, err))
        return false;
    if (at == length)
        return true;
    char where[160], found[JSON_FOUND_SIZE];
    json_place(text, length, at, "", where, sizeof where);
    json_found(text, length, at, found);
    return error_at(err, ERROR_MALFORMED, where, "expected the end of the file, found %s", found);
}
