#include "app/commands.h"

#include "base/index_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- when a command is possible ----------------------------------------- */

static const char *needs_document(const App *app)
{
    return app->scope.open ? NULL : "No document is open.";
}
static const char *needs_undo(const App *app)
{
    return history_can_undo(&app->history) ? NULL : "Nothing to undo.";
}
static const char *needs_redo(const App *app)
{
    return history_can_redo(&app->history) ? NULL : "Nothing to redo.";
}
static const char *needs_query(const App *app)
{
    return !app->scope.open                                        ? "No document is open."
           : app->settings.query < 0 && app->hover.hover_query < 0 ? "No token is selected."
                                                                   : NULL;
}
static const char *needs_patches(const App *app)
{
    return scope_view_missing(&app->scope, &app->settings, VIEW_PATCHES);
}
static const char *needs_scores(const App *app)
{
    return !app->scope.open    ? "No document is open."
           : app->scope.result ? app->scope.result->absent[STAGE_SCALED]
                               : NULL;
}
static const char *needs_session(const App *app)
{
    return app->session.document[0] ? NULL : "There is no earlier session.";
}
static const char *needs_recent(const App *app)
{
    return app->session.recent_count > 0 ? NULL : "No recent files.";
}

/* ---- file --------------------------------------------------------------- */

static void file_open_run(App *app, int a)
{
    (void)a;
    browser_open(app, BROWSER_OPEN, NULL);
}
static void file_save(App *app, int a)
{
    (void)a;
    if (app->scope.doc.read_only)
        app_notice(
            app, false, NULL,
            "%s is of a newer version: it was opened read-only. Save as writes nothing either.",
            path_base(app->scope.doc.path));
    else
        app_save(app, app->scope.doc.path);
}
static void file_save_as(App *app, int a)
{
    (void)a;
    browser_open(app, BROWSER_SAVE, app->scope.doc.path);
}
static void file_export(App *app, int a)
{
    (void)a;
    browser_open(app, BROWSER_EXPORT, NULL);
}
static void file_reload(App *app, int a)
{
    (void)a;
    app_reload(app);
}
static void file_close_run(App *app, int a)
{
    (void)a;
    app_close_document(app);
}
static void file_recent(App *app, int a)
{
    if (a < app->session.recent_count)
        app_open(app, app->session.recent[a].path, NULL);
}
static void file_continue(App *app, int a)
{
    (void)a;
    Settings was = app->session.settings;
    if (app_open(app, app->session.document, NULL)) {
        app->settings = was;
        scope_clamp(&app->scope, &app->settings);
        history_reset(&app->history, &app->settings);
    }
    app->crash_offer = false;
}
static void app_quit(App *app, int a)
{
    (void)a;
    app->quit = true;
}

/* ---- edit --------------------------------------------------------------- */

static void edit_undo(App *app, int a)
{
    (void)a;
    history_undo(&app->history, &app->settings);
}
static void edit_redo(App *app, int a)
{
    (void)a;
    history_redo(&app->history, &app->settings);
}
static void edit_copy(App *app, int a)
{
    (void)a;
    app_copy(app);
}
static void edit_reset(App *app, int a)
{
    (void)a;
    Settings plain = settings_default(), mine = app->settings;
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (!(SETTINGS[i].flags & (FIELD_NO_SAVE | FIELD_NO_UNDO)))
            field_copy(&SETTINGS[i], &app->settings, &plain);
    app->settings.layer = mine.layer;
    app->settings.head = mine.head;
}
static void select_none(App *app, int a)
{
    (void)a;
    if (app->lay_navigator || app->lay_controls) {
        app->lay_navigator = app->lay_controls = false;
        return;
    }
    app_select(app, -1, -1);
}

/* ---- scale, temperature, mask ------------------------------------------- */

static void set_temperature(App *app, int hundredths)
{
    app->settings.attn.scale.temperature = hundredths / 100.0;
}
static void step_temperature(App *app, int sign)
{
    double *t = &app->settings.attn.scale.temperature;
    double next = *t <= 0 ? (sign > 0 ? 0.01 : 0) : *t * pow(10, 0.05 * sign);
    *t = sign < 0 && next < 0.00999 ? 0 : fmin(1000, next);
}
static void type_temperature(App *app, int a)
{
    (void)a;
    if (app->layout.controls.w > 0)
        app->sections[SECTION_SCALE] = SECTION_FORCED_OPEN;
    ui_focus(app->ui,
             app->layout.controls.w > 0 ? "controls/scale/temperature" : "quick/temperature");
}
static void set_scale(App *app, int mode)
{
    app->settings.attn.scale.mode = (ScaleMode)mode;
}
static void set_norm(App *app, int kind)
{
    app->settings.attn.norm.kind = (NormKind)kind;
}
static void toggle_causal(App *app, int a)
{
    (void)a;
    app->settings.attn.mask.causal = !app->settings.attn.mask.causal;
}
static void toggle_padding(App *app, int a)
{
    (void)a;
    app->settings.attn.mask.padding = !app->settings.attn.mask.padding;
}
static void toggle_renormalise(App *app, int a)
{
    (void)a;
    app->settings.attn.mask.renormalise = !app->settings.attn.mask.renormalise;
}
static void step_window(App *app, int a)
{
    int *w = &app->settings.attn.mask.window;
    *w = a == 0 ? (*w > 0 ? 0 : app->last_window) : clampi(*w + a, 0, 16777216);
    if (*w > 0)
        app->last_window = *w;
}
static void hide_key(App *app, int a)
{
    (void)a;
    int key = app->hover.hover_key >= 0 ? app->hover.hover_key : app->settings.key;
    if (key >= 0)
        app->settings.attn.mask.hidden = index_set_toggle(app->settings.attn.mask.hidden, key);
    else
        app_notice(app, false, NULL, "Point at a key, or select one, to hide it.");
}
static void show_all_keys(App *app, int a)
{
    (void)a;
    app->settings.attn.mask.hidden = 0;
}

/* ---- where -------------------------------------------------------------- */

static void step_layer(App *app, int d)
{
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    app->settings.layer =
        app->settings.layer < 0 ? 0 : clampi(app->settings.layer + d, 0, s->layer_count - 1);
}
static void step_head(App *app, int d)
{
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    int layer = app->settings.layer < 0 ? 0 : app->settings.layer;
    app->settings.head = app->settings.head < 0
                             ? 0
                             : clampi(app->settings.head + d, 0, s->layers[layer].head_count - 1);
}
static void reduce_heads(App *app, int kind)
{
    if (app->settings.head >= 0)
        app->last_head = app->settings.head;
    app->settings.head = kind == 0 ? app->last_head : kind;
}
static void reduce_layers(App *app, int kind)
{
    app->settings.layer = kind;
}
static void step_sentence(App *app, int d)
{
    int was = app->settings.sentence;
    app->settings.sentence = clampi(was + d, 0, app->scope.doc.sentence_count - 1);
    if (app->settings.sentence != was)
        app_select(app, -1, -1);
}
/* The selection walks over cells: rows are queries, columns keys. In a picture it walks over
 * patches. */
static void step_selection(App *app, int a)
{
    Settings *s = &app->settings;
    const DocSentence *sentence = scope_sentence(&app->scope, s);
    int dq = a == 0 ? -1 : a == 1 ? 1 : 0, dk = a == 2 ? -1 : a == 3 ? 1 : 0;
    if (app->panes[app->focused_pane].view == VIEW_PATCHES && sentence->image.axis != IMAGE_KEYS) {
        s->query =
            clampi(s->query + dq * sentence->image.cols + dk, 0, sentence->queries.count - 1);
        return;
    }
    bool across =
        app->panes[app->focused_pane].view == VIEW_LINES && s->lines.layout == LINES_HORIZONTAL;
    if (across) {
        int swap = dq;
        dq = dk;
        dk = swap;
    }
    s->queries = 0;
    if (dq != 0)
        s->query = s->query < 0 ? 0 : clampi(s->query + dq, 0, sentence->queries.count - 1);
    if (dk != 0)
        s->key = s->key < 0 ? 0 : clampi(s->key + dk, 0, sentence->keys.count - 1);
    if (s->query < 0 && s->key >= 0)
        s->query = 0;
    const AttnResult *r = app->scope.result;
    if (r && s->zoom > 1 && s->query >= 0) {
        Viewport v = {s->zoom, s->zoom_row, s->zoom_col};
        viewport_show(&v, s->query, s->key < 0 ? (int)v.col : s->key, r->n_q, r->n_k);
        s->zoom_row = v.row;
        s->zoom_col = v.col;
    }
}
static void zoom_by(App *app, int a)
{
    Settings *s = &app->settings;
    const AttnResult *r = app->scope.result;
    if (a == 0) {
        s->zoom = 1;
        s->zoom_row = s->zoom_col = 0;
        return;
    }
    Viewport v = {s->zoom, s->zoom_row, s->zoom_col};
    double seen_rows = r->n_q / s->zoom, seen_cols = r->n_k / s->zoom;
    viewport_zoom(&v, a > 0 ? 1.5 : 1 / 1.5, s->query >= 0 ? s->query + 0.5 : v.row + seen_rows / 2,
                  s->key >= 0 ? s->key + 0.5 : v.col + seen_cols / 2, r->n_q, r->n_k);
    s->zoom = v.zoom;
    s->zoom_row = v.row;
    s->zoom_col = v.col;
}

/* ---- looks -------------------------------------------------------------- */

static void set_view(App *app, int view)
{
    const char *missing = scope_view_missing(&app->scope, &app->settings, view);
    if (missing)
        app_notice(app, false, NULL, "%s", missing);
    else if (app->focused_pane == 1 && app->panes[1].view >= 0)
        app->settings.view2 = view + 2;
    else
        app->settings.view = view + 1;
}
static void set_view2(App *app, int view)
{
    const char *missing = view >= 0 ? scope_view_missing(&app->scope, &app->settings, view) : NULL;
    if (missing)
        app_notice(app, false, NULL, "%s", missing);
    else
        app->settings.view2 = view + 2;
}
static void set_stage(App *app, int stage)
{
    const AttnResult *r = app->scope.result;
    if (r && r->absent[stage])
        app_notice(app, false, NULL, "%s: %s", STAGE_NAMES[stage], r->absent[stage]);
    else
        *(app->focused_pane == 1 ? &app->settings.stage2 : &app->settings.stage) = stage;
}
static void set_map(App *app, int map)
{
    app->settings.color.map = (ColormapId)map;
}
static void set_range(App *app, int range)
{
    app->settings.color.range = (RangeKind)range;
}
static void set_color_scale(App *app, int scale)
{
    app->settings.color.scale = (ColorScale)scale;
}
static void set_layout(App *app, int layout)
{
    app->settings.lines.layout = (LinesLayout)layout;
}
static void toggle_gold(App *app, int a)
{
    (void)a;
    app->settings.gold = !app->settings.gold;
}
static void toggle_sorted(App *app, int a)
{
    (void)a;
    app->settings.row_sorted = !app->settings.row_sorted;
}
static void toggle_smooth(App *app, int a)
{
    (void)a;
    app->settings.patches.smooth = !app->settings.patches.smooth;
}
static void set_theme(App *app, int id)
{
    app->settings.theme = id;
}
static void toggle_projector(App *app, int a)
{
    (void)a;
    if (app->settings.theme == THEME_PROJECTOR) {
        app->settings.theme = app->theme_before;
        app->fullscreen = false;
    } else {
        app->theme_before = app->settings.theme;
        app->settings.theme = THEME_PROJECTOR;
        app->fullscreen = true;
    }
}
static void ui_scale_by(App *app, int percent)
{
    double *scale = &app->settings.ui_scale;
    *scale = percent == 0 ? 1 : fmin(3, fmax(0.75, round(*scale * 4 + (percent > 0 ? 1 : -1)) / 4));
}
static void toggle_panel(App *app, int right)
{
    const WindowLayout *l = &app->layout;
    bool *lay = right ? &app->lay_controls : &app->lay_navigator;
    int *state = right ? &app->settings.controls : &app->settings.navigator;
    bool docked =
        right ? l->controls.w > 0 && !l->controls_over : l->navigator.w > 0 && !l->navigator_over;
    Vec2 size = ui_size(app->ui);
    if (docked) {
        *state = PANEL_FOLDED;
    } else if (size.x < 1000 || app->kit.theme->id == THEME_PROJECTOR) {
        *lay = !*lay; /* too narrow to dock: it floats over the canvas until Esc */
    } else {
        *state = PANEL_OPEN;
        *lay = false;
    }
}
static void open_palette(App *app, int a)
{
    (void)a;
    app->palette = (Palette){.open = true, .just_opened = true};
}
static void open_help(App *app, int a)
{
    (void)a;
    app->help = app->help_just_opened = true;
}

#define DOC needs_document
const Command COMMANDS[] = {
    {"file.open", "Open a file…", "Ctrl O", 'o', MOD_CTRL, 0, 0, file_open_run, 0, NULL},
    {"file.save", "Save", "Ctrl S", 's', MOD_CTRL, 0, 0, file_save, 0, DOC},
    {"file.save_as", "Save as…", "Ctrl Shift S", 's', MOD_CTRL | MOD_SHIFT, 0, 0, file_save_as, 0,
     DOC},
    {"file.export", "Export the view: PNG, SVG or CSV…", "Ctrl E", 'e', MOD_CTRL, 0, 0, file_export,
     0, DOC},
    {"file.reload", "Reload the file", "F5", KEY_F5, 0, 'r', MOD_CTRL, file_reload, 0, DOC},
    {"file.close", "Close the document, to the gallery", "Ctrl W", 'w', MOD_CTRL, 0, 0,
     file_close_run, 0, DOC},
    {"file.continue", "Continue the last session", "", 0, 0, 0, 0, file_continue, 0, needs_session},
    {"file.recent0", "Open the most recent file", "Ctrl Shift O", 'o', MOD_CTRL | MOD_SHIFT, 0, 0,
     file_recent, 0, needs_recent},
    {"edit.undo", "Undo", "Ctrl Z", 'z', MOD_CTRL, 0, 0, edit_undo, 0, needs_undo},
    {"edit.redo", "Redo", "Ctrl Shift Z", 'z', MOD_CTRL | MOD_SHIFT, 'y', MOD_CTRL, edit_redo, 0,
     needs_redo},
    {"edit.copy", "Copy the cell or the row as TSV", "Ctrl C", 'c', MOD_CTRL, 0, 0, edit_copy, 0,
     needs_query},
    {"edit.reset", "Reset every setting", "", 0, 0, 0, 0, edit_reset, 0, DOC},
    {"select.none", "Free the selection", "Esc", KEY_ESCAPE, 0, 0, 0, select_none, 0, DOC},
    {"select.up", "Previous query", "Up", KEY_UP, 0, 0, 0, step_selection, 0, DOC},
    {"select.down", "Next query", "Down", KEY_DOWN, 0, 0, 0, step_selection, 1, DOC},
    {"select.left", "Previous key", "Left", KEY_LEFT, 0, 0, 0, step_selection, 2, DOC},
    {"select.right", "Next key", "Right", KEY_RIGHT, 0, 0, 0, step_selection, 3, DOC},
    {"layer.previous", "Previous layer", "[", '[', 0, KEY_UP, MOD_ALT, step_layer, -1, DOC},
    {"layer.next", "Next layer", "]", ']', 0, KEY_DOWN, MOD_ALT, step_layer, 1, DOC},
    {"head.previous", "Previous head", ",", ',', 0, KEY_LEFT, MOD_ALT, step_head, -1, DOC},
    {"head.next", "Next head", ".", '.', 0, KEY_RIGHT, MOD_ALT, step_head, 1, DOC},
    {"head.one", "One head", "", 0, 0, 0, 0, reduce_heads, 0, DOC},
    {"head.mean", "Mean over the heads", "", 0, 0, 0, 0, reduce_heads, FIELD_MEAN, DOC},
    {"head.max", "Max over the heads", "", 0, 0, 0, 0, reduce_heads, FIELD_MAX, DOC},
    {"layer.one", "One layer", "", 0, 0, 0, 0, reduce_layers, 0, DOC},
    {"layer.mean", "Mean over the layers", "", 0, 0, 0, 0, reduce_layers, FIELD_MEAN, DOC},
    {"layer.max", "Max over the layers", "", 0, 0, 0, 0, reduce_layers, FIELD_MAX, DOC},
    {"sentence.previous", "Previous sentence", "PgUp", KEY_PAGE_UP, 0, 0, 0, step_sentence, -1,
     DOC},
    {"sentence.next", "Next sentence", "PgDn", KEY_PAGE_DOWN, 0, 0, 0, step_sentence, 1, DOC},
    {"temperature.type", "Temperature: type a value…", "T", 't', 0, 0, 0, type_temperature, 0,
     needs_scores},
    {"temperature.reset", "Temperature: reset to 1.00", "", 0, 0, 0, 0, set_temperature, 100,
     needs_scores},
    {"temperature.zero", "Temperature 0 (argmax)", "", 0, 0, 0, 0, set_temperature, 0,
     needs_scores},
    {"temperature.sharper", "Temperature: sharper", "Shift Left", KEY_LEFT, MOD_SHIFT, 0, 0,
     step_temperature, -1, needs_scores},
    {"temperature.flatter", "Temperature: flatter", "Shift Right", KEY_RIGHT, MOD_SHIFT, 0, 0,
     step_temperature, 1, needs_scores},
    {"scale.sqrt_dk", "Scale: divide by √d_k", "", 0, 0, 0, 0, set_scale, SCALE_SQRT_DK,
     needs_scores},
    {"scale.none", "Scale: none", "", 0, 0, 0, 0, set_scale, SCALE_NONE, needs_scores},
    {"scale.dk", "Scale: divide by d_k", "", 0, 0, 0, 0, set_scale, SCALE_DK, needs_scores},
    {"scale.sqrt_dmodel", "Scale: divide by √d_model", "", 0, 0, 0, 0, set_scale, SCALE_SQRT_DMODEL,
     needs_scores},
    {"scale.custom", "Scale: divide by a number of your own", "", 0, 0, 0, 0, set_scale,
     SCALE_CUSTOM, needs_scores},
    {"mask.causal", "Mask: causal", "C", 'c', 0, 0, 0, toggle_causal, 0, needs_scores},
    {"mask.window", "Mask: window", "W", 'w', 0, 0, 0, step_window, 0, needs_scores},
    {"mask.window.wider", "Mask: wider window", "", 0, 0, 0, 0, step_window, 1, needs_scores},
    {"mask.window.narrower", "Mask: narrower window", "", 0, 0, 0, 0, step_window, -1,
     needs_scores},
    {"mask.padding", "Mask: padding", "", 0, 0, 0, 0, toggle_padding, 0, DOC},
    {"mask.hide", "Mask: hide the key, or show it again", "H", 'h', 0, 0, 0, hide_key, 0, DOC},
    {"mask.show", "Mask: show all keys again", "", 0, 0, 0, 0, show_all_keys, 0, DOC},
    {"mask.renormalise", "Mask: rows re-sum to 1", "", 0, 0, 0, 0, toggle_renormalise, 0, DOC},
    {"norm.softmax", "Normaliser: softmax", "", 0, 0, 0, 0, set_norm, NORM_SOFTMAX, needs_scores},
    {"norm.sparsemax", "Normaliser: sparsemax", "", 0, 0, 0, 0, set_norm, NORM_SPARSEMAX,
     needs_scores},
    {"norm.entmax15", "Normaliser: entmax 1.5", "", 0, 0, 0, 0, set_norm, NORM_ENTMAX15,
     needs_scores},
    {"norm.softmax1", "Normaliser: softmax with one more (quiet)", "", 0, 0, 0, 0, set_norm,
     NORM_SOFTMAX1, needs_scores},
    {"norm.sigmoid", "Normaliser: sigmoid", "", 0, 0, 0, 0, set_norm, NORM_SIGMOID, needs_scores},
    {"norm.hardmax", "Normaliser: hardmax", "", 0, 0, 0, 0, set_norm, NORM_HARDMAX, needs_scores},
    {"view.heatmap", "View: heatmap", "1", '1', 0, 0, 0, set_view, VIEW_HEATMAP, DOC},
    {"view.lines", "View: lines", "2", '2', 0, 0, 0, set_view, VIEW_LINES, DOC},
    {"view.patches", "View: patches", "3", '3', 0, 0, 0, set_view, VIEW_PATCHES, needs_patches},
    {"view.heads", "View: all heads", "6", '6', 0, 0, 0, set_view, VIEW_HEADS, DOC},
    {"view2.heatmap", "Second pane: heatmap", "Shift 1", '1', MOD_SHIFT, '!', 0, set_view2,
     VIEW_HEATMAP, DOC},
    {"view2.lines", "Second pane: lines", "Shift 2", '2', MOD_SHIFT, '@', 0, set_view2, VIEW_LINES,
     DOC},
    {"view2.patches", "Second pane: patches", "Shift 3", '3', MOD_SHIFT, '#', 0, set_view2,
     VIEW_PATCHES, needs_patches},
    {"view2.heads", "Second pane: all heads", "Shift 6", '6', MOD_SHIFT, '^', 0, set_view2,
     VIEW_HEADS, DOC},
    {"view2.none", "Second pane: close", "", 0, 0, 0, 0, set_view2, -1, DOC},
    {"stage.scores", "Stage: scores", "", 0, 0, 0, 0, set_stage, STAGE_SCORES, DOC},
    {"stage.scaled", "Stage: scaled", "", 0, 0, 0, 0, set_stage, STAGE_SCALED, DOC},
    {"stage.masked", "Stage: masked", "", 0, 0, 0, 0, set_stage, STAGE_MASKED, DOC},
    {"stage.weights", "Stage: weights", "", 0, 0, 0, 0, set_stage, STAGE_WEIGHTS, DOC},
    {"stage.output", "Stage: output", "", 0, 0, 0, 0, set_stage, STAGE_OUTPUT, DOC},
    {"zoom.in", "Zoom in", "+", '+', 0, '=', 0, zoom_by, 1, DOC},
    {"zoom.out", "Zoom out", "-", '-', 0, 0, 0, zoom_by, -1, DOC},
    {"zoom.fit", "Zoom: fit the whole matrix", "0", '0', 0, 0, 0, zoom_by, 0, DOC},
    {"color.viridis", "Colour map: viridis", "", 0, 0, 0, 0, set_map, COLORMAP_VIRIDIS, DOC},
    {"color.cividis", "Colour map: cividis", "", 0, 0, 0, 0, set_map, COLORMAP_CIVIDIS, DOC},
    {"color.magma", "Colour map: magma", "", 0, 0, 0, 0, set_map, COLORMAP_MAGMA, DOC},
    {"color.greys", "Colour map: greys", "", 0, 0, 0, 0, set_map, COLORMAP_GREYS, DOC},
    {"color.auto", "Colour map: follow the view", "", 0, 0, 0, 0, set_map, COLORMAP_COUNT, DOC},
    {"range.row", "Colour range: per row", "", 0, 0, 0, 0, set_range, RANGE_ROW, DOC},
    {"range.matrix", "Colour range: per matrix", "", 0, 0, 0, 0, set_range, RANGE_MATRIX, DOC},
    {"range.heads", "Colour range: all heads", "", 0, 0, 0, 0, set_range, RANGE_HEADS, DOC},
    {"range.fixed", "Colour range: fixed", "", 0, 0, 0, 0, set_range, RANGE_FIXED, DOC},
    {"colorscale.linear", "Colour scale: linear", "", 0, 0, 0, 0, set_color_scale, COLOR_LINEAR,
     DOC},
    {"colorscale.sqrt", "Colour scale: square root", "", 0, 0, 0, 0, set_color_scale, COLOR_SQRT,
     DOC},
    {"colorscale.log", "Colour scale: logarithmic", "", 0, 0, 0, 0, set_color_scale, COLOR_LOG,
     DOC},
    {"lines.vertical", "Lines: vertical token lists", "", 0, 0, 0, 0, set_layout, LINES_VERTICAL,
     DOC},
    {"lines.horizontal", "Lines: horizontal token lists", "", 0, 0, 0, 0, set_layout,
     LINES_HORIZONTAL, DOC},
    {"lines.gold", "Lines: the document's alignment", "G", 'g', 0, 0, 0, toggle_gold, 0, DOC},
    {"row.sorted", "Row: bars sorted by weight", "S", 's', 0, 0, 0, toggle_sorted, 0, DOC},
    {"patches.smooth", "Patches: smooth", "", 0, 0, 0, 0, toggle_smooth, 0, needs_patches},
    {"theme.light", "Theme: light", "", 0, 0, 0, 0, set_theme, THEME_LIGHT, NULL},
    {"theme.dark", "Theme: dark", "", 0, 0, 0, 0, set_theme, THEME_DARK, NULL},
    {"theme.projector", "Projector mode", "F11", KEY_F11, 0, 0, 0, toggle_projector, 0, NULL},
    {"ui.larger", "Everything larger", "Ctrl +", '+', MOD_CTRL, '=', MOD_CTRL, ui_scale_by, 25,
     NULL},
    {"ui.smaller", "Everything smaller", "Ctrl -", '-', MOD_CTRL, 0, 0, ui_scale_by, -25, NULL},
    {"ui.normal", "Everything at normal size", "Ctrl 0", '0', MOD_CTRL, 0, 0, ui_scale_by, 0, NULL},
    {"view.navigator", "Left panel", "Ctrl B", 'b', MOD_CTRL, 0, 0, toggle_panel, 0, DOC},
    {"view.controls", "Right panel", "Ctrl Shift B", 'b', MOD_CTRL | MOD_SHIFT, 0, 0, toggle_panel,
     1, DOC},
    {"app.palette", "Every action by name", "Ctrl P", 'p', MOD_CTRL, 0, 0, open_palette, 0, NULL},
    {"app.keys", "Show the keys", "?", '?', 0, KEY_F1, 0, open_help, 0, NULL},
    {"app.quit", "Quit", "Ctrl Q", 'q', MOD_CTRL, 0, 0, app_quit, 0, NULL},
};
#undef DOC
const int COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0];

const Command *command_find(const char *id)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMANDS[i].id, id) == 0)
            return &COMMANDS[i];
    return NULL;
}

void command_run(App *app, const Command *command)
{
    const char *missing = command->missing ? command->missing(app) : NULL;
    if (missing)
        app_notice(app, false, NULL, "%s: %s", command->title, missing);
    else
        command->run(app, command->argument);
}

/* Shift is part of how '?' or '+' is typed, so it does not count for punctuation. */
static bool key_is(const Input *in, int key, int mods)
{
    if (key == 0 || in->key != key)
        return false;
    bool symbol = key < 0x110000 && !(key >= 'a' && key <= 'z') && !(key >= '0' && key <= '9');
    int got = in->mods & (symbol ? ~MOD_SHIFT : ~0);
    return got == mods;
}

void commands_keys(App *app)
{
    const Input *in = &app->input;
    if (in->key == KEY_NONE || ui_key_taken(app->ui) || ui_typing(app->ui) || app->palette.open ||
        app->help || app->browser.kind != BROWSER_CLOSED)
        return;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *c = &COMMANDS[i];
        if (!key_is(in, c->key, c->mods) && !key_is(in, c->key2, c->mods2))
            continue;
        ui_take_key(app->ui);
        if (!app->scope.open && c->missing == needs_document)
            return; /* arrows and digits mean nothing in the gallery: no notice for them */
        command_run(app, c);
        return;
    }
}
