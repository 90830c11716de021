/* Arena: many small allocations with one owner, freed together. Blocks never move, so pointers stay
 * valid until arena_free or arena_reset.
 */
#ifndef ATTNSCOPE_BASE_ARENA_H
#define ATTNSCOPE_BASE_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;
typedef struct {
    ArenaBlock *first, *current;
    size_t used; /* bytes handed out, all blocks */
} Arena;

void arena_init(Arena *arena);
/* Zeroed, 16-byte aligned; NULL when out of memory. */
void *arena_alloc(Arena *arena, size_t count, size_t size);
/* NUL-ended copy; NULL when out of memory. */
char *arena_text(Arena *arena, const char *text, size_t length);
/* Forgets all, keeps the blocks for reuse. */
void arena_reset(Arena *arena);
/* Gives all back; the arena can be used again. */
void arena_free(Arena *arena);

#endif
