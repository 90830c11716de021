/* Shapes into pixels: everything in pixel units, blended in sRGB with 8 bits and correct rounding.
 * Inner part of the canvas; nothing outside src/draw includes it.
 */
#ifndef ATTNSCOPE_DRAW_RASTER_H
#define ATTNSCOPE_DRAW_RASTER_H

#include "image/image.h"

typedef struct {
    Color *px; /* lent */
    int stride;
    IRect clip; /* inside the pixels: nothing is written elsewhere */
} Surface;

/* v/255 rounded to nearest, exact for 0 … 65 025. */
static inline uint32_t raster_div255(uint32_t v)
{
    v += 128;
    return (v + (v >> 8)) >> 8;
}

/* Over a ground that may be transparent itself (an export without ground). */
Color raster_over(Color dst, Color src, uint32_t alpha);

/* src's colour with alpha 0 … 255 over dst. Two channels at a time: no lane exceeds 16 bits. */
static inline Color raster_blend(Color dst, Color src, uint32_t alpha)
{
    if (dst < 0xFF000000u)
        return raster_over(dst, src, alpha);
    uint32_t rest = 255 - alpha;
    uint32_t rb = (src & 0xFF00FFu) * alpha + (dst & 0xFF00FFu) * rest + 0x800080u;
    uint32_t g = ((src >> 8) & 255) * alpha + ((dst >> 8) & 255) * rest;
    rb = ((rb + ((rb >> 8) & 0xFF00FFu)) >> 8) & 0xFF00FFu;
    return 0xFF000000u | rb | raster_div255(g) << 8;
}

/* As raster_blend, with a coverage 0 … 255 on top of the colour's own alpha. */
static inline Color raster_cover(Color dst, Color src, uint32_t cover)
{
    uint32_t alpha = raster_div255((src >> 24) * cover);
    if (alpha == 0)
        return dst;
    return alpha == 255 ? src : raster_blend(dst, src, alpha);
}

IRect irect_meet(IRect a, IRect b);
/* Rounding that survives any float: NaN is 0, out of range is ±1 000 000. */
int raster_floor(float v);
int raster_ceil(float v);
int raster_round(float v);

void raster_fill(const Surface *s, IRect r, Color color);
/* Filled box with corner radius; edges between pixels are covered in part. */
void raster_box(const Surface *s, float x0, float y0, float x1, float y1, float radius,
                Color color);
/* The box's outline, `width` inside. */
void raster_frame(const Surface *s, float x0, float y0, float x1, float y1, float radius,
                  float width, Color color);
void raster_hatch(const Surface *s, IRect r, Color ground, Color strokes, int pitch, int width);
/* Convex, 3 … 8 corners in either order. */
void raster_poly(const Surface *s, const Vec2 *points, int count, Color color);

typedef struct {
    Vec2 a, b;
} Segment;
/* The union of thick segments, each pixel painted once. */
void raster_segments(const Surface *s, const Segment *segments, int count, float width, bool round,
                     Color color);

/* Coverage mask at (x, y). */
void raster_mask(const Surface *s, int x, int y, int w, int h, const uint8_t *cover, Color color);
/* Colour mask: a pixel with alpha is drawn as it is, others by coverage in color. */
void raster_color_mask(const Surface *s, int x, int y, int w, int h, const uint8_t *cover,
                       const Color *rgba, Color color);

/* w × h pixels of which the ones inside `part` are drawn; part's corner is the first pixel lent. */
void raster_pixels(const Surface *s, IRect part, const Color *px, int stride, uint32_t opacity);
/* The image over the float box x0 … x1, y0 … y1; a pixel belongs to it when its centre lies inside.
 */
bool raster_image(const Surface *s, const Image *image, Rect box, int sampling, float opacity,
                  Error *err);

#endif
