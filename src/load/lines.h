/* Lines of a text file of any size, read in pieces with pread: line feed, CR LF or CR ends a line;
 * a byte order mark is skipped. Every line is valid UTF-8 without U+0000.
 */
#ifndef ATTNSCOPE_LOAD_LINES_H
#define ATTNSCOPE_LOAD_LINES_H

#include "load/load.h"

typedef struct {
    File file;
    const LoadRequest *request; /* progress and cancel; the limit of a line */
    char *piece;                /* owned: what was read ahead, NUL-ended */
    size_t size, cap;           /* of piece */
    uint64_t piece_from;        /* offset of piece in the file */
    size_t at;                  /* in piece */
    size_t cut;                 /* where the NUL behind the present line stands in piece … */
    char was;                   /* … in place of this */
    uint64_t most;              /* bytes of a line */
    /* the present line */
    const char *text; /* NUL-ended, lent until the next call */
    size_t length;
    int64_t number; /* from 1 on */
    uint64_t from;  /* offset of its first byte */
    bool back;      /* it will be given once more */
    bool steady;    /* lines_seek to the next line is no reason to look at the disk: one pass */
} Lines;

/* A place to come back to. */
typedef struct {
    uint64_t from;
    int64_t number;
} LinesPlace;

/* ERROR_IO; ERROR_MALFORMED for UTF-16, ERROR_LIMIT for a file over the limit. */
bool lines_open(Lines *lines, const char *path, const LoadRequest *request, Error *err);
void lines_close(Lines *lines);
/* The next line; false at the end of the file (err untouched) and on an error (err set): a NUL, a
 * byte that is no UTF-8 (`line 3, column 7`), a line over the limit, a read error, cancelled, the
 * file changed under us. */
bool lines_next(Lines *lines, Error *err);
/* Over empty lines that were read ahead: files of nothing else are as fast as others. */
void lines_skip_empty(Lines *lines);
/* lines_next gives the present line again. */
void lines_back(Lines *lines);
/* The place of the present line; lines_seek makes the next lines_next give it. */
LinesPlace lines_place(const Lines *lines);
bool lines_seek(Lines *lines, LinesPlace place, Error *err);

/* "line 812": what. Always false. */
bool lines_fail(const Lines *lines, Error *err, const char *fmt, ...) ATTN_PRINTF(3, 4);
/* The same with "line 812, column 5"; at: byte in the present line. */
bool lines_fail_at(const Lines *lines, size_t at, Error *err, const char *fmt, ...)
    ATTN_PRINTF(4, 5);

/* Pieces of a line. Words are parted by spaces and tabs; false at the end. */
typedef struct {
    const char *at;
    size_t length;
} Slice;
bool slice_word(Slice *rest, Slice *out);
/* What stands before the next `mark` ("|||"), trimmed; the last piece has no mark behind it. */
bool slice_part(Slice *rest, const char *mark, Slice *out);
Slice slice_trim(Slice s);
bool slice_is(Slice s, const char *text);
/* A float of C's grammar, "nan" and "inf" in any case too, in the C locale; fast. s is in a text
 * that ends with NUL: digits are read up to what is none. */
bool slice_number(Slice s, double *out);
bool slice_int(Slice s, int64_t *out);

#endif
