/* Random attention problems for the tests of this folder. */
#ifndef ATTNSCOPE_TESTS_CORE_PROBLEM_H
#define ATTNSCOPE_TESTS_CORE_PROBLEM_H

#include "base/index_set.h"
#include "base/mem.h"
#include "core/pipeline.h"
#include "support/reference.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const PROBLEM_SETS[] = {"scalar", "avx2", "avx512"};

typedef struct {
    AttnInput in;
    float *q, *k, *v, *given, *recorded;
    double *wide; /* q then k as the file has them */
    uint8_t *padding;
} Problem;

static inline float *problem_floats(RefRandom *r, int count)
{
    float *at = mem_array((size_t)count, sizeof *at);
    for (int i = 0; i < count; i++)
        at[i] = (float)ref_normal(r);
    return at;
}

/* Standard normal q, k, v; rows are strided; some keys are padding; key is what the caller says. */
static inline Problem problem_new(RefRandom *r, Entry entry, int n_q, int n_k, int d, int d_v,
                                  uint64_t key)
{
    Problem p = {.in = {.entry = entry, .n_q = n_q, .n_k = n_k, .d_k = d, .key = key}};
    int step = d + 3, step_v = d_v + 1, step_given = n_k + 2;
    if (entry == ENTRY_QK) {
        p.q = problem_floats(r, n_q * step);
        p.k = problem_floats(r, n_k * step);
        p.in.q = (Matrix){p.q, n_q, d, step};
        p.in.k = (Matrix){p.k, n_k, d, step};
        p.in.stored_q = (Stored){p.q, DTYPE_F32, n_q, d, step};
        p.in.stored_k = (Stored){p.k, DTYPE_F32, n_k, d, step};
    } else {
        p.given = problem_floats(r, n_q * step_given);
        for (int i = 0; i < n_q * step_given && entry == ENTRY_WEIGHTS; i++)
            p.given[i] = fabsf(p.given[i]) / 4;
        p.in.given = (Matrix){p.given, n_q, n_k, step_given};
        p.in.stored_given = (Stored){p.given, DTYPE_F32, n_q, n_k, step_given};
    }
    if (d_v) {
        p.v = problem_floats(r, n_k * step_v);
        p.in.v = (Matrix){p.v, n_k, d_v, step_v};
        p.in.stored_v = (Stored){p.v, DTYPE_F32, n_k, d_v, step_v};
    }
    p.padding = mem_zero((size_t)n_k, 1);
    for (int j = 0; j < n_k; j++)
        p.padding[j] = ref_range(r, 0, 4) == 0;
    p.in.padding = p.padding;
    return p;
}

static inline void problem_free(Problem *p)
{
    mem_free(p->q);
    mem_free(p->k);
    mem_free(p->v);
    mem_free(p->given);
    mem_free(p->recorded);
    mem_free(p->wide);
    mem_free(p->padding);
    *p = (Problem){0};
}

/* Doubles beyond float32: the head has to be computed in double. */
static inline void problem_widen(RefRandom *r, Problem *p)
{
    int d = p->in.q.cols, n_q = p->in.n_q, n_k = p->in.n_k;
    p->wide = mem_array((size_t)(n_q + n_k) * (size_t)d, sizeof *p->wide);
    for (int i = 0; i < (n_q + n_k) * d; i++)
        p->wide[i] = ref_normal(r) * (i % 5 ? 1 : 1e50);
    p->in.stored_q = (Stored){p->wide, DTYPE_F64, n_q, d, d};
    p->in.stored_k = (Stored){p->wide + n_q * d, DTYPE_F64, n_k, d, d};
    for (int i = 0; i < n_q; i++)
        stored_floats(p->in.stored_q, i, p->q + i * p->in.q.step);
    for (int j = 0; j < n_k; j++)
        stored_floats(p->in.stored_k, j, p->k + j * p->in.k.step);
    p->in.wide = true;
}

static inline AttnParams problem_params(RefRandom *r, int n_k)
{
    static const double temperatures[] = {
        0, 0.01, 0.5, 1, 3, 1000, 5e-324, 1e-300, 1, 1, (double)INFINITY};
    static const double alphas[] = {1, 1.0001, 1.05, 1.3, 1.5, 1.9, 2, 2.7, 16};
    static const double shares[] = {1e-9, 0.3, 0.5, 0.9, 1};
    AttnParams p = params_default();
    int hidden[3], count = ref_range(r, 0, 3);
    for (int i = 0; i < count; i++)
        hidden[i] = ref_range(r, 0, n_k);
    p.scale.mode = (ScaleMode)ref_range(r, SCALE_AUTO, SCALE_CUSTOM);
    p.scale.d_k = ref_range(r, 0, 1) ? 0 : ref_range(r, 1, 100);
    p.scale.d_model = ref_range(r, 0, 1) ? 0 : ref_range(r, 1, 100);
    p.scale.divisor = exp2(ref_range(r, -4, 8));
    p.scale.temperature = temperatures[ref_range(r, 0, 10)];
    p.mask.causal = ref_range(r, 0, 1);
    p.mask.align = (MaskAlign)ref_range(r, 0, 1);
    p.mask.window = ref_range(r, 0, 1) ? 0 : ref_range(r, 1, 4);
    p.mask.padding = ref_range(r, 0, 1);
    p.mask.hidden = index_set_intern(hidden, count);
    p.mask.renormalise = ref_range(r, 0, 1);
    p.norm.kind = (NormKind)ref_range(r, NORM_SOFTMAX, NORM_TOPP);
    p.norm.alpha = alphas[ref_range(r, 0, 8)];
    p.norm.k = ref_range(r, 1, 8);
    p.norm.p = shares[ref_range(r, 0, 4)];
    p.norm.sigmoid_bias = ref_range(r, 0, 1);
    if (p.norm.kind == NORM_RELU && !(p.scale.temperature > 1e-6))
        p.scale.temperature = 0.1; /* there are no weights at 0 */
    return p;
}

#endif
