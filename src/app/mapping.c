/* Which array is what: asked when names and shapes leave it open, or on demand. */
#include "app/mapping.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "load/gather.h"

#include <stdio.h>
#include <string.h>

/* ---- life ------------------------------------------------------------------- */

static void preview_free(Preview *p)
{
    if (!p)
        return;
    atomic_store(&p->cancel, true);
    if (p->threaded)
        pthread_join(p->thread, NULL);
    mem_free(p);
}

void mapping_free(MappingState *m)
{
    if (!m)
        return;
    preview_free(m->preview);
    tensors_free(&m->list);
    arena_free(&m->arena);
    mem_free(m);
}

/* All files that arrays or tokens may be in. */
static bool list_arrays(MappingState *m, const LoadRequest *request, Error *err)
{
    const DocOrigin *o = &request->origin;
    const char **paths = mem_array((size_t)o->more_count + 3, sizeof *paths);
    int count = 0;
    if (!paths)
        return error_memory(err);
    paths[count++] = request->path;
    for (int i = 0; i < o->more_count; i++)
        paths[count++] = o->more[i];
    if (o->source)
        paths[count++] = o->source;
    if (o->target)
        paths[count++] = o->target;
    bool ok = tensors_list(&m->list, paths, count, request, err);
    mem_free(paths);
    return ok;
}

static bool keep_wish(MappingState *m, const LoadRequest *request, const char *const *paths,
                      int count)
{
    m->paths = arena_alloc(&m->arena, (size_t)count, sizeof *m->paths);
    m->count = count;
    bool ok = m->paths != NULL && origin_copy(&m->arena, &request->origin, &m->origin);
    for (int i = 0; ok && i < count; i++)
        ok = (m->paths[i] = arena_text(&m->arena, paths[i], strlen(paths[i]))) != NULL;
    return ok;
}

static int first_numbers(const TensorList *list)
{
    for (int i = 0; i < list->count; i++)
        if (list->items[i].numbers && list->items[i].ndim >= 2)
            return i;
    return -1;
}

MappingState *mapping_new(const LoadRequest *request, const char *const *paths, int count,
                          Error *err)
{
    MappingState *m = mem_zero(1, sizeof *m);
    LoadRequest gathered;
    char explain[400];
    if (!m) {
        error_memory(err);
        return NULL;
    }
    arena_init(&m->arena);
    tensors_init(&m->list);
    bool ok = (keep_wish(m, request, paths, count) || error_memory(err)) &&
              gather_request(request, &gathered, &m->arena, explain, sizeof explain, err) &&
              list_arrays(m, &gathered, err);
    m->chosen = ok ? first_numbers(&m->list) : -1;
    if (ok && m->chosen < 0)
        ok = error_set(err, ERROR_MALFORMED,
                       "arrays: expected one of two dimensions or more, found none");
    if (!ok) {
        mapping_free(m);
        return NULL;
    }
    if (!request->origin.map || !tensors_map(&m->list, request->origin.map, &m->map, NULL))
        tensors_guess(&m->list, &m->map);
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++)
        if (m->map.item[role] >= 0)
            m->chosen = m->map.item[role];
    mapping_judge(m);
    return m;
}

void mapping_ask(App *app, MappingState *m)
{
    mapping_close(app);
    app->mapping = (Mapping){.state = m, .just_opened = true};
}

void mapping_close(App *app)
{
    mapping_free(app->mapping.state);
    app->mapping = (Mapping){.state = NULL};
}

/* ---- what is what ------------------------------------------------------------ */

TensorRole mapping_role(const MappingState *m, int item)
{
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        if (m->map.item[role] == item)
            return (TensorRole)role;
        for (int i = 0; tensors_is_series(&m->map, (TensorRole)role) && i < m->map.layer_count; i++)
            if (m->map.layers[role][i] == item)
                return (TensorRole)role;
    }
    return ROLE_NONE;
}

/* Arrows walk through the roles: one that is only passed by goes back to whom it was taken from. */
static void leave_role(MappingState *m, TensorRole role)
{
    int before = m->taken_from[role] - 1;
    m->taken_from[role] = 0;
    m->map.item[role] = -1;
    if (before >= 0 && mapping_role(m, before) == ROLE_NONE)
        m->map.item[role] = before;
}

/* One array for a role, one role for an array. Tokens of both axes and of one exclude each other.
 */
void mapping_set_role(MappingState *m, int item, TensorRole role)
{
    TensorRole was = mapping_role(m, item);
    if (was != ROLE_NONE)
        leave_role(m, was);
    if (role != ROLE_NONE) {
        m->taken_from[role] = m->map.item[role] + 1;
        m->map.item[role] = item;
    }
    if (role == ROLE_TOKENS)
        m->map.item[ROLE_QUERIES] = m->map.item[ROLE_KEYS] = -1;
    if (role == ROLE_QUERIES || role == ROLE_KEYS)
        m->map.item[ROLE_TOKENS] = -1;
    tensors_shapes(&m->list, &m->map);
    m->replace = false;
    mapping_judge(m);
}

void mapping_judge(MappingState *m)
{
    const int *item = m->map.item;
    Error err = {0};
    m->message[0] = '\0';
    m->wrong = m->saved = false;
    if (item[ROLE_WEIGHTS] < 0 && item[ROLE_SCORES] < 0 && (item[ROLE_Q] < 0 || item[ROLE_K] < 0))
        snprintf(m->message, sizeof m->message,
                 "Choose an array of attention or scores, or both q and k.");
    else if (!tensors_check(&m->list, &m->map, &err)) {
        error_line(&err, NULL, m->message, sizeof m->message);
        m->wrong = true;
    }
}

/* ---- a look into an array ------------------------------------------------------ */

static void *read_preview(void *context)
{
    Preview *p = context;
    Error err = {0};
    const TensorItem *t = &p->list->items[p->item];
    p->rows = p->cols = PREVIEW_SIDE;
    if (!t->numbers)
        snprintf(p->why, sizeof p->why, "%s", t->texts ? "texts" : t->why);
    else if (!tensors_preview(p->list, p->item, p->cells, &p->rows, &p->cols, &p->request, &err))
        error_line(&err, NULL, p->why, sizeof p->why);
    if (p->why[0])
        p->rows = p->cols = 0;
    atomic_store(&p->done, true);
    return NULL;
}

const Preview *mapping_preview(const App *app, MappingState *m)
{
    Preview *p = m->preview;
    if (p && p->item == m->chosen)
        return atomic_load(&p->done) ? p : NULL;
    preview_free(p);
    m->preview = p = mem_zero(1, sizeof *p);
    if (!p)
        return NULL;
    p->list = &m->list;
    p->item = m->chosen;
    p->request = documents_request(app, m->paths[0]);
    p->request.cancel = &p->cancel;
    p->threaded = app->options.background && pthread_create(&p->thread, NULL, read_preview, p) == 0;
    if (!p->threaded)
        read_preview(p);
    return atomic_load(&p->done) ? p : NULL;
}

bool mapping_waits(const MappingState *m)
{
    return m && m->preview && !atomic_load(&m->preview->done);
}

/* ---- what the buttons do ------------------------------------------------------ */

void mapping_open(App *app)
{
    MappingState *m = app->mapping.state;
    char text[MAPPING_TEXT];
    DocOrigin origin = m->origin;
    OpenWish wish = {.paths = m->paths,
                     .count = m->count,
                     .origin = &origin,
                     .keep = m->keep,
                     .settings = &m->settings};
    tensors_map_text(&m->list, &m->map, text, sizeof text);
    origin.map = text;
    /* What is behind --source and --target is in the map now. */
    app->mapping = (Mapping){.state = NULL};
    ui_focus(app->ui, NULL);
    opening_begin(app, &wish, NULL);
    mapping_free(m);
}

/* NAME.attn.json beside NAME.npz. */
static bool place_to_save(const MappingState *m, char *out, size_t cap)
{
    char folder[1024], name[512];
    const char *base = path_base(m->list.items[m->chosen].file);
    const char *dot = strrchr(base, '.');
    int n = snprintf(name, sizeof name, "%.*s.attn.json",
                     dot && dot > base ? (int)(dot - base) : (int)strlen(base), base);
    return n > 0 && (size_t)n < sizeof name &&
           path_dir(folder, sizeof folder, m->list.items[m->chosen].file) &&
           path_join(out, cap, folder, name);
}

void mapping_save(App *app)
{
    MappingState *m = app->mapping.state;
    char path[1024];
    FileStamp there;
    Error err = {0};
    Buf text;
    if (!place_to_save(m, path, sizeof path))
        return;
    if (app_is_example(app, path)) {
        snprintf(m->message, sizeof m->message, "The examples stay as they are.");
        return;
    }
    if (file_stamp(path, &there) && !m->replace) {
        m->replace = true;
        snprintf(m->message, sizeof m->message, "%.200s exists: press again to replace it.",
                 path_base(path));
        return;
    }
    m->replace = m->saved = false;
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = tensors_write_map(&m->list, &m->map, path, &text, &err) && buf_ok(&text, &err) &&
              file_write_atomic(path, text.data, text.size, &err);
    buf_free(&text);
    if (!ok) {
        error_line(&err, NULL, m->message, sizeof m->message);
        m->wrong = true;
        return;
    }
    m->wrong = false;
    m->saved = true; /* told here: the bar below tells nothing while no document is open */
    utf8_format(m->message, sizeof m->message, "Saved as %.200s, beside the data.",
                path_base(path));
}

/* ---- on demand ---------------------------------------------------------------- */

const char *needs_arrays(const App *app)
{
    static const char *const formats[] = {"NumPy array", "NumPy archive", "safetensors",
                                          "safetensors index", NULL};
    if (!app->scope.open)
        return "No document is open.";
    for (int i = 0; formats[i]; i++)
        if (strcmp(app->scope.doc.format, formats[i]) == 0)
            return NULL;
    return "The document is no file of arrays.";
}

void mapping_command(App *app, int a)
{
    const char *path = app->scope.doc.path;
    OpenWish wish = {.paths = &path,
                     .count = 1,
                     .origin = &app->scope.doc.origin,
                     .keep = KEEP_PRESENT,
                     .ask = true};
    (void)a;
    app->reading = false;
    opening_begin(app, &wish, NULL);
}
