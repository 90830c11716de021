/* Grapheme clusters (UAX #29, extended, Unicode 14 data as far as HarfBuzz's Unicode functions and our small
 * tables give it): what one backspace removes, where a caret may stand, where text may be cut.
 */
#ifndef ATTNSCOPE_DRAW_GRAPHEME_H
#define ATTNSCOPE_DRAW_GRAPHEME_H

#include <stddef.h>

size_t grapheme_next(const char *text, size_t length, size_t at); /* end of the cluster that begins at `at` */
size_t grapheme_back(const char *text, size_t length, size_t at); /* start of the cluster that ends at `at` */

#endif
