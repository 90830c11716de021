#include "links_test.h"

static void naacl_lines_of_one_sentence_are_one_entry(void **state)
{
    (void)state;
    assert_string_equal(
        entries_of(&LINKS_NAACL, "0001 1 1 S\n0001 2 3 P 0.7\n1 2 2\n\n0004 1 2 S\n"),
        "1 0001@0: ? > ?: 0-0 1-1 1p2\n"
        "5 0004@3: ? > ?: 0-1\n");
    /* The empty word has the number 0. */
    assert_string_equal(entries_of(&LINKS_NAACL, "2 0 1\n2 3 0 P\n"), "1 2@1: ? > ?: \n");
    assert_string_equal(entries_of(&LINKS_NAACL, "\n\n"), "");
}

static void a_wrong_naacl_line_refuses_its_sentence(void **state)
{
    (void)state;
    assert_string_equal(
        entries_of(&LINKS_NAACL, "1 1 1\n1 x 1\n1 2 2\n2 1 1\n"),
        "! 2 line 2: link: expected a sentence and two positions such as 12 3 4, found \"1 x 1\"\n"
        "4 2@1: ? > ?: 0-0\n");
    assert_string_equal(
        entries_of(&LINKS_NAACL, "0 1 1\n1 1\n2 1 1\n"),
        "! 2 line 1: link: expected a sentence and two positions such as 12 3 4, found \"0 1 1\"\n"
        "! 2 line 2: link: expected a sentence and two positions such as 12 3 4, found \"1 1\"\n"
        "3 2@1: ? > ?: 0-0\n");
    assert_string_equal(entries_of(&LINKS_NAACL, "1 -1 1\n"),
                        "! 2 line 1: link: expected a sentence and two positions such as 12 3 4, "
                        "found \"1 -1 1\"\n");
    assert_string_equal(entries_of(&LINKS_NAACL, "1 1 1\n\xFF\n"),
                        "!! 2 line 2, column 1: expected UTF-8 text, found byte 0xFF\n");
}

static void naacl_is_known_by_three_numbers_and_a_grade(void **state)
{
    (void)state;
    assert_int_equal(likely_of(&LINKS_NAACL, "1 1 1 S\n2 1 1 P\n"), 95);
    assert_int_equal(likely_of(&LINKS_NAACL, "1 1 1\n2 1 1 0.5\n"), 50);
    assert_int_equal(likely_of(&LINKS_NAACL, "1 1\n"), 0);
    assert_int_equal(likely_of(&LINKS_NAACL, "0 1 1 S\n"), 0);
    assert_int_equal(likely_of(&LINKS_NAACL, "1 1 1 word\n"), 0);
}

#define HEAD "# Sentence pair (3) source length 2 target length 3 alignment score : 1e-9\n"

static void giza_blocks_are_pairs_with_links(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_GIZA,
                                   HEAD "the red house\n"
                                        "NULL ({ 1 }) casa ({ 3 }) roja ({ 2 1 }) \n"
                                        "\n# Sentence pair (4)\nno\nNULL ({ }) no ({ })\n"),
                        "1 3@-1: casa roja > the red house: 0-2 1-1 1-0\n"
                        "5 4@-1: no > no: \n");
}

static void giza_faults_refuse_their_pair_alone(void **state)
{
    (void)state;
    static const struct {
        const char *pair, *want;
    } table[] = {
        {HEAD "a b c\ncasa ({ 1 }) roja ({ })\n",
         "line 3, column 1: source: expected NULL ({ … }) in front of the words, found \"casa\""},
        {HEAD "a b c\nNULL ({ }) casa 1\n",
         "line 3: source: expected ({ behind word 1, found none"},
        {HEAD "a b c\nNULL ({ }) casa ({ 1\n",
         "line 3: source: expected }) behind the links of word 1, found none"},
        {HEAD "a b c\nNULL ({ }) casa ({ 0 }) roja ({ })\n",
         "line 3, column 20: link: expected a target number from 1 on, found \"0\""},
        {HEAD "a b c\nNULL ({ }) casa ({ x }) roja ({ })\n",
         "line 3, column 20: link: expected a target number from 1 on, found \"x\""},
        {HEAD "a b c\n\n", "line 3: source: expected words, found an empty line"},
        {HEAD "a b c\nNULL ({ }) casa ({ })\n", "line 1: pair: expected 2 source words, found 1"},
        {HEAD "a b\nNULL ({ }) casa ({ }) roja ({ })\n",
         "line 1: pair: expected 3 target words, found 2"},
        {HEAD, "line 2: pair: expected a line of target words, found the next pair"},
        {"what\n", "line 1: pair: expected # Sentence pair (…), found another line"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[600], want[600];
        int line = 1;
        for (const char *p = table[i].pair; *p; p++)
            line += *p == '\n';
        snprintf(text, sizeof text, "%s# Sentence pair (9)\na\nNULL ({ }) b ({ 1 })\n",
                 table[i].pair);
        snprintf(want, sizeof want, "! 2 %s\n%d 9@-1: b > a: 0-0\n", table[i].want, line);
        assert_string_equal(entries_of(&LINKS_GIZA, text), want);
    }
}

static void giza_that_breaks_off_is_told(void **state)
{
    (void)state;
    assert_string_equal(
        entries_of(&LINKS_GIZA, HEAD),
        "! 2 line 1: pair: expected a line of target words, found the end of the file\n");
    assert_string_equal(
        entries_of(&LINKS_GIZA, HEAD "a b c"),
        "! 2 line 2: pair: expected a line of source words, found the end of the file\n");
    assert_string_equal(entries_of(&LINKS_GIZA, HEAD "a b\xFF c\n"),
                        "!! 2 line 2, column 4: expected UTF-8 text, found byte 0xFF\n");
    /* A head that says less, or no numbers, is believed as far as it goes. */
    assert_string_equal(entries_of(&LINKS_GIZA, "# Sentence pair (7\na\nNULL ({ }) b ({ 1 })\n"),
                        "1 @-1: b > a: 0-0\n");
    assert_string_equal(entries_of(&LINKS_GIZA,
                                   "# Sentence pair (7) source length x target length -\n"
                                   "a\nNULL ({ }) b ({ 1 })\n"),
                        "1 7@-1: b > a: 0-0\n");
    assert_int_equal(likely_of(&LINKS_GIZA, "\xEF\xBB\xBF" HEAD), 100);
    assert_int_equal(likely_of(&LINKS_GIZA, HEAD), 100);
    assert_int_equal(likely_of(&LINKS_GIZA, "# Sentence\n"), 0);
}

static void running_out_of_memory_ends_the_file(void **state)
{
    (void)state;
    static const struct {
        const DumpFormat *format;
        const char *text;
    } table[] = {{&LINKS_NAACL, "7 1 1 S\n7 1 2 P\n"},
                 {&LINKS_GIZA, HEAD "a b c\nNULL ({ }) d ({ 1 }) e ({ 2 3 })\n"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        DumpStep step = DUMP_FAILED;
        for (uint64_t n = 1; n < 50 && step != DUMP_ENTRY; n++) {
            Lines lines;
            LoadRequest request;
            DumpEntry e;
            Error err = {0};
            int64_t live = mem_live();
            open_links(&lines, table[i].text, &request);
            entry_init(&e);
            mem_fail_at(n, false);
            step = table[i].format->read(&lines, &e, &err);
            mem_fail_at(0, false);
            assert_true(step == DUMP_ENTRY || step == DUMP_FAILED);
            assert_int_equal(err.kind, step == DUMP_ENTRY ? ERROR_NONE : ERROR_LIMIT);
            entry_free(&e);
            lines_close(&lines);
            assert_int_equal(mem_live(), live);
        }
        assert_int_equal(step, DUMP_ENTRY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(naacl_lines_of_one_sentence_are_one_entry),
        cmocka_unit_test(a_wrong_naacl_line_refuses_its_sentence),
        cmocka_unit_test(naacl_is_known_by_three_numbers_and_a_grade),
        cmocka_unit_test(giza_blocks_are_pairs_with_links),
        cmocka_unit_test(giza_faults_refuse_their_pair_alone),
        cmocka_unit_test(giza_that_breaks_off_is_told),
        cmocka_unit_test(running_out_of_memory_ends_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
