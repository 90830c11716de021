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
    bool ok = true;
    switch (r->form) {
    case FORM_PAIRS:
        break;
    case FORM_FEATURES:
        ok = ready(&scope->features, "feature", r->n_q, err);
        break;
    case FORM_STRIP:
        ok = ready(&scope->places, "all", r->n_q, err);
        scope->places.name = "queries"; /* all of them, in one row */
        break;
    case FORM_GATE:
        ok = ready(&scope->channels, "channel", r->n_k, err);
        break;
    }
    if (!ok) /* nobody may draw it with the axes of another one */
        scope->result = NULL;
    return ok;
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
    return !scope->result || scope->result->form == FORM_PAIRS || scope->result->form == FORM_GATE;
}

Focus scope_focus(const Scope *scope, const Settings *settings)
{
    Focus focus = {settings->query,   settings->key,        -1, -1,
                   settings->queries, settings->queries_sum};
    const AttnResult *r = scope->result;
    if (!r || r->form == FORM_PAIRS)
        return focus;
    if (!scope_rows_are_queries(scope)) {
        focus.query = FIELD_NOTHING;
        focus.queries = 0;
    }
    if (focus.query >= r->n_q)
        focus.query = FIELD_NOTHING;
    if (focus.key >= r->n_k)
        focus.key = FIELD_NOTHING;
    return focus;
}

int scope_columns(const Scope *scope, const Settings *settings)
{
    const DocSentence *s = scope_sentence(scope, settings);
    if (!s)
        return 0;
    int layer = clampi(settings->layer, 0, s->layer_count - 1);
    int head = clampi(settings->head, 0, s->layers[layer].head_count - 1);
    const HeadSpec *spec = s->layers[layer].heads[head].spec;
    ScoreKind asked = settings->attn.score.kind;
    ScoreKind kind = asked != SCORE_AUTO ? asked : spec ? spec->score.kind : SCORE_AUTO;
    if (kind == SCORE_GATE && spec && spec->score.param[PARAM_CONV1].at)
        return spec->score.param[PARAM_CONV1].rows;
    return s->keys.count;
}

const char *scope_dtype(Scope *scope, const Settings *settings)
{
    AttnInput in;
    Settings one = *settings;
    one.layer = one.layer < 0 ? 0 : one.layer;
    one.head = one.head < 0 ? 0 : one.head;
    if (!scope_select(scope, &one, one.layer, one.head, &in, NULL))
        return "";
    const Stored *first = in.entry != ENTRY_QK ? &in.stored_given : &in.stored_q;
    if (!first->at && in.spec)
        first = in.spec->embedding.at ? &in.spec->embedding : &in.spec->x_q;
    return first->at ? dtype_name(first->dtype) : "computed";
}
