#include "core/params.h"

#include <stddef.h>

const char *const STAGE_NAMES[] = {"scores", "scaled", "masked", "weights", "output", NULL};
const char *const SCORE_KIND_NAMES[] = {"auto", "dot", NULL};
const char *const SCALE_MODE_NAMES[] = {"auto",        "none",   "sqrt_dk", "dk",
                                        "sqrt_dmodel", "custom", NULL};
const char *const MASK_ALIGN_NAMES[] = {"top", "bottom", NULL};
const char *const NORM_KIND_NAMES[] = {"softmax", "sparsemax", "entmax15", "softmax1",
                                       "sigmoid", "hardmax",   NULL};

AttnParams params_default(void)
{
    AttnParams params = {0};
    params.scale.temperature = 1;
    params.mask.padding = true;
    params.mask.renormalise = true;
    return params;
}

/* NaN is refused by every setting; here two NaN count as equal so that nothing is redone for ever.
 */
static bool same(double a, double b)
{
    return a == b || (a != a && b != b);
}

Stage params_first_change(const AttnParams *was, const AttnParams *now)
{
    if (was->score.kind != now->score.kind)
        return STAGE_SCORES;
    const ScaleParams *s = &was->scale, *t = &now->scale;
    if (s->mode != t->mode || !same(s->d_k, t->d_k) || !same(s->d_model, t->d_model) ||
        !same(s->divisor, t->divisor) || !same(s->temperature, t->temperature))
        return STAGE_SCALED;
    const MaskParams *m = &was->mask, *n = &now->mask;
    if (m->causal != n->causal || m->align != n->align || m->window != n->window ||
        m->padding != n->padding || m->hidden != n->hidden || m->renormalise != n->renormalise)
        return STAGE_MASKED;
    if (was->norm.kind != now->norm.kind)
        return STAGE_WEIGHTS;
    return STAGE_COUNT;
}

bool norm_is_open(NormKind kind)
{
    return kind == NORM_SOFTMAX1 || kind == NORM_SIGMOID;
}
