/* Channels and feature maps by command, in windows without the widgets for it; what acts on them.
 */
#include "app/desk.h"

#include "app/export.h"

static void start(Desk *d, int w, int h, const char *example, const char *const *sets)
{
    Error err = {0};
    desk_start(d, w, h, desk_example(example));
    for (int i = 0; sets && sets[i]; i++)
        if (!settings_assign(app_settings(d->app), sets[i], &err))
            fail_msg("%s: %s", sets[i], err.what);
    desk_settle(d);
}

static void channels_are_stepped_through_by_keys(void **state)
{
    Desk d;
    (void)state;
    start(&d, 700, 500, "image-gate", NULL);
    Settings *s = app_settings(d.app);
    assert_null(ui_find(app_ui(d.app), "channel/next"));
    desk_key(&d, KEY_DOWN, MOD_SHIFT);
    desk_key(&d, KEY_DOWN, MOD_SHIFT);
    assert_int_equal(s->key, 1);
    desk_key(&d, KEY_UP, MOD_SHIFT);
    assert_int_equal(s->key, 0);
    desk_key(&d, KEY_UP, MOD_SHIFT); /* before the first one */
    assert_int_equal(s->key, FIELD_NOTHING);
    for (int i = 0; i < 20; i++)
        desk_run(&d, "channel.next");
    assert_int_equal(s->key, 7);
    desk_run(&d, "channel.mean");
    assert_int_equal(s->key, FIELD_NOTHING);
    desk_run(&d, "map.next");
    assert_non_null(strstr(app_notice_text(d.app, 0), "no feature maps"));
    desk_stop(&d);
}

static void feature_maps_are_stepped_through_by_keys(void **state)
{
    static const char *const sets[] = {"layer=2", NULL};
    Desk d;
    (void)state;
    start(&d, 700, 500, "shopping", sets);
    Settings *s = app_settings(d.app);
    assert_null(ui_find(app_ui(d.app), "map/next"));
    desk_key(&d, KEY_PAGE_DOWN, MOD_SHIFT);
    assert_int_equal(s->query, 1); /* the first one was seen */
    assert_int_equal(d.app->scope.input.row_query, 1);
    for (int i = 0; i < 20; i++)
        desk_run(&d, "map.next");
    assert_int_equal(s->query, 6);
    desk_key(&d, KEY_PAGE_UP, MOD_SHIFT);
    assert_int_equal(s->query, 5);
    desk_run(&d, "channel.next");
    assert_non_null(strstr(app_notice_text(d.app, 0), "no gate"));
    desk_stop(&d);
}

static void masks_that_cannot_act_on_a_gate_say_why(void **state)
{
    static const char *const IDS[] = {"mask.renormalise", "mask.padding", "mask.causal"};
    Desk d;
    (void)state;
    start(&d, 1280, 800, "image-gate", NULL);
    desk_run(&d, "view.heatmap"); /* the overlay leaves the mask no room */
    Settings before = *app_settings(d.app);
    assert_false(desk_item(&d, "mask/renormalise")->enabled);
    for (int i = 0; i < 3; i++) {
        desk_run(&d, IDS[i]);
        assert_non_null(strstr(app_notice_text(d.app, 0), "A gate has no keys: no mask acts."));
        assert_true(settings_equal(&before, app_settings(d.app), 0));
    }
    desk_stop(&d);
    start(&d, 1280, 800, "mood", NULL); /* hidden words act there */
    assert_true(desk_item(&d, "mask/renormalise")->enabled);
    desk_stop(&d);
}

static void lines_of_a_gate_name_places_and_every_channel(void **state)
{
    static const char *const sets[] = {"view=lines", NULL};
    Desk d;
    (void)state;
    start(&d, 1280, 800, "image-gate", sets);
    const LinksLayout *l = &d.app->panes[0].links_layout;
    assert_true(l->key_pitch >= 14); /* so that none of the 8 labels is left out */
    assert_true(desk_drawn(&d, "patch"));
    assert_false(desk_drawn(&d, "query"));
    desk_stop(&d);
}

static void the_row_of_all_is_called_so_once(void **state)
{
    Desk d;
    int all = 0;
    (void)state;
    start(&d, 1280, 800, "mood", NULL);
    for (size_t i = 0; i < d.list->count; i++)
        all += d.list->items[i].kind == DRAW_TEXT &&
               (strcmp(d.list->items[i].text, "all") == 0 ||
                strcmp(d.list->items[i].text, "all \xe2\x86\x93") == 0);
    assert_int_equal(all, 2); /* a label in each pane */
    assert_true(desk_drawn(&d, "queries"));
    assert_true(desk_drawn(&d, "layer 0 · head 0 · one row for all")); /* not cut */
    desk_stop(&d);
}

static void layers_of_one_head_have_their_own_choice_marked(void **state)
{
    static const char *const sets[] = {"layer=mean", NULL};
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", sets);
    assert_true(desk_item(&d, "reduce/1")->checked);
    assert_false(desk_item(&d, "reduce/0")->checked);
    desk_click(&d, "reduce/0");
    assert_int_equal(app_settings(d.app)->layer, 0);
    assert_non_null(desk_result(&d));
    desk_stop(&d);
}

static void what_is_exported_of_a_feature_map_says_whose_it_is(void **state)
{
    static const char *const sets[] = {"layer=2", "query=2", NULL};
    Desk d;
    Buf out;
    Error err = {0};
    DrawList list;
    (void)state;
    start(&d, 1280, 800, "shopping", sets);
    App *app = d.app;
    buf_init(&out, 1 << 20);
    assert_true(
        export_stage(&app->scope, &app->settings, STAGE_WEIGHTS, DUMP_JSON, NULL, &out, &err));
    assert_non_null(strstr(buf_string(&out), "\"head\":0,\"query\":2,\"rows\":8"));
    buf_free(&out);
    draw_list_init(&list);
    assert_true(
        export_view(&app->scope, &app->settings, &app->kit, VIEW_HEATMAP, 800, 600, &list, &err));
    Desk drawn = {.list = &list};
    assert_true(desk_drawn(&drawn, "map of query 2, watering can"));
    draw_list_free(&list);
    desk_stop(&d);
}

static void stages_of_the_inputs_are_commands(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "one-sentence", NULL);
    Settings *s = app_settings(d.app);
    desk_run(&d, "stage.q");
    assert_int_equal(s->stage, STAGE_Q);
    desk_run(&d, "view.lines"); /* these cannot show it */
    desk_run(&d, "stage.k");
    assert_int_equal(s->stage, STAGE_Q);
    assert_non_null(strstr(app_notice_text(d.app, 0), "choose the heatmap for k"));
    desk_stop(&d);
}

static void the_colour_section_names_the_map_that_is_seen(void **state)
{
    static const char *const VIEWS[] = {"view=lines", "view=heads", "view=patches"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        Desk d;
        const char *const sets[] = {"stage=q", VIEWS[i], NULL};
        start(&d, 1280, 800, "image-gate", sets);
        assert_int_equal(d.app->map_shown, COLORMAP_MAGMA);
        desk_run(&d, "view.heatmap");
        assert_int_equal(d.app->map_shown, COLORMAP_BLUE_ORANGE);
        desk_stop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_stepped_through_by_keys),
        cmocka_unit_test(feature_maps_are_stepped_through_by_keys),
        cmocka_unit_test(masks_that_cannot_act_on_a_gate_say_why),
        cmocka_unit_test(lines_of_a_gate_name_places_and_every_channel),
        cmocka_unit_test(the_row_of_all_is_called_so_once),
        cmocka_unit_test(layers_of_one_head_have_their_own_choice_marked),
        cmocka_unit_test(what_is_exported_of_a_feature_map_says_whose_it_is),
        cmocka_unit_test(stages_of_the_inputs_are_commands),
        cmocka_unit_test(the_colour_section_names_the_map_that_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
