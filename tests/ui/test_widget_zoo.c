/* A seeded monkey over every widget at once. MONKEY_EVENTS and MONKEY_SEED widen the search; a
 * failure names its seed and event. */
#include "support/ui_driver.h"
#include "support/widget_sheet.h"
#include "support/widget_zoo.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>

static void draw(Driver *d)
{
    zoo_draw(d->ui, d->self);
}

typedef struct {
    uint64_t state;
} Dice;

static unsigned roll(Dice *dice, unsigned n)
{
    dice->state = dice->state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(dice->state >> 33) % n;
}

static const char *const TEXTS[] = {"a",
                                    "5",
                                    "0.25",
                                    "-",
                                    "x",
                                    "日本",
                                    "e\u0301",
                                    "\U0001F468\u200D\U0001F469",
                                    "\u05E9\u05DC",
                                    "1000000",
                                    " ",
                                    "\u0301",
                                    "%",
                                    ","};
static const int KEYS[] = {KEY_ENTER,   KEY_ESCAPE, KEY_TAB, KEY_TAB,  KEY_BACKSPACE, KEY_DELETE,
                           KEY_LEFT,    KEY_RIGHT,  KEY_UP,  KEY_DOWN, KEY_HOME,      KEY_END,
                           KEY_PAGE_UP, ' ',        'a',     's',      'z',           'c',
                           'x',         '7',        KEY_F5};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Half of the moves go to a control of the last frame, so that things happen. */
static void random_move(Driver *d, Dice *dice)
{
    int n;
    const UiItem *items = ui_items(d->ui, &n);
    Vec2 at = vec2((float)roll(dice, 900) - 50, (float)roll(dice, 700) - 50);
    if (n > 0 && roll(dice, 3) > 0) {
        Rect r = items[roll(dice, (unsigned)n)].rect;
        at = vec2(r.x + r.w * (float)roll(dice, 100) / 100,
                  r.y + r.h * (float)roll(dice, 100) / 100);
    }
    d->in.mouse = vec2(at.x * d->scale, at.y * d->scale);
}

static void random_button(Driver *d, Dice *dice)
{
    Input *in = &d->in;
    MouseButton b = roll(dice, 12) == 0 ? MOUSE_RIGHT : MOUSE_LEFT;
    if (in->held[b]) {
        in->held[b] = false;
        in->released[b] = roll(dice, 50) != 0; /* a release may get lost */
    } else {
        in->pressed[b] = in->held[b] = true;
        in->clicks = (int)roll(dice, 3) + 1;
        if (roll(dice, 3) == 0) {
            in->held[b] = false;
            in->released[b] = true;
        }
    }
}

static void random_typing(Driver *d, Dice *dice, char *junk, size_t cap)
{
    Input *in = &d->in;
    switch (roll(dice, 8)) {
    case 0:
        in->preedit = TEXTS[roll(dice, COUNT(TEXTS))];
        in->preedit_caret = (int)roll(dice, 9) - 2;
        break;
    case 1:
        in->preedit = "";
        break;
    case 2: {
        size_t length = roll(dice, (unsigned)cap);
        for (size_t i = 0; i < length; i++)
            junk[i] = (char)(roll(dice, 255) + 1);
        junk[length] = '\0';
        in->key = 'v';
        in->mods = MOD_CTRL;
        in->clipboard = junk;
        break;
    }
    default:
        in->text = TEXTS[roll(dice, COUNT(TEXTS))];
    }
}

static void random_world(Driver *d, Dice *dice)
{
    switch (roll(dice, 5)) {
    case 0:
        d->in.focus_lost = true;
        break;
    case 1:
        d->in.pixel_w = 640 + (int)roll(dice, 800);
        d->in.pixel_h = 480 + (int)roll(dice, 600);
        break;
    case 2:
        d->scale = d->kit.scale = 0.75f + 0.25f * (float)roll(dice, 6);
        break;
    case 3:
        d->kit.theme = theme((ThemeId)roll(dice, THEME_COUNT));
        break;
    default:
        d->in.time += roll(dice, 3);
    }
}

static void random_event(Driver *d, Dice *dice, char *junk, size_t cap)
{
    unsigned kind = roll(dice, 100);
    if (kind < 40) {
        random_move(d, dice);
    } else if (kind < 70) {
        random_button(d, dice);
    } else if (kind < 85) {
        d->in.key = KEYS[roll(dice, COUNT(KEYS))];
        d->in.mods = roll(dice, 3) == 0 ? (int)roll(dice, 8) : 0;
        d->in.key_repeat = roll(dice, 6) == 0;
    } else if (kind < 91) {
        d->in.wheel = vec2(0, (float)roll(dice, 9) / 2 - 2);
        d->in.mods = roll(dice, 4) == 0 ? MOD_SHIFT : 0;
    } else if (kind < 99) {
        random_typing(d, dice, junk, cap);
    } else {
        random_world(d, dice);
    }
}

static bool text_ok(const char *text, size_t cap)
{
    size_t length = strnlen(text, cap);
    return length < cap && utf8_valid(text, length) == length;
}

/* What must hold after any frame; the text names what does not. */
static const char *broken(Driver *d, const Zoo *z)
{
    if (!(z->temperature >= 0 && z->temperature <= 1000) || !(z->dk >= 1 && z->dk <= 65536))
        return "a slider left its range";
    if (!(z->mass >= 0 && z->mass <= 1) || !(z->number >= 1 && z->number <= 4096))
        return "a typed value left its range";
    if (z->number != floor(z->number))
        return "a whole number is not whole";
    if (z->scale < 0 || z->scale > 4 || z->normaliser < 0 || z->normaliser > 4 || z->map < 0 ||
        z->map > 2 || z->layer < 0 || z->layer > 5)
        return "a choice left its range";
    if (!text_ok(z->filter, sizeof z->filter) || !text_ok(z->path, sizeof z->path) ||
        !text_ok(z->find, sizeof z->find))
        return "a text is not valid UTF-8";
    int n, focused = 0, depth = 0;
    const UiItem *items = ui_items(d->ui, &n);
    for (int i = 0; i < n; i++) {
        focused += items[i].focused && items[i].enabled;
        if (!text_ok(items[i].label, sizeof items[i].label) ||
            !text_ok(items[i].value, sizeof items[i].value) ||
            !text_ok(items[i].id, sizeof items[i].id))
            return "an item's text is broken";
    }
    if (focused > 1)
        return "two controls have the focus";
    if (d->out.want_text && !ui_typing(d->ui))
        return "text is wanted where none is typed";
    for (size_t i = 0; i < d->list.count; i++) {
        const DrawCommand *c = &d->list.items[i];
        depth += c->kind == DRAW_CLIP ? 1 : c->kind == DRAW_UNCLIP ? -1 : 0;
        if (depth < 0)
            return "a clip was ended twice";
        if (!isfinite(c->r.x + c->r.y + c->r.w + c->r.h + c->p0.x + c->p0.y))
            return "a position is not finite";
        if (c->kind == DRAW_RECT && (c->r.w < 0 || c->r.h < 0))
            return "a rectangle is negative";
        if (c->kind == DRAW_TEXT && utf8_valid(c->text, c->length) != c->length)
            return "a drawn text is not valid UTF-8";
    }
    return depth != 0 ? "a clip was not ended" : NULL;
}

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

static void a_monkey_breaks_nothing(void **state)
{
    (void)state;
    long events = setting("MONKEY_EVENTS", 10000), seed = setting("MONKEY_SEED", 20240607);
    static Zoo zoo;
    static char junk[200];
    zoo_init(&zoo);
    Driver d;
    drive_start(&d, draw, &zoo);
    d.in.pixel_w = 1000;
    d.in.pixel_h = 700;
    Dice dice = {(uint64_t)seed};
    print_message("monkey: seed %ld, %ld events\n", seed, events);
    int used[3] = {0};
    for (long i = 0; i < events; i++) {
        random_event(&d, &dice, junk, sizeof junk);
        drive_frame(&d);
        const char *what = broken(&d, &zoo);
        if (what != NULL)
            fail_msg("MONKEY_SEED=%ld, event %ld: %s", seed, i, what);
        used[0] += ui_typing(d.ui);
        used[1] += zoo.modal;
        used[2] += ui_busy(d.ui);
    }
    /* A monkey that never typed, opened or dragged would have shown nothing. */
    for (int i = 0; i < 3; i++)
        assert_true(used[i] > events / 100);
    drive_stop(&d);
}

/* The same events give the same drawing: nothing but Input decides. */
static void the_same_input_gives_the_same_frames(void **state)
{
    (void)state;
    static Zoo zoo;
    static char junk[200];
    uint64_t hash[2] = {0, 0};
    for (int pass = 0; pass < 2; pass++) {
        zoo_init(&zoo);
        Driver d;
        drive_start(&d, draw, &zoo);
        Dice dice = {77};
        for (int i = 0; i < 800; i++) {
            random_event(&d, &dice, junk, sizeof junk);
            drive_frame(&d);
            hash[pass] = hash[pass] * 31 + draw_list_hash(&d.list);
        }
        drive_stop(&d);
    }
    assert_true(hash[0] == hash[1] && hash[0] != 0);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    static Zoo zoo;
    static char junk[200];
    for (uint64_t n = 1; n < 60; n++) {
        int64_t live = mem_live();
        zoo_init(&zoo);
        Dice dice = {n};
        Driver d;
        memset(&d, 0, sizeof d);
        d.font = font_fixed();
        d.scale = 1;
        d.kit = (TextKit){&d.font, 1, theme(THEME_LIGHT)};
        d.in = (Input){.pixel_w = 1000, .pixel_h = 700, .density = 1};
        draw_list_init(&d.list);
        mem_fail_at(n, n % 2 == 0);
        d.ui = ui_new();
        for (int i = 0; d.ui != NULL && i < 30; i++) {
            random_event(&d, &dice, junk, sizeof junk);
            draw_list_reset(&d.list);
            ui_begin(d.ui, &d.in, &d.kit, 1, &d.list, true);
            zoo_draw(d.ui, &zoo);
            ui_end(d.ui);
            d.in.time += 0.1;
            d.in.key = KEY_NONE;
        }
        mem_fail_at(0, false);
        ui_free(d.ui);
        draw_list_free(&d.list);
        assert_int_equal(mem_live(), live);
    }
}

static void the_sheet_of_all_states_draws_in_every_theme(void **state)
{
    (void)state;
    Font font = font_fixed();
    for (int id = 0; id < THEME_COUNT; id++) {
        TextKit kit = {&font, 1.25f, theme((ThemeId)id)};
        DrawList list;
        draw_list_init(&list);
        widget_sheet_draw(&kit, &list);
        assert_false(list.failed);
        assert_true(list.count > 300);
        bool focus = false, refused = false, notice = false;
        for (size_t i = 0; i < list.count; i++) {
            focus |= list.items[i].color == kit.theme->focus;
            refused |= list.items[i].color == kit.theme->err;
            notice |= list.items[i].color == kit.theme->warn_ground;
        }
        assert_true(focus && refused && notice);
        draw_list_free(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_monkey_breaks_nothing),
        cmocka_unit_test(the_same_input_gives_the_same_frames),
        cmocka_unit_test(running_out_of_memory_is_survived),
        cmocka_unit_test(the_sheet_of_all_states_draws_in_every_theme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
