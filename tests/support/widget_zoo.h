/* One live frame with every widget, popup, modal and scroll area: what the toolkit's monkey plays
 * with. Header-only, because the support library is linked below the toolkit.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_WIDGET_ZOO_H
#define ATTNSCOPE_TESTS_SUPPORT_WIDGET_ZOO_H

#include "ui/widgets.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    double temperature, dk, mass, number;
    int scale, normaliser, map, layer, row;
    bool causal, window, open[3], sum, modal, notice, progress, panel;
    const char *reason;
    char filter[40], path[300], find[64];
    UiArea canvas;
    int activated;
} Zoo;

static inline void zoo_init(Zoo *z)
{
    *z = (Zoo){.temperature = 1,
               .dk = 64,
               .mass = 0.9,
               .number = 4,
               .row = -1,
               .open = {true, true, false}};
    strcpy(z->path, "data/translation/dev");
}

static inline void zoo_controls(Ui *ui, Zoo *z, Rect r)
{
    static const char *const scales[] = {"√d_k", "none", "d_k", "√d_model", "custom", NULL};
    static const char *const names[] = {"softmax", "sparsemax", "entmax 1.5",
                                        "sigmoid", "hardmax",   NULL};
    const SliderSpec temperature = {.lo = 0.01,
                                    .hi = 100,
                                    .reset = 1,
                                    .typed_lo = 0,
                                    .typed_hi = 1000,
                                    .log = true,
                                    .decimals = 2,
                                    .ticks = 5,
                                    .zero_is_end = true,
                                    .zero_text = "argmax"};
    const SliderSpec dk = {
        .lo = 1, .hi = 65536, .reset = 64, .typed_lo = 1, .typed_hi = 65536, .log2_steps = true};
    const SliderSpec mass = {.lo = 0,
                             .hi = 1,
                             .reset = 0.9,
                             .typed_lo = 0,
                             .typed_hi = 1,
                             .factor = 100,
                             .suffix = " %"};
    UiScroll s = ui_scroll_begin(ui, "scroll", r, z->open[0] ? 620 : 300);
    float x = r.x + 12, w = r.w - 24, y = r.y - s.offset + 8;
    ui_push(ui, "controls");
    ui_section(ui, "scale-section", "Scale and temperature", "√d_k · 1.00", rect(x, y, w, 28),
               &z->open[0]);
    y += 32;
    if (z->open[0]) {
        ui_disable(ui, z->reason);
        ui_segmented(ui, "scale", "scale", scales, rect(x, y, w, 28), &z->scale);
        ui_disable(ui, z->scale == 1 ? "nothing to scale" : NULL);
        ui_slider(ui, "d_k", "d_k", rect(x, y + 36, w, 44), &z->dk, &dk);
        ui_enable(ui);
        ui_slider(ui, "temperature", "temperature", rect(x, y + 84, w, 44), &z->temperature,
                  &temperature);
        ui_dropdown(ui, "normaliser", "normaliser", names, rect(x, y + 132, w, 28), &z->normaliser,
                    NULL);
        ui_enable(ui);
        y += 180;
    }
    ui_checkbox(ui, "causal", "causal", rect(x, y, w / 2, 24), &z->causal, false);
    ui_checkbox(ui, "window", "window", rect(x + w / 2, y, w / 4, 24), &z->window, z->causal);
    ui_number_field(ui, "window-size", "window", rect(x + w * 0.75f, y, w / 4, 28), &z->number, 1,
                    4096, true);
    ui_toggle(ui, "sum", "rows re-sum to 1", rect(x, y + 32, w, 24), &z->sum);
    ui_slider(ui, "mass", "kept mass", rect(x, y + 64, w, 44), &z->mass, &mass);
    ui_text_field(ui, "filter", "filter", "filter", ICON_SEARCH, rect(x, y + 116, w, 28), z->filter,
                  sizeof z->filter, strchr(z->filter, 'x') != NULL ? "no x" : NULL, NULL);
    ui_pop(ui);
    ui_scroll_end(ui);
}

static inline void zoo_list(Ui *ui, Zoo *z, Rect r)
{
    UiScroll s = ui_scroll_begin(ui, "sentences", r, 60 * 28);
    for (int i = 0; i < 60; i++) {
        char name[16], digits[16];
        snprintf(name, sizeof name, "row%d", i);
        snprintf(digits, sizeof digits, "%d", i);
        Rect row = rect(s.view.x, s.view.y + 28 * (float)i - s.offset, r.w, 28);
        if (row.y + row.h < s.view.y - 28 || row.y > s.view.y + s.view.h + 28)
            continue; /* as an application leaves out what is far away */
        if (ui_list_row(ui, name, digits, "The animal didn’t cross the street", row, i == z->row))
            z->row = i;
    }
    ui_scroll_end(ui);
}

static inline void zoo_bar(Ui *ui, Zoo *z, float w)
{
    z->modal |= ui_button(ui, "open", "Open a file…", rect(8, 6, 110, 28), true);
    if (ui_icon_button(ui, "menu", "Menu", ICON_DOTS, rect(126, 6, 28, 28)))
        ui_popup_open(ui, "menu-popup");
    z->panel ^= ui_icon_button(ui, "fold", "Panel", ICON_FOLD_LEFT, rect(160, 6, 28, 28));
    z->notice |= ui_tab(ui, "tab1", "1", "Heatmap", rect(196, 6, 92, 28), true, false);
    z->progress ^= ui_tab(ui, "tab2", "2", "Lines", rect(292, 6, 70, 28), false, true);
    ui_stepper(ui, "layer", "layer", rect(370, 6, 84, 28), &z->layer, 6);
    if (ui_link(ui, "reason", "disable", rect(w - 90, 6, 80, 28)))
        z->reason = z->reason == NULL ? "file has no q, k" : NULL;
    if (ui_popup_begin(ui, "menu-popup", ui_popup_place(ui, rect(126, 6, 28, 28), 180, 130))) {
        const SliderSpec spec = {.lo = 0, .hi = 1, .typed_hi = 1, .decimals = 2, .wide = true};
        ui_checkbox(ui, "inside", "square cells", rect(134, 46, 150, 24), &z->window, false);
        ui_slider(ui, "opacity", "opacity", rect(134, 76, 160, 40), &z->mass, &spec);
        if (ui_button(ui, "close", "Close", rect(134, 124, 80, 28), false))
            ui_popup_close(ui);
        ui_popup_end(ui);
    }
}

static inline void zoo_modal(Ui *ui, Zoo *z, Vec2 size)
{
    static const char *const maps[] = {"viridis", "cividis", "magma", NULL};
    const Colormap *swatches[] = {colormap(COLORMAP_VIRIDIS), colormap(COLORMAP_CIVIDIS),
                                  colormap(COLORMAP_MAGMA)};
    Rect r = rect(size.x / 2 - 200, 60, 400, 260);
    bool entered = false;
    ui_modal_begin(ui, "browser", r);
    ui_keep_tab(ui);
    ui_text_field(ui, "path", "path", NULL, ICON_FOLDER, rect(r.x + 12, r.y + 12, 260, 28), z->path,
                  sizeof z->path, NULL, &entered);
    z->activated += entered;
    bool ok = ui_button(ui, "ok", "Open", rect(r.x + 290, r.y + 12, 90, 28), true);
    ui_dropdown(ui, "map", "map", maps, rect(r.x + 12, r.y + 210, 180, 28), &z->map, swatches);
    zoo_list(ui, z, rect(r.x + 12, r.y + 52, 370, 150));
    ui_modal_end(ui);
    if (ok || (ui_input(ui)->key == KEY_ESCAPE && !ui_key_taken(ui)))
        z->modal = false;
}

static inline void zoo_draw(Ui *ui, Zoo *z)
{
    Vec2 size = ui_size(ui);
    zoo_bar(ui, z, size.x);
    float right = size.x - 280;
    zoo_controls(ui, z, rect(right, 40, 280, size.y - 68));
    ui_push(ui, "navigator");
    zoo_list(ui, z, rect(0, 40, 200, size.y - 68));
    ui_pop(ui);
    z->canvas = ui_area(ui, "canvas", "heatmap", rect(200, 40, right - 200, size.y - 68));
    if (z->canvas.hovered) {
        static const char *const names[] = {"weight", "score"}, *const values[] = {"0.538324020",
                                                                                   "32.2871"};
        ui_hover_card(ui, "it → animal", names, values, 2,
                      rect(200, z->canvas.at.y - 10, right - 200, 20));
    }
    ui_area(ui, "splitter", NULL, rect(196, 40, 8, size.y - 68));
    if (z->panel) {
        ui_float_begin(ui, "panel", rect(200, 40, 220, 200));
        ui_text_field(ui, "find", "find", "find", ICON_NONE, rect(210, 50, 180, 28), z->find,
                      sizeof z->find, NULL, NULL);
        z->panel = !ui_button(ui, "hide", "Hide", rect(210, 90, 80, 28), false);
        ui_float_end(ui);
    }
    if (z->progress)
        z->progress =
            !ui_progress(ui, "progress", "opening", 0.4, rect(210, size.y - 120, 260, 28));
    if (z->notice)
        z->notice = ui_notice(ui, "notice", "dev.align: line 214", "unchanged", true,
                              rect(210, size.y - 86, 300, 56)) != NOTICE_DISMISSED;
    if (z->modal)
        zoo_modal(ui, z, size);
}

#endif
