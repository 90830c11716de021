#include "ui/text_edit.h"

#include "base/utf8.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

/* e + combining acute; family of four by zero-width joiners; flag; Hebrew shalom; Devanagari kshi
 */
#define ACUTE  "e\u0301"
#define FAMILY "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"
#define FLAG   "\U0001F1EB\U0001F1F7"
#define SHALOM "\u05E9\u05DC\u05D5\u05DD"

static char buffer[256];

static TextEdit edit_of(const char *text)
{
    strcpy(buffer, text);
    return (TextEdit){buffer, sizeof buffer, strlen(text), strlen(text)};
}

static void backspace_takes_one_cluster(void **state)
{
    (void)state;
    static const struct {
        const char *text, *left;
    } cases[] = {
        {"ab", "a"},
        {"a" ACUTE, "a"},
        {"x" FAMILY, "x"},
        {FLAG FLAG, FLAG},
        {SHALOM, "\u05E9\u05DC\u05D5"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        TextEdit e = edit_of(cases[i].text);
        assert_int_equal(text_edit_delete(&e, false, false), cases[i].text[0] != '\0');
        assert_string_equal(buffer, cases[i].left);
        assert_int_equal(e.caret, strlen(cases[i].left));
        assert_int_equal(e.anchor, e.caret);
    }
}

static void delete_takes_one_cluster_forward(void **state)
{
    (void)state;
    TextEdit e = edit_of(FAMILY ACUTE "z");
    e.caret = e.anchor = 0;
    assert_true(text_edit_delete(&e, true, false));
    assert_string_equal(buffer, ACUTE "z");
    assert_true(text_edit_delete(&e, true, false));
    assert_string_equal(buffer, "z");
    assert_true(text_edit_delete(&e, true, false));
    assert_false(text_edit_delete(&e, true, false));
}

static void arrows_stop_between_clusters_only(void **state)
{
    (void)state;
    TextEdit e = edit_of("a" FAMILY ACUTE);
    text_edit_move(&e, EDIT_LEFT, false);
    assert_int_equal(e.caret, 1 + strlen(FAMILY));
    text_edit_move(&e, EDIT_LEFT, false);
    assert_int_equal(e.caret, 1);
    text_edit_move(&e, EDIT_LEFT, false);
    text_edit_move(&e, EDIT_LEFT, false);
    assert_int_equal(e.caret, 0);
    text_edit_move(&e, EDIT_RIGHT, false);
    text_edit_move(&e, EDIT_RIGHT, false);
    assert_int_equal(e.caret, 1 + strlen(FAMILY));
}

static void shift_extends_and_an_arrow_collapses(void **state)
{
    (void)state;
    TextEdit e = edit_of("abcdef");
    text_edit_move(&e, EDIT_LEFT, true);
    text_edit_move(&e, EDIT_LEFT, true);
    assert_int_equal(text_edit_from(&e), 4);
    assert_int_equal(text_edit_to(&e), 6);
    text_edit_move(&e, EDIT_RIGHT, false); /* to the right end, not one further */
    assert_int_equal(e.caret, 6);
    text_edit_move(&e, EDIT_START, true);
    text_edit_move(&e, EDIT_LEFT, false);
    assert_int_equal(e.caret, 0);
    assert_int_equal(e.anchor, 0);
}

static void words_are_stepped_over_whole(void **state)
{
    (void)state;
    TextEdit e = edit_of("the animal, didn't");
    static const size_t left[] = {17, 16, 12, 10, 4, 0, 0};
    for (size_t i = 0; i < 7; i++) {
        text_edit_move(&e, EDIT_WORD_LEFT, false);
        assert_int_equal(e.caret, left[i]);
    }
    static const size_t right[] = {3, 10, 11, 16, 17, 18, 18};
    for (size_t i = 0; i < 7; i++) {
        text_edit_move(&e, EDIT_WORD_RIGHT, false);
        assert_int_equal(e.caret, right[i]);
    }
    assert_true(text_edit_delete(&e, false, true));
    assert_string_equal(buffer, "the animal, didn'");
}

static void a_double_click_chooses_the_word(void **state)
{
    (void)state;
    TextEdit e = edit_of("the animal, too");
    text_edit_word_at(&e, 6);
    assert_int_equal(text_edit_from(&e), 4);
    assert_int_equal(text_edit_to(&e), 10);
    text_edit_word_at(&e, 15);
    assert_int_equal(text_edit_from(&e), 12);
    assert_int_equal(text_edit_to(&e), 15);
    TextEdit none = edit_of("");
    text_edit_word_at(&none, 3);
    assert_int_equal(none.caret, 0);
}

static void typing_replaces_the_selection(void **state)
{
    (void)state;
    TextEdit e = edit_of("one two three");
    e.anchor = 4;
    e.caret = 7;
    assert_true(text_edit_insert(&e, "2"));
    assert_string_equal(buffer, "one 2 three");
    assert_int_equal(e.caret, 5);
    assert_true(text_edit_insert(&e, SHALOM));
    assert_string_equal(buffer, "one 2" SHALOM " three");
}

static void controls_and_broken_bytes_are_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\tb\nc\r", "abc"},           {"\x01\x7F\x1B[31m", "[31m"}, {"a\xC3", "a"},
        {"\xFF\xFE\xED\xA0\x80x", "x"}, {"a\xC2\x85z\u2028", "az"},   {"\xC0\xAFq", "q"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        TextEdit e = edit_of("");
        text_edit_insert(&e, cases[i].in);
        assert_string_equal(buffer, cases[i].out);
    }
}

static void what_does_not_fit_is_cut_between_clusters(void **state)
{
    (void)state;
    char small[8] = "ab";
    TextEdit e = {small, sizeof small, 1, 1};
    assert_true(text_edit_insert(&e, "12345678"));
    assert_string_equal(small, "a12345b");
    assert_false(text_edit_insert(&e, "9"));
    assert_string_equal(small, "a12345b");
    char five[6] = ""; /* room for 5 bytes: x + half an accent cluster would be 4 + 2 */
    TextEdit f = {five, sizeof five, 0, 0};
    text_edit_insert(&f, "xyz" ACUTE);
    assert_string_equal(five, "xyz"); /* e alone would be another letter */
    char many[20] = "";
    TextEdit g = {many, sizeof many, 0, 0};
    text_edit_insert(&g, "a" FAMILY); /* 26 bytes */
    assert_string_equal(many, "a");
    text_edit_insert(&g, "日本語文字列です");
    assert_string_equal(many, "a日本語文字列");
}

static void random_editing_keeps_text_valid_and_inside(void **state)
{
    (void)state;
    static const char *const bits[] = {"a",      " ",      ACUTE, FAMILY,     FLAG, SHALOM,
                                       "\u0301", "\u200D", "日",  "\xF0\x9F", "."};
    unsigned seed = 12345;
    char text[64] = "";
    TextEdit e = {text, sizeof text, 0, 0};
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned r = seed >> 8;
        switch (r % 6) {
        case 0:
        case 1:
            text_edit_insert(&e, bits[(r >> 4) % 11]);
            break;
        case 2:
            text_edit_delete(&e, (r >> 4) & 1, (r >> 5) & 1);
            break;
        case 3:
            text_edit_move(&e, (EditMove)((r >> 4) % 6), (r >> 8) & 1);
            break;
        case 4:
            text_edit_word_at(&e, (r >> 4) % 70);
            break;
        default:
            e.caret = (r >> 4) % 80; /* a caller may leave them anywhere */
            e.anchor = (r >> 11) % 80;
            text_edit_settle(&e);
        }
        size_t length = strlen(text);
        assert_true(length < sizeof text);
        assert_int_equal(utf8_valid(text, length), length);
        assert_true(e.caret <= length && e.anchor <= length);
        assert_true(e.caret == length || ((unsigned char)text[e.caret] & 0xC0) != 0x80);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backspace_takes_one_cluster),
        cmocka_unit_test(delete_takes_one_cluster_forward),
        cmocka_unit_test(arrows_stop_between_clusters_only),
        cmocka_unit_test(shift_extends_and_an_arrow_collapses),
        cmocka_unit_test(words_are_stepped_over_whole),
        cmocka_unit_test(a_double_click_chooses_the_word),
        cmocka_unit_test(typing_replaces_the_selection),
        cmocka_unit_test(controls_and_broken_bytes_are_dropped),
        cmocka_unit_test(what_does_not_fit_is_cut_between_clusters),
        cmocka_unit_test(random_editing_keeps_text_valid_and_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
