#include "platform/keys_sdl.h"

#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

static void forget_drop(Events *events)
{
    for (int i = 0; i < events->drop_count; i++)
        SDL_free(events->drops[i]);
    events->drop_count = 0;
}

void events_begin(Events *events)
{
    Input *in = &events->input;
    memset(in->pressed, 0, sizeof in->pressed);
    memset(in->released, 0, sizeof in->released);
    in->clicks = in->drop_count = 0;
    in->wheel = vec2(0, 0);
    in->key = KEY_NONE;
    in->key_repeat = in->focus_lost = in->quit = false;
    in->text = in->preedit = in->clipboard = NULL;
    if (in->drops)
        forget_drop(events);
    in->drops = NULL;
    SDL_free(events->clipboard);
    events->clipboard = NULL;
}

void events_free(Events *events)
{
    events_begin(events);
    forget_drop(events);
    mem_free(events->drops);
    events->drops = NULL;
    events->drop_cap = 0;
}

/* What belongs together is opened together: SDL gives a drop file by file. */
static bool take_drop(Events *events, const SDL_DropEvent *event)
{
    Input *in = &events->input;
    if (event->type == SDL_DROPFILE && events->drop_count == events->drop_cap) {
        int cap = events->drop_cap ? 2 * events->drop_cap : 8;
        char **drops = mem_resize(events->drops, (size_t)cap, sizeof *drops);
        if (!drops) {
            SDL_free(event->file);
            return false;
        }
        events->drops = drops;
        events->drop_cap = cap;
    }
    if (event->type == SDL_DROPFILE)
        events->drops[events->drop_count++] = event->file;
    if (event->type != SDL_DROPCOMPLETE || events->drop_count == 0)
        return false;
    in->drops = (const char *const *)events->drops;
    in->drop_count = events->drop_count;
    return true;
}

static int mods_of(unsigned sdl)
{
    return (sdl & KMOD_CTRL ? MOD_CTRL : 0) | (sdl & KMOD_SHIFT ? MOD_SHIFT : 0) |
           (sdl & KMOD_ALT ? MOD_ALT : 0);
}

typedef struct {
    SDL_Keycode sdl;
    int key;
} KeyPair;
static const KeyPair KEYS[] = {
    {SDLK_RETURN, KEY_ENTER},   {SDLK_KP_ENTER, KEY_ENTER},      {SDLK_ESCAPE, KEY_ESCAPE},
    {SDLK_TAB, KEY_TAB},        {SDLK_BACKSPACE, KEY_BACKSPACE}, {SDLK_DELETE, KEY_DELETE},
    {SDLK_LEFT, KEY_LEFT},      {SDLK_RIGHT, KEY_RIGHT},         {SDLK_UP, KEY_UP},
    {SDLK_DOWN, KEY_DOWN},      {SDLK_HOME, KEY_HOME},           {SDLK_END, KEY_END},
    {SDLK_PAGEUP, KEY_PAGE_UP}, {SDLK_PAGEDOWN, KEY_PAGE_DOWN},  {SDLK_KP_PLUS, '+'},
    {SDLK_KP_MINUS, '-'},
};

static int key_of(const SDL_Keysym *sym)
{
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        if (KEYS[i].sdl == sym->sym)
            return KEYS[i].key;
    if (sym->sym >= SDLK_F1 && sym->sym <= SDLK_F12)
        return KEY_F1 + (int)(sym->sym - SDLK_F1);
    if (sym->sym == SDLK_SLASH && (sym->mod & KMOD_SHIFT)) /* '?' where it is on the slash key */
        return '?';
    return sym->sym > 0 && sym->sym < 0x80 ? (int)sym->sym : KEY_NONE;
}

/* A character that a layout puts elsewhere ('[' with AltGr, '?' on another key) arrives as text: it
 * counts as its key when no text field is focused; the application decides by what is left untaken.
 */
static void text_as_key(Input *in)
{
    const char *symbols = "[],.?+-";
    if (in->text && in->text[0] && !in->text[1] && strchr(symbols, in->text[0]))
        in->key = in->text[0];
}

static bool take_key(Events *events, const SDL_KeyboardEvent *event)
{
    Input *in = &events->input;
    in->mods = mods_of(event->keysym.mod);
    if (event->type == SDL_KEYUP)
        return false;
    int key = key_of(&event->keysym);
    bool symbol = key > 0 && key < 0x80 && strchr("[],.?+-", key) && !(in->mods & MOD_CTRL);
    if (symbol && SDL_IsTextInputActive())
        return false; /* comes as text in a moment */
    in->key = key;
    in->key_repeat = event->repeat != 0;
    if ((key == 'v' && (in->mods & MOD_CTRL)) && SDL_HasClipboardText()) {
        events->clipboard = SDL_GetClipboardText();
        in->clipboard = events->clipboard;
    }
    return key != KEY_NONE;
}

static bool take_button(Events *events, const SDL_MouseButtonEvent *event)
{
    Input *in = &events->input;
    int button = event->button == SDL_BUTTON_LEFT     ? MOUSE_LEFT
                 : event->button == SDL_BUTTON_MIDDLE ? MOUSE_MIDDLE
                 : event->button == SDL_BUTTON_RIGHT  ? MOUSE_RIGHT
                                                      : -1;
    if (button < 0)
        return false;
    bool down = event->type == SDL_MOUSEBUTTONDOWN;
    in->mouse = vec2((float)event->x * events->pixel.x, (float)event->y * events->pixel.y);
    in->held[button] = down;
    in->pressed[button] = down;
    in->released[button] = !down;
    in->clicks = down ? event->clicks : 0;
    in->mods = mods_of(SDL_GetModState());
    return true;
}

static bool take_text(Events *events, const SDL_Event *event)
{
    Input *in = &events->input;
    if (event->type == SDL_TEXTINPUT) {
        memcpy(events->text, event->text.text, sizeof events->text);
        in->text = events->text;
        text_as_key(in);
        return true;
    }
    memcpy(events->preedit, event->edit.text, sizeof events->preedit);
    in->preedit = events->preedit;
    in->preedit_caret = event->edit.start;
    return true;
}

static bool take_window(Events *events, const SDL_WindowEvent *event)
{
    Input *in = &events->input;
    if (event->event == SDL_WINDOWEVENT_LEAVE)
        in->mouse = vec2(-1e6f, -1e6f);
    else if (event->event == SDL_WINDOWEVENT_FOCUS_LOST)
        in->focus_lost = true;
    else if (event->event == SDL_WINDOWEVENT_CLOSE)
        in->quit = true;
    return true;
}

bool events_take(Events *events, const SDL_Event *event, bool *moved)
{
    Input *in = &events->input;
    *moved = false;
    switch (event->type) {
    case SDL_QUIT:
        in->quit = true;
        return true;
    case SDL_MOUSEMOTION:
        in->mouse = vec2((float)event->motion.x * events->pixel.x,
                         (float)event->motion.y * events->pixel.y);
        *moved = true;
        return true;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        return take_button(events, &event->button);
    case SDL_MOUSEWHEEL:
        in->wheel = vec2(event->wheel.preciseX, event->wheel.preciseY);
        in->mods = mods_of(SDL_GetModState());
        return true;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        return take_key(events, &event->key);
    case SDL_TEXTINPUT:
    case SDL_TEXTEDITING:
        return take_text(events, event);
    case SDL_DROPFILE:
    case SDL_DROPCOMPLETE:
        return take_drop(events, &event->drop);
    case SDL_WINDOWEVENT:
        return take_window(events, &event->window);
    default:
        return false;
    }
}
