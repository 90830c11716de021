/* The sentence that the settings mean: the document's, or the one that is typed. */
#include "app/scope.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

void unread_init(Unread *u)
{
    *u = (Unread){.one = {.name = "", .head_count = 1}, .empty = document_empty_head()};
    u->one.heads = &u->empty;
    u->sentence = (DocSentence){.title = "",
                                .about = "",
                                .layers = &u->one,
                                .layer_count = 1,
                                .problem = "This sentence is not read."};
}

void unread_free(Unread *u)
{
    mem_free(u->layers);
    mem_free(u->heads);
    u->layers = NULL;
    u->heads = NULL;
}

/* Out of memory: it keeps the shape that it has. */
static void unread_shape(Unread *u, const DocSentence *s, uint64_t key)
{
    int most = 1;
    if (u->key == key)
        return;
    for (int l = 0; l < s->layer_count; l++)
        most = s->layers[l].head_count > most ? s->layers[l].head_count : most;
    DocLayer *layers = mem_array((size_t)s->layer_count, sizeof *layers);
    DocHead *heads = mem_array((size_t)most, sizeof *heads);
    if (!layers || !heads) {
        mem_free(layers);
        mem_free(heads);
        return;
    }
    unread_free(u);
    for (int h = 0; h < most; h++)
        heads[h] = u->empty;
    for (int l = 0; l < s->layer_count; l++)
        layers[l] = (DocLayer){.name = "", .heads = heads, .head_count = s->layers[l].head_count};
    u->layers = layers;
    u->heads = heads;
    u->sentence.layers = layers;
    u->sentence.layer_count = s->layer_count;
    u->key = key;
}

/* It says of the document's sentence what is known of it. */
static void unread_for(Scope *scope, int sentence)
{
    const DocSentence s = document_listed(&scope->doc, sentence);
    Unread *u = &scope->unread;
    u->sentence.title = s.title;
    u->sentence.start = s.start;
    u->sentence.problem = s.problem         ? s.problem
                          : scope->fetching ? "This sentence is being read."
                                            : "This sentence is not read.";
}

bool scope_sync(Scope *scope, const Settings *settings, Error *err)
{
    Document *doc = &scope->doc;
    Error why = {0};
    if (!scope->open || doc->sentence_count == 0)
        return true;
    int at = clampi(settings->sentence, 0, doc->sentence_count - 1);
    if (!scope_fetch(scope, at, &why) && !doc->sentences[at].problem)
        return error_set(err, why.kind, "%s", why.what);
    const DocSentence *s = &doc->sentences[at];
    if (s->problem || s->layer_count == 0)
        unread_for(scope, at);
    else if (scope->keep_shape)
        unread_shape(&scope->unread, s, scope_sentence_key(scope, settings));
    return typed_update(scope->typed, doc, at, settings->text_typed, settings->text, err);
}

const DocSentence *scope_sentence(const Scope *scope, const Settings *settings)
{
    if (!scope->open || scope->doc.sentence_count == 0)
        return NULL;
    if (settings->text_typed && typed_is_text(scope->typed))
        return typed_sentence(scope->typed);
    const DocSentence *s =
        &scope->doc.sentences[clampi(settings->sentence, 0, scope->doc.sentence_count - 1)];
    return s->layer_count > 0 && !s->problem ? s : &scope->unread.sentence;
}

bool scope_select(Scope *scope, const Settings *settings, int layer, int head, AttnInput *out,
                  Error *err)
{
    if (!scope_sync(scope, settings, err))
        return false;
    if (scope_fetching(scope, NULL) >= 0)
        return error_set(err, ERROR_USAGE, "%s", scope->unread.sentence.problem);
    return typed_select(scope->typed, &scope->doc, settings->sentence, layer, head, out, err);
}

const char *scope_empty(const Scope *scope, const Settings *settings)
{
    const DocSentence *s = scope_sentence(scope, settings);
    if (!s || (s->queries.count > 0 && s->keys.count > 0))
        return NULL;
    return s->problem ? s->problem : "No tokens: type a sentence.";
}

const char *scope_text_note(const Scope *scope)
{
    return scope->open ? typed_note(scope->typed) : "";
}

bool scope_check_text(Scope *scope, const Settings *settings, Error *err)
{
    if (settings->text_typed && !scope->doc.vocab)
        return error_set(err, ERROR_USAGE,
                         "text: expected a document with a vocabulary, found none in it");
    if (!scope_sync(scope, settings, err))
        return false;
    if (settings->text_typed && scope_empty(scope, settings))
        return error_set(err, ERROR_USAGE, "text: expected at least one word, found none");
    return true;
}

uint64_t scope_sentence_key(const Scope *scope, const Settings *settings)
{
    int index = clampi(settings->sentence, 0, scope->doc.sentence_count - 1);
    uint64_t typed = typed_key(scope->typed);
    const DocCorpus *corpus = &scope->doc.corpus;
    uint64_t key = hash_bytes(HASH_SEED, &scope->doc.key, sizeof scope->doc.key);
    if (corpus->self && corpus->slots[corpus->last].sentence == index) /* read anew, lent anew */
        key = hash_bytes(key, &corpus->slots[corpus->last].read, sizeof corpus->reads);
    key = hash_bytes(key, &index, sizeof index);
    return hash_bytes(key, &typed, sizeof typed);
}

bool scope_axes(Scope *scope, const Settings *settings, Error *err)
{
    if (!scope_sync(scope, settings, err))
        return false;
    const DocSentence *s = scope_sentence(scope, settings);
    uint64_t key = scope_sentence_key(scope, settings);
    if (key == scope->axes_key)
        return true;
    /* What was computed for another sentence has another shape than the axes from here on. */
    scope->result = NULL;
    scope->sums_of = NULL;
    scope->input = (AttnInput){0}; /* it lends of the sentence before */
    axis_free(&scope->queries);
    axis_free(&scope->keys);
    scope->axes_key = 0;
    if (!axis_init(&scope->queries, s, true, s->queries.count, err) ||
        !axis_init(&scope->keys, s, false, s->keys.count, err))
        return false;
    scope->queries.unknown = typed_unknown(scope->typed, true);
    scope->keys.unknown = typed_unknown(scope->typed, false);
    scope->axes_key = key;
    return true;
}
