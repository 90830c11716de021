#include "load_test.h"

#include "load/json_scan.h"
#include "base/file.h"

static bool scan(const char *text, size_t length, Error *err)
{
    LoadRequest request = request_of("");
    *err = (Error){0};
    char *copy = mem_string(text, length); /* so that a sanitizer sees the end */
    bool ok = json_scan(copy, length, &request, NULL, err);
    mem_free(copy);
    return ok;
}

/* robustness: i_ files that may be accepted or refused; ours are decided. */
static bool accepted_on_purpose(const char *name)
{
    static const char *const names[] = {
        "i_number_double_huge_neg_exp.json",   "i_number_real_underflow.json",
        "i_number_too_big_neg_int.json",       "i_number_too_big_pos_int.json",
        "i_number_very_big_negative_int.json", "i_structure_UTF-8_BOM_empty_object.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void the_public_suite_is_told_apart(void **state)
{
    (void)state;
    char folder[500], path[900];
    DirList list;
    Error err = {0};
    int yes = 0, yes_ok = 0, no = 0, no_ok = 0, either = 0, either_ok = 0;
    if (!shared_data(folder, sizeof folder, "json/JSONTestSuite/test_parsing"))
        skip();
    assert_true(dir_list(&list, folder, false, &err));
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.items[i].name;
        size_t size;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        char *text = check_read(path, &size);
        bool ok = scan(text, size, &err);
        mem_free(text);
        assert_true(ok || err.where[0]);
        if (name[0] == 'y') {
            yes++;
            yes_ok += ok;
            if (!ok)
                assert_string_equal(
                    err.what, "expected a character that can be part of a token, found U+0000");
        } else if (name[0] == 'n') {
            no++;
            no_ok += ok;
        } else if (name[0] == 'i') {
            either++;
            either_ok += ok;
            if (ok != accepted_on_purpose(name))
                fail_msg("%s: %s", name, ok ? "accepted" : err.what);
        }
    }
    dir_list_free(&list);
    assert_int_equal(yes, 95);
    assert_int_equal(yes_ok, 93);
    assert_int_equal(no, 188);
    assert_int_equal(no_ok, 0);
    assert_int_equal(either, 35);
    assert_int_equal(either_ok, 6);
}

#define BYTES(text) text, sizeof(text) - 1

static void wrong_bytes_are_told_at_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *want;
    } table[] = {
        {BYTES("\xFF\xFE{\0}\0"),
         "2 byte 0: encoding: expected UTF-8, found UTF-16 (little-endian)"},
        {BYTES("\xFE\xFF\0{\0}"), "2 byte 0: encoding: expected UTF-8, found UTF-16 (big-endian)"},
        {BYTES("[\0]\0"), "2 byte 0: encoding: expected UTF-8, found UTF-16 (little-endian)"},
        {BYTES("\0[\0]"), "2 byte 0: encoding: expected UTF-8, found UTF-16 (big-endian)"},
        {BYTES("[\0\0\0]\0\0\0"),
         "2 byte 0: encoding: expected UTF-8, found UTF-32 (little-endian)"},
        {BYTES("\0\0\0[\0\0\0]"), "2 byte 0: encoding: expected UTF-8, found UTF-32 (big-endian)"},
        {BYTES("\xFF\xFE\0\0[\0\0\0"),
         "2 byte 0: encoding: expected UTF-8, found UTF-32 (little-endian)"},
        {BYTES("\xEF\xBB\xBF\xEF\xBB\xBF{}"), "2 line 1, column 1: expected a value, found U+FEFF"},
        {BYTES("{\"a\":\n \"\xE9\"}"),
         "2 line 2, column 3 (a): string: expected UTF-8, found byte 0xE9 (byte 8 of the file) "
         "(Latin-1? iconv -f latin1 -t utf-8 makes it so)"},
        {BYTES("[\"\xC0\xAF\"]"),
         "2 line 1, column 3 ([0]): string: expected UTF-8, found byte 0xC0 (byte 2 of the file)"},
        {BYTES("[\"\xED\xA0\x80\"]"),
         "2 line 1, column 3 ([0]): string: expected UTF-8, found byte 0xED (byte 2 of the file)"},
        {BYTES("[\"\xF4\x90\x80\x80\"]"),
         "2 line 1, column 3 ([0]): string: expected UTF-8, found byte 0xF4 (byte 2 of the file)"},
        {BYTES("[\"a\0b\"]"), "2 line 1, column 4 ([0]): expected a character that can be part of "
                              "a token, found U+0000"},
        {BYTES("[1,\0 2]"), "2 line 1, column 4 ([1]): expected a value, found U+0000"},
        {BYTES("[1]\0"), "2 line 1, column 4: expected the end of the file, found U+0000"},
        {BYTES("[1,\f2]"), "2 line 1, column 4 ([1]): expected a value, found U+000C"},
        {BYTES("[\xC2\xA0 1]"),
         "2 line 1, column 2 ([0]): expected a value, found '\xC2\xA0' (U+00A0)"},
        {BYTES("[\"\xC3\xA4\", x]"), "2 line 1, column 7 ([1]): expected a value, found 'x'"},
        {BYTES("\xEF\xBB\xBF[x]"), "2 line 1, column 2 ([0]): expected a value, found 'x'"},
        {BYTES("[1,\r\n2,\r\nx]"), "2 line 3, column 1 ([2]): expected a value, found 'x'"},
        {BYTES(""), "2 line 1, column 1: file ends: expected a value, found the end of the file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Error err;
        assert_false(scan(table[i].text, table[i].size, &err));
        assert_string_equal(error_text(&err), table[i].want);
    }
}

static void long_numbers_and_deep_nesting_are_over_a_limit(void **state)
{
    (void)state;
    char text[1100];
    Error err;
    for (size_t digits = 1024; digits <= 1025; digits++) {
        memset(text, '1', sizeof text);
        memcpy(text, "[0.", 3);
        memcpy(text + 1 + digits, "]", 2);
        assert_int_equal(scan(text, digits + 2, &err), digits == 1024);
    }
    assert_string_equal(error_text(&err), "3 line 1, column 2 ([0]): number: expected at most 1024 "
                                          "characters, found more (limit 1024)");
    for (size_t depth = 64; depth <= 65; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(scan(text, 2 * depth, &err), depth == 64);
    }
    assert_int_equal(err.kind, ERROR_LIMIT);
    size_t much = 10000000;
    char *deep = mem_alloc(much);
    memset(deep, '[', much);
    assert_false(scan(deep, much, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    mem_free(deep);
}

static void too_many_values_are_over_a_limit(void **state)
{
    (void)state;
    LoadRequest request = request_of("");
    Error err = {0};
    request.limits.nodes = 4;
    assert_true(json_scan("[{},{},{}]", 10, &request, NULL, &err));
    assert_false(json_scan("[{},{},{},{}]", 13, &request, NULL, &err));
    assert_string_equal(error_text(&err), "3 line 1, column 11 ([3]): values: expected at most 4, "
                                          "found more (limit 4, raise with --limit-nodes)");
    err = (Error){0};
    assert_true(json_scan("[[1,2,3],[4,5,6]]", 17, &request, NULL,
                          &err)); /* numbers of matrices do not count */
}

static void too_many_keys_are_over_a_limit_only_where_a_tree_is_made(void **state)
{
    (void)state;
    Buf text;
    LoadRequest request = request_of("");
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, "{\"k\": 1");
    for (int i = 1; i < 4096; i++)
        buf_printf(&text, ", \"k%d\": 1", i);
    for (int more = 0; more < 2; more++) {
        JsonScan out;
        Error err = {0};
        buf_text(&text, more ? ", \"last\": 1}" : "}");
        json_scan_init(&out);
        assert_int_equal(json_scan(text.data, text.size, &request, &out, &err), more == 0);
        assert_int_equal(err.kind, more ? ERROR_LIMIT : ERROR_NONE);
        json_scan_free(&out);
        assert_true(json_scan(text.data, text.size, &request, NULL, &err));
        text.data[--text.size] = '\0';
    }
    buf_free(&text);
}

/* Nothing in a text can pass for a lifted block: cJSON is shown neither strings nor numbers. */
static void the_skeleton_holds_only_structure_and_keys(void **state)
{
    (void)state;
    const char *text = "{\"q\": [[1, 2], [3, 4]], \"s\": \"0\", \"n\": 17, \"b\": {\"block\": 0}, "
                       "\"l\": [true, null]}";
    LoadRequest request = request_of("");
    JsonScan out;
    Error err = {0};
    json_scan_init(&out);
    assert_true(json_scan(text, strlen(text), &request, &out, &err));
    assert_string_equal(out.skeleton.data,
                        "{\"q\":0,\"s\":\"\",\"n\":0,\"b\":{\"block\":0},\"l\":[true,null]}");
    assert_int_equal(out.node_count, 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(out.nodes[i].block, i == 1 ? 0 : -1);
    assert_int_equal(out.blocks[0].ndim, 2);
    assert_int_equal(out.blocks[0].count, 4);
    assert_float_equal(out.blocks[0].floats[2], 3, 0);
    json_scan_free(&out);
}

static void a_scan_can_be_cancelled(void **state)
{
    (void)state;
    size_t size = 400000;
    char *text = mem_alloc(size + 1);
    atomic_bool cancel = true;
    LoadRequest request = request_of("");
    Error err = {0};
    request.cancel = &cancel;
    for (size_t i = 0; i < size; i += 2)
        memcpy(text + i, "1,", 2);
    text[0] = '[';
    text[1] = ' ';
    memcpy(text + size - 2, "1]", 3);
    assert_false(json_scan(text, size, &request, NULL, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_suite_is_told_apart),
        cmocka_unit_test(wrong_bytes_are_told_at_their_place),
        cmocka_unit_test(long_numbers_and_deep_nesting_are_over_a_limit),
        cmocka_unit_test(too_many_values_are_over_a_limit),
        cmocka_unit_test(too_many_keys_are_over_a_limit_only_where_a_tree_is_made),
        cmocka_unit_test(the_skeleton_holds_only_structure_and_keys),
        cmocka_unit_test(a_scan_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
