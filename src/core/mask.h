/* Masks as ranges and a bitmap: row i may look at keys lo(i) ≤ j < hi(i) that are not blocked. Causal,
 * window, padding and hidden keys combine by "and". O(n_k) to build, O(1) per row: nothing is n².
 */
#ifndef ATTNSCOPE_CORE_MASK_H
#define ATTNSCOPE_CORE_MASK_H

#include "core/input.h"

typedef struct {
    int n_q, n_k;
    bool causal, any;        /* any: at least one key of one row may be masked */
    int offset, window;      /* p(i) = i + offset; window 0 = off */
    bool renormalise;
    uint8_t *blocked;        /* n_k: MASK_BLOCK_… bits; owned */
    int blocked_count;       /* keys blocked for good (padding, or hidden with renormalise) */
    int hidden_count;
} Mask;

enum { MASK_BLOCK_PADDING = 1, MASK_BLOCK_HIDDEN = 2 };

bool mask_init(Mask *mask, const AttnInput *in, const MaskParams *params); /* false: out of memory */
void mask_free(Mask *mask);
/* The range of keys that row i may see before blocked ones are taken out; lo ≤ hi, both in 0 … n_k. */
void mask_row(const Mask *mask, int row, int *lo, int *hi);
/* May row look at key, all masks counted (hidden keys are masked in both renormalise modes)? */
bool mask_allows(const Mask *mask, int row, int key);
/* Is the key outside the normaliser's competition? As !mask_allows, but with renormalise off hidden keys compete. */
bool mask_competes(const Mask *mask, int row, int key);

#endif
