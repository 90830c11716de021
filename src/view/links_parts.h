/* What the files of the lines view share. */
#ifndef ATTNSCOPE_VIEW_LINKS_PARTS_H
#define ATTNSCOPE_VIEW_LINKS_PARTS_H

#include "view/links.h"

/* No picture needs more lines than this; of larger matrices each row keeps its heaviest. */
enum { LINKS_MOST = 20000, LINKS_ROW_LEAST = 4 };
/* Selected rows that are shown with more than the base has of them: each gets LINKS_ROW_LEAST. */
enum { LINKS_EXTRA_ROWS = LINKS_MOST / LINKS_ROW_LEAST };

struct LinkModel {
    Link *links; /* all that are kept, row after row */
    int count, cap;
    int64_t pairs; /* unmasked */
    bool cut;      /* some row would have kept more than row_most */
    bool dense;    /* rows are limited: base is drawn whole, the selection's whole rows over it */
    Link *extra;   /* dense: more links of the rows that are selected or pointed at */
    int extra_count, extra_cap;
    int extra_end; /* selected rows from here on are as in the base */
    int row_most;
    Link *row; /* scratch: n_k */
    int row_cap;
    uint64_t links_key;
    Ribbon *base, *chosen; /* chosen: of the selection, drawn last */
    int base_count, chosen_count, ribbon_cap;
    Ribbon *gold; /* possible links, sure ones, cores of the possible */
    int gold_possible, gold_sure, gold_cap;
    uint64_t ribbons_key;
    float *query_at, *key_at; /* centres along the label lines */
    float *query_w, *key_w;   /* horizontal: widths of the labels */
    int queries, keys;
    bool selected; /* something is selected: the base steps back */
};

/* Sum of what can be a link: NaN, ±Inf, 0 and less carry no mass that a line could show. */
double links_row_mass(const float *weights, int n_k);
/* As links_keep_row for a row of this mass, at most the `most` heaviest. out needs n_k places.
 * *cut: more would have been kept. */
int links_keep_most(const float *weights, int n_k, int query, const LinesLook *look, double sum,
                    int most, Link *out, bool *cut);

/* The scene with the stage that lines show, whatever the heatmap beside shows. */
Scene links_scene(const Scene *scene);
/* What is written over the column of queries, or of keys. */
const char *links_axis_name(const Scene *scene, bool query_axis);
float links_text_size(const Scene *scene, const LinksLayout *layout);
/* Width and opacity of a ribbon whose weight is r of the range; selected: part of the selection. */
float links_width(const Scene *scene, float r);
float links_alpha(float r, bool selected, bool any_selected);
/* How a token stands. */
MarkState links_state(const Scene *scene, bool query_axis, int index);

#endif
