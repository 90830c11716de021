/* The section Statistics as it is drawn and used. */
#include "app/desk.h"
#include "app/panel_sections.h"

static void the_section_shows_these_numbers(void **state)
{
    (void)state;
    Desk d;
    char text[TEXT_NUMBER];
    desk_start(&d, 1280, 1200, desk_example("one-sentence"));
    assert_true(desk_drawn(&d, "Statistics"));
    desk_click(&d, "controls/stats");
    assert_true(desk_drawn(&d, "all rows, mean"));
    desk_click_cell(&d, 4, 2, 0);
    const double *w = scope_exact(app_scope(d.app), 4)->weights;
    int n = desk_result(&d)->n_k;
    double squares = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            squares += pow(w[i] * ((i == j ? 1.0 : 0.0) - w[j]), 2);
    text_weight(text, sqrt(squares));
    assert_true(desk_drawn(&d, text));
    assert_true(desk_drawn(&d, "per unit of scaled score on"));
    snprintf(text, sizeof text, "+%.3f", w[2] * (1 - w[2]));
    memmove(text + 1, text + 2, strlen(text + 1)); /* without the zero before the point */
    assert_true(desk_drawn(&d, text));
    app_settings(d.app)->attn.scale.temperature = 0;
    desk_settle(&d);
    assert_true(desk_drawn(&d, "argmax: weights do not move"));
    desk_stop(&d);
}

static void a_bar_of_the_response_points_at_its_key_and_chooses_it(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 1200, desk_example("one-sentence"));
    desk_click(&d, "controls/stats");
    desk_click_cell(&d, 4, 2, 0);
    const UiItem *title = desk_item(&d, "controls/stats");
    bool found = false;
    for (float y = rect_bottom(title->rect); y < 1100 && !found; y += 4) {
        desk_move(&d, title->rect.x + 30, y);
        found = d.app->row_hover >= 0;
    }
    assert_true(found);
    int key = d.app->row_hover;
    desk_frame(&d);
    assert_int_equal(d.app->panes[0].scene.focus.hover_key, key);
    desk_press(&d, 1, 0);
    desk_release(&d, 0);
    desk_settle(&d);
    assert_int_equal(app_settings(d.app)->key, key);
    assert_int_equal(app_settings(d.app)->query, 4);
    desk_stop(&d);
}

/* Pointing about must not move what is pointed at. */
static void the_section_is_as_high_for_every_row(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 1200, desk_example("one-sentence"));
    app_settings(d.app)->attn.mask.causal = true;
    desk_click(&d, "controls/stats");
    float height = stats_height(d.app);
    for (int i = 0; i < 4; i++) {
        desk_hover_cell(&d, i * 3, 0); /* a single frame: no panel is behind the pointer */
        assert_int_equal(d.app->figures.row, i * 3);
        assert_true(stats_height(d.app) == height);
    }
    desk_stop(&d);
}

static void closed_it_says_the_main_numbers(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("one-sentence"));
    assert_true(desk_drawn(&d, "H / log₂ n ."));
    desk_click_cell(&d, 4, 2, 0);
    assert_true(desk_drawn(&d, "Gini ."));
    assert_true(desk_drawn(&d, "‖J‖ ."));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_section_shows_these_numbers),
        cmocka_unit_test(a_bar_of_the_response_points_at_its_key_and_chooses_it),
        cmocka_unit_test(the_section_is_as_high_for_every_row),
        cmocka_unit_test(closed_it_says_the_main_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
