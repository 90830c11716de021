/* Immutable sets of indices, interned: equal sets have equal ids, so a plain struct (the settings,
 * an undo step) holds a set as one int and compares it with ==. The table only grows; id 0 is the
 * empty set. Text form: `3,5-7` ("" = empty). Used from the main thread; lookups of existing ids
 * are safe anywhere.
 */
#ifndef ATTNSCOPE_BASE_INDEX_SET_H
#define ATTNSCOPE_BASE_INDEX_SET_H

#include "base/error.h"
#include "base/buf.h"

/* The largest index: above it floats no longer count by ones. */
enum { INDEX_SET_MOST = 16777215 };

typedef struct {
    const int *items; /* ascending, no duplicates */
    int count;
} IndexSet;

/* Any order, duplicates fine, what is not in 0 … INDEX_SET_MOST is left out. -1: out of memory. */
int index_set_intern(const int *items, int count);
IndexSet index_set(int id); /* lent for ever; unknown id = empty */
bool index_set_has(int id, int index);
/* The id of the set with index added or removed; the same id when memory is short. */
int index_set_toggle(int id, int index);
/* Blanks around numbers are fine. ERROR_USAGE, or ERROR_LIMIT when out of memory. */
bool index_set_parse(const char *text, int *id, Error *err);
bool index_set_print(int id, Buf *out);

/* Gives the memory of all sets back, every id becomes unknown: for tests that count blocks. */
void index_set_forget(void);

#endif
