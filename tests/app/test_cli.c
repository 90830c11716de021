#include "app/cli.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MOST = 12 };

/* Nothing has to reach the disk, and that would take most of the time. */
int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

static Font font;
static struct {
    int windows, files, overrides;
    char first[256], session[512];
} seen;

static bool open_font(void *context, const char *dir, const Font **out, Error *err)
{
    assert_ptr_equal(context, &font);
    if (dir && strcmp(dir, "/") == 0)
        return error_set(err, ERROR_IO, "fonts: expected a folder, found none");
    font = font_fixed();
    *out = &font;
    return true;
}

static int run_window(void *context, const AppOptions *options, const char *const *files, int count)
{
    (void)context;
    seen.windows++;
    seen.files = count;
    seen.overrides = options->override_count;
    snprintf(seen.first, sizeof seen.first, "%s", count ? files[0] : "");
    snprintf(seen.session, sizeof seen.session, "%s", options->session ? options->session : "");
    return 5;
}

typedef struct {
    int code;
    char *out, *err; /* of open_memstream: freed with free */
} Run;

static Run run(const char *const *words)
{
    static char copy[WORDS_MOST][512];
    char *argv[WORDS_MOST + 1] = {copy[0]};
    Run r = {0};
    size_t out_size, err_size;
    int argc = 1;
    strcpy(copy[0], "attnscope");
    for (; words[argc - 1]; argc++) {
        assert_true(argc < WORDS_MOST);
        snprintf(copy[argc], sizeof copy[argc], "%s", words[argc - 1]);
        argv[argc] = copy[argc];
    }
    CliHost host = {.open_font = open_font,
                    .run_window = run_window,
                    .context = &font,
                    .out = open_memstream(&r.out, &out_size),
                    .err = open_memstream(&r.err, &err_size)};
    r.code = cli_main(argc, argv, &host);
    fclose(host.out);
    fclose(host.err);
    return r;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void done(Run *r)
{
    free(r->out);
    free(r->err);
}

static char *document(void)
{
    const char *path = check_path(check_temp_dir(), "d.attn.json");
    check_put(path, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
                    "[{\"scores\": [[1, 2], [4, 4]], \"d_k\": 4}]}]}");
    return mem_string(path, strlen(path));
}

static void the_window_gets_files_settings_and_session(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    Run r = RUN("a.json", "b.json", "--set", "temperature=2", "--theme", "dark");
    assert_int_equal(r.code, 5);
    assert_int_equal(seen.windows, 1);
    assert_int_equal(seen.files, 2);
    assert_int_equal(seen.overrides, 2);
    assert_string_equal(seen.first, "a.json");
    assert_string_equal(seen.session, "/state/attnscope/session.json");
    done(&r);
}

static void subcommands_open_no_window(void **state)
{
    (void)state;
    char *path = document();
    seen.windows = 0;
    Run r = RUN("check", path);
    char want[600];
    snprintf(want, sizeof want, "%s: ok: attnscope 1, 1 layer × 1 head, 2 × 2\n", path);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.out, want);
    assert_string_equal(r.err, "");
    assert_int_equal(seen.windows, 0);
    done(&r);
    mem_free(path);
}

static void a_dump_is_the_numbers_alone(void **state)
{
    (void)state;
    char *path = document();
    static const struct {
        const char *stage, *set, *out;
    } rows[] = {{"scores", "temperature=1", "1,2\n4,4\n"},
                {"scaled", "temperature=0.5", "1,2\n4,4\n"},
                {"masked", "mask.causal=true", "0.5,-inf\n2,2\n"},
                {"weights", "temperature=0", "0,1\n0.5,0.5\n"},
                {"weights", "mask.causal=true", "1,0\n0.5,0.5\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Run r = RUN("dump", path, "--stage", rows[i].stage, "--set", rows[i].set);
        assert_int_equal(r.code, 0);
        assert_string_equal(r.out, rows[i].out);
        done(&r);
    }
    Run r = RUN("dump", path, "--stage", "masked", "--set", "mask.causal=1", "--format", "json");
    assert_string_equal(r.out,
                        "{\"stage\":\"masked\",\"sentence\":0,\"layer\":0,\"head\":0,\"rows\":2,"
                        "\"cols\":2,\"values\":[[0.5,null],[2,2]]}\n");
    done(&r);
    mem_free(path);
}

static void a_picture_needs_no_display(void **state)
{
    (void)state;
    char *path = document();
    const char *dir = check_temp_dir(), *out = check_path(dir, "x.svg");
    static const char *const views[] = {"heatmap", "lines", "heads", "window"};
    for (size_t i = 0; i < 4; i++) {
        Run r = RUN("render", path, "--view", views[i], "-o", out, "--size", "640x480");
        assert_string_equal(r.err, "");
        assert_int_equal(r.code, 0);
        char *text = check_read(out, NULL);
        assert_non_null(strstr(text, "<svg "));
        mem_free(text);
        done(&r);
    }
    mem_free(path);
}

static void fonts_that_cannot_be_opened_are_told(void **state)
{
    (void)state;
    Run r = RUN("render", "-o", "x.png", "--font-dir", "/none");
    assert_int_equal(r.code, 4);
    assert_string_equal(r.err, "attnscope: --font-dir: expected a folder, found /none\n");
    done(&r);
    r = RUN("render", "-o", "x.png", "--font-dir", "/");
    assert_int_equal(r.code, 4);
    assert_string_equal(r.err, "attnscope: fonts: expected a folder, found none\n");
    done(&r);
}

static void a_script_that_fails_says_where(void **state)
{
    (void)state;
    char *path = document(), want[700];
    const char *script = check_path(check_temp_dir(), "s.txt");
    check_put(script, "# a comment\n\nexpect temperature 1\nexpect temperature 2\n");
    Run r = RUN("play", script, path);
    snprintf(want, sizeof want, "%s:4: temperature: expected 2, found 1\n", script);
    assert_string_equal(r.err, want);
    assert_int_equal(r.code, 1);
    done(&r);
    r = RUN("play", script, "/no/such/file");
    assert_int_equal(r.code, 4);
    done(&r);
    r = RUN("play", "/no/such/script");
    assert_int_equal(r.code, 4);
    done(&r);
    mem_free(path);
}

static void nothing_is_left_allocated(void **state)
{
    (void)state;
    char *path = document();
    const char *dir = check_temp_dir(), *out = check_path(dir, "x.png"),
               *script = check_path(dir, "s.txt");
    check_put(script, "click-cell 0 0\nkey 2\nkey ctrl+p\n");
    Run warm = RUN("render", path, "--view", "window", "-o", out);
    done(&warm);
    int64_t live = mem_live();
    const char *const lines[][6] = {{"info", path},
                                    {"info", path, "--json"},
                                    {"check", path, "/none"},
                                    {"check", "--syntax", path},
                                    {"dump", path, "--stage", "weights", "-o", out},
                                    {"dump", path, "--stage", "output"},
                                    {"render", path, "-o", out},
                                    {"render", "-o", out, "--view", "window"},
                                    {"render", path, "-o", "/none/x.png"},
                                    {"play", script, path},
                                    {"--help"},
                                    {"--limits"}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        Run r = run(lines[i]);
        assert_int_equal(mem_live(), live);
        done(&r);
    }
    mem_free(path);
}

/* Every n-th allocation of a command fails, from `step` allocations on only some of them: pictures
 * make many of the same kind. */
static void starve(const char *const *line, const char *written, bool ever_after)
{
    enum { STEP = 400 };
    Run whole = run(line);
    if (whole.code)
        fail_msg("%s %s", line[0], whole.err);
    bool finished = false;
    for (uint64_t n = 1; !finished; n += 1 + n / STEP) {
        int64_t live = mem_live();
        if (written)
            check_put(written, "old");
        uint64_t before = mem_count();
        mem_fail_at(n, ever_after);
        Run one = run(line);
        mem_fail_at(0, false);
        finished = mem_count() - before < n;
        if (one.code == 0)
            assert_string_equal(one.out, whole.out);
        else if (one.code != 3 || finished)
            fail_msg("%s %s, allocation %d: %d %s", line[0], line[1], (int)n, one.code, one.err);
        if (one.code && written)
            check_content(written, "old");
        assert_int_equal(mem_live(), live);
        done(&one);
    }
    done(&whole);
}

static void memory_that_runs_out_is_an_exit_code(void **state)
{
    (void)state;
    char *path = document();
    const char *dir = check_temp_dir(), *png = check_path(dir, "x.png"),
               *svg = check_path(dir, "x.svg"), *npz = check_path(dir, "x.npz"),
               *attn = check_path(dir, "x.attn.json"), *npy = check_path(dir, "x.npy");
    const struct {
        const char *line[10], *written;
    } rows[] = {
        {{"dump", path, "--stage", "weights"}, NULL},
        {{"dump", path, "--stage", "scaled", "--format", "json"}, NULL},
        {{"dump", path, "--stage", "weights", "--format", "npy", "-o", npy}, npy},
        {{"info", path}, NULL},
        {{"info", path, "--json"}, NULL},
        {{"check", path}, NULL},
        {{"convert", path, "-o", attn}, attn},
        {{"convert", path, "--sentence", "0", "-o", npz}, npz},
        {{"render", path, "--view", "heatmap", "--size", "200x150", "-o", png}, png},
        {{"render", path, "--view", "lines", "--size", "200x150", "-o", svg}, svg},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        starve(rows[i].line, rows[i].written, true);
        starve(rows[i].line, rows[i].written, false);
    }
    mem_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_gets_files_settings_and_session),
        cmocka_unit_test(subcommands_open_no_window),
        cmocka_unit_test(a_dump_is_the_numbers_alone),
        cmocka_unit_test(a_picture_needs_no_display),
        cmocka_unit_test(fonts_that_cannot_be_opened_are_told),
        cmocka_unit_test(a_script_that_fails_says_where),
        cmocka_unit_test(nothing_is_left_allocated),
        cmocka_unit_test(memory_that_runs_out_is_an_exit_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
