/* What is said of a dump that was listed: sentences that cannot be read, by line and reason; how
 * far the reading is.
 */
#include "dump_test.h"

#include "load/record.h"

#include <stdlib.h>

/* Every third of so many lines of links is none. */
static char *put_broken(int lines)
{
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    for (int i = 0; i < lines; i++)
        buf_printf(&text, i % 20 == 2 ? "0-0 1~1\n" : "0-0 1-1\n");
    const char *path = dump_file("broken.align", buf_string(&text));
    buf_free(&text);
    return strdup(path);
}

static void sentences_that_cannot_be_read_are_named_before_they_are_opened(void **state)
{
    (void)state;
    char *path = put_broken(60);
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.bad_count, 3);
    for (int i = 0; i < 60; i++)
        assert_int_equal(doc.sentences[i].problem != NULL, i % 20 == 2);
    const char *why = "line 23, column 5: link: expected two numbers such as 3-4, found \"1~1\"";
    assert_string_equal(doc.sentences[22].problem, why);
    assert_true(dump_warned(&doc, "3 of 60 sentences cannot be read, the first is sentence 2: "
                                  "line 3"));
    assert_int_equal(doc.warning_count, 1);               /* each of the others says it of itself */
    assert_false(document_open_sentence(&doc, 22, NULL)); /* opened, and closed by others */
    assert_int_equal(doc.sentences[22].layer_count, 1);
    for (int i = 0; i < 5; i++)
        assert_true(document_open_sentence(&doc, i == 2 ? 5 : i, NULL));
    assert_int_equal(doc.sentences[22].layer_count, 0);
    assert_string_equal(doc.sentences[22].problem, why);
    document_free(&doc);
    free(path);
}

static void of_very_many_the_first_32_are_named(void **state)
{
    (void)state;
    char *path = put_broken(800);
    Document doc;
    int named = 0;
    LoadRequest request = dump_request(path);
    document_init(&doc);
    assert_true(load_document(&doc, &request, NULL));
    for (int i = 0; i < doc.sentence_count; i++)
        named += doc.sentences[i].problem != NULL;
    assert_int_equal(named, 32);
    assert_true(dump_warned(&doc, "40 of 800 sentences cannot be read, the first is sentence 2:"));
    assert_non_null(strstr(doc.sentences[622].problem, "line 623"));
    assert_int_equal(doc.warning_count, 1);
    assert_false(document_open_sentence(&doc, 642, NULL)); /* not named: known once it is opened */
    assert_non_null(doc.sentences[642].problem);
    assert_true(document_open_sentence(&doc, 0, NULL) && document_open_sentence(&doc, 1, NULL));
    assert_null(doc.sentences[642].problem);
    document_free(&doc);
    free(path);
}

static void links_do_not_sum_to_1_and_the_reading_says_so(void **state)
{
    (void)state;
    char line[300];
    Document doc;
    Error err = {0};
    assert_true(dump_open_text(&doc, "0-0 1-0\n2-1 0-1\n1-0\n", NULL, &err));
    assert_int_equal(doc.warning_count, 0);
    const DocSentence *s = dump_sentence(&doc, 0);
    assert_true(s->links);
    record_reading(s, line, sizeof line);
    assert_string_equal(line, "rows of the file are target tokens (by the format), 0 where there "
                              "is no link: rows need not sum to 1");
    document_free(&doc);
}

typedef struct {
    uint64_t last, total;
    int calls, back;
} Seen;

static void see(void *context, uint64_t done, uint64_t total)
{
    Seen *s = context;
    s->back += done < s->last || (s->calls > 0 && total != s->total) || done > total;
    s->last = done;
    s->total = total;
    s->calls++;
}

/* 40 000 sentences of the text; lent by name. */
static void put_many(const char *name, const char *line, char *path, size_t cap)
{
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    for (int i = 0; i < 40000; i++)
        buf_text(&text, line);
    snprintf(path, cap, "%s", dump_file(name, buf_string(&text)));
    buf_free(&text);
}

static void progress_goes_through_all_files_once_and_never_back(void **state)
{
    (void)state;
    char links[600], source[600], target[600], gold[600];
    put_many("many.align", "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7\n", links, sizeof links);
    put_many("many.src", "one two three four five six seven eight\n", source, sizeof source);
    put_many("many.tgt", "eins zwei drei vier acht sechs sieben acht\n", target, sizeof target);
    put_many("many.gold", "0-0 1-1 2p2\n", gold, sizeof gold);
    for (int i = 0; i < 2; i++) {
        Seen seen = {0};
        Document doc;
        Error err = {0};
        LoadRequest request = dump_request(links);
        request.origin = (DocOrigin){.source = source, .target = target, .gold = i ? gold : NULL};
        request.progress = see;
        request.context = &seen;
        document_init(&doc);
        if (!load_document(&doc, &request, &err))
            fail_msg("%s", error_text(&err));
        assert_int_equal(seen.back, 0);
        assert_true(seen.calls >= 5);
        assert_true(seen.total > 4500000);
        assert_int_equal(doc.file_count, 2 + i);
        for (int f = 0; f < doc.file_count; f++)
            assert_int_equal(doc.files[f][0], '/');
        document_free(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_that_cannot_be_read_are_named_before_they_are_opened),
        cmocka_unit_test(of_very_many_the_first_32_are_named),
        cmocka_unit_test(links_do_not_sum_to_1_and_the_reading_says_so),
        cmocka_unit_test(progress_goes_through_all_files_once_and_never_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
