/* A head as a document has it: its matrices, and what its vectors and scores are made of. */
#include "load/convert_out.h"

#include <string.h>

static void put(ConvertOut *out, const char *key, Stored m)
{
    if (!m.at)
        return;
    convert_key(out, key);
    convert_matrix(out, m);
}

/* forced: that the head says anything at all of its scores would be lost otherwise. */
static void put_score(ConvertOut *out, const ScoreSpec *score, bool forced)
{
    bool any = forced || score->kind != SCORE_AUTO || score->unknown || score->factor != 0 ||
               score->sigma != 0;
    for (int i = 0; i < PARAM_COUNT; i++)
        any = any || score->param[i].at;
    if (!any)
        return;
    convert_key(out, "score");
    convert_open(out, '{', false);
    if (score->unknown)
        convert_member(out, "kind", score->unknown);
    else if (score->kind != SCORE_AUTO || forced)
        convert_member(out, "kind", SCORE_KIND_NAMES[score->kind]);
    if (score->factor != 0) {
        convert_key(out, "factor");
        convert_double(out, score->factor);
    }
    if (score->sigma != 0) {
        convert_key(out, "sigma");
        convert_double(out, score->sigma);
    }
    for (int i = 0; i < PARAM_COUNT; i++)
        put(out, SCORE_PARAM_NAMES[i], score->param[i]);
    convert_close(out);
}

static void put_bias(ConvertOut *out, const BiasSpec *bias)
{
    static const char *const names[] = {
        [BIAS_ALIBI] = "alibi", [BIAS_T5] = "t5", [BIAS_MATRIX] = "matrix"};
    convert_item(out);
    convert_open(out, '{', false);
    convert_member(out, "kind", names[bias->kind]);
    if (bias->kind == BIAS_ALIBI) {
        convert_key(out, "slope");
        convert_double(out, bias->slope);
    } else if (bias->kind == BIAS_T5) {
        convert_key(out, "bidirectional");
        buf_text(&out->buf, bias->bidirectional ? "true" : "false");
        convert_key(out, "max_distance");
        convert_double(out, bias->max_distance);
        put(out, "table", bias->table);
    } else {
        put(out, "m", bias->m);
    }
    convert_close(out);
}

static void put_rnn(ConvertOut *out, const char *key, const RnnSpec *rnn)
{
    if (rnn->cell == CELL_NONE)
        return;
    convert_key(out, key);
    convert_open(out, '{', false);
    convert_member(out, "cell", CELL_NAMES[rnn->cell]);
    put(out, "weight_ih_l0", rnn->weight_ih);
    put(out, "weight_hh_l0", rnn->weight_hh);
    put(out, "bias_ih_l0", rnn->bias_ih);
    put(out, "bias_hh_l0", rnn->bias_hh);
    convert_close(out);
}

static void put_rope(ConvertOut *out, const RopeSpec *rope)
{
    if (!rope->on)
        return;
    convert_key(out, "rope");
    convert_open(out, '{', false);
    convert_key(out, "theta");
    convert_double(out, rope->theta);
    convert_member(out, "layout", rope->interleaved ? "interleaved" : "half");
    convert_key(out, "dims");
    convert_double(out, rope->dims);
    convert_close(out);
}

static void put_spec(ConvertOut *out, const HeadSpec *spec, bool vectors)
{
    bool bare = vectors && !spec->rope.on && spec->bias_count == 0 && !spec->x_q.at &&
                !spec->x_k.at && !spec->w_v.at; /* beside q and k no cell is kept */
    bool one = spec->rnn_q.weight_ih.at == spec->rnn_k.weight_ih.at; /* NULL twice: none */
    put(out, spec->same_x ? "x" : "x_q", spec->x_q);
    if (!spec->same_x)
        put(out, "x_k", spec->x_k);
    put(out, "w_q", spec->w_q);
    put(out, "w_k", spec->w_k);
    put(out, "w_v", spec->w_v);
    put(out, "b_q", spec->b_q);
    put(out, "b_k", spec->b_k);
    put(out, "b_v", spec->b_v);
    put_rnn(out, one ? "rnn" : "rnn_q", &spec->rnn_q);
    if (!one)
        put_rnn(out, "rnn_k", &spec->rnn_k);
    put_score(out, &spec->score, bare);
    put_rope(out, &spec->rope);
    if (spec->bias_count == 0)
        return;
    convert_key(out, "bias");
    convert_open(out, '[', false);
    for (int i = 0; i < spec->bias_count; i++)
        put_bias(out, &spec->biases[i]);
    convert_close(out);
}

void convert_head(ConvertOut *out, const Document *doc, const DocHead *head, bool own_mask)
{
    const struct {
        const char *key;
        DocMatrix m;
    } parts[] = {{"q", head->q},
                 {"k", head->k},
                 {"v", head->v},
                 {"scores", head->scores},
                 {"weights", head->weights},
                 {"recorded", head->recorded},
                 {"mask", own_mask ? head->mask : (DocMatrix){.tensor = -1}}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        put(out, parts[i].key, convert_stored(doc, parts[i].m));
    if (head->d_k > 0) {
        convert_key(out, "d_k");
        convert_double(out, head->d_k);
    }
    bool vectors = head->q.tensor >= 0 && head->k.tensor >= 0;
    if (head->spec)
        put_spec(out, head->spec, vectors);
}
