/* Scroll areas: wheel, thumb, track, and spans brought into view; the bar lies over the content.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"

#include <math.h>

UiScroll ui_scroll_begin(Ui *ui, const char *name, Rect r, float content_height)
{
    UiControl control = {.name = name, .role = ROLE_SCROLL, .r = r, .flags = HIT_SCROLL};
    UiState *state = ui_state(ui, ui_id(ui, name));
    float room = fmaxf(content_height - r.h, 0);
    if (room > 0.5f)
        control.flags |= HIT_WHEEL;
    UiHold hold = ui_control(ui, &control);
    float offset = 0;
    if (state != NULL) {
        state->content = content_height;
        state->view = r.h;
        if (ui->wheel_owner == hold.id && ui->in.wheel.y != 0)
            state->offset -= ui->in.wheel.y * 48 * ui_unit(ui);
        if (state->want) {
            if (state->want_bottom > state->offset + r.h)
                state->offset = state->want_bottom - r.h;
            if (state->want_top < state->offset)
                state->offset = state->want_top;
            state->want = false;
        }
        state->offset = roundf(clampf(state->offset, 0, room) * ui->scale) / ui->scale;
        offset = state->offset = clampf(state->offset, 0, room);
    }
    if (ui->scroll_depth < UI_DEPTH) {
        ui->scroll_stack[ui->scroll_depth] = ui->scroll;
        ui->scroll_rect[ui->scroll_depth] = r;
    }
    ui->scroll_depth++;
    ui->scroll = hold.id;
    ui_clip(ui, r);
    return (UiScroll){r, offset};
}

static void bar_draw(Ui *ui, Rect r, const UiState *state, const UiHold *hold, Rect *thumb)
{
    const Theme *t = ui_theme(ui);
    bool wide = hold->hovered || hold->held;
    float u = t->unit, w = (wide ? 10 : 6) * u, room = state->content - state->view;
    Rect track = rect(rect_right(r) - w - 2 * u, r.y + 2 * u, w, r.h - 4 * u);
    float length = clampf(track.h * state->view / state->content, fminf(32 * u, track.h), track.h);
    *thumb = rect(track.x, track.y + (track.h - length) * state->offset / room, w, length);
    if (wide)
        paint_fill(ui, track, w / 2, t->hover);
    paint_fill(ui, *thumb, w / 2, wide ? t->text2 : t->line3);
}

static Rect thumb_rect(Ui *ui, Rect r, const UiState *state)
{
    float u = ui_unit(ui), h = r.h - 4 * u;
    float length = clampf(h * state->view / state->content, fminf(32 * u, h), h);
    float room = state->content - state->view;
    return rect(r.x, r.y + 2 * u + (h - length) * state->offset / room, r.w, length);
}

/* Drag keeps the grabbed point under the pointer; a press beside the thumb goes a page that way. */
static void bar_move(Ui *ui, Rect r, UiState *state, const UiHold *hold)
{
    float room = state->content - state->view, was = state->offset;
    Rect thumb = thumb_rect(ui, r, state);
    if (hold->pressed) {
        ui->grab = vec2(0, ui->mouse.y - thumb.y);
        ui->grab_frozen = ui->mouse.y < thumb.y || ui->mouse.y >= rect_bottom(thumb);
        if (ui->grab_frozen)
            state->offset += ui->mouse.y < thumb.y ? -state->view * 0.9f : state->view * 0.9f;
    } else if (hold->held && !ui->grab_frozen) {
        float free = r.h - 4 * ui_unit(ui) - thumb.h;
        float top = ui->mouse.y - ui->grab.y - (r.y + 2 * ui_unit(ui));
        state->offset = free > 0 ? top / free * room : 0;
    }
    state->offset = roundf(clampf(state->offset, 0, room) * ui->scale) / ui->scale;
    state->offset = clampf(state->offset, 0, room);
    if (state->offset != was)
        ui->again = true;
}

void ui_scroll_end(Ui *ui)
{
    if (ui->scroll_depth == 0) {
        ui->unbalanced = true;
        return;
    }
    ui->scroll_depth--;
    uint64_t id = ui->scroll;
    bool known = ui->scroll_depth < UI_DEPTH;
    Rect r = known ? ui->scroll_rect[ui->scroll_depth] : rect(0, 0, 0, 0);
    ui->scroll = known ? ui->scroll_stack[ui->scroll_depth] : 0;
    UiState *state = known ? ui_state(ui, id) : NULL;
    if (state != NULL && state->content > state->view + 0.5f && r.h > 8) {
        uint64_t bar = hash_bytes(id, "/bar", 4);
        float grip = 12 * ui_unit(ui);
        Rect strip = rect(rect_right(r) - grip, r.y, grip, r.h);
        ui_hit_add(ui, bar, strip, HIT_POINTER | HIT_SILENT);
        UiHold hold = {.id = bar, .r = strip, .enabled = true};
        hold.hovered = ui->hot == bar && (ui->active == 0 || ui->active == bar);
        if (hold.hovered && ui->in.pressed[MOUSE_LEFT] && ui->active == 0) {
            ui->active = bar;
            hold.pressed = true;
        }
        hold.held = ui->active == bar;
        bar_move(ui, r, state, &hold);
        Rect thumb;
        bar_draw(ui, r, state, &hold, &thumb);
    }
    ui_unclip(ui);
}

void scroll_to_hit(Ui *ui, const UiHit *hit)
{
    const UiHit *area = hit->scroll != 0 ? ui_hit_find(&ui->was, hit->scroll) : NULL;
    UiState *state = area != NULL ? ui_state(ui, hit->scroll) : NULL;
    if (state == NULL)
        return;
    state->want = true;
    state->want_top = hit->rect.y - 4 - area->rect.y + state->offset;
    state->want_bottom = rect_bottom(hit->rect) + 4 - area->rect.y + state->offset;
}

void ui_scroll_to(Ui *ui, const char *full_id, float top, float bottom)
{
    UiState *state = ui_state(ui, ui_resolve(ui, full_id));
    if (state == NULL)
        return;
    state->want = true;
    state->want_top = top;
    state->want_bottom = bottom;
    ui->again = true;
}
