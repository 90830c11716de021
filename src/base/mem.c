#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define MEM_ALIGN 64
/* Blocks from this size on are begun on a large page and ask for such pages: a walk over a matrix
 * is a tenth to a fifth faster when it meets 2 MB pages instead of 4 KB ones. */
#define MEM_LARGE ((size_t)4 << 20)
#define MEM_PAGE  ((size_t)2 << 20)

/* More than any machine that this program is for can give. Refusing such sizes here keeps the
 * answer the same everywhere; some allocators abort on them. */
#define MEM_MOST (((size_t)1 << 40) - ((size_t)1 << 20))

static _Atomic int64_t live_blocks;
static _Atomic uint64_t attempts;
static _Atomic uint64_t fail_left; /* 0 = off, 1 = the next one fails */
static _Atomic bool fail_stays;

/* Counts one allocation; false when a test wants it to fail. */
static bool mem_may_pass(void)
{
    atomic_fetch_add(&attempts, 1);
    uint64_t left = atomic_load(&fail_left);
    for (;;) {
        if (left == 0)
            return true;
        uint64_t after = left > 1 ? left - 1 : atomic_load(&fail_stays) ? 1 : 0;
        if (atomic_compare_exchange_weak(&fail_left, &left, after))
            return left > 1;
    }
}

static void *mem_counted(void *block)
{
    if (block)
        atomic_fetch_add(&live_blocks, 1);
    return block;
}

bool mem_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool mem_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

void *mem_alloc(size_t size)
{
    if (size > MEM_MOST || !mem_may_pass())
        return NULL;
    return mem_counted(malloc(size ? size : 1));
}

void *mem_zero(size_t count, size_t size)
{
    size_t total;
    if (!mem_mul(count, size, &total) || total > MEM_MOST || !mem_may_pass())
        return NULL;
    return mem_counted(calloc(total ? total : 1, 1));
}

void *mem_array(size_t count, size_t size)
{
    size_t total;
    return mem_mul(count, size, &total) ? mem_alloc(total) : NULL;
}

void *mem_resize(void *block, size_t count, size_t size)
{
    size_t total;
    if (!mem_mul(count, size, &total))
        return NULL;
    if (!block)
        return mem_alloc(total);
    if (total > MEM_MOST || !mem_may_pass())
        return NULL;
    return realloc(block, total ? total : 1);
}

void *mem_aligned(size_t count, size_t size)
{
    size_t total;
    if (!mem_mul(count, size, &total) || total > MEM_MOST || !mem_may_pass())
        return NULL;
    /* aligned_alloc wants whole alignments; MEM_MOST keeps the rounding from overflowing. */
    size_t align = total >= MEM_LARGE ? MEM_PAGE : MEM_ALIGN;
    total = total ? (total + align - 1) / align * align : align;
    void *block = aligned_alloc(align, total);
#if defined(MADV_HUGEPAGE)
    if (block && align == MEM_PAGE)
        (void)madvise(block, total, MADV_HUGEPAGE); /* a wish: refused, it is only slower */
#endif
    return mem_counted(block);
}

char *mem_string(const char *text, size_t length)
{
    size_t total;
    char *copy = mem_add(length, 1, &total) ? mem_alloc(total) : NULL;
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void mem_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub(&live_blocks, 1);
    free(block);
}

void mem_fail_at(uint64_t n, bool ever_after)
{
    atomic_store(&fail_stays, ever_after);
    atomic_store(&fail_left, n);
}

int64_t mem_live(void)
{
    return atomic_load(&live_blocks);
}

uint64_t mem_count(void)
{
    return atomic_load(&attempts);
}
