/* Documents in the application: a refused file changes nothing, one that changes on disk is told,
 * what was left comes back.
 */
#include "app/desk.h"

#include "base/hash.h"

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
    for (int i = 0; i < app->session.recent_count; i++)
        buf_printf(&text, "%s %s %s", app->session.recent[i].path, app->session.recent[i].note,
                   app->session.recent[i].origin);
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        field_print(&SETTINGS[i], &app->settings, &text);
        field_print(&SETTINGS[i], &app->saved, &text);
    }
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
        {"PK\x03\x04", "bad.json: "},
        {"7 ||| a b ||| 0 ||| x y z ||| 4 3\n0.7 0.1 0.1 0.1\n0.7 0.1 0.1\n", "line 3"},
        {"{\"attention\": [[0.5, 0.5], [1]]}", "bad.json: "},
        {"<html><script>nothing of ours</script></html>", "bad.json: "},
        {"\x93NUMPY\x01\x00", "bad.json: "}};
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

/* Two windows of one person: the second neither takes the first for crashed nor writes over it. */
static void a_second_window_keeps_no_session(void **state)
{
    Desk first, second;
    char *dir = check_temp_dir();
    char session[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    check_put(check_path(dir, "small.json"), SMALL);
    desk_init(&first);
    first.options.session = session;
    desk_open_app(&first);
    app_open(first.app, check_path(dir, "small.json"), NULL);
    desk_settle(&first);
    first.in.time += 3;
    desk_frame(&first);
    char *written = check_read(session, NULL);

    desk_init(&second);
    second.options.session = session;
    desk_open_app(&second);
    desk_settle(&second);
    assert_true(desk_drawn(&second, "Another window of attnscope is open"));
    assert_false(desk_drawn(&second, "ended unexpectedly"));
    desk_run(&second, "theme.dark");
    second.in.quit = true;
    desk_frame(&second);
    desk_stop(&second);
    check_content(session, written);
    mem_free(written);
    desk_stop(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(a_second_window_keeps_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
