/* The marks that mean the same everywhere (look.md, idea 2): locked = inverse pill, pointed at =
 * outlined pill; shared by views and widgets.
 */
#ifndef ATTNSCOPE_DRAW_MARKS_H
#define ATTNSCOPE_DRAW_MARKS_H

#include "draw/text.h"

typedef enum { MARK_PLAIN, MARK_HOVER, MARK_LOCKED } MarkState;

/* A token in its box: plain text, outlined pill or ink pill; the pill hugs the (possibly cut) text,
 * 6 padding, 20 high (18 in boxes lower than 20); the text keeps its place, so the pill stands out
 * of the box by its padding. Returns the pill's rectangle. color is used for plain text. */
Rect mark_token(DrawList *list, const TextKit *kit, Rect box, TextAlign align, MarkState state,
                Color color, const char *text);
/* As mark_token with face and size. *cut (may be NULL): the text did not fit. */
Rect mark_token_in(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style,
                   MarkState state, const char *text, bool *cut);
/* The same turned by 45° or 90° counter-clockwise around pen (start of the text on its baseline).
 */
void mark_token_turned(DrawList *list, const TextKit *kit, Vec2 pen, int degrees, float max_width,
                       MarkState state, Color color, const char *text);
/* Selection frames drawn around cells, never on their colour. */
void mark_row(DrawList *list, const TextKit *kit, Rect row);   /* 2 ink with 1 bg casing outside */
void mark_cell(DrawList *list, const TextKit *kit, Rect cell); /* 1 black + 2 white inside */
void mark_nan(DrawList *list, Rect cell, Color ground);        /* ground + white x */
/* ground + white triangle: up for +Inf, down for −Inf. */
void mark_infinite(DrawList *list, Rect cell, Color ground, bool up);

#endif
