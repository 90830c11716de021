/* A table of numbers parted by commas, semicolons, tabs, bars or spaces, with or without tokens in
 * the first line and column; an empty line ends a sentence. A token or a number may stand in
 * quotes, doubled inside; where commas do not part numbers they may be decimal; lines in front that
 * begin with # are notes.
 */
#include "load/dump_blocks.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    char comma, decimal;
    bool quoted; /* numbers stand in quotes */
    bool labels; /* each row begins with a token */
    bool ended;  /* a separator ends each line, and parts nothing there */
    int numbers; /* in a row; 0: it is none */
} Shape;

/* One cell up to the separator; *rest behind it. The text of a quoted one is in `out` with its
 * quotes. False: no cell is left; a separator at the end has none behind it. */
static bool next_cell(Slice *rest, char comma, Slice *out)
{
    if (!rest->at)
        return false;
    if (comma == ' ')
        return slice_word(rest, out);
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
    *rest = p + 1 < end ? (Slice){p + 1, (size_t)(end - p) - 1} : (Slice){NULL, 0};
    return true;
}

static bool is_ended(Slice line, char comma)
{
    line = slice_trim(line);
    return comma != ' ' && comma != '\t' && line.length > 0 && line.at[line.length - 1] == comma;
}

static bool is_quoted(Slice cell)
{
    return cell.length > 1 && cell.at[0] == '"' && cell.at[cell.length - 1] == '"';
}

static bool is_number(Slice cell, const Shape *shape)
{
    char text[64];
    double value;
    if (shape->quoted && is_quoted(cell))
        cell = slice_trim((Slice){cell.at + 1, cell.length - 2});
    if (shape->decimal == '.')
        return slice_number(cell, &value);
    if (cell.length >= sizeof text || memchr(cell.at, '.', cell.length))
        return false;
    for (size_t i = 0; i < cell.length; i++)
        text[i] = cell.at[i] == ',' ? '.' : cell.at[i];
    text[cell.length] = '\0';
    return slice_number((Slice){text, cell.length}, &value);
}

typedef struct {
    int cells, numbers;
    bool first;  /* the first is a number */
    bool empty;  /* the first is empty */
    bool commas; /* there are commas in numbers */
} Count;

static Count count_cells(Slice line, const Shape *shape)
{
    Count out = {0};
    for (Slice cell; next_cell(&line, shape->comma, &cell); out.cells++) {
        bool number = is_number(cell, shape);
        out.numbers += number;
        out.commas |= number && memchr(cell.at, ',', cell.length) != NULL;
        if (out.cells == 0) {
            out.first = number;
            out.empty = cell.length == 0;
        }
    }
    return out;
}

/* Numbers, with one token at most, in front of them. */
static bool fits(Slice row, Shape *shape)
{
    Count c = count_cells(row, shape);
    shape->labels = !c.first;
    shape->numbers = c.cells - shape->labels;
    shape->ended = is_ended(row, shape->comma);
    if (shape->decimal == ',' && (c.cells < 2 || !c.commas))
        return false; /* 1,0 alone are two numbers */
    return shape->numbers > 0 && c.numbers == shape->numbers &&
           (shape->comma == ' ' || c.cells > 1);
}

/* The first way that takes all of it for a row; else the first that takes all but one of its cells,
 * which is what is wrong with it. */
static bool shape_of(Slice row, Shape *out)
{
    static const char commas[] = ";\t| ", points[] = ",;\t| ";
    for (int quoted = 0; quoted < 2; quoted++) {
        for (const char *m = commas; *m; m++) {
            *out = (Shape){.comma = *m, .decimal = ',', .quoted = quoted};
            if (fits(row, out))
                return true;
        }
        for (const char *m = points; *m; m++) {
            *out = (Shape){.comma = *m, .decimal = '.', .quoted = quoted};
            if (fits(row, out))
                return true;
        }
    }
    for (const char *m = points; *m; m++) {
        *out = (Shape){.comma = *m, .decimal = '.'};
        Count c = count_cells(row, out);
        out->labels = !c.first;
        out->numbers = c.cells - out->labels;
        if (c.cells > 1 && c.numbers >= c.cells - 1)
            break;
    }
    return false;
}

/* What stands in front of the first row. */
typedef enum { TOP_ROW, TOP_HEAD, TOP_NOTE, TOP_WRONG } Top;

static bool is_hash(Slice line)
{
    return line.length > 0 && line.at[0] == '#';
}

/* How convert says what the sums would not. */
static bool is_own_note(Slice line)
{
    const size_t length = sizeof DUMP_CSV_NOTE - 1;
    line = slice_trim(line);
    return line.length == length && memcmp(line.at, DUMP_CSV_NOTE, length) == 0;
}

/* Behind the # of a note. */
static Slice behind_hash(Slice line)
{
    return is_hash(line) ? slice_trim((Slice){line.at + 1, line.length - 1}) : line;
}

/* What the line in front of a row is. An empty cell over labels that are numbers makes them labels.
 */
static Top top_of(Slice line, Slice row, Shape *shape)
{
    const int width = shape->numbers + shape->labels;
    if (is_own_note(line))
        return TOP_NOTE;
    Count own = count_cells(line, shape), below = count_cells(row, shape);
    bool corner = shape->comma != ' ' && own.empty && !below.empty && own.cells == width;
    if (corner && width > 1) {
        shape->labels = true;
        shape->numbers = width - 1;
        return TOP_HEAD;
    }
    if (own.cells == width && own.numbers >= shape->numbers)
        return TOP_ROW;
    Count c = count_cells(behind_hash(line), shape);
    bool words = c.numbers == 0 ? c.cells > 0 : c.numbers < c.cells - 1 && c.numbers * 2 <= c.cells;
    if (words && (c.cells == width || c.cells == shape->numbers))
        return TOP_HEAD;
    return is_hash(line) ? TOP_NOTE : words ? TOP_WRONG : TOP_ROW;
}

/* Is it a row, whatever is behind it? */
static bool is_row(Slice line)
{
    Shape shape;
    return shape_of(line, &shape) && !is_hash(line) && !count_cells(line, &shape).empty;
}

/* Quotes around a token are not part of it. */
static bool add_token(DumpEntry *entry, bool queries, Slice cell, Error *err)
{
    char text[512];
    size_t used = 0;
    if (!is_quoted(cell) || cell.length > sizeof text)
        return entry_token(entry, queries, cell, err);
    for (size_t i = 1; i + 1 < cell.length; i++) {
        text[used++] = cell.at[i];
        i += cell.at[i] == '"' && i + 2 < cell.length && cell.at[i + 1] == '"';
    }
    return entry_token(entry, queries, (Slice){text, used}, err);
}

/* A quote that is never closed would take the rest of its line for one token. */
static bool check_quotes(int64_t number, Slice line, char comma, Error *err)
{
    Slice cell;
    char where[32];
    while (comma != ' ' && next_cell(&line, comma, &cell)) {
        if (cell.length == 0 || cell.at[0] != '"' || is_quoted(cell))
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
    bool corner = shape->labels && count_cells(head, shape).cells == shape->numbers + 1;
    for (int i = 0; next_cell(&head, shape->comma, &cell); i++) {
        if (!(corner && i == 0) && !add_token(entry, false, cell, err))
            return false;
    }
    return true;
}

/* The present line with numbers as others write them, as long as it was: places stay. */
static bool plain_line(Lines *plain, const Lines *lines, size_t from, const Shape *shape,
                       DumpEntry *entry, Error *err)
{
    *plain = *lines;
    if (shape->decimal == '.' && !shape->quoted)
        return true;
    char *copy = arena_text(&entry->words, lines->text, lines->length);
    if (!copy)
        return error_memory(err);
    for (char *p = copy + from; *p; p++)
        *p = *p == '"' ? ' ' : *p == ',' && shape->decimal == ',' ? '.' : *p;
    plain->text = copy;
    return true;
}

static bool read_row(const Lines *lines, DumpEntry *entry, const Shape *shape, Error *err)
{
    Slice line = {lines->text, lines->length}, label;
    Lines plain;
    if (shape->labels) {
        if (!check_quotes(lines->number, line, shape->comma, err))
            return false;
        if (!next_cell(&line, shape->comma, &label) || !line.at)
            return lines_fail(lines, err, "expected a token and numbers, found one cell");
        if (!add_token(entry, true, label, err))
            return false;
    }
    char comma = shape->comma == ' ' || shape->comma == '\t' ? '\0' : shape->comma;
    size_t from = (size_t)(line.at - lines->text);
    line = slice_trim(line);
    if (shape->ended && is_ended(line, comma))
        line.length--;
    if (!plain_line(&plain, lines, from, shape, entry, err))
        return false;
    line.at = plain.text + (line.at - lines->text);
    return entry_row(entry, line, comma, &plain, err);
}

static bool begins_nothing(Slice line)
{
    (void)line;
    return false;
}

/* The line in front of the present one: taken for what it is, or both are rows and it is the
 * present one again. */
static DumpStep take_top(Lines *lines, LinesPlace place, Slice top, DumpEntry *entry, Shape *shape,
                         Error *err)
{
    Slice row = {lines->text, lines->length};
    shape_of(row, shape);
    shape->ended = shape->ended && is_ended(top, shape->comma); /* else its last cell is empty */
    switch (top_of(top, row, shape)) {
    case TOP_HEAD:
    case TOP_WRONG:
        top = count_cells(top, shape).cells == shape->numbers + shape->labels ? top
                                                                              : behind_hash(top);
        return read_head(entry, top, shape, err) ? DUMP_ENTRY : DUMP_BAD;
    case TOP_NOTE:
        entry->line = lines->number;
        return DUMP_ENTRY;
    case TOP_ROW:
        break;
    }
    if (!lines_seek(lines, place, err) || !lines_next(lines, err))
        return DUMP_FAILED;
    return DUMP_ENTRY;
}

/* The first line, and the head if it is one: which separator it has tells the line behind it. */
static DumpStep read_top(Lines *lines, DumpEntry *entry, Shape *shape, Error *err)
{
    DumpStep step = lines_filled(lines, err);
    if (step != DUMP_ENTRY)
        return step;
    for (;;) {
        Slice line = {lines->text, lines->length};
        LinesPlace place = lines_place(lines);
        entry->line = lines->number;
        if (is_own_note(line))
            entry->axes = ROWS_ARE_QUERIES;
        if (is_row(line))
            return shape_of(line, shape) ? DUMP_ENTRY : DUMP_BAD;
        char *copy = arena_text(&entry->words, line.at, line.length);
        if (!copy) {
            error_memory(err);
            return DUMP_BAD;
        }
        Slice top = {copy, line.length};
        if (!lines_next(lines, err)) {
            if (err->kind != ERROR_NONE)
                return DUMP_FAILED;
            lines_fail(lines, err, "expected rows of numbers behind the tokens, found none");
            return DUMP_BAD;
        }
        Slice next = {lines->text, lines->length};
        if (!is_hash(top) || is_row(next)) /* else a note in front of a head, or of another */
            return take_top(lines, place, top, entry, shape, err);
    }
}

static DumpStep csv_read(Lines *lines, DumpEntry *entry, Error *err)
{
    Shape shape;
    DumpStep step = read_top(lines, entry, &shape, err);
    if (step != DUMP_ENTRY)
        return step;
    do {
        if (slice_trim((Slice){lines->text, lines->length}).length == 0)
            return DUMP_ENTRY;
        if (!read_row(lines, entry, &shape, err))
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
    Shape shape;
    if (!head_filled(&head, &line) || slice_parts(line, "|||") > 1)
        return 0;
    if (is_own_note(line))
        return 100;
    bool more = head_line(&head, &next) && slice_trim(next).length > 0;
    while (more && is_hash(line) && !is_row(next)) {
        line = next;
        more = head_line(&head, &next) && slice_trim(next).length > 0;
    }
    Slice row = more ? next : line;
    if (!shape_of(row, &shape))
        return 0;
    Top top = more ? top_of(line, row, &shape) : TOP_ROW;
    Count c = count_cells(line, &shape);
    if (top == TOP_WRONG || (top == TOP_ROW && c.cells != shape.numbers + shape.labels))
        return 0;
    bool fraction = shape.decimal == ',' || memchr(row.at, '.', row.length) != NULL;
    return !fraction ? 30 : shape.comma == ' ' ? 60 : 80;
}

const DumpFormat DUMP_CSV = {.name = "csv",
                             .title = "table of weights (CSV)",
                             .rows = ROWS_UNSURE,
                             .likely = csv_likely,
                             .read = csv_read};
