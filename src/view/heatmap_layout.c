#include "view/heatmap_parts.h"

#include <math.h>

#define CELL_MOST  52.0f  /* points, fitted */
#define CELL_ZOOM  160.0f /* points, zoomed */
#define POOL_BELOW 3.0f   /* pixels */
#define LEAST      60.0f  /* points of the matrix that labels leave it */
#define HALF_ROOT  0.70710678f

/* What is given up, in this order, while the matrix has too little room. */
typedef enum {
    GIVE_NOTHING,
    GIVE_ENTROPY,
    GIVE_RECEIVED,
    GIVE_TICKS,
    GIVE_COLUMNS, /* their labels */
    GIVE_LABELS,
    GIVE_END
} Give;

typedef struct {
    const Scene *scene;
    HeatmapLayout *l;
    Give give;
    float u, scale; /* theme unit, pixels per point */
    float pad;
    float row_labels, col_labels; /* widest */
    float corner;                 /* the wider word of the corner */
    double zoom;
    float foot; /* below the matrix, without received */
} Sizing;

static float snap(const Sizing *s, float v)
{
    return roundf(v * s->scale) / s->scale;
}
static float floor_px(const Sizing *s, float v)
{
    return floorf(v * s->scale + 0.001f) / s->scale;
}

/* Whole pixels from 3 px up: all cells are then alike. */
static float whole(const Sizing *s, float cell)
{
    return cell * s->scale >= POOL_BELOW - 0.001f ? floor_px(s, cell) : cell;
}

/* One row needs no sums. */
static bool shows_sums(const Scene *scene)
{
    return scene->stage == STAGE_WEIGHTS && scene->result && scene->result->rows &&
           scene_form(scene) != FORM_STRIP;
}

/* Of the rows of the weights, where they are distributions, and where the stage has the same. */
static bool shows_entropy(const Scene *scene)
{
    InputForm form = scene_form(scene);
    return form == FORM_PAIRS  ? !scene_rows_are_keys(scene->stage)
           : form == FORM_GATE ? false
                               : scene->stage < STAGE_OUTPUT;
}

/* Left to right: labels, matrix, entropy, legend or an upright colour bar. */
static float place_across(Sizing *s)
{
    HeatmapLayout *l = s->l;
    float u = s->u, w = l->area.w, least = w >= 400 * u ? 60 * u : 24 * u;
    float most = fminf(84 * u, 0.26f * w);
    s->pad = w >= 360 * u ? 16 * u : fminf(8 * u, 0.03f * w);
    float corner = s->corner - s->pad - 4 * u; /* its words reach over the edge and the gap */
    float want = fmaxf(ceilf(s->row_labels), corner);
    l->label_w = s->give >= GIVE_LABELS ? 0 : clampf(want, fminf(least, most), most);
    float gap = s->give >= GIVE_LABELS ? 0 : 12 * u;
    l->matrix.x = snap(s, l->area.x + s->pad + l->label_w + gap);
    float right = rect_right(l->area) - s->pad;
    if (s->scene->has_gold && w >= 600 * u && s->give < GIVE_TICKS) {
        l->legend = rect(right - 156 * u, 0, 156 * u, 0);
        right -= 188 * u;
    }
    if (l->bar_kind == BAR_VERTICAL)
        right -= 84 * u;
    if (s->give < GIVE_ENTROPY && shows_entropy(s->scene)) {
        l->entropy = rect(0, 0, 44 * u, 0);
        right -= 56 * u;
    }
    float lacks = LEAST * u - (right - l->matrix.x);
    if (lacks > 0 && l->label_w > 24 * u) { /* short labels are better than none */
        l->label_w = fmaxf(24 * u, l->label_w - lacks);
        l->matrix.x = snap(s, l->area.x + s->pad + l->label_w + gap);
    }
    return fmaxf(right - l->matrix.x, 0);
}

static float fit_cell(const Sizing *s, float room, int count, float most)
{
    return whole(s, fminf(room / (float)count, most));
}

/* Every how many cells something that needs `least` points can stand. */
static int step_for(float least, float cell)
{
    return (int)ceilf(fmaxf(least / fmaxf(cell, 1e-4f), 1));
}

static void turn_labels(Sizing *s)
{
    HeatmapLayout *l = s->l;
    float u = s->u, cell = l->cell_w, longest = fminf(s->col_labels, 84 * u);
    if (l->area.h < 320 * u) /* low panes keep their height for the cells */
        longest = fminf(longest, 0.25f * l->area.h);
    l->label_turn = s->col_labels <= cell - 4 * u ? 0 : cell >= 20 * u ? 45 : 90;
    l->label_step = cell >= 14 * u || l->label_turn == 0 ? 1 : step_for(14 * u, cell);
    l->label_long = longest;
    float need = 8 * u;
    if (l->label_turn == 45)
        need = roundf(16.4f * u + (longest + 6 * u) * HALF_ROOT);
    else if (l->label_turn == 90)
        need = roundf(14 * u + longest);
    l->label_h = fmaxf(need, 40 * u) + (l->area.h < 420 * u ? 8 : 12) * u;
    if (l->area.h < 320 * u)
        l->label_h = fmaxf(need, 42 * u) + 2 * u;
    if (s->give >= GIVE_COLUMNS)
        l->label_h = s->give == GIVE_COLUMNS ? 7 * u : fminf(4 * u, 0.05f * l->area.h);
}

/* Rows are at most 1.25 times as high as wide; a few rows over very many columns may be higher, or
 * they would be a stripe. */
static float row_height(const Sizing *s, float room)
{
    const HeatmapLayout *l = s->l;
    float most = 1.25f * l->cell_w;
    if (l->rows * 2 <= l->cols)
        most = fmaxf(most, fminf(20 * s->u, 0.5f * room / (float)l->rows));
    return fminf(most, room / (float)l->rows);
}

/* Height that the colour bar takes below the matrix. */
static float bar_height(const Sizing *s)
{
    switch (s->l->bar_kind) {
    case BAR_INLINE:
        return 15 * s->u + 12 * s->u + 19 * s->u;
    case BAR_VERTICAL:
        return 12 * s->u;
    case BAR_HORIZONTAL:
        break;
    }
    return 15 * s->u + 12 * s->u + 32 * s->u;
}

/* Cells of less than a pixel: the fraction that whole pixels cut off would be whole rows. */
static float refit(const Sizing *s, float cell, float length, int count)
{
    bool small = s->zoom <= 1 && length > 0 && cell * s->scale < POOL_BELOW - 0.001f;
    return small ? length / (float)count : cell;
}

/* Sizes of cells, and of what is seen of the matrix. False: too little room for this much else. */
static bool size_cells(Sizing *s)
{
    HeatmapLayout *l = s->l;
    float u = s->u, room_w = floor_px(s, place_across(s)), most = CELL_MOST * u;
    l->cell_w = fit_cell(s, room_w, l->cols, most);
    if (s->zoom > 1)
        l->cell_w = whole(s, fminf(l->cell_w * (float)s->zoom, CELL_ZOOM * u));
    turn_labels(s);
    l->matrix.y = snap(s, l->area.y + l->label_h);
    s->foot = bar_height(s);
    float below = s->foot;
    if (s->give < GIVE_RECEIVED)
        below += (12 + 73 + 31) * u;
    float room_h = floor_px(s, rect_bottom(l->area) - below - l->matrix.y);
    room_h = fmaxf(room_h, 0);
    float fitted = fit_cell(s, room_w, l->cols, most), zoomed = l->cell_w;
    l->cell_w = fitted; /* the shape of cells is that of the fitted ones */
    l->cell_h = whole(s, row_height(s, room_h));
    if (s->scene->color && s->scene->color->square)
        l->cell_h = fitted = fminf(l->cell_h, fitted);
    if (s->zoom > 1) {
        zoomed = whole(s, fminf(fitted * (float)s->zoom, CELL_ZOOM * u));
        l->cell_h = whole(s, fminf(l->cell_h * (float)s->zoom, CELL_ZOOM * u));
    }
    l->cell_w = s->zoom > 1 ? zoomed : fitted;
    l->matrix.w = floor_px(s, fminf(l->cell_w * (float)l->cols, room_w));
    l->matrix.h = floor_px(s, fminf(l->cell_h * (float)l->rows, room_h));
    l->cell_h = refit(s, l->cell_h, l->matrix.h, l->rows);
    if (s->give >= GIVE_COLUMNS) /* row labels take nothing from the height */
        return room_w >= LEAST * u;
    float least = s->give >= GIVE_TICKS ? LEAST * u : 96 * u;
    return room_w >= least && room_h >= least;
}

/* The part of one axis that is seen: fractional start, first cell and count. */
static double see(double want, int count, float length, float cell, float scale, int *first,
                  int *seen)
{
    double cells = cell > 0 ? (double)length / (double)cell : 0;
    double most = fmax((double)count - cells, 0), from = want >= 0 ? want : 0;
    from = from > most ? most : from;
    if (cell * scale >= POOL_BELOW && from < most) /* whole pixels, so that edges are sharp */
        from = round(from * (double)(cell * scale)) / (double)(cell * scale);
    *first = clampi((int)floor(from + 1e-6), 0, count > 0 ? count - 1 : 0);
    *seen = clampi((int)ceil(from + cells - 1e-4) - *first, count > 0 ? 1 : 0, count - *first);
    return from;
}

/* Can a number stand in a cell? Judged by the widest of the range. Under gold only the links speak.
 */
static bool numbers_fit(const Scene *scene, const HeatmapLayout *l)
{
    float u = scene->kit->theme->unit, widest = 0, lo, hi;
    char text[TEXT_NUMBER];
    if (!scene->color || !scene->color->numbers || scene->has_gold || l->cell_h < 20 * u ||
        l->cell_w < 36 * u)
        return false;
    scene_range(scene, -1, &lo, &hi);
    for (int end = 0; end < 2; end++) {
        scene_number(scene, end ? hi : lo, text);
        widest = fmaxf(widest, text_width(scene->kit, FACE_MONO, scene->kit->theme->body, text));
    }
    return widest + 6 * u <= l->cell_w;
}

static void place_below(Sizing *s)
{
    HeatmapLayout *l = s->l;
    float u = s->u, bottom = rect_bottom(l->matrix), right = rect_right(l->area) - s->pad;
    if (s->give < GIVE_RECEIVED) {
        float room = rect_bottom(l->area) - s->foot - 31 * u - 12 * u - bottom;
        l->received = rect(l->matrix.x, bottom + 12 * u, l->matrix.w,
                           clampf(floor_px(s, room), 73 * u, 97 * u));
        bottom = rect_bottom(l->received) + 31 * u;
    }
    if (s->give < GIVE_ENTROPY && shows_entropy(s->scene))
        l->entropy =
            rect(snap(s, rect_right(l->matrix) + 11 * u), l->matrix.y, 45 * u, l->matrix.h);
    if (l->legend.w > 0)
        l->legend = rect(snap(s, rect_right(l->entropy.w > 0 ? l->entropy : l->matrix) + 28 * u),
                         l->matrix.y, 156 * u, l->matrix.h);
    if (l->bar_kind == BAR_VERTICAL) {
        float h = clampf(l->matrix.h - 24 * u, 40 * u, 200 * u);
        l->bar =
            rect(snap(s, rect_right(l->matrix) + 24 * u), snap(s, l->matrix.y + 24 * u), 12 * u, h);
        return;
    }
    char words[96];
    scene_range_words(s->scene, words, sizeof words);
    float most = right - l->matrix.x - 1,
          text = 14 * u + text_width(s->scene->kit, FACE_SANS, s->scene->kit->theme->body, words);
    if (l->bar_kind == BAR_INLINE) { /* both ends' numbers stand beside it */
        most = fminf(most - 40 * u, 180 * u + text);
    }
    float w = fminf(240 * u, most - text >= 100 * u ? most - text : most);
    l->bar = rect(l->matrix.x, snap(s, bottom + 15 * u), fmaxf(floor_px(s, w), 0), 12 * u);
}

static void decide(Sizing *s)
{
    HeatmapLayout *l = s->l;
    float u = s->u, w = l->area.w, h = l->area.h;
    bool sums = shows_sums(s->scene);
    l->bar_kind = w < 340 * u && h >= 360 * u            ? BAR_VERTICAL
                  : h < 420 * u || s->give >= GIVE_TICKS ? BAR_INLINE
                                                         : BAR_HORIZONTAL;
    if (s->give < GIVE_RECEIVED && (!sums || h < 560 * u || w < 260 * u))
        s->give = GIVE_RECEIVED;
    if (s->give < GIVE_ENTROPY && w < 480 * u)
        s->give = GIVE_ENTROPY;
    l->bar_vertical = l->bar_kind == BAR_VERTICAL;
}

static void nothing_to_place(HeatmapLayout *l)
{
    l->matrix = rect(l->area.x, l->area.y, 0, 0);
    l->label_step = l->row_label_step = 1;
}

static float corner_width(const Scene *scene)
{
    const TextKit *kit = scene->kit;
    char columns[HEATMAP_CORNER], rows[HEATMAP_CORNER];
    heatmap_corner_words(scene, columns, rows);
    float across = text_width(kit, FACE_SANS, kit->theme->body, columns);
    return ceilf(fmaxf(across, text_width(kit, FACE_SANS, kit->theme->body, rows))) + 1;
}

static void arrange(Sizing *s, Rect area, int rows, int cols)
{
    for (Give give = GIVE_NOTHING; give < GIVE_END; give++) {
        *s->l = (HeatmapLayout){.area = area, .rows = rows, .cols = cols};
        s->give = give;
        decide(s);
        if (size_cells(s))
            break;
    }
}

HeatmapLayout heatmap_layout(const Scene *scene, Viewport viewport, Rect area)
{
    const TextKit *kit = scene->kit;
    HeatmapLayout l = {.area = area};
    int rows, cols;
    scene_size(scene, &rows, &cols);
    bool keys = scene_columns_are_keys(scene);
    char last[TEXT_NUMBER];
    if (rows <= 0 || !(area.w >= 8) || !(area.h >= 8)) {
        nothing_to_place(&l);
        return l;
    }
    Sizing s = {.scene = scene, .l = &l, .u = kit->theme->unit, .scale = kit->scale};
    s.zoom = viewport.zoom > 1 ? viewport.zoom : 1;
    s.row_labels = axis_width(scene->queries, kit, FACE_SANS, kit->theme->body);
    text_count(last, cols - 1);
    s.col_labels = keys ? axis_width(scene->keys, kit, FACE_SANS, kit->theme->body)
                        : text_width(kit, FACE_SANS, kit->theme->body, last);
    s.corner = corner_width(scene);
    arrange(&s, area, rows, cols);
    if (l.cell_w >= 24 * s.u && !numbers_fit(scene, &l)) { /* rather a cut word than no numbers */
        float corner = s.corner;
        s.corner = 0;
        arrange(&s, area, rows, cols);
        if (!numbers_fit(scene, &l)) {
            s.corner = corner;
            arrange(&s, area, rows, cols);
        }
    }
    if (!(l.matrix.w > 0) || !(l.matrix.h > 0)) {
        l = (HeatmapLayout){.area = area};
        nothing_to_place(&l);
        return l;
    }
    l.col0 = see(viewport.col, cols, l.matrix.w, l.cell_w, s.scale, &l.first_col, &l.cols_seen);
    l.row0 = see(viewport.row, rows, l.matrix.h, l.cell_h, s.scale, &l.first_row, &l.rows_seen);
    l.gap = l.cell_w >= 12 * s.u && l.cell_h >= 12 * s.u ? 1.0f : 0.0f;
    float least = fminf(l.cell_w, l.cell_h) * s.scale;
    l.pooled = least < POOL_BELOW - 0.001f;
    l.row_label_step = step_for(14 * s.u, l.cell_h);
    l.numbers = numbers_fit(scene, &l);
    place_below(&s);
    return l;
}

Rect heatmap_cell(const HeatmapLayout *l, int row, int col)
{
    double x = (double)l->matrix.x + (col - l->col0) * (double)l->cell_w;
    double y = (double)l->matrix.y + (row - l->row0) * (double)l->cell_h;
    return rect((float)x, (float)y, l->cell_w - l->gap, l->cell_h - l->gap);
}
