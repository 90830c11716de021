/* Word links as text, and lines of them: Pharaoh, talp, SimAlign. */
#include "load/dump_links.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Digits at the beginning; 0 of them: none, or more than an int holds. */
static size_t digits(Slice s, int *out)
{
    size_t n = 0;
    int64_t value = 0;
    while (n < s.length && s.at[n] >= '0' && s.at[n] <= '9' && value < INT_MAX)
        value = value * 10 + (s.at[n++] - '0');
    *out = (int)value;
    return value < INT_MAX - 1 ? n : 0;
}

static Slice behind(Slice s, size_t n)
{
    return (Slice){s.at + n, s.length - n};
}

static bool link_grade(Slice tag, LinkWord *out)
{
    out->possible |= slice_is(tag, "P") || slice_is(tag, "possible") || slice_is(tag, "partial") ||
                     slice_is(tag, "contextual");
    out->wrong = slice_is(tag, "wrong");
    return out->possible || out->wrong || slice_is(tag, "S") || slice_is(tag, "sure");
}

bool link_word(Slice word, LinkWord *out)
{
    *out = (LinkWord){.weight = 1};
    size_t n = digits(word, &out->link.key);
    if (n == 0 || n >= word.length || !strchr("-p?:", word.at[n]))
        return false;
    out->possible = word.at[n] == 'p' || word.at[n] == '?';
    word = behind(word, n + 1);
    n = digits(word, &out->link.query);
    if (n == 0 || n == word.length)
        return n > 0;
    if (word.at[n] != '-' && word.at[n] != ':')
        return false;
    word = behind(word, n + 1);
    if (link_grade(word, out))
        return true;
    out->weighted = slice_number(word, &out->weight) && fabs(out->weight) <= 3e38;
    return out->weighted;
}

/* "3-4 5-6 …" as long as links are nothing but that, up to what is not; all of them sure. */
static bool read_plain(DumpEntry *entry, Slice *text, Error *err)
{
    const char *at = text->at, *end = at + text->length;
    for (;;) {
        unsigned number[2] = {0, 0};
        const char *p = at;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        for (int i = 0; i < 2; i++) {
            const char *from = p;
            for (; p < end && (unsigned)(*p - '0') < 10 && p - from < 9; p++)
                number[i] = number[i] * 10 + (unsigned)(*p - '0');
            bool mark = i == 0 ? p < end && *p == '-' : p == end || *p == ' ' || *p == '\t';
            if (p == from || !mark) {
                *text = (Slice){at, (size_t)(end - at)};
                return true;
            }
            p += i == 0;
        }
        if (!entry_link(entry, true, (DocLink){(int)number[0], (int)number[1]}, 1, err))
            return false;
        at = p;
    }
}

bool links_read(DumpEntry *entry, Slice text, const Lines *lines, Error *err)
{
    Slice word;
    LinkWord link;
    if (!read_plain(entry, &text, err))
        return false;
    while (slice_word(&text, &word)) {
        if (!link_word(word, &link))
            return lines_fail_at(lines, (size_t)(word.at - lines->text), err,
                                 "link: expected two numbers such as 3-4, found \"%.*s\"",
                                 word.length < 40 ? (int)word.length : 40, word.at);
        if (!link.wrong && !entry_link(entry, !link.possible, link.link, link.weight, err))
            return false;
    }
    return true;
}

bool links_only(Slice text, int least)
{
    Slice word;
    LinkWord link;
    while (slice_word(&text, &word)) {
        if (!link_word(word, &link))
            return false;
        least--;
    }
    return least <= 0;
}

int links_lines(const char *text, size_t size, bool whole, bool (*is)(Slice line))
{
    int all = 0, yes = 0;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    while (size > 0) {
        size_t length = 0;
        while (length < size && text[length] != '\n' && text[length] != '\r')
            length++;
        Slice line = {text, length};
        bool cut = length == size && !whole;
        if (cut && all > 0)
            break;
        while (cut && line.length > 0 && line.at[line.length - 1] != ' ')
            line.length--;
        line = slice_trim(line);
        all += line.length > 0;
        yes += line.length > 0 && is(line);
        length += length < size;
        text += length;
        size -= length;
    }
    return all > 0 ? yes * 100 / all : 0;
}

DumpStep links_begin(Lines *lines, DumpEntry *entry, Error *err)
{
    Error why = {0};
    if (lines_next(lines, &why)) {
        entry->line = lines->number;
        return DUMP_ENTRY;
    }
    if (!why.kind)
        return DUMP_END;
    error_at(err, why.kind, why.where, "%s", why.what);
    return DUMP_FAILED;
}

DumpStep links_end(bool ok, const Error *why, Error *err)
{
    if (ok)
        return DUMP_ENTRY;
    error_at(err, why->kind, why->where, "%s", why->what);
    return why->kind == ERROR_MALFORMED ? DUMP_BAD : DUMP_FAILED;
}

bool links_int(Slice s, int *out)
{
    return s.length > 0 && digits(s, out) == s.length;
}

/* "7<TAB>0-0 1-1": SimAlign's number of the sentence. */
static bool leading_number(Slice *text, Slice *number)
{
    Slice rest = *text;
    int value;
    if (!slice_word(&rest, number) || !links_int(*number, &value))
        return false;
    *text = rest;
    return true;
}

static bool is_pharaoh(Slice line)
{
    Slice number;
    bool numbered = leading_number(&line, &number);
    return links_only(line, numbered ? 0 : 1);
}

static bool has_link(Slice line)
{
    Slice number;
    leading_number(&line, &number);
    return links_only(line, 1);
}

static int pharaoh_likely(const char *text, size_t size, bool whole)
{
    int most = links_lines(text, size, whole, is_pharaoh);
    return links_lines(text, size, whole, has_link) > 0 && most >= 90 ? most - 5 : 0;
}

/* An empty line is a sentence without links, but none where lines are numbered: then the present
 * line is the next one. */
static DumpStep over_empty(Lines *lines, DumpEntry *entry, bool *empty, Error *err)
{
    Slice text = {lines->text, lines->length}, number;
    int64_t line = entry->line;
    *empty = slice_trim(text).length == 0;
    DumpStep step = *empty ? links_begin(lines, entry, err) : DUMP_END;
    if (step != DUMP_ENTRY)
        return step == DUMP_END ? DUMP_ENTRY : step;
    text = (Slice){lines->text, lines->length};
    *empty = !leading_number(&text, &number);
    if (*empty) {
        entry->line = line;
        lines_back(lines);
    }
    return DUMP_ENTRY;
}

static DumpStep pharaoh_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Slice number;
    Error why = {0};
    bool empty = false;
    DumpStep step = links_begin(lines, entry, err);
    if (step == DUMP_ENTRY)
        step = over_empty(lines, entry, &empty, err);
    if (step != DUMP_ENTRY || empty)
        return step;
    Slice text = {lines->text, lines->length};
    bool ok = (!leading_number(&text, &number) || entry_title(entry, number, &why)) &&
              links_read(entry, text, lines, &why);
    return links_end(ok, &why, err);
}

static int never(const char *text, size_t size, bool whole)
{
    (void)text;
    (void)size;
    (void)whole;
    return 0;
}

const DumpFormat LINKS_PHARAOH = {.name = "pharaoh",
                                  .title = "word links (Pharaoh)",
                                  .rows = ROWS_ARE_QUERIES,
                                  .certain = true,
                                  .links = true,
                                  .likely = pharaoh_likely,
                                  .read = pharaoh_read};
const DumpFormat LINKS_PHARAOH_ONE = {.name = "pharaoh-1",
                                      .title = "word links from 1 on (Pharaoh)",
                                      .rows = ROWS_ARE_QUERIES,
                                      .certain = true,
                                      .links = true,
                                      .likely = never,
                                      .read = pharaoh_read};
