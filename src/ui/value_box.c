/* A number that is typed: the box of sliders and number fields. Enter commits, Esc and refused
 * values keep the old one; leaving the box commits what can be read.
 */
#include "ui/ui_internal.h"

#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_space(const char *s, size_t *bytes)
{
    *bytes = s[0] == ' ' || s[0] == '\t'                                    ? 1
             : strncmp(s, "\xC2\xA0", 2) == 0                               ? 2
             : strncmp(s, "\u2009", 3) == 0 || strncmp(s, "\u202F", 3) == 0 ? 3
                                                                            : 0;
    return *bytes > 0;
}

/* What people type, as what number_parse reads: no spaces, no percent sign, minus as '-', one comma
 * as point. */
static bool plain_number(const char *text, char *out, size_t cap)
{
    size_t n = 0, skip, commas = 0, points = 0;
    for (const char *s = text; *s != '\0';) {
        char c = *s;
        if (n + 3 >= cap)
            return false;
        if (is_space(s, &skip) || (c == '%' && (skip = 1) == 1)) {
            s += skip;
            continue;
        }
        if (strncmp(s, "\u2212", 3) == 0) {
            out[n++] = '-';
            s += 3;
            continue;
        }
        commas += c == ',';
        points += c == '.';
        c = c == ',' ? '.' : c;
        bool digit_before = n > 0 && out[n - 1] >= '0' && out[n - 1] <= '9';
        if (c == '.' && !digit_before)
            out[n++] = '0';
        if (c == '.' && !(s[1] >= '0' && s[1] <= '9')) {
            s++; /* "3." is 3 */
            if (!digit_before)
                return false;
            continue;
        }
        out[n++] = c;
        s++;
    }
    out[n] = '\0';
    return n > 0 && commas + points <= 1;
}

static bool value_parse(const ValueSpec *spec, const char *text, double *out)
{
    char plain[UI_TYPED + 8];
    double shown;
    if (!plain_number(text, plain, sizeof plain) || !number_parse(plain, strlen(plain), &shown))
        return false;
    double v = shown / (spec->factor != 0 ? spec->factor : 1);
    if (!isfinite(v) || v < spec->lo || v > spec->hi || (spec->integer && shown != round(shown)))
        return false;
    *out = v;
    return true;
}

/* 1e30, not 1e+30; a million is written out. */
static void short_number(double v, char out[NUMBER_TEXT])
{
    if (fabs(v) >= 1e7)
        snprintf(out, NUMBER_TEXT, "%.6g", v);
    else
        number_double(out, v);
    char *power = strchr(out, 'e');
    size_t skip = power ? strspn(power + 1, "+0") : 0;
    if (power && power[1] == '-') {
        power++;
        skip = strspn(power + 1, "0");
    }
    if (skip > 0)
        memmove(power + 1, power + 1 + skip, strlen(power + 1 + skip) + 1);
}

void value_range(const ValueSpec *spec, char *out, size_t cap)
{
    char lo[NUMBER_TEXT], hi[NUMBER_TEXT];
    double factor = spec->factor != 0 ? spec->factor : 1;
    short_number(spec->lo * factor, lo);
    short_number(spec->hi * factor, hi);
    const char *minus = lo[0] == '-' ? "\u2212" : "", *least = lo + (lo[0] == '-');
    if (spec->lo == UI_ABOVE_ZERO)
        least = "above 0";
    if (spec->hi >= DBL_MAX)
        snprintf(out, cap, "%s%s", minus, least);
    else
        snprintf(out, cap, "%s%s … %s", minus, least, hi);
}

/* Focused by key: digits begin a new number, Enter edits the old one. */
static bool begins_by_key(Ui *ui, const UiHold *owner, const char **first)
{
    static const char *const digits[] = {"0", "1", "2", "3", "4", "5",
                                         "6", "7", "8", "9", "-", "."};
    *first = NULL;
    if (ui->type_request == owner->id && owner->focused)
        return true;
    bool mine = owner->focused && layer_key_root(ui) == ui->key_layer;
    int key = ui_take(ui, owner);
    if (key == KEY_ENTER && !ui->in.key_repeat) {
        ui->key_taken = true;
        return true;
    }
    const char *text = mine ? ui->in.text : NULL;
    if (text != NULL && strchr("0123456789-.,", text[0]) != NULL && text[0] != '\0') {
        *first = text;
    } else if (key >= '0' && key <= '9') {
        *first = digits[key - '0'];
    } else if (key == '-' || key == '.') {
        *first = digits[key == '-' ? 10 : 11];
    }
    if (*first != NULL && key != KEY_NONE)
        ui->key_taken = true;
    return *first != NULL;
}

static void begin(Ui *ui, const ValueSpec *spec, const UiHold *owner, const UiHold *box)
{
    UiEdit *e = &ui->edit;
    const char *first = NULL;
    bool pointer = box->pressed;
    if (!owner->enabled || e->id == owner->id || !(pointer || begins_by_key(ui, owner, &first)))
        return;
    edit_begin(ui, &(EditStart){owner->id, box->id, true, pointer, true}, spec->start);
    snprintf(e->buf, sizeof e->buf, "%s", spec->start);
    ui->focus = owner->id;
    if (first != NULL) {
        TextEdit t = {e->buf, sizeof e->buf, e->caret, e->anchor};
        text_edit_insert(&t, first);
        e->caret = t.caret;
        e->anchor = t.anchor;
        ui->in.text = NULL; /* used */
    }
}

static bool commit(const ValueSpec *spec, const char *text, ValueResult *out)
{
    /* Unchanged text keeps the value exactly: what is shown may be rounded. */
    if (strcmp(text, spec->start) == 0)
        return true;
    out->changed = value_parse(spec, text, &out->value);
    return out->changed;
}

ValueResult value_edit(Ui *ui, const ValueSpec *spec, const UiHold *owner, const UiHold *box)
{
    UiEdit *e = &ui->edit;
    ValueResult out = {.hovered = box->hovered};
    if (box->hovered)
        ui->out.cursor = CURSOR_TEXT;
    if (ui->late_id == owner->id && owner->enabled)
        commit(spec, ui->late, &out);
    begin(ui, spec, owner, box);
    if (e->id != owner->id)
        return out;
    if (!owner->enabled) {
        edit_stop(ui);
        return out;
    }
    EditEvent event = edit_input(ui, e->buf, sizeof e->buf);
    if (event == EDIT_CHANGED)
        e->refused = false;
    if (event == EDIT_ENTER) {
        e->refused = !commit(spec, e->buf, &out);
        if (!e->refused)
            edit_stop(ui);
    } else if (event == EDIT_ESCAPE) {
        edit_stop(ui);
    } else if (e->end != END_NONE) {
        if (e->end == END_COMMIT)
            commit(spec, e->buf, &out);
        e->by_pointer = false; /* the focus is where the press or Tab put it */
        edit_stop(ui);
    }
    out.editing = e->id == owner->id;
    return out;
}

/* The allowed range, below the box and above everything, so that nothing under it moves. */
static void refusal_draw(Ui *ui, const ValueSpec *spec, const UiHold *owner, Rect box)
{
    const Theme *t = ui_theme(ui);
    char range[96];
    value_range(spec, range, sizeof range);
    float u = t->unit, w = text_width(ui->kit, FACE_SANS, t->body, range) + 17 * u;
    float x = clampf(rect_right(box) - w, 2, rect_right(box));
    float y = rect_bottom(owner->r) > rect_bottom(box) + 8 * u ? rect_bottom(owner->r) - 2 * u
                                                               : rect_bottom(box) + 4 * u;
    y = y + 22 * u > ui->size.y ? box.y - 26 * u : y;
    Rect r = rect(x, y, w, 22 * u);
    ui_float_begin(ui, "refused", r);
    paint_box(ui, r, 4 * u, t->err_ground, t->err_line, 1);
    paint_text(ui, r, FACE_SANS, t->body, ALIGN_CENTER, t->err, range);
    ui_float_end(ui);
}

void value_draw(Ui *ui, const ValueSpec *spec, const UiHold *owner, Rect box, float size,
                bool boxed)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, pad = 6 * u;
    bool editing = ui->edit.id == owner->id, refused = editing && ui->edit.refused;
    Rect inner = rect(box.x + pad, box.y + 1, box.w - 2 * pad, box.h - 2);
    /* Figures at the size of body are mono; the quick bar's large one is not. */
    FontFace face = size > t->body ? FACE_SANS : FACE_MONO;
    if (editing || (boxed && owner->enabled)) {
        Color line = refused ? t->err : editing ? t->line3 : t->line2;
        paint_box(ui, box, 4 * u, t->control, line, refused ? 1.5f : 1);
    } else if (!boxed) {
        inner.w += pad; /* without a box the figure stands at the panel's right edge */
    }
    EditLook look = {inner, face, size, ALIGN_RIGHT, t->text1, t->control};
    if (editing)
        edit_draw(ui, &look, ui->edit.buf);
    else
        paint_text(ui, inner, face, size, ALIGN_RIGHT, owner->enabled ? t->text1 : t->dis,
                   spec->shown);
    if (refused)
        refusal_draw(ui, spec, owner, box);
}

bool ui_number_field(Ui *ui, const char *name, const char *label, Rect r, double *value, double lo,
                     double hi, bool integer)
{
    const Theme *t = ui_theme(ui);
    char text[NUMBER_TEXT];
    number_double(text, *value);
    if (isnan(*value)) /* none yet */
        text[0] = '\0';
    ValueSpec spec = {lo, hi, 1, integer, text, text};
    UiHold h =
        ui_control(ui, &(UiControl){name, label, text, ROLE_TEXT, r, HIT_POINTER | HIT_FOCUS});
    bool was_editing = ui->edit.id == h.id;
    ValueResult got = value_edit(ui, &spec, &h, &h);
    if (got.changed) {
        *value = got.value;
        number_double(text, *value);
        ui_item_value(ui, h.id, text);
    }
    bool editing = ui->edit.id == h.id, refused = editing && ui->edit.refused;
    float u = t->unit;
    Color line = !h.enabled ? t->line1 : refused ? t->err : editing ? t->line3 : t->line2;
    paint_box(ui, r, 4 * u,
              !h.enabled              ? 0
              : h.hovered && !editing ? t->hover
                                      : t->control,
              line, refused ? 1.5f : 1);
    Rect box = rect(r.x + 10 * u, r.y + 1, r.w - 18 * u, r.h - 2);
    EditLook look = {box, FACE_MONO, t->body, ALIGN_LEFT, t->text1, t->control};
    if (editing && was_editing)
        edit_pointer(ui, &look, ui->edit.buf, &h);
    if (editing)
        edit_draw(ui, &look, ui->edit.buf);
    else
        paint_text(ui, box, FACE_MONO, t->body, ALIGN_LEFT, h.enabled ? t->text1 : t->dis, text);
    if (refused)
        refusal_draw(ui, &spec, &h, r);
    if (h.focused && ui->focus_visible)
        ui_focus_ring(ui, r, 4 * u);
    return got.changed;
}
