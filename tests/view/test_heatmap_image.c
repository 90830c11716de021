#include "fixture.h"

#include "base/index_set.h"
#include "view/heatmap_parts.h"

/* The entry by the formula in double; a second one where rounding could go either way. */
static bool is_entry(const Colormap *map, double t, Color got)
{
    double exact = 255 * t + 0.5, down = floor(exact - 1e-4), up = floor(exact + 1e-4);
    int a = (int)fmin(fmax(down, 0), 255), b = (int)fmin(fmax(up, 0), 255);
    return got == map->lut[a] || got == map->lut[b];
}

static HeatmapLayout updated(Fixture *f, HeatmapModel *model, Viewport v, Rect area)
{
    Error err = {0};
    HeatmapLayout l = heatmap_layout(&f->scene, v, area);
    assert_true(heatmap_update(model, &f->scene, &l, &err));
    return l;
}

static void every_cell_has_the_colour_of_the_formula(void **state)
{
    (void)state;
    for (int scale = 0; scale < 3; scale++) {
        Fixture f;
        fixture_init(&f, 13, 17, 21);
        HeatmapModel *model = heatmap_new();
        f.color.scale = (ColorScale)scale;
        HeatmapLayout l = updated(&f, model, viewport_fit(), rect(0, 0, 700, 700));
        assert_false(l.pooled);
        assert_int_equal(model->image.w, 17);
        assert_int_equal(model->image.h, 13);
        double top = (double)f.result.range[STAGE_WEIGHTS].hi;
        for (int i = 0; i < 13 * 17; i++) {
            double t = (double)f.weights[i] / top;
            t = scale == 0 ? t : scale == 1 ? sqrt(t) : fmax(0, 1 + log10(t) / 4);
            assert_true(is_entry(colormap(COLORMAP_VIRIDIS), t, model->image.px[i]));
        }
        heatmap_free(model);
        fixture_free(&f);
    }
}

static void ranges_are_per_row_or_fixed(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 6, 9, 22);
    HeatmapModel *model = heatmap_new();
    f.color.range = RANGE_ROW;
    updated(&f, model, viewport_fit(), rect(0, 0, 700, 700));
    for (int i = 0; i < 6; i++) {
        double top = 0;
        for (int j = 0; j < 9; j++)
            top = fmax(top, (double)f.weights[i * 9 + j]);
        for (int j = 0; j < 9; j++)
            assert_true(is_entry(colormap(COLORMAP_VIRIDIS), (double)f.weights[i * 9 + j] / top,
                                 model->image.px[i * 9 + j]));
    }
    f.color.range = RANGE_FIXED;
    f.color.lo = 0.05;
    f.color.hi = 0.15;
    updated(&f, model, viewport_fit(), rect(0, 0, 700, 700));
    for (int i = 0; i < 6 * 9; i++) {
        double t = ((double)f.weights[i] - (double)0.05f) / ((double)0.15f - (double)0.05f);
        assert_true(is_entry(colormap(COLORMAP_VIRIDIS), t, model->image.px[i]));
    }
    heatmap_free(model);
    fixture_free(&f);
}

static void signed_stages_are_symmetric_about_zero(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 5, 5, 23);
    f.scene.stage = STAGE_SCORES;
    for (int i = 0; i < 25; i++)
        f.weights[i] = (float)(i - 7);
    fixture_refresh(&f);
    HeatmapModel *model = heatmap_new();
    updated(&f, model, viewport_fit(), rect(0, 0, 700, 700));
    for (int i = 0; i < 25; i++)
        assert_true(
            is_entry(colormap(COLORMAP_BLUE_ORANGE), 0.5 + (i - 7) / 34.0, model->image.px[i]));
    heatmap_free(model);
    fixture_free(&f);
}

static void masked_cells_are_clear_and_broken_ones_have_their_own_colour(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 6, 6, 24);
    f.mask_params.causal = true;
    fixture_renormalise(&f);
    f.weights[2 * 6 + 1] = (float)NAN;
    f.weights[4 * 6 + 0] = (float)INFINITY;
    f.weights[0 * 6 + 3] = (float)NAN; /* masked: it stays clear */
    fixture_refresh(&f);
    HeatmapModel *model = heatmap_new();
    updated(&f, model, viewport_fit(), rect(0, 0, 700, 700));
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            assert_int_equal(model->image.px[i * 6 + j] == 0, j > i);
    assert_int_equal(model->image.px[2 * 6 + 1], COLOR_RGB(0x990000));
    assert_int_equal(model->image.px[4 * 6 + 0], COLOR_RGB(0x990000));
    heatmap_free(model);
    fixture_free(&f);
}

static void one_bright_cell_never_vanishes(void **state)
{
    (void)state;
    static const int sizes[][2] = {{180, 400}, {777, 301}, {1201, 997}, {13, 3000}, {2999, 150}};
    uint64_t seed = 5;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        Fixture f;
        int rows = sizes[s][0], cols = sizes[s][1];
        fixture_init(&f, rows, cols, s);
        HeatmapModel *model = heatmap_new();
        for (int trial = 0; trial < 6; trial++) {
            memset(f.weights, 0, (size_t)rows * (size_t)cols * sizeof *f.weights);
            int row = (int)(fixture_random(&seed) * rows),
                col = (int)(fixture_random(&seed) * cols);
            f.weights[(size_t)row * (size_t)cols + (size_t)col] = 0.5f;
            fixture_refresh(&f);
            f.kit.scale = trial % 2 ? 1.0f : 1.5f;
            HeatmapLayout l =
                updated(&f, model, viewport_fit(), rect(0, 0, 420 + 40 * (float)trial, 520));
            assert_true(l.pooled);
            int bright = 0, dark = 0;
            for (int i = 0; i < model->image.w * model->image.h; i++) {
                bright += model->image.px[i] == colormap(COLORMAP_VIRIDIS)->lut[255];
                dark += model->image.px[i] == colormap(COLORMAP_VIRIDIS)->lut[0];
            }
            assert_true(bright >= 1);
            assert_int_equal(bright + dark, model->image.w * model->image.h);
        }
        heatmap_free(model);
        fixture_free(&f);
    }
}

/* The largest |x| of a block with its sign, 0-alpha when all is masked, NaN colour when any is. */
static Color naive_block(const Fixture *f, const HeatmapLayout *l, IRect b)
{
    double best = 0;
    bool any = false;
    (void)l;
    for (int r = b.y; r < b.y + b.h; r++) {
        for (int c = b.x; c < b.x + b.w; c++) {
            double x = (double)f->weights[(size_t)r * (size_t)f->in.n_k + (size_t)c];
            if (scene_masked(&f->scene, r, c))
                continue;
            if (!isfinite(x))
                return scene_colormap(&f->scene)->nan;
            if (!any || fabs(x) > fabs(best) || (fabs(x) == fabs(best) && x > best))
                best = x;
            any = true;
        }
    }
    if (!any)
        return 0;
    float lo, hi;
    scene_range(&f->scene, -1, &lo, &hi);
    return colormap_at(scene_colormap(&f->scene),
                       (float)((best - (double)lo) / ((double)hi - (double)lo)));
}

static int edge(double start, int pixel, double pixels_per_cell, int last)
{
    int cell = (int)floor(start + pixel / pixels_per_cell + 1e-9);
    return cell > last ? last : cell;
}

static void check_pooled(Fixture *f, Rect area)
{
    HeatmapModel *model = heatmap_new();
    HeatmapLayout l = updated(f, model, viewport_fit(), area);
    double sx = (double)l.cell_w * (double)f->kit.scale,
           sy = (double)l.cell_h * (double)f->kit.scale;
    assert_true(l.pooled);
    int wrong = 0;
    for (int y = 0; y < model->image.h; y++) {
        for (int x = 0; x < model->image.w; x++) {
            IRect b = {edge(l.col0, x, sx, l.cols - 1), edge(l.row0, y, sy, l.rows - 1), 0, 0};
            int right = x + 1 < model->image.w ? edge(l.col0, x + 1, sx, l.cols - 1) : l.cols;
            int below = y + 1 < model->image.h ? edge(l.row0, y + 1, sy, l.rows - 1) : l.rows;
            b.w = right > b.x ? right - b.x : 1;
            b.h = below > b.y ? below - b.y : 1;
            wrong += model->image.px[y * model->image.w + x] != naive_block(f, &l, b);
        }
    }
    assert_true(wrong * 1000 < model->image.w * model->image.h); /* rounding of a colour's edge */
    heatmap_free(model);
}

static void pooling_equals_the_plain_loop(void **state)
{
    (void)state;
    for (int kind = 0; kind < 7; kind++) {
        Fixture f;
        fixture_init(&f, 190, 333, (uint64_t)kind + 40);
        f.mask_params.causal = kind == 1;
        f.mask_params.window = kind == 2 || kind == 4 ? 9 : 0;
        f.mask_params.dilation = kind == 4 ? 3 : 1;
        f.mask_params.stride = kind == 5 ? 41 : 0;
        f.mask_params.random = kind >= 5 ? 3 : 0;
        f.mask_params.hidden = kind == 6 ? index_set_intern((int[]){3, 4, 200}, 3) : 0;
        fixture_renormalise(&f);
        if (kind == 3) {
            f.scene.stage = STAGE_SCALED;
            for (int i = 0; i < 190 * 333; i++)
                f.weights[i] = f.weights[i] * 700 - 1.5f;
        }
        if (kind >= 2) {
            f.weights[333 * 7 + 5] = (float)NAN;
            f.weights[333 * 99 + 100] = (float)-INFINITY;
        }
        fixture_refresh(&f);
        check_pooled(&f, rect(0, 0, 300, 300));
        f.kit.scale = 1.5f;
        check_pooled(&f, rect(0, 0, 300, 300));
        fixture_free(&f);
    }
}

static void threads_do_not_change_the_picture(void **state)
{
    (void)state;
    Threads *threads = threads_start(3);
    assert_non_null(threads);
    for (int kind = 0; kind < 6; kind++) {
        Fixture f;
        HeatmapModel *alone = heatmap_new(), *shared = heatmap_new();
        fixture_init(&f, 700, 600, (uint64_t)kind + 90);
        f.mask_params.causal = kind % 3 == 1;
        fixture_renormalise(&f);
        f.color.pool = kind % 3 == 2 ? POOL_MEAN : POOL_MAX;
        if (kind >= 3)
            f.weights[600 * 7 + 5] = (float)NAN;
        fixture_refresh(&f);
        /* Upright: rows are pooled; lying: lines of pixels repeat. */
        Rect area = kind % 2 ? rect(0, 0, 260, 300) : rect(0, 0, 300, 1200);
        updated(&f, alone, viewport_fit(), area);
        f.scene.threads = threads;
        updated(&f, shared, viewport_fit(), area);
        assert_int_equal(alone->image.h, shared->image.h);
        assert_memory_equal(alone->image.px, shared->image.px,
                            (size_t)alone->image.w * (size_t)alone->image.h * sizeof(Color));
        heatmap_free(alone);
        heatmap_free(shared);
        fixture_free(&f);
    }
    threads_stop(threads);
}

static void the_picture_is_rebuilt_only_when_something_changed(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 9, 9, 31);
    HeatmapModel *model = heatmap_new();
    updated(&f, model, viewport_fit(), rect(0, 0, 600, 600));
    uint32_t stamp = model->image.stamp;
    f.scene.focus.hover_key = 3;
    updated(&f, model, viewport_fit(), rect(0, 0, 600, 600));
    assert_int_equal(model->image.stamp, stamp);
    f.weights[3] = 0.9f;
    fixture_refresh(&f);
    updated(&f, model, viewport_fit(), rect(0, 0, 600, 600));
    assert_int_not_equal(model->image.stamp, stamp);
    stamp = model->image.stamp;
    f.color.map = COLORMAP_MAGMA;
    updated(&f, model, viewport_fit(), rect(0, 0, 600, 600));
    assert_int_not_equal(model->image.stamp, stamp);
    heatmap_free(model);
    fixture_free(&f);
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 200, 200, 31);
    HeatmapLayout l = heatmap_layout(&f.scene, viewport_fit(), rect(0, 0, 600, 700));
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 8; n++) {
        HeatmapModel *model = heatmap_new();
        Error err = {0};
        mem_fail_at(n, false);
        bool ok = heatmap_update(model, &f.scene, &l, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        if (!ok)
            assert_true(heatmap_update(model, &f.scene, &l, &err)); /* and later it works */
        heatmap_free(model);
        assert_int_equal(mem_live(), live);
    }
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_has_the_colour_of_the_formula),
        cmocka_unit_test(ranges_are_per_row_or_fixed),
        cmocka_unit_test(signed_stages_are_symmetric_about_zero),
        cmocka_unit_test(masked_cells_are_clear_and_broken_ones_have_their_own_colour),
        cmocka_unit_test(one_bright_cell_never_vanishes),
        cmocka_unit_test(pooling_equals_the_plain_loop),
        cmocka_unit_test(threads_do_not_change_the_picture),
        cmocka_unit_test(the_picture_is_rebuilt_only_when_something_changed),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
