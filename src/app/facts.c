#include "app/facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXACT_KEYS = 16384 };

bool facts_numbers(Scope *scope, int query, int key, CellFacts *out)
{
    const AttnResult *r = scope->result;
    memset(out, 0, sizeof *out);
    if (!r || query < 0 || key < 0 || query >= r->n_q || key >= r->n_k ||
        !(r->tiles || r->stage[STAGE_WEIGHTS].at))
        return false;
    const float *row = scope_row(scope, query);
    if (!row)
        return false;
    /* In double a row of very many keys takes longer than a frame: until frames have made it (only
     * of a locked one) the weight is a float. */
    const ExactRow *exact =
        r->n_k <= EXACT_KEYS ? scope_exact(scope, query) : scope_exact_made(scope, query);
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
    if (!exact && r->tiles && r->entry == ENTRY_QK) {
        out->has_score = true;
        out->score = (double)exact_score(&scope->input, query, key);
        out->scaled =
            (out->score / r->divisor + input_bias(&scope->input, query, key, r->mask->offset)) /
            (r->temperature > 0 ? r->temperature : 1);
    }
    const Matrix *recorded = &scope->input.recorded;
    if ((r->recorded_error >= 0 || r->tiles) && recorded->at && recorded->rows == r->n_q &&
        recorded->cols == r->n_k) {
        out->has_recorded = true;
        out->recorded = (double)matrix_row(*recorded, query)[key];
    }
    return true;
}

bool facts_cell(Scope *scope, int query, int key, CellFacts *out)
{
    if (!facts_numbers(scope, query, key, out))
        return false;
    const AttnResult *r = scope->result;
    out->rank = stats_rank(scope_row(scope, query), r->mask, query, key);
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

static bool undefined(char out[TEXT_NUMBER], double value)
{
    if (isfinite(value))
        return false;
    snprintf(out, TEXT_NUMBER, "—");
    return true;
}

void facts_share(char out[TEXT_NUMBER], double share)
{
    if (undefined(out, share))
        return;
    char number[TEXT_NUMBER];
    text_fixed(number, share * 100, 1);
    snprintf(out, TEXT_NUMBER, "%.40s\u2009%%", number);
}

void facts_fixed(char out[TEXT_NUMBER], double value, int decimals)
{
    if (!undefined(out, value))
        text_fixed(out, value, decimals);
}

void facts_fraction(char out[TEXT_NUMBER], double value)
{
    if (!undefined(out, value))
        text_weight(out, value);
}
