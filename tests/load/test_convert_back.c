/* What is written and opened again is understood as it was before. */
#include "same_test.h"

#include "load/convert.h"
#include "load/record.h"

static void must_convert(Document *doc, Convert kind, const ConvertPlan *plan, const char *path)
{
    Error err = {0};
    if (!convert_document(doc, kind, plan, path, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

/* Opens it, writes it as `to`, opens that: which has the same first sentence. */
static void there_and_back(const char *from, const char *text, const char *to, bool transposed,
                           Convert kind, Document *back)
{
    Document doc;
    Error err = {0};
    ConvertPlan plan = convert_plan();
    LoadRequest request = request_of(from);
    check_put(from, text);
    request.origin.transpose = transposed;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s: %s", text, error_text(&err));
    must_convert(&doc, kind, &plan, to);
    must_open(back, to);
    assert_true(document_open_sentence(&doc, 0, &err) && document_open_sentence(back, 0, &err));
    same_head(&doc, &doc.sentences[0].layers[0].heads[0], back,
              &back->sentences[0].layers[0].heads[0]);
    document_free(&doc);
}

static void a_table_whose_columns_sum_to_one_is_not_turned(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        bool transposed;
    } cases[] = {
        {"0.5,0.25,0.25\n0.125,0.125,0.75\n",
         "# attnscope: rows are queries\n0.5,0.125\n0.25,0.125\n0.25,0.75\n", true},
        {"0.5,0.25,0.25\n0.125,0.125,0.75\n", "0.5,0.25,0.25\n0.125,0.125,0.75\n", false},
        {"0-0 1-0 2-1\n", "# attnscope: rows are queries\n1,1,0\n0,0,1\n", false},
        {"0.5,0.5\n0.5,0.5\n", "0.5,0.5\n0.5,0.5\n", false},
        {"0-0 1-1\n", "1,0\n0,1\n", false},
        {"0-0 1-0\n", "# attnscope: rows are queries\n1,1\n", false},
        {"0.5,0.2\n0.3,0.1\n", "0.5,0.200000003\n0.300000012,0.100000001\n", false},
    };
    const char *dir = check_temp_dir(), *from = check_path(dir, "from"),
               *to = check_path(dir, "t.csv");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Document back;
        there_and_back(from, cases[i].text, to, cases[i].transposed, CONVERT_CSV, &back);
        check_content(to, cases[i].want);
        document_free(&back);
    }
}

/* Rows of links are no distributions, and nobody is to be warned of it twice. */
static void word_links_stay_word_links(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *from = check_path(dir, "from"),
               *to = check_path(dir, "t.attn.json"), *again = check_path(dir, "u.attn.json");
    const char *text = "0-0 0-1 1-1\n0-0\n";
    char reading[400];
    Document back, next;
    ConvertPlan plan = convert_plan();
    there_and_back(from, text, to, false, CONVERT_ATTN, &back);
    assert_int_equal(back.warning_count, 0);
    record_document_reading(&back, &back.sentences[0], reading, sizeof reading);
    assert_string_equal(reading, "rows are queries, by the format, 0 where there is no link: rows "
                                 "need not sum to 1");
    plan.sentence = 0; /* not the text as it stands */
    must_convert(&back, CONVERT_ATTN, &plan, again);
    must_open(&next, again);
    assert_int_equal(next.warning_count, 0);
    assert_true(next.sentences[0].links);
    document_free(&next);
    document_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_whose_columns_sum_to_one_is_not_turned),
        cmocka_unit_test(word_links_stay_word_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
