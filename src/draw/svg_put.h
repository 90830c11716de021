/* Attributes and text of SVG, the small pieces. Inner part of svg.c.
 */
#ifndef ATTNSCOPE_DRAW_SVG_PUT_H
#define ATTNSCOPE_DRAW_SVG_PUT_H

#include "image/image.h"

/* At most three decimals; what no viewer could use becomes 0. */
void svg_put_number(Buf *out, float value);
void svg_put_attribute(Buf *out, const char *name, float value);
/* name="#RRGGBB", and name-opacity unless opaque. */
void svg_put_paint(Buf *out, const char *name, Color color);
void svg_put_rect(Buf *out, Rect r);
/* Text of any token: what XML cannot hold, also as a character reference, becomes U+FFFD. */
void svg_put_escaped(Buf *out, const char *text, size_t length);

#endif
