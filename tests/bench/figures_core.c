/* Figures of the computation alone: incremental against fresh, SIMD against scalar, pooled against
 * every cell, and opening a large JSON document. */
#include "bench/measure.h"

#include "base/mem.h"
#include "view/heatmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOKENS = 2048, DEPTH = 64 };

typedef struct {
    float *numbers;
    AttnInput in;
} Head;

static void head_init(Head *head)
{
    size_t one = (size_t)TOKENS * DEPTH;
    Error err = {0};
    memset(head, 0, sizeof *head);
    head->numbers = mem_array(3 * one, sizeof(float));
    need(head->numbers != NULL, &err);
    made_numbers(head->numbers, 3 * one, 5);
    Matrix q = {head->numbers, TOKENS, DEPTH, DEPTH}, k = q, v = q;
    k.at += one;
    v.at += 2 * one;
    head->in = (AttnInput){.n_q = TOKENS, .n_k = TOKENS, .q = q, .k = k, .v = v, .d_k = DEPTH};
    head->in.key = 1;
}

/* Milliseconds of whole updates (q and k seen as new each time) or of temperature changes only. */
static double update_ms(const Kernels *use, Threads *threads, const AttnInput *in, unsigned stages,
                        bool fresh)
{
    double (*clock_now)(void) = threads ? now_ms : cpu_ms;
    Times times = {.count = 0};
    Error err = {0};
    AttnParams params = params_default();
    AttnInput input = *in;
    Pipeline *p = pipeline_new();
    need(p != NULL, &err);
    pipeline_use(p, use);
    for (int i = 0; i < 17; i++) {
        params.scale.temperature = 1 + 0.1 * i;
        input.key += fresh;
        double start = clock_now();
        need(pipeline_update(p, &input, &params, stages, threads, &err), &err);
        if (i > 0)
            times_add(&times, clock_now() - start);
    }
    pipeline_free(p);
    return times_median(&times);
}

void figures_core(void)
{
    unsigned all = STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(STAGE_OUTPUT);
    Head head;
    head_init(&head);
    Threads *threads = threads_start(0);
    double fresh = update_ms(kernels(), NULL, &head.in, all, true);
    double slider = update_ms(kernels(), NULL, &head.in, STAGE_BIT(STAGE_WEIGHTS), false);
    double whole = update_ms(kernels(), NULL, &head.in, STAGE_BIT(STAGE_WEIGHTS), true);
    double scalar = update_ms(kernels_by_name("scalar"), NULL, &head.in, all, true);
    printf("instruction set %s, n = %d, d = %d, one thread, processor time:\n", kernels()->name,
           TOKENS, DEPTH);
    figure("full attention, weights and output", fresh, "ms", 0);
    figure("the same in scalar code", scalar, "ms", 0);
    figure("SIMD against scalar", scalar / fresh, "x", 0);
    figure("weights after a new temperature", slider, "ms", 0);
    figure("incremental against fresh", whole / slider, "x", 0);
    figure("two threads against one, full attention",
           fresh / update_ms(kernels(), threads, &head.in, all, true), "x", 0);
    threads_stop(threads);
    mem_free(head.numbers);
}

/* The plain way: a colour for every cell, whatever fits on the screen. */
static void naive_colors(Color *out, Matrix m, float hi, const Colormap *map)
{
    for (int r = 0; r < m.rows; r++)
        for (int c = 0; c < m.cols; c++) {
            float t = matrix_row(m, r)[c] / hi;
            *out++ = t >= 0 && t <= 1 ? map->lut[(int)(255.0f * t + 0.5f)] : map->nan;
        }
}

void figures_pool(const Font *font)
{
    Head head;
    head_init(&head);
    Error err = {0};
    Times pooled = {.count = 0}, naive = {.count = 0};
    AttnParams params = params_default();
    ColorLook color = settings_default().color;
    TextKit kit = {font, 1, theme(THEME_LIGHT)};
    Pipeline *p = pipeline_new();
    HeatmapModel *model = heatmap_new();
    need(p && model, &err);
    Color *cells = mem_array((size_t)TOKENS * TOKENS, sizeof *cells);
    need(cells != NULL, &err);
    for (int i = 0; i < 15; i++) {
        params.scale.temperature = 1 + 0.1 * i;
        need(pipeline_update(p, &head.in, &params, STAGE_BIT(STAGE_WEIGHTS), NULL, &err), &err);
        Scene scene = {.kit = &kit,
                       .result = pipeline_result(p),
                       .stage = STAGE_WEIGHTS,
                       .color = &color,
                       .focus = {-1, -1, -1, -1, 0, false},
                       .head_is_one = true};
        HeatmapLayout layout = heatmap_layout(&scene, (Viewport){1, 0, 0}, rect(0, 0, 760, 700));
        double start = cpu_ms();
        need(heatmap_update(model, &scene, &layout, &err), &err);
        times_add(&pooled, cpu_ms() - start);
        start = cpu_ms();
        naive_colors(cells, scene_matrix(&scene), pipeline_result(p)->range[STAGE_WEIGHTS].hi,
                     scene_colormap(&scene));
        times_add(&naive, cpu_ms() - start);
    }
    figure("heatmap of 2048 x 2048, pooled and coloured", times_median(&pooled), "ms", 0);
    figure("a colour for every cell instead", times_median(&naive), "ms", 0);
    figure("pooled against every cell coloured", times_median(&naive) / times_median(&pooled), "x",
           0);
    mem_free(cells);
    heatmap_free(model);
    pipeline_free(p);
    mem_free(head.numbers);
}

int load_once(const char *path)
{
    Document doc;
    Error err = {0};
    struct stat info;
    struct rusage used;
    document_init(&doc);
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    if (stat(path, &info) != 0)
        return 1;
    double start = cpu_ms();
    need(load_document(&doc, &request, &err), &err);
    double ms = cpu_ms() - start;
    getrusage(RUSAGE_SELF, &used);
    double megabytes = (double)info.st_size / 1e6;
    char line[80];
    snprintf(line, sizeof line, "opening JSON of %.0f MB", megabytes);
    figure(line, ms, "ms", 0);
    figure("opening JSON, rate", megabytes / ms * 1e3, "MB/s", 300);
    figure("opening JSON, peak memory of the process", (double)used.ru_maxrss / 1024, "MiB", 0);
    document_free(&doc);
    return 0;
}

void figures_json(const char *self, const char *folder)
{
    char path[1200];
    MadeDocument made = {folder, 1024, 64, 1, 10, true};
    made_document(&made, path, sizeof path);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, "--load", path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
}
