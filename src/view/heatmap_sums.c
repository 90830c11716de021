#include "view/heatmap_parts.h"

#include <math.h>
#include <stdio.h>

/* Entropy of the rows from … to−1: their mean, NaN when none has one. */
static double entropy_of(const Scene *scene, int from, int to)
{
    double sum = 0;
    int count = 0;
    for (int row = from; row < to; row++) {
        if (scene->result->tiles && !tiles_row_fresh(scene->result->tiles, row))
            continue;
        double h = scene->result->rows[row].entropy;
        if (isfinite(h)) {
            sum += h;
            count++;
        }
    }
    return count ? sum / count : (double)NAN;
}

static void draw_entropy(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, least = 2 / scene->kit->scale;
    TextStyle style = {FACE_SANS, theme->body, theme->text3, ALIGN_LEFT, 0};
    Rect head = {l->entropy.x + 1, l->matrix.y - 22 * u, rect_right(l->area) - l->entropy.x - 1,
                 16 * u};
    double full = scene->result->n_k > 1 ? log2((double)scene->result->n_k) : 1;
    int step = l->cell_h >= least ? 1 : (int)ceilf(least / l->cell_h);
    draw_group(out, "heatmap-entropy");
    text_in(out, scene->kit, head, &style, "entropy");
    draw_rect(out, rect(l->entropy.x, l->matrix.y, 1, l->matrix.h), 0, theme->line3);
    for (int row = l->first_row; row < l->first_row + l->rows_seen; row += step) {
        int end =
            row + step < l->first_row + l->rows_seen ? row + step : l->first_row + l->rows_seen;
        double h = entropy_of(scene, row, end);
        if (!isfinite(h))
            continue;
        bool locked = step == 1 && scene_query_locked(scene, row);
        float cell = l->cell_h * (float)step, thick = fminf(6 * u, fmaxf(0.7f * cell, least));
        float middle = l->matrix.y + (float)(row - l->row0) * l->cell_h + 0.5f * (cell - l->gap);
        Rect bar = {l->entropy.x + 1, middle - 0.5f * thick, 32 * u * (float)fmin(h / full, 1),
                    thick};
        bar = rect_meet(bar, rect(l->entropy.x, l->matrix.y, l->entropy.w, l->matrix.h));
        if (bar.w > 0 && bar.h > 0)
            draw_rect(out, bar, 0, locked ? theme->ink : theme->line2);
    }
    draw_ungroup(out);
}

/* Columns col … col+step−1 as one bar: the largest, so that a peak survives. */
static double received_of(const HeatmapModel *model, int col, int end)
{
    double top = 0;
    for (; col < end; col++)
        if (model->received[col] > top)
            top = model->received[col];
    return top;
}

static void draw_received_bar(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                              int col, int step, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, cell = l->cell_w * (float)step, inset = 0;
    int end = col + step < model->received_count ? col + step : model->received_count;
    double sum = received_of(model, col, end);
    bool pointed = step == 1 && heatmap_col_state(scene, col) != MARK_PLAIN;
    if (cell >= 14 * u)
        inset = 2 * u;
    else if (cell >= 6 * u)
        inset = 1;
    float full = l->received.h - 1 - 16 * u, base = rect_bottom(l->received) - 1;
    double share = model->received_top > 0 ? sum / model->received_top : 0;
    float high =
        (float)(isfinite(sum) ? fmin(share, 1) : 1) * full;      /* an infinite sum: all of it */
    high = roundf(high * scene->kit->scale) / scene->kit->scale; /* sharp tops */
    if (sum > 0)
        high = fmaxf(high, 1);
    Rect bar = {l->matrix.x + (float)(col - l->col0) * l->cell_w + inset, base - high,
                cell - l->gap - 2 * inset, high};
    Rect seen = rect_meet(bar, rect(l->matrix.x, l->received.y, l->matrix.w, l->received.h));
    if (seen.w > 0 && seen.h > 0)
        draw_rect(out, seen, 0, pointed ? theme->ink : theme->line2);
    char text[TEXT_NUMBER];
    text_fixed(text, sum, 1);
    float w = text_width(scene->kit, FACE_SANS, theme->body, text), x = bar.x + 0.5f * bar.w;
    if (step > 1 || (w + 2 > cell && !pointed) || x < l->matrix.x || x > rect_right(l->matrix))
        return;
    TextStyle style = {FACE_SANS, theme->body, pointed ? theme->text1 : theme->text3, ALIGN_CENTER,
                       0};
    text_in(out, scene->kit, rect(x - 0.5f * w - 1, base - high - 16 * u, w + 2, 16 * u), &style,
            text);
}

static void draw_received(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                          DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, base = rect_bottom(l->received) - 1, least = 2 / scene->kit->scale;
    TextStyle style = {FACE_SANS, theme->body, theme->text3, ALIGN_RIGHT, 0};
    Rect box = {l->area.x, base - 30 * u, l->matrix.x - 12 * u - l->area.x, 16 * u};
    int step = l->cell_w >= least ? 1 : (int)ceilf(least / l->cell_w);
    if (!model->received || model->received_count < l->first_col + l->cols_seen) {
        if (scene->result->tiles && box.w > 30 * u)
            text_label(out, scene->kit, rect(l->received.x, base - 22 * u, l->received.w, 16 * u),
                       "received: once all rows are computed", theme->text3);
        return;
    }
    draw_group(out, "heatmap-received");
    if (box.w > 30 * u) {
        InputForm form = scene_form(scene);
        bool places = scene->queries && scene->queries->image;
        text_in(out, scene->kit, box, &style, form == FORM_GATE ? "let through" : "received");
        box.y += 16 * u;
        text_in(out, scene->kit, box, &style,
                form == FORM_FEATURES ? "Σ features"
                : form != FORM_GATE   ? "Σ queries"
                : places              ? "Σ patches"
                                      : "Σ positions");
    }
    for (int marked = 0; marked < 2; marked++) /* the pointed one last: its number may overlap */
        for (int col = l->first_col; col < l->first_col + l->cols_seen; col += step)
            if ((heatmap_col_state(scene, col) != MARK_PLAIN) == (marked != 0))
                draw_received_bar(model, scene, l, col, step, out);
    draw_rect(out, rect(l->received.x, base, l->received.w - l->gap, 1), 0, theme->line3);
    draw_ungroup(out);
}

void heatmap_draw_sums(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                       DrawList *out)
{
    if (l->entropy.w > 0 && scene->result->rows)
        draw_entropy(scene, l, out);
    if (l->received.w > 0)
        draw_received(model, scene, l, out);
}
