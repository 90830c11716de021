/* All bad files, in an order of their own each time the seed changes, dropped one after the other
 * onto one living application: each is told, none touches what is open, and a good one opens
 * afterwards as if nothing had been.
 *
 *   bad_live FOLDER [SEED]      FOLDER as make_bad.py writes it
 */
#include "app/desk.h"
#include "monkey/invariants.h"
#include "support/reference.h"

#include <time.h>

enum { GOOD_EVERY = 60, WAIT_MS = 60000 };

typedef struct {
    Desk desk;
    char **names; /* into `list` */
    int count, wrong;
    char *list;
} Live;

static void read_names(Live *live, const char *folder)
{
    live->list = check_read(check_path(folder, "plain.txt"), NULL);
    live->names = mem_array(4096, sizeof *live->names);
    assert_non_null(live->names);
    for (char *at = live->list, *end; (end = strchr(at, '\n')) && live->count < 4096;
         at = end + 1) {
        *end = '\0';
        live->names[live->count++] = at;
    }
}

static void shuffle(Live *live, uint64_t seed)
{
    RefRandom r = {seed * 2654435761u + 1};
    for (int i = live->count - 1; i > 0; i--) {
        int k = ref_range(&r, 0, i);
        char *name = live->names[i];
        live->names[i] = live->names[k];
        live->names[k] = name;
    }
}

/* Frames until the thread that reads has nothing more to say. */
static void wait_read(Live *live)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; i < WAIT_MS && live->desk.app->opening; i++) {
        desk_frame(&live->desk);
        nanosleep(&moment, NULL);
    }
    assert_null(live->desk.app->opening);
    desk_settle(&live->desk);
}

static void drop(Live *live, const char *path)
{
    const char *paths[] = {path};
    live->desk.in.drops = paths;
    live->desk.in.drop_count = 1;
    desk_frame(&live->desk);
    wait_read(live);
}

static const char *difference(const MonkeyState *a, const MonkeyState *b)
{
    return a->document != b->document     ? "the document"
           : a->settings != b->settings   ? "the view and the selection"
           : a->history != b->history     ? "what can be undone"
           : a->recent != b->recent       ? "the recent files"
           : a->selection != b->selection ? "the pane"
           : a->title != b->title         ? "the title"
                                          : NULL;
}

static void drop_bad(Live *live, const char *folder, const char *name)
{
    App *app = live->desk.app;
    app->notices.count = 0;
    MonkeyState before = monkey_state(app);
    uint64_t saved = monkey_settings_hash(HASH_SEED, &app->saved);
    drop(live, check_path(folder, name));
    bool asks = app->mapping.state != NULL; /* which array is which: nothing is open yet */
    bool told = asks;
    for (int i = 0; i < app->notices.count; i++)
        told |= app->notices.items[i].error;
    if (asks)
        desk_key(&live->desk, KEY_ESCAPE, 0);
    MonkeyState after = monkey_state(app);
    const char *what = !told ? "is not told"
                       : monkey_settings_hash(HASH_SEED, &app->saved) != saved
                           ? "touches whether it is saved"
                           : difference(&before, &after);
    if (what) {
        print_error("%s: %s\n", name, what);
        live->wrong++;
    }
}

int main(int argc, char **argv)
{
    static Live live;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 4;
    if (argc < 2)
        return 1;
    read_names(&live, argv[1]);
    shuffle(&live, seed);
    desk_start(&live.desk, 1280, 800, desk_example("three-tokens"));
    desk_run(&live.desk, "view.lines");
    for (int i = 0; i < live.count; i++) {
        drop_bad(&live, argv[1], live.names[i]);
        if (i % GOOD_EVERY == 0 || i + 1 == live.count) {
            const char *good = desk_example(i / GOOD_EVERY % 2 ? "three-tokens" : "slips");
            drop(&live, good);
            assert_string_equal(live.desk.app->scope.doc.path, good);
        }
    }
    print_message("%d bad files, %d wrong, seed %llu\n", live.count, live.wrong,
                  (unsigned long long)seed);
    int code = live.wrong > 0 || live.count < 400;
    desk_stop(&live.desk);
    mem_free(live.names);
    mem_free(live.list);
    return code;
}
