#include "base/index_set.h"
#include "base/mem.h"
#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static int parsed(const char *text)
{
    int id = -7;
    Error err = {0};
    if (!index_set_parse(text, &id, &err))
        fail_msg("\"%s\": %s", text, err.what);
    return id;
}

static void check_printed(int id, const char *want)
{
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(index_set_print(id, &buf));
    assert_string_equal(buf_string(&buf), want);
    buf_free(&buf);
}

static void equal_sets_have_equal_ids(void **state)
{
    (void)state;
    static const int a[] = {3, 5, 6, 7}, b[] = {7, 3, 6, 5, 3, 3, 7}, c[] = {3, 5, 6};
    int id = index_set_intern(a, 4);
    assert_true(id > 0);
    assert_int_equal(index_set_intern(b, 7), id);
    assert_int_equal(parsed("3,5-7"), id);
    assert_int_equal(parsed("5-6,7,3,3-3"), id);
    assert_int_not_equal(index_set_intern(c, 3), id);
    IndexSet set = index_set(id);
    assert_int_equal(set.count, 4);
    assert_memory_equal(set.items, a, sizeof a);
}

static void the_empty_set_is_zero(void **state)
{
    (void)state;
    static const int outside[] = {-1, INDEX_SET_MOST + 1, -2147483647};
    assert_int_equal(index_set_intern(NULL, 0), 0);
    assert_int_equal(index_set_intern(outside, 3), 0);
    assert_int_equal(parsed(""), 0);
    assert_int_equal(parsed("  "), 0);
    assert_int_equal(index_set(0).count, 0);
    check_printed(0, "");
}

static void unknown_ids_are_empty(void **state)
{
    (void)state;
    static const int ids[] = {-1, -2147483647, 2147483647, 1000000};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(index_set(ids[i]).count, 0);
        assert_false(index_set_has(ids[i], 0));
    }
}

static void sets_are_printed_as_they_are_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"3,5-7", "3,5-7"},
        {"7,6,5,3", "3,5-7"},
        {"0", "0"},
        {"0-1", "0-1"},
        {"1,2", "1-2"},
        {"1-3,2-5,9", "1-5,9"},
        {" 1 - 3 ,\t5 ", "1-3,5"},
        {"16777215", "16777215"},
        {"0-10,5,3-4,20-20", "0-10,20"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_printed(parsed(cases[i][0]), cases[i][1]);
        assert_int_equal(parsed(cases[i][1]), parsed(cases[i][0]));
    }
}

static void wrong_text_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        ",",   "1,",  ",1",  "1,,2",     "-1", "1-",    "5-3", "a",   "1a",
        "1;2", "1 2", "1.5", "16777216", "01", "1-2-3", "+1",  "1e3", "0-99999999999999999999"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int id = 42;
        Error err = {0};
        if (index_set_parse(cases[i], &id, &err))
            fail_msg("\"%s\" was read", cases[i]);
        assert_int_equal(id, 42);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    int id;
    Error err = {0};
    index_set_parse("5-3", &id, &err);
    check_error(&err, ERROR_USAGE, "indices: expected such as 3,5-7 from 0 … 16777215, found 5-3");
}

static void members_are_found(void **state)
{
    (void)state;
    int id = parsed("2,4-6,100,16777215");
    for (int i = -2; i < 120; i++)
        assert_int_equal(index_set_has(id, i), i == 2 || (i >= 4 && i <= 6) || i == 100);
    assert_true(index_set_has(id, INDEX_SET_MOST));
    assert_false(index_set_has(id, INDEX_SET_MOST - 1));
}

static void toggling_twice_changes_nothing(void **state)
{
    (void)state;
    int id = parsed("3,5-7");
    check_printed(index_set_toggle(id, 4), "3-7");
    check_printed(index_set_toggle(id, 0), "0,3,5-7");
    check_printed(index_set_toggle(id, 9), "3,5-7,9");
    check_printed(index_set_toggle(id, 6), "3,5,7");
    check_printed(index_set_toggle(0, 8), "8");
    assert_int_equal(index_set_toggle(parsed("8"), 8), 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(index_set_toggle(index_set_toggle(id, i), i), id);
    assert_int_equal(index_set_toggle(id, -1), id);
    assert_int_equal(index_set_toggle(id, INDEX_SET_MOST + 1), id);
}

static void items_never_move(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static const int *items[MANY];
    static int ids[MANY];
    for (int i = 0; i < MANY; i++) {
        int pair[] = {i, 2 * i + 1};
        ids[i] = index_set_intern(pair, 2);
        assert_true(ids[i] > 0);
        items[i] = index_set(ids[i]).items;
    }
    for (int i = 0; i < MANY; i++) {
        int pair[] = {2 * i + 1, i};
        assert_int_equal(index_set_intern(pair, 2), ids[i]);
        assert_ptr_equal(index_set(ids[i]).items, items[i]);
        assert_int_equal(items[i][0], i);
        assert_int_equal(items[i][1], 2 * i + 1);
    }
}

static void many_ranges_cost_no_more_than_their_union(void **state)
{
    (void)state;
    char text[4096] = "0-99999";
    for (size_t used = 7; used + 16 < sizeof text; used += 8)
        memcpy(text + used, ",0-99999", 9);
    int id = parsed(text);
    assert_int_equal(index_set(id).count, 100000);
    check_printed(id, "0-99999");
}

static void want_of_memory_is_told(void **state)
{
    (void)state;
    index_set_forget();
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        int id = 42;
        Error err = {0};
        mem_fail_at(n, true);
        bool ok = index_set_parse("1-3,9", &id, &err);
        mem_fail_at(0, false);
        if (ok) {
            assert_true(n > 2); /* ranges, items and the first chunk of the table */
            break;
        }
        check_error(&err, ERROR_LIMIT, "out of memory");
        assert_int_equal(id, 42);
        assert_int_equal(mem_live(), live);
    }
    static const int other[] = {77};
    mem_fail_at(1, true);
    assert_int_equal(index_set_intern(other, 1), -1);
    assert_int_equal(index_set_toggle(0, 77), 0); /* the set stays as it was */
    mem_fail_at(0, false);
}

static void forgetting_gives_all_memory_back(void **state)
{
    (void)state;
    index_set_forget();
    int64_t live = mem_live();
    int id = parsed("1,2,3");
    assert_true(mem_live() > live);
    index_set_forget();
    assert_int_equal(mem_live(), live);
    assert_int_equal(index_set(id).count, 0);
    check_printed(parsed("4"), "4");
}

static atomic_bool stop_looking;

static void *look_up(void *argument)
{
    int id = *(const int *)argument;
    long long wrong = 0;
    while (!atomic_load(&stop_looking))
        wrong += index_set(id).count != 3 || !index_set_has(id, 11);
    return wrong ? argument : NULL;
}

static void other_threads_look_up_while_the_table_grows(void **state)
{
    (void)state;
    pthread_t thread;
    void *wrong = NULL;
    int id = parsed("10-12");
    assert_int_equal(pthread_create(&thread, NULL, look_up, &id), 0);
    for (int i = 0; i < 20000; i++) {
        int triple[] = {i, i + 100000, i + 200000};
        assert_true(index_set_intern(triple, 3) > 0);
    }
    atomic_store(&stop_looking, true);
    pthread_join(thread, &wrong);
    assert_null(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_sets_have_equal_ids),
        cmocka_unit_test(the_empty_set_is_zero),
        cmocka_unit_test(unknown_ids_are_empty),
        cmocka_unit_test(sets_are_printed_as_they_are_read),
        cmocka_unit_test(wrong_text_is_refused),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(toggling_twice_changes_nothing),
        cmocka_unit_test(items_never_move),
        cmocka_unit_test(many_ranges_cost_no_more_than_their_union),
        cmocka_unit_test(want_of_memory_is_told),
        cmocka_unit_test(forgetting_gives_all_memory_back),
        cmocka_unit_test(other_threads_look_up_while_the_table_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
