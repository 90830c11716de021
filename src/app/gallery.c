/* The first screen: open, recent, keys, and the examples as cards. */
#include "app/commands.h"

#include "base/mem.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *id, *file, *title, *what;
    int kind;
} Example;
static const Example EXAMPLES[] = {
    {"one-sentence", "one-sentence/one-sentence.attn.json", "One sentence", "self-attention", 0},
    {"translation", "translation/translation.attn.json", "Translation",
     "English to French, gold links", 1},
    {"shapes", "shapes/shapes.attn.json", "A picture", "image patches and [CLS]", 2},
    {"next-word", "next-word/next-word.attn.json", "Next word", "causal language model", 3},
    {"three-tokens", "three-tokens/three-tokens.attn.json", "Three tokens by hand",
     "every number on one page", 4},
    {"chinese", "chinese/chinese.attn.json", "中文", "Chinese tokens, horizontal lines", 1},
    {"arabic-english", "arabic-english/arabic-english.attn.json", "\u200Eالعربية and English",
     "right to left beside left to right", 1},
    {"rnn-translation", "rnn-translation/rnn-translation.attn.json", "Recurrent translation",
     "additive and general scores", 1},
    {"spoken-words", "spoken-words/spoken-words.attn.json", "Sounds and letters",
     "concat and location scores", 3},
    {"shopping", "shopping/shopping.attn.json", "Shopping", "cosine, gaussian, featurewise", 3},
    {"image-gate", "image-gate/image-gate.attn.json", "A gate over a picture", "σ, no softmax", 2},
    {"mood", "mood/mood.attn.json", "One weight per word", "type a review of your own", 3},
    {"type-a-sentence", "type-a-sentence/type-a-sentence.attn.json", "Type a sentence",
     "a vocabulary built by hand", 0},
    {"hidden-states", "hidden-states/hidden-states.attn.json", "Hidden states by hand",
     "bilinear scores on one page", 4},
    {"positions", "positions/positions.attn.json", "Where am I?", "RoPE, ALiBi, T5, sinusoids", 3},
    {"slips", "slips/slips.attn.json", "Slips", "what widespread mistakes do", 4},
};
enum {
    EXAMPLE_COUNT = sizeof EXAMPLES / sizeof EXAMPLES[0],
    LOADS_PER_PASS = 1,
    CARD_THUMB = 144,
    CARD_TEXT = 60,
    CARD_GAP = 16
};

void gallery_free(Gallery *gallery)
{
    for (int i = 0; i < GALLERY_MAX; i++)
        gallery_card_free(&gallery->cards[i]);
}

static int card_count(const App *app)
{
    return EXAMPLE_COUNT + app->gallery.continue_card;
}

static const Example *card_example(const App *app, int i)
{
    i -= app->gallery.continue_card;
    return i < 0 ? NULL : &EXAMPLES[i];
}

/* The first picture must not wait for what the last visit had open, however large it is. */
static void load_continue(App *app, GalleryCard *card)
{
    const char *path = app->session.document, *note = "";
    LoadRequest request = documents_request(app, path);
    Arena arena;
    arena_init(&arena);
    session_origin_read(app->session.origin, &arena, &request.origin);
    for (int i = 0; i < app->session.recent_count; i++)
        if (strcmp(app->session.recent[i].path, path) == 0)
            note = app->session.recent[i].note;
    if (documents_large(path) || request.origin.more_count > 0)
        gallery_card_name(card, path, note[0] ? note : "a large file");
    else
        gallery_card_load(card, &request, &app->session.settings);
    arena_free(&arena);
}

static void load_cards(App *app)
{
    Gallery *g = &app->gallery;
    FileStamp stamp;
    if (!g->cards[0].tried && !g->cards[1].tried)
        g->continue_card = app->session.document[0] && file_stamp(app->session.document, &stamp);
    int loaded = 0;
    for (int i = 0; i < card_count(app); i++) {
        char path[1024];
        const Example *example = card_example(app, i);
        if (g->cards[i].tried)
            continue;
        if (loaded++ == LOADS_PER_PASS) {
            app->thumbs_pending =
                true; /* the next frame goes on: the first one must not wait for all */
            return;
        }
        LoadRequest request = documents_request(app, path);
        if (!example)
            load_continue(app, &g->cards[i]);
        else if (app->options.examples &&
                 path_join(path, sizeof path, app->options.examples, example->file))
            gallery_card_load(&g->cards[i], &request, NULL);
        else
            g->cards[i].tried = true;
    }
}

static void open_card(App *app, int i)
{
    char path[1024]; /* not the card's own: its picture may not be computed yet */
    const Example *example = card_example(app, i);
    if (!example)
        command_run(app, command_find("file.continue"));
    else if (app->options.examples &&
             path_join(path, sizeof path, app->options.examples, example->file))
        app_open(app, path, NULL);
}

/* ---- left side ---------------------------------------------------------- */

/* Two lines of text with an icon; true when it was chosen. */
static bool recent_row(App *app, int i, Rect r)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    float u = t->unit, x = r.x + 8 + floorf(32 * u), w = rect_right(r) - 8 - x;
    TextStyle style = {FACE_SANS, t->body, t->text1, ALIGN_LEFT, 0};
    char name[24];
    snprintf(name, sizeof name, "recent %d", i);
    UiArea area = ui_area(app->ui, name, app->session.recent[i].path, r);
    if (area.hovered)
        draw_rect(list, r, 4, t->hover);
    icon_draw(list, ICON_FILE, rect(r.x + 8, r.y, 24 * u, r.h), 16 * u, t->text3);
    text_in(list, &app->kit, rect(x, r.y + 4 * u, w, 18 * u), &style,
            path_base(app->session.recent[i].path));
    text_label(list, &app->kit, rect(x, r.y + 22 * u, w, 18 * u), app->session.recent[i].note,
               t->text3);
    ui_tooltip(app->ui, r, app->session.recent[i].path);
    if (area.focused && ui_focus_visible(app->ui))
        ui_focus_ring(app->ui, r, 4);
    if (area.activated)
        ui_take_key(app->ui);
    return area.clicked || area.activated;
}

static float recent_files(App *app, Rect side, float y, float limit)
{
    const Theme *t = app->kit.theme;
    float u = t->unit, pitch = floorf(48 * u), link = floorf(44 * u), head = floorf(24 * u);
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    if (app->session.recent_count == 0)
        return y;
    draw_rect(ui_list(app->ui), rect(side.x, y, side.w, 1), 0, t->line1);
    y += floorf(10 * u);
    text_in(ui_list(app->ui), &app->kit, rect(side.x, y, side.w - link, head), &bold, "Recent");
    if (ui_link(app->ui, "clear recent", "clear", rect(rect_right(side) - link, y, link, head)))
        app->session.recent_count = 0;
    y += floorf(32 * u);
    for (int i = 0; i < app->session.recent_count && i < 5 && y + pitch < limit; i++, y += pitch)
        if (recent_row(app, i, rect(side.x - 8, y, side.w + 16, floorf(44 * u)))) {
            app_open_recent(app, app->session.recent[i].path, app->session.recent[i].origin, NULL);
            return y;
        }
    return y + floorf(8 * u);
}

static void key_lines(App *app, Rect side, float y, float limit)
{
    static const struct {
        const char *keys, *what;
    } LINES[] = {{"Ctrl P", "every action by name"},
                 {"?", "all keys"},
                 {"F11", "projector"},
                 {"1 – 6", "views"}};
    const Theme *t = app->kit.theme;
    float u = t->unit, pitch = floorf(28 * u), indent = floorf((side.w < 240 ? 60 : 72) * u);
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    if (y + 40 * u + 4 * pitch > limit)
        return;
    draw_rect(ui_list(app->ui), rect(side.x, y, side.w, 1), 0, t->line1);
    text_in(ui_list(app->ui), &app->kit, rect(side.x, y + 10 * u, side.w, 24 * u), &bold, "Keys");
    y += floorf(40 * u);
    for (int i = 0; i < 4; i++, y += pitch) {
        ui_key_cap(app->ui, LINES[i].keys, vec2(side.x, y));
        text_label(ui_list(app->ui), &app->kit,
                   rect(side.x + indent, y - 2 * u, side.w - indent, 24 * u), LINES[i].what,
                   t->text2);
    }
}

static void open_button(App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    float u = t->unit, key_w = text_width(&app->kit, FACE_SANS, t->body, "Ctrl O") + 2;
    TextStyle key = {FACE_SANS, t->body, t->onink, ALIGN_RIGHT, 0};
    if (ui_button(app->ui, "open", "", r, true))
        command_run(app, command_find("file.open"));
    icon_draw(list, ICON_FOLDER, rect(r.x + 12 * u, r.y, 24 * u, r.h), 16 * u, t->onink);
    float x = r.x + floorf(44 * u), keys_x = rect_right(r) - floorf(12 * u) - key_w;
    text_label(list, &app->kit, rect(x, r.y, rect_right(r) - 8 - x, r.h), "Open a file…", t->onink);
    if (x + text_width(&app->kit, FACE_SANS, t->body, "Open a file…") + 8 < keys_x)
        text_in(list, &app->kit, rect(keys_x, r.y, key_w, r.h), &key, "Ctrl O");
}

static void left_side(App *app, Rect panel)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    float u = t->unit, margin = floorf(24 * u);
    Rect side = {panel.x + margin, panel.y, panel.w - 2 * margin, panel.h};
    TextStyle name = {FACE_BOLD, t->big, t->text1, ALIGN_LEFT, 0},
              hint = {FACE_SANS, t->body, t->text3, ALIGN_CENTER, 0};
    draw_rect(list, panel, 0, t->panel);
    draw_rect(list, rect(rect_right(panel) - 1, panel.y, 1, panel.h), 0, t->line1);
    text_in(list, &app->kit, rect(side.x, floorf(20 * u), side.w, 34 * u), &name, "attnscope");
    text_label(list, &app->kit, rect(side.x, floorf(54 * u), side.w, 20 * u),
               "look at attention, turn the knobs", t->text2);
    open_button(app, rect(side.x, floorf(88 * u), side.w, floorf(28 * u)));
    text_in(list, &app->kit, rect(side.x, floorf(122 * u), side.w, 24 * u), &hint,
            side.w < 240 * u ? "or drop files here" : "or drop files anywhere on this window");
    float low = floorf(44 * u), limit = rect_bottom(panel) - low - 12;
    float y = recent_files(app, side, floorf(164 * u), limit);
    key_lines(app, side, y, limit);
    static const char *const THEMES[] = {"Light", "Dark", "Projector", NULL};
    ui_dropdown(
        app->ui, "theme", "theme", THEMES,
        rect(side.x, rect_bottom(panel) - low, fminf(floorf(124 * u), side.w), floorf(28 * u)),
        &app->settings.theme, NULL);
}

/* ---- cards -------------------------------------------------------------- */

static void one_card(App *app, int i, Rect r)
{
    const Theme *t = app->kit.theme;
    const Example *example = card_example(app, i);
    const GalleryCard *card = &app->gallery.cards[i];
    DrawList *list = ui_list(app->ui);
    const char *title = example ? example->title : "Continue";
    UiArea area = ui_area(app->ui, example ? example->id : "continue", title, r);
    if (area.focused && ui_focus_visible(app->ui))
        app->gallery.chosen = i; /* Tab came here: arrows and Enter go on from it */
    bool chosen = app->gallery.chosen == i;
    draw_rect(list, r, 6, t->bg);
    draw_clip(list, rect_inset(r, 1));
    draw_rect(list, rect(r.x, r.y, r.w, CARD_THUMB), 0, t->panel);
    gallery_card_draw(card, example ? example->kind : 0, &app->kit, rect(r.x, r.y, r.w, CARD_THUMB),
                      list);
    draw_rect(list, rect(r.x, r.y + CARD_THUMB, r.w, 1), 0, t->line1);
    draw_unclip(list);
    draw_frame(list, r, 6, chosen || area.hovered ? 2 : 1,
               chosen || area.hovered ? t->ink : t->line2);
    if (chosen)
        draw_frame(list, rect_inset(r, -4), 8, t->focus_width, t->focus);
    TextStyle bold = {FACE_BOLD, t->body, t->text1, ALIGN_LEFT, 0};
    text_in(list, &app->kit, rect(r.x + 12, r.y + CARD_THUMB + 10, r.w - 24, 20), &bold, title);
    char what[160];
    if (!example)
        snprintf(what, sizeof what, "%s", path_base(app->session.document));
    else
        snprintf(what, sizeof what, "%s", example->what);
    text_label(list, &app->kit, rect(r.x + 12, r.y + CARD_THUMB + 30, r.w - 24, 20), what,
               t->text2);
    if (area.hovered)
        app->gallery_hover = i;
    if (area.clicked)
        app->gallery_open = i;
}

/* Arrows, pages and ends walk over the cards; a page is as many rows as are seen. */
static void gallery_keys(App *app, int across, float rows_seen)
{
    Gallery *g = &app->gallery;
    int key = app->input.key, count = card_count(app);
    if (ui_key_taken(app->ui) || ui_has_focus(app->ui) || app_covered(app) ||
        (app->input.mods & (MOD_CTRL | MOD_ALT)))
        return;
    int step = key == KEY_LEFT    ? -1
               : key == KEY_RIGHT ? 1
               : key == KEY_UP    ? -across
               : key == KEY_DOWN  ? across
                                  : 0;
    int page = across * (int)fmaxf(1, floorf(rows_seen)), at = g->chosen < 0 ? 0 : g->chosen;
    int to = key == KEY_HOME        ? 0
             : key == KEY_END       ? count - 1
             : key == KEY_PAGE_UP   ? at - page
             : key == KEY_PAGE_DOWN ? at + page
             : step != 0            ? g->chosen < 0 ? 0 : at + step
                                    : INT_MIN;
    if (to != INT_MIN) {
        char id[64];
        g->chosen = clampi(to, 0, count - 1);
        const Example *example = card_example(app, g->chosen);
        snprintf(id, sizeof id, "gallery/%s", example ? example->id : "continue");
        ui_focus(app->ui, id);
        ui_take_key(app->ui);
    } else if (key == KEY_ENTER && g->chosen >= 0) {
        app->gallery_open = g->chosen;
        ui_take_key(app->ui);
    }
}

static void gallery_status(App *app, Rect bar)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    int i = app->gallery_hover >= 0 ? app->gallery_hover : app->gallery.chosen;
    char text[512] = "Choose an example, or open a file of your own.";
    draw_rect(list, bar, 0, t->panel);
    draw_rect(list, rect(bar.x, bar.y, bar.w, 1), 0, t->line1);
    if (i >= 0 && i < card_count(app)) {
        const GalleryCard *c = &app->gallery.cards[i];
        /* The line reads from the left even when the title begins in Arabic. */
        utf8_format(text, sizeof text, "\u200E%s: %s  %s", c->title, c->about, c->summary);
    }
    float w = floorf(190 * t->unit);
    text_label(list, &app->kit, rect(12, bar.y, fmaxf(0, bar.w - w - 32), bar.h), text, t->text2);
    TextStyle right = {FACE_SANS, t->body, t->text3, ALIGN_RIGHT, 0};
    text_in(list, &app->kit, rect(rect_right(bar) - 12 - w, bar.y, w, bar.h), &right,
            "works offline · no account");
}

void gallery_frame(App *app)
{
    const Theme *t = app->kit.theme;
    Vec2 size = ui_size(app->ui);
    Rect area = {0, 0, size.x, size.y}, status = rect_cut_bottom(&area, floorf(28 * t->unit));
    app->gallery_hover = app->gallery_open = -1;
    app->layout.status = status;
    load_cards(app);
    ui_push(app->ui, "gallery");
    float side = floorf((size.x < 900 ? 248 : 304) * t->unit);
    left_side(app, rect_cut_left(&area, fminf(side, floorf(size.x * 0.48f))));
    float inner = area.w - 64;
    int across = clampi((int)((inner + CARD_GAP) / (200 + CARD_GAP)), 1, 4),
        count = card_count(app);
    float w = floorf((inner - CARD_GAP * (float)(across - 1)) / (float)across),
          h = CARD_THUMB + CARD_TEXT;
    float content = 60 + (h + CARD_GAP) * (float)((count + across - 1) / across) + 16;
    UiScroll scroll = ui_scroll_begin(app->ui, "cards", area, content);
    float top = area.y - scroll.offset;
    TextStyle head = {FACE_SANS, t->figure, t->text1, ALIGN_LEFT, 0},
              hint = {FACE_SANS, t->body, t->text3, ALIGN_RIGHT, 0};
    text_in(ui_list(app->ui), &app->kit, rect(area.x + 32, top + 16, 200, 36), &head, "Examples");
    if (inner > 400)
        text_in(ui_list(app->ui), &app->kit, rect(rect_right(area) - 332, top + 24, 300, 24), &hint,
                "Enter opens, arrows walk");
    for (int i = 0; i < count; i++)
        one_card(app, i,
                 rect(area.x + 32 + (w + CARD_GAP) * (float)(i % across),
                      top + 60 + (h + CARD_GAP) * (float)(i / across), w, h));
    ui_scroll_end(app->ui);
    gallery_keys(app, across, area.h / (h + CARD_GAP));
    gallery_status(app, status);
    ui_pop(app->ui);
    if (app->gallery_open >= 0)
        open_card(app, app->gallery_open);
}
