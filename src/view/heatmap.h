/* The heatmap: cells, labels that rotate, thin out and stay, entropy and received bars, colour bar
 * (look.md §5). Level of detail: weights pooled by max, signed stages by largest |x| with its sign,
 * so that a single bright cell never vanishes; cost follows pixels.
 */
#ifndef ATTNSCOPE_VIEW_HEATMAP_H
#define ATTNSCOPE_VIEW_HEATMAP_H

#include "view/colorbar.h"
#include "view/scene.h"
#include "view/viewport.h"

/* Where everything goes, in points. Pure function of sizes: tested over all window sizes. */
typedef struct {
    Rect area, matrix;    /* matrix: what is seen of it */
    int rows, cols;       /* of the whole matrix; 0 = nothing to show */
    float cell_w, cell_h; /* ≥ 1/scale of a pixel; may be < 1 */
    float gap;            /* 0 or 1 */
    double row0, col0;    /* what stands at the matrix's left top corner, may be fractional */
    int first_row, first_col, rows_seen, cols_seen;
    int label_turn; /* of column labels: 0, 45, 90 */
    int label_step; /* every k-th column label */
    int row_label_step;
    float label_w, label_h;      /* left labels' width, top labels' height */
    float label_long;            /* longest column label that is not cut */
    Rect entropy, received, bar; /* w or h 0 = dropped */
    BarKind bar_kind;
    bool bar_vertical;
    Rect legend; /* of the gold links, w 0 = dropped */
    bool pooled; /* several cells per pixel block */
    bool numbers;
} HeatmapLayout;

typedef struct HeatmapModel HeatmapModel;
HeatmapModel *heatmap_new(void);
void heatmap_free(HeatmapModel *model);

HeatmapLayout heatmap_layout(const Scene *scene, Viewport viewport, Rect area);
/* The rectangle of a cell without its gap, in points; may lie outside `matrix` when zoomed. */
Rect heatmap_cell(const HeatmapLayout *layout, int row, int col);
/* A matrix too large to be kept is drawn from lines, one row each: says which ones this layout
 * needs. NULL: out of memory, or none are needed. The caller has them computed (tiles_view_work)
 * before heatmap_update. */
TilesView *heatmap_tiles_want(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout);
/* "every 187th row, 187 keys a pixel"; "" when all cells are seen. */
void heatmap_tiles_words(const HeatmapModel *model, const Scene *scene, char *out, size_t cap);
/* Rebuilds the colour image if stage stamp, look, layout or range changed. Unpooled: one image
 * pixel per cell seen, colour LUT[floor(255·t + 0.5)]; masked cells are transparent over the hatch.
 * Pooled: one image pixel per pixel of the canvas. */
bool heatmap_update(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                    Error *err);
void heatmap_draw(const HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                  DrawList *out);
Probe heatmap_probe(const Scene *scene, const HeatmapLayout *layout, Vec2 at);

#endif
