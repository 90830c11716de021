#include "app/view_parts.h"

#include "base/mem.h"

#include <math.h>

int view_most_heads(const DocSentence *sentence)
{
    int most = 0;
    for (int l = 0; l < sentence->layer_count; l++)
        if (sentence->layers[l].head_count > most)
            most = sentence->layers[l].head_count;
    return most;
}

/* The blocks of the selected head's pass, where its matrix is too large to be kept. */
static const float *overview(const Scope *scope, const Settings *settings, int layer, int head,
                             int *rows, int *cols)
{
    if (!scope->tiled || layer != settings->layer || head != settings->head ||
        tiles_pass_state(scope->tiles, STAGE_WEIGHTS) != PASS_DONE)
        return NULL;
    return tiles_overview(scope->tiles, false, rows, cols);
}

static bool thumbnail_of(HeadGrid *grid, int layer, int head, uint64_t key, const float *blocks,
                         int rows, int cols, const Colormap *map, int side)
{
    size_t count = (size_t)rows * (size_t)cols;
    float *plain = mem_array(count, sizeof *plain);
    if (!plain)
        return false;
    for (size_t i = 0; i < count; i++) /* masked blocks are empty */
        plain[i] = blocks[i] == -INFINITY ? 0 : blocks[i];
    Matrix m = {plain, rows, cols, cols};
    bool ok = head_grid_set(grid, layer, head, key, m, NULL, map, side, NULL);
    mem_free(plain);
    return ok;
}

int view_thumbnails(Scope *scope, const Settings *settings, HeadGrid *grid, int most, int side,
                    const Colormap *map)
{
    const DocSentence *s = scope_sentence(scope, settings);
    int made = 0;
    for (int l = 0; l < s->layer_count; l++) {
        for (int h = 0; h < s->layers[l].head_count; h++) {
            int rows = 0, cols = 0;
            const float *blocks = overview(scope, settings, l, h, &rows, &cols);
            uint64_t key = scope_other_key(scope, settings, l, h) + (blocks != NULL);
            if (!head_grid_stale(grid, l, h, key))
                continue;
            if (most > 0 && made == most)
                return made;
            const AttnResult *r = blocks ? NULL : scope_other(scope, settings, l, h, NULL);
            if (blocks)
                thumbnail_of(grid, l, h, key, blocks, rows, cols, map, side);
            else if (r)
                head_grid_set(grid, l, h, key, r->stage[STAGE_WEIGHTS], r->mask, map, side, NULL);
            if (head_grid_stale(grid, l, h, key)) /* or it would be tried anew for ever */
                head_grid_fail(grid, l, h, key);
            made++;
        }
    }
    return made;
}

int view_thumbnail_share(const Scope *scope, bool held)
{
    const AttnInput *in = &scope->input;
    double work = (double)in->n_q * (double)in->n_k * (fmax(1, in->d_k) + 8);
    double share = (held ? 2e6 : 3e7) / fmax(1, work);
    return (int)fmin(64, fmax(held ? 0 : 1, share));
}

/* One row of one head in double, which costs a row and not a matrix. */
static bool strip_row(Scope *scope, const Settings *settings, int layer, int head, ExactRow *exact,
                      float *row, double *entropy)
{
    AttnInput raw, in;
    AttnParams want = scope_params(scope, settings);
    Mask mask = {0};
    RowStats stats = {0};
    if (!scope_select(scope, settings, layer, head, &raw, NULL) ||
        !prepare_update(scope->prepare, &raw, &want.score, scope->threads, &in, NULL) ||
        in.form != FORM_PAIRS || settings->query >= in.n_q || in.n_k != exact->n_k)
        return false;
    MaskParams acting = mask_acting(in.entry, &want.mask);
    if (!mask_init(&mask, &in, &acting))
        return false;
    exact_row(exact, &in, &want, &mask, settings->query);
    for (int j = 0; j < in.n_k; j++)
        row[j] = (float)exact->weights[j];
    stats_row(&stats, row, &mask, settings->query);
    *entropy = stats.entropy;
    mask_free(&mask);
    return true;
}

int view_strip(Scope *scope, const Settings *settings, PatchesHead out[VIEW_STRIP_MAX],
               float **rows)
{
    const DocSentence *s = scope_sentence(scope, settings);
    int layer = settings->layer < 0 ? 0 : settings->layer, n_k = s->keys.count, made = 0;
    int count = clampi(s->layers[layer].head_count, 0, VIEW_STRIP_MAX);
    ExactRow exact = {0};
    *rows = NULL;
    if (settings->query < 0 || count < 2 || !exact_row_init(&exact, n_k))
        return 0;
    *rows = mem_array((size_t)count * (size_t)n_k, sizeof **rows);
    for (; *rows && made < count; made++) {
        float *row = *rows + (size_t)made * (size_t)n_k;
        out[made] = (PatchesHead){made, row, n_k, 0};
        if (!strip_row(scope, settings, layer, made, &exact, row, &out[made].entropy))
            break;
    }
    exact_row_free(&exact);
    return made;
}

int view_middle_query(const DocSentence *sentence)
{
    int first = 0;
    document_patches(sentence, true, &first);
    int query = first + sentence->image.rows / 2 * sentence->image.cols + sentence->image.cols / 2;
    return query < sentence->queries.count ? query : 0;
}
