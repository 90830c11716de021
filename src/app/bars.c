/* The bars: top bar with tabs and tools, quick bar of the folded layouts, status line. */
#include "app/commands.h"
#include "app/facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *digit, *label, *id;
    int view;
} Tab;
static const Tab TABS[] = {
    {"1", "Heatmap", "heatmap", VIEW_HEATMAP},
    {"2", "Lines", "lines", VIEW_LINES},
    {"3", "Patches", "patches", VIEW_PATCHES},
    {"6", "Heads", "heads", VIEW_HEADS},
};
enum { TAB_COUNT = sizeof TABS / sizeof TABS[0] };

static float icon_command(App *app, const char *id, Icon icon, float right, float mid)
{
    const Command *command = command_find(id);
    float side = floorf(30 * app->kit.theme->unit);
    char tip[160];
    Rect r = {right - side, mid - side / 2, side, side};
    snprintf(tip, sizeof tip, "%s%s%s", command->title, command->keys[0] ? "\t" : "",
             command->keys);
    ui_disable(app->ui, command->missing ? command->missing(app) : NULL);
    if (ui_icon_button(app->ui, id, tip, icon, r))
        command_run(app, command);
    ui_enable(app->ui);
    return r.x;
}

static const char *shown_title(const App *app)
{
    const Document *doc = &app->scope.doc;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    if (doc->title && doc->title[0])
        return doc->title;
    bool own = s && s->title && s->title[0] && !doc->corpus.self; /* not a number in a list */
    return own ? s->title : path_base(doc->path);
}

static void view_tabs(App *app, float x, float limit, float mid)
{
    for (int i = 0; i < TAB_COUNT; i++) {
        float w = ui_tab_width(app->ui, TABS[i].digit, TABS[i].label);
        Rect r = {x, mid - 14, w, 28};
        if (rect_right(r) > limit)
            return;
        ui_disable(app->ui, scope_view_missing(&app->scope, &app->settings, TABS[i].view));
        if (ui_tab(app->ui, TABS[i].id, TABS[i].digit, TABS[i].label, r,
                   app->panes[0].view == TABS[i].view, app->panes[1].view == TABS[i].view)) {
            bool second = (app->input.mods & MOD_SHIFT) != 0;
            if (second)
                app->settings.view2 = TABS[i].view + 2;
            else
                app->settings.view = TABS[i].view + 1;
        }
        ui_enable(app->ui);
        x += w + 2;
    }
}

static void view_dropdown(App *app, Rect r)
{
    static const char *const CHOICES[] = {"1  Heatmap", "2  Lines", "3  Patches", "6  Heads", NULL};
    int view = app->panes[0].view < 0 ? 0 : app->panes[0].view;
    if (ui_dropdown(app->ui, "view", NULL, CHOICES, r, &view, NULL)) {
        const char *missing = scope_view_missing(&app->scope, &app->settings, view);
        if (missing)
            app_notice(app, false, NULL, "%s", missing);
        else
            app->settings.view = view + 1;
    }
}

/* Between the fold icons of a window of few points: the views, and what else has room. */
static void compact_tools(App *app, float left, float right, float mid)
{
    static const struct {
        const char *id;
        Icon icon;
    } TOOLS[] = {{"edit.undo", ICON_UNDO}, {"edit.redo", ICON_REDO}, {"file.export", ICON_EXPORT}};
    float u = app->kit.theme->unit, pitch = floorf(30 * u) + 2, least = floorf(112 * u);
    bool projector = app->kit.theme->id == THEME_PROJECTOR;
    int count = projector ? 0 : clampi((int)((right - left - least - 8) / pitch), 0, 3);
    float x = right - 4 - pitch * (float)count;
    for (int i = 0; i < count; i++)
        icon_command(app, TOOLS[i].id, TOOLS[i].icon, x + pitch * (float)(i + 1), mid);
    float w = fminf(floorf((projector ? 172 : 132) * u), fmaxf(0, x - 4 - left));
    view_dropdown(app, rect(left, mid - floorf(14 * u), w, floorf(28 * u)));
}

static bool compact(const App *app)
{
    return app->layout.top.w < 480 * app->kit.theme->unit;
}

static float tools(App *app, float right, float mid)
{
    const WindowLayout *l = &app->layout;
    bool narrow = !l->tabs;
    float x =
        icon_command(app, "view.controls",
                     l->controls.w > 0 ? ICON_FOLD_RIGHT_OPEN : ICON_FOLD_RIGHT, right - 5, mid);
    if (app->kit.theme->id == THEME_PROJECTOR || compact(app))
        return x;
    x = icon_command(app, "file.export", ICON_EXPORT, x - 4, mid);
    x = icon_command(app, "edit.redo", ICON_REDO, x - 2, mid);
    x = icon_command(app, "edit.undo", ICON_UNDO, x - 2, mid);
    if (narrow)
        return icon_command(app, "app.palette", ICON_SEARCH, x, mid);
    Rect r = {x - 116, mid - 14, 112, 28};
    const Theme *t = app->kit.theme;
    UiArea area = ui_area(app->ui, "search", "every action by name", r);
    draw_rect(ui_list(app->ui), r, 4, area.hovered ? t->hover : t->control);
    draw_frame(ui_list(app->ui), r, 4, 1, t->line2);
    icon_draw(ui_list(app->ui), ICON_SEARCH, rect(r.x + 4, r.y, 22, r.h), 14, t->text3);
    text_label(ui_list(app->ui), &app->kit, rect(r.x + 28, r.y, r.w - 32, r.h), "Ctrl P", t->text3);
    ui_tooltip(app->ui, r, "every action by name");
    if (area.focused && ui_focus_visible(app->ui))
        ui_focus_ring(app->ui, r, 4);
    if (area.clicked || area.activated) {
        ui_take_key(app->ui);
        command_run(app, command_find("app.palette"));
    }
    return r.x;
}

void topbar_frame(App *app)
{
    const Theme *t = app->kit.theme;
    const WindowLayout *l = &app->layout;
    DrawList *list = ui_list(app->ui);
    Rect bar = l->top;
    float mid = bar.y + bar.h / 2, side = floorf(30 * t->unit);
    ui_push(app->ui, "top");
    draw_rect(list, bar, 0, t->panel);
    draw_rect(list, rect(bar.x, rect_bottom(bar) - 1, bar.w, 1), 0, t->line1);
    icon_command(app, "view.navigator", l->navigator.w > 0 ? ICON_FOLD_LEFT_OPEN : ICON_FOLD_LEFT,
                 5 + side, mid);
    float right = tools(app, rect_right(bar), mid);
    if (compact(app)) {
        compact_tools(app, 5 + side + 4, right, mid);
        ui_pop(app->ui);
        return;
    }
    float title_x = floorf(40 * t->unit), tabs_x = l->tabs ? 236 : 0;
    if (l->tabs && l->navigator.w > 0 && !l->navigator_over)
        tabs_x = l->navigator.w + 12;
    float drop_w = floorf((t->id == THEME_PROJECTOR ? 172 : 132));
    float title_w = l->tabs ? tabs_x - title_x - 20 : right - title_x - drop_w - 24;
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    char title[300]; /* the window reads from the left even when the title begins in Arabic */
    utf8_format(title, sizeof title, "\u200E%s", shown_title(app));
    float natural = text_width(&app->kit, FACE_BOLD, t->body, title);
    Rect title_box = {title_x, bar.y, fminf(title_w, natural + 2), bar.h};
    if (text_in(list, &app->kit, title_box, &bold, title))
        ui_tooltip(app->ui, title_box, title);
    if (l->tabs)
        view_tabs(app, tabs_x, right, mid);
    else
        view_dropdown(app, rect(fminf(rect_right(title_box) + 20, right - drop_w - 8),
                                mid - floorf(14 * t->unit), drop_w, floorf(28 * t->unit)));
    if (t->id == THEME_PROJECTOR && bar.w >= 800 * t->unit) {
        TextStyle hint = {FACE_SANS, t->body, t->text2, ALIGN_RIGHT, 0};
        text_in(list, &app->kit, rect(right - 320, bar.y, 304, bar.h), &hint,
                "F11 leaves projector mode");
    }
    ui_pop(app->ui);
}

/* ---- quick bar ---------------------------------------------------------- */

/* words: the label is written before it; else it is only in the tooltip. */
static float stepper(App *app, const char *name, int *value, int count, Rect bar, float box,
                     bool words)
{
    const Theme *t = app->kit.theme;
    float w = words ? text_width(&app->kit, FACE_SANS, t->body, name) + 8 * t->unit : 0,
          h = floorf(28 * t->unit), x = bar.x;
    if (box <= 0)
        return x;
    int shown = *value < 0 ? 0 : *value;
    Rect r = {x + w, bar.y + (bar.h - h) / 2, box, h};
    if (words)
        text_label(ui_list(app->ui), &app->kit, rect(x, bar.y, w + 4, bar.h), name, t->text2);
    else
        ui_tooltip(app->ui, r, name);
    if (ui_stepper(app->ui, name, name, r, &shown, count))
        *value = shown;
    return x + w + box + 16 * t->unit;
}

const char *temperature_zero(const App *app)
{
    bool gate = app->scope.input.form == FORM_GATE;
    NormKind kind = gate ? NORM_SIGMOID : app->settings.attn.norm.kind;
    return kind == NORM_SIGMOID ? "step" : kind == NORM_RELU ? "refused" : "argmax";
}

SliderSpec temperature_spec(const App *app)
{
    return (SliderSpec){.lo = 0.01,
                        .hi = 100,
                        .reset = 1,
                        .typed_lo = 0,
                        .typed_hi = 1000,
                        .log = true,
                        .decimals = 2,
                        .ticks = 5,
                        .zero_is_end = true,
                        .zero_text = temperature_zero(app)};
}

typedef struct {
    float layer, head; /* widths; 0 = no room */
} Steppers;

/* The knob keeps its run: first the head's stepper shrinks, then the layer's goes, then both. */
static Steppers steppers_fit(float room, float u)
{
    float full = floorf(84 * u), small = floorf(66 * u), gap = 16 * u, slider = 144 * u;
    Steppers s = {full, floorf(clampf(room - slider - full - 2 * gap, small, full))};
    if (s.layer + s.head + 2 * gap + slider > room)
        s = (Steppers){0, floorf(clampf(room - slider - gap, small, full))};
    if (room - s.head - gap < 100 * u)
        s.head = 0;
    return s;
}

void quickbar_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Rect bar = app->layout.quick;
    if (bar.h <= 0)
        return;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    ui_push(app->ui, "quick");
    draw_rect(ui_list(app->ui), bar, 0, t->bg);
    draw_rect(ui_list(app->ui), rect(bar.x, rect_bottom(bar) - 1, bar.w, 1), 0, t->line1);
    int layer = app->settings.layer < 0 ? 0 : app->settings.layer;
    bool words = bar.w >= 600 * t->unit; /* the knob needs its run more than the names */
    float left = floorf(12 * t->unit);
    Steppers fit = steppers_fit(bar.w - left - 12, t->unit);
    Rect rest = {left, bar.y, bar.w - left, bar.h};
    rest.x = stepper(app, "layer", &app->settings.layer, s->layer_count, rest, fit.layer, words);
    float x = stepper(app, "head", &app->settings.head, s->layers[layer].head_count, rest, fit.head,
                      words);
    SliderSpec spec = temperature_spec(app);
    spec.wide = true;
    float h = fminf(bar.h, floorf(40 * t->unit));
    const char *given = scope_given(&app->scope);
    ui_disable(app->ui, given ? given : scope_empty(&app->scope, &app->settings));
    ui_slider(app->ui, "temperature", "temperature",
              rect(x, bar.y + (bar.h - h) / 2, rect_right(bar) - x - 12, h),
              &app->settings.attn.scale.temperature, &spec);
    ui_enable(app->ui);
    ui_pop(app->ui);
}
