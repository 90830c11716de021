#include "view/links_parts.h"

#include "draw/ribbons.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HIT 4.0f /* points from a ribbon's edge that still hit it */

static RibbonBatch batch_of(const LinksLayout *l, const Ribbon *items, int count, Color color)
{
    return (RibbonBatch){.vertical = l->horizontal,
                         .from = l->from,
                         .to = l->to,
                         .color = color,
                         .count = count,
                         .items = items};
}

/* Base first, then the selection, then gold on top: possible links are hollow. */
static void draw_all_ribbons(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                             DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    Color data = scene_data_color(scene);
    draw_group(out, "lines-ribbons");
    RibbonBatch batch =
        batch_of(l, model->base, model->base_count, model->selected ? theme->text3 : data);
    if (batch.count)
        draw_ribbons(out, &batch);
    batch = batch_of(l, model->chosen, model->chosen_count, data);
    if (batch.count)
        draw_ribbons(out, &batch);
    draw_ungroup(out);
    if (!scene->has_gold || model->gold_possible + model->gold_sure == 0)
        return;
    draw_group(out, "lines-gold");
    batch = batch_of(l, model->gold, model->gold_possible, theme->gold);
    if (batch.count)
        draw_ribbons(out, &batch);
    batch = batch_of(l, model->gold + model->gold_possible + model->gold_sure, model->gold_possible,
                     theme->bg);
    if (batch.count)
        draw_ribbons(out, &batch);
    batch = batch_of(l, model->gold + model->gold_possible, model->gold_sure, theme->gold);
    if (batch.count)
        draw_ribbons(out, &batch);
    draw_ungroup(out);
}

/* The box of a token's text. */
static Rect token_box(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                      bool query_axis, int index)
{
    float u = scene->kit->theme->unit, pitch = query_axis ? l->pitch : l->key_pitch;
    float at = query_axis ? model->query_at[index] : model->key_at[index];
    if (l->horizontal) {
        float w = query_axis ? model->query_w[index] : model->key_w[index];
        float y = query_axis ? l->query_y : l->key_y;
        return rect(at - 0.5f * w - 0.5f, y - 10 * u, w + 1, 20 * u);
    }
    float h = pitch >= 20 * u ? 20 * u : 16 * u;
    return rect(query_axis ? l->query_x - l->label_w : l->key_x, at - 0.5f * h, l->label_w, h);
}

static void draw_token(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                       bool query_axis, int index, DrawList *out)
{
    const Axis *axis = query_axis ? scene->queries : scene->keys;
    TextStyle style = {FACE_SANS, links_text_size(scene, l),
                       axis_color(axis, index, scene->kit->theme),
                       l->horizontal ? ALIGN_CENTER
                       : query_axis  ? ALIGN_RIGHT
                                     : ALIGN_LEFT,
                       0};
    Rect box = token_box(model, scene, l, query_axis, index);
    Rect seen = rect_meet(box, l->area);
    if (seen.w > 0 && seen.h > 0)
        mark_token_in(out, scene->kit, box, &style, links_state(scene, query_axis, index),
                      axis_label(axis, index), NULL);
}

static void draw_tokens(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                        bool query_axis, DrawList *out)
{
    int count = (query_axis ? scene->queries : scene->keys)->count, step = 1;
    float u = scene->kit->theme->unit, pitch = query_axis ? l->pitch : l->key_pitch;
    int pointed = query_axis ? scene->focus.hover_query : scene->focus.hover_key;
    int locked = query_axis ? scene->focus.query : scene->focus.key;
    if (!l->horizontal && pitch < 14 * u)
        step = (int)ceilf(14 * u / fmaxf(pitch, 1e-3f));
    float near = step > 1 ? 18 * u : 0;
    for (int i = 0; i < count; i += step) {
        bool hidden = i == pointed || i == locked;
        if (step > 1 && pointed >= 0)
            hidden = hidden || fabsf((float)(i - pointed)) * pitch < near;
        if (step > 1 && locked >= 0)
            hidden = hidden || fabsf((float)(i - locked)) * pitch < near;
        if (!hidden)
            draw_token(model, scene, l, query_axis, i, out);
    }
    if (locked >= 0 && locked < count)
        draw_token(model, scene, l, query_axis, locked, out);
    if (pointed >= 0 && pointed < count && pointed != locked)
        draw_token(model, scene, l, query_axis, pointed, out);
}

/* What stands over the two columns. */
static void draw_heads(const Scene *scene, const LinksLayout *l, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, y = l->row_top - 0.5f * (l->pitch - 1) - 22 * u;
    TextStyle style = {FACE_SANS, theme->body, theme->text3, ALIGN_RIGHT, 0};
    if (y < l->area.y)
        return;
    float w = fmaxf(l->label_w, fminf(60 * u, 0.3f * l->area.w));
    text_in(out, scene->kit,
            rect(l->query_x - fminf(w, l->query_x - l->area.x), y, fminf(w, l->query_x - l->area.x),
                 16 * u),
            &style, links_axis_name(scene, true));
    style.align = ALIGN_LEFT;
    text_in(out, scene->kit, rect(l->key_x, y, fminf(w, rect_right(l->area) - l->key_x), 16 * u),
            &style, links_axis_name(scene, false));
}

static void sample_text(const Scene *scene, float part, char out[TEXT_NUMBER])
{
    float lo, hi;
    scene_range(scene, -1, &lo, &hi);
    if (scene->color && scene->color->range == RANGE_ROW)
        snprintf(out, TEXT_NUMBER, "%d\u2009%%", (int)lroundf(part * 100));
    else
        text_weight_cell(out, (double)(hi * part));
}

/* Three ribbons with the weights they stand for. */
static void draw_samples(const Scene *scene, const LinksLayout *l, DrawList *out)
{
    static const float parts[3] = {1.0f, 0.5f, 0.1f};
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, right = rect_right(l->legend), x = right - 88 * u;
    for (int i = 0; i < 3; i++) {
        float y = l->legend.y + (10 + 20 * (float)i) * u;
        char text[TEXT_NUMBER];
        Ribbon sample = {.a0 = y,
                         .a1 = y,
                         .width = links_width(scene, parts[i]),
                         .alpha = links_alpha(parts[i], true, true),
                         .query = -1,
                         .key = -1};
        RibbonBatch batch = {.from = x,
                             .to = x + 40 * u,
                             .color = scene_data_color(scene),
                             .count = 1,
                             .items = &sample};
        draw_ribbons(out, &batch);
        sample_text(scene, parts[i], text);
        TextStyle style = {FACE_MONO, theme->body, theme->text2, ALIGN_RIGHT, 0};
        text_in(out, scene->kit, rect(x + 44 * u, y - 8 * u, 44 * u, 16 * u), &style, text);
    }
}

/* One statement of the legend, on two lines where the column is narrow; false below the room. */
static bool legend_line(const Scene *scene, const LinksLayout *l, Rect *at, const char *text,
                        Color color, DrawList *out)
{
    float line = 16 * scene->kit->theme->unit;
    TextStyle style = {FACE_SANS, scene->kit->theme->body, color, ALIGN_LEFT, 0};
    float u = scene->kit->theme->unit, room = rect_bottom(l->area) + 1 - at->y;
    if (room < line)
        return false;
    if (at->y >= l->legend.y + 56 * u)
        at->w = l->legend.w; /* below the samples */
    int lines = text_wrapped(out, scene->kit, *at, &style, line, room < 2 * line ? 1 : 2, text);
    at->y += line * (float)lines + 2 * u;
    return true;
}

static void draw_legend(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                        DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[160], kept[TEXT_NUMBER], all[TEXT_NUMBER];
    float u = theme->unit, left = l->legend.w;
    if (l->legend.h <= 0)
        return;
    draw_group(out, "lines-legend");
    if (l->legend.w >= 210 * u) {
        draw_samples(scene, l, out);
        left -= 96 * u;
    }
    text_count(kept, scene_tiled(scene) ? model->extra_count : model->count);
    text_count(all, model->pairs);
    if (scene_tiled(scene) && model->extra_count == 0)
        snprintf(text, sizeof text, "links of a row: point at a query, or select it");
    else if (scene_tiled(scene))
        snprintf(text, sizeof text, "%s link%s of the selected rows", kept,
                 model->extra_count == 1 ? "" : "s");
    else
        snprintf(text, sizeof text, "%s of %s link%s", kept, all, model->pairs == 1 ? "" : "s");
    Rect line = {l->legend.x, l->legend.y + 2 * u, left, 32 * u};
    bool room = legend_line(scene, l, &line, text, theme->text2, out);
    snprintf(text, sizeof text, "kept mass %.4g\u2009%%", 100 * fmin(scene->lines->mass, 1));
    room = room && legend_line(scene, l, &line, text, theme->text3, out);
    if (room && scene->lines->threshold > 0) {
        text_weight(kept, scene->lines->threshold);
        snprintf(text, sizeof text, "weights from %s", kept);
        room = legend_line(scene, l, &line, text, theme->text3, out);
    }
    if (room && model->cut) {
        snprintf(text, sizeof text, "the %d heaviest of each row", model->row_most);
        legend_line(scene, l, &line, text, theme->text3, out);
    }
    draw_ungroup(out);
}

static void draw_empty(const Scene *scene, const LinksLayout *l, const char *why, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    TextStyle style = {FACE_SANS, theme->body, theme->text2, ALIGN_CENTER, 0};
    Rect box = rect_inset(l->area, 16 * theme->unit);
    box.y += 0.45f * box.h;
    if (box.w > 0)
        text_wrapped(out, scene->kit, box, &style, 16 * theme->unit, 3, why);
}

void links_draw(const LinkModel *model, const Scene *given, const LinksLayout *l, DrawList *out)
{
    Scene scene = links_scene(given);
    draw_group(out, "lines");
    if (scene_absent(&scene) || model->ribbons_key == 0) {
        const char *why = scene_absent(&scene);
        draw_empty(&scene, l, why ? why : "no tokens", out);
        draw_ungroup(out);
        return;
    }
    draw_clip(out, l->area);
    draw_all_ribbons(model, &scene, l, out);
    draw_group(out, "lines-labels");
    if (!l->horizontal)
        draw_heads(&scene, l, out);
    draw_tokens(model, &scene, l, true, out);
    draw_tokens(model, &scene, l, false, out);
    draw_ungroup(out);
    draw_legend(model, &scene, l, out);
    draw_unclip(out);
    draw_ungroup(out);
}

/* Index of the token whose place along a line holds `at`, −1 = none. */
static int token_under(const float *centres, const float *widths, int count, float at, float reach)
{
    for (int i = 0; i < count; i++)
        if (fabsf(centres[i] - at) <= 0.5f * widths[i] + reach)
            return i;
    return -1;
}

static Probe probe_token(const LinkModel *model, const Scene *scene, const LinksLayout *l,
                         bool query_axis, int index)
{
    Probe probe = probe_none();
    const char *label = axis_label(query_axis ? scene->queries : scene->keys, index);
    *(query_axis ? &probe.query : &probe.key) = index;
    probe.rect = token_box(model, scene, l, query_axis, index);
    float w = text_width(scene->kit, FACE_SANS, links_text_size(scene, l), label);
    if (!l->horizontal && w > l->label_w + 0.01f)
        probe.tip = label;
    return probe;
}

static Probe probe_labels(const LinkModel *model, const Scene *scene, const LinksLayout *l, Vec2 at)
{
    float u = scene->kit->theme->unit;
    if (l->horizontal) {
        for (int query_axis = 0; query_axis < 2; query_axis++) {
            float y = query_axis ? l->query_y : l->key_y;
            if (fabsf(at.y - y) > 12 * u)
                continue;
            int index = token_under(query_axis ? model->query_at : model->key_at,
                                    query_axis ? model->query_w : model->key_w,
                                    (query_axis ? scene->queries : scene->keys)->count, at.x,
                                    0.5f * l->token_gap);
            if (index >= 0)
                return probe_token(model, scene, l, query_axis != 0, index);
        }
        return probe_none();
    }
    bool query_axis = at.x < l->from;
    if (!query_axis && at.x < l->to)
        return probe_none();
    float top = query_axis ? l->row_top : l->key_top, pitch = query_axis ? l->pitch : l->key_pitch;
    int count = (query_axis ? scene->queries : scene->keys)->count;
    int index = (int)floorf((at.y - top) / pitch + 0.5f);
    if (index < 0 || index >= count)
        return probe_none();
    return probe_token(model, scene, l, query_axis, index);
}

static const Ribbon *nearest(const RibbonBatch *batch, Vec2 at, const Ribbon *best, float *least)
{
    for (int i = 0; i < batch->count; i++) {
        const Ribbon *r = &batch->items[i];
        float d = fmaxf(ribbon_distance(batch, r, at) - 0.5f * r->width, 0);
        if (d < *least || (best && d == *least && r->weight > best->weight)) {
            *least = d;
            best = r;
        }
    }
    return best;
}

Probe links_probe(const LinkModel *model, const Scene *given, const LinksLayout *l, Vec2 at)
{
    Scene scene = links_scene(given);
    Probe probe = probe_none();
    if (model->ribbons_key == 0 || !rect_has(l->area, at))
        return probe;
    probe = probe_labels(model, &scene, l, at);
    if (probe.query >= 0 || probe.key >= 0)
        return probe;
    float least = HIT;
    RibbonBatch batch = batch_of(l, model->chosen, model->chosen_count, 0);
    const Ribbon *hit = nearest(&batch, at, NULL, &least);
    batch = batch_of(l, model->base, model->base_count, 0);
    hit = nearest(&batch, at, hit, &least);
    if (hit) {
        probe.query = hit->query;
        probe.key = hit->key;
        probe.rect = rect(at.x - 4, at.y - 4, 8, 8);
    }
    return probe;
}
