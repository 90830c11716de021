/* The pass over all rows: exact pooled blocks, column sums, statistics of the head. Sums are added
 * band by band in the order of the rows, so that they hang on the shape alone.
 */
#include "core/tiles_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static int block_of(int64_t index, int count, int blocks) /* y with y·n/b ≤ index < (y+1)·n/b */
{
    return (int)(((index + 1) * blocks - 1) / count);
}

static int block_start(int64_t block, int count, int blocks)
{
    return (int)(block * count / blocks);
}

static void pass_drop(TilesPass *p)
{
    mem_free(p->begin);
    mem_free(p->end);
    mem_free(p->hi);
    p->begin = p->end = NULL;
    p->hi = NULL;
}

static bool pass_room(Tiles *t, int rows, int cols)
{
    TilesPass *p = &t->pass;
    size_t n_k = (size_t)t->in.n_k, blocks = (size_t)rows * (size_t)cols;
    p->received = p->received ? p->received : mem_array(n_k, sizeof *p->received);
    p->sums = p->sums ? p->sums : mem_array(n_k, sizeof *p->sums);
    if (!p->received || !p->sums)
        return false;
    if (p->hi && p->rows == rows && p->cols == cols)
        return true;
    pass_drop(p);
    p->begin = mem_array((size_t)cols, sizeof *p->begin);
    p->end = mem_array((size_t)cols, sizeof *p->end);
    p->hi = mem_array(4 * blocks, sizeof *p->hi);
    p->rows = rows;
    p->cols = cols;
    if (p->begin && p->end && p->hi)
        return true;
    pass_drop(p);
    return false;
}

static bool pass_begin(Tiles *t, Stage stage)
{
    TilesPass *p = &t->pass;
    int n_q = t->in.n_q, n = tiles_stage_cols(t, stage);
    int rows = n_q < TILES_BLOCKS ? n_q : TILES_BLOCKS, cols = n < TILES_BLOCKS ? n : TILES_BLOCKS;
    p->any = false;
    if (!pass_room(t, rows, cols))
        return false;
    size_t blocks = (size_t)rows * (size_t)cols;
    p->lo = p->hi + blocks;
    p->sum = p->lo + blocks;
    p->count = p->sum + blocks;
    for (int c = 0; c < cols; c++) {
        p->begin[c] = block_start(c, n, cols);
        p->end[c] = block_start(c + 1, n, cols);
    }
    for (size_t i = 0; i < blocks; i++) {
        p->hi[i] = -INFINITY;
        p->lo[i] = INFINITY;
        p->sum[i] = p->count[i] = 0;
    }
    for (int j = 0; j < t->in.n_k; j++)
        p->received[j] = 0;
    p->any = true;
    p->done = p->cancelled = false;
    p->stage = stage;
    p->stamp = t->stage_stamp[STAGE_WEIGHTS];
    p->row = p->counted = 0;
    p->entropy = p->first = p->previous = p->itself = p->distance = 0;
    return true;
}

/* ---- a band ------------------------------------------------------------- */

typedef struct {
    double entropy, first, previous, itself, distance;
    int counted;
} PassSums;

typedef struct {
    Tiles *t;
    int from, to; /* rows */
    PassSums sums[TILES_ROOMS];
} PassJob;

/* Where the block rows of a band are gathered: hi, lo, sum, count, a line each. */
static float *band_line(const Tiles *t, TilesRoom *room, int block, int first_block)
{
    return room->blocks + (size_t)(block - first_block) * 4 * (size_t)t->pass.cols;
}

static void add_one(float *hi, float *lo, float *sum, float *count, float x)
{
    if (x == -INFINITY)
        return;
    if (!isfinite(x)) {
        *hi = NAN;
        return;
    }
    *hi = x > *hi ? x : *hi; /* NaN stays */
    *lo = x < *lo ? x : *lo;
    *sum += x;
    *count += 1;
}

static void add_plain(const Tiles *t, const float *x, float *at)
{
    const TilesPass *p = &t->pass;
    size_t cols = (size_t)p->cols;
    for (size_t c = 0; c < cols; c++) {
        int begin = p->begin[c], n = p->end[c] - begin;
        float lo, hi, sum = 0, part[8] = {0};
        t->kernels->range_row(x + begin, n, &lo, &hi);
        int j = 0;
        for (; j + 8 <= n; j += 8)
            for (int u = 0; u < 8; u++)
                part[u] += x[begin + j + u];
        for (; j < n; j++)
            sum += x[begin + j];
        for (int u = 0; u < 8; u++)
            sum += part[u];
        at[c] = hi > at[c] ? hi : at[c];
        at[cols + c] = lo < at[cols + c] ? lo : at[cols + c];
        at[2 * cols + c] += sum;
        at[3 * cols + c] += (float)n;
    }
}

static void add_marked(const Tiles *t, const float *x, float *at)
{
    const TilesPass *p = &t->pass;
    size_t cols = (size_t)p->cols;
    for (size_t c = 0; c < cols; c++)
        for (int j = p->begin[c]; j < p->end[c]; j++)
            add_one(at + c, at + cols + c, at + 2 * cols + c, at + 3 * cols + c, x[j]);
}

typedef struct {
    PassJob *job;
    int block, first_block;
} PassBand;

static void take_pass(void *context, TilesRoom *room, int i, int row, const float *cells,
                      const float *weights)
{
    PassBand *band = context;
    Tiles *t = band->job->t;
    PassSums *s = &band->job->sums[band->block];
    int n = tiles_stage_cols(t, t->pass.stage), n_k = t->in.n_k;
    float *at = band_line(t, room, block_of(row, t->in.n_q, t->pass.rows), band->first_block);
    const float *x = tiles_mark(t, t->pass.stage, row, cells, room->marked, 0, n);
    (void)i;
    (x == cells ? add_plain : add_marked)(t, x, at);
    const RowStats *stats = &t->rows[row];
    if (stats->flags & ROW_NAN)
        return;
    int64_t p = (int64_t)row + t->mask.offset;
    double distance = t->kernels->spread_row(weights, n_k, (double)p, room->sums);
    if (isnan(stats->entropy))
        return;
    s->entropy += stats->entropy;
    s->first += (double)weights[0];
    s->previous += p - 1 >= 0 && p - 1 < n_k ? (double)weights[p - 1] : 0;
    s->itself += p >= 0 && p < n_k ? (double)weights[p] : 0;
    s->distance += distance / stats->sum; /* positive, as there is an entropy */
    s->counted++;
}

static void pass_band(void *context, int block)
{
    PassJob *job = context;
    Tiles *t = job->t;
    TilesRoom *room = &t->rooms[block];
    int first = job->from + block * t->band, rows[TILES_BAND], count = 0;
    for (int row = first; row < job->to && count < t->band; row++)
        rows[count++] = row;
    job->sums[block] = (PassSums){0};
    if (count == 0)
        return;
    PassBand band = {job, block, block_of(first, t->in.n_q, t->pass.rows)};
    int last = block_of(first + count - 1, t->in.n_q, t->pass.rows);
    size_t cols = (size_t)t->pass.cols;
    for (int b = band.first_block; b <= last; b++) {
        float *at = band_line(t, room, b, band.first_block);
        for (size_t c = 0; c < cols; c++) {
            at[c] = -INFINITY;
            at[cols + c] = INFINITY;
        }
        memset(at + 2 * cols, 0, 2 * cols * sizeof *at);
    }
    memset(room->sums, 0, (size_t)t->in.n_k * sizeof *room->sums);
    tiles_band_run(t, room, rows, count, t->pass.stage, take_pass, &band);
}

/* ---- joining bands ------------------------------------------------------ */

static void join_blocks(Tiles *t, int block)
{
    TilesPass *p = &t->pass;
    int first = p->row, count = t->in.n_q - first < t->band ? t->in.n_q - first : t->band;
    int from = block_of(first, t->in.n_q, p->rows);
    int last = block_of(first + count - 1, t->in.n_q, p->rows);
    size_t cols = (size_t)p->cols;
    for (int b = from; b <= last; b++) {
        const float *at = band_line(t, &t->rooms[block], b, from);
        size_t to = (size_t)b * cols;
        for (size_t c = 0; c < cols; c++) {
            float hi = at[c];
            p->hi[to + c] = isnan(hi) || hi > p->hi[to + c] ? hi : p->hi[to + c];
            p->lo[to + c] = fminf(at[cols + c], p->lo[to + c]);
            p->sum[to + c] += at[2 * cols + c];
            p->count[to + c] += at[3 * cols + c];
        }
    }
}

static void join(Tiles *t, const PassJob *job, int block)
{
    TilesPass *p = &t->pass;
    const double *sums = t->rooms[block].sums;
    const PassSums *s = &job->sums[block];
    join_blocks(t, block);
    for (int j = 0; j < t->in.n_k; j++)
        p->received[j] += sums[j];
    p->entropy += s->entropy;
    p->first += s->first;
    p->previous += s->previous;
    p->itself += s->itself;
    p->distance += s->distance;
    p->counted += s->counted;
    p->row = p->row + t->band < t->in.n_q ? p->row + t->band : t->in.n_q;
}

/* What the statistics of the rows say of the head; all of them are known now. */
static void head_means(const Tiles *t, HeadStats *head)
{
    int several = 0;
    for (int row = 0; row < t->in.n_q; row++) {
        const RowStats *stats = &t->rows[row];
        if (isnan(stats->entropy))
            continue;
        if (stats->keys > 1) {
            head->mean_relative += stats->entropy / log2((double)stats->keys);
            several++;
        }
        head->mean_effective += stats->effective;
        head->mean_max += stats->max;
        head->mean_sum += stats->sum;
    }
    double n = head->rows ? (double)head->rows : (double)NAN;
    head->mean_relative /= several ? (double)several : (double)NAN;
    head->mean_effective /= n;
    head->mean_max /= n;
    head->mean_sum /= n;
    head->mean_gini = head->mean_jacobian = NAN; /* of sorted rows: not for so many */
}

/* hi becomes the largest (of both signs by magnitude), lo the mean. */
static void finish(Tiles *t)
{
    TilesPass *p = &t->pass;
    bool both = p->stage != STAGE_WEIGHTS || t->in.entry == ENTRY_WEIGHTS;
    size_t blocks = (size_t)p->rows * (size_t)p->cols;
    double n = p->counted ? (double)p->counted : (double)NAN;
    for (size_t i = 0; i < blocks; i++) {
        float hi = p->hi[i], lo = p->lo[i];
        p->lo[i] = isnan(hi) ? hi : p->count[i] > 0 ? p->sum[i] / p->count[i] : -INFINITY;
        p->hi[i] = both && -lo > hi ? lo : hi;
    }
    p->head = (HeadStats){.mean_entropy = p->entropy / n,
                          .first_token = p->first / n,
                          .previous_token = p->previous / n,
                          .itself = p->itself / n,
                          .mean_distance = p->distance / n,
                          .rows = p->counted};
    head_means(t, &p->head);
    memcpy(p->sums, p->received, (size_t)t->in.n_k * sizeof *p->sums);
    p->sums_stamp = p->stamp;
    p->done = true;
}

/* ---- outside ------------------------------------------------------------ */

static bool pass_is(const Tiles *t, Stage stage)
{
    return t->pass.any && t->pass.stage == stage && t->pass.stamp == t->stage_stamp[STAGE_WEIGHTS];
}

bool tiles_pass_work(Tiles *t, Stage stage, int rows)
{
    if (!tiles_rooms(t, true, stage == STAGE_OUTPUT))
        return false;
    if (!pass_is(t, stage) && !pass_begin(t, stage))
        return false;
    int bands = tiles_bands(t);
    for (int done = 0; done < rows && !t->pass.done && !t->pass.cancelled;
         done += bands * t->band) {
        PassJob job = {.t = t, .from = t->pass.row};
        job.to = t->in.n_q - job.from < bands * t->band ? t->in.n_q : job.from + bands * t->band;
        threads_run(bands > 1 ? t->threads : NULL, bands, pass_band, &job);
        for (int block = 0; block < bands && t->pass.row < job.to; block++)
            join(t, &job, block);
        if (t->pass.row == t->in.n_q)
            finish(t);
    }
    return true;
}

PassState tiles_pass_state(const Tiles *t, Stage stage)
{
    if (!pass_is(t, stage))
        return PASS_NONE;
    return t->pass.done ? PASS_DONE : t->pass.cancelled ? PASS_CANCELLED : PASS_RUNS;
}

int tiles_pass_rows(const Tiles *t)
{
    return t->pass.any ? t->pass.row : 0;
}

void tiles_pass_cancel(Tiles *t, Stage stage)
{
    if (pass_is(t, stage) || pass_begin(t, stage))
        t->pass.cancelled = !t->pass.done;
}

void tiles_pass_resume(Tiles *t)
{
    t->pass.cancelled = false;
}

const float *tiles_overview(const Tiles *t, bool mean, int *rows, int *cols)
{
    const TilesPass *p = &t->pass;
    if (!p->done || !pass_is(t, p->stage))
        return NULL;
    *rows = p->rows;
    *cols = p->cols;
    return mean ? p->lo : p->hi;
}

const double *tiles_sums(const Tiles *t, HeadStats *head)
{
    if (t->pass.sums_stamp == 0 || t->pass.sums_stamp != t->stage_stamp[STAGE_WEIGHTS])
        return NULL;
    if (head)
        *head = t->pass.head;
    return t->pass.sums;
}
