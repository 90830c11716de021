/* Finding a word in a text, small and capital letters of ASCII alike. */
#ifndef ATTNSCOPE_BASE_SEARCH_H
#define ATTNSCOPE_BASE_SEARCH_H

#include <stddef.h>

/* Where the first `length` bytes of word stand first in text; NULL = nowhere. No bytes stand at the
 * beginning. */
const char *search_caseless(const char *text, const char *word, size_t length);

#endif
