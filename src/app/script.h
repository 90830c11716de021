/* Scripted input: `play` and the tests drive the real application by text, one event a line, one
 * frame after each: move X Y · press [X Y] · release · click ID · double ID · drag ID VALUE ·
 * drag-to ID 75% · wheel N [ID] · key ctrl+z · text … · drop FILE · resize WxH · frame [N] · wait
 * SECONDS · hover-cell Q K · click-cell Q K · open FILE · expect NAME VALUE · expect-cell Q K
 * WEIGHT TOL · expect-notice TEXT · snap NAME. Lines beginning with # are comments.
 */
#ifndef ATTNSCOPE_APP_SCRIPT_H
#define ATTNSCOPE_APP_SCRIPT_H

#include "app/app.h"

typedef struct {
    const char *path;    /* of the script, for messages SCRIPT:LINE */
    const char *out_dir; /* snaps; NULL = "." */
    int pixel_w, pixel_h;
    float density;
    const Font *font;
} ScriptOptions;

/* Runs the script's text. Error: ERROR_USAGE with where = "line N"; a failed expect says expected
 * and found. */
bool script_run(App *app, const char *text, size_t length, const ScriptOptions *options,
                Error *err);

#endif
