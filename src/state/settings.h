/* Every setting of the program in one plain struct, and the table that describes it (settings.def).
 * Written only by panels, commands, undo, session and command line; read at every arrow of the data
 * flow.
 */
#ifndef ATTNSCOPE_STATE_SETTINGS_H
#define ATTNSCOPE_STATE_SETTINGS_H

#include "base/field.h"
#include "doc/document.h"
#include "draw/theme.h"
#include "view/look.h"

typedef enum { PANEL_AUTO, PANEL_OPEN, PANEL_FOLDED } PanelState;
extern const char *const PANEL_NAMES[];       /* "auto" "open" "folded", NULL */
extern const char *const VIEW_CHOICES[];      /* "auto", then VIEW_NAMES */
extern const char *const VIEW2_CHOICES[];     /* "auto" "none", then VIEW_NAMES */
extern const char *const COLOR_MAP_CHOICES[]; /* COLORMAP_NAMES, then "auto" (= COLORMAP_COUNT) */

typedef struct {
    AttnParams attn;
    int text;                  /* interned (base/text_set.h); used when text_typed */
    bool text_typed;           /* false: the document's own tokens */
    int sentence, layer, head; /* indices; FIELD_MEAN, FIELD_MAX for layer and head */
    int query, key;            /* FIELD_NOTHING = none */
    int queries;               /* interned set of several selected queries */
    bool queries_sum;
    int view, view2; /* index into VIEW_CHOICES, VIEW2_CHOICES */
    int stage, stage2;
    ColorLook color;
    LinesLook lines;
    PatchesLook patches;
    bool row_sorted, gold;
    int theme;
    double ui_scale;
    bool motion;
    int navigator, controls; /* PanelState */
    double compute_memory; /* MiB; 0 = auto */
    double navigator_width, controls_width;
    double zoom, zoom_row, zoom_col;
} Settings;

extern const Field SETTINGS[];
extern const size_t SETTINGS_COUNT;

Settings settings_default(void);
/* `NAME=VALUE` text to the field. Unknown name: ERROR_USAGE naming the nearest known one. */
bool settings_set(Settings *settings, const char *name, const char *value, Error *err);
bool settings_assign(Settings *settings, const char *name_is_value, Error *err);
/* As settings_set for what a file says: a number out of range goes to the nearest end of it,
 * anything else that is wrong leaves the field as it was. False when the text was not taken as it
 * is: err then says what is used instead. */
bool settings_restore(Settings *settings, const char *name, const char *value, Error *err);
/* The document's settings over *settings by settings_restore; wrong ones become a warning line each
 * (warn may be NULL). */
void settings_from_document(Settings *settings, const Document *doc,
                            void (*warn)(void *, const char *), void *context);
/* Equal in every field that is not flagged `without`. */
bool settings_equal(const Settings *a, const Settings *b, int without);
/* Copies the fields that are not flagged `without` from one to the other. */
void settings_copy(Settings *to, const Settings *from, int without);
/* Copies only the fields that are flagged. */
void settings_copy_flagged(Settings *to, const Settings *from, int flagged);
/* The fields that differ from default and may be saved in a document, as name/value pairs in the
 * arena. Returns how many, −1 when out of memory. */
int settings_changed(const Settings *settings, Arena *arena, DocSetting **out);

#endif
