/* The panel that asks which array of a file is what. */
#include "app/desk.h"

#include "app/mapping.h"

/* A safetensors file of float32 arrays, whose header says `header`, and count numbers. */
static const char *put_arrays(const char *dir, const char *header, const float *numbers, int count)
{
    const char *path = check_path(dir, "arrays.safetensors");
    uint64_t length = strlen(header);
    Buf bytes;
    Error err = {0};
    buf_init(&bytes, BUF_NO_LIMIT);
    buf_append(&bytes, &length, sizeof length);
    buf_append(&bytes, header, length);
    buf_append(&bytes, numbers, (size_t)count * sizeof *numbers);
    if (!file_write_atomic(path, bytes.data, bytes.size, &err))
        fail_msg("%s", err.what);
    buf_free(&bytes);
    return path;
}

/* Two arrays that may both be attention, and one that fits neither. */
static const char *put_unclear(const char *dir)
{
    static const float numbers[] = {0.75f, 0.25f, 0.5f, 0.5f, 0.125f, 0.875f,
                                    0.25f, 0.75f, 1,    2,    3};
    return put_arrays(dir,
                      "{\"one\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                      "\"three\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[32,44]},"
                      "\"two\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[16,32]}}",
                      numbers, 11);
}

static int find_array(const Desk *d, const char *name)
{
    const TensorList *list = &d->app->mapping.state->list;
    for (int i = 0; i < list->count; i++)
        if (strcmp(tensors_name(list, i), name) == 0)
            return i;
    fail_msg("there is no array %s", name);
    return -1;
}

static void start_unclear(Desk *d, const char *dir)
{
    const char *path = put_unclear(dir);
    desk_start(d, 1280, 800, desk_example("three-tokens"));
    d->in.drops = &path;
    d->in.drop_count = 1;
    desk_settle(d);
    assert_non_null(d->app->mapping.state);
}

static void choose(Desk *d, const char *array)
{
    char id[40];
    snprintf(id, sizeof id, "mapping/array %d", find_array(d, array));
    desk_click(d, id);
    assert_int_equal(d->app->mapping.state->chosen, find_array(d, array));
}

static void pick_role(Desk *d, TensorRole role)
{
    MappingState *m = d->app->mapping.state;
    ui_focus(app_ui(d->app), "mapping/role");
    desk_frame(d);
    for (int i = 0; i < ROLE_COUNT && mapping_role(m, m->chosen) != role; i++)
        desk_key(d, mapping_role(m, m->chosen) < role ? KEY_DOWN : KEY_UP, 0);
    if (ui_find(app_ui(d->app), "mapping/role/0")) /* a list that opened takes the choice */
        desk_key(d, KEY_ENTER, 0);
    assert_int_equal(mapping_role(m, m->chosen), role);
}

static void unclear_arrays_are_asked_about(void **state)
{
    Desk d;
    (void)state;
    start_unclear(&d, check_temp_dir());
    assert_int_equal(app_notice_count(d.app), 0);
    assert_int_equal(desk_result(&d)->n_q, 3); /* the old document stays */
    assert_true(desk_drawn(&d, "Which array is what?"));
    assert_true(desk_drawn(&d, "one") && desk_drawn(&d, "two") && desk_drawn(&d, "2 × 2"));
    assert_true(desk_drawn(&d, "f32")); /* a number type by its plain name */
    assert_false(desk_item(&d, "mapping/open")->enabled);
    choose(&d, "two");
    pick_role(&d, ROLE_WEIGHTS);
    assert_true(desk_item(&d, "mapping/open")->enabled);
    desk_click(&d, "mapping/open");
    assert_null(d.app->mapping.state);
    assert_int_equal(desk_result(&d)->n_q, 2);
    assert_float_equal(desk_weight(&d, 0, 0), 0.125, 0);
    assert_non_null(strstr(app_scope(d.app)->doc.origin.map, "two"));
    desk_key(&d, KEY_F5, 0); /* and does not ask again */
    assert_null(d.app->mapping.state);
    assert_float_equal(desk_weight(&d, 0, 0), 0.125, 0);
    desk_run(&d, "file.map"); /* but on demand */
    assert_int_equal(mapping_role(d.app->mapping.state, find_array(&d, "two")), ROLE_WEIGHTS);
    desk_stop(&d);
}

static void cancelling_changes_nothing(void **state)
{
    Desk d;
    (void)state;
    start_unclear(&d, check_temp_dir());
    uint64_t key = app_scope(d.app)->doc.key;
    desk_key(&d, 'c', 0);
    assert_false(app_settings(d.app)->attn.mask.causal);
    desk_key(&d, KEY_ESCAPE, 0);
    assert_null(d.app->mapping.state);
    assert_true(app_scope(d.app)->doc.key == key);
    desk_key(&d, 'c', 0);
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
    start_unclear(&d, check_temp_dir());
    desk_click(&d, "mapping/cancel");
    assert_null(d.app->mapping.state);
    assert_true(app_scope(d.app)->open);
    desk_stop(&d);
}

static void the_keyboard_does_it_all(void **state)
{
    Desk d;
    (void)state;
    start_unclear(&d, check_temp_dir());
    MappingState *m = d.app->mapping.state;
    desk_key(&d, KEY_HOME, 0);
    assert_int_equal(m->chosen, 0);
    desk_key(&d, KEY_END, 0);
    assert_int_equal(m->chosen, m->list.count - 1);
    desk_key(&d, KEY_UP, 0);
    assert_int_equal(m->chosen, m->list.count - 2);
    while (m->chosen != find_array(&d, "one"))
        desk_key(&d, m->chosen > find_array(&d, "one") ? KEY_UP : KEY_DOWN, 0);
    desk_key(&d, KEY_TAB, 0);
    assert_true(desk_item(&d, "mapping/role")->focused);
    pick_role(&d, ROLE_WEIGHTS);
    for (int i = 0; i < 20 && !desk_item(&d, "mapping/open")->focused; i++)
        desk_key(&d, KEY_TAB, 0);
    desk_key(&d, KEY_ENTER, 0);
    assert_null(d.app->mapping.state);
    assert_float_equal(desk_weight(&d, 0, 0), 0.75, 0);
    desk_stop(&d);
}

static void shapes_that_do_not_fit_are_told(void **state)
{
    Desk d;
    (void)state;
    start_unclear(&d, check_temp_dir());
    choose(&d, "one");
    pick_role(&d, ROLE_Q);
    choose(&d, "three");
    pick_role(&d, ROLE_K);
    assert_true(d.app->mapping.state->wrong);
    assert_true(desk_drawn(&d, "k: expected 2 columns as q has, found 3"));
    assert_false(desk_item(&d, "mapping/open")->enabled);
    choose(&d, "two"); /* another array takes the role over */
    pick_role(&d, ROLE_K);
    assert_int_equal(mapping_role(d.app->mapping.state, find_array(&d, "three")), ROLE_NONE);
    assert_true(desk_item(&d, "mapping/open")->enabled);
    desk_click(&d, "mapping/open");
    assert_int_equal(app_scope(d.app)->input.entry, ENTRY_QK);
    desk_stop(&d);
}

static void the_mapping_is_saved_beside_the_data(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    start_unclear(&d, dir);
    choose(&d, "two");
    pick_role(&d, ROLE_WEIGHTS);
    desk_click(&d, "mapping/save");
    assert_true(desk_drawn(&d, "Saved as arrays.attn.json, beside the data."));
    desk_click(&d, "mapping/save"); /* once more: it exists */
    assert_true(desk_drawn(&d, "arrays.attn.json exists: press again to replace it."));
    desk_click(&d, "mapping/save");
    assert_true(desk_drawn(&d, "Saved as arrays.attn.json, beside the data."));
    desk_key(&d, KEY_ESCAPE, 0);
    Error err = {0};
    if (!app_open(d.app, check_path(dir, "arrays.attn.json"), &err))
        fail_msg("%s: %s", err.where, err.what);
    desk_settle(&d);
    assert_float_equal(desk_weight(&d, 0, 0), 0.125, 0);
    assert_memory_equal(app_scope(d.app)->doc.format, "attnscope", 9);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unclear_arrays_are_asked_about),
        cmocka_unit_test(cancelling_changes_nothing),
        cmocka_unit_test(the_keyboard_does_it_all),
        cmocka_unit_test(shapes_that_do_not_fit_are_told),
        cmocka_unit_test(the_mapping_is_saved_beside_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
