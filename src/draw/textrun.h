/* Cutting a line into runs that one font can shape in one direction: FriBidi embedding levels, HarfBuzz
 * script (Common and Inherited take the neighbour's), font chosen by the caller per cluster, visual order.
 */
#ifndef ATTNSCOPE_DRAW_TEXTRUN_H
#define ATTNSCOPE_DRAW_TEXTRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTRUN_MAX 64
#define TEXTRUN_BYTES 512

typedef struct {
    size_t from, to;   /* bytes of the text, logical */
    uint32_t script;   /* ISO 15924 tag, e.g. 'Arab' */
    bool rtl;
    int font;          /* as the chooser said */
} TextRun;

/* The font for a grapheme cluster; previous is the font of the cluster before it (−1 at the start). */
typedef int (*TextrunChoose)(void *context, const char *cluster, size_t length, int previous);

/* Runs of text (first TEXTRUN_BYTES bytes) in visual order, left to right. Returns how many.
 * *base_rtl: direction of the line (first strong character). */
int textrun_split(const char *text, size_t length, TextrunChoose choose, void *context, TextRun out[TEXTRUN_MAX],
                  bool *base_rtl);

#endif
