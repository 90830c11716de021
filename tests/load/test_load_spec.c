#include "load_test.h"

static void every_bad_head_is_refused_with_its_exact_line(void **state)
{
    (void)state;
    assert_true(refuse_all(LOAD_DATA "bad_specs.txt") >= 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_head_is_refused_with_its_exact_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
