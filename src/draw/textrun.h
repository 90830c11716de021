/* Cutting a line into runs that one font can shape in one direction: FriBidi embedding levels,
 * HarfBuzz script (Common and Inherited take the neighbour's), font chosen by the caller per
 * cluster, visual order. Brackets are mirrored by the shaper, not here.
 */
#ifndef ATTNSCOPE_DRAW_TEXTRUN_H
#define ATTNSCOPE_DRAW_TEXTRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTRUN_BYTES 512
#define TEXTRUN_MAX   TEXTRUN_BYTES /* every byte a run: there is no text that does not fit */

typedef struct {
    uint32_t script;   /* ISO 15924 tag, e.g. 'Arab'; kana and bopomofo go with Han as 'Hani' */
    int font;          /* as the chooser said */
    uint16_t from, to; /* bytes of the text, logical; small, for lines of them stand on stacks */
    bool rtl;
} TextRun;

/* The font for a grapheme cluster; previous is the font of the cluster before it (−1 at the start).
 * Clusters come in logical order. */
typedef int (*TextrunChoose)(void *context, const char *cluster, size_t length, int previous);

/* Runs of text (whole clusters within its first TEXTRUN_BYTES bytes) in visual order, left to
 * right. Returns how many. *base_rtl (may be NULL): direction of the line (first strong
 * character). */
int textrun_split(const char *text, size_t length, TextrunChoose choose, void *context,
                  TextRun out[TEXTRUN_MAX], bool *base_rtl);

/* Direction of the line alone. */
bool textrun_rtl(const char *text, size_t length);

#endif
