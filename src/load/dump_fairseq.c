/* fairseq-generate: lines "X-id<TAB>…" among those of its log, the sentences in the order of their
 * lengths. S: source, H: score and hypothesis in subwords, A: alignment, soft (a group for each
 * target token) or hard (i-j). The best hypothesis comes first; the others are left out.
 */
#include "load/dump_blocks.h"
#include "load/dump_links.h"

#include <string.h>

/* "S-12<TAB>rest" */
typedef struct {
    char kind;
    int64_t id;
    Slice rest;
} Tagged;

static bool parse_tag(Slice line, Tagged *out)
{
    const char *tab = memchr(line.at, '\t', line.length);
    if (!tab || line.length < 4 || !strchr("STHDPAEVWN", line.at[0]) || line.at[1] != '-')
        return false;
    size_t head = (size_t)(tab - line.at);
    *out = (Tagged){.kind = line.at[0], .rest = {tab + 1, line.length - head - 1}};
    return slice_int((Slice){line.at + 2, head - 2}, &out->id) && out->id >= 0;
}

/* Behind the score. */
static Slice behind_tab(Slice s)
{
    const char *tab = memchr(s.at, '\t', s.length);
    if (!tab)
        return s;
    return (Slice){tab + 1, s.length - (size_t)(tab - s.at) - 1};
}

typedef struct {
    int hypotheses;
    bool aligned, links;
} Seen;

static bool read_soft(DumpEntry *entry, Slice text, const Lines *lines, Error *err)
{
    Slice group;
    while (slice_word(&text, &group)) {
        if (!entry_row(entry, group, ',', lines, err))
            return false;
    }
    return true;
}

static bool take_line(Lines *lines, DumpEntry *entry, const Tagged *t, Seen *seen, Error *err)
{
    bool first = seen->hypotheses <= 1;
    switch (t->kind) {
    case 'S':
        return entry_tokens(entry, false, t->rest, lines, err);
    case 'H':
        seen->hypotheses++;
        return seen->hypotheses > 1 || entry_tokens(entry, true, behind_tab(t->rest), lines, err);
    case 'A':
        if (!first || seen->aligned)
            return true;
        seen->aligned = true;
        return seen->links ? links_read(entry, t->rest, lines, err)
                           : read_soft(entry, t->rest, lines, err);
    default:
        return true;
    }
}

static DumpStep read_entry(Lines *lines, DumpEntry *entry, bool links, Error *err)
{
    Seen seen = {.links = links};
    Tagged t;
    bool begun = false, good = true;
    Error end = {0};
    while (lines_next(lines, &end)) {
        if (!parse_tag((Slice){lines->text, lines->length}, &t))
            continue;
        if (begun && t.id != entry->sentence) {
            lines_back(lines);
            break;
        }
        if (!begun) {
            entry->sentence = t.id;
            entry->line = lines->number;
            Slice id = {lines->text + 2, (size_t)(t.rest.at - lines->text) - 3};
            good = entry_title(entry, id, err);
        }
        begun = true;
        good = good && take_line(lines, entry, &t, &seen, err);
    }
    if (end.kind != ERROR_NONE) {
        error_at(err, end.kind, end.where, "%s", end.what);
        return DUMP_FAILED;
    }
    if (!begun)
        return DUMP_END;
    if (good && !seen.aligned)
        good = lines_fail(lines, err,
                          "sentence %lld: expected an A- line (--print-alignment), found "
                          "none",
                          (long long)entry->sentence);
    return good ? DUMP_ENTRY : DUMP_BAD;
}

static DumpStep fairseq_read(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_entry(lines, entry, false, err);
}

static DumpStep fairseq_links(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_entry(lines, entry, true, err);
}

static int likely(const char *text, size_t size, bool whole, bool links)
{
    Head head = head_of(text, size, whole);
    Slice line;
    Tagged t;
    int tagged = 0;
    while (head_line(&head, &line)) {
        if (!parse_tag(line, &t))
            continue;
        tagged++;
        if (t.kind == 'A' && slice_trim(t.rest).length > 0)
            return (memchr(t.rest.at, ',', t.rest.length) == NULL) == links ? 95 : 0;
    }
    return tagged > 1 && !links ? 60 : 0;
}

static int fairseq_likely(const char *text, size_t size, bool whole)
{
    return likely(text, size, whole, false);
}

static int links_likely(const char *text, size_t size, bool whole)
{
    return likely(text, size, whole, true);
}

const DumpFormat DUMP_FAIRSEQ = {.name = "fairseq",
                                 .title = "fairseq-generate with soft alignments",
                                 .rows = ROWS_ARE_QUERIES,
                                 .certain = true,
                                 .eos = true,
                                 .by_id = true,
                                 .likely = fairseq_likely,
                                 .read = fairseq_read};
const DumpFormat DUMP_FAIRSEQ_LINKS = {.name = "fairseq-hard",
                                       .title = "fairseq-generate with word links",
                                       .rows = ROWS_ARE_QUERIES,
                                       .certain = true,
                                       .links = true,
                                       .by_id = true,
                                       .likely = links_likely,
                                       .read = fairseq_links};
