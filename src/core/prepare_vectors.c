/* From x to q, k and v: hidden states, projections, rotation; and the head's biases. Sums in long
 * double, rounded once to double for each vector that can be shown.
 */
#include "core/prepare_impl.h"

#include "base/mem.h"
#include "core/position.h"
#include "core/rnn.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

void blocks_free(PrepareBlocks *blocks)
{
    for (int i = 0; i < blocks->count; i++)
        mem_free(blocks->at[i]);
    blocks->count = 0;
}

/* In a dry run nothing is written: any address will do. */
static const double NOWHERE = 0;

void *blocks_array(PrepareJob *job, PrepareBlocks *blocks, int rows, int cols, size_t size)
{
    size_t cells;
    if (job->dry)
        return (void *)(uintptr_t)&NOWHERE;
    bool room = blocks->count < PREPARE_BLOCKS && mem_mul((size_t)rows, (size_t)cols, &cells);
    void *at = room ? mem_aligned(cells, size) : NULL;
    if (at)
        blocks->at[blocks->count++] = at;
    else
        error_memory(job->err);
    return at;
}

bool vec_new(PrepareJob *job, int rows, int cols, Vec *out)
{
    double *at = blocks_array(job, job->keep, rows, cols, sizeof *at);
    float *floats = at ? blocks_array(job, job->keep, rows, cols, sizeof *floats) : NULL;
    *out = (Vec){{at, DTYPE_F64, rows, cols, cols}, {floats, rows, cols, cols}, false};
    return floats != NULL;
}

double *vec_row(const Vec *v, int row)
{
    return (double *)(uintptr_t)v->s.at + (ptrdiff_t)row * v->s.step;
}

static bool is_wide(const double *at, int n)
{
    bool wide = false;
    for (int i = 0; i < n; i++)
        wide |= fabs(at[i]) > (double)FLT_MAX && isfinite(at[i]);
    return wide;
}

static void vec_round_row(Vec *v, int row)
{
    stored_floats(v->s, row, (float *)(uintptr_t)v->f.at + (ptrdiff_t)row * v->f.step);
}

void vec_round(Vec *v)
{
    if (v->s.at == &NOWHERE)
        return;
    for (int i = 0; i < v->s.rows; i++) {
        v->wide |= is_wide(vec_row(v, i), v->s.cols);
        vec_round_row(v, i);
    }
}

static bool is_aligned(const void *at, size_t size)
{
    return (uintptr_t)at % size == 0;
}

bool vec_lend(PrepareJob *job, Stored s, Vec *out)
{
    *out = (Vec){s, {s.at, s.rows, s.cols, s.step}, false};
    if (!s.at || (s.dtype == DTYPE_F32 && is_aligned(s.at, sizeof(float))))
        return true;
    float *floats = blocks_array(job, job->keep, s.rows, s.cols, sizeof *floats);
    out->f = (Matrix){floats, s.rows, s.cols, s.cols};
    if (!floats || job->dry)
        return floats != NULL;
    for (int i = 0; i < s.rows; i++) {
        vec_round_row(out, i);
        for (int j = 0; s.dtype == DTYPE_F64 && j < s.cols; j++)
            out->wide |= isinf(matrix_row(out->f, i)[j]) && isfinite(stored_value(s, i, j));
    }
    return true;
}

bool reals_of(PrepareJob *job, Stored s, Reals *out)
{
    *out = (Reals){s.at, s.rows, s.cols, s.step};
    if (!s.at || job->dry || (s.dtype == DTYPE_F64 && is_aligned(s.at, sizeof(double))))
        return true;
    double *at = blocks_array(job, &job->scratch, s.rows, s.cols, sizeof *at);
    *out = (Reals){at, s.rows, s.cols, s.cols};
    for (int i = 0; at && i < s.rows; i++)
        stored_row(s, i, at + (ptrdiff_t)i * s.cols);
    return at != NULL;
}

typedef struct {
    PrepareRow run;
    void *context;
    int rows;
} Rows;

static void rows_block(void *context, int block)
{
    const Rows *r = context;
    int first = block * PREPARE_ROWS;
    int end = r->rows - first < PREPARE_ROWS ? r->rows : first + PREPARE_ROWS;
    for (int i = first; i < end; i++)
        r->run(r->context, i);
}

void prepare_rows(PrepareJob *job, int rows, double work, PrepareRow run, void *context)
{
    Rows r = {run, context, rows};
    if (!job->dry && rows > 0) /* waking a thread costs as much as 20 000 steps */
        threads_run(work < 2e4 ? NULL : job->threads, (rows - 1) / PREPARE_ROWS + 1, rows_block,
                    &r);
}

/* Four sums side by side: one would wait for itself. */
long double prepare_dot(const double *a, const double *b, int n)
{
    long double s[4] = {0, 0, 0, 0};
    int t = 0;
    for (; t + 4 <= n; t += 4)
        for (int l = 0; l < 4; l++)
            s[l] += (long double)a[t + l] * (long double)b[t + l];
    for (; t < n; t++)
        s[t & 3] += (long double)a[t] * (long double)b[t];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

typedef struct {
    Reals x, w, b;
    Vec *out;
} Linear;

static void linear_row(void *context, int row)
{
    const Linear *l = context;
    const double *x = l->x.at + row * l->x.step;
    double *out = vec_row(l->out, row);
    for (int o = 0; o < l->w.rows; o++) {
        long double sum = l->b.at ? (long double)l->b.at[o] : 0;
        out[o] = (double)(sum + prepare_dot(l->w.at + o * l->w.step, x, l->w.cols));
    }
}

bool prepare_linear(PrepareJob *job, const Vec *x, Reals w, Stored b, Vec *out)
{
    Linear l = {.w = w, .out = out};
    if (!vec_new(job, x->s.rows, w.rows, out) || !reals_of(job, x->s, &l.x) ||
        !reals_of(job, b, &l.b))
        return false;
    prepare_rows(job, x->s.rows, (double)x->s.rows * w.rows * w.cols, linear_row, &l);
    vec_round(out);
    return true;
}

/* w x + b where the head gives w; x are hidden states where it has an RNN. */
static bool project(PrepareJob *job, const char *name, const char *bias_name, const Vec *x,
                    Stored w, Stored b, Vec *out)
{
    Reals reals;
    if (!w.at)
        return true;
    if (!x->s.at)
        return error_set(job->err, ERROR_USAGE, "x: expected [n, %d] for %s, found none", w.cols,
                         name);
    if (!shape_expect(job, "", name, w, (Shape){-1, x->s.cols, "d", NULL, false}) ||
        (b.at && !shape_expect(job, "", bias_name, b, (Shape){1, w.rows, NULL, NULL, true})))
        return false;
    return reals_of(job, w, &reals) && prepare_linear(job, x, reals, b, out);
}

static bool rnn_check(PrepareJob *job, const char *owner, const RnnSpec *rnn, int d)
{
    int h = rnn_hidden(rnn), gates = rnn_gates(rnn) * h;
    Shape bias = {1, gates, NULL, NULL, true};
    if (!rnn->weight_hh.at)
        return shape_expect(
            job, owner, "weight_hh", rnn->weight_hh,
            (Shape){-1, -1, rnn->cell == CELL_TANH ? "h" : "gates · h", "h", false});
    return shape_expect(job, owner, "weight_hh", rnn->weight_hh,
                        (Shape){gates, h, NULL, NULL, false}) &&
           shape_expect(job, owner, "weight_ih", rnn->weight_ih,
                        (Shape){gates, d, NULL, NULL, false}) &&
           (!rnn->bias_ih.at || shape_expect(job, owner, "bias_ih", rnn->bias_ih, bias)) &&
           (!rnn->bias_hh.at || shape_expect(job, owner, "bias_hh", rnn->bias_hh, bias));
}

static bool recur(PrepareJob *job, bool queries, const Vec *x, const RnnSpec *rnn, Vec *out)
{
    static const char *const names[2][4] = {{"rnn_k", "rnn_k tanh", "rnn_k gru", "rnn_k lstm"},
                                            {"rnn_q", "rnn_q tanh", "rnn_q gru", "rnn_q lstm"}};
    const char *owner = names[queries][rnn->cell];
    Reals reals;
    *out = *x;
    if (rnn->cell == CELL_NONE)
        return true;
    if (!x->s.at)
        return error_set(job->err, ERROR_USAGE, "%s: x: expected [n, d], found none", owner);
    if (!rnn_check(job, owner, rnn, x->s.cols))
        return false;
    int n = x->s.rows, d = x->s.cols, h = rnn_hidden(rnn);
    double *plain = blocks_array(job, &job->scratch, n, d, sizeof *plain);
    double *scratch = blocks_array(job, &job->scratch, h, 10, sizeof *scratch);
    if (!plain || !scratch || !reals_of(job, x->s, &reals) || !vec_new(job, n, h, out))
        return false;
    for (int i = 0; i < n && !job->dry; i++)
        for (int t = 0; t < d; t++)
            plain[(ptrdiff_t)i * d + t] = reals.at[i * reals.step + t];
    if (!job->dry)
        rnn_run(vec_row(out, 0), plain, n, d, rnn, scratch);
    vec_round(out);
    return true;
}

typedef struct {
    Vec *out;
    const RopeSpec *rope;
    const long double *rates;
} Rotate;

static void rotate_row(void *context, int row)
{
    const Rotate *r = context;
    position_rope(vec_row(r->out, row), r->rope, r->rates, row);
}

static bool rotate(PrepareJob *job, const char *name, Vec *v)
{
    RopeSpec rope = job->raw->spec->rope;
    int d = v->s.cols;
    rope.dims = rope.dims > 0 ? rope.dims : d;
    if (!rope.on || !v->s.at)
        return true;
    if (rope.dims % 2 || rope.dims > d)
        return error_set(job->err, ERROR_MALFORMED,
                         "rope: dims: expected an even number up to the %d columns of %s, found %d",
                         d, name, rope.dims);
    Vec from = *v;
    long double *rates = blocks_array(job, &job->scratch, 1, rope.dims / 2, sizeof *rates);
    if (!rates || !vec_new(job, from.s.rows, d, v))
        return false;
    if (job->dry)
        return true;
    position_rope_rates(rates, &rope);
    for (int i = 0; i < from.s.rows; i++)
        stored_row(from.s, i, vec_row(v, i));
    Rotate r = {v, &rope, rates};
    prepare_rows(job, from.s.rows, (double)from.s.rows * rope.dims * 20, rotate_row, &r);
    vec_round(v);
    return true;
}

static bool biases(PrepareJob *job, InputBias *out)
{
    const AttnInput *raw = job->raw;
    int n_q = raw->n_q, n_k = raw->n_k, reach = (n_q > n_k ? n_q : n_k) - 1;
    double *by_distance = NULL, *matrix = NULL;
    for (int b = 0; b < raw->spec->bias_count; b++) {
        const BiasSpec *spec = raw->spec->biases + b;
        bool is_matrix = spec->kind == BIAS_MATRIX, first = !(is_matrix ? matrix : by_distance);
        if (is_matrix &&
            !shape_expect(job, "bias", "m", spec->m, (Shape){n_q, n_k, NULL, NULL, false}))
            return false;
        if (spec->kind == BIAS_T5 &&
            !shape_expect(job, "bias", "table", spec->table, (Shape){1, -1, NULL, "buckets", true}))
            return false;
        if (is_matrix && first)
            matrix = blocks_array(job, job->keep, n_q, n_k, sizeof *matrix);
        else if (first)
            by_distance = blocks_array(job, job->keep, 2, reach + 1, sizeof *by_distance);
        if (!(is_matrix ? matrix : by_distance))
            return false;
        if (job->dry)
            continue;
        if (is_matrix)
            position_bias_matrix(matrix, spec->m, first);
        else
            position_bias(by_distance + reach, reach, spec, first);
    }
    *out = (InputBias){by_distance ? by_distance + (job->dry ? 0 : reach) : NULL, reach, matrix};
    return true;
}

static bool make_vectors(PrepareJob *job, PrepareVectors *v)
{
    const HeadSpec *spec = job->raw->spec;
    Vec hidden_q, hidden_k;
    int n_q = job->raw->n_q, n_k = job->raw->n_k;
    if ((v->x.s.at && !shape_expect(job, "", "x", v->x.s, (Shape){n_q, -1, NULL, "d", false})) ||
        (v->x_k.s.at &&
         !shape_expect(job, "", "x_k", v->x_k.s, (Shape){n_k, -1, NULL, "d", false})))
        return false;
    if (!recur(job, true, &v->x, &spec->rnn_q, &hidden_q) ||
        !recur(job, false, &v->x_k, &spec->rnn_k, &hidden_k))
        return false;
    bool own_k = !v->k.s.at && !spec->w_k.at && spec->rnn_k.cell == CELL_NONE;
    if (!v->q.s.at || spec->rnn_q.cell)
        v->q = hidden_q;
    if (!v->k.s.at || spec->rnn_k.cell)
        v->k = hidden_k;
    if (!project(job, "w_q", "b_q", &hidden_q, spec->w_q, spec->b_q, &v->q) ||
        !project(job, "w_k", "b_k", &hidden_k, spec->w_k, spec->b_k, &v->k))
        return false;
    /* Attention of x on itself, without any projection: x is the values too. */
    if (!v->v.s.at && !spec->w_v.at && (spec->rnn_k.cell || own_k))
        v->v = hidden_k, v->v_is_k = true;
    return project(job, "w_v", "b_v", &hidden_k, spec->w_v, spec->b_v, &v->v) &&
           rotate(job, "q", &v->q) && rotate(job, "k", &v->k);
}

bool prepare_vectors(PrepareJob *job, PrepareVectors *v)
{
    const HeadSpec *spec = job->raw->spec;
    if (!spec)
        return true;
    if (!vec_lend(job, spec->x_q, &v->x) || !vec_lend(job, spec->embedding, &v->embedding) ||
        !vec_lend(job, spec->position, &v->position))
        return false;
    v->x_k = v->x;
    if (!spec->same_x && !vec_lend(job, spec->x_k, &v->x_k))
        return false;
    if (job->raw->entry == ENTRY_QK && !make_vectors(job, v))
        return false;
    return job->raw->entry == ENTRY_WEIGHTS || biases(job, &v->bias);
}
