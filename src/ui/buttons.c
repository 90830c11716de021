/* Buttons, check boxes, toggles, tabs, section heads, list rows, links, canvas areas.
 */
#include "ui/ui_internal.h"

#include <math.h>
#include <stdio.h>

static const unsigned BUTTON = HIT_POINTER | HIT_FOCUS | HIT_PRESSES;

static Color ground_of(const Ui *ui, const UiHold *h, Color rest)
{
    const Theme *t = ui_theme(ui);
    return h->held && h->hovered ? t->press : h->hovered ? t->hover : rest;
}

bool ui_button(Ui *ui, const char *name, const char *label, Rect r, bool primary)
{
    const Theme *t = ui_theme(ui);
    UiHold h = ui_control(ui, &(UiControl){name, label, NULL, ROLE_BUTTON, r, BUTTON});
    float u = t->unit;
    Color text = h.enabled ? primary ? t->onink : t->text1 : t->dis;
    if (primary && h.enabled) {
        /* Ink has no hover token: it comes a little nearer to the ground. */
        float lift = h.held && h.hovered ? 0.24f : h.hovered ? 0.14f : 0;
        paint_box(ui, r, 4 * u, color_mix(t->ink, t->bg, lift), 0, 0);
    } else if (h.enabled) {
        paint_box(ui, r, 4 * u, ground_of(ui, &h, t->control), t->line2, 1);
    } else {
        paint_box(ui, r, 4 * u, 0, t->line1, 1);
    }
    float pad = r.w > 24 * u ? 6 * u : 0;
    paint_text(ui, rect(r.x + pad, r.y, r.w - 2 * pad, r.h), FACE_SANS, t->body, ALIGN_CENTER, text,
               label);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

bool ui_icon_button(Ui *ui, const char *name, const char *label, Icon icon, Rect r)
{
    const Theme *t = ui_theme(ui);
    UiHold h = ui_control(ui, &(UiControl){name, label, NULL, ROLE_BUTTON, r, BUTTON});
    float u = t->unit;
    if (h.hovered || h.held)
        paint_fill(ui, r, 4 * u, ground_of(ui, &h, t->hover));
    icon_draw(ui_list(ui), icon, ui_snap(ui, r), 16 * u, h.enabled ? t->text2 : t->dis);
    if (label != NULL)
        tip_offer(ui, r, label, false);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

bool ui_link(Ui *ui, const char *name, const char *label, Rect r)
{
    const Theme *t = ui_theme(ui);
    UiHold h = ui_control(ui, &(UiControl){name, label, NULL, ROLE_BUTTON, r, BUTTON});
    Color color = !h.enabled ? t->dis : h.hovered ? t->text1 : t->text3;
    paint_text(ui, r, FACE_SANS, t->body, ALIGN_LEFT, color, label);
    if (h.hovered) {
        float w = fminf(text_width(ui->kit, FACE_SANS, t->body, label != NULL ? label : ""), r.w);
        float y = text_baseline(ui->kit, r.y, r.h, t->body) + 2 * t->unit;
        paint_fill(ui, rect(r.x, y, w, 1), 0, color);
        ui->out.cursor = CURSOR_HAND;
    }
    paint_ring(ui, &h, r, 3 * t->unit);
    return h.clicked;
}

bool ui_checkbox(Ui *ui, const char *name, const char *label, Rect r, bool *value, bool mixed)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    unsigned flags = BUTTON | (*value ? HIT_CHECKED : 0u);
    const char *state = mixed ? "mixed" : *value ? "true" : "false";
    UiHold h = ui_control(ui, &(UiControl){name, label, state, ROLE_CHECKBOX, r, flags});
    if (h.clicked) {
        *value = !*value;
        ui_item_value(ui, h.id, *value ? "true" : "false");
    }
    Rect box = ui_snap(ui, rect(r.x, r.y + r.h / 2 - 8 * u, 16 * u, 16 * u));
    bool full = *value || mixed;
    if (full)
        paint_box(ui, box, 3 * u, h.enabled ? t->ink : t->track, 0, 0);
    else
        paint_box(ui, box, 3 * u, h.enabled ? ground_of(ui, &h, t->control) : 0,
                  h.enabled ? t->line3 : t->line2, 1);
    if (mixed)
        paint_fill(ui, rect(box.x + 4 * u, box.y + 7 * u, 8 * u, 2 * u), 0, t->onink);
    else if (*value)
        icon_draw(ui_list(ui), ICON_CHECK, box, 12 * u, h.enabled ? t->onink : t->panel);
    Rect text = rect(box.x + 24 * u, r.y, r.w - 24 * u, r.h);
    paint_text(ui, text, FACE_SANS, t->body, ALIGN_LEFT, h.enabled ? t->text1 : t->dis, label);
    paint_ring(ui, &h, box, 3 * u);
    return h.clicked;
}

static void toggle_draw(Ui *ui, const UiHold *h, Rect box, bool on)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, radius = box.h / 2;
    Vec2 knob = vec2(on ? rect_right(box) - radius : box.x + radius, box.y + radius);
    if (!h->enabled) {
        paint_box(ui, box, radius, t->track, 0, 0);
        draw_circle(ui_list(ui), knob, 6 * u, t->panel);
    } else if (on) {
        paint_box(ui, box, radius, h->hovered ? color_mix(t->ink, t->bg, 0.14f) : t->ink, 0, 0);
        draw_circle(ui_list(ui), knob, 6 * u, t->onink);
    } else {
        paint_box(ui, box, radius, t->track, h->hovered ? t->ink : t->line3, 1);
        draw_circle(ui_list(ui), knob, 7 * u, t->control);
        draw_ring(ui_list(ui), knob, 7 * u, ui_hair(ui, 1), h->hovered ? t->ink : t->line3);
    }
}

bool ui_toggle(Ui *ui, const char *name, const char *label, Rect r, bool *value)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    unsigned flags = BUTTON | (*value ? HIT_CHECKED : 0u);
    UiHold h =
        ui_control(ui, &(UiControl){name, label, *value ? "true" : "false", ROLE_TOGGLE, r, flags});
    if (h.clicked) {
        *value = !*value;
        ui_item_value(ui, h.id, *value ? "true" : "false");
    }
    Rect box = ui_snap(ui, rect(rect_right(r) - 32 * u, r.y + (r.h - 18 * u) / 2, 32 * u, 18 * u));
    Rect text = rect(r.x, r.y, r.w - 40 * u, r.h);
    paint_text(ui, text, FACE_SANS, t->body, ALIGN_LEFT, h.enabled ? t->text2 : t->dis, label);
    toggle_draw(ui, &h, box, *value);
    paint_ring(ui, &h, box, box.h / 2);
    return h.clicked;
}

float ui_tab_width(const Ui *ui, const char *digit, const char *label)
{
    const Theme *t = ui_theme(ui);
    float w = text_width(ui->kit, FACE_BOLD, t->body, label); /* room for being chosen */
    if (digit != NULL)
        w += text_width(ui->kit, FACE_SANS, t->body, digit) + 4 * t->unit;
    return ceilf(w + 20 * t->unit);
}

bool ui_tab(Ui *ui, const char *name, const char *digit, const char *label, Rect r, bool chosen,
            bool second)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    unsigned flags = BUTTON | (chosen || second ? HIT_CHECKED : 0u);
    const char *state = chosen ? "main" : second ? "second" : NULL;
    UiHold h = ui_control(ui, &(UiControl){name, label, state, ROLE_TAB, r, flags});
    if (chosen)
        paint_box(ui, r, 4 * u, t->bg, t->line2, 1);
    else if (h.hovered)
        paint_fill(ui, r, 4 * u, ground_of(ui, &h, t->hover));
    FontFace face = chosen ? FACE_BOLD : FACE_SANS;
    float number = digit != NULL ? text_width(ui->kit, FACE_SANS, t->body, digit) + 4 * u : 0;
    float width = number + text_width(ui->kit, face, t->body, label);
    Rect in = rect(r.x + 10 * u, r.y, fmaxf(r.w - 20 * u, 0), r.h);
    float x = in.x + fmaxf((in.w - width) / 2, 0);
    if (chosen || second)
        paint_fill(ui, rect(x, rect_bottom(r) - 5 * u, fminf(width, in.w), 2 * u), 0,
                   chosen ? t->ink : t->line3);
    Color text = !h.enabled ? t->dis : chosen ? t->text1 : t->text2;
    Color figure = !h.enabled ? t->dis : h.held && h.hovered ? t->text2 : t->text3;
    paint_text(ui, rect(x, r.y, number, r.h), FACE_SANS, t->body, ALIGN_LEFT, figure, digit);
    Rect rest = rect(x + number, r.y, rect_right(in) - x - number + 1, r.h);
    paint_text(ui, rest, face, t->body, ALIGN_LEFT, text, label);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

bool ui_section(Ui *ui, const char *name, const char *title, const char *summary, Rect r,
                bool *open)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    unsigned flags = BUTTON | (*open ? HIT_CHECKED : 0u);
    UiHold h = ui_control(
        ui, &(UiControl){name, title, *open ? "open" : "closed", ROLE_SECTION, r, flags});
    if (h.clicked)
        *open = !*open;
    if (h.hovered)
        paint_fill(ui, rect(r.x - 6 * u, r.y, r.w + 12 * u, r.h), 4 * u,
                   ground_of(ui, &h, t->hover));
    Rect icon = rect(r.x - 2 * u, r.y, 16 * u, r.h);
    icon_draw(ui_list(ui), *open ? ICON_CHEVRON_DOWN : ICON_CHEVRON_RIGHT, ui_snap(ui, icon),
              13 * u, h.enabled ? t->text2 : t->dis);
    float x = r.x + 18 * u,
          w = fminf(text_width(ui->kit, FACE_BOLD, t->body, title) + 1, r.w - 18 * u);
    paint_text(ui, rect(x, r.y, w, r.h), FACE_BOLD, t->body, ALIGN_LEFT,
               h.enabled ? t->text1 : t->dis, title);
    Rect right = rect(x + w + 12 * u, r.y, rect_right(r) - x - w - 12 * u, r.h);
    paint_text(ui, right, FACE_SANS, t->body, ALIGN_RIGHT,
               h.held && h.hovered ? t->text2 : t->text3, summary);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

static bool list_row(Ui *ui, const UiControl *c, const char *left, bool chosen)
{
    const Theme *t = ui_theme(ui);
    const char *label = c->label;
    Rect r = c->r;
    float u = t->unit;
    UiHold h = ui_control(ui, c);
    if (chosen || h.hovered)
        paint_fill(ui, r, 4 * u, h.held && h.hovered ? t->press : chosen ? t->tint : t->hover);
    if (chosen)
        paint_fill(ui, rect(r.x, r.y + 5 * u, 3 * u, r.h - 10 * u), 0, t->ink);
    float x = r.x + 12 * u;
    if (left != NULL) {
        float w = fmaxf(10 * u, text_width(ui->kit, FACE_SANS, t->body, left));
        Color figure = h.enabled ? h.held && h.hovered ? t->text2 : t->text3 : t->dis;
        paint_text(ui, rect(x, r.y, w + 1, r.h), FACE_SANS, t->body, ALIGN_RIGHT, figure, left);
        x += fmaxf(w + 8 * u, 18 * u);
    }
    Color text = !h.enabled ? t->dis : chosen ? t->text1 : t->text2;
    paint_text(ui, rect(x, r.y, rect_right(r) - x - 8 * u, r.h), FACE_SANS, t->body, ALIGN_LEFT,
               text, label);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

bool ui_list_row(Ui *ui, const char *name, const char *left, const char *label, Rect r, bool chosen)
{
    unsigned flags = BUTTON | (chosen ? HIT_CHECKED : 0u);
    return list_row(ui, &(UiControl){name, label, NULL, ROLE_ROW, r, flags}, left, chosen);
}

bool ui_list_item(Ui *ui, const char *name, const char *left, const char *label, Rect r,
                  bool chosen)
{
    unsigned flags = HIT_POINTER | (chosen ? HIT_CHECKED : 0u);
    return list_row(ui, &(UiControl){name, label, NULL, ROLE_ROW, r, flags}, left, chosen);
}

UiArea ui_area(Ui *ui, const char *name, const char *label, Rect r)
{
    unsigned flags = HIT_POINTER | HIT_WHEEL | (label != NULL ? HIT_FOCUS : 0u);
    UiHold h = ui_control(ui, &(UiControl){name, label, NULL, ROLE_CANVAS, r, flags});
    const Input *in = &ui->in;
    UiArea area = {
        .hovered = h.hovered, .pressed = h.pressed, .clicked = h.clicked, .mods = in->mods};
    area.double_clicked = h.pressed && h.twice;
    area.dragging = h.held;
    area.focused = h.focused;
    area.activated = h.focused && ui_take(ui, &h) == KEY_ENTER && !in->key_repeat;
    area.right_clicked = h.hovered && in->pressed[MOUSE_RIGHT];
    area.at = ui->mouse;
    if (h.held || h.clicked)
        area.drag = vec2(ui->mouse.x - ui->mouse_was.x, ui->mouse.y - ui->mouse_was.y);
    if (h.enabled && ui->wheel_owner == h.id && (in->wheel.x != 0 || in->wheel.y != 0))
        area.wheel = in->wheel;
    return area;
}
