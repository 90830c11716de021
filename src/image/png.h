/* PNG through libpng's row interface: every colour type and depth, interlaced, 16-bit to 8, tRNS to
 * alpha.
 */
#ifndef ATTNSCOPE_IMAGE_PNG_H
#define ATTNSCOPE_IMAGE_PNG_H

#include "image/image.h"

enum {
    PNG_CHUNK_BYTES = 8000000, /* that a chunk beside the pixels may take, also once inflated */
    PNG_CHUNK_CACHE = 128      /* text chunks that are kept while the picture is read */
};

bool png_decode(const void *data, size_t size, Image *out, Error *err);
/* Appends a PNG (RGB when every pixel is opaque, else RGBA). The same pixels give the same bytes.
 */
bool png_encode(const Image *image, Buf *out, Error *err);

#endif
