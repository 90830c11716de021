#include "draw/raster.h"

#include <math.h>
#include <string.h>

/* ---- thick segments ---- */

typedef struct {
    float ax, ay, ux, uy; /* start and unit direction */
    float length, reach;  /* reach: half the width plus half a pixel */
    bool round;
} Stroke;

/* Coverage of the pixel whose centre is (x, y): a ramp of one pixel across the edge. */
static float stroke_cover(const Stroke *k, float x, float y)
{
    float dx = x - k->ax, dy = y - k->ay;
    float along = dx * k->ux + dy * k->uy, across = fabsf(dx * k->uy - dy * k->ux);
    if (k->round) {
        float past = along < 0 ? -along : along > k->length ? along - k->length : 0;
        float distance = past > 0 ? sqrtf(across * across + past * past) : across;
        return clampf(k->reach - distance, 0, 1);
    }
    float to_end = along < k->length - along ? along : k->length - along;
    return clampf(k->reach - across, 0, 1) * clampf(to_end + 0.5f, 0, 1);
}

/* The x range of row y that the stroke can touch. */
static bool stroke_range(const Stroke *k, float y, float *lo, float *hi)
{
    float bx = k->ax + k->ux * k->length, by = k->ay + k->uy * k->length, pad = k->reach + 0.5f;
    float top = k->ay < by ? k->ay : by, bottom = k->ay < by ? by : k->ay;
    if (y < top - pad || y > bottom + pad)
        return false;
    *lo = (k->ax < bx ? k->ax : bx) - pad;
    *hi = (k->ax < bx ? bx : k->ax) + pad;
    if (fabsf(k->uy) > 1e-3f) {
        float centre = k->ax + (y - k->ay) * k->ux / k->uy, half = pad / fabsf(k->uy);
        *lo = centre - half > *lo ? centre - half : *lo;
        *hi = centre + half < *hi ? centre + half : *hi;
    }
    return *hi > *lo;
}

/* Largest coverage of any segment, so that joints and crossings are not painted twice. */
static void stroke_row(const Stroke *k, uint8_t *cover, IRect clip, int y, int *from, int *to)
{
    float lo, hi;
    if (!stroke_range(k, (float)y + 0.5f, &lo, &hi))
        return;
    int x0 = clampi(raster_floor(lo), clip.x, clip.x + clip.w);
    int x1 = clampi(raster_ceil(hi), clip.x, clip.x + clip.w);
    for (int x = x0; x < x1; x++) {
        float c = stroke_cover(k, (float)x + 0.5f, (float)y + 0.5f);
        uint8_t level = (uint8_t)(c * 255.0f + 0.5f);
        if (level > cover[x - clip.x])
            cover[x - clip.x] = level;
    }
    if (x1 > x0) {
        *from = x0 < *from ? x0 : *from;
        *to = x1 > *to ? x1 : *to;
    }
}

static Stroke stroke_make(const Segment *segment, float width, bool round)
{
    float dx = segment->b.x - segment->a.x, dy = segment->b.y - segment->a.y;
    float length = sqrtf(dx * dx + dy * dy);
    Stroke k = {.ax = segment->a.x, .ay = segment->a.y, .ux = 1, .length = length};
    if (length > 0) {
        k.ux = dx / length;
        k.uy = dy / length;
    }
    k.reach = 0.5f * width + 0.5f;
    k.round = round;
    return k;
}

/* Rows that the segments can touch, inside the clip. */
static void segments_rows(const Segment *segments, int count, float pad, IRect clip, int *top,
                          int *bottom)
{
    float lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < count; i++) {
        lo = fminf(lo, fminf(segments[i].a.y, segments[i].b.y));
        hi = fmaxf(hi, fmaxf(segments[i].a.y, segments[i].b.y));
    }
    *top = clampi(raster_floor(lo - pad), clip.y, clip.y + clip.h);
    *bottom = clampi(raster_ceil(hi + pad), clip.y, clip.y + clip.h);
}

void raster_segments(const Surface *s, const Segment *segments, int count, float width, bool round,
                     Color color)
{
    if (!(width > 0) || count < 1 || s->clip.w > IMAGE_MAX_SIDE)
        return;
    if (width < 1) {
        /* Thinner than a pixel: one pixel wide and fainter, which is what the eye sees. */
        color = color_alpha(color, (float)(color >> 24) / 255.0f * width);
        width = 1;
    }
    uint8_t cover[IMAGE_MAX_SIDE];
    int top, bottom;
    segments_rows(segments, count, 0.5f * width + 1, s->clip, &top, &bottom);
    memset(cover, 0, (size_t)s->clip.w);
    for (int y = top; y < bottom; y++) {
        int from = s->clip.x + s->clip.w, to = s->clip.x;
        for (int i = 0; i < count; i++) {
            float a = segments[i].a.y, b = segments[i].b.y, pad = 0.5f * width + 1;
            if ((float)y + 1 < (a < b ? a : b) - pad || (float)y > (a < b ? b : a) + pad)
                continue;
            Stroke k = stroke_make(&segments[i], width, round);
            stroke_row(&k, cover, s->clip, y, &from, &to);
        }
        if (to <= from)
            continue;
        uint8_t *part = cover + (from - s->clip.x);
        raster_mask(s, from, y, to - from, 1, part, color);
        memset(part, 0, (size_t)(to - from));
    }
}

/* ---- convex polygons ---- */

typedef struct {
    float a, b, c; /* a·x + b·y + c = distance to the edge, positive inside */
} Edge;

static int poly_edges(const Vec2 *points, int count, Edge *edges)
{
    float area = 0;
    int n = 0;
    for (int i = 0; i < count; i++) {
        Vec2 p = points[i], q = points[(i + 1) % count];
        area += p.x * q.y - p.y * q.x;
    }
    float side = area < 0 ? -1.0f : 1.0f;
    for (int i = 0; i < count; i++) {
        Vec2 p = points[i], q = points[(i + 1) % count];
        float dx = q.x - p.x, dy = q.y - p.y, length = sqrtf(dx * dx + dy * dy);
        if (!(length > 1e-6f))
            continue;
        float a = -dy / length * side, b = dx / length * side;
        edges[n++] = (Edge){a, b, -(a * p.x + b * p.y)};
    }
    return n;
}

/* The x range of row centre y where every edge is at least `margin` inside. */
static bool poly_range(const Edge *edges, int count, float y, float margin, float *lo, float *hi)
{
    *lo = -1e9f;
    *hi = 1e9f;
    for (int i = 0; i < count; i++) {
        float rest = edges[i].b * y + edges[i].c - margin;
        if (fabsf(edges[i].a) < 1e-6f) {
            if (rest < 0)
                return false;
            continue;
        }
        float x = -rest / edges[i].a;
        if (edges[i].a > 0)
            *lo = x > *lo ? x : *lo;
        else
            *hi = x < *hi ? x : *hi;
    }
    return *hi > *lo;
}

static float poly_cover(const Edge *edges, int count, float x, float y)
{
    float least = 0.5f;
    for (int i = 0; i < count; i++) {
        float d = edges[i].a * x + edges[i].b * y + edges[i].c;
        least = d < least ? d : least;
    }
    return clampf(least + 0.5f, 0, 1);
}

static void poly_row(const Surface *s, const Edge *edges, int count, int y, Color color)
{
    float centre = (float)y + 0.5f, lo, hi;
    IRect clip = s->clip;
    if (!poly_range(edges, count, centre, -0.5f, &lo, &hi))
        return;
    int x0 = clampi(raster_floor(lo - 0.5f), clip.x, clip.x + clip.w);
    int x1 = clampi(raster_ceil(hi + 0.5f), clip.x, clip.x + clip.w);
    int a = x1, b = x1;
    if (poly_range(edges, count, centre, 0.5f, &lo, &hi)) {
        a = clampi(raster_ceil(lo - 0.5f), x0, x1);
        b = clampi(raster_floor(hi - 0.5f) + 1, a, x1);
    }
    Color *row = s->px + (ptrdiff_t)y * s->stride;
    for (int x = x0; x < x1; x++) {
        if (x == a && b > a) {
            raster_fill(s, (IRect){a, y, b - a, 1}, color);
            x = b - 1;
            continue;
        }
        float c = poly_cover(edges, count, (float)x + 0.5f, centre);
        row[x] = raster_cover(row[x], color, (uint32_t)(c * 255.0f + 0.5f));
    }
}

void raster_poly(const Surface *s, const Vec2 *points, int count, Color color)
{
    Edge edges[8];
    float lo = INFINITY, hi = -INFINITY;
    if (count < 3 || count > 8)
        return;
    int n = poly_edges(points, count, edges);
    for (int i = 0; i < count; i++) {
        lo = fminf(lo, points[i].y);
        hi = fmaxf(hi, points[i].y);
    }
    int y0 = clampi(raster_floor(lo - 0.5f), s->clip.y, s->clip.y + s->clip.h);
    int y1 = clampi(raster_ceil(hi + 0.5f), s->clip.y, s->clip.y + s->clip.h);
    for (int y = y0; n >= 3 && y < y1; y++)
        poly_row(s, edges, n, y, color);
}
