/* Ctrl+C: the pointed cell, else the locked row, as TSV; a vector where those are shown. */
#include "app/export.h"
#include "app/state.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void keep(App *app, Buf *text)
{
    mem_free(app->clipboard);
    app->clipboard = mem_string(buf_string(text), text->size);
    app->copied_until = app->input.time + 3;
}

void app_copy(App *app)
{
    Buf text;
    Error err = {0};
    bool cell = app->hover.hover_query >= 0 && app->hover.hover_key >= 0;
    Focus at = scope_focus(&app->scope, &app->settings); /* of the rows that there are */
    int query = cell || at.query < 0 ? app->hover.hover_query : at.query;
    buf_init(&text, BUF_NO_LIMIT);
    int row = app_input_row(app);
    if (row >= 0) {
        int dimensions = app_copy_input(app, row, &text);
        keep(app, &text);
        snprintf(app->copied, sizeof app->copied, "vector copied, %d dimensions", dimensions);
    } else if (export_tsv(&app->scope, &app->settings, query, cell ? app->hover.hover_key : -1,
                          &text, &err)) {
        keep(app, &text);
        snprintf(app->copied, sizeof app->copied, cell ? "cell copied" : "row copied, %d %s",
                 app->scope.result ? app->scope.result->n_k : 0,
                 scope_cols(&app->scope) == &app->scope.keys ? "keys" : "channels");
    } else {
        app_notice_error(app, &err, NULL);
    }
    buf_free(&text);
}
