#include "load_test.h"

#include "load/load.h"
#include "load/sniff.h"

static bool open_at(Document *doc, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    document_init(doc);
    return load_document(doc, &request, err);
}

#define NO_PAGE                                                                                    \
    "2 page: expected the attention that BertViz (params = {…}), CircuitsVis (render(…, "      \
    "AttentionHeads, {…})) or Inspectus (chartsEmbed(…, {…})) put into theirs, found none of them"
#define SAYS(what)                                                                                 \
    "2 content: expected an attnscope document (JSON), arrays, a dump of alignments or a page of " \
    "another viewer, found " what

static void other_content_is_named_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *want, *kind;
    } table[] = {
        {"", 0, SAYS("an empty file"), "empty"},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16,
         SAYS("a PNG picture (a document shows it behind its patches)"), "PNG picture"},
        {"\xFF\xD8\xFF\xE0", 4, SAYS("a JPEG picture (a document shows it behind its patches)"),
         "JPEG picture"},
        {"GIF89a", 6, SAYS("a GIF picture"), ""},
        {"RIFF\1\0\0\0WEBPVP8 ", 16, SAYS("a WebP picture"), ""},
        {"\x80\4\x95\0\0\0\0\0\0\0\0}", 12,
         SAYS("a Python pickle (never opened; convert it to safetensors)"), ""},
        {"PK\3\4\0\0\0\0arr_0.npy", 17,
         "2 byte 0x0 (end of directory): expected the end of the directory in the last 65557 "
         "bytes, found none",
         "ZIP archive"},
        {"PK\3\4\0\0\0\0archive/data.pkl", 24,
         SAYS("a PyTorch checkpoint (pickle: never opened; convert it to safetensors)"), ""},
        {"\x1f\x8b\x08\0", 4, SAYS("gzip-compressed data (unpack it first)"), ""},
        {"<!DOCTYPE html><html>", 21, NO_PAGE, "HTML page"},
        {"\n<HTML>", 7, NO_PAGE, "HTML page"},
        {"<?xml version=\"1.0\"?><svg>", 26, SAYS("an SVG picture"), ""},
        {"version https://git-lfs.github.com/spec/v1\n", 43,
         SAYS("a git-LFS pointer (fetch the file itself with git lfs pull)"), ""},
        {"\2\0\0\0\0\0\0\0{}", 10, "2 arrays: expected numbers with rows and columns, found none",
         "safetensors"},
        {"\x93NUMPY\1\0\0\0", 10, "2 header, column 1: expected '{', found the end of the header",
         "NumPy array"},
        {"\x89HDF\r\n\x1a\n", 8, SAYS("an HDF5 file"), ""},
        {"%PDF-1.7", 8, SAYS("a PDF document"), ""},
        {"a b c\n", 6, SAYS("unknown content (--format NAME says which it is)"), ""},
        {"\xFF\xFE{\0}\0", 6, "2 byte 0: encoding: expected UTF-8, found UTF-16 (little-endian)",
         ""},
        {"{\0\"\0", 4, "2 byte 0: encoding: expected UTF-8, found UTF-16 (little-endian)", ""},
        {"{\"a\": 1}", 8,
         "2 line 1, column 1: expected \"attnscope\" (a document of ours) or \"matrix\", "
         "\"attention\", \"attentions\", \"weights\" or \"scores\", with \"tokens\" or "
         "\"source\" and \"target\" beside it; found an object with \"a\"",
         "JSON"},
    };
    char path[500];
    snprintf(path, sizeof path, "%s/case", check_temp_dir());
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err;
        write_file(path, table[i].bytes, table[i].size);
        assert_false(open_at(&doc, path, &err));
        assert_string_equal(error_text(&err), table[i].want);
        assert_string_equal(load_kind(path), table[i].kind);
    }
    assert_string_equal(load_kind(TEST_SOURCE_DIR "/examples/three-tokens/three-tokens.attn.json"),
                        "attnscope document");
    assert_string_equal(load_kind("/nowhere"), "");
}

static void a_failed_load_leaves_the_document_alone(void **state)
{
    (void)state;
    Document doc;
    Error err;
    LoadRequest bad = request_of(LOAD_DATA "npy/f4.npy");
    assert_true(open_at(&doc, LOAD_DATA "rows.attn.json", &err));
    uint64_t key = doc.key;
    const DocSentence *sentences = doc.sentences;
    assert_false(load_document(&doc, &bad, &err));
    assert_int_equal(doc.key, key);
    assert_ptr_equal(doc.sentences, sentences);
    assert_string_equal(doc.title, "Rows");
    document_free(&doc);
}

static void what_is_no_file_is_refused_by_name(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_false(open_at(&doc, "/nowhere/x.json", &err));
    assert_string_equal(
        error_text(&err),
        "4 cannot be opened: expected a readable file, found \"No such file or directory\"");
    assert_false(open_at(&doc, check_temp_dir(), &err)); /* a folder without anything in it */
    assert_false(open_at(&doc, "/dev/null", &err));
    assert_string_equal(error_text(&err), "4 expected a file, found a device");
}

static void a_file_over_the_limit_is_refused_with_both_sizes(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(LOAD_DATA "rows.attn.json");
    request.limits.file_bytes = 100;
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.what, "100"));
}

static void numbers_over_the_memory_limit_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"files.attn.json", "base64.attn.json"};
    for (int i = 0; i < 2; i++) {
        Document doc;
        Error err = {0};
        char path[500];
        snprintf(path, sizeof path, "%s%s", LOAD_DATA, names[i]);
        LoadRequest request = request_of(path);
        /* Enough for the structure, then for ever fewer of the numbers. */
        request.limits.memory = 4000;
        document_init(&doc);
        assert_true(load_document(&doc, &request, &err));
        uint64_t taken = 4000 - doc.memory;
        document_free(&doc);
        request.limits.memory = taken - 1;
        assert_false(load_document(&doc, &request, &err));
        assert_int_equal(err.kind, ERROR_LIMIT);
        assert_non_null(strstr(err.what, "memory"));
    }
}

static void the_syntax_alone_can_be_checked(void **state)
{
    (void)state;
    char path[500];
    Error err = {0};
    snprintf(path, sizeof path, "%s/case.json", check_temp_dir());
    LoadRequest request = request_of(path);
    write_file(path, "[1, {\"any\": null}]\n", 19);
    assert_true(load_check_syntax(&request, &err));
    write_file(path, "{}\n{}\n", 6);
    assert_false(load_check_syntax(&request, &err));
    assert_string_equal(error_text(&err),
                        "2 line 2, column 1: expected the end of the file, found '{'");
    snprintf(path, sizeof path, "%s/case.jsonl", check_temp_dir());
    write_file(path, "{}\n{}\n", 6);
    err = (Error){0};
    assert_true(load_check_syntax(&request, &err));
    write_file(path, "{}\n{\n", 5);
    assert_false(load_check_syntax(&request, &err));
}

static void limits_follow_the_free_memory(void **state)
{
    (void)state;
    LoadLimits limits = load_limits_default();
    assert_int_equal(limits.file_bytes, 256 << 20);
    assert_true(limits.memory > 0 && limits.memory <= (uint64_t)4 << 30);
    assert_int_equal(limits.depth, 64);
    assert_int_equal(limits.nodes, 8000000);
}

/* A log begins with a bracket, and so may a sentence: that is no reason to take them for JSON. */
static void a_bracket_does_not_make_a_dump_json(void **state)
{
    (void)state;
    static const struct {
        const char *text, *format;
    } table[] = {
        {"[ laughter ] ||| 0.5,0.5 0.25,0.75 1,0\n", "Marian soft alignments"},
        {"{ a ||| b }\n", "pairs of sentences"},
        {"[2020-01-31 10:00:00,000 INFO] \nSENT 1: ['a']\nPRED 1: b\n"
         "                    a \n         b *1.0000000 \n      </s> *1.0000000 \n",
         "OpenNMT-py attention tables"},
    };
    const char *path = check_path(check_temp_dir(), "bracket.txt");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err;
        check_put(path, table[i].text);
        if (!open_at(&doc, path, &err))
            fail_msg("%s", error_text(&err));
        assert_string_equal(doc.format, table[i].format);
        assert_string_equal(load_kind(path), table[i].format);
        document_free(&doc);
    }
}

/* It is never left unsaid that a format that was asked for is not the one that was read. */
static void a_format_that_is_asked_for_is_taken_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *format, *want;
    } table[] = {
        {"{\"matrix\": [[1]]}", "nematus", "2 line 1: expected 5 fields parted by |||, found 1"},
        {"<html></html>", "nematus",
         "1 format: expected a dump of text for \"nematus\", found an HTML page"},
        {"\x93NUMPY", "csv",
         "1 format: expected a dump of text for \"csv\", found a NumPy array (.npy)"},
        {"<html></html>", "none",
         "1 format: expected one of nematus opennmt sockeye marian marian-nbest fairseq "
         "fairseq-hard opennmt-py csv pharaoh pharaoh-1 naacl giza marian-hard sockeye-links "
         "pairs, found \"none\""},
    };
    const char *path = check_path(check_temp_dir(), "asked");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err = {0};
        LoadRequest request = request_of(path);
        check_put(path, table[i].text);
        request.origin.format = table[i].format;
        document_init(&doc);
        assert_false(load_document(&doc, &request, &err));
        assert_string_equal(error_text(&err), table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_content_is_named_in_one_sentence),
        cmocka_unit_test(a_failed_load_leaves_the_document_alone),
        cmocka_unit_test(what_is_no_file_is_refused_by_name),
        cmocka_unit_test(a_file_over_the_limit_is_refused_with_both_sizes),
        cmocka_unit_test(numbers_over_the_memory_limit_are_refused),
        cmocka_unit_test(the_syntax_alone_can_be_checked),
        cmocka_unit_test(limits_follow_the_free_memory),
        cmocka_unit_test(a_bracket_does_not_make_a_dump_json),
        cmocka_unit_test(a_format_that_is_asked_for_is_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
