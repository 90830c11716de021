#include "core/params.h"

#include "base/hash.h"

#include <stddef.h>

const char *const STAGE_NAMES[] = {"scores",    "scaled",   "masked", "weights", "output",
                                   "embedding", "position", "x",      "x_k",     "q",
                                   "k",         "v",        NULL};
const char *const SCORE_KIND_NAMES[] = {
    "auto",     "dot",         "cosine",      "additive", "general",  "bilinear", "concat",
    "location", "featurewise", "elementwise", "gate",     "gaussian", NULL};
const char *const SCALE_MODE_NAMES[] = {"auto",        "none",   "sqrt_dk", "dk",
                                        "sqrt_dmodel", "custom", NULL};
const char *const MASK_ALIGN_NAMES[] = {"top", "bottom", NULL};
const char *const NORM_KIND_NAMES[] = {"softmax",  "sparsemax", "entmax15", "entmax",
                                       "softmax1", "sigmoid",   "relu",     "hardmax",
                                       "topk",     "topp",      NULL};

AttnParams params_default(void)
{
    AttnParams params = {0};
    params.scale.temperature = 1;
    params.mask.padding = true;
    params.mask.renormalise = true;
    params.mask.dilation = 1;
    params.mask.segments = params.mask.given = true;
    params.norm.alpha = 1.5;
    params.norm.k = 5;
    params.norm.p = 0.9;
    return params;
}

/* NaN is refused by every setting; here two NaN count as equal so that nothing is redone for ever.
 */
static bool same(double a, double b)
{
    return a == b || (a != a && b != b);
}

static bool mask_same(const MaskParams *m, const MaskParams *n)
{
    return m->causal == n->causal && m->align == n->align && m->prefix == n->prefix &&
           m->window == n->window && m->dilation == n->dilation && m->stride == n->stride &&
           m->random == n->random && m->seed == n->seed && m->global == n->global &&
           m->block == n->block && m->segments == n->segments && m->given == n->given &&
           m->padding == n->padding && m->hidden == n->hidden && m->renormalise == n->renormalise;
}

Stage params_first_change(const AttnParams *was, const AttnParams *now)
{
    const ScoreParams *a = &was->score, *b = &now->score;
    if (a->kind != b->kind || !same(a->factor, b->factor) || !same(a->sigma, b->sigma) ||
        a->query != b->query)
        return STAGE_SCORES;
    const ScaleParams *s = &was->scale, *t = &now->scale;
    if (s->mode != t->mode || !same(s->d_k, t->d_k) || !same(s->d_model, t->d_model) ||
        !same(s->divisor, t->divisor) || !same(s->temperature, t->temperature))
        return STAGE_SCALED;
    if (!mask_same(&was->mask, &now->mask))
        return STAGE_MASKED;
    const NormParams *x = &was->norm, *y = &now->norm;
    if (x->kind != y->kind || !same(x->alpha, y->alpha) || x->k != y->k || !same(x->p, y->p) ||
        x->sigmoid_bias != y->sigmoid_bias)
        return STAGE_WEIGHTS;
    return STAGE_COUNT;
}

uint64_t params_hash(uint64_t hash, const AttnParams *p)
{
    /* Member by member: the padding of a struct is not a value. */
    const MaskParams *m = &p->mask;
    double reals[] = {p->score.factor,  p->score.sigma,       p->scale.d_k,  p->scale.d_model,
                      p->scale.divisor, p->scale.temperature, p->norm.alpha, p->norm.p};
    int ints[] = {(int)p->score.kind, p->score.query, (int)p->scale.mode,
                  m->causal,          (int)m->align,  m->prefix,
                  m->window,          m->dilation,    m->stride,
                  m->random,          m->seed,        m->global,
                  m->block,           m->segments,    m->given,
                  m->padding,         m->hidden,      m->renormalise,
                  (int)p->norm.kind,  p->norm.k,      p->norm.sigmoid_bias};
    return hash_bytes(hash_bytes(hash, reals, sizeof reals), ints, sizeof ints);
}

bool norm_is_open(NormKind kind)
{
    return kind == NORM_SOFTMAX1 || kind == NORM_SIGMOID || kind == NORM_RELU;
}
