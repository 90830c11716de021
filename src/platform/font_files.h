/* Which font file draws which cluster. Font files stay open (mapped by HarfBuzz) once they were
 * needed; sizes are font_ttf.c's business.
 */
#ifndef ATTNSCOPE_PLATFORM_FONT_FILES_H
#define ATTNSCOPE_PLATFORM_FONT_FILES_H

#include "platform/font_ttf.h"

#include <hb.h>

#define FONT_FILES_MAX 512
#define FONT_FILES_BOX FONT_FILES_MAX /* no font: draw a code-point box */

typedef struct {
    char *path;
    int index;        /* in a collection (.ttc) */
    const char *data; /* of the file, size bytes */
    unsigned size;
    hb_font_t *shaper; /* scale: font units */
    float unit;        /* 1 / units per em */
    bool color;        /* emoji: colour bitmaps or layers */
    bool strikes;      /* bitmaps of a fixed size */
} FontFile;

/* Han characters look different in Chinese, Japanese and Korean; the line they stand in tells. */
typedef enum { HAN_CHINESE, HAN_JAPANESE, HAN_KOREAN } HanStyle;

typedef struct FontFiles FontFiles;

FontFiles *font_files_new(const FontTtfOptions *options, Error *err);
void font_files_free(FontFiles *files);
const FontFile *font_files_at(const FontFiles *files, int file);
/* A file for the cluster, or FONT_FILES_BOX. previous as in TextrunChoose. */
int font_files_choose(FontFiles *files, FontFace face, HanStyle han, const char *cluster,
                      size_t length, int previous);
size_t font_files_missing(const FontFiles *files, uint32_t *out, size_t cap);
/* The first code point of the cluster that the box stands for. */
uint32_t font_files_first(const char *cluster, size_t length);

#endif
