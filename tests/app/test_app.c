/* Whole frames of the application: a change is drawn by the frame that made it, in every size. */
#include "app/desk.h"

/* ---- the next frame ---- */

static void dragging_temperature_changes_the_picture_in_the_same_frame(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click_cell(&d, 5, 5, 0);
    Vec2 from = {0};
    assert_true(ui_find_track(app_ui(d.app), "scale/temperature", 1, &from));
    desk_move(&d, from.x, from.y);
    desk_press(&d, 1, 0);
    double was = app_settings(d.app)->attn.scale.temperature;
    for (int i = 1; i <= 5; i++) {
        uint64_t before = desk_hash(&d);
        double top = desk_result(&d)->rows[5].max, entropy = desk_result(&d)->rows[5].entropy;
        d.in.mouse.x = from.x - 8 * (float)i;
        desk_frame(&d); /* one call: event in, picture out */
        assert_true(desk_hash(&d) != before);
        assert_true(app_settings(d.app)->attn.scale.temperature < was);
        assert_true(desk_result(&d)->rows[5].max >= top);
        assert_true(desk_result(&d)->rows[5].entropy < entropy);
        char shown[TEXT_NUMBER];
        text_fixed(shown, desk_result(&d)->rows[5].entropy, 2);
        assert_true(desk_drawn(&d, shown));
        was = app_settings(d.app)->attn.scale.temperature;
    }
    desk_release(&d, 0);
    desk_settle(&d);
    assert_int_equal(d.app->history.at, 1 + 0); /* a drag is one step */
    desk_stop(&d);
}

static void the_second_pass_draws_what_the_first_one_changed(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    d.in.key = 'c'; /* causal */
    desk_frame(&d);
    bool hatched = false;
    for (size_t i = 0; i < d.list->count; i++)
        hatched |= d.list->items[i].kind == DRAW_HATCH;
    assert_true(app_settings(d.app)->attn.mask.causal);
    assert_true(hatched);
    assert_true(desk_weight(&d, 0, 1) == 0);
    check_close(desk_weight(&d, 0, 0), 1, 1e-6);
    desk_stop(&d);
}

static void nothing_happens_nothing_changes(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_frame(&d);
    uint64_t before = desk_hash(&d);
    unsigned runs = 0;
    for (int s = 0; s < STAGE_COUNT; s++)
        runs += pipeline_runs(app_scope(d.app)->pipeline)[s];
    for (int i = 0; i < 5; i++)
        desk_frame(&d);
    assert_true(before == desk_hash(&d));
    for (int s = 0; s < STAGE_COUNT; s++)
        runs -= pipeline_runs(app_scope(d.app)->pipeline)[s];
    assert_int_equal(runs, 0);
    desk_stop(&d);
}

static void choosing_a_longer_sentence_by_click_is_drawn_at_once(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click_cell(&d, 6, 6, 0);
    desk_click(&d, "navigator/sentence 4");
    assert_int_equal(app_settings(d.app)->sentence, 4);
    assert_int_equal(desk_result(&d)->n_q,
                     scope_sentence(app_scope(d.app), app_settings(d.app))->queries.count);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    desk_stop(&d);
}

/* ---- undo ---- */

static void undo_and_redo_go_through_the_settings(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    Settings first = *app_settings(d.app);
    desk_key(&d, 'c', 0);
    desk_run(&d, "scale.none");
    Settings last = *app_settings(d.app);
    desk_key(&d, 'z', MOD_CTRL);
    assert_int_equal(app_settings(d.app)->attn.scale.mode, first.attn.scale.mode);
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_key(&d, 'z', MOD_CTRL);
    assert_true(settings_equal(app_settings(d.app), &first, 0));
    desk_key(&d, 'z', MOD_CTRL | MOD_SHIFT);
    desk_key(&d, 'y', MOD_CTRL);
    assert_true(settings_equal(app_settings(d.app), &last, 0));
    desk_stop(&d);
}

static void undo_keeps_redo_where_a_layer_lacks(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    Buf text;
    (void)state;
    buf_init(&text, 1 << 16);
    buf_text(&text, "{\"attnscope\": 1, \"sentences\": [");
    for (int s = 0; s < 2; s++) { /* three heads, then one */
        buf_text(&text, s ? ", {" : "{");
        buf_text(&text, "\"tokens\": [\"a\"], \"layers\": [{\"heads\": [");
        for (int h = 0; h < 3 - 2 * s; h++)
            buf_printf(&text, "%s{\"scores\": [[%d]]}", h ? "," : "", h);
        buf_text(&text, "]}]}");
    }
    buf_text(&text, "]}");
    check_put(check_path(dir, "heads.json"), buf_string(&text));
    buf_free(&text);
    desk_start(&d, 1280, 800, check_path(dir, "heads.json"));
    desk_key(&d, '.', 0);
    desk_key(&d, '.', 0);
    assert_int_equal(app_settings(d.app)->head, 2);
    desk_key(&d, 'c', 0);
    desk_key(&d, KEY_PAGE_DOWN, 0); /* the sentence is no step; its only head is 0 */
    assert_int_equal(app_settings(d.app)->head, 0);
    for (int i = 0; i < 10; i++)
        desk_key(&d, 'z', MOD_CTRL);
    assert_false(history_can_undo(&d.app->history));
    assert_false(app_settings(d.app)->attn.mask.causal);
    for (int i = 0; i < 10; i++)
        desk_key(&d, 'y', MOD_CTRL);
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

static void a_double_click_resets_a_slider(void **state)
{
    Desk d;
    Vec2 at;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_true(ui_find_track(app_ui(d.app), "scale/temperature", 5, &at));
    desk_click_at(&d, at.x, at.y, 0);
    check_close(app_settings(d.app)->attn.scale.temperature, 5, 0.02);
    desk_double(&d, at.x, at.y);
    assert_true(app_settings(d.app)->attn.scale.temperature == 1);
    desk_stop(&d);
}

/* ---- sizes and themes ---- */

static void projector_mode_comes_and_goes_with_f11(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_run(&d, "theme.dark");
    desk_key(&d, KEY_F11, 0);
    assert_int_equal(app_settings(d.app)->theme, THEME_PROJECTOR);
    assert_true(d.out.fullscreen);
    assert_non_null(ui_find(app_ui(d.app), "quick/temperature"));
    desk_key(&d, KEY_F11, 0);
    assert_int_equal(app_settings(d.app)->theme, THEME_DARK);
    assert_false(d.out.fullscreen);
    desk_stop(&d);
}

static void floating_panels_open_and_close_in_a_small_window(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 640, 480, desk_example("one-sentence"));
    assert_null(ui_find(app_ui(d.app), "controls/scale"));
    desk_key(&d, 'b', MOD_CTRL | MOD_SHIFT);
    assert_true(d.app->layout.controls_over);
    desk_click(&d, "controls/scale/scale/1");
    assert_int_equal(app_settings(d.app)->attn.scale.mode, SCALE_NONE);
    /* what lies under the panel takes nothing */
    int query = app_settings(d.app)->query;
    const UiItem *panel = desk_item(&d, "controls/mask");
    desk_click_at(&d, panel->rect.x + 2, rect_bottom(panel->rect) + 1, 0);
    assert_int_equal(app_settings(d.app)->query, query);
    desk_key(&d, KEY_ESCAPE, 0);
    if (d.app->layout.controls_over)
        desk_key(&d, KEY_ESCAPE, 0); /* the first one freed the focus */
    assert_false(d.app->layout.controls_over);
    desk_key(&d, 'b', MOD_CTRL);
    assert_true(d.app->layout.navigator_over);
    desk_click(&d, "navigator/sentence 2");
    assert_int_equal(app_settings(d.app)->sentence, 2);
    desk_stop(&d);
}

static void every_size_theme_and_scale_draws_every_example(void **state)
{
    static const char *const NAMES[] = {"one-sentence", "translation", "shapes",        "next-word",
                                        "three-tokens", "chinese",     "arabic-english"};
    static const int SIZES[][2] = {{1, 1}, {320, 240}, {640, 480}, {1280, 800}, {3840, 2160}};
    Desk d;
    (void)state;
    for (size_t n = 0; n < sizeof NAMES / sizeof NAMES[0]; n++) {
        desk_start(&d, 1280, 800, desk_example(NAMES[n]));
        for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++)
            for (int id = 0; id < THEME_COUNT; id++)
                for (int scale = 0; scale < 3; scale++) {
                    d.in.pixel_w = SIZES[i][0];
                    d.in.pixel_h = SIZES[i][1];
                    app_settings(d.app)->theme = id;
                    app_settings(d.app)->ui_scale = (const double[]){0.75, 1, 3}[scale];
                    desk_frame(&d);
                    assert_true(d.list->count > 0);
                }
        desk_stop(&d);
    }
}

/* At rest the status line says what the document says of the layer; saving keeps it. */
static void what_the_document_says_of_a_layer_is_shown_with_it(void **state)
{
    static const char SAYS[] = "scale forgotten: without √d_k the rows are too sharp";
    const char *dir = check_temp_dir();
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("slips"));
    assert_false(desk_drawn(&d, SAYS));
    desk_run(&d, "layer.next");
    assert_true(desk_drawn(&d, SAYS));
    assert_true(app_save(d.app, check_path(dir, "slips.attn.json")));
    assert_true(app_open(d.app, check_path(dir, "slips.attn.json"), NULL));
    app_settings(d.app)->layer = 1;
    desk_settle(&d);
    assert_true(desk_drawn(&d, SAYS));
    app_settings(d.app)->layer = FIELD_MEAN;
    app_settings(d.app)->head = FIELD_MEAN;
    desk_settle(&d);
    assert_false(desk_drawn(&d, SAYS));
    assert_true(desk_drawn(&d, "all look like attention"));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dragging_temperature_changes_the_picture_in_the_same_frame),
        cmocka_unit_test(the_second_pass_draws_what_the_first_one_changed),
        cmocka_unit_test(nothing_happens_nothing_changes),
        cmocka_unit_test(what_the_document_says_of_a_layer_is_shown_with_it),
        cmocka_unit_test(choosing_a_longer_sentence_by_click_is_drawn_at_once),
        cmocka_unit_test(undo_and_redo_go_through_the_settings),
        cmocka_unit_test(undo_keeps_redo_where_a_layer_lacks),
        cmocka_unit_test(a_double_click_resets_a_slider),
        cmocka_unit_test(projector_mode_comes_and_goes_with_f11),
        cmocka_unit_test(floating_panels_open_and_close_in_a_small_window),
        cmocka_unit_test(every_size_theme_and_scale_draws_every_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
