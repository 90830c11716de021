/* Reference: the examples of UAX #9 (upper case there stands for Hebrew here) and scripts known
 * from the Unicode character database. */
#include "draw/textrun.h"

#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int one_font(void *context, const char *cluster, size_t length, int previous)
{
    (void)context, (void)cluster, (void)length, (void)previous;
    return 0;
}

/* Upper case to Hebrew letters (A = alef, three bytes of text become two), the rest as it is. */
static size_t hebrew(const char *from, char *to)
{
    size_t size = 0;
    for (; *from; from++)
        size += utf8_put(to + size, *from >= 'A' && *from <= 'Z' ? 0x5D0 + (uint32_t)(*from - 'A')
                                                                 : (uint32_t)*from);
    to[size] = '\0';
    return size;
}

/* The code points as they stand on the screen, back in upper case. */
static void on_screen(const char *text, size_t length, char *out, bool *rtl)
{
    TextRun runs[TEXTRUN_MAX];
    int count = textrun_split(text, length, one_font, NULL, runs, rtl);
    size_t size = 0;
    for (int r = 0; r < count; r++) {
        char run[128];
        size_t run_size = 0;
        for (size_t at = runs[r].from; at < runs[r].to;) {
            uint32_t c = utf8_next(text, runs[r].to, &at);
            run[run_size++] = (char)(c >= 0x5D0 && c < 0x5EA ? 'A' + (c - 0x5D0) : c);
        }
        for (size_t i = 0; i < run_size; i++)
            out[size++] = runs[r].rtl ? run[run_size - 1 - i] : run[i];
    }
    out[size] = '\0';
}

static void lines_are_in_the_order_of_the_bidi_algorithm(void **state)
{
    (void)state;
    static const struct {
        const char *logical, *visual;
        bool rtl;
    } CASES[] = {
        {"car", "car", false},
        {"CAR", "RAC", true},
        {"car means CAR.", "car means RAC.", false},
        {"CAR means car.", ".means car RAC", true},
        {"CAR 123", "123 RAC", true},
        {"car 12 CAR", "car 12 RAC", false},
        {"ABC 12 DEF", "FED 12 CBA", true},
        {"a (AB) b", "a (BA) b", false},
        {"A (ab) B", "B )ab( A", true}, /* the shaper mirrors the brackets */
        {"AB ", " BA", true},
        {"ab CD ", "ab DC ", false},
        {"12 34", "12 34", false},
        {"(A)", ")A(", true},
        {"", "", false},
    };
    char text[64], visual[64];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        bool rtl = !CASES[i].rtl;
        size_t length = hebrew(CASES[i].logical, text);
        on_screen(text, length, visual, &rtl);
        assert_string_equal(visual, CASES[i].visual);
        assert_int_equal(rtl, CASES[i].rtl);
        assert_int_equal(textrun_rtl(text, length), CASES[i].rtl);
    }
}

static void check_scripts(const char *text, const char *expected)
{
    TextRun runs[TEXTRUN_MAX];
    char found[256] = "";
    int count = textrun_split(text, strlen(text), one_font, NULL, runs, NULL);
    for (int i = 0; i < count; i++) {
        size_t size = strlen(found);
        uint32_t tag = runs[i].script;
        snprintf(found + size, sizeof found - size, "%c%c%c%c%c", (char)(tag >> 24),
                 (char)(tag >> 16), (char)(tag >> 8), (char)tag, runs[i].rtl ? '<' : '>');
    }
    assert_string_equal(found, expected);
}

static void each_run_has_one_script_and_signs_take_their_neighbours(void **state)
{
    (void)state;
    check_scripts("Hello, world! 12", "Latn>");
    check_scripts("(\u043F\u0440\u0438\u0432\u0435\u0442)", "Cyrl>");
    check_scripts("123 \u0928\u092E\u0938\u094D\u0924\u0947", "Deva>");
    check_scripts("abc \u0E44\u0E17\u0E22", "Latn>Thai>");
    check_scripts("\u6F22\u5B57\u304B\u306A\u30AB\u30CA", "Hani>");
    check_scripts("\uD55C\uAE00", "Hang>");
    check_scripts("\u0647\u0630\u0627", "Arab<");
    check_scripts("12 + 3", "Zyyy>");
    check_scripts("e\u0301", "Latn>");
    check_scripts("\U0001F600", "Zyyy>");
}

/* 1 for emoji, 0 else; spaces stay where they are. Counts what it was asked. */
static int emoji_font(void *context, const char *cluster, size_t length, int previous)
{
    int *asked = context;
    (*asked)++;
    if (length == 1 && cluster[0] == ' ')
        return previous < 0 ? 0 : previous;
    return (unsigned char)cluster[0] >= 0xF0 ? 1 : 0;
}

static void fonts_are_chosen_for_whole_clusters(void **state)
{
    (void)state;
    static const char TEXT[] = "a \U0001F468\u200D\U0001F469\u200D\U0001F467 b";
    TextRun runs[TEXTRUN_MAX];
    int asked = 0;
    int count = textrun_split(TEXT, sizeof TEXT - 1, emoji_font, &asked, runs, NULL);
    assert_int_equal(asked, 5);
    assert_int_equal(count, 3);
    assert_int_equal(runs[1].font, 1);
    assert_int_equal(runs[1].from, 2);
    assert_int_equal(runs[1].to, 2 + 18 + 1); /* three people, two joiners, the space behind */
    assert_int_equal(runs[2].from, runs[1].to);
    assert_int_equal(runs[2].to, sizeof TEXT - 1);
}

/* Whatever the text, every byte of its head is in exactly one run. */
static void check_cover(const char *text, size_t length, size_t at_least)
{
    TextRun runs[TEXTRUN_MAX];
    bool seen[TEXTRUN_BYTES] = {false};
    size_t bytes = 0;
    int asked = 0, count = textrun_split(text, length, emoji_font, &asked, runs, NULL);
    for (int i = 0; i < count; i++)
        for (size_t at = runs[i].from; at < runs[i].to; at++, bytes++) {
            assert_true(at < TEXTRUN_BYTES && !seen[at]);
            seen[at] = true;
        }
    for (size_t at = 0; at < bytes; at++)
        assert_true(seen[at]);
    assert_in_range(bytes, at_least, length < TEXTRUN_BYTES ? length : TEXTRUN_BYTES);
}

static void any_bytes_are_covered_once(void **state)
{
    (void)state;
    static char text[4096];
    static const uint32_t SOME[] = {'a',     ' ',   0x5D0,  0x628,  0x301,  0x200D,  0x1F600,
                                    0x1F468, '(',   0x202E, 0x2067, 0x202C, 0x4E2D,  0x1F1E9,
                                    '1',     0x661, 0x94D,  0xFE0F, 0x3042, 0x10FFFF};
    uint32_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        size_t size = 0;
        seed = seed * 1664525u + 1013904223u;
        size_t want = (seed >> 16) % 40;
        for (size_t i = 0; i < want; i++) {
            seed = seed * 1664525u + 1013904223u;
            if (round % 5 == 0)
                text[size++] = (char)(seed >> 20);
            else
                size += utf8_put(text + size, SOME[(seed >> 16) % (sizeof SOME / sizeof SOME[0])]);
        }
        check_cover(text, size, size);
    }
    memset(text, 'x', sizeof text);
    check_cover(text, sizeof text, TEXTRUN_BYTES);
    for (size_t i = 0; i + 2 < sizeof text; i += 3) { /* every cluster a run of its own */
        text[i] = 'x';
        utf8_put(text + i + 1, 0x5D0);
    }
    check_cover(text, sizeof text, TEXTRUN_BYTES - 2);
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        utf8_put(text + i, 0x301);
    check_cover(text, sizeof text, TEXTRUN_BYTES); /* one endless cluster is cut after all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_in_the_order_of_the_bidi_algorithm),
        cmocka_unit_test(each_run_has_one_script_and_signs_take_their_neighbours),
        cmocka_unit_test(fonts_are_chosen_for_whole_clusters),
        cmocka_unit_test(any_bytes_are_covered_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
