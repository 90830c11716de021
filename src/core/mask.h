/* Which keys a row may look at. Every row has a range lo(i) ≤ j < hi(i) outside of which nothing is
 * seen (causal, prefix, window, block), keys that nobody sees (padding, hidden), and, when the mask
 * is irregular, one bit per cell inside of the range, made on the fly 64 keys at a time (dilation,
 * stride, random, global tokens, segments, a given 0/1 matrix). Nothing here is n² but the matrix
 * that a document gives.
 *
 * All walk a row by its runs: neighbouring keys with the same fate. Skipped keys cost nothing.
 */
#ifndef ATTNSCOPE_CORE_MASK_H
#define ATTNSCOPE_CORE_MASK_H

#include "core/input.h"

/* Neighbouring keys with the same fate. Keys that never compete are in no run. */
typedef struct {
    int begin, end;
    bool hidden; /* compete, but their weights become 0 (renormalise off) */
} MaskRun;

typedef struct {
    int allowed_before; /* unblocked keys left of this one */
    int run;            /* the first run that ends behind this key */
} MaskKey;

typedef struct {
    int n_q, n_k;
    bool causal, any;   /* any: at least one key of one row may be masked */
    int offset, window; /* p(i) = i + offset; window 0 = off */
    bool renormalise;
    bool irregular;                   /* mask_word has to be asked inside of the range */
    MaskParams params;                /* as they act */
    const int *segment_q, *segment_k; /* lent; NULL = none that act */
    Stored given;                     /* lent; the document's 0/1 matrix, if it acts */
    int *random;        /* n_q × params.random keys, ascending in each row; owned, or NULL */
    uint8_t *is_global; /* by token, max(n_q, n_k) flags; owned, or NULL */
    int row_query;      /* ≥ 0: every row has this query's mask (featurewise) */
    uint8_t *blocked;   /* n_k: MASK_BLOCK_… bits; owned */
    int blocked_count;  /* keys blocked for good (padding, or hidden with renormalise) */
    int hidden_count;
    MaskKey *keys; /* n_k + 1; owned */
    MaskRun *runs; /* ascending; owned */
    int run_count;
} Mask;

enum { MASK_BLOCK_PADDING = 1, MASK_BLOCK_HIDDEN = 2 };

/* What of these masks acts on heads that enter the chain here: of given weights only keys are
 * hidden, positions and padding were settled by whoever computed them. */
MaskParams mask_acting(Entry entry, const MaskParams *want);
bool mask_init(Mask *mask, const AttnInput *in,
               const MaskParams *params); /* false: out of memory */
void mask_free(Mask *mask);
/* The keys that row i may see before blocked ones are taken out; lo ≤ hi, both in 0 … n_k. */
void mask_row(const Mask *mask, int row, int *lo, int *hi);
/* May row look at key, all masks counted (hidden keys are masked in both renormalise modes)? */
bool mask_allows(const Mask *mask, int row, int key);
/* Bits 64·word … 64·word + 63 of an irregular row before blocked keys are taken out: 1 = seen. */
uint64_t mask_word(const Mask *mask, int row, int word);

/* The stretches of competing keys of a row, from left to right:
 *     MaskRun run;
 *     for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);) … */
typedef struct {
    const Mask *mask;
    int row, at, hi, run;
} MaskWalk;
MaskWalk mask_walk(const Mask *mask, int row);
bool mask_walk_next(MaskWalk *walk, MaskRun *out);

/* How many keys mask_allows lets this row see. */
int mask_count(const Mask *mask, int row);
/* Does the key take part in the normaliser's competition? As mask_allows, but with renormalise off
 * hidden keys do. */
bool mask_competes(const Mask *mask, int row, int key);

#endif
