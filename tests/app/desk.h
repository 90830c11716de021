/* Sits before the application as a person would: moves, presses, keys, text, files, with a clock of
 * its own, and looks at what came out. Widths come from the fixed-cell font. Header-only, because
 * the support library is linked below the application.
 */
#ifndef ATTNSCOPE_TESTS_APP_DESK_H
#define ATTNSCOPE_TESTS_APP_DESK_H

#include "app/commands.h"
#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DESK_EXAMPLES TEST_SOURCE_DIR "/examples"

typedef struct {
    App *app;
    Font font;
    AppOptions options;
    Input in;
    AppOutput out;
    const DrawList *list;
    char *clipboard; /* what the program last put there; owned */
    bool ended;
} Desk;

/* A frame that may go wrong: desk_frame is for those that may not. */
static inline void desk_turn(Desk *d)
{
    if (!app_frame(d->app, &d->in, &d->list, &d->out))
        d->ended = true;
    if (d->out.clipboard) {
        mem_free(d->clipboard);
        d->clipboard = mem_string(d->out.clipboard, strlen(d->out.clipboard));
    }
    memset(d->in.pressed, 0, sizeof d->in.pressed);
    memset(d->in.released, 0, sizeof d->in.released);
    d->in.clicks = d->in.mods = d->in.key = d->in.drop_count = 0;
    d->in.wheel = vec2(0, 0);
    d->in.text = d->in.preedit = d->in.clipboard = NULL;
    d->in.drops = NULL;
    d->in.focus_lost = d->in.quit = false;
    d->in.time += 1.0 / 60;
}

static inline void desk_frame(Desk *d)
{
    desk_turn(d);
    assert_true(ui_balanced(app_ui(d->app)));
    assert_false(d->list->failed);
}

/* Frames until nothing is asked for at once. */
static inline void desk_settle(Desk *d)
{
    for (int i = 0; i < 2000 && !d->ended; i++) {
        double now = d->in.time;
        desk_frame(d);
        if (d->out.wake == 0 || d->out.wake > now)
            return;
    }
}

/* Options first (desk->options), then desk_open_app. */
static inline void desk_init(Desk *d)
{
    memset(d, 0, sizeof *d);
    d->font = font_fixed();
    d->options = (AppOptions){.font = &d->font,
                              .examples = DESK_EXAMPLES,
                              .home = TEST_SOURCE_DIR,
                              .limits = load_limits_default()};
    d->in = (Input){
        .pixel_w = 1280, .pixel_h = 800, .density = 1, .mouse = {-1e5f, -1e5f}, .time = 1000};
}

static inline void desk_open_app(Desk *d)
{
    Error err = {0};
    d->options.font = &d->font;
    d->app = app_new(&d->options, &err);
    assert_non_null(d->app);
    app_settings(d->app)->motion = false;
    history_reset(&d->app->history, app_settings(d->app));
}

/* A window of w × h points on a document (NULL: the gallery). */
static inline void desk_start(Desk *d, int w, int h, const char *document)
{
    desk_init(d);
    d->in.pixel_w = w;
    d->in.pixel_h = h;
    desk_open_app(d);
    if (document) {
        Error err = {0};
        if (!app_open(d->app, document, &err))
            fail_msg("%s: %s: %s", document, err.where, err.what);
    }
    desk_settle(d);
}

static inline void desk_stop(Desk *d)
{
    app_free(d->app);
    mem_free(d->clipboard);
    memset(d, 0, sizeof *d);
}

static inline const char *desk_example(const char *name)
{
    static char path[8][512];
    static int at;
    at = (at + 1) % 8;
    snprintf(path[at], sizeof path[at], "%s/%s/%s.attn.json", DESK_EXAMPLES, name, name);
    return path[at];
}

static inline void desk_move(Desk *d, float x, float y) /* points */
{
    float scale = d->out.scale > 0 ? d->out.scale : 1;
    d->in.mouse = vec2(x * scale, y * scale);
    desk_frame(d);
}

static inline void desk_press(Desk *d, int clicks, int mods)
{
    d->in.pressed[MOUSE_LEFT] = d->in.held[MOUSE_LEFT] = true;
    d->in.clicks = clicks;
    d->in.mods = mods;
    desk_frame(d);
}

static inline void desk_release(Desk *d, int mods)
{
    d->in.held[MOUSE_LEFT] = false;
    d->in.released[MOUSE_LEFT] = true;
    d->in.mods = mods;
    desk_frame(d);
}

static inline void desk_click_at(Desk *d, float x, float y, int mods)
{
    desk_move(d, x, y);
    desk_press(d, 1, mods);
    desk_release(d, mods);
    desk_settle(d);
}

static inline const UiItem *desk_item(Desk *d, const char *id)
{
    const UiItem *item = ui_find(app_ui(d->app), id);
    if (!item)
        fail_msg("there is no control %s", id);
    return item;
}

static inline Vec2 desk_middle(Desk *d, const char *id)
{
    const UiItem *item = desk_item(d, id);
    return vec2(item->rect.x + item->rect.w / 2, item->rect.y + item->rect.h / 2);
}

static inline void desk_click(Desk *d, const char *id)
{
    Vec2 at = desk_middle(d, id);
    desk_click_at(d, at.x, at.y, 0);
}

static inline void desk_double(Desk *d, float x, float y)
{
    desk_move(d, x, y);
    for (int clicks = 1; clicks <= 2; clicks++) {
        desk_press(d, clicks, 0);
        desk_release(d, 0);
    }
    desk_settle(d);
}

static inline void desk_key(Desk *d, int key, int mods)
{
    d->in.key = key;
    d->in.mods = mods;
    desk_settle(d);
}

static inline void desk_text(Desk *d, const char *text)
{
    d->in.text = text;
    desk_settle(d);
}

/* Runs a command as the palette does. */
static inline void desk_run(Desk *d, const char *id)
{
    const Command *command = command_find(id);
    if (!command)
        fail_msg("there is no command %s", id);
    command_run(d->app, command);
    desk_settle(d);
}

/* The pointer onto a cell of the pane that shows it. */
static inline void desk_hover_cell(Desk *d, int query, int key)
{
    Vec2 at;
    if (!app_cell_point(d->app, query, key, &at))
        fail_msg("cell %d %d is not seen", query, key);
    d->in.mouse = at;
    desk_frame(d);
}

static inline void desk_click_cell(Desk *d, int query, int key, int mods)
{
    desk_hover_cell(d, query, key);
    desk_press(d, 1, mods);
    desk_release(d, mods);
    desk_settle(d);
}

/* Was this text drawn in the last frame, whole or within a longer one? */
static inline bool desk_drawn(const Desk *d, const char *text)
{
    for (size_t i = 0; i < d->list->count; i++)
        if (d->list->items[i].kind == DRAW_TEXT && strstr(d->list->items[i].text, text))
            return true;
    return false;
}

static inline const AttnResult *desk_result(Desk *d)
{
    return app_scope(d->app)->result;
}

static inline double desk_weight(Desk *d, int query, int key)
{
    return (double)matrix_row(desk_result(d)->stage[STAGE_WEIGHTS], query)[key];
}

static inline double desk_row_sum(Desk *d, int query)
{
    double sum = 0;
    for (int k = 0; k < desk_result(d)->n_k; k++)
        sum += desk_weight(d, query, k);
    return sum;
}

static inline uint64_t desk_hash(const Desk *d)
{
    return draw_list_hash(d->list);
}

#endif
