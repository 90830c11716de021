/* How a file of another program was understood: a line in the navigator, and a panel that reads it
 * again in another way.
 */
#include "app/commands.h"

#include "load/dump.h"
#include "load/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FORMATS_MOST = 64, READING_TEXT = 1400, READING_LINES = 8 };

static bool is_ours(const Document *doc)
{
    return strncmp(doc->format, "attnscope", 9) == 0;
}

const char *needs_reading(const App *app)
{
    return !app->scope.open           ? "No document is open."
           : is_ours(&app->scope.doc) ? "A document of attnscope is read in one way only."
                                      : NULL;
}

/* "rows of the file are target tokens (by counts), …"; "" for documents of ours. */
static void reading_words(const App *app, char *out, size_t cap)
{
    const DocSentence *s = scope_sentence(&app->scope, &app->settings);
    out[0] = '\0';
    if (!s || needs_reading(app))
        return;
    if (scope_fetching(&app->scope, NULL) >= 0)
        utf8_format(out, cap, "this sentence is being read");
    else
        record_document_reading(&app->scope.doc, s, out, cap);
}

/* ", with a.src as source, a.gold as gold": what else it was made of. The same whether they were
 * named or found, and after a reload. */
static void reading_files(const DocOrigin *o, char *out, size_t cap)
{
    const struct {
        const char *path, *as;
    } files[] = {{o->source, "source"}, {o->target, "target"}, {o->gold, "gold"}};
    const char *join = " · with ";
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof files / sizeof *files && at < cap; i++) {
        if (!files[i].path)
            continue;
        utf8_format(out + at, cap - at, "%s%s as %s", join, path_base(files[i].path), files[i].as);
        at += strlen(out + at);
        join = ", ";
    }
    if (o->more_count > 0)
        utf8_format(out + at, cap - at, "%s%d more %s", join, o->more_count,
                    o->more_count == 1 ? "file" : "files");
}

void reading_line(const App *app, char *out, size_t cap)
{
    char words[READING_TEXT / 2], files[READING_TEXT / 2];
    reading_words(app, words, sizeof words);
    reading_files(&app->scope.doc.origin, files, sizeof files);
    if (words[0])
        utf8_format(out, cap, "%s · %s%s", app->scope.doc.format, words, files);
    else
        out[0] = '\0';
}

void reading_row(App *app, Rect r)
{
    char line[READING_TEXT + 80];
    reading_line(app, line, sizeof line);
    if (ui_list_row(app->ui, "reading", "", line, r, false))
        app->reading = app->reading_just_opened = true;
    float u = app->kit.theme->unit;
    icon_draw(ui_list(app->ui), ICON_FILE, rect(r.x + 12 * u, r.y, 13 * u, r.h), 13 * u,
              app->kit.theme->text2);
    ui_tooltip(app->ui, r, line);
}

/* ---- the panel -------------------------------------------------------------- */

typedef struct {
    App *app;
    Rect box;
    float y, label_w;
} Form;

static Rect form_row(Form *f, float height, float gap)
{
    float u = f->app->kit.theme->unit;
    Rect r = {f->box.x + 20, f->y, f->box.w - 40, floorf(height * u)};
    f->y += r.h + floorf(gap * u);
    return r;
}

static Rect form_labelled(Form *f, const char *label)
{
    Rect r = form_row(f, 28, 8);
    text_label(ui_list(f->app->ui), &f->app->kit, rect(r.x, r.y, f->label_w - 8, r.h), label,
               f->app->kit.theme->text2);
    return rect(r.x + f->label_w, r.y, r.w - f->label_w, r.h);
}

static bool is_dump(const Document *doc)
{
    for (int i = 0; DUMP_FORMATS[i]; i++)
        if (strcmp(DUMP_FORMATS[i]->title, doc->format) == 0)
            return true;
    return doc->origin.format != NULL;
}

static void form_format(Form *f, DocOrigin *wanted, bool *changed)
{
    const char *titles[FORMATS_MOST + 2] = {"as its content says"};
    const DocOrigin *now = &f->app->scope.doc.origin;
    int chosen = 0, was, count = 0;
    for (; DUMP_FORMATS[count] && count < FORMATS_MOST; count++) {
        titles[count + 1] = DUMP_FORMATS[count]->title;
        if (now->format && strcmp(now->format, DUMP_FORMATS[count]->name) == 0)
            chosen = count + 1;
    }
    was = chosen;
    ui_disable(f->app->ui, is_dump(&f->app->scope.doc)
                               ? NULL
                               : "Only texts of alignments leave open which format they are.");
    ui_dropdown(f->app->ui, "format", "format", titles, form_labelled(f, "format"), &chosen, NULL);
    ui_enable(f->app->ui);
    if (chosen == was)
        return;
    wanted->format = chosen > 0 ? DUMP_FORMATS[chosen - 1]->name : NULL;
    *changed = true;
}

static void form_choices(Form *f, DocOrigin *wanted, bool *changed)
{
    Ui *ui = f->app->ui;
    int eos = (int)wanted->eos;
    form_format(f, wanted, changed);
    Rect r = form_labelled(f, "end of sentence");
    if (ui_segmented(ui, "eos", "the end of sentence is the last of", EOS_NAMES, r, &eos) &&
        eos != (int)wanted->eos) {
        wanted->eos = (EosChoice)eos;
        *changed = true;
    }
    *changed |= ui_toggle(ui, "transpose", "rows and columns the other way", form_row(f, 28, 4),
                          &wanted->transpose);
    *changed |= ui_toggle(ui, "words", "pieces of words merged into words", form_row(f, 28, 8),
                          &wanted->words);
}

static void form_file(Form *f, const char *label, const char *path)
{
    App *app = f->app;
    if (!path)
        return;
    Rect r = form_row(f, 20, 0);
    text_label(ui_list(app->ui), &app->kit, rect(r.x, r.y, f->label_w - 8, r.h), label,
               app->kit.theme->text2);
    Rect name = {r.x + f->label_w, r.y, r.w - f->label_w, r.h};
    char shown[300];
    text_visible(path_base(path), shown, sizeof shown);
    text_label(ui_list(app->ui), &app->kit, name, shown, app->kit.theme->text1);
    ui_tooltip(app->ui, name, path);
}

static int file_lines(const Document *doc)
{
    const DocOrigin *o = &doc->origin;
    return 1 + (o->source != NULL) + (o->target != NULL) + (o->gold != NULL) + (o->more_count > 0);
}

static void form_files(Form *f)
{
    const Document *doc = &f->app->scope.doc;
    const DocOrigin *o = &doc->origin;
    char more[64];
    form_file(f, "file", doc->path);
    form_file(f, "source tokens", o->source);
    form_file(f, "target tokens", o->target);
    form_file(f, "gold links", o->gold);
    snprintf(more, sizeof more, "%d more files", o->more_count);
    form_file(f, "and", o->more_count == 1 ? o->more[0] : o->more_count > 1 ? more : NULL);
}

static void form_told(Form *f, const char *words, int lines)
{
    const Theme *t = f->app->kit.theme;
    DrawList *list = ui_list(f->app->ui);
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0},
              plain = {FACE_SANS, t->body, t->text2, ALIGN_LEFT, 0};
    text_in(list, &f->app->kit, form_row(f, 20, 0), &bold, f->app->scope.doc.format);
    Rect r = form_row(f, 18 * (float)lines, 12);
    text_wrapped(list, &f->app->kit, r, &plain, 18 * t->unit, lines, words);
}

static void close_panel(App *app)
{
    app->reading = false;
    ui_focus(app->ui, NULL);
}

static void panel_head(App *app, Rect box)
{
    const Theme *t = app->kit.theme;
    float u = t->unit;
    TextStyle title = {FACE_BOLD, t->title, t->text1, ALIGN_LEFT, 0};
    Rect r = {box.x + 20, box.y + 12, box.w - 72 * u, 28 * u};
    text_in(ui_list(app->ui), &app->kit, r, &title, "How this file was read");
    Rect x = {rect_right(box) - 12 - 28 * u, box.y + 12, 28 * u, 28 * u};
    if (ui_icon_button(app->ui, "close", "close", ICON_X, x) || app->input.key == KEY_ESCAPE) {
        if (app->input.key == KEY_ESCAPE)
            ui_take_key(app->ui);
        close_panel(app);
    }
}

void reading_frame(App *app)
{
    char words[READING_TEXT];
    if (app->reading && needs_reading(app))
        close_panel(app);
    if (!app->reading)
        return;
    const Theme *t = app->kit.theme;
    const Document *doc = &app->scope.doc;
    Vec2 size = ui_size(app->ui);
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_LEFT, 0};
    float u = t->unit, w = fminf(520 * u, size.x - 24), top = floorf(52 * u);
    reading_words(app, words, sizeof words);
    int lines =
        text_wrapped(NULL, &app->kit, rect(0, 0, w - 40, 0), &style, 18 * u, READING_LINES, words);
    const char *arrays = needs_arrays(app);
    float content = 20 + 18 * (float)lines + 12 + 36 + 36 + 32 + 36 + 20 * (float)file_lines(doc) +
                    (arrays ? 0 : 44) + 16;
    float h = fminf(floorf(content * u) + top + 8, size.y - 24);
    Rect box = {floorf((size.x - w) / 2), floorf((size.y - h) / 2), w, h};
    ui_modal_begin(app->ui, "reading", box);
    if (app->reading_just_opened)
        ui_focus(app->ui, "reading/eos");
    app->reading_just_opened = false;
    panel_head(app, box);
    DocOrigin wanted = doc->origin; /* lent until another document is whole */
    bool changed = false;
    Rect view = {box.x, box.y + top, box.w, box.h - top - 8};
    UiScroll scroll = ui_scroll_begin(app->ui, "form", view, floorf(content * u));
    Form f = {app, box, view.y - scroll.offset, floorf(124 * u)};
    form_told(&f, words, lines);
    form_choices(&f, &wanted, &changed);
    form_files(&f);
    f.y += 8 * u;
    if (!arrays && ui_button(app->ui, "map", "Map arrays…", form_row(&f, 28, 0), false))
        command_run(app, command_find("file.map"));
    ui_scroll_end(app->ui);
    ui_modal_end(app->ui);
    if (changed)
        app_reload_as(app, &wanted);
}

/* ---- commands ---------------------------------------------------------------- */

void reading_command(App *app, int what)
{
    DocOrigin wanted = app->scope.doc.origin;
    if (what == READING_PANEL) {
        app->reading = app->reading_just_opened = true;
        return;
    }
    if (what == READING_TRANSPOSE)
        wanted.transpose = !wanted.transpose;
    else if (what == READING_WORDS)
        wanted.words = !wanted.words;
    else
        wanted.eos = (EosChoice)(what - READING_EOS);
    app_reload_as(app, &wanted);
}
