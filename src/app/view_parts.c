#include "app/view_parts.h"

#include "base/mem.h"

#include <string.h>

int view_most_heads(const DocSentence *sentence)
{
    int most = 0;
    for (int l = 0; l < sentence->layer_count; l++)
        if (sentence->layers[l].head_count > most)
            most = sentence->layers[l].head_count;
    return most;
}

int view_thumbnails(Scope *scope, const Settings *settings, HeadGrid *grid, int most, int side,
                    const Colormap *map)
{
    const DocSentence *s = scope_sentence(scope, settings);
    int made = 0;
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            uint64_t key = scope_other_key(scope, settings, l, h);
            if (!head_grid_stale(grid, l, h, key))
                continue;
            if (most > 0 && made == most)
                return made;
            const AttnResult *r = scope_other(scope, settings, l, h, NULL);
            if (r)
                head_grid_set(grid, l, h, key, r->stage[STAGE_WEIGHTS], r->mask, map, side, NULL);
            made++;
        }
    }
    return made;
}

int view_strip(Scope *scope, const Settings *settings, PatchesHead out[VIEW_STRIP_MAX],
               float **rows)
{
    const DocSentence *s = scope_sentence(scope, settings);
    int query = settings->query, layer = settings->layer < 0 ? 0 : settings->layer,
        n_k = s->keys.count;
    int count = clampi(s->layers[layer].head_count, 0, VIEW_STRIP_MAX);
    *rows = NULL;
    if (query < 0 || count < 2 || !(*rows = mem_array((size_t)count * (size_t)n_k, sizeof **rows)))
        return 0;
    for (int h = 0; h < count; h++) {
        const AttnResult *r = scope_other(scope, settings, layer, h, NULL);
        if (!r || !r->stage[STAGE_WEIGHTS].at || query >= r->n_q || r->n_k != n_k)
            return h;
        float *row = *rows + (size_t)h * (size_t)n_k;
        memcpy(row, matrix_row(r->stage[STAGE_WEIGHTS], query), (size_t)n_k * sizeof *row);
        out[h] = (PatchesHead){h, row, n_k, r->rows[query].entropy};
    }
    return count;
}

int view_middle_query(const DocSentence *sentence)
{
    int first = 0;
    document_patches(sentence, true, &first);
    int query = first + sentence->image.rows / 2 * sentence->image.cols + sentence->image.cols / 2;
    return query < sentence->queries.count ? query : 0;
}
