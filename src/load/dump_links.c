/* How the numbers of a file of word links are meant: told by the whole file, done to each entry. */
#include "load/dump_links.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What links without any text may reach: nothing else bounds the matrix they would make. */
enum { LINKS_BARE = 4096 };

static bool may_end(const DumpFormat *format)
{
    return format->eos;
}

/* Is the number of the file (from `base` on) one of `length` tokens? Unknown lengths hold all. */
static bool inside(int number, int base, int length, bool end)
{
    return length < 0 ? number >= base : number >= base && number - base < length + end;
}

typedef struct {
    const DocLink *links;
    int count;
} LinkList;

static bool list_fits(LinkList list, bool from_one, bool reversed, int keys, int queries, bool end)
{
    for (int i = 0; i < list.count; i++) {
        int key = reversed ? list.links[i].query : list.links[i].key;
        int query = reversed ? list.links[i].key : list.links[i].query;
        if (!inside(key, from_one, keys, end) || !inside(query, from_one, queries, end))
            return false;
    }
    return true;
}

static LinksExtent extent_of(const DumpEntry *entry)
{
    LinksExtent out = {.most = {-1, -1}};
    const LinkList lists[] = {{entry->sure, entry->sure_count},
                              {entry->possible, entry->possible_count}};
    for (int l = 0; l < 2; l++) {
        for (int i = 0; i < lists[l].count; i++) {
            DocLink link = lists[l].links[i];
            out.most[0] = link.key > out.most[0] ? link.key : out.most[0];
            out.most[1] = link.query > out.most[1] ? link.query : out.most[1];
            out.zero[0] |= link.key == 0;
            out.zero[1] |= link.query == 0;
        }
    }
    return out;
}

/* Do all of its links lie inside when numbers count from `base` on? */
static bool extent_fits(const LinksExtent *extent, int base, bool reversed, const int length[2],
                        const bool end[2])
{
    for (int side = 0; side < 2; side++) {
        int number = reversed ? !side : side;
        if (extent->most[number] < 0)
            continue;
        if ((base > 0 && extent->zero[number]) ||
            !inside(extent->most[number], base, length[side], end[side]))
            return false;
    }
    return true;
}

void dump_links_count(LinksCount *count, const DumpFormat *format, const DumpEntry *entry, int keys,
                      int queries, LinksExtent *extent)
{
    const LinkList lists[] = {{entry->sure, entry->sure_count},
                              {entry->possible, entry->possible_count}};
    const bool end[2] = {may_end(format), may_end(format)};
    const int length[2] = {keys, queries};
    const LinksExtent all = extent_of(entry);
    if (extent)
        *extent = all;
    count->entries++;
    count->possible += entry->possible_count;
    count->links += entry->sure_count + entry->possible_count;
    count->lengths |= keys >= 0 || queries >= 0;
    for (int i = 0; i < 4; i++)
        count->outside[i / 2][i % 2] += !extent_fits(&all, i / 2, i % 2, length, end);
    bool look = all.zero[0] || all.zero[1] || keys >= 0 || queries >= 0;
    for (int l = 0; look && l < 2; l++) {
        for (int i = 0; i < lists[l].count; i++) {
            DocLink link = lists[l].links[i];
            count->zeros += link.key == 0 || link.query == 0;
            count->at_end[0] += link.key == keys;
            count->at_end[1] += link.query == queries;
        }
    }
}

bool dump_links_sure(const LinksReading *reading, const LinksExtent *extent, uint64_t memory,
                     int *keys, int *queries)
{
    const bool end[2] = {false, false};
    int length[2] = {*keys, *queries};
    if (reading->eos_keys || reading->eos_queries ||
        !extent_fits(extent, reading->from_one, reading->reversed, length, end))
        return false;
    for (int side = 0; side < 2; side++) {
        int most = extent->most[reading->reversed ? !side : side];
        if (length[side] < 0)
            length[side] = most < 0 ? 1 : most - reading->from_one + 1;
        if (length[side] < 1 || length[side] > LINKS_BARE)
            return false;
    }
    *keys = length[0];
    *queries = length[1];
    return (uint64_t)length[0] * (uint64_t)length[1] <= memory / sizeof(float);
}

static int64_t least(const int64_t outside[2])
{
    return outside[0] < outside[1] ? outside[0] : outside[1];
}

void dump_links_decide(const LinksCount *count, const DumpFormat *format, bool transpose,
                       LinksReading *out)
{
    *out = (LinksReading){.told_from_one = format == &LINKS_NAACL || format == &LINKS_GIZA,
                          .none = count->links == 0,
                          .graded = count->possible > 0,
                          .by_user = transpose};
    if (format == &LINKS_PHARAOH_ONE)
        out->from_one = true;
    else if (format == &LINKS_PHARAOH && count->zeros == 0 && count->links > 0)
        out->from_one = !count->lengths || least(count->outside[1]) < least(count->outside[0]);
    const int64_t *outside = count->outside[out->from_one];
    if (format == &LINKS_PHARAOH || format == &LINKS_PHARAOH_ONE)
        out->reversed = outside[1] < outside[0];
    if (transpose)
        out->reversed = !out->reversed;
    if (may_end(format))
        out->eos_keys = out->eos_queries = count->at_end[0] + count->at_end[1] > 0;
}

void dump_links_told(const LinksReading *reading, char *out, size_t cap)
{
    const char *order = reading->by_user ? "links are turned as you asked for"
                                         : "links are read as target-source: in no other way do "
                                           "they fit the tokens";
    const char *base = reading->from_one ? "numbers count from 1" : "";
    if (reading->none) {
        utf8_format(out, cap, "there is no link in it: all weights are 0");
        return;
    }
    bool turned = reading->reversed || reading->by_user;
    utf8_format(out, cap, "%s%s%s", turned ? order : "", turned && reading->from_one ? "; " : "",
                base);
}

static bool fail_at(const DumpEntry *entry, Error *err, const char *fmt, ...) ATTN_PRINTF(3, 4);
static bool fail_at(const DumpEntry *entry, Error *err, const char *fmt, ...)
{
    char where[40], text[sizeof err->what];
    va_list args;
    snprintf(where, sizeof where, "line %lld", (long long)entry->line);
    va_start(args, fmt);
    utf8_vformat(text, sizeof text, fmt, args);
    va_end(args);
    return error_at(err, ERROR_MALFORMED, where, "%s", text);
}

/* No 0 occurs in the entry and counting from 1 all of it would lie inside. */
static bool fits_from_one(const LinksReading *reading, const DumpEntry *entry, int keys,
                          int queries)
{
    const LinkList sure = {entry->sure, entry->sure_count};
    const LinkList possible = {entry->possible, entry->possible_count};
    return !reading->from_one && !reading->eos_keys &&
           list_fits(sure, true, reading->reversed, keys, queries, false) &&
           list_fits(possible, true, reading->reversed, keys, queries, false);
}

static bool tell_outside(const LinksReading *reading, const DumpEntry *entry, DocLink link,
                         const int length[2], Error *err)
{
    const int number[2] = {reading->reversed ? link.query : link.key,
                           reading->reversed ? link.key : link.query};
    static const char *const sides[2] = {"source", "target"};
    bool ends[2] = {reading->eos_keys, reading->eos_queries};
    bool hint = fits_from_one(reading, entry, length[0], length[1]);
    int side = inside(number[0], reading->from_one, length[0], ends[0]);
    int tokens = length[side] + ends[side];
    int shown = reading->told_from_one; /* as the file writes them */
    link = (DocLink){link.key + shown, link.query + shown};
    if (length[side] >= 0 && tokens == 0)
        return fail_at(entry, err, "link %d-%d: expected none, as there are no %s tokens", link.key,
                       link.query, sides[side]);
    if (length[side] < 0) /* a 0 where numbers count from 1 */
        return fail_at(entry, err, "link %d-%d: expected %s numbers from 1 on, found %d", link.key,
                       link.query, sides[side], number[side] + shown);
    return fail_at(entry, err, "link %d-%d: expected %s numbers from %d to %d, found %d%s",
                   link.key, link.query, sides[side], reading->from_one + shown,
                   tokens - 1 + reading->from_one + shown, number[side] + shown,
                   hint ? "; they fit when they count from 1 (--format pharaoh-1)" : "");
}

static bool shift(const LinksReading *reading, const DumpEntry *entry, DocLink *links, int count,
                  const int length[2], Error *err)
{
    for (int i = 0; i < count; i++) {
        int key = reading->reversed ? links[i].query : links[i].key;
        int query = reading->reversed ? links[i].key : links[i].query;
        if (!inside(key, reading->from_one, length[0], reading->eos_keys) ||
            !inside(query, reading->from_one, length[1], reading->eos_queries))
            return tell_outside(reading, entry, links[i], length, err);
    }
    for (int i = 0; i < count; i++) {
        DocLink raw = links[i];
        links[i].key = (reading->reversed ? raw.query : raw.key) - reading->from_one;
        links[i].query = (reading->reversed ? raw.key : raw.query) - reading->from_one;
    }
    return true;
}

typedef struct {
    DocLink link;
    float weight;
    int at;
} Weighted;

static int order_of(DocLink a, DocLink b)
{
    if (a.query != b.query)
        return a.query < b.query ? -1 : 1;
    return (a.key > b.key) - (a.key < b.key);
}

static int order_weighted(const void *a, const void *b)
{
    const Weighted *x = a, *y = b;
    int order = order_of(x->link, y->link);
    return order ? order : x->at - y->at;
}

/* In the order of targets, each once: of two the first one's weight. */
static bool unique(DocLink *links, float *weights, int *count, Error *err)
{
    Weighted *list = mem_array((size_t)*count + 1, sizeof *list);
    int used = 0;
    if (!list)
        return error_memory(err);
    for (int i = 0; i < *count; i++)
        list[i] = (Weighted){links[i], weights ? weights[i] : 1, i};
    if (*count > 0)
        qsort(list, (size_t)*count, sizeof *list, order_weighted);
    for (int i = 0; i < *count; i++) {
        if (used > 0 && order_of(links[used - 1], list[i].link) == 0)
            continue;
        links[used] = list[i].link;
        if (weights)
            weights[used] = list[i].weight;
        used++;
    }
    mem_free(list);
    *count = used;
    return true;
}

/* Both lists are in order. */
static void leave_out_sure(DumpEntry *entry)
{
    int used = 0, s = 0;
    for (int i = 0; i < entry->possible_count; i++) {
        DocLink link = entry->possible[i];
        while (s < entry->sure_count && order_of(entry->sure[s], link) < 0)
            s++;
        if (s == entry->sure_count || order_of(entry->sure[s], link) != 0)
            entry->possible[used++] = link;
    }
    entry->possible_count = used;
}

bool dump_links_settle(const LinksReading *reading, DumpEntry *entry, int keys, int queries,
                       Error *err)
{
    const int length[2] = {keys, queries};
    bool ok = shift(reading, entry, entry->sure, entry->sure_count, length, err) &&
              shift(reading, entry, entry->possible, entry->possible_count, length, err) &&
              unique(entry->sure, entry->link_weights, &entry->sure_count, err) &&
              unique(entry->possible, NULL, &entry->possible_count, err);
    if (ok)
        leave_out_sure(entry);
    return ok;
}

/* Rows or columns where no text says how many there are. */
static bool bare_size(const DumpEntry *entry, bool queries, int *size, Error *err)
{
    int most = -1;
    for (int i = 0; i < entry->sure_count + entry->possible_count; i++) {
        DocLink link =
            i < entry->sure_count ? entry->sure[i] : entry->possible[i - entry->sure_count];
        int number = queries ? link.query : link.key;
        most = number > most ? number : most;
    }
    if (most >= LINKS_BARE)
        return fail_at(entry, err,
                       "link: expected at most %d %s tokens without their text, found %d",
                       LINKS_BARE, queries ? "target" : "source", most + 1);
    *size = most < 0 ? 1 : most + 1;
    return true;
}

static bool matrix_room(DumpEntry *entry, uint64_t memory, Error *err)
{
    size_t count = 0, bytes = 0;
    if (!mem_mul((size_t)entry->rows, (size_t)entry->cols, &count) ||
        !mem_mul(count, sizeof *entry->floats, &bytes) || bytes > memory)
        return error_set(err, ERROR_LIMIT,
                         "links: expected a matrix of at most %llu bytes, found %lld × %lld tokens",
                         (unsigned long long)memory, (long long)entry->rows,
                         (long long)entry->cols);
    if (count > entry->float_cap) {
        float *floats = mem_resize(entry->floats, count, sizeof *floats);
        if (!floats)
            return error_memory(err);
        entry->floats = floats;
        entry->float_cap = count;
    }
    if (count > 0)
        memset(entry->floats, 0, bytes);
    return true;
}

bool dump_links_matrix(const LinksReading *reading, DumpEntry *entry, int keys, int queries,
                       uint64_t memory, Error *err)
{
    if ((queries < 0 && !bare_size(entry, true, &queries, err)) ||
        (keys < 0 && !bare_size(entry, false, &keys, err)))
        return false;
    entry->rows = (int64_t)queries + reading->eos_queries;
    entry->cols = (int64_t)keys + reading->eos_keys;
    if (!matrix_room(entry, memory, err))
        return false;
    for (int i = 0; i < entry->possible_count; i++) {
        DocLink link = entry->possible[i];
        entry->floats[link.query * entry->cols + link.key] = 1;
    }
    for (int i = 0; i < entry->sure_count; i++) {
        DocLink link = entry->sure[i];
        float weight = entry->link_weights ? entry->link_weights[i] : 1;
        entry->floats[link.query * entry->cols + link.key] = weight;
    }
    return true;
}
