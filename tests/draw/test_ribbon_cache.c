/* Kept ribbons are the same pixels as drawn ones, in every frame of a story of changing batches. */
#include "draw/ribbon_cache.h"
#include "draw/ribbons.h"
#include "support/check.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { W = 220, H = 160, MOST = 600 };

static uint32_t state = 7;
static float any(float lo, float hi)
{
    state = state * 1664525u + 1013904223u;
    return lo + (hi - lo) * (float)(state >> 8) / 16777216.0f;
}

static void fill(Ribbon *items, int count)
{
    for (int i = 0; i < count; i++)
        items[i] = (Ribbon){any(-10, 150), any(-10, 150), any(0.5f, 9), any(0.02f, 0.9f), i, i, 1};
}

static void same_frame(RibbonCache *cache, const RibbonBatch *batch, IRect clip, float scale)
{
    static Color want[W * H], got[W * H];
    for (int i = 0; i < W * H; i++)
        want[i] = got[i] = 0xFF000000u | ((uint32_t)i * 2654435761u) >> 8;
    Surface s = {got, W, clip};
    ribbons_render(want, W, clip, batch, scale);
    ribbon_cache_draw(cache, &s, batch, scale);
    assert_memory_equal(want, got, sizeof want);
}

static void kept_ribbons_are_the_same_pixels(void **unused)
{
    (void)unused;
    static Ribbon items[MOST];
    RibbonCache cache = {0};
    Threads *threads = threads_start(3); /* who draws a part of the run must not show */
    assert_non_null(threads);
    IRect clips[] = {{0, 0, W, H}, {13, 7, 140, 111}};
    for (int round = 0; round < 24; round++) {
        RibbonBatch batch = {.vertical = round % 2 == 1,
                             .from = 20,
                             .to = 120,
                             .count = 250 + round,
                             .items = items};
        fill(items, batch.count);
        cache.threads = round % 4 < 3 ? threads : NULL;
        for (int again = 0; again < 4; again++) { /* seen, kept, taken, taken in another colour */
            batch.color = again < 3 ? 0xFF1F6FB5u : 0xFF15181Cu;
            same_frame(&cache, &batch, clips[round % 4 / 2], round % 3 == 2 ? 1.25f : 1);
        }
    }
    ribbon_cache_free(&cache);
    threads_stop(threads);
}

static void a_changed_ribbon_is_drawn_anew(void **unused)
{
    (void)unused;
    static Ribbon items[MOST];
    RibbonCache cache = {0};
    RibbonBatch batch = {.from = 10, .to = 150, .count = 300, .items = items, .color = 0xFF000000u};
    fill(items, 300);
    for (int i = 0; i < 6; i++) {
        same_frame(&cache, &batch, (IRect){0, 0, W, H}, 1);
        if (i >= 2)
            items[i].alpha += 0.05f;
    }
    ribbon_cache_free(&cache);
}

static void nothing_is_lost_without_memory(void **unused)
{
    (void)unused;
    static Ribbon items[MOST];
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 5; n++) {
        RibbonCache cache = {0};
        RibbonBatch batch = {
            .from = 10, .to = 150, .count = 300, .items = items, .color = 0xFF000000u};
        fill(items, 300);
        mem_fail_at(n, false);
        for (int i = 0; i < 3; i++)
            same_frame(&cache, &batch, (IRect){0, 0, W, H}, 1);
        mem_fail_at(0, false);
        ribbon_cache_free(&cache);
    }
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_ribbons_are_the_same_pixels),
        cmocka_unit_test(a_changed_ribbon_is_drawn_anew),
        cmocka_unit_test(nothing_is_lost_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
