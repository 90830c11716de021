/* Text helpers above Font: measured, cut with an ellipsis, placed in boxes, and made visible.
 * A TextKit bundles what every view and widget needs to draw text.
 */
#ifndef ATTNSCOPE_DRAW_TEXT_H
#define ATTNSCOPE_DRAW_TEXT_H

#include "draw/draw_list.h"
#include "draw/theme.h"

typedef struct {
    const Font *font;
    float scale; /* pixels per point: measured widths are those of the drawn text */
    const Theme *theme;
} TextKit;

float text_width(const TextKit *kit, FontFace face, float size, const char *text);
float text_width_n(const TextKit *kit, FontFace face, float size, const char *text, size_t length);

/* Baseline y for a line of this size centred in a box: centre + 0.36 × size, rounded to a pixel. */
float text_baseline(const TextKit *kit, float top, float height, float size);

/* Draws one line inside box: vertically centred, aligned by style->align, cut with "…" to fit its
 * width. True when it was cut (the caller then offers a tooltip). */
bool text_in(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style,
             const char *text);
/* As text_in with the theme's body size, left-aligned. */
bool text_label(DrawList *list, const TextKit *kit, Rect box, const char *text, Color color);

/* text cut to `width` points with an ellipsis between grapheme clusters; out NUL-ended. True when
 * cut. */
bool text_ellipsis(const TextKit *kit, FontFace face, float size, const char *text, float width,
                   char *out, size_t cap);

/* Wraps at spaces (at clusters where a word is too long) to `width`; draws from `top`, `line`
 * points a line, at most max_lines. Returns the number of lines; draws nothing when list is NULL.
 */
int text_wrapped(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style, float line,
                 int max_lines, const char *text);

/* A token as a reader knows it: `Ġ` and `▁` become a middle dot-less space mark only when alone,
 * are dropped at the start of a piece, `##` and `@@` are dropped; control, bidi-control, zero-width
 * and unpaired marks become visible (`␊`, `⟨U+202E⟩` …); empty becomes `∅`. out is NUL-ended valid
 * UTF-8. */
void text_token(const char *token, char *out, size_t cap);
/* Would text_token give the same bytes, and do they fit into cap? Not always said where they do. */
bool text_token_plain(const char *token, size_t cap);
/* As text_token for any other string: only makes invisible characters visible. */
void text_visible(const char *text, char *out, size_t cap);

/* Numbers as the look wants them (look.md §7): minus U+2212, −∞, thin spaces in thousands. */
#define TEXT_NUMBER 48
void text_weight(char out[TEXT_NUMBER], double weight); /* `.538`, `<.001`, `1.000`, `0`, `NaN` */
void text_weight_cell(char out[TEXT_NUMBER], double weight); /* two decimals: `.54` */
void text_exact(char out[TEXT_NUMBER], double value); /* 9 significant digits: `0.538324020` */
void text_fixed(char out[TEXT_NUMBER], double value, int decimals);
void text_count(char out[TEXT_NUMBER], int64_t count);

#endif
