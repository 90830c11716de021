/* What stands where there is no picture and no number: why, and the way out. */
#include "app/state.h"

#include "base/utf8.h"
#include "doc/document.h"

#include <math.h>
#include <stdio.h>

enum { WHY_LINES = 6 };

void missing_view(App *app, const Pane *pane, const char *why)
{
    const Theme *t = app->kit.theme;
    float u = t->unit, line = floorf(20 * u), button = 140 * u;
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_CENTER, 0};
    Rect r = pane->body;
    float w = fminf(r.w - 16 * u, 480 * u);
    if (w < 16)
        return;
    int most = clampi((int)((r.h / 2 - 20 * u) / line), 1, WHY_LINES);
    Rect box = {r.x + (r.w - w) / 2, 0, w, line * (float)most};
    int lines = text_wrapped(NULL, &app->kit, box, &style, line, most, why);
    box.y = floorf(r.y + r.h / 2 - line * (float)lines - 12 * u);
    text_wrapped(ui_list(app->ui), &app->kit, box, &style, line, most, why);
    if (ui_button(app->ui, "instead", "Open heatmap",
                  rect(r.x + (r.w - button) / 2, floorf(r.y + r.h / 2), button, 28 * u), false))
        app->settings.view = 1 + VIEW_HEATMAP;
}

void problem_pane(App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    Settings *s = &app->settings;
    bool joined = s->head < 0 || s->layer < 0;
    float u = t->unit, w = fminf(r.w - 32 * u, 560 * u), line = 18 * u;
    TextStyle title = {FACE_BOLD, t->body, t->text1, ALIGN_CENTER, 0};
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_CENTER, 0};
    Rect box = {r.x + (r.w - w) / 2, r.y + floorf(r.h / 2) - 48 * u, w, 20 * u};
    draw_rect(ui_list(app->ui), r, 0, t->bg);
    if (w < 16)
        return;
    text_in(ui_list(app->ui), &app->kit, box, &title,
            joined ? "Nothing to show for these heads together" : "Nothing to show for this head");
    Rect why = {box.x, rect_bottom(box) + 4 * u, w, 4 * line};
    int lines = text_wrapped(ui_list(app->ui), &app->kit, why, &style, line, 4, app->problem);
    Rect button = {r.x + r.w / 2 - 100 * u, why.y + line * (float)lines + 12 * u, 200 * u, 28 * u};
    if (s->attn.score.kind != SCORE_AUTO) {
        if (ui_button(app->ui, "own score", "Use the head's own score", button, false))
            s->attn.score.kind = SCORE_AUTO;
    } else if (joined && ui_button(app->ui, "one head", "Show one head", button, false)) {
        s->head = s->head < 0 ? app->last_head : s->head;
        s->layer = s->layer < 0 ? 0 : s->layer;
    }
}

/* It is read on its thread: nothing in the time that most take, then what is going on. */
static bool reading_pane(App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    int before = -1, sentence = scope_fetching(&app->scope, &before);
    if (sentence < 0)
        return false;
    float u = t->unit, w = fminf(r.w - 32 * u, 560 * u);
    if (w < 16 || app->input.time - app->fetch_since < PROGRESS_AFTER)
        return true;
    TextStyle title = {FACE_BOLD, t->body, t->text1, ALIGN_CENTER, 0};
    Rect box = {r.x + (r.w - w) / 2, r.y + floorf(r.h / 2) - 32 * u, w, 20 * u};
    char text[64];
    snprintf(text, sizeof text, "Reading sentence %d …", sentence);
    text_in(ui_list(app->ui), &app->kit, box, &title, text);
    Rect button = {r.x + floorf(r.w / 2) - 48 * u, rect_bottom(box) + 12 * u, 96 * u, 28 * u};
    bool esc = app->input.key == KEY_ESCAPE && !ui_key_taken(app->ui) && !app_covered(app);
    if (before >= 0 && esc)
        ui_take_key(app->ui);
    if (before >= 0 && (ui_button(app->ui, "cancel", "Cancel", button, false) || esc))
        app_choose_sentence(app, before);
    return true;
}

bool bad_sentence_pane(App *app, Rect r)
{
    if (reading_pane(app, r))
        return true;
    const Theme *t = app->kit.theme;
    const Document *doc = &app->scope.doc;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    if (!s || !s->problem)
        return false;
    float u = t->unit, w = fminf(r.w - 32 * u, 560 * u), line = 18 * u;
    TextStyle title = {FACE_BOLD, t->body, t->text1, ALIGN_CENTER, 0};
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_CENTER, 0};
    Rect box = {r.x + (r.w - w) / 2, r.y + floorf(r.h / 2) - 56 * u, w, 20 * u};
    char text[560];
    if (w < 16)
        return true;
    snprintf(text, sizeof text, "Sentence %d cannot be read", app->settings.sentence);
    text_in(ui_list(app->ui), &app->kit, box, &title, text);
    Rect why = {box.x, rect_bottom(box) + 4 * u, w, 5 * line};
    int lines = text_wrapped(ui_list(app->ui), &app->kit, why, &style, line, 5, s->problem);
    int next = app->settings.sentence + 1 < doc->sentence_count ? 1 : -1;
    Rect button = {r.x + r.w / 2 - 100 * u, why.y + line * (float)lines + 12 * u, 200 * u, 28 * u};
    if (doc->sentence_count > 1 &&
        ui_button(app->ui, "other sentence", next > 0 ? "Next sentence" : "Previous sentence",
                  button, false))
        app_choose_sentence(app, app->settings.sentence + next);
    return true;
}

float no_statistics(const App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    TextStyle style = {FACE_SANS, t->body, t->text3, ALIGN_LEFT, 0};
    const char *empty = scope_empty(&app->scope, &app->settings);
    float line = floorf(16 * t->unit);
    r.h = 6 * line;
    return line * (float)text_wrapped(ui_list(app->ui), &app->kit, r, &style, line, 6,
                                      empty ? empty : app->problem) +
           8;
}

void head_tip(App *app, int layer, int head, char *out, size_t cap)
{
    Scope *scope = &app->scope;
    const DocSentence *s = scope_sentence(scope, &app->settings);
    const DocLayer *of = &s->layers[layer];
    const char *empty = scope_empty(scope, &app->settings);
    Error err = {0};
    document_check(&scope->doc, s, of, &of->heads[head], &app->settings.attn.score, &err);
    const char *why = empty ? empty : err.kind != ERROR_NONE ? err.what : "";
    utf8_format(out, cap, "layer %d, head %d%s%s", layer, head, why[0] ? " · " : "", why);
}
