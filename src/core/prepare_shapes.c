/* What parameters must look like, and how it is said when they do not. */
#include "core/prepare_impl.h"

#include <stdio.h>

static void dim_text(char *out, size_t cap, int n, const char *name)
{
    if (n < 0)
        snprintf(out, cap, "%s", name);
    else
        snprintf(out, cap, "%d", n);
}

static void shape_text(char out[64], Shape s)
{
    char rows[24], cols[24];
    dim_text(rows, sizeof rows, s.rows, s.rows_name);
    dim_text(cols, sizeof cols, s.cols, s.cols_name);
    if (s.vector)
        snprintf(out, 64, "[%s]", cols);
    else
        snprintf(out, 64, "[%s, %s]", rows, cols);
}

bool shape_expect(PrepareJob *job, const char *owner, const char *name, Stored m, Shape want)
{
    char due[64], found[64];
    const char *colon = owner[0] ? ": " : "";
    int rows = want.vector ? 1 : want.rows;
    shape_text(due, want);
    if (!m.at)
        return error_set(job->err, ERROR_USAGE, "%s%s%s: expected %s, found none", owner, colon,
                         name, due);
    if ((rows < 0 || m.rows == rows) && (want.cols < 0 || m.cols == want.cols) && m.cols > 0)
        return true;
    shape_text(found, (Shape){m.rows, m.cols, NULL, NULL, want.vector && m.rows == 1});
    return error_set(job->err, ERROR_MALFORMED, "%s%s%s: expected %s, found %s", owner, colon, name,
                     due, found);
}

static void owner_text(char out[48], ScoreKind kind)
{
    snprintf(out, 48, "score %s", SCORE_KIND_NAMES[kind]);
}

bool shape_param(PrepareJob *job, ScoreParam param, Shape want)
{
    char owner[48];
    Stored m = {0};
    owner_text(owner, job->kind);
    if (job->raw->spec)
        m = job->raw->spec->score.param[param];
    return shape_expect(job, owner, SCORE_PARAM_NAMES[param], m, want);
}

bool shape_vectors(PrepareJob *job, const PrepareVectors *v)
{
    char owner[48];
    owner_text(owner, job->kind);
    if (!shape_expect(job, owner, "q", v->q.s, (Shape){job->raw->n_q, -1, NULL, "d", false}))
        return false;
    if (job->kind == SCORE_LOCATION && !v->k.s.at) /* its formula reads no key */
        return true;
    return shape_expect(job, owner, "k", v->k.s, (Shape){job->raw->n_k, -1, NULL, "d", false});
}

bool shape_same_width(PrepareJob *job, const PrepareVectors *v)
{
    if (v->q.s.cols == v->k.s.cols)
        return true;
    return error_set(job->err, ERROR_MALFORMED,
                     "score %s: k: expected %d columns as in q, found %d",
                     SCORE_KIND_NAMES[job->kind], v->q.s.cols, v->k.s.cols);
}
