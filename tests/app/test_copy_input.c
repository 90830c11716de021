/* Ctrl+C, the status line and commands where a pane shows what went into the chain; numbers are
 * those that stand in the documents. */
#include "app/desk.h"
#include "base/file.h"

#include <stdlib.h>

static const char *const QKV =
    "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\"]}, "
    "\"keys\": {\"tokens\": [\"x\", \"y\", \"z\"]}, \"layers\": [{\"heads\": [{"
    "\"q\": [[0.5, -1.25], [2, 3]], \"k\": [[1, 0], [0, 1], [0.125, 7]], "
    "\"v\": [[1], [2], [3]]}]}]}";

static void open_text(Desk *d, const char *text)
{
    char path[600];
    Error err = {0};
    snprintf(path, sizeof path, "%s/copy_input.attn.json", TEST_BINARY_DIR);
    assert_true(file_write_atomic(path, text, strlen(text), &err));
    desk_start(d, 1280, 800, path);
    remove(path);
}

static void the_row_of_a_vector_is_copied_by_token_and_dimension(void **state)
{
    (void)state;
    Desk d;
    open_text(&d, QKV);
    Settings *s = app_settings(d.app);
    s->stage = STAGE_Q;
    s->query = 0;
    desk_settle(&d);
    desk_key(&d, 'c', MOD_CTRL);
    assert_string_equal(d.clipboard, "query\tquery token\tdimension\tq\n"
                                     "0\ta\t0\t0.5\n"
                                     "0\ta\t1\t-1.25\n");
    assert_true(desk_drawn(&d, "vector copied, 2 dimensions"));
    s->stage = STAGE_K;
    s->query = FIELD_NOTHING;
    s->key = 2;
    desk_settle(&d);
    desk_key(&d, 'c', MOD_CTRL);
    assert_string_equal(d.clipboard, "key\tkey token\tdimension\tk\n"
                                     "2\tz\t0\t0.125\n"
                                     "2\tz\t1\t7\n");
    s->stage = STAGE_WEIGHTS;
    s->query = 1;
    desk_settle(&d);
    desk_key(&d, 'c', MOD_CTRL);
    assert_non_null(strstr(d.clipboard, "query\tquery token\tkey\tkey token\tscore"));
    desk_stop(&d);
}

static void the_status_line_names_the_dimension_and_its_value(void **state)
{
    (void)state;
    Desk d;
    open_text(&d, QKV);
    app_settings(d.app)->stage = STAGE_K;
    desk_settle(&d);
    Rect m = d.app->panes[0].heatmap_layout.matrix;
    /* the middle of row 2 of 3, column 1 of 2 */
    desk_move(&d, m.x + 0.75f * m.w, m.y + m.h * 5 / 6);
    desk_settle(&d);
    assert_true(desk_drawn(&d, "dimension"));
    assert_true(desk_drawn(&d, "value"));
    bool seven = false;
    for (size_t i = 0; i < d.list->count; i++)
        seven |= d.list->items[i].kind == DRAW_TEXT && strtod(d.list->items[i].text, NULL) == 7;
    assert_true(seven);
    desk_stop(&d);
}

static const char *missing(Desk *d, const char *id)
{
    const Command *command = command_find(id);
    assert_non_null(command);
    return command->missing ? command->missing(d->app) : NULL;
}

static void nothing_is_copied_or_exported_of_an_empty_text(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1280, 800, desk_example("type-a-sentence"));
    assert_null(missing(&d, "file.export"));
    desk_click_cell(&d, 1, 1, 0);
    assert_null(missing(&d, "edit.copy"));
    desk_key(&d, 't', MOD_CTRL);
    desk_text(&d, " ");
    assert_null(app_scope(d.app)->result);
    assert_string_equal(missing(&d, "file.export"), "No tokens: type a sentence.");
    assert_string_equal(missing(&d, "edit.copy"), "No tokens: type a sentence.");
    desk_stop(&d);
    desk_start(&d, 1280, 800, NULL);
    assert_string_equal(missing(&d, "file.export"), "No document is open.");
    assert_string_equal(missing(&d, "edit.copy"), "No document is open.");
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_of_a_vector_is_copied_by_token_and_dimension),
        cmocka_unit_test(the_status_line_names_the_dimension_and_its_value),
        cmocka_unit_test(nothing_is_copied_or_exported_of_an_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
