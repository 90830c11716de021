/* SIGTERM, SIGINT and SIGHUP end the program in order: they wake the event loop, which asks. One
 * watch in a process.
 */
#ifndef ATTNSCOPE_PLATFORM_STOP_SDL_H
#define ATTNSCOPE_PLATFORM_STOP_SDL_H

#include <stdbool.h>

/* After SDL's start. False when the system has no pipe or thread left: the loop then learns of a
 * signal only with its next event. */
bool stop_watch_begin(void);
bool stop_asked(void);
/* Before SDL's end. A signal that comes later is only noted. */
void stop_watch_end(void);

#endif
