/* The sections of the controls panel: what each draws, how high it is open, what it says when
 * closed.
 */
#ifndef ATTNSCOPE_APP_PANEL_SECTIONS_H
#define ATTNSCOPE_APP_PANEL_SECTIONS_H

#include "app/state.h"

typedef struct {
    App *app;
    Rect at;    /* what is left of the panel; widgets are cut from the top */
    float x, w; /* inner left edge and width (12 padding) */
    float y;
} Flow;

typedef struct {
    int id;
    const char *name, *title;
    void (*draw)(App *, Flow *);
    float (*height)(const App *);
    void (*summary)(const App *, char *, size_t);
} Section;

enum { SECTIONS_HERE = 5 };
extern const Section SECTIONS[SECTIONS_HERE];

#endif
