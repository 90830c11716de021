#include "fixture.h"

#include "view/head_grid.h"

static void thumbnails_draw_as_the_golden(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    Error err = {0};
    fixture_init(&f, 6, 6, 1);
    f.mask_params.causal = true;
    fixture_renormalise(&f);
    draw_list_init(&list);
    HeadGrid *grid = head_grid_new();
    HeadGridLayout l = head_grid_layout(&f.kit, rect(12, 320, 200, 180), 2, 3);
    assert_true(head_grid_stale(grid, 1, 2, 9));
    for (int i = 0; i < 5; i++) /* the last one is still to come */
        assert_true(head_grid_set(grid, i / 3, i % 3, 9, f.result.stage[STAGE_WEIGHTS], &f.mask,
                                  colormap(COLORMAP_VIRIDIS), 4, &err));
    assert_false(head_grid_stale(grid, 1, 1, 9));
    assert_true(head_grid_stale(grid, 1, 1, 10));
    head_grid_draw(grid, &f.kit, &l, 1, 0, 0, 2, &list);
    fixture_golden("view/heads.txt", &list);
    head_grid_free(grid);
    draw_list_free(&list);
    fixture_free(&f);
}

static void sizes_are_those_of_the_pictures(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    HeadGridLayout l = head_grid_layout(&f.kit, rect(12, 320, 200, 152), 6, 8);
    assert_true(l.origin.x == 32 && l.origin.y == 340);
    assert_true(l.cell == 20 && l.gap == 2);
    l = head_grid_layout(&f.kit, rect(12, 200, 200, 200), 12, 12);
    assert_true(l.cell == 14 && l.gap == 1);
    fixture_free(&f);
}

static void a_peak_survives_pooling(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    Error err = {0};
    fixture_init(&f, 300, 300, 1);
    memset(f.weights, 0, 300 * 300 * sizeof(float));
    f.weights[123 * 300 + 77] = 1;
    fixture_refresh(&f);
    HeadGrid *grid = head_grid_new();
    assert_true(head_grid_set(grid, 0, 0, 1, f.result.stage[STAGE_WEIGHTS], &f.mask,
                              colormap(COLORMAP_GREYS), 20, &err));
    draw_list_init(&list);
    HeadGridLayout l = head_grid_layout(&f.kit, rect(0, 0, 50, 50), 1, 1);
    head_grid_draw(grid, &f.kit, &l, -1, -1, -1, -1, &list);
    int bright = 0;
    for (size_t i = 0; i < list.count; i++)
        for (int p = 0; list.items[i].kind == DRAW_IMAGE && p < 20 * 20; p++)
            bright += list.items[i].image->px[p] == colormap(COLORMAP_GREYS)->lut[255];
    assert_int_equal(bright, 1);
    head_grid_free(grid);
    draw_list_free(&list);
    fixture_free(&f);
}

/* A pixel is clear where every cell of its block is masked, and only there. */
static void thumbnails_are_clear_where_nothing_is_seen(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    Error err = {0};
    fixture_init(&f, 60, 60, 3);
    f.mask_params.window = 5;
    f.mask_params.dilation = 3;
    f.mask_params.stride = 29;
    fixture_renormalise(&f);
    HeadGrid *grid = head_grid_new();
    assert_true(head_grid_set(grid, 0, 0, 1, f.result.stage[STAGE_WEIGHTS], &f.mask,
                              colormap(COLORMAP_GREYS), 30, &err));
    draw_list_init(&list);
    HeadGridLayout l = head_grid_layout(&f.kit, rect(0, 0, 50, 50), 1, 1);
    head_grid_draw(grid, &f.kit, &l, -1, -1, -1, -1, &list);
    const Image *image = NULL;
    for (size_t i = 0; i < list.count; i++)
        image = list.items[i].kind == DRAW_IMAGE ? list.items[i].image : image;
    assert_non_null(image);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 30; x++) {
            bool seen = false;
            for (int cell = 0; cell < 4; cell++) {
                int far = abs(2 * x + cell % 2 - (2 * y + cell / 2));
                seen |= (far < 15 && far % 3 == 0) || far % 29 == 0;
            }
            assert_int_equal(image->px[y * 30 + x] != 0, seen);
        }
    head_grid_free(grid);
    draw_list_free(&list);
    fixture_free(&f);
}

static void the_middle_of_every_thumbnail_probes_to_itself(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    for (int heads = 1; heads < 30; heads += 3) {
        HeadGridLayout l = head_grid_layout(&f.kit, rect(5, 6, 300, 400), 7, heads);
        for (int i = 0; i < 7; i++) {
            for (int h = 0; h < heads; h++) {
                Rect cell = head_grid_cell(&l, i, h);
                int layer = -1, head = -1;
                assert_true(head_grid_probe(
                    &l, vec2(cell.x + 0.5f * cell.w, cell.y + 0.5f * cell.h), &layer, &head));
                assert_int_equal(layer, i);
                assert_int_equal(head, h);
                assert_true(rect_right(cell) <= 305.5f && rect_bottom(cell) <= 406.5f);
            }
        }
    }
    fixture_free(&f);
}

static void what_cannot_be_made_is_not_asked_for_again(void **state)
{
    (void)state;
    Fixture f;
    DrawList list;
    Error err = {0};
    fixture_init(&f, 6, 6, 1);
    Matrix m = f.result.stage[STAGE_WEIGHTS];
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    HeadGrid *grid = head_grid_new();
    HeadGridLayout l = head_grid_layout(&f.kit, rect(0, 0, 100, 100), 1, 2);
    draw_list_init(&list);
    assert_true(head_grid_set(grid, 0, 0, 9, m, &f.mask, map, 4, &err));
    head_grid_fail(grid, 0, 0, 10);
    head_grid_fail(grid, 0, 1, 10);
    assert_false(head_grid_stale(grid, 0, 0, 10));
    assert_false(head_grid_stale(grid, 0, 1, 10));
    assert_true(head_grid_stale(grid, 0, 0, 11));
    head_grid_draw(grid, &f.kit, &l, -1, -1, -1, -1, &list);
    for (size_t i = 0; i < list.count; i++) /* nor is the picture of another key shown */
        assert_int_not_equal(list.items[i].kind, DRAW_IMAGE);
    assert_true(head_grid_set(grid, 0, 0, 11, m, &f.mask, map, 4, &err));
    draw_list_reset(&list);
    head_grid_draw(grid, &f.kit, &l, -1, -1, -1, -1, &list);
    int pictures = 0;
    for (size_t i = 0; i < list.count; i++)
        pictures += list.items[i].kind == DRAW_IMAGE;
    assert_int_equal(pictures, 1);
    assert_false(head_grid_set(grid, 1 << 20, 0, 9, m, &f.mask, map, 4, NULL));
    head_grid_fail(grid, 1 << 20, 0, 9);
    assert_false(head_grid_stale(grid, 1 << 20, 0, 9)); /* there will never be room for it */
    draw_list_free(&list);
    head_grid_free(grid);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thumbnails_draw_as_the_golden),
        cmocka_unit_test(sizes_are_those_of_the_pictures),
        cmocka_unit_test(a_peak_survives_pooling),
        cmocka_unit_test(thumbnails_are_clear_where_nothing_is_seen),
        cmocka_unit_test(what_cannot_be_made_is_not_asked_for_again),
        cmocka_unit_test(the_middle_of_every_thumbnail_probes_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
