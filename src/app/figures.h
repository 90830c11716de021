/* The numbers of the Statistics section: of the row that is selected or pointed at, the mean of
 * several selected rows, or the head's means; and how the row's weights would move. Computed when
 * what they are made from has changed, from the row in double (core/exact.h) up to 16 384 keys.
 */
#ifndef ATTNSCOPE_APP_FIGURES_H
#define ATTNSCOPE_APP_FIGURES_H

#include "app/scope.h"

typedef enum { FIGURES_NONE, FIGURES_ROW, FIGURES_ROWS, FIGURES_HEAD } FiguresOf;

typedef struct {
    FiguresOf of;
    int row;      /* of a single one */
    int rows;     /* of several: how many, … */
    int counted;  /* … and how many of them are in the means: no more than a frame can take */
    double sum;   /* of the weights; all NaN where undefined */
    RowMore more; /* jacobian: NaN where it has no meaning */
    bool places;  /* keys have places: distance and first token mean something */
    bool spread;  /* weights compete: their entropy means something */
    bool self;    /* queries and keys are the same tokens: so do itself and previous */
    bool open;    /* rows need not sum to 1: weights of places are no shares */
    bool old;     /* Gini and Jacobian are of settings before (a slider is held) */
    bool stale;   /* so is all the rest: rows on demand are not all known yet */

    const char *no_jacobian; /* why there is none, one sentence; NULL: there is */
    const char *no_response; /* why `change` is empty; NULL: it is there */
    double *change;          /* owned, n_k: ∂w_j/∂(l_key/T) of the row */
    uint8_t *masked;         /* owned, n_k: 1 = masked or hidden in the row */
    int n_k, key;            /* whose logit moves */
    bool chosen;             /* that key was selected; else the row's largest weight */
    uint64_t made_of;        /* what all this is of; 0 = nothing */
} Figures;

/* focus: selection and pointer. means: the head's Gini and Jacobian are wanted too, where they are
 * what is shown. held: something is dragged, so work on all rows of a large head can wait. */
void figures_update(Figures *f, Scope *scope, const Settings *settings, Focus focus, bool means,
                    bool held);
void figures_free(Figures *f);

/* The head's Gini and Jacobian norm beside scope_sums, sorted once per change. Of a head too large
 * for a frame: NaN. *old: kept from before, while held. False: no result. */
bool figures_head(Scope *scope, bool held, HeadStats *out, bool *old);
/* How weights of the present result came about; NULL, or why that cannot be said. */
const char *figures_norm(const Scope *scope, RowNorm *out);

#endif
