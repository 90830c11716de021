/* Word links in more than a line: NAACL (a line for each link), GIZA++ (three lines a pair). */
#include "load/dump_links.h"

#include <stdio.h>
#include <string.h>

/* "0012 3 4 P 0.5": what follows the grade is of no meaning to us. */
typedef struct {
    int sentence, key, query;
    bool possible;
} NaaclLink;

static bool naacl_parse(Slice line, NaaclLink *out)
{
    Slice word[4] = {{0}};
    for (int i = 0; i < 4; i++)
        slice_word(&line, &word[i]);
    *out = (NaaclLink){.possible = slice_is(word[3], "P")};
    return links_int(word[0], &out->sentence) && links_int(word[1], &out->key) &&
           links_int(word[2], &out->query);
}

static bool is_naacl(Slice line)
{
    NaaclLink link;
    Slice word = {0}, rest = line;
    double number;
    for (int i = 0; i < 4; i++)
        slice_word(&rest, &word);
    bool grade = word.length == 0 || slice_is(word, "S") || slice_is(word, "P") ||
                 slice_number(word, &number);
    return grade && naacl_parse(line, &link) && link.sentence > 0;
}

static bool has_grade(Slice line)
{
    Slice word = {0};
    for (int i = 0; i < 4; i++)
        slice_word(&line, &word);
    return slice_is(word, "S") || slice_is(word, "P");
}

/* Three whole numbers a line may be anything; with grades they are links. */
static int naacl_likely(const char *text, size_t size, bool whole)
{
    int most = links_lines(text, size, whole, is_naacl);
    if (most < 90)
        return 0;
    return links_lines(text, size, whole, has_grade) > 0 ? most - 5 : most / 2;
}

/* A 0 is the empty word, to which nothing can be linked here. */
static bool naacl_link(const Lines *lines, DumpEntry *entry, int *sentence, bool *more, Error *err)
{
    NaaclLink link;
    const Slice line = slice_trim((Slice){lines->text, lines->length});
    *more = true;
    if (line.length == 0)
        return true;
    if (!naacl_parse(line, &link) || link.sentence == 0)
        return lines_fail(lines, err,
                          "link: expected a sentence and two positions such as 12 3 4, found "
                          "\"%.*s\"",
                          line.length < 40 ? (int)line.length : 40, line.at);
    *more = *sentence == 0 || link.sentence == *sentence;
    if (!*more)
        return true;
    if (*sentence == 0) {
        Slice rest = line, number;
        *sentence = link.sentence;
        entry->sentence = link.sentence - 1;
        entry->line = lines->number;
        slice_word(&rest, &number);
        if (!entry_title(entry, number, err))
            return false;
    }
    if (link.key == 0 || link.query == 0)
        return true;
    return entry_link(entry, !link.possible, (DocLink){link.key - 1, link.query - 1}, 1, err);
}

/* The file, not only this entry. */
static DumpStep fail_file(const Error *why, Error *err)
{
    error_at(err, why->kind, why->where, "%s", why->what);
    return DUMP_FAILED;
}

/* A line that is wrong spoils the sentence that it stands in: the rest of it is read over. */
static DumpStep naacl_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Error why = {0}, bad = {0};
    int sentence = 0;
    bool more = true;
    DumpStep step = links_begin(lines, entry, err);
    while (step == DUMP_ENTRY) {
        if (!naacl_link(lines, entry, &sentence, &more, &why)) {
            if (why.kind != ERROR_MALFORMED)
                return fail_file(&why, err);
            error_at(&bad, why.kind, why.where, "%s", why.what);
            error_clear(&why);
        }
        if (!more)
            lines_back(lines);
        if (!more || (bad.kind && sentence == 0))
            break;
        if (lines_next(lines, &why))
            continue;
        if (why.kind)
            return fail_file(&why, err);
        break;
    }
    if (step == DUMP_ENTRY && sentence == 0 && !bad.kind)
        return DUMP_END; /* empty lines at the end */
    return step == DUMP_ENTRY ? links_end(!bad.kind, &bad, err) : step;
}

const DumpFormat LINKS_NAACL = {.name = "naacl",
                                .title = "word links (NAACL)",
                                .rows = ROWS_ARE_QUERIES,
                                .certain = true,
                                .links = true,
                                .by_id = true,
                                .likely = naacl_likely,
                                .read = naacl_read};

static const char GIZA_HEAD[] = "# Sentence pair (";

static int giza_likely(const char *text, size_t size, bool whole)
{
    (void)whole;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    return size >= sizeof GIZA_HEAD - 1 && memcmp(text, GIZA_HEAD, sizeof GIZA_HEAD - 1) == 0 ? 100
                                                                                              : 0;
}

static bool giza_is_head(const Lines *lines)
{
    return strncmp(lines->text, GIZA_HEAD, sizeof GIZA_HEAD - 1) == 0;
}

/* "# Sentence pair (3) source length 7 target length 8 alignment score : 1e-9"; −1: not said */
typedef struct {
    Slice number;
    int source, target;
} GizaHead;

static GizaHead giza_head(const Lines *lines)
{
    GizaHead head = {.source = -1, .target = -1};
    const char *from = lines->text + sizeof GIZA_HEAD - 1, *stop = strchr(from, ')');
    if (!stop)
        return head;
    head.number = (Slice){from, (size_t)(stop - from)};
    Slice rest = {stop + 1, lines->length - (size_t)(stop + 1 - lines->text)}, word, before = {0};
    while (slice_word(&rest, &word)) {
        if (slice_is(before, "source") && slice_is(word, "length") && slice_word(&rest, &word) &&
            !links_int(word, &head.source))
            head.source = -1;
        if (slice_is(before, "target") && slice_is(word, "length") && slice_word(&rest, &word) &&
            !links_int(word, &head.target))
            head.target = -1;
        before = word;
    }
    return head;
}

/* "({ 1 3 })" behind a word: the targets of `key`; of the empty word (−1) they are dropped. */
static bool giza_links(DumpEntry *entry, Slice *rest, int key, const Lines *lines, Error *err)
{
    Slice word;
    int number;
    if (!slice_word(rest, &word) || !slice_is(word, "({"))
        return lines_fail(lines, err, "source: expected ({ behind word %d, found none", key + 1);
    while (slice_word(rest, &word) && !slice_is(word, "})")) {
        if (!links_int(word, &number) || number < 1)
            return lines_fail_at(lines, (size_t)(word.at - lines->text), err,
                                 "link: expected a target number from 1 on, found \"%.*s\"",
                                 word.length < 40 ? (int)word.length : 40, word.at);
        if (key >= 0 && !entry_link(entry, true, (DocLink){key, number - 1}, 1, err))
            return false;
    }
    return slice_is(word, "})") ||
           lines_fail(lines, err, "source: expected }) behind the links of word %d, found none",
                      key + 1);
}

/* The words are put side by side, so that they are taken as those of any other line. */
static bool giza_source(DumpEntry *entry, const Lines *lines, Error *err)
{
    Slice rest = {lines->text, lines->length}, word;
    Buf words;
    int key = -1;
    buf_init(&words, BUF_NO_LIMIT);
    bool ok = true;
    while (ok && slice_word(&rest, &word)) {
        if (key >= 0) {
            buf_append(&words, word.at, word.length);
            buf_byte(&words, ' ');
        } else if (!slice_is(word, "NULL")) {
            ok = lines_fail_at(lines, (size_t)(word.at - lines->text), err,
                               "source: expected NULL ({ … }) in front of the words, found "
                               "\"%.*s\"",
                               word.length < 40 ? (int)word.length : 40, word.at);
        }
        ok = ok && giza_links(entry, &rest, key++, lines, err);
    }
    ok = ok && (key >= 0 || lines_fail(lines, err, "source: expected words, found an empty line"));
    ok = ok && buf_ok(&words, err);
    Slice text = {buf_string(&words), words.size};
    ok = ok && entry_tokens(entry, false, text, lines, err);
    buf_free(&words);
    return ok;
}

/* file: what cannot be read at all. */
static bool giza_next(Lines *lines, const char *what, Error *file, Error *err)
{
    if (!lines_next(lines, file)) {
        if (file->kind)
            return false;
        return lines_fail(lines, err,
                          "pair: expected a line of %s words, found the end of the file", what);
    }
    if (!giza_is_head(lines))
        return true;
    lines_back(lines);
    return lines_fail(lines, err, "pair: expected a line of %s words, found the next pair", what);
}

static bool giza_count(const DumpEntry *entry, const char *side, int said, int found, Error *err)
{
    char where[40];
    if (said < 0 || said == found)
        return true;
    snprintf(where, sizeof where, "line %lld", (long long)entry->line);
    return error_at(err, ERROR_MALFORMED, where, "pair: expected %d %s words, found %d", said, side,
                    found);
}

static bool giza_pair(Lines *lines, DumpEntry *entry, Error *file, Error *err)
{
    GizaHead head = giza_head(lines);
    return entry_title(entry, head.number, err) && giza_next(lines, "target", file, err) &&
           entry_tokens(entry, true, (Slice){lines->text, lines->length}, lines, err) &&
           giza_next(lines, "source", file, err) && giza_source(entry, lines, err) &&
           giza_count(entry, "source", head.source, entry->key_count, err) &&
           giza_count(entry, "target", head.target, entry->query_count, err);
}

/* Behind a pair that is wrong: the next one. */
static void giza_skip(Lines *lines, Error *file)
{
    while (lines_next(lines, file)) {
        if (giza_is_head(lines)) {
            lines_back(lines);
            return;
        }
    }
}

static DumpStep giza_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Error why = {0}, file = {0};
    DumpStep step = links_begin(lines, entry, err);
    while (step == DUMP_ENTRY && slice_trim((Slice){lines->text, lines->length}).length == 0)
        step = links_begin(lines, entry, err);
    if (step != DUMP_ENTRY)
        return step;
    bool ok = giza_is_head(lines) ? giza_pair(lines, entry, &file, &why)
                                  : lines_fail(lines, &why,
                                               "pair: expected # Sentence pair (…), found another "
                                               "line");
    if (why.kind == ERROR_MALFORMED)
        giza_skip(lines, &file);
    return file.kind ? fail_file(&file, err) : links_end(ok, &why, err);
}

const DumpFormat LINKS_GIZA = {.name = "giza",
                               .title = "GIZA++ alignments (A3)",
                               .rows = ROWS_ARE_QUERIES,
                               .certain = true,
                               .links = true,
                               .likely = giza_likely,
                               .read = giza_read};
