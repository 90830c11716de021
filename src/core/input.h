/* What one head gives to the pipeline. Everything is lent by the document and outlives the
 * pipeline's use.
 */
#ifndef ATTNSCOPE_CORE_INPUT_H
#define ATTNSCOPE_CORE_INPUT_H

#include "core/matrix.h"
#include "core/params.h"

typedef enum { ENTRY_QK, ENTRY_SCORES, ENTRY_WEIGHTS } Entry; /* where the file enters the chain */

typedef struct {
    int layer, head;
    Entry entry;
    int n_q, n_k;    /* ≥ 1 */
    Matrix q, k;     /* ENTRY_QK: [n_q, d_k], [n_k, d_k] */
    Matrix given;    /* ENTRY_SCORES or ENTRY_WEIGHTS: [n_q, n_k] */
    Matrix v;        /* [n_k, d_v], or absent */
    Matrix recorded; /* [n_q, n_k] weights of another program, or absent */
    Stored stored_q, stored_k, stored_given, stored_v; /* the same, as the file has them */
    bool wide;      /* a finite stored value exceeds FLT_MAX: the head is computed in double */
    double d_k;     /* columns of q, or the document's d_k beside scores; 0 = unknown */
    double d_model; /* the document's, else heads × d_k; 0 = unknown */
    const uint8_t *padding; /* n_k flags, 1 = padding key; NULL = none */
    uint64_t key;           /* changes whenever any of the above means other numbers; never 0 */
} AttnInput;

/* The scale mode in force: what auto stands for on this input (product.md §4). */
ScaleMode input_scale_mode(const AttnInput *in, const ScaleParams *scale);
/* The divisor of the scores under these parameters (product.md §4). Never 0; 1 under `none`. */
double input_divisor(const AttnInput *in, const ScaleParams *scale);

/* The stored matrices, or the float ones where none was stored (tests, generated inputs). */
Stored input_q(const AttnInput *in);
Stored input_k(const AttnInput *in);
Stored input_v(const AttnInput *in);
Stored input_given(const AttnInput *in);

#endif
