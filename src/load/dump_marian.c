/* Marian's --alignment soft, a line a sentence, and its n-best lists:
 *
 *     translation ||| w,w,…,w w,w,…,w[ ||| WordScores= …]
 *     number ||| translation ||| w,w,… w,w,… ||| F0= … ||| score
 *
 * or, as Amun wrote it, (w w … w) | (w w … w) |
 *
 * One group for each target token, one number for each source token, both with the end of sentence.
 * The source is in another file; batches leave zeros behind shorter sources.
 */
#include "load/dump_blocks.h"
#include "base/utf8.h"

#include <string.h>

enum { PARTS_MOST = 8 };

static bool is_amun(Slice s)
{
    return s.length > 0 && s.at[0] == '(';
}

/* "(0.9 0.1 )" without its brackets. */
static Slice inside(Slice group)
{
    if (group.length > 0 && group.at[0] == '(')
        group = (Slice){group.at + 1, group.length - 1};
    if (group.length > 0 && group.at[group.length - 1] == ')')
        group.length--;
    return group;
}

/* "0.9,0.1 0.2,0.8": at least one comma, and the first group is numbers; or Amun's. */
static bool is_soft(Slice s)
{
    Slice group;
    if (is_amun(s))
        return slice_part(&s, "|", &group) && slice_numbers(inside(group), '\0') > 0;
    if (!memchr(s.at, ',', s.length) || !slice_word(&s, &group))
        return false;
    return slice_numbers(group, ',') > 1;
}

static int split(Slice line, Slice *part)
{
    int count = 0;
    while (count < PARTS_MOST && slice_part(&line, "|||", &part[count]))
        count++;
    return count;
}

static bool read_groups(DumpEntry *entry, Slice text, const Lines *lines, Error *err)
{
    Slice group;
    bool amun = is_amun(text);
    while (amun ? slice_part(&text, "|", &group) : slice_word(&text, &group)) {
        Slice row = amun ? inside(group) : group;
        if (row.length > 0 && !entry_row(entry, row, amun ? '\0' : ',', lines, err))
            return false;
    }
    return entry->rows > 0 || lines_fail(lines, err, "expected weights, found none");
}

static bool read_parts(Lines *lines, DumpEntry *entry, bool nbest, Error *err)
{
    Slice part[PARTS_MOST];
    int count = split((Slice){lines->text, lines->length}, part), least = nbest ? 3 : 2;
    entry->line = lines->number;
    if (count < least)
        return lines_fail(lines, err, "expected at least %d fields parted by |||, found %d", least,
                          count);
    if (nbest && (!slice_int(part[0], &entry->sentence) || entry->sentence < 0))
        return lines_fail(lines, err, "expected the number of a sentence, found \"%.*s\"",
                          (int)utf8_cut(part[0].at, part[0].length, 40), part[0].at);
    return (!nbest || entry_title(entry, part[0], err)) &&
           entry_tokens(entry, true, part[nbest], lines, err) &&
           read_groups(entry, part[nbest + 1], lines, err);
}

static DumpStep read_line(Lines *lines, DumpEntry *entry, bool nbest, Error *err)
{
    if (!lines_next(lines, err))
        return err->kind == ERROR_NONE ? DUMP_END : DUMP_FAILED;
    return read_parts(lines, entry, nbest, err) ? DUMP_ENTRY : DUMP_BAD;
}

static DumpStep marian_read(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_line(lines, entry, false, err);
}

static DumpStep nbest_read(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_line(lines, entry, true, err);
}

static int likely(const char *text, size_t size, bool whole, bool nbest)
{
    Head head = head_of(text, size, whole);
    Slice line, part[PARTS_MOST];
    int64_t number;
    /* One sentence may be longer than the window: what is there of its line will do. */
    if (!head_filled(&head, &line))
        line = (Slice){head.at, head.left};
    int count = split(line, part);
    if (count < (nbest ? 3 : 2) || !is_soft(part[nbest + 1]))
        return 0;
    return nbest ? slice_int(part[0], &number) ? 90 : 0 : 90;
}

static int marian_likely(const char *text, size_t size, bool whole)
{
    return likely(text, size, whole, false);
}

static int nbest_likely(const char *text, size_t size, bool whole)
{
    return likely(text, size, whole, true);
}

const DumpFormat DUMP_MARIAN = {.name = "marian",
                                .title = "Marian soft alignments",
                                .rows = ROWS_ARE_QUERIES,
                                .certain = true,
                                .eos = true,
                                .needs_source = true,
                                .likely = marian_likely,
                                .read = marian_read};
const DumpFormat DUMP_MARIAN_NBEST = {.name = "marian-nbest",
                                      .title = "Marian n-best lists with soft alignments",
                                      .rows = ROWS_ARE_QUERIES,
                                      .certain = true,
                                      .eos = true,
                                      .needs_source = true,
                                      .likely = nbest_likely,
                                      .read = nbest_read};
