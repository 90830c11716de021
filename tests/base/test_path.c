#include "base/file.h"
#include "base/mem.h"
#include "support/check.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void paths_are_joined_with_one_slash(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"},        {"/", "b", "/b"},  {"", "b", "b"},
        {"a", "/b", "/b"}, {"a/b", "c/d", "a/b/c/d"}, {".", "x", "./x"}, {"a", "", "a/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32];
        assert_true(path_join(out, sizeof out, cases[i][0], cases[i][1]));
        assert_string_equal(out, cases[i][2]);
        size_t length = strlen(cases[i][2]);
        assert_true(path_join(out, length + 1, cases[i][0], cases[i][1]));
        assert_false(path_join(out, length, cases[i][0], cases[i][1]));
    }
}

static void a_path_has_a_folder_and_a_name(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a", ".", "a"},         {"a/b", "a", "b"},   {"/a", "/", "a"},
        {"/a/b.c", "/a", "b.c"}, {"a/b/", "a/b", ""}, {"/", "/", ""},
        {"a//b", "a", "b"},      {"//a", "/", "a"},   {"../x", "..", "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32];
        assert_true(path_dir(out, sizeof out, cases[i][0]));
        assert_string_equal(out, cases[i][1]);
        assert_string_equal(path_base(cases[i][0]), cases[i][2]);
        assert_false(path_dir(out, strlen(cases[i][1]), cases[i][0]));
    }
}

static void relative_paths_become_absolute(void **state)
{
    (void)state;
    char out[PATH_MAX], here[PATH_MAX], want[2 * PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    assert_true(path_join(want, sizeof want, here, "a/b"));
    assert_true(path_absolute(out, sizeof out, "a/b"));
    assert_string_equal(out, want);
    assert_true(path_absolute(out, sizeof out, "/x/../y"));
    assert_string_equal(out, "/x/../y");
    assert_false(path_absolute(out, 3, "/x/../y"));
    assert_false(path_absolute(out, strlen(here), "a"));
}

static void names_that_leave_the_folder_are_seen(void **state)
{
    (void)state;
    static const char *const inside[] = {"a",     "a/b", "./a",  "a/./b", "..a",    "a..",
                                         "a/..b", "...", "a//b", "a/",    ".hidden"};
    static const char *const outside[] = {"",       ".",  "./", "..",   "../a",         "a/..",
                                          "a/../b", "/a", "/",  "./..", "a/b/../../..", "//a",
                                          "a//.."};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (!path_stays_inside(inside[i]))
            fail_msg("\"%s\" is inside", inside[i]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (path_stays_inside(outside[i]))
            fail_msg("\"%s\" is not inside", outside[i]);
}

static void folders_are_made_with_all_their_parents(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    struct stat st;
    Error err = {0};
    assert_true(file_make_dirs(check_path(dir, "a/b//c/"), &err));
    assert_int_equal(stat(check_path(dir, "a/b/c"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_true(file_make_dirs(check_path(dir, "a/b/c"), &err)); /* again is fine */
    assert_true(file_make_dirs("/", &err));
    assert_true(file_make_dirs(".", &err));
    assert_int_equal(symlink("a", check_path(dir, "link")), 0);
    assert_true(file_make_dirs(check_path(dir, "link/d"), &err));
    assert_int_equal(stat(check_path(dir, "a/d"), &st), 0);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void a_file_in_the_way_is_named(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    check_put(check_path(dir, "file"), "x");
    Error err = {0};
    assert_false(file_make_dirs(check_path(dir, "file"), &err));
    assert_string_equal(err.what,
                        "cannot be made: expected a place for a folder, found \"Not a directory\"");
    assert_string_equal(err.where, check_path(dir, "file"));
    error_clear(&err);
    assert_false(file_make_dirs(check_path(dir, "file/below"), &err));
    assert_int_equal(err.kind, ERROR_IO);
    char longest[PATH_MAX + 10];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    error_clear(&err);
    assert_false(file_make_dirs(longest, &err));
    assert_int_equal(err.kind, ERROR_IO);
}

/* A folder with something of every kind. */
static const char *make_zoo(void)
{
    const char *dir = check_temp_dir();
    Error err = {0};
    check_put(check_path(dir, "b.txt"), "12345");
    check_put(check_path(dir, "a.txt"), "");
    check_put(check_path(dir, ".hidden"), "1");
    assert_true(file_make_dirs(check_path(dir, "z-folder"), &err));
    assert_true(file_make_dirs(check_path(dir, ".config"), &err));
    assert_int_equal(symlink("b.txt", check_path(dir, "link to b")), 0);
    assert_int_equal(symlink("z-folder", check_path(dir, "m-link")), 0);
    assert_int_equal(symlink("nowhere", check_path(dir, "broken")), 0);
    assert_int_equal(mkfifo(check_path(dir, "pipe"), 0600), 0);
    check_put(check_path(dir, "\xFF-no-utf8"), "x");
    return dir;
}

static void check_names(const DirList *list, const char *const *want, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(list->items[i].name, want[i]);
}

static void folders_are_listed_first_then_by_name(void **state)
{
    (void)state;
    static const char *const seen[] = {"m-link", "z-folder",  "a.txt",
                                       "b.txt",  "link to b", "\xFF-no-utf8"};
    static const char *const all[] = {".config", "m-link", "z-folder",  ".hidden",
                                      "a.txt",   "b.txt",  "link to b", "\xFF-no-utf8"};
    const char *dir = make_zoo();
    int64_t live = mem_live();
    DirList list;
    Error err = {0};
    assert_true(dir_list(&list, dir, false, &err));
    check_names(&list, seen, 6);
    assert_true(list.items[0].is_dir && list.items[1].is_dir && !list.items[2].is_dir);
    assert_int_equal(list.items[3].size, 5);
    assert_int_equal(list.items[4].size, 5);
    assert_int_equal(list.items[0].size, 0);
    FileStamp stamp;
    assert_true(file_stamp(check_path(dir, "b.txt"), &stamp));
    assert_true(list.items[3].mtime_ns == stamp.mtime_ns);
    dir_list_free(&list);
    assert_true(dir_list(&list, dir, true, &err));
    check_names(&list, all, 8);
    dir_list_free(&list);
    assert_true(dir_list(&list, check_path(dir, "z-folder"), true, &err));
    assert_int_equal(list.count, 0);
    dir_list_free(&list);
    assert_int_equal(mem_live(), live);
}

static void what_cannot_be_listed_is_named(void **state)
{
    (void)state;
    const char *dir = make_zoo();
    DirList list;
    Error err = {0};
    assert_false(dir_list(&list, check_path(dir, "b.txt"), false, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_string_equal(err.what,
                        "cannot be listed: expected a readable folder, found \"Not a directory\"");
    assert_string_equal(err.where, check_path(dir, "b.txt"));
    assert_int_equal(list.count, 0);
    error_clear(&err);
    assert_false(dir_list(&list, check_path(dir, "missing"), false, &err));
    assert_non_null(strstr(err.what, "found \"No such file or directory\""));
    assert_string_equal(err.where, check_path(dir, "missing"));
}

static void want_of_memory_leaves_no_half_list(void **state)
{
    (void)state;
    const char *dir = make_zoo();
    int64_t live = mem_live();
    for (uint64_t n = 1;; n++) {
        DirList list;
        Error err = {0};
        mem_fail_at(n, false);
        bool ok = dir_list(&list, dir, true, &err);
        mem_fail_at(0, false);
        if (ok) {
            assert_int_equal(n, 10); /* the array and eight names before it */
            dir_list_free(&list);
            break;
        }
        check_error(&err, ERROR_LIMIT, "out of memory");
        assert_int_equal(list.count, 0);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_with_one_slash),
        cmocka_unit_test(a_path_has_a_folder_and_a_name),
        cmocka_unit_test(relative_paths_become_absolute),
        cmocka_unit_test(names_that_leave_the_folder_are_seen),
        cmocka_unit_test(folders_are_made_with_all_their_parents),
        cmocka_unit_test(a_file_in_the_way_is_named),
        cmocka_unit_test(folders_are_listed_first_then_by_name),
        cmocka_unit_test(what_cannot_be_listed_is_named),
        cmocka_unit_test(want_of_memory_leaves_no_half_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
