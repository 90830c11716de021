/* The sections of the controls: their widgets write the settings, nothing else. */
#include "app/panel_sections.h"

#include <math.h>
#include <stdio.h>

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

float flow_width(const App *app)
{
    return app->layout.controls.w - 24; /* an edge of 1 and the padding, as draw_sections has it */
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

/* What `auto` stands for in the pane that keys act on; from the settings as they are, since the
 * panes are drawn later. */
void color_update(App *app)
{
    int pane = app->focused_pane;
    Scene scene;
    app->map_shown = COLORMAP_VIRIDIS;
    if (!app->scope.result || app->problem[0])
        return;
    scope_scene(&app->scope, &app->settings, &app->kit, pane, &scene);
    int view = scope_view(&app->scope, &app->settings, pane);
    if (view == VIEW_HEATMAP)
        scope_scene_inputs(&app->scope, &app->settings, &scene);
    else if (view != VIEW_PATCHES || !patches_can_show(&scene, scene.stage))
        scene.stage = STAGE_WEIGHTS; /* whatever the heatmap shows */
    const Colormap *used = scene_colormap(&scene);
    for (int i = 0; i < COLORMAP_COUNT; i++)
        if (colormap((ColormapId)i) == used)
            app->map_shown = i;
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
    int map = app->map_shown, range = (int)c->range, scale = (int)c->scale;
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
    snprintf(out, cap, "%s · %s · %s", COLORMAP_NAMES[app->map_shown], RANGE_NAMES[c->range],
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
    {SECTION_STATS, "stats", "Statistics", stats_section, stats_height, stats_summary},
};
