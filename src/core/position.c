#include "core/position.h"

#include "core/prepare.h"

#include <math.h>
#include <stdlib.h>

void position_sinusoidal(double *out, int n, int d)
{
    for (int p = 0; p < n; p++)
        for (int c = 0; c < d; c++) {
            long double pair = (long double)(c / 2 * 2);
            long double angle = (long double)p / powl(10000, pair / (long double)d);
            out[(ptrdiff_t)p * d + c] = (double)(c % 2 ? cosl(angle) : sinl(angle));
        }
}

void position_rope_rates(long double *rates, const RopeSpec *rope)
{
    for (int t = 0; t < rope->dims / 2; t++)
        rates[t] = powl((long double)rope->theta, -2 * (long double)t / (long double)rope->dims);
}

void position_rope(double *row, const RopeSpec *rope, const long double *rates, int p)
{
    int half = rope->dims / 2;
    for (int t = 0; t < half; t++) {
        double *a = rope->interleaved ? row + 2 * t : row + t;
        double *b = rope->interleaved ? a + 1 : a + half;
        long double angle = (long double)p * rates[t], x = *a, y = *b;
        long double c = cosl(angle), s = sinl(angle);
        *a = (double)(x * c - y * s);
        *b = (double)(x * s + y * c);
    }
}

int position_t5_bucket(int d, int buckets, bool bidirectional, double max_distance)
{
    int first = 0, far;
    if (bidirectional) {
        buckets /= 2;
        first = d > 0 ? buckets : 0;
        far = abs(d);
    } else {
        far = d < 0 ? -d : 0;
    }
    int exact = buckets / 2;
    if (far < exact || buckets < 1)
        return first + (buckets < 1 ? 0 : far);
    double span = exact > 0 ? log(max_distance / exact) : 0;
    if (!(span > 0))
        return first + buckets - 1;
    /* Bounds of the ranges are often whole distances: rounding must not put them below. */
    double steps = log((double)far / exact) / span * (buckets - exact) + 1e-9;
    return first + (steps < buckets - exact ? exact + (int)steps : buckets - 1);
}

static double bias_at(const BiasSpec *spec, int d)
{
    if (spec->kind == BIAS_ALIBI)
        return d == 0 ? 0 : -spec->slope * abs(d);
    double most = spec->max_distance > 0 ? spec->max_distance : 128;
    int bucket = position_t5_bucket(d, spec->table.cols, spec->bidirectional, most);
    return stored_value(spec->table, 0, bucket);
}

void position_bias(double *at, int reach, const BiasSpec *spec, bool first)
{
    for (int d = -reach; d <= reach; d++)
        at[d] = bias_at(spec, d) + (first ? 0 : at[d]);
}

void position_bias_matrix(double *at, Stored m, bool first)
{
    for (int i = 0; i < m.rows; i++)
        for (int j = 0; j < m.cols; j++) {
            double *cell = at + (ptrdiff_t)i * m.cols + j;
            *cell = stored_value(m, i, j) + (first ? 0 : *cell);
        }
}
