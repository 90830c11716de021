#include "load_test.h"

typedef struct {
    const char *links, *pairs, *weights;
} Files;

/* Opens the three together; each sentence's cells that are not 0 as
 * "n: query-key=weight", or the error. */
static const char *opened(Files files)
{
    static Buf out;
    Document doc;
    Error err = {0};
    const char *dir = check_temp_dir();
    char paths[3][600];
    const char *const names[] = {"w.align", "w.pairs", "w.prob"};
    const char *const texts[] = {files.links, files.pairs, files.weights};
    for (int i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", dir, names[i]);
        check_put(paths[i], texts[i]);
    }
    const char *more[] = {paths[2], paths[1]};
    LoadRequest in = {.path = paths[0], .limits = load_limits_default()};
    in.origin.more = more;
    in.origin.more_count = 2;
    buf_free(&out);
    buf_init(&out, BUF_NO_LIMIT);
    document_init(&doc);
    if (!load_document(&doc, &in, &err)) {
        buf_text(&out, error_text(&err));
        return buf_string(&out);
    }
    assert_string_equal(doc.parts, "w.align with w.pairs as source and target, w.prob as weights");
    for (int n = 0; n < doc.sentence_count; n++) {
        Error why = {0};
        if (!document_open_sentence(&doc, n, &why)) {
            buf_printf(&out, "%d! %s\n", n, doc.sentences[n].problem);
            continue;
        }
        DocMatrix m = doc.sentences[n].layers[0].heads[0].weights;
        buf_printf(&out, "%d:", n);
        for (int i = 0; i < m.rows * m.cols; i++) {
            double w = tensor_value(&doc.tensors[m.tensor], m.offset + i);
            if (w != 0)
                buf_printf(&out, " %d-%d=%g", i / m.cols, i % m.cols, w);
        }
        buf_byte(&out, '\n');
    }
    document_free(&doc);
    return buf_string(&out);
}

#define PAIRS "a b ||| c d\ne ||| f\ng ||| h\n"

static void probabilities_go_to_links_in_the_order_of_the_file(void **state)
{
    (void)state;
    assert_string_equal(opened((Files){"1-1 0-1\n0-0\n\n", PAIRS, "0.5 0.25\n.75\n\n"}),
                        "0: 1-0=0.25 1-1=0.5\n1: 0-0=0.75\n2:\n");
    /* Empty lines at the end of the numbers are no matter. */
    assert_string_equal(opened((Files){"1-1 0-1\n0-0\n\n", PAIRS, "0.5 0.25\n.75\n"}),
                        "0: 1-0=0.25 1-1=0.5\n1: 0-0=0.75\n2:\n");
    /* They win over numbers beside the links; of a link that is named twice the first counts. */
    assert_string_equal(opened((Files){"0-0-0.125 0-0\n0-0\n\n", PAIRS, "0.5 0.25\n.75\n"}),
                        "0: 0-0=0.5\n1: 0-0=0.75\n2:\n");
}

static void numbers_that_do_not_fit_refuse_their_sentence(void **state)
{
    (void)state;
    assert_string_equal(opened((Files){"0-0 1-1\n0-0\n0-0\n", PAIRS, "0.5 0.5 0.5\n0.5\n0.5\n"}),
                        "0! weights: line 1: weights: expected 2, one for each link, found 3\n"
                        "1: 0-0=0.5\n2: 0-0=0.5\n");
    assert_string_equal(opened((Files){"0-0\n0-0\n0-0\n", PAIRS, "0.5\n0.5\n"}),
                        "0: 0-0=0.5\n1: 0-0=0.5\n"
                        "2! line 3: weights: expected 1, one for each link, found no line of "
                        "them\n");
    assert_string_equal(
        opened((Files){"0-0\n0-0\n0-0\n", PAIRS,
                       "0.5\n0.5\n100000000000000000000000000000000000000000000000000\n"}),
        "0: 0-0=0.5\n1: 0-0=0.5\n"
        "2! weights: line 3, column 1: weight: expected a number, found "
        "\"1000000000000000000000000000000000000000\"\n");
    assert_string_equal(opened((Files){"0-0\n0-0\n0-0\n", PAIRS, "0.5\nnan\n1e300\n"}),
                        "0: 0-0=0.5\n"
                        "1! weights: line 2, column 1: weight: expected a number, found \"nan\"\n"
                        "2! weights: line 3, column 1: weight: expected a number, found "
                        "\"1e300\"\n");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    static const struct {
        const char *name, *text;
    } files[] = {{"f.align", "0-0 1-1\n0-0\n0-0\n"},
                 {"f.pairs", PAIRS},
                 {"f.prob", "0.5 .25\n0.5\n.75\n"},
                 {"f.gold", "1-1 2p2\n1-1\n1-1\n"}};
    char paths[4][600];
    for (int i = 0; i < 4; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", dir, files[i].name);
        check_put(paths[i], files[i].text);
    }
    const char *more[] = {paths[1], paths[2], paths[3]};
    LoadRequest in = {.path = paths[0], .limits = load_limits_default()};
    in.origin.more = more;
    in.origin.more_count = 3;
    for (uint64_t n = 1; n < 2000; n++) {
        Document doc;
        Error err = {0};
        int64_t live = mem_live();
        uint64_t before = mem_count();
        document_init(&doc);
        mem_fail_at(n, false);
        bool ok = load_document(&doc, &in, &err) && document_open_sentence(&doc, 0, &err);
        bool failed = mem_count() - before >= n;
        mem_fail_at(0, false);
        if (!failed) {
            assert_true(ok);
            assert_int_equal(doc.sentences[0].sure_count, 1);
            assert_int_equal(doc.sentences[0].possible_count, 1);
        } else if (!ok && err.kind != ERROR_LIMIT) {
            fail_msg("allocation %d: %s", (int)n, error_text(&err));
        }
        document_free(&doc);
        assert_int_equal(mem_live(), live);
        if (!failed)
            return;
    }
    fail_msg("never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_go_to_links_in_the_order_of_the_file),
        cmocka_unit_test(numbers_that_do_not_fit_refuse_their_sentence),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
