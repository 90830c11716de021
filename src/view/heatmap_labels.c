#include "view/heatmap_parts.h"

#include <math.h>
#include <stdio.h>

#define LABEL_GAP 12.0f /* from the matrix */

const char *heatmap_column_name(const Scene *scene, int col, char buf[TEXT_NUMBER])
{
    if (scene_columns_are_keys(scene))
        return axis_label(scene->keys, col);
    text_count(buf, col);
    return buf;
}

MarkState heatmap_row_state(const Scene *scene, int row)
{
    if (scene_query_locked(scene, row))
        return MARK_LOCKED;
    return row == scene->focus.hover_query ? MARK_HOVER : MARK_PLAIN;
}

MarkState heatmap_col_state(const Scene *scene, int col)
{
    if (!scene_columns_are_keys(scene))
        return MARK_PLAIN;
    if (col == scene->focus.hover_key)
        return MARK_HOVER;
    return col == scene->focus.key ? MARK_LOCKED : MARK_PLAIN;
}

static float row_middle(const HeatmapLayout *l, int row)
{
    return l->matrix.y + (float)(row - l->row0) * l->cell_h + 0.5f * (l->cell_h - l->gap);
}

static float col_middle(const HeatmapLayout *l, int col)
{
    return l->matrix.x + (float)(col - l->col0) * l->cell_w + 0.5f * (l->cell_w - l->gap);
}

Rect heatmap_row_label(const Scene *scene, const HeatmapLayout *l, int row)
{
    float u = scene->kit->theme->unit, h = (l->cell_h >= 20 * u ? 20.0f : 16.0f) * u;
    return rect(l->matrix.x - LABEL_GAP * u - l->label_w, row_middle(l, row) - 0.5f * h, l->label_w,
                h);
}

/* Rows (or columns) that are marked and seen: these are labelled whatever the step, drawn last. */
typedef struct {
    int items[8];
    int count;
} Marked;

static void note_marked(Marked *marked, int index, int first, int seen)
{
    for (int i = 0; i < marked->count; i++)
        if (marked->items[i] == index)
            return;
    if (index >= first && index < first + seen && marked->count < 8)
        marked->items[marked->count++] = index;
}

/* Does a marked label stand within `least` points of this one? */
static bool beside_marked(const Marked *marked, int index, float cell, float least)
{
    for (int i = 0; i < marked->count; i++)
        if (fabsf((float)(marked->items[i] - index)) * cell < least)
            return true;
    return false;
}

static void draw_row_label(const Scene *scene, const HeatmapLayout *l, int row, DrawList *out)
{
    float middle = row_middle(l, row);
    if (middle < l->matrix.y - 0.5f || middle > rect_bottom(l->matrix) + 0.5f)
        return;
    Color color = axis_color(scene->queries, row, scene->kit->theme);
    mark_token(out, scene->kit, heatmap_row_label(scene, l, row), ALIGN_RIGHT,
               heatmap_row_state(scene, row), color, axis_label(scene->queries, row));
}

static void draw_row_labels(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    Marked marked = {.count = 0};
    int step = l->row_label_step, end = l->first_row + l->rows_seen;
    float u = scene->kit->theme->unit;
    note_marked(&marked, scene->focus.query, l->first_row, l->rows_seen);
    note_marked(&marked, scene->focus.hover_query, l->first_row, l->rows_seen);
    for (int row = (l->first_row + step - 1) / step * step; row < end; row += step)
        if (!beside_marked(&marked, row, l->cell_h, step == 1 ? 0.5f * l->cell_h : 18 * u))
            draw_row_label(scene, l, row, out);
    for (int i = 0; i < marked.count; i++)
        draw_row_label(scene, l, marked.items[i], out);
}

static void draw_col_label(const Scene *scene, const HeatmapLayout *l, int col, DrawList *out)
{
    const TextKit *kit = scene->kit;
    float u = kit->theme->unit, x = col_middle(l, col), top = l->matrix.y, width = l->label_long;
    MarkState state = heatmap_col_state(scene, col);
    char buf[TEXT_NUMBER];
    const char *name = heatmap_column_name(scene, col, buf);
    bool keys = scene_columns_are_keys(scene);
    Color color = keys ? axis_color(scene->keys, col, kit->theme) : kit->theme->text1;
    if (x < l->matrix.x - 0.5f || x > rect_right(l->matrix) + 0.5f)
        return;
    if (l->label_turn == 0) {
        float w = l->cell_w - 4 * u;
        mark_token(out, kit, rect(x - 0.5f * w, top - 22 * u, w, 16 * u), ALIGN_CENTER, state,
                   color, name);
        return;
    }
    if (l->label_turn == 45) {
        Vec2 pen = vec2(x + 2 * u, top - 7 * u);
        float room = (rect_right(l->area) - pen.x - 6 * u) * 1.41421356f;
        mark_token_turned(out, kit, pen, 45, fminf(width, room), state, color, name);
    } else {
        Vec2 pen = vec2(x + 0.36f * kit->theme->body, top - 8 * u);
        mark_token_turned(out, kit, pen, 90, width, state, color, name);
    }
    if (state != MARK_PLAIN) /* what the pill belongs to */
        draw_rect(out, rect(roundf(x) - 1, top - 6 * u, 2, 5 * u), 0, kit->theme->ink);
}

static void draw_col_labels(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    Marked marked = {.count = 0};
    int step = l->label_step, end = l->first_col + l->cols_seen;
    float u = scene->kit->theme->unit, near = l->label_turn == 45 ? 22 * u : 18 * u;
    if (scene_columns_are_keys(scene)) {
        note_marked(&marked, scene->focus.key, l->first_col, l->cols_seen);
        note_marked(&marked, scene->focus.hover_key, l->first_col, l->cols_seen);
    }
    for (int col = (l->first_col + step - 1) / step * step; col < end; col += step)
        if (!beside_marked(&marked, col, l->cell_w, step == 1 ? 0.5f * l->cell_w : near))
            draw_col_label(scene, l, col, out);
    for (int i = 0; i < marked.count; i++)
        draw_col_label(scene, l, marked.items[i], out);
}

static void draw_corner_line(const Scene *scene, const HeatmapLayout *l, const char *text, float y,
                             DrawList *out)
{
    const TextKit *kit = scene->kit;
    float u = kit->theme->unit, left = l->area.x + 2 * u, right = l->matrix.x - 24 * u;
    TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text3, ALIGN_RIGHT, 0};
    if (text_width(kit, FACE_SANS, style.size, text) > right - left) /* narrow: to the matrix */
        right = l->matrix.x - 6 * u;
    if (right - left >= 24 * u)
        text_in(out, kit, rect(left, y, right - left, 16 * u), &style, text);
}

void heatmap_corner_words(const Scene *scene, char columns[HEATMAP_CORNER],
                          char rows[HEATMAP_CORNER])
{
    const char *across = scene_columns_are_keys(scene) && scene->keys ? scene->keys->name
                         : scene->stage >= STAGE_CHAIN                ? "dimension"
                         : scene_form(scene) == FORM_GATE             ? "channel"
                         : scene_form(scene) == FORM_FEATURES         ? "feature"
                                                                      : "d";
    const char *down = !scene->queries                  ? "query"
                       : scene_form(scene) != FORM_GATE ? scene->queries->name
                       : scene->queries->image          ? "patch"
                                                        : "position";
    snprintf(columns, HEATMAP_CORNER, "%.120s →", across);
    snprintf(rows, HEATMAP_CORNER, "%.120s ↓", down);
}

/* `key →` over `query ↓`, or the languages. */
static void draw_corner(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    char columns[HEATMAP_CORNER], rows[HEATMAP_CORNER];
    float u = scene->kit->theme->unit;
    if (l->label_h < 34 * u)
        return;
    heatmap_corner_words(scene, columns, rows);
    draw_corner_line(scene, l, columns, l->matrix.y - 40 * u, out);
    draw_corner_line(scene, l, rows, l->matrix.y - 22 * u, out);
}

void heatmap_draw_labels(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    float u = scene->kit->theme->unit;
    draw_group(out, "heatmap-labels");
    if (l->label_w > 12 * u) {
        draw_corner(scene, l, out);
        draw_row_labels(scene, l, out);
    }
    if (l->label_h > 20 * u)
        draw_col_labels(scene, l, out);
    draw_ungroup(out);
}
