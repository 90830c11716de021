/* Token files as people have them, beside links in text. */
#include "dump_test.h"

static const DocSentence *opened(Document *doc, const char *links, const char *source,
                                 const char *target, int n)
{
    Error err;
    DocOrigin origin = {.source = source ? dump_file("source.txt", source) : NULL,
                        .target = target ? dump_file("target.txt", target) : NULL};
    if (!dump_open_text(doc, links, &origin, &err))
        fail_msg("%s", error_text(&err));
    return dump_sentence(doc, n);
}

static void refused(const char *links, const char *source, const char *want)
{
    Document doc;
    Error err;
    DocOrigin origin = {.source = dump_file("source.txt", source)};
    assert_false(dump_open_text(&doc, links, &origin, &err));
    assert_string_equal(error_text(&err), want);
}

static void expect_tokens(const DocSentence *s, const char *keys, const char *queries)
{
    assert_string_equal(dump_tokens(&s->keys), keys);
    assert_string_equal(dump_tokens(&s->queries), queries);
}

/* <s snum=0001> … </s>, as the texts of the shared tasks on word alignment are. */
static void marks_around_sentences_are_no_words(void **state)
{
    (void)state;
    Document doc;
    expect_tokens(opened(&doc, "0001 1 2\n0002 1 1 P\n",
                         "<s snum=0001> a b </s>\n<s snum=0002> c </s>\n",
                         "<s snum=0001>x y </s>\n<s snum=0002> z</s>\n", 0),
                  "a b", "x y");
    document_free(&doc);
    /* what only looks like it is a word */
    expect_tokens(opened(&doc, "0-0\n", "<s> a </s>\n", "<s snum=x> b\n", 0), "<s> a </s>",
                  "<s snum=x> b");
    document_free(&doc);
    expect_tokens(opened(&doc, "0-0\n", "<s snum=1 a\n", "<s snum=-1> b\n", 0), "<s snum=1 a",
                  "<s snum=-1> b");
    document_free(&doc);
    /* the end may be left out */
    expect_tokens(opened(&doc, "0-0\n", "<s snum=1> a\n", "<s snum=1> b c d\n", 0), "a", "b c d");
    document_free(&doc);
}

static void sentences_are_found_by_the_numbers_of_their_marks(void **state)
{
    (void)state;
    static const char text[] = "<s snum=7> a b </s>\n<s snum=11> c </s>\n<s snum=12> d </s>\n";
    Document doc;
    expect_tokens(opened(&doc, "11 1 1\n12 1 1\n", text, text, 0), "c", "c");
    document_free(&doc);
    refused("8 1 1\n", text,
            "2 line 1: sentence 8: expected its line in the source file, which has 3");
    refused("13 1 1\n", text,
            "2 line 1: sentence 13: expected its line in the source file, which has 3");
    /* numbers that fall tell nothing */
    expect_tokens(opened(&doc, "1 1 1\n2 1 1\n", "<s snum=9> a </s>\n<s snum=3> b </s>\n",
                         "<s snum=9> x </s>\n<s snum=3> y </s>\n", 0),
                  "a", "x");
    document_free(&doc);
    /* links without numbers go line by line */
    expect_tokens(opened(&doc, "0-0 1-1\n0-0\n0-0\n", text, text, 1), "c", "c");
    document_free(&doc);
}

static void a_number_and_two_lines_are_a_pair(void **state)
{
    (void)state;
    static const char text[] = "1\na b\nx\n2\nc\ny z\n3\nd\n";
    Document doc;
    expect_tokens(opened(&doc, "\n1 0:0:sure\n2 0:1:wrong 0:0:partial\n3\n", text, NULL, 1), "c",
                  "y z");
    assert_int_equal(doc.sentence_count, 3);
    assert_int_equal(doc.bad_count, 1); /* the last has no target */
    document_free(&doc);
    expect_tokens(opened(&doc, "0-0\n0-1\n0-0\n", text, "p\nq r\ns\n", 1), "c", "q r");
    document_free(&doc);
    /* three lines alone, or numbers that do not count, are sentences */
    expect_tokens(opened(&doc, "0-0\n0-0\n0-0\n", "1\na\nb\n", NULL, 0), "1", "0");
    document_free(&doc);
    expect_tokens(opened(&doc, "0-0\n0-0\n0-0\n0-0\n0-0\n0-0\n", "1\na\nb\n3\nc\nd\n", NULL, 3),
                  "3", "0");
    document_free(&doc);
}

static void of_pairs_one_side_may_be_another_file(void **state)
{
    (void)state;
    Document doc;
    expect_tokens(opened(&doc, "0-0\n", "a ||| b c\n", "d e f\n", 0), "a", "d e f");
    document_free(&doc);
    expect_tokens(opened(&doc, "0-0\n", "a ||| b c\n", "a ||| b c\n", 0), "a", "b c");
    document_free(&doc);
}

static void empty_lines_at_the_end_count_where_they_are_sentences(void **state)
{
    (void)state;
    Document doc;
    expect_tokens(opened(&doc, "a b ||| 0-0 1-1\nc ||| 0-0\n", "x y\n\n", NULL, 1), "</s>",
                  "c </s>");
    document_free(&doc);
    expect_tokens(opened(&doc, "a b ||| 0-0 1-1\n", "x y\n\n\n", NULL, 0), "x y", "a b");
    document_free(&doc);
    refused("a ||| 0-0\nb ||| 0-0\nc ||| 0-0\n", "x\n\n",
            "2 source: expected 3 sentences as in the file, found 1");
    refused("a ||| 0-0\n", "x\ny\n", "2 source: expected 1 sentence as in the file, found 2");
}

static void an_empty_side_is_told_by_its_name(void **state)
{
    (void)state;
    Document doc;
    opened(&doc, "0-0\n\n0-0\n", "a\n\nb\n", "x\ny\nz\n", 0);
    assert_int_equal(doc.bad_count, 1);
    assert_string_equal(doc.sentences[1].problem,
                        "line 2: expected at least one source token, found none");
    document_free(&doc);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char marked[] = "<s snum=7> a b </s>\n<s snum=11> c </s>\n";
    bool ok = false;
    int64_t live = mem_live();
    for (uint64_t n = 1; !ok; n++) {
        Document doc;
        Error err;
        DocOrigin origin = {.source = dump_file("source.txt", marked)};
        dump_file("dump.txt", "11 1 1\n");
        mem_fail_at(n, false);
        ok = dump_open_text(&doc, "11 1 1\n", &origin, &err);
        mem_fail_at(0, false);
        if (!ok)
            assert_int_equal(err.kind, ERROR_LIMIT);
        document_free(&doc);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_around_sentences_are_no_words),
        cmocka_unit_test(sentences_are_found_by_the_numbers_of_their_marks),
        cmocka_unit_test(a_number_and_two_lines_are_a_pair),
        cmocka_unit_test(of_pairs_one_side_may_be_another_file),
        cmocka_unit_test(empty_lines_at_the_end_count_where_they_are_sentences),
        cmocka_unit_test(an_empty_side_is_told_by_its_name),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
