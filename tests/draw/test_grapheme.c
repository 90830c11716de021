/* Reference: the Unicode Consortium's GraphemeBreakTest 14.0, and clusters known from the standard.
 */
#include "draw/grapheme.h"

#include "base/file.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BREAK_TEST TEST_SHARED_DIR "/unicode/ucd/GraphemeBreakTest.txt"

typedef struct {
    char text[256];
    size_t length;
    size_t cuts[64];
    size_t cut_count;
} BreakLine;

/* `÷ 0020 × 0308 ÷` → text and the byte offsets of its boundaries. */
static bool read_line(const char *line, size_t length, BreakLine *out)
{
    *out = (BreakLine){0};
    for (size_t at = 0; at < length && line[at] != '#';) {
        if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
            at++;
            continue;
        }
        if ((unsigned char)line[at] >= 0x80) { /* ÷ is C3 B7, × is C3 97 */
            if ((unsigned char)line[at + 1] == 0xB7)
                out->cuts[out->cut_count++] = out->length;
            at += 2;
            continue;
        }
        char *end;
        uint32_t code_point = (uint32_t)strtoul(line + at, &end, 16);
        out->length += utf8_put(out->text + out->length, code_point);
        at = (size_t)(end - line);
    }
    return out->cut_count > 0;
}

static void check_line(const BreakLine *line, size_t number)
{
    for (size_t i = 0; i + 1 < line->cut_count; i++) {
        size_t next = grapheme_next(line->text, line->length, line->cuts[i]);
        size_t back = grapheme_back(line->text, line->length, line->cuts[i + 1]);
        if (next != line->cuts[i + 1] || back != line->cuts[i])
            fail_msg("line %zu: cluster %zu is %zu-%zu, found next %zu back %zu", number, i,
                     line->cuts[i], line->cuts[i + 1], next, back);
    }
}

static void the_unicode_break_test_passes_in_both_directions(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    Error err = {0};
    if (!file_read_all(BREAK_TEST, BUF_NO_LIMIT, &buf, NULL, &err)) {
        buf_free(&buf);
        print_message("missing: unicode/ucd/GraphemeBreakTest.txt\n");
        skip();
    }
    size_t checked = 0, number = 0;
    for (size_t at = 0; at < buf.size;) {
        const char *line = buf.data + at;
        const char *end = memchr(line, '\n', buf.size - at);
        size_t length = end ? (size_t)(end - line) : buf.size - at;
        BreakLine parsed;
        number++;
        if (read_line(line, length, &parsed)) {
            check_line(&parsed, number);
            checked++;
        }
        at += length + 1;
    }
    buf_free(&buf);
    assert_int_equal(checked, 602);
}

static size_t clusters(const char *text)
{
    size_t length = strlen(text), count = 0;
    for (size_t at = 0; at < length; at = grapheme_next(text, length, at))
        count++;
    return count;
}

static void one_backspace_removes_what_a_reader_calls_one_sign(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } CASES[] = {
        {"", 0},
        {"abc", 3},
        {"e\u0301", 1},
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467", 1}, /* family */
        {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 2},   /* two flags */
        {"\U0001F44D\U0001F3FD", 1},                       /* skin tone */
        {"\U0001F3F4\U000E0067\U000E0062\U000E007F", 1},   /* tag flag */
        {"1\uFE0F\u20E3", 1},                              /* keycap */
        {"\u1100\u1161\u11A8", 1},                         /* Hangul by letters */
        {"\uD55C\uAE00", 2},                               /* Hangul by syllables */
        {"\u0928\u093F", 1},                               /* Devanagari ni */
        {"\u0E01\u0E33", 1},                               /* Thai sara am */
        {"\r\n", 1},
        {"\n\r", 2},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        assert_int_equal(clusters(CASES[i].text), CASES[i].count);
}

static void invalid_bytes_are_clusters_of_their_own(void **state)
{
    (void)state;
    static const char TEXT[] = "a\xFF\xE2\x80";
    size_t length = sizeof TEXT - 1;
    assert_int_equal(grapheme_next(TEXT, length, 0), 1);
    assert_int_equal(grapheme_next(TEXT, length, 1), 2);
    assert_int_equal(grapheme_next(TEXT, length, 2), 3);
    assert_int_equal(grapheme_next(TEXT, length, 3), 4);
    assert_int_equal(grapheme_next(TEXT, length, 4), 4);
    assert_int_equal(grapheme_next(TEXT, length, 99), 4);
    assert_int_equal(grapheme_back(TEXT, length, 0), 0);
    assert_int_equal(grapheme_back(TEXT, length, 99), 3);
}

static void emoji_are_told_from_text(void **state)
{
    (void)state;
    static const char *const EMOJI[] = {
        "\U0001F600",      "\u2764\uFE0F", "\U0001F1EF\U0001F1F5",       "#\uFE0F\u20E3",
        "\u26BD",          "\u270B",       "\U0001F468\u200D\U0001F4BB", "\U0001F3FD",
        "\u261D\U0001F3FD"};
    static const char *const TEXT[] = {
        "a",      "1",      "#",      "\u2764",     "\u2764\uFE0E",
        "\u00A9", "\u2194", "\u4E2D", "\U0001F1EF", "\U0001F600\uFE0E",
        ""};
    for (size_t i = 0; i < sizeof EMOJI / sizeof EMOJI[0]; i++)
        if (!grapheme_emoji(EMOJI[i], strlen(EMOJI[i])))
            fail_msg("%s should be an emoji", EMOJI[i]);
    for (size_t i = 0; i < sizeof TEXT / sizeof TEXT[0]; i++)
        if (grapheme_emoji(TEXT[i], strlen(TEXT[i])))
            fail_msg("%s should be text", TEXT[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unicode_break_test_passes_in_both_directions),
        cmocka_unit_test(one_backspace_removes_what_a_reader_calls_one_sign),
        cmocka_unit_test(invalid_bytes_are_clusters_of_their_own),
        cmocka_unit_test(emoji_are_told_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
