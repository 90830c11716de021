/* Every action by name: the table itself, keys, what is impossible and why. */
#include "app/desk.h"

static void ids_and_titles_are_single(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        assert_true(COMMANDS[i].id[0] != 0 && COMMANDS[i].title[0] != 0);
        assert_non_null(COMMANDS[i].run);
        assert_ptr_equal(command_find(COMMANDS[i].id), &COMMANDS[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(COMMANDS[i].title, COMMANDS[j].title);
    }
    assert_null(command_find("no.such"));
}

static void no_key_means_two_actions(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            const Command *a = &COMMANDS[i], *b = &COMMANDS[j];
            bool same = (a->key && a->key == b->key && a->mods == b->mods) ||
                        (a->key && a->key == b->key2 && a->mods == b->mods2) ||
                        (a->key2 && a->key2 == b->key && a->mods2 == b->mods) ||
                        (a->key2 && a->key2 == b->key2 && a->mods2 == b->mods2);
            if (same)
                fail_msg("%s and %s have one key", a->id, b->id);
        }
    }
}

static void a_drawn_key_is_a_real_one(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if ((COMMANDS[i].keys[0] != 0) != (COMMANDS[i].key != 0))
            fail_msg("%s: drawn as \"%s\", key %d", COMMANDS[i].id, COMMANDS[i].keys,
                     COMMANDS[i].key);
        assert_int_equal(strstr(COMMANDS[i].keys, "Ctrl") != NULL,
                         (COMMANDS[i].mods & MOD_CTRL) != 0);
        assert_int_equal(strstr(COMMANDS[i].keys, "Shift") != NULL,
                         (COMMANDS[i].mods & MOD_SHIFT) != 0);
    }
}

/* On every document and in the gallery each action either does something or says why not. */
static void every_action_runs_everywhere(void **state)
{
    static const char *const NAMES[] = {NULL, "one-sentence", "shapes", "three-tokens",
                                        "arabic-english"};
    (void)state;
    for (size_t n = 0; n < sizeof NAMES / sizeof NAMES[0]; n++) {
        for (int i = 0; i < COMMAND_COUNT; i++) {
            Desk d;
            if (strcmp(COMMANDS[i].id, "file.save") == 0)
                continue; /* the examples stay as they are */
            desk_start(&d, 1280, 800, NAMES[n] ? desk_example(NAMES[n]) : NULL);
            const char *why = COMMANDS[i].missing ? COMMANDS[i].missing(d.app) : NULL;
            desk_run(&d, COMMANDS[i].id);
            if (why) {
                assert_true(app_notice_count(d.app) > 0);
                assert_non_null(strstr(app_notice_text(d.app, 0), why));
            }
            desk_stop(&d);
        }
    }
}

static void keys_walk_layers_and_heads(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    app_settings(d.app)->layer = app_settings(d.app)->head = 0;
    desk_key(&d, ']', 0);
    desk_key(&d, '.', 0);
    desk_key(&d, '.', 0);
    assert_int_equal(app_settings(d.app)->layer, 1);
    assert_int_equal(app_settings(d.app)->head, 2);
    desk_key(&d, '[', 0);
    desk_key(&d, ',', 0);
    assert_int_equal(app_settings(d.app)->layer, 0);
    assert_int_equal(app_settings(d.app)->head, 1);
    desk_key(&d, KEY_DOWN, MOD_ALT); /* where [ and ] need AltGr */
    desk_key(&d, KEY_RIGHT, MOD_ALT);
    assert_int_equal(app_settings(d.app)->layer, 1);
    assert_int_equal(app_settings(d.app)->head, 2);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(app_settings(d.app)->sentence, 1);
    desk_key(&d, KEY_PAGE_UP, 0);
    desk_key(&d, KEY_PAGE_UP, 0);
    assert_int_equal(app_settings(d.app)->sentence, 0);
    desk_stop(&d);
}

static void the_scale_modes_divide_as_they_say(void **state)
{
    static const struct {
        const char *id;
        double divisor;
    } MODES[] = {
        {"scale.sqrt_dk", 2}, {"scale.none", 1}, {"scale.dk", 4}, {"scale.sqrt_dmodel", 2}};
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("three-tokens")); /* d_k 4, d_model 4 */
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++) {
        desk_run(&d, MODES[i].id);
        check_close(desk_result(&d)->divisor, MODES[i].divisor, 1e-12);
        /* scores of row 0 by hand: 4 2 0 */
        double e[3], sum = 0;
        for (int k = 0; k < 3; k++)
            sum += e[k] = exp((4.0 - 2.0 * k) / MODES[i].divisor);
        for (int k = 0; k < 3; k++)
            check_close(desk_weight(&d, 0, k), e[k] / sum, 1e-6);
    }
    desk_run(&d, "scale.custom");
    assert_non_null(ui_find(app_ui(d.app), "scale/divisor"));
    desk_stop(&d);
}

static void the_d_k_slider_says_why_it_is_off(void **state)
{
    static const struct {
        const char *id, *reason;
    } OFF[] = {{"scale.none", "Off: the scores are not divided."},
               {"scale.sqrt_dmodel", "Off: the scores are divided by √d_model."},
               {"scale.custom", "Off: the scores are divided by a number of your own."}};
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_true(desk_item(&d, "scale/d_k")->enabled);
    for (size_t i = 0; i < sizeof OFF / sizeof OFF[0]; i++) {
        desk_run(&d, OFF[i].id);
        assert_false(desk_item(&d, "scale/d_k")->enabled);
        Vec2 at = desk_middle(&d, "scale/d_k");
        desk_move(&d, at.x, at.y);
        desk_frame(&d);
        assert_true(desk_drawn(&d, OFF[i].reason)); /* at once, no 400 ms */
        Settings before = *app_settings(d.app);
        desk_click_at(&d, at.x, at.y, 0);
        assert_true(settings_equal(&before, app_settings(d.app), 0));
    }
    desk_run(&d, "scale.dk");
    assert_true(desk_item(&d, "scale/d_k")->enabled);
    desk_stop(&d);
}

static void dragging_d_k_changes_the_divisor(void **state)
{
    Desk d;
    Vec2 at;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_run(&d, "scale.sqrt_dk");
    assert_true(ui_find_track(app_ui(d.app), "scale/d_k", 256, &at));
    desk_click_at(&d, at.x, at.y, 0);
    check_close(app_settings(d.app)->attn.scale.d_k, 256, 1e-9);
    check_close(desk_result(&d)->divisor, 16, 1e-9);
    desk_stop(&d);
}

static void temperature_goes_from_argmax_to_flat(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_run(&d, "temperature.zero");
    assert_true(desk_drawn(&d, "argmax"));
    for (int q = 0; q < desk_result(&d)->n_q; q++)
        check_close(desk_result(&d)->rows[q].max, 1, 1e-6);
    desk_key(&d, KEY_LEFT, MOD_SHIFT);
    assert_true(app_settings(d.app)->attn.scale.temperature == 0);
    desk_key(&d, KEY_RIGHT, MOD_SHIFT);
    assert_true(app_settings(d.app)->attn.scale.temperature > 0);
    app_settings(d.app)->attn.scale.temperature = 1000;
    desk_settle(&d);
    const AttnResult *r = desk_result(&d);
    check_close(desk_weight(&d, 3, 3), 1.0 / r->n_k, 0.01);
    desk_stop(&d);
}

static void a_typed_temperature_is_taken_or_refused(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click(&d, "scale/temperature/value");
    desk_text(&d, "300");
    desk_key(&d, KEY_ENTER, 0);
    check_close(app_settings(d.app)->attn.scale.temperature, 300, 0);
    desk_click(&d, "scale/temperature/value");
    desk_text(&d, "2000");
    desk_key(&d, KEY_ENTER, 0);
    check_close(app_settings(d.app)->attn.scale.temperature, 300, 0);
    desk_stop(&d);
}

static void digits_typed_into_a_field_choose_no_view(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click(&d, "navigator/filter");
    d.in.text = "6";
    desk_key(&d, '6', 0);
    assert_string_equal(d.app->filter, "6");
    assert_int_equal(d.app->panes[0].view, VIEW_HEATMAP);
    desk_text(&d, "é 日本");
    assert_string_equal(d.app->filter, "6é 日本");
    assert_true(desk_drawn(&d, "0 of "));
    desk_click(&d, "clear filter");
    assert_string_equal(d.app->filter, "");
    desk_stop(&d);
}

static void a_filter_is_searched_once(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    const SentenceList *list = &d.app->list_shown;
    int all = app_scope(d.app)->doc.sentence_count;
    desk_item(&d, "navigator/sentence 0");
    assert_int_equal(list->walks, 0); /* without a filter there is nothing to search */
    desk_click(&d, "navigator/filter");
    desk_text(&d, "b");
    assert_int_equal(list->walks, 1);
    desk_settle(&d);
    desk_settle(&d);
    assert_int_equal(list->walks, 1);
    int found = list->count;
    assert_in_range(found, 0, all);
    desk_text(&d, "zq");
    assert_int_equal(list->walks, 2);
    assert_int_equal(list->count, 0);
    assert_true(desk_drawn(&d, "0 of "));
    assert_true(app_reload(d.app)); /* the same words, but another document */
    desk_settle(&d);
    desk_click(&d, "navigator/filter");
    desk_text(&d, "bzq");
    assert_string_equal(d.app->filter, "bzq");
    assert_int_equal(list->walks, 3);
    desk_stop(&d);
}

static void masks_combine(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_key(&d, 'c', 0);
    desk_key(&d, 'w', 0); /* a window of 4 */
    int w = app_settings(d.app)->attn.mask.window;
    assert_int_equal(w, 4);
    desk_run(&d, "mask.window.narrower");
    desk_click_cell(&d, 8, 7, MOD_CTRL);
    for (int q = 0; q < desk_result(&d)->n_q; q++)
        for (int k = 0; k < desk_result(&d)->n_k; k++)
            if (k > q || q - k >= 3 || k == 7)
                assert_true(desk_weight(&d, q, k) == 0);
    check_close(desk_row_sum(&d, 8), 1, 1e-5);
    check_close(desk_weight(&d, 8, 6) + desk_weight(&d, 8, 8), 1, 1e-5);
    desk_stop(&d);
}

static void an_alignment_that_is_not_there_is_told(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    const DocSentence *s = &app_scope(d.app)->doc.sentences[0];
    assert_int_equal(s->sure_count + s->possible_count, 0);
    desk_key(&d, 'g', 0);
    assert_false(app_settings(d.app)->gold);
    assert_non_null(strstr(app_notice_text(d.app, 0), "The document carries no alignment."));
    desk_stop(&d);
}

static void looks_have_their_actions(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    const Settings *s = app_settings(d.app);
    desk_run(&d, "mask.align.bottom");
    assert_int_equal(s->attn.mask.align, MASK_BOTTOM);
    desk_run(&d, "mask.align.top");
    assert_int_equal(s->attn.mask.align, MASK_TOP);
    desk_run(&d, "colorpool.mean");
    assert_int_equal(s->color.pool, POOL_MEAN);
    desk_run(&d, "cells.square");
    assert_true(s->color.square);
    desk_run(&d, "cells.numbers");
    assert_false(s->color.numbers);
    desk_run(&d, "row.sum");
    assert_true(s->queries_sum);
    desk_run(&d, "row.mean");
    assert_false(s->queries_sum);
    desk_stop(&d);
}

static void a_copied_cell_and_row_are_tables(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("three-tokens"));
    app_settings(d.app)->view = 1 + VIEW_HEATMAP;
    desk_settle(&d);
    desk_hover_cell(&d, 1, 2);
    desk_key(&d, 'c', MOD_CTRL);
    assert_non_null(d.clipboard);
    assert_non_null(strstr(d.clipboard, "here\t"));
    assert_non_null(strstr(d.clipboard, "0.2119415"));
    int lines = 0;
    for (const char *p = d.clipboard; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 2);
    desk_click_cell(&d, 1, 1, 0);
    desk_move(&d, 640, 20);
    desk_key(&d, 'c', MOD_CTRL);
    lines = 0;
    for (const char *p = d.clipboard; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 4); /* a head line and three keys */
    assert_non_null(strstr(d.clipboard, "I\t"));
    assert_true(desk_drawn(&d, "row copied"));
    desk_stop(&d);
}

static void mean_and_max_reduce_the_weights(void **state)
{
    Desk d;
    double sum = 0, most = 0;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    app_settings(d.app)->layer = 1;
    int heads = scope_sentence(app_scope(d.app), app_settings(d.app))->layers[1].head_count;
    for (int h = 0; h < heads; h++) {
        app_settings(d.app)->head = h;
        desk_settle(&d);
        sum += desk_weight(&d, 4, 2);
        most = fmax(most, desk_weight(&d, 4, 2));
    }
    desk_run(&d, "head.mean");
    check_close(desk_weight(&d, 4, 2), sum / heads, 1e-6);
    desk_run(&d, "head.max");
    check_close(desk_weight(&d, 4, 2), most, 1e-7);
    desk_run(&d, "head.one");
    assert_int_equal(app_settings(d.app)->head, heads - 1);
    desk_run(&d, "stage.scores");
    assert_int_equal(app_settings(d.app)->stage, STAGE_SCORES);
    desk_run(&d, "head.mean");
    assert_true(d.list->count > 0);
    desk_stop(&d);
}

static const char *focused(const Desk *d)
{
    int count = 0;
    const UiItem *items = ui_items(app_ui(d->app), &count);
    for (int i = 0; i < count; i++)
        if (items[i].focused)
            return items[i].id;
    return "";
}

static void escape_takes_the_ring_before_it_frees_the_lock(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("one-sentence"));
    desk_click_cell(&d, 3, 5, 0);
    for (int i = 0; i < 60 && !strstr(focused(&d), "file.export"); i++)
        desk_key(&d, KEY_TAB, 0);
    assert_string_equal(focused(&d), "top/file.export");
    desk_key(&d, KEY_ESCAPE, 0);
    assert_string_equal(focused(&d), "");
    assert_int_equal(app_settings(d.app)->query, 3);
    desk_key(&d, KEY_ENTER, 0); /* the button is no longer there for it */
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    desk_stop(&d);
}

static void the_list_of_sentences_is_one_stop_of_tab(void **state)
{
    Desk d;
    int stops = 0;
    (void)state;
    desk_start(&d, 1440, 900, desk_example("translation"));
    assert_true(app_scope(d.app)->doc.sentence_count > 2);
    desk_key(&d, KEY_TAB, 0);
    for (int i = 0; i < 100; i++) {
        const char *at = focused(&d);
        if (strcmp(at, "navigator/sentence rows") == 0) {
            stops++;
            break;
        }
        assert_null(strstr(at, "navigator/sentence "));
        desk_key(&d, KEY_TAB, 0);
    }
    assert_int_equal(stops, 1);
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_DOWN, 0);
    assert_int_equal(app_settings(d.app)->sentence, 2);
    desk_key(&d, KEY_UP, 0);
    assert_int_equal(app_settings(d.app)->sentence, 1);
    desk_key(&d, KEY_TAB, 0);
    assert_null(strstr(focused(&d), "sentence"));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_titles_are_single),
        cmocka_unit_test(no_key_means_two_actions),
        cmocka_unit_test(a_drawn_key_is_a_real_one),
        cmocka_unit_test(every_action_runs_everywhere),
        cmocka_unit_test(keys_walk_layers_and_heads),
        cmocka_unit_test(the_scale_modes_divide_as_they_say),
        cmocka_unit_test(the_d_k_slider_says_why_it_is_off),
        cmocka_unit_test(dragging_d_k_changes_the_divisor),
        cmocka_unit_test(temperature_goes_from_argmax_to_flat),
        cmocka_unit_test(a_typed_temperature_is_taken_or_refused),
        cmocka_unit_test(digits_typed_into_a_field_choose_no_view),
        cmocka_unit_test(a_filter_is_searched_once),
        cmocka_unit_test(masks_combine),
        cmocka_unit_test(an_alignment_that_is_not_there_is_told),
        cmocka_unit_test(looks_have_their_actions),
        cmocka_unit_test(a_copied_cell_and_row_are_tables),
        cmocka_unit_test(mean_and_max_reduce_the_weights),
        cmocka_unit_test(escape_takes_the_ring_before_it_frees_the_lock),
        cmocka_unit_test(the_list_of_sentences_is_one_stop_of_tab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
