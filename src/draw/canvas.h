/* The CPU canvas: replays a draw list into 32-bit pixels. The window and the PNG use this same
 * code, so a saved picture is what the user saw and tests need no display. Rendered lines of text
 * are cached by (text, face, size, rotation) as masks, least recently used out first.
 */
#ifndef ATTNSCOPE_DRAW_CANVAS_H
#define ATTNSCOPE_DRAW_CANVAS_H

#include "draw/draw_list.h"

typedef struct Canvas Canvas;

Canvas *canvas_new(void); /* NULL: out of memory */
void canvas_free(Canvas *canvas);
/* Replays list at `scale` pixels per point over ground into target (w × h pixels, its whole area).
 */
bool canvas_render(Canvas *canvas, Image *target, const DrawList *list, const Font *font,
                   float scale, Color ground, Error *err);

#endif
