/* Token files beside a dump: one sentence a line. */
#include "load/dump_corpus.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static bool push(Companion *c, uint64_t from)
{
    if (c->count == c->cap) {
        int64_t cap = c->cap ? c->cap * 2 : 256;
        uint64_t *list = mem_resize(c->from, (size_t)cap, sizeof *list);
        if (!list)
            return false;
        c->from = list;
        c->cap = cap;
    }
    c->from[c->count++] = from;
    return true;
}

/* "source ||| target": the mark once, between words. */
static bool is_pair(const Lines *lines)
{
    const char *mark = strstr(lines->text, " ||| ");
    return mark && !strstr(mark + 5, "|||");
}

bool companion_open(Companion *c, const char *name, const char *path, const LoadRequest *request,
                    Error *err)
{
    Error why = {0};
    int64_t filled = 0, pairs = 0, words = 0;
    bool ok = lines_open(&c->lines, path, request, &why);
    c->open = ok;
    while (ok && lines_next(&c->lines, &why)) {
        ok = push(c, c->lines.from) || error_memory(&why);
        words += c->lines.length > 0;
        pairs += is_pair(&c->lines);
        if (c->lines.length > 0)
            filled = c->count;
        uint64_t most = limits_value(&request->limits, LIMIT_SENTENCES);
        if (ok && (uint64_t)filled > most)
            ok = limits_over(&request->limits, LIMIT_SENTENCES, &why, "",
                             "expected at most %llu sentences, found more",
                             (unsigned long long)most);
    }
    c->count = filled; /* empty lines at the end are no sentences */
    c->pairs = pairs > 0 && pairs == words;
    if (why.kind == ERROR_NONE)
        return true;
    error_within(&why, "%s", name);
    return error_at(err, why.kind, why.where, "%s", why.what);
}

bool companion_tokens(Companion *c, const char *name, int64_t n, bool queries, DumpEntry *entry,
                      Error *err)
{
    Error why = {0};
    Slice text, part;
    if (n < 0 || n >= c->count) {
        char where[60];
        snprintf(where, sizeof where, "line %lld", (long long)entry->line);
        return error_at(err, ERROR_MALFORMED, where,
                        "sentence %lld: expected its line in the %s file, which has %lld",
                        (long long)n + 1, name, (long long)c->count);
    }
    LinesPlace place = {c->from[n], n + 1};
    bool ok = lines_seek(&c->lines, place, &why) && lines_next(&c->lines, &why);
    if (ok) {
        text = (Slice){c->lines.text, c->lines.length};
        if (c->pairs) {
            slice_part(&text, "|||", &part);
            ok = entry_tokens(entry, false, part, &c->lines, &why) &&
                 entry_tokens(entry, true, text, &c->lines, &why);
        } else {
            ok = entry_tokens(entry, queries, text, &c->lines, &why);
        }
    }
    if (ok)
        return true;
    if (why.kind == ERROR_NONE)
        error_set(&why, ERROR_IO, "changed on disk while it was read");
    error_within(&why, "%s", name);
    return error_at(err, why.kind, why.where, "%s", why.what);
}
