/* Token files beside a dump. */
#include "load/dump_corpus.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void companion_close(Companion *c)
{
    lines_close(&c->lines);
    mem_free(c->from);
    mem_free(c->ids);
    c->from = NULL;
    c->ids = NULL;
}

static bool push(Companion *c, int64_t id)
{
    if (c->all == c->cap) {
        int64_t cap = c->cap ? c->cap * 2 : 256;
        uint64_t *list = mem_resize(c->from, (size_t)cap, sizeof *list);
        if (!list)
            return false;
        c->from = list;
        int64_t *ids = c->ids || id >= 0 ? mem_resize(c->ids, (size_t)cap, sizeof *ids) : NULL;
        if (!ids && (c->ids || id >= 0))
            return false;
        c->ids = ids;
        c->cap = cap;
    }
    if (c->ids)
        c->ids[c->all] = id;
    c->from[c->all++] = c->lines.from;
    return true;
}

/* "source ||| target": the mark once, between words. */
static bool is_pair(const Lines *lines)
{
    const char *mark = strstr(lines->text, " ||| ");
    return mark && !strstr(mark + 5, "|||");
}

/* "<s snum=12> words </s>" as the shared tasks of 2003 and 2005 have it: *text becomes the words.
 * −1: it is not marked. */
static int64_t unmark(Slice *text)
{
    static const char head[] = "<s snum=", tail[] = "</s>";
    const size_t from = sizeof head - 1, tail_length = sizeof tail - 1;
    const char *close = memchr(text->at, '>', text->length);
    int64_t id;
    if (text->length < from || memcmp(text->at, head, from) != 0 || !close)
        return -1;
    Slice number = {text->at + from, (size_t)(close - text->at) - from};
    while (number.length > 1 && number.at[0] == '0')
        number = (Slice){number.at + 1, number.length - 1};
    if (!slice_int(number, &id) || id < 0)
        return -1;
    Slice words = {close + 1, text->length - (size_t)(close + 1 - text->at)};
    words = slice_trim(words);
    if (words.length >= tail_length &&
        memcmp(words.at + words.length - tail_length, tail, tail_length) == 0)
        words.length -= tail_length;
    *text = words;
    return id;
}

/* Counts what the line is. false: out of memory. */
static bool look(Companion *c)
{
    Slice text = {c->lines.text, c->lines.length};
    int64_t id = unmark(&text), number;
    bool words = c->lines.length > 0;
    c->seen.words += words;
    c->seen.pairs += is_pair(&c->lines);
    c->seen.marked += id >= 0;
    c->seen.thirds += c->all % 3 == 0 && c->all / 3 == c->seen.thirds &&
                      slice_int(slice_trim(text), &number) && number == c->seen.thirds + 1;
    if (!push(c, id))
        return false;
    if (words)
        c->count = c->all;
    return true;
}

bool companion_open(Companion *c, const char *name, const char *path, const LoadRequest *request,
                    Error *err)
{
    Error why = {0};
    uint64_t most = limits_value(&request->limits, LIMIT_SENTENCES);
    bool ok = lines_open(&c->lines, path, request, &why);
    c->open = ok;
    while (ok && lines_next(&c->lines, &why)) {
        ok = look(c) || error_memory(&why);
        if (ok && (uint64_t)c->count > most)
            ok = limits_over(&request->limits, LIMIT_SENTENCES, &why, "",
                             "expected at most %llu sentences, found more",
                             (unsigned long long)most);
    }
    if (why.kind == ERROR_NONE)
        return true;
    error_within(&why, "%s", name);
    return error_at(err, why.kind, why.where, "%s", why.what);
}

/* Numbers that only count, or that are in no order, tell nothing. */
static bool ids_tell(const Companion *c)
{
    bool counted = true, rising = c->seen.marked == c->count;
    for (int64_t i = 0; rising && i < c->count; i++) {
        counted = counted && c->ids[i] == i + 1;
        rising = i == 0 || c->ids[i] > c->ids[i - 1];
    }
    return rising && !counted;
}

void companion_settle(Companion *c, bool both)
{
    const int64_t threes = (c->count + 2) / 3;
    c->both = both;
    if (c->seen.pairs > 0 && c->seen.pairs == c->seen.words)
        c->kind = COMPANION_PAIRS;
    else if (threes > 1 && c->count % 3 != 1 && c->seen.thirds == threes)
        c->kind = COMPANION_TRIPLES;
    if (c->kind == COMPANION_TRIPLES) {
        for (int64_t i = 0; i < threes; i++)
            c->from[i] = c->from[3 * i + 1];
        c->count = c->all = threes;
    }
    if (c->ids && !ids_tell(c)) {
        mem_free(c->ids);
        c->ids = NULL;
    }
}

/* The line of this id; −1: none. */
static int64_t find_id(const Companion *c, int64_t id)
{
    int64_t low = 0, high = c->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (c->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->count && c->ids[low] == id ? low : -1;
}

/* One side of the present line, or all of it. */
static bool take(Companion *c, bool queries, Slice text, DumpEntry *entry, Error *err)
{
    Slice part;
    if (c->kind != COMPANION_PAIRS) {
        unmark(&text);
        return entry_tokens(entry, queries, text, &c->lines, err);
    }
    slice_part(&text, "|||", &part);
    return ((queries && !c->both) || entry_tokens(entry, false, part, &c->lines, err)) &&
           ((!queries && !c->both) || entry_tokens(entry, true, text, &c->lines, err));
}

static Slice line_of(const Companion *c)
{
    return (Slice){c->lines.text, c->lines.length};
}

/* The last target of a file may be an empty line that is not there. */
static bool take_triple(Companion *c, bool queries, DumpEntry *entry, Error *err)
{
    if ((!queries || c->both) && !entry_tokens(entry, false, line_of(c), &c->lines, err))
        return false;
    if (!queries && !c->both)
        return true;
    Slice none = {"", 0};
    bool more = lines_next(&c->lines, err);
    return (more || err->kind == ERROR_NONE) &&
           entry_tokens(entry, true, more ? line_of(c) : none, &c->lines, err);
}

bool companion_tokens(Companion *c, const char *name, int64_t n, bool queries, DumpEntry *entry,
                      Error *err)
{
    Error why = {0};
    int64_t at = entry->sentence >= 0 ? entry->sentence : n, wanted = at + 1;
    if (entry->sentence >= 0 && c->ids)
        at = find_id(c, wanted);
    if (at < 0 || at >= c->all) {
        char where[60];
        snprintf(where, sizeof where, "line %lld", (long long)entry->line);
        return error_at(err, ERROR_MALFORMED, where,
                        "sentence %lld: expected its line in the %s file, which has %lld",
                        (long long)wanted, name, (long long)c->count);
    }
    bool triple = c->kind == COMPANION_TRIPLES;
    LinesPlace place = {c->from[at], triple ? 3 * at + 2 : at + 1};
    bool ok = lines_seek(&c->lines, place, &why) && lines_next(&c->lines, &why);
    ok = ok && (triple ? take_triple(c, queries, entry, &why)
                       : take(c, queries, line_of(c), entry, &why));
    if (ok)
        return true;
    if (why.kind == ERROR_NONE)
        error_set(&why, ERROR_IO, "changed on disk while it was read");
    error_within(&why, "%s", name);
    return error_at(err, why.kind, why.where, "%s", why.what);
}
