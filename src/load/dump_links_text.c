/* Word links beside a translation (Marian --alignment hard, OpenNMT-py --report_align, Sockeye),
 * and pairs of sentences without any. */
#include "load/dump_links.h"

#include <string.h>

enum { PARTS = 5 };

/* "translation ||| links ||| …", or of n-best lists "number ||| translation ||| links ||| …". */
typedef struct {
    Slice number, translation, links;
    bool numbered;
} MarianLine;

static bool marian_parse(Slice line, MarianLine *out)
{
    Slice part[PARTS] = {{0}};
    int count = 0, number;
    while (count < PARTS && slice_part(&line, "|||", &part[count]))
        count++;
    bool numbered = count > 3 && links_int(part[0], &number);
    *out = (MarianLine){part[0], part[numbered], part[1 + numbered], numbered};
    return count > 1;
}

static bool is_marian(Slice line)
{
    MarianLine m;
    return marian_parse(line, &m) && links_only(m.links, 0);
}

static bool has_marian_link(Slice line)
{
    MarianLine m;
    return marian_parse(line, &m) && links_only(m.links, 1);
}

static int marian_likely(const char *text, size_t size, bool whole)
{
    int most = links_lines(text, size, whole, is_marian);
    return most >= 90 && links_lines(text, size, whole, has_marian_link) > 0 ? most - 5 : 0;
}

static DumpStep marian_read(Lines *lines, DumpEntry *entry, Error *err)
{
    MarianLine m;
    Error why = {0};
    int number = 0;
    DumpStep step = links_begin(lines, entry, err);
    if (step != DUMP_ENTRY)
        return step;
    bool ok = marian_parse((Slice){lines->text, lines->length}, &m) ||
              lines_fail(lines, &why, "line: expected a translation ||| links, found no |||");
    if (ok && m.numbered) {
        links_int(m.number, &number);
        entry->sentence = number;
        ok = entry_title(entry, m.number, &why);
    }
    ok = ok && entry_tokens(entry, true, m.translation, lines, &why) &&
         links_read(entry, m.links, lines, &why);
    return links_end(ok, &why, err);
}

const DumpFormat LINKS_MARIAN = {.name = "marian-hard",
                                 .title = "translations with word links (Marian)",
                                 .rows = ROWS_ARE_QUERIES,
                                 .certain = true,
                                 .eos = true,
                                 .links = true,
                                 .needs_source = true,
                                 .likely = marian_likely,
                                 .read = marian_read};

static bool sockeye_parse(Slice line, Slice *translation, Slice *links)
{
    size_t at = line.length;
    while (at > 0 && line.at[at - 1] != '\t')
        at--;
    if (at == 0)
        return false;
    *translation = slice_trim((Slice){line.at, at - 1});
    *links = slice_trim((Slice){line.at + at, line.length - at});
    return true;
}

static bool is_sockeye(Slice line)
{
    Slice translation, links;
    int number; /* SimAlign's, of the sentence: no translation */
    return sockeye_parse(line, &translation, &links) && links_only(links, 1) &&
           !links_int(translation, &number);
}

static int sockeye_likely(const char *text, size_t size, bool whole)
{
    int most = links_lines(text, size, whole, is_sockeye);
    return most >= 75 ? most - 10 : 0;
}

static DumpStep sockeye_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Slice translation, links;
    Error why = {0};
    DumpStep step = links_begin(lines, entry, err);
    if (step != DUMP_ENTRY)
        return step;
    bool ok =
        sockeye_parse((Slice){lines->text, lines->length}, &translation, &links) ||
        lines_fail(lines, &why, "line: expected a translation, a tab and links, found no tab");
    ok = ok && entry_tokens(entry, true, translation, lines, &why) &&
         links_read(entry, links, lines, &why);
    return links_end(ok, &why, err);
}

const DumpFormat LINKS_SOCKEYE = {.name = "sockeye-links",
                                  .title = "translations with word links (Sockeye)",
                                  .rows = ROWS_ARE_QUERIES,
                                  .certain = true,
                                  .eos = true,
                                  .links = true,
                                  .needs_source = true,
                                  .likely = sockeye_likely,
                                  .read = sockeye_read};

/* "source ||| target", and nothing else. */
static bool pair_parse(Slice line, Slice *source, Slice *target)
{
    Slice more;
    return slice_part(&line, "|||", source) && slice_part(&line, "|||", target) &&
           !slice_part(&line, "|||", &more);
}

static bool is_pair(Slice line)
{
    Slice source, target;
    return pair_parse(line, &source, &target) && source.length > 0 && target.length > 0;
}

static int pairs_likely(const char *text, size_t size, bool whole)
{
    int most = links_lines(text, size, whole, is_pair);
    return most >= 75 ? most / 2 : 0;
}

static DumpStep pairs_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Slice source = {0}, target = {0};
    Error why = {0};
    DumpStep step = links_begin(lines, entry, err);
    if (step != DUMP_ENTRY)
        return step;
    bool ok = pair_parse((Slice){lines->text, lines->length}, &source, &target) ||
              lines_fail(lines, &why, "pair: expected source ||| target, found %s |||",
                         target.at ? "more than one" : "no");
    ok = ok && entry_tokens(entry, false, source, lines, &why) &&
         entry_tokens(entry, true, target, lines, &why);
    return links_end(ok, &why, err);
}

const DumpFormat LINKS_PAIRS = {.name = "pairs",
                                .title = "pairs of sentences",
                                .rows = ROWS_ARE_QUERIES,
                                .certain = true,
                                .links = true,
                                .likely = pairs_likely,
                                .read = pairs_read};
