/* Sentences that are read on demand: walked back and forth with everything that lends from them,
 * bad ones among them; and lists too long to be walked in a frame.
 */
#include "app/desk.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <unistd.h>

enum { SENTENCES = 24, BAD = 7 };

/* As Nematus writes it: id ||| target ||| score ||| source ||| sizes, then a row for each target
 * token and one more, each with a weight for each source token and one more. */
static const char *put_dump(const char *dir, int sentences, int bad)
{
    const char *path = check_path(dir, "out.align");
    Buf text;
    Error err = {0};
    buf_init(&text, BUF_NO_LIMIT);
    for (int s = 0; s < sentences; s++) {
        int rows = 3 + s % 4, cols = 4 + s % 5;
        buf_printf(&text, "%d |||", 100 + s);
        for (int i = 0; i + 1 < rows; i++)
            buf_printf(&text, " t%d.%d", s, i);
        buf_text(&text, " ||| 0 |||");
        for (int j = 0; j + 1 < cols; j++)
            buf_printf(&text, " s%d.%d", s, j);
        buf_printf(&text, " ||| %d %d\n", cols, rows);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols - (s == bad && i == 1); j++)
                buf_printf(&text, "%s%.6f", j ? " " : "",
                           j == (i + s) % cols ? 0.5 : 0.5 / (cols - 1));
            buf_byte(&text, '\n');
        }
        buf_byte(&text, '\n');
    }
    if (!file_write_atomic(path, text.data, text.size, &err))
        fail_msg("%s", err.what);
    buf_free(&text);
    return path;
}

static void look_around(Desk *d)
{
    Vec2 at;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            if (app_cell_point(d->app, i, j, &at)) {
                d->in.mouse = at;
                desk_settle(d);
            }
    if (ui_find(app_ui(d->app), "navigator/grid")) {
        Vec2 grid = desk_middle(d, "navigator/grid");
        desk_move(d, grid.x, grid.y);
        d->in.time += 1; /* a tooltip tells of the head */
        desk_settle(d);
    }
}

static void expect_sentence(Desk *d, int s)
{
    const AttnResult *r = desk_result(d);
    assert_int_equal(app_settings(d->app)->sentence, s);
    assert_non_null(r);
    assert_int_equal(r->n_q, 3 + s % 4);
    assert_int_equal(r->n_k, 4 + s % 5);
    for (int i = 0; i < r->n_q; i++)
        assert_float_equal(desk_weight(d, i, (i + s) % r->n_k), 0.5, 1e-5);
    char token[24];
    snprintf(token, sizeof token, "s%d.0", s);
    assert_true(desk_drawn(d, token));
}

static void sentences_are_walked_back_and_forth(void **state)
{
    Desk d;
    (void)state;
    static const int walk[] = {0, 1, 2, 3, 4, 3, 2, 5, 6, 0, 23, 22, 23, 10, 0};
    desk_start(&d, 1280, 800, put_dump(check_temp_dir(), SENTENCES, -1));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof walk / sizeof *walk; i++) {
            app_choose_sentence(d.app, walk[i]);
            desk_settle(&d);
            expect_sentence(&d, walk[i]);
            look_around(&d);
            desk_click_cell(&d, 1, 1, 0);
            desk_key(&d, 'c', MOD_CTRL);
            assert_non_null(d.clipboard);
            if (i % 3 == 0)
                desk_key(&d, '6', 0);
            look_around(&d);
            if (i % 3 == 0)
                desk_key(&d, '1', 0);
        }
        for (int i = 0; i < 10; i++)
            desk_key(&d, KEY_PAGE_DOWN, 0);
        expect_sentence(&d, 10);
        for (int i = 0; i < 5; i++)
            desk_key(&d, KEY_PAGE_UP, 0);
        expect_sentence(&d, 5);
        desk_run(&d, "edit.undo");
        desk_run(&d, "edit.undo");
        desk_run(&d, "head.mean");
        desk_key(&d, KEY_PAGE_DOWN, 0);
        desk_run(&d, "head.one");
    }
    desk_stop(&d);
}

/* Three sentences of 2 layers × 4 heads, too many tokens for the second. */
static void a_bad_sentence_does_not_change_layer_and_head(void **state)
{
    Desk d;
    Error err = {0};
    Buf npy;
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "w.npy");
    const char *tokens = check_path(dir, "w.txt");
    static const char head[118] =
        "\x93NUMPY\x01\x00\x6c\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 4, 4, "
        "4), }";
    buf_init(&npy, BUF_NO_LIMIT);
    buf_append(&npy, head, sizeof head);
    for (size_t i = 10; i < npy.size; i++)
        npy.data[i] = npy.data[i] ? npy.data[i] : ' ';
    npy.data[117] = '\n';
    for (int i = 0; i < 3 * 2 * 4 * 4 * 4; i++)
        buf_append(&npy, &(float){0.25f}, sizeof(float));
    assert_true(file_write_atomic(path, npy.data, npy.size, &err));
    buf_free(&npy);
    check_put(tokens, "a b c d\na b c d e f\nw x y z\n");
    desk_start(&d, 1280, 800, NULL);
    DocOrigin origin = {.source = tokens, .target = tokens};
    if (!app_open_files(d.app, &path, 1, &origin, &err))
        fail_msg("%s: %s", err.where, err.what);
    desk_settle(&d);
    app_settings(d.app)->layer = 1;
    app_settings(d.app)->head = 3;
    desk_settle(&d);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_true(desk_drawn(&d, "Sentence 1 cannot be read"));
    look_around(&d);
    desk_key(&d, '6', 0);
    desk_key(&d, '1', 0);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_non_null(desk_result(&d));
    assert_int_equal(app_settings(d.app)->layer, 1);
    assert_int_equal(app_settings(d.app)->head, 3);
    desk_stop(&d);
}

static void a_bad_sentence_says_why_and_the_others_stay(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, put_dump(check_temp_dir(), SENTENCES, BAD));
    assert_int_equal(app_scope(d.app)->doc.bad_count, 1);
    assert_int_equal(app_notice_count(d.app), 1);
    desk_key(&d, KEY_ESCAPE, 0);
    for (int i = 0; i < BAD; i++)
        desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(app_settings(d.app)->sentence, BAD);
    assert_null(desk_result(&d));
    assert_true(desk_drawn(&d, "Sentence 7 cannot be read"));
    assert_true(desk_drawn(&d, "line "));
    look_around(&d);
    desk_key(&d, '6', 0);
    desk_key(&d, '1', 0);
    desk_run(&d, "head.mean");
    desk_run(&d, "head.one");
    desk_key(&d, 'e', MOD_CTRL); /* nothing to export: a reason, no crash */
    desk_click(&d, "other sentence");
    expect_sentence(&d, BAD + 1);
    for (int i = 0; i < 3; i++)
        desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(app_scope(d.app)->doc.sentences[BAD].layer_count, 0); /* it was forgotten … */
    assert_non_null(app_scope(d.app)->doc.sentences[BAD].problem);         /* … but for why */
    assert_non_null(d.app->list_shown.bad);
    assert_int_equal(d.app->list_shown.bad[BAD], 1);
    desk_stop(&d);
}

/* ---- those that take long ------------------------------------------------------ */

/* Reads a sentence when the test says so, or when nobody wants it any more. */
static struct {
    bool (*read)(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                 int index, DocSentence *out, Error *err);
    atomic_bool closed;
    atomic_int cancelled;
} gate;

static bool read_behind_gate(void *self, const Document *doc, int sentence, Arena *arena,
                             Tensor *tensor, int index, DocSentence *out, Error *err)
{
    while (atomic_load(&gate.closed)) {
        if (doc->cancel && atomic_load(doc->cancel)) {
            atomic_fetch_add(&gate.cancelled, 1);
            return error_set(err, ERROR_CANCELLED, "cancelled");
        }
        usleep(500);
    }
    return gate.read(self, doc, sentence, arena, tensor, index, out, err);
}

static void start_gated(Desk *d, int bad)
{
    Error err = {0};
    desk_init(d);
    d->options.background = true;
    desk_open_app(d);
    assert_true(app_open(d->app, put_dump(check_temp_dir(), SENTENCES, bad), &err));
    DocCorpus *corpus = &app_scope(d->app)->doc.corpus;
    gate.read = corpus->read;
    corpus->read = read_behind_gate;
    atomic_store(&gate.cancelled, 0);
    desk_settle(d);
    expect_sentence(d, 0);
    atomic_store(&gate.closed, true);
}

static void open_gate(Desk *d)
{
    atomic_store(&gate.closed, false);
    while (scope_fetching(app_scope(d->app), NULL) >= 0)
        desk_frame(d);
    desk_settle(d);
}

static void a_sentence_that_takes_long_is_read_beside_the_frames(void **state)
{
    Desk d;
    (void)state;
    start_gated(&d, -1);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(app_settings(d.app)->sentence, 1);
    assert_int_equal(scope_fetching(app_scope(d.app), NULL), 1);
    assert_false(desk_drawn(&d, "Reading sentence 1"));
    look_around(&d);
    d.in.time += 1;
    desk_frame(&d);
    assert_true(desk_drawn(&d, "Reading sentence 1"));
    assert_true(d.out.wake > 0);
    open_gate(&d);
    expect_sentence(&d, 1);
    desk_stop(&d);
}

static void a_sentence_that_takes_long_can_be_left_alone(void **state)
{
    Desk d;
    (void)state;
    start_gated(&d, -1);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    desk_key(&d, KEY_PAGE_DOWN, 0); /* another one is wanted: the first is not read to its end */
    assert_int_equal(atomic_load(&gate.cancelled), 1);
    assert_int_equal(scope_fetching(app_scope(d.app), NULL), 2);
    d.in.time += 1;
    desk_frame(&d);
    desk_click(&d, "cancel");
    expect_sentence(&d, 0); /* back where it was */
    assert_int_equal(atomic_load(&gate.cancelled), 2);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    desk_run(&d, "file.close"); /* and the document may go at any time */
    assert_int_equal(atomic_load(&gate.cancelled), 3);
    desk_stop(&d);
    atomic_store(&gate.closed, false);
}

static void a_bad_sentence_that_takes_long_says_why(void **state)
{
    Desk d;
    (void)state;
    start_gated(&d, 1);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    open_gate(&d);
    assert_true(desk_drawn(&d, "Sentence 1 cannot be read"));
    desk_key(&d, KEY_PAGE_DOWN, 0);
    desk_settle(&d);
    expect_sentence(&d, 2);
    desk_stop(&d);
}

/* ---- a million --------------------------------------------------------------- */

enum { MILLION = 1000000 };

static bool read_one(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                     int index, DocSentence *out, Error *err)
{
    static const char *const tokens[] = {"a", "b"};
    (void)doc;
    (void)err;
    const DocMatrix none = {.tensor = -1};
    ++*(int *)self;
    float *data = mem_array(4, sizeof *data);
    DocHead *head = arena_alloc(arena, 1, sizeof *head);
    DocLayer *layer = arena_alloc(arena, 1, sizeof *layer);
    const char **names = arena_alloc(arena, 2, sizeof *names);
    memcpy(names, tokens, sizeof tokens);
    data[0] = data[3] = (float)(sentence % 100) / 100;
    data[1] = data[2] = 1 - data[0];
    *tensor = (Tensor){.data = data, .dtype = DTYPE_F32, .count = 4, .floats = data};
    *head = (DocHead){.q = none, .k = none, .v = none, .scores = none, .recorded = none};
    head->mask = none;
    head->weights = (DocMatrix){index, 0, 2, 2, 2};
    head->entry = ENTRY_WEIGHTS;
    *layer = (DocLayer){.name = "", .heads = head, .head_count = 1};
    out->layers = layer;
    out->layer_count = 1;
    out->queries = (DocAxis){.tokens = names, .count = 2, .lang = ""};
    out->keys = out->queries;
    return true;
}

static void free_one(void *self)
{
    (void)self;
}

static void fill_million(Document *doc, int *reads)
{
    document_init(doc);
    doc->path = mem_string("/none/million.align", 19);
    doc->format = "Nematus alignments";
    doc->key = 1u << 30;
    doc->sentence_count = MILLION;
    doc->sentences = arena_alloc(&doc->arena, MILLION, sizeof *doc->sentences);
    for (int i = 0; i < MILLION; i++)
        doc->sentences[i].title = doc->sentences[i].about = "";
    doc->sentences[MILLION - 2].title = "the needle";
    doc->tensors = mem_zero(CORPUS_SLOTS, sizeof *doc->tensors);
    doc->tensor_count = CORPUS_SLOTS;
    doc->memory = 1 << 20;
    doc->corpus.self = reads;
    doc->corpus.read = read_one;
    doc->corpus.free = free_one;
}

static void a_million_sentences_are_listed_and_searched(void **state)
{
    Desk d;
    Document doc;
    int reads = 0;
    (void)state;
    desk_start(&d, 1280, 800, NULL);
    fill_million(&doc, &reads);
    scope_adopt(&d.app->scope, &doc);
    documents_opened(d.app, KEEP_NOTHING, NULL);
    desk_settle(&d);
    assert_true(desk_drawn(&d, "1\u2009000\u2009000"));
    int before = reads;
    desk_settle(&d);
    assert_int_equal(reads, before); /* nothing is read again and again */
    desk_item(&d, "navigator/sentence 0");
    app_choose_sentence(d.app, MILLION - 1);
    desk_settle(&d);
    assert_int_equal(desk_result(&d)->n_q, 2);
    assert_float_equal(desk_weight(&d, 0, 0), 0.99, 1e-6);
    desk_item(&d, "navigator/sentence 999999"); /* the list went there by itself */
    ui_focus(app_ui(d.app), "navigator/sentence rows");
    desk_key(&d, KEY_END, 0);
    desk_item(&d, "navigator/sentence 999999");
    desk_key(&d, KEY_UP, 0);
    assert_int_equal(app_settings(d.app)->sentence, MILLION - 2);
    desk_click(&d, "navigator/filter");
    d.in.text = "needle";
    desk_frame(&d); /* one frame does not search them all */
    assert_in_range(d.app->list_shown.searched, 1, MILLION / 10);
    assert_true(d.out.wake > 0 && d.out.wake <= d.in.time);
    desk_settle(&d);
    assert_int_equal(d.app->list_shown.searched, MILLION);
    assert_int_equal(d.app->list_shown.count, 1);
    desk_item(&d, "navigator/sentence 999998");
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_walked_back_and_forth),
        cmocka_unit_test(a_bad_sentence_does_not_change_layer_and_head),
        cmocka_unit_test(a_sentence_that_takes_long_is_read_beside_the_frames),
        cmocka_unit_test(a_sentence_that_takes_long_can_be_left_alone),
        cmocka_unit_test(a_bad_sentence_that_takes_long_says_why),
        cmocka_unit_test(a_bad_sentence_says_why_and_the_others_stay),
        cmocka_unit_test(a_million_sentences_are_listed_and_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
