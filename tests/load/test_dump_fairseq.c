#include "dump_test.h"

static const char SOFT[] = "2026-01-01 | INFO | loading\n"
                           "S-7\tx y\n"
                           "T-7\tr\n"
                           "H-7\t-0.31\ta b\n"
                           "D-7\t-0.31\tab\n"
                           "P-7\t-0.1 -0.2 -0.3\n"
                           "A-7\t0.5,0.25,0.25 0.1,0.2,0.7 0,0,1\n"
                           "S-2\tz\n"
                           "H-2\t-0.5\tc\n"
                           "A-2\t0.5,0.5 0.25,0.75\n"
                           "H-2\t-0.9\td e\n"
                           "A-2\t0.5,0.5 0.25,0.75 1,0\n"
                           "Generate test with beam=5\n";

static void sentences_are_in_the_order_of_their_ids(void **state)
{
    (void)state;
    Document doc;
    Error err;
    if (!dump_open_text(&doc, SOFT, NULL, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "fairseq-generate with soft alignments");
    assert_int_equal(doc.sentence_count, 2);
    assert_int_equal(doc.warning_count, 0);
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(s->title, "2");
    assert_string_equal(dump_tokens(&s->queries), "c </s>"); /* the best hypothesis */
    assert_float_equal(dump_at(&doc, s, 1, 1), 0.75, 0);
    s = dump_sentence(&doc, 1);
    assert_string_equal(s->title, "7");
    assert_string_equal(dump_tokens(&s->keys), "x y </s>");
    assert_float_equal(dump_at(&doc, s, 1, 2), 0.7f, 0);
    document_free(&doc);
}

static void hard_alignments_are_links(void **state)
{
    (void)state;
    Document doc;
    Error err;
    if (!dump_open_text(&doc, "S-1\tx y\nH-1\t-0.3\ta b c\nA-1\t0-0 1-2\n", NULL, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "fairseq-generate with word links");
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_float_equal(dump_at(&doc, s, 2, 1), 1, 0);
    assert_float_equal(dump_at(&doc, s, 2, 0), 0, 0);
    document_free(&doc);
}

static void a_sentence_without_alignment_is_told(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_false(dump_open_text(&doc, "S-1\tx y\nH-1\t-0.3\ta b c\n", NULL, &err));
    assert_string_equal(error_text(&err), "2 line 2: sentence 1: expected an A- line "
                                          "(--print-alignment), found none");
}

static void token_files_go_by_the_id(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "n n\nn\nq\n")};
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, SOFT, &origin, &err));
    assert_string_equal(dump_tokens(&dump_sentence(&doc, 0)->keys), "q </s>");
    assert_int_equal(doc.bad_count, 1); /* id 7 has no line */
    assert_true(dump_warned(&doc, "1 of 2 sentences cannot be read, the first is sentence 1: "
                                  "line 2: "));
    assert_true(dump_warned(&doc, "line 2: sentence 8: expected its line in the source file, which "
                                  "has 3"));
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_in_the_order_of_their_ids),
        cmocka_unit_test(hard_alignments_are_links),
        cmocka_unit_test(a_sentence_without_alignment_is_told),
        cmocka_unit_test(token_files_go_by_the_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
