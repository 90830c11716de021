/* What must hold after every frame, whatever was done: settings in range, balanced stacks, finite
 * geometry, a valid focus, a selection that exists; and what a refused file may not touch.
 */
#ifndef ATTNSCOPE_TESTS_MONKEY_INVARIANTS_H
#define ATTNSCOPE_TESTS_MONKEY_INVARIANTS_H

#include "app/commands.h"
#include "base/hash.h"
#include "base/index_set.h"
#include "base/utf8.h"
#include "draw/svg.h"
#include "draw/trace.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MONKEY_SAID = 24 };

/* What a walk must have come by, or it proves little. */
enum {
    SEEN_DOCUMENT,
    SEEN_HEATMAP,
    SEEN_LINES,
    SEEN_PATCHES,
    SEEN_HEADS,
    SEEN_TWO_PANES,
    SEEN_HOVER,
    SEEN_CARD,
    SEEN_PALETTE,
    SEEN_BROWSER,
    SEEN_HELP,
    SEEN_TYPING,
    SEEN_REDUCED,
    SEEN_CHANGED,
    MONKEY_SEEN
};
static const char *const MONKEY_SEEN_NAMES[] = {
    "a document", "heatmap", "lines",   "patches", "heads",  "two panes", "a hovered token",
    "the card",   "palette", "browser", "keys",    "typing", "mean or max", "the banner"};

typedef struct {
    App *app;
    Input in;
    AppOutput out;
    const DrawList *list;
    uint64_t seed, step;
    char said[MONKEY_SAID][160]; /* the last events, a ring */
    int said_at;
    bool verbose;
    uint64_t seen[MONKEY_SEEN]; /* frames in which … was on the screen */
} Monkey;

static inline void monkey_say(Monkey *m, const char *fmt, ...) ATTN_PRINTF(2, 3);
static inline void monkey_say(Monkey *m, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(m->said[m->said_at % MONKEY_SAID], sizeof m->said[0], fmt, args);
    va_end(args);
    if (m->verbose)
        printf("%llu %s\n", (unsigned long long)m->step, m->said[m->said_at % MONKEY_SAID]);
    m->said_at++;
}

static inline void monkey_fail(const Monkey *m, const char *what)
{
    printf("monkey: seed %llu, event %llu: broken: %s\n", (unsigned long long)m->seed,
           (unsigned long long)m->step, what);
    for (int i = m->said_at < MONKEY_SAID ? 0 : m->said_at - MONKEY_SAID; i < m->said_at; i++)
        printf("  %s\n", m->said[i % MONKEY_SAID]);
    fflush(stdout);
    exit(1);
}

static inline void monkey_hold(const Monkey *m, bool holds, const char *what)
{
    if (!holds)
        monkey_fail(m, what);
}

/* ---- drawing ---------------------------------------------------------------- */

static inline bool monkey_finite(const float *values, int count)
{
    for (int i = 0; i < count; i++)
        if (!isfinite(values[i]) || fabsf(values[i]) > 1e9f)
            return false;
    return true;
}

static inline void monkey_list(const Monkey *m, const DrawList *list)
{
    char what[256];
    int clips = 0, groups = 0;
    monkey_hold(m, !list->failed, "the list is whole");
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->items[i];
        const float values[] = {c->r.x,     c->r.y,     c->r.w,      c->r.h,         c->p0.x,
                                c->p0.y,    c->p1.x,    c->p1.y,     c->width,       c->radius,
                                c->dash_on, c->dash_off, c->opacity, c->style.size};
        bool fine = monkey_finite(values, sizeof values / sizeof values[0]);
        for (int p = 0; fine && p < c->corners; p++)
            fine = monkey_finite(&c->points[p].x, 2);
        if (c->kind == DRAW_RIBBONS) {
            for (int k = 0; fine && k < c->ribbons.count; k++) {
                const Ribbon *r = &c->ribbons.items[k];
                const float part[] = {r->a0, r->a1, r->width, r->alpha};
                fine = monkey_finite(part, 4) && r->width >= 0 && r->alpha >= 0 && r->alpha <= 1;
            }
        }
        if (!fine) {
            snprintf(what, sizeof what,
                     "finite geometry of command %zu, kind %d, %g %g %g %g, %.60s", i, (int)c->kind,
                     (double)c->r.x + (double)c->p0.x, (double)c->r.y + (double)c->p0.y,
                     (double)c->r.w + (double)c->p1.x, (double)c->r.h + (double)c->p1.y,
                     c->text ? c->text : "");
            for (size_t j = i > 6 ? i - 6 : 0; j < i; j++)
                if (list->items[j].kind == DRAW_TEXT || list->items[j].kind == DRAW_GROUP)
                    printf("before it: %s\n", list->items[j].text);
            monkey_fail(m, what);
        }
        if (c->kind == DRAW_TEXT && utf8_valid(c->text, c->length) != c->length) {
            snprintf(what, sizeof what, "texts are UTF-8: %zu bytes, %.150s", c->length, c->text);
            monkey_fail(m, what);
        }
        if (c->kind == DRAW_IMAGE)
            monkey_hold(m, c->image && c->image->px, "images are there");
        clips += c->kind == DRAW_CLIP ? 1 : c->kind == DRAW_UNCLIP ? -1 : 0;
        groups += c->kind == DRAW_GROUP ? 1 : c->kind == DRAW_UNGROUP ? -1 : 0;
        monkey_hold(m, clips >= 0 && groups >= 0, "clips and groups nest");
    }
    monkey_hold(m, clips == 0 && groups == 0, "clips and groups are closed");
}

/* ---- state -------------------------------------------------------------------- */

static inline void monkey_settings(const Monkey *m)
{
    char what[200];
    Settings copy = *app_settings(m->app);
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (!field_clamp(&SETTINGS[i], &copy))
            continue;
        snprintf(what, sizeof what, "%s is in its range", SETTINGS[i].name);
        monkey_fail(m, what);
    }
    Scope *scope = &m->app->scope;
    Error err = {0};
    if (scope->open)
        scope_trim(scope, &copy, (ScopeSets){.hidden = true, .global = true}); /* they wait for a
                                                                sentence that has them */
    if (scope->open && !scope_check(scope, &copy, &err))
        monkey_fail(m, err.what);
    const AttnResult *r = scope->open ? scope->result : NULL;
    const DocSentence *s = scope->open ? scope_sentence(scope, &copy) : NULL;
    (void)r;
    monkey_hold(m, !s || m->app->hover.hover_query < s->queries.count, "the pointed query exists");
}

static inline void monkey_ids(const Monkey *m, const UiItem *items, int count)
{
    char what[200];
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
            if (strcmp(items[i].id, items[j].id) != 0)
                continue;
            snprintf(what, sizeof what, "%s is one control (%s and %s)", items[i].id,
                     UI_ROLE_NAMES[items[i].role], UI_ROLE_NAMES[items[j].role]);
            monkey_fail(m, what);
        }
    }
}

static inline void monkey_items(const Monkey *m)
{
    int count = 0, focused = 0;
    const UiItem *items = ui_items(app_ui(m->app), &count);
    for (int i = 0; i < count; i++) {
        monkey_hold(m, monkey_finite(&items[i].rect.x, 4), "controls have finite places");
        monkey_hold(m, items[i].id[0] != 0, "controls have ids");
        focused += items[i].focused;
    }
    /* A layer that opens mid-frame takes the keyboard from what is drawn already, and asks for
     * another frame at once. */
    bool again = m->out.wake > 0 && m->out.wake <= m->in.time;
    for (int i = 0; i < count && focused > 1 && !again; i++)
        if (items[i].focused)
            printf("has the keyboard: %s (layer %d)\n", items[i].id, items[i].layer);
    monkey_hold(m, focused <= 1 || again, "one control has the keyboard at most");
    if (m->step % 16 == 0)
        monkey_ids(m, items, count);
    monkey_hold(m, focused == 1 || again || !ui_typing(app_ui(m->app)),
                "typing goes into a control");
}

static inline void monkey_invariants(const Monkey *m)
{
    monkey_hold(m, ui_balanced(app_ui(m->app)), "pushes, clips and layers are closed");
    monkey_hold(m, m->out.scale > 0 && isfinite(m->out.scale), "a scale");
    monkey_hold(m, m->out.title && m->out.title[0], "a title");
    monkey_hold(m, m->app->history.count >= 1 && m->app->history.at < m->app->history.count,
                "the history has a present");
    monkey_settings(m);
    monkey_items(m);
    monkey_list(m, m->list);
}

static inline void monkey_look(Monkey *m)
{
    const App *app = m->app;
    m->seen[SEEN_DOCUMENT] += app->scope.open;
    for (int p = 0; p < 2; p++)
        if (app->scope.open && app->panes[p].drawn)
            m->seen[SEEN_HEATMAP + app->panes[p].view]++;
    m->seen[SEEN_TWO_PANES] += app->scope.open && app->panes[0].drawn && app->panes[1].drawn;
    m->seen[SEEN_HOVER] += app->scope.open && app->hover.hover_query >= 0;
    m->seen[SEEN_CARD] += app->scope.open && app->hover_card;
    m->seen[SEEN_PALETTE] += app->palette.open;
    m->seen[SEEN_BROWSER] += app->browser.kind != BROWSER_CLOSED;
    m->seen[SEEN_HELP] += app->help;
    m->seen[SEEN_TYPING] += ui_typing(app->ui);
    m->seen[SEEN_REDUCED] += app->scope.open && app->scope.reduced;
    m->seen[SEEN_CHANGED] += app->changed_on_disk;
}

/* One frame with the event in m->in, which is over afterwards. False: the program quit. */
static inline bool monkey_frame(Monkey *m)
{
    Input *in = &m->in;
    bool go_on = app_frame(m->app, in, &m->list, &m->out);
    monkey_invariants(m);
    monkey_look(m);
    memset(in->pressed, 0, sizeof in->pressed);
    memset(in->released, 0, sizeof in->released);
    in->clicks = in->mods = in->key = in->drop_count = 0;
    in->wheel = vec2(0, 0);
    in->text = in->preedit = in->clipboard = NULL;
    in->drops = NULL;
    in->key_repeat = in->focus_lost = in->quit = false;
    return go_on;
}

/* ---- what a refused file leaves as it was --------------------------------------- */

typedef struct {
    Settings values;
    uint64_t document, settings, history, recent, selection, title;
} MonkeyState;

static inline uint64_t monkey_settings_hash(uint64_t hash, const Settings *s)
{
    Buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        field_print(&SETTINGS[i], s, &text);
    hash = hash_bytes(hash, text.data, text.size);
    buf_free(&text);
    return hash;
}

static inline MonkeyState monkey_state(const App *app)
{
    MonkeyState s = {.values = app->settings};
    int open = app->scope.open;
    s.document = hash_bytes(HASH_SEED, &open, sizeof open);
    if (open) {
        s.document = hash_bytes(s.document, &app->scope.doc.key, sizeof app->scope.doc.key);
        s.document = hash_bytes(s.document, app->scope.doc.path, strlen(app->scope.doc.path));
    }
    s.settings = monkey_settings_hash(HASH_SEED, &app->settings);
    s.history = hash_bytes(HASH_SEED, &app->history.at, sizeof app->history.at);
    s.history = hash_bytes(s.history, &app->history.count, sizeof app->history.count);
    for (int i = 0; i < app->history.count; i++)
        s.history = monkey_settings_hash(
            s.history, &app->history.items[(app->history.first + i) % HISTORY_MAX]);
    s.recent = hash_bytes(HASH_SEED, app->session.recent, sizeof app->session.recent);
    s.selection = hash_bytes(HASH_SEED, &app->focused_pane, sizeof app->focused_pane);
    s.title = hash_bytes(HASH_SEED, app->title, strlen(app->title));
    return s;
}

static inline void monkey_same(const Monkey *m, const MonkeyState *a, const MonkeyState *b)
{
    monkey_hold(m, a->document == b->document, "a refused file leaves the document");
    for (size_t i = 0; i < SETTINGS_COUNT && a->settings != b->settings; i++) {
        char what[160];
        if (field_equal(&SETTINGS[i], &a->values, &b->values))
            continue;
        snprintf(what, sizeof what, "a refused file leaves %s", SETTINGS[i].name);
        monkey_fail(m, what);
    }
    monkey_hold(m, a->settings == b->settings, "a refused file leaves the settings");
    monkey_hold(m, a->history == b->history, "a refused file leaves the history");
    monkey_hold(m, a->recent == b->recent, "a refused file leaves the recent files");
    monkey_hold(m, a->selection == b->selection, "a refused file leaves the pane");
    monkey_hold(m, a->title == b->title, "a refused file leaves the title");
}

/* ---- undo ------------------------------------------------------------------------ */

static inline void monkey_run(Monkey *m, const char *id)
{
    command_run(m->app, command_find(id));
    monkey_frame(m);
}

/* The frame after an undo made a step of its own: which setting did it change? */
static inline void monkey_fail_field(const Monkey *m, int want)
{
    char what[160];
    const History *h = &m->app->history;
    const Settings *was = &h->items[(h->first + want) % HISTORY_MAX];
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (field_equal(&SETTINGS[i], was, &m->app->settings) ||
            (SETTINGS[i].flags & FIELD_NO_UNDO))
            continue;
        snprintf(what, sizeof what, "undo is undone by a change of %s", SETTINGS[i].name);
        monkey_fail(m, what);
    }
    monkey_fail(m, "undo goes one step back");
}

/* Back to the oldest settings and forward again gives the same settings. */
static inline void monkey_undo_redo(Monkey *m)
{
    App *app = m->app;
    int steps = 0, left = 0;
    for (int b = 0; b < MOUSE_BUTTONS; b++) { /* a gesture ends first */
        m->in.released[b] = m->in.held[b];
        m->in.held[b] = false;
    }
    app->palette.open = app->help = false;
    app->browser.kind = BROWSER_CLOSED;
    m->in.mouse = vec2(-1e6f, -1e6f);
    ui_focus(app->ui, NULL);
    monkey_frame(m);
    monkey_frame(m);
    if (ui_busy(app->ui))
        return;
    left = app->history.count - 1 - app->history.at;
    Settings now = app->settings;
    while (history_can_undo(&app->history) && steps <= HISTORY_MAX) {
        int want = app->history.at - 1;
        monkey_run(m, "edit.undo");
        if (app->history.at != want)
            monkey_fail_field(m, want);
        steps++;
    }
    monkey_hold(m, steps < HISTORY_MAX, "undo comes to an end");
    for (int i = 0; i < steps; i++) {
        monkey_hold(m, history_can_redo(&app->history), "what was undone can be redone");
        monkey_run(m, "edit.redo");
    }
    monkey_hold(m, settings_equal(&now, &app->settings, FIELD_NO_UNDO),
                "undo all, redo all gives the settings back");
    monkey_hold(m, left == app->history.count - 1 - app->history.at, "the redo tail is kept");
}

#endif
