/* The title of the window, so that every program of the display reads it.
 */
#ifndef ATTNSCOPE_PLATFORM_TITLE_SDL_H
#define ATTNSCOPE_PLATFORM_TITLE_SDL_H

#include <SDL.h>

void title_set(SDL_Window *window, const char *title);

#endif
