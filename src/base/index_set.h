/* Immutable sets of indices, interned: equal sets have equal ids, so a plain struct (the settings, an undo
 * step) holds a set as one int and compares it with ==. The table only grows; id 0 is the empty set.
 * Text form: `3,5-7` ("" = empty). Used from the main thread; lookups of existing ids are safe anywhere.
 */
#ifndef ATTNSCOPE_BASE_INDEX_SET_H
#define ATTNSCOPE_BASE_INDEX_SET_H

#include "base/error.h"
#include "base/buf.h"

typedef struct {
    const int *items; /* ascending, no duplicates */
    int count;
} IndexSet;

int index_set_intern(const int *items, int count);       /* any order, duplicates fine; -1 when out of memory */
IndexSet index_set(int id);                              /* lent for ever; unknown id = empty */
bool index_set_has(int id, int index);
int index_set_toggle(int id, int index);                 /* id of the set with index added or removed */
bool index_set_parse(const char *text, int *id, Error *err); /* indices 0 … 16 777 215 */
bool index_set_print(int id, Buf *out);

#endif
