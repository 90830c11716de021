/* The only place that calls malloc. NULL means out of memory (or a size that overflows): every
 * caller checks it. Tests make the n-th allocation fail and count what is still alive. Thread-safe.
 */
#ifndef ATTNSCOPE_BASE_MEM_H
#define ATTNSCOPE_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size);               /* uninitialised; size 0 gives a valid pointer */
void *mem_zero(size_t count, size_t size);  /* count × size zero bytes, overflow-checked */
void *mem_array(size_t count, size_t size); /* count × size, uninitialised, overflow-checked */
/* As realloc; the old block stays on failure. Not for blocks of mem_aligned. */
void *mem_resize(void *block, size_t count, size_t size);
/* 64-byte aligned, uninitialised; freed with mem_free too. */
void *mem_aligned(size_t count, size_t size);
char *mem_string(const char *text, size_t length); /* NUL-ended copy */
void mem_free(void *block);                        /* NULL is fine */

/* a × b (a + b) into *out; false when it does not fit. */
bool mem_mul(size_t a, size_t b, size_t *out);
bool mem_add(size_t a, size_t b, size_t *out);

/* Tests: the n-th allocation from now on (1 = the next) fails once; with `ever_after` so do all
 * later ones. n = 0 switches it off. */
void mem_fail_at(uint64_t n, bool ever_after);
int64_t mem_live(void);   /* blocks that are allocated now */
uint64_t mem_count(void); /* allocations that were tried so far */

#endif
