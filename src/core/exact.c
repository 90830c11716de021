#include "core/exact.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>

typedef long double Real;

bool exact_row_init(ExactRow *row, int n_k)
{
    double *block = mem_zero((size_t)n_k, 3 * sizeof *block);
    *row = (ExactRow){.scores = block, .n_k = n_k};
    if (!block)
        return false;
    row->scaled = block + n_k;
    row->weights = block + 2 * (ptrdiff_t)n_k;
    return true;
}

void exact_row_free(ExactRow *row)
{
    mem_free(row->scores);
    *row = (ExactRow){0};
}

/* Weights of the file: hidden keys become 0, the rest is divided by its sum where the user asks for
 * it. */
static void exact_given(ExactRow *out, const AttnInput *in, const Mask *mask, int query)
{
    Stored given = input_given(in);
    Real sum = 0, missing = 0;
    for (int key = 0; key < out->n_k; key++) {
        double w = stored_value(given, query, key);
        bool shown = mask_allows(mask, query, key);
        out->scores[key] = out->scaled[key] = NAN;
        out->weights[key] = shown ? w : 0;
        if (shown)
            sum += (Real)w;
        else
            missing += (Real)w;
    }
    out->missing = mask->renormalise ? 0 : (double)missing;
    out->none = mask_count(mask, query) == 0;
    out->logit_max = out->sum_exp = NAN;
    if (mask->renormalise && mask->hidden_count && sum != 0)
        for (int key = 0; key < out->n_k; key++)
            out->weights[key] =
                mask_allows(mask, query, key) ? (double)((Real)out->weights[key] / sum) : 0;
}

void exact_row_part(ExactRow *out, const AttnInput *in, const Mask *mask, int query, int from,
                    int to)
{
    if (from == 0)
        out->overflow = out->above = out->below = false;
    for (int key = from; key < to && in->entry != ENTRY_WEIGHTS; key++) {
        Real score = exact_score(in, query, key);
        out->scores[key] = (double)score;
        /* The part that double cannot hold waits where the weight will be. */
        out->weights[key] = isfinite(out->scores[key]) ? (double)(score - out->scores[key]) : 0;
        if (isinf(out->scores[key]) && mask_competes(mask, query, key) &&
            exact_score_finite_inputs(in, query, key)) {
            out->overflow = true;
            out->above |= out->scores[key] > 0;
            out->below |= out->scores[key] < 0;
        }
    }
}

void exact_row_end(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
                   int query)
{
    if (in->entry == ENTRY_WEIGHTS) {
        exact_given(out, in, mask, query);
        return;
    }
    exact_normalise(out, in, params, mask, query);
    /* A row whose every finite logit fell below −DBL_MAX is not masked: its weights are unknown. */
    if (out->below && !out->above && out->none) {
        out->none = false;
        for (int key = 0; key < out->n_k; key++)
            out->weights[key] = mask_allows(mask, query, key) ? (double)NAN : 0;
    }
}

void exact_row(ExactRow *out, const AttnInput *in, const AttnParams *params, const Mask *mask,
               int query)
{
    exact_row_part(out, in, mask, query, 0, out->n_k);
    exact_row_end(out, in, params, mask, query);
}
