/* Line icons on a 16 grid, 1.4 stroke, round joins (look.md §2), drawn as strokes so that they
 * scale. */
#ifndef ATTNSCOPE_DRAW_ICONS_H
#define ATTNSCOPE_DRAW_ICONS_H

#include "draw/draw_list.h"

typedef enum {
    ICON_NONE,
    ICON_FOLD_LEFT,
    ICON_FOLD_LEFT_OPEN,
    ICON_FOLD_RIGHT,
    ICON_FOLD_RIGHT_OPEN,
    ICON_UNDO,
    ICON_REDO,
    ICON_EXPORT,
    ICON_SEARCH,
    ICON_CHEVRON_DOWN,
    ICON_CHEVRON_RIGHT,
    ICON_CHEVRON_LEFT,
    ICON_X,
    ICON_CHECK,
    ICON_DASH,
    ICON_DOTS,
    ICON_FOLDER,
    ICON_FILE,
    ICON_WARNING,
    ICON_LOCK,
    ICON_ARROW_LEFT,
    ICON_COPY
} Icon;

/* Centred in box, `size` points (16 at unit 1). */
void icon_draw(DrawList *list, Icon icon, Rect box, float size, Color color);

#endif
