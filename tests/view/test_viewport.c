#include "fixture.h"

#include "view/viewport.h"

static void zooming_keeps_the_cell_under_the_pointer(void **state)
{
    (void)state;
    Viewport v = viewport_fit();
    viewport_zoom(&v, 2, 50, 20, 100, 100);
    check_close(v.zoom, 2, 0);
    check_close(v.row, 25, 1e-12); /* the 50 was half-way down and still is */
    check_close(v.col, 10, 1e-12);
    viewport_zoom(&v, 4, 50, 20, 100, 100);
    check_close((50 - v.row) / (100 / v.zoom), 0.5, 1e-12);
    check_close((20 - v.col) / (100 / v.zoom), 0.2, 1e-12);
    viewport_zoom(&v, 0.125, 50, 20, 100, 100);
    check_close(v.zoom, 1, 0);
    check_close(v.row, 0, 1e-12);
}

static void it_never_leaves_the_matrix(void **state)
{
    (void)state;
    uint64_t seed = 4;
    Viewport v = viewport_fit();
    for (int i = 0; i < 5000; i++) {
        int rows = 1 + (int)(fixture_random(&seed) * 300),
            cols = 1 + (int)(fixture_random(&seed) * 9);
        double a = fixture_random(&seed), b = fixture_random(&seed);
        switch (i % 4) {
        case 0:
            viewport_zoom(&v, exp((a - 0.4) * 4), b * rows, a * cols, rows, cols);
            break;
        case 1:
            viewport_pan(&v, (a - 0.5) * rows, (b - 0.5) * cols, rows, cols);
            break;
        case 2:
            viewport_show(&v, (int)(a * rows), (int)(b * cols), rows, cols);
            break;
        default:
            viewport_zoom(&v, i % 8 == 3 ? (double)NAN : 1e9 * a, b, a, rows, cols);
        }
        assert_true(v.zoom >= 1 && v.zoom <= 65536);
        assert_true(v.row >= 0 && v.row + rows / v.zoom <= rows + 1e-9);
        assert_true(v.col >= 0 && v.col + cols / v.zoom <= cols + 1e-9);
    }
}

static void showing_scrolls_the_least(void **state)
{
    (void)state;
    Viewport v = {10, 20, 20};
    viewport_show(&v, 25, 22, 100, 100); /* rows and columns 20 … 29 are seen */
    check_close(v.row, 20, 0);
    check_close(v.col, 20, 0);
    viewport_show(&v, 35, 10, 100, 100);
    check_close(v.row, 26, 1e-12);
    check_close(v.col, 10, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zooming_keeps_the_cell_under_the_pointer),
        cmocka_unit_test(it_never_leaves_the_matrix),
        cmocka_unit_test(showing_scrolls_the_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
