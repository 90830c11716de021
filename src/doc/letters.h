/* What the cutting of text into tokens must know of characters: a few ranges of Unicode, without
 * locale and without tables of a library.
 */
#ifndef ATTNSCOPE_DOC_LETTERS_H
#define ATTNSCOPE_DOC_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

bool letter_space(uint32_t c);       /* white space that parts words; not the no-break spaces */
bool letter_punctuation(uint32_t c); /* stands as a token of its own beside a word */
bool letter_spaceless(uint32_t c);   /* of a script that writes words without spaces between */
bool letter_ideograph(uint32_t c);   /* of those: Chinese characters and kana, each a syllable */
/* Simple lower case of Latin, Greek, Cyrillic, Armenian and full-width letters; else c. */
uint32_t letter_lower(uint32_t c);

#endif
