#include "core/mask.h"

#include "base/mem.h"
#include "core/mask_build.h"
#include "core/params.h"

#include <string.h>

MaskParams mask_acting(Entry entry, const MaskParams *want)
{
    MaskParams acts = {.hidden = want->hidden, .renormalise = want->renormalise};
    if (entry != ENTRY_WEIGHTS) {
        acts = *want;
        acts.prefix = want->causal && want->prefix > 0 ? want->prefix : 0;
        acts.window = want->window > 0 ? want->window : 0;
        acts.stride = want->stride > 0 ? want->stride : 0;
        acts.random = want->random > 0 ? want->random : 0;
        acts.seed = acts.random ? want->seed : 0;
        acts.block = want->block > 0 ? want->block : 0;
        if (!acts.window && !acts.stride && !acts.random)
            acts.global = 0;
    }
    acts.dilation = acts.window && want->dilation > 1 ? want->dilation : 1;
    return acts;
}

static MaskParams acting_on(const AttnInput *in, const MaskParams *want)
{
    if (in->form == FORM_GATE)
        return (MaskParams){.renormalise = true, .dilation = 1};
    if (in->form == FORM_STRIP)
        return (MaskParams){.padding = want->padding,
                            .hidden = want->hidden,
                            .renormalise = want->renormalise,
                            .dilation = 1};
    return mask_acting(ENTRY_SCORES, want);
}

static Mask mask_plain(const AttnInput *in, const MaskParams *want)
{
    MaskParams acts = acting_on(in, want);
    bool features = in->form == FORM_FEATURES && in->row_query >= 0;
    int queries = in->prepared ? in->queries : in->n_q;
    return (Mask){.n_q = in->n_q,
                  .n_k = in->n_k,
                  .causal = acts.causal,
                  .offset = acts.align == MASK_BOTTOM ? in->n_k - queries : 0,
                  .window = acts.window,
                  .renormalise = acts.renormalise,
                  .params = acts,
                  .row_query = features ? in->row_query : -1,
                  .words = (in->n_k - 1) / MASK_BITS + 1,
                  .key = in->key,
                  .lent = {in->padding, in->segment_q, in->segment_k, in->mask.at}};
}

bool mask_init_heads(Mask *mask, const AttnInput *heads, int count, const MaskParams *params)
{
    *mask = mask_plain(heads, params);
    if (!mask_build(mask, heads, count)) {
        mask_free(mask);
        return false;
    }
    mask->irregular = mask->sparse || mask->scattered || mask->given;
    mask->any = mask->causal || mask->window || mask->irregular || mask->params.block ||
                mask->segments || mask->blocked_count || mask->hidden_count;
    return true;
}

bool mask_init(Mask *mask, const AttnInput *in, const MaskParams *params)
{
    return mask_init_heads(mask, in, 1, params);
}

bool mask_share(Mask *mask, const Mask *was, const AttnInput *in, const MaskParams *params)
{
    Mask now = mask_plain(in, params);
    AttnParams a = {.mask = was->params}, b = {.mask = now.params};
    bool same = was->users && now.key != 0 && now.key == was->key && now.n_q == was->n_q &&
                now.n_k == was->n_k && now.offset == was->offset &&
                now.row_query == was->row_query &&
                memcmp(now.lent, was->lent, sizeof now.lent) == 0 &&
                params_first_change(&a, &b) == STAGE_COUNT;
    if (!same)
        return mask_init(mask, in, params);
    *mask = *was;
    ++*mask->users;
    return true;
}

void mask_free(Mask *mask)
{
    if (!mask->users || --*mask->users <= 0) {
        mem_free(mask->users);
        mem_free(mask->stretches);
        mem_free(mask->segments);
        mem_free(mask->given);
        mem_free(mask->random);
        mem_free(mask->global);
        mem_free(mask->out);
        mem_free(mask->blocked);
        mem_free(mask->keys);
        mem_free(mask->runs);
    }
    *mask = (Mask){0};
}

bool mask_only_causal(const Mask *mask)
{
    return mask->causal && !mask->params.prefix && !mask->window && !mask->params.block &&
           !mask->irregular && !mask->segments && !mask->blocked_count && !mask->hidden_count;
}

/* ---- the range of a row --------------------------------------------------- */

static int64_t clamp64(int64_t value, int64_t lo, int64_t hi)
{
    return value < lo ? lo : value > hi ? hi : value;
}

static int64_t place_of(const Mask *mask, int row)
{
    return (int64_t)(mask->row_query >= 0 ? mask->row_query : row) + mask->offset;
}

/* Row of the tables. */
static ptrdiff_t table_row(const Mask *mask, int row)
{
    return mask->row_query >= 0 ? 0 : row;
}

static void cut(int64_t *from, int64_t *to, int64_t lo, int64_t hi)
{
    *from = lo > *from ? lo : *from;
    *to = hi < *to ? hi : *to;
}

void mask_row(const Mask *mask, int row, int *lo, int *hi)
{
    int64_t at = place_of(mask, row), n = mask->n_k, from = 0, to = n;
    const MaskParams *m = &mask->params;
    bool window_alone = mask->window && !m->stride && !m->random && !m->global;
    if (window_alone) {
        int64_t reach = (int64_t)(mask->window - 1) * m->dilation;
        from = at - reach;
        to = at + reach + 1;
    }
    if (mask->causal)
        cut(&from, &to, 0, at + 1 > m->prefix ? at + 1 : m->prefix);
    if (m->block) {
        int64_t block = at >= 0 ? at / m->block : -1; /* before the first key: no block has it */
        cut(&from, &to, block * m->block, block < 0 ? 0 : (block + 1) * m->block);
    }
    if (mask->segments) {
        MaskSpan span = mask->segments[table_row(mask, row)];
        bool none = span.from >= span.to;
        cut(&from, &to, none ? n : mask->stretches[span.from].begin,
            none ? n : mask->stretches[span.to - 1].end);
    }
    from = clamp64(from, 0, n);
    to = clamp64(to, 0, n);
    *lo = (int)from;
    *hi = (int)(to < from ? from : to);
}

/* ---- the bits of a row ---------------------------------------------------- */

/* Bits from … to−1 of a word whose bit 0 is key `base`. */
static uint64_t span_bits(int64_t from, int64_t to, int64_t base)
{
    int64_t a = clamp64(from - base, 0, MASK_BITS), b = clamp64(to - base, 0, MASK_BITS);
    if (a >= b)
        return 0;
    return (~(uint64_t)0 >> (MASK_BITS - b)) & (~(uint64_t)0 << a);
}

/* Keys j ≡ at mod step; comb: the multiples of step. */
static uint64_t comb_bits(uint64_t comb, int step, int64_t at, int64_t base)
{
    int64_t first = (at - base) % step;
    first += first < 0 ? step : 0;
    return first < MASK_BITS ? comb << first : 0;
}

static uint64_t random_bits(const Mask *mask, int row, int base)
{
    const int *keys = mask->random + table_row(mask, row) * mask->random_count;
    int lo = 0, hi = mask->random_count;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (keys[mid] < base)
            lo = mid + 1;
        else
            hi = mid;
    }
    uint64_t bits = 0;
    for (; lo < mask->random_count && keys[lo] - base < MASK_BITS; lo++)
        bits |= (uint64_t)1 << (keys[lo] - base);
    return bits;
}

static uint64_t pattern_bits(const Mask *mask, int row, int word)
{
    const MaskParams *m = &mask->params;
    int base = word * MASK_BITS;
    int64_t at = place_of(mask, row);
    uint64_t bits = 0;
    if (mask->global) {
        if (at >= 0 && at / MASK_BITS < mask->global_words && mask_bit(mask->global, at))
            return ~(uint64_t)0;
        bits = mask->global[word];
    }
    if (m->window) {
        int64_t reach = (int64_t)(m->window - 1) * m->dilation;
        uint64_t span = span_bits(at - reach, at + reach + 1, base);
        if (span && m->dilation > 1)
            span &= comb_bits(mask->window_comb, m->dilation, at, base);
        bits |= span;
    }
    if (m->stride)
        bits |= comb_bits(mask->stride_comb, m->stride, at, base);
    if (m->random)
        bits |= random_bits(mask, row, base);
    return bits;
}

static uint64_t segment_bits(const Mask *mask, int row, int word)
{
    MaskSpan span = mask->segments[table_row(mask, row)];
    int base = word * MASK_BITS, lo = span.from, hi = span.to;
    while (lo < hi) { /* the first stretch that ends behind the word's first key */
        int mid = lo + (hi - lo) / 2;
        if (mask->stretches[mid].end <= base)
            lo = mid + 1;
        else
            hi = mid;
    }
    uint64_t bits = 0;
    for (; lo < span.to && mask->stretches[lo].begin - base < MASK_BITS; lo++)
        bits |= span_bits(mask->stretches[lo].begin, mask->stretches[lo].end, base);
    return bits;
}

static uint64_t word_inside(const Mask *mask, int row, int word, int lo, int hi)
{
    uint64_t bits = span_bits(lo, hi, (int64_t)word * MASK_BITS);
    if (bits && mask->given)
        bits &= mask->given[table_row(mask, row) * mask->words + word];
    if (bits && mask->scattered)
        bits &= segment_bits(mask, row, word);
    if (bits && mask->sparse)
        bits &= pattern_bits(mask, row, word);
    return bits;
}

uint64_t mask_word(const Mask *mask, int row, int word)
{
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    return word_inside(mask, row, word, lo, hi);
}

uint64_t mask_word_any(const Mask *mask, int word)
{
    uint64_t all = span_bits(0, mask->n_k, (int64_t)word * MASK_BITS), bits = 0;
    /* From the diagonal on: most keys are seen near it, and then the others need no look. */
    int start = (int)clamp64((int64_t)word * MASK_BITS - mask->offset, 0, mask->n_q - 1);
    for (int i = 0; i < mask->n_q && bits != all; i++) {
        int row = i < mask->n_q - start ? start + i : i - (mask->n_q - start);
        bits |= mask_word(mask, row, word);
    }
    return bits;
}

/* ---- walking -------------------------------------------------------------- */

static uint64_t walk_load(const MaskWalk *walk, int word)
{
    const Mask *mask = walk->mask;
    return word_inside(mask, walk->row, word, walk->lo, walk->hi) & ~mask->out[word];
}

MaskWalk mask_walk(const Mask *mask, int row)
{
    MaskWalk walk = {.mask = mask, .row = row};
    mask_row(mask, row, &walk.lo, &walk.hi);
    if (!mask->irregular) {
        walk.run = mask->keys[walk.lo].run;
        return walk;
    }
    walk.word = walk.lo / MASK_BITS;
    walk.bits = walk.lo < walk.hi ? walk_load(&walk, walk.word) : 0;
    return walk;
}

/* The first competing key that is left and its neighbours of the same fate. */
static bool walk_bits(MaskWalk *walk, MaskRun *out)
{
    const Mask *mask = walk->mask;
    int last = (walk->hi - 1) / MASK_BITS;
    while (!walk->bits) {
        if (walk->lo >= walk->hi || walk->word >= last)
            return false;
        walk->bits = walk_load(walk, ++walk->word);
    }
    int bit = __builtin_ctzll(walk->bits);
    out->begin = walk->word * MASK_BITS + bit;
    out->hidden = (mask->hidden[walk->word] >> bit) & 1;
    for (;;) {
        uint64_t fate = out->hidden ? mask->hidden[walk->word] : ~mask->hidden[walk->word];
        uint64_t stop = ~(walk->bits & fate) & (~(uint64_t)0 << bit);
        if (stop) {
            int end = __builtin_ctzll(stop);
            out->end = walk->word * MASK_BITS + end;
            walk->bits &= ~(uint64_t)0 << end;
            return true;
        }
        walk->bits = 0;
        out->end = (walk->word + 1) * MASK_BITS;
        if (walk->word >= last)
            return true;
        walk->bits = walk_load(walk, ++walk->word);
        bit = 0;
    }
}

bool mask_walk_next(MaskWalk *walk, MaskRun *out)
{
    const Mask *mask = walk->mask;
    if (mask->irregular)
        return walk_bits(walk, out);
    if (walk->run >= mask->run_count || mask->runs[walk->run].begin >= walk->hi)
        return false;
    *out = mask->runs[walk->run++];
    out->begin = out->begin > walk->lo ? out->begin : walk->lo;
    out->end = out->end < walk->hi ? out->end : walk->hi;
    return out->begin < out->end;
}

bool mask_stretch_of(const Mask *mask, int row, MaskRun *out)
{
    int lo, hi;
    if (mask->irregular || mask->run_count != 1)
        return false;
    mask_row(mask, row, &lo, &hi);
    *out = mask->runs[0];
    out->begin = lo > out->begin ? lo : out->begin;
    out->end = hi < out->end ? hi : out->end;
    out->begin = out->begin < out->end ? out->begin : out->end;
    return true;
}

/* ---- single cells --------------------------------------------------------- */

static bool mask_sees(const Mask *mask, int row, int key)
{
    int lo, hi;
    mask_row(mask, row, &lo, &hi);
    if (key < lo || key >= hi)
        return false;
    return !mask->irregular ||
           ((word_inside(mask, row, key / MASK_BITS, lo, hi) >> (key % MASK_BITS)) & 1);
}

bool mask_allows(const Mask *mask, int row, int key)
{
    return !mask->blocked[key] && mask_sees(mask, row, key);
}

bool mask_competes(const Mask *mask, int row, int key)
{
    return !mask_bit(mask->out, key) && mask_sees(mask, row, key);
}

int mask_count(const Mask *mask, int row)
{
    int lo, hi, count = 0;
    mask_row(mask, row, &lo, &hi);
    if (!mask->irregular)
        return mask->keys[hi].allowed_before - mask->keys[lo].allowed_before;
    for (int word = lo / MASK_BITS; word * MASK_BITS < hi; word++)
        count += __builtin_popcountll(word_inside(mask, row, word, lo, hi) & ~mask->out[word] &
                                      ~mask->hidden[word]);
    return count;
}

/* ---- several rows --------------------------------------------------------- */

/* The range that holds those of all these rows. */
static void rows_range(const Mask *mask, int row, int count, int *lo, int *hi)
{
    *lo = mask->n_k;
    *hi = 0;
    for (int i = row; i < row + count; i++) {
        int from, to;
        mask_row(mask, i, &from, &to);
        *lo = from < to && from < *lo ? from : *lo;
        *hi = from < to && to > *hi ? to : *hi;
    }
}

static uint64_t rows_word(const Mask *mask, int row, int count, int word, int lo, int hi)
{
    uint64_t bits = 0, all = span_bits(lo, hi, (int64_t)word * MASK_BITS) & ~mask->out[word];
    if (!mask->irregular)
        return all;
    for (int i = row; i < row + count && (bits & all) != all; i++)
        bits |= mask_word(mask, i, word);
    return bits & all;
}

int mask_panel_words(int n_k)
{
    return (n_k - 1) / (MASK_BITS * 32) + 1;
}

void mask_panels(const Mask *mask, int row, int count, uint64_t *panels)
{
    int lo, hi;
    rows_range(mask, row, count, &lo, &hi);
    memset(panels, 0, sizeof *panels * (size_t)mask_panel_words(mask->n_k));
    for (int word = lo / MASK_BITS; lo < hi && word * MASK_BITS < hi; word++) {
        uint64_t bits = rows_word(mask, row, count, word, lo, hi);
        if (bits & 0xffffffffu)
            mask_set_bit(panels, 2 * (int64_t)word);
        if (bits >> 32)
            mask_set_bit(panels, 2 * (int64_t)word + 1);
    }
}

bool mask_narrow(const Mask *mask, int row, int count, int *from, int *to)
{
    int lo, hi, first = *to, end = *from;
    if (!mask->any)
        return first > end;
    rows_range(mask, row, count, &lo, &hi);
    lo = lo > *from ? lo : *from;
    hi = hi < *to ? hi : *to;
    for (int word = lo / MASK_BITS; lo < hi && word * MASK_BITS < hi; word++) {
        uint64_t bits = rows_word(mask, row, count, word, lo, hi);
        if (!bits)
            continue;
        int base = word * MASK_BITS, a = base + __builtin_ctzll(bits);
        first = a < first ? a : first;
        end = base + MASK_BITS - __builtin_clzll(bits);
    }
    *from = first;
    *to = end;
    return first < end;
}
