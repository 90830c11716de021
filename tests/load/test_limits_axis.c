/* More tokens, weights and rows than an axis may have: lines beyond what a line may have, too. */
#include "dump_test.h"

#include "load/limits.h"

enum { MORE = LIMIT_MOST_AXIS + 1, LINE_BYTES = 64 << 20 };

/* A file of as many times two bytes, and its end. */
static const char *repeated(const char *name, const char two[2], const char *end)
{
    static char *dir;
    size_t length = strlen(end);
    char *text = mem_alloc(2 * (size_t)MORE + length);
    assert_non_null(text);
    for (size_t i = 0; i < MORE; i++)
        memcpy(text + 2 * i, two, 2);
    memcpy(text + 2 * (size_t)MORE, end, length);
    if (!dir)
        dir = check_temp_dir();
    const char *path = check_path(dir, name);
    write_file(path, text, 2 * (size_t)MORE + length);
    mem_free(text);
    return path;
}

static void refused(LoadRequest request, const char *want)
{
    Document doc;
    Error err = {0};
    document_init(&doc);
    request.limits.line_bytes = LINE_BYTES;
    assert_false(load_document(&doc, &request, &err));
    assert_string_equal(error_text(&err), want);
    document_free(&doc);
}

static void an_axis_has_no_more_than_its_limit(void **state)
{
    (void)state;
    LoadRequest request = dump_request(dump_file("l.align", "0-0\n"));
    request.origin.source = repeated("l.src", "a ", "\n");
    request.origin.target = dump_file("l.tgt", "b\n");
    refused(request, "2 source: line 1: expected at most 16777216 tokens, found more");
    request = dump_request(repeated("w.csv", "1,", "1\n"));
    request.origin.format = "csv"; /* no look at its head shows a whole line */
    refused(request, "2 line 1: expected at most 16777216 weights in a row, found more");
    refused(dump_request(repeated("r.csv", "1\n", "")),
            "2 line 16777217: expected at most 16777216 rows of weights, found more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_axis_has_no_more_than_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
