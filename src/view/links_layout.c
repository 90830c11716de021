#include "view/links_parts.h"

#include <math.h>
#include <string.h>

#define GAP_LEAST 14.0f
#define GAP_MOST  22.0f

Scene links_scene(const Scene *scene)
{
    Scene out = *scene;
    out.stage = STAGE_WEIGHTS;
    return out;
}

float links_text_size(const Scene *scene, const LinksLayout *layout)
{
    return layout->horizontal ? scene->kit->theme->title : scene->kit->theme->body;
}

static int axis_count(const Axis *axis)
{
    return axis ? axis->count : 0;
}

/* Most labels (of the first 64) read from the right. */
static bool axis_rtl(const Scene *scene, const Axis *axis)
{
    const Font *font = scene->kit->font;
    int count = axis_count(axis) < 64 ? axis_count(axis) : 64, rtl = 0;
    for (int i = 0; i < count; i++) {
        const char *label = axis_label(axis, i);
        rtl += font->rtl && font->rtl(font->self, label, strlen(label));
    }
    return rtl * 2 > count;
}

/* Natural width of a line of tokens without gaps. */
static float line_width(const Scene *scene, const Axis *axis, float size)
{
    float sum = 0;
    for (int i = 0; i < axis_count(axis); i++)
        sum += text_width(scene->kit, FACE_SANS, size, axis_label(axis, i));
    return sum;
}

static float gap_for(float room, float text, int count)
{
    return count > 1 ? (room - text) / (float)(count - 1) : INFINITY;
}

static void across(LinksLayout *l, const Scene *scene, float scroll)
{
    float u = scene->kit->theme->unit, size = scene->kit->theme->title;
    float pad = 20 * u, room = fmaxf(l->area.w - 2 * pad, 1);
    int n_q = axis_count(scene->queries), n_k = axis_count(scene->keys);
    float q = line_width(scene, scene->queries, size), k = line_width(scene, scene->keys, size);
    float gap = fminf(gap_for(room, q, n_q), gap_for(room, k, n_k));
    l->token_gap = clampf(gap, GAP_LEAST * u, GAP_MOST * u);
    float q_all = q + l->token_gap * (float)(n_q > 0 ? n_q - 1 : 0);
    float k_all = k + l->token_gap * (float)(n_k > 0 ? n_k - 1 : 0);
    l->content = fmaxf(q_all, k_all);
    l->scroll = clampf(scroll, 0, fmaxf(l->content - room, 0));
    l->query_rtl = axis_rtl(scene, scene->queries);
    l->key_rtl = axis_rtl(scene, scene->keys);
    float legend = l->area.h >= 220 * u ? 76 * u : 0;
    l->key_y = roundf(l->area.y + 20 * u);
    l->query_y = roundf(fminf(rect_bottom(l->area) - 28 * u - legend, l->key_y + 360 * u));
    l->query_y = fmaxf(l->query_y, l->key_y + 40 * u);
    l->from = l->key_y + 12 * u;
    l->to = l->query_y - 12 * u;
    if (legend > 0)
        l->legend = rect(l->area.x + pad, l->query_y + 24 * u, room, 60 * u);
}

const char *links_axis_name(const Scene *scene, bool query_axis)
{
    const Axis *axis = query_axis ? scene->queries : scene->keys;
    if (query_axis && scene_form(scene) == FORM_GATE) /* places ask for nothing */
        return axis->image ? "patch" : "position";
    return axis->name;
}

/* Few keys beside many rows are not squeezed to the pitch of these: their labels are read first. */
static float key_pitch(const Scene *scene, float pitch, float room)
{
    float u = scene->kit->theme->unit;
    int n_k = axis_count(scene->keys);
    float least = scene_form(scene) == FORM_GATE ? 44 * u : 18 * u;
    float out = fminf(fmaxf(pitch, least), room / (float)(n_k > 0 ? n_k : 1));
    return fabsf(out - pitch) < 0.02f * pitch ? pitch : out;
}

/* What stands over a column of labels: the column is at least as wide. */
static float name_width(const Scene *scene, const Axis *axis)
{
    if (!axis)
        return 0;
    const char *name = links_axis_name(scene, axis == scene->queries);
    return text_width(scene->kit, FACE_SANS, scene->kit->theme->body, name);
}

static void down(LinksLayout *l, const Scene *scene, float beside_top, float beside_pitch)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, pad = l->area.w >= 220 * u ? 16 * u : 6 * u;
    int n_q = axis_count(scene->queries), n_k = axis_count(scene->keys);
    float legend = l->area.h >= 260 * u && l->area.w >= 120 * u ? 84 * u : 8 * u;
    float head = l->area.h >= 200 * u ? 68 * u : 24 * u;
    float top = beside_pitch > 0 ? beside_top : l->area.y + head;
    float room = fmaxf(rect_bottom(l->area) - legend - top, 1);
    int most = n_q > n_k ? n_q : n_k;
    l->pitch = beside_pitch > 0 ? beside_pitch : fminf(44 * u, room / (float)(most > 0 ? most : 1));
    if (l->pitch * (float)n_q > room + 0.5f) /* a zoomed heatmap beside shows a part only */
        l->pitch = room / (float)n_q;
    l->key_pitch = key_pitch(scene, l->pitch, room);
    l->row_top = top + 0.5f * (l->pitch - 1);
    l->key_top = top + 0.5f * (l->key_pitch - 1);
    float widest = fmaxf(axis_width(scene->queries, scene->kit, FACE_SANS, theme->body),
                         axis_width(scene->keys, scene->kit, FACE_SANS, theme->body));
    float ribbons = fminf(60 * u, 0.4f * l->area.w);
    float label_room = fmaxf(0.5f * (l->area.w - 2 * pad - 24 * u - ribbons), 0);
    widest = fmaxf(widest, name_width(scene, scene->queries));
    widest = fmaxf(widest, name_width(scene, scene->keys));
    l->label_w = fminf(fminf(ceilf(widest) + 1, 160 * u), label_room);
    l->query_x = l->area.x + pad - 1 + l->label_w;
    l->key_x = rect_right(l->area) - pad - l->label_w;
    l->from = l->query_x + 12 * u;
    l->to = l->key_x - 12 * u;
    float bottom = top + fmaxf(l->pitch * (float)n_q, l->key_pitch * (float)n_k);
    if (legend > 60 * u)
        l->legend = rect(l->area.x + pad - 1, bottom + 10 * u, l->area.w - 2 * pad + 1, 64 * u);
}

LinksLayout links_layout(const Scene *scene, Rect area, float beside_top, float beside_pitch,
                         float scroll)
{
    LinksLayout l = {.area = area};
    l.horizontal = scene->lines && scene->lines->layout == LINES_HORIZONTAL;
    if (l.horizontal)
        across(&l, scene, scroll);
    else
        down(&l, scene, beside_top, beside_pitch);
    return l;
}
