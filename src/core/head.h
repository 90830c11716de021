/* What a head says beyond plain q, k and v: where its vectors come from, how a query and a key are
 * scored, what is added to the scores. Lent views on the document's numbers, as stored; nothing is
 * computed here. core/prepare turns it into vectors.
 *
 * Matrices are [outputs, inputs] and act from the left (y = W x + b), as torch.nn.Linear stores
 * them. A vector is a matrix of one row.
 *
 *   dot          q·k                                            Vaswani et al. 2017, eq. 1
 *   cosine       factor · q·k / (‖q‖‖k‖); 0 where a norm is 0   Liu et al. 2022 (Swin v2)
 *   additive     v·tanh(w_q q + w_k k + b)                      Bahdanau et al. 2015, A.1.2
 *   general      qᵀ w k                                         Luong et al. 2015, eq. 8
 *   bilinear     (w_e q)·(w_a k); without v: v = w_a k          encoder–decoder RNN tutorials
 *   concat       v·tanh(w [q; k])                               Luong et al. 2015, eq. 8
 *                over hidden states (rnn_k) too: without v it is w_a k, not k
 *   location     (w q)_j; needs no k                            Luong et al. 2015, eq. 9
 *   featurewise  tanh(w_q q + w_k k)_f, normalised over keys for each feature f;
 *                context_f = Σ_j weight_jf · v_jf
 *   elementwise  q_i·k_i, normalised over i; output Σ_j a_j v_j, the same for all i
 *   gate         conv1(x) ⊙ conv2(conv1(x)) (1×1 convolutions); weights σ of it, no softmax;
 *                output weights ⊙ x
 *   gaussian     −‖q − k‖² / (2 sigma²)
 */
#ifndef ATTNSCOPE_CORE_HEAD_H
#define ATTNSCOPE_CORE_HEAD_H

#include "core/matrix.h"
#include "core/params.h"

typedef enum {
    PARAM_W,     /* general [d_q, d_k]; concat [h, d_q + d_k]; location [n_k, d_q] */
    PARAM_W_Q,   /* additive, featurewise [h, d_q] */
    PARAM_W_K,   /* additive, featurewise [h, d_k] */
    PARAM_W_E,   /* bilinear [h, d_q] */
    PARAM_W_A,   /* bilinear [h, d_k] */
    PARAM_V,     /* additive, concat [h] */
    PARAM_B,     /* additive [h]; may be missing */
    PARAM_CONV1, /* gate [c, c] */
    PARAM_CONV2, /* gate [c, c] */
    PARAM_COUNT
} ScoreParam;
extern const char *const SCORE_PARAM_NAMES[]; /* "w" "w_q" … as in documents, NULL */

typedef struct {
    ScoreKind kind;      /* SCORE_AUTO: the head names none */
    const char *unknown; /* the name of a kind that we do not know, else NULL: no scores then */
    Stored param[PARAM_COUNT]; /* at == NULL: not given */
    double factor, sigma;      /* 0 = not given */
} ScoreSpec;

typedef enum { BIAS_ALIBI, BIAS_T5, BIAS_MATRIX } BiasKind;
/* Added to scores / divisor, summed over the list. d = j − p(i), p as in MaskAlign. */
typedef struct {
    BiasKind kind;
    double slope;        /* ALIBI: −slope·|d| (Press et al. 2022) */
    Stored table;        /* T5 [buckets]: table[bucket(d)] (Raffel et al. 2020) */
    bool bidirectional;  /* T5: half of the buckets for keys behind the query */
    double max_distance; /* T5: from here on the last bucket; 128 */
    Stored m;            /* MATRIX [n_q, n_k] */
} BiasSpec;

typedef struct {
    bool on;
    double theta;     /* 10000; angle of pair t at place p: p · theta^(−2t/dims) */
    bool interleaved; /* pairs (2t, 2t+1); else "half": (t, t + dims/2) */
    int dims;         /* the first so many columns turn; even, ≤ d_k */
} RopeSpec;

typedef enum { CELL_NONE, CELL_TANH, CELL_GRU, CELL_LSTM } CellKind;
extern const char *const CELL_NAMES[]; /* "none" "tanh" "gru" "lstm", NULL */
/* One layer, from the first position on, hidden state 0 before; weights as torch.nn.RNN, GRU and
 * LSTM name, order and shape them: weight_ih [g·h, d], weight_hh [g·h, h], g = 1, 3 (r z n),
 * 4 (i f g o). */
typedef struct {
    CellKind cell;
    Stored weight_ih, weight_hh, bias_ih, bias_hh; /* biases [g·h]; may be missing */
} RnnSpec;

enum { HEAD_BIASES_MOST = 16 };

/* How q, k and v come about. In this order, each where it is given:
 *   x_q = embedding + position (of typed or looked-up tokens), or given
 *   q = hidden states of rnn_q over x_q, or w_q x_q + b_q, or as AttnInput has it; k likewise;
 *   v = w_v x_k + b_v, or as AttnInput has it, or k's hidden states with an RNN
 * then rope turns q and k. With an RNN, w_q, w_k and w_v act on the hidden states. A head with x
 * and nothing that makes q (k) of it attends x itself; k being x and no values given, so is v. */
typedef struct {
    ScoreSpec score;
    const BiasSpec *biases; /* lent */
    int bias_count;
    RopeSpec rope;
    RnnSpec rnn_q, rnn_k;
    Stored x_q, x_k;            /* [n_q, d_model], [n_k, d_model]; the same for self-attention */
    bool same_x;                /* x_k is x_q */
    Stored embedding, position; /* [n, d_model] each: what x_q is the sum of; lent for showing */
    Stored w_q, w_k, w_v, b_q, b_k, b_v;
} HeadSpec;

#endif
