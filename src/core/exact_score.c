/* One raw score from the stored numbers, in long double. */
#include "core/exact.h"

#include <math.h>

long double exact_score(const AttnInput *in, int query, int key)
{
    if (in->entry != ENTRY_QK)
        return (long double)stored_value(input_given(in), query, key);
    Stored q = input_q(in), k = input_k(in);
    long double sum = 0;
    if (q.dtype == DTYPE_F32 && k.dtype == DTYPE_F32 && in->q.at && in->k.at) {
        const float *a = matrix_row(in->q, query), *b = matrix_row(in->k, key);
        for (int t = 0; t < q.cols; t++)
            sum += (long double)a[t] * (long double)b[t];
        return sum;
    }
    for (int t = 0; t < q.cols; t++)
        sum += (long double)stored_value(q, query, t) * (long double)stored_value(k, key, t);
    return sum;
}

bool exact_score_finite_inputs(const AttnInput *in, int query, int key)
{
    if (in->entry != ENTRY_QK)
        return isfinite(stored_value(input_given(in), query, key));
    Stored q = input_q(in), k = input_k(in);
    for (int t = 0; t < q.cols; t++)
        if (!isfinite(stored_value(q, query, t)) || !isfinite(stored_value(k, key, t)))
            return false;
    return true;
}
