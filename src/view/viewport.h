/* Pan and zoom over a matrix: which cells are seen, and how large. Pure arithmetic. */
#ifndef ATTNSCOPE_VIEW_VIEWPORT_H
#define ATTNSCOPE_VIEW_VIEWPORT_H

#include "base/geom.h"

typedef struct {
    double zoom;     /* 1 = fitted; up to 65536 */
    double row, col; /* first row and column seen, may be fractional */
} Viewport;

Viewport viewport_fit(void);
/* Zooms by factor keeping the cell at (row, col) under the same point; keeps inside rows × cols. */
void viewport_zoom(Viewport *v, double factor, double row, double col, int rows, int cols);
void viewport_pan(Viewport *v, double d_row, double d_col, int rows, int cols);
/* Scrolls the least so that the cell is seen. */
void viewport_show(Viewport *v, int row, int col, int rows, int cols);

#endif
