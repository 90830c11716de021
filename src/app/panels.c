/* The controls on the right: which sections are open, the row chart, the panel around them. */
#include "app/commands.h"
#include "app/panel_sections.h"

#include "base/index_set.h"

#include <math.h>

/* 4 above an open section's controls, 8 below, 4 more between the line and the next head. */
enum { SECTION_ROOM = 16 };
/* Above and below the row chart's own lines; its title stands on the middle of the control. */
enum { ROW_TOP = 11, ROW_FOOT = 12 };

static bool section_belongs(const App *app, int id)
{
    bool patches = app->panes[0].view == VIEW_PATCHES || app->panes[1].view == VIEW_PATCHES;
    bool lines = app->panes[0].view == VIEW_LINES || app->panes[1].view == VIEW_LINES;
    return id == SECTION_OVERLAY ? patches : id == SECTION_LINKS ? lines : true;
}

static float section_height(const App *app, const Section *s, bool open)
{
    float head = floorf(28 * app->kit.theme->unit);
    return open ? head + s->height(app) + SECTION_ROOM : head;
}

/* Sections close from the last upward when height is short; a person's own choice is kept. */
static void choose_open(const App *app, float room, bool open[SECTIONS_HERE])
{
    float total = 0;
    for (int i = 0; i < SECTIONS_HERE; i++) {
        const Section *s = &SECTIONS[i];
        open[i] = section_belongs(app, s->id) && app->sections[s->id] != SECTION_FORCED_CLOSED;
        total += section_belongs(app, s->id) ? section_height(app, s, open[i]) : 0;
    }
    for (int i = SECTIONS_HERE - 1; i > 0 && total > room; i--) {
        if (!open[i] || app->sections[SECTIONS[i].id] == SECTION_FORCED_OPEN)
            continue;
        total -= section_height(app, &SECTIONS[i], true) - section_height(app, &SECTIONS[i], false);
        open[i] = false;
    }
}

static void draw_sections(App *app, Rect area, const bool open[SECTIONS_HERE])
{
    const Theme *t = app->kit.theme;
    float content = 5;
    for (int i = 0; i < SECTIONS_HERE; i++)
        content +=
            section_belongs(app, SECTIONS[i].id) ? section_height(app, &SECTIONS[i], open[i]) : 0;
    UiScroll scroll = ui_scroll_begin(app->ui, "sections", area, content);
    Flow flow = {app, area, area.x + 11, area.w - 23, area.y + 4 - scroll.offset};
    bool first = true, after_open = false;
    app->stats_open = false;
    for (int i = 0; i < SECTIONS_HERE; i++) {
        const Section *s = &SECTIONS[i];
        char summary[96] = "";
        bool is_open = open[i];
        if (!section_belongs(app, s->id))
            continue;
        if (!first)
            draw_rect(ui_list(app->ui), rect(area.x, flow.y - (after_open ? 4 : 0), area.w, 1), 0,
                      t->line1);
        first = false;
        after_open = open[i];
        s->summary(app, summary, sizeof summary);
        Rect head = {area.x + 11, flow.y, area.w - 23, floorf(28 * t->unit)};
        if (ui_section(app->ui, s->name, s->title, is_open ? "" : summary, head, &is_open)) {
            app->sections[s->id] = is_open ? SECTION_FORCED_OPEN : SECTION_FORCED_CLOSED;
            app->section_to_show = is_open ? s->id + 1 : 0;
        }
        flow.y = rect_bottom(head);
        if (!open[i])
            continue;
        float bottom = flow.y + s->height(app) + SECTION_ROOM;
        if (app->section_to_show == s->id + 1) { /* opened just now: all of it is wanted */
            float top = rect_bottom(head) - head.h - (area.y - scroll.offset);
            ui_scroll_to(app->ui, "controls/sections", top, top + fminf(bottom - head.y, area.h));
            app->section_to_show = 0;
        }
        flow.y += 4;
        bool acts = s->id == SECTION_SCALE || s->id == SECTION_MASK;
        ui_push(app->ui, s->name);
        ui_disable(app->ui, acts ? scope_empty(&app->scope, &app->settings) : NULL);
        s->draw(app, &flow);
        ui_enable(app->ui);
        ui_pop(app->ui);
        flow.y = bottom;
    }
    ui_scroll_end(app->ui);
}

/* The edge of a docked panel: drag to resize, double click restores. */
static void panel_edge(App *app, const char *name, Rect edge, double *width, double lo, double hi,
                       double reset, float sign)
{
    UiArea area = ui_area(app->ui, name, NULL, edge); /* for the pointer alone: no stop of Tab */
    if (area.dragging)
        *width = fmin(hi, fmax(lo, *width + (double)(sign * area.drag.x)));
    if (area.double_clicked)
        *width = reset;
    if (area.hovered || area.dragging)
        ui_cursor(app->ui, CURSOR_RESIZE_H);
}

/* What stays above the row chart: the scale, what the view needs most, and the heads of the rest.
 */
static float sections_wanted(const App *app)
{
    int second = section_belongs(app, SECTION_OVERLAY) ? SECTION_OVERLAY : SECTION_MASK;
    float total = 5;
    for (int i = 0; i < SECTIONS_HERE; i++) {
        int id = SECTIONS[i].id;
        bool open =
            (id == SECTION_SCALE || id == second) && app->sections[id] != SECTION_FORCED_CLOSED;
        total += section_belongs(app, id) ? section_height(app, &SECTIONS[i], open) : 0;
    }
    return total;
}

void panels_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Rect panel = app->layout.controls;
    app->row_hover = -1;
    if (panel.w <= 0)
        return;
    bool open[SECTIONS_HERE];
    params_update(app);
    stats_update(app);
    color_update(app);
    if (app->layout.controls_over)
        ui_float_begin(app->ui, "controls", panel); /* over the canvas, above its views */
    else
        ui_push(app->ui, "controls");
    draw_rect(ui_list(app->ui), panel, 0, t->panel);
    draw_rect(ui_list(app->ui), rect(panel.x, panel.y, 1, panel.h), 0,
              app->layout.controls_over ? t->line3 : t->line1);
    if (!app->layout.controls_over)
        panel_edge(app, "edge", rect(panel.x - 3, panel.y, 6, panel.h),
                   &app->settings.controls_width, 248, 420, 280, -1);
    Rect inner = {panel.x + 1, panel.y, panel.w - 1, panel.h};
    if (app->layout.row.w <= 0 && app->scope.result && app->panes[0].view != VIEW_HEADS) {
        Scene scene;
        scope_scene(&app->scope, &app->settings, &app->kit, 0, &scene);
        float want = row_chart_height(&scene, app->scope.result->n_k, false) + ROW_TOP + ROW_FOOT;
        const MaskParams *mask = &app->settings.attn.mask;
        want += mask->hidden && !mask->renormalise ? 16 * t->unit : 0; /* the line of lost mass */
        float room = fmaxf(180, panel.h - sections_wanted(app));
        Rect row = rect_cut_bottom(&inner, floorf(fminf(fminf(want, room), panel.h * 0.6f)));
        draw_rect(ui_list(app->ui), rect(inner.x, row.y, inner.w, 1), 0, t->line2);
        rowpanel_frame(app, row);
    }
    choose_open(app, inner.h - 5, open);
    draw_sections(app, inner, open);
    if (app->layout.controls_over)
        ui_float_end(app->ui);
    else
        ui_pop(app->ui);
}

void rowpanel_frame(App *app, Rect r)
{
    static const char *const ORDERS[] = {"order", "sorted", NULL};
    const Theme *t = app->kit.theme;
    Scene scene;
    bool side = app->layout.row.w > 0;
    bool compact = side && r.w < 300;
    ui_push(app->ui, "row");
    if (side) {
        draw_rect(ui_list(app->ui), r, 0, t->bg);
        if (!compact)
            draw_rect(ui_list(app->ui), rect(r.x, r.y, 1, r.h), 0, t->line1);
    }
    scope_scene(&app->scope, &app->settings, &app->kit, 0, &scene);
    scene.focus.hover_query = app->hover_shown.hover_query;
    scene.focus.hover_key = app->hover_shown.hover_key;
    if (scene.focus.query < 0 && scene.focus.queries == 0 && scene.focus.hover_query < 0)
        scene.received = scope_sums(&app->scope, NULL); /* the mean of all rows is shown */
    bool none = app->scope.tiled && scene.focus.query < 0 && scene.focus.queries == 0 &&
                scene.focus.hover_query < 0 && !scene.received;
    float top = side ? 6 : ROW_TOP;
    Rect inner = {r.x + 11, r.y + top, r.w - 23, r.h - top - (side ? 6 : ROW_FOOT)};
    bool control = !compact && !side;
    int order = app->settings.row_sorted ? 1 : 0;
    bool seen =
        app->drawing || !app->scope.tiled; /* very many keys: only for the pass that shows */
    if (app->scope.result && seen)
        row_chart_draw(&scene, inner, app->settings.row_sorted, compact, control, ui_list(app->ui));
    if (none) /* the mean is known when all rows are */
        text_label(ui_list(app->ui), &app->kit, rect(inner.x, inner.y + 40, inner.w, 16),
                   "Point at a row, or select one.", t->text2);
    if (control && ui_segmented(app->ui, "order", "bars in", ORDERS,
                                rect(rect_right(inner) - 120 * t->unit, inner.y, 120 * t->unit,
                                     floorf(28 * t->unit)),
                                &order))
        app->settings.row_sorted = order == 1;
    if (control && app->settings.queries != 0 && inner.w >= 420 * t->unit) {
        static const char *const WAYS[] = {"mean", "sum", NULL};
        float u = t->unit;
        int way = app->settings.queries_sum ? 1 : 0;
        if (ui_segmented(app->ui, "several", "rows as their", WAYS,
                         rect(rect_right(inner) - 240 * u, inner.y, 112 * u, floorf(28 * u)), &way))
            app->settings.queries_sum = way == 1;
    }
    Rect bars = rect(inner.x, inner.y + 40, inner.w, inner.h - 40);
    UiArea area = ui_area(app->ui, "bars", NULL, bars);
    if (area.hovered && app->scope.result) {
        Probe probe =
            row_chart_probe(&scene, inner, app->settings.row_sorted, compact, control, area.at);
        app->row_hover = probe.key;
        bool keys = scope_cols(&app->scope) == &app->scope.keys;
        if (probe.key >= 0 && area.clicked && (area.mods & MOD_CTRL) && keys)
            app->settings.attn.mask.hidden =
                index_set_toggle(app->settings.attn.mask.hidden, probe.key);
        else if (probe.key >= 0 && area.clicked)
            app->settings.key = probe.key;
    }
    ui_pop(app->ui);
}

void section_command(App *app, int id)
{
    if (app->layout.controls.w <= 0)
        command_run(app, command_find("view.controls"));
    app->sections[id] = SECTION_FORCED_OPEN;
    app->section_to_show = id + 1;
}
