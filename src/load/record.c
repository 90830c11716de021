#include "load/record_plan.h"
#include "base/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void record_init(Record *record)
{
    const RecordBlock none = {.tensor = -1};
    *record = (Record){.title = "",
                       .about = "",
                       .weights = none,
                       .scores = none,
                       .q = none,
                       .k = none,
                       .v = none,
                       .recorded = none};
}

int record_add_tensor(void *context, Tensor *tensor, Error *err)
{
    Document *doc = context;
    Tensor *list = mem_resize(doc->tensors, (size_t)doc->tensor_count + 1, sizeof *list);
    if (!list) {
        tensor_free(tensor);
        error_memory(err);
        return -1;
    }
    doc->tensors = list;
    list[doc->tensor_count] = *tensor;
    *tensor = (Tensor){0};
    return doc->tensor_count++;
}

/* The matrices of all heads are as many as the layers and heads of the record. */
typedef struct {
    RecordPlan plan;
    int layers, heads;
    Arena *arena;
    Error *err;
} Settle;

/* The tokens that stay, numbered where the file has none, with the end of sentence. */
static bool settle_names(Settle *s, RecordAxis *axis)
{
    const Record *r = s->plan.record;
    const char *eos = r->eos ? r->eos : "</s>";
    axis->names = arena_alloc(s->arena, (size_t)axis->count + 1, sizeof *axis->names);
    axis->words = axis->count;
    if (!axis->names)
        return error_memory(s->err);
    for (int i = 0; i < axis->count; i++) {
        char number[16];
        const char *text = number;
        if (axis->eos && i == axis->count - 1)
            text = eos;
        else if (axis->tokens)
            text = axis->tokens[i];
        else
            snprintf(number, sizeof number, "%d", i);
        axis->names[i] = arena_text(s->arena, text, strlen(text));
        if (!axis->names[i])
            return error_memory(s->err);
    }
    return true;
}

static bool settle_words(Settle *s, RecordAxis *axis)
{
    Subword kind = tokens_subword(axis->names, axis->count);
    if (kind == SUBWORD_NONE)
        return true;
    axis->word = mem_array((size_t)axis->count, sizeof *axis->word);
    if (!axis->word)
        return error_memory(s->err);
    axis->words = tokens_words(axis->names, axis->count, kind, axis->word);
    axis->names = tokens_merge(s->arena, axis->names, axis->count, kind, axis->word, axis->words);
    return axis->names != NULL || error_memory(s->err);
}

/* Weights alone can be merged: what a softmax has not seen yet does not add up. */
static bool merges(const RecordPlan *p)
{
    const Record *r = p->record;
    return p->place->origin && p->place->origin->words && r->weights.tensor >= 0 &&
           r->scores.tensor < 0 && r->q.tensor < 0;
}

static DocAxis axis_of(const RecordAxis *axis)
{
    return (DocAxis){.tokens = axis->names, .count = axis->words, .lang = ""};
}

static bool settle_axes(Settle *s, DocSentence *out)
{
    const Record *r = s->plan.record;
    RecordAxis *q = &s->plan.queries, *k = &s->plan.keys;
    if (!settle_names(s, q) || !settle_names(s, k))
        return false;
    if (merges(&s->plan) && (!settle_words(s, q) || !settle_words(s, k)))
        return false;
    out->self = r->self && q->count == k->count;
    out->queries = axis_of(q);
    out->keys = out->self ? out->queries : axis_of(k);
    return true;
}

/* A block has the layers and heads of the others; keys and values may share theirs. */
static bool check_heads(Settle *s, const RecordBlock *b, const char *name, bool shared)
{
    if (b->tensor < 0)
        return true;
    if (s->layers == 0) {
        s->layers = b->layers;
        s->heads = b->heads;
    }
    if (b->layers == s->layers && (b->heads == s->heads || (shared && s->heads % b->heads == 0)))
        return true;
    return record_fail(s->plan.record, s->err, "%s: expected %d layers of %d heads, found %d of %d",
                       name, s->layers, s->heads, b->layers, b->heads);
}

/* Vectors stand for the entries of an axis, one each. */
static bool check_vectors(Settle *s, const RecordBlock *b, const RecordAxis *axis, const char *name)
{
    if (b->tensor < 0 || b->rows == axis->size || b->rows == axis->count)
        return true;
    return record_fail(s->plan.record, s->err, "%s: expected %lld rows, found %lld", name,
                       (long long)axis->size, (long long)b->rows);
}

/* Beside the one that decided, matrices must have its sizes. */
static bool check_matrix(Settle *s, const RecordBlock *b, const char *name)
{
    const RecordBlock *m = &s->plan.main;
    if (b->tensor < 0 || (b->rows == m->rows && b->cols == m->cols))
        return true;
    return record_fail(
        s->plan.record, s->err, "%s: expected %lld × %lld numbers, found %lld × %lld", name,
        (long long)m->rows, (long long)m->cols, (long long)b->rows, (long long)b->cols);
}

static bool check_all(Settle *s)
{
    const Record *r = s->plan.record;
    const RecordAxis *q = &s->plan.queries, *k = &s->plan.keys;
    bool ok = check_heads(s, &r->q, "q", false) && check_heads(s, &r->scores, "scores", false) &&
              check_heads(s, &r->weights, "weights", false) &&
              check_heads(s, &r->recorded, "recorded", false) && check_heads(s, &r->k, "k", true) &&
              check_heads(s, &r->v, "v", true) && check_vectors(s, &r->q, q, "q") &&
              check_vectors(s, &r->k, k, "k") && check_vectors(s, &r->v, k, "v") &&
              check_matrix(s, &r->scores, "scores") && check_matrix(s, &r->recorded, "recorded");
    if (ok && r->q.tensor >= 0 && r->k.tensor >= 0 && r->q.cols != r->k.cols)
        return record_fail(r, s->err, "k: expected vectors of %lld numbers, found %lld",
                           (long long)r->q.cols, (long long)r->k.cols);
    return ok;
}

static bool check_links(const Settle *s, const DocLink *links, int count)
{
    const RecordPlan *p = &s->plan;
    for (int i = 0; i < count; i++) {
        bool key_bad = links[i].key < 0 || links[i].key >= p->keys.count;
        if (!key_bad && links[i].query >= 0 && links[i].query < p->queries.count)
            continue;
        return record_fail(p->record, s->err,
                           "link %d-%d: expected a %s token from 0 to %d, found %d", links[i].key,
                           links[i].query, key_bad ? "source" : "target",
                           (key_bad ? p->keys.count : p->queries.count) - 1,
                           key_bad ? links[i].key : links[i].query);
    }
    return true;
}

static int order_links(const void *a, const void *b)
{
    const DocLink *x = a, *y = b;
    if (x->query != y->query)
        return x->query < y->query ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Links of merged tokens are links of their words, each once. */
static bool settle_links(Settle *s, const DocLink *links, int count, DocLink **out, int *out_count)
{
    const RecordAxis *q = &s->plan.queries, *k = &s->plan.keys;
    *out_count = 0;
    if (count == 0)
        return true;
    *out = arena_alloc(s->arena, (size_t)count, sizeof **out);
    if (!*out)
        return error_memory(s->err);
    memcpy(*out, links, (size_t)count * sizeof **out);
    *out_count = count;
    if (!q->word && !k->word)
        return true;
    for (int i = 0; i < count; i++) {
        (*out)[i].key = k->word ? k->word[links[i].key] : links[i].key;
        (*out)[i].query = q->word ? q->word[links[i].query] : links[i].query;
    }
    qsort(*out, (size_t)count, sizeof **out, order_links);
    int used = 0;
    for (int i = 0; i < count; i++) {
        if (used == 0 || order_links(&(*out)[used - 1], &(*out)[i]) != 0)
            (*out)[used++] = (*out)[i];
    }
    *out_count = used;
    return true;
}

/* Where each block goes in a head. */
enum { BLOCK_Q, BLOCK_K, BLOCK_V, BLOCK_SCORES, BLOCK_WEIGHTS, BLOCK_RECORDED, BLOCK_COUNT };

static DocMatrix *slot_of(DocHead *head, int block)
{
    DocMatrix *const slots[] = {&head->q,      &head->k,       &head->v,
                                &head->scores, &head->weights, &head->recorded};
    return slots[block];
}

/* Vectors beyond what stays of their axis are left out too. */
static void cut_rows(const Settle *s, int block, DocMatrix *m)
{
    int count = block == BLOCK_Q ? s->plan.queries.count : s->plan.keys.count;
    if (block <= BLOCK_V && m->rows > count)
        m->rows = count;
}

static bool settle_block(Settle *s, const RecordBlock *b, int block, DocLayer *layers)
{
    if (b->tensor < 0)
        return true;
    DocMatrix *list = mem_array((size_t)b->layers * (size_t)b->heads, sizeof *list);
    if (!list)
        return error_memory(s->err);
    bool ok = record_matrices(&s->plan, b, block <= BLOCK_V, list, s->err);
    int share = s->heads / b->heads;
    for (int l = 0; ok && l < s->layers; l++) {
        for (int h = 0; h < s->heads; h++) {
            DocMatrix *m = slot_of(&layers[l].heads[h], block);
            *m = list[l * b->heads + h / share];
            cut_rows(s, block, m);
        }
    }
    mem_free(list);
    return ok;
}

static bool new_layers(Settle *s, DocSentence *out)
{
    const Record *r = s->plan.record;
    DocHead empty = document_empty_head();
    empty.d_k = r->scores.tensor >= 0 ? r->d_k : 0;
    empty.entry = r->q.tensor >= 0        ? ENTRY_QK
                  : r->scores.tensor >= 0 ? ENTRY_SCORES
                                          : ENTRY_WEIGHTS;
    out->layers = arena_alloc(s->arena, (size_t)s->layers, sizeof *out->layers);
    if (!out->layers)
        return error_memory(s->err);
    out->layer_count = s->layers;
    for (int l = 0; l < s->layers; l++) {
        DocLayer *layer = &out->layers[l];
        const char *name = r->layer_names ? r->layer_names[l] : "";
        layer->name = arena_text(s->arena, name, strlen(name));
        layer->heads = arena_alloc(s->arena, (size_t)s->heads, sizeof *layer->heads);
        if (!layer->name || !layer->heads)
            return error_memory(s->err);
        layer->head_count = s->heads;
        for (int h = 0; h < s->heads; h++)
            layer->heads[h] = empty;
    }
    return true;
}

static bool settle_layers(Settle *s, DocSentence *out)
{
    const Record *r = s->plan.record;
    const RecordBlock none = {.tensor = -1};
    /* Beside scores, or q and k, given weights are what was recorded. */
    bool weights = r->q.tensor < 0 && r->scores.tensor < 0;
    const RecordBlock *recorded = r->recorded.tensor >= 0 ? &r->recorded
                                  : weights               ? &none
                                                          : &r->weights;
    bool merged = s->plan.queries.word || s->plan.keys.word;
    return new_layers(s, out) && settle_block(s, &r->q, BLOCK_Q, out->layers) &&
           settle_block(s, r->q.tensor >= 0 ? &r->k : &none, BLOCK_K, out->layers) &&
           settle_block(s, merged ? &none : &r->v, BLOCK_V, out->layers) &&
           settle_block(s, &r->scores, BLOCK_SCORES, out->layers) &&
           settle_block(s, weights ? &r->weights : &none, BLOCK_WEIGHTS, out->layers) &&
           settle_block(s, recorded, BLOCK_RECORDED, out->layers);
}

static DocReading reading_of(const RecordPlan *p)
{
    return (DocReading){.rows_are_keys = p->rows_are_keys,
                        .axes_by = p->by,
                        .eos_queries = p->queries.eos,
                        .eos_keys = p->keys.eos,
                        .padding_queries = (int)p->queries.size - p->queries.count,
                        .padding_keys = (int)p->keys.size - p->keys.count,
                        .words_queries = p->queries.word != NULL,
                        .words_keys = p->keys.word != NULL};
}

static bool settle(Settle *s, const Record *r, DocSentence *out)
{
    DocReading *reading = arena_alloc(s->arena, 1, sizeof *reading);
    out->title = arena_text(s->arena, r->title, strlen(r->title));
    out->about = arena_text(s->arena, r->about, strlen(r->about));
    if (!reading || !out->title || !out->about)
        return error_memory(s->err);
    bool ok = settle_axes(s, out) && settle_layers(s, out) &&
              settle_links(s, r->sure, r->sure_count, &out->sure, &out->sure_count) &&
              settle_links(s, r->possible, r->possible_count, &out->possible, &out->possible_count);
    *reading = reading_of(&s->plan);
    out->reading = reading;
    out->links = r->linked;
    return ok;
}

static bool settle_begin(Settle *s, const RecordPlace *place, const Record *r, Error *err)
{
    *s = (Settle){.arena = place->arena, .err = err};
    return record_plan(&s->plan, place, r, err) && check_all(s) &&
           check_links(s, r->sure, r->sure_count) && check_links(s, r->possible, r->possible_count);
}

bool record_settle(const RecordPlace *place, const Record *record, DocSentence *out, Error *err)
{
    Settle s;
    *out = (DocSentence){.title = "", .about = ""};
    bool ok = settle_begin(&s, place, record, err) && settle(&s, record, out);
    mem_free(s.plan.queries.word);
    mem_free(s.plan.keys.word);
    return ok;
}

bool record_check(const RecordPlace *place, const Record *record, DocReading *out, Error *err)
{
    Settle s;
    bool ok = settle_begin(&s, place, record, err);
    *out = reading_of(&s.plan);
    return ok;
}
