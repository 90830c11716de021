/* Immutable texts, interned: equal texts have equal ids, so a plain struct (the settings, an undo
 * step) holds a text as one int and compares it with ==. The table only grows; id 0 is the empty
 * text. A text is one line: valid UTF-8 without control characters, at most TEXT_SET_MOST bytes.
 * Used from the main thread; lookups of existing ids are safe anywhere.
 */
#ifndef ATTNSCOPE_BASE_TEXT_SET_H
#define ATTNSCOPE_BASE_TEXT_SET_H

#include <stdbool.h>
#include <stddef.h>

enum { TEXT_SET_MOST = 65536 };

/* -1: not such a text, or out of memory (text_set_fits tells which). */
int text_set_intern(const char *text, size_t length);
const char *text_set(int id);   /* NUL-ended, lent for ever; unknown id = "" */
size_t text_set_length(int id); /* bytes */
/* May it be interned? Else *why (may be NULL) names what is wrong with it, in a few words. */
bool text_set_fits(const char *text, size_t length, const char **why);

/* Gives the memory of all texts back, every id becomes unknown: for tests that count blocks. */
void text_set_forget(void);

#endif
