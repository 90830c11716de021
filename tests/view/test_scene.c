#include "fixture.h"

#include "base/field.h"

static void ranges_follow_the_look(void **state)
{
    (void)state;
    Fixture f;
    float lo, hi;
    fixture_init(&f, 2, 3, 1);
    const float w[6] = {0.5f, 0.25f, 0.25f, 0.1f, 0.1f, 0.8f};
    memcpy(f.weights, w, sizeof w);
    fixture_refresh(&f);
    scene_range(&f.scene, 0, &lo, &hi);
    assert_true(lo == 0 && hi == 0.8f); /* the matrix, whatever the row */
    f.color.range = RANGE_ROW;
    scene_range(&f.scene, 0, &lo, &hi);
    assert_true(lo == 0 && hi == 0.5f);
    f.color.range = RANGE_HEADS;
    f.scene.heads_range[STAGE_WEIGHTS].hi = 0.93f;
    scene_range(&f.scene, 0, &lo, &hi);
    assert_true(lo == 0 && hi == 0.93f);
    f.color.range = RANGE_FIXED;
    f.color.lo = 0.125;
    f.color.hi = 0.5;
    scene_range(&f.scene, 1, &lo, &hi);
    assert_true(lo == 0.125f && hi == 0.5f);
    fixture_free(&f);
}

static void signed_ranges_are_symmetric_and_rows_have_their_own(void **state)
{
    (void)state;
    Fixture f;
    float lo, hi;
    fixture_init(&f, 2, 3, 1);
    f.scene.stage = STAGE_SCORES;
    const float s[6] = {-3, 1, 2, 0.5f, -0.25f, (float)INFINITY};
    memcpy(f.weights, s, sizeof s);
    fixture_refresh(&f);
    scene_range(&f.scene, -1, &lo, &hi);
    assert_true(lo == -3 && hi == 3);
    f.color.range = RANGE_ROW;
    scene_range(&f.scene, 1, &lo, &hi);
    assert_true(lo == -0.5f && hi == 0.5f);
    fixture_free(&f);
}

static void equal_numbers_still_have_a_range(void **state)
{
    (void)state;
    Fixture f;
    float lo, hi;
    fixture_init(&f, 2, 2, 1);
    memset(f.weights, 0, 4 * sizeof(float));
    fixture_refresh(&f);
    for (int kind = 0; kind < 4; kind++) {
        f.color.range = (RangeKind)kind;
        f.color.lo = f.color.hi = 0.25;
        scene_range(&f.scene, 0, &lo, &hi);
        assert_true(lo < hi && isfinite(lo) && isfinite(hi));
    }
    fixture_free(&f);
}

static void units_follow_the_scale(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    Scene *s = &f.scene;
    check_close((double)scene_unit(s, 0.2f, 0, 0.8f), 0.25, 1e-6);
    check_close((double)scene_unit(s, 2, 0, 0.8f), 1, 0);
    check_close((double)scene_unit(s, -2, 0, 0.8f), 0, 0);
    assert_true(isnan(scene_unit(s, (float)NAN, 0, 1)));
    assert_true(isnan(scene_unit(s, (float)INFINITY, 0, 1)));
    f.color.scale = COLOR_SQRT;
    check_close((double)scene_unit(s, 0.2f, 0, 0.8f), 0.5, 1e-6);
    check_close((double)scene_unit(s, -0.25f, -1, 1), 0.25, 1e-6); /* ½ − ½·√¼ */
    f.color.scale = COLOR_LOG;
    check_close((double)scene_unit(s, 0.5f, 0, 0.5f), 1, 1e-6);
    check_close((double)scene_unit(s, 0.005f, 0, 0.5f), 0.5, 1e-5); /* two of four decades */
    check_close((double)scene_unit(s, 0.00005f, 0, 0.5f), 0, 1e-5);
    check_close((double)scene_unit(s, 0, 0, 0.5f), 0, 0);
    check_close((double)scene_unit(s, 0.01f, 0.0001f, 1), 0.5, 1e-5);
    check_close((double)scene_unit(s, 3e38f, -3e38f, 3e38f), 1, 0);
    fixture_free(&f);
}

static void the_default_map_follows_stage_picture_and_gold(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    assert_ptr_equal(scene_colormap(&f.scene), colormap(COLORMAP_VIRIDIS));
    f.sentence.image.present = true;
    assert_ptr_equal(scene_colormap(&f.scene), colormap(COLORMAP_MAGMA));
    f.scene.has_gold = true;
    assert_ptr_equal(scene_colormap(&f.scene), colormap(COLORMAP_GREYS));
    f.scene.stage = STAGE_SCORES;
    fixture_refresh(&f);
    assert_ptr_equal(scene_colormap(&f.scene), colormap(COLORMAP_BLUE_ORANGE));
    f.color.map = COLORMAP_CIVIDIS;
    assert_ptr_equal(scene_colormap(&f.scene), colormap(COLORMAP_CIVIDIS));
    fixture_free(&f);
}

static void given_weights_below_zero_make_the_stage_signed(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 2, 2, 1);
    assert_false(scene_signed(&f.scene));
    f.weights[1] = -0.5f;
    fixture_refresh(&f);
    assert_true(scene_signed(&f.scene));
    fixture_free(&f);
}

static void masks_act_on_masked_and_weights_only(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, 3, 3, 1);
    f.mask_params.causal = true;
    fixture_renormalise(&f);
    assert_true(scene_masked(&f.scene, 0, 2));
    assert_false(scene_masked(&f.scene, 2, 0));
    f.scene.stage = STAGE_MASKED;
    assert_true(scene_masked(&f.scene, 0, 2));
    f.scene.stage = STAGE_SCORES;
    assert_false(scene_masked(&f.scene, 0, 2));
    fixture_free(&f);
}

static void the_bar_says_range_and_scale_in_words(void **state)
{
    (void)state;
    Fixture f;
    char words[96];
    fixture_init(&f, 2, 2, 1);
    scene_range_words(&f.scene, words, sizeof words);
    assert_string_equal(words, "linear, per matrix");
    f.color.scale = COLOR_SQRT;
    f.color.range = RANGE_HEADS;
    scene_range_words(&f.scene, words, sizeof words);
    assert_string_equal(words, "√, all heads");
    assert_null(scene_note(&f.scene));
    f.result.sums_open = true;
    assert_string_equal(scene_note(&f.scene), "rows need not sum to 1");
    f.scene.head = FIELD_MAX;
    assert_string_equal(scene_note(&f.scene), "rows need not sum to 1");
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_follow_the_look),
        cmocka_unit_test(signed_ranges_are_symmetric_and_rows_have_their_own),
        cmocka_unit_test(equal_numbers_still_have_a_range),
        cmocka_unit_test(units_follow_the_scale),
        cmocka_unit_test(the_default_map_follows_stage_picture_and_gold),
        cmocka_unit_test(given_weights_below_zero_make_the_stage_signed),
        cmocka_unit_test(masks_act_on_masked_and_weights_only),
        cmocka_unit_test(the_bar_says_range_and_scale_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
