/* The in-canvas file browser: open, save as, export. A path field that completes with Tab, places,
 * one folder's entries with what they are recognised as. Works without a system dialog, by
 * keyboard, in tests.
 */
#include "app/export.h"
#include "app/state.h"
#include "draw/svg.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DOCUMENT_ENDING[] = ".attn.json";

static float row_height(const App *app)
{
    return floorf(28 * app->kit.theme->unit);
}

void browser_free(Browser *browser)
{
    dir_list_free(&browser->entries);
    mem_free(browser->kinds);
    browser->kinds = NULL;
}

static void list_folder(Browser *b, const char *folder)
{
    DirList fresh = {0};
    Error err = {0};
    b->problem[0] = 0;
    if (!dir_list(&fresh, folder, false, &err)) {
        error_line(&err, NULL, b->problem, sizeof b->problem);
        return;
    }
    browser_free(b);
    b->entries = fresh;
    b->kinds = mem_zero(fresh.count, sizeof *b->kinds); /* none: each frame looks anew */
    b->chosen = -1;
    snprintf(b->folder, sizeof b->folder, "%s", folder);
}

/* Shows a folder and puts it, and a name, into the path field. */
static void go(Browser *b, const char *folder, const char *name)
{
    list_folder(b, folder);
    if (b->problem[0])
        return;
    if (!path_join(b->path, sizeof b->path, folder, name))
        snprintf(b->path, sizeof b->path, "%s", folder);
    b->prefilled = true;
}

void browser_open(App *app, BrowserKind kind, const char *path)
{
    Browser *b = &app->browser;
    char folder[1024], name[256] = "";
    b->kind = kind;
    b->just_opened = true;
    b->overwrite = false;
    const char *base = path && path[0]                             ? path
                       : app->scope.open && app->scope.doc.path[0] ? app->scope.doc.path
                                                                   : NULL;
    if (!base || !path_dir(folder, sizeof folder, base))
        snprintf(folder, sizeof folder, "%s",
                 app->options.home && app->options.home[0] ? app->options.home : ".");
    if (kind == BROWSER_SAVE && base)
        snprintf(name, sizeof name, "%s", path_base(base));
    if (kind == BROWSER_EXPORT && base) {
        const char *stem = path_base(base);
        int n = (int)strcspn(stem, ".");
        int view = app->panes[app->focused_pane].view;
        const AttnResult *r = app->scope.result;
        char query[24] = ""; /* a table of a feature map says nowhere else whose it is */
        if (r && r->form == FORM_FEATURES)
            snprintf(query, sizeof query, "-query%d", app->scope.params.score.query);
        snprintf(name, sizeof name, "%.*s-%s%s.png", n, stem, view >= 0 ? VIEW_NAMES[view] : "view",
                 query);
    }
    char full[1024];
    go(b, path_absolute(full, sizeof full, folder) ? full : folder, name);
}

/* The field opens with a folder in it and the caret behind: whoever types a whole path there means
 * that path. A '/' behind a '/' begins anew, so does "~/"; behind a proposed name as well. */
static void start_over(Browser *b, const char *home, const char *before)
{
    size_t n = strlen(before);
    char path[sizeof b->path], *at = NULL;
    if (b->prefilled && strncmp(b->path, before, n) == 0 &&
        (b->path[n] == '/' || (b->path[n] == '~' && (n == 0 || before[n - 1] != '/'))))
        at = b->path + n;
    b->prefilled = false;
    for (char *next = at ? at : b->path; (next = strpbrk(next, "/")) != NULL; next++)
        if (next[1] == '/' || (next[1] == '~' && next[2] == '/'))
            at = next + 1;
    if (!at)
        at = b->path;
    if (at[0] == '~' && at[1] == '/' && home && home[0]) {
        at += 2;
        if (!path_join(path, sizeof path, home, at))
            return;
    } else {
        if (at == b->path)
            return;
        snprintf(path, sizeof path, "%s", at);
    }
    snprintf(b->path, sizeof b->path, "%s", path);
}

/* ---- what Enter or the button does -------------------------------------- */

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), m = strlen(tail);
    return n >= m && strcmp(text + n - m, tail) == 0;
}

static void export_to(App *app, const char *path)
{
    Error err = {0};
    Buf bytes;
    int view = app->panes[app->focused_pane].view;
    Rect body = app->panes[app->focused_pane].body;
    TextKit kit = app->kit;
    bool ok;
    buf_init(&bytes, BUF_NO_LIMIT);
    if (ends_with(path, ".csv")) {
        Stage stage = (Stage)(app->focused_pane == 1 ? app->settings.stage2 : app->settings.stage);
        if (writing_wanted(app, stage)) { /* too large for one go: frames write it */
            if (!writing_start(app, path, stage, &err))
                app_notice_error(app, &err, path_base(path));
            buf_free(&bytes);
            return;
        }
        ok = export_stage(&app->scope, &app->settings, stage, DUMP_CSV, NULL, &bytes, &err);
    } else {
        DrawList list;
        draw_list_init(&list);
        kit.scale =
            ends_with(path, ".svg") ? 1 : 2; /* a picture for print is finer than the screen */
        ok = export_view(&app->scope, &app->settings, &kit, view < 0 ? VIEW_HEATMAP : view,
                         fmaxf(320, body.w), fmaxf(240, body.h), &list, &err);
        if (ok && ends_with(path, ".svg"))
            ok = svg_write(&bytes, &list, kit.font, fmaxf(320, body.w), fmaxf(240, body.h), 1,
                           kit.theme->bg, &err);
        else if (ok)
            ok = export_png(&list, kit.font, fmaxf(320, body.w), fmaxf(240, body.h), kit.scale,
                            kit.theme->bg, &bytes, &err);
        draw_list_free(&list);
    }
    ok = ok && file_write_atomic(path, bytes.data, bytes.size, &err);
    buf_free(&bytes);
    if (!ok) {
        app_notice_error(app, &err, path_base(path));
        return;
    }
    snprintf(app->copied, sizeof app->copied, "exported %.40s", path_base(path));
    app->copied_until = app->input.time + 4;
}

static void finish(App *app)
{
    Browser *b = &app->browser;
    BrowserKind kind = b->kind;
    char path[1024];
    snprintf(path, sizeof path, "%s", b->path);
    b->kind = BROWSER_CLOSED;
    ui_focus(app->ui, NULL);
    if (kind == BROWSER_OPEN)
        app_open(app, path, NULL);
    else if (kind == BROWSER_SAVE)
        app_save(app, path);
    else
        export_to(app, path);
}

/* Save may write the document itself. */
static const char *part_of_document(const App *app, const char *target)
{
    const Document *doc = &app->scope.doc;
    const char *input = app->scope.open ? document_input(doc, target) : NULL;
    if (!input || (input == doc->path && app->browser.kind == BROWSER_SAVE))
        return NULL;
    return input == doc->path ? "That is the open document"
                              : "The open document has its numbers there";
}

static void accept(App *app)
{
    Browser *b = &app->browser;
    DirList probe = {0};
    FileStamp stamp;
    if (dir_list(&probe, b->path, false, NULL)) { /* a folder: walk into it */
        dir_list_free(&probe);
        char folder[1024];
        snprintf(folder, sizeof folder, "%s", b->path);
        go(b, folder, "");
        return;
    }
    if (ends_with(b->path, "/")) {
        snprintf(b->problem, sizeof b->problem, "file name: expected one, found none");
        return;
    }
    if (b->kind == BROWSER_EXPORT && !ends_with(b->path, ".png") && !ends_with(b->path, ".svg") &&
        !ends_with(b->path, ".csv")) {
        snprintf(b->problem, sizeof b->problem,
                 "file name: expected .png, .svg or .csv at its end");
        return;
    }
    size_t length = strlen(b->path);
    if (b->kind == BROWSER_SAVE && path_base(b->path)[0] && !strchr(path_base(b->path) + 1, '.') &&
        length + sizeof DOCUMENT_ENDING <= sizeof b->path)
        snprintf(b->path + length, sizeof b->path - length, "%s", DOCUMENT_ENDING);
    bool exists = file_stamp(b->path, &stamp);
    const char *taken = b->kind != BROWSER_OPEN && exists ? part_of_document(app, b->path) : NULL;
    if (taken) {
        snprintf(b->problem, sizeof b->problem, "%s: choose another name.", taken);
        return;
    }
    if (b->kind != BROWSER_OPEN && exists && !b->overwrite) {
        b->overwrite = true;
        snprintf(b->problem, sizeof b->problem, "%.180s exists: press Enter again to replace it.",
                 path_base(b->path));
        return;
    }
    if (b->kind == BROWSER_OPEN && !exists) {
        snprintf(b->problem, sizeof b->problem,
                 "%.180s: expected a file, found nothing of that name", path_base(b->path));
        return;
    }
    finish(app);
}

/* Tab: the longest common beginning of the entries that start as typed. */
static void complete(Browser *b)
{
    char folder[1024];
    const char *typed = path_base(b->path);
    size_t n = strlen(typed), common = 0;
    const char *first = NULL;
    int matches = 0;
    bool is_dir = false;
    path_dir(folder, sizeof folder, b->path);
    if (ends_with(b->path, "/"))
        return;
    if (strcmp(folder, b->folder) != 0)
        list_folder(b, folder);
    for (size_t i = 0; i < b->entries.count; i++) {
        const DirEntry *e = &b->entries.items[i];
        if (strncmp(e->name, typed, n) != 0)
            continue;
        if (!first) {
            first = e->name;
            common = strlen(first);
            is_dir = e->is_dir;
        }
        while (strncmp(first, e->name, common) != 0)
            common--;
        matches++;
    }
    if (!first)
        return;
    size_t stem = (size_t)(typed - b->path);
    snprintf(b->path + stem, sizeof b->path - stem, "%.*s%s", (int)common, first,
             matches == 1 && is_dir ? "/" : "");
    if (matches == 1 && is_dir) {
        snprintf(folder, sizeof folder, "%.*s", (int)strlen(b->path) - 1, b->path);
        list_folder(b, folder);
    }
}

/* ---- drawing ------------------------------------------------------------ */

static void size_words(char *out, size_t cap, uint64_t size)
{
    if (size < 1000)
        snprintf(out, cap, "%d B", (int)size);
    else if (size < 1000000)
        snprintf(out, cap, "%.0f kB", (double)size / 1e3);
    else
        snprintf(out, cap, "%.1f MB", (double)size / 1e6);
}

static void place(App *app, const char *name, const char *label, const char *folder, Rect r)
{
    if (folder && folder[0] &&
        ui_list_row(app->ui, name, NULL, label, r, strcmp(folder, app->browser.folder) == 0))
        go(&app->browser, folder, "");
}

static void places(App *app, Rect r)
{
    char parent[1024];
    Rect row = {r.x + 4, r.y + 6, r.w - 8, row_height(app)};
    const char *home = app->options.home;
    path_dir(parent, sizeof parent, app->browser.folder);
    place(app, "parent", "Folder above", parent, row);
    row.y += row.h;
    place(app, "home", "Home", home, row);
    row.y += row.h;
    place(app, "examples", "Examples", app->options.examples, row);
    for (int i = 0; i < app->session.recent_count && i < 4; i++) {
        char folder[1024], name[24];
        row.y += row.h;
        if (!path_dir(folder, sizeof folder, app->session.recent[i].path))
            continue;
        snprintf(name, sizeof name, "recent %d", i);
        place(app, name, path_base(folder), folder, row);
    }
}

/* What a file is recognised as: it is opened and read when its row is first seen, not every frame.
 */
static const char *entry_kind(Browser *b, int i, const char *path)
{
    if (!b->kinds)
        return load_kind(path);
    if (!b->kinds[i])
        b->kinds[i] = load_kind(path);
    return b->kinds[i];
}

static void entry_row(App *app, int i, Rect r)
{
    const Theme *t = app->kit.theme;
    Browser *b = &app->browser;
    const DirEntry *e = &b->entries.items[i];
    char full[1024], size[24], label[300];
    DrawList *list = ui_list(app->ui);
    if (!path_join(full, sizeof full, b->folder, e->name))
        return;
    text_visible(e->name, label, sizeof label);
    const char *kind = e->is_dir ? "folder" : entry_kind(b, i, full);
    bool chosen = i == b->chosen, known = e->is_dir || kind[0];
    UiArea area = ui_area(app->ui, e->name, label, r);
    if (chosen || area.hovered)
        draw_rect(list, r, 4, chosen ? t->ink : t->hover);
    Color main = chosen  ? t->onink
                 : known ? t->text1
                         : t->dis,
          rest = chosen  ? t->onink
                 : known ? t->text3
                         : t->dis;
    float u = t->unit, name_w = floorf(r.w * 0.45f), size_w = floorf(84 * u);
    icon_draw(list, e->is_dir ? ICON_FOLDER : ICON_FILE, rect(r.x + 6, r.y, 20 * u, r.h), 16 * u,
              rest);
    Rect name = {r.x + 34 * u, r.y, name_w - 34 * u - 6, r.h};
    if (text_label(list, &app->kit, name, label, main))
        ui_tooltip(app->ui, name, label);
    if (!e->is_dir) {
        TextStyle mono = {FACE_MONO, t->body, rest, ALIGN_RIGHT, 0};
        text_label(list, &app->kit, rect(r.x + name_w, r.y, r.w - name_w - size_w - 8, r.h),
                   known ? kind : "not recognised", rest);
        size_words(size, sizeof size, e->size);
        text_in(list, &app->kit, rect(rect_right(r) - 8 - size_w, r.y, size_w, r.h), &mono, size);
    }
    if (area.clicked) {
        b->chosen = i;
        b->overwrite = false;
        snprintf(b->path, sizeof b->path, "%s", full);
        if (e->is_dir)
            go(b, full, "");
    } else if (area.double_clicked && !e->is_dir) { /* its second press: the first one chose it */
        snprintf(b->path, sizeof b->path, "%s", full);
        accept(app);
    }
}

static void entries(App *app, Rect r)
{
    Browser *b = &app->browser;
    int count = (int)b->entries.count;
    float pitch = row_height(app);
    if (count == 0) {
        text_label(ui_list(app->ui), &app->kit, rect(r.x + 12, r.y + 8, r.w - 24, pitch),
                   "This folder is empty.", app->kit.theme->text3);
        return;
    }
    UiScroll scroll = ui_scroll_begin(app->ui, "entries", r, pitch * (float)count + 8);
    if (b->scroll_to_chosen && b->chosen >= 0) {
        ui_scroll_to(app->ui, "browser/entries", pitch * (float)b->chosen,
                     pitch * (float)(b->chosen + 1));
        b->scroll_to_chosen = false;
    }
    int first = (int)(scroll.offset / pitch);
    char before[1024];
    snprintf(before, sizeof before, "%s", b->folder);
    ui_push(app->ui, "files"); /* their names are not ours: a folder may be called "home" */
    for (int i = first; i < count && pitch * (float)(i - first) < r.h + pitch; i++) {
        Rect row = {r.x + 4, r.y + 4 + pitch * (float)i - scroll.offset, r.w - 12, pitch};
        entry_row(app, i, row);
        if (app->browser.kind == BROWSER_CLOSED || strcmp(before, b->folder) != 0)
            break; /* the list is another one now */
    }
    ui_pop(app->ui);
    ui_scroll_end(app->ui);
}

static void browser_keys(App *app)
{
    Browser *b = &app->browser;
    int key = app->input.key, count = (int)b->entries.count;
    if (key == KEY_ESCAPE) {
        b->kind = BROWSER_CLOSED;
        ui_focus(app->ui, NULL);
        ui_take_key(app->ui);
    } else if (key == KEY_TAB && !(app->input.mods & MOD_SHIFT) && ui_focused(app->ui, "path")) {
        complete(b);
        ui_take_key(app->ui);
    } else if ((key == KEY_DOWN || key == KEY_UP) && count > 0) {
        b->chosen =
            b->chosen < 0 ? 0 : clampi(b->chosen + (key == KEY_DOWN ? 1 : -1), 0, count - 1);
        path_join(b->path, sizeof b->path, b->folder, b->entries.items[b->chosen].name);
        b->overwrite = false;
        b->scroll_to_chosen = true;
        ui_take_key(app->ui);
    }
}

void browser_frame(App *app)
{
    static const char *const TITLES[] = {"", "Open", "Save", "Export"};
    Browser *b = &app->browser;
    const Theme *t = app->kit.theme;
    if (b->kind == BROWSER_CLOSED)
        return;
    Vec2 size = ui_size(app->ui);
    float u = t->unit, w = fminf(720 * u, size.x - 24), h = fminf(480 * u, size.y - 48);
    Rect box = {floorf((size.x - w) / 2), floorf((size.y - h) / 2), w, h};
    float field = floorf(28 * u), button = floorf(80 * u), places_w = floorf(128 * u);
    ui_modal_begin(app->ui, "browser", box);
    if (b->just_opened)
        ui_focus(app->ui, "browser/path");
    b->just_opened = false;
    if (ui_focused(app->ui, "path"))
        ui_keep_tab(app->ui);
    browser_keys(app);
    bool entered = false;
    char before[sizeof b->path];
    snprintf(before, sizeof before, "%s", b->path);
    if (ui_text_field(app->ui, "path", "path", "path of a file", ICON_FOLDER,
                      rect(box.x + 12, box.y + 12, box.w - button - 32, field), b->path,
                      sizeof b->path, b->problem[0] && !b->overwrite ? b->problem : NULL,
                      &entered)) {
        b->problem[0] = 0;
        b->overwrite = false;
        start_over(b, app->options.home, before);
        char folder[1024];
        if (path_dir(folder, sizeof folder, b->path) && strcmp(folder, b->folder) != 0 &&
            ends_with(b->path, "/"))
            list_folder(b, folder);
    }
    if (ui_button(app->ui, "accept", TITLES[b->kind],
                  rect(rect_right(box) - 12 - button, box.y + 12, button, field), true))
        entered = true;
    DrawList *list = ui_list(app->ui);
    float foot = floorf(36 * u), top = box.y + field + 24, rest = rect_bottom(box) - foot - top;
    draw_rect(list, rect(box.x, top, box.w, 1), 0, t->line1);
    draw_rect(list, rect(box.x + places_w, top, 1, rest), 0, t->line1);
    draw_rect(list, rect(box.x, rect_bottom(box) - foot, box.w, 1), 0, t->line1);
    places(app, rect(box.x, top, places_w, rest));
    entries(app, rect(box.x + places_w + 1, top + 1, box.w - places_w - 2, rest - 2));
    const char *hint = b->problem[0] ? b->problem
                       : b->kind == BROWSER_EXPORT
                           ? "Tab completes · .png, .svg or .csv decides the format · Esc closes"
                           : "Tab completes · Enter accepts · Esc closes";
    text_label(ui_list(app->ui), &app->kit,
               rect(box.x + 12, rect_bottom(box) - foot, box.w - 24, foot), hint,
               b->problem[0] ? t->err : t->text3);
    ui_modal_end(app->ui);
    if (entered && b->kind != BROWSER_CLOSED)
        accept(app);
}
