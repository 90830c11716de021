/* The layout is a pure function: every window size, theme, folding and wish that can be is tried.
 */
#include "app/layout.h"
#include "app/desk.h"

#include <math.h>
#include <stdio.h>

typedef struct {
    float w, h;
    Settings settings;
    LayoutWish wish;
    WindowLayout out;
} Case;

static void complain(const Case *c, const char *what)
{
    fail_msg("%g × %g, theme %d, navigator %d %g, controls %d %g, wishes %d%d%d%d%d: %s",
             (double)c->w, (double)c->h, c->settings.theme, c->settings.navigator,
             c->settings.navigator_width, c->settings.controls, c->settings.controls_width,
             c->wish.navigator_open, c->wish.controls_open, c->wish.two_panes, c->wish.pane_below,
             c->wish.wants_row, what);
}

static bool shown(Rect r)
{
    return r.w > 0 && r.h > 0;
}

static bool apart(Rect a, Rect b)
{
    if (!shown(a) || !shown(b))
        return true;
    Rect both = rect_meet(a, b);
    return both.w < 0.01f || both.h < 0.01f;
}

static bool within(Rect inner, Rect outer)
{
    const float slack = 0.01f;
    return inner.x >= outer.x - slack && inner.y >= outer.y - slack &&
           rect_right(inner) <= rect_right(outer) + slack &&
           rect_bottom(inner) <= rect_bottom(outer) + slack;
}

static void inside_and_apart(const Case *c)
{
    static const char *const NAMES[] = {"top",    "quick",  "navigator", "controls", "row",
                                        "status", "pane 0", "pane 1",    "notices"};
    const WindowLayout *l = &c->out;
    Rect part[] = {l->top,    l->quick,   l->navigator, l->controls, l->row,
                   l->status, l->pane[0], l->pane[1],   l->notices};
    Rect window = {0, 0, c->w, c->h};
    char what[96];
    for (int i = 0; i < 9; i++) {
        snprintf(what, sizeof what, "%s lies outside or is less than nothing", NAMES[i]);
        if (part[i].w < 0 || part[i].h < 0 || (shown(part[i]) && !within(part[i], window)))
            complain(c, what);
        for (int j = 0; j < i; j++) {
            bool floats = (i == 2 && l->navigator_over) || (i == 3 && l->controls_over) ||
                          (j == 2 && l->navigator_over) || (j == 3 && l->controls_over);
            snprintf(what, sizeof what, "%s and %s overlap", NAMES[i], NAMES[j]);
            if (!floats && !apart(part[i], part[j]))
                complain(c, what);
        }
    }
    for (int p = 0; p < 2; p++)
        if (shown(l->pane[p]) && !within(l->pane[p], l->canvas))
            complain(c, "a pane leaves the canvas");
    if (l->navigator_over && l->controls_over && (shown(l->top) || shown(l->status)) &&
        (!apart(l->navigator, l->top) || !apart(l->controls, l->status)))
        complain(c, "a floating panel covers a bar");
}

/* The parts that do not float tile the window: nothing is left over. */
static void tiles(const Case *c)
{
    const WindowLayout *l = &c->out;
    Rect part[] = {l->top,
                   l->quick,
                   l->row,
                   l->status,
                   l->pane[0],
                   l->pane[1],
                   l->notices,
                   l->navigator_over ? rect(0, 0, 0, 0) : l->navigator,
                   l->controls_over ? rect(0, 0, 0, 0) : l->controls};
    double area = 0, window = (double)c->w * (double)c->h;
    for (int i = 0; i < 9; i++)
        area += shown(part[i]) ? (double)part[i].w * (double)part[i].h : 0;
    if (fabs(area - window) > 1e-4 * window)
        complain(c, "the regions leave a hole");
}

static void large_enough(const Case *c)
{
    const WindowLayout *l = &c->out;
    if (l->pane[0].w < 280 || l->pane[0].h < (c->wish.notices > 0 ? 40 : 80))
        complain(c, "the first pane is too small to show anything");
    if (shown(l->pane[1]) && (l->pane[1].w < 200 || l->pane[1].h < 140 || l->pane[0].h < 140))
        complain(c, "two panes are too small for two");
    if (shown(l->controls) && l->controls.w < 240)
        complain(c, "the controls are too narrow for their widgets");
    if (shown(l->navigator) && l->navigator.w < 184)
        complain(c, "the navigator is too narrow");
    if (shown(l->row) && l->row.w < 180)
        complain(c, "the row chart is too narrow");
    if (c->w >= 1000 && l->canvas.w < 400)
        complain(c, "the panels leave no canvas");
    if (l->top.h < 40 || l->status.h < 28)
        complain(c, "a bar is lower than its widgets");
    if (!shown(l->quick) && (l->controls_over || !shown(l->controls)))
        complain(c, "neither controls nor quick bar");
}

/* look.md §4 */
static void as_designed(const Case *c)
{
    const WindowLayout *l = &c->out;
    bool projector = c->settings.theme == THEME_PROJECTOR;
    if (c->h < 600 && shown(l->pane[1]))
        complain(c, "a low window has one pane");
    if (!c->wish.two_panes && shown(l->pane[1]))
        complain(c, "nobody wanted a second pane");
    if ((c->w < 1000 || projector) && (!shown(l->quick) || l->tabs))
        complain(c, "a narrow window has a quick bar and a drop-down for the views");
    if (!projector && c->w >= 1000 && c->settings.controls != PANEL_FOLDED &&
        (!shown(l->controls) || l->controls_over))
        complain(c, "the controls are docked from 1000 on");
    if (!projector && c->w >= 1200 && c->settings.navigator != PANEL_FOLDED &&
        (!shown(l->navigator) || l->navigator_over))
        complain(c, "the navigator is docked from 1200 on");
    if (!projector && c->w < 1200 && c->settings.navigator == PANEL_AUTO && shown(l->navigator) &&
        !l->navigator_over)
        complain(c, "the navigator folds by itself below 1200");
}

static void try(Case *c)
{
    c->out = window_layout(c->w, c->h, theme((ThemeId)c->settings.theme), &c->settings, &c->wish);
    inside_and_apart(c);
    tiles(c);
    large_enough(c);
    as_designed(c);
}

static void try_wishes(Case *c)
{
    static const float NOTICES[] = {0, 52, 188};
    for (int bits = 0; bits < 32; bits++) {
        c->wish = (LayoutWish){.navigator_open = bits & 1,
                               .controls_open = (bits & 2) != 0,
                               .two_panes = (bits & 4) != 0,
                               .pane_below = (bits & 8) != 0,
                               .wants_row = (bits & 16) != 0,
                               .notices = NOTICES[bits % 3]};
        try(c);
    }
}

static const float WIDTHS[] = {320,  321,  360,  400,  480,  519,  520,  560,  600,
                               639,  640,  641,  700,  799,  800,  900,  960,  999,
                               1000, 1001, 1024, 1100, 1199, 1200, 1201, 1280, 1366,
                               1440, 1600, 1920, 2000, 2560, 3000, 3840, 4000};
static const float HEIGHTS[] = {240,  260,  300,  360,  400,  479,  480, 481, 500,
                                560,  599,  600,  601,  640,  720,  768, 800, 900,
                                1024, 1080, 1200, 1440, 2000, 2160, 2400};

static void nothing_overlaps_at_any_window_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WIDTHS / sizeof *WIDTHS; i++)
        for (size_t j = 0; j < sizeof HEIGHTS / sizeof *HEIGHTS; j++)
            for (int id = 0; id < THEME_COUNT; id++)
                for (int folds = 0; folds < 9; folds++) {
                    Case c = {.w = WIDTHS[i], .h = HEIGHTS[j], .settings = settings_default()};
                    c.settings.theme = id;
                    c.settings.navigator = folds % 3;
                    c.settings.controls = folds / 3;
                    try_wishes(&c);
                }
}

static void panels_of_any_width_leave_room_for_the_canvas(void **state)
{
    static const double NAVIGATOR[] = {184, 300, 420}, CONTROLS[] = {248, 330, 420};
    (void)state;
    for (float w = 320; w <= 4000; w += 20)
        for (int widths = 0; widths < 9; widths++)
            for (int open = 0; open < 4; open++) {
                Case c = {.w = w, .h = 800, .settings = settings_default()};
                c.settings.navigator_width = NAVIGATOR[widths % 3];
                c.settings.controls_width = CONTROLS[widths / 3];
                c.settings.navigator = open & 1 ? PANEL_OPEN : PANEL_AUTO;
                c.settings.controls = open & 2 ? PANEL_OPEN : PANEL_AUTO;
                try_wishes(&c);
            }
}

/* Windows smaller than any that can be had, and UI scale 3 on small ones: no sense, but no harm. */
static void a_tiny_window_gives_no_negative_sizes(void **state)
{
    (void)state;
    for (float w = 1; w < 320; w += 13)
        for (float h = 1; h < 240; h += 11)
            for (int id = 0; id < THEME_COUNT; id++) {
                Case c = {.w = w, .h = h, .settings = settings_default()};
                c.settings.theme = id;
                c.wish = (LayoutWish){.navigator_open = true,
                                      .controls_open = true,
                                      .two_panes = true,
                                      .pane_below = true,
                                      .notices = 140,
                                      .wants_row = true};
                c.out = window_layout(w, h, theme((ThemeId)id), &c.settings, &c.wish);
                inside_and_apart(&c);
            }
}

/* ---- the bars in windows of few points ---------------------------------- */

static bool in_bar(const char *id, const char *bar)
{
    size_t n = strlen(bar);
    return strncmp(id, bar, n) == 0 && id[n] == '/' && !strchr(id + n + 1, '/');
}

static void bar_holds_its_controls(const Desk *d, const char *bar)
{
    int count = 0, found = 0;
    const UiItem *items = ui_items(app_ui(d->app), &count);
    Vec2 size = ui_size(app_ui(d->app));
    for (int i = 0; i < count; i++) {
        if (!in_bar(items[i].id, bar))
            continue;
        found++;
        if (!within(items[i].rect, rect(0, 0, size.x, size.y)) || !shown(items[i].rect))
            fail_msg("%g × %g: %s leaves the window", (double)size.x, (double)size.y, items[i].id);
        for (int j = 0; j < i; j++)
            if (in_bar(items[j].id, bar) && !apart(items[i].rect, items[j].rect))
                fail_msg("%g × %g: %s lies over %s", (double)size.x, (double)size.y, items[i].id,
                         items[j].id);
    }
    assert_true(found > 0);
}

/* The box of the temperature's value is a part of the slider, and the knob keeps a run before it.
 */
static void knob_has_a_run(Desk *d)
{
    const UiItem *slider = desk_item(d, "quick/temperature");
    const UiItem *value = desk_item(d, "quick/temperature/value");
    if (!within(value->rect, slider->rect) || value->rect.x - slider->rect.x < 20)
        fail_msg("the temperature's value has no room in %g points", (double)slider->rect.w);
}

typedef struct {
    int w, h;
    double scale;
} SmallWindow;
static const SmallWindow SMALL[] = {{640, 480, 2},   {640, 480, 3}, {1280, 800, 3}, {800, 600, 2},
                                    {640, 480, 1.5}, {960, 700, 2}, {1280, 800, 2}, {1280, 800, 1}};

static void bars_hold_their_controls_apart_in_windows_of_few_points(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SMALL / sizeof *SMALL; i++)
        for (int id = 0; id < THEME_COUNT; id++) {
            Desk d;
            desk_start(&d, SMALL[i].w, SMALL[i].h, desk_example("one-sentence"));
            app_settings(d.app)->ui_scale = SMALL[i].scale;
            app_settings(d.app)->theme = id;
            desk_settle(&d);
            bar_holds_its_controls(&d, "top");
            assert_non_null(ui_find(app_ui(d.app), "top/view.controls"));
            if (shown(d.app->layout.quick)) {
                bar_holds_its_controls(&d, "quick");
                knob_has_a_run(&d);
                assert_non_null(ui_find(app_ui(d.app), "top/view"));
            }
            desk_stop(&d);
        }
}

static void row_labels_stay_while_the_matrix_keeps_sixty_points(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        Desk d;
        desk_start(&d, SMALL[i].w, SMALL[i].h, desk_example("one-sentence"));
        app_settings(d.app)->ui_scale = SMALL[i].scale;
        desk_settle(&d);
        const HeatmapLayout *l = &d.app->panes[0].heatmap_layout;
        assert_true(l->label_w >= 24);
        assert_true(l->matrix.w >= 60);
        assert_true(l->matrix.x - l->label_w >= 0);
        desk_stop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps_at_any_window_size),
        cmocka_unit_test(panels_of_any_width_leave_room_for_the_canvas),
        cmocka_unit_test(a_tiny_window_gives_no_negative_sizes),
        cmocka_unit_test(bars_hold_their_controls_apart_in_windows_of_few_points),
        cmocka_unit_test(row_labels_stay_while_the_matrix_keeps_sixty_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
