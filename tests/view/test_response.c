#include "fixture.h"

#include "view/response.h"

/* diag(p) − p pᵀ of softmax, row `key`, by its definition. */
static void softmax_row(double *out, const double *p, int n, int key)
{
    for (int j = 0; j < n; j++)
        out[j] = p[key] * ((j == key ? 1.0 : 0.0) - p[j]);
}

static const double P[13] = {0.012, 0.538, 0.008, 0.010, 0.027, 0.011, 0.198,
                             0.027, 0.059, 0.007, 0.009, 0.081, 0.013};

typedef struct {
    Fixture f;
    double change[64];
    uint8_t masked[64];
    Response r;
    DrawList list;
} Case;

static void begin(Case *c, int n)
{
    memset(c, 0, sizeof *c);
    fixture_init(&c->f, n, n, 3);
    draw_list_init(&c->list);
    c->r = (Response){.change = c->change,
                      .masked = c->masked,
                      .n_k = n,
                      .key = 1,
                      .locked = true,
                      .hover = -1,
                      .keys = &c->f.keys};
}

static void finish(Case *c)
{
    draw_list_free(&c->list);
    fixture_free(&c->f);
}

static ResponseLayout draw(Case *c, Rect area)
{
    ResponseLayout l = response_layout(&c->f.kit, &c->r, area);
    draw_list_reset(&c->list);
    response_draw(&c->f.kit, &c->r, &l, &c->list);
    assert_false(c->list.failed);
    return l;
}

static void a_response_draws_as_the_golden(void **state)
{
    (void)state;
    Case c;
    begin(&c, 13);
    softmax_row(c.change, P, 13, 1);
    c.masked[3] = 1;
    c.r.hover = 6;
    draw(&c, rect(1012, 400, 256, response_height(&c.f.kit, 13)));
    fixture_golden("view/response.txt", &c.list);
    finish(&c);
}

/* The bars of one colour, from top to bottom. */
static int bars(const Case *c, bool more, Rect out[64])
{
    int count = 0;
    for (size_t i = 0; i < c->list.count; i++)
        if (c->list.items[i].kind == DRAW_RECT &&
            c->list.items[i].color == response_color(c->f.kit.theme, more))
            out[count++] = c->list.items[i].r;
    return count;
}

static void gains_go_right_of_the_axis_and_losses_left(void **state)
{
    (void)state;
    Case c;
    Rect more[64], less[64];
    begin(&c, 4);
    const double p[4] = {0.1, 0.5, 0.4, 0};
    softmax_row(c.change, p, 4, 1); /* −.05, +.25, −.2, 0 */
    ResponseLayout l = draw(&c, rect(0, 0, 256, 200));
    assert_int_equal(bars(&c, true, more), 1);
    assert_int_equal(bars(&c, false, less), 2); /* none for 0 */
    check_close((double)more[0].x, (double)l.axis + 1, 1e-6);
    check_close((double)more[0].w, (double)l.half, 1e-4);
    check_close((double)rect_right(less[0]), (double)l.axis, 1e-4);
    check_close((double)less[0].w, (double)l.half * 0.2, 1e-3);
    check_close((double)less[1].w, (double)l.half * 0.8, 1e-3);
    assert_true(fixture_has_text(&c.list, "+.250"));
    assert_true(fixture_has_text(&c.list, "\u2212.200"));
    assert_true(fixture_has_text(&c.list, "\u2212.050"));
    assert_true(fixture_has_text(&c.list, "0"));
    assert_true(rect_right(more[0]) <= 256 - 52);
    assert_true(less[1].x >= 68);
    finish(&c);
}

static void the_largest_changes_are_shown_and_the_rest_is_summed(void **state)
{
    (void)state;
    Case c;
    begin(&c, 13);
    softmax_row(c.change, P, 13, 1);
    float height = response_height(&c.f.kit, 13);
    ResponseLayout l = draw(&c, rect(0, 0, 256, height));
    const int largest[7] = {1, 4, 6, 7, 8, 11, 12}; /* by |p|: .538 .198 .081 .059 .027 .027 .013 */
    double rest = 0;
    assert_int_equal(l.shown, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(l.order[i], largest[i]);
    for (int j = 0; j < 13; j++) {
        bool seen = false;
        for (int i = 0; i < 7; i++)
            seen |= largest[i] == j;
        rest += seen ? 0 : c.change[j];
    }
    check_close(l.rest, rest, 1e-15);
    assert_true(fixture_has_text(&c.list, "6 more, together \u2212.031")); /* −.538 · .057 */
    c.r.sorted = true;
    l = draw(&c, rect(0, 0, 256, height));
    const int by_size[7] = {1, 6, 11, 8, 4, 7, 12}; /* of equal ones the lower index */
    for (int i = 0; i < 7; i++)
        assert_int_equal(l.order[i], by_size[i]);
    finish(&c);
}

static void masked_keys_are_left_out(void **state)
{
    (void)state;
    Case c;
    begin(&c, 13);
    softmax_row(c.change, P, 13, 1);
    for (int j = 0; j < 13; j++)
        c.masked[j] = j != 1 && j != 6;
    ResponseLayout l = draw(&c, rect(0, 0, 256, response_height(&c.f.kit, 13)));
    assert_int_equal(l.shown, 2);
    assert_int_equal(l.hidden, 0);
    assert_int_equal(l.order[0], 1);
    assert_int_equal(l.order[1], 6);
    finish(&c);
}

static void up_to_eight_keys_are_all_shown(void **state)
{
    (void)state;
    Case c;
    for (int n = 1; n <= 12; n++) {
        begin(&c, n);
        c.r.key = 0;
        for (int j = 0; j < n; j++)
            c.change[j] = j == 0 ? 0.5 : -0.5 / n;
        ResponseLayout l = draw(&c, rect(0, 0, 256, response_height(&c.f.kit, n)));
        assert_int_equal(l.shown, n <= RESPONSE_LINES ? n : RESPONSE_LINES - 1);
        assert_int_equal(l.shown + l.hidden, n);
        finish(&c);
    }
}

static void nothing_leaves_its_area(void **state)
{
    (void)state;
    Case c;
    begin(&c, 13);
    softmax_row(c.change, P, 13, 1);
    for (float w = 40; w < 420; w += 20)
        for (float h = 0; h < 220; h += 10) {
            ResponseLayout l = draw(&c, rect(50, 30, w, h));
            for (size_t i = 0; i < c.list.count; i++) {
                const DrawCommand *d = &c.list.items[i];
                if (d->kind != DRAW_RECT || d->r.h == 18) /* a pill stands out by its padding */
                    continue;
                assert_true(d->r.x >= 50 && rect_right(d->r) <= 50 + w + 1);
                assert_true(rect_bottom(d->r) <= 30 + fmaxf(h, 26) + 0.01f);
            }
            assert_true(l.shown >= 0 && l.shown <= RESPONSE_LINES);
        }
    finish(&c);
}

static void numbers_carry_a_sign(void **state)
{
    (void)state;
    const struct {
        double value;
        const char *text;
    } cases[] = {{0.249, "+.249"},     {-0.0124, "\u2212.012"}, {0, "0"},
                 {-0.0, "0"},          {1e-5, "+<.001"},        {-1e-5, "\u2212<.001"},
                 {1, "+1.000"},        {-12.34, "\u221212.3"},  {123456, "+1e+05"},
                 {(double)NAN, "NaN"}, {0.99996, "+1.000"}};
    char text[TEXT_NUMBER];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        response_number(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void the_bar_under_the_pointer_is_told(void **state)
{
    (void)state;
    Case c;
    begin(&c, 13);
    softmax_row(c.change, P, 13, 1);
    Rect area = {10, 20, 256, response_height(&c.f.kit, 13)};
    ResponseLayout l = draw(&c, area);
    for (int i = 0; i < l.shown; i++)
        assert_int_equal(response_probe(&l, vec2(100, l.top + ((float)i + 0.5f) * l.pitch)),
                         l.order[i]);
    assert_int_equal(response_probe(&l, vec2(100, l.top - 1)), -1);
    assert_int_equal(response_probe(&l, vec2(100, rect_bottom(area) - 4)), -1); /* "n more" */
    assert_int_equal(response_probe(&l, vec2(5, l.top + 4)), -1);
    finish(&c);
}

/* Relative luminance contrast of WCAG 2. */
static double luminance(Color c)
{
    double sum = 0;
    const double share[3] = {0.2126, 0.7152, 0.0722};
    const unsigned part[3] = {c >> 16 & 255, c >> 8 & 255, c & 255};
    for (int i = 0; i < 3; i++) {
        double s = part[i] / 255.0;
        sum += share[i] * (s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static void both_colours_stand_out_of_the_panel(void **state)
{
    (void)state;
    for (int id = 0; id < THEME_COUNT; id++)
        for (int more = 0; more < 2; more++) {
            double a = luminance(theme((ThemeId)id)->panel);
            double b = luminance(response_color(theme((ThemeId)id), more == 1));
            double contrast = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
            if (contrast < 3)
                fail_msg("%s: contrast %.2f", THEME_NAMES[id], contrast);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_draws_as_the_golden),
        cmocka_unit_test(gains_go_right_of_the_axis_and_losses_left),
        cmocka_unit_test(the_largest_changes_are_shown_and_the_rest_is_summed),
        cmocka_unit_test(masked_keys_are_left_out),
        cmocka_unit_test(up_to_eight_keys_are_all_shown),
        cmocka_unit_test(nothing_leaves_its_area),
        cmocka_unit_test(numbers_carry_a_sign),
        cmocka_unit_test(the_bar_under_the_pointer_is_told),
        cmocka_unit_test(both_colours_stand_out_of_the_panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
