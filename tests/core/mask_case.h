/* An input with masks of every kind, drawn at random, and the judge of its cells. */
#ifndef ATTNSCOPE_TESTS_MASK_CASE_H
#define ATTNSCOPE_TESTS_MASK_CASE_H

#include "base/index_set.h"
#include "base/mem.h"
#include "core/mask.h"
#include "support/reference.h"

#include <string.h>

enum { CASE_MOST = 1100 };

typedef struct {
    AttnInput in;
    MaskParams params;
    uint8_t padding[CASE_MOST];
    int segment_q[CASE_MOST], segment_k[CASE_MOST];
    float *matrix; /* n_q × n_k */
} MaskCase;

static inline int case_set(RefRandom *r, int most, int last)
{
    int items[8], count = ref_range(r, 0, most);
    for (int i = 0; i < count; i++)
        items[i] = ref_range(r, 0, last); /* may lie behind the last key */
    return index_set_intern(items, count);
}

/* What the document brings: padding, segments in one piece or scattered, a matrix. */
static inline void case_document(MaskCase *c, RefRandom *r)
{
    int n_q = c->in.n_q, n_k = c->in.n_k, scattered = ref_range(r, 0, 1);
    size_t cells = (size_t)n_q * (size_t)n_k;
    for (int j = 0; j < n_k; j++) {
        c->padding[j] = ref_range(r, 0, 3) == 0;
        c->segment_k[j] = scattered ? ref_range(r, 0, 2) : 3 - 4 * j / n_k;
    }
    for (int i = 0; i < n_q; i++)
        c->segment_q[i] = scattered ? ref_range(r, 0, 3) : ref_range(r, 0, 4);
    c->matrix = mem_array(cells, sizeof *c->matrix);
    for (size_t i = 0; i < cells; i++)
        c->matrix[i] = ref_range(r, 0, 3) ? 1.0f : 0.0f;
    c->in.padding = ref_range(r, 0, 1) ? c->padding : NULL;
    if (ref_range(r, 0, 2) == 0) {
        c->in.segment_q = c->segment_q;
        c->in.segment_k = c->segment_k;
    }
    if (ref_range(r, 0, 2) == 0)
        c->in.mask = (Stored){c->matrix, DTYPE_F32, n_q, n_k, n_k};
}

static inline void case_keys(MaskCase *c, RefRandom *r)
{
    c->params.padding = ref_range(r, 0, 1);
    c->params.segments = ref_range(r, 0, 3) > 0;
    c->params.given = ref_range(r, 0, 3) > 0;
    c->params.hidden = ref_range(r, 0, 1) ? case_set(r, 4, c->in.n_k + 1) : 0;
    c->params.renormalise = ref_range(r, 0, 1);
}

static inline void case_random(MaskCase *c, RefRandom *r, int n_q, int n_k)
{
    *c = (MaskCase){.in = {.n_q = n_q, .n_k = n_k}};
    int far = n_k > 60 ? 70 : 4;
    c->params = (MaskParams){.causal = ref_range(r, 0, 1),
                             .align = (MaskAlign)ref_range(r, 0, 1),
                             .prefix = ref_range(r, 0, 1) ? 0 : ref_range(r, 1, far),
                             .window = ref_range(r, 0, 1) ? 0 : ref_range(r, 1, far),
                             .dilation = ref_range(r, 0, 1) ? 1 : ref_range(r, 1, far),
                             .stride = ref_range(r, 0, 2) ? 0 : ref_range(r, 1, far),
                             .random = ref_range(r, 0, 2) ? 0 : ref_range(r, 1, far),
                             .seed = ref_range(r, 0, 99),
                             .global = case_set(r, 3, n_q > n_k ? n_q : n_k),
                             .block = ref_range(r, 0, 2) ? 0 : ref_range(r, 1, far)};
    case_document(c, r);
    case_keys(c, r);
}

static inline void case_free(MaskCase *c)
{
    mem_free(c->matrix);
}

/* NULL, or what is wrong with a row of this mask. */
static inline const char *case_row_wrong(const MaskCase *c, const Mask *mask, int i)
{
    static bool competes[CASE_MOST], shown[CASE_MOST]; /* one thread */
    MaskRun run;
    int lo, hi, count = 0, last = 0;
    bool was_hidden = false;
    mask_row(mask, i, &lo, &hi);
    for (int j = 0; j < c->in.n_k; j++) {
        competes[j] = ref_competes(&c->in, &c->params, i, j);
        shown[j] = ref_shown(&c->in, &c->params, i, j);
        count += shown[j];
        if (mask_competes(mask, i, j) != competes[j])
            return "mask_competes";
        if (mask_allows(mask, i, j) != shown[j])
            return "mask_allows";
        if (competes[j] && (j < lo || j >= hi))
            return "mask_row";
        if (!mask->blocked[j] && ((mask_word(mask, i, j / 64) >> (j % 64)) & 1) != shown[j])
            return "mask_word";
        if (!shown[j] && !mask->any)
            return "any";
    }
    if (mask_count(mask, i) != count)
        return "mask_count";
    for (MaskWalk walk = mask_walk(mask, i); mask_walk_next(&walk, &run);) {
        if (run.begin < last || run.end <= run.begin || run.end > c->in.n_k)
            return "order of runs";
        if (last > 0 && run.begin == last && run.hidden == was_hidden)
            return "a run in two pieces";
        for (int j = run.begin; j < run.end; j++) {
            if (!competes[j] || run.hidden == shown[j])
                return "a run";
            competes[j] = false;
        }
        last = run.end;
        was_hidden = run.hidden;
    }
    for (int j = 0; j < c->in.n_k; j++)
        if (competes[j])
            return "keys that no run has";
    return NULL;
}

#endif
