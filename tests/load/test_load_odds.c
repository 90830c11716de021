/* Documents of ours that open although something in them is odd, and what stops them late: what is
 * rounded, parameters without a kind, long paths, small budgets, progress and cancelling.
 */
#include "load_test.h"

#include "load/foreign_read.h"
#include "load/json_scan.h"
#include "image/png.h"

static void must_load(Document *doc, const char *text, const LoadRequest *request)
{
    Error err = {0};
    if (!load_text(doc, text, strlen(text), request, &err))
        fail_msg("%s\n%s", error_text(&err), text);
}

static void check_warnings(const Document *doc, int count, const char *const *want)
{
    for (int i = 0; i < doc->warning_count && i < count; i++)
        assert_string_equal(doc->warnings[i], want[i]);
    assert_int_equal(doc->warning_count, count);
}

#define AB "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], "
#define QK "\"q\": [[1, 2], [3, 4]], \"k\": [[1, 0], [0, 1]]"

static void whole_numbers_of_files_that_are_rounded_are_told(void **state)
{
    (void)state;
    static const char *const want[] = {
        "2 whole numbers are beyond 2^53 and were rounded, the first is 9007199254740993"};
    LoadRequest request = request_of("");
    Document doc;
    must_load(&doc,
              AB "\"layers\": [{\"heads\": [{\"scores\": {\"file\": \"npy/rounded.npy\"}}]}]}",
              &request);
    check_warnings(&doc, 1, want);
    document_free(&doc);
}

static void each_line_counts_what_it_loses(void **state)
{
    (void)state;
    static const char *const want[] = {"3 numbers are too small for a double and became 0, the "
                                       "first at line 1, column 70",
                                       "2 whole numbers are beyond 2^53 and were rounded, the "
                                       "first at line 2, column 89"};
    LoadRequest request = request_of("");
    Document doc;
    must_load(&doc,
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"scores\": "
              "[[1e-400]]}]}]}\n"
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"scores\": "
              "[[1e-400]]}]}], \"y\": 9007199254740993}\n"
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"scores\": "
              "[[1e-400]]}]}], \"y\": [[[9007199254740993]]]}\n",
              &request);
    assert_int_equal(doc.sentence_count, 3);
    check_warnings(&doc, 2, want);
    document_free(&doc);
}

static void parameters_without_a_kind_wait_for_one(void **state)
{
    (void)state;
    LoadRequest request = request_of("");
    Document doc;
    must_load(&doc,
              AB "\"layers\": [{\"heads\": [{\"score\": {\"w\": [[1, 0], [0, 1]]}, " QK "}]}]}",
              &request);
    const DocHead *head = &doc.sentences[0].layers[0].heads[0];
    assert_int_equal(head->spec->score.kind, SCORE_AUTO);
    assert_int_equal(head->spec->score.param[PARAM_W].rows, 2);
    assert_int_equal(doc.warning_count, 0);
    document_free(&doc);
}

/* The head says what it lacks; the document and its other heads can be used. */
static void what_needs_vectors_that_are_not_there_is_let_be(void **state)
{
    (void)state;
    static const char *const texts[] = {
        AB "\"layers\": [{\"heads\": [{\"score\": {\"kind\": \"dot\"}, \"rope\": {}}, {" QK "}]}]}",
        AB "\"layers\": [{\"heads\": [{\"score\": {\"kind\": \"dot\"}, \"rnn\": {\"cell\": "
           "\"tanh\", \"weight_ih_l0\": [[1]], \"weight_hh_l0\": [[1]]}}, {" QK "}]}]}",
        AB "\"layers\": [{\"heads\": [{\"score\": {\"kind\": \"gate\"}, \"recorded\": [[1, 2, 3], "
           "[4, 5, 6]]}"
           ", {" QK "}]}]}",
    };
    LoadRequest request = request_of("");
    for (size_t i = 0; i < 3; i++) {
        Document doc;
        Error err = {0};
        AttnInput in;
        must_load(&doc, texts[i], &request);
        assert_true(doc.warning_count > 0);
        assert_non_null(strstr(doc.warnings[0], "this head has no scores"));
        assert_true(document_select(&doc, 0, 0, 1, &in, &err));
        document_free(&doc);
    }
}

static void words_for_numbers_are_no_whole_numbers(void **state)
{
    (void)state;
    LoadRequest request = request_of("");
    Document doc;
    Error err = {0};
    const char *text = AB "\"segments\": [NaN, 1], \"layers\": [{\"heads\": [{" QK "}]}]}";
    request.allow_nan = true;
    assert_false(load_text(&doc, text, strlen(text), &request, &err));
    check_error(&err, ERROR_MALFORMED,
                "line 1, column 52 (segments): expected whole numbers, found others");
}

static void one_name_in_two_files_is_two_tensors(void **state)
{
    (void)state;
    LoadRequest request = request_of("");
    Document doc;
    must_load(&doc,
              "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": ["
              "{\"q\": {\"file\": \"npz/two.npz\", \"tensor\": \"q\"},"
              " \"k\": {\"file\": \"npz/two.npz\", \"tensor\": \"q\"}},"
              "{\"q\": {\"file\": \"npz/two_deflated.npz\", \"tensor\": \"q\"},"
              " \"k\": {\"file\": \"npz/two_deflated.npz\", \"tensor\": \"q\"}}]}]}",
              &request);
    assert_int_equal(doc.tensor_count, 2);
    document_free(&doc);
}

/* An array of another program that its first bytes do not show is refused by the format that its
 * name promises. */
static void unknown_bytes_are_told_by_their_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *tensor, *want;
    } table[] = {
        {"x.npy", "",
         "2 layers[0].heads[0].scores: x.npy: byte 0x0 (magic): expected an .npy file, found other "
         "content"},
        {"x.npz", ", \"tensor\": \"q\"",
         "2 layers[0].heads[0].scores: x.npz: byte 0x0 (end of directory): expected the end of the "
         "directory in the last 65557 bytes, found none"},
        {"x.safetensors", ", \"tensor\": \"q\"",
         "2 layers[0].heads[0].scores: x.safetensors: byte 0x0 (header length): expected 2 … 31, "
         "the rest of the file, found 8386098841988039169"},
        {"x.bin", "",
         "2 layers[0].heads[0].scores: x.bin: expected .npy, .npz or .safetensors, found unknown "
         "content"},
    };
    const char *dir = check_temp_dir();
    for (size_t i = 0; i < 4; i++) {
        char text[400];
        Document doc;
        Error err = {0};
        snprintf(text, sizeof text,
                 AB "\"layers\": [{\"heads\": [{\"scores\": {\"file\": \"%s\"%s}}]}]}",
                 table[i].name, table[i].tensor);
        check_put(check_path(dir, table[i].name),
                  "\x01\x02\x03 what is this? it is no array at all");
        const char *path = check_path(dir, "x.attn.json");
        check_put(path, text);
        LoadRequest request = request_of(path);
        document_init(&doc);
        assert_false(load_document(&doc, &request, &err));
        assert_string_equal(error_text(&err), table[i].want);
    }
}

static void a_path_that_no_file_can_have_is_refused(void **state)
{
    (void)state;
    enum { LENGTH = 5000 };
    static char name[LENGTH + 1], text[LENGTH + 200];
    LoadRequest request = request_of("");
    Document doc;
    Error err = {0};
    memset(name, 'n', LENGTH);
    snprintf(text, sizeof text, AB "\"layers\": [{\"heads\": [{\"scores\": {\"file\": \"%s\"}}]}]}",
             name);
    assert_false(load_text(&doc, text, strlen(text), &request, &err));
    check_error(&err, ERROR_MALFORMED,
                "line 1, column 82 (layers[0].heads[0].scores.file): expected a shorter path, "
                "found 5000 bytes");
}

static void put_picture(const char *path)
{
    Image image;
    Buf bytes;
    Error err = {0};
    buf_init(&bytes, BUF_NO_LIMIT);
    assert_true(image_init(&image, 20, 20, &err));
    assert_true(png_encode(&image, &bytes, &err));
    write_file(path, bytes.data, bytes.size);
    buf_free(&bytes);
    image_free(&image);
}

/* The tree of both texts has room, what they bring along has none. */
static void pictures_and_base64_are_held_to_the_memory(void **state)
{
    (void)state;
    enum { DIGITS = 1600 };
    static char digits[DIGITS + 1], text[2][DIGITS + 400];
    static const char *const want[] = {
        "line 1, column 116 (layers[0].heads[0].scores): memory: expected at most 1000 bytes, "
        "found 1200 (limit 1000, raise with --limit-memory)",
        "line 1, column 58 (image): memory: expected at most 1000 bytes, found 1600 (limit 1000, "
        "raise with --limit-memory)"};
    const char *dir = check_temp_dir();
    memset(digits, 'A', DIGITS);
    put_picture(check_path(dir, "large.png"));
    snprintf(text[0], sizeof text[0],
             AB "\"layers\": [{\"heads\": [{\"scores\": {\"dtype\": \"f64\", \"shape\": [150], "
                "\"base64\": \"%s\"}}]}]}",
             digits);
    snprintf(text[1], sizeof text[1], "%s",
             "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 2, \"file\": \"large.png\"}, "
             "\"layers\": [{\"weights\": [[[1, 0], [0, 1]]]}]}");
    for (size_t i = 0; i < 2; i++) {
        int64_t live = mem_live();
        const char *path = check_path(dir, "x.attn.json");
        LoadRequest request = request_of(path);
        Document doc;
        Error err = {0};
        check_put(path, text[i]);
        document_init(&doc);
        request.limits.memory = 1000;
        request.limits.file_bytes = 1 << 20;
        assert_false(load_document(&doc, &request, &err));
        check_error(&err, ERROR_LIMIT, want[i]);
        document_free(&doc);
        assert_int_equal(mem_live(), live);
    }
}

static void more_heads_than_a_layer_may_have_are_refused(void **state)
{
    (void)state;
    enum { HEADS = LIMIT_MOST_HEADS + 1 };
    static char text[HEADS * 8 + 200];
    LoadRequest request = request_of("");
    Document doc;
    Error err = {0};
    size_t used = (size_t)snprintf(text, sizeof text, "%s",
                                   "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": "
                                   "[{\"scores\": [");
    for (int i = 0; i < HEADS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s[[0]]", i ? "," : "");
    snprintf(text + used, sizeof text - used, "]}]}");
    assert_false(load_text(&doc, text, strlen(text), &request, &err));
    check_error(&err, ERROR_LIMIT,
                "line 1, column 57 (layers[0].scores): heads: expected at most 4096, found "
                "[4097, 1, 1] (limit 4096)");
}

/* ---- progress, cancelling, limits of the scanner alone -------------------------------------- */

typedef struct {
    uint64_t last;
    int calls, cancel_at;
    atomic_bool cancel;
} Teller;

static void tell(void *context, uint64_t done, uint64_t total)
{
    Teller *t = context;
    assert_true(done >= t->last && done <= total);
    t->last = done;
    if (++t->calls == t->cancel_at)
        atomic_store(&t->cancel, true);
}

/* part, many times, between open and close. */
static Buf many(const char *open, const char *part, int count, const char *close)
{
    Buf out;
    buf_init(&out, BUF_NO_LIMIT);
    buf_text(&out, open);
    for (int i = 0; i < count; i++) {
        buf_text(&out, i ? "," : "");
        buf_text(&out, part);
    }
    buf_text(&out, close);
    assert_true(buf_ok(&out, NULL));
    return out;
}

static void a_long_text_tells_how_far_it_is_and_can_be_stopped(void **state)
{
    (void)state;
    static const char *const parts[] = {"\"a\"", "0.25"}; /* values, and numbers of one block */
    for (int i = 0; i < 2; i++) {
        Buf text = many("[", parts[i], 600000, "]");
        for (int cancel_at = 0; cancel_at < 4; cancel_at += 3) {
            Teller t = {.cancel_at = cancel_at};
            LoadRequest request = request_of("");
            Error err = {0};
            JsonScan scan;
            request.progress = tell;
            request.context = &t;
            request.cancel = &t.cancel;
            json_scan_init(&scan);
            scan.memory = 256 << 20;
            assert_int_equal(json_scan(buf_string(&text), text.size, &request, &scan, &err),
                             cancel_at == 0);
            if (cancel_at) {
                assert_int_equal(err.kind, ERROR_CANCELLED);
                assert_true(t.last < text.size);
            } else {
                assert_true(t.calls >= 2);
            }
            json_scan_free(&scan);
        }
        buf_free(&text);
    }
}

static void the_scanner_refuses_what_its_places_cannot_count(void **state)
{
    (void)state;
    LoadRequest request = request_of("");
    Error err = {0};
    size_t at = 0;
    request.limits.depth = 1000; /* no more than the scanner's own frames */
    Buf deep = many("", "", 0, "");
    for (int i = 0; i < 65; i++)
        buf_text(&deep, "[\"\",");
    assert_false(json_scan(buf_string(&deep), deep.size, &request, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    buf_free(&deep);
    err = (Error){0};
    assert_false(json_scan_next("{}", UINT32_MAX, &at, &request, NULL, &err));
    check_error(&err, ERROR_LIMIT, "text: expected at most 4294967294 bytes, found 4294967295");
}

/* Too short for the scanner to look whether it is cancelled: the first look is at the rows. */
static void counting_rows_of_a_document_is_stopped(void **state)
{
    (void)state;
    static const char text[] = "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": "
                               "[{\"weights\": [[1]]}]}]}";
    atomic_bool cancel = true;
    int64_t live = mem_live();
    LoadRequest request = request_of("");
    Error err = {0};
    Document doc;
    request.cancel = &cancel;
    assert_false(load_text(&doc, text, sizeof text - 1, &request, &err));
    check_error(&err, ERROR_CANCELLED, "cancelled");
    assert_int_equal(mem_live(), live);
}

/* Cancelled when its numbers were just read. */
static void counting_rows_of_another_program_is_stopped(void **state)
{
    (void)state;
    static const char *const tokens[] = {"a"};
    atomic_bool cancel = true;
    int64_t live = mem_live();
    LoadRequest request = request_of("");
    Error err = {0};
    Document doc;
    Foreign f;
    Record record;
    Tensor one = {.dtype = DTYPE_F32, .count = 1, .data = mem_array(1, sizeof(float))};
    assert_non_null(one.data);
    tensor_measure(&one);
    request.cancel = &cancel;
    document_init(&doc);
    record_init(&record);
    record.queries = record.keys = tokens;
    record.query_count = record.key_count = 1;
    record.weights = (RecordBlock){record_add_tensor(&doc, &one, &err), 0, 1, 1, 1, 1};
    foreign_begin(&f, &doc, &request, &err);
    assert_false(foreign_add(&f, NULL, &record));
    check_error(&err, ERROR_CANCELLED, "cancelled");
    assert_int_equal(doc.sentence_count, 0);
    assert_false(foreign_end(&f, false));
    document_free(&doc);
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_of_files_that_are_rounded_are_told),
        cmocka_unit_test(each_line_counts_what_it_loses),
        cmocka_unit_test(parameters_without_a_kind_wait_for_one),
        cmocka_unit_test(what_needs_vectors_that_are_not_there_is_let_be),
        cmocka_unit_test(words_for_numbers_are_no_whole_numbers),
        cmocka_unit_test(one_name_in_two_files_is_two_tensors),
        cmocka_unit_test(unknown_bytes_are_told_by_their_name),
        cmocka_unit_test(a_path_that_no_file_can_have_is_refused),
        cmocka_unit_test(pictures_and_base64_are_held_to_the_memory),
        cmocka_unit_test(more_heads_than_a_layer_may_have_are_refused),
        cmocka_unit_test(a_long_text_tells_how_far_it_is_and_can_be_stopped),
        cmocka_unit_test(counting_rows_of_a_document_is_stopped),
        cmocka_unit_test(counting_rows_of_another_program_is_stopped),
        cmocka_unit_test(the_scanner_refuses_what_its_places_cannot_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
