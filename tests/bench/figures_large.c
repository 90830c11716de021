/* Figures of a matrix that comes in rows on demand: the generated haystack, 131 072 tokens unless
 * told. Frame times are those of the thread that draws: other programs on the machine do not count,
 * the other threads of the pool do not either; both wall times are printed beside.
 */
#include "bench/measure.h"

#include "base/mem.h"
#include "ui/ui.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct {
    Times thread, all, wall;
} Frames;

static double thread_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double resident_mb(void)
{
    char text[4096], *at;
    FILE *file = fopen("/proc/self/status", "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = 0;
    at = strstr(text, "VmRSS:");
    return at ? strtod(at + 6, NULL) / 1024 : 0;
}

static void one_frame(Rig *rig, Frames *f)
{
    double mine = thread_ms(), all = cpu_ms(), wall = rig_frame(rig);
    times_add(&f->thread, thread_ms() - mine);
    times_add(&f->all, cpu_ms() - all);
    times_add(&f->wall, wall);
}

static void told(const char *name, Frames *f)
{
    char line[100];
    snprintf(line, sizeof line, "%s, median of %d frames", name, f->thread.count);
    figure(line, times_median(&f->thread), "ms", 0);
    snprintf(line, sizeof line, "%s, p99", name);
    figure(line, times_p99(&f->thread), "ms", 16);
    snprintf(line, sizeof line, "%s, longest", name);
    figure(line, f->thread.ms[f->thread.count - 1], "ms", 33);
    printf("    wall: median %.2f, p99 %.2f ms; all threads: median %.2f, p99 %.2f ms\n",
           times_median(&f->wall), times_p99(&f->wall), times_median(&f->all), times_p99(&f->all));
}

/* Frames until all rows that are seen are of the present settings; milliseconds. */
static double until_fresh(Rig *rig, Frames *f)
{
    double start = now_ms();
    for (int i = 0; i < 400; i++) {
        one_frame(rig, f);
        if (app_rows_stale(rig->app) == 0)
            break;
    }
    return now_ms() - start;
}

static void zoom_into(Rig *rig, int row, int col, int n, Frames *f)
{
    Settings *s = app_settings(rig->app);
    for (int i = 0; i < 60; i++) {
        s->zoom = fmin(s->zoom * 1.25, 12000);
        s->zoom_row = fmax(0, row - 0.5 * n / s->zoom);
        s->zoom_col = fmax(0, col - 0.5 * n / s->zoom);
        one_frame(rig, f);
    }
}

static void drag(Rig *rig, Frames *f)
{
    Vec2 at;
    if (!ui_find_track(app_ui(rig->app), "temperature", 1, &at)) {
        fprintf(stderr, "bench: no temperature slider\n");
        exit(1);
    }
    rig->input.mouse = vec2(at.x * rig->scale, at.y * rig->scale);
    rig_frame(rig);
    rig->input.pressed[MOUSE_LEFT] = rig->input.held[MOUSE_LEFT] = true;
    rig->input.clicks = 1;
    rig_frame(rig);
    rig->input.pressed[MOUSE_LEFT] = false;
    rig->input.clicks = 0;
    for (int i = 0; i < 100; i++) {
        rig->input.mouse.x = at.x * rig->scale + 60 * sinf((float)i * 0.1f + 0.1f);
        one_frame(rig, f);
    }
    rig->input.held[MOUSE_LEFT] = false;
    rig->input.released[MOUSE_LEFT] = true;
    one_frame(rig, f);
    rig->input.released[MOUSE_LEFT] = false;
}

/* Opening it, several times: the file is in the page cache from the second on. */
static void openings(Rig *rig, const char *path)
{
    enum { OPENINGS = 5 };
    static Times opened, first, cpu, fresh;
    for (int i = 0; i < OPENINGS; i++) {
        Error err = {0};
        double start = now_ms(), used = cpu_ms();
        need(app_open(rig->app, path, &err), &err);
        times_add(&opened, now_ms() - start);
        rig_frame(rig);
        times_add(&first, now_ms() - start);
        times_add(&cpu, cpu_ms() - used);
        start = now_ms();
        for (int k = 0; k < 400 && app_rows_stale(rig->app) > 0; k++)
            rig_frame(rig);
        times_add(&fresh, now_ms() - start);
    }
    figure("opened, median of 5", times_median(&opened), "ms", 0);
    figure("open to first picture, median of 5", times_median(&first), "ms", 300);
    figure("    its processor time", times_median(&cpu), "ms", 0);
    figure("from then until all rows are fresh, median of 5", times_median(&fresh), "ms", 200);
}

/* A step of the temperature, the whole matrix in sight. */
static void steps(Rig *rig)
{
    enum { STEPS = 9 };
    static Times wall, cpu;
    int frames = 0;
    for (int i = 0; i < STEPS; i++) {
        app_settings(rig->app)->attn.scale.temperature = 0.7 + 0.1 * i;
        double start = now_ms(), used = cpu_ms();
        for (int k = 0; k < 400 && (k == 0 || app_rows_stale(rig->app) > 0); k++, frames++)
            rig_frame(rig);
        times_add(&wall, now_ms() - start);
        times_add(&cpu, cpu_ms() - used);
    }
    figure("all rows in sight after a step, median of 9", times_median(&wall), "ms", 200);
    printf("    processor time: %.1f ms in %.1f frames\n", times_median(&cpu),
           (double)frames / STEPS);
}

static void generate(const char *folder, int n)
{
    char command[1600];
    snprintf(command, sizeof command, "python3 '%s/examples/large/make_haystack.py' %d --out '%s'",
             BENCH_SOURCE_DIR, n, folder);
    if (system(command) != 0) {
        fprintf(stderr, "bench: could not make the document: needs python3\n");
        exit(1);
    }
}

void figures_large(const Font *font, const char *folder, int n)
{
    static Frames in, near, held, out, pass; /* 512 numbers each */
    Rig rig;
    char path[1300];
    n = n > 0 ? n : 131072;
    if (getenv("BENCH_LARGE")) /* a folder where it was made before */
        folder = getenv("BENCH_LARGE");
    else
        generate(folder, n);
    snprintf(path, sizeof path, "%s/haystack.attn.json", folder);
    rig_init(&rig, font, NULL, 1280, 800);
    rig_frame(&rig);
    printf("a haystack of %d tokens\n", n);
    openings(&rig, path);
    steps(&rig);
    app_settings(rig.app)->query = n - 5;
    app_settings(rig.app)->key = n * 9 / 16;
    zoom_into(&rig, n - 5, n * 9 / 16, n, &in);
    told("zoom into the needle", &in);
    figure("until all rows near the needle are fresh", until_fresh(&rig, &near), "ms", 200);
    drag(&rig, &held);
    told("drag of the temperature, near", &held);
    figure("after it, until all rows are fresh", until_fresh(&rig, &near), "ms", 200);
    Settings *s = app_settings(rig.app);
    s->zoom = 1;
    s->zoom_row = s->zoom_col = 0;
    figure("zoomed out, until all rows are fresh", until_fresh(&rig, &out), "ms", 200);
    told("zoom out", &out);
    static Frames whole;
    drag(&rig, &whole);
    told("drag of the temperature, whole matrix", &whole);
    figure("after it, until all rows are fresh", until_fresh(&rig, &out), "ms", 200);
    double start = now_ms();
    for (int i = 0; i < 500; i++)
        one_frame(&rig, &pass);
    told("frames of the pass over all rows", &pass);
    printf("    rows done in %.1f s: %d\n", (now_ms() - start) / 1e3, app_rows_known(rig.app));
    double given = 3.0 * n * 64 * 4 / 1048576;
    figure("memory beyond q, k and v", resident_mb() - given, "MiB", 300);
    rig_free(&rig);
}
