/* One frame's input, free of SDL: the window fills it from events, scripts and tests by hand.
 * Positions are in window pixels. At most one press, one release and one key a frame: the platform
 * feeds events one significant event at a time and draws after the last.
 */
#ifndef ATTNSCOPE_UI_INPUT_H
#define ATTNSCOPE_UI_INPUT_H

#include "base/geom.h"

enum { MOD_CTRL = 1, MOD_SHIFT = 2, MOD_ALT = 4 };

/* Printable keys are their lower-case code point ('a', '1', '[', ' '); the others: */
enum {
    KEY_NONE = 0,
    KEY_ENTER = 0x110000,
    KEY_ESCAPE,
    KEY_TAB,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_F1,
    KEY_F2,
    KEY_F3,
    KEY_F4,
    KEY_F5,
    KEY_F6,
    KEY_F7,
    KEY_F8,
    KEY_F9,
    KEY_F10,
    KEY_F11,
    KEY_F12
};

typedef enum { MOUSE_LEFT, MOUSE_MIDDLE, MOUSE_RIGHT, MOUSE_BUTTONS } MouseButton;

typedef struct {
    double time;              /* seconds, monotonic; scripts give their own clock */
    int pixel_w, pixel_h;     /* of the window */
    float density;            /* pixels per point before ui.scale (display) */
    Vec2 mouse;               /* pixels; far outside when the pointer is not over the window */
    bool held[MOUSE_BUTTONS]; /* after this frame's event */
    bool pressed[MOUSE_BUTTONS], released[MOUSE_BUTTONS];
    int clicks; /* of this press: 1, 2 (double), 3 */
    Vec2 wheel; /* notches; y > 0 = away from the user (scroll up, zoom in) */
    int mods;
    int key; /* KEY_… or a character; with the modifiers of mods */
    bool key_repeat;
    const char *text;         /* committed text of this frame (UTF-8), or NULL */
    const char *preedit;      /* IME composition in progress, or NULL; "" ends it */
    int preedit_caret;        /* in bytes of preedit */
    const char *clipboard;    /* given with Ctrl+V and Shift+Insert */
    const char *const *drops; /* files dropped on the window */
    int drop_count;
    bool focus_lost;
    bool quit; /* the window's close button, SIGTERM … */
} Input;

#endif
