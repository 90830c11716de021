/* Typing a sentence: every letter is in the very next frame, and what stands there in the end is
 * what a fresh opening with that text gives, to the bit. */
#include "app/desk.h"
#include "base/index_set.h"
#include "base/text_set.h"

static const char SENTENCE[] = "The keys to the cabinet are old";

static void start(Desk *d)
{
    desk_start(d, 1280, 800, desk_example("type-a-sentence"));
}

/* One call of app_frame a letter, and no other. */
static void type_letters(Desk *d, const char *text)
{
    for (const char *c = text; *c; c++) {
        char letter[2] = {*c, 0};
        d->in.text = letter;
        desk_frame(d);
    }
}

static void every_letter_is_in_the_next_frame(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    assert_int_equal(desk_result(&d)->n_q, 11); /* its own tokens */
    desk_key(&d, 't', MOD_CTRL);
    for (size_t i = 0; i < sizeof SENTENCE - 1; i++) {
        char letter[2] = {SENTENCE[i], 0};
        uint64_t before = desk_hash(&d), key = typed_key(app_scope(d.app)->typed);
        int words = 0;
        for (size_t c = 0; c <= i; c++)
            words += SENTENCE[c] != ' ' && (c == 0 || SENTENCE[c - 1] == ' ');
        d.in.text = letter;
        desk_frame(&d);
        assert_true(desk_hash(&d) != before);
        assert_true(typed_key(app_scope(d.app)->typed) != key);
        assert_int_equal(desk_result(&d)->n_q, words);
        assert_int_equal(desk_result(&d)->n_k, words);
    }
    assert_true(desk_drawn(&d, "cabinet"));
    desk_stop(&d);
}

static void what_is_typed_equals_a_fresh_opening_with_that_text(void **state)
{
    (void)state;
    for (int head = 0; head < 4; head++) {
        Desk typed, fresh;
        start(&typed);
        app_settings(typed.app)->head = head;
        desk_key(&typed, 't', MOD_CTRL);
        type_letters(&typed, SENTENCE);
        start(&fresh);
        Settings *s = app_settings(fresh.app);
        s->head = head;
        s->text = text_set_intern(SENTENCE, sizeof SENTENCE - 1);
        s->text_typed = true;
        desk_frame(&fresh);
        const AttnResult *a = desk_result(&typed), *b = desk_result(&fresh);
        assert_int_equal(a->n_q, 7);
        assert_int_equal(b->n_q, 7);
        for (int i = 0; i < 7; i++)
            assert_memory_equal(matrix_row(a->stage[STAGE_WEIGHTS], i),
                                matrix_row(b->stage[STAGE_WEIGHTS], i), 7 * sizeof(float));
        if (head == 2) /* are, not far from cabinet, asks for keys */
            assert_true(matrix_row(a->stage[STAGE_WEIGHTS], 5)[1] > 0.9f);
        desk_stop(&typed);
        desk_stop(&fresh);
    }
}

static void no_tokens_are_a_state_and_actions_do_no_harm(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    desk_click_cell(&d, 9, 9, 0);
    app_settings(d.app)->attn.mask.hidden = index_set_toggle(0, 10);
    desk_key(&d, 't', MOD_CTRL);
    desk_text(&d, " ");
    assert_null(app_scope(d.app)->result);
    assert_true(desk_drawn(&d, "No tokens: type a sentence."));
    assert_int_equal(app_notice_count(d.app), 0);
    /* What has nothing to act on is shut, and the navigator says why it has no numbers. */
    double was = app_settings(d.app)->attn.scale.temperature;
    static const char *const shut[] = {"controls/scale/score", "controls/scale/normaliser",
                                       "controls/scale/d_k",   "controls/scale/temperature",
                                       "controls/mask/causal", "controls/mask/renormalise"};
    for (size_t i = 0; i < sizeof shut / sizeof *shut; i++)
        if (desk_item(&d, shut[i])->enabled)
            fail_msg("%s is open", shut[i]);
    desk_click(&d, "controls/scale/temperature");
    assert_true(app_settings(d.app)->attn.scale.temperature == was);
    assert_true(desk_drawn(&d, "Head 0·0"));
    desk_run(&d, "text.focus");
    static const char *const commands[] = {
        "edit.copy",     "select.down", "select.right",  "head.mean",      "layer.max",
        "mask.hide",     "head.next",   "view.lines",    "view.heads",     "view.heatmap",
        "head.one",      "layer.one",   "view.controls", "view.navigator", "temperature.sharper",
        "norm.sparsemax"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        desk_run(&d, commands[i]);
    desk_run(&d, "text.focus");
    type_letters(&d, "the cat");
    assert_int_equal(desk_result(&d)->n_q, 2);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    desk_run(&d, "text.own");
    assert_int_equal(desk_result(&d)->n_q, 11);
    desk_stop(&d);
}

/* What a sentence lent is gone two texts later (doc/typed.c keeps one of before). Of a text without
 * tokens nothing is computed, and the panels stand on what scope->input lends: nothing. */
static void an_emptied_text_lends_nothing(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    desk_key(&d, 't', MOD_CTRL);
    type_letters(&d, "the cat");
    assert_non_null(app_scope(d.app)->input.spec);
    for (int i = 0; i < 7; i++)
        desk_key(&d, KEY_BACKSPACE, 0);
    assert_null(app_scope(d.app)->result);
    for (int i = 0; i < 3; i++) {
        type_letters(&d, " ");
        assert_null(app_scope(d.app)->input.spec);
        assert_int_equal(app_scope(d.app)->input.n_q, 0);
        desk_key(&d, KEY_BACKSPACE, 0);
        assert_null(app_scope(d.app)->input.spec);
    }
    type_letters(&d, "cat");
    assert_int_equal(desk_result(&d)->n_q, 1);
    desk_stop(&d);
}

static void unknown_words_are_told(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    desk_key(&d, 't', MOD_CTRL);
    type_letters(&d, "the gnu sees foo");
    assert_true(desk_drawn(&d, "2 unknown"));
    assert_true(desk_drawn(&d, "2 words are not in the vocabulary: gnu, foo"));
    const Axis *keys = &app_scope(d.app)->keys;
    assert_true(keys->unknown && !keys->unknown[0] && keys->unknown[1] && keys->unknown[3]);
    desk_stop(&d);
}

static void undo_takes_words_back_and_the_field_follows(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    desk_key(&d, 't', MOD_CTRL);
    type_letters(&d, "the cat sleeps");
    desk_key(&d, 'z', MOD_CTRL);
    assert_string_equal(text_set(app_settings(d.app)->text), "the cat ");
    assert_string_equal(desk_item(&d, "text/sentence")->value, "the cat ");
    assert_int_equal(desk_result(&d)->n_q, 2);
    desk_key(&d, 'z', MOD_CTRL);
    desk_key(&d, 'z', MOD_CTRL);
    assert_false(app_settings(d.app)->text_typed);
    assert_int_equal(desk_result(&d)->n_q, 11);
    desk_stop(&d);
}

static void choosing_a_sentence_shows_it_whatever_was_typed(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("mood"));
    for (int way = 0; way < 3; way++) {
        desk_key(&d, 't', MOD_CTRL);
        type_letters(&d, "good");
        assert_true(app_settings(d.app)->text_typed);
        desk_key(&d, KEY_ESCAPE, 0);
        if (way == 0)
            desk_click(&d, "navigator/sentence 2");
        else if (way == 1)
            desk_run(&d, "sentence.next");
        else /* the one that was chosen before */
            desk_click(&d, "navigator/sentence 3");
        const DocSentence *s = &app_scope(d.app)->doc.sentences[way == 0 ? 2 : 3];
        assert_false(app_settings(d.app)->text_typed);
        assert_ptr_equal(scope_sentence(app_scope(d.app), app_settings(d.app)), s);
        assert_int_equal(app_scope(d.app)->keys.count, s->keys.count);
        assert_string_equal(desk_item(&d, "text/sentence")->value, "");
    }
    desk_stop(&d);
}

static void vectors_are_shown_with_their_tokens_as_rows(void **state)
{
    (void)state;
    Desk d;
    start(&d);
    for (int stage = STAGE_CHAIN; stage < STAGE_COUNT; stage++) {
        app_settings(d.app)->stage = stage;
        desk_settle(&d);
        const AttnResult *r = desk_result(&d);
        assert_int_equal(stage == STAGE_X_K, r->absent[stage] != NULL);
        if (stage == STAGE_X_K)
            continue;
        assert_int_equal(r->stage[stage].rows, 11);
        assert_int_equal(d.app->panes[0].heatmap_layout.cols, r->stage[stage].cols);
        bool keys = scene_rows_are_keys((Stage)stage);
        assert_ptr_equal(d.app->panes[0].scene.queries,
                         keys ? &app_scope(d.app)->keys : &app_scope(d.app)->queries);
        desk_run(&d, "select.none");
        desk_click_cell(&d, 3, 1, 0);
        assert_int_equal(app_settings(d.app)->query, keys ? FIELD_NOTHING : 3);
        assert_int_equal(app_settings(d.app)->key, keys ? 3 : FIELD_NOTHING);
    }
    desk_stop(&d);
}

static void without_a_vocabulary_there_is_no_field(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("three-tokens"));
    assert_null(ui_find(app_ui(d.app), "text/sentence"));
    app_settings(d.app)->text_typed = true;
    desk_settle(&d);
    assert_int_equal(desk_result(&d)->n_q, 3);
    assert_false(app_settings(d.app)->text_typed);
    desk_stop(&d);
}

static void every_size_and_theme_has_room_for_the_field(void **state)
{
    (void)state;
    static const int sizes[][2] = {{640, 480}, {320, 240}, {1000, 600}, {1920, 1080}, {200, 150}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int theme = 0; theme < 3; theme++) {
            Desk d;
            start(&d);
            d.in.pixel_w = sizes[i][0];
            d.in.pixel_h = sizes[i][1];
            app_settings(d.app)->theme = theme;
            app_settings(d.app)->text_typed = true;
            desk_settle(&d);
            app_settings(d.app)->text = text_set_intern("foo the bar", 11);
            desk_settle(&d);
            assert_int_equal(desk_result(&d)->n_q, 3);
            desk_stop(&d);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_in_the_next_frame),
        cmocka_unit_test(what_is_typed_equals_a_fresh_opening_with_that_text),
        cmocka_unit_test(no_tokens_are_a_state_and_actions_do_no_harm),
        cmocka_unit_test(an_emptied_text_lends_nothing),
        cmocka_unit_test(unknown_words_are_told),
        cmocka_unit_test(undo_takes_words_back_and_the_field_follows),
        cmocka_unit_test(choosing_a_sentence_shows_it_whatever_was_typed),
        cmocka_unit_test(vectors_are_shown_with_their_tokens_as_rows),
        cmocka_unit_test(without_a_vocabulary_there_is_no_field),
        cmocka_unit_test(every_size_and_theme_has_room_for_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
