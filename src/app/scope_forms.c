/* Results whose rows are not queries or whose columns are not keys (core/input.h, InputForm). */
#include "app/scope.h"

static bool ready(Axis *axis, const char *name, int count, Error *err)
{
    if (axis->count == count)
        return true;
    axis_free(axis);
    return axis_init_numbers(axis, name, count, err);
}

bool scope_update_forms(Scope *scope, Error *err)
{
    const AttnResult *r = scope->result;
    switch (r->form) {
    case FORM_PAIRS:
        break;
    case FORM_FEATURES:
        return ready(&scope->features, "feature", r->n_q, err);
    case FORM_STRIP:
        return ready(&scope->places, "all", r->n_q, err);
    case FORM_GATE:
        return ready(&scope->channels, "channel", r->n_k, err);
    }
    return true;
}

const Axis *scope_rows(const Scope *scope)
{
    InputForm form = scope->result ? scope->result->form : FORM_PAIRS;
    return form == FORM_FEATURES ? &scope->features
           : form == FORM_STRIP  ? &scope->places
                                 : &scope->queries;
}

const Axis *scope_cols(const Scope *scope)
{
    bool gate = scope->result && scope->result->form == FORM_GATE;
    return gate ? &scope->channels : &scope->keys;
}

bool scope_rows_are_queries(const Scope *scope)
{
    return !scope->result || scope->result->form != FORM_FEATURES;
}

Focus scope_focus(const Scope *scope, const Settings *settings)
{
    Focus focus = {settings->query,   settings->key,        -1, -1,
                   settings->queries, settings->queries_sum};
    const AttnResult *r = scope->result;
    if (!r || r->form == FORM_PAIRS)
        return focus;
    if (!scope_rows_are_queries(scope) || focus.query >= r->n_q)
        focus.query = FIELD_NOTHING;
    if (r->form != FORM_GATE)
        focus.queries = 0;
    if (focus.key >= r->n_k)
        focus.key = FIELD_NOTHING;
    return focus;
}
