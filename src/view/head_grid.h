/* Layers × heads thumbnails: navigator and the Heads view (look.md §5 Thumbnails). Whole-cell
 * squares, own range each, numbers on both axes, chosen one framed. Thumbnails appear as they are
 * computed.
 */
#ifndef ATTNSCOPE_VIEW_HEAD_GRID_H
#define ATTNSCOPE_VIEW_HEAD_GRID_H

#include "view/scene.h"

typedef struct {
    Rect area;
    int layers, heads; /* heads: of the layer with the most */
    float cell, gap;
    Vec2 origin; /* of thumbnail (0, 0) */
} HeadGridLayout;

typedef struct HeadGrid HeadGrid;
HeadGrid *head_grid_new(void);
void head_grid_free(HeadGrid *grid);
HeadGridLayout head_grid_layout(const TextKit *kit, Rect area, int layers, int heads);
/* The square of one thumbnail. */
Rect head_grid_cell(const HeadGridLayout *layout, int layer, int head);
/* Is the thumbnail of (layer, head) out of date for this key? The app then computes that head, a
 * few a frame. */
bool head_grid_stale(const HeadGrid *grid, int layer, int head, uint64_t key);
/* Makes thumbnail (layer, head): `side` pixels square at most, pooled by max. Masked cells are
 * hatched. */
bool head_grid_set(HeadGrid *grid, int layer, int head, uint64_t key, Matrix weights,
                   const Mask *mask, const Colormap *map, int side, Error *err);
/* Thumbnail (layer, head) cannot be made for this key: it stays empty and is not stale until the
 * key is another one. */
void head_grid_fail(HeadGrid *grid, int layer, int head, uint64_t key);
void head_grid_draw(const HeadGrid *grid, const TextKit *kit, const HeadGridLayout *layout,
                    int layer, int head, int hover_layer, int hover_head, DrawList *out);
bool head_grid_probe(const HeadGridLayout *layout, Vec2 at, int *layer, int *head);

#endif
