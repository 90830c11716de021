/* A seeded monkey before the real application: random pointer, keys, text, files and window sizes,
 * and after every frame what must hold always. Prints its seed; `monkey --seed N --from E` replays.
 *
 *   monkey [--events N] [--seed N] [--verbose]
 */
#include "monkey/documents.h"
#include "monkey/invariants.h"

#include "base/mem.h"
#include "base/text_set.h"
#include "platform/font_ttf.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PHASE_EVENTS = 1500, CANVAS_EVERY = 61, TEXT_EVERY = 211, UNDO_EVERY = 257 };

typedef struct {
    Monkey m;
    RefRandom r;
    MonkeyFiles good, bad;
    char dir[256], work[300], examples[320], refused[300], session[300];
    Font fixed, real;
    FontTtf *ttf;
    AppOptions options;
    Canvas *canvas;
    Image frame;
    uint64_t opened, rendered, refusals;
    char typed[128];
    const char *drops[4];
} Run;

static int pick(Run *run, int count)
{
    return ref_range(&run->r, 0, count - 1);
}
static bool one_in(Run *run, int n)
{
    return pick(run, n) == 0;
}

/* ---- events --------------------------------------------------------------- */

static const char *const TEXTS[] = {"a",
                                    "0.5",
                                    "-",
                                    "1e9",
                                    "\u65e5\u672c",
                                    "\u0639\u0631\u0628",
                                    "\U0001F600",
                                    "e\u0301",
                                    "\u05d0",
                                    "nan",
                                    "temper",
                                    "  ",
                                    "/",
                                    "..",
                                    "x.png",
                                    ".svg",
                                    "~",
                                    "view",
                                    "mask",
                                    "undo",
                                    "\u0301",
                                    "0",
                                    "100000",
                                    "csv",
                                    "\u202e",
                                    "Open"};

static const int KEYS[] = {
    KEY_ENTER, KEY_ESCAPE, KEY_TAB, KEY_BACKSPACE, KEY_DELETE,    KEY_LEFT, KEY_RIGHT, KEY_UP,
    KEY_DOWN,  KEY_HOME,   KEY_END, KEY_PAGE_UP,   KEY_PAGE_DOWN, KEY_F1,   KEY_F5,    KEY_F11,
    KEY_F12,   ' ',        '[',     ']',           ',',           '.',      '+',       '-',
    '0',       '1',        '2',     '3',           '6',           '7',      '?',       '!'};

static void random_key(Run *run)
{
    static const int MODS[] = {0, 0, 0, 0, MOD_CTRL, MOD_SHIFT, MOD_ALT, MOD_CTRL | MOD_SHIFT};
    Input *in = &run->m.in;
    in->key = one_in(run, 2) ? KEYS[pick(run, sizeof KEYS / sizeof KEYS[0])] : 'a' + pick(run, 26);
    in->mods = MODS[pick(run, 8)];
    if (in->key == 'q' && in->mods == MOD_CTRL && !one_in(run, 10))
        in->key = 'z';
    if (in->key == 'w' && in->mods == MOD_CTRL && !one_in(run, 4))
        in->key = 'y';
    in->key_repeat = one_in(run, 10);
    if (in->key == 'v' && (in->mods & MOD_CTRL))
        in->clipboard = TEXTS[pick(run, sizeof TEXTS / sizeof TEXTS[0])];
    monkey_say(&run->m, "key %d mods %d", in->key, in->mods);
}

static void random_text(Run *run)
{
    Input *in = &run->m.in;
    const char *text = TEXTS[pick(run, sizeof TEXTS / sizeof TEXTS[0])];
    if (one_in(run, 5)) {
        in->preedit = one_in(run, 3) ? "" : text;
        in->preedit_caret = pick(run, 4);
        monkey_say(&run->m, "preedit %s", text);
        return;
    }
    in->text = text;
    if (text[0] > ' ' && text[0] < 0x7f && !text[1])
        in->key = text[0];
    monkey_say(&run->m, "text %s", text);
}

static void random_move(Run *run)
{
    Input *in = &run->m.in;
    int count = 0;
    const UiItem *items = ui_items(app_ui(run->m.app), &count);
    float scale = run->m.out.scale > 0 ? run->m.out.scale : 1;
    const Pane *pane = &run->m.app->panes[pick(run, 2)];
    if (run->m.app->scope.open && pane->drawn && !one_in(run, 3)) { /* into a view */
        in->mouse = vec2((pane->body.x + (float)ref_unit(&run->r) * pane->body.w) * scale,
                         (pane->body.y + (float)ref_unit(&run->r) * pane->body.h) * scale);
        monkey_say(&run->m, "move into a view, %g %g", (double)in->mouse.x, (double)in->mouse.y);
    } else if (count > 0 && !one_in(run, 4)) { /* onto something */
        const UiItem *item = &items[pick(run, count)];
        in->mouse = vec2((item->rect.x + (float)ref_unit(&run->r) * item->rect.w) * scale,
                         (item->rect.y + (float)ref_unit(&run->r) * item->rect.h) * scale);
        monkey_say(&run->m, "move onto %s", item->id);
    } else {
        in->mouse =
            vec2((float)pick(run, in->pixel_w + 40) - 20, (float)pick(run, in->pixel_h + 40) - 20);
        monkey_say(&run->m, "move %g %g", (double)in->mouse.x, (double)in->mouse.y);
    }
}

static void random_button(Run *run)
{
    Input *in = &run->m.in;
    int button = one_in(run, 12) ? 1 + pick(run, 2) : 0;
    if (in->held[button]) {
        in->held[button] = false;
        in->released[button] = true;
    } else {
        in->held[button] = in->pressed[button] = true;
        in->clicks = one_in(run, 5) ? 2 : 1;
        in->mods = one_in(run, 6) ? MOD_CTRL : one_in(run, 6) ? MOD_SHIFT : 0;
    }
    monkey_say(&run->m, "button %d %s mods %d", button, in->held[button] ? "down" : "up", in->mods);
}

static void random_window(Run *run)
{
    static const int SIZES[][2] = {{1, 1},     {1280, 800}, {640, 480},   {320, 240}, {4000, 3000},
                                   {800, 600}, {1000, 601}, {1920, 1080}, {2, 900},   {1500, 3}};
    Input *in = &run->m.in;
    int i = pick(run, 14);
    if (i < 10) {
        in->pixel_w = SIZES[i][0];
        in->pixel_h = SIZES[i][1];
    } else {
        in->pixel_w = ref_range(&run->r, 200, 2000);
        in->pixel_h = ref_range(&run->r, 150, 1400);
    }
    if (one_in(run, 10))
        in->density = (float)ref_range(&run->r, 1, 3);
    monkey_say(&run->m, "window %d × %d × %g", in->pixel_w, in->pixel_h, (double)in->density);
}

static void random_setting(Run *run)
{
    Settings *s = app_settings(run->m.app);
    switch (pick(run, 5)) {
    case 0:
        s->theme = pick(run, THEME_COUNT);
        break;
    case 1:
        s->ui_scale = 0.75 + 0.25 * pick(run, 10);
        break;
    case 2:
        s->motion = !s->motion;
        break;
    case 3:
        s->attn.scale.temperature = pow(10, ref_unit(&run->r) * 12 - 9);
        break;
    default: { /* as --set and documents do: any field, any value in range */
        const Field *f = &SETTINGS[pick(run, (int)SETTINGS_COUNT)];
        char value[32];
        if (f->kind == FIELD_CHOICE)
            snprintf(value, sizeof value, "%s", f->choices[0]);
        else
            snprintf(value, sizeof value, "%d", pick(run, 4));
        settings_set(s, f->name, value, NULL);
        monkey_say(&run->m, "set %s %s", f->name, value);
        return;
    }
    }
    monkey_say(&run->m, "theme %d scale %g motion %d temperature %g", s->theme, s->ui_scale,
               s->motion, s->attn.scale.temperature);
}

static void random_drop(Run *run)
{
    Input *in = &run->m.in;
    in->drops = run->drops;
    in->drop_count = one_in(run, 6) ? 2 + pick(run, 2) : 1;
    for (int i = 0; i < in->drop_count; i++) {
        const MonkeyFiles *files = one_in(run, 3) ? &run->bad : &run->good;
        run->drops[i] = files->path[pick(run, files->count)];
        monkey_say(&run->m, "drop %s", run->drops[i]);
    }
}

static void random_command(Run *run)
{
    const Command *c = &COMMANDS[pick(run, COMMAND_COUNT)];
    if (strcmp(c->id, "app.quit") == 0)
        return;
    monkey_say(&run->m, "command %s", c->id);
    command_run(run->m.app, c);
}

/* Another program writes the open document anew. */
static void touch_document(Run *run)
{
    const Scope *scope = app_scope(run->m.app);
    Buf data;
    buf_init(&data, BUF_NO_LIMIT);
    if (scope->open && file_read_all(scope->doc.path, 1 << 28, &data, NULL, NULL))
        file_write_atomic(scope->doc.path, data.data, data.size, NULL);
    buf_free(&data);
    monkey_say(&run->m, "the file changed on disk");
}

static void random_event(Run *run)
{
    Input *in = &run->m.in;
    int kind = pick(run, 1000);
    const App *app = run->m.app;
    in->time += one_in(run, 40) ? 2.5 : 0.016;
    if (in->held[0] && one_in(run, 3)) { /* a hand does not hold for ever */
        in->held[0] = false;
        in->released[0] = true;
        monkey_say(&run->m, "release");
    } else if ((in->pixel_w < 200 || in->pixel_h < 150) && one_in(run, 8)) {
        in->pixel_w = 1280;
        in->pixel_h = 800;
        monkey_say(&run->m, "window 1280 × 800");
    } else if ((app->palette.open || app->help || app->browser.kind) && one_in(run, 12)) {
        in->key = KEY_ESCAPE;
        monkey_say(&run->m, "escape");
    } else if (kind < 330)
        random_move(run);
    else if (kind < 600)
        random_button(run);
    else if (kind < 680) {
        in->wheel = vec2(one_in(run, 4) ? 1.0f : 0, (float)ref_range(&run->r, -3, 3));
        in->mods = one_in(run, 3) ? MOD_SHIFT : one_in(run, 5) ? MOD_CTRL : 0;
        monkey_say(&run->m, "wheel %g mods %d", (double)in->wheel.y, in->mods);
    } else if (kind < 850)
        random_key(run);
    else if (kind < 920)
        random_text(run);
    else if (kind < 960)
        random_command(run);
    else if (kind < 975)
        random_setting(run);
    else if (kind < 985)
        random_window(run);
    else if (kind < 993)
        random_drop(run);
    else if (kind < 995)
        in->focus_lost = true;
    else if (kind < 997)
        touch_document(run);
    else
        in->mouse = vec2(-1e6f, -1e6f);
}

/* ---- what is safe ---------------------------------------------------------- */

static bool inside(const Run *run, const char *path)
{
    size_t n = strlen(run->work);
    return strncmp(path, run->work, n) == 0 && (path[n] == 0 || path[n] == '/') &&
           !strstr(path, "/..");
}

/* It may write only into its own folder: a save or export elsewhere is taken away from it. */
static void keep_inside(Run *run)
{
    Browser *b = &run->m.app->browser;
    if (b->kind > BROWSER_OPEN && (!inside(run, b->folder) || !inside(run, b->path)))
        b->kind = BROWSER_CLOSED;
}

/* ---- a run ------------------------------------------------------------------ */

static void start_app(Run *run)
{
    Error err = {0};
    bool real = run->ttf && one_in(run, 8);
    run->options.font = real ? &run->real : &run->fixed;
    run->options.session = one_in(run, 2) ? run->session : NULL;
    run->m.app = app_new(&run->options, &err);
    monkey_hold(&run->m, run->m.app != NULL, "the application starts");
    monkey_say(&run->m, "starts with the %s font", real ? "real" : "fixed");
    if (!one_in(run, 6))
        app_open(run->m.app, run->good.path[pick(run, run->good.count)], NULL);
}

static void look_closer(Run *run, uint64_t step)
{
    Error err = {0};
    const Input *in = &run->m.in;
    const DrawList *list = run->m.list;
    const Font *font = run->options.font;
    if (step % CANVAS_EVERY == 0 && (int64_t)in->pixel_w * in->pixel_h <= 2200000) {
        image_free(&run->frame);
        monkey_hold(&run->m, image_init(&run->frame, in->pixel_w, in->pixel_h, &err), "an image");
        monkey_hold(&run->m,
                    canvas_render(run->canvas, &run->frame, list, font, run->m.out.scale,
                                  run->m.out.ground, &err),
                    err.what);
        run->rendered++;
    }
    if (step % TEXT_EVERY == 0) {
        Buf text;
        buf_init(&text, BUF_NO_LIMIT);
        monkey_hold(&run->m, trace_write(&text, list, &err), err.what);
        buf_clear(&text);
        monkey_hold(&run->m,
                    svg_write(&text, list, font, (float)in->pixel_w, (float)in->pixel_h, 1,
                              run->m.out.ground, &err),
                    err.what);
        buf_free(&text);
    }
}

static void drop_refused(Run *run)
{
    Input *in = &run->m.in;
    monkey_frame(&run->m); /* hover and such come to rest */
    MonkeyState before = monkey_state(run->m.app);
    run->drops[0] = run->bad.path[pick(run, run->bad.count)];
    in->drops = run->drops;
    in->drop_count = 1;
    monkey_say(&run->m, "refused drop %s", run->drops[0]);
    monkey_frame(&run->m);
    MonkeyState after = monkey_state(run->m.app);
    monkey_same(&run->m, &before, &after);
    monkey_hold(&run->m, run->m.app->notices.count > 0 && run->m.app->notices.items[0].error,
                "a refused file is told");
    run->refusals++;
}

static void step(Run *run, uint64_t number)
{
    keep_inside(run);
    random_event(run);
    keep_inside(run);
    if (!monkey_frame(&run->m)) {
        app_free(run->m.app);
        start_app(run);
        return;
    }
    look_closer(run, number);
    if (number % UNDO_EVERY == 0)
        monkey_undo_redo(&run->m);
    if (number % 401 == 0)
        drop_refused(run);
}

static bool prepare(Run *run, uint64_t seed)
{
    static const char *const FOLDERS[] = {
        "one-sentence",    "translation",   "shapes",         "next-word",
        "three-tokens",    "chinese",       "arabic-english", "rnn-translation",
        "spoken-words",    "shopping",      "image-gate",     "mood",
        "type-a-sentence", "hidden-states", "positions",      "slips"};
    char from[512], to[700], name[128];
    Error err = {0};
    snprintf(run->dir, sizeof run->dir, "%s/attnscope-monkey-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(run->dir))
        return false;
    snprintf(run->work, sizeof run->work, "%s/work", run->dir);
    snprintf(run->examples, sizeof run->examples, "%s/examples", run->work);
    snprintf(run->refused, sizeof run->refused, "%s/refused", run->dir);
    snprintf(run->session, sizeof run->session, "%s/session.json", run->dir);
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        DirList entries = {0};
        snprintf(from, sizeof from, "%s/examples/%s", TEST_SOURCE_DIR, FOLDERS[i]);
        snprintf(to, sizeof to, "%s/examples/%s", run->work, FOLDERS[i]);
        if (!file_make_dirs(to, &err) || !dir_list(&entries, from, false, &err))
            return false;
        for (size_t j = 0; j < entries.count; j++) {
            Buf data;
            buf_init(&data, BUF_NO_LIMIT);
            snprintf(name, sizeof name, "%s", entries.items[j].name);
            snprintf(from, sizeof from, "%s/examples/%s/%s", TEST_SOURCE_DIR, FOLDERS[i], name);
            snprintf(to, sizeof to, "%s/examples/%s/%s", run->work, FOLDERS[i], name);
            bool ok = file_read_all(from, 1 << 28, &data, NULL, &err) &&
                      file_write_atomic(to, data.data, data.size, &err);
            buf_free(&data);
            if (!ok)
                return false;
        }
        dir_list_free(&entries);
    }
    monkey_good(&run->good, run->work, seed);
    return file_make_dirs(run->refused, &err) && (monkey_bad(&run->bad, run->refused), true);
}

static void all_open(Run *run)
{
    for (int i = 0; i < run->good.count; i++) {
        Error err = {0};
        if (!app_open(run->m.app, run->good.path[i], &err))
            printf("%s: %s: %s\n", run->good.path[i], err.where, err.what);
        monkey_hold(&run->m, err.kind == ERROR_NONE, "every good document opens");
        monkey_frame(&run->m);
    }
    for (int i = 0; i < run->bad.count; i++)
        monkey_hold(&run->m, !app_open(run->m.app, run->bad.path[i], NULL), "no bad file opens");
}

static uint64_t argument(int argc, char **argv, const char *name, const char *env, uint64_t usual)
{
    const char *text = getenv(env);
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            text = argv[i + 1];
    return text ? strtoull(text, NULL, 10) : usual;
}

int main(int argc, char **argv)
{
    static Run run;
    Error err = {0};
    uint64_t seed = argument(argc, argv, "--seed", "ATTNSCOPE_MONKEY_SEED", 20240517);
    uint64_t events = argument(argc, argv, "--events", "ATTNSCOPE_MONKEY_EVENTS", 4000);
    FontTtfOptions fonts = {.bundled_dir = TEST_SOURCE_DIR "/assets/fonts", .hinting_off = true};
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("monkey: seed %llu, %llu events\n", (unsigned long long)seed,
           (unsigned long long)events);
    run.r = (RefRandom){seed * 2654435761u + 1};
    run.m.seed = seed;
    run.m.verbose = argument(argc, argv, "--verbose", "ATTNSCOPE_MONKEY_VERBOSE", 0) != 0;
    run.fixed = font_fixed();
    run.ttf = font_ttf_new(&fonts, &err);
    if (run.ttf)
        run.real = font_ttf_font(run.ttf);
    run.canvas = canvas_new();
    if (!prepare(&run, seed) || !run.canvas) {
        printf("monkey: cannot write into %s\n", run.dir);
        return 1;
    }
    run.options = (AppOptions){.examples = run.examples,
                               .home = run.work,
                               .limits = load_limits_default(),
                               .allow_nan = true};
    run.m.in = (Input){.pixel_w = 1280, .pixel_h = 800, .density = 1, .time = 10};
    start_app(&run);
    monkey_frame(&run.m);
    all_open(&run);
    for (uint64_t i = 0; i < events; i++) {
        run.m.step = i;
        if (i % PHASE_EVENTS == PHASE_EVENTS - 1) {
            app_free(run.m.app);
            start_app(&run);
        }
        step(&run, i);
    }
    app_free(run.m.app);
    canvas_free(run.canvas);
    image_free(&run.frame);
    font_ttf_free(run.ttf);
    index_set_forget();
    text_set_forget();
    monkey_remove(run.dir);
    for (int i = 0; i < MONKEY_SEEN; i++) {
        printf("  %-16s %llu\n", MONKEY_SEEN_NAMES[i], (unsigned long long)run.m.seen[i]);
        if (events >= 20000 && run.m.seen[i] == 0)
            monkey_fail(&run.m, "a long walk comes by everything");
    }
    printf("monkey: %llu events, %llu frames on canvas, %llu files refused; nothing broke\n",
           (unsigned long long)events, (unsigned long long)run.rendered,
           (unsigned long long)run.refusals);
    return 0;
}
