#include "app/layout.h"

#include <math.h>

enum {
    WIDE = 1200,
    MIDDLE = 1000,
    CANVAS_LEAST = 480,
    NAVIGATOR_LEAST = 184,
    CONTROLS_LEAST = 248
};

static bool panel_docked(int state, bool by_width)
{
    return state == PANEL_AUTO ? by_width : state == PANEL_OPEN;
}

static void place_panels(WindowLayout *out, Rect *rest, float w, const Theme *theme,
                         const Settings *settings, const LayoutWish *wish)
{
    bool projector = theme->id == THEME_PROJECTOR;
    bool narrow = w < MIDDLE || projector;
    bool navigator = !narrow && panel_docked(settings->navigator, w >= WIDE);
    bool controls = !narrow && panel_docked(settings->controls, true);
    float u = theme->unit;
    float left = navigator ? (float)settings->navigator_width * u : 0;
    float right = controls ? (float)settings->controls_width * u : 0;
    if (left + right > w - CANVAS_LEAST) /* the canvas keeps its room, the wider wishes give way */
        left = fminf(left, fmaxf(NAVIGATOR_LEAST * u, w - CANVAS_LEAST - right));
    if (left + right > w - CANVAS_LEAST)
        right = fminf(right, fmaxf(CONTROLS_LEAST * u, w - CANVAS_LEAST - left));
    if (navigator)
        out->navigator = rect_cut_left(rest, left);
    if (controls)
        out->controls = rect_cut_right(rest, right);
    /* Notices stand below the views, not on them: a colour bar is never covered. */
    Rect whole = *rest;
    out->notices = rect_cut_bottom(rest, fminf(wish->notices, floorf(rest->h / 2)));
    if (wish->text && rest->h >= 200)
        out->text = rect_cut_top(rest, floorf(44 * u));
    if (!controls && wish->wants_row && rest->w >= 520) {
        float row = floorf(fminf(280 * u, rest->w * 0.36f));
        out->row = rect_cut_right(rest, row);
    }
    out->canvas = *rest;
    if (!navigator && wish->navigator_open) {
        out->navigator = rect(
            0, whole.y, fmaxf(0, fminf((float)settings->navigator_width * u, w - 40)), whole.h);
        out->navigator_over = true;
    }
    if (!controls && wish->controls_open) {
        float width = fmaxf(0, fminf((float)settings->controls_width * u, w - 40));
        out->controls = rect(w - width, whole.y, width, whole.h);
        out->controls_over = true;
    }
}

static void place_panes(WindowLayout *out, float h, const LayoutWish *wish)
{
    out->pane[0] = out->canvas;
    if (!wish->two_panes || h < 600)
        return;
    Rect *first = &out->pane[0];
    if (wish->pane_below) {
        if (first->h >= 480)
            out->pane[1] = rect_cut_bottom(first, fmaxf(196, floorf(first->h * 0.27f)));
    } else if (first->w >= 640) {
        out->pane[1] = rect_cut_right(first, floorf(first->w * 0.34f + 0.5f));
    }
}

WindowLayout window_layout(float w, float h, const Theme *theme, const Settings *settings,
                           const LayoutWish *wish)
{
    WindowLayout out = {0};
    Rect rest = {0, 0, w, h};
    float u = theme->unit;
    bool projector = theme->id == THEME_PROJECTOR;
    bool folded = projector || w < MIDDLE || settings->controls == PANEL_FOLDED;
    out.top = rect_cut_top(&rest, fminf(floorf(40 * u), rest.h));
    /* A picture in a very low window is worth more than the line about it. */
    out.status = rect_cut_bottom(&rest, h < 200 ? 0 : fminf(floorf(28 * u), rest.h));
    out.tabs = w >= MIDDLE && !projector;
    out.quick_wide = projector;
    if (folded)
        out.quick = rect_cut_top(&rest, fminf(projector ? floorf(48 * u) : 40, rest.h));
    place_panels(&out, &rest, w, theme, settings, wish);
    out.pane_heads = !projector && w >= MIDDLE;
    place_panes(&out, h, wish);
    return out;
}
