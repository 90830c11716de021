#include "draw/svg.h"

#include "base/arena.h"
#include "base/number.h"
#include "draw/ribbons.h"
#include "draw/svg_put.h"
#include "image/png.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HATCHES 16 /* patterns that are remembered; more are written again */

typedef struct Name Name;
struct Name { /* an id in use */
    Name *next;
    const char *text;
};

typedef struct {
    Buf *out;
    const Font *font;
    float scale;
    Error *err;
    Arena arena;
    Name *names;
    int open;  /* <g> that stand open */
    int clips; /* numbered */
    Color hatch[HATCHES][2];
    int hatches;
} Svg;

/* ---- groups and clips: both are <g>, so either ends the innermost ---- */

static bool name_used(const Svg *s, const char *text)
{
    for (const Name *n = s->names; n; n = n->next)
        if (strcmp(n->text, text) == 0)
            return true;
    return false;
}

/* An id made of the group's name: letters, digits, - _ . only, numbered when it was used before.
 * Ids that begin with _ are our own. */
static const char *name_id(Svg *s, const char *text, size_t length)
{
    char id[96], base[64] = "g";
    size_t n = 0;
    for (size_t i = 0; i < length && n + 1 < sizeof base; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        if (n == 0 && !letter)
            base[n++] = 'g';
        base[n++] = letter || other ? c : '-';
        base[n] = '\0';
    }
    snprintf(id, sizeof id, "%s", base);
    for (int i = 2; name_used(s, id); i++)
        snprintf(id, sizeof id, "%s-%d", base, i);
    Name *name = arena_alloc(&s->arena, 1, sizeof *name);
    char *copy = arena_text(&s->arena, id, strlen(id));
    if (!name || !copy)
        return NULL;
    *name = (Name){s->names, copy};
    s->names = name;
    return copy;
}

static bool svg_group(Svg *s, const DrawCommand *c)
{
    const char *id = name_id(s, c->text, c->length);
    if (!id)
        return error_memory(s->err);
    buf_printf(s->out, "<g id=\"%s\">\n", id);
    s->open++;
    return true;
}

static void svg_clip(Svg *s, Rect r)
{
    int id = s->clips++;
    buf_printf(s->out, "<clipPath id=\"_clip%d\"><rect", id);
    svg_put_rect(s->out, r);
    buf_printf(s->out, "/></clipPath>\n<g clip-path=\"url(#_clip%d)\">\n", id);
    s->open++;
}

static void svg_close(Svg *s)
{
    if (s->open > 0) {
        buf_text(s->out, "</g>\n");
        s->open--;
    }
}

/* ---- shapes ---- */

static void svg_rect(Svg *s, const DrawCommand *c)
{
    buf_text(s->out, "<rect");
    svg_put_rect(s->out, c->r);
    if (c->radius > 0)
        svg_put_attribute(s->out, "rx", c->radius);
    svg_put_paint(s->out, "fill", c->color);
    buf_text(s->out, "/>\n");
}

static void svg_frame(Svg *s, const DrawCommand *c)
{
    float inner = c->radius - 0.5f * c->width;
    buf_text(s->out, "<rect");
    svg_put_rect(s->out, rect_inset(c->r, 0.5f * c->width));
    if (inner > 0)
        svg_put_attribute(s->out, "rx", inner);
    buf_text(s->out, " fill=\"none\"");
    svg_put_paint(s->out, "stroke", c->color);
    svg_put_attribute(s->out, "stroke-width", c->width);
    buf_text(s->out, "/>\n");
}

static void put_points(Svg *s, const DrawCommand *c)
{
    buf_text(s->out, " points=\"");
    for (int i = 0; i < c->corners; i++) {
        if (i)
            buf_byte(s->out, ' ');
        svg_put_number(s->out, c->points[i].x);
        buf_byte(s->out, ',');
        svg_put_number(s->out, c->points[i].y);
    }
    buf_byte(s->out, '"');
}

static void put_dash(Svg *s, float on, float off)
{
    if (!(on > 0) || !(off > 0))
        return;
    buf_text(s->out, " stroke-dasharray=\"");
    svg_put_number(s->out, on);
    buf_byte(s->out, ' ');
    svg_put_number(s->out, off);
    buf_byte(s->out, '"');
}

/* The middle of the whole points that the canvas gives to a straight line at scale 1. */
static float crisp(const DrawCommand *c, float at)
{
    float width = c->width;
    if (c->round || width < 1 || width != floorf(width))
        return at;
    return floorf(at - 0.5f * width + 0.5f) + 0.5f * width;
}

static void svg_line(Svg *s, const DrawCommand *c)
{
    if (c->corners > 0) {
        buf_text(s->out, "<polyline");
        put_points(s, c);
        buf_text(s->out, " fill=\"none\"");
    } else {
        buf_text(s->out, "<line");
        bool across = c->p0.y == c->p1.y, down = c->p0.x == c->p1.x;
        svg_put_attribute(s->out, "x1", down ? crisp(c, c->p0.x) : c->p0.x);
        svg_put_attribute(s->out, "y1", across ? crisp(c, c->p0.y) : c->p0.y);
        svg_put_attribute(s->out, "x2", down ? crisp(c, c->p1.x) : c->p1.x);
        svg_put_attribute(s->out, "y2", across ? crisp(c, c->p1.y) : c->p1.y);
    }
    svg_put_paint(s->out, "stroke", c->color);
    svg_put_attribute(s->out, "stroke-width", c->width);
    put_dash(s, c->dash_on, c->dash_off);
    if (c->round)
        buf_text(s->out, " stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    buf_text(s->out, "/>\n");
}

static void svg_poly(Svg *s, const DrawCommand *c)
{
    buf_text(s->out, "<polygon");
    put_points(s, c);
    svg_put_paint(s->out, "fill", c->color);
    buf_text(s->out, "/>\n");
}

static int hatch_known(const Svg *s, const DrawCommand *c)
{
    for (int i = 0; i < s->hatches && i < HATCHES; i++)
        if (s->hatch[i][0] == c->color && s->hatch[i][1] == c->color2)
            return i;
    return -1;
}

static void svg_hatch(Svg *s, const DrawCommand *c)
{
    int id = hatch_known(s, c);
    if (id < 0) {
        id = s->hatches++;
        if (id < HATCHES) {
            s->hatch[id][0] = c->color;
            s->hatch[id][1] = c->color2;
        }
        buf_printf(s->out,
                   "<pattern id=\"_hatch%d\" patternUnits=\"userSpaceOnUse\" width=\"6\" "
                   "height=\"6\"><rect width=\"6\" height=\"6\"",
                   id);
        svg_put_paint(s->out, "fill", c->color);
        /* x + y = 1, 7, 13: where the canvas puts its strokes. */
        buf_text(s->out, "/><path d=\"M-1 2L2 -1M-1 8L8 -1M5 8L8 5\"");
        svg_put_paint(s->out, "stroke", c->color2);
        buf_text(s->out, " stroke-width=\"1\"/></pattern>\n");
    }
    buf_text(s->out, "<rect");
    svg_put_rect(s->out, c->r);
    buf_printf(s->out, " fill=\"url(#_hatch%d)\"/>\n", id);
}

/* ---- ribbons: a smoothstep over a linear run is a cubic Bézier with controls at 1/3 and 2/3 ----
 */

static void put_point(Svg *s, bool vertical, float run, float across)
{
    svg_put_number(s->out, vertical ? across : run);
    buf_byte(s->out, ' ');
    svg_put_number(s->out, vertical ? run : across);
}

static void put_curve(Svg *s, const RibbonBatch *batch, const Ribbon *r)
{
    float third = (batch->to - batch->from) / 3.0f;
    buf_text(s->out, " d=\"M");
    put_point(s, batch->vertical, batch->from, r->a0);
    buf_byte(s->out, 'C');
    put_point(s, batch->vertical, batch->from + third, r->a0);
    buf_byte(s->out, ' ');
    put_point(s, batch->vertical, batch->to - third, r->a1);
    buf_byte(s->out, ' ');
    put_point(s, batch->vertical, batch->to, r->a1);
    buf_byte(s->out, '"');
}

static void put_width(Svg *s, float width, float alpha)
{
    svg_put_attribute(s->out, "stroke-width", width);
    svg_put_attribute(s->out, "stroke-opacity", alpha);
}

static void svg_ribbon(Svg *s, const RibbonBatch *batch, const Ribbon *r)
{
    char weight[NUMBER_TEXT];
    buf_text(s->out, "<path");
    /* A sample in a legend belongs to no pair and is no link. */
    if (r->query >= 0 && r->key >= 0) {
        number_float(weight, r->weight);
        buf_printf(s->out, " class=\"link\" data-q=\"%d\" data-k=\"%d\" data-w=\"%s\"", r->query,
                   r->key, weight);
    }
    put_curve(s, batch, r);
    put_width(s, r->width, clampf(r->alpha, 0, 1));
    buf_text(s->out, "/>\n");
}

static void svg_ribbons(Svg *s, const RibbonBatch *batch)
{
    buf_text(s->out, "<g fill=\"none\"");
    svg_put_paint(s->out, "stroke", batch->color | 0xFF000000u);
    buf_text(s->out, ">\n");
    for (int i = 0; i < batch->count; i++)
        svg_ribbon(s, batch, &batch->items[i]);
    buf_text(s->out, "</g>\n");
    if (!(batch->dash_on > 0) || !(batch->dash_off > 0))
        return;
    buf_text(s->out, "<g fill=\"none\"");
    svg_put_paint(s->out, "stroke", batch->dash_color | 0xFF000000u);
    put_dash(s, batch->dash_on, batch->dash_off);
    buf_text(s->out, ">\n");
    for (int i = 0; i < batch->count; i++) {
        const Ribbon *r = &batch->items[i];
        float alpha = clampf(r->alpha, 0, 1);
        buf_text(s->out, "<path");
        put_curve(s, batch, r);
        put_width(s, r->width * RIBBONS_CORE, alpha * (2.0f - alpha));
        buf_text(s->out, "/>\n");
    }
    buf_text(s->out, "</g>\n");
}

/* ---- images and text ---- */

static bool svg_image(Svg *s, const DrawCommand *c)
{
    Buf png;
    buf_init(&png, BUF_NO_LIMIT);
    if (!png_encode(c->image, &png, s->err)) {
        buf_free(&png);
        return false;
    }
    buf_text(s->out, "<image");
    svg_put_rect(s->out, c->r);
    if (c->opacity < 1)
        svg_put_attribute(s->out, "opacity", clampf(c->opacity, 0, 1));
    buf_text(s->out, " preserveAspectRatio=\"none\"");
    if (c->sampling == SAMPLE_NEAREST)
        buf_text(s->out, " style=\"image-rendering:pixelated\"");
    buf_text(s->out, " xlink:href=\"data:image/png;base64,");
    buf_base64(s->out, png.data, png.size);
    buf_text(s->out, "\"/>\n");
    buf_free(&png);
    return true;
}

static void put_face(Svg *s, FontFace face)
{
    buf_text(s->out, face == FACE_MONO ? " font-family=\"'DejaVu Sans Mono', monospace\""
                                       : " font-family=\"'DejaVu Sans', sans-serif\"");
    if (face == FACE_BOLD)
        buf_text(s->out, " font-weight=\"bold\"");
}

/* `start` is the right end of a right-to-left line, so the anchor is turned round there. */
static void put_anchor(Svg *s, const DrawCommand *c, bool rtl)
{
    if (c->style.align == ALIGN_CENTER)
        buf_text(s->out, " text-anchor=\"middle\"");
    else if ((c->style.align == ALIGN_RIGHT) != rtl)
        buf_text(s->out, " text-anchor=\"end\"");
    if (rtl)
        buf_text(s->out, " direction=\"rtl\" unicode-bidi=\"embed\"");
}

static void svg_text(Svg *s, const DrawCommand *c)
{
    const Font *font = s->font;
    bool rtl = font && font->rtl && font->rtl(font->self, c->text, c->length);
    buf_text(s->out, "<text");
    svg_put_attribute(s->out, "x", c->p0.x);
    svg_put_attribute(s->out, "y", c->p0.y);
    put_face(s, c->style.face);
    svg_put_attribute(s->out, "font-size", c->style.size);
    svg_put_paint(s->out, "fill", c->style.color);
    put_anchor(s, c, rtl);
    if (font) {
        /* Keeps the measured place when the viewer has another font. */
        float width = font_width(font, s->scale, c->style.face, c->style.size, c->text, c->length);
        if (width > 0)
            svg_put_attribute(s->out, "textLength", width);
        buf_text(s->out, " lengthAdjust=\"spacingAndGlyphs\"");
    }
    if (c->style.rotate) {
        buf_printf(s->out, " transform=\"rotate(%d ", -c->style.rotate);
        svg_put_number(s->out, c->p0.x);
        buf_byte(s->out, ' ');
        svg_put_number(s->out, c->p0.y);
        buf_text(s->out, ")\"");
    }
    buf_text(s->out, " xml:space=\"preserve\">");
    svg_put_escaped(s->out, c->text, c->length);
    buf_text(s->out, "</text>\n");
}

static bool svg_command(Svg *s, const DrawCommand *c)
{
    switch (c->kind) {
    case DRAW_CLIP:
        svg_clip(s, c->r);
        return true;
    case DRAW_UNCLIP:
    case DRAW_UNGROUP:
        svg_close(s);
        return true;
    case DRAW_RECT:
        svg_rect(s, c);
        return true;
    case DRAW_FRAME:
        svg_frame(s, c);
        return true;
    case DRAW_LINE:
        svg_line(s, c);
        return true;
    case DRAW_POLY:
        svg_poly(s, c);
        return true;
    case DRAW_HATCH:
        svg_hatch(s, c);
        return true;
    case DRAW_RIBBONS:
        svg_ribbons(s, &c->ribbons);
        return true;
    case DRAW_IMAGE:
        return svg_image(s, c);
    case DRAW_TEXT:
        svg_text(s, c);
        return true;
    case DRAW_GROUP:
        return svg_group(s, c);
    }
    return true;
}

static void svg_head(Svg *s, float width, float height, float scale, Color ground)
{
    buf_text(s->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                     "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\"");
    svg_put_attribute(s->out, "width", width * scale);
    svg_put_attribute(s->out, "height", height * scale);
    buf_text(s->out, " viewBox=\"0 0 ");
    svg_put_number(s->out, width);
    buf_byte(s->out, ' ');
    svg_put_number(s->out, height);
    buf_text(s->out, "\">\n");
    if (ground >> 24 == 0)
        return;
    buf_text(s->out, "<rect");
    svg_put_rect(s->out, rect(0, 0, width, height));
    svg_put_paint(s->out, "fill", ground);
    buf_text(s->out, "/>\n");
}

bool svg_write(Buf *out, const DrawList *list, const Font *font, float width, float height,
               float scale, Color ground, Error *err)
{
    Svg s = {.out = out, .font = font, .scale = scale, .err = err};
    bool ok = true;
    if (list->failed)
        return error_memory(err);
    arena_init(&s.arena);
    svg_head(&s, width, height, scale, ground);
    for (size_t i = 0; ok && i < list->count; i++)
        ok = svg_command(&s, &list->items[i]);
    while (s.open > 0)
        svg_close(&s);
    buf_text(out, "</svg>\n");
    arena_free(&s.arena);
    return ok && buf_ok(out, err);
}
