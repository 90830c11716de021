#include "load/load_json.h"
#include "load/json_string.h"
#include "image/jpeg.h"
#include "base/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Does a link lead out of the folder? What is not there cannot be told: opening it names that. */
static bool leads_out(const char *folder, const char *path)
{
    char inside[PATH_MAX], place[PATH_MAX];
    if (!realpath(folder, inside) || !realpath(path, place))
        return false;
    size_t n = strlen(inside);
    if (n > 0 && inside[n - 1] == '/')
        n--; /* the root */
    return strncmp(place, inside, n) != 0 || place[n] != '/';
}

bool reader_path(Reader *r, const cJSON *item, const char **name, char *path, size_t cap)
{
    char folder[4096];
    size_t mark = reader_key(r, "file");
    if (!cJSON_IsString(item))
        return reader_expected(r, item, "the name of a file");
    *name = json_text(r->tree, item, &r->doc->arena);
    if (!*name)
        return error_memory(r->err);
    if (!path_stays_inside(*name))
        return reader_fail(r, item, "expected a file in the document's folder, found \"%.120s\"",
                           *name);
    if (!path_dir(folder, sizeof folder, r->doc->path) || !path_join(path, cap, folder, *name))
        return reader_fail(r, item, "expected a shorter path, found %zu bytes", strlen(*name));
    if (leads_out(folder, path))
        return reader_fail(r, item,
                           "expected a file in the document's folder, found \"%.120s\", "
                           "a link out of it",
                           *name);
    reader_up(r, mark);
    return true;
}

/* Room for one more in a table of the arena that doubles as it grows. */
static void *grow(Reader *r, void *table, int count, int *cap, size_t size)
{
    if (count < *cap)
        return table;
    int more = *cap ? *cap * 2 : 16;
    void *now = reader_alloc(r, (size_t)more, size);
    if (!now)
        return NULL;
    if (count)
        memcpy(now, table, (size_t)count * size);
    *cap = more;
    return now;
}

bool reader_note_file(Reader *r, const char *path, int *index)
{
    Document *doc = r->doc;
    for (*index = 0; *index < doc->file_count; ++*index) {
        if (strcmp(doc->files[*index], path) == 0)
            return true;
    }
    const char **files = grow(r, doc->files, doc->file_count, &r->file_cap, sizeof *files);
    if (!files)
        return false;
    doc->files = files;
    const char *copy = arena_text(&doc->arena, path, strlen(path));
    if (!copy)
        return error_memory(r->err);
    doc->files[doc->file_count++] = copy;
    return true;
}

bool reader_note_reference(Reader *r, const cJSON *object, const NumbersRef *ref, int file)
{
    Document *doc = r->doc;
    DocReference *list =
        grow(r, doc->references, doc->reference_count, &r->reference_cap, sizeof *list);
    if (!list)
        return false;
    doc->references = list;
    size_t from = json_from(r->tree, object);
    DocReference *out = &list[doc->reference_count++];
    *out = (DocReference){.from = from,
                          .to = json_value_end(r->tree->text, from),
                          .tensor = ref->tensor,
                          .offset = ref->offset,
                          .ndim = ref->ndim,
                          .file = file};
    memcpy(out->shape, ref->shape, sizeof out->shape);
    return true;
}

static bool take_picture(Reader *r, const cJSON *item, const Buf *bytes, const char *name,
                         DocImage *image)
{
    if (!image_decode(bytes->data, bytes->size, &image->image, &image->damaged, r->err))
        return error_within(r->err, "%s%s%.60s", r->path, name[0] ? ": " : "", name);
    if (image->damaged && r->request->strict)
        return reader_fail(r, item,
                           "picture: expected a whole one, found it damaged, part missing");
    if (image->damaged && !reader_warn(r, "%s: the picture is damaged, part missing", r->path))
        return false;
    uint64_t size = (uint64_t)image->image.w * (uint64_t)image->image.h * sizeof(Color);
    if (size > r->memory)
        return reader_over(r, item, LIMIT_MEMORY, "memory: expected at most %llu bytes, found %llu",
                           (unsigned long long)r->memory, (unsigned long long)size);
    r->memory -= size;
    return true;
}

static bool picture_of_file(Reader *r, const cJSON *object, DocImage *image)
{
    char path[4096];
    Buf bytes;
    int file = 0;
    const cJSON *item = reader_member(object, "file");
    if (!reader_path(r, item, &image->file, path, sizeof path) ||
        !reader_note_file(r, path, &file) ||
        !reader_note_reference(r, object, &(NumbersRef){.tensor = -1}, file))
        return false;
    buf_init(&bytes, BUF_NO_LIMIT);
    bool ok = limits_read_file(&r->request->limits, LIMIT_PICTURE_BYTES, path, r->request->cancel,
                               &bytes, NULL, r->err);
    if (!ok)
        error_within(r->err, "%s: %.60s", r->path, image->file);
    ok = ok && take_picture(r, item, &bytes, image->file, image);
    buf_free(&bytes);
    return ok;
}

/* The bytes of a PNG or JPEG in the document itself: what a picture becomes when the document
 * moves. */
static bool picture_of_text(Reader *r, const cJSON *item, DocImage *image)
{
    Buf bytes;
    size_t mark = reader_key(r, "base64"), bad = 0;
    if (!cJSON_IsString(item))
        return reader_expected(r, item, "text");
    size_t from = json_from(r->tree, item), length = json_string_end(r->tree->text, from) - from;
    buf_init(&bytes, BUF_NO_LIMIT);
    /* Decoded in place: bytes are never more than their digits. */
    bool ok = buf_reserve(&bytes, length) || buf_ok(&bytes, r->err);
    if (ok) {
        size_t digits = json_string_decode(r->tree->text, from, bytes.data, NULL);
        int64_t size = base64_decode(bytes.data, digits, bytes.data, digits, &bad);
        if (size < 0) {
            /* What is decoded never overtakes the digits, so the wrong one still stands there. */
            char found[JSON_FOUND_SIZE];
            json_found(bytes.data, digits, bad, found);
            ok = reader_fail_as(r, ERROR_MALFORMED, from + 1 + bad,
                                "base64: expected A-Z a-z 0-9 + / or =, found %s", found);
        } else {
            bytes.size = (size_t)size;
        }
    }
    ok = ok && take_picture(r, item, &bytes, "", image);
    buf_free(&bytes);
    reader_up(r, mark);
    return ok;
}

static bool picture_axis(Reader *r, const cJSON *object, DocImage *image)
{
    static const char *const names[] = {"both", "queries", "keys", NULL};
    int axis = IMAGE_BOTH;
    if (!reader_choice(r, object, "axis", names, "queries, keys or both", &axis))
        return false;
    image->axis = (ImageAxis)axis;
    return true;
}

bool reader_image(Reader *r, const cJSON *doc, DocImage *image)
{
    const cJSON *object = reader_member(doc, "image");
    image->file = "";
    if (!object)
        return true;
    size_t mark = reader_key(r, "image");
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object");
    if (!reader_count(r, object, "rows", LIMIT_MOST_PATCHES, &image->rows) ||
        !reader_count(r, object, "cols", LIMIT_MOST_PATCHES, &image->cols) ||
        !reader_texts(r, object, "special", &image->special, &image->special_count) ||
        !picture_axis(r, object, image))
        return false;
    const cJSON *text = reader_member(object, "base64");
    if (reader_member(object, "file") ? !picture_of_file(r, object, image)
                                      : text && !picture_of_text(r, text, image))
        return false;
    image->present = true;
    reader_up(r, mark);
    return true;
}
