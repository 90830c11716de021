/* What the window says of how it read another program's file, and reading it in another way. */
#include "app/desk.h"

#include "app/state.h"

/* Two rows and columns of tokens and weights that fit either way: only the format tells. */
static const char SQUARE[] = "7 ||| a b@@ c ||| 0 ||| x y@@ z ||| 3 3\n"
                             "0.7 0.2 0.1\n0.1 0.8 0.1\n0.3 0.3 0.4\n";

static const char *put_square(const char *dir)
{
    const char *path = check_path(dir, "square.align");
    check_put(path, SQUARE);
    return path;
}

static void the_window_says_how_it_read_a_file(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, put_square(check_temp_dir()));
    assert_true(desk_drawn(&d, "rows of the file are target tokens"));
    const char *format = app_scope(d.app)->doc.format;
    assert_memory_equal(desk_item(&d, "navigator/reading")->label, format, strlen(format));
    desk_click(&d, "navigator/reading");
    assert_true(desk_drawn(&d, "How this file was read"));
    assert_true(ui_focused(app_ui(d.app), "reading/eos") || desk_item(&d, "reading/eos")->focused);
    desk_key(&d, 'c', 0); /* a command waits until the panel is closed */
    assert_false(app_settings(d.app)->attn.mask.causal);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_false(d.app->reading);
    desk_stop(&d);
}

static void transposing_keeps_the_settings_and_says_who_asked(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, put_square(check_temp_dir()));
    assert_float_equal(desk_weight(&d, 0, 1), 0.2, 1e-6);
    desk_run(&d, "color.magma");
    desk_run(&d, "file.reading");
    desk_click(&d, "reading/transpose");
    assert_true(app_scope(d.app)->doc.origin.transpose);
    assert_float_equal(desk_weight(&d, 0, 1), 0.1, 1e-6);
    assert_int_equal(app_settings(d.app)->color.map, COLORMAP_MAGMA);
    assert_true(desk_drawn(&d, "as you asked for"));
    assert_true(desk_item(&d, "reading/transpose")->checked);
    desk_click(&d, "reading/words");
    assert_int_equal(desk_result(&d)->n_k, 2);
    desk_key(&d, KEY_ESCAPE, 0);
    desk_key(&d, KEY_F5, 0); /* reloading asks for the same */
    assert_true(app_scope(d.app)->doc.origin.transpose && app_scope(d.app)->doc.origin.words);
    assert_int_equal(desk_result(&d)->n_k, 2);
    desk_run(&d, "file.words");
    desk_run(&d, "file.transpose");
    assert_float_equal(desk_weight(&d, 0, 1), 0.2, 1e-6);
    desk_stop(&d);
}

static void a_way_that_does_not_fit_leaves_the_document(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "oblong.align");
    (void)state;
    check_put(path, "7 ||| a b ||| 0 ||| x y z ||| 3 2\n0.7 0.2 0.1\n0.1 0.8 0.1\n");
    desk_start(&d, 1280, 800, path);
    uint64_t key = app_scope(d.app)->doc.key;
    desk_run(&d, "file.reading");
    desk_click(&d, "reading/transpose");
    assert_true(app_scope(d.app)->doc.key == key);
    assert_false(app_scope(d.app)->doc.origin.transpose);
    assert_false(desk_item(&d, "reading/transpose")->checked);
    assert_int_equal(app_notice_count(d.app), 1);
    desk_stop(&d);
}

static void documents_of_ours_have_no_other_way(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_null(ui_find(app_ui(d.app), "navigator/reading"));
    desk_run(&d, "file.reading");
    assert_false(d.app->reading);
    assert_int_equal(app_notice_count(d.app), 1);
    desk_stop(&d);
}

static void the_session_reads_it_again_in_the_same_way(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char session[512];
    (void)state;
    snprintf(session, sizeof session, "%s", check_path(dir, "session.json"));
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    assert_true(app_open(d.app, put_square(dir), NULL));
    desk_settle(&d);
    desk_run(&d, "file.transpose");
    d.in.quit = true;
    desk_frame(&d);
    desk_stop(&d);
    desk_init(&d);
    d.options.session = session;
    desk_open_app(&d);
    desk_settle(&d);
    desk_run(&d, "file.continue");
    assert_true(app_scope(d.app)->doc.origin.transpose);
    assert_float_equal(desk_weight(&d, 0, 1), 0.1, 1e-6);
    desk_run(&d, "file.close");
    desk_run(&d, "file.recent0");
    assert_true(app_scope(d.app)->doc.origin.transpose);
    desk_stop(&d);
}

static void files_of_one_drop_are_one_document(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *drops[] = {check_path(dir, "dev.fr"), check_path(dir, "dev.align"),
                           check_path(dir, "dev.en")};
    (void)state;
    check_put(drops[0], "le chat dort\nil pleut\n");
    check_put(drops[1], "0-0 1-1 2-2\n0-0 1-1 1-2\n");
    check_put(drops[2], "the cat sleeps\nit rains heavily\n");
    desk_start(&d, 1280, 800, NULL);
    d.in.drops = drops;
    d.in.drop_count = 3;
    desk_settle(&d);
    assert_true(app_scope(d.app)->open);
    assert_int_equal(app_scope(d.app)->doc.sentence_count, 2);
    assert_true(desk_drawn(&d, "chat") && desk_drawn(&d, "sleeps"));
    assert_int_equal(app_notice_count(d.app), 0); /* it was understood: nothing may be wrong */
    for (int reloaded = 0; reloaded < 2; reloaded++) {
        char line[400];
        reading_line(d.app, line, sizeof line);
        assert_non_null(strstr(line, "with dev.fr as source, dev.en as target"));
        desk_run(&d, "file.reading");
        assert_true(desk_drawn(&d, "source tokens") && desk_drawn(&d, "target tokens"));
        desk_key(&d, KEY_ESCAPE, 0);
        desk_key(&d, KEY_F5, 0);
        assert_true(desk_drawn(&d, "chat") && desk_drawn(&d, "sleeps"));
    }
    desk_stop(&d);
}

/* Tokens that were given beside the file are part of it: what becomes of them is offered too. */
static void a_banner_tells_that_a_companion_changed(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "dev.align"), *source = check_path(dir, "dev.en");
    Error err = {0};
    (void)state;
    check_put(path, "0-0 1-1\n");
    check_put(source, "the cat\n");
    desk_start(&d, 1280, 800, NULL);
    DocOrigin origin = {.source = source};
    assert_true(app_open_files(d.app, &path, 1, &origin, &err));
    desk_settle(&d);
    check_put(source, "one tiger\n");
    for (int i = 0; i < 3; i++) {
        d.in.time += DISK_LOOK_SECONDS;
        desk_settle(&d);
    }
    desk_click(&d, "notices/changed/yes");
    assert_true(desk_drawn(&d, "tiger"));
    assert_string_equal(app_scope(d.app)->doc.origin.source, source);
    desk_stop(&d);
}

static void a_message_can_be_copied(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "bad.json");
    (void)state;
    check_put(path, "{\"attnscope\": 1");
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    app_open(d.app, path, NULL);
    desk_settle(&d);
    ui_focus(app_ui(d.app), "notices/notice 0/close");
    desk_frame(&d);
    desk_key(&d, 'c', MOD_CTRL);
    assert_non_null(d.clipboard);
    assert_string_equal(d.clipboard, app_notice_text(d.app, 0));
    command_run(d.app, command_find("notice.copy"));
    assert_string_equal(d.app->clipboard, app_notice_text(d.app, 0));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_says_how_it_read_a_file),
        cmocka_unit_test(transposing_keeps_the_settings_and_says_who_asked),
        cmocka_unit_test(a_way_that_does_not_fit_leaves_the_document),
        cmocka_unit_test(documents_of_ours_have_no_other_way),
        cmocka_unit_test(the_session_reads_it_again_in_the_same_way),
        cmocka_unit_test(files_of_one_drop_are_one_document),
        cmocka_unit_test(a_banner_tells_that_a_companion_changed),
        cmocka_unit_test(a_message_can_be_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
