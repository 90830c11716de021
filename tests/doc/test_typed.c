/* Typed sentences against double results of numpy (tests/data/doc/make_typed.py), sines against
 * the published formula in long double. */
#include "doc/typed.h"
#include "base/mem.h"
#include "base/text_set.h"
#include "core/pipeline.h"
#include "data/doc/typed_reference.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TOKENS = sizeof REF_TOKENS / sizeof *REF_TOKENS };

typedef struct {
    Document doc;
    DocVocab vocab;
    DocSentence sentences[2];
    DocLayer layer;
    DocHead heads[3];
    HeadSpec specs[3];
    Typed *typed;
} Sample;

static Stored numbers(const double *at, int rows, int cols)
{
    return (Stored){at, DTYPE_F64, rows, cols, cols};
}

static void sample_init(Sample *s)
{
    static const char *own[] = {"the", "cat", "zebra"}, *other[] = {"sat", "on"};
    static const DocMatrix none = {.tensor = -1};
    *s = (Sample){0};
    document_init(&s->doc);
    s->vocab = (DocVocab){.tokens = (const char **)(uintptr_t)REF_TOKENS,
                          .count = TOKENS,
                          .embedding = numbers(REF_EMBEDDING, TOKENS, REF_D)};
    s->specs[0] = (HeadSpec){.w_q = numbers(REF_W_Q, REF_K, REF_D),
                             .w_k = numbers(REF_W_K, REF_K, REF_D),
                             .w_v = numbers(REF_W_V, REF_V, REF_D),
                             .b_q = numbers(REF_B_Q, 1, REF_K)};
    s->specs[1] = s->specs[0];
    s->specs[1].x_q = numbers(REF_X0, 3, REF_D);
    s->specs[1].same_x = true;
    for (int i = 0; i < 3; i++)
        s->heads[i] = (DocHead){.q = none,
                                .k = none,
                                .v = none,
                                .scores = none,
                                .weights = none,
                                .recorded = none,
                                .mask = none,
                                .spec = i < 2 ? &s->specs[i] : NULL};
    s->layer = (DocLayer){.name = "", .heads = s->heads, .head_count = 3};
    for (int i = 0; i < 2; i++)
        s->sentences[i] = (DocSentence){.title = "",
                                        .about = "",
                                        .queries = {own, 3, "en", NULL, NULL},
                                        .keys = {own, 3, "en", NULL, NULL},
                                        .self = true,
                                        .layers = &s->layer,
                                        .layer_count = 1};
    s->sentences[1].keys = (DocAxis){other, 2, "de", NULL, NULL};
    s->sentences[1].self = false;
    s->doc.sentences = s->sentences;
    s->doc.sentence_count = 2;
    s->doc.vocab = &s->vocab;
    s->doc.memory = 1 << 20;
    s->doc.key = 77;
    s->typed = typed_new();
    assert_non_null(s->typed);
}

static void sample_free(Sample *s)
{
    typed_free(s->typed);
    arena_free(&s->doc.arena);
}

static void type(Sample *s, const char *text)
{
    Error err = {0};
    if (!typed_update(s->typed, &s->doc, 0, true, text_set_intern(text, strlen(text)), &err))
        fail_msg("%s", err.what);
}

static AttnInput selected(Sample *s, int sentence, int head)
{
    AttnInput in;
    Error err = {0};
    if (!typed_select(s->typed, &s->doc, sentence, 0, head, &in, &err))
        fail_msg("%s", err.what);
    return in;
}

static void typed_tokens_have_the_vectors_of_numpy(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    for (int r = 0; r < REF_TEXTS; r++) {
        type(&s, REF[r].text);
        const DocSentence *sentence = typed_sentence(s.typed);
        AttnInput in = selected(&s, 0, 0);
        assert_int_equal(sentence->queries.count, REF[r].n);
        assert_int_equal(sentence->keys.count, REF[r].n);
        assert_int_equal(in.n_q, REF[r].n);
        assert_int_equal(in.n_k, REF[r].n);
        assert_true(in.spec->same_x && sentence->self);
        for (int i = 0; i < REF[r].n; i++) {
            if (REF[r].ids[i] > 0)
                assert_string_equal(sentence->queries.tokens[i], REF_TOKENS[REF[r].ids[i]]);
            for (int c = 0; c < REF_D; c++) {
                check_close(stored_value(in.spec->x_q, i, c), REF[r].x[i * REF_D + c], 1e-15);
                check_close(stored_value(in.spec->embedding, i, c) +
                                stored_value(in.spec->position, i, c),
                            REF[r].x[i * REF_D + c], 1e-15);
            }
        }
    }
    sample_free(&s);
}

static void typed_tokens_have_the_weights_of_numpy(void **state)
{
    (void)state;
    Sample s;
    Pipeline *p = pipeline_new();
    AttnParams params = {.scale = {.temperature = 1}, .mask = {.dilation = 1, .renormalise = true}};
    sample_init(&s);
    for (int r = 0; r < REF_TEXTS; r++) {
        Error err = {0};
        type(&s, REF[r].text);
        AttnInput in = selected(&s, 0, 0);
        if (!pipeline_update(p, &in, &params, STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(STAGE_OUTPUT),
                             NULL, &err))
            fail_msg("%s", err.what);
        const AttnResult *result = pipeline_result(p);
        for (int i = 0; i < REF[r].n; i++) {
            for (int j = 0; j < REF[r].n; j++)
                check_close((double)matrix_row(result->stage[STAGE_WEIGHTS], i)[j],
                            REF[r].weights[i * REF[r].n + j], 1e-6);
            for (int c = 0; c < REF_V; c++)
                check_close((double)matrix_row(result->stage[STAGE_OUTPUT], i)[c],
                            REF[r].output[i * REF_V + c], 2e-6);
        }
    }
    pipeline_free(p);
    sample_free(&s);
}

static void positions_are_those_of_the_published_formula(void **state)
{
    (void)state;
    Sample s;
    char text[1400] = "";
    sample_init(&s);
    for (int i = 0; i < 300; i++) /* letter by letter, so that the kept rows grow */
        snprintf(text + strlen(text), sizeof text - strlen(text), "the ");
    for (size_t n = 4; n <= 1200; n += 92) {
        char part[1400];
        snprintf(part, sizeof part, "%.*s", (int)n, text);
        type(&s, part);
        AttnInput in = selected(&s, 0, 0);
        assert_int_equal(in.n_q, n / 4);
        for (int p = 0; p < in.n_q; p++) {
            for (int i = 0; i < REF_D / 2; i++) {
                long double angle =
                    (long double)p / powl(10000, 2 * (long double)i / (long double)REF_D);
                check_close(stored_value(in.spec->position, p, 2 * i), (double)sinl(angle), 1e-15);
                check_close(stored_value(in.spec->position, p, 2 * i + 1), (double)cosl(angle),
                            1e-15);
            }
        }
    }
    sample_free(&s);
}

static void the_documents_own_tokens_are_looked_up(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    assert_true(typed_update(s.typed, &s.doc, 0, false, 0, NULL));
    assert_ptr_equal(typed_sentence(s.typed), &s.sentences[0]);
    assert_false(typed_is_text(s.typed));
    AttnInput in = selected(&s, 0, 0);
    assert_int_equal(in.n_q, 3);
    for (int c = 0; c < REF_D; c++) { /* the, cat, zebra = <unk> */
        assert_true(stored_value(in.spec->embedding, 1, c) == REF_EMBEDDING[2 * REF_D + c]);
        assert_true(stored_value(in.spec->embedding, 2, c) == REF_EMBEDDING[c]);
    }
    const uint8_t *unknown = typed_unknown(s.typed, false);
    assert_true(unknown && !unknown[0] && !unknown[1] && unknown[2]);
    assert_string_equal(typed_note(s.typed), "1 word is not in the vocabulary: zebra");
    /* A head with vectors of its own keeps them. */
    in = selected(&s, 0, 1);
    assert_ptr_equal(in.spec, &s.specs[1]);
    /* Two axes: each with its own vectors. */
    assert_true(typed_update(s.typed, &s.doc, 1, false, 0, NULL));
    in = selected(&s, 1, 0);
    assert_int_equal(in.n_q, 3);
    assert_int_equal(in.n_k, 2);
    assert_false(in.spec->same_x);
    assert_int_equal(in.spec->x_k.rows, 2);
    check_close(stored_value(in.spec->x_k, 1, 0), REF_EMBEDDING[4 * REF_D] + sin(1.0), 1e-15);
    assert_null(typed_unknown(s.typed, false));
    assert_non_null(typed_unknown(s.typed, true));
    sample_free(&s);
}

static void a_text_serves_both_axes_of_a_translation(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    assert_true(
        typed_update(s.typed, &s.doc, 1, true, text_set_intern("the cat sat on", 14), NULL));
    AttnInput in = selected(&s, 1, 0);
    assert_int_equal(in.n_q, 4);
    assert_int_equal(in.n_k, 4);
    assert_string_equal(typed_sentence(s.typed)->keys.lang, "");
    sample_free(&s);
}

static void a_head_with_vectors_of_its_own_cannot_follow(void **state)
{
    (void)state;
    Sample s;
    AttnInput in;
    Error err = {0};
    sample_init(&s);
    type(&s, "the cat");
    assert_false(typed_select(s.typed, &s.doc, 0, 0, 1, &in, &err));
    check_error(&err, ERROR_USAGE,
                "typed text: expected a head that makes q, k and v from x, found x of its own in "
                "layer 0 head 1");
    static BiasSpec bias = {.kind = BIAS_MATRIX};
    s.specs[0].biases = &bias;
    s.specs[0].bias_count = 1;
    err = (Error){0};
    assert_false(typed_select(s.typed, &s.doc, 0, 0, 0, &in, &err));
    check_error(&err, ERROR_USAGE,
                "typed text: expected a head that makes q, k and v from x, found a bias matrix of "
                "its own in layer 0 head 0");
    /* A head that says nothing at all takes x for q, k and v. */
    in = selected(&s, 0, 2);
    assert_int_equal(in.spec->x_q.rows, 2);
    sample_free(&s);
}

static void every_text_has_a_key_of_its_own_and_keeps_it(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    uint64_t keys[4];
    static const char *const texts[] = {"the", "the ", "the cat", "the"};
    for (int i = 0; i < 4; i++) {
        type(&s, texts[i]);
        keys[i] = selected(&s, 0, 0).key;
        assert_true(keys[i] != 0);
    }
    assert_true(keys[0] == keys[3] && keys[0] != keys[1] && keys[1] != keys[2]);
    assert_true(typed_update(s.typed, &s.doc, 0, false, 0, NULL));
    assert_true(selected(&s, 0, 0).key != keys[0]);
    /* The same again makes nothing anew. */
    const double *at = selected(&s, 0, 0).spec->x_q.at;
    uint64_t allocations = mem_count();
    assert_true(typed_update(s.typed, &s.doc, 0, false, 5, NULL));
    assert_int_equal(mem_count(), allocations);
    assert_ptr_equal(selected(&s, 0, 0).spec->x_q.at, at);
    sample_free(&s);
}

static void no_tokens_is_a_state_of_its_own(void **state)
{
    (void)state;
    Sample s;
    AttnInput in;
    Error err = {0};
    sample_init(&s);
    type(&s, "   ");
    assert_int_equal(typed_sentence(s.typed)->queries.count, 0);
    assert_false(typed_select(s.typed, &s.doc, 0, 0, 0, &in, &err));
    check_error(&err, ERROR_USAGE, "typed text: expected at least one token, found none");
    assert_string_equal(typed_note(s.typed), "");
    s.doc.vocab = NULL;
    assert_true(typed_update(s.typed, &s.doc, 0, true, 1, NULL));
    assert_null(typed_sentence(s.typed));
    sample_free(&s);
}

static void given_positions_bound_the_text(void **state)
{
    (void)state;
    static const double positions[2 * REF_D] = {0.5, 0, 0, 0, 0, 0, -0.25};
    Sample s;
    Error err = {0};
    sample_init(&s);
    s.vocab.position = POSITION_GIVEN;
    s.vocab.positions = numbers(positions, 2, REF_D);
    type(&s, "the cat sat zzz");
    AttnInput in = selected(&s, 0, 0);
    assert_int_equal(in.n_q, 2);
    check_close(stored_value(in.spec->x_q, 1, 0), REF_EMBEDDING[2 * REF_D] - 0.25, 0);
    assert_string_equal(typed_note(s.typed), "The text is cut after 2 tokens.");
    assert_false(typed_update(s.typed, &s.doc, 0, false, 0, &err));
    check_error(&err, ERROR_MALFORMED,
                "vocab.position: expected a row for each of 3 tokens, found 2");
    assert_int_equal(typed_sentence(s.typed)->queries.count, 2); /* as it was */
    s.vocab.position = POSITION_NONE;
    type(&s, "the cat sat");
    in = selected(&s, 0, 0);
    assert_null(in.spec->position.at);
    assert_true(stored_value(in.spec->x_q, 2, 1) == REF_EMBEDDING[3 * REF_D + 1]);
    sample_free(&s);
}

static void unknown_words_are_named_once(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    type(&s, "foo the bar foo");
    assert_string_equal(typed_note(s.typed), "2 words are not in the vocabulary: foo, bar");
    const uint8_t *u = typed_unknown(s.typed, true);
    assert_true(u && u[0] && !u[1] && u[2] && u[3]);
    type(&s, "aa bb cc dd ee ff gg aa");
    assert_string_equal(typed_note(s.typed),
                        "7 words are not in the vocabulary: aa, bb, cc, dd, ee and 2 more");
    type(&s, "the cat");
    assert_string_equal(typed_note(s.typed), "");
    assert_null(typed_unknown(s.typed, true));
    sample_free(&s);
}

static void want_of_memory_keeps_what_was(void **state)
{
    (void)state;
    Sample s;
    sample_init(&s);
    type(&s, "the cat");
    int text = text_set_intern("the cat sat on the mat", 22);
    bool done = false;
    for (uint64_t n = 1; !done && n < 64; n++) {
        Error err = {0};
        mem_fail_at(n, false);
        done = typed_update(s.typed, &s.doc, 0, true, text, &err);
        mem_fail_at(0, false);
        if (!done) {
            assert_int_equal(err.kind, ERROR_LIMIT);
            assert_int_equal(typed_sentence(s.typed)->queries.count, 2);
        }
    }
    assert_true(done);
    assert_int_equal(typed_sentence(s.typed)->queries.count, 6);
    sample_free(&s);
    text_set_forget();
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typed_tokens_have_the_vectors_of_numpy),
        cmocka_unit_test(typed_tokens_have_the_weights_of_numpy),
        cmocka_unit_test(positions_are_those_of_the_published_formula),
        cmocka_unit_test(the_documents_own_tokens_are_looked_up),
        cmocka_unit_test(a_text_serves_both_axes_of_a_translation),
        cmocka_unit_test(a_head_with_vectors_of_its_own_cannot_follow),
        cmocka_unit_test(every_text_has_a_key_of_its_own_and_keeps_it),
        cmocka_unit_test(no_tokens_is_a_state_of_its_own),
        cmocka_unit_test(given_positions_bound_the_text),
        cmocka_unit_test(unknown_words_are_named_once),
        cmocka_unit_test(want_of_memory_keeps_what_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
