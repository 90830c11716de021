#include "fixture.h"

#include "view/links_parts.h"

/* The same rule, written down as it is said: again and again the heaviest that is left, the lower
 * index of equal ones, until the mass is reached; then those below the threshold go. */
static int keep_by_the_rule(const float *w, int n, const LinesLook *look, int *keys)
{
    bool used[256] = {false};
    long double total = 0, mass = 0;
    int count = 0;
    for (int j = 0; j < n; j++)
        if (w[j] > 0 && isfinite(w[j]))
            total += (long double)w[j];
    while (look->mass >= 1 || mass < (long double)look->mass * total) {
        int best = -1;
        for (int j = 0; j < n; j++)
            if (!used[j] && w[j] > 0 && isfinite(w[j]) && (best < 0 || w[j] > w[best]))
                best = j;
        if (best < 0)
            break;
        used[best] = true;
        mass += (long double)w[best];
        keys[count++] = best;
    }
    int kept = 0;
    for (int i = 0; i < count; i++)
        if ((double)w[keys[i]] >= look->threshold)
            keys[kept++] = keys[i];
    return kept;
}

/* Weights in steps of 1/1024: all sums are exact, ties are common. */
static void random_row(float *w, int n, uint64_t *state)
{
    double kind = fixture_random(state);
    for (int j = 0; j < n; j++) {
        double x = fixture_random(state);
        w[j] = (float)(floor(x * (kind < 0.5 ? 6 : 500)) / 1024);
        if (fixture_random(state) < 0.02)
            w[j] = (float)(x < 0.3 ? (double)NAN : x < 0.6 ? (double)INFINITY : -0.5);
    }
}

static void links_are_those_of_the_rule(void **state)
{
    (void)state;
    uint64_t seed = 7;
    static const double masses[] = {0, 0.125, 0.5, 0.75, 0.90625, 1};
    static const double thresholds[] = {0, 0.03125, 0.25};
    for (int trial = 0; trial < 3000; trial++) {
        float w[256];
        int want[256], n = 1 + (int)(fixture_random(&seed) * 100);
        Link got[256];
        LinesLook look = {masses[trial % 6], thresholds[trial / 6 % 3], LINES_VERTICAL};
        random_row(w, n, &seed);
        int wanted = keep_by_the_rule(w, n, &look, want);
        int count = links_keep_row(w, n, trial, &look, got);
        assert_int_equal(count, wanted);
        for (int i = 0; i < count; i++) {
            assert_int_equal(got[i].key, want[i]);
            assert_int_equal(got[i].query, trial);
            assert_true(got[i].weight == w[want[i]]);
        }
    }
}

static void a_cap_keeps_the_head_of_the_list(void **state)
{
    (void)state;
    uint64_t seed = 11;
    LinesLook look = {0.9, 0, LINES_VERTICAL};
    for (int trial = 0; trial < 200; trial++) {
        float w[900];
        Link all[900], some[900];
        int n = 100 + (int)(fixture_random(&seed) * 800), most = 1 + trial % 80;
        bool cut;
        random_row(w, n, &seed);
        int count = links_keep_row(w, n, 0, &look, all);
        int kept = links_keep_most(w, n, 0, &look, links_row_mass(w, n), most, some, &cut);
        assert_int_equal(kept, count < most ? count : most);
        assert_int_equal(cut, count > most);
        for (int i = 0; i < kept; i++)
            assert_int_equal(some[i].key, all[i].key);
    }
}

static void rows_without_weight_have_no_links(void **state)
{
    (void)state;
    const float w[4] = {0, 0, (float)NAN, -1};
    Link got[4];
    LinesLook look = {1, 0, LINES_VERTICAL};
    assert_int_equal(links_keep_row(w, 4, 0, &look, got), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_those_of_the_rule),
        cmocka_unit_test(a_cap_keeps_the_head_of_the_list),
        cmocka_unit_test(rows_without_weight_have_no_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
