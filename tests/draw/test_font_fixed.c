#include "draw/font.h"

#include "support/check.h"

#include <string.h>

static float width_of(const char *text)
{
    Font font = font_fixed();
    return font.width(font.self, FACE_SANS, 16, text, strlen(text));
}

static void a_code_point_is_half_a_size_wide_and_a_wide_one_twice_that(void **state)
{
    (void)state;
    check_close(width_of(""), 0, 0);
    check_close(width_of("abc"), 24, 0);
    check_close(width_of("\xC3\xA9"), 8, 0); /* é */
    check_close(width_of("\xE4\xB8\xAD"
                         "a"),
                24, 0);                               /* 中a */
    check_close(width_of("\xF0\x9F\x98\x80"), 16, 0); /* an emoji */
}

static void a_mask_is_a_box_for_each_letter_and_nothing_for_a_space(void **state)
{
    (void)state;
    Font font = font_fixed();
    TextMask mask;
    assert_true(font.render(font.self, FACE_SANS, 8, "a b", 3, &mask));
    assert_true(mask.w == 12 && mask.h == 6 && mask.left == 0 && mask.top == -6);
    check_close(mask.advance, 12, 0);
    static const uint8_t row[12] = {255, 255, 255, 0, 0, 0, 0, 0, 255, 255, 255, 0};
    for (int y = 0; y < 6; y++)
        assert_memory_equal(mask.cover + y * 12, row, 12);
    assert_null(mask.rgba);
    assert_false(font.render(font.self, FACE_SANS, 8, "", 0, &mask));
}

static void only_the_first_512_bytes_count_and_no_size_is_too_large(void **state)
{
    (void)state;
    Font font = font_fixed();
    char text[2000];
    TextMask mask;
    memset(text, 'a', sizeof text);
    check_close(font.width(font.self, FACE_SANS, 10, text, sizeof text), 2560, 0);
    assert_true(font.render(font.self, FACE_SANS, 400, text, sizeof text, &mask));
    assert_true(mask.w * mask.h <= 1048576 && mask.h == 300);
    assert_false(font.render(font.self, FACE_SANS, 1e9f, text, 3, &mask));
}

static void direction_is_that_of_the_first_letter(void **state)
{
    (void)state;
    Font font = font_fixed();
    assert_false(font.rtl(font.self, "abc", 3));
    assert_true(font.rtl(font.self, "12 \xD7\x90 a", 7));
    assert_true(font.rtl(font.self, "\xD8\xA7", 2));
    assert_false(font.rtl(font.self, "a\xD7\x90", 3));
    assert_int_equal(font.uncovered(font.self, "a", 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_point_is_half_a_size_wide_and_a_wide_one_twice_that),
        cmocka_unit_test(a_mask_is_a_box_for_each_letter_and_nothing_for_a_space),
        cmocka_unit_test(only_the_first_512_bytes_count_and_no_size_is_too_large),
        cmocka_unit_test(direction_is_that_of_the_first_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
