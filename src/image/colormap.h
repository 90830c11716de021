/* Colour maps as 256-entry tables; the tables of look.md §6, interpolated in sRGB between the
 * stops.
 */
#ifndef ATTNSCOPE_IMAGE_COLORMAP_H
#define ATTNSCOPE_IMAGE_COLORMAP_H

#include "image/image.h"

typedef enum {
    COLORMAP_VIRIDIS,
    COLORMAP_CIVIDIS,
    COLORMAP_MAGMA,
    COLORMAP_GREYS,
    COLORMAP_BLUE_ORANGE,
    COLORMAP_COUNT
} ColormapId;

extern const char
    *const COLORMAP_NAMES[]; /* "viridis" "cividis" "magma" "greys" "blue-orange", NULL */

typedef struct {
    Color lut[256];
    Color nan; /* ground of NaN and ±Inf cells */
    bool diverging;
} Colormap;

const Colormap *colormap(ColormapId id); /* built on the first call; never NULL */
/* LUT[floor(255·t + 0.5)], t clamped to 0…1; NaN gives map->nan. */
Color colormap_at(const Colormap *map, float t);

#define HEAD_COLORS 12
/* Colour of head h in the light (or projector) and dark themes; heads ≥ 12 repeat the hues. */
Color head_color(int head, bool dark);

#endif
