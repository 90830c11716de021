/* How views look: plain parameters, embedded in state/settings.h. */
#ifndef ATTNSCOPE_VIEW_LOOK_H
#define ATTNSCOPE_VIEW_LOOK_H

#include "core/params.h"
#include "image/colormap.h"

typedef enum { VIEW_HEATMAP, VIEW_LINES, VIEW_PATCHES, VIEW_HEADS, VIEW_COUNT } ViewKind;
extern const char *const VIEW_NAMES[]; /* "heatmap" "lines" "patches" "heads", NULL */

typedef enum { RANGE_ROW, RANGE_MATRIX, RANGE_HEADS, RANGE_FIXED } RangeKind;
typedef enum { COLOR_LINEAR, COLOR_SQRT, COLOR_LOG } ColorScale;
typedef enum { POOL_MAX, POOL_MEAN } PoolKind;
extern const char *const RANGE_NAMES[];       /* "row" "matrix" "heads" "fixed", NULL */
extern const char *const COLOR_SCALE_NAMES[]; /* "linear" "sqrt" "log", NULL */
extern const char *const POOL_NAMES[];

typedef struct {
    ColormapId map; /* COLORMAP_COUNT = auto: viridis, magma over pictures, blue-orange for signed
                       stages */
    RangeKind range;
    ColorScale scale;
    double lo, hi; /* RANGE_FIXED */
    PoolKind pool;
    bool square;  /* square cells */
    bool numbers; /* in cells where they fit */
} ColorLook;

typedef enum { LINES_VERTICAL, LINES_HORIZONTAL } LinesLayout;
extern const char *const LINES_LAYOUT_NAMES[];
typedef struct {
    double mass; /* keep the fewest keys of a row, heaviest first, ties by lower index, with sum ≥
                    mass */
    double threshold; /* then drop links below it */
    LinesLayout layout;
} LinesLook;

typedef enum { OVERLAY_COLOR, OVERLAY_SPOTLIGHT, OVERLAY_PICTURE } OverlayKind;
extern const char *const OVERLAY_NAMES[]; /* "colour" "spotlight" "picture", NULL */
typedef struct {
    OverlayKind overlay;
    double opacity; /* 0 … 1 */
    bool grid, smooth, grey, numbers;
} PatchesLook;

/* What is selected and pointed at; the same in every view. −1 = nothing. */
typedef struct {
    int query, key;             /* locked */
    int hover_query, hover_key; /* under the pointer (or the keyboard cursor) */
    int queries;                /* several locked queries: interned index set, 0 = only `query` */
    bool sum;                   /* several: summed, else averaged */
} Focus;

#endif
