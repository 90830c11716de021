/* What one head gives to the pipeline. Everything is lent by the document and outlives the
 * pipeline's use.
 *
 * document_select (and the scope, for typed text) fills the first half: what is given. The pipeline
 * hands it to core/prepare, which fills the second half: what the kernels work on. Only prepare
 * writes there.
 */
#ifndef ATTNSCOPE_CORE_INPUT_H
#define ATTNSCOPE_CORE_INPUT_H

#include "core/head.h"
#include "core/matrix.h"
#include "core/params.h"

typedef enum { ENTRY_QK, ENTRY_SCORES, ENTRY_WEIGHTS } Entry; /* where the file enters the chain */

/* How a cell of raw scores is made from row i of q and row j of k. */
typedef enum {
    OP_DOT,     /* Σ_t q_it k_jt */
    OP_TANH,    /* Σ_t combine_t · tanh(q_it + k_jt) */
    OP_DISTANCE /* −gain · Σ_t (q_it − k_jt)² */
} ScoreOp;

/* What the rows and columns of scores … weights are. */
typedef enum {
    FORM_PAIRS,    /* queries × keys */
    FORM_FEATURES, /* features × keys, of one query (featurewise) */
    FORM_STRIP,    /* one row × keys (elementwise) */
    FORM_GATE      /* positions × channels (gate) */
} InputForm;

/* What is added to scores / divisor; all doubles, sums of the head's biases. */
typedef struct {
    const double *by_distance; /* by_distance[d] for d = j − p(i) in −reach … reach; NULL = none */
    int reach;
    const double *matrix; /* [n_q, n_k] row after row; NULL = none */
} InputBias;

typedef struct {
    int layer, head;
    Entry entry;
    int n_q, n_k;    /* ≥ 1: rows and columns of the scores; before prepare: queries and keys */
    Matrix q, k;     /* ENTRY_QK: [n_q, d_q], [n_k, d_k]; at == NULL where spec makes them */
    Matrix given;    /* ENTRY_SCORES or ENTRY_WEIGHTS: [n_q, n_k] */
    Matrix v;        /* [n_k, d_v], or absent */
    Matrix recorded; /* [n_q, n_k] weights of another program, or absent */
    Stored stored_q, stored_k, stored_given, stored_v; /* the same, as the file has them */
    bool wide;      /* a finite stored value exceeds FLT_MAX: the head is computed in double */
    double d_k;     /* columns of q, or the document's d_k beside scores; 0 = unknown */
    double d_model; /* the document's, else columns of x, else heads × d_k; 0 = unknown */
    const uint8_t *padding; /* n_k flags, 1 = padding key; NULL = none */
    const int *segment_q;   /* n_q and n_k numbers of the document's segments; NULL = none */
    const int *segment_k;
    Stored mask;          /* [n_q, n_k], 0 = masked, of the document; at == NULL: none */
    const HeadSpec *spec; /* NULL: plain q and k, or given numbers */
    uint64_t key;         /* changes whenever any of the above means other numbers; never 0 */

    /* ---- filled by core/prepare ---- */
    bool prepared;
    int queries, keys; /* n_q and n_k before prepare: rows of the output, columns of key masks */
    ScoreKind kind;    /* in force, never SCORE_AUTO */
    ScoreOp op;
    InputForm form;
    const double *combine;       /* OP_TANH: q.cols numbers … */
    const float *combine_floats; /* … and the same in float */
    long double gain;            /* OP_DISTANCE; 1/(2σ²) may be beyond double */
    InputBias bias;
    int row_query; /* FORM_FEATURES: the query of every row (masks and bias are its); −1 */
    Stored feed[STAGE_COUNT]; /* STAGE_EMBEDDING … STAGE_V as they can be shown; at == NULL: none */
    Matrix feed_floats[STAGE_COUNT]; /* the same in float */
} AttnInput;

/* The score function in force: the one that was asked for, else the head's own, else dot. */
ScoreKind input_score_kind(const AttnInput *in, const ScoreParams *score);
/* The scale mode in force: what auto stands for on this input (product.md §4). */
ScaleMode input_scale_mode(const AttnInput *in, const AttnParams *params);
/* The divisor of the scores under these parameters (product.md §4). Never 0; 1 under `none`. */
double input_divisor(const AttnInput *in, const AttnParams *params);
/* The normaliser in force: sigmoid for gates, else the one that was asked for. */
NormKind input_norm_kind(const AttnInput *in, const NormParams *norm);

/* The stored matrices, or the float ones where none was stored (tests, generated inputs). */
Stored input_q(const AttnInput *in);
Stored input_k(const AttnInput *in);
Stored input_v(const AttnInput *in);
Stored input_given(const AttnInput *in);

/* Bias of a cell, 0 where there is none; offset of p(i) = i + offset (see Mask.offset). */
static inline double input_bias(const AttnInput *in, int row, int key, int offset)
{
    double sum = 0;
    int i = in->row_query >= 0 && in->form == FORM_FEATURES ? in->row_query : row;
    if (in->bias.by_distance)
        sum += in->bias.by_distance[key - i - offset];
    if (in->bias.matrix)
        sum += in->bias.matrix[(ptrdiff_t)i * in->n_k + key];
    return sum;
}
static inline bool input_has_bias(const AttnInput *in)
{
    return in->bias.by_distance || in->bias.matrix;
}

#endif
