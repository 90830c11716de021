#include "view/heatmap_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

HeatmapModel *heatmap_new(void)
{
    return mem_zero(1, sizeof(HeatmapModel));
}

void heatmap_free(HeatmapModel *model)
{
    if (!model)
        return;
    image_free(&model->image);
    colorbar_free(&model->bar);
    mem_free(model->received);
    mem_free(model->scratch);
    mem_free(model->tiles_rows);
    tiles_view_free(model->tiles);
    mem_free(model);
}

#define HASH(h, field) hash_bytes((h), &(field), sizeof(field))

/* Everything the image depends on. Fields one by one: structs have padding. */
static uint64_t image_key(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                          const IRect *size)
{
    Matrix m = scene_matrix(scene);
    const ColorLook *look = scene->color;
    const Colormap *map = scene_colormap(scene);
    float lo, hi;
    scene_range(scene, -1, &lo, &hi);
    uint64_t h = HASH_SEED;
    h = HASH(h, m.at);
    h = HASH(h, m.rows);
    h = HASH(h, m.cols);
    h = HASH(h, scene->stage);
    h = HASH(h, scene->result->stamp[scene->stage]);
    h = HASH(h, map);
    h = HASH(h, lo);
    h = HASH(h, hi);
    h = HASH(h, *size);
    h = HASH(h, l->row0);
    h = HASH(h, l->col0);
    h = HASH(h, l->rows_seen);
    h = HASH(h, l->cols_seen);
    h = HASH(h, l->cell_w);
    h = HASH(h, l->cell_h);
    if (look) {
        h = HASH(h, look->range);
        h = HASH(h, look->scale);
        h = HASH(h, look->pool);
    }
    if (scene_tiled(scene))
        h = heatmap_tiles_key(model, scene, h);
    return h ? h : 1;
}

static bool update_received(HeatmapModel *model, const Scene *scene, Error *err)
{
    const AttnResult *r = scene->result;
    int n = r->n_k;
    if (r->tiles && !scene->received) { /* known when all rows are */
        model->received_count = 0;
        model->received_stamp = 0;
        return true;
    }
    if (model->received_stamp == r->stamp[STAGE_WEIGHTS] && model->received_count == n)
        return true;
    double *sums = mem_resize(model->received, (size_t)n, sizeof *sums);
    if (!sums)
        return error_memory(err);
    model->received = sums;
    model->received_count = n;
    model->received_stamp = r->stamp[STAGE_WEIGHTS];
    model->received_top = 0;
    if (scene->received)
        memcpy(sums, scene->received, (size_t)n * sizeof *sums);
    else
        stats_received(r->stage[STAGE_WEIGHTS], r->rows, sums);
    for (int j = 0; j < n; j++)
        if (isfinite(sums[j]) && sums[j] > model->received_top)
            model->received_top = sums[j];
    return true;
}

static bool update_image(HeatmapModel *model, const Scene *scene, const HeatmapLayout *l,
                         Error *err)
{
    float scale = scene->kit->scale;
    IRect size = {0, 0, l->cols_seen, l->rows_seen};
    if (l->pooled) {
        size.w = (int)lroundf(l->matrix.w * scale);
        size.h = (int)lroundf(l->matrix.h * scale);
    }
    size.w = clampi(size.w, 1, IMAGE_MAX_SIDE);
    size.h = clampi(size.h, 1, IMAGE_MAX_SIDE);
    uint64_t key = image_key(model, scene, l, &size);
    if (key == model->key && model->image.px)
        return true;
    model->key = 0;
    if (!model->image.px || model->image.w != size.w || model->image.h != size.h) {
        image_free(&model->image);
        if (!image_init(&model->image, size.w, size.h, err))
            return false;
    }
    if (scene_tiled(scene))
        heatmap_tiles_paint(model, scene, l);
    else if (!l->pooled)
        heatmap_paint_cells(&model->image, scene, l);
    else if (!heatmap_paint_pooled(model, scene, l, err))
        return false;
    image_touch(&model->image);
    model->key = key;
    return true;
}

bool heatmap_update(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                    Error *err)
{
    if (scene_absent(scene) || layout->rows_seen <= 0 || layout->cols_seen <= 0)
        return true;
    const AttnResult *r = scene->result;
    model->bad = r->range[scene->stage].nan_count > 0 || r->range[scene->stage].inf_count > 0;
    model->masked =
        r->mask && r->mask->any && (scene->stage == STAGE_MASKED || scene->stage == STAGE_WEIGHTS);
    if (layout->received.w > 0 && !update_received(model, scene, err))
        return false;
    return colorbar_update(&model->bar, scene, layout->bar_vertical, err) &&
           update_image(model, scene, layout, err);
}
