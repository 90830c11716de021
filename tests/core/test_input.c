#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/input.h"

#include <math.h>

static void the_divisor_follows_the_table_of_scale_modes(void **state)
{
    (void)state;
    static const float cell = 0;
    const struct {
        Entry entry;
        double file_d_k, file_d_model;
        ScaleMode mode;
        double d_k, d_model, divisor, expected;
    } cases[] = {
        {ENTRY_QK, 64, 0, SCALE_AUTO, 0, 0, 0, 8},
        {ENTRY_QK, 0, 0, SCALE_AUTO, 0, 0, 0, 4}, /* q has 16 columns */
        {ENTRY_QK, 64, 0, SCALE_AUTO, 100, 0, 0, 10},
        {ENTRY_SCORES, 25, 0, SCALE_AUTO, 0, 0, 0, 5},
        {ENTRY_SCORES, 0, 0, SCALE_AUTO, 0, 0, 0, 1},
        {ENTRY_SCORES, 0, 0, SCALE_SQRT_DK, 9, 0, 0, 3},
        {ENTRY_SCORES, 0, 0, SCALE_SQRT_DK, 0, 0, 0, 1}, /* unknown: nothing to divide by */
        {ENTRY_QK, 64, 0, SCALE_NONE, 0, 0, 0, 1},
        {ENTRY_QK, 64, 0, SCALE_DK, 0, 0, 0, 64},
        {ENTRY_QK, 64, 0, SCALE_DK, 2, 0, 0, 2},
        {ENTRY_QK, 64, 256, SCALE_SQRT_DMODEL, 0, 0, 0, 16},
        {ENTRY_QK, 64, 256, SCALE_SQRT_DMODEL, 0, 49, 0, 7},
        {ENTRY_QK, 64, 0, SCALE_SQRT_DMODEL, 0, 0, 0, 1},
        {ENTRY_QK, 64, 0, SCALE_CUSTOM, 0, 0, 0.25, 0.25},
        {ENTRY_QK, 64, 0, SCALE_CUSTOM, 0, 0, 0, 1},
        {ENTRY_WEIGHTS, 64, 64, SCALE_DK, 5, 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AttnInput in = {.entry = cases[i].entry,
                        .n_q = 1,
                        .n_k = 1,
                        .q = {&cell, 1, 16, 16},
                        .d_k = cases[i].file_d_k,
                        .d_model = cases[i].file_d_model};
        AttnParams params = {
            .scale = {cases[i].mode, cases[i].d_k, cases[i].d_model, cases[i].divisor, 1}};
        assert_true(input_divisor(&in, &params) == cases[i].expected);
    }
}

static void a_divisor_that_cannot_divide_counts_as_one(void **state)
{
    (void)state;
    AttnInput in = {.entry = ENTRY_QK};
    const double wrong[] = {0, -3, (double)INFINITY, (double)NAN};
    for (int i = 0; i < 4; i++) {
        AttnParams params = {.scale = {SCALE_CUSTOM, 0, 0, wrong[i], 1}};
        assert_true(input_divisor(&in, &params) == 1);
    }
}

static void floats_stand_in_where_nothing_is_stored(void **state)
{
    (void)state;
    const float floats[] = {1, 2, 3, 4};
    const double stored[] = {5, 6};
    AttnInput in = {.q = {floats, 2, 2, 2}, .stored_k = {stored, DTYPE_F64, 1, 2, 2}};
    assert_true(stored_value(input_q(&in), 1, 0) == 3);
    assert_true(stored_value(input_k(&in), 0, 1) == 6);
    assert_null(input_v(&in).at);
    assert_null(input_given(&in).at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_divisor_follows_the_table_of_scale_modes),
        cmocka_unit_test(a_divisor_that_cannot_divide_counts_as_one),
        cmocka_unit_test(floats_stand_in_where_nothing_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
