/* What arrows do: the selection walks over cells, patches, or from one feature map to the next. */
#include "app/state.h"
#include "app/view_parts.h"

/* In a picture it walks over patches. */
static bool step_patches(App *app, int dq, int dk)
{
    Settings *s = &app->settings;
    const DocSentence *sentence = scope_sentence(&app->scope, s);
    bool gate = app->scope.result && app->scope.result->form == FORM_GATE;
    if (app->panes[app->focused_pane].view != VIEW_PATCHES ||
        (sentence->image.axis == IMAGE_KEYS && !gate))
        return false;
    int from = s->query < 0 ? view_middle_query(sentence) : s->query;
    int to = s->query < 0 ? from : from + dq * sentence->image.cols + dk;
    s->query = clampi(to, 0, sentence->queries.count - 1);
    return true;
}

/* The next query; of none, the first one becomes it: its map is what is seen then. */
static void step_query(App *app, int d)
{
    Settings *s = &app->settings;
    const AttnResult *r = app->scope.result;
    int last = scope_sentence(&app->scope, s)->queries.count - 1;
    bool map = r && r->form == FORM_FEATURES;
    if (s->query < 0)
        s->query = map ? clampi(d, 0, last) : 0;
    else
        s->query = clampi(s->query + d, 0, last);
}

void app_step_selection(App *app, int dq, int dk)
{
    Settings *s = &app->settings;
    const AttnResult *r = app->scope.result;
    int view = app->panes[app->focused_pane].view;
    if (step_patches(app, dq, dk))
        return;
    if (view == VIEW_LINES && s->lines.layout == LINES_HORIZONTAL) {
        int swap = dq;
        dq = dk;
        dk = swap;
    }
    s->queries = 0;
    if (dq != 0)
        step_query(app, dq);
    if (dk != 0)
        s->key = s->key < 0 ? 0 : clampi(s->key + dk, 0, scope_columns(&app->scope, s) - 1);
    if (s->query < 0 && s->key >= 0 && scope_rows_are_queries(&app->scope))
        s->query = 0;
    Focus at = scope_focus(&app->scope, s);
    if (r && s->zoom > 1 && (at.query >= 0 || at.key >= 0)) {
        Viewport v = {s->zoom, s->zoom_row, s->zoom_col};
        viewport_show(&v, at.query < 0 ? (int)v.row : at.query, at.key < 0 ? (int)v.col : at.key,
                      r->n_q, r->n_k);
        s->zoom_row = v.row;
        s->zoom_col = v.col;
    }
}

void app_zoom(App *app, int a)
{
    Settings *s = &app->settings;
    const AttnResult *r = app->scope.result;
    if (a == 0) {
        s->zoom = 1;
        s->zoom_row = s->zoom_col = 0;
        return;
    }
    if (!r)
        return; /* nothing could be computed yet: nothing to zoom */
    Viewport v = {s->zoom, s->zoom_row, s->zoom_col};
    Focus at = scope_focus(&app->scope, s);
    double seen_rows = r->n_q / s->zoom, seen_cols = r->n_k / s->zoom;
    viewport_zoom(&v, a > 0 ? 1.5 : 1 / 1.5, at.query >= 0 ? at.query + 0.5 : v.row + seen_rows / 2,
                  at.key >= 0 ? at.key + 0.5 : v.col + seen_cols / 2, r->n_q, r->n_k);
    s->zoom = v.zoom;
    s->zoom_row = v.row;
    s->zoom_col = v.col;
}
