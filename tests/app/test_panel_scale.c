/* The numbers of the normalisers in the controls: set by keys and pointer, undone, told. */
#include "app/desk.h"

static void type_into(Desk *d, const char *id, const char *text)
{
    desk_click(d, id);
    desk_key(d, 'a', MOD_CTRL);
    desk_text(d, text);
    desk_key(d, KEY_ENTER, 0);
}

static void every_normaliser_has_its_own_number(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    NormParams *n = &app_settings(d.app)->attn.norm;
    n->kind = NORM_ENTMAX;
    desk_settle(&d);
    type_into(&d, "controls/scale/alpha/value", "2.5");
    assert_true(n->alpha == 2.5);
    desk_key(&d, 'z', MOD_CTRL);
    assert_true(n->alpha == 1.5);
    n->kind = NORM_TOPP;
    desk_settle(&d);
    assert_null(ui_find(app_ui(d.app), "controls/scale/alpha"));
    type_into(&d, "controls/scale/p/value", "0.5");
    assert_true(n->p == 0.5);
    n->kind = NORM_TOPK;
    desk_settle(&d);
    type_into(&d, "controls/scale/k", "2");
    assert_int_equal(n->k, 2);
    type_into(&d, "controls/scale/k", "0"); /* refused */
    assert_int_equal(n->k, 2);
    desk_key(&d, KEY_ESCAPE, 0);
    n->kind = NORM_SIGMOID;
    desk_settle(&d);
    desk_click(&d, "controls/scale/bias");
    assert_true(n->sigmoid_bias);
    desk_key(&d, 'z', MOD_CTRL);
    assert_false(n->sigmoid_bias);
    desk_stop(&d);
}

static void arrows_move_a_focused_number(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    NormParams *n = &app_settings(d.app)->attn.norm;
    n->kind = NORM_ENTMAX;
    desk_settle(&d);
    ui_focus(app_ui(d.app), "controls/scale/alpha");
    desk_key(&d, KEY_RIGHT, 0);
    assert_true(n->alpha > 1.5 && n->alpha < 1.6);
    desk_key(&d, KEY_LEFT, 0);
    check_close(n->alpha, 1.5, 1e-9);
    desk_stop(&d);
}

static void rows_that_need_not_sum_to_one_say_so(void **state)
{
    (void)state;
    static const NormKind OPEN[] = {NORM_SOFTMAX1, NORM_SIGMOID, NORM_RELU};
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_null(scene_note(&d.app->panes[0].scene));
    for (int i = 0; i < 3; i++) {
        app_settings(d.app)->attn.norm.kind = OPEN[i];
        desk_settle(&d);
        const char *note = scene_note(&d.app->panes[0].scene);
        assert_non_null(note);
        assert_true(desk_drawn(&d, note));
        assert_true(desk_drawn(&d, "sum ")); /* in the row's figures */
    }
    app_settings(d.app)->ui_scale = 2; /* and where little room is left */
    desk_settle(&d);
    assert_true(desk_drawn(&d, "rows need not sum to 1"));
    app_settings(d.app)->ui_scale = 1;
    app_settings(d.app)->theme = THEME_PROJECTOR;
    desk_settle(&d);
    assert_true(desk_drawn(&d, "rows need not sum to 1"));
    desk_stop(&d);
}

/* What the field takes is what the setting takes, and it says so. */
static void a_width_is_any_number_above_zero(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    ScoreParams *s = &app_settings(d.app)->attn.score;
    s->kind = SCORE_GAUSSIAN;
    desk_settle(&d);
    type_into(&d, "controls/scale/sigma", ".5");
    assert_true(s->sigma == 0.5);
    static const char *const refused[] = {"0", "-1", "1000001"};
    for (int i = 0; i < 3; i++) {
        type_into(&d, "controls/scale/sigma", refused[i]);
        assert_true(s->sigma == 0.5);
        assert_true(desk_drawn(&d, "above 0 … 1000000"));
        desk_key(&d, KEY_ESCAPE, 0);
    }
    type_into(&d, "controls/scale/sigma", "1e-9");
    assert_true(s->sigma == 1e-9);
    app_settings(d.app)->attn.scale.mode = SCALE_CUSTOM;
    desk_settle(&d);
    type_into(&d, "controls/scale/divisor", "0");
    assert_true(desk_drawn(&d, "above 0"));
    assert_false(desk_drawn(&d, "above 0 …"));
    desk_stop(&d);
}

static bool said_over(Desk *d, const char *id, const char *words)
{
    Vec2 at = desk_middle(d, id);
    desk_move(d, at.x, at.y);
    d->in.time += 1; /* longer than the tooltip waits */
    desk_frame(d);
    return desk_drawn(d, words);
}

static void the_dropdowns_say_what_they_choose(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_true(said_over(&d, "controls/scale/score", "score function"));
    assert_true(said_over(&d, "controls/scale/normaliser", "makes weights"));
    desk_stop(&d);
}

static void temperature_zero_is_called_by_what_it_does(void **state)
{
    static const struct {
        NormKind kind;
        const char *word;
    } CASES[] = {{NORM_SOFTMAX, "argmax"}, {NORM_SIGMOID, "step"}, {NORM_RELU, "refused"}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        Desk d;
        desk_start(&d, 1280, 800, desk_example("one-sentence"));
        AttnParams *p = &app_settings(d.app)->attn;
        p->norm.kind = CASES[i].kind;
        p->scale.temperature = 0;
        desk_settle(&d);
        for (int k = 0; k < 3; k++)
            if (desk_drawn(&d, CASES[k].word) != (k == i))
                fail_msg("%s under normaliser %d", CASES[k].word, (int)CASES[i].kind);
        desk_stop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_normaliser_has_its_own_number),
        cmocka_unit_test(arrows_move_a_focused_number),
        cmocka_unit_test(a_width_is_any_number_above_zero),
        cmocka_unit_test(rows_that_need_not_sum_to_one_say_so),
        cmocka_unit_test(the_dropdowns_say_what_they_choose),
        cmocka_unit_test(temperature_zero_is_called_by_what_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
