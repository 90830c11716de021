/* SDL events to Input, one significant event at a time. */
#ifndef ATTNSCOPE_PLATFORM_KEYS_SDL_H
#define ATTNSCOPE_PLATFORM_KEYS_SDL_H

#include "ui/input.h"

#include <SDL.h>

typedef struct {
    Input input; /* what lasts: pointer, held buttons, size */
    char text[SDL_TEXTINPUTEVENT_TEXT_SIZE], preedit[SDL_TEXTEDITINGEVENT_TEXT_SIZE];
    char *clipboard; /* freed by events_begin */
    char **drops;    /* owned: the files of one drop, which come one by one; freed when shown */
    int drop_count, drop_cap;
    Vec2 pixel; /* window points to pixels (HiDPI) */
} Events;

/* Forgets the last frame's event. */
void events_begin(Events *events);
void events_free(Events *events);
/* Takes one SDL event in. True: significant, a frame must run before the next event. *moved: only
 * the pointer did. */
bool events_take(Events *events, const SDL_Event *event, bool *moved);

#endif
