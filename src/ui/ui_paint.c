/* Drawing helpers of the widgets: everything snapped to whole pixels so that borders stay crisp at
 * any scale.
 */
#include "ui/ui_internal.h"

#include <math.h>
#include <string.h>

const Theme *ui_theme(const Ui *ui)
{
    return ui->kit->theme;
}

float ui_unit(const Ui *ui)
{
    return ui->kit->theme->unit;
}

static float snap(float v, float scale)
{
    return roundf(v * scale) / scale;
}

Rect ui_snap(const Ui *ui, Rect r)
{
    float x0 = snap(r.x, ui->scale), y0 = snap(r.y, ui->scale);
    float x1 = snap(r.x + r.w, ui->scale), y1 = snap(r.y + r.h, ui->scale);
    return (Rect){x0, y0, x1 - x0, y1 - y0};
}

float ui_hair(const Ui *ui, float width)
{
    float pixels = width * ui->scale;
    /* A line of 1 is whole pixels at any scale; one of 1.5 keeps its softer edge. */
    pixels = width == 1 ? floorf(pixels + 0.5f) : pixels;
    return fmaxf(pixels, 1.0f) / ui->scale;
}

void paint_fill(Ui *ui, Rect r, float radius, Color color)
{
    r = ui_snap(ui, r);
    if (r.w > 0 && r.h > 0)
        draw_rect(ui_list(ui), r, fminf(radius, fminf(r.w, r.h) / 2), color);
}

void paint_box(Ui *ui, Rect r, float radius, Color ground, Color border, float width)
{
    r = ui_snap(ui, r);
    if (r.w <= 0 || r.h <= 0)
        return;
    radius = fminf(radius, fminf(r.w, r.h) / 2);
    if (ground >> 24 != 0)
        draw_rect(ui_list(ui), r, radius, ground);
    if (border >> 24 != 0 && width > 0)
        draw_frame(ui_list(ui), r, radius, ui_hair(ui, width), border);
}

void paint_text(Ui *ui, Rect box, FontFace face, float size, TextAlign align, Color color,
                const char *text)
{
    if (text == NULL || text[0] == '\0' || box.w <= 0)
        return;
    TextStyle style = {.face = face, .size = size, .color = color, .align = align};
    if (text_in(ui_list(ui), ui->kit, box, &style, text))
        tip_offer(ui, box, text, false);
}

void ui_focus_ring(Ui *ui, Rect r, float radius)
{
    /* The ring's line runs 2 outside the shape, so 1 of ground stays between them. */
    float width = ui_theme(ui)->focus_width;
    Rect out = rect_inset(ui_snap(ui, r), -(1 + width));
    draw_frame(ui_list(ui), out, radius > 0 ? radius + 1 + width : 0, width, ui_theme(ui)->focus);
}

void paint_ring(Ui *ui, const UiHold *hold, Rect r, float radius)
{
    if (hold->ring)
        ui_focus_ring(ui, r, radius);
}

Color paint_selection(const Ui *ui, Color ground)
{
    return color_mix(ground, ui_theme(ui)->focus, ui_theme(ui)->dark ? 0.30f : 0.21f);
}
