/* Immutable sets of indices, interned: equal sets have equal ids, so a plain struct (the settings, an undo
 * step) holds a set as one int and compares it with ==. The table only grows; id 0 is the empty set.
 * Text form: `3,5-7` ("" = empty). Used from the main thread; lookups of existing ids are safe anywhere.
 */
#ifndef ATTNSCOPE_BASE_INDEX_SET_H
#define ATTNSCOPE_BASE_INDEX_SET_H

#include "base/error.h"
#include "base/buf.h"

enum { INDEX_SET_MOST = 16777215 }; /* the largest index: beyond it a float no longer counts by ones */

typedef struct {
    const int *items; /* ascending, no duplicates */
    int count;
} IndexSet;

int index_set_intern(const int *items, int count);       /* any order, duplicates fine, others than 0 … 16 777 215
                                                            are left out; -1 when out of memory */
IndexSet index_set(int id);                              /* lent for ever; unknown id = empty */
bool index_set_has(int id, int index);
int index_set_toggle(int id, int index);                 /* id of the set with index added or removed; -1: no memory */
bool index_set_parse(const char *text, int *id, Error *err); /* indices 0 … 16 777 215 */
bool index_set_print(int id, Buf *out);

/* Forgets all sets and gives their memory back: for tests that count blocks. Every id becomes unknown. */
void index_set_forget(void);

#endif
