/* Where the window's regions go: a pure function of size, theme and settings (look.md §4), checked
 * over all window sizes by a test.
 */
#ifndef ATTNSCOPE_APP_LAYOUT_H
#define ATTNSCOPE_APP_LAYOUT_H

#include "state/settings.h"

typedef struct {
    Rect top, quick, navigator, canvas, controls, row, notices, status; /* w or h 0 = not shown */
    Rect text;       /* above the panes: the typed sentence of documents with a vocabulary */
    Rect pane[2];    /* whole panes, head included */
    bool pane_heads; /* panes have a 36-point head */
    bool tabs;       /* views as tabs, else one dropdown */
    bool navigator_over, controls_over; /* the panel floats over the canvas */
    bool quick_wide;                    /* projector: slider at least 480 wide */
} WindowLayout;

typedef struct {
    bool text;                          /* the document has a vocabulary: a sentence can be typed */
    bool navigator_open, controls_open; /* floating panels opened by the fold buttons */
    bool two_panes;                     /* the second pane has a view */
    bool pane_below;                    /* it goes below (horizontal lines) */
    float notices;  /* height that notices and banners take above the status line */
    bool wants_row; /* a row chart belongs beside the canvas when the controls are folded */
} LayoutWish;

WindowLayout window_layout(float w, float h, const Theme *theme, const Settings *settings,
                           const LayoutWish *wish);

#endif
