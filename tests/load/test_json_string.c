#include "load_test.h"

#include "load/json_string.h"

static void escapes_are_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want;
    } table[] = {
        {"\"\"", ""},
        {"\"plain \xE2\x82\xAC\"", "plain \xE2\x82\xAC"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e4\\u20AC\"", "A\xC3\xA4\xE2\x82\xAC"},
        {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"},
        {"\"\\uDBFF\\uDFFF\"", "\xF4\x8F\xBF\xBF"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char out[80];
        size_t at = 0, end = 0, length = strlen(table[i].json);
        JsonStringFault fault;
        assert_true(json_string_check(table[i].json, length, &at, &fault));
        assert_int_equal(at, length);
        assert_int_equal(json_string_end(table[i].json, 0), length);
        size_t size = json_string_decode(table[i].json, 0, out, &end);
        assert_int_equal(end, length);
        assert_int_equal(size, strlen(table[i].want));
        assert_memory_equal(out, table[i].want, size);
    }
}

static void every_character_survives_writing_and_reading(void **state)
{
    (void)state;
    char text[200], back[400];
    size_t length = 0, at = 0;
    JsonStringFault fault;
    Buf out;
    for (char c = 1; c < 127; c++)
        text[length++] = c;
    memcpy(text + length, "\xC3\xA4\xF0\x9F\x98\x80\x7F", 7);
    length += 7;
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(json_string_write(&out, text, length));
    assert_true(json_string_check(out.data, out.size, &at, &fault));
    assert_int_equal(json_string_decode(out.data, 0, back, NULL), length);
    assert_memory_equal(back, text, length);
    assert_non_null(strstr(out.data, "\\u0001"));
    assert_non_null(strstr(out.data, "\\n"));
    buf_free(&out);
}

static void what_is_found_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } table[] = {
        {"x", "'x'"},          {"\n", "the end of the line"},       {"\t", "U+0009"},
        {"\xFF", "byte 0xFF"}, {"\xC3\xA4", "'\xC3\xA4' (U+00E4)"}, {"", "the end of the file"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char found[JSON_FOUND_SIZE];
        json_found(table[i].text, strlen(table[i].text), 0, found);
        assert_string_equal(found, table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(every_character_survives_writing_and_reading),
        cmocka_unit_test(what_is_found_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
