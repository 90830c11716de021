#include "app/facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool facts_numbers(Scope *scope, int query, int key, CellFacts *out)
{
    const AttnResult *r = scope->result;
    memset(out, 0, sizeof *out);
    if (!r || query < 0 || key < 0 || query >= r->n_q || key >= r->n_k ||
        !r->stage[STAGE_WEIGHTS].at)
        return false;
    const float *row = matrix_row(r->stage[STAGE_WEIGHTS], query);
    const ExactRow *exact = scope_exact(scope, query);
    out->weight = exact ? exact->weights[key] : (double)row[key];
    out->masked = !mask_allows(r->mask, query, key);
    out->of = r->rows[query].keys;
    out->divisor = r->divisor;
    out->temperature = r->temperature;
    if (exact && !isnan(exact->scores[key])) {
        out->has_score = true;
        out->score = exact->scores[key];
        out->scaled = exact->scaled[key];
    }
    if (!scope->reduced && scope->input.recorded.at) {
        out->has_recorded = true;
        out->recorded = (double)matrix_row(scope->input.recorded, query)[key];
    }
    return true;
}

bool facts_cell(Scope *scope, int query, int key, CellFacts *out)
{
    if (!facts_numbers(scope, query, key, out))
        return false;
    const AttnResult *r = scope->result;
    out->rank = stats_rank(matrix_row(r->stage[STAGE_WEIGHTS], query), r->mask, query, key);
    return true;
}

void facts_error(char out[TEXT_NUMBER], double value)
{
    char text[32];
    if (!(value > 0) || !isfinite(value) || value >= 0.01) {
        text_fixed(out, value, value > 0 ? 3 : 0);
        return;
    }
    snprintf(text, sizeof text, "%.1e", value); /* 6.0e-08 */
    size_t e = strcspn(text, "e"), digits = e + strcspn(text + e, "123456789");
    snprintf(out, TEXT_NUMBER, "%.*se\u2212%s", (int)e, text, text + digits);
}
