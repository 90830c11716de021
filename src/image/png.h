/* PNG through libpng's row interface: every colour type and depth, interlaced, 16-bit to 8, tRNS to
 * alpha.
 */
#ifndef ATTNSCOPE_IMAGE_PNG_H
#define ATTNSCOPE_IMAGE_PNG_H

#include "image/image.h"

bool png_decode(const void *data, size_t size, Image *out, Error *err);
/* Appends a PNG (RGB when every pixel is opaque, else RGBA). The same pixels give the same bytes.
 */
bool png_encode(const Image *image, Buf *out, Error *err);

#endif
