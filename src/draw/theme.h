/* The theme: every colour and size token of look.md §1–§3. Views and widgets take colours from here
 * only.
 */
#ifndef ATTNSCOPE_DRAW_THEME_H
#define ATTNSCOPE_DRAW_THEME_H

#include "image/colormap.h"

typedef enum { THEME_LIGHT, THEME_DARK, THEME_PROJECTOR, THEME_COUNT } ThemeId;
extern const char *const THEME_NAMES[]; /* "light" "dark" "projector", NULL */

typedef struct {
    ThemeId id;
    bool dark;
    Color bg, panel, control, hover, press, tint, track, text1, text2, text3, dis, line1, line2,
        line3, ink, onink, focus, warn, warn_ground, warn_line, err, err_ground, err_line, gold,
        right, wrong, data, mask1, mask2, nan, tooltip_label;
    float body, title, figure, big; /* type sizes 12 14 18 24 (projector × 1.34: 16 19 24 32) */
    float unit;                     /* 1, projector 1.34: multiplies control sizes */
    float focus_width, line_width;  /* ring 2 (3); ribbon factor 1 (1.33) */
} Theme;

const Theme *theme(ThemeId id);

#endif
