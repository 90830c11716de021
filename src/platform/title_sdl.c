#include "platform/title_sdl.h"

#include <SDL_syswm.h>
#include <dlfcn.h>
#include <string.h>

#ifdef SDL_VIDEO_DRIVER_X11
/* SDL writes WM_NAME in the type of the locale's encoding, which programs of another locale cannot
 * read; UTF8_STRING everybody can. libX11 is there already, SDL has loaded it. */
static void title_of_x(SDL_Window *window, const char *title)
{
    typedef Atom (*InternAtom)(Display *, const char *, Bool);
    typedef int (*ChangeProperty)(Display *, Window, Atom, Atom, int, int, const unsigned char *,
                                  int);
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_X11)
        return;
    void *xlib = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    void *atom = xlib ? dlsym(xlib, "XInternAtom") : NULL;
    void *change = xlib ? dlsym(xlib, "XChangeProperty") : NULL;
    InternAtom intern_atom;
    ChangeProperty change_property;
    if (!atom || !change)
        return;
    memcpy(&intern_atom, &atom,
           sizeof intern_atom); /* C: a function pointer is no object pointer */
    memcpy(&change_property, &change, sizeof change_property);
    Display *display = info.info.x11.display;
    change_property(display, info.info.x11.window, intern_atom(display, "WM_NAME", False),
                    intern_atom(display, "UTF8_STRING", False), 8, PropModeReplace,
                    (const unsigned char *)title, (int)strlen(title));
}
#endif

void title_set(SDL_Window *window, const char *title)
{
    SDL_SetWindowTitle(window, title);
#ifdef SDL_VIDEO_DRIVER_X11
    title_of_x(window, title);
#endif
}
