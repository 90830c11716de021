/* What the files of the heatmap share. */
#ifndef ATTNSCOPE_VIEW_HEATMAP_PARTS_H
#define ATTNSCOPE_VIEW_HEATMAP_PARTS_H

#include "view/heatmap.h"

struct HeatmapModel {
    Image image;  /* colours of what is seen */
    uint64_t key; /* what the image was made from */
    Colorbar bar;
    double *received; /* n_k column sums */
    int received_count;
    double received_top;
    uint32_t received_stamp;
    bool bad;       /* the stage holds NaN or ±Inf */
    bool masked;    /* some cell is masked: a hatch lies under the image */
    float *scratch; /* pooling: accumulators */
    size_t scratch_count;
    TilesView *tiles;   /* lines of a matrix that is too large to be kept; NULL until needed */
    int *tiles_rows;    /* what was asked for: rows, then begins and ends of columns; owned */
    int *tiles_line;    /* line of every pixel row of the image; within tiles_rows */
    size_t tiles_count; /* ints there */
    int tiles_step_q;   /* every so many rows are computed; 1 = all that are seen */
    int tiles_step_k;   /* so many keys in one pixel */
    bool tiles_whole;   /* the picture is that of the pass over all rows */
};

/* heatmap_tiles.c */
uint64_t heatmap_tiles_key(const HeatmapModel *model, const Scene *scene, uint64_t h);
void heatmap_tiles_paint(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout);
/* The number that the picture has for a cell; NaN where it has none. */
float heatmap_value(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                    int row, int col);

/* heatmap_image.c, heatmap_pool.c: colours of the cells seen into an image of the right size. */
void heatmap_paint_cells(Image *image, const Scene *scene, const HeatmapLayout *layout);
bool heatmap_paint_pooled(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                          Error *err);

/* The matrix and what is drawn on it. */
void heatmap_draw_cells(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                        DrawList *out);
void heatmap_draw_selection(const Scene *scene, const HeatmapLayout *layout, DrawList *out);
void heatmap_draw_gold(const Scene *scene, const HeatmapLayout *layout, DrawList *out);
void heatmap_draw_gold_legend(const Scene *scene, const HeatmapLayout *layout, DrawList *out);
void heatmap_draw_labels(const Scene *scene, const HeatmapLayout *layout, DrawList *out);
void heatmap_draw_sums(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                       DrawList *out);

/* What stands in the corner: "key →" and "query ↓", or the languages. */
enum { HEATMAP_CORNER = 160 };
void heatmap_corner_words(const Scene *scene, char columns[HEATMAP_CORNER],
                          char rows[HEATMAP_CORNER]);
/* Name of a column: a key's label, or the index of a dimension. buf holds numbers. */
const char *heatmap_column_name(const Scene *scene, int col, char buf[TEXT_NUMBER]);
/* How a row or column label stands: locked, pointed at, or plain. */
MarkState heatmap_row_state(const Scene *scene, int row);
MarkState heatmap_col_state(const Scene *scene, int col);

/* Label boxes, the same for drawing and probing. */
Rect heatmap_row_label(const Scene *scene, const HeatmapLayout *layout, int row);

#endif
