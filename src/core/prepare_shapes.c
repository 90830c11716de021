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

static Stored param_of(const PrepareJob *job, ScoreParam param)
{
    return job->raw->spec ? job->raw->spec->score.param[param] : (Stored){0};
}

/* "w_k [h, 2] and v [h]": all at once, or one mends them one after the other. */
static bool say_missing(PrepareJob *job, const char *owner, const ParamNeed *needs, int count,
                        int missing)
{
    char all[256] = "", shape[64];
    size_t used = 0;
    int said = 0;
    for (int i = 0; i < count; i++) {
        if (needs[i].may_lack || param_of(job, needs[i].param).at)
            continue;
        said++;
        shape_text(shape, needs[i].want);
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s %s",
                                 said == 1         ? ""
                                 : said == missing ? " and "
                                                   : ", ",
                                 SCORE_PARAM_NAMES[needs[i].param], shape);
        if (used >= sizeof all)
            break;
    }
    return error_set(job->err, ERROR_USAGE, "%s: parameters: expected %s, found none", owner, all);
}

bool shape_params(PrepareJob *job, const ParamNeed *needs, int count)
{
    char owner[48];
    int missing = 0;
    owner_text(owner, job->kind);
    for (int i = 0; i < count; i++)
        missing += !needs[i].may_lack && !param_of(job, needs[i].param).at;
    if (missing > 1)
        return say_missing(job, owner, needs, count, missing);
    for (int i = 0; i < count; i++) {
        Stored m = param_of(job, needs[i].param);
        if ((m.at || !needs[i].may_lack) &&
            !shape_expect(job, owner, SCORE_PARAM_NAMES[needs[i].param], m, needs[i].want))
            return false;
    }
    return true;
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
