/* The navigator on the left: sentences, layers × heads, statistics of the head. */
#include "app/facts.h"
#include "app/navigator_parts.h"
#include "app/view_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { THUMB_MOST = 96 };

Rect column_row(Column *c, float height)
{
    Rect r = {c->panel.x, c->y, c->panel.w, floorf(height * c->app->kit.theme->unit)};
    c->y += r.h;
    return r;
}

static void column_line(Column *c)
{
    draw_rect(ui_list(c->app->ui), rect(c->panel.x, c->y, c->panel.w, 1), 0,
              c->app->kit.theme->line1);
    c->y += 4;
}

bool column_section(Column *c, int id, const char *name, const char *title, const char *summary)
{
    bool open = c->app->sections[id] != SECTION_FORCED_CLOSED;
    Rect head = column_row(c, 28);
    char all[80];
    snprintf(all, sizeof all, "%s", summary);
    head.x += 12;
    head.w -= 24;
    if (ui_section(c->app->ui, name, title, all, head, &open))
        c->app->sections[id] = open ? SECTION_FORCED_OPEN : SECTION_FORCED_CLOSED;
    return open;
}

/* ---- layers × heads ----------------------------------------------------- */

static void one_mean_max(Column *c)
{
    static const char *const CHOICES[] = {"one", "mean", "max", NULL};
    App *app = c->app;
    Settings *s = &app->settings;
    /* Where layers have one head each, the choice is that of the layers. */
    int most = view_most_heads(scope_sentence(&app->scope, s));
    int over = s->head < 0 || most > 1 ? s->head : s->layer;
    int chosen = over == FIELD_MEAN ? 1 : over == FIELD_MAX ? 2 : 0, was = chosen;
    Rect r = column_row(c, 28);
    if (ui_segmented(app->ui, "reduce", "one head, or the mean or max over heads", CHOICES,
                     rect(r.x + 12, r.y, r.w - 24, r.h), &chosen) &&
        chosen != was) {
        int kinds[] = {0, FIELD_MEAN, FIELD_MAX};
        if (was == 0)
            app->last_head = s->head;
        s->head = chosen == 0 ? app->last_head : kinds[chosen];
        if (s->layer < 0)
            s->layer = chosen == 0 ? 0 : kinds[chosen];
    }
    if (chosen == 0 && s->layer >= 0)
        return;
    bool layers = s->layer < 0;
    c->y += 4;
    r = column_row(c, 24);
    if (ui_checkbox(app->ui, "all layers", "over all layers too",
                    rect(r.x + 12, r.y, r.w - 24, r.h), &layers, false))
        s->layer = layers ? s->head : 0;
}

/* Arrows on the focused thumbnails walk through layers and heads. */
static void grid_keys(App *app, const DocSentence *s)
{
    int key = app->input.key;
    if (key < KEY_LEFT || key > KEY_DOWN || app->input.mods || ui_key_taken(app->ui))
        return;
    Settings *set = &app->settings;
    int layer = (set->layer < 0 ? 0 : set->layer) + (key == KEY_DOWN) - (key == KEY_UP);
    set->layer = clampi(layer, 0, s->layer_count - 1);
    int head = (set->head < 0 ? 0 : set->head) + (key == KEY_RIGHT) - (key == KEY_LEFT);
    set->head = clampi(head, 0, s->layers[set->layer].head_count - 1);
    ui_take_key(app->ui);
}

static void heads(Column *c)
{
    App *app = c->app;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    char summary[32];
    int most = view_most_heads(s), layer = -1, head = -1;
    snprintf(summary, sizeof summary, "%d × %d", s->layer_count, most);
    if (!column_section(c, SECTION_HEADS, "heads", "Layers × heads", summary))
        return;
    float pitch = fminf(floorf((c->panel.w - 44) / (float)(most > 0 ? most : 1)), THUMB_MOST);
    float want = pitch * (float)s->layer_count + 24;
    Rect area = {c->panel.x + 12, c->y, c->panel.w - 24,
                 fminf(fminf(want, 200), fmaxf(48, rect_bottom(c->panel) - c->y - c->offset - 44))};
    int map = s->image.present ? COLORMAP_MAGMA : COLORMAP_VIRIDIS;
    if (map != app->thumb_map) { /* the cache knows nothing of maps: start over */
        HeadGrid *fresh = head_grid_new();
        if (fresh) {
            head_grid_free(app->grid);
            app->grid = fresh;
            app->thumb_map = map;
        }
    }
    HeadGridLayout grid = head_grid_layout(&app->kit, area, s->layer_count, most);
    app_thumbnails(app, app->grid, grid.cell, (ColormapId)app->thumb_map);
    UiArea pointer = ui_area(app->ui, "grid", "layers and heads", area);
    if (pointer.hovered && head_grid_probe(&grid, pointer.at, &layer, &head) &&
        head < s->layers[layer].head_count) {
        char tip[400];
        head_tip(app, layer, head, tip, sizeof tip);
        ui_tooltip(app->ui, head_grid_cell(&grid, layer, head), tip);
        if (pointer.clicked) {
            app->settings.layer = layer;
            app->settings.head = head;
        }
    }
    if (pointer.focused)
        grid_keys(app, s);
    head_grid_draw(app->grid, &app->kit, &grid, app->settings.layer, app->settings.head, layer,
                   head, ui_list(app->ui));
    if (pointer.focused && ui_focus_visible(app->ui))
        ui_focus_ring(app->ui, area, 4);
    c->y = rect_bottom(head_grid_cell(&grid, s->layer_count - 1, 0)) + 12;
    if (s->layer_count > 1 || most > 1)
        one_mean_max(c);
    c->y += 12;
}

/* ---- statistics --------------------------------------------------------- */

/* old: of settings before. */
static void stat_row_in(Column *c, const char *name, const char *value, bool old)
{
    App *app = c->app;
    const Theme *t = app->kit.theme;
    Rect r = column_row(c, 22);
    TextStyle mono = {FACE_MONO, t->body, old ? t->dis : t->text1, ALIGN_RIGHT, 0};
    text_label(ui_list(app->ui), &app->kit, rect(r.x + 30, r.y, r.w - 100, r.h), name, t->text2);
    text_in(ui_list(app->ui), &app->kit, rect(r.x + r.w - 112, r.y, 100, r.h), &mono, value);
}

static void stat_row(Column *c, const char *name, const char *value)
{
    stat_row_in(c, name, value, c->old);
}

/* The rest, behind a fold: Gini and Jacobian take sorting every row. */
static void more_statistics(Column *c, const HeadStats *sums)
{
    App *app = c->app;
    char text[TEXT_NUMBER];
    bool old = false;
    HeadStats h = *sums;
    Rect head = column_row(c, 28);
    head.x += 30; /* the chevron stands where the names do */
    head.w -= 42;
    if (app->more_stats && !figures_head(&app->scope, ui_busy(app->ui), &h, &old))
        h = *sums;
    facts_fraction(text, h.mean_relative);
    char summary[TEXT_NUMBER + 16];
    snprintf(summary, sizeof summary, "H / log₂ n %s", text);
    ui_section(app->ui, "more", "more", app->more_stats ? "" : summary, head, &app->more_stats);
    if (!app->more_stats)
        return;
    stat_row(c, "H / log₂ n", text);
    facts_fixed(text, h.mean_effective, 2);
    stat_row(c, "effective keys", text);
    facts_fraction(text, h.mean_max);
    stat_row(c, "max", text);
    if (app->scope.result->sums_open) {
        facts_fixed(text, h.mean_sum, 3);
        stat_row(c, "sum", text);
    }
    facts_fraction(text, h.mean_gini);
    stat_row_in(c, "Gini", text, old || c->old);
    facts_fraction(text, h.mean_jacobian);
    stat_row_in(c, "Jacobian norm", text, old || c->old);
}

/* A gate is open or shut, which no entropy says. */
static void gate_statistics(Column *c)
{
    const AttnResult *r = c->app->scope.result;
    const double *sums = scope_sums(&c->app->scope, NULL);
    char text[TEXT_NUMBER];
    double sum = 0;
    for (int k = 0; sums && k < r->n_k; k++)
        sum += sums[k];
    facts_fraction(text, sum / r->n_q / r->n_k);
    stat_row(c, "mean", text);
}

static void entropy_statistics(Column *c, const HeadStats *sums)
{
    HeadStats h = *sums;
    char text[TEXT_NUMBER];
    const AttnResult *r = c->app->scope.result;
    if (isfinite(h.mean_entropy))
        snprintf(text, sizeof text, "%.2f bits", h.mean_entropy);
    else
        snprintf(text, sizeof text, "—");
    stat_row(c, r->form == FORM_STRIP ? "entropy" : "mean entropy", text);
}

/* Of places: first, previous and distance mean something where rows are queries. */
static void place_statistics(Column *c, const HeadStats *sums)
{
    HeadStats h = *sums;
    App *app = c->app;
    const Settings *s = &app->settings;
    char text[TEXT_NUMBER];
    facts_share(text, h.first_token);
    stat_row(c, "first token", text);
    if (scope_sentence(&app->scope, s)->self) {
        facts_share(text, h.previous_token);
        stat_row(c, "previous token", text);
        facts_share(text, h.itself);
        stat_row(c, "itself", text);
    }
    facts_fixed(text, h.mean_distance, 2);
    stat_row(c, "mean distance", text);
}

static void statistics(Column *c)
{
    App *app = c->app;
    const AttnResult *r = app->scope.result;
    const Settings *s = &app->settings;
    char title[48], text[TEXT_NUMBER];
    if (r && !(r->tiles || r->stage[STAGE_WEIGHTS].at))
        return;
    if (s->layer >= 0 && s->head >= 0)
        snprintf(title, sizeof title, "Head %d·%d", s->layer, s->head);
    else
        snprintf(title, sizeof title, "%s over heads",
                 (s->head == FIELD_MAX || s->layer == FIELD_MAX) ? "Max" : "Mean");
    if (!column_section(c, SECTION_HEAD, "head", title, ""))
        return;
    if (!r) {
        c->y += no_statistics(app, rect(c->panel.x + 30, c->y, c->panel.w - 42, 0));
        return;
    }
    HeadStats h;
    if (!scope_head(&app->scope, &h, &c->old))
        return;
    if (c->old) { /* rows on demand: not all are known yet */
        Rect row = column_row(c, 22);
        app_rows_fresh(app, title, sizeof title);
        text_label(ui_list(app->ui), &app->kit, rect(row.x + 30, row.y, row.w - 42, row.h), title,
                   app->kit.theme->text3);
    }
    if (r->form == FORM_GATE)
        gate_statistics(c);
    else
        entropy_statistics(c, &h);
    if (r->form == FORM_PAIRS)
        place_statistics(c, &h);
    if (r->recorded_error >= 0) {
        facts_error(text, r->recorded_error);
        stat_row(c, "|live − recorded|", text);
    }
    if (r->form != FORM_GATE)
        more_statistics(c, &h);
}

void navigator_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Rect panel = app->layout.navigator;
    if (app->layout.navigator_over)
        ui_float_begin(app->ui, "navigator", panel);
    else
        ui_push(app->ui, "navigator");
    draw_rect(ui_list(app->ui), panel, 0, t->panel);
    draw_rect(ui_list(app->ui), rect(rect_right(panel) - 1, panel.y, 1, panel.h), 0,
              app->layout.navigator_over ? t->line3 : t->line1);
    Rect room = {panel.x, panel.y, panel.w - 1, panel.h};
    UiScroll scroll = ui_scroll_begin(app->ui, "column", room, app->navigator_content);
    Column c = {app, panel, panel.y + 4 - scroll.offset, scroll.offset, false};
    if (!needs_reading(app)) {
        Rect r = column_row(&c, 28);
        float pad = 12 * t->unit - 12; /* its words stand under the titles of sections */
        reading_row(app, rect(r.x - pad, r.y, r.w + pad - 6, r.h));
        column_line(&c);
    }
    if (app->scope.doc.sentence_count > 1) {
        navigator_sentences(&c, panel.h * 0.3f);
        column_line(&c);
    }
    heads(&c);
    column_line(&c);
    statistics(&c);
    app->navigator_content = c.y + c.offset - panel.y + 4;
    ui_scroll_end(app->ui);
    if (!app->layout.navigator_over) {
        UiArea edge =
            ui_area(app->ui, "edge", NULL, rect(rect_right(panel) - 3, panel.y, 6, panel.h));
        if (edge.dragging)
            app->settings.navigator_width = fmin(
                420, fmax(184, app->settings.navigator_width + (double)(edge.drag.x / t->unit)));
        if (edge.double_clicked)
            app->settings.navigator_width = 224;
        if (edge.hovered || edge.dragging)
            ui_cursor(app->ui, CURSOR_RESIZE_H);
    }
    if (app->layout.navigator_over)
        ui_float_end(app->ui);
    else
        ui_pop(app->ui);
}
