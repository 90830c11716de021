/* Saving: never over an example, nor silently over another's work; what is large beside the frames,
 * and whole before the window goes. What a cancel leaves is in test_opening.c, where reading can be
 * held.
 */
#include "app/desk.h"

#include "app/state.h"

#include <stdlib.h>
#include <unistd.h>

/* One head of two tokens. */
static void put_document(const char *path, const char *title)
{
    char text[400];
    snprintf(text, sizeof text,
             "{\"attnscope\": 1, \"title\": \"%s\", \"tokens\": [\"a\", \"b\"], \"layers\": "
             "[{\"heads\": [{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]]}]}]}",
             title);
    check_put(path, text);
}

static const char *start(Desk *d)
{
    const char *dir = check_temp_dir(), *path = check_path(dir, "small.attn.json");
    put_document(path, "Small");
    desk_start(d, 1280, 800, path);
    return dir;
}

static void the_examples_are_never_written(void **state)
{
    static const char *const spellings[] = {
        "examples/three.attn.json",       "examples/new.attn.json",
        "./examples/three.attn.json",     "examples/../examples/three.attn.json",
        "mine/../examples/new.attn.json", "examples//three.attn.json",
        "examples/deep/new.attn.json",    "mine/link/three.attn.json",
        "mine/three-link.attn.json",      "examples/./deep/../new.attn.json",
    };
    char *back = realpath(".", NULL), path[1200];
    const char *dir = check_temp_dir(), *example = check_path(dir, "examples/three.attn.json");
    Desk d;
    Error err = {0};
    (void)state;
    assert_true(file_make_dirs(check_path(dir, "examples/deep"), &err));
    assert_true(file_make_dirs(check_path(dir, "mine"), &err));
    put_document(example, "Example");
    char *before = check_read(example, NULL);
    assert_int_equal(symlink("../examples", check_path(dir, "mine/link")), 0);
    assert_int_equal(
        symlink("../examples/three.attn.json", check_path(dir, "mine/three-link.attn.json")), 0);
    desk_init(&d);
    d.options.examples = check_path(dir, "examples");
    desk_open_app(&d);
    assert_true(app_open(d.app, example, &err));
    desk_settle(&d);
    desk_run(&d, "mask.causal");
    assert_int_equal(chdir(dir), 0);
    for (size_t i = 0; i < 2 * (sizeof spellings / sizeof *spellings); i++) {
        snprintf(path, sizeof path, "%s%s%s", i % 2 ? dir : "", i % 2 ? "/" : "", spellings[i / 2]);
        if (app_save(d.app, path))
            fail_msg("saved over an example: %s", path);
        assert_memory_equal(app_notice_text(d.app, 0), "The examples stay", 17);
        check_content(example, before);
        assert_int_not_equal(access("examples/new.attn.json", F_OK), 0);
        assert_int_not_equal(access("examples/deep/new.attn.json", F_OK), 0);
    }
    assert_true(app_save(d.app, check_path(dir, "mine/own.attn.json")));
    assert_true(file_make_dirs("examples-of-mine", &err)); /* begins alike, is another folder */
    assert_true(app_save(d.app, check_path(dir, "examples-of-mine/own.attn.json")));
    assert_int_equal(chdir(back), 0);
    free(back);
    mem_free(before);
    desk_stop(&d);
}

static void saving_an_example_asks_for_a_place(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, desk_example("three-tokens"));
    desk_run(&d, "mask.causal");
    desk_key(&d, 's', MOD_CTRL);
    assert_int_equal(d.app->browser.kind, BROWSER_SAVE);
    desk_stop(&d);
}

static void a_saved_document_brings_its_settings_and_keeps_the_history(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d), *own = check_path(dir, "own.attn.json");
    desk_run(&d, "mask.causal");
    assert_true(strstr(d.out.title, "\u2022") != NULL);
    assert_true(app_save(d.app, own));
    desk_settle(&d);
    assert_null(strstr(d.out.title, "\u2022"));
    assert_string_equal(app_scope(d.app)->doc.path, own);
    desk_run(&d, "edit.undo");
    assert_false(app_settings(d.app)->attn.mask.causal);
    assert_true(app_open(d.app, check_path(dir, "small.attn.json"), &err));
    assert_false(app_settings(d.app)->attn.mask.causal);
    assert_true(app_open(d.app, own, &err));
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

static void a_save_asks_before_it_replaces_anothers_work(void **state)
{
    Desk d;
    (void)state;
    const char *dir = start(&d), *own = check_path(dir, "small.attn.json");
    desk_run(&d, "mask.causal");
    desk_key(&d, 's', MOD_CTRL);
    assert_int_equal(app_notice_count(d.app), 0);
    assert_null(strstr(d.out.title, "\u2022"));
    desk_run(&d, "mask.causal");
    desk_key(&d, 's', MOD_CTRL); /* its own writing is no change */
    assert_int_equal(app_notice_count(d.app), 0);
    desk_run(&d, "mask.causal");
    put_document(own, "Of another program");
    char *theirs = check_read(own, NULL);
    desk_key(&d, 's', MOD_CTRL);
    check_content(own, theirs);
    assert_string_equal(app_notice_text(d.app, 0),
                        "The file changed on disk: save again to replace it");
    assert_non_null(ui_find(app_ui(d.app), "notices/changed/yes"));
    assert_non_null(strstr(d.out.title, "\u2022"));
    put_document(own, "Of another program, again"); /* not what was asked about */
    desk_key(&d, 's', MOD_CTRL);
    char *now = check_read(own, NULL);
    assert_non_null(strstr(now, "again"));
    mem_free(now);
    desk_key(&d, 's', MOD_CTRL);
    now = check_read(own, NULL);
    assert_non_null(strstr(now, "\"Small\""));
    assert_null(strstr(d.out.title, "\u2022"));
    assert_null(ui_find(app_ui(d.app), "notices/changed/yes"));
    mem_free(now);
    mem_free(theirs);
    desk_stop(&d);
}

static void a_save_that_fails_is_told_and_changes_nothing(void **state)
{
    Desk d;
    (void)state;
    const char *dir = start(&d);
    desk_run(&d, "mask.causal");
    assert_false(app_save(d.app, check_path(dir, "no-such-folder/own.attn.json")));
    desk_settle(&d);
    assert_int_equal(app_notice_count(d.app), 1);
    assert_true(strstr(d.out.title, "\u2022") != NULL);
    assert_string_equal(app_scope(d.app)->doc.path, check_path(dir, "small.attn.json"));
    desk_stop(&d);
}

/* ---- beside the frames ---------------------------------------------------------- */

static const char *start_corpus(Desk *d, const char *dir)
{
    const char *dump = check_path(dir, "dev.links");
    Error err = {0};
    check_put(dump, "0-0 1-1 2-2\n0-0 1-1 1-2\n");
    desk_init(d);
    d->options.background = true;
    desk_open_app(d);
    if (!app_open(d->app, dump, &err))
        fail_msg("%s: %s", err.where, err.what);
    desk_settle(d);
    return dump;
}

static void a_saved_corpus_is_shown_where_it_is_now(void **state)
{
    Desk d;
    (void)state;
    const char *dir = check_temp_dir(), *own = check_path(dir, "own.attn.json");
    start_corpus(&d, dir);
    desk_run(&d, "mask.causal");
    app_settings(d.app)->attn.scale.temperature = 0.5;
    desk_settle(&d);
    assert_non_null(strstr(d.out.title, "\u2022"));
    assert_true(app_save(d.app, own));
    assert_non_null(d.app->saving); /* nothing is taken over before a frame */
    while (d.app->saving || documents_busy(d.app))
        desk_frame(&d);
    desk_settle(&d);
    assert_string_equal(app_scope(d.app)->doc.path, own);
    assert_true(app_settings(d.app)->attn.scale.temperature == 0.5);
    assert_null(strstr(d.out.title, "\u2022"));
    desk_key(&d, 'z', MOD_CTRL); /* what was done can still be undone */
    assert_true(app_settings(d.app)->attn.scale.temperature == 1);
    desk_stop(&d);
}

static void a_window_that_closes_just_after_saving_has_saved(void **state)
{
    Desk d;
    (void)state;
    const char *dir = check_temp_dir(), *own = check_path(dir, "own.attn.json");
    start_corpus(&d, dir);
    assert_true(app_save(d.app, own));
    desk_stop(&d);
    assert_int_equal(access(own, R_OK), 0);
}

static void a_corpus_that_cannot_be_written_is_told(void **state)
{
    Desk d;
    (void)state;
    const char *dir = check_temp_dir(), *dump = start_corpus(&d, dir);
    assert_true(app_save(d.app, check_path(dir, "none/own.attn.json"))); /* so far */
    while (d.app->saving)
        desk_frame(&d);
    desk_settle(&d);
    assert_int_equal(app_notice_count(d.app), 1);
    assert_string_equal(app_scope(d.app)->doc.path, dump);
    assert_false(app_save(d.app, dump)); /* of another program: it stays as it is */
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_are_never_written),
        cmocka_unit_test(saving_an_example_asks_for_a_place),
        cmocka_unit_test(a_saved_document_brings_its_settings_and_keeps_the_history),
        cmocka_unit_test(a_save_asks_before_it_replaces_anothers_work),
        cmocka_unit_test(a_save_that_fails_is_told_and_changes_nothing),
        cmocka_unit_test(a_saved_corpus_is_shown_where_it_is_now),
        cmocka_unit_test(a_window_that_closes_just_after_saving_has_saved),
        cmocka_unit_test(a_corpus_that_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
