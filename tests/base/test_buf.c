#include "base/buf.h"
#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static void bytes_follow_each_other_and_end_in_nul(void **state)
{
    (void)state;
    int64_t live = mem_live();
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_null(buf.data);
    assert_string_equal(buf_string(&buf), "");
    assert_true(buf_text(&buf, "ab"));
    assert_true(buf_byte(&buf, 'c'));
    assert_true(buf_append(&buf, "d\0e", 3));
    assert_true(buf_printf(&buf, "%d-%s", 12, "x"));
    assert_int_equal(buf.size, 10);
    assert_memory_equal(buf.data, "abcd\0e12-x", 11);
    assert_true(buf_ok(&buf, NULL));
    buf_clear(&buf);
    assert_string_equal(buf_string(&buf), "");
    buf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(mem_live(), live);
}

static void a_buffer_grows_through_every_size(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    for (size_t i = 0; i < 5000; i++) {
        assert_true(buf_printf(&buf, "%c", (int)('a' + i % 26)));
        assert_int_equal(buf.size, i + 1);
        assert_int_equal(buf.data[i + 1], '\0');
    }
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    buf_free(&buf);
}

static void long_formatted_text_fits(void **state)
{
    (void)state;
    for (int width = 50; width < 70; width++) {
        Buf buf;
        buf_init(&buf, BUF_NO_LIMIT);
        assert_true(buf_printf(&buf, "%*d", width, 7));
        assert_int_equal(buf.size, width);
        assert_int_equal(buf.data[width - 1], '7');
        assert_int_equal(buf.data[width], '\0');
        buf_free(&buf);
    }
}

static void the_limit_is_kept_to_the_byte(void **state)
{
    (void)state;
    static const char zeros[200];
    for (size_t limit = 0; limit < 200; limit += 13) {
        Buf text, format, base64;
        Error err = {0};
        buf_init(&text, limit);
        buf_init(&format, limit);
        buf_init(&base64, limit);
        for (size_t i = 0; i < limit; i++) {
            assert_true(buf_byte(&text, 'x'));
            assert_true(buf_printf(&format, "y"));
        }
        assert_int_equal(text.size, limit);
        assert_false(buf_byte(&text, 'x'));
        assert_false(buf_printf(&format, "y"));
        assert_true(buf_base64(&base64, zeros, limit / 4 * 3));
        assert_int_equal(base64.size, limit / 4 * 4);
        assert_false(buf_base64(&base64, zeros, 1));
        assert_int_equal(text.size, limit);
        assert_int_equal(format.size, limit);
        assert_false(buf_ok(&text, &err));
        assert_int_equal(err.kind, ERROR_LIMIT);
        assert_non_null(strstr(err.what, "text is too long: expected at most "));
        buf_free(&text);
        buf_free(&format);
        buf_free(&base64);
    }
}

static void failure_stays_until_cleared(void **state)
{
    (void)state;
    Buf buf;
    Error err = {0};
    buf_init(&buf, 4);
    assert_true(buf_text(&buf, "abc"));
    assert_false(buf_text(&buf, "de"));
    assert_false(buf_byte(&buf, 'd')); /* it would fit, but something before is missing */
    assert_false(buf_printf(&buf, "%s", ""));
    assert_false(buf_base64(&buf, "", 0));
    assert_false(buf_ok(&buf, &err));
    check_error(&err, ERROR_LIMIT, "text is too long: expected at most 4 bytes, found more");
    assert_string_equal(buf_string(&buf), "abc");
    buf_clear(&buf);
    assert_true(buf_text(&buf, "abcd"));
    assert_true(buf_ok(&buf, NULL));
    buf_free(&buf);
}

static void no_memory_is_a_failure_too(void **state)
{
    (void)state;
    Buf buf;
    Error err = {0};
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(buf_text(&buf, "kept"));
    mem_fail_at(1, true);
    assert_false(buf_printf(&buf, "%*d", 1000, 1));
    mem_fail_at(0, false);
    assert_false(buf_ok(&buf, &err));
    check_error(&err, ERROR_LIMIT, "out of memory");
    assert_string_equal(buf_string(&buf), "kept");
    buf_free(&buf);
    buf_init(&buf, SIZE_MAX);
    assert_false(buf_reserve(&buf, SIZE_MAX));
    buf_free(&buf);
}

static void doubling_gives_way_when_memory_is_short(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(buf_reserve(&buf, 60));
    mem_fail_at(1, false);
    assert_true(buf_reserve(&buf, 100));
    mem_fail_at(0, false);
    buf_free(&buf);
}

/* RFC 4648, chapter 10. */
static const char *const VECTORS[][2] = {{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"}};

static void base64_matches_the_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
        Buf buf;
        char back[16];
        size_t size = strlen(VECTORS[i][0]), bad = 99;
        buf_init(&buf, BUF_NO_LIMIT);
        assert_true(buf_base64(&buf, VECTORS[i][0], size));
        assert_string_equal(buf_string(&buf), VECTORS[i][1]);
        assert_int_equal(base64_decode(buf_string(&buf), buf.size, back, size, &bad), size);
        assert_memory_equal(back, VECTORS[i][0], size);
        assert_int_equal(bad, 99);
        buf_free(&buf);
    }
}

static void base64_uses_the_whole_alphabet_in_order(void **state)
{
    (void)state;
    /* 48 bytes whose sextets are 0, 1, … 63. */
    unsigned char data[48], back[48];
    for (unsigned i = 0; i < 16; i++) {
        uint32_t bits = (4 * i) << 18 | (4 * i + 1) << 12 | (4 * i + 2) << 6 | (4 * i + 3);
        data[3 * i] = (unsigned char)(bits >> 16);
        data[3 * i + 1] = (unsigned char)(bits >> 8);
        data[3 * i + 2] = (unsigned char)bits;
    }
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(buf_base64(&buf, data, sizeof data));
    assert_string_equal(buf_string(&buf),
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    assert_int_equal(base64_decode(buf.data, buf.size, back, sizeof back, NULL), 48);
    assert_memory_equal(back, data, 48);
    buf_free(&buf);
}

static void wrong_base64_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
    } cases[] = {
        {"Z", 1},         {"Zg", 2},     {"Zg=", 3},    {"Zm9", 3},      {"=", 0},
        {"====", 0},      {"Z===", 1},   {"Zg=x", 3},   {"Zg==Zm9v", 4}, {"Zm9v====", 4},
        {"Zm9v Zm9v", 4}, {"Zm9v\n", 4}, {"Zm-v", 2},   {"Zm_v", 2},     {"Z\xC3m9", 1},
        {"Zh==", 1},      {"Zm9=", 2},   {"Zm9vZg", 6}, {"Zm9v=", 4},    {"Zg==\n", 4},
        {"Zg===", 4},     {" Zg=", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[16];
        size_t bad = 99;
        int64_t size = base64_decode(cases[i].text, strlen(cases[i].text), out, sizeof out, &bad);
        if (size != -1 || bad != cases[i].bad)
            fail_msg("\"%s\": size %d, bad %zu: expected -1 and %zu", cases[i].text, (int)size, bad,
                     cases[i].bad);
    }
    assert_int_equal(base64_decode("Z", 1, NULL, 0, NULL), -1);
}

static void base64_never_writes_behind_its_room(void **state)
{
    (void)state;
    char out[8];
    size_t bad = 99;
    memset(out, '#', sizeof out);
    assert_int_equal(base64_decode("Zm9vYmFy", 8, out, 5, &bad), -1);
    assert_int_equal(bad, 4);
    assert_memory_equal(out, "foo#####", 8);
    assert_int_equal(base64_decode("Zm9vYmE=", 8, out, 5, &bad), 5);
    assert_memory_equal(out, "fooba###", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_follow_each_other_and_end_in_nul),
        cmocka_unit_test(a_buffer_grows_through_every_size),
        cmocka_unit_test(long_formatted_text_fits),
        cmocka_unit_test(the_limit_is_kept_to_the_byte),
        cmocka_unit_test(failure_stays_until_cleared),
        cmocka_unit_test(no_memory_is_a_failure_too),
        cmocka_unit_test(doubling_gives_way_when_memory_is_short),
        cmocka_unit_test(base64_matches_the_published_vectors),
        cmocka_unit_test(base64_uses_the_whole_alphabet_in_order),
        cmocka_unit_test(wrong_base64_is_refused_at_its_place),
        cmocka_unit_test(base64_never_writes_behind_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
