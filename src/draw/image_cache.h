/* Pictures that were resampled by area or smoothly, kept for the next frames: a photo under a
 * moving overlay is scaled once. Inner part of the canvas.
 */
#ifndef ATTNSCOPE_DRAW_IMAGE_CACHE_H
#define ATTNSCOPE_DRAW_IMAGE_CACHE_H

#include "draw/raster.h"

#define IMAGE_CACHE_SLOTS  6
#define IMAGE_CACHE_PIXELS (4 << 20) /* a larger result is drawn without being kept */

typedef struct {
    uint32_t stamp; /* of the source; 0 = empty */
    int sampling;
    Rect box; /* corner reduced to its fraction of a pixel */
    Image result;
    uint64_t used;
} ImageSlot;

typedef struct {
    ImageSlot slots[IMAGE_CACHE_SLOTS];
    uint64_t clock;
} ImageCache; /* all zero = empty */

void image_cache_free(ImageCache *cache);
/* The same pixels as raster_image. */
bool image_cache_draw(ImageCache *cache, const Surface *s, const Image *image, Rect box,
                      int sampling, float opacity, Error *err);

#endif
