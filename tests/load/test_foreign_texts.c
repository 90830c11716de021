/* Files of tokens beside JSON of other tools. */
#include "foreign_test.h"

static void tokens_that_are_missing_come_from_the_files_beside(void **state)
{
    (void)state;
    static const char text[] = "[{\"matrix\": [[0.5, 0.5]], \"target\": \"x\"},"
                               "{\"hypotheses\": [[\"y\"]], \"attention\": [[[0.25, 0.75]]]}]";
    Document doc;
    Error err = {0};
    const char *path = check_path(check_temp_dir(), "case.json");
    LoadRequest request = request_of(path);
    check_put(path, text);
    request.origin.source = check_path(check_temp_dir(), "source.txt");
    check_put(request.origin.source, "a b\nc d\n");
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    check_tokens(&doc.sentences[0].keys, "a|b");
    check_tokens(&doc.sentences[1].keys, "c|d");
    check_tokens(&doc.sentences[1].queries, "y");
    document_free(&doc);
    check_put(request.origin.source, "a b\n");
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    assert_int_equal(doc.bad_count, 1);
    assert_string_equal(doc.sentences[1].problem,
                        "source.txt: expected a line for sentence 2, found 1");
    document_free(&doc);
    request.origin.source = "/nowhere/source.txt";
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_IO);
    document_free(&doc);
}

/* Given by a person they are not passed over because the file has some of its own. */
static void tokens_beside_take_the_place_of_those_inside(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    const char *path = check_path(check_temp_dir(), "case.json");
    LoadRequest request = request_of(path);
    check_put(path, "{\"matrix\": [[1, 0], [0.5, 0.5]], \"tokens\": \"x y\"}");
    request.origin.source = check_path(check_temp_dir(), "source.txt");
    check_put(request.origin.source, "a b\n\n");
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    assert_true(doc.sentences[0].self);
    check_tokens(&doc.sentences[0].keys, "a|b");
    document_free(&doc);
    request.origin.target = check_path(check_temp_dir(), "target.txt");
    check_put(request.origin.target, "c d\n");
    document_init(&doc);
    assert_true(load_document(&doc, &request, &err));
    assert_false(doc.sentences[0].self);
    check_tokens(&doc.sentences[0].keys, "a|b");
    check_tokens(&doc.sentences[0].queries, "c|d");
    document_free(&doc);
    check_put(request.origin.target, "c d\ne\n");
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_string_equal(error_text(&err),
                        "2 target: expected 1 sentence as in the file, found more");
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_that_are_missing_come_from_the_files_beside),
        cmocka_unit_test(tokens_beside_take_the_place_of_those_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
