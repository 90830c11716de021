/* Drawing a line piece by piece (runs, emoji, boxes) into one mask. Holds the few opened SDL_ttf
 * fonts; the finished mask lives until the next font_pieces_begin.
 */
#ifndef ATTNSCOPE_PLATFORM_FONT_PIECES_H
#define ATTNSCOPE_PLATFORM_FONT_PIECES_H

#include "platform/font_files.h"

typedef struct FontPieces FontPieces;

/* One run for SDL_ttf. Measures in em, as HarfBuzz gave them. */
typedef struct {
    const FontFile *file;
    int file_id;      /* its index */
    const char *text; /* valid UTF-8, NUL-ended, at most 512 bytes */
    uint32_t script;
    bool rtl;
    float advance;
    float left; /* ≤ 0: ink before the pen */
    float top;  /* ink above the baseline */
} FontRun;

FontPieces *font_pieces_new(bool hinting_off); /* NULL: SDL_ttf does not start, or out of memory */
void font_pieces_free(FontPieces *pieces);

void font_pieces_begin(FontPieces *pieces, float px);
/* Draws at `pen` pixels right of the line's origin. What cannot be drawn leaves a gap. */
void font_pieces_run(FontPieces *pieces, const FontRun *run, float pen);
void font_pieces_box(FontPieces *pieces, uint32_t code_point, float pen);
/* The union of the pieces, without its advance; false when there is no ink at all. */
bool font_pieces_finish(FontPieces *pieces, TextMask *out);

#endif
