#include "core/mask_build.h"

#include "base/index_set.h"
#include "base/mem.h"

#include <stdlib.h>

static int table_rows(const Mask *mask)
{
    return mask->row_query >= 0 ? 1 : mask->n_q;
}

/* The query whose masks a row of the tables has. */
static int table_query(const Mask *mask, int row)
{
    return mask->row_query >= 0 ? mask->row_query : row;
}

/* ---- keys that nobody sees ----------------------------------------------- */

static void block_keys(Mask *mask, const AttnInput *in)
{
    if (mask->params.padding && in->padding) {
        for (int key = 0; key < mask->n_k; key++)
            if (in->padding[key])
                mask->blocked[key] |= MASK_BLOCK_PADDING;
    }
    IndexSet hidden = index_set(mask->params.hidden);
    for (int i = 0; i < hidden.count; i++)
        if (hidden.items[i] >= 0 && hidden.items[i] < mask->n_k)
            mask->blocked[hidden.items[i]] |= MASK_BLOCK_HIDDEN;
    for (int key = 0; key < mask->n_k; key++) {
        unsigned block = mask->blocked[key];
        bool out = (block & MASK_BLOCK_PADDING) || (block && mask->renormalise);
        mask->hidden_count += (block & MASK_BLOCK_HIDDEN) != 0;
        mask->blocked_count += out;
        if (block)
            mask_set_bit(out ? mask->out : mask->hidden, key);
    }
}

/* Runs let the row loops work on whole stretches of keys instead of asking for every cell. */
static void find_runs(Mask *mask)
{
    int allowed = 0, count = 0;
    for (int key = 0; key < mask->n_k;) {
        bool out = mask_bit(mask->out, key), hidden = mask_bit(mask->hidden, key);
        int end = key;
        while (end < mask->n_k && mask_bit(mask->out, end) == out &&
               mask_bit(mask->hidden, end) == hidden) {
            mask->keys[end] = (MaskKey){allowed, count};
            allowed += !out && !hidden;
            end++;
        }
        if (!out)
            mask->runs[count++] = (MaskRun){key, end, hidden};
        key = end;
    }
    mask->keys[mask->n_k] = (MaskKey){allowed, count};
    mask->run_count = count;
}

/* ---- segments ------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
    const MaskStretch *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* The first stretch with at least this number. */
static int stretch_from(const Mask *mask, int count, int64_t number)
{
    int lo = 0, hi = count;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (mask->stretches[mid].number < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool build_segments(Mask *mask, const AttnInput *in)
{
    const int *of = in->segment_k;
    int count = 1, rows = table_rows(mask);
    for (int key = 1; key < mask->n_k; key++)
        count += of[key] != of[key - 1];
    mask->stretches = mem_array((size_t)count, sizeof *mask->stretches);
    mask->segments = mem_array((size_t)rows, sizeof *mask->segments);
    if (!mask->stretches || !mask->segments)
        return false;
    count = 0;
    for (int key = 0; key < mask->n_k; key++) {
        if (key == 0 || of[key] != of[key - 1])
            mask->stretches[count++] = (MaskStretch){of[key], key, key};
        mask->stretches[count - 1].end = key + 1;
    }
    qsort(mask->stretches, (size_t)count, sizeof *mask->stretches, by_number);
    for (int row = 0; row < rows; row++) {
        int64_t number = in->segment_q[table_query(mask, row)];
        MaskSpan span = {stretch_from(mask, count, number), stretch_from(mask, count, number + 1)};
        mask->segments[row] = span;
        mask->scattered |= span.to - span.from > 1;
    }
    return true;
}

/* ---- the document's matrix ----------------------------------------------- */

static bool has_matrix(const Mask *mask, const AttnInput *in)
{
    return in->mask.at && in->mask.rows >= table_query(mask, table_rows(mask) - 1) + 1 &&
           in->mask.cols >= mask->n_k;
}

/* What one head at least may see: heads without a matrix see all. */
static bool build_given(Mask *mask, const AttnInput *heads, int count)
{
    int rows = table_rows(mask), words = mask->words;
    size_t size;
    for (int head = 0; head < count; head++)
        if (!has_matrix(mask, heads + head))
            return true;
    if (!mem_mul((size_t)rows, (size_t)words, &size))
        return false;
    mask->given = mem_zero(size, sizeof *mask->given);
    for (int head = 0; mask->given && head < count; head++) {
        Stored from = heads[head].mask;
        if (head > 0 && from.at == heads[head - 1].mask.at)
            continue; /* one matrix for all of them */
        for (int row = 0; row < rows; row++) {
            uint64_t *bits = mask->given + (ptrdiff_t)row * words;
            for (int key = 0; key < mask->n_k; key++)
                if (stored_value(from, table_query(mask, row), key) != 0)
                    mask_set_bit(bits, key);
        }
    }
    return mask->given != NULL;
}

/* ---- the sparse pattern -------------------------------------------------- */

/* The finaliser of SplitMix64 (Steele, Lea & Flood 2014): every bit hangs on every other. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* `count` different keys, every set of that many equally likely (Floyd's algorithm): draw t adds a
 * number of 0 … t, or t itself where that is in the set already. seen: n_k bits, all 0. */
static void draw_keys(int *out, uint64_t *seen, int n_k, int count, uint64_t row_seed)
{
    for (int t = n_k - count; t < n_k; t++) {
        uint64_t hash = mix(row_seed + (uint64_t)(t - (n_k - count)));
        int64_t key = (int64_t)(((hash >> 32) * ((uint64_t)t + 1)) >> 32);
        mask_set_bit(seen, mask_bit(seen, key) ? t : key);
    }
    for (int word = 0, at = 0; at < count; word++) {
        for (uint64_t bits = seen[word]; bits; bits &= bits - 1)
            out[at++] = word * MASK_BITS + __builtin_ctzll(bits);
        seen[word] = 0;
    }
}

/* How many first keys causal and prefix let this query see. */
static int random_among(const Mask *mask, int query)
{
    int64_t most = mask->n_k;
    if (mask->params.causal) {
        int64_t seen = (int64_t)query + mask->offset + 1;
        seen = seen > mask->params.prefix ? seen : mask->params.prefix;
        most = seen < most ? seen : most;
    }
    return most > 0 ? (int)most : 0;
}

/* Rows that may see fewer keys than are drawn end with n_k, which no word has. */
static bool build_random(Mask *mask)
{
    int rows = table_rows(mask), count = mask->params.random;
    size_t size;
    mask->random_count = count < mask->n_k ? count : mask->n_k;
    if (!mem_mul((size_t)rows, (size_t)mask->random_count, &size))
        return false;
    mask->random = mem_array(size, sizeof *mask->random);
    uint64_t *seen = mem_zero((size_t)mask->words, sizeof *seen);
    for (int row = 0; mask->random && seen && row < rows; row++) {
        int query = table_query(mask, row), among = random_among(mask, query);
        int draw = mask->random_count < among ? mask->random_count : among;
        int *keys = mask->random + (ptrdiff_t)row * mask->random_count;
        uint64_t seed = mix(mix((uint64_t)(uint32_t)mask->params.seed) ^ (uint64_t)(uint32_t)query);
        draw_keys(keys, seen, among, draw, seed);
        for (int i = draw; i < mask->random_count; i++)
            keys[i] = mask->n_k;
    }
    bool ok = mask->random && seen;
    mem_free(seen);
    return ok;
}

static bool build_global(Mask *mask)
{
    IndexSet set = index_set(mask->params.global);
    int most = mask->n_q > mask->n_k ? mask->n_q : mask->n_k;
    most = mask->row_query >= most ? mask->row_query + 1 : most;
    mask->global_words = (most - 1) / MASK_BITS + 1;
    mask->global = mem_zero((size_t)mask->global_words, sizeof *mask->global);
    for (int i = 0; mask->global && i < set.count; i++)
        if (set.items[i] >= 0 && set.items[i] < most)
            mask_set_bit(mask->global, set.items[i]);
    return mask->global != NULL;
}

static uint64_t comb(int step)
{
    uint64_t bits = 0;
    for (int bit = 0; bit < MASK_BITS; bit += step < MASK_BITS ? step : MASK_BITS)
        bits |= (uint64_t)1 << bit;
    return bits;
}

static bool build_pattern(Mask *mask)
{
    const MaskParams *m = &mask->params;
    mask->window_comb = comb(m->dilation);
    mask->stride_comb = comb(m->stride > 0 ? m->stride : 1);
    mask->sparse = (m->window && m->dilation > 1) || m->stride || m->random || m->global;
    return (!m->random || build_random(mask)) && (!m->global || build_global(mask));
}

bool mask_build(Mask *mask, const AttnInput *heads, int count)
{
    size_t n = (size_t)mask->n_k, words = (size_t)mask->words;
    mask->users = mem_zero(1, sizeof *mask->users);
    mask->blocked = mem_zero(n, 1);
    mask->keys = mem_array(n + 1, sizeof *mask->keys);
    mask->runs = mem_array(n, sizeof *mask->runs);
    mask->out = mem_zero(words, 2 * sizeof *mask->out);
    if (!mask->users || !mask->blocked || !mask->keys || !mask->runs || !mask->out)
        return false;
    *mask->users = 1;
    mask->hidden = mask->out + words;
    block_keys(mask, heads);
    find_runs(mask);
    bool segments = mask->params.segments && heads->segment_q && heads->segment_k;
    return build_pattern(mask) && (!segments || build_segments(mask, heads)) &&
           (!mask->params.given || build_given(mask, heads, count));
}
