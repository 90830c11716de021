/* Alignment lines: which links are kept, and the ribbons (look.md §5 Lines). */
#ifndef ATTNSCOPE_VIEW_LINKS_H
#define ATTNSCOPE_VIEW_LINKS_H

#include "view/scene.h"

typedef struct {
    int query, key;
    float weight;
} Link;

/* Links of one row under the look: fewest keys, heaviest first, ties by lower index, with sum ≥
 * mass (of the row's sum), then those < threshold dropped. Weights that are not positive are never
 * links. out: room for n_k links, heaviest first. Returns how many. */
int links_keep_row(const float *weights, int n_k, int query, const LinesLook *look, Link *out);

typedef struct {
    Rect area;
    bool horizontal;
    float row_top, pitch; /* vertical: first query's centre and pitch (those of a heatmap beside,
                             if given) */
    float key_top, key_pitch; /* the same of the keys, when there are more than fit that pitch */
    float query_x, key_x;     /* vertical: right edge of query labels, left edge of key labels */
    float label_w;            /* vertical: room of a label */
    float query_y, key_y;     /* horizontal: centres of the label lines (keys on top) */
    bool query_rtl, key_rtl;  /* horizontal: the line runs from the right */
    float token_gap;          /* horizontal: between tokens */
    float scroll, content;    /* horizontal: scrolled by, and total width of the longer line */
    float from, to;           /* ribbons' run */
    Rect legend;              /* h 0 = dropped */
} LinksLayout;

typedef struct LinkModel LinkModel;
LinkModel *links_new(void);
void links_free(LinkModel *model);
/* beside_top, beside_pitch: rows of a heatmap beside: top of its matrix and height of a cell
 * (pitch 0 = none). */
LinksLayout links_layout(const Scene *scene, Rect area, float beside_top, float beside_pitch,
                         float scroll);
bool links_update(LinkModel *model, const Scene *scene, const LinksLayout *layout, Error *err);
void links_draw(const LinkModel *model, const Scene *scene, const LinksLayout *layout,
                DrawList *out);
/* A token label, else the nearest ribbon within 4 points. */
Probe links_probe(const LinkModel *model, const Scene *scene, const LinksLayout *layout, Vec2 at);
/* Kept links, and of how many unmasked pairs (INT_MAX when more). */
int links_count(const LinkModel *model, int *of);

#endif
