/* NumPy's .npy, versions 1.0 to 3.0: floats, whole numbers and bools, both byte orders, C and
 * Fortran order. The header is a Python literal; it is read by hand and never evaluated.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_NPY_H
#define ATTNSCOPE_LOAD_LOAD_NPY_H

#include "load/load.h"
#include "load/numbers.h"

typedef struct {
    RawType type;
    bool fortran;
    int ndim;
    int64_t shape[NUMBERS_DIMS], count;
    uint64_t data; /* offset of the numbers */
} NpyHeader;

/* The header from the first bytes of a file of file_size. False with a place such as `byte 0x6
 * (version)` or `header, column 12`. bytes must hold the whole header: *need tells how many when
 * size is too small (then true is returned and out->data is 0). */
bool npy_header(NpyHeader *out, const void *bytes, size_t size, uint64_t file_size, size_t *need,
                Error *err);

/* The whole file; at most `memory` bytes of numbers. */
bool npy_read(Numbers *out, const char *path, const LoadRequest *request, uint64_t memory,
              Error *err);

#endif
