/* What lies over the window: notices, the command palette, the list of keys. */
#include "app/commands.h"

#include "base/mem.h"
#include "base/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- notices ------------------------------------------------------------ */

static void dismiss(Notices *n, int index)
{
    memmove(n->items + index, n->items + index + 1,
            (size_t)(n->count - index - 1) * sizeof n->items[0]);
    n->count--;
}

static float notice_bar(App *app, const char *name, const char *text, const char *yes,
                        const char *no, float bottom, int *answer)
{
    const Theme *t = app->kit.theme;
    Rect space = app->scope.open ? app->layout.notices : app->layout.top;
    float u = t->unit, pad = floorf(6 * u),
          button = fmaxf(floorf(88 * u), text_width(&app->kit, FACE_SANS, t->body, yes) + 24 * u);
    Rect r = {space.x + 16, bottom - floorf(40 * u) - 4, fmaxf(200, space.w - 32), floorf(40 * u)};
    DrawList *list = ui_list(app->ui);
    *answer = 0;
    draw_rect(list, r, 6, t->warn_ground);
    draw_frame(list, r, 6, 1, t->warn_line);
    icon_draw(list, ICON_WARNING, rect(r.x + 8 * u, r.y, 24 * u, r.h), 16 * u, t->warn);
    text_label(list, &app->kit, rect(r.x + 40 * u, r.y, r.w - 40 * u - 2 * button - 4 * pad, r.h),
               text, t->warn);
    ui_push(app->ui, name);
    Rect box = {rect_right(r) - 2 * (button + pad), r.y + pad, button, r.h - 2 * pad};
    if (ui_button(app->ui, "yes", yes, box, false))
        *answer = 1;
    box.x += button + pad;
    if (ui_button(app->ui, "no", no, box, false))
        *answer = 2;
    ui_pop(app->ui);
    return r.y;
}

/* Python writes them into JSON: whoever takes them once takes them until the program ends, a reload
 * too. How many there are is told each time. */
static void open_with_nan(App *app)
{
    char path[sizeof app->nan_offer];
    const char *one = path;
    snprintf(path, sizeof path, "%s", app->nan_offer);
    app->options.allow_nan = true;
    app->notices.count = 0; /* it says that it cannot be opened */
    app_open_files(app, &one, 1, NULL, NULL);
}

static float banners(App *app, float bottom)
{
    int answer = 0;
    if (app->changed_on_disk) {
        bottom = notice_bar(app, "changed", "The file changed on disk.", "Reload", "Keep", bottom,
                            &answer);
        if (answer == 1)
            app_reload(app);
        if (answer)
            app->changed_on_disk = false;
    }
    if (app->nan_offer[0]) {
        char text[256];
        utf8_format(text, sizeof text, "%s holds NaN or infinite numbers.",
                    path_base(app->nan_offer));
        bottom = notice_bar(app, "nan", text, "Open with NaN", "Dismiss", bottom, &answer);
        if (answer == 1)
            open_with_nan(app);
        if (answer == 2)
            app->nan_offer[0] = '\0';
    }
    if (app->crash_offer) {
        char text[256];
        snprintf(text, sizeof text, "The last session ended unexpectedly with %s open.",
                 path_base(app->session.document));
        bottom = notice_bar(app, "restore", text, "Restore", "Dismiss", bottom, &answer);
        if (answer == 1)
            command_run(app, command_find("file.continue"));
        if (answer)
            app->crash_offer = false;
    }
    return bottom;
}

static Rect notice_space(const App *app)
{
    Vec2 size = ui_size(app->ui);
    bool laid = app->scope.open && app->layout.notices.w > 0;
    return laid ? app->layout.notices : rect(0, 0, size.x, size.y);
}

static float notice_width(const App *app)
{
    return fmaxf(240, notice_space(app).w - 32);
}

/* Several files that failed need not each say that the document is as it was: the newest does. */
static const char *notice_more(const App *app, int index)
{
    const Notice *items = app->notices.items;
    bool told = index > 0 && strcmp(items[index].more, items[0].more) == 0;
    return items[index].more[0] && !told ? items[index].more : NULL;
}

static float notice_height(const App *app, int index)
{
    return ui_notice_height(app->ui, app->notices.items[index].text, notice_more(app, index),
                            notice_width(app));
}

/* The newest, at most three, and less where they would take the window from the views. */
static int notices_shown(const App *app, float window_h)
{
    float total = 0;
    int shown = 0;
    while (shown < app->notices.count && shown < NOTICE_SHOWN) {
        total += notice_height(app, shown) + 4;
        if (shown > 0 && total > window_h * 0.22f)
            break;
        shown++;
    }
    return shown;
}

static int notices_left(const App *app, float window_h)
{
    return app->notices.count - notices_shown(app, window_h);
}

/* Below the others: what is seen when one of them is dismissed. */
static float older_notices(App *app, Rect space, float bottom)
{
    int left = notices_left(app, ui_size(app->ui).y);
    float h = floorf(20 * app->kit.theme->unit);
    char text[64];
    if (left <= 0)
        return bottom;
    snprintf(text, sizeof text, "and %d more %s", left, left == 1 ? "message" : "messages");
    text_label(
        ui_list(app->ui), &app->kit,
        rect(space.x + 16 + 40 * app->kit.theme->unit, bottom - h, notice_width(app) - 40, h), text,
        app->kit.theme->text2);
    return bottom - h;
}

float notices_height(const App *app, float window_h)
{
    float bar = floorf(40 * app->kit.theme->unit) + 4;
    float total = bar * (float)(app->changed_on_disk + app->crash_offer + (app->nan_offer[0] != 0));
    for (int i = notices_shown(app, window_h) - 1; i >= 0; i--)
        total += notice_height(app, i) + 4;
    total += notices_left(app, window_h) > 0 ? floorf(20 * app->kit.theme->unit) : 0;
    return total > 0 ? total + 8 : 0;
}

/* An error is asked about somewhere else: as it was told, in one line. */
void notice_copy(App *app, int index)
{
    if (index >= app->notices.count)
        return;
    const char *text = app->notices.items[index].text;
    mem_free(app->clipboard);
    app->clipboard = mem_string(text, strlen(text));
    snprintf(app->copied, sizeof app->copied, "copied the message");
    app->copied_until = app->input.time + 3;
}

const char *needs_notice(const App *app)
{
    return app->notices.count > 0 ? NULL : "There is no message.";
}

void notices_frame(App *app)
{
    Notices *n = &app->notices;
    Rect space = notice_space(app);
    ui_push(app->ui, "notices");
    float bottom = older_notices(app, space, banners(app, app->layout.status.y - 4));
    int shown = notices_shown(app, ui_size(app->ui).y), gone = -1;
    for (int i = shown - 1; i >= 0; i--) { /* the newest ends up on top */
        char name[32];
        float h = notice_height(app, i);
        Rect r = {space.x + 16, bottom - h - 4, notice_width(app), h};
        snprintf(name, sizeof name, "notice %d", i);
        const char *more = notice_more(app, i);
        NoticeAnswer said = ui_notice(app->ui, name, n->items[i].text, more, n->items[i].error, r);
        if (said == NOTICE_DISMISSED)
            gone = i;
        else if (said == NOTICE_COPIED)
            notice_copy(app, i);
        ui_push(app->ui, name);
        bool here = ui_focused(app->ui, "close") || ui_focused(app->ui, "copy");
        if (here && app->input.key == 'c' && app->input.mods == MOD_CTRL &&
            !ui_key_taken(app->ui)) {
            ui_take_key(app->ui);
            notice_copy(app, i);
        }
        ui_pop(app->ui);
        bottom = r.y;
    }
    if (gone >= 0)
        dismiss(n, gone);
    if (n->count > 0 && app->input.key == KEY_ESCAPE && !ui_key_taken(app->ui) &&
        !app_covered(app)) {
        dismiss(n, 0);
        ui_take_key(app->ui);
    }
    ui_pop(app->ui);
}

/* ---- palette ------------------------------------------------------------ */

/* Every word of the query somewhere in the title, in any order, case aside. */
static bool finds(const char *title, const char *query)
{
    while (*query) {
        size_t n = strcspn(query, " ");
        if (!search_caseless(title, query, n))
            return false;
        query += n;
        query += strspn(query, " ");
    }
    return true;
}

enum { PALETTE_ROWS = 10, PALETTE_MAX = 256 };

static int palette_matches(const App *app, const Command **out)
{
    int count = 0;
    for (int i = 0; i < COMMAND_COUNT && count < PALETTE_MAX; i++)
        if (finds(COMMANDS[i].title, app->palette.text))
            out[count++] = &COMMANDS[i];
    return count;
}

/* The title with the matched letters bold. */
static void palette_title(App *app, Rect r, const char *title, Color color)
{
    const Theme *t = app->kit.theme;
    size_t n = strcspn(app->palette.text, " "), length = strlen(title);
    const char *found = n > 0 ? search_caseless(title, app->palette.text, n) : NULL;
    if (!found) {
        text_label(ui_list(app->ui), &app->kit, r, title, color);
        return;
    }
    size_t at = (size_t)(found - title);
    float y = text_baseline(&app->kit, r.y, r.h, t->body), x = r.x;
    struct {
        FontFace face;
        const char *text;
        size_t length;
    } parts[] = {{FACE_SANS, title, at},
                 {FACE_BOLD, title + at, n},
                 {FACE_SANS, title + at + n, length - at - n}};
    for (int i = 0; i < 3; i++) {
        TextStyle style = {parts[i].face, t->body, color, ALIGN_LEFT, 0};
        draw_text(ui_list(app->ui), vec2(x, y), &style, parts[i].text, parts[i].length);
        x += text_width_n(&app->kit, parts[i].face, t->body, parts[i].text, parts[i].length);
    }
}

static void palette_rows(App *app, Rect box, const Command **found, int count, int most)
{
    const Theme *t = app->kit.theme;
    Palette *p = &app->palette;
    float u = t->unit, row = floorf(28 * u), top = floorf(48 * u);
    int first = p->chosen >= most ? p->chosen - most + 1 : 0;
    for (int i = first; i < count && i < first + most; i++) {
        Rect r = {box.x + 4, box.y + top + row * (float)(i - first), box.w - 8, row};
        const char *missing = found[i]->missing ? found[i]->missing(app) : NULL;
        UiArea area = ui_area(app->ui, found[i]->id, found[i]->title, r);
        if (i == p->chosen || area.hovered)
            draw_rect(ui_list(app->ui), r, 4, i == p->chosen ? t->tint : t->hover);
        palette_title(app, rect(r.x + 12, r.y, r.w - 120 * u, r.h), found[i]->title,
                      missing ? t->dis : t->text1);
        if (found[i]->keys[0]) {
            float w = text_width(&app->kit, FACE_SANS, t->body, found[i]->keys) + 12 * u;
            ui_key_cap(app->ui, found[i]->keys, vec2(rect_right(r) - w - 8, r.y + 4 * u));
        }
        if (missing)
            ui_tooltip(app->ui, r, missing);
        if (area.clicked) {
            p->open = false;
            command_run(app, found[i]);
        }
    }
}

void palette_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Palette *p = &app->palette;
    const Command *found[PALETTE_MAX];
    if (!p->open)
        return;
    Vec2 size = ui_size(app->ui);
    float u = t->unit, w = fminf(560 * u, size.x - 32), row = floorf(28 * u);
    float head_h = floorf(48 * u), foot_h = floorf(32 * u), top = floorf(fminf(96, size.y * 0.12f));
    int most = clampi((int)((size.y - 2 * top - head_h - foot_h) / row), 1, PALETTE_ROWS);
    int count = palette_matches(app, found), rows = clampi(count, 1, most);
    Rect box = {floorf((size.x - w) / 2), top, w, head_h + row * (float)rows + foot_h};
    ui_modal_begin(app->ui, "palette", box);
    if (p->just_opened)
        ui_focus(app->ui, "palette/query");
    p->just_opened = false;
    int key = app->input.key;
    if (key == KEY_ESCAPE) {
        p->open = false;
        ui_take_key(app->ui);
    } else if (key == KEY_DOWN || key == KEY_UP) {
        p->chosen = count > 0 ? (p->chosen + (key == KEY_DOWN ? 1 : count - 1)) % count : 0;
        ui_take_key(app->ui);
    }
    bool entered = false;
    if (ui_text_field(app->ui, "query", "every action by name", "every action by name", ICON_SEARCH,
                      rect(box.x + 4, box.y + 4, box.w - 8, floorf(40 * u)), p->text,
                      sizeof p->text, NULL, &entered))
        p->chosen = 0;
    p->chosen = count > 0 ? clampi(p->chosen, 0, count - 1) : 0;
    char foot[64];
    snprintf(foot, sizeof foot, "Enter runs · Esc closes · %d of %d", count, COMMAND_COUNT);
    text_label(ui_list(app->ui), &app->kit,
               rect(box.x + 16, rect_bottom(box) - foot_h + 2, box.w - 32, foot_h - 4), foot,
               t->text3);
    if (count == 0)
        text_label(ui_list(app->ui), &app->kit, rect(box.x + 16, box.y + head_h, box.w - 32, row),
                   "No action has that name.", t->text2);
    palette_rows(app, box, found, count, most);
    ui_modal_end(app->ui);
    if (entered && count > 0) {
        p->open = false;
        ui_focus(app->ui, NULL);
        command_run(app, found[p->chosen]);
    }
    if (!p->open)
        ui_focus(app->ui, NULL);
}

/* ---- keys --------------------------------------------------------------- */

typedef struct {
    const char *keys, *what;
} KeyLine;
static const KeyLine POINTER[] = {
    {"Click", "Lock a cell, a token, a patch, a link"},
    {"Ctrl click", "Hide a key, or show it again"},
    {"Shift click", "Select several queries"},
    {"Wheel", "Zoom; Shift scrolls sideways"},
    {"Double click", "Reset a slider, fit the matrix"},
    {"Tab", "Walk through the controls"},
};

void help_frame(App *app)
{
    const Theme *t = app->kit.theme;
    if (!app->help)
        return;
    Vec2 size = ui_size(app->ui);
    int lines = 0;
    for (int i = 0; i < COMMAND_COUNT; i++)
        lines += COMMANDS[i].keys[0] != 0;
    int total = lines + (int)(sizeof POINTER / sizeof POINTER[0]);
    float u = t->unit, pitch = floorf(24 * u), indent = floorf(100 * u);
    int columns = size.x >= 980 * u ? 3 : size.x >= 660 * u ? 2 : 1;
    int per = (total + columns - 1) / columns;
    float w = fminf(372 * u * (float)columns + 32, size.x - 24), top = floorf(52 * u);
    float column = floorf((w - 32) / (float)columns), content = pitch * (float)per;
    float h = fminf(content + top + 20, size.y - 48);
    Rect box = {floorf((size.x - w) / 2), floorf((size.y - h) / 2), w, h};
    ui_modal_begin(app->ui, "help", box);
    TextStyle bold = {FACE_BOLD, t->title, t->text1, ALIGN_LEFT, 0};
    text_in(ui_list(app->ui), &app->kit, rect(box.x + 20, box.y + 12, 200, 28 * u), &bold, "Keys");
    if (ui_icon_button(app->ui, "close", "close", ICON_X,
                       rect(rect_right(box) - 40, box.y + 12, 28, 28)) ||
        app->input.key == KEY_ESCAPE || (app->input.key == '?' && !app->help_just_opened)) {
        app->help = false;
        ui_take_key(app->ui);
    }
    app->help_just_opened = false;
    Rect area = {box.x + 8, box.y + top, box.w - 16, box.h - top - 12};
    UiScroll scroll = ui_scroll_begin(app->ui, "keys", area, content);
    for (int i = 0, c = 0; i < total; i++) {
        KeyLine line;
        if (i < lines) {
            while (!COMMANDS[c].keys[0])
                c++;
            line = (KeyLine){COMMANDS[c].keys, COMMANDS[c].title};
            c++;
        } else {
            line = POINTER[i - lines];
        }
        float x = area.x + 12 + column * (float)(i / per),
              y = area.y + pitch * (float)(i % per) - scroll.offset;
        ui_key_cap(app->ui, line.keys, vec2(x, y));
        Rect what = {x + indent, y - 2 * u, column - indent - 12, pitch};
        if (text_label(ui_list(app->ui), &app->kit, what, line.what, t->text2))
            ui_tooltip(app->ui, what, line.what);
    }
    ui_scroll_end(app->ui);
    ui_modal_end(app->ui);
}
