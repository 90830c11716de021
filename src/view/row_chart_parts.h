/* What the files of the row chart share. */
#ifndef ATTNSCOPE_VIEW_ROW_CHART_PARTS_H
#define ATTNSCOPE_VIEW_ROW_CHART_PARTS_H

#include "view/row_chart.h"

/* The row that is shown, in double. */
typedef struct {
    double *weights; /* n_k, owned */
    uint8_t *masked; /* n_k, owned: masked in every row that counts */
    int *order;      /* n_k, owned: keys as they are drawn, `shown` of them */
    int n_k, shown;
    int queries; /* rows that were put together; 0 = all */
    int row;     /* the only one, −1 = none or several */
    double sum, top, entropy, effective, missing, rest;
    int keys;       /* unmasked */
    int hidden;     /* keys that do not fit */
    bool all;       /* of all rows: what they may see is known */
    bool summed;    /* the weights were summed already */
    bool undefined; /* fully masked, or NaN */
    int masked_count;
} RowData;

typedef struct {
    float title, figures, caption; /* centres of the lines; figures of compact ones too */
    float top, pitch, bar_h;       /* first row's top */
    float label_right, label_w, axis, bar_w, value_right;
    float bottom; /* of the bars' room */
    int rows;     /* bars that fit */
    bool legend;  /* what hatched bars are, below */
} RowLayout;

/* False: out of memory, or nothing to show. */
bool row_data_init(RowData *data, const Scene *scene);
void row_data_free(RowData *data);
/* Fills order, shown, rest and hidden for a chart of at most `rows` bars. */
void row_data_order(RowData *data, int rows, bool sorted);
RowLayout row_chart_layout(const Scene *scene, const RowData *data, Rect area, bool compact);

#endif
