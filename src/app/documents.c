/* Documents: opened (large ones on a thread of their own, with progress and cancel), reloaded,
 * saved, watched on disk. The open document changes only when another one is whole.
 */
#include "app/state.h"

#include "base/hash.h"
#include "base/mem.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A smaller file is read before the next frame would be due; a thread would only cost a flicker. */
#define THREAD_FROM_BYTES (4u << 20)
#define PROGRESS_AFTER    0.3 /* seconds; look.md §8 */

/* What the document is shown with: its own settings, given ones, or those at the moment it is
 * whole. */
typedef enum { KEEP_NOTHING, KEEP_SETTINGS, KEEP_PRESENT } Keep;

struct Opening {
    pthread_t thread;
    atomic_bool done, cancel;
    atomic_ullong bytes, total;
    LoadRequest request;
    char path[1024];
    Document doc;
    Error err;
    bool ok;
    Keep keep;
    Settings settings; /* that the document is to be shown with */
    double started;
};

LoadRequest documents_request(const App *app, const char *path)
{
    return (LoadRequest){.path = path,
                         .limits = app->options.limits,
                         .allow_nan = app->options.allow_nan,
                         .allow_trailing = app->options.allow_trailing,
                         .strict = app->options.strict};
}

void app_apply_overrides(App *app)
{
    for (int i = 0; i < app->options.override_count; i++) {
        Error err = {0};
        if (!settings_assign(&app->settings, app->options.overrides[i], &err))
            app_notice_error(app, &err, NULL);
    }
}

/* Settings that a freshly opened document starts from: the person's own (theme, panels) are kept.
 * What is wrong with them is told where they are to be used. */
static Settings opening_settings(App *app, bool tell)
{
    Settings fresh = settings_default();
    scope_settings(&app->scope, &fresh, tell ? app_warn : NULL, app);
    settings_copy_flagged(&fresh, &app->settings, FIELD_NO_SAVE);
    for (int i = 0; i < app->options.override_count; i++) {
        Error err = {0};
        if (!settings_assign(&fresh, app->options.overrides[i], &err) && tell)
            app_notice_error(app, &err, NULL);
    }
    scope_clamp(&app->scope, &fresh);
    return fresh;
}

/* What the document's files look like on disk now: another number when one of them changed. */
static uint64_t disk_mark(const Document *doc)
{
    char folder[1024], path[1024];
    uint64_t mark = HASH_SEED;
    for (int i = -1; i < doc->file_count; i++) {
        FileStamp stamp = {0};
        const char *name = i < 0 ? doc->path : doc->files[i];
        if (i < 0)
            snprintf(path, sizeof path, "%s", name);
        else if (!path_dir(folder, sizeof folder, doc->path) ||
                 !path_join(path, sizeof path, folder, name))
            continue;
        file_stamp(path, &stamp);
        uint64_t parts[] = {stamp.size, stamp.inode, (uint64_t)stamp.mtime_ns, stamp.present};
        mark = hash_bytes(mark, parts, sizeof parts);
    }
    return mark;
}

static void look_at_disk(App *app)
{
    const Document *doc = &app->scope.doc;
    if (!app->scope.open || app->changed_on_disk || !doc->path || !doc->path[0] ||
        app->input.time - app->disk_checked < DISK_LOOK_SECONDS)
        return;
    app->disk_checked = app->input.time;
    uint64_t now = disk_mark(doc);
    app->changed_on_disk = now != app->disk_mark;
    app->disk_mark = now;
}

static void document_opened(App *app, Keep keep, const Settings *settings)
{
    Document *doc = &app->scope.doc;
    char summary[96];
    app->saved = opening_settings(app, keep == KEEP_NOTHING);
    if (keep == KEEP_SETTINGS)
        app->settings = *settings;
    else if (keep == KEEP_NOTHING)
        app->settings = app->saved;
    scope_clamp(&app->scope, &app->settings);
    history_reset(&app->history, &app->settings);
    app->hover = (Focus){-1, -1, -1, -1, 0, false};
    app->filter[0] = 0;
    app->changed_on_disk = app->crash_offer = false;
    app->disk_mark = disk_mark(doc);
    app->disk_stamp = app->replace_stamp = doc->stamp;
    app->focused_pane = 0;
    app->panes[0].scroll = app->panes[1].scroll = 0;
    app->panes[0].drawn = app->panes[1].drawn = false; /* their scenes lent from the old one */
    app->updated_error[0] = 0;
    for (int i = 0; i < doc->warning_count && i < NOTICE_SHOWN; i++)
        app_notice(app, false, NULL, "%s: %s", path_base(doc->path), doc->warnings[i]);
    scope_summary(doc, summary, sizeof summary);
    if (doc->path && doc->path[0])
        session_recent(&app->session, doc->path, summary);
}

/* ---- on a thread ---------------------------------------------------------- */

static void note_progress(void *context, uint64_t done, uint64_t total)
{
    Opening *o = context;
    atomic_store(&o->bytes, done);
    atomic_store(&o->total, total);
}

static void *load_on_thread(void *context)
{
    Opening *o = context;
    o->ok = load_document(&o->doc, &o->request, &o->err);
    atomic_store(&o->done, true);
    return NULL;
}

bool documents_large(const char *path)
{
    FileStamp stamp;
    return file_stamp(path, &stamp) && stamp.present && stamp.size >= THREAD_FROM_BYTES;
}

static bool start_thread(App *app, const char *path, Keep keep, const Settings *settings)
{
    Opening *o = mem_zero(1, sizeof *o);
    if (!o)
        return false;
    snprintf(o->path, sizeof o->path, "%s", path);
    o->request = documents_request(app, o->path);
    o->request.progress = note_progress;
    o->request.context = o;
    o->request.cancel = &o->cancel;
    o->keep = keep;
    if (settings)
        o->settings = *settings;
    o->started = app->input.time;
    document_init(&o->doc);
    if (pthread_create(&o->thread, NULL, load_on_thread, o) != 0) {
        mem_free(o);
        return false;
    }
    app->opening = o;
    return true;
}

static void finish_thread(App *app, bool adopt)
{
    Opening *o = app->opening;
    pthread_join(o->thread, NULL);
    app->opening = NULL;
    adopt = adopt && !atomic_load(&o->cancel); /* it may have come too late for the reader */
    if (adopt && o->ok) {
        scope_adopt(&app->scope, &o->doc);
        document_opened(app, o->keep, &o->settings);
    } else if (adopt && o->err.kind != ERROR_CANCELLED) {
        app_notice_error(app, &o->err, path_base(o->path));
    }
    document_free(&o->doc);
    mem_free(o);
}

void documents_stop(App *app)
{
    if (!app->opening)
        return;
    atomic_store(&app->opening->cancel, true);
    finish_thread(app, false);
}

bool documents_busy(const App *app)
{
    return app->opening != NULL;
}

void opening_frame(App *app)
{
    const Opening *o = app->opening;
    const Theme *t = app->kit.theme;
    if (!o || app->input.time - o->started < PROGRESS_AFTER)
        return;
    Vec2 size = ui_size(app->ui);
    unsigned long long total = atomic_load(&o->total), bytes = atomic_load(&o->bytes);
    Rect box = {size.x / 2 - 240, app->layout.status.y - 64, 480, 52};
    char text[300];
    snprintf(text, sizeof text, "Opening %.200s", path_base(o->path));
    draw_rect(ui_list(app->ui), box, 6, t->control);
    draw_frame(ui_list(app->ui), box, 6, 1, t->line2);
    /* Esc takes the most local first: what lies above, then this, then what is locked. */
    bool esc = app->input.key == KEY_ESCAPE && !ui_key_taken(app->ui) && !ui_typing(app->ui) &&
               !app->palette.open && !app->help && app->browser.kind == BROWSER_CLOSED;
    if (esc)
        ui_take_key(app->ui);
    if (ui_progress(app->ui, "opening", text, total > 0 ? (double)bytes / (double)total : 0,
                    rect(box.x + 12, box.y + 6, box.w - 24, 40)) ||
        esc)
        atomic_store(&app->opening->cancel, true);
}

void documents_frame(App *app)
{
    if (app->opening && atomic_load(&app->opening->done))
        finish_thread(app, true);
    look_at_disk(app);
}

/* ---- open, reload, save ------------------------------------------------------ */

static bool open_with(App *app, const char *path, Keep keep, const Settings *settings, Error *err)
{
    char full[1024];
    Error own = {0};
    documents_stop(app); /* the last wish counts */
    if (!path_absolute(full, sizeof full, path))
        snprintf(full, sizeof full, "%s", path);
    if (app->options.background && documents_large(full) && start_thread(app, full, keep, settings))
        return true;
    LoadRequest request = documents_request(app, full);
    if (!scope_open(&app->scope, &request, &own)) {
        app_notice_error(app, &own, path_base(path));
        if (err)
            *err = own;
        return false;
    }
    document_opened(app, keep, settings);
    return true;
}

bool app_open(App *app, const char *path, Error *err)
{
    return open_with(app, path, KEEP_NOTHING, NULL, err);
}

bool app_open_as(App *app, const char *path, const Settings *settings)
{
    Settings wanted = *settings;
    return open_with(app, path, KEEP_SETTINGS, &wanted, NULL);
}

void app_close_document(App *app)
{
    documents_stop(app);
    if (app->scope.open && app->scope.doc.path && app->scope.doc.path[0]) {
        snprintf(app->session.document, sizeof app->session.document, "%s", app->scope.doc.path);
        app->session.settings = app->settings;
    }
    gallery_free(&app->gallery); /* "Continue" is now this document as it was left */
    app->gallery = (Gallery){.chosen = -1};
    scope_close(&app->scope);
    app->panes[0].drawn = app->panes[1].drawn = false;
    app->changed_on_disk = false;
}

bool app_reload(App *app)
{
    char path[1024];
    if (!app->scope.open)
        return false;
    snprintf(path, sizeof path, "%s", app->scope.doc.path);
    app->changed_on_disk = false;
    app->disk_mark = disk_mark(&app->scope.doc);
    return open_with(app, path, KEEP_PRESENT, NULL, NULL); /* new numbers, not other knobs */
}

/* The document now lives at path: reading it back also proves that it can be read. */
static void move_to(App *app, const char *path)
{
    Settings mine = app->settings;
    History *history = mem_alloc(sizeof *history);
    if (history)
        *history = app->history;
    LoadRequest request = documents_request(app, path);
    Error err = {0};
    if (scope_open(&app->scope, &request, &err)) {
        document_opened(app, KEEP_SETTINGS, &mine);
        if (history)
            app->history = *history;
    } else {
        app_notice_error(app, &err, path_base(path));
    }
    mem_free(history);
}

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

bool app_save(App *app, const char *path)
{
    if (app_is_example(app, path)) {
        app_notice(app, false, NULL,
                   "The examples stay as they are: save it in a folder of your own.");
        return false;
    }
    if (must_ask(app, path))
        return false;
    Arena arena;
    DocSetting *list;
    Error err = {0};
    arena_init(&arena);
    int count = settings_changed(&app->settings, &arena, &list);
    bool ok =
        count >= 0 ? save_document(&app->scope.doc, list, count, path, &err) : error_memory(&err);
    arena_free(&arena);
    if (!ok) {
        app_notice_error(app, &err, path);
        return false;
    }
    if (strcmp(path, app->scope.doc.path) != 0)
        move_to(app, path);
    app->saved = app->settings;
    app->disk_mark = disk_mark(&app->scope.doc);
    file_stamp(app->scope.doc.path, &app->disk_stamp);
    app->changed_on_disk = false;
    snprintf(app->copied, sizeof app->copied, "saved");
    app->copied_until = app->input.time + 3;
    return true;
}
