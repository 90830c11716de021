#include "view/scene.h"

#include "base/field.h"
#include "base/index_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOG_SPAN 1e-4f /* the log scale shows four decades */

Matrix scene_matrix(const Scene *scene)
{
    if (!scene->result || scene->stage >= STAGE_COUNT)
        return (Matrix){NULL, 0, 0, 0};
    Matrix m = scene->result->stage[scene->stage];
    return m.at && m.rows > 0 && m.cols > 0 ? m : (Matrix){NULL, 0, 0, 0};
}

bool scene_tiled(const Scene *scene)
{
    return scene->result && scene->result->tiles && scene->stage < STAGE_CHAIN &&
           !scene->result->absent[scene->stage];
}

void scene_size(const Scene *scene, int *rows, int *cols)
{
    Matrix m = scene_matrix(scene);
    bool output = scene->stage == STAGE_OUTPUT;
    *rows = scene_tiled(scene) ? scene->result->n_q : m.rows;
    *cols = !scene_tiled(scene) ? m.cols : output ? scene->result->d_v : scene->result->n_k;
}

const float *scene_weights(const Scene *scene, int row)
{
    const AttnResult *r = scene->result;
    if (r->tiles)
        return tiles_row(r->tiles, row);
    return r->stage[STAGE_WEIGHTS].at ? matrix_row(r->stage[STAGE_WEIGHTS], row) : NULL;
}

const char *scene_absent(const Scene *scene)
{
    if (scene_matrix(scene).at || scene_tiled(scene))
        return NULL;
    if (!scene->result || scene->stage >= STAGE_COUNT)
        return "no tokens";
    const char *why = scene->result->absent[scene->stage];
    return why ? why : "not computed yet";
}

bool scene_rows_are_keys(Stage stage)
{
    return stage == STAGE_X_K || stage == STAGE_K || stage == STAGE_V;
}

bool scene_columns_are_keys(const Scene *scene)
{
    return scene->stage < STAGE_OUTPUT;
}

static bool masks_act(const Scene *scene)
{
    return scene->result && scene->result->mask && scene->result->mask->any &&
           (scene->stage == STAGE_MASKED || scene->stage == STAGE_WEIGHTS);
}

bool scene_masked(const Scene *scene, int row, int col)
{
    return masks_act(scene) && !mask_allows(scene->result->mask, row, col);
}

bool scene_row_masked(const Scene *scene, int row)
{
    return masks_act(scene) && scene->result->rows &&
           (scene->result->rows[row].flags & ROW_FULLY_MASKED) != 0;
}

bool scene_query_locked(const Scene *scene, int row)
{
    return row >= 0 && (row == scene->focus.query ||
                        (scene->focus.queries && index_set_has(scene->focus.queries, row)));
}

const char *scene_word(const Scene *scene)
{
    static const char *const words[STAGE_COUNT] = {"score",  "scaled",    "masked",   "weight",
                                                   "output", "embedding", "position", "x",
                                                   "x_k",    "q",         "k",        "v"};
    return words[scene->stage < STAGE_COUNT ? scene->stage : STAGE_WEIGHTS];
}

void scene_number(const Scene *scene, float value, char out[TEXT_NUMBER])
{
    if (scene->stage == STAGE_WEIGHTS)
        text_weight_cell(out, value);
    else if (value == 0)
        snprintf(out, TEXT_NUMBER, "0");
    else
        text_fixed(out, value, 2);
}

Color scene_data_color(const Scene *scene)
{
    if (scene->head_is_one || scene->head < 0)
        return scene->kit->theme->data;
    return head_color(scene->head, scene->kit->theme->dark);
}

bool scene_signed(const Scene *scene)
{
    if (scene->stage != STAGE_WEIGHTS)
        return true;
    return scene->result && scene->result->range[STAGE_WEIGHTS].lo < 0;
}

static float finite_or(float v, float other)
{
    return isfinite(v) ? v : other;
}

/* The span of one row's unmasked finite numbers: its maximum, or for signed stages its largest |x|.
 */
static float row_top(const Scene *scene, int row)
{
    Matrix m = scene_matrix(scene);
    float lo, hi;
    if (scene_tiled(scene)) {
        tiles_extent(scene->result->tiles, scene->stage, row, &lo, &hi);
        return lo <= hi ? fmaxf(fabsf(finite_or(lo, 0)), fabsf(finite_or(hi, 0))) : 0;
    }
    if (!m.at || row >= m.rows)
        return 0;
    if (!scene_signed(scene) && scene->result->rows)
        return finite_or((float)scene->result->rows[row].max, 0);
    const float *x = matrix_row(m, row);
    float top = 0;
    for (int j = 0; j < m.cols; j++) {
        float a = fabsf(x[j]);
        if (a > top && isfinite(a) && !scene_masked(scene, row, j))
            top = a;
    }
    return top;
}

static void range_of(const Scene *scene, const Range *range, float *lo, float *hi)
{
    float top = fmaxf(fabsf(finite_or(range->lo, 0)), fabsf(finite_or(range->hi, 0)));
    *lo = scene_signed(scene) ? -top : 0;
    *hi = scene_signed(scene) ? top : finite_or(range->hi, 0);
}

void scene_range(const Scene *scene, int row, float *lo, float *hi)
{
    RangeKind kind = scene->color ? scene->color->range : RANGE_MATRIX;
    *lo = 0;
    *hi = 0;
    if (scene_absent(scene)) {
        *hi = 1;
        return;
    }
    if (kind == RANGE_FIXED) {
        *lo = finite_or((float)scene->color->lo, 0);
        *hi = finite_or((float)scene->color->hi, 1);
        if (scene_signed(scene)) { /* 0 stays in the middle of the map */
            *hi = fmaxf(fabsf(*lo), fabsf(*hi));
            *lo = -*hi;
        }
    } else if (kind == RANGE_ROW && row >= 0) {
        *hi = row_top(scene, row);
        *lo = scene_signed(scene) ? -*hi : 0;
    } else {
        range_of(scene,
                 kind == RANGE_HEADS ? &scene->heads_range[scene->stage]
                                     : &scene->result->range[scene->stage],
                 lo, hi);
    }
    if (!(*hi > *lo)) { /* all equal: one colour, the first; signed: the middle */
        *hi = scene_signed(scene) ? 1 : *lo + 1;
        *lo = scene_signed(scene) ? -1 : *lo;
    }
}

static float scale_unit(ColorScale scale, float t, float least)
{
    if (scale == COLOR_SQRT)
        return sqrtf(clampf(t, 0, 1));
    if (scale == COLOR_LOG)
        return t <= least ? 0.0f : clampf(1.0f - log10f(t) / log10f(least), 0, 1);
    return clampf(t, 0, 1);
}

float scene_unit(const Scene *scene, float value, float lo, float hi)
{
    ColorScale scale = scene->color ? scene->color->scale : COLOR_LINEAR;
    if (!isfinite(value))
        return NAN;
    float t = (value - lo) / (hi - lo);
    if (!isfinite(t)) /* a span beyond float32 */
        t = (float)(((double)value - lo) / ((double)hi - lo));
    if (scale == COLOR_LINEAR)
        return clampf(t, 0, 1);
    if (lo < 0) { /* both sides of the middle alike */
        float side = 2 * t - 1, u = scale_unit(scale, fabsf(side), LOG_SPAN);
        return side < 0 ? 0.5f - 0.5f * u : 0.5f + 0.5f * u;
    }
    if (scale == COLOR_LOG) {
        float least = lo > hi * LOG_SPAN ? lo / hi : LOG_SPAN;
        return hi > 0 ? scale_unit(scale, value / hi, least) : 0;
    }
    return scale_unit(scale, t, LOG_SPAN);
}

const Colormap *scene_colormap(const Scene *scene)
{
    ColormapId id = scene->color ? scene->color->map : COLORMAP_COUNT;
    if (id < COLORMAP_COUNT)
        return colormap(id);
    if (scene_signed(scene))
        return colormap(COLORMAP_BLUE_ORANGE);
    if (scene->has_gold)
        return colormap(COLORMAP_GREYS);
    bool picture = scene->sentence && scene->sentence->image.present;
    return colormap(picture ? COLORMAP_MAGMA : COLORMAP_VIRIDIS);
}

void scene_range_words(const Scene *scene, char *out, size_t cap)
{
    static const char *const scales[] = {"linear", "√", "log"};
    static const char *const ranges[] = {"per row", "per matrix", "all heads", "fixed"};
    const ColorLook *look = scene->color;
    RangeKind range = look ? look->range : RANGE_MATRIX;
    bool some = range == RANGE_MATRIX && scene_tiled(scene) &&
                tiles_fresh(scene->result->tiles) < scene->result->n_q;
    snprintf(out, cap, "%s, %s", scales[look ? look->scale : COLOR_LINEAR],
             some ? "rows computed" : ranges[range]);
}

const char *scene_note(const Scene *scene)
{
    if (!scene->result || scene->stage != STAGE_WEIGHTS)
        return NULL;
    bool most = scene->layer == FIELD_MAX || scene->head == FIELD_MAX;
    return most || scene->result->sums_open ? "rows need not sum to 1" : NULL;
}
