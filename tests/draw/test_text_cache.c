#include "draw/text_cache.h"

#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

/* A font that counts its calls; its lines are w × 4 with rising coverage, or coloured. */
typedef struct {
    int calls;
    bool colour;
    uint8_t cover[4096];
    Color rgba[4096];
} Counting;

static bool counting_render(void *self, FontFace face, float px, const char *text, size_t length,
                            TextMask *out)
{
    Counting *c = self;
    (void)face;
    (void)text;
    c->calls++;
    if (length == 0)
        return false;
    *out = (TextMask){.w = (int)length * (int)(px / 8), .h = 4, .left = 1, .top = -3};
    out->advance = (float)out->w + 0.5f;
    for (int i = 0; i < out->w * out->h; i++) {
        c->cover[i] = (uint8_t)(i + 1);
        c->rgba[i] = 0xFF000000u | (Color)i;
    }
    out->cover = c->cover;
    out->rgba = c->colour ? c->rgba : NULL;
    return true;
}

static TextKey key(const char *text, float px, int rotate)
{
    return (TextKey){FACE_SANS, px, rotate, text, strlen(text)};
}

static void a_line_is_rendered_once_and_every_part_of_the_key_counts(void **state)
{
    (void)state;
    static Counting counting;
    Font font = {.self = &counting, .render = counting_render};
    TextCache *cache = text_cache_new(1 << 20);
    TextMask mask;
    Error err = {0};
    TextKey keys[6] = {key("abc", 8, 0),  key("abd", 8, 0), key("abc", 16, 0),
                       key("abc", 8, 90), key("ab", 8, 0),  key("abc", 8, 0)};
    keys[5].face = FACE_BOLD;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 6; i++)
            assert_true(text_cache_mask(cache, &font, &keys[i], &mask, &err));
    assert_int_equal(counting.calls, 6);
    assert_int_equal(mask.w, 3);
    check_close(mask.advance, 3.5, 0);
    TextKey none = key("", 8, 0);
    for (int round = 0; round < 2; round++)
        assert_true(text_cache_mask(cache, &font, &none, &mask, &err) && mask.w == 0);
    assert_int_equal(counting.calls, 7);
    text_cache_free(cache);
}

static void the_least_recently_used_line_goes_first(void **state)
{
    (void)state;
    static Counting counting;
    Font font = {.self = &counting, .render = counting_render};
    TextCache *cache = text_cache_new(4000);
    TextMask mask;
    Error err = {0};
    char text[32];
    TextKey first = key("first", 8, 0);
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "line %d", i);
        TextKey k = key(text, 8, 0);
        assert_true(text_cache_mask(cache, &font, &k, &mask, &err));
        assert_true(text_cache_mask(cache, &font, &first, &mask, &err));
        assert_true(text_cache_bytes(cache) <= 4000);
    }
    assert_int_equal(counting.calls, 301); /* "first" was always in use and stayed */
    TextKey old = key("line 0", 8, 0);
    assert_true(text_cache_mask(cache, &font, &old, &mask, &err));
    assert_int_equal(counting.calls, 302);
    text_cache_free(cache);
}

static void another_font_empties_the_cache(void **state)
{
    (void)state;
    static Counting one, two;
    Font a = {.self = &one, .render = counting_render},
         b = {.self = &two, .render = counting_render};
    TextCache *cache = text_cache_new(1 << 20);
    TextMask mask;
    Error err = {0};
    TextKey k = key("abc", 8, 0);
    assert_true(text_cache_mask(cache, &a, &k, &mask, &err));
    assert_true(text_cache_mask(cache, &b, &k, &mask, &err));
    assert_true(text_cache_mask(cache, &a, &k, &mask, &err));
    assert_true(one.calls == 2 && two.calls == 1);
    text_cache_free(cache);
}

static void coverage_and_colours_turn_together(void **state)
{
    (void)state;
    static Counting counting = {.colour = true};
    Font font = {.self = &counting, .render = counting_render};
    TextCache *cache = text_cache_new(1 << 20);
    TextMask mask;
    Error err = {0};
    TextKey k = key("abcde", 8, 90);
    assert_true(text_cache_mask(cache, &font, &k, &mask, &err));
    assert_true(mask.w == 4 && mask.h == 5 && mask.left == -3 && mask.top == -6);
    for (int v = 0; v < 4; v++)
        for (int u = 0; u < 5; u++) {
            int to = (4 - u) * 4 + v, from = v * 5 + u;
            assert_int_equal(mask.cover[to], from + 1);
            assert_true(mask.rgba[to] == (0xFF000000u | (Color)from));
        }
    k.rotate = 45;
    assert_true(text_cache_mask(cache, &font, &k, &mask, &err));
    int coloured = 0;
    for (int i = 0; i < mask.w * mask.h; i++)
        coloured += mask.rgba[i] >> 24 > 128;
    assert_true(coloured > 0);
    check_close(mask.advance, (5 * 3 + 0.5) / 3, 1e-6);
    text_cache_free(cache);
}

static void out_of_memory_leaves_the_cache_whole(void **state)
{
    (void)state;
    static Counting counting;
    Font font = {.self = &counting, .render = counting_render};
    int64_t before = mem_live();
    TextCache *cache = text_cache_new(1 << 20);
    TextMask mask;
    TextKey k = key("abc", 8, 0);
    for (int rotate = 0; rotate <= 90; rotate += 45) {
        Error err = {0};
        k.rotate = rotate;
        mem_fail_at(1, false);
        assert_false(text_cache_mask(cache, &font, &k, &mask, &err));
        mem_fail_at(0, false);
        assert_int_equal(err.kind, ERROR_LIMIT);
        assert_true(text_cache_mask(cache, &font, &k, &mask, &err));
    }
    text_cache_free(cache);
    mem_fail_at(1, false);
    assert_null(text_cache_new(1));
    mem_fail_at(0, false);
    assert_true(mem_live() == before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_rendered_once_and_every_part_of_the_key_counts),
        cmocka_unit_test(the_least_recently_used_line_goes_first),
        cmocka_unit_test(another_font_empties_the_cache),
        cmocka_unit_test(coverage_and_colours_turn_together),
        cmocka_unit_test(out_of_memory_leaves_the_cache_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
