/* Whole frames of the application: a change is drawn by the frame that made it, a refused file
 * changes nothing, what was left comes back.
 */
#include "app/desk.h"

#include "base/file.h"
#include "base/hash.h"

#include <unistd.h>

static const char SMALL[] =
    "{\"attnscope\": 1, \"title\": \"Small\", \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
    "[{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]], \"v\": [[1], [2]]}]}]}";

static uint64_t state_hash(const App *app)
{
    Buf text;
    buf_init(&text, 1 << 20);
    buf_printf(&text, "%d %llu %s %d %d %d", app->scope.open,
               (unsigned long long)app->scope.doc.key, app->title, app->history.at,
               app->history.count, app->session.recent_count);
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        field_print(&SETTINGS[i], &app->settings, &text);
    uint64_t hash = hash_bytes(HASH_SEED, text.data, text.size);
    buf_free(&text);
    return hash;
}

static void drop(Desk *d, const char *const *paths, int count)
{
    d->in.drops = paths;
    d->in.drop_count = count;
    desk_settle(d);
}

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

/* ---- files ---- */

static void a_dropped_file_opens(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "small.json");
    (void)state;
    check_put(path, SMALL);
    desk_start(&d, 1280, 800, NULL);
    drop(&d, &path, 1);
    assert_true(app_scope(d.app)->open);
    assert_string_equal(d.out.title, "Small – attnscope");
    assert_int_equal(desk_result(&d)->n_q, 2);
    desk_stop(&d);
}

static void a_bad_file_gives_one_message_and_changes_nothing(void **state)
{
    static const struct {
        const char *text, *message;
    } BAD[] = {
        {"", "bad.json: "},
        {"{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"q\": [[1",
         "file ends"},
        {"{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{\"weights\": "
         "[[1, 0], [1]]}]}]}",
         "expected 2"},
        {"PK\x03\x04", "bad.json: "}};
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "bad.json");
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click_cell(&d, 3, 3, 0);
    desk_key(&d, 'c', 0);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        check_put(path, BAD[i].text);
        uint64_t before = state_hash(d.app);
        int notices = app_notice_count(d.app);
        drop(&d, &path, 1);
        assert_true(state_hash(d.app) == before);
        assert_int_equal(app_notice_count(d.app), notices + 1);
        assert_non_null(strstr(app_notice_text(d.app, 0), BAD[i].message));
        assert_true(desk_drawn(&d, "The open document is unchanged."));
        desk_key(&d, KEY_ESCAPE, 0);
        assert_int_equal(app_notice_count(d.app), notices);
    }
    drop(&d, (const char *const[]){desk_example("three-tokens")},
         1); /* and then a good one opens */
    assert_int_equal(desk_result(&d)->n_q, 3);
    desk_stop(&d);
}

static void of_several_dropped_files_every_bad_one_is_told(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *paths[] = {check_path(dir, "one.json"), check_path(dir, "two.json"),
                           check_path(dir, "none.json")};
    (void)state;
    check_put(paths[0], "{");
    check_put(paths[1], SMALL);
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    drop(&d, paths, 3);
    assert_string_equal(app_scope(d.app)->doc.title, "Small");
    assert_int_equal(app_notice_count(d.app), 2);
    assert_non_null(strstr(app_notice_text(d.app, 0), "none.json"));
    assert_non_null(strstr(app_notice_text(d.app, 1), "one.json"));
    desk_stop(&d);
}

static void a_file_that_changes_on_disk_is_told_and_reloaded(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "small.json");
    static const char OTHER[] =
        "{\"attnscope\": 1, \"title\": \"Other\", \"tokens\": [\"a\", \"b\", \"c\"], \"layers\": "
        "[{\"heads\": [{\"weights\": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}]}]}";
    (void)state;
    check_put(path, SMALL);
    desk_start(&d, 1280, 800, path);
    desk_key(&d, 'c', 0);
    check_put(path, OTHER);
    d.in.time += 5;
    desk_settle(&d);
    assert_true(desk_drawn(&d, "The file changed on disk."));
    assert_int_equal(desk_result(&d)->n_q, 2); /* nothing moves under the user */
    desk_key(&d, KEY_F5, 0);
    assert_int_equal(desk_result(&d)->n_q, 3);
    assert_true(app_settings(d.app)->attn.mask.causal); /* the knobs stay */
    assert_false(desk_drawn(&d, "The file changed on disk."));
    check_put(path, SMALL);
    d.in.time += 5;
    desk_settle(&d);
    desk_click(&d, "changed/no");
    assert_false(desk_drawn(&d, "The file changed on disk."));
    assert_int_equal(desk_result(&d)->n_q, 3);
    check_put(path, "{");
    d.in.time += 5;
    desk_settle(&d);
    desk_click(&d, "changed/yes"); /* reloading a broken one keeps what is open */
    assert_int_equal(desk_result(&d)->n_q, 3);
    assert_true(app_notice_count(d.app) > 0);
    desk_stop(&d);
}

static void closing_goes_back_to_the_gallery(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_key(&d, 'w', MOD_CTRL);
    assert_false(app_scope(d.app)->open);
    assert_true(desk_drawn(&d, "Examples"));
    assert_string_equal(d.out.title, "attnscope");
    desk_stop(&d);
}

static void the_title_marks_unsaved_settings(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "small.json");
    (void)state;
    check_put(path, SMALL);
    desk_start(&d, 1280, 800, path);
    desk_key(&d, 'c', 0);
    assert_string_equal(d.out.title, "• Small – attnscope");
    desk_key(&d, 's', MOD_CTRL);
    assert_string_equal(d.out.title, "Small – attnscope");
    size_t size;
    char *text = check_read(path, &size);
    assert_non_null(strstr(text, "mask.causal"));
    mem_free(text);
    desk_stop(&d);
}

static void an_example_is_not_written(void **state)
{
    Desk d;
    (void)state;
    const char *path = desk_example("three-tokens");
    size_t before, after;
    char *was = check_read(path, &before), *is;
    desk_start(&d, 1280, 800, path);
    desk_key(&d, 'c', 0);
    desk_key(&d, 's', MOD_CTRL);
    is = check_read(path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(was, is, before);
    mem_free(was);
    mem_free(is);
    desk_stop(&d);
}

/* ---- sessions ---- */

static void the_session_brings_back_what_was_open(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char session[512], path[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    snprintf(path, sizeof path, "%s", check_path(dir, "small.json"));
    check_put(path, SMALL);
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    app_open(d.app, path, NULL);
    desk_settle(&d);
    desk_key(&d, 'c', 0);
    d.in.quit = true;
    desk_frame(&d);
    assert_true(d.ended);
    desk_stop(&d);

    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    desk_settle(&d);
    assert_false(app_scope(d.app)->open);
    assert_false(desk_drawn(&d, "ended unexpectedly"));
    assert_true(desk_drawn(&d, "Continue"));
    assert_true(desk_drawn(&d, "small.json"));
    desk_click(&d, "gallery/continue");
    assert_true(app_scope(d.app)->open);
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

static void a_visit_to_the_gallery_keeps_what_can_be_continued(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char session[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    check_put(check_path(dir, "small.json"), SMALL);
    for (int visit = 0; visit < 3; visit++) {
        desk_init(&d);
        d.options.session = session;
        desk_open_app(&d);
        if (visit == 0)
            app_open(d.app, check_path(dir, "small.json"), NULL);
        desk_settle(&d);
        if (visit == 0)
            desk_key(&d, 'c', 0);
        if (visit == 1)
            desk_run(&d, "theme.dark");
        if (visit == 2) {
            assert_int_equal(app_settings(d.app)->theme, THEME_DARK);
            desk_click(&d, "gallery/continue");
            assert_true(app_settings(d.app)->attn.mask.causal);
            assert_int_equal(app_settings(d.app)->theme, THEME_DARK);
        }
        d.in.quit = true;
        desk_frame(&d);
        desk_stop(&d);
    }
}

static void recovering_writes_a_session_that_did_not_end(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char session[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    check_put(check_path(dir, "small.json"), SMALL);
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    app_open(d.app, check_path(dir, "small.json"), NULL);
    desk_settle(&d);
    desk_key(&d, 'c', 0);
    app_recover(d.app); /* the display went before the autosave was due */
    desk_stop(&d);
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    desk_settle(&d);
    desk_click(&d, "restore/yes");
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

static void a_crash_is_followed_by_an_offer(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char session[512], path[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    snprintf(path, sizeof path, "%s", check_path(dir, "small.json"));
    check_put(path, SMALL);
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    app_open(d.app, path, NULL);
    desk_settle(&d);
    desk_key(&d, 'c', 0);
    desk_frame(&d);
    d.in.time += 3;
    desk_frame(&d);
    desk_stop(&d); /* it never quit */

    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    desk_settle(&d);
    assert_true(desk_drawn(&d, "The last session ended unexpectedly with small.json open."));
    desk_click(&d, "restore/yes");
    assert_true(app_scope(d.app)->open);
    assert_true(app_settings(d.app)->attn.mask.causal);
    assert_false(desk_drawn(&d, "ended unexpectedly"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dragging_temperature_changes_the_picture_in_the_same_frame),
        cmocka_unit_test(the_second_pass_draws_what_the_first_one_changed),
        cmocka_unit_test(nothing_happens_nothing_changes),
        cmocka_unit_test(choosing_a_longer_sentence_by_click_is_drawn_at_once),
        cmocka_unit_test(undo_and_redo_go_through_the_settings),
        cmocka_unit_test(undo_keeps_redo_where_a_layer_lacks),
        cmocka_unit_test(a_double_click_resets_a_slider),
        cmocka_unit_test(a_dropped_file_opens),
        cmocka_unit_test(a_bad_file_gives_one_message_and_changes_nothing),
        cmocka_unit_test(of_several_dropped_files_every_bad_one_is_told),
        cmocka_unit_test(a_file_that_changes_on_disk_is_told_and_reloaded),
        cmocka_unit_test(closing_goes_back_to_the_gallery),
        cmocka_unit_test(the_title_marks_unsaved_settings),
        cmocka_unit_test(an_example_is_not_written),
        cmocka_unit_test(the_session_brings_back_what_was_open),
        cmocka_unit_test(a_visit_to_the_gallery_keeps_what_can_be_continued),
        cmocka_unit_test(recovering_writes_a_session_that_did_not_end),
        cmocka_unit_test(a_crash_is_followed_by_an_offer),
        cmocka_unit_test(projector_mode_comes_and_goes_with_f11),
        cmocka_unit_test(floating_panels_open_and_close_in_a_small_window),
        cmocka_unit_test(every_size_theme_and_scale_draws_every_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
