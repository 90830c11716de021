/* OpenNMT-py's -attn_debug: tables within its log, source tokens (cut to 7 letters) in the first
 * line, then a row for each target token and the end of sentence; the largest number of a row is
 * filled up with stars.
 *
 *                     das       Haus
 *          the *0.8763441  0.1236559
 */
#include "load/dump_blocks.h"

enum { TABLE_LABEL = 10 }; /* width of the column of labels */

static bool is_top(Slice line)
{
    if (line.length <= TABLE_LABEL)
        return false;
    for (size_t i = 0; i <= TABLE_LABEL; i++) {
        if (line.at[i] != ' ')
            return false;
    }
    return slice_trim(line).length > 0;
}

/* A label and as many numbers as the first line has tokens. */
static bool is_row(Slice line, int columns)
{
    Slice label, cell;
    int count = 0;
    if (!slice_word(&line, &label))
        return false;
    while (slice_word(&line, &cell)) {
        double value;
        while (cell.length > 0 && cell.at[0] == '*') {
            cell.at++;
            cell.length--;
        }
        if (!slice_number(cell, &value))
            return false;
        count++;
    }
    return count == columns;
}

static DumpStep table_read(Lines *lines, DumpEntry *entry, Error *err)
{
    bool top = false;
    while (lines_next(lines, err)) {
        Slice line = {lines->text, lines->length}, label;
        if (!top || (entry->rows == 0 && is_top(line))) {
            top = is_top(line);
            entry->line = lines->number;
            if (top && !entry_tokens(entry, false, line, lines, err))
                return DUMP_BAD;
        } else if (is_row(line, entry->key_count)) {
            slice_word(&line, &label);
            if (!entry_token(entry, true, label, err) || !entry_row(entry, line, '*', lines, err))
                return DUMP_BAD;
        } else if (entry->rows > 0) {
            lines_back(lines);
            return DUMP_ENTRY;
        } else {
            top = false; /* an indented line of the log */
        }
    }
    if (err->kind != ERROR_NONE)
        return DUMP_FAILED;
    return entry->rows > 0 ? DUMP_ENTRY : DUMP_END;
}

static int table_likely(const char *text, size_t size, bool whole)
{
    Head head = head_of(text, size, whole);
    Slice line, row;
    bool more = head_line(&head, &line);
    while (more) {
        more = head_line(&head, &row);
        if (more && is_top(line) && is_row(row, slice_words(line)))
            return 90;
        line = row;
    }
    return 0;
}

const DumpFormat DUMP_TABLE = {.name = "opennmt-py",
                               .title = "OpenNMT-py attention tables",
                               .rows = ROWS_ARE_QUERIES,
                               .certain = true,
                               .eos = true,
                               .likely = table_likely,
                               .read = table_read};
