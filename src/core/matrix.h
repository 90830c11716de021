/* Matrices as the core sees them: lent views on float32 rows, and on the stored numbers of a file
 * in whatever type they have. Owns nothing, never fails.
 */
#ifndef ATTNSCOPE_CORE_MATRIX_H
#define ATTNSCOPE_CORE_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lent view: row i begins at at + i*step (step in floats). at == NULL: not there. */
typedef struct {
    const float *at;
    int rows, cols;
    ptrdiff_t step;
} Matrix;

typedef enum { DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_F64 } DType;

/* The same matrix as the file stores it: the exact (double) path and the inspector read this. */
typedef struct {
    const void *at;
    DType dtype;
    int rows, cols;
    ptrdiff_t step; /* in elements */
} Stored;

static inline const float *matrix_row(Matrix m, int row)
{
    return m.at + (ptrdiff_t)row * m.step;
}

size_t dtype_size(DType dtype);
const char *dtype_name(DType dtype); /* "f32", "f16", "bf16", "f64" */
float dtype_f16(uint16_t bits);      /* IEEE half → float, every pattern exact */
float dtype_bf16(uint16_t bits);
double stored_value(Stored m, int row, int col);
void stored_row(Stored m, int row, double *out);   /* cols doubles */
void stored_floats(Stored m, int row, float *out); /* cols floats, nearest; overflow becomes ±Inf */

#endif
