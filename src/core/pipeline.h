/* One head through all stages, incrementally: ask for what you want, the chain finds what is
 * missing.
 *
 * pipeline_update compares (input key, params) with what it last did, starts at the first differing
 * stage and keeps every buffer before it. A stage that ran gets a new stamp. The same inputs,
 * params and instruction set give the same bits, whatever came before and at any thread count.
 */
#ifndef ATTNSCOPE_CORE_PIPELINE_H
#define ATTNSCOPE_CORE_PIPELINE_H

#include "base/error.h"
#include "core/input.h"
#include "core/kernels.h"
#include "core/stats.h"
#include "core/threads.h"

typedef struct Tiles Tiles; /* core/tiles.h */

/* What views read: the stages of one head, or the mean or max over heads. All lent until the next
 * update. */
typedef struct {
    int n_q, n_k, d_v; /* rows and columns of scores … weights; columns of the output */
    int queries, keys; /* of the head, whatever rows and columns are */
    InputForm form;
    ScoreKind kind;            /* in force */
    const AttnInput *input;    /* as prepared; NULL for a mean or max over heads */
    Entry entry;               /* of the file */
    Matrix stage[STAGE_COUNT]; /* at == NULL: not asked for or absent; steps may exceed cols */
    const char *absent[STAGE_COUNT]; /* NULL: can be had; else the reason, one sentence */
    uint32_t stamp[STAGE_COUNT];     /* moves when the numbers may have; never 0 once computed */
    const RowStats *rows;            /* n_q, of the weights */
    Range range[STAGE_COUNT]; /* of stages that are there: masked and weights over unmasked cells,
                                 the others over all */
    const Mask *mask;         /* never NULL after an update */
    double divisor, temperature;
    bool computed_double; /* the head is computed in double (values beyond float32) */
    bool sums_open;       /* rows need not sum to 1 (normaliser, max over heads) and views say so */
    double recorded_error;          /* largest |computed − recorded|; −1 without a recording */
    int recorded_row, recorded_col; /* where */
    const Tiles
        *tiles; /* stages of the chain are too large to be kept: rows on demand; else NULL */
} AttnResult;

typedef struct Pipeline Pipeline;

/* Stages wanted as bits: 1u << STAGE_…. Weights (with their row statistics) are always computed. */
#define STAGE_BIT(stage) (1u << (stage))

Pipeline *pipeline_new(void); /* NULL: out of memory */
void pipeline_free(Pipeline *p);
/* threads may be NULL. On failure (out of memory, a combination that the file cannot give) the
 * result of the last success stays. */
bool pipeline_update(Pipeline *p, const AttnInput *in, const AttnParams *want, unsigned stages,
                     Threads *threads, Error *err);
const AttnResult *pipeline_result(const Pipeline *p); /* lent; valid after the first success */
/* What the numbers are made from, as core/prepare left it: the exact row reads this, not what
 * document_select gave. Lent; valid after the first success. */
const AttnInput *pipeline_input(const Pipeline *p);
/* How often each stage has run; tests and --trace read it. */
const unsigned *pipeline_runs(const Pipeline *p);
/* Forces an instruction set (NULL: kernels() again); the next update does everything anew. */
void pipeline_use(Pipeline *p, const Kernels *kernels);

#endif
