/* Documents: opened, reloaded, watched on disk. Reading them is in opening.c, writing in saving.c.
 */
#include "app/state.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

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

static uint64_t stamp_mark(uint64_t mark, const char *path)
{
    FileStamp stamp = {0};
    file_stamp(path, &stamp);
    uint64_t parts[] = {stamp.size, stamp.inode, (uint64_t)stamp.mtime_ns, stamp.present};
    return hash_bytes(mark, parts, sizeof parts);
}

/* What the document's files look like on disk now: another number when one of them changed. */
uint64_t documents_mark(const Document *doc)
{
    uint64_t mark = HASH_SEED;
    for (int i = 0; i < doc->file_count; i++)
        mark = stamp_mark(mark, doc->files[i]);
    const DocOrigin *o = &doc->origin;
    const char *given[] = {doc->path, o->source, o->target, o->gold};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        mark = given[i] ? stamp_mark(mark, given[i]) : mark;
    for (int i = 0; i < o->more_count; i++)
        mark = stamp_mark(mark, o->more[i]);
    return mark;
}

static void look_at_disk(App *app)
{
    const Document *doc = &app->scope.doc;
    if (!app->scope.open || app->changed_on_disk || !doc->path || !doc->path[0] ||
        app->input.time - app->disk_checked < DISK_LOOK_SECONDS)
        return;
    app->disk_checked = app->input.time;
    uint64_t now = documents_mark(doc);
    app->changed_on_disk = now != app->disk_mark;
    app->disk_mark = now;
}

void documents_opened(App *app, Keep keep, const Settings *settings)
{
    Document *doc = &app->scope.doc;
    char summary[96];
    app->saved = keep == KEEP_HISTORY ? *settings : opening_settings(app, keep == KEEP_NOTHING);
    if (keep == KEEP_SETTINGS)
        app->settings = *settings;
    else if (keep == KEEP_NOTHING)
        app->settings = app->saved;
    scope_clamp(&app->scope, &app->settings);
    if (keep != KEEP_HISTORY)
        history_reset(&app->history, &app->settings);
    app->hover = (Focus){-1, -1, -1, -1, 0, false};
    app->filter[0] = 0;
    app->changed_on_disk = app->crash_offer = false;
    app->disk_mark = documents_mark(doc);
    app->disk_stamp = app->replace_stamp = doc->stamp;
    app->focused_pane = 0;
    app->panes[0].scroll = app->panes[1].scroll = 0;
    app->panes[0].drawn = app->panes[1].drawn = false; /* their scenes lent from the old one */
    app->updated_error[0] = 0;
    for (int i = 0; i < doc->warning_count && i < NOTICE_SHOWN; i++)
        app_notice(app, false, NULL, "%s: %s", path_base(doc->path), doc->warnings[i]);
    scope_summary(doc, summary, sizeof summary);
    if (doc->path && doc->path[0]) {
        session_recent(&app->session, doc->path, summary);
        session_origin_write(&doc->origin, app->session.recent[0].origin, SESSION_ORIGIN);
    }
}

void documents_frame(App *app)
{
    scope_fetch_look(&app->scope);
    if (scope_fetching(&app->scope, NULL) < 0)
        app->fetch_since = 0;
    else if (app->fetch_since == 0)
        app->fetch_since = app->input.time;
    saving_look(app);
    opening_look(app);
    look_at_disk(app);
}

/* ---- open, reload, save ------------------------------------------------------ */

bool app_open_files(App *app, const char *const *paths, int count, const DocOrigin *origin,
                    Error *err)
{
    OpenWish wish = {.paths = paths, .count = count, .origin = origin};
    return count < 1 || opening_begin(app, &wish, err);
}

bool app_open(App *app, const char *path, Error *err)
{
    return app_open_files(app, &path, 1, NULL, err);
}

bool app_open_recent(App *app, const char *path, const char *origin, const Settings *settings)
{
    Settings wanted = settings ? *settings : app->settings;
    char copy[1024]; /* opening it changes the list that lends it */
    const char *paths = copy;
    DocOrigin how;
    Arena arena;
    snprintf(copy, sizeof copy, "%s", path);
    arena_init(&arena);
    session_origin_read(origin, &arena, &how);
    OpenWish wish = {.paths = &paths,
                     .count = 1,
                     .origin = &how,
                     .keep = settings ? KEEP_SETTINGS : KEEP_NOTHING,
                     .settings = &wanted};
    bool ok = opening_begin(app, &wish, NULL);
    arena_free(&arena);
    return ok;
}

void app_close_document(App *app)
{
    documents_stop(app);
    if (app->scope.open && app->scope.doc.path && app->scope.doc.path[0]) {
        snprintf(app->session.document, sizeof app->session.document, "%s", app->scope.doc.path);
        session_origin_write(&app->scope.doc.origin, app->session.origin,
                             sizeof app->session.origin);
        app->session.settings = app->settings;
    }
    gallery_free(&app->gallery); /* "Continue" is now this document as it was left */
    app->gallery = (Gallery){.chosen = -1};
    scope_close(&app->scope);
    app->panes[0].drawn = app->panes[1].drawn = false;
    app->changed_on_disk = false;
}

bool app_reload_as(App *app, const DocOrigin *origin)
{
    if (!app->scope.open)
        return false;
    const char *path = app->scope.doc.path;
    OpenWish wish = {.paths = &path, .count = 1, .origin = origin, .keep = KEEP_PRESENT};
    return opening_begin(app, &wish, NULL); /* new numbers, not other knobs */
}

bool app_reload(App *app)
{
    if (!app->scope.open)
        return false;
    app->changed_on_disk = false;
    app->disk_mark = documents_mark(&app->scope.doc);
    return app_reload_as(app, &app->scope.doc.origin);
}
