/* A table of numbers parted by commas, semicolons, tabs or spaces, with or without tokens in the
 * first line and column; an empty line ends a sentence. A token may stand in quotes, doubled
 * inside.
 */
#include "load/dump_blocks.h"

#include <stdio.h>
#include <string.h>

/* One cell up to the separator; *rest behind it. The text of a quoted one is in `out` with its
 * quotes. False: no cell is left. */
static bool next_cell(Slice *rest, char comma, Slice *out)
{
    if (!rest->at)
        return false;
    const char *p = rest->at, *end = p + rest->length;
    const char *from = p;
    while (p < end && *p == ' ')
        p++;
    if (p < end && *p == '"') {
        for (p++; p < end && (*p != '"' || (p + 1 < end && p[1] == '"')); p++)
            p += *p == '"';
    }
    while (p < end && *p != comma)
        p++;
    *out = slice_trim((Slice){from, (size_t)(p - from)});
    *rest = p < end ? (Slice){p + 1, (size_t)(end - p) - 1} : (Slice){NULL, 0};
    return true;
}

static char comma_of(Slice line)
{
    static const char marks[] = ",;\t";
    for (const char *m = marks; *m; m++) {
        Slice rest = line, cell;
        int numbers = 0, cells = 0;
        double value;
        while (next_cell(&rest, *m, &cell)) {
            cells++;
            numbers += slice_number(cell, &value);
        }
        if (cells > 1 && numbers >= cells - 1)
            return *m;
    }
    return ' ';
}

static bool is_number(Slice cell)
{
    double value;
    return slice_number(cell, &value);
}

static int count_cells(Slice line, char comma)
{
    Slice cell;
    int count = 0;
    if (comma == ' ')
        return slice_words(line);
    while (next_cell(&line, comma, &cell))
        count++;
    return count;
}

/* A cell or a word. */
static bool take_cell(Slice *rest, char comma, Slice *out)
{
    return comma == ' ' ? slice_word(rest, out) : next_cell(rest, comma, out);
}

static bool first_is_label(Slice line, char comma)
{
    Slice cell;
    return take_cell(&line, comma, &cell) && !is_number(cell);
}

/* How many cells are numbers; a head of tokens has fewer than half. */
static bool is_head(Slice line, char comma)
{
    Slice cell;
    int numbers = 0, cells = 0;
    while (take_cell(&line, comma, &cell)) {
        cells++;
        numbers += is_number(cell);
    }
    return numbers == 0 ? cells > 0 : numbers < cells - 1 && numbers * 2 <= cells;
}

/* Quotes around a token are not part of it. */
static bool add_token(DumpEntry *entry, bool queries, Slice cell, Error *err)
{
    char text[512];
    size_t used = 0;
    if (cell.length < 2 || cell.length > sizeof text || cell.at[0] != '"' ||
        cell.at[cell.length - 1] != '"')
        return entry_token(entry, queries, cell, err);
    for (size_t i = 1; i + 1 < cell.length; i++) {
        text[used++] = cell.at[i];
        i += cell.at[i] == '"' && i + 2 < cell.length && cell.at[i + 1] == '"';
    }
    return entry_token(entry, queries, (Slice){text, used}, err);
}

typedef struct {
    char comma;
    bool labels; /* each row begins with a token */
    int numbers; /* in a row */
} Shape;

static Shape shape_of(Slice row)
{
    Shape shape = {.comma = comma_of(row)};
    shape.labels = first_is_label(row, shape.comma);
    shape.numbers = count_cells(row, shape.comma) - shape.labels;
    return shape;
}

/* A quote that is never closed would take the rest of its line for one token. */
static bool check_quotes(int64_t number, Slice line, char comma, Error *err)
{
    Slice cell;
    char where[32];
    while (comma != ' ' && next_cell(&line, comma, &cell)) {
        if (cell.length == 0 || cell.at[0] != '"' ||
            (cell.length > 1 && cell.at[cell.length - 1] == '"'))
            continue;
        snprintf(where, sizeof where, "line %lld", (long long)number);
        return error_at(err, ERROR_MALFORMED, where, "token: expected a closing quote, found none");
    }
    return true;
}

/* Over the labels stands nothing, or a name that is no token. */
static bool read_head(DumpEntry *entry, Slice head, const Shape *shape, Error *err)
{
    Slice cell;
    if (!check_quotes(entry->line, head, shape->comma, err))
        return false;
    bool corner = shape->labels && count_cells(head, shape->comma) == shape->numbers + 1;
    for (int i = 0; take_cell(&head, shape->comma, &cell); i++) {
        if (!(corner && i == 0) && !add_token(entry, false, cell, err))
            return false;
    }
    return true;
}

static bool read_row(Lines *lines, DumpEntry *entry, const Shape *shape, bool keep, Error *err)
{
    Slice line = {lines->text, lines->length}, label;
    if (shape->labels) {
        if (!check_quotes(lines->number, line, shape->comma, err))
            return false;
        if (!take_cell(&line, shape->comma, &label) || !line.at)
            return lines_fail(lines, err, "expected a token and numbers, found one cell");
        if (!add_token(entry, true, label, err))
            return false;
    }
    char comma = shape->comma == ' ' || shape->comma == '\t' ? '\0' : shape->comma;
    return entry_row(entry, line, comma, keep, lines, err);
}

static bool begins_nothing(Slice line)
{
    (void)line;
    return false;
}

/* The first line, and the head if it is one: which separator it has tells the line behind it. */
static DumpStep read_top(Lines *lines, DumpEntry *entry, Shape *shape, Error *err)
{
    DumpStep step = lines_filled(lines, err);
    if (step != DUMP_ENTRY)
        return step;
    Slice line = {lines->text, lines->length};
    entry->line = lines->number;
    *shape = shape_of(line);
    if (!is_head(line, shape->comma))
        return DUMP_ENTRY;
    char *copy = arena_text(&entry->words, line.at, line.length);
    if (!copy) {
        error_memory(err);
        return DUMP_BAD;
    }
    Slice head = {copy, line.length};
    if (!lines_next(lines, err)) {
        if (err->kind != ERROR_NONE)
            return DUMP_FAILED;
        lines_fail(lines, err, "expected rows of numbers behind the tokens, found none");
        return DUMP_BAD;
    }
    *shape = shape_of((Slice){lines->text, lines->length});
    return read_head(entry, head, shape, err) ? DUMP_ENTRY : DUMP_BAD;
}

static DumpStep csv_read(Lines *lines, DumpEntry *entry, bool keep, Error *err)
{
    Shape shape;
    DumpStep step = read_top(lines, entry, &shape, err);
    if (step != DUMP_ENTRY)
        return step;
    do {
        if (slice_trim((Slice){lines->text, lines->length}).length == 0)
            return DUMP_ENTRY;
        if (!read_row(lines, entry, &shape, keep, err))
            return lines_leave(lines, begins_nothing);
    } while (lines_next(lines, err));
    return err->kind == ERROR_NONE ? DUMP_ENTRY : DUMP_FAILED;
}

/* Two lines of numbers of one shape, or a head and one line; whole numbers alone are rather links.
 */
static int csv_likely(const char *text, size_t size, bool whole)
{
    Head head = head_of(text, size, whole);
    Slice line, next;
    if (!head_filled(&head, &line) || slice_parts(line, "|||") > 1)
        return 0;
    bool more = head_line(&head, &next) && slice_trim(next).length > 0;
    Slice row = more ? next : line;
    Shape shape = shape_of(row);
    int cells = count_cells(line, shape.comma);
    bool top = is_head(line, shape.comma);
    Slice cell, rest = row;
    for (int i = 0; take_cell(&rest, shape.comma, &cell); i++) {
        if (!(shape.labels && i == 0) && !is_number(cell))
            return 0;
    }
    if (shape.numbers < 1 || (top && !more) ||
        (cells != shape.numbers + shape.labels && !(top && cells == shape.numbers)))
        return 0;
    bool fraction = memchr(row.at, '.', row.length) != NULL;
    return !fraction ? 30 : shape.comma == ' ' ? 60 : 80;
}

const DumpFormat DUMP_CSV = {.name = "csv",
                             .title = "table of weights (CSV)",
                             .rows = ROWS_UNSURE,
                             .likely = csv_likely,
                             .read = csv_read};
