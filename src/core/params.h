/* The parameters of the stages, in the order of the stages. Plain structs: state/settings.h embeds
 * them, the pipeline compares them to know where to start again.
 *
 *   l = score(q, k) / divisor        scaled = l / temperature      masked = scaled, −∞ where masked
 *   weights = normaliser over the unmasked keys of a row           output = weights · V
 */
#ifndef ATTNSCOPE_CORE_PARAMS_H
#define ATTNSCOPE_CORE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

/* The stages of the chain, then what went into it. The latter are lent by core/prepare: nothing
 * is computed for them that the chain does not need anyway. */
typedef enum {
    STAGE_SCORES,
    STAGE_SCALED,
    STAGE_MASKED,
    STAGE_WEIGHTS,
    STAGE_OUTPUT,
    STAGE_CHAIN,                   /* how many there are in the chain */
    STAGE_EMBEDDING = STAGE_CHAIN, /* token embedding, n × d_model */
    STAGE_POSITION,                /* what is added to it for the place of a token */
    STAGE_X,                       /* their sum, or the head's own x (x_q) */
    STAGE_X_K,                     /* the keys' x, when it is another one */
    STAGE_Q,                       /* n_q × d: as given, projected, or hidden states; rotated */
    STAGE_K,
    STAGE_V,
    STAGE_COUNT
} Stage;

/* Score functions; what each computes stands in core/head.h. */
typedef enum {
    SCORE_AUTO, /* the head's own, else dot */
    SCORE_DOT,
    SCORE_COSINE,
    SCORE_ADDITIVE,
    SCORE_GENERAL,
    SCORE_BILINEAR,
    SCORE_CONCAT,
    SCORE_LOCATION,
    SCORE_FEATUREWISE,
    SCORE_ELEMENTWISE,
    SCORE_GATE,
    SCORE_GAUSSIAN,
    SCORE_KIND_COUNT
} ScoreKind;
typedef struct {
    ScoreKind kind;
    double factor; /* of cosine; 0 = auto: the head's, else 1 */
    double sigma;  /* of gaussian; 0 = auto: the head's */
    int query;     /* of featurewise: whose map is shown. Set by the scope from the selection, not
                      a setting; ignored by every other kind */
} ScoreParams;

typedef enum {
    SCALE_AUTO, /* sqrt_dk for dot from q and k, or from scores with d_k; else none */
    SCALE_NONE,
    SCALE_SQRT_DK,
    SCALE_DK,
    SCALE_SQRT_DMODEL,
    SCALE_CUSTOM
} ScaleMode;
typedef struct {
    ScaleMode mode;
    double d_k, d_model, divisor; /* 0 = auto: columns of q; the document's d_model; 1 */
    double temperature;           /* ≥ 0; 0 = argmax, ties share; +Inf = uniform */
} ScaleParams;

typedef enum { MASK_TOP, MASK_BOTTOM } MaskAlign; /* p(i) = i, or i + n_k − n_q */
typedef struct {
    bool causal; /* key j allowed iff j ≤ p(i) */
    MaskAlign align;
    int prefix; /* causal only: keys j < prefix are seen by all (prefix LM) */
    /* The sparse pattern: a key is seen when any of these that is on allows it. */
    int window;   /* 0 = off, else |j − p(i)| < window·dilation … */
    int dilation; /* … and |j − p(i)| a multiple of it; 1 = every key (Longformer) */
    int stride;   /* 0 = off, else j ≡ p(i) mod stride (Sparse Transformer, strided) */
    int random;   /* 0 = off, else so many keys of each row, drawn by seed (BigBird) among those
                     that causal and prefix allow; all of these where they are fewer */
    int seed;
    int global; /* interned set: keys that all see, queries that see all; none by itself */
    /* And with it: */
    int block;        /* 0 = off, else ⌊j / block⌋ = ⌊p(i) / block⌋ */
    bool segments;    /* honour the segments of the document: only keys of the query's own */
    bool given;       /* honour the document's own 0/1 matrix */
    bool padding;     /* honour the keys that the document marks as padding */
    int hidden;       /* interned index set of hidden keys, 0 = none */
    bool renormalise; /* false: hidden keys still compete, then their weights become 0 */
} MaskParams;

typedef enum {
    NORM_SOFTMAX,
    NORM_SPARSEMAX, /* Martins & Astudillo 2016 */
    NORM_ENTMAX15,  /* Peters, Niculae & Martins 2019, α = 1.5, exact */
    NORM_ENTMAX,    /* any α ≥ 1 by bisection (ibid.) */
    NORM_SOFTMAX1,  /* one more, implicit, logit 0 in the denominator */
    NORM_SIGMOID,
    NORM_RELU,    /* ReLU(l/T) / n, n = competing keys (Wortsman et al. 2023) */
    NORM_HARDMAX, /* argmax, ties share */
    NORM_TOPK,    /* softmax over the k largest logits; of equal ones the lower index. At T = 0 the
                     kept keys' ties share */
    NORM_TOPP     /* softmax over the fewest keys, heaviest first, that hold mass p. At T = 0 only
                     the largest logits have mass; those of them that are kept share it */
} NormKind;
typedef struct {
    NormKind kind;
    double alpha;      /* of entmax, 1 … 16; 1 = softmax, 2 = sparsemax */
    int k;             /* of topk, ≥ 1 */
    double p;          /* of topp, 0 < p ≤ 1 */
    bool sigmoid_bias; /* sigmoid of l/T − ln n, n = competing keys (Ramapuram et al. 2024); at
                          T = 0: 1 and 0 by the sign of l, 1/(1 + n) where l is 0 */
} NormParams;

typedef struct {
    ScoreParams score;
    ScaleParams scale;
    MaskParams mask;
    NormParams norm;
} AttnParams;

extern const char *const STAGE_NAMES[];      /* "scores" … "output", NULL */
extern const char *const SCORE_KIND_NAMES[]; /* as in --set; each list ends with NULL */
extern const char *const SCALE_MODE_NAMES[];
extern const char *const MASK_ALIGN_NAMES[];
extern const char *const NORM_KIND_NAMES[];

AttnParams params_default(void);
/* The first stage that must be redone to go from one to the other; STAGE_COUNT when equal. */
Stage params_first_change(const AttnParams *was, const AttnParams *now);
/* Of every member that counts; equal parameters have equal hashes. */
uint64_t params_hash(uint64_t hash, const AttnParams *p);
/* True when rows need not sum to 1 by the nature of the normaliser (softmax1, sigmoid, relu). */
bool norm_is_open(NormKind kind);

#endif
