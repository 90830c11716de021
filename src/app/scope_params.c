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
