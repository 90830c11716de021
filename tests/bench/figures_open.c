/* What a window feels of a file that is being opened: its frames meanwhile, and how soon Esc ends
 * it, at moments spread over the whole of the reading.
 */
#include "bench/measure.h"

#include "app/state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CANCELS = 9, FRAMES_AFTER = 30 };

static double now_seconds(void)
{
    return now_ms() / 1e3;
}

static void rest(double seconds)
{
    struct timespec nap = {0, (long)(seconds * 1e9)};
    nanosleep(&nap, NULL);
}

/* Of the window's thread: what a frame costs when others work on the machine too. */
static double thread_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

typedef struct {
    double wall, cpu; /* ms */
} Cost;

static void worst_of(Cost *worst, Cost one)
{
    worst->wall = one.wall > worst->wall ? one.wall : worst->wall;
    worst->cpu = one.cpu > worst->cpu ? one.cpu : worst->cpu;
}

static void tell(const char *name, Cost cost, double bar)
{
    char line[100];
    snprintf(line, sizeof line, "  %s (%.1f ms processor time)", name, cost.cpu);
    figure(line, cost.wall, "ms", bar);
}

/* A frame with the time of the day, then a rest as long as a display would take. */
static Cost frame(Rig *rig)
{
    rig->input.time = now_seconds();
    double start = thread_ms();
    Cost cost = {.wall = rig_frame(rig)};
    cost.cpu = thread_ms() - start;
    rig->input.key = KEY_NONE;
    if (cost.wall < 16)
        rest((16 - cost.wall) / 1e3);
    return cost;
}

static void open_on_thread(Rig *rig, const char *path)
{
    Error err = {0};
    rig->app->options.background = app_scope(rig->app)->background = true;
    rig->app->options.clock = now_seconds;
    rig->input.time = now_seconds();
    frame(rig);
    need(app_open(rig->app, path, &err), &err);
}

/* Milliseconds that reading takes beside frames; 0: none was needed. */
static double whole(const Font *font, const char *path)
{
    Rig rig;
    Cost worst = {0, 0}, after = {0, 0}, one = {0, 0};
    int count = 0;
    rig_init(&rig, font, NULL, 1280, 800);
    double start = now_ms();
    open_on_thread(&rig, path);
    while (documents_busy(rig.app)) {
        one = frame(&rig); /* the last one takes over what was read: the first picture of it */
        if (documents_busy(rig.app))
            worst_of(&worst, one);
        count++;
    }
    double took = now_ms() - start;
    for (int i = 0; i < FRAMES_AFTER; i++)
        worst_of(&after, frame(&rig));
    printf("%s\n", path_base(path));
    figure("  opened on its thread, seen by the window", took, "ms", 0);
    tell("longest frame meanwhile", worst, 50);
    tell("the frame that shows it", one, 50);
    tell("longest frame afterwards", after, 50);
    for (int i = 0; i < app_notice_count(rig.app); i++)
        printf("    %s\n", app_notice_text(rig.app, i));
    rig_free(&rig);
    return count > 0 ? took : 0;
}

static Cost cancelled(const Font *font, const char *path, double at)
{
    Rig rig;
    Cost cost = {0, 0};
    rig_init(&rig, font, NULL, 1280, 800);
    open_on_thread(&rig, path);
    double start = now_ms();
    while (documents_busy(rig.app) && now_ms() - start < at)
        frame(&rig);
    if (documents_busy(rig.app)) {
        double pressed = now_ms(), spent = cpu_ms();
        documents_stop(rig.app); /* the window goes on at once; this is until the thread has gone */
        documents_end(rig.app);
        cost = (Cost){now_ms() - pressed, cpu_ms() - spent};
    }
    rig_free(&rig);
    return cost;
}

void figures_open(const Font *font, const char *path)
{
    double took = whole(font, path);
    Cost worst = {0, 0};
    for (int i = 1; i <= CANCELS && took > 0; i++)
        worst_of(&worst, cancelled(font, path, took * i / (CANCELS + 1)));
    tell("cancelled, until its thread has ended", worst, 100);
}
