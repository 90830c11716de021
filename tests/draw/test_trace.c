#include "draw/trace.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

static void every_kind_of_command_has_its_line(void **state)
{
    (void)state;
    DrawList l;
    Image image;
    Error err = {0};
    Buf buf;
    draw_list_init(&l);
    assert_true(image_init(&image, 2, 1, &err));
    image.px[0] = 0xFF112233u;
    image.px[1] = 0x80FFFFFFu;
    Ribbon ribbons[2] = {{1, 2.345f, 3, 0.5f, 0, 4, 0.25f}, {5, 6, 7, 1, -1, -1, 1}};
    Vec2 points[3] = {{0, 0}, {4, 0}, {2, 3.5f}};
    TextStyle style = {FACE_MONO, 12, 0xFF000000u, ALIGN_RIGHT, 45};
    draw_group(&l, "heatmap");
    draw_clip(&l, rect(0, 0, 100, 50));
    draw_rect(&l, rect(1, 2.5f, 3.004f, -0.001f), 4, 0xFF20262Du);
    draw_frame(&l, rect(1, 2, 3, 4), 0, 1, 0x80FFFFFFu);
    draw_unclip(&l);
    draw_line(&l, vec2(0, 0), vec2(10, 1.0f / 3), 1.5f, 0xFF000000u);
    draw_ungroup(&l);
    draw_dashed(&l, vec2(0, 0), vec2(9, 9), 1, 6, 3, 0xFF000000u);
    draw_stroke(&l, points, 3, 1.4f, 0xFF000000u);
    draw_poly(&l, points, 3, 0xFFC07800u);
    draw_circle(&l, vec2(8, 8), 3, 0xFF000000u);
    draw_ring(&l, vec2(8, 8), 3, 1, 0xFF000000u);
    draw_hatch(&l, rect(0, 0, 12, 12), 0xFFF0F1F3u, 0xFFB4BAC1u);
    draw_ribbons(&l, &(RibbonBatch){
                         .from = 10, .to = 90, .color = 0xFF1F6FB5u, .count = 2, .items = ribbons});
    draw_ribbons(&l, &(RibbonBatch){.vertical = true,
                                    .to = 9,
                                    .color = 0xFF1F6FB5u,
                                    .dash_on = 6,
                                    .dash_off = 4,
                                    .dash_color = 0xFFFFFFFFu,
                                    .count = 1,
                                    .items = ribbons + 1});
    draw_image(&l, &image, rect(0, 0, 20, 10), SAMPLE_NEAREST, 1);
    draw_image(&l, &image, rect(0, 0, 20, 10), SAMPLE_SMOOTH, 0.5f);
    draw_text(&l, vec2(12, 30), &style, "a\"b\\\n\xC3\xA9", 7);
    draw_rect(&l, rect(NAN, INFINITY, -INFINITY, 0), 0, 0);
    draw_unclip(&l);
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(trace_write(&buf, &l, &err));
    check_text_golden("draw/trace.txt", buf_string(&buf), buf.size);
    buf_free(&buf);
    image_free(&image);
    draw_list_free(&l);
}

static void a_list_that_failed_is_not_traced_as_if_it_were_whole(void **state)
{
    (void)state;
    DrawList list;
    Error err = {0};
    Buf buf;
    draw_list_init(&list);
    buf_init(&buf, BUF_NO_LIMIT);
    list.failed = true;
    assert_false(trace_write(&buf, &list, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    buf_free(&buf);
    draw_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_command_has_its_line),
        cmocka_unit_test(a_list_that_failed_is_not_traced_as_if_it_were_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
