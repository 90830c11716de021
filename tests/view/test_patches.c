#include "fixture.h"

#include "view/patches_parts.h"

typedef struct {
    Fixture f;
    PatchesModel *model;
    PatchesLayout layout;
    DrawList list;
    PatchesHead heads[3];
} View;

static const char *SPECIAL[] = {"[CLS]", "reg 0"};

/* A picture of rows × cols patches after two special tokens, on the given axis. */
static void view_init(View *v, int rows, int cols, ImageAxis axis, bool picture)
{
    Error err = {0};
    int n = rows * cols + 2;
    fixture_init(&v->f, axis == IMAGE_KEYS ? 4 : n, axis == IMAGE_QUERIES ? 4 : n, 5);
    DocImage *image = &v->f.sentence.image;
    *image = (DocImage){.present = true, .file = "", .rows = rows, .cols = cols, .axis = axis};
    image->special = SPECIAL;
    image->special_count = 2;
    if (picture) {
        assert_true(image_init(&image->image, 40, 30, &err));
        for (int i = 0; i < 40 * 30; i++)
            image->image.px[i] = COLOR_RGB((unsigned)i * 37);
        image_touch(&image->image);
    }
    fixture_axes(&v->f);
    v->model = patches_new();
    assert_non_null(v->model);
    draw_list_init(&v->list);
    for (int i = 0; i < 3; i++)
        v->heads[i] =
            (PatchesHead){i, v->f.weights + (size_t)i * (size_t)v->f.in.n_k, v->f.in.n_k, 1.5 + i};
}

static void view_draw(View *v, Rect area, bool strip)
{
    Error err = {0};
    draw_list_reset(&v->list);
    v->layout = patches_layout(&v->f.scene, area, strip);
    assert_true(patches_update(v->model, &v->f.scene, &v->layout, v->heads, 3, &err));
    patches_draw(v->model, &v->f.scene, &v->layout, &v->list);
    assert_false(v->list.failed);
}

static void view_free(View *v)
{
    patches_free(v->model);
    draw_list_free(&v->list);
    image_free(&v->f.sentence.image.image);
    fixture_free(&v->f);
}

static void a_picture_draws_as_the_golden(void **state)
{
    (void)state;
    View v;
    view_init(&v, 3, 4, IMAGE_BOTH, true);
    v.f.kit.theme = theme(THEME_DARK);
    v.f.scene.focus = (Focus){.query = 7, .key = -1, .hover_query = -1, .hover_key = 4};
    view_draw(&v, rect(224, 76, 776, 696), true);
    fixture_golden("view/patches.txt", &v.list);
    view_free(&v);
}

static void a_grid_without_a_picture_draws_as_the_golden(void **state)
{
    (void)state;
    View v;
    view_init(&v, 2, 5, IMAGE_KEYS, false);
    v.f.scene.focus = (Focus){.query = 1, .key = -1, .hover_query = -1, .hover_key = 1};
    view_draw(&v, rect(0, 0, 420, 300), false);
    fixture_golden("view/patches_grid.txt", &v.list);
    view_free(&v);
}

static void the_design_picture_is_met_to_the_pixel(void **state)
{
    (void)state;
    View v;
    view_init(&v, 14, 14, IMAGE_BOTH, true);
    PatchesLayout l = patches_layout(&v.f.scene, rect(224, 76, 776, 696), true);
    assert_true(l.picture.x == 344 && l.picture.y == 84 && l.patch == 36);
    assert_true(l.picture.w == 504 && l.picture.h == 504);
    assert_true(l.heads.y == 620);
    Rect thumb = patches_thumb(&v.f.scene, &l, 1);
    assert_true(thumb.x == 302 && thumb.y == 652 && thumb.w == 54);
    Rect swatch = patches_swatch(&v.f.scene, &l, 1);
    assert_true(swatch.x == 240 && swatch.y == 184 && swatch.w == 48 && swatch.h == 24);
    assert_true(l.bar.x == 873 && l.bar.y == 104 && l.bar.h == 200);
    view_free(&v);
}

static void every_patch_has_the_colour_of_its_weight(void **state)
{
    (void)state;
    View v;
    view_init(&v, 3, 5, IMAGE_BOTH, true);
    v.f.scene.focus.query = 6;
    v.f.color.range = RANGE_ROW;
    view_draw(&v, rect(0, 0, 700, 600), false);
    const float *row = v.f.weights + 6 * 17;
    for (int i = 0; i < 15; i++) {
        double exact = 255 * (double)row[2 + i] / v.f.rows[6].max + 0.5;
        const Colormap *map = colormap(COLORMAP_MAGMA);
        Color got = v.model->overlay.px[i];
        assert_true(got == map->lut[(int)floor(exact - 1e-3)] ||
                    got ==
                        map->lut[(int)floor(exact + 1e-3) > 255 ? 255 : (int)floor(exact + 1e-3)]);
    }
    view_free(&v);
}

static void a_picture_on_the_queries_shows_who_looks_at_the_key(void **state)
{
    (void)state;
    View v;
    view_init(&v, 2, 3, IMAGE_QUERIES, false);
    v.f.scene.focus.key = 2;
    view_draw(&v, rect(0, 0, 700, 600), true);
    assert_true(v.layout.heads.h == 0); /* a head's row has no patches there */
    for (int i = 0; i < 8; i++)
        assert_true(v.model->values[i] == v.f.weights[i * 4 + 2]);
    view_free(&v);
}

static void masked_patches_are_hatched(void **state)
{
    (void)state;
    View v;
    view_init(&v, 2, 3, IMAGE_BOTH, false);
    v.f.mask_params.causal = true;
    fixture_renormalise(&v.f);
    v.f.scene.focus.query = 3; /* sees [CLS], reg 0 and two patches: four are masked */
    view_draw(&v, rect(0, 0, 700, 600), false);
    for (int i = 0; i < 6; i++)
        assert_int_equal(v.model->overlay.px[i] == 0, i >= 2);
    assert_int_equal(fixture_count(&v.list, DRAW_HATCH, 0), 2); /* one per run in a line */
    view_free(&v);
}

static void smooth_is_bilinear_between_centres(void **state)
{
    (void)state;
    View v;
    view_init(&v, 1, 2, IMAGE_KEYS, false);
    v.f.patches.smooth = true;
    v.f.scene.focus.query = 0;
    const float w[4] = {0, 0, 0, 1};
    memcpy(v.f.weights, w, sizeof w);
    fixture_refresh(&v.f);
    view_draw(&v, rect(0, 0, 700, 600), false);
    const Image *o = &v.model->overlay;
    int y = o->h / 2;
    for (int x = 0; x < o->w; x++) {
        double at = (x + 0.5) * 2 / o->w - 0.5, t = at < 0 ? 0 : at > 1 ? 1 : at;
        Color want = colormap_at(colormap(COLORMAP_MAGMA), (float)t);
        Color near = colormap_at(colormap(COLORMAP_MAGMA), (float)(t + 1e-3));
        Color below = colormap_at(colormap(COLORMAP_MAGMA), (float)(t - 1e-3));
        Color got = o->px[y * o->w + x];
        assert_true(got == want || got == near || got == below);
    }
    view_free(&v);
}

static void the_middle_of_every_patch_probes_to_itself(void **state)
{
    (void)state;
    static const ImageAxis axes[] = {IMAGE_BOTH, IMAGE_QUERIES, IMAGE_KEYS};
    for (int a = 0; a < 3; a++) {
        View v;
        view_init(&v, 5, 7, axes[a], false);
        for (int w = 200; w < 1500; w += 190) {
            PatchesLayout l = patches_layout(&v.f.scene, rect(9, 8, (float)w, 640), true);
            for (int i = 0; i < 37; i++) {
                Rect r =
                    i < 2 ? patches_swatch(&v.f.scene, &l, i) : patches_cell(&v.f.scene, &l, i);
                if (r.w <= 0)
                    continue;
                int head;
                Probe p =
                    patches_probe(&v.f.scene, &l, vec2(r.x + 0.5f * r.w, r.y + 0.5f * r.h), &head);
                assert_int_equal(head, -1);
                assert_int_equal(p.query, axes[a] == IMAGE_KEYS ? -1 : i);
                assert_int_equal(p.key, axes[a] == IMAGE_QUERIES ? -1 : i);
            }
            for (int i = 0; i < patches_thumbs_fit(&v.f.scene, &l); i++) {
                Rect r = patches_thumb(&v.f.scene, &l, i);
                int head;
                patches_probe(&v.f.scene, &l, vec2(r.x + 0.5f * r.w, r.y + 0.5f * r.h), &head);
                assert_int_equal(head, i);
            }
        }
        view_free(&v);
    }
}

static void nothing_leaves_the_pane_at_any_size(void **state)
{
    (void)state;
    static const int grids[][2] = {{14, 14}, {1, 1}, {12, 18}, {3, 60}, {64, 64}};
    for (int g = 0; g < 5; g++) {
        View v;
        view_init(&v, grids[g][0], grids[g][1], IMAGE_KEYS, false);
        for (int id = 0; id < THEME_COUNT; id++) {
            v.f.kit.theme = theme((ThemeId)id);
            for (int w = 320; w <= 3840; w += w / 5) {
                for (int h = 240; h <= 2160; h += h / 4) {
                    Rect area = {3, 4, (float)w, (float)h};
                    PatchesLayout l = patches_layout(&v.f.scene, area, true);
                    assert_true(l.patch > 0);
                    assert_true(l.picture.x >= 3 && l.picture.y >= 4);
                    assert_true(rect_right(l.picture) <= rect_right(area) + 0.5f);
                    float bottom = l.heads.h > 0 ? l.heads.y : rect_bottom(area);
                    assert_true(rect_bottom(l.picture) <= bottom + 0.5f);
                    assert_true(rect_meet(l.bar, l.picture).w <= 0 ||
                                rect_meet(l.bar, l.picture).h <= 0);
                    assert_true(rect_right(l.bar) <= rect_right(area) + 0.5f);
                    assert_true(rect_bottom(l.bar) <= bottom + 0.5f);
                }
            }
        }
        view_free(&v);
    }
}

/* Rows are the places of the picture (after two special ones), columns four channels. */
static void gate_init(View *v)
{
    view_init(v, 3, 5, IMAGE_QUERIES, true);
    v->f.result.form = FORM_GATE;
}

static Color gate_color(const View *v, double value)
{
    const Range *range = &v->f.result.range[STAGE_WEIGHTS];
    return colormap_at(colormap(COLORMAP_MAGMA), (float)(value / (double)range->hi));
}

/* The same entry of the map, or its neighbour where rounding decides. */
static void assert_close_color(Color got, Color want)
{
    for (int shift = 0; shift < 32; shift += 8)
        assert_true(abs((int)((got >> shift) & 255) - (int)((want >> shift) & 255)) <= 6);
}

static void a_gate_shows_the_mean_over_its_channels(void **state)
{
    (void)state;
    View v;
    gate_init(&v);
    view_draw(&v, rect(0, 0, 700, 600), false);
    for (int i = 0; i < 15; i++) {
        double sum = 0;
        for (int c = 0; c < 4; c++)
            sum += (double)v.f.weights[(i + 2) * 4 + c];
        assert_close_color(v.model->overlay.px[i], gate_color(&v, sum / 4));
    }
    assert_true(fixture_has_text(&v.list, "Channels, 4"));
    assert_true(fixture_has_text(&v.list, "mean"));
    view_free(&v);
}

static void the_chosen_channel_of_a_gate_is_the_picture(void **state)
{
    (void)state;
    View v;
    gate_init(&v);
    for (int channel = 0; channel < 4; channel++) {
        v.f.scene.focus.key = channel;
        view_draw(&v, rect(0, 0, 700, 600), false);
        assert_int_equal(v.model->thumb_count, 5);
        for (int i = 0; i < 15; i++) {
            Color want = gate_color(&v, (double)v.f.weights[(i + 2) * 4 + channel]);
            assert_close_color(v.model->overlay.px[i], want);
            assert_close_color(v.model->thumbs[channel + 1].image.px[i], want);
        }
    }
    view_free(&v);
}

static void the_strip_of_a_gate_probes_to_its_channels(void **state)
{
    (void)state;
    for (int w = 250; w < 800; w += 50) {
        View v;
        int head;
        gate_init(&v);
        v.f.scene.focus.key = 3;
        view_draw(&v, rect(0, 0, (float)w, 600), false);
        bool chosen = false;
        for (int i = 0; i < v.model->thumb_count; i++) {
            Rect thumb = patches_thumb(&v.f.scene, &v.layout, i);
            Vec2 at = {thumb.x + thumb.w / 2, thumb.y + thumb.h / 2};
            patches_probe(&v.f.scene, &v.layout, at, &head);
            assert_int_equal(head, v.model->thumbs[i].head + 1);
            chosen |= head == 4;
        }
        assert_true(chosen); /* however few fit */
        Rect cell = patches_cell(&v.f.scene, &v.layout, 9);
        Probe probe = patches_probe(&v.f.scene, &v.layout, vec2(cell.x + 1, cell.y + 1), &head);
        assert_int_equal(probe.query, 9);
        assert_int_equal(probe.key, -1);
        assert_int_equal(head, -1);
        view_free(&v);
    }
}

static void a_document_without_a_picture_says_so(void **state)
{
    (void)state;
    View v;
    view_init(&v, 2, 2, IMAGE_BOTH, false);
    v.f.sentence.image.present = false;
    view_draw(&v, rect(0, 0, 700, 600), true);
    assert_true(fixture_has_text(&v.list, "This document has no picture."));
    view_free(&v);
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    View v;
    view_init(&v, 4, 4, IMAGE_BOTH, true);
    PatchesLayout l = patches_layout(&v.f.scene, rect(0, 0, 700, 600), true);
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 14; n++) {
        PatchesModel *model = patches_new();
        Error err = {0};
        mem_fail_at(n, false);
        bool ok = patches_update(model, &v.f.scene, &l, v.heads, 3, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        assert_true(patches_update(model, &v.f.scene, &l, v.heads, 3, &err));
        patches_free(model);
        assert_int_equal(mem_live(), live);
    }
    view_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_draws_as_the_golden),
        cmocka_unit_test(a_grid_without_a_picture_draws_as_the_golden),
        cmocka_unit_test(the_design_picture_is_met_to_the_pixel),
        cmocka_unit_test(every_patch_has_the_colour_of_its_weight),
        cmocka_unit_test(a_picture_on_the_queries_shows_who_looks_at_the_key),
        cmocka_unit_test(masked_patches_are_hatched),
        cmocka_unit_test(smooth_is_bilinear_between_centres),
        cmocka_unit_test(the_middle_of_every_patch_probes_to_itself),
        cmocka_unit_test(nothing_leaves_the_pane_at_any_size),
        cmocka_unit_test(a_gate_shows_the_mean_over_its_channels),
        cmocka_unit_test(the_chosen_channel_of_a_gate_is_the_picture),
        cmocka_unit_test(the_strip_of_a_gate_probes_to_its_channels),
        cmocka_unit_test(a_document_without_a_picture_says_so),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
