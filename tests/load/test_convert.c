#include "same_test.h"

#include "load/convert.h"

#include <unistd.h>

/* Nothing has to reach the disk, and that would take most of the time. */
int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

/* Every document below examples/ and tests/data/load that opens by itself. */
static int documents(char paths[][512], int cap)
{
    static const char *const roots[] = {TEST_SOURCE_DIR "/examples", TEST_DATA_DIR "/load"};
    int count = 0;
    for (size_t r = 0; r < 2; r++) {
        DirList folders, files;
        assert_true(dir_list(&folders, roots[r], false, NULL));
        for (size_t i = 0; i < folders.count + 1; i++) {
            char dir[400];
            snprintf(dir, sizeof dir, "%s", roots[r]);
            if (i < folders.count && !folders.items[i].is_dir)
                continue;
            if (i < folders.count)
                snprintf(dir, sizeof dir, "%s/%s", roots[r], folders.items[i].name);
            assert_true(dir_list(&files, dir, false, NULL));
            for (size_t k = 0; k < files.count; k++) {
                const char *name = files.items[k].name;
                if (strstr(name, ".attn.json") && count < cap)
                    snprintf(paths[count++], 512, "%.380s/%.100s", dir, name);
            }
            dir_list_free(&files);
        }
        dir_list_free(&folders);
    }
    return count;
}

static void must_convert(Document *doc, Convert kind, const ConvertPlan *plan, const char *path)
{
    Error err = {0};
    if (!convert_document(doc, kind, plan, path, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static void same_bytes(const char *a, const char *b)
{
    size_t x, y;
    char *p = check_read(a, &x), *q = check_read(b, &y);
    if (x != y || memcmp(p, q, x) != 0)
        fail_msg("%s and %s differ", a, b);
    mem_free(p);
    mem_free(q);
}

static void same_settings(const Document *a, const Document *b)
{
    assert_int_equal(a->setting_count, b->setting_count);
    for (int i = 0; i < a->setting_count; i++) {
        assert_string_equal(a->settings[i].name, b->settings[i].name);
        assert_string_equal(a->settings[i].value, b->settings[i].value);
    }
    assert_int_equal(a->vocab != NULL, b->vocab != NULL);
    if (!a->vocab)
        return;
    assert_int_equal(a->vocab->count, b->vocab->count);
    assert_int_equal(a->vocab->position, b->vocab->position);
    same_stored(a->vocab->embedding, b->vocab->embedding);
    if (a->vocab->position == POSITION_GIVEN)
        same_stored(a->vocab->positions, b->vocab->positions);
    for (int i = 0; i < a->vocab->count; i++)
        assert_string_equal(a->vocab->tokens[i], b->vocab->tokens[i]);
}

/* To attn.json and back again, with the words of the source or, without it, with ours. */
static void there_and_back(const char *path, bool source, const char *dir)
{
    Document a, b;
    ConvertPlan plan = convert_plan();
    const char *once = check_path(dir, "1.attn.json"), *twice = check_path(dir, "2.attn.json");
    must_open(&a, path);
    if (!source)
        buf_free(&a.source);
    must_convert(&a, CONVERT_ATTN, &plan, once);
    must_open(&b, once);
    assert_int_equal(b.file_count, 0); /* it stands alone */
    assert_int_equal(a.sentence_count, b.sentence_count);
    for (int i = 0; i < a.sentence_count; i++)
        same_sentence(&a, &a.sentences[i], &b, &b.sentences[i]);
    same_settings(&a, &b);
    if (!source)
        buf_free(&b.source);
    must_convert(&b, CONVERT_ATTN, &plan, twice);
    same_bytes(once, twice);
    document_free(&a);
    document_free(&b);
}

static void every_document_goes_to_attn_json_and_back(void **state)
{
    (void)state;
    static char paths[64][512];
    const char *dir = check_temp_dir();
    int count = documents(paths, 64);
    assert_true(count >= 20);
    int64_t live = mem_live();
    for (int i = 0; i < count; i++) {
        if (strstr(paths[i], "unusable"))
            continue; /* its heads have no scores: the words for that are in the source alone */
        there_and_back(paths[i], true, dir);
        there_and_back(paths[i], false, dir);
    }
    assert_int_equal(mem_live(), live);
}

/* What arrays can hold of a head. */
static void same_arrays(const Document *a, const DocSentence *x, const Document *b,
                        const DocSentence *y)
{
    assert_int_equal(x->layer_count, y->layer_count);
    for (int i = 0; x->queries.tokens && i < x->queries.count; i++)
        assert_string_equal(x->queries.tokens[i], y->queries.tokens[i]);
    for (int i = 0; x->keys.tokens && i < x->keys.count; i++)
        assert_string_equal(x->keys.tokens[i], y->keys.tokens[i]);
    for (int l = 0; l < x->layer_count; l++) {
        assert_int_equal(x->layers[l].head_count, y->layers[l].head_count);
        for (int h = 0; h < x->layers[l].head_count; h++) {
            const DocHead *p = &x->layers[l].heads[h], *q = &y->layers[l].heads[h];
            if (p->q.tensor >= 0 && p->k.tensor >= 0) {
                same_matrix(a, p->q, b, q->q);
                same_matrix(a, p->k, b, q->k);
                same_matrix(a, p->recorded, b, q->recorded);
            } else {
                same_matrix(a, p->scores, b, q->scores);
                same_matrix(a, p->weights.tensor >= 0 ? p->weights : p->recorded, b, q->weights);
            }
            same_matrix(a, p->v, b, q->v);
        }
    }
}

static void arrays_and_back(Document *a, int sentence, const char *dir, int *written, int *refused)
{
    static const char *const names[2][3] = {{"1.npz", "2.npz", "3.npz"},
                                            {"1.safetensors", "2.safetensors", "3.safetensors"}};
    for (int i = 0; i < 2; i++) {
        Convert kind = i ? CONVERT_SAFETENSORS : CONVERT_NPZ,
                other = i ? CONVERT_NPZ : CONVERT_SAFETENSORS;
        const char *once = check_path(dir, names[i][0]), *back = check_path(dir, names[i][2]);
        const char *across = check_path(dir, names[!i][1]);
        ConvertPlan plan = convert_plan(), all = convert_plan();
        Document b, c;
        Error err = {0};
        plan.sentence = sentence;
        if (!convert_document(a, kind, &plan, once, &err)) {
            assert_int_equal(err.kind, ERROR_USAGE);
            assert_non_null(strstr(err.what, ".attn.json does"));
            ++*refused;
            continue;
        }
        must_open(&b, once);
        same_arrays(a, &a->sentences[sentence], &b, &b.sentences[0]);
        must_convert(&b, kind, &all, back);
        if (kind == CONVERT_NPZ && a->sentences[sentence].queries.tokens &&
            a->sentences[sentence].keys.tokens)
            same_bytes(once, back); /* the other one has a title too; patches become tokens */
        must_convert(&b, other, &all, across);
        must_open(&c, across);
        same_arrays(&b, &b.sentences[0], &c, &c.sentences[0]);
        document_free(&b);
        document_free(&c);
        ++*written;
    }
}

static void every_sentence_of_plain_heads_goes_to_arrays_and_back(void **state)
{
    (void)state;
    static char paths[64][512];
    const char *dir = check_temp_dir();
    int count = documents(paths, 64), written = 0, refused = 0;
    int64_t live = mem_live();
    for (int i = 0; i < count; i++) {
        Document doc;
        must_open(&doc, paths[i]);
        for (int s = 0; s < doc.sentence_count; s++)
            arrays_and_back(&doc, s, dir, &written, &refused);
        document_free(&doc);
    }
    print_message("%d written, %d refused\n", written, refused);
    assert_true(written > 60 && refused > 10);
    assert_int_equal(mem_live(), live);
}

static void a_table_has_the_digits_of_every_number(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "w.csv");
    Document doc;
    ConvertPlan plan = convert_plan();
    static const char text[] =
        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": ["
        "{\"weights\": [[0.1, 0.9], [1, 0]]}, "
        "{\"scores\": {\"dtype\": \"f64\", \"shape\": [2, 2], \"base64\": "
        "\"mpmZmZmZuT8AAAAAAADwfwAAAAAAAPj/AAAAAAAAAIA=\"}}]}]}"; /* 0.1, inf, nan, -0 */
    LoadRequest request = request_of("");
    Error err = {0};
    if (!load_text(&doc, text, strlen(text), &request, &err))
        fail_msg("%s", error_text(&err));
    assert_false(convert_document(&doc, CONVERT_CSV, &plan, path, &err));
    check_error(&err, ERROR_USAGE, "expected one head for .csv, found 2: choose one with --head");
    plan.head = 0;
    must_convert(&doc, CONVERT_CSV, &plan, path);
    check_content(path, "0.100000001,0.899999976\n1,0\n");
    plan.head = 1;
    must_convert(&doc, CONVERT_CSV, &plan, path);
    check_content(path, "0.1,inf\nnan,-0\n");
    document_free(&doc);
}

static void numbers_keep_their_type_and_every_bit(void **state)
{
    (void)state;
    static const char *const blocks[] = {
        "\"f16\", \"shape\": [2, 2], \"base64\": \"ADwAfAF+AIA=\"", /* 1, inf, nan with a bit, -0 */
        "\"bf16\", \"shape\": [2, 2], \"base64\": \"gD/Bf4D/AQA=\"", /* 1, nan, -inf, denormal */
        "\"f32\", \"shape\": [2, 2], \"base64\": \"//9/fwEAAAABAMB/AACA/w==\"",
        "\"f64\", \"shape\": [2, 2], \"base64\": \"AQAAAAAA+H8BAAAAAAAAAAAAAAAAAPD/mpmZmZmZuT8=\"",
    };
    const char *dir = check_temp_dir();
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        char text[400];
        Document doc, back;
        Error err = {0};
        LoadRequest request = request_of("");
        ConvertPlan plan = convert_plan();
        snprintf(text, sizeof text,
                 "{\"attnscope\": 1, \"tokens\": [\"\xc3\xa9\xf0\x9f\x90\x88\", \"\\\"\\n\"], "
                 "\"layers\": [{\"heads\": [{\"weights\": {\"dtype\": %s}}]}]}",
                 blocks[i]);
        if (!load_text(&doc, text, strlen(text), &request, &err))
            fail_msg("%s", error_text(&err));
        buf_free(&doc.source);
        for (int kind = CONVERT_ATTN; kind <= CONVERT_SAFETENSORS; kind++) {
            static const char *const names[] = {"x.attn.json", "x.npz", "x.safetensors"};
            const char *path = check_path(dir, names[kind]);
            must_convert(&doc, (Convert)kind, &plan, path);
            must_open(&back, path);
            DocMatrix m = doc.sentences[0].layers[0].heads[0].weights;
            DocMatrix n = back.sentences[0].layers[0].heads[0].weights;
            if (kind == CONVERT_NPZ && i == 1) { /* NumPy has no bf16 */
                const uint32_t want[] = {0x3F800000, 0x7FC10000, 0xFF800000, 0x00010000};
                assert_int_equal(back.tensors[n.tensor].dtype, DTYPE_F32);
                assert_memory_equal(back.tensors[n.tensor].data, want, sizeof want);
            } else {
                same_matrix(&doc, m, &back, n);
            }
            assert_string_equal(back.sentences[0].keys.tokens[0], "\xc3\xa9\xf0\x9f\x90\x88");
            assert_string_equal(back.sentences[0].keys.tokens[1], "\"\n");
            document_free(&back);
        }
        document_free(&doc);
    }
}

typedef struct {
    int count;
    char line[400];
} Notes;

static void note(void *context, const char *line)
{
    Notes *notes = context;
    notes->count++;
    snprintf(notes->line, sizeof notes->line, "%s", line);
}

/* What real programs wrote: every sentence of it, number by number. */
static void real_samples_become_documents(void **state)
{
    (void)state;
    static const struct {
        const char *path, *source, *target;
        int sentences; /* as the index of the samples says */
    } samples[] = {
        {"nmt/nematus/alignments.txt", NULL, NULL, 3},
        {"nmt/opennmt/attention.txt", NULL, NULL, 10},
        {"nmt/marian/marian.out.lv", "nmt/marian/marian.src.en", NULL, 5},
        {"nmt/marian-hard/align.expected", "nmt/marian-hard/text.in", NULL, 0},
        {"nmt/neuralmonkey/alignments.npy", "nmt/neuralmonkey/src.en.bpe",
         "nmt/neuralmonkey/out.lv.bpe", 5},
        {"nmt/nmt-visualizer/target2source_attention.json", NULL, NULL, 8},
        {"nmt/nmt-visualizer/Transformer_encoder_self_attention.json", NULL, NULL, 0},
        {"nmt/csv-bahdanau-enfr/rnn_attentional_ex2.csv", NULL, NULL, 1},
        {"attention/gpt2-small-recorded/ex0.json", NULL, NULL, 1},
    };
    const char *to = check_path(check_temp_dir(), "x.attn.json");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char path[512], source[512], target[512];
        Document doc, back;
        Error err = {0};
        Notes notes = {0};
        ConvertPlan plan = convert_plan();
        if (!shared_data(path, sizeof path, samples[i].path) ||
            (samples[i].source && !shared_data(source, sizeof source, samples[i].source)) ||
            (samples[i].target && !shared_data(target, sizeof target, samples[i].target)))
            continue;
        LoadRequest request = {.path = path, .limits = load_limits_default()};
        request.origin.source = samples[i].source ? source : NULL;
        request.origin.target = samples[i].target ? target : NULL;
        document_init(&doc);
        if (!load_document(&doc, &request, &err))
            fail_msg("%s: %s", path, error_text(&err));
        if (samples[i].sentences)
            assert_int_equal(doc.sentence_count, samples[i].sentences);
        plan.note = note;
        plan.context = &notes;
        must_convert(&doc, CONVERT_ATTN, &plan, to);
        assert_int_equal(notes.count, 0);
        must_open(&back, to);
        assert_int_equal(back.sentence_count, doc.sentence_count);
        for (int k = 0; k < doc.sentence_count; k++) {
            assert_true(document_open_sentence(&doc, k, &err));
            same_sentence(&doc, &doc.sentences[k], &back, &back.sentences[k]);
        }
        document_free(&back);
        document_free(&doc);
    }
}

static const char DUMP[] = "0 ||| b d ||| -1.5 ||| a c ||| 3 3\n"
                           "0.7 0.2 0.1 \n0.1 0.8 0.1 \n0.1 0.1 0.8 \n\n"
                           "1 ||| x ||| -2 ||| y z ||| 3 2\n"
                           "0.1 0.2 0.3 0.2 0.2\n\n" /* for two words */
                           "2 ||| x ||| -2 ||| y ||| 2 2\n"
                           "0.25 0.75\n0.5 0.5\n\n";

static void sentences_of_a_corpus_pass_one_by_one(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "dump.txt");
    const char *to = check_path(dir, "x.attn.json");
    Document doc, back;
    Notes notes = {0};
    Error err = {0};
    ConvertPlan plan = convert_plan();
    check_put(path, DUMP);
    must_open(&doc, path);
    assert_int_equal(doc.sentence_count, 3);
    assert_non_null(doc.corpus.self);
    assert_false(convert_document(&doc, CONVERT_ATTN, &plan, to, &err)); /* nobody would know */
    assert_non_null(strstr(err.where, "sentence 1"));
    plan.note = note;
    plan.context = &notes;
    must_convert(&doc, CONVERT_ATTN, &plan, to);
    assert_int_equal(notes.count, 1);
    assert_non_null(strstr(notes.line, "sentence 1 is left out: "));
    must_open(&back, to);
    assert_int_equal(back.sentence_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(document_open_sentence(&doc, 2 * i, &err));
        same_sentence(&doc, &doc.sentences[2 * i], &back, &back.sentences[i]);
    }
    const Tensor *t = &back.tensors[back.sentences[0].layers[0].heads[0].weights.tensor];
    assert_true(((const float *)t->data)[1] == 0.2f);
    document_free(&back);
    plan.sentence = 2;
    must_convert(&doc, CONVERT_NPZ, &plan, check_path(dir, "x.npz"));
    must_open(&back, check_path(dir, "x.npz"));
    assert_string_equal(back.sentences[0].keys.tokens[0], "y");
    document_free(&back);
    document_free(&doc);
}

static void many_sentences_are_packed(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "dump.txt");
    const char *to = check_path(dir, "x.attn.json");
    for (int count = 64; count <= 65; count++) {
        Document doc;
        ConvertPlan plan = convert_plan();
        FILE *file = fopen(path, "w");
        for (int i = 0; i < count; i++)
            fprintf(file, "%d ||| x ||| 0 ||| y ||| 2 2\n0.25 0.75\n0.5 0.5\n\n", i);
        fclose(file);
        must_open(&doc, path);
        must_convert(&doc, CONVERT_ATTN, &plan, to);
        document_free(&doc);
        char *text = check_read(to, NULL);
        assert_int_equal(strstr(text, "[[0.25, 0.75]") != NULL, count == 64);
        assert_int_equal(strstr(text, "\"AACAPgAAQD8AAAA/AAAAPw==\"") != NULL, count == 65);
        mem_free(text);
        must_open(&doc, to);
        assert_int_equal(doc.sentence_count, count);
        document_free(&doc);
    }
}

static bool stop(void *context, int done, int total)
{
    int *left = context;
    assert_true(done >= 0 && done <= total);
    return --*left > 0;
}

static void a_stopped_writing_leaves_what_was_there(void **state)
{
    (void)state;
    static const char *const names[] = {"x.attn.json", "x.npz", "x.safetensors", "x.csv"};
    const char *dir = check_temp_dir();
    for (int kind = 0; kind < CONVERT_COUNT; kind++) {
        for (int steps = 1;; steps++) {
            const char *path = check_path(dir, names[kind]);
            Document doc;
            Error err = {0};
            int left = steps;
            ConvertPlan plan = convert_plan();
            plan.progress = stop;
            plan.context = &left;
            plan.layer = plan.head = kind == CONVERT_CSV ? 0 : -1;
            must_open(&doc, TEST_SOURCE_DIR "/examples/three-tokens/three-tokens.attn.json");
            buf_free(&doc.source);
            check_put(path, "old");
            bool ok = convert_document(&doc, (Convert)kind, &plan, path, &err);
            document_free(&doc);
            if (ok)
                break;
            check_error(&err, ERROR_CANCELLED, "cancelled");
            check_content(path, "old");
        }
    }
}

static void places_and_names_are_checked(void **state)
{
    (void)state;
    static const struct {
        Convert kind;
        int sentence, layer, head;
        const char *want;
    } cases[] = {
        {CONVERT_ATTN, 9, -1, -1, "sentence: expected 0 … 5, found 9"},
        {CONVERT_ATTN, 0, 7, -1, "layer: expected 0 … 1, found 7"},
        {CONVERT_NPZ, 0, -1, 8, "head: expected 0 … 3, found 8"},
        {CONVERT_NPZ, -1, -1, -1,
         "expected one sentence for .npz, found 6: choose one with --sentence"},
        {CONVERT_CSV, -1, 0, 0,
         "expected one sentence for .csv, found 6: choose one with --sentence"},
    };
    const char *path = check_path(check_temp_dir(), "x");
    Document doc;
    Convert kind;
    Error err = {0};
    must_open(&doc, TEST_SOURCE_DIR "/examples/arabic-english/arabic-english.attn.json");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ConvertPlan plan = {
            .sentence = cases[i].sentence, .layer = cases[i].layer, .head = cases[i].head};
        error_clear(&err);
        assert_false(convert_document(&doc, cases[i].kind, &plan, path, &err));
        check_error(&err, ERROR_USAGE, cases[i].want);
        assert_false(file_stamp(path, &(FileStamp){0}));
    }
    document_free(&doc);
    error_clear(&err);
    assert_true(convert_kind("a/b.npz", &kind, &err) && kind == CONVERT_NPZ);
    assert_true(convert_kind("b.attn.json", &kind, &err) && kind == CONVERT_ATTN);
    assert_false(convert_kind("a/b.json", &kind, &err));
    check_error(&err, ERROR_USAGE,
                "name: expected one that ends in .attn.json, .npz, .safetensors or .csv, found "
                "\"b.json\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_goes_to_attn_json_and_back),
        cmocka_unit_test(every_sentence_of_plain_heads_goes_to_arrays_and_back),
        cmocka_unit_test(a_table_has_the_digits_of_every_number),
        cmocka_unit_test(numbers_keep_their_type_and_every_bit),
        cmocka_unit_test(real_samples_become_documents),
        cmocka_unit_test(sentences_of_a_corpus_pass_one_by_one),
        cmocka_unit_test(many_sentences_are_packed),
        cmocka_unit_test(a_stopped_writing_leaves_what_was_there),
        cmocka_unit_test(places_and_names_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
