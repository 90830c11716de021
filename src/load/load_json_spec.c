/* "score", "bias" and "rope" of a head or of all heads of a stacked layer. */
#include "load/load_json_heads.h"
#include "load/json_number.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A document with a kind that we do not know opens: its other heads can be used. */
static bool read_kind(Reader *r, const cJSON *object, bool given, ScoreSpec *out)
{
    const char *text = NULL;
    char known[200];
    size_t used = 0;
    if (!reader_text(r, object, "kind", &text))
        return false;
    if (!text)
        return true; /* parameters alone: the kind is chosen in the window */
    for (int i = 0; i < SCORE_KIND_COUNT; i++) {
        if (strcmp(text, SCORE_KIND_NAMES[i]) == 0) {
            out->kind = (ScoreKind)i;
            return true;
        }
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                 i == 0                      ? ""
                                 : i == SCORE_KIND_COUNT - 1 ? " or "
                                                             : ", ",
                                 SCORE_KIND_NAMES[i]);
    }
    out->unknown = text;
    return reader_warn(r, "%s.kind: expected %s, found \"%.40s\": %s", r->path, known, text,
                       given ? "those of the file are used" : "this head has no scores");
}

/* "score general: expected …": of which kind a parameter is no matrix. Always false. */
static bool name_kind(Reader *r, ScoreKind kind)
{
    char what[sizeof r->err->what];
    if (kind == SCORE_AUTO)
        return false;
    memcpy(what, r->err->what, sizeof what);
    snprintf(r->err->what, sizeof r->err->what, "score %s: %.*s", SCORE_KIND_NAMES[kind],
             (int)utf8_cut(what, strlen(what), sizeof what - 32), what);
    return false;
}

static bool read_params(Reader *r, const cJSON *object, ScoreSpec *out)
{
    for (int i = 0; i < PARAM_COUNT; i++) {
        const cJSON *item = reader_member(object, SCORE_PARAM_NAMES[i]);
        NumbersRef ref;
        if (!item)
            continue;
        size_t mark = reader_key(r, SCORE_PARAM_NAMES[i]);
        if (!reader_vector(r, item, true, &ref)) /* whether it fits is for the kind to say */
            return name_kind(r, out->kind);
        out->param[i] = reader_stored(r, &ref);
        reader_up(r, mark);
    }
    return true;
}

bool parts_score(Reader *r, const cJSON *object, Parts *p)
{
    const cJSON *item = reader_member(object, "score"), *factor;
    if (!item)
        return true;
    size_t mark = reader_key(r, "score");
    if (!cJSON_IsObject(item))
        return reader_expected(r, item, "an object with a kind");
    bool given = p->item[PART_SCORES] || p->item[PART_WEIGHTS];
    if (!read_kind(r, item, given, &p->score))
        return false;
    if (given) {
        bool unknown = p->score.unknown != NULL;
        p->score = (ScoreSpec){.kind = SCORE_AUTO};
        if (!unknown && !reader_warn(r, "%s: expected q and k beside it, found %s: it does not act",
                                     r->path, p->item[PART_SCORES] ? "scores" : "weights"))
            return false;
        reader_up(r, mark);
        return true;
    }
    p->special = p->scored = true;
    if (!p->score.unknown) {
        factor = reader_member(item, "factor");
        if (!read_params(r, item, &p->score) ||
            !reader_finite(r, item, "factor", &p->score.factor) ||
            !reader_positive(r, item, "sigma", &p->score.sigma))
            return false;
        if (factor && p->score.factor == 0) {
            reader_key(r, "factor");
            return reader_fail(r, factor, "expected a number other than 0, found 0");
        }
    }
    reader_up(r, mark);
    return true;
}

/* The numbers of a flat list from the text again: float32 would round what stands there. */
static void exact_list(const Reader *r, const JsonBlock *b, double *out)
{
    const char *text = r->tree->text;
    int64_t n = 0;
    for (size_t at = b->from; at < b->to && n < b->count;) {
        JsonNumber number;
        size_t end = text[at] == '-' || (text[at] >= '0' && text[at] <= '9')
                         ? json_number(text, at, &number)
                         : at;
        if (end > at)
            out[n++] = number.value;
        at = end > at ? end : at + 1;
    }
}

/* "slope": one number, or one for each head of a stacked layer. */
static bool read_slope(Reader *r, const cJSON *object, const Parts *p, BiasRead *out)
{
    const cJSON *item = reader_member(object, "slope");
    NumbersRef ref;
    if (!item)
        return reader_fail(r, object, "expected the key \"slope\", found none");
    if (!p->stacked || json_is_number(r->tree, item))
        return reader_finite(r, object, "slope", &out->bias.slope);
    size_t mark = reader_key(r, "slope");
    if (!reader_vector(r, item, false, &ref))
        return false;
    if (ref.shape[1] != p->heads)
        return reader_fail(r, item, "expected %d numbers, one for each head, found %lld", p->heads,
                           (long long)ref.shape[1]);
    double *slopes = reader_alloc(r, (size_t)p->heads, sizeof *slopes);
    if (!slopes)
        return false;
    stored_row(reader_stored(r, &ref), 0, slopes);
    for (int i = 0; i < p->heads; i++) {
        if (!isfinite(slopes[i])) {
            reader_index(r, i);
            return reader_fail(r, item, "expected a finite number, found another");
        }
    }
    const JsonBlock *b = json_block(r->tree, item);
    if (b && b->ndim == 1) /* finite, so every word of it is a number */
        exact_list(r, b, slopes);
    out->slopes = slopes;
    reader_up(r, mark);
    return true;
}

/* [buckets], or [heads, buckets] in a stacked layer. */
static bool read_table(Reader *r, const cJSON *object, const Parts *p, BiasRead *out)
{
    const cJSON *item = reader_member(object, "table");
    NumbersRef ref;
    char shape[80];
    if (!item)
        return reader_fail(r, object, "expected the key \"table\", found none");
    size_t mark = reader_key(r, "table");
    if (!reader_vector(r, item, p->stacked, &ref))
        return false;
    numbers_shape(ref.shape, 2, shape, sizeof shape);
    if (ref.shape[0] != 1 && ref.shape[0] != p->heads)
        return reader_fail(r, item, "expected one row, or %d rows, one for each head, found %s",
                           p->heads, shape);
    if (out->bias.bidirectional && ref.shape[1] % 2)
        return reader_fail(r, item,
                           "expected an even count of buckets, half of them for each direction, "
                           "found %lld",
                           (long long)ref.shape[1]);
    out->tables = ref.shape[0] > 1;
    out->bias.table = reader_stored(r, &ref);
    reader_up(r, mark);
    return true;
}

static bool read_t5(Reader *r, const cJSON *object, const Parts *p, BiasRead *out)
{
    BiasSpec *b = &out->bias;
    b->bidirectional = true;
    b->max_distance = 128;
    if (!reader_flag(r, object, "bidirectional", &b->bidirectional) ||
        !read_table(r, object, p, out) ||
        !reader_positive(r, object, "max_distance", &b->max_distance))
        return false;
    /* The first half of the buckets of a direction hold one distance each. */
    int each = b->table.cols / (b->bidirectional ? 4 : 2);
    const cJSON *item = reader_member(object, "max_distance");
    if (b->max_distance > each)
        return true;
    if (item)
        reader_key(r, "max_distance");
    return reader_fail(r, item ? item : object,
                       "%sexpected more than %d, the distances with a bucket each, found %.15g",
                       item ? "" : "max_distance: ", each, b->max_distance);
}

static bool read_matrix(Reader *r, const cJSON *object, const DocSentence *s, BiasRead *out)
{
    const cJSON *item = reader_member(object, "m");
    NumbersRef ref;
    char shape[80];
    if (!item)
        return reader_fail(r, object, "expected the key \"m\", found none");
    size_t mark = reader_key(r, "m");
    if (!reader_numbers(r, item, 2, &ref))
        return false;
    numbers_shape(ref.shape, 2, shape, sizeof shape);
    if (ref.shape[0] != s->queries.count || ref.shape[1] != s->keys.count)
        return reader_fail(r, item, "expected the shape [%d, %d], queries and keys, found %s",
                           s->queries.count, s->keys.count, shape);
    out->bias.m = reader_stored(r, &ref);
    reader_up(r, mark);
    return true;
}

static bool read_bias(Reader *r, const cJSON *object, const DocSentence *s, const Parts *p,
                      BiasRead *out)
{
    static const char *const names[] = {"alibi", "t5", "matrix", NULL};
    int kind = -1;
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object with a kind");
    if (!reader_choice(r, object, "kind", names, "alibi, t5 or matrix", &kind))
        return false;
    if (kind < 0)
        return reader_fail(r, object, "expected the key \"kind\", found none");
    *out = (BiasRead){.bias = {.kind = (BiasKind)kind}};
    switch (out->bias.kind) {
    case BIAS_ALIBI:
        return read_slope(r, object, p, out);
    case BIAS_T5:
        return read_t5(r, object, p, out);
    case BIAS_MATRIX:
        return read_matrix(r, object, s, out);
    }
    return false;
}

bool parts_bias(Reader *r, const cJSON *object, const DocSentence *s, Parts *p)
{
    const cJSON *list = reader_member(object, "bias"), *item;
    if (!list)
        return true;
    size_t mark = reader_key(r, "bias");
    if (!cJSON_IsArray(list))
        return reader_expected(r, list, "an array of objects with a kind");
    int count = cJSON_GetArraySize(list);
    if (count > LIMIT_MOST_BIASES)
        return reader_over(r, list, LIMIT_BIASES, "expected at most %d terms, found %d",
                           LIMIT_MOST_BIASES, count);
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, p->bias_count);
        if (!read_bias(r, item, s, p, &p->biases[p->bias_count++]))
            return false;
        reader_up(r, at);
    }
    p->special = p->special || count > 0;
    ScoreKind kind = p->score.kind;
    if (count > 0 && (kind == SCORE_ELEMENTWISE || kind == SCORE_GATE)) {
        p->bias_count = 0;
        if (!reader_warn(r, "%s: bias does not act on %s scores", r->path, SCORE_KIND_NAMES[kind]))
            return false;
    }
    reader_up(r, mark);
    return true;
}

static bool rope_dims(Reader *r, const cJSON *item, const Parts *p, int columns, double *dims)
{
    const cJSON *given = reader_member(item, "dims");
    if (!given) {
        *dims = columns;
        return columns % 2 == 0 ||
               reader_fail(r, item, "dims: expected an even number of columns, found %d", columns);
    }
    size_t mark = reader_key(r, "dims");
    if (!json_real(r->tree, given, dims))
        return reader_expected(r, given, "an even number");
    if (*dims < 2 || *dims > columns || fmod(*dims, 2) != 0)
        return reader_fail(r, given,
                           "expected an even number from 2 to the %d columns of %s, found "
                           "%.15g",
                           columns, p->d_keys < p->d_q ? "k" : "q", *dims);
    reader_up(r, mark);
    return true;
}

bool parts_rope(Reader *r, const cJSON *object, Parts *p)
{
    static const char *const layouts[] = {"half", "interleaved", NULL};
    const cJSON *item = reader_member(object, "rope");
    int layout = 0, columns = p->d_keys && p->d_keys < p->d_q ? p->d_keys : p->d_q;
    double theta = 10000, dims = 0;
    if (!item)
        return true;
    size_t mark = reader_key(r, "rope");
    if (!cJSON_IsObject(item))
        return reader_expected(r, item, "an object with theta, layout or dims");
    if (p->scored && columns == 0) { /* a head without vectors: nothing turns */
        reader_up(r, mark);
        return true;
    }
    if (!reader_positive(r, item, "theta", &theta) ||
        !reader_choice(r, item, "layout", layouts, "half or interleaved", &layout) ||
        !rope_dims(r, item, p, columns, &dims))
        return false;
    p->rope = (RopeSpec){.on = true, .theta = theta, .interleaved = layout == 1, .dims = (int)dims};
    p->special = true;
    reader_up(r, mark);
    return true;
}

static Stored part_of(const Reader *r, const Parts *p, Part part, int head)
{
    DocMatrix m = parts_matrix(p, part, head);
    if (m.tensor < 0)
        return (Stored){.at = NULL};
    NumbersRef ref = {m.tensor, m.offset, 2, {m.rows, m.cols}};
    return reader_stored(r, &ref);
}

static bool copy_biases(Reader *r, const Parts *p, int head, HeadSpec *spec)
{
    if (p->bias_count == 0)
        return true;
    BiasSpec *list = reader_alloc(r, (size_t)p->bias_count, sizeof *list);
    if (!list)
        return false;
    for (int i = 0; i < p->bias_count; i++) {
        list[i] = p->biases[i].bias;
        if (p->biases[i].slopes)
            list[i].slope = p->biases[i].slopes[head];
        if (p->biases[i].tables)
            list[i].table.at =
                (const char *)list[i].table.at +
                (size_t)(head * list[i].table.step) * dtype_size(list[i].table.dtype);
        if (list[i].kind == BIAS_T5)
            list[i].table.rows = 1;
    }
    spec->biases = list;
    spec->bias_count = p->bias_count;
    return true;
}

bool parts_spec(Reader *r, const Parts *p, int head, const HeadSpec **out)
{
    bool special = p->special;
    for (int i = PART_X; i < PART_COUNT; i++)
        special = special || p->item[i];
    *out = NULL;
    /* Without q, k or anything else, x comes from the tokens and the vocabulary. */
    if (!special && (p->entry != ENTRY_QK || p->item[PART_Q]))
        return true;
    HeadSpec *spec = reader_alloc(r, 1, sizeof *spec);
    if (!spec || !copy_biases(r, p, head, spec))
        return false;
    spec->score = p->score;
    spec->rope = p->rope;
    spec->rnn_q = p->rnn_q;
    spec->rnn_k = p->rnn_k;
    spec->same_x = p->item[PART_X] != NULL;
    spec->x_q = part_of(r, p, spec->same_x ? PART_X : PART_X_Q, head);
    spec->x_k = part_of(r, p, spec->same_x ? PART_X : PART_X_K, head);
    spec->w_q = part_of(r, p, PART_W_Q, head);
    spec->w_k = part_of(r, p, PART_W_K, head);
    spec->w_v = part_of(r, p, PART_W_V, head);
    spec->b_q = part_of(r, p, PART_B_Q, head);
    spec->b_k = part_of(r, p, PART_B_K, head);
    spec->b_v = part_of(r, p, PART_B_V, head);
    *out = spec;
    return true;
}
