#include "draw/icons.h"

#include "stage.h"

#include <string.h>

#define LAST ICON_COPY

static Stage shown(Icon icon, float size, float scale)
{
    Stage s = stage_new((int)(24 * scale), (int)(24 * scale));
    icon_draw(&s.list, icon, rect(0, 0, 24, 24), size, BLACK);
    stage_draw(&s, scale);
    return s;
}

static void every_icon_is_drawn_inside_its_box_and_none_draws_nothing(void **state)
{
    (void)state;
    for (int icon = ICON_NONE; icon <= LAST; icon++)
        for (int scale = 1; scale <= 3; scale++) {
            Stage s = shown((Icon)icon, 16, (float)scale);
            double ink = dark_sum(&s) / (scale * scale);
            if (icon == ICON_NONE)
                check_close(ink, 0, 0);
            else if (ink < 8 || ink > 100)
                fail_msg("icon %d has %.1f of ink", icon, ink);
            for (int y = 0; y < 24 * scale; y++)
                for (int x = 0; x < 24 * scale; x++)
                    if (x < 4 * scale || y < 4 * scale || x >= 20 * scale || y >= 20 * scale)
                        assert_true(at(&s, x, y) == WHITE);
            stage_free(&s);
        }
}

static void no_two_icons_look_alike(void **state)
{
    (void)state;
    Stage shot[LAST + 1];
    for (int i = 0; i <= LAST; i++)
        shot[i] = shown((Icon)i, 16, 1);
    for (int i = 0; i <= LAST; i++)
        for (int k = 0; k < i; k++)
            assert_true(memcmp(shot[i].image.px, shot[k].image.px, 576 * sizeof(Color)) != 0);
    for (int i = 0; i <= LAST; i++)
        stage_free(&shot[i]);
}

static void pairs_are_mirror_images(void **state)
{
    (void)state;
    static const Icon pairs[][2] = {{ICON_UNDO, ICON_REDO},
                                    {ICON_CHEVRON_LEFT, ICON_CHEVRON_RIGHT},
                                    {ICON_FOLD_LEFT, ICON_FOLD_RIGHT},
                                    {ICON_FOLD_LEFT_OPEN, ICON_FOLD_RIGHT_OPEN}};
    for (size_t i = 0; i < 4; i++) {
        Stage a = shown(pairs[i][0], 16, 2), b = shown(pairs[i][1], 16, 2);
        for (int y = 0; y < 48; y++)
            for (int x = 0; x < 48; x++)
                check_close(dark(&a, x, y), dark(&b, 47 - x, y), 0.02);
        stage_free(&a);
        stage_free(&b);
    }
}

static void icons_grow_with_their_size(void **state)
{
    (void)state;
    for (int icon = 1; icon <= LAST; icon++) {
        Stage a = shown((Icon)icon, 16, 3), b = shown((Icon)icon, 8, 3);
        check_close(dark_sum(&a) / dark_sum(&b), 4, 0.04);
        stage_free(&a);
        stage_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_icon_is_drawn_inside_its_box_and_none_draws_nothing),
        cmocka_unit_test(no_two_icons_look_alike),
        cmocka_unit_test(pairs_are_mirror_images),
        cmocka_unit_test(icons_grow_with_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
