#include "view/viewport.h"

#include <math.h>

#define ZOOM_MOST 65536.0 /* a cell of 131 072 fills the hand */

/* Comparisons that are false for NaN fall to lo, so a broken input never sticks. */
static double keep(double v, double lo, double hi)
{
    return v > hi ? hi : v >= lo ? v : lo;
}

static void keep_inside(Viewport *v, int rows, int cols)
{
    v->zoom = keep(v->zoom, 1.0, ZOOM_MOST);
    v->row = keep(v->row, 0.0, rows - rows / v->zoom);
    v->col = keep(v->col, 0.0, cols - cols / v->zoom);
}

Viewport viewport_fit(void)
{
    return (Viewport){1.0, 0.0, 0.0};
}

void viewport_zoom(Viewport *v, double factor, double row, double col, int rows, int cols)
{
    double was = keep(v->zoom, 1.0, ZOOM_MOST), now = keep(was * factor, 1.0, ZOOM_MOST);
    v->row = row - (row - v->row) * was / now;
    v->col = col - (col - v->col) * was / now;
    v->zoom = now;
    keep_inside(v, rows, cols);
}

void viewport_pan(Viewport *v, double d_row, double d_col, int rows, int cols)
{
    v->row += d_row;
    v->col += d_col;
    keep_inside(v, rows, cols);
}

static double show(double first, double seen, int index)
{
    if (index < first)
        return index;
    if (index + 1 > first + seen)
        return seen < 1 ? index : index + 1 - seen;
    return first;
}

void viewport_show(Viewport *v, int row, int col, int rows, int cols)
{
    keep_inside(v, rows, cols);
    if (row >= 0 && row < rows)
        v->row = show(v->row, rows / v->zoom, row);
    if (col >= 0 && col < cols)
        v->col = show(v->col, cols / v->zoom, col);
    keep_inside(v, rows, cols);
}
