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

/* The next row of this height (times the theme's unit); a gap of so many points. */
Rect flow_row(Flow *flow, float height);
void flow_gap(Flow *flow, float height);
float flow_width(const App *app); /* what Flow.w is while a section is drawn */

/* panel_scale.c: score function, scale, temperature, normaliser */
void scale_section(App *app, Flow *flow);
float scale_height(const App *app);
void scale_summary(const App *app, char *out, size_t cap);

/* panel_mask.c */
void mask_section(App *app, Flow *flow);
float mask_height(const App *app);
void mask_summary(const App *app, char *out, size_t cap);

/* panel_params.c: what the score takes from the document, and what is missing */
void params_update(App *app); /* once a pass, before heights are asked for */
void params_rows(App *app, Flow *flow);
float params_height(const App *app);

/* panel_stats.c */
void stats_update(App *app); /* likewise */
void color_update(App *app); /* likewise */
void stats_section(App *app, Flow *flow);
float stats_height(const App *app);
void stats_summary(const App *app, char *out, size_t cap);

enum { SECTIONS_HERE = 6 };
extern const Section SECTIONS[SECTIONS_HERE];

#endif
