/* Numbers as text, always in the C locale's notation and always the same value when read back.
 */
#ifndef ATTNSCOPE_BASE_NUMBER_H
#define ATTNSCOPE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT 40 /* room for any number printed here */

/* The whole text as a decimal number (JSON grammar plus a leading '+', ".5", "inf", "-inf", "nan").
 * Nearest double; beyond the range of doubles that is ±Inf, which a caller that wants finite
 * numbers refuses. Text longer than 1024 bytes is no number. */
bool number_parse(const char *text, size_t length, double *out);
bool number_parse_int(const char *text, size_t length, long long *out);
/* %.9g: every float32 reads back bit-equal. */
void number_float(char out[NUMBER_TEXT], float value);
/* The shortest of %.15g, %.16g, %.17g that reads back equal. */
void number_double(char out[NUMBER_TEXT], double value);

#endif
