#include "image/colormap.h"

#include "image/colormap_tables.h"

#include <math.h>
#include <stddef.h>

const char *const COLORMAP_NAMES[] = {"viridis", "cividis", "magma", "greys", "blue-orange",
                                      NULL};

#define NAN_RED   COLOR_RGB(0x990000) /* ≥ 17.8 CIEDE2000 from every entry of the sequential maps */
#define NAN_BLACK COLOR_RGB(0x000000) /* red would be close to the orange end */

static const Colormap MAPS[COLORMAP_COUNT] = {
    [COLORMAP_VIRIDIS] = {COLORMAP_TABLE_VIRIDIS, NAN_RED, false},
    [COLORMAP_CIVIDIS] = {COLORMAP_TABLE_CIVIDIS, NAN_RED, false},
    [COLORMAP_MAGMA] = {COLORMAP_TABLE_MAGMA, NAN_RED, false},
    [COLORMAP_GREYS] = {COLORMAP_TABLE_GREYS, NAN_RED, false},
    [COLORMAP_BLUE_ORANGE] = {COLORMAP_TABLE_BLUE_ORANGE, NAN_BLACK, true},
};

const Colormap *colormap(ColormapId id)
{
    return &MAPS[(unsigned)id < COLORMAP_COUNT ? id : COLORMAP_VIRIDIS];
}

Color colormap_at(const Colormap *map, float t)
{
    if (isnan(t))
        return map->nan;
    return map->lut[(int)(255.0f * clampf(t, 0, 1) + 0.5f)];
}

static const Color HEADS_LIGHT[HEAD_COLORS] = {0xFF1F6FB5u, 0xFF869D00u, 0xFF515A3Du, 0xFF660B4Au,
                                               0xFF9084FEu, 0xFF89805Eu, 0xFF0BA39Au, 0xFF8F4F70u,
                                               0xFFEC5F96u, 0xFF517A0Bu, 0xFF4300B9u, 0xFF720005u};
static const Color HEADS_DARK[HEAD_COLORS] = {0xFF5AA9F0u, 0xFFF7E523u, 0xFF797856u, 0xFFCDE3C3u,
                                              0xFFDF7F8Bu, 0xFFDC0087u, 0xFF37EFFFu, 0xFFACB048u,
                                              0xFFE7020Bu, 0xFFCDA8BEu, 0xFFB708F5u, 0xFF0E8294u};

Color head_color(int head, bool dark)
{
    int hue = (head < 0 ? 0 : head) % HEAD_COLORS;
    return dark ? HEADS_DARK[hue] : HEADS_LIGHT[hue];
}
