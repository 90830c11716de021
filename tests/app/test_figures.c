/* The numbers of the Statistics section against definitions written out in double here, and against
 * differences of weights whose one score was moved by a little.
 */
#include "app/desk.h"
#include "app/figures.h"
#include "base/index_set.h"

enum { N = 6 };

/* In eighths, which a file's float32 holds exactly. */
static const double SCORES[N][N] = {
    {0.25, -0.75, 1.125, 0.25, -0.375, 0.875}, {1.25, 0.125, -0.25, 0.75, 0.375, -1.125},
    {0.375, 0.875, 0.625, -0.25, 1.25, 0.75},  {-0.875, 0.25, 0.5, 0.25, 0.125, 0.625},
    {0.75, 0.75, 1.875, -1.375, 0.25, 0.25},   {0.25, 0.125, 0.25, 0.875, -0.625, 1.75}};

static const char *folder(void)
{
    static const char *path;
    if (!path)
        path = check_temp_dir();
    return path;
}

/* A document of one head with these scores, its cell (2, key) moved by `step`. two: and another. */
static void open_scores(Scope *scope, const char *kind, int key, double step, bool two)
{
    Error err = {0};
    char line[256];
    size_t n = 0;
    static char all[8192];
    n += (size_t)snprintf(
        all + n, sizeof all - n,
        "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"], "
        "\"layers\": [{\"heads\": [");
    for (int head = 0; head < (two ? 2 : 1); head++) {
        n += (size_t)snprintf(all + n, sizeof all - n, "%s{\"%s\": [", head ? ", " : "", kind);
        for (int i = 0; i < N; i++) {
            n += (size_t)snprintf(all + n, sizeof all - n, "%s[", i ? ", " : "");
            for (int j = 0; j < N; j++) {
                double x = SCORES[head ? N - 1 - i : i][j] + (i == 2 && j == key ? step : 0);
                snprintf(line, sizeof line, "%s%.17g", j ? ", " : "",
                         strcmp(kind, "weights") == 0 ? exp(x) / 20 : x);
                n += (size_t)snprintf(all + n, sizeof all - n, "%s", line);
            }
            n += (size_t)snprintf(all + n, sizeof all - n, "]");
        }
        n += (size_t)snprintf(all + n, sizeof all - n, "]}");
    }
    snprintf(all + n, sizeof all - n, "]}]}");
    const char *path = check_path(folder(), "figures.attn.json");
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    check_put(path, all);
    if (!scope_init(scope, &err) || !scope_open(scope, &request, &err))
        fail_msg("%s: %s", err.where, err.what);
}

static void update(Scope *scope, const Settings *s)
{
    Error err = {0};
    if (!scope_update(scope, s, STAGE_BIT(STAGE_WEIGHTS), &err))
        fail_msg("%s", err.what);
}

static Focus focus_on(int query, int key)
{
    return (Focus){query, key, -1, -1, 0, false};
}

static void softmax_by_hand(double *w, int row, double temperature, const bool *seen)
{
    double sum = 0;
    for (int j = 0; j < N; j++)
        sum += w[j] = seen[j] ? exp(SCORES[row][j] / temperature) : 0;
    for (int j = 0; j < N; j++)
        w[j] /= sum;
}

/* Σ_i Σ_j |w_i − w_j| / (2 n Σw), over the n keys that are seen. */
static double gini_by_hand(const double *w, const bool *seen)
{
    double sum = 0, apart = 0;
    int n = 0;
    for (int i = 0; i < N; i++) {
        n += seen[i];
        sum += w[i];
        for (int j = 0; j < N; j++)
            apart += seen[i] && seen[j] ? fabs(w[i] - w[j]) : 0;
    }
    return apart / (2 * n * sum);
}

static double jacobian_by_hand(const double *w)
{
    double squares = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            squares += pow(w[i] * ((i == j ? 1.0 : 0.0) - w[j]), 2);
    return sqrt(squares);
}

static double entropy_by_hand(const double *w)
{
    double bits = 0;
    for (int j = 0; j < N; j++)
        bits -= w[j] > 0 ? w[j] * log2(w[j]) : 0;
    return bits;
}

static void a_row_has_the_numbers_of_their_definitions(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Figures f = {0};
    double w[N], distance = 0;
    bool seen[N] = {true, true, true, true, true, true};
    open_scores(&scope, "scores", 0, 0, false);
    s.attn.scale.temperature = 0.7;
    update(&scope, &s);
    softmax_by_hand(w, 2, 0.7, seen);
    figures_update(&f, &scope, &s, focus_on(2, -1), false, false);
    for (int j = 0; j < N; j++)
        distance += w[j] * fabs((double)(j - 2));
    assert_int_equal(f.of, FIGURES_ROW);
    assert_int_equal(f.row, 2);
    check_close(f.sum, 1, 1e-14);
    check_close(f.more.gini, gini_by_hand(w, seen), 1e-12);
    check_close(f.more.relative, entropy_by_hand(w) / log2(N), 1e-12);
    check_close(f.more.distance, distance, 1e-12);
    check_close(f.more.first, w[0], 1e-14);
    check_close(f.more.itself, w[2], 1e-14);
    check_close(f.more.previous, w[1], 1e-14);
    check_close(f.more.jacobian, jacobian_by_hand(w), 1e-12);
    assert_int_equal(f.key, 4); /* the row's largest */
    assert_false(f.chosen);
    for (int j = 0; j < N; j++)
        check_close(f.change[j], w[4] * ((j == 4 ? 1.0 : 0.0) - w[j]), 1e-13);
    figures_free(&f);
    scope_free(&scope);
}

static void what_is_masked_or_hidden_is_left_out(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Figures f = {0};
    double w[N];
    const int hidden[] = {1};
    bool seen[N] = {true, false, true, true, false, false};
    open_scores(&scope, "scores", 0, 0, false);
    s.attn.mask.causal = true;
    s.attn.mask.hidden = index_set_intern(hidden, 1);
    update(&scope, &s);
    softmax_by_hand(w, 3, 1, seen);
    figures_update(&f, &scope, &s, focus_on(3, 2), false, false);
    assert_null(f.no_response);
    assert_true(f.chosen);
    check_close(f.more.gini, gini_by_hand(w, seen), 1e-12);
    check_close(f.more.jacobian, jacobian_by_hand(w), 1e-12);
    for (int j = 0; j < N; j++) {
        assert_int_equal(f.masked[j], !seen[j]);
        check_close(f.change[j], seen[j] ? w[2] * ((j == 2 ? 1.0 : 0.0) - w[j]) : 0, 1e-13);
    }
    figures_update(&f, &scope, &s, focus_on(3, 5), false, false);
    assert_string_equal(f.no_response, "The selected key is masked for this query.");
    figures_update(&f, &scope, &s, focus_on(3, 1), false, false);
    assert_string_equal(f.no_response, "The selected key is hidden.");
    figures_free(&f);
    scope_free(&scope);
}

/* Weights of row 2 with the score of `key` moved. */
static void weights_moved(double *w, const Settings *s, int key, double step)
{
    Scope scope;
    open_scores(&scope, "scores", key, step, false);
    update(&scope, s);
    const ExactRow *exact = scope_exact(&scope, 2);
    memcpy(w, exact->weights, N * sizeof *w);
    scope_free(&scope);
}

static void the_response_is_the_slope_of_every_normaliser(void **state)
{
    (void)state;
    static const NormKind KINDS[] = {NORM_SOFTMAX,  NORM_SPARSEMAX, NORM_ENTMAX15, NORM_ENTMAX,
                                     NORM_SOFTMAX1, NORM_SIGMOID,   NORM_RELU,     NORM_TOPK};
    const double step = 1.0 / 512; /* of a score */
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        for (int key = 0; key < N; key += 2) {
            Scope scope;
            Settings s = settings_default();
            Figures f = {0};
            double up[N], down[N];
            s.attn.norm.kind = KINDS[i];
            s.attn.norm.alpha = 1.3;
            s.attn.norm.k = 4;
            s.attn.norm.sigmoid_bias = key == 2;
            s.attn.scale.temperature = 1.25;
            open_scores(&scope, "scores", 0, 0, false);
            update(&scope, &s);
            figures_update(&f, &scope, &s, focus_on(2, key), false, false);
            assert_null(f.no_response);
            weights_moved(up, &s, key, step);
            weights_moved(down, &s, key, -step);
            for (int j = 0; j < N; j++) {
                double slope = (up[j] - down[j]) / (2 * step / 1.25);
                if (!(fabs(f.change[j] - slope) <= 2e-6))
                    fail_msg("%s, key %d: weight %d moves by %.12g, expected %.12g",
                             NORM_KIND_NAMES[KINDS[i]], key, j, f.change[j], slope);
            }
            figures_free(&f);
            scope_free(&scope);
        }
}

static void where_nothing_moves_it_says_why(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Figures f = {0};
    open_scores(&scope, "scores", 0, 0, true);
    s.attn.scale.temperature = 0;
    update(&scope, &s);
    figures_update(&f, &scope, &s, focus_on(2, -1), false, false);
    assert_string_equal(f.no_response, "argmax: weights do not move");
    assert_true(f.more.jacobian == 0);
    s.attn.scale.temperature = 1;
    s.attn.norm.kind = NORM_HARDMAX;
    update(&scope, &s);
    figures_update(&f, &scope, &s, focus_on(2, -1), false, false);
    assert_string_equal(f.no_response, "argmax: weights do not move");
    s.attn.norm.kind = NORM_SOFTMAX;
    s.head = FIELD_MEAN;
    update(&scope, &s);
    figures_update(&f, &scope, &s, focus_on(2, -1), false, false);
    assert_int_equal(f.of, FIGURES_ROW);
    assert_string_equal(f.no_response, "A mean or max over heads has no scores of its own.");
    assert_true(isnan(f.more.jacobian));
    assert_true(f.more.gini > 0);
    scope_free(&scope);
    open_scores(&scope, "weights", 0, 0, false);
    s = settings_default();
    update(&scope, &s);
    figures_update(&f, &scope, &s, focus_on(2, -1), false, false);
    assert_string_equal(f.no_response, "The file has weights only: what made them is not in it.");
    assert_true(isnan(f.more.jacobian));
    check_close(f.more.first, (double)(float)(exp(0.375) / 20), 1e-15);
    figures_free(&f);
    scope_free(&scope);
}

static void without_a_query_the_means_of_all_rows_are_shown(void **state)
{
    (void)state;
    Scope scope;
    Settings s = settings_default();
    Figures f = {0};
    HeadStats head;
    bool old, seen[N] = {true, true, true, true, true, true};
    double w[N], gini = 0, jacobian = 0, relative = 0;
    open_scores(&scope, "scores", 0, 0, false);
    update(&scope, &s);
    for (int i = 0; i < N; i++) {
        softmax_by_hand(w, i, 1, seen);
        gini += gini_by_hand(w, seen) / N;
        jacobian += jacobian_by_hand(w) / N;
        relative += entropy_by_hand(w) / log2(N) / N;
    }
    figures_update(&f, &scope, &s, focus_on(-1, -1), true, false);
    assert_int_equal(f.of, FIGURES_HEAD);
    check_close(f.more.gini, gini, 1e-6);
    check_close(f.more.jacobian, jacobian, 1e-6);
    check_close(f.more.relative, relative, 1e-6);
    check_close(f.sum, 1, 1e-6);
    assert_non_null(f.no_response);
    assert_true(figures_head(&scope, true, &head, &old)); /* small heads do not wait */
    assert_false(old);
    check_close(head.mean_gini, gini, 1e-6);
    /* The pointer on a row is enough; several rows are averaged. */
    Focus focus = focus_on(-1, -1);
    focus.hover_query = 3;
    figures_update(&f, &scope, &s, focus, true, false);
    assert_int_equal(f.of, FIGURES_ROW);
    assert_int_equal(f.row, 3);
    const int several[] = {0, 4};
    focus.queries = index_set_intern(several, 2);
    figures_update(&f, &scope, &s, focus, true, false);
    assert_int_equal(f.of, FIGURES_ROWS);
    assert_int_equal(f.rows, 2);
    softmax_by_hand(w, 0, 1, seen);
    jacobian = jacobian_by_hand(w) / 2;
    softmax_by_hand(w, 4, 1, seen);
    jacobian += jacobian_by_hand(w) / 2;
    check_close(f.more.jacobian, jacobian, 1e-6);
    figures_free(&f);
    scope_free(&scope);
}

static void a_large_head_waits_until_the_slider_is_let_go(void **state)
{
    (void)state;
    const int SIDE = 640;
    Scope scope;
    Settings s = settings_default();
    HeadStats head;
    Error err = {0};
    bool old;
    const char *path = check_path(folder(), "large.attn.json");
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    const size_t cap = 1 << 14;
    size_t n = 0;
    char *text = mem_array(cap, 1);
    assert_non_null(text);
    n += (size_t)snprintf(text + n, cap - n, "{\"attnscope\": 1, \"tokens\": [");
    for (int i = 0; i < SIDE; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s\"t\"", i ? "," : "");
    n += (size_t)snprintf(text + n, cap - n, "], \"layers\": [{\"heads\": [{\"q\": [");
    for (int i = 0; i < SIDE; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s[%d]", i ? "," : "", i % 7 - 3);
    n += (size_t)snprintf(text + n, cap - n, "], \"k\": [");
    for (int i = 0; i < SIDE; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s[%d]", i ? "," : "", i % 5 - 2);
    snprintf(text + n, cap - n, "]}]}]}");
    check_put(path, text);
    mem_free(text);
    assert_true(scope_init(&scope, &err));
    if (!scope_open(&scope, &request, &err))
        fail_msg("%s: %s", err.where, err.what);
    update(&scope, &s);
    assert_true(figures_head(&scope, true, &head, &old)); /* never known: computed at once */
    assert_false(old);
    double before = head.mean_gini;
    s.attn.scale.temperature = 2;
    update(&scope, &s);
    assert_true(figures_head(&scope, true, &head, &old));
    assert_true(old);
    assert_true(head.mean_gini == before);
    assert_true(figures_head(&scope, false, &head, &old));
    assert_false(old);
    assert_true(head.mean_gini < before); /* flatter */
    scope_free(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_has_the_numbers_of_their_definitions),
        cmocka_unit_test(what_is_masked_or_hidden_is_left_out),
        cmocka_unit_test(the_response_is_the_slope_of_every_normaliser),
        cmocka_unit_test(where_nothing_moves_it_says_why),
        cmocka_unit_test(without_a_query_the_means_of_all_rows_are_shown),
        cmocka_unit_test(a_large_head_waits_until_the_slider_is_let_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
