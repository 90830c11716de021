#include "view/patches_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

#define HASH(h, field) hash_bytes((h), &(field), sizeof(field))

PatchesModel *patches_new(void)
{
    return mem_zero(1, sizeof(PatchesModel));
}

static void drop_thumbs(PatchesModel *model)
{
    for (int i = 0; i < model->thumb_cap; i++)
        image_free(&model->thumbs[i].image);
    mem_free(model->thumbs);
    model->thumbs = NULL;
    model->thumb_count = model->thumb_cap = 0;
}

void patches_free(PatchesModel *model)
{
    if (!model)
        return;
    image_free(&model->picture);
    image_free(&model->overlay);
    colorbar_free(&model->bar);
    drop_thumbs(model);
    mem_free(model->values);
    mem_free(model->masked);
    mem_free(model);
}

/* The picture at the size it is drawn: a large photograph is not filtered in every frame. */
static bool update_picture(PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                           Error *err)
{
    const Image *from = &scene->sentence->image.image;
    bool grey = !scene->patches || scene->patches->grey;
    int w = clampi((int)lroundf(l->picture.w * scene->kit->scale), 1, IMAGE_MAX_SIDE);
    int h = clampi((int)lroundf(l->picture.h * scene->kit->scale), 1, IMAGE_MAX_SIDE);
    uint64_t key = HASH_SEED;
    key = HASH(key, from->px);
    key = HASH(key, from->stamp);
    key = HASH(key, grey);
    key = HASH(key, w);
    key = HASH(key, h);
    if (key == model->picture_key)
        return true;
    model->picture_key = 0;
    image_free(&model->picture);
    if (from->px) {
        bool smaller = from->w > w || from->h > h;
        bool ok = smaller ? image_resize(&model->picture, from, from->w > w ? w : from->w,
                                         from->h > h ? h : from->h, err)
                          : image_copy(&model->picture, from, err);
        if (!ok)
            return false;
        if (grey)
            image_grey(&model->picture);
        image_touch(&model->picture);
    }
    model->picture_key = key;
    return true;
}

/* Nothing is asked about: every place shows the mean over all rows (or, on the query axis, over
 * all keys) that are not masked. Row by row, as the matrix lies in memory. */
static bool update_means(PatchesModel *model, const Scene *scene, Matrix m, bool keys, Error *err)
{
    size_t count = (size_t)model->count;
    double *sums = mem_zero(count, sizeof *sums);
    int *counts = mem_zero(count, sizeof *counts);
    for (int row = 0; sums && counts && row < m.rows; row++) {
        const float *w = matrix_row(m, row);
        for (int col = 0; col < m.cols; col++) {
            if (!isfinite(w[col]) || scene_masked(scene, row, col))
                continue;
            sums[keys ? col : row] += (double)w[col];
            counts[keys ? col : row]++;
        }
    }
    for (int i = 0; sums && counts && i < model->count; i++) {
        model->masked[i] = counts[i] == 0;
        model->values[i] = counts[i] ? (float)(sums[i] / counts[i]) : 0;
    }
    bool ok = sums && counts;
    mem_free(sums);
    mem_free(counts);
    return ok || error_memory(err);
}

static bool update_values(PatchesModel *model, const Scene *scene, Matrix m, Error *err)
{
    bool keys = patches_on_keys(scene);
    int count = keys ? m.cols : m.rows, asked = patches_asked(scene);
    if (model->count < count) {
        float *values = mem_resize(model->values, (size_t)count, sizeof *values);
        if (!values)
            return error_memory(err);
        model->values = values;
        uint8_t *masked = mem_resize(model->masked, (size_t)count, 1);
        if (!masked)
            return error_memory(err);
        model->masked = masked;
    }
    model->count = count;
    if (asked >= (keys ? m.rows : m.cols))
        asked = -1;
    if (asked < 0 && !update_means(model, scene, m, keys, err))
        return false;
    float top = 0;
    for (int i = 0; i < count; i++) {
        int row = keys ? asked : i, col = keys ? i : asked;
        if (asked >= 0) {
            model->values[i] = matrix_row(m, row)[col];
            model->masked[i] = scene_masked(scene, row, col);
        }
        if (!model->masked[i] && isfinite(model->values[i]))
            top = fmaxf(top, fabsf(model->values[i]));
    }
    scene_range(scene, keys ? asked : -1, &model->lo, &model->hi);
    bool own = asked < 0 || !keys; /* a range per row means: of what the picture shows */
    if (own && scene->color && scene->color->range == RANGE_ROW && top > 0) {
        model->hi = top;
        model->lo = scene_signed(scene) ? -top : 0;
    }
    return true;
}

/* Value at a place between patch centres, weighed by distance: masked neighbours count as 0. */
static float between(const PatchesModel *model, const PatchesLayout *l, int first, float x, float y)
{
    float fx = clampf(x - 0.5f, 0, (float)(l->cols - 1)),
          fy = clampf(y - 0.5f, 0, (float)(l->rows - 1));
    int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1 < l->cols ? x0 + 1 : x0;
    int y1 = y0 + 1 < l->rows ? y0 + 1 : y0;
    const int at[4] = {y0 * l->cols + x0, y0 * l->cols + x1, y1 * l->cols + x0, y1 * l->cols + x1};
    float v[4];
    for (int i = 0; i < 4; i++) {
        int index = first + at[i];
        bool there = index < model->count && !model->masked[index];
        v[i] = there && isfinite(model->values[index]) ? model->values[index] : 0;
    }
    float tx = fx - (float)x0, ty = fy - (float)y0;
    float top = v[0] + tx * (v[1] - v[0]), bottom = v[2] + tx * (v[3] - v[2]);
    return top + ty * (bottom - top);
}

static Color overlay_color(const Scene *scene, const Colormap *map, float t)
{
    if (scene->patches && scene->patches->overlay == OVERLAY_SPOTLIGHT)
        return color_alpha(COLOR_RGB(0x000000), isnan(t) ? 1 : 0.9f * (1 - t));
    return isnan(t) ? map->nan : map->lut[(int)floorf(255.0f * t + 0.5f)];
}

static void paint_overlay(PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                          bool smooth)
{
    const Colormap *map = scene_colormap(scene);
    Image *image = &model->overlay;
    int first = patches_first(scene);
    for (int y = 0; y < image->h; y++) {
        for (int x = 0; x < image->w; x++) {
            int index = first + y * l->cols + x;
            Color *px = &image->px[(size_t)y * (size_t)image->w + (size_t)x];
            if (smooth) {
                float fx = ((float)x + 0.5f) * (float)l->cols / (float)image->w;
                float fy = ((float)y + 0.5f) * (float)l->rows / (float)image->h;
                float value = between(model, l, first, fx, fy);
                *px = overlay_color(scene, map, scene_unit(scene, value, model->lo, model->hi));
            } else if (index >= model->count || model->masked[index]) {
                *px = 0;
            } else {
                float t = scene_unit(scene, model->values[index], model->lo, model->hi);
                *px = overlay_color(scene, map, t);
            }
        }
    }
    image_touch(image);
}

static bool update_overlay(PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                           Matrix m, Error *err)
{
    bool smooth = scene->patches && scene->patches->smooth;
    int w = l->cols, h = l->rows;
    if (smooth) {
        w = clampi((int)lroundf(l->picture.w * scene->kit->scale), 1, 2048);
        h = clampi((int)lroundf(l->picture.h * scene->kit->scale), 1, 2048);
    }
    const Colormap *map = scene_colormap(scene);
    int asked = patches_asked(scene);
    uint64_t key = HASH_SEED;
    key = HASH(key, m.at);
    key = HASH(key, scene->result->stamp[scene->stage]);
    key = HASH(key, scene->stage);
    key = HASH(key, map);
    key = HASH(key, asked);
    key = HASH(key, w);
    key = HASH(key, h);
    key = HASH(key, scene->sentence);
    if (scene->color) {
        key = HASH(key, scene->color->range);
        key = HASH(key, scene->color->scale);
        key = HASH(key, scene->color->lo);
        key = HASH(key, scene->color->hi);
        key = HASH(key, scene->heads_range[scene->stage].lo);
        key = HASH(key, scene->heads_range[scene->stage].hi);
    }
    if (scene->patches)
        key = HASH(key, scene->patches->overlay);
    if (key == model->overlay_key)
        return true;
    model->overlay_key = 0;
    if (!update_values(model, scene, m, err))
        return false;
    if (!model->overlay.px || model->overlay.w != w || model->overlay.h != h) {
        image_free(&model->overlay);
        if (!image_init(&model->overlay, w, h, err))
            return false;
    }
    paint_overlay(model, scene, l, smooth);
    model->overlay_key = key;
    return true;
}

static bool paint_thumb(PatchesThumb *thumb, const Scene *scene, const PatchesLayout *l,
                        const PatchesHead *from, Error *err)
{
    const Colormap *map = scene_colormap(scene);
    int first = patches_first(scene);
    float top = 0;
    if (!thumb->image.px || thumb->image.w != l->cols || thumb->image.h != l->rows) {
        image_free(&thumb->image);
        if (!image_init(&thumb->image, l->cols, l->rows, err))
            return false;
    }
    for (int i = first; i < from->n_k; i++)
        if (isfinite(from->row[i]))
            top = fmaxf(top, from->row[i]);
    for (int i = 0; i < l->rows * l->cols; i++) {
        int key = first + i;
        thumb->image.px[i] =
            key < from->n_k ? colormap_at(map, top > 0 ? from->row[key] / top : 0 * from->row[key])
                            : 0;
    }
    thumb->head = from->head;
    thumb->entropy = from->entropy;
    image_touch(&thumb->image);
    return true;
}

/* A channel of a gate, or the mean of all, in the range of the picture: they compare. */
static bool paint_channel(PatchesThumb *thumb, const Scene *scene, const PatchesLayout *l,
                          Error *err)
{
    const Colormap *map = scene_colormap(scene);
    Matrix m = scene_matrix(scene);
    int first = patches_first(scene), count = l->rows * l->cols;
    float lo, hi;
    scene_range(scene, -1, &lo, &hi);
    if (!thumb->image.px || thumb->image.w != l->cols || thumb->image.h != l->rows) {
        image_free(&thumb->image);
        if (!image_init(&thumb->image, l->cols, l->rows, err))
            return false;
    }
    for (int i = 0; i < count; i++) {
        int row = first + i;
        double sum = 0;
        if (row >= m.rows) {
            thumb->image.px[i] = 0;
            continue;
        }
        for (int c = 0; c < m.cols && thumb->head < 0; c++)
            sum += (double)matrix_row(m, row)[c];
        float value = thumb->head < 0 ? (float)(sum / m.cols) : matrix_row(m, row)[thumb->head];
        thumb->image.px[i] = colormap_at(map, scene_unit(scene, value, lo, hi));
    }
    thumb->entropy = NAN;
    image_touch(&thumb->image);
    return true;
}

static bool thumbs_room(PatchesModel *model, int count, Error *err)
{
    if (count <= model->thumb_cap)
        return true;
    PatchesThumb *more = mem_resize(model->thumbs, (size_t)count, sizeof *more);
    if (!more)
        return error_memory(err);
    memset(more + model->thumb_cap, 0, (size_t)(count - model->thumb_cap) * sizeof *more);
    model->thumbs = more;
    model->thumb_cap = count;
    return true;
}

static bool update_channels(PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                            Error *err)
{
    int channels = patches_channels(scene), count = patches_thumbs_fit(scene, l);
    if (l->heads.h <= 0 || count < 2)
        count = 0;
    else if (count > channels + 1)
        count = channels + 1;
    uint64_t key = HASH(model->overlay_key, count); /* it knows matrix, map and range */
    int first = count ? patches_thumb_channel(scene, l, 1) : 0;
    key = HASH(key, first);
    if (key == model->thumbs_key)
        return true;
    model->thumbs_key = 0;
    model->thumb_count = 0;
    if (!thumbs_room(model, count, err))
        return false;
    for (int i = 0; i < count; i++) {
        model->thumbs[i].head = patches_thumb_channel(scene, l, i);
        if (!paint_channel(&model->thumbs[i], scene, l, err))
            return false;
        model->thumb_count++;
    }
    model->thumbs_key = key;
    return true;
}

static bool update_thumbs(PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                          const PatchesHead *heads, int count, Error *err)
{
    if (l->heads.h <= 0 || count < 0)
        count = 0;
    uint64_t key = HASH(HASH_SEED, count);
    const Colormap *map = scene_colormap(scene);
    key = HASH(key, map);
    key = HASH(key, l->rows);
    key = HASH(key, l->cols);
    for (int i = 0; i < count; i++) {
        key = HASH(key, heads[i].head);
        key = hash_bytes(key, heads[i].row, (size_t)heads[i].n_k * sizeof(float));
    }
    if (key == model->thumbs_key)
        return true;
    model->thumbs_key = 0;
    if (!thumbs_room(model, count, err))
        return false;
    model->thumb_count = 0;
    for (int i = 0; i < count; i++) {
        if (!paint_thumb(&model->thumbs[i], scene, l, &heads[i], err))
            return false;
        model->thumb_count++;
    }
    model->thumbs_key = key;
    return true;
}

bool patches_update(PatchesModel *model, const Scene *scene, const PatchesLayout *layout,
                    const PatchesHead *heads, int head_count, Error *err)
{
    Matrix m = scene_matrix(scene);
    if (!m.at || layout->rows < 1 || !patches_can_show(scene, scene->stage))
        return true;
    return colorbar_update(&model->bar, scene, layout->bar_kind == BAR_VERTICAL, err) &&
           update_picture(model, scene, layout, err) &&
           update_overlay(model, scene, layout, m, err) &&
           (patches_channels(scene) > 0
                ? update_channels(model, scene, layout, err)
                : update_thumbs(model, scene, layout, heads, heads ? head_count : 0, err));
}
