/* The mask section of the controls: what most people want first, the sparse patterns behind a fold
 * that says what is on inside of it.
 */
#include "app/panel_sections.h"

#include "base/buf.h"
#include "base/index_set.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool has_pattern(const MaskParams *m)
{
    return m->window > 0 || m->stride > 0 || m->random > 0;
}

/* Why masks of positions have no effect; NULL: they have. */
static const char *positions_off(const App *app)
{
    const char *given = scope_given(&app->scope);
    if (given || !app->scope.result)
        return given;
    if (app->scope.input.form == FORM_STRIP)
        return "Elementwise weights are one for each position: only hidden keys and padding act.";
    return app->scope.input.form == FORM_GATE ? "A gate has no keys: no mask acts." : NULL;
}

const char *needs_positions(const App *app)
{
    return app->scope.open ? positions_off(app) : "No document is open.";
}

/* Why keys cannot be hidden. */
static const char *keys_off(const App *app)
{
    return app->scope.result && app->scope.input.form == FORM_GATE ? positions_off(app) : NULL;
}

const char *needs_keys(const App *app)
{
    return app->scope.open ? keys_off(app) : "No document is open.";
}

static bool has_segments(const App *app)
{
    return app->scope.input.segment_q && app->scope.input.segment_k;
}

/* Does it matter where the diagonal begins? */
static bool wants_align(const App *app)
{
    const MaskParams *m = &app->settings.attn.mask;
    return app->scope.input.n_q != app->scope.input.n_k &&
           (m->causal || m->window > 0 || m->stride > 0 || m->block > 0);
}

static Rect left_half(Rect row)
{
    return rect(row.x, row.y, floorf(row.w / 2) - 8, row.h);
}

static Rect right_half(Rect row)
{
    float half = floorf(row.w / 2);
    return rect(row.x + half, row.y, row.w - half, row.h);
}

/* ---- the usual ones ------------------------------------------------------ */

static void window_row(App *app, Rect r)
{
    MaskParams *m = &app->settings.attn.mask;
    bool on = m->window > 0;
    float box = 44 * app->kit.theme->unit;
    if (ui_checkbox(app->ui, "window", "window", rect(r.x, r.y, r.w - box - 4, r.h), &on, false))
        m->window = on ? app->last_window : 0;
    double w = m->window > 0 ? m->window : app->last_window;
    ui_disable(app->ui, m->window > 0 ? NULL : "Off: tick window first.");
    if (ui_number_field(app->ui, "window width", "window width",
                        rect(rect_right(r) - box, r.y - 1, box, r.h + 2), &w, 1, 16777216, true)) {
        m->window = (int)w;
        app->last_window = (int)w;
    }
    ui_enable(app->ui);
}

static void hidden_row(App *app, Rect r)
{
    MaskParams *m = &app->settings.attn.mask;
    int count = index_set(m->hidden).count;
    bool on = count > 0;
    char label[48];
    snprintf(label, sizeof label, count > 0 ? "%d hidden" : "hidden tokens", count);
    const char *none = count > 0 || app->last_hidden ? NULL : "Ctrl-click a key to hide it.";
    ui_disable(app->ui, keys_off(app) ? keys_off(app) : none);
    if (ui_checkbox(app->ui, "hidden", label, r, &on, false)) {
        if (!on)
            app->last_hidden = m->hidden;
        m->hidden = on ? app->last_hidden : 0;
    }
    ui_enable(app->ui);
}

/* ---- behind the fold ----------------------------------------------------- */

typedef struct {
    const char *name, *label, *tip;
    int lo, hi;
} Number;

/* Label and box, half a row wide. */
static void number_cell(App *app, Rect r, const Number *n, int *value, const char *off)
{
    const Theme *t = app->kit.theme;
    float box = 52 * t->unit;
    double shown = *value;
    ui_disable(app->ui, off);
    text_label(ui_list(app->ui), &app->kit, rect(r.x, r.y, r.w - box - 4, r.h), n->label,
               off ? t->dis : t->text2);
    if (ui_number_field(app->ui, n->name, n->label,
                        rect(rect_right(r) - box, r.y + 1, box, r.h - 2), &shown, n->lo, n->hi,
                        true))
        *value = (int)shown;
    ui_enable(app->ui);
    if (!off)
        ui_tooltip(app->ui, r, n->tip);
}

/* The field edits a text; the setting follows whenever that is a set. */
static void global_row(App *app, Rect row)
{
    const Theme *t = app->kit.theme;
    MaskParams *m = &app->settings.attn.mask;
    const char *off =
        has_pattern(m) ? NULL : "Off: they go beside a window, a stride or random keys.";
    Rect field = rect(row.x + 104 * t->unit, row.y + 1, row.w - 104 * t->unit, row.h - 2);
    bool entered = false;
    int set = 0;
    if (app->global_shown != m->global) {
        Buf text;
        buf_init(&text, sizeof app->global_text - 1);
        index_set_print(m->global, &text);
        snprintf(app->global_text, sizeof app->global_text, "%s",
                 text.failed ? "" : buf_string(&text));
        buf_free(&text);
        app->global_shown = m->global;
    }
    bool fits = index_set_parse(app->global_text, &set, NULL);
    ui_disable(app->ui, off);
    text_label(ui_list(app->ui), &app->kit, row, "global tokens", off ? t->dis : t->text2);
    if (ui_text_field(app->ui, "global", "global tokens", "0,5-7", ICON_NONE, field,
                      app->global_text, sizeof app->global_text,
                      fits ? NULL : "expected numbers of tokens, such as 0,5-7", &entered) &&
        index_set_parse(app->global_text, &set, NULL))
        m->global = app->global_shown = set;
    ui_enable(app->ui);
    if (!off)
        ui_tooltip(app->ui, row, "All see these tokens, and they see all (Longformer).");
}

static void document_row(App *app, Rect row)
{
    MaskParams *m = &app->settings.attn.mask;
    bool both = has_segments(app) && app->scope.input.mask.at;
    Rect second = both ? right_half(row) : row;
    if (has_segments(app))
        ui_checkbox(app->ui, "segments", "segments", left_half(row), &m->segments, false);
    if (app->scope.input.mask.at)
        ui_checkbox(app->ui, "matrix", both ? "own matrix" : "the document's own matrix", second,
                    &m->given, false);
}

static void more_rows(App *app, Flow *flow)
{
    static const Number PREFIX = {"prefix", "prefix",
                                  "Under causal, so many first keys are seen by all (prefix LM). "
                                  "0 = none.",
                                  0, 16777216};
    static const Number DILATION = {"dilation", "dilation",
                                    "The window takes every so many keys and reaches as much "
                                    "farther. 1 = every key.",
                                    1, 16777216};
    static const Number STRIDE = {"stride", "stride",
                                  "A query sees every so many keys, counted from itself (Sparse "
                                  "Transformer). 0 = off.",
                                  0, 16777216};
    static const Number BLOCK = {"block", "block",
                                 "A query sees only keys of its own block of this length. 0 = off.",
                                 0, 16777216};
    static const Number RANDOM = {"random", "random",
                                  "A query sees so many keys drawn at random (BigBird). 0 = off.",
                                  0, 4096};
    static const Number SEED = {"seed", "seed", "Another number draws other keys.", 0, 2147483647};
    MaskParams *m = &app->settings.attn.mask;
    Rect row = flow_row(flow, 28);
    number_cell(app, left_half(row), &PREFIX, &m->prefix,
                m->causal ? NULL : "Off: it acts under causal.");
    number_cell(app, right_half(row), &DILATION, &m->dilation,
                m->window > 0 ? NULL : "Off: tick window first.");
    row = flow_row(flow, 28);
    number_cell(app, left_half(row), &BLOCK, &m->block, NULL);
    number_cell(app, right_half(row), &STRIDE, &m->stride, NULL);
    row = flow_row(flow, 28);
    number_cell(app, left_half(row), &RANDOM, &m->random, NULL);
    number_cell(app, right_half(row), &SEED, &m->seed,
                m->random > 0 ? NULL : "Off: it acts on random keys, and none are drawn.");
    global_row(app, flow_row(flow, 28));
    if (has_segments(app) || app->scope.input.mask.at)
        document_row(app, flow_row(flow, 26));
}

static float more_height(const App *app)
{
    float u = app->kit.theme->unit;
    bool own = has_segments(app) || app->scope.input.mask.at;
    return 4 * floorf(28 * u) + (own ? floorf(26 * u) : 0);
}

/* ---- what is on ---------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
say(char *out, size_t cap, const char *format, ...)
{
    size_t n = strlen(out);
    va_list args;
    if (n > 0 && n + 4 < cap)
        n += (size_t)snprintf(out + n, cap - n, " · ");
    va_start(args, format);
    vsnprintf(out + n, cap - n, format, args);
    va_end(args);
}

/* What acts of the masks behind the fold. */
static void more_summary(const App *app, char *out, size_t cap)
{
    const MaskParams *m = &app->settings.attn.mask;
    out[0] = 0;
    if (positions_off(app))
        return;
    if (m->causal && m->prefix > 0)
        say(out, cap, "prefix %d", m->prefix);
    if (m->window > 0 && m->dilation > 1)
        say(out, cap, "dilation %d", m->dilation);
    if (m->block > 0)
        say(out, cap, "block %d", m->block);
    if (m->stride > 0)
        say(out, cap, "stride %d", m->stride);
    if (m->random > 0)
        say(out, cap, "random %d", m->random);
    if (has_pattern(m) && m->global)
        say(out, cap, "%d global", index_set(m->global).count);
    if (m->segments && has_segments(app))
        say(out, cap, "segments");
    if (m->given && app->scope.input.mask.at)
        say(out, cap, "matrix");
}

void mask_summary(const App *app, char *out, size_t cap)
{
    const MaskParams *m = &app->settings.attn.mask;
    int count = index_set(m->hidden).count;
    char more[96];
    out[0] = 0;
    bool acts = !positions_off(app) || scope_given(&app->scope);
    if (m->causal && acts)
        say(out, cap, "causal");
    if (m->window > 0 && acts)
        say(out, cap, "window %d", m->window);
    if (m->padding && app->scope.input.padding)
        say(out, cap, "padding");
    if (count > 0 && !keys_off(app))
        say(out, cap, "%d hidden", count);
    more_summary(app, more, sizeof more);
    if (more[0])
        say(out, cap, "%s", more);
    if (!out[0])
        snprintf(out, cap, "none");
}

/* ---- the section --------------------------------------------------------- */

static void align_row(App *app, Flow *flow)
{
    static const char *const ALIGN[] = {"top", "bottom", NULL};
    int align = (int)app->settings.attn.mask.align;
    Rect row = flow_row(flow, 28);
    text_label(ui_list(app->ui), &app->kit, row, "diagonal from", app->kit.theme->text2);
    if (ui_segmented(app->ui, "align", "diagonal from", ALIGN, right_half(row), &align))
        app->settings.attn.mask.align = (MaskAlign)align;
}

/* The rarer masks stand behind a word that says how many of them are on. */
static void more_link(App *app, Rect r)
{
    char summary[96], label[48];
    int on = 0;
    more_summary(app, summary, sizeof summary);
    for (const char *at = summary; *at; at = strstr(at, " · ") ? strstr(at, " · ") + 4 : "")
        on++;
    snprintf(label, sizeof label, app->more_masks ? "less" : on ? "more: %d on" : "more …", on);
    float w = ceilf(text_width(&app->kit, FACE_SANS, app->kit.theme->body, label)) + 1;
    r = rect(rect_right(r) - fminf(w, r.w), r.y, fminf(w, r.w), r.h);
    if (!ui_link(app->ui, "more", label, r))
        return;
    app->more_masks = !app->more_masks;
    if (app->more_masks) /* room or not: it was asked for */
        app->sections[SECTION_MASK] = SECTION_FORCED_OPEN;
}

void mask_section(App *app, Flow *flow)
{
    MaskParams *m = &app->settings.attn.mask;
    const AttnInput *in = &app->scope.input;
    const char *off = positions_off(app), *given = scope_given(&app->scope);
    float u = app->kit.theme->unit;
    Rect row = flow_row(flow, 26);
    ui_disable(app->ui, off);
    ui_checkbox(app->ui, "causal", "causal", left_half(row), &m->causal, false);
    window_row(app, right_half(row));
    ui_enable(app->ui);
    row = flow_row(flow, 26);
    ui_disable(app->ui, given ? given : keys_off(app));
    ui_disable(app->ui, in->padding ? NULL : "The document marks no padding.");
    bool padding = m->padding && in->padding; /* without any, nothing is masked: not ticked */
    if (ui_checkbox(app->ui, "padding", "padding", left_half(row), &padding, false))
        m->padding = padding;
    ui_enable(app->ui);
    ui_enable(app->ui);
    hidden_row(app, right_half(row));
    row = flow_row(flow, 28);
    ui_disable(app->ui, keys_off(app));
    ui_toggle(app->ui, "renormalise", "rows re-sum to 1", rect(row.x, row.y, row.w - 76 * u, row.h),
              &m->renormalise);
    ui_enable(app->ui);
    more_link(app, rect(rect_right(row) - 68 * u, row.y, 68 * u, row.h));
    if (wants_align(app))
        align_row(app, flow);
    if (!app->more_masks)
        return;
    ui_disable(app->ui, off);
    more_rows(app, flow);
    ui_enable(app->ui);
}

float mask_height(const App *app)
{
    float u = app->kit.theme->unit;
    return floorf(26 * u) * 2 + floorf(28 * u) * (wants_align(app) ? 2 : 1) +
           (app->more_masks ? more_height(app) : 0);
}
