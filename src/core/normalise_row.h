/* The competing logits of one row side by side, whatever the mask leaves out between them, and the
 * way back. The normalisers work on these.
 */
#ifndef ATTNSCOPE_CORE_NORMALISE_ROW_H
#define ATTNSCOPE_CORE_NORMALISE_ROW_H

#include "core/normalise.h"

/* Logit j is l[j] = x[j] · unit + shift: x are raw scores and unit 1/divisor, or with a bias x are
 * floats of l − shift and unit 1, and l has the logits themselves. */
typedef struct {
    int n;
    const float *x;
    const double *l; /* NULL: no bias */
    float base;      /* largest x, or what is to be subtracted instead */
    float top;       /* largest x, without a bias */
    double max;      /* largest l */
    double divisor;  /* of x: 1 with a bias */
    double t;        /* temperature */
    float *w;        /* the weights go here: the row of weights itself, or e */
    bool direct;     /* w lies in the row of weights */
    bool hides;      /* some of these keys compete but are hidden */
    int first;       /* the first key */
    float *e;        /* n */
    double *z;       /* n, for numbers in double */
    double *room;    /* n more; l lies here */
    int *at;         /* n, for places */
} NormRow;

typedef enum { GATHER_FINE, GATHER_NONE, GATHER_NAN, GATHER_INFINITE, GATHER_EXACT } Gather;

/* Fills *out, which lends scratch. With a bias the logits are made here, so only here can be seen
 * that one of them spoils the row (NAN, INFINITE), that none is left (NONE), or that one is beyond
 * double (EXACT). */
Gather norm_gather(NormRow *out, const NormJob *job, NormKind kind, const float *scores,
                   ScoresRow look, int row, float *weights, NormScratch *scratch);
/* w into the row of weights; hidden keys get 0. Returns what they lose. */
double norm_scatter(const NormRow *r, const NormJob *job, int row, float *weights);
/* The key of logit j. */
int norm_key(const NormRow *r, const NormJob *job, int row, int j);

/* z = (l − max)/T of a finite logit in double, 0 at T = Inf; −Inf of −Inf. */
static inline double norm_z(const NormRow *r, int j)
{
    double y = r->l ? r->l[j] - r->max : (double)r->x[j] - (double)r->base;
    if (y - y != 0 || y == 0) /* −Inf; 0 / 0 at T = 0 */
        return y;
    return r->t - r->t != 0 ? 0 : y / r->divisor / r->t;
}

#endif
