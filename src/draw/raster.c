#include "draw/raster.h"

#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define FAR 1000000.0f /* pixels; beyond every picture, inside every int */

Color raster_over(Color dst, Color src, uint32_t alpha)
{
    uint32_t under = raster_div255((dst >> 24) * (255 - alpha));
    uint32_t total = alpha + under;
    if (total == 0)
        return 0;
    Color out = total << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t sum = ((src >> shift) & 255) * alpha + ((dst >> shift) & 255) * under;
        out |= ((sum + total / 2) / total) << shift;
    }
    return out;
}

IRect irect_meet(IRect a, IRect b)
{
    int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    return (IRect){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}

/* Written so that NaN fails every comparison and ends as 0. */
static float tame(float v)
{
    if (v >= FAR)
        return FAR;
    if (v <= -FAR)
        return -FAR;
    return v < 0 || v > 0 ? v : 0;
}

int raster_floor(float v)
{
    return (int)floorf(tame(v));
}

int raster_ceil(float v)
{
    return (int)ceilf(tame(v));
}

int raster_round(float v)
{
    return (int)floorf(tame(v) + 0.5f);
}

/* ---- rows of one colour ---- */

static void row_fill(Color *to, int count, Color color)
{
    int done = count < 16 ? count : 16;
    for (int i = 0; i < done; i++)
        to[i] = color;
    while (done < count) {
        int more = done < count - done ? done : count - done;
        memcpy(to + done, to, (size_t)more * sizeof *to);
        done += more;
    }
}

static void row_blend(Color *to, int count, Color color)
{
    uint32_t alpha = color >> 24;
    for (int i = 0; i < count; i++)
        to[i] = raster_blend(to[i], color, alpha);
}

static void row_span(Color *row, int from, int to, Color color)
{
    if (to <= from)
        return;
    if (color >> 24 == 255)
        row_fill(row + from, to - from, color);
    else
        row_blend(row + from, to - from, color);
}

static Color *row_at(const Surface *s, int y)
{
    return s->px + (ptrdiff_t)y * s->stride;
}

void raster_fill(const Surface *s, IRect r, Color color)
{
    r = irect_meet(r, s->clip);
    if (r.w == 0 || r.h == 0 || color >> 24 == 0)
        return;
    Color *first = row_at(s, r.y) + r.x;
    if (color >> 24 != 255) {
        for (int y = 0; y < r.h; y++)
            row_blend(first + (ptrdiff_t)y * s->stride, r.w, color);
        return;
    }
    row_fill(first, r.w, color);
    for (int y = 1; y < r.h; y++)
        memcpy(first + (ptrdiff_t)y * s->stride, first, (size_t)r.w * sizeof *first);
}

/* ---- boxes ---- */

typedef struct {
    float x0, y0, x1, y1, r;
} Box;

static Box box_make(float x0, float y0, float x1, float y1, float radius)
{
    float half = 0.5f * (x1 - x0 < y1 - y0 ? x1 - x0 : y1 - y0);
    return (Box){x0, y0, x1, y1, clampf(radius, 0, half > 0 ? half : 0)};
}

/* How much of the unit interval around `centre` lies in [lo, hi]. */
static float overlap(float centre, float lo, float hi)
{
    float a = centre - 0.5f > lo ? centre - 0.5f : lo, b = centre + 0.5f < hi ? centre + 0.5f : hi;
    return b > a ? b - a : 0;
}

static float box_cover(const Box *b, float x, float y)
{
    float cx = clampf(x, b->x0 + b->r, b->x1 - b->r), cy = clampf(y, b->y0 + b->r, b->y1 - b->r);
    float dx = x - cx, dy = y - cy;
    if (b->r > 0 && dx != 0 && dy != 0)
        return clampf(b->r + 0.5f - sqrtf(dx * dx + dy * dy), 0, 1);
    return overlap(x, b->x0, b->x1) * overlap(y, b->y0, b->y1);
}

/* The pixels [*from, *to) of row y that are covered wholly for sure; empty: from = to. */
static void box_solid(const Box *b, int y, int *from, int *to)
{
    float centre = (float)y + 0.5f, inset = 0;
    *from = *to = raster_floor(b->x0);
    if ((float)y < b->y0 || (float)y + 1 > b->y1)
        return;
    float dy = centre - clampf(centre, b->y0 + b->r, b->y1 - b->r);
    if (dy != 0) {
        float inner = b->r - 0.5f, square = inner * inner - dy * dy;
        /* Half a pixel more than needed: the pixels left over are computed one by one. */
        inset = inner > 0 && square > 0 ? b->r - sqrtf(square) + 0.5f : b->r + 0.5f;
    }
    int a = raster_ceil(b->x0 + inset), c = raster_floor(b->x1 - inset);
    if (c > a) {
        *from = a;
        *to = c;
    }
}

typedef struct {
    const Surface *s;
    Box outer, inner;
    bool hollow;
    Color color;
} BoxPaint;

static void box_pixels(const BoxPaint *p, int y, int from, int to)
{
    int x1 = p->s->clip.x + p->s->clip.w;
    from = from < p->s->clip.x ? p->s->clip.x : from;
    to = to > x1 ? x1 : to;
    Color *row = row_at(p->s, y);
    for (int x = from; x < to; x++) {
        float cx = (float)x + 0.5f, cy = (float)y + 0.5f;
        float cover = box_cover(&p->outer, cx, cy);
        if (p->hollow)
            cover -= box_cover(&p->inner, cx, cy);
        if (cover > 0)
            row[x] = raster_cover(row[x], p->color, (uint32_t)(cover * 255.0f + 0.5f));
    }
}

static void box_span(const BoxPaint *p, int y, int from, int to)
{
    int x1 = p->s->clip.x + p->s->clip.w;
    from = from < p->s->clip.x ? p->s->clip.x : from;
    to = to > x1 ? x1 : to;
    row_span(row_at(p->s, y), from, to, p->color);
}

static void box_row(const BoxPaint *p, int y)
{
    int left = raster_floor(p->outer.x0), right = raster_ceil(p->outer.x1), from, to;
    bool beside = p->hollow && (float)y + 1 > p->inner.y0 && (float)y < p->inner.y1;
    /* Beside the hole its sure pixels are skipped, else the box's own sure pixels are one span. */
    box_solid(beside ? &p->inner : &p->outer, y, &from, &to);
    if (to <= from) {
        box_pixels(p, y, left, right);
        return;
    }
    box_pixels(p, y, left, from);
    if (!beside)
        box_span(p, y, from, to);
    box_pixels(p, y, to, right);
}

static void box_paint(const BoxPaint *p)
{
    IRect clip = p->s->clip;
    if (p->color >> 24 == 0 || !(p->outer.x1 > p->outer.x0) || !(p->outer.y1 > p->outer.y0))
        return;
    int y0 = raster_floor(p->outer.y0), y1 = raster_ceil(p->outer.y1);
    if (raster_floor(p->outer.x0) >= clip.x + clip.w || raster_ceil(p->outer.x1) <= clip.x)
        return;
    y0 = y0 < clip.y ? clip.y : y0;
    y1 = y1 > clip.y + clip.h ? clip.y + clip.h : y1;
    for (int y = y0; y < y1; y++)
        box_row(p, y);
}

void raster_box(const Surface *s, float x0, float y0, float x1, float y1, float radius, Color color)
{
    bool whole = x0 == floorf(x0) && y0 == floorf(y0) && x1 == floorf(x1) && y1 == floorf(y1);
    if (radius <= 0 && whole) {
        int left = raster_floor(x0), top = raster_floor(y0);
        int w = raster_floor(x1) - left, h = raster_floor(y1) - top;
        if (w > 0 && h > 0)
            raster_fill(s, (IRect){left, top, w, h}, color);
        return;
    }
    BoxPaint paint = {.s = s, .outer = box_make(x0, y0, x1, y1, radius), .color = color};
    box_paint(&paint);
}

void raster_frame(const Surface *s, float x0, float y0, float x1, float y1, float radius,
                  float width, Color color)
{
    BoxPaint paint = {.s = s, .outer = box_make(x0, y0, x1, y1, radius), .color = color};
    if (!(width > 0))
        return;
    float r = paint.outer.r - width;
    paint.inner = box_make(x0 + width, y0 + width, x1 - width, y1 - width, r > 0 ? r : 0);
    paint.hollow = paint.inner.x1 > paint.inner.x0 && paint.inner.y1 > paint.inner.y0;
    box_paint(&paint);
}

void raster_hatch(const Surface *s, IRect r, Color ground, Color strokes, int pitch, int width)
{
    raster_fill(s, r, ground);
    r = irect_meet(r, s->clip);
    for (int y = r.y; y < r.y + r.h; y++) {
        Color *row = row_at(s, y);
        /* The first x whose x + y is a multiple of the pitch, at or before the row's start. */
        int x = r.x - (r.x + y) % pitch, end = r.x + r.w;
        for (; x < end; x += pitch) {
            int from = x < r.x ? r.x : x, to = x + width < end ? x + width : end;
            row_span(row, from, to, strokes);
        }
    }
}

/* ---- masks ---- */

static void mask_row_plain(Color *row, const uint8_t *cover, int count, Color color)
{
    for (int i = 0; i < count; i++)
        if (cover[i])
            row[i] = raster_cover(row[i], color, cover[i]);
}

#if defined(__SSE2__)
/* v/255 rounded, in eight 16-bit lanes. */
static __m128i lanes_div255(__m128i v)
{
    v = _mm_add_epi16(v, _mm_set1_epi16(128));
    return _mm_srli_epi16(_mm_add_epi16(v, _mm_srli_epi16(v, 8)), 8);
}

/* Two pixels, each channel a 16-bit lane, as raster_blend. */
static __m128i lanes_blend(__m128i dst, __m128i src, __m128i alpha)
{
    __m128i rest = _mm_sub_epi16(_mm_set1_epi16(255), alpha);
    return lanes_div255(_mm_add_epi16(_mm_mullo_epi16(src, alpha), _mm_mullo_epi16(dst, rest)));
}

/* Four pixels under the first four lanes of alpha. */
static void mask_four(Color *px, __m128i alpha, __m128i src)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i *at = (__m128i *)(void *)px, dst = _mm_loadu_si128(at);
    __m128i pairs = _mm_unpacklo_epi16(alpha, alpha);
    __m128i lo = lanes_blend(_mm_unpacklo_epi8(dst, zero), src, _mm_unpacklo_epi32(pairs, pairs));
    __m128i hi = lanes_blend(_mm_unpackhi_epi8(dst, zero), src, _mm_unpackhi_epi32(pairs, pairs));
    _mm_storeu_si128(at, _mm_packus_epi16(lo, hi));
}

static bool all_opaque(const Color *px)
{
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)px);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(px + 4));
    return (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(a, b), _mm_set1_epi8(-1))) & 0x8888) ==
           0x8888;
}

/* Eight pixels at a time where the ground is opaque; the same bits as the plain row. */
static void mask_row(Color *row, const uint8_t *cover, int count, Color color)
{
    const __m128i zero = _mm_setzero_si128(), own = _mm_set1_epi16((short)(color >> 24));
    const __m128i src = _mm_unpacklo_epi8(_mm_set1_epi32((int)(color | 0xFF000000u)), zero);
    int i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t eight;
        memcpy(&eight, cover + i, sizeof eight);
        if (eight == 0)
            continue;
        if (!all_opaque(row + i)) {
            mask_row_plain(row + i, cover + i, 8, color);
            continue;
        }
        __m128i part =
            _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)(const void *)(cover + i)), zero);
        __m128i alpha = lanes_div255(_mm_mullo_epi16(part, own));
        mask_four(row + i, alpha, src);
        mask_four(row + i + 4, _mm_srli_si128(alpha, 8), src);
    }
    mask_row_plain(row + i, cover + i, count - i, color);
}
#else
static void mask_row(Color *row, const uint8_t *cover, int count, Color color)
{
    mask_row_plain(row, cover, count, color);
}
#endif

void raster_mask(const Surface *s, int x, int y, int w, int h, const uint8_t *cover, Color color)
{
    IRect r = irect_meet((IRect){x, y, w, h}, s->clip);
    for (int v = r.y; v < r.y + r.h; v++) {
        const uint8_t *from = cover + (ptrdiff_t)(v - y) * w + (r.x - x);
        mask_row(row_at(s, v) + r.x, from, r.w, color);
    }
}

void raster_color_mask(const Surface *s, int x, int y, int w, int h, const uint8_t *cover,
                       const Color *rgba, Color color)
{
    IRect r = irect_meet((IRect){x, y, w, h}, s->clip);
    for (int v = r.y; v < r.y + r.h; v++) {
        Color *row = row_at(s, v);
        for (int u = r.x; u < r.x + r.w; u++) {
            size_t at = (size_t)(v - y) * (size_t)w + (size_t)(u - x);
            if (rgba[at] >> 24)
                row[u] = raster_cover(row[u], rgba[at], color >> 24);
            else if (cover[at])
                row[u] = raster_cover(row[u], color, cover[at]);
        }
    }
}
