/* What the files of the script player share. */
#ifndef ATTNSCOPE_APP_SCRIPT_PLAYER_H
#define ATTNSCOPE_APP_SCRIPT_PLAYER_H

#include "app/script.h"

typedef struct {
    App *app;
    const ScriptOptions *options;
    Input in; /* of the next frame; what is an event is cleared after it */
    AppOutput out;
    const DrawList *list; /* of the last frame */
    char *clipboard;      /* what the program last put there; owned */
    char folder[1024];    /* of the script */
    bool ended;           /* the program quit */
    Error *err;
} Player;

/* One frame; its event is over afterwards. */
void player_frame(Player *p);
/* Frames until nothing is left to compute: thumbnails and cards come a few at a time. */
void player_settle(Player *p);
/* The widget, or an error naming the id. */
const UiItem *player_find(Player *p, const char *id);
/* The next word of a line, with "…" kept together; *rest moves behind it. "" at the end. */
void player_word(const char **rest, char *out, size_t cap);
bool player_number(Player *p, const char *text, const char *what, double *out);

/* As many numbers as asked for. */
bool player_numbers(Player *p, const char **rest, int count, double *out);

/* script_pointer.c. mods: MOD_… from a prefix such as ctrl+click. */
bool script_move(Player *p, const char *rest, int mods);
bool script_press(Player *p, const char *rest, int mods);
bool script_release(Player *p, const char *rest, int mods);
bool script_click(Player *p, const char *rest, int mods);
bool script_double(Player *p, const char *rest, int mods);
bool script_hover(Player *p, const char *rest, int mods);
bool script_wheel(Player *p, const char *rest, int mods);
bool script_hover_cell(Player *p, const char *rest, int mods);
bool script_click_cell(Player *p, const char *rest, int mods);
bool script_drag(Player *p, const char *rest, int mods);
bool script_drag_to(Player *p, const char *rest, int mods);

/* script_expect.c: the lines that look instead of act. */
bool script_expect(Player *p, const char *rest);
bool script_expect_value(Player *p, const char *rest);
bool script_expect_cell(Player *p, const char *rest);
bool script_expect_notice(Player *p, const char *rest);
bool script_copy_is(Player *p, const char *rest);
bool script_expect_copied(Player *p, const char *rest); /* holds this text */
/* ${out} and ${script} as folders. */
bool player_expand(Player *p, const char *from, char *out, size_t cap);
/* The first number in a widget's text: 90 of "90 %". */
bool script_shown_number(const char *text, double *out);

#endif
