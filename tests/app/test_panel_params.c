/* What the controls say below the score: where its parameters come from, and what is missing. */
#include "app/desk.h"

static void a_kind_without_its_parameters_says_what_it_needs(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    app_settings(d.app)->attn.score.kind = SCORE_ADDITIVE;
    desk_settle(&d);
    assert_null(desk_result(&d));
    assert_string_equal(d.app->params_shown.missing,
                        "needs w_q [h, 16], w_k [h, 16] and v [h]: the document has none");
    char tip[400]; /* thumbnails and statistics are empty for the same reason */
    head_tip(d.app, 2, 3, tip, sizeof tip);
    assert_string_equal(tip, "layer 2, head 3 · score additive: parameters: expected w_q [h, 16], "
                             "w_k [h, 16] and v [h], found none");
    assert_true(desk_drawn(&d, "Head 3·7"));
    assert_string_equal(d.app->params_shown.from, "");
    app_settings(d.app)->attn.score.kind = SCORE_GAUSSIAN;
    desk_settle(&d);
    assert_string_equal(d.app->params_shown.missing,
                        "needs sigma, a number above 0: the document has none");
    assert_string_equal(desk_item(&d, "controls/scale/sigma")->value, "");
    desk_click(&d, "controls/scale/sigma");
    desk_text(&d, "2");
    desk_key(&d, KEY_ENTER, 0);
    assert_non_null(desk_result(&d));
    assert_string_equal(d.app->params_shown.missing, "");
    assert_true(app_settings(d.app)->attn.score.sigma == 2);
    desk_stop(&d);
}

static void parameters_of_the_document_are_named(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("rnn-translation"));
    assert_string_equal(d.app->params_shown.from,
                        "w_q 32 × 64 · w_k 32 × 64 · v 32 · b 32 from the document");
    desk_stop(&d);
    desk_start(&d, 1280, 800, desk_example("positions"));
    assert_string_equal(d.app->params_shown.rope, "θ 100, half, 8 dims");
    desk_stop(&d);
}

/* The first head that is shown may be one that cannot be computed: nothing of the document before
 * is looked at then. */
static void another_document_leaves_nothing_behind(void **state)
{
    (void)state;
    Desk d;
    Error err = {0};
    const char *path = check_path(check_temp_dir(), "lacking.attn.json");
    check_put(
        path,
        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{\"q\": [[1, 2],"
        " [3, 4]], \"k\": [[1, 0], [0, 1]], \"score\": {\"kind\": \"general\"}}]}]}");
    desk_start(&d, 1280, 800, desk_example("rnn-translation"));
    assert_true(app_open(d.app, path, &err));
    desk_settle(&d);
    assert_null(desk_result(&d));
    assert_int_equal(app_scope(d.app)->input.n_k, 2);
    assert_string_equal(d.app->params_shown.missing, "needs w [2, 2]: the document has none");
    desk_stop(&d);
}

static void an_unknown_kind_is_named_and_has_no_scale(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, TEST_DATA_DIR "/load/unusable.attn.json");
    assert_null(desk_result(&d));
    assert_string_equal(desk_item(&d, "controls/scale/score")->value, "auto: warp (unknown)");
    assert_false(desk_item(&d, "controls/scale/temperature")->enabled);
    assert_true(desk_item(&d, "controls/scale/score")->enabled); /* the way out */
    app_settings(d.app)->head = 7;
    desk_settle(&d);
    assert_non_null(desk_result(&d));
    assert_string_equal(desk_item(&d, "controls/scale/score")->value, "auto: dot product");
    assert_true(desk_item(&d, "controls/scale/temperature")->enabled);
    desk_stop(&d);
}

static void masks_that_cannot_act_are_off(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, TEST_DATA_DIR "/load/unusable.attn.json");
    app_settings(d.app)->head = 7;
    desk_settle(&d);
    assert_true(desk_item(&d, "controls/mask/causal")->enabled);
    app_settings(d.app)->attn.score.kind = SCORE_ELEMENTWISE;
    desk_settle(&d);
    assert_int_equal(desk_result(&d)->form, FORM_STRIP);
    assert_false(desk_item(&d, "controls/mask/causal")->enabled);
    assert_false(desk_item(&d, "controls/mask/window")->enabled);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_without_its_parameters_says_what_it_needs),
        cmocka_unit_test(parameters_of_the_document_are_named),
        cmocka_unit_test(another_document_leaves_nothing_behind),
        cmocka_unit_test(an_unknown_kind_is_named_and_has_no_scale),
        cmocka_unit_test(masks_that_cannot_act_are_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
