/* Large ribbon batches kept as coverage masks: while the pointer moves over 20 000 links, the links
 * are the same as a frame ago and only blitted. A batch is kept when it comes a second time, so a
 * drag, whose batches are all new, pays nothing. Inner part of the canvas.
 */
#ifndef ATTNSCOPE_DRAW_RIBBON_CACHE_H
#define ATTNSCOPE_DRAW_RIBBON_CACHE_H

#include "core/threads.h"
#include "draw/draw_list.h"
#include "draw/raster.h"

#define RIBBON_CACHE_SLOTS  4
#define RIBBON_CACHE_LEAST  200       /* ribbons; fewer are drawn as fast as looked up */
#define RIBBON_CACHE_PIXELS (8 << 20) /* a larger area is drawn without being kept */

typedef struct {
    uint64_t key; /* of shape, clip and scale; 0 = empty */
    IRect area;
    uint8_t *cover; /* area.w × area.h, owned; NULL = seen once, not kept yet */
    uint64_t used;
} RibbonSlot;

typedef struct {
    RibbonSlot slots[RIBBON_CACHE_SLOTS];
    uint64_t clock;
    Threads *threads; /* lent; NULL: large batches are drawn by the caller alone */
} RibbonCache;        /* all zero = empty */

void ribbon_cache_free(RibbonCache *cache);
/* The same pixels as ribbons_render; out of memory only means that nothing is kept. */
void ribbon_cache_draw(RibbonCache *cache, const Surface *s, const RibbonBatch *batch, float scale);

#endif
