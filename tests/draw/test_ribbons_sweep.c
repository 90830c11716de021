#include "draw/ribbons_parts.h"

#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static float next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 16777216.0f;
}

static RibbonTile *tile_new(int from, int cells, uint32_t seed)
{
    RibbonTile *tile = mem_zero(1, sizeof *tile);
    assert_non_null(tile);
    memset(tile->light, 0xFF, sizeof tile->light);
    tile->from = from;
    tile->cells = cells;
    for (int i = 0; i < RIBBONS_STEPS; i++) {
        tile->bend[i] = (float)(i + 1) / 20;
        tile->rise[i] = 0.3f * next(&seed);
        tile->share[i] = i == 3 ? 0 : 65535.0f * next(&seed);
    }
    return tile;
}

/* Thin and thick, level and steep, beside, across and beyond the band. */
static void every_instruction_set_takes_the_same_light(void **state)
{
    (void)state;
    RibbonSweep sweeps[RIBBONS_SWEEPS];
    int ways = ribbon_sweeps(sweeps);
    uint32_t seed = 11;
    for (int round = 0; round < 4000; round++) {
        int from = (int)(next(&seed) * 50) - 25, cells = 1 + (int)(next(&seed) * 90);
        cells = round % 9 == 0 ? RIBBONS_BAND : cells;
        float spread = round % 3 == 0 ? 2000 : 150;
        RibbonCurve curve = {.a0 = spread * (next(&seed) - 0.3f),
                             .da = spread * (next(&seed) - 0.5f),
                             .reach = 1 + (round % 5 == 0 ? 300 : 6) * next(&seed),
                             .alpha = next(&seed)};
        RibbonTile *plain = tile_new(from, cells, (uint32_t)round);
        sweeps[ways - 1](plain, &curve);
        for (int way = 0; way + 1 < ways; way++) {
            RibbonTile *other = tile_new(from, cells, (uint32_t)round);
            sweeps[way](other, &curve);
            for (int i = 0; i < RIBBONS_STEPS; i++)
                if (memcmp(plain->light[i] + RIBBONS_PAD, other->light[i] + RIBBONS_PAD,
                           (size_t)cells * sizeof plain->light[0][0]) != 0)
                    fail_msg("round %d, way %d, step %d: other light", round, way, i);
            mem_free(other);
        }
        mem_free(plain);
    }
}

static void a_ribbon_takes_light_where_it_lies_and_nowhere_else(void **state)
{
    (void)state;
    RibbonSweep sweeps[RIBBONS_SWEEPS];
    int ways = ribbon_sweeps(sweeps);
    for (int way = 0; way < ways; way++) {
        RibbonTile *tile = tile_new(0, 64, 1);
        for (int i = 0; i < RIBBONS_STEPS; i++)
            tile->share[i] = 65535;
        sweeps[way](tile, &(RibbonCurve){.a0 = 30, .da = 0, .reach = 4.5f, .alpha = 1});
        for (int i = 0; i < RIBBONS_STEPS; i++)
            for (int k = 0; k < 64; k++)
                assert_int_equal(tile->light[i][RIBBONS_PAD + k] > 600, k < 26 || k >= 34);
        mem_free(tile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_set_takes_the_same_light),
        cmocka_unit_test(a_ribbon_takes_light_where_it_lies_and_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
