/* The first section of the controls: score function and normaliser with the numbers that only they
 * have, what the scores are divided by, temperature.
 */
#include "app/panel_sections.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

/* Names and values stand in two columns, as in the rows of the mask and of colour. */
static Rect named_row(App *app, Flow *flow, const char *label)
{
    const Theme *t = app->kit.theme;
    Rect row = flow_row(flow, 28);
    float indent = 104 * t->unit;
    text_label(ui_list(app->ui), &app->kit, rect(row.x, row.y, indent - 4, row.h), label, t->text2);
    return rect(row.x + indent, row.y, row.w - indent, row.h);
}

static Rect number_box(App *app, Flow *flow, const char *label)
{
    Rect r = named_row(app, flow, label);
    float w = fminf(r.w, 96 * app->kit.theme->unit);
    return rect(rect_right(r) - w, r.y, w, r.h);
}

/* ---- score function ----------------------------------------------------- */

static ScoreKind score_kind(const App *app)
{
    return input_score_kind(&app->scope.input, &app->settings.attn.score);
}

/* The name of a kind that we do not know, where the head's own is in force; else NULL. */
static const char *unknown_kind(const App *app)
{
    const HeadSpec *spec = app->scope.input.spec;
    return spec && app->scope.input.entry == ENTRY_QK ? spec->score.unknown : NULL;
}

/* Why scale and normaliser have no effect. */
static const char *scale_closed(const App *app)
{
    const char *given = scope_given(&app->scope);
    if (given || !app->scope.open || app->scope.result)
        return given;
    return app->params_shown.missing[0] ? "This head has no scores." : NULL;
}

static bool has_score_number(const App *app)
{
    return score_kind(app) == SCORE_COSINE || score_kind(app) == SCORE_GAUSSIAN;
}

static const char *score_closed(const App *app)
{
    const char *given = scope_given(&app->scope);
    if (given)
        return given;
    return app->scope.input.entry == ENTRY_SCORES && app->scope.input.form == FORM_PAIRS
               ? "The file has scores only: what they were made from is not in it."
               : NULL;
}

const char *needs_vectors(const App *app)
{
    return app->scope.open ? score_closed(app) : "No document is open.";
}

void score_command(App *app, int kind)
{
    app->settings.attn.score.kind = (ScoreKind)kind;
}

/* A value that is the head's own, or the default, is `auto`; typing another one takes over. */
static void score_number(App *app, Flow *flow)
{
    ScoreParams *s = &app->settings.attn.score;
    const HeadSpec *spec = app->scope.input.spec;
    bool cosine = score_kind(app) == SCORE_COSINE;
    Rect row = {flow->x, flow->y, flow->w, floorf(28 * app->kit.theme->unit)};
    double own = spec ? cosine ? spec->score.factor : spec->score.sigma : 0;
    double *value = cosine ? &s->factor : &s->sigma;
    /* A factor is 1 unless someone says otherwise; a width there is none of by itself. */
    double auto_value = own != 0 ? own : cosine ? 1 : (double)NAN;
    double shown = *value != 0 ? *value : auto_value, was = shown;
    if (cosine)
        ui_number_field(app->ui, "factor", "factor", number_box(app, flow, "times"), &shown, -1e6,
                        1e6, false);
    else
        ui_number_field(app->ui, "sigma", "sigma", number_box(app, flow, "width σ"), &shown,
                        UI_ABOVE_ZERO, 1e6, false);
    if (!isnan(shown) && shown != was)
        *value = own != 0 && shown == own ? 0 : shown;
    if (!score_closed(app))
        ui_tooltip(app->ui, row,
                   cosine ? "The cosine of query and key is multiplied by this."
                          : "Scores are −‖q − k‖² ÷ 2σ². The width σ is above 0 … 1000000.");
    flow_gap(flow, 8);
}

static void score_choice(App *app, Rect box)
{
    static const char *const TITLES[SCORE_KIND_COUNT] = {
        "",       "dot product", "cosine",      "additive",    "general", "bilinear",
        "concat", "location",    "featurewise", "elementwise", "gate",    "gaussian"};
    const char *choices[SCORE_KIND_COUNT + 1] = {0};
    char own[48];
    ScoreParams *s = &app->settings.attn.score;
    ScoreParams automatic = {.kind = SCORE_AUTO};
    int kind = (int)s->kind;
    const char *unknown = unknown_kind(app);
    snprintf(own, sizeof own, unknown ? "auto: %.24s (unknown)" : "auto: %s",
             unknown ? unknown : TITLES[input_score_kind(&app->scope.input, &automatic)]);
    choices[0] = own;
    for (int i = 1; i < SCORE_KIND_COUNT; i++)
        choices[i] = TITLES[i];
    ui_disable(app->ui, score_closed(app));
    if (ui_dropdown(app->ui, "score", "score of query and key", choices, box, &kind, NULL))
        s->kind = (ScoreKind)kind;
    ui_tooltip(app->ui, box, "score function: what a query and a key are compared by");
    ui_enable(app->ui);
}

/* ---- scale --------------------------------------------------------------- */

static int effective_mode(const App *app)
{
    return (int)input_scale_mode(&app->scope.input, &app->settings.attn);
}

static void d_k_slider(App *app, Flow *flow)
{
    static const SliderSpec SPEC = {.lo = 1,
                                    .hi = 4096,
                                    .reset = 0,
                                    .typed_lo = 1,
                                    .typed_hi = 65536,
                                    .log = true,
                                    .log2_steps = true,
                                    .decimals = 0};
    ScaleParams *s = &app->settings.attn.scale;
    SliderSpec spec = SPEC;
    double shown = s->d_k > 0 ? s->d_k : fmax(1, app->scope.input.d_k);
    int mode = effective_mode(app);
    spec.reset = fmax(1, app->scope.input.d_k);
    const char *why = mode == SCALE_NONE          ? "Off: the scores are not divided."
                      : mode == SCALE_SQRT_DMODEL ? "Off: the scores are divided by √d_model."
                      : mode == SCALE_CUSTOM
                          ? "Off: the scores are divided by a number of your own."
                          : NULL;
    ui_disable(app->ui, why);
    if (ui_slider(app->ui, "d_k", "d_k", flow_row(flow, 44), &shown, &spec))
        s->d_k = shown == app->scope.input.d_k ? 0 : shown; /* back on the data's own: auto again */
    ui_enable(app->ui);
}

static void scale_fields(App *app, Flow *flow)
{
    ScaleParams *s = &app->settings.attn.scale;
    int mode = effective_mode(app);
    if (mode == SCALE_SQRT_DMODEL) {
        double shown = s->d_model > 0 ? s->d_model : fmax(1, app->scope.input.d_model), was = shown;
        ui_number_field(app->ui, "d_model", "d_model", number_box(app, flow, "d_model"), &shown, 1,
                        65536, false);
        if (shown != was)
            s->d_model = shown == app->scope.input.d_model ? 0 : shown;
        flow_gap(flow, 8);
    } else if (mode == SCALE_CUSTOM) {
        double shown = s->divisor > 0 ? s->divisor : 1, was = shown;
        ui_number_field(app->ui, "divisor", "divide by", number_box(app, flow, "divide by"), &shown,
                        UI_ABOVE_ZERO, DBL_MAX, false);
        if (shown != was)
            s->divisor = shown;
        flow_gap(flow, 8);
    }
}

static void scale_rows(App *app, Flow *flow)
{
    static const char *const MODES[] = {"√d_k", "none", "d_k", "√d_model", "custom", NULL};
    static const ScaleMode MODE_OF[] = {SCALE_SQRT_DK, SCALE_NONE, SCALE_DK, SCALE_SQRT_DMODEL,
                                        SCALE_CUSTOM};
    ScaleParams *s = &app->settings.attn.scale;
    SliderSpec temperature = temperature_spec(app);
    int mode = effective_mode(app), chosen = 0;
    for (int i = 0; i < 5; i++)
        if ((int)MODE_OF[i] == mode)
            chosen = i;
    if (ui_segmented(app->ui, "scale", "scores are divided by", MODES, flow_row(flow, 28), &chosen))
        s->mode = MODE_OF[chosen];
    flow_gap(flow, 8);
    scale_fields(app, flow);
    d_k_slider(app, flow);
    ui_slider(app->ui, "temperature", "temperature", flow_row(flow, 44), &s->temperature,
              &temperature);
}

/* ---- normaliser ---------------------------------------------------------- */

static void norm_number(App *app, Flow *flow)
{
    static const SliderSpec ALPHA = {
        .lo = 1, .hi = 4, .reset = 1.5, .typed_lo = 1, .typed_hi = 16, .decimals = 2};
    static const SliderSpec MASS = {
        .lo = 0, .hi = 1, .reset = 0.9, .typed_lo = 0.001, .typed_hi = 1, .decimals = 3};
    NormParams *n = &app->settings.attn.norm;
    double k = n->k;
    if (n->kind == NORM_ENTMAX) {
        ui_slider(app->ui, "alpha", "α", flow_row(flow, 44), &n->alpha, &ALPHA);
    } else if (n->kind == NORM_TOPP) {
        ui_slider(app->ui, "p", "kept mass p", flow_row(flow, 44), &n->p, &MASS);
        n->p = fmax(n->p, 0.001); /* the end of the track; no mass at all keeps no key */
    } else if (n->kind == NORM_TOPK) {
        ui_number_field(app->ui, "k", "kept keys", number_box(app, flow, "kept keys"), &k, 1,
                        16777216, true);
        n->k = (int)k;
    } else if (n->kind == NORM_SIGMOID) {
        ui_checkbox(app->ui, "bias", "subtract ln n", flow_row(flow, 26), &n->sigmoid_bias, false);
    }
    flow_gap(flow, 4);
}

static float norm_number_height(const App *app)
{
    float u = app->kit.theme->unit;
    switch ((int)app->settings.attn.norm.kind) {
    case NORM_ENTMAX:
    case NORM_TOPP:
        return 4 + floorf(44 * u);
    case NORM_TOPK:
        return 4 + floorf(28 * u);
    case NORM_SIGMOID:
        return 4 + floorf(26 * u);
    default:
        return 0;
    }
}

static void norm_choice(App *app, Rect box)
{
    static const char *const NORMS[] = {"softmax",     "sparsemax", "entmax 1.5", "entmax α",
                                        "softmax, +1", "sigmoid",   "ReLU / n",   "hardmax",
                                        "top k",       "top p",     NULL};
    int norm = (int)app->settings.attn.norm.kind;
    bool gate = app->scope.input.form == FORM_GATE;
    const char *given = scope_given(&app->scope);
    ui_disable(app->ui, gate ? "A gate weighs each place and channel by a sigmoid." : given);
    if (gate)
        norm = NORM_SIGMOID;
    if (ui_dropdown(app->ui, "normaliser", "normaliser", NORMS, box, &norm, NULL))
        app->settings.attn.norm.kind = (NormKind)norm;
    ui_tooltip(app->ui, box, "normaliser: what makes weights of a row's scores");
    ui_enable(app->ui);
}

/* ---- together ------------------------------------------------------------ */

/* How a number comes about stands in one row: what is compared how, and what makes weights of it.
 * Below, what only these have. */
static void kind_rows(App *app, Flow *flow)
{
    Rect row = flow_row(flow, 28);
    float gap = 8, right = floorf((row.w - gap) * 0.42f);
    score_choice(app, rect(row.x, row.y, row.w - gap - right, row.h));
    norm_choice(app, rect(rect_right(row) - right, row.y, right, row.h));
    flow_gap(flow, 8);
    ui_disable(app->ui, score_closed(app));
    if (has_score_number(app))
        score_number(app, flow);
    ui_enable(app->ui);
    params_rows(app, flow);
    ui_disable(app->ui, scope_given(&app->scope));
    if (norm_number_height(app) > 0)
        norm_number(app, flow);
    ui_enable(app->ui);
}

void scale_section(App *app, Flow *flow)
{
    kind_rows(app, flow);
    ui_disable(app->ui, scale_closed(app));
    scale_rows(app, flow);
    ui_enable(app->ui);
}

float scale_height(const App *app)
{
    int mode = effective_mode(app);
    float u = app->kit.theme->unit, line = floorf(28 * u) + 8;
    return line + (has_score_number(app) ? line : 0) + params_height(app) + floorf(28 * u) +
           floorf(44 * u) * 2 + 8 + (mode == SCALE_SQRT_DMODEL || mode == SCALE_CUSTOM ? line : 0) +
           norm_number_height(app);
}

void scale_summary(const App *app, char *out, size_t cap)
{
    ScoreKind kind = score_kind(app);
    bool plain = kind == SCORE_DOT || score_closed(app);
    snprintf(out, cap, "%s%s÷ %.4g · T %.4g", plain ? "" : SCORE_KIND_NAMES[kind],
             plain ? "" : " · ", app->scope.result ? app->scope.result->divisor : 1.0,
             app->settings.attn.scale.temperature);
}
