#include "base/index_set.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Ids live in chunks of doubling size that never move, so a thread may look an id up while the main
 * thread adds others. */
enum { CHUNK_FIRST = 64, CHUNK_COUNT = 24 };

typedef struct {
    const int *items;
    int count, next; /* next id in the same bucket, 0 = none */
} SetEntry;

enum { BUCKETS = 1024 };

/* The one table with state in this floor (see the header). */
static struct {
    SetEntry *_Atomic chunks[CHUNK_COUNT];
    atomic_int count; /* ids 1 … count are there */
    int buckets[BUCKETS];
} table;

/* Where id lives: chunk k holds 64·2^k entries. */
static SetEntry *set_entry(int id)
{
    int chunk = 0, at = id - 1;
    while (at >= CHUNK_FIRST << chunk)
        at -= CHUNK_FIRST << chunk++;
    return atomic_load(&table.chunks[chunk]) + at;
}

IndexSet index_set(int id)
{
    if (id <= 0 || id > atomic_load(&table.count))
        return (IndexSet){NULL, 0};
    const SetEntry *entry = set_entry(id);
    return (IndexSet){entry->items, entry->count};
}

static size_t set_bucket(const int *items, int count)
{
    return (size_t)(hash_bytes(HASH_SEED, items, (size_t)count * sizeof *items) % BUCKETS);
}

/* The entry that the next id will have, its chunk allocated; NULL when out of memory. */
static SetEntry *set_room(int id)
{
    int chunk = 0, at = id - 1;
    while (chunk < CHUNK_COUNT && at >= CHUNK_FIRST << chunk)
        at -= CHUNK_FIRST << chunk++;
    if (chunk == CHUNK_COUNT)
        return NULL;
    SetEntry *entries = atomic_load(&table.chunks[chunk]);
    if (!entries) {
        entries = mem_zero((size_t)CHUNK_FIRST << chunk, sizeof *entries);
        if (!entries)
            return NULL;
        atomic_store(&table.chunks[chunk], entries);
    }
    return entries + at;
}

/* Takes over items (ascending, no duplicates, from mem_array). */
static int set_adopt(int *items, int count)
{
    if (count == 0) {
        mem_free(items);
        return 0;
    }
    size_t bucket = set_bucket(items, count);
    for (int id = table.buckets[bucket]; id; id = set_entry(id)->next) {
        const SetEntry *entry = set_entry(id);
        if (entry->count == count &&
            memcmp(entry->items, items, (size_t)count * sizeof *items) == 0) {
            mem_free(items);
            return id;
        }
    }
    int id = atomic_load(&table.count) + 1;
    SetEntry *entry = set_room(id);
    if (!entry) {
        mem_free(items);
        return -1;
    }
    *entry = (SetEntry){items, count, table.buckets[bucket]};
    table.buckets[bucket] = id;
    atomic_store(&table.count, id);
    return id;
}

static int order_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int index_set_intern(const int *items, int count)
{
    if (count <= 0)
        return 0;
    int *own = mem_array((size_t)count, sizeof *own), kept = 0, unique = 0;
    if (!own)
        return -1;
    for (int i = 0; i < count; i++)
        if (items[i] >= 0 && items[i] <= INDEX_SET_MOST)
            own[kept++] = items[i];
    qsort(own, (size_t)kept, sizeof *own, order_int);
    for (int i = 0; i < kept; i++)
        if (unique == 0 || own[unique - 1] != own[i])
            own[unique++] = own[i];
    return set_adopt(own, unique);
}

/* Place of the first item ≥ index. */
static int set_lower(IndexSet set, int index)
{
    int lo = 0, hi = set.count;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (set.items[mid] < index)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool index_set_has(int id, int index)
{
    IndexSet set = index_set(id);
    int at = set_lower(set, index);
    return at < set.count && set.items[at] == index;
}

int index_set_toggle(int id, int index)
{
    if (index < 0 || index > INDEX_SET_MOST)
        return id;
    IndexSet set = index_set(id);
    int at = set_lower(set, index), drop = at < set.count && set.items[at] == index;
    int *items = mem_array((size_t)set.count + 1, sizeof *items), count = 0;
    if (!items)
        return id;
    for (int i = 0; i < at; i++)
        items[count++] = set.items[i];
    if (!drop)
        items[count++] = index;
    for (int i = at + drop; i < set.count; i++)
        items[count++] = set.items[i];
    int made = set_adopt(items, count);
    return made < 0 ? id : made;
}

typedef struct {
    int first, last;
} Range;

static int order_range(const void *a, const void *b)
{
    const Range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static bool set_number(const char **at, int *out)
{
    const char *start = *at + strspn(*at, " \t");
    size_t length = strspn(start, "0123456789");
    long long value;
    if (!number_parse_int(start, length, &value) || value > INDEX_SET_MOST)
        return false;
    *out = (int)value;
    *at = start + length;
    *at += strspn(*at, " \t");
    return true;
}

/* The text as ranges, as many as it has commas and one more. */
static bool set_scan(const char *text, Range *ranges, size_t *count)
{
    for (;;) {
        Range range;
        if (!set_number(&text, &range.first))
            return false;
        range.last = range.first;
        if (*text == '-' && (text++, !set_number(&text, &range.last)))
            return false;
        if (range.last < range.first)
            return false;
        ranges[(*count)++] = range;
        if (*text != ',')
            return *text == '\0';
        text++;
    }
}

/* Ranges are joined before they are written out: a short text cannot ask for endless memory. */
static bool set_expand(Range *ranges, size_t count, int *id, Error *err)
{
    size_t kept = 0, total = 0;
    qsort(ranges, count, sizeof *ranges, order_range);
    for (size_t i = 0; i < count; i++) {
        if (kept && ranges[i].first <= ranges[kept - 1].last) {
            if (ranges[i].last > ranges[kept - 1].last)
                ranges[kept - 1].last = ranges[i].last;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    for (size_t i = 0; i < kept; i++)
        total += (size_t)(ranges[i].last - ranges[i].first) + 1;
    int *items = mem_array(total, sizeof *items), used = 0;
    if (!items)
        return error_memory(err);
    for (size_t i = 0; i < kept; i++)
        for (int v = ranges[i].first; v <= ranges[i].last; v++)
            items[used++] = v;
    int found = set_adopt(items, used);
    if (found < 0)
        return error_memory(err);
    *id = found;
    return true;
}

bool index_set_parse(const char *text, int *id, Error *err)
{
    if (text[strspn(text, " \t")] == '\0') {
        *id = 0;
        return true;
    }
    size_t most = 1, count = 0;
    for (const char *c = text; *c; c++)
        most += *c == ',';
    Range *ranges = mem_array(most, sizeof *ranges);
    if (!ranges)
        return error_memory(err);
    bool ok = set_scan(text, ranges, &count);
    if (!ok)
        error_set(err, ERROR_USAGE, "indices: expected such as 3,5-7 from 0 … %d, found %s",
                  INDEX_SET_MOST, text);
    else
        ok = set_expand(ranges, count, id, err);
    mem_free(ranges);
    return ok;
}

bool index_set_print(int id, Buf *out)
{
    IndexSet set = index_set(id);
    bool ok = true;
    for (int i = 0, end; ok && i < set.count; i = end + 1) {
        for (end = i; end + 1 < set.count && set.items[end + 1] == set.items[end] + 1;)
            end++;
        ok = buf_printf(out, "%s%d", i ? "," : "", set.items[i]);
        if (ok && end > i)
            ok = buf_printf(out, "-%d", set.items[end]);
    }
    return ok && !out->failed;
}

void index_set_forget(void)
{
    for (int id = atomic_load(&table.count); id > 0; id--)
        mem_free((void *)(uintptr_t)set_entry(id)->items);
    atomic_store(&table.count, 0);
    memset(table.buckets, 0, sizeof table.buckets);
    for (int i = 0; i < CHUNK_COUNT; i++)
        mem_free(atomic_exchange(&table.chunks[i], NULL));
}
