#include "draw/trace.h"

#include "base/hash.h"

#include <math.h>
#include <stdio.h>

typedef struct {
    Buf *out;
    int depth;
} Trace;

/* At most two decimals, no trailing zeros, never "-0": the same in every build. */
static void put_number(Buf *out, float value)
{
    char text[64];
    if (!isfinite(value)) {
        buf_text(out, isnan(value) ? " nan" : value > 0 ? " inf" : " -inf");
        return;
    }
    double v = round((double)value * 100.0) / 100.0;
    int n = snprintf(text, sizeof text, "%.2f", v + 0.0);
    while (n > 0 && text[n - 1] == '0')
        n--;
    if (n > 0 && text[n - 1] == '.')
        n--;
    text[n] = '\0';
    buf_byte(out, ' ');
    buf_text(out, text[0] == '-' && text[1] == '0' && n == 2 ? "0" : text);
}

static void put_numbers(Buf *out, const float *values, int count)
{
    for (int i = 0; i < count; i++)
        put_number(out, values[i]);
}

static void put_rect(Buf *out, Rect r)
{
    put_numbers(out, (float[]){r.x, r.y, r.w, r.h}, 4);
}

static void put_color(Buf *out, Color c)
{
    buf_printf(out, " #%08X", (unsigned)c);
}

static void put_named(Buf *out, const char *name, float value)
{
    buf_printf(out, " %s", name);
    put_number(out, value);
}

static void put_quoted(Buf *out, const char *text, size_t length)
{
    buf_text(out, " \"");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            buf_printf(out, "\\x%02X", c);
        else
            buf_byte(out, (char)c);
    }
    buf_byte(out, '"');
}

static void put_indent(Trace *trace)
{
    for (int i = 0; i < trace->depth; i++)
        buf_text(trace->out, "  ");
}

static void put_points(Buf *out, const DrawCommand *c)
{
    if (c->corners == 0)
        put_numbers(out, (float[]){c->p0.x, c->p0.y, c->p1.x, c->p1.y}, 4);
    for (int i = 0; i < c->corners; i++)
        put_numbers(out, (float[]){c->points[i].x, c->points[i].y}, 2);
}

static void put_dash(Buf *out, float on, float off)
{
    if (on > 0 && off > 0) {
        put_named(out, "dash", on);
        put_number(out, off);
    }
}

static void trace_ribbons(Trace *trace, const RibbonBatch *batch)
{
    Buf *out = trace->out;
    buf_printf(out, "ribbons %d %s", batch->count, batch->vertical ? "vertical" : "horizontal");
    put_number(out, batch->from);
    put_number(out, batch->to);
    put_color(out, batch->color);
    put_dash(out, batch->dash_on, batch->dash_off);
    if (batch->dash_on > 0 && batch->dash_off > 0)
        put_color(out, batch->dash_color);
    for (int i = 0; i < batch->count; i++) {
        const Ribbon *r = &batch->items[i];
        buf_byte(out, '\n');
        put_indent(trace);
        buf_printf(out, "  ribbon %d %d", r->query, r->key);
        put_numbers(out, (float[]){r->a0, r->a1}, 2);
        put_named(out, "width", r->width);
        put_named(out, "alpha", r->alpha);
        put_named(out, "weight", r->weight);
    }
}

static void trace_image(Buf *out, const DrawCommand *c)
{
    static const char *const names[] = {"nearest", "area", "smooth"};
    const Image *image = c->image;
    buf_text(out, "image");
    put_rect(out, c->r);
    buf_printf(out, " %dx%d %s", image->w, image->h, names[c->sampling]);
    if (c->opacity < 1)
        put_named(out, "opacity", c->opacity);
    uint64_t hash = HASH_SEED;
    size_t count = (size_t)image->w * (size_t)image->h;
    for (size_t i = 0; i < count; i++) {
        Color p = image->px[i];
        unsigned char bytes[4] = {(unsigned char)(p >> 24), (unsigned char)(p >> 16),
                                  (unsigned char)(p >> 8), (unsigned char)p};
        hash = hash_bytes(hash, bytes, 4);
    }
    buf_printf(out, " pixels %08x", (unsigned)(hash ^ (hash >> 32)));
}

static void trace_text(Buf *out, const DrawCommand *c)
{
    static const char *const faces[] = {"sans", "bold", "mono"};
    static const char *const aligns[] = {"", " center", " right"};
    buf_text(out, "text");
    put_numbers(out, (float[]){c->p0.x, c->p0.y}, 2);
    put_quoted(out, c->text, c->length);
    buf_printf(out, " %s", c->style.face < FACE_COUNT ? faces[c->style.face] : "?");
    put_number(out, c->style.size);
    put_color(out, c->style.color);
    buf_text(out, aligns[c->style.align]);
    if (c->style.rotate)
        buf_printf(out, " rotate %d", c->style.rotate);
}

static void trace_shape(Buf *out, const DrawCommand *c)
{
    static const char *const names[] = {
        [DRAW_CLIP] = "clip", [DRAW_RECT] = "rect", [DRAW_FRAME] = "frame",
        [DRAW_LINE] = "line", [DRAW_POLY] = "poly", [DRAW_HATCH] = "hatch"};
    buf_text(out, names[c->kind]);
    if (c->kind == DRAW_LINE || c->kind == DRAW_POLY)
        put_points(out, c);
    else
        put_rect(out, c->r);
    if (c->kind == DRAW_CLIP)
        return;
    if (c->radius > 0)
        put_named(out, "radius", c->radius);
    if (c->kind == DRAW_FRAME || c->kind == DRAW_LINE)
        put_named(out, "width", c->width);
    put_color(out, c->color);
    if (c->kind == DRAW_HATCH)
        put_color(out, c->color2);
    put_dash(out, c->dash_on, c->dash_off);
    if (c->round)
        buf_text(out, " round");
}

static void trace_command(Trace *trace, const DrawCommand *c)
{
    Buf *out = trace->out;
    if ((c->kind == DRAW_UNCLIP || c->kind == DRAW_UNGROUP) && trace->depth > 0)
        trace->depth--;
    /* Their lines would say nothing that the indent does not. */
    if (c->kind == DRAW_UNCLIP || c->kind == DRAW_UNGROUP)
        return;
    put_indent(trace);
    switch (c->kind) {
    case DRAW_GROUP:
        buf_text(out, "group");
        put_quoted(out, c->text, c->length);
        trace->depth++;
        break;
    case DRAW_CLIP:
        trace_shape(out, c);
        trace->depth++;
        break;
    case DRAW_RECT:
    case DRAW_FRAME:
    case DRAW_LINE:
    case DRAW_POLY:
    case DRAW_HATCH:
        trace_shape(out, c);
        break;
    case DRAW_RIBBONS:
        trace_ribbons(trace, &c->ribbons);
        break;
    case DRAW_IMAGE:
        trace_image(out, c);
        break;
    case DRAW_TEXT:
        trace_text(out, c);
        break;
    case DRAW_UNCLIP:
    case DRAW_UNGROUP:
        break;
    }
    buf_byte(out, '\n');
}

bool trace_write(Buf *out, const DrawList *list, Error *err)
{
    Trace trace = {.out = out};
    for (size_t i = 0; i < list->count; i++)
        trace_command(&trace, &list->items[i]);
    if (list->failed)
        return error_memory(err);
    return buf_ok(out, err);
}
