/* Whole windows as text, one drawing command a line: what stands where, in which words and colours.
 * Widths come from the fixed-cell font, the clock from the desk: the same text on every machine.
 */
#include "app/desk.h"

#include "app/state.h"
#include "draw/trace.h"

#include <stdlib.h>

#define SMALL   TEST_SOURCE_DIR "/tests/scripts/data/small.attn.json"
#define PICTURE TEST_SOURCE_DIR "/tests/goldens/data/picture.attn.json"

enum { GOLDEN_BYTES = 100000 };

/* The text with every `from` replaced. */
static void put_replaced(Buf *out, const char *text, const char *from, const char *to)
{
    const char *at;
    while (from && (at = strstr(text, from)) != NULL) {
        buf_append(out, text, (size_t)(at - text));
        buf_text(out, to);
        text = at + strlen(from);
    }
    buf_text(out, text);
}

/* The last frame against its golden; `folder` is a path that is another one in each run. */
static void check_frame(const Desk *d, const char *name, const char *folder)
{
    Buf trace, text;
    Error err = {0};
    char golden[128];
    buf_init(&trace, BUF_NO_LIMIT);
    buf_init(&text, BUF_NO_LIMIT);
    if (!trace_write(&trace, d->list, &err))
        fail_msg("%s", err.what);
    put_replaced(&text, buf_string(&trace), folder, "FOLDER");
    assert_null(strstr(text.data, TEST_SOURCE_DIR));
    assert_null(strstr(text.data, "attnscope-test-"));
    assert_true(text.size <= GOLDEN_BYTES);
    snprintf(golden, sizeof golden, "app/%s.txt", name);
    check_text_golden(golden, text.data, text.size);
    buf_free(&trace);
    buf_free(&text);
}

/* A window on a document, with settings, after a second of nobody touching it. */
static void start(Desk *d, int w, int h, const char *document, const char *const *sets)
{
    Error err = {0};
    desk_start(d, w, h, document);
    for (int i = 0; sets && sets[i]; i++)
        if (!settings_assign(app_settings(d->app), sets[i], &err))
            fail_msg("%s: %s", sets[i], err.what);
    d->in.time += 1;
    desk_settle(d);
    desk_settle(d);
}

static void windows_are_as_they_were(void **state)
{
    static const struct {
        const char *name;
        int w, h;
        const char *document; /* NULL: three tokens */
        const char *sets[6];
    } windows[] = {
        {"window", 1280, 800, NULL, {NULL}},
        {"window_dark_selected", 1280, 800, NULL, {"theme=dark", "query=1", "key=2", NULL}},
        {"window_small", 640, 480, NULL, {"query=1", NULL}},
        {"window_projector", 1280, 800, NULL, {"theme=projector", NULL}},
        {"window_masked", 1280, 800, SMALL, {"mask.causal=true", "mask.hidden=1", "query=3", NULL}},
        {"window_sentences", 1440, 900, SMALL, {"sentence=1", "view=lines", "view2=heatmap", NULL}},
        {"window_picture", 1280, 800, PICTURE, {"query=4", NULL}},
        {"window_heads", 1280, 800, SMALL, {"view=heads", "layer=1", "head=mean", NULL}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        Desk d;
        const char *document = windows[i].document;
        start(&d, windows[i].w, windows[i].h, document ? document : desk_example("three-tokens"),
              windows[i].sets);
        check_frame(&d, windows[i].name, NULL);
        desk_stop(&d);
    }
}

static void a_file_of_weights_alone_says_what_cannot_be_set(void **state)
{
    const char *dir = check_temp_dir(), *path = check_path(dir, "weights.attn.json");
    Desk d;
    (void)state;
    check_put(path, "{\"attnscope\": 1, \"title\": \"Weights\", \"tokens\": [\"a\", \"b\", \"c\"], "
                    "\"layers\": [{\"heads\": [{\"weights\": [[1, 0, 0], [0.25, 0.75, 0], "
                    "[0.5, 0.25, 0.25]]}]}]}");
    start(&d, 1280, 800, path, NULL);
    check_frame(&d, "window_weights_alone", dir);
    desk_stop(&d);
}

static void the_gallery_without_examples_is_as_it_was(void **state)
{
    Desk d;
    (void)state;
    for (int small = 0; small < 2; small++) {
        desk_init(&d);
        d.options.examples = NULL;
        d.in.pixel_w = small ? 640 : 1280;
        d.in.pixel_h = small ? 480 : 800;
        desk_open_app(&d);
        desk_settle(&d);
        check_frame(&d, small ? "gallery_small" : "gallery", NULL);
        desk_stop(&d);
    }
}

static void the_palette_is_as_it_was(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, desk_example("three-tokens"), NULL);
    desk_key(&d, 'p', MOD_CTRL);
    desk_text(&d, "mask");
    desk_key(&d, KEY_DOWN, 0);
    check_frame(&d, "palette", NULL);
    desk_stop(&d);
}

static void the_list_of_keys_is_as_it_was(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, desk_example("three-tokens"), NULL);
    desk_key(&d, '?', 0);
    check_frame(&d, "keys", NULL);
    desk_stop(&d);
}

static void the_file_browser_is_as_it_was(void **state)
{
    const char *dir = check_temp_dir();
    Desk d;
    Error err = {0};
    (void)state;
    assert_true(file_make_dirs(check_path(dir, "a folder"), &err));
    check_put(check_path(dir, "one.attn.json"), "{\"attnscope\": 1, \"tokens\": [\"a\"]}\n");
    check_put(check_path(dir, "notes.txt"), "nothing that can be opened");
    check_put(check_path(dir, "\u05d0\u05d1.json"), "[1, 2, 3]");
    desk_init(&d);
    d.options.home = dir;
    d.options.examples = NULL;
    desk_open_app(&d);
    desk_settle(&d);
    desk_key(&d, 'o', MOD_CTRL);
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_DOWN, 0);
    check_frame(&d, "browser", dir);
    desk_stop(&d);
}

static void notices_and_the_banner_are_as_they_were(void **state)
{
    const char *dir = check_temp_dir(), *bad = check_path(dir, "bad.attn.json");
    const char *path = check_path(dir, "good.attn.json");
    static const char good[] =
        "{\"attnscope\": 1, \"title\": \"Good\", \"tokens\": [\"a\", \"b\"], "
        "\"layers\": [{\"heads\": [{\"scores\": [[1, 2], [3, 4]]}]}]}";
    Desk d;
    (void)state;
    check_put(bad, "{\"attnscope\": 1,}");
    check_put(path, good);
    start(&d, 1280, 800, path, NULL);
    const char *drops[] = {bad};
    d.in.drops = drops;
    d.in.drop_count = 1;
    desk_settle(&d);
    app_notice(d.app, false, NULL, "Something that is good to know.");
    check_put(path, good);
    d.in.time += 5;
    desk_settle(&d);
    desk_settle(&d);
    check_frame(&d, "notices", dir);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_as_they_were),
        cmocka_unit_test(a_file_of_weights_alone_says_what_cannot_be_set),
        cmocka_unit_test(the_gallery_without_examples_is_as_it_was),
        cmocka_unit_test(the_palette_is_as_it_was),
        cmocka_unit_test(the_list_of_keys_is_as_it_was),
        cmocka_unit_test(the_file_browser_is_as_it_was),
        cmocka_unit_test(notices_and_the_banner_are_as_they_were),
    };
    unsetenv("TMPDIR"); /* a path of another length would be cut elsewhere */
    setenv("ATTNSCOPE_SIMD", "scalar", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
