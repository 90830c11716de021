/* UTF-8: strict decoding (no overlong forms, no surrogates, nothing above U+10FFFF). Inside the
 * program every string is valid UTF-8; loaders check it at the door.
 */
#ifndef ATTNSCOPE_BASE_UTF8_H
#define ATTNSCOPE_BASE_UTF8_H

#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFFFFFFu

/* The code point at text[*at], *at moved behind it. At an invalid sequence: UTF8_BAD, *at moved
 * by 1. */
uint32_t utf8_next(const char *text, size_t length, size_t *at);
/* Index of the first invalid byte, or length when all is valid. */
size_t utf8_valid(const char *text, size_t length);
/* What to do about an invalid byte at text[at], to be put behind a message: " (Latin-1? iconv …)"
 * where it stands alone among ASCII, as it does there, else "". */
const char *utf8_advice(const char *text, size_t length, size_t at);
/* Writes 1–4 bytes, returns how many (0 for a surrogate or > U+10FFFF). */
size_t utf8_put(char out[4], uint32_t code_point);
/* Start of the code point before at. */
size_t utf8_back(const char *text, size_t at);
size_t utf8_count(const char *text, size_t length); /* code points; a bad byte counts as one */
/* The longest prefix ≤ max bytes that ends between code points. */
size_t utf8_cut(const char *text, size_t length, size_t max);

/* As snprintf, but what does not fit is cut between code points. */
void utf8_format(char *out, size_t cap, const char *fmt, ...) ATTN_PRINTF(3, 4);
void utf8_vformat(char *out, size_t cap, const char *fmt, va_list args) ATTN_PRINTF(3, 0);

#endif
