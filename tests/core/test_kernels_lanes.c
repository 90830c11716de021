#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/kernels.h"
#include "support/reference.h"

#include <float.h>
#include <math.h>

enum { PANEL = KERNELS_PANEL };

static const char *const NAMES[] = {"scalar", "avx2", "avx512"};

/* Runs check for every instruction set that this processor has, and says which it has not. */
static void each_set(void (*check)(const Kernels *k))
{
    for (int i = 0; i < 3; i++) {
        const Kernels *k = kernels_by_name(NAMES[i]);
        if (k)
            check(k);
        else
            print_message("skipped: this processor has no %s\n", NAMES[i]);
    }
}

static void fill(RefRandom *r, float *at, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (float)ref_normal(r);
}

/* One cell: depth 1, combine 1, and 0 in a: the sum is tanh of the panel itself. */
static void tanh_of(const Kernels *k, const float *x, float *out)
{
    const float zero = 0, one = 1;
    k->tile_tanh(out, PANEL, 1, PANEL, &zero, 1, x, 1, &one);
}

static void check_tanh(const Kernels *k)
{
    enum { STEPS = 400000 };
    float x[PANEL], out[PANEL], back[PANEL];
    for (int i = 0; i < STEPS; i += PANEL) {
        for (int j = 0; j < PANEL; j++)
            x[j] = (float)(i + j) * (12.0f / STEPS);
        tanh_of(k, x, out);
        for (int j = 0; j < PANEL; j++) {
            double expected = tanh((double)x[j]);
            /* 2e-7 absolutely is asked for; it holds for the number itself, however small. */
            assert_true(fabs((double)out[j] - expected) <= 2e-7);
            assert_true(fabs((double)out[j] - expected) <= 2e-7 * expected);
            x[j] = -x[j];
        }
        tanh_of(k, x, back);
        for (int j = 0; j < PANEL; j++)
            assert_true(back[j] == -out[j]);
    }
}

static void tanh_is_right_to_2e_7_and_odd(void **state)
{
    (void)state;
    each_set(check_tanh);
}

static void check_tanh_edges(const Kernels *k)
{
    float x[PANEL] = {INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 9.02f,  -9.1f, 1e10f,
                      NAN,      0,         FLT_MIN, -1e-30f,  1e-20f, 1e19f, -20},
          out[PANEL];
    const float expected[] = {1, -1, 1, -1, 1, -1, 1, 0, 0, FLT_MIN, -1e-30f, 1e-20f, 1, -1};
    tanh_of(k, x, out);
    for (int j = 0; j < 14; j++)
        assert_true(j == 7 ? isnan(out[j]) : out[j] == expected[j]);
}

static void tanh_of_large_numbers_is_one_and_of_small_ones_themselves(void **state)
{
    (void)state;
    each_set(check_tanh_edges);
}

typedef struct {
    int rows, cols, depth, step;
    float a[40 * 140], b[PANEL * 131], combine[131], out[40 * 50];
} Block;

static void block_fill(Block *t, RefRandom *r)
{
    t->rows = ref_range(r, 1, 35);
    t->cols = ref_range(r, 1, PANEL);
    t->depth = ref_range(r, 1, 130);
    t->step = t->depth + ref_range(r, 0, 9);
    fill(r, t->a, 40 * 140);
    fill(r, t->b, PANEL * 131);
    fill(r, t->combine, 131);
    for (int i = 0; i < 40 * 50; i++)
        t->out[i] = -77;
}

/* Cells of any block against double; nothing outside is written; each alone has the same bits. */
static void check_block(const Kernels *k, RefRandom *r, bool distance)
{
    static Block t;
    float one;
    block_fill(&t, r);
    if (distance)
        k->tile_distance(t.out, 50, t.rows, t.cols, t.a, t.step, t.b, t.depth, 0.37f);
    else
        k->tile_tanh(t.out, 50, t.rows, t.cols, t.a, t.step, t.b, t.depth, t.combine);
    for (int i = 0; i < 40 * 50; i++) {
        int row = i / 50, col = i % 50;
        const float *a = t.a + row * t.step;
        double sum = 0, size = 0;
        if (row >= t.rows || col >= t.cols) {
            assert_true(t.out[i] == -77);
            continue;
        }
        for (int d = 0; d < t.depth; d++) {
            double x = (double)a[d], y = (double)t.b[d * PANEL + col];
            double part =
                distance ? -(double)0.37f * (x - y) * (x - y) : (double)t.combine[d] * tanh(x + y);
            sum += part;
            size += distance ? fabs(part) : fabs((double)t.combine[d]);
        }
        /* the sum's own rounding, and of each part: two of the difference, or tanh's and x + y's */
        double bar = (t.depth * 0x1p-24 + (distance ? 0x1p-22 : 4.5e-7)) * size;
        assert_true(fabs((double)t.out[i] - sum) <= bar);
        if (i % 7 != 0)
            continue;
        /* alone, in the first column of a panel moved left */
        if (distance)
            k->tile_distance(&one, 1, 1, 1, a, t.step, t.b + col, t.depth, 0.37f);
        else
            k->tile_tanh(&one, 1, 1, 1, a, t.step, t.b + col, t.depth, t.combine);
        assert_memory_equal(&one, t.out + i, sizeof one);
    }
}

static void check_blocks(const Kernels *k)
{
    RefRandom r = {29};
    for (int round = 0; round < 100; round++)
        check_block(k, &r, round & 1);
}

static void tiles_of_tanh_and_distance_are_right_for_any_size(void **state)
{
    (void)state;
    each_set(check_blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tanh_is_right_to_2e_7_and_odd),
        cmocka_unit_test(tanh_of_large_numbers_is_one_and_of_small_ones_themselves),
        cmocka_unit_test(tiles_of_tanh_and_distance_are_right_for_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
