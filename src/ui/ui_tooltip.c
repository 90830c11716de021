/* Tooltips: a rectangle under the pointer offers its text; shown after 400 ms, the next within 600
 * ms at once, reasons of disabled controls at once. A press hides it until the pointer has left.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TIP_ROWS = 12 };

void tip_offer(Ui *ui, Rect r, const char *text, bool at_once)
{
    if (text == NULL || text[0] == '\0' || layer_now(ui) != ui->pointer_layer || ui->active != 0 ||
        !rect_has(rect_meet(r, ui_clip_now(ui)), ui->mouse))
        return;
    /* The reason of a disabled control outranks what else its rectangle has to say. */
    if (ui->tip.want != 0 && ui->tip.at_once && !at_once)
        return;
    size_t length = utf8_cut(text, strlen(text), sizeof ui->tip.text - 1);
    memcpy(ui->tip.text, text, length);
    ui->tip.text[length] = '\0';
    ui->tip.want = hash_bytes(hash_bytes(HASH_SEED, &r, sizeof r), &ui->pointer_layer, 8) | 1;
    ui->tip.at_once = at_once;
}

void ui_tooltip(Ui *ui, Rect r, const char *text)
{
    tip_offer(ui, r, text, false);
}

typedef struct {
    char name[UI_TYPED], value[UI_TYPED];
    bool pair;
} TipRow;

static int tip_rows(const char *text, TipRow rows[TIP_ROWS])
{
    int n = 0;
    while (n < TIP_ROWS && *text != '\0') {
        size_t length = strcspn(text, "\n"), tab = strcspn(text, "\t\n");
        TipRow *row = &rows[n++];
        row->pair = tab < length;
        size_t name = utf8_cut(text, tab, sizeof row->name - 1);
        memcpy(row->name, text, name);
        row->name[name] = '\0';
        size_t rest = row->pair ? length - tab - 1 : 0;
        size_t value = row->pair ? utf8_cut(text + tab + 1, rest, sizeof row->value - 1) : 0;
        if (value > 0)
            memcpy(row->value, text + tab + 1, value);
        row->value[value] = '\0';
        text += length + (text[length] == '\n');
    }
    return n;
}

/* Beside the pointer, flipped at the edges, never over `avoid`. */
static Rect tip_place(const Ui *ui, Vec2 at, float w, float h, Rect avoid)
{
    float u = ui_unit(ui), x = at.x + 10 * u, y = at.y + 8 * u + (avoid.h > 0 ? 0 : 12 * u);
    if (avoid.h > 0 && y < rect_bottom(avoid) + 8 * u && y + h > avoid.y)
        y = rect_bottom(avoid) + 8 * u;
    if (y + h > ui->size.y - 4)
        y = fminf(at.y, avoid.h > 0 ? avoid.y : at.y) - 8 * u - h;
    if (x + w > ui->size.x - 4)
        x = at.x - 10 * u - w;
    return rect(fmaxf(4, fminf(x, ui->size.x - 4 - w)), fmaxf(4, y), w, h);
}

typedef struct {
    const char *title;
    const TipRow *rows;
    int count;
    Rect avoid;
    Vec2 at;
} Card;

static float text_w(const Ui *ui, FontFace face, const char *text)
{
    return text_width(ui->kit, face, ui_theme(ui)->body, text);
}

static void card_row(Ui *ui, Rect line, const TipRow *row)
{
    const Theme *t = ui_theme(ui);
    TextStyle name = {FACE_SANS, t->body, row->pair ? t->tooltip_label : t->onink, ALIGN_LEFT, 0};
    TextStyle value = {FACE_MONO, t->body, t->onink, ALIGN_RIGHT, 0};
    text_in(&ui->tips, ui->kit, line, &name, row->name);
    if (row->pair)
        text_in(&ui->tips, ui->kit, line, &value, row->value);
}

static void card_draw(Ui *ui, const Card *card)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, names = 0, values = 0, single = 0;
    for (int i = 0; i < card->count; i++) {
        const TipRow *row = &card->rows[i];
        float w = text_w(ui, FACE_SANS, row->name);
        names = row->pair ? fmaxf(names, w) : names;
        single = row->pair ? single : fmaxf(single, w);
        values = row->pair ? fmaxf(values, text_w(ui, FACE_MONO, row->value)) : values;
    }
    if (card->title != NULL)
        single = fmaxf(single, text_w(ui, FACE_BOLD, card->title));
    /* A hair more than measured: rounding must not cut a text that fits. */
    float w = fmaxf(single, values > 0 ? fmaxf(names + 28 * u + values, 140 * u) : 0) + 20 * u + 1;
    w = ceilf(fminf(w, fminf(420 * u, ui->size.x - 8)));
    int lines = card->count + (card->title != NULL);
    Rect r = ui_snap(ui, tip_place(ui, card->at, w, 18 * u * (float)lines + 12 * u, card->avoid));
    draw_rect(&ui->tips, r, 4 * u, t->ink);
    Rect line = rect(r.x + 10 * u, r.y + 6 * u, r.w - 20 * u, 18 * u);
    if (card->title != NULL) {
        TextStyle bold = {FACE_BOLD, t->body, t->onink, ALIGN_LEFT, 0};
        text_in(&ui->tips, ui->kit, line, &bold, card->title);
        line.y += 18 * u;
    }
    for (int i = 0; i < card->count; i++, line.y += 18 * u)
        card_row(ui, line, &card->rows[i]);
}

void ui_hover_card(Ui *ui, const char *title, const char *const *names, const char *const *values,
                   int rows, Rect avoid)
{
    TipRow out[TIP_ROWS];
    int n = 0;
    for (int i = 0; i < rows && n < TIP_ROWS; i++, n++) {
        utf8_format(out[n].name, sizeof out[n].name, "%s", names[i] != NULL ? names[i] : "");
        utf8_format(out[n].value, sizeof out[n].value, "%s", values[i] != NULL ? values[i] : "");
        out[n].pair = true;
    }
    ui->tip.want = 0; /* one thing at the pointer at a time */
    card_draw(ui, &(Card){title, out, n, avoid, ui->mouse});
}

void tip_end(Ui *ui)
{
    const double delay = 0.4, next = 0.6;
    UiTip *tip = &ui->tip;
    double now = ui->in.time;
    const Input *in = &ui->in;
    /* A held button hides it and offers nothing; what was pressed stays quiet until it is left. */
    if (in->pressed[MOUSE_LEFT] || in->held[MOUSE_LEFT] || in->released[MOUSE_LEFT]) {
        tip->dismissed = tip->key;
        if (!tip->at_once || tip->want == 0)
            return;
    }
    if (tip->want != tip->key) {
        if (tip->shown != 0)
            tip->hidden_at = now;
        tip->key = tip->want;
        tip->since = now;
        tip->shown = tip->dismissed = 0;
    }
    if (in->pressed[MOUSE_RIGHT] || in->key != KEY_NONE || in->wheel.y != 0)
        tip->dismissed = tip->key;
    if (tip->key == 0 || (tip->dismissed == tip->key && !tip->at_once))
        return;
    if (tip->shown == 0) {
        double left = tip->since + delay - now;
        if (!tip->at_once && left > 0 && tip->since - tip->hidden_at > next) {
            ui_wake(ui, tip->since + delay);
            return;
        }
        tip->shown = tip->key;
        tip->at = ui->mouse;
    }
    TipRow rows[TIP_ROWS];
    int n = tip_rows(tip->text, rows);
    card_draw(ui, &(Card){NULL, rows, n, rect(0, 0, 0, 0), tip->at});
}
