/* The widgets of look.md §3. Each returns true when the user changed or activated something this
 * frame. name = id element (English, stable), label = what is drawn (may be NULL).
 */
#ifndef ATTNSCOPE_UI_WIDGETS_H
#define ATTNSCOPE_UI_WIDGETS_H

#include "ui/ui.h"

bool ui_button(Ui *ui, const char *name, const char *label, Rect r, bool primary);
bool ui_icon_button(Ui *ui, const char *name, const char *label /* tooltip */, Icon icon, Rect r);
bool ui_link(Ui *ui, const char *name, const char *label,
             Rect r); /* text3 text that underlines on hover */
bool ui_checkbox(Ui *ui, const char *name, const char *label, Rect r, bool *value, bool mixed);
bool ui_toggle(Ui *ui, const char *name, const char *label, Rect r,
               bool *value); /* name left, switch right */
bool ui_tab(Ui *ui, const char *name, const char *digit, const char *label, Rect r, bool chosen,
            bool second);
float ui_tab_width(const Ui *ui, const char *digit, const char *label);
/* Section head: chevron, bold title, summary at the right (text3, when closed or `always`). *open
 * toggles. */
bool ui_section(Ui *ui, const char *name, const char *title, const char *summary, Rect r,
                bool *open);
bool ui_list_row(Ui *ui, const char *name, const char *left /* number, may be NULL */,
                 const char *label, Rect r, bool chosen);
/* A row of a long list: the list is the stop of Tab and walks by arrows, its rows are none. */
bool ui_list_item(Ui *ui, const char *name, const char *left, const char *label, Rect r,
                  bool chosen);
/* choices: NULL-ended. swatch may be NULL, else a colour map per choice. */
bool ui_segmented(Ui *ui, const char *name, const char *label, const char *const *choices, Rect r,
                  int *value);
bool ui_dropdown(Ui *ui, const char *name, const char *label, const char *const *choices, Rect r,
                 int *value, const Colormap *const *swatches);
/* The same with a line above choice `second`, where another group begins; 0 = none. */
bool ui_dropdown_parted(Ui *ui, const char *name, const char *label, const char *const *choices,
                        int second, Rect r, int *value);

typedef struct {
    double lo, hi, reset; /* of the track; double click resets */
    double typed_lo, typed_hi;
    bool log;           /* logarithmic track, fill from `reset` */
    bool log2_steps;    /* powers of two when dragged (d_k) */
    double step;        /* arrow keys and wheel, in track fractions; 0 = 1/100 */
    int decimals;       /* of the shown value */
    int ticks;          /* number of tick marks, 0 = none */
    const char *suffix; /* " %", … or NULL */
    double factor;      /* shown = value × factor (100 for percent), 0 = 1 */
    bool zero_is_end;   /* 0 parks the knob at the left end stop ("argmax" is shown as zero_text) */
    const char *zero_text; /* shown beside 0, may be NULL */
    bool wide;             /* one line: label, track, value (quick bar) */
} SliderSpec;
bool ui_slider(Ui *ui, const char *name, const char *label, Rect r, double *value,
               const SliderSpec *spec);

/* One-line editor over text (cap bytes, NUL-ended, valid UTF-8). placeholder and icon may be none.
 * Enter sets *entered. refused != NULL: error border and this text as tooltip. */
bool ui_text_field(Ui *ui, const char *name, const char *label, const char *placeholder, Icon icon,
                   Rect r, char *text, size_t cap, const char *refused, bool *entered);
/* A number: as ui_text_field; wrong text is refused and the old value stays. lo may be
 * UI_ABOVE_ZERO, which 0 itself is not in; hi DBL_MAX where there is no end. */
#define UI_ABOVE_ZERO 4.9e-324
bool ui_number_field(Ui *ui, const char *name, const char *label, Rect r, double *value, double lo,
                     double hi, bool integer);
/* ‹ value › */
bool ui_stepper(Ui *ui, const char *name, const char *label, Rect r, int *value, int count);

typedef enum { NOTICE_STAYS, NOTICE_DISMISSED, NOTICE_COPIED } NoticeAnswer;
NoticeAnswer ui_notice(Ui *ui, const char *name, const char *text, const char *more, bool error,
                       Rect r);
/* What a notice of width w needs for its whole text. */
float ui_notice_height(const Ui *ui, const char *text, const char *more, float w);
bool ui_progress(Ui *ui, const char *name, const char *text, double fraction,
                 Rect r);                            /* true: Cancel */
float ui_key_cap(Ui *ui, const char *text, Vec2 at); /* returns its width */

#endif
