/* Prints how long 2 000 ribbons take on one core, SSE2 against the plain reference. */
#include "base/mem.h"
#include "draw/ribbons.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH = 1024, HEIGHT = 768, COUNT = 2000, ROUNDS = 15 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static float next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 16777216.0f;
}

typedef void (*Render)(Color *, int, IRect, const RibbonBatch *, float);

static double median_ms(Render render, Color *pixels, const RibbonBatch *batch)
{
    double times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        render(pixels, WIDTH, (IRect){0, 0, WIDTH, HEIGHT}, batch, 1);
        times[i] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof times[0], ascending);
    return times[ROUNDS / 2];
}

int main(void)
{
    Color *pixels = mem_zero((size_t)WIDTH * HEIGHT, sizeof *pixels);
    Ribbon *items = mem_zero(COUNT, sizeof *items);
    if (!pixels || !items)
        return 1;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        pixels[i] = 0xFFFFFFFFu;
    uint32_t seed = 1;
    for (int i = 0; i < COUNT; i++) {
        items[i] = (Ribbon){.a0 = 20 + 720 * next(&seed), .a1 = 20 + 720 * next(&seed)};
        items[i].width = 1 + 8 * next(&seed);
        items[i].alpha = 0.03f + 0.9f * next(&seed);
    }
    RibbonBatch batch = {
        .from = 200, .to = 824, .color = 0xFF1F6FB5u, .count = COUNT, .items = items};
    double simd = median_ms(ribbons_render, pixels, &batch);
    double plain = median_ms(ribbons_render_scalar, pixels, &batch);
    batch.vertical = true;
    batch.from = 72;
    batch.to = 696;
    double vertical = median_ms(ribbons_render, pixels, &batch);
    printf("%d ribbons, span 624 px, 1 to 9 px wide: %.2f ms, plain C %.2f ms (%.1f x)\n", COUNT,
           simd, plain, plain / simd);
    printf("the same, running down: %.2f ms\n", vertical);
    batch.count = 500;
    batch.vertical = false;
    printf("500 ribbons: %.2f ms\n", median_ms(ribbons_render, pixels, &batch));
    mem_free(items);
    mem_free(pixels);
    return 0;
}
