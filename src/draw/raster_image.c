#include "draw/raster.h"

#include "base/mem.h"
#include "draw/draw_list.h"

#include <math.h>
#include <string.h>

/* First pixel whose centre is at or behind v. */
static int first_pixel(float v)
{
    return raster_ceil(v - 0.5f);
}

void raster_pixels(const Surface *s, IRect part, const Color *px, int stride, uint32_t opacity)
{
    for (int y = 0; y < part.h; y++) {
        Color *row = s->px + (ptrdiff_t)(part.y + y) * s->stride + part.x;
        const Color *from = px + (ptrdiff_t)y * stride;
        Color meet = opacity == 255 ? 0xFF000000u : 0;
        for (int x = 0; x < part.w; x++)
            meet &= from[x];
        if (meet >> 24 == 255) { /* nothing shines through */
            memcpy(row, from, (size_t)part.w * sizeof *row);
            continue;
        }
        for (int x = 0; x < part.w; x++)
            row[x] = raster_cover(row[x], from[x], opacity);
    }
}

/* Cell under each pixel of one axis: floor((x + 0.5 − x0)·count/size), inside the image. */
static void nearest_cells(int *cells, int first, int length, float start, float size, int count)
{
    for (int i = 0; i < length; i++) {
        double at = ((double)(first + i) + 0.5 - (double)start) * count / (double)size;
        cells[i] = clampi((int)floor(at), 0, count - 1);
    }
}

static void nearest_row(const int *columns, const Color *from, Color *to, int count)
{
    for (int x = 0; x < count; x++)
        to[x] = from[columns[x]];
}

/* Rows that show the same cells are computed once. */
static bool image_nearest(const Surface *s, const Image *image, Rect box, IRect part,
                          uint32_t opacity, Error *err)
{
    int *columns = mem_array((size_t)part.w + (size_t)part.h, sizeof *columns);
    Color *line = mem_array((size_t)part.w, sizeof *line);
    if (!columns || !line) {
        mem_free(columns);
        mem_free(line);
        return error_memory(err);
    }
    int *rows = columns + part.w, shown = -1;
    nearest_cells(columns, part.x, part.w, box.x, box.w, image->w);
    nearest_cells(rows, part.y, part.h, box.y, box.h, image->h);
    for (int y = 0; y < part.h; y++) {
        if (rows[y] != shown)
            nearest_row(columns, image->px + (size_t)rows[y] * (size_t)image->w, line, part.w);
        shown = rows[y];
        raster_pixels(s, (IRect){part.x, part.y + y, part.w, 1}, line, 0, opacity);
    }
    mem_free(columns);
    mem_free(line);
    return true;
}

/* ---- smooth: bilinear, colours weighted by alpha ---- */

typedef struct {
    int at;         /* lower cell */
    uint32_t share; /* of the next cell, 0 … 256 */
} Tap;

static Tap tap_at(int pixel, float start, float size, int count)
{
    double at = ((double)pixel + 0.5 - (double)start) * count / (double)size - 0.5;
    at = at > 0 ? at : 0;
    at = at < count - 1 ? at : count - 1;
    int cell = (int)at < count - 2 ? (int)at : count - 2;
    if (count == 1)
        return (Tap){0, 0};
    return (Tap){cell, (uint32_t)((at - cell) * 256.0 + 0.5)};
}

/* Four opaque corners: no division is needed. Red and blue share one product, 32 bits apart. */
static Color tap_opaque(const Color corner[4], const uint32_t weight[4])
{
    uint64_t red_blue = 32768 + ((uint64_t)32768 << 32), green = 32768;
    for (int i = 0; i < 4; i++) {
        uint64_t c = corner[i];
        red_blue += ((c & 0xFF0000) << 16 | (c & 0xFF)) * weight[i];
        green += ((c >> 8) & 255) * weight[i];
    }
    return 0xFF000000u | (Color)(red_blue >> 48 & 255) << 16 | (Color)(green >> 16) << 8 |
           (Color)(red_blue >> 16 & 255);
}

static Color tap_color(const Image *image, Tap x, Tap y)
{
    const Color *p = image->px + (size_t)y.at * (size_t)image->w + (size_t)x.at;
    size_t right = image->w > 1, below = image->h > 1 ? (size_t)image->w : 0;
    Color corner[4] = {p[0], p[right], p[below], p[below + right]};
    uint32_t weight[4] = {(256 - x.share) * (256 - y.share), x.share * (256 - y.share),
                          (256 - x.share) * y.share, x.share * y.share};
    if ((corner[0] & corner[1] & corner[2] & corner[3]) >> 24 == 255)
        return tap_opaque(corner, weight);
    uint64_t alpha = 0, red = 0, green = 0, blue = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t a = (uint64_t)(corner[i] >> 24) * weight[i];
        alpha += a;
        red += a * ((corner[i] >> 16) & 255);
        green += a * ((corner[i] >> 8) & 255);
        blue += a * (corner[i] & 255);
    }
    if (alpha == 0)
        return 0;
    uint64_t half = alpha / 2;
    return (Color)((alpha + 32768) >> 16) << 24 | (Color)((red + half) / alpha) << 16 |
           (Color)((green + half) / alpha) << 8 | (Color)((blue + half) / alpha);
}

static bool image_smooth(const Surface *s, const Image *image, Rect box, IRect part,
                         uint32_t opacity, Error *err)
{
    Tap *columns = mem_array((size_t)part.w, sizeof *columns);
    if (!columns)
        return error_memory(err);
    for (int x = 0; x < part.w; x++)
        columns[x] = tap_at(part.x + x, box.x, box.w, image->w);
    for (int y = 0; y < part.h; y++) {
        Tap row = tap_at(part.y + y, box.y, box.h, image->h);
        Color *to = s->px + (ptrdiff_t)(part.y + y) * s->stride + part.x;
        for (int x = 0; x < part.w; x++)
            to[x] = raster_cover(to[x], tap_color(image, columns[x], row), opacity);
    }
    mem_free(columns);
    return true;
}

static bool image_box(const Surface *s, const Image *image, Rect box, IRect part, uint32_t opacity,
                      Error *err)
{
    Color *px = mem_array((size_t)part.w * (size_t)part.h, sizeof *px);
    if (!px)
        return error_memory(err);
    double dx = (double)image->w / (double)box.w, dy = (double)image->h / (double)box.h;
    bool ok = image_area(px, part.w, part.w, part.h, image, ((double)part.x - (double)box.x) * dx,
                         ((double)part.y - (double)box.y) * dy, dx, dy, err);
    if (ok)
        raster_pixels(s, part, px, part.w, opacity);
    mem_free(px);
    return ok;
}

bool raster_image(const Surface *s, const Image *image, Rect box, int sampling, float opacity,
                  Error *err)
{
    uint32_t level = (uint32_t)(color_share(opacity) * 255.0f + 0.5f);
    int x0 = first_pixel(box.x), y0 = first_pixel(box.y);
    IRect part = {x0, y0, first_pixel(rect_right(box)) - x0, first_pixel(rect_bottom(box)) - y0};
    if (!(box.w > 0) || !(box.h > 0) || part.w < 1 || part.h < 1)
        return true;
    part = irect_meet(part, s->clip);
    if (part.w < 1 || part.h < 1 || level == 0)
        return true;
    bool smaller = (float)image->w > 2 * box.w || (float)image->h > 2 * box.h;
    if (sampling == SAMPLE_NEAREST)
        return image_nearest(s, image, box, part, level, err);
    if (sampling == SAMPLE_SMOOTH && !smaller)
        return image_smooth(s, image, box, part, level, err);
    return image_box(s, image, box, part, level, err);
}
