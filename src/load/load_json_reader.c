#include "load/load_json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t reader_key(Reader *r, const char *key)
{
    size_t mark = r->path_length, room = sizeof r->path - mark;
    int n = snprintf(r->path + mark, room, "%s%.40s", mark ? "." : "", key);
    r->path_length += (size_t)n < room ? (size_t)n : room - 1;
    return mark;
}

size_t reader_index(Reader *r, int64_t index)
{
    size_t mark = r->path_length, room = sizeof r->path - mark;
    int n = snprintf(r->path + mark, room, "[%lld]", (long long)index);
    r->path_length += (size_t)n < room ? (size_t)n : room - 1;
    return mark;
}

void reader_up(Reader *r, size_t mark)
{
    r->path_length = mark;
    r->path[mark] = '\0';
}

static bool fail_text(Reader *r, ErrorKind kind, size_t at, const char *what)
{
    char where[160];
    json_place(r->tree->text, r->tree->length, at, r->path, where, sizeof where);
    return error_at(r->err, kind, where, "%s", what);
}

bool reader_fail(Reader *r, const cJSON *item, const char *fmt, ...)
{
    char what[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return fail_text(r, ERROR_MALFORMED, json_from(r->tree, item), what);
}

bool reader_fail_as(Reader *r, ErrorKind kind, size_t at, const char *fmt, ...)
{
    char what[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return fail_text(r, kind, at, what);
}

bool reader_over(Reader *r, const cJSON *item, Limit limit, const char *fmt, ...)
{
    char what[240], note[LIMITS_NOTE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return reader_fail_as(r, ERROR_LIMIT, json_from(r->tree, item), "%s %s", what,
                          limits_note(&r->request->limits, limit, note));
}

bool reader_expected(Reader *r, const cJSON *item, const char *expected)
{
    return reader_fail(r, item, "expected %s, found %s", expected, json_type(r->tree, item));
}

bool reader_warn(Reader *r, const char *fmt, ...)
{
    char text[400];
    Document *doc = r->doc;
    if (doc->warning_count == LIMIT_MOST_WARNINGS)
        return true;
    if (!doc->warnings) {
        doc->warnings = reader_alloc(r, LIMIT_MOST_WARNINGS, sizeof *doc->warnings);
        if (!doc->warnings)
            return false;
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    const char *copy = arena_text(&doc->arena, text, strlen(text));
    if (!copy)
        return error_memory(r->err);
    doc->warnings[doc->warning_count++] = copy;
    return true;
}

bool reader_lines_fit(Reader *r, const Buf *source)
{
    const char *text = buf_string(source), *end = text + source->size;
    const atomic_bool *cancel = r->request->cancel;
    int64_t most = (int64_t)limits_value(&r->request->limits, LIMIT_SENTENCES), count = 0, line = 0;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; line++) {
        count += *++p == '{'; /* behind the last byte is a NUL */
        if ((line & 0xFFFF) == 0 && cancel && atomic_load(cancel))
            return error_set(r->err, ERROR_CANCELLED, "cancelled");
    }
    if (count < most)
        return true;
    size_t at = 0;
    LoadRequest silent = *r->request; /* progress only goes on */
    silent.progress = NULL;
    for (count = 0; at < source->size && count <= most; count++) {
        if (!json_scan_next(text, source->size, &at, &silent, NULL, r->err))
            return false;
    }
    return count <= most ||
           limits_over(&r->request->limits, LIMIT_SENTENCES, r->err, "",
                       "sentences: expected at most %lld, found more", (long long)most);
}

void reader_note_numbers(Reader *r)
{
    const JsonScan *scan = &r->tree->scan;
    if (r->underflow == 0)
        r->first_underflow = scan->first_underflow;
    if (r->imprecise == 0)
        r->first_imprecise = scan->first_precision;
    r->underflow += scan->warnings_underflow;
    r->imprecise += scan->warnings_precision;
}

static bool tell_first(Reader *r, const Buf *source, size_t first, int64_t count, const char *one,
                       const char *many)
{
    char where[80];
    if (count == 0)
        return true;
    json_place(buf_string(source), source->size, first, "", where, sizeof where);
    if (count == 1)
        return reader_warn(r, "one %s, at %s", one, where);
    return reader_warn(r, "%lld %s, the first at %s", (long long)count, many, where);
}

bool reader_tell_text(Reader *r, const Buf *source)
{
    return tell_first(r, source, r->first_underflow, r->underflow,
                      "number is too small for a double and became 0",
                      "numbers are too small for a double and became 0") &&
           tell_first(r, source, r->first_imprecise, r->imprecise,
                      "whole number is beyond 2^53 and was rounded",
                      "whole numbers are beyond 2^53 and were rounded");
}

bool reader_count_rows(Reader *r, DocMatrix weights, const char *before, const char *after)
{
    enum { BAND = 1 << 20 }; /* numbers between looks at the cancel flag */
    const atomic_bool *cancel = r->request->cancel;
    int rows = weights.rows, band = weights.cols > 0 ? BAND / weights.cols + 1 : rows;
    int64_t offset = weights.offset;
    for (int at = 0; at < rows; at += band) {
        int first = 0;
        double sum = 0, worst = 0;
        if (cancel && atomic_load(cancel))
            return error_set(r->err, ERROR_CANCELLED, "cancelled");
        weights.offset = offset + at * weights.step;
        weights.rows = rows - at < band ? rows - at : band;
        int64_t odd = document_odd_rows(r->doc, weights, &first, &sum, &worst);
        if (odd && r->odd_rows == 0)
            snprintf(r->first_odd, sizeof r->first_odd, "%s%d%s: %.6g", before, at + first, after,
                     sum);
        r->odd_rows += odd;
    }
    r->rows += rows;
    return true;
}

bool reader_count_sentence(Reader *r, const DocSentence *s, int sentence)
{
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            const DocHead *head = &s->layers[l].heads[h];
            char place[80];
            snprintf(place, sizeof place, " of layer %d, head %d, sentence %d", l, h, sentence);
            if (head->weights.tensor >= 0 && !reader_count_rows(r, head->weights, "row ", place))
                return false;
        }
    }
    return true;
}

bool reader_tell_numbers(Reader *r)
{
    if (r->nonfinite == 1 && !reader_warn(r, "one number is not finite: %s", r->first_nonfinite))
        return false;
    if (r->nonfinite > 1 && !reader_warn(r, "%lld numbers are not finite, the first is %s",
                                         (long long)r->nonfinite, r->first_nonfinite))
        return false;
    if (r->odd_rows &&
        !reader_warn(r, "%lld of %lld rows of weights %s not sum to 1, the first is %s",
                     (long long)r->odd_rows, (long long)r->rows, r->odd_rows == 1 ? "does" : "do",
                     r->first_odd))
        return false;
    if (r->rounded == 1)
        return reader_warn(r, "one whole number is beyond 2^53 and was rounded: %s", r->exact);
    return r->rounded == 0 ||
           reader_warn(r, "%lld whole numbers are beyond 2^53 and were rounded, the first is %s",
                       (long long)r->rounded, r->exact);
}

void *reader_alloc(Reader *r, size_t count, size_t size)
{
    void *block = arena_alloc(&r->doc->arena, count, size);
    if (!block)
        error_memory(r->err);
    return block;
}

const cJSON *reader_member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

bool reader_text(Reader *r, const cJSON *object, const char *key, const char **out)
{
    const cJSON *item = reader_member(object, key);
    if (!item)
        return true;
    size_t mark = reader_key(r, key);
    if (!cJSON_IsString(item))
        return reader_expected(r, item, "text");
    *out = json_text(r->tree, item, &r->doc->arena);
    reader_up(r, mark);
    return *out != NULL || error_memory(r->err);
}

bool reader_positive(Reader *r, const cJSON *object, const char *key, double *out)
{
    const cJSON *item = reader_member(object, key);
    double value;
    if (!item)
        return true;
    size_t mark = reader_key(r, key);
    if (!json_real(r->tree, item, &value))
        return reader_expected(r, item, "a number above 0");
    if (!(value > 0))
        return reader_fail(r, item, "expected a number above 0, found %.15g", value);
    *out = value;
    reader_up(r, mark);
    return true;
}

bool reader_finite(Reader *r, const cJSON *object, const char *key, double *out)
{
    const cJSON *item = reader_member(object, key);
    if (!item)
        return true;
    size_t mark = reader_key(r, key);
    if (!json_real(r->tree, item, out))
        return reader_expected(r, item, "a finite number");
    reader_up(r, mark);
    return true;
}

bool reader_flag(Reader *r, const cJSON *object, const char *key, bool *out)
{
    const cJSON *item = reader_member(object, key);
    if (!item)
        return true;
    size_t mark = reader_key(r, key);
    if (!cJSON_IsBool(item))
        return reader_expected(r, item, "true or false");
    *out = cJSON_IsTrue(item);
    reader_up(r, mark);
    return true;
}

bool reader_choice(Reader *r, const cJSON *object, const char *key, const char *const *names,
                   const char *expected, int *out)
{
    const char *text = NULL;
    if (!reader_text(r, object, key, &text))
        return false;
    for (int i = 0; text && names[i]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = i;
            text = NULL;
        }
    }
    if (!text)
        return true;
    reader_key(r, key);
    return reader_fail(r, reader_member(object, key), "expected %s, found \"%.40s\"", expected,
                       text);
}

bool reader_count(Reader *r, const cJSON *object, const char *key, int most, int *out)
{
    const cJSON *item = reader_member(object, key);
    double value;
    if (!item)
        return reader_fail(r, object, "expected the key \"%s\", found none", key);
    size_t mark = reader_key(r, key);
    if (!json_real(r->tree, item, &value))
        return reader_expected(r, item, "a whole number");
    if (value < 1 || value > most || value != floor(value))
        return reader_fail(r, item, "expected 1 … %d, found %.15g", most, value);
    *out = (int)value;
    reader_up(r, mark);
    return true;
}

bool reader_texts(Reader *r, const cJSON *object, const char *key, const char ***out, int *count)
{
    const cJSON *list = reader_member(object, key), *item;
    int n = 0;
    if (!list)
        return true;
    size_t mark = reader_key(r, key);
    if (json_block(r->tree, list)) {
        reader_index(r, 0);
        return reader_fail(r, list, "expected text, found a number");
    }
    if (!cJSON_IsArray(list))
        return reader_expected(r, list, "an array of texts");
    int size = cJSON_GetArraySize(list);
    if (size > LIMIT_MOST_AXIS)
        return reader_over(r, list, LIMIT_AXIS, "expected at most %d texts, found %d",
                           LIMIT_MOST_AXIS, size);
    const char **texts = reader_alloc(r, (size_t)size + 1, sizeof *texts);
    if (!texts)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, n);
        if (!cJSON_IsString(item))
            return reader_expected(r, item, "text");
        texts[n] = json_text(r->tree, item, &r->doc->arena);
        if (!texts[n++])
            return error_memory(r->err);
        reader_up(r, at);
    }
    *out = texts;
    *count = n;
    reader_up(r, mark);
    return true;
}
