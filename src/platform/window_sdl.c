#include "platform/window_sdl.h"

#include "base/mem.h"
#include "draw/canvas.h"
#include "platform/keys_sdl.h"
#include "platform/stop_sdl.h"
#include "platform/title_sdl.h"

#include <dlfcn.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_NO_DISPLAY = 5, EXIT_DISPLAY_LOST = 70, DEFAULT_W = 1280, DEFAULT_H = 800 };

typedef struct {
    SDL_Window *window;
    SDL_Renderer *renderer; /* only where the window surface cannot be had */
    SDL_Texture *texture;
    Canvas *canvas;
    Image frame;
    uint64_t shown; /* hash of the frame on screen */
    App *app;
    const Font *font;
    Events events;
    bool text_on, fullscreen;
    SDL_Cursor *cursors[6];
    UiCursor cursor;
    char title[300];
} Window;

/* The X server is gone: Xlib calls this and would end the program itself on return. What is open is
 * written down for the next start; nothing that talks to the display may be called any more. */
static App *recovered;
static int display_lost(void *display)
{
    (void)display;
    if (recovered)
        app_recover(recovered);
    static const char WORDS[] =
        "attnscope: display: the connection to the display is lost; what was "
        "open is offered at the next start\n";
    ssize_t written = write(STDERR_FILENO, WORDS, sizeof WORDS - 1);
    (void)written;
    _exit(EXIT_DISPLAY_LOST);
}

/* One request failed (a window that another program destroyed, say): Xlib would end the program.
 * While SDL closes, it waits for the answer to such a request for ever; nothing is left to be done
 * by then. */
static int request_failed(void *display, void *event)
{
    static bool told;
    (void)display;
    (void)event;
    if (!recovered)
        _exit(0);
    if (!told)
        fprintf(stderr, "attnscope: display: a request to the display failed; it is left out, and "
                        "later ones are not told\n");
    told = true;
    return 0;
}

/* libX11 is there only when SDL runs on X, and only SDL loads it. */
static void catch_display_loss(App *app)
{
    typedef int (*LossHandler)(void *display);
    typedef int (*ErrorHandler)(void *display, void *event);
    LossHandler (*set_loss)(LossHandler) = NULL;
    ErrorHandler (*set_error)(ErrorHandler) = NULL;
    void *xlib = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    void *loss = xlib ? dlsym(xlib, "XSetIOErrorHandler") : NULL;
    void *error = xlib ? dlsym(xlib, "XSetErrorHandler") : NULL;
    recovered = app;
    memcpy(&set_loss, &loss, sizeof set_loss); /* a function pointer is no object pointer in C */
    memcpy(&set_error, &error, sizeof set_error);
    if (loss)
        set_loss(display_lost);
    if (error)
        set_error(request_failed);
}

static bool display_is_real(void)
{
    /* Without a display SDL silently takes the offscreen driver and the program would run unseen.
     * The dummy driver is somebody's explicit wish (tests). */
    const char *driver = SDL_GetCurrentVideoDriver(), *wish = getenv("SDL_VIDEODRIVER");
    return driver && (strcmp(driver, "offscreen") != 0 || (wish && strcmp(wish, "offscreen") == 0));
}

static float display_density(void)
{
    const char *scale = getenv("GDK_SCALE");
    char *end = NULL;
    long n = scale ? strtol(scale, &end, 10) : 0;
    return n >= 1 && n <= 4 ? (float)n : 1.0f;
}

static bool open_window(Window *w)
{
    int width = 0, height = 0;
    float density = display_density();
    app_last_size(w->app, &width, &height);
    if (width < 320 || height < 240) {
        width = (int)((float)DEFAULT_W * density);
        height = (int)((float)DEFAULT_H * density);
    }
    SDL_Rect bounds;
    if (SDL_GetDisplayUsableBounds(0, &bounds) == 0) {
        width = width < bounds.w ? width : bounds.w;
        height = height < bounds.h ? height : bounds.h;
    }
    w->window = SDL_CreateWindow("attnscope", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width,
                                 height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!w->window)
        return false;
    SDL_SetWindowMinimumSize(w->window, 320, 240);
    w->events.input.density = density;
    w->events.input.mouse = vec2(-1e6f, -1e6f);
    if (!SDL_GetWindowSurface(w->window)) {
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
        return w->renderer != NULL;
    }
    return true;
}

static void window_size(Window *w)
{
    Input *in = &w->events.input;
    int points_w = 1, points_h = 1;
    SDL_GetWindowSize(w->window, &points_w, &points_h);
    if (w->renderer) {
        SDL_GetRendererOutputSize(w->renderer, &in->pixel_w, &in->pixel_h);
    } else {
        SDL_Surface *surface = SDL_GetWindowSurface(w->window);
        in->pixel_w = surface ? surface->w : points_w;
        in->pixel_h = surface ? surface->h : points_h;
    }
    w->events.pixel = vec2((float)in->pixel_w / (float)(points_w > 0 ? points_w : 1),
                           (float)in->pixel_h / (float)(points_h > 0 ? points_h : 1));
}

static void present_texture(Window *w)
{
    int have_w = 0, have_h = 0;
    if (w->texture)
        SDL_QueryTexture(w->texture, NULL, NULL, &have_w, &have_h);
    if (have_w != w->frame.w || have_h != w->frame.h) {
        if (w->texture)
            SDL_DestroyTexture(w->texture);
        w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888,
                                       SDL_TEXTUREACCESS_STREAMING, w->frame.w, w->frame.h);
    }
    if (!w->texture) {
        w->shown = 0; /* tried again with the next frame */
        return;
    }
    SDL_UpdateTexture(w->texture, NULL, w->frame.px, w->frame.w * 4);
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

static void present(Window *w)
{
    if (w->renderer) {
        present_texture(w);
        return;
    }
    SDL_Surface *surface = SDL_GetWindowSurface(w->window);
    SDL_Surface *pixels = SDL_CreateRGBSurfaceWithFormatFrom(
        w->frame.px, w->frame.w, w->frame.h, 32, w->frame.w * 4, SDL_PIXELFORMAT_ARGB8888);
    if (!surface || !pixels) {
        SDL_FreeSurface(pixels);
        w->shown = 0;
        return;
    }
    SDL_SetSurfaceBlendMode(pixels, SDL_BLENDMODE_NONE);
    SDL_BlitSurface(pixels, NULL, surface, NULL);
    SDL_UpdateWindowSurface(w->window);
    SDL_FreeSurface(pixels);
}

static bool draw(Window *w, const DrawList *list, const AppOutput *out)
{
    const Input *in = &w->events.input;
    Error err = {0};
    uint64_t hash = draw_list_hash(list) ^ ((uint64_t)in->pixel_w << 32 | (uint64_t)in->pixel_h);
    if (hash == w->shown || in->pixel_w < 1 || in->pixel_h < 1)
        return true;
    if (w->frame.w != in->pixel_w || w->frame.h != in->pixel_h) {
        image_free(&w->frame);
        if (!image_init(&w->frame, in->pixel_w, in->pixel_h, &err))
            return true; /* too large or no memory: the old picture stays, the next size may do */
    }
    if (canvas_render(w->canvas, &w->frame, list, w->font, out->scale, out->ground, &err)) {
        w->shown = hash;
        present(w);
    }
    return true;
}

static void follow(Window *w, const AppOutput *out)
{
    const UiOutput *ui = out->ui;
    if (strcmp(out->title, w->title) != 0) {
        snprintf(w->title, sizeof w->title, "%s", out->title);
        title_set(w->window, w->title);
    }
    if (ui->want_text != w->text_on) {
        w->text_on = ui->want_text;
        w->text_on ? SDL_StartTextInput() : SDL_StopTextInput();
    }
    if (ui->want_text) {
        SDL_Rect r = {(int)(ui->text_rect.x * out->scale / w->events.pixel.x),
                      (int)(ui->text_rect.y * out->scale / w->events.pixel.y),
                      (int)(ui->text_rect.w * out->scale), (int)(ui->text_rect.h * out->scale)};
        SDL_SetTextInputRect(&r);
    }
    if (out->clipboard)
        SDL_SetClipboardText(out->clipboard);
    if (out->fullscreen != w->fullscreen) {
        w->fullscreen = out->fullscreen;
        SDL_SetWindowFullscreen(w->window, w->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    }
    if (ui->cursor != w->cursor) {
        static const SDL_SystemCursor SHAPES[] = {
            SDL_SYSTEM_CURSOR_ARROW,  SDL_SYSTEM_CURSOR_HAND,   SDL_SYSTEM_CURSOR_IBEAM,
            SDL_SYSTEM_CURSOR_SIZEWE, SDL_SYSTEM_CURSOR_SIZENS, SDL_SYSTEM_CURSOR_CROSSHAIR};
        w->cursor = ui->cursor;
        if (!w->cursors[ui->cursor])
            w->cursors[ui->cursor] = SDL_CreateSystemCursor(SHAPES[ui->cursor]);
        SDL_SetCursor(w->cursors[ui->cursor]);
    }
}

static double now(void)
{
    return (double)SDL_GetPerformanceCounter() / (double)SDL_GetPerformanceFrequency();
}

static double thread_now(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0
               ? (double)t.tv_sec + (double)t.tv_nsec * 1e-9
               : now();
}

static AppOptions with_clocks(const AppOptions *options)
{
    AppOptions own = *options;
    own.background = true;
    own.clock = now;
    own.thread_clock = thread_now;
    return own;
}

/* One application frame with the event that `events` holds. */
static bool step(Window *w, AppOutput *out, const DrawList **list)
{
    w->events.input.time = now();
    window_size(w);
    bool go_on = app_frame(w->app, &w->events.input, list, out);
    follow(w, out);
    return go_on;
}

/* Sleeps until something happens or the application wants a frame; then feeds all that is queued,
 * pointer movements folded, and draws once. */
static bool turn(Window *w, AppOutput *out, const DrawList **list)
{
    SDL_Event event;
    bool moved = false, pending_move = false, any = false;
    int wait = -1;
    if (out->wake > 0) {
        double left = out->wake - now();
        wait = left <= 0 ? 0 : (int)fmin(60000, ceil(left * 1000));
    }
    bool got = wait < 0    ? SDL_WaitEvent(&event) == 1
               : wait == 0 ? SDL_PollEvent(&event) == 1
                           : SDL_WaitEventTimeout(&event, wait) == 1;
    events_begin(&w->events);
    for (; got; got = SDL_PollEvent(&event) == 1) {
        if (event.type == SDL_WINDOWEVENT && event.window.event == SDL_WINDOWEVENT_EXPOSED)
            w->shown = 0;
        if (event.type == SDL_RENDER_TARGETS_RESET || event.type == SDL_RENDER_DEVICE_RESET) {
            w->shown = 0;
            if (w->texture)
                SDL_DestroyTexture(w->texture);
            w->texture = NULL;
        }
        if (!events_take(&w->events, &event, &moved))
            continue;
        any = true;
        pending_move = moved;
        if (moved)
            continue;
        if (!step(w, out, list))
            return false;
        events_begin(&w->events);
    }
    if (stop_asked())
        w->events.input.quit = true;
    if ((pending_move || !any || stop_asked()) && !step(w, out, list))
        return false;
    return draw(w, *list, out);
}

static void close_window(Window *w)
{
    stop_watch_end();
    for (int i = 0; i < 6; i++)
        if (w->cursors[i])
            SDL_FreeCursor(w->cursors[i]);
    events_free(&w->events);
    app_free(w->app);
    canvas_free(w->canvas);
    image_free(&w->frame);
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
}

static int no_display(const char *why)
{
    fprintf(stderr,
            "attnscope: display: %s: expected a display to open a window on, found none "
            "(the subcommands info, check, dump, render, play and convert need none)\n",
            why);
    return EXIT_NO_DISPLAY;
}

int window_run(const AppOptions *options, const char *const *files, int count)
{
    Window w = {.font = options->font};
    Error err = {0};
    AppOutput out = {0};
    const DrawList *list = NULL;
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION,
                "0"); /* 6–12 times faster where there is no GPU */
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    /* Only what a letter is, never how numbers look: on X, SDL sets no title at all whose letters
     * the locale lacks. */
    setlocale(LC_CTYPE, "C.UTF-8");
    if (strcmp(SDL_GetPlatform(), "Linux") == 0 && !getenv("DISPLAY") &&
        !getenv("WAYLAND_DISPLAY") && !getenv("SDL_VIDEODRIVER"))
        return no_display(
            "no DISPLAY and no WAYLAND_DISPLAY"); /* asked first, SDL's drivers print */
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0)
        return no_display(SDL_GetError());
    if (!display_is_real()) {
        close_window(&w);
        return no_display("no video driver");
    }
    stop_watch_begin(); /* before anything is there to be saved or seen */
    /* First of all, because it reads the session, the window's last size in it, and tells what is
     * wrong with it. */
    AppOptions own = with_clocks(options);
    w.canvas = canvas_new();
    w.app = w.canvas ? app_new(&own, &err) : NULL;
    if (!w.app) {
        char line[512];
        error_line(&err, NULL, line, sizeof line);
        fprintf(stderr, "attnscope: %s\n", line);
        close_window(&w);
        return error_exit_code(err.kind);
    }
    if (!open_window(&w)) {
        char why[256];
        snprintf(why, sizeof why, "%s", SDL_GetError());
        close_window(&w);
        return no_display(why);
    }
    SDL_StopTextInput();
    catch_display_loss(w.app);
    app_open_files(w.app, files, count, &options->origin, NULL);
    events_begin(&w.events);
    bool running = step(&w, &out, &list) && draw(&w, list, &out);
    if (getenv("ATTNSCOPE_READY"))
        fprintf(stderr, "ready\n");
    while (running)
        running = turn(&w, &out, &list);
    recovered = NULL; /* the session is written, and closing may still talk to the display */
    close_window(&w);
    return 0;
}
