/* Notices, progress, key caps, steppers.
 */
#include "ui/ui_internal.h"

#include <math.h>
#include <stdio.h>

/* Points beside the text: the icon on its left, two buttons on its right. */
enum { NOTICE_LINES = 8, MORE_LINES = 2, NOTICE_SIDES = 112 };

/* Lines of text in a notice of width w; at least one. */
static int notice_lines(const Ui *ui, const char *text, int most, float w)
{
    const Theme *t = ui_theme(ui);
    TextStyle style = {FACE_SANS, t->body, t->text1, ALIGN_LEFT, 0};
    Rect box = rect(0, 0, w - NOTICE_SIDES * t->unit, 0);
    if (text == NULL)
        return 0;
    int lines = text_wrapped(NULL, ui->kit, box, &style, 16 * t->unit, most, text);
    return lines > 1 ? lines : 1;
}

float ui_notice_height(const Ui *ui, const char *text, const char *more, float w)
{
    int lines = notice_lines(ui, text, NOTICE_LINES, w) + notice_lines(ui, more, MORE_LINES, w);
    return floorf((24 + 16 * (float)lines) * ui_theme(ui)->unit);
}

/* A text on as many lines as it was given room for; `line` is the place of the first. */
static void notice_text(Ui *ui, Rect line, int lines, Color color, const char *text)
{
    const Theme *t = ui_theme(ui);
    float step = 16 * t->unit;
    if (lines <= 1) {
        paint_text(ui, line, FACE_SANS, t->body, ALIGN_LEFT, color, text);
        return;
    }
    TextStyle style = {FACE_SANS, t->body, color, ALIGN_LEFT, 0};
    Rect box = rect(line.x, line.y + (line.h - step) / 2, line.w, step * (float)lines);
    text_wrapped(ui_list(ui), ui->kit, box, &style, step, lines, text);
}

/* The buttons stand on the first line, from the right: dismiss, copy. */
static bool notice_button(Ui *ui, const char *name, const char *label, Icon icon, Rect line,
                          float right, Color ink)
{
    float u = ui_theme(ui)->unit;
    Rect r = rect(right - 24 * u, line.y + (line.h - 24 * u) / 2, 24 * u, 24 * u);
    UiHold h = ui_control(
        ui, &(UiControl){name, label, NULL, ROLE_BUTTON, r, HIT_POINTER | HIT_FOCUS | HIT_PRESSES});
    if (h.hovered)
        paint_fill(ui, r, 4 * u, color_alpha(ink, h.held ? 0.22f : 0.12f));
    icon_draw(ui_list(ui), icon, ui_snap(ui, r), 15 * u, ink);
    paint_ring(ui, &h, r, 4 * u);
    return h.clicked;
}

NoticeAnswer ui_notice(Ui *ui, const char *name, const char *text, const char *more, bool error,
                       Rect r)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    int lines = notice_lines(ui, text, NOTICE_LINES, r.w);
    int more_lines = notice_lines(ui, more, MORE_LINES, r.w);
    if (24 + 16 * (float)(lines + more_lines) > r.h / u + 1)
        lines = more_lines = 1; /* whoever gave no room for more gets one line and a tooltip */
    Color ink = error ? t->err : t->warn;
    ui_float_begin(ui, name, r);
    ui_control(ui, &(UiControl){"text", text, more, ROLE_NOTICE, r, HIT_POINTER});
    paint_box(ui, r, 4 * u, error ? t->err_ground : t->warn_ground,
              error ? t->err_line : t->warn_line, 1);
    Rect line = rect(r.x + 40 * u, r.y, r.w - NOTICE_SIDES * u, r.h);
    if (more != NULL || lines > 1) {
        line.y += (more != NULL ? 8 : 10) * u;
        line.h = 20 * u;
    }
    Rect icon = rect(r.x + 12 * u, line.y, 16 * u, line.h);
    icon_draw(ui_list(ui), ICON_WARNING, ui_snap(ui, icon), 16 * u, ink);
    notice_text(ui, line, lines, ink, text);
    float below = line.y + (4 + 16 * (float)lines) * u;
    if (more != NULL)
        notice_text(ui, rect(line.x, below, line.w, line.h), more_lines, t->text2, more);
    float right = rect_right(r) - 6 * u;
    bool copied =
        notice_button(ui, "copy", "Copy this message", ICON_COPY, line, right - 28 * u, ink);
    bool closed = notice_button(ui, "close", "Dismiss", ICON_X, line, right, ink);
    ui_float_end(ui);
    return closed ? NOTICE_DISMISSED : copied ? NOTICE_COPIED : NOTICE_STAYS;
}

bool ui_progress(Ui *ui, const char *name, const char *text, double fraction, Rect r)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    fraction = fraction >= 0 ? fmin(fraction, 1) : 0;
    char percent[24];
    snprintf(percent, sizeof percent, "%d\u2009%%", (int)(fraction * 100));
    ui_push(ui, name);
    Rect button = rect(rect_right(r) - 80 * u, r.y + (r.h - 28 * u) / 2, 80 * u, 28 * u);
    Rect left = rect(r.x, button.y, r.w - 92 * u, 28 * u);
    ui_control(ui, &(UiControl){"bar", text, percent, ROLE_LABEL, left, 0});
    float figures = ceilf(text_width(ui->kit, FACE_MONO, t->body, percent)) + 1;
    Rect line = rect(left.x, left.y - 1 * u, left.w, 18 * u);
    paint_text(ui, rect(line.x, line.y, line.w - figures - 8 * u, line.h), FACE_SANS, t->body,
               ALIGN_LEFT, t->text1, text);
    paint_text(ui, line, FACE_MONO, t->body, ALIGN_RIGHT, t->text1, percent);
    Rect bar = rect(left.x, rect_bottom(left) - 8 * u, left.w, 6 * u);
    paint_fill(ui, bar, 3 * u, t->track);
    if (fraction > 0)
        paint_fill(ui, rect(bar.x, bar.y, fmaxf(bar.w * (float)fraction, bar.h), bar.h), 3 * u,
                   t->ink);
    bool cancelled = ui_button(ui, "cancel", "Cancel", button, false);
    ui_pop(ui);
    return cancelled;
}

float ui_key_cap(Ui *ui, const char *text, Vec2 at)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit, w = text_width(ui->kit, FACE_SANS, t->body, text) + 10 * u;
    w = ceilf(fmaxf(w, 20 * u));
    Rect r = rect(at.x, at.y, w, 20 * u);
    paint_box(ui, r, 3 * u, t->bg, t->line2, 1);
    paint_text(ui, rect(r.x, r.y, r.w, r.h), FACE_SANS, t->body, ALIGN_CENTER, t->text2, text);
    return w;
}

static bool step_button(Ui *ui, const char *name, const char *label, Icon icon, Rect r, bool able)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    bool enabled = ui_reason(ui) == NULL;
    UiHold h = ui_control(ui, &(UiControl){name, label, NULL, ROLE_BUTTON, r, HIT_POINTER});
    if (h.hovered && able)
        paint_fill(ui, rect_inset(r, 1), 3 * u, h.held ? t->press : t->hover);
    icon_draw(ui_list(ui), icon, ui_snap(ui, r), 15 * u, enabled && able ? t->text2 : t->dis);
    return h.clicked && able;
}

bool ui_stepper(Ui *ui, const char *name, const char *label, Rect r, int *value, int count)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    char text[24];
    snprintf(text, sizeof text, "%d", *value);
    UiHold h =
        ui_control(ui, &(UiControl){name, label, text, ROLE_SEGMENT, r, HIT_POINTER | HIT_FOCUS});
    int want = *value, key = ui_take(ui, &h);
    if (key == KEY_LEFT || key == KEY_DOWN)
        want--;
    else if (key == KEY_RIGHT || key == KEY_UP)
        want++;
    else if (key == KEY_HOME)
        want = 0;
    else if (key == KEY_END)
        want = count - 1;
    else
        key = KEY_NONE;
    ui->key_taken |= key != KEY_NONE;
    paint_box(ui, r, 4 * u, h.enabled ? t->control : 0, h.enabled ? t->line2 : t->line1, 1);
    ui_push(ui, name);
    Rect back = rect(r.x, r.y, 24 * u, r.h), next = rect(rect_right(r) - 24 * u, r.y, 24 * u, r.h);
    want -= step_button(ui, "back", "Back", ICON_CHEVRON_LEFT, back, *value > 0);
    want += step_button(ui, "next", "Next", ICON_CHEVRON_RIGHT, next, *value < count - 1);
    ui_pop(ui);
    want = count > 0 ? clampi(want, 0, count - 1) : *value;
    bool changed = want != *value;
    *value = want;
    snprintf(text, sizeof text, "%d", want);
    if (changed)
        ui_item_value(ui, h.id, text);
    Rect middle = rect(r.x + 24 * u, r.y, r.w - 48 * u, r.h);
    paint_text(ui, middle, FACE_BOLD, t->body, ALIGN_CENTER, h.enabled ? t->text1 : t->dis, text);
    paint_ring(ui, &h, r, 4 * u);
    return changed;
}
