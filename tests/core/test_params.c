#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/params.h"

#include <math.h>

static void defaults_are_those_of_the_contract(void **state)
{
    (void)state;
    AttnParams p = params_default();
    assert_int_equal(p.score.kind, SCORE_AUTO);
    assert_int_equal(p.scale.mode, SCALE_AUTO);
    assert_true(p.scale.temperature == 1 && p.scale.d_k == 0 && p.scale.d_model == 0);
    assert_false(p.mask.causal);
    assert_int_equal(p.mask.align, MASK_TOP);
    assert_int_equal(p.mask.window, 0);
    assert_true(p.mask.padding && p.mask.renormalise);
    assert_int_equal(p.mask.hidden, 0);
    assert_int_equal(p.norm.kind, NORM_SOFTMAX);
}

static void first_change_names_the_stage_of_each_field(void **state)
{
    (void)state;
    AttnParams base = params_default();
    struct {
        AttnParams params;
        Stage stage;
    } c[32];
    int n = 0;
#define CASE(field, value, where)                                                                  \
    c[n] = (__typeof__(c[0])){base, where};                                                        \
    c[n++].params.field = value
    CASE(score.kind, SCORE_DOT, STAGE_SCORES);
    CASE(scale.mode, SCALE_DK, STAGE_SCALED);
    CASE(scale.d_k, 3, STAGE_SCALED);
    CASE(scale.d_model, 3, STAGE_SCALED);
    CASE(scale.divisor, 3, STAGE_SCALED);
    CASE(scale.temperature, 3, STAGE_SCALED);
    CASE(mask.causal, true, STAGE_MASKED);
    CASE(mask.align, MASK_BOTTOM, STAGE_MASKED);
    CASE(mask.window, 2, STAGE_MASKED);
    CASE(mask.prefix, 2, STAGE_MASKED);
    CASE(mask.dilation, 2, STAGE_MASKED);
    CASE(mask.stride, 2, STAGE_MASKED);
    CASE(mask.random, 2, STAGE_MASKED);
    CASE(mask.seed, 2, STAGE_MASKED);
    CASE(mask.global, 2, STAGE_MASKED);
    CASE(mask.block, 2, STAGE_MASKED);
    CASE(mask.segments, false, STAGE_MASKED);
    CASE(mask.given, false, STAGE_MASKED);
    CASE(mask.padding, false, STAGE_MASKED);
    CASE(mask.hidden, 1, STAGE_MASKED);
    CASE(mask.renormalise, false, STAGE_MASKED);
    CASE(norm.kind, NORM_SIGMOID, STAGE_WEIGHTS);
    for (int i = 0; i < n; i++) {
        assert_int_equal(params_first_change(&base, &c[i].params), c[i].stage);
        assert_int_equal(params_first_change(&c[i].params, &base), c[i].stage);
        assert_int_equal(params_first_change(&c[i].params, &c[i].params), STAGE_COUNT);
    }
}

static void the_lowest_of_several_changes_wins(void **state)
{
    (void)state;
    AttnParams a = params_default(), b = a;
    b.norm.kind = NORM_HARDMAX;
    b.mask.window = 4;
    assert_int_equal(params_first_change(&a, &b), STAGE_MASKED);
    b.scale.temperature = 0;
    assert_int_equal(params_first_change(&a, &b), STAGE_SCALED);
}

static void names_stand_at_the_place_of_their_value(void **state)
{
    (void)state;
    assert_string_equal(STAGE_NAMES[STAGE_SCORES], "scores");
    assert_string_equal(STAGE_NAMES[STAGE_OUTPUT], "output");
    assert_null(STAGE_NAMES[STAGE_COUNT]);
    assert_string_equal(SCORE_KIND_NAMES[SCORE_DOT], "dot");
    assert_string_equal(SCALE_MODE_NAMES[SCALE_SQRT_DMODEL], "sqrt_dmodel");
    assert_string_equal(SCALE_MODE_NAMES[SCALE_CUSTOM], "custom");
    assert_null(SCALE_MODE_NAMES[SCALE_CUSTOM + 1]);
    assert_string_equal(MASK_ALIGN_NAMES[MASK_BOTTOM], "bottom");
    assert_string_equal(NORM_KIND_NAMES[NORM_ENTMAX15], "entmax15");
    assert_string_equal(NORM_KIND_NAMES[NORM_SOFTMAX1], "softmax1");
    assert_string_equal(NORM_KIND_NAMES[NORM_HARDMAX], "hardmax");
    assert_null(NORM_KIND_NAMES[NORM_TOPP + 1]);
}

static void only_softmax1_sigmoid_and_relu_leave_the_sum_open(void **state)
{
    (void)state;
    for (int kind = NORM_SOFTMAX; kind <= NORM_TOPP; kind++)
        assert_int_equal(norm_is_open((NormKind)kind),
                         kind == NORM_SOFTMAX1 || kind == NORM_SIGMOID || kind == NORM_RELU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_contract),
        cmocka_unit_test(first_change_names_the_stage_of_each_field),
        cmocka_unit_test(the_lowest_of_several_changes_wins),
        cmocka_unit_test(names_stand_at_the_place_of_their_value),
        cmocka_unit_test(only_softmax1_sigmoid_and_relu_leave_the_sum_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
