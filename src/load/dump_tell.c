/* What is said about a dump when it was listed. */
#include "load/dump_listing.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static bool warn(Document *doc, const char *fmt, ...) ATTN_PRINTF(2, 3);
static bool warn(Document *doc, const char *fmt, ...)
{
    char line[600];
    va_list args;
    va_start(args, fmt);
    utf8_vformat(line, sizeof line, fmt, args);
    va_end(args);
    const char **list = arena_alloc(&doc->arena, (size_t)doc->warning_count + 1, sizeof *list);
    char *text = arena_text(&doc->arena, line, strlen(line));
    if (!list || !text)
        return false;
    if (doc->warning_count > 0)
        memcpy(list, doc->warnings, (size_t)doc->warning_count * sizeof *list);
    list[doc->warning_count++] = text;
    doc->warnings = list;
    return true;
}

void listing_bad(Listing *l, int64_t n, const Error *why)
{
    int64_t at = l->bad++;
    if (at == 0)
        l->first_bad = *why;
    if (at >= LISTING_BADS)
        return;
    char line[sizeof why->where + sizeof why->what + 8];
    error_line(why, NULL, line, sizeof line);
    l->bads[at].from = l->c->index.items[n].place.from;
    l->bads[at].line = arena_text(&l->doc->arena, line, strlen(line));
}

/* As the list shows it, whose order the ids may have made. */
static int64_t place_of(const DumpCorpus *c, uint64_t from)
{
    int64_t n = 0;
    while (n < c->index.count && c->index.items[n].place.from != from)
        n++;
    return n;
}

/* One warning counts them and names the first; each of the others says it of itself. */
static bool tell_bads(const Listing *l)
{
    bool ok = true;
    int named = l->bad < LISTING_BADS ? (int)l->bad : LISTING_BADS;
    for (int i = 0; ok && i < named; i++) {
        const char *line = l->bads[i].line;
        int64_t n = place_of(l->c, l->bads[i].from);
        ok = line != NULL;
        if (ok)
            l->doc->sentences[n].problem = line;
        if (ok && i == 0)
            ok = warn(l->doc,
                      "%lld of %lld sentences cannot be read, the first is sentence %lld: %s",
                      (long long)l->bad, (long long)l->c->index.count, (long long)n, line);
    }
    return ok;
}

/* How links are counted and turned is no doubt; that there are none is one. */
static bool tell_links(const DumpCorpus *c, Document *doc)
{
    char own[300] = "", gold[300] = "", both[640];
    if (c->format->links)
        dump_links_told(&c->links, own, sizeof own);
    if (c->gold_format)
        dump_links_told(&c->gold_links, gold, sizeof gold);
    if (own[0] && c->links.none) {
        if (!warn(doc, "%s", own))
            return false;
        own[0] = '\0';
    }
    if (gold[0] && c->gold_links.none) {
        if (!warn(doc, "gold: %s", gold))
            return false;
        gold[0] = '\0';
    }
    if (!own[0] && !gold[0])
        return true;
    utf8_format(both, sizeof both, "%s%s%s%s", own, own[0] && gold[0] ? "; " : "",
                gold[0] ? "gold: " : "", gold);
    doc->notes = arena_text(&doc->arena, both, strlen(both));
    return doc->notes != NULL;
}

bool listing_tell(const Listing *l, Error *err)
{
    const DumpCorpus *c = l->c;
    bool ok = tell_bads(l);
    if (ok && l->nonfinite > 0)
        ok = warn(l->doc, "%lld number%s not finite, the first in sentence %lld",
                  (long long)l->nonfinite, l->nonfinite == 1 ? " is" : "s are",
                  (long long)place_of(c, l->nonfinite_from));
    if (ok && l->odd > 0)
        ok = warn(l->doc,
                  "%lld of %lld rows of weights %s not sum to 1, the first is sentence %lld, row "
                  "%lld: %.6g",
                  (long long)l->odd, (long long)l->rows, l->odd == 1 ? "does" : "do",
                  (long long)place_of(c, l->odd_from), (long long)l->odd_row, l->odd_sum);
    if (ok && c->format->needs_source && !c->source.open)
        ok = warn(l->doc, "source tokens are numbered: give their file with --source");
    ok = ok && tell_links(c, l->doc);
    return ok || error_memory(err);
}
