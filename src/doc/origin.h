/* What a document was made from and how the person asked for it to be read: reload, session and
 * "save the mapping" do it again with the same.
 */
#ifndef ATTNSCOPE_DOC_ORIGIN_H
#define ATTNSCOPE_DOC_ORIGIN_H

#include "base/arena.h"

#include <stdbool.h>

/* Which axes of the matrices have an end-of-sentence entry that the token lists do not name. */
typedef enum { EOS_AUTO, EOS_NONE, EOS_QUERIES, EOS_KEYS, EOS_BOTH } EosChoice;
extern const char *const EOS_NAMES[]; /* "auto" "none" "queries" "keys" "both", NULL */

typedef struct {
    const char *source, *target; /* files of one sentence a line; NULL = not given (--source) */
    const char *gold;            /* a file of word links that are right (--gold); NULL */
    const char *format;          /* name of a format (--format); NULL = told by content */
    const char *map;             /* "q=a,k=b" (--map); NULL = by convention */
    const char *const *more;     /* further files that were given together */
    int more_count;
    bool transpose; /* rows and columns the other way than they would be understood (--transpose) */
    EosChoice eos;  /* --eos */
    bool words;     /* subwords merged into words (--words) */
} DocOrigin;

/* A deep copy into the arena; false: out of memory. */
bool origin_copy(Arena *arena, const DocOrigin *from, DocOrigin *out);
/* Nothing but what is told by content. */
bool origin_is_plain(const DocOrigin *origin);

#endif
