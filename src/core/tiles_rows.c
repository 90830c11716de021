/* Bands of rows through the steps of the pipeline, in the buffers of one thread. */
#include "core/tiles_impl.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

void tiles_room_free(TilesRoom *room)
{
    mem_free(room->block);
    *room = (TilesRoom){0};
}

/* Places of a block that is first measured (base NULL), then cut up. */
typedef struct {
    char *base;
    size_t at;
    bool fits;
} Cut;

static void *cut(Cut *c, size_t count, size_t size)
{
    size_t bytes, end;
    if (!mem_mul(count, size, &bytes) || !mem_add(c->at, (bytes + 63) / 64 * 64, &end)) {
        c->fits = false;
        return NULL;
    }
    void *at = c->base ? c->base + c->at : NULL;
    c->at = end;
    return at;
}

static void room_cut(const Tiles *t, TilesRoom *room, Cut *c)
{
    const AttnInput *in = &t->in;
    size_t row = (size_t)t->step, n_k = (size_t)in->n_k, band = (size_t)t->band;
    size_t blocks = n_k < TILES_BLOCKS ? n_k : TILES_BLOCKS;
    size_t cells = in->entry == ENTRY_QK ? (size_t)in->q.cols : 0;
    size_t d_v = in->v.at ? (size_t)((in->v.cols + 15) / 16 * 16) : 0;
    room->scores = cut(c, in->entry == ENTRY_QK ? band * row : 0, sizeof(float));
    room->weights = cut(c, room->for_output ? band * row : row, sizeof(float));
    room->line = cut(c, row, sizeof(float));
    room->marked = cut(c, row, sizeof(float));
    room->q = cut(c, band * cells, sizeof(float));
    room->stored = cut(c, band * cells, sizeof(double));
    room->out = cut(c, room->for_output ? band * d_v : 0, sizeof(float));
    room->norm.exact.scores = cut(c, n_k, sizeof(double));
    room->norm.exact.scaled = cut(c, n_k, sizeof(double));
    room->norm.exact.weights = cut(c, n_k, sizeof(double));
    room->norm.e = cut(c, row, sizeof(float));
    room->sums = cut(c, room->for_pass ? n_k : 0, sizeof(double));
    room->blocks = cut(c, room->for_pass ? band * blocks * 4 : 0, sizeof(float));
    room->norm.exact.n_k = in->n_k;
}

bool tiles_rooms(Tiles *t, bool for_pass, bool for_output)
{
    int count = tiles_bands(t);
    for (int i = 0; i < count; i++) {
        TilesRoom *room = &t->rooms[i];
        if (room->block && room->for_pass >= for_pass && room->for_output >= for_output)
            continue;
        TilesRoom next = {.for_pass = for_pass || room->for_pass,
                          .for_output = for_output || room->for_output};
        Cut size = {.fits = true};
        room_cut(t, &next, &size);
        next.block = size.fits ? mem_aligned(size.at, 1) : NULL;
        if (!next.block)
            return false;
        memset(next.block, 0, size.at); /* cells outside of a mask's range are read, never used */
        Cut place = {.base = next.block, .fits = true};
        room_cut(t, &next, &place);
        tiles_room_free(room);
        *room = next;
    }
    if (t->in.v.at && for_output && !t->packed_v && !t->in.wide) {
        size_t floats, bytes;
        if (!kernels_packed_size(t->in.n_k, t->in.v.cols, &floats) || !mem_mul(floats, 4, &bytes))
            return false;
        t->packed_v = mem_aligned(bytes, 1);
        if (!t->packed_v)
            return false;
    }
    if (t->packed_v && !t->has_packed_v) {
        t->v_finite = kernels_pack_cols(t->packed_v, t->in.v, t->mask.blocked);
        t->has_packed_v = true;
    }
    return true;
}

/* The rows of q side by side, with the input that has only them. */
static AttnInput gather(const Tiles *t, TilesRoom *room, const int *rows, int count)
{
    AttnInput in = t->in;
    Stored stored = input_q(&t->in);
    size_t cols = (size_t)in.q.cols, item = dtype_size(stored.dtype);
    for (int i = 0; i < count; i++) {
        memcpy(room->q + (size_t)i * cols, matrix_row(t->in.q, rows[i]), cols * sizeof(float));
        memcpy((char *)room->stored + (size_t)i * cols * item,
               (const char *)stored.at + (size_t)(rows[i] * stored.step) * item, cols * item);
    }
    in.q = (Matrix){room->q, count, in.q.cols, in.q.cols};
    in.stored_q = (Stored){room->stored, stored.dtype, count, in.q.cols, in.q.cols};
    return in;
}

/* Raw scores of these rows for the keys from … to − 1, rounded out to panels, in room->scores. */
static void scores_part(const Tiles *t, TilesRoom *room, const int *rows, int count, int from,
                        int to)
{
    AttnInput in = gather(t, room, rows, count);
    if (from < to)
        scores_block(room->scores, t->step, &in, t->packed_k, t->kernels, 0, count,
                     from / KERNELS_PANEL, (to - 1) / KERNELS_PANEL + 1);
}

static const float *row_scores(const Tiles *t, const TilesRoom *room, int i, int row)
{
    if (t->in.entry == ENTRY_SCORES)
        return matrix_row(t->in.given, row);
    if (t->in.entry == ENTRY_WEIGHTS)
        return NULL;
    return t->cache && t->have[row] ? t->cache + row * t->step : room->scores + i * t->step;
}

/* The keys that any of these rows may see. */
static void reach(const Mask *mask, const int *rows, int count, int *from, int *to)
{
    *from = mask->n_k;
    *to = 0;
    for (int i = 0; i < count; i++) {
        int lo, hi;
        mask_row(mask, rows[i], &lo, &hi);
        *from = lo < hi && lo < *from ? lo : *from;
        *to = lo < hi && hi > *to ? hi : *to;
    }
}

/* Only what the cache has not; what it may keep is made whole. */
static void band_scores(Tiles *t, TilesRoom *room, const int *rows, int count, Stage stage)
{
    int from = 0, to = t->in.n_k, known = 0;
    if (t->in.entry != ENTRY_QK)
        return;
    for (int i = 0; i < count && t->cache; i++)
        known += t->have[rows[i]];
    if (known == count)
        return;
    if (!t->cache && !t->in.wide && stage >= STAGE_MASKED)
        reach(&t->mask, rows, count, &from, &to);
    scores_part(t, room, rows, count, from, to);
    for (int i = 0; i < count && t->cache; i++) {
        if (t->have[rows[i]])
            continue;
        memcpy(t->cache + rows[i] * t->step, room->scores + i * t->step,
               (size_t)t->in.n_k * sizeof(float));
        t->have[rows[i]] = 1;
    }
}

static void extent_take(Tiles *t, Stage stage, int row, const Range *range)
{
    t->extent[stage][row] = (TilesExtent){
        range->lo,
        range->hi,
        (int)range->nan_count,
        (int)range->inf_count,
        range->first_col,
        t->stage_stamp[stage],
    };
}

/* The factor of e when the row's weights are softmax in its float form, else 0. Not taken on trust:
 * cells around the largest must come out with the same bits. */
static float row_share(const Tiles *t, int row, const float *scores, const float *weights)
{
    const RowStats *stats = &t->rows[row];
    double temperature = t->params.scale.temperature;
    double factor = 1 / t->job.divisor / temperature;
    float share = (float)stats->max;
    NormKind kind = t->params.norm.kind;
    int at = stats->argmax;
    bool biased = t->in.bias.by_distance || t->in.bias.matrix;
    if ((kind != NORM_SOFTMAX && kind != NORM_SOFTMAX1) || !scores || t->in.wide || at < 0 ||
        biased || t->looks[row].kind != SCORES_FINE || scores[at] != t->looks[row].max ||
        !(temperature > 0) || !isfinite(factor) || factor <= 0)
        return 0;
    int lo = at - 24 > 0 ? at - 24 : 0, hi = at + 24 < t->in.n_k ? at + 24 : t->in.n_k;
    float e[48];
    for (int j = lo; j < hi; j++)
        if (mask_allows(&t->mask, row, j) && scores[j] <= t->looks[row].max) {
            t->kernels->exp_row(e, scores + j, 1, t->looks[row].max, factor);
            t->kernels->scale_row(e, e, 1, share, false, 0, NULL);
            if (memcmp(e, weights + j, sizeof *e) != 0)
                return 0;
        }
    return share;
}

static void row_weights(Tiles *t, TilesRoom *room, int i, int row, float *out)
{
    Range range = range_none();
    const float *scores = row_scores(t, room, i, row);
    if (t->in.entry == ENTRY_WEIGHTS) {
        normalise_given(&t->job, row, t->mask.hidden_count ? out : NULL, &t->rows[row], &range);
        if (!t->mask.hidden_count)
            memcpy(out, matrix_row(t->in.given, row), (size_t)t->in.n_k * sizeof(float));
    } else {
        if (t->row_look[row] != t->look_stamp && !t->in.wide)
            t->looks[row] = scores_look(scores, &t->in, t->kernels, &t->mask, row);
        t->row_look[row] = t->look_stamp;
        normalise_row(&t->job, scores, t->looks[row], row, out, &t->rows[row], &range, &room->norm);
    }
    extent_take(t, STAGE_WEIGHTS, row, &range);
    t->share[row] = row_share(t, row, scores, out);
    t->row_stamp[row] = t->stage_stamp[STAGE_WEIGHTS];
}

/* Row i of the band in one of the stages before the weights. */
static const float *row_before(Tiles *t, TilesRoom *room, int i, int row, Stage stage)
{
    const float *scores = row_scores(t, room, i, row);
    if (stage == STAGE_SCORES || !scores)
        return scores;
    scores_scale(room->line, scores, &t->in, t->job.divisor, t->params.scale.temperature, row,
                 t->mask.offset);
    if (stage == STAGE_MASKED)
        scores_mask(room->line, &t->mask, row);
    return room->line;
}

static void row_extent(Tiles *t, Stage stage, int row, const float *cells, int n)
{
    Range range = range_none();
    if (t->extent[stage][row].stamp == t->stage_stamp[stage])
        return;
    range_add_row(&range, cells, n, stage == STAGE_MASKED ? &t->mask : NULL, row);
    extent_take(t, stage, row, &range);
}

/* weights · V of the rows of a band. output_block counts rows from the first of a matrix: it is
 * given one row at a time, seen from where row 0 would begin. */
static void band_output(Tiles *t, TilesRoom *room, const int *rows, int count, TilesTake take,
                        void *context)
{
    for (int i = 0; i < count; i++) {
        int row = rows[i];
        const float *weights = room->weights + i * t->step, *scores = row_scores(t, room, i, row);
        Matrix w = {weights - row * t->step, t->in.n_q, t->in.n_k, t->step};
        Matrix s = {scores ? scores - row * t->step : NULL, t->in.n_q, t->in.n_k, t->step};
        output_block(&t->job, room->out, (t->in.v.cols + 15) / 16 * 16, w, s, t->packed_v,
                     t->v_finite, t->rows, row, 1);
        row_extent(t, STAGE_OUTPUT, row, room->out, t->in.v.cols);
        take(context, room, i, row, room->out, weights);
    }
}

void tiles_band_run(Tiles *t, TilesRoom *room, const int *rows, int count, Stage stage,
                    TilesTake take, void *context)
{
    bool output = stage == STAGE_OUTPUT;
    band_scores(t, room, rows, count, stage);
    for (int i = 0; i < count; i++) {
        float *weights = room->weights + (output ? i * t->step : 0);
        row_weights(t, room, i, rows[i], weights);
        if (output)
            continue;
        const float *cells = weights;
        if (stage < STAGE_WEIGHTS) {
            cells = row_before(t, room, i, rows[i], stage);
            row_extent(t, stage, rows[i], cells, t->in.n_k);
        }
        take(context, room, i, rows[i], cells, weights);
    }
    if (output)
        band_output(t, room, rows, count, take, context);
}

bool tiles_row_parts(const Tiles *t, int row, Stage stage)
{
    if (stage < STAGE_WEIGHTS) /* its extent must be known: colours hang on it */
        return t->extent[stage][row].stamp == t->stage_stamp[stage];
    return stage == STAGE_WEIGHTS && tiles_row_fresh(t, row) && t->share[row] > 0;
}

/* The softmax weights of keys from … to − 1, of a row whose maximum and sum are known. */
static void part_weights(const Tiles *t, TilesRoom *room, int i, int row, int from, int to)
{
    const float *scores = row_scores(t, room, i, row);
    double factor = 1 / t->job.divisor / t->params.scale.temperature;
    memset(room->line + from, 0, (size_t)(to - from) * sizeof(float));
    MaskRun run;
    for (MaskWalk walk = mask_walk(&t->mask, row); mask_walk_next(&walk, &run);) {
        int begin = run.begin > from ? run.begin : from, end = run.end < to ? run.end : to;
        if (run.begin >= to)
            break;
        if (run.hidden || begin >= end)
            continue;
        t->kernels->exp_row(room->line + begin, scores + begin, end - begin, t->looks[row].max,
                            factor);
        t->kernels->scale_row(room->line + begin, room->line + begin, end - begin, t->share[row],
                              false, 0, NULL);
    }
}

void tiles_band_part(Tiles *t, TilesRoom *room, const int *rows, int count, Stage stage, int from,
                     int to, TilesTake take, void *context)
{
    int known = 0;
    for (int i = 0; i < count && t->cache; i++)
        known += t->have[rows[i]];
    if (t->in.entry == ENTRY_QK && known < count)
        scores_part(t, room, rows, count, from, to);
    for (int i = 0; i < count; i++) {
        const float *cells = room->line;
        if (stage == STAGE_WEIGHTS)
            part_weights(t, room, i, rows[i], from, to);
        else
            cells = row_before(t, room, i, rows[i], stage);
        take(context, room, i, rows[i], cells, NULL);
    }
}
