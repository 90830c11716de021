#include "view/heatmap_parts.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define CELLS_ALONE (1 << 18) /* fewer are not worth waking a thread */

/* One line of pixels on its way: per column of the matrix what its rows have come to. */
typedef struct {
    const Scene *scene;
    const HeatmapLayout *layout;
    Matrix m;
    const Mask *mask; /* NULL where no cell is masked */
    const Colormap *map;
    Image *image;
    float lo, hi;
    bool both, mean, by_row, bad;
    bool plain;       /* nothing but numbers that can be told at once: see pool_plain */
    int *begin, *end; /* columns seen under each pixel of a line */
    int *index;       /* per pixel: place in the colour map */
    float *top, *low, *sum, *count; /* per column seen; low: of signed stages */
    float *value;                   /* per pixel: what its block comes to */
    uint8_t *broken;                /* a NaN or ±Inf was among them */
} Pool;

/* acc = max(acc, x·f), numbers that are NaN left out. The whole cost of a large picture is here:
 * the matrix is read once, row by row. */
static void fold_max(float *acc, const float *x, int n, float f)
{
    int i = 0;
#if defined(__SSE2__)
    __m128 factor = _mm_set1_ps(f);
    for (; i + 4 <= n; i += 4) /* max_ps gives its second operand where the first is NaN */
        _mm_storeu_ps(acc + i,
                      _mm_max_ps(_mm_mul_ps(_mm_loadu_ps(x + i), factor), _mm_loadu_ps(acc + i)));
#endif
    for (; i < n; i++)
        acc[i] = x[i] * f > acc[i] ? x[i] * f : acc[i];
}

/* out = the largest of rows × n numbers that are `step` apart, one load of each: what a pixel line
 * of a large matrix costs. */
static void fold_rows(float *out, const float *x, ptrdiff_t step, int rows, int n)
{
    int i = 0;
#if defined(__SSE2__)
    for (; i + 16 <= n; i += 16) {
        __m128 top[4];
        for (int u = 0; u < 4; u++)
            top[u] = _mm_loadu_ps(x + i + 4 * u);
        for (int r = 1; r < rows; r++)
            for (int u = 0; u < 4; u++)
                top[u] = _mm_max_ps(_mm_loadu_ps(x + r * step + i + 4 * u), top[u]);
        for (int u = 0; u < 4; u++)
            _mm_storeu_ps(out + i + 4 * u, top[u]);
    }
#endif
    for (; i < n; i++) {
        out[i] = x[i];
        for (int r = 1; r < rows; r++)
            out[i] = x[r * step + i] > out[i] ? x[r * step + i] : out[i];
    }
}

static void fold_min(float *acc, const float *x, int n, float f)
{
    int i = 0;
#if defined(__SSE2__)
    __m128 factor = _mm_set1_ps(f);
    for (; i + 4 <= n; i += 4)
        _mm_storeu_ps(acc + i,
                      _mm_min_ps(_mm_mul_ps(_mm_loadu_ps(x + i), factor), _mm_loadu_ps(acc + i)));
#endif
    for (; i < n; i++)
        acc[i] = x[i] * f < acc[i] ? x[i] * f : acc[i];
}

static void fold_mean(Pool *p, const float *x, int from, int to, float f)
{
    for (int j = from; j < to; j++) {
        if (isfinite(x[j])) {
            p->sum[j] += x[j] * f;
            p->count[j] += 1;
        }
    }
}

/* Columns from … to−1 of those seen. */
static void fold_cells(Pool *p, const float *x, int from, int to, float f)
{
    for (int j = from; p->bad && j < to; j++)
        p->broken[j] = p->broken[j] || !isfinite(x[j]);
    if (p->mean) {
        fold_mean(p, x, from, to, f);
        return;
    }
    fold_max(p->top + from, x + from, to - from, f);
    if (p->both)
        fold_min(p->low + from, x + from, to - from, f);
}

static void fold_row(Pool *p, int row)
{
    int first = p->layout->first_col, seen = p->layout->cols_seen, a = first, b = first + seen;
    const float *x = matrix_row(p->m, row) + first;
    float f = 1, lo, hi;
    if (p->by_row) {
        scene_range(p->scene, row, &lo, &hi);
        f = 1 / hi;
    }
    if (p->mask && p->mask->irregular) {
        MaskRun run;
        for (MaskWalk walk = mask_walk(p->mask, row); mask_walk_next(&walk, &run);)
            if (!run.hidden && run.end > a && run.begin < b)
                fold_cells(p, x, clampi(run.begin - a, 0, seen), clampi(run.end - a, 0, seen), f);
        return;
    }
    if (p->mask)
        mask_row(p->mask, row, &a, &b);
    a = clampi(a - first, 0, seen);
    fold_cells(p, x, a, clampi(b - first, a, seen), f);
}

static void begin_line(Pool *p)
{
    int n = p->layout->cols_seen;
    for (int j = 0; j < n; j++) {
        p->top[j] = -INFINITY;
        p->low[j] = INFINITY;
    }
    if (p->mean)
        memset(p->sum, 0, 2 * (size_t)n * sizeof *p->sum); /* count lies behind sum */
    if (p->bad)
        memset(p->broken, 0, (size_t)n);
}

/* All rows under a line of pixels. */
static void fold_line(Pool *p, int row, int end)
{
    if (p->plain && !p->mask && !p->both) {
        fold_rows(p->top, matrix_row(p->m, row) + p->layout->first_col, p->m.step, end - row,
                  p->layout->cols_seen);
        return;
    }
    begin_line(p);
    for (; row < end; row++)
        fold_row(p, row);
}

/* The colour of columns from … to−1 of the line: transparent when every cell of the block is
 * masked, the NaN colour when any is broken. */
static Color block_color(const Pool *p, int from, int to)
{
    float top = -INFINITY, low = INFINITY, sum = 0, count = 0;
    const uint8_t *blocked = p->mask ? p->mask->blocked + p->layout->first_col : NULL;
    for (int j = from; j < to; j++) {
        if (blocked && blocked[j])
            continue;
        if (p->bad && p->broken[j])
            return p->map->nan;
        if (p->mean) {
            sum += p->sum[j];
            count += p->count[j];
        } else {
            top = p->top[j] > top ? p->top[j] : top;
            low = p->low[j] < low ? p->low[j] : low;
        }
    }
    if (p->mean)
        top = count > 0 ? sum / count : -INFINITY;
    else if (p->both && -low > top)
        top = low;
    if (top == -INFINITY)
        return 0;
    float t = scene_unit(p->scene, top, p->lo, p->hi);
    return isnan(t) ? p->map->nan : p->map->lut[(int)floorf(255.0f * t + 0.5f)];
}

/* First cell of pixel i along an axis. The same expression gives a pixel's end and the next one's
 * start, so that no cell is left out. */
static int cell_at(double from, int pixel, double step, int first, int seen)
{
    return clampi((int)floor(from + pixel * step + 1e-9), first, first + seen - 1);
}

/* The columns under each pixel, the same for every line. */
static void find_columns(Pool *p, double step)
{
    const HeatmapLayout *l = p->layout;
    int first = l->first_col, w = p->image->w;
    int at = cell_at(l->col0, 0, step, first, l->cols_seen);
    for (int i = 0; i < w; i++) {
        int next =
            i + 1 < w ? cell_at(l->col0, i + 1, step, first, l->cols_seen) : first + l->cols_seen;
        p->begin[i] = at - first;
        p->end[i] = (next > at ? next : at + 1) - first;
        at = next < first + l->cols_seen ? next : at;
    }
}

/* Most pictures: finite numbers of a usual size, the largest of each block on a linear scale, no
 * single columns left out. What scene_unit would say can then be said for a whole line at once. */
static bool pool_plain(const Pool *p)
{
    const ColorLook *look = p->scene->color;
    bool usual = fabsf(p->lo) < 1e18f && fabsf(p->hi) < 1e18f && p->hi - p->lo > 1e-18f;
    const Range *range = &p->scene->result->range[p->scene->stage];
    usual = usual && range->lo > -1e18f && range->hi < 1e18f;
    bool whole = !p->mask || (p->mask->blocked_count == 0 && p->mask->hidden_count == 0);
    return usual && whole && !p->mean && !p->bad && !p->by_row &&
           (!look || look->scale == COLOR_LINEAR);
}

/* As block_color for every pixel of the line. */
static void plain_line(const Pool *p, Color *px)
{
    float lo = p->lo, span = p->hi - p->lo;
    int w = p->image->w;
    for (int i = 0; i < w; i++) {
        int j = p->begin[i], end = p->end[i];
        float top = p->top[j];
        for (j++; j < end; j++)
            top = p->top[j] > top ? p->top[j] : top;
        p->value[i] = top;
    }
    for (int i = 0; i < w && p->both; i++) {
        float low = p->low[p->begin[i]];
        for (int j = p->begin[i] + 1; j < p->end[i]; j++)
            low = p->low[j] < low ? p->low[j] : low;
        p->value[i] = -low > p->value[i] ? low : p->value[i];
    }
    for (int i = 0; i < w; i++) {
        float t = (p->value[i] - lo) / span;
        t = t > 0 ? t : 0;
        t = t < 1 ? t : 1;
        p->index[i] = (int)(255.0f * t + 0.5f);
    }
    for (int i = 0; i < w; i++)
        px[i] = p->value[i] == -INFINITY ? 0 : p->map->lut[p->index[i]];
}

static void paint_line(Pool *p, int y)
{
    Color *px = p->image->px + (size_t)y * (size_t)p->image->w;
    if (p->plain) {
        plain_line(p, px);
        return;
    }
    for (int i = 0; i < p->image->w; i++) {
        bool again = i > 0 && p->begin[i] == p->begin[i - 1] && p->end[i] == p->end[i - 1];
        px[i] = again ? px[i - 1] : block_color(p, p->begin[i], p->end[i]);
    }
}

/* A picture in bands of lines, each drawn by one thread with a scratch of its own. */
typedef struct {
    Pool pool;      /* begin and end are shared */
    double step;    /* rows per pixel */
    int parts;      /* bands */
    size_t scratch; /* floats of one band */
} PoolJob;

static void use_scratch(Pool *p, float *at)
{
    size_t n = (size_t)p->layout->cols_seen, w = (size_t)p->image->w;
    p->top = at;
    p->low = p->top + n;
    p->sum = p->low + n;
    p->count = p->sum + n;
    p->value = p->count + n;
    p->index = (int *)(p->value + w);
    p->broken = (uint8_t *)(p->index + w);
}

/* Four rows of floats, one of bytes and two lines of pixels per band; two lines for all. */
static bool make_scratch(HeatmapModel *model, PoolJob *job, Error *err)
{
    size_t n = (size_t)job->pool.layout->cols_seen, w = (size_t)job->pool.image->w, need;
    if (!mem_mul(n, 5, &need) || !mem_add(need, 2 * w, &job->scratch) ||
        !mem_mul(job->scratch, (size_t)job->parts, &need) || !mem_add(need, 2 * w, &need))
        return error_memory(err);
    if (model->scratch_count < need) {
        mem_free(model->scratch);
        model->scratch = mem_array(need, sizeof *model->scratch);
        model->scratch_count = model->scratch ? need : 0;
        if (!model->scratch)
            return error_memory(err);
    }
    job->pool.begin = (int *)(model->scratch + job->scratch * (size_t)job->parts);
    job->pool.end = job->pool.begin + w;
    use_scratch(&job->pool, model->scratch);
    return true;
}

static void paint_band(void *context, int band)
{
    const PoolJob *job = context;
    Pool p = job->pool;
    const HeatmapLayout *l = p.layout;
    int was = -1, was_end = -1, h = p.image->h;
    int y = (int)((int64_t)h * band / job->parts),
        last = (int)((int64_t)h * (band + 1) / job->parts);
    use_scratch(&p, job->pool.top + job->scratch * (size_t)band);
    for (; y < last; y++) {
        int row = cell_at(l->row0, y, job->step, l->first_row, l->rows_seen);
        int end = y + 1 < h ? cell_at(l->row0, y + 1, job->step, l->first_row, l->rows_seen)
                            : l->first_row + l->rows_seen;
        end = end > row ? end : row + 1;
        if (row == was && end == was_end) { /* rows higher than a pixel */
            size_t w = (size_t)p.image->w;
            Color *px = p.image->px + (size_t)y * w;
            memcpy(px, px - w, w * sizeof *px);
            continue;
        }
        was = row;
        was_end = end;
        fold_line(&p, row, end);
        paint_line(&p, y);
    }
}

bool heatmap_paint_pooled(HeatmapModel *model, const Scene *scene, const HeatmapLayout *layout,
                          Error *err)
{
    PoolJob job = {
        .pool = {
            .scene = scene, .layout = layout, .m = scene_matrix(scene), .image = &model->image}};
    Pool *p = &job.pool;
    double scale = (double)scene->kit->scale;
    int64_t cells = (int64_t)layout->rows_seen * layout->cols_seen;
    job.step = 1 / ((double)layout->cell_h * scale);
    job.parts = cells < CELLS_ALONE ? 1 : threads_count(scene->threads);
    if (!make_scratch(model, &job, err))
        return false;
    p->mask = model->masked ? scene->result->mask : NULL;
    p->map = scene_colormap(scene);
    p->both = scene_signed(scene);
    p->mean = scene->color && scene->color->pool == POOL_MEAN;
    p->by_row = scene->color && scene->color->range == RANGE_ROW;
    p->bad = model->bad;
    scene_range(scene, -1, &p->lo, &p->hi);
    if (p->by_row) {
        p->lo = p->both ? -1.0f : 0.0f;
        p->hi = 1;
    }
    p->plain = pool_plain(p);
    find_columns(p, 1 / ((double)layout->cell_w * scale));
    threads_run(job.parts > 1 ? scene->threads : NULL, job.parts, paint_band, &job);
    return true;
}
