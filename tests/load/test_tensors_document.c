#include "tensors_test.h"

static bool open_arrays(Document *doc, const char *path, const DocOrigin *origin, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    document_init(doc);
    if (origin)
        request.origin = *origin;
    bool ok = tensors_load(doc, &request, err);
    if (!ok)
        document_free(doc);
    return ok;
}

static void must_open(Document *doc, const char *path, const DocOrigin *origin)
{
    Error err;
    if (!open_arrays(doc, path, origin, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

/* add: what model.safetensors has more in each layer. */
static void check_vectors(const Document *doc, int layer, double add)
{
    for (int h = 0; h < 2; h++) {
        const DocHead *head = &doc->sentences[0].layers[layer].heads[h];
        assert_int_equal(head->entry, ENTRY_QK);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                double want = sample_q(h, i, j) + add, tol = add > 0 ? 0.02 : 0;
                check_close(head_value(doc, &head->q, i, j), want, tol);
                check_close(head_value(doc, &head->k, i, j), want - 1, tol);
                if (head->v.tensor >= 0)
                    check_close(head_value(doc, &head->v, i, j), want * 2, tol);
            }
        }
    }
}

static void vectors_open_in_every_order_of_dimensions(void **state)
{
    (void)state;
    static const char *const names[] = {"qkv.npz", "nhd.npz", "hooks.npz", "recorded.npz"};
    for (size_t i = 0; i < 4; i++) {
        Document doc;
        char path[600];
        int64_t live = mem_live();
        snprintf(path, sizeof path, "%s%s", TENSORS, names[i]);
        must_open(&doc, path, NULL);
        assert_int_equal(doc.sentence_count, 1);
        assert_int_equal(doc.sentences[0].layer_count, 1);
        assert_int_equal(doc.sentences[0].layers[0].head_count, 2);
        check_vectors(&doc, 0, 0);
        if (i < 2) {
            assert_true(doc.sentences[0].self);
            assert_string_equal(doc.sentences[0].queries.tokens[2], "c");
        }
        if (i == 3) {
            const DocHead *head = &doc.sentences[0].layers[0].heads[1];
            check_close(head_value(&doc, &head->recorded, 2, 1), sample_weight(0, 1, 2, 1), 1e-7);
        }
        document_free(&doc);
        assert_int_equal(mem_live(), live);
    }
}

static void one_array_a_layer_and_one_of_all_are_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double tol;
    } table[] = {{"savez.npz", 1e-7}, {"five.npz", 1e-7}, {"four.npz", 1e-7}, {"series.npz", 5e-4}};
    for (size_t i = 0; i < 4; i++) {
        Document doc;
        char path[600];
        snprintf(path, sizeof path, "%s%s", TENSORS, table[i].name);
        must_open(&doc, path, NULL);
        const DocSentence *s = &doc.sentences[0];
        assert_int_equal(s->layer_count, 3);
        assert_int_equal(doc.tensor_count, 1);
        assert_int_equal(doc.warning_count, 0);
        for (int l = 0; l < 3; l++) {
            for (int c = 0; c < 18; c++) {
                const DocMatrix *m = &s->layers[l].heads[c / 9].weights;
                check_close(head_value(&doc, m, c % 9 / 3, c % 3),
                            sample_weight(l, c / 9, c % 9 / 3, c % 3), table[i].tol);
            }
        }
        document_free(&doc);
    }
}

static void shards_and_bfloat16_open_with_tokens_of_the_metadata(void **state)
{
    (void)state;
    for (int shards = 0; shards < 2; shards++) {
        Document doc;
        must_open(&doc,
                  shards ? TENSORS "model.safetensors.index.json" : TENSORS "model.safetensors",
                  NULL);
        assert_int_equal(doc.sentences[0].layer_count, 2);
        assert_int_equal(doc.tensors[0].dtype, DTYPE_BF16);
        check_vectors(&doc, 0, 0);
        check_vectors(&doc, 1, 1);
        if (!shards)
            assert_string_equal(doc.sentences[0].keys.tokens[0], "α");
        document_free(&doc);
    }
}

static void a_batch_is_cut_to_its_tokens(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, TENSORS "batch.npz", NULL);
    assert_int_equal(doc.sentence_count, 2);
    for (int s = 0; s < 2; s++) {
        const DocSentence *sentence = &doc.sentences[s];
        assert_int_equal(sentence->queries.count, s ? 2 : 3);
        assert_string_equal(sentence->keys.tokens[1], s ? "e" : "b");
        const DocMatrix *m = &sentence->layers[0].heads[1].weights;
        assert_int_equal(m->rows, s ? 2 : 3);
        check_close(head_value(&doc, m, 1, 1), sample_weight(s, 1, 1, 1), 1e-7);
    }
    assert_int_equal(doc.sentences[1].reading->padding_keys, 1);
    document_free(&doc);
}

static void rows_and_columns_have_their_own_tokens(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, TENSORS "cross.npz", NULL);
    const DocSentence *s = &doc.sentences[0];
    assert_int_equal(s->queries.count, 2);
    assert_int_equal(s->keys.count, 3);
    assert_int_equal(s->reading->axes_by, AXES_COUNTS);
    document_free(&doc);
}

/* [sentence, source, target]: element s, i, j = (i + 1 + j) / the sum over i of the source. */
static void alignments_of_neural_monkey_go_with_their_token_files(void **state)
{
    (void)state;
    static const char *const more[] = {TENSORS "nm.src", TENSORS "nm.tgt"};
    const DocOrigin given[] = {{.source = TENSORS "nm.src", .target = TENSORS "nm.tgt"},
                               {.more = more, .more_count = 2}};
    for (size_t g = 0; g < 2; g++) {
        Document doc;
        must_open(&doc, TENSORS "alignments.npy", &given[g]);
        assert_int_equal(doc.sentence_count, 2);
        assert_int_equal(doc.file_count, 2);
        for (int n = 0; n < 2; n++) {
            const DocSentence *s = &doc.sentences[n];
            int source = n ? 2 : 3, target = n ? 4 : 3;
            assert_int_equal(s->keys.count, source);
            assert_int_equal(s->queries.count, target);
            assert_true(s->reading->rows_are_keys);
            assert_int_equal(s->reading->axes_by, AXES_SUMS);
            assert_false(s->reading->eos_keys || s->reading->eos_queries);
            for (int t = 0; t < target; t++) {
                double sum = source * (source + 1) / 2.0 + source * t;
                for (int i = 0; i < source; i++)
                    check_close(head_value(&doc, &s->layers[0].heads[0].weights, t, i),
                                (i + 1 + t) / sum, 1e-7);
            }
        }
        assert_string_equal(doc.sentences[1].keys.tokens[1], "bitte");
        assert_string_equal(doc.sentences[1].queries.tokens[3], "please");
        document_free(&doc);
    }
}

static void the_real_sample_of_neural_monkey_opens(void **state)
{
    (void)state;
    static const int sources[] = {13, 13, 16, 12, 11}; /* INDEX: non-zero source rows */
    char path[600], source[600], target[600];
    Document doc;
    if (!shared_data(path, sizeof path, "nmt/neuralmonkey/alignments.npy") ||
        !shared_data(source, sizeof source, "nmt/neuralmonkey/src.en.bpe") ||
        !shared_data(target, sizeof target, "nmt/neuralmonkey/out.lv.bpe"))
        skip();
    must_open(&doc, path, &(DocOrigin){.source = source, .target = target});
    assert_int_equal(doc.sentence_count, 5);
    assert_int_equal(doc.bad_count, 0);
    assert_int_equal(doc.warning_count, 0);
    for (int i = 0; i < 5; i++) {
        const DocSentence *s = &doc.sentences[i];
        assert_int_equal(s->keys.count, sources[i]);
        assert_int_equal(s->reading->axes_by, AXES_SUMS);
        const DocMatrix *m = &s->layers[0].heads[0].weights;
        assert_int_equal(m->rows, s->queries.count);
        for (int row = 0; row < m->rows; row++) {
            double sum = 0;
            for (int col = 0; col < m->cols; col++)
                sum += head_value(&doc, m, row, col);
            check_close(sum, 1, 1e-6);
        }
    }
    document_free(&doc);
}

static void what_is_unclear_is_asked_in_one_sentence(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {TENSORS "unclear.npz",
         "1 the names do not say what the arrays are: found a [3, 4], b [2, 4]; say it with --map "
         "q=a,k=b or attention=a or attention=b"},
        {LOAD_DATA "npy/vector.npy",
         "2 arrays: expected numbers with rows and columns, found vector.npy [4]"},
        {LOAD_DATA "npz/empty.npz", "2 arrays: expected numbers with rows and columns, found none"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err;
        assert_false(open_arrays(&doc, table[i][0], NULL, &err));
        assert_string_equal(error_text(&err), table[i][1]);
    }
    Document doc;
    must_open(&doc, TENSORS "unclear.npz", &(DocOrigin){.map = "q=a,k=b"});
    assert_int_equal(doc.sentences[0].keys.count, 2);
    document_free(&doc);
}

static void what_does_not_fit_or_is_too_much_is_refused(void **state)
{
    (void)state;
    Document doc;
    Error err;
    assert_false(open_arrays(&doc, TENSORS "alignments.npy",
                             &(DocOrigin){.source = TENSORS "nm.src", .target = TENSORS "nm.three"},
                             &err));
    assert_string_equal(error_text(&err), "2 queries: expected 2 lines, one a sentence, found 3");
    LoadRequest request = request_of(TENSORS "savez.npz");
    request.limits.memory = 215; /* three layers of 18 floats are 216 bytes */
    int64_t live = mem_live();
    document_init(&doc);
    err = (Error){0};
    assert_false(tensors_load(&doc, &request, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    document_free(&doc);
    assert_int_equal(mem_live(), live);
    request.limits.memory = 216;
    err = (Error){0};
    document_init(&doc);
    assert_true(tensors_load(&doc, &request, &err));
    document_free(&doc);
}

/* Refused, or (a buffer may ask again for less) opened with nothing missing. */
static void every_failing_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"nhd.npz", "a"},
                                           {"savez.npz", "0"},
                                           {"model.safetensors.index.json", "0"},
                                           {"batch.npz", "a"},
                                           {"model.safetensors", "α"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s%s", TENSORS, table[i][0]);
        uint64_t tried = UINT64_MAX;
        for (uint64_t n = 1; n <= tried; n++) {
            Document doc;
            Error err;
            int64_t live = mem_live();
            uint64_t before = mem_count();
            mem_fail_at(n, false);
            bool ok = open_arrays(&doc, path, NULL, &err);
            mem_fail_at(0, false);
            if (ok) {
                tried = mem_count() - before;
                assert_string_equal(doc.sentences[0].keys.tokens[0], table[i][1]);
                document_free(&doc);
            } else if (err.kind != ERROR_LIMIT) {
                fail_msg("%s, allocation %d: %s", table[i][0], (int)n, error_text(&err));
            }
            assert_int_equal(mem_live(), live);
        }
        assert_true(tried > 10 && tried < 5000);
    }
}

static void numbers_that_are_not_finite_are_told(void **state)
{
    (void)state;
    Document doc;
    must_open(&doc, TENSORS "masked.npz", NULL);
    assert_int_equal(doc.warning_count, 1);
    assert_string_equal(doc.warnings[0], "3 numbers are not finite, the first is scores[0][0][1]");
    document_free(&doc);
}

/* 2100 × 2100: more than is looked at number by number. Column j is spread evenly over rows below
 * 2000, rows beyond hold nothing; so columns sum to 1 and rows do not. */
static void one_huge_head_is_told_by_some_of_its_rows_and_columns(void **state)
{
    (void)state;
    enum { N = 2100, FULL = 2000 };
    char path[500], header[129];
    Document doc;
    float *data = mem_zero((size_t)N * N, sizeof *data);
    for (int i = 0; i < FULL; i++) {
        for (int j = 0; j < N; j++)
            data[i * N + j] = 1.0f / FULL;
    }
    snprintf(header, sizeof header, "\x93NUMPY\1%c%c%c%-117s\n", 1, 118, 0,
             "{'descr': '<f4', 'fortran_order': False, 'shape': (2100, 2100)}");
    header[7] = 0;
    snprintf(path, sizeof path, "%s/attention.npy", check_temp_dir());
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(header, 1, 128, file), 128);
    assert_int_equal(fwrite(data, sizeof *data, (size_t)N * N, file), (size_t)N * N);
    fclose(file);
    mem_free(data);
    must_open(&doc, path, NULL);
    const DocSentence *s = &doc.sentences[0];
    assert_int_equal(s->reading->axes_by, AXES_SUMS);
    assert_true(s->reading->rows_are_keys);
    assert_float_equal(head_value(&doc, &s->layers[0].heads[0].weights, 2099, 1999), 1.0f / FULL,
                       0);
    assert_float_equal(head_value(&doc, &s->layers[0].heads[0].weights, 2099, 2000), 0, 0);
    document_free(&doc);
}

static void a_cancelled_load_stops(void **state)
{
    (void)state;
    atomic_bool cancel = true;
    static const char *const names[] = {"savez.npz", "model.safetensors.index.json", "qkv.npz"};
    for (size_t i = 0; i < 3; i++) {
        char path[600];
        Document doc;
        Error err = {0};
        LoadRequest request = request_of(path);
        request.cancel = &cancel;
        snprintf(path, sizeof path, "%s%s", TENSORS, names[i]);
        document_init(&doc);
        assert_false(tensors_load(&doc, &request, &err));
        assert_int_equal(err.kind, ERROR_CANCELLED);
        document_free(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_open_in_every_order_of_dimensions),
        cmocka_unit_test(one_array_a_layer_and_one_of_all_are_the_same),
        cmocka_unit_test(shards_and_bfloat16_open_with_tokens_of_the_metadata),
        cmocka_unit_test(a_batch_is_cut_to_its_tokens),
        cmocka_unit_test(rows_and_columns_have_their_own_tokens),
        cmocka_unit_test(alignments_of_neural_monkey_go_with_their_token_files),
        cmocka_unit_test(the_real_sample_of_neural_monkey_opens),
        cmocka_unit_test(what_is_unclear_is_asked_in_one_sentence),
        cmocka_unit_test(what_does_not_fit_or_is_too_much_is_refused),
        cmocka_unit_test(every_failing_allocation_leaves_nothing_behind),
        cmocka_unit_test(numbers_that_are_not_finite_are_told),
        cmocka_unit_test(one_huge_head_is_told_by_some_of_its_rows_and_columns),
        cmocka_unit_test(a_cancelled_load_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
