#include "draw/svg.h"

#include "base/mem.h"
#include "draw/icons.h"
#include "image/png.h"
#include "support/check.h"
#include "support/xml_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Buf written(const DrawList *list)
{
    Buf buf;
    Error err = {0};
    Font font = font_fixed();
    size_t at;
    const char *why;
    buf_init(&buf, BUF_NO_LIMIT);
    if (!svg_write(&buf, list, &font, 200, 100, 2, 0xFFFFFFFFu, &err))
        fail_msg("%s", err.what);
    if (!xml_check(buf.data, buf.size, &at, &why))
        fail_msg("byte %zu: %s: %.60s", at, why, buf.data + at);
    return buf;
}

static void the_checker_itself_refuses_what_is_not_xml(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "<a>",
                                        "<a></b>",    "<a/><b/>",
                                        "<a b=c/>",   "<a b=\"1\" b=\"2\"/>",
                                        "<a>&x;</a>", "<a>&#0;</a>",
                                        "<a>\1</a>",  "<a b=\"<\"/>",
                                        "<a>]]></a>", "<a>\xFF</a>",
                                        "<a b=\"1/>", "<1/>",
                                        "<a></a",     "<a>\xEF\xBF\xBF</a>",
                                        "text",       "<a>&</a>"};
    static const char *const right[] = {"<a/>", "<a></a>",
                                        "<?xml version=\"1.0\"?>\n<a b=\"&lt;\">t&#10;<c/></a>\n"};
    size_t at;
    const char *why;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (xml_check(wrong[i], strlen(wrong[i]), &at, &why))
            fail_msg("taken: %s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (!xml_check(right[i], strlen(right[i]), &at, &why))
            fail_msg("refused: %s: %s", right[i], why);
}

static void fill(DrawList *l, const Image *image)
{
    Ribbon ribbons[3] = {
        {10, 40, 3, 0.5f, 0, 4, 0.25f}, {5, 6, 7, 1, 2, 1, 1.0f / 3}, {1, 2, 3, 1, -1, -1, 1}};
    Vec2 points[3] = {{0, 0}, {4, 0}, {2, 3.5f}};
    TextStyle style = {FACE_MONO, 12, 0xFF000000u, ALIGN_RIGHT, 45};
    draw_group(l, "heat map");
    draw_clip(l, rect(0, 0, 100, 50));
    draw_rect(l, rect(1, 2.5f, 30, 20), 4, 0xFF20262Du);
    draw_frame(l, rect(1, 2, 30, 20), 4, 1, 0x80FFFFFFu);
    draw_unclip(l);
    draw_line(l, vec2(0, 10), vec2(10, 10), 1, 0xFF000000u);
    draw_ungroup(l);
    draw_group(l, "heat map");
    draw_dashed(l, vec2(0, 0), vec2(9, 9), 1, 6, 3, 0xFF000000u);
    draw_stroke(l, points, 3, 1.4f, 0xFF000000u);
    draw_poly(l, points, 3, 0xFFC07800u);
    draw_hatch(l, rect(0, 0, 12, 12), 0xFFF0F1F3u, 0xFFB4BAC1u);
    draw_hatch(l, rect(20, 0, 12, 12), 0xFFF0F1F3u, 0xFFB4BAC1u);
    draw_ribbons(l, &(RibbonBatch){
                        .from = 10, .to = 90, .color = 0xFF1F6FB5u, .count = 3, .items = ribbons});
    draw_ribbons(l, &(RibbonBatch){.vertical = true,
                                   .to = 9,
                                   .color = 0xFF1F6FB5u,
                                   .dash_on = 6,
                                   .dash_off = 4,
                                   .dash_color = 0xFFFFFFFFu,
                                   .count = 1,
                                   .items = ribbons + 1});
    draw_image(l, image, rect(0, 0, 20, 10), SAMPLE_NEAREST, 1);
    draw_image(l, image, rect(0, 0, 20, 10), SAMPLE_SMOOTH, 0.5f);
    draw_text(l, vec2(12, 30), &style, "a&b", 3);
    style = (TextStyle){FACE_BOLD, 12, 0xFF000000u, ALIGN_LEFT, 0};
    draw_text(l, vec2(12, 50), &style, "\xD7\x90\xD7\x91", 4);
}

static void every_kind_of_command_has_its_element(void **state)
{
    (void)state;
    DrawList l;
    draw_list_init(&l);
    fill(&l, NULL); /* a picture's bytes depend on zlib's version: no golden for them */
    Buf buf = written(&l);
    check_text_golden("draw/drawing.svg", buf.data, buf.size);
    buf_free(&buf);
    draw_list_free(&l);
}

static void a_link_is_a_path_with_its_numbers_and_the_smoothstep_as_a_bezier(void **state)
{
    (void)state;
    DrawList l;
    Ribbon r = {13, 77, 4.5f, 0.625f, 3, 8, 0.538324f};
    draw_list_init(&l);
    draw_ribbons(
        &l, &(RibbonBatch){.from = 20, .to = 110, .color = 0xFF1F6FB5u, .count = 1, .items = &r});
    Buf buf = written(&l);
    double p[8], width, alpha, w;
    int q, k;
    const char *path = strstr(buf.data, "<path class=\"link\"");
    assert_non_null(path);
    assert_int_equal(sscanf(path,
                            "<path class=\"link\" data-q=\"%d\" data-k=\"%d\" data-w=\"%lf\" "
                            "d=\"M%lf %lfC%lf %lf %lf %lf %lf %lf\" stroke-width=\"%lf\" "
                            "stroke-opacity=\"%lf\"/>",
                            &q, &k, &w, p, p + 1, p + 2, p + 3, p + 4, p + 5, p + 6, p + 7, &width,
                            &alpha),
                     13);
    assert_true(q == 3 && k == 8);
    assert_true((float)w == 0.538324f);
    check_close(width, 4.5, 0);
    check_close(alpha, 0.625, 0);
    for (int i = 0; i <= 20; i++) {
        double t = i / 20.0, u = 1 - t;
        double b[4] = {u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t};
        double x = 0, y = 0;
        for (int n = 0; n < 4; n++) {
            x += b[n] * p[2 * n];
            y += b[n] * p[2 * n + 1];
        }
        check_close(x, 20 + 90 * t, 1e-4);
        check_close(y, 13 + 64 * t * t * (3 - 2 * t), 1e-4);
    }
    buf_free(&buf);
    draw_list_free(&l);
}

static int count(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = strstr(text, word); p; p = strstr(p + 1, word))
        n++;
    return n;
}

static void weights_read_back_bit_equal_and_samples_are_no_links(void **state)
{
    (void)state;
    DrawList l;
    Ribbon r[64];
    uint32_t seed = 3;
    for (int i = 0; i < 64; i++) {
        seed = seed * 1664525u + 1013904223u;
        r[i] = (Ribbon){1, 2, 3, 1, i % 9 ? i : -1, i, (float)seed / 4294967296.0f};
    }
    draw_list_init(&l);
    draw_ribbons(&l, &(RibbonBatch){.to = 9, .count = 64, .items = r});
    Buf buf = written(&l);
    const char *p = buf.data;
    for (int i = 0; i < 64; i++) {
        if (i % 9 == 0)
            continue;
        p = strstr(p, "data-w=\"") + 8;
        assert_true(strtof(p, NULL) == r[i].weight);
    }
    assert_int_equal(count(buf.data, "class=\"link\""), 56);
    assert_int_equal(count(buf.data, "<path"), 64);
    buf_free(&buf);
    draw_list_free(&l);
}

static void any_token_gives_well_formed_xml(void **state)
{
    (void)state;
    DrawList l;
    TextStyle style = {FACE_SANS, 12, 0xFF000000u, ALIGN_LEFT, 0};
    char text[8];
    draw_list_init(&l);
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b += 5) {
            text[0] = (char)a;
            text[1] = (char)b;
            text[2] = ']';
            text[3] = ']';
            text[4] = '>';
            draw_text(&l, vec2(0, 0), &style, text, 5);
        }
    draw_text(&l, vec2(0, 0), &style, "\xEF\xBF\xBE\xEF\xBF\xBF\xED\xA0\x80", 9);
    draw_text(&l, vec2(0, 0), &style, "<script>&'\"", 11);
    for (int a = 1; a < 256; a++) {
        snprintf(text, sizeof text, "%c\"<&", a);
        draw_group(&l, text);
        draw_ungroup(&l);
    }
    Buf buf = written(&l);
    assert_non_null(strstr(buf.data, "&lt;script&gt;&amp;&#39;&quot;</text>"));
    assert_null(strstr(buf.data, "<script"));
    buf_free(&buf);
    draw_list_free(&l);
}

static void wrong_nesting_and_senseless_numbers_stay_well_formed(void **state)
{
    (void)state;
    DrawList l;
    draw_list_init(&l);
    draw_unclip(&l);
    draw_group(&l, "");
    draw_clip(&l, rect(NAN, INFINITY, -1, -INFINITY));
    draw_ungroup(&l);
    draw_rect(&l, rect(-1e30f, 1e30f, NAN, 3), NAN, 0);
    for (int i = 0; i < 40; i++)
        draw_hatch(&l, rect(0, 0, 1, 1), 0xFF000000u + (Color)i, 0);
    Buf buf = written(&l);
    assert_null(strstr(buf.data, "nan"));
    assert_null(strstr(buf.data, "inf"));
    buf_free(&buf);
    draw_list_free(&l);
}

static void an_embedded_picture_has_one_pixel_per_source_pixel(void **state)
{
    (void)state;
    DrawList l;
    Image image, back;
    Error err = {0};
    assert_true(image_init(&image, 5, 3, &err));
    for (int i = 0; i < 15; i++)
        image.px[i] = 0xFF000000u | (Color)(i * 1234567);
    draw_list_init(&l);
    draw_image(&l, &image, rect(10, 20, 50, 30), SAMPLE_NEAREST, 1);
    Buf buf = written(&l);
    const char *tag = strstr(buf.data, "<image");
    assert_non_null(strstr(tag, "style=\"image-rendering:pixelated\""));
    const char *code = strstr(tag, "base64,") + 7;
    char bytes[1024];
    size_t bad;
    int64_t size =
        base64_decode(code, (size_t)(strchr(code, '"') - code), bytes, sizeof bytes, &bad);
    assert_true(size > 0 && png_decode(bytes, (size_t)size, &back, &err));
    assert_true(back.w == 5 && back.h == 3);
    assert_memory_equal(back.px, image.px, 15 * sizeof(Color));
    image_free(&back);
    buf_free(&buf);
    draw_list_free(&l);
    image_free(&image);
}

/* Lines of whole widths lie on whole pixels, others where they were put. */
static void only_whole_widths_are_moved_to_pixels(void **state)
{
    (void)state;
    DrawList l;
    draw_list_init(&l);
    draw_line(&l, vec2(10, 20.25f), vec2(60, 20.25f), 1, 0xFF000000u);
    draw_line(&l, vec2(10, 40.25f), vec2(60, 40.25f), 1.5f, 0xFF000000u);
    draw_line(&l, vec2(10, 60.25f), vec2(60, 60.25f), 0.5f, 0xFF000000u);
    Buf buf = written(&l);
    assert_null(strstr(buf.data, "20.25"));
    assert_non_null(strstr(buf.data, "40.25"));
    assert_non_null(strstr(buf.data, "60.25"));
    buf_free(&buf);
    draw_list_free(&l);
}

static void a_list_that_lost_something_is_not_written(void **state)
{
    (void)state;
    DrawList l;
    Buf buf;
    Error err = {0};
    Font font = font_fixed();
    draw_list_init(&l);
    buf_init(&buf, BUF_NO_LIMIT);
    mem_fail_at(1, true);
    draw_line(&l, vec2(0, 0), vec2(1, 1), 1, 0xFF000000u);
    mem_fail_at(0, false);
    assert_false(svg_write(&buf, &l, &font, 200, 100, 1, 0, &err));
    check_error(&err, ERROR_LIMIT, "out of memory");
    assert_int_equal(buf.size, 0);
    buf_free(&buf);
    draw_list_free(&l);
}

static void out_of_memory_is_an_error_without_a_leak(void **state)
{
    (void)state;
    DrawList l;
    Image image;
    Error err = {0};
    Font font = font_fixed();
    draw_list_init(&l);
    assert_true(image_init(&image, 2, 1, &err));
    fill(&l, &image);
    int64_t before = mem_live();
    bool ok = false;
    for (uint64_t n = 1; n < 200 && !ok; n++) {
        Buf buf;
        Error found = {0};
        buf_init(&buf, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        ok = svg_write(&buf, &l, &font, 200, 100, 1, 0, &found);
        mem_fail_at(0, false);
        assert_true(ok || found.kind != ERROR_NONE);
        buf_free(&buf);
        assert_true(mem_live() == before);
    }
    assert_true(ok);
    draw_list_free(&l);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checker_itself_refuses_what_is_not_xml),
        cmocka_unit_test(every_kind_of_command_has_its_element),
        cmocka_unit_test(a_link_is_a_path_with_its_numbers_and_the_smoothstep_as_a_bezier),
        cmocka_unit_test(weights_read_back_bit_equal_and_samples_are_no_links),
        cmocka_unit_test(any_token_gives_well_formed_xml),
        cmocka_unit_test(wrong_nesting_and_senseless_numbers_stay_well_formed),
        cmocka_unit_test(an_embedded_picture_has_one_pixel_per_source_pixel),
        cmocka_unit_test(only_whole_widths_are_moved_to_pixels),
        cmocka_unit_test(a_list_that_lost_something_is_not_written),
        cmocka_unit_test(out_of_memory_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
