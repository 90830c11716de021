/* Scripted input: `play` and the tests drive the real application by text, one event a line, a
 * frame after each. Lines that begin with # are comments. Widgets by id, cells by indices, points
 * in points:
 *
 *   move X Y · press [X Y] · release · click ID · double ID · hover ID · wheel N [ID]
 *   hover-cell Q K · click-cell Q K · drag ID VALUE · drag-to ID 75%     (ctrl+click … hold keys)
 *   key ctrl+z · text … · drop FILE · open FILE · resize WxH · frame [N] · wait SECONDS
 *   expect NAME VALUE · expect visible|enabled|checked|focused ID [false] · expect-value ID TEXT
 *   expect-cell Q K WEIGHT TOL · expect-notice TEXT · copy-is TEXT · expect-copied TEXT
 *   snap NAME · list NAME
 *
 * VALUE may be <N, >N or `N ~TOL`. Names beside the settings: document title notices quit
 * view.shown view2.shown result.entropy .effective .keys .max .sum .missing .argmax. Files are
 * found beside the script; ${out} and ${script} stand for folders. The manual page tells all of it.
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
