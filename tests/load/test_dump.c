#include "dump_test.h"

#include <stdatomic.h>

static const char THREE[] = "a b ||| 0-0 1-2\nc ||| 0-0\nd e ||| 1-1 0-0\n";
static const char SOURCE[] = "x y z\nx\nx y\n";

static void links_become_a_matrix(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", "x y\nx\nx y\n"),
                        .target = dump_file("tgt.txt", "a b c\nc\nd e\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, "0-0 1-2\n0-0\n1-1 0-0\n", &origin, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_int_equal(s->queries.count, 3);
    assert_float_equal(dump_at(&doc, s, 2, 1), 1, 0);
    assert_float_equal(dump_at(&doc, s, 1, 1), 0, 0);
    assert_int_equal(s->sure_count, 0); /* what a program found is not what is right */
    assert_int_equal(doc.bad_count, 0);
    document_free(&doc);
    assert_true(dump_open_text(&doc, "0-0 1p2\n0-0\n1-1 0-0\n", &origin, &err));
    s = dump_sentence(&doc, 0);
    assert_int_equal(s->sure_count, 1);
    assert_int_equal(s->possible_count, 1);
    document_free(&doc);
}

static void gold_takes_the_place_of_links(void **state)
{
    (void)state;
    static const char soft[] = "0 ||| a b ||| 0 ||| x y ||| 0 0\n0.5 0.5\n0.5 0.5\n\n"
                               "1 ||| c ||| 0 ||| x ||| 0 0\n1\n";
    DocOrigin origin = {.gold = dump_file("gold.txt", "0-0 1p1\n0-0\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, soft, &origin, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_int_equal(s->sure_count, 1);
    assert_int_equal(s->possible_count, 1);
    assert_int_equal(s->possible[0].key, 1);
    assert_int_equal(s->possible[0].query, 1);
    assert_int_equal(dump_sentence(&doc, 1)->sure_count, 1);
    document_free(&doc);
    /* counted from 1 */
    origin.gold = dump_file("gold.txt", "1-1 2-2\n1-1\n");
    assert_true(dump_open_text(&doc, soft, &origin, &err));
    assert_string_equal(doc.notes, "gold: numbers count from 1");
    assert_int_equal(doc.warning_count, 0);
    s = dump_sentence(&doc, 0);
    assert_int_equal(s->sure[1].key, 1);
    document_free(&doc);
    /* beyond the tokens */
    origin.gold = dump_file("gold.txt", "0-0 5-1\n0-0\n");
    assert_true(dump_open_text(&doc, soft, &origin, &err));
    assert_int_equal(doc.bad_count, 1);
    assert_true(dump_warned(&doc, "gold: line 1: link 5-1: expected source numbers"));
    document_free(&doc);
    origin.gold = dump_file("gold.txt", "0-0\n0-0\n0-0\n");
    assert_false(dump_open_text(&doc, soft, &origin, &err));
    assert_string_equal(error_text(&err), "2 gold: expected 2 sentences as in the file, found 3");
    origin.gold = dump_file("gold.txt", "what is this?\n");
    assert_false(dump_open_text(&doc, soft, &origin, &err));
    assert_string_equal(error_text(&err),
                        "2 gold: content: expected word links, found something else");
    assert_int_equal(mem_live(), 0);
}

static void numbered_gold_goes_by_its_numbers(void **state)
{
    (void)state;
    static const char soft[] = "0 ||| a b ||| 0 ||| x y ||| 0 0\n0.5 0.5\n0.5 0.5\n\n"
                               "1 ||| c ||| 0 ||| x ||| 0 0\n1\n\n"
                               "2 ||| a b ||| 0 ||| x y ||| 0 0\n0.5 0.5\n0.5 0.5\n";
    DocOrigin origin = {.gold = dump_file("gold.txt", "3 1 1 S\n3 2 1 P\n1 2 2 S\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, soft, &origin, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(dump_sentence(&doc, 0)->sure_count, 1);
    assert_int_equal(doc.sentences[0].sure[0].key, 1);
    assert_int_equal(dump_sentence(&doc, 1)->sure_count, 0);
    assert_int_equal(dump_sentence(&doc, 2)->sure_count, 1);
    assert_int_equal(doc.sentences[2].possible_count, 1);
    document_free(&doc);
}

static void pairs_of_sentences_are_one_companion(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("pairs.txt", "x y ||| a b c\nx ||| c\nx y ||| d e\n")};
    Document doc;
    Error err;
    if (!dump_open_text(&doc, "0-0 1-2\n0-0\n1-1 0-0\n", &origin, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 2);
    assert_string_equal(dump_tokens(&s->keys), "x y");
    assert_string_equal(dump_tokens(&s->queries), "d e");
    document_free(&doc);
}

/* Whatever was read before: a sentence is the same each time. */
static void sentences_come_in_any_order(void **state)
{
    (void)state;
    Document doc;
    Error err;
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "%d ||| t%d ||| 0 ||| s%d u ||| 0 0\n%d.5 %d\n\n", i, i, i, i, 2 * i);
    assert_true(dump_open_text(&doc, buf_string(&text), NULL, &err));
    buf_free(&text);
    assert_int_equal(doc.sentence_count, 200);
    for (int i = 0, n = 7; i < 500; i++, n = (n * 37 + 11) % 200) {
        const DocSentence *s = dump_sentence(&doc, n);
        char want[40];
        snprintf(want, sizeof want, "s%d u", n);
        assert_string_equal(dump_tokens(&s->keys), want);
        assert_true(dump_at(&doc, s, 0, 0) == n + 0.5);
        assert_true(dump_at(&doc, s, 0, 1) == 2 * n);
        snprintf(want, sizeof want, "%d", n);
        assert_string_equal(s->title, want);
    }
    document_free(&doc);
    assert_int_equal(mem_live(), 0);
}

static void a_file_that_changes_makes_a_problem_not_a_lie(void **state)
{
    (void)state;
    DocOrigin origin = {.source = dump_file("src.txt", SOURCE)};
    Document doc;
    Error err;
    assert_true(dump_open_text(&doc, THREE, &origin, &err));
    dump_sentence(&doc, 0);
    dump_file("dump.txt", "something else, and longer than it was before, by far\n");
    assert_false(document_open_sentence(&doc, 1, &err));
    assert_non_null(strstr(doc.sentences[1].problem, "changed on disk"));
    assert_int_equal(doc.sentences[1].layer_count, 1);
    document_free(&doc);
}

static void the_format_may_be_named(void **state)
{
    (void)state;
    DocOrigin origin = {.format = "nonsense"};
    Document doc;
    Error err;
    assert_false(dump_open_text(&doc, THREE, &origin, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "format: expected one of nematus opennmt sockeye marian"));
    assert_non_null(strstr(err.what, "found \"nonsense\""));
    origin.format = "sockeye";
    assert_false(dump_open_text(&doc, "0 ||| a ||| 0 ||| x ||| 0 0\n1\n", &origin, &err));
    assert_string_equal(error_text(&err), "2 line 1: expected 6 fields parted by |||, found 5");
    assert_false(dump_open_text(&doc, "Dear Sir,\nhow are you?\n", NULL, &err));
    assert_int_equal(err.kind, ERROR_MALFORMED);
}

static void the_limit_of_sentences_holds_at_n_and_n_plus_1(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(dump_file("dump.txt", THREE));
    request.limits.sentences = 3;
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    document_free(&doc);
    request.limits.sentences = 2;
    assert_false(load_document(&doc, &request, &err));
    assert_string_equal(error_text(&err), "3 expected at most 2 sentences, found more (limit 2, "
                                          "raise with --limit-sentences)");
    error_clear(&err);
    request.limits.sentences = 3;
    request.origin.source = dump_file("src.txt", "a\na\na\na\n");
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    error_clear(&err);
    request.origin.source = NULL;
    request.path = dump_file("dump.txt", "0 ||| a ||| 0 ||| x ||| 0 0\n1 2 3 4 5 6 7 8 9 10\n");
    request.limits.memory = 39;
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(mem_live(), 0);
}

static void cancelling_leaves_nothing(void **state)
{
    (void)state;
    atomic_bool cancel = true;
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(dump_file("dump.txt", THREE));
    request.cancel = &cancel;
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_int_equal(mem_live(), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    LoadRequest request =
        dump_request(dump_file("dump.txt", "0 ||| a b ||| 0 ||| x@@ y ||| 0 0\n0.5 0.25\n0.5 0.5\n"
                                           "\n1 ||| c ||| 0 ||| x ||| 0 0\n1\n"));
    request.origin = (DocOrigin){.source = dump_file("src.txt", "x@@ y\nx\n"),
                                 .gold = dump_file("gold.txt", "0-0 1-1\n0-0\n"),
                                 .words = true};
    for (uint64_t n = 1;; n++) {
        Document doc;
        Error err = {0};
        document_init(&doc);
        mem_fail_at(n, false);
        bool ok = load_document(&doc, &request, &err) && document_open_sentence(&doc, 0, &err);
        mem_fail_at(0, false);
        if (!ok && err.kind != ERROR_LIMIT)
            fail_msg("allocation %d: %s", (int)n, error_text(&err));
        document_free(&doc);
        assert_int_equal(mem_live(), 0);
        if (ok)
            break;
        assert_true(n < 1000);
    }
}

static void the_hard_alignments_of_marian_open_with_their_source(void **state)
{
    (void)state;
    char path[600], source[600];
    if (!shared_data(path, sizeof path, "nmt/marian-hard/align.expected") ||
        !shared_data(source, sizeof source, "nmt/marian-hard/text.in"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    request.origin.source = source;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 25);
    assert_int_equal(doc.bad_count, 0);
    const DocSentence *s = dump_sentence(&doc, 0);
    int links = 0;
    for (int i = 0; i < s->queries.count; i++)
        links += (int)dump_row_sum(&doc, s, i);
    assert_int_equal(links, 21);
    assert_string_equal(s->queries.tokens[s->queries.count - 1], "</s>");
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_become_a_matrix),
        cmocka_unit_test(gold_takes_the_place_of_links),
        cmocka_unit_test(numbered_gold_goes_by_its_numbers),
        cmocka_unit_test(pairs_of_sentences_are_one_companion),
        cmocka_unit_test(sentences_come_in_any_order),
        cmocka_unit_test(a_file_that_changes_makes_a_problem_not_a_lie),
        cmocka_unit_test(the_format_may_be_named),
        cmocka_unit_test(the_limit_of_sentences_holds_at_n_and_n_plus_1),
        cmocka_unit_test(cancelling_leaves_nothing),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_hard_alignments_of_marian_open_with_their_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
