#include "image/image.h"

#include "base/mem.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

Color color_mix(Color a, Color b, float t)
{
    float u = color_share(t);
    Color out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        float ca = (float)((a >> shift) & 255), cb = (float)((b >> shift) & 255);
        out |= (Color)(ca + (cb - ca) * u + 0.5f) << shift;
    }
    return out;
}

/* WCAG 2: the 0.04045 of IEC 61966-2-1, which gives the same 8-bit results as the older 0.03928. */
static double channel_linear(Color channel)
{
    double v = (double)(channel & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

float color_luminance(Color c)
{
    return (float)(0.2126 * channel_linear(c >> 16) + 0.7152 * channel_linear(c >> 8) +
                   0.0722 * channel_linear(c));
}

Color color_on(Color ground)
{
    /* (1.05)/(l + 0.05) against (l + 0.05)/0.05 */
    float l = color_luminance(ground) + 0.05f;
    return l * l > 1.05f * 0.05f ? COLOR_RGB(0x000000) : COLOR_RGB(0xFFFFFF);
}

void image_touch(Image *image)
{
    /* Stamps are compared between images of one process, hence one counter for all of them. */
    static _Atomic uint32_t counter;
    image->stamp = atomic_fetch_add(&counter, 1) + 1;
}

bool image_init(Image *image, int w, int h, Error *err)
{
    memset(image, 0, sizeof *image);
    if (w < 1 || h < 1)
        return error_set(err, ERROR_MALFORMED,
                         "picture size: expected at least 1 × 1, found %d × %d", w, h);
    if (w > IMAGE_MAX_SIDE || h > IMAGE_MAX_SIDE)
        return error_set(err, ERROR_LIMIT,
                         "picture size: expected at most %d a side, found %d × %d (limit %d)",
                         IMAGE_MAX_SIDE, w, h, IMAGE_MAX_SIDE);
    size_t count = (size_t)w * (size_t)h;
    if (count > IMAGE_MAX_PIXELS)
        return error_set(err, ERROR_LIMIT,
                         "picture size: expected at most %u pixels, found %d × %d (limit %u)",
                         IMAGE_MAX_PIXELS, w, h, IMAGE_MAX_PIXELS);
    image->px = mem_zero(count, sizeof *image->px);
    if (!image->px)
        return error_memory(err);
    image->w = w;
    image->h = h;
    image_touch(image);
    return true;
}

void image_free(Image *image)
{
    if (!image)
        return;
    mem_free(image->px);
    memset(image, 0, sizeof *image);
}

bool image_copy(Image *out, const Image *from, Error *err)
{
    if (!image_init(out, from->w, from->h, err))
        return false;
    memcpy(out->px, from->px, (size_t)from->w * (size_t)from->h * sizeof *out->px);
    return true;
}

void image_grey(Image *image)
{
    size_t count = (size_t)image->w * (size_t)image->h;
    for (size_t i = 0; i < count; i++) {
        Color c = image->px[i];
        /* 0.2126, 0.7152, 0.0722 in 16 bits; the three add up to 65 536. */
        uint32_t luma = 13933u * ((c >> 16) & 255) + 46871u * ((c >> 8) & 255) + 4732u * (c & 255);
        uint32_t grey = (luma + 32768u) >> 16;
        image->px[i] = (c & 0xFF000000u) | grey * 0x010101u;
    }
    image_touch(image);
}

/* Adds weight × (premultiplied row) to sum, 4 floats a pixel, over columns first … last. */
static void area_add_row(float *sum, const Color *row, int first, int last, float weight)
{
    for (int x = first; x <= last; x++) {
        Color c = row[x];
        float *s = sum + 4 * (size_t)(x - first);
        float a = (float)(c >> 24) * weight;
        s[0] += a;
        s[1] += a * (float)((c >> 16) & 255);
        s[2] += a * (float)((c >> 8) & 255);
        s[3] += a * (float)(c & 255);
    }
}

static Color area_pixel(const float s[4], float weight)
{
    if (!(s[0] > 0) || !(weight > 0))
        return 0;
    float inverse = 1.0f / s[0];
    uint32_t a = (uint32_t)(s[0] / weight + 0.5f);
    uint32_t r = (uint32_t)(s[1] * inverse + 0.5f), g = (uint32_t)(s[2] * inverse + 0.5f);
    uint32_t b = (uint32_t)(s[3] * inverse + 0.5f);
    return (a > 255 ? 255u : a) << 24 | (r > 255 ? 255u : r) << 16 | (g > 255 ? 255u : g) << 8 |
           (b > 255 ? 255u : b);
}

/* Part of the unit cell at `cell` that [lo, hi) covers. */
static float area_overlap(int cell, double lo, double hi)
{
    double a = lo > cell ? lo : cell, b = hi < cell + 1 ? hi : cell + 1;
    return b > a ? (float)(b - a) : 0.0f;
}

/* First and last cell that [lo, hi) touches, inside 0 … count − 1; at least one cell. */
static void area_range(double lo, double hi, int count, int *first, int *last)
{
    double top = (double)count - 1;
    double a = floor(lo), b = ceil(hi) - 1;
    a = a > 0 ? a : 0;
    b = b < top ? b : top;
    *first = (int)(a < top ? a : top);
    *last = (int)(b > (double)*first ? b : (double)*first);
}

bool image_area(Color *out, int stride, int w, int h, const Image *from, double x, double y,
                double dx, double dy, Error *err)
{
    int left, right;
    area_range(x, x + dx * w, from->w, &left, &right);
    size_t columns = (size_t)(right - left) + 1;
    float *sum = mem_array(columns, 4 * sizeof *sum);
    if (!sum)
        return error_memory(err);
    for (int j = 0; j < h; j++) {
        double lo = y + dy * j, hi = y + dy * (j + 1);
        int top, bottom;
        area_range(lo, hi, from->h, &top, &bottom);
        float rows = 0;
        memset(sum, 0, columns * 4 * sizeof *sum);
        for (int v = top; v <= bottom; v++) {
            float weight = top == bottom ? 1.0f : area_overlap(v, lo, hi);
            rows += weight;
            area_add_row(sum, from->px + (size_t)v * (size_t)from->w, left, right, weight);
        }
        for (int i = 0; i < w; i++) {
            double a = x + dx * i, b = x + dx * (i + 1);
            int first, last;
            area_range(a, b, from->w, &first, &last);
            float total[4] = {0, 0, 0, 0}, width = 0;
            for (int u = first; u <= last; u++) {
                float weight = first == last ? 1.0f : area_overlap(u, a, b);
                width += weight;
                for (int k = 0; k < 4; k++)
                    total[k] += weight * sum[4 * (size_t)(u - left) + (size_t)k];
            }
            out[(size_t)j * (size_t)stride + (size_t)i] = area_pixel(total, rows * width);
        }
    }
    mem_free(sum);
    return true;
}

bool image_resize(Image *out, const Image *from, int w, int h, Error *err)
{
    if (!image_init(out, w, h, err))
        return false;
    if (image_area(out->px, w, w, h, from, 0, 0, (double)from->w / w, (double)from->h / h, err))
        return true;
    image_free(out);
    return false;
}
