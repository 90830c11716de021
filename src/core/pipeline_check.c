/* What both pipelines ask of an input and of parameters, and which of these act at all. */
#include "core/pipeline_impl.h"

static bool check_matrix(Matrix m, const char *name, int rows, int cols, Error *err)
{
    if (m.at && m.rows == rows && m.cols == cols && cols > 0)
        return true;
    return error_set(err, ERROR_MALFORMED, "shape of %s: expected %d × %d, found %d × %d", name,
                     rows, cols, m.at ? m.rows : 0, m.at ? m.cols : 0);
}

bool pipeline_check_params(const AttnInput *in, const AttnParams *want, Error *err)
{
    if (in->n_q < 1 || in->n_k < 1)
        return error_set(err, ERROR_MALFORMED,
                         "tokens: expected at least one query and key, found %d × %d", in->n_q,
                         in->n_k);
    if (!(want->scale.temperature >= 0))
        return error_set(err, ERROR_USAGE, "temperature: expected 0 or more, found %g",
                         want->scale.temperature);
    bool relu = want->norm.kind == NORM_RELU && in->entry != ENTRY_WEIGHTS &&
                input_score_kind(in, &want->score) != SCORE_GATE;
    if (relu && want->scale.temperature == 0)
        return error_set(err, ERROR_USAGE, "temperature: expected above 0 under relu, found 0");
    return true;
}

bool pipeline_check_input(const AttnInput *in, Error *err)
{
    int rows_v = in->form == FORM_GATE ? in->n_q : in->n_k;
    if (in->entry == ENTRY_QK) {
        if (!check_matrix(in->q, "q", in->n_q, in->q.cols, err) ||
            !check_matrix(in->k, "k", in->n_k, in->q.cols, err))
            return false;
    } else if (!check_matrix(in->given, in->entry == ENTRY_SCORES ? "scores" : "weights", in->n_q,
                             in->n_k, err)) {
        return false;
    }
    if (in->recorded.at && !check_matrix(in->recorded, "recorded", in->n_q, in->n_k, err))
        return false;
    return !in->v.at || check_matrix(in->v, "v", rows_v, in->v.cols, err);
}

AttnParams pipeline_acting(const AttnInput *in, const AttnParams *want)
{
    AttnParams params = *want;
    params.score = (ScoreParams){.kind = SCORE_DOT};
    params.scale = (ScaleParams){.mode = SCALE_CUSTOM,
                                 .divisor = input_divisor(in, want),
                                 .temperature = want->scale.temperature};
    if (in->entry == ENTRY_WEIGHTS) {
        params = params_default();
        params.scale.mode = SCALE_NONE;
    }
    params.norm.kind = input_norm_kind(in, &want->norm);
    if (in->form == FORM_GATE)
        params.norm.sigmoid_bias = false;
    params.mask = pipeline_acting_mask(in, &want->mask);
    return params;
}
