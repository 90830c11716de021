/* The navigator on the left: sentences, layers × heads, statistics of the head. */
#include "app/facts.h"
#include "app/state.h"
#include "app/view_parts.h"

#include "base/mem.h"
#include "base/search.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_SHOWN = 6, THUMB_MOST = 96 };

typedef struct {
    App *app;
    Rect panel;
    float y, offset; /* offset: how far the column is scrolled */
    bool old;        /* the head's numbers are of settings before */
} Column;

static Rect column_row(Column *c, float height)
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

static bool column_section(Column *c, int id, const char *name, const char *title,
                           const char *summary)
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

/* ---- sentences ---------------------------------------------------------- */

/* Points, and what an apostrophe cut off, stand against the word before: didn + ’t. */
static bool sits_tight(const char *token)
{
    return strncmp(token, "’", strlen("’")) == 0 || (token[0] == '\'' && token[1]) ||
           (token[0] && strchr(".,;:!?", token[0]) && !token[1]);
}

/* Chinese and Japanese are written without spaces. */
static bool wide_script(const char *text, size_t length, bool last)
{
    uint32_t c = 0;
    for (size_t at = 0; at < length;) {
        c = utf8_next(text, length, &at);
        if (!last)
            break;
    }
    return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xFF00 && c <= 0xFFEF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

static void sentence_text(const DocSentence *s, char *out, size_t cap)
{
    if (s->title[0]) {
        snprintf(out, cap, "%s", s->title);
        return;
    }
    const DocAxis *axis = s->keys.count > 0 ? &s->keys : &s->queries;
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < axis->count && at + 1 < cap && at < 160; i++) {
        char token[96];
        text_token(axis->tokens ? axis->tokens[i] : "", token, sizeof token);
        bool tight =
            i == 0 || sits_tight(token) ||
            (wide_script(token, strlen(token), false) && wide_script(out, strlen(out), true));
        int n = snprintf(out + at, cap - at, "%s%s", tight ? "" : " ", token);
        at += n > 0 ? (size_t)n : 0;
    }
    if (at >= cap)
        out[utf8_cut(out, strlen(out), cap - 1)] = 0;
}

void navigator_free(SentenceList *list)
{
    mem_free(list->shown);
    *list = (SentenceList){0};
}

/* Searches a document's sentences once for each filter; false: out of memory. */
static bool update_filtered(SentenceList *list, const Document *doc, const char *filter)
{
    if (list->doc == doc->key && list->shown && strcmp(list->filter, filter) == 0)
        return true;
    int *shown = mem_resize(list->shown, (size_t)doc->sentence_count, sizeof *shown);
    if (!shown) {
        list->doc = 0;
        return false;
    }
    list->shown = shown;
    list->doc = doc->key;
    list->count = 0;
    list->walks++;
    snprintf(list->filter, sizeof list->filter, "%s", filter);
    for (int i = 0; i < doc->sentence_count; i++) {
        char text[256];
        sentence_text(&doc->sentences[i], text, sizeof text);
        if (search_caseless(text, filter, strlen(filter)))
            list->shown[list->count++] = i;
    }
    return true;
}

void app_choose_sentence(App *app, int at)
{
    app->settings.sentence = at;
    text_command(app, 1); /* the sentence chosen shows, not the one that was typed */
    app_select(app, -1, -1);
}

/* Where an arrow leads in the list; -1: no key of ours. */
static int sentence_after_key(const App *app, const int *shown, int count)
{
    int key = app->input.key, at = -1;
    if (app->input.mods || ui_key_taken(app->ui))
        return -1;
    for (int i = 0; i < count && at < 0; i++)
        at = (shown ? shown[i] : i) == app->settings.sentence ? i : -1;
    if (key == KEY_UP)
        return at > 0 ? at - 1 : 0;
    if (key == KEY_DOWN)
        return at < count - 1 ? at + 1 : count - 1;
    return key == KEY_HOME ? 0 : key == KEY_END ? count - 1 : -1;
}

/* One stop of Tab for the whole list: a thousand rows would bar the way to the controls. */
static bool sentence_keys(Column *c, const int *shown, int count, Rect area)
{
    App *app = c->app;
    float pitch = floorf(28 * app->kit.theme->unit);
    UiArea list = ui_area(app->ui, "sentence rows", "list of sentences", area);
    int to = list.focused ? sentence_after_key(app, shown, count) : -1;
    if (to >= 0) {
        app_choose_sentence(app, shown ? shown[to] : to);
        ui_scroll_to(app->ui, "navigator/sentence list", pitch * (float)to,
                     pitch * (float)(to + 1));
        ui_take_key(app->ui);
    }
    return list.focused && ui_focus_visible(app->ui);
}

/* shown: NULL = all sentences, in order. */
static void sentence_rows(Column *c, const int *shown, int count, float height)
{
    App *app = c->app;
    float pitch = floorf(28 * app->kit.theme->unit);
    Rect area = {c->panel.x, c->y, c->panel.w, height};
    bool ring = sentence_keys(c, shown, count, area);
    UiScroll scroll = ui_scroll_begin(app->ui, "sentence list", area, pitch * (float)count);
    int first = (int)(scroll.offset / pitch);
    for (int i = first; i < count && (float)(i - first) * pitch < height + pitch; i++) {
        char text[256], number[16], name[24];
        int at = shown ? shown[i] : i;
        sentence_text(&app->scope.doc.sentences[at], text, sizeof text);
        snprintf(number, sizeof number, "%d", at);
        snprintf(name, sizeof name, "sentence %d", at);
        Rect r = {area.x + 6, area.y + pitch * (float)i - scroll.offset, area.w - 12, pitch};
        if (ui_list_item(app->ui, name, number, text, r, at == app->settings.sentence))
            app_choose_sentence(app, at);
    }
    ui_scroll_end(app->ui);
    if (ring)
        ui_focus_ring(app->ui, rect(area.x + 6, area.y, area.w - 12, area.h), 4);
    c->y += height;
}

static void sentences(Column *c, float room)
{
    App *app = c->app;
    const Document *doc = &app->scope.doc;
    const Theme *t = app->kit.theme;
    char summary[40];
    bool pictures = doc->sentences[0].image.present;
    snprintf(summary, sizeof summary, "%d of %d", app->settings.sentence + 1, doc->sentence_count);
    if (!column_section(c, SECTION_SENTENCES, "sentences", pictures ? "Pictures" : "Sentences",
                        summary))
        return;
    c->y += 4;
    Rect field = column_row(c, 28);
    bool entered = false;
    ui_text_field(app->ui, "filter", "filter sentences", "filter", ICON_SEARCH,
                  rect(field.x + 12, field.y, field.w - 24, field.h), app->filter,
                  sizeof app->filter, NULL, &entered);
    c->y += 8;
    SentenceList *list = &app->list_shown;
    bool all = !app->filter[0], ok = all || update_filtered(list, doc, app->filter);
    int count = all ? doc->sentence_count : ok ? list->count : 0;
    float pitch = floorf(28 * t->unit),
          rows = fminf((float)ROWS_SHOWN, fmaxf(2, floorf(room / pitch)));
    if (count > 0) {
        sentence_rows(c, all ? NULL : list->shown, count, pitch * fminf((float)count, rows));
    } else {
        Rect r = column_row(c, 28);
        char none[48];
        snprintf(none, sizeof none, "0 of %d", doc->sentence_count);
        text_label(ui_list(app->ui), &app->kit, rect(r.x + 16, r.y, r.w - 90, r.h), none, t->text3);
        if (ui_link(app->ui, "clear filter", "clear", rect(rect_right(r) - 56, r.y, 44, r.h)))
            app->filter[0] = 0;
    }
    c->y += 8;
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
        snprintf(title, sizeof title, "%d of %d rows fresh", app_rows_known(app), r->n_q);
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
    if (app->scope.doc.sentence_count > 1) {
        sentences(&c, panel.h * 0.3f);
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
