/* What stands for a code point without a font: a small frame with its hexadecimal digits in two
 * rows (`06` over `4A`), or for control pictures (U+2400 …) their short name (`LF`). Own 3 × 5
 * signs.
 */
#ifndef ATTNSCOPE_PLATFORM_FONT_BOX_H
#define ATTNSCOPE_PLATFORM_FONT_BOX_H

#include <stdbool.h>
#include <stdint.h>

/* Control pictures are always drawn as boxes: bundled fonts lack them, and they should look the
 * same everywhere. */
bool font_box_is_control_picture(uint32_t code_point);

typedef struct {
    int w, h;
    int left, top; /* of the frame from the pen, pixels */
} FontBox;

float font_box_advance(uint32_t code_point); /* em */
FontBox font_box_place(uint32_t code_point, float px);
/* Coverage into w × h zeroed bytes. */
void font_box_draw(uint32_t code_point, float px, uint8_t *cover);

#endif
