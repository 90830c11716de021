/* SVG 1.1: every link `<path class="link" data-q data-k data-w>`, text is text at its measured
 * place, images are data-URI PNGs with pixelated rendering, groups are <g id>. Well-formed for any
 * token.
 */
#ifndef ATTNSCOPE_DRAW_SVG_H
#define ATTNSCOPE_DRAW_SVG_H

#include "draw/draw_list.h"

/* Width and height in points; scale multiplies the size only (viewBox stays in points). */
bool svg_write(Buf *out, const DrawList *list, const Font *font, float width, float height,
               float scale, Color ground, Error *err);

#endif
