/* The font of the tests: every code point is a box of a known place, so that expected numbers can
 * be worked out by hand. Not used by the program itself. */
#include "draw/font.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

#define FIXED_BYTES  512     /* of a line, as font.h says */
#define FIXED_PIXELS 1048576 /* of a mask; longer lines are cut */

/* East Asian wide and emoji blocks, coarsely: enough to test that widths differ. */
static bool is_wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
           (c >= 0x20000 && c <= 0x3FFFD);
}

static float cell_width(uint32_t c, float px)
{
    return is_wide(c) ? px : px * 0.5f;
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x2009 || c == 0x202F || c == 0x3000;
}

static size_t fixed_length(size_t length)
{
    return length < FIXED_BYTES ? length : FIXED_BYTES;
}

static float fixed_width(void *self, FontFace face, float px, const char *text, size_t length)
{
    (void)self;
    (void)face;
    float width = 0;
    size_t end = fixed_length(length);
    for (size_t at = 0; at < end;)
        width += cell_width(utf8_next(text, length, &at), px);
    return width;
}

static float fixed_ascent(void *self, FontFace face, float px)
{
    (void)self;
    (void)face;
    return px * 0.75f;
}

/* A code point's box leaves one pixel free at the right of its cell and stands on the baseline. */
static void fixed_box(uint8_t *cover, int w, int h, int from, int to)
{
    from = clampi(from, 0, w);
    to = clampi(to, from, w);
    for (int y = 0; y < h; y++)
        memset(cover + (size_t)y * (size_t)w + from, 255, (size_t)(to - from));
}

static bool fixed_render(void *self, FontFace face, float px, const char *text, size_t length,
                         TextMask *out)
{
    /* The one buffer of the one test font: font.h lends the mask until the next call. */
    static uint8_t cover[FIXED_PIXELS];
    float width = fixed_width(self, face, px, text, length);
    int h = (int)lroundf(px * 0.75f), w = (int)ceilf(width);
    memset(out, 0, sizeof *out);
    if (w < 1 || h < 1 || h > 4096)
        return false;
    w = w > FIXED_PIXELS / h ? FIXED_PIXELS / h : w;
    memset(cover, 0, (size_t)w * (size_t)h);
    float x = 0;
    size_t end = fixed_length(length);
    for (size_t at = 0; at < end;) {
        uint32_t c = utf8_next(text, length, &at);
        float next = x + cell_width(c, px);
        if (!is_blank(c))
            fixed_box(cover, w, h, (int)lroundf(x), (int)lroundf(next) - 1);
        x = next;
    }
    out->w = w;
    out->h = h;
    out->top = -h;
    out->advance = width;
    out->cover = cover;
    return true;
}

static uint32_t fixed_uncovered(void *self, const char *text, size_t length)
{
    (void)self;
    (void)text;
    (void)length;
    return 0;
}

/* Direction of the first letter: Hebrew and Arabic blocks run from the right. */
static bool fixed_rtl(void *self, const char *text, size_t length)
{
    (void)self;
    for (size_t at = 0; at < length;) {
        uint32_t c = utf8_next(text, length, &at);
        if ((c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFEFC))
            return true;
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c != UTF8_BAD))
            return false;
    }
    return false;
}

Font font_fixed(void)
{
    return (Font){.width = fixed_width,
                  .render = fixed_render,
                  .ascent = fixed_ascent,
                  .uncovered = fixed_uncovered,
                  .rtl = fixed_rtl};
}
