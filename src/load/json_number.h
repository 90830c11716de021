/* One number of JSON text, fast: the nearest double, without the long way through strtod for the
 * numbers that programs write.
 */
#ifndef ATTNSCOPE_LOAD_JSON_NUMBER_H
#define ATTNSCOPE_LOAD_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_NUMBER_LONGEST 1024 /* bytes of one number's text */

typedef struct {
    double value;
    bool overflow;        /* beyond the range of a double */
    bool underflow;       /* not zero in the text, zero as a double */
    bool rounded;         /* a whole number beyond ±2^53 */
    const char *expected; /* what was missing, when the text is no number */
    size_t bad;           /* index of the character that should have been that */
} JsonNumber;

/* The number at text[at]; the text must end in a NUL somewhere. Returns the index behind it, or
 * `at` when there is none: then expected and bad tell why. Longer texts than JSON_NUMBER_LONGEST:
 * index behind the number, value is not set; the caller compares. */
size_t json_number(const char *text, size_t at, JsonNumber *out);

/* The length of NaN, Infinity, inf (also capitalised as other programs do, also behind '-') at
 * text[at]; 0 when it is none of them. No part of JSON. */
size_t json_nonfinite(const char *text, size_t at, double *out);

#endif
