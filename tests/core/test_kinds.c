/* Every score kind × normaliser × mask against PyTorch in double (tests/data/core/make_kinds.py
 * writes kinds.bin and says what stands in it), under every instruction set of this processor.
 * Prints the worst error of each kind.
 */
#include "core/pipeline.h"

#include "base/index_set.h"
#include "support/check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOFTMAX,
    SPARSEMAX,
    ENTMAX15,
    ENTMAX,
    SOFTMAX1,
    SIGMOID,
    SIGMOID_BIAS,
    RELU,
    HARDMAX,
    TOPK,
    TOPP
};
enum {
    M_NONE,
    M_CAUSAL,
    M_BOTTOM,
    M_WINDOW,
    M_PADDING,
    M_HIDDEN,
    M_DILATED,
    M_STRIDE,
    M_BLOCK,
    M_PREFIX,
    M_SEGMENTS,
    M_MATRIX
};
enum {
    E_NONE,
    E_ALIBI,
    E_T5,
    E_MATRIX,
    E_ROPE_HALF,
    E_ROPE_PAIRS,
    E_X,
    E_TANH,
    E_GRU,
    E_LSTM,
    E_T5_ONE_WAY
};
enum {
    Q,
    K,
    V,
    W,
    W_Q,
    W_K,
    W_E,
    W_A,
    P_V,
    P_B,
    CONV1,
    CONV2,
    X_Q,
    X_K,
    PW_Q,
    PW_K,
    PW_V,
    PB_Q,
    PB_K,
    PB_V,
    RNN_Q,
    RNN_K = 24,
    BIAS = 28,
    TABLE,
    MASK,
    DRAWN
};
enum { H = 6, D_MODEL = 10, TABLE_SIZE = 8, MOST = 64 };

static const ScoreKind KINDS[] = {SCORE_DOT,      SCORE_COSINE,      SCORE_ADDITIVE,
                                  SCORE_GENERAL,  SCORE_BILINEAR,    SCORE_CONCAT,
                                  SCORE_LOCATION, SCORE_FEATUREWISE, SCORE_ELEMENTWISE,
                                  SCORE_GATE,     SCORE_GAUSSIAN};
static const int SHAPES[][4] = {{1, 1, 1, 2},  {5, 7, 3, 4},    {7, 5, 64, 80},
                                {6, 6, 80, 3}, {3, 9, 127, 16}, {9, 3, 256, 5},
                                {1, 8, 16, 1}, {8, 1, 2, 7},    {8, 8, 12, 12}};

typedef struct {
    int32_t kind, norm, mask, extra, shape, seed, rows, cols, out_rows, out_cols;
    double temperature, tolerance, most;
} Record;

/* One case as the pipeline takes it; owns what it draws. */
typedef struct {
    Record r;
    AttnInput in;
    AttnParams params;
    HeadSpec spec;
    BiasSpec bias;
    float *drawn[DRAWN];
    uint8_t padding[16];
    int segments[2][16];
} Case;

static int shrink(int columns)
{
    return -(int)lround(log2(sqrt((double)columns)));
}

static Stored draw(Case *c, int index, int rows, int cols, int exponent)
{
    uint64_t state = (uint64_t)c->r.seed * 1000003u + (uint64_t)index * 7919u + 12345u;
    float *out = test_malloc((size_t)rows * (size_t)cols * sizeof *out);
    for (int i = 0; i < rows * cols; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (float)ldexp(((double)(state >> 40) / 8388608.0 - 1) * 2, exponent);
    }
    assert_null(c->drawn[index]);
    c->drawn[index] = out;
    return (Stored){out, DTYPE_F32, rows, cols, cols};
}

static Matrix matrix_of(Stored s)
{
    return (Matrix){s.at, s.rows, s.cols, s.step};
}

static RnnSpec draw_rnn(Case *c, int index, int hidden)
{
    static const CellKind CELLS[] = {CELL_TANH, CELL_GRU, CELL_LSTM};
    static const int GATES[] = {1, 3, 4};
    int cell = c->r.extra - E_TANH, rows = GATES[cell] * hidden;
    return (RnnSpec){CELLS[cell], draw(c, index, rows, D_MODEL, shrink(D_MODEL)),
                     draw(c, index + 1, rows, hidden, shrink(hidden)),
                     draw(c, index + 2, 1, rows, -1), draw(c, index + 3, 1, rows, -1)};
}

static void draw_score(Case *c, int d_q, int d_k)
{
    ScoreSpec *s = &c->spec.score;
    Stored *p = s->param;
    s->kind = KINDS[c->r.kind];
    s->factor = 4;
    s->sigma = 1.5;
    if (s->kind == SCORE_ADDITIVE || s->kind == SCORE_FEATUREWISE) {
        p[PARAM_W_Q] = draw(c, W_Q, H, d_q, shrink(d_q));
        p[PARAM_W_K] = draw(c, W_K, H, d_k, shrink(d_k));
    }
    if (s->kind == SCORE_ADDITIVE)
        p[PARAM_B] = draw(c, P_B, 1, H, 0);
    if (s->kind == SCORE_ADDITIVE || s->kind == SCORE_CONCAT)
        p[PARAM_V] = draw(c, P_V, 1, H, 0);
    if (s->kind == SCORE_CONCAT)
        p[PARAM_W] = draw(c, W, H, d_q + d_k, shrink(d_q + d_k));
    if (s->kind == SCORE_GENERAL)
        p[PARAM_W] = draw(c, W, d_q, d_k, shrink(d_q * d_k));
    if (s->kind == SCORE_LOCATION)
        p[PARAM_W] = draw(c, W, c->in.n_k, d_q, shrink(d_q));
    if (s->kind == SCORE_BILINEAR) {
        p[PARAM_W_E] = draw(c, W_E, H, d_q, shrink(d_q));
        p[PARAM_W_A] = draw(c, W_A, H, d_k, shrink(d_k));
    }
    if (s->kind == SCORE_GATE) {
        p[PARAM_CONV1] = draw(c, CONV1, H, H, shrink(H));
        p[PARAM_CONV2] = draw(c, CONV2, H, H, shrink(H));
    }
}

static void draw_extra(Case *c, int d_q, int d_k, int d_v)
{
    HeadSpec *s = &c->spec;
    int extra = c->r.extra, dims = d_q / 2 * 2;
    if (extra >= E_X && extra <= E_LSTM) {
        s->x_q = draw(c, X_Q, c->in.n_q, D_MODEL, 0);
        s->x_k = draw(c, X_K, c->in.n_k, D_MODEL, 0);
        c->in.q = c->in.k = (Matrix){0};
    }
    if (extra == E_X) {
        s->w_q = draw(c, PW_Q, d_q, D_MODEL, shrink(D_MODEL));
        s->w_k = draw(c, PW_K, d_k, D_MODEL, shrink(D_MODEL));
        s->w_v = draw(c, PW_V, d_v, D_MODEL, shrink(D_MODEL));
        s->b_q = draw(c, PB_Q, 1, d_q, 0);
        s->b_k = draw(c, PB_K, 1, d_k, 0);
        s->b_v = draw(c, PB_V, 1, d_v, 0);
        c->in.v = (Matrix){0};
    }
    if (extra >= E_TANH && extra <= E_LSTM) {
        s->rnn_q = draw_rnn(c, RNN_Q, d_q);
        s->rnn_k = draw_rnn(c, RNN_K, d_k);
    }
    if ((extra == E_ROPE_HALF || extra == E_ROPE_PAIRS) && dims > 0)
        s->rope = (RopeSpec){true, 10000, extra == E_ROPE_PAIRS, dims};
    if (extra == E_ALIBI)
        c->bias = (BiasSpec){.kind = BIAS_ALIBI, .slope = 0.25};
    if (extra == E_T5 || extra == E_T5_ONE_WAY)
        c->bias = (BiasSpec){.kind = BIAS_T5,
                             .table = draw(c, TABLE, 1, TABLE_SIZE, 0),
                             .bidirectional = extra == E_T5,
                             .max_distance = 16};
    if (extra == E_MATRIX)
        c->bias = (BiasSpec){.kind = BIAS_MATRIX, .m = draw(c, BIAS, c->in.n_q, c->in.n_k, 0)};
    s->biases = &c->bias;
    s->bias_count = extra == E_ALIBI || extra == E_T5 || extra == E_T5_ONE_WAY || extra == E_MATRIX;
}

static int set_of(int a, int b)
{
    int items[] = {a, b};
    return index_set_intern(items, b < 0 ? 1 : 2);
}

/* The document's own mask holds zeros and ones. */
static void draw_mask_matrix(Case *c)
{
    c->in.mask = draw(c, MASK, c->in.n_q, c->in.n_k, 0);
    for (int i = 0; i < c->in.n_q * c->in.n_k; i++)
        c->drawn[MASK][i] = c->drawn[MASK][i] > -1 ? 1.0f : 0.0f;
}

static void set_mask(Case *c)
{
    MaskParams *m = &c->params.mask;
    int mask = c->r.mask;
    m->causal = mask == M_CAUSAL || mask == M_BOTTOM || mask == M_PREFIX;
    m->align = mask == M_BOTTOM ? MASK_BOTTOM : MASK_TOP;
    m->window = mask == M_WINDOW || mask == M_DILATED ? 2 : mask == M_STRIDE ? 1 : 0;
    m->dilation = mask == M_DILATED ? 2 : 1;
    m->stride = mask == M_STRIDE ? 3 : 0;
    m->global = mask == M_STRIDE ? set_of(1, -1) : 0;
    m->hidden = mask == M_HIDDEN ? set_of(1, 4) : 0;
    m->block = mask == M_BLOCK ? 2 : 0;
    m->prefix = mask == M_PREFIX ? 2 : 0;
    for (int i = 0; i < 16; i++) {
        c->padding[i] = i >= c->in.n_k - c->in.n_k / 3;
        c->segments[0][i] = c->segments[1][i] = i / 3;
    }
    if (mask == M_PADDING)
        c->in.padding = c->padding;
    if (mask == M_SEGMENTS) {
        c->in.segment_q = c->segments[0];
        c->in.segment_k = c->segments[1];
    }
    if (mask == M_MATRIX)
        draw_mask_matrix(c);
}

static void set_norm(Case *c)
{
    static const NormKind NORMS[] = {NORM_SOFTMAX,  NORM_SPARSEMAX, NORM_ENTMAX15, NORM_ENTMAX,
                                     NORM_SOFTMAX1, NORM_SIGMOID,   NORM_SIGMOID,  NORM_RELU,
                                     NORM_HARDMAX,  NORM_TOPK,      NORM_TOPP};
    c->params.norm = (NormParams){.kind = NORMS[c->r.norm],
                                  .alpha = 1.3,
                                  .k = 3,
                                  .p = 0.8,
                                  .sigmoid_bias = c->r.norm == SIGMOID_BIAS};
}

static void case_make(Case *c, const Record *r)
{
    static uint64_t keys;
    memset(c, 0, sizeof *c);
    c->r = *r;
    c->params = params_default();
    ScoreKind kind = KINDS[r->kind];
    const int *shape = SHAPES[r->shape];
    bool same = kind == SCORE_DOT || kind == SCORE_COSINE || kind == SCORE_GAUSSIAN ||
                kind == SCORE_ELEMENTWISE;
    int d_q = shape[2], d_k = same ? d_q : d_q + 1;
    int d_v = kind == SCORE_FEATUREWISE ? H : shape[3];
    c->in = (AttnInput){.n_q = shape[0], .n_k = shape[1], .d_k = d_q, .key = ++keys};
    if (kind == SCORE_ELEMENTWISE || kind == SCORE_GATE)
        c->in.n_k = c->in.n_q;
    c->in.spec = &c->spec;
    if (kind == SCORE_GATE) {
        c->spec.x_q = c->spec.x_k = draw(c, X_Q, c->in.n_q, H, 0);
        c->spec.same_x = true;
    } else {
        c->in.q = matrix_of(draw(c, Q, c->in.n_q, d_q, 0));
        c->in.k = matrix_of(draw(c, K, c->in.n_k, d_k, 0));
        c->in.v = matrix_of(draw(c, V, c->in.n_k, d_v, 0));
    }
    draw_score(c, d_q, d_k);
    draw_extra(c, d_q, d_k, d_v);
    set_mask(c);
    set_norm(c);
    c->params.score.query = c->in.n_q - 1;
    c->params.scale.temperature = r->temperature;
}

static void case_free(Case *c)
{
    for (int i = 0; i < DRAWN; i++)
        test_free(c->drawn[i]);
}

static void case_name(const Case *c, char *out, size_t cap)
{
    snprintf(out, cap, "%s, norm %d, mask %d, extra %d, shape %d",
             SCORE_KIND_NAMES[KINDS[c->r.kind]], c->r.norm, c->r.mask, c->r.extra, c->r.shape);
}

static double compare(const Case *c, const char *what, Matrix m, const float *want, int rows,
                      int cols, double tolerance)
{
    char name[160];
    double worst = 0;
    case_name(c, name, sizeof name);
    if (!m.at || m.rows != rows || m.cols != cols)
        fail_msg("%s: %s: expected %d × %d, found %d × %d", name, what, rows, cols, m.rows, m.cols);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) {
            double error = fabs((double)matrix_row(m, i)[j] - (double)want[i * cols + j]);
            if (!(error <= tolerance))
                fail_msg("%s: %s[%d][%d]: expected %.9g, found %.9g, tolerance %.2g", name, what, i,
                         j, (double)want[i * cols + j], (double)matrix_row(m, i)[j], tolerance);
            worst = error > worst ? error : worst;
        }
    return worst;
}

/* Σ |v| bounds what errors of the weights can do to the output. */
static double output_tolerance(const Case *c)
{
    double weight = c->r.tolerance + 1e-7;
    return weight * c->in.n_k * 80 + 1e-5;
}

static double case_run(Case *c, Pipeline *p, const float *weights, const float *output)
{
    Error err = {0};
    char name[160];
    unsigned stages = STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(STAGE_OUTPUT);
    case_name(c, name, sizeof name);
    if (!pipeline_update(p, &c->in, &c->params, stages, NULL, &err))
        fail_msg("%s: %s", name, err.what);
    const AttnResult *r = pipeline_result(p);
    double worst = compare(c, "weights", r->stage[STAGE_WEIGHTS], weights, c->r.rows, c->r.cols,
                           c->r.tolerance + 1e-7);
    if (c->r.out_rows > 0)
        compare(c, "output", r->stage[STAGE_OUTPUT], output, c->r.out_rows, c->r.out_cols,
                output_tolerance(c));
    return worst;
}

enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS, SIMD_COUNT = 3 };
static const char *const SIMD[SIMD_COUNT] = {"scalar", "avx2", "avx512"};

typedef struct {
    double worst[SIMD_COUNT][KIND_COUNT];
    int count[KIND_COUNT], all;
} Tally;

/* One drawing for all instruction sets: projections and recurrent layers, which are the longest to
 * compute, do not hang on them. */
static void record_run(Pipeline *p, const Record *r, const float *weights, const float *output,
                       Tally *t)
{
    Case c;
    case_make(&c, r);
    for (int i = 0; i < SIMD_COUNT; i++) {
        const Kernels *k = kernels_by_name(SIMD[i]);
        if (!k)
            continue;
        pipeline_use(p, k);
        t->worst[i][r->kind] = fmax(t->worst[i][r->kind], case_run(&c, p, weights, output));
    }
    t->count[r->kind]++;
    t->all++;
    case_free(&c);
}

static void every_kind_normaliser_and_mask_agrees_with_pytorch(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA_DIR "/core/kinds.bin", "rb");
    Tally t = {0};
    Record r;
    assert_non_null(file);
    Pipeline *p = pipeline_new();
    while (fread(&r, sizeof r, 1, file) == 1) {
        float weights[MOST * 4], output[MOST * 16];
        size_t w = (size_t)(r.rows * r.cols), o = (size_t)(r.out_rows * r.out_cols);
        assert_true(w <= sizeof weights / sizeof *weights && o <= sizeof output / sizeof *output);
        assert_true(fread(weights, sizeof *weights, w, file) == w);
        assert_true(fread(output, sizeof *output, o, file) == o);
        record_run(p, &r, weights, output, &t);
    }
    pipeline_free(p);
    fclose(file);
    assert_true(t.all > 1300);
    for (int i = 0; i < SIMD_COUNT; i++) {
        if (!kernels_by_name(SIMD[i])) {
            print_message("SKIPPED: needs a processor with %s\n", SIMD[i]);
            continue;
        }
        for (int k = 0; k < KIND_COUNT; k++)
            print_message("%-8s %-12s %4d cases, worst error %.2g\n", SIMD[i],
                          SCORE_KIND_NAMES[KINDS[k]], t.count[k], t.worst[i][k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_normaliser_and_mask_agrees_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
