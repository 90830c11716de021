/* The colour bar: the map in force with ticks, the pointed value, and range and scale in words
 * (look.md §5). Always drawn with the data, also in exports.
 */
#ifndef ATTNSCOPE_VIEW_COLORBAR_H
#define ATTNSCOPE_VIEW_COLORBAR_H

#include "view/scene.h"

typedef enum {
    BAR_HORIZONTAL, /* ticks below, words at the right (or below when they do not fit) */
    BAR_INLINE,     /* for low panes: the two ends written left and right of the bar */
    BAR_VERTICAL    /* ticks at the right, words below */
} BarKind;

/* The strip of 256 colours, owned by the model that draws it. */
typedef struct {
    Image strip;
    ColormapId map; /* what the strip shows */
    bool vertical;
} Colorbar;

typedef struct {
    const char *id; /* of the group: unique in a drawing */
    BarKind kind;
    Rect r;            /* the colours, inside the frame */
    Rect room;         /* nothing is drawn outside */
    const char *label; /* "weight", right-aligned at label_right; NULL = none */
    float label_right; /* vertical: the label stands above the bar and this is not used */
    float lo, hi;      /* what the ends mean */
    float pointed;     /* NaN = no pointer */
    const char *words; /* "linear, per matrix" */
    const char *note;  /* a second line, or NULL */
    bool under, over;  /* values outside: arrow ends */
} BarLook;

#define BAR_TICKS 16
typedef struct {
    float value, t; /* t: place along the bar, 0 … 1 */
    char text[TEXT_NUMBER];
} BarTick;

void colorbar_free(Colorbar *bar);
bool colorbar_update(Colorbar *bar, const Scene *scene, bool vertical, Error *err);
void colorbar_draw(const Colorbar *bar, const Scene *scene, const BarLook *look, DrawList *out);
/* Ticks by the 1-2-5 rule for a bar of `length` points, ends first and last; a tick nearer to its
 * neighbour than its text is left out. Returns how many. */
int colorbar_ticks(const Scene *scene, float lo, float hi, float length, bool vertical,
                   BarTick out[BAR_TICKS]);
/* Number at the end of a bar: three digits, 0 as "0". */
void colorbar_end(float value, char out[TEXT_NUMBER]);

#endif
