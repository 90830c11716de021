/* Pictures in memory: 32-bit 0xAARRGGBB, not premultiplied, rows without gaps.
 */
#ifndef ATTNSCOPE_IMAGE_IMAGE_H
#define ATTNSCOPE_IMAGE_IMAGE_H

#include "base/buf.h"
#include "base/geom.h"

typedef uint32_t Color; /* 0xAARRGGBB */

#define COLOR_RGB(rgb) (0xFF000000u | (uint32_t)(rgb))
static inline float color_share(float v) /* into 0…1; NaN is 0 */
{
    return v > 0 ? (v < 1 ? v : 1) : 0;
}
static inline Color color_alpha(Color c, float alpha) /* alpha of c replaced by 0…1 */
{
    return (c & 0x00FFFFFFu) | ((uint32_t)(color_share(alpha) * 255.0f + 0.5f) << 24);
}
Color color_mix(Color a, Color b, float t); /* per channel, in sRGB; t = 0 gives a */
float color_luminance(Color c);             /* WCAG relative luminance */
Color color_on(Color ground);               /* black or white, whichever contrasts more */

typedef struct {
    int w, h;
    Color *px;      /* owned, w × h; NULL = no image */
    uint32_t stamp; /* unique per content: bump with image_touch after writing pixels */
} Image;

#define IMAGE_MAX_SIDE   16384
#define IMAGE_MAX_PIXELS (64u << 20)

bool image_init(Image *image, int w, int h, Error *err); /* transparent; limits above */
void image_free(Image *image);
void image_touch(Image *image); /* a new stamp, unique in the process */
bool image_copy(Image *out, const Image *from, Error *err);
void image_grey(Image *image); /* to Rec. 709 luma, alpha kept */
/* Box-filtered copy of size w × h. */
bool image_resize(Image *out, const Image *from, int w, int h, Error *err);
/* Box filter of a window of `from`: out pixel (i, j) is the mean of the source box that begins at
 * (x + i·dx, y + j·dy) and is dx × dy large, as far as it lies inside the image. Colours are
 * weighted by alpha. */
bool image_area(Color *out, int stride, int w, int h, const Image *from, double x, double y,
                double dx, double dy, Error *err);

#endif
