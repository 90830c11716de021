/* Undo: whole copies of the settings in a ring. Nobody records edits: once a frame, when no widget
 * is held, the settings are compared with the newest copy and pushed if they differ, so a gesture
 * is one step. Typing is a step per word.
 */
#ifndef ATTNSCOPE_STATE_HISTORY_H
#define ATTNSCOPE_STATE_HISTORY_H

#include "state/settings.h"

#define HISTORY_MAX 64

typedef struct {
    Settings items[HISTORY_MAX];
    int first; /* ring index of the oldest copy */
    int count; /* copies, the present one included */
    int at;    /* which of them is the present, 0 … count − 1 */
} History;

void history_reset(History *history, const Settings *now);
/* Pushes when *now differs from the present copy (NO_UNDO fields aside); drops the redo tail. True
 * when pushed. */
bool history_note(History *history, const Settings *now);
/* The present copy becomes *now: a correction of it, not a step of its own. */
void history_amend(History *history, const Settings *now);
bool history_can_undo(const History *history);
bool history_can_redo(const History *history);
/* Copies the previous (next) settings into *now, NO_UNDO fields kept as they are. False when there
 * is none. */
bool history_undo(History *history, Settings *now);
bool history_redo(History *history, Settings *now);

#endif
