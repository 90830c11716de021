/* What few files have, but any may. */
#include "dump_test.h"
#include "foreign_test.h"

#include "load/foreign.h"
#include "load/gather.h"
#include "load/record.h"

/* A path from the root on names what is there, and nothing leads out of the root. */
static void a_document_in_the_root_folder_refers_to_anything(void **state)
{
    (void)state;
    char text[800];
    Document doc;
    Error err = {0};
    snprintf(
        text, sizeof text,
        "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\"]}, \"keys\": {\"tokens\": "
        "[\"x\", \"y\", \"z\"]}, \"layers\": [{\"heads\": [{\"scores\": {\"file\": \"%s\"}}]}]}",
        &(LOAD_DATA "npy/f4.npy")[1]); /* without the slash in front */
    document_init(&doc);
    doc.path = mem_string("/case.attn.json", 15);
    LoadRequest request = request_of("/case.attn.json");
    assert_true(doc.path && buf_append(&doc.source, text, strlen(text)));
    if (!load_json(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentences[0].layers[0].heads[0].scores.cols, 3);
    document_free(&doc);
}

/* An .npy file of version 1.0 whose header is 128 bytes. */
static void put_npy(const char *path, const char *header, const void *numbers, size_t size)
{
    static const char magic[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    FILE *file = fopen(path, "wb");
    assert_true(file && fwrite(magic, 1, sizeof magic, file) == sizeof magic);
    assert_int_equal(fprintf(file, "%-117s\n", header), 118);
    assert_int_equal(fwrite(numbers, 1, size, file), size);
    fclose(file);
}

static void one_number_that_is_rounded_is_told_in_full(void **state)
{
    (void)state;
    static const int64_t number = 9007199254740993;
    const char *dir = check_temp_dir(), *path = check_path(dir, "x.attn.json");
    put_npy(check_path(dir, "x.npy"), "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }",
            &number, sizeof number);
    check_put(path,
              "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"scores\": "
              "{\"file\": \"x.npy\"}}]}]}");
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(path);
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_true(
        dump_warned(&doc, "one whole number is beyond 2^53 and was rounded: 9007199254740993"));
    document_free(&doc);
}

static void a_file_of_a_folder_that_is_given_too_is_taken_once(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *links = check_path(dir, "a.align");
    const char *pairs = check_path(dir, "a.pairs");
    check_put(links, "0-0\n");
    check_put(pairs, "a ||| b\n");
    const char *more[] = {pairs, links};
    LoadRequest in = dump_request(dir), whole;
    in.origin.more = more;
    in.origin.more_count = 2;
    char explain[400];
    Arena arena;
    Error err = {0};
    arena_init(&arena);
    if (!gather_request(&in, &whole, &arena, explain, sizeof explain, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(explain, "a.align with a.pairs as source and target");
    const char *source = check_path(dir, "a.src"); /* said to be the source, and in the folder */
    check_put(source, "a\n");
    in = dump_request(dir);
    in.origin.source = source;
    if (!gather_request(&in, &whole, &arena, explain, sizeof explain, &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(whole.origin.source, source);
    arena_free(&arena);
}

static void a_list_of_sentences_has_its_limit(void **state)
{
    (void)state;
    static const char list[] = "[{\"source\": [\"a\"], \"target\": [\"b\"], \"attention\": [[1]]}, "
                               "{\"source\": [\"a\"], \"target\": [\"b\"], \"attention\": [[1]]}]";
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(dump_file("list.json", list));
    request.limits.sentences = 1;
    document_init(&doc);
    assert_false(load_document(&doc, &request, &err));
    assert_string_equal(error_text(&err), "3 sentences: expected at most 1, found more (limit 1, "
                                          "raise with --limit-sentences)");
    document_free(&doc);
}

static void many_arrays_that_are_not_used_are_not_all_named(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request = dump_request(LOAD_DATA "npz/types.npz");
    request.origin.map = "scores=f4@qk";
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_non_null(strstr(doc.notes, "; not used: "));
    const char *end = strstr(doc.notes, ", …");
    assert_non_null(end);
    assert_string_equal(end, ", …");
    document_free(&doc);
}

static void an_end_that_is_missing_makes_no_document_of_ours(void **state)
{
    (void)state;
    static const char text[] = "{\"b\": [{\"attnscope\": 1}], \"never ends";
    assert_false(foreign_is_ours(text, sizeof text - 1));
}

/* Sums of words are kept in the type of the file. */
static void words_of_float64_stay_float64(void **state)
{
    (void)state;
    static const double numbers[] = {0.5, 0.25, 0.25, 0.1, 0.2, 0.7};
    static const double want[] = {0.75, 0.25, 0.1 + 0.2, 0.7};
    const char *path = check_path(check_temp_dir(), "f8.npy");
    put_npy(path, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", numbers,
            sizeof numbers);
    LoadRequest request = dump_request(path);
    request.origin = (DocOrigin){.source = dump_file("f8.src", "x@@ y z\n"),
                                 .target = dump_file("f8.tgt", "p q\n"),
                                 .words = true};
    Document doc;
    Error err = {0};
    document_init(&doc);
    if (!load_document(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    const DocSentence *s = dump_sentence(&doc, 0);
    DocMatrix m = s->layers[0].heads[0].weights;
    assert_int_equal(doc.tensors[m.tensor].dtype, DTYPE_F64);
    assert_string_equal(dump_tokens(&s->keys), "xy z");
    for (int i = 0; i < 4; i++)
        assert_true(dump_at(&doc, s, i / 2, i % 2) == want[i]);
    document_free(&doc);
}

static RecordBlock block_of(Document *doc, const float *numbers, int rows, int cols)
{
    Tensor t = {.dtype = DTYPE_F32, .count = (int64_t)rows * cols};
    t.data = mem_array((size_t)t.count, sizeof *numbers);
    assert_non_null(t.data);
    memcpy(t.data, numbers, (size_t)t.count * sizeof *numbers);
    tensor_measure(&t);
    return (RecordBlock){.tensor = record_add_tensor(doc, &t, NULL),
                         .layers = 1,
                         .heads = 1,
                         .rows = rows,
                         .cols = cols};
}

static void vectors_of_padding_are_cut_with_it(void **state)
{
    (void)state;
    static const char *queries[] = {"a", "b"}, *keys[] = {"x", "y"};
    static const float weights[] = {0.5f, 0.5f, 0, 0, 0, 0.25f, 0.75f, 0, 0, 0};
    static const float q[] = {1, 2}, k[] = {1, 2, 0, 0, 0};
    Document doc;
    Record record;
    DocOrigin origin = {0};
    DocSentence s = {0};
    Error err = {0};
    document_init(&doc);
    record_init(&record);
    RecordPlace place = {&doc, &origin, &doc.arena, record_add_tensor, &doc};
    record.queries = queries;
    record.keys = keys;
    record.query_count = record.key_count = 2;
    record.weights = block_of(&doc, weights, 2, 5);
    record.q = block_of(&doc, q, 2, 1);
    record.k = block_of(&doc, k, 5, 1);
    if (!record_settle(&place, &record, &s, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(s.reading->padding_keys, 3);
    assert_int_equal(s.layers[0].heads[0].k.rows, 2);
    assert_int_equal(s.layers[0].heads[0].recorded.cols, 2);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_in_the_root_folder_refers_to_anything),
        cmocka_unit_test(one_number_that_is_rounded_is_told_in_full),
        cmocka_unit_test(a_file_of_a_folder_that_is_given_too_is_taken_once),
        cmocka_unit_test(a_list_of_sentences_has_its_limit),
        cmocka_unit_test(many_arrays_that_are_not_used_are_not_all_named),
        cmocka_unit_test(words_of_float64_stay_float64),
        cmocka_unit_test(vectors_of_padding_are_cut_with_it),
        cmocka_unit_test(an_end_that_is_missing_makes_no_document_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
