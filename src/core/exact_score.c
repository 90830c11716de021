/* One raw score from the stored numbers, in long double. */
#include "core/exact.h"

#include <math.h>

/* One place of the sum under this op. */
static long double score_term(const AttnInput *in, long double q, long double k, int t)
{
    switch (in->op) {
    case OP_DOT:
        break;
    case OP_TANH:
        return (long double)in->combine[t] * tanhl(q + k);
    case OP_DISTANCE:
        return (q - k) * (q - k);
    }
    return q * k;
}

static long double score_sum(const AttnInput *in, Stored q, Stored k, int query, int key)
{
    long double sum = 0;
    for (int t = 0; t < q.cols; t++)
        sum += score_term(in, (long double)stored_value(q, query, t),
                          (long double)stored_value(k, key, t), t);
    return in->op == OP_DISTANCE && sum != 0 ? -in->gain * sum : sum;
}

long double exact_score(const AttnInput *in, int query, int key)
{
    if (in->entry != ENTRY_QK)
        return (long double)stored_value(input_given(in), query, key);
    Stored q = input_q(in), k = input_k(in);
    long double sum = 0;
    if (in->op == OP_DOT && q.dtype == DTYPE_F32 && k.dtype == DTYPE_F32 && in->q.at && in->k.at) {
        const float *a = matrix_row(in->q, query), *b = matrix_row(in->k, key);
        for (int t = 0; t < q.cols; t++)
            sum += (long double)a[t] * (long double)b[t];
        return sum;
    }
    return score_sum(in, q, k, query, key);
}

bool exact_score_finite_inputs(const AttnInput *in, int query, int key)
{
    if (in->entry != ENTRY_QK)
        return isfinite(stored_value(input_given(in), query, key));
    Stored q = input_q(in), k = input_k(in);
    for (int t = 0; t < q.cols; t++)
        if (!isfinite(stored_value(q, query, t)) || !isfinite(stored_value(k, key, t)) ||
            (in->op == OP_TANH && !isfinite(in->combine[t])))
            return false;
    return true;
}
