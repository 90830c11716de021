#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "view/heatmap_parts.h"

enum { N = 400, D = 3 };

/* The same head twice: as a whole by the pipeline, and in rows. */
typedef struct {
    Fixture f;
    float q[N * D], k[N * D];
    AttnParams params;
    Pipeline *pipeline;
    Tiles *tiles;
    HeatmapModel *model;
    HeatmapLayout layout;
} Twins;

static void twins_update(Twins *t, bool tiled)
{
    Error err = {0};
    unsigned stages = STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(STAGE_SCALED);
    assert_true(tiles_update(t->tiles, &t->f.in, &t->params, 0, stages, NULL, &err));
    assert_true(pipeline_update(t->pipeline, &t->f.in, &t->params, stages, NULL, &err));
    t->f.scene.result = tiled ? tiles_result(t->tiles) : pipeline_result(t->pipeline);
}

static void twins_init(Twins *t)
{
    uint64_t seed = 9;
    memset(t, 0, sizeof *t);
    fixture_init(&t->f, N, N, 3);
    for (int i = 0; i < N * D; i++) {
        t->q[i] = (float)(4 * fixture_random(&seed) - 2);
        t->k[i] = (float)(4 * fixture_random(&seed) - 2);
    }
    t->f.in.entry = ENTRY_QK;
    t->f.in.q = (Matrix){t->q, N, D, D};
    t->f.in.k = (Matrix){t->k, N, D, D};
    t->params = params_default();
    t->pipeline = pipeline_new();
    t->tiles = tiles_new();
    t->model = heatmap_new();
    twins_update(t, true);
}

static void twins_free(Twins *t)
{
    heatmap_free(t->model);
    tiles_free(t->tiles);
    pipeline_free(t->pipeline);
    fixture_free(&t->f);
}

static void paint(Twins *t, Viewport v, int lines)
{
    Error err = {0};
    t->layout = heatmap_layout(&t->f.scene, v, rect(0, 0, 600, 500));
    TilesView *view = heatmap_tiles_want(t->model, &t->f.scene, &t->layout);
    for (int left = 1; view && lines > 0 && left > 0; lines--)
        left = tiles_view_work(view, t->tiles, 1);
    if (t->f.scene.result->tiles)
        tiles_settle(t->tiles, t->f.scene.stage, true);
    assert_true(heatmap_update(t->model, &t->f.scene, &t->layout, &err));
}

/* Colours of a picture, copied: the model paints over them. */
static Color *colors(const Twins *t, size_t *count)
{
    *count = (size_t)t->model->image.w * (size_t)t->model->image.h;
    Color *px = mem_array(*count, sizeof *px);
    memcpy(px, t->model->image.px, *count * sizeof *px);
    return px;
}

static void single_cells_have_the_colours_of_the_whole_matrix(void **state)
{
    (void)state;
    Twins t;
    twins_init(&t);
    Viewport near = {20, 130, 70};
    t.f.color.range = RANGE_ROW;
    for (int causal = 0; causal < 2; causal++) {
        for (int stage = 0; stage < 2; stage++) {
            size_t count, same;
            t.params.mask.causal = causal;
            t.f.scene.stage = stage ? STAGE_SCALED : STAGE_WEIGHTS;
            twins_update(&t, true);
            paint(&t, near, N);
            assert_false(t.layout.pooled);
            Color *tiled = colors(&t, &count);
            twins_update(&t, false);
            paint(&t, near, N);
            Color *whole = colors(&t, &same);
            assert_int_equal(count, same);
            assert_memory_equal(tiled, whole, count * sizeof *tiled);
            mem_free(tiled);
            mem_free(whole);
        }
    }
    twins_free(&t);
}

static void rows_of_other_settings_are_dimmed_and_unknown_ones_empty(void **state)
{
    (void)state;
    Twins t;
    twins_init(&t);
    Viewport near = {20, 130, 70};
    Color ground = t.f.kit.theme->bg | 0xFF000000u;
    paint(&t, near, 4);
    int w = t.model->image.w, h = t.model->image.h;
    assert_true(h > 8);
    for (int x = 0; x < w; x++) {
        assert_int_equal(t.model->image.px[4 * w + x], ground);
        assert_int_not_equal(t.model->image.px[3 * w + x], ground);
    }
    Color was = t.model->image.px[0];
    float value =
        heatmap_value(t.model, &t.f.scene, &t.layout, t.layout.first_row, t.layout.first_col);
    assert_true(isfinite(value));
    t.params.scale.temperature = 1.0001;
    twins_update(&t, true);
    paint(&t, near, 0);
    Color now = t.model->image.px[0];
    for (int shift = 0; shift < 24; shift += 8) { /* nearer to the ground, by any eye */
        int before = (int)(was >> shift & 255), after = (int)(now >> shift & 255);
        int paper = (int)(ground >> shift & 255);
        assert_true(abs(after - paper) <= abs(before - paper));
    }
    assert_int_not_equal(was, now);
    assert_true(isnan(
        heatmap_value(t.model, &t.f.scene, &t.layout, t.layout.first_row, t.layout.first_col)));
    twins_free(&t);
}

static void a_pass_makes_the_picture_of_all_rows(void **state)
{
    (void)state;
    Twins t;
    char words[64];
    twins_init(&t);
    t.f.kit.scale = 0.5f; /* two cells a pixel: blocks are cells */
    paint(&t, viewport_fit(), N);
    assert_true(t.layout.pooled);
    heatmap_tiles_words(t.model, &t.f.scene, words, sizeof words);
    assert_non_null(strstr(words, "every 2nd row"));
    assert_true(tiles_pass_work(t.tiles, STAGE_WEIGHTS, N));
    paint(&t, viewport_fit(), N);
    heatmap_tiles_words(t.model, &t.f.scene, words, sizeof words);
    assert_string_equal(words, "largest of every block, all rows");
    Color top = 0; /* the largest weight of all is there */
    const Colormap *map = scene_colormap(&t.f.scene);
    for (int i = 0; i < t.model->image.w * t.model->image.h; i++)
        if (t.model->image.px[i] == map->lut[255])
            top = t.model->image.px[i];
    assert_int_equal(top, map->lut[255]);
    twins_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_cells_have_the_colours_of_the_whole_matrix),
        cmocka_unit_test(rows_of_other_settings_are_dimmed_and_unknown_ones_empty),
        cmocka_unit_test(a_pass_makes_the_picture_of_all_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
