#include "dump_test.h"

static const char *guess(const char *text)
{
    const DumpFormat *other, *found = dump_sniff(text, strlen(text), true, &other);
    static char line[200];
    snprintf(line, sizeof line, "%s%s%s", found ? found->name : "-", other ? " or " : "",
             other ? other->name : "");
    return line;
}

static void dialects_are_told_by_content(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } table[] = {
        {"", "-"},
        {"\n\n", "-"},
        {"Just some words.\nAnd more of them.\n", "-"},
        {"0 ||| a ||| 0 ||| x ||| 2 2\n0.5 0.5\n0.5 0.5\n", "nematus"},
        {"\xEF\xBB\xBF\n0 ||| a ||| 0 ||| x ||| 2 2\r\n0.5 0.5\r\n0.5 0.5\r\n", "nematus"},
        {"0 ||| a ||| 0 ||| x y ||| 0 0\n0.5 0.5\n", "opennmt"},
        {"0 ||| a ||| 0 ||| x y ||| 2 ||| 1\n0.5\n0.5\n", "sockeye"},
        {"a b ||| 0.5,0.5 0.5,0.5 0.5,0.5\n", "marian"},
        {"0 ||| a b ||| 0.5,0.5 0.5,0.5 0.5,0.5 ||| F0= 1 ||| 1\n", "marian-nbest"},
        {"a b ||| 0-0 1-1\n", "marian-hard"},
        {"0-0 1-1\n0-0\n", "pharaoh"},
        {"S-0\tx\nH-0\t-1\ta\nA-0\t0.5,0.5 0.5,0.5\n", "fairseq"},
        {"S-0\tx\nH-0\t-1\ta\nA-0\t0-0\n", "fairseq-hard"},
        {"                    x          y \n         a *0.5000000  0.5000000 \n", "opennmt-py"},
        {"0.5,0.5\n0.25,0.75\n", "csv"},
        {"0.5 0.5\n0.25 0.75\n", "csv"},
        {"1 1 1 S\n1 2 2 P\n2 1 1\n", "naacl"},
        {"x y ||| a b\nx ||| c\n", "pairs"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(guess(table[i].text), table[i].want) != 0)
            fail_msg("%s: want %s, got %s", table[i].text, table[i].want, guess(table[i].text));
    }
}

/* Whatever is cut off or put in place of something: a guess never reads beyond the text. */
static void a_guess_stays_inside_the_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"0 ||| a ||| 0 ||| x ||| 2 2\n0.5 0.5\n",
                                        "a b ||| 0.5,0.5 0.5,0.5\n",
                                        "S-0\tx\nA-0\t0.5,0.5\n",
                                        ",x,y\na,0.5,\"0\"\n",
                                        "           x\n   a *0.5\n",
                                        "0-0 1p1\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t n = 0; n <= strlen(texts[i]); n++) {
            char *copy = mem_string(texts[i], n); /* a NUL behind it, as the header asks for */
            const DumpFormat *other;
            assert_non_null(copy);
            dump_sniff(copy, n, false, &other);
            dump_sniff(copy, n, true, &other);
            mem_free(copy);
        }
    }
}

static void what_is_unclear_is_said(void **state)
{
    (void)state;
    /* neither as many numbers as tokens nor one more */
    static const char text[] = "0 ||| a ||| 0 ||| x y z ||| 0 0\n0.5 0.25 0.25 0 0 0 0\n";
    Document doc;
    Error err;
    assert_string_equal(guess(text), "nematus or opennmt");
    assert_true(dump_open_text(&doc, text, NULL, &err));
    assert_string_equal(doc.warnings[0], "read as Nematus alignments; it may also be OpenNMT-lua "
                                         "attention (--format opennmt)");
    document_free(&doc);
    static const char odd[] = "0 ||| a ||| 0 ||| x y z ||| 0 0\n0.9 0.25 0.25 0 0 0 0\n";
    assert_true(dump_open_text(&doc, odd, NULL, &err));
    assert_int_equal(doc.warning_count, 2); /* the doubt comes first */
    assert_non_null(strstr(doc.warnings[0], "it may also be OpenNMT-lua"));
    assert_non_null(strstr(doc.warnings[1], "sum to 1"));
    document_free(&doc);
    DocOrigin origin = {.format = "opennmt"};
    assert_true(dump_open_text(&doc, text, &origin, &err));
    assert_false(dump_warned(&doc, "may also be"));
    document_free(&doc);
}

static void names_are_unique_and_found(void **state)
{
    (void)state;
    for (const DumpFormat *const *f = DUMP_FORMATS; *f; f++) {
        assert_ptr_equal(dump_format((*f)->name), *f);
        assert_true((*f)->title[0] && (*f)->likely && (*f)->read);
    }
    assert_null(dump_format("Nematus"));
    assert_null(dump_format(""));
}

static void the_browser_names_dumps_too(void **state)
{
    (void)state;
    assert_string_equal(load_kind(dump_file("kind.txt", "a b ||| 0.5,0.5 0.5,0.5\n")),
                        "Marian soft alignments");
    assert_string_equal(load_kind(dump_file("kind.txt", "Dear all,\n")), "");
}

static void lines_longer_than_the_first_look_are_no_riddle(void **state)
{
    (void)state;
    const DumpFormat *other = NULL;
    Error err = {0};
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, "0 ||| a ||| 0 ||| ");
    for (int i = 0; i < 12000; i++)
        buf_printf(&text, "w%d ", i);
    buf_text(&text, "||| 12000 1\n");
    for (int i = 0; i < 12000; i++)
        buf_text(&text, "0.00001 ");
    buf_text(&text, "0.88\n");
    const DumpFormat *found =
        dump_sniff_file(dump_file("long.txt", buf_string(&text)), &other, &err);
    if (!found)
        fail_msg("%s", error_text(&err));
    assert_string_equal(found->name, "nematus");
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialects_are_told_by_content),
        cmocka_unit_test(a_guess_stays_inside_the_text),
        cmocka_unit_test(what_is_unclear_is_said),
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(the_browser_names_dumps_too),
        cmocka_unit_test(lines_longer_than_the_first_look_are_no_riddle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
