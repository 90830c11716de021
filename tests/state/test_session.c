#include "state/session.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char lines[16][640];
    int count;
} Warnings;

static void collect(void *context, const char *line)
{
    Warnings *w = context;
    assert_true(w->count < 16);
    snprintf(w->lines[w->count++], sizeof w->lines[0], "%s", line);
}

static Session *fresh(void)
{
    Session *s = mem_alloc(sizeof *s);
    assert_non_null(s);
    session_init(s);
    return s;
}

static void a_missing_file_is_a_fresh_session(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Error err = {0};
    Session *s = fresh();
    strcpy(s->document, "old");
    assert_true(session_read(s, check_path(check_temp_dir(), "none.json"), collect, &w, &err));
    assert_string_equal(s->document, "");
    assert_true(s->clean);
    assert_int_equal(w.count, 0);
    mem_free(s);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Error err = {0};
    Session *s = fresh(), *back = fresh();
    char path[1100];
    snprintf(path, sizeof path, "%s/new/folders/session.json", check_temp_dir());
    strcpy(s->document, "/data/a \"quoted\" \\ name\xC3\xA9.attn.json");
    s->clean = false;
    s->window_w = 1280;
    s->window_h = 801;
    static const char *const set[] = {"temperature=0.1",
                                      "mask.hidden=1,4-9",
                                      "head=max",
                                      "theme=dark",
                                      "ui.scale=1.25",
                                      "query=3",
                                      "zoom=2.5",
                                      "scale.d_k=64",
                                      "mask.causal=1",
                                      "ui.controls=folded",
                                      "queries=1,2",
                                      "text.typed=true",
                                      "text=1e5 \"Grüße\" \\ = 世界"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        assert_true(settings_assign(&s->settings, set[i], NULL));
    session_recent(s, "/data/b.json", "13 tokens");
    session_recent(s, "/data/c.json", "6 layers × 8 heads");
    assert_true(session_write(s, path, &err));
    assert_true(session_read(back, path, collect, &w, &err));
    assert_int_equal(w.count, 0);
    assert_string_equal(back->document, s->document);
    assert_false(back->clean);
    assert_int_equal(back->window_w, 1280);
    assert_int_equal(back->window_h, 801);
    assert_true(settings_equal(&back->settings, &s->settings, 0));
    assert_int_equal(back->recent_count, 2);
    assert_string_equal(back->recent[0].path, "/data/c.json");
    assert_string_equal(back->recent[0].note, "6 layers × 8 heads");
    assert_string_equal(back->recent[1].path, "/data/b.json");
    mem_free(s);
    mem_free(back);
}

static void the_format_is_plain_json(void **state)
{
    (void)state;
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "plain.json");
    s->settings.attn.scale.temperature = 2;
    s->settings.attn.mask.causal = true;
    s->settings.head = FIELD_MEAN;
    strcpy(s->document, "/d.json");
    session_recent(s, "/d.json", "note");
    assert_true(session_write(s, path, NULL));
    check_content(path,
                  "{\n  \"attnscope_session\": 1,\n  \"clean\": true,\n"
                  "  \"document\": \"/d.json\",\n"
                  "  \"window.width\": 0,\n  \"window.height\": 0,\n"
                  "  \"settings\": {\n    \"temperature\": 2,\n    \"mask.causal\": true,\n"
                  "    \"head\": \"mean\"\n  },\n"
                  "  \"recent\": [\n    {\"path\": \"/d.json\", \"note\": \"note\"}\n  ]\n}\n");
    mem_free(s);
}

static void recent_files_are_unique_and_the_newest_first(void **state)
{
    (void)state;
    Session *s = fresh();
    char path[32];
    for (int i = 0; i < SESSION_RECENT + 4; i++) {
        snprintf(path, sizeof path, "/f%d", i);
        session_recent(s, path, "n");
    }
    assert_int_equal(s->recent_count, SESSION_RECENT);
    assert_string_equal(s->recent[0].path, "/f13");
    assert_string_equal(s->recent[SESSION_RECENT - 1].path, "/f4");
    session_recent(s, "/f8", "again");
    assert_int_equal(s->recent_count, SESSION_RECENT);
    assert_string_equal(s->recent[0].path, "/f8");
    assert_string_equal(s->recent[0].note, "again");
    assert_string_equal(s->recent[1].path, "/f13");
    assert_string_equal(s->recent[SESSION_RECENT - 1].path, "/f4");
    session_recent(s, "/new", "é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…é…");
    assert_string_equal(s->recent[SESSION_RECENT - 1].path, "/f5");
    assert_true(strlen(s->recent[0].note) < sizeof s->recent[0].note);
    mem_free(s);
}

static void oddities_are_warnings_and_the_rest_is_kept(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Error err = {0};
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "odd.json");
    check_put(path,
              "{\"attnscope_session\": 1, \"document\": 7, \"mystery\": [], \"clean\": \"no\",\n"
              "\"window.width\": -5, \"window.height\": 600,\n"
              "\"settings\": {\"temperature\": 5000, \"nope\": 1, \"mask.causal\": true, \"zoom\": "
              "null},\n"
              "\"recent\": [3, {\"path\": \"/a\"}, {\"note\": \"no path\"}]}");
    assert_true(session_read(s, path, collect, &w, &err));
    assert_int_equal(w.count, 7);
    assert_string_equal(w.lines[0],
                        "session: document: expected text, found a number; it is left out");
    assert_non_null(strstr(w.lines[1], "mystery"));
    assert_non_null(strstr(w.lines[2], "clean: expected true or false, found text"));
    assert_string_equal(w.lines[3],
                        "session: window.width: expected 0 … 32768, found -5; it is left out");
    assert_string_equal(w.lines[4],
                        "session: temperature: expected 0 … 1000, found 5000; 1000 is used");
    assert_true(s->settings.attn.scale.temperature == 1000);
    assert_true(s->settings.attn.mask.causal);
    assert_int_equal(s->window_h, 600);
    assert_int_equal(s->window_w, 0);
    assert_int_equal(s->recent_count, 1);
    mem_free(s);
}

/* Each member as what it is not, and texts that are too long. */
static void members_of_other_kinds_or_sizes_are_left_out(void **state)
{
    (void)state;
    static char text[3 * SESSION_ORIGIN + 9000], want[200];
    Error err = {0};
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "kinds.json");
    static const char *const members[][2] = {
        {"\"settings\": 3", "settings: expected an object, found a number"},
        {"\"recent\": {}", "recent: expected an array, found an object"},
        {"\"window.width\": \"x\"", "window.width: expected a number, found text"},
        {"\"origin\": 1", "origin: expected an object, found a number"},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        Warnings w = {.count = 0};
        snprintf(text, sizeof text, "{\"attnscope_session\": 1, %s}", members[i][0]);
        check_put(path, text);
        assert_true(session_read(s, path, collect, &w, &err));
        assert_int_equal(w.count, 1);
        snprintf(want, sizeof want, "session: %s; it is left out", members[i][1]);
        assert_string_equal(w.lines[0], want);
    }
    int length = (int)sizeof s->document;
    Warnings w = {.count = 0};
    snprintf(text, sizeof text,
             "{\"attnscope_session\": 1, \"document\": \"%0*d\", \"origin\": {\"%0*d\": 1}}",
             length, 0, SESSION_ORIGIN, 0);
    check_put(path, text);
    assert_true(session_read(s, path, collect, &w, &err));
    assert_int_equal(w.count, 2);
    snprintf(want, sizeof want,
             "session: document: expected at most %d bytes, found %d; it is left out", length - 1,
             length);
    assert_string_equal(w.lines[0], want);
    assert_non_null(strstr(w.lines[1], "session: origin: expected at most "));
    assert_string_equal(s->document, "");
    assert_string_equal(s->origin, "");
    mem_free(s);
}

static void more_recent_files_than_are_kept_are_passed_over(void **state)
{
    (void)state;
    static char text[9000], longest[9000];
    Error err = {0};
    Warnings w = {.count = 0};
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "many.json");
    size_t used = (size_t)snprintf(text, sizeof text, "{\"attnscope_session\": 1, \"recent\": [");
    for (int i = 0; i < SESSION_RECENT + 2; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{\"path\": \"/f%d\"}",
                                 i ? ", " : "", i);
    snprintf(text + used, sizeof text - used, "]}");
    check_put(path, text);
    assert_true(session_read(s, path, collect, &w, &err));
    assert_int_equal(s->recent_count, SESSION_RECENT);
    memset(longest, 'n', sizeof longest - 1);
    session_recent(s, longest, ""); /* a path that no member has room for */
    assert_string_equal(s->recent[0].path, "/f0");
    mem_free(s);
}

static void a_damaged_file_is_set_aside(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "",
        "{",
        "[1]",
        "{\"attnscope_session\": 1,}",
        "{\"a\": 1}",
        "{\"attnscope_session\": 1} x",
        "{\"attnscope_session\": \"1\"}",
        "{\"attnscope_session\": 1, \"clean\": true, \"clean\": true}",
        "{\"attnscope_session\": 1, \"document\": \"\xFF\"}"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        Warnings w = {.count = 0};
        Error err = {0};
        Session *s = fresh();
        const char *dir = check_temp_dir();
        const char *path = check_path(dir, "bad.json"), *bad = check_path(dir, "bad.json.bad");
        check_put(path, damaged[i]);
        assert_true(session_read(s, path, collect, &w, &err));
        assert_int_equal(w.count, 1);
        assert_non_null(strstr(w.lines[0], "the file was set aside as bad.json.bad"));
        assert_true(access(path, F_OK) != 0);
        check_content(bad, damaged[i]);
        assert_string_equal(s->document, "");
        assert_true(session_write(s, path, &err));
        mem_free(s);
    }
}

static void a_file_over_a_mebibyte_is_set_aside(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        Warnings w = {.count = 0};
        Error err = {0};
        Session *s = fresh();
        size_t size = (1 << 20) + more;
        char *text = mem_alloc(size + 1);
        memset(text, ' ', size);
        memcpy(text, "{\"attnscope_session\": 1}", 24);
        text[size] = '\0';
        const char *path = check_path(check_temp_dir(), "large.json");
        check_put(path, text);
        assert_true(session_read(s, path, collect, &w, &err));
        assert_int_equal(w.count, more);
        if (more)
            assert_string_equal(
                w.lines[0], "session: file is too large: expected at most 1048576 bytes, found "
                            "1048577 (limit 1048576); the file was set aside as large.json.bad");
        mem_free(text);
        mem_free(s);
    }
}

static void a_newer_version_is_read_and_never_overwritten(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Session *s = fresh();
    const char *path = check_path(check_temp_dir(), "newer.json");
    const char *text = "{\"attnscope_session\": 2, \"document\": \"/x.json\"}";
    check_put(path, text);
    assert_true(session_read(s, path, collect, &w, NULL));
    assert_int_equal(w.count, 1);
    assert_string_equal(s->document, "/x.json");
    strcpy(s->document, "/y.json");
    assert_true(session_write(s, path, NULL));
    check_content(path, text);
    mem_free(s);
}

static void what_cannot_be_read_or_written_is_an_io_error(void **state)
{
    (void)state;
    Error err = {0};
    Session *s = fresh();
    assert_false(session_read(s, check_temp_dir(), NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_IO);
    error_clear(&err);
    const char *dir = check_temp_dir();
    check_put(check_path(dir, "file"), "");
    assert_false(session_write(s, check_path(dir, "file/session.json"), &err));
    assert_int_equal(err.kind, ERROR_IO);
    mem_free(s);
}

static void a_path_that_is_no_utf8_is_left_out_so_that_the_file_stays_json(void **state)
{
    (void)state;
    Warnings w = {.count = 0};
    Session *s = fresh(), *back = fresh();
    const char *path = check_path(check_temp_dir(), "latin.json");
    strcpy(s->document, "/caf\xE9.json");
    session_recent(s, "/caf\xE9.json", "n");
    session_recent(s, "/tea.json", "n");
    assert_true(session_write(s, path, NULL));
    assert_true(session_read(back, path, collect, &w, NULL));
    assert_int_equal(w.count, 0);
    assert_string_equal(back->document, "");
    assert_int_equal(back->recent_count, 1);
    mem_free(s);
    mem_free(back);
}

static void the_file_follows_xdg_and_home(void **state)
{
    (void)state;
    char path[1024];
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/home/me", 1);
    assert_true(session_path(path, sizeof path));
    assert_string_equal(path, "/state/attnscope/session.json");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_true(session_path(path, sizeof path));
    assert_string_equal(path, "/home/me/.local/state/attnscope/session.json");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    assert_false(session_path(path, sizeof path));
}

static void memory_that_runs_out_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    Session *s = fresh(), *back = fresh();
    const char *path = check_path(check_temp_dir(), "memory.json");
    session_recent(s, "/a", "n");
    s->settings.attn.scale.temperature = 3;
    assert_true(session_write(s, path, NULL));
    bool done = false;
    for (uint64_t n = 1; !done && n < 500; n++) {
        Error err = {0};
        int64_t live = mem_live();
        mem_fail_at(n, true);
        done = session_read(back, path, NULL, NULL, &err);
        mem_fail_at(0, false);
        assert_int_equal(mem_live(), live);
        if (access(path, F_OK) != 0) { /* never blame the file for our lack of memory */
            fail_msg("set aside at allocation %d", (int)n);
        }
        if (!done)
            assert_int_equal(err.kind, ERROR_LIMIT);
    }
    assert_true(done);
    mem_free(s);
    mem_free(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_a_fresh_session),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_format_is_plain_json),
        cmocka_unit_test(recent_files_are_unique_and_the_newest_first),
        cmocka_unit_test(oddities_are_warnings_and_the_rest_is_kept),
        cmocka_unit_test(members_of_other_kinds_or_sizes_are_left_out),
        cmocka_unit_test(more_recent_files_than_are_kept_are_passed_over),
        cmocka_unit_test(a_damaged_file_is_set_aside),
        cmocka_unit_test(a_file_over_a_mebibyte_is_set_aside),
        cmocka_unit_test(a_newer_version_is_read_and_never_overwritten),
        cmocka_unit_test(what_cannot_be_read_or_written_is_an_io_error),
        cmocka_unit_test(a_path_that_is_no_utf8_is_left_out_so_that_the_file_stays_json),
        cmocka_unit_test(the_file_follows_xdg_and_home),
        cmocka_unit_test(memory_that_runs_out_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
