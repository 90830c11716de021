/* Arrays that change between their listing and their reading, sentences that cannot be read among
 * others that can, previews of what has no rows, references that cannot be written.
 */
#include "tensors_test.h"

#include "load/record.h"

#include <unistd.h>

static bool open_with(Document *doc, LoadRequest *request, Error *err)
{
    *err = (Error){0};
    document_init(doc);
    bool ok = tensors_load(doc, request, err);
    if (!ok)
        document_free(doc);
    return ok;
}

static void sentences_that_cannot_be_read_stay_in_the_list(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *source = check_path(dir, "x.src");
    LoadRequest request = request_of(arrays("alignment.safetensors", "alignment 3,2,2", NULL));
    Document doc;
    Error err;
    check_put(source, "a b\nc d e f g\nh i\n");
    request.origin.source = source;
    if (!open_with(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentence_count, 3);
    assert_int_equal(doc.bad_count, 1);
    assert_null(doc.sentences[0].problem);
    assert_string_equal(doc.sentences[1].problem,
                        "expected 5 rows of weights (5 source tokens), found 2");
    assert_string_equal(doc.warnings[0],
                        "1 of 3 sentences cannot be read, the first is sentence 1: "
                        "expected 5 rows of weights (5 source tokens), found 2");
    assert_string_equal(doc.sentences[2].keys.tokens[1], "i");
    char reading[200];
    record_document_reading(&doc, &doc.sentences[1], reading, sizeof reading);
    assert_int_equal(strncmp(reading, "this sentence cannot be read", 28), 0);
    document_free(&doc);
    check_put(source, "a b c d e\nc d e f g\nh i j k l\n");
    assert_false(open_with(&doc, &request, &err));
    assert_string_equal(error_text(&err),
                        "2 expected 5 rows of weights (5 source tokens), found 2");
}

/* After a sentence that is wrong, too, the reason is memory and not that sentence. */
static void every_allocation_may_fail_behind_a_bad_sentence(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *source = check_path(dir, "x.src");
    LoadRequest request = request_of(arrays("alignment.safetensors", "alignment 3,2,2", NULL));
    check_put(source, "c d e f g\na b\nh i\n");
    request.origin.source = source;
    for (uint64_t n = 1;; n++) {
        Document doc;
        Error err;
        mem_fail_at(n, false);
        bool ok = open_with(&doc, &request, &err);
        mem_fail_at(0, false);
        if (ok) {
            document_free(&doc);
            break;
        }
        if (err.kind != ERROR_LIMIT)
            fail_msg("allocation %d: %s", (int)n, error_text(&err));
        assert_true(n < 1000);
    }
    assert_int_equal(mem_live(), 0);
}

/* By reference neither what is bad nor heads beside none can be said. */
static void what_no_reference_can_say_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *arrays, *metadata, *map, *want;
    } table[] = {
        {"q 1,3,2;k 1,3,2;attention 3,3", NULL, NULL,
         "1 map: expected heads in all arrays or in none, found some with and some without: "
         "convert it to a document instead"},
        {"attention 3,2,2", "[\\\"a b\\\", \\\"c d e f g\\\", \\\"h i\\\"]",
         "attention=attention@sqk,tokens=tokens",
         "1 map: expected sentences that can be read, found one that cannot: convert it to a "
         "document instead"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        TensorList list;
        TensorMap map;
        Buf out;
        Error err = {0};
        char path[600];
        buf_init(&out, BUF_NO_LIMIT);
        const char *file = arrays("x.safetensors", table[i].arrays, table[i].metadata);
        snprintf(path, sizeof path, "%.*s.attn.json", (int)strlen(file) - 12, file);
        list_sample(&list, file);
        tensors_guess(&list, &map);
        if (table[i].map && !tensors_map(&list, table[i].map, &map, &err))
            fail_msg("%s", error_text(&err));
        assert_false(tensors_write_map(&list, &map, path, &out, &err));
        assert_string_equal(error_text(&err), table[i].want);
        buf_free(&out);
        tensors_free(&list);
    }
}

static void a_reference_is_written_from_the_root_too(void **state)
{
    (void)state;
    static char path[6000];
    TensorList list;
    TensorMap map;
    Buf out;
    Error err = {0};
    buf_init(&out, BUF_NO_LIMIT);
    const char *file = arrays("x.safetensors", "attention 1,2,2", NULL);
    list_sample(&list, file);
    tensors_guess(&list, &map);
    assert_true(tensors_write_map(&list, &map, "/x.attn.json", &out, &err));
    assert_non_null(strstr(buf_string(&out), file + 1));
    memset(path, 'n', sizeof path - 1);
    path[0] = path[sizeof path - 3] = '/';
    err = (Error){0};
    assert_false(tensors_write_map(&list, &map, path, &out, &err));
    check_error(&err, ERROR_USAGE, "map: expected a shorter path");
    buf_free(&out);
    tensors_free(&list);
}

/* The list was made of one file, another stands there now. */
static void a_file_that_is_another_now_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *before, *metadata, *after, *now;
    } table[] = {
        {"attention 2,2", NULL, "scores 2,2", NULL},
        {"attention 2,2", "[\\\"a\\\", \\\"b\\\"]", "attention 2,2", NULL},
        {"attention 2,2", "[\\\"a\\\", \\\"b\\\"]", "attention 2,2", "[\\\"a\\\"]"},
        {"attention 2,2", "[\\\"a\\\", \\\"b\\\"]", "attention 2,2", "[\\\"a\\\", \\\"b\\\", 3]"},
        {"attention 2,2", "[\\\"a\\\", \\\"b\\\"]", "attention 2,2", "[1, 2]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        TensorList list;
        TensorReader reader;
        Numbers n;
        Arena arena;
        Error err = {0};
        const char **texts;
        int64_t count = 0, live = mem_live();
        LoadRequest request = request_of("");
        list_sample(&list, arrays("x.safetensors", table[i].before, table[i].metadata));
        arrays("x.safetensors", table[i].after, table[i].now);
        tensors_reader_init(&reader, &list, &request);
        arena_init(&arena);
        if (i == 0)
            assert_false(tensors_read(&reader, 0, &n, 1000, &err));
        else
            assert_false(
                tensors_texts(&reader, named(&list, "tokens"), &arena, &texts, &count, &err));
        check_error(&err, ERROR_IO, "the file changed while it was read");
        tensors_reader_free(&reader);
        tensors_free(&list);
        arena_free(&arena);
        assert_int_equal(mem_live(), live);
    }
}

static void copy_file(const char *to, const char *from)
{
    size_t size;
    char *bytes = check_read(from, &size);
    write_file(to, bytes, size);
    mem_free(bytes);
}

static void an_archive_that_is_another_now_is_told(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "x.npz");
    LoadRequest request = request_of("");
    TensorList list;
    TensorReader reader;
    Numbers n;
    Arena arena;
    Error err = {0};
    const char **texts;
    int64_t count = 0;
    arena_init(&arena);
    copy_file(path, TENSORS "qkv.npz");
    list_sample(&list, path);
    copy_file(path, TENSORS "savez.npz");
    tensors_reader_init(&reader, &list, &request);
    assert_false(tensors_read(&reader, named(&list, "q"), &n, 1000, &err));
    check_error(&err, ERROR_IO, "the file changed while it was read");
    err = (Error){0};
    assert_false(tensors_texts(&reader, named(&list, "tokens"), &arena, &texts, &count, &err));
    check_error(&err, ERROR_IO, "the file changed while it was read");
    tensors_reader_free(&reader);
    unlink(path);
    err = (Error){0};
    assert_false(tensors_texts(&reader, named(&list, "tokens"), &arena, &texts, &count, &err));
    assert_int_equal(err.kind, ERROR_IO);
    tensors_reader_free(&reader);
    tensors_free(&list);
    arena_free(&arena);
}

static void a_preview_of_what_is_no_matrix_is_a_row_or_an_error(void **state)
{
    (void)state;
    float out[16];
    LoadRequest request = request_of("");
    TensorList list;
    Error err = {0};
    int rows = 4, cols = 4;
    const char *file = arrays("x.safetensors", "vector 3;attention 2,2", NULL);
    list_sample(&list, file);
    assert_true(tensors_preview(&list, named(&list, "vector"), out, &rows, &cols, &request, &err));
    assert_true(rows == 1 && cols == 3);
    assert_float_equal(out[2] - out[0], 2, 0);
    arrays("x.safetensors", "scores 2,2", NULL);
    rows = cols = 4;
    assert_false(tensors_preview(&list, named(&list, "vector"), out, &rows, &cols, &request, &err));
    check_error(&err, ERROR_IO, "the file changed while it was read");
    unlink(file);
    err = (Error){0};
    assert_false(tensors_preview(&list, named(&list, "vector"), out, &rows, &cols, &request, &err));
    assert_int_equal(err.kind, ERROR_IO);
    tensors_free(&list);
    list_sample(&list, LOAD_DATA "npz/mixed.npz");
    err = (Error){0};
    rows = cols = 4;
    assert_false(tensors_preview(&list, named(&list, "scalar"), out, &rows, &cols, &request, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    tensors_free(&list);
}

/* Arrays of numbers or texts where others were listed: whoever decided sizes by the list would read
 * beyond their ends. */
static void an_array_of_another_shape_is_told(void **state)
{
    (void)state;
    static const char *const others[] = {"npy/vector.npy", "npy/texts.npy", "npy/stack.npy"};
    const char *path = check_path(check_temp_dir(), "x.npy");
    float out[16];
    LoadRequest request = request_of("");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        TensorList list;
        TensorReader reader;
        Numbers n;
        Error err = {0};
        char other[600];
        int rows = 4, cols = 4;
        snprintf(other, sizeof other, "%s%s", LOAD_DATA, others[i]);
        copy_file(path, TENSORS "alignments.npy");
        list_sample(&list, path);
        copy_file(path, other);
        tensors_reader_init(&reader, &list, &request);
        assert_false(tensors_read(&reader, 0, &n, 100000, &err));
        assert_null(n.tensor.data);
        if (i != 1)
            check_error(&err, ERROR_IO, "the file changed while it was read");
        err = (Error){0};
        assert_false(tensors_preview(&list, 0, out, &rows, &cols, &request, &err));
        tensors_reader_free(&reader);
        tensors_free(&list);
    }
}

/* The window asks for a preview long after the list was made. */
static void a_preview_of_what_is_another_now_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *array;
    } table[] = {
        {"qkv.npz", "savez.npz", "q"},
        {"qkv.npz", "mismatch.npz", "k"},
        {"batch.npz", "four.npz", "attention"},
    };
    const char *path = check_path(check_temp_dir(), "x.npz");
    const char *file = arrays("y.safetensors", "attention 2,3", NULL);
    float out[16];
    LoadRequest request = request_of("");
    TensorList list;
    Error err;
    int rows, cols;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char sample[600];
        snprintf(sample, sizeof sample, "%s%s", TENSORS, table[i].before);
        copy_file(path, sample);
        list_sample(&list, path);
        snprintf(sample, sizeof sample, "%s%s", TENSORS, table[i].after);
        copy_file(path, sample);
        int index = named(&list, table[i].array);
        rows = cols = 4;
        err = (Error){0};
        assert_false(tensors_preview(&list, index, out, &rows, &cols, &request, &err));
        check_error(&err, ERROR_IO, "the file changed while it was read");
        unlink(path);
        err = (Error){0};
        assert_false(tensors_preview(&list, index, out, &rows, &cols, &request, &err));
        assert_int_equal(err.kind, ERROR_IO);
        tensors_free(&list);
    }
    list_sample(&list, file);
    arrays("y.safetensors", "attention 3,2", NULL);
    rows = cols = 4;
    err = (Error){0};
    assert_false(tensors_preview(&list, 0, out, &rows, &cols, &request, &err));
    check_error(&err, ERROR_IO, "the file changed while it was read");
    tensors_free(&list);
}

/* That the checksum of all is wrong is not met. */
static void a_preview_unpacks_its_rows_and_no_more(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "x.npz");
    size_t size;
    char *bytes = check_read(TENSORS "qkv.npz", &size);
    char *head = memmem(bytes, size, "PK\3\4", 4), *entry = memmem(bytes, size, "PK\1\2", 4);
    float out[16], want[16];
    LoadRequest request = request_of("");
    TensorList list;
    TensorReader reader;
    Numbers n;
    Error err = {0};
    int rows = 2, cols = 4;
    list_sample(&list, TENSORS "qkv.npz");
    assert_true(tensors_preview(&list, 0, want, &rows, &cols, &request, &err));
    head[14] ^= 1;
    entry[16] ^= 1;
    write_file(path, bytes, size);
    tensors_free(&list);
    list_sample(&list, path);
    tensors_reader_init(&reader, &list, &request);
    assert_false(tensors_read(&reader, 0, &n, 1000, &err));
    assert_non_null(strstr(error_text(&err), "checksum"));
    err = (Error){0};
    if (!tensors_preview(&list, 0, out, &rows, &cols, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_true(rows == 2 && cols == 4);
    assert_memory_equal(out, want, 8 * sizeof *out);
    tensors_reader_free(&reader);
    tensors_free(&list);
    mem_free(bytes);
}

typedef struct {
    int calls, stop_at;
    atomic_bool cancel;
} Stop;

static void tell(void *context, uint64_t done, uint64_t total)
{
    Stop *stop = context;
    assert_true(done <= total);
    if (++stop->calls == stop->stop_at)
        atomic_store(&stop->cancel, true);
}

/* Wherever progress is told, the load can be stopped, and nothing stays behind. */
static void a_load_stops_at_every_sign_of_progress(void **state)
{
    (void)state;
    static const char *const names[] = {"savez.npz", "batch.npz",         "nhd.npz",
                                        "four.npz",  "model.safetensors", "alignments.npy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool ok = false;
        for (int at = 1; !ok; at++) {
            char path[600];
            Document doc;
            Error err;
            Stop stop = {.stop_at = at};
            LoadRequest request = request_of(path);
            int64_t live = mem_live();
            snprintf(path, sizeof path, "%s%s", TENSORS, names[i]);
            request.progress = tell;
            request.context = &stop;
            request.cancel = &stop.cancel;
            ok = open_with(&doc, &request, &err);
            if (ok)
                document_free(&doc);
            else
                assert_int_equal(err.kind, ERROR_CANCELLED);
            assert_int_equal(mem_live(), live);
            assert_true(at < 100);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_that_cannot_be_read_stay_in_the_list),
        cmocka_unit_test(every_allocation_may_fail_behind_a_bad_sentence),
        cmocka_unit_test(what_no_reference_can_say_is_refused),
        cmocka_unit_test(a_reference_is_written_from_the_root_too),
        cmocka_unit_test(a_file_that_is_another_now_is_told),
        cmocka_unit_test(an_archive_that_is_another_now_is_told),
        cmocka_unit_test(a_preview_of_what_is_no_matrix_is_a_row_or_an_error),
        cmocka_unit_test(an_array_of_another_shape_is_told),
        cmocka_unit_test(a_preview_of_what_is_another_now_is_told),
        cmocka_unit_test(a_preview_unpacks_its_rows_and_no_more),
        cmocka_unit_test(a_load_stops_at_every_sign_of_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
