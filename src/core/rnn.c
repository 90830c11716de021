#include "core/rnn.h"

#include "core/prepare.h"

#include <math.h>

typedef long double Real;

int rnn_gates(const RnnSpec *rnn)
{
    switch (rnn->cell) {
    case CELL_GRU:
        return 3;
    case CELL_LSTM:
        return 4;
    case CELL_NONE:
    case CELL_TANH:
        break;
    }
    return 1;
}

int rnn_hidden(const RnnSpec *rnn)
{
    return rnn->weight_hh.cols;
}

static Real dot_stored(Stored w, int row, const double *x)
{
    Real sum = 0;
    for (int t = 0; t < w.cols; t++)
        sum += (Real)stored_value(w, row, t) * (Real)x[t];
    return sum;
}

/* out = w x + b, for all gates. */
static void gates(double *out, Stored w, Stored b, const double *x)
{
    for (int g = 0; g < w.rows; g++)
        out[g] = (double)(dot_stored(w, g, x) + (b.at ? (Real)stored_value(b, 0, g) : 0));
}

static Real sigmoid(Real x)
{
    Real e = expl(-fabsl(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* a and b: what x and the last hidden state give to each gate. */
static void step(const RnnSpec *rnn, int h, const double *a, const double *b, double *state,
                 double *cell)
{
    for (int i = 0; i < h; i++) {
        Real g[4] = {0, 0, 0, 0};
        for (int k = 0; k < rnn_gates(rnn); k++)
            g[k] = (Real)a[k * h + i] + (Real)b[k * h + i];
        if (rnn->cell == CELL_GRU) {
            Real r = sigmoid(g[0]), z = sigmoid(g[1]);
            Real n = tanhl((Real)a[2 * h + i] + r * (Real)b[2 * h + i]);
            state[i] = (double)((1 - z) * n + z * (Real)state[i]);
        } else if (rnn->cell == CELL_LSTM) {
            Real c = sigmoid(g[1]) * (Real)cell[i] + sigmoid(g[0]) * tanhl(g[2]);
            cell[i] = (double)c;
            state[i] = (double)(sigmoid(g[3]) * tanhl(c));
        } else {
            state[i] = (double)tanhl(g[0]);
        }
    }
}

void rnn_run(double *out, const double *x, int n, int d, const RnnSpec *rnn, double *scratch)
{
    int h = rnn_hidden(rnn);
    double *a = scratch, *b = a + 4 * h, *state = b + 4 * h, *cell = state + h;
    for (int i = 0; i < h; i++)
        state[i] = cell[i] = 0;
    for (int row = 0; row < n; row++) {
        gates(a, rnn->weight_ih, rnn->bias_ih, x + (ptrdiff_t)row * d);
        gates(b, rnn->weight_hh, rnn->bias_hh, state);
        step(rnn, h, a, b, state, cell);
        for (int i = 0; i < h; i++)
            out[(ptrdiff_t)row * h + i] = state[i];
    }
}
