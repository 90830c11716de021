/* Errors as values.
 *
 * Library code never prints and never exits: it fills an Error and returns false. The first error
 * wins; callers on the way up may put more context before `where`. Only the window (a notice) and
 * the command line (one stderr line, an exit code) turn it into `FILE: WHERE: WHAT: expected X,
 * found Y`.
 */
#ifndef ATTNSCOPE_BASE_ERROR_H
#define ATTNSCOPE_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define ATTN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define ATTN_PRINTF(fmt, args)
#endif

/* The numbers of the first six are the exit codes of the program (product contract). */
typedef enum {
    ERROR_NONE = 0,
    ERROR_USAGE = 1, /* unknown option, setting or value; an index or stage that the file lacks */
    ERROR_MALFORMED = 2, /* the file's content is wrong */
    ERROR_LIMIT = 3,     /* over one of our limits, or out of memory */
    ERROR_IO = 4,        /* the system could not read or write */
    ERROR_DISPLAY = 5,   /* no display to open a window on */
    ERROR_CANCELLED = 6  /* the user stopped it; exit code 4 */
} ErrorKind;

typedef struct {
    ErrorKind kind;
    char where[160]; /* place in the file: `line 3, column 7`, `layers[0].heads[1].q`, `byte 0x6`;
                        may be "" */
    char what[320];  /* `WHAT: expected X, found Y`; controls are escaped, always one line of valid
                        UTF-8 */
} Error;

/* Sets kind and what. Keeps an error that is already there (first wins). err may be NULL. Always
 * false. */
bool error_set(Error *err, ErrorKind kind, const char *fmt, ...) ATTN_PRINTF(3, 4);

/* As error_set, with the place too. Always false. */
bool error_at(Error *err, ErrorKind kind, const char *where, const char *fmt, ...)
    ATTN_PRINTF(4, 5);

/* Puts "CONTEXT: " before err->where (or makes it the place when there is none). Always false. */
bool error_within(Error *err, const char *fmt, ...) ATTN_PRINTF(2, 3);

/* "out of memory" as ERROR_LIMIT. Always false. */
bool error_memory(Error *err);

/* Forgets the error. */
void error_clear(Error *err);

/* Writes `FILE: WHERE: WHAT` (absent parts are left out, file may be NULL), cut at cap, always
 * NUL-ended. */
void error_line(const Error *err, const char *file, char *out, size_t cap);

/* Exit code of the program for this kind. */
int error_exit_code(ErrorKind kind);

#endif
