/* Drives the toolkit as a person would: moves, presses, keys, text, with a clock of its own; widths
 * come from the fixed-cell font (6 points a character at size 12). Header-only, because the support
 * library is linked below the toolkit.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_UI_DRIVER_H
#define ATTNSCOPE_TESTS_SUPPORT_UI_DRIVER_H

#include "support/check.h"
#include "ui/widgets.h"

#include <string.h>

typedef struct Driver Driver;
struct Driver {
    Ui *ui;
    Input in;
    Font font;
    TextKit kit;
    DrawList list;
    float scale;
    UiOutput out;
    bool key_taken; /* of the last frame */
    int frames;
    void (*draw)(Driver *d);
    void *self;
};

static inline void drive_frame(Driver *d)
{
    draw_list_reset(&d->list);
    ui_begin(d->ui, &d->in, &d->kit, d->scale, &d->list, true);
    d->draw(d);
    d->out = *ui_end(d->ui);
    d->key_taken = ui_key_taken(d->ui);
    d->frames++;
    assert_true(ui_balanced(d->ui));
    assert_false(d->list.failed);
    for (int i = 0; i < MOUSE_BUTTONS; i++)
        d->in.pressed[i] = d->in.released[i] = false;
    d->in.clicks = 0;
    d->in.key = KEY_NONE;
    d->in.key_repeat = d->in.focus_lost = false;
    d->in.mods = 0;
    d->in.wheel = vec2(0, 0);
    d->in.text = d->in.preedit = d->in.clipboard = NULL;
    d->in.time += 0.016;
}

/* As the window does: a frame, and more while one is asked for at once. */
static inline void drive_settle(Driver *d)
{
    for (int i = 0; i < 4; i++) {
        double now = d->in.time;
        drive_frame(d);
        if (d->out.wake == 0 || d->out.wake > now)
            return;
    }
}

static inline void drive_start(Driver *d, void (*draw)(Driver *d), void *self)
{
    memset(d, 0, sizeof *d);
    d->ui = ui_new();
    assert_non_null(d->ui);
    d->font = font_fixed();
    d->scale = 1;
    d->kit = (TextKit){&d->font, 1, theme(THEME_LIGHT)};
    d->in =
        (Input){.pixel_w = 640, .pixel_h = 480, .density = 1, .mouse = {-1e5f, -1e5f}, .time = 10};
    d->draw = draw;
    d->self = self;
    draw_list_init(&d->list);
    drive_settle(d);
}

static inline void drive_stop(Driver *d)
{
    ui_free(d->ui);
    draw_list_free(&d->list);
}

static inline void drive_move(Driver *d, float x, float y)
{
    d->in.mouse = vec2(x * d->scale, y * d->scale);
    drive_settle(d);
}

static inline void drive_press(Driver *d, int clicks)
{
    d->in.pressed[MOUSE_LEFT] = d->in.held[MOUSE_LEFT] = true;
    d->in.clicks = clicks;
    drive_settle(d);
}

static inline void drive_release(Driver *d)
{
    d->in.held[MOUSE_LEFT] = false;
    d->in.released[MOUSE_LEFT] = true;
    drive_settle(d);
}

static inline void drive_click_at(Driver *d, float x, float y)
{
    drive_move(d, x, y);
    drive_press(d, 1);
    drive_release(d);
}

static inline Vec2 drive_middle(Driver *d, const char *id)
{
    const UiItem *item = ui_find(d->ui, id);
    if (item == NULL)
        fail_msg("no control %s", id);
    return vec2(item->rect.x + item->rect.w / 2, item->rect.y + item->rect.h / 2);
}

static inline void drive_click(Driver *d, const char *id)
{
    Vec2 at = drive_middle(d, id);
    drive_click_at(d, at.x, at.y);
}

static inline void drive_key(Driver *d, int key, int mods)
{
    d->in.key = key;
    d->in.mods = mods;
    drive_frame(d);
    bool taken = d->key_taken;
    if (d->out.wake != 0 && d->out.wake <= d->in.time)
        drive_settle(d);
    d->key_taken = taken;
}

static inline void drive_text(Driver *d, const char *text)
{
    d->in.text = text;
    drive_settle(d);
}

static inline void drive_wheel(Driver *d, float notches, int mods)
{
    d->in.wheel = vec2(0, notches);
    d->in.mods = mods;
    drive_settle(d);
}

/* The first command of that text in the last frame; NULL when it was not drawn. */
static inline const DrawCommand *drive_drawn(const Driver *d, const char *text)
{
    for (size_t i = 0; i < d->list.count; i++)
        if (d->list.items[i].kind == DRAW_TEXT && strcmp(d->list.items[i].text, text) == 0)
            return &d->list.items[i];
    return NULL;
}

static inline bool drive_has_rect(const Driver *d, DrawKind kind, Color color)
{
    for (size_t i = 0; i < d->list.count; i++)
        if (d->list.items[i].kind == kind && d->list.items[i].color == color)
            return true;
    return false;
}

#endif
