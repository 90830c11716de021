/* Which keys a row may look at. Every row has a range lo(i) ≤ j < hi(i) outside of which nothing is
 * seen (causal, prefix, window, block, segments that lie in one piece), keys that nobody sees
 * (padding, hidden), and, when the mask is irregular, one bit per cell inside of the range, made on
 * the fly 64 keys at a time (dilation, stride, random, global tokens, scattered segments, a given
 * 0/1 matrix). Nothing here is n² but the bits of a matrix that a document gives.
 *
 *   allowed(i, j) = (j ≤ p(i) or j < prefix, under causal)
 *               and (window or stride or random or global, where one of the first three is on)
 *               and block and segments and the document's matrix, and j neither padding nor hidden
 *
 * p(i) = i + offset is the place of query i among the keys, for all of them: query i is global when
 * p(i) is in the set. Segments and the document's matrix go by the query itself.
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

/* Neighbouring keys of one segment. */
typedef struct {
    int number, begin, end;
} MaskStretch;

typedef struct {
    int from, to;
} MaskSpan;

typedef struct {
    int n_q, n_k;
    bool causal, any;   /* any: at least one key of one row may be masked */
    int offset, window; /* p(i) = i + offset; window 0 = off */
    bool renormalise;
    bool irregular;    /* mask_word has to be asked inside of the range */
    bool sparse;       /* the pattern of window, stride, random and global is more than a range */
    MaskParams params; /* as they act */
    int row_query;     /* ≥ 0: every row has this query's mask (featurewise) */
    int words;         /* of 64 keys each in a row */
    uint64_t key;      /* of the input */
    const void *lent[4];

    /* All below is owned, by all copies together that mask_share made. Tables of rows have only one
     * where row_query ≥ 0. NULL: does not act. */
    int *users;
    MaskStretch *stretches; /* of segments, by number, then from left to right */
    MaskSpan *segments;     /* by row: its stretches */
    bool scattered;         /* a segment has more stretches than one */
    uint64_t *given;        /* rows × words: the document's matrix */
    int *random; /* rows × random_count keys, ascending in each row, drawn among those that causal
                    and prefix allow; n_k where those are fewer */
    int random_count;
    uint64_t *global; /* by token, global_words */
    int global_words;
    uint64_t window_comb, stride_comb; /* every dilation-th and every stride-th bit from bit 0 on */
    uint64_t *out, *hidden;            /* words: keys that never compete; that compete and show 0 */
    uint8_t *blocked;                  /* n_k: MASK_BLOCK_… bits */
    int blocked_count; /* keys blocked for good (padding, or hidden with renormalise) */
    int hidden_count;
    MaskKey *keys; /* n_k + 1 */
    MaskRun *runs; /* ascending */
    int run_count;
} Mask;

enum { MASK_BLOCK_PADDING = 1, MASK_BLOCK_HIDDEN = 2 };

/* What of these masks acts on heads that enter the chain here: of given weights only keys are
 * hidden, positions and padding were settled by whoever computed them. Numbers that belong to
 * something that is off are set to their defaults. */
MaskParams mask_acting(Entry entry, const MaskParams *want);
/* False: out of memory. On strips (elementwise) only the masks of keys act, on gates none. */
bool mask_init(Mask *mask, const AttnInput *in, const MaskParams *params);
/* The mask of several heads of like shape: what at least one of them may see. */
bool mask_init_heads(Mask *mask, const AttnInput *heads, int count, const MaskParams *params);
/* As mask_init, but when `was` is the mask of just this, the two share their tables: a drag that
 * moves no mask builds none. From one thread at a time. */
bool mask_share(Mask *mask, const Mask *was, const AttnInput *in, const MaskParams *params);
void mask_free(Mask *mask);
/* The keys that row i may see before blocked ones are taken out; lo ≤ hi, both in 0 … n_k. */
void mask_row(const Mask *mask, int row, int *lo, int *hi);
/* May row look at key, all masks counted (hidden keys are masked in both renormalise modes)? */
bool mask_allows(const Mask *mask, int row, int key);
/* Bits 64·word … 64·word + 63 of a row before blocked keys are taken out: 1 = seen. */
uint64_t mask_word(const Mask *mask, int row, int word);
/* The same of all rows together: keys that at least one of them sees. */
uint64_t mask_word_any(const Mask *mask, int word);
/* Which panels of 32 keys hold a competing key of rows row … row + count − 1: bit p of panels, of
 * which there are mask_panel_words. Those of regular rows lie in one stretch from the first to the
 * last, but for panels that are blocked as a whole. */
void mask_panels(const Mask *mask, int row, int count, uint64_t *panels);
int mask_panel_words(int n_k);
/* Cuts keys *from … *to − 1 to the first and last that may compete in one of these rows. False:
 * there is none. */
bool mask_narrow(const Mask *mask, int row, int count, int *from, int *to);

/* The stretches of competing keys of a row, from left to right:
 *     MaskRun run;
 *     for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);) … */
typedef struct {
    const Mask *mask;
    int row, lo, hi;
    int run;       /* regular */
    int word;      /* irregular: … */
    uint64_t bits; /* … what is left of it */
} MaskWalk;
MaskWalk mask_walk(const Mask *mask, int row);
bool mask_walk_next(MaskWalk *walk, MaskRun *out);

/* True: the competing keys of this row lie side by side with the same fate, and *out is them
 * (empty: there is none). */
bool mask_stretch_of(const Mask *mask, int row, MaskRun *out);
static inline bool mask_stretch(const Mask *mask, int row, MaskRun *out)
{
    *out = (MaskRun){0, mask->n_k, false};
    return !mask->any || mask_stretch_of(mask, row, out);
}

/* How many keys mask_allows lets this row see. */
int mask_count(const Mask *mask, int row);
/* Does the key take part in the normaliser's competition? As mask_allows, but with renormalise off
 * hidden keys do. */
bool mask_competes(const Mask *mask, int row, int key);
/* Is causal the only mask? */
bool mask_only_causal(const Mask *mask);

#endif
