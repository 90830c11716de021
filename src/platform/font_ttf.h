/* The program's fonts behind draw/font.h: SDL_ttf draws, HarfBuzz measures, FriBidi orders, and
 * fontconfig (or one folder) finds what the bundled DejaVu lacks. Needs no video driver.
 *
 * One line at a time, at most 512 bytes of it; broken UTF-8 becomes U+FFFD, controls become spaces,
 * before a library sees them. What no font covers is drawn as a box with its hexadecimal number.
 * Main thread only.
 */
#ifndef ATTNSCOPE_PLATFORM_FONT_TTF_H
#define ATTNSCOPE_PLATFORM_FONT_TTF_H

#include "base/error.h"
#include "draw/font.h"

typedef struct {
    const char *bundled_dir; /* holds DejaVuSans.ttf, DejaVuSans-Bold.ttf, DejaVuSansMono.ttf */
    const char *font_dir;    /* NULL: fontconfig; else its fonts in order of name, no fontconfig */
    bool hinting_off;        /* the same shapes with any FreeType (goldens); else light hinting */
} FontTtfOptions;

typedef struct FontTtf FontTtf;

/* NULL + ERROR_IO when a bundled font cannot be read. font_dir may be empty or hold other files. */
FontTtf *font_ttf_new(const FontTtfOptions *options, Error *err);
void font_ttf_free(FontTtf *ttf); /* NULL is fine */
Font font_ttf_font(FontTtf *ttf); /* lends; lives as long as ttf */

/* Code points met so far that no font covers, in the order met: at most cap of them into out.
 * Returns how many there are. */
size_t font_ttf_missing(const FontTtf *ttf, uint32_t *out, size_t cap);
/* The Debian package whose fonts cover it (an answer for every code point). */
const char *font_ttf_package(uint32_t code_point);

#endif
