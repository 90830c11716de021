/* What a pane shows of the scope: which view, which stage, with which axes and selection. */
#include "app/scope.h"

#include <string.h>

static bool has_patches(const DocSentence *s)
{
    return s && s->image.present;
}

int scope_view(const Scope *scope, const Settings *settings, int pane)
{
    const DocSentence *s = scope_sentence(scope, settings);
    if (pane == 0) {
        if (settings->view > 0)
            return settings->view - 1;
        return has_patches(s) ? VIEW_PATCHES : VIEW_HEATMAP;
    }
    if (settings->view2 > 1)
        return settings->view2 - 2;
    bool tiled = scope->result && scope->result->tiles; /* too many for lines */
    if (settings->view2 == 1 || scope_view(scope, settings, 0) != VIEW_HEATMAP || tiled)
        return -1;
    return VIEW_LINES;
}

const char *scope_view_missing(const Scope *scope, const Settings *settings, int view)
{
    const DocSentence *s = scope_sentence(scope, settings);
    if (!s)
        return "No document is open.";
    if (view == VIEW_PATCHES && !has_patches(s))
        return "Needs a picture. This document has none.";
    if (view == VIEW_LINES && settings->lines.layout == LINES_HORIZONTAL && scope->tiled)
        return "So many tokens are no line: set the lines vertical, or look at the heatmap.";
    return scope_too_large(scope, view);
}

Stage scope_stage(const Scope *scope, const Settings *settings, int pane)
{
    Stage stage = (Stage)(pane == 0 ? settings->stage : settings->stage2);
    return scope->result && scope->result->absent[stage] ? STAGE_WEIGHTS : stage;
}

void scope_scene(Scope *scope, const Settings *settings, const TextKit *kit, int pane, Scene *out)
{
    memset(out, 0, sizeof *out);
    out->kit = kit;
    out->result = scope->result;
    out->threads = scope->threads;
    out->stage = scope_stage(scope, settings, pane);
    out->queries = scope_rows(scope);
    out->keys = scope_cols(scope);
    out->sentence = scope_sentence(scope, settings);
    out->color = &settings->color;
    out->lines = &settings->lines;
    out->patches = &settings->patches;
    out->focus = scope_focus(scope, settings);
    out->layer = settings->layer;
    out->head = settings->head;
    out->head_is_one = settings->head >= 0;
    memcpy(out->heads_range, scope->tiled ? scope->result->range : scope->heads_range,
           sizeof out->heads_range);
    out->has_gold = settings->gold && out->sentence && scene_form(out) == FORM_PAIRS &&
                    out->sentence->sure_count + out->sentence->possible_count > 0;
}

bool scope_rows_are_tokens(const Scope *scope, Stage stage)
{
    const AttnResult *r = scope->result;
    return stage >= STAGE_CHAIN || (stage == STAGE_OUTPUT && r && !r->absent[STAGE_OUTPUT] &&
                                    !scope_rows_are_queries(scope));
}

void scope_scene_inputs(const Scope *scope, const Settings *settings, Scene *out)
{
    if (!scope_rows_are_tokens(scope, out->stage))
        return;
    bool keys = scene_rows_are_keys(out->stage);
    out->queries = keys ? &scope->keys : &scope->queries;
    out->focus =
        (Focus){settings->query, settings->key, -1, -1, settings->queries, settings->queries_sum};
    if (out->stage == STAGE_OUTPUT)
        out->focus.key = FIELD_NOTHING;
    if (keys) {
        out->focus.query = settings->key;
        out->focus.queries = 0;
    }
}
