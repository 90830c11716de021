/* Every action by name: keys, palette, buttons and scripts share this table. A command may be
 * impossible just now; then it says why.
 */
#ifndef ATTNSCOPE_APP_COMMANDS_H
#define ATTNSCOPE_APP_COMMANDS_H

#include "app/state.h"

typedef struct {
    const char *id;    /* "file.open" */
    const char *title; /* as the palette lists it */
    const char *keys;  /* "Ctrl O", as drawn; "" = none */
    int key, mods;     /* 0 = none */
    int key2, mods2;   /* an alternative */
    void (*run)(App *app, int argument);
    int argument;
    const char *(*missing)(const App *app); /* NULL or returns NULL: possible; else the reason */
} Command;

extern const Command COMMANDS[];
extern const int COMMAND_COUNT;

const Command *command_find(const char *id);
/* Runs it when possible, else a notice says why not. */
void command_run(App *app, const Command *command);
/* The command of this frame's key when no widget took it. */
void commands_keys(App *app);

#endif
