/* The sentence that is typed: a line above the panes of documents with a vocabulary. */
#include "app/commands.h"
#include "app/state.h"

#include "base/mem.h"
#include "base/text_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TYPED_BYTES = TEXT_SET_MOST + 1 };

const char *needs_vocabulary(const App *app)
{
    return !app->scope.open        ? "No document is open."
           : !app->scope.doc.vocab ? "The document has no vocabulary: its tokens are as they are."
                                   : NULL;
}

void text_command(App *app, int own)
{
    if (own) {
        app->settings.text_typed = false;
        app->settings.text = 0;
    } else {
        ui_focus(app->ui, "text/sentence");
    }
}

/* The field edits a copy; undo, a session or a script may have set another text. */
static bool typed_copy(App *app)
{
    const char *now = app->settings.text_typed ? text_set(app->settings.text) : "";
    if (!app->typed && !(app->typed = mem_zero(TYPED_BYTES, 1)))
        return false;
    if (strcmp(app->typed, now) != 0)
        memcpy(app->typed, now, strlen(now) + 1);
    return true;
}

static void take_typed(App *app)
{
    int id = text_set_intern(app->typed, strlen(app->typed));
    if (id < 0) { /* out of memory: the field shows the old text again in the next pass */
        app_notice(app, true, NULL, "text: out of memory");
        return;
    }
    app->settings.text = id;
    app->settings.text_typed = true;
    app->typing = true;
}

void text_bar_tell(App *app)
{
    const char *note = scope_text_note(&app->scope);
    uint64_t key = typed_key(app->scope.typed);
    bool cut = strncmp(note, "The text is cut", 15) == 0;
    if (cut && app->cut_told == 0)
        app_notice(app, false, NULL, "%s", note);
    app->cut_told = cut ? key : 0;
}

/* The field's own undo takes back all that was typed into it; the program's goes word by word. */
static void undo_keys(App *app)
{
    int key = app->input.key, mods = app->input.mods;
    bool undo = key == 'z' && mods == MOD_CTRL;
    bool redo = (key == 'z' && mods == (MOD_CTRL | MOD_SHIFT)) || (key == 'y' && mods == MOD_CTRL);
    if ((!undo && !redo) || !ui_focused(app->ui, "sentence") || ui_key_taken(app->ui))
        return;
    ui_take_key(app->ui);
    command_run(app, command_find(undo ? "edit.undo" : "edit.redo"));
    app_compute(app);
    typed_copy(app);
}

/* How many words are unknown, at the right end of the line; which, when pointed at. Returns the
 * left edge. */
static float unknown_words(App *app, float x, float right, Rect bar)
{
    const Theme *t = app->kit.theme;
    const char *note = scope_text_note(&app->scope);
    char words[48];
    int count = 0;
    if (!note[0])
        return right;
    const uint8_t *unknown = app->scope.queries.unknown;
    for (int i = 0; unknown && i < app->scope.queries.count; i++)
        count += unknown[i];
    if (strncmp(note, "The text is cut", 15) == 0)
        snprintf(words, sizeof words, "cut");
    else
        snprintf(words, sizeof words, "%d unknown", count);
    float w = text_width(&app->kit, FACE_SANS, t->body, words) + 2, icon = floorf(20 * t->unit);
    if (right - w - icon < x)
        return right;
    Rect box = {right - w - icon, bar.y, w + icon, bar.h};
    icon_draw(ui_list(app->ui), ICON_WARNING, rect(box.x, box.y, icon - 4, box.h), 14 * t->unit,
              t->warn);
    text_label(ui_list(app->ui), &app->kit, rect(right - w, bar.y, w, bar.h), words, t->warn);
    ui_tooltip(app->ui, box, note);
    return box.x - 12 * t->unit;
}

void text_bar_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Rect bar = app->layout.text;
    if (bar.h <= 0 || !typed_copy(app))
        return;
    float h = floorf(28 * t->unit), pad = floorf((bar.w < 480 * t->unit ? 8 : 16) * t->unit);
    float y = bar.y + floorf((bar.h - h) / 2), right = rect_right(bar) - pad;
    bool typed = app->settings.text_typed;
    ui_push(app->ui, "text");
    draw_rect(ui_list(app->ui), rect(bar.x, rect_bottom(bar) - 1, bar.w, 1), 0, t->line1);
    const char *label = "Own tokens";
    float w = floorf(text_width(&app->kit, FACE_SANS, t->body, label) + 20 * t->unit);
    Rect button = {right - w, y, w, h};
    ui_disable(app->ui, typed ? NULL : "These are the document's own tokens.");
    if (ui_button(app->ui, "own", label, button, false))
        text_command(app, 1);
    ui_enable(app->ui);
    ui_tooltip(app->ui, button, "the document's own tokens again");
    right = button.x - 12 * t->unit;
    float note = unknown_words(app, bar.x + bar.w * 0.4f, right, bar);
    /* The field keeps its width, note or not: it must not jump while one types. */
    right = fminf(note, right - floorf(108 * t->unit));
    Rect field = {bar.x + pad, y, fmaxf(0, right - bar.x - pad), h};
    undo_keys(app);
    if (ui_text_field(app->ui, "sentence", "type a sentence", "Type a sentence", ICON_NONE, field,
                      app->typed, TYPED_BYTES, NULL, NULL)) {
        take_typed(app);
        app_compute(app);
    }
    ui_pop(app->ui);
}
