/* Expected numbers are worked out by hand from the track's definition. */
#include "ui/slider_value.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

static const SliderSpec LOG = {
    .lo = 0.01, .hi = 100, .reset = 1, .log = true, .decimals = 2, .zero_is_end = true};
static const SliderSpec LIN = {.lo = 0, .hi = 1, .reset = 0.9, .factor = 100};
static const SliderSpec TWO = {.lo = 1, .hi = 65536, .reset = 64, .log2_steps = true};

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
        fail_msg("expected %.17g, found %.17g", want, got);
}

static void positions_and_values_are_inverse(void **state)
{
    (void)state;
    const SliderSpec *specs[] = {&LOG, &LIN, &TWO};
    for (int s = 0; s < 3; s++)
        for (int i = 0; i <= 50; i++)
            near(slider_fraction(specs[s], slider_at(specs[s], i / 50.0)), i / 50.0);
    near(slider_fraction(&LOG, 1), 0.5);
    near(slider_fraction(&TWO, 256), 0.5);
    near(slider_fraction(&LIN, 0.25), 0.25);
}

static void what_lies_outside_parks_at_an_end(void **state)
{
    (void)state;
    near(slider_fraction(&LOG, 0), 0);
    near(slider_fraction(&LOG, -5), 0);
    near(slider_fraction(&LOG, 1000), 1);
    near(slider_fraction(&LOG, (double)NAN), 0);
    near(slider_fraction(&LOG, (double)INFINITY), 1);
    near(slider_at(&LOG, -1), 0.01);
    near(slider_at(&LOG, 2), 100);
    const SliderSpec none = {.lo = 3, .hi = 3};
    near(slider_fraction(&none, 3), 0);
    near(slider_at(&none, 0.5), 3);
}

static void a_drag_gives_short_numbers(void **state)
{
    (void)state;
    static const struct {
        double from, to, fine;
    } cases[] = {
        {0.012345, 0.012, 0.0123}, {0.12345, 0.12, 0.123}, {1.2345, 1.23, 1.235},
        {99.999, 100, 99.999},     {250, 100, 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        near(slider_round(&LOG, cases[i].from, false), cases[i].to);
        near(slider_round(&LOG, cases[i].from, true), fmin(cases[i].fine, 100));
    }
    near(slider_round(&LIN, 0.4567, false), 0.46);
    near(slider_round(&TWO, 90, false), 64);  /* log2 = 6.49 */
    near(slider_round(&TWO, 91, false), 128); /* log2 = 6.51 */
    near(slider_round(&TWO, 90.4, true), 90);
}

static void a_step_always_moves_until_the_end(void **state)
{
    (void)state;
    const SliderSpec *specs[] = {&LOG, &LIN, &TWO};
    for (int s = 0; s < 3; s++)
        for (int fine = 0; fine < 2; fine++) {
            double v = specs[s]->lo;
            int steps = 0;
            while (v < specs[s]->hi) {
                double next = slider_step(specs[s], v, 1, fine);
                assert_true(next > v);
                v = next;
                assert_true(++steps < 70000);
            }
            near(slider_step(specs[s], v, 1, fine), specs[s]->hi);
            near(slider_step(specs[s], specs[s]->lo, -1, fine), specs[s]->lo);
        }
}

static void text_shows_decimals_and_more_only_when_there_are_more(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {1, "1.00"}, {0.25, "0.25"}, {0.125, "0.125"}, {1.0 / 3, "0.33333333"},
        {0, "0"},    {-1, "−1.00"},  {12.5, "12.50"},  {0.1 + 0.2, "0.30"},
    };
    char out[SLIDER_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slider_text(&LOG, cases[i].value, out);
        assert_string_equal(out, cases[i].text);
    }
    slider_text(&LIN, 0.29, out);
    assert_string_equal(out, "29"); /* 0.29 · 100 is 28.999999999999996 */
    slider_text(&TWO, 64, out);
    assert_string_equal(out, "64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_and_values_are_inverse),
        cmocka_unit_test(what_lies_outside_parks_at_an_end),
        cmocka_unit_test(a_drag_gives_short_numbers),
        cmocka_unit_test(a_step_always_moves_until_the_end),
        cmocka_unit_test(text_shows_decimals_and_more_only_when_there_are_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
