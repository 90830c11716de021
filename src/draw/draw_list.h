/* The one drawing vocabulary: views and widgets append commands in points; the canvas, the SVG
 * writer and the trace replay them. Text and ribbons are copied into the list's arena, images are
 * lent until the next reset. Appending never fails visibly: out of memory sets `failed` and later
 * commands are dropped.
 */
#ifndef ATTNSCOPE_DRAW_DRAW_LIST_H
#define ATTNSCOPE_DRAW_DRAW_LIST_H

#include "base/arena.h"
#include "draw/font.h"

/* clang-format off */
typedef enum {
    DRAW_CLIP,    /* r: until the matching DRAW_UNCLIP only inside r (nested: the intersection) */
    DRAW_UNCLIP,
    DRAW_RECT,    /* filled, corner radius */
    DRAW_FRAME,   /* outline of `width` inside r, corner radius */
    DRAW_LINE,    /* p0 to p1, width, dash on/off lengths (0 = solid), round caps and joins when
                     `round`; corners > 0: through all `points`, overlaps painted once */
    DRAW_POLY,    /* filled convex polygon, 3–8 corners */
    DRAW_HATCH,   /* r filled with color, strokes of color2 at 45°, pitch 6, 1 wide, phase fixed
                     to the window */
    DRAW_RIBBONS, /* a batch of smoothstep curves */
    DRAW_IMAGE,   /* the image stretched over r */
    DRAW_TEXT,    /* one line */
    DRAW_GROUP,   /* name: <g id> in SVG, a heading in the trace; until DRAW_UNGROUP */
    DRAW_UNGROUP
} DrawKind;
/* clang-format on */

typedef enum { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT } TextAlign;
typedef enum { SAMPLE_NEAREST, SAMPLE_AREA, SAMPLE_SMOOTH } Sampling;

typedef struct {
    FontFace face;
    float size; /* points */
    Color color;
    TextAlign align; /* which point of the line stands at the given x */
    int rotate;      /* degrees counter-clockwise: 0, 45 or 90, around the given point */
} TextStyle;

/* One curve y = a0 + (a1 − a0)·smoothstep((t − from)/(to − from)), across the batch's direction. */
typedef struct {
    float a0, a1;   /* centre at `from` and at `to` */
    float width;    /* points, ≥ 0 */
    float alpha;    /* 0 … 1 */
    int query, key; /* data-q, data-k; −1 = none */
    float weight;   /* data-w */
} Ribbon;

typedef struct {
    bool vertical;  /* false: runs in x, a is y (vertical token columns); true: runs in y, a is x */
    float from, to; /* where the curves begin and end along the run */
    Color color;    /* hue of the whole batch; ribbons bring their own alpha */
    float dash_on, dash_off; /* core of bg along the run: 0 = solid */
    Color dash_color;
    int count;
    const Ribbon *items;
} RibbonBatch;

#define DRAW_POLY_CORNERS 8

typedef struct {
    DrawKind kind;
    Rect r;
    Vec2 p0, p1;
    Color color, color2;
    float width, radius, dash_on, dash_off;
    bool round;
    int corners;        /* DRAW_POLY, DRAW_LINE */
    const Vec2 *points; /* DRAW_POLY, DRAW_LINE, in the arena */
    TextStyle style;    /* DRAW_TEXT; p0 is the pen point on the baseline */
    const char *text;   /* DRAW_TEXT, DRAW_GROUP; in the arena */
    size_t length;
    const Image *image;   /* DRAW_IMAGE, lent */
    uint32_t image_stamp; /* of the content when it was appended */
    Sampling sampling;
    float opacity;
    RibbonBatch ribbons; /* items in the arena */
} DrawCommand;

typedef struct {
    DrawCommand *items;
    size_t count, cap;
    Arena arena;
    bool failed;
} DrawList;

void draw_list_init(DrawList *list);
void draw_list_free(DrawList *list);
void draw_list_reset(DrawList *list);
/* Equal lists hash equal (images by stamp): the canvas is skipped when the frame hashes as before.
 */
uint64_t draw_list_hash(const DrawList *list);

void draw_clip(DrawList *list, Rect r);
void draw_unclip(DrawList *list);
void draw_rect(DrawList *list, Rect r, float radius, Color color);
void draw_frame(DrawList *list, Rect r, float radius, float width, Color color);
void draw_line(DrawList *list, Vec2 a, Vec2 b, float width, Color color);
void draw_stroke(DrawList *list, const Vec2 *points, int count, float width,
                 Color color); /* round joins */
void draw_dashed(DrawList *list, Vec2 a, Vec2 b, float width, float on, float off, Color color);
void draw_dashed_stroke(DrawList *list, const Vec2 *points, int count, float width, float on,
                        float off, Color color);
void draw_circle(DrawList *list, Vec2 centre, float radius, Color color);
void draw_ring(DrawList *list, Vec2 centre, float radius, float width,
               Color color); /* outer radius */
void draw_poly(DrawList *list, const Vec2 *points, int count, Color color);
void draw_hatch(DrawList *list, Rect r, Color ground, Color strokes);
void draw_ribbons(DrawList *list, const RibbonBatch *batch); /* copies the items */
void draw_image(DrawList *list, const Image *image, Rect r, Sampling sampling, float opacity);
void draw_text(DrawList *list, Vec2 pen, const TextStyle *style, const char *text, size_t length);
void draw_group(DrawList *list, const char *name);
void draw_ungroup(DrawList *list);

#endif
