/* The section Statistics of the controls: numbers of the selected row, and where more score on one
 * of its keys would go.
 */
#include "app/facts.h"
#include "app/panel_sections.h"
#include "view/response.h"

#include <math.h>
#include <stdio.h>

static const char RELATIVE[] = "H / log₂ n";
static const char STALE[] = "earlier settings";
/* Where rows need not sum to 1: nothing else says which of the two a weight is. */
#define PLAIN ", as it is: not divided by the row's sum"

void stats_update(App *app)
{
    Focus focus = scope_focus(&app->scope, &app->settings);
    focus.hover_query = app->hover_shown.hover_query;
    focus.hover_key = app->hover_shown.hover_key;
    if (!app->scope.open || scope_empty(&app->scope, &app->settings)) {
        app->figures.of = FIGURES_NONE;
        app->figures.made_of = 0;
        return;
    }
    figures_update(&app->figures, &app->scope, &app->settings, focus, app->stats_open,
                   ui_busy(app->ui));
}

/* ---- the numbers ---------------------------------------------------------- */

typedef struct {
    const char *name, *about;
    char value[TEXT_NUMBER];
    double exact;
    bool shown, old;
} StatRow;

enum { STAT_ROWS = 8 };

static int stat_rows(const Figures *f, StatRow rows[STAT_ROWS])
{
    const RowMore *m = &f->more;
    bool none = f->of == FIGURES_NONE;
    const StatRow all[STAT_ROWS] = {
        {RELATIVE, "Entropy as a share of the most that n keys allow", "", m->relative, f->spread,
         false},
        {"sum", "Of the weights of this row", "", f->sum, true, false},
        {"Gini", "0: all weights alike; near 1: all on one key", "", m->gini, true, f->old},
        {"mean distance", "Σ weight · |key − query| / Σ weight, in tokens", "", m->distance,
         f->places, false},
        {"on first token", f->open ? "Weight of key 0" PLAIN : "Weight of key 0", "", m->first,
         f->places, false},
        {"on itself",
         f->open ? "Weight of the query's own place" PLAIN : "Weight of the query's own place", "",
         m->itself, f->self, false},
        {"on previous token",
         f->open ? "Weight of the place before" PLAIN : "Weight of the place before", "",
         m->previous, f->self, false},
        {"Jacobian norm",
         f->no_jacobian ? f->no_jacobian : "‖∂weights / ∂(l/T)‖: how far the row still moves", "",
         m->jacobian, true, f->old},
    };
    int count = 0;
    for (int i = 0; i < STAT_ROWS; i++) {
        if (!all[i].shown)
            continue;
        StatRow *row = &rows[count++];
        *row = all[i];
        row->old = row->old || f->stale;
        double value = none ? (double)NAN : row->exact;
        if (i == 3)
            facts_fixed(row->value, value, 2);
        else if (i >= 4 && i <= 6)
            facts_share(row->value, value);
        else
            facts_fraction(row->value, value);
    }
    return count;
}

static void draw_stat(App *app, Flow *flow, const StatRow *row)
{
    const Theme *t = app->kit.theme;
    char tip[192], exact[TEXT_NUMBER];
    Rect r = flow_row(flow, 22);
    TextStyle mono = {FACE_MONO, t->body, row->old ? t->dis : t->text1, ALIGN_RIGHT, 0};
    text_label(ui_list(app->ui), &app->kit, rect(r.x, r.y, r.w - 100 * t->unit, r.h), row->name,
               t->text2);
    text_in(ui_list(app->ui), &app->kit, rect(r.x + r.w - 96 * t->unit, r.y, 96 * t->unit, r.h),
            &mono, row->value);
    text_exact(exact, row->exact);
    if (isfinite(row->exact))
        snprintf(tip, sizeof tip, "%s\t%s", row->about, exact);
    else
        snprintf(tip, sizeof tip, "%s", row->about);
    ui_tooltip(app->ui, r, tip);
}

/* Whose numbers these are. */
static void draw_title(App *app, Flow *flow)
{
    const Figures *f = &app->figures;
    const Theme *t = app->kit.theme;
    char text[160];
    Rect r = flow_row(flow, 24);
    if (f->of == FIGURES_ROW) {
        const AttnResult *result = app->scope.result;
        Focus focus = scope_focus(&app->scope, &app->settings);
        bool locked = focus.query == f->row || focus.queries != 0;
        bool strip = result && result->form == FORM_STRIP; /* one row, of all queries */
        Rect box = {r.x + 6 * t->unit, r.y, r.w - 12 * t->unit, r.h};
        box.w -= f->stale ? 112 * t->unit : 0;
        mark_token(ui_list(app->ui), &app->kit, box, ALIGN_LEFT,
                   strip    ? MARK_PLAIN
                   : locked ? MARK_LOCKED
                            : MARK_HOVER,
                   t->text1, axis_label(scope_rows(&app->scope), f->row));
        if (f->stale)
            text_label(ui_list(app->ui), &app->kit,
                       rect(r.x + r.w - 112 * t->unit, r.y, 112 * t->unit, r.h), STALE, t->text3);
        return;
    }
    char fresh[128];
    app_rows_fresh(app, fresh, sizeof fresh);
    if (f->of == FIGURES_ROWS && f->stale)
        snprintf(text, sizeof text, "%d rows, mean, %s", f->rows, STALE);
    else if (f->of == FIGURES_ROWS && f->counted < f->rows)
        snprintf(text, sizeof text, "%d of %d rows, mean", f->counted, f->rows);
    else if (f->of == FIGURES_ROWS)
        snprintf(text, sizeof text, "%d rows, mean", f->rows);
    else if (f->of == FIGURES_HEAD && f->stale)
        snprintf(text, sizeof text, "mean: %s", fresh);
    else
        snprintf(text, sizeof text, "%s", f->of == FIGURES_HEAD ? "all rows, mean" : "no weights");
    text_label(ui_list(app->ui), &app->kit, r, text, t->text3);
}

/* ---- where more score would go ------------------------------------------- */

static void draw_response(App *app, Flow *flow, Rect area)
{
    const Figures *f = &app->figures;
    const Theme *t = app->kit.theme;
    TextStyle style = {FACE_SANS, t->body, t->text3, ALIGN_LEFT, 0};
    if (f->of != FIGURES_ROW || f->no_response) {
        text_wrapped(ui_list(app->ui), &app->kit, area, &style, 16 * t->unit, 3,
                     f->no_response ? f->no_response : "");
        return;
    }
    Response r = {.change = f->change,
                  .masked = f->masked,
                  .n_k = f->n_k,
                  .key = f->key,
                  .locked = f->chosen,
                  .sorted = app->settings.row_sorted,
                  .old = f->stale,
                  .hover = app->hover_shown.hover_key,
                  .keys = scope_cols(&app->scope)};
    ResponseLayout l = response_layout(&app->kit, &r, area);
    response_draw(&app->kit, &r, &l, ui_list(app->ui));
    Rect words = {area.x, area.y, area.w, l.top - area.y};
    ui_tooltip(
        app->ui, words,
        "The change of every weight for 1 more of this key's scaled score l/T, as far as the "
        "slope goes: one row of the Jacobian. Of l itself: 1/T of that.");
    UiArea bars =
        ui_area(app->ui, "response", NULL, rect(area.x, l.top, area.w, rect_bottom(area) - l.top));
    int key = bars.hovered ? response_probe(&l, bars.at) : -1;
    if (key >= 0)
        app->row_hover = key;
    if (key >= 0 && bars.clicked)
        app->settings.key = key;
    (void)flow;
}

/* As many lines as the keys need, whatever is selected: nothing jumps under the pointer. */
static float response_room(const App *app)
{
    const AttnResult *r = app->scope.result;
    return response_height(&app->kit, r ? r->n_k : 1);
}

/* ---- the section ---------------------------------------------------------- */

void stats_section(App *app, Flow *flow)
{
    const Theme *t = app->kit.theme;
    StatRow rows[STAT_ROWS];
    int count = stat_rows(&app->figures, rows);
    app->stats_open = true;
    draw_title(app, flow);
    for (int i = 0; i < count; i++)
        draw_stat(app, flow, &rows[i]);
    flow_gap(flow, 8);
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    text_in(ui_list(app->ui), &app->kit, flow_row(flow, 24), &bold, "where would more score go");
    draw_response(app, flow, rect(flow->x, flow->y, flow->w, response_room(app)));
    flow->y += response_room(app);
}

float stats_height(const App *app)
{
    StatRow rows[STAT_ROWS];
    float u = app->kit.theme->unit;
    int count = stat_rows(&app->figures, rows);
    return 2 * floorf(24 * u) + (float)count * floorf(22 * u) + 8 + response_room(app);
}

void stats_summary(const App *app, char *out, size_t cap)
{
    const Figures *f = &app->figures;
    char one[TEXT_NUMBER], two[TEXT_NUMBER];
    out[0] = 0;
    facts_fraction(one, f->more.gini);
    facts_fraction(two, f->more.jacobian);
    if (f->of == FIGURES_NONE)
        return;
    if (f->stale && f->of != FIGURES_HEAD) {
        snprintf(out, cap, "%s", STALE);
    } else if (f->stale) {
        app_rows_fresh(app, out, cap);
    } else if (f->of == FIGURES_HEAD) {
        facts_fraction(one, f->more.relative);
        snprintf(out, cap, "%s %s", RELATIVE, one);
    } else if (f->no_jacobian) {
        snprintf(out, cap, "Gini %s", one);
    } else {
        snprintf(out, cap, "Gini %s · ‖J‖ %s", one, two);
    }
}
