#include "core/mask.h"

#include "base/index_set.h"
#include "base/mem.h"

#include <string.h>

MaskParams mask_acting(Entry entry, const MaskParams *want)
{
    if (entry != ENTRY_WEIGHTS)
        return *want;
    return (MaskParams){.hidden = want->hidden, .renormalise = want->renormalise};
}

static void mask_block(Mask *mask, const AttnInput *in, const MaskParams *params)
{
    if (params->padding && in->padding) {
        for (int key = 0; key < mask->n_k; key++)
            if (in->padding[key])
                mask->blocked[key] |= MASK_BLOCK_PADDING;
    }
    IndexSet hidden = index_set(params->hidden);
    for (int i = 0; i < hidden.count; i++)
        if (hidden.items[i] >= 0 && hidden.items[i] < mask->n_k)
            mask->blocked[hidden.items[i]] |= MASK_BLOCK_HIDDEN;
    for (int key = 0; key < mask->n_k; key++) {
        unsigned block = mask->blocked[key];
        if (block & MASK_BLOCK_HIDDEN)
            mask->hidden_count++;
        if ((block & MASK_BLOCK_PADDING) || (block && mask->renormalise))
            mask->blocked_count++;
    }
}

typedef enum { FATE_SEEN, FATE_HIDDEN, FATE_OUT } Fate;

static Fate mask_fate(const Mask *mask, int key)
{
    if (!mask->blocked[key])
        return FATE_SEEN;
    if (mask->renormalise || (mask->blocked[key] & MASK_BLOCK_PADDING))
        return FATE_OUT;
    return FATE_HIDDEN;
}

/* Runs let the row loops work on whole stretches of keys instead of asking for every cell. */
static void mask_find_runs(Mask *mask)
{
    int allowed = 0, count = 0;
    for (int key = 0; key < mask->n_k;) {
        Fate fate = mask_fate(mask, key);
        int end = key;
        while (end < mask->n_k && mask_fate(mask, end) == fate) {
            mask->keys[end] = (MaskKey){allowed, count};
            allowed += fate == FATE_SEEN;
            end++;
        }
        if (fate != FATE_OUT)
            mask->runs[count++] = (MaskRun){key, end, fate == FATE_HIDDEN};
        key = end;
    }
    mask->keys[mask->n_k] = (MaskKey){allowed, count};
    mask->run_count = count;
}

bool mask_init(Mask *mask, const AttnInput *in, const MaskParams *params)
{
    size_t n = (size_t)in->n_k;
    *mask = (Mask){.n_q = in->n_q,
                   .n_k = in->n_k,
                   .causal = params->causal,
                   .offset = params->align == MASK_BOTTOM ? in->n_k - in->n_q : 0,
                   .window = params->window > 0 ? params->window : 0,
                   .renormalise = params->renormalise,
                   .params = *params,
                   .row_query = in->form == FORM_FEATURES ? in->row_query : -1};
    mask->blocked = mem_zero(n, 1);
    mask->keys = mem_array(n + 1, sizeof *mask->keys);
    mask->runs = mem_array(n, sizeof *mask->runs);
    if (!mask->blocked || !mask->keys || !mask->runs) {
        mask_free(mask);
        return false;
    }
    mask_block(mask, in, params);
    mask_find_runs(mask);
    mask->any = mask->causal || mask->window || mask->blocked_count || mask->hidden_count;
    return true;
}

void mask_free(Mask *mask)
{
    mem_free(mask->blocked);
    mem_free(mask->keys);
    mem_free(mask->runs);
    *mask = (Mask){0};
}

static int64_t clamp64(int64_t value, int64_t lo, int64_t hi)
{
    return value < lo ? lo : value > hi ? hi : value;
}

void mask_row(const Mask *mask, int row, int *lo, int *hi)
{
    int64_t at = (int64_t)row + mask->offset, n = mask->n_k;
    int64_t from = 0, to = n;
    if (mask->window) {
        from = at - mask->window + 1;
        to = at + mask->window;
    }
    if (mask->causal && at + 1 < to)
        to = at + 1;
    from = clamp64(from, 0, n);
    to = clamp64(to, 0, n);
    *lo = (int)from;
    *hi = (int)(to < from ? from : to);
}

MaskWalk mask_walk(const Mask *mask, int row)
{
    MaskWalk walk = {.mask = mask, .row = row};
    mask_row(mask, row, &walk.at, &walk.hi);
    walk.run = mask->keys[walk.at].run;
    return walk;
}

bool mask_walk_next(MaskWalk *walk, MaskRun *out)
{
    const Mask *mask = walk->mask;
    if (walk->run >= mask->run_count || mask->runs[walk->run].begin >= walk->hi)
        return false;
    *out = mask->runs[walk->run++];
    out->begin = out->begin > walk->at ? out->begin : walk->at;
    out->end = out->end < walk->hi ? out->end : walk->hi;
    return out->begin < out->end;
}

static bool mask_in_range(const Mask *mask, int row, int key)
{
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    return key >= lo && key < hi;
}

bool mask_allows(const Mask *mask, int row, int key)
{
    return !mask->blocked[key] && mask_in_range(mask, row, key);
}

int mask_count(const Mask *mask, int row)
{
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    return mask->keys[hi].allowed_before - mask->keys[lo].allowed_before;
}

bool mask_competes(const Mask *mask, int row, int key)
{
    return mask_fate(mask, key) != FATE_OUT && mask_in_range(mask, row, key);
}
