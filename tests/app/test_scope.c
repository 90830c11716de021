/* The scope without a window: what it holds after success and after failure. */
#include "app/desk.h"
#include "app/facts.h"
#include "app/view_parts.h"
#include "base/index_set.h"

static bool open_text(Scope *scope, const char *text)
{
    const char *path = check_path(check_temp_dir(), "scope.attn.json");
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    Error err = {0};
    check_put(path, text);
    if (scope_init(scope, &err) && scope_open(scope, &request, &err))
        return true;
    fail_msg("%s: %s", err.where, err.what);
    return false;
}

/* Sentences of 4 and of 2 tokens; 1e300 is no float32, so the second one's head needs a copy. */
static const char SENTENCES[] =
    "{\"attnscope\": 1, \"sentences\": ["
    "{\"tokens\": [\"a\", \"b\", \"c\", \"d\"], \"layers\": [{\"heads\": [{\"scores\": "
    "[[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]]"
    "}]}]},"
    "{\"tokens\": [\"e\", \"f\"], \"layers\": [{\"heads\": [{\"scores\": "
    "[[0.1, -1e300], [0.3, 0.1]]"
    "}]}]}]}";

static void a_sentence_that_cannot_be_computed_leaves_no_result_of_another(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    CellFacts facts;
    assert_true(open_text(&scope, SENTENCES));
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
    assert_int_equal(scope.result->n_k, 4);
    uint64_t memory = scope.doc.memory;
    scope.doc.memory = 0;
    s.sentence = 1;
    s.attn.scale.temperature = 3;
    assert_false(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(scope.keys.count, 2);
    assert_null(scope.result);
    assert_null(scope_exact(&scope, 3));
    assert_null(scope_sums(&scope, NULL));
    assert_false(facts_cell(&scope, 3, 3, &facts));
    assert_false(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err)); /* the next frame */
    assert_null(scope.result);
    scope.doc.memory = memory;
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
    assert_int_equal(scope.result->n_k, 2);
    scope_free(&scope);
}

static void parameters_that_failed_are_not_those_of_the_result(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    assert_true(open_text(&scope, SENTENCES));
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
    s.attn.scale.temperature = -1; /* refused by the pipeline */
    assert_false(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
    const ExactRow *exact = scope_exact(&scope, 2);
    const float *row = matrix_row(scope.result->stage[STAGE_WEIGHTS], 2);
    for (int k = 0; k < 4; k++)
        assert_true(fabs(exact->weights[k] - (double)row[k]) < 1e-6);
    scope_free(&scope);
}

static void the_window_lives_without_a_result(void **state)
{
    (void)state;
    Desk d;
    const char *path = check_path(check_temp_dir(), "two.attn.json");
    check_put(path, SENTENCES);
    desk_start(&d, 1440, 900, path);
    app_settings(d.app)->view2 = 2 + VIEW_LINES;
    desk_settle(&d);
    desk_click_cell(&d, 3, 3, 0);
    app_scope(d.app)->doc.memory = 0;
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(app_settings(d.app)->sentence, 1);
    assert_null(desk_result(&d));
    for (int y = 40; y < 900; y += 60)
        for (int x = 20; x < 1440; x += 90)
            desk_move(&d, (float)x, (float)y);
    static const int keys[] = {KEY_DOWN, KEY_RIGHT, KEY_UP, '+', '-', '.', 'c'};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        desk_key(&d, keys[i], 0);
    assert_null(desk_result(&d));
    desk_stop(&d);
}

/* One head of each entry over the same 3 queries and 4 keys, the last of which is padding. */
static const char ENTRIES[] =
    "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\", \"c\"]},"
    " \"keys\": {\"tokens\": [\"w\", \"x\", \"y\", \"z\"], \"padding\": [0, 0, 0, 1]},"
    " \"layers\": [{\"heads\": ["
    "{\"q\": [[1, 0.5], [-1, 2], [0, 1]], \"k\": [[1, 2], [0.5, -1], [2, 0], [1, 1]]},"
    "{\"scores\": [[1, 2, 3, 4], [0, 0, 1, 2], [5, 3, 1, 0]], \"d_k\": 4},"
    "{\"weights\": [[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25], [0.5, 0, 0.375, 0.125]]}"
    "]}]}";

/* Every combination of masks, by number. */
enum { MASK_CASES = 64 };

static MaskParams mask_case(int at)
{
    static const int hidden[] = {0, 2};
    return (MaskParams){.causal = at & 1,
                        .align = at & 2 ? MASK_BOTTOM : MASK_TOP,
                        .window = at & 4 ? 2 : 0,
                        .padding = (at & 8) != 0,
                        .hidden = at & 16 ? index_set_intern(hidden, 2) : 0,
                        .renormalise = (at & 32) != 0};
}

static void exact_numbers_are_those_of_the_picture_under_every_mask(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    assert_true(open_text(&scope, ENTRIES));
    for (int at = 0; at < 3 * MASK_CASES; at++) {
        s.head = at % 3;
        s.attn.mask = mask_case(at / 3);
        assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), &err));
        for (int q = 0; q < 3; q++) {
            const ExactRow *exact = scope_exact(&scope, q);
            const float *row = matrix_row(scope.result->stage[STAGE_WEIGHTS], q);
            assert_non_null(exact);
            for (int k = 0; k < 4; k++)
                if (!(fabs(exact->weights[k] - (double)row[k]) <= 1e-6))
                    fail_msg("head %d, mask %d, cell %d %d: %g for %g", s.head, at / 3, q, k,
                             exact->weights[k], (double)row[k]);
        }
    }
    scope_free(&scope);
}

static void the_strip_shows_the_rows_of_the_pictures_under_every_mask(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    assert_true(open_text(&scope, ENTRIES));
    for (int at = 0; at < 3 * MASK_CASES; at++) {
        PatchesHead heads[VIEW_STRIP_MAX];
        float *rows = NULL;
        s.query = at % 3;
        s.attn.mask = mask_case(at / 3);
        assert_int_equal(view_strip(&scope, &s, heads, &rows), 3);
        for (int h = 0; h < 3; h++) {
            const AttnResult *r = scope_other(&scope, &s, 0, h, &err);
            assert_non_null(r);
            for (int k = 0; k < 4; k++) {
                float due = matrix_row(r->stage[STAGE_WEIGHTS], s.query)[k];
                assert_true(fabsf(heads[h].row[k] - due) <= 1e-6f);
            }
        }
        mem_free(rows);
    }
    scope_free(&scope);
}

/* Scores up to 9, weights up to 1: the range of one stage is useless to the other. */
static void the_range_over_heads_is_that_of_the_stage_shown(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    Scene scene;
    float lo, hi;
    unsigned both = STAGE_BIT(STAGE_SCORES) | STAGE_BIT(STAGE_WEIGHTS);
    assert_true(open_text(&scope, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\":"
                                  "[{\"heads\": [{\"scores\": [[9, -3], [1, 1]]},"
                                  "{\"weights\": [[0.25, 0.5], [0.5, 0.5]]}]}]}"));
    s.color.range = RANGE_HEADS;
    s.stage = STAGE_SCORES;
    s.stage2 = STAGE_WEIGHTS;
    for (s.head = 0; s.head < 2; s.head++) {
        assert_true(scope_update(&scope, &s, both, &err));
        scope_scene(&scope, &s, NULL, 0, &scene);
        assert_int_equal(scene.stage, s.head == 0 ? STAGE_SCORES : STAGE_WEIGHTS);
        scene_range(&scene, -1, &lo, &hi);
        if (s.head == 0)
            assert_true(lo == -9 && hi == 9);
        else /* fell back to weights: 1 / (1 + e^-12) is the largest */
            assert_true(lo == 0 && hi > 0.99f && hi <= 1);
        scene.stage = STAGE_WEIGHTS; /* as lines do */
        scene_range(&scene, -1, &lo, &hi);
        assert_true(lo == 0 && hi > 0.99f && hi <= 1);
        scope_scene(&scope, &s, NULL, 1, &scene);
        assert_int_equal(scene.stage, STAGE_WEIGHTS);
        scene_range(&scene, -1, &lo, &hi);
        assert_true(lo == 0 && hi > 0.99f && hi <= 1);
    }
    const AttnResult *r = scope_other(&scope, &s, 0, 1, &err);
    assert_non_null(r); /* the spare pipeline saw the other head's scores last */
    assert_true(r->range[STAGE_SCORES].hi == 0 && r->range[STAGE_SCORES].lo == 0);
    scope_free(&scope);
}

static void the_chip_names_the_stage_that_is_seen(void **state)
{
    (void)state;
    Desk d;
    desk_start(&d, 1440, 900, desk_example("one-sentence"));
    app_settings(d.app)->view2 = 2 + VIEW_LINES;
    app_settings(d.app)->stage2 = STAGE_SCORES;
    desk_settle(&d);
    assert_true(desk_drawn(&d, "weights"));
    assert_false(desk_drawn(&d, "scores"));
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_that_cannot_be_computed_leaves_no_result_of_another),
        cmocka_unit_test(parameters_that_failed_are_not_those_of_the_result),
        cmocka_unit_test(the_window_lives_without_a_result),
        cmocka_unit_test(exact_numbers_are_those_of_the_picture_under_every_mask),
        cmocka_unit_test(the_strip_shows_the_rows_of_the_pictures_under_every_mask),
        cmocka_unit_test(the_range_over_heads_is_that_of_the_stage_shown),
        cmocka_unit_test(the_chip_names_the_stage_that_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
