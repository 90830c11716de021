/* The judge: attention written a second time, straight from the definitions, cell by cell, in
 * double and in
 * __float128. Shares only the structs of the core with the program: no mask tables, no kernels,
 * thresholds by bisection instead of Newton, its own exp in 128 bits.
 */
#ifndef ATTNSCOPE_TESTS_REFERENCE_H
#define ATTNSCOPE_TESTS_REFERENCE_H

#include "core/input.h"

/* xorshift64*: the same numbers on every machine. */
typedef struct {
    uint64_t state;
} RefRandom;
uint64_t ref_random(RefRandom *r);
int ref_range(RefRandom *r, int lo, int hi); /* lo … hi, both possible */
double ref_unit(RefRandom *r);               /* [0, 1) */
double ref_normal(RefRandom *r);

/* Does key j take part in row i's competition (hidden keys too when they are not re-summed)? Is it
 * shown? */
bool ref_competes(const AttnInput *in, const MaskParams *mask, int i, int j);
bool ref_shown(const AttnInput *in, const MaskParams *mask, int i, int j);

/* The keys that random draws for a query, in the order of the draws; how many. At most 4096. */
int ref_random_keys(int *out, int seed, int query, int n_k, int count);

double ref_score(const AttnInput *in, int i, int j);     /* in double, from the stored numbers */
double ref_score_sum(const AttnInput *in, int i, int j); /* Σ |q k| */

/* Weights of row i from these scores (n_k doubles); missing may be NULL. Max 4096 keys. */
void ref_weights(double *out, const double *scores, const AttnInput *in, const AttnParams *params,
                 double divisor, int i, double *missing);
/* Score, scaled score and weights of row i in 128 bits, rounded once at the end. Softmax, softmax1,
 * sigmoid. */
void ref_quad_row(double *scores, double *scaled, double *weights, const AttnInput *in,
                  const AttnParams *params, double divisor, int i);

double ref_entropy(const double *weights, int n); /* bits, of weights / Σ */

#endif
