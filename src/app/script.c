#include "app/script_player.h"

#include "app/export.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MOST = 4096, NAME_MOST = 128, SETTLE_MOST = 2000 };
static const double FRAME_SECONDS = 1.0 / 60;
static const float FAR_AWAY = -10000;

/* ---- frames ------------------------------------------------------------------------------------
 */

void player_frame(Player *p)
{
    if (p->ended)
        return;
    if (!app_frame(p->app, &p->in, &p->list, &p->out))
        p->ended = true;
    if (p->out.clipboard) {
        mem_free(p->clipboard);
        p->clipboard = mem_string(p->out.clipboard, strlen(p->out.clipboard));
    }
    Input *in = &p->in;
    memset(in->pressed, 0, sizeof in->pressed);
    memset(in->released, 0, sizeof in->released);
    in->clicks = in->mods = in->key = 0;
    in->wheel = vec2(0, 0);
    in->text = in->clipboard = NULL;
    in->drops = NULL;
    in->drop_count = 0;
    in->time += FRAME_SECONDS;
}

void player_settle(Player *p)
{
    for (int i = 0; i < SETTLE_MOST && !p->ended; i++) {
        if (p->out.wake == 0 || p->out.wake > p->in.time)
            return;
        player_frame(p);
    }
}

/* ---- words -------------------------------------------------------------------------------------
 */

void player_word(const char **rest, char *out, size_t cap)
{
    const char *s = *rest;
    size_t n = 0;
    bool quoted = *s == '"';
    for (s += quoted; *s && (quoted ? *s != '"' : *s != ' '); s++)
        if (n + 1 < cap)
            out[n++] = *s;
    out[n] = '\0';
    s += quoted && *s == '"';
    *rest = s + strspn(s, " ");
}

bool player_number(Player *p, const char *text, const char *what, double *out)
{
    if (number_parse(text, strlen(text), out) && isfinite(*out))
        return true;
    return error_set(p->err, ERROR_USAGE, "%s: expected a number, found %s", what,
                     text[0] ? text : "nothing");
}

bool player_numbers(Player *p, const char **rest, int count, double *out)
{
    for (int i = 0; i < count; i++) {
        char word[64];
        player_word(rest, word, sizeof word);
        if (!player_number(p, word, "argument", &out[i]))
            return false;
    }
    return true;
}

const UiItem *player_find(Player *p, const char *id)
{
    const UiItem *item = ui_find(app_ui(p->app), id);
    if (!item)
        error_set(p->err, ERROR_USAGE, "id: expected a widget of the window, found none named %s",
                  id);
    return item;
}

/* ${out} and ${script}: the folders of snaps and of the script. */
bool player_expand(Player *p, const char *from, char *out, size_t cap)
{
    static const char *const names[] = {"${out}", "${script}"};
    char folder[1024];
    size_t n = 0;
    while (*from && n + 1 < cap) {
        int which = strncmp(from, names[0], 6) == 0 ? 0 : strncmp(from, names[1], 9) == 0 ? 1 : -1;
        if (which < 0) {
            out[n++] = *from++;
            continue;
        }
        const char *dir = which == 1 ? p->folder : p->options->out_dir ? p->options->out_dir : ".";
        if (!path_absolute(folder, sizeof folder, dir) || n + strlen(folder) + 1 > cap)
            return error_set(p->err, ERROR_LIMIT, "path: expected at most %zu bytes, found more",
                             cap - 1);
        memcpy(out + n, folder, strlen(folder));
        n += strlen(folder);
        from += strlen(names[which]);
    }
    out[n] = '\0';
    return true;
}

static bool path_of(Player *p, const char *rest, char *out, size_t cap)
{
    char path[LINE_MOST];
    if (!rest[0])
        return error_set(p->err, ERROR_USAGE, "file: expected a path, found none");
    if (!player_expand(p, rest, path, sizeof path))
        return false;
    return path_join(out, cap, p->folder, path) ||
           error_set(p->err, ERROR_LIMIT, "path: expected at most %zu bytes, found more", cap - 1);
}

/* ---- keyboard ----------------------------------------------------------------------------------
 */

typedef struct {
    const char *name;
    int key;
} KeyName;
static const KeyName KEYS[] = {
    {"enter", KEY_ENTER},    {"return", KEY_ENTER},
    {"escape", KEY_ESCAPE},  {"esc", KEY_ESCAPE},
    {"tab", KEY_TAB},        {"backspace", KEY_BACKSPACE},
    {"delete", KEY_DELETE},  {"left", KEY_LEFT},
    {"right", KEY_RIGHT},    {"up", KEY_UP},
    {"down", KEY_DOWN},      {"home", KEY_HOME},
    {"end", KEY_END},        {"pageup", KEY_PAGE_UP},
    {"pgup", KEY_PAGE_UP},   {"pagedown", KEY_PAGE_DOWN},
    {"pgdn", KEY_PAGE_DOWN}, {"space", ' '},
    {"plus", '+'},           {"f1", KEY_F1},
    {"f2", KEY_F2},          {"f3", KEY_F3},
    {"f4", KEY_F4},          {"f5", KEY_F5},
    {"f6", KEY_F6},          {"f7", KEY_F7},
    {"f8", KEY_F8},          {"f9", KEY_F9},
    {"f10", KEY_F10},        {"f11", KEY_F11},
    {"f12", KEY_F12},
};

static const char *modifiers(const char *text, int *mods)
{
    static const KeyName names[] = {{"ctrl+", MOD_CTRL}, {"shift+", MOD_SHIFT}, {"alt+", MOD_ALT}};
    for (size_t i = 0; i < sizeof names / sizeof *names;) {
        size_t n = strlen(names[i].name);
        if (strncmp(text, names[i].name, n) == 0 && text[n]) {
            *mods |= names[i].key;
            text += n;
            i = 0;
        } else {
            i++;
        }
    }
    return text;
}

static bool do_key(Player *p, const char *rest, int mods)
{
    int key = KEY_NONE;
    const char *name = modifiers(rest, &mods);
    size_t at = 0, length = strlen(name);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        if (strcmp(name, KEYS[i].name) == 0)
            key = KEYS[i].key;
    if (key == KEY_NONE && length > 0) {
        uint32_t code = utf8_next(name, length, &at);
        key = at == length && code != UTF8_BAD ? (int)code : KEY_NONE;
        if (key >= 'A' && key <= 'Z') {
            key += 'a' - 'A';
            mods |= MOD_SHIFT;
        }
    }
    if (key == KEY_NONE)
        return error_set(p->err, ERROR_USAGE, "key: expected a name such as ctrl+z, found %s",
                         rest[0] ? rest : "nothing");
    p->in.key = key;
    p->in.mods = mods;
    if ((key == 'v' && (mods & MOD_CTRL)) && p->clipboard)
        p->in.clipboard = p->clipboard;
    player_frame(p);
    return true;
}

static bool do_text(Player *p, const char *rest, int mods)
{
    char text[LINE_MOST];
    (void)mods;
    if (!player_expand(p, rest, text, sizeof text))
        return false;
    p->in.text = text;
    player_frame(p);
    return true;
}

/* ---- files, time, window -----------------------------------------------------------------------
 */

static bool do_drop(Player *p, const char *rest, int mods)
{
    char path[1024];
    const char *drops[] = {path};
    (void)mods;
    if (!path_of(p, rest, path, sizeof path))
        return false;
    p->in.drops = drops;
    p->in.drop_count = 1;
    player_frame(p);
    return true;
}

/* A file that cannot be opened is a notice, as in the window; the script looks at it by
 * expect-notice. */
static bool do_open(Player *p, const char *rest, int mods)
{
    char path[1024];
    (void)mods;
    if (!path_of(p, rest, path, sizeof path))
        return false;
    app_open(p->app, path, NULL);
    player_frame(p);
    return true;
}

static bool do_resize(Player *p, const char *rest, int mods)
{
    int w = 0, h = 0, used = 0;
    (void)mods;
    if (sscanf(rest, "%6dx%6d%n", &w, &h, &used) != 2 || rest[used] || w < 1 || h < 1 ||
        w > 16384 || h > 16384)
        return error_set(p->err, ERROR_USAGE, "size: expected WxH, found %s", rest);
    p->in.pixel_w = (int)lroundf((float)w * p->in.density);
    p->in.pixel_h = (int)lroundf((float)h * p->in.density);
    player_frame(p);
    return true;
}

static bool do_frame(Player *p, const char *rest, int mods)
{
    double count = 1;
    (void)mods;
    if (rest[0] && !player_numbers(p, &rest, 1, &count))
        return false;
    for (int i = 0; i < (int)fmin(count, 100000) && !p->ended; i++)
        player_frame(p);
    return true;
}

static bool do_wait(Player *p, const char *rest, int mods)
{
    double seconds;
    (void)mods;
    if (!player_numbers(p, &rest, 1, &seconds))
        return false;
    p->in.time += fmax(0, seconds - FRAME_SECONDS);
    player_frame(p);
    return true;
}

static bool out_path(Player *p, const char *rest, const char *ending, char *out, size_t cap)
{
    const char *dir = p->options->out_dir ? p->options->out_dir : ".";
    char name[NAME_MOST + 8];
    snprintf(name, sizeof name, "%.120s%s", rest, ending);
    if (!path_stays_inside(rest) || !path_join(out, cap, dir, name))
        return error_set(p->err, ERROR_USAGE, "name: expected that of a picture, found %s",
                         rest[0] ? rest : "nothing");
    return file_make_dirs(dir, p->err);
}

/* The widgets of the window as text: what ids there are, for whoever writes a script. */
static bool do_list(Player *p, const char *rest, int mods)
{
    char path[1024];
    Buf text;
    int count;
    (void)mods;
    if (!out_path(p, rest, ".txt", path, sizeof path))
        return false;
    const UiItem *items = ui_items(app_ui(p->app), &count);
    buf_init(&text, BUF_NO_LIMIT);
    for (int i = 0; i < count; i++)
        buf_printf(&text, "%s\t%s\t%s\t%s%s%s\n", items[i].id, UI_ROLE_NAMES[items[i].role],
                   items[i].value, items[i].visible ? "visible" : "out of sight",
                   items[i].enabled ? "" : ", disabled", items[i].checked ? ", checked" : "");
    bool ok = buf_ok(&text, p->err) &&
              (file_write_atomic(path, text.data, text.size, p->err) ||
               error_within(p->err, "%s", path));
    buf_free(&text);
    return ok;
}

static bool do_snap(Player *p, const char *rest, int mods)
{
    char path[1024];
    Buf png;
    (void)mods;
    if (!out_path(p, rest, ".png", path, sizeof path))
        return false;
    player_settle(p);
    buf_init(&png, BUF_NO_LIMIT);
    float s = p->out.scale;
    bool ok = export_png(p->list, p->options->font, (float)p->in.pixel_w / s,
                         (float)p->in.pixel_h / s, s, p->out.ground, &png, p->err) &&
              (file_write_atomic(path, png.data, png.size, p->err) ||
               error_within(p->err, "%s", path));
    buf_free(&png);
    return ok;
}

/* ---- lines -------------------------------------------------------------------------------------
 */

static bool do_expect(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_expect(p, rest);
}
static bool do_expect_value(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_expect_value(p, rest);
}
static bool do_expect_cell(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_expect_cell(p, rest);
}
static bool do_expect_notice(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_expect_notice(p, rest);
}
static bool do_copy_is(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_copy_is(p, rest);
}

static bool do_expect_copied(Player *p, const char *rest, int mods)
{
    (void)mods;
    return script_expect_copied(p, rest);
}

typedef struct {
    const char *name;
    bool (*run)(Player *, const char *rest, int mods);
} Event;
static const Event EVENTS[] = {
    {"move", script_move},
    {"press", script_press},
    {"release", script_release},
    {"click", script_click},
    {"double", script_double},
    {"hover", script_hover},
    {"drag", script_drag},
    {"drag-to", script_drag_to},
    {"wheel", script_wheel},
    {"key", do_key},
    {"text", do_text},
    {"drop", do_drop},
    {"resize", do_resize},
    {"frame", do_frame},
    {"wait", do_wait},
    {"hover-cell", script_hover_cell},
    {"click-cell", script_click_cell},
    {"open", do_open},
    {"expect", do_expect},
    {"expect-value", do_expect_value},
    {"expect-cell", do_expect_cell},
    {"expect-notice", do_expect_notice},
    {"copy-is", do_copy_is},
    {"expect-copied", do_expect_copied},
    {"list", do_list},
    {"snap", do_snap},
};

static bool run_line(Player *p, const char *line)
{
    char word[64];
    int mods = 0;
    player_word(&line, word, sizeof word);
    const char *name = modifiers(word, &mods);
    for (size_t i = 0; i < sizeof EVENTS / sizeof *EVENTS; i++)
        if (strcmp(name, EVENTS[i].name) == 0)
            return EVENTS[i].run(p, line, mods);
    return error_set(p->err, ERROR_USAGE, "event: expected one such as click, found %s", word);
}

/* One line without its blanks at both ends; false: nothing to do. */
static bool trimmed(const char *from, size_t length, char *out)
{
    while (length > 0 && strchr(" \t\r", from[length - 1]))
        length--;
    while (length > 0 && strchr(" \t", *from)) {
        from++;
        length--;
    }
    memcpy(out, from, length);
    out[length] = '\0';
    return length > 0 && out[0] != '#';
}

static bool run_lines(Player *p, const char *text, size_t length)
{
    char line[LINE_MOST];
    int number = 1;
    for (size_t at = 0; at < length; number++) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t n = end ? (size_t)(end - text) - at : length - at;
        bool ok = n < sizeof line && !memchr(text + at, '\0', n) && utf8_valid(text + at, n) == n;
        if (!ok)
            error_set(p->err, ERROR_USAGE,
                      "line: expected text of at most %d bytes, found more, or no UTF-8",
                      LINE_MOST - 1);
        else if (trimmed(text + at, n, line))
            ok = run_line(p, line);
        if (!ok)
            return error_within(p->err, "line %d", number);
        at += n + 1;
    }
    return true;
}

bool script_run(App *app, const char *text, size_t length, const ScriptOptions *options, Error *err)
{
    Error own = {0};
    Player p = {.app = app, .options = options, .err = &own};
    p.in.pixel_w = options->pixel_w;
    p.in.pixel_h = options->pixel_h;
    p.in.density = options->density;
    p.in.mouse = vec2(FAR_AWAY, FAR_AWAY);
    p.in.time = 1;
    if (!options->path || !path_dir(p.folder, sizeof p.folder, options->path))
        snprintf(p.folder, sizeof p.folder, ".");
    player_frame(&p);
    bool ok = run_lines(&p, text, length);
    mem_free(p.clipboard);
    if (!ok && err)
        *err = own;
    return ok;
}
