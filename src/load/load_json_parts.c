#include "load/load_json_heads.h"

#include <stdio.h>
#include <string.h>

const char *const PARTS[PART_COUNT] = {"q",   "k",   "v",   "scores", "weights", "recorded",
                                       "x",   "x_q", "x_k", "w_q",    "w_k",     "w_v",
                                       "b_q", "b_k", "b_v", "rnn",    "rnn_q",   "rnn_k"};

/* Whose number of heads is that of the layer: the first of these that is there. Keys and values
 * may have fewer heads, which consecutive queries' heads then share. */
static const Part LEADERS[] = {PART_Q,   PART_W_Q, PART_SCORES, PART_WEIGHTS,
                               PART_K,   PART_W_K, PART_V,      PART_W_V,
                               PART_B_Q, PART_B_K, PART_B_V,    PART_RECORDED};

static bool is_shared(Part part)
{
    return part == PART_X || part == PART_X_Q || part == PART_X_K;
}

static bool is_vector(Part part)
{
    return part == PART_B_Q || part == PART_B_K || part == PART_B_V;
}

static bool may_be_fewer(Part part)
{
    return part == PART_K || part == PART_V || part == PART_W_K || part == PART_W_V ||
           part == PART_B_K || part == PART_B_V;
}

void parts_names(const Parts *p, char *out, size_t cap)
{
    size_t used = 0;
    snprintf(out, cap, "none of them");
    for (int i = 0; i < PART_COUNT && used + 1 < cap; i++) {
        if (p->item[i])
            used += (size_t)snprintf(out + used, cap - used, "%s%s", used ? ", " : "", PARTS[i]);
    }
}

static bool read_numbers(Reader *r, Parts *p, Part part)
{
    NumbersRef *ref = &p->ref[part];
    const cJSON *item = p->item[part];
    size_t mark = reader_key(r, PARTS[part]);
    bool ok;
    if (is_vector(part) && !p->stacked)
        ok = reader_vector(r, item, false, ref);
    else
        ok = reader_numbers(r, item, p->stacked && !is_shared(part) && !is_vector(part) ? 3 : 2,
                            ref);
    reader_up(r, ok ? mark : r->path_length);
    return ok;
}

static Part leader_of(const Parts *p)
{
    for (size_t i = 0; i < sizeof LEADERS / sizeof *LEADERS; i++) {
        if (p->item[LEADERS[i]])
            return LEADERS[i];
    }
    return PART_COUNT; /* one head of shared parts alone */
}

/* Takes the heads' dimension off. All parts of a stacked layer have as many heads as the leading
 * one, or a number that divides it. */
static bool unstack(Reader *r, Parts *p, Part part, Part leader)
{
    NumbersRef *ref = &p->ref[part];
    char shape[80];
    numbers_shape(ref->shape, ref->ndim, shape, sizeof shape);
    if (part == leader && ref->shape[0] > LIMIT_MOST_HEADS)
        return reader_over(r, p->item[part], LIMIT_HEADS, "heads: expected at most %d, found %s",
                           LIMIT_MOST_HEADS, shape);
    if (part == leader)
        p->heads = (int)ref->shape[0];
    if (may_be_fewer(part) && (ref->shape[0] > p->heads || p->heads % ref->shape[0] != 0))
        return reader_fail(r, p->item[part],
                           "heads: expected a number that divides the %d of %s, found %lld in "
                           "shape %s",
                           p->heads, PARTS[leader], (long long)ref->shape[0], shape);
    if (!may_be_fewer(part) && ref->shape[0] != p->heads)
        return reader_fail(r, p->item[part], "heads: expected %d as in %s, found %lld in shape %s",
                           p->heads, PARTS[leader], (long long)ref->shape[0], shape);
    p->count[part] = (int)ref->shape[0];
    if (ref->ndim == 2) { /* a vector for each head */
        ref->shape[0] = 1;
        return true;
    }
    ref->ndim = 2;
    ref->shape[0] = ref->shape[1];
    ref->shape[1] = ref->shape[2];
    return true;
}

static bool check_rows(Reader *r, const Parts *p, Part part, int rows, const char *each)
{
    const NumbersRef *ref = &p->ref[part];
    char shape[80];
    numbers_shape(ref->shape, 2, shape, sizeof shape);
    if (ref->shape[0] == rows)
        return true;
    return reader_fail(r, p->item[part],
                       "expected %d rows, one for each %s, found %lld in shape %s", rows, each,
                       (long long)ref->shape[0], shape);
}

/* Recorded weights have the form that the head's own kind gives them. */
static bool check_recorded(Reader *r, const Parts *p, const DocSentence *s)
{
    const NumbersRef *ref = &p->ref[PART_RECORDED];
    bool strip = p->score.kind == SCORE_ELEMENTWISE, gate = p->score.kind == SCORE_GATE;
    const NumbersRef *x = &p->ref[p->item[PART_X] ? PART_X : PART_X_Q];
    bool typed = !p->item[PART_X] && !p->item[PART_X_Q];
    int64_t rows = strip ? 1 : s->queries.count, cols = s->keys.count;
    char shape[80];
    if (gate)
        cols = !typed ? x->shape[1] : r->doc->vocab ? r->doc->vocab->embedding.cols : 0;
    if (ref->shape[0] == rows && (ref->shape[1] == cols || cols == 0)) /* 0: no x, so no scores */
        return true;
    numbers_shape(ref->shape, 2, shape, sizeof shape);
    return reader_fail(r, p->item[PART_RECORDED],
                       "expected the shape [%lld, %lld], the weights of the kind %s, found %s",
                       (long long)rows, (long long)cols, SCORE_KIND_NAMES[p->score.kind], shape);
}

static bool check_part(Reader *r, const Parts *p, Part part, const DocSentence *s)
{
    if (part == PART_RECORDED &&
        (p->score.kind == SCORE_ELEMENTWISE || p->score.kind == SCORE_GATE))
        return check_recorded(r, p, s);
    const NumbersRef *ref = &p->ref[part];
    bool square = part == PART_SCORES || part == PART_WEIGHTS || part == PART_RECORDED;
    bool by_query = square || part == PART_Q || part == PART_X || part == PART_X_Q;
    bool by_key = part == PART_K || part == PART_V || part == PART_X || part == PART_X_K;
    char shape[80];
    numbers_shape(ref->shape, 2, shape, sizeof shape);
    if ((by_query && !check_rows(r, p, part, s->queries.count, "query")) ||
        (by_key && !check_rows(r, p, part, s->keys.count, "key")))
        return false;
    if (square && ref->shape[1] != s->keys.count)
        return reader_fail(r, p->item[part],
                           "expected %d columns, one for each key, found %lld in shape %s",
                           s->keys.count, (long long)ref->shape[1], shape);
    return true;
}

static bool read_d_k(Reader *r, const cJSON *object, Parts *p)
{
    const cJSON *item = reader_member(object, "d_k");
    if (!reader_positive(r, object, "d_k", &p->d_k))
        return false;
    if (item && p->entry == ENTRY_QK && p->d_q && p->d_k != (double)p->d_q) {
        reader_key(r, "d_k");
        return reader_fail(r, item, "expected %d, the columns of q, found %.15g", p->d_q, p->d_k);
    }
    return true;
}

static bool read_matrices(Reader *r, const DocSentence *s, Parts *p)
{
    for (Part i = 0; i < PART_NUMBERS; i++) {
        if (p->item[i] && !read_numbers(r, p, i))
            return false;
    }
    Part leader = leader_of(p);
    /* The leader first: it says how many heads there are. */
    for (int i = -1; i < PART_NUMBERS; i++) {
        Part part = i < 0 ? leader : (Part)i;
        if (part >= PART_NUMBERS || !p->item[part] || (i >= 0 && part == leader))
            continue;
        size_t mark = reader_key(r, PARTS[part]);
        if ((p->stacked && !is_shared(part) && !unstack(r, p, part, leader)) ||
            !check_part(r, p, part, s))
            return false;
        reader_up(r, mark);
    }
    return true;
}

bool parts_read(Reader *r, const cJSON *object, bool stacked, const DocSentence *s, Parts *p)
{
    *p = (Parts){.heads = 1, .stacked = stacked, .mask = {.tensor = -1}};
    for (int i = 0; i < PART_COUNT; i++)
        p->item[i] = reader_member(object, PARTS[i]);
    for (int i = 0; i < PART_NUMBERS; i++) {
        p->ref[i].tensor = -1;
        p->count[i] = 1;
    }
    return parts_score(r, object, p) && parts_entry(r, object, p) && read_matrices(r, s, p) &&
           parts_rnn(r, p) && parts_sources(r, object, p) && read_d_k(r, object, p) &&
           parts_bias(r, object, s, p) && parts_rope(r, object, p) &&
           reader_mask(r, object, s, &p->mask);
}

DocMatrix parts_matrix(const Parts *p, Part part, int head)
{
    const NumbersRef *ref = &p->ref[part];
    if (ref->tensor < 0)
        return (DocMatrix){.tensor = -1};
    int64_t size = ref->shape[0] * ref->shape[1];
    int own = head / (p->heads / p->count[part]);
    if (p->count[part] == 1)
        own = 0;
    return (DocMatrix){ref->tensor, ref->offset + own * size, (int)ref->shape[0],
                       (int)ref->shape[1], ref->shape[1]};
}
