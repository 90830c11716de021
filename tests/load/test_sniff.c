#include "load_test.h"

#include "load/sniff.h"

#define BYTES(text) text, sizeof(text) - 1

static void content_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        Sniff want;
    } table[] = {
        {BYTES(""), SNIFF_EMPTY},
        {BYTES("{}"), SNIFF_JSON},
        {BYTES(" \r\n\t["), SNIFF_JSON},
        {BYTES("\xEF\xBB\xBF {"), SNIFF_JSON},
        {BYTES("[-1"), SNIFF_JSON},
        {BYTES("[ true]"), SNIFF_JSON},
        {BYTES("[fal"), SNIFF_JSON},
        {BYTES("{ }"), SNIFF_JSON},
        {BYTES("[2020-01-31 10:00:00,000 INFO]"), SNIFF_BRACKET},
        {BYTES("[ the audience ] ||| 0.5,0.5"), SNIFF_BRACKET},
        {BYTES("{ a }"), SNIFF_BRACKET},
        {BYTES("        {"), SNIFF_JSON}, /* eight spaces are no length of a header */
        {BYTES("\2\0\0\0\0\0\0\0{}"), SNIFF_SAFETENSORS},
        {BYTES("\1\0\0\0\0\0\0\0{"), SNIFF_UNKNOWN},
        {BYTES("\x93NUMPY"), SNIFF_NPY},
        {BYTES("\x93NUMP"), SNIFF_UNKNOWN},
        {BYTES("PK\3\4"), SNIFF_ZIP},
        {BYTES("PK\5\6"), SNIFF_ZIP},
        {BYTES("PK\3\4xxxx/data.pkl"), SNIFF_TORCH_ZIP},
        {BYTES("\x80\2}q"), SNIFF_PICKLE},
        {BYTES("\x80\6}q"), SNIFF_UNKNOWN},
        {BYTES("II*\0"), SNIFF_TIFF},
        {BYTES("BM\1\2\3\4\0\0\0\0\5\0\0\0"), SNIFF_BMP},
        {BYTES("BM and more text"), SNIFF_UNKNOWN},
        {BYTES("<?xml version=\"1.0\"?><a/>"), SNIFF_XML},
        {BYTES("  <!DocType HTML>"), SNIFF_HTML},
        {BYTES("<script src=\"a.js\"></script>"), SNIFF_HTML},
        {BYTES("\n<div id=\"a\">"), SNIFF_HTML},
        {BYTES("<svg/>"), SNIFF_SVG},
        {BYTES("GGUF"), SNIFF_GGUF},
        {BYTES("\x7f"
               "ELF"),
         SNIFF_ELF},
        {BYTES("{\0}\0"), SNIFF_UTF16},
        {BYTES("\0{\0}"), SNIFF_UTF16},
        {BYTES("word"), SNIFF_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *copy = mem_alloc(table[i].size); /* so that a sanitizer sees the end */
        memcpy(copy, table[i].bytes, table[i].size);
        assert_int_equal(sniff_bytes(copy, table[i].size, table[i].size), table[i].want);
        mem_free(copy);
    }
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < SNIFF_COUNT; i++)
        assert_true(strlen(sniff_name((Sniff)i)) > 3);
}

static void a_refusal_names_what_was_promised_and_what_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        Sniff found;
        const char *want;
    } table[] = {
        {"a/b.npy", SNIFF_ZIP,
         "content: expected a NumPy array (.npy), as it is named, found a ZIP archive (.npz)"},
        {"b.NPZ", SNIFF_GZIP,
         "content: expected a ZIP archive (.npz), as it is named, found gzip-compressed data "
         "(unpack "
         "it first)"},
        {"m.safetensors", SNIFF_LFS,
         "content: expected a safetensors file, as it is named, found a git-LFS pointer (fetch the "
         "file itself with git lfs pull)"},
        {"page.html", SNIFF_EMPTY,
         "content: expected an HTML page, as it is named, found an empty file"},
        {"x.attn.json", SNIFF_PICKLE,
         "content: expected JSON text, as it is named, found a Python pickle (never opened; "
         "convert it to safetensors)"},
        {".npy", SNIFF_PNG,
         "content: expected an attnscope document (JSON), arrays, a dump of "
         "alignments or a page of another viewer, found a PNG picture (a document shows it behind "
         "its patches)"},
        {"", SNIFF_TORCH_ZIP,
         "content: expected an attnscope document (JSON), arrays, a dump of "
         "alignments or a page of another viewer, found a PyTorch checkpoint (pickle: "
         "never "
         "opened; convert it to safetensors)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Error err = {0};
        assert_false(sniff_refuse(table[i].path, table[i].found, &err));
        check_error(&err, ERROR_MALFORMED, table[i].want);
    }
}

static void a_name_that_promises_something_else_is_told(void **state)
{
    (void)state;
    char line[160];
    assert_true(sniff_misnamed("a.npy", SNIFF_ZIP, sniff_name(SNIFF_ZIP), line, sizeof line));
    assert_string_equal(line, "named .npy, content is a ZIP archive (.npz)");
    assert_true(sniff_misnamed("b.JSON", SNIFF_UNKNOWN, "word links", line, sizeof line));
    assert_string_equal(line, "named .json, content is word links");
    assert_false(sniff_misnamed("a.npy", SNIFF_NPY, "", line, sizeof line));
    assert_false(sniff_misnamed("a.attn.json", SNIFF_JSON, "", line, sizeof line));
    assert_false(sniff_misnamed("a.txt", SNIFF_NPY, "", line, sizeof line));
    assert_false(sniff_misnamed(".npy", SNIFF_JSON, "", line, sizeof line));
}

static void text_of_two_bytes_a_character_is_known_without_a_mark(void **state)
{
    (void)state;
    static const char little[] = "0\0-\0"
                                 "0\0\n\0",
                      big[] = "\0"
                              "0\0-\0"
                              "0\0\n";
    assert_int_equal(sniff_bytes(little, 8, 8), SNIFF_UTF16);
    assert_int_equal(sniff_bytes(big, 8, 8), SNIFF_UTF16);
    assert_int_equal(sniff_bytes("0-0\n", 4, 4), SNIFF_UNKNOWN);
    assert_int_equal(sniff_bytes("\0\0\0\0\0\0\0\0", 8, 8), SNIFF_UNKNOWN);
    assert_int_equal(sniff_bytes("0\0-\0", 4, 4), SNIFF_UNKNOWN); /* too little to tell */
}

static void files_are_read_at_their_start_only(void **state)
{
    (void)state;
    Sniff kind;
    Error err = {0};
    assert_true(sniff_file(LOAD_DATA "st/all.safetensors", &kind, &err));
    assert_int_equal(kind, SNIFF_SAFETENSORS);
    assert_true(sniff_file(LOAD_DATA "picture.png", &kind, &err));
    assert_int_equal(kind, SNIFF_PNG);
    assert_false(sniff_file("/nowhere", &kind, &err));
    assert_int_equal(err.kind, ERROR_IO);
}

static void files_that_hide_their_size_are_refused(void **state)
{
    (void)state;
    Sniff kind = SNIFF_UNKNOWN;
    Error err = {0};
    assert_false(sniff_file("/proc/self/status", &kind, &err));
    check_error(&err, ERROR_IO, "expected a file that tells its size, found one without");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_is_told_by_its_first_bytes),
        cmocka_unit_test(every_kind_has_a_name),
        cmocka_unit_test(a_refusal_names_what_was_promised_and_what_is_there),
        cmocka_unit_test(a_name_that_promises_something_else_is_told),
        cmocka_unit_test(text_of_two_bytes_a_character_is_known_without_a_mark),
        cmocka_unit_test(files_that_hide_their_size_are_refused),
        cmocka_unit_test(files_are_read_at_their_start_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
