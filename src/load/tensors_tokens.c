#include "load/tensors_tokens.h"
#include "load/lines.h"
#include "base/mem.h"

#include <string.h>

/* Grows outside of the arena, then is copied into it. */
typedef struct {
    const char **texts; /* owned */
    int64_t *ends;      /* owned */
    size_t count, cap, lists, lists_cap;
    Arena *arena;
    Error *err;
} Growing;

/* `kept` lies in the arena. */
static bool keep_token(Growing *g, const char *kept)
{
    if (g->count == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 64;
        const char **texts = mem_resize(g->texts, cap, sizeof *texts);
        if (!texts)
            return error_memory(g->err);
        g->texts = texts;
        g->cap = cap;
    }
    g->texts[g->count++] = kept;
    return true;
}

static bool add_token(Growing *g, const char *text, size_t length)
{
    const char *kept = arena_text(g->arena, text, length);
    return kept ? keep_token(g, kept) : error_memory(g->err);
}

static bool end_list(Growing *g)
{
    if (g->lists == g->lists_cap) {
        size_t cap = g->lists_cap ? g->lists_cap * 2 : 16;
        int64_t *ends = mem_resize(g->ends, cap, sizeof *ends);
        if (!ends)
            return error_memory(g->err);
        g->ends = ends;
        g->lists_cap = cap;
    }
    g->ends[g->lists++] = (int64_t)g->count;
    return true;
}

static bool add_words(Growing *g, const char *text, size_t length)
{
    Slice rest = {text, length}, word;
    while (slice_word(&rest, &word)) {
        if (!add_token(g, word.at, word.length))
            return false;
    }
    return true;
}

static bool from_lines(Growing *g, const TensorReader *reader, const TensorItem *item,
                       int64_t sentences, int64_t length)
{
    Lines lines;
    Error why = {0};
    bool ok = true;
    bool one_each = sentences == 1 && item->shape[0] == length && length > 1; /* a token a line */
    if (!one_each && item->shape[0] != sentences)
        return error_set(g->err, ERROR_MALFORMED, "expected %lld lines, one a sentence, found %lld",
                         (long long)sentences, (long long)item->shape[0]);
    if (!lines_open(&lines, item->file, reader->request, g->err))
        return false;
    while (ok && lines_next(&lines, &why)) {
        ok = one_each ? add_token(g, lines.text, lines.length)
                      : add_words(g, lines.text, lines.length) && end_list(g);
    }
    lines_close(&lines);
    if (ok && why.kind != ERROR_NONE)
        return error_at(g->err, why.kind, why.where, "%s", why.what);
    return ok && (!one_each || end_list(g));
}

/* One list; a list for each sentence, filled up with empty texts; or a text for each sentence. */
static bool from_texts(Growing *g, TensorReader *reader, int index, int64_t sentences,
                       int64_t length)
{
    const TensorItem *item = &reader->list->items[index];
    const char **texts;
    int64_t count = 0;
    if (!tensors_texts(reader, index, g->arena, &texts, &count, g->err))
        return false;
    bool table = item->ndim == 2;
    bool whole = !table && count == sentences && count != length;
    int64_t lists = table ? item->shape[0] : whole ? sentences : 1;
    int64_t each = lists > 0 ? count / lists : 0;
    if (lists != 1 && lists != sentences)
        return error_set(g->err, ERROR_MALFORMED, "expected lists of %lld sentences, found %lld",
                         (long long)sentences, (long long)lists);
    for (int64_t i = 0; i < lists; i++) {
        const char **list = texts + i * each;
        int64_t used = each;
        while (table && used > 0 && !list[used - 1][0])
            used--;
        for (int64_t k = 0; k < used; k++) {
            if (!(whole ? add_words(g, list[k], strlen(list[k])) : keep_token(g, list[k])))
                return false;
        }
        if (!end_list(g))
            return false;
    }
    return true;
}

bool tokens_read(TokenLists *out, TensorReader *reader, int item, Arena *arena, int64_t sentences,
                 int64_t length, Error *err)
{
    Growing g = {.arena = arena, .err = err};
    const TensorItem *t = &reader->list->items[item];
    bool ok = t->source == TENSOR_LINES ? from_lines(&g, reader, t, sentences, length)
                                        : from_texts(&g, reader, item, sentences, length);
    *out = (TokenLists){.sentences = (int64_t)g.lists};
    if (ok) {
        out->texts = arena_alloc(arena, g.count + 1, sizeof *out->texts);
        out->ends = arena_alloc(arena, g.lists + 1, sizeof *out->ends);
        ok = (out->texts && out->ends) || error_memory(err);
    }
    if (ok && g.count)
        memcpy(out->texts, g.texts, g.count * sizeof *g.texts);
    if (ok && g.lists)
        memcpy(out->ends, g.ends, g.lists * sizeof *g.ends);
    mem_free(g.texts);
    mem_free(g.ends);
    return ok;
}

const char *const *tokens_of(const TokenLists *lists, int64_t sentence, int *count)
{
    int64_t i = lists->sentences == 1 ? 0 : sentence;
    int64_t from = i > 0 ? lists->ends[i - 1] : 0;
    *count = (int)(lists->ends[i] - from);
    return lists->texts + from;
}
