#include "draw/theme.h"

#include "support/check.h"

#include <math.h>

static double contrast(Color a, Color b)
{
    double la = (double)color_luminance(a) + 0.05, lb = (double)color_luminance(b) + 0.05;
    return la > lb ? la / lb : lb / la;
}

/* The printed table is rounded to a tenth (or to a whole number from 10 on in places). */
static void expect(Color a, Color b, double want, const char *what)
{
    double got = contrast(a, b), room = want == floor(want) && want > 16 ? 0.5 : 0.0501;
    if (fabs(got - want) > room)
        fail_msg("%s: contrast %.3f, the look says %.1f", what, got, want);
}

static void text_contrasts_as_the_look_says(void **state)
{
    (void)state;
    /* rows: theme × text1…3; columns: bg panel control tint hover */
    static const double table[THEME_COUNT][3][5] = {
        {{17.8, 16.6, 17.8, 15.0, 15.3}, {8.7, 8.1, 8.7, 7.3, 7.5}, {5.5, 5.1, 5.5, 4.6, 4.7}},
        {{15.6, 14.4, 12.9, 12.2, 11.6}, {9.6, 8.8, 7.9, 7.5, 7.1}, {6.5, 6.0, 5.4, 5.1, 4.8}},
        {{21, 21, 21, 17.1, 17.1}, {17, 17, 17, 13.9, 13.9}, {11.4, 11.4, 11.4, 9.3, 9.3}},
    };
    for (int id = 0; id < THEME_COUNT; id++) {
        const Theme *t = theme((ThemeId)id);
        Color text[3] = {t->text1, t->text2, t->text3};
        Color ground[5] = {t->bg, t->panel, t->control, t->tint, t->hover};
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 5; k++) {
                expect(text[i], ground[k], table[id][i][k], THEME_NAMES[id]);
                assert_true(contrast(text[i], ground[k]) >= 4.5);
            }
    }
}

static void lines_and_focus_contrast_as_the_look_says(void **state)
{
    (void)state;
    static const double line3[THEME_COUNT][5] = {
        {3.9, 3.6, 3.9, 3.3, 3.3}, {4.7, 4.4, 3.9, 3.7, 3.5}, {8.9, 8.9, 8.9, 7.2, 7.2}};
    static const double focus[THEME_COUNT][5] = {
        {5.8, 5.5, 5.8, 4.9, 5.0}, {8.2, 7.6, 6.8, 6.5, 6.1}, {7.8, 7.8, 7.8, 6.4, 6.4}};
    for (int id = 0; id < THEME_COUNT; id++) {
        const Theme *t = theme((ThemeId)id);
        Color ground[5] = {t->bg, t->panel, t->control, t->tint, t->hover};
        for (int k = 0; k < 5; k++) {
            expect(t->line3, ground[k], line3[id][k], "line3");
            expect(t->focus, ground[k], focus[id][k], "focus");
        }
    }
}

static void marks_contrast_as_the_look_says(void **state)
{
    (void)state;
    static const double onink[] = {15.3, 14.9, 21}, warn[] = {6.5, 8.7, 8.9},
                        err[] = {6.2, 7.6, 7.5}, wrong[] = {8.8, 4.8, 12.2},
                        gold[] = {3.5, 9.4, 4.7}, tooltip[] = {9.2, 6.6, 21};
    for (int id = 0; id < THEME_COUNT; id++) {
        const Theme *t = theme((ThemeId)id);
        expect(t->onink, t->ink, onink[id], "onink");
        expect(t->warn, t->warn_ground, warn[id], "warn");
        expect(t->err, t->err_ground, err[id], "err");
        expect(t->wrong, t->panel, wrong[id], "wrong");
        expect(t->gold, t->bg, gold[id], "gold");
        expect(t->tooltip_label, t->ink, tooltip[id], "tooltip label");
        assert_true(t->nan == 0xFF990000u);
        assert_true(t->data == head_color(0, t->dark) || id == THEME_PROJECTOR);
    }
}

static void sizes_follow_the_projector_factor(void **state)
{
    (void)state;
    const Theme *light = theme(THEME_LIGHT), *projector = theme(THEME_PROJECTOR);
    check_close(light->body, 12, 0);
    check_close(light->title, 14, 0);
    check_close(light->figure, 18, 0);
    check_close(light->big, 24, 0);
    check_close(projector->body, floor(12 * 1.34), 0);
    check_close(projector->title, round(14 * 1.34), 0);
    check_close(projector->figure, round(18 * 1.34), 0);
    check_close(projector->big, round(24 * 1.34), 0);
    check_close(projector->unit, 1.34f, 0);
    check_close(projector->focus_width, 3, 0);
    assert_ptr_equal(theme(THEME_COUNT), light);
    assert_true(theme(THEME_DARK)->dark && !light->dark && !projector->dark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_contrasts_as_the_look_says),
        cmocka_unit_test(lines_and_focus_contrast_as_the_look_says),
        cmocka_unit_test(marks_contrast_as_the_look_says),
        cmocka_unit_test(sizes_follow_the_projector_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
