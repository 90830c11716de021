/* Numbers about a row of weights, about a matrix, and about a head. Accumulated in double.
 * Entropy in bits; 0·log 0 = 0. Rows that are fully masked or hold NaN have no entropy (NaN) and
 * are left out of averages.
 */
#ifndef ATTNSCOPE_CORE_STATS_H
#define ATTNSCOPE_CORE_STATS_H

#include "core/mask.h"
#include "core/threads.h"

enum {
    ROW_FULLY_MASKED = 1, /* no key may be seen, or every logit that may is −Inf */
    ROW_NAN = 2,
    ROW_HAS_INF = 4,  /* an Inf among the weights, or a +Inf logit behind the NaN */
    ROW_DOUBLE = 8,   /* recomputed in double */
    ROW_OVERFLOW = 16 /* a finite score is beyond even double (f64 files) */
};

typedef struct {
    double sum, max;    /* of the weights */
    double entropy;     /* H of the weights divided by their sum, bits; NaN = undefined */
    double effective;   /* 2^H */
    double missing;     /* mass that hidden keys lost (renormalise off), else 0 */
    double logit_max;   /* max of l over competing keys; NaN when the file has no scores */
    double log_sum_exp; /* of l/T over competing keys (softmax, softmax1) or kept ones (topk, topp);
                           NaN at T = 0 and under other normalisers */
    int keys;           /* unmasked keys */
    int argmax;         /* first largest weight, -1 = none */
    unsigned flags;
} RowStats;

typedef struct { /* range of a matrix; non-finite values are counted, not ranged over */
    float lo, hi;
    float abs_max;
    int64_t nan_count, inf_count;
    int first_row, first_col; /* first NaN or Inf, -1 = none */
} Range;

typedef struct {
    double mean_entropy;   /* bits, over defined rows */
    double first_token;    /* mean mass on key 0 */
    double previous_token; /* mean mass on key p(i) − 1 */
    double itself;         /* mean mass on key p(i) */
    double mean_distance; /* mean Σ_j w |j − p(i)| / Σ_j w: of rows that need not sum to 1 too */
    double mean_relative;  /* mean H / log₂ n, n unmasked keys; over rows with two keys or more */
    double mean_effective; /* mean 2^H */
    double mean_max, mean_sum;
    double mean_gini;     /* NaN until stats_head_more */
    double mean_jacobian; /* Frobenius norm; NaN until stats_head_more */
    int rows;             /* rows that count */
} HeadStats;

/* What is shown of one row on request, of the unmasked keys' weights w. Shares (Gini, entropy,
 * distance) are of w / Σw, so that they mean the same where rows need not sum to 1; weights of
 * places and the Jacobian are of w as it is. NaN where undefined (a NaN among them, nothing
 * unmasked, for shares a sum that is not positive). */
typedef struct {
    double gini; /* (Σ_r (2r − n − 1) w_r) / (n Σ w), w ascending, r = 1 … n; ≥ 0 weights */
    double relative; /* H / log₂ n; NaN for one key */
    double distance; /* Σ w |j − p(i)| / Σ w */
    double first;    /* weight of key 0 */
    double itself;   /* of key p(i); 0 where there is none */
    double previous; /* of key p(i) − 1 */
    double jacobian; /* Frobenius norm of ∂w/∂(l/T) */
} RowMore;

/* How a row of weights came about: what its derivative hangs on. */
typedef struct {
    NormKind kind;
    double alpha;       /* of entmax */
    double temperature; /* at 0 all weights stand still: their derivative is 0 */
} RowNorm;

/* weights: n_k floats of row `row`. Fills sum, max, entropy, effective, keys, argmax, flags. */
void stats_row(RowStats *out, const float *weights, const Mask *mask, int row);
/* The pieces of stats_range: nothing yet; n neighbouring cells of one row, left to right and top to
 * bottom; a range of later rows; the numbers of what was added. */
Range range_none(void);
void range_add(Range *range, const float *cells, int n, int row, int col);
void range_merge(Range *range, const Range *later);
void range_finish(Range *range);
/* The allowed cells of a row, or all when mask is NULL. */
void range_add_row(Range *range, const float *row_cells, int n, const Mask *mask, int row);
Range stats_range(Matrix m, const Mask *mask); /* mask may be NULL: all cells */
HeadStats stats_head(Matrix weights, const RowStats *rows, const Mask *mask);
/* Rank of key in row, 1 = largest; equal weights rank by lower index. Masked keys (and NaN) have
 * rank 0. */
int stats_rank(const float *weights, const Mask *mask, int row, int key);
/* Σ_i weights[i][j] for every key j, in double; NaN rows left out. */
void stats_received(Matrix weights, const RowStats *rows, double *out);
/* Both in one walk over the weights, which several threads share (NULL: none). The sums of a large
 * matrix are added in parts that hang on its shape alone. False: out of memory. */
bool stats_sums(Matrix weights, const RowStats *rows, const Mask *mask, Threads *threads,
                HeadStats *head, double *received);

/* The second half of HeadStats: sorts every row, so only for heads whose numbers are on show. Same
 * bits for any threads (NULL: none). False: out of memory. */
bool stats_head_more(HeadStats *head, Matrix weights, const RowStats *rows, const Mask *mask,
                     RowNorm norm, Threads *threads);
/* weights: n_k numbers of this row. False: out of memory. */
bool stats_more(RowMore *out, const double *weights, const Mask *mask, int row, RowNorm norm);
bool stats_more_floats(RowMore *out, const float *weights, const Mask *mask, int row, RowNorm norm);

/* ∂w_i/∂(l_j/T) from the weights alone, n of them, `competing` of their keys in the competition
 * (relu divides by it). Masked keys have weight 0 and so no derivative.
 *   softmax, softmax1, topk, topp  diag(w) − w wᵀ       on the kept keys
 *   sparsemax, entmax              diag(s) − s sᵀ / Σs  s = w^(2−α) on the support, α = 2 for
 *                                                       sparsemax (Peters et al. 2019)
 *   sigmoid                        diag(w (1 − w))
 *   relu                           diag(1[w > 0]) / competing
 *   hardmax                        0
 * Hidden keys that competed are not in the weights: the sparse ones then miss their part of Σs. */
double stats_jacobian_norm(const double *w, int n, RowNorm norm, int competing);
/* Row `key`: out[j] = ∂w_key/∂(l_j/T); the matrix is symmetric. */
void stats_jacobian_row(double *out, const double *w, int n, RowNorm norm, int competing, int key);

#endif
