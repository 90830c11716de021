#include "head_problem.h"

#include "core/rnn.h"

#include <math.h>

/* Hidden states of torch.nn.RNN, GRU and LSTM in double, with and without biases. */
static void hidden_states_are_those_of_pytorch(void **state)
{
    (void)state;
    double worst = 0;
    for (size_t c = 0; c < sizeof PREPARE_CELLS / sizeof *PREPARE_CELLS; c++) {
        int n = PREPARE_CELLS[c].n, d = PREPARE_CELLS[c].d, h = PREPARE_CELLS[c].h;
        Head head = {.x = PREPARE_CELLS[c].seed};
        RnnSpec rnn = {.cell = (CellKind)PREPARE_CELLS[c].cell};
        Stored x = head_matrix(&head, n, d, 1);
        int rows = rnn_gates(&rnn) * h;
        double *in = mem_array((size_t)n * (size_t)d, sizeof *in);
        double *out = mem_array((size_t)n * (size_t)h, sizeof *out);
        double *scratch = mem_array((size_t)h, 10 * sizeof *scratch);
        rnn.weight_ih = head_matrix(&head, rows, d, 0.25);
        rnn.weight_hh = head_matrix(&head, rows, h, 0.25);
        if (PREPARE_CELLS[c].bias) {
            rnn.bias_ih = head_matrix(&head, 1, rows, 0.25);
            rnn.bias_hh = head_matrix(&head, 1, rows, 0.25);
        }
        assert_int_equal(rnn_hidden(&rnn), h);
        for (int i = 0; i < n; i++)
            stored_row(x, i, in + (ptrdiff_t)i * d);
        rnn_run(out, in, n, d, &rnn, scratch);
        for (int i = 0; i < n * h; i++) {
            double error = fabs(out[i] - PREPARE_VALUES[PREPARE_CELLS[c].values + i]);
            if (!(error < 1e-14))
                fail_msg("cell %d, %d × %d: number %d off by %g", PREPARE_CELLS[c].cell, n, h, i,
                         error);
            worst = fmax(worst, error);
        }
        mem_free(in);
        mem_free(out);
        mem_free(scratch);
        head_free(&head);
    }
    print_message("worst error of a hidden state: %.3g\n", worst);
}

static void the_first_state_forgets_nothing_because_there_is_nothing(void **state)
{
    (void)state;
    /* One number in, one out, by hand: tanh(2·3 + 0·h + 1 − 6) = tanh 1. */
    const double w[] = {2}, u[] = {5}, b[] = {1}, c[] = {-6}, x[] = {3};
    RnnSpec rnn = {CELL_TANH,
                   {w, DTYPE_F64, 1, 1, 1},
                   {u, DTYPE_F64, 1, 1, 1},
                   {b, DTYPE_F64, 1, 1, 1},
                   {c, DTYPE_F64, 1, 1, 1}};
    double out, scratch[10];
    rnn_run(&out, x, 1, 1, &rnn, scratch);
    assert_true(fabs(out - 0.76159415595576488812) < 1e-16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_states_are_those_of_pytorch),
        cmocka_unit_test(the_first_state_forgets_nothing_because_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
