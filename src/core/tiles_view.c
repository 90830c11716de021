/* Lines of a picture, rows that are kept whole, rows for whoever writes them down. */
#include "core/tiles_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* ---- cells to columns --------------------------------------------------- */

const float *tiles_mark(const Tiles *t, Stage stage, int row, const float *cells, float *marked,
                        int from, int to)
{
    bool masks = t->mask.any && (stage == STAGE_MASKED || stage == STAGE_WEIGHTS);
    if (!masks && t->extent[stage][row].nan + t->extent[stage][row].inf == 0)
        return cells;
    for (int j = from; j < to; j++)
        marked[j] = masks ? -INFINITY : cells[j];
    MaskRun run;
    for (MaskWalk walk = mask_walk(&t->mask, row); masks && mask_walk_next(&walk, &run);)
        for (int j = run.begin > from ? run.begin : from; !run.hidden && j < run.end && j < to; j++)
            marked[j] = cells[j] == -INFINITY ? (float)NAN : cells[j];
    for (int j = from; j < to && !masks; j++)
        marked[j] = cells[j] == -INFINITY ? (float)NAN : cells[j];
    return marked;
}

static float fold_mean(const float *x, int n)
{
    double sum = 0;
    int count = 0;
    for (int j = 0; j < n; j++) {
        if (x[j] == -INFINITY)
            continue;
        if (!isfinite(x[j]))
            return NAN;
        sum += (double)x[j];
        count++;
    }
    return count ? (float)(sum / count) : -INFINITY;
}

static float fold_most(const float *x, int n, bool both, const Kernels *k)
{
    float lo = INFINITY, hi = -INFINITY;
    if (n >= 16 && k->range_row(x, n, &lo, &hi))
        return both && -lo > hi ? lo : hi;
    lo = INFINITY;
    hi = -INFINITY;
    for (int j = 0; j < n; j++) {
        if (x[j] == -INFINITY)
            continue;
        if (!isfinite(x[j]))
            return NAN;
        lo = x[j] < lo ? x[j] : lo;
        hi = x[j] > hi ? x[j] : hi;
    }
    return both && -lo > hi ? lo : hi;
}

void tiles_fold(const Tiles *t, Stage stage, int row, const float *cells, float *marked,
                const int *begin, const int *end, int cols, bool mean, float *out)
{
    bool both = stage != STAGE_WEIGHTS || t->in.entry == ENTRY_WEIGHTS;
    const float *x = tiles_mark(t, stage, row, cells, marked, begin[0], end[cols - 1]);
    for (int c = 0; c < cols; c++) {
        int n = end[c] - begin[c];
        if (n == 1)
            out[c] = x[begin[c]];
        else
            out[c] =
                mean ? fold_mean(x + begin[c], n) : fold_most(x + begin[c], n, both, t->kernels);
    }
}

/* ---- lines -------------------------------------------------------------- */

TilesView *tiles_view_new(void)
{
    return mem_zero(1, sizeof(TilesView));
}

static void view_drop(TilesView *v)
{
    mem_free(v->rows);
    mem_free(v->begin);
    mem_free(v->end);
    mem_free(v->values);
    mem_free(v->stamp);
}

void tiles_view_free(TilesView *v)
{
    if (!v)
        return;
    view_drop(v);
    mem_free(v);
}

static bool same_columns(const TilesView *v, const Tiles *t, const TilesWindow *want)
{
    size_t size = (size_t)want->cols * sizeof *v->begin;
    return v->any && v->source == t->source && v->stage == want->stage && v->mean == want->mean &&
           v->cols == want->cols && memcmp(v->begin, want->begin, size) == 0 &&
           memcmp(v->end, want->end, size) == 0;
}

/* Lines of rows that were there before keep what they hold. */
static void take_over(TilesView *to, const TilesView *from)
{
    size_t size = (size_t)to->cols * sizeof *to->values;
    for (int line = 0, was = 0; line < to->lines; line++) {
        while (was < from->lines && from->rows[was] < to->rows[line])
            was++;
        if (was == from->lines || from->rows[was] != to->rows[line])
            continue;
        memcpy(to->values + (size_t)line * (size_t)to->cols,
               from->values + (size_t)was * (size_t)from->cols, size);
        to->stamp[line] = from->stamp[was];
    }
}

bool tiles_view_set(TilesView *v, const Tiles *t, const TilesWindow *want)
{
    bool same = same_columns(v, t, want);
    size_t lines = (size_t)want->lines, cols = (size_t)want->cols, cells;
    if (same && v->lines == want->lines && memcmp(v->rows, want->rows, lines * sizeof(int)) == 0)
        return true;
    TilesView next = {.lines = want->lines,
                      .cols = want->cols,
                      .stage = want->stage,
                      .mean = want->mean,
                      .any = true,
                      .source = t->source,
                      .moves = v->moves + 1};
    next.rows = mem_array(lines, sizeof *next.rows);
    next.begin = mem_array(cols, sizeof *next.begin);
    next.end = mem_array(cols, sizeof *next.end);
    next.stamp = mem_zero(lines, sizeof *next.stamp);
    next.values = mem_mul(lines, cols, &cells) ? mem_array(cells, sizeof *next.values) : NULL;
    if (!next.rows || !next.begin || !next.end || !next.stamp || !next.values) {
        view_drop(&next);
        return false;
    }
    memcpy(next.rows, want->rows, lines * sizeof *next.rows);
    memcpy(next.begin, want->begin, cols * sizeof *next.begin);
    memcpy(next.end, want->end, cols * sizeof *next.end);
    if (same)
        take_over(&next, v);
    view_drop(v);
    *v = next;
    return true;
}

typedef struct {
    Tiles *t;
    TilesView *v;
    const int *lines, *rows; /* chosen */
    int count, per, from, to;
    bool part;
} ViewJob;

typedef struct {
    const ViewJob *job;
    int first;
} ViewBand;

static void take_line(void *context, TilesRoom *room, int i, int row, const float *cells,
                      const float *weights)
{
    const ViewBand *band = context;
    TilesView *v = band->job->v;
    int line = band->job->lines[band->first + i];
    (void)weights;
    tiles_fold(band->job->t, v->stage, row, cells, room->marked, v->begin, v->end, v->cols, v->mean,
               v->values + (size_t)line * (size_t)v->cols);
    v->stamp[line] = band->job->t->stage_stamp[v->stage];
}

static void view_band(void *context, int block)
{
    const ViewJob *job = context;
    ViewBand band = {job, block * job->per};
    int count = job->count - band.first < job->per ? job->count - band.first : job->per;
    const int *rows = job->rows + band.first;
    if (count <= 0)
        return;
    if (job->part)
        tiles_band_part(job->t, &job->t->rooms[block], rows, count, job->v->stage, job->from,
                        job->to, take_line, &band);
    else
        tiles_band_run(job->t, &job->t->rooms[block], rows, count, job->v->stage, take_line, &band);
}

static bool line_stale(const TilesView *v, const Tiles *t, int line)
{
    return v->source != t->source || v->stamp[line] != t->stage_stamp[v->stage];
}

/* The next stale lines behind the cursor, all of which can be made in the same way. */
static int choose(TilesView *v, const Tiles *t, int most, int *lines, int *rows, bool *part)
{
    int count = 0, line = v->cursor < v->lines ? v->cursor : 0;
    for (int walked = 0; walked < v->lines && count < most; walked++, line++) {
        line = line < v->lines ? line : 0;
        if (!line_stale(v, t, line))
            continue;
        bool parts = tiles_row_parts(t, v->rows[line], v->stage);
        if (count > 0 && (parts != *part || line < lines[count - 1]))
            break; /* rows of a band ascend */
        *part = parts;
        lines[count] = line;
        rows[count++] = v->rows[line];
        v->cursor = line + 1;
    }
    return count;
}

static void make_lines(ViewJob *job)
{
    Tiles *t = job->t;
    TilesView *v = job->v;
    int bands = tiles_bands(t);
    job->from = v->begin[0];
    job->to = v->end[v->cols - 1];
    job->per = (job->count + bands - 1) / bands;
    if (job->count == 0)
        return;
    threads_run(bands > 1 ? t->threads : NULL, bands, view_band, job);
    v->moves++;
}

int tiles_view_work(TilesView *v, Tiles *t, int rows)
{
    enum { MOST = TILES_BAND * TILES_ROOMS };
    int lines[MOST], chosen[MOST], most = tiles_band(t);
    most = rows < most ? rows : most;
    if (!v->any || v->source != t->source || !tiles_rooms(t, false, v->stage == STAGE_OUTPUT))
        return -1;
    ViewJob job = {.t = t, .v = v, .lines = lines, .rows = chosen};
    job.count = choose(v, t, most, lines, chosen, &job.part);
    make_lines(&job);
    return v->lines - tiles_view_fresh(v, t);
}

bool tiles_view_row(TilesView *v, Tiles *t, int row)
{
    int line = 0;
    while (line < v->lines && v->rows[line] < row)
        line++;
    if (line == v->lines || v->rows[line] != row || !line_stale(v, t, line))
        return true;
    if (!tiles_rooms(t, false, v->stage == STAGE_OUTPUT))
        return false;
    const float *kept = v->stage == STAGE_WEIGHTS ? tiles_row(t, row) : NULL;
    if (kept) { /* there already: only to be pooled */
        tiles_fold(t, v->stage, row, kept, t->rooms[0].marked, v->begin, v->end, v->cols, v->mean,
                   v->values + (size_t)line * (size_t)v->cols);
        v->stamp[line] = t->stage_stamp[v->stage];
        v->moves++;
        return true;
    }
    ViewJob job = {.t = t, .v = v, .lines = &line, .rows = &row, .count = 1};
    job.part = tiles_row_parts(t, row, v->stage);
    make_lines(&job);
    return true;
}

int tiles_view_lines(const TilesView *v)
{
    return v->lines;
}

int tiles_view_fresh(const TilesView *v, const Tiles *t)
{
    int fresh = 0;
    for (int line = 0; line < v->lines; line++)
        fresh += !line_stale(v, t, line);
    return fresh;
}

const float *tiles_view_line(const TilesView *v, const Tiles *t, int line, bool *fresh)
{
    *fresh = !line_stale(v, t, line);
    if (v->source != t->source || v->stamp[line] == 0)
        return NULL;
    return v->values + (size_t)line * (size_t)v->cols;
}

uint64_t tiles_view_stamp(const TilesView *v)
{
    return v->moves;
}

/* ---- whole rows --------------------------------------------------------- */

typedef struct {
    Tiles *t;
    const int *rows;
    int count, per;
    Stage stage;
    float *out;
    ptrdiff_t step;
} RowsJob;

typedef struct {
    const RowsJob *job;
    int first;
} RowsBand;

static void take_row(void *context, TilesRoom *room, int i, int row, const float *cells,
                     const float *weights)
{
    const RowsBand *band = context;
    const RowsJob *job = band->job;
    (void)room;
    (void)row;
    (void)weights;
    memcpy(job->out + (band->first + i) * job->step, cells,
           (size_t)tiles_stage_cols(job->t, job->stage) * sizeof(float));
}

static void rows_band(void *context, int block)
{
    const RowsJob *job = context;
    RowsBand band = {job, block * job->per};
    int count = job->count - band.first < job->per ? job->count - band.first : job->per;
    if (count > 0)
        tiles_band_run(job->t, &job->t->rooms[block], job->rows + band.first, count, job->stage,
                       take_row, &band);
}

static bool rows_make(Tiles *t, Stage stage, const int *rows, int count, float *out, ptrdiff_t step)
{
    int bands = tiles_bands(t);
    RowsJob job = {t, rows, count, (count + bands - 1) / bands, stage, out, step};
    if (!tiles_rooms(t, false, stage == STAGE_OUTPUT))
        return false;
    threads_run(bands > 1 ? t->threads : NULL, bands, rows_band, &job);
    return true;
}

bool tiles_rows(Tiles *t, Stage stage, int row, int count, float *out, ptrdiff_t step)
{
    int rows[TILES_BAND];
    for (int done = 0; done < count; done += t->band) {
        int some = count - done < t->band ? count - done : t->band;
        for (int i = 0; i < some; i++)
            rows[i] = row + done + i;
        if (!rows_make(t, stage, rows, some, out + done * step, step))
            return false;
    }
    return true;
}

bool tiles_keep(Tiles *t, const int *rows, int count)
{
    count = count < TILES_KEPT ? count : TILES_KEPT;
    if (count > 0 && !t->kept)
        t->kept = mem_array(TILES_KEPT * (size_t)t->step, sizeof *t->kept);
    if (count > 0 && !t->kept)
        return false;
    for (int i = 0; i < count; i++) {
        bool there = i < t->kept_count && t->kept_rows[i] == rows[i] &&
                     t->kept_stamp[i] == t->stage_stamp[STAGE_WEIGHTS];
        if (there)
            continue;
        if (!rows_make(t, STAGE_WEIGHTS, rows + i, 1, t->kept + i * t->step, t->step))
            return false;
        t->kept_rows[i] = rows[i];
        t->kept_stamp[i] = t->stage_stamp[STAGE_WEIGHTS];
    }
    t->kept_count = count;
    return true;
}

const float *tiles_row(const Tiles *t, int row)
{
    for (int i = 0; i < t->kept_count; i++)
        if (t->kept_rows[i] == row && t->kept_stamp[i] == t->stage_stamp[STAGE_WEIGHTS])
            return t->kept + i * t->step;
    return NULL;
}
