/* Text dumps of translation programs: one pass over the file checks and lists all sentences, then
 * each is read when it is shown. Adding a dialect is a DumpFormat and a row in dump_formats.c.
 */
#ifndef ATTNSCOPE_LOAD_DUMP_H
#define ATTNSCOPE_LOAD_DUMP_H

#include "load/lines.h"
#include "load/record.h"

/* What one entry of the file says; grown and used again for each. */
typedef struct {
    const char *title;            /* the id or number by which the program calls it; "" */
    const char **queries, **keys; /* owned tables; NUL-ended texts in `words` */
    int query_count, key_count;   /* −1: the file does not give them */
    int query_cap, key_cap;
    float *floats;      /* owned; rows × cols */
    int64_t rows, cols; /* 0: no matrix */
    size_t float_cap;
    DocLink *sure, *possible; /* owned */
    float *link_weights;      /* owned; of sure links, where the file gives them; NULL */
    int sure_count, possible_count, sure_cap, possible_cap;
    int64_t sentence; /* which line of the token files it belongs to, from 0 on; −1: in order */
    int64_t line;     /* of its beginning */
    int64_t row_line; /* of its first row of numbers; 0: none yet */
    RowsAre axes;     /* what the entry itself says of its rows, whatever the format does */
    Arena words;
} DumpEntry;

void entry_init(DumpEntry *entry);
void entry_free(DumpEntry *entry);
void entry_clear(DumpEntry *entry);
/* The words of a line as tokens of an axis. false: out of memory, or over a limit. */
bool entry_tokens(DumpEntry *entry, bool queries, Slice text, const Lines *lines, Error *err);
/* One more token of an axis, whatever is in it. */
bool entry_token(DumpEntry *entry, bool queries, Slice text, Error *err);
/* Appends the numbers of a line (parted by spaces, tabs or `comma`; '*': stars too) as one more
 * row: all rows must be as long as the first. */
bool entry_row(DumpEntry *entry, Slice text, char comma, const Lines *lines, Error *err);
bool entry_link(DumpEntry *entry, bool sure, DocLink link, double weight, Error *err);
bool entry_title(DumpEntry *entry, Slice text, Error *err);

typedef enum {
    DUMP_ENTRY,
    DUMP_END,
    DUMP_BAD /* this one: err set, the reader stands behind it */,
    DUMP_FAILED /* the file: err set */
} DumpStep;

typedef struct {
    const char *name;  /* "nematus": --format, info --json */
    const char *title; /* "Nematus alignments" */
    RowsAre rows;      /* as documented */
    bool certain;      /* RowsAre holds without looking */
    bool eos;          /* matrices count the end of sentence, token lists do not */
    bool links;        /* a file of word links: no matrices */
    bool needs_source; /* source tokens are in another file */
    bool by_id;        /* entries are keyed by `sentence`, in any order: listed by it */
    /* 0 = no … 100 = certainly, from the first bytes (whole: that is all of the file); a NUL stands
     * behind them. */
    int (*likely)(const char *text, size_t size, bool whole);
    /* One entry from the present place on. */
    DumpStep (*read)(Lines *lines, DumpEntry *entry, Error *err);
} DumpFormat;

/* The first line of a CSV of ours whose sums would tell otherwise; a comment for others. */
#define DUMP_CSV_NOTE "# attnscope: rows are queries"

extern const DumpFormat *const DUMP_FORMATS[];   /* NULL-ended */
const DumpFormat *dump_format(const char *name); /* NULL: none of that name */
/* Is there one of that name? Else ERROR_USAGE with all of them. */
bool dump_check_name(const char *name, Error *err);
/* The likeliest, and the second for the message when both are about as likely (*other may be NULL
 * afterwards). NULL: no dump that we know. */
const DumpFormat *dump_sniff(const char *text, size_t size, bool whole, const DumpFormat **other);

/* The first bytes of the file, given to dump_sniff. NULL with ERROR_MALFORMED when it is nothing
 * that we know, or with what reading said. */
const DumpFormat *dump_sniff_file(const char *path, const DumpFormat **other, Error *err);
/* The same among the files of word links alone. */
const DumpFormat *dump_sniff_gold(const char *path, Error *err);

/* Reads the file of request->path as this format into a document whose corpus reads it again
 * sentence by sentence; origin.source, .target, .gold give companions. Entries that are wrong are
 * in the list with their problem, doc->bad_count counts them and a warning names the first; all of
 * them wrong: the first one's error. */
bool dump_load(Document *doc, const LoadRequest *request, const DumpFormat *format, Error *err);

/* The same as the format of doc->origin, or as what the file seems to be; a warning says so when it
 * could as well be another. ERROR_USAGE: a name that is none. */
bool dump_open(Document *doc, const LoadRequest *request, Error *err);

#endif
