#include "base/text_set.h"
#include "base/mem.h"
#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static int interned(const char *text)
{
    return text_set_intern(text, strlen(text));
}

static void equal_texts_have_equal_ids(void **state)
{
    (void)state;
    char copy[] = "The cat sat.";
    int id = interned("The cat sat.");
    assert_true(id > 0);
    assert_int_equal(interned(copy), id);
    assert_int_not_equal(interned("The cat sat"), id);
    assert_int_not_equal(interned("the cat sat."), id);
    assert_string_equal(text_set(id), "The cat sat.");
    assert_int_equal(text_set_length(id), 12);
    assert_int_equal(text_set_intern("The cat sat. And more", 12), id);
}

static void the_empty_text_is_zero_and_unknown_ids_are_empty(void **state)
{
    (void)state;
    static const int ids[] = {0, -1, -2147483647, 2147483647, 1000000};
    assert_int_equal(interned(""), 0);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_string_equal(text_set(ids[i]), "");
        assert_int_equal(text_set_length(ids[i]), 0);
    }
}

static void what_is_no_line_of_text_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        const char *why;
    } cases[] = {{"a\nb", 3, "a control character"},
                 {"a\0b", 3, "a control character"},
                 {"\x7f", 1, "a control character"},
                 {"\xc2\x85", 2, "a control character"}, /* U+0085 */
                 {"\xff", 1, "bytes that are not UTF-8"},
                 {"\xed\xa0\x80", 3, "bytes that are not UTF-8"},
                 {"\xc3", 1, "bytes that are not UTF-8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        assert_false(text_set_fits(cases[i].text, cases[i].length, &why));
        assert_string_equal(why, cases[i].why);
        assert_int_equal(text_set_intern(cases[i].text, cases[i].length), -1);
    }
    static const char *const fine[] = {"日本語", "مرحبا بالعالم", "e\xcc\x81", "a\xc2\xa0z", "😀"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_string_equal(text_set(interned(fine[i])), fine[i]);
}

static void the_longest_text_has_65536_bytes(void **state)
{
    (void)state;
    static char text[TEXT_SET_MOST + 2];
    const char *why = NULL;
    memset(text, 'a', sizeof text - 1);
    assert_true(text_set_intern(text, TEXT_SET_MOST) > 0);
    assert_int_equal(text_set_intern(text, TEXT_SET_MOST + 1), -1);
    assert_false(text_set_fits(text, TEXT_SET_MOST + 1, &why));
    assert_string_equal(why, "more than 65536 bytes");
}

static void want_of_memory_leaves_the_table_as_it_was(void **state)
{
    (void)state;
    int before = interned("kept");
    mem_fail_at(1, true);
    assert_int_equal(interned("never seen before"), -1);
    assert_int_equal(interned("kept"), before);
    mem_fail_at(0, false);
    assert_true(interned("never seen before") > 0);
}

static void forgetting_gives_all_memory_back(void **state)
{
    (void)state;
    text_set_forget();
    int64_t live = mem_live();
    int id = interned("one");
    assert_true(mem_live() > live);
    text_set_forget();
    assert_int_equal(mem_live(), live);
    assert_string_equal(text_set(id), "");
}

static atomic_bool stop_looking;

static void *look_up(void *argument)
{
    int id = *(const int *)argument;
    long long wrong = 0;
    while (!atomic_load(&stop_looking))
        wrong += strcmp(text_set(id), "looked up") != 0;
    return wrong ? argument : NULL;
}

static void other_threads_look_up_while_the_table_grows(void **state)
{
    (void)state;
    pthread_t thread;
    void *wrong = NULL;
    int id = interned("looked up");
    const char *at = text_set(id);
    assert_int_equal(pthread_create(&thread, NULL, look_up, &id), 0);
    for (int i = 0; i < 20000; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %d", i);
        assert_true(interned(text) > 0);
    }
    atomic_store(&stop_looking, true);
    pthread_join(thread, &wrong);
    assert_null(wrong);
    assert_ptr_equal(text_set(id), at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_equal_ids),
        cmocka_unit_test(the_empty_text_is_zero_and_unknown_ids_are_empty),
        cmocka_unit_test(what_is_no_line_of_text_is_refused_by_name),
        cmocka_unit_test(the_longest_text_has_65536_bytes),
        cmocka_unit_test(want_of_memory_leaves_the_table_as_it_was),
        cmocka_unit_test(forgetting_gives_all_memory_back),
        cmocka_unit_test(other_threads_look_up_while_the_table_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
