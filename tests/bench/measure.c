#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

static double now_s(void)
{
    return now_ms() / 1e3;
}

static double thread_s(void)
{
    return clock_ms(CLOCK_THREAD_CPUTIME_ID) / 1e3;
}

double cpu_ms(void)
{
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void times_add(Times *times, double ms)
{
    if (times->count < TIMES_MAX)
        times->ms[times->count++] = ms;
}

static double at_part(Times *times, double part)
{
    if (times->count == 0)
        return 0;
    qsort(times->ms, (size_t)times->count, sizeof times->ms[0], ascending);
    return times->ms[(int)(part * (times->count - 1) + 0.5)];
}

double times_median(Times *times)
{
    return at_part(times, 0.5);
}
double times_p99(Times *times)
{
    return at_part(times, 0.99);
}

void figure(const char *name, double value, const char *unit, double bar)
{
    bool rate = strcmp(unit, "MB/s") == 0 || strcmp(unit, "x") == 0;
    printf("%-58s %9.2f %-5s", name, value, unit);
    if (bar > 0) {
        bool missed = rate ? value < bar : value > bar;
        printf(" %s %g%s", rate ? "at least" : "at most", bar, missed ? "   MISSED" : "");
    }
    printf("\n");
    fflush(stdout);
}

void need(bool ok, const Error *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s: %s\n", err->where, err->what);
    exit(1);
}

void rig_init(Rig *rig, const Font *font, const char *examples, int w, int h)
{
    Error err = {0};
    memset(rig, 0, sizeof *rig);
    rig->font = *font;
    AppOptions options = {.font = &rig->font,
                          .examples = examples,
                          .limits = load_limits_default(),
                          .clock = now_s,
                          .thread_clock = thread_s};
    rig->app = app_new(&options, &err);
    need(rig->app != NULL, &err);
    rig->canvas = canvas_new();
    need(rig->canvas && image_init(&rig->target, w, h, &err), &err);
    rig->input =
        (Input){.time = 1, .pixel_w = w, .pixel_h = h, .density = 1, .mouse = vec2(-1e4f, -1e4f)};
}

void rig_free(Rig *rig)
{
    app_free(rig->app);
    canvas_free(rig->canvas);
    image_free(&rig->target);
}

double rig_frame(Rig *rig)
{
    const DrawList *list;
    AppOutput out;
    Error err = {0};
    double start = now_ms();
    app_frame(rig->app, &rig->input, &list, &out);
    double middle = now_ms();
    need(canvas_render(rig->canvas, &rig->target, list, &rig->font, out.scale, out.ground, &err),
         &err);
    double end = now_ms();
    rig->scale = out.scale;
    rig->frame_ms = middle - start;
    rig->render_ms = end - middle;
    rig->input.time += 0.016;
    return end - start;
}
