#include "base/utf8.h"
#include "support/check.h"

#include <iconv.h>
#include <string.h>

static void every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110010; c++) {
        char text[5] = "####";
        size_t at = 0, size = utf8_put(text, c);
        bool fine = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        size_t want = !fine ? 0 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (size != want)
            fail_msg("U+%04X takes %zu bytes: expected %zu", (unsigned)c, size, want);
        if (!fine)
            continue;
        assert_true(size == 4 || text[size] == '#');
        if (utf8_next(text, size, &at) != c || at != size || utf8_valid(text, size) != size ||
            utf8_count(text, size) != 1 || utf8_back(text, size) != 0)
            fail_msg("U+%04X does not come back", (unsigned)c);
    }
}

static void known_characters_have_their_bytes(void **state)
{
    (void)state;
    static const struct {
        uint32_t code_point;
        const char *bytes;
    } cases[] = {{0x24, "\x24"},
                 {0xA3, "\xC2\xA3"},
                 {0x418, "\xD0\x98"},
                 {0x20AC, "\xE2\x82\xAC"},
                 {0xFFFF, "\xEF\xBF\xBF"},
                 {0x10348, "\xF0\x90\x8D\x88"},
                 {0x10FFFF, "\xF4\x8F\xBF\xBF"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[4];
        size_t at = 0, size = utf8_put(out, cases[i].code_point);
        assert_int_equal(size, strlen(cases[i].bytes));
        assert_memory_equal(out, cases[i].bytes, size);
        assert_int_equal(utf8_next(cases[i].bytes, size, &at), cases[i].code_point);
    }
}

/* The C library's converter as judge: the code point of exactly these bytes, or UTF8_BAD. */
static uint32_t judge(iconv_t to_utf32, const char *bytes, size_t size)
{
    char copy[4], out[16], *in = copy, *to = out;
    size_t left = size, room = sizeof out;
    uint32_t c;
    memcpy(copy, bytes, size);
    iconv(to_utf32, NULL, NULL, NULL, NULL);
    if (iconv(to_utf32, &in, &left, &to, &room) == (size_t)-1 || sizeof out - room != 4)
        return UTF8_BAD;
    memcpy(&c, out, 4);
    return c;
}

static void the_same_sequences_are_valid_as_for_the_system(void **state)
{
    (void)state;
    /* Every lead byte, with following bytes from both sides of every bound. */
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBE, 0xBF, 0xC0, 0xFF};
    enum { EDGES = sizeof edges };
    iconv_t to_utf32 = iconv_open("UTF-32LE", "UTF-8");
    if (to_utf32 == (iconv_t)-1) {
        print_message("SKIPPED: needs iconv from UTF-8 to UTF-32LE\n");
        skip();
    }
    for (size_t i = 0; i < (size_t)256 * EDGES * EDGES * EDGES; i++) {
        const char text[4] = {(char)(i / (EDGES * EDGES * EDGES)),
                              (char)edges[i / (EDGES * EDGES) % EDGES],
                              (char)edges[i / EDGES % EDGES], (char)edges[i % EDGES]};
        unsigned char lead = (unsigned char)text[0];
        size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, at = 0;
        uint32_t want = judge(to_utf32, text, size), got = utf8_next(text, 4, &at);
        size_t moved = want == UTF8_BAD ? 1 : size;
        if (got != want || at != moved)
            fail_msg("%02X %02X %02X %02X is U+%X of %zu: expected U+%X of %zu", lead,
                     (unsigned char)text[1], (unsigned char)text[2], (unsigned char)text[3],
                     (unsigned)got, at, (unsigned)want, moved);
        /* Cut short it is never valid. */
        for (size_t part = 1; want != UTF8_BAD && part < size; part++) {
            at = 0;
            assert_int_equal(utf8_next(text, part, &at), UTF8_BAD);
            assert_int_equal(at, 1);
        }
    }
    iconv_close(to_utf32);
}

static void the_first_bad_byte_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
    } cases[] = {{"", 0},
                 {"abc", 3},
                 {"a\xFFz", 1},
                 {"äö\x80", 4},
                 {"東\xE6\x9D", 3},
                 {"😀\xF0\x9F", 4},
                 {"\xED\xA0\x80", 0},
                 {"x\xC0\xAF", 1},
                 {"\xF5\x80\x80\x80", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(utf8_valid(cases[i].text, strlen(cases[i].text)), cases[i].bad);
    assert_int_equal(utf8_valid("a\0ä", 4), 4);
}

static void stepping_back_mirrors_stepping_forward(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "aäö東😀z",      "é\xFF\x80\x80ü", "\x80\x80\x80\x80\x80\x80", "\xE6\x9D\xE6\x9D\xB1",
        "\xF0\x9F\x98", "😀\x80",          "\xC3\xC3\xA4\xA4"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t starts[32], count = 0, at = 0, length = strlen(texts[i]);
        while (at < length) {
            starts[count++] = at;
            utf8_next(texts[i], length, &at);
        }
        assert_int_equal(utf8_count(texts[i], length), count);
        at = length;
        while (count > 0) {
            at = utf8_back(texts[i], at);
            assert_int_equal(at, starts[--count]);
        }
        assert_int_equal(utf8_back(texts[i], 0), 0);
    }
}

static void text_is_cut_between_code_points(void **state)
{
    (void)state;
    static const char text[] = "aä東😀z"; /* code points start at 0, 1, 3, 6, 10 */
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
    for (size_t max = 0; max < sizeof want / sizeof *want; max++)
        assert_int_equal(utf8_cut(text, sizeof text - 1, max), want[max]);
    /* Bytes that belong to nothing are cut anywhere. */
    static const char stray[] = "a\x80\x80\x80\x80\x80\x80";
    for (size_t max = 0; max <= 7; max++)
        assert_int_equal(utf8_cut(stray, 7, max), max);
    assert_int_equal(utf8_cut("", 0, 5), 0);
}

static void what_does_not_fit_is_cut_between_letters(void **state)
{
    (void)state;
    const char *text = "a\u00E9\u65E5\U0001F642z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    static const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t room = 0; room < sizeof ends / sizeof ends[0]; room++) {
        char out[32];
        memset(out, 'x', sizeof out);
        utf8_format(out, room + 1, "%s", text);
        assert_int_equal(strlen(out), ends[room]);
        assert_memory_equal(out, text, ends[room]);
        assert_int_equal(out[room + 1], 'x');
    }
}

static void a_byte_of_latin_1_is_advised_on(void **state)
{
    (void)state;
    assert_string_equal(utf8_advice("caf\xE9 noir", 9, 3),
                        " (Latin-1? iconv -f latin1 -t utf-8 makes it so)");
    assert_string_equal(utf8_advice("\xE9", 1, 0),
                        " (Latin-1? iconv -f latin1 -t utf-8 makes it so)");
    assert_string_equal(utf8_advice("a\x80z", 3, 1), "");
    assert_string_equal(utf8_advice("a\xE2\x82z", 4, 1), ""); /* cut, not Latin-1 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_of_latin_1_is_advised_on),
        cmocka_unit_test(what_does_not_fit_is_cut_between_letters),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(known_characters_have_their_bytes),
        cmocka_unit_test(the_same_sequences_are_valid_as_for_the_system),
        cmocka_unit_test(the_first_bad_byte_is_found),
        cmocka_unit_test(stepping_back_mirrors_stepping_forward),
        cmocka_unit_test(text_is_cut_between_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
