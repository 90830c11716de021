/* Figures of whole frames: from an input event to finished pixels in memory. */
#include "bench/measure.h"

#include "base/mem.h"
#include "ui/ui.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void frames(Rig *rig, int count)
{
    for (int i = 0; i < count; i++)
        rig_frame(rig);
}

void figures_start(const Font *(*font)(void), const char *examples, const char *folder)
{
    Rig rig;
    char path[1200];
    Error err = {0};
    MadeDocument made = {folder, 1000, 64, 1, 1, false};
    made_document(&made, path, sizeof path);
    double start = now_ms();
    rig_init(&rig, font(), examples, 1280, 800); /* opens the fonts too: nothing is warm yet */
    need(app_open(rig.app, path, &err), &err);
    rig_frame(&rig);
    figure("fonts, 1 000 tokens opened, first frame", now_ms() - start, "ms", 100);
    rig_free(&rig);
    start = now_ms();
    rig_init(&rig, font(), examples, 1280, 800);
    rig_frame(&rig);
    figure("gallery, first frame", now_ms() - start, "ms", 100);
    rig_free(&rig);
}

/* Presses the temperature slider and moves the pointer along its track, a frame a move. */
static void drag(Rig *rig, Times *whole, Times *all, Times *frame, Times *render)
{
    Vec2 at;
    Ui *ui = app_ui(rig->app);
    if (!ui_find_track(ui, "temperature", 1, &at)) {
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
    double before = app_settings(rig->app)->attn.scale.temperature, least = before, most = before;
    for (int i = 0; i < 200; i++) {
        rig->input.mouse.x = at.x * rig->scale + 60 * sinf((float)i * 0.1f + 0.1f);
        double cpu = cpu_ms();
        times_add(whole, rig_frame(rig));
        times_add(all, cpu_ms() - cpu);
        times_add(frame, rig->frame_ms);
        times_add(render, rig->render_ms);
        least = fmin(least, app_settings(rig->app)->attn.scale.temperature);
        most = fmax(most, app_settings(rig->app)->attn.scale.temperature);
    }
    rig->input.held[MOUSE_LEFT] = false;
    rig->input.released[MOUSE_LEFT] = true;
    rig_frame(rig);
    if (most - least < 1) {
        fprintf(stderr, "bench: the drag did not move the temperature\n");
        exit(1);
    }
}

/* What the frames took whatever other programs did meanwhile, all threads together. */
static void processor_time(Times *cpu)
{
    printf("    processor time: median %.2f ms, p99 %.2f ms\n", times_median(cpu), times_p99(cpu));
}

static void drag_document(const Font *font, const MadeDocument *made, const char *name)
{
    Rig rig;
    Error err = {0};
    char path[1200], line[100];
    Times whole = {.count = 0}, all = {.count = 0}, frame = {.count = 0}, render = {.count = 0};
    made_document(made, path, sizeof path);
    rig_init(&rig, font, NULL, 1280, 800);
    need(app_open(rig.app, path, &err), &err);
    frames(&rig, 12); /* thumbnails come one by one */
    drag(&rig, &whole, &all, &frame, &render);
    snprintf(line, sizeof line, "drag, %s, median", name);
    figure(line, times_median(&whole), "ms", 0);
    snprintf(line, sizeof line, "drag, %s, p99", name);
    figure(line, times_p99(&whole), "ms", 8);
    printf("    of which state, views and list %.2f ms, pixels %.2f ms\n", times_median(&frame),
           times_median(&render));
    processor_time(&all);
    rig_free(&rig);
}

void figures_drag(const Font *font, const char *folder, int only)
{
    static const struct {
        int tokens, layers, heads;
        const char *name;
    } CASES[] = {{64, 1, 1, "n = 64"},
                 {512, 1, 1, "n = 512"},
                 {2048, 1, 1, "n = 2048"},
                 {64, 6, 8, "n = 64, 48 heads"},
                 {512, 2, 8, "n = 512, 16 heads"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        if (only > 0 && CASES[i].tokens != only)
            continue;
        MadeDocument made = {folder, CASES[i].tokens, 64, CASES[i].layers, CASES[i].heads, false};
        drag_document(font, &made, CASES[i].name);
    }
}

/* Moves the pointer about the window, over matrix, lines and controls. */
static void hover(Rig *rig, Times *times, Times *cpu)
{
    for (int i = 0; i < 200; i++) {
        rig->input.mouse =
            vec2(520 + 400 * sinf((float)i * 0.17f), 380 + 250 * cosf((float)i * 0.23f));
        double start = cpu_ms();
        times_add(times, rig_frame(rig));
        times_add(cpu, cpu_ms() - start);
    }
}

static void hover_document(const Font *font, const char *folder, int tokens, bool two)
{
    Rig rig;
    Error err = {0};
    char path[1200], line[100];
    Times times = {.count = 0}, cpu = {.count = 0};
    MadeDocument made = {folder, tokens, 64, 1, 1, false};
    made_document(&made, path, sizeof path);
    rig_init(&rig, font, NULL, 1280, 800);
    need(app_open(rig.app, path, &err) &&
             settings_assign(app_settings(rig.app), "view=heatmap", &err) &&
             settings_assign(app_settings(rig.app), two ? "view2=auto" : "view2=none", &err),
         &err);
    frames(&rig, 3);
    hover(&rig, &times, &cpu);
    snprintf(line, sizeof line, "%s under a moving pointer, n = %d, median",
             two ? "heatmap and lines" : "heatmap frame", tokens);
    figure(line, times_median(&times), "ms", 0);
    snprintf(line, sizeof line, "%s under a moving pointer, n = %d, p99",
             two ? "heatmap and lines" : "heatmap frame", tokens);
    figure(line, times_p99(&times), "ms", 8);
    processor_time(&cpu);
    rig_free(&rig);
}

void figures_heatmap(const Font *font, const char *folder)
{
    static const int TOKENS[] = {64, 512, 2048};
    for (size_t i = 0; i < sizeof TOKENS / sizeof TOKENS[0]; i++)
        hover_document(font, folder, TOKENS[i], false);
}

void figures_hover(const Font *font, const char *folder, int only)
{
    static const int TOKENS[] = {64, 512, 2048, 4096};
    for (size_t i = 0; i < sizeof TOKENS / sizeof TOKENS[0]; i++)
        if (only == 0 || TOKENS[i] == only)
            hover_document(font, folder, TOKENS[i], true);
}

static float part(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 16777216.0f;
}

void figures_ribbons(const Font *font)
{
    static const int COUNTS[] = {500, 2000, 10000};
    for (int c = 0; c < 3; c++) {
        Times times = {.count = 0};
        DrawList list;
        Image target = {0};
        Error err = {0};
        char line[80];
        unsigned seed = 7;
        Ribbon *items = mem_array((size_t)COUNTS[c], sizeof *items);
        Canvas *canvas = canvas_new();
        need(items && canvas && image_init(&target, 1280, 800, &err), &err);
        for (int i = 0; i < COUNTS[c]; i++) /* as the lines view: few thick, many thin */
            items[i] = (Ribbon){.a0 = 20 + 760 * part(&seed),
                                .a1 = 20 + 760 * part(&seed),
                                .width = 1 + 8 * powf(part(&seed), 4),
                                .alpha = 0.1f + 0.5f * part(&seed),
                                .query = -1,
                                .key = -1};
        draw_list_init(&list);
        for (int i = 0; i < 31; i++) {
            RibbonBatch batch = {
                .from = 200, .to = 824, .color = 0xFF1F6FB5u, .count = COUNTS[c], .items = items};
            items[0].alpha = 0.2f + 0.01f * (float)i; /* never the batch of the last frame */
            draw_list_reset(&list);
            draw_ribbons(&list, &batch);
            double start = cpu_ms(); /* one core works: what others take does not count */
            need(canvas_render(canvas, &target, &list, font, 1, 0xFFFFFFFFu, &err), &err);
            times_add(&times, cpu_ms() - start);
        }
        snprintf(line, sizeof line, "%d ribbons over 624 x 760, one core", COUNTS[c]);
        figure(line, times_median(&times), "ms", c == 1 ? 12 : c == 2 ? 60 : 0);
        draw_list_free(&list);
        image_free(&target);
        canvas_free(canvas);
        mem_free(items);
    }
}
