#include "draw/marks.h"

#include <math.h>

#define TEXT_BYTES 512
#define HALF_ROOT  0.70710678f /* cos and sin of 45° */

static float snap(const TextKit *kit, float v)
{
    return roundf(v * kit->scale) / kit->scale;
}

Rect mark_token_in(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style,
                   MarkState state, const char *text, bool *cut)
{
    char line[TEXT_BYTES];
    const Theme *theme = kit->theme;
    float unit = theme->unit, size = style->size;
    bool was_cut = text_ellipsis(kit, style->face, size, text, box.w, line, sizeof line);
    float width = text_width(kit, style->face, size, line);
    float part = style->align == ALIGN_LEFT ? 0.0f : style->align == ALIGN_RIGHT ? 1.0f : 0.5f;
    float height = box.h < 20 * unit ? 18 * unit : 20 * unit;
    if (style->size > theme->body) /* larger type stretches its pill */
        height += 1.25f * (style->size - theme->body);
    float left = box.x + part * (box.w - width), pad = 6 * unit;
    Rect pill = {snap(kit, left - pad), snap(kit, box.y + 0.5f * (box.h - height)), 0, height};
    pill.w = snap(kit, left + width + pad) - pill.x;
    if (cut)
        *cut = was_cut;
    if (state == MARK_LOCKED) {
        draw_rect(list, pill, 3 * unit, theme->ink);
    } else if (state == MARK_HOVER) {
        draw_rect(list, pill, 3 * unit, theme->bg);
        draw_frame(list, pill, 3 * unit, 1.5f * unit, theme->ink);
    }
    TextStyle plain = *style;
    plain.align = ALIGN_LEFT;
    plain.rotate = 0;
    if (state != MARK_PLAIN)
        plain.color = state == MARK_LOCKED ? theme->onink : theme->text1;
    if (line[0]) {
        Vec2 pen = vec2(left, text_baseline(kit, box.y, box.h, size));
        size_t length = 0;
        while (line[length])
            length++;
        draw_text(list, pen, &plain, line, length);
    }
    return pill;
}

Rect mark_token(DrawList *list, const TextKit *kit, Rect box, TextAlign align, MarkState state,
                Color color, const char *text)
{
    TextStyle style = {FACE_SANS, kit->theme->body, color, align, 0};
    return mark_token_in(list, kit, box, &style, state, text, NULL);
}

/* A pill turned counter-clockwise: `along` the text, `down` away from it, from the pen. */
typedef struct {
    Vec2 pen, along, down;
} Turned;

static Vec2 turned_at(const Turned *t, float along, float down)
{
    return vec2(t->pen.x + along * t->along.x + down * t->down.x,
                t->pen.y + along * t->along.y + down * t->down.y);
}

/* A filled convex outline with cut corners: at this size they read as round ones. */
static void turned_pill(DrawList *list, const Turned *t, float left, float right, float top,
                        float bottom, float corner, Color color)
{
    const Vec2 points[8] = {
        turned_at(t, left + corner, top),     turned_at(t, right - corner, top),
        turned_at(t, right, top + corner),    turned_at(t, right, bottom - corner),
        turned_at(t, right - corner, bottom), turned_at(t, left + corner, bottom),
        turned_at(t, left, bottom - corner),  turned_at(t, left, top + corner)};
    draw_poly(list, points, 8, color);
}

void mark_token_turned(DrawList *list, const TextKit *kit, Vec2 pen, int degrees, float max_width,
                       MarkState state, Color color, const char *text)
{
    char line[TEXT_BYTES];
    const Theme *theme = kit->theme;
    float unit = theme->unit, size = theme->body;
    text_ellipsis(kit, FACE_SANS, size, text, max_width, line, sizeof line);
    float width = text_width(kit, FACE_SANS, size, line), pad = 6 * unit, half = 10 * unit;
    float middle = -0.36f * size; /* of the letters, above the baseline */
    Turned t = {pen, {1, 0}, {0, 1}};
    if (degrees == 45) {
        t.along = vec2(HALF_ROOT, -HALF_ROOT);
        t.down = vec2(HALF_ROOT, HALF_ROOT);
    } else if (degrees == 90) {
        t.along = vec2(0, -1);
        t.down = vec2(1, 0);
    }
    if (state != MARK_PLAIN) {
        float border = 1.5f * unit;
        turned_pill(list, &t, -pad, width + pad, middle - half, middle + half, 2 * unit,
                    theme->ink);
        if (state == MARK_HOVER)
            turned_pill(list, &t, -pad + border, width + pad - border, middle - half + border,
                        middle + half - border, unit, theme->bg);
        color = state == MARK_LOCKED ? theme->onink : theme->text1;
    }
    size_t length = 0;
    while (line[length])
        length++;
    TextStyle style = {FACE_SANS, size, color, ALIGN_LEFT, degrees};
    if (length)
        draw_text(list, pen, &style, line, length);
}

static Rect grown(Rect r, float d)
{
    return rect_inset(r, -d);
}

void mark_row(DrawList *list, const TextKit *kit, Rect row)
{
    draw_frame(list, grown(row, 3), 0, 1, kit->theme->bg);
    draw_frame(list, grown(row, 2), 2, 2, kit->theme->ink);
}

void mark_cell(DrawList *list, const TextKit *kit, Rect cell)
{
    (void)kit; /* black and white in every theme: one of them shows on any colour */
    if (cell.w >= 14 && cell.h >= 14) /* the cell's own colour stays in sight on both sides */
        cell = rect_inset(cell, 1);
    draw_frame(list, cell, 0, 1, COLOR_RGB(0x000000));
    draw_frame(list, rect_inset(cell, 1), 0, 2, COLOR_RGB(0xFFFFFF));
}

static float mark_size(Rect cell)
{
    return clampf(0.5f * fminf(cell.w, cell.h), 3, 12);
}

void mark_nan(DrawList *list, Rect cell, Color ground)
{
    float d = 0.5f * mark_size(cell), x = cell.x + 0.5f * cell.w, y = cell.y + 0.5f * cell.h;
    draw_rect(list, cell, 0, ground);
    draw_line(list, vec2(x - d, y - d), vec2(x + d, y + d), 1.5f, COLOR_RGB(0xFFFFFF));
    draw_line(list, vec2(x - d, y + d), vec2(x + d, y - d), 1.5f, COLOR_RGB(0xFFFFFF));
}

void mark_infinite(DrawList *list, Rect cell, Color ground, bool up)
{
    float d = 0.5f * mark_size(cell), x = cell.x + 0.5f * cell.w, y = cell.y + 0.5f * cell.h;
    float tip = up ? -d : d;
    draw_rect(list, cell, 0, ground);
    const Vec2 points[3] = {vec2(x, y + tip), vec2(x - d, y - tip), vec2(x + d, y - tip)};
    draw_poly(list, points, 3, COLOR_RGB(0xFFFFFF));
}
