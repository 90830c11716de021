/* Grapheme clusters (UAX #29, extended, Unicode 14 data as far as HarfBuzz's Unicode functions and
 * our small tables give it): what one backspace removes, where a caret may stand, where text may be
 * cut.
 */
#ifndef ATTNSCOPE_DRAW_GRAPHEME_H
#define ATTNSCOPE_DRAW_GRAPHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An invalid byte is a cluster of its own. Past the end: length (next), 0 (back). */
size_t grapheme_next(const char *text, size_t length,
                     size_t at); /* end of the cluster that begins at `at` */
size_t grapheme_back(const char *text, size_t length,
                     size_t at); /* start of the cluster that ends at `at` */

bool grapheme_pictographic(uint32_t code_point); /* Extended_Pictographic */
/* Is this cluster shown as a (colour) emoji: by its own nature, by VS16, as a flag or a keycap?
 * VS15 says no. */
bool grapheme_emoji(const char *cluster, size_t length);

#endif
