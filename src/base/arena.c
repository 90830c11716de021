#include "base/arena.h"
#include "base/mem.h"

#include <stdalign.h>
#include <string.h>

#define ARENA_ALIGN 16
#define ARENA_BLOCK ((size_t)64 << 10)

struct ArenaBlock {
    ArenaBlock *next;
    size_t size, used;
    alignas(ARENA_ALIGN) unsigned char data[];
};

void arena_init(Arena *arena)
{
    *arena = (Arena){0};
}

/* A block with room for `need` bytes, at or behind the current one; a new one when none has. */
static ArenaBlock *arena_block(Arena *arena, size_t need)
{
    for (ArenaBlock *block = arena->current; block; block = block->next)
        if (block->size - block->used >= need)
            return block;

    size_t size = need > ARENA_BLOCK ? need : ARENA_BLOCK, total;
    if (!mem_add(size, sizeof(ArenaBlock), &total))
        return NULL;
    ArenaBlock *block = mem_alloc(total);
    if (!block)
        return NULL;
    block->size = size;
    block->used = 0;
    if (!arena->current) {
        block->next = NULL;
        arena->first = arena->current = block;
        return block;
    }
    block->next = arena->current->next;
    arena->current->next = block;
    /* A block made for one large thing is full at once: small things go on in the block before. */
    if (block->size - need > arena->current->size - arena->current->used)
        arena->current = block;
    return block;
}

void *arena_alloc(Arena *arena, size_t count, size_t size)
{
    size_t need;
    if (!mem_mul(count, size, &need) || !mem_add(need, ARENA_ALIGN - 1, &need))
        return NULL;
    need = need / ARENA_ALIGN * ARENA_ALIGN;
    if (need == 0)
        need = ARENA_ALIGN; /* nothing, too, has an address of its own */
    ArenaBlock *block = arena_block(arena, need);
    if (!block)
        return NULL;
    void *out = block->data + block->used;
    block->used += need;
    arena->used += need;
    memset(out, 0, need);
    return out;
}

char *arena_text(Arena *arena, const char *text, size_t length)
{
    size_t size;
    char *copy = mem_add(length, 1, &size) ? arena_alloc(arena, size, 1) : NULL;
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

void arena_reset(Arena *arena)
{
    for (ArenaBlock *block = arena->first; block; block = block->next)
        block->used = 0;
    arena->current = arena->first;
    arena->used = 0;
}

void arena_free(Arena *arena)
{
    for (ArenaBlock *block = arena->first, *next; block; block = next) {
        next = block->next;
        mem_free(block);
    }
    *arena = (Arena){0};
}
