#include "view/head_grid.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GRID_MOST = 1 << 16 };

typedef struct {
    uint64_t key; /* 0 = never made */
    Image image;  /* none beside a key: it could not be made */
    bool masked;  /* transparent pixels over a hatch */
} Thumb;

struct HeadGrid {
    Thumb *thumbs; /* layers × stride */
    int layers, stride;
};

/* What the grid must grow to for (layer, head); false: to more than it can hold. */
static bool room_for(const HeadGrid *grid, int layer, int head, int *layers, int *stride)
{
    if (layer < 0 || head < 0 || layer >= GRID_MOST || head >= GRID_MOST)
        return false;
    *layers = layer >= grid->layers ? layer + 1 : grid->layers;
    *stride = head >= grid->stride ? head + 8 : grid->stride;
    return (int64_t)*layers * *stride <= GRID_MOST;
}

HeadGrid *head_grid_new(void)
{
    return mem_zero(1, sizeof(HeadGrid));
}

void head_grid_free(HeadGrid *grid)
{
    if (!grid)
        return;
    for (int i = 0; i < grid->layers * grid->stride; i++)
        image_free(&grid->thumbs[i].image);
    mem_free(grid->thumbs);
    mem_free(grid);
}

HeadGridLayout head_grid_layout(const TextKit *kit, Rect area, int layers, int heads)
{
    float u = kit->theme->unit, s = kit->scale, margin = 20 * u;
    HeadGridLayout l = {.area = area, .layers = layers, .heads = heads};
    l.gap = heads > 10 ? 1.0f : 2.0f;
    if (layers < 1 || heads < 1)
        return l;
    float pitch = fminf((area.w - margin) / (float)heads, (area.h - margin) / (float)layers);
    pitch = floorf(fminf(pitch, 160 * u) * s + 0.001f) / s;
    l.cell = fmaxf(pitch - l.gap, 0);
    l.origin = vec2(roundf((area.x + margin) * s) / s, roundf((area.y + margin) * s) / s);
    return l;
}

Rect head_grid_cell(const HeadGridLayout *l, int layer, int head)
{
    float pitch = l->cell + l->gap;
    return rect(l->origin.x + (float)head * pitch, l->origin.y + (float)layer * pitch, l->cell,
                l->cell);
}

static const Thumb *thumb_at(const HeadGrid *grid, int layer, int head)
{
    if (layer < 0 || head < 0 || layer >= grid->layers || head >= grid->stride)
        return NULL;
    return &grid->thumbs[layer * grid->stride + head];
}

bool head_grid_stale(const HeadGrid *grid, int layer, int head, uint64_t key)
{
    const Thumb *thumb = thumb_at(grid, layer, head);
    int layers, stride;
    if (!thumb) /* what will never have room is never waited for */
        return room_for(grid, layer, head, &layers, &stride);
    return thumb->key != key;
}

/* Room for (layer, head); what is there keeps its place. */
static bool grow(HeadGrid *grid, int layer, int head, Error *err)
{
    int layers, stride;
    if (thumb_at(grid, layer, head))
        return true;
    if (!room_for(grid, layer, head, &layers, &stride))
        return error_set(err, ERROR_LIMIT,
                         "thumbnails: expected at most %d, found layer %d head %d", GRID_MOST,
                         layer, head);
    Thumb *thumbs = mem_zero((size_t)layers * (size_t)stride, sizeof *thumbs);
    if (!thumbs)
        return error_memory(err);
    for (int l = 0; l < grid->layers; l++)
        for (int h = 0; h < grid->stride; h++)
            thumbs[l * stride + h] = grid->thumbs[l * grid->stride + h];
    mem_free(grid->thumbs);
    grid->thumbs = thumbs;
    grid->layers = layers;
    grid->stride = stride;
    return true;
}

static int block_start(int i, int count, int blocks)
{
    return (int)((int64_t)i * count / blocks);
}

/* As integers floats of one sign compare like numbers, and such loops go several cells at a time.
 */
static int32_t float_bits(float v)
{
    int32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

enum { BITS_INF = 0x7F800000, BITS_ALL = 0x7FFFFFFF };

/* The largest finite weight, at least 0; *broken: some weight is NaN or infinite. */
static float matrix_top(Matrix m, bool *broken)
{
    int32_t top = 0, largest = 0;
    for (int r = 0; r < m.rows; r++) {
        const float *w = matrix_row(m, r);
        for (int c = 0; c < m.cols; c++) {
            int32_t bits = float_bits(w[c]), size = bits & BITS_ALL;
            largest = size > largest ? size : largest;
            top = bits > top && bits < BITS_INF ? bits : top;
        }
    }
    float value;
    memcpy(&value, &top, sizeof value);
    *broken = largest >= BITS_INF;
    return value;
}

static void fold_cells(float *top, const float *w, MaskRun run, bool broken)
{
    for (int c = run.begin; c < run.end; c++) {
        float v = w[c] > 0 ? w[c] : 0;
        top[c] = top[c] > v ? top[c] : v;
    }
    for (int c = run.begin; broken && c < run.end; c++)
        if (!isfinite(w[c]))
            top[c] = INFINITY; /* stays the largest; told from numbers below */
}

/* One line of the thumbnail: the largest weight of every column over rows from … to−1; −1 = masked
 * in all of them, NaN where any is not finite. */
static void fold_rows(float *top, Matrix m, const Mask *mask, int from, int to, bool broken)
{
    for (int c = 0; c < m.cols; c++)
        top[c] = -1;
    for (int r = from; r < to; r++) {
        const float *w = matrix_row(m, r);
        MaskRun run = {0, m.cols, false};
        if (!mask || !mask->any) {
            fold_cells(top, w, run, broken);
        } else if (mask->irregular) {
            for (MaskWalk walk = mask_walk(mask, r); mask_walk_next(&walk, &run);)
                fold_cells(top, w, run, broken);
        } else {
            mask_row(mask, r, &run.begin, &run.end);
            fold_cells(top, w, run, broken);
        }
    }
}

/* The largest of columns from … to−1. */
static float fold_columns(const float *top, const Mask *mask, int from, int to)
{
    float value = -1;
    for (int c = from; c < to; c++)
        if (!(mask && mask->any && mask->blocked[c]) && top[c] > value)
            value = top[c];
    return isinf(value) ? NAN : value;
}

static bool paint_thumb(Thumb *thumb, Matrix m, const Mask *mask, const Colormap *map, Error *err)
{
    bool broken;
    float full = matrix_top(m, &broken);
    float *top = mem_array((size_t)m.cols, sizeof *top);
    int w = thumb->image.w, h = thumb->image.h;
    if (!top)
        return error_memory(err);
    thumb->masked = false;
    for (int y = 0; y < h; y++) {
        fold_rows(top, m, mask, block_start(y, m.rows, h), block_start(y + 1, m.rows, h), broken);
        for (int x = 0; x < w; x++) {
            float v =
                fold_columns(top, mask, block_start(x, m.cols, w), block_start(x + 1, m.cols, w));
            thumb->masked = thumb->masked || v < 0;
            thumb->image.px[y * w + x] = v < 0 ? 0 : colormap_at(map, full > 0 ? v / full : 0 * v);
        }
    }
    mem_free(top);
    return true;
}

bool head_grid_set(HeadGrid *grid, int layer, int head, uint64_t key, Matrix m, const Mask *mask,
                   const Colormap *map, int side, Error *err)
{
    if (!m.at || m.rows < 1 || m.cols < 1 || !grow(grid, layer, head, err))
        return m.at == NULL || m.rows < 1 || m.cols < 1;
    Thumb *thumb = &grid->thumbs[layer * grid->stride + head];
    side = clampi(side, 1, 512);
    int w = m.cols < side ? m.cols : side, h = m.rows < side ? m.rows : side;
    if (!thumb->image.px || thumb->image.w != w || thumb->image.h != h) {
        thumb->key = 0;
        image_free(&thumb->image);
        if (!image_init(&thumb->image, w, h, err))
            return false;
    }
    if (!paint_thumb(thumb, m, mask, map, err))
        return false;
    image_touch(&thumb->image);
    thumb->key = key;
    return true;
}

void head_grid_fail(HeadGrid *grid, int layer, int head, uint64_t key)
{
    if (!grow(grid, layer, head, NULL))
        return;
    Thumb *thumb = &grid->thumbs[layer * grid->stride + head];
    image_free(&thumb->image);
    thumb->masked = false;
    thumb->key = key;
}

/* The number of a layer or head; every k-th where they stand close, and always the chosen one. */
static void draw_number(const TextKit *kit, Rect box, TextAlign align, int number, int chosen,
                        int step, DrawList *out)
{
    char text[16];
    const Theme *theme = kit->theme;
    int offset = chosen >= 0 ? chosen % step : 0;
    if (number % step != offset)
        return;
    TextStyle style = {number == chosen ? FACE_BOLD : FACE_SANS, theme->body,
                       number == chosen ? theme->text1 : theme->text3, align, 0};
    snprintf(text, sizeof text, "%d", number);
    text_in(out, kit, box, &style, text);
}

static void draw_numbers(const TextKit *kit, const HeadGridLayout *l, int layer, int head,
                         DrawList *out)
{
    float u = kit->theme->unit, pitch = l->cell + l->gap;
    char last[16];
    snprintf(last, sizeof last, "%d", l->heads - 1);
    float wide = text_width(kit, FACE_BOLD, kit->theme->body, last) + 4 * u;
    int across = pitch >= wide ? 1 : (int)ceilf(wide / fmaxf(pitch, 0.5f));
    int down = pitch >= 16 * u ? 1 : (int)ceilf(16 * u / fmaxf(pitch, 0.5f));
    for (int h = 0; h < l->heads; h++) {
        Rect cell = head_grid_cell(l, 0, h);
        Rect box = {cell.x + 0.5f * cell.w - 20 * u, l->area.y + 2 * u, 40 * u, 16 * u};
        draw_number(kit, box, ALIGN_CENTER, h, head, across, out);
    }
    for (int i = 0; i < l->layers; i++) {
        Rect cell = head_grid_cell(l, i, 0);
        Rect box = {l->area.x - 8 * u, cell.y + 0.5f * cell.h - 8 * u,
                    l->origin.x - 8 * u - l->area.x + 8 * u, 16 * u};
        draw_number(kit, box, ALIGN_RIGHT, i, layer, down, out);
    }
}

/* A head that cannot be computed, or not beside another one; where there is room for words. */
static void draw_no_weights(const TextKit *kit, Rect cell, DrawList *out)
{
    TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text3, ALIGN_CENTER, 0};
    if (cell.w >= 76 * kit->theme->unit)
        text_in(out, kit, cell, &style, "no picture");
}

void head_grid_draw(const HeadGrid *grid, const TextKit *kit, const HeadGridLayout *l, int layer,
                    int head, int hover_layer, int hover_head, DrawList *out)
{
    const Theme *theme = kit->theme;
    draw_group(out, "heads");
    if (l->cell > 0)
        draw_numbers(kit, l, layer, head, out);
    for (int i = 0; i < l->layers && l->cell > 0; i++) {
        for (int h = 0; h < l->heads; h++) {
            const Thumb *thumb = thumb_at(grid, i, h);
            Rect cell = head_grid_cell(l, i, h);
            if (!thumb || !thumb->image.px) {
                draw_frame(out, cell, 0, 1, theme->line1);
                if (thumb && thumb->key)
                    draw_no_weights(kit, cell, out);
                continue;
            }
            if (thumb->masked)
                draw_hatch(out, cell, theme->mask1, theme->mask2);
            draw_image(out, &thumb->image, cell, SAMPLE_NEAREST, 1);
        }
    }
    if (hover_layer >= 0 && hover_layer < l->layers && hover_head >= 0 && hover_head < l->heads)
        draw_frame(out, rect_inset(head_grid_cell(l, hover_layer, hover_head), -2), 2, 1.5f,
                   theme->ink);
    if (layer >= 0 && layer < l->layers && head >= 0 && head < l->heads && l->cell > 0)
        mark_row(out, kit, head_grid_cell(l, layer, head));
    draw_ungroup(out);
}

bool head_grid_probe(const HeadGridLayout *l, Vec2 at, int *layer, int *head)
{
    float pitch = l->cell + l->gap;
    if (l->cell <= 0 || at.x < l->origin.x || at.y < l->origin.y)
        return false;
    *head = (int)floorf((at.x - l->origin.x) / pitch);
    *layer = (int)floorf((at.y - l->origin.y) / pitch);
    return *head < l->heads && *layer < l->layers;
}
