/* Feature maps, strips and gates before the whole application: their rows are no queries or their
 * columns no keys, and nothing may take the one for the other.
 */
#include "app/desk.h"

#include "app/export.h"
#include "base/index_set.h"
#include "draw/trace.h"

/* Four queries, three keys, features of two; with an alignment that is none of its cells. */
static const char FEATURES[] =
    "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\", \"c\", \"d\"]},"
    " \"keys\": {\"tokens\": [\"x\", \"y\", \"z\"]}, \"alignment\": {\"sure\": [[2, 3], [0, 0]]},"
    " \"layers\": [{\"heads\": [{\"q\": [[1,0],[0,1],[1,1],[-1,2]], \"k\": [[1,0],[0,1],[1,1]],"
    " \"v\": [[1,2],[3,4],[5,6]], \"score\": {\"kind\": \"featurewise\","
    " \"w_q\": [[1,0],[0,1]], \"w_k\": [[1,0],[0,1]]}}]}]}";

/* More channels than positions. */
static const char GATE[] =
    "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{"
    "\"x\": [[1,2,3],[4,5,6]], \"score\": {\"kind\": \"gate\","
    " \"conv1\": [[1,0,0],[0,1,0],[0,0,1]], \"conv2\": [[0,0,1],[0,1,0],[1,0,0]]}}]}]}";

static void start(Desk *d, int w, int h, const char *example, const char *const *sets)
{
    Error err = {0};
    desk_start(d, w, h, desk_example(example));
    for (int i = 0; sets && sets[i]; i++)
        if (!settings_assign(app_settings(d->app), sets[i], &err))
            fail_msg("%s: %s", sets[i], err.what);
    desk_settle(d);
}

static void start_text(Desk *d, const char *text)
{
    const char *path = check_path(check_temp_dir(), "form.attn.json");
    check_put(path, text);
    desk_start(d, 1280, 800, path);
}

static const char *const LAYER_2[] = {"layer=2", NULL};

static void a_feature_map_says_whose_it_is_and_is_stepped_through(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", LAYER_2);
    Settings *s = app_settings(d.app);
    assert_int_equal(desk_result(&d)->form, FORM_FEATURES);
    assert_true(desk_drawn(&d, "map of"));
    assert_true(desk_drawn(&d, "none is selected"));
    assert_int_equal(d.app->scope.input.row_query, 0);
    desk_click(&d, "canvas/pane1/map/next");
    assert_int_equal(s->query, 1);
    assert_int_equal(d.app->scope.input.row_query, 1);
    assert_false(desk_drawn(&d, "none is selected"));
    desk_key(&d, KEY_DOWN, 0);
    assert_int_equal(d.app->scope.input.row_query, 2);
    assert_true(desk_drawn(&d, "watering can"));
    desk_click(&d, "canvas/pane1/map/previous");
    desk_key(&d, KEY_UP, 0);
    desk_key(&d, KEY_UP, 0);
    assert_int_equal(s->query, 0);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_int_equal(s->query, FIELD_NOTHING);
    desk_key(&d, KEY_DOWN, 0); /* from the first, which is seen, to the next */
    assert_int_equal(s->query, 1);
    s->query = 6;
    desk_settle(&d);
    desk_key(&d, KEY_DOWN, 0);
    assert_int_equal(s->query, 6);
    assert_false(desk_item(&d, "canvas/pane1/map/next")->enabled);
    desk_stop(&d);
}

static void cells_of_a_feature_map_choose_keys_alone(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", LAYER_2);
    Settings *s = app_settings(d.app);
    s->query = 2;
    desk_settle(&d);
    desk_click_cell(&d, 7, 8, 0);
    assert_int_equal(s->query, 2);
    assert_int_equal(s->key, 8);
    desk_click_cell(&d, 5, 3, MOD_SHIFT);
    assert_int_equal(s->queries, 0);
    assert_int_equal(s->query, 2);
    assert_true(desk_drawn(&d, "feature 5 → neck pouch")); /* the card */
    assert_true(desk_drawn(&d, "feature 5"));
    assert_true(desk_drawn(&d, "features, mean") || desk_drawn(&d, "feature 5"));
    desk_click_cell(&d, 5, 4, MOD_CTRL);
    IndexSet hidden = index_set(s->attn.mask.hidden);
    assert_int_equal(hidden.count, 1);
    assert_int_equal(hidden.items[0], 4);
    for (int f = 0; f < desk_result(&d)->n_q; f++) {
        assert_true(desk_weight(&d, f, 4) == 0);
        assert_true(fabs(desk_row_sum(&d, f) - 1) < 1e-6);
    }
    desk_stop(&d);
}

static void the_output_of_a_feature_map_has_a_row_for_every_query(void **state)
{
    static const char *const sets[] = {"layer=2", "stage=output", "query=2", NULL};
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", sets);
    assert_int_equal(desk_result(&d)->stage[STAGE_OUTPUT].rows, 7);
    assert_true(desk_drawn(&d, "neck pouch"));
    assert_false(desk_drawn(&d, "map of"));
    Vec2 at;
    assert_true(app_cell_point(d.app, 6, 1, &at));
    desk_move(&d, at.x, at.y);
    desk_frame(&d);
    assert_int_equal(d.app->hover.hover_query, -1); /* there is no feature 6 under the pointer */
    assert_int_equal(d.app->hover_token, 6);
    assert_int_equal(d.app->panes[0].scene.focus.hover_query, 6);
    desk_click_at(&d, at.x, at.y, 0);
    assert_int_equal(app_settings(d.app)->query, 6);
    desk_stop(&d);
}

static void a_copied_feature_names_query_feature_and_key(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", LAYER_2);
    app_settings(d.app)->query = 2;
    desk_settle(&d);
    desk_key(&d, 'c', MOD_CTRL);
    assert_null(d.clipboard); /* no feature is pointed at */
    assert_string_equal(app_notice_text(d.app, 0),
                        "Copy the cell or the row as TSV: Point at a feature.");
    desk_hover_cell(&d, 7, 8);
    desk_key(&d, 'c', MOD_CTRL);
    assert_non_null(d.clipboard);
    const char *want = "query\tquery token\tfeature\tkey\tkey token\tscore\tscaled\tweight\n"
                       "2\twatering can\t7\t8\trake\t";
    assert_true(strncmp(d.clipboard, want, strlen(want)) == 0);
    desk_stop(&d);
}

static void a_strip_is_one_row_and_its_output_one_for_each_query(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "mood", NULL);
    const AttnResult *r = desk_result(&d);
    assert_int_equal(r->form, FORM_STRIP);
    assert_int_equal(r->n_q, 1);
    assert_int_equal(r->n_k, 9);
    assert_true(desk_drawn(&d, "one for all"));
    assert_false(desk_drawn(&d, "received"));
    desk_click_cell(&d, 0, 8, 0);
    assert_int_equal(app_settings(d.app)->key, 8);
    assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
    assert_true(desk_drawn(&d, "all → terrible"));
    desk_key(&d, 'c', MOD_CTRL);
    assert_non_null(d.clipboard);
    assert_true(strncmp(d.clipboard, "key\tkey token\tscore", 19) == 0);
    desk_move(&d, 640, 790);
    assert_true(desk_drawn(&d, "recorded"));
    desk_run(&d, "stage.output");
    r = desk_result(&d);
    assert_int_equal(r->stage[STAGE_OUTPUT].rows, 9);
    for (int i = 1; i < 9; i++)
        assert_memory_equal(matrix_row(r->stage[STAGE_OUTPUT], i),
                            matrix_row(r->stage[STAGE_OUTPUT], 0), 2 * sizeof(float));
    Vec2 at;
    assert_true(app_cell_point(d.app, 4, 1, &at));
    desk_click_at(&d, at.x, at.y, 0);
    assert_int_equal(app_settings(d.app)->query, 4);
    desk_stop(&d);
}

static void a_gate_lies_over_the_picture_as_a_mean_or_a_channel(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "image-gate", NULL);
    Settings *s = app_settings(d.app);
    assert_int_equal(desk_result(&d)->form, FORM_GATE);
    assert_int_equal(d.app->panes[0].view, VIEW_PATCHES);
    assert_int_equal(s->query, FIELD_NOTHING); /* nothing is asked from a patch */
    assert_true(desk_drawn(&d, "mean over 8 channels"));
    assert_false(desk_drawn(&d, "where the marked patch looks"));
    desk_click(&d, "canvas/pane1/channel/next");
    assert_int_equal(s->key, 0);
    assert_true(desk_drawn(&d, "channel 0"));
    assert_false(desk_drawn(&d, "mean over 8 channels"));
    Rect strip = d.app->panes[0].patches_layout.heads;
    desk_click_at(&d, strip.x + 16 + 62 * 5 + 27, strip.y + 60, 0); /* mean, 0, 1, 2, 3, 4 */
    assert_int_equal(s->key, 4);
    Rect cell = patches_cell(&d.app->panes[0].scene, &d.app->panes[0].patches_layout, 30);
    desk_click_at(&d, cell.x + 9, cell.y + 9, 0);
    assert_int_equal(s->query, 30);
    assert_int_equal(s->key, 4);
    assert_true(desk_drawn(&d, "patch 2, 6 → channel 4"));
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_LEFT, 0);
    assert_int_equal(s->query, 30 + 12 - 1);
    desk_click_at(&d, strip.x + 16 + 27, strip.y + 60, 0);
    assert_int_equal(s->key, FIELD_NOTHING);
    desk_stop(&d);
}

static void channels_are_never_hidden(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "image-gate", NULL);
    Settings *s = app_settings(d.app);
    Rect cell = patches_cell(&d.app->panes[0].scene, &d.app->panes[0].patches_layout, 17);
    desk_click_at(&d, cell.x + 9, cell.y + 9, MOD_CTRL);
    const UiItem *bars = desk_item(&d, "row/bars");
    for (float y = bars->rect.y; y < rect_bottom(bars->rect); y += 8)
        desk_click_at(&d, bars->rect.x + 40, y, MOD_CTRL);
    assert_true(s->key >= 0);
    desk_key(&d, 'h', 0);
    assert_true(strstr(app_notice_text(d.app, 0), "channels") != NULL);
    s->view = 1 + VIEW_HEATMAP;
    desk_settle(&d);
    desk_click_cell(&d, 5, 3, MOD_CTRL);
    assert_int_equal(s->attn.mask.hidden, 0);
    assert_int_equal(s->query, 5);
    assert_int_equal(s->key, 3);
    desk_stop(&d);
}

static void a_key_is_a_channel_where_there_are_more_of_them_than_positions(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    start_text(&d, GATE);
    Settings *s = app_settings(d.app);
    assert_int_equal(desk_result(&d)->n_q, 2);
    assert_int_equal(desk_result(&d)->n_k, 3);
    s->key = 2;
    desk_settle(&d);
    assert_int_equal(s->key, 2);
    assert_true(desk_drawn(&d, "channel 2"));
    Settings wrong = *s;
    wrong.key = 3;
    assert_false(scope_check(app_scope(d.app), &wrong, &err));
    assert_string_equal(err.what, "key: expected 0 … 2, found 3");
    desk_key(&d, KEY_RIGHT, 0);
    assert_int_equal(s->key, 2);
    s->query = 1;
    desk_key(&d, 'c', MOD_CTRL);
    assert_true(strncmp(d.clipboard, "query\tquery token\tchannel\t", 26) == 0);
    assert_non_null(strstr(d.clipboard, "\n1\tb\t2\t"));
    desk_stop(&d);
}

static void heads_of_unlike_forms_have_no_mean_and_say_so(void **state)
{
    static const char *const sets[] = {"layer=mean", NULL};
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", sets);
    assert_null(desk_result(&d));
    assert_true(desk_drawn(&d, "Nothing to show for these heads together"));
    assert_true(desk_drawn(&d, "features × keys"));
    desk_click(&d, "one head");
    assert_non_null(desk_result(&d));
    assert_int_equal(app_settings(d.app)->layer, 0);
    desk_stop(&d);
}

static void gold_links_are_no_cells_of_a_feature_map(void **state)
{
    Desk d;
    (void)state;
    start_text(&d, FEATURES);
    app_settings(d.app)->gold = true;
    desk_settle(&d);
    assert_false(d.app->panes[0].scene.has_gold);
    assert_false(desk_drawn(&d, "possible"));
    app_settings(d.app)->attn.score.kind = SCORE_DOT;
    desk_settle(&d);
    assert_int_equal(desk_result(&d)->form, FORM_PAIRS);
    assert_true(d.app->panes[0].scene.has_gold);
    desk_stop(&d);
}

static void recorded_numbers_of_the_same_form_are_compared(void **state)
{
    static const char *const examples[] = {"mood", "image-gate"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        Desk d;
        start(&d, 1280, 800, examples[i], NULL);
        const AttnResult *r = desk_result(&d);
        assert_true(r->recorded_error >= 0 && r->recorded_error < 1e-5);
        assert_true(desk_drawn(&d, "|live − recorded|"));
        assert_false(desk_drawn(&d, "previous token"));
        assert_false(desk_drawn(&d, "mean distance"));
        desk_stop(&d);
    }
}

static void numbers_are_called_as_the_file_has_them(void **state)
{
    Desk d;
    (void)state;
    start(&d, 1280, 800, "shopping", LAYER_2); /* prepared in f64, stored as f32 */
    assert_true(desk_drawn(&d, "8 × 12 · d_k 8 · f32"));
    assert_false(desk_drawn(&d, "f64"));
    desk_stop(&d);
}

/* Every view of every stage, of every form, as SVG and as TSV. */
static void every_view_and_stage_is_exported(void **state)
{
    static const struct {
        const char *name;
        int layer;
    } docs[] = {{"shopping", 2}, {"mood", 0}, {"image-gate", 0}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        Scope scope;
        Settings s = settings_default();
        LoadRequest request = {.path = desk_example(docs[i].name), .limits = load_limits_default()};
        Font font = font_fixed();
        TextKit kit = {&font, 1, theme(THEME_LIGHT)};
        DrawList list;
        draw_list_init(&list);
        assert_true(scope_init(&scope, NULL) && scope_open(&scope, &request, NULL));
        s.layer = docs[i].layer;
        for (int stage = 0; stage < STAGE_COUNT; stage++)
            for (int view = 0; view < VIEW_COUNT; view++) {
                Error err = {0};
                s.stage = stage;
                s.query = (stage + view) % 4 - 1;
                s.key = (stage * 3 + view) % 7 - 1;
                bool ok = export_view(&scope, &s, &kit, view, 500, 400, &list, &err);
                assert_true(ok || (err.kind == ERROR_USAGE && view == VIEW_PATCHES));
                assert_true(!ok || list.count > 2); /* at least why there is no picture */
            }
        draw_list_free(&list);
        scope_free(&scope);
    }
}

/* The three pictures as text: nothing of the panels around them. */
static void the_pictures_of_the_forms_are_as_they_were(void **state)
{
    static const struct {
        const char *golden, *example;
        int layer, query, key, view;
    } pictures[] = {{"app/form_features.txt", "shopping", 2, 2, 8, VIEW_HEATMAP},
                    {"app/form_strip.txt", "mood", 0, -1, 8, VIEW_HEATMAP},
                    {"app/form_gate.txt", "image-gate", 0, 30, 4, VIEW_PATCHES},
                    {"app/form_gate_mean.txt", "image-gate", 0, -1, -1, VIEW_PATCHES}};
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        Scope scope;
        Settings s = settings_default();
        LoadRequest request = {.path = desk_example(pictures[i].example),
                               .limits = load_limits_default()};
        Font font = font_fixed();
        TextKit kit = {&font, 1, theme(THEME_LIGHT)};
        DrawList list;
        Buf trace;
        draw_list_init(&list);
        buf_init(&trace, BUF_NO_LIMIT);
        assert_true(scope_init(&scope, NULL) && scope_open(&scope, &request, NULL));
        s.layer = pictures[i].layer;
        s.query = pictures[i].query < 0 ? FIELD_NOTHING : pictures[i].query;
        s.key = pictures[i].key < 0 ? FIELD_NOTHING : pictures[i].key;
        assert_true(export_view(&scope, &s, &kit, pictures[i].view, 760, 640, &list, NULL));
        assert_true(trace_write(&trace, &list, NULL));
        check_text_golden(pictures[i].golden, trace.data, trace.size);
        buf_free(&trace);
        draw_list_free(&list);
        scope_free(&scope);
    }
}

/* ---- a person without a plan ---- */

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % sides;
}

static void one_deed(Desk *d, uint32_t *seed)
{
    static const int keys[] = {KEY_UP,     KEY_DOWN, KEY_LEFT, KEY_RIGHT,   '1',          '2',
                               '3',        '6',      'h',      'g',         's',          '+',
                               '-',        '0',      '[',      ']',         ',',          '.',
                               KEY_ESCAPE, 'c',      'w',      KEY_PAGE_UP, KEY_PAGE_DOWN};
    static const int mods[] = {0, 0, 0, MOD_CTRL, MOD_SHIFT};
    static const char *const sets[] = {"stage=weights",
                                       "stage=output",
                                       "stage=k",
                                       "stage=scores",
                                       "view2=lines",
                                       "view2=patches",
                                       "view2=none",
                                       "lines.layout=horizontal",
                                       "color.range=heads",
                                       "color.range=row",
                                       "score.kind=auto",
                                       "score.kind=dot",
                                       "score.kind=gate",
                                       "score.kind=elementwise",
                                       "score.kind=featurewise",
                                       "head=mean",
                                       "head=0",
                                       "layer=max",
                                       "layer=0",
                                       "layer=2",
                                       "temperature=0",
                                       "temperature=1",
                                       "mask.causal=true",
                                       "mask.causal=false",
                                       "overlay=spotlight",
                                       "stage=x",
                                       "stage=q",
                                       "queries=0-1"};
    float x = (float)dice(seed, (uint32_t)d->in.pixel_w),
          y = (float)dice(seed, (uint32_t)d->in.pixel_h);
    switch (dice(seed, 4)) {
    case 0:
        desk_move(d, x, y);
        d->in.wheel = vec2(0, (float)dice(seed, 5) - 2);
        desk_frame(d);
        break;
    case 1:
        d->in.key = keys[dice(seed, sizeof keys / sizeof *keys)];
        d->in.mods = d->in.key == 'c' ? MOD_CTRL : 0;
        desk_frame(d);
        break;
    case 2: /* not the bar above, where files are opened and panels closed */
        desk_move(d, x, y < 60 ? 300 : y);
        int held = mods[dice(seed, 5)];
        desk_press(d, 1, held);
        desk_release(d, held);
        break;
    default:
        settings_assign(app_settings(d->app), sets[dice(seed, sizeof sets / sizeof *sets)], NULL);
        desk_frame(d);
    }
}

static void nothing_that_a_person_does_reads_outside_of_them(void **state)
{
    static const char *const docs[] = {"shopping", "mood", "image-gate"};
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        Desk d;
        uint32_t seed = 77 + i;
        start(&d, i == 1 ? 640 : 1280, i == 1 ? 480 : 800, docs[i], i == 0 ? LAYER_2 : NULL);
        for (int deed = 0; deed < 700 && !d.ended; deed++)
            one_deed(&d, &seed);
        assert_true(d.app->scope.open);
        desk_stop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feature_map_says_whose_it_is_and_is_stepped_through),
        cmocka_unit_test(cells_of_a_feature_map_choose_keys_alone),
        cmocka_unit_test(the_output_of_a_feature_map_has_a_row_for_every_query),
        cmocka_unit_test(a_copied_feature_names_query_feature_and_key),
        cmocka_unit_test(a_strip_is_one_row_and_its_output_one_for_each_query),
        cmocka_unit_test(a_gate_lies_over_the_picture_as_a_mean_or_a_channel),
        cmocka_unit_test(channels_are_never_hidden),
        cmocka_unit_test(a_key_is_a_channel_where_there_are_more_of_them_than_positions),
        cmocka_unit_test(heads_of_unlike_forms_have_no_mean_and_say_so),
        cmocka_unit_test(gold_links_are_no_cells_of_a_feature_map),
        cmocka_unit_test(recorded_numbers_of_the_same_form_are_compared),
        cmocka_unit_test(numbers_are_called_as_the_file_has_them),
        cmocka_unit_test(every_view_and_stage_is_exported),
        cmocka_unit_test(the_pictures_of_the_forms_are_as_they_were),
        cmocka_unit_test(nothing_that_a_person_does_reads_outside_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
