#include "core/input.h"

#include <math.h>

ScoreKind input_score_kind(const AttnInput *in, const ScoreParams *score)
{
    if (score->kind != SCORE_AUTO)
        return score->kind;
    return in->spec && in->spec->score.kind != SCORE_AUTO ? in->spec->score.kind : SCORE_DOT;
}

NormKind input_norm_kind(const AttnInput *in, const NormParams *norm)
{
    return in->form == FORM_GATE ? NORM_SIGMOID : norm->kind;
}

static double input_d_k(const AttnInput *in, const ScaleParams *scale)
{
    if (scale->d_k > 0)
        return scale->d_k;
    if (in->d_k > 0)
        return in->d_k;
    return in->entry == ENTRY_QK ? in->q.cols : 0;
}

ScaleMode input_scale_mode(const AttnInput *in, const AttnParams *params)
{
    if (params->scale.mode != SCALE_AUTO)
        return params->scale.mode;
    ScoreKind kind = in->prepared ? in->kind : input_score_kind(in, &params->score);
    if (in->entry == ENTRY_QK && kind == SCORE_DOT)
        return SCALE_SQRT_DK;
    if (in->entry == ENTRY_SCORES && in->form == FORM_PAIRS && in->d_k > 0)
        return SCALE_SQRT_DK;
    return SCALE_NONE;
}

double input_divisor(const AttnInput *in, const AttnParams *params)
{
    const ScaleParams *scale = &params->scale;
    if (in->entry == ENTRY_WEIGHTS)
        return 1;
    double divisor = 1;
    switch (input_scale_mode(in, params)) {
    case SCALE_AUTO:
    case SCALE_NONE:
        break;
    case SCALE_SQRT_DK:
        divisor = sqrt(input_d_k(in, scale));
        break;
    case SCALE_DK:
        divisor = input_d_k(in, scale);
        break;
    case SCALE_SQRT_DMODEL:
        divisor = sqrt(scale->d_model > 0 ? scale->d_model : in->d_model);
        break;
    case SCALE_CUSTOM:
        divisor = scale->divisor;
        break;
    }
    /* What the file does not say (0) or what cannot divide leaves the scores as they are. */
    return divisor > 0 && isfinite(divisor) ? divisor : 1;
}

static Stored stored_or_floats(Stored stored, Matrix floats)
{
    if (stored.at)
        return stored;
    return (Stored){floats.at, DTYPE_F32, floats.rows, floats.cols, floats.step};
}

Stored input_q(const AttnInput *in)
{
    return stored_or_floats(in->stored_q, in->q);
}
Stored input_k(const AttnInput *in)
{
    return stored_or_floats(in->stored_k, in->k);
}
Stored input_v(const AttnInput *in)
{
    return stored_or_floats(in->stored_v, in->v);
}
Stored input_given(const AttnInput *in)
{
    return stored_or_floats(in->stored_given, in->given);
}
