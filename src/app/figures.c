#include "app/figures.h"

#include "base/hash.h"
#include "base/index_set.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

enum {
    EXACT_KEYS = 16384,     /* in double, a longer row takes more than its share of a frame */
    DRAG_CELLS = 512 * 512, /* heads up to this are sorted anew in every frame of a drag */
    SORT_CELLS = 1 << 24,   /* heads beyond this are not sorted at all */
    ROWS_CELLS = 1 << 20    /* of several selected rows together */
};

void figures_free(Figures *f)
{
    mem_free(f->change);
    mem_free(f->masked);
    *f = (Figures){0};
}

const char *figures_norm(const Scope *scope, RowNorm *out)
{
    const NormParams *norm = &scope->params.norm;
    *out = (RowNorm){NORM_HARDMAX, norm->alpha, scope->params.scale.temperature};
    if (scope->reduced)
        return "A mean or max over heads has no scores of its own.";
    if (scope->input.entry == ENTRY_WEIGHTS)
        return "The file has weights only: what made them is not in it.";
    out->kind = input_norm_kind(&scope->input, norm);
    return NULL;
}

/* ---- the head ------------------------------------------------------------ */

bool figures_head(Scope *scope, bool held, HeadStats *out, bool *old)
{
    const AttnResult *r = scope->result;
    RowNorm norm;
    *old = false;
    if (!r || !scope_sums(scope, out))
        return false;
    Matrix weights = r->stage[STAGE_WEIGHTS];
    int64_t cells = (int64_t)r->n_q * r->n_k;
    if (!weights.at || cells > SORT_CELLS)
        return true;
    ScopeMore *more = &scope->more;
    bool fresh = more->of == r && more->stamp == r->stamp[STAGE_WEIGHTS];
    *old = !fresh && held && cells > DRAG_CELLS && more->of == r;
    if (!fresh && !*old) {
        bool none = figures_norm(scope, &norm) != NULL;
        HeadStats head = *out;
        more->of = NULL;
        if (!stats_head_more(&head, weights, r->rows, r->mask, norm, scope->threads))
            return true;
        *more = (ScopeMore){r, r->stamp[STAGE_WEIGHTS], head.mean_gini,
                            none ? (double)NAN : head.mean_jacobian};
    }
    out->mean_gini = more->gini;
    out->mean_jacobian = more->jacobian;
    return true;
}

static void of_head(Figures *f, Scope *scope, bool means, bool held)
{
    HeadStats h;
    f->of = FIGURES_HEAD;
    f->made_of = 0;
    f->no_response = scope->result->form == FORM_GATE       ? "Select a place, or point at one."
                     : scope->result->form == FORM_FEATURES ? "Point at a feature."
                                                            : "Select a query, or point at one.";
    f->sum = NAN;
    f->more = (RowMore){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!scope_head(scope, &h, &f->stale))
        return;
    if (means && !f->stale && !figures_head(scope, held, &h, &f->old))
        return;
    f->sum = h.mean_sum;
    f->more = (RowMore){means ? h.mean_gini : (double)NAN,
                        h.mean_relative,
                        h.mean_distance,
                        h.first_token,
                        h.itself,
                        h.previous_token,
                        means ? h.mean_jacobian : (double)NAN};
}

/* ---- one row ------------------------------------------------------------- */

static bool room(Figures *f, int n_k)
{
    if (f->n_k == n_k && f->change)
        return true;
    mem_free(f->change);
    mem_free(f->masked);
    f->change = mem_array((size_t)n_k, sizeof *f->change);
    f->masked = mem_array((size_t)n_k, 1);
    f->n_k = f->change && f->masked ? n_k : 0;
    return f->n_k > 0;
}

/* Sum, and the largest weight of what the row may see; returns how many keys compete. */
static int walk_row(Figures *f, const double *w, const Mask *mask, int *argmax)
{
    int competing = 0;
    MaskRun run;
    memset(f->masked, 1, (size_t)f->n_k);
    f->sum = 0;
    *argmax = -1;
    for (MaskWalk walk = mask_walk(mask, f->row); mask_walk_next(&walk, &run);) {
        competing += run.end - run.begin;
        for (int key = run.begin; !run.hidden && key < run.end; key++) {
            f->masked[key] = 0;
            f->sum += w[key];
            if (*argmax < 0 || w[key] > w[*argmax])
                *argmax = key;
        }
    }
    return competing;
}

/* The Jacobian knows only keys that compete: masked ones are left out for it and put back. */
static bool respond(Figures *f, const double *w, RowNorm norm, int competing)
{
    double *packed = mem_array((size_t)f->n_k, 2 * sizeof *packed);
    int n = 0, at = 0;
    if (!packed)
        return false;
    double *change = packed + f->n_k;
    for (int j = 0; j < f->n_k; j++) {
        at = j == f->key ? n : at;
        if (!f->masked[j])
            packed[n++] = w[j];
    }
    stats_jacobian_row(change, packed, n, norm, competing, at);
    n = 0;
    for (int j = 0; j < f->n_k; j++)
        f->change[j] = f->masked[j] ? 0 : change[n++];
    mem_free(packed);
    return true;
}

static void row_response(Figures *f, const Scope *scope, const double *w, int key, int argmax,
                         int competing)
{
    RowNorm norm;
    f->no_response = f->no_jacobian = figures_norm(scope, &norm);
    f->chosen = key >= 0 && key < f->n_k;
    f->key = f->chosen ? key : argmax;
    if (f->no_response)
        f->more.jacobian = NAN;
    else if (argmax < 0)
        f->no_response = "Fully masked: there is nothing to move.";
    else if (!isfinite(f->sum))
        f->no_response = "Weights that are not numbers do not move.";
    else if (norm.kind == NORM_HARDMAX || norm.temperature == 0)
        f->no_response = norm.kind == NORM_SIGMOID ? "step: weights do not move"
                                                   : "argmax: weights do not move";
    else if (f->masked[f->key])
        f->no_response = index_set_has(scope->params.mask.hidden, f->key)
                             ? "The selected key is hidden."
                             : "The selected key is masked for this query.";
    else if (!respond(f, w, norm, competing))
        f->no_response = "Out of memory.";
}

static void of_row(Figures *f, Scope *scope, int row, int key)
{
    const AttnResult *r = scope->result;
    RowNorm norm;
    int argmax = -1;
    double *widened = NULL;
    const double *w = NULL;
    f->of = FIGURES_NONE;
    f->row = row;
    f->no_response = "Out of memory.";
    const ExactRow *exact = r->n_k <= EXACT_KEYS ? scope_exact(scope, row) : NULL;
    const float *floats = exact ? NULL : scope_row(scope, row);
    if (!room(f, r->n_k) || (!exact && !floats))
        return;
    if (exact) {
        w = exact->weights;
    } else if ((widened = mem_array((size_t)r->n_k, sizeof *widened)) != NULL) {
        for (int j = 0; j < r->n_k; j++)
            widened[j] = (double)floats[j];
        w = widened;
    }
    figures_norm(scope, &norm);
    if (w && stats_more(&f->more, w, r->mask, row, norm)) {
        f->of = FIGURES_ROW;
        int competing = walk_row(f, w, r->mask, &argmax);
        row_response(f, scope, w, key, argmax, competing);
        if (argmax < 0)
            f->sum = NAN;
    }
    mem_free(widened);
}

/* ---- several rows -------------------------------------------------------- */

static void add(double *sum, int *count, double value)
{
    if (isnan(value))
        return;
    *sum += value;
    ++*count;
}

/* Means over the rows where each is defined, as the head's are. */
static void of_rows(Figures *f, Scope *scope, IndexSet set, int extra)
{
    const AttnResult *r = scope->result;
    RowNorm norm;
    double sums[8] = {0};
    int counts[8] = {0};
    f->of = FIGURES_ROWS;
    f->rows = f->counted = 0;
    f->no_response = "Select a single query.";
    f->no_jacobian = figures_norm(scope, &norm);
    for (int i = 0; i <= set.count; i++) {
        int row = i < set.count ? set.items[i] : extra;
        RowMore m;
        if (row < 0 || row >= r->n_q)
            continue;
        f->rows++;
        if ((int64_t)f->rows * r->n_k > ROWS_CELLS)
            continue;
        f->counted++;
        const float *w = scope_row(scope, row);
        if (!w || !stats_more_floats(&m, w, r->mask, row, norm))
            continue;
        double of[] = {m.gini,   m.relative, m.distance, m.first,
                       m.itself, m.previous, m.jacobian, r->rows[row].sum};
        for (int k = 0; k < 8; k++)
            add(&sums[k], &counts[k], of[k]);
    }
    for (int k = 0; k < 8; k++)
        sums[k] = counts[k] > 0 ? sums[k] / counts[k] : (double)NAN;
    f->more = (RowMore){sums[0],
                        sums[1],
                        sums[2],
                        sums[3],
                        sums[4],
                        sums[5],
                        f->no_jacobian ? (double)NAN : sums[6]};
    f->sum = sums[7];
}

/* ---- which --------------------------------------------------------------- */

static uint64_t key_of(const Scope *scope, const Focus *focus, int row)
{
    const AttnResult *r = scope->result;
    int places[] = {row, focus->key, focus->queries, r->n_q, r->n_k, scope->reduced};
    uint64_t key = params_hash(scope->doc.key, &scope->params);
    key = hash_bytes(key, &scope->input.key, sizeof scope->input.key);
    key = hash_bytes(key, &r->stamp[STAGE_WEIGHTS], sizeof r->stamp[STAGE_WEIGHTS]);
    key = hash_bytes(key, places, sizeof places);
    return key ? key : 1;
}

void figures_update(Figures *f, Scope *scope, const Settings *settings, Focus focus, bool means,
                    bool held)
{
    const AttnResult *r = scope->result;
    const DocSentence *s = scope_sentence(scope, settings);
    IndexSet set = focus.queries ? index_set(focus.queries) : (IndexSet){NULL, 0};
    f->old = f->stale = false;
    if (!r || !(r->tiles || r->stage[STAGE_WEIGHTS].at)) {
        f->of = FIGURES_NONE;
        f->made_of = 0;
        f->no_response = NULL;
        return;
    }
    int extra = focus.query >= 0 ? focus.query : set.count == 0 ? focus.hover_query : -1;
    if (extra >= r->n_q || (extra >= 0 && set.count > 0 && index_set_has(focus.queries, extra)))
        extra = -1;
    int rows = set.count + (extra >= 0);
    int single = rows != 1 ? -1 : extra >= 0 ? extra : set.items[0];
    f->places = r->form == FORM_PAIRS; /* rows are queries */
    f->spread = r->form != FORM_GATE;
    const MaskParams *mask = &scope->params.mask;
    f->open = r->sums_open || (mask->hidden && !mask->renormalise);
    f->self = f->places && s && s->self;
    RowNorm norm;
    f->no_jacobian = figures_norm(scope, &norm);
    if (rows == 0 || (rows == 1 && single >= r->n_q)) {
        of_head(f, scope, means, held);
        return;
    }
    uint64_t key = key_of(scope, &focus, single >= 0 ? single : extra);
    if (key == f->made_of)
        return;
    /* Sorting very many keys takes more than a frame: while something is held the last stay. */
    bool same = single >= 0 ? f->of == FIGURES_ROW && f->row == single && f->n_k == r->n_k
                            : f->of == FIGURES_ROWS && f->rows == rows;
    f->old = f->stale = held && r->n_k > EXACT_KEYS && same;
    if (f->stale)
        return;
    if (single >= 0)
        of_row(f, scope, single, focus.key);
    else
        of_rows(f, scope, set, extra);
    f->made_of = f->of == FIGURES_NONE ? 0 : key;
}
