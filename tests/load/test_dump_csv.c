#include "dump_test.h"

static void check_one(const char *text, const char *queries, const char *keys, double last)
{
    Document doc;
    Error err;
    if (!dump_open_text(&doc, text, NULL, &err))
        fail_msg("%s: %s", text, error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(doc.format, "table of weights (CSV)");
    assert_string_equal(dump_tokens(&s->queries), queries);
    assert_string_equal(dump_tokens(&s->keys), keys);
    assert_float_equal(dump_at(&doc, s, s->queries.count - 1, s->keys.count - 1), last, 1e-7);
    document_free(&doc);
}

static void tokens_may_stand_above_and_before(void **state)
{
    (void)state;
    check_one("0.5, 0.25, 0.25\n0.1,0.2,0.7\n", "0 1", "0 1 2", 0.7);
    check_one(",x,y,z\na,0.5,0.25,0.25\nb,0.1,0.2,0.7\n", "a b", "x y z", 0.7);
    check_one("token,x,y\na,0.5,0.5\nb,0.3,0.7\n", "a b", "x y", 0.7);
    check_one("x,y,z\n0.5,0.25,0.25\n0.1,0.2,0.7\n", "0 1", "x y z", 0.7);
    check_one("a;0.5;0.5\nb;0.3;0.7\n", "a b", "0 1", 0.7);
    check_one("a\t0.5\t0.5\nb\t0.3\t0.7\n", "a b", "0 1", 0.7);
    check_one("\"\",\",\",\"say \"\"x\"\"\"\n\"a\",0.5,0.5\n\"b\",0.3,0.7\n", "a b", ", say \"x\"",
              0.7);
    check_one("0.5 0.25 0.25\n0.1 0.2 0.7\n", "0 1", "0 1 2", 0.7);
}

/* As spreadsheets and scripts of other countries and languages write tables. */
static void commas_may_be_decimal_and_numbers_quoted(void **state)
{
    (void)state;
    check_one("0,5;0,25;0,25\n0,1;0,2;0,7\n", "0 1", "0 1 2", 0.7);
    check_one(";x;y\na;0,5;0,5\nb;0,3;0,7\n", "a b", "x y", 0.7);
    check_one("\tx\ty\na\t0,5\t0,5\nb\t0,3\t0,7\n", "a b", "x y", 0.7);
    check_one("0,5 0,5\n0,3 0,7\n", "0 1", "0 1", 0.7);
    check_one("1,0\n0,1\n", "0 1", "0 1", 1); /* two numbers, not one */
    check_one("1,0\n0.3,0.7\n", "0 1", "0 1", 0.7);
    check_one("1,0\n", "0", "0 1", 0);
    check_one("|x|y\na|0.5|0.5\nb|0.3|0.7\n", "a b", "x y", 0.7);
    check_one("\"\",\"x\",\"y\"\n\"a\",\"0.5\",\"0.5\"\n\"b\",\"0.3\",\"0.7\"\n", "a b", "x y",
              0.7);
    check_one("\"a\";\"0,5\";\"0,5\"\n\"b\";\"0,3\";\"0,7\"\n", "a b", "0 1", 0.7);
    check_one(",x,y,\na,0.5,0.5,\nb,0.3,0.7,\n", "a b", "x y", 0.7);
}

/* An index that counts is not one more column. */
static void numbers_under_an_empty_corner_are_labels(void **state)
{
    (void)state;
    check_one(",0,1,2\n0,0.5,0.25,0.25\n1,0.1,0.2,0.7\n", "0 1", "0 1 2", 0.7);
    check_one(",1990,1991\n7,0.5,0.5\n8,0.3,0.7\n", "7 8", "1990 1991", 0.7);
    check_one(",0.5,0.5\n,0.3,0.7\n", " ", "0 1", 0.7); /* no names, but rows */
}

static void notes_in_front_are_left_out(void **state)
{
    (void)state;
    check_one("# made by a script\n# twice\n0.5 0.5\n0.3 0.7\n", "0 1", "0 1", 0.7);
    check_one("# attnscope: rows are queries\n0.5\n0.25\n0.25\n", "0 1 2", "0", 0.25);
    check_one("# attnscope: rows are queries\n0.5 0.1 0.2 0.7\n0.5 0.9 0.8 0.3\n", "0 1", "0 1 2 3",
              0.3);
    check_one("# x y\n0.5 0.5\n0.3 0.7\n", "0 1", "x y", 0.7);
    check_one("# weights\n,x,y\na,0.5,0.5\nb,0.3,0.7\n", "a b", "x y", 0.7);
    check_one("# 0.5 0.5\n. 0.3 0.7\n", "# .", "0 1", 0.7); /* a token */
}

static void the_sample_of_bahdanau_opens_with_its_sums_told(void **state)
{
    (void)state;
    char path[600];
    if (!shared_data(path, sizeof path, "nmt/csv-bahdanau-enfr/rnn_attentional_ex2.csv"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_int_equal(s->queries.count, 14);
    assert_int_equal(s->keys.count, 15);
    assert_string_equal(dump_reading(s), "rows of the file are target tokens (as usual)");
    assert_true(dump_warned(&doc, "rows of weights do not sum to 1, the first is sentence 0, row "
                                  "0: 0.68"));
    document_free(&doc);
    /* with its tokens, counts say that rows are the source */
    request.origin.source = dump_file("src.txt", "the agreement on the European Economic Area was "
                                                 "signed in August 1992 . <end>\n");
    request.origin.target =
        dump_file("tgt.txt", "l\xE2\x80\x99 accord sur la zone \xC3\xA9"
                             "conomique europ\xC3\xA9"
                             "enne a \xC3\xA9t\xC3\xA9 sign\xC3\xA9 en ao\xC3\xBBt 1992 . <end>\n");
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    s = dump_sentence(&doc, 0);
    assert_string_equal(dump_reading(s), "rows of the file are source tokens (by counts)");
    /* "European" and "européenne" */
    assert_float_equal(dump_at(&doc, s, 6, 4), 0.97f, 0);
    document_free(&doc);
}

static void cells_that_are_wrong_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } table[] = {
        {"0.5,0.5\n0.5,x\n", "2 line 2, column 5: expected a number, found \"x\""},
        {"0.5,0.5\n0.5\n", "2 line 2: expected 2 weights as in the first row, found 1"},
        {"0.5,0.5\n0.5,\n", "2 line 2, column 5: expected a number, found nothing"},
        {",x,y\na,0.5,\nb,0.5,0.5\n", "2 line 2, column 7: expected a number, found nothing"},
        {"0.5,0.5\n0.5,,0.5\n", "2 line 2, column 5: expected a number, found nothing"},
        {"0,5;0,5\n0,5;0,x\n", "2 line 2, column 5: expected a number, found \"0.x\""},
        {"a,b,c\n0.5,0.5\n", "2 line 2: expected 3 weights in a row (3 source tokens), found 2"},
        {"x,y\n", "2 line 1: expected rows of numbers behind the tokens, found none"},
    };
    DocOrigin origin = {.format = "csv"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err;
        assert_false(dump_open_text(&doc, table[i].text, &origin, &err));
        assert_string_equal(error_text(&err), table[i].want);
    }
}

static void an_empty_line_ends_a_sentence(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, "0.5,0.5\n\n0.25,0.75\n0.5,0.5\n\n\n", NULL, &err));
    assert_int_equal(doc.sentence_count, 2);
    assert_int_equal(dump_sentence(&doc, 1)->queries.count, 2);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_may_stand_above_and_before),
        cmocka_unit_test(the_sample_of_bahdanau_opens_with_its_sums_told),
        cmocka_unit_test(commas_may_be_decimal_and_numbers_quoted),
        cmocka_unit_test(numbers_under_an_empty_corner_are_labels),
        cmocka_unit_test(notes_in_front_are_left_out),
        cmocka_unit_test(cells_that_are_wrong_are_told),
        cmocka_unit_test(an_empty_line_ends_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
