#include "links_test.h"

#include <math.h>
#include <stdlib.h>

/* Entries of a text with these lengths: what is decided. "from 1, reversed, eos, graded" */
static LinksReading decide(const DumpFormat *format, const char *text, const int lengths[][2],
                           bool transpose)
{
    Lines lines;
    LoadRequest request;
    DumpEntry e;
    Error err = {0};
    LinksCount count = {0};
    LinksReading reading;
    open_links(&lines, text, &request);
    entry_init(&e);
    for (int i = 0;; i++) {
        entry_clear(&e);
        DumpStep step = format->read(&lines, &e, &err);
        if (step == DUMP_END)
            break;
        assert_int_equal(step, DUMP_ENTRY);
        dump_links_count(&count, format, &e, lengths[i][0], lengths[i][1], NULL);
    }
    entry_free(&e);
    lines_close(&lines);
    dump_links_decide(&count, format, transpose, &reading);
    return reading;
}

static const char *decided(const DumpFormat *format, const char *text, const int lengths[][2],
                           bool transpose)
{
    static char out[80];
    LinksReading r = decide(format, text, lengths, transpose);
    assert_int_equal(r.eos_keys, r.eos_queries);
    snprintf(out, sizeof out, "%d%s%s%s%s", r.from_one, r.reversed ? " reversed" : "",
             r.eos_keys ? " eos" : "", r.graded ? " graded" : "", r.by_user ? " asked" : "");
    return out;
}

static void what_numbers_count_from_is_told_by_the_whole_file(void **state)
{
    (void)state;
    const DumpFormat *p = &LINKS_PHARAOH;
    const int three[][2] = {{3, 3}, {3, 3}}, none[][2] = {{-1, -1}, {-1, -1}};
    assert_string_equal(decided(p, "0-0 2-2\n", three, false), "0");
    assert_string_equal(decided(p, "1-1 3-2\n", three, false), "1");      /* no 0, a 3 of 3 */
    assert_string_equal(decided(p, "1-1 2-2\n", three, false), "0");      /* no 0, but no 3 */
    assert_string_equal(decided(p, "1-1 3-3\n0-0\n", three, false), "0"); /* a 0 somewhere */
    assert_string_equal(decided(p, "1-1 4-4\n", three, false), "0");      /* fits neither way */
    assert_string_equal(decided(p, "1-1 3-3\n9-9\n", three, false), "1"); /* one is wrong anyway */
    assert_string_equal(decided(p, "1-1 2-2\n", none, false), "1"); /* nothing else to go by */
    assert_string_equal(decided(p, "0-1\n", none, false), "0");
    assert_string_equal(decided(p, "\n", none, false), "0");
    assert_string_equal(decided(p, "1-1 2p2\n", three, false), "0 graded");
    assert_string_equal(decided(&LINKS_PHARAOH_ONE, "1-1 2-2\n", three, false), "1");
    assert_string_equal(decided(&LINKS_NAACL, "1 1 1\n", three, false), "0");
}

static void which_side_is_first_is_told_by_the_lengths(void **state)
{
    (void)state;
    const int sizes[][2] = {{2, 5}, {3, 3}};
    const DumpFormat *p = &LINKS_PHARAOH;
    assert_string_equal(decided(p, "0-4 1-0\n", sizes, false), "0");
    assert_string_equal(decided(p, "4-0 0-1\n", sizes, false), "0 reversed");
    assert_string_equal(decided(p, "5-1 1-2\n", sizes, false), "1 reversed");
    assert_string_equal(decided(p, "0-0 1-1\n", sizes, false), "0"); /* both fit: as documented */
    assert_string_equal(decided(p, "0-4 1-0\n", sizes, true), "0 reversed asked");
    assert_string_equal(decided(p, "4-0 0-1\n", sizes, true), "0 asked");
    assert_string_equal(decided(&LINKS_MARIAN, "x ||| 4-0\n", sizes, false), "0");
}

static void the_end_of_sentence_is_linked_by_translators_alone(void **state)
{
    (void)state;
    const int sizes[][2] = {{2, 3}};
    assert_string_equal(decided(&LINKS_MARIAN, "a b c ||| 0-0 2-3\n", sizes, false), "0 eos");
    assert_string_equal(decided(&LINKS_MARIAN, "a b c ||| 0-0 1-3\n", sizes, false), "0 eos");
    assert_string_equal(decided(&LINKS_MARIAN, "a b c ||| 0-0 1-2\n", sizes, false), "0");
    assert_string_equal(decided(&LINKS_SOCKEYE, "a b c\t0-0 2-3\n", sizes, false), "0 eos");
}

/* The only entry of a text, read so: its links and matrix, or the error. */
static const char *settled(const char *text, int keys, int queries, LinksReading reading)
{
    static Buf out;
    Lines lines;
    LoadRequest request;
    DumpEntry e;
    Error err = {0};
    buf_free(&out);
    buf_init(&out, BUF_NO_LIMIT);
    open_links(&lines, text, &request);
    entry_init(&e);
    assert_int_equal(LINKS_PHARAOH.read(&lines, &e, &err), DUMP_ENTRY);
    if (dump_links_settle(&reading, &e, keys, queries, &err) &&
        dump_links_matrix(&reading, &e, keys, queries, 1 << 20, &err)) {
        put_links(&out, &e);
        for (int64_t i = 0; i < e.rows * e.cols; i++)
            buf_printf(&out, "%s%g", i % e.cols ? " " : " | ", (double)e.floats[i]);
    } else {
        buf_text(&out, error_text(&err));
    }
    entry_free(&e);
    lines_close(&lines);
    return buf_string(&out);
}

static void links_become_keys_and_queries_from_0_on(void **state)
{
    (void)state;
    const LinksReading plain = {0}, one = {.from_one = true}, turned = {.reversed = true};
    const LinksReading eos = {.eos_keys = true, .eos_queries = true};
    assert_string_equal(settled("1-0 0-1\n", 2, 2, plain), "1-0 0-1 | 0 1 | 1 0");
    assert_string_equal(settled("2-1 1-2\n", 2, 2, one), "1-0 0-1 | 0 1 | 1 0");
    assert_string_equal(settled("2-0\n", 2, 3, turned), "0-2 | 0 0 | 0 0 | 1 0");
    assert_string_equal(settled("2-1\n", 2, 1, eos), "2-1 | 0 0 0 | 0 0 1");
    assert_string_equal(settled("0-0-0.25 1-1\n", 2, 2, plain), "0-0=0.25 1-1=1 | 0.25 0 | 0 1");
    /* Each once, and what is sure is not only possible. */
    assert_string_equal(settled("0-0-0.5 0-0-0.25 0p0 1p1 1p1\n", 2, 2, plain),
                        "0-0=0.5 1p1 | 0.5 0 | 0 1");
    assert_string_equal(settled("\n", 2, 1, plain), " | 0 0");
    /* Without texts the links say how many there are. */
    assert_string_equal(settled("0-1 2p0\n", -1, -1, plain), "0-1 2p0 | 0 0 1 | 1 0 0");
    assert_string_equal(settled("1-2\n", -1, -1, one), "0-1 | 0 | 1");
    assert_string_equal(settled("\n", -1, -1, plain), " | 0");
}

static void links_outside_refuse_the_sentence(void **state)
{
    (void)state;
    const LinksReading plain = {0}, one = {.from_one = true}, turned = {.reversed = true};
    const LinksReading eos = {.eos_keys = true, .eos_queries = true};
    assert_string_equal(settled("0-0 5-1\n", 5, 2, plain),
                        "2 line 1: link 5-1: expected source numbers from 0 to 4, found 5");
    assert_string_equal(settled("0-0 4-2\n", 5, 2, plain),
                        "2 line 1: link 4-2: expected target numbers from 0 to 1, found 2");
    assert_string_equal(settled("0p2\n", 5, 2, plain),
                        "2 line 1: link 0-2: expected target numbers from 0 to 1, found 2");
    /* Offered only where no 0 occurs and everything would fit. */
    assert_string_equal(settled("1-1 5-2\n", 5, 2, plain),
                        "2 line 1: link 5-2: expected source numbers from 0 to 4, found 5; they "
                        "fit when they count from 1 (--format pharaoh-1)");
    assert_string_equal(settled("1-1 5-3\n", 5, 2, plain),
                        "2 line 1: link 5-3: expected source numbers from 0 to 4, found 5");
    assert_string_equal(settled("1-1 0-1\n", 5, 2, one),
                        "2 line 1: link 0-1: expected source numbers from 1 to 5, found 0");
    assert_string_equal(settled("6-1\n", 5, 2, one),
                        "2 line 1: link 6-1: expected source numbers from 1 to 5, found 6");
    assert_string_equal(settled("1-0\n", -1, -1, one),
                        "2 line 1: link 1-0: expected target numbers from 1 on, found 0");
    assert_string_equal(settled("1-5\n", 5, 2, turned),
                        "2 line 1: link 1-5: expected source numbers from 0 to 4, found 5; they "
                        "fit when they count from 1 (--format pharaoh-1)");
    assert_string_equal(settled("6-0\n", 5, 2, eos),
                        "2 line 1: link 6-0: expected source numbers from 0 to 5, found 6");
    assert_string_equal(settled("0-0\n", 0, 2, plain),
                        "2 line 1: link 0-0: expected none, as there are no source tokens");
}

static void a_matrix_that_nothing_proves_is_bounded(void **state)
{
    (void)state;
    const LinksReading plain = {0};
    assert_string_equal(settled("4096-0\n", -1, -1, plain),
                        "2 line 1: link: expected at most 4096 source tokens without their text, "
                        "found 4097");
    assert_string_equal(settled("0-2147483645\n", -1, -1, plain),
                        "2 line 1: link: expected at most 4096 target tokens without their text, "
                        "found 2147483646");
    assert_string_equal(settled("511-512\n", -1, -1, plain),
                        "3 links: expected a matrix of at most 1048576 bytes, found 513 × 512 "
                        "tokens");
    assert_int_equal(strlen(settled("511-511\n", -1, -1, plain)), 7 + 512 * (512 * 2 + 2));
}

static void how_numbers_are_meant_is_told_when_it_is_unusual(void **state)
{
    (void)state;
    char text[300];
    dump_links_told(&(LinksReading){0}, text, sizeof text);
    assert_string_equal(text, "");
    dump_links_told(&(LinksReading){.none = true}, text, sizeof text);
    assert_string_equal(text, "there is no link in it: all weights are 0");
    assert_true(decide(&LINKS_PAIRS, "a ||| b\n", (const int[][2]){{1, 1}}, false).none);
    dump_links_told(&(LinksReading){.from_one = true}, text, sizeof text);
    assert_string_equal(text, "numbers count from 1");
    dump_links_told(&(LinksReading){.reversed = true, .from_one = true}, text, sizeof text);
    assert_string_equal(text, "links are read as target-source: in no other way do they fit the "
                              "tokens; numbers count from 1");
    dump_links_told(&(LinksReading){.by_user = true}, text, sizeof text);
    assert_string_equal(text, "links are turned as you asked for");
}

static bool has_link(const DocLink *links, int count, DocLink link)
{
    for (int i = 0; i < count; i++) {
        if (links[i].key == link.key && links[i].query == link.query)
            return true;
    }
    return false;
}

/* Published for these files: AER 37.3583 %, precision 72.7379 %, recall 55.0066 %. They come out
 * only when base, order and text of both files are read right. */
static void the_error_rate_of_a_published_alignment_comes_out(void **state)
{
    (void)state;
    char system[600], pairs[600], gold[600];
    if (!shared_data(system, sizeof system, "gold/kftt-jaen/jaen.awesome-align.out") ||
        !shared_data(pairs, sizeof pairs, "gold/kftt-jaen/jaen.src-tgt") ||
        !shared_data(gold, sizeof gold, "gold/kftt-jaen/jaen.gold"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = {.path = system, .limits = load_limits_default()};
    request.origin.source = pairs;
    request.origin.gold = gold;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 582);
    assert_int_equal(doc.bad_count, 0);
    int64_t found = 0, right = 0, sure = 0;
    for (int n = 0; n < doc.sentence_count; n++) {
        assert_true(document_open_sentence(&doc, n, &err));
        const DocSentence *s = &doc.sentences[n];
        DocMatrix m = s->layers[0].heads[0].weights;
        assert_int_equal(m.rows, s->queries.count);
        assert_int_equal(m.cols, s->keys.count);
        assert_int_equal(s->possible_count, 0);
        sure += s->sure_count;
        for (int i = 0; i < m.rows; i++) {
            for (int j = 0; j < m.cols; j++) {
                double w = tensor_value(&doc.tensors[m.tensor], m.offset + i * m.step + j);
                assert_true(w == 0 || w == 1);
                found += w != 0;
                right += w != 0 && has_link(s->sure, s->sure_count, (DocLink){j, i});
            }
        }
    }
    assert_int_equal(sure, 13562);
    check_close(100 * (double)right / (double)found, 72.7379, 5e-5 / 72);
    check_close(100 * (double)right / (double)sure, 55.0066, 5e-5 / 55);
    check_close(100 * (1 - 2 * (double)right / (double)(found + sure)), 37.3583, 5e-5 / 37);
    document_free(&doc);
}

static void links_of_a_translator_count_the_end_of_sentence(void **state)
{
    (void)state;
    char links[600], text[600];
    if (!shared_data(links, sizeof links, "nmt/marian-hard/align.expected") ||
        !shared_data(text, sizeof text, "nmt/marian-hard/text.in"))
        skip();
    Document doc;
    Error err = {0};
    LoadRequest request = {.path = links, .limits = load_limits_default()};
    request.origin.source = text;
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 25);
    assert_int_equal(doc.bad_count, 0);
    int total = 0;
    for (int n = 0; n < 25; n++) {
        assert_true(document_open_sentence(&doc, n, &err));
        const DocSentence *s = &doc.sentences[n];
        assert_string_equal(s->queries.tokens[s->queries.count - 1], "</s>");
        assert_string_equal(s->keys.tokens[s->keys.count - 1], "</s>");
        assert_int_equal(s->sure_count, 0); /* found, not known to be right */
        DocMatrix m = s->layers[0].heads[0].weights;
        for (int i = 0; i < m.rows * m.cols; i++)
            total += tensor_value(&doc.tensors[m.tensor], m.offset + i) == 1;
    }
    assert_int_equal(total, 606); /* as many as the file has words with a hyphen between digits */
    document_free(&doc);
}

/* Whatever is called sure is settled and made, in the size that was said. */
static void what_is_sure_from_its_largest_numbers_can_be_read(void **state)
{
    (void)state;
    unsigned seed = 3;
    int sure = 0, other = 0;
    for (int round = 0; round < 4000; round++) {
        int number[8];
        for (int i = 0; i < 8; i++) {
            seed = seed * 1664525u + 1013904223u;
            number[i] = (int)(seed >> 20) % 7;
        }
        DumpEntry e;
        Error err = {0};
        LinksCount count = {0};
        LinksExtent extent;
        LinksReading reading = {.from_one = number[0] & 1, .reversed = number[1] & 1};
        int keys = number[2] - 1, queries = number[3] - 1;
        uint64_t memory = number[6] == 0 ? 32 : 4000;
        entry_init(&e);
        for (int i = 0; i < number[4] % 3; i++)
            assert_true(entry_link(&e, i != 1, (DocLink){number[5 + i], number[7 - i]}, 1, &err));
        dump_links_count(&count, &LINKS_PHARAOH, &e, keys, queries, &extent);
        int cols = keys, rows = queries;
        bool told = dump_links_sure(&reading, &extent, memory, &cols, &rows);
        bool done = dump_links_settle(&reading, &e, keys, queries, &err) &&
                    dump_links_matrix(&reading, &e, keys, queries, memory, &err);
        if (told) {
            assert_true(done);
            assert_int_equal(e.rows, rows);
            assert_int_equal(e.cols, cols);
        }
        assert_true(told || !done || keys == 0 || queries == 0); /* else it is read in vain */
        sure += told;
        other += !told;
        entry_free(&e);
    }
    assert_true(sure > 300 && other > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_numbers_count_from_is_told_by_the_whole_file),
        cmocka_unit_test(which_side_is_first_is_told_by_the_lengths),
        cmocka_unit_test(the_end_of_sentence_is_linked_by_translators_alone),
        cmocka_unit_test(links_become_keys_and_queries_from_0_on),
        cmocka_unit_test(links_outside_refuse_the_sentence),
        cmocka_unit_test(what_is_sure_from_its_largest_numbers_can_be_read),
        cmocka_unit_test(a_matrix_that_nothing_proves_is_bounded),
        cmocka_unit_test(how_numbers_are_meant_is_told_when_it_is_unusual),
        cmocka_unit_test(the_error_rate_of_a_published_alignment_comes_out),
        cmocka_unit_test(links_of_a_translator_count_the_end_of_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
