#include "app/state.h"

#include "app/commands.h"
#include "app/mapping.h"
#include "base/index_set.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { AUTOSAVE_SECONDS = 1 };

/* ---- notices ------------------------------------------------------------ */

void app_notice(App *app, bool error, const char *more, const char *fmt, ...)
{
    Notices *n = &app->notices;
    Notice fresh = {.error = error};
    va_list args;
    va_start(args, fmt);
    utf8_vformat(fresh.text, sizeof fresh.text, fmt, args);
    va_end(args);
    utf8_format(fresh.more, sizeof fresh.more, "%s", more ? more : "");
    if (n->count > 0 && strcmp(n->items[0].text, fresh.text) == 0)
        return;
    if (n->count == NOTICE_MAX)
        n->count--;
    memmove(n->items + 1, n->items, (size_t)n->count * sizeof n->items[0]);
    n->items[0] = fresh;
    n->count++;
}

void app_notice_error(App *app, const Error *err, const char *file)
{
    char line[700];
    error_line(err, file, line, sizeof line);
    app_notice(app, true, app->scope.open ? "The open document is unchanged." : NULL, "%s", line);
}

void app_warn(void *context, const char *line)
{
    app_notice(context, false, NULL, "%s", line);
}

/* ---- life --------------------------------------------------------------- */

/* One window keeps the session, the first; what a crash left beside it or beside the document goes.
 */
static void hold_session(App *app)
{
    char folder[1024];
    if (session_lock(app->options.session, &app->session_lock) == FILE_LOCK_THEIRS) {
        app->session.read_only = true;
        app->session.clean = true; /* of course it has not ended: it is running */
        app_notice(app, false, NULL,
                   "Another window of attnscope is open and keeps the session: settings and recent "
                   "files of this one are not remembered.");
    }
    if (path_dir(folder, sizeof folder, app->options.session))
        file_sweep(folder);
    if (app->session.document[0] && path_dir(folder, sizeof folder, app->session.document))
        file_sweep(folder);
}

static void restore_session(App *app)
{
    Error err = {0};
    if (!app->options.session)
        return;
    if (!session_read(&app->session, app->options.session, app_warn, app, &err))
        app_notice_error(app, &err, app->options.session);
    hold_session(app);
    /* theme, scale, panels: the person's, whatever the document */
    settings_copy_flagged(&app->settings, &app->session.settings, FIELD_NO_SAVE);
    app->crash_offer = !app->session.clean && app->session.document[0];
    app->session.clean = false;
}

App *app_new(const AppOptions *options, Error *err)
{
    App *app = mem_zero(1, sizeof *app);
    if (!app) {
        error_memory(err);
        return NULL;
    }
    app->options = *options;
    app->session_lock = -1;
    app->settings = settings_default();
    session_init(&app->session);
    draw_list_init(&app->list);
    app->hover = (Focus){-1, -1, -1, -1, 0, false};
    app->hover_shown = app->hover;
    app->hover_layer = app->hover_head = app->row_hover = -1;
    app->last_window = 4;
    app->gallery.chosen = -1;
    app->ui = ui_new();
    app->grid = head_grid_new();
    if (!app->ui || !app->grid || !scope_init(&app->scope, err) ||
        !panes_init(&app->panes[0], err) || !panes_init(&app->panes[1], err)) {
        error_memory(err);
        app_free(app);
        return NULL;
    }
    app->scope.keep_shape = true;
    app->scope.background = options->background;
    restore_session(app);
    app_apply_overrides(app);
    history_reset(&app->history, &app->settings);
    app->autosaved = app->settings;
    return app;
}

void app_free(App *app)
{
    if (!app)
        return;
    saving_end(app);
    documents_end(app);
    mapping_close(app);
    writing_stop(app);
    panes_free(&app->panes[0]);
    panes_free(&app->panes[1]);
    gallery_free(&app->gallery);
    navigator_free(&app->list_shown);
    figures_free(&app->figures);
    browser_free(&app->browser);
    head_grid_free(app->grid);
    scope_free(&app->scope);
    draw_list_free(&app->list);
    ui_free(app->ui);
    mem_free(app->clipboard);
    mem_free(app->typed);
    session_unlock(app->session_lock);
    mem_free(app);
}

static void write_session(App *app, bool clean)
{
    const char *path = app->scope.open && app->scope.doc.path ? app->scope.doc.path : "";
    Error err = {0};
    app->autosave_due = 0;
    app->autosaved = app->settings;
    app->autosaved_key = path[0] ? app->scope.doc.key : 0;
    if (path[0]) {
        snprintf(app->session.document, sizeof app->session.document, "%s", path);
        session_origin_write(&app->scope.doc.origin, app->session.origin,
                             sizeof app->session.origin);
        app->session.settings = app->settings;
    } else { /* "Continue" keeps the knobs of its document, the person's own are the present ones */
        settings_copy_flagged(&app->session.settings, &app->settings, FIELD_NO_SAVE);
    }
    app->session.clean = clean;
    app->session.window_w = app->input.pixel_w;
    app->session.window_h = app->input.pixel_h;
    if (!session_write(&app->session, app->options.session, &err))
        app_notice_error(app, &err, app->options.session);
}

void app_autosave(App *app, double time, bool force)
{
    const char *path = app->scope.open && app->scope.doc.path ? app->scope.doc.path : "";
    if (!app->options.session)
        return;
    bool differs = !settings_equal(&app->settings, &app->autosaved, 0) ||
                   (path[0] ? app->scope.doc.key : 0) != app->autosaved_key;
    if (differs && app->autosave_due == 0)
        app->autosave_due = time + AUTOSAVE_SECONDS;
    if (force || (app->autosave_due > 0 && time >= app->autosave_due))
        write_session(app, force);
}

void app_recover(App *app)
{
    if (app->options.session)
        write_session(app, false);
}

/* ---- a frame ------------------------------------------------------------ */

bool app_covered(const App *app)
{
    return app->palette.open || app->help || app->browser.kind != BROWSER_CLOSED || app->reading ||
           app->mapping.state;
}

void app_select(App *app, int query, int key)
{
    app->settings.query = query >= 0 ? query : FIELD_NOTHING;
    app->settings.key = key >= 0 ? key : FIELD_NOTHING;
    app->settings.queries = 0;
}

void app_compute(App *app)
{
    Error err = {0};
    char line[480];
    if (!app->scope.open)
        return;
    scope_clamp(&app->scope, &app->settings);
    text_bar_tell(app);
    navigator_note_bad(app);
    if (scope_empty(&app->scope, &app->settings)) { /* a state, no mistake: the panes say so */
        scope_axes(&app->scope, &app->settings, NULL);
        app->updated_error[0] = app->problem[0] = 0;
        return;
    }
    app->scope.hover = app->hover_shown.hover_query;
    if (scope_update(&app->scope, &app->settings, panes_stages(app), &err)) {
        app->updated_error[0] = app->problem[0] = 0;
        return;
    }
    error_line(&err, NULL, line, sizeof line);
    /* What this head cannot give at all is said in place of its picture. */
    if (err.kind == ERROR_USAGE || err.kind == ERROR_MALFORMED) {
        scope_drop_result(&app->scope, &app->settings);
        snprintf(app->problem, sizeof app->problem, "%s", line);
        return;
    }
    if (strcmp(line, app->updated_error) != 0)
        app_notice(app, true, "The picture shows the last settings that could be computed.", "%s",
                   line);
    snprintf(app->updated_error, sizeof app->updated_error, "%s", line);
}

static LayoutWish layout_wish(const App *app)
{
    const Settings *s = &app->settings;
    const DocSentence *sentence = app->scope.open ? scope_sentence(&app->scope, s) : NULL;
    int second = scope_view(&app->scope, s, 1);
    int first = scope_view(&app->scope, s, 0);
    return (LayoutWish){
        .text = app->scope.open && app->scope.doc.vocab,
        .navigator_open = app->lay_navigator,
        .controls_open = app->lay_controls,
        .two_panes = second >= 0,
        .notices = notices_height(app, ui_size(app->ui).y),
        .pane_below = second == VIEW_LINES && s->lines.layout == LINES_HORIZONTAL,
        .wants_row = (!sentence || !sentence->problem) &&
                     (first == VIEW_HEATMAP || first == VIEW_LINES || first == VIEW_PATCHES)};
}

static void tell_missing_glyph(App *app)
{
    const char *package = NULL;
    if (!app->options.missing_glyph || app->missing_told)
        return;
    uint32_t code_point = app->options.missing_glyph(app->options.missing_context, &package);
    if (!code_point)
        return;
    app->missing_told = code_point;
    app_notice(app, false, NULL,
               "No installed font has U+%04X, so it is drawn as a box: install the package %s.",
               (unsigned)code_point, package);
}

static void open_dropped(App *app)
{
    if (app->input.drop_count > 0 && !app->saving)
        app_open_files(app, app->input.drops, app->input.drop_count, NULL, NULL);
}

static void draw_regions(App *app)
{
    const Theme *t = app->kit.theme;
    Vec2 size = ui_size(app->ui);
    draw_rect(&app->list, rect(0, 0, size.x, size.y), 0, t->bg);
    if (!app->scope.open) {
        gallery_frame(app);
        return;
    }
    text_bar_frame(app); /* first: another text has other tokens, and all that follows shows them */
    app->layout.navigator.h > 0 ? navigator_frame(app) : (void)0;
    panels_frame(app);
    app_compute(app); /* views draw what the panels say now: another sentence has another shape */
    panes_frame(app);
    topbar_frame(app);
    quickbar_frame(app);
    statusbar_frame(app);
}

/* In a hall the pointer itself is too small to be followed. Tooltips are drawn after it. */
static void pointer_halo(App *app)
{
    Vec2 at = ui_mouse(app->ui), size = ui_size(app->ui);
    if (app->kit.theme->id != THEME_PROJECTOR || !rect_has(rect(0, 0, size.x, size.y), at))
        return;
    ui_float_begin(app->ui, "halo", rect(at.x, at.y, 0, 0)); /* takes nothing of the pointer */
    draw_circle(ui_list(app->ui), at, 27, color_alpha(COLOR_RGB(0xFFC400), 0.28f));
    draw_ring(ui_list(app->ui), at, 27, 3, color_alpha(COLOR_RGB(0x966400), 0.75f));
    ui_float_end(app->ui);
}

/* One walk over all widgets and views with this input. */
static const UiOutput *app_pass(App *app, const Input *input)
{
    app->input = *input;
    app->hover_shown = app->hover; /* before the panels: they say the same as the panes */
    app->token_shown = app->hover_token;
    float scale = input->density * (float)app->settings.ui_scale;
    app->kit = (TextKit){app->options.font, scale, theme((ThemeId)app->settings.theme)};
    draw_list_reset(&app->list);
    open_dropped(app);
    documents_frame(app);
    app_compute(app);
    ui_begin(app->ui, &app->input, &app->kit, scale, &app->list, !app->settings.motion);
    Vec2 size = ui_size(app->ui);
    LayoutWish wish = layout_wish(app);
    app->layout = window_layout(size.x, size.y, app->kit.theme, &app->settings, &wish);
    draw_regions(app);
    notices_frame(app);
    opening_frame(app);
    writing_frame(app);
    saving_frame(app);
    browser_frame(app);
    reading_frame(app);
    mapping_frame(app);
    palette_frame(app);
    help_frame(app);
    pointer_halo(app);
    commands_keys(app);
    if (app->scope.open)
        scope_clamp(&app->scope, &app->settings);
    if (!ui_busy(app->ui) || app->typing) /* a sentence is noted as it is typed: words are steps */
        history_note(&app->history, &app->settings);
    app->typing = false;
    const UiOutput *out = ui_end(app->ui);
    if (out->clipboard) {
        mem_free(app->clipboard);
        app->clipboard = mem_string(out->clipboard, strlen(out->clipboard));
    }
    tell_missing_glyph(app);
    return out;
}

/* The same moment without its event: what the first pass changed is drawn by the second. */
static Input calm(const Input *input)
{
    Input out = *input;
    memset(out.pressed, 0, sizeof out.pressed);
    memset(out.released, 0, sizeof out.released);
    out.clicks = 0;
    out.wheel = vec2(0, 0);
    out.key = KEY_NONE;
    out.text = out.clipboard = NULL;
    out.drop_count = 0;
    out.focus_lost = out.quit = false;
    return out;
}

static void window_title(App *app)
{
    if (app->scope.open)
        utf8_format(
            app->title, sizeof app->title, "%s%s – attnscope",
            settings_equal(&app->settings, &app->saved, FIELD_NO_SAVE | FIELD_NO_UNDO) ? "" : "• ",
            app->scope.doc.title && app->scope.doc.title[0] ? app->scope.doc.title
                                                            : path_base(app->scope.doc.path));
    else
        snprintf(app->title, sizeof app->title, "attnscope");
}

bool app_frame(App *app, const Input *input, const DrawList **list, AppOutput *out)
{
    mem_free(app->clipboard);
    app->clipboard = NULL;
    if (input->quit)
        app->quit = true;
    app->drawing = false;
    app_pass(app, input);
    app->drawing = true;
    app->tiles_pending = false;
    Input quiet = calm(input);
    const UiOutput *ui = app_pass(app, &quiet);
    app_autosave(app, input->time, app->quit);
    window_title(app);
    static const UiOutput NOTHING;
    *out = (AppOutput){.ui = ui ? ui : &NOTHING,
                       .title = app->title,
                       .quit = app->quit,
                       .fullscreen = app->fullscreen,
                       .ground = app->kit.theme->bg,
                       .scale = app->kit.scale,
                       .clipboard = app->clipboard,
                       .wake = ui ? ui->wake : 0};
    double due = app->autosave_due;
    if (app->copied[0] && app->copied_until > input->time && (due == 0 || app->copied_until < due))
        due = app->copied_until;
    if (app->scope.open && app->options.session &&
        (due == 0 || app->disk_checked + DISK_LOOK_SECONDS < due))
        due = app->disk_checked + DISK_LOOK_SECONDS;
    if (app->thumbs_pending || app->tiles_pending)
        due = input->time; /* more to compute: at once */
    app->thumbs_pending = false;
    if (scope_fetching(&app->scope, NULL) >= 0 && (due == 0 || input->time + 0.02 < due))
        due = input->time + 0.02;
    if (mapping_waits(app->mapping.state) && (due == 0 || input->time + 0.02 < due))
        due = input->time + 0.02;
    if (app->saving && (due == 0 || input->time + 0.02 < due))
        due = input->time + 0.02;
    if ((app->opening || app->ending) && (due == 0 || opening_wake(app) < due))
        due = opening_wake(app);
    if (due > 0 && (out->wake == 0 || due < out->wake))
        out->wake = due;
    *list = &app->list;
    return !app->quit;
}

void app_last_size(const App *app, int *w, int *h)
{
    *w = app->session.window_w;
    *h = app->session.window_h;
}

Settings *app_settings(App *app)
{
    return &app->settings;
}
Scope *app_scope(App *app)
{
    return &app->scope;
}
Ui *app_ui(App *app)
{
    return app->ui;
}
int app_notice_count(const App *app)
{
    return app->notices.count;
}
const char *app_notice_text(const App *app, int index)
{
    return index >= 0 && index < app->notices.count ? app->notices.items[index].text : "";
}

bool app_cell_point(App *app, int query, int key, Vec2 *out)
{
    for (int p = 0; p < 2; p++) {
        const Pane *pane = &app->panes[p];
        const HeatmapLayout *l = &pane->heatmap_layout;
        if (!pane->drawn || pane->view != VIEW_HEATMAP || query < l->first_row ||
            key < l->first_col || query >= l->first_row + l->rows_seen ||
            key >= l->first_col + l->cols_seen)
            continue;
        double row = app->settings.zoom_row, col = app->settings.zoom_col;
        Vec2 at = {l->matrix.x + (float)((double)key + 0.5 - (p == 0 ? col : 0)) * l->cell_w,
                   l->matrix.y + (float)((double)query + 0.5 - (p == 0 ? row : 0)) * l->cell_h};
        *out = vec2(at.x * app->kit.scale, at.y * app->kit.scale);
        return true;
    }
    return false;
}
