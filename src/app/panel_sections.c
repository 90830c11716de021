/* The sections of the controls: their widgets write the settings, nothing else. */
#include "app/panel_sections.h"

#include "base/index_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

Rect flow_row(Flow *flow, float height)
{
    Rect r = {flow->x, flow->y, flow->w, floorf(height * flow->app->kit.theme->unit)};
    flow->y += r.h;
    return r;
}

void flow_gap(Flow *flow, float height)
{
    flow->y += height;
}

/* ---- mask --------------------------------------------------------------- */

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
    ui_disable(app->ui, count > 0 || app->last_hidden ? NULL : "Ctrl-click a key to hide it.");
    if (ui_checkbox(app->ui, "hidden", label, r, &on, false)) {
        if (!on)
            app->last_hidden = m->hidden;
        m->hidden = on ? app->last_hidden : 0;
    }
    ui_enable(app->ui);
}

static void mask_section(App *app, Flow *flow)
{
    MaskParams *m = &app->settings.attn.mask;
    const AttnInput *in = &app->scope.input;
    float half = floorf(flow->w / 2);
    Rect row = flow_row(flow, 26);
    ui_disable(app->ui, scope_given(&app->scope));
    ui_checkbox(app->ui, "causal", "causal", rect(row.x, row.y, half - 8, row.h), &m->causal,
                false);
    window_row(app, rect(row.x + half, row.y, row.w - half, row.h));
    row = flow_row(flow, 26);
    ui_disable(app->ui, in->padding ? NULL : "The document marks no padding.");
    bool padding = m->padding && in->padding; /* without any, nothing is masked: not ticked */
    if (ui_checkbox(app->ui, "padding", "padding", rect(row.x, row.y, half - 8, row.h), &padding,
                    false))
        m->padding = padding;
    ui_enable(app->ui);
    ui_enable(app->ui);
    hidden_row(app, rect(row.x + half, row.y, row.w - half, row.h));
    row = flow_row(flow, 28);
    ui_toggle(app->ui, "renormalise", "rows re-sum to 1", row, &m->renormalise);
    if (in->n_q != in->n_k && (m->causal || m->window > 0)) {
        static const char *const ALIGN[] = {"top", "bottom", NULL};
        int align = (int)m->align;
        row = flow_row(flow, 28);
        text_label(ui_list(app->ui), &app->kit, row, "diagonal from", app->kit.theme->text2);
        if (ui_segmented(app->ui, "align", "diagonal from", ALIGN,
                         rect(row.x + half, row.y, row.w - half, row.h), &align))
            m->align = (MaskAlign)align;
    }
}

static float mask_height(const App *app)
{
    const MaskParams *m = &app->settings.attn.mask;
    float u = app->kit.theme->unit;
    bool align = app->scope.input.n_q != app->scope.input.n_k && (m->causal || m->window > 0);
    return floorf(26 * u) * 2 + floorf(28 * u) + (align ? floorf(28 * u) : 0);
}

static void mask_summary(const App *app, char *out, size_t cap)
{
    const MaskParams *m = &app->settings.attn.mask;
    char window[24] = "", hidden[24] = "";
    int count = index_set(m->hidden).count;
    if (m->window > 0)
        snprintf(window, sizeof window, "window %d", m->window);
    if (count > 0)
        snprintf(hidden, sizeof hidden, "%d hidden", count);
    const char *padding = m->padding && app->scope.input.padding ? "padding" : "";
    const char *parts[] = {m->causal ? "causal" : "", window, padding, hidden};
    out[0] = 0;
    for (int i = 0; i < 4; i++)
        if (parts[i][0])
            snprintf(out + strlen(out), cap - strlen(out), "%s%s", out[0] ? " · " : "", parts[i]);
    if (!out[0])
        snprintf(out, cap, "none");
}

/* ---- overlay, colour, links --------------------------------------------- */

static void overlay_section(App *app, Flow *flow)
{
    static const char *const KINDS[] = {"colour", "spotlight", "picture only", NULL};
    static const SliderSpec OPACITY = {.lo = 0,
                                       .hi = 1,
                                       .reset = 0.5,
                                       .typed_lo = 0,
                                       .typed_hi = 100,
                                       .decimals = 0,
                                       .suffix = " %",
                                       .factor = 100};
    PatchesLook *p = &app->settings.patches;
    int kind = (int)p->overlay;
    float half = floorf(flow->w / 2);
    if (ui_segmented(app->ui, "overlay", "overlay", KINDS, flow_row(flow, 28), &kind))
        p->overlay = (OverlayKind)kind;
    flow_gap(flow, 6);
    ui_slider(app->ui, "opacity", "opacity", flow_row(flow, 44), &p->opacity, &OPACITY);
    Rect row = flow_row(flow, 26);
    ui_checkbox(app->ui, "grid", "grid lines", rect(row.x, row.y, half - 8, row.h), &p->grid,
                false);
    ui_checkbox(app->ui, "smooth", "smooth", rect(row.x + half, row.y, half, row.h), &p->smooth,
                false);
    row = flow_row(flow, 26);
    ui_checkbox(app->ui, "grey", "grey picture", rect(row.x, row.y, half - 8, row.h), &p->grey,
                false);
    ui_checkbox(app->ui, "numbers", "numbers", rect(row.x + half, row.y, half, row.h), &p->numbers,
                false);
}

static float overlay_height(const App *app)
{
    float u = app->kit.theme->unit;
    return floorf(28 * u) + 6 + floorf(44 * u) + 2 * floorf(26 * u);
}

static void overlay_summary(const App *app, char *out, size_t cap)
{
    static const char *const WORDS[] = {"colour", "spotlight", "picture only"};
    snprintf(out, cap, "%s · %.0f %%", WORDS[app->settings.patches.overlay],
             app->settings.patches.opacity * 100);
}

/* What `auto` stands for in the pane that keys act on. */
static int shown_map(const App *app)
{
    const Pane *pane = &app->panes[app->focused_pane];
    if (app->settings.color.map != COLORMAP_COUNT)
        return (int)app->settings.color.map;
    const Colormap *used = pane->drawn ? scene_colormap(&pane->scene) : colormap(COLORMAP_VIRIDIS);
    for (int i = 0; i < COLORMAP_COUNT; i++)
        if (colormap((ColormapId)i) == used)
            return i;
    return COLORMAP_VIRIDIS;
}

static Rect labelled(App *app, Flow *flow, const char *label)
{
    Rect row = flow_row(flow, 28);
    float indent = 64 * app->kit.theme->unit;
    text_label(ui_list(app->ui), &app->kit, row, label, app->kit.theme->text2);
    flow_gap(flow, 8);
    return rect(row.x + indent, row.y, row.w - indent, row.h);
}

static void color_section(App *app, Flow *flow)
{
    static const char *const RANGES[] = {"row", "matrix", "heads", "fixed", NULL};
    static const char *const SCALES[] = {"linear", "√", "log", NULL};
    ColorLook *c = &app->settings.color;
    const Colormap *swatches[COLORMAP_COUNT];
    int map = shown_map(app), range = (int)c->range, scale = (int)c->scale;
    for (int i = 0; i < COLORMAP_COUNT; i++)
        swatches[i] = colormap((ColormapId)i);
    if (ui_dropdown(app->ui, "map", "colour map", COLORMAP_NAMES, labelled(app, flow, "map"), &map,
                    swatches))
        c->map = (ColormapId)map;
    if (ui_segmented(app->ui, "range", "colour range over", RANGES, labelled(app, flow, "range"),
                     &range))
        c->range = (RangeKind)range;
    if (c->range == RANGE_FIXED) {
        Rect r = labelled(app, flow, "from … to");
        float w = floorf((r.w - 8) / 2);
        ui_number_field(app->ui, "lo", "from", rect(r.x, r.y, w, r.h), &c->lo, -1e30, 1e30, false);
        ui_number_field(app->ui, "hi", "to", rect(r.x + w + 8, r.y, w, r.h), &c->hi, -1e30, 1e30,
                        false);
    }
    if (ui_segmented(app->ui, "color scale", "colour scale", SCALES, labelled(app, flow, "scale"),
                     &scale))
        c->scale = (ColorScale)scale;
    Rect row = flow_row(flow, 26);
    float half = floorf(flow->w / 2);
    ui_checkbox(app->ui, "cell numbers", "numbers", rect(row.x, row.y, half - 8, row.h),
                &c->numbers, false);
    ui_checkbox(app->ui, "square", "square cells", rect(row.x + half, row.y, half, row.h),
                &c->square, false);
}

static float color_height(const App *app)
{
    float u = app->kit.theme->unit, line = floorf(28 * u) + 8;
    return line * (app->settings.color.range == RANGE_FIXED ? 4 : 3) + floorf(26 * u);
}

static void color_summary(const App *app, char *out, size_t cap)
{
    const ColorLook *c = &app->settings.color;
    static const char *const SCALES[] = {"linear", "√", "log"};
    snprintf(out, cap, "%s · %s · %s", COLORMAP_NAMES[shown_map(app)], RANGE_NAMES[c->range],
             SCALES[c->scale]);
}

static void links_section(App *app, Flow *flow)
{
    static const SliderSpec MASS = {.lo = 0,
                                    .hi = 1,
                                    .reset = 0.9,
                                    .typed_lo = 0,
                                    .typed_hi = 100,
                                    .decimals = 0,
                                    .suffix = " %",
                                    .factor = 100};
    static const SliderSpec THRESHOLD = {
        .lo = 0, .hi = 1, .reset = 0, .typed_lo = 0, .typed_hi = 1, .decimals = 3};
    static const char *const LAYOUTS[] = {"vertical", "horizontal", NULL};
    LinesLook *l = &app->settings.lines;
    int layout = (int)l->layout;
    ui_slider(app->ui, "mass", "kept mass", flow_row(flow, 44), &l->mass, &MASS);
    ui_slider(app->ui, "threshold", "threshold", flow_row(flow, 44), &l->threshold, &THRESHOLD);
    if (ui_segmented(app->ui, "layout", "tokens", LAYOUTS, labelled(app, flow, "tokens"), &layout))
        l->layout = (LinesLayout)layout;
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    ui_disable(app->ui,
               s->sure_count + s->possible_count > 0 ? NULL : "The document carries no alignment.");
    ui_toggle(app->ui, "gold", "alignment of the document", flow_row(flow, 28),
              &app->settings.gold);
    ui_enable(app->ui);
}

static float links_height(const App *app)
{
    float u = app->kit.theme->unit;
    return 2 * floorf(44 * u) + floorf(28 * u) * 2 + 8;
}

static void links_summary(const App *app, char *out, size_t cap)
{
    snprintf(out, cap, "mass %.0f %% · > %.3g", app->settings.lines.mass * 100,
             app->settings.lines.threshold);
}

const Section SECTIONS[SECTIONS_HERE] = {
    {SECTION_SCALE, "scale", "Scale and temperature", scale_section, scale_height, scale_summary},
    {SECTION_OVERLAY, "overlay", "Overlay", overlay_section, overlay_height, overlay_summary},
    {SECTION_MASK, "mask", "Mask", mask_section, mask_height, mask_summary},
    {SECTION_COLOR, "color", "Colour", color_section, color_height, color_summary},
    {SECTION_LINKS, "links", "Links", links_section, links_height, links_summary},
};
