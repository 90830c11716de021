#include "core/stats.h"

#include "base/mem.h"
#include "core/kernels.h"

#include <math.h>
#include <string.h>

#define STATS_PARTED ((size_t)1 << 18) /* cells from which the rows are walked in parts */
enum {
    STATS_PARTS = 4,
    STATS_FEW = 64 /* keys up to which logarithms cost nothing: small rows are read by hand */
};

/* Rows that hold NaN are left out of averages, but their sum and maximum are shown as NaN. */
static void stats_row_nan(RowStats *out)
{
    out->flags |= ROW_NAN;
    out->sum = out->max = out->entropy = out->effective = NAN;
    out->argmax = -1;
}

static double plogp(double p)
{
    return p > 0 ? p * log2(p) : 0;
}

typedef float Lanes __attribute__((vector_size(16)));
typedef int32_t Bits __attribute__((vector_size(16)));
typedef uint32_t Words __attribute__((vector_size(16)));
typedef double Wide __attribute__((vector_size(32)));

/* log₂ x, within 4e-7. x = m · 2^e with m near 1; s = (m − 1)/(m + 1) and log m = 2 artanh s.
 * Finite for 0, where the product with the weight has to be 0. */
static Lanes lanes_log2(Lanes x)
{
    Bits e = (Bits)((Words)x - 0x3f3504f3u) >> 23; /* the bits of √½; below 0 they wrap, unasked */
    Words rest = (Words)x - ((Words)e << 23);
    Lanes m;
    memcpy(&m, &rest, sizeof m);
    Lanes s = (m - 1.0f) / (m + 1.0f), q = s * s;
    Lanes series = 0.41219858f + q * 0.32059890f;
    series = 0.57707802f + q * series;
    series = 0.96179669f + q * series;
    series = 2.88539008f + q * series;
    return s * series + __builtin_convertvector(e, Lanes);
}

typedef struct {
    Wide sum, moment; /* Σ w and Σ w log₂ w */
    Lanes most;
} RowSums;

/* a where the bits of `where` are set, else b. */
static Lanes lanes_pick(Bits where, Lanes a, Lanes b)
{
    return (Lanes)((where & (Bits)a) | (~where & (Bits)b));
}

static void row_add(RowSums *sums, Lanes w)
{
    uint64_t halves[2];
    memcpy(halves, &w, sizeof halves);
    if ((halves[0] | halves[1]) == 0) /* rows of sparse normalisers are mostly that */
        return;
    Lanes part = lanes_pick(w > 0, w * lanes_log2(w), (Lanes){0});
    sums->sum += __builtin_convertvector(w, Wide);
    sums->moment += __builtin_convertvector(part, Wide);
}

static void row_sums(RowSums *sums, const float *weights, int n)
{
    Lanes w;
    int j = 0;
    for (; j + 4 <= n; j += 4) {
        memcpy(&w, weights + j, sizeof w);
        sums->most = lanes_pick(w > sums->most, w, sums->most);
        row_add(sums, w);
    }
    for (; j < n; j++) {
        sums->most[0] = weights[j] > sums->most[0] ? weights[j] : sums->most[0];
        row_add(sums, (Lanes){weights[j], 0, 0, 0});
    }
}

/* Why a sum is not finite. */
static unsigned row_flags(const float *weights, const Mask *mask, int row)
{
    unsigned flags = 0;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; !run.hidden && key < run.end; key++)
            flags |= isnan(weights[key])   ? (unsigned)ROW_NAN
                     : isinf(weights[key]) ? (unsigned)ROW_HAS_INF
                                           : 0u;
    return flags;
}

/* Σ w log₂ w, as exact as double can. */
static double row_moment(const float *weights, const Mask *mask, int row)
{
    double moment = 0;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; !run.hidden && key < run.end; key++)
            moment += plogp((double)weights[key]);
    return moment;
}

static int row_find(const float *weights, const Mask *mask, int row, float value)
{
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int key = run.begin; !run.hidden && key < run.end; key++)
            if (weights[key] == value)
                return key;
    return -1;
}

void stats_row(RowStats *out, const float *weights, const Mask *mask, int row)
{
    RowSums sums = {{0}, {0}, (Lanes){0} - (float)INFINITY};
    *out = (RowStats){.max = -INFINITY,
                      .entropy = NAN,
                      .effective = NAN,
                      .logit_max = NAN,
                      .log_sum_exp = NAN,
                      .argmax = -1};
    float most = -INFINITY;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);) {
        if (run.hidden)
            continue;
        out->keys += run.end - run.begin;
        row_sums(&sums, weights + run.begin, run.end - run.begin);
    }
    for (int l = 0; l < 4; l++)
        most = sums.most[l] > most ? sums.most[l] : most;
    double sum = (sums.sum[0] + sums.sum[1]) + (sums.sum[2] + sums.sum[3]);
    double moment = (sums.moment[0] + sums.moment[1]) + (sums.moment[2] + sums.moment[3]);
    if (out->keys <= STATS_FEW)
        moment = row_moment(weights, mask, row);
    out->sum = sum;
    out->max = (double)most;
    if (!isfinite(sum))
        out->flags = row_flags(weights, mask, row);
    if (most > -(float)INFINITY)
        out->argmax = row_find(weights, mask, row, most);
    if (out->keys == 0) {
        out->flags |= ROW_FULLY_MASKED;
        out->max = 0;
    } else if (out->flags & ROW_NAN) {
        stats_row_nan(out);
    } else if (sum > 0 && isfinite(sum)) {
        /* H(w/s) = log s − Σ w log w / s; rounding may put a one-hot row below 0 */
        out->entropy = fmax(0, log2(sum) - moment / sum);
        out->effective = exp2(out->entropy);
    }
}

Range range_none(void)
{
    return (Range){.lo = INFINITY, .hi = -INFINITY, .first_row = -1, .first_col = -1};
}

static void range_add_slow(Range *range, const float *cells, int n, int row, int col)
{
    for (int j = 0; j < n; j++) {
        float x = cells[j];
        if (isfinite(x)) {
            range->lo = x < range->lo ? x + 0.0f : range->lo;
            range->hi = x > range->hi ? x + 0.0f : range->hi;
            continue;
        }
        range->nan_count += isnan(x) != 0;
        range->inf_count += isinf(x) != 0;
        if (range->first_row < 0) {
            range->first_row = row;
            range->first_col = col + j;
        }
    }
}

void range_add(Range *range, const float *cells, int n, int row, int col)
{
    float lo, hi;
    if (!kernels()->range_row(cells, n, &lo, &hi)) {
        range_add_slow(range, cells, n, row, col);
        return;
    }
    range->lo = lo < range->lo ? lo : range->lo;
    range->hi = hi > range->hi ? hi : range->hi;
}

void range_merge(Range *range, const Range *later)
{
    range->lo = later->lo < range->lo ? later->lo : range->lo;
    range->hi = later->hi > range->hi ? later->hi : range->hi;
    range->nan_count += later->nan_count;
    range->inf_count += later->inf_count;
    if (range->first_row < 0) {
        range->first_row = later->first_row;
        range->first_col = later->first_col;
    }
}

void range_finish(Range *range)
{
    if (range->lo > range->hi)
        range->lo = range->hi = 0;
    float low = fabsf(range->lo), high = fabsf(range->hi);
    range->abs_max = low > high ? low : high;
}

void range_add_row(Range *range, const float *cells, int n, const Mask *mask, int row)
{
    if (!mask) {
        range_add(range, cells, n, row, 0);
        return;
    }
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        if (!run.hidden)
            range_add(range, cells + run.begin, run.end - run.begin, row, run.begin);
}

Range stats_range(Matrix m, const Mask *mask)
{
    Range range = range_none();
    for (int row = 0; row < m.rows; row++)
        range_add_row(&range, matrix_row(m, row), m.cols, mask, row);
    range_finish(&range);
    return range;
}

/* p of a row: all rows of a feature map are of one query. */
static int64_t place_of(const Mask *mask, int row)
{
    return (int64_t)(mask->row_query >= 0 ? mask->row_query : row) + mask->offset;
}

/* distance: of every row; NULL: taken here. */
static HeadStats head_of(Matrix weights, const RowStats *rows, const Mask *mask,
                         const double *distance)
{
    const Kernels *k = kernels();
    HeadStats head = {.mean_gini = NAN, .mean_jacobian = NAN};
    int several = 0;
    for (int i = 0; i < weights.rows; i++) {
        if (isnan(rows[i].entropy))
            continue;
        const float *w = matrix_row(weights, i);
        int64_t at = place_of(mask, i);
        if (rows[i].keys > 1) {
            head.mean_relative += rows[i].entropy / log2((double)rows[i].keys);
            several++;
        }
        head.mean_effective += rows[i].effective;
        head.mean_max += rows[i].max;
        head.mean_sum += rows[i].sum;
        head.mean_entropy += rows[i].entropy;
        head.first_token += (double)w[0];
        head.previous_token += at - 1 >= 0 && at - 1 < weights.cols ? (double)w[at - 1] : 0;
        head.itself += at >= 0 && at < weights.cols ? (double)w[at] : 0;
        double spread = distance ? distance[i] : k->spread_row(w, weights.cols, (double)at, NULL);
        head.mean_distance += spread / rows[i].sum; /* positive, as there is an entropy */
        head.rows++;
    }
    double n = head.rows ? (double)head.rows : (double)NAN; /* no row counts: nothing to average */
    head.mean_entropy /= n;
    head.first_token /= n;
    head.previous_token /= n;
    head.itself /= n;
    head.mean_distance /= n;
    head.mean_relative /= several ? (double)several : (double)NAN;
    head.mean_effective /= n;
    head.mean_max /= n;
    head.mean_sum /= n;
    return head;
}

HeadStats stats_head(Matrix weights, const RowStats *rows, const Mask *mask)
{
    return head_of(weights, rows, mask, NULL);
}

/* A part of the rows, walked by one thread. */
typedef struct {
    Matrix weights;
    const RowStats *rows;
    const Mask *mask;
    double *received, *more; /* sums of the first part; of the others, one after the other */
    double *distance;        /* per row */
    int parts;
} SumsJob;

static int part_row(const SumsJob *job, int part)
{
    return (int)((int64_t)job->weights.rows * part / job->parts);
}

/* One look at a row serves both: a large matrix is beyond the caches. */
static void sums_part(void *context, int part)
{
    const SumsJob *job = context;
    const Kernels *k = kernels();
    size_t cols = (size_t)job->weights.cols;
    double *sums = part ? job->more + (size_t)(part - 1) * cols : job->received;
    int end = part_row(job, part + 1);
    for (size_t j = 0; j < cols; j++)
        sums[j] = 0;
    for (int i = part_row(job, part); i < end; i++) {
        double at = (double)place_of(job->mask, i);
        if (!(job->rows[i].flags & ROW_NAN))
            job->distance[i] = k->spread_row(matrix_row(job->weights, i), (int)cols, at, sums);
    }
}

bool stats_sums(Matrix weights, const RowStats *rows, const Mask *mask, Threads *threads,
                HeadStats *head, double *received)
{
    SumsJob job = {.weights = weights, .rows = rows, .mask = mask, .received = received};
    size_t cols = (size_t)weights.cols, size;
    /* By the shape alone: who walks may not change a bit. */
    job.parts = (size_t)weights.rows * cols < STATS_PARTED ? 1 : STATS_PARTS;
    if (!mem_mul((size_t)(job.parts - 1), cols, &size) ||
        !mem_add(size, (size_t)weights.rows, &size))
        return false;
    job.distance = mem_zero(size, sizeof *job.distance);
    if (!job.distance)
        return false;
    job.more = job.distance + weights.rows;
    threads_run(job.parts > 1 ? threads : NULL, job.parts, sums_part, &job);
    for (int part = 1; part < job.parts; part++)
        for (size_t j = 0; j < cols; j++)
            received[j] += job.more[(size_t)(part - 1) * cols + j];
    *head = head_of(weights, rows, mask, job.distance);
    mem_free(job.distance);
    return true;
}

int stats_rank(const float *weights, const Mask *mask, int row, int key)
{
    if (!mask_allows(mask, row, key) || isnan(weights[key]))
        return 0;
    int rank = 1;
    MaskRun run;
    for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
        for (int j = run.begin; !run.hidden && j < run.end; j++)
            if (weights[j] > weights[key] || (weights[j] == weights[key] && j < key))
                rank++;
    return rank;
}

void stats_received(Matrix weights, const RowStats *rows, double *out)
{
    const Kernels *k = kernels();
    for (int j = 0; j < weights.cols; j++)
        out[j] = 0;
    for (int i = 0; i < weights.rows; i++)
        if (!(rows[i].flags & ROW_NAN))
            k->spread_row(matrix_row(weights, i), weights.cols, 0, out);
}
