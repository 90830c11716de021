#include "image/colormap.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

/* The nine stops of each map, as the look writes them down. */
static const uint32_t STOPS[COLORMAP_COUNT][9] = {
    {0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725},
    {0x002051, 0x12376C, 0x3D4D6E, 0x63646F, 0x807C75, 0x9B9578, 0xBCAF71, 0xE3CC5B, 0xFDEA45},
    {0x000004, 0x1D1147, 0x51127C, 0x832681, 0xB73779, 0xE75263, 0xFC8961, 0xFEC488, 0xFCFDBF},
    {0xF9F9F9, 0xD9D9D9, 0xBABABA, 0x9B9B9B, 0x7E7E7E, 0x626262, 0x474747, 0x2E2E2E, 0x181818},
    {0x0B3C8C, 0x3C6AB2, 0x5F9BD9, 0xB1C8E8, 0xF7F6F3, 0xF7C496, 0xE79439, 0xB7651C, 0x8A3A00},
};

/* Entry of stop k: where matplotlib's viridis of 256 has these nine colours. */
static const int ENTRY[9] = {0, 32, 64, 96, 128, 159, 191, 223, 255};

static void every_stop_of_the_look_is_an_entry(void **state)
{
    (void)state;
    for (int m = 0; m < COLORMAP_COUNT; m++)
        for (int k = 0; k < 9; k++)
            assert_true(colormap((ColormapId)m)->lut[ENTRY[k]] == (0xFF000000u | STOPS[m][k]));
}

static void between_two_stops_each_channel_is_linear(void **state)
{
    (void)state;
    for (int m = 0; m < COLORMAP_COUNT; m++)
        for (int k = 0; k < 8; k++)
            for (int i = ENTRY[k]; i <= ENTRY[k + 1]; i++)
                for (int shift = 0; shift < 24; shift += 8) {
                    double a = (STOPS[m][k] >> shift) & 255, b = (STOPS[m][k + 1] >> shift) & 255;
                    double t = (double)(i - ENTRY[k]) / (ENTRY[k + 1] - ENTRY[k]);
                    double got = (colormap((ColormapId)m)->lut[i] >> shift) & 255;
                    assert_true(fabs(got - (a + (b - a) * t)) <= 0.5 + 1e-9);
                }
}

static void sequential_maps_never_go_back_in_lightness(void **state)
{
    (void)state;
    for (int m = COLORMAP_VIRIDIS; m <= COLORMAP_GREYS; m++) {
        const Colormap *map = colormap((ColormapId)m);
        float side = m == COLORMAP_GREYS ? -1.0f : 1.0f;
        for (int i = 1; i < 256; i++)
            assert_true(side * (color_luminance(map->lut[i]) - color_luminance(map->lut[i - 1])) >
                        -0.002f);
    }
}

static void a_value_picks_the_entry_nearest_to_it(void **state)
{
    (void)state;
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    assert_true(colormap_at(map, 0) == map->lut[0]);
    assert_true(colormap_at(map, 1) == map->lut[255]);
    assert_true(colormap_at(map, -3) == map->lut[0]);
    assert_true(colormap_at(map, INFINITY) == map->lut[255]);
    for (int i = 0; i < 256; i++)
        assert_true(colormap_at(map, (float)i / 255.0f) == map->lut[i]);
    assert_true(colormap_at(map, 100.4f / 255.0f) == map->lut[100]);
    assert_true(colormap_at(map, 100.6f / 255.0f) == map->lut[101]);
}

static void nan_has_its_own_ground(void **state)
{
    (void)state;
    for (int m = 0; m < COLORMAP_COUNT; m++) {
        const Colormap *map = colormap((ColormapId)m);
        bool diverging = m == COLORMAP_BLUE_ORANGE;
        assert_true(map->diverging == diverging);
        assert_true(colormap_at(map, NAN) == (diverging ? 0xFF000000u : 0xFF990000u));
        for (int i = 0; i < 256; i++)
            assert_true(map->lut[i] != map->nan);
    }
}

static void text_on_every_entry_contrasts_at_least_4_58(void **state)
{
    (void)state;
    for (int m = 0; m < COLORMAP_COUNT; m++)
        for (int i = 0; i < 256; i++) {
            float l = color_luminance(colormap((ColormapId)m)->lut[i]) + 0.05f;
            float on = color_luminance(color_on(colormap((ColormapId)m)->lut[i])) + 0.05f;
            assert_true((l > on ? l / on : on / l) >= 4.58f);
        }
}

static void names_and_wrong_ids_are_safe(void **state)
{
    (void)state;
    assert_string_equal(COLORMAP_NAMES[COLORMAP_BLUE_ORANGE], "blue-orange");
    assert_null(COLORMAP_NAMES[COLORMAP_COUNT]);
    assert_ptr_equal(colormap(COLORMAP_COUNT), colormap(COLORMAP_VIRIDIS));
}

static void heads_repeat_their_hues_after_twelve(void **state)
{
    (void)state;
    assert_true(head_color(0, false) == 0xFF1F6FB5u);
    assert_true(head_color(11, false) == 0xFF720005u);
    assert_true(head_color(0, true) == 0xFF5AA9F0u);
    assert_true(head_color(11, true) == 0xFF0E8294u);
    for (int h = 0; h < 12; h++) {
        assert_true(head_color(h + 12, true) == head_color(h, true));
        for (int other = 0; other < h; other++)
            assert_true(head_color(h, false) != head_color(other, false));
        /* the look's promise: at least 3.0 on white, 3.7 on the dark ground */
        float light = 1.05f / (color_luminance(head_color(h, false)) + 0.05f);
        float dark =
            (color_luminance(head_color(h, true)) + 0.05f) / (color_luminance(0xFF14171Au) + 0.05f);
        assert_true(light >= 2.99f && dark >= 3.65f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stop_of_the_look_is_an_entry),
        cmocka_unit_test(between_two_stops_each_channel_is_linear),
        cmocka_unit_test(sequential_maps_never_go_back_in_lightness),
        cmocka_unit_test(a_value_picks_the_entry_nearest_to_it),
        cmocka_unit_test(nan_has_its_own_ground),
        cmocka_unit_test(text_on_every_entry_contrasts_at_least_4_58),
        cmocka_unit_test(names_and_wrong_ids_are_safe),
        cmocka_unit_test(heads_repeat_their_hues_after_twelve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
