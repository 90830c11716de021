/* Undo and redo as a person expects them, against a plain list of temperatures. */
#include "support/check.h"

#include "state/history.h"

#include <string.h>

static Settings at_temperature(double t)
{
    Settings settings = settings_default();
    settings.attn.scale.temperature = t;
    return settings;
}

static void a_fresh_history_has_nothing_to_undo_or_redo(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(1);
    history_reset(&history, &now);
    assert_false(history_can_undo(&history));
    assert_false(history_can_redo(&history));
    assert_false(history_undo(&history, &now));
    assert_false(history_redo(&history, &now));
    assert_true(now.attn.scale.temperature == 1);
}

static void unchanged_settings_are_not_a_step(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(1);
    history_reset(&history, &now);
    assert_false(history_note(&history, &now));
    assert_false(history_can_undo(&history));
}

static void undo_walks_back_and_redo_forth_again(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(1);
    history_reset(&history, &now);
    for (int i = 2; i <= 5; i++) {
        now = at_temperature(i);
        assert_true(history_note(&history, &now));
    }
    for (int i = 4; i >= 1; i--) {
        assert_true(history_undo(&history, &now));
        assert_true(now.attn.scale.temperature == i);
        assert_false(history_note(&history, &now)); /* what undo gave is no new step */
    }
    assert_false(history_undo(&history, &now));
    for (int i = 2; i <= 5; i++) {
        assert_true(history_redo(&history, &now));
        assert_true(now.attn.scale.temperature == i);
    }
    assert_false(history_redo(&history, &now));
}

static void a_change_after_undo_drops_what_could_be_redone(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(1);
    history_reset(&history, &now);
    now = at_temperature(2);
    history_note(&history, &now);
    now = at_temperature(3);
    history_note(&history, &now);
    history_undo(&history, &now);
    now = at_temperature(9);
    assert_true(history_note(&history, &now));
    assert_false(history_can_redo(&history));
    assert_true(history_undo(&history, &now));
    assert_true(now.attn.scale.temperature == 2);
}

static void the_oldest_step_goes_when_the_ring_is_full(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(0);
    history_reset(&history, &now);
    for (int i = 1; i < 3 * HISTORY_MAX; i++) {
        now = at_temperature(i);
        assert_true(history_note(&history, &now));
    }
    int steps = 0;
    while (history_undo(&history, &now))
        assert_true(now.attn.scale.temperature == 3 * HISTORY_MAX - 1 - ++steps);
    assert_int_equal(steps, HISTORY_MAX - 1);
    while (history_redo(&history, &now))
        steps--;
    assert_int_equal(steps, 0);
    assert_true(now.attn.scale.temperature == 3 * HISTORY_MAX - 1);
}

static void the_selection_is_neither_a_step_nor_undone(void **state)
{
    (void)state;
    static History history;
    Settings now = at_temperature(1);
    history_reset(&history, &now);
    now.query = 3;
    now.sentence = 2;
    now.zoom = 4;
    assert_false(history_note(&history, &now));
    now.attn.scale.temperature = 2;
    assert_true(history_note(&history, &now));
    now.query = 7;
    assert_true(history_undo(&history, &now));
    assert_true(now.attn.scale.temperature == 1);
    assert_int_equal(now.query, 7);
    assert_int_equal(now.sentence, 2);
    assert_true(now.zoom == 4);
}

static void every_field_that_can_be_undone_is_a_step_of_its_own(void **state)
{
    (void)state;
    static History history;
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const Field *field = &SETTINGS[i];
        if (field->flags & FIELD_NO_UNDO)
            continue;
        Settings start = settings_default(), now = start;
        static const char *const TRY[] = {"true", "false", "3",    "0.25",    "2.5", "dark",
                                          "log",  "row",   "none", "heatmap", "max", "horizontal"};
        for (size_t t = 0; t < sizeof TRY / sizeof TRY[0]; t++) {
            Error err = {0};
            if (settings_equal(&start, &now, FIELD_NO_UNDO))
                settings_set(&now, field->name, TRY[t], &err);
        }
        for (int c = 0; field->choices && field->choices[c]; c++) {
            Error err = {0};
            if (settings_equal(&start, &now, FIELD_NO_UNDO))
                settings_set(&now, field->name, field->choices[c], &err);
        }
        assert_false(settings_equal(&start, &now, FIELD_NO_UNDO));
        history_reset(&history, &start);
        assert_true(history_note(&history, &now));
        assert_true(history_undo(&history, &now));
        assert_true(settings_equal(&start, &now, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_history_has_nothing_to_undo_or_redo),
        cmocka_unit_test(unchanged_settings_are_not_a_step),
        cmocka_unit_test(undo_walks_back_and_redo_forth_again),
        cmocka_unit_test(a_change_after_undo_drops_what_could_be_redone),
        cmocka_unit_test(the_oldest_step_goes_when_the_ring_is_full),
        cmocka_unit_test(the_selection_is_neither_a_step_nor_undone),
        cmocka_unit_test(every_field_that_can_be_undone_is_a_step_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
