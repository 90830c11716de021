/* One head whose matrix is too large to be rewritten in a frame, or to exist at all: rows on
 * demand.
 *
 * Kept are numbers per row (largest raw score, statistics, extent of every stage) and, where the
 * budget allows, the raw scores. A row is computed whole, in bands, by the same steps as in the
 * pipeline, so its numbers have the same bits; of a row that is known under the present settings,
 * softmax weights follow cell by cell. tiles_update moves stamps, O(1): a row, a line of a picture
 * or a kept row is fresh when its stamp is that of its stage.
 *
 * What is asked for comes in three ways: whole rows (of the locked query), lines of a picture (a
 * row each, its cells pooled into the columns of the picture), and the pass, which walks over all
 * rows and leaves exact pooled blocks, column sums and the head's statistics.
 *
 * The core has no clock: work is counted in rows, callers look at theirs between calls.
 */
#ifndef ATTNSCOPE_CORE_TILES_H
#define ATTNSCOPE_CORE_TILES_H

#include "core/pipeline.h"

enum {
    TILES_BAND = 32,     /* rows that one thread computes at a time, at most */
    TILES_KEPT = 16,     /* whole rows at most */
    TILES_BLOCKS = 1024, /* of the overview, along each axis, at most */
};

Tiles *tiles_new(void); /* NULL: out of memory */
void tiles_free(Tiles *t);
/* Gives back the memory; stamps go on, so that no view takes a later result for this one. */
void tiles_clear(Tiles *t);
/* memory: bytes that cached raw scores may take. stages: STAGE_BITs; only what went in is looked at
 * here. Errors of the input and the settings leave the last result; after one of memory there is
 * none until the next success. */
bool tiles_update(Tiles *t, const AttnInput *in, const AttnParams *want, uint64_t memory,
                  unsigned stages, Threads *threads, Error *err);
/* Lent. stage[].at is NULL; rows, ranges and mask are there, of the rows that are known. */
const AttnResult *tiles_result(const Tiles *t);
void tiles_use(Tiles *t, const Kernels *kernels); /* as pipeline_use */
int tiles_band(const Tiles *t);  /* rows that all threads together compute at a time */
int tiles_fresh(const Tiles *t); /* rows whose weights are of the present settings */
bool tiles_row_fresh(const Tiles *t, int row);
/* Least and largest number of a row when it was last computed; lo > hi: never. */
void tiles_extent(const Tiles *t, Stage stage, int row, float *lo, float *hi);

/* Gathers the ranges of weights and `stage` from the rows: once after all work of a frame. settled:
 * from fresh rows only; else from all that were ever computed, so that colours do not jump while
 * rows are on their way. */
void tiles_settle(Tiles *t, Stage stage, bool settled);

/* Whole rows: those in the list are computed now, where they are stale, and kept until the next
 * call (the first TILES_KEPT of them). False: out of memory. */
bool tiles_keep(Tiles *t, const int *rows, int count);
/* Weights of a kept row, n_k of them; NULL when it is not kept. */
const float *tiles_row(const Tiles *t, int row);
/* `count` rows of a stage from `row` on into out, a line of `step` floats each. */
bool tiles_rows(Tiles *t, Stage stage, int row, int count, float *out, ptrdiff_t step);

/* ---- lines of a picture ---- */

typedef struct TilesView TilesView;
/* Line y is row rows[y] (ascending); column x of it are the cells begin[x] … end[x] − 1, and
 * shows the largest of them (of stages with a sign: of the largest magnitude), or their mean. */
typedef struct {
    Stage stage;
    int lines, cols;
    const int *rows, *begin, *end;
    bool mean;
} TilesWindow;

TilesView *tiles_view_new(void);
void tiles_view_free(TilesView *v);
/* Lines of the last window that this one has too are taken over. False: out of memory. */
bool tiles_view_set(TilesView *v, const Tiles *t, const TilesWindow *want);
/* Makes up to `rows` lines fresh that are not, going on where the last call ended. Returns how many
 * are still stale; −1: out of memory. */
int tiles_view_work(TilesView *v, Tiles *t, int rows);
/* Makes the line of this row fresh now, if there is one. False: out of memory. */
bool tiles_view_row(TilesView *v, Tiles *t, int row);
int tiles_view_lines(const TilesView *v);
int tiles_view_fresh(const TilesView *v, const Tiles *t); /* how many lines are */
/* Values of a line: a number; −Inf where every cell is masked; NaN where one is not finite (a lone
 * +Inf stays). NULL: never computed for these columns. *fresh: of the present settings. */
const float *tiles_view_line(const TilesView *v, const Tiles *t, int line, bool *fresh);
uint64_t tiles_view_stamp(const TilesView *v); /* moves when any line did */

/* ---- the pass over all rows ---- */

typedef enum { PASS_NONE, PASS_RUNS, PASS_DONE, PASS_CANCELLED } PassState;
/* Walks on by up to `rows` rows; begins anew when the stage or the settings are others than the
 * last time. False: out of memory. */
bool tiles_pass_work(Tiles *t, Stage stage, int rows);
/* Of this stage under the present settings. PASS_CANCELLED stays until they change. */
PassState tiles_pass_state(const Tiles *t, Stage stage);
int tiles_pass_rows(const Tiles *t); /* how many are done */
void tiles_pass_cancel(Tiles *t, Stage stage);
void tiles_pass_resume(Tiles *t);
/* Blocks of a pass that is done: block (y, x) holds rows y·n_q/rows … (y+1)·n_q/rows − 1, columns
 * alike. Values as in a line. NULL: not done. */
const float *tiles_overview(const Tiles *t, bool mean, int *rows, int *cols);
/* Column sums and statistics of the head, of the last pass that ended, if it was of the present
 * weights; else NULL. */
const double *tiles_sums(const Tiles *t, HeadStats *head);

#endif
