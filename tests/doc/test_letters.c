#include "doc/letters.h"
#include "support/check.h"

static void capitals_become_small(void **state)
{
    (void)state;
    /* From UnicodeData.txt, field 13. */
    static const uint32_t pairs[][2] = {
        {'A', 'a'},       {'Z', 'z'},       {0xC4, 0xE4},   {0xDE, 0xFE},     {0x100, 0x101},
        {0x130, 'i'},     {0x139, 0x13A},   {0x178, 0xFF},  {0x17D, 0x17E},   {0x386, 0x3AC},
        {0x388, 0x3AD},   {0x38A, 0x3AF},   {0x38C, 0x3CC}, {0x38E, 0x3CD},   {0x38F, 0x3CE},
        {0x391, 0x3B1},   {0x3A3, 0x3C3},   {0x3A9, 0x3C9}, {0x401, 0x451},   {0x410, 0x430},
        {0x42F, 0x44F},   {0x490, 0x491},   {0x4C0, 0x4CF}, {0x4C1, 0x4C2},   {0x531, 0x561},
        {0x556, 0x586},   {0x1E00, 0x1E01}, {0x1E9E, 0xDF}, {0x1EA0, 0x1EA1}, {0x1EF8, 0x1EF9},
        {0xFF21, 0xFF41}, {0xFF3A, 0xFF5A}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(letter_lower(pairs[i][0]), pairs[i][1]);
}

static void everything_else_stays(void **state)
{
    (void)state;
    static const uint32_t same[] = {'a',   'z',   '@',   '[',   '0',    0xD7,   0xDF,    0xE4,
                                    0xFF,  0x101, 0x131, 0x138, 0x17E,  0x3B1,  0x3C9,   0x430,
                                    0x451, 0x561, 0x5D0, 0x628, 0x4E00, 0xFF20, 0x1F600, 0x10FFFF};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_int_equal(letter_lower(same[i]), same[i]);
}

static void spaces_marks_and_scripts_are_told_apart(void **state)
{
    (void)state;
    static const uint32_t spaces[] = {' ', '\t', '\n', 0x85, 0x2003, 0x3000},
                          words[] = {'a', 0xA0, 0x202F, 0x2007, 0x4E00, 0x200D},
                          marks[] = {'.', '\'', '"', '_', 0x2019, 0x60C, 0x3002, 0xFF01, 0x964},
                          letters[] = {'a', '0', ' ', 0x301, 0x640, 0x4E00, 0x30FC, 0x200D};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        assert_true(letter_space(spaces[i]));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(letter_space(words[i]));
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        assert_true(letter_punctuation(marks[i]));
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        assert_false(letter_punctuation(letters[i]));
    assert_true(letter_ideograph(0x4E00) && letter_ideograph(0x3042) && letter_ideograph(0x20000));
    assert_true(letter_spaceless(0xE01) && letter_spaceless(0x4E00) && letter_spaceless(0x1780));
    assert_false(letter_ideograph(0xE01) || letter_ideograph(0xAC00) || letter_spaceless('a'));
    assert_false(letter_spaceless(0xAC00)); /* Korean has spaces */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capitals_become_small),
        cmocka_unit_test(everything_else_stays),
        cmocka_unit_test(spaces_marks_and_scripts_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
