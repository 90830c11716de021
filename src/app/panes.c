/* The canvas: one or two linked views, their heads, and what the pointer does in them. */
#include "app/facts.h"
#include "app/state.h"
#include "app/view_parts.h"

#include "base/index_set.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PANE_HEAD = 36, LINKS_WHILE_HELD = 2000, TILES_STATUS = 180 };

static const char *const VIEW_TITLES[] = {"Heatmap", "Lines", "Patches", "Heads", NULL};

bool panes_init(Pane *pane, Error *err)
{
    memset(pane, 0, sizeof *pane);
    pane->view = -1;
    pane->heatmap = heatmap_new();
    pane->links = links_new();
    pane->patches = patches_new();
    pane->heads = head_grid_new();
    if (pane->heatmap && pane->links && pane->patches && pane->heads)
        return true;
    panes_free(pane);
    return error_memory(err);
}

void panes_free(Pane *pane)
{
    heatmap_free(pane->heatmap);
    links_free(pane->links);
    patches_free(pane->patches);
    head_grid_free(pane->heads);
    memset(pane, 0, sizeof *pane);
}

unsigned panes_stages(const App *app)
{
    const Settings *s = &app->settings;
    unsigned want = STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(s->stage);
    if (scope_view(&app->scope, s, 1) >= 0)
        want |= STAGE_BIT(s->stage2);
    return want;
}

/* ---- what the pointer means --------------------------------------------- */

void point_at(App *app, Probe probe, bool cell_card)
{
    app->hover.hover_query = probe.query;
    app->hover.hover_key = probe.key;
    app->hover_rect = probe.rect;
    app->hover_card = cell_card && probe.query >= 0 && probe.key >= 0;
}

void click_at(App *app, Probe probe, int mods)
{
    Settings *s = &app->settings;
    if (!scope_rows_are_queries(&app->scope)) /* the query is chosen in the pane's head */
        probe.query = -1;
    if ((mods & MOD_CTRL) && probe.key >= 0 && scope_cols(&app->scope) == &app->scope.keys) {
        s->attn.mask.hidden = index_set_toggle(s->attn.mask.hidden, probe.key);
        return;
    }
    if ((mods & MOD_SHIFT) && probe.query >= 0) {
        if (s->queries == 0 && s->query >= 0 && s->query != probe.query)
            s->queries = index_set_toggle(s->queries, s->query);
        s->queries = index_set_toggle(s->queries, probe.query);
        s->query = probe.query;
        return;
    }
    if (probe.query < 0 && probe.key < 0)
        return;
    app_select(app, probe.query >= 0 ? probe.query : s->query,
               probe.query >= 0 ? probe.key : probe.key);
}

static void heatmap_wheel(App *app, const Pane *pane, const UiArea *area)
{
    Settings *s = &app->settings;
    const HeatmapLayout *l = &pane->heatmap_layout;
    const AttnResult *r = app->scope.result;
    Viewport v = {s->zoom, s->zoom_row, s->zoom_col};
    if (!(l->cell_w > 0 && l->cell_h > 0))
        return; /* no room for cells: nothing to hold on to */
    if (area->wheel.y != 0 && (area->mods & MOD_SHIFT))
        viewport_pan(&v, 0, -(double)area->wheel.y * fmax(1, l->cols_seen / 8.0), r->n_q, r->n_k);
    else if (area->wheel.y != 0)
        viewport_zoom(&v, pow(1.25, (double)area->wheel.y),
                      v.row + (double)(area->at.y - l->matrix.y) / (double)l->cell_h,
                      v.col + (double)(area->at.x - l->matrix.x) / (double)l->cell_w, r->n_q,
                      r->n_k);
    if (area->dragging && s->zoom > 1)
        viewport_pan(&v, -(double)(area->drag.y / l->cell_h), -(double)(area->drag.x / l->cell_w),
                     r->n_q, r->n_k);
    s->zoom = v.zoom;
    s->zoom_row = v.row;
    s->zoom_col = v.col;
}

/* ---- the four views ----------------------------------------------------- */

static void heatmap_pane(App *app, Pane *pane, const UiArea *area, bool first)
{
    Error err = {0};
    Viewport v =
        first ? (Viewport){app->settings.zoom, app->settings.zoom_row, app->settings.zoom_col}
              : viewport_fit();
    pane->heatmap_layout = heatmap_layout(&pane->scene, v, pane->body);
    if (pane->heatmap_layout.received.w > 0)
        pane->scene.received = scope_sums(&app->scope, NULL);
    if (area->hovered) {
        Probe probe = heatmap_probe(&pane->scene, &pane->heatmap_layout, area->at);
        if (scene_rows_are_keys(pane->scene.stage)) {
            probe.key = probe.query;
            probe.query = -1;
        }
        bool tokens = scope_rows_are_tokens(&app->scope, pane->scene.stage) &&
                      !scope_rows_are_queries(&app->scope);
        int token = tokens ? probe.query : -1; /* no row of the weights */
        if (tokens) {
            app->hover_token = token;
            probe.query = -1;
        }
        dimension_tip(app, pane, area->at);
        point_at(app, probe, !area->dragging);
        if (probe.tip)
            ui_tooltip(app->ui, probe.rect, probe.tip);
        if (area->clicked && token >= 0)
            app_select(app, token, app->settings.key);
        else if (area->clicked)
            click_at(app, probe, area->mods);
        if (area->double_clicked && token < 0 && probe.query < 0 && probe.key < 0)
            app->settings.zoom = 1;
    }
    if (first && (area->hovered || area->dragging))
        heatmap_wheel(app, pane, area);
    tiles_frame(app, pane, first);
    if (scene_tiled(&pane->scene) && !app->drawing)
        return; /* nobody will see this pass */
    if (heatmap_update(pane->heatmap, &pane->scene, &pane->heatmap_layout, &err))
        heatmap_draw(pane->heatmap, &pane->scene, &pane->heatmap_layout, ui_list(app->ui));
}

static void links_pane(App *app, Pane *pane, const UiArea *area)
{
    Error err = {0};
    const Pane *other = pane == &app->panes[0] ? &app->panes[1] : &app->panes[0];
    /* Few columns would be squeezed to the pitch of many rows. */
    bool beside = other->drawn && other->view == VIEW_HEATMAP && app->settings.zoom <= 1 &&
                  scene_form(&pane->scene) != FORM_GATE &&
                  app->settings.lines.layout == LINES_VERTICAL && pane == &app->panes[1];
    const HeatmapLayout *h = &other->heatmap_layout;
    pane->links_layout = links_layout(&pane->scene, pane->body, beside ? h->matrix.y : 0,
                                      beside ? h->cell_h : 0, pane->scroll);
    if (area->hovered && area->wheel.y != 0) {
        float most = fmaxf(0, pane->links_layout.content - pane->body.w);
        pane->scroll = clampf(pane->scroll - area->wheel.y * 48, 0, most);
    }
    if (!links_update(pane->links, &pane->scene, &pane->links_layout, &err))
        return;
    if (area->hovered) {
        Probe probe = links_probe(pane->links, &pane->scene, &pane->links_layout, area->at);
        point_at(app, probe, false);
        if (probe.tip)
            ui_tooltip(app->ui, probe.rect, probe.tip);
        if (area->clicked)
            click_at(app, probe, area->mods);
    }
    links_draw(pane->links, &pane->scene, &pane->links_layout, ui_list(app->ui));
}

void app_thumbnails(App *app, HeadGrid *grid, float cell, ColormapId map)
{
    int share = view_thumbnail_share(&app->scope, ui_busy(app->ui));
    int side = (int)fmaxf(4, cell * app->kit.scale);
    if (share > 0 &&
        view_thumbnails(&app->scope, &app->settings, grid, share, side, colormap(map)) == share)
        app->thumbs_pending = true;
}

static void heads_pane(App *app, Pane *pane, const UiArea *area)
{
    const DocSentence *s = pane->scene.sentence;
    int most = view_most_heads(s), layer = -1, head = -1;
    pane->heads_layout =
        head_grid_layout(&app->kit, rect_inset(pane->body, 16), s->layer_count, most);
    app_thumbnails(app, pane->heads, pane->heads_layout.cell,
                   s->image.present ? COLORMAP_MAGMA : COLORMAP_VIRIDIS);
    if (area->hovered && head_grid_probe(&pane->heads_layout, area->at, &layer, &head) &&
        (area->clicked || area->double_clicked) && head < s->layers[layer].head_count) {
        app->settings.layer = layer;
        app->settings.head = head;
        if (area->double_clicked) /* comes with the second press, a click with its release */
            app->settings.view = 1 + VIEW_HEATMAP;
    }
    head_grid_draw(pane->heads, &app->kit, &pane->heads_layout, app->settings.layer,
                   app->settings.head, layer, head, ui_list(app->ui));
}

/* ---- pane head ---------------------------------------------------------- */

/* Where every layer is one head, the names of the layers tell them apart. */
static const char *layer_name(const DocSentence *sentence, int layer)
{
    if (!sentence || layer < 0 || layer >= sentence->layer_count || sentence->layer_count < 2)
        return "";
    const DocLayer *l = &sentence->layers[layer];
    return l->head_count == 1 ? l->name : "";
}

static void place_words(const App *app, int view, char *out, size_t cap)
{
    const Settings *s = &app->settings;
    const DocSentence *sentence = scope_sentence(&app->scope, s);
    const char *name = layer_name(sentence, s->layer);
    char layer[96], head[24];
    if (view == VIEW_HEADS) {
        snprintf(out, cap, "every layer and head, own colour range each");
        return;
    }
    if (s->layer >= 0)
        utf8_format(layer, sizeof layer, "layer %d%s%s", s->layer, name[0] ? ": " : "", name);
    else
        snprintf(layer, sizeof layer, "%s over layers", s->layer == FIELD_MAX ? "max" : "mean");
    if (s->head >= 0)
        snprintf(head, sizeof head, "head %d", s->head);
    else
        snprintf(head, sizeof head, "%s over heads", s->head == FIELD_MAX ? "max" : "mean");
    utf8_format(out, cap, "%s · %s%s", layer, head,
                form_words(app, view)[0]      ? form_words(app, view)
                : view == VIEW_PATCHES        ? " · where the marked patch looks"
                : sentence && !sentence->self ? " · cross-attention"
                                              : "");
}

/* Bold title with a chevron: a menu of the views. */
static float title_menu(App *app, int index, Rect head, int view)
{
    Ui *ui = app->ui;
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(ui);
    float w = text_width(&app->kit, FACE_BOLD, t->body, VIEW_TITLES[view]);
    Rect r = {head.x + 16, head.y + 4, w + 22, 28};
    UiArea area = ui_area(ui, "view", "choose the view", r);
    TextStyle style = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    text_in(list, &app->kit, rect(r.x, r.y, w + 2, r.h), &style, VIEW_TITLES[view]);
    icon_draw(list, ICON_CHEVRON_DOWN, rect(r.x + w + 4, r.y, 16, r.h), 12,
              area.hovered ? t->text1 : t->text3);
    if (index == app->focused_pane && app->panes[1].view >= 0)
        draw_rect(list, rect(r.x, head.y + 31, w, 2), 0, t->ink);
    char id[64];
    snprintf(id, sizeof id, "canvas/pane%d/views", index + 1);
    if (area.focused && ui_focus_visible(ui))
        ui_focus_ring(ui, rect(r.x - 4, r.y + 2, r.w + 4, r.h - 4), 4);
    if (area.clicked || area.activated) {
        ui_take_key(ui);
        ui_popup_open(ui, id);
    }
    if (ui_popup_begin(ui, "views", rect(r.x, r.y + 32, 168, 8 + 28 * (float)VIEW_COUNT))) {
        for (int v = 0; v < VIEW_COUNT; v++) {
            Rect row = {r.x + 4, r.y + 36 + 28 * (float)v, 160, 28};
            const char *missing = scope_view_missing(&app->scope, &app->settings, v);
            ui_disable(ui, missing);
            if (ui_list_row(ui, VIEW_NAMES[v], NULL, VIEW_TITLES[v], row, v == view)) {
                if (index == 0)
                    app->settings.view = v + 1;
                else
                    app->settings.view2 = v + 2;
                ui_popup_close(ui);
            }
            ui_enable(ui);
        }
        ui_popup_end(ui);
    }
    return rect_right(r);
}

static void dots_menu(App *app, int index, Rect head)
{
    Ui *ui = app->ui;
    char id[64];
    Rect r = {rect_right(head) - 34, head.y + 4, 28, 28};
    snprintf(id, sizeof id, "canvas/pane%d/more", index + 1);
    if (ui_icon_button(ui, "dots", "more", ICON_DOTS, r))
        ui_popup_open(ui, id);
    if (!ui_popup_begin(ui, "more", rect(rect_right(r) - 200, r.y + 32, 200, 8 + 28 * 3)))
        return;
    Rect row = {rect_right(r) - 196, r.y + 36, 192, 28};
    if (ui_list_row(ui, "export", NULL, "Export this view…", row, false)) {
        app->focused_pane = index;
        ui_popup_close(ui);
        browser_open(app, BROWSER_EXPORT, NULL);
    }
    row.y += 28;
    if (ui_list_row(ui, "fit", NULL, "Fit the whole matrix", row, false)) {
        app->settings.zoom = 1;
        app->settings.zoom_row = app->settings.zoom_col = 0;
        ui_popup_close(ui);
    }
    row.y += 28;
    bool two = app->panes[1].view >= 0;
    if (ui_list_row(ui, "second", NULL, two ? "Close the second pane" : "Open a second pane", row,
                    false)) {
        app->settings.view2 =
            two ? 1 : 2 + (app->panes[0].view == VIEW_LINES ? VIEW_HEATMAP : VIEW_LINES);
        ui_popup_close(ui);
    }
    ui_popup_end(ui);
}

static void pane_head(App *app, int index, Rect head, int view)
{
    char words[96];
    const Theme *t = app->kit.theme;
    float x = title_menu(app, index, head, view) + 7;
    if (view == VIEW_HEATMAP || view == VIEW_LINES)
        x = stage_chip(app, index, view, x, head.y + 6) + 10;
    x = form_stepper(app, index, view, x, rect_right(head) - 40, head.y);
    dots_menu(app, index, head);
    if (index == 1 && head.w < 420)
        return;
    place_words(app, view, words, sizeof words);
    text_label(
        ui_list(app->ui), &app->kit,
        rect(x, head.y, rect_right(head) - 40 - x - (app->scope.tiled ? TILES_STATUS : 0), 36),
        words, t->text3);
}

/* ---- a pane ------------------------------------------------------------- */

/* No tokens, or a head that cannot be computed and no earlier picture of this sentence. */
static void nothing_to_show(App *app, Rect r)
{
    TextStyle style = {FACE_SANS, app->kit.theme->body, app->kit.theme->text2, ALIGN_CENTER, 0};
    const char *empty = scope_empty(&app->scope, &app->settings);
    float line = floorf(20 * app->kit.theme->unit);
    Rect box = {r.x + 16, 0, r.w - 32, 4 * line};
    const char *why = empty ? empty : app->updated_error;
    if (box.w < 16)
        return;
    int lines = text_wrapped(NULL, &app->kit, box, &style, line, 4, why);
    box.y = floorf(r.y + r.h / 2 - line * (float)lines / 2);
    text_wrapped(ui_list(app->ui), &app->kit, box, &style, line, 4, why);
}

static void one_pane(App *app, int index)
{
    Pane *pane = &app->panes[index];
    Rect r = app->layout.pane[index];
    pane->drawn = false;
    if (index == 0 && app->scope.open && !app->scope.result &&
        !bad_sentence_pane(app, app->layout.canvas))
        nothing_to_show(app, app->layout.canvas);
    pane->view = r.w > 0 && r.h > 0 ? scope_view(&app->scope, &app->settings, index) : -1;
    if (pane->view >= 0 && index == 0 && app->scope.open && !app->scope.result && app->problem[0])
        problem_pane(app, r);
    if (pane->view < 0 || !app->scope.result)
        return;
    char name[16];
    snprintf(name, sizeof name, "pane%d", index + 1);
    ui_push(app->ui, name);
    if (index == 1)
        draw_rect(ui_list(app->ui),
                  r.y > app->layout.pane[0].y ? rect(r.x, r.y, r.w, 1) : rect(r.x, r.y, 1, r.h), 0,
                  app->kit.theme->line1);
    if (app->layout.pane_heads)
        pane_head(app, index, rect_cut_top(&r, PANE_HEAD), pane->view);
    pane->body = r;
    scope_scene(&app->scope, &app->settings, &app->kit, index, &pane->scene);
    if (pane->view == VIEW_HEATMAP)
        scope_scene_inputs(&app->scope, &app->settings, &pane->scene);
    pane->scene.focus.hover_query = app->hover_shown.hover_query;
    pane->scene.focus.hover_key = app->hover_shown.hover_key;
    if (pane->view == VIEW_HEATMAP && scene_rows_are_keys(pane->scene.stage))
        pane->scene.focus.hover_query = app->hover_shown.hover_key;
    else if (pane->view == VIEW_HEATMAP && !scope_rows_are_queries(&app->scope) &&
             scope_rows_are_tokens(&app->scope, pane->scene.stage))
        pane->scene.focus.hover_query = app->token_shown;
    pane->scene.time = app->input.time;
    pane->scene.links_most = ui_busy(app->ui) ? LINKS_WHILE_HELD : 0;
    const char *missing = scope_view_missing(&app->scope, &app->settings, pane->view);
    UiArea area = {0};
    if (!missing)
        area = ui_area(app->ui, "body", VIEW_TITLES[pane->view], r);
    if (area.pressed)
        app->focused_pane = index;
    draw_clip(ui_list(app->ui), r);
    if (missing)
        missing_view(app, pane, missing);
    else if (pane->view == VIEW_HEATMAP)
        heatmap_pane(app, pane, &area, index == 0);
    else if (pane->view == VIEW_LINES)
        links_pane(app, pane, &area);
    else if (pane->view == VIEW_PATCHES)
        patches_pane(app, pane, &area);
    else
        heads_pane(app, pane, &area);
    draw_unclip(ui_list(app->ui));
    if (app->layout.pane_heads && !missing)
        tiles_status(app, pane, rect_right(r) - 40, r.y - PANE_HEAD);
    if (area.focused && ui_focus_visible(app->ui))
        ui_focus_ring(app->ui, rect_inset(r, 5), 4);
    pane->drawn = !missing;
    ui_pop(app->ui);
}

static void hover_card(App *app)
{
    CellFacts f;
    char title[160], rows[6][64], names[6][64], row[AXIS_FULL], col[AXIS_FULL];
    const char *name[6], *value[6];
    int n = 0, q = app->hover.hover_query, k = app->hover.hover_key;
    if (!app->hover_card || !facts_cell(&app->scope, q, k, &f))
        return;
    utf8_format(title, sizeof title, "%s → %s", axis_full(scope_rows(&app->scope), q, row),
                axis_full(scope_cols(&app->scope), k, col));
    snprintf(names[n], 64, app->scope.reduced ? "weight, reduced" : "weight");
    text_exact(rows[n++], f.weight);
    if (f.has_recorded) {
        snprintf(names[n], 64, "recorded");
        text_exact(rows[n++], f.recorded);
    }
    if (f.has_score) {
        char divisor[TEXT_NUMBER], temperature[TEXT_NUMBER];
        snprintf(names[n], 64, "score");
        text_fixed(rows[n++], f.score, 4);
        snprintf(divisor, sizeof divisor, "%.4g", f.divisor);
        text_fixed(temperature, f.temperature, 2);
        snprintf(names[n], 64, f.temperature > 0 ? "÷ %.12s ÷ %.12s" : "÷ %.12s, %.12s", divisor,
                 f.temperature > 0 ? temperature : temperature_zero(app));
        text_fixed(rows[n++], f.scaled, 4);
    }
    snprintf(names[n], 64, "rank");
    if (f.masked)
        snprintf(rows[n++], 64, "masked");
    else if (f.rank > 0)
        snprintf(rows[n++], 64, "%d of %d", f.rank, f.of);
    else
        snprintf(rows[n++], 64, "none");
    for (int i = 0; i < n; i++) {
        name[i] = names[i];
        value[i] = rows[i];
    }
    ui_hover_card(app->ui, title, name, value, n, app->hover_rect);
}

void panes_frame(App *app)
{
    if (app->layout.row.w > 0)
        rowpanel_frame(app, app->layout.row);
    ui_push(app->ui, "canvas");
    app->hover.hover_query = app->hover.hover_key = app->hover_token = -1;
    app->hover_card = false;
    if (app->row_hover >= 0) { /* pointed at in the row chart, which is drawn before the panes */
        app->hover.hover_query = scope_focus(&app->scope, &app->settings).query;
        app->hover.hover_key = app->row_hover;
    }
    app->panes[0].view = scope_view(&app->scope, &app->settings, 0);
    app->panes[1].view =
        app->layout.pane[1].w > 0 ? scope_view(&app->scope, &app->settings, 1) : -1;
    one_pane(app, 0);
    one_pane(app, 1);
    ui_pop(app->ui);
    hover_card(app);
}
