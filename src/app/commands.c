#include "app/commands.h"

#include "base/index_set.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- when a command is possible ----------------------------------------- */

static const char *needs_document(const App *app)
{
    return app->scope.open ? NULL : "No document is open.";
}
static const char *needs_tokens(const App *app)
{
    return app->scope.open ? scope_empty(&app->scope, &app->settings) : "No document is open.";
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
    const AttnResult *r = app->scope.result;
    bool row = scope_focus(&app->scope, &app->settings).query >= 0 || app->hover.hover_query >= 0;
    return !r                               ? needs_tokens(app)
           : row || app_input_row(app) >= 0 ? NULL
           : r && r->form == FORM_STRIP     ? NULL
           : r && r->form == FORM_FEATURES  ? "Point at a feature."
                                            : "No token is selected.";
}
static const char *needs_patches(const App *app)
{
    return scope_view_missing(&app->scope, &app->settings, VIEW_PATCHES);
}
static const char *needs_scores(const App *app)
{
    return !app->scope.open ? "No document is open." : scope_given(&app->scope);
}
static const char *needs_map(const App *app)
{
    const AttnResult *r = app->scope.result;
    return r && r->form == FORM_FEATURES ? NULL : "The head shown has no feature maps.";
}
static const char *needs_gate(const App *app)
{
    const AttnResult *r = app->scope.result;
    return r && r->form == FORM_GATE ? NULL : "The head shown is no gate.";
}
static const char *needs_alignment(const App *app)
{
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    return !s                                       ? "No document is open."
           : s->sure_count + s->possible_count == 0 ? "The document carries no alignment."
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
static void file_save_as(App *app, int a)
{
    (void)a;
    char path[1024], name[1024];
    bool example = app_is_example(app, app->scope.doc.path);
    bool foreign = app->scope.doc.source.size == 0; /* it becomes a document beside its file */
    utf8_format(name, sizeof name, "%s%s", app->scope.doc.path, foreign ? ".attn.json" : "");
    if (example && app->options.home &&
        path_join(path, sizeof path, app->options.home, path_base(name)))
        browser_open(app, BROWSER_SAVE, path);
    else
        browser_open(app, BROWSER_SAVE, name);
}

static void file_save(App *app, int a)
{
    (void)a;
    if (app->scope.doc.read_only)
        app_notice(
            app, false, NULL,
            "%s is of a newer version: it was opened read-only. Save as writes nothing either.",
            path_base(app->scope.doc.path));
    else if (app_is_example(app, app->scope.doc.path) || app->scope.doc.source.size == 0)
        file_save_as(app, 0); /* examples, and what others wrote, stay as they are */
    else
        app_save(app, app->scope.doc.path);
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
        app_open_recent(app, app->session.recent[a].path, app->session.recent[a].origin, NULL);
}
static void file_continue(App *app, int a)
{
    (void)a;
    Settings wanted = app->session.settings;
    for (int i = 0; i < app->options.override_count; i++) /* the command line wins */
        settings_assign(&wanted, app->options.overrides[i], NULL);
    app_open_recent(app, app->session.document, app->session.origin, &wanted);
    app->crash_offer = false;
}
static void app_quit(App *app, int a)
{
    (void)a;
    app->quit = true;
}

/* ---- edit --------------------------------------------------------------- */

/* The sentence is no part of a step, so a layer of one may lack in another. What it becomes there
 * is the step from now on: noted as a new one it would end undo and lose what can be redone. */
static void stepped(App *app)
{
    if (app->scope.open)
        scope_clamp(&app->scope, &app->settings);
    history_amend(&app->history, &app->settings);
}
static void edit_undo(App *app, int a)
{
    (void)a;
    if (history_undo(&app->history, &app->settings))
        stepped(app);
}
static void edit_redo(App *app, int a)
{
    (void)a;
    if (history_redo(&app->history, &app->settings))
        stepped(app);
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
    if (tiles_cancel(app))
        return;
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
    if (scope_cols(&app->scope) != &app->scope.keys)
        app_notice(app, false, NULL, "The columns are channels: there are no keys to hide.");
    else if (key >= 0)
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
    int to = clampi(app->settings.sentence + d, 0, app->scope.doc.sentence_count - 1);
    if (to != app->settings.sentence)
        app_choose_sentence(app, to);
}
static void step_selection(App *app, int a)
{
    app_step_selection(app, a == 0 ? -1 : a == 1 ? 1 : 0, a == 2 ? -1 : a == 3 ? 1 : 0);
}
static void step_map(App *app, int d)
{
    form_step(app, d);
}
static void step_channel(App *app, int d)
{
    if (d == 0)
        app->settings.key = FIELD_NOTHING;
    else
        form_step(app, d);
}
static void zoom_by(App *app, int a)
{
    app_zoom(app, a);
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
    int pane = app->focused_pane == 1 && app->panes[1].view >= 0;
    stage_choose(app, pane, app->panes[pane].view, (Stage)stage);
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
static void set_align(App *app, int align)
{
    app->settings.attn.mask.align = (MaskAlign)align;
}
static void set_pool(App *app, int pool)
{
    app->settings.color.pool = (PoolKind)pool;
}
static void toggle_cells(App *app, int numbers)
{
    bool *value = numbers ? &app->settings.color.numbers : &app->settings.color.square;
    *value = !*value;
}
static void set_queries_sum(App *app, int sum)
{
    app->settings.queries_sum = sum != 0;
}
static void set_overlay(App *app, int overlay)
{
    app->settings.patches.overlay = (OverlayKind)overlay;
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
#include "app/commands.def"
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
    if (in->key == KEY_NONE || ui_key_taken(app->ui) || ui_typing(app->ui) || app_covered(app))
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
