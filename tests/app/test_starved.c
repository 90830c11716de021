/* The window without memory: the n-th allocation fails, once or ever after, while a person does
 * this or that. No crash, no leak; the document is there and the next action is as good as ever.
 */
#include "app/desk.h"

#include <unistd.h>

static const char SMALL[] =
    "{\"attnscope\": 1, \"title\": \"Small\", \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
    "[{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]], \"v\": [[1], [2]]}]}]}";

typedef struct {
    Desk desk;
    char dir[400], path[500], session[500];
    int64_t live; /* blocks before the application was there */
    int tried;
} Starved;

typedef struct {
    void (*act)(Starved *s, const char *argument);
    const char *argument;
    bool opens; /* another document may be open afterwards */
} Act;

static void act_command(Starved *s, const char *argument)
{
    command_run(s->desk.app, command_find(argument));
}

static void act_drop(Starved *s, const char *argument)
{
    s->desk.in.drops = (const char *const[]){argument};
    s->desk.in.drop_count = 1;
    desk_turn(&s->desk);
}

static void act_save(Starved *s, const char *argument)
{
    app_save(s->desk.app, argument[0] ? argument : s->path);
}

static void act_typed(Starved *s, const char *argument) /* into what has the focus */
{
    s->desk.in.text = argument;
    desk_turn(&s->desk);
}

/* Ctrl E, the whole name, Enter: as a person exports. */
static void act_export(Starved *s, const char *argument)
{
    char path[600];
    Desk *d = &s->desk;
    snprintf(path, sizeof path, "%s/%s", s->dir, argument);
    unlink(path);
    command_run(d->app, command_find("file.export"));
    desk_turn(d);
    d->in.key = 'a';
    d->in.mods = MOD_CTRL;
    desk_turn(d);
    d->in.text = path;
    desk_turn(d);
    d->in.key = KEY_ENTER;
    desk_turn(d);
    for (int i = 0; i < 3; i++) {
        d->in.key = KEY_ESCAPE;
        desk_turn(d);
    }
}

static void act_hover(Starved *s, const char *argument)
{
    Desk *d = &s->desk;
    (void)argument;
    for (int step = 0; step < 4; step++) {
        d->in.mouse = vec2((float)(150 + 150 * step), (float)(90 + 100 * step));
        desk_turn(d);
    }
    d->in.mouse = vec2(-1e5f, -1e5f);
}

static void reset(Starved *s)
{
    Desk *d = &s->desk;
    for (int i = 0; i < 4 && app_covered(d->app); i++)
        desk_key(d, KEY_ESCAPE, 0);
    if (!app_scope(d->app)->open || strcmp(app_scope(d->app)->doc.path, s->path) != 0) {
        assert_true(app_open(d->app, s->path, NULL));
        desk_settle(d);
    }
    d->app->notices.count = 0; /* they take room, and so memory */
}

static void starve(Starved *s, const Act *act, uint64_t first, bool ever_after)
{
    Desk *d = &s->desk;
    bool over = false;
    for (uint64_t n = first; !over; n += 1 + n / 4) {
        reset(s);
        uint64_t key = app_scope(d->app)->doc.key, before = mem_count();
        mem_fail_at(n, ever_after);
        act->act(s, act->argument);
        for (int i = 0; i < 2; i++)
            desk_turn(d);
        mem_fail_at(0, false);
        over = mem_count() - before < n;
        s->tried++;
        if (!act->opens)
            assert_true(app_scope(d->app)->open && app_scope(d->app)->doc.key == key);
        desk_settle(d); /* all is drawn again */
        assert_false(d->ended);
    }
}

static bool is_tried(const Command *c)
{
    return strcmp(c->id, "app.quit") != 0;
}

static void open_small(Starved *s)
{
    *s = (Starved){.live = mem_live()};
    snprintf(s->dir, sizeof s->dir, "%s", check_temp_dir());
    snprintf(s->path, sizeof s->path, "%s", check_path(s->dir, "small.attn.json"));
    snprintf(s->session, sizeof s->session, "%s", check_path(s->dir, "session.json"));
    check_put(s->path, SMALL);
    desk_init(&s->desk);
    s->desk.options.session = s->session;
    s->desk.in.pixel_w = 1000;
    s->desk.in.pixel_h = 640;
    desk_open_app(&s->desk);
    reset(s);
}

/* What stays for the whole program (the pool of threads) is there before blocks are counted. */
static void begin(Starved *s)
{
    open_small(s);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        reset(s);
        if (is_tried(&COMMANDS[i]))
            desk_run(&s->desk, COMMANDS[i].id);
    }
    desk_stop(&s->desk);
    open_small(s);
}

static void end(Starved *s)
{
    print_message("%d times without memory\n", s->tried);
    desk_stop(&s->desk);
    assert_int_equal(mem_live(), s->live);
}

static void every_command_survives_without_memory(void **state)
{
    (void)state;
    Starved s;
    begin(&s);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const char *id = COMMANDS[i].id;
        Act act = {act_command, id, strncmp(id, "file.", 5) == 0};
        for (int ever_after = 0; is_tried(&COMMANDS[i]) && ever_after < 2; ever_after++)
            starve(&s, &act, 1, ever_after);
    }
    end(&s);
}

static void files_and_exports_survive_without_memory(void **state)
{
    (void)state;
    Starved s;
    char other[600];
    begin(&s);
    snprintf(other, sizeof other, "%s", check_path(s.dir, "other.attn.json"));
    const Act acts[] = {
        {act_drop, desk_example("three-tokens"), true},
        {act_drop, desk_example("type-a-sentence"), true},
        {act_drop, TEST_DATA_DIR "/load/tensors/qkv.npz", true},
        {act_drop, TEST_DATA_DIR "/load/foreign/bertviz_head.html", true},
        {act_drop, TEST_DATA_DIR "/load/picture.attn.json", true},
        {act_drop, "/none", false},
        {act_save, "", true},
        {act_save, other, true},
        {act_export, "x.png", false},
        {act_export, "x.svg", false},
        {act_export, "x.csv", false},
        {act_typed, "some words ", false},
        {act_hover, "", false},
    };
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        for (uint64_t first = 1; first < 3; first++) {
            starve(&s, &acts[i], first, false);
            starve(&s, &acts[i], first, true);
        }
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_survives_without_memory),
        cmocka_unit_test(files_and_exports_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
