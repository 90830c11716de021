/* Which axis is which, the end of sentence, padding. */
#include "load/record_plan.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SUMS_MOST = 1 << 22 }; /* numbers that are summed up: whole heads, at least one */

bool record_fail(const Record *record, Error *err, const char *fmt, ...)
{
    char where[40] = "", text[sizeof err->what];
    va_list args;
    if (record->line > 0)
        snprintf(where, sizeof where, "line %lld", (long long)record->line);
    va_start(args, fmt);
    utf8_vformat(text, sizeof text, fmt, args);
    va_end(args);
    return error_at(err, ERROR_MALFORMED, where, "%s", text);
}

static bool sums_to_one(double sum)
{
    return fabs(sum - 1) <= 0.02;
}

/* Counts of slices that hold anything finite, and of those among them that are distributions. */
typedef struct {
    int64_t all, one;
} Tally;

static void tally(Tally *t, double sum, bool empty)
{
    if (empty || isnan(sum))
        return;
    t->all++;
    t->one += sums_to_one(sum);
}

static bool is_nothing(double value, bool masked)
{
    return value == 0 || (masked && value == -(double)INFINITY);
}

typedef struct {
    double *row, *sums; /* owned; cols numbers each */
    uint8_t *some;      /* owned; the column has anything in this head */
    Tally rows, cols;
} SumsWork;

static void sums_head(RecordSums *out, SumsWork *w, Stored m, bool masked)
{
    int cols = m.cols;
    memset(w->sums, 0, (size_t)cols * sizeof *w->sums);
    memset(w->some, 0, (size_t)cols);
    for (int i = 0; i < m.rows; i++) {
        double sum = 0;
        int last = -1;
        stored_row(m, i, w->row);
        for (int j = 0; j < cols; j++) {
            double value = w->row[j];
            sum += value;
            w->sums[j] += value;
            if (is_nothing(value, masked))
                continue;
            w->some[j] = 1;
            last = j;
        }
        tally(&w->rows, sum, last < 0);
        if (last >= 0 && i + 1 > out->row_extent)
            out->row_extent = i + 1;
        if (last + 1 > out->col_extent)
            out->col_extent = last + 1;
    }
    for (int j = 0; j < cols; j++)
        tally(&w->cols, w->sums[j], !w->some[j]);
}

/* One head of very many numbers: sums of some rows and columns, spread over it, and its extents
 * from the end. */
static void sums_sample(RecordSums *out, SumsWork *w, Stored m, bool masked)
{
    int rows = m.rows, cols = m.cols;
    int rows_step = 1 + rows / (1 + SUMS_MOST / cols);
    int cols_step = 1 + cols / (1 + SUMS_MOST / rows);
    memset(w->sums, 0, (size_t)cols * sizeof *w->sums);
    memset(w->some, 0, (size_t)cols);
    for (int i = 0; i < rows; i++) {
        int last = cols - 1;
        while (last >= 0 && is_nothing(stored_value(m, i, last), masked))
            last--;
        if (last >= 0)
            out->row_extent = i + 1;
        if (last + 1 > out->col_extent)
            out->col_extent = last + 1;
        for (int j = 0; j <= last; j += cols_step) {
            double value = stored_value(m, i, j);
            w->sums[j] += value;
            w->some[j] |= !is_nothing(value, masked);
        }
        if (i % rows_step != 0)
            continue;
        double sum = 0;
        stored_row(m, i, w->row);
        for (int j = 0; j < cols; j++)
            sum += w->row[j];
        tally(&w->rows, sum, last < 0);
    }
    for (int j = 0; j < cols; j += cols_step)
        tally(&w->cols, w->sums[j], !w->some[j]);
}

static Stored head_of(const Tensor *tensor, const RecordBlock *block, int64_t index)
{
    int64_t at = block->offset + index * block->rows * block->cols;
    return (Stored){(const char *)tensor->data + (size_t)at * dtype_size(tensor->dtype),
                    tensor->dtype, (int)block->rows, (int)block->cols, block->cols};
}

static bool sums_begin(RecordSums *out, SumsWork *w, int64_t cols, Error *err)
{
    *out = (RecordSums){0};
    *w = (SumsWork){.row = mem_array((size_t)cols, sizeof *w->row),
                    .sums = mem_array((size_t)cols, sizeof *w->sums),
                    .some = mem_array((size_t)cols, 1)};
    return (w->row && w->sums && w->some) || error_memory(err);
}

static void sums_end(RecordSums *out, SumsWork *w)
{
    out->rows = w->rows.all ? (double)w->rows.one / (double)w->rows.all : 0;
    out->cols = w->cols.all ? (double)w->cols.one / (double)w->cols.all : 0;
    mem_free(w->row);
    mem_free(w->sums);
    mem_free(w->some);
}

bool record_sums(RecordSums *out, const Tensor *tensor, const RecordBlock *block, bool masked,
                 Error *err)
{
    SumsWork w;
    bool ok = sums_begin(out, &w, block->cols, err);
    int64_t size = block->rows * block->cols, heads = (int64_t)block->layers * block->heads;
    if (ok && size > SUMS_MOST)
        sums_sample(out, &w, head_of(tensor, block, 0), masked);
    for (int64_t i = 0; ok && i < heads && (i + 1) * size <= SUMS_MOST; i++)
        sums_head(out, &w, head_of(tensor, block, i), masked);
    sums_end(out, &w);
    return ok;
}

/* Only one of the axes can be the distribution: *keys: it is the columns. */
static bool sums_tell(const RecordSums *sums, bool *keys)
{
    bool rows = sums->rows >= 0.95, cols = sums->cols >= 0.95;
    *keys = cols && !rows;
    return rows != cols;
}

bool record_seems_turned(const Stored *heads, int count, bool *turned, Error *err)
{
    RecordSums sums;
    SumsWork w;
    bool ok = sums_begin(&sums, &w, heads[0].cols, err);
    int64_t size = (int64_t)heads[0].rows * heads[0].cols;
    if (ok && size > SUMS_MOST)
        sums_sample(&sums, &w, heads[0], false);
    for (int i = 0; ok && i < count && (i + 1) * size <= SUMS_MOST; i++)
        sums_head(&sums, &w, heads[i], false);
    sums_end(&sums, &w);
    sums_tell(&sums, turned);
    return ok;
}

/* How the entries of one axis go with the tokens that should name them. */
typedef enum { FIT_NONE, FIT_PADDED, FIT_EXACT } FitGrade;
typedef struct {
    FitGrade grade;
    int64_t count;
    bool eos;
} Fit;

static EosChoice eos_of(const RecordPlan *p)
{
    return p->place->origin ? p->place->origin->eos : EOS_AUTO;
}

/* What --eos says of this axis: 1 has it, 0 has none, −1 look. */
static int eos_wanted(const RecordPlan *p, bool queries)
{
    EosChoice eos = eos_of(p);
    if (eos == EOS_AUTO)
        return -1;
    return eos == EOS_BOTH || eos == (queries ? EOS_QUERIES : EOS_KEYS);
}

static bool ends_in_eos(const RecordAxis *axis)
{
    return axis->tokens && axis->named > 0 && token_is_eos(axis->tokens[axis->named - 1]);
}

static Fit fit(const RecordPlan *p, bool queries, int64_t size, int64_t extent)
{
    const RecordAxis *axis = queries ? &p->queries : &p->keys;
    const Record *r = p->record;
    int want = eos_wanted(p, queries);
    int64_t named = axis->named;
    if (named < 0)
        return (Fit){FIT_EXACT, size, want == 1 && size > 1};
    bool may = want == 1 || (want < 0 && !ends_in_eos(axis));
    if (size == named && want != 1)
        return (Fit){FIT_EXACT, named, false};
    if (size == named + 1 && may && (want == 1 || r->eos_documented || extent == size))
        return (Fit){FIT_EXACT, size, true};
    if (size <= named || (extent > named + may && !r->padded))
        return (Fit){FIT_NONE, 0, false};
    bool eos = may && (want == 1 || r->eos_documented || extent == named + 1);
    return (Fit){FIT_PADDED, named + eos, eos};
}

static FitGrade fit_both(const RecordPlan *p, bool rows_are_keys, const RecordSums *sums)
{
    Fit rows = fit(p, !rows_are_keys, p->main.rows, sums->row_extent);
    Fit cols = fit(p, rows_are_keys, p->main.cols, sums->col_extent);
    return rows.grade < cols.grade ? rows.grade : cols.grade;
}

/* "13 source tokens and the end of sentence" */
static void expected_text(const RecordPlan *p, bool queries, char *out, size_t cap, int64_t *count)
{
    const RecordAxis *axis = queries ? &p->queries : &p->keys;
    int want = eos_wanted(p, queries);
    bool eos = want == 1 || (want < 0 && p->record->eos_documented && !ends_in_eos(axis));
    const char *side = p->record->self ? "" : queries ? "target " : "source ";
    *count = axis->named + (int64_t)eos;
    snprintf(out, cap, "%d %stoken%s%s", axis->named, side, axis->named == 1 ? "" : "s",
             eos ? " and the end of sentence" : "");
}

static bool tell_misfit(const RecordPlan *p, const RecordSums *sums, Error *err)
{
    char text[120];
    int64_t count;
    const RecordBlock *m = &p->main;
    const char *what = p->masked ? "scores" : "weights";
    if (fit(p, !p->rows_are_keys, m->rows, sums->row_extent).grade == FIT_NONE) {
        expected_text(p, !p->rows_are_keys, text, sizeof text, &count);
        return record_fail(p->record, err, "expected %lld row%s of %s (%s), found %lld",
                           (long long)count, count == 1 ? "" : "s", what, text, (long long)m->rows);
    }
    expected_text(p, p->rows_are_keys, text, sizeof text, &count);
    return record_fail(p->record, err, "expected %lld %.*s in a row (%s), found %lld",
                       (long long)count, (int)strlen(what) - (count == 1), what, text,
                       (long long)m->cols);
}

static bool default_rows_are_keys(const RecordPlan *p)
{
    return p->record->rows == ROWS_ARE_KEYS;
}

/* Sets rows_are_keys and by. */
static bool decide(RecordPlan *p, RecordSums *sums, Error *err)
{
    const Tensor *tensor = &p->place->doc->tensors[p->main.tensor];
    p->by = AXES_DEFAULT;
    p->rows_are_keys = default_rows_are_keys(p);
    /* Without looking: exact counts in the one way that is open need no sums. */
    *sums = (RecordSums){.row_extent = p->main.rows, .col_extent = p->main.cols};
    FitGrade plain = fit_both(p, false, sums), turned = fit_both(p, true, sums);
    bool sure = p->record->certain ? (p->rows_are_keys ? turned : plain) == FIT_EXACT
                                   : (plain == FIT_EXACT) != (turned == FIT_EXACT);
    sure = sure && !(p->place->origin && p->place->origin->transpose);
    if (!sure && !record_sums(sums, tensor, &p->main, p->masked, err))
        return false;
    if (!sure) {
        plain = fit_both(p, false, sums);
        turned = fit_both(p, true, sums);
    }
    bool by_sums;
    if (p->record->certain) {
        p->by = AXES_FORMAT;
    } else if (plain != turned) {
        p->by = AXES_COUNTS;
        p->rows_are_keys = turned > plain;
    } else if (plain != FIT_NONE && !p->masked && sums_tell(sums, &by_sums)) {
        p->by = AXES_SUMS;
        p->rows_are_keys = by_sums;
    }
    if (p->place->origin && p->place->origin->transpose) {
        p->by = AXES_USER;
        p->rows_are_keys = !p->rows_are_keys;
    }
    return true;
}

static bool take_axis(RecordPlan *p, bool queries, int64_t size, int64_t extent)
{
    RecordAxis *axis = queries ? &p->queries : &p->keys;
    Fit f = fit(p, queries, size, extent);
    axis->size = size;
    axis->count = (int)f.count;
    axis->eos = f.eos;
    return f.grade != FIT_NONE;
}

static bool plan_main(RecordPlan *p, Error *err)
{
    RecordSums sums;
    if (!decide(p, &sums, err))
        return false;
    bool keys = p->rows_are_keys;
    return (take_axis(p, !keys, p->main.rows, sums.row_extent) &&
            take_axis(p, keys, p->main.cols, sums.col_extent)) ||
           tell_misfit(p, &sums, err);
}

/* Without a matrix: by the vectors alone, which no program turns. */
static bool plan_vectors(RecordPlan *p, Error *err)
{
    const Record *r = p->record;
    char text[120];
    int64_t count;
    p->by = AXES_FORMAT;
    for (int queries = 1; queries >= 0; queries--) {
        int64_t size = queries ? r->q.rows : r->k.rows;
        if (take_axis(p, queries == 1, size, size))
            continue;
        expected_text(p, queries == 1, text, sizeof text, &count);
        return record_fail(r, err, "expected %lld rows of %s (%s), found %lld", (long long)count,
                           queries ? "q" : "k", text, (long long)size);
    }
    return true;
}

/* A block lies inside its tensor, and its sizes are such as we can show. */
static bool check_block(const RecordPlan *p, const RecordBlock *b, const char *name, Error *err)
{
    int64_t count = 0;
    const Document *doc = p->place->doc;
    if (b->tensor < 0)
        return true;
    bool fits = b->tensor < doc->tensor_count && b->offset >= 0 && b->layers > 0 && b->heads > 0 &&
                b->rows > 0 && b->cols > 0 && b->rows < INT_MAX && b->cols < INT_MAX &&
                !__builtin_mul_overflow(b->rows, b->cols, &count) &&
                !__builtin_mul_overflow(count, (int64_t)b->layers, &count) &&
                !__builtin_mul_overflow(count, (int64_t)b->heads, &count) &&
                count <= doc->tensors[b->tensor].count &&
                b->offset <= doc->tensors[b->tensor].count - count;
    return fits || record_fail(p->record, err,
                               "%s: expected at least one row and column, found %lld × %lld", name,
                               (long long)b->rows, (long long)b->cols);
}

static bool check_blocks(const RecordPlan *p, Error *err)
{
    const Record *r = p->record;
    return check_block(p, &r->weights, "weights", err) &&
           check_block(p, &r->scores, "scores", err) && check_block(p, &r->q, "q", err) &&
           check_block(p, &r->k, "k", err) && check_block(p, &r->v, "v", err) &&
           check_block(p, &r->recorded, "recorded", err);
}

static void plan_lists(RecordPlan *p)
{
    const Record *r = p->record;
    p->queries.tokens = r->queries;
    p->queries.named = r->queries ? r->query_count : -1;
    p->keys.tokens = r->self ? r->queries : r->keys;
    p->keys.named = p->keys.tokens ? (r->self ? r->query_count : r->key_count) : -1;
    /* Vectors count the tokens where no list does. */
    if (p->main.tensor >= 0 && p->queries.named < 0 && r->q.tensor >= 0)
        p->queries.named = (int)r->q.rows;
    if (p->main.tensor >= 0 && p->keys.named < 0 && r->k.tensor >= 0)
        p->keys.named = (int)r->k.rows;
}

bool record_plan(RecordPlan *plan, const RecordPlace *place, const Record *record, Error *err)
{
    *plan = (RecordPlan){.place = place, .record = record};
    plan_lists(plan);
    /* What is made of links has the sizes of the lists. */
    if (record->linked && (record->weights.tensor < 0 || record->weights.cols == 0))
        return record_fail(record, err, "expected at least one %s token, found none",
                           plan->queries.named == 0 ? "target" : "source");
    if (!check_blocks(plan, err))
        return false;
    plan->main = record->weights.tensor >= 0  ? record->weights
                 : record->scores.tensor >= 0 ? record->scores
                                              : record->recorded;
    plan->masked = record->weights.tensor < 0 && record->scores.tensor >= 0;
    if (plan->main.tensor < 0 && (record->q.tensor < 0 || record->k.tensor < 0))
        return record_fail(record, err, "expected a matrix of weights, found none");
    bool ok = plan->main.tensor >= 0 ? plan_main(plan, err) : plan_vectors(plan, err);
    if (ok && (plan->queries.count < 1 || plan->keys.count < 1))
        return record_fail(record, err, "expected at least one token on each side, found none");
    return ok;
}
