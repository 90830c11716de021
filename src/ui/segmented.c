/* Segmented control: natural widths and an equal share of the rest; one stop of Tab, arrows choose.
 */
#include "ui/ui_internal.h"

#include <math.h>
#include <stdio.h>

enum { SEGMENTS = 16 };

/* Edges of the segments; texts are cut evenly when the natural widths do not fit. */
static int layout(Ui *ui, const char *const *choices, Rect r, float edges[SEGMENTS + 1])
{
    const Theme *t = ui_theme(ui);
    float total = 0, width[SEGMENTS];
    int n = 0;
    for (; n < SEGMENTS && choices[n] != NULL; n++) {
        width[n] = text_width(ui->kit, FACE_SANS, t->body, choices[n]) + 12 * t->unit;
        total += width[n];
    }
    float share = n > 0 ? (r.w - total) / (float)n : 0;
    edges[0] = r.x;
    for (int i = 0; i < n; i++)
        edges[i + 1] = edges[i] + (share >= 0 ? width[i] + share : r.w * width[i] / total);
    for (int i = 1; i < n; i++)
        edges[i] = roundf(edges[i] * ui->scale) / ui->scale;
    return n;
}

static bool segment_keys(Ui *ui, const UiHold *h, int n, int *value)
{
    int key = ui_take(ui, h), want = *value;
    if (key == KEY_LEFT || key == KEY_UP)
        want = *value > 0 ? *value - 1 : 0;
    else if (key == KEY_RIGHT || key == KEY_DOWN)
        want = *value < n - 1 ? *value + 1 : n - 1;
    else if (key == KEY_HOME)
        want = 0;
    else if (key == KEY_END)
        want = n - 1;
    else
        return false;
    ui->key_taken = true;
    bool changed = want != *value;
    *value = want;
    return changed;
}

static void segment_draw(Ui *ui, Rect r, const UiHold *h, bool chosen, const char *text)
{
    const Theme *t = ui_theme(ui);
    float u = t->unit;
    if (chosen)
        paint_fill(ui, r, 4 * u, h->enabled ? t->ink : t->track);
    else if (h->hovered)
        paint_fill(ui, rect_inset(r, 1), 3 * u, h->held ? t->press : t->hover);
    Color color = !h->enabled ? chosen ? t->panel : t->dis : chosen ? t->onink : t->text1;
    Rect box = rect(r.x + 2, r.y, r.w - 4, r.h);
    paint_text(ui, box, FACE_SANS, t->body, ALIGN_CENTER, color, text);
}

bool ui_segmented(Ui *ui, const char *name, const char *label, const char *const *choices, Rect r,
                  int *value)
{
    const Theme *t = ui_theme(ui);
    float edges[SEGMENTS + 1];
    int n = layout(ui, choices, r, edges), was = *value;
    const char *shown = was >= 0 && was < n ? choices[was] : NULL;
    UiControl whole = {name, label, shown, ROLE_SEGMENT, r, HIT_POINTER | HIT_FOCUS};
    UiHold h = ui_control(ui, &whole), part[SEGMENTS];
    bool changed = segment_keys(ui, &h, n, value);
    ui_push(ui, name);
    for (int i = 0; i < n; i++) {
        char index[16];
        snprintf(index, sizeof index, "%d", i);
        UiControl c = {index,
                       choices[i],
                       NULL,
                       ROLE_OPTION,
                       rect(edges[i], r.y, edges[i + 1] - edges[i], r.h),
                       HIT_POINTER | (i == *value ? HIT_CHECKED : 0u)};
        part[i] = ui_control(ui, &c);
        if (part[i].clicked && *value != i) {
            *value = i;
            changed = true;
        }
    }
    ui_pop(ui);
    paint_box(ui, r, 4 * t->unit, h.enabled ? t->control : 0, h.enabled ? t->line2 : t->line1, 1);
    for (int i = 0; i < n; i++)
        segment_draw(ui, part[i].r, &part[i], i == *value, choices[i]);
    for (int i = 1; i < n; i++) {
        bool quiet = i != *value && i - 1 != *value;
        if (quiet)
            paint_fill(ui, rect(edges[i], r.y + 7 * t->unit, ui_hair(ui, 1), r.h - 14 * t->unit), 0,
                       h.enabled ? t->line2 : t->line1);
    }
    paint_ring(ui, &h, r, 4 * t->unit);
    return changed;
}
