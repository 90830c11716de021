#include "dump_test.h"

#include <math.h>

typedef struct {
    Lines lines;
    DumpEntry entry;
    LoadRequest request;
    Error err;
} Fixture;

/* The line is the present one. */
static void begin(Fixture *f, const char *line)
{
    *f = (Fixture){.request = dump_request(dump_file("line.txt", line))};
    assert_true(lines_open(&f->lines, f->request.path, &f->request, &f->err));
    assert_true(lines_next(&f->lines, &f->err));
    entry_init(&f->entry);
}

static void end(Fixture *f)
{
    lines_close(&f->lines);
    entry_free(&f->entry);
    assert_int_equal(mem_live(), 0);
}

static bool row(Fixture *f, char comma)
{
    Slice text = {f->lines.text, f->lines.length};
    error_clear(&f->err);
    return entry_row(&f->entry, text, comma, &f->lines, &f->err);
}

static void rows_are_as_long_as_the_first(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        char comma;
        int count; /* 0: the error */
        const char *want;
    } table[] = {
        {"1 2.5  -3e-1\t+4 ", 0, 4, ""},
        {"1,2 , 3,\t.5", ',', 4, ""},
        {"*0.5 0.25 **1", '*', 3, ""},
        {"nan -inf 007 5.", 0, 4, ""},
        {"3.4028234e38", 0, 1, ""},
        {"", 0, 0, "2 line 1: expected a row of weights, found none"},
        {"1 2", ',', 0, "2 line 1, column 3: expected ',' between numbers, found none"},
        {"1,,2", ',', 0, "2 line 1, column 3: expected a number, found nothing"},
        {"1,", ',', 0, "2 line 1, column 3: expected a number, found nothing"},
        {"1 0x2", 0, 0, "2 line 1, column 3: expected a number, found \"0x2\""},
        {"1 3.5e38", 0, 0, "2 line 1, column 3: expected a number, found \"3.5e38\""},
        {"1 1e999", 0, 0, "2 line 1, column 3: expected a number, found \"1e999\""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char line[60];
        Fixture f;
        snprintf(line, sizeof line, "%s\n", table[i].line);
        begin(&f, line);
        bool ok = row(&f, table[i].comma);
        assert_string_equal(ok ? "" : error_text(&f.err), table[i].want);
        if (ok)
            assert_int_equal(f.entry.cols, table[i].count);
        if (ok && table[i].count == 4 && i < 2)
            assert_true(f.entry.floats[3] == (i == 0 ? 4.0f : 0.5f));
        end(&f);
    }
    Fixture f;
    begin(&f, "1 2 3\n1 2\n");
    assert_true(row(&f, 0));
    assert_true(lines_next(&f.lines, &f.err));
    assert_false(row(&f, 0));
    assert_string_equal(error_text(&f.err),
                        "2 line 2: expected 3 weights as in the first row, found 2");
    assert_int_equal(f.entry.row_line, 1);
    end(&f);
}

static void tokens_are_kept_when_the_line_is_gone(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, "a  bc \td\nnext line that is longer\n");
    Slice text = {f.lines.text, f.lines.length};
    assert_true(entry_tokens(&f.entry, true, text, &f.lines, &f.err));
    assert_true(lines_next(&f.lines, &f.err));
    assert_int_equal(f.entry.query_count, 3);
    assert_string_equal(f.entry.queries[0], "a");
    assert_string_equal(f.entry.queries[1], "bc");
    assert_string_equal(f.entry.queries[2], "d");
    assert_int_equal(f.entry.key_count, -1);
    assert_true(entry_tokens(&f.entry, false, (Slice){"", 0}, &f.lines, &f.err));
    assert_int_equal(f.entry.key_count, 0);
    assert_non_null(f.entry.keys); /* known to be none */
    assert_true(entry_token(&f.entry, false, (Slice){"x y", 3}, &f.err));
    assert_string_equal(f.entry.keys[0], "x y");
    assert_true(entry_title(&f.entry, (Slice){"12", 1}, &f.err));
    assert_string_equal(f.entry.title, "1");
    entry_clear(&f.entry);
    assert_int_equal(f.entry.query_count, -1);
    assert_string_equal(f.entry.title, "");
    end(&f);
}

static void links_have_weights_when_one_has(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, "x\n");
    for (int i = 0; i < 200; i++)
        assert_true(entry_link(&f.entry, true, (DocLink){i, i + 1}, i == 150 ? 0.25 : 1, &f.err));
    assert_true(entry_link(&f.entry, false, (DocLink){7, 8}, 1, &f.err));
    assert_int_equal(f.entry.sure_count, 200);
    assert_int_equal(f.entry.possible_count, 1);
    assert_true(f.entry.link_weights[0] == 1 && f.entry.link_weights[149] == 1);
    assert_true(f.entry.link_weights[150] == 0.25f && f.entry.link_weights[199] == 1);
    assert_int_equal(f.entry.sure[199].query, 200);
    entry_clear(&f.entry);
    assert_null(f.entry.link_weights);
    /* an entry without weights after one with them, in memory that is there already */
    for (int i = 0; i < 3; i++)
        assert_true(entry_link(&f.entry, true, (DocLink){i, i}, i == 2 ? 0.5 : 1, &f.err));
    assert_true(f.entry.link_weights[0] == 1 && f.entry.link_weights[2] == 0.5f);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_long_as_the_first),
        cmocka_unit_test(tokens_are_kept_when_the_line_is_gone),
        cmocka_unit_test(links_have_weights_when_one_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
