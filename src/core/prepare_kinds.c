/* The score functions over pairs of queries and keys: each makes vectors that one of the three ops
 * of the kernels can take.
 */
#include "core/prepare_impl.h"

#include "base/mem.h"

#include <math.h>

static Reals reals_columns(Reals w, int from, int cols)
{
    return (Reals){w.at + from, w.rows, cols, w.step};
}

void prepare_take(AttnInput *out, const Vec *q, const Vec *k)
{
    out->q = q->f;
    out->k = k->f;
    out->stored_q = q->s;
    out->stored_k = k->s;
    out->wide = q->wide || k->wide || (out->v.at && out->wide);
}

static bool kind_dot(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    if (!shape_same_width(job, v))
        return false;
    prepare_take(out, &v->q, &v->k);
    return true;
}

typedef struct {
    Reals in;
    Vec *out;
    long double factor;
} Unit;

static void unit_row(void *context, int row)
{
    const Unit *u = context;
    const double *x = u->in.at + row * u->in.step;
    double *out = vec_row(u->out, row);
    long double norm = sqrtl(prepare_dot(x, x, u->in.cols));
    for (int t = 0; t < u->in.cols; t++)
        out[t] = norm == 0 ? 0 : (double)(u->factor * (long double)x[t] / norm);
}

static bool unit(PrepareJob *job, const Vec *x, double factor, Vec *out)
{
    Unit u = {.out = out, .factor = factor};
    if (!reals_of(job, x->s, &u.in) || !vec_new(job, x->s.rows, x->s.cols, out))
        return false;
    prepare_rows(job, x->s.rows, 4.0 * x->s.rows * x->s.cols, unit_row, &u);
    vec_round(out);
    return true;
}

static bool kind_cosine(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    Vec q, k;
    if (!shape_same_width(job, v) || !unit(job, &v->q, job->factor, &q) || !unit(job, &v->k, 1, &k))
        return false;
    prepare_take(out, &q, &k);
    return true;
}

static bool param_reals(PrepareJob *job, ScoreParam param, Reals *out)
{
    return reals_of(job, job->raw->spec->score.param[param], out);
}

static bool combine(PrepareJob *job, int h, AttnInput *out)
{
    Vec v;
    Stored s = job->raw->spec->score.param[PARAM_V];
    if (!vec_new(job, 1, h, &v))
        return false;
    if (!job->dry)
        stored_row(s, 0, vec_row(&v, 0));
    vec_round(&v);
    out->op = OP_TANH;
    out->combine = v.s.at;
    out->combine_floats = v.f.at;
    out->wide |= v.wide;
    return true;
}

static bool kind_additive(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    const ScoreSpec *spec = &job->raw->spec->score;
    Vec q, k;
    Reals w_q, w_k;
    int h = spec->param[PARAM_W_Q].rows;
    return param_reals(job, PARAM_W_Q, &w_q) && param_reals(job, PARAM_W_K, &w_k) &&
           prepare_linear(job, &v->q, w_q, spec->param[PARAM_B], &q) &&
           prepare_linear(job, &v->k, w_k, (Stored){0}, &k) &&
           (prepare_take(out, &q, &k), combine(job, h, out));
}

static bool kind_concat(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    int d_q = v->q.s.cols, d_k = v->k.s.cols;
    Vec q, k;
    Reals w;
    return param_reals(job, PARAM_W, &w) &&
           prepare_linear(job, &v->q, reals_columns(w, 0, d_q), (Stored){0}, &q) &&
           prepare_linear(job, &v->k,
                          job->dry ? (Reals){w.at, w.rows, d_k, w.step}
                                   : reals_columns(w, d_q, d_k),
                          (Stored){0}, &k) &&
           (prepare_take(out, &q, &k), combine(job, w.rows, out));
}

static bool kind_general(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    int d_q = v->q.s.cols, d_k = v->k.s.cols;
    Vec q;
    Reals w;
    double *turned = blocks_array(job, &job->scratch, d_k, d_q, sizeof *turned);
    if (!turned || !param_reals(job, PARAM_W, &w))
        return false;
    for (int t = 0; t < d_k && !job->dry; t++)
        for (int s = 0; s < d_q; s++)
            turned[(ptrdiff_t)t * d_q + s] = w.at[s * w.step + t];
    if (!prepare_linear(job, &v->q, (Reals){turned, d_k, d_q, d_q}, (Stored){0}, &q))
        return false;
    prepare_take(out, &q, &v->k);
    return true;
}

static bool kind_bilinear(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    Vec q, k;
    Reals w_e, w_a;
    if (!param_reals(job, PARAM_W_E, &w_e) || !param_reals(job, PARAM_W_A, &w_a) ||
        !prepare_linear(job, &v->q, w_e, (Stored){0}, &q) ||
        !prepare_linear(job, &v->k, w_a, (Stored){0}, &k))
        return false;
    if (!v->v.s.at || v->v_is_k) {
        out->v = k.f;
        out->stored_v = k.s;
        out->wide = k.wide;
    }
    prepare_take(out, &q, &k);
    return true;
}

static bool kind_location(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    Vec w;
    if (!vec_lend(job, job->raw->spec->score.param[PARAM_W], &w))
        return false;
    prepare_take(out, &v->q, &w);
    return true;
}

static bool kind_gaussian(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    if (job->sigma == 0)
        return error_set(job->err, ERROR_USAGE,
                         "score gaussian: sigma: expected a number above 0, found none");
    if (!(job->sigma > 0))
        return error_set(job->err, ERROR_USAGE,
                         "score gaussian: sigma: expected a number above 0, found %g", job->sigma);
    if (!shape_same_width(job, v))
        return false;
    out->op = OP_DISTANCE;
    out->gain = 1 / (2 * (long double)job->sigma * (long double)job->sigma);
    prepare_take(out, &v->q, &v->k);
    return true;
}

/* The rows of a parameter, which are h; -1 = it is not there. */
static int param_rows(const PrepareJob *job, ScoreParam param)
{
    const HeadSpec *spec = job->raw->spec;
    return spec && spec->score.param[param].at ? spec->score.param[param].rows : -1;
}

static Shape matrix_of(int rows, int cols)
{
    return (Shape){rows, cols, "h", NULL, false};
}

static Shape vector_of(int cols)
{
    return (Shape){1, cols, NULL, "h", true};
}

/* The parameters of each kind, the first one's rows naming h. */
static bool kind_params(PrepareJob *job, int d_q, int d_k)
{
    int h;
    switch (job->kind) {
    case SCORE_ADDITIVE:
        h = param_rows(job, PARAM_W_Q);
        return shape_params(job,
                            (const ParamNeed[]){{PARAM_W_Q, matrix_of(-1, d_q), false},
                                                {PARAM_W_K, matrix_of(h, d_k), false},
                                                {PARAM_V, vector_of(h), false},
                                                {PARAM_B, vector_of(h), true}},
                            4);
    case SCORE_FEATUREWISE:
        h = param_rows(job, PARAM_W_Q);
        return shape_params(job,
                            (const ParamNeed[]){{PARAM_W_Q, matrix_of(-1, d_q), false},
                                                {PARAM_W_K, matrix_of(h, d_k), false}},
                            2);
    case SCORE_CONCAT:
        h = param_rows(job, PARAM_W);
        return shape_params(job,
                            (const ParamNeed[]){{PARAM_W, matrix_of(-1, d_q + d_k), false},
                                                {PARAM_V, vector_of(h), false}},
                            2);
    case SCORE_GENERAL:
        return shape_params(job, &(const ParamNeed){PARAM_W, matrix_of(d_q, d_k), false}, 1);
    case SCORE_LOCATION:
        return shape_params(job, &(const ParamNeed){PARAM_W, matrix_of(job->raw->n_k, d_q), false},
                            1);
    case SCORE_BILINEAR:
        h = param_rows(job, PARAM_W_E);
        return shape_params(job,
                            (const ParamNeed[]){{PARAM_W_E, matrix_of(-1, d_q), false},
                                                {PARAM_W_A, matrix_of(h, d_k), false}},
                            2);
    case SCORE_AUTO:
    case SCORE_DOT:
    case SCORE_COSINE:
    case SCORE_ELEMENTWISE:
    case SCORE_GATE:
    case SCORE_GAUSSIAN:
    case SCORE_KIND_COUNT:
        break;
    }
    return true;
}

bool prepare_kind(PrepareJob *job, const PrepareVectors *v, AttnInput *out)
{
    if (job->kind == SCORE_GATE)
        return prepare_form(job, v, out);
    if (!shape_vectors(job, v) || !kind_params(job, v->q.s.cols, v->k.s.cols))
        return false;
    switch (job->kind) {
    case SCORE_COSINE:
        return kind_cosine(job, v, out);
    case SCORE_ADDITIVE:
        return kind_additive(job, v, out);
    case SCORE_GENERAL:
        return kind_general(job, v, out);
    case SCORE_BILINEAR:
        return kind_bilinear(job, v, out);
    case SCORE_CONCAT:
        return kind_concat(job, v, out);
    case SCORE_LOCATION:
        return kind_location(job, v, out);
    case SCORE_GAUSSIAN:
        return kind_gaussian(job, v, out);
    case SCORE_FEATUREWISE:
    case SCORE_ELEMENTWISE:
        return prepare_form(job, v, out);
    case SCORE_AUTO:
    case SCORE_DOT:
    case SCORE_GATE:
    case SCORE_KIND_COUNT:
        break;
    }
    return kind_dot(job, v, out);
}
