#include "draw/canvas.h"

#include "base/mem.h"
#include "draw/image_cache.h"
#include "draw/raster.h"
#include "draw/ribbon_cache.h"
#include "draw/text_cache.h"

#include <math.h>
#include <string.h>

#define TEXT_BYTES  (16u << 20) /* masks that are kept */
#define DASH_MOST   20000       /* pieces; a finer pattern is drawn solid */
#define HATCH_PITCH 6           /* points */
#define MANY        500         /* ribbons that are worth waking threads */

struct Canvas {
    TextCache *text;
    ImageCache images;
    RibbonCache ribbons;
    Threads *threads; /* owned; started when many ribbons come for the first time */
    bool threads_tried;
    IRect *clips; /* enclosing clips, innermost last */
    size_t clip_cap;
    Segment *segments; /* of the line being drawn */
    size_t segment_cap;
};

typedef struct {
    Canvas *canvas;
    Surface surface;
    size_t clip_count;
    const Font *font;
    float scale;
    bool whole_scale; /* a whole point is a whole number of pixels */
    Error *err;
} Replay;

Canvas *canvas_new(void)
{
    Canvas *canvas = mem_zero(1, sizeof *canvas);
    if (!canvas)
        return NULL;
    canvas->text = text_cache_new(TEXT_BYTES);
    if (!canvas->text) {
        mem_free(canvas);
        return NULL;
    }
    return canvas;
}

void canvas_free(Canvas *canvas)
{
    if (!canvas)
        return;
    text_cache_free(canvas->text);
    image_cache_free(&canvas->images);
    ribbon_cache_free(&canvas->ribbons);
    threads_stop(canvas->threads);
    mem_free(canvas->clips);
    mem_free(canvas->segments);
    mem_free(canvas);
}

/* ---- points to pixels ---- */

/* An edge that stands on a whole point is layout and must be crisp at any scale; other edges are
 * data and keep their place between pixels. */
static float edge(const Replay *r, float v)
{
    float px = v * r->scale, whole = floorf(px + 0.5f);
    bool layout = !r->whole_scale && fabsf(v - floorf(v + 0.5f)) < 1.0f / 1024;
    return layout || fabsf(px - whole) < 1.0f / 256 ? whole : px;
}

typedef struct {
    float x0, y0, x1, y1;
} Edges;

static bool rect_finite(Rect r)
{
    return isfinite(r.x) && isfinite(r.y) && isfinite(r.w) && isfinite(r.h);
}

/* Snapped edges; a box of a point or more never vanishes at a small scale. */
static Edges rect_edges(const Replay *r, Rect box)
{
    Edges e = {edge(r, box.x), edge(r, box.y), edge(r, rect_right(box)), edge(r, rect_bottom(box))};
    if (e.x1 <= e.x0 && box.w >= 1)
        e.x1 = e.x0 + 1;
    if (e.y1 <= e.y0 && box.h >= 1)
        e.y1 = e.y0 + 1;
    return e;
}

/* A circle is not snapped: its four edges would move apart and make it an egg. */
static Edges shape_edges(const Replay *r, Rect box, float radius)
{
    bool circle = radius > 0 && fabsf(box.w - box.h) < 0.01f && 2 * radius > box.w - 0.01f;
    if (!circle)
        return rect_edges(r, box);
    return (Edges){box.x * r->scale, box.y * r->scale, rect_right(box) * r->scale,
                   rect_bottom(box) * r->scale};
}

/* Whole-point widths become whole pixels, at least one. */
static float stroke_width(const Replay *r, float width)
{
    float px = width * r->scale;
    if (fabsf(width - floorf(width + 0.5f)) > 0.01f || width < 0.5f)
        return px;
    px = floorf(px + 0.5f);
    return px < 1 ? 1 : px;
}

static IRect edges_pixels(Edges e)
{
    int x = raster_round(e.x0), y = raster_round(e.y0);
    int w = raster_round(e.x1) - x, h = raster_round(e.y1) - y;
    return (IRect){x, y, w > 0 ? w : 0, h > 0 ? h : 0};
}

/* ---- commands ---- */

static bool replay_clip(Replay *r, Rect box)
{
    Canvas *canvas = r->canvas;
    if (r->clip_count == canvas->clip_cap) {
        size_t cap = canvas->clip_cap ? canvas->clip_cap * 2 : 16;
        IRect *clips = mem_resize(canvas->clips, cap, sizeof *clips);
        if (!clips)
            return error_memory(r->err);
        canvas->clips = clips;
        canvas->clip_cap = cap;
    }
    canvas->clips[r->clip_count++] = r->surface.clip;
    IRect inner = {0, 0, 0, 0};
    if (rect_finite(box))
        inner = edges_pixels(rect_edges(r, box));
    r->surface.clip = irect_meet(r->surface.clip, inner);
    return true;
}

static void replay_unclip(Replay *r)
{
    if (r->clip_count > 0)
        r->surface.clip = r->canvas->clips[--r->clip_count];
}

static void replay_box(Replay *r, const DrawCommand *c)
{
    if (!rect_finite(c->r) || !isfinite(c->radius))
        return;
    Edges e = shape_edges(r, c->r, c->radius);
    float radius = c->radius * r->scale;
    if (c->kind == DRAW_RECT)
        raster_box(&r->surface, e.x0, e.y0, e.x1, e.y1, radius, c->color);
    else if (isfinite(c->width))
        raster_frame(&r->surface, e.x0, e.y0, e.x1, e.y1, radius, stroke_width(r, c->width),
                     c->color);
}

static void replay_hatch(Replay *r, const DrawCommand *c)
{
    if (!rect_finite(c->r))
        return;
    int pitch = raster_round((float)HATCH_PITCH * r->scale), width = raster_round(r->scale);
    raster_hatch(&r->surface, edges_pixels(rect_edges(r, c->r)), c->color, c->color2,
                 pitch < 3 ? 3 : pitch, width < 1 ? 1 : width);
}

static bool add_segment(Replay *r, size_t *count, Vec2 a, Vec2 b)
{
    Canvas *canvas = r->canvas;
    if (*count == canvas->segment_cap) {
        size_t cap = canvas->segment_cap ? canvas->segment_cap * 2 : 64;
        Segment *segments = mem_resize(canvas->segments, cap, sizeof *segments);
        if (!segments)
            return error_memory(r->err);
        canvas->segments = segments;
        canvas->segment_cap = cap;
    }
    canvas->segments[(*count)++] = (Segment){a, b};
    return true;
}

static Vec2 along(Vec2 a, Vec2 b, float t)
{
    return vec2(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t);
}

/* Cuts a → b into the dashes that fall on it; *phase is the length already walked. */
static bool add_dashes(Replay *r, size_t *count, Vec2 a, Vec2 b, const float dash[2], float *phase)
{
    float length = hypotf(b.x - a.x, b.y - a.y), period = dash[0] + dash[1];
    float start = *phase;
    *phase = fmodf(start + length, period);
    if (!(length > 0))
        return true;
    if (length / period > DASH_MOST)
        return add_segment(r, count, a, b);
    int pieces = (int)(length / period) + 2;
    for (int i = 0; i < pieces; i++) {
        float lo = period * (float)i - start, hi = lo + dash[0];
        lo = lo > 0 ? lo : 0;
        hi = hi < length ? hi : length;
        if (hi > lo && !add_segment(r, count, along(a, b, lo / length), along(a, b, hi / length)))
            return false;
    }
    return true;
}

/* Straight up or along, a whole number of points wide: rows or columns of whole pixels. */
static void snap_segment(Replay *r, const Segment *s, float width, Color color)
{
    bool across = s->a.y == s->b.y;
    float pw = width, middle = across ? s->a.y : s->a.x;
    float lo = floorf(middle - 0.5f * pw + 0.5f);
    float from = across ? fminf(s->a.x, s->b.x) : fminf(s->a.y, s->b.y);
    float to = across ? fmaxf(s->a.x, s->b.x) : fmaxf(s->a.y, s->b.y);
    if (across)
        raster_box(&r->surface, from, lo, to, lo + pw, 0, color);
    else
        raster_box(&r->surface, lo, from, lo + pw, to, 0, color);
}

static bool replay_line(Replay *r, const DrawCommand *c)
{
    size_t count = 0;
    Vec2 ends[2] = {c->p0, c->p1};
    const Vec2 *points = c->corners > 0 ? c->points : ends;
    int corners = c->corners > 0 ? c->corners : 2;
    float dash[2] = {c->dash_on * r->scale, c->dash_off * r->scale}, phase = 0;
    bool dashed = dash[0] > 0 && dash[1] > 0 && isfinite(dash[0] + dash[1]);
    bool straight = corners == 2 && !c->round && (c->p0.x == c->p1.x || c->p0.y == c->p1.y);
    float width = c->width * r->scale, snapped = stroke_width(r, c->width);
    bool snap = straight && snapped == floorf(snapped);
    if (!(width > 0) || !isfinite(width))
        return true;
    for (int i = 0; i + 1 < corners; i++) {
        Vec2 a = vec2(points[i].x * r->scale, points[i].y * r->scale);
        Vec2 b = vec2(points[i + 1].x * r->scale, points[i + 1].y * r->scale);
        if (!isfinite(a.x + a.y) || !isfinite(b.x + b.y))
            continue;
        if (snap) {
            a = vec2(edge(r, points[i].x), edge(r, points[i].y));
            b = vec2(edge(r, points[i + 1].x), edge(r, points[i + 1].y));
        }
        bool ok = dashed ? add_dashes(r, &count, a, b, dash, &phase) : add_segment(r, &count, a, b);
        if (!ok)
            return false;
    }
    if (!snap) {
        raster_segments(&r->surface, r->canvas->segments, (int)count, width, c->round, c->color);
        return true;
    }
    for (size_t i = 0; i < count; i++)
        snap_segment(r, &r->canvas->segments[i], snapped, c->color);
    return true;
}

static void replay_poly(Replay *r, const DrawCommand *c)
{
    Vec2 points[DRAW_POLY_CORNERS];
    int count = c->corners < DRAW_POLY_CORNERS ? c->corners : DRAW_POLY_CORNERS;
    for (int i = 0; i < count; i++) {
        points[i] = vec2(c->points[i].x * r->scale, c->points[i].y * r->scale);
        if (!isfinite(points[i].x + points[i].y))
            return;
    }
    raster_poly(&r->surface, points, count, c->color);
}

static bool replay_image(Replay *r, const DrawCommand *c)
{
    if (!rect_finite(c->r) || !c->image->px)
        return true;
    Rect box = {c->r.x * r->scale, c->r.y * r->scale, c->r.w * r->scale, c->r.h * r->scale};
    return image_cache_draw(&r->canvas->images, &r->surface, c->image, box, (int)c->sampling,
                            c->opacity, r->err);
}

/* False when an upright line stands wholly above or below the clip: it is not even rendered. */
static bool text_near_clip(const Replay *r, const DrawCommand *c, float px)
{
    float y = c->p0.y * r->scale;
    IRect clip = r->surface.clip;
    return c->style.rotate != 0 ||
           (y + 2 * px >= (float)clip.y && y - 2 * px <= (float)clip.y + (float)clip.h);
}

static bool replay_text(Replay *r, const DrawCommand *c)
{
    float px = c->style.size * r->scale, shift = 0;
    if (!r->font || !(px > 0.5f) || px > 2048 || !isfinite(c->p0.x) || !isfinite(c->p0.y) ||
        !text_near_clip(r, c, px))
        return true;
    TextKey key = {c->style.face, px, c->style.rotate, c->text, c->length};
    TextMask mask;
    if (!text_cache_mask(r->canvas->text, r->font, &key, &mask, r->err))
        return false;
    if (mask.w < 1)
        return true;
    if (c->style.align != ALIGN_LEFT)
        shift = c->style.align == ALIGN_CENTER ? 0.5f * mask.advance : mask.advance;
    Vec2 pen = vec2(c->p0.x * r->scale, c->p0.y * r->scale);
    if (c->style.rotate == 90)
        pen.y += shift;
    else if (c->style.rotate == 45)
        pen = vec2(pen.x - 0.70710678f * shift, pen.y + 0.70710678f * shift);
    else
        pen.x -= shift;
    int x = raster_round(pen.x) + mask.left, y = raster_round(pen.y) + mask.top;
    if (mask.rgba)
        raster_color_mask(&r->surface, x, y, mask.w, mask.h, mask.cover, mask.rgba, c->style.color);
    else
        raster_mask(&r->surface, x, y, mask.w, mask.h, mask.cover, c->style.color);
    return true;
}

static void replay_ribbons(Replay *r, const DrawCommand *c)
{
    Canvas *canvas = r->canvas;
    if (c->ribbons.count >= MANY && !canvas->threads_tried) {
        canvas->threads_tried = true;
        canvas->threads = threads_start(0); /* without them all is drawn here */
    }
    canvas->ribbons.threads = c->ribbons.count >= MANY ? canvas->threads : NULL;
    ribbon_cache_draw(&canvas->ribbons, &r->surface, &c->ribbons, r->scale);
}

static bool replay(Replay *r, const DrawCommand *c)
{
    if (c->kind == DRAW_CLIP)
        return replay_clip(r, c->r);
    if (c->kind == DRAW_UNCLIP) {
        replay_unclip(r);
        return true;
    }
    if (r->surface.clip.w == 0 || r->surface.clip.h == 0)
        return true;
    switch (c->kind) {
    case DRAW_RECT:
    case DRAW_FRAME:
        replay_box(r, c);
        return true;
    case DRAW_LINE:
        return replay_line(r, c);
    case DRAW_POLY:
        replay_poly(r, c);
        return true;
    case DRAW_HATCH:
        replay_hatch(r, c);
        return true;
    case DRAW_RIBBONS:
        replay_ribbons(r, c);
        return true;
    case DRAW_IMAGE:
        return replay_image(r, c);
    case DRAW_TEXT:
        return replay_text(r, c);
    case DRAW_CLIP:
    case DRAW_UNCLIP:
    case DRAW_GROUP:
    case DRAW_UNGROUP:
        return true;
    }
    return true;
}

/* Is the whole picture painted over by the first command? Then the ground need not be. */
static bool covers_all(const Replay *r, const DrawList *list, const Image *target)
{
    const DrawCommand *c = list->items;
    if (list->count == 0 || c->kind != DRAW_RECT || c->color >> 24 != 255 || c->radius > 0 ||
        !rect_finite(c->r))
        return false;
    Edges e = rect_edges(r, c->r);
    return e.x0 <= 0 && e.y0 <= 0 && e.x1 >= (float)target->w && e.y1 >= (float)target->h;
}

static void fill_ground(const Image *target, Color ground)
{
    for (int x = 0; x < target->w; x++)
        target->px[x] = ground;
    for (int y = 1; y < target->h; y++)
        memcpy(target->px + (size_t)y * (size_t)target->w, target->px,
               (size_t)target->w * sizeof *target->px);
}

bool canvas_render(Canvas *canvas, Image *target, const DrawList *list, const Font *font,
                   float scale, Color ground, Error *err)
{
    if (!target->px || !(scale > 0) || !isfinite(scale))
        return error_set(err, ERROR_USAGE, "canvas: expected pixels and a scale above 0, found %g",
                         (double)scale);
    IRect all = {0, 0, target->w, target->h};
    Replay r = {.canvas = canvas,
                .surface = {target->px, target->w, all},
                .font = font,
                .scale = scale,
                .whole_scale = scale == floorf(scale),
                .err = err};
    if (!covers_all(&r, list, target))
        fill_ground(target, ground);
    image_touch(target);
    for (size_t i = 0; i < list->count; i++)
        if (!replay(&r, &list->items[i]))
            return false;
    return list->failed ? error_memory(err) : true;
}
