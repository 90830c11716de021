/* What a pane's head says of heads whose weights are not queries × keys: whose feature map it is,
 * which channel of a gate. Both are stepped through there.
 */
#include "app/state.h"

#include <math.h>
#include <stdio.h>

typedef struct {
    const char *words, *name, *label; /* before it, of the widget */
    const char *after;                /* text behind it, or NULL */
    int value, least, last;
    bool plain; /* nothing is chosen */
} Stepped;

static InputForm form_of(const App *app)
{
    return app->scope.result ? app->scope.result->form : FORM_PAIRS;
}

const char *form_words(const App *app, int view)
{
    switch (form_of(app)) {
    case FORM_PAIRS:
        break;
    case FORM_FEATURES:
        return view == VIEW_PATCHES ? " · mean over the features" : "";
    case FORM_STRIP:
        return " · one row for all";
    case FORM_GATE:
        return view == VIEW_PATCHES ? " · what is let through" : " · positions × channels";
    }
    return "";
}

/* ‹ [token] ›, at x; returns the right edge. The pill has a fixed room, so that › stays under the
 * pointer. */
static float draw_stepper(App *app, const Stepped *s, float x, float right, float y, int *out)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    char text[AXIS_FULL], all[40];
    const AttnResult *r = app->scope.result;
    bool map = r->form == FORM_FEATURES;
    float u = t->unit, words = text_width(&app->kit, FACE_SANS, t->body, s->words) + 4 * u;
    float arrow = floorf(24 * u), pill = floorf((map ? 120 : 148) * u);
    if (x + words + 2 * arrow + pill > right)
        words = 0;
    if (x + 2 * arrow + pill > right)
        pill = right - x - 2 * arrow;
    if (pill < 40 * u)
        return x;
    text_label(list, &app->kit, rect(x, y, words, 36), words > 0 ? s->words : "", t->text3);
    x += words;
    Rect back = {x, y + 6, arrow, 24}, room = {x + arrow + 6 * u, y + 8, pill - 12 * u, 20};
    Rect next = {x + arrow + pill, y + 6, arrow, 24};
    snprintf(all, sizeof all, "mean over %d channels", r->n_k);
    const char *label = map        ? axis_label(&app->scope.queries, s->value)
                        : s->plain ? all
                                   : axis_full(&app->scope.channels, s->value, text);
    bool cut = false;
    TextStyle style = {FACE_SANS, t->body, t->text1, ALIGN_CENTER, 0};
    mark_token_in(list, &app->kit, room, &style, s->plain ? MARK_HOVER : MARK_LOCKED, label, &cut);
    ui_tooltip(app->ui, room, cut ? label : s->label);
    ui_push(app->ui, s->name);
    ui_disable(app->ui, s->value <= s->least ? "the first" : NULL);
    if (ui_icon_button(app->ui, "previous", "previous", ICON_CHEVRON_LEFT, back))
        *out = s->value - 1;
    ui_enable(app->ui);
    ui_disable(app->ui, s->value >= s->last ? "the last" : NULL);
    if (ui_icon_button(app->ui, "next", "next", ICON_CHEVRON_RIGHT, next))
        *out = s->value + 1;
    ui_enable(app->ui);
    ui_pop(app->ui);
    x = rect_right(next) + 4 * u;
    float w = s->after ? text_width(&app->kit, FACE_SANS, t->body, s->after) + 4 * u : 0;
    if (w > 0 && x + w < right) {
        text_label(list, &app->kit, rect(x, y, w, 36), s->after, t->text3);
        x += w + 4 * u;
    }
    return x;
}

void form_step(App *app, int d)
{
    Settings *s = &app->settings;
    if (form_of(app) == FORM_FEATURES) {
        int from = s->query < 0 ? 0 : s->query; /* of none, the first one's map is seen */
        app_select(app, clampi(from + d, 0, app->scope.queries.count - 1), s->key);
    } else if (form_of(app) == FORM_GATE) {
        int from = scope_focus(&app->scope, s).key, to = (from < 0 ? -1 : from) + d;
        to = to < app->scope.channels.count ? to : app->scope.channels.count - 1;
        s->key = to < 0 ? FIELD_NOTHING : to; /* before the first one: the mean */
    }
}

float form_stepper(App *app, int index, int view, float x, float right, float y)
{
    Settings *s = &app->settings;
    InputForm form = form_of(app);
    int got = -2;
    if (form == FORM_FEATURES && view != VIEW_HEADS &&
        (view != VIEW_HEATMAP || scope_stage(&app->scope, s, index) < STAGE_OUTPUT)) {
        Stepped of = {.words = "map of", .name = "map", .label = "whose feature map this is"};
        of.plain = s->query < 0;
        of.value = of.plain ? 0 : s->query; /* scope_params takes the first one too */
        of.after = of.plain ? "the first: none is selected" : NULL;
        of.last = app->scope.queries.count - 1;
        x = draw_stepper(app, &of, x, right, y, &got) + 4;
        if (got >= 0)
            app_select(app, got, s->key);
    } else if (form == FORM_GATE && view == VIEW_PATCHES) {
        Stepped of = {.words = "shows", .name = "channel", .label = "which channel is shown"};
        of.least = -1;
        of.plain = scope_focus(&app->scope, s).key < 0;
        of.value = of.plain ? -1 : s->key;
        of.last = app->scope.channels.count - 1;
        x = draw_stepper(app, &of, x, right, y, &got) + 4;
        if (got >= -1)
            s->key = got < 0 ? FIELD_NOTHING : got;
    }
    return x;
}
