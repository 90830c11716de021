#include "dump_test.h"

static void groups_are_target_tokens(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "x y\nx\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc,
                        "a b ||| 0.5,0.25,0.25 0.1,0.2,0.7 0,0,1\n"
                        "c ||| 0.5,0.5,0 0.25,0.75,0 ||| WordScores= -1 -2\n",
                        &origin, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "Marian soft alignments");
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->queries), "a b </s>");
    assert_string_equal(dump_tokens(&s->keys), "x y </s>");
    assert_float_equal(dump_at(&doc, s, 1, 2), 0.7f, 0);
    s = dump_sentence(&doc, 1);
    assert_string_equal(dump_tokens(&s->keys), "x </s>");
    assert_int_equal(s->reading->padding_keys, 1);
    assert_string_equal(dump_reading(s),
                        "rows of the file are target tokens (by the format), the last row and "
                        "column are the end of the sentence, 1 column of padding left out");
    document_free(&doc);
}

static void groups_in_brackets_are_those_of_amun(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "x y\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, "a ||| (0.5 0.25 0.25 ) | (0.1 0.2 0.7 ) | \n", &origin, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->queries), "a </s>");
    assert_string_equal(dump_tokens(&s->keys), "x y </s>");
    assert_float_equal(dump_at(&doc, s, 1, 2), 0.7f, 0);
    document_free(&doc);
}

static void groups_may_lack_brackets_or_be_empty(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "x\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, "a ||| (0.5 0.5 | 0.25 0.75) | | () | (\n", &origin, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->queries), "a </s>");
    assert_float_equal(dump_at(&doc, s, 1, 1), 0.75f, 0);
    document_free(&doc);
}

static void a_sentence_of_a_list_has_no_number_below_0(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc,
                               "0 ||| a ||| 0.5,0.5 0.25,0.75 ||| F0= -1 ||| -1\n"
                               "-1 ||| b ||| 0.6,0.4 0.25,0.75 ||| F0= -2 ||| -2\n",
                               NULL, &err));
    assert_int_equal(doc.bad_count, 1);
    assert_string_equal(doc.sentences[1].problem,
                        "line 2: expected the number of a sentence, found \"-1\"");
    document_free(&doc);
}

static void without_the_source_its_tokens_are_numbered(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, "a ||| 0.5,0.5 0.25,0.75\n", NULL, &err));
    assert_string_equal(dump_tokens(&dump_sentence(&doc, 0)->keys), "0 1");
    assert_true(dump_warned(&doc, "source tokens are numbered: give their file with --source"));
    document_free(&doc);
}

static void n_best_lists_go_by_their_number(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "x\ny z\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc,
                        "0 ||| a ||| 0.5,0.5 0.25,0.75 ||| F0= -1 ||| -1\n"
                        "0 ||| b ||| 0.6,0.4 0.25,0.75 ||| F0= -2 ||| -2\n"
                        "1 ||| c ||| 0.5,0.25,0.25 0,0,1 ||| F0= -1 ||| -1\n",
                        &origin, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "Marian n-best lists with soft alignments");
    assert_int_equal(doc.sentence_count, 3);
    assert_string_equal(dump_tokens(&dump_sentence(&doc, 1)->keys), "x </s>");
    assert_string_equal(dump_tokens(&dump_sentence(&doc, 2)->keys), "y z </s>");
    assert_string_equal(document_listed(&doc, 2).title, "1");
    document_free(&doc);
}

static void the_sample_of_marian_is_cut_to_its_tokens(void **state)
{
    (void)state;
    char path[600], source[600];
    /* words of the source file, and the end of sentence */
    static const int keys[] = {11, 14, 15, 13, 13};
    if (!shared_data(path, sizeof path, "nmt/marian/marian.out.lv") ||
        !shared_data(source, sizeof source, "nmt/marian/marian.src.en"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    request.origin.source = source;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 5);
    assert_int_equal(doc.bad_count, 0);
    for (int i = 0; i < 5; i++) {
        const DocSentence *s = dump_sentence(&doc, i);
        assert_int_equal(s->keys.count, keys[i]);
        assert_int_equal(s->keys.count + s->reading->padding_keys, 15);
        assert_true(s->reading->eos_keys);
        for (int row = 0; row < s->queries.count; row++)
            assert_float_equal(dump_row_sum(&doc, s, row), 1, 1e-5);
    }
    document_free(&doc);
}

static void companions_must_have_as_many_lines(void **state)
{
    (void)state;
    static const char text[] = "a ||| 0.5,0.5 0.25,0.75\nb ||| 0.5,0.5 0.25,0.75\n";
    DocOrigin origin = {.source = dump_file("src.txt", "x\ny\nz\n\n\n")};
    Document doc;
    Error err;
    assert_false(dump_open_text(&doc, text, &origin, &err));
    assert_string_equal(error_text(&err), "2 source: expected 2 sentences as in the file, found 3");
    origin.source = dump_file("src.txt", "x\n");
    assert_false(dump_open_text(&doc, text, &origin, &err));
    assert_string_equal(error_text(&err), "2 source: expected 2 sentences as in the file, found 1");
    origin.source = dump_file("src.txt", "x\ncaf\xE9\n");
    assert_false(dump_open_text(&doc, text, &origin, &err));
    assert_string_equal(error_text(&err),
                        "2 source: line 2, column 4: expected UTF-8 text, found byte 0xE9 "
                        "(Latin-1? iconv -f latin1 -t utf-8 makes it so)");
    origin.source = dump_file("src.txt", "x\ny z w\n\n");
    assert_true(dump_open_text(&doc, text, &origin, &err));
    assert_int_equal(doc.bad_count, 1);
    assert_true(dump_warned(&doc, "line 2: expected 4 weights in a row (3 source tokens and the "
                                  "end of sentence), found 2"));
    document_free(&doc);
    origin.source = "/nowhere/at/all";
    assert_false(dump_open_text(&doc, text, &origin, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_int_equal(mem_live(), 0);
}

static void lines_that_are_wrong_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } table[] = {
        {"a\n", "2 line 1: expected at least 2 fields parted by |||, found 1"},
        {"a ||| 0.5,0.5 0.5\n", "2 line 1: expected 2 weights as in the first row, found 1"},
        {"a ||| 0.5,,0.5\n", "2 line 1, column 11: expected a number, found nothing"},
        {"a ||| 0.5,0.5, 0.5,0.5\n", "2 line 1, column 15: expected a number, found nothing"},
        {"a ||| \n", "2 line 1: expected weights, found none"},
        {"a ||| 0.5,x\n", "2 line 1, column 11: expected a number, found \"x\""},
        {"a ||| 1e39,0\n", "2 line 1, column 7: expected a number, found \"1e39\""},
    };
    DocOrigin origin = {.format = "marian"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err;
        assert_false(dump_open_text(&doc, table[i].text, &origin, &err));
        assert_string_equal(error_text(&err), table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_target_tokens),
        cmocka_unit_test(groups_in_brackets_are_those_of_amun),
        cmocka_unit_test(groups_may_lack_brackets_or_be_empty),
        cmocka_unit_test(a_sentence_of_a_list_has_no_number_below_0),
        cmocka_unit_test(without_the_source_its_tokens_are_numbered),
        cmocka_unit_test(n_best_lists_go_by_their_number),
        cmocka_unit_test(the_sample_of_marian_is_cut_to_its_tokens),
        cmocka_unit_test(companions_must_have_as_many_lines),
        cmocka_unit_test(lines_that_are_wrong_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
