/* Matrices that come in rows on demand: what a frame computes of them, and what is said about it.
 * Work ends by the clock where the program has one, else by a count of cells, so that scripts and
 * tests see the same on every machine.
 */
#include "app/state.h"

#include "base/hash.h"

#include <math.h>
#include <stdio.h>

/* Seconds of this thread, and on the clock at most: where other programs run too, waiting for the
 * processor must not end the work of a frame. What is seen may take more than the pass. */
static const double LINES_SECONDS = 0.0075, PASS_SECONDS = 0.005, WALL_SECONDS = 0.020;
static const double FRAME_CELLS = 6.4e7;
enum { EXACT_PART = 4096 }; /* keys; less than a millisecond */

typedef struct {
    double end, wall; /* 0: by cells */
    double cells, last;
} Budget;

static double wall_now(const App *app)
{
    return app->options.clock ? app->options.clock() : 0;
}

static double thread_now(const App *app)
{
    return app->options.thread_clock ? app->options.thread_clock() : wall_now(app);
}

static Budget budget_begin(const App *app)
{
    double wall = wall_now(app), now = thread_now(app);
    double cells = app->options.frame_cells > 0 ? app->options.frame_cells : FRAME_CELLS;
    return (Budget){wall > 0 ? now + LINES_SECONDS : 0, wall + WALL_SECONDS, cells, now};
}

/* Is there room for a piece of work like the last one? */
static bool budget_left(const App *app, Budget *b, double cells)
{
    double now = thread_now(app), spent = now - b->last;
    b->last = now;
    b->cells -= cells;
    return b->end > 0 ? now + spent <= b->end && wall_now(app) <= b->wall : b->cells > 0;
}

/* Rows of one call: so few that the clock is asked often enough. */
static int piece(const App *app, const Tiles *t)
{
    double few = app->options.frame_cells > 0 ? app->options.frame_cells : 4e6;
    double rows = fmin(few, 4e6) / tiles_result(t)->n_k; /* about a millisecond */
    int band = tiles_band(t);
    return rows < band ? band : (int)fmin(rows, 4096);
}

static int work_lines(App *app, TilesView *view, Tiles *t, Budget *b)
{
    int rows = piece(app, t), band = tiles_band(t), left = 1;
    if (app->settings.query >= 0)
        tiles_view_row(view, t, app->settings.query);
    bool more = true;
    while (left > 0 && more) {
        for (int done = 0; done < rows && left > 0; done += band)
            left = tiles_view_work(view, t, band);
        more = budget_left(app, b, (double)rows * tiles_result(t)->n_k);
    }
    return left;
}

static void work_pass(App *app, Tiles *t, Stage stage, Budget *b)
{
    int rows = piece(app, t);
    b->end -= b->end > 0 ? LINES_SECONDS - PASS_SECONDS : 0;
    bool more = b->end == 0 || b->last < b->end;
    while (more && tiles_pass_state(t, stage) <= PASS_RUNS) {
        if (!tiles_pass_work(t, stage, rows))
            return;
        more = budget_left(app, b, (double)rows * tiles_result(t)->n_k);
    }
}

/* The locked row again in double, for the numbers that the pointer shows; some keys a frame. */
static bool work_exact(App *app, Budget *b)
{
    int row = app->settings.query;
    bool more = true, left = true;
    while (left && more) {
        left = scope_exact_work(&app->scope, row, EXACT_PART);
        more = budget_left(app, b, (double)EXACT_PART);
    }
    return left;
}

/* Panels are drawn before the panes: what they say of rows and ranges is drawn again when it has
 * moved since the last frame. */
static bool note_known(Pane *pane, const Tiles *t, Stage stage)
{
    const Range *range = tiles_result(t)->range;
    uint64_t known = hash_bytes(HASH_SEED, &(int){tiles_fresh(t)}, sizeof(int));
    const float numbers[] = {range[stage].lo, range[stage].hi, range[STAGE_WEIGHTS].lo,
                             range[STAGE_WEIGHTS].hi};
    known = hash_bytes(known, numbers, sizeof numbers);
    bool moved = known != pane->tiles_known;
    pane->tiles_known = known;
    return moved;
}

void tiles_frame(App *app, Pane *pane, bool first)
{
    Tiles *t = app->scope.tiled ? app->scope.tiles : NULL;
    Stage stage = pane->scene.stage;
    if (!t || !scene_tiled(&pane->scene) || !app->drawing)
        return;
    Budget b = budget_begin(app);
    TilesView *view = heatmap_tiles_want(pane->heatmap, &pane->scene, &pane->heatmap_layout);
    int left = view ? work_lines(app, view, t, &b) : 0;
    /* The pass over all rows waits until nothing is held: a drag begins it anew with every step. */
    PassState was = tiles_pass_state(t, stage);
    bool exact = first && left == 0 && !ui_busy(app->ui) && work_exact(app, &b);
    if (first && left == 0 && !exact && !ui_busy(app->ui) && was <= PASS_RUNS)
        work_pass(app, t, stage, &b);
    bool ended = was != PASS_DONE && tiles_pass_state(t, stage) == PASS_DONE;
    if (ended)
        heatmap_tiles_want(pane->heatmap, &pane->scene, &pane->heatmap_layout);
    tiles_settle(t, stage, left == 0);
    bool moved = note_known(pane, t, stage);
    bool runs = first && !ui_busy(app->ui) && tiles_pass_state(t, stage) <= PASS_RUNS;
    app->tiles_pending = app->tiles_pending || left > 0 || runs || ended || exact || moved;
    pane->tiles_lines = view ? tiles_view_lines(view) : 0;
    pane->tiles_fresh = view ? tiles_view_fresh(view, t) : 0;
}

static void fresh_words(int fresh, int rows, char *out, size_t cap)
{
    char some[TEXT_NUMBER], all[TEXT_NUMBER];
    text_count(some, fresh);
    text_count(all, rows);
    snprintf(out, cap, "%.20s of %.20s rows fresh", some, all);
}

/* "412 of 768 rows fresh", or how far the pass is, with a way to end it. */
void tiles_status(App *app, Pane *pane, float right, float y)
{
    Ui *ui = app->ui;
    const Theme *theme = app->kit.theme;
    Tiles *t = app->scope.tiled ? app->scope.tiles : NULL;
    char text[96];
    if (!t || pane->view != VIEW_HEATMAP || !scene_tiled(&pane->scene))
        return;
    Stage stage = pane->scene.stage;
    PassState state = tiles_pass_state(t, stage);
    int n = tiles_result(t)->n_q;
    bool stale = pane->tiles_fresh < pane->tiles_lines;
    if (stale)
        fresh_words(pane->tiles_fresh, pane->tiles_lines, text, sizeof text);
    else if (state == PASS_DONE)
        return;
    else
        snprintf(text, sizeof text, "all rows: %.0f\u2009%%",
                 floor(100.0 * (state == PASS_NONE ? 0 : tiles_pass_rows(t)) / n));
    float w = text_width(&app->kit, FACE_SANS, theme->body, text) + 2;
    float button = stale ? 0 : 26;
    TextStyle style = {FACE_SANS, theme->body, stale ? theme->text1 : theme->text2, ALIGN_LEFT, 0};
    if (!stale && state == PASS_CANCELLED) {
        if (ui_icon_button(ui, "go on", "compute all rows", ICON_CHEVRON_RIGHT,
                           rect(right - 24, y + 6, 24, 24)))
            tiles_pass_resume(t);
    } else if (!stale && ui_icon_button(ui, "cancel", "stop computing all rows (Esc)", ICON_X,
                                        rect(right - 24, y + 6, 24, 24))) {
        tiles_pass_cancel(t, stage);
    }
    text_in(ui_list(ui), &app->kit, rect(right - button - w, y, w, 36), &style, text);
}

bool tiles_cancel(App *app)
{
    const Pane *pane = &app->panes[0];
    Tiles *t = app->scope.tiled ? app->scope.tiles : NULL;
    if (!t || !pane->drawn || !scene_tiled(&pane->scene) ||
        tiles_pass_state(t, pane->scene.stage) != PASS_RUNS)
        return false;
    tiles_pass_cancel(t, pane->scene.stage);
    return true;
}

int app_rows_stale(const App *app)
{
    return app->scope.tiled ? app->panes[0].tiles_lines - app->panes[0].tiles_fresh : 0;
}

int app_rows_known(const App *app)
{
    return app->scope.tiled ? tiles_fresh(app->scope.tiles) : 0;
}

void app_rows_fresh(const App *app, char *out, size_t cap)
{
    fresh_words(app_rows_known(app), app->scope.result ? app->scope.result->n_q : 0, out, cap);
}
