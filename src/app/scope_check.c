/* Do settings fit the document? Told as errors (--set), or made to fit (clamped, trimmed). */
#include "app/scope.h"

#include "base/index_set.h"

#include <stdio.h>
#include <string.h>

/* The layer whose heads count for a choice of layer: itself, or the first when layers are reduced.
 */
static int layer_or_first(int layer)
{
    return layer < 0 ? 0 : layer;
}

void scope_clamp(Scope *scope, Settings *settings)
{
    if (!scope->open)
        return;
    settings->sentence = clampi(settings->sentence, 0, scope->doc.sentence_count - 1);
    settings->text_typed = settings->text_typed && scope->doc.vocab;
    scope_sync(scope, settings, NULL);
    const DocSentence *s = scope_sentence(scope, settings);
    if (settings->layer >= 0)
        settings->layer = clampi(settings->layer, 0, s->layer_count - 1);
    if (settings->head >= 0)
        settings->head =
            clampi(settings->head, 0, s->layers[layer_or_first(settings->layer)].head_count - 1);
    if (settings->query >= s->queries.count)
        settings->query = FIELD_NOTHING;
    if (settings->key >= scope_columns(scope, settings))
        settings->key = FIELD_NOTHING;
    IndexSet several = index_set(settings->queries);
    if (several.count > 0 && several.items[several.count - 1] >= s->queries.count)
        settings->queries = 0;
}

static bool check_index(const char *name, int value, int count, Error *err)
{
    if (value < count)
        return true;
    return error_set(err, ERROR_USAGE, "%s: expected 0 … %d, found %d", name, count - 1, value);
}

static bool check_set(const char *name, IndexSet set, int count, Error *err)
{
    return set.count == 0 || check_index(name, set.items[set.count - 1], count, err);
}

/* Global tokens are places of queries and of keys. */
static int most_tokens(const DocSentence *s)
{
    return s->queries.count > s->keys.count ? s->queries.count : s->keys.count;
}

bool scope_check(Scope *scope, const Settings *settings, Error *err)
{
    if (!check_index("sentence", settings->sentence, scope->doc.sentence_count, err) ||
        !scope_check_text(scope, settings, err))
        return false;
    const DocSentence *s = scope_sentence(scope, settings);
    IndexSet hidden = index_set(settings->attn.mask.hidden), several = index_set(settings->queries);
    IndexSet global = index_set(settings->attn.mask.global);
    return check_index("layer", settings->layer, s->layer_count, err) &&
           check_index("head", settings->head,
                       s->layers[layer_or_first(settings->layer)].head_count, err) &&
           check_index("query", settings->query, s->queries.count, err) &&
           check_index("key", settings->key, scope_columns(scope, settings), err) &&
           check_set("mask.hidden", hidden, s->keys.count, err) &&
           check_set("mask.global", global, most_tokens(s), err) &&
           check_set("queries", several, s->queries.count, err);
}

static int trimmed(int id, int count)
{
    IndexSet set = index_set(id);
    int keep = set.count;
    while (keep > 0 && set.items[keep - 1] >= count)
        keep--;
    int fresh = keep == set.count ? id : index_set_intern(set.items, keep);
    return fresh < 0 ? 0 : fresh;
}

void scope_trim(const Scope *scope, Settings *settings, ScopeSets sets)
{
    const DocSentence *s = scope_sentence(scope, settings);
    if (s && sets.hidden)
        settings->attn.mask.hidden = trimmed(settings->attn.mask.hidden, s->keys.count);
    if (s && sets.global)
        settings->attn.mask.global = trimmed(settings->attn.mask.global, most_tokens(s));
    if (s && sets.queries)
        settings->queries = trimmed(settings->queries, s->queries.count);
}

void scope_settings(Scope *scope, Settings *settings, void (*warn)(void *, const char *),
                    void *context)
{
    settings_from_document(settings, &scope->doc, warn, context);
    /* One wrong setting after the other: each is mended before the next is looked for. */
    for (int i = 0; i < 9; i++) {
        Error err = {0};
        Settings mended = *settings;
        char line[512];
        if (scope_check(scope, settings, &err) || err.kind != ERROR_USAGE)
            return; /* what is wrong with the document itself is no setting's fault */
        scope_clamp(scope, &mended);
        scope_trim(scope, &mended, (ScopeSets){true, true, true});
        bool place = settings->sentence != mended.sentence || settings->layer != mended.layer ||
                     settings->head != mended.head;
        int used = settings->sentence != mended.sentence ? mended.sentence
                   : settings->layer != mended.layer     ? mended.layer
                                                         : mended.head;
        if (settings->text_typed && !scope_check_text(scope, settings, NULL))
            settings->text_typed = false;
        else if (settings->sentence != mended.sentence)
            settings->sentence = mended.sentence;
        else if (settings->layer != mended.layer)
            settings->layer = mended.layer;
        else if (settings->head != mended.head)
            settings->head = mended.head;
        else if (settings->query != mended.query)
            settings->query = mended.query;
        else if (settings->key != mended.key)
            settings->key = mended.key;
        else if (settings->attn.mask.hidden != mended.attn.mask.hidden)
            settings->attn.mask.hidden = mended.attn.mask.hidden;
        else if (settings->attn.mask.global != mended.attn.mask.global)
            settings->attn.mask.global = mended.attn.mask.global;
        else
            settings->queries = mended.queries;
        error_line(&err, "settings", line, sizeof line);
        size_t n = strlen(line);
        if (place)
            snprintf(line + n, sizeof line - n, "; %d is used", used);
        else
            snprintf(line + n, sizeof line - n, "; it is left out");
        if (warn)
            warn(context, line);
    }
}
