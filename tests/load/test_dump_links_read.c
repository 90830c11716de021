#include "links_test.h"

static const char *one_word(const char *text)
{
    static char out[80];
    LinkWord w;
    if (!link_word((Slice){text, strlen(text)}, &w))
        return "no";
    snprintf(out, sizeof out, "%d%c%d %g%s", w.link.key, w.possible ? 'p' : '-', w.link.query,
             w.weight,
             w.wrong      ? " wrong"
             : w.weighted ? " given"
                          : "");
    return out;
}

static void links_are_words_of_two_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *word, *want;
    } table[] = {
        {"3-4", "3-4 1"},
        {"3p4", "3p4 1"},
        {"3?4", "3p4 1"},
        {"0-12-0.25", "0-12 0.25 given"},
        {"1-1-1e-05", "1-1 1e-05 given"},
        {"1-1--0.5", "1-1 -0.5 given"},
        {"5:6", "5-6 1"},
        {"5:6:sure", "5-6 1"},
        {"5:6:partial", "5p6 1"},
        {"5:6:contextual", "5p6 1"},
        {"5:6:wrong", "5-6 1 wrong"},
        {"5-6-S", "5-6 1"},
        {"5-6-P", "5p6 1"},
        {"2147483645-0", "2147483645-0 1"},
        {"2147483647-0", "no"},
        {"0-99999999999999999999", "no"},
        {"-1-2", "no"},
        {"1--2", "no"},
        {"1-", "no"},
        {"-", "no"},
        {"1", "no"},
        {"1-2-", "no"},
        {"1-2-x", "no"},
        {"1-2-nan", "no"},
        {"1-2-1e39", "no"},
        {"1-2,3-4", "no"},
        {"a-b", "no"},
        {"1_2", "no"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(one_word(table[i].word), table[i].want);
}

static void a_line_is_a_sentence_also_without_links(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_PHARAOH, "0-0 1p2\n\n3-1\t4-4 \r\n"),
                        "1 @-1: ? > ?: 0-0 1p2\n"
                        "2 @-1: ? > ?: \n"
                        "3 @-1: ? > ?: 3-1 4-4\n");
    assert_string_equal(entries_of(&LINKS_PHARAOH, "0-0-0.5 1-1 2-2-.25\n"),
                        "1 @-1: ? > ?: 0-0=0.5 1-1=1 2-2=0.25\n");
    assert_string_equal(entries_of(&LINKS_PHARAOH, ""), "");
}

static void a_number_in_front_is_the_sentence_s_name(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_PHARAOH, "0\t0-0 1-1\n17\t\n"), "1 0@-1: ? > ?: 0-0 1-1\n"
                                                                          "2 17@-1: ? > ?: \n");
}

static void words_that_are_no_links_refuse_their_line_alone(void **state)
{
    (void)state;
    assert_string_equal(
        entries_of(&LINKS_PHARAOH, "0-0 x-1\n1-1\n-1-2\n0-0 é 1\n2-2 3\n"),
        "! 2 line 1, column 5: link: expected two numbers such as 3-4, found \"x-1\"\n"
        "2 @-1: ? > ?: 1-1\n"
        "! 2 line 3, column 1: link: expected two numbers such as 3-4, found \"-1-2\"\n"
        "! 2 line 4, column 5: link: expected two numbers such as 3-4, found \"\xC3\xA9\"\n"
        "! 2 line 5, column 5: link: expected two numbers such as 3-4, found \"3\"\n");
    assert_string_equal(entries_of(&LINKS_PHARAOH, "0-0\n\xFF\n"),
                        "1 @-1: ? > ?: 0-0\n"
                        "!! 2 line 2, column 1: expected UTF-8 text, found byte 0xFF\n");
}

static void a_long_word_is_cut_in_the_message(void **state)
{
    (void)state;
    char text[201], want[200];
    memset(text, 'w', 200);
    text[200] = '\0';
    snprintf(want, sizeof want,
             "! 2 line 1, column 1: link: expected two numbers such as 3-4, found \"%.40s\"\n",
             text);
    assert_string_equal(entries_of(&LINKS_PHARAOH, text), want);
}

static void links_are_known_by_their_look(void **state)
{
    (void)state;
    const DumpFormat *f = &LINKS_PHARAOH;
    assert_int_equal(likely_of(f, "0-0 1-1\n\n2-2\n"), 95);
    assert_int_equal(likely_of(f, "\xEF\xBB\xBF"
                                  "0\t0-0\n1\t\n"),
                     95);
    assert_int_equal(likely_of(f, "0-0\nwords\n"), 0);
    assert_int_equal(likely_of(f, "1\n2\n3\n"), 0); /* numbers alone are no links */
    assert_int_equal(likely_of(f, "\n\n"), 0);
    assert_int_equal(likely_of(f, ""), 0);
    assert_int_equal(likely_of(&LINKS_PHARAOH_ONE, "1-1\n"), 0); /* only when it is asked for */
    assert_int_equal(f->likely("0-0 1-", 6, false), 95); /* the beginning of one long line */
    assert_int_equal(f->likely("0-0\n1-", 6, false), 95);
    assert_int_equal(f->likely("0-0\n1-", 6, true), 0);
}

static void running_out_of_memory_ends_the_file(void **state)
{
    (void)state;
    const char *text = "7\t0-0-0.5 1p1\n";
    for (uint64_t n = 1; n < 50; n++) {
        Lines lines;
        LoadRequest request;
        DumpEntry e;
        Error err = {0};
        int64_t live = mem_live();
        open_links(&lines, text, &request);
        entry_init(&e);
        mem_fail_at(n, false);
        DumpStep step = LINKS_PHARAOH.read(&lines, &e, &err);
        mem_fail_at(0, false);
        assert_true(step == DUMP_ENTRY || step == DUMP_FAILED);
        assert_int_equal(err.kind, step == DUMP_ENTRY ? ERROR_NONE : ERROR_LIMIT);
        entry_free(&e);
        lines_close(&lines);
        assert_int_equal(mem_live(), live);
        if (step == DUMP_ENTRY)
            return;
    }
    fail_msg("never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_words_of_two_numbers),
        cmocka_unit_test(a_line_is_a_sentence_also_without_links),
        cmocka_unit_test(a_number_in_front_is_the_sentence_s_name),
        cmocka_unit_test(words_that_are_no_links_refuse_their_line_alone),
        cmocka_unit_test(a_long_word_is_cut_in_the_message),
        cmocka_unit_test(links_are_known_by_their_look),
        cmocka_unit_test(running_out_of_memory_ends_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
