/* What the settings mean for the sentence that is shown. */
#include "app/scope.h"

static bool has_features(const DocSentence *s)
{
    for (int l = 0; l < s->layer_count; l++)
        for (int h = 0; h < s->layers[l].head_count; h++) {
            const HeadSpec *spec = s->layers[l].heads[h].spec;
            if (spec && spec->score.kind == SCORE_FEATUREWISE)
                return true;
        }
    return false;
}

AttnParams scope_params(const Scope *scope, const Settings *settings)
{
    AttnParams params = settings->attn;
    bool features =
        params.score.kind == SCORE_FEATUREWISE || (params.score.kind == SCORE_AUTO && scope->open &&
                                                   has_features(scope_sentence(scope, settings)));
    params.score.query = features && settings->query > 0 ? settings->query : 0;
    return params;
}

bool scope_raw(Scope *scope, const Settings *settings, AttnInput *out)
{
    int layer = settings->layer < 0 ? 0 : settings->layer;
    int head = settings->head < 0 ? 0 : settings->head;
    const DocSentence *s = scope->open ? scope_sentence(scope, settings) : NULL;
    return s && layer < s->layer_count && head < s->layers[layer].head_count &&
           !scope_empty(scope, settings) && scope_select(scope, settings, layer, head, out, NULL);
}

void scope_drop_result(Scope *scope, const Settings *settings)
{
    AttnInput raw;
    scope->result = NULL;
    scope->reduced = false;
    scope->params = scope_params(scope, settings);
    scope->input = scope_raw(scope, settings, &raw) ? raw : (AttnInput){0};
}
