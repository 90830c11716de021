/* Text fields: the keys of editing, and the field's frame.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

void edit_begin(Ui *ui, const EditStart *start, const char *text)
{
    UiEdit *e = &ui->edit;
    size_t length = strlen(text);
    if (e->id != 0 && e->id != start->id && e->value && e->end != END_CANCEL) {
        ui->late_id = e->id;
        memcpy(ui->late, e->buf, sizeof ui->late);
    }
    e->id = start->id;
    e->area = start->area;
    e->caret = length;
    e->anchor = start->select_all ? 0 : length;
    e->first = 0;
    e->left = 0;
    e->blink = ui->in.time;
    e->preedit[0] = '\0';
    e->preedit_caret = 0;
    e->refused = e->select_drag = false;
    e->by_pointer = start->by_pointer;
    e->value = start->value;
    e->end = END_NONE;
    e->seen = true;
    e->can_undo = length < sizeof e->was;
    memcpy(e->was, text, e->can_undo ? length + 1 : 0);
    ui->type_request = 0;
}

void edit_stop(Ui *ui)
{
    UiEdit *e = &ui->edit;
    if (e->by_pointer && ui->focus == e->id)
        ui->focus = 0;
    e->id = 0;
    e->preedit[0] = '\0';
    ui->again = true;
}

static void copy_out(Ui *ui, const TextEdit *t)
{
    size_t from = text_edit_from(t), to = text_edit_to(t);
    if (from == to)
        return;
    mem_free(ui->out.clipboard);
    ui->out.clipboard = mem_string(t->text + from, to - from);
}

/* Ctrl with a letter or arrow. True when it was an editing key. */
static bool control_key(Ui *ui, TextEdit *t, bool *changed)
{
    bool shift = (ui->in.mods & MOD_SHIFT) != 0;
    switch (ui->in.key) {
    case 'a':
        t->anchor = 0;
        t->caret = strlen(t->text);
        return true;
    case 'c':
        copy_out(ui, t);
        return true;
    case 'x':
        copy_out(ui, t);
        if (t->caret != t->anchor)
            *changed |= text_edit_delete(t, true, false);
        return true;
    case 'v':
        return true; /* the text itself comes as clipboard */
    case 'z':
        if (ui->edit.can_undo && strcmp(t->text, ui->edit.was) != 0) {
            t->anchor = 0;
            t->caret = strlen(t->text);
            if (ui->edit.was[0] == '\0')
                *changed |= text_edit_delete(t, true, false);
            else
                *changed |= text_edit_insert(t, ui->edit.was);
        }
        return true;
    case KEY_LEFT:
        text_edit_move(t, EDIT_WORD_LEFT, shift);
        return true;
    case KEY_RIGHT:
        text_edit_move(t, EDIT_WORD_RIGHT, shift);
        return true;
    case KEY_HOME:
        text_edit_move(t, EDIT_START, shift);
        return true;
    case KEY_END:
        text_edit_move(t, EDIT_STOP, shift);
        return true;
    case KEY_BACKSPACE:
        *changed |= text_edit_delete(t, false, true);
        return true;
    case KEY_DELETE:
        *changed |= text_edit_delete(t, true, true);
        return true;
    default:
        return false;
    }
}

static bool plain_key(Ui *ui, TextEdit *t, bool *changed)
{
    bool shift = (ui->in.mods & MOD_SHIFT) != 0;
    switch (ui->in.key) {
    case KEY_LEFT:
        text_edit_move(t, EDIT_LEFT, shift);
        return true;
    case KEY_RIGHT:
        text_edit_move(t, EDIT_RIGHT, shift);
        return true;
    case KEY_HOME:
        text_edit_move(t, EDIT_START, shift);
        return true;
    case KEY_END:
        text_edit_move(t, EDIT_STOP, shift);
        return true;
    case KEY_BACKSPACE:
        *changed |= text_edit_delete(t, false, false);
        return true;
    case KEY_DELETE:
        if (!shift || t->caret != t->anchor) {
            if (shift)
                copy_out(ui, t);
            *changed |= text_edit_delete(t, true, false);
        }
        return true;
    case KEY_UP:
    case KEY_DOWN:
        return ui->edit.value;
    default:
        return ui->in.key >= ' ' && ui->in.key < KEY_ENTER; /* its text comes as text */
    }
}

static void take_preedit(Ui *ui)
{
    UiEdit *e = &ui->edit;
    if (ui->in.preedit == NULL)
        return;
    size_t n = utf8_cut(ui->in.preedit, strlen(ui->in.preedit), sizeof e->preedit - 1);
    n = utf8_valid(ui->in.preedit, n);
    memcpy(e->preedit, ui->in.preedit, n);
    e->preedit[n] = '\0';
    e->preedit_caret = clampi(ui->in.preedit_caret, 0, (int)n);
    e->preedit_caret = (int)utf8_cut(e->preedit, n, (size_t)e->preedit_caret);
    e->blink = ui->in.time;
}

/* Committed text and the clipboard. */
static bool take_text(Ui *ui, TextEdit *t)
{
    bool changed = false;
    if (ui->in.text != NULL && ui->in.text[0] != '\0') {
        ui->edit.preedit[0] = '\0';
        changed |= text_edit_insert(t, ui->in.text);
    }
    if (ui->in.clipboard != NULL && !ui->key_taken) {
        changed |= text_edit_insert(t, ui->in.clipboard);
        ui->key_taken = true;
    }
    return changed;
}

EditEvent edit_input(Ui *ui, char *text, size_t cap)
{
    UiEdit *e = &ui->edit;
    e->seen = true;
    TextEdit t = {text, cap, e->caret, e->anchor};
    if (e->left != 0 && e->left != hash_bytes(HASH_SEED, text, strlen(text)))
        t.caret = t.anchor = strlen(text); /* the caller wrote another text: behind it */
    text_edit_settle(&t);
    bool changed = false, composing = e->preedit[0] != '\0';
    EditEvent event = EDIT_IDLE;
    if (ui->focus == e->id && layer_key_root(ui) == ui->key_layer) {
        take_preedit(ui);
        changed |= take_text(ui, &t);
    }
    if (ui_key_is_mine(ui, e->id)) {
        int key = ui->in.key, mods = ui->in.mods & (MOD_CTRL | MOD_ALT);
        bool took = false;
        if (composing)
            took = mods == 0; /* the input method's keys */
        else if (key == KEY_ENTER && mods == 0)
            event = EDIT_ENTER;
        else if (key == KEY_ESCAPE && (e->value || ui->key_layer == 0))
            event = EDIT_ESCAPE;
        else if (mods == MOD_CTRL)
            took = control_key(ui, &t, &changed);
        else if (mods == 0)
            took = plain_key(ui, &t, &changed);
        ui->key_taken = took || event != EDIT_IDLE;
        if (took)
            e->blink = ui->in.time;
    }
    if (changed)
        e->blink = ui->in.time;
    e->caret = t.caret;
    e->anchor = t.anchor;
    e->left = hash_bytes(HASH_SEED, text, strlen(text));
    return event != EDIT_IDLE ? event : changed ? EDIT_CHANGED : EDIT_IDLE;
}

/* Begins editing when the keyboard or the pointer came. */
static void field_enter(Ui *ui, const UiHold *h, const char *text)
{
    if (!h->focused || ui->edit.id == h->id || h->clicked)
        return;
    bool all = !h->pressed && (ui->focus_by_tab || ui->type_request == h->id);
    edit_begin(ui, &(EditStart){h->id, h->id, all, h->pressed, false}, text);
}

static Rect field_frame(Ui *ui, const UiHold *h, Icon icon, bool refused)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    Rect r = h->r;
    Color line = !h->enabled ? t->line1 : refused ? t->err : h->focused ? t->line3 : t->line2;
    Color ground = !h->enabled ? 0 : t->control;
    paint_box(ui, r, 4 * u, ground, line, refused ? 1.5f : 1);
    if (icon != ICON_NONE)
        icon_draw(ui_list(ui), icon, ui_snap(ui, rect(r.x + 6 * u, r.y, 16 * u, r.h)), 14 * u,
                  h->enabled ? t->text3 : t->dis);
    float left = (icon != ICON_NONE ? 28 : 10) * u;
    return rect(r.x + left, r.y + 1, r.w - left - 8 * u, r.h - 2);
}

bool ui_text_field(Ui *ui, const char *name, const char *label, const char *placeholder, Icon icon,
                   Rect r, char *text, size_t cap, const char *refused, bool *entered)
{
    const Theme *t = ui_theme(ui);
    UiHold h = ui_control(
        ui, &(UiControl){name, label, text, ROLE_TEXT, r, HIT_POINTER | HIT_FOCUS | HIT_TEXT});
    if (entered != NULL)
        *entered = false;
    if (h.pressed)
        h.focused = h.enabled;
    if (h.hovered)
        ui->out.cursor = CURSOR_TEXT;
    field_enter(ui, &h, text);
    bool editing = ui->edit.id == h.id && h.enabled, changed = false;
    Rect box = field_frame(ui, &h, icon, refused != NULL);
    EditLook look = {box, FACE_SANS, t->body, ALIGN_LEFT, t->text1, t->control};
    if (editing) {
        edit_pointer(ui, &look, text, &h);
        if (h.pressed && ui->in.clicks == 2) {
            TextEdit edit = {text, cap, ui->edit.caret, ui->edit.anchor};
            text_edit_word_at(&edit, ui->edit.caret);
            ui->edit.caret = edit.caret;
            ui->edit.anchor = edit.anchor;
        }
        EditEvent event = edit_input(ui, text, cap);
        changed = event == EDIT_CHANGED;
        if (event == EDIT_ENTER && entered != NULL)
            *entered = true;
        if (event == EDIT_ESCAPE) {
            ui->focus = 0;
            ui->focus_visible = false;
            edit_stop(ui);
            editing = false;
        } else if (ui->edit.end != END_NONE) {
            editing = false;
        }
    }
    if (changed)
        ui_item_value(ui, h.id, text);
    bool empty = text[0] == '\0' && !(editing && ui->edit.preedit[0] != '\0');
    if (empty)
        paint_text(ui, box, FACE_SANS, t->body, ALIGN_LEFT, h.enabled ? t->text3 : t->dis,
                   placeholder);
    if (editing)
        edit_draw(ui, &look, text);
    else if (!empty)
        paint_text(ui, box, FACE_SANS, t->body, ALIGN_LEFT, h.enabled ? t->text1 : t->dis, text);
    if (refused != NULL)
        tip_offer(ui, r, refused, false);
    if (h.focused && ui->focus_by_tab)
        ui_focus_ring(ui, r, 4 * t->unit);
    return changed;
}
