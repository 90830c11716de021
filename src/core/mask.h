/* Masks as ranges and a bitmap: row i may look at keys lo(i) ≤ j < hi(i) that are not blocked.
 * Causal, window, padding and hidden keys combine by "and". O(n_k) to build, O(1) per row: nothing
 * is n².
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
    uint8_t *blocked;  /* n_k: MASK_BLOCK_… bits; owned */
    int blocked_count; /* keys blocked for good (padding, or hidden with renormalise) */
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
/* How many keys mask_allows lets this row see. */
int mask_count(const Mask *mask, int row);
/* Does the key take part in the normaliser's competition? As mask_allows, but with renormalise off
 * hidden keys do. */
bool mask_competes(const Mask *mask, int row, int key);

#endif
