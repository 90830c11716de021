/* Sessions where the system or the file is odd. */
#include "state/session.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char line[640];
    int count;
} Warnings;

static void collect(void *context, const char *line)
{
    Warnings *w = context;
    snprintf(w->line, sizeof w->line, "%s", line);
    w->count++;
}

static Session *fresh(void)
{
    Session *s = mem_alloc(sizeof *s);
    assert_non_null(s);
    session_init(s);
    return s;
}

static void a_path_that_is_too_long_is_none(void **state)
{
    (void)state;
    char folder[1100] = "/", path[1400];
    int lock;
    Error err = {0};
    Session *s = fresh();
    memset(folder + 1, 'x', sizeof folder - 2);
    setenv("XDG_STATE_HOME", folder, 1);
    setenv("HOME", folder, 1);
    assert_false(session_path(path, sizeof path));
    setenv("XDG_STATE_HOME", "", 1);
    assert_false(session_path(path, sizeof path));
    setenv("HOME", "home", 1); /* relative */
    assert_false(session_path(path, sizeof path));
    setenv("HOME", "/homes/me", 1);
    assert_false(session_path(path, 20));
    setenv("XDG_STATE_HOME", "/state", 1);
    assert_false(session_path(path, 20));
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    snprintf(path, sizeof path, "%s/session.json", folder);
    assert_int_equal(session_lock(path, &lock), FILE_LOCK_NONE);
    assert_false(session_write(s, path, &err));
    folder[1050] = '\0'; /* the name of the lock fits, the folder of it does not */
    snprintf(path, sizeof path, "%s/s.json", folder);
    assert_int_equal(session_lock(path, &lock), FILE_LOCK_NONE);
    assert_int_equal(lock, -1);
    mem_free(s);
}

static void no_folder_no_lock(void **state)
{
    (void)state;
    int lock;
    const char *dir = check_temp_dir();
    check_put(check_path(dir, "plain"), "");
    assert_int_equal(session_lock(check_path(dir, "plain/s.json"), &lock), FILE_LOCK_NONE);
    assert_int_equal(lock, -1);
}

/* Where it would go stands a folder. */
static void a_damaged_file_that_cannot_be_set_aside_stays(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Error err = {0};
    Session *s = fresh();
    const char *dir = check_temp_dir(), *path = check_path(dir, "stays.json");
    check_put(path, "{\"attnscope_session\": 0}");
    assert_int_equal(mkdir(check_path(dir, "stays.json.bad"), 0700), 0);
    assert_false(session_read(s, path, collect, &w, &err));
    check_error(&err, ERROR_IO,
                "session: expected to set the damaged file aside, found Is a directory");
    check_content(path, "{\"attnscope_session\": 0}");
    assert_int_equal(w.count, 0);
    mem_free(s);
}

static void odd_recent_files_and_sizes_are_passed_over(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Error err = {0};
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "odd.json");
    check_put(path, "{\"attnscope_session\": 1, \"window.width\": -1, \"recent\": "
                    "[[\"/a\"], {\"other\": 1, \"path\": \"/b\"}]}");
    assert_true(session_read(s, path, collect, &w, &err));
    assert_int_equal(w.count, 1);
    assert_string_equal(w.line, "session: window.width: expected 0 … 32768, found -1; it is "
                                "left out");
    assert_int_equal(s->recent_count, 1);
    assert_string_equal(s->recent[0].path, "/b");
    mem_free(s);
}

static void memory_that_runs_out_leaves_the_old_file(void **state)
{
    (void)state;
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "kept.json");
    check_put(path, "old");
    s->settings.attn.scale.temperature = 3;
    bool done = false;
    for (uint64_t n = 1; !done && n < 100; n++) {
        Error err = {0};
        mem_fail_at(n, n % 2); /* all from there on, or that one alone */
        done = session_write(s, path, &err);
        mem_fail_at(0, false);
        if (!done) {
            assert_int_equal(err.kind, ERROR_LIMIT);
            check_content(path, "old");
        }
    }
    assert_true(done);
    mem_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_that_is_too_long_is_none),
        cmocka_unit_test(no_folder_no_lock),
        cmocka_unit_test(a_damaged_file_that_cannot_be_set_aside_stays),
        cmocka_unit_test(odd_recent_files_and_sizes_are_passed_over),
        cmocka_unit_test(memory_that_runs_out_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
