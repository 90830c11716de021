#include "load_test.h"

#include "load/lines.h"

#include <stdatomic.h>

static const char *temp(void)
{
    static char path[500];
    if (!path[0])
        snprintf(path, sizeof path, "%s/lines.txt", check_temp_dir());
    return path;
}

static LoadRequest plain_request(void)
{
    LoadRequest request = {.path = temp(), .limits = load_limits_default()};
    return request;
}

/* All lines of a file of these bytes, each behind its number and offset; the error at the end. */
static const char *all_lines(const void *data, size_t size, const LoadRequest *request)
{
    static char out[4000];
    Lines lines;
    Error err = {0};
    size_t used = 0;
    out[0] = '\0';
    write_file(temp(), data, size);
    if (lines_open(&lines, temp(), request, &err)) {
        while (lines_next(&lines, &err)) {
            assert_int_equal(lines.text[lines.length], '\0');
            used += (size_t)snprintf(out + used, sizeof out - used, "%lld@%llu[%s]",
                                     (long long)lines.number, (unsigned long long)lines.from,
                                     lines.text);
        }
        lines_close(&lines);
    }
    if (err.kind)
        snprintf(out + used, sizeof out - used, "%s", error_text(&err));
    return out;
}

static void every_kind_of_line_break_ends_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } table[] = {
        {"", ""},
        {"a", "1@0[a]"},
        {"a\n", "1@0[a]"},
        {"a\nbc", "1@0[a]2@2[bc]"},
        {"a\r\nb\r\n", "1@0[a]2@3[b]"},
        {"a\rb\r", "1@0[a]2@2[b]"},
        {"\n\n", "1@0[]2@1[]"},
        {"\r\r\n\n", "1@0[]2@1[]3@3[]"},
        {"a\n\rb", "1@0[a]2@2[]3@3[b]"},
        {"\xEF\xBB\xBFx\ny", "1@3[x]2@5[y]"},
        {"\xEF\xBB\xBF", ""},
        {"\xC3\xA9t\xC3\xA9\n\xE4\xB8\xAD", "1@0[\xC3\xA9t\xC3\xA9]2@6[\xE4\xB8\xAD]"},
    };
    LoadRequest request = plain_request();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(all_lines(table[i].text, strlen(table[i].text), &request),
                            table[i].want);
}

static void what_is_no_text_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *want;
    } table[] = {
        {"ok\nab\0c\n", 8, "1@0[ok]2 line 2, column 3: expected text, found a byte 0"},
        {"123456789\0", 10, "2 line 1, column 10: expected text, found a byte 0"},
        {"\xC3\xA9 caf\xE9\n", 7,
         "2 line 1, column 6: expected UTF-8 text, found byte 0xE9 (Latin-1? iconv -f latin1 -t "
         "utf-8 makes it so)"},
        {"0123456789abcdef\xC0\x80", 18,
         "2 line 1, column 17: expected UTF-8 text, found byte 0xC0"},
        {"\xFF\xFE\x61\0", 4, "2 byte 0x0: expected UTF-8 text, found UTF-16"},
        {"\xFE\xFF\0\x61", 4, "2 byte 0x0: expected UTF-8 text, found UTF-16"},
    };
    LoadRequest request = plain_request();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(all_lines(table[i].text, table[i].size, &request), table[i].want);
}

static void limits_hold_at_n_and_n_plus_1(void **state)
{
    (void)state;
    LoadRequest request = plain_request();
    request.limits.line_bytes = 4;
    assert_string_equal(all_lines("abcd\nabcd", 9, &request), "1@0[abcd]2@5[abcd]");
    assert_string_equal(all_lines("abcd\r", 5, &request), "1@0[abcd]");
    assert_string_equal(all_lines("abcd\nabcde", 10, &request),
                        "1@0[abcd]3 line 2: line: expected at most 4 bytes, found more "
                        "(limit 4, raise with --limit-line-bytes)");
    request.limits.dump_bytes = 9;
    assert_string_equal(all_lines("abcd\nabcd", 9, &request), "1@0[abcd]2@5[abcd]");
    assert_string_equal(all_lines("abcd\nabcd\n", 10, &request),
                        "3 file is too large: expected at most 9 bytes, found 10 "
                        "(limit 9, raise with --limit-dump-bytes)");
}

/* A break at every place around the end of a piece, and lines over several pieces. */
static void pieces_do_not_show(void **state)
{
    (void)state;
    enum { PIECE = 1 << 20, SIZE = 2 * PIECE + 40 };
    static const char *const breaks[] = {"\n", "\r\n", "\r"};
    LoadRequest request = plain_request();
    char *text = mem_alloc(SIZE);
    assert_non_null(text);
    for (size_t b = 0; b < 3; b++) {
        for (size_t first = PIECE - 4; first < PIECE + 3; first++) {
            size_t width = strlen(breaks[b]);
            memset(text, 'x', SIZE);
            text[first - 1] = 'e';
            memcpy(text + first, breaks[b], width);
            write_file(temp(), text, SIZE);
            Lines lines;
            Error err = {0};
            assert_true(lines_open(&lines, temp(), &request, &err));
            assert_true(lines_next(&lines, &err));
            assert_int_equal(lines.length, first);
            assert_int_equal(lines.text[first - 1], 'e');
            lines_back(&lines);
            assert_true(lines_next(&lines, &err));
            assert_int_equal(lines.number, 1);
            assert_int_equal(lines.length, first);
            assert_true(lines_next(&lines, &err));
            assert_int_equal(lines.number, 2);
            assert_int_equal(lines.from, first + width);
            assert_int_equal(lines.length, SIZE - first - width);
            assert_false(lines_next(&lines, &err));
            assert_int_equal(err.kind, ERROR_NONE);
            lines_close(&lines);
        }
    }
    mem_free(text);
}

static void a_place_is_found_again(void **state)
{
    (void)state;
    enum { LINES = 300000 }; /* 8 bytes each: more than two pieces */
    char *text = mem_alloc(LINES * 8 + 1);
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        snprintf(text + i * 8, 9, "%07d\n", i);
    write_file(temp(), text, LINES * 8);
    mem_free(text);
    LoadRequest request = plain_request();
    Lines lines;
    Error err = {0};
    LinesPlace places[3] = {{0, 0}};
    assert_true(lines_open(&lines, temp(), &request, &err));
    for (int i = 0; i < LINES; i++) {
        assert_true(lines_next(&lines, &err));
        if (i == 5 || i == 150000 || i == LINES - 1)
            places[i == 5 ? 0 : i == 150000 ? 1 : 2] = lines_place(&lines);
    }
    static const int order[] = {0, 2, 1, 1, 0, 2, 0};
    static const char *const want[] = {"0000005", "0150000", "0299999"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        assert_true(lines_seek(&lines, places[order[i]], &err));
        assert_true(lines_next(&lines, &err));
        assert_string_equal(lines.text, want[order[i]]);
        assert_int_equal(lines.number, places[order[i]].number);
        bool more = lines_next(&lines, &err);
        assert_int_equal(more, order[i] != 2);
    }
    lines_close(&lines);
}

static void empty_lines_can_be_skipped(void **state)
{
    (void)state;
    LoadRequest request = plain_request();
    Lines lines;
    Error err = {0};
    write_file(temp(), "a\r\n\n\n\nb\n\n", 9);
    assert_true(lines_open(&lines, temp(), &request, &err));
    lines_skip_empty(&lines); /* nothing was read yet */
    assert_true(lines_next(&lines, &err));
    assert_string_equal(lines.text, "a");
    lines_back(&lines);
    lines_skip_empty(&lines); /* the line that is given again comes first */
    assert_true(lines_next(&lines, &err));
    assert_string_equal(lines.text, "a");
    lines_skip_empty(&lines);
    assert_true(lines_next(&lines, &err));
    assert_string_equal(lines.text, "b");
    assert_int_equal(lines.number, 5);
    assert_int_equal(lines.from, 6);
    lines_skip_empty(&lines);
    assert_false(lines_next(&lines, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    assert_int_equal(lines.number, 6);
    lines_close(&lines);
}

static void count_calls(void *context, uint64_t done, uint64_t total)
{
    uint64_t *told = context;
    told[0]++;
    assert_true(done <= total);
    told[1] = total;
}

static void progress_is_told_and_cancel_stops(void **state)
{
    (void)state;
    enum { SIZE = 5 << 20 };
    char *text = mem_alloc(SIZE);
    assert_non_null(text);
    memset(text, '\n', SIZE);
    write_file(temp(), text, SIZE);
    mem_free(text);
    uint64_t told[2] = {0};
    atomic_bool cancel = false;
    LoadRequest request = plain_request();
    request.progress = count_calls;
    request.context = told;
    request.cancel = &cancel;
    Lines lines;
    Error err = {0};
    assert_true(lines_open(&lines, temp(), &request, &err));
    while (lines_next(&lines, &err))
        ;
    assert_int_equal(err.kind, ERROR_NONE);
    assert_int_equal(lines.number, SIZE);
    assert_true(told[0] >= 5);
    assert_int_equal(told[1], SIZE);
    lines_close(&lines);
    assert_true(lines_open(&lines, temp(), &request, &err));
    assert_true(lines_next(&lines, &err));
    atomic_store(&cancel, true);
    while (lines_next(&lines, &err))
        ;
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_true(lines.number <= (1 << 20) + 1);
    lines_close(&lines);
}

static void a_file_that_changes_is_noticed(void **state)
{
    (void)state;
    LoadRequest request = plain_request();
    Lines lines;
    Error err = {0};
    write_file(temp(), "one\ntwo\n", 8);
    assert_true(lines_open(&lines, temp(), &request, &err));
    assert_true(lines_next(&lines, &err));
    LinesPlace place = lines_place(&lines);
    write_file(temp(), "one\ntwo\nthree\n", 14);
    while (lines_next(&lines, &err))
        ;
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.what, "changed on disk"));
    error_clear(&err);
    assert_false(lines_seek(&lines, place, &err));
    assert_int_equal(err.kind, ERROR_IO);
    lines_close(&lines);
    error_clear(&err);
    assert_false(lines_open(&lines, check_temp_dir(), &request, &err));
    assert_int_equal(err.kind, ERROR_IO);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    LoadRequest request = plain_request();
    Lines lines;
    Error err = {0};
    write_file(temp(), "one\n", 4);
    int64_t live = mem_live();
    assert_true(lines_open(&lines, temp(), &request, &err));
    mem_fail_at(1, false);
    assert_false(lines_next(&lines, &err));
    mem_fail_at(0, false);
    assert_string_equal(error_text(&err), "3 out of memory");
    lines_close(&lines);
    assert_int_equal(mem_live(), live);
}

static void errors_name_line_and_column(void **state)
{
    (void)state;
    LoadRequest request = plain_request();
    Lines lines;
    Error err = {0};
    write_file(temp(), "\n\xC3\xA9 x\n", 6);
    assert_true(lines_open(&lines, temp(), &request, &err));
    assert_true(lines_next(&lines, &err) && lines_next(&lines, &err));
    assert_false(lines_fail(&lines, &err, "expected %d words, found %d", 2, 1));
    assert_string_equal(error_text(&err), "2 line 2: expected 2 words, found 1");
    error_clear(&err);
    assert_false(lines_fail_at(&lines, 3, &err, "expected a number"));
    assert_string_equal(error_text(&err), "2 line 2, column 3: expected a number");
    lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_line_break_ends_a_line),
        cmocka_unit_test(what_is_no_text_is_refused_at_its_place),
        cmocka_unit_test(limits_hold_at_n_and_n_plus_1),
        cmocka_unit_test(pieces_do_not_show),
        cmocka_unit_test(a_place_is_found_again),
        cmocka_unit_test(empty_lines_can_be_skipped),
        cmocka_unit_test(progress_is_told_and_cancel_stops),
        cmocka_unit_test(a_file_that_changes_is_noticed),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(errors_name_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
