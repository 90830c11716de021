#include "dump_test.h"

/* As the program's own two format strings write it: "{:>10.10} " and "{:>10.7f} ", with the largest
 * number of a row by "{:*>10.7f} ". */
static const char LOG[] = "SENT 1: ['das', 'Haus', 'Telekom']\n"
                          "PRED 1: the house\n"
                          "                  das       Haus    Telekom \n"
                          "       the *0.8763441  0.1036559  0.0200000 \n"
                          "     house  0.1000000 *0.8500000  0.0500000 \n"
                          "      </s>  0.2500000  0.2500000 *0.5000000 \n"
                          "\n"
                          "SENT 2: ['ja']\n"
                          "                   ja \n"
                          "       yes *1.0000000 \n"
                          "      </s> *1.0000000 \n";

static void tables_are_found_in_the_log(void **state)
{
    (void)state;
    Document doc;
    Error err;
    if (!dump_open_text(&doc, LOG, NULL, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(doc.format, "OpenNMT-py attention tables");
    assert_int_equal(doc.sentence_count, 2);
    assert_int_equal(doc.bad_count, 0);
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->queries), "the house </s>");
    assert_string_equal(dump_tokens(&s->keys), "das Haus Telekom");
    assert_float_equal(dump_at(&doc, s, 0, 0), 0.8763441f, 0);
    assert_float_equal(dump_at(&doc, s, 2, 2), 0.5, 0);
    s = dump_sentence(&doc, 1);
    assert_string_equal(dump_tokens(&s->queries), "yes </s>");
    document_free(&doc);
}

static void whole_tokens_may_come_from_files(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "das Haus Telekommunikation\nja\n"),
                        .target = dump_file("tgt.txt", "the house\nyes\n")};
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, LOG, &origin, &err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_string_equal(dump_tokens(&s->keys), "das Haus Telekommunikation");
    assert_string_equal(dump_tokens(&s->queries), "the house </s>");
    assert_true(s->reading->eos_queries);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_found_in_the_log),
        cmocka_unit_test(whole_tokens_may_come_from_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
