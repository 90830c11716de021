/* The sheet of every widget in every state, drawn by the real toolkit: each specimen has a Ui of
 * its own that is brought into its state by input alone. Header-only, because the support library
 * is linked below the toolkit.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_WIDGET_SHEET_H
#define ATTNSCOPE_TESTS_SUPPORT_WIDGET_SHEET_H

#include "ui/widgets.h"

#include <string.h>

enum { SHEET_W = 720, SHEET_H = 1240 };

typedef enum { SPEC_REST, SPEC_HOVER, SPEC_HELD, SPEC_FOCUS, SPEC_CLICKED, SPEC_OFF } SpecState;

typedef struct Sheet Sheet;
typedef void (*SpecDraw)(Ui *ui, Rect r, int which);

struct Sheet {
    const TextKit *kit;
    DrawList *list, scratch;
};

typedef struct {
    SpecState state;
    Vec2 at;           /* where the pointer stands, relative to r */
    int which;         /* for the drawing function */
    const char *typed; /* text and Enter after the click */
    bool enter;
    Vec2 drag; /* pointer movement while held */
} Spec;

static inline void sheet_frame(Sheet *s, Ui *ui, Input *in, DrawList *list, Rect r,
                               const Spec *spec, SpecDraw draw)
{
    ui_begin(ui, in, s->kit, s->kit->scale, list, true);
    ui_disable(ui, spec->state == SPEC_OFF ? "file has no q, k" : NULL);
    draw(ui, r, spec->which);
    ui_enable(ui);
    ui_end(ui);
    in->pressed[0] = in->released[0] = false;
    in->key = KEY_NONE;
    in->text = NULL;
    in->time += 0.02;
    draw_list_reset(&s->scratch);
}

static inline void sheet_input(Sheet *s, Ui *ui, Input *in, Rect r, const Spec *spec, SpecDraw draw)
{
    sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
    if (spec->state == SPEC_FOCUS)
        in->key = KEY_TAB;
    if (spec->state == SPEC_HOVER || spec->state == SPEC_HELD || spec->state == SPEC_CLICKED)
        in->mouse = vec2((r.x + spec->at.x) * s->kit->scale, (r.y + spec->at.y) * s->kit->scale);
    sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
    if (spec->state == SPEC_HELD || spec->state == SPEC_CLICKED) {
        in->pressed[0] = in->held[0] = true;
        in->clicks = 1;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
    }
    if (spec->state == SPEC_HELD && spec->drag.x != 0) {
        in->mouse.x += spec->drag.x * s->kit->scale;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
    }
    if (spec->state == SPEC_CLICKED) {
        in->held[0] = false;
        in->released[0] = true;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
        in->mouse = vec2(-1e5f, -1e5f);
    }
    if (spec->typed != NULL) {
        in->text = spec->typed;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
    }
    if (spec->enter) {
        in->key = KEY_ENTER;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
        in->key = 'a';
        in->mods = MOD_CTRL;
        sheet_frame(s, ui, in, &s->scratch, r, spec, draw);
        in->mods = 0;
    }
}

static inline void sheet_put(Sheet *s, Rect r, Spec spec, SpecDraw draw)
{
    Ui *ui = ui_new();
    if (ui == NULL)
        return;
    float u = s->kit->theme->unit;
    r = rect(r.x * u, r.y * u, r.w * u, r.h * u);
    spec.at = vec2(spec.at.x * u, spec.at.y * u);
    spec.drag.x *= u;
    Input in = {.pixel_w = (int)((float)SHEET_W * s->kit->scale * u),
                .pixel_h = (int)((float)SHEET_H * s->kit->scale * u),
                .density = 1,
                .mouse = {-1e5f, -1e5f},
                .time = 100};
    sheet_input(s, ui, &in, r, &spec, draw);
    in.time += 0.01;
    sheet_frame(s, ui, &in, s->list, r, &spec, draw);
    ui_free(ui);
}

/* ---- specimens ---- */

static inline void spec_temperature(Ui *ui, Rect r, int which)
{
    double value = which == 1 ? 0 : which == 2 ? 0.25 : 1;
    SliderSpec spec = {.lo = 0.01,
                       .hi = 100,
                       .reset = 1,
                       .typed_lo = 0,
                       .typed_hi = 1000,
                       .log = true,
                       .decimals = 2,
                       .ticks = 5,
                       .zero_is_end = true,
                       .zero_text = "argmax",
                       .wide = which == 3};
    ui_slider(ui, "temperature", "temperature", r, &value, &spec);
}

static inline void spec_drag(Ui *ui, Rect r, int which)
{
    static double value = 1; /* keeps what the drag gave until the last frame */
    if (which == 0 && ui_input(ui)->time <= 100)
        value = 1;
    SliderSpec spec = {.lo = 0.01,
                       .hi = 100,
                       .reset = 1,
                       .typed_lo = 0,
                       .typed_hi = 1000,
                       .log = true,
                       .decimals = 2,
                       .ticks = 5};
    ui_slider(ui, "temperature", "temperature", r, &value, &spec);
}

static inline void spec_dk(Ui *ui, Rect r, int which)
{
    (void)which;
    double value = 64;
    SliderSpec spec = {
        .lo = 1, .hi = 65536, .reset = 64, .typed_lo = 1, .typed_hi = 65536, .log2_steps = true};
    ui_slider(ui, "d_k", "d_k", r, &value, &spec);
}

static inline void spec_percent(Ui *ui, Rect r, int which)
{
    (void)which;
    double value = 0.9;
    SliderSpec spec = {.lo = 0,
                       .hi = 1,
                       .reset = 0.9,
                       .typed_lo = 0,
                       .typed_hi = 1,
                       .factor = 100,
                       .suffix = " %"};
    ui_slider(ui, "mass", "kept mass", r, &value, &spec);
}

static inline void spec_button(Ui *ui, Rect r, int which)
{
    ui_button(ui, "export", which == 1 ? "Open a file…" : "Export", r, which == 1);
}

static inline void spec_dropdown(Ui *ui, Rect r, int which)
{
    static const char *const names[] = {"softmax", "sparsemax", "entmax 1.5", "softmax, +1",
                                        "sigmoid", "hardmax",   NULL};
    static const char *const maps[] = {"viridis", "cividis", "magma", NULL};
    const Colormap *swatches[] = {colormap(COLORMAP_VIRIDIS), colormap(COLORMAP_CIVIDIS),
                                  colormap(COLORMAP_MAGMA)};
    int value = which == 2 ? 2 : which == 4 ? 1 : 0;
    bool swatch = which >= 3;
    ui_dropdown(ui, "normaliser", "normaliser", swatch ? maps : names, r, &value,
                swatch ? swatches : NULL);
}

static inline void spec_segmented(Ui *ui, Rect r, int which)
{
    static const char *const scales[] = {"√d_k", "none", "d_k", "√d_model", "custom", NULL};
    static const char *const ranges[] = {"row", "matrix", NULL};
    int value = which == 0 ? 0 : 1;
    ui_segmented(ui, "scale", "scale", which == 2 ? ranges : scales, r, &value);
}

static inline void spec_toggle(Ui *ui, Rect r, int which)
{
    bool value = which == 1;
    ui_toggle(ui, "toggle", NULL, r, &value);
}

static inline void spec_checkbox(Ui *ui, Rect r, int which)
{
    static const char *const names[] = {"off", "hover", "on", "mixed", "focus", "no"};
    bool value = which == 2 || which == 4;
    ui_checkbox(ui, "box", names[which], r, &value, which == 3);
}

static inline void spec_field(Ui *ui, Rect r, int which)
{
    static char text[4][32];
    static const char *const start[] = {"", "rivière", "12,x", "4"};
    strcpy(text[which], start[which]);
    ui_text_field(ui, "field", "field", "filter", which == 0 ? ICON_SEARCH : ICON_NONE, r,
                  text[which], sizeof text[which], which == 2 ? "a whole number" : NULL, NULL);
}

static inline void spec_tab(Ui *ui, Rect r, int which)
{
    static const char *const digits[] = {"1", "2", "3", "4", "5"};
    static const char *const names[] = {"Heatmap", "Lines", "Patches", "Steps", "Heads"};
    ui_tab(ui, "tab", digits[which], names[which], r, which == 0, which == 1);
}

static inline void spec_notice(Ui *ui, Rect r, int which)
{
    if (which == 0)
        ui_notice(ui, "notice", "Row 3 sums to 0.9921 in the file; shown as given.", NULL, false,
                  r);
    else if (which == 1)
        ui_notice(ui, "notice", "dev.align: line 214: expected 15 weights, found 14",
                  "The open document is unchanged.", true, r);
    else
        ui_progress(ui, "progress", "metrics of 100\u2009000 sentences", 0.415, r);
}

static inline void spec_card(Ui *ui, Rect r, int which)
{
    static const char *const names[] = {"weight", "score", "rank"};
    static const char *const values[] = {"0.538324020", "32.2871", "1 of 13"};
    if (which == 0)
        ui_hover_card(ui, "it → animal", names, values, 3, rect(0, 0, 0, 0));
    else
        ui_button(ui, "export", "Steps", r, false);
}

static inline void spec_scroll(Ui *ui, Rect r, int which)
{
    (void)which;
    ui_scroll_begin(ui, "scroll", r, r.h * 2.6f);
    ui_scroll_end(ui);
}

static inline void spec_section(Ui *ui, Rect r, int which)
{
    bool open = which == 0;
    ui_section(ui, "section", which == 0 ? "Mask" : "Colour",
               which == 0 ? NULL : "viridis · matrix", r, &open);
}

static inline void spec_row(Ui *ui, Rect r, int which)
{
    static const char *const names[] = {"The animal didn’t cross the street",
                                        "The trophy did not fit", "She gave him her book."};
    static const char *const numbers[] = {"0", "1", "2"};
    ui_list_row(ui, "row", numbers[which], names[which], r, which == 0);
}

static inline void spec_stepper(Ui *ui, Rect r, int which)
{
    int value = which;
    ui_stepper(ui, "layer", "layer", r, &value, 6);
}

static inline void spec_small(Ui *ui, Rect r, int which)
{
    if (which == 0)
        ui_icon_button(ui, "undo", "Undo", ICON_UNDO, r);
    else if (which == 1)
        ui_link(ui, "clear", "clear", r);
    else
        ui_key_cap(ui, "Ctrl Z", vec2(r.x, r.y));
}

/* ---- the sheet ---- */

static inline void sheet_caption(Sheet *s, float x, float y, const char *text)
{
    TextStyle style = {FACE_SANS, s->kit->theme->body, s->kit->theme->text3, ALIGN_LEFT, 0};
    float u = s->kit->theme->unit;
    text_in(s->list, s->kit, rect(x * u, (y - 10) * u, 330 * u, 20 * u), &style, text);
}

static inline void sheet_head(Sheet *s, float y, const char *text)
{
    TextStyle style = {FACE_BOLD, s->kit->theme->body, s->kit->theme->text1, ALIGN_LEFT, 0};
    float u = s->kit->theme->unit;
    draw_rect(s->list, rect(24 * u, (y - 18) * u, 672 * u, 1), 0, s->kit->theme->line1);
    text_in(s->list, s->kit, rect(24 * u, (y - 10) * u, 600 * u, 20 * u), &style, text);
}

static inline void sheet_sliders(Sheet *s)
{
    const float x[] = {24, 196, 368, 540};
    sheet_head(s, 74, "Slider");
    sheet_put(s, rect(x[0], 92, 156, 44), (Spec){.state = SPEC_REST}, spec_temperature);
    sheet_put(s, rect(x[1], 92, 156, 44), (Spec){.state = SPEC_HOVER, .at = {78, 31}},
              spec_temperature);
    sheet_put(s, rect(x[2], 92, 156, 44),
              (Spec){.state = SPEC_HELD, .at = {78, 31}, .drag = {-17.5f, 0}}, spec_drag);
    sheet_put(s, rect(x[3], 92, 156, 44),
              (Spec){.state = SPEC_CLICKED, .at = {130, 10}, .which = 2}, spec_temperature);
    sheet_put(s, rect(x[0], 164, 156, 44), (Spec){.state = SPEC_FOCUS}, spec_temperature);
    sheet_put(s, rect(x[1], 164, 156, 44),
              (Spec){.state = SPEC_CLICKED, .at = {130, 10}, .typed = "−1", .enter = true},
              spec_temperature);
    sheet_put(s, rect(x[2], 164, 156, 44), (Spec){.state = SPEC_OFF}, spec_dk);
    sheet_put(s, rect(x[3], 164, 156, 44), (Spec){.state = SPEC_REST, .which = 1},
              spec_temperature);
    static const char *const names[] = {
        "normal", "hover", "drag", "typed", "focus", "", "off: file has no q, k", "hard: argmax"};
    for (int i = 0; i < 8; i++)
        sheet_caption(s, x[i % 4], i < 4 ? 145 : 217, names[i]);
}

static inline void sheet_buttons(Sheet *s)
{
    const float x[] = {24, 196, 368, 540};
    const Vec2 mid = {70, 14};
    sheet_head(s, 258, "Button, dropdown, segmented");
    const SpecState states[] = {SPEC_REST, SPEC_HOVER, SPEC_HELD, SPEC_OFF};
    static const char *const names[] = {"normal",  "hover", "pressed", "disabled",
                                        "primary", "focus", "closed",  "hover"};
    for (int i = 0; i < 4; i++)
        sheet_put(s, rect(x[i], 276, 156, 28), (Spec){.state = states[i], .at = mid}, spec_button);
    sheet_put(s, rect(x[0], 332, 156, 28), (Spec){.state = SPEC_REST, .which = 1}, spec_button);
    sheet_put(s, rect(x[1], 332, 156, 28), (Spec){.state = SPEC_FOCUS}, spec_button);
    sheet_put(s, rect(x[2], 332, 156, 28), (Spec){.state = SPEC_REST}, spec_dropdown);
    sheet_put(s, rect(x[3], 332, 156, 28), (Spec){.state = SPEC_HOVER, .at = mid}, spec_dropdown);
    for (int i = 0; i < 8; i++)
        sheet_caption(s, x[i % 4], i < 4 ? 315 : 371, names[i]);
    sheet_put(s, rect(x[1], 388, 156, 28), (Spec){.state = SPEC_OFF}, spec_dropdown);
    sheet_put(s, rect(x[2], 388, 156, 28), (Spec){.state = SPEC_REST, .which = 3}, spec_dropdown);
    sheet_put(s, rect(x[3], 388, 156, 28), (Spec){.state = SPEC_FOCUS, .which = 4}, spec_dropdown);
    sheet_put(s, rect(x[0], 388, 156, 28), (Spec){.state = SPEC_CLICKED, .at = mid, .which = 2},
              spec_dropdown);
    static const char *const under[] = {"", "disabled", "with swatch", "focus"};
    for (int i = 1; i < 4; i++)
        sheet_caption(s, x[i], 428, under[i]);
    sheet_caption(s, x[0], 608, "open: chosen");
    sheet_put(s, rect(x[1], 448, 328, 28), (Spec){.state = SPEC_REST}, spec_segmented);
    sheet_put(s, rect(x[3], 448, 156, 28), (Spec){.state = SPEC_OFF, .which = 2}, spec_segmented);
    sheet_put(s, rect(x[1], 503, 328, 28), (Spec){.state = SPEC_FOCUS, .which = 1}, spec_segmented);
    sheet_caption(s, x[1], 488, "normal");
    sheet_caption(s, x[3], 488, "disabled");
    sheet_caption(s, x[1], 543, "focus");
    for (int i = 0; i < 3; i++)
        sheet_put(s, rect(540 + 44 * (float)i, 508, 32, 18),
                  (Spec){.state = i == 2 ? SPEC_OFF : SPEC_REST, .which = i == 0}, spec_toggle);
    sheet_caption(s, x[3], 543, "on  off  disabled");
    const float box[] = {196, 268, 352, 408, 520, 604};
    const SpecState how[] = {SPEC_REST, SPEC_HOVER, SPEC_REST, SPEC_REST, SPEC_FOCUS, SPEC_OFF};
    for (int i = 0; i < 6; i++)
        sheet_put(s, rect(box[i], 559, 80, 24), (Spec){.state = how[i], .at = {8, 12}, .which = i},
                  spec_checkbox);
    sheet_caption(s, x[1], 596, "checkbox");
}

static inline void sheet_fields(Sheet *s)
{
    const float x[] = {24, 196, 368, 540}, tab[] = {24, 121, 189, 273, 342};
    sheet_head(s, 646, "Text field, tabs, token marks");
    const SpecState states[] = {SPEC_REST, SPEC_FOCUS, SPEC_REST, SPEC_OFF};
    static const char *const names[] = {"empty", "focus", "refused", "disabled"};
    for (int i = 0; i < 4; i++) {
        sheet_put(s, rect(x[i], 664, 156, 28), (Spec){.state = states[i], .which = i}, spec_field);
        sheet_caption(s, x[i], 707, names[i]);
    }
    const SpecState how[] = {SPEC_REST, SPEC_REST, SPEC_OFF, SPEC_HOVER, SPEC_FOCUS};
    const float width[] = {94, 64, 82, 68, 74};
    for (int i = 0; i < 5; i++)
        sheet_put(s, rect(tab[i], 724, width[i], 28),
                  (Spec){.state = how[i], .at = {20, 14}, .which = i}, spec_tab);
    sheet_caption(s, x[0], 767, "main · second · disabled · hover · focus");
    const Theme *t = s->kit->theme;
    static const char *const marks[] = {"plain", "hover", "locked"};
    const float at[] = {452, 502, 562};
    float u = t->unit;
    for (int i = 0; i < 3; i++)
        mark_token(s->list, s->kit, rect(at[i] * u, 728 * u, 60 * u, 20 * u), ALIGN_LEFT,
                   (MarkState)i, t->text1, marks[i]);
    draw_hatch(s->list, rect(618 * u, 730 * u, 28 * u, 16 * u), t->mask1, t->mask2);
    mark_nan(s->list, rect(654 * u, 730 * u, 16 * u, 16 * u), t->nan);
    sheet_caption(s, 452, 767, "token states · masked · NaN");
}

static inline void sheet_rest(Sheet *s)
{
    sheet_head(s, 802, "Tooltip, notice, progress");
    sheet_put(s, rect(24, 820, 156, 84), (Spec){.state = SPEC_HOVER, .at = {-10, -20}}, spec_card);
    sheet_caption(s, 24, 917, "card at the pointer");
    sheet_put(s, rect(224, 820, 472, 40), (Spec){.which = 0}, spec_notice);
    sheet_put(s, rect(224, 868, 472, 56), (Spec){.which = 1}, spec_notice);
    sheet_put(s, rect(224, 938, 472, 28), (Spec){.which = 2}, spec_notice);
    sheet_head(s, 1006, "Scroll bar, sections, rows, small things");
    sheet_put(s, rect(24, 1030, 24, 160), (Spec){.state = SPEC_REST}, spec_scroll);
    sheet_put(s, rect(64, 1030, 24, 160), (Spec){.state = SPEC_HOVER, .at = {20, 30}}, spec_scroll);
    sheet_caption(s, 28, 1204, "rest    hover");
    sheet_put(s, rect(124, 1030, 200, 28), (Spec){.which = 0}, spec_section);
    sheet_put(s, rect(124, 1062, 200, 28), (Spec){.which = 1}, spec_section);
    for (int i = 0; i < 3; i++)
        sheet_put(s, rect(124, 1100 + 28 * (float)i, 200, 28),
                  (Spec){.state = i == 1 ? SPEC_HOVER : SPEC_REST, .at = {100, 14}, .which = i},
                  spec_row);
    sheet_put(s, rect(360, 1030, 156, 28), (Spec){.state = SPEC_OFF, .which = 1}, spec_button);
    sheet_put(s, rect(540, 1030, 84, 28), (Spec){.which = 4}, spec_stepper);
    sheet_put(s, rect(640, 1030, 84, 28), (Spec){.state = SPEC_HOVER, .at = {10, 10}, .which = 1},
              spec_small);
    sheet_put(s, rect(360, 1076, 156, 44), (Spec){.which = 0}, spec_dk);
    sheet_put(s, rect(540, 1076, 156, 44), (Spec){.which = 0}, spec_percent);
    sheet_put(s, rect(360, 1134, 336, 40), (Spec){.which = 3}, spec_temperature);
    sheet_put(s, rect(360, 1180, 28, 28), (Spec){.state = SPEC_HOVER, .at = {10, 10}, .which = 0},
              spec_small);
    sheet_put(s, rect(480, 1184, 60, 28), (Spec){.which = 2}, spec_small);
    sheet_put(s, rect(560, 1180, 100, 28), (Spec){.state = SPEC_OFF, .which = 0}, spec_button);
}

/* Appends the whole sheet, SHEET_W × SHEET_H points times the theme's unit. */
static inline void widget_sheet_draw(const TextKit *kit, DrawList *list)
{
    Sheet sheet = {.kit = kit, .list = list};
    draw_list_init(&sheet.scratch);
    TextStyle title = {FACE_SANS, kit->theme->figure, kit->theme->text1, ALIGN_LEFT, 0};
    const char *const names[] = {"Light", "Dark", "Projector"};
    text_in(list, kit, rect(24, 15, 300, 24), &title, names[kit->theme->id]);
    sheet_sliders(&sheet);
    sheet_buttons(&sheet);
    sheet_fields(&sheet);
    sheet_rest(&sheet);
    draw_list_free(&sheet.scratch);
}

#endif
