#include "fixture.h"

#include "view/row_chart_parts.h"

/* Over every cell, as the definition says. */
static bool seen_by_some_row(const Fixture *f, int key)
{
    for (int i = 0; i < f->in.n_q; i++)
        if (mask_allows(&f->mask, i, key))
            return true;
    return false;
}

static void a_key_of_all_rows_is_masked_when_no_row_sees_it(void **state)
{
    (void)state;
    const struct {
        int n_q, n_k, window;
        bool causal;
        MaskAlign align;
        int dilation, stride;
    } cases[] = {{5, 9, 0, true, MASK_TOP, 1, 0},     {5, 9, 0, true, MASK_BOTTOM, 1, 0},
                 {3, 12, 2, false, MASK_TOP, 1, 0},   {4, 12, 2, true, MASK_BOTTOM, 1, 0},
                 {12, 4, 1, true, MASK_BOTTOM, 1, 0}, {6, 6, 0, false, MASK_TOP, 1, 0},
                 {3, 12, 3, false, MASK_TOP, 4, 0},   {2, 9, 1, false, MASK_BOTTOM, 1, 3},
                 {9, 12, 2, true, MASK_TOP, 2, 5}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        for (int summed = 0; summed < 2; summed++) {
            Fixture f;
            RowData data;
            double received[12];
            fixture_init(&f, cases[c].n_q, cases[c].n_k, (unsigned)c + 1);
            f.mask_params.window = cases[c].window;
            f.mask_params.causal = cases[c].causal;
            f.mask_params.dilation = cases[c].dilation;
            f.mask_params.stride = cases[c].stride;
            f.mask_params.align = cases[c].align;
            fixture_renormalise(&f);
            f.scene.focus = (Focus){-1, -1, -1, -1, 0, false};
            stats_received(f.result.stage[STAGE_WEIGHTS], f.rows, received);
            f.scene.received = summed ? received : NULL;
            assert_true(row_data_init(&data, &f.scene));
            int counted = 0;
            for (int i = 0; i < f.in.n_q; i++)
                counted += (f.rows[i].flags & ROW_FULLY_MASKED) == 0;
            for (int j = 0; j < f.in.n_k; j++) {
                assert_int_equal(data.masked[j], !seen_by_some_row(&f, j));
                check_close(data.weights[j], received[j] / counted, 1e-12);
            }
            row_data_free(&data);
            fixture_free(&f);
        }
    }
}

static void the_heaviest_keys_are_shown_and_the_others_summed(void **state)
{
    (void)state;
    enum { N = 300 };
    for (unsigned seed = 1; seed <= 30; seed++) {
        Fixture f;
        RowData data;
        fixture_init(&f, 1, N, seed);
        for (int j = 0; j < N; j++) /* many ties */
            f.weights[j] = (float)((unsigned)(j * j) * seed % 37) / 4096;
        fixture_refresh(&f);
        f.scene.focus = (Focus){0, -1, -1, -1, 0, false};
        assert_true(row_data_init(&data, &f.scene));
        int rows = 2 + (int)(seed * 7 % 90);
        row_data_order(&data, rows, true);
        assert_int_equal(data.shown, rows - 1);
        assert_int_equal(data.hidden, N - rows + 1);
        double rest = 0;
        for (int j = 0; j < N; j++) {
            int before = 0, place = -1; /* its place in a stable sort */
            for (int i = 0; i < N; i++)
                before += f.weights[i] > f.weights[j] || (f.weights[i] == f.weights[j] && i < j);
            for (int i = 0; i < data.shown; i++)
                place = data.order[i] == j ? i : place;
            assert_int_equal(place, before < data.shown ? before : -1);
            rest += place < 0 ? (double)f.weights[j] : 0;
        }
        check_close(data.rest, rest, 1e-9);
        row_data_free(&data);
        fixture_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_all_rows_is_masked_when_no_row_sees_it),
        cmocka_unit_test(the_heaviest_keys_are_shown_and_the_others_summed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
