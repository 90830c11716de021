/* Immediate-mode toolkit: behaviour, then drawing; every widget takes its rectangle. Ids are stable
 * English paths ("controls/temperature"), hashed, apart from the translatable label. A semantic
 * list of every frame's widgets gives Tab order, scripts by name, tests, and accessibility output.
 *
 * Popups, tooltips, notices and modal layers are drawn last, into `overlay`, and get the pointer
 * first: a layer that was open in the last frame takes the input of everything below it.
 */
#ifndef ATTNSCOPE_UI_UI_H
#define ATTNSCOPE_UI_UI_H

#include "draw/icons.h"
#include "draw/marks.h"
#include "ui/input.h"

typedef enum {
    ROLE_BUTTON,
    ROLE_CHECKBOX,
    ROLE_TOGGLE,
    ROLE_SLIDER,
    ROLE_SEGMENT,
    ROLE_DROPDOWN,
    ROLE_OPTION,
    ROLE_TEXT,
    ROLE_TAB,
    ROLE_SECTION,
    ROLE_ROW,
    ROLE_CANVAS,
    ROLE_NOTICE,
    ROLE_SCROLL,
    ROLE_LABEL
} UiRole;
extern const char *const UI_ROLE_NAMES[];

typedef struct {
    char id[96];    /* full path */
    char label[64]; /* what a person reads */
    char value[64]; /* as text; "" = none */
    UiRole role;
    Rect rect;    /* points, clipped part may be outside the window */
    bool visible; /* inside its clip */
    bool enabled, focused, checked;
    int layer; /* 0 window, 1+ popups and modals */
} UiItem;

typedef enum {
    CURSOR_ARROW,
    CURSOR_HAND,
    CURSOR_TEXT,
    CURSOR_RESIZE_H,
    CURSOR_RESIZE_V,
    CURSOR_CROSS
} UiCursor;

/* What the platform does after the frame. */
typedef struct {
    bool want_text; /* a text field is focused: IME on, at text_rect (points) */
    Rect text_rect;
    UiCursor cursor;
    double wake; /* time of the next frame that is needed without input (caret, tooltip, fade); 0 =
                    none */
    char *clipboard; /* text to put on the clipboard (owned by Ui until the next frame), or NULL */
} UiOutput;

typedef struct Ui Ui;

/* Where a slider's knob runs: value v stands at x0 + (x1 - x0) · fraction(v), at height y. */
typedef struct {
    float x0, x1, y;
    double lo, hi;
    bool log;
} UiTrack;

Ui *ui_new(void); /* NULL: out of memory */
void ui_free(Ui *ui);

/* points: scale = density × ui.scale. list is the window's; the overlay follows it at ui_end.
 * Popups fade in 80 ms unless reduced_motion (scripts and pictures want it set). kit and the
 * strings of input are lent until ui_end. wake == input->time asks for one more frame at once. */
void ui_begin(Ui *ui, const Input *input, const TextKit *kit, float scale, DrawList *list,
              bool reduced_motion);
const UiOutput *ui_end(Ui *ui);

/* The frame's facts for views and panels, in points. */
Vec2 ui_mouse(const Ui *ui);
Vec2 ui_size(const Ui *ui);
const Input *ui_input(const Ui *ui);
const TextKit *ui_kit(const Ui *ui);
DrawList *ui_list(Ui *ui); /* the list of the current layer */

/* Ids: pushes a path element; widgets append their own name. Popups, modals and floats push theirs,
 * scroll areas do not. Parts of a widget are its children: "stage/2" is the third choice,
 * "temperature/value" the box of a slider. */
void ui_push(Ui *ui, const char *name);
void ui_pop(Ui *ui);
/* After ui_end: every push, clip, scope and layer of the frame was ended. */
bool ui_balanced(const Ui *ui);

/* Clips drawing and pointer alike. */
void ui_clip(Ui *ui, Rect r);
void ui_unclip(Ui *ui);
void ui_cursor(Ui *ui, UiCursor cursor); /* for this frame */
void ui_wake(Ui *ui, double time);       /* asks for a frame at that time */

/* Semantic list of the last finished frame. */
const UiItem *ui_items(const Ui *ui, int *count);
const UiItem *ui_find(const Ui *ui,
                      const char *id); /* full path, or a unique tail of it ("temperature") */
/* The pointer position on a slider's track that gives value (scripts drag by name). False: no
 * slider. */
bool ui_find_track(const Ui *ui, const char *id, double value, Vec2 *at);

/* Keyboard: a focused widget takes its keys first; what is left belongs to the view and the
 * commands. */
bool ui_key_taken(const Ui *ui);
void ui_take_key(Ui *ui);
void ui_keep_tab(Ui *ui);        /* call each frame: the next Tab is the caller's (completion) */
bool ui_has_focus(const Ui *ui); /* some control has keyboard focus (a canvas is no control) */
void ui_focus(Ui *ui, const char *full_id); /* NULL: nothing */
void ui_type_into(
    Ui *ui, const char *full_id); /* focuses a slider or field and begins typing, all selected */
bool ui_focused(const Ui *ui, const char *name);
bool ui_focus_visible(const Ui *ui); /* a key was used last: rings are drawn */
void ui_focus_ring(Ui *ui, Rect r, float radius);
bool ui_typing(const Ui *ui); /* a text field or typed slider value is being edited */
bool ui_busy(const Ui *ui);   /* a widget is held or edited: undo waits for the gesture's end */

/* Disabled scope: widgets inside are drawn disabled, take nothing, and show `reason` as tooltip at
 * once. */
void ui_disable(Ui *ui, const char *reason); /* NULL reason = still enabled (nests) */
void ui_enable(Ui *ui);

/* A region a view draws in itself. Without a label it takes the pointer only and is no stop of Tab.
 * Keys stay with the caller: `activated` tells Enter on the focused area, ui_take_key when it is
 * used. Inside a scroll area that can scroll, the wheel belongs to that. */
typedef struct {
    bool hovered, pressed, clicked, double_clicked, dragging, focused, activated;
    bool right_clicked;
    int mods;
    Vec2 at, drag, wheel; /* pointer; movement since the last frame while dragging; unused wheel */
} UiArea;
UiArea ui_area(Ui *ui, const char *name, const char *label, Rect r);

/* Tooltip for the widget or area just made, or for any rectangle; shown after 400 ms. Lines
 * "name\tvalue". */
void ui_tooltip(Ui *ui, Rect r, const char *text);
/* A table tooltip at the pointer, at once, never over `avoid`. title bold. */
void ui_hover_card(Ui *ui, const char *title, const char *const *names, const char *const *values,
                   int rows, Rect avoid);

/* Scrolling. Draw the content between begin and end: its point y stands at view.y + y - offset. */
typedef struct {
    Rect view;
    float offset;
} UiScroll;
UiScroll ui_scroll_begin(Ui *ui, const char *name, Rect r, float content_height);
void ui_scroll_end(Ui *ui);
void ui_scroll_to(Ui *ui, const char *full_id, float top, float bottom); /* span of the content */

/* Popup under an anchor: true while open; draw its content between (then ui_popup_end, else not).
 * Esc or a press outside closes it; that press does nothing else. */
void ui_popup_open(Ui *ui, const char *full_id);
bool ui_popup_is_open(const Ui *ui, const char *full_id);
Rect ui_popup_place(const Ui *ui, Rect anchor, float w,
                    float h); /* 4 below, flipped above at the bottom */
bool ui_popup_begin(Ui *ui, const char *name, Rect r);
void ui_popup_end(Ui *ui);
void ui_popup_close(Ui *ui); /* inside: this one; else the topmost */
/* A layer over the window that takes the pointer inside r only (notices, panels over the canvas).
 * No ground. */
void ui_float_begin(Ui *ui, const char *name, Rect r);
void ui_float_end(Ui *ui);
/* Modal layer in the middle of the window; the rest is dimmed and takes nothing. The caller keeps
 * it open. */
void ui_modal_begin(Ui *ui, const char *name, Rect r);
void ui_modal_end(Ui *ui);

#endif
