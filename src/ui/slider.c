/* The slider: drag with the grabbed point kept, click on the track, wheel, keys, double click,
 * typed value.
 */
#include "ui/slider_value.h"
#include "ui/ui_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    Rect label, box, strip; /* strip: where a press takes the track */
    float x0, x1, y;        /* run of the knob's centre */
    float track0, track1;
    float figure; /* size of the value */
} Place;

/* As wide as most values need; a large figure of many digits takes more. */
static float value_width(Ui *ui, float size, const char *shown)
{
    float u = ui_unit(ui), least = size > ui_theme(ui)->body ? 3.4f * size + 12 * u : 64 * u;
    FontFace face = size > ui_theme(ui)->body ? FACE_SANS : FACE_MONO;
    return fmaxf(least, ceilf(text_width(ui->kit, face, size, shown)) + 12 * u);
}

static Place place(Ui *ui, const char *label, Rect r, const SliderSpec *spec, const char *shown)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, w;
    Place p = {.figure = t->body};
    if (spec->wide) {
        /* The projector's quick bar shows its value large. */
        p.figure = t->id == THEME_PROJECTOR ? t->figure : t->body;
        w = value_width(ui, p.figure, shown);
        float text = label != NULL ? ceilf(text_width(ui->kit, FACE_SANS, t->body, label)) + 1 : 0;
        if (text + w + 100 * u > r.w)
            text = 0; /* the knob needs its run more than the name, which is then the tooltip */
        float bh = fmaxf(22 * u, p.figure * 1.4f);
        p.label = rect(r.x, r.y, text, r.h);
        p.box = rect(rect_right(r) - w, r.y + (r.h - bh) / 2, w, bh);
        p.track0 = r.x + text + (text > 0 ? 12 * u : 0);
        p.track1 = fmaxf(p.box.x - 8 * u, p.track0 + 14 * u);
        p.y = r.y + r.h / 2;
        p.strip = rect(p.track0, r.y, p.track1 - p.track0, r.h);
    } else {
        w = fminf(value_width(ui, t->body, shown), r.w / 2);
        p.box = rect(rect_right(r) - w, r.y - 1 * u, w, 22 * u);
        p.label = rect(r.x, r.y, r.w - w - 8 * u, 20 * u);
        p.track0 = r.x;
        p.track1 = rect_right(r);
        p.y = r.y + 31 * u;
        p.strip = rect(r.x, r.y + 21 * u, r.w, r.h - 21 * u);
    }
    p.y = roundf(p.y * ui->scale) / ui->scale;
    p.x0 = p.track0 + 7 * u;
    p.x1 = fmaxf(p.track1 - 7 * u, p.x0 + 1);
    return p;
}

static bool slider_move(double *value, double want)
{
    bool changed = want != *value;
    *value = want;
    return changed;
}

static bool slider_drag(Ui *ui, const Place *p, const UiHold *h, const SliderSpec *spec,
                        double *value)
{
    float knob = p->x0 + (p->x1 - p->x0) * (float)slider_fraction(spec, *value);
    if (h->pressed && h->twice) {
        ui->grab_frozen = true;
        return slider_move(value, spec->reset);
    }
    if (h->pressed && !rect_has(p->strip, ui->mouse))
        ui->grab_frozen = true; /* the label is no part of the track */
    if (!(h->held || h->clicked) || ui->grab_frozen)
        return false;
    if (h->pressed) {
        bool on_knob = fabsf(ui->mouse.x - knob) <= 9 * ui_unit(ui);
        ui->grab = vec2(on_knob ? ui->mouse.x - knob : 0, 0);
        if (on_knob)
            return false;
    } else if (ui->mouse.x == ui->mouse_was.x) {
        return false;
    }
    double f = (ui->mouse.x - ui->grab.x - p->x0) / (p->x1 - p->x0);
    bool fine = spec->log2_steps && (ui->in.mods & MOD_SHIFT) != 0;
    return slider_move(value, slider_round(spec, slider_at(spec, f), fine));
}

static bool slider_wheel(Ui *ui, const UiHold *h, const SliderSpec *spec, double *value)
{
    if (!h->enabled || ui->wheel_owner != h->id || ui->in.wheel.y == 0 || ui->active != 0)
        return false;
    ui->wheel_rest += ui->in.wheel.y;
    float steps = truncf(ui->wheel_rest);
    if (!spec->log2_steps && steps == 0)
        steps = ui->wheel_rest; /* smooth wheels move a little at a time */
    if (steps == 0)
        return false;
    ui->wheel_rest -= steps;
    bool fine = (ui->in.mods & MOD_SHIFT) != 0;
    return slider_move(value, slider_step(spec, *value, (double)steps, fine));
}

static bool slider_keys(Ui *ui, const UiHold *h, const SliderSpec *spec, double *value)
{
    int key = ui_take(ui, h);
    bool fine = (ui->in.mods & MOD_SHIFT) != 0;
    double want = *value;
    if (key == KEY_LEFT || key == KEY_DOWN)
        want = slider_step(spec, want, -1, fine);
    else if (key == KEY_RIGHT || key == KEY_UP)
        want = slider_step(spec, want, 1, fine);
    else if (key == KEY_HOME)
        want = spec->lo;
    else if (key == KEY_END)
        want = spec->hi;
    else if (key == KEY_BACKSPACE || key == KEY_DELETE)
        want = spec->reset;
    else
        return false;
    ui->key_taken = true;
    ui->focus_visible = true;
    return slider_move(value, want);
}

static void ticks_draw(Ui *ui, const Place *p, const SliderSpec *spec, bool enabled, bool marked)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, w = ui_hair(ui, 1);
    float mark = p->x0 + (p->x1 - p->x0) * (float)slider_fraction(spec, spec->reset);
    for (int i = 0; i < spec->ticks && spec->ticks > 1; i++) {
        float x = p->x0 + (p->x1 - p->x0) * (float)i / (float)(spec->ticks - 1);
        if (marked && fabsf(x - mark) < 3 * u)
            continue; /* the default mark stands there */
        paint_fill(ui, rect(x - w / 2, p->y + 7 * u, w, 4 * u), 0, enabled ? t->line3 : t->line1);
    }
    if (marked) {
        Vec2 points[3] = {vec2(mark, p->y + 7.5f * u), vec2(mark + 3.5f * u, p->y + 12 * u),
                          vec2(mark - 3.5f * u, p->y + 12 * u)};
        draw_poly(ui_list(ui), points, 3, enabled ? t->text3 : t->line1);
    }
}

typedef enum { KNOB_REST, KNOB_HOVER, KNOB_DRAG, KNOB_TYPED } KnobState;

static void knob_draw(Ui *ui, Vec2 at, KnobState state, const UiHold *h)
{
    const Theme *t = ui_theme(ui);
    DrawList *list = ui_list(ui);
    float u = t->unit;
    if (!h->enabled) {
        draw_circle(list, at, 7.5f * u, t->panel);
        draw_ring(list, at, 7.5f * u, 1.5f * u, color_mix(t->line1, t->line2, 0.6f));
        return;
    }
    if (state == KNOB_DRAG) {
        draw_circle(list, at, 11 * u, color_alpha(t->ink, 0.12f));
        draw_circle(list, at, 8 * u, t->ink);
    } else {
        float width = state == KNOB_HOVER ? 2 : 1.5f;
        draw_circle(list, at, (7 + width / 2) * u, t->control);
        draw_ring(list, at, (7 + width / 2) * u, width * u, state == KNOB_REST ? t->line3 : t->ink);
        draw_circle(list, at, 2 * u, t->ink);
    }
    if (h->ring) {
        float radius = 8 * u + 1 + t->focus_width;
        draw_ring(list, at, radius, t->focus_width, t->focus);
    }
}

static void track_draw(Ui *ui, const Place *p, const SliderSpec *spec, double value,
                       const UiHold *h, KnobState state)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, knob = p->x0 + (p->x1 - p->x0) * (float)slider_fraction(spec, value);
    float neutral = p->x0 + (p->x1 - p->x0) * (float)slider_fraction(spec, spec->reset);
    bool around = spec->log && !spec->log2_steps;
    float from = around ? neutral : p->track0;
    Rect track = rect(p->track0, p->y - 2 * u, p->track1 - p->track0, 4 * u);
    paint_fill(ui, track, 2 * u, h->enabled ? t->track : t->line1);
    Rect fill = rect(fminf(from, knob), track.y, fabsf(knob - from), track.h);
    if (fill.w > 0.5f)
        paint_fill(ui, fill, around ? 0 : 2 * u,
                   h->enabled ? t->ink : color_mix(t->line1, t->line2, 0.6f));
    bool marked = spec->reset >= spec->lo && spec->reset <= spec->hi && h->enabled;
    ticks_draw(ui, p, spec, h->enabled, marked);
    knob_draw(ui, vec2(knob, p->y), state, h);
}

/* "argmax 0": the word for zero stands left of the figure. */
static void zero_draw(Ui *ui, const Place *p, const SliderSpec *spec, double value, const UiHold *h,
                      const char *shown)
{
    const Theme *t = ui_theme(ui);
    if (value != 0 || spec->zero_text == NULL || ui->edit.id == h->id)
        return;
    float u = t->unit, w = text_width(ui->kit, FACE_MONO, p->figure, shown) + 8 * u;
    float text = text_width(ui->kit, FACE_SANS, t->body, spec->zero_text);
    if (spec->wide && text + w > p->box.w)
        return; /* there is no room beside the figure of a quick bar */
    float x = rect_right(p->box) - w - text - (h->hovered || h->held ? 6 * u : 0);
    x = h->hovered || h->held ? fminf(x, p->box.x - text - 6 * u) : x;
    paint_text(ui, rect(x, p->box.y, text + 1, p->box.h), FACE_SANS, t->body, ALIGN_LEFT,
               h->enabled ? t->text3 : t->dis, spec->zero_text);
}

static void slider_register(Ui *ui, const Place *p, const SliderSpec *spec, const UiHold *h)
{
    UiHit *hit = ui_hit_mine(ui, h->id);
    if (hit != NULL)
        hit->track = (UiTrack){p->x0, p->x1, p->y, spec->lo, spec->hi, slider_log(spec)};
}

typedef struct {
    char plain[SLIDER_TEXT], shown[SLIDER_TEXT + 32];
} Figures;

/* shown has thin spaces between thousands; what is edited has not. */
static void figures(const SliderSpec *spec, double value, Figures *out)
{
    char text[SLIDER_TEXT];
    slider_text(spec, value, text);
    size_t n = 0;
    for (const char *s = text; *s != '\0';)
        if (strncmp(s, "\u2009", 3) == 0)
            s += 3;
        else
            out->plain[n++] = *s++;
    out->plain[n] = '\0';
    snprintf(out->shown, sizeof out->shown, "%s%s", text, spec->suffix != NULL ? spec->suffix : "");
}

bool ui_slider(Ui *ui, const char *name, const char *label, Rect r, double *value,
               const SliderSpec *spec)
{
    const Theme *t = ui_theme(ui);
    Figures text;
    figures(spec, *value, &text);
    Place p = place(ui, label, r, spec, text.shown);
    UiControl c = {name, label, text.shown, ROLE_SLIDER, r, HIT_POINTER | HIT_FOCUS | HIT_WHEEL};
    UiHold h = ui_control(ui, &c);
    slider_register(ui, &p, spec, &h);
    ui_push(ui, name);
    UiHold box =
        ui_control(ui, &(UiControl){"value", label, text.shown, ROLE_TEXT, p.box, HIT_POINTER});
    ValueSpec number = {spec->typed_lo, spec->typed_hi,
                        spec->factor,   spec->decimals == 0 && spec->log2_steps,
                        text.shown,     text.plain};
    bool was_editing = ui->edit.id == h.id, changed = false;
    ValueResult typed = value_edit(ui, &number, &h, &box);
    if (typed.changed)
        changed = slider_move(value, typed.value);
    if (!typed.editing) {
        changed |= slider_drag(ui, &p, &h, spec, value);
        changed |= slider_wheel(ui, &h, spec, value);
        changed |= slider_keys(ui, &h, spec, value);
    }
    if (changed) {
        figures(spec, *value, &text);
        ui_item_value(ui, h.id, text.shown);
        ui_item_value(ui, box.id, text.shown);
    }
    bool hovered = h.hovered || box.hovered, editing = ui->edit.id == h.id;
    bool drag = h.held && !ui->grab_frozen;
    KnobState state = drag ? KNOB_DRAG : editing ? KNOB_TYPED : hovered ? KNOB_HOVER : KNOB_REST;
    if (p.label.w > 0)
        paint_text(ui, p.label, FACE_SANS, t->body, ALIGN_LEFT, h.enabled ? t->text2 : t->dis,
                   label);
    else if (label != NULL)
        tip_offer(ui, r, label, false);
    track_draw(ui, &p, spec, *value, &h, state);
    h.hovered = hovered;
    zero_draw(ui, &p, spec, *value, &h, text.shown);
    if (editing && was_editing) {
        float u = t->unit;
        Rect inner = rect(p.box.x + 6 * u, p.box.y + 1, p.box.w - 12 * u, p.box.h - 2);
        EditLook look = {inner,    p.figure > t->body ? FACE_SANS : FACE_MONO,
                         p.figure, ALIGN_RIGHT,
                         t->text1, t->control};
        edit_pointer(ui, &look, ui->edit.buf, &box);
    }
    value_draw(ui, &number, &h, p.box, p.figure, hovered || drag);
    ui_pop(ui);
    return changed;
}
