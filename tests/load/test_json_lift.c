#include "load_test.h"

#include "load/json_lift.h"

#include <math.h>

static LiftResult lift(const char *text, JsonScan *scan, size_t *at)
{
    LoadRequest request = request_of("");
    Error err = {0};
    json_scan_init(scan);
    *at = 0;
    return json_lift(text, strlen(text), at, &request, scan, &err);
}

static void arrays_of_one_to_three_levels_are_lifted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ndim;
        int64_t shape[3];
    } table[] = {{"[1]", 1, {1}},
                 {"[ 1 , 2 ]", 1, {2}},
                 {"[[1, 2, 3], [4, 5, 6]]", 2, {2, 3}},
                 {"[[[1], [2]], [[3], [4]], [[5], [6]]]", 3, {3, 2, 1}},
                 {"[[\"nan\", 2], [\"-inf\", \"inf\"]]", 2, {2, 2}}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        JsonScan scan;
        size_t at;
        assert_int_equal(lift(table[i].text, &scan, &at), LIFT_DONE);
        assert_int_equal(at, strlen(table[i].text));
        const JsonBlock *b = &scan.blocks[0];
        assert_int_equal(b->ndim, table[i].ndim);
        assert_false(b->ragged);
        int64_t count = 1;
        for (int d = 0; d < b->ndim; d++) {
            assert_int_equal(b->shape[d], table[i].shape[d]);
            count *= table[i].shape[d];
        }
        assert_int_equal(b->count, count);
        for (int64_t n = 0; i < 4 && n < count; n++)
            assert_float_equal(b->floats[n], (float)(n + 1), 0);
        if (i == 4)
            assert_true(isnan(b->floats[0]) && b->floats[2] == -INFINITY &&
                        b->floats[3] == INFINITY);
        json_scan_free(&scan);
    }
}

static void other_arrays_are_left_to_the_scanner(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        LiftResult want;
    } table[] = {{"[]", LIFT_NOT},           {"[[]]", LIFT_NOT},      {"[1, [2]]", LIFT_NOT},
                 {"[[1], 2]", LIFT_NOT},     {"[\"a\"]", LIFT_NOT},   {"[\"nan\"]", LIFT_NOT},
                 {"[1, \"nan\"]", LIFT_NOT}, {"[null]", LIFT_NOT},    {"[[1, {}]]", LIFT_NOT},
                 {"[[[[1]]]]", LIFT_NOT},    {"[1, true]", LIFT_NOT}, {"[1", LIFT_WRONG},
                 {"[1,]", LIFT_WRONG},       {"[1 2]", LIFT_WRONG},   {"[01]", LIFT_WRONG},
                 {"[1e999]", LIFT_WRONG},    {"[NaN]", LIFT_WRONG},   {"[-]", LIFT_WRONG},
                 {"[", LIFT_WRONG}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        JsonScan scan;
        size_t at;
        int64_t live = mem_live();
        if (lift(table[i].text, &scan, &at) != table[i].want)
            fail_msg("%s", table[i].text);
        assert_int_equal(at, 0);
        assert_int_equal(scan.block_count, 0);
        assert_int_equal(mem_live(), live);
        json_scan_free(&scan);
    }
}

static void the_first_odd_row_is_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *text, *from;
        int level;
        int64_t at[2], expected, found;
    } table[] = {
        {"[[1, 2], [3, 4], [5], [6, 7, 8]]", "[5]", 1, {2, 0}, 2, 1},
        {"[[[1], [2]], [[3], [4, 5]]]", "[4, 5]", 2, {1, 1}, 1, 2},
        {"[[[1], [2]], [[3]]]", "[[3]]", 1, {1, 0}, 2, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        JsonScan scan;
        size_t at;
        assert_int_equal(lift(table[i].text, &scan, &at), LIFT_DONE);
        const JsonBlock *b = &scan.blocks[0];
        assert_true(b->ragged);
        assert_null(b->floats);
        assert_int_equal(b->ragged_level, table[i].level);
        for (int d = 0; d < b->ragged_level; d++)
            assert_int_equal(b->ragged_at[d], table[i].at[d]);
        assert_int_equal(b->ragged_from, strstr(table[i].text, table[i].from) - table[i].text);
        assert_int_equal(b->ragged_expected, table[i].expected);
        assert_int_equal(b->ragged_found, table[i].found);
        json_scan_free(&scan);
    }
}

static void one_number_beyond_float_makes_the_block_double(void **state)
{
    (void)state;
    JsonScan scan;
    size_t at;
    assert_int_equal(lift("[[0.1, 1e39], [1e-60, 3]]", &scan, &at), LIFT_DONE);
    assert_true(scan.blocks[0].wide);
    assert_null(scan.blocks[0].floats);
    assert_true(scan.blocks[0].doubles[0] == 0.1 && scan.blocks[0].doubles[1] == 1e39);
    assert_true(scan.blocks[0].doubles[2] == 1e-60);
    json_scan_free(&scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_of_one_to_three_levels_are_lifted),
        cmocka_unit_test(other_arrays_are_left_to_the_scanner),
        cmocka_unit_test(the_first_odd_row_is_remembered),
        cmocka_unit_test(one_number_beyond_float_makes_the_block_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
