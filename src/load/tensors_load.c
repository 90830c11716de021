/* The door: the files that were given, as one document. */
#include "load/tensors.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_MOST = 170 };

/* "q [2, 5, 8], words [5]" */
static void describe(const TensorList *list, char *out, size_t cap)
{
    out[0] = '\0';
    for (int i = 0; i < list->count; i++) {
        const TensorItem *t = &list->items[i];
        char shape[80];
        size_t used = strlen(out);
        if (used > TOLD_MOST - 50) {
            utf8_format(out + used, cap - used, ", … (%d arrays)", list->count);
            return;
        }
        numbers_shape(t->shape, t->ndim, shape, sizeof shape);
        utf8_format(out + used, cap - used, "%s%.60s %s%s%.40s%s", i ? ", " : "",
                    tensors_name(list, i), shape, t->why[0] ? " (" : "", t->why,
                    t->why[0] ? ")" : "");
    }
}

static bool tell_doubt(const TensorList *list, const TensorMap *map, Error *err)
{
    char told[TOLD_MOST + 120];
    bool any = false;
    describe(list, told, sizeof told);
    for (int i = 0; i < list->count; i++)
        any = any || (list->items[i].numbers && list->items[i].ndim >= 2);
    if (!any) /* no --map could help */
        return error_set(err, ERROR_MALFORMED,
                         "arrays: expected numbers with rows and columns, found %s",
                         list->count ? told : "none");
    return error_set(err, ERROR_USAGE,
                     "%.120s: found %s; say it with --map attention=NAME or --map q=NAME,k=NAME",
                     map->doubt[0] ? map->doubt : "names and shapes do not say what is what", told);
}

static int item_of_file(const TensorList *list, const char *file)
{
    for (int i = 0; file && i < list->count; i++) {
        if (strcmp(list->items[i].file, file) == 0)
            return i;
    }
    return -1;
}

/* --source and --target say which is which. */
static void take_companions(const TensorList *list, const DocOrigin *origin, TensorMap *map)
{
    int source = item_of_file(list, origin->source), target = item_of_file(list, origin->target);
    if (source < 0 && target < 0)
        return;
    map->item[ROLE_TOKENS] = -1;
    map->item[ROLE_KEYS] = source;
    map->item[ROLE_QUERIES] = target;
    if (map->clear)
        tensors_shapes(list, map);
}

static bool read_list(Document *doc, const LoadRequest *request, const TensorList *list, Error *err)
{
    const DocOrigin *origin = &request->origin;
    TensorMap *map = mem_alloc(sizeof *map);
    if (!map)
        return error_memory(err);
    bool ok = true;
    if (origin->map)
        ok = tensors_map(list, origin->map, map, err);
    else
        tensors_guess(list, map);
    if (ok) {
        take_companions(list, origin, map);
        ok = map->clear || tell_doubt(list, map, err);
    }
    ok = ok && tensors_document(doc, list, map, request, err);
    mem_free(map);
    return ok;
}

/* What else the document was made of, for reloading when one of them changes. */
static bool note_files(Document *doc, const char *const *paths, int count, Error *err)
{
    doc->files = arena_alloc(&doc->arena, (size_t)count, sizeof *doc->files);
    if (!doc->files)
        return error_memory(err);
    for (int i = 1; i < count; i++) {
        const char *path = arena_text(&doc->arena, paths[i], strlen(paths[i]));
        if (!path)
            return error_memory(err);
        doc->files[doc->file_count++] = path;
    }
    return true;
}

static const char *format_of(const TensorList *list, const char *path)
{
    static const char *const names[] = {"NumPy array", "NumPy archive", "safetensors",
                                        "safetensors", "text"};
    if (list->count == 0)
        return "arrays";
    size_t length = strlen(path);
    bool index = length > 11 && strcmp(path + length - 11, ".index.json") == 0;
    return index ? "safetensors index" : names[list->items[0].source];
}

bool tensors_load(Document *doc, const LoadRequest *request, Error *err)
{
    const DocOrigin *origin = &request->origin;
    TensorList list;
    int count = 0;
    const char **paths = mem_array((size_t)origin->more_count + 3, sizeof *paths);
    if (!paths)
        return error_memory(err);
    paths[count++] = request->path;
    for (int i = 0; i < origin->more_count; i++)
        paths[count++] = origin->more[i];
    if (origin->source)
        paths[count++] = origin->source;
    if (origin->target)
        paths[count++] = origin->target;
    tensors_init(&list);
    (void)file_stamp(request->path, &doc->stamp);
    bool ok = tensors_list(&list, paths, count, request, err);
    doc->format = format_of(&list, request->path);
    doc->title = "";
    ok = ok && note_files(doc, paths, count, err) && read_list(doc, request, &list, err);
    tensors_free(&list);
    mem_free(paths);
    return ok;
}
