/* From what a head says to what the kernels work on: the first step of every pipeline.
 *
 * Most score functions are a plain dot product of other vectors: cosine of normalised ones, general
 * of wᵀq with k, bilinear of w_e q with w_a k, location of q with the rows of w. Additive and
 * concat are Σ v tanh(q' + k') of projected ones. So a kind is a way to make q' and k', plus one of
 * three ops. Vectors that are made here are computed in long double and kept rounded once to
 * double (Stored) and once to float (Matrix): hover and the double path read the former.
 *
 * featurewise, elementwise and gate have few numbers and shapes of their own: their raw scores are
 * computed here in double and enter the chain as given scores (form says what rows are).
 *
 * A plain head (no spec, dot) passes through untouched, without a copy.
 */
#ifndef ATTNSCOPE_CORE_PREPARE_H
#define ATTNSCOPE_CORE_PREPARE_H

#include "base/error.h"
#include "core/input.h"
#include "core/threads.h"

typedef struct Prepare Prepare;

Prepare *prepare_new(void); /* NULL: out of memory */
void prepare_free(Prepare *p);
/* *out = the input as the pipeline wants it; it lends buffers of p until the next successful
 * update. out->key differs whenever its numbers do: the score kind, its numbers and (featurewise)
 * the query are in it. Does nothing when neither raw->key nor what it hangs on of want->score has
 * changed. Errors leave the last result as it was:
 *   ERROR_USAGE      `score additive: w_q: expected [h, 64], found none`     parameters missing
 *   ERROR_MALFORMED  `score additive: w_q: expected [h, 64], found [8, 32]`  of another shape
 *   ERROR_USAGE      `score foo: expected a kind that is known, found "foo"` */
bool prepare_update(Prepare *p, const AttnInput *raw, const ScoreParams *want, Threads *threads,
                    AttnInput *out, Error *err);

/* The result of the last update is the one that is shown from now on: what the one before lent is
 * freed. Until then both stay, so that whoever fails after an update still has the old numbers.
 * Where nobody calls this, the next update frees. */
void prepare_settle(Prepare *p);

/* May this kind be computed on this head? As prepare_update would say, without computing. The
 * panels show the reason beside the kind. */
bool prepare_check(const AttnInput *raw, const ScoreParams *want, Error *err);

/* Sinusoidal position of Vaswani et al. 2017 §3.5: PE[p, 2i] = sin(p / 10000^(2i/d)),
 * PE[p, 2i+1] = cos of the same. out: n × d. */
void position_sinusoidal(double *out, int n, int d);
/* Hidden states of one recurrent layer over x [n, d]: out n × h. scratch: 2·(4·h) + 2·h doubles. */
void rnn_run(double *out, const double *x, int n, int d, const RnnSpec *rnn, double *scratch);
int rnn_hidden(const RnnSpec *rnn); /* h, from the shape of weight_hh */

#endif
