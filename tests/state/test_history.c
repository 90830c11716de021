#include "state/history.h"
#include "base/mem.h"
#include "base/text_set.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static History *fresh(const Settings *now)
{
    History *history = mem_alloc(sizeof *history);
    assert_non_null(history);
    history_reset(history, now);
    return history;
}

static void nothing_can_be_undone_at_first(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    assert_false(history_can_undo(h));
    assert_false(history_can_redo(h));
    assert_false(history_undo(h, &now));
    assert_false(history_redo(h, &now));
    mem_free(h);
}

static void undo_and_redo_walk_over_the_noted_settings(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    for (int i = 1; i <= 3; i++) {
        now.attn.scale.temperature = i * 10;
        assert_true(history_note(h, &now));
        assert_false(history_note(h, &now));
    }
    assert_true(history_undo(h, &now));
    assert_true(now.attn.scale.temperature == 20);
    assert_true(history_undo(h, &now));
    assert_true(history_undo(h, &now));
    assert_true(now.attn.scale.temperature == 1);
    assert_false(history_undo(h, &now));
    for (int i = 1; i <= 3; i++) {
        assert_true(history_redo(h, &now));
        assert_true(now.attn.scale.temperature == i * 10);
    }
    assert_false(history_redo(h, &now));
    mem_free(h);
}

static void undo_is_no_change_of_its_own(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    now.attn.mask.causal = true;
    history_note(h, &now);
    history_undo(h, &now);
    assert_false(history_note(h, &now));
    assert_true(history_can_redo(h));
    mem_free(h);
}

static void a_change_after_undo_drops_what_could_be_redone(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    now.layer = 1;
    history_note(h, &now);
    now.layer = 2;
    history_note(h, &now);
    history_undo(h, &now);
    now.layer = 7;
    assert_true(history_note(h, &now));
    assert_false(history_can_redo(h));
    history_undo(h, &now);
    assert_int_equal(now.layer, 1);
    mem_free(h);
}

static void selection_and_zoom_are_no_steps_and_are_kept(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    now.query = 3;
    now.zoom = 4;
    now.sentence = 2;
    assert_false(history_note(h, &now));
    now.head = 5;
    assert_true(history_note(h, &now));
    now.query = 9;
    assert_true(history_undo(h, &now));
    assert_int_equal(now.head, 0);
    assert_int_equal(now.query, 9);
    assert_int_equal(now.sentence, 2);
    assert_true(now.zoom == 4);
    mem_free(h);
}

static void the_oldest_copies_go_when_the_ring_is_full(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    for (int i = 1; i <= 3 * HISTORY_MAX + 5; i++) {
        now.attn.mask.window = i;
        assert_true(history_note(h, &now));
    }
    int steps = 0;
    while (history_undo(h, &now)) {
        steps++;
        assert_int_equal(now.attn.mask.window, 3 * HISTORY_MAX + 5 - steps);
    }
    assert_int_equal(steps, HISTORY_MAX - 1);
    while (history_redo(h, &now))
        steps--;
    assert_int_equal(steps, 0);
    assert_int_equal(now.attn.mask.window, 3 * HISTORY_MAX + 5);
    mem_free(h);
}

static void a_new_document_forgets_all(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    now.layer = 1;
    history_note(h, &now);
    now = settings_default();
    history_reset(h, &now);
    assert_false(history_can_undo(h));
    assert_false(history_can_redo(h));
    mem_free(h);
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

static void type(History *h, Settings *now, const char *text)
{
    now->text = text_set_intern(text, strlen(text));
    now->text_typed = true;
    assert_true(history_note(h, now));
}

static void typing_is_undone_word_by_word(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    static const char line[] = "the cat sat";
    char text[sizeof line];
    for (size_t n = 1; n < sizeof line; n++) {
        snprintf(text, sizeof text, "%.*s", (int)n, line);
        type(h, &now, text);
    }
    static const char *const back[] = {"the cat ", "the ", ""};
    for (size_t i = 0; i < 3; i++) {
        assert_true(history_undo(h, &now));
        assert_string_equal(text_set(now.text), back[i]);
    }
    assert_false(now.text_typed);
    assert_false(history_can_undo(h));
    assert_true(history_redo(h, &now));
    assert_string_equal(text_set(now.text), "the ");
    mem_free(h);
}

static void deleting_pasting_and_knobs_are_steps_of_their_own(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    type(h, &now, "a sentence that was pasted");
    type(h, &now, "a sentence that was paste");
    type(h, &now, "a sentence that was past");
    now.attn.mask.causal = true;
    history_note(h, &now);
    type(h, &now, "a sentence that was pastx");
    type(h, &now, "a sentence that was pastxy");
    static const char *const back[] = {"a sentence that was past", "a sentence that was past",
                                       "a sentence that was pasted", ""};
    for (size_t i = 0; i < 4; i++) {
        assert_true(history_undo(h, &now));
        assert_string_equal(text_set(now.text), back[i]);
        assert_int_equal(now.attn.mask.causal, i == 0);
    }
    assert_false(history_can_undo(h));
    mem_free(h);
}

static void typing_after_undo_is_a_new_step(void **state)
{
    (void)state;
    Settings now = settings_default();
    History *h = fresh(&now);
    type(h, &now, "one");
    type(h, &now, "one ");
    type(h, &now, "one t");
    history_undo(h, &now);
    assert_string_equal(text_set(now.text), "one ");
    type(h, &now, "one x");
    assert_false(history_can_redo(h));
    history_undo(h, &now);
    assert_string_equal(text_set(now.text), "one ");
    mem_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_can_be_undone_at_first),
        cmocka_unit_test(undo_and_redo_walk_over_the_noted_settings),
        cmocka_unit_test(undo_is_no_change_of_its_own),
        cmocka_unit_test(a_change_after_undo_drops_what_could_be_redone),
        cmocka_unit_test(selection_and_zoom_are_no_steps_and_are_kept),
        cmocka_unit_test(the_oldest_copies_go_when_the_ring_is_full),
        cmocka_unit_test(a_new_document_forgets_all),
        cmocka_unit_test(every_field_that_can_be_undone_is_a_step_of_its_own),
        cmocka_unit_test(typing_is_undone_word_by_word),
        cmocka_unit_test(deleting_pasting_and_knobs_are_steps_of_their_own),
        cmocka_unit_test(typing_after_undo_is_a_new_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
