#include "view/response.h"

#include <math.h>
#include <stdio.h>

#define PITCH   16.0f
#define CAPTION 26.0f /* the words and the air below them */

enum { LABEL = 68, VALUE = 52 };

float response_height(const TextKit *kit, int n_k)
{
    int lines = n_k < RESPONSE_LINES ? n_k : RESPONSE_LINES;
    return ceilf((CAPTION + PITCH * (float)lines) * kit->theme->unit);
}

void response_number(char out[TEXT_NUMBER], double change)
{
    char digits[TEXT_NUMBER];
    double size = fabs(change);
    if (change == 0 || isnan(change)) {
        text_weight(out, change);
        return;
    }
    if (size < 10)
        text_weight(digits, size);
    else if (size < 1000)
        text_fixed(digits, size, 1);
    else
        snprintf(digits, sizeof digits, "%.0e", size); /* entmax of a large α is that steep */
    snprintf(out, TEXT_NUMBER, "%s%.40s", change < 0 ? "\u2212" : "+", digits);
}

Color response_color(const Theme *theme, bool more)
{
    float off = theme->dark ? 0.25f : 0.375f; /* from the pale middle */
    return colormap_at(colormap(COLORMAP_BLUE_ORANGE), more ? 0.5f + off : 0.5f - off);
}

/* Does key a come before key b by size? Equal ones by index. */
static bool larger(const Response *r, int a, int b)
{
    double x = fabs(r->change[a]), y = fabs(r->change[b]);
    return x > y || (x == y && a < b);
}

/* The `most` largest changes, in order of size. */
static void choose(ResponseLayout *l, const Response *r, int most)
{
    for (int j = 0; j < r->n_k; j++) {
        if ((r->masked && r->masked[j]) || most == 0)
            continue;
        if (l->shown == most && !larger(r, j, l->order[most - 1]))
            continue;
        int at = l->shown < most ? l->shown++ : most - 1;
        for (; at > 0 && larger(r, j, l->order[at - 1]); at--)
            l->order[at] = l->order[at - 1];
        l->order[at] = j;
    }
}

static void by_key(ResponseLayout *l)
{
    for (int i = 1; i < l->shown; i++)
        for (int at = i; at > 0 && l->order[at] < l->order[at - 1]; at--) {
            int swap = l->order[at];
            l->order[at] = l->order[at - 1];
            l->order[at - 1] = swap;
        }
}

ResponseLayout response_layout(const TextKit *kit, const Response *r, Rect area)
{
    float u = kit->theme->unit;
    ResponseLayout l = {.area = area, .right = rect_right(area), .pitch = PITCH * u};
    int keys = 0, lines = (int)floorf((area.h - CAPTION * u) / l.pitch + 0.01f);
    double all = 0;
    lines = lines < 0 ? 0 : lines < RESPONSE_LINES ? lines : RESPONSE_LINES;
    l.caption = area.y + 8 * u;
    l.top = area.y + CAPTION * u;
    l.label_w = fminf(LABEL * u, 0.32f * area.w);
    float left = area.x + l.label_w + 9 * u, room = l.right - VALUE * u - left;
    l.half = fmaxf(floorf(room / 2) - 1, 0);
    l.axis = roundf(left + room / 2);
    for (int j = 0; j < r->n_k; j++) {
        if (r->masked && r->masked[j])
            continue;
        all += r->change[j];
        keys++;
    }
    if (room < 20 * u) /* too narrow for bars */
        lines = 0;
    choose(&l, r, keys <= lines ? lines : lines > 1 ? lines - 1 : 0);
    l.most = l.shown > 0 ? fabs(r->change[l.order[0]]) : 0;
    l.hidden = keys - l.shown;
    l.rest = all;
    for (int i = 0; i < l.shown; i++)
        l.rest -= r->change[l.order[i]];
    /* What is left of a sum that is 0 but for its rounding is 0. */
    if (fabs(l.rest) < 1e-15 * (double)keys * l.most)
        l.rest = 0;
    if (!r->sorted)
        by_key(&l);
    return l;
}

static void draw_caption(const TextKit *kit, const Response *r, const ResponseLayout *l,
                         DrawList *out)
{
    static const char BEFORE[] = "per unit of scaled score on";
    const Theme *t = kit->theme;
    const char *label = axis_label(r->keys, r->key);
    float u = t->unit, x = l->area.x, y = l->caption - 8 * u, gap = 8 * u;
    float before = text_width(kit, FACE_SANS, t->body, BEFORE);
    float room = l->right - x - before - gap - 8 * u;
    float token = fminf(text_width(kit, FACE_SANS, t->body, label), fmaxf(room, 0)) + 1;
    text_label(out, kit, rect(x, y, before + 1, 16 * u), BEFORE, t->text2);
    x += before + gap + (r->locked ? 4 * u : -2 * u);
    mark_token(out, kit, rect(x, y, token, 16 * u), ALIGN_LEFT,
               r->locked            ? MARK_LOCKED
               : r->hover == r->key ? MARK_HOVER
                                    : MARK_PLAIN,
               t->text1, label);
}

static void draw_bar(const TextKit *kit, const Response *r, const ResponseLayout *l, int at,
                     DrawList *out)
{
    const Theme *t = kit->theme;
    char text[TEXT_NUMBER];
    int key = l->order[at];
    float u = t->unit, middle = l->top + ((float)at + 0.5f) * l->pitch;
    double change = r->change[key];
    bool pointed = key == r->hover;
    Rect label = {l->area.x, middle - 8 * u, l->label_w, 16 * u};
    mark_token(out, kit, label, ALIGN_RIGHT,
               pointed                      ? MARK_HOVER
               : key == r->key && r->locked ? MARK_LOCKED
                                            : MARK_PLAIN,
               t->text1, axis_label(r->keys, key));
    if (change != 0 && l->most > 0) {
        float w = fmaxf((float)(fabs(change) / l->most) * l->half, 1);
        Rect bar = {change > 0 ? l->axis + 1 : l->axis - w, middle - 5 * u, w, 10 * u};
        draw_rect(out, bar, 0, color_alpha(response_color(t, change > 0), r->old ? 0.4f : 1));
    }
    response_number(text, change);
    Color ink = r->old ? t->dis : pointed ? t->text1 : t->text2;
    TextStyle mono = {FACE_MONO, t->body, ink, ALIGN_RIGHT, 0};
    text_in(out, kit, rect(l->right - VALUE * u, middle - 8 * u, VALUE * u, 16 * u), &mono, text);
}

void response_draw(const TextKit *kit, const Response *r, const ResponseLayout *l, DrawList *out)
{
    const Theme *t = kit->theme;
    float u = t->unit, bottom = l->top + (float)l->shown * l->pitch;
    if (l->area.w < 20 * u)
        return;
    draw_group(out, "response");
    draw_caption(kit, r, l, out);
    for (int i = 0; i < l->shown; i++)
        draw_bar(kit, r, l, i, out);
    if (l->shown > 0)
        draw_rect(out, rect(l->axis, l->top, 1, bottom - l->top), 0, t->line3);
    if (l->hidden > 0 && bottom + l->pitch <= rect_bottom(l->area) + 1) {
        char text[128], count[TEXT_NUMBER], rest[TEXT_NUMBER];
        TextStyle style = {FACE_SANS, t->body, t->text3, ALIGN_RIGHT, 0};
        text_count(count, l->hidden);
        response_number(rest, l->rest);
        snprintf(text, sizeof text, "%s more, together %s", count, rest);
        text_in(out, kit, rect(l->area.x, bottom, l->area.w, 16 * u), &style, text);
    }
    draw_ungroup(out);
}

int response_probe(const ResponseLayout *l, Vec2 at)
{
    int line = (int)floorf((at.y - l->top) / l->pitch);
    return rect_has(l->area, at) && at.y >= l->top && line < l->shown ? l->order[line] : -1;
}
