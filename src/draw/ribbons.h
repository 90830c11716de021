/* Ribbons by column sweep: every curve is a function over a common smoothstep, so per column the
 * coverage of all ribbons is folded into one 16-bit transmittance row, and the colour is composited
 * once. Order inside a batch does not matter (same colour), columns are independent. Only + − × /
 * sqrt in float, so the scalar and the SIMD code give the same bits. Measured against Cairo in
 * rendering.md §2.
 */
#ifndef ATTNSCOPE_DRAW_RIBBONS_H
#define ATTNSCOPE_DRAW_RIBBONS_H

#include "core/threads.h"
#include "draw/draw_list.h"

#define RIBBONS_CORE    0.4f /* width of a dashed core, as a part of its ribbon's */
#define RIBBONS_OUTSIDE 1e9f /* ribbon_distance beside the run */

/* Composites the batch onto pixels (stride in pixels) inside clip (pixels); scale = pixels per
 * point. */
void ribbons_render(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale);
/* As ribbons_render, but the first pixel lent is clip's corner. threads may be NULL; the pixels do
 * not depend on them. */
void ribbons_render_at(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale,
                       Threads *threads);
/* The plain reference of the same arithmetic; tests compare bit for bit. */
void ribbons_render_scalar(Color *pixels, int stride, IRect clip, const RibbonBatch *batch,
                           float scale);
/* Distance in points from p to the ribbon's centre line, across the run; huge outside the run. For
 * hit tests. */
float ribbon_distance(const RibbonBatch *batch, const Ribbon *ribbon, Vec2 p);

#endif
