/* Which stage a pane shows: those of the chain, and what went into it. */
#include "app/state.h"

#include "base/utf8.h"

#include "view/patches.h"

static const char *const NAMES[STAGE_COUNT] = {"scores", "scaled",    "masked",   "weights",
                                               "output", "embedding", "position", "x",
                                               "x_k",    "q",         "k",        "v"};

/* The views that can show what is asked for; NULL: this one. */
static const char *way_out(const App *app, int view, Stage stage)
{
    if (stage == STAGE_WEIGHTS || view == VIEW_HEATMAP)
        return NULL;
    if (view == VIEW_LINES)
        return "Lines show the weights only";
    if (view == VIEW_HEADS)
        return "Heads show the weights only";
    if (view == VIEW_PATCHES && !patches_can_show(&app->panes[0].scene, stage))
        return "Patches show what belongs to pairs only";
    return NULL;
}

void stage_choose(App *app, int index, int view, Stage stage)
{
    const AttnResult *r = app->scope.result;
    const char *other = way_out(app, view, stage);
    if (r && r->absent[stage])
        app_notice(app, false, NULL, "%s: %s", NAMES[stage], r->absent[stage]);
    else if (other)
        app_notice(app, false, NULL, "%s: choose the heatmap for %s.", other, NAMES[stage]);
    else
        *(index == 0 ? &app->settings.stage : &app->settings.stage2) = (int)stage;
}

float stage_chip(App *app, int index, int view, float x, float y)
{
    const char *choices[STAGE_COUNT + 1] = {NULL};
    int stages[STAGE_COUNT], count = 0, at = 0, inputs = 0;
    const AttnResult *r = app->scope.result;
    /* What is seen, not what is set: lines are always those of the weights. */
    int want = (int)scope_stage(&app->scope, &app->settings, index);
    want = view == VIEW_LINES ? (int)STAGE_WEIGHTS : want;
    for (int i = 0; i < STAGE_COUNT; i++) { /* of what went in, only what there is */
        if (i >= STAGE_CHAIN && (!r || r->absent[i]))
            continue;
        at = i == want ? count : at;
        inputs = i >= STAGE_CHAIN && inputs == 0 ? count : inputs;
        stages[count] = i;
        choices[count++] = NAMES[i];
    }
    float w = text_width(&app->kit, FACE_SANS, app->kit.theme->body, NAMES[want]) + 32;
    ui_tooltip(app->ui, rect(x, y, w, 24), "which stage is shown");
    if (ui_dropdown_parted(app->ui, "stage", NULL, choices, inputs, rect(x, y, w, 24), &at)) {
        want = stages[at];
        stage_choose(app, index, view, (Stage)want);
    }
    return x + w;
}

bool dimension_at(const Pane *pane, Vec2 at, int *row, int *col, double *value)
{
    const Scene *scene = &pane->scene;
    const HeatmapLayout *l = &pane->heatmap_layout;
    if (!pane->drawn || pane->view != VIEW_HEATMAP || scene->stage < STAGE_CHAIN)
        return false;
    Matrix m = scene_matrix(scene);
    if (!m.at || !rect_has(l->matrix, at))
        return false;
    *row = heatmap_probe(scene, l, at).query;
    *col = (int)(l->col0 + (double)(at.x - l->matrix.x) / (double)l->cell_w);
    if (*row < 0 || *row >= m.rows || *col < 0 || *col >= m.cols)
        return false;
    *value = (double)matrix_row(m, *row)[*col];
    return true;
}

/* Cells of vectors belong to no pair of tokens: their number stands in a tooltip. */
void dimension_tip(App *app, const Pane *pane, Vec2 at)
{
    char tip[400], number[TEXT_NUMBER];
    int row, col;
    double value;
    if (!dimension_at(pane, at, &row, &col, &value))
        return;
    text_exact(number, value);
    utf8_format(tip, sizeof tip, "%.200s, dimension %d: %s", axis_label(pane->scene.queries, row),
                col, number);
    ui_tooltip(app->ui, heatmap_cell(&pane->heatmap_layout, row, col), tip);
}
