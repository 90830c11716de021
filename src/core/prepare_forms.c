/* The three kinds whose weights are not queries × keys. Their scores are few: they are computed
 * here and enter the chain as given ones.
 */
#include "core/prepare_impl.h"

#include <math.h>

static void take_given(AttnInput *out, InputForm form, const Vec *given)
{
    out->entry = ENTRY_SCORES;
    out->form = form;
    out->n_q = given->s.rows;
    out->n_k = given->s.cols;
    out->given = given->f;
    out->stored_given = given->s;
    out->wide |= given->wide;
    if (form == FORM_FEATURES) /* no matrix could hold those of all queries */
        out->recorded = (Matrix){0};
}

typedef struct {
    const double *q; /* of the query that is shown */
    Vec *k, *given;
} Features;

static void features_row(void *context, int f)
{
    const Features *c = context;
    double *out = vec_row(c->given, f);
    for (int key = 0; key < c->given->s.cols; key++)
        out[key] = (double)tanhl((long double)c->q[f] + (long double)vec_row(c->k, key)[f]);
}

/* q' and k' of all queries stay in q and k: the output of the others is made from them. */
static bool featurewise(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    const ScoreSpec *spec = &job->raw->spec->score;
    int h = spec->param[PARAM_W_Q].rows, n_k = job->raw->n_k;
    Reals w_q, w_k;
    Vec q, k, given;
    if (v->v.s.at && !v->v_is_k &&
        !shape_expect(job, "score featurewise", "v", v->v.s, (Shape){n_k, h, NULL, NULL, false}))
        return false;
    if (!reals_of(job, spec->param[PARAM_W_Q], &w_q) ||
        !reals_of(job, spec->param[PARAM_W_K], &w_k) ||
        !prepare_linear(job, &v->q, w_q, (Stored){0}, &q) ||
        !prepare_linear(job, &v->k, w_k, (Stored){0}, &k) || !vec_new(job, h, n_k, &given))
        return false;
    if (!job->dry) {
        Features c = {vec_row(&q, job->query), &k, &given};
        prepare_rows(job, h, 20.0 * h * n_k, features_row, &c);
    }
    vec_round(&given);
    if (v->v_is_k && v->v.s.cols != h) {
        out->v = (Matrix){0};
        out->stored_v = (Stored){0};
    }
    out->wide = false;
    prepare_take(out, &q, &k);
    take_given(out, FORM_FEATURES, &given);
    out->wide = v->v.wide && out->v.at;
    out->row_query = job->query;
    return true;
}

/* q_i · k_i: position by position, not pair by pair. */
static bool elementwise(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    int n = job->raw->n_k;
    Vec given;
    Reals q, k;
    if (job->raw->n_q != n)
        return error_set(job->err, ERROR_MALFORMED,
                         "score elementwise: k: expected %d rows as in q, found %d", job->raw->n_q,
                         n);
    if (!shape_same_width(job, v) || !reals_of(job, v->q.s, &q) || !reals_of(job, v->k.s, &k) ||
        !vec_new(job, 1, n, &given))
        return false;
    for (int i = 0; i < n && !job->dry; i++)
        vec_row(&given, 0)[i] = (double)prepare_dot(q.at + i * q.step, k.at + i * k.step, q.cols);
    vec_round(&given);
    prepare_take(out, &v->q, &v->k);
    out->wide = out->v.at && v->v.wide;
    take_given(out, FORM_STRIP, &given);
    out->bias = (InputBias){0};
    return true;
}

typedef struct {
    const Vec *first, *second;
    Vec *given;
} Gate;

static void gate_row(void *context, int row)
{
    const Gate *g = context;
    double *out = vec_row(g->given, row);
    for (int c = 0; c < g->given->s.cols; c++)
        out[c] = (double)((long double)vec_row(g->first, row)[c] *
                          (long double)vec_row(g->second, row)[c]);
}

static bool gate(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    const Vec *x = &v->x;
    int n = job->raw->n_q, c = x->s.cols;
    Shape square = {c, c, NULL, NULL, false};
    Vec first, second, given;
    Reals conv1, conv2;
    if (!shape_expect(job, "score gate", "x", x->s, (Shape){n, -1, NULL, "c", false}) ||
        !shape_params(
            job, (const ParamNeed[]){{PARAM_CONV1, square, false}, {PARAM_CONV2, square, false}},
            2))
        return false;
    const ScoreSpec *spec = &job->raw->spec->score;
    if (!reals_of(job, spec->param[PARAM_CONV1], &conv1) ||
        !reals_of(job, spec->param[PARAM_CONV2], &conv2) ||
        !prepare_linear(job, x, conv1, (Stored){0}, &first) ||
        !prepare_linear(job, &first, conv2, (Stored){0}, &second) || !vec_new(job, n, c, &given))
        return false;
    Gate g = {&first, &second, &given};
    prepare_rows(job, n, (double)n * c, gate_row, &g);
    vec_round(&given);
    out->q = out->k = (Matrix){0};
    out->stored_q = out->stored_k = (Stored){0};
    out->v = x->f; /* what is gated */
    out->stored_v = x->s;
    out->wide = x->wide;
    out->padding = NULL;
    out->segment_q = out->segment_k = NULL;
    out->mask = (Stored){0};
    out->bias = (InputBias){0};
    take_given(out, FORM_GATE, &given);
    return true;
}

bool prepare_form(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    if (job->kind == SCORE_GATE)
        return gate(job, v, out);
    return job->kind == SCORE_FEATUREWISE ? featurewise(job, v, out) : elementwise(job, v, out);
}
