/* Growing bytes with a limit. Failure (out of memory, over the limit) is sticky: append as you
 * like, look once at the end. The content is always NUL-ended (the NUL is not counted).
 */
#ifndef ATTNSCOPE_BASE_BUF_H
#define ATTNSCOPE_BASE_BUF_H

#include "base/error.h"

#include <stdint.h>

typedef struct {
    char *data; /* owned; NULL until the first append */
    size_t size, cap, limit;
    bool failed, over_limit; /* over_limit tells why */
} Buf;

#define BUF_NO_LIMIT ((size_t)1 << 40)

void buf_init(Buf *buf, size_t limit);
void buf_free(Buf *buf);
void buf_clear(Buf *buf); /* size 0 and not failed; memory is kept */
bool buf_append(Buf *buf, const void *data, size_t size); /* data must not lie in the buffer */
bool buf_text(Buf *buf, const char *text);
bool buf_byte(Buf *buf, char byte);
bool buf_printf(Buf *buf, const char *fmt, ...) ATTN_PRINTF(2, 3);
bool buf_reserve(Buf *buf, size_t more);
bool buf_base64(Buf *buf, const void *data, size_t size); /* RFC 4648 with padding */
bool buf_ok(const Buf *buf, Error *err);                  /* false + error when an append failed */
const char *buf_string(const Buf *buf);                   /* "" when empty */

/* Decodes base64 text into out (cap bytes). Strict: alphabet, padding, no white space, no stray
 * bits. Returns the number of bytes, or -1 with *bad = index of the first wrong character. */
int64_t base64_decode(const char *text, size_t length, void *out, size_t cap, size_t *bad);

#endif
