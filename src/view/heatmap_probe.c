#include "view/heatmap_parts.h"

#include <math.h>

/* The cell that a place along an axis belongs to; the exact inverse of heatmap_cell. */
static int cell_under(float at, float start, float cell, double from, int count)
{
    int index = (int)floor(from + (double)(at - start) / (double)cell);
    return clampi(index, 0, count - 1);
}

static const char *cut_tip(const Scene *scene, const char *label, float room)
{
    float w = text_width(scene->kit, FACE_SANS, scene->kit->theme->body, label);
    return w > room + 0.01f ? label : NULL;
}

/* What a label says when pointed at: that its word is unknown, or all of it where it is cut. */
static const char *label_tip(const Scene *scene, const Axis *axis, int index, float room)
{
    if (axis && axis->unknown && index < axis->count && axis->unknown[index])
        return "not in the vocabulary";
    return cut_tip(scene, axis_label(axis, index), room);
}

/* How far a column label has run to the right at this height. */
static float label_lean(const Scene *scene, const HeatmapLayout *l, float y)
{
    float u = scene->kit->theme->unit;
    return l->label_turn == 45 ? fmaxf(l->matrix.y - 4 * u - y, 0) : 0;
}

static Probe probe_column(const Scene *scene, const HeatmapLayout *l, Vec2 at, Rect zone)
{
    Probe probe = probe_none();
    float x = at.x - label_lean(scene, l, at.y);
    if (x < l->matrix.x || x >= rect_right(l->matrix) || !scene_columns_are_keys(scene))
        return probe;
    probe.key = cell_under(x, l->matrix.x, l->cell_w, l->col0, l->cols);
    probe.rect = heatmap_cell(l, 0, probe.key);
    probe.rect.y = zone.y;
    probe.rect.h = zone.h;
    return probe;
}

Probe heatmap_probe(const Scene *scene, const HeatmapLayout *l, Vec2 at)
{
    Probe probe = probe_none();
    if (l->rows <= 0 || l->cols <= 0)
        return probe;
    bool down = at.y >= l->matrix.y && at.y < rect_bottom(l->matrix);
    int row = cell_under(at.y, l->matrix.y, l->cell_h, l->row0, l->rows);
    if (rect_has(l->matrix, at)) {
        int col = cell_under(at.x, l->matrix.x, l->cell_w, l->col0, l->cols);
        probe.query = row;
        probe.key = scene_columns_are_keys(scene) ? col : -1;
        probe.rect = heatmap_cell(l, row, col);
    } else if (down && at.x >= l->area.x && at.x < l->matrix.x && l->label_w > 0) {
        probe.query = row;
        probe.rect = heatmap_row_label(scene, l, row);
        probe.tip = label_tip(scene, scene->queries, row, l->label_w);
    } else if (down && l->entropy.w > 0 && at.x >= l->entropy.x && at.x < rect_right(l->entropy)) {
        probe.query = row;
        probe.rect = heatmap_cell(l, row, l->first_col);
        probe.rect.x = l->entropy.x;
        probe.rect.w = l->entropy.w;
    } else if (at.y < l->matrix.y && at.y >= l->area.y && l->label_h > 0) {
        probe = probe_column(scene, l, at, rect(0, l->area.y, 0, l->label_h));
        if (probe.key >= 0)
            probe.tip = label_tip(scene, scene->keys, probe.key, l->label_long);
    } else if (l->received.w > 0 && rect_has(l->received, at)) {
        probe = probe_column(scene, l, at, l->received);
    }
    return probe;
}
