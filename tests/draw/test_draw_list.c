#include "draw/draw_list.h"

#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static Image picture(uint32_t color)
{
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 2, 2, &err));
    image.px[0] = color;
    return image;
}

/* One command of every kind; `part` ≥ 0 changes exactly one detail. */
static void fill(DrawList *l, const Image *image, int part)
{
    float d[40] = {0};
    if (part >= 0)
        d[part] = 1;
    Vec2 points[4] = {{0 + d[0], 0}, {9, 0}, {9, 9 + d[1]}, {0, 9}};
    TextStyle style = {d[2] > 0 ? FACE_MONO : FACE_SANS, 12 + d[3], 0xFF000000u + (Color)d[4],
                       d[5] > 0 ? ALIGN_RIGHT : ALIGN_LEFT, d[6] > 0 ? 90 : 0};
    Ribbon ribbon = {1 + d[7], 2 + d[8], 3 + d[9], 0.5f + d[10], (int)d[11], (int)d[12], d[13]};
    RibbonBatch batch = {.vertical = d[14] > 0,
                         .from = d[15],
                         .to = 50 + d[16],
                         .color = (Color)d[17],
                         .dash_on = d[18],
                         .dash_color = (Color)d[19],
                         .count = 1,
                         .items = &ribbon};
    draw_group(l, d[20] > 0 ? "b" : "a");
    draw_clip(l, rect(d[21], 0, 5, 5));
    draw_rect(l, rect(0, d[22], 5, 5), d[23], 0xFF000000u);
    draw_frame(l, rect(0, 0, 5, 5), 0, 1 + d[24], 0xFF000000u);
    draw_line(l, vec2(0, 0), vec2(5, d[25]), 1, 0xFF000000u);
    draw_dashed(l, vec2(0, 0), vec2(5, 5), 1, 3 + d[26], 2 + d[27], 0xFF000000u);
    draw_stroke(l, points, 4, 1 + d[28], 0xFF000000u);
    draw_poly(l, points, 4, 0xFF000000u + (Color)d[29]);
    draw_hatch(l, rect(0, 0, 5, 5), 0xFF000000u, 0xFF000000u + (Color)d[30]);
    draw_ribbons(l, &batch);
    draw_image(l, image, rect(0, 0, 5, 5), d[31] > 0 ? SAMPLE_AREA : SAMPLE_NEAREST,
               1 - 0.5f * d[32]);
    draw_text(l, vec2(d[33], 1), &style, d[34] > 0 ? "xz" : "xy", 2);
    draw_unclip(l);
    draw_ungroup(l);
}

static void equal_lists_hash_equal_and_every_detail_counts(void **state)
{
    (void)state;
    DrawList a, b;
    Image image = picture(0);
    draw_list_init(&a);
    draw_list_init(&b);
    fill(&a, &image, -1);
    fill(&b, &image, -1);
    uint64_t hash = draw_list_hash(&a);
    assert_true(hash == draw_list_hash(&b));
    for (int part = 0; part < 35; part++) {
        draw_list_reset(&b);
        fill(&b, &image, part);
        if (draw_list_hash(&b) == hash)
            fail_msg("detail %d does not change the hash", part);
    }
    image_touch(&image);
    draw_list_reset(&b);
    fill(&b, &image, -1);
    assert_true(draw_list_hash(&b) != hash);
    draw_list_free(&a);
    draw_list_free(&b);
    image_free(&image);
}

static void text_points_and_ribbons_are_copied(void **state)
{
    (void)state;
    DrawList list;
    char text[] = "abc";
    Vec2 points[3] = {{1, 2}, {3, 4}, {5, 6}};
    Ribbon ribbon = {.a0 = 7};
    draw_list_init(&list);
    draw_text(&list, vec2(0, 0), &(TextStyle){.size = 12}, text, 3);
    draw_poly(&list, points, 3, 0);
    draw_ribbons(&list, &(RibbonBatch){.count = 1, .items = &ribbon});
    memset(text, 'x', 3);
    memset(points, 0, sizeof points);
    memset(&ribbon, 0, sizeof ribbon);
    assert_string_equal(list.items[0].text, "abc");
    check_close(list.items[1].points[2].y, 6, 0);
    check_close(list.items[2].ribbons.items[0].a0, 7, 0);
    draw_list_free(&list);
}

static void what_cannot_be_drawn_is_not_recorded(void **state)
{
    (void)state;
    DrawList list;
    Image none = {0};
    Vec2 points[9] = {{0, 0}};
    draw_list_init(&list);
    draw_text(&list, vec2(0, 0), &(TextStyle){.size = 12}, "", 0);
    draw_poly(&list, points, 2, 0);
    draw_poly(&list, points, 9, 0);
    draw_stroke(&list, points, 1, 1, 0);
    draw_ribbons(&list, &(RibbonBatch){.count = 0});
    draw_image(&list, &none, rect(0, 0, 1, 1), SAMPLE_NEAREST, 1);
    draw_image(&list, NULL, rect(0, 0, 1, 1), SAMPLE_NEAREST, 1);
    assert_true(list.count == 0 && !list.failed);
    draw_list_free(&list);
}

static void out_of_memory_is_remembered_and_nothing_half_made_stays(void **state)
{
    (void)state;
    Image image = picture(0);
    int64_t before = mem_live();
    bool ok = false;
    for (uint64_t n = 1; n < 50 && !ok; n++) {
        DrawList list;
        draw_list_init(&list);
        mem_fail_at(n, true);
        fill(&list, &image, -1);
        mem_fail_at(0, false);
        ok = !list.failed;
        for (size_t i = 0; i < list.count; i++) {
            const DrawCommand *c = &list.items[i];
            assert_true(c->kind != DRAW_TEXT || c->text);
            assert_true(c->kind != DRAW_RIBBONS || c->ribbons.items);
            assert_true(c->kind != DRAW_POLY || c->points);
        }
        size_t count = list.count;
        draw_rect(&list, rect(0, 0, 1, 1), 0, 0);
        assert_true(list.count == count + (ok ? 1 : 0));
        draw_list_reset(&list);
        assert_false(list.failed);
        draw_list_free(&list);
        assert_true(mem_live() == before);
    }
    assert_true(ok);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_lists_hash_equal_and_every_detail_counts),
        cmocka_unit_test(text_points_and_ribbons_are_copied),
        cmocka_unit_test(what_cannot_be_drawn_is_not_recorded),
        cmocka_unit_test(out_of_memory_is_remembered_and_nothing_half_made_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
