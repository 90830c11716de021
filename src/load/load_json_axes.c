#include "load/load_json.h"

#include <limits.h>
#include <string.h>

static bool read_padding(Reader *r, const cJSON *object, DocAxis *axis)
{
    const cJSON *list = reader_member(object, "padding"), *item;
    double *values = NULL;
    int64_t n = 0;
    if (!list)
        return true;
    size_t mark = reader_key(r, "padding");
    uint8_t *flags = reader_alloc(r, (size_t)axis->count + 1, 1);
    if (!flags)
        return false;
    if (cJSON_IsArray(list) && cJSON_IsBool(list->child)) {
        cJSON_ArrayForEach(item, list)
        {
            size_t at = reader_index(r, n);
            if (!cJSON_IsBool(item))
                return reader_expected(r, item, "true or false as before");
            if (n++ < axis->count)
                flags[n - 1] = cJSON_IsTrue(item) ? 1 : 0;
            reader_up(r, at);
        }
    } else {
        if (!reader_list(r, list, 0, &values, &n))
            return false;
        for (int64_t i = 0; i < n; i++) {
            if (values[i] != 0 && values[i] != 1) {
                reader_index(r, i);
                return reader_fail(r, list, "expected 0 or 1, found %.15g", values[i]);
            }
            if (i < axis->count)
                flags[i] = values[i] != 0;
        }
    }
    if (n != axis->count)
        return reader_fail(r, list, "expected %d flags, one for each key, found %lld", axis->count,
                           (long long)n);
    axis->padding = flags;
    reader_up(r, mark);
    return true;
}

/* "segments": [0, 0, 1]: which tokens belong together. */
static bool read_segments(Reader *r, const cJSON *object, DocAxis *axis)
{
    const cJSON *list = reader_member(object, "segments");
    double *values = NULL;
    int64_t n = 0;
    if (!list)
        return true;
    size_t mark = reader_key(r, "segments");
    if (!reader_list(r, list, 0, &values, &n))
        return false;
    if (n != axis->count)
        return reader_fail(r, list, "expected %d numbers, one for each token, found %lld",
                           axis->count, (long long)n);
    int *segments = reader_alloc(r, (size_t)axis->count, sizeof *segments);
    if (!segments)
        return false;
    for (int64_t i = 0; i < n; i++) {
        if (values[i] < INT_MIN || values[i] > INT_MAX) {
            reader_index(r, i);
            return reader_fail(r, list, "expected a number from %d to %d, found %.15g", INT_MIN,
                               INT_MAX, values[i]);
        }
        segments[i] = (int)values[i];
    }
    axis->segments = segments;
    reader_up(r, mark);
    return true;
}

/* Segments say which keys a query sees: they are of no use on one axis alone. */
static bool check_segments(Reader *r, const cJSON *doc, const DocSentence *s)
{
    bool queries = s->queries.segments != NULL, keys = s->keys.segments != NULL;
    if (queries == keys)
        return true;
    reader_key(r, queries ? "queries" : "keys");
    return reader_fail(r, reader_member(doc, queries ? "queries" : "keys"),
                       "expected segments of queries and keys, found those of %s alone",
                       queries ? "queries" : "keys");
}

/* The length of an axis that is the picture, 0 when it is not. */
static int picture_length(const DocSentence *s, bool query_axis)
{
    int first;
    return document_patches(s, query_axis, &first) ? first + s->image.rows * s->image.cols : 0;
}

static bool check_length(Reader *r, const cJSON *tokens, const DocSentence *s, const DocAxis *axis,
                         bool query)
{
    int patches = picture_length(s, query);
    size_t mark = reader_key(r, "tokens");
    if (axis->count == 0)
        return reader_fail(r, tokens, "expected at least 1 token, found none");
    if (patches && axis->count != patches)
        return reader_fail(r, tokens,
                           "expected %d tokens, %d special and %d × %d patches, found %d", patches,
                           s->image.special_count, s->image.rows, s->image.cols, axis->count);
    reader_up(r, mark);
    return true;
}

/* "queries": {…} or "keys": {…}; an axis that is the picture may do without tokens. */
static bool read_axis(Reader *r, const cJSON *doc, const char *key, DocSentence *s, bool query)
{
    const cJSON *object = reader_member(doc, key), *tokens = NULL;
    DocAxis *axis = query ? &s->queries : &s->keys;
    int patches = picture_length(s, query);
    size_t mark = 0;
    if (object) {
        mark = reader_key(r, key);
        if (!cJSON_IsObject(object))
            return reader_expected(r, object, "an object with tokens");
        tokens = reader_member(object, "tokens");
        if (!reader_texts(r, object, "tokens", &axis->tokens, &axis->count) ||
            !reader_text(r, object, "lang", &axis->lang))
            return false;
    }
    if (tokens && !check_length(r, tokens, s, axis, query))
        return false;
    if (!tokens && !patches)
        return reader_fail(r, object ? object : doc, "expected the key \"%s\", found none",
                           object ? "tokens" : key);
    if (!tokens)
        axis->count = patches;
    if (object && ((!query && !read_padding(r, object, axis)) || !read_segments(r, object, axis)))
        return false;
    reader_up(r, mark);
    return true;
}

bool reader_axes(Reader *r, const cJSON *doc, DocSentence *s)
{
    const cJSON *tokens = reader_member(doc, "tokens");
    bool two = reader_member(doc, "queries") || reader_member(doc, "keys");
    s->queries.lang = s->keys.lang = "";
    if (!reader_image(r, doc, &s->image))
        return false;
    if (tokens && two)
        return reader_fail(r, tokens, "expected either tokens, or queries and keys, found both");
    if (tokens) {
        if (!reader_texts(r, doc, "tokens", &s->queries.tokens, &s->queries.count) ||
            !check_length(r, tokens, s, &s->queries, true) ||
            !check_length(r, tokens, s, &s->queries, false) || !read_segments(r, doc, &s->queries))
            return false;
        s->keys = s->queries;
        s->self = true;
        return true;
    }
    s->self = !two && picture_length(s, true) && picture_length(s, false);
    if (!two && !s->image.present)
        return reader_fail(
            r, doc, "expected the key \"tokens\", or \"queries\" and \"keys\", found neither");
    if (!read_axis(r, doc, "queries", s, true) || !read_axis(r, doc, "keys", s, false))
        return false;
    if (!s->self)
        return check_segments(r, doc, s);
    if (!read_segments(r, doc, &s->queries))
        return false;
    s->keys.segments = s->queries.segments;
    return true;
}

static bool read_links(Reader *r, const cJSON *object, const char *key, const DocSentence *s,
                       DocLink **out, int *count)
{
    const cJSON *list = reader_member(object, key);
    double *values = NULL;
    int64_t n = 0;
    if (!list)
        return true;
    size_t mark = reader_key(r, key);
    if (!reader_list(r, list, 2, &values, &n))
        return false;
    if (n / 2 > LIMIT_MOST_AXIS)
        return reader_over(r, list, LIMIT_AXIS, "expected at most %d pairs, found %lld",
                           LIMIT_MOST_AXIS, (long long)n / 2);
    DocLink *links = reader_alloc(r, (size_t)n / 2 + 1, sizeof *links);
    if (!links)
        return false;
    for (int64_t i = 0; i < n; i++) {
        bool query = i % 2;
        int most = query ? s->queries.count : s->keys.count;
        if (values[i] < 0 || values[i] >= most) {
            reader_index(r, i / 2);
            reader_index(r, i % 2);
            return reader_fail(r, list, "%s: expected 0 … %d, found %.15g", query ? "query" : "key",
                               most - 1, values[i]);
        }
        *(query ? &links[i / 2].query : &links[i / 2].key) = (int)values[i];
    }
    *out = links;
    *count = (int)(n / 2);
    reader_up(r, mark);
    return true;
}

bool reader_alignment(Reader *r, const cJSON *doc, DocSentence *s)
{
    const cJSON *object = reader_member(doc, "alignment");
    if (!object)
        return true;
    size_t mark = reader_key(r, "alignment");
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object with sure and possible");
    if (!read_links(r, object, "sure", s, &s->sure, &s->sure_count) ||
        !read_links(r, object, "possible", s, &s->possible, &s->possible_count))
        return false;
    reader_up(r, mark);
    return true;
}
