/* A head of five or six fields, then a row of numbers a line, then an empty line:
 *
 *     0 ||| Obama welcomes Netanyahu ||| 0 ||| Obama empfängt Net@@ any@@ ah@@ u ||| 7 4
 *
 * Nematus (rows are target tokens, one row and column more for the end of sentence), OpenNMT-lua
 * (the same head, no end of sentence, counts 0 0), Sockeye (six fields, rows are source tokens).
 * The counts are never trusted: programs that borrowed the format leave them 0.
 */
#include "load/dump_blocks.h"

enum { FIELD_ID, FIELD_TARGET, FIELD_SCORE, FIELD_SOURCE, FIELDS = 5 };

static bool is_head(Slice line)
{
    return slice_parts(line, "|||") > 1;
}

static bool read_head(Lines *lines, DumpEntry *entry, int fields, Error *err)
{
    Slice rest = {lines->text, lines->length}, part[FIELDS];
    int found = slice_parts(rest, "|||");
    entry->line = lines->number;
    if (found != fields)
        return lines_fail(lines, err, "expected %d fields parted by |||, found %d", fields, found);
    for (int i = 0; i < FIELDS; i++)
        slice_part(&rest, "|||", &part[i]);
    return entry_title(entry, part[FIELD_ID], err) &&
           entry_tokens(entry, true, part[FIELD_TARGET], lines, err) &&
           entry_tokens(entry, false, part[FIELD_SOURCE], lines, err);
}

static DumpStep read_block(Lines *lines, DumpEntry *entry, int fields, Error *err)
{
    DumpStep step = lines_filled(lines, err);
    if (step != DUMP_ENTRY)
        return step;
    if (!read_head(lines, entry, fields, err))
        return lines_leave(lines, is_head);
    while (lines_next(lines, err)) {
        Slice text = slice_trim((Slice){lines->text, lines->length});
        if (text.length == 0)
            return DUMP_ENTRY;
        if (is_head(text)) {
            lines_back(lines);
            return DUMP_ENTRY;
        }
        if (!entry_row(entry, text, '\0', lines, err))
            return lines_leave(lines, is_head);
    }
    return err->kind == ERROR_NONE ? DUMP_ENTRY : DUMP_FAILED;
}

static DumpStep read_five(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_block(lines, entry, 5, err);
}

static DumpStep read_six(Lines *lines, DumpEntry *entry, Error *err)
{
    return read_block(lines, entry, 6, err);
}

/* What the first block shows: its fields (0: it is none), and how many more numbers its first row
 * has than there are tokens. */
typedef struct {
    int fields;
    bool same, one_more;
} Look;

static Look look(const char *text, size_t size, bool whole)
{
    Head head = head_of(text, size, whole);
    Look none = {0}, out = {0};
    Slice line, row, part[FIELDS];
    if (!head_filled(&head, &line))
        return none;
    out.fields = slice_parts(line, "|||");
    if (out.fields != 5 && out.fields != 6)
        return none;
    for (int i = 0; i < FIELDS; i++)
        slice_part(&line, "|||", &part[i]);
    int numbers = head_line(&head, &row) ? slice_numbers(row, '\0') : 0;
    if (numbers < 1)
        return none;
    int source = slice_words(part[FIELD_SOURCE]), target = slice_words(part[FIELD_TARGET]);
    out.one_more = numbers == source + 1 || (numbers != source && numbers == target + 1);
    out.same = !out.one_more && (numbers == source || numbers == target);
    return out;
}

static int nematus_likely(const char *text, size_t size, bool whole)
{
    Look l = look(text, size, whole);
    return l.fields != 5 ? 0 : l.one_more ? 90 : l.same ? 50 : 65;
}

static int opennmt_likely(const char *text, size_t size, bool whole)
{
    Look l = look(text, size, whole);
    return l.fields != 5 ? 0 : l.same ? 90 : l.one_more ? 50 : 60;
}

static int sockeye_likely(const char *text, size_t size, bool whole)
{
    return look(text, size, whole).fields == 6 ? 90 : 0;
}

const DumpFormat DUMP_NEMATUS = {.name = "nematus",
                                 .title = "Nematus alignments",
                                 .rows = ROWS_ARE_QUERIES,
                                 .eos = true,
                                 .likely = nematus_likely,
                                 .read = read_five};
const DumpFormat DUMP_OPENNMT = {.name = "opennmt",
                                 .title = "OpenNMT-lua attention",
                                 .rows = ROWS_ARE_QUERIES,
                                 .likely = opennmt_likely,
                                 .read = read_five};
const DumpFormat DUMP_SOCKEYE = {.name = "sockeye",
                                 .title = "Sockeye alignment matrices",
                                 .rows = ROWS_ARE_KEYS,
                                 .likely = sockeye_likely,
                                 .read = read_six};
