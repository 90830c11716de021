#include "view/look.h"

#include <stddef.h>

const char *const VIEW_NAMES[] = {"heatmap", "lines", "patches", "heads", NULL};
const char *const RANGE_NAMES[] = {"row", "matrix", "heads", "fixed", NULL};
const char *const COLOR_SCALE_NAMES[] = {"linear", "sqrt", "log", NULL};
const char *const POOL_NAMES[] = {"max", "mean", NULL};
const char *const LINES_LAYOUT_NAMES[] = {"vertical", "horizontal", NULL};
const char *const OVERLAY_NAMES[] = {"colour", "spotlight", "picture", NULL};
