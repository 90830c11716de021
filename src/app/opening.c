/* Opening: files are read into a document beside the open one, which changes only when another is
 * whole; on a thread of their own, with progress and cancel, where that may take longer than a
 * frame.
 */
#include "app/mapping.h"

#include "base/mem.h"
#include "load/sniff.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* A smaller file is read before the next frame would be due; a thread would only cost a flicker. */
#define THREAD_FROM_BYTES (1u << 20)

enum { PATH_BYTES = 1024, FAILURES_TOLD = NOTICE_MAX - 1 };

typedef struct {
    const char *path;
    Error err;
} Failure;

struct Opening {
    Opening *next; /* of those that were cancelled and end by themselves */
    pthread_t thread;
    atomic_bool done, cancel;
    atomic_ullong bytes, total;
    Arena arena; /* of paths and request.origin */
    const char **paths;
    int count;
    LoadRequest request;
    Document doc;
    bool ok;
    Failure failures[FAILURES_TOLD];
    int failed;
    Keep keep;
    Settings settings; /* that the document is to be shown with */
    bool ask;          /* only what its arrays are is wanted, to say which is what */
    double started;
    MappingState *mapping; /* it failed because nobody has said which array is what */
};

/* ---- what is wished -------------------------------------------------------- */

static const char *keep_path(Arena *arena, const char *path)
{
    char full[PATH_BYTES];
    const char *text = path_absolute(full, sizeof full, path) ? full : path;
    return arena_text(arena, text, strlen(text));
}

static bool keep_companion(Arena *arena, const char **path)
{
    return !*path || (*path = keep_path(arena, *path)) != NULL;
}

/* Paths hold wherever the program is started next; what is given beside the first file is more. */
static bool keep_origin(Opening *o, const DocOrigin *from)
{
    static const DocOrigin plain;
    DocOrigin *to = &o->request.origin;
    if (!origin_copy(&o->arena, from ? from : &plain, to) ||
        !keep_companion(&o->arena, &to->source) || !keep_companion(&o->arena, &to->target) ||
        !keep_companion(&o->arena, &to->gold))
        return false;
    size_t all = (size_t)(o->count - 1) + (size_t)to->more_count;
    const char **more = arena_alloc(&o->arena, all + 1, sizeof *more);
    int at = 0;
    if (!more)
        return false;
    for (int i = 1; i < o->count; i++)
        more[at++] = o->paths[i];
    for (int i = 0; i < to->more_count; i++)
        more[at++] = keep_path(&o->arena, to->more[i]);
    for (int i = 0; i < at; i++)
        if (!more[i])
            return false;
    to->more = more;
    to->more_count = at;
    return true;
}

static void opening_free(Opening *o)
{
    mapping_free(o->mapping);
    document_free(&o->doc);
    arena_free(&o->arena);
    mem_free(o);
}

static void note_progress(void *context, uint64_t done, uint64_t total)
{
    Opening *o = context;
    atomic_store(&o->bytes, done);
    atomic_store(&o->total, total);
}

static Opening *opening_new(const App *app, const OpenWish *wish)
{
    Opening *o = mem_zero(1, sizeof *o);
    if (!o)
        return NULL;
    arena_init(&o->arena);
    document_init(&o->doc);
    o->keep = wish->keep;
    o->settings = wish->settings               ? *wish->settings
                  : wish->keep == KEEP_PRESENT ? app->settings
                                               : settings_default();
    o->ask = wish->ask;
    o->started = app->input.time;
    o->count = wish->count;
    o->paths = arena_alloc(&o->arena, (size_t)wish->count, sizeof *o->paths);
    bool ok = o->paths != NULL;
    for (int i = 0; ok && i < wish->count; i++)
        ok = (o->paths[i] = keep_path(&o->arena, wish->paths[i])) != NULL;
    if (ok) {
        o->request = documents_request(app, o->paths[0]);
        o->request.progress = note_progress;
        o->request.context = o;
        o->request.cancel = &o->cancel;
        ok = keep_origin(o, wish->origin);
    }
    if (ok)
        return o;
    opening_free(o);
    return NULL;
}

/* ---- reading ---------------------------------------------------------------- */

static void note_failure(Opening *o, const char *path, const Error *err)
{
    if (o->failed < FAILURES_TOLD)
        o->failures[o->failed] = (Failure){path, *err};
    o->failed++;
}

static int count_ours(const Opening *o)
{
    int ours = 0;
    for (int i = 0; i < o->count; i++)
        ours += strcmp(load_kind(o->paths[i]), "attnscope document") == 0;
    return ours;
}

static void read_apart(Opening *o)
{
    LoadRequest request = o->request;
    request.origin.more_count = 0;
    for (int i = 0; i < o->count && !atomic_load(&o->cancel); i++) {
        Document one;
        Error err = {0};
        document_init(&one);
        request.path = o->paths[i];
        if (!load_document(&one, &request, &err)) {
            note_failure(o, o->paths[i], &err);
            continue;
        }
        document_free(&o->doc);
        o->doc = one;
        o->ok = true;
    }
}

/* NULL: it is no file of arrays, or what they are is no question. */
static MappingState *ask_for_mapping(const Opening *o)
{
    MappingState *m = mapping_new(&o->request, o->paths, o->count, NULL);
    if (!m || !m->map.clear)
        return m;
    mapping_free(m);
    return NULL;
}

/* What the first frame would wait for: the sentence that it shows, and its head as float32. */
static void read_shown(Opening *o)
{
    Document *doc = &o->doc;
    const Settings *s = &o->settings;
    AttnInput shown;
    int at = clampi(s->sentence, 0, doc->sentence_count - 1);
    if (!document_is_read(doc, at)) {
        DocFetch fetch;
        document_fetch_begin(doc, at, &fetch);
        document_fetch(&fetch, &o->cancel);
        document_fetch_end(doc, &fetch, NULL);
    }
    const DocSentence *sentence = &doc->sentences[at];
    if (sentence->layer_count == 0 || sentence->problem || atomic_load(&o->cancel))
        return;
    int layer = clampi(s->layer, 0, sentence->layer_count - 1);
    doc->cancel = &o->cancel;
    document_select(doc, at, layer, clampi(s->head, 0, sentence->layers[layer].head_count - 1),
                    &shown, NULL); /* what it cannot give is told by whoever shows it */
    doc->cancel = NULL;
}

static void read_files(Opening *o)
{
    Error err = {0};
    if (o->ask) {
        o->mapping = mapping_new(&o->request, o->paths, o->count, &err);
        if (!o->mapping)
            note_failure(o, o->paths[0], &err);
        return;
    }
    int ours = o->count > 1 ? count_ours(o) : 0;
    if (ours > 1 && ours == o->count) { /* documents of ours are no parts of each other */
        read_apart(o);
        return;
    }
    o->ok = load_document(&o->doc, &o->request, &err);
    if (o->ok)
        return;
    /* Files that have nothing to do with each other may still be good by themselves. */
    if (err.kind == ERROR_USAGE)
        o->mapping = ask_for_mapping(o);
    if (o->mapping) {
        note_failure(o, o->paths[0], &err);
        return;
    }
    if (o->count > 1 && err.kind != ERROR_CANCELLED && (ours > 0 || err.kind == ERROR_USAGE))
        read_apart(o);
    if (!o->ok && o->failed == 0)
        note_failure(o, o->paths[0], &err);
}

static void *read_on_thread(void *context)
{
    Opening *o = context;
    read_files(o);
    if (o->ok)
        read_shown(o);
    atomic_store(&o->done, true);
    return NULL;
}

bool documents_large(const char *path)
{
    FileStamp stamp;
    return file_stamp(path, &stamp) && stamp.present && stamp.size >= THREAD_FROM_BYTES;
}

/* Pages and archives are larger inside than they look; folders may hold anything. */
static bool may_take_long(const Opening *o)
{
    const DocOrigin *origin = &o->request.origin;
    const char *const files[] = {o->paths[0], origin->source, origin->target, origin->gold};
    DirList list = {0};
    Sniff kind = SNIFF_UNKNOWN;
    if (o->count > 1 || origin->more_count > 0)
        return true;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && documents_large(files[i]))
            return true;
    if (sniff_file(o->paths[0], &kind, NULL))
        return kind == SNIFF_ZIP || kind == SNIFF_HTML;
    bool folder = dir_list(&list, o->paths[0], true, NULL);
    dir_list_free(&list);
    return folder;
}

/* ---- the outcome ------------------------------------------------------------- */

static void tell_failures(App *app, const Opening *o)
{
    if (o->failed > FAILURES_TOLD)
        app_notice(app, true, NULL, "%d more files could not be opened.",
                   o->failed - FAILURES_TOLD);
    for (int i = 0; i < o->failed && i < FAILURES_TOLD; i++) {
        const Failure *f = &o->failures[i];
        char line[700];
        if (f->err.kind == ERROR_CANCELLED)
            continue;
        if (!app->options.allow_nan &&
            strstr(f->err.what, "--allow-nan")) /* in the window: a button */
            snprintf(app->nan_offer, sizeof app->nan_offer, "%s", f->path);
        if (!o->ok) {
            app_notice_error(app, &f->err, path_base(f->path));
            continue;
        }
        error_line(&f->err, path_base(f->path), line, sizeof line);
        app_notice(app, true, NULL, "%s", line);
    }
}

static bool opening_finish(App *app, Opening *o, Error *err)
{
    bool ok = o->ok;
    app->nan_offer[0] = '\0';
    if (!o->mapping)
        tell_failures(app, o);
    else {
        o->mapping->keep = o->keep;
        o->mapping->settings = o->settings;
        mapping_ask(app, o->mapping);
        o->mapping = NULL;
    }
    if (ok) {
        scope_adopt(&app->scope, &o->doc);
        documents_opened(app, o->keep, &o->settings);
    } else if (err && o->failed > 0) {
        *err = o->failures[0].err;
    }
    opening_free(o);
    return ok;
}

/* What was cancelled ends by itself: nobody waits for a disk, or for a reader that is busy. */
void documents_stop(App *app)
{
    Opening *o = app->opening;
    if (!o)
        return;
    atomic_store(&o->cancel, true);
    o->next = app->ending;
    app->ending = o;
    app->opening = NULL;
}

static void free_ended(App *app, bool wait)
{
    for (Opening **at = &app->ending; *at;) {
        Opening *o = *at;
        if (!wait && !atomic_load(&o->done)) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        pthread_join(o->thread, NULL);
        opening_free(o);
    }
}

void documents_end(App *app)
{
    documents_stop(app);
    free_ended(app, true);
}

bool documents_busy(const App *app)
{
    return app->opening != NULL;
}

double opening_wake(const App *app)
{
    /* What is read soon is shown soon. */
    bool fresh = app->opening && app->input.time - app->opening->started < PROGRESS_AFTER;
    return app->input.time + (fresh ? 0.01 : 0.05);
}

void opening_look(App *app)
{
    Opening *o = app->opening;
    free_ended(app, false);
    if (!o || !atomic_load(&o->done))
        return;
    pthread_join(o->thread, NULL);
    app->opening = NULL;
    opening_finish(app, o, NULL);
}

bool opening_begin(App *app, const OpenWish *wish, Error *err)
{
    Opening *o = opening_new(app, wish);
    Error memory = {0};
    documents_stop(app); /* the last wish counts */
    if (!o) {
        error_memory(&memory);
        app_notice_error(app, &memory, path_base(wish->paths[0]));
        return error_memory(err);
    }
    if (app->options.background && may_take_long(o) &&
        pthread_create(&o->thread, NULL, read_on_thread, o) == 0) {
        app->opening = o;
        return true;
    }
    o->request.progress = NULL; /* nobody would see it */
    read_files(o);
    return opening_finish(app, o, err);
}

/* ---- its progress ------------------------------------------------------------- */

void opening_frame(App *app)
{
    const Opening *o = app->opening;
    const Theme *t = app->kit.theme;
    if (!o || app->input.time - o->started < PROGRESS_AFTER)
        return;
    Vec2 size = ui_size(app->ui);
    unsigned long long total = atomic_load(&o->total), bytes = atomic_load(&o->bytes);
    float u = t->unit, w = fminf(480 * u, size.x - 24), h = floorf(52 * u);
    Rect box = {floorf((size.x - w) / 2), app->layout.status.y - h - 12, w, h};
    char text[300];
    if (o->count > 1)
        snprintf(text, sizeof text, "Opening %d files", o->count);
    else
        snprintf(text, sizeof text, "Opening %.200s", path_base(o->paths[0]));
    draw_rect(ui_list(app->ui), box, 6, t->control);
    draw_frame(ui_list(app->ui), box, 6, 1, t->line2);
    /* Esc takes the most local first: what lies above, then this, then what is locked. */
    bool esc = app->input.key == KEY_ESCAPE && !ui_key_taken(app->ui) && !ui_typing(app->ui) &&
               !app_covered(app);
    if (esc)
        ui_take_key(app->ui);
    if (ui_progress(app->ui, "opening", text, total > 0 ? (double)bytes / (double)total : 0,
                    rect(box.x + 12, box.y + 6 * u, box.w - 24, h - 12 * u)) ||
        esc)
        documents_stop(app);
}
