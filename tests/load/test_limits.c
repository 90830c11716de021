#include "load_test.h"

#include "load/limits.h"

/* Every row of the table: what must stand there. */
static const struct {
    const char *name;
    uint64_t value;
    bool raised;
} WANT[] = {
    {"file-bytes", 268435456, true},
    {"memory", 4294967296, true},
    {"depth", 64, false},
    {"nodes", 8000000, true},
    {"keys", 4096, false},
    {"dump-bytes", 1073741824, true},
    {"line-bytes", 16777216, true},
    {"sentences", 1000000, true},
    {"picture-bytes", 268435456, true},
    {"header-bytes", 100000000, true},
    {"tensors", 200000, true},
    {"zip-entries", 4096, true},
    {"zip-name", 1024, false},
    {"zip-directory", 16777216, false},
    {"shards", 4096, false},
    {"folder", 64, false},
    {"npy-texts", 67108864, false},
    {"npy-header", 65535, false},
    {"dims", 8, false},
    {"axis", 16777216, false},
    {"heads", 4096, false},
    {"biases", 16, false},
    {"number", 1024, false},
    {"warnings", 32, false},
    {"patches", 4096, false},
    {"picture-side", 16384, false},
    {"picture-pixels", 67108864, false},
    {"png-chunk", 8000000, false},
    {"png-chunks", 128, false},
    {"jpeg-scans", 500, false},
    {"script", 4194304, false},
    {"session", 1048576, false},
    {"typed", 65536, false},
    {"typed-tokens", 4096, false},
};

static void the_table_has_the_values_that_are_promised(void **state)
{
    (void)state;
    LoadLimits plain = load_limits_default();
    assert_int_equal(sizeof WANT / sizeof *WANT, LIMIT_COUNT);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const LimitRow *row = &LIMITS[i];
        assert_string_equal(row->name, WANT[i].name);
        if (row->value != WANT[i].value || (row->ceiling > row->value) != WANT[i].raised)
            fail_msg("%s", row->name);
        assert_int_equal(limits_value(NULL, (Limit)i), row->value);
        if (i != LIMIT_MEMORY)
            assert_int_equal(limits_value(&plain, (Limit)i), row->value);
        assert_true(row->ceiling >= row->value && row->unit[0] && row->meaning[0]);
    }
    assert_true(plain.memory > 0 && plain.memory <= (uint64_t)4 << 30);
}

static void a_limit_is_raised_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t want; /* 0: refused */
    } cases[] = {{"1", 1},
                 {"9000000", 9000000},
                 {"512K", 512 << 10},
                 {"64M", 64 << 20},
                 {"2G", 0}, /* over the ceiling, 2147483647 */
                 {"2147483647", 2147483647},
                 {"2147483648", 0},
                 {"0", 0},
                 {"-1", 0},
                 {"", 0},
                 {"M", 0},
                 {"1.5M", 0},
                 {"1 M", 0},
                 {"9999999999999999T", 0},
                 {"12x", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        LoadLimits limits = {0};
        Error err = {0};
        bool ok = limits_parse(&limits, LIMIT_NODES, cases[i].text, &err);
        assert_int_equal(ok, cases[i].want > 0);
        assert_int_equal(limits.nodes, cases[i].want);
        if (!ok)
            assert_int_equal(err.kind, ERROR_USAGE);
    }
    LoadLimits limits = {0};
    Error err = {0};
    assert_false(limits_parse(&limits, LIMIT_NODES, "many", &err));
    check_error(&err, ERROR_USAGE,
                "--limit-nodes: expected 1 … 2147483647 values, also as 512K, "
                "64M or 2G, found many");
    error_clear(&err);
    assert_false(limits_parse(&limits, LIMIT_DEPTH, "100", &err));
    check_error(&err, ERROR_USAGE,
                "--limit-depth: expected a limit that can be raised, found one "
                "that is fixed");
    /* What is given replaces what was there, and nothing else. */
    LoadLimits base = load_limits_default(), given = {.nodes = 5, .tensors = 6};
    limits_merge(&base, &given);
    assert_int_equal(base.nodes, 5);
    assert_int_equal(base.tensors, 6);
    assert_int_equal(base.file_bytes, 256 << 20);
}

static void a_message_says_how_to_raise_what_can_be_raised(void **state)
{
    (void)state;
    char note[LIMITS_NOTE];
    LoadLimits limits = {.nodes = INT32_MAX, .depth = 8};
    assert_string_equal(limits_note(NULL, LIMIT_NODES, note),
                        "(limit 8000000, raise with --limit-nodes)");
    assert_string_equal(limits_note(&limits, LIMIT_NODES, note), "(limit 2147483647)");
    assert_string_equal(limits_note(&limits, LIMIT_DEPTH, note), "(limit 8)");
    assert_string_equal(limits_note(&limits, LIMIT_HEADS, note), "(limit 4096)");
    /* The note stays whole however long the text before it is. */
    Error err = {0};
    char longest[400];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(limits_over(NULL, LIMIT_DUMP_BYTES, &err, "", "%s", longest));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.what, "x (limit 1073741824, raise with --limit-dump-bytes)"));
}

static void reading_a_file_keeps_what_is_no_matter_of_limits(void **state)
{
    (void)state;
    Buf out;
    Error err = {0};
    buf_init(&out, BUF_NO_LIMIT);
    assert_false(limits_read_file(NULL, LIMIT_FILE_BYTES, TEST_SOURCE_DIR, NULL, &out, NULL, &err));
    check_error(&err, ERROR_IO, "expected a file, found a directory");
    error_clear(&err);
    const char *path = check_path(check_temp_dir(), "abc");
    check_put(path, "abc");
    mem_fail_at(1, true);
    bool ok = limits_read_file(NULL, LIMIT_FILE_BYTES, path, NULL, &out, NULL, &err);
    mem_fail_at(0, false);
    assert_false(ok);
    check_error(&err, ERROR_LIMIT, "out of memory");
    buf_free(&out);
}

static void the_printed_table_has_a_line_for_each(void **state)
{
    (void)state;
    Buf out;
    LoadLimits limits = {.nodes = 12345};
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(limits_print(&limits, &out));
    const char *line = buf_string(&out);
    assert_memory_equal(line, "NAME ", 5);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        line = strchr(line, '\n') + 1;
        size_t n = strlen(WANT[i].name);
        assert_memory_equal(line, WANT[i].name, n);
        assert_int_equal(line[n], ' ');
        const char *end = strchr(line, '\n');
        bool raise = memmem(line, (size_t)(end - line), "--limit-", 8) != NULL;
        bool fixed = memmem(line, (size_t)(end - line), " fixed ", 7) != NULL;
        assert_true(raise == WANT[i].raised && fixed == !raise);
    }
    assert_string_equal(strchr(line, '\n'), "\n");
    assert_non_null(strstr(buf_string(&out), " 12345 values "));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_the_values_that_are_promised),
        cmocka_unit_test(a_limit_is_raised_by_its_name),
        cmocka_unit_test(a_message_says_how_to_raise_what_can_be_raised),
        cmocka_unit_test(reading_a_file_keeps_what_is_no_matter_of_limits),
        cmocka_unit_test(the_printed_table_has_a_line_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
