/* What lies over the window: notices, the palette, the list of keys. */
#include "app/desk.h"

#include "app/state.h"

static void notices_stand_newest_on_top_and_go_one_by_one(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    for (int i = 0; i < 5; i++)
        app_notice(d.app, false, NULL, "notice number %d", i);
    desk_settle(&d);
    assert_int_equal(app_notice_count(d.app), 5);
    assert_true(desk_drawn(&d, "notice number 4"));
    assert_true(desk_drawn(&d, "notice number 2"));
    assert_false(desk_drawn(&d, "notice number 1")); /* three at most */
    assert_true(desk_item(&d, "notice 0/close")->rect.y < desk_item(&d, "notice 1/close")->rect.y);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_string_equal(app_notice_text(d.app, 0), "notice number 3");
    desk_click(&d, "notices/notice 1/close");
    assert_string_equal(app_notice_text(d.app, 1), "notice number 1");
    while (app_notice_count(d.app) > 0)
        desk_key(&d, KEY_ESCAPE, 0);
    assert_false(desk_drawn(&d, "notice number"));
    desk_stop(&d);
}

static void one_thing_is_told_once(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, NULL);
    for (int i = 0; i < 40; i++)
        app_notice(d.app, true, NULL, i % 2 && i < 30 ? "one %d" : "same", i);
    app_notice(d.app, true, NULL, "same");
    assert_true(app_notice_count(d.app) <= NOTICE_MAX);
    desk_stop(&d);
}

static void a_message_is_copied_by_its_button(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 640, 480, desk_example("one-sentence"));
    app_notice(d.app, true, NULL, "older");
    app_notice(d.app, true, "and more of it", "a.txt: line 2: expected 2 rows, found 1");
    desk_settle(&d);
    desk_click(&d, "notices/notice 0/copy");
    assert_string_equal(d.clipboard, "a.txt: line 2: expected 2 rows, found 1");
    desk_click(&d, "notices/notice 1/copy");
    assert_string_equal(d.clipboard, "older");
    assert_int_equal(app_notice_count(d.app), 2);
    desk_stop(&d);
}

static void a_long_notice_stays_in_the_window(void **state)
{
    Desk d;
    char text[600];
    (void)state;
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = 0;
    desk_start(&d, 640, 480, desk_example("one-sentence"));
    app_notice(d.app, true, "and more of it", "%s", text);
    desk_settle(&d);
    const UiItem *close = desk_item(&d, "notices/notice 0/close");
    assert_true(close->visible && rect_right(close->rect) <= 640);
    desk_stop(&d);
}

/* Every word of it stands somewhere, although it takes many lines. */
static void the_longest_notice_is_read_in_full(void **state)
{
    Desk d;
    char text[640], word[16];
    size_t n = 0;
    int words = 0;
    (void)state;
    while (n + 8 < sizeof text)
        n += (size_t)snprintf(text + n, sizeof text - n, "word%03d ", words++);
    text[n - 1] = 0;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    app_notice(d.app, true, "The open document is unchanged.", "%s", text);
    desk_settle(&d);
    for (int i = 0; i < words; i++) {
        snprintf(word, sizeof word, "word%03d", i);
        assert_true(desk_drawn(&d, word));
    }
    assert_true(desk_drawn(&d, "The open document is unchanged."));
    assert_true(rect_bottom(desk_item(&d, "notices/notice 0/text")->rect) <= 800 - 28);
    desk_stop(&d);
}

static void escape_frees_a_notice_before_the_selection(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_click_cell(&d, 2, 2, 0);
    app_notice(d.app, false, NULL, "look");
    desk_settle(&d);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(app_notice_count(d.app), 0);
    assert_int_equal(app_settings(d.app)->query, 2);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    desk_stop(&d);
}

static void the_palette_finds_every_action_by_its_title(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    for (int i = 0; i < COMMAND_COUNT; i++) {
        desk_key(&d, 'p', MOD_CTRL);
        desk_text(&d, COMMANDS[i].title);
        char id[96];
        snprintf(id, sizeof id, "palette/%s", COMMANDS[i].id);
        if (!ui_find(app_ui(d.app), id))
            fail_msg("%s is not found by \"%s\"", COMMANDS[i].id, COMMANDS[i].title);
        desk_key(&d, KEY_ESCAPE, 0);
        assert_false(d.app->palette.open);
    }
    desk_stop(&d);
}

static void the_palette_runs_what_enter_chooses(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_key(&d, 'p', MOD_CTRL);
    assert_true(d.app->palette.open);
    desk_text(&d, "causal");
    desk_key(&d, KEY_ENTER, 0);
    assert_false(d.app->palette.open);
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_key(&d, 'p', MOD_CTRL);
    desk_text(&d, "divide scale"); /* words in any order */
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(app_settings(d.app)->attn.scale.mode, SCALE_DK);
    desk_key(&d, 'p', MOD_CTRL);
    desk_text(&d, "theme dark");
    Vec2 at = desk_middle(&d, "palette/theme.dark");
    desk_click_at(&d, at.x, at.y, 0);
    assert_int_equal(app_settings(d.app)->theme, THEME_DARK);
    desk_stop(&d);
}

static void the_palette_takes_the_keys_of_the_window(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    Settings before = *app_settings(d.app);
    desk_key(&d, 'p', MOD_CTRL);
    d.in.text = "c";
    desk_key(&d, 'c', 0);
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_F5, 0);
    desk_text(&d, "zzzzz");
    assert_true(desk_drawn(&d, "No action has that name."));
    desk_key(&d, KEY_ENTER, 0);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_true(settings_equal(&before, app_settings(d.app), 0));
    desk_stop(&d);
}

static void an_impossible_action_says_why(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    desk_key(&d, 'p', MOD_CTRL);
    desk_text(&d, "View: patches");
    desk_key(&d, KEY_ENTER, 0);
    assert_non_null(strstr(app_notice_text(d.app, 0), "Needs a picture."));
    desk_stop(&d);
}

static void the_key_list_names_every_key(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 1200, desk_example("one-sentence"));
    desk_key(&d, '?', 0);
    assert_true(d.app->help);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!COMMANDS[i].keys[0])
            continue;
        if (!desk_drawn(&d, COMMANDS[i].keys))
            fail_msg("%s is not listed", COMMANDS[i].keys);
    }
    desk_key(&d, KEY_ESCAPE, 0);
    assert_false(d.app->help);
    desk_key(&d, '?', 0);
    desk_key(&d, '?', 0);
    assert_false(d.app->help);
    desk_stop(&d);
}

static void a_low_window_scrolls_the_keys(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 640, 480, desk_example("one-sentence"));
    desk_key(&d, '?', 0);
    const UiItem *keys = desk_item(&d, "help/keys");
    assert_true(rect_bottom(keys->rect) <= 480);
    desk_move(&d, 320, 240);
    uint64_t before = desk_hash(&d);
    d.in.wheel = vec2(0, -3);
    desk_frame(&d);
    assert_true(before != desk_hash(&d));
    desk_click(&d, "help/close");
    assert_false(d.app->help);
    desk_stop(&d);
}

/* Python writes NaN into JSON: refused at first, opened when somebody says so. */
static void a_file_with_nan_offers_to_be_opened(void **state)
{
    Desk d;
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "nan.attn.json");
    const char *drops[] = {path};
    check_put(path, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
                    "[{\"weights\": [[1, 0], [0, NaN]]}]}]}");
    desk_start(&d, 1280, 800, desk_example("three-tokens"));
    for (int answer = 0; answer < 2; answer++) {
        d.in.drops = drops;
        d.in.drop_count = 1;
        desk_settle(&d);
        assert_true(desk_drawn(&d, "nan.attn.json holds NaN"));
        desk_click(&d, answer ? "notices/nan/yes" : "notices/nan/no");
        assert_null(ui_find(app_ui(d.app), "notices/nan/yes"));
        assert_int_equal(strcmp(app_scope(d.app)->doc.path, path) == 0, answer);
    }
    assert_int_equal(app_notice_count(d.app), 1); /* how many there are */
    desk_key(&d, KEY_F5, 0);
    assert_string_equal(app_scope(d.app)->doc.path, path);
    desk_stop(&d);
}

/* More than there is room for: none is lost, and it is said that there are more. */
static void every_file_that_fails_is_listed(void **state)
{
    Desk d;
    (void)state;
    enum { BAD = 5 };
    const char *dir = check_temp_dir(), *drops[BAD];
    char name[24], paths[BAD][512];
    desk_start(&d, 1280, 800, desk_example("three-tokens"));
    for (int i = 0; i < BAD; i++) {
        snprintf(name, sizeof name, "bad%d.attn.json", i);
        snprintf(paths[i], sizeof paths[i], "%s", check_path(dir, name));
        check_put(paths[i], "{\"attnscope\": 1,");
        drops[i] = paths[i];
    }
    d.in.drops = drops;
    d.in.drop_count = BAD;
    desk_settle(&d);
    assert_int_equal(app_notice_count(d.app), BAD);
    assert_true(desk_drawn(&d, "and 2 more messages"));
    for (int left = BAD; left > 0; left--) {
        assert_int_equal(app_notice_count(d.app), left);
        assert_true(desk_drawn(&d, "unchanged"));
        desk_key(&d, KEY_ESCAPE, 0);
    }
    assert_false(desk_drawn(&d, "more messages"));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_stand_newest_on_top_and_go_one_by_one),
        cmocka_unit_test(one_thing_is_told_once),
        cmocka_unit_test(a_message_is_copied_by_its_button),
        cmocka_unit_test(a_long_notice_stays_in_the_window),
        cmocka_unit_test(the_longest_notice_is_read_in_full),
        cmocka_unit_test(escape_frees_a_notice_before_the_selection),
        cmocka_unit_test(the_palette_finds_every_action_by_its_title),
        cmocka_unit_test(the_palette_runs_what_enter_chooses),
        cmocka_unit_test(the_palette_takes_the_keys_of_the_window),
        cmocka_unit_test(an_impossible_action_says_why),
        cmocka_unit_test(the_key_list_names_every_key),
        cmocka_unit_test(a_file_with_nan_offers_to_be_opened),
        cmocka_unit_test(every_file_that_fails_is_listed),
        cmocka_unit_test(a_low_window_scrolls_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
