/* The parameters of the stages, in the order of the stages. Plain structs: state/settings.h embeds
 * them, the pipeline compares them to know where to start again.
 *
 *   l = score(q, k) / divisor        scaled = l / temperature      masked = scaled, −∞ where masked
 *   weights = normaliser over the unmasked keys of a row           output = weights · V
 */
#ifndef ATTNSCOPE_CORE_PARAMS_H
#define ATTNSCOPE_CORE_PARAMS_H

#include <stdbool.h>

typedef enum {
    STAGE_SCORES,
    STAGE_SCALED,
    STAGE_MASKED,
    STAGE_WEIGHTS,
    STAGE_OUTPUT,
    STAGE_COUNT
} Stage;

typedef enum { SCORE_AUTO, SCORE_DOT } ScoreKind;
typedef struct {
    ScoreKind kind; /* auto = the head's own score function, else dot */
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
    int window;       /* 0 = off, else |j − p(i)| < window */
    bool padding;     /* honour the keys that the document marks as padding */
    int hidden;       /* interned index set of hidden keys, 0 = none */
    bool renormalise; /* false: hidden keys still compete, then their weights become 0 */
} MaskParams;

typedef enum {
    NORM_SOFTMAX,
    NORM_SPARSEMAX, /* Martins & Astudillo 2016 */
    NORM_ENTMAX15,  /* Peters, Niculae & Martins 2019, α = 1.5, exact */
    NORM_SOFTMAX1,  /* one more, implicit, logit 0 in the denominator */
    NORM_SIGMOID,
    NORM_HARDMAX /* argmax, ties share */
} NormKind;
typedef struct {
    NormKind kind;
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
/* True when rows need not sum to 1 by the nature of the normaliser (softmax1, sigmoid). */
bool norm_is_open(NormKind kind);

#endif
