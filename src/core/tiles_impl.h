/* The inside of Tiles, shared by tiles.c (state), tiles_rows.c (bands of rows), tiles_view.c
 * (lines) and tiles_pass.c (all rows).
 */
#ifndef ATTNSCOPE_CORE_TILES_IMPL_H
#define ATTNSCOPE_CORE_TILES_IMPL_H

#include "core/output.h"
#include "core/prepare.h"
#include "core/tiles.h"

enum { TILES_ROOMS = 16 };

/* What one row of one stage spans. */
typedef struct {
    float lo, hi;
    int nan, inf, first; /* counts; column of the first */
    uint32_t stamp;      /* of the stage when it was taken; 0 = never */
} TilesExtent;

/* One thread's buffers. */
typedef struct {
    float *scores;  /* a band of rows, or NULL where they are lent */
    float *weights; /* the same */
    float *line;    /* one row of another stage */
    float *marked;  /* one row with masked and broken cells marked */
    float *q;       /* rows of q, gathered */
    void *stored;   /* the same as the file has them */
    float *out;     /* a band of output rows */
    NormScratch norm;
    double *sums;  /* of the pass: columns of a band */
    float *blocks; /* of the pass: blocks of a band */
    void *block;   /* owned: all of the above */
    bool for_pass, for_output;
} TilesRoom;

/* Takes row i of a band: cells of the stage that was asked for, and its weights. Lent. */
typedef void (*TilesTake)(void *context, TilesRoom *room, int i, int row, const float *cells,
                          const float *weights);

struct TilesView {
    int lines, cols;
    Stage stage;
    bool mean, any;
    int *rows, *begin, *end; /* owned */
    float *values;           /* lines × cols, owned */
    uint32_t *stamp;         /* per line; 0 = never; owned */
    int cursor;
    uint32_t source; /* Tiles.source of the stamps */
    uint64_t moves;
};

typedef struct {
    bool any, cancelled, done;
    Stage stage;
    uint32_t stamp;
    int row;                                           /* done up to here */
    int rows, cols;                                    /* blocks */
    int *begin, *end;                                  /* columns of the blocks; owned */
    float *hi, *lo, *sum, *count;                      /* rows × cols; owned as one by hi */
    double *received, *sums;                           /* being made; of the last that ended */
    double entropy, first, previous, itself, distance; /* Σ over rows */
    int counted;
    HeadStats head;
    uint32_t sums_stamp; /* of weights; 0 = none */
} TilesPass;

struct Tiles {
    bool any;
    Prepare *prepare;
    AttnInput in;
    AttnParams params; /* as they act */
    const Kernels *kernels, *forced;
    Mask mask;
    NormJob job;
    Threads *threads;
    uint32_t stamps, source; /* source: moves with input and shape: nothing of before counts */
    uint32_t stage_stamp[STAGE_COUNT];
    uint32_t feed_source[STAGE_COUNT]; /* source that their ranges were taken of */
    uint32_t look_stamp;               /* input and mask */
    ptrdiff_t step;                    /* of a row of n_k floats */
    int band;                          /* rows that one thread computes at a time: by n_k */
    RowStats *rows;
    ScoresRow *looks;
    uint32_t *row_look, *row_stamp; /* stamps of looks and of weights */
    float *share;                   /* weight = e · share; 0: not of this form */
    TilesExtent *extent[STAGE_CHAIN];
    float *packed_k, *packed_v;
    bool has_packed_k, has_packed_v, v_finite;
    float *cache; /* raw scores, n_q × step, or NULL */
    uint8_t *have;
    TilesRoom rooms[TILES_ROOMS];
    int room_count;
    float *kept; /* TILES_KEPT × step */
    int kept_rows[TILES_KEPT], kept_count;
    uint32_t kept_stamp[TILES_KEPT];
    TilesPass pass;
    int fresh;
    AttnResult result;
};

int tiles_bands(const Tiles *t); /* at a time: one per thread */

/* tiles_rows.c */
/* Makes rooms for so many threads; false: out of memory. */
bool tiles_rooms(Tiles *t, bool for_pass, bool for_output);
void tiles_room_free(TilesRoom *room);
/* Up to TILES_BAND rows (ascending) through all stages up to `stage` and the weights; everything
 * about them becomes fresh. */
void tiles_band_run(Tiles *t, TilesRoom *room, const int *rows, int count, Stage stage,
                    TilesTake take, void *context);
/* Only keys from … to − 1 of rows whose weights are fresh and have a share, or of stages before the
 * weights; cells outside of them are not written. */
void tiles_band_part(Tiles *t, TilesRoom *room, const int *rows, int count, Stage stage, int from,
                     int to, TilesTake take, void *context);
/* Can tiles_band_part give this row? */
bool tiles_row_parts(const Tiles *t, int row, Stage stage);
int tiles_stage_cols(const Tiles *t, Stage stage);

/* tiles_view.c */
/* The cells from … to − 1 with −Inf where the mask forbids and NaN where a number is not finite (a
 * lone +Inf stays): themselves where there is nothing to mark, else `marked`. */
const float *tiles_mark(const Tiles *t, Stage stage, int row, const float *cells, float *marked,
                        int from, int to);
/* cells (of columns from begin[0] on, as a whole row) → line. */
void tiles_fold(const Tiles *t, Stage stage, int row, const float *cells, float *marked,
                const int *begin, const int *end, int cols, bool mean, float *out);

#endif
