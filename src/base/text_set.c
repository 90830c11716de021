#include "base/text_set.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

/* Ids live in chunks of doubling size that never move, so a thread may look an id up while the main
 * thread adds others. */
enum { CHUNK_FIRST = 64, CHUNK_COUNT = 24, BUCKETS = 1024 };

typedef struct {
    const char *text;
    size_t length;
    int next; /* next id in the same bucket, 0 = none */
} TextEntry;

/* The one table with state here (see the header). */
static struct {
    TextEntry *_Atomic chunks[CHUNK_COUNT];
    atomic_int count; /* ids 1 … count are there */
    int buckets[BUCKETS];
} table;

/* Where id lives: chunk k holds 64·2^k entries. */
static TextEntry *text_entry(int id)
{
    int chunk = 0, at = id - 1;
    while (at >= CHUNK_FIRST << chunk)
        at -= CHUNK_FIRST << chunk++;
    return atomic_load(&table.chunks[chunk]) + at;
}

static const TextEntry *text_known(int id)
{
    return id > 0 && id <= atomic_load(&table.count) ? text_entry(id) : NULL;
}

const char *text_set(int id)
{
    const TextEntry *entry = text_known(id);
    return entry ? entry->text : "";
}

size_t text_set_length(int id)
{
    const TextEntry *entry = text_known(id);
    return entry ? entry->length : 0;
}

/* The entry that the next id will have, its chunk allocated; NULL when out of memory. */
static TextEntry *text_room(int id)
{
    int chunk = 0, at = id - 1;
    while (chunk < CHUNK_COUNT && at >= CHUNK_FIRST << chunk)
        at -= CHUNK_FIRST << chunk++;
    if (chunk == CHUNK_COUNT)
        return NULL;
    TextEntry *entries = atomic_load(&table.chunks[chunk]);
    if (!entries) {
        entries = mem_zero((size_t)CHUNK_FIRST << chunk, sizeof *entries);
        if (!entries)
            return NULL;
        atomic_store(&table.chunks[chunk], entries);
    }
    return entries + at;
}

static bool text_refused(const char **why, const char *words)
{
    if (why)
        *why = words;
    return false;
}

bool text_set_fits(const char *text, size_t length, const char **why)
{
    if (length > TEXT_SET_MOST)
        return text_refused(why, "more than 65536 bytes");
    if (utf8_valid(text, length) < length)
        return text_refused(why, "bytes that are not UTF-8");
    for (size_t at = 0; at < length;) {
        uint32_t c = utf8_next(text, length, &at);
        if (c < 0x20 || (c >= 0x7F && c <= 0x9F))
            return text_refused(why, "a control character");
    }
    return true;
}

int text_set_intern(const char *text, size_t length)
{
    if (length == 0)
        return 0;
    if (!text_set_fits(text, length, NULL))
        return -1;
    size_t bucket = (size_t)(hash_bytes(HASH_SEED, text, length) % BUCKETS);
    for (int id = table.buckets[bucket]; id; id = text_entry(id)->next) {
        const TextEntry *entry = text_entry(id);
        if (entry->length == length && memcmp(entry->text, text, length) == 0)
            return id;
    }
    int id = atomic_load(&table.count) + 1;
    TextEntry *entry = text_room(id);
    char *own = entry ? mem_string(text, length) : NULL;
    if (!own)
        return -1;
    *entry = (TextEntry){own, length, table.buckets[bucket]};
    table.buckets[bucket] = id;
    atomic_store(&table.count, id);
    return id;
}

void text_set_forget(void)
{
    for (int id = atomic_load(&table.count); id > 0; id--)
        mem_free((void *)(uintptr_t)text_entry(id)->text);
    atomic_store(&table.count, 0);
    memset(table.buckets, 0, sizeof table.buckets);
    for (int i = 0; i < CHUNK_COUNT; i++)
        mem_free(atomic_exchange(&table.chunks[i], NULL));
}
