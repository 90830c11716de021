/* The line at the bottom: what is pointed at or selected, and its numbers. */
#include "app/facts.h"
#include "app/state.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>

static float status_pair(App *app, float x, float limit, const char *name, const char *value)
{
    const Theme *t = app->kit.theme;
    Rect bar = app->layout.status;
    float wn = text_width(&app->kit, FACE_SANS, t->body, name),
          wv = text_width(&app->kit, FACE_MONO, t->body, value);
    if (x + wn + 5 + wv > limit)
        return -1; /* dropped, and all that follow: the line never wraps */
    TextStyle mono = {FACE_MONO, t->body, t->text1, ALIGN_LEFT, 0};
    text_label(ui_list(app->ui), &app->kit, rect(x, bar.y, wn + 4, bar.h), name, t->text3);
    text_in(ui_list(app->ui), &app->kit, rect(x + wn + 5, bar.y, wv + 4, bar.h), &mono, value);
    return x + wn + 5 + wv + 16;
}

/* What the line is about: the query whose map it is (−1 where rows are queries), row and column of
 * the result. */
typedef struct {
    int asked, row, col;
} Subject;

static Subject subject_of(const App *app)
{
    const Focus hover = app->hover, focus = scope_focus(&app->scope, &app->settings);
    const AttnResult *r = app->scope.result;
    bool strip = r && r->form == FORM_STRIP;
    bool pointed = hover.hover_query >= 0 || hover.hover_key >= 0;
    Subject s = {-1, hover.hover_query >= 0 ? hover.hover_query : focus.query,
                 hover.hover_key >= 0     ? hover.hover_key
                 : hover.hover_query >= 0 ? -1
                                          : focus.key};
    if (!r)
        return s;
    if (!scope_rows_are_queries(&app->scope))
        s.asked = app->hover_token >= 0                  ? app->hover_token
                  : r->form == FORM_FEATURES || !pointed ? app->settings.query
                                                         : -1;
    if (r->form == FORM_FEATURES && s.asked < 0 && !app->layout.pane_heads)
        s.asked = 0; /* nothing else says whose map it is */
    if (strip && s.asked < 0)
        s.row = s.col >= 0 || s.row == 0 ? 0 : -1; /* its one row is of every query */
    if (strip && s.asked >= 0)
        s.row = pointed ? s.row : -1;
    if (r->form == FORM_GATE && s.row >= 0 && s.col < 0)
        s.col = focus.key; /* of the channel that is shown */
    return s;
}

static float status_pill(App *app, float x, MarkState state, const char *label)
{
    Rect bar = app->layout.status;
    Rect pill =
        mark_token(ui_list(app->ui), &app->kit, rect(x + 6, bar.y, fmaxf(60, bar.w * 0.2f), bar.h),
                   ALIGN_LEFT, state, app->kit.theme->text1, label);
    return rect_right(pill) + 6;
}

static float status_pills(App *app, const Subject *s)
{
    const Theme *t = app->kit.theme;
    const Scope *scope = &app->scope;
    Rect bar = app->layout.status;
    char full[AXIS_FULL];
    float x = 12;
    if (s->asked >= 0)
        x = status_pill(app, x, s->asked == app->settings.query ? MARK_LOCKED : MARK_HOVER,
                        axis_label(&scope->queries, s->asked));
    if (s->row >= 0)
        x = status_pill(app, x,
                        scope_rows_are_queries(scope) && s->row == app->settings.query ? MARK_LOCKED
                                                                                       : MARK_HOVER,
                        axis_full(scope_rows(scope), s->row, full));
    if ((s->row >= 0 || s->asked >= 0) && s->col >= 0) {
        float arrow = text_width(&app->kit, FACE_SANS, t->body, "→");
        text_label(ui_list(app->ui), &app->kit, rect(x, bar.y, arrow + 2, bar.h), "→", t->text3);
        x += arrow + 6;
    }
    if (s->col >= 0) {
        bool resting = s->col == app->settings.key && s->col != app->hover.hover_key;
        x = status_pill(app, x, resting ? MARK_LOCKED : MARK_HOVER,
                        axis_full(scope_cols(scope), s->col, full));
    }
    return x;
}

/* The mean over the channels of a place, which is what the picture shows. */
static void status_mean(App *app, float x, float limit, int row)
{
    const AttnResult *r = app->scope.result;
    const float *weights = scope_row(&app->scope, row);
    char text[TEXT_NUMBER];
    double sum = 0;
    for (int c = 0; weights && c < r->n_k; c++)
        sum += (double)weights[c];
    text_exact(text, sum / r->n_k);
    if (weights)
        status_pair(app, x, limit, "mean over channels", text);
}

/* Under the pointer is a number of a vector, none of a pair of tokens. */
static bool status_dimension(App *app, float x, float limit)
{
    char text[TEXT_NUMBER];
    int row, col;
    double value;
    Vec2 at = ui_mouse(app->ui);
    if (!dimension_at(&app->panes[0], at, &row, &col, &value) &&
        !dimension_at(&app->panes[1], at, &row, &col, &value))
        return false;
    text_count(text, col);
    x = status_pair(app, x, limit, "dimension", text);
    text_exact(text, value);
    if (x >= 0)
        status_pair(app, x, limit, "value", text);
    return true;
}

static void status_facts(App *app, float x, float limit, int q, int k)
{
    CellFacts f;
    char text[TEXT_NUMBER];
    if (status_dimension(app, x, limit) || !facts_cell(&app->scope, q, k, &f))
        return;
    text_exact(text, f.weight);
    x = status_pair(app, x, limit, "weight", text);
    if (x >= 0 && f.has_score) {
        text_fixed(text, f.score, 4);
        x = status_pair(app, x, limit, "score", text);
        text_fixed(text, f.scaled, 4);
        x = x >= 0 ? status_pair(app, x, limit, "scaled", text) : x;
    }
    if (x < 0)
        return;
    char rank[TEXT_NUMBER], of[TEXT_NUMBER];
    text_count(rank, f.rank);
    text_count(of, f.of);
    if (f.rank > 0 && !f.masked)
        snprintf(text, sizeof text, "%.20s of %.20s", rank, of);
    else
        snprintf(text, sizeof text, f.masked ? "masked" : "none");
    x = status_pair(app, x, limit, f.masked ? "" : "rank", text);
    if (x >= 0 && f.has_recorded) {
        text_exact(text, f.recorded);
        status_pair(app, x, limit, "recorded", text);
    }
}

static void status_right(App *app, char *out, size_t cap)
{
    const AttnResult *r = app->scope.result;
    const Settings *s = &app->settings;
    char d_k[32] = "";
    if (app->copied[0] && app->input.time < app->copied_until) {
        snprintf(out, cap, "%s", app->copied);
        return;
    }
    if (!r) {
        out[0] = 0;
        return;
    }
    if (app->scope.input.d_k > 0)
        snprintf(d_k, sizeof d_k, " · d_k %.0f", app->scope.input.d_k);
    char error[64] = "", number[TEXT_NUMBER];
    if (r->recorded_error >= 0) {
        facts_error(number, r->recorded_error);
        snprintf(error, sizeof error, " · recorded ± %s", number);
    }
    char queries[TEXT_NUMBER], keys[TEXT_NUMBER];
    text_count(queries, r->n_q);
    text_count(keys, r->n_k);
    snprintf(out, cap, "%s × %s%s · %s%s%s%s", queries, keys, d_k,
             r->computed_double ? "computed in double" : scope_dtype(&app->scope, s), error,
             s->query >= 0 ? " · locked, Esc frees" : "", s->queries ? ", several" : "");
}

/* "scale forgotten: …" of the layer that is chosen, where the document says something of it. */
static bool about_layer(const App *app, const DocSentence *s, char *out, size_t cap)
{
    int at = app->settings.layer;
    const DocLayer *layer = s && at >= 0 && at < s->layer_count ? &s->layers[at] : NULL;
    if (!layer || !layer->about || !layer->about[0])
        return false;
    utf8_format(out, cap, "%s%s%s", layer->name, layer->name[0] ? ": " : "", layer->about);
    return true;
}

/* Nothing is pointed at: which words are unknown, what layer or sentence is, or what one can do. */
static void status_resting(App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    const char *note = scope_text_note(&app->scope);
    char layer[512], reading[480];
    reading_line(app, reading, sizeof reading);
    const char *text = note[0]                                    ? note
                       : about_layer(app, s, layer, sizeof layer) ? layer
                       : s && s->about[0]                         ? s->about
                       : reading[0]                               ? reading
                                          : "Point at a cell for its numbers; click to lock it.";
    if (text_label(ui_list(app->ui), &app->kit, r, text, note[0] ? t->warn : t->text2))
        ui_tooltip(app->ui, r, text);
}

void statusbar_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Rect bar = app->layout.status;
    DrawList *list = ui_list(app->ui);
    char right[200];
    if (bar.h <= 0)
        return;
    Subject on = subject_of(app);
    bool any = on.asked >= 0 || on.row >= 0 || on.col >= 0;
    draw_rect(list, bar, 0, t->panel);
    draw_rect(list, rect(bar.x, bar.y, bar.w, 1), 0, t->line1);
    status_right(app, right, sizeof right);
    float w = text_width(&app->kit, FACE_SANS, t->body, right);
    float limit = rect_right(bar) - 12;
    float pills = 12;
    if (app->scope.result && any)
        pills = status_pills(app, &on);
    if (w + 24 < limit - pills - (on.row >= 0 && on.col >= 0 ? 170 : 0)) {
        TextStyle style = {FACE_SANS, t->body, t->text3, ALIGN_RIGHT, 0};
        text_in(list, &app->kit, rect(limit - w - 2, bar.y, w + 2, bar.h), &style, right);
        limit -= w + 16;
    }
    bool gate = app->scope.result && app->scope.result->form == FORM_GATE;
    if (gate && on.row >= 0 && on.col < 0)
        status_mean(app, pills + 2, limit, on.row);
    else if (app->scope.result && any)
        status_facts(app, pills + 2, limit, on.row, on.col);
    else if (app->scope.open)
        status_resting(app, rect(12, bar.y, fmaxf(0, limit - 24), bar.h));
}
