/* Ctrl+C on what went into the chain: a row is one token's vector, not a row of weights. */
#include "app/state.h"

#include <math.h>

/* The stage that the pane in use shows, when it is one of those; else STAGE_COUNT. */
static Stage input_stage(const App *app)
{
    if (!app->scope.result || app->panes[app->focused_pane].view != VIEW_HEATMAP)
        return STAGE_COUNT;
    Stage stage = scope_stage(&app->scope, &app->settings, app->focused_pane);
    return stage >= STAGE_CHAIN ? stage : STAGE_COUNT;
}

int app_input_row(const App *app)
{
    Stage stage = input_stage(app);
    if (stage == STAGE_COUNT)
        return -1;
    bool keys = scene_rows_are_keys(stage);
    int pointed = keys ? app->hover.hover_key : app->hover.hover_query;
    int row = pointed >= 0 ? pointed : keys ? app->settings.key : app->settings.query;
    return row < app->scope.result->stage[stage].rows ? row : -1;
}

int app_copy_input(App *app, int row, Buf *out)
{
    Stage stage = input_stage(app);
    Matrix m = app->scope.result->stage[stage];
    bool keys = scene_rows_are_keys(stage);
    const Axis *axis = keys ? &app->scope.keys : &app->scope.queries;
    const char *name = keys ? "key" : "query";
    buf_printf(out, "%s\t%s token\tdimension\t%s\n", name, name, STAGE_NAMES[stage]);
    for (int col = 0; col < m.cols; col++) {
        double value = (double)matrix_row(m, row)[col];
        buf_printf(out, "%d\t%s\t%d\t", row, axis_label(axis, row), col);
        if (isnan(value))
            buf_text(out, "nan\n");
        else
            buf_printf(out, "%.9g\n", value);
    }
    return m.cols;
}
