/* Documents: a large one is read beside the frames and changes nothing before it is whole; what
 * changes on disk is offered, and reloading keeps the settings.
 *
 * The program is linked with --wrap=load_document: a gate holds the reading thread where a test
 * wants it, so that nothing here hangs on how fast a file is read.
 */
#include "app/desk.h"

#include "app/state.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { LARGE_BYTES = (4 << 20) + 4096 };

/* ---- the gate ------------------------------------------------------------- */

static struct {
    atomic_bool closed; /* readers wait, having told of a quarter */
    atomic_bool deaf;   /* readers are past their last look at `cancel` */
    atomic_int waiting, loads;
} gate;

bool __real_load_document(Document *out, const LoadRequest *request, Error *err);
bool __wrap_load_document(Document *out, const LoadRequest *request, Error *err);

bool __wrap_load_document(Document *out, const LoadRequest *request, Error *err)
{
    LoadRequest used = *request;
    atomic_fetch_add(&gate.loads, 1);
    if (request->progress && atomic_load(&gate.closed)) {
        request->progress(request->context, 1, 4);
        atomic_fetch_add(&gate.waiting, 1);
        while (atomic_load(&gate.closed) &&
               (atomic_load(&gate.deaf) || !atomic_load(request->cancel)))
            usleep(500);
        atomic_fetch_sub(&gate.waiting, 1);
    }
    if (atomic_load(&gate.deaf))
        used.cancel = NULL;
    return __real_load_document(out, &used, err);
}

static void gate_close(bool deaf)
{
    atomic_store(&gate.deaf, deaf);
    atomic_store(&gate.closed, true);
}

static void gate_open(void)
{
    atomic_store(&gate.closed, false);
}

static void wait_for_reader(const Desk *d)
{
    assert_true(documents_busy(d->app));
    while (atomic_load(&gate.waiting) == 0)
        usleep(500);
}

/* ---- files ---------------------------------------------------------------- */

/* One head of two tokens, so many bytes long. */
static void put_document(const char *path, const char *title, size_t bytes)
{
    Buf text;
    Error err = {0};
    buf_init(&text, BUF_NO_LIMIT);
    buf_printf(&text,
               "{\"attnscope\": 1, \"title\": \"%s\", \"tokens\": [\"a\", \"b\"], \"layers\": "
               "[{\"heads\": [{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]]}]}]",
               title);
    assert_true(buf_reserve(&text, bytes + 2));
    while (text.size + 1 < bytes)
        buf_byte(&text, '\n');
    buf_text(&text, "}");
    if (!file_write_atomic(path, text.data, text.size, &err))
        fail_msg("%s", err.what);
    buf_free(&text);
}

/* A document whose given weights are beside it, in weights.safetensors. */
static const char *put_referring(const char *dir)
{
    const char *path = check_path(dir, "refers.attn.json");
    check_put(path, "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
                    "[{\"weights\": {\"file\": \"weights.safetensors\", \"tensor\": \"w\"}}]}]}");
    return path;
}

static void put_tensor(const char *dir, float first)
{
    static const char header[] =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    uint64_t length = sizeof header - 1;
    const float w[4] = {first, 1 - first, 0.5f, 0.5f};
    Buf bytes;
    Error err = {0};
    buf_init(&bytes, BUF_NO_LIMIT);
    buf_append(&bytes, &length, sizeof length);
    buf_append(&bytes, header, sizeof header - 1);
    buf_append(&bytes, w, sizeof w);
    if (!file_write_atomic(check_path(dir, "weights.safetensors"), bytes.data, bytes.size, &err))
        fail_msg("%s", err.what);
    buf_free(&bytes);
}

/* ---- the window ------------------------------------------------------------ */

/* One small document open; large files are read beside the frames. */
static const char *start(Desk *d)
{
    const char *dir = check_temp_dir();
    Error err = {0};
    put_document(check_path(dir, "small.attn.json"), "Small", 0);
    put_document(check_path(dir, "large.attn.json"), "Large", LARGE_BYTES);
    desk_init(d);
    d->options.background = true;
    desk_open_app(d);
    assert_true(app_open(d->app, check_path(dir, "small.attn.json"), &err));
    desk_settle(d);
    assert_false(documents_busy(d->app));
    return dir;
}

static void finish_reading(Desk *d)
{
    gate_open();
    while (documents_busy(d->app)) {
        usleep(500);
        desk_frame(d);
    }
    atomic_store(&gate.deaf, false);
    desk_settle(d);
}

static void begin_large(Desk *d, const char *dir, bool deaf)
{
    Error err = {0};
    gate_close(deaf);
    assert_true(app_open(d->app, check_path(dir, "large.attn.json"), &err));
    wait_for_reader(d);
    desk_settle(d);
    assert_true(documents_busy(d->app));
}

static const char *title(Desk *d)
{
    return app_scope(d->app)->open ? app_scope(d->app)->doc.title : "none";
}

static void pass_time(Desk *d, double seconds)
{
    d->in.time += seconds;
    desk_settle(d);
}

/* ---- large files ------------------------------------------------------------ */

static void a_large_file_is_read_beside_the_frames(void **state)
{
    Desk d;
    (void)state;
    const char *dir = start(&d);
    begin_large(&d, dir, false);
    assert_string_equal(title(&d), "Small");
    assert_false(desk_drawn(&d, "Opening")); /* most are read before anybody would notice */
    assert_true(d.out.wake > 0 && d.out.wake <= d.in.time + 0.06);
    pass_time(&d, 0.4);
    assert_true(desk_drawn(&d, "Opening large.attn.json"));
    assert_true(desk_drawn(&d, "25\u2009%"));
    desk_run(&d, "mask.causal"); /* the old document is alive meanwhile */
    assert_true(desk_weight(&d, 0, 1) == 0);
    finish_reading(&d);
    assert_string_equal(title(&d), "Large");
    assert_false(app_settings(d.app)->attn.mask.causal);
    assert_false(desk_drawn(&d, "Opening"));
    assert_int_equal(app_notice_count(d.app), 0);
    desk_stop(&d);
}

static void cancelling_leaves_the_old_document(void **state)
{
    (void)state;
    for (int deaf = 0; deaf < 2; deaf++) { /* the second time too late for the reader */
        Desk d;
        const char *dir = start(&d);
        desk_run(&d, "mask.causal");
        begin_large(&d, dir, deaf);
        pass_time(&d, 0.4);
        app_select(d.app, 1, 1);
        if (deaf)
            desk_click(&d, "opening/cancel");
        else /* ends what runs, and leaves alone what is locked */
            desk_key(&d, KEY_ESCAPE, 0);
        finish_reading(&d);
        assert_string_equal(title(&d), "Small");
        assert_int_equal(app_settings(d.app)->query, 1);
        desk_key(&d, KEY_ESCAPE, 0);
        assert_int_equal(app_settings(d.app)->query, FIELD_NOTHING);
        assert_true(app_settings(d.app)->attn.mask.causal);
        assert_int_equal(app_notice_count(d.app), 0);
        assert_false(desk_drawn(&d, "Opening"));
        desk_stop(&d);
    }
}

static void only_large_files_of_a_window_are_read_on_a_thread(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d);
    assert_true(app_open(d.app, check_path(dir, "small.attn.json"), &err));
    assert_false(documents_busy(d.app));
    d.app->options.background = false;
    assert_true(app_open(d.app, check_path(dir, "large.attn.json"), &err));
    assert_false(documents_busy(d.app));
    assert_string_equal(title(&d), "Large");
    desk_stop(&d);
}

static void a_large_bad_file_is_a_notice(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d), *bad = check_path(dir, "bad.attn.json");
    put_document(bad, "quote \\\" and \\x", LARGE_BYTES);
    assert_true(app_open(d.app, bad, &err)); /* so far */
    finish_reading(&d);
    assert_string_equal(title(&d), "Small");
    assert_int_equal(app_notice_count(d.app), 1);
    assert_memory_equal(app_notice_text(d.app, 0), "bad.attn.json: ", 15);
    desk_stop(&d);
}

static void the_last_wish_counts(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d);
    put_document(check_path(dir, "other.attn.json"), "Other", 0);
    begin_large(&d, dir, false);
    assert_true(app_open(d.app, check_path(dir, "other.attn.json"), &err));
    assert_false(documents_busy(d.app));
    finish_reading(&d);
    assert_string_equal(title(&d), "Other");
    begin_large(&d, dir, false);
    desk_run(&d, "file.close");
    finish_reading(&d);
    assert_false(app_scope(d.app)->open);
    begin_large(&d, dir, false); /* and the window may go at any time */
    desk_stop(&d);
    gate_open();
}

/* ---- reloading --------------------------------------------------------------- */

static void reloading_keeps_the_settings(void **state)
{
    Desk d;
    (void)state;
    const char *dir = start(&d);
    app_settings(d.app)->attn.scale.temperature = 0.5;
    desk_run(&d, "mask.causal");
    put_document(check_path(dir, "small.attn.json"), "Smaller", 0);
    desk_key(&d, KEY_F5, 0);
    assert_string_equal(title(&d), "Smaller");
    assert_true(app_settings(d.app)->attn.mask.causal);
    assert_true(app_settings(d.app)->attn.scale.temperature == 0.5);
    assert_non_null(strstr(d.out.title, "\u2022")); /* still not what the file says */
    desk_stop(&d);
}

static void reloading_a_large_file_keeps_what_was_set_meanwhile(void **state)
{
    Desk d;
    (void)state;
    const char *dir = start(&d);
    begin_large(&d, dir, false);
    finish_reading(&d);
    put_document(check_path(dir, "large.attn.json"), "Larger", LARGE_BYTES);
    gate_close(false);
    desk_key(&d, KEY_F5, 0);
    wait_for_reader(&d);
    app_settings(d.app)->attn.scale.temperature = 0.5;
    desk_run(&d, "mask.causal");
    finish_reading(&d);
    assert_string_equal(title(&d), "Larger");
    assert_true(app_settings(d.app)->attn.mask.causal);
    assert_true(app_settings(d.app)->attn.scale.temperature == 0.5);
    desk_stop(&d);
}

static void a_banner_offers_what_changed_on_disk(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d);
    put_tensor(dir, 0.25f);
    assert_true(app_open(d.app, put_referring(dir), &err));
    desk_settle(&d);
    assert_true(desk_weight(&d, 0, 0) == 0.25);
    pass_time(&d, 5);
    assert_null(ui_find(app_ui(d.app), "notices/changed/yes"));
    put_tensor(dir, 0.75f); /* a file that the document only refers to */
    pass_time(&d, 1);
    assert_null(ui_find(app_ui(d.app), "notices/changed/yes")); /* it looks every other second */
    pass_time(&d, 2);
    assert_true(desk_weight(&d, 0, 0) == 0.25);
    app_settings(d.app)->attn.mask.hidden = 0;
    app_settings(d.app)->query = 1;
    desk_click(&d, "notices/changed/yes");
    assert_true(desk_weight(&d, 0, 0) == 0.75);
    assert_int_equal(app_settings(d.app)->query, 1);
    assert_null(ui_find(app_ui(d.app), "notices/changed/yes"));
    put_tensor(dir, 0.5f);
    pass_time(&d, 3);
    desk_click(&d, "notices/changed/no");
    pass_time(&d, 9);
    assert_null(ui_find(app_ui(d.app), "notices/changed/yes"));
    assert_true(desk_weight(&d, 0, 0) == 0.75);
    desk_stop(&d);
}

static void a_file_that_went_away_leaves_the_document(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d);
    put_tensor(dir, 0.25f);
    assert_true(app_open(d.app, put_referring(dir), &err));
    desk_settle(&d);
    assert_int_equal(unlink(check_path(dir, "weights.safetensors")), 0);
    pass_time(&d, 3);
    desk_click(&d, "notices/changed/yes");
    assert_int_equal(app_notice_count(d.app), 1);
    assert_true(desk_weight(&d, 0, 0) == 0.25);
    desk_stop(&d);
}

/* ---- saving ------------------------------------------------------------------- */

/* A corpus is read again and written beside the frames; then the window shows what was written. */
static void a_corpus_is_saved_beside_the_frames(void **state)
{
    Desk d;
    Error err = {0};
    (void)state;
    const char *dir = start(&d), *dump = check_path(dir, "dev.links"),
               *own = check_path(dir, "dev.attn.json");
    check_put(dump, "0-0 1-1 2-2\n0-0 1-1 1-2\n");
    assert_true(app_open(d.app, dump, &err));
    app_settings(d.app)->sentence = 1;
    desk_settle(&d);
    gate_close(false);
    assert_true(app_save(d.app, own));
    desk_frame(&d);
    assert_non_null(d.app->saving);
    assert_false(app_save(d.app, own)); /* once is enough */
    d.in.time += 1;
    desk_frame(&d);
    assert_true(desk_drawn(&d, "Saving dev.attn.json"));
    const char *drops[] = {check_path(dir, "small.attn.json")};
    d.in.drops = drops;
    d.in.drop_count = 1;
    desk_frame(&d); /* nothing takes the document away meanwhile */
    assert_string_equal(app_scope(d.app)->doc.path, dump);
    gate_open();
    while (d.app->saving || documents_busy(d.app))
        desk_frame(&d);
    desk_settle(&d);
    assert_string_equal(app_scope(d.app)->doc.path, own);
    assert_int_equal(app_settings(d.app)->sentence, 1);
    assert_null(strstr(d.out.title, "\u2022"));
    gate_close(false);
    assert_true(app_open(d.app, dump, &err));
    gate_open();
    finish_reading(&d);
    gate_close(false);
    assert_true(app_save(d.app, check_path(dir, "never.attn.json")));
    d.in.time += 1;
    desk_frame(&d);
    desk_click(&d, "cancel");
    while (d.app->saving)
        desk_frame(&d);
    gate_open();
    assert_int_not_equal(access(check_path(dir, "never.attn.json"), F_OK), 0);
    assert_int_equal(app_notice_count(d.app), 0);
    assert_string_equal(app_scope(d.app)->doc.path, dump);
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_file_is_read_beside_the_frames),
        cmocka_unit_test(cancelling_leaves_the_old_document),
        cmocka_unit_test(only_large_files_of_a_window_are_read_on_a_thread),
        cmocka_unit_test(a_large_bad_file_is_a_notice),
        cmocka_unit_test(the_last_wish_counts),
        cmocka_unit_test(reloading_keeps_the_settings),
        cmocka_unit_test(reloading_a_large_file_keeps_what_was_set_meanwhile),
        cmocka_unit_test(a_banner_offers_what_changed_on_disk),
        cmocka_unit_test(a_file_that_went_away_leaves_the_document),
        cmocka_unit_test(a_corpus_is_saved_beside_the_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
