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

/* A frame with the time of the day, then a rest as long as a display would take. */
static double frame(Rig *rig)
{
    rig->input.time = now_seconds();
    double ms = rig_frame(rig);
    rig->input.key = KEY_NONE;
    if (ms < 16)
        rest((16 - ms) / 1e3);
    return ms;
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

/* Milliseconds that reading takes beside frames. */
static double whole(const Font *font, const char *path)
{
    Rig rig;
    double worst = 0, after = 0, start, ms = 0;
    int count = 0;
    rig_init(&rig, font, NULL, 1280, 800);
    start = now_ms();
    open_on_thread(&rig, path);
    double begun = now_ms() - start;
    while (documents_busy(rig.app)) {
        ms = frame(&rig); /* the last one takes over what was read: the first picture of it */
        worst = documents_busy(rig.app) && ms > worst ? ms : worst;
        count++;
    }
    double took = now_ms() - start, first = ms;
    for (int i = 0; i < FRAMES_AFTER; i++) {
        ms = frame(&rig);
        after = ms > after ? ms : after;
    }
    printf("%s\n", path_base(path));
    figure("  opened on its thread, seen by the window", took, "ms", 0);
    figure("  the frame that begins it", begun, "ms", 50);
    figure("  longest frame meanwhile", worst, "ms", 50);
    figure("  the frame that shows it", first, "ms", 50);
    figure("  longest frame afterwards", after, "ms", 50);
    for (int i = 0; i < app_notice_count(rig.app); i++)
        printf("    %s\n", app_notice_text(rig.app, i));
    rig_free(&rig);
    return count > 0 ? took : 0;
}

static double cancelled(const Font *font, const char *path, double at)
{
    Rig rig;
    rig_init(&rig, font, NULL, 1280, 800);
    open_on_thread(&rig, path);
    double start = now_ms(), pressed = 0;
    while (rig.app->opening || rig.app->ending) {
        if (pressed == 0 && now_ms() - start >= at) {
            pressed = now_ms();
            documents_stop(rig.app); /* as another file would: the longest way */
        } else {
            frame(&rig);
        }
    }
    double took = pressed > 0 ? now_ms() - pressed : 0;
    rig_free(&rig);
    return took;
}

void figures_open(const Font *font, const char *path)
{
    double took = whole(font, path), worst = 0;
    for (int i = 1; i <= CANCELS && took > 0; i++) {
        double ms = cancelled(font, path, took * i / (CANCELS + 1));
        worst = ms > worst ? ms : worst;
    }
    figure("  longest time from cancel to the end", worst, "ms", 100);
}
