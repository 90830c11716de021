/* A table that is too large to exist as a whole, written some rows a frame, with progress and
 * cancel. Nothing else is used meanwhile, so that all rows are of the same settings.
 */
#include "app/export.h"
#include "app/state.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>

static const double FRAME_SECONDS = 0.012;
enum { FRAME_NUMBERS = 1 << 17 }; /* without a clock */

struct Writing {
    FileWrite *file;
    char path[1024];
    Stage stage;
    uint32_t stamp; /* of the stage: other numbers than the first rows end the writing */
    int next, rows;
    Buf bytes;
};

static void writing_end(App *app)
{
    Writing *w = app->writing;
    file_write_drop(w->file); /* NULL: it is in its place */
    buf_free(&w->bytes);
    mem_free(w);
    app->writing = NULL;
}

void writing_stop(App *app)
{
    if (app->writing)
        writing_end(app);
}

bool writing_wanted(const App *app, Stage stage)
{
    return app->scope.tiled && stage < STAGE_CHAIN && !app->scope.result->absent[stage];
}

bool writing_start(App *app, const char *path, Stage stage, Error *err)
{
    writing_stop(app);
    Writing *w = mem_zero(1, sizeof *w);
    if (!w)
        return error_memory(err);
    snprintf(w->path, sizeof w->path, "%s", path);
    w->stage = stage;
    w->stamp = app->scope.result->stamp[stage];
    w->rows = app->scope.result->n_q;
    w->file = file_write_begin(path, err);
    if (!w->file) {
        mem_free(w);
        return false;
    }
    buf_init(&w->bytes, BUF_NO_LIMIT);
    app->writing = w;
    return true;
}

/* Rows for as long as a frame may take; one at least. */
static bool some_rows(App *app, Writing *w, Error *err)
{
    double (*now)(void) = app->options.clock;
    double end = now ? now() + FRAME_SECONDS : 0, numbers = 0;
    bool more = true;
    while (more && w->next < w->rows) {
        buf_clear(&w->bytes);
        if (!export_rows(&app->scope, w->stage, DUMP_CSV, w->next, w->next + 1, &w->bytes, err) ||
            !buf_ok(&w->bytes, err) || !file_write_some(w->file, w->bytes.data, w->bytes.size, err))
            return false;
        w->next++;
        numbers += app->scope.result->n_k;
        more = now ? now() < end : numbers < FRAME_NUMBERS;
    }
    return true;
}

static void work(App *app, Writing *w)
{
    Error err = {0};
    const AttnResult *r = app->scope.result;
    if (!app->scope.tiled || r->stamp[w->stage] != w->stamp || r->n_q != w->rows) {
        app_notice(app, true, NULL, "%s was not written: the numbers changed meanwhile.",
                   path_base(w->path));
        writing_end(app);
        return;
    }
    bool ok = some_rows(app, w, &err);
    if (ok && w->next < w->rows)
        return;
    if (ok) {
        ok = file_write_end(w->file, &err);
        w->file = NULL;
    }
    if (!ok) {
        app_notice_error(app, &err, path_base(w->path));
    } else {
        snprintf(app->copied, sizeof app->copied, "exported %.40s", path_base(w->path));
        app->copied_until = app->input.time + 4;
    }
    writing_end(app);
}

void writing_frame(App *app)
{
    Writing *w = app->writing;
    if (!w)
        return;
    char text[300];
    Vec2 size = ui_size(app->ui);
    Rect box = {size.x / 2 - 240, floorf(size.y / 2 - 26), 480, 52};
    snprintf(text, sizeof text, "Writing %.200s: %d of %d rows", path_base(w->path), w->next,
             w->rows);
    ui_modal_begin(app->ui, "writing", box);
    bool cancel = ui_progress(app->ui, "progress", text, (double)w->next / (double)w->rows,
                              rect(box.x + 12, box.y + 6, box.w - 24, 40));
    if (app->input.key == KEY_ESCAPE) {
        ui_take_key(app->ui);
        cancel = true;
    }
    ui_modal_end(app->ui);
    if (cancel)
        writing_end(app);
    else if (app->drawing)
        work(app, w);
    app->tiles_pending = true; /* more rows, or what has become of them */
}
