#include "fixture.h"

#include "view/colorbar.h"

static void expect(Fixture *f, float lo, float hi, float length, const char *want)
{
    BarTick ticks[BAR_TICKS];
    char got[512] = "";
    int count = colorbar_ticks(&f->scene, lo, hi, length, false, ticks);
    for (int i = 0; i < count; i++) {
        strncat(got, i ? " " : "", 2);
        strncat(got, ticks[i].text, TEXT_NUMBER);
    }
    assert_string_equal(got, want);
}

static void ticks_are_those_of_the_pictures(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    expect(&f, 0, 0.792f, 240, "0 0.2 0.4 0.6 0.792");
    expect(&f, 0, 1, 240, "0 0.2 0.4 0.6 0.8 1");
    expect(&f, 0, 0.162f, 240, "0 0.05 0.10 0.162");
    expect(&f, -5.19f, 5.19f, 240, "−5.19 −4 −2 0 2 4 5.19");
    expect(&f, 0, 2e6f, 240, "0 5e+5 1e+6 1.5e+6 2e+6");
    fixture_free(&f);
}

static void ticks_rise_and_stand_apart_for_any_range(void **state)
{
    (void)state;
    Fixture f;
    uint64_t seed = 6;
    fixture_init(&f, 2, 2, 1);
    for (int trial = 0; trial < 3000; trial++) {
        BarTick ticks[BAR_TICKS];
        float hi = (float)pow(10, fixture_random(&seed) * 12 - 6);
        float lo = trial % 3 == 0   ? -hi
                   : trial % 3 == 1 ? 0
                                    : hi * (float)fixture_random(&seed) * 0.9f;
        float length = 60 + (float)(fixture_random(&seed) * 300);
        f.color.scale = (ColorScale)(trial % 5 % 3);
        int count = colorbar_ticks(&f.scene, lo, hi, length, false, ticks);
        assert_true(count >= 2 && count <= BAR_TICKS);
        assert_true(ticks[count - 1].value == hi && ticks[count - 1].t == 1);
        assert_true(ticks[0].t == 0);
        for (int i = 1; i + 1 < count; i++) {
            float w = text_width(&f.kit, FACE_SANS, 12, ticks[i].text);
            for (int k = 0; k < count; k++) {
                float other = text_width(&f.kit, FACE_SANS, 12, ticks[k].text);
                if (k != i)
                    assert_true(fabsf(ticks[i].t - ticks[k].t) * length >= 0.5f * (w + other));
            }
        }
    }
    fixture_free(&f);
}

static void ends_have_three_digits(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0, "0"},           {1, "1"},        {0.7921f, "0.792"},    {5.188f, "5.19"},
                 {-47.31f, "−47.3"}, {312.4f, "312"}, {-0.0001f, "−0.0001"}, {3.4e38f, "3.4e+38"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[TEXT_NUMBER];
        colorbar_end(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void the_strip_is_the_map(void **state)
{
    (void)state;
    Fixture f;
    Error err = {0};
    Colorbar bar = {0};
    fixture_init(&f, 2, 2, 1);
    assert_true(colorbar_update(&bar, &f.scene, true, &err));
    for (int i = 0; i < 256; i++)
        assert_int_equal(bar.strip.px[i], colormap(COLORMAP_VIRIDIS)->lut[255 - i]);
    uint32_t stamp = bar.strip.stamp;
    assert_true(colorbar_update(&bar, &f.scene, true, &err));
    assert_int_equal(bar.strip.stamp, stamp);
    f.color.map = COLORMAP_MAGMA;
    assert_true(colorbar_update(&bar, &f.scene, false, &err));
    assert_int_equal(bar.strip.w, 256);
    assert_int_equal(bar.strip.px[3], colormap(COLORMAP_MAGMA)->lut[3]);
    colorbar_free(&bar);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_those_of_the_pictures),
        cmocka_unit_test(ticks_rise_and_stand_apart_for_any_range),
        cmocka_unit_test(ends_have_three_digits),
        cmocka_unit_test(the_strip_is_the_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
