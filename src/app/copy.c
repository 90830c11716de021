/* Ctrl+C: the pointed cell, else the locked row, as TSV. */
#include "app/export.h"
#include "app/state.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void app_copy(App *app)
{
    Buf text;
    Error err = {0};
    bool cell = app->hover.hover_query >= 0 && app->hover.hover_key >= 0;
    int query = cell || app->settings.query < 0 ? app->hover.hover_query : app->settings.query;
    buf_init(&text, BUF_NO_LIMIT);
    if (export_tsv(&app->scope, &app->settings, query, cell ? app->hover.hover_key : -1, &text,
                   &err)) {
        mem_free(app->clipboard);
        app->clipboard = mem_string(buf_string(&text), text.size);
        snprintf(app->copied, sizeof app->copied, cell ? "cell copied" : "row copied, %d keys",
                 app->scope.result ? app->scope.result->n_k : 0);
        app->copied_until = app->input.time + 3;
    } else {
        app_notice_error(app, &err, NULL);
    }
    buf_free(&text);
}
