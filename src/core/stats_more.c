/* What is worth a second look at a row: inequality, places, and how the weights would move. */
#include "core/stats.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { SORT_LONG = 4096 };

/* The derivative is diag(s) − c·s sᵀ for all that share a sum, diag(s) for the others. */
typedef struct {
    bool shares, closed; /* closed: c = 1/Σs, so that rows of the derivative sum to 0 */
    double power;        /* s = w^power on the support; 1: w itself */
} Shape;

static Shape shape_of(RowNorm norm)
{
    switch (norm.kind) {
    case NORM_SOFTMAX:
    case NORM_SOFTMAX1:
    case NORM_TOPK:
    case NORM_TOPP:
        return (Shape){true, false, 1};
    case NORM_SPARSEMAX:
        return (Shape){true, true, 0};
    case NORM_ENTMAX15:
        return (Shape){true, true, 0.5};
    case NORM_ENTMAX:
        return norm.alpha <= 1 ? (Shape){true, false, 1} : (Shape){true, true, 2 - norm.alpha};
    case NORM_SIGMOID:
    case NORM_RELU:
    case NORM_HARDMAX:
        break;
    }
    return (Shape){0};
}

static double slope_of(double w, RowNorm norm, Shape shape, int competing)
{
    if (norm.temperature == 0 || norm.kind == NORM_HARDMAX)
        return 0;
    if (norm.kind == NORM_SIGMOID)
        return w * (1 - w);
    if (!(w > 0))
        return isnan(w) ? w : 0;
    if (norm.kind == NORM_RELU)
        return 1 / (double)competing;
    return shape.power == 1     ? w
           : shape.power == 0   ? 1
           : shape.power == 0.5 ? sqrt(w)
                                : pow(w, shape.power);
}

/* ‖diag(s) − c s sᵀ‖² = Σ s_i² (1 − c s_i)² + c² Σ_{i≠j} s_i² s_j². The largest s_m is taken out of
 * the sums: 1 − c s_m and the products with it keep their digits when all weight is on one key. */
double stats_jacobian_norm(const double *w, int n, RowNorm norm, int competing)
{
    Shape shape = shape_of(norm);
    double most = 0, sum = 0, squares = 0, fourths = 0, diagonal = 0;
    int at = 0;
    for (int j = 0; j < n; j++) {
        double s = slope_of(w[j], norm, shape, competing);
        if (s > most) {
            most = s;
            at = j;
        }
    }
    for (int j = 0; j < n; j++) {
        double s = slope_of(w[j], norm, shape, competing);
        if (j == at && shape.shares)
            continue;
        sum += s;
        squares += s * s;
        fourths += s * s * s * s;
    }
    if (!shape.shares)
        return sqrt(squares);
    double all = sum + most, c = shape.closed ? 1 / all : 1;
    if (!(all > 0))
        return all; /* nothing moves; or NaN */
    bool whole = shape.closed || fabs(all - 1) < 1e-9;
    for (int j = 0; j < n; j++) {
        double s = slope_of(w[j], norm, shape, competing);
        double rest = j == at && whole ? sum * c : 1 - c * s;
        diagonal += s * s * rest * rest;
    }
    double beside = squares * squares - fourths;
    return sqrt(diagonal + c * c * (2 * most * most * squares + (beside > 0 ? beside : 0)));
}

void stats_jacobian_row(double *out, const double *w, int n, RowNorm norm, int competing, int key)
{
    Shape shape = shape_of(norm);
    double own = slope_of(w[key], norm, shape, competing), all = 0, others = 0;
    for (int j = 0; j < n; j++) {
        out[j] = slope_of(w[j], norm, shape, competing);
        all += out[j];
        others += j == key ? 0 : out[j];
    }
    double c = !shape.shares ? 0 : !shape.closed ? 1 : all > 0 ? 1 / all : 0;
    bool whole = shape.shares && (shape.closed || fabs(all - 1) < 1e-9);
    for (int j = 0; j < n; j++)
        out[j] = j == key ? own * (whole ? others * c : 1 - c * own) : -c * own * out[j];
}

static void sift(double *x, int at, int n)
{
    for (int child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && x[child + 1] > x[child])
            child++;
        if (!(x[child] > x[at]))
            return;
        double swap = x[at];
        x[at] = x[child];
        x[child] = swap;
    }
}

static void sort(double *x, int n)
{
    for (int at = n / 2; at-- > 0;)
        sift(x, at, n);
    for (int end = n - 1; end > 0; end--) {
        double swap = x[0];
        x[0] = x[end];
        x[end] = swap;
        sift(x, 0, end);
    }
}

/* Numbers from 0 on sort as their bits do: a pass over each byte that differs. False: nothing is
 * done. */
static bool sort_long(double *x, int n)
{
    uint64_t all = 0, every = ~(uint64_t)0;
    uint64_t *from = n >= SORT_LONG ? mem_array((size_t)n, 2 * sizeof *from) : NULL;
    uint64_t *to = from ? from + n : NULL, *own = from;
    for (int j = 0; from && j < n; j++) {
        double plain = x[j] + 0.0; /* no −0 */
        memcpy(from + j, &plain, sizeof plain);
        all |= from[j];
        every &= from[j];
    }
    if (!from || all >> 63 != 0) {
        mem_free(own);
        return false;
    }
    for (int shift = 0; shift < 64; shift += 8) {
        int count[257] = {0};
        if (((all ^ every) >> shift & 255) == 0)
            continue;
        for (int j = 0; j < n; j++)
            count[(from[j] >> shift & 255) + 1]++;
        for (int byte = 0; byte < 256; byte++)
            count[byte + 1] += count[byte];
        for (int j = 0; j < n; j++)
            to[count[from[j] >> shift & 255]++] = from[j];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    memcpy(x, from, (size_t)n * sizeof *x);
    mem_free(own);
    return true;
}

static double gini_of_sorted(const double *x, int n)
{
    double sum = 0, ranked = 0;
    for (int r = 0; r < n; r++) {
        sum += x[r];
        ranked += (2.0 * r + 1 - n) * x[r];
    }
    return n > 0 && x[0] >= 0 && sum > 0 && isfinite(sum) ? ranked / (n * sum) : (double)NAN;
}

static double gini(double *x, int n)
{
    for (int j = 0; j < n; j++)
        if (isnan(x[j])) /* has no place in an order */
            return (double)NAN;
    if (!sort_long(x, n))
        sort(x, n);
    return gini_of_sorted(x, n);
}

static int64_t place_of(const Mask *mask, int row)
{
    return (int64_t)(mask->row_query >= 0 ? mask->row_query : row) + mask->offset;
}

static double weight_at(const double *w, const Mask *mask, int row, int64_t key)
{
    return key >= 0 && key < mask->n_k && mask_allows(mask, row, (int)key) ? w[key] : 0;
}

static int count_competing(const Mask *mask, int row)
{
    int count = 0;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        count += run.end - run.begin;
    return count;
}

/* shown: room for n_k numbers. */
static void more_of(RowMore *out, const double *w, const Mask *mask, int row, RowNorm norm,
                    double *shown)
{
    int64_t at = place_of(mask, row);
    double sum = 0, moment = 0, distance = 0;
    int n = 0;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; !run.hidden && key < run.end; key++) {
            shown[n++] = w[key];
            sum += w[key];
            moment += w[key] > 0 ? w[key] * log2(w[key]) : 0;
            distance += w[key] * fabs((double)(key - at));
        }
    *out = (RowMore){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (n == 0 || !isfinite(sum))
        return;
    out->distance = sum > 0 ? distance / sum : (double)NAN;
    out->first = weight_at(w, mask, row, 0);
    out->itself = weight_at(w, mask, row, at);
    out->previous = weight_at(w, mask, row, at - 1);
    out->jacobian = stats_jacobian_norm(shown, n, norm, count_competing(mask, row));
    if (n > 1 && sum > 0)
        out->relative = fmax(0, log2(sum) - moment / sum) / log2((double)n);
    out->gini = gini(shown, n);
}

bool stats_more(RowMore *out, const double *weights, const Mask *mask, int row, RowNorm norm)
{
    double *shown = mem_array((size_t)mask->n_k, sizeof *shown);
    if (!shown)
        return false;
    more_of(out, weights, mask, row, norm, shown);
    mem_free(shown);
    return true;
}

bool stats_more_floats(RowMore *out, const float *weights, const Mask *mask, int row, RowNorm norm)
{
    double *w = mem_array((size_t)mask->n_k, sizeof *w);
    bool ok = w != NULL;
    for (int key = 0; ok && key < mask->n_k; key++)
        w[key] = (double)weights[key];
    ok = ok && stats_more(out, w, mask, row, norm);
    mem_free(w);
    return ok;
}

/* Rows of a head, by parts that hang on its shape alone; results per row, added in order. */
enum { MORE_PART = 32, MORE_BUSY = 64 };

typedef struct {
    Matrix weights;
    const RowStats *rows;
    const Mask *mask;
    RowNorm norm;
    double *gini, *jacobian; /* per row */
    bool failed[MORE_BUSY];
    int parts;
} MoreJob;

/* Positive floats sort as their bits do: four passes over bytes, no comparisons. */
static void sort_bits(uint32_t *x, uint32_t *room, int n)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int count[257] = {0};
        for (int j = 0; j < n; j++)
            count[(x[j] >> shift & 255) + 1]++;
        for (int byte = 0; byte < 256; byte++)
            count[byte + 1] += count[byte];
        for (int j = 0; j < n; j++)
            room[count[x[j] >> shift & 255]++] = x[j];
        uint32_t *swap = x;
        x = room;
        room = swap;
    }
}

static void more_row(MoreJob *job, int row, double *shown, uint32_t *bits)
{
    const float *w = matrix_row(job->weights, row);
    int n = 0, n_k = job->mask->n_k, competing = 0;
    bool positive = true;
    MaskRun run;
    for (MaskWalk walk = mask_walk(job->mask, row); mask_walk_next(&walk, &run);) {
        competing += run.end - run.begin;
        for (int key = run.begin; !run.hidden && key < run.end; key++, n++) {
            float x = w[key] + 0.0f; /* no −0: its bits would be large */
            memcpy(bits + n, &x, sizeof x);
            shown[n] = (double)x;
            positive &= x >= 0;
        }
    }
    job->jacobian[row] = stats_jacobian_norm(shown, n, job->norm, competing);
    job->gini[row] = (double)NAN;
    if (!positive)
        return;
    sort_bits(bits, bits + n_k, n);
    for (int r = 0; r < n; r++) {
        float x;
        memcpy(&x, bits + r, sizeof x);
        shown[r] = (double)x;
    }
    job->gini[row] = gini_of_sorted(shown, n);
}

static void more_part(void *context, int part)
{
    MoreJob *job = context;
    size_t n_k = (size_t)job->mask->n_k;
    int64_t rows = job->weights.rows;
    double *shown = mem_array(n_k, 2 * sizeof *shown);
    job->failed[part] = !shown;
    if (!shown)
        return;
    for (int i = (int)(rows * part / job->parts); i < rows * (part + 1) / job->parts; i++)
        if (!isnan(job->rows[i].entropy))
            more_row(job, i, shown, (uint32_t *)(void *)(shown + n_k));
    mem_free(shown);
}

bool stats_head_more(HeadStats *head, Matrix weights, const RowStats *rows, const Mask *mask,
                     RowNorm norm, Threads *threads)
{
    MoreJob job = {.weights = weights, .rows = rows, .mask = mask, .norm = norm};
    double sum = 0, slopes = 0;
    int count = 0, ranked = 0;
    job.parts = (weights.rows - 1) / MORE_PART + 1;
    job.parts = job.parts < MORE_BUSY ? job.parts : MORE_BUSY;
    job.gini = mem_array((size_t)weights.rows, 2 * sizeof *job.gini);
    if (!job.gini)
        return false;
    job.jacobian = job.gini + weights.rows;
    threads_run(job.parts > 1 ? threads : NULL, job.parts, more_part, &job);
    bool ok = true;
    for (int part = 0; part < job.parts; part++)
        ok &= !job.failed[part];
    for (int i = 0; ok && i < weights.rows; i++) {
        if (isnan(rows[i].entropy))
            continue;
        slopes += job.jacobian[i];
        count++;
        sum += isnan(job.gini[i]) ? 0 : job.gini[i];
        ranked += !isnan(job.gini[i]);
    }
    if (ok) {
        head->mean_gini = ranked ? sum / ranked : (double)NAN;
        head->mean_jacobian = count ? slopes / count : (double)NAN;
    }
    mem_free(job.gini);
    return ok;
}
