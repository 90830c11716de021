/* One entry of a dump: memory that is used again for each. */
#include "load/dump.h"
#include "load/json_number.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

/* Bytes of a wrong number that a message shows, and of a title that are kept. */
enum { SHOWN = 40, TITLE_MOST = 200 };

void entry_init(DumpEntry *entry)
{
    *entry = (DumpEntry){.title = ""};
    arena_init(&entry->words);
    entry_clear(entry);
}

void entry_free(DumpEntry *entry)
{
    mem_free(entry->queries);
    mem_free(entry->keys);
    mem_free(entry->floats);
    mem_free(entry->sure);
    mem_free(entry->possible);
    mem_free(entry->link_weights);
    arena_free(&entry->words);
    *entry = (DumpEntry){.title = ""};
}

void entry_clear(DumpEntry *entry)
{
    entry->title = "";
    entry->query_count = entry->key_count = -1;
    entry->rows = entry->cols = 0;
    entry->sure_count = entry->possible_count = 0;
    mem_free(entry->link_weights);
    entry->link_weights = NULL;
    entry->sentence = -1;
    entry->line = entry->row_line = 0;
    entry->axes = ROWS_UNSURE;
    arena_reset(&entry->words);
}

/* Room for one more of `count`; the block is kept on failure. */
static void *grow(void *block, int count, int *cap, size_t size)
{
    if (count < *cap)
        return block;
    if (*cap > INT_MAX / 2)
        return NULL;
    int more = *cap ? *cap * 2 : 64;
    void *list = mem_resize(block, (size_t)more, size);
    if (list)
        *cap = more;
    return list;
}

bool entry_tokens(DumpEntry *entry, bool queries, Slice text, const Lines *lines, Error *err)
{
    const char ***list = queries ? &entry->queries : &entry->keys;
    int *count = queries ? &entry->query_count : &entry->key_count;
    int *cap = queries ? &entry->query_cap : &entry->key_cap;
    char *copy = arena_text(&entry->words, text.at ? text.at : "", text.length);
    /* A list of none is a list too: its table must be there. */
    const char **table = copy ? grow(*list, 0, cap, sizeof **list) : NULL;
    if (!table)
        return error_memory(err);
    *list = table;
    Slice rest = {copy, text.length}, word;
    *count = 0;
    while (slice_word(&rest, &word)) {
        if (*count >= LIMIT_MOST_AXIS)
            return lines_fail(lines, err, "expected at most %d tokens, found more",
                              (int)LIMIT_MOST_AXIS);
        const char **more = grow(*list, *count, cap, sizeof **list);
        if (!more)
            return error_memory(err);
        *list = more;
        copy[(size_t)(word.at - copy) + word.length] = '\0'; /* a blank, or the NUL at the end */
        if (rest.length > 0) {
            rest.at++;
            rest.length--;
        }
        more[(*count)++] = word.at;
    }
    return true;
}

bool entry_token(DumpEntry *entry, bool queries, Slice text, Error *err)
{
    const char ***list = queries ? &entry->queries : &entry->keys;
    int *count = queries ? &entry->query_count : &entry->key_count;
    int *cap = queries ? &entry->query_cap : &entry->key_cap;
    *count = *count < 0 ? 0 : *count;
    char *copy = arena_text(&entry->words, text.at ? text.at : "", text.length);
    const char **more = copy ? grow(*list, *count, cap, sizeof **list) : NULL;
    if (!more)
        return error_memory(err);
    *list = more;
    more[(*count)++] = copy;
    return true;
}

static bool entry_room(DumpEntry *entry, size_t used, const Lines *lines, Error *err)
{
    if (used < entry->float_cap)
        return true;
    uint64_t most = limits_value(&lines->request->limits, LIMIT_MEMORY);
    size_t cap = entry->float_cap ? entry->float_cap * 2 : 1024;
    if (cap > most / sizeof *entry->floats)
        cap = (size_t)(most / sizeof *entry->floats);
    if (used >= cap)
        return limits_over(&lines->request->limits, LIMIT_MEMORY, err, "",
                           "memory: expected at most %llu bytes of numbers, found more",
                           (unsigned long long)most);
    float *floats = mem_resize(entry->floats, cap, sizeof *floats);
    if (!floats)
        return error_memory(err);
    entry->floats = floats;
    entry->float_cap = cap;
    return true;
}

static bool is_mark(char c, char comma)
{
    return c == ' ' || c == '\t' || (comma && c == comma);
}

/* One number of a row, up to the next mark. The usual ones need no search for their end. */
static bool row_number(const char **at, const char *end, char comma, double *out)
{
    const char *p = *at;
    JsonNumber number;
    if ((unsigned)(*p - '0') < 10) {
        size_t length = json_number(p, 0, &number);
        if (length > 0 && length <= JSON_NUMBER_LONGEST && !number.overflow &&
            (p + length >= end || is_mark(p[length], comma))) {
            *at = p + length;
            *out = number.value;
            return true;
        }
    }
    while (p < end && !is_mark(*p, comma))
        p++;
    Slice s = {*at, (size_t)(p - *at)};
    if (!slice_number(s, out))
        return false;
    *at = p;
    return true;
}

static bool tell_number(const char *at, const char *end, char comma, const Lines *lines, Error *err)
{
    const char *p = at;
    while (p < end && !is_mark(*p, comma))
        p++;
    size_t length = (size_t)(p - at);
    return lines_fail_at(lines, (size_t)(at - lines->text), err,
                         "expected a number, found %s%.*s%s", length ? "\"" : "nothing",
                         (int)utf8_cut(at, length, SHOWN), at, length ? "\"" : "");
}

/* Over blanks, and over one comma where it parts numbers. */
static bool next_number(const char **at, const char *end, char comma, bool first, bool *more)
{
    const char *p = *at;
    bool stars = comma == '*'; /* some fill the largest number of a row up with them */
    while (p < end && (*p == ' ' || *p == '\t' || (stars && *p == '*')))
        p++;
    bool mark = comma && !first && p < end && *p == comma;
    p += mark;
    while (mark && p < end && (*p == ' ' || *p == '\t'))
        p++;
    *at = p;
    *more = p < end || mark;
    return !(comma && !stars && !first && !mark && p < end); /* "1 2" where commas part */
}

bool entry_row(DumpEntry *entry, Slice text, char comma, const Lines *lines, Error *err)
{
    const char *at = text.at, *end = at + text.length;
    size_t from = (size_t)(entry->rows * entry->cols);
    int64_t cols = 0;
    bool more = true;
    for (;; cols++) {
        double value;
        if (!next_number(&at, end, comma, cols == 0, &more))
            return lines_fail_at(lines, (size_t)(at - lines->text), err,
                                 "expected '%c' between numbers, found none", comma);
        if (!more)
            break;
        const char *number = at;
        if (!row_number(&at, end, comma, &value) ||
            (isfinite(value) && fabs(value) > (double)FLT_MAX))
            return tell_number(number, end, comma, lines, err);
        if (cols >= LIMIT_MOST_AXIS)
            return lines_fail(lines, err, "expected at most %d weights in a row, found more",
                              (int)LIMIT_MOST_AXIS);
        if (!entry_room(entry, from + (size_t)cols, lines, err))
            return false;
        entry->floats[from + (size_t)cols] = (float)value;
    }
    if (entry->rows == 0) {
        entry->cols = cols;
        entry->row_line = lines->number;
    }
    if (cols == 0)
        return lines_fail(lines, err, "expected a row of weights, found none");
    if (cols != entry->cols)
        return lines_fail(lines, err, "expected %lld weights as in the first row, found %lld",
                          (long long)entry->cols, (long long)cols);
    if (entry->rows >= LIMIT_MOST_AXIS)
        return lines_fail(lines, err, "expected at most %d rows of weights, found more",
                          (int)LIMIT_MOST_AXIS);
    entry->rows++;
    return true;
}

bool entry_link(DumpEntry *entry, bool sure, DocLink link, double weight, Error *err)
{
    DocLink **list = sure ? &entry->sure : &entry->possible;
    int *count = sure ? &entry->sure_count : &entry->possible_count;
    int *cap = sure ? &entry->sure_cap : &entry->possible_cap;
    int before = *cap;
    DocLink *more = grow(*list, *count, cap, sizeof *more);
    if (!more)
        return error_memory(err);
    *list = more;
    bool weighted = sure && (entry->link_weights || weight != 1);
    if (weighted && (!entry->link_weights || before != *cap)) {
        float *weights = mem_resize(entry->link_weights, (size_t)*cap, sizeof *weights);
        if (!weights)
            return error_memory(err);
        for (int i = 0; !entry->link_weights && i < *count; i++)
            weights[i] = 1;
        entry->link_weights = weights;
    }
    if (weighted)
        entry->link_weights[*count] = (float)weight;
    more[(*count)++] = link;
    return true;
}

bool entry_title(DumpEntry *entry, Slice text, Error *err)
{
    const char *at = text.at ? text.at : "";
    entry->title = arena_text(&entry->words, at, utf8_cut(at, text.length, TITLE_MOST));
    if (entry->title)
        return true;
    entry->title = "";
    return error_memory(err);
}
