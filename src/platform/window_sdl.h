/* The window: SDL events in, the canvas's pixels out. Draws nothing itself, waits while nothing
 * happens.
 */
#ifndef ATTNSCOPE_PLATFORM_WINDOW_SDL_H
#define ATTNSCOPE_PLATFORM_WINDOW_SDL_H

#include "app/app.h"

/* Opens the window, the files (the gallery without any), and runs until it is closed. Prints
 * `ready` on err after the first frame when ATTNSCOPE_READY is set. Returns the exit code: 0, 5
 * when there is no display, 70 when it went away. */
int window_run(const AppOptions *options, const char *const *files, int count);

#endif
