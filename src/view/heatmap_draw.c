#include "view/heatmap_parts.h"

#include <math.h>
#include <string.h>

#define FAINT_BELOW 0.05f /* weights whose number steps back */

/* The cell as far as it is seen. */
static Rect seen_cell(const HeatmapLayout *l, int row, int col)
{
    Rect seen = l->matrix;
    seen.w -= l->gap;
    seen.h -= l->gap;
    return rect_meet(heatmap_cell(l, row, col), seen);
}

static void draw_gaps(const Scene *scene, const HeatmapLayout *l, Rect all, DrawList *out)
{
    Color bg = scene->kit->theme->bg;
    if (l->gap <= 0)
        return;
    for (int i = 1; i <= l->cols_seen; i++)
        draw_rect(out, rect(all.x + (float)i * l->cell_w - l->gap, all.y, l->gap, all.h), 0, bg);
    for (int i = 1; i <= l->rows_seen; i++)
        draw_rect(out, rect(all.x, all.y + (float)i * l->cell_h - l->gap, all.w, l->gap), 0, bg);
}

static void draw_number(const Scene *scene, Rect cell, float value, Color ground, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[TEXT_NUMBER];
    Color color = color_on(ground);
    scene_number(scene, value, text);
    if (scene->stage == STAGE_WEIGHTS && fabsf(value) < FAINT_BELOW)
        color = color_alpha(color, 0.6f);
    TextStyle style = {FACE_MONO, theme->body, color, ALIGN_CENTER, 0};
    draw_text(out,
              vec2(cell.x + 0.5f * cell.w, text_baseline(scene->kit, cell.y, cell.h, theme->body)),
              &style, text, strlen(text));
}

/* A value outside a fixed range: a corner triangle, top right for above, bottom left for below. */
static void draw_beyond(Rect cell, bool above, Color ground, DrawList *out)
{
    float d = fminf(5, 0.5f * fminf(cell.w, cell.h)), x = above ? rect_right(cell) : cell.x;
    float y = above ? cell.y : rect_bottom(cell), s = above ? 1.0f : -1.0f;
    const Vec2 p[3] = {vec2(x, y), vec2(x - s * d, y), vec2(x, y + s * d)};
    draw_poly(out, p, 3, color_on(ground));
}

typedef struct {
    const HeatmapModel *model;
    const Scene *scene;
    const HeatmapLayout *l;
    DrawList *out;
    float lo, hi;
    bool marks, fixed; /* NaN marks; corner triangles */
} CellPass;

static void draw_cell(const CellPass *pass, int row, int col)
{
    const HeatmapLayout *l = pass->l;
    const Image *image = &pass->model->image;
    float value = heatmap_value(pass->model, pass->scene, l, row, col);
    Rect cell = heatmap_cell(l, row, col);
    size_t at = (size_t)(row - l->first_row) * (size_t)image->w + (size_t)(col - l->first_col);
    Color ground = image->px[at];
    if (scene_masked(pass->scene, row, col))
        return;
    if (!isfinite(value)) {
        if (pass->marks && isnan(value))
            mark_nan(pass->out, cell, ground);
        else if (pass->marks)
            mark_infinite(pass->out, cell, ground, value > 0);
        return;
    }
    if (l->numbers)
        draw_number(pass->scene, cell, value, ground, pass->out);
    if (pass->fixed && (value > pass->hi || value < pass->lo))
        draw_beyond(cell, value > pass->hi, ground, pass->out);
}

/* Numbers and marks on single cells, where there is room for them. */
static void draw_cell_marks(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                            DrawList *out)
{
    CellPass pass = {.model = model, .scene = scene, .l = l, .out = out};
    float side = fminf(l->cell_w, l->cell_h);
    pass.marks = model->bad && side >= 10;
    pass.fixed = scene->color && scene->color->range == RANGE_FIXED && side >= 10;
    scene_range(scene, -1, &pass.lo, &pass.hi);
    if (pass.fixed && !model->bad && !l->numbers) {
        const Range *range = &scene->result->range[scene->stage];
        pass.fixed = range->hi > pass.hi || range->lo < pass.lo;
    }
    if (l->pooled || model->image.w != l->cols_seen || model->image.h != l->rows_seen ||
        (!l->numbers && !pass.marks && !pass.fixed))
        return;
    draw_group(out, "heatmap-numbers");
    for (int row = l->first_row; row < l->first_row + l->rows_seen; row++)
        for (int col = l->first_col; col < l->first_col + l->cols_seen; col++)
            draw_cell(&pass, row, col);
    draw_ungroup(out);
}

/* Says on the hatch of a row why it is empty. */
static void draw_fully_masked(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    static const char words[] = "fully masked";
    const Theme *theme = scene->kit->theme;
    float u = theme->unit, w = text_width(scene->kit, FACE_SANS, theme->body, words) + 8 * u;
    if (l->cell_h < 15 * u || l->matrix.w < w + 8 * u)
        return;
    for (int row = l->first_row; row < l->first_row + l->rows_seen; row++) {
        if (!scene_row_masked(scene, row))
            continue;
        Rect cell = heatmap_cell(l, row, l->first_col);
        Rect box = {l->matrix.x + 4 * u, cell.y + 0.5f * (cell.h - 14 * u), w, 14 * u};
        TextStyle style = {FACE_SANS, theme->body, theme->text2, ALIGN_CENTER, 0};
        draw_rect(out, box, 3 * u, theme->mask1);
        text_in(out, scene->kit, box, &style, words);
    }
}

void heatmap_draw_cells(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                        DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    Rect all = l->matrix;
    if (!l->pooled) { /* whole cells: the clip cuts those at the edges */
        Rect first = heatmap_cell(l, l->first_row, l->first_col);
        all = rect(first.x, first.y, (float)l->cols_seen * l->cell_w,
                   (float)l->rows_seen * l->cell_h);
    }
    if (!model->image.px)
        return;
    draw_group(out, "heatmap-cells");
    draw_clip(out, l->matrix);
    if (model->masked)
        draw_hatch(out, l->matrix, theme->mask1, theme->mask2);
    draw_image(out, &model->image, all, SAMPLE_NEAREST, 1);
    draw_gaps(scene, l, all, out);
    draw_cell_marks(model, scene, l, out);
    if (model->masked)
        draw_fully_masked(scene, l, out);
    heatmap_draw_gold(scene, l, out);
    draw_unclip(out);
    if (scene_colormap(scene) == colormap(COLORMAP_GREYS)) /* paper on paper needs an edge */
        draw_frame(out, rect_inset(l->matrix, -1), 0, 1, theme->line2);
    draw_ungroup(out);
}

/* Sides of small cells are not hidden under their frame: it then stands around them. */
static void frame_cell(const Scene *scene, const HeatmapLayout *l, int row, int col, DrawList *out)
{
    Rect cell;
    if (row < 0 || col < 0 || row >= l->rows || col >= l->cols)
        return;
    cell = seen_cell(l, row, col);
    if (cell.w <= 0 || cell.h <= 0)
        return;
    if (fminf(cell.w, cell.h) < 10)
        cell = rect_inset(cell, -3);
    mark_cell(out, scene->kit, cell);
}

void heatmap_draw_selection(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    const Focus *f = &scene->focus;
    bool keys = scene_columns_are_keys(scene);
    int query = f->hover_query >= 0 ? f->hover_query : f->query;
    int key = f->hover_key >= 0 ? f->hover_key : f->key;
    draw_group(out, "heatmap-selection");
    for (int row = l->first_row; row < l->first_row + l->rows_seen; row++) {
        if (!scene_query_locked(scene, row))
            continue;
        Rect line = heatmap_cell(l, row, l->first_col);
        line.x = l->matrix.x;
        line.w = l->matrix.w;
        line = rect_meet(
            line, rect(l->matrix.x, l->matrix.y, l->matrix.w - l->gap, l->matrix.h - l->gap));
        if (line.h > 0)
            mark_row(out, scene->kit, line);
    }
    if (keys && f->query >= 0 && f->key >= 0)
        frame_cell(scene, l, f->query, f->key, out);
    if (keys && (query != f->query || key != f->key))
        frame_cell(scene, l, query, key, out);
    draw_ungroup(out);
}

/* The value that the colour bar points at. */
static float pointed_value(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l)
{
    const Focus *f = &scene->focus;
    int row = f->hover_query >= 0 ? f->hover_query : f->query;
    int col = f->hover_key >= 0 ? f->hover_key : f->key;
    if (row < 0 || col < 0 || row >= l->rows || col >= l->cols || !scene_columns_are_keys(scene) ||
        scene_masked(scene, row, col))
        return NAN;
    return heatmap_value(model, scene, l, row, col);
}

static void draw_bar(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                     DrawList *out)
{
    char words[96], sampled[64];
    float u = scene->kit->theme->unit;
    BarLook look = {
        .id = "heatmap-bar", .kind = l->bar_kind, .r = l->bar, .room = rect_inset(l->area, 2 * u)};
    const Range *range = &scene->result->range[scene->stage];
    int row = scene->focus.hover_query >= 0 ? scene->focus.hover_query : scene->focus.query;
    scene_range_words(scene, words, sizeof words);
    scene_range(scene, row < l->rows ? row : -1, &look.lo, &look.hi);
    look.label = scene_word(scene);
    look.label_right = l->matrix.x - 12 * u;
    look.pointed = pointed_value(model, scene, l);
    look.words = words;
    look.note = scene_note(scene);
    heatmap_tiles_words(model, scene, sampled, sizeof sampled);
    look.note = look.note || !sampled[0] ? look.note : sampled;
    bool fixed = scene->color && scene->color->range == RANGE_FIXED;
    look.over = fixed && range->hi > look.hi;
    look.under = fixed && range->lo < look.lo;
    colorbar_draw(&model->bar, scene, &look, out);
}

void heatmap_draw(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                  DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    draw_group(out, "heatmap");
    if (scene_absent(scene) || l->rows <= 0) {
        const char *why = scene_absent(scene);
        TextStyle style = {FACE_SANS, theme->body, theme->text2, ALIGN_CENTER, 0};
        Rect box = rect_inset(l->area, 16 * theme->unit);
        box.y += 0.45f * box.h;
        if (why && box.w > 0)
            text_wrapped(out, scene->kit, box, &style, 16 * theme->unit, 3, why);
        draw_ungroup(out);
        return;
    }
    heatmap_draw_cells(model, scene, l, out);
    heatmap_draw_labels(scene, l, out);
    heatmap_draw_sums(model, scene, l, out);
    heatmap_draw_gold_legend(scene, l, out);
    draw_bar(model, scene, l, out);
    heatmap_draw_selection(scene, l, out);
    draw_ungroup(out);
}
