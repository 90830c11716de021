#include "load/load_json_heads.h"

/* One side of the scores: what may make its vectors. */
typedef struct {
    Part given, x, w, b, rnn;
} Side;
static const Side QUERIES = {PART_Q, PART_X_Q, PART_W_Q, PART_B_Q, PART_RNN_Q};
static const Side KEYS = {PART_K, PART_X_K, PART_W_K, PART_B_K, PART_RNN_K};

/* x without anything else is q, k and v itself; the tokens of a vocabulary have an x, unless the
 * head gives q or k. */
static bool has(const Reader *r, const Parts *p, const Side *side)
{
    return p->item[side->given] || p->item[side->w] || p->item[side->rnn] || p->item[PART_RNN] ||
           p->item[side->x] || p->item[PART_X] ||
           (r->doc->vocab && !p->item[PART_Q] && !p->item[PART_K]);
}

/* Anything that only belongs to vectors that are made. */
static bool makes(const Parts *p)
{
    for (int i = PART_X; i < PART_COUNT; i++) {
        if (p->item[i])
            return true;
    }
    return false;
}

static bool not_both(Reader *r, const cJSON *object, const Parts *p, Part a, Part b)
{
    if (!p->item[a] || !p->item[b])
        return true;
    return reader_fail(r, object, "expected either %s or %s, found both", PARTS[a], PARTS[b]);
}

static bool check_pairs(Reader *r, const cJSON *object, const Parts *p)
{
    static const Part pairs[][2] = {
        {PART_X, PART_X_Q},   {PART_X, PART_X_K},     {PART_Q, PART_W_Q},
        {PART_K, PART_W_K},   {PART_V, PART_W_V},     {PART_Q, PART_RNN_Q},
        {PART_K, PART_RNN_K}, {PART_RNN, PART_RNN_Q}, {PART_RNN, PART_RNN_K}};
    static const Part needs[][2] = {
        {PART_B_Q, PART_W_Q}, {PART_B_K, PART_W_K}, {PART_B_V, PART_W_V}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!not_both(r, object, p, pairs[i][0], pairs[i][1]))
            return false;
    }
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (p->item[needs[i][0]] && !p->item[needs[i][1]])
            return reader_fail(r, object, "expected %s beside %s, found none", PARTS[needs[i][1]],
                               PARTS[needs[i][0]]);
    }
    return true;
}

static bool lacks(Reader *r, const cJSON *object, const Parts *p, const Side *side,
                  const char *found)
{
    if (!makes(p))
        return reader_fail(r, object, "expected q and k together, found %s", found);
    return reader_fail(r, object, "expected %s, x or %s, found %s", PARTS[side->given],
                       PARTS[side->x], found);
}

/* Scores that come from the file are no dot product that could be made in another way. */
static bool check_given(Reader *r, const cJSON *object, const Parts *p)
{
    static const char *const keys[] = {"rope", "bias"};
    if (p->entry == ENTRY_QK)
        return true;
    for (int i = 0; i < (p->entry == ENTRY_WEIGHTS ? 2 : 1); i++) {
        const cJSON *item = reader_member(object, keys[i]);
        if (!item)
            continue;
        reader_key(r, keys[i]);
        return reader_fail(r, item, "expected q and k%s beside it, found %s",
                           i == 1 ? ", or scores," : "",
                           p->entry == ENTRY_SCORES ? "scores" : "weights");
    }
    return true;
}

bool parts_entry(Reader *r, const cJSON *object, Parts *p)
{
    char found[160];
    bool scores = p->item[PART_SCORES] != NULL, weights = p->item[PART_WEIGHTS] != NULL;
    bool vectors =
        p->item[PART_Q] || p->item[PART_K] || makes(p) || (r->doc->vocab && !scores && !weights);
    parts_names(p, found, sizeof found);
    vectors = vectors || (p->scored && !scores && !weights); /* told when it is selected */
    if (vectors + scores + weights != 1)
        return reader_fail(r, object, "expected one of q and k, scores, or weights, found %s",
                           found);
    p->entry = scores ? ENTRY_SCORES : weights ? ENTRY_WEIGHTS : ENTRY_QK;
    if (!check_given(r, object, p))
        return false;
    if (p->entry != ENTRY_QK)
        return true;
    if (!p->scored && !has(r, p, &QUERIES))
        return lacks(r, object, p, &QUERIES, found);
    if (!p->scored && !has(r, p, &KEYS))
        return lacks(r, object, p, &KEYS, found);
    return check_pairs(r, object, p);
}

/* Columns of what this side is made of, 0 when there is nothing. Typed tokens have the columns of
 * the embedding. */
static int x_columns(const Reader *r, const Parts *p, const Side *side)
{
    Part x = p->item[PART_X] ? PART_X : side->x;
    if (p->item[x])
        return (int)p->ref[x].shape[1];
    return r->doc->vocab ? r->doc->vocab->embedding.cols : 0;
}

/* weight [out, in] on vectors of `columns`, bias [out]. */
static bool check_weight(Reader *r, const Parts *p, Part w, Part b, int columns, const char *of)
{
    char shape[80];
    size_t mark = reader_key(r, PARTS[w]);
    numbers_shape(p->ref[w].shape, 2, shape, sizeof shape);
    if (columns == 0 && p->scored) {
        reader_up(r, mark);
        return true;
    }
    if (columns == 0)
        return reader_fail(r, p->item[w], "expected x beside it, found none");
    if (p->ref[w].shape[1] != columns)
        return reader_fail(r, p->item[w], "expected %d columns as in %s, found %lld in shape %s",
                           columns, of, (long long)p->ref[w].shape[1], shape);
    reader_up(r, mark);
    if (p->item[b] && p->ref[b].shape[1] != p->ref[w].shape[0]) {
        reader_key(r, PARTS[b]);
        return reader_fail(r, p->item[b], "expected %lld numbers, the rows of %s, found %lld",
                           (long long)p->ref[w].shape[0], PARTS[w], (long long)p->ref[b].shape[1]);
    }
    return true;
}

static bool check_rnn(Reader *r, const Parts *p, const Side *side, const RnnSpec *rnn, int x,
                      const char *of)
{
    Part part = p->item[PART_RNN] ? PART_RNN : side->rnn;
    size_t mark = reader_key(r, PARTS[part]);
    if (x == 0 && p->scored) {
        reader_up(r, mark);
        return true;
    }
    if (x == 0)
        return reader_fail(r, p->item[part], "expected x beside it, found none");
    if (rnn->weight_ih.cols != x)
        return reader_fail(r, p->item[part], "weight_ih_l0: expected %d columns as in %s, found %d",
                           x, of, rnn->weight_ih.cols);
    reader_up(r, mark);
    return true;
}

/* *columns: of the vectors of this side as they are scored, 0 when there are none. */
static bool check_side(Reader *r, const Parts *p, const Side *side, const RnnSpec *rnn,
                       int *columns)
{
    Part x = p->item[PART_X] ? PART_X : side->x;
    int from = x_columns(r, p, side);
    const char *of = p->item[x] ? PARTS[x] : "vocab.embedding";
    *columns = p->item[side->given] ? (int)p->ref[side->given].shape[1] : from;
    if (rnn->cell != CELL_NONE) {
        if (!check_rnn(r, p, side, rnn, from, of))
            return false;
        from = *columns = rnn->weight_hh.cols;
        of = "the hidden states";
    }
    if (!p->item[side->w])
        return true;
    *columns = (int)p->ref[side->w].shape[0];
    return check_weight(r, p, side->w, side->b, from, of);
}

/* w_v acts on the hidden states where there are any, else on x. */
static bool check_values(Reader *r, const Parts *p)
{
    Part x = p->item[PART_X] ? PART_X : PART_X_K;
    if (!p->item[PART_W_V])
        return true;
    if (p->rnn_k.cell != CELL_NONE)
        return check_weight(r, p, PART_W_V, PART_B_V, p->rnn_k.weight_hh.cols, "the hidden states");
    return check_weight(r, p, PART_W_V, PART_B_V, x_columns(r, p, &KEYS),
                        p->item[x] ? PARTS[x] : "vocab.embedding");
}

/* Kinds with parameters of their own may score vectors of unlike lengths. */
static bool may_differ(const ScoreSpec *score)
{
    return score->unknown || score->kind == SCORE_ADDITIVE || score->kind == SCORE_GENERAL ||
           score->kind == SCORE_BILINEAR || score->kind == SCORE_CONCAT ||
           score->kind == SCORE_LOCATION || score->kind == SCORE_FEATUREWISE ||
           score->kind == SCORE_GATE;
}

/* Kinds without parameters of their own multiply place by place. */
static bool check_alike(Reader *r, const cJSON *object, const Parts *p)
{
    if (p->d_q == p->d_keys || p->d_q == 0 || p->d_keys == 0 || may_differ(&p->score))
        return true;
    if (p->item[PART_Q] && p->item[PART_K]) {
        char shape[80];
        numbers_shape(p->ref[PART_K].shape, 2, shape, sizeof shape);
        reader_key(r, PARTS[PART_K]);
        return reader_fail(r, p->item[PART_K], "expected %d columns as in q, found %d in shape %s",
                           p->d_q, p->d_keys, shape);
    }
    return reader_fail(r, object, "expected q and k of equal length, found %d and %d columns",
                       p->d_q, p->d_keys);
}

bool parts_sources(Reader *r, const cJSON *object, Parts *p)
{
    if (p->entry != ENTRY_QK)
        return true;
    if (p->item[PART_Q])
        p->rnn_q = (RnnSpec){.cell = CELL_NONE}; /* one for both sides serves the other */
    if (p->item[PART_K])
        p->rnn_k = (RnnSpec){.cell = CELL_NONE};
    return check_side(r, p, &QUERIES, &p->rnn_q, &p->d_q) &&
           check_side(r, p, &KEYS, &p->rnn_k, &p->d_keys) && check_values(r, p) &&
           check_alike(r, object, p);
}
