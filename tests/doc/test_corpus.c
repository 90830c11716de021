#include "support/check.h"

#include "doc/document.h"
#include "base/mem.h"

#include <string.h>

/* Sentence i is one head of i + 1 weights of value i; the third cannot be read. */
typedef struct {
    int reads, frees;
    ErrorKind fails; /* at all, in this way; ERROR_NONE: as above */
} Fake;

static bool fake_read(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                      int index, DocSentence *out, Error *err)
{
    (void)doc;
    const DocMatrix none = {.tensor = -1};
    ((Fake *)self)->reads++;
    if (((Fake *)self)->fails != ERROR_NONE)
        return error_set(err, ((Fake *)self)->fails, "not now");
    if (sentence == 3)
        return error_at(err, ERROR_MALFORMED, "line 9", "expected 2 numbers, found 1");
    float *data = mem_array((size_t)sentence + 1, sizeof *data);
    DocHead *head = arena_alloc(arena, 1, sizeof *head);
    DocLayer *layer = arena_alloc(arena, 1, sizeof *layer);
    for (int i = 0; i <= sentence; i++)
        data[i] = (float)sentence;
    *tensor = (Tensor){.data = data, .dtype = DTYPE_F32, .count = sentence + 1, .floats = data};
    *head = (DocHead){.q = none, .k = none, .v = none, .scores = none, .recorded = none};
    head->mask = none;
    head->weights = (DocMatrix){index, 0, 1, sentence + 1, sentence + 1};
    head->entry = ENTRY_WEIGHTS;
    *layer = (DocLayer){.name = "", .heads = head, .head_count = 1};
    *out = (DocSentence){.title = out->title, .about = "", .layers = layer, .layer_count = 1};
    out->queries.count = 1;
    out->keys.count = sentence + 1;
    return true;
}

static void fake_free(void *self)
{
    ((Fake *)self)->frees++;
}

static void open_fake(Document *doc, Fake *fake)
{
    document_init(doc);
    doc->sentence_count = 6;
    doc->sentences = arena_alloc(&doc->arena, 6, sizeof *doc->sentences);
    for (int i = 0; i < 6; i++)
        doc->sentences[i].title = doc->sentences[i].about = "";
    doc->sentences[4].title = "four";
    doc->tensors = mem_zero(CORPUS_SLOTS, sizeof *doc->tensors);
    doc->tensor_count = CORPUS_SLOTS;
    doc->memory = 1 << 20;
    doc->corpus.self = fake;
    doc->corpus.read = fake_read;
    doc->corpus.free = fake_free;
}

static void two_sentences_are_there_and_a_third_takes_the_older_place(void **state)
{
    (void)state;
    Document doc;
    Fake fake = {0};
    AttnInput in;
    open_fake(&doc, &fake);
    const int walk[] = {4, 5, 4, 0, 5, 4};
    const int reads[] = {1, 2, 2, 3, 4, 5};
    for (int i = 0; i < 6; i++) {
        assert_true(document_select(&doc, walk[i], 0, 0, &in, NULL));
        assert_int_equal(in.given.cols, walk[i] + 1);
        assert_float_equal(in.given.at[walk[i]], walk[i], 0);
        assert_int_equal(fake.reads, reads[i]);
    }
    assert_null(doc.sentences[0].layers);
    assert_string_equal(doc.sentences[4].title, "four");
    document_free(&doc);
    assert_int_equal(fake.frees, 1);
}

static void the_first_words_in_the_list_stay_when_a_sentence_is_left(void **state)
{
    (void)state;
    Document doc;
    Fake fake = {0};
    open_fake(&doc, &fake);
    doc.sentences[1].start = "first words";
    doc.sentences[3].start = "unreadable words";
    for (int i = 1; i < 6; i++)
        document_open_sentence(&doc, i, NULL);
    assert_null(doc.sentences[1].layers);
    assert_string_equal(doc.sentences[1].start, "first words");
    assert_string_equal(doc.sentences[3].start, "unreadable words");
    document_free(&doc);
}

static void number_of(const void *self, int sentence, DocSentence *out)
{
    static const char *const titles[] = {"none", "one", "two", "three", "four", "five"};
    (void)self;
    *out = (DocSentence){.title = titles[sentence], .about = "", .start = "words"};
}

static void a_reader_that_has_the_list_leaves_unread_sentences_untouched(void **state)
{
    (void)state;
    static const DocSentence untouched;
    Document doc;
    Fake fake = {0};
    open_fake(&doc, &fake);
    doc.corpus.sentences = doc.sentences = mem_zero(6, sizeof *doc.sentences);
    doc.corpus.listed = number_of;
    doc.sentences[5].problem = "broken";
    assert_string_equal(document_listed(&doc, 2).title, "two");
    assert_true(document_open_sentence(&doc, 2, NULL));
    assert_string_equal(doc.sentences[2].title, "two");
    assert_string_equal(document_listed(&doc, 2).start, "words");
    assert_int_equal(document_listed(&doc, 2).layer_count, 1);
    assert_string_equal(document_listed(&doc, 5).problem, "broken");
    assert_string_equal(document_listed(&doc, 5).title, "five");
    for (int i = 0; i < 5; i++) {
        if (i != 2)
            assert_memory_equal(&doc.sentences[i], &untouched, sizeof untouched);
    }
    document_free(&doc);
}

static void a_sentence_that_is_read_again_has_another_key(void **state)
{
    (void)state;
    Document doc;
    Fake fake = {0};
    AttnInput first, again;
    open_fake(&doc, &fake);
    assert_true(document_select(&doc, 1, 0, 0, &first, NULL));
    assert_true(document_select(&doc, 1, 0, 0, &again, NULL));
    assert_true(first.key == again.key);
    assert_true(document_open_sentence(&doc, 2, NULL) && document_open_sentence(&doc, 4, NULL));
    assert_true(document_select(&doc, 1, 0, 0, &again, NULL));
    assert_true(first.key != again.key);
    document_free(&doc);
}

static void one_that_cannot_be_read_says_why_each_time(void **state)
{
    (void)state;
    Document doc;
    Fake fake = {0};
    open_fake(&doc, &fake);
    for (int i = 0; i < 2; i++) {
        Error err = {0};
        assert_false(document_open_sentence(&doc, 3, &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
        assert_non_null(strstr(err.what, "expected 2 numbers, found 1"));
    }
    assert_int_equal(fake.reads, 1);
    assert_string_equal(doc.sentences[3].problem, "line 9: expected 2 numbers, found 1");
    assert_int_equal(doc.sentences[3].layer_count, 1);
    assert_true(document_open_sentence(&doc, 1, NULL));
    Error err = {0};
    assert_false(document_open_sentence(&doc, 6, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    document_free(&doc);
}

static void what_failed_for_want_of_memory_or_a_disk_is_asked_again_later(void **state)
{
    (void)state;
    static const ErrorKind kinds[] = {ERROR_LIMIT, ERROR_IO};
    for (size_t i = 0; i < 2; i++) {
        Document doc;
        Fake fake = {.fails = kinds[i]};
        open_fake(&doc, &fake);
        for (int again = 0; again < 2; again++) { /* each frame asks for the one that is shown */
            Error err = {0};
            assert_false(document_open_sentence(&doc, 1, &err));
            assert_int_equal(err.kind, kinds[i]);
            assert_string_equal(err.what, "not now");
            assert_true(document_is_read(&doc, 1));
        }
        assert_int_equal(fake.reads, 1);
        fake.fails = ERROR_NONE;
        assert_true(document_open_sentence(&doc, 2, NULL));
        assert_false(document_is_read(&doc, 1));
        assert_true(document_open_sentence(&doc, 1, NULL));
        assert_null(doc.sentences[1].problem);
        assert_true(document_open_sentence(&doc, 2, NULL)); /* it is still there */
        assert_int_equal(fake.reads, 3);
        document_free(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sentences_are_there_and_a_third_takes_the_older_place),
        cmocka_unit_test(the_first_words_in_the_list_stay_when_a_sentence_is_left),
        cmocka_unit_test(a_reader_that_has_the_list_leaves_unread_sentences_untouched),
        cmocka_unit_test(a_sentence_that_is_read_again_has_another_key),
        cmocka_unit_test(one_that_cannot_be_read_says_why_each_time),
        cmocka_unit_test(what_failed_for_want_of_memory_or_a_disk_is_asked_again_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
