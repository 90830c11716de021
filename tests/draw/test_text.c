/* A font of known widths (10 px a code point, U+2026 too) makes every cut predictable by counting.
 */
#include "draw/text.h"

#include "base/file.h"
#include "base/utf8.h"
#include "draw/grapheme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static float ten_width(void *self, FontFace face, float px, const char *text, size_t length)
{
    (void)self;
    (void)face;
    assert_true(length <= 512);
    assert_int_equal(utf8_valid(text, length), length);
    return px * (float)utf8_count(text, length);
}

static const Font TEN = {.width = ten_width};
static const Theme PLAIN = {.body = 12};
static const TextKit KIT = {.font = &TEN, .scale = 1, .theme = &PLAIN};
static const TextStyle STYLE = {.size = 10};

/* ---- cutting ---- */

static void text_that_fits_is_not_cut(void **state)
{
    (void)state;
    char out[64];
    assert_false(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 50, out, sizeof out));
    assert_string_equal(out, "hello");
    assert_false(text_ellipsis(&KIT, FACE_SANS, 10, "", 0, out, sizeof out));
    assert_string_equal(out, "");
}

static void longer_text_ends_in_an_ellipsis_that_fits_too(void **state)
{
    (void)state;
    char out[64];
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 49, out, sizeof out));
    assert_string_equal(out, "hel…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 10, out, sizeof out));
    assert_string_equal(out, "…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 9, out, sizeof out));
    assert_string_equal(out, "");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "a bcdef", 40, out, sizeof out));
    assert_string_equal(out, "a b…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "ab cdef", 40, out, sizeof out));
    assert_string_equal(out, "ab…"); /* no space before the ellipsis */
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", NAN, out, sizeof out));
    assert_string_equal(out, "");
}

static void cuts_fall_between_clusters(void **state)
{
    (void)state;
    char out[64];
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "ae\u0301\u0300bcd", 45, out, sizeof out));
    assert_string_equal(out, "a…"); /* a + e with two marks + … would be five */
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "ae\u0301\u0300bcd", 50, out, sizeof out));
    assert_string_equal(out, "ae\u0301\u0300…");
}

static void a_small_buffer_cuts_like_a_small_box(void **state)
{
    (void)state;
    char out[8];
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello world", 999, out, sizeof out));
    assert_string_equal(out, "hell…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "\u4E2D\u6587\u5B57", 999, out, sizeof out));
    assert_string_equal(out, "\u4E2D…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 999, out, 4));
    assert_string_equal(out, "…");
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, "hello", 999, out, 3));
    assert_string_equal(out, "");
}

static void only_512_bytes_of_a_line_are_measured(void **state)
{
    (void)state;
    static char text[2001], out[1024];
    memset(text, 'x', 2000);
    assert_true(text_ellipsis(&KIT, FACE_SANS, 10, text, 1e9f, out, sizeof out));
    assert_int_equal(strlen(out), 512);
    assert_string_equal(out + 509, "…");
}

/* ---- placing ---- */

static void the_baseline_is_on_a_pixel(void **state)
{
    (void)state;
    TextKit kit = KIT;
    assert_float_equal(text_baseline(&kit, 0, 28, 12), 18, 0); /* 14 + 4.32 */
    kit.scale = 2;
    assert_float_equal(text_baseline(&kit, 0, 28, 12), 18.5, 0); /* 36.64 px */
}

static void a_line_stands_in_its_box(void **state)
{
    (void)state;
    DrawList list;
    draw_list_init(&list);
    TextStyle style = STYLE;
    Rect box = {100, 200, 60, 20};
    static const float X[] = {100, 130, 160};
    for (int align = ALIGN_LEFT; align <= ALIGN_RIGHT; align++) {
        style.align = (TextAlign)align;
        assert_false(text_in(&list, &KIT, box, &style, "hello"));
        const DrawCommand *last = &list.items[list.count - 1];
        assert_int_equal(last->kind, DRAW_TEXT);
        assert_float_equal(last->p0.x, X[align], 0);
        assert_float_equal(last->p0.y, 214, 0); /* 210 + 3.6 */
        assert_int_equal(last->length, 5);
        assert_memory_equal(last->text, "hello", 5);
    }
    style.rotate = 90;
    style.align = ALIGN_LEFT;
    assert_true(text_in(&list, &KIT, box, &style, "hello"));
    const DrawCommand *turned = &list.items[list.count - 1];
    assert_float_equal(turned->p0.x, 134, 0);
    assert_float_equal(turned->p0.y, 220, 0);
    assert_memory_equal(turned->text, "h…", 4);
    size_t count = list.count;
    assert_false(text_in(&list, &KIT, box, &style, ""));
    assert_true(text_in(&list, &KIT, (Rect){0, 0, 5, 5}, &style, "hello"));
    assert_int_equal(list.count, count);
    assert_false(text_label(&list, &KIT, box, "hello", 0xFF112233));
    assert_float_equal(list.items[count].style.size, 12, 0);
    assert_int_equal(list.items[count].style.color, 0xFF112233);
    draw_list_free(&list);
}

static void check_lines(float width, int max_lines, const char *text, const char *const *expected)
{
    DrawList list;
    draw_list_init(&list);
    Rect box = {0, 0, width, 100};
    int count = text_wrapped(&list, &KIT, box, &STYLE, 16, max_lines, text);
    assert_int_equal(text_wrapped(NULL, &KIT, box, &STYLE, 16, max_lines, text), count);
    size_t drawn = 0;
    for (int i = 0; i < count; i++) {
        assert_non_null(expected[i]);
        if (expected[i][0] == '\0')
            continue; /* an empty line is counted but there is nothing to draw */
        const DrawCommand *command = &list.items[drawn++];
        assert_int_equal(command->length, strlen(expected[i]));
        assert_memory_equal(command->text, expected[i], command->length);
        assert_float_equal(command->p0.y, (float)(16 * i) + 12, 0);
    }
    assert_null(expected[count]);
    assert_int_equal(list.count, drawn);
    draw_list_free(&list);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void text_wraps_at_spaces_then_at_clusters(void **state)
{
    (void)state;
    check_lines(80, 9, "the cat sat on", LINES("the cat", "sat on"));
    check_lines(70, 9, "the cat  sat", LINES("the cat", "sat"));
    check_lines(30, 9, "abcdefg hi", LINES("abc", "def", "g", "hi"));
    check_lines(30, 9, "\u4E2D\u6587\u5B57\u8BCD", LINES("\u4E2D\u6587\u5B57", "\u8BCD"));
    check_lines(20, 9, "ae\u0301b", LINES("a", "e\u0301", "b"));
    check_lines(90, 9, "one\n\ntwo", LINES("one", "", "two"));
    check_lines(1, 9, "ab", LINES("a", "b")); /* always gets on */
    check_lines(70, 2, "the cat sat on", LINES("the cat", "sat on"));
    check_lines(40, 2, "aa bb cc", LINES("aa", "bb…"));
    check_lines(40, 2, "the cat sat on", LINES("the", "cat…"));
    check_lines(30, 2, "the cat sat on", LINES("the", "ca…"));
    assert_int_equal(text_wrapped(NULL, &KIT, (Rect){0, 0, 50, 50}, &STYLE, 16, 3, ""), 0);
}

/* ---- tokens ---- */

typedef struct {
    const char *from, *to;
} Shown;

static void check_shown(const Shown *cases, size_t count,
                        void (*show)(const char *, char *, size_t))
{
    char out[256];
    for (size_t i = 0; i < count; i++) {
        show(cases[i].from, out, sizeof out);
        if (strcmp(out, cases[i].to) != 0)
            fail_msg("case %zu `%s`: expected `%s`, found `%s`", i, cases[i].from, cases[i].to,
                     out);
    }
}

static void tokens_are_shown_as_a_reader_knows_them(void **state)
{
    (void)state;
    static const Shown CASES[] = {
        {"", "∅"},
        {"the", "the"},
        {"Ġthe", "the"},
        {"▁le", "le"},
        {" plain", "plain"},
        {"##ing", "ing"},
        {"lo@@", "lo"},
        {"Ġ", "␣"},
        {"▁", "␣"},
        {" ", "␣"},
        {"ĠĠ", "␣␣"},
        {"Ċ", "␊"},
        {"ĠĊ", "␣␊"},
        {"čĊ", "␍␊"},
        {"ĉ", "␉"},
        {"\n", "␊"},
        {"\t\n", "␉␊"},
        {"New▁York", "New York"},
        {"ĠNewĠYork", "New York"},
        {"##", "##"},
        {"###", "###"},
        {"@@", "@@"},
        {"@-@", "@-@"},
        {"[CLS]", "[CLS]"},
        {"<|endoftext|>", "<|endoftext|>"},
        {"__init__", "__init__"},
        {"'s", "'s"},
        {"\u00A0", "⟨U+00A0⟩"},
        {"\u3000", "⟨U+3000⟩"},
    };
    check_shown(CASES, sizeof CASES / sizeof CASES[0], text_token);
}

/* Left: bytes of UTF-8 written in the alphabet of GPT-2's vocabulary (0x80 is U+0122 …), by its
 * table. */
static void byte_level_tokens_are_decoded(void **state)
{
    (void)state;
    static const Shown CASES[] = {
        {"Ã©", "é"},
        {"Ġcaf\u00C3\u00A9", "café"},
        {"\u00E2\u0122\u013B", "\u2019"}, /* E2 80 99 */
        {"\u00E2\u0122\u013Bs", "\u2019s"},
        {"\u00E4\u00B8\u0143\u00E5\u013D\u00BD", "\u4E2D\u56FD"},       /* E4 B8 AD E5 9B BD */
        {"\u00D0\u00BF\u00D1\u0122\u00D0\u00B8", "\u043F\u0440\u0438"}, /* D0 BF D1 80 D0 B8 */
        {"\u00C5\u0124", "\u0142"},                                     /* C5 82 */
        {"\u00F0\u0141\u013A\u0122", "\U0001F600"},                     /* F0 9F 98 80 */
        {"Ġ\u00F0\u0141", "⟨F0⟩⟨9F⟩"},
        {"\u00E2\u0122", "⟨E2⟩⟨80⟩"},
    };
    check_shown(CASES, sizeof CASES / sizeof CASES[0], text_token);
}

static void real_words_are_not_taken_for_bytes(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"é",        "ł",      "pół",
                                        "ciąg",     "że",     "ł\u00F3d\u017A",
                                        "č",        "čas",    "ĉu",
                                        "Çıktı",    "açı",    "kráľ",
                                        "café",     "café»",  "LIBERTÉ»",
                                        "Spaß»",    "naïve",  "über",
                                        "ñandú",    "İzmir",  "ğ",
                                        "Ģ",        "ķēniņš", "Ånd",
                                        "Ægir",     "þetta",  "è»",
                                        "tatilçı»", "kráľ»",  "Öı",
                                        "20°",      "m²",     "d'\u00E9t\u00E9",
                                        "Ø",        "Łódź"};
    char out[64];
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        text_token(WORDS[i], out, sizeof out);
        assert_string_equal(out, WORDS[i]);
    }
}

static void plain_tokens_are_shown_as_they_are(void **state)
{
    (void)state;
    static const char *const TOKENS[] = {"hay", "<start>", "it's", "a/b", "~"};
    static const char *const OTHERS[] = {"", " a", "##b", "b@@", "\u0120a", "\u2581", "a b", "\n"};
    char out[64];
    for (size_t i = 0; i < sizeof TOKENS / sizeof TOKENS[0]; i++) {
        assert_true(text_token_plain(TOKENS[i], sizeof out));
        assert_false(text_token_plain(TOKENS[i], strlen(TOKENS[i])));
        text_token(TOKENS[i], out, sizeof out);
        assert_string_equal(out, TOKENS[i]);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        assert_false(text_token_plain(OTHERS[i], sizeof out));
}

static void invisible_characters_become_visible(void **state)
{
    (void)state;
    static const Shown CASES[] = {
        {"", ""},
        {"a b", "a b"},
        {"a\tb\x7F", "a␉b␡"},
        {"\x01\x1F", "␁␟"},
        {"\xC2\x85", "⟨U+0085⟩"},
        {"\u202Eabc\u202C", "⟨U+202E⟩abc⟨U+202C⟩"},
        {"\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"},
        {"\u200E\u200F\u061C", "⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩"},
        {"\uFEFFa", "⟨U+FEFF⟩a"},
        {"\u200B", "⟨U+200B⟩"},
        {"\u200D", "⟨U+200D⟩"},
        {"a\u200Db", "a⟨U+200D⟩b"},
        {"soft\u00ADhyphen", "soft⟨U+00AD⟩hyphen"},
        {"\u2028", "⟨U+2028⟩"},
        {"\U000E0041", "⟨U+E0041⟩"},
        {"\uFE0F", "⟨U+FE0F⟩"},
        {"a\uFE0F", "a⟨U+FE0F⟩"},
        {"\u0301", "\u25CC\u0301"},
        {"a \u0301", "a \u25CC\u0301"},
        {"\u202E\u0301", "⟨U+202E⟩\u25CC\u0301"},
        {"\u093F", "\u25CC\u093F"},
        {"a\xFF\xE2\x80z", "a⟨FF⟩⟨E2⟩⟨80⟩z"},
        {"\U0010FFFF", "⟨U+10FFFF⟩"},
        {"\u3164", "⟨U+3164⟩"},
    };
    check_shown(CASES, sizeof CASES / sizeof CASES[0], text_visible);
}

static void joiners_and_selectors_that_do_something_are_kept(void **state)
{
    (void)state;
    static const char *const KEPT[] = {
        "\U0001F468\u200D\U0001F469\u200D\U0001F467", /* family */
        "\U0001F469\U0001F3FD\u200D\U0001F4BB",       /* with a skin tone inside */
        "\u2764\uFE0F\u200D\U0001F525",               /* heart on fire */
        "1\uFE0F\u20E3",                              /* keycap */
        "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", /* England */
        "\u0915\u094D\u200D\u0937",                         /* ka virama ZWJ ssa */
        "\u0D28\u0D4D\u200D",                               /* Malayalam chillu */
        "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", /* Persian, ZWNJ inside */
        "\u845B\U000E0100",                                 /* Han with a variant */
        "e\u0301",
        "\u0600\u0661", /* Arabic number sign is drawn */
    };
    char out[128];
    for (size_t i = 0; i < sizeof KEPT / sizeof KEPT[0]; i++) {
        text_visible(KEPT[i], out, sizeof out);
        assert_string_equal(out, KEPT[i]);
    }
}

static void a_full_buffer_ends_between_units(void **state)
{
    (void)state;
    char out[64];
    for (size_t cap = 1; cap < 40; cap++) {
        memset(out, '#', sizeof out);
        text_visible("a\u202Ee\u0301\U0001F600z\xFF", out, cap);
        size_t length = strlen(out);
        assert_true(length < cap);
        assert_int_equal(utf8_valid(out, length), length);
        assert_null(strstr(out, "\u27E8") && !strstr(out, "\u27E9") ? out : NULL);
        assert_int_equal(out[cap], '#');
    }
    text_visible("a", NULL, 0);
    text_token("", NULL, 0);
}

/* Every line of the big list of naughty strings, through everything that shows strings. */
static void naughty_strings_come_out_valid(void **state)
{
    (void)state;
    Buf buf;
    Error err = {0};
    buf_init(&buf, BUF_NO_LIMIT);
    if (!file_read_all(TEST_SHARED_DIR "/unicode/blns/blns.txt", BUF_NO_LIMIT, &buf, NULL, &err)) {
        buf_free(&buf);
        print_message("missing: unicode/blns/blns.txt\n");
        skip();
    }
    static char line[4096], shown[8192], cut[600];
    size_t lines = 0;
    for (size_t at = 0; at < buf.size; lines++) {
        size_t length = strcspn(buf.data + at, "\n");
        size_t keep = length < sizeof line ? length : sizeof line - 1;
        memcpy(line, buf.data + at, keep);
        line[keep] = '\0';
        at += length + 1;
        void (*const SHOW[])(const char *, char *, size_t) = {text_token, text_visible};
        for (int i = 0; i < 2; i++) {
            SHOW[i](line, shown, sizeof shown);
            size_t size = strlen(shown);
            assert_int_equal(utf8_valid(shown, size), size);
            for (size_t c = 0; c < size; c++)
                assert_true((unsigned char)shown[c] >= 0x20 && shown[c] != 0x7F);
            assert_null(strstr(shown, "\u202E"));
            for (float width = 0; width < 300; width += 70) {
                bool was_cut = text_ellipsis(&KIT, FACE_SANS, 10, shown, width, cut, sizeof cut);
                assert_true(text_width(&KIT, FACE_SANS, 10, cut) <= width + 0.01f);
                assert_true(was_cut || strcmp(cut, shown) == 0);
            }
        }
    }
    buf_free(&buf);
    assert_true(lines > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_fits_is_not_cut),
        cmocka_unit_test(longer_text_ends_in_an_ellipsis_that_fits_too),
        cmocka_unit_test(cuts_fall_between_clusters),
        cmocka_unit_test(a_small_buffer_cuts_like_a_small_box),
        cmocka_unit_test(only_512_bytes_of_a_line_are_measured),
        cmocka_unit_test(the_baseline_is_on_a_pixel),
        cmocka_unit_test(a_line_stands_in_its_box),
        cmocka_unit_test(text_wraps_at_spaces_then_at_clusters),
        cmocka_unit_test(tokens_are_shown_as_a_reader_knows_them),
        cmocka_unit_test(byte_level_tokens_are_decoded),
        cmocka_unit_test(real_words_are_not_taken_for_bytes),
        cmocka_unit_test(plain_tokens_are_shown_as_they_are),
        cmocka_unit_test(invisible_characters_become_visible),
        cmocka_unit_test(joiners_and_selectors_that_do_something_are_kept),
        cmocka_unit_test(a_full_buffer_ends_between_units),
        cmocka_unit_test(naughty_strings_come_out_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
