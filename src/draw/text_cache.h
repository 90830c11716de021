/* Rendered lines of text by (text, face, size, rotation), least recently used out first.
 * Inner part of the canvas.
 */
#ifndef ATTNSCOPE_DRAW_TEXT_CACHE_H
#define ATTNSCOPE_DRAW_TEXT_CACHE_H

#include "base/error.h"
#include "draw/font.h"

typedef struct TextCache TextCache;

typedef struct {
    FontFace face;
    float px;   /* pixels */
    int rotate; /* 0, 45 or 90 degrees counter-clockwise around the pen */
    const char *text;
    size_t length;
} TextKey;

TextCache *text_cache_new(size_t budget); /* bytes of masks; NULL: out of memory */
void text_cache_free(TextCache *cache);
size_t text_cache_bytes(const TextCache *cache);
/* The rotated mask and the unrotated line's advance; lent until the next call. w = 0: nothing to
 * draw. Another font empties the cache. False only when out of memory. */
bool text_cache_mask(TextCache *cache, const Font *font, const TextKey *key, TextMask *out,
                     Error *err);

#endif
