/* JPEG through TurboJPEG: grey and YCbCr, baseline and progressive; EXIF orientation applied; CMYK
 * refused. A damaged picture is decoded as far as it goes: *damaged is set.
 */
#ifndef ATTNSCOPE_IMAGE_JPEG_H
#define ATTNSCOPE_IMAGE_JPEG_H

#include "image/image.h"

enum { JPEG_SCANS_MOST = 500 }; /* of a progressive picture: TurboJPEG's own limit */

bool jpeg_decode(const void *data, size_t size, Image *out, bool *damaged, Error *err);

/* PNG or JPEG by content; anything else is refused naming what it is. */
bool image_decode(const void *data, size_t size, Image *out, bool *damaged, Error *err);

#endif
