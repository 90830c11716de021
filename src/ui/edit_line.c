/* The line being edited, on the screen: which part is shown, where the caret stands in mixed
 * directions, selection, preedit.
 */
#include "ui/ui_internal.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "draw/grapheme.h"
#include "draw/textrun.h"

#include <math.h>
#include <string.h>

enum { LINE_BYTES = TEXTRUN_BYTES - 8 };

/* The shown part: the text from edit.first on with the preedit put in at the caret. */
typedef struct {
    char text[LINE_BYTES + 1];
    size_t length, first;   /* first: its offset in the edited text */
    size_t caret, from, to; /* in bytes of text */
    size_t pre_from, pre_to;
    TextRun runs[TEXTRUN_MAX];
    float x[TEXTRUN_MAX]; /* left edge of each run */
    int count;
    float width, left; /* left: where the line begins in the window */
} Line;

static int one_font(void *context, const char *cluster, size_t length, int previous)
{
    (void)context;
    (void)cluster;
    (void)length;
    (void)previous;
    return 0;
}

static float width_of(const Ui *ui, const EditLook *look, const char *text, size_t length)
{
    return text_width_n(ui->kit, look->face, look->size, text, length);
}

static size_t put(Line *l, const char *text, size_t length)
{
    size_t n = utf8_cut(text, length, LINE_BYTES - l->length);
    memcpy(l->text + l->length, text, n);
    l->length += n;
    l->text[l->length] = '\0';
    return n;
}

static void measure(const Ui *ui, const EditLook *look, Line *l)
{
    l->count = l->length > 0 ? textrun_split(l->text, l->length, one_font, NULL, l->runs, NULL) : 0;
    /* One run is measured as it is drawn; several are joined, as the font joins them. */
    float x = 0;
    for (int i = 0; i < l->count; i++) {
        l->x[i] = x;
        x += width_of(ui, look, l->text + l->runs[i].from, l->runs[i].to - l->runs[i].from);
    }
    l->width = x;
}

static void build(const Ui *ui, const EditLook *look, const char *text, Line *l)
{
    const UiEdit *e = &ui->edit;
    size_t length = strlen(text), caret = e->caret < length ? e->caret : length;
    /* Another text may have a letter across the place where the shown part began. */
    size_t first = utf8_cut(text, length, e->first <= caret ? e->first : caret);
    *l = (Line){.first = first};
    put(l, text + first, caret - first);
    l->pre_from = l->length;
    size_t pre = put(l, e->preedit, strlen(e->preedit));
    l->pre_to = l->length;
    put(l, text + caret, length - caret);
    int inner = clampi(e->preedit_caret, 0, (int)pre);
    l->caret = l->pre_from + (size_t)inner;
    size_t a = e->anchor < caret ? e->anchor : caret, b = e->anchor < caret ? caret : e->anchor;
    l->from = a > first ? a - first : 0;
    l->to = b > first ? b - first : 0;
    l->to = l->to < l->length ? l->to : l->length;
    if (pre > 0)
        l->from = l->to = 0;
    measure(ui, look, l);
}

static float run_x(const Ui *ui, const EditLook *look, const Line *l, int run, size_t byte)
{
    const TextRun *r = &l->runs[run];
    float whole = width_of(ui, look, l->text + r->from, r->to - r->from);
    float part = width_of(ui, look, l->text + r->from, byte - r->from);
    return l->x[run] + (r->rtl ? whole - part : part);
}

static float caret_x(const Ui *ui, const EditLook *look, const Line *l, size_t byte)
{
    int last = -1;
    for (int i = 0; i < l->count; i++) {
        if (byte >= l->runs[i].from && byte < l->runs[i].to)
            return run_x(ui, look, l, i, byte);
        if (last < 0 || l->runs[i].to > l->runs[last].to)
            last = i;
    }
    return last >= 0 ? run_x(ui, look, l, last, l->runs[last].to) : 0;
}

/* Moves edit.first so that the caret is inside the box and no room is left unused. */
static void keep_caret_seen(Ui *ui, const EditLook *look, const char *text)
{
    UiEdit *e = &ui->edit;
    size_t length = strlen(text), caret = e->caret < length ? e->caret : length;
    float pre = width_of(ui, look, e->preedit, strlen(e->preedit)), room = look->box.w - 1;
    e->first = utf8_cut(text, length, e->first <= caret ? e->first : caret);
    while (caret - e->first > LINE_BYTES / 2)
        e->first = grapheme_next(text, length, e->first);
    while (e->first < caret && width_of(ui, look, text + e->first, caret - e->first) + pre > room)
        e->first = grapheme_next(text, length, e->first);
    while (e->first > 0) {
        size_t back = grapheme_back(text, length, e->first);
        if (length - back > LINE_BYTES / 2 ||
            width_of(ui, look, text + back, length - back) + pre > room)
            break;
        e->first = back;
    }
}

static void place(const EditLook *look, Line *l)
{
    l->left = look->box.x;
    if (look->align == ALIGN_RIGHT && l->width < look->box.w)
        l->left = rect_right(look->box) - l->width;
}

static void selection_draw(Ui *ui, const EditLook *look, const Line *l)
{
    float h = fminf(look->size * 1.42f, look->box.h - 2);
    float y = look->box.y + (look->box.h - h) / 2;
    for (int i = 0; i < l->count; i++) {
        size_t a = l->from > l->runs[i].from ? l->from : l->runs[i].from;
        size_t b = l->to < l->runs[i].to ? l->to : l->runs[i].to;
        if (a >= b)
            continue;
        float xa = run_x(ui, look, l, i, a), xb = run_x(ui, look, l, i, b);
        Rect r = rect(l->left + fminf(xa, xb), y, fabsf(xb - xa), h);
        paint_fill(ui, rect_meet(r, look->box), 0, paint_selection(ui, look->ground));
    }
}

/* Where the composition stands, for its underline and for the input method's window. */
static void preedit_draw(Ui *ui, const EditLook *look, const Line *l, float baseline)
{
    for (int i = 0; i < l->count; i++) {
        size_t a = l->pre_from > l->runs[i].from ? l->pre_from : l->runs[i].from;
        size_t b = l->pre_to < l->runs[i].to ? l->pre_to : l->runs[i].to;
        if (a >= b)
            continue;
        float xa = run_x(ui, look, l, i, a), xb = run_x(ui, look, l, i, b);
        paint_fill(ui, rect(l->left + fminf(xa, xb), baseline + 2, fabsf(xb - xa), 1), 0,
                   look->color);
    }
}

static void caret_draw(Ui *ui, const EditLook *look, float x)
{
    const double half = 0.53;
    float h = fminf(look->size * 1.42f, look->box.h - 2);
    Rect caret = rect(fminf(x, rect_right(look->box)), look->box.y + (look->box.h - h) / 2,
                      ui_hair(ui, 1), h);
    ui->out.want_text = true;
    ui->out.text_rect = caret;
    double since = fmax(ui->in.time - ui->edit.blink, 0), phase = floor(since / half);
    if (fmod(phase, 2) == 0)
        paint_fill(ui, caret, 0, look->color);
    ui_wake(ui, ui->edit.blink + (phase + 1) * half);
}

void edit_draw(Ui *ui, const EditLook *look, const char *text)
{
    Line *l = mem_alloc(sizeof *l); /* too big for the stack of a frame */
    if (l == NULL)
        return;
    keep_caret_seen(ui, look, text);
    build(ui, look, text, l);
    place(look, l);
    Rect clip = look->box;
    clip.x -= 1;
    clip.w += 3;
    ui_clip(ui, clip);
    if (l->to > l->from)
        selection_draw(ui, look, l);
    float baseline = text_baseline(ui->kit, look->box.y, look->box.h, look->size);
    TextStyle style = {look->face, look->size, look->color, ALIGN_LEFT, 0};
    if (l->length > 0)
        draw_text(ui_list(ui), vec2(l->left, baseline), &style, l->text, l->length);
    if (l->pre_to > l->pre_from)
        preedit_draw(ui, look, l, baseline);
    caret_draw(ui, look, l->left + caret_x(ui, look, l, l->caret));
    ui_unclip(ui);
    mem_free(l);
}

/* The byte of the edited text whose caret position is nearest to x. */
static size_t byte_at(const Ui *ui, const EditLook *look, const Line *l, float x)
{
    size_t best = 0, at = 0;
    float least = INFINITY;
    for (;;) {
        float d = fabsf(l->left + caret_x(ui, look, l, at) - x);
        if (d < least) {
            least = d;
            best = at;
        }
        if (at >= l->length)
            break;
        at = grapheme_next(l->text, l->length, at);
    }
    return l->first + best;
}

void edit_pointer(Ui *ui, const EditLook *look, const char *text, const UiHold *hold)
{
    UiEdit *e = &ui->edit;
    if (e->preedit[0] != '\0' || (!hold->pressed && !(hold->held && e->select_drag)))
        return;
    Line *l = mem_alloc(sizeof *l);
    if (l == NULL)
        return;
    build(ui, look, text, l);
    place(look, l);
    size_t at = byte_at(ui, look, l, ui->mouse.x);
    mem_free(l);
    bool moved = ui->mouse.x != ui->mouse_was.x;
    if (!hold->pressed && !moved)
        return;
    e->blink = ui->in.time;
    e->caret = at;
    if (!hold->pressed)
        return;
    e->select_drag = ui->in.clicks <= 1;
    if (ui->in.clicks == 1 && (ui->in.mods & MOD_SHIFT) == 0)
        e->anchor = at;
    if (ui->in.clicks >= 3) {
        e->anchor = 0;
        e->caret = strlen(text);
    }
}
