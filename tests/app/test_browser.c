/* The file browser by keyboard and pointer: open, save as, export; what it refuses and asks. */
#include "app/desk.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SMALL[] =
    "{\"attnscope\": 1, \"title\": \"Small\", \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
    "[{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]]}]}]}";

/* A folder with documents, a folder in it, and the browser open on it. */
static void start(Desk *d, char *dir, const char *command)
{
    char inner[512];
    check_put(check_path(dir, "alpha.attn.json"), SMALL);
    check_put(check_path(dir, "alphabet.txt"), "no document");
    snprintf(inner, sizeof inner, "%s", check_path(dir, "inner"));
    assert_int_equal(mkdir(inner, 0700), 0);
    check_put(check_path(inner, "deep.attn.json"), SMALL);
    desk_start(d, 1280, 800, check_path(dir, "alpha.attn.json"));
    desk_run(d, command);
    assert_true(d->app->browser.kind != BROWSER_CLOSED);
}

static void retype(Desk *d, const char *path)
{
    desk_key(d, 'a', MOD_CTRL);
    desk_text(d, path);
    assert_string_equal(d->app->browser.path, path);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void a_typed_path_opens(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char inner[512];
    (void)state;
    start(&d, dir, "file.open");
    snprintf(inner, sizeof inner, "%s/inner/deep.attn.json", dir);
    retype(&d, inner);
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    assert_string_equal(app_scope(d.app)->doc.path, inner);
    desk_stop(&d);
}

static void arrows_walk_and_enter_opens(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    desk_key(&d, KEY_DOWN, 0); /* folders come first */
    assert_string_equal(path_base(d.app->browser.path), "inner");
    desk_key(&d, KEY_ENTER, 0);
    assert_string_equal(d.app->browser.folder, check_path(dir, "inner"));
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    assert_string_equal(path_base(app_scope(d.app)->doc.path), "deep.attn.json");
    desk_stop(&d);
}

static void tab_completes_as_far_as_it_is_sure(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    retype(&d, check_path(dir, "al"));
    desk_key(&d, KEY_TAB, 0);
    assert_string_equal(path_base(d.app->browser.path), "alpha");
    desk_text(&d, ".");
    desk_key(&d, KEY_TAB, 0);
    assert_string_equal(path_base(d.app->browser.path), "alpha.attn.json");
    retype(&d, check_path(dir, "in"));
    desk_key(&d, KEY_TAB, 0);
    assert_string_equal(d.app->browser.path, check_path(dir, "inner/"));
    assert_string_equal(d.app->browser.folder, check_path(dir, "inner"));
    desk_stop(&d);
}

static void typing_a_folder_lists_it(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    retype(&d, check_path(dir, "inner/"));
    assert_true(desk_drawn(&d, "deep.attn.json"));
    desk_stop(&d);
}

/* A file is read when its row is first drawn, not again with every frame. */
static void a_listed_file_is_looked_into_once(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    assert_true(desk_drawn(&d, "not recognised"));
    check_put(check_path(dir, "alphabet.txt"), SMALL);
    desk_settle(&d);
    assert_true(desk_drawn(&d, "not recognised"));
    retype(&d, check_path(dir, "inner/"));
    retype(&d, check_path(dir, "./")); /* listed anew */
    assert_true(desk_drawn(&d, "alphabet.txt"));
    assert_false(desk_drawn(&d, "not recognised"));
    desk_stop(&d);
}

static void what_is_not_there_is_said_in_place(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    uint64_t key = app_scope(d.app)->doc.key;
    retype(&d, check_path(dir, "none.json"));
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_OPEN);
    assert_true(desk_drawn(&d, "found nothing of that name"));
    assert_true(app_scope(d.app)->doc.key == key);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    desk_stop(&d);
}

static void a_file_that_is_no_document_is_a_notice(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    uint64_t key = app_scope(d.app)->doc.key;
    retype(&d, check_path(dir, "alphabet.txt"));
    desk_key(&d, KEY_ENTER, 0);
    assert_true(app_notice_count(d.app) == 1);
    assert_non_null(strstr(app_notice_text(d.app, 0), "alphabet.txt"));
    assert_true(app_scope(d.app)->doc.key == key);
    desk_stop(&d);
}

static void a_double_click_on_a_name_opens_it(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    Vec2 at = desk_middle(&d, "browser/files/inner");
    desk_click_at(&d, at.x, at.y, 0);
    assert_string_equal(d.app->browser.folder, check_path(dir, "inner"));
    at = desk_middle(&d, "browser/files/deep.attn.json");
    desk_double(&d, at.x, at.y);
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    assert_string_equal(path_base(app_scope(d.app)->doc.path), "deep.attn.json");
    desk_stop(&d);
}

static void the_folder_above_and_home_are_places(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    retype(&d, check_path(dir, "inner/"));
    desk_click(&d, "browser/parent");
    assert_string_equal(d.app->browser.folder, dir);
    desk_click(&d, "browser/home");
    assert_string_equal(d.app->browser.folder, TEST_SOURCE_DIR);
    desk_stop(&d);
}

static void save_as_writes_the_settings_and_goes_on_there(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char *text;
    (void)state;
    check_put(check_path(dir, "alpha.attn.json"), SMALL);
    desk_start(&d, 1280, 800, check_path(dir, "alpha.attn.json"));
    desk_key(&d, 'c', 0);
    desk_key(&d, 's', MOD_CTRL | MOD_SHIFT);
    assert_int_equal(d.app->browser.kind, BROWSER_SAVE);
    retype(&d, check_path(dir, "copy.attn.json"));
    desk_key(&d, KEY_ENTER, 0);
    text = check_read(check_path(dir, "copy.attn.json"), NULL);
    assert_non_null(strstr(text, "\"mask.causal\": true"));
    mem_free(text);
    check_content(check_path(dir, "alpha.attn.json"), SMALL);
    assert_string_equal(path_base(app_scope(d.app)->doc.path), "copy.attn.json");
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_key(&d, 'z', MOD_CTRL); /* the history went along */
    assert_false(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

static void a_whole_path_behind_the_folder_begins_anew(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    assert_true(d.app->browser.path[strlen(d.app->browser.path) - 1] == '/');
    desk_text(&d, "/");
    assert_string_equal(d.app->browser.path, "/");
    desk_text(&d, "usr/");
    assert_string_equal(d.app->browser.path, "/usr/");
    assert_string_equal(d.app->browser.folder, "/usr");
    desk_text(&d, "~");
    assert_string_equal(d.app->browser.path, "/usr/~"); /* may be the beginning of a name */
    desk_text(&d, "/");
    assert_string_equal(d.app->browser.path, TEST_SOURCE_DIR "/"); /* the desk's home */
    retype(&d, "/nowhere/");
    desk_text(&d, check_path(dir, "inner/deep.attn.json"));
    assert_string_equal(d.app->browser.path, check_path(dir, "inner/deep.attn.json"));
    desk_stop(&d);
}

static void a_whole_path_behind_a_proposed_name_begins_anew(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.export");
    desk_text(&d, check_path(dir, "other.png"));
    assert_string_equal(d.app->browser.path, check_path(dir, "other.png"));
    desk_stop(&d);
    start(&d, check_temp_dir(), "file.save_as");
    desk_text(&d, "~");
    desk_text(&d, "/");
    desk_text(&d, "x");
    assert_string_equal(d.app->browser.path, TEST_SOURCE_DIR "/x");
    desk_stop(&d);
}

static void a_name_without_an_ending_gets_that_of_documents(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.save_as");
    retype(&d, check_path(dir, "mine"));
    desk_key(&d, KEY_ENTER, 0);
    assert_false(exists(check_path(dir, "mine")));
    assert_true(exists(check_path(dir, "mine.attn.json")));
    desk_run(&d, "file.save_as");
    retype(&d, check_path(dir, "mine"));
    desk_key(&d, KEY_ENTER, 0); /* what is asked about is the name with its ending */
    assert_true(desk_drawn(&d, "mine.attn.json exists: press Enter again to replace it."));
    assert_false(exists(check_path(dir, "mine")));
    desk_stop(&d);
}

static void overwriting_is_asked_once(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.save_as");
    check_put(check_path(dir, "mine.json"), "precious");
    retype(&d, check_path(dir, "mine.json"));
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_SAVE);
    assert_true(desk_drawn(&d, "mine.json exists: press Enter again to replace it."));
    check_content(check_path(dir, "mine.json"), "precious");
    retype(&d, check_path(dir, "mine.jso"));
    desk_text(&d, "n");
    desk_key(&d, KEY_ENTER, 0); /* typing forgot the answer: it is asked again */
    check_content(check_path(dir, "mine.json"), "precious");
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
    char *text = check_read(check_path(dir, "mine.json"), NULL);
    assert_non_null(strstr(text, "attnscope"));
    mem_free(text);
    desk_stop(&d);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.save_as");
    retype(&d, check_path(dir, "no/such/folder.json"));
    desk_key(&d, KEY_ENTER, 0);
    assert_true(app_notice_count(d.app) > 0);
    assert_non_null(strstr(app_notice_text(d.app, 0), "folder.json"));
    assert_string_equal(path_base(app_scope(d.app)->doc.path), "alpha.attn.json");
    desk_stop(&d);
}

static void exports_follow_the_ending(void **state)
{
    static const struct {
        const char *name, *begins;
    } KINDS[] = {{"v.png", "\x89PNG"}, {"v.svg", "<"}, {"v.csv", "0."}};
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.export");
    desk_key(&d, KEY_ESCAPE, 0);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        size_t size;
        desk_key(&d, 'e', MOD_CTRL);
        assert_int_equal(d.app->browser.kind, BROWSER_EXPORT);
        retype(&d, check_path(dir, KINDS[i].name));
        desk_key(&d, KEY_ENTER, 0);
        assert_int_equal(d.app->browser.kind, BROWSER_CLOSED);
        char *text = check_read(check_path(dir, KINDS[i].name), &size);
        assert_memory_equal(text, KINDS[i].begins, strlen(KINDS[i].begins));
        assert_true(size > 20);
        mem_free(text);
    }
    assert_true(desk_drawn(&d, "exported v.csv"));
    desk_key(&d, 'e', MOD_CTRL);
    retype(&d, check_path(dir, "v.gif"));
    desk_key(&d, KEY_ENTER, 0);
    assert_true(desk_drawn(&d, "expected .png, .svg or .csv"));
    assert_false(exists(check_path(dir, "v.gif")));
    desk_stop(&d);
}

static void an_export_never_replaces_the_document(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    check_put(check_path(dir, "document.csv"), SMALL);
    desk_start(&d, 1280, 800, check_path(dir, "document.csv"));
    desk_run(&d, "file.export");
    retype(&d, check_path(dir, "document.csv"));
    desk_key(&d, KEY_ENTER, 0);
    desk_key(&d, KEY_ENTER, 0);
    desk_key(&d, KEY_ENTER, 0);
    check_content(check_path(dir, "document.csv"), SMALL);
    desk_stop(&d);
}

static void other_names_of_the_document_are_the_document(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    char path[600];
    (void)state;
    check_put(check_path(dir, "document.csv"), SMALL);
    assert_int_equal(mkdir(check_path(dir, "inner"), 0700), 0);
    assert_int_equal(symlink("document.csv", check_path(dir, "link.csv")), 0);
    desk_start(&d, 1280, 800, check_path(dir, "document.csv"));
    desk_run(&d, "file.export");
    static const char *const NAMES[] = {"inner/../document.csv", "./document.csv", "link.csv"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, NAMES[i]);
        retype(&d, path);
        for (int k = 0; k < 3; k++)
            desk_key(&d, KEY_ENTER, 0);
        assert_true(desk_drawn(&d, "That is the open document"));
    }
    check_content(check_path(dir, "document.csv"), SMALL);
    desk_stop(&d);
}

static void save_as_never_writes_over_the_numbers(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, TEST_DATA_DIR "/load/files.attn.json");
    assert_true(app_scope(d.app)->doc.file_count > 0);
    const char *numbers = app_scope(d.app)->doc.files[0];
    char path[600];
    snprintf(path, sizeof path, "%s/load/%s", TEST_DATA_DIR,
             numbers[0] == '/' ? path_base(numbers) : numbers);
    size_t before, after;
    char *was = check_read(numbers[0] == '/' ? numbers : path, &before);
    desk_run(&d, "file.save_as");
    retype(&d, numbers[0] == '/' ? numbers : path);
    for (int k = 0; k < 3; k++)
        desk_key(&d, KEY_ENTER, 0);
    assert_true(desk_drawn(&d, "The open document has its numbers there"));
    assert_false(app_save(d.app, numbers)); /* nor a script */
    char *is = check_read(numbers[0] == '/' ? numbers : path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(was, is, before);
    mem_free(was);
    mem_free(is);
    desk_stop(&d);
}

static void the_browser_fits_every_window(void **state)
{
    static const int SIZES[][2] = {{320, 240}, {640, 480}, {1280, 800}, {3840, 2160}};
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start(&d, dir, "file.open");
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        d.in.pixel_w = SIZES[i][0];
        d.in.pixel_h = SIZES[i][1];
        desk_settle(&d);
        const UiItem *path = desk_item(&d, "browser/path"),
                     *button = desk_item(&d, "browser/accept");
        assert_true(path->rect.x >= 0 && rect_right(path->rect) <= button->rect.x);
        assert_true(rect_right(button->rect) <= (float)SIZES[i][0]);
        assert_true(path->rect.y >= 0);
    }
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_typed_path_opens),
        cmocka_unit_test(arrows_walk_and_enter_opens),
        cmocka_unit_test(tab_completes_as_far_as_it_is_sure),
        cmocka_unit_test(typing_a_folder_lists_it),
        cmocka_unit_test(a_listed_file_is_looked_into_once),
        cmocka_unit_test(what_is_not_there_is_said_in_place),
        cmocka_unit_test(a_file_that_is_no_document_is_a_notice),
        cmocka_unit_test(a_double_click_on_a_name_opens_it),
        cmocka_unit_test(the_folder_above_and_home_are_places),
        cmocka_unit_test(save_as_writes_the_settings_and_goes_on_there),
        cmocka_unit_test(a_whole_path_behind_the_folder_begins_anew),
        cmocka_unit_test(a_whole_path_behind_a_proposed_name_begins_anew),
        cmocka_unit_test(a_name_without_an_ending_gets_that_of_documents),
        cmocka_unit_test(overwriting_is_asked_once),
        cmocka_unit_test(a_place_that_cannot_be_written_is_told),
        cmocka_unit_test(exports_follow_the_ending),
        cmocka_unit_test(an_export_never_replaces_the_document),
        cmocka_unit_test(other_names_of_the_document_are_the_document),
        cmocka_unit_test(save_as_never_writes_over_the_numbers),
        cmocka_unit_test(the_browser_fits_every_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
