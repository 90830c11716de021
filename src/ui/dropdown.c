/* Dropdown: a button that opens a list. While the list is open it has the keys: Up, Down, Home,
 * End, letters, Enter, Esc. */
#include "ui/ui_internal.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHOICES = 256 };

static int count_choices(const char *const *choices)
{
    int n = 0;
    while (n < CHOICES && choices[n] != NULL)
        n++;
    return n;
}

static uint32_t folded(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* The next choice after `from` that begins with the letter. */
static int jump(const char *const *choices, int n, int from, uint32_t letter)
{
    for (int i = 1; i <= n; i++) {
        int at = (from + i) % n;
        size_t byte = 0, length = strlen(choices[at]);
        if (length > 0 && folded(utf8_next(choices[at], length, &byte)) == folded(letter))
            return at;
    }
    return from;
}

static uint32_t letter_of(const Ui *ui)
{
    size_t at = 0;
    if (ui->in.text != NULL && ui->in.text[0] != '\0')
        return utf8_next(ui->in.text, strlen(ui->in.text), &at);
    bool plain = (ui->in.mods & (MOD_CTRL | MOD_ALT)) == 0;
    return plain && ui->in.key > ' ' && ui->in.key < KEY_ENTER ? (uint32_t)ui->in.key : 0;
}

/* Where the highlighted choice goes by a key; true when the key was one of ours. */
static bool walk(Ui *ui, const char *const *choices, int n, int *at)
{
    int key = ui->in.key;
    uint32_t letter = letter_of(ui);
    if (key == KEY_UP)
        *at = *at > 0 ? *at - 1 : 0;
    else if (key == KEY_DOWN)
        *at = *at < n - 1 ? *at + 1 : n - 1;
    else if (key == KEY_HOME)
        *at = 0;
    else if (key == KEY_END)
        *at = n - 1;
    else if (letter > ' ' && letter != UTF8_BAD)
        *at = jump(choices, n, *at < 0 ? n - 1 : *at, letter);
    else
        return false;
    return true;
}

static void swatch_draw(Ui *ui, Rect r, const Colormap *map)
{
    enum { STEPS = 32 };
    r = ui_snap(ui, r);
    for (int i = 0; i < STEPS; i++) {
        /* Edges on whole pixels: half-covered ones would show as seams. */
        float x0 = roundf((r.x + r.w * (float)i / STEPS) * ui->scale) / ui->scale;
        float x1 = roundf((r.x + r.w * (float)(i + 1) / STEPS) * ui->scale) / ui->scale;
        draw_rect(ui_list(ui), rect(x0, r.y, x1 - x0, r.h), 0,
                  colormap_at(map, ((float)i + 0.5f) / STEPS));
    }
}

/* A choice in the button or the list: swatch and text from x on. */
static void choice_draw(Ui *ui, Rect r, const char *text, const Colormap *swatch, Color color)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    if (swatch != NULL) {
        swatch_draw(ui, rect(r.x, r.y + r.h / 2 - 5 * u, 32 * u, 10 * u), swatch);
        rect_cut_left(&r, 40 * u);
    }
    paint_text(ui, r, FACE_SANS, t->body, ALIGN_LEFT, color, text);
}

typedef struct {
    const char *const *choices;
    const Colormap *const *swatches;
    int count, second, *value; /* second: where another group begins, 0 = nowhere */
    Rect anchor;
    uint64_t id;
} List;

static void rows_draw(Ui *ui, const List *l, Rect area, float offset, bool *changed)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, row = 28 * u;
    bool moved = ui->mouse.x != ui->mouse_was.x || ui->mouse.y != ui->mouse_was.y;
    for (int i = 0; i < l->count; i++) {
        char index[16];
        snprintf(index, sizeof index, "%d", i);
        Rect r = rect(area.x, area.y + row * (float)i - offset, area.w, row);
        UiControl c = {index, l->choices[i],
                       NULL,  ROLE_OPTION,
                       r,     HIT_POINTER | (i == *l->value ? HIT_CHECKED : 0u)};
        UiHold h = ui_control(ui, &c);
        if (h.hovered && moved)
            ui->choice = i;
        if (ui->choice == i)
            paint_fill(ui, r, 0, h.held ? t->press : t->hover);
        if (i == *l->value)
            icon_draw(ui_list(ui), ICON_CHECK, ui_snap(ui, rect(r.x + 8 * u, r.y, 16 * u, row)),
                      12 * u, t->text1);
        Rect text = rect(r.x + 30 * u, r.y, r.w - 38 * u, row);
        choice_draw(ui, text, l->choices[i], l->swatches != NULL ? l->swatches[i] : NULL, t->text1);
        if (i > 0 && i == l->second)
            draw_rect(ui_list(ui), ui_snap(ui, rect(r.x, r.y, r.w, 1)), 0, t->line3);
        if (h.clicked) {
            *changed |= *l->value != i;
            *l->value = i;
            popup_shut(ui, l->id);
        }
    }
}

/* Below the button, above it when there is more room, scrolling when neither side holds all. */
static Rect list_place(const Ui *ui, const List *l)
{
    float u = ui_unit(ui), gap = 4 * u, w = l->anchor.w;
    for (int i = 0; i < l->count; i++) {
        float text = text_width(ui->kit, FACE_SANS, ui_theme(ui)->body, l->choices[i]);
        w = fmaxf(w, text + 40 * u + (l->swatches != NULL && l->swatches[i] != NULL ? 40 * u : 0));
    }
    w = fminf(w, ui->size.x - 2 * gap);
    float h = 28 * u * (float)l->count + 2 * gap;
    float below = ui->size.y - rect_bottom(l->anchor) - 2 * gap, above = l->anchor.y - 2 * gap;
    bool up = h > below && above > below;
    h = fmaxf(fminf(h, up ? above : below), 28 * u + 2 * gap);
    float x = clampf(l->anchor.x, gap, fmaxf(gap, ui->size.x - w - gap));
    return rect(x, up ? l->anchor.y - gap - h : rect_bottom(l->anchor) + gap, w, h);
}

static void list_draw(Ui *ui, const List *l, bool *changed)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, row = 28 * u;
    Rect r = list_place(ui, l), area = rect(r.x + 1, r.y + 4 * u, r.w - 2, r.h - 8 * u);
    layer_push(ui, l->id, LAYER_LIST, r);
    paint_box(ui, r, 6 * u, t->control, t->line3, 1);
    UiState *state = ui_state(ui, ui_id(ui, "list"));
    bool first = ui->key_layer != l->id;
    if (state != NULL && (ui->in.key != KEY_NONE || first) && ui->choice >= 0) {
        state->want = true;
        state->want_top = row * (float)ui->choice;
        state->want_bottom = row * (float)(ui->choice + 1);
    }
    UiScroll scroll = ui_scroll_begin(ui, "list", area, row * (float)l->count);
    rows_draw(ui, l, area, scroll.offset, changed);
    ui_scroll_end(ui);
    layer_pop(ui);
}

static void list_keys(Ui *ui, const List *l, bool *changed)
{
    if (ui->key_layer != l->id || (ui->key_taken && ui->in.text == NULL))
        return;
    if (ui->in.key == KEY_ENTER || ui->in.key == ' ' || ui->in.key == KEY_TAB) {
        if (ui->choice >= 0 && ui->choice < l->count && ui->choice != *l->value) {
            *l->value = ui->choice;
            *changed = true;
        }
        popup_shut(ui, l->id);
    } else {
        walk(ui, l->choices, l->count, &ui->choice);
    }
    /* An open list keeps every plain key from the view. */
    if ((ui->in.mods & (MOD_CTRL | MOD_ALT)) == 0)
        ui->key_taken = ui->key_taken || ui->in.key != KEY_NONE;
}

static void button_draw(Ui *ui, const UiHold *h, const List *l, bool open)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    Rect r = l->anchor;
    Color ground = h->held && h->hovered ? t->press : h->hovered && !open ? t->hover : t->control;
    paint_box(ui, r, 4 * u, h->enabled ? ground : 0,
              !h->enabled ? t->line1
              : open      ? t->line3
                          : t->line2,
              1);
    Rect text = rect(r.x + 10 * u, r.y, r.w - 31 * u, r.h);
    int at = clampi(*l->value, 0, l->count > 0 ? l->count - 1 : 0);
    if (l->count > 0)
        choice_draw(ui, text, l->choices[at], l->swatches != NULL ? l->swatches[at] : NULL,
                    h->enabled ? t->text1 : t->dis);
    Rect icon = rect(rect_right(r) - 22 * u, r.y, 16 * u, r.h);
    icon_draw(ui_list(ui), ICON_CHEVRON_DOWN, ui_snap(ui, icon), 13 * u,
              h->enabled ? t->text2 : t->dis);
    paint_ring(ui, h, r, 4 * u);
}

static bool dropdown(Ui *ui, const char *name, const char *label, List list)
{
    const char *const *choices = list.choices;
    Rect r = list.anchor;
    int *value = list.value;
    int n = count_choices(choices), at = clampi(*value, 0, n > 0 ? n - 1 : 0);
    UiControl c = {name,          label, n > 0 ? choices[at] : NULL,
                   ROLE_DROPDOWN, r,     HIT_POINTER | HIT_FOCUS | HIT_PRESSES};
    UiHold h = ui_control(ui, &c);
    bool changed = false;
    ui_push(ui, name);
    list.count = n;
    list.id = ui_id(ui, "list-layer");
    bool open = popup_is_open(ui, list.id);
    if (h.clicked && !open && n > 0) {
        popup_open(ui, list.id, LAYER_LIST);
        ui->choice = *value;
        open = true;
    } else if (open && h.enabled) {
        list_keys(ui, &list, &changed);
    } else if (ui_take(ui, &h) != KEY_NONE && n > 0) {
        int want = *value;
        if (walk(ui, choices, n, &want)) {
            ui->key_taken = true;
            changed = want != *value;
            *value = want;
        }
    }
    if (!h.enabled)
        popup_shut(ui, list.id);
    button_draw(ui, &h, &list, open);
    if (popup_is_open(ui, list.id) && h.enabled)
        list_draw(ui, &list, &changed);
    ui_pop(ui);
    return changed;
}

bool ui_dropdown(Ui *ui, const char *name, const char *label, const char *const *choices, Rect r,
                 int *value, const Colormap *const *swatches)
{
    List list = {.choices = choices, .swatches = swatches, .value = value, .anchor = r};
    return dropdown(ui, name, label, list);
}

bool ui_dropdown_parted(Ui *ui, const char *name, const char *label, const char *const *choices,
                        int second, Rect r, int *value)
{
    List list = {.choices = choices, .second = second, .value = value, .anchor = r};
    return dropdown(ui, name, label, list);
}
