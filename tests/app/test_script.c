#include "app/script.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static const char DOCUMENT[] =
    "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\", \"c\"],"
    " \"layers\": [{\"heads\": [{\"scores\": [[1, 2, 3], [0, 0, 1], [2, 2, 2]], \"d_k\": 4}]}]}";

typedef struct {
    App *app;
    Font font;
    char dir[512], path[600];
} Desk;

static void setup(Desk *s)
{
    Error err = {0};
    s->font = font_fixed();
    snprintf(s->dir, sizeof s->dir, "%s", check_temp_dir());
    snprintf(s->path, sizeof s->path, "%s/d.attn.json", s->dir);
    check_put(s->path, DOCUMENT);
    AppOptions options = {.font = &s->font, .limits = load_limits_default(), .home = s->dir};
    s->app = app_new(&options, &err);
    assert_non_null(s->app);
    assert_true(app_open(s->app, s->path, &err));
}

static bool play(Desk *s, const char *text, Error *err)
{
    char script[600];
    snprintf(script, sizeof script, "%s/s.txt", s->dir);
    ScriptOptions options = {.path = script,
                             .out_dir = s->dir,
                             .pixel_w = 1280,
                             .pixel_h = 800,
                             .density = 1,
                             .font = &s->font};
    return script_run(s->app, text, strlen(text), &options, err);
}

static void good(Desk *s, const char *text)
{
    Error err = {0};
    if (!play(s, text, &err))
        fail_msg("%s: %s", err.where, err.what);
}

static void bad(Desk *s, const char *text, const char *message)
{
    Error err = {0};
    assert_false(play(s, text, &err));
    check_error(&err, ERROR_USAGE, message);
}

static void comments_blanks_and_windows_line_ends_are_nothing(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    good(&s, "");
    good(&s, "\n\n  # nothing\r\n\t\r\n  expect temperature 1  \r\n# no newline");
    app_free(s.app);
}

static void what_cannot_be_done_names_line_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"\n\njump", "line 3: event: expected one such as click, found jump"},
        {"click nowhere", "line 1: id: expected a widget of the window, found none named nowhere"},
        {"click \"no such\"",
         "line 1: id: expected a widget of the window, found none named no such"},
        {"drag top/lines 5", "line 1: id: expected a slider, found top/lines"},
        {"drag controls/scale/d_k x", "line 1: value: expected a number, found x"},
        {"drag-to controls/scale/d_k 101%",
         "line 1: position: expected 0 … 100 percent, found 101%"},
        {"drag-to controls/scale/d_k 0.5", "line 1: position: expected 0 … 100 percent, found 0.5"},
        {"drag controls/scale/temperature 500",
         "line 1: controls/scale/temperature: expected 500, found 100.00"},
        {"move 5", "line 1: argument: expected a number, found nothing"},
        {"move 5 x", "line 1: argument: expected a number, found x"},
        {"key hyper", "line 1: key: expected a name such as ctrl+z, found hyper"},
        {"key", "line 1: key: expected a name such as ctrl+z, found nothing"},
        {"resize 12", "line 1: size: expected WxH, found 12"},
        {"resize 0x5", "line 1: size: expected WxH, found 0x5"},
        {"click-cell 9 9", "line 1: cell: expected one that is seen in a heatmap, found 9 9"},
        {"snap ../x", "line 1: name: expected that of a picture, found ../x"},
        {"drop", "line 1: file: expected a path, found none"},
        {"expect temperature 2", "line 1: temperature: expected 2, found 1"},
        {"expect", "line 1: expect: expected a known name, found nothing"},
        {"expect temprature 1", "line 1: expect: expected a known name, found temprature"},
        {"expect visible nowhere", "line 1: nowhere: expected visible, found no such widget"},
        {"expect visible top/lines false",
         "line 1: top/lines: expected not visible, found the opposite"},
        {"expect result.entropy 1",
         "line 1: result.entropy: expected a selected query, found none"},
        {"expect-value top/lines x", "line 1: top/lines: expected x, found second"},
        {"expect-cell 0 0 0.5 0.001", "line 1: cell 0 0: expected 0.5, found "},
        {"expect-notice anything", "line 1: notice: expected anything, found nothing"},
        {"copy-is x", "line 1: clipboard: expected x, found nothing"},
    };
    Desk s;
    setup(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Error err = {0};
        char line[600];
        assert_false(play(&s, rows[i].text, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        error_line(&err, NULL, line, sizeof line);
        if (strncmp(line, rows[i].message, strlen(rows[i].message)) != 0)
            fail_msg("%s\n%s", rows[i].message, line);
    }
    app_free(s.app);
}

static void names_of_the_window_and_of_results_can_be_expected(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    good(&s,
         "expect document d.attn.json\nexpect notices 0\nexpect title d.attn.json – attnscope\n"
         "expect view.shown heatmap\nexpect view2.shown lines\nexpect quit false\n"
         "click-cell 2 1\nexpect query 2\nexpect result.entropy 1.585\nexpect result.keys 3\n"
         "expect result.effective 3\nexpect result.max 0.333\nexpect result.sum 1\n"
         "expect result.argmax 0\nexpect-cell 2 2 0.333333 1e-6\nexpect enabled top/lines\n"
         "expect visible top/lines\nexpect checked controls/mask/causal false\n"
         "expect-value controls/scale/temperature 1.00\nexpect-value controls/scale/temperature 1\n"
         "expect temperature 1\nexpect temperature >0.99\nexpect temperature <1.01\n"
         "expect temperature 1.05 ~0.1\n");
    bad(&s, "expect temperature 1.05 ~0.01", "line 1: temperature: expected 1.05 ~0.01, found 1");
    bad(&s, "expect temperature >1", "line 1: temperature: expected >1, found 1");
    bad(&s, "expect result.entropy 1.58497",
        "line 1: result.entropy: expected 1.58497, found 1.5849625");
    app_free(s.app);
}

static void a_drag_finds_its_value_by_the_pointer(void **state)
{
    (void)state;
    static const char *const values[] = {"0.01", "0.37", "0.5", "1.23", "7.7", "42", "99.5", "100"};
    Desk s;
    setup(&s);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[200];
        snprintf(text, sizeof text, "drag controls/scale/temperature %s\nexpect temperature %s\n",
                 values[i], values[i]);
        good(&s, text);
    }
    good(&s, "drag controls/scale/d_k 512\nexpect scale.d_k 512\nresize 1280x1400\nkey 2\n"
             "drag controls/links/mass 75\nexpect lines.mass 0.75\n");
    app_free(s.app);
}

static void modifiers_stand_before_the_event(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    good(&s, "ctrl+click-cell 0 1\nexpect mask.hidden 1\nctrl+click-cell 1 1\nexpect mask.hidden\n"
             "shift+click-cell 0 0\nshift+click-cell 2 0\nexpect queries 0,2\n");
    app_free(s.app);
}

static void files_are_found_beside_the_script(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    char bad_path[600];
    snprintf(bad_path, sizeof bad_path, "%s/bad.attn.json", s.dir);
    check_put(bad_path, "{");
    good(&s, "drop bad.attn.json\nexpect-notice bad.attn.json: line 1, column 2\nexpect document "
             "d.attn.json\n"
             "drop ${script}/d.attn.json\nopen d.attn.json\nexpect document d.attn.json\nsnap "
             "shot\nlist ids\n");
    char *png = check_read(check_path(s.dir, "shot.png"), NULL);
    assert_memory_equal(png + 1, "PNG", 3);
    mem_free(png);
    char *ids = check_read(check_path(s.dir, "ids.txt"), NULL);
    assert_non_null(strstr(ids, "controls/scale/temperature\tslider\t1.00\tvisible\n"));
    mem_free(ids);
    app_free(s.app);
}

static void a_file_that_changes_on_disk_is_offered_again(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    good(&s, "expect visible notices/changed/yes false");
    check_put(s.path, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
                      "[{\"weights\": [[0.25, 0.75], [1, 0]]}]}]}");
    good(&s, "wait 5\nframe\nexpect visible notices/changed/yes\nclick notices/changed/yes\n"
             "expect visible notices/changed/yes false\nexpect-cell 0 1 0.75 0\n");
    app_free(s.app);
}

static void nothing_happens_after_the_end(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    good(&s, "key ctrl+q\nexpect quit true\nkey 2\nframe 5\nexpect quit true");
    app_free(s.app);
}

static void odd_bytes_are_refused(void **state)
{
    (void)state;
    Desk s;
    setup(&s);
    bad(&s, "text \xFF",
        "line 1: line: expected text of at most 4095 bytes, found more, or no UTF-8");
    char *text = mem_zero(5001, 1);
    memset(text, 'x', 5000);
    bad(&s, text, "line 1: line: expected text of at most 4095 bytes, found more, or no UTF-8");
    mem_free(text);
    app_free(s.app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_blanks_and_windows_line_ends_are_nothing),
        cmocka_unit_test(what_cannot_be_done_names_line_and_reason),
        cmocka_unit_test(names_of_the_window_and_of_results_can_be_expected),
        cmocka_unit_test(a_drag_finds_its_value_by_the_pointer),
        cmocka_unit_test(modifiers_stand_before_the_event),
        cmocka_unit_test(files_are_found_beside_the_script),
        cmocka_unit_test(a_file_that_changes_on_disk_is_offered_again),
        cmocka_unit_test(nothing_happens_after_the_end),
        cmocka_unit_test(odd_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
