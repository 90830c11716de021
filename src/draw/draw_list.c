#include "draw/draw_list.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

void draw_list_init(DrawList *list)
{
    memset(list, 0, sizeof *list);
    arena_init(&list->arena);
}

void draw_list_free(DrawList *list)
{
    if (!list)
        return;
    mem_free(list->items);
    arena_free(&list->arena);
    memset(list, 0, sizeof *list);
}

void draw_list_reset(DrawList *list)
{
    list->count = 0;
    list->failed = false;
    arena_reset(&list->arena);
}

/* ---- appending ---- */

/* The next command, all zero but its kind; NULL once the list has failed. */
static DrawCommand *append(DrawList *list, DrawKind kind)
{
    if (list->failed)
        return NULL;
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 256;
        DrawCommand *items = mem_resize(list->items, cap, sizeof *items);
        if (!items) {
            list->failed = true;
            return NULL;
        }
        list->items = items;
        list->cap = cap;
    }
    DrawCommand *c = &list->items[list->count++];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    return c;
}

/* Takes back the last command: its arena copy could not be made. */
static void append_failed(DrawList *list)
{
    list->count--;
    list->failed = true;
}

void draw_clip(DrawList *list, Rect r)
{
    DrawCommand *c = append(list, DRAW_CLIP);
    if (c)
        c->r = r;
}

void draw_unclip(DrawList *list)
{
    append(list, DRAW_UNCLIP);
}

void draw_rect(DrawList *list, Rect r, float radius, Color color)
{
    DrawCommand *c = append(list, DRAW_RECT);
    if (!c)
        return;
    c->r = r;
    c->radius = radius;
    c->color = color;
}

void draw_frame(DrawList *list, Rect r, float radius, float width, Color color)
{
    DrawCommand *c = append(list, DRAW_FRAME);
    if (!c)
        return;
    c->r = r;
    c->radius = radius;
    c->width = width;
    c->color = color;
}

void draw_line(DrawList *list, Vec2 a, Vec2 b, float width, Color color)
{
    draw_dashed(list, a, b, width, 0, 0, color);
}

void draw_dashed(DrawList *list, Vec2 a, Vec2 b, float width, float on, float off, Color color)
{
    DrawCommand *c = append(list, DRAW_LINE);
    if (!c)
        return;
    c->p0 = a;
    c->p1 = b;
    c->width = width;
    c->color = color;
    c->dash_on = on;
    c->dash_off = off;
}

/* A command with its own copy of the points. */
static DrawCommand *append_points(DrawList *list, DrawKind kind, const Vec2 *points, int count)
{
    DrawCommand *c = append(list, kind);
    if (!c)
        return NULL;
    Vec2 *copy = arena_alloc(&list->arena, (size_t)count, sizeof *copy);
    if (!copy) {
        append_failed(list);
        return NULL;
    }
    memcpy(copy, points, (size_t)count * sizeof *copy);
    c->points = copy;
    c->corners = count;
    return c;
}

void draw_dashed_stroke(DrawList *list, const Vec2 *points, int count, float width, float on,
                        float off, Color color)
{
    if (count < 2)
        return;
    DrawCommand *c = append_points(list, DRAW_LINE, points, count);
    if (!c)
        return;
    c->p0 = points[0];
    c->p1 = points[count - 1];
    c->width = width;
    c->color = color;
    c->dash_on = on;
    c->dash_off = off;
    c->round = on <= 0 || off <= 0;
}

void draw_stroke(DrawList *list, const Vec2 *points, int count, float width, Color color)
{
    draw_dashed_stroke(list, points, count, width, 0, 0, color);
}

void draw_circle(DrawList *list, Vec2 centre, float radius, Color color)
{
    draw_rect(list, rect(centre.x - radius, centre.y - radius, 2 * radius, 2 * radius), radius,
              color);
}

void draw_ring(DrawList *list, Vec2 centre, float radius, float width, Color color)
{
    draw_frame(list, rect(centre.x - radius, centre.y - radius, 2 * radius, 2 * radius), radius,
               width, color);
}

void draw_poly(DrawList *list, const Vec2 *points, int count, Color color)
{
    if (count < 3 || count > DRAW_POLY_CORNERS)
        return;
    DrawCommand *c = append_points(list, DRAW_POLY, points, count);
    if (c)
        c->color = color;
}

void draw_hatch(DrawList *list, Rect r, Color ground, Color strokes)
{
    DrawCommand *c = append(list, DRAW_HATCH);
    if (!c)
        return;
    c->r = r;
    c->color = ground;
    c->color2 = strokes;
}

void draw_ribbons(DrawList *list, const RibbonBatch *batch)
{
    if (batch->count < 1)
        return;
    DrawCommand *c = append(list, DRAW_RIBBONS);
    if (!c)
        return;
    Ribbon *copy = arena_alloc(&list->arena, (size_t)batch->count, sizeof *copy);
    if (!copy) {
        append_failed(list);
        return;
    }
    memcpy(copy, batch->items, (size_t)batch->count * sizeof *copy);
    c->ribbons = *batch;
    c->ribbons.items = copy;
}

void draw_image(DrawList *list, const Image *image, Rect r, Sampling sampling, float opacity)
{
    if (!image || !image->px)
        return;
    DrawCommand *c = append(list, DRAW_IMAGE);
    if (!c)
        return;
    c->r = r;
    c->image = image;
    c->image_stamp = image->stamp;
    c->sampling = sampling;
    c->opacity = opacity;
}

/* Copies text into the arena; false and the command taken back when that fails. */
static bool append_text(DrawList *list, DrawCommand *c, const char *text, size_t length)
{
    c->text = arena_text(&list->arena, text, length);
    c->length = length;
    if (!c->text)
        append_failed(list);
    return c->text != NULL;
}

void draw_text(DrawList *list, Vec2 pen, const TextStyle *style, const char *text, size_t length)
{
    if (length == 0)
        return;
    DrawCommand *c = append(list, DRAW_TEXT);
    if (!c || !append_text(list, c, text, length))
        return;
    c->p0 = pen;
    c->style = *style;
}

void draw_group(DrawList *list, const char *name)
{
    DrawCommand *c = append(list, DRAW_GROUP);
    if (c)
        append_text(list, c, name, strlen(name));
}

void draw_ungroup(DrawList *list)
{
    append(list, DRAW_UNGROUP);
}

/* ---- hash: field by field, because padding bytes have no defined value ---- */

static uint64_t hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 29);
}

static uint64_t hash_pair(uint64_t hash, float a, float b)
{
    uint32_t bits[2];
    memcpy(bits, &a, 4);
    memcpy(bits + 1, &b, 4);
    return hash_word(hash, (uint64_t)bits[0] << 32 | bits[1]);
}

static uint64_t hash_ints(uint64_t hash, uint32_t a, uint32_t b)
{
    return hash_word(hash, (uint64_t)a << 32 | b);
}

static uint64_t hash_ribbons(uint64_t hash, const RibbonBatch *batch)
{
    hash = hash_ints(hash, batch->vertical, (uint32_t)batch->count);
    hash = hash_pair(hash, batch->from, batch->to);
    hash = hash_pair(hash, batch->dash_on, batch->dash_off);
    hash = hash_ints(hash, batch->color, batch->dash_color);
    for (int i = 0; i < batch->count; i++) {
        const Ribbon *r = &batch->items[i];
        hash = hash_pair(hash, r->a0, r->a1);
        hash = hash_pair(hash, r->width, r->alpha);
        hash = hash_ints(hash, (uint32_t)r->query, (uint32_t)r->key);
        hash = hash_pair(hash, r->weight, 0);
    }
    return hash;
}

static uint64_t hash_command(uint64_t hash, const DrawCommand *c)
{
    hash = hash_ints(hash, (uint32_t)c->kind, c->round);
    hash = hash_pair(hash, c->r.x, c->r.y);
    hash = hash_pair(hash, c->r.w, c->r.h);
    hash = hash_pair(hash, c->p0.x, c->p0.y);
    hash = hash_pair(hash, c->p1.x, c->p1.y);
    hash = hash_ints(hash, c->color, c->color2);
    hash = hash_pair(hash, c->width, c->radius);
    hash = hash_pair(hash, c->dash_on, c->dash_off);
    for (int i = 0; i < c->corners; i++)
        hash = hash_pair(hash, c->points[i].x, c->points[i].y);
    if (c->kind == DRAW_TEXT) {
        hash = hash_ints(hash, (uint32_t)c->style.face, (uint32_t)c->style.align);
        hash = hash_ints(hash, c->style.color, (uint32_t)c->style.rotate);
        hash = hash_pair(hash, c->style.size, 0);
    }
    if (c->kind == DRAW_TEXT || c->kind == DRAW_GROUP)
        hash = hash_bytes(hash_word(hash, c->length), c->text, c->length);
    if (c->kind == DRAW_IMAGE) {
        hash = hash_ints(hash, c->image_stamp, (uint32_t)c->sampling);
        hash = hash_pair(hash, c->opacity, 0);
    }
    if (c->kind == DRAW_RIBBONS)
        hash = hash_ribbons(hash, &c->ribbons);
    return hash;
}

uint64_t draw_list_hash(const DrawList *list)
{
    uint64_t hash = hash_word(HASH_SEED, list->count);
    hash = hash_word(hash, list->failed);
    for (size_t i = 0; i < list->count; i++)
        hash = hash_command(hash, &list->items[i]);
    return hash;
}
