/* The inside of a Pipeline, shared by pipeline.c (what must be done) and pipeline_rows.c (doing
 * it).
 */
#ifndef ATTNSCOPE_CORE_PIPELINE_IMPL_H
#define ATTNSCOPE_CORE_PIPELINE_IMPL_H

#include "core/output.h"
#include "core/pipeline.h"
#include "core/prepare.h"

#include <stdatomic.h>

enum {
    PIPELINE_BLOCK = 16,     /* rows that one thread takes at a time */
    PIPELINE_SCRATCHES = 256 /* threads at most */
};

typedef enum {
    SLAB_SCORES,
    SLAB_SCALED,
    SLAB_MASKED,
    SLAB_WEIGHTS,
    SLAB_OUTPUT, /* the first five as Stage */
    SLAB_PACKED_K,
    SLAB_PACKED_V,
    SLAB_ROWS,   /* RowStats[n_q] */
    SLAB_LOOKS,  /* ScoresRow[n_q] */
    SLAB_HAVE,   /* per block: see pipeline_have */
    SLAB_RANGES, /* Range[STAGE_COUNT][blocks] */
    SLAB_ERRORS, /* PipelineError[blocks] */
    SLAB_SCRATCH,
    SLAB_COUNT
} SlabKind;

typedef struct {
    void *at; /* owned */
    size_t size;
} Slab;

typedef struct {
    double error;
    int row, col;
} PipelineError;

/* What the buffers hold. Copied, changed and only kept when the update cannot fail any more. */
typedef struct {
    bool any;          /* an update succeeded */
    AttnInput in;      /* prepared */
    AttnParams params; /* as they act on this input */
    const Kernels *kernels;
    bool valid[STAGE_COUNT];
    bool has_scores; /* SLAB_HAVE is about this input */
    bool has_looks, has_packed_k, has_packed_v, has_zeros;
    bool v_finite;
} PipelineState;

/* What one update does. */
typedef struct {
    unsigned want, todo; /* STAGE_BITs; todo: written in this update */
    bool full;           /* all scores, else those inside the mask's ranges */
    bool scores, looks;
    NormJob job;
} PipelinePlan;

struct Pipeline {
    Prepare *prepare; /* lends what state.in holds */
    Entry entry;      /* before prepare */
    PipelineState state;
    Slab slab[SLAB_COUNT];
    Mask mask;
    const Kernels *forced;
    PipelinePlan plan;
    atomic_bool busy[PIPELINE_SCRATCHES];
    int scratches;
    uint32_t stamps;
    unsigned runs[STAGE_COUNT];
    AttnResult result;
};

ptrdiff_t pipeline_step(int cols); /* of an own buffer: rows begin on cache lines */
int pipeline_blocks(const AttnInput *in);
size_t pipeline_scratch_size(int n_k); /* of one thread */
NormScratch pipeline_scratch(void *room, int n_k);
/* Bits of the panels of keys whose scores a block of rows has; as many words further, of those that
 * the plan needs. */
uint64_t *pipeline_have(const Pipeline *p, int block);
/* The panels of keys that a block of rows needs: those where one of them has a competing key. */
void pipeline_needs(const Mask *mask, bool full, int block, uint64_t *need);
Matrix pipeline_scores(const Pipeline *p); /* at == NULL: not there */
Matrix pipeline_weights(const Pipeline *p);
bool pipeline_lends_given(const Pipeline *p); /* the weights are the file's, untouched */
void pipeline_run_block(void *pipeline, int block);

/* pipeline_check.c: the same for whole matrices and for tiles. */
bool pipeline_check_params(const AttnInput *raw, const AttnParams *want, Error *err);
bool pipeline_check_input(const AttnInput *prepared, Error *err);
/* Parameters that do not act on this input are set to one value, so that changing them redoes
 * nothing. */
AttnParams pipeline_acting(const AttnInput *in, const AttnParams *want);

/* pipeline_forms.c: what is different where weights are not queries × keys, and the stages before
 * the chain. */
bool pipeline_output_by_query(const AttnInput *in); /* not in the walk over the rows */
/* That output, queries × d_v, on its own: before anything of the last result is touched. */
bool pipeline_query_outputs(const PipelineState *s, float *out, Threads *threads);
MaskParams pipeline_acting_mask(const AttnInput *in, const MaskParams *want);
void pipeline_gate_rows(const Pipeline *p, float *out, ptrdiff_t step, int row, int count);
void pipeline_repeat_output(Pipeline *p); /* of a strip: the same for all queries */
void pipeline_absent(AttnResult *out, const AttnInput *in, Entry entry);

#endif
