/* Heads with a score function of their own, made as tests/data/core/make_prepare.py makes them. */
#ifndef ATTNSCOPE_TESTS_CORE_HEAD_PROBLEM_H
#define ATTNSCOPE_TESTS_CORE_HEAD_PROBLEM_H

#include "support/check.h"

#include "base/mem.h"
#include "core/pipeline.h"
#include "core/prepare.h"

#include "../data/core/prepare.h"

#include <string.h>

enum { HEAD_BLOCKS = 24 };

typedef struct {
    AttnInput in;
    HeadSpec spec;
    float *blocks[HEAD_BLOCKS];
    int count;
    uint32_t x; /* of the generator */
} Head;

static inline double head_value(Head *h)
{
    h->x = 1664525u * h->x + 1013904223u;
    return ((double)((h->x >> 16) % 2049) - 1024) / 512;
}

static inline Stored head_matrix(Head *h, int rows, int cols, double scale)
{
    float *at = mem_array((size_t)rows * (size_t)cols, sizeof *at);
    for (int i = 0; i < rows * cols; i++)
        at[i] = (float)(head_value(h) * scale);
    assert_true(h->count < HEAD_BLOCKS);
    h->blocks[h->count++] = at;
    return (Stored){at, DTYPE_F32, rows, cols, cols};
}

static inline Matrix head_floats(Stored s)
{
    return (Matrix){s.at, s.rows, s.cols, s.step};
}

static inline void head_free(Head *h)
{
    for (int i = 0; i < h->count; i++)
        mem_free(h->blocks[i]);
    h->count = 0;
}

static inline ScoreKind head_kind(const char *name)
{
    int kind = 0;
    while (strcmp(SCORE_KIND_NAMES[kind], name) != 0)
        kind++;
    return (ScoreKind)kind;
}

static inline void head_params(Head *h, ScoreKind kind, int n_k, int d_q, int d_k, int hidden)
{
    Stored *p = h->spec.score.param;
    double small = 0.125;
    if (kind == SCORE_ADDITIVE || kind == SCORE_FEATUREWISE) {
        p[PARAM_W_Q] = head_matrix(h, hidden, d_q, small);
        p[PARAM_W_K] = head_matrix(h, hidden, d_k, small);
    }
    if (kind == SCORE_ADDITIVE) {
        p[PARAM_V] = head_matrix(h, 1, hidden, small);
        p[PARAM_B] = head_matrix(h, 1, hidden, small);
    } else if (kind == SCORE_GENERAL) {
        p[PARAM_W] = head_matrix(h, d_q, d_k, small);
    } else if (kind == SCORE_BILINEAR) {
        p[PARAM_W_E] = head_matrix(h, hidden, d_q, small);
        p[PARAM_W_A] = head_matrix(h, hidden, d_k, small);
    } else if (kind == SCORE_CONCAT) {
        p[PARAM_W] = head_matrix(h, hidden, d_q + d_k, small);
        p[PARAM_V] = head_matrix(h, 1, hidden, small);
    } else if (kind == SCORE_LOCATION) {
        p[PARAM_W] = head_matrix(h, n_k, d_q, small);
    } else if (kind == SCORE_GATE) {
        p[PARAM_CONV1] = head_matrix(h, d_q, d_q, small);
        p[PARAM_CONV2] = head_matrix(h, d_q, d_q, small);
    }
}

/* in.spec points into the head: it must stay where it is. */
static inline void head_make(Head *h, ScoreKind kind, int n_q, int n_k, int d_q, int d_k,
                             int hidden, int d_v, uint32_t seed)
{
    *h = (Head){.x = seed, .in = {.entry = ENTRY_QK, .n_q = n_q, .n_k = n_k, .key = seed + 1}};
    AttnInput *in = &h->in;
    in->stored_q = head_matrix(h, n_q, d_q, 1);
    in->stored_k = head_matrix(h, n_k, d_k, 1);
    in->stored_v = head_matrix(h, n_k, d_v, 1);
    head_params(h, kind, n_k, d_q, d_k, hidden);
    h->spec.score.kind = kind;
    h->spec.score.factor = PREPARE_FACTOR;
    h->spec.score.sigma = PREPARE_SIGMA;
    if (kind == SCORE_GATE) {
        h->spec.x_q = in->stored_q;
        in->stored_q = in->stored_k = in->stored_v = (Stored){0};
    }
    if (kind == SCORE_BILINEAR)
        in->stored_v = (Stored){0};
    in->q = head_floats(in->stored_q);
    in->k = head_floats(in->stored_k);
    in->v = head_floats(in->stored_v);
    in->d_k = in->q.cols;
    in->spec = &h->spec;
}

#endif
