#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/kernels.h"
#include "support/reference.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PANEL = KERNELS_PANEL, ROOM = 400 };

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

/* Cells of any block against double, within d · 2⁻²⁴ · Σ|q k|; nothing outside of the block is
 * written. */
static void check_tile(const Kernels *k)
{
    RefRandom r = {7};
    float a[40 * 140], b[PANEL * 131], out[40 * 50];
    for (int round = 0; round < 400; round++) {
        int rows = ref_range(&r, 1, 35), cols = ref_range(&r, 1, PANEL),
            depth = ref_range(&r, 1, 130);
        int step = depth + ref_range(&r, 0, 9);
        fill(&r, a, 40 * 140);
        fill(&r, b, PANEL * 131);
        for (int i = 0; i < 40 * 50; i++)
            out[i] = -77;
        k->tile(out, 50, rows, cols, a, step, b, depth, false);
        for (int i = 0; i < 40 * 50; i++) {
            int row = i / 50, col = i % 50;
            if (row >= rows || col >= cols) {
                assert_true(out[i] == -77);
                continue;
            }
            double sum = 0, size = 0;
            for (int t = 0; t < depth; t++) {
                double x = (double)a[row * step + t] * (double)b[t * PANEL + col];
                sum += x;
                size += fabs(x);
            }
            assert_true(fabs((double)out[i] - sum) <= depth * 0x1p-24 * size);
        }
    }
}

static void tiles_are_right_for_any_size(void **state)
{
    (void)state;
    each_set(check_tile);
}

static void check_tile_bits(const Kernels *k)
{
    RefRandom r = {11};
    float a[33 * 64], b[PANEL * 64], whole[33 * PANEL], one;
    fill(&r, a, 33 * 64);
    fill(&r, b, PANEL * 64);
    for (int depth = 1; depth <= 64; depth++) {
        k->tile(whole, PANEL, 33, PANEL, a, 64, b, depth, false);
        for (int i = 0; i < 33 * PANEL; i++) {
            float padded[PANEL * 64];
            memset(padded, 0, sizeof padded);
            for (int t = 0; t < depth; t++)
                padded[t * PANEL] = b[t * PANEL + i % PANEL];
            k->tile(&one, 1, 1, 1, a + i / PANEL * 64, 64, padded, depth, false);
            assert_memory_equal(&one, whole + i, sizeof one);
        }
    }
}

static void a_cell_has_the_same_bits_alone_and_in_a_tile(void **state)
{
    (void)state;
    each_set(check_tile_bits);
}

static void check_tile_add(const Kernels *k)
{
    RefRandom r = {13};
    float a[13 * 20], b[PANEL * 20], sum[13 * PANEL], part[13 * PANEL], two[13 * PANEL];
    fill(&r, a, 13 * 20);
    fill(&r, b, PANEL * 20);
    for (int cols = 1; cols <= PANEL; cols++) {
        k->tile(part, PANEL, 13, cols, a, 20, b, 9, false);
        k->tile(two, PANEL, 13, cols, a + 9, 20, b + 9 * PANEL, 11, false);
        memcpy(sum, part, sizeof sum);
        k->tile(sum, PANEL, 13, cols, a + 9, 20, b + 9 * PANEL, 11, true);
        for (int i = 0; i < 13; i++)
            for (int c = 0; c < cols; c++)
                assert_true(sum[i * PANEL + c] == part[i * PANEL + c] + two[i * PANEL + c]);
    }
}

static void adding_a_tile_adds_its_sum(void **state)
{
    (void)state;
    each_set(check_tile_add);
}

static void check_exp(const Kernels *k)
{
    enum { N = 4096 };
    static float in[N], out[N];
    for (int part = 0; part < 104; part++) {
        for (int j = 0; j < N; j++)
            in[j] = -(float)part - (float)j / N;
        k->exp_row(out, in, N, 0, 1);
        for (int j = 0; j < N; j++) {
            double expected = exp((double)in[j]);
            double bar = (2e-7 - 2e-7 * (double)in[j]) * expected;
            bar = bar > 0x1p-149 ? bar : 0x1p-149;
            assert_true(fabs((double)out[j] - expected) <= bar);
        }
    }
}

static void exp_is_right_down_to_the_denormals(void **state)
{
    (void)state;
    each_set(check_exp);
}

static void check_exp_edges(const Kernels *k)
{
    float in[] = {5, 5, -INFINITY, -FLT_MAX, 5 - 1e-3f, -200}, out[6];
    k->exp_row(out, in, 6, 5, 1);
    assert_true(out[0] == 1 && out[1] == 1); /* the largest is exactly 1 */
    assert_true(out[2] == 0 && out[3] == 0 && out[5] == 0);
    assert_true(out[4] < 1 && out[4] > 0.99f);
    in[3] = NAN;
    ExpSums sums = k->exp_row(out, in, 6, 5, 1);
    assert_true(isnan(out[3]) && isnan(sums.sum));
    assert_true(out[0] == 1);
    sums = k->exp_row(out, in, 0, 5, 1);
    assert_true(sums.sum == 0 && sums.moment == 0);
    /* In the middle of a long row too. */
    float row[200] = {0};
    for (int at = 0; at < 200; at++) {
        row[at] = NAN;
        assert_true(isnan(k->exp_row(row, row, 200, 0, 1).sum) && isnan(row[at]));
        for (int j = 0; j < 200; j++)
            row[j] = 0;
    }
    /* A denormal result is kept, not flushed. */
    in[0] = -100;
    k->exp_row(out, in, 1, 0, 1);
    assert_true(out[0] > 0 && out[0] < FLT_MIN);
}

static void exp_keeps_nan_and_turns_minus_infinity_into_zero(void **state)
{
    (void)state;
    each_set(check_exp_edges);
}

static void check_exp_sums(const Kernels *k)
{
    RefRandom r = {17};
    float in[ROOM + 4], out[ROOM + 4];
    for (int n = 1; n <= ROOM; n++) {
        for (int j = 0; j < n; j++)
            in[j] = -(float)(ref_unit(&r) * 20);
        out[n] = out[n + 1] = -77;
        ExpSums sums = k->exp_row(out, in, n, 0, 0.5f);
        double sum = 0, moment = 0, lo = 2;
        for (int j = 0; j < n; j++) {
            double x = (double)in[j] * 0.5, e = exp(x);
            sum += e;
            moment += e * x;
            lo = (double)out[j] < lo ? (double)out[j] : lo;
        }
        assert_true(fabs(sums.sum - sum) <= 1e-6 * sum);
        assert_true(fabs(sums.moment - moment) <= -1e-6 * moment);
        assert_true((double)sums.lo == lo);
        assert_true(out[n] == -77 && out[n + 1] == -77);
    }
}

static void sums_of_a_row_are_those_of_its_cells(void **state)
{
    (void)state;
    each_set(check_exp_sums);
}

static void check_scale(const Kernels *k)
{
    RefRandom r = {19};
    float in[ROOM];
    float *out = mem_aligned(ROOM + 20, sizeof *out);
    fill(&r, in, ROOM);
    for (int n = 0; n <= 200; n++)
        for (int shift = 0; shift < 18; shift += 1 + shift / 2)
            for (int stream = 0; stream < 2; stream++) {
                double sum = 0;
                out[shift + n] = -77;
                double found = k->scale_row(out + shift, in, n, 0.3f, stream, 0, NULL);
                for (int j = 0; j < n; j++) {
                    assert_true(out[shift + j] == in[j] * 0.3f);
                    sum += (double)out[shift + j];
                }
                assert_true(fabs(found - sum) <= 1e-5);
                assert_true(out[shift + n] == -77);
            }
    mem_free(out);
}

static void scaling_a_row_touches_exactly_the_row(void **state)
{
    (void)state;
    each_set(check_scale);
}

static void check_range(const Kernels *k)
{
    RefRandom r = {23};
    float in[ROOM], lo, hi;
    for (int n = 1; n < 120; n++) {
        fill(&r, in, ROOM);
        float least = in[0], most = in[0];
        for (int j = 1; j < n; j++) {
            least = in[j] < least ? in[j] : least;
            most = in[j] > most ? in[j] : most;
        }
        assert_true(k->range_row(in, n, &lo, &hi));
        assert_true(lo == least && hi == most);
        int at = ref_range(&r, 0, n - 1);
        float odd[] = {NAN, INFINITY, -INFINITY};
        in[at] = odd[n % 3];
        assert_false(k->range_row(in, n, &lo, &hi));
        assert_true(n % 3 != 1 || hi == INFINITY);
        assert_true(n % 3 != 2 || lo == -INFINITY);
        assert_true(n > 1 || n % 3 != 0 || (lo == INFINITY && hi == -INFINITY));
        assert_false(isnan(lo) || isnan(hi));
    }
    in[0] = -0.0f;
    assert_true(k->range_row(in, 1, &lo, &hi));
    assert_false(signbit(lo) || signbit(hi));
    assert_true(k->range_row(in, 0, &lo, &hi));
    assert_true(lo == INFINITY && hi == -INFINITY);
}

static void the_range_ignores_nan_and_tells_of_it(void **state)
{
    (void)state;
    each_set(check_range);
}

static void check_find(const Kernels *k)
{
    float in[ROOM], *out = mem_aligned(ROOM + 20, sizeof *out);
    int found;
    for (int n = 1; n < 100; n++)
        for (int at = 0; at < n; at++) {
            for (int j = 0; j < ROOM; j++)
                in[j] = j == at || j > at + 3 ? 3 : 1; /* behind n too: not to be found */
            for (int stream = 0; stream < 2; stream++) {
                k->scale_row(out + at % 17, in, n, 2, stream, 6, &found);
                assert_int_equal(found, at);
                k->scale_row(out, in, at, 2, stream, 6, &found);
                assert_int_equal(found, -1);
            }
        }
    in[0] = NAN;
    k->scale_row(out, in, 1, 1, false, NAN, &found);
    assert_int_equal(found, -1);
    mem_free(out);
}

static void the_first_of_equal_cells_is_found(void **state)
{
    (void)state;
    each_set(check_find);
}

/* Against the plain loop, bit for bit: eight sums side by side, then what is left over. */
static void check_spread(const Kernels *k)
{
    RefRandom r = {12};
    float in[130];
    double sums[131], want[131];
    for (int round = 0; round < 300; round++) {
        int n = ref_range(&r, 0, 130), whole = n / 8 * 8;
        double at = ref_range(&r, -5, 140), lane[8] = {0}, all = 0;
        fill(&r, in, 130);
        for (int j = 0; j < 131; j++) {
            sums[j] = ref_normal(&r);
            want[j] = j < n ? sums[j] + (double)in[j] : sums[j];
        }
        for (int j = 0; j < whole; j++)
            lane[j % 8] += (double)in[j] * fabs((double)j - at);
        for (int l = 0; l < 8; l++)
            all += lane[l];
        for (int j = whole; j < n; j++)
            all += (double)in[j] * fabs((double)j - at);
        double found = k->spread_row(in, n, at, sums), alone = k->spread_row(in, n, at, NULL);
        if (found != all || alone != all)
            fail_msg("%s: %.17g and %.17g, expected %.17g", k->name, found, alone, all);
        assert_memory_equal(sums, want, sizeof sums);
    }
}

static void distances_have_the_same_bits_under_every_set(void **state)
{
    (void)state;
    each_set(check_spread);
}

static void packing_turns_rows_into_columns(void **state)
{
    (void)state;
    for (int rows = 1; rows < 70; rows += 7)
        for (int cols = 1; cols < 70; cols += 9) {
            float in[70 * 80], *packed;
            size_t size;
            for (int i = 0; i < 70 * 80; i++)
                in[i] = (float)i + 1;
            Matrix m = {in, rows, cols, 80};
            assert_true(kernels_packed_size(cols, rows, &size));
            packed = mem_array(size, sizeof *packed);
            kernels_pack_rows(packed, m);
            for (int p = 0; p * PANEL < rows; p++)
                for (int t = 0; t < cols; t++)
                    for (int lane = 0; lane < PANEL; lane++) {
                        int row = p * PANEL + lane;
                        float expected = row < rows ? in[row * 80 + t] : 0;
                        assert_true(kernels_panel(packed, cols, p, t)[lane] == expected);
                    }
            mem_free(packed);
        }
}

static void packing_columns_leaves_out_skipped_keys(void **state)
{
    (void)state;
    float in[5 * 40], packed[5 * 2 * PANEL];
    const uint8_t skip[] = {0, 0, 1, 0, 0};
    for (int i = 0; i < 5 * 40; i++)
        in[i] = (float)i + 1;
    in[2 * 40 + 3] = NAN;
    Matrix m = {in, 5, 40, 40};
    assert_false(kernels_pack_cols(packed, m, NULL));
    assert_true(kernels_pack_cols(packed, m, skip));
    for (int p = 0; p < 2; p++)
        for (int key = 0; key < 5; key++)
            for (int lane = 0; lane < PANEL; lane++) {
                int col = p * PANEL + lane;
                float expected = col < 40 && !skip[key] ? in[key * 40 + col] : 0;
                assert_true(kernels_panel(packed, 5, p, key)[lane] == expected);
            }
}

static void names_find_their_set_and_the_environment_forces_it(void **state)
{
    (void)state;
    assert_null(kernels_by_name("sse9"));
    assert_string_equal(kernels_by_name("scalar")->name, "scalar");
    assert_string_equal(kernels()->name, "scalar"); /* main sets ATTNSCOPE_SIMD */
}

/* In a child, because the choice is made once: its exit code is the place of the chosen set. */
static int chosen_in_a_child(const char *forced)
{
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        forced ? setenv("ATTNSCOPE_SIMD", forced, 1) : unsetenv("ATTNSCOPE_SIMD");
        for (int i = 0; i < 3; i++)
            if (strcmp(kernels()->name, NAMES[i]) == 0)
                exit(i);
        exit(3);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void without_a_wish_the_widest_set_of_the_processor_is_taken(void **state)
{
    (void)state;
    int widest = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        widest = 1;
    if (__builtin_cpu_supports("avx512f"))
        widest = 2;
#endif
    assert_int_equal(chosen_in_a_child(NULL), widest);
    assert_int_equal(chosen_in_a_child("sse9"), widest);
    for (int i = 0; i <= widest; i++)
        if (kernels_by_name(NAMES[i]))
            assert_int_equal(chosen_in_a_child(NAMES[i]), i);
}

int main(void)
{
    setenv("ATTNSCOPE_SIMD", "scalar", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_are_right_for_any_size),
        cmocka_unit_test(a_cell_has_the_same_bits_alone_and_in_a_tile),
        cmocka_unit_test(adding_a_tile_adds_its_sum),
        cmocka_unit_test(exp_is_right_down_to_the_denormals),
        cmocka_unit_test(exp_keeps_nan_and_turns_minus_infinity_into_zero),
        cmocka_unit_test(sums_of_a_row_are_those_of_its_cells),
        cmocka_unit_test(scaling_a_row_touches_exactly_the_row),
        cmocka_unit_test(the_range_ignores_nan_and_tells_of_it),
        cmocka_unit_test(the_first_of_equal_cells_is_found),
        cmocka_unit_test(distances_have_the_same_bits_under_every_set),
        cmocka_unit_test(packing_turns_rows_into_columns),
        cmocka_unit_test(packing_columns_leaves_out_skipped_keys),
        cmocka_unit_test(without_a_wish_the_widest_set_of_the_processor_is_taken),
        cmocka_unit_test(names_find_their_set_and_the_environment_forces_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
