/* Laid over SDL by LD_PRELOAD: fails its calls, and sends its rare events, on demand of the
 * environment.
 *
 *   FAULT_SURFACE=1   no window surface: the program has to draw through a renderer
 *   FAULT_TEXTURE=N   every Nth texture cannot be made, the first one never
 *   FAULT_RESETS=1    every second event that is asked for is a reset of render targets or of the
 * device
 */
#include <SDL.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int fault_number(const char *name)
{
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static void fault_next(const char *name, void *function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    memcpy(function, &found, size);
}

SDL_Surface *SDL_GetWindowSurface(SDL_Window *window)
{
    SDL_Surface *(*next)(SDL_Window *);
    if (fault_number("FAULT_SURFACE"))
        return NULL;
    fault_next("SDL_GetWindowSurface", &next, sizeof next);
    return next(window);
}

SDL_Texture *SDL_CreateTexture(SDL_Renderer *renderer, Uint32 format, int access, int w, int h)
{
    static int made;
    SDL_Texture *(*next)(SDL_Renderer *, Uint32, int, int, int);
    int every = fault_number("FAULT_TEXTURE");
    if (every > 0 && made++ % every == 0)
        return NULL;
    fault_next("SDL_CreateTexture", &next, sizeof next);
    return next(renderer, format, access, w, h);
}

static bool fault_reset(SDL_Event *event)
{
    static unsigned turn;
    if (!fault_number("FAULT_RESETS") || turn++ % 2)
        return false;
    memset(event, 0, sizeof *event);
    event->type = turn % 4 == 1 ? SDL_RENDER_TARGETS_RESET : SDL_RENDER_DEVICE_RESET;
    return true;
}

int SDL_WaitEvent(SDL_Event *event)
{
    int (*next)(SDL_Event *);
    if (fault_reset(event))
        return 1;
    fault_next("SDL_WaitEvent", &next, sizeof next);
    return next(event);
}

int SDL_WaitEventTimeout(SDL_Event *event, int timeout)
{
    int (*next)(SDL_Event *, int);
    if (fault_reset(event))
        return 1;
    fault_next("SDL_WaitEventTimeout", &next, sizeof next);
    return next(event, timeout);
}
