/* What all test programs share: sample data, golden texts, temporary folders, numbers with a
 * tolerance.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_CHECK_H
#define ATTNSCOPE_TESTS_SUPPORT_CHECK_H

/* cmocka wants these four before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/error.h"

/* Path of a sample below TEST_SHARED_DIR in out. False when it does not fit or is not there; then
 * it has printed `SKIPPED: needs NAME`, and the test goes on without it, or calls skip(). */
bool shared_data(char *out, size_t cap, const char *relative);

/* The text must equal the file NAME below TEST_GOLDEN_DIR byte for byte. UPDATE_GOLDEN=1 rewrites
 * the file instead. A missing file fails. A failure leaves the actual text in
 * TEST_BINARY_DIR/golden/NAME, a unified diff in NAME.diff, and tells the first line that differs.
 */
void check_text_golden(const char *name, const char *text, size_t length);

/* A fresh, empty folder; it and its content are removed at exit. Lent until then. */
char *check_temp_dir(void);

/* The whole file, NUL-ended; fails the test when it cannot be read. The caller frees it with
 * mem_free. size may be NULL. */
char *check_read(const char *path, size_t *size);

/* DIR/NAME, lent until eight calls later. */
const char *check_path(const char *dir, const char *name);
/* Writes a whole file; its folder must be there. */
void check_put(const char *path, const char *text);
/* The file holds exactly this text. */
void check_content(const char *path, const char *want);

/* |got − want| ≤ tol · max(1, |want|). NaN equals NaN, an infinity only itself. Prints both on
 * failure. */
void check_close_at(double got, double want, double tol, const char *what, const char *file,
                    int line);
#define check_close(got, want, tol) check_close_at((got), (want), (tol), #got, __FILE__, __LINE__)

/* The error must be of this kind and read `WHERE: WHAT`. */
void check_error_at(const Error *err, ErrorKind kind, const char *want, const char *file, int line);
#define check_error(err, kind, want) check_error_at((err), (kind), (want), __FILE__, __LINE__)

#endif
