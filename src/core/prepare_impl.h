/* The inside of Prepare, shared by its files: prepare.c (what stays and what is made anew),
 * prepare_vectors.c (x to q, k, v), prepare_kinds.c (q, k to q', k'), prepare_forms.c (scores of
 * another form), prepare_shapes.c (what parameters must look like).
 *
 * With `dry` everything is checked and nothing computed or allocated: vectors have a shape and a
 * place that nobody reads.
 */
#ifndef ATTNSCOPE_CORE_PREPARE_IMPL_H
#define ATTNSCOPE_CORE_PREPARE_IMPL_H

#include "core/prepare.h"

enum { PREPARE_BLOCKS = 64, PREPARE_ROWS = 16 /* that one thread takes at a time */ };

typedef struct {
    void *at[PREPARE_BLOCKS]; /* owned */
    int count;
} PrepareBlocks;

/* Vectors as stored and in float; s.at == NULL: absent. */
typedef struct {
    Stored s;
    Matrix f;
    bool wide; /* a finite value exceeds FLT_MAX */
} Vec;

typedef struct {
    const double *at;
    int rows, cols;
    ptrdiff_t step;
} Reals;

/* What a head's vectors are before any score function: made once for all kinds. */
typedef struct {
    int users;
    PrepareBlocks blocks;
    uint64_t raw_key;
    Vec embedding, position, x, x_k, q, k, v;
    bool v_is_k; /* nobody gave values: the keys' own vectors are */
    InputBias bias;
} PrepareVectors;

typedef struct {
    const AttnInput *raw;
    ScoreKind kind;
    double factor, sigma; /* in force */
    int query;
    Threads *threads;
    Error *err;
    bool dry;
    PrepareBlocks *keep;   /* what the result lends */
    PrepareBlocks scratch; /* freed when all is done */
} PrepareJob;

/* A matrix that is expected. Numbers below 0 are not known yet and are called by their names. */
typedef struct {
    int rows, cols;
    const char *rows_name, *cols_name;
    bool vector; /* cols numbers */
} Shape;

/* prepare_shapes.c. Each false sets job->err. */
/* owner: "score additive", "rnn_q gru" or "". */
bool shape_expect(PrepareJob *job, const char *owner, const char *name, Stored m, Shape want);
/* Parameters of the score function in force, in the order of its formula. Several that are not
 * there are named in one message. */
typedef struct {
    ScoreParam param;
    Shape want;
    bool may_lack;
} ParamNeed;
bool shape_params(PrepareJob *job, const ParamNeed *needs, int count);
/* q and k as the score function needs them: there, one row per query and key. */
bool shape_vectors(PrepareJob *job, const PrepareVectors *v);
/* Also of one width, for kinds that compare them column by column. */
bool shape_same_width(PrepareJob *job, const PrepareVectors *v);

/* prepare_vectors.c */
void blocks_free(PrepareBlocks *blocks);
void *blocks_array(PrepareJob *job, PrepareBlocks *blocks, int rows, int cols, size_t size);
/* Room for rows × cols doubles and floats. */
bool vec_new(PrepareJob *job, int rows, int cols, Vec *out);
double *vec_row(const Vec *v, int row); /* of vec_new: to be written */
void vec_round(Vec *v);                 /* the doubles are written: makes the floats */
bool vec_lend(PrepareJob *job, Stored s, Vec *out);
bool reals_of(PrepareJob *job, Stored s, Reals *out);
/* run(context, row) for each row, on several threads when that is worth it. */
typedef void (*PrepareRow)(void *context, int row);
void prepare_rows(PrepareJob *job, int rows, double work, PrepareRow run, void *context);
long double prepare_dot(const double *a, const double *b, int n);
/* out = w x (+ b): rows of x, each through w. b.at may be NULL. */
bool prepare_linear(PrepareJob *job, const Vec *x, Reals w, Stored b, Vec *out);
bool prepare_vectors(PrepareJob *job, PrepareVectors *v);

/* prepare_kinds.c: q' and k', the op and what it needs, v where the kind makes it. */
bool prepare_kind(PrepareJob *job, const PrepareVectors *v, AttnInput *out);
void prepare_take(AttnInput *out, const Vec *q, const Vec *k);

/* prepare_forms.c: featurewise, elementwise and gate. */
bool prepare_form(PrepareJob *job, const PrepareVectors *v, AttnInput *out);

#endif
