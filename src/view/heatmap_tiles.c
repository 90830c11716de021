/* The picture of a matrix that is too large to be kept: a row for each line of pixels, all keys
 * under a pixel pooled; replaced by the exact blocks of the pass over all rows where those are fine
 * enough. Rows of other settings than the present ones are dimmed, rows never computed left empty.
 */
#include "view/heatmap_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIM 0.6f /* what is left of the colour of a row of other settings */

static int cell_at(double from, int pixel, double step, int first, int seen)
{
    return clampi((int)floor(from + pixel * step + 1e-9), first, first + seen - 1);
}

static bool room_for(HeatmapModel *model, size_t count)
{
    if (model->tiles_count >= count)
        return true;
    mem_free(model->tiles_rows);
    model->tiles_rows = mem_array(count, sizeof *model->tiles_rows);
    model->tiles_count = model->tiles_rows ? count : 0;
    return model->tiles_rows != NULL;
}

/* Pixels of one axis → cells: begin and end of each. */
static void spans(int *begin, int *end, int pixels, double from, double step, int first, int seen)
{
    for (int i = 0; i < pixels; i++) {
        begin[i] = cell_at(from, i, step, first, seen);
        int next = i + 1 < pixels ? cell_at(from, i + 1, step, first, seen) : first + seen;
        end[i] = next > begin[i] ? next : begin[i] + 1;
    }
}

/* Is a pixel at least about a block of the overview, so that blocks are not seen? */
static bool blocks_serve(const Scene *scene, const HeatmapLayout *l, int rows, int cols)
{
    double scale = (double)scene->kit->scale;
    return l->pooled && 1 / ((double)l->cell_h * scale) >= 0.75 * l->rows / rows &&
           1 / ((double)l->cell_w * scale) >= 0.75 * l->cols / cols;
}

static const float *overview(const Scene *scene, const HeatmapLayout *l, int *rows, int *cols)
{
    const Tiles *t = scene->result->tiles;
    bool mean = scene->color && scene->color->pool == POOL_MEAN;
    bool by_row = scene->color && scene->color->range == RANGE_ROW; /* blocks know no rows */
    if (by_row || tiles_pass_state(t, scene->stage) != PASS_DONE)
        return NULL;
    const float *blocks = tiles_overview(t, mean, rows, cols);
    return blocks && blocks_serve(scene, l, *rows, *cols) ? blocks : NULL;
}

/* One row for each line of pixels: the locked one where it lies there, else the middle one. */
static int choose_rows(const Scene *scene, int *rows, int *line, const int *begin, const int *end,
                       int pixels)
{
    int count = 0, locked = scene->focus.query;
    for (int y = 0; y < pixels; y++) {
        int row = begin[y] + (end[y] - begin[y]) / 2;
        row = locked >= begin[y] && locked < end[y] ? locked : row;
        if (count == 0 || rows[count - 1] < row)
            rows[count++] = row;
        line[y] = count - 1;
    }
    return count;
}

TilesView *heatmap_tiles_want(HeatmapModel *model, const Scene *scene, const HeatmapLayout *l)
{
    int blocks_q, blocks_k;
    model->tiles_whole = false;
    if (!scene_tiled(scene) || l->rows_seen <= 0 || l->cols_seen <= 0)
        return NULL;
    if (overview(scene, l, &blocks_q, &blocks_k)) {
        model->tiles_whole = true;
        model->tiles_step_q = model->tiles_step_k = 1;
        return NULL;
    }
    if (!model->tiles && !(model->tiles = tiles_view_new()))
        return NULL;
    double scale = (double)scene->kit->scale;
    int w = l->cols_seen, h = l->rows_seen;
    double step_q = 1, step_k = 1;
    if (l->pooled) {
        w = clampi((int)lroundf(l->matrix.w * scene->kit->scale), 1, IMAGE_MAX_SIDE);
        h = clampi((int)lroundf(l->matrix.h * scene->kit->scale), 1, IMAGE_MAX_SIDE);
        step_q = 1 / ((double)l->cell_h * scale);
        step_k = 1 / ((double)l->cell_w * scale);
    }
    if (!room_for(model, 4 * (size_t)h + 2 * (size_t)w))
        return NULL;
    int *rows = model->tiles_rows, *begin_q = rows + 2 * h, *end_q = begin_q + h;
    int *begin = end_q + h, *end = begin + w;
    model->tiles_line = rows + h;
    spans(begin_q, end_q, h, l->pooled ? l->row0 : l->first_row, step_q, l->first_row,
          l->rows_seen);
    spans(begin, end, w, l->pooled ? l->col0 : l->first_col, step_k, l->first_col, l->cols_seen);
    model->tiles_step_q = (int)fmax(1, round(step_q));
    model->tiles_step_k = (int)fmax(1, round(step_k));
    TilesWindow want = {.stage = scene->stage,
                        .lines = choose_rows(scene, rows, model->tiles_line, begin_q, end_q, h),
                        .cols = w,
                        .rows = rows,
                        .begin = begin,
                        .end = end,
                        .mean = scene->color && scene->color->pool == POOL_MEAN};
    return tiles_view_set(model->tiles, scene->result->tiles, &want) ? model->tiles : NULL;
}

uint64_t heatmap_tiles_key(const HeatmapModel *model, const Scene *scene, uint64_t h)
{
    uint64_t moves = model->tiles ? tiles_view_stamp(model->tiles) : 0;
    ThemeId theme = scene->kit->theme->id;
    h = hash_bytes(h, &moves, sizeof moves);
    h = hash_bytes(h, &theme, sizeof theme);
    return hash_bytes(h, &model->tiles_whole, sizeof model->tiles_whole);
}

void heatmap_tiles_words(const HeatmapModel *model, const Scene *scene, char *out, size_t cap)
{
    const char *pool = scene->color && scene->color->pool == POOL_MEAN ? "mean" : "largest";
    out[0] = 0;
    if (!scene_tiled(scene))
        return;
    if (model->tiles_whole)
        snprintf(out, cap, "%s of every block, all rows", pool);
    else if (model->tiles_step_q > 1)
        snprintf(out, cap, "every %d%s row, %s of its keys", model->tiles_step_q,
                 model->tiles_step_q % 10 == 1 && model->tiles_step_q % 100 != 11   ? "st"
                 : model->tiles_step_q % 10 == 2 && model->tiles_step_q % 100 != 12 ? "nd"
                 : model->tiles_step_q % 10 == 3 && model->tiles_step_q % 100 != 13 ? "rd"
                                                                                    : "th",
                 pool);
    else if (model->tiles_step_k > 1)
        snprintf(out, cap, "%s of %d keys a pixel", pool, model->tiles_step_k);
}

/* ---- colours ------------------------------------------------------------ */

typedef struct {
    const Scene *scene;
    const Colormap *map;
    Color ground;
    float lo, hi;
    bool linear, root; /* of numbers from 0 on: what scene_unit says, at once */
} Paint;

static Color paint_one(const Paint *p, float value)
{
    if (value == -INFINITY)
        return 0; /* masked: the hatch below shows through */
    float t;
    if ((p->linear || p->root) && isfinite(value)) {
        t = (value - p->lo) / (p->hi - p->lo);
        t = t > 0 ? t < 1 ? t : 1 : 0;
        t = p->root ? sqrtf(t) : t;
    } else {
        t = scene_unit(p->scene, value, p->lo, p->hi);
    }
    return isnan(t) ? p->map->nan : p->map->lut[(int)(255.0f * t + 0.5f)];
}

static Color dimmed(Color c, Color ground)
{
    Color out = 0xFF000000u & ground;
    if (c == 0)
        return 0;
    for (int shift = 0; shift < 24; shift += 8) {
        float a = (float)((c >> shift) & 255u), b = (float)((ground >> shift) & 255u);
        out |= (Color)(unsigned)(b + (a - b) * DIM + 0.5f) << shift;
    }
    return out;
}

/* A look-up is all a pixel costs: what it shows of a stale row is in the table already. */
typedef struct {
    Color lut[256];
} Shades;

static void shades_init(Shades *s, const Paint *p, bool fresh)
{
    for (int i = 0; i < 256; i++)
        s->lut[i] = fresh ? p->map->lut[i] : dimmed(p->map->lut[i], p->ground);
}

static void paint_line(const Paint *p, const Shades *s, Color *px, int w, const float *values,
                       bool fresh)
{
    float span = p->hi - p->lo;
    bool direct = (p->linear || p->root) && isfinite(span) && span > 0;
    for (int x = 0; x < w; x++) {
        float v = values[x], t = (v - p->lo) / span;
        if (!direct || !isfinite(v)) {
            px[x] = paint_one(p, v);
            px[x] = fresh ? px[x] : dimmed(px[x], p->ground);
            continue;
        }
        t = t > 0 ? t < 1 ? t : 1 : 0;
        t = p->root ? sqrtf(t) : t;
        px[x] = s->lut[(int)(255.0f * t + 0.5f)];
    }
}

/* The largest (mean) of the blocks that a pixel meets. */
static float meet(const float *blocks, int cols, const int rows[2], const int span[2], bool mean,
                  bool both)
{
    float hi = -INFINITY, lo = INFINITY;
    double sum = 0;
    int count = 0;
    for (int y = rows[0]; y < rows[1]; y++)
        for (int x = span[0]; x < span[1]; x++) {
            float v = blocks[(size_t)y * (size_t)cols + (size_t)x];
            if (v == -INFINITY)
                continue;
            if (!isfinite(v))
                return v;
            hi = v > hi ? v : hi;
            lo = v < lo ? v : lo;
            sum += (double)v;
            count++;
        }
    if (count == 0)
        return -INFINITY;
    return mean ? (float)(sum / count) : both && -lo > hi ? lo : hi;
}

static void block_span(double from, double step, int pixel, int cells, int blocks, int out[2])
{
    double per = (double)cells / blocks;
    int first = (int)floor((from + pixel * step) / per + 1e-6);
    int end = (int)ceil((from + (pixel + 1) * step) / per - 1e-6);
    out[0] = clampi(first, 0, blocks - 1);
    out[1] = clampi(end, out[0] + 1, blocks);
}

static void paint_blocks(const Paint *p, Image *image, const HeatmapLayout *l, const float *blocks,
                         int rows, int cols)
{
    const Scene *scene = p->scene;
    double scale = (double)scene->kit->scale;
    bool mean = scene->color && scene->color->pool == POOL_MEAN, both = scene_signed(scene);
    for (int y = 0; y < image->h; y++) {
        int down[2], across[2];
        block_span(l->row0, 1 / ((double)l->cell_h * scale), y, l->rows, rows, down);
        Color *px = image->px + (size_t)y * (size_t)image->w;
        for (int x = 0; x < image->w; x++) {
            block_span(l->col0, 1 / ((double)l->cell_w * scale), x, l->cols, cols, across);
            px[x] = paint_one(p, meet(blocks, cols, down, across, mean, both));
        }
    }
}

void heatmap_tiles_paint(HeatmapModel *model, const Scene *scene, const HeatmapLayout *l)
{
    Image *image = &model->image;
    const Tiles *t = scene->result->tiles;
    Paint p = {.scene = scene,
               .map = scene_colormap(scene),
               .ground = scene->kit->theme->bg | 0xFF000000u,
               .linear = !scene->color || scene->color->scale == COLOR_LINEAR};
    bool by_row = scene->color && scene->color->range == RANGE_ROW;
    int rows = 0, cols = 0;
    scene_range(scene, -1, &p.lo, &p.hi);
    p.root = !p.linear && scene->color->scale == COLOR_SQRT && p.lo >= 0 && !by_row;
    const float *blocks = model->tiles_whole ? overview(scene, l, &rows, &cols) : NULL;
    if (blocks) {
        paint_blocks(&p, image, l, blocks, rows, cols);
        return;
    }
    Shades shades[2];
    shades_init(&shades[false], &p, false);
    shades_init(&shades[true], &p, true);
    for (int y = 0; y < image->h; y++) {
        Color *px = image->px + (size_t)y * (size_t)image->w;
        bool fresh = false;
        const float *values = NULL;
        if (model->tiles && y > 0 && model->tiles_line[y] == model->tiles_line[y - 1]) {
            memcpy(px, px - image->w, (size_t)image->w * sizeof *px);
            continue;
        }
        if (model->tiles && model->tiles_line[y] < tiles_view_lines(model->tiles))
            values = tiles_view_line(model->tiles, t, model->tiles_line[y], &fresh);
        if (by_row && values)
            scene_range(scene, model->tiles_rows[model->tiles_line[y]], &p.lo, &p.hi);
        for (int x = 0; x < image->w && !values; x++)
            px[x] = p.ground;
        if (values)
            paint_line(&p, &shades[fresh], px, image->w, values, fresh);
    }
}

float heatmap_value(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l, int row,
                    int col)
{
    bool fresh = false;
    if (!scene_tiled(scene))
        return matrix_row(scene_matrix(scene), row)[col];
    int line = row - l->first_row;
    if (l->pooled || !model->tiles || line < 0 || line >= tiles_view_lines(model->tiles) ||
        col < l->first_col || col >= l->first_col + l->cols_seen || model->tiles_rows[line] != row)
        return NAN;
    const float *values = tiles_view_line(model->tiles, scene->result->tiles, line, &fresh);
    return values && fresh ? values[col - l->first_col] : NAN;
}
