/* Points and rectangles, in points (1 point = 1 pixel at UI scale 1), y down. */
#ifndef ATTNSCOPE_BASE_GEOM_H
#define ATTNSCOPE_BASE_GEOM_H

#include <stdbool.h>

typedef struct { float x, y; } Vec2;
typedef struct { float x, y, w, h; } Rect;
typedef struct { int x, y, w, h; } IRect;

static inline Vec2 vec2(float x, float y) { return (Vec2){x, y}; }
static inline Rect rect(float x, float y, float w, float h) { return (Rect){x, y, w, h}; }
static inline float rect_right(Rect r) { return r.x + r.w; }
static inline float rect_bottom(Rect r) { return r.y + r.h; }
static inline bool rect_has(Rect r, Vec2 p)
{
    return p.x >= r.x && p.y >= r.y && p.x < r.x + r.w && p.y < r.y + r.h;
}
static inline Rect rect_inset(Rect r, float d)
{
    return (Rect){r.x + d, r.y + d, r.w - 2 * d, r.h - 2 * d};
}
static inline Rect rect_cut_left(Rect *r, float w)
{
    Rect out = {r->x, r->y, w, r->h};
    r->x += w;
    r->w -= w;
    return out;
}
static inline Rect rect_cut_right(Rect *r, float w)
{
    r->w -= w;
    return (Rect){r->x + r->w, r->y, w, r->h};
}
static inline Rect rect_cut_top(Rect *r, float h)
{
    Rect out = {r->x, r->y, r->w, h};
    r->y += h;
    r->h -= h;
    return out;
}
static inline Rect rect_cut_bottom(Rect *r, float h)
{
    r->h -= h;
    return (Rect){r->x, r->y + r->h, r->w, h};
}
static inline Rect rect_meet(Rect a, Rect b)
{
    float x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    float x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    float y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    return (Rect){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}
static inline float clampf(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }
static inline int clampi(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

#endif
