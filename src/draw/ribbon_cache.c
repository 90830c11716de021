#include "draw/ribbon_cache.h"

#include "base/hash.h"
#include "base/mem.h"
#include "draw/ribbons.h"

#include <math.h>
#include <string.h>

void ribbon_cache_free(RibbonCache *cache)
{
    for (int i = 0; i < RIBBON_CACHE_SLOTS; i++)
        mem_free(cache->slots[i].cover);
    memset(cache, 0, sizeof *cache);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 29);
}

static uint64_t mix_floats(uint64_t hash, float a, float b)
{
    uint32_t bits[2];
    memcpy(&bits[0], &a, sizeof a);
    memcpy(&bits[1], &b, sizeof b);
    return mix(hash, (uint64_t)bits[0] << 32 | bits[1]);
}

/* Of what decides the coverage: the colour is not part of it. */
static uint64_t batch_key(const RibbonBatch *batch, IRect area, float scale)
{
    uint64_t key = mix(HASH_SEED, (uint64_t)batch->count << 1 | batch->vertical);
    key = mix(key, (uint64_t)(uint32_t)area.x << 32 | (uint32_t)area.y);
    key = mix(key, (uint64_t)(uint32_t)area.w << 32 | (uint32_t)area.h);
    key = mix_floats(key, batch->from, batch->to);
    key = mix_floats(key, scale, 0);
    for (int i = 0; i < batch->count; i++) {
        const Ribbon *r = &batch->items[i];
        key = mix_floats(key, r->a0, r->a1);
        key = mix_floats(key, r->width, r->alpha);
    }
    return key ? key : 1;
}

/* The pixels that the batch can touch: the clip, cut to the run. */
static IRect batch_area(const RibbonBatch *batch, IRect clip, float scale)
{
    int from = raster_floor(batch->from * scale), to = raster_ceil(batch->to * scale);
    IRect run = batch->vertical ? (IRect){clip.x, from, clip.w, to - from}
                                : (IRect){from, clip.y, to - from, clip.h};
    return irect_meet(clip, run);
}

static RibbonSlot *find_slot(RibbonCache *cache, uint64_t key)
{
    RibbonSlot *oldest = &cache->slots[0];
    for (int i = 0; i < RIBBON_CACHE_SLOTS; i++) {
        if (cache->slots[i].key == key)
            return &cache->slots[i];
        if (cache->slots[i].used < oldest->used)
            oldest = &cache->slots[i];
    }
    mem_free(oldest->cover);
    *oldest = (RibbonSlot){0};
    return oldest;
}

/* White on black: what a channel then holds is exactly the alpha that was blended with. */
static uint8_t *make_cover(const RibbonBatch *batch, IRect area, float scale, Threads *threads)
{
    size_t count = (size_t)area.w * (size_t)area.h;
    uint8_t *cover = mem_alloc(count);
    Color *scratch = mem_array(count, sizeof *scratch);
    if (!cover || !scratch) {
        mem_free(cover);
        mem_free(scratch);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        scratch[i] = 0xFF000000u;
    RibbonBatch white = *batch;
    white.color = 0xFFFFFFFFu;
    ribbons_render_at(scratch, area.w, area, &white, scale, threads);
    for (size_t i = 0; i < count; i++)
        cover[i] = (uint8_t)(scratch[i] & 255);
    mem_free(scratch);
    return cover;
}

void ribbon_cache_draw(RibbonCache *cache, const Surface *s, const RibbonBatch *batch, float scale)
{
    bool sane = isfinite(batch->from * scale) && isfinite(batch->to * scale);
    IRect area = sane ? batch_area(batch, s->clip, scale) : (IRect){0, 0, 0, 0};
    bool worth = batch->count >= RIBBON_CACHE_LEAST && area.w > 0 && area.h > 0 &&
                 (int64_t)area.w * area.h <= RIBBON_CACHE_PIXELS &&
                 !(batch->dash_on > 0 && batch->dash_off > 0);
    RibbonSlot *slot = NULL;
    if (worth) {
        uint64_t key = batch_key(batch, area, scale);
        slot = find_slot(cache, key);
        if (slot->key == key && !slot->cover)
            slot->cover = make_cover(batch, area, scale, cache->threads);
        slot->key = key;
        slot->area = area;
        slot->used = ++cache->clock;
    }
    if (slot && slot->cover)
        raster_mask(s, area.x, area.y, area.w, area.h, slot->cover, batch->color | 0xFF000000u);
    else
        ribbons_render_at(s->px + (ptrdiff_t)s->clip.y * s->stride + s->clip.x, s->stride, s->clip,
                          batch, scale, cache->threads);
}
