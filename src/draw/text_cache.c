#include "draw/text_cache.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

#define BUCKETS    2048 /* a power of two */
#define TILT_SCALE 3    /* a line at 45° is rendered this much larger, then filtered down */
#define TILT_TAPS  4    /* samples per pixel and axis */

typedef struct Entry Entry;
struct Entry {
    Entry *chain;         /* same bucket */
    Entry *newer, *older; /* order of use */
    uint64_t hash;
    size_t bytes;
    TextKey key;   /* text points behind the pixels of this block */
    TextMask mask; /* pixels likewise */
};

struct TextCache {
    Entry *bucket[BUCKETS];
    Entry *newest, *oldest;
    size_t bytes, budget;
    Font font; /* that the masks came from */
};

TextCache *text_cache_new(size_t budget)
{
    TextCache *cache = mem_zero(1, sizeof *cache);
    if (cache)
        cache->budget = budget;
    return cache;
}

/* ---- the two lists ---- */

static void unlink_use(TextCache *cache, Entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        cache->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        cache->oldest = e->newer;
}

static void link_newest(TextCache *cache, Entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = e;
    else
        cache->oldest = e;
    cache->newest = e;
}

static void entry_drop(TextCache *cache, Entry *e)
{
    Entry **link = &cache->bucket[e->hash & (BUCKETS - 1)];
    while (*link != e)
        link = &(*link)->chain;
    *link = e->chain;
    unlink_use(cache, e);
    cache->bytes -= e->bytes;
    mem_free(e);
}

static void cache_clear(TextCache *cache)
{
    while (cache->oldest)
        entry_drop(cache, cache->oldest);
}

void text_cache_free(TextCache *cache)
{
    if (!cache)
        return;
    cache_clear(cache);
    mem_free(cache);
}

size_t text_cache_bytes(const TextCache *cache)
{
    return cache->bytes;
}

/* ---- keys ---- */

static uint64_t key_hash(const TextKey *key)
{
    uint32_t px;
    memcpy(&px, &key->px, sizeof px);
    uint64_t head = (uint64_t)px << 32 | (uint64_t)(unsigned)key->rotate << 8 | (unsigned)key->face;
    uint64_t hash = hash_bytes(hash_bytes(HASH_SEED, &head, sizeof head), key->text, key->length);
    return hash ^ (hash >> 32);
}

static bool key_equal(const TextKey *a, const TextKey *b)
{
    return a->face == b->face && a->px == b->px && a->rotate == b->rotate &&
           a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* ---- new entries ---- */

/* One block: the entry, then colours, coverage and text. */
static Entry *entry_new(const TextKey *key, int w, int h, bool colour, Error *err)
{
    size_t pixels, rgba = 0, bytes;
    if (!mem_mul((size_t)w, (size_t)h, &pixels) || !mem_mul(pixels, colour ? 4 : 0, &rgba) ||
        !mem_add(sizeof(Entry) + key->length + 1, pixels, &bytes) ||
        !mem_add(bytes, rgba, &bytes)) {
        error_memory(err);
        return NULL;
    }
    Entry *e = mem_zero(bytes, 1);
    if (!e) {
        error_memory(err);
        return NULL;
    }
    char *block = (char *)(e + 1);
    e->bytes = bytes;
    e->key = *key;
    e->mask.w = w;
    e->mask.h = h;
    if (colour)
        e->mask.rgba = (const Color *)(void *)block;
    e->mask.cover = (const uint8_t *)(block + rgba);
    memcpy(block + rgba + pixels, key->text, key->length);
    e->key.text = block + rgba + pixels;
    return e;
}

/* The pixels are const for readers of a mask; the maker writes them once. */
static uint8_t *entry_cover(Entry *e)
{
    return (uint8_t *)(e + 1) + (e->mask.rgba ? (size_t)e->mask.w * (size_t)e->mask.h * 4 : 0);
}

static Color *entry_rgba(Entry *e)
{
    return e->mask.rgba ? (Color *)(void *)(e + 1) : NULL;
}

static Entry *make_upright(const TextKey *key, const TextMask *from, Error *err)
{
    Entry *e = entry_new(key, from->w, from->h, from->rgba != NULL, err);
    if (!e)
        return NULL;
    size_t pixels = (size_t)from->w * (size_t)from->h;
    memcpy(entry_cover(e), from->cover, pixels);
    if (from->rgba)
        memcpy(entry_rgba(e), from->rgba, pixels * sizeof(Color));
    e->mask.left = from->left;
    e->mask.top = from->top;
    return e;
}

/* Right becomes up, down becomes right: an exact transpose. */
static Entry *make_vertical(const TextKey *key, const TextMask *from, Error *err)
{
    Entry *e = entry_new(key, from->h, from->w, from->rgba != NULL, err);
    if (!e)
        return NULL;
    uint8_t *cover = entry_cover(e);
    Color *rgba = entry_rgba(e);
    for (int v = 0; v < from->h; v++) {
        for (int u = 0; u < from->w; u++) {
            size_t to = (size_t)(from->w - 1 - u) * (size_t)from->h + (size_t)v;
            size_t at = (size_t)v * (size_t)from->w + (size_t)u;
            cover[to] = from->cover[at];
            if (rgba)
                rgba[to] = from->rgba[at];
        }
    }
    e->mask.left = from->top;
    e->mask.top = -(from->left + from->w);
    return e;
}

/* Index of the large mask's pixel under the point (x, y) of the tilted picture; −1: outside. */
static ptrdiff_t tilt_index(const TextMask *from, float x, float y)
{
    float turn = 0.70710678f * (float)TILT_SCALE;
    int u = (int)floorf((x - y) * turn) - from->left, v = (int)floorf((x + y) * turn) - from->top;
    if (u < 0 || v < 0 || u >= from->w || v >= from->h)
        return -1;
    return (ptrdiff_t)v * from->w + u;
}

/* Mean over the samples of one pixel. */
static void tilt_pixel(const TextMask *from, int x, int y, uint8_t *cover, Color *rgba)
{
    uint32_t sum = 0, alpha = 0, channel[3] = {0, 0, 0}, taps = TILT_TAPS * TILT_TAPS;
    for (int i = 0; i < TILT_TAPS * TILT_TAPS; i++) {
        float fx = ((float)(i % TILT_TAPS) + 0.5f) / TILT_TAPS;
        float fy = ((float)(i / TILT_TAPS) + 0.5f) / TILT_TAPS;
        ptrdiff_t at = tilt_index(from, (float)x + fx, (float)y + fy);
        if (at < 0)
            continue;
        sum += from->cover[at];
        if (!from->rgba)
            continue;
        Color c = from->rgba[at];
        alpha += c >> 24;
        for (int k = 0; k < 3; k++)
            channel[k] += (c >> 24) * ((c >> (16 - 8 * k)) & 255);
    }
    *cover = (uint8_t)((sum + taps / 2) / taps);
    if (!rgba || alpha == 0)
        return;
    *rgba = (alpha + taps / 2) / taps << 24;
    for (int k = 0; k < 3; k++)
        *rgba |= (channel[k] + alpha / 2) / alpha << (16 - 8 * k);
}

static Entry *make_tilted(const TextKey *key, const TextMask *from, Error *err)
{
    /* The corners of the line's box, turned; x = (u + v)/√2, y = (v − u)/√2. */
    float c = 0.70710678f / (float)TILT_SCALE;
    float l = (float)from->left, t = (float)from->top;
    float r = l + (float)from->w, b = t + (float)from->h;
    int left = (int)floorf((l + t) * c), right = (int)ceilf((r + b) * c);
    int top = (int)floorf((t - r) * c), bottom = (int)ceilf((b - l) * c);
    Entry *e = entry_new(key, right - left, bottom - top, from->rgba != NULL, err);
    if (!e)
        return NULL;
    uint8_t *cover = entry_cover(e);
    Color *rgba = entry_rgba(e);
    size_t at = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++, at++)
            tilt_pixel(from, x, y, cover + at, rgba ? rgba + at : NULL);
    e->mask.left = left;
    e->mask.top = top;
    return e;
}

static Entry *entry_make(const Font *font, const TextKey *key, Error *err)
{
    TextMask from = {0};
    float grow = key->rotate == 45 ? (float)TILT_SCALE : 1;
    bool drawn = font->render(font->self, key->face, key->px * grow, key->text, key->length, &from);
    Entry *e;
    if (!drawn || from.w < 1 || from.h < 1)
        e = entry_new(key, 0, 0, false, err);
    else if (key->rotate == 90)
        e = make_vertical(key, &from, err);
    else if (key->rotate == 45)
        e = make_tilted(key, &from, err);
    else
        e = make_upright(key, &from, err);
    if (e)
        e->mask.advance = from.advance / grow;
    return e;
}

/* ---- looking up ---- */

static Entry *cache_find(const TextCache *cache, const TextKey *key, uint64_t hash)
{
    Entry *e = cache->bucket[hash & (BUCKETS - 1)];
    while (e && !(e->hash == hash && key_equal(&e->key, key)))
        e = e->chain;
    return e;
}

static void cache_font(TextCache *cache, const Font *font)
{
    if (cache->font.self == font->self && cache->font.render == font->render)
        return;
    cache_clear(cache);
    cache->font = *font;
}

bool text_cache_mask(TextCache *cache, const Font *font, const TextKey *key, TextMask *out,
                     Error *err)
{
    cache_font(cache, font);
    uint64_t hash = key_hash(key);
    Entry *e = cache_find(cache, key, hash);
    if (e) {
        unlink_use(cache, e);
    } else {
        e = entry_make(font, key, err);
        if (!e)
            return false;
        e->hash = hash;
        e->chain = cache->bucket[hash & (BUCKETS - 1)];
        cache->bucket[hash & (BUCKETS - 1)] = e;
        cache->bytes += e->bytes;
    }
    link_newest(cache, e);
    while (cache->bytes > cache->budget && cache->oldest != e)
        entry_drop(cache, cache->oldest);
    *out = e->mask;
    return true;
}
