/* Stages of heads that lack something, and of heads that are too large to exist as a whole. */
#include "app/export.h"

#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static bool open_text(Scope *scope, const char *text)
{
    const char *path = check_path(check_temp_dir(), "d.attn.json");
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    check_put(path, text);
    return scope_init(scope, NULL) && scope_open(scope, &request, NULL);
}

/* Its score function lacks what it needs: no weights, but the vectors are there. */
static void a_head_without_scores_gives_its_vectors(void **state)
{
    (void)state;
    static const char text[] =
        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{"
        "\"q\": [[1, 2], [3, 4]], \"k\": [[5, 6], [7, 8]], \"v\": [[9], [10]], "
        "\"score\": {\"kind\": \"general\"}}]}]}";
    static const struct {
        Stage stage;
        const char *want;
    } stages[] = {{STAGE_Q, "\"rows\":2,\"cols\":2,\"values\":[[1,2],[3,4]]}\n"},
                  {STAGE_K, "\"rows\":2,\"cols\":2,\"values\":[[5,6],[7,8]]}\n"},
                  {STAGE_V, "\"rows\":2,\"cols\":1,\"values\":[[9],[10]]}\n"},
                  {STAGE_WEIGHTS, NULL}};
    Scope scope;
    assert_true(open_text(&scope, text));
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        for (int mean = 0; mean < 2; mean++) {
            Settings s = settings_default();
            Error err = {0};
            Buf out;
            s.head = mean ? FIELD_MEAN : 0;
            buf_init(&out, BUF_NO_LIMIT);
            bool ok = export_stage(&scope, &s, stages[i].stage, DUMP_JSON, NULL, &out, &err);
            assert_int_equal(ok, stages[i].want && !mean);
            assert_true(ok || err.kind == ERROR_USAGE || err.kind == ERROR_MALFORMED);
            assert_true(!ok || strstr(buf_string(&out), stages[i].want));
            buf_clear(&out);
            assert_int_equal(export_stage(&scope, &s, stages[i].stage, DUMP_JSON, NULL, &out, NULL),
                             false); /* who asks not why wants what was computed */
            buf_free(&out);
        }
    }
    scope_free(&scope);
}

typedef struct {
    int rows_left;
    Buf all;
} Taken;

static bool take_some(void *context, Buf *bytes)
{
    Taken *t = context;
    buf_append(&t->all, bytes->data, bytes->size);
    buf_clear(bytes);
    return --t->rows_left > 0;
}

/* N × N numbers are more than a mebibyte. */
enum { N = 600 };

static void open_long(Scope *scope)
{
    static const char *const keys[] = {"], \"layers\": [{\"heads\": [{\"q\"", "], \"k\"",
                                       "], \"v\""};
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, "{\"attnscope\": 1, \"tokens\": [");
    for (int i = 0; i < N; i++)
        buf_printf(&text, "%s\"t%d\"", i ? ", " : "", i);
    for (int part = 0; part < 3; part++) {
        buf_printf(&text, "%s: [", keys[part]);
        for (int i = 0; i < N; i++)
            buf_printf(&text, "%s[%d, %d]", i ? ", " : "", i % 5, i % 3);
    }
    buf_text(&text, "]}]}]}");
    assert_true(open_text(scope, buf_string(&text)));
    buf_free(&text);
}

static void more_than_the_memory_goes_to_a_file_alone(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    Buf out;
    buf_init(&out, BUF_NO_LIMIT);
    open_long(&scope);
    s.compute_memory = 1;
    assert_false(export_stage(&scope, &s, STAGE_WEIGHTS, DUMP_CSV, NULL, &out, &err));
    check_error(&err, ERROR_LIMIT,
                "stage: expected numbers that fit into compute.memory (1 MiB), found 600 × 600; "
                "attnscope dump writes them as they come");
    Taken taken = {.rows_left = N};
    buf_init(&taken.all, BUF_NO_LIMIT);
    const ExportSink sink = {take_some, &taken};
    assert_true(export_stage(&scope, &s, STAGE_WEIGHTS, DUMP_CSV, &sink, &out, &err));
    int lines = 0;
    for (size_t i = 0; i < taken.all.size; i++)
        lines += taken.all.data[i] == '\n';
    assert_int_equal(lines, N);
    taken.rows_left = 1; /* who takes it says that it is enough */
    assert_false(export_stage(&scope, &s, STAGE_WEIGHTS, DUMP_CSV, &sink, &out, &err));
    buf_clear(&out); /* N × 2 numbers fit: the outputs of all queries, made row by row */
    assert_true(export_stage(&scope, &s, STAGE_OUTPUT, DUMP_NPY, NULL, &out, &err));
    assert_int_equal(out.size, 128 + N * 2 * 4);
    buf_clear(&out);
    assert_true(export_stage(&scope, &s, STAGE_K, DUMP_NPY, NULL, &out, &err));
    assert_int_equal(out.size, 128 + N * 2 * 4);
    buf_free(&taken.all);
    buf_free(&out);
    scope_free(&scope);
}

static void rows_that_cannot_be_made_are_told(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    bool done = false;
    open_long(&scope);
    s.compute_memory = 1;
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_OUTPUT), NULL));
    for (uint64_t n = 1; !done && n < 100; n++) {
        Error err = {0};
        Buf out;
        buf_init(&out, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        bool ok = export_rows(&scope, STAGE_OUTPUT, DUMP_CSV, 0, 40, &out, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        done = ok && !out.failed;
        assert_false(done && n == 1);
        buf_free(&out);
    }
    assert_true(done);
    for (uint64_t n = 1; n < 200; n += 7) { /* into a sink, that sees no bytes which are not all */
        Error err = {0};
        Taken taken = {.rows_left = N};
        const ExportSink sink = {take_some, &taken};
        Buf out;
        buf_init(&out, BUF_NO_LIMIT);
        buf_init(&taken.all, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        bool ok = export_stage(&scope, &s, STAGE_WEIGHTS, DUMP_CSV, &sink, &out, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        buf_free(&taken.all);
        buf_free(&out);
    }
    scope_free(&scope);
}

/* A row that nobody has asked for yet has to be made. */
static void a_row_that_cannot_be_made_is_not_copied(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Error err = {0};
    Buf out;
    buf_init(&out, BUF_NO_LIMIT);
    open_long(&scope);
    s.compute_memory = 1;
    assert_true(scope_update(&scope, &s, STAGE_BIT(STAGE_WEIGHTS), NULL));
    mem_fail_at(1, true);
    bool copied = export_tsv(&scope, &s, 500, -1, &out, &err);
    mem_fail_at(0, false);
    assert_false(copied);
    check_error(&err, ERROR_USAGE, "copy: expected weights, found none");
    buf_free(&out);
    scope_free(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_without_scores_gives_its_vectors),
        cmocka_unit_test(more_than_the_memory_goes_to_a_file_alone),
        cmocka_unit_test(rows_that_cannot_be_made_are_told),
        cmocka_unit_test(a_row_that_cannot_be_made_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
