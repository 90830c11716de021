#include "load/npz_directory.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    END_SIZE = 22,
    END_SEARCH = END_SIZE + 65535,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8,
    FLAG_STRONG = 0x40,
    FLAG_MASKED = 0x2000,
    METHOD_DEFLATED = 8
};

static uint64_t number_at(const unsigned char *p, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | p[i];
    return value;
}

static bool fail_byte(uint64_t at, const char *field, Error *err, const char *what)
{
    char where[80];
    snprintf(where, sizeof where, "byte 0x%llx (%s)", (unsigned long long)at, field);
    return error_at(err, ERROR_MALFORMED, where, "%s", what);
}

static bool fail_entry(const ZipMember *m, Error *err, const char *what)
{
    char where[140];
    utf8_format(where, sizeof where, "entry \"%s\"", m->name);
    return error_at(err, ERROR_MALFORMED, where, "%s", what);
}

/* Where the directory lies: what the end of the archive says. */
typedef struct {
    uint64_t entries, size, offset; /* of the directory */
    uint64_t end;                   /* the record behind it */
} ZipEnd;

/* The end record whose comment ends where the file does. A second one could hide another archive.
 */
static bool find_end(const unsigned char *tail, size_t size, uint64_t from, uint64_t *at,
                     Error *err)
{
    int found = 0;
    for (size_t i = size < END_SIZE ? 0 : size - END_SIZE + 1; i-- > 0;) {
        if (memcmp(tail + i, "PK\5\6", 4) != 0 ||
            i + END_SIZE + number_at(tail + i + 20, 2) != size)
            continue;
        if (found++ > 0)
            return fail_byte(from + i, "end of directory", err,
                             "expected one end of the directory, found another in its comment");
        *at = from + i;
    }
    return found > 0 ||
           fail_byte(from, "end of directory", err,
                     "expected the end of the directory in the last 65557 bytes, found none");
}

/* The record of 64-bit sizes in front of the end, where its locator stands. */
static bool read_end64(const File *file, ZipEnd *end, uint64_t at, bool needed, Error *err)
{
    unsigned char locator[LOCATOR_SIZE], record[END64_SIZE];
    if (at < LOCATOR_SIZE + END64_SIZE)
        return !needed || fail_byte(at, "zip64", err, "expected a zip64 locator, found none");
    if (!file_read_at(file, locator, sizeof locator, at - LOCATOR_SIZE, err))
        return false;
    if (memcmp(locator, "PK\6\7", 4) != 0)
        return !needed || fail_byte(at, "zip64", err, "expected a zip64 locator, found none");
    at -= LOCATOR_SIZE;
    uint64_t place = number_at(locator + 8, 8);
    if (number_at(locator + 4, 4) != 0 || number_at(locator + 16, 4) > 1)
        return fail_byte(at, "zip64", err, "expected one disk, found several");
    if (place > at || at - place < END64_SIZE)
        return fail_byte(at, "zip64", err,
                         "expected the zip64 record in front of its locator, found it elsewhere");
    if (!file_read_at(file, record, sizeof record, place, err))
        return false;
    if (memcmp(record, "PK\6\6", 4) != 0 || number_at(record + 4, 8) != at - place - 12)
        return fail_byte(place, "zip64", err, "expected a zip64 record, found other content");
    if (number_at(record + 16, 4) != 0 || number_at(record + 20, 4) != 0 ||
        number_at(record + 24, 8) != number_at(record + 32, 8))
        return fail_byte(place, "zip64", err, "expected one disk, found several");
    ZipEnd wide = {number_at(record + 32, 8), number_at(record + 40, 8), number_at(record + 48, 8),
                   place};
    if ((end->entries != 0xFFFF && end->entries != wide.entries) ||
        (end->size != 0xFFFFFFFF && end->size != wide.size) ||
        (end->offset != 0xFFFFFFFF && end->offset != wide.offset))
        return fail_byte(place, "zip64", err,
                         "expected the numbers of the end of the directory, found others");
    *end = wide;
    return true;
}

static bool read_end(const File *file, ZipEnd *out, Error *err)
{
    unsigned char record[END_SIZE];
    uint64_t file_size = file->stamp.size, at = 0;
    size_t size = file_size < END_SEARCH ? (size_t)file_size : END_SEARCH;
    unsigned char *tail = mem_alloc(size + 1);
    bool ok = (tail || error_memory(err)) &&
              file_read_at(file, tail, size, file_size - size, err) &&
              find_end(tail, size, file_size - size, &at, err);
    if (ok)
        memcpy(record, tail + (at - (file_size - size)), sizeof record);
    mem_free(tail);
    if (!ok)
        return false;
    *out = (ZipEnd){number_at(record + 10, 2), number_at(record + 12, 4), number_at(record + 16, 4),
                    at};
    if (number_at(record + 4, 2) != 0 || number_at(record + 6, 2) != 0 ||
        number_at(record + 8, 2) != out->entries)
        return fail_byte(at, "end of directory", err, "expected one disk, found several");
    bool needed = out->entries == 0xFFFF || out->size == 0xFFFFFFFF || out->offset == 0xFFFFFFFF;
    if (!read_end64(file, out, at, needed, err))
        return false;
    if (out->offset > out->end || out->end - out->offset != out->size)
        return fail_byte(at, "end of directory", err,
                         "expected the directory right in front of its end, found it elsewhere");
    return true;
}

/* Names are only shown and compared, never used as paths; odd ones still tell of an attack. */
static bool check_name(const unsigned char *name, size_t length, int index,
                       const LoadLimits *limits, Error *err)
{
    char where[40];
    const char *text = (const char *)name;
    snprintf(where, sizeof where, "entry %d", index);
    if (length > LIMIT_MOST_ZIP_NAME)
        return limits_over(limits, LIMIT_ZIP_NAME, err, where,
                           "name: expected at most %d bytes, found %zu", LIMIT_MOST_ZIP_NAME,
                           length);
    if (length == 0 || memchr(name, 0, length))
        return error_at(err, ERROR_MALFORMED, where, "name: expected text, found %s",
                        length ? "a NUL in it" : "nothing");
    if (utf8_valid(text, length) != length)
        return error_at(err, ERROR_MALFORMED, where, "name: expected UTF-8, found byte 0x%02X",
                        name[utf8_valid(text, length)]);
    bool out = text[0] == '/' || text[0] == '\\' || (length > 1 && text[1] == ':');
    for (size_t i = 0; i + 1 < length; i++) {
        bool begins = i == 0 || text[i - 1] == '/' || text[i - 1] == '\\';
        bool ends = i + 2 == length || text[i + 2] == '/' || text[i + 2] == '\\';
        out = out || (begins && ends && text[i] == '.' && text[i + 1] == '.');
    }
    return !out || error_at(err, ERROR_MALFORMED, where,
                            "name: expected one below its folder, found \"%.*s\"",
                            (int)utf8_cut(text, length, 120), text);
}

/* The 64-bit numbers of an entry whose 32-bit ones are full, in their fixed order. */
static bool read_extra64(ZipMember *m, const unsigned char *extra, size_t size, Error *err)
{
    uint64_t *const fields[] = {&m->size, &m->packed, &m->local};
    bool full = m->size == 0xFFFFFFFF || m->packed == 0xFFFFFFFF || m->local == 0xFFFFFFFF;
    for (size_t at = 0; full && at + 4 <= size;) {
        size_t length = (size_t)number_at(extra + at + 2, 2), next = at + 4;
        if (length > size - next)
            break;
        if (number_at(extra + at, 2) == 1) {
            size_t end = next + length;
            for (int i = 0; i < 3; i++) {
                if (*fields[i] != 0xFFFFFFFF)
                    continue;
                if (end - next < 8)
                    return fail_entry(m, err, "zip64: expected sizes of 64 bits, found fewer");
                *fields[i] = number_at(extra + next, 8);
                next += 8;
            }
            return true;
        }
        at = next + length;
    }
    return !full || fail_entry(m, err, "zip64: expected sizes of 64 bits, found none");
}

static bool check_method(const ZipMember *m, Error *err)
{
    char what[120];
    if (m->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
        return fail_entry(m, err, "expected plain content, found it encrypted");
    snprintf(what, sizeof what, "compression: expected stored (0) or deflated (8), found method %u",
             m->method);
    if (m->method != 0 && m->method != METHOD_DEFLATED)
        return fail_entry(m, err, what);
    return m->method != 0 || m->size == m->packed ||
           fail_entry(m, err, "size: expected that of its stored bytes, found another");
}

static bool read_entry(ZipDirectory *d, const unsigned char *p, size_t left, size_t *used,
                       Arena *arena, const LoadLimits *limits, Error *err)
{
    char where[40];
    ZipMember *m = &d->items[d->count];
    snprintf(where, sizeof where, "entry %d", d->count);
    if (left < ENTRY_SIZE || memcmp(p, "PK\1\2", 4) != 0)
        return error_at(err, ERROR_MALFORMED, where, "expected an entry of the directory, found %s",
                        left < ENTRY_SIZE ? "its end" : "other content");
    size_t name = (size_t)number_at(p + 28, 2), extra = (size_t)number_at(p + 30, 2);
    size_t comment = (size_t)number_at(p + 32, 2);
    if (left - ENTRY_SIZE < name + extra + comment)
        return error_at(err, ERROR_MALFORMED, where,
                        "expected an entry inside the directory, found it runs over its end");
    if (!check_name(p + ENTRY_SIZE, name, d->count, limits, err))
        return false;
    *m = (ZipMember){.name = arena_text(arena, (const char *)p + ENTRY_SIZE, name),
                     .flags = (uint16_t)number_at(p + 8, 2),
                     .method = (uint16_t)number_at(p + 10, 2),
                     .crc = (uint32_t)number_at(p + 16, 4),
                     .packed = number_at(p + 20, 4),
                     .size = number_at(p + 24, 4),
                     .local = number_at(p + 42, 4),
                     .index = (uint32_t)d->count};
    if (!m->name)
        return error_memory(err);
    d->count++;
    *used = ENTRY_SIZE + name + extra + comment;
    if (number_at(p + 34, 2) != 0 && number_at(p + 34, 2) != 0xFFFF)
        return fail_entry(m, err, "expected one disk, found several");
    return read_extra64(m, p + ENTRY_SIZE + name, extra, err) && check_method(m, err);
}

/* The header in front of the packed bytes must tell the same story. Its sizes may be left open. */
static bool check_local(ZipMember *m, const File *file, uint64_t end, Error *err)
{
    unsigned char p[LOCAL_SIZE];
    char name[LIMIT_MOST_ZIP_NAME];
    size_t length = strlen(m->name);
    if (m->local > end || end - m->local < LOCAL_SIZE + length)
        return fail_entry(m, err,
                          "offset: expected a place in front of the directory, found it "
                          "behind (possible zip bomb)");
    if (!file_read_at(file, p, sizeof p, m->local, err) ||
        !file_read_at(file, name, length, m->local + LOCAL_SIZE, err))
        return false;
    if (memcmp(p, "PK\3\4", 4) != 0)
        return fail_entry(m, err,
                          "expected its header at its offset, found other content "
                          "(possible zip bomb)");
    const char *odd = NULL;
    uint16_t flags = (uint16_t)number_at(p + 6, 2);
    uint64_t packed = number_at(p + 18, 4), size = number_at(p + 22, 4);
    bool later = (flags & FLAG_DESCRIPTOR) != 0; /* behind the content, or not at all */
    if (number_at(p + 26, 2) != length || memcmp(name, m->name, length) != 0)
        odd = "name";
    else if (number_at(p + 8, 2) != m->method)
        odd = "compression";
    else if (flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
        odd = "encryption";
    else if (number_at(p + 14, 4) != m->crc && !(later && number_at(p + 14, 4) == 0))
        odd = "checksum";
    else if (size != 0xFFFFFFFF && size != m->size && !(later && size == 0))
        odd = "size";
    else if (packed != 0xFFFFFFFF && packed != m->packed && !(later && packed == 0))
        odd = "packed size";
    if (odd) {
        char what[120];
        snprintf(what, sizeof what,
                 "%s: expected that of the directory, found another (possible zip bomb)", odd);
        return fail_entry(m, err, what);
    }
    uint64_t data = m->local + LOCAL_SIZE + length + number_at(p + 28, 2);
    if (data > end || end - data < m->packed)
        return fail_entry(m, err,
                          "expected its bytes in front of the directory, found them run "
                          "over (possible zip bomb)");
    m->end = data + m->packed;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const ZipMember *x = a, *y = b;
    return (x->local > y->local) - (x->local < y->local);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const ZipMember *)a)->name, ((const ZipMember *)b)->name);
}

static int by_index(const void *a, const void *b)
{
    const ZipMember *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* No two members share a byte or a name. */
static bool check_apart(ZipDirectory *d, Error *err)
{
    char what[160];
    size_t count = (size_t)d->count;
    if (count < 2)
        return true;
    qsort(d->items, count, sizeof *d->items, by_place);
    for (size_t i = 1; i < count; i++) {
        if (d->items[i].local >= d->items[i - 1].end)
            continue;
        utf8_format(what, sizeof what,
                    "expected bytes of its own, found those of \"%.60s\" (possible zip bomb)",
                    d->items[i - 1].name);
        return fail_entry(&d->items[i], err, what);
    }
    qsort(d->items, count, sizeof *d->items, by_name);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(d->items[i].name, d->items[i - 1].name) == 0)
            return fail_entry(&d->items[i], err, "expected each name once, found it again");
    }
    qsort(d->items, count, sizeof *d->items, by_index);
    return true;
}

static bool read_entries(ZipDirectory *d, const unsigned char *bytes, const ZipEnd *end,
                         const File *file, Arena *arena, const LoadLimits *limits, Error *err)
{
    size_t at = 0, size = (size_t)end->size;
    for (uint64_t i = 0; i < end->entries; i++) {
        size_t used = 0;
        if (!read_entry(d, bytes + at, size - at, &used, arena, limits, err))
            return false;
        at += used;
    }
    if (at != size)
        return fail_byte(end->offset + at, "directory", err,
                         "expected the end of the directory, found more of it");
    for (int i = 0; i < d->count; i++) {
        if (!check_local(&d->items[i], file, end->offset, err))
            return false;
    }
    return check_apart(d, err);
}

bool zip_directory_read(ZipDirectory *out, const File *file, Arena *arena, const LoadLimits *limits,
                        Error *err)
{
    ZipEnd end;
    uint64_t most = limits_value(limits, LIMIT_ZIP_ENTRIES);
    *out = (ZipDirectory){0};
    if (!read_end(file, &end, err))
        return false;
    if (end.entries > most)
        return limits_over(limits, LIMIT_ZIP_ENTRIES, err, "directory",
                           "entries: expected at most %llu, found %llu", (unsigned long long)most,
                           (unsigned long long)end.entries);
    if (end.size > LIMIT_MOST_ZIP_DIRECTORY)
        return limits_over(limits, LIMIT_ZIP_DIRECTORY, err, "directory",
                           "expected at most %d bytes, found %llu", LIMIT_MOST_ZIP_DIRECTORY,
                           (unsigned long long)end.size);
    unsigned char *bytes = mem_alloc((size_t)end.size + 1);
    out->items = mem_zero((size_t)end.entries + 1, sizeof *out->items);
    bool ok = (bytes && out->items) || error_memory(err);
    ok = ok && file_read_at(file, bytes, (size_t)end.size, end.offset, err) &&
         read_entries(out, bytes, &end, file, arena, limits, err);
    mem_free(bytes);
    if (!ok)
        zip_directory_free(out);
    return ok;
}

void zip_directory_free(ZipDirectory *directory)
{
    mem_free(directory->items);
    *directory = (ZipDirectory){0};
}
