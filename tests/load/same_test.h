/* Two documents are the same, number by number. For tests that write documents and read them back.
 */
#ifndef ATTNSCOPE_TESTS_LOAD_SAME_TEST_H
#define ATTNSCOPE_TESTS_LOAD_SAME_TEST_H

#include "load_test.h"

static inline void must_open(Document *doc, const char *path)
{
    LoadRequest request = request_of(path);
    Error err = {0};
    document_init(doc);
    if (!load_document(doc, &request, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static inline void same_stored(Stored a, Stored b)
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

static inline void same_axis(const DocAxis *a, const DocAxis *b)
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

static inline void same_rnn(const RnnSpec *a, const RnnSpec *b)
{
    assert_int_equal(a->cell, b->cell);
    same_stored(a->weight_ih, b->weight_ih);
    same_stored(a->weight_hh, b->weight_hh);
    same_stored(a->bias_ih, b->bias_ih);
    same_stored(a->bias_hh, b->bias_hh);
}

static inline void same_spec(const HeadSpec *a, const HeadSpec *b)
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
static inline void same_documents(Document *a, Document *b)
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

/* As stored, whether or not the head has scores. */
static inline void same_matrix(const Document *a, DocMatrix m, const Document *b, DocMatrix n)
{
    const DocMatrix each[] = {m, n};
    const Document *of[] = {a, b};
    Stored stored[2] = {{.at = NULL}, {.at = NULL}};
    assert_int_equal(m.tensor >= 0, n.tensor >= 0);
    for (int i = 0; i < 2 && m.tensor >= 0; i++) {
        const Tensor *t = &of[i]->tensors[each[i].tensor];
        stored[i] = (Stored){(const char *)t->data + (size_t)each[i].offset * dtype_size(t->dtype),
                             t->dtype, each[i].rows, each[i].cols, (ptrdiff_t)each[i].step};
    }
    same_stored(stored[0], stored[1]);
}

static inline void same_head(const Document *a, const DocHead *x, const Document *b,
                             const DocHead *y)
{
    same_matrix(a, x->q, b, y->q);
    same_matrix(a, x->k, b, y->k);
    same_matrix(a, x->v, b, y->v);
    same_matrix(a, x->scores, b, y->scores);
    same_matrix(a, x->weights, b, y->weights);
    same_matrix(a, x->recorded, b, y->recorded);
    same_matrix(a, x->mask, b, y->mask);
    same_spec(x->spec, y->spec);
    assert_int_equal(x->entry, y->entry);
    assert_true(x->d_k == y->d_k);
}

static inline void same_sentence(const Document *a, const DocSentence *x, const Document *b,
                                 const DocSentence *y)
{
    assert_string_equal(x->title, y->title);
    assert_string_equal(x->about, y->about);
    assert_true(x->d_model == y->d_model);
    same_axis(&x->queries, &y->queries);
    same_axis(&x->keys, &y->keys);
    assert_int_equal(x->sure_count, y->sure_count);
    assert_int_equal(x->possible_count, y->possible_count);
    if (x->sure_count)
        assert_memory_equal(x->sure, y->sure, (size_t)x->sure_count * sizeof *x->sure);
    if (x->possible_count)
        assert_memory_equal(x->possible, y->possible,
                            (size_t)x->possible_count * sizeof *x->possible);
    assert_int_equal(x->image.present, y->image.present);
    assert_int_equal(x->image.rows, y->image.rows);
    assert_int_equal(x->image.axis, y->image.axis);
    assert_int_equal(x->image.special_count, y->image.special_count);
    assert_int_equal(x->image.image.w, y->image.image.w);
    if (x->image.image.px)
        assert_memory_equal(x->image.image.px, y->image.image.px,
                            (size_t)x->image.image.w * (size_t)x->image.image.h * 4);
    assert_int_equal(x->layer_count, y->layer_count);
    for (int l = 0; l < x->layer_count; l++) {
        assert_int_equal(x->layers[l].head_count, y->layers[l].head_count);
        assert_string_equal(x->layers[l].name, y->layers[l].name);
        for (int h = 0; h < x->layers[l].head_count; h++)
            same_head(a, &x->layers[l].heads[h], b, &y->layers[l].heads[h]);
    }
}

#endif
