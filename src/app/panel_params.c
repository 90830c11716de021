/* What the score function takes from the document, what is missing of it, and what the head adds to
 * its scores: quiet lines below the score row of the controls.
 */
#include "app/panel_sections.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WRAP_LINES = 4 };

/* Which parameters a kind reads, in the order of its formula. */
static const ScoreParam *params_of(ScoreKind kind)
{
    static const ScoreParam NONE[] = {PARAM_COUNT};
    static const ScoreParam ADDITIVE[] = {PARAM_W_Q, PARAM_W_K, PARAM_V, PARAM_B, PARAM_COUNT};
    static const ScoreParam W[] = {PARAM_W, PARAM_COUNT};
    static const ScoreParam BILINEAR[] = {PARAM_W_E, PARAM_W_A, PARAM_COUNT};
    static const ScoreParam CONCAT[] = {PARAM_W, PARAM_V, PARAM_COUNT};
    static const ScoreParam FEATUREWISE[] = {PARAM_W_Q, PARAM_W_K, PARAM_COUNT};
    static const ScoreParam GATE[] = {PARAM_CONV1, PARAM_CONV2, PARAM_COUNT};
    switch (kind) {
    case SCORE_ADDITIVE:
        return ADDITIVE;
    case SCORE_GENERAL:
    case SCORE_LOCATION:
        return W;
    case SCORE_BILINEAR:
        return BILINEAR;
    case SCORE_CONCAT:
        return CONCAT;
    case SCORE_FEATUREWISE:
        return FEATUREWISE;
    case SCORE_GATE:
        return GATE;
    case SCORE_AUTO:
    case SCORE_DOT:
    case SCORE_COSINE:
    case SCORE_ELEMENTWISE:
    case SCORE_GAUSSIAN:
    case SCORE_KIND_COUNT:
        break;
    }
    return NONE;
}

static void __attribute__((format(printf, 4, 5)))
join(char *out, size_t cap, const char *between, const char *format, ...)
{
    size_t n = strlen(out);
    va_list args;
    if (n > 0 && n + strlen(between) + 1 < cap)
        n += (size_t)snprintf(out + n, cap - n, "%s", between);
    va_start(args, format);
    vsnprintf(out + n, cap - n, format, args);
    va_end(args);
}

static void say_from(char *out, size_t cap, const AttnInput *raw, const ScoreParams *score,
                     ScoreKind kind)
{
    const ScoreSpec *spec = raw->spec ? &raw->spec->score : NULL;
    out[0] = 0;
    if (!spec)
        return;
    for (const ScoreParam *p = params_of(kind); *p != PARAM_COUNT; p++) {
        Stored m = spec->param[*p];
        if (m.at && m.rows == 1 && (*p == PARAM_V || *p == PARAM_B))
            join(out, cap, " · ", "%s %d", SCORE_PARAM_NAMES[*p], m.cols);
        else if (m.at)
            join(out, cap, " · ", "%s %d × %d", SCORE_PARAM_NAMES[*p], m.rows, m.cols);
    }
    if (kind == SCORE_COSINE && score->factor == 0 && spec->factor != 0)
        join(out, cap, " · ", "factor %.6g", spec->factor);
    if (kind == SCORE_GAUSSIAN && score->sigma == 0 && spec->sigma != 0)
        join(out, cap, " · ", "σ %.6g", spec->sigma);
    if (out[0])
        join(out, cap, " ", "from the document");
}

/* `score additive: w_q: expected [h, 64], found none`, as one says it beside the kind. */
static void say_missing(char *out, size_t cap, const char *what)
{
    const char *name = strncmp(what, "score ", 6) == 0 ? strstr(what, ": ") : NULL;
    const char *due = name ? strstr(name + 2, ": expected ") : NULL;
    const char *found = due ? strstr(due, ", found ") : NULL;
    if (!found) {
        snprintf(out, cap, "%.190s", what);
        return;
    }
    const char *shape = due + strlen(": expected "), *it = found + strlen(", found ");
    if (strncmp(name, ": parameters:", 13) == 0) /* each is named in what is due */
        snprintf(out, cap, "needs %.*s: the document has %.80s", (int)(found - shape), shape, it);
    else
        snprintf(out, cap, "needs %.*s%s %.*s: the document has %.80s", (int)(due - name - 2),
                 name + 2, shape[0] == '[' ? "" : ",", (int)(found - shape), shape, it);
}

static void say_bias(char *out, size_t cap, const HeadSpec *spec)
{
    out[0] = 0;
    for (int i = 0; i < spec->bias_count; i++) {
        const BiasSpec *b = &spec->biases[i];
        switch (b->kind) {
        case BIAS_ALIBI:
            join(out, cap, " + ", "alibi %s%.4g", b->slope < 0 ? "\u2212" : "", fabs(b->slope));
            break;
        case BIAS_T5:
            join(out, cap, " + ", "t5, %d buckets", b->table.cols);
            break;
        case BIAS_MATRIX:
            join(out, cap, " + ", "matrix %d × %d", b->m.rows, b->m.cols);
            break;
        }
    }
}

void params_update(App *app)
{
    ParamsShown *p = &app->params_shown;
    AttnInput raw;
    Error err = {0};
    const ScoreParams *score = &app->settings.attn.score;
    *p = (ParamsShown){0};
    if (!app->scope.open || !scope_raw(&app->scope, &app->settings, &raw))
        return;
    ScoreKind kind = input_score_kind(&raw, score);
    p->no_sigma =
        kind == SCORE_GAUSSIAN && score->sigma == 0 && !(raw.spec && raw.spec->score.sigma != 0);
    if (raw.entry == ENTRY_QK) {
        AttnParams params = scope_params(&app->scope, &app->settings);
        say_from(p->from, sizeof p->from, &raw, score, kind);
        if (!prepare_check(&raw, &params.score, &err))
            say_missing(p->missing, sizeof p->missing, err.what);
    }
    if (!raw.spec || raw.entry == ENTRY_WEIGHTS)
        return;
    say_bias(p->bias, sizeof p->bias, raw.spec);
    if (raw.spec->rope.on)
        snprintf(p->rope, sizeof p->rope, "θ %.6g, %s, %d dims", raw.spec->rope.theta,
                 raw.spec->rope.interleaved ? "interleaved" : "half", raw.spec->rope.dims);
}

/* ---- drawing -------------------------------------------------------------- */

/* One or more lines of 16; the height of what stands there, with the gap below. */
static float words(const App *app, DrawList *list, Rect box, Color color, const char *text)
{
    const Theme *t = app->kit.theme;
    TextStyle style = {FACE_SANS, t->body, color, ALIGN_LEFT, 0};
    float line = floorf(16 * t->unit);
    if (!text[0])
        return 0;
    return (float)text_wrapped(list, &app->kit, box, &style, line, WRAP_LINES, text) * line + 8;
}

static float named(const App *app, DrawList *list, Rect box, const char *name, const char *text)
{
    const Theme *t = app->kit.theme;
    float u = t->unit, h = floorf(22 * u), indent = 104 * u;
    if (!text[0])
        return 0;
    if (list) {
        text_label(list, &app->kit, rect(box.x, box.y, indent - 4, h), name, t->text2);
        text_label(list, &app->kit, rect(box.x + indent, box.y, box.w - indent, h), text, t->text1);
    }
    return h;
}

/* list NULL: only how high it is. */
static float lines(const App *app, DrawList *list, float x, float y, float w)
{
    const ParamsShown *p = &app->params_shown;
    const Theme *t = app->kit.theme;
    float top = y;
    y += words(app, list, rect(x, y, w, 64 * t->unit), t->text3, p->from);
    y += words(app, list, rect(x, y, w, 64 * t->unit), t->err, p->missing);
    float before = y;
    y += named(app, list, rect(x, y, w, 0), "bias", p->bias);
    y += named(app, list, rect(x, y, w, 0), "rope", p->rope);
    return y - top + (y > before ? 6 : 0);
}

void params_rows(App *app, Flow *flow)
{
    const ParamsShown *p = &app->params_shown;
    float h = lines(app, ui_list(app->ui), flow->x, flow->y, flow->w);
    if (h > 0 && p->bias[0])
        ui_tooltip(app->ui, rect(flow->x, flow->y, flow->w, h), p->bias);
    flow->y += h;
}

float params_height(const App *app)
{
    return lines(app, NULL, 0, 0, flow_width(app));
}
