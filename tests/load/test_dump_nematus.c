#include "dump_test.h"

#include <math.h>

static const char TWO[] = "7 ||| a b ||| 0 ||| x y z ||| 4 3\n"
                          "0.5 0.25 0.125 0.125 \n"
                          "0.1 0.2 0.3 0.4\n"
                          "0.25 0.25 0.25 0.25\n"
                          "\n"
                          "9 ||| c ||| 0 ||| x y ||| 3 2\n"
                          "1 0 0\n"
                          "0 0.5 0.5\n";

static void a_block_has_a_row_more_than_target_tokens(void **state)
{
    (void)state;
    Document doc;
    Error err;
    if (!dump_open_text(&doc, TWO, NULL, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "Nematus alignments");
    assert_int_equal(doc.sentence_count, 2);
    assert_int_equal(doc.warning_count, 0);
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(s->title, "7");
    assert_string_equal(dump_tokens(&s->queries), "a b </s>");
    assert_string_equal(dump_tokens(&s->keys), "x y z </s>");
    assert_float_equal(dump_at(&doc, s, 1, 2), 0.3f, 0);
    assert_string_equal(dump_reading(s), "rows of the file are target tokens (by counts), the last "
                                         "row and column are the end of the sentence");
    s = dump_sentence(&doc, 1);
    assert_string_equal(s->title, "9");
    assert_float_equal(dump_at(&doc, s, 1, 2), 0.5, 0);
    s = dump_sentence(&doc, 0); /* both are there */
    assert_float_equal(dump_at(&doc, s, 0, 0), 0.5, 0);
    document_free(&doc);
}

static void the_sample_of_nematus_opens(void **state)
{
    (void)state;
    char path[600];
    static const char *const titles[] = {"0", "9", "19"};
    static const int queries[] = {3, 6}, keys[] = {6, 14};
    if (!shared_data(path, sizeof path, "nmt/nematus/alignments.txt"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "Nematus alignments");
    assert_int_equal(doc.sentence_count, 3);
    assert_int_equal(doc.bad_count, 0);
    assert_int_equal(doc.warning_count, 0);
    for (int i = 0; i < 3; i++) {
        const DocSentence *s = dump_sentence(&doc, i);
        assert_string_equal(s->title, titles[i]);
        assert_true(s->reading->eos_queries && s->reading->eos_keys);
        assert_int_equal(s->reading->axes_by, AXES_COUNTS);
        if (i < 2)
            assert_int_equal(s->queries.count, queries[i] + 1);
        if (i < 2)
            assert_int_equal(s->keys.count, keys[i] + 1);
        for (int row = 0; row < s->queries.count; row++)
            assert_float_equal(dump_row_sum(&doc, s, row), 1, 1e-5);
    }
    assert_string_equal(dump_tokens(&dump_sentence(&doc, 0)->queries),
                        "Obama welcomes Netanyahu </s>");
    assert_float_equal(dump_at(&doc, &doc.sentences[0], 3, 6), 0.752634f, 0);
    document_free(&doc);
}

static void the_sample_of_opennmt_has_no_end_of_sentence(void **state)
{
    (void)state;
    char path[600];
    if (!shared_data(path, sizeof path, "nmt/opennmt/attention.txt"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "OpenNMT-lua attention");
    assert_int_equal(doc.sentence_count, 10);
    assert_int_equal(doc.bad_count, 0);
    assert_int_equal(doc.warning_count, 0);
    for (int i = 0; i < 10; i++) {
        const DocSentence *s = dump_sentence(&doc, i);
        assert_string_equal(s->title, ""); /* all ids are 0 */
        assert_false(s->reading->eos_queries || s->reading->eos_keys || s->reading->rows_are_keys);
        for (int row = 0; row < s->queries.count; row++)
            assert_float_equal(dump_row_sum(&doc, s, row), 1, 1e-5);
    }
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_int_equal(s->queries.count, 10);
    assert_int_equal(s->keys.count, 9);
    document_free(&doc);
}

static void six_fields_are_rows_of_the_source(void **state)
{
    (void)state;
    static const char text[] = "0 ||| a b ||| 0 ||| x y ||| 2 ||| 2\n"
                               "0.900000 0.300000\n"
                               "0.100000 0.700000\n";
    Document doc;
    Error err;
    if (!dump_open_text(&doc, text, NULL, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "Sockeye alignment matrices");
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_reading(s), "rows of the file are source tokens (by sums)");
    assert_float_equal(dump_at(&doc, s, 1, 0), 0.3f, 0);
    assert_float_equal(dump_at(&doc, s, 0, 1), 0.1f, 0);
    document_free(&doc);
}

static void counts_in_the_head_are_never_trusted(void **state)
{
    (void)state;
    static const char text[] = "0 ||| a b ||| 0 ||| x y z ||| 99 0\n0.5 0.25 0.25\n1 0 0\n";
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, text, NULL, &err));
    assert_string_equal(doc.format, "OpenNMT-lua attention");
    assert_int_equal(dump_sentence(&doc, 0)->queries.count, 2);
    document_free(&doc);
}

static void bad_blocks_leave_the_others_usable(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "1 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.5\n0.5 0.5\n",
        "1 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.5 0\n0.5 0.5\n",
        "1 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.5 0\n0.5 1,5 0\n0 0 0\n",
        "1 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.5 0\n",
        "1 ||| a b ||| 0 ||| x y z ||| 0 0\n",
        "1 ||| a b ||| 0 ||| x y z\n0.5 0.5 0\n",
        "1 |||  ||| 0 ||| x y z ||| 0 0\n0.5 0.5 0\n",
    };
    static const char *const want[] = {
        "line 10: expected 4 weights in a row (3 source tokens and the end of sentence), found 2",
        "line 11: expected 3 weights as in the first row, found 2",
        "line 11, column 5: expected a number, found \"1,5\"",
        "line 10: expected 3 rows of weights (2 target tokens and the end of sentence), found 1",
        "line 9: expected a matrix of weights, found none",
        "line 9: expected 5 fields parted by |||, found 4",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[600];
        Document doc;
        Error err;
        snprintf(text, sizeof text, "%s%s", TWO, bad[i]); /* not even an empty line between */
        if (!dump_open_text(&doc, text, NULL, &err))
            fail_msg("%s", error_text(&err));
        assert_int_equal(doc.sentence_count, 3);
        if (want[i][0]) {
            assert_int_equal(doc.bad_count, 1);
            assert_true(
                dump_warned(&doc, "1 of 3 sentences cannot be read, the first is sentence 2: "));
            if (!dump_warned(&doc, want[i]))
                fail_msg("want %s, got %s", want[i], doc.warnings[0]);
            Error why = {0};
            assert_false(document_open_sentence(&doc, 2, &why));
            assert_string_equal(doc.sentences[2].problem, want[i]);
        }
        assert_float_equal(dump_at(&doc, dump_sentence(&doc, 1), 1, 2), 0.5, 0);
        document_free(&doc);
        assert_int_equal(mem_live(), 0);
        /* alone it is the error of the file */
        DocOrigin origin = {.format = "nematus"};
        if (want[i][0]) {
            assert_false(dump_open_text(&doc, bad[i], &origin, &err));
            assert_int_equal(err.kind, ERROR_MALFORMED);
        }
    }
}

static void sums_and_numbers_are_told_and_left(void **state)
{
    (void)state;
    static const char text[] = "0 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.25 0.25\n0.5 0 0\n\n"
                               "1 ||| a b ||| 0 ||| x y z ||| 0 0\nnan 0 -inf\n1 0 0\n";
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, text, NULL, &err));
    assert_int_equal(doc.bad_count, 0);
    assert_true(dump_warned(&doc, "2 numbers are not finite, the first in sentence 1"));
    assert_true(dump_warned(&doc, "1 of 4 rows of weights does not sum to 1, the first is sentence "
                                  "0, row 1: 0.5"));
    assert_true(isnan(dump_at(&doc, dump_sentence(&doc, 1), 0, 0)));
    assert_int_equal(doc.tensors[doc.corpus.last].nonfinite, 2);
    document_free(&doc);
}

static void words_and_turning_can_be_asked_for(void **state)
{
    (void)state;
    static const char text[] = "0 ||| a ||| 0 ||| x@@ y ||| 0 0\n0.5 0.25 0.25\n0.25 0.5 0.25\n";
    DocOrigin words = {.words = true}, turned = {.transpose = true, .eos = EOS_NONE};
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, text, &words, &err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->keys), "xy </s>");
    assert_float_equal(dump_at(&doc, s, 0, 0), 0.75, 0);
    assert_string_equal(s->title, "0");
    document_free(&doc);
    assert_false(dump_open_text(&doc, text, &turned, &err));
    assert_int_equal(err.kind, ERROR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_has_a_row_more_than_target_tokens),
        cmocka_unit_test(the_sample_of_nematus_opens),
        cmocka_unit_test(the_sample_of_opennmt_has_no_end_of_sentence),
        cmocka_unit_test(six_fields_are_rows_of_the_source),
        cmocka_unit_test(counts_in_the_head_are_never_trusted),
        cmocka_unit_test(bad_blocks_leave_the_others_usable),
        cmocka_unit_test(sums_and_numbers_are_told_and_left),
        cmocka_unit_test(words_and_turning_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
