/* What a hand does: the pointer moves, presses, turns the wheel, and pulls knobs. */
#include "app/script_player.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 128, SEARCH_MOST = 60 };

static float pixels_per_point(const Player *p)
{
    return p->in.density * (float)app_settings(p->app)->ui_scale;
}

static void move_to(Player *p, Vec2 points)
{
    float s = pixels_per_point(p);
    p->in.mouse = vec2(points.x * s, points.y * s);
}

static void press(Player *p, int clicks, int mods)
{
    p->in.pressed[MOUSE_LEFT] = p->in.held[MOUSE_LEFT] = true;
    p->in.clicks = clicks;
    p->in.mods = mods;
    player_frame(p);
}

static void release(Player *p, int mods)
{
    p->in.released[MOUSE_LEFT] = true;
    p->in.held[MOUSE_LEFT] = false;
    p->in.mods = mods;
    player_frame(p);
}

/* The pointer comes first, as a person's does: widgets hover before they are pressed. */
static void click_here(Player *p, int times, int mods)
{
    for (int i = 1; i <= times; i++) {
        press(p, i, mods);
        release(p, mods);
    }
}

/* An id that is the rest of the line; it may hold spaces, with or without quotes. */
static const UiItem *find_rest(Player *p, const char *rest)
{
    char id[NAME_MOST];
    if (rest[0] == '"')
        player_word(&rest, id, sizeof id);
    else
        snprintf(id, sizeof id, "%s", rest);
    const UiItem *item = player_find(p, id);
    if (item && !item->visible) {
        error_set(p->err, ERROR_USAGE, "id: expected a visible widget, found %s out of sight", id);
        return NULL;
    }
    return item;
}

static Vec2 middle(Rect r)
{
    return vec2(r.x + r.w / 2, r.y + r.h / 2);
}

/* ---- pointer -----------------------------------------------------------------------------------
 */

bool script_move(Player *p, const char *rest, int mods)
{
    double at[2];
    (void)mods;
    if (!player_numbers(p, &rest, 2, at))
        return false;
    move_to(p, vec2((float)at[0], (float)at[1]));
    player_frame(p);
    return true;
}

bool script_press(Player *p, const char *rest, int mods)
{
    if (rest[0] && !script_move(p, rest, 0))
        return false;
    press(p, 1, mods);
    return true;
}

bool script_release(Player *p, const char *rest, int mods)
{
    (void)rest;
    release(p, mods);
    return true;
}

/* The pointer goes to a widget and follows it while the window still arranges itself. */
static bool go_to(Player *p, const char *rest)
{
    player_settle(p);
    for (int tries = 0; tries < 4; tries++) {
        const UiItem *item = find_rest(p, rest);
        if (!item)
            return false;
        Vec2 at = middle(item->rect);
        move_to(p, at);
        player_frame(p);
        item = find_rest(p, rest);
        if (!item)
            return false;
        Vec2 now = middle(item->rect);
        if (now.x == at.x && now.y == at.y)
            break;
    }
    return true;
}

static bool click_id(Player *p, const char *rest, int times, int mods)
{
    if (!go_to(p, rest))
        return false;
    click_here(p, times, mods);
    return true;
}

bool script_click(Player *p, const char *rest, int mods)
{
    return click_id(p, rest, 1, mods);
}
bool script_double(Player *p, const char *rest, int mods)
{
    return click_id(p, rest, 2, mods);
}

bool script_hover(Player *p, const char *rest, int mods)
{
    (void)mods;
    return go_to(p, rest);
}

bool script_wheel(Player *p, const char *rest, int mods)
{
    double notches;
    if (!player_numbers(p, &rest, 1, &notches) || (rest[0] && !script_hover(p, rest, 0)))
        return false;
    p->in.wheel = vec2(0, (float)notches);
    p->in.mods = mods;
    player_frame(p);
    return true;
}

static bool to_cell(Player *p, const char *rest)
{
    double at[2];
    if (!player_numbers(p, &rest, 2, at))
        return false;
    if (at[0] < 0 || at[1] < 0 || !app_cell_point(p->app, (int)at[0], (int)at[1], &p->in.mouse))
        return error_set(p->err, ERROR_USAGE,
                         "cell: expected one that is seen in a heatmap, found %.9g %.9g", at[0],
                         at[1]);
    player_frame(p);
    return true;
}

bool script_hover_cell(Player *p, const char *rest, int mods)
{
    (void)mods;
    return to_cell(p, rest);
}

bool script_click_cell(Player *p, const char *rest, int mods)
{
    if (!to_cell(p, rest))
        return false;
    click_here(p, 1, mods);
    return true;
}

/* ---- dragging sliders --------------------------------------------------------------------------
 */

typedef struct {
    char id[NAME_MOST];
    Vec2 lo, hi; /* ends of the track */
} Track;

static bool find_track(Player *p, const char **rest, Track *out)
{
    player_word(rest, out->id, sizeof out->id);
    const UiItem *item = player_find(p, out->id);
    if (!item)
        return false;
    if (!item->enabled)
        return error_set(p->err, ERROR_USAGE, "id: expected an enabled slider, found %s disabled",
                         out->id);
    if (!ui_find_track(app_ui(p->app), out->id, (double)-INFINITY, &out->lo) ||
        !ui_find_track(app_ui(p->app), out->id, (double)INFINITY, &out->hi))
        return error_set(p->err, ERROR_USAGE, "id: expected a slider, found %s", out->id);
    return true;
}

/* What a shown number stands for: 90 % is 0.9. */
static double meant(const char *shown, double number)
{
    return strchr(shown, '%') ? number / 100 : number;
}

static void grab_knob(Player *p, const Track *track)
{
    const UiItem *item = ui_find(app_ui(p->app), track->id);
    double now;
    Vec2 at = track->lo;
    if (item && script_shown_number(item->value, &now))
        ui_find_track(app_ui(p->app), track->id, meant(item->value, now), &at);
    move_to(p, at);
    player_frame(p);
    press(p, 1, 0);
}

static bool shown_value(Player *p, const Track *track, double *out, char *text, size_t cap)
{
    const UiItem *item = ui_find(app_ui(p->app), track->id);
    if (!item)
        return player_find(p, track->id) != NULL;
    snprintf(text, cap, "%s", item->value);
    return script_shown_number(item->value, out) ||
           error_set(p->err, ERROR_USAGE, "%s: expected a slider with a number, found %s",
                     track->id, item->value);
}

/* drag ID VALUE: to where the value should stand, then by halves until the widget shows it. */
bool script_drag(Player *p, const char *rest, int mods)
{
    Track track;
    double want, now = 0;
    char text[64] = "";
    (void)mods;
    if (!find_track(p, &rest, &track))
        return false;
    if (!script_shown_number(rest, &want))
        return player_number(p, rest, "value", &want);
    grab_knob(p, &track);
    float lo = track.lo.x, hi = track.hi.x;
    Vec2 at = track.lo;
    bool ok = shown_value(p, &track, &now, text, sizeof text) &&
              ui_find_track(app_ui(p->app), track.id, meant(text, want), &at);
    bool same = false;
    for (int i = 0; ok && !same && i < SEARCH_MOST; i++) {
        move_to(p, at);
        player_frame(p);
        ok = shown_value(p, &track, &now, text, sizeof text);
        same = ok && fabs(now - want) <= 1e-9 * fmax(1e-6, fabs(want));
        if (now < want)
            lo = at.x;
        else
            hi = at.x;
        at.x = (lo + hi) / 2;
    }
    release(p, 0);
    return ok && (same || error_set(p->err, ERROR_USAGE, "%s: expected %s, found %s", track.id,
                                    rest, text));
}

bool script_drag_to(Player *p, const char *rest, int mods)
{
    Track track;
    double share;
    char word[32];
    (void)mods;
    if (!find_track(p, &rest, &track))
        return false;
    player_word(&rest, word, sizeof word);
    if (!strchr(word, '%') || !script_shown_number(word, &share) || share < 0 || share > 100)
        return error_set(p->err, ERROR_USAGE, "position: expected 0 … 100 percent, found %s", word);
    grab_knob(p, &track);
    move_to(p, vec2(track.lo.x + (track.hi.x - track.lo.x) * (float)share / 100, track.lo.y));
    player_frame(p);
    release(p, 0);
    return true;
}
