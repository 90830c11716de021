/* How a sentence was understood, in one line. */
#include "load/record.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <stdio.h>

static const char NO_LINK[] = "0 where there is no link: rows need not sum to 1";

static void name_eos(Buf *line, const DocReading *r)
{
    bool rows = r->rows_are_keys ? r->eos_keys : r->eos_queries; /* of the file */
    if (r->eos_queries && r->eos_keys)
        buf_text(line, ", the last row and column are the end of the sentence");
    else if (rows)
        buf_text(line, ", the last row is the end of the sentence");
    else if (r->eos_queries || r->eos_keys)
        buf_text(line, ", the last column is the end of the sentence");
}

static void name_padding(Buf *line, const DocReading *r)
{
    int rows = r->rows_are_keys ? r->padding_keys : r->padding_queries;
    int cols = r->rows_are_keys ? r->padding_queries : r->padding_keys;
    if (rows > 0)
        buf_printf(line, ", %d row%s of padding left out", rows, rows == 1 ? "" : "s");
    if (cols > 0)
        buf_printf(line, ", %d column%s of padding left out", cols, cols == 1 ? "" : "s");
}

void record_reading(const DocSentence *s, char *out, size_t cap)
{
    static const char *const by[AXES_COUNT] = {
        [AXES_FORMAT] = "by the format", [AXES_COUNTS] = "by counts",      [AXES_SUMS] = "by sums",
        [AXES_DEFAULT] = "as usual",     [AXES_USER] = "as you asked for",
    };
    const DocReading *r = s->reading;
    Buf line;
    buf_init(&line, BUF_NO_LIMIT);
    bool source = r->rows_are_keys;
    buf_printf(&line, "rows of the file are %s (%s)",
               s->self  ? source ? "keys" : "queries"
               : source ? "source tokens"
                        : "target tokens",
               by[r->axes_by]);
    if (s->links)
        buf_printf(&line, ", %s", NO_LINK);
    name_eos(&line, r);
    name_padding(&line, r);
    if (r->words_queries || r->words_keys)
        buf_printf(&line, ", subwords of the %s merged into words",
                   !r->words_keys     ? "target"
                   : r->words_queries ? s->self ? "tokens" : "source and target"
                                      : "source");
    utf8_format(out, cap, "%s", buf_string(&line));
    buf_free(&line);
}

void record_document_reading(const Document *doc, const DocSentence *s, char *out, size_t cap)
{
    char reading[400];
    utf8_format(reading, sizeof reading, "rows are queries, by the format%s%s",
                s->links ? ", " : "", s->links ? NO_LINK : "");
    if (s->reading)
        record_reading(s, reading, sizeof reading);
    else if (s->problem)
        utf8_format(reading, sizeof reading, "this sentence cannot be read");
    utf8_format(out, cap, "%s%s%s", reading, doc->notes ? "; " : "", doc->notes ? doc->notes : "");
}
