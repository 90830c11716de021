#include "links_test.h"

static void marian_lines_have_the_translation_and_its_links(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_MARIAN, "das Haus ||| 0-0 1-1 2-2\n"
                                                  "ja ||| 0-0 ||| WordScores= -0.1\n"
                                                  " ||| \n"),
                        "1 @-1: ? > das Haus: 0-0 1-1 2-2\n"
                        "2 @-1: ? > ja: 0-0\n"
                        "3 @-1: ? > : \n");
    assert_string_equal(entries_of(&LINKS_MARIAN, "0 ||| ja ||| 0-0 ||| F0= -1 ||| -1\n"
                                                  "0 ||| doch ||| 0-0 1-1 ||| F0= -2 ||| -2\n"),
                        "1 0@0: ? > ja: 0-0\n"
                        "2 0@0: ? > doch: 0-0 1-1\n");
}

static void sockeye_lines_have_a_tab_before_the_links(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_SOCKEYE, "das Haus\t0-0 1-1\nja\t\n"),
                        "1 @-1: ? > das Haus: 0-0 1-1\n"
                        "2 @-1: ? > ja: \n");
}

static void pairs_are_tokens_without_links(void **state)
{
    (void)state;
    assert_string_equal(entries_of(&LINKS_PAIRS, "a house ||| ein Haus\n||| x\n"),
                        "1 @-1: a house > ein Haus: \n"
                        "2 @-1:  > x: \n");
}

static void faults_refuse_their_line_alone(void **state)
{
    (void)state;
    assert_string_equal(
        entries_of(&LINKS_MARIAN, "words\nja ||| x\nja ||| 0-0\n"),
        "! 2 line 1: line: expected a translation ||| links, found no |||\n"
        "! 2 line 2, column 8: link: expected two numbers such as 3-4, found \"x\"\n"
        "3 @-1: ? > ja: 0-0\n");
    assert_string_equal(
        entries_of(&LINKS_SOCKEYE, "words\nja\tx\nja\t0-0\n"),
        "! 2 line 1: line: expected a translation, a tab and links, found no tab\n"
        "! 2 line 2, column 4: link: expected two numbers such as 3-4, found \"x\"\n"
        "3 @-1: ? > ja: 0-0\n");
    assert_string_equal(entries_of(&LINKS_PAIRS, "words\na ||| b ||| c\na ||| b\n"),
                        "! 2 line 1: pair: expected source ||| target, found no |||\n"
                        "! 2 line 2: pair: expected source ||| target, found more than one |||\n"
                        "3 @-1: a > b: \n");
}

/* The likeliest of all formats of links. */
static const char *kind_of(const char *text)
{
    const DumpFormat *const all[] = {&LINKS_PHARAOH, &LINKS_NAACL,   &LINKS_GIZA,
                                     &LINKS_MARIAN,  &LINKS_SOCKEYE, &LINKS_PAIRS};
    int best = 0;
    const char *name = "none";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int likely = likely_of(all[i], text);
        if (likely > best) {
            best = likely;
            name = all[i]->name;
        }
    }
    return name;
}

static void each_is_known_by_its_look(void **state)
{
    (void)state;
    assert_string_equal(kind_of("0-0 1-1\n"), "pharaoh");
    assert_string_equal(kind_of("0\t0-0 1-1\n1\t0-0\n"), "pharaoh");
    assert_string_equal(kind_of("das Haus\t0-0 1-1\n"), "sockeye-links");
    assert_string_equal(kind_of("das Haus ||| 0-0 1-1\n ||| \n"), "marian-hard");
    assert_string_equal(kind_of("0 ||| ja ||| 0-0 ||| F0= -1 ||| -1\n"), "marian-hard");
    assert_string_equal(kind_of("a house ||| ein Haus\n"), "pairs");
    assert_string_equal(kind_of("1 1 1\n1 2 2\n"), "naacl");
    assert_string_equal(kind_of("a house\nein Haus\n"), "none");
    assert_string_equal(kind_of("a house\tein Haus\n"), "none");
    assert_string_equal(kind_of("0 ||| a b ||| 0 ||| c ||| 3 2\n0.5 0.5\n"), "none");
    assert_string_equal(kind_of("ja ||| 0.5,0.5 0.1,0.9\n"),
                        "pairs"); /* until soft ones are seen */
    assert_string_equal(kind_of("0.5 0.5\n0.1 0.9\n"), "none");
}

static void the_samples_are_known_and_read(void **state)
{
    (void)state;
    char path[600];
    static const struct {
        const char *file;
        const DumpFormat *format;
        int entries, links;
    } table[] = {
        {"nmt/marian-hard/align.expected", &LINKS_MARIAN, 25, 606},
        {"gold/kftt-jaen/jaen.gold", &LINKS_PHARAOH, 582, 13562},
        {"gold/kftt-jaen/jaen.src-tgt", &LINKS_PAIRS, 582, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!shared_data(path, sizeof path, table[i].file))
            continue;
        char *text = check_read(path, NULL);
        int entries = 0, links = 0;
        assert_string_equal(kind_of(text), table[i].format->name);
        for (const char *p = entries_of(table[i].format, text); *p; entries++) {
            const char *line = p, *end = strchr(p, '\n');
            assert_int_not_equal(*line, '!');
            const char *mark = end;
            while (mark[-1] != ':' || mark[0] != ' ')
                mark--;
            for (p = mark; p < end; p++)
                links += *p == ' ' && p + 1 < end;
            p = end + 1;
        }
        mem_free(text);
        assert_int_equal(entries, table[i].entries);
        assert_int_equal(links, table[i].links);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marian_lines_have_the_translation_and_its_links),
        cmocka_unit_test(sockeye_lines_have_a_tab_before_the_links),
        cmocka_unit_test(pairs_are_tokens_without_links),
        cmocka_unit_test(faults_refuse_their_line_alone),
        cmocka_unit_test(each_is_known_by_its_look),
        cmocka_unit_test(the_samples_are_known_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
