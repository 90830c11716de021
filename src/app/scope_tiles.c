/* Heads whose matrices are too large to be rewritten in a frame, or to exist at all: core/tiles in
 * place of the pipeline.
 */
#include "app/scope.h"

#include "base/index_set.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* Scores of smaller matrices are kept; beyond, making them again costs less than the memory. */
#define CACHE_MOST ((uint64_t)160 << 20)
#define LAZY_CELLS ((uint64_t)3072 * 3072) /* from here on a drag would be felt */

enum { FINISH_ROWS = 1024 }; /* between two words of progress */

uint64_t scope_budget(const Settings *settings)
{
    if (settings->compute_memory > 0)
        return (uint64_t)(settings->compute_memory * 1048576);
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages / 4 * (uint64_t)size : (uint64_t)1 << 30;
}

static uint64_t cells_of(const AttnInput *in)
{
    return (uint64_t)in->n_q * (uint64_t)in->n_k;
}

/* Scores and weights at least. */
static bool beyond_budget(const AttnInput *in, const Settings *settings)
{
    return cells_of(in) * 2 * sizeof(float) > scope_budget(settings);
}

bool scope_wants_tiles(const Scope *scope, const Settings *settings, const AttnInput *in)
{
    ScoreKind kind = input_score_kind(in, &settings->attn.score);
    const DocSentence *s = scope_sentence(scope, settings);
    if (in->entry == ENTRY_QK &&
        (kind == SCORE_FEATUREWISE || kind == SCORE_ELEMENTWISE || kind == SCORE_GATE))
        return false;                     /* not queries × keys */
    bool picture = s && s->image.present; /* patches ask every head for rows */
    return beyond_budget(in, settings) || (cells_of(in) > LAZY_CELLS && !picture);
}

/* Appends a query that is not there yet. */
static int add_row(const Scope *scope, int *rows, int count, int query)
{
    for (int i = 0; i < count; i++)
        if (rows[i] == query)
            return count;
    if (query >= 0 && query < scope->input.n_q && count < TILES_KEPT)
        rows[count++] = query;
    return count;
}

/* The rows of the selected queries, or of the one pointed at, are there as a whole. */
static bool keep_rows(Scope *scope, const Settings *settings)
{
    IndexSet several = index_set(settings->queries);
    int rows[TILES_KEPT];
    int count = add_row(scope, rows, 0, settings->query);
    for (int i = 0; i < several.count; i++)
        count = add_row(scope, rows, count, several.items[i]);
    if (count == 0)
        count = add_row(scope, rows, count, scope->hover);
    return tiles_keep(scope->tiles, rows, count);
}

bool scope_update_tiles(Scope *scope, const Settings *settings, const AttnInput *in,
                        const AttnParams *want, unsigned stages, Error *err)
{
    uint64_t budget = scope_budget(settings) / 2;
    budget = budget < CACHE_MOST ? budget : CACHE_MOST;
    if (!scope->tiles && !(scope->tiles = tiles_new()))
        return error_memory(err);
    if (!tiles_update(scope->tiles, in, want, budget, stages, scope->threads, err)) {
        if (tiles_result(scope->tiles)->n_q == 0) /* out of memory */
            scope->result = scope->sums_of = NULL;
        return false;
    }
    scope->result = tiles_result(scope->tiles);
    scope->input = *scope->result->input;
    scope->reduced = false;
    scope->tiled = true;
    if (!keep_rows(scope, settings))
        return error_memory(err);
    if (scope_view(scope, settings, 0) == VIEW_LINES) /* no picture of rows gathers their range */
        tiles_settle(scope->tiles, STAGE_WEIGHTS, false);
    return true;
}

/* Gives back what a smaller head does not need. */
void scope_drop_tiles(Scope *scope)
{
    if (!scope->tiled)
        return;
    scope->tiled = false;
    tiles_clear(scope->tiles);
}

bool scope_check_budget(const Settings *settings, const AttnInput *in, Error *err)
{
    if (!beyond_budget(in, settings))
        return true;
    return error_set(err, ERROR_USAGE,
                     "head: expected a single one, found a mean or max over heads of %d × %d "
                     "weights, which exceed compute.memory (%llu MiB)",
                     in->n_q, in->n_k, (unsigned long long)(scope_budget(settings) >> 20));
}

bool scope_head(Scope *scope, HeadStats *head, bool *old)
{
    *old = false;
    if (scope_sums(scope, head)) {
        scope->tiles_head_key = scope->tiled ? scope->input.key : 0;
        scope->tiles_head = *head;
        return true;
    }
    if (!scope->result || !scope->result->tiles)
        return false;
    const double none = (double)NAN;
    const HeadStats unknown = {none, none, none, none, none, none, none, none, none, none, none, 0};
    *old = true;
    *head = scope->tiles_head_key == scope->input.key ? scope->tiles_head : unknown;
    return true;
}

const float *scope_row(Scope *scope, int query)
{
    const AttnResult *r = scope->result;
    if (!r || query < 0 || query >= r->n_q)
        return NULL;
    if (!r->tiles)
        return r->stage[STAGE_WEIGHTS].at ? matrix_row(r->stage[STAGE_WEIGHTS], query) : NULL;
    const float *kept = tiles_row(r->tiles, query);
    if (kept)
        return kept;
    if (scope->row && scope->row_query == query && scope->row_stamp == r->stamp[STAGE_WEIGHTS] &&
        scope->row_keys == r->n_k)
        return scope->row;
    float *row = mem_resize(scope->row, (size_t)r->n_k, sizeof *row);
    if (!row)
        return NULL;
    scope->row = row;
    scope->row_query = -1;
    if (!tiles_rows(scope->tiles, STAGE_WEIGHTS, query, 1, row, r->n_k))
        return NULL;
    scope->row_query = query;
    scope->row_keys = r->n_k;
    scope->row_stamp = r->stamp[STAGE_WEIGHTS];
    return row;
}

const char *scope_too_large(const Scope *scope, int view)
{
    static const char *const why[VIEW_COUNT] = {
        [VIEW_PATCHES] = "So many patches come in rows on demand: the heatmap shows them.",
        [VIEW_HEADS] = "Heads of this size are computed one at a time: choose one at the left."};
    return scope->result && scope->result->tiles ? why[view] : NULL;
}

bool scope_finish(Scope *scope, HeatmapModel *model, Scene *scene, const HeatmapLayout *layout,
                  Error *err)
{
    if (!scene_tiled(scene) || layout->rows_seen <= 0)
        return true;
    Tiles *t = scope->tiles;
    int rows = tiles_result(t)->n_q, left;
    while (layout->pooled && tiles_pass_state(t, scene->stage) <= PASS_RUNS) {
        if (!tiles_pass_work(t, scene->stage, FINISH_ROWS))
            return error_memory(err);
        if (scope->progress)
            scope->progress(scope->progress_context, tiles_pass_rows(t), rows);
    }
    TilesView *view = heatmap_tiles_want(model, scene, layout);
    while (view && (left = tiles_view_work(view, t, rows)) != 0)
        if (left < 0)
            return error_memory(err);
    tiles_settle(t, scene->stage, true);
    scene->received = scope_sums(scope, NULL);
    return true;
}
