/* The navigator's list of sentences: filtered, walked by arrows, of any length. */
#include "app/navigator_parts.h"

#include "base/mem.h"
#include "base/search.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "9999 of 9999" still stands beside the title; of more, how many there are. */
enum { ROWS_SHOWN = 6, SEARCHED_A_PASS = 20000, ROOM_FOR_BOTH = 10000 };

/* Points, and what an apostrophe cut off, stand against the word before: didn + ’t. */
static bool sits_tight(const char *token)
{
    return strncmp(token, "’", strlen("’")) == 0 || (token[0] == '\'' && token[1]) ||
           (token[0] && strchr(".,;:!?", token[0]) && !token[1]);
}

/* Chinese and Japanese are written without spaces. */
static bool wide_script(const char *text, size_t length, bool last)
{
    uint32_t c = 0;
    for (size_t at = 0; at < length;) {
        c = utf8_next(text, length, &at);
        if (!last)
            break;
    }
    return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xFF00 && c <= 0xFFEF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

/* Of a sentence that may not be read yet: the same whether it is or not. */
static void listed_text(const DocSentence *s, char *out, size_t cap)
{
    char word[96], shown[96];
    const char *behind = s->title[0] && s->start[0] ? " ·" : "";
    size_t at = (size_t)snprintf(out, cap, "%.60s%s", s->title, behind);
    for (const char *from = s->start; *from && at + 1 < cap;) {
        size_t length = strcspn(from, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, from);
        text_token(word, shown, sizeof shown);
        bool tight = at == 0 || sits_tight(shown) ||
                     (wide_script(shown, strlen(shown), false) && wide_script(out, at, true));
        int n = snprintf(out + at, cap - at, "%s%s", tight ? "" : " ", shown);
        at += n > 0 ? (size_t)n : 0;
        from += length + (from[length] == ' ');
    }
    if (at >= cap)
        out[utf8_cut(out, strlen(out), cap - 1)] = 0;
}

static void sentence_text(const DocSentence *s, char *out, size_t cap)
{
    if (s->start) {
        listed_text(s, out, cap);
        return;
    }
    if (s->title[0]) {
        snprintf(out, cap, "%s", s->title);
        return;
    }
    const DocAxis *axis = s->keys.count > 0 ? &s->keys : &s->queries;
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < axis->count && at + 1 < cap && at < 160; i++) {
        char token[96];
        text_token(axis->tokens ? axis->tokens[i] : "", token, sizeof token);
        bool tight =
            i == 0 || sits_tight(token) ||
            (wide_script(token, strlen(token), false) && wide_script(out, strlen(out), true));
        int n = snprintf(out + at, cap - at, "%s%s", tight ? "" : " ", token);
        at += n > 0 ? (size_t)n : 0;
    }
    if (at >= cap)
        out[utf8_cut(out, strlen(out), cap - 1)] = 0;
}

void navigator_free(SentenceList *list)
{
    mem_free(list->shown);
    mem_free(list->bad);
    *list = (SentenceList){0};
}

/* What is read on demand is forgotten again, that it cannot be read is not. */
void navigator_note_bad(App *app)
{
    const Document *doc = &app->scope.doc;
    SentenceList *list = &app->list_shown;
    if (!doc->corpus.self || !doc->sentences[app->settings.sentence].problem)
        return;
    if (!list->bad || list->bad_of != doc->key) {
        mem_free(list->bad);
        list->bad = mem_zero((size_t)doc->sentence_count, 1);
        list->bad_of = doc->key;
    }
    if (list->bad)
        list->bad[app->settings.sentence] = 1;
}

static bool known_bad(const App *app, int sentence)
{
    const SentenceList *list = &app->list_shown;
    return app->scope.doc.sentences[sentence].problem ||
           (list->bad && list->bad_of == app->scope.doc.key && list->bad[sentence]);
}

static bool begin_search(SentenceList *list, const Document *doc, const char *filter)
{
    int *shown = mem_resize(list->shown, (size_t)doc->sentence_count, sizeof *shown);
    if (!shown) {
        list->doc = 0;
        return false;
    }
    list->shown = shown;
    list->doc = doc->key;
    list->count = list->searched = 0;
    list->walks++;
    snprintf(list->filter, sizeof list->filter, "%s", filter);
    return true;
}

/* Searches a document's sentences once for each filter, some in each pass; false: out of memory. */
static bool update_filtered(App *app, const char *filter)
{
    const Document *doc = &app->scope.doc;
    SentenceList *list = &app->list_shown;
    bool same = list->doc == doc->key && list->shown && strcmp(list->filter, filter) == 0;
    if (!same && !begin_search(list, doc, filter))
        return false;
    int end = doc->sentence_count - list->searched < SEARCHED_A_PASS
                  ? doc->sentence_count
                  : list->searched + SEARCHED_A_PASS;
    for (; list->searched < end; list->searched++) {
        char text[256];
        const DocSentence s = document_listed(doc, list->searched);
        sentence_text(&s, text, sizeof text);
        if (search_caseless(text, filter, strlen(filter)))
            list->shown[list->count++] = list->searched;
    }
    if (list->searched < doc->sentence_count)
        app->thumbs_pending = true; /* another frame goes on */
    return true;
}

void app_choose_sentence(App *app, int at)
{
    app->settings.sentence = at;
    text_command(app, 1); /* the sentence chosen shows, not the one that was typed */
    app_select(app, -1, -1);
}

/* The row of a sentence, −1: the filter has left it out. */
static int row_of(int sentence, const int *shown, int count)
{
    int lo = 0, hi = count;
    if (!shown)
        return sentence;
    while (lo < hi) { /* in order: halved until it is found */
        int mid = lo + (hi - lo) / 2;
        if (shown[mid] < sentence)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < count && shown[lo] == sentence ? lo : -1;
}

/* Whatever chose the sentence, a key, the session, a command: its row is to be seen. */
static void follow_sentence(App *app, const int *shown, int count, float pitch)
{
    SentenceList *list = &app->list_shown;
    int at = row_of(app->settings.sentence, shown, count);
    if (list->followed == app->settings.sentence && list->followed_of == app->scope.doc.key)
        return;
    list->followed = app->settings.sentence;
    list->followed_of = app->scope.doc.key;
    if (at >= 0)
        ui_scroll_to(app->ui, "navigator/sentence list", pitch * (float)at,
                     pitch * (float)(at + 1));
}

/* Where an arrow leads in the list; -1: no key of ours. */
static int sentence_after_key(const App *app, const int *shown, int count)
{
    int key = app->input.key, at = row_of(app->settings.sentence, shown, count);
    if (app->input.mods || ui_key_taken(app->ui))
        return -1;
    if (key == KEY_UP)
        return at > 0 ? at - 1 : 0;
    if (key == KEY_DOWN)
        return at < count - 1 ? at + 1 : count - 1;
    return key == KEY_HOME ? 0 : key == KEY_END ? count - 1 : -1;
}

/* One stop of Tab for the whole list: a thousand rows would bar the way to the controls. */
static bool sentence_keys(Column *c, const int *shown, int count, Rect area)
{
    App *app = c->app;
    UiArea list = ui_area(app->ui, "sentence rows", "list of sentences", area);
    int to = list.focused ? sentence_after_key(app, shown, count) : -1;
    if (to >= 0) {
        app_choose_sentence(app, shown ? shown[to] : to);
        ui_take_key(app->ui);
    }
    return list.focused && ui_focus_visible(app->ui);
}

static void sentence_row(App *app, int at, Rect r)
{
    const Document *doc = &app->scope.doc;
    DocSentence s = document_listed(doc, at);
    const Theme *t = app->kit.theme;
    char text[256], number[16], name[24];
    bool bad = known_bad(app, at);
    Rect mark = {rect_right(r) - 24 * t->unit, r.y, 20 * t->unit, r.h};
    snprintf(number, sizeof number, "%d", at);
    if (strcmp(s.title, number) == 0)
        s.title = ""; /* many programs number them as we do */
    sentence_text(&s, text, sizeof text);
    snprintf(name, sizeof name, "sentence %d", at);
    if (!text[0]) /* it is not read, and has no name of its own */
        snprintf(text, sizeof text, bad ? "cannot be read" : "sentence");
    Rect row = {r.x, r.y, r.w - (bad ? mark.w + 4 * t->unit : 0), r.h};
    if (bad && at == app->settings.sentence) /* the row goes on behind its mark */
        draw_rect(ui_list(app->ui),
                  rect(rect_right(row) - 4, r.y, rect_right(r) - rect_right(row) + 4, r.h), 4,
                  t->tint);
    if (ui_list_item(app->ui, name, number, text, row, at == app->settings.sentence))
        app_choose_sentence(app, at);
    if (!bad)
        return;
    icon_draw(ui_list(app->ui), ICON_WARNING, mark, 14 * t->unit, t->err);
    ui_tooltip(app->ui, mark, s.problem ? s.problem : "This sentence cannot be read.");
}

/* shown: NULL = all sentences, in order. */
static void sentence_rows(Column *c, const int *shown, int count, float height)
{
    App *app = c->app;
    float pitch = floorf(28 * app->kit.theme->unit);
    Rect area = {c->panel.x, c->y, c->panel.w, height};
    bool ring = sentence_keys(c, shown, count, area);
    follow_sentence(app, shown, count, pitch);
    UiScroll scroll = ui_scroll_begin(app->ui, "sentence list", area, pitch * (float)count);
    int first = (int)(scroll.offset / pitch);
    for (int i = first; i < count && (float)(i - first) * pitch < height + pitch; i++) {
        /* in double: of a million rows the last is beyond what float counts exactly */
        double y = (double)pitch * i - (double)scroll.offset;
        sentence_row(app, shown ? shown[i] : i,
                     rect(area.x + 6, area.y + (float)y, area.w - 12, pitch));
    }
    ui_scroll_end(app->ui);
    if (ring)
        ui_focus_ring(app->ui, rect(area.x + 6, area.y, area.w - 12, area.h), 4);
    c->y += height;
}

void navigator_sentences(Column *c, float room)
{
    App *app = c->app;
    const Document *doc = &app->scope.doc;
    const Theme *t = app->kit.theme;
    char summary[2 * TEXT_NUMBER];
    bool pictures = scope_sentence(&app->scope, &app->settings)->image.present;
    if (doc->sentence_count < ROOM_FOR_BOTH)
        snprintf(summary, sizeof summary, "%d of %d", app->settings.sentence + 1,
                 doc->sentence_count);
    else
        text_count(summary, doc->sentence_count);
    if (!column_section(c, SECTION_SENTENCES, "sentences", pictures ? "Pictures" : "Sentences",
                        summary))
        return;
    c->y += 4;
    Rect field = column_row(c, 28);
    bool entered = false;
    ui_text_field(app->ui, "filter", "filter sentences", "filter", ICON_SEARCH,
                  rect(field.x + 12, field.y, field.w - 24, field.h), app->filter,
                  sizeof app->filter, NULL, &entered);
    c->y += 8;
    SentenceList *list = &app->list_shown;
    bool all = !app->filter[0], ok = all || update_filtered(app, app->filter);
    int count = all ? doc->sentence_count : ok ? list->count : 0;
    float pitch = floorf(28 * t->unit),
          rows = fminf((float)ROWS_SHOWN, fmaxf(2, floorf(room / pitch)));
    if (count > 0) {
        sentence_rows(c, all ? NULL : list->shown, count, pitch * fminf((float)count, rows));
    } else {
        Rect r = column_row(c, 28);
        char none[48];
        snprintf(none, sizeof none, "0 of %d", doc->sentence_count);
        text_label(ui_list(app->ui), &app->kit, rect(r.x + 16, r.y, r.w - 90, r.h), none, t->text3);
        if (ui_link(app->ui, "clear filter", "clear", rect(rect_right(r) - 56, r.y, 44, r.h)))
            app->filter[0] = 0;
    }
    c->y += 8;
}
