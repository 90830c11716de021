#include "draw/image_cache.h"

#include "draw/draw_list.h"

#include <math.h>

void image_cache_free(ImageCache *cache)
{
    for (int i = 0; i < IMAGE_CACHE_SLOTS; i++)
        image_free(&cache->slots[i].result);
    *cache = (ImageCache){0};
}

static bool slot_holds(const ImageSlot *slot, uint32_t stamp, int sampling, Rect box)
{
    return slot->stamp == stamp && slot->sampling == sampling && slot->box.x == box.x &&
           slot->box.y == box.y && slot->box.w == box.w && slot->box.h == box.h;
}

static ImageSlot *slot_find(ImageCache *cache, uint32_t stamp, int sampling, Rect box)
{
    for (int i = 0; i < IMAGE_CACHE_SLOTS; i++)
        if (slot_holds(&cache->slots[i], stamp, sampling, box))
            return &cache->slots[i];
    return NULL;
}

/* The slot that was not used for longest, filled anew. */
static ImageSlot *slot_fill(ImageCache *cache, const Image *image, int sampling, Rect box,
                            Error *err)
{
    ImageSlot *slot = &cache->slots[0];
    for (int i = 1; i < IMAGE_CACHE_SLOTS; i++)
        if (cache->slots[i].used < slot->used)
            slot = &cache->slots[i];
    image_free(&slot->result);
    *slot = (ImageSlot){0};
    int w = raster_ceil(box.x + box.w), h = raster_ceil(box.y + box.h);
    if (!image_init(&slot->result, w, h, err))
        return NULL;
    Surface surface = {slot->result.px, w, {0, 0, w, h}};
    if (!raster_image(&surface, image, box, sampling, 1, err)) {
        image_free(&slot->result);
        return NULL;
    }
    slot->stamp = image->stamp;
    slot->sampling = sampling;
    slot->box = box;
    return slot;
}

bool image_cache_draw(ImageCache *cache, const Surface *s, const Image *image, Rect box,
                      int sampling, float opacity, Error *err)
{
    float left = floorf(box.x), top = floorf(box.y);
    Rect fraction = {box.x - left, box.y - top, box.w, box.h};
    bool large = !(box.w > 0 && box.h > 0 && box.w < IMAGE_MAX_SIDE - 2 &&
                   box.h < IMAGE_MAX_SIDE - 2 && box.w * box.h <= (float)IMAGE_CACHE_PIXELS);
    if (sampling == SAMPLE_NEAREST || large || image->stamp == 0)
        return raster_image(s, image, box, sampling, opacity, err);
    IRect part = {raster_floor(left), raster_floor(top), 0, 0};
    ImageSlot *slot = slot_find(cache, image->stamp, sampling, fraction);
    if (!slot)
        slot = slot_fill(cache, image, sampling, fraction, err);
    if (!slot)
        return false;
    slot->used = ++cache->clock;
    part.w = slot->result.w;
    part.h = slot->result.h;
    IRect shown = irect_meet(part, s->clip);
    if (shown.w < 1 || shown.h < 1)
        return true;
    const Color *from =
        slot->result.px + (ptrdiff_t)(shown.y - part.y) * slot->result.w + (shown.x - part.x);
    raster_pixels(s, shown, from, slot->result.w, (uint32_t)(color_share(opacity) * 255.0f + 0.5f));
    return true;
}
