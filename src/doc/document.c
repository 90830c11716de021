#include "doc/document.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/prepare.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void document_init(Document *doc)
{
    *doc = (Document){.format = "", .title = ""};
    buf_init(&doc->source, BUF_NO_LIMIT);
    arena_init(&doc->arena);
    for (int i = 0; i < CORPUS_SLOTS; i++) {
        doc->corpus.slots[i].sentence = -1;
        arena_init(&doc->corpus.slots[i].arena);
    }
}

const char *document_input(const Document *doc, const char *path)
{
    const DocOrigin *o = &doc->origin;
    const char *const given[] = {doc->path, o->source, o->target, o->gold};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (given[i] && file_same(path, given[i]))
            return given[i];
    }
    for (int i = 0; i < o->more_count; i++) {
        if (file_same(path, o->more[i]))
            return o->more[i];
    }
    for (int i = 0; i < doc->file_count; i++) {
        if (file_same(path, doc->files[i]))
            return doc->files[i];
    }
    return NULL;
}

DocHead document_empty_head(void)
{
    const DocMatrix none = {.tensor = -1};
    return (DocHead){.q = none,
                     .k = none,
                     .v = none,
                     .scores = none,
                     .weights = none,
                     .recorded = none,
                     .mask = none,
                     .entry = ENTRY_QK};
}

bool document_empty_layers(DocSentence *s, Arena *arena)
{
    DocLayer *layer = arena_alloc(arena, 1, sizeof *layer);
    DocHead *head = arena_alloc(arena, 1, sizeof *head);
    if (!layer || !head)
        return false;
    *head = document_empty_head();
    *layer = (DocLayer){.name = "", .heads = head, .head_count = 1};
    s->layers = layer;
    s->layer_count = 1;
    return true;
}

void document_free(Document *doc)
{
    for (int i = 0; i < doc->sentence_count && !doc->corpus.self; i++)
        image_free(&doc->sentences[i].image.image);
    for (int i = 0; i < doc->tensor_count; i++)
        tensor_free(&doc->tensors[i]);
    for (int i = 0; i < CORPUS_SLOTS; i++)
        arena_free(&doc->corpus.slots[i].arena);
    if (doc->corpus.self)
        doc->corpus.free(doc->corpus.self);
    mem_free(doc->corpus.sentences);
    mem_free(doc->tensors);
    mem_free(doc->path);
    buf_free(&doc->source);
    arena_free(&doc->arena);
    document_init(doc);
}

static bool in_range(const char *name, int index, int count, Error *err)
{
    if (index >= 0 && index < count)
        return true;
    if (count == 1)
        return error_set(err, ERROR_USAGE, "%s: expected 0, found %d", name, index);
    return error_set(err, ERROR_USAGE, "%s: expected 0 … %d, found %d", name, count - 1, index);
}

static Stored stored_of(const Document *doc, DocMatrix m)
{
    if (m.tensor < 0)
        return (Stored){.at = NULL};
    const Tensor *t = &doc->tensors[m.tensor];
    return (Stored){(const char *)t->data + (size_t)m.offset * dtype_size(t->dtype), t->dtype,
                    m.rows, m.cols, (ptrdiff_t)m.step};
}

static bool lend(Document *doc, DocMatrix m, Matrix *out, Error *err)
{
    *out = (Matrix){0};
    if (m.tensor < 0)
        return true;
    Tensor *t = &doc->tensors[m.tensor];
    if (!tensor_floats(t, &doc->memory, doc->cancel, err))
        return false;
    *out = (Matrix){t->floats + m.offset, m.rows, m.cols, (ptrdiff_t)m.step};
    return true;
}

/* A finite value beyond FLT_MAX in this matrix; other heads may share its tensor. */
static bool is_wide(const Document *doc, DocMatrix m)
{
    if (m.tensor < 0 || !doc->tensors[m.tensor].wide)
        return false;
    for (int row = 0; row < m.rows; row++) {
        for (int col = 0; col < m.cols; col++) {
            double x = tensor_value(&doc->tensors[m.tensor], m.offset + row * m.step + col);
            if (isfinite(x) && fabs(x) > (double)FLT_MAX)
                return true;
        }
    }
    return false;
}

static bool stored_wide(Stored m)
{
    if (!m.at || m.dtype != DTYPE_F64) /* no other type reaches beyond */
        return false;
    for (int row = 0; row < m.rows; row++) {
        for (int col = 0; col < m.cols; col++) {
            double x = stored_value(m, row, col);
            if (isfinite(x) && fabs(x) > (double)FLT_MAX)
                return true;
        }
    }
    return false;
}

static bool rnn_wide(const RnnSpec *rnn)
{
    return stored_wide(rnn->weight_ih) || stored_wide(rnn->weight_hh) ||
           stored_wide(rnn->bias_ih) || stored_wide(rnn->bias_hh);
}

/* The same for all numbers that go into q, k, v or the scores. */
static bool spec_wide(const Document *doc, const HeadSpec *spec)
{
    bool any = false;
    for (int i = 0; i < doc->tensor_count; i++)
        any = any || doc->tensors[i].wide;
    if (!spec || !any)
        return false;
    const Stored list[] = {spec->x_q, spec->x_k, spec->w_q, spec->w_k,
                           spec->w_v, spec->b_q, spec->b_k, spec->b_v};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (stored_wide(list[i]))
            return true;
    }
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (stored_wide(spec->score.param[i]))
            return true;
    }
    for (int i = 0; i < spec->bias_count; i++) {
        if (stored_wide(spec->biases[i].table) || stored_wide(spec->biases[i].m))
            return true;
    }
    return rnn_wide(&spec->rnn_q) || rnn_wide(&spec->rnn_k) ||
           (doc->vocab && !spec->x_q.at && stored_wide(doc->vocab->embedding));
}

static const uint8_t *used_padding(const DocAxis *keys)
{
    for (int i = 0; keys->padding && i < keys->count; i++) {
        if (keys->padding[i])
            return keys->padding;
    }
    return NULL;
}

static uint64_t input_key(const Document *doc, int sentence, int layer, int head)
{
    int where[3] = {sentence, layer, head};
    uint64_t key = hash_bytes(HASH_SEED, &doc->key, sizeof doc->key);
    key = hash_bytes(key, where, sizeof where);
    /* The numbers of a sentence that was read again stand somewhere else. */
    for (int i = 0; doc->corpus.self && i < CORPUS_SLOTS; i++) {
        const CorpusSlot *slot = &doc->corpus.slots[i];
        if (slot->sentence == sentence)
            key = hash_bytes(key, &slot->read, sizeof slot->read);
    }
    return key ? key : 1;
}

/* Columns of q, as given or as the spec makes it; *x those of x, 0 where there is none. */
static int query_columns(const Document *doc, const DocHead *h, int *x)
{
    const HeadSpec *spec = h->spec;
    *x = 0;
    if (!spec)
        return h->q.tensor < 0 ? 0 : h->q.cols;
    Stored of = spec->x_q.at ? spec->x_q : spec->x_k;
    if (of.at)
        *x = of.cols;
    else if (doc->vocab && (h->q.tensor < 0 || h->k.tensor < 0))
        *x = doc->vocab->embedding.cols;
    if (h->q.tensor >= 0)
        return h->q.cols;
    if (spec->w_q.at)
        return spec->w_q.rows;
    return spec->rnn_q.cell != CELL_NONE ? spec->rnn_q.weight_hh.cols : *x;
}

void document_outline(const Document *doc, const DocSentence *s, const DocLayer *layer,
                      const DocHead *h, AttnInput *out)
{
    int x = 0, columns = query_columns(doc, h, &x);
    AttnInput in = {.layer = (int)(layer - s->layers),
                    .head = (int)(h - layer->heads),
                    .entry = h->entry,
                    .n_q = s->queries.count,
                    .n_k = s->keys.count,
                    .padding = used_padding(&s->keys),
                    .segment_q = s->queries.segments,
                    .segment_k = s->keys.segments,
                    .mask = stored_of(doc, h->mask),
                    .spec = h->spec,
                    .stored_v = stored_of(doc, h->v)};
    if (h->entry == ENTRY_QK) {
        in.stored_q = stored_of(doc, h->q);
        in.stored_k = stored_of(doc, h->k);
        in.d_k = columns;
    } else {
        in.stored_given = stored_of(doc, h->entry == ENTRY_SCORES ? h->scores : h->weights);
        in.d_k = h->entry == ENTRY_SCORES ? h->d_k : 0;
    }
    in.d_model = s->d_model > 0 ? s->d_model : x > 0 ? x : in.d_k * layer->head_count;
    *out = in;
}

/* n rows that are all the first of the vocabulary: enough to compare shapes. */
static Stored any_tokens(const Document *doc, int n)
{
    Stored x = doc->vocab->embedding;
    x.rows = n;
    x.step = 0;
    return x;
}

/* The shape of numbers without their float32 copy: a check reads none of them. */
static Matrix shape_of(Stored m)
{
    return (Matrix){m.at, m.rows, m.cols, m.step};
}

bool document_check(const Document *doc, const DocSentence *s, const DocLayer *layer,
                    const DocHead *head, const ScoreParams *want, Error *err)
{
    AttnInput in;
    HeadSpec spec;
    document_outline(doc, s, layer, head, &in);
    in.q = shape_of(in.stored_q);
    in.k = shape_of(in.stored_k);
    in.v = shape_of(in.stored_v);
    in.given = shape_of(in.stored_given);
    if (head->spec && doc->vocab && head->entry == ENTRY_QK) {
        spec = *head->spec;
        if (head->q.tensor < 0 && !spec.x_q.at)
            spec.x_q = any_tokens(doc, in.n_q);
        if (head->k.tensor < 0 && !spec.x_k.at)
            spec.x_k = any_tokens(doc, in.n_k);
        in.spec = &spec;
    }
    return prepare_check(&in, want, err);
}

bool document_select(Document *doc, int sentence, int layer, int head, AttnInput *out, Error *err)
{
    if (!in_range("sentence", sentence, doc->sentence_count, err) ||
        !document_open_sentence(doc, sentence, err))
        return false;
    const DocSentence *s = &doc->sentences[sentence];
    if (!in_range("layer", layer, s->layer_count, err) ||
        !in_range("head", head, s->layers[layer].head_count, err))
        return false;
    const DocHead *h = &s->layers[layer].heads[head];
    DocMatrix given = h->entry == ENTRY_SCORES ? h->scores : h->weights;
    AttnInput in;
    document_outline(doc, s, &s->layers[layer], h, &in);
    if (!lend(doc, h->v, &in.v, err) || !lend(doc, h->recorded, &in.recorded, err))
        return false;
    if (h->entry == ENTRY_QK) {
        if (!lend(doc, h->q, &in.q, err) || !lend(doc, h->k, &in.k, err))
            return false;
        in.wide = is_wide(doc, h->q) || is_wide(doc, h->k) || spec_wide(doc, h->spec);
    } else {
        if (!lend(doc, given, &in.given, err))
            return false;
        in.wide = is_wide(doc, given) || spec_wide(doc, h->spec);
    }
    in.wide = in.wide || is_wide(doc, h->v);
    in.key = input_key(doc, sentence, layer, head);
    *out = in;
    return true;
}

static bool is_image_axis(const DocSentence *s, bool query_axis)
{
    return s->image.present && (s->image.axis == IMAGE_BOTH ||
                                s->image.axis == (query_axis ? IMAGE_QUERIES : IMAGE_KEYS));
}

bool document_patches(const DocSentence *s, bool query_axis, int *first)
{
    if (!is_image_axis(s, query_axis))
        return false;
    *first = s->image.special_count;
    return true;
}

void document_token(const DocSentence *s, bool query_axis, int index, char *out, size_t cap)
{
    const DocAxis *axis = query_axis ? &s->queries : &s->keys;
    int first = 0;
    if (cap == 0)
        return;
    out[0] = '\0';
    if (index < 0 || index >= axis->count)
        return;
    if (!axis->tokens && document_patches(s, query_axis, &first) && index >= first) {
        snprintf(out, cap, "patch %d, %d", (index - first) / s->image.cols,
                 (index - first) % s->image.cols);
        return;
    }
    const char *token = axis->tokens ? axis->tokens[index] : s->image.special[index];
    size_t length = utf8_cut(token, strlen(token), cap - 1);
    memcpy(out, token, length);
    out[length] = '\0';
}

/* In the order of the columns, whatever the type. */
static double row_total(const Tensor *t, int64_t at, int count)
{
    double total = 0;
    if (t->dtype == DTYPE_F32) { /* large files are of these: no call for each number */
        const float *p = (const float *)t->data + at;
        for (int i = 0; i < count; i++)
            total += (double)p[i];
        return total;
    }
    for (int i = 0; i < count; i++)
        total += tensor_value(t, at + i);
    return total;
}

int64_t document_odd_rows(const Document *doc, DocMatrix m, int *first, double *sum, double *worst)
{
    const Tensor *t = &doc->tensors[m.tensor];
    double bar = t->dtype == DTYPE_F16 ? 2e-3 : t->dtype == DTYPE_BF16 ? 2e-2 : 1e-5;
    int64_t odd = 0;
    *worst = 0;
    for (int row = 0; row < m.rows; row++) {
        double total = row_total(t, m.offset + row * m.step, m.cols);
        double off = fabs(total - 1);
        if (!isfinite(total))
            continue;
        if (off > *worst)
            *worst = off;
        if (off > bar && odd++ == 0) {
            *first = row;
            *sum = total;
        }
    }
    return odd;
}
