/* Saving: the document is written beside the old file, which is whole until the new one is; on a
 * thread of its own, with progress and cancel, where that may take longer than a frame. Nothing
 * else is used meanwhile: it is this document with these settings that is written.
 */
#include "app/state.h"

#include "base/mem.h"
#include "load/convert.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREAD_FROM_BYTES (1u << 20)

struct Saving {
    pthread_t thread;
    bool threaded;
    atomic_bool done, cancel;
    atomic_ullong at, all; /* of what is read again, then of what is written */
    atomic_bool writing;
    char path[1024];
    Document *doc; /* that of the window */
    bool foreign;
    LoadRequest request;
    Settings settings; /* that are written with it */
    Arena arena;
    DocSetting *list;
    int count;
    Buf notes; /* lines, each ended by a line feed */
    double started;
    bool ok;
    Error err;
};

/* ---- where to ---------------------------------------------------------------- */

/* Where a file is, or would be written: links and ".." are followed as the system does. */
static bool real_place(const char *path, char out[PATH_MAX])
{
    char folder[1024];
    return realpath(path, out) || (path_dir(folder, sizeof folder, path) && realpath(folder, out));
}

bool app_is_example(const App *app, const char *path)
{
    char folder[PATH_MAX], place[PATH_MAX];
    if (!app->options.examples || !realpath(app->options.examples, folder) ||
        !real_place(path, place))
        return false;
    size_t n = strlen(folder);
    return strncmp(place, folder, n) == 0 && (place[n] == '/' || place[n] == 0);
}

/* Did another program write what a save would replace? Asked about once for each such file. */
static bool must_ask(App *app, const char *path)
{
    FileStamp now;
    const char *own = app->scope.doc.path;
    if ((strcmp(path, own) != 0 && !file_same(path, own)) || !file_stamp(path, &now) ||
        file_stamp_equal(&now, &app->disk_stamp) || file_stamp_equal(&now, &app->replace_stamp))
        return false;
    app->replace_stamp = now;
    app->changed_on_disk = true;
    app_notice(app, false, NULL, "The file changed on disk: save again to replace it");
    return true;
}

/* ---- the writing, on whatever thread ------------------------------------------ */

static void note_left_out(void *context, const char *line)
{
    Saving *s = context;
    buf_printf(&s->notes, "%s\n", line);
}

static void note_read(void *context, uint64_t done, uint64_t total)
{
    Saving *s = context;
    atomic_store(&s->at, done);
    atomic_store(&s->all, total);
}

static bool note_written(void *context, int done, int total)
{
    Saving *s = context;
    atomic_store(&s->writing, true);
    atomic_store(&s->at, (unsigned long long)done);
    atomic_store(&s->all, (unsigned long long)total);
    return !atomic_load(&s->cancel);
}

/* What another program wrote becomes a document of ours. */
static bool save_foreign(Saving *s)
{
    static const DocSetting none = {"", ""};
    ConvertPlan plan = convert_plan();
    Document again;
    plan.note = note_left_out;
    plan.progress = note_written;
    plan.context = s;
    plan.settings = s->count > 0 ? s->list : &none;
    plan.setting_count = s->count;
    if (!s->doc->corpus.self)
        return convert_document(s->doc, CONVERT_ATTN, &plan, s->path, &s->err);
    /* Going through all sentences would take away the one that is shown. */
    document_init(&again);
    bool ok = load_document(&again, &s->request, &s->err) &&
              convert_document(&again, CONVERT_ATTN, &plan, s->path, &s->err);
    document_free(&again);
    return ok;
}

static void *save_on_thread(void *context)
{
    Saving *s = context;
    s->ok =
        s->foreign ? save_foreign(s) : save_document(s->doc, s->list, s->count, s->path, &s->err);
    atomic_store(&s->done, true);
    return NULL;
}

static bool may_take_long(const Document *doc)
{
    uint64_t bytes = doc->source.size;
    for (int i = 0; i < doc->tensor_count; i++)
        bytes += (uint64_t)doc->tensors[i].count * dtype_size(doc->tensors[i].dtype);
    return doc->corpus.self || bytes >= THREAD_FROM_BYTES;
}

/* ---- the outcome -------------------------------------------------------------- */

static void saving_free(Saving *s)
{
    arena_free(&s->arena);
    buf_free(&s->notes);
    mem_free(s);
}

static void tell_notes(App *app, Saving *s)
{
    const char *line = buf_string(&s->notes);
    for (const char *end; line && (end = strchr(line, '\n')) != NULL; line = end + 1)
        app_notice(app, false, NULL, "%.*s", (int)(end - line), line);
}

static bool saving_finish(App *app, Saving *s)
{
    bool ok = s->ok;
    tell_notes(app, s);
    if (!ok && s->err.kind != ERROR_CANCELLED)
        app_notice_error(app, &s->err, s->path);
    if (ok && strcmp(s->path, app->scope.doc.path) != 0) {
        /* The document now lives there: reading it back also proves that it can be read. */
        const char *path = s->path;
        OpenWish wish = {
            .paths = &path, .count = 1, .keep = KEEP_HISTORY, .settings = &s->settings};
        opening_begin(app, &wish, NULL);
    }
    if (ok) {
        app->saved = s->settings;
        app->disk_mark = documents_mark(&app->scope.doc);
        file_stamp(app->scope.doc.path, &app->disk_stamp);
        app->changed_on_disk = false;
        snprintf(app->copied, sizeof app->copied, "saved");
        app->copied_until = app->input.time + 3;
    }
    saving_free(s);
    return ok;
}

void saving_look(App *app)
{
    Saving *s = app->saving;
    if (!s || !atomic_load(&s->done))
        return;
    pthread_join(s->thread, NULL);
    app->saving = NULL;
    saving_finish(app, s);
}

/* Who closes the window just after saving wants it saved. */
void saving_end(App *app)
{
    Saving *s = app->saving;
    if (!s)
        return;
    pthread_join(s->thread, NULL);
    app->saving = NULL;
    saving_free(s);
}

/* ---- beginning ---------------------------------------------------------------- */

static Saving *saving_new(App *app, const char *path)
{
    Saving *s = mem_zero(1, sizeof *s);
    if (!s)
        return NULL;
    arena_init(&s->arena);
    buf_init(&s->notes, BUF_NO_LIMIT);
    snprintf(s->path, sizeof s->path, "%s", path);
    s->doc = &app->scope.doc;
    s->foreign = s->doc->source.size == 0;
    s->settings = app->settings;
    s->started = app->input.time;
    s->request = documents_request(app, s->doc->path);
    s->request.origin = s->doc->origin;
    s->request.progress = note_read;
    s->request.context = s;
    s->request.cancel = &s->cancel;
    s->count = settings_changed(&app->settings, &s->arena, &s->list);
    if (s->count >= 0)
        return s;
    saving_free(s);
    return NULL;
}

/* Why it is not even tried; a notice says so. */
static bool refused(App *app, const char *path)
{
    const Document *doc = &app->scope.doc;
    const char *input = document_input(doc, path);
    bool foreign = doc->source.size == 0;
    if (input && (foreign || input != doc->path)) {
        app_notice(app, false, NULL, "%s %s and stays as it is: save under another name.",
                   path_base(path), foreign ? "is of another program" : "holds its numbers");
        return true;
    }
    if (app_is_example(app, path)) {
        app_notice(app, false, NULL,
                   "The examples stay as they are: save it in a folder of your own.");
        return true;
    }
    return must_ask(app, path);
}

bool app_save(App *app, const char *path)
{
    if (app->saving || refused(app, path))
        return false;
    Saving *s = saving_new(app, path);
    if (!s) {
        Error memory = {0};
        error_memory(&memory);
        app_notice_error(app, &memory, path);
        return false;
    }
    if (app->options.background && may_take_long(s->doc)) {
        documents_stop(app); /* another document in its place would take it away */
        if (pthread_create(&s->thread, NULL, save_on_thread, s) == 0) {
            app->saving = s;
            return true;
        }
    }
    save_on_thread(s);
    return saving_finish(app, s);
}

/* ---- its progress -------------------------------------------------------------- */

/* Reading it again is the first half of writing what is read on demand. */
static double progress(const Saving *s)
{
    unsigned long long at = atomic_load(&s->at), all = atomic_load(&s->all);
    double part = all > 0 ? (double)at / (double)all : 0;
    if (!s->doc->corpus.self)
        return part;
    return atomic_load(&s->writing) ? 0.5 + part / 2 : part / 2;
}

void saving_frame(App *app)
{
    Saving *s = app->saving;
    if (!s)
        return;
    const Theme *t = app->kit.theme;
    Vec2 size = ui_size(app->ui);
    float u = t->unit, w = fminf(480 * u, size.x - 24), h = floorf(52 * u);
    Rect box = {floorf((size.x - w) / 2), floorf((size.y - h) / 2), w, h};
    bool shown = app->input.time - s->started >= PROGRESS_AFTER, cancel = false;
    char text[300];
    utf8_format(text, sizeof text, "Saving %.200s", path_base(s->path));
    if (!shown)
        box = rect(-1, -1, 0, 0);
    ui_modal_begin(app->ui, "saving", box);
    if (shown && s->foreign)
        cancel = ui_progress(app->ui, "progress", text, progress(s),
                             rect(box.x + 12, box.y + 6 * u, box.w - 24, h - 12 * u));
    else if (shown) /* in one piece, which is soon there */
        text_label(ui_list(app->ui), &app->kit, rect_inset(box, 12), text, t->text1);
    if (app->input.key == KEY_ESCAPE) {
        ui_take_key(app->ui);
        cancel = s->foreign;
    }
    ui_modal_end(app->ui);
    if (cancel)
        atomic_store(&s->cancel, true);
}
