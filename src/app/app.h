/* The program as a function of (state, input) → draw list. No SDL, no clock, no printing: main.c,
 * scripts and tests drive it alike.
 */
#ifndef ATTNSCOPE_APP_APP_H
#define ATTNSCOPE_APP_APP_H

#include "app/scope.h"
#include "state/history.h"
#include "state/session.h"
#include "ui/widgets.h"

typedef struct {
    const Font *font;
    const char *examples; /* folder of the gallery's documents; NULL = none */
    const char *session;  /* session file; NULL = neither read nor written (subcommands, tests) */
    const char *home;     /* start folder of the file browser */
    LoadLimits limits;
    bool allow_nan, allow_trailing, strict;
    bool background;              /* large files are read on a thread (the window); else at once */
    const char *const *overrides; /* NAME=VALUE from the command line, over document and session */
    int override_count;
    DocOrigin origin; /* how the files of the command line are to be read; lent */
    uint32_t (*missing_glyph)(
        void *context,
        const char **package); /* a code point no font covers, 0 = none; may be NULL */
    void *missing_context;
    double (*clock)(void); /* seconds, for work that ends with the frame; NULL: it is counted … */
    double (*thread_clock)(void); /* processor seconds of this thread; NULL: clock is asked */
    double frame_cells;           /* … in so many cells; 0 = as usual */
} AppOptions;

typedef struct App App;

typedef struct {
    const UiOutput *ui;
    const char *title; /* of the window */
    bool quit;
    bool fullscreen;
    Color ground;
    float scale;           /* pixels per point of the list */
    const char *clipboard; /* text to put on the clipboard, or NULL; lent until the next frame */
    double wake;           /* time of the next frame that is needed without input; 0 = none */
} AppOutput;

App *app_new(const AppOptions *options, Error *err);
void app_free(App *app);

/* Opens a document; on failure the error also becomes a notice and the old document stays. */
bool app_open(App *app, const char *path, Error *err);
/* Several files, and folders, that belong together; documents of ours, which never do, one after
 * the other: each that fails is told, the last that opens is shown. origin: what else is known of
 * how to read them; NULL = nothing. */
bool app_open_files(App *app, const char *const *paths, int count, const DocOrigin *origin,
                    Error *err);

/* One frame: *list is lent until the next. False = quit (out->quit). */
bool app_frame(App *app, const Input *input, const DrawList **list, AppOutput *out);

/* Of the window when the last session was written, pixels; 0 = unknown. */
void app_last_size(const App *app, int *w, int *h);

/* For scripts and tests. */
Settings *app_settings(App *app);
Scope *app_scope(App *app);
Ui *app_ui(App *app);
/* Where a cell is drawn (centre, window pixels) in the pane that shows it; false when it is not
 * seen. */
/* Rows of the picture that are not of the present settings; rows that are known at all. */
int app_rows_stale(const App *app);
int app_rows_known(const App *app);
/* "12 of 131 072 rows fresh" */
void app_rows_fresh(const App *app, char *out, size_t cap);
bool app_cell_point(App *app, int query, int key, Vec2 *out);
/* Writes the session now if it is due (time in seconds) or `force`. */
void app_autosave(App *app, double time, bool force);
/* Writes the session as it stands, not ended by itself: the next start offers it. For a display
 * that is gone. */
void app_recover(App *app);
int app_notice_count(const App *app);
const char *app_notice_text(const App *app, int index); /* newest first */

#endif
