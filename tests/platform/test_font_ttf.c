/* References: DejaVu's published metrics (2048 units per em: digits of Sans 1303, every glyph of
 * Mono 1233, ascent 1901), and what shaping must do to a script whatever the font. Fonts other than
 * the bundled ones are looked for on the system; what needs them is skipped by name where they
 * lack. */
#include "platform/font_ttf.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FONTS TEST_SOURCE_DIR "/assets/fonts"
#define EM    (1.0f / 2048.0f)

typedef struct {
    FontTtf *bundled, *system; /* system: fontconfig too */
    Font font, wide;
} Fixture;

static Fixture the;

static int set_up(void **state)
{
    (void)state;
    Error err = {0};
    /* the folder of fonts again, so that its other files are met, and nothing else */
    the.bundled = font_ttf_new(&(FontTtfOptions){FONTS, FONTS, false}, &err);
    the.system = font_ttf_new(&(FontTtfOptions){FONTS, NULL, false}, &err);
    if (!the.bundled || !the.system)
        return -1;
    the.font = font_ttf_font(the.bundled);
    the.wide = font_ttf_font(the.system);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    font_ttf_free(the.bundled);
    font_ttf_free(the.system);
    font_ttf_free(NULL);
    return 0;
}

static float width_of(const Font *font, FontFace face, float px, const char *text)
{
    return font->width(font->self, face, px, text, strlen(text));
}

static float width(const char *text)
{
    return width_of(&the.font, FACE_SANS, 12, text);
}

/* ---- measuring ---- */

static void widths_are_those_of_the_fonts_own_metrics(void **state)
{
    (void)state;
    assert_float_equal(width("0123456789"), 10 * 1303 * EM * 12, 1e-3);
    assert_float_equal(width_of(&the.font, FACE_MONO, 12, "0.538324020"), 11 * 1233 * EM * 12,
                       1e-3);
    assert_float_equal(the.font.ascent(the.font.self, FACE_SANS, 20), 1901 * EM * 20, 1e-3);
    assert_true(width_of(&the.font, FACE_BOLD, 12, "because") > width("because"));
    for (char digit = '0'; digit <= '9'; digit++) /* tabular */
        assert_float_equal(width((char[]){digit, '\0'}), 1303 * EM * 12, 1e-4);
}

static void widths_grow_with_size_and_length(void **state)
{
    (void)state;
    static const char TEXT[] = "The animal didn\u2019t cross the street: \u221A64";
    float before = -1;
    for (size_t at = 0; at <= strlen(TEXT); at++) {
        if (((unsigned char)TEXT[at] & 0xC0) == 0x80)
            continue;
        float now = the.font.width(the.font.self, FACE_SANS, 13.4f, TEXT, at);
        assert_true(now > before);
        before = now;
    }
    assert_float_equal(width_of(&the.font, FACE_SANS, 24, TEXT), 2 * width(TEXT), 1e-2);
    assert_float_equal(width_of(&the.font, FACE_SANS, 12.5f, TEXT), width(TEXT) * 12.5f / 12, 1e-2);
    assert_float_equal(width(TEXT), width(TEXT), 0); /* from the cache */
}

static void nothing_has_no_width_and_no_mask(void **state)
{
    (void)state;
    static const char *const NOTHING[] = {"", "\u200B", "\u200D", "\uFEFF", "\u00AD"};
    TextMask mask;
    for (size_t i = 0; i < sizeof NOTHING / sizeof NOTHING[0]; i++) {
        size_t length = strlen(NOTHING[i]);
        assert_float_equal(width(NOTHING[i]), 0, 0);
        assert_false(the.font.render(the.font.self, FACE_SANS, 12, NOTHING[i], length, &mask));
    }
    assert_true(width(" ") > 0);
    assert_false(the.font.render(the.font.self, FACE_SANS, 12, " ", 1, &mask));
}

/* ---- drawing ---- */

static TextMask render(const Font *font, float px, const char *text)
{
    TextMask mask;
    if (!font->render(font->self, FACE_SANS, px, text, strlen(text), &mask))
        fail_msg("no mask of `%s` at %g px", text, (double)px);
    return mask;
}

static int cover_at(const TextMask *mask, int x, int y)
{
    x -= mask->left;
    y -= mask->top;
    return x >= 0 && y >= 0 && x < mask->w && y < mask->h ? mask->cover[y * mask->w + x] : 0;
}

static void letters_stand_on_the_baseline_at_their_size(void **state)
{
    (void)state;
    for (float px = 9; px < 100; px *= 1.21f) {
        TextMask mask = render(&the.font, px, "Hx");
        assert_in_range(mask.top + mask.h, 0, 1);
        assert_true(fabsf((float)-mask.top - 1493 * EM * px) < 1.5f); /* capital height */
        assert_true(fabsf((float)(mask.left + mask.w) - mask.advance) <= 0.1f * px + 1);
        assert_float_equal(mask.advance, width_of(&the.font, FACE_SANS, px, "Hx"), 1e-3);
        assert_null(mask.rgba);
    }
}

/* SDL_ttf moves the origin of what does not fit its surface; a row of labels must not dance. */
static void marks_above_and_ink_before_the_pen_move_nothing(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"x\u1EB4", "x\u00C5", "x\u0301\u0301\u0301",
                                        "xj\u0323\u0323", "x\u0639\u0631"};
    for (float px = 9; px < 40; px += 2.3f) {
        static int alone[64][64];
        TextMask mask = render(&the.font, px, "x");
        int w = (int)(0.4f * px), top = mask.top;
        for (int x = 0; x < w; x++)
            for (int y = top; y < 2; y++)
                alone[x][y - top] = cover_at(&mask, x, y);
        for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
            mask = render(&the.font, px, TEXTS[i]);
            for (int x = 0; x < w; x++)
                for (int y = top; y < 2; y++)
                    if (abs(cover_at(&mask, x, y) - alone[x][y - top]) > 2)
                        fail_msg("%s at %g px differs at %d, %d", TEXTS[i], (double)px, x, y);
        }
    }
    TextMask j = render(&the.font, 30, "j"); /* its hook reaches left of the pen */
    assert_true(j.left < 0);
    assert_int_equal(cover_at(&j, 4, -5) > 128, 1); /* and its stem is where its metrics say */
}

static void hinting_can_be_off(void **state)
{
    (void)state;
    Error err = {0};
    FontTtf *plain = font_ttf_new(&(FontTtfOptions){FONTS, FONTS, true}, &err);
    assert_non_null(plain);
    Font font = font_ttf_font(plain);
    int blurred = 0, sharp = 0;
    TextMask mask = render(&font, 12, "HEFT");
    for (int i = 0; i < mask.w * mask.h; i++)
        blurred += mask.cover[i] > 0 && mask.cover[i] < 255;
    mask = render(&the.font, 12, "HEFT");
    for (int i = 0; i < mask.w * mask.h; i++)
        sharp += mask.cover[i] > 0 && mask.cover[i] < 255;
    assert_true(blurred > sharp); /* light hinting puts horizontal strokes onto pixel rows */
    font_ttf_free(plain);
}

/* ---- shaping (DejaVu has Arabic and Hebrew) ---- */

static void arabic_letters_are_joined(void **state)
{
    (void)state;
    float alone = width("\u0643") + width("\u062A") + width("\u0627") + width("\u0628");
    float joined = width("\u0643\u062A\u0627\u0628"); /* kitab */
    assert_true(joined < 0.85f * alone);
    assert_true(width("\u0644\u0627") < 0.8f * (width("\u0644") + width("\u0627"))); /* lam-alef */
    assert_true(the.font.rtl(the.font.self, "\u0643\u062A", 4));
    assert_false(the.font.rtl(the.font.self, "a\u0643", 3));
}

static void right_to_left_text_begins_at_the_right(void **state)
{
    (void)state;
    static int left[32][64];
    TextMask mask = render(&the.font, 24, "\u05D1"); /* bet */
    int w = (int)mask.advance - 1;
    for (int x = 0; x < w; x++)
        for (int y = -20; y < 5; y++)
            left[x][y + 20] = cover_at(&mask, x, y);
    TextMask pair = render(&the.font, 24, "\u05D0\u05D1"); /* alef bet: bet stands left */
    for (int x = 0; x < w; x++)
        for (int y = -20; y < 5; y++)
            assert_int_equal(cover_at(&pair, x, y), left[x][y + 20]);
    float sum = width("\u05D0") + width("\u05D1");
    assert_float_equal(width("\u05D0\u05D1"), sum, 0.5);
}

static void marks_sit_on_their_letters(void **state)
{
    (void)state;
    assert_float_equal(width("e\u0301"), width("\u00E9"), 1e-3);
    assert_float_equal(width("g\u0308\u0323"), width("g"), 1e-3);
    assert_float_equal(width("\u05D1\u05BC"), width("\u05D1"), 1.0);
}

/* ---- what no font covers ---- */

static void uncovered_characters_are_boxes_and_are_told(void **state)
{
    (void)state;
    Error err = {0};
    FontTtf *ttf = font_ttf_new(&(FontTtfOptions){FONTS, FONTS, false}, &err);
    assert_non_null(ttf);
    Font font = font_ttf_font(ttf);
    static const char TEXT[] = "a\U00013000b\u4E2D\u4E2D";
    uint32_t missing[4] = {0};
    assert_int_equal(font_ttf_missing(ttf, missing, 4), 0);
    assert_int_equal(font.uncovered(font.self, TEXT, sizeof TEXT - 1), 0x13000);
    assert_int_equal(font.uncovered(font.self, "abc\u064A", 5), 0);
    assert_int_equal(font.uncovered(font.self, "\u240A\t\xFF", 5), 0);
    assert_int_equal(font.uncovered(font.self, "", 0), 0);
    assert_int_equal(font_ttf_missing(ttf, missing, 4), 2);
    assert_int_equal(missing[0], 0x13000);
    assert_int_equal(missing[1], 0x4E2D);
    TextMask mask = render(&font, 12, "\u4E2D");
    assert_in_range(mask.w, 9, 13);
    assert_in_range(mask.h, 13, 17);
    for (int x = 0; x < mask.w; x++) /* a frame all around */
        assert_true(mask.cover[x] > 0 && mask.cover[(mask.h - 1) * mask.w + x] > 0);
    int ink = 0, other = 0;
    for (int i = 0; i < mask.w * mask.h; i++)
        ink += mask.cover[i] == 255;
    mask = render(&font, 12, "\u4E11");
    for (int i = 0; i < mask.w * mask.h; i++)
        other += mask.cover[i] == 255;
    assert_int_equal(ink, 9 + 10 + 11 + 10); /* dots of 4 E 2 D */
    assert_int_equal(other, 9 + 10 + 8 + 8); /* 4 E 1 1 */
    font_ttf_free(ttf);
}

static void the_package_with_the_font_is_named(void **state)
{
    (void)state;
    assert_string_equal(font_ttf_package(0x4E2D), "fonts-noto-cjk");
    assert_string_equal(font_ttf_package(0x3042), "fonts-noto-cjk");
    assert_string_equal(font_ttf_package(0xD55C), "fonts-noto-cjk");
    assert_string_equal(font_ttf_package(0x3002), "fonts-noto-cjk");
    assert_string_equal(font_ttf_package(0x1F600), "fonts-noto-color-emoji");
    assert_string_equal(font_ttf_package(0x1F1E9), "fonts-noto-color-emoji");
    assert_string_equal(font_ttf_package(0x0928), "fonts-noto-core");
    assert_string_equal(font_ttf_package(0x13000), "fonts-noto-core");
}

static void a_missing_bundled_font_is_an_error(void **state)
{
    (void)state;
    Error err = {0};
    assert_null(font_ttf_new(&(FontTtfOptions){TEST_SOURCE_DIR "/src", NULL, false}, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.what, "expected"));
    assert_string_equal(err.where, "DejaVuSans.ttf");
    FontTtf *ttf = font_ttf_new(&(FontTtfOptions){FONTS, "/nowhere", false}, NULL);
    assert_non_null(ttf); /* an absent folder has no fonts; that is all */
    font_ttf_free(ttf);
}

static void any_bytes_can_be_drawn(void **state)
{
    (void)state;
    char text[700];
    uint32_t seed = 11;
    TextMask mask;
    for (int round = 0; round < 300; round++) {
        size_t length = 0, want = (size_t)(round % 60) * 10;
        while (length < want) {
            seed = seed * 1664525u + 1013904223u;
            if (round % 3 == 0)
                text[length++] = (char)(seed >> 20);
            else
                length +=
                    utf8_put(text + length, (seed >> 8) % (round % 3 == 1 ? 0x3000 : 0x1FFFF));
        }
        float px = 3 + (float)(round % 40);
        float w = the.font.width(the.font.self, FACE_MONO, px, text, length);
        assert_true(isfinite(w) && w >= 0);
        if (the.font.render(the.font.self, FACE_MONO, px, text, length, &mask))
            assert_float_equal(mask.advance, w, 0.01f * w + 1e-3f);
        the.font.uncovered(the.font.self, text, length);
    }
    memset(text, 'w', sizeof text);
    float all = the.font.width(the.font.self, FACE_MONO, 10, text, sizeof text);
    assert_float_equal(all, 512 * 1233 * EM * 10, 0.5);
    assert_true(isfinite(the.font.width(the.font.self, FACE_SANS, NAN, "a", 1)));
    assert_true(the.font.render(the.font.self, FACE_SANS, 1e9f, "a", 1, &mask));
    assert_false(the.font.render(the.font.self, FACE_SANS, 1e9f, text, sizeof text, &mask));
}

static void without_memory_there_is_a_gap_and_no_leak(void **state)
{
    (void)state;
    static const char TEXT[] = "ab\u0643 \u240A \u05D0";
    int64_t live = mem_live();
    int failed = 0, drawn = 0;
    for (uint64_t n = 1; n < 40; n++) {
        TextMask mask;
        Error err = {0};
        mem_fail_at(n, n % 2 == 0);
        FontTtf *ttf = font_ttf_new(&(FontTtfOptions){FONTS, FONTS, false}, &err);
        if (ttf) {
            Font font = font_ttf_font(ttf);
            assert_true(font.width(font.self, FACE_SANS, 12, TEXT, sizeof TEXT - 1) > 0);
            drawn += font.render(font.self, FACE_SANS, 12, TEXT, sizeof TEXT - 1, &mask);
            mem_fail_at(0, false);
            assert_true(font.render(font.self, FACE_SANS, 12, TEXT, sizeof TEXT - 1, &mask));
        } else {
            failed++;
            assert_int_not_equal(err.kind, ERROR_NONE);
        }
        mem_fail_at(0, false);
        font_ttf_free(ttf);
        assert_int_equal(mem_live(), live);
    }
    assert_true(failed > 3 && drawn > 3);
}

/* ---- fonts of the system ---- */

static void need(const char *text)
{
    uint32_t lacking = the.wide.uncovered(the.wide.self, text, strlen(text));
    if (lacking != 0) {
        print_message("missing: %s (U+%04X)\n", font_ttf_package(lacking), (unsigned)lacking);
        skip();
    }
}

static float system_width(const char *text)
{
    return width_of(&the.wide, FACE_SANS, 12, text);
}

static void devanagari_forms_conjuncts(void **state)
{
    (void)state;
    need("\u0915\u094D\u0937");
    float parts = system_width("\u0915") + system_width("\u0937");
    assert_true(system_width("\u0915\u094D\u0937") < 0.95f * parts); /* kssa */
    assert_true(render(&the.wide, 16, "\u0928\u092E\u0938\u094D\u0924\u0947").h > 10);
}

static void thai_marks_take_no_room(void **state)
{
    (void)state;
    need("\u0E19\u0E35\u0E48");
    assert_float_equal(system_width("\u0E19\u0E35\u0E48"), system_width("\u0E19"), 1e-3);
}

static void chinese_japanese_and_korean_are_one_em_wide(void **state)
{
    (void)state;
    need("\u4E2D\u3042");
    assert_float_equal(system_width("\u6CE8\u610F\u529B\u673A\u5236"), 60, 0.1);
    assert_float_equal(system_width("\u3042\u30AB\u6771"), 36, 0.1);
    need("\uD55C");
    assert_true(system_width("\uD55C\uAD6D") > 20);
    assert_true(system_width("\u4E2D") + system_width("x") > 18);
}

static void emoji_are_colourful_and_sequences_are_one_picture(void **state)
{
    (void)state;
    need("\U0001F468\u200D\U0001F469\u200D\U0001F467");
    if (!render(&the.wide, 16, "\U0001F600").rgba) {
        print_message("missing: fonts-noto-color-emoji\n");
        skip();
    }
    float one = system_width("\U0001F600");
    assert_float_equal(system_width("\U0001F468\u200D\U0001F469\u200D\U0001F467"), one, 0.1);
    assert_float_equal(system_width("\U0001F1E9\U0001F1EA"), one, 0.1);
    assert_float_equal(system_width("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7"), 2 * one, 0.1);
    TextMask mask = render(&the.wide, 16, "a\U0001F600b"); /* a yellow face between black letters */
    assert_in_range(mask.h, 12, 24);
    int yellow = 0, ink = 0, both = 0;
    for (int i = 0; i < mask.w * mask.h; i++) {
        Color c = mask.rgba[i];
        yellow +=
            c >> 24 == 255 && (c >> 16 & 255) > 200 && (c >> 8 & 255) > 150 && (c & 255) < 120;
        ink += mask.cover[i] > 128;
        both += mask.cover[i] > 128 && c >> 24 > 128;
    }
    assert_true(yellow > 60);
    assert_true(ink > 20);
    assert_int_equal(both, 0);
}

static void mixed_lines_keep_one_baseline(void **state)
{
    (void)state;
    static const char TEXT[] = "x \u0928\u092E\u0938\u094D\u0924\u0947 \u4E2D\u6587 \U0001F600 "
                               "\u0639\u0631\u0628\u064A 12";
    need(TEXT);
    static int alone[64];
    TextMask mask = render(&the.wide, 20, "x");
    for (int y = 0; y < 12; y++)
        alone[y] = cover_at(&mask, 5, -11 + y);
    mask = render(&the.wide, 20, TEXT);
    for (int y = 0; y < 12; y++)
        assert_int_equal(cover_at(&mask, 5, -11 + y), alone[y]);
    assert_float_equal(mask.advance, width_of(&the.wide, FACE_SANS, 20, TEXT), 1e-2);
    assert_true((float)(mask.left + mask.w) <= mask.advance + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_those_of_the_fonts_own_metrics),
        cmocka_unit_test(widths_grow_with_size_and_length),
        cmocka_unit_test(nothing_has_no_width_and_no_mask),
        cmocka_unit_test(letters_stand_on_the_baseline_at_their_size),
        cmocka_unit_test(marks_above_and_ink_before_the_pen_move_nothing),
        cmocka_unit_test(hinting_can_be_off),
        cmocka_unit_test(arabic_letters_are_joined),
        cmocka_unit_test(right_to_left_text_begins_at_the_right),
        cmocka_unit_test(marks_sit_on_their_letters),
        cmocka_unit_test(uncovered_characters_are_boxes_and_are_told),
        cmocka_unit_test(the_package_with_the_font_is_named),
        cmocka_unit_test(a_missing_bundled_font_is_an_error),
        cmocka_unit_test(any_bytes_can_be_drawn),
        cmocka_unit_test(without_memory_there_is_a_gap_and_no_leak),
        cmocka_unit_test(devanagari_forms_conjuncts),
        cmocka_unit_test(thai_marks_take_no_room),
        cmocka_unit_test(chinese_japanese_and_korean_are_one_em_wide),
        cmocka_unit_test(emoji_are_colourful_and_sequences_are_one_picture),
        cmocka_unit_test(mixed_lines_keep_one_baseline),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
