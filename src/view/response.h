/* Where more score would go: one row of the normaliser's Jacobian as signed bars, the changes of a
 * row's weights per unit of one key's scaled score l/T. Plain numbers in, drawing out; a frame
 * costs one walk over them and allocates nothing.
 */
#ifndef ATTNSCOPE_VIEW_RESPONSE_H
#define ATTNSCOPE_VIEW_RESPONSE_H

#include "view/scene.h"

enum { RESPONSE_LINES = 8 }; /* bars, or one less and the line that says what is missing */

typedef struct {
    const double *change;  /* n_k numbers: ∂w_j/∂(l_key/T) */
    const uint8_t *masked; /* n_k flags, 1 = has no part in it; NULL = none */
    int n_k;
    int key;     /* whose logit moves */
    bool locked; /* that key is a choice of the user, not the row's largest weight */
    bool sorted; /* the largest change first, else by key */
    bool old;    /* of settings before: pale */
    int hover;   /* key pointed at, −1 = none */
    const Axis *keys;
} Response;

typedef struct {
    Rect area;
    float caption, top, pitch;        /* centre of the words; top of the first bar's row */
    float label_w, axis, half, right; /* bars run from axis − half to axis + half */
    int order[RESPONSE_LINES], shown; /* keys as they are drawn */
    double most;                      /* largest |change| */
    int hidden;                       /* keys that did not fit … */
    double rest;                      /* … and their changes together */
} ResponseLayout;

/* What n_k keys take at most, masked ones or not: the height does not jump from row to row. */
float response_height(const TextKit *kit, int n_k);
ResponseLayout response_layout(const TextKit *kit, const Response *r, Rect area);
void response_draw(const TextKit *kit, const Response *r, const ResponseLayout *l, DrawList *out);
/* The key whose bar is there, −1 = none. */
int response_probe(const ResponseLayout *l, Vec2 at);

/* With sign and without the leading zero: `+.249`, `−.012`, `0`. */
void response_number(char out[TEXT_NUMBER], double change);
/* Colours of more and of less: those of the diverging map, dark or light enough for the ground. */
Color response_color(const Theme *theme, bool more);

#endif
