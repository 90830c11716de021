#include "load_test.h"

#include "load/save.h"

static const char *const DOCUMENTS[] = {
    "rows.attn.json",  "padding.attn.json",   "files.attn.json", "base64.attn.json",
    "index.attn.json", "picture.attn.json",   "grid.attn.json",  "sentences.attn.json",
    "lines.jsonl",     "all_fields.attn.json"};

static void must_open(Document *doc, const char *path)
{
    LoadRequest request = request_of(path);
    Error err = {0};
    document_init(doc);
    if (!load_document(doc, &request, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static void same_stored(Stored a, Stored b)
{
    assert_int_equal(a.dtype, b.dtype);
    assert_int_equal(a.rows, b.rows);
    assert_int_equal(a.cols, b.cols);
    for (int row = 0; a.at && row < a.rows; row++) {
        size_t size = dtype_size(a.dtype);
        assert_memory_equal((const char *)a.at + (size_t)(row * a.step) * size,
                            (const char *)b.at + (size_t)(row * b.step) * size,
                            (size_t)a.cols * size);
    }
}

static void same_axis(const DocAxis *a, const DocAxis *b)
{
    assert_int_equal(a->count, b->count);
    assert_string_equal(a->lang, b->lang);
    assert_int_equal(a->padding != NULL, b->padding != NULL);
    for (int i = 0; i < a->count; i++) {
        if (a->tokens)
            assert_string_equal(a->tokens[i], b->tokens[i]);
        if (a->padding)
            assert_int_equal(a->padding[i], b->padding[i]);
        if (a->segments)
            assert_int_equal(a->segments[i], b->segments[i]);
    }
}

static void same_rnn(const RnnSpec *a, const RnnSpec *b)
{
    assert_int_equal(a->cell, b->cell);
    same_stored(a->weight_ih, b->weight_ih);
    same_stored(a->weight_hh, b->weight_hh);
    same_stored(a->bias_ih, b->bias_ih);
    same_stored(a->bias_hh, b->bias_hh);
}

static void same_spec(const HeadSpec *a, const HeadSpec *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    assert_int_equal(a->score.kind, b->score.kind);
    assert_true(a->score.factor == b->score.factor && a->score.sigma == b->score.sigma);
    for (int i = 0; i < PARAM_COUNT; i++)
        same_stored(a->score.param[i], b->score.param[i]);
    assert_int_equal(a->bias_count, b->bias_count);
    for (int i = 0; i < a->bias_count; i++) {
        assert_int_equal(a->biases[i].kind, b->biases[i].kind);
        assert_true(a->biases[i].slope == b->biases[i].slope);
        same_stored(a->biases[i].table, b->biases[i].table);
        same_stored(a->biases[i].m, b->biases[i].m);
    }
    assert_memory_equal(&a->rope, &b->rope, sizeof a->rope);
    same_rnn(&a->rnn_q, &b->rnn_q);
    same_rnn(&a->rnn_k, &b->rnn_k);
    const Stored x[] = {a->x_q, a->x_k, a->w_q, a->w_k, a->w_v, a->b_q, a->b_k, a->b_v};
    const Stored y[] = {b->x_q, b->x_k, b->w_q, b->w_k, b->w_v, b->b_q, b->b_k, b->b_v};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        same_stored(x[i], y[i]);
}

/* Every number bit for bit, every text. Settings are compared by the tests themselves. */
static void same_documents(Document *a, Document *b)
{
    Error err = {0};
    assert_int_equal(a->sentence_count, b->sentence_count);
    assert_string_equal(a->title, b->title);
    for (int s = 0; s < a->sentence_count; s++) {
        const DocSentence *x = &a->sentences[s], *y = &b->sentences[s];
        same_axis(&x->queries, &y->queries);
        same_axis(&x->keys, &y->keys);
        assert_int_equal(x->layer_count, y->layer_count);
        assert_int_equal(x->sure_count, y->sure_count);
        assert_int_equal(x->image.image.w, y->image.image.w);
        if (x->image.image.px)
            assert_memory_equal(x->image.image.px, y->image.image.px,
                                (size_t)x->image.image.w * (size_t)x->image.image.h * 4);
        for (int l = 0; l < x->layer_count; l++) {
            assert_int_equal(x->layers[l].head_count, y->layers[l].head_count);
            for (int h = 0; h < x->layers[l].head_count; h++) {
                AttnInput p, q;
                assert_true(document_select(a, s, l, h, &p, &err));
                assert_true(document_select(b, s, l, h, &q, &err));
                same_stored(p.stored_q, q.stored_q);
                same_stored(p.stored_k, q.stored_k);
                same_stored(p.stored_v, q.stored_v);
                same_stored(p.stored_given, q.stored_given);
                same_stored(p.mask, q.mask);
                same_spec(p.spec, q.spec);
                assert_int_equal(p.recorded.rows, q.recorded.rows);
                assert_true(p.d_k == q.d_k && p.d_model == q.d_model);
                assert_true(p.key != q.key);
            }
        }
    }
}

static void the_text_stays_but_for_the_settings(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    DocSetting settings[] = {{"temperature", "0.25"}, {"mask.hidden", "3,5-7"}};
    must_open(&doc, LOAD_DATA "rows.attn.json");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, settings, 2, LOAD_DATA "other.attn.json", &out, &err));
    const char *want = "{\"temperature\": 0.25, \"mask.hidden\": \"3,5-7\"}";
    size_t from = doc.place.from, rest = doc.source.size - doc.place.to;
    assert_memory_equal(out.data, doc.source.data, from);
    assert_memory_equal(out.data + from, want, strlen(want));
    assert_int_equal(out.size, from + strlen(want) + rest);
    assert_memory_equal(out.data + from + strlen(want), doc.source.data + doc.place.to, rest);
    assert_non_null(strstr(out.data, "\"mine\": {\n  \"kept\": [\n   1.1,"));
    buf_free(&out);
    document_free(&doc);
}

static void values_are_written_as_what_they_look_like(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    DocSetting settings[] = {
        {"a", "true"}, {"b", "-1.5e-3"}, {"c", "auto"},          {"d", "01"},
        {"e", ""},     {"f", "1,2"},     {"g", "a \"b\"\n\x01"}, {"h", "1e999"}};
    must_open(&doc, LOAD_DATA "lines.jsonl");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, settings, 8, LOAD_DATA "other.jsonl", &out, &err));
    assert_non_null(strstr(
        out.data, ", \"settings\": {\"a\": true, \"b\": -1.5e-3, \"c\": \"auto\", \"d\": \"01\", "
                  "\"e\": \"\", "
                  "\"f\": \"1,2\", \"g\": \"a \\\"b\\\"\\n\\u0001\", \"h\": \"1e999\"}}\n{"));
    buf_free(&out);
    document_free(&doc);
}

static void a_saved_document_opens_as_it_was(void **state)
{
    (void)state;
    const char *folder = check_temp_dir();
    DocSetting settings[] = {{"mask.causal", "true"}, {"temperature", "2"}, {"view", "lines"}};
    for (size_t i = 0; i < sizeof DOCUMENTS / sizeof *DOCUMENTS; i++) {
        Document doc, again;
        char path[600];
        Error err = {0};
        snprintf(path, sizeof path, "%s%s", LOAD_DATA, DOCUMENTS[i]);
        must_open(&doc, path);
        snprintf(path, sizeof path, "%s/%s", folder, DOCUMENTS[i]);
        if (!save_document(&doc, settings, 3, path,
                           &err)) /* another folder: it must stand alone there */
            fail_msg("%s", error_text(&err));
        must_open(&again, path);
        assert_int_equal(again.file_count, 0);
        assert_int_equal(again.setting_count, 3);
        assert_string_equal(again.settings[1].value, "2");
        assert_int_equal(again.jsonl, doc.jsonl);
        same_documents(&doc, &again);
        document_free(&again);
        document_free(&doc);
    }
}

static void members_beside_a_reference_survive_the_move(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    must_open(&doc, LOAD_DATA "files.attn.json");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, NULL, 0, "/elsewhere/files.attn.json", &out, &err));
    assert_null(strstr(out.data, "\"file\""));
    assert_null(strstr(out.data, "\"tensor\""));
    assert_non_null(strstr(out.data, "\"note\": \"kept\"}"));
    assert_non_null(strstr(out.data, "\"extra\": 1"));
    buf_free(&out);
    document_free(&doc);
}

static void every_failed_allocation_of_a_save_is_a_clean_error(void **state)
{
    (void)state;
    Document doc;
    DocSetting settings[] = {{"mask.causal", "true"}, {"temperature", "2"}, {"view", "lines"}};
    must_open(&doc, LOAD_DATA "files.attn.json");
    int64_t live = mem_live();
    bool ok = false;
    for (uint64_t n = 1; !ok; n++) {
        Buf out;
        Error err = {0};
        buf_init(&out, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        ok = save_text(&doc, settings, 3, "/elsewhere/files.attn.json", &out, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        buf_free(&out);
        assert_int_equal(mem_live(), live);
        assert_true(n < 1000);
    }
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_stays_but_for_the_settings),
        cmocka_unit_test(values_are_written_as_what_they_look_like),
        cmocka_unit_test(a_saved_document_opens_as_it_was),
        cmocka_unit_test(members_beside_a_reference_survive_the_move),
        cmocka_unit_test(every_failed_allocation_of_a_save_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
