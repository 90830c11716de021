/* The door: the files that were given, as one document. */
#include "load/tensors.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { DOUBT_MOST = 130, TOLD_LEAST = 60, NOTES_MOST = 400, NAMES_MOST = 200 };

/* "q [2, 5, 8], words [5]" */
static void describe(const TensorList *list, char *out, size_t cap)
{
    out[0] = '\0';
    for (int i = 0; i < list->count; i++) {
        const TensorItem *t = &list->items[i];
        char shape[80];
        size_t used = strlen(out);
        if (i > 0 && used + 70 > cap) {
            utf8_format(out + used, cap - used, ", … (%d arrays)", list->count);
            return;
        }
        numbers_shape(t->shape, t->ndim, shape, sizeof shape);
        utf8_format(out + used, cap - used, "%s%.60s %s%s%.64s%s", i ? ", " : "",
                    tensors_name(list, i), shape, t->why[0] ? " (" : "", t->why,
                    t->why[0] ? ")" : "");
    }
}

/* No --map could help. */
static bool tell_useless(const TensorList *list, Error *err)
{
    char told[sizeof err->what - 80];
    bool objects = false;
    describe(list, told, sizeof told);
    for (int i = 0; i < list->count; i++)
        objects = objects || strstr(list->items[i].why, "pickle");
    return error_set(
        err, ERROR_MALFORMED, "arrays: expected numbers with rows and columns, found %s%s",
        list->count ? told : "none", objects ? "; save plain arrays: np.stack, or one each" : "");
}

static bool tell_doubt(const TensorList *list, const TensorMap *map, Error *err)
{
    char told[sizeof err->what];
    bool any = false;
    Buf ask;
    for (int i = 0; i < list->count; i++)
        any = any || (list->items[i].numbers && list->items[i].ndim >= 2);
    if (!any)
        return tell_useless(list, err);
    buf_init(&ask, BUF_NO_LIMIT);
    bool ok = tensors_ask(list, map, &ask, err);
    size_t taken = utf8_cut(map->doubt, strlen(map->doubt), DOUBT_MOST) + ask.size + 10;
    size_t room = taken + TOLD_LEAST < sizeof told ? sizeof told - taken : TOLD_LEAST;
    describe(list, told, room);
    ok = ok && error_set(err, ERROR_USAGE, "%.*s: found %s%s",
                         (int)utf8_cut(map->doubt, strlen(map->doubt), DOUBT_MOST), map->doubt,
                         told, buf_string(&ask));
    buf_free(&ask);
    return ok;
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

static bool is_used(const TensorList *list, const TensorMap *map, int item)
{
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        bool series = tensors_is_series(map, (TensorRole)role);
        for (int i = 0; series && i < map->layer_count; i++) {
            if (map->layers[role][i] == item)
                return true;
        }
        if (map->item[role] == item)
            return true;
    }
    return list->items[item].source == TENSOR_LINES;
}

/* "not used: input_ids, hidden_states" */
static void name_unused(const TensorList *list, const TensorMap *map, Buf *out)
{
    int count = 0;
    for (int i = 0; i < list->count; i++) {
        const TensorItem *t = &list->items[i];
        if (is_used(list, map, i))
            continue;
        if (out->size > NAMES_MOST) {
            buf_text(out, ", …");
            return;
        }
        buf_printf(out, "%s%.60s", count++ ? ", " : "; not used: ", tensors_name(list, i));
        if (t->why[0])
            buf_printf(out, " (%s)", t->why);
    }
}

/* Which array is what, in the words of --map, and what there is besides. */
static bool note_map(Document *doc, const TensorList *list, TensorMap *map, Error *err)
{
    char text[NOTES_MOST];
    const DocReading *reading = doc->sentences[0].reading;
    Buf notes;
    map->transpose = reading && reading->rows_are_keys;
    tensors_map_text(list, map, text, sizeof text);
    buf_init(&notes, BUF_NO_LIMIT);
    buf_printf(&notes, "arrays: %s", text);
    name_unused(list, map, &notes);
    bool ok = buf_ok(&notes, err);
    doc->notes = ok ? arena_text(&doc->arena, notes.data, notes.size) : NULL;
    buf_free(&notes);
    return ok && (doc->notes || error_memory(err));
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
    ok = ok && tensors_document(doc, list, map, request, err) && note_map(doc, list, map, err);
    mem_free(map);
    return ok;
}

static bool note_file(Document *doc, const char *file, Error *err)
{
    const char *path = arena_text(&doc->arena, file, strlen(file));
    if (!path)
        return error_memory(err);
    doc->files[doc->file_count++] = path;
    return true;
}

/* What else the document was made of: nothing may be saved over it, and a change on disk counts.
 * The items of one file stand together, and shards are in no list of paths. */
static bool note_files(Document *doc, const TensorList *list, const char *const *paths, int count,
                       Error *err)
{
    const char *last = NULL;
    bool ok = true;
    doc->files = arena_alloc(&doc->arena, (size_t)count + (size_t)list->count, sizeof *doc->files);
    if (!doc->files)
        return error_memory(err);
    for (int i = 1; ok && i < count; i++)
        ok = note_file(doc, paths[i], err);
    for (int i = 0; ok && i < list->count; i++) {
        const char *file = list->items[i].file;
        bool given = file == last;
        for (int k = 0; !given && k < count; k++)
            given = strcmp(file, paths[k]) == 0;
        ok = given || note_file(doc, file, err);
        last = file;
    }
    return ok;
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
    ok = ok && note_files(doc, &list, paths, count, err) && read_list(doc, request, &list, err);
    tensors_free(&list);
    mem_free(paths);
    return ok;
}
