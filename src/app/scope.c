#include "app/scope.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

bool scope_init(Scope *scope, Error *err)
{
    memset(scope, 0, sizeof *scope);
    scope->hover = -1;
    unread_init(&scope->unread);
    document_init(&scope->doc);
    scope->threads = threads_start(0);
    scope->pipeline = pipeline_new();
    scope->spare = pipeline_new();
    scope->prepare = prepare_new();
    scope->reduce = reduce_new();
    scope->typed = typed_new();
    scope->exact_mask = mem_zero(1, sizeof *scope->exact_mask);
    if (scope->threads && scope->pipeline && scope->spare && scope->prepare && scope->reduce &&
        scope->typed && scope->exact_mask)
        return true;
    scope_free(scope);
    return error_memory(err);
}

void scope_close(Scope *scope)
{
    scope_fetch_stop(scope);
    axis_free(&scope->queries);
    axis_free(&scope->keys);
    axis_free(&scope->features);
    axis_free(&scope->places);
    axis_free(&scope->channels);
    scope->axes_key = scope->heads_range_key = scope->exact_key = 0;
    scope->result = scope->sums_of = scope->more.of = NULL;
    scope->input = (AttnInput){0}; /* it lends what is freed here */
    scope_drop_tiles(scope);
    if (scope->typed)
        typed_forget(scope->typed);
    if (scope->open)
        document_free(&scope->doc);
    document_init(&scope->doc);
    scope->open = false;
    unread_free(&scope->unread);
    unread_init(&scope->unread);
}

void scope_free(Scope *scope)
{
    scope_close(scope);
    unread_free(&scope->unread);
    exact_row_free(&scope->exact);
    if (scope->exact_mask)
        mask_free(scope->exact_mask);
    mem_free(scope->exact_mask);
    mem_free(scope->received);
    reduce_free(scope->reduce);
    tiles_free(scope->tiles);
    mem_free(scope->row);
    typed_free(scope->typed);
    prepare_free(scope->prepare);
    pipeline_free(scope->spare);
    pipeline_free(scope->pipeline);
    threads_stop(scope->threads);
    memset(scope, 0, sizeof *scope);
}

void scope_adopt(Scope *scope, Document *doc)
{
    scope_close(scope);
    scope->doc = *doc;
    scope->open = true;
    document_init(doc);
}

bool scope_open(Scope *scope, const LoadRequest *request, Error *err)
{
    Document fresh;
    document_init(&fresh);
    if (!load_document(&fresh, request, err)) {
        document_free(&fresh);
        return false;
    }
    scope_adopt(scope, &fresh);
    return true;
}

/* All heads that a mean or max runs over, layer after layer; freed by the caller. */
static bool gather_heads(Scope *scope, const Settings *settings, AttnInput **inputs, int **heads,
                         int *layers, Error *err)
{
    const DocSentence *s = scope_sentence(scope, settings);
    int first = settings->layer < 0 ? 0 : settings->layer,
        last = settings->layer < 0 ? s->layer_count - 1 : first;
    size_t count = 0, at = 0;
    for (int l = first; l <= last; l++)
        count += settings->head < 0 ? (size_t)s->layers[l].head_count : 1;
    *layers = last - first + 1;
    *inputs = mem_zero(count, sizeof **inputs);
    *heads = mem_zero((size_t)*layers, sizeof **heads);
    if (!*inputs || !*heads)
        return error_memory(err);
    for (int l = first; l <= last; l++) {
        int from = settings->head < 0 ? 0 : settings->head;
        int to = settings->head < 0 ? s->layers[l].head_count - 1 : from;
        (*heads)[l - first] = to - from + 1;
        for (int h = from; h <= to; h++)
            if (!scope_select(scope, settings, l, h, &(*inputs)[at++], err))
                return false;
    }
    return true;
}

static ReduceKind reduce_kind(int index)
{
    return index == FIELD_MAX ? REDUCE_MAX : REDUCE_MEAN;
}

static bool update_reduced(Scope *scope, const Settings *settings, Error *err)
{
    AttnInput *inputs = NULL;
    int *heads = NULL, layers = 0;
    AttnParams want = scope_params(scope, settings);
    bool ok = gather_heads(scope, settings, &inputs, &heads, &layers, err) &&
              scope_check_budget(settings, inputs, err) &&
              reduce_update(scope->reduce, inputs, heads, layers, reduce_kind(settings->head),
                            reduce_kind(settings->layer), &want, scope->threads, err);
    if (ok) {
        scope_drop_tiles(scope);
        scope->input = inputs[0];
        scope->reduced = true;
        scope->result = reduce_result(scope->reduce);
    }
    mem_free(inputs);
    mem_free(heads);
    return ok;
}

static bool update_heads_range(Scope *scope, const Settings *settings, unsigned stages, Error *err);

bool scope_update(Scope *scope, const Settings *settings, unsigned stages, Error *err)
{
    if (!scope->open)
        return error_set(err, ERROR_USAGE, "no document is open: expected a file, found none");
    if (!scope_axes(scope, settings, err))
        return false;
    const char *empty = scope_empty(scope, settings);
    if (empty)
        return error_set(err,
                         scope_sentence(scope, settings)->problem ? ERROR_MALFORMED : ERROR_USAGE,
                         "%s", empty);
    AttnParams want = scope_params(scope, settings);
    if (settings->layer < 0 || settings->head < 0) {
        if (!update_reduced(scope, settings, err))
            return false;
    } else {
        AttnInput in;
        if (!scope_select(scope, settings, settings->layer, settings->head, &in, err))
            return false;
        if (scope_wants_tiles(scope, settings, &in)) {
            if (!scope_update_tiles(scope, settings, &in, &want, stages, err))
                return false;
        } else {
            if (!pipeline_update(scope->pipeline, &in, &want, stages, scope->threads, err))
                return false;
            scope_drop_tiles(scope);
            scope->input = *pipeline_input(scope->pipeline);
            scope->reduced = false;
            scope->result = pipeline_result(scope->pipeline);
        }
    }
    scope->params = want;
    if (!scope_update_forms(scope, err))
        return false;
    return settings->color.range != RANGE_HEADS || scope->tiled ||
           update_heads_range(scope, settings, stages, err);
}

static uint64_t exact_key_of(const Scope *scope, int query)
{
    uint64_t key = params_hash(hash_bytes(HASH_SEED, &scope->input.key, sizeof scope->input.key),
                               &scope->params);
    return hash_bytes(key, &query, sizeof query);
}

static bool has_exact(const Scope *scope, int query)
{
    return scope->result && !scope->reduced && query >= 0 && query < scope->input.n_q;
}

/* Room and mask for another row than the last. */
static bool exact_begin(Scope *scope)
{
    scope->exact_key = scope->part_key = 0;
    if (scope->exact.n_k != scope->input.n_k || !scope->exact.weights) {
        exact_row_free(&scope->exact);
        if (!exact_row_init(&scope->exact, scope->input.n_k))
            return false;
    }
    Mask was = *scope->exact_mask;
    MaskParams acting = mask_acting(scope->input.entry, &scope->params.mask);
    bool masked = mask_share(scope->exact_mask, &was, &scope->input, &acting);
    mask_free(&was);
    return masked;
}

const ExactRow *scope_exact(Scope *scope, int query)
{
    if (!has_exact(scope, query))
        return NULL;
    uint64_t key = exact_key_of(scope, query);
    if (key == scope->exact_key)
        return &scope->exact;
    if (!exact_begin(scope))
        return NULL;
    exact_row(&scope->exact, &scope->input, &scope->params, scope->exact_mask, query);
    scope->exact_key = key;
    return &scope->exact;
}

const ExactRow *scope_exact_made(const Scope *scope, int query)
{
    return has_exact(scope, query) && exact_key_of(scope, query) == scope->exact_key ? &scope->exact
                                                                                     : NULL;
}

bool scope_exact_work(Scope *scope, int query, int keys)
{
    if (!has_exact(scope, query) || scope_exact_made(scope, query))
        return false;
    uint64_t key = exact_key_of(scope, query);
    if (key != scope->part_key) {
        if (!exact_begin(scope))
            return false;
        scope->part_key = key;
        scope->part_keys = 0;
    }
    int from = scope->part_keys, n = scope->input.n_k, to = n - from < keys ? n : from + keys;
    if (from < n) {
        exact_row_part(&scope->exact, &scope->input, scope->exact_mask, query, from, to);
        scope->part_keys = to;
        return true;
    }
    exact_row_end(&scope->exact, &scope->input, &scope->params, scope->exact_mask, query);
    scope->exact_key = key;
    scope->part_key = 0;
    return false;
}

const double *scope_sums(Scope *scope, HeadStats *head)
{
    const AttnResult *r = scope->result;
    if (r && r->tiles)
        return tiles_sums(r->tiles, head);
    if (!r || !r->stage[STAGE_WEIGHTS].at)
        return NULL;
    if (scope->sums_of != r || scope->sums_stamp != r->stamp[STAGE_WEIGHTS]) {
        scope->sums_of = NULL;
        double *sums = mem_resize(scope->received, (size_t)r->n_k, sizeof *sums);
        if (!sums)
            return NULL;
        scope->received = sums;
        if (!stats_sums(r->stage[STAGE_WEIGHTS], r->rows, r->mask, scope->threads,
                        &scope->head_stats, sums))
            return NULL;
        scope->sums_of = r;
        scope->sums_stamp = r->stamp[STAGE_WEIGHTS];
    }
    if (head)
        *head = scope->head_stats;
    return scope->received;
}

const char *scope_given(const Scope *scope)
{
    return scope->result && scope->input.entry == ENTRY_WEIGHTS
               ? "The file has weights only: what comes before them is not in it."
               : NULL;
}

const AttnResult *scope_other(Scope *scope, const Settings *settings, int layer, int head,
                              Error *err)
{
    AttnInput in;
    AttnParams want = scope_params(scope, settings);
    if (!scope_select(scope, settings, layer, head, &in, err))
        return NULL;
    if (scope_wants_tiles(scope, settings, &in)) {
        error_set(err, ERROR_USAGE, "head: too large to be computed beside another one");
        return NULL;
    }
    if (!pipeline_update(scope->spare, &in, &want, STAGE_BIT(STAGE_WEIGHTS), scope->threads, err))
        return NULL;
    return pipeline_result(scope->spare);
}

uint64_t scope_other_key(Scope *scope, const Settings *settings, int layer, int head)
{
    int place[] = {layer, head};
    uint64_t key = scope_sync(scope, settings, NULL) ? scope_sentence_key(scope, settings) : 0;
    key = hash_bytes(key, place, sizeof place);
    AttnParams want = scope_params(scope, settings);
    key = params_hash(key, &want);
    return key ? key : 1;
}

static void range_widen(Range *all, const Range *one)
{
    if (one->lo < all->lo)
        all->lo = one->lo;
    if (one->hi > all->hi)
        all->hi = one->hi;
    if (one->abs_max > all->abs_max)
        all->abs_max = one->abs_max;
    all->nan_count += one->nan_count;
    all->inf_count += one->inf_count;
}

/* Lines and patches draw weights whatever the panes show, so those always have a range. */
static bool update_heads_range(Scope *scope, const Settings *settings, unsigned stages, Error *err)
{
    const DocSentence *s = scope_sentence(scope, settings);
    unsigned want = stages | STAGE_BIT(STAGE_WEIGHTS);
    uint64_t key = scope_other_key(scope, settings, -1, (int)want);
    if (key == scope->heads_range_key)
        return true;
    AttnParams params = scope_params(scope, settings);
    Range all[STAGE_COUNT];
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        all[stage] = range_none();
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            AttnInput in;
            Error own = {0}; /* a head that cannot be computed has no say in it */
            if (!scope_select(scope, settings, l, h, &in, &own) && own.kind == ERROR_USAGE)
                continue;
            if (own.kind != ERROR_NONE
                    ? error_set(err, own.kind, "%s", own.what)
                    : !pipeline_update(scope->spare, &in, &params, want, scope->threads, err))
                return false;
            const AttnResult *r = pipeline_result(scope->spare);
            for (int stage = 0; stage < STAGE_COUNT; stage++)
                if ((want & STAGE_BIT(stage)) && !r->absent[stage])
                    range_widen(&all[stage], &r->range[stage]);
        }
    }
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        range_finish(&all[stage]);
    memcpy(scope->heads_range, all, sizeof all);
    scope->heads_range_key = key;
    return true;
}

void scope_summary(const Document *doc, char *out, size_t cap)
{
    const DocSentence *s = &doc->sentences[0];
    int heads = 0;
    if (doc->corpus.self) {
        snprintf(out, cap, "%s · %d %s", doc->format, doc->sentence_count,
                 doc->sentence_count == 1 ? "sentence" : "sentences");
        return;
    }
    for (int l = 0; l < s->layer_count; l++)
        heads = s->layers[l].head_count > heads ? s->layers[l].head_count : heads;
    char size[64];
    if (s->image.present)
        snprintf(size, sizeof size, "%d × %d patches", s->image.rows, s->image.cols);
    else if (s->self)
        snprintf(size, sizeof size, "%d tokens", s->keys.count);
    else
        snprintf(size, sizeof size, "%d × %d tokens", s->queries.count, s->keys.count);
    if (doc->sentence_count > 1)
        snprintf(out, cap, "%d sentences · %d × %d heads", doc->sentence_count, s->layer_count,
                 heads);
    else
        snprintf(out, cap, "%d %s × %d %s · %s", s->layer_count,
                 s->layer_count == 1 ? "layer" : "layers", heads, heads == 1 ? "head" : "heads",
                 size);
}
