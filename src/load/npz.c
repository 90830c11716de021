#include "load/npz.h"
#include "load/npz_directory.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

enum { TAIL_STEP = 64 << 10 };

void npz_init(Npz *npz)
{
    *npz = (Npz){.file = {.fd = -1}};
    arena_init(&npz->arena);
}

void npz_free(Npz *npz)
{
    if (npz->zip)
        zip_discard(npz->zip);
    file_close(&npz->file);
    mem_free(npz->items);
    mem_free(npz->skipped_names);
    arena_free(&npz->arena);
    npz_init(npz);
}

/* A member while it is inflated, from its first byte on. */
typedef struct {
    zip_file_t *file;
    uint64_t done;
    const LoadRequest *request;
} Member;

static bool within(const char *name, Error *err)
{
    return error_within(err, "entry \"%.100s.npy\"", name);
}

static bool member_failed(const Member *m, Error *err)
{
    int code = zip_error_code_zip(zip_file_get_error(m->file));
    if (code == ZIP_ER_MEMORY)
        return error_memory(err);
    if (code == ZIP_ER_READ || code == ZIP_ER_SEEK)
        return error_at(err, ERROR_IO, "data", "cannot be read");
    return error_at(err, ERROR_MALFORMED, "data", "%s",
                    code == ZIP_ER_CRC
                        ? "checksum: expected that of the directory, found another"
                        : "expected content as the directory tells it, found it damaged");
}

/* Exactly size bytes more; also a NumbersSource. */
static bool member_next(void *self, void *out, size_t size, Error *err)
{
    Member *m = self;
    for (size_t have = 0; have < size;) {
        if (m->request->cancel && atomic_load(m->request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        zip_int64_t n = zip_fread(m->file, (char *)out + have, size - have);
        if (n < 0)
            return member_failed(m, err);
        if (n == 0)
            return error_at(
                err, ERROR_MALFORMED, "data", "expected at least %llu bytes, found %llu",
                (unsigned long long)(m->done + size - have), (unsigned long long)m->done);
        have += (size_t)n;
        m->done += (uint64_t)n;
    }
    return true;
}

/* To the size that the directory tells and not a byte further; libzip then compares checksums. */
static bool member_end(Member *m, uint64_t size, Error *err)
{
    char *rest = mem_alloc(TAIL_STEP);
    bool ok = rest || error_memory(err);
    while (ok && m->done < size)
        ok = member_next(m, rest, size - m->done < TAIL_STEP ? (size_t)(size - m->done) : TAIL_STEP,
                         err);
    zip_int64_t more = ok ? zip_fread(m->file, rest, 1) : 0;
    if (more < 0)
        ok = member_failed(m, err);
    if (more > 0)
        ok = error_at(err, ERROR_MALFORMED, "data",
                      "expected %llu bytes, found more (possible zip bomb)",
                      (unsigned long long)size);
    mem_free(rest);
    return ok;
}

static bool member_open(Member *m, const Npz *npz, uint64_t index, Error *err)
{
    *m = (Member){.file = zip_fopen_index(npz->zip, index, 0), .request = &npz->request};
    return m->file || error_set(err, ERROR_MALFORMED, "cannot be unpacked: %s",
                                zip_error_strerror(zip_get_error(npz->zip)));
}

/* The header from the first bytes of a member, which is inflated no further. */
static bool read_header(const Npz *npz, NpzItem *item, Error *err)
{
    Member m;
    char *bytes = NULL;
    size_t need = item->size < 128 ? (size_t)item->size : 128;
    bool ok = member_open(&m, npz, item->index, err);
    item->header.data = 0;
    while (ok && item->header.data == 0) {
        char *more = mem_resize(bytes, need + 1, 1);
        ok = more != NULL || error_memory(err);
        bytes = more ? more : bytes;
        ok = ok && member_next(&m, bytes + m.done, need - (size_t)m.done, err) &&
             npy_header(&item->header, bytes, (size_t)m.done, item->size, &need, err);
    }
    mem_free(bytes);
    if (m.file)
        zip_fclose(m.file);
    return ok;
}

static bool add_item(Npz *npz, const ZipMember *member, Error *err)
{
    NpzItem *item = &npz->items[npz->count];
    char why[120] = "";
    *item = (NpzItem){.name = arena_text(&npz->arena, member->name, strlen(member->name) - 4),
                      .index = member->index,
                      .size = member->size};
    if (!item->name)
        return error_memory(err);
    npz->count++;
    if (!read_header(npz, item, err))
        return within(item->name, err);
    const NpyHeader *h = &item->header;
    const char *unreadable = npy_unreadable(h);
    item->texts = h->kind == NPY_TEXTS_UTF32 || h->kind == NPY_TEXTS_BYTES;
    if (unreadable)
        snprintf(why, sizeof why, "%s (%s)", unreadable, h->descr);
    else if (h->count == 0)
        snprintf(why, sizeof why, "an empty array");
    else if (h->ndim == 0 && !item->texts)
        snprintf(why, sizeof why, "a single number");
    item->readable = !why[0];
    item->why = why[0] ? arena_text(&npz->arena, why, strlen(why)) : "";
    return item->why || error_memory(err);
}

/* Does libzip see the archive that was checked? */
static bool same_archive(const Npz *npz, const ZipDirectory *directory, Error *err)
{
    if (zip_get_num_entries(npz->zip, 0) != directory->count)
        return error_set(err, ERROR_MALFORMED,
                         "directory: expected %d entries, found %lld (possible zip bomb)",
                         directory->count, (long long)zip_get_num_entries(npz->zip, 0));
    for (int i = 0; i < directory->count; i++) {
        const ZipMember *m = &directory->items[i];
        zip_stat_t stat;
        if (zip_stat_index(npz->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW, &stat) != 0 || !stat.name ||
            strcmp(stat.name, m->name) != 0 || stat.size != m->size ||
            stat.comp_size != m->packed || stat.crc != m->crc || stat.comp_method != m->method)
            return error_set(err, ERROR_MALFORMED,
                             "directory: expected one reading of entry %d, found two (possible zip "
                             "bomb)",
                             i);
    }
    return true;
}

static bool open_zip(Npz *npz, Error *err)
{
    int code = 0, fd = dup(npz->file.fd);
    if (fd < 0)
        return error_set(err, ERROR_IO, "cannot be opened: expected a readable file, found \"%s\"",
                         strerror(errno));
    npz->zip = zip_fdopen(fd, 0, &code);
    if (npz->zip)
        return true;
    close(fd);
    zip_error_t why;
    zip_error_init_with_code(&why, code);
    error_set(err, ERROR_MALFORMED, "cannot be opened as a ZIP: %s", zip_error_strerror(&why));
    zip_error_fini(&why);
    return false;
}

static bool is_array(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0;
}

static bool list(Npz *npz, const ZipDirectory *directory, Error *err)
{
    size_t count = (size_t)directory->count;
    const char **skipped = mem_array(count + 1, sizeof *skipped);
    npz->items = mem_array(count + 1, sizeof *npz->items);
    npz->skipped_names = skipped;
    if (!npz->items || !skipped)
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        const ZipMember *m = &directory->items[i];
        if (!is_array(m->name))
            skipped[npz->skipped++] = m->name;
        else if (!add_item(npz, m, err))
            return false;
    }
    return true;
}

bool npz_open(Npz *npz, const char *path, const LoadRequest *request, Error *err)
{
    ZipDirectory directory = {0};
    npz->request = *request;
    bool ok = file_open(&npz->file, path, err) &&
              zip_directory_read(&directory, &npz->file, &npz->arena, &request->limits, err) &&
              open_zip(npz, err) && same_archive(npz, &directory, err) &&
              list(npz, &directory, err) && file_unchanged(&npz->file, err);
    zip_directory_free(&directory);
    return ok;
}

const NpzItem *npz_find(const Npz *npz, const char *name)
{
    for (int i = 0; i < npz->count; i++) {
        if (strcmp(npz->items[i].name, name) == 0)
            return &npz->items[i];
    }
    return NULL;
}

/* Behind the header, after all that the directory says has been looked at. */
static bool open_data(Member *m, const Npz *npz, const NpzItem *item, uint64_t *bytes, Error *err)
{
    char head[256];
    const NpyHeader *h = &item->header;
    if (!npy_size(h, item->size - h->data, npz->request.allow_trailing, bytes, err) ||
        !member_open(m, npz, item->index, err))
        return false;
    while (m->done < h->data) {
        uint64_t left = h->data - m->done;
        if (!member_next(m, head, left < sizeof head ? (size_t)left : sizeof head, err))
            return false;
    }
    return true;
}

bool npz_read_first(const Npz *npz, const NpzItem *item, Numbers *out, uint64_t memory, Error *err)
{
    Member m = {0};
    uint64_t bytes = 0;
    NumbersSource source = {member_next, &m};
    bool ok = npy_is_numbers(&item->header, err) && open_data(&m, npz, item, &bytes, err) &&
              numbers_stream(out, item->header.type, false, &source, &npz->request, memory, err);
    if (m.file)
        zip_fclose(m.file);
    return ok || within(item->name, err);
}

bool npz_read(const Npz *npz, const NpzItem *item, Numbers *out, uint64_t memory, Error *err)
{
    Member m = {0};
    uint64_t bytes = 0;
    NumbersSource source = {member_next, &m};
    const NpyHeader *h = &item->header;
    *out = (Numbers){.ndim = h->ndim};
    memcpy(out->shape, h->shape, sizeof out->shape);
    bool ok = npy_is_numbers(h, err) && open_data(&m, npz, item, &bytes, err) &&
              numbers_stream(out, h->type, h->fortran, &source, &npz->request, memory, err) &&
              member_end(&m, item->size, err) && file_unchanged(&npz->file, err);
    if (m.file)
        zip_fclose(m.file);
    if (ok)
        return true;
    tensor_free(&out->tensor);
    return within(item->name, err);
}

bool npz_texts(const Npz *npz, const NpzItem *item, Arena *arena, const char ***out, int *count,
               Error *err)
{
    Member m = {0};
    uint64_t bytes = 0;
    NumbersSource source = {member_next, &m};
    bool ok = npy_is_texts(&item->header, err) && open_data(&m, npz, item, &bytes, err) &&
              npy_texts_stream(&item->header, &source, bytes, arena, out, err) &&
              member_end(&m, item->size, err) && file_unchanged(&npz->file, err);
    if (m.file)
        zip_fclose(m.file);
    *count = ok ? (int)item->header.count : 0;
    return ok || within(item->name, err);
}
