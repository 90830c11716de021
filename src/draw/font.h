/* Text as the drawing floor sees it: a provider of metrics and coverage masks. SDL_ttf stands
 * behind it in the program (platform/font_ttf.c), fixed cells in tests (draw/font_fixed.c).
 * Shaping, bidi and fallback are the provider's business; here a line of text has a width and,
 * rendered, a mask.
 */
#ifndef ATTNSCOPE_DRAW_FONT_H
#define ATTNSCOPE_DRAW_FONT_H

#include "image/image.h"

typedef enum { FACE_SANS, FACE_BOLD, FACE_MONO, FACE_COUNT } FontFace;

/* A rendered line. Either coverage (alpha, tinted when drawn) or colour (emoji) per pixel: rgba !=
 * NULL only when the line holds colour glyphs; then a pixel with rgba alpha > 0 is drawn as it is,
 * others by coverage. */
typedef struct {
    int w, h;
    int left, top; /* pixel offset of the mask's corner from the pen origin on the baseline (top < 0
                      = above) */
    float advance; /* pixels */
    const uint8_t *cover; /* w × h */
    const Color *rgba;    /* w × h or NULL */
} TextMask;

typedef struct Font Font;
struct Font {
    void *self;
    /* Advance width in pixels of one line (at most 512 bytes are looked at) at `px` pixels. Empty =
     * 0. */
    float (*width)(void *self, FontFace face, float px, const char *text, size_t length);
    /* Renders one line; the mask's memory is the provider's until the next render call. False:
     * nothing to draw. */
    bool (*render)(void *self, FontFace face, float px, const char *text, size_t length,
                   TextMask *out);
    float (*ascent)(void *self, FontFace face, float px);
    /* The first code point that no font covers, else 0. */
    uint32_t (*uncovered)(void *self, const char *text, size_t length);
    /* True when the line's base direction is right-to-left. */
    bool (*rtl)(void *self, const char *text, size_t length);
};

/* In points at a scale: width of text drawn at `size` points when one point is `scale` pixels. */
static inline float font_width(const Font *font, float scale, FontFace face, float size,
                               const char *text, size_t length)
{
    return length == 0 ? 0.0f : font->width(font->self, face, size * scale, text, length) / scale;
}

/* Fixed cells: advance = px/2 per code point (px for East Asian wide ones), masks are filled boxes.
 * For tests. */
Font font_fixed(void);

#endif
