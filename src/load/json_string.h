/* Strings of JSON text: checked, decoded, and the other way round. */
#ifndef ATTNSCOPE_LOAD_JSON_STRING_H
#define ATTNSCOPE_LOAD_JSON_STRING_H

#include "base/buf.h"

#define JSON_FOUND_SIZE 64

typedef struct {
    size_t at;            /* the character that is wrong */
    const char *expected; /* what should have been there; or: */
    char sentence[120];   /* the whole sentence, when not empty */
} JsonStringFault;

/* The string that begins at text[*at] ('"') and ends before length. *at is moved behind it. */
bool json_string_check(const char *text, size_t length, size_t *at, JsonStringFault *fault);

/* The checked string whose opening quote is at text[at], decoded into out, which must hold as many
 * bytes as the string has in the text; not NUL-ended. Returns the length; *end (may be NULL) is
 * behind it. */
size_t json_string_decode(const char *text, size_t at, char *out, size_t *end);

/* The index behind a checked string. */
size_t json_string_end(const char *text, size_t at);

/* Appends text (valid UTF-8) in quotes, escaped. */
bool json_string_write(Buf *out, const char *text, size_t length);

/* What stands at text[at], for messages: 'x', U+00E9, byte 0xFF, the end of the file. */
void json_found(const char *text, size_t length, size_t at, char out[JSON_FOUND_SIZE]);

#endif
