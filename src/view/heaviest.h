/* The few heaviest of many, without sorting all: what lines and the row chart keep of a long row.
 */
#ifndef ATTNSCOPE_VIEW_HEAVIEST_H
#define ATTNSCOPE_VIEW_HEAVIEST_H

#include <stddef.h>

enum { HEAVIEST_ITEM = 32 }; /* bytes, at the most */

/* As qsort takes its arguments (order must be total): moves the `most` that order puts first to the
 * front of items, in any order among themselves. */
void heaviest_select(void *items, size_t count, size_t size, size_t most,
                     int (*order)(const void *, const void *));

#endif
